//! A state in a folder beside the configuration: `.triform/`.
//!
//! `s.yaml` keeps `s.state.json`, `s.journal` and `s.lock` there (`s.local.…` for the embedded cloud, `s@prod.…` for
//! its environment `prod`), and the packages under `packages/` by their SHA-256. Every write is atomic and private to the user. A file that
//! cannot be read as what it should be is an error and stays byte for byte as it was.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::JournalWriter;
use crate::model::Digest;
use crate::state::{
    Journal, ReadJournalError, ReadStateError, State, read_journal, read_state, write_entry, write_header,
    write_state,
};
use crate::sys::files::{self, FileError};
use crate::sys::lock::{Attempt, FileLock, Holder};

/// How many packages are kept beyond those that a recorded digest needs.
const SPARE_PACKAGES: usize = 8;

/// How long a waiter sleeps between two looks at the lock.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// The state of one project file on one cloud.
#[derive(Clone, Debug)]
pub struct LocalStore {
    folder: PathBuf,
    stem: String,
}

/// What a store holds.
#[derive(Debug, Default)]
pub struct Kept {
    /// The state, where there is one.
    pub state: Option<State>,
    /// The journal that an apply left behind or is writing.
    pub journal: Option<Journal>,
}

/// The lock of a store: an argument to everything that writes, so that forgetting it does not compile.
#[derive(Debug)]
pub struct Lock {
    _file: FileLock,
}

/// Somebody holds the lock.
#[derive(Debug)]
pub struct Held {
    /// Who, unless they have not said yet.
    pub by: Option<Holder>,
}

/// What went wrong with a store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The state cannot be read.
    #[error("the state `{}` was refused", path.display())]
    State {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: ReadStateError,
    },
    /// The journal cannot be read.
    #[error("the journal `{}` of an interrupted apply was refused", path.display())]
    Journal {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: ReadJournalError,
    },
    /// What is kept of the last apply cannot be read.
    #[error("what `{}` keeps of the last apply was refused", path.display())]
    Last {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: ReadJournalError,
    },
    /// The journal continues another state than the one beside it.
    #[error("the journal `{}` of an interrupted apply does not belong to the state beside it: {why}", path.display())]
    Stray {
        /// The journal.
        path: PathBuf,
        /// How the two differ.
        why: String,
    },
    /// A file could not be touched.
    #[error(transparent)]
    File(#[from] FileError),
}

impl LocalStore {
    /// Returns the store of a configuration file, in one of its environments or in none.
    pub fn of(configuration: &Path, environment: Option<&str>, embedded: bool) -> Self {
        let folder = configuration.parent().unwrap_or(Path::new(".")).join(".triform");
        let stem = configuration.file_stem().unwrap_or_default().to_string_lossy();
        // No name of an environment has a dot, and hardly one of a file an `@`: no two of these meet.
        let stem = environment.map_or(stem.clone().into_owned(), |name| format!("{stem}@{name}"));
        let stem = if embedded { format!("{stem}.local") } else { stem };
        Self { folder, stem }
    }

    /// Returns the folder that it is in, with whatever else triform keeps of the projects beside it.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns what its files are called: `s`, or `s.local` for the embedded cloud.
    pub fn stem(&self) -> &str {
        &self.stem
    }

    /// Returns the store of another stem in a folder of triform's own files.
    pub fn at(folder: &Path, stem: &str) -> Self {
        Self { folder: folder.to_owned(), stem: stem.to_owned() }
    }

    /// Returns the state's file.
    pub fn state_path(&self) -> PathBuf {
        self.folder.join(format!("{}.state.json", self.stem))
    }

    /// Returns the journal's file.
    pub fn journal_path(&self) -> PathBuf {
        self.folder.join(format!("{}.journal", self.stem))
    }

    /// Returns the file that keeps what the last apply did.
    pub fn last_path(&self) -> PathBuf {
        self.folder.join(format!("{}.undo", self.stem))
    }

    fn lock_path(&self) -> PathBuf {
        self.folder.join(format!("{}.lock", self.stem))
    }

    fn package_path(&self, digest: Digest) -> PathBuf {
        self.folder.join("packages").join(digest.to_string())
    }

    /// Reads what is kept. Takes no lock and changes nothing.
    pub fn read(&self) -> Result<Kept, StoreError> {
        // The journal first: an apply that ends in between has folded it into the state that is read next.
        let journal = self.journal()?;
        let path = self.state_path();
        let state = match files::read_if_exists(&path)? {
            Some(bytes) => Some(read_state(&bytes).map_err(|source| StoreError::State { path, source })?),
            None => None,
        };
        match journal.as_ref().and_then(|journal| journal.stray(state.as_ref())) {
            Some(why) => Err(StoreError::Stray { path: self.journal_path(), why }),
            None => Ok(Kept { state, journal }),
        }
    }

    /// Reads the journal that an apply left behind or is writing.
    pub fn journal(&self) -> Result<Option<Journal>, StoreError> {
        let path = self.journal_path();
        match files::read_if_exists(&path)? {
            Some(bytes) => read_journal(&bytes).map_err(|source| StoreError::Journal { path, source }),
            None => Ok(None),
        }
    }

    /// Reads what is kept of the last apply.
    pub fn last(&self) -> Result<Option<Journal>, StoreError> {
        let path = self.last_path();
        match files::read_if_exists(&path)? {
            Some(bytes) => read_journal(&bytes).map_err(|source| StoreError::Last { path, source }),
            None => Ok(None),
        }
    }

