//! Several files replaced as one: all of them, or none.
//!
//! The file system can replace one file at a time. So the old bytes are kept first, and the new ones laid beside
//! them, in a folder of ours; then a manifest is written and flushed; then the files are renamed into place; and when
//! whoever asked for it has recorded the rest, the manifest goes. A process that is killed in between leaves the
//! manifest behind, and whoever comes next puts the old files back, but for those that somebody edited since. The
//! lock beside the manifest says whether its writer is still at work.

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::files::{FileError, PRIVATE, create_folder, failed, flush_folder, folder_of, read_if_exists};
use super::files::{remove_if_exists, write_atomic};
use super::lock::{Attempt, FileLock, Holder};
use crate::archive::File;
use crate::model::{Digest, FileKind};

/// The folder of a replacement under way, below the folder of triform's own files.
const FOLDER: &str = "adopting";

/// Its manifest.
const MANIFEST: &str = "manifest.json";

/// Beside it, so that it is never removed.
const LOCK: &str = "adopting.lock";

/// The form of the manifest.
const FORMAT: u32 = 1;

/// A file that is to be replaced, made or removed.
#[derive(Clone, Debug)]
pub struct Replacement {
    /// Where; no part of it is a link.
    pub path: PathBuf,
    /// What is there, and has to be there still.
    pub old: Option<File>,
    /// What will be there.
    pub new: Option<File>,
}

/// Why files were not replaced. They are all as they were.
#[derive(Debug, thiserror::Error)]
pub enum ReplaceError {
    /// Somebody changed a file since it was read.
    #[error("`{}` was changed since it was read", .0.display())]
    Moved(PathBuf),
    /// Nobody may write there.
    #[error("`{}` is read-only", .0.display())]
    ReadOnly(PathBuf),
    /// Something stands where a file or its folder has to be.
    #[error("`{}` is in the way", .0.display())]
    InTheWay(PathBuf),
    /// Another process replaces files at this moment.
    #[error("another process writes into this project")]
    Busy(Option<Box<Holder>>),
    /// An earlier replacement was cut off, and has to be settled first.
    #[error("files that an interrupted command replaced were not put back yet")]
    Unsettled,
    /// A file could not be touched.
    #[error(transparent)]
    File(#[from] FileError),
}

/// A replacement under way, and the lock that keeps everybody else out.
#[derive(Debug)]
pub struct Replacing {
    /// The folder of triform's own files.
    own: PathBuf,
    manifest: Manifest,
    _lock: FileLock,
}

/// What there is to be settled.
#[derive(Debug)]
pub enum Found {
    /// Nothing.
    Nothing,
    /// Somebody is at work.
    Running(Option<Box<Holder>>),
    /// Somebody was cut off.
    CutOff(Box<Replacing>),
}

/// What whoever only reads has to know.
#[derive(Debug)]
pub enum Unsettled {
    /// There is nothing.
    Nothing,
    /// Somebody is at work.
    Running(Option<Box<Holder>>),
    /// Somebody was cut off.
    CutOff,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    format: u32,
    /// What the writer needs to know whether the rest of its work was recorded.
    stamp: String,
    files: Vec<Entry>,
    /// Folders that were made for new files, outermost first.
    folders: Vec<PathBuf>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// From the folder that holds ours, where it is below that.
    path: PathBuf,
    old: Option<Kept>,
    new: Option<Kept>,
}

/// A file as the manifest knows it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    kind: Kind,
    sha256: String,
    /// The permissions of a file that was there.
    mode: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Regular,
    Executable,
    Symlink,
}

impl Kept {
    fn of(file: &File, mode: Option<u32>) -> Self {
        let kind = match file.kind {
            FileKind::Regular => Kind::Regular,
            FileKind::Executable => Kind::Executable,
            FileKind::Symlink => Kind::Symlink,
        };
        Self { kind, sha256: Digest::of(&file.content).to_string(), mode }
    }

    fn is(&self, file: &File) -> bool {
        let Self { kind, sha256, .. } = Self::of(file, None);
        (kind, sha256) == (self.kind, self.sha256.clone())
    }
}

