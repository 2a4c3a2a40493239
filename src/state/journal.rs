//! The append-only record of an apply in progress, one JSON document a line.
//!
//! The first line says which state it continues. A line that was cut off at the end is a line that was never
//! written; anything else that cannot be read is damage.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::file::{
    FORMAT, IdentityFile, OwnerFile, PackageFile, RecordFile, identity_file, identity_of, owner_file,
    owner_of, package_file, package_of, record_file, record_of,
};
use super::json::{from_json, parse, to_json};
use super::{Answer, CallKind, Entry, Intent, Lineage, Owner, PathIntent, Serial, State};
use crate::model::{Path, Value};

/// The first line of a journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalHeader {
    /// Whose state it continues.
    pub owner: Owner,
    /// Its history.
    pub lineage: Lineage,
    /// The serial that it continues.
    pub serial: Serial,
    /// The salt of the state, which a first apply has not written yet.
    pub salt: Vec<u8>,
    /// Which command, and by whom; for people.
    pub note: String,
    /// When it began, RFC 3339 in UTC; older journals do not say.
    pub at: Option<String>,
}

/// A journal as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Journal {
    /// Its first line.
    pub header: JournalHeader,
    /// Its other lines.
    pub entries: Vec<Entry>,
}

/// A journal that cannot be read. The file is left as it was.
#[derive(Debug, thiserror::Error)]
pub enum ReadJournalError {
    /// A line in the middle is no entry.
    #[error("line {line} is damaged: {what}")]
    Damaged {
        /// Which, from 1.
        line: usize,
        /// What is wrong with it.
        what: String,
    },
    /// A newer triform wrote it.
    #[error("its format is {found}, newer than {FORMAT}, the newest that this triform reads")]
    TooNew {
        /// The version that was found.
        found: u32,
    },
}

