//! Code as a tree of files, whatever archive carried it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Attributes, Digest, Path, Value};

/// What a path of a tree is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileKind {
    /// A file.
    Regular,
    /// A file with its executable bit set.
    Executable,
    /// A symbolic link; its content is the target.
    Symlink,
}

/// One file of a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileEntry {
    /// What it is.
    pub kind: FileKind,
    /// The digest of its content; for a link, of its target's text.
    pub digest: Digest,
    /// Bytes of its content.
    pub size: u64,
}

/// A tree of files by their path, `/` between names. Directories, times and archive order are no part of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    /// The files.
    pub files: BTreeMap<String, FileEntry>,
    /// Those whose archive entry had no Unix mode, so that they match a file and an executable alike.
    pub modeless: std::collections::BTreeSet<String>,
}

impl Tree {
    /// Gives every file without a mode of its own the kind that it has in other trees: in the first where it has the
    /// same content, else in the first where it stands.
    ///
    /// Called with the recorded tree first and the project's second, it makes an archive that was zipped on a machine
    /// without modes equal to the one that it replaced, and a program that was edited there a program still.
    pub fn settle_modes(&mut self, others: &[Tree]) {
        for path in std::mem::take(&mut self.modeless) {
            let Some(ours) = self.files.get_mut(&path) else { continue };
            let theirs = || {
                others
                    .iter()
                    .filter_map(|tree| tree.files.get(&path))
                    .filter(|entry| entry.kind != FileKind::Symlink)
            };
            match theirs().find(|entry| entry.digest == ours.digest).or_else(|| theirs().next()) {
                Some(entry) => ours.kind = entry.kind,
                None => _ = self.modeless.insert(path),
            }
        }
    }

    /// Returns the digest of the whole tree: of every path, kind and content digest in order.
    pub fn digest(&self) -> Digest {
        let mut text = String::new();
        for (path, entry) in &self.files {
            let kind = match entry.kind {
                FileKind::Regular => 'f',
                FileKind::Executable => 'x',
                FileKind::Symlink => 'l',
            };
            // The length in front keeps two different trees from spelling one text.
            let _ = writeln!(text, "{kind} {} {} {path}", entry.digest, path.len()); // writing to a string cannot fail
        }
        Digest::of(text.as_bytes())
    }

    /// Returns the tree as attributes: a path for each file.
    pub fn attributes(&self) -> Attributes {
        self.files.iter().map(|(name, entry)| (Path::file(name), Value::File(*entry))).collect()
    }

    /// Returns the tree whose files these attributes are; opaque code has none.
    pub fn of(attributes: &Attributes) -> Self {
        let file = |(path, value): (&Path, &Value)| match (path.code_file(), value) {
            (Some(name), Value::File(entry)) => Some((name.to_owned(), *entry)),
            _ => None,
        };
        Self { files: attributes.iter().filter_map(file).collect(), ..Self::default() }
    }

    /// Returns the tree as one value, for comparing it with a package that is no tree.
    pub fn as_package(&self) -> Value {
        Value::Package(self.digest())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(kind: FileKind, content: &str, modeless: bool) -> Tree {
        let entry = FileEntry { kind, digest: Digest::of(content.as_bytes()), size: content.len() as u64 };
        Tree {
            files: [("bootstrap".to_owned(), entry)].into(),
            modeless: modeless.then(|| "bootstrap".to_owned()).into_iter().collect(),
        }
    }

    #[test]
    fn an_entry_without_a_mode_matches_either() {
        let mut live = tree(FileKind::Regular, "x", true);
        live.settle_modes(&[tree(FileKind::Executable, "x", false)]);
        assert_eq!(live.files, tree(FileKind::Executable, "x", false).files);
    }

    #[test]
    fn an_edited_program_stays_a_program_where_no_mode_was_stored() {
        let mut live = tree(FileKind::Regular, "edited", true);
        live.settle_modes(&[tree(FileKind::Executable, "x", false), tree(FileKind::Regular, "y", false)]);
        assert_eq!(live.files, tree(FileKind::Executable, "edited", false).files);
        let mut live = tree(FileKind::Regular, "y", true);
        live.settle_modes(&[tree(FileKind::Executable, "x", false), tree(FileKind::Regular, "y", false)]);
        assert_eq!(live.files, tree(FileKind::Regular, "y", false).files, "the same content says more");
    }

    #[test]
    fn a_mode_that_was_stored_is_kept() {
        let mut live = tree(FileKind::Regular, "x", false);
        live.settle_modes(&[tree(FileKind::Executable, "x", false)]);
        assert_eq!(live.files, tree(FileKind::Regular, "x", false).files);
    }

    #[test]
    fn the_digest_sees_kind_path_and_content() {
        let one = tree(FileKind::Regular, "x", false).digest();
        assert_ne!(one, tree(FileKind::Executable, "x", false).digest());
        assert_ne!(one, tree(FileKind::Regular, "y", false).digest());
        assert_eq!(one, tree(FileKind::Regular, "x", true).digest());
    }
}