/// Reads what is at a path, links not followed; nothing where nothing is.
pub fn look(path: &Path) -> io::Result<Option<File>> {
    let found = match fs::symlink_metadata(path) {
        Ok(found) => found,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    if found.is_symlink() {
        let target = fs::read_link(path)?.into_os_string().into_encoded_bytes();
        return Ok(Some(File::new(FileKind::Symlink, target)));
    }
    if !found.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    let executable = found.permissions().mode() & 0o111 != 0;
    let kind = if executable { FileKind::Executable } else { FileKind::Regular };
    Ok(Some(File::new(kind, fs::read(path)?)))
}

impl Replacing {
    /// Looks for a replacement that was cut off, in a folder of triform's own files.
    pub fn find(own: &Path, holder: &Holder) -> Result<Found, FileError> {
        let path = own.join(FOLDER).join(MANIFEST);
        if !path.exists() {
            return Ok(Found::Nothing);
        }
        let own = &fs::canonicalize(own).map_err(failed("find", own))?;
        let lock = match FileLock::try_acquire(&own.join(LOCK), holder)? {
            Attempt::Acquired(lock) => lock,
            Attempt::Held(by) => return Ok(Found::Running(by.map(Box::new))),
        };
        // Its writer may have ended in between.
        let Some(bytes) = read_if_exists(&path)? else { return Ok(Found::Nothing) };
        let unreadable = |why: String| failed("understand", &path)(io::Error::other(why));
        let manifest: Manifest =
            serde_json::from_slice(&bytes).map_err(|error| unreadable(error.to_string()))?;
        if manifest.format != FORMAT {
            return Err(unreadable(format!("format {} is of a newer triform", manifest.format)));
        }
        Ok(Found::CutOff(Box::new(Self { own: own.to_owned(), manifest, _lock: lock })))
    }

    /// Says whether there is something to be settled, and whether somebody is at work on it; leaves no trace.
    pub fn is_there(own: &Path) -> Result<Unsettled, FileError> {
        if !own.join(FOLDER).join(MANIFEST).exists() {
            return Ok(Unsettled::Nothing);
        }
        if FileLock::is_free(&own.join(LOCK))? {
            return Ok(Unsettled::CutOff);
        }
        Ok(Unsettled::Running(FileLock::holder(&own.join(LOCK))?.map(Box::new)))
    }

    /// Replaces files. They are in place when this returns, and [`Self::keep`] or [`Self::put_back`] settles it.
    ///
    /// `stamp` is kept for whoever has to settle it in the writer's stead.
    pub fn begin(
        own: &Path,
        holder: &Holder,
        stamp: &str,
        files: &[Replacement],
    ) -> Result<Self, ReplaceError> {
        create_folder(own)?;
        let own = &fs::canonicalize(own).map_err(failed("find", own))?;
        let lock = match FileLock::try_acquire(&own.join(LOCK), holder)? {
            Attempt::Acquired(lock) => lock,
            Attempt::Held(by) => return Err(ReplaceError::Busy(by.map(Box::new))),
        };
        let folder = own.join(FOLDER);
        if folder.join(MANIFEST).exists() {
            return Err(ReplaceError::Unsettled);
        }
        let mut manifest =
            Manifest { format: FORMAT, stamp: stamp.to_owned(), files: Vec::new(), folders: Vec::new() };
        let mut folders = BTreeSet::new();
        for file in files {
            let mode = check(file)?;
            let (path, old) = (below(own, &file.path), file.old.as_ref().map(|old| Kept::of(old, mode)));
            manifest.files.push(Entry { path, old, new: file.new.as_ref().map(|new| Kept::of(new, None)) });
            if file.new.is_some() {
                folders.extend(missing_folders(&file.path));
            }
        }
        manifest.folders = folders.iter().map(|path| below(own, path)).collect();
        // What an earlier run laid out and did not begin with.
        clear(&folder)?;
        create_folder(&folder)?;
        for (number, (file, entry)) in files.iter().zip(&manifest.files).enumerate() {
            if let Some(old) = &file.old {
                write_atomic(&folder.join(format!("{number}.old")), &old.content, PRIVATE)?;
            }
            if let Some(new) = &file.new {
                lay_out(&folder.join(format!("{number}.new")), new, entry.old.as_ref())?;
            }
        }
        flush_folder(&folder)?;
        let text = serde_json::to_vec_pretty(&manifest).map_err(io::Error::other);
        let text = text.map_err(failed("write", &folder.join(MANIFEST)))?;
        write_atomic(&folder.join(MANIFEST), &text, PRIVATE)?;
        let replacing = Self { own: own.to_owned(), manifest, _lock: lock };
        match replacing.replace(files) {
            Ok(()) => Ok(replacing),
            Err(error) => {
                replacing.put_back()?;
                Err(error)
            }
        }
    }

    /// Returns what the writer noted.
    pub fn stamp(&self) -> &str {
        &self.manifest.stamp
    }

    fn replace(&self, files: &[Replacement]) -> Result<(), ReplaceError> {
        for folder in &self.manifest.folders {
            let folder = self.absolute(folder);
            fs::create_dir(&folder).map_err(failed("create", &folder))?;
            flush_folder(folder_of(&folder))?;
        }
        for (number, file) in files.iter().enumerate() {
            // Nobody asks for a lock on these files: one who edits at this very moment is seen as late as can be.
            if look(&file.path).map_err(failed("read", &file.path))? != file.old {
                return Err(ReplaceError::Moved(file.path.clone()));
            }
            match &file.new {
                Some(_) => self.move_in(number, &file.path)?,
                None => {
                    remove_if_exists(&file.path)?;
                }
            }
        }
        Ok(())
    }

    fn move_in(&self, number: usize, to: &Path) -> Result<(), FileError> {
        let from = self.own.join(FOLDER).join(format!("{number}.new"));
        match fs::rename(&from, to) {
            // The code is on another disk: a copy beside it, under a name that put_back knows, and then the rename.
            Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
                let beside = beside(to, number);
                copy(&from, &beside).and_then(|()| fs::rename(&beside, to)).map_err(failed("write", to))?;
            }
            moved => moved.map_err(failed("write", to))?,
        }
        flush_folder(folder_of(to))
    }

    /// Ends it: the new files stay.
    pub fn keep(self) -> Result<(), FileError> {
        let folder = self.own.join(FOLDER);
        remove_if_exists(&folder.join(MANIFEST))?;
        clear(&folder)
    }

    /// Ends it: the old files come back. Returns those that were let be because somebody edited them since.
    pub fn put_back(self) -> Result<Vec<PathBuf>, FileError> {
        let mut edited = Vec::new();
        let folder = self.own.join(FOLDER);
        for (number, entry) in self.manifest.files.iter().enumerate() {
            let path = self.absolute(&entry.path);
            remove_if_exists(&beside(&path, number))?;
            let now = look(&path).unwrap_or_else(|_| Some(File::new(FileKind::Regular, "")));
            let is = |kept: Option<&Kept>| match (kept, &now) {
                (None, None) => true,
                (Some(kept), Some(now)) => kept.is(now),
                _ => false,
            };
            if is(entry.old.as_ref()) {
                continue;
            }
            if !is(entry.new.as_ref()) {
                edited.push(entry.path.clone());
                continue;
            }
            match &entry.old {
                None => {
                    remove_if_exists(&path)?;
                }
                Some(old) => {
                    let kept = folder.join(format!("{number}.old"));
                    let content = fs::read(&kept).map_err(failed("read", &kept))?;
                    restore(&path, old, &content)?;
                }
            }
        }
        for made in self.manifest.folders.iter().rev() {
            let _ = fs::remove_dir(self.absolute(made)); // one that is not empty is somebody's by now
        }
        remove_if_exists(&folder.join(MANIFEST))?;
        clear(&folder)?;
        Ok(edited)
    }

    fn absolute(&self, path: &Path) -> PathBuf {
        folder_of(&self.own).join(path)
    }
}