#[derive(Serialize, Deserialize)]
struct HeaderLine {
    journal: u32,
    lineage: String,
    serial: u64,
    salt: String,
    #[serde(flatten)]
    owner: OwnerFile,
    note: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Intent {
        number: u64,
        address: String,
        #[serde(flatten)]
        identity: IdentityFile,
        call: CallWord,
        schema: u32,
        paths: BTreeMap<String, PathLine>,
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        depends_on: BTreeSet<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        package: Option<PackageFile>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        overwritten: Option<PackageFile>,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        unrecorded: bool,
    },
    Answer {
        number: u64,
        done: bool,
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        observed: BTreeMap<String, Option<serde_json::Value>>,
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        outputs: BTreeMap<String, serde_json::Value>,
    },
    Settled {
        address: String,
        record: Box<RecordFile>,
    },
    Moved {
        from: String,
        to: String,
    },
    Forgotten {
        address: String,
    },
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum CallWord {
    Create,
    Update,
    Delete,
}

/// One path of an intent. `sent` stands for declared and sent alike where they are equal.
#[derive(Serialize, Deserialize)]
struct PathLine {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    declared: Option<serde_json::Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    read: Option<serde_json::Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sent: Option<serde_json::Value>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    undeclared: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    accepted: bool,
}

/// Returns the first line, its line break included.
pub fn write_header(header: &JournalHeader) -> Vec<u8> {
    let JournalHeader { owner, lineage, serial, salt, note, at } = header;
    line(&HeaderLine {
        journal: FORMAT,
        lineage: lineage.0.clone(),
        serial: serial.0,
        salt: hex::encode(salt),
        owner: owner_file(owner),
        note: note.clone(),
        at: at.clone(),
    })
}

/// Returns an entry's line, its line break included.
pub fn write_entry(entry: &Entry) -> Vec<u8> {
    line(&match entry {
        Entry::Intent(intent) => {
            let Intent { number, address, identity, call, schema, paths, depends_on, .. } = intent;
            let Intent { package, overwritten, unrecorded, .. } = intent;
            Line::Intent {
                number: *number,
                address: address.to_string(),
                identity: identity_file(identity),
                call: match call {
                    CallKind::Create => CallWord::Create,
                    CallKind::Update => CallWord::Update,
                    CallKind::Delete => CallWord::Delete,
                },
                schema: *schema,
                paths: paths.iter().map(|(path, intent)| (path.to_string(), path_line(intent))).collect(),
                depends_on: depends_on.iter().map(ToString::to_string).collect(),
                package: package.as_ref().map(package_file),
                overwritten: overwritten.as_ref().map(package_file),
                unrecorded: *unrecorded,
            }
        }
        Entry::Answer(Answer { number, done, observed, outputs }) => Line::Answer {
            number: *number,
            done: *done,
            observed: observed
                .iter()
                .map(|(path, value)| (path.to_string(), value.as_ref().map(to_json)))
                .collect(),
            outputs: outputs.iter().map(|(name, value)| (name.clone(), to_json(value))).collect(),
        },
        Entry::Settled { address, record } => {
            Line::Settled { address: address.to_string(), record: Box::new(record_file(record)) }
        }
        Entry::Moved { from, to } => Line::Moved { from: from.to_string(), to: to.to_string() },
        Entry::Forgotten { address } => Line::Forgotten { address: address.to_string() },
    })
}

fn line(value: &impl Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec(value).expect("maps with text keys are JSON");
    bytes.push(b'\n');
    bytes
}

fn path_line(intent: &PathIntent) -> PathLine {
    let PathIntent { declared, read, sent, accepted } = intent;
    let same = declared == sent;
    PathLine {
        declared: if same { None } else { declared.as_ref().map(to_json) },
        read: read.as_ref().map(to_json),
        sent: sent.as_ref().map(to_json),
        undeclared: !same && declared.is_none(),
        accepted: *accepted,
    }
}

/// Reads a journal; `None` where not even its first line was written.
pub fn read_journal(bytes: &[u8]) -> Result<Option<Journal>, ReadJournalError> {
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let mut lines = bytes[..whole].split_inclusive(|byte| *byte == b'\n').enumerate();
    let damaged = |index: usize, what: String| ReadJournalError::Damaged { line: index + 1, what };
    let Some((_, first)) = lines.next() else { return Ok(None) };
    let header: HeaderLine = serde_json::from_slice(first).map_err(|error| damaged(0, error.to_string()))?;
    if header.journal > FORMAT {
        return Err(ReadJournalError::TooNew { found: header.journal });
    }
    let HeaderLine { journal: _, lineage, serial, salt, owner, note, at } = header;
    let owner = owner_of(owner);
    let salt = hex::decode(&salt).map_err(|error| damaged(0, format!("salt: {error}")))?;
    let header = JournalHeader { owner, lineage: Lineage(lineage), serial: Serial(serial), salt, note, at };
    let mut entries = Vec::new();
    for (index, line) in lines {
        let line: Line = serde_json::from_slice(line).map_err(|error| damaged(index, error.to_string()))?;
        entries.push(entry_of(line, &header.owner).map_err(|what| damaged(index, what))?);
    }
    Ok(Some(Journal { header, entries }))
}

fn entry_of(line: Line, owner: &Owner) -> Result<Entry, String> {
    Ok(match line {
        Line::Intent {
            number,
            address,
            identity,
            call,
            schema,
            paths,
            depends_on,
            package,
            overwritten,
            unrecorded,
        } => {
            let address = parse(&address)?;
            Entry::Intent(Intent {
                number,
                identity: identity_of(identity, &address, owner),
                address,
                call: match call {
                    CallWord::Create => CallKind::Create,
                    CallWord::Update => CallKind::Update,
                    CallWord::Delete => CallKind::Delete,
                },
                schema,
                paths: paths.into_iter().map(path_of).collect::<Result<_, _>>()?,
                depends_on: depends_on.iter().map(|address| parse(address)).collect::<Result<_, _>>()?,
                package: package.map(package_of).transpose()?,
                overwritten: overwritten.map(package_of).transpose()?,
                unrecorded,
            })
        }
        Line::Answer { number, done, observed, outputs } => {
            let observed = observed
                .into_iter()
                .map(|(path, value)| Ok((parse(&path)?, value.map(from_json).transpose()?)));
            let outputs = outputs.into_iter().map(|(name, value)| Ok((name, from_json(value)?)));
            Entry::Answer(Answer {
                number,
                done,
                observed: observed.collect::<Result<_, String>>()?,
                outputs: outputs.collect::<Result<_, String>>()?,
            })
        }
        Line::Settled { address, record } => {
            let address = parse(&address)?;
            let record = Box::new(record_of(*record, &address, owner)?);
            Entry::Settled { address, record }
        }
        Line::Moved { from, to } => Entry::Moved { from: parse(&from)?, to: parse(&to)? },
        Line::Forgotten { address } => Entry::Forgotten { address: parse(&address)? },
    })
}

fn path_of((path, line): (String, PathLine)) -> Result<(Path, PathIntent), String> {
    let PathLine { declared, read, sent, undeclared, accepted } = line;
    let value = |json: Option<serde_json::Value>| -> Result<Option<Value>, String> {
        json.map(from_json).transpose()
    };
    let sent = value(sent)?;
    let declared = match value(declared)? {
        None if !undeclared => sent.clone(),
        declared => declared,
    };
    Ok((parse(&path)?, PathIntent { declared, read: value(read)?, sent, accepted }))
}

impl Journal {
    /// Says why the journal cannot continue a state; `None` where it does, or was already folded into it.
    ///
    /// Somebody put an older or another state beside it: what the journal says of calls in flight would be
    /// lost if it were left out, and wrong if it were replayed.
    pub fn stray(&self, state: Option<&State>) -> Option<String> {
        let JournalHeader { lineage, serial, .. } = &self.header;
        match state {
            // Only the first apply begins without a state.
            None if *serial == Serial(0) => None,
            None => Some(format!("it continues serial {serial}, and there is no state")),
            Some(state) if state.lineage != *lineage => {
                Some(format!("it continues the history {lineage}, and the state is of {}", state.lineage))
            }
            Some(state) if *serial > state.serial => {
                Some(format!("it continues serial {serial}, and the state is at {}", state.serial))
            }
            Some(_) => None,
        }
    }

