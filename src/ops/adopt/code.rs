//! Live code on its way into the code folder.
//!
//! A file is taken as it is live where the project's own is what was recorded, so that nobody's work is overwritten.
//! Where both sides changed a text, it is merged with the recorded one as the base. Everything else is told, and
//! stays a question. Several functions may share a folder: a file of it is written only where all of them agree on it.

use std::collections::BTreeMap;
use std::path::{Path as FilePath, PathBuf};

use crate::archive::{self, File, Merged};
use crate::model::{Address, FileEntry, Path, Planned, Value};
use crate::ops::{Failure, Setup, Survey};
use crate::plan::{Change, PathChange};
use crate::sys::folder::is_ignored;

/// A file of the project's code, and what becomes of it.
pub struct CodeFile {
    /// Where it is on this machine.
    pub path: PathBuf,
    /// What it was when it was read.
    pub old: Option<File>,
    /// What it will be.
    pub new: Option<File>,
    /// The code paths that it is, by resource.
    pub of: Vec<(Address, Path)>,
    /// Its content is what both sides made of it, and not what is live.
    pub merged: bool,
    /// The merge did not succeed: `new` has markers, and is not written.
    pub conflict: bool,
}

/// A file that is not written, and why.
pub struct Refusal {
    /// Whose.
    pub address: Address,
    /// Which.
    pub path: Path,
    /// Why.
    pub why: String,
    /// What to do.
    pub way_out: String,
}

/// Returns what becomes of the code paths that are to be adopted, file by file.
pub async fn files(
    setup: &Setup,
    survey: &Survey,
    wanted: &[(&Change, &Path, &PathChange)],
) -> Result<(Vec<CodeFile>, Vec<Refusal>), Failure> {
    let mut found: BTreeMap<PathBuf, CodeFile> = BTreeMap::new();
    let mut refused = Vec::new();
    for (change, path, inner) in wanted {
        let place = Place { setup, survey, change, path, inner };
        place.load().await?;
        let file = match place.file() {
            Ok(file) => file,
            Err((why, way_out)) => {
                refused.push(place.refusal(why, way_out));
                continue;
            }
        };
        match found.get_mut(&file.path) {
            Some(other) if other.new == file.new && other.conflict == file.conflict => {
                other.of.extend(file.of);
            }
            Some(other) => {
                let others = other.of.first().map_or_else(String::new, |(address, _)| address.to_string());
                let why = format!("{others} uses the same file and is to make something else of it");
                refused.push(place.refusal(why, place.decide()));
            }
            None => {
                found.insert(file.path.clone(), file);
            }
        }
    }
    let mut files = Vec::new();
    for file in found.into_values() {
        match shared(setup, survey, &file) {
            None => files.push(file),
            Some(other) => refused.extend(file.of.into_iter().map(|(address, path)| {
                let why = format!("{other} uses the same file, and there it is live in another form");
                let way_out = format!(
                    "give the two functions folders of their own, or answer with `triform apply --use-live='{address}:{path}'`"
                );
                Refusal { address, path, why, way_out }
            })),
        }
    }
    Ok((files, refused))
}

/// Returns another resource that uses a file and would not agree with it.
fn shared(setup: &Setup, survey: &Survey, file: &CodeFile) -> Option<Address> {
    let (first, path) = file.of.first()?;
    let source = |address: &Address| {
        let code = setup.desired.resources.get(address)?.code.as_ref()?;
        root(setup, &code.path)
    };
    let ours = source(first)?;
    let entry = file.new.as_ref().map(|new| Value::File(new.entry()));
    let mut others = setup.desired.resources.keys().filter(|address| {
        !file.of.iter().any(|(ours, _)| ours == *address) && source(address).as_ref() == Some(&ours)
    });
    others.find(|address| survey.is_live_otherwise(address, path, entry.as_ref())).cloned()
}

/// The folder of a code source, links followed.
fn root(setup: &Setup, source: &FilePath) -> Option<PathBuf> {
    let folder = setup.configuration.parent().unwrap_or(FilePath::new("."));
    std::fs::canonicalize(folder.join(source)).ok()
}

/// Why a file is not written, and the way out.
type No = (String, String);

/// One code path of one resource.
struct Place<'a> {
    setup: &'a Setup,
    survey: &'a Survey,
    change: &'a Change,
    path: &'a Path,
    inner: &'a PathChange,
}

