//! What an apply did to the cloud, read from its journal: of every resource what was there before, and after.
//!
//! The journal holds for each call what was read just before it and what it sent, so nothing else has to be kept.
//! Of an apply that ended only the calls are kept that were carried out; see [`Journal::kept`].

use std::collections::{BTreeMap, BTreeSet};

use super::{Answer, CallKind, Entry, Intent, Journal, JournalHeader, Lineage, RecordedPackage, Serial};
use crate::model::{Address, Attributes, Digest, Identity, Path, Value};

/// The last apply that wrote to the cloud.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastApply {
    /// Which command, and by whom; for people.
    pub note: String,
    /// When it began, where its journal says so.
    pub at: Option<String>,
    /// The history that it is of.
    pub lineage: Lineage,
    /// The serial that it continued.
    pub serial: Serial,
    /// The resources that it wrote, by what the cloud knows them by.
    pub touched: BTreeMap<Identity, Touched>,
}

/// One resource that an apply wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touched {
    /// Its address then.
    pub address: Address,
    /// What was done to it, and when in the order of all calls: first what was done first.
    pub calls: Vec<Called>,
    /// What was there before: of a change its paths, else the whole resource; `None` where it was absent.
    pub before: Option<BTreeMap<Path, Option<Value>>>,
    /// What was there after, likewise.
    pub after: Option<BTreeMap<Path, Option<Value>>>,
    /// The package that was overwritten, or went.
    pub package_before: Option<RecordedPackage>,
    /// The package that was sent.
    pub package_after: Option<RecordedPackage>,
    /// What it depended on.
    pub depends_on: BTreeSet<Address>,
}

/// One call that was carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Called {
    /// Its place among all calls.
    pub at: usize,
    /// What was asked.
    pub kind: CallKind,
}

impl Touched {
    /// Returns whether it was only changed: it stood before and after, and the paths are those that were written.
    pub fn is_changed(&self) -> bool {
        self.calls.iter().all(|call| call.kind == CallKind::Update)
    }

    /// Returns the code that it had afterwards, file by file, where all of it is known.
    pub fn code_after(&self) -> Attributes {
        let after = self.after.iter().flatten().filter(|(path, _)| path.is_code() && !self.is_changed());
        after.filter_map(|(path, value)| Some((path.clone(), value.clone()?))).collect()
    }
}

impl Journal {
    /// Returns what is kept of an apply that ended: the calls that were carried out. `None` where none was.
    #[must_use]
    pub fn kept(&self) -> Option<Self> {
        let entries: Vec<Entry> = self
            .carried_out()
            .into_iter()
            .flat_map(|(intent, answer)| [Entry::Intent(intent.clone()), Entry::Answer(answer.clone())])
            .collect();
        (!entries.is_empty()).then(|| Self { header: self.header.clone(), entries })
    }

    /// Returns the kept copies of the packages that it overwrote or took away.
    pub fn overwritten(&self) -> impl Iterator<Item = Digest> {
        self.entries.iter().filter_map(|entry| match entry {
            Entry::Intent(intent) => intent.overwritten.as_ref()?.digest,
            _ => None,
        })
    }

    /// Returns what it did.
    pub fn last_apply(&self) -> LastApply {
        let JournalHeader { lineage, serial, note, at, .. } = self.header.clone();
        let mut touched = BTreeMap::new();
        for (place, (intent, answer)) in self.carried_out().into_iter().enumerate() {
            add(&mut touched, place, intent, answer);
        }
        LastApply { note, at, lineage, serial, touched }
    }

    /// The calls that changed something, in the order in which they were answered.
    fn carried_out(&self) -> Vec<(&Intent, &Answer)> {
        let mut open = BTreeMap::new();
        let mut done = Vec::new();
        for entry in &self.entries {
            match entry {
                Entry::Intent(intent) => {
                    open.insert(intent.number, intent);
                }
                Entry::Answer(answer) => {
                    let intent = open.remove(&answer.number).filter(|_| answer.done);
                    // What became known and was live already is recorded without a call.
                    let wrote = |intent: &&Intent| {
                        intent.call != CallKind::Update
                            || intent.paths.values().any(|path| path.read != path.sent)
                    };
                    done.extend(intent.filter(wrote).map(|intent| (intent, answer)));
                }
                Entry::Settled { .. } | Entry::Moved { .. } | Entry::Forgotten { .. } => {}
            }
        }
        done
    }
}