    /// Replays the journal over the state that it continues.
    ///
    /// Returns the state as far as it was answered, and the intents whose answers were lost: what became of
    /// them only a reading can tell. A journal of another lineage or serial was already folded into a newer
    /// state and changes nothing.
    pub fn replay(&self, state: Option<State>) -> (State, Vec<Intent>) {
        let JournalHeader { owner, lineage, serial, salt, note: _, at: _ } = &self.header;
        let mut state = state.unwrap_or_else(|| State::new(owner.clone(), lineage.clone(), salt.clone()));
        if state.lineage != *lineage || state.serial != *serial {
            return (state, Vec::new());
        }
        let mut open = BTreeMap::new();
        for entry in &self.entries {
            match entry {
                Entry::Intent(intent) => {
                    open.insert(intent.number, intent.clone());
                }
                Entry::Answer(answer) => {
                    if let Some(intent) = open.remove(&answer.number) {
                        state.complete(&intent, answer);
                    }
                }
                other => state.apply(other),
            }
        }
        if self.kept().is_some() {
            state.applied = Some(*serial);
        }
        (state, open.into_values().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Address, Identity};
    use crate::state::{Record, Recorded};

    fn header() -> JournalHeader {
        let text = str::to_owned;
        let owner = Owner {
            project: text("p"),
            file: text("s.yaml"),
            cloud: text("embedded"),
            account: text("1"),
            environment: None,
        };
        JournalHeader {
            owner,
            lineage: Lineage(text("l")),
            serial: Serial(3),
            salt: vec![1, 2],
            note: text("apply"),
            at: Some(text("2026-11-22T16:00:00Z")),
        }
    }

    fn entries() -> Vec<Entry> {
        let text = str::to_owned;
        let address = Address::new("fc3_function", "a");
        let identity = Identity {
            cloud: text("embedded"),
            account: text("1"),
            region: text("r"),
            kind: text("fc3_function"),
            parent: None,
            name: text("a"),
        };
        let path: Path = "environmentVariables[\"A\"]".parse().expect("a path");
        let one = |declared: Option<&str>, sent: Option<&str>| PathIntent {
            declared: declared.map(Value::from),
            read: Some("old".into()),
            sent: sent.map(Value::from),
            accepted: sent.is_none(),
        };
        let intent = |number, pair| {
            Entry::Intent(Intent {
                number,
                address: address.clone(),
                identity: identity.clone(),
                call: CallKind::Update,
                schema: 1,
                paths: [(path.clone(), pair)].into(),
                depends_on: [Address::new("fc3_function", "b")].into(),
                package: None,
                overwritten: None,
                unrecorded: false,
            })
        };
        let mut record = Record::new(identity.clone(), 1);
        record.settle(&path, Recorded { declared: None, observed: Some("x".into()), accepted: true });
        vec![
            intent(1, one(Some("v"), Some("v"))),
            Entry::Answer(Answer {
                number: 1,
                done: true,
                observed: [(path.clone(), None)].into(),
                outputs: BTreeMap::new(),
            }),
            intent(2, one(None, Some("v"))),
            intent(3, one(Some("v"), None)),
            intent(4, one(None, None)),
            Entry::Settled { address: address.clone(), record: Box::new(record) },
            Entry::Moved { from: address.clone(), to: Address::new("fc3_function", "c") },
            Entry::Forgotten { address },
        ]
    }

    fn bytes() -> Vec<u8> {
        let mut bytes = write_header(&header());
        for entry in entries() {
            bytes.extend(write_entry(&entry));
        }
        bytes
    }

    #[test]
    fn a_journal_reads_back_as_itself() {
        let journal = read_journal(&bytes()).expect("a journal").expect("a header");
        assert_eq!(journal, Journal { header: header(), entries: entries() });
    }

    #[test]
    fn cut_anywhere_it_is_its_whole_lines() {
        let bytes = bytes();
        for cut in 0..bytes.len() {
            let whole = bytes[..cut].split(|byte| *byte == b'\n').count() - 1;
            let journal = read_journal(&bytes[..cut]).expect("cut is not damaged");
            assert_eq!(journal.map_or(0, |journal| journal.entries.len() + 1), whole);
        }
    }

    #[test]
    fn damage_in_the_middle_is_told() {
        let mut bytes = bytes();
        let second = bytes.iter().position(|byte| *byte == b'\n').expect("lines") + 1;
        bytes[second] = b'#';
        assert!(matches!(read_journal(&bytes), Err(ReadJournalError::Damaged { line: 2, .. })));
    }

    #[test]
    fn an_intent_without_an_answer_stays_open() {
        let journal = Journal { header: header(), entries: entries() };
        let mut state = State::new(header().owner, header().lineage, vec![1, 2]);
        state.serial = Serial(3);
        let (_, open) = journal.replay(Some(state.clone()));
        assert_eq!(open.iter().map(|intent| intent.number).collect::<Vec<_>>(), [2, 3, 4]);
        state.serial = Serial(4); // the apply had ended: only its journal was left behind
        assert_eq!(journal.replay(Some(state.clone())), (state, vec![]));
    }
}
