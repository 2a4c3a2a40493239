//! Code on its way: local folders, live packages, kept packages, and the contents of their files by digest.
//!
//! A live package is downloaded only when the service's checksum says that it is not one whose tree is known.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path as FilePath, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

use crate::archive::{Files, Limits, unpack};
use crate::backend::LocalStore;
use crate::config::Desired;
use crate::diag::Diagnostic;
use crate::model::{Attributes, CloudError, Digest, Identity, Path, Tree, Value};
use crate::provider::Provider;
use crate::state::Record;
use crate::sys::folder::{CodeError, read_code};

/// Contents and packages that were seen in this run.
#[derive(Default)]
pub struct Shelf {
    contents: Mutex<HashMap<Digest, Bytes>>,
    archives: Mutex<BTreeMap<Digest, Bytes>>,
    /// The project's trees by their digest: where a side is no tree, a tree stands as one value.
    trees: Mutex<BTreeMap<Digest, Arc<Tree>>>,
}

impl Shelf {
    /// Returns a file's content, where it was seen.
    pub fn content(&self, digest: Digest) -> Option<Bytes> {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner).get(&digest).cloned()
    }

    /// Returns a downloaded package.
    pub fn archive(&self, digest: Digest) -> Option<Bytes> {
        self.archives.lock().unwrap_or_else(PoisonError::into_inner).get(&digest).cloned()
    }

    /// Returns a tree of the project.
    pub fn tree(&self, digest: Digest) -> Option<Arc<Tree>> {
        self.trees.lock().unwrap_or_else(PoisonError::into_inner).get(&digest).cloned()
    }

    fn add_tree(&self, tree: &Arc<Tree>) {
        let mut trees = self.trees.lock().unwrap_or_else(PoisonError::into_inner);
        trees.entry(tree.digest()).or_insert_with(|| tree.clone());
    }

    /// Takes contents by their digests, as a saved plan holds them.
    pub fn add_contents(&self, known: &BTreeMap<Digest, Bytes>) {
        let mut contents = self.contents.lock().unwrap_or_else(PoisonError::into_inner);
        contents.extend(known.iter().map(|(digest, content)| (*digest, content.clone())));
    }

    fn add_files(&self, files: &Files) {
        let mut contents = self.contents.lock().unwrap_or_else(PoisonError::into_inner);
        for (_, file) in files.iter() {
            contents.entry(file.entry().digest).or_insert_with(|| file.content.clone());
        }
    }

    fn add_archive(&self, bytes: &Bytes) -> Digest {
        let digest = Digest::of(bytes);
        self.archives.lock().unwrap_or_else(PoisonError::into_inner).insert(digest, bytes.clone());
        digest
    }

    /// Takes the files of a kept package into the shelf, and returns its tree, where there is a copy.
    pub fn add_kept(&self, store: &LocalStore, digest: Digest) -> Option<Tree> {
        let files = unpack(&store.package(digest)?, &Limits::default()).ok()?;
        self.add_files(&files);
        Some(files.tree())
    }

    /// Takes a kept package as it is, and its files where it is a readable archive.
    pub fn add_package(&self, store: &LocalStore, digest: Digest) {
        let Some(bytes) = store.package(digest) else { return };
        if let Ok(files) = unpack(&bytes, &Limits::default()) {
            self.add_files(&files);
            self.add_tree(&Arc::new(files.tree()));
        }
        self.add_archive(&bytes);
    }

    /// Returns the live code that a record stands for, by path.
    ///
    /// A tree that took the place of an opaque package is recorded as one value; its kept copy says which files it
    /// has, so that they are compared one by one again. Without the copy nothing is known, and it is downloaded.
    pub fn recorded_code(&self, store: &LocalStore, record: &Record) -> Option<Attributes> {
        let code = record.observed_code();
        let package = record.package.as_ref().and_then(|package| package.digest);
        match code.get(&Path::field("code")) {
            Some(whole @ Value::Package(digest)) if package != Some(*digest) => {
                let tree = self.add_kept(store, package?)?;
                (tree.as_package() == *whole).then(|| tree.attributes())
            }
            _ => Some(code),
        }
    }

    /// Downloads a live package and returns its code by path, and the archive's digest.
    ///
    /// `known` are trees that files without a Unix mode are settled by.
    pub async fn download(
        &self,
        provider: &dyn Provider,
        identity: &Identity,
        known: &[Tree],
    ) -> Result<(Attributes, Digest), CloudError> {
        let bytes = provider.package(identity).await?;
        let digest = self.add_archive(&bytes);
        let Ok(files) = unpack(&bytes, &Limits::default()) else {
            return Ok(([(Path::field("code"), Value::Package(digest))].into(), digest));
        };
        self.add_files(&files);
        let mut tree = files.tree();
        tree.settle_modes(known);
        Ok((tree.attributes(), digest))
    }
}

/// Local code folders, each read once however many functions share it.
#[derive(Default)]
pub struct Folders {
    read: BTreeMap<PathBuf, Result<Arc<Tree>, Arc<CodeError>>>,
}

impl Folders {
    /// Returns the tree of a folder or archive, its contents taken into the shelf.
    pub fn tree(&mut self, path: &FilePath, shelf: &Shelf) -> Result<Arc<Tree>, Arc<CodeError>> {
        let read = |path: &FilePath| match read_code(path, &Limits::default()) {
            Ok(files) => {
                shelf.add_files(&files);
                let tree = Arc::new(files.tree());
                shelf.add_tree(&tree);
                Ok(tree)
            }
            Err(error) => Err(Arc::new(error)),
        };
        // `shop/./code` and `shop/code` are one folder, and read better as the second.
        let path: PathBuf = path.components().collect();
        self.read.entry(path).or_insert_with_key(|path| read(path)).clone()
    }
}

/// Returns what is wrong with the code folders of a project.
pub fn code_problems(desired: &Desired, configuration: &FilePath) -> Vec<Diagnostic> {
    let folder = configuration.parent().unwrap_or(FilePath::new("."));
    let (shelf, mut folders) = (Shelf::default(), Folders::default());
    let sources = desired.resources.values().filter_map(|resource| resource.code.as_ref());
    sources
        .filter_map(|code| {
            let error = folders.tree(&folder.join(&code.path), &shelf).err()?;
            Some(code_diagnostic(&error, &code.span))
        })
        .collect()
}

/// Says what is wrong with a code folder, with its place in the configuration.
pub fn code_diagnostic(error: &CodeError, span: &crate::diag::Span) -> Diagnostic {
    let mut message = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        message = format!("{message}: {inner}");
        source = inner.source();
    }
    Diagnostic::error("E0201", message).at(span.clone(), "declared here").help(error.help())
}