    /// Keeps what an apply did, in place of the one before. Goes before the state that names it: until that is
    /// written the journal is there, and says the same.
    pub fn keep_last(&self, _lock: &Lock, last: &Journal) -> Result<(), StoreError> {
        files::create_folder(&self.folder)?;
        let entries = last.entries.iter().flat_map(write_entry);
        let bytes: Vec<u8> = write_header(&last.header).into_iter().chain(entries).collect();
        files::write_atomic(&self.last_path(), &bytes, files::PRIVATE)?;
        Ok(())
    }

    /// Takes the lock, waiting for at most `patience`.
    pub fn lock(&self, holder: &Holder, patience: Duration) -> Result<Result<Lock, Held>, StoreError> {
        files::create_folder(&self.folder)?;
        let until = Instant::now() + patience;
        loop {
            match FileLock::try_acquire(&self.lock_path(), holder)? {
                Attempt::Acquired(file) => return Ok(Ok(Lock { _file: file })),
                Attempt::Held(by) if Instant::now() >= until => return Ok(Err(Held { by })),
                Attempt::Held(_) => std::thread::sleep(LOOK_AGAIN),
            }
        }
    }

    /// Says who is applying at this moment, if anybody is.
    pub fn applying(&self) -> Option<Holder> {
        if !self.journal_path().exists() {
            return None;
        }
        // The holder writes a name and empties it on leaving; a killed holder's name is told by the lock itself.
        let nobody =
            Holder { who: String::new(), pid: 0, command: String::new(), since: jiff::Timestamp::UNIX_EPOCH };
        match FileLock::is_free(&self.lock_path()) {
            Ok(false) => Some(FileLock::holder(&self.lock_path()).ok().flatten().unwrap_or(nobody)),
            _ => None,
        }
    }

    /// Starts the journal of an apply.
    pub fn begin_journal(
        &self,
        _lock: &Lock,
        header: &crate::state::JournalHeader,
    ) -> Result<JournalWriter, StoreError> {
        let path = self.journal_path();
        files::remove_if_exists(&path)?;
        let mut appender = files::Appender::open(&path)?;
        appender.append(&write_header(header))?;
        appender.sync()?;
        Ok(JournalWriter::start(appender))
    }

    /// Writes the state, then removes the journal that it now contains.
    pub fn save(&self, lock: &Lock, state: &State) -> Result<(), StoreError> {
        files::create_folder(&self.folder)?;
        self.keep_interrupted(lock, state)?;
        files::write_atomic(&self.state_path(), &write_state(state), files::PRIVATE)?;
        files::remove_if_exists(&self.journal_path())?;
        Ok(())
    }

    /// Keeps what an apply did whose journal goes with the next state, where nobody who knows more has kept it yet.
    fn keep_interrupted(&self, lock: &Lock, state: &State) -> Result<(), StoreError> {
        let journal = self.journal()?.filter(|journal| state.applied == Some(journal.header.serial));
        let Some(kept) = journal.and_then(|journal| journal.kept()) else { return Ok(()) };
        let same = |last: Journal| {
            last.header.lineage == kept.header.lineage && last.header.serial == kept.header.serial
        };
        if self.last().ok().flatten().is_some_and(same) {
            return Ok(());
        }
        self.keep_last(lock, &kept)
    }

    /// Removes a journal that says nothing that the state does not say.
    pub fn discard_journal(&self, _lock: &Lock) -> Result<(), StoreError> {
        files::remove_if_exists(&self.journal_path())?;
        Ok(())
    }

    /// Keeps a package.
    pub fn keep_package(&self, _lock: &Lock, digest: Digest, bytes: &[u8]) -> Result<(), StoreError> {
        let path = self.package_path(digest);
        if path.exists() {
            return Ok(());
        }
        files::create_folder(&self.folder.join("packages"))?;
        files::write_atomic(&path, bytes, files::PRIVATE)?;
        Ok(())
    }

    /// Returns whether a copy of a package is there.
    pub fn has_package(&self, digest: Digest) -> bool {
        self.package_path(digest).exists()
    }

    /// Returns a kept package, where it is still what its name says.
    pub fn package(&self, digest: Digest) -> Option<Bytes> {
        let bytes = files::read_if_exists(&self.package_path(digest)).ok().flatten()?;
        (Digest::of(&bytes) == digest).then(|| Bytes::from(bytes))
    }

    /// Returns the digests of all kept packages.
    pub fn packages(&self) -> Vec<Digest> {
        let Ok(entries) = std::fs::read_dir(self.folder.join("packages")) else { return Vec::new() };
        let digest =
            |entry: std::io::Result<std::fs::DirEntry>| entry.ok()?.file_name().to_str()?.parse().ok();
        entries.filter_map(digest).collect()
    }

    /// Removes packages that no recorded digest needs, but for the newest few.
    pub fn prune_packages(&self, _lock: &Lock, needed: &BTreeSet<Digest>) -> Result<(), StoreError> {
        let Ok(entries) = std::fs::read_dir(self.folder.join("packages")) else { return Ok(()) };
        let mut spare: Vec<_> = entries
            .filter_map(|entry| {
                let entry = entry.ok()?;
                let digest: Digest = entry.file_name().to_str()?.parse().ok()?;
                let modified = entry.metadata().ok()?.modified().ok()?;
                (!needed.contains(&digest)).then(|| (modified, entry.path()))
            })
            .collect();
        spare.sort();
        let surplus = spare.len().saturating_sub(SPARE_PACKAGES);
        for (_, path) in spare.into_iter().take(surplus) {
            files::remove_if_exists(&path)?;
        }
        Ok(())
    }
}
