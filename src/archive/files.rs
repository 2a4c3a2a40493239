//! Files in memory: what a package holds, whatever archive or folder it came from.

use std::collections::BTreeMap;

use bytes::Bytes;

use crate::model::{Digest, FileEntry, FileKind, Tree};

/// One file of a package.
#[derive(Clone, PartialEq, Eq)]
pub struct File {
    /// What it is.
    pub kind: FileKind,
    /// Its content; for a link, the target's text.
    pub content: Bytes,
    /// Whether the archive that it came from said nothing of its mode. Then `kind` is only a guess.
    pub modeless: bool,
}

impl File {
    /// Returns a file with its mode known.
    pub fn new(kind: FileKind, content: impl Into<Bytes>) -> Self {
        Self { kind, content: content.into(), modeless: false }
    }

    /// Returns what a tree says of it.
    pub fn entry(&self) -> FileEntry {
        FileEntry { kind: self.kind, digest: Digest::of(&self.content), size: self.content.len() as u64 }
    }
}

impl std::fmt::Debug for File {
    /// Writes the size in place of the content, which may be megabytes, or secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let modeless = if self.modeless { ", modeless" } else { "" };
        write!(f, "File({:?}, {} bytes{modeless})", self.kind, self.content.len())
    }
}

/// The files of a package by their path, `/` between names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files(BTreeMap<String, File>);

impl Files {
    /// Returns a package without files.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a file at a path, and returns the one that was there. Whether the path can be packed is checked by
    /// [`pack`](super::pack()).
    pub fn insert(&mut self, path: impl Into<String>, file: File) -> Option<File> {
        self.0.insert(path.into(), file)
    }

    /// Takes the file at a path away, and returns it.
    pub fn remove(&mut self, path: &str) -> Option<File> {
        self.0.remove(path)
    }

    /// Returns the file at a path.
    pub fn get(&self, path: &str) -> Option<&File> {
        self.0.get(path)
    }

    /// Returns every file, in the order of their paths.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &File)> {
        self.0.iter().map(|(path, file)| (path.as_str(), file))
    }

    /// Returns how many files there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the bytes of all contents together.
    pub fn size(&self) -> u64 {
        self.0.values().map(|file| file.content.len() as u64).sum()
    }

    /// Returns the tree: what the package is, without what it says.
    pub fn tree(&self) -> Tree {
        Tree {
            files: self.0.iter().map(|(path, file)| (path.clone(), file.entry())).collect(),
            modeless: self.0.iter().filter(|(_, file)| file.modeless).map(|(path, _)| path.clone()).collect(),
        }
    }
}

impl FromIterator<(String, File)> for Files {
    fn from_iter<I: IntoIterator<Item = (String, File)>>(files: I) -> Self {
        Self(files.into_iter().collect())
    }
}

impl IntoIterator for Files {
    type Item = (String, File);
    type IntoIter = std::collections::btree_map::IntoIter<String, File>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}