/// Refuses what cannot be replaced, before anything is. Returns the permissions of what is there.
fn check(file: &Replacement) -> Result<Option<u32>, ReplaceError> {
    let Replacement { path, old, new: _ } = file;
    match look(path) {
        Ok(now) if now == *old => {}
        Ok(_) => return Err(ReplaceError::Moved(path.clone())),
        Err(error) if error.kind() == io::ErrorKind::Other => {
            return Err(ReplaceError::InTheWay(path.clone()));
        }
        Err(error) => return Err(failed("read", path)(error).into()),
    }
    let mode = match old {
        Some(old) if old.kind != FileKind::Symlink => {
            Some(fs::symlink_metadata(path).map_err(failed("read", path))?.permissions().mode() & 0o7777)
        }
        _ => None,
    };
    // A rename asks nobody whether the file may be written; its owner has said so.
    if mode.is_some_and(|mode| mode & 0o222 == 0) {
        return Err(ReplaceError::ReadOnly(path.clone()));
    }
    let nearest = path.ancestors().skip(1).find(|folder| fs::symlink_metadata(folder).is_ok());
    if let Some(folder) = nearest {
        let found = fs::metadata(folder).map_err(failed("read", folder))?;
        if !found.is_dir() {
            return Err(ReplaceError::InTheWay(folder.to_owned()));
        }
        if found.permissions().mode() & 0o222 == 0 {
            return Err(ReplaceError::ReadOnly(folder.to_owned()));
        }
    }
    Ok(mode)
}

