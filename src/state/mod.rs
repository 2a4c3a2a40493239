//! What was recorded when project and cloud were last settled.
//!
//! A [`State`] holds, for every resource and every path of it, what was *declared* and what was *observed*.
//! It only ever moves by [`Entry`]s: each says one thing that an apply learned. The same entries are appended
//! to the journal while an apply runs, so that the state after a crash and the state after a good end are
//! computed by the same few lines.

mod edit;
mod entry;
mod file;
mod journal;
mod json;
mod last;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

pub use edit::MoveError;
pub use entry::{Answer, CallKind, Entry, Intent, PathIntent};
pub use file::{ReadStateError, read_state, write_state};
pub use journal::{Journal, JournalHeader, ReadJournalError, read_journal, write_entry, write_header};
pub use json::to_json_map;
pub use last::{Called, LastApply, Touched};

use crate::model::{Address, Attributes, Digest, Identity, Path, Value};

/// The identity of a state's history: drawn once, never changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lineage(pub String);

impl fmt::Display for Lineage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where in its history a state is; moves by one with every change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Serial(pub u64);

impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Whose state it is. Another project's, file's, cloud's, account's or environment's state is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Owner {
    /// The project's name.
    pub project: String,
    /// The configuration's file name.
    pub file: String,
    /// `embedded` or `aliyun`.
    pub cloud: String,
    /// The account's number.
    pub account: String,
    /// The project's environment, where it is one's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
}

/// The state of one project file on one cloud.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// Whose it is.
    pub owner: Owner,
    /// Its history.
    pub lineage: Lineage,
    /// Where in it.
    pub serial: Serial,
    /// The key of the digests that stand for secrets.
    pub salt: Vec<u8>,
    /// The serial that the last apply which wrote to the cloud continued: what is kept of that apply names the same.
    pub applied: Option<Serial>,
    /// What is recorded, by address.
    pub records: BTreeMap<Address, Record>,
}

/// What is recorded of one resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// What the cloud knows it by.
    pub identity: Identity,
    /// The version of the schema that it was made with.
    pub schema: u32,
    /// A decision let it be absent although the configuration declares it.
    pub accepted_absent: bool,
    /// Every settled path; one that is missing here was neither declared nor observed.
    pub paths: BTreeMap<Path, Recorded>,
    /// Its outputs, as last answered.
    pub outputs: BTreeMap<String, Value>,
    /// What it depended on.
    pub depends_on: BTreeSet<Address>,
    /// The archive that the observed code came in.
    pub package: Option<RecordedPackage>,
}

/// What is recorded of one path.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recorded {
    /// What the configuration said; `None` where it said nothing.
    pub declared: Option<Value>,
    /// What the cloud answered; `None` for its empty form.
    pub observed: Option<Value>,
    /// A decision kept the observed value although the configuration says otherwise.
    pub accepted: bool,
}

/// An archive that was seen live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedPackage {
    /// The service's own checksum of it.
    pub checksum: String,
    /// SHA-256 of the archive, the name of its kept copy; `None` where no copy was kept.
    pub digest: Option<Digest>,
}

impl Record {
    /// Returns an empty record of a resource that has just become ours.
    pub fn new(identity: Identity, schema: u32) -> Self {
        Self {
            identity,
            schema,
            accepted_absent: false,
            paths: BTreeMap::new(),
            outputs: BTreeMap::new(),
            depends_on: BTreeSet::new(),
            package: None,
        }
    }

    /// Returns what was observed, by path.
    pub fn observed(&self) -> Attributes {
        let observed =
            |(path, recorded): (&Path, &Recorded)| Some((path.clone(), recorded.observed.clone()?));
        self.paths.iter().filter_map(observed).collect()
    }

    /// Returns the observed files of the code, by path.
    pub fn observed_code(&self) -> Attributes {
        let code = self.paths.iter().filter(|(path, _)| path.is_code());
        code.filter_map(|(path, recorded)| Some((path.clone(), recorded.observed.clone()?))).collect()
    }
}

impl State {
    /// Returns the first state of a history.
    pub fn new(owner: Owner, lineage: Lineage, salt: Vec<u8>) -> Self {
        Self { owner, lineage, serial: Serial(0), salt, applied: None, records: BTreeMap::new() }
    }

    /// Returns the address that has an identity.
    pub fn address_of(&self, identity: &Identity) -> Option<&Address> {
        self.records.iter().find(|(_, record)| record.identity == *identity).map(|(address, _)| address)
    }

    /// Records what one entry says.
    pub fn apply(&mut self, entry: &Entry) {
        entry::apply(self, entry);
    }
}
