//! Code on its way: local folders, live packages, kept packages, and the contents of their files by digest.
//!
//! A live package is downloaded only when the service's checksum says that it is not one whose tree is known.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path as FilePath, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

use crate::archive::{File, Files, Limits, unpack};
use crate::backend::LocalStore;
use crate::config::Desired;
use crate::diag::Diagnostic;
use crate::model::{Attributes, CloudError, Digest, FileEntry, Identity, Path, Tree, Value};
use crate::provider::Provider;
use crate::sys::folder::{CodeError, read_code};

/// Contents and packages that were seen in this run.
#[derive(Default)]
pub struct Shelf {
    contents: Mutex<HashMap<Digest, Bytes>>,
    archives: Mutex<BTreeMap<Digest, Bytes>>,
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

    /// Takes the files of a kept package into the shelf, where there is a copy.
    pub fn add_kept(&self, store: &LocalStore, digest: Digest) {
        if let Some(files) = store.package(digest).and_then(|bytes| unpack(&bytes, &Limits::default()).ok()) {
            self.add_files(&files);
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
        for known in known {
            tree.settle_modes(known);
        }
        Ok((code_attributes(&tree), digest))
    }

    /// Puts files together by their digests, all of them seen before; otherwise the first that is missing.
    pub fn compose(&self, code: &BTreeMap<Path, Value>) -> Result<Files, String> {
        let mut files = Files::new();
        for (path, value) in code {
            let (Some(name), Value::File(FileEntry { kind, digest, .. })) = (path.code_file(), value) else {
                return Err(path.to_string());
            };
            let content = self.content(*digest).ok_or_else(|| name.to_owned())?;
            files.insert(name, File::new(*kind, content));
        }
        Ok(files)
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
                Ok(Arc::new(files.tree()))
            }
            Err(error) => Err(Arc::new(error)),
        };
        // `shop/./code` and `shop/code` are one folder, and read better as the second.
        let path: PathBuf = path.components().collect();
        self.read.entry(path).or_insert_with_key(|path| read(path)).clone()
    }
}

/// Returns a tree as paths.
pub fn code_attributes(tree: &Tree) -> Attributes {
    tree.files.iter().map(|(name, entry)| (Path::file(name), Value::File(*entry))).collect()
}

/// Returns paths as a tree; opaque code has none.
pub fn tree_of(attributes: &Attributes) -> Tree {
    let file = |(path, value): (&Path, &Value)| match (path.code_file(), value) {
        (Some(name), Value::File(entry)) => Some((name.to_owned(), *entry)),
        _ => None,
    };
    Tree { files: attributes.iter().filter_map(file).collect(), ..Tree::default() }
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