impl Place<'_> {
    fn refusal(&self, why: String, way_out: String) -> Refusal {
        Refusal { address: self.change.address.clone(), path: self.path.clone(), why, way_out }
    }

    /// The way out of most refusals: to keep one of the sides.
    fn decide(&self) -> String {
        let place = format!("{}:{}", self.change.address, self.path);
        format!(
            "answer it with `triform apply --use-local='{place}'` or --use-live; or put into the file what both sides want, and use-local"
        )
    }

    /// Makes the contents of the live file and of the recorded one ready.
    async fn load(&self) -> Result<(), Failure> {
        let shelf = &self.survey.ground.shelf;
        let unseen =
            |entry: Option<FileEntry>| entry.is_some_and(|entry| shelf.content(entry.digest).is_none());
        let live = entry(self.inner.live.as_ref());
        if unseen(live) || unseen(self.base()) {
            self.survey.load_kept(self.setup, self.change);
        }
        if unseen(live) {
            let identity = &self.change.identity;
            let download = shelf.download(self.setup.provider.as_ref(), identity, &[]).await;
            download.map_err(|error| Failure::package(&self.change.address, error))?;
        }
        if unseen(self.base()) {
            for digest in self.setup.store.packages() {
                shelf.add_kept(&self.setup.store, digest);
            }
        }
        Ok(())
    }

    /// What the project was settled with.
    fn base(&self) -> Option<FileEntry> {
        entry(self.inner.recorded.as_ref()?.declared.as_ref())
    }

    fn content(&self, entry: FileEntry) -> Result<File, No> {
        let missing = || {
            ("its content is not at hand".to_owned(), "run the command again, which reads it anew".to_owned())
        };
        let content = self.survey.ground.shelf.content(entry.digest).ok_or_else(missing)?;
        Ok(File::new(entry.kind, content))
    }

    fn file(&self) -> Result<CodeFile, No> {
        let Some(name) = self.path.code_file() else {
            let why =
                "the live package is no readable zip, or the recorded one was none: code is then one piece";
            let address = &self.change.address;
            return Err((
                why.to_owned(),
                format!("answer it whole with `triform apply --use-local='{address}:code'` or --use-live"),
            ));
        };
        let path = self.target(name)?;
        let local = self.inner.desired.as_ref().and_then(Planned::known);
        let local = entry(local).map(|entry| self.content(entry)).transpose()?;
        let live = entry(self.inner.live.as_ref()).map(|entry| self.content(entry)).transpose()?;
        let of = vec![(self.change.address.clone(), self.path.clone())];
        let file = |new, merged, conflict| CodeFile { path, old: local.clone(), new, of, merged, conflict };
        let Some(recorded) = &self.inner.recorded else {
            // Nothing tells whose change it is; where there is no file yet there is nothing to lose.
            return match local {
                None => Ok(file(live, false, false)),
                Some(_) => Err((
                    "nothing was recorded of it, so nobody can tell whether the project's file is the older one"
                        .to_owned(),
                    self.decide(),
                )),
            };
        };
        let declared = recorded.declared.as_ref();
        if self.inner.desired.as_ref().and_then(Planned::known) == declared {
            return Ok(file(live, false, false));
        }
        let (Some(ours), Some(theirs)) = (&local, &live) else {
            return Err(("one side removed it, and the other one changed it".to_owned(), self.decide()));
        };
        let Some(base) = self.base() else {
            return Err(("both sides made it, each in its own form".to_owned(), self.decide()));
        };
        let Ok(base) = self.content(base) else {
            let why = "both sides changed it, and the recorded package is not on this machine, so that they cannot be merged";
            return Err((why.to_owned(), self.decide()));
        };
        match archive::merge(&base, ours, theirs) {
            None => Err(("both sides changed it, and it is no text".to_owned(), self.decide())),
            Some(Merged::Clean(new)) => {
                let merged = Some(&new) != live.as_ref();
                Ok(file(Some(new), merged, false))
            }
            Some(Merged::Conflict(new)) => Ok(file(Some(new), true, true)),
        }
    }

    /// Returns where a file of the package is on this machine, if it may be written there.
    fn target(&self, name: &str) -> Result<PathBuf, No> {
        let no = |why: &str, way_out: &str| Err((why.to_owned(), way_out.to_owned()));
        let declared = self.setup.desired.resources.get(&self.change.address);
        let Some(source) = declared.and_then(|declared| declared.code.as_ref()) else {
            return no("the project declares no code for it", "declare `code`, and adopt again");
        };
        let Some(root) = root(self.setup, &source.path) else {
            return no("the code folder cannot be found", "look at `code` in the configuration");
        };
        if !root.is_dir() {
            let way_out = "make the archive anew from the live files, or point `code` at a folder";
            return no("the project's code is an archive, which is not written into", way_out);
        }
        let ignored = is_ignored(&root, name).map_err(|error| (error.to_string(), error.help()))?;
        if ignored {
            let way_out = "take the pattern out of `.fcignore`, or remove the file online";
            return no("`.fcignore` keeps the file out of the package", way_out);
        }
        let mut path = root;
        let mut parts = name.split('/').peekable();
        while let Some(part) = parts.next() {
            path.push(part);
            let found = std::fs::symlink_metadata(&path).ok();
            let fits = found.is_none_or(|found| match parts.peek() {
                Some(_) => found.is_dir(),
                None => !found.is_dir(),
            });
            if !fits {
                let why = format!("`{}` is in the way", path.display());
                return Err((why, "move it away, and adopt again".to_owned()));
            }
        }
        Ok(path)
    }
}

fn entry(value: Option<&Value>) -> Option<FileEntry> {
    match value {
        Some(Value::File(entry)) => Some(*entry),
        _ => None,
    }
}

/// Returns what a tree says of a file that is to be written.
pub fn value(file: Option<&File>) -> Option<Value> {
    file.map(|file| Value::File(file.entry()))
}
