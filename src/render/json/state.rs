//! The state as the JSON that programs read which read Terraform's: its state representation, `format_version` 1.0.
//!
//! `values` are what was observed. What was declared, and what a decision keeps, stands under `triform`. No value
//! of a secret can appear, since none is in a state.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::ours::{Known, Past};
use super::resource::{Who, provider_name};
use super::sides::observed;
use super::values::{Nested, Plain, View, holds_secret};
use super::{Each, Keyed, Module, Root, STATE_FORMAT, TERRAFORM, line};
use crate::model::{Address, Path, SchemaSet};
use crate::state::{Owner, Record, Recorded, State};

/// Returns a whole state, or that there is none, as one line of JSON.
pub fn state(state: Option<&State>, schemas: &SchemaSet) -> String {
    line(&Whole { state, schemas })
}

/// Returns one record as one line of JSON.
pub fn record(address: &Address, record: &Record, schemas: &SchemaSet) -> String {
    line(&Entry { address, record, schemas })
}

/// Returns records by their names, as one line of JSON.
pub fn records<'a>(records: impl Iterator<Item = (&'a Address, &'a Record)>) -> String {
    line(&records.map(|(address, record)| Named::new(address, record)).collect::<Vec<_>>())
}

struct Whole<'a> {
    state: Option<&'a State>,
    schemas: &'a SchemaSet,
}

impl Serialize for Whole<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("format_version", STATE_FORMAT)?;
        map.serialize_entry("terraform_version", TERRAFORM)?;
        if let Some(State { owner, lineage, serial, salt: _, applied: _, records }) = self.state {
            let entry = |(address, record)| Entry { address, record, schemas: self.schemas };
            let resources = Each(|| records.iter().map(entry));
            map.serialize_entry("values", &Root { root_module: Module { resources } })?;
            let Owner { project, file, cloud, account, environment } = owner;
            let owner = [("project", project), ("file", file), ("cloud", cloud), ("account", account)];
            let environment = environment.iter().map(|name| ("environment", name));
            let owner = Keyed(|| owner.into_iter().chain(environment.clone()));
            map.serialize_entry("triform", &Ours { owner, lineage: &lineage.0, serial: serial.0 })?;
        }
        map.end()
    }
}

#[derive(Serialize)]
struct Ours<'a, O> {
    owner: O,
    lineage: &'a str,
    serial: u64,
}

/// One record, as `values` lists it.
struct Entry<'a> {
    address: &'a Address,
    record: &'a Record,
    schemas: &'a SchemaSet,
}

#[derive(Serialize)]
struct EntryFields<'o, 'a, R> {
    #[serde(flatten)]
    who: Who<'a>,
    provider_name: String,
    schema_version: u32,
    values: Nested<'o, 'a>,
    sensitive_values: Nested<'o, 'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    depends_on: Vec<String>,
    triform: R,
}

impl Serialize for Entry<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { address, record, schemas } = *self;
        let object = observed(record, schemas);
        EntryFields {
            who: Who::new(address),
            provider_name: provider_name(&record.identity.kind),
            schema_version: record.schema,
            values: object.view(View::Values),
            sensitive_values: object.view(View::Sensitive),
            depends_on: record.depends_on.iter().map(Address::to_string).collect(),
            triform: Recordings(record),
        }
        .serialize(serializer)
    }
}

/// `triform` of one record.
struct Recordings<'a>(&'a Record);

impl Serialize for Recordings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Record { identity, schema: _, accepted_absent, paths, outputs, depends_on: _, package } = self.0;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("identity", &Known::from(identity))?;
        map.serialize_entry("accepted_absent", accepted_absent)?;
        map.serialize_entry("paths", &Each(|| paths.iter().map(|(path, inner)| PathEntry { path, inner })))?;
        if !outputs.is_empty() {
            let outputs = || outputs.iter().map(|(name, value)| (name, Plain(value)));
            map.serialize_entry("outputs", &Keyed(outputs))?;
        }
        if let Some(package) = package {
            let sha256 = package.digest.map(|digest| digest.to_string());
            map.serialize_entry("package", &Archive { checksum: &package.checksum, sha256 })?;
        }
        map.end()
    }
}

#[derive(Serialize)]
struct Archive<'a> {
    checksum: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
}

struct PathEntry<'a> {
    path: &'a Path,
    inner: &'a Recorded,
}

impl Serialize for PathEntry<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { path, inner } = self;
        let secret = inner.declared.iter().chain(&inner.observed).any(holds_secret);
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("path", &path.to_string())?;
        if let Some(file) = path.code_file() {
            map.serialize_entry("file", file)?;
        }
        Past { recorded: inner, secret }.entries(&mut map)?;
        if secret {
            map.serialize_entry("sensitive", &true)?;
        }
        map.end()
    }
}

/// One record by its names.
#[derive(Serialize)]
struct Named<'a> {
    address: String,
    #[serde(rename = "type")]
    kind: &'a str,
    identity: Known<'a>,
    accepted_absent: bool,
    accepted: usize,
}

impl<'a> Named<'a> {
    fn new(address: &'a Address, record: &'a Record) -> Self {
        Self {
            address: address.to_string(),
            kind: &address.kind,
            identity: Known::from(&record.identity),
            accepted_absent: record.accepted_absent,
            accepted: record.paths.values().filter(|path| path.accepted).count(),
        }
    }
}
