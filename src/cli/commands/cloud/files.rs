//! Whether a file of a project changed: asked by looking, while somebody looks at the page.
//!
//! The files are those that a plan reads: all that stands in the project's folder itself, its state, what its
//! configuration takes from elsewhere, and the code. Looking at sizes and times works on every file system, those of
//! containers and networks included, and needs nothing that has to be given back.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use crate::cli::args::Global;
use crate::cli::wiring::{self, Project};

/// Files and folders of code that are looked at, at most.
const MOST: usize = 200_000;

/// What a project is made of.
#[derive(Clone, Debug)]
pub struct Files {
    /// Folders of which everything that stands in them counts, and nothing below.
    folders: BTreeSet<PathBuf>,
    /// Single files.
    single: BTreeSet<PathBuf>,
    /// Code: files, or folders with all that is below.
    code: BTreeSet<PathBuf>,
}

impl Files {
    /// What is known of a project that nobody has read yet.
    pub fn of(global: &Global) -> Self {
        let folder = wiring::folder_of(&wiring::configuration(global));
        Self {
            folders: BTreeSet::from([folder.join(".triform"), folder]),
            single: global.env_file.iter().cloned().collect(),
            code: BTreeSet::new(),
        }
    }

    /// Takes in what a project says that it is made of.
    pub fn learn(&mut self, project: &Project) {
        let folder = wiring::folder_of(&project.configuration);
        let sources = project.text.iter().flat_map(|text| text.sources.names());
        for file in sources.map(|name| folder.join(name)) {
            self.single.extend(file.parent().map(|beside| beside.join(".env")));
            self.single.insert(file);
        }
        let code = project.desired.resources.values().filter_map(|resource| resource.code.as_ref());
        self.code = code.map(|code| folder.join(&code.path)).collect();
    }

    /// Returns a number that is another one when any of them changed.
    pub fn stamp(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        for file in self.single.iter().chain(&self.folders) {
            note(file, &mut hasher);
        }
        for folder in &self.folders {
            for entry in entries(folder) {
                note(&entry, &mut hasher);
            }
        }
        let mut queue: Vec<PathBuf> = self.code.iter().cloned().collect();
        let mut seen = 0;
        while let Some(path) = queue.pop() {
            seen += 1;
            note(&path, &mut hasher);
            let leads_away = std::fs::symlink_metadata(&path).is_ok_and(|it| it.is_symlink());
            if seen < MOST && path.is_dir() && !leads_away {
                queue.extend(entries(&path));
            }
        }
        hasher.finish()
    }
}

/// What stands in a folder, in an order that stays. What version control and we ourselves keep is no code.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let found = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let own = |path: &PathBuf| path.file_name().is_some_and(|name| name == ".git" || name == ".triform");
    let mut found: Vec<PathBuf> = found.map(|entry| entry.path()).filter(|path| !own(path)).collect();
    found.sort();
    found
}

fn note(path: &Path, hasher: &mut DefaultHasher) {
    path.hash(hasher);
    let Ok(found) = std::fs::metadata(path) else { return };
    // That something in a folder changed is told by what is in it.
    if found.is_file() {
        let modified = found.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        (found.len(), modified).hash(hasher);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_plan_reads_moves_the_number() {
        let root = tempfile::tempdir().expect("a folder");
        let at = |name: &str| root.path().join(name);
        for folder in ["project/.triform", "project/code/deep", "project/code/.git", "project/other"] {
            std::fs::create_dir_all(at(folder)).expect("a folder");
        }
        let files = Files {
            folders: BTreeSet::from([at("project"), at("project/.triform")]),
            single: BTreeSet::from([at("base.yaml")]),
            code: BTreeSet::from([at("project/code")]),
        };
        let mut last = files.stamp();
        let mut moved = || std::mem::replace(&mut last, files.stamp()) != last;
        assert!(!moved(), "nothing did");
        let counts = [
            "project/s.yaml",
            "project/.env",
            "base.yaml",
            "project/.triform/s.state.json",
            "project/code/deep/a.py",
        ];
        for name in counts {
            std::fs::write(at(name), "1").expect("writes");
            assert!(moved(), "{name} came");
            std::fs::write(at(name), "12").expect("writes");
            assert!(moved(), "{name} was edited");
        }
        for name in ["other.yaml", "project/code/.git/index", "project/other/index.js"] {
            std::fs::write(at(name), "1").expect("writes");
            assert!(!moved(), "{name} is read by no plan");
        }
        std::fs::remove_file(at("project/code/deep/a.py")).expect("removes");
        assert!(moved(), "it went");
    }
}
