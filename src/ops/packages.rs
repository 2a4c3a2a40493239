//! The exact packages that a plan uploads, and the texts that show what changes in them.

use std::collections::{BTreeMap, BTreeSet};

use super::{Failure, Setup, Survey};
use crate::archive::{File, Files, pack};
use crate::model::{Address, Attributes, Digest, Package, Tree, Value};
use crate::plan::{Change, Document, Plan};
use crate::provider::Provider;

/// Packages by the resource that they are of.
pub type Packages = BTreeMap<Address, Package>;

/// Makes the package of every change that writes code, from the contents that the document holds.
pub fn packages(provider: &dyn Provider, document: &Document) -> Result<Packages, Failure> {
    let mut packages = Packages::new();
    let mut packed: BTreeMap<Digest, Package> = BTreeMap::new(); // functions that share their code share its package
    for change in document.plan.changes.values() {
        let code = document.upload(change);
        if code.is_empty() {
            if let Some(bytes) = document.archive(change) {
                let (digest, checksum) = (Digest::of(&bytes), provider.checksum(&bytes));
                packages.insert(change.address.clone(), Package { bytes, digest, checksum });
            }
            continue;
        }
        let failed = |what: String| Failure::Pack { address: change.address.clone(), what };
        let tree = Tree::of(&code).digest();
        if let Some(package) = packed.get(&tree) {
            packages.insert(change.address.clone(), package.clone());
            continue;
        }
        let files =
            files(document, &code).map_err(|file| failed(format!("the content of `{file}` was not kept")))?;
        let bytes = pack(&files).map_err(|error| failed(error.to_string()))?;
        let (digest, checksum) = (Digest::of(&bytes), provider.checksum(&bytes));
        let package = Package { bytes, digest, checksum };
        packed.insert(tree, package.clone());
        packages.insert(change.address.clone(), package);
    }
    Ok(packages)
}

/// Puts files together by their digests; otherwise the first whose content is missing.
fn files(document: &Document, code: &Attributes) -> Result<Files, String> {
    let mut files = Files::new();
    for (name, entry) in Tree::of(code).files {
        let content = document.content(entry.digest).ok_or_else(|| name.clone())?;
        files.insert(name, File::new(entry.kind, content));
    }
    Ok(files)
}

impl Survey {
    /// Makes ready what the plan uploads. Files that are kept from live are taken from the kept copy of the recorded
    /// package, else downloaded.
    pub(super) async fn load_uploads(&self, setup: &Setup, plan: &Plan) -> Result<(), Failure> {
        let shelf = &self.ground.shelf;
        for change in plan.changes.values().filter(|change| change.writes() && change.writes_code()) {
            let code = change.composed_code();
            let missing = || {
                let unseen = |value: &Value| matches!(value, Value::File(entry) if shelf.content(entry.digest).is_none());
                code.values().any(unseen)
            };
            if missing() {
                self.load_kept(setup, change);
            }
            if missing() {
                let download = shelf.download(setup.provider.as_ref(), &change.identity, &[]).await;
                download.map_err(|error| Failure::package(&change.address, error))?;
            }
        }
        Ok(())
    }

    /// Takes the recorded package of a change from the kept ones, so that its files can be shown and reused.
    pub(super) fn load_kept(&self, setup: &Setup, change: &Change) {
        let address = change.moved_from.as_ref().unwrap_or(&change.address);
        let package = self.records().get(address).and_then(|record| record.package.as_ref());
        if let Some(digest) = package.and_then(|package| package.digest) {
            self.ground.shelf.add_kept(&setup.store, digest);
        }
    }

    /// Makes ready what a person wants to read: the recorded files of every change whose code moved.
    pub fn load_texts(&self, setup: &Setup, plan: &Plan) {
        let moved = |change: &&Change| change.paths.keys().any(|path| path.code_file().is_some());
        let mut seen = BTreeSet::new();
        for change in plan.changes.values().filter(moved) {
            if seen.insert(&change.address) {
                self.load_kept(setup, change);
            }
        }
    }
}
