//! What an approved plan records without a call: moves, dropped records, what converged, what was accepted.

use std::collections::{BTreeMap, BTreeSet};

use super::code::unpacked;
use super::moves::in_order;
use super::order::deletes_old;
use super::{Action, Change, Choice, PathOutcome, Plan, QuestionKind};
use crate::model::{Address, Path, Planned, SchemaSet, Value};
use crate::state::{Entry, Record, Recorded, RecordedPackage};

/// Returns the entries, in the order they are to be recorded. All values are of the approved readings.
pub fn settlements(plan: &Plan, records: &BTreeMap<Address, Record>, schemas: &SchemaSet) -> Vec<Entry> {
    let mut entries = Vec::new();
    // Moves go first, so that everything below speaks of the new addresses.
    let moves = plan
        .changes
        .values()
        .filter_map(|change| change.moved_from.as_ref().map(|from| (from, &change.address)));
    let moved_away: BTreeSet<&Address> = moves.clone().map(|(from, _)| from).collect();
    entries.extend(in_order(moves, records));
    // Children before their parents: were the list cut in between, a child that is let go of must not be left alone
    // with the record of a child that simply left.
    let (children, parents): (Vec<&Change>, Vec<&Change>) =
        plan.changes.values().partition(|change| change.identity.parent.is_some());
    for change in children.into_iter().chain(parents) {
        if change.action == Action::Forget {
            entries.push(Entry::Forgotten { address: change.address.clone() });
            continue;
        }
        let before = match &change.moved_from {
            Some(from) => records.get(from),
            None => records.get(&change.address).filter(|_| !moved_away.contains(&change.address)),
        };
        // What is not deleted and gets no other address is let go of, or is gone already.
        let another = before.is_some_and(|before| before.identity != change.identity);
        if another && !deletes_old(change) && change.action != Action::Keep {
            entries.push(Entry::Forgotten { address: change.address.clone() });
        }
        let version = schemas.get(&change.identity.kind).map_or(1, |schema| schema.version);
        if let Some(record) = settled(change, before, version)
            && Some(&record) != before
        {
            entries.push(Entry::Settled { address: change.address.clone(), record: Box::new(record) });
        }
    }
    entries
}

/// Returns the record of a change as it stands before any of its calls; `None` where there is none yet.
pub(super) fn settled(change: &Change, before: Option<&Record>, version: u32) -> Option<Record> {
    let let_be = change.question.as_ref().is_some_and(|question| question.decision == Some(Choice::UseLive));
    let deleted_online =
        change.question.as_ref().is_some_and(|question| question.kind == QuestionKind::DeletedOnline);
    let fresh = || Record::new(change.identity.clone(), version);
    let mut record = match change.action {
        Action::TakeOver => fresh(),
        Action::Create | Action::Delete | Action::Replace | Action::Release | Action::Forget => return None,
        Action::Record if deleted_online && let_be => {
            let mut record = before.cloned().unwrap_or_else(fresh);
            accept_absence(&mut record, change);
            return Some(record);
        }
        Action::Keep | Action::Record | Action::Update => match &change.live {
            Some(live) => unpacked(before?, live).or_else(|| before.cloned())?,
            None => before?.clone(),
        },
    };
    for (path, inner) in &change.paths {
        let desired = inner.desired.as_ref().and_then(Planned::known).cloned();
        match inner.outcome {
            PathOutcome::Record => {
                record.settle(
                    path,
                    Recorded { declared: desired, observed: inner.live.clone(), accepted: false },
                );
            }
            PathOutcome::Accept if !inner.learns() => {
                record.settle(
                    path,
                    Recorded { declared: desired, observed: inner.live.clone(), accepted: true },
                );
            }
            PathOutcome::Accept
            | PathOutcome::Write(_)
            | PathOutcome::Keep
            | PathOutcome::Ignore
            | PathOutcome::Open(_) => {}
        }
    }
    if change.paths.values().all(|path| !matches!(path.outcome, PathOutcome::Write(_))) {
        record.schema = version;
        record.depends_on.clone_from(&change.depends_on);
    }
    if let Some(live) = &change.live {
        record.outputs.clone_from(&live.outputs);
        settle_package(&mut record, change, before);
    }
    Some(record)
}

/// Returns the record as it is compared: by files where an opaque package was replaced by the project's.
pub(super) fn by_files(change: &Change, before: &Record) -> Record {
    change.live.as_ref().and_then(|live| unpacked(before, live)).unwrap_or_else(|| before.clone())
}

fn accept_absence(record: &mut Record, change: &Change) {
    record.accepted_absent = true;
    record.paths.clear();
    for (path, value) in &change.desired {
        record.settle(path, Recorded { declared: value.known().cloned(), observed: None, accepted: false });
    }
    record.depends_on.clone_from(&change.depends_on);
    record.package = None;
}

/// Records the live archive where the observed code is now the live code.
pub(super) fn settle_package(record: &mut Record, change: &Change, before: Option<&Record>) {
    let Some(live) = &change.live else { return };
    let code = |path: &&Path| path.is_code();
    let files = live.attributes.keys().filter(code).count();
    let same = |(path, value): (&Path, &Value)| {
        record.paths.get(path).is_some_and(|recorded| recorded.observed.as_ref() == Some(value))
    };
    let observed =
        record.paths.iter().filter(|(path, recorded)| path.is_code() && recorded.observed.is_some()).count();
    let equal = observed == files && live.attributes.iter().filter(|(path, _)| path.is_code()).all(same);
    if let (true, Some(package)) = (equal && files > 0, &live.package) {
        let kept = before
            .and_then(|before| before.package.as_ref())
            .filter(|kept| kept.checksum == package.checksum);
        let digest = kept.and_then(|kept| kept.digest).or(package_digest(change));
        record.package = Some(RecordedPackage { checksum: package.checksum.clone(), digest });
    }
}

/// The kept copy of the live archive, where one was downloaded for this plan.
fn package_digest(change: &Change) -> Option<crate::model::Digest> {
    change.live.as_ref().and_then(|live| live.archive)
}
