//! The state as a readable JSON document, one reader per format version.
//!
//! Values are written as `json` says. A path whose declared and observed values are equal is written once, as `settled`.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::json::{from_json, parse, to_json};
use super::{Lineage, Owner, Record, Recorded, RecordedPackage, Serial, State};
use crate::model::{Address, Identity};

/// The format that this triform writes.
pub(super) const FORMAT: u32 = 1;

/// A state that cannot be read. The file is left as it was.
#[derive(Debug, thiserror::Error)]
pub enum ReadStateError {
    /// There is a file and nothing in it.
    #[error("it is empty")]
    Empty,
    /// It is no JSON, or not what a state looks like.
    #[error("it is damaged, or no triform state: {0}")]
    Damaged(String),
    /// A newer triform wrote it.
    #[error("its format is {found}, newer than {FORMAT}, the newest that this triform reads")]
    TooNew {
        /// The version that was found.
        found: u32,
    },
}

#[derive(Deserialize)]
struct Probe {
    format: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StateFile {
    format: u32,
    written_by: String,
    lineage: String,
    serial: u64,
    salt: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    applied: Option<u64>,
    #[serde(flatten)]
    owner: OwnerFile,
    resources: BTreeMap<String, RecordFile>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct OwnerFile {
    project: String,
    file: String,
    cloud: String,
    account: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    environment: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RecordFile {
    #[serde(flatten)]
    identity: IdentityFile,
    schema: u32,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    accepted_absent: bool,
    paths: BTreeMap<String, RecordedFile>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    outputs: BTreeMap<String, serde_json::Value>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    depends_on: BTreeSet<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    package: Option<PackageFile>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct IdentityFile {
    region: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    parent: Option<String>,
    name: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RecordedFile {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    settled: Option<serde_json::Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    declared: Option<serde_json::Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    observed: Option<serde_json::Value>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    accepted: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PackageFile {
    checksum: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
}

/// Reads a state of any format version up to this triform's.
pub fn read_state(bytes: &[u8]) -> Result<State, ReadStateError> {
    let damaged = |error: serde_json::Error| ReadStateError::Damaged(error.to_string());
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(ReadStateError::Empty);
    }
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(ReadStateError::Damaged("it is no JSON object".to_owned()));
    }
    let Probe { format } = serde_json::from_slice(bytes).map_err(damaged)?;
    if format > FORMAT {
        return Err(ReadStateError::TooNew { found: format });
    }
    let file: StateFile = serde_json::from_slice(bytes).map_err(damaged)?;
    from_file(file).map_err(ReadStateError::Damaged)
}

/// Returns the document; the same state gives the same bytes.
pub fn write_state(state: &State) -> Vec<u8> {
    let State { owner, lineage, serial, salt, applied, records } = state;
    let file = StateFile {
        format: FORMAT,
        written_by: format!("triform {}", env!("CARGO_PKG_VERSION")),
        lineage: lineage.0.clone(),
        serial: serial.0,
        salt: hex::encode(salt),
        applied: applied.map(|serial| serial.0),
        owner: owner_file(owner),
        resources: records
            .iter()
            .map(|(address, record)| (address.to_string(), record_file(record)))
            .collect(),
    };
    let mut bytes = serde_json::to_vec_pretty(&file).expect("maps with text keys are JSON");
    bytes.push(b'\n');
    bytes
}

fn from_file(file: StateFile) -> Result<State, String> {
    let StateFile { format: _, written_by: _, lineage, serial, salt, applied, owner, resources } = file;
    let owner = owner_of(owner);
    let mut records = BTreeMap::new();
    for (address, record) in resources {
        let address: Address = address.parse().map_err(text)?;
        let record = record_of(record, &address, &owner).map_err(|error| format!("{address}: {error}"))?;
        records.insert(address, record);
    }
    Ok(State {
        owner,
        lineage: Lineage(lineage),
        serial: Serial(serial),
        salt: hex::decode(&salt).map_err(|error| format!("salt: {error}"))?,
        applied: applied.map(Serial),
        records,
    })
}

pub(super) fn owner_file(owner: &Owner) -> OwnerFile {
    let Owner { project, file, cloud, account, environment } = owner.clone();
    OwnerFile { project, file, cloud, account, environment }
}

pub(super) fn owner_of(file: OwnerFile) -> Owner {
    let OwnerFile { project, file, cloud, account, environment } = file;
    Owner { project, file, cloud, account, environment }
}

pub(super) fn record_file(record: &Record) -> RecordFile {
    let Record { identity, schema, accepted_absent, paths, outputs, depends_on, package } = record;
    RecordFile {
        identity: identity_file(identity),
        schema: *schema,
        accepted_absent: *accepted_absent,
        paths: paths.iter().map(|(path, recorded)| (path.to_string(), recorded_file(recorded))).collect(),
        outputs: outputs.iter().map(|(name, value)| (name.clone(), to_json(value))).collect(),
        depends_on: depends_on.iter().map(ToString::to_string).collect(),
        package: package.as_ref().map(package_file),
    }
}

pub(super) fn record_of(file: RecordFile, address: &Address, owner: &Owner) -> Result<Record, String> {
    let RecordFile { identity, schema, accepted_absent, paths, outputs, depends_on, package } = file;
    Ok(Record {
        identity: identity_of(identity, address, owner),
        schema,
        accepted_absent,
        paths: paths
            .into_iter()
            .map(|(path, file)| Ok((parse(&path)?, recorded_of(file)?)))
            .collect::<Result<_, String>>()?,
        outputs: outputs
            .into_iter()
            .map(|(name, value)| Ok((name, from_json(value)?)))
            .collect::<Result<_, String>>()?,
        depends_on: depends_on.iter().map(|address| parse(address)).collect::<Result<_, _>>()?,
        package: package.map(package_of).transpose()?,
    })
}

pub(super) fn identity_file(identity: &Identity) -> IdentityFile {
    let Identity { cloud: _, account: _, region, kind: _, parent, name } = identity.clone();
    IdentityFile { region, parent, name }
}

pub(super) fn identity_of(file: IdentityFile, address: &Address, owner: &Owner) -> Identity {
    let IdentityFile { region, parent, name } = file;
    let (cloud, account) = (owner.cloud.clone(), owner.account.clone());
    Identity { cloud, account, region, kind: address.kind.clone(), parent, name }
}

pub(super) fn package_file(package: &RecordedPackage) -> PackageFile {
    let RecordedPackage { checksum, digest } = package;
    PackageFile { checksum: checksum.clone(), sha256: digest.map(|digest| digest.to_string()) }
}

pub(super) fn package_of(file: PackageFile) -> Result<RecordedPackage, String> {
    let PackageFile { checksum, sha256 } = file;
    Ok(RecordedPackage { checksum, digest: sha256.map(|hex| parse(&hex)).transpose()? })
}

fn recorded_file(recorded: &Recorded) -> RecordedFile {
    let Recorded { declared, observed, accepted } = recorded;
    if declared == observed && !accepted {
        let settled = declared.as_ref().map(to_json);
        return RecordedFile { settled, declared: None, observed: None, accepted: false };
    }
    let (declared, observed) = (declared.as_ref().map(to_json), observed.as_ref().map(to_json));
    RecordedFile { settled: None, declared, observed, accepted: *accepted }
}

fn recorded_of(file: RecordedFile) -> Result<Recorded, String> {
    let RecordedFile { settled, declared, observed, accepted } = file;
    if let Some(settled) = settled {
        let value = from_json(settled)?;
        return Ok(Recorded { declared: Some(value.clone()), observed: Some(value), accepted });
    }
    Ok(Recorded {
        declared: declared.map(from_json).transpose()?,
        observed: observed.map(from_json).transpose()?,
        accepted,
    })
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Digest, FileEntry, FileKind, Number, Path, Value};
    use proptest::prelude::*;

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(Value::Bool),
            (-1e9..1e9_f64).prop_filter_map("finite", |n| Number::new(n).map(Value::Number)),
            any::<i32>().prop_map(Value::int),
            ".*".prop_map(Value::Text),
            any::<[u8; 32]>().prop_map(|bytes| Value::Sealed(Digest::from_bytes(bytes))),
            any::<([u8; 32], u32)>().prop_map(|(bytes, size)| Value::File(FileEntry {
                kind: FileKind::Executable,
                digest: Digest::from_bytes(bytes),
                size: u64::from(size),
            })),
        ];
        leaf.prop_recursive(3, 16, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::List),
                proptest::collection::btree_map("[$a-z]{1,6}", inner, 0..4).prop_map(Value::Map),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_state_reads_back_as_itself(declared in proptest::option::of(value()), observed in proptest::option::of(value()), accepted: bool, key in ".*") {
            let text = str::to_owned;
            let [project, file, cloud, account] = ["p", "s.yaml", "embedded", "1"].map(text);
            let owner = Owner { project, file, cloud, account, environment: Some(text("prod")) };
            let mut state = State::new(owner, Lineage(text("l")), vec![7; 32]);
            let address = Address::keyed("fc3_trigger", "a", "http");
            let identity = Identity { cloud: text("embedded"), account: text("1"), region: text("r"), kind: text("fc3_trigger"), parent: Some(text("a")), name: text("http") };
            let mut record = Record::new(identity, 1);
            record.settle(&Path::field("x").key(key), Recorded { declared, observed, accepted });
            state.records.insert(address, record);
            let bytes = write_state(&state);
            prop_assert_eq!(&read_state(&bytes).expect("a state"), &state);
            prop_assert_eq!(write_state(&state), bytes);
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read_state(&bytes);
        }
    }

    #[test]
    fn what_is_no_state_is_refused() {
        assert!(matches!(read_state(b" \n"), Err(ReadStateError::Empty)));
        assert!(matches!(read_state(b"{\"format\": 1"), Err(ReadStateError::Damaged(_))));
        assert!(matches!(read_state(b"{\"version\": 4}"), Err(ReadStateError::Damaged(_))));
        assert!(matches!(
            read_state(b"{\"format\": 2, \"new\": 1}"),
            Err(ReadStateError::TooNew { found: 2 })
        ));
    }
}