/// Returns the folders that have to be made for a file, outermost first.
fn missing_folders(path: &Path) -> Vec<PathBuf> {
    let mut missing: Vec<PathBuf> =
        path.ancestors().skip(1).take_while(|folder| !folder.exists()).map(Path::to_owned).collect();
    missing.reverse();
    missing.retain(|folder| !folder.as_os_str().is_empty());
    missing
}

/// Writes a new file where it waits for its turn, with the permissions that it will have.
fn lay_out(path: &Path, file: &File, old: Option<&Kept>) -> Result<(), FileError> {
    if file.kind == FileKind::Symlink {
        return link(&file.content, path).map_err(failed("write", path));
    }
    let executable = file.kind == FileKind::Executable;
    // A new file gets what the umask leaves; one that was there keeps its permissions, but for what its kind says.
    let fresh = if executable { 0o777 } else { 0o666 };
    let mode = old
        .and_then(|old| old.mode)
        .map(|mode| if executable { mode | ((mode & 0o444) >> 2) } else { mode & !0o111 });
    let write = || -> io::Result<()> {
        let mut options = OpenOptions::new();
        let mut new = options.write(true).create_new(true).mode(fresh).open(path)?;
        new.write_all(&file.content)?;
        if let Some(mode) = mode {
            new.set_permissions(Permissions::from_mode(mode))?;
        }
        new.sync_all()
    };
    write().map_err(failed("write", path))
}

/// Makes a file again as it was.
fn restore(path: &Path, old: &Kept, content: &[u8]) -> Result<(), FileError> {
    for folder in missing_folders(path) {
        fs::create_dir(&folder).map_err(failed("create", &folder))?;
    }
    if old.kind == Kind::Symlink {
        remove_if_exists(path)?;
        link(content, path).map_err(failed("write", path))?;
        return flush_folder(folder_of(path));
    }
    if path.is_symlink() {
        remove_if_exists(path)?;
    }
    write_atomic(path, content, old.mode.unwrap_or(0o644))
}

fn link(target: &[u8], path: &Path) -> io::Result<()> {
    let target = std::str::from_utf8(target).map_err(io::Error::other)?;
    symlink(target, path)
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    if from.is_symlink() {
        return symlink(fs::read_link(from)?, to);
    }
    fs::copy(from, to)?;
    fs::File::open(to)?.sync_all()
}

/// Where a file waits that cannot be renamed from one disk to another.
fn beside(path: &Path, number: usize) -> PathBuf {
    folder_of(path).join(format!(".triform-adopting-{number}"))
}

/// Returns a path as the manifest holds it, which survives that the project is moved.
fn below(own: &Path, path: &Path) -> PathBuf {
    path.strip_prefix(folder_of(own)).unwrap_or(path).to_owned()
}

fn clear(folder: &Path) -> Result<(), FileError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed("remove", folder)(error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
