//! A plan with everything that it takes to show it, and to apply it, somewhere else.
//!
//! Planning reads a project, a state and a cloud. Whoever reviews the plan, and whoever applies it an hour later
//! on another machine, has perhaps none of them at hand. A document carries along what they need: the contents of
//! the files whose difference is shown or which are uploaded, where every value stands in the configuration, where
//! each secret is to be read again, and where the plan was made. Every rendering is a function of it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use bytes::Bytes;

use super::{Change, PathOutcome, Plan};
use crate::model::{Address, Attributes, Digest, FileEntry, OutputRef, Path, Planned, Value};

/// A plan, and what is needed beside it.
#[derive(Clone, Debug)]
pub struct Document {
    /// What will be done.
    pub plan: Plan,
    /// When and where it was made.
    pub made: Made,
    /// Where every declared value stands; the root path is the resource itself.
    pub places: Places,
    /// Where each declared secret is read again at the apply.
    pub secrets: SecretSources,
    /// What a person looks for after an apply, such as a URL: label and output.
    pub links: Vec<(String, OutputRef)>,
    /// The project's trees that stand as one value, because another side is no tree; by their digest.
    pub trees: BTreeMap<Digest, Attributes>,
    /// Contents of files by their SHA-256: those that are uploaded, and those whose difference is shown.
    pub contents: BTreeMap<Digest, Bytes>,
}

/// Where secrets are read again, by resource and path.
pub type SecretSources = BTreeMap<Address, BTreeMap<Path, SecretSource>>;

/// Places of declared values by resource.
pub type Places = BTreeMap<Address, BTreeMap<Path, Place>>;

/// A place in the configuration.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The file, from the root of the repository that it is in; its name where it is in none.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1, in characters.
    pub column: u32,
}

/// When and where a plan was made. No part of its digest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Made {
    /// The moment, RFC 3339 in UTC with seconds.
    pub at: String,
    /// The program and its version.
    pub by: String,
    /// The folder of the configuration, from the root of the file system.
    pub folder: String,
    /// Where the cloud answered, when that was said.
    pub endpoint: Option<String>,
    /// The alias of the credentials, when one was named.
    pub access: Option<String>,
}

/// Where the value of a secret is read again.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SecretSource {
    /// It is the value of this environment variable.
    Variable(String),
    /// It is worked out from the configuration, at the place of its path.
    Configuration,
}

impl Document {
    /// Returns the files of which a document holds the contents: what an apply uploads, and both ends of every
    /// difference that is shown.
    pub fn files(plan: &Plan, trees: &BTreeMap<Digest, Attributes>) -> BTreeSet<Digest> {
        let mut files = BTreeSet::new();
        let mut add = |value: &Value| {
            if let Value::File(FileEntry { digest, .. }) = value {
                files.insert(*digest);
            }
        };
        for change in plan.moving() {
            shown(change).into_iter().for_each(&mut add);
            upload(change, trees).values().for_each(&mut add);
        }
        files.extend(plan.moving().filter_map(|change| archive(change, trees)));
        files
    }

    /// Returns the digests of the trees that a plan holds as one value.
    pub fn packages(plan: &Plan) -> BTreeSet<Digest> {
        let package = |value: &Value| match value {
            Value::Package(digest) => Some(*digest),
            _ => None,
        };
        plan.moving()
            .flat_map(|change| {
                let back = change.written().filter(|_| change.undo.is_some());
                change.desired.values().chain(back.filter_map(|(_, goal)| goal.as_ref()))
            })
            .filter_map(|side| package(side.known()?))
            .collect()
    }

    /// Returns the code that a change uploads, file by file; nothing where it uploads none.
    pub fn upload(&self, change: &Change) -> Attributes {
        upload(change, &self.trees)
    }

    /// Returns the archive that a change uploads as it was, where it is none that is put together.
    pub fn archive(&self, change: &Change) -> Option<Bytes> {
        self.content(archive(change, &self.trees)?)
    }

    /// Returns the content of a file, where it is known.
    pub fn content(&self, digest: Digest) -> Option<Bytes> {
        self.contents.get(&digest).cloned()
    }

    /// Returns where a path of a resource is declared; where it is not declared, the nearest thing around it that is.
    pub fn place(&self, address: &Address, path: &Path) -> Option<&Place> {
        let places = self.places.get(address)?;
        let mut parts = path.parts().to_vec();
        loop {
            if let Some(place) = places.get(&parts.iter().cloned().collect::<Path>()) {
                return Some(place);
            }
            parts.pop()?;
        }
    }
}

/// Returns what a person looks for after an apply by name: that of the entry; where one entry has several, with the key
/// of each behind it.
pub fn outputs(links: &[(String, OutputRef)]) -> BTreeMap<String, &OutputRef> {
    let mut several = BTreeMap::<&str, usize>::new();
    for (label, _) in links {
        *several.entry(label).or_default() += 1;
    }
    let named =
        links.iter().map(|(label, output)| match (&output.address.key, several.get(label.as_str())) {
            (Some(key), Some(2..)) => (format!("{label}.{key}"), output),
            _ => (label.clone(), output),
        });
    named.collect()
}

fn upload(change: &Change, trees: &BTreeMap<Digest, Attributes>) -> Attributes {
    if !change.writes() || !change.writes_code() {
        return Attributes::new();
    }
    let code = change.composed_code();
    match code.get(&Path::field("code")) {
        Some(Value::Package(digest)) => trees.get(digest).cloned().unwrap_or_default(),
        _ => code,
    }
}

/// Returns the archive that an undo uploads as it was: one that is no readable tree.
fn archive(change: &Change, trees: &BTreeMap<Digest, Attributes>) -> Option<Digest> {
    if change.undo.is_none() || !change.writes() || !change.writes_code() {
        return None;
    }
    match change.composed_code().get(&Path::field("code")) {
        Some(Value::Package(digest)) if !trees.contains_key(digest) => Some(*digest),
        _ => None,
    }
}

/// Every side of every file whose difference is shown.
fn shown(change: &Change) -> Vec<&Value> {
    let mut values = Vec::new();
    for (_, inner) in change.paths.iter().chain(&change.old_paths).filter(|(path, _)| path.is_code()) {
        values.extend(inner.desired.as_ref().and_then(Planned::known));
        let recorded = inner.recorded.iter();
        values.extend(recorded.flat_map(|sides| sides.declared.iter().chain(&sides.observed)));
        values.extend(&inner.live);
        if let (Some(_), PathOutcome::Write(Some(goal)) | PathOutcome::Open(Some(Some(goal)))) =
            (change.undo, &inner.outcome)
        {
            values.extend(goal.known());
        }
    }
    values
}
