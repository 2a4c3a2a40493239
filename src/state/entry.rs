//! One thing that an apply learned.
//!
//! An *intent* is written before a call, an *answer* after it; the other entries record without a call. An
//! intent alone changes nothing: it is a promise to find out. An answer refers to its intent by number.

use std::collections::{BTreeMap, BTreeSet};

use super::{Record, Recorded, RecordedPackage, State};
use crate::model::{Address, Identity, Path, Value};

/// One line of the journal.
#[expect(clippy::large_enum_variant, reason = "most lines are intents")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A call is about to be made.
    Intent(Intent),
    /// What came of it.
    Answer(Answer),
    /// Paths were settled without a call: they converged, were accepted, or are no longer declared.
    Settled {
        /// The resource.
        address: Address,
        /// What it is now recorded as; made anew where there was no record.
        record: Box<Record>,
    },
    /// A record changed its address.
    Moved {
        /// Its old address.
        from: Address,
        /// Its new one.
        to: Address,
    },
    /// A record was dropped; nothing was written to the cloud.
    Forgotten {
        /// Its address.
        address: Address,
    },
}

/// The kinds of calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallKind {
    /// Make it.
    Create,
    /// Change it.
    Update,
    /// Remove it.
    Delete,
}

/// What a call is about to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    /// Its number within the journal.
    pub number: u64,
    /// The resource.
    pub address: Address,
    /// What the cloud knows it by.
    pub identity: Identity,
    /// What is asked.
    pub call: CallKind,
    /// The version of the schema.
    pub schema: u32,
    /// Every path that the call writes: for a create, all that it carries. For a delete all that was there, and
    /// marked as accepted where the configuration goes on declaring it.
    pub paths: BTreeMap<Path, PathIntent>,
    /// What the resource depends on.
    pub depends_on: BTreeSet<Address>,
    /// The package that is sent.
    pub package: Option<RecordedPackage>,
    /// The live package that the call overwrites or takes away.
    pub overwritten: Option<RecordedPackage>,
    /// It is in no configuration: nothing of it is recorded.
    pub unrecorded: bool,
}

/// What a call is about to do to one path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PathIntent {
    /// What the configuration says.
    pub declared: Option<Value>,
    /// What was read just before.
    pub read: Option<Value>,
    /// What is sent; `None` for the empty form, or gone.
    pub sent: Option<Value>,
    /// A decision keeps what is sent although the configuration says otherwise.
    pub accepted: bool,
}

/// What came of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The intent that it answers.
    pub number: u64,
    /// Whether the service did it. `false`: it refused, or a later reading showed that nothing came of it.
    pub done: bool,
    /// What the answer shows, by path; paths that it does not show stand as they were sent.
    pub observed: BTreeMap<Path, Option<Value>>,
    /// The outputs that the answer shows.
    pub outputs: BTreeMap<String, Value>,
}

/// Records what an entry says. Intents are kept by whoever reads the journal; see [`State::complete`].
pub(super) fn apply(state: &mut State, entry: &Entry) {
    match entry {
        Entry::Intent(_) | Entry::Answer(_) => {} // they count in pairs
        Entry::Settled { address, record } => {
            state.park(address, &record.identity);
            state.records.insert(address.clone(), (**record).clone());
        }
        Entry::Moved { from, to } => {
            if let Some(record) = state.records.remove(from) {
                state.records.insert(to.clone(), record);
            }
        }
        Entry::Forgotten { address } => {
            state.records.remove(address);
        }
    }
}

impl State {
    /// Records a call that was answered.
    pub fn complete(&mut self, intent: &Intent, answer: &Answer) {
        if !answer.done {
            return;
        }
        if intent.call == CallKind::Delete {
            // A replace by a new identity deletes the old resource after the new one took its address.
            let mut gone = None;
            for address in [intent.address.clone(), intent.address.parked(&intent.identity)] {
                if self.records.get(&address).is_some_and(|record| record.identity == intent.identity) {
                    gone = self.records.remove(&address);
                }
            }
            if intent.paths.values().any(|path| path.accepted) {
                self.records.insert(intent.address.clone(), absent(intent, gone));
            }
            return;
        }
        if intent.unrecorded {
            return;
        }
        self.park(&intent.address, &intent.identity);
        let fresh = || Record::new(intent.identity.clone(), intent.schema);
        let record = self.records.entry(intent.address.clone()).or_insert_with(fresh);
        if intent.call == CallKind::Create {
            *record = fresh();
        }
        // The record now answers for every path that this schema knows.
        record.schema = intent.schema;
        record.accepted_absent = false;
        record.depends_on.clone_from(&intent.depends_on);
        record.outputs.extend(answer.outputs.clone());
        if intent.package.is_some() {
            record.package.clone_from(&intent.package);
        }
        let others: Vec<(&Path, &Option<Value>)> =
            answer.observed.iter().filter(|(path, _)| record.was_made_by(intent, path)).collect();
        for (path, observed) in others {
            let observed = observed.clone();
            record.settle(path, Recorded { declared: None, observed, accepted: false });
        }
        for (path, written) in &intent.paths {
            let observed = answer.observed.get(path).unwrap_or(&written.sent).clone();
            let PathIntent { declared, accepted, .. } = written;
            record.settle(path, Recorded { declared: declared.clone(), observed, accepted: *accepted });
        }
    }
}

