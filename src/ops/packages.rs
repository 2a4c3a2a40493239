//! The exact packages that a plan uploads, and the texts that show what changes in them.

use std::collections::{BTreeMap, BTreeSet};

use super::code::tree_of;
use super::{Failure, Setup, Survey};
use crate::archive::pack;
use crate::model::{Address, Digest, Package, Value};
use crate::plan::{Change, Plan};

/// Packages by the resource that they are of.
pub type Packages = BTreeMap<Address, Package>;

/// Makes the package of every change that writes code.
///
/// Files that are kept from live are taken from the kept copy of the recorded package, else downloaded.
pub async fn packages(setup: &Setup, survey: &Survey, plan: &Plan) -> Result<Packages, Failure> {
    let mut packages = Packages::new();
    let mut packed: BTreeMap<Digest, Package> = BTreeMap::new(); // functions that share their code share its package
    for change in plan.changes.values().filter(|change| change.writes() && change.writes_code()) {
        let code = change.composed_code();
        if code.is_empty() {
            continue;
        }
        let missing = |code: &BTreeMap<_, Value>| {
            code.values().any(
                |value| matches!(value, Value::File(entry) if survey.shelf.content(entry.digest).is_none()),
            )
        };
        if missing(&code) {
            survey.load_kept(setup, change);
        }
        if missing(&code) {
            let download = survey.shelf.download(setup.provider.as_ref(), &change.identity, &[]).await;
            download.map_err(|error| Failure::package(&change.address, error))?;
        }
        let failed = |what: String| Failure::Pack { address: change.address.clone(), what };
        let tree = tree_of(&code).digest();
        if let Some(package) = packed.get(&tree) {
            packages.insert(change.address.clone(), package.clone());
            continue;
        }
        let files = survey
            .shelf
            .compose(&code)
            .map_err(|file| failed(format!("the content of `{file}` was not kept")))?;
        let bytes = pack(&files).map_err(|error| failed(error.to_string()))?;
        let (digest, checksum) = (Digest::of(&bytes), setup.provider.checksum(&bytes));
        let package = Package { bytes, digest, checksum };
        packed.insert(tree, package.clone());
        packages.insert(change.address.clone(), package);
    }
    Ok(packages)
}

impl Survey {
    /// Takes the recorded package of a change from the kept ones, so that its files can be shown and reused.
    pub fn load_kept(&self, setup: &Setup, change: &Change) {
        let address = change.moved_from.as_ref().unwrap_or(&change.address);
        let package = self.records().get(address).and_then(|record| record.package.as_ref());
        if let Some(digest) = package.and_then(|package| package.digest) {
            self.shelf.add_kept(&setup.store, digest);
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