fn add(touched: &mut BTreeMap<Identity, Touched>, at: usize, intent: &Intent, answer: &Answer) {
    let Intent { address, identity, call, paths, depends_on, package, overwritten, .. } = intent;
    let read = || paths.iter().map(|(path, inner)| (path.clone(), inner.read.clone()));
    let present = |(path, value): (Path, Option<Value>)| Some((path, Some(value?)));
    let mut left: BTreeMap<Path, Option<Value>> =
        paths.iter().map(|(path, inner)| (path.clone(), inner.sent.clone())).collect();
    let seen =
        answer.observed.iter().filter(|(path, _)| *call == CallKind::Create || left.contains_key(*path));
    let seen: Vec<_> = seen.map(|(path, value)| (path.clone(), value.clone())).collect();
    left.extend(seen);
    let (before, after) = match call {
        CallKind::Create => (None, Some(left.into_iter().filter_map(present).collect())),
        CallKind::Update => (Some(read().collect()), Some(left)),
        CallKind::Delete => (Some(read().filter_map(present).collect()), None),
    };
    let (packages, called) = ((overwritten.clone(), package.clone()), Called { at, kind: *call });
    match touched.entry(identity.clone()) {
        std::collections::btree_map::Entry::Vacant(new) => {
            new.insert(Touched {
                address: address.clone(),
                calls: vec![called],
                before,
                after,
                package_before: packages.0,
                package_after: packages.1,
                depends_on: depends_on.clone(),
            });
        }
        // It was removed and made again.
        std::collections::btree_map::Entry::Occupied(mut known) => {
            let known = known.get_mut();
            known.calls.push(called);
            known.after = after;
            known.package_after = packages.1;
            known.depends_on.extend(depends_on.iter().cloned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::{Owner, PathIntent};

    fn intent(number: u64, call: CallKind, paths: &[(&str, Option<i32>, Option<i32>)]) -> Entry {
        let text = str::to_owned;
        let inner = |read: Option<i32>, sent: Option<i32>| PathIntent {
            read: read.map(Value::int),
            sent: sent.map(Value::int),
            ..PathIntent::default()
        };
        Entry::Intent(Intent {
            number,
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
            paths: paths.iter().map(|(p, r, s)| (p.parse().expect("a path"), inner(*r, *s))).collect(),
            depends_on: BTreeSet::new(),
            package: None,
            overwritten: None,
            unrecorded: false,
        })
    }

    fn answer(number: u64, done: bool, observed: &[(&str, i32)]) -> Entry {
        let observed = observed.iter().map(|(p, v)| (p.parse().expect("a path"), Some(Value::int(*v))));
        Entry::Answer(Answer { number, done, observed: observed.collect(), outputs: BTreeMap::new() })
    }

    fn journal(entries: Vec<Entry>) -> Journal {
        let text = str::to_owned;
        let owner = Owner {
            project: text("p"),
            file: text("s.yaml"),
            cloud: text("embedded"),
            account: text("1"),
            environment: None,
        };
        let header = JournalHeader {
            owner,
            lineage: Lineage(text("l")),
            serial: Serial(3),
            salt: vec![1],
            note: text("triform apply"),
            at: None,
        };
        Journal { header, entries }
    }

    fn paths(all: &[(&str, Option<i32>)]) -> BTreeMap<Path, Option<Value>> {
        all.iter().map(|(path, value)| (path.parse().expect("a path"), value.map(Value::int))).collect()
    }

    #[test]
    fn of_a_change_both_ends_of_every_path_that_was_written() {
        let written = [("memorySize", Some(1024), Some(512)), ("timeout", None, Some(9))];
        let journal = journal(vec![
            intent(0, CallKind::Update, &written),
            answer(0, true, &[("timeout", 10), ("cpu", 2)]),
        ]);
        let last = journal.last_apply();
        let touched = last.touched.values().next().expect("one");
        assert!(touched.is_changed());
        assert_eq!(touched.before, Some(paths(&[("memorySize", Some(1024)), ("timeout", None)])));
        // As the answer showed it; what it shows beside was not written.
        assert_eq!(touched.after, Some(paths(&[("memorySize", Some(512)), ("timeout", Some(10))])));
    }

    #[test]
    fn of_what_was_made_again_the_whole_before_and_the_whole_after() {
        let journal = journal(vec![
            intent(0, CallKind::Delete, &[("memorySize", Some(1024), None)]),
            answer(0, true, &[]),
            intent(1, CallKind::Create, &[("memorySize", None, Some(512))]),
            answer(1, true, &[("timeout", 3)]),
        ]);
        let last = journal.last_apply();
        let touched = last.touched.values().next().expect("one");
        assert_eq!(touched.before, Some(paths(&[("memorySize", Some(1024))])));
        assert_eq!(touched.after, Some(paths(&[("memorySize", Some(512)), ("timeout", Some(3))])));
        assert_eq!(touched.calls.iter().map(|call| call.at).collect::<Vec<_>>(), [0, 1]);
    }

    #[test]
    fn what_was_refused_or_needed_no_call_is_not_kept() {
        let journal = journal(vec![
            intent(0, CallKind::Update, &[("memorySize", Some(1024), Some(512))]),
            answer(0, false, &[]),
            intent(1, CallKind::Update, &[("memorySize", Some(512), Some(512))]),
            answer(1, true, &[]),
            intent(2, CallKind::Delete, &[("memorySize", Some(512), None)]),
        ]);
        assert_eq!(journal.kept(), None);
    }
}