/// The record of a resource that went although the configuration declares it.
fn absent(intent: &Intent, before: Option<Record>) -> Record {
    let mut record = Record::new(intent.identity.clone(), intent.schema);
    record.accepted_absent = true;
    for (path, PathIntent { declared, .. }) in &intent.paths {
        record.settle(path, Recorded { declared: declared.clone(), observed: None, accepted: false });
    }
    record.depends_on.clone_from(&intent.depends_on);
    record.outputs = before.map(|before| before.outputs).unwrap_or_default();
    record
}

impl State {
    /// Moves the record of another resource away from an address that is about to be taken.
    ///
    /// The old resource of a replacement outlives the new one's creation. Until it is deleted its record stands
    /// under an address that no configuration can declare, so that whatever interrupts the two, the next plan
    /// finds a resource that left the configuration and not somebody else's.
    fn park(&mut self, address: &Address, identity: &Identity) {
        if let Some(old) = self.records.remove(address) {
            let other = old.identity != *identity;
            let to = if other { address.parked(&old.identity) } else { address.clone() };
            self.records.insert(to, old);
        }
    }
}

impl Record {
    /// Returns whether a path that a call did not carry came into being with it: with the whole resource, or with an
    /// element or object of which nothing was there before.
    fn was_made_by(&self, intent: &Intent, path: &Path) -> bool {
        if intent.paths.contains_key(path) {
            return false;
        }
        let is_new = |object: &Path| {
            let mut inside = self.paths.range(object..).take_while(|(path, _)| path.is_within(object));
            inside.all(|(_, recorded)| recorded.observed.is_none())
        };
        let mut objects = intent.paths.keys().filter_map(|written| path.shared_object(written));
        intent.call == CallKind::Create || objects.any(|object| is_new(&object))
    }

    /// Records a path; one that is neither declared nor observed needs no record.
    ///
    /// Code is recorded as files or as one package, never as both.
    pub fn settle(&mut self, path: &Path, recorded: Recorded) {
        if path.is_code() && path.code_file().is_none() {
            self.paths.retain(|other, _| !other.is_code());
        } else if path.is_code() {
            self.paths.remove(&Path::field("code"));
        }
        if recorded.declared.is_none() && recorded.observed.is_none() && !recorded.accepted {
            self.paths.remove(path);
        } else {
            self.paths.insert(path.clone(), recorded);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::{Lineage, Owner};

    fn state() -> State {
        let text = str::to_owned;
        let owner = Owner {
            project: text("p"),
            file: text("s.yaml"),
            cloud: text("embedded"),
            account: text("1"),
            environment: None,
        };
        State::new(owner, Lineage(text("l")), vec![1])
    }

    fn intent(call: CallKind, paths: &[(&str, Option<i32>, Option<i32>)]) -> Intent {
        let text = str::to_owned;
        let path_intent = |declared: Option<i32>, sent: Option<i32>| PathIntent {
            declared: declared.map(Value::int),
            read: None,
            sent: sent.map(Value::int),
            accepted: false,
        };
        Intent {
            number: 1,
            address: Address::new("fc3_function", "a"),
            identity: Identity {
                cloud: text("embedded"),
                account: text("1"),
                region: text("r"),
                kind: text("fc3_function"),
                parent: None,
                name: text("a"),
            },
            call,
            schema: 1,
            paths: paths
                .iter()
                .map(|(path, d, s)| (path.parse().expect("a path"), path_intent(*d, *s)))
                .collect(),
            depends_on: BTreeSet::new(),
            package: None,
            overwritten: None,
            unrecorded: false,
        }
    }

    fn answer(done: bool, observed: &[(&str, i32)]) -> Answer {
        let observed =
            observed.iter().map(|(p, v)| (p.parse().expect("a path"), Some(Value::int(*v)))).collect();
        Answer { number: 1, done, observed, outputs: BTreeMap::new() }
    }

    #[track_caller]
    fn check(state: &State, path: &str, declared: Option<i32>, observed: Option<i32>) {
        let record = &state.records[&Address::new("fc3_function", "a")];
        let recorded = record.paths.get(&path.parse().expect("a path")).cloned().unwrap_or_default();
        assert_eq!(
            (recorded.declared, recorded.observed),
            (declared.map(Value::int), observed.map(Value::int))
        );
    }

    #[test]
    fn a_create_records_what_it_carried_and_what_was_answered() {
        let mut state = state();
        let create = intent(CallKind::Create, &[("memorySize", Some(512), Some(512))]);
        state.complete(&create, &answer(true, &[("memorySize", 512), ("timeout", 3)]));
        check(&state, "memorySize", Some(512), Some(512));
        check(&state, "timeout", None, Some(3));
    }

    #[test]
    fn an_update_records_only_the_paths_that_it_wrote() {
        let mut state = state();
        let create = intent(CallKind::Create, &[("memorySize", Some(512), Some(512))]);
        state.complete(&create, &answer(true, &[("memorySize", 512), ("timeout", 3)]));
        let update = intent(CallKind::Update, &[("memorySize", Some(1024), Some(1024))]);
        // Somebody moved the timeout meanwhile; recording it here would swallow that edit.
        state.complete(&update, &answer(true, &[("memorySize", 1024), ("timeout", 60)]));
        check(&state, "memorySize", Some(1024), Some(1024));
        check(&state, "timeout", None, Some(3));
    }

    #[test]
    fn a_refused_call_records_nothing() {
        let mut state = state();
        let create = intent(CallKind::Create, &[("memorySize", Some(512), Some(512))]);
        state.complete(&create, &answer(false, &[]));
        assert!(state.records.is_empty());
    }
}
