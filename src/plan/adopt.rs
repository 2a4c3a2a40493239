//! What can be adopted into the project, and what is recorded once it was.
//!
//! Adopting is the second half of use-live: the live value becomes what the project says, so that nothing is left to
//! keep apart. Which places that is about follows from a plan alone; that they agree afterwards is seen in a second
//! plan, made with the project as it will be. Only places that were adopted are recorded: what converged by itself and
//! what somebody else edited is left to the next apply.

use std::collections::{BTreeMap, BTreeSet};

use super::settle::{self, settle_package};
use super::{Action, Change, Choice, Decisions, PathChange, PathOutcome, Plan, QuestionKind, Selector};
use crate::model::{Address, Path, Planned, SchemaSet};
use crate::state::{Entry, Record, Recorded};

/// Something that use-live keeps, or kept before, although the project says otherwise.
#[derive(Clone, Copy, Debug)]
pub enum Kept<'a> {
    /// One place of a resource.
    Path(&'a Change, &'a Path, &'a PathChange),
    /// The resource as a whole: its entry would have to be written, removed or renamed.
    Whole(&'a Change, QuestionKind),
}

impl<'a> Kept<'a> {
    /// Returns the resource.
    pub fn change(self) -> &'a Change {
        match self {
            Self::Path(change, ..) | Self::Whole(change, _) => change,
        }
    }
}

/// Returns everything that a plan keeps as it is live, in the order of addresses and paths.
///
/// The plan was made with these decisions; they also say which of the places are meant that were accepted before.
pub fn kept<'a>(plan: &'a Plan, decisions: &Decisions) -> Vec<Kept<'a>> {
    let mut kept = Vec::new();
    for change in plan.changes.values() {
        let answers = decisions.about(&change.address);
        let meant = |path: &Path| answers.of(path) == Some(Choice::UseLive);
        if change.stays_absent() && change.question.is_none() {
            if meant(&Path::root()) {
                kept.push(Kept::Whole(change, QuestionKind::DeletedOnline));
            }
            continue;
        }
        if let Some(question) = &change.question {
            let live = question.decision == Some(Choice::UseLive);
            let inside = question.kind == QuestionKind::Exists && change.action == Action::TakeOver
                || question.kind == QuestionKind::ReplacedAndDrifted && change.old_identity.is_none();
            if !inside {
                // A child follows its parent, which is told.
                if live && question.covered_by.is_none() {
                    kept.push(Kept::Whole(change, question.kind));
                }
                continue;
            }
            if !live {
                continue;
            }
        }
        for (path, inner) in &change.paths {
            let before = inner.recorded.as_ref().is_some_and(|recorded| recorded.accepted);
            let is_kept = match inner.outcome {
                PathOutcome::Accept => true,
                PathOutcome::Keep => before && meant(path),
                _ => false,
            };
            if is_kept {
                kept.push(Kept::Path(change, path, inner));
            }
        }
    }
    kept
}

/// Returns the answers that a plan was made with, each for its own place.
pub fn decided(plan: &Plan) -> Decisions {
    let mut decisions = Decisions::default();
    for change in plan.changes.values() {
        let whole = change.question.as_ref().filter(|question| question.covered_by.is_none());
        if let Some(choice) = whole.and_then(|question| question.decision) {
            decisions.answer(Some(Selector::exact(&change.address, &Path::root())), choice);
        }
        for (path, inner) in &change.paths {
            if let Some(choice) = inner.decision {
                decisions.answer(Some(Selector::exact(&change.address, path)), choice);
            }
        }
    }
    decisions
}

/// Places of resources.
pub type Places = BTreeMap<Address, BTreeSet<Path>>;

/// Returns what is to be recorded of places that were adopted. `plan` was made with the project as it is now.
///
/// `merged` are those where the project says more than what is live, such as a file that holds the edits of both
/// sides: they are recorded as if the project had said what is live, so that the rest is an edit like any other.
pub fn adopted(
    plan: &Plan,
    records: &BTreeMap<Address, Record>,
    schemas: &SchemaSet,
    places: &Places,
    merged: &Places,
) -> Vec<Entry> {
    let none = BTreeSet::new();
    let mut entries = gone(plan, places);
    let addresses: BTreeSet<&Address> = places.keys().chain(merged.keys()).collect();
    let changes = addresses.into_iter().filter_map(|address| plan.changes.get(address));
    for change in changes.filter(|change| change.action != Action::Forget) {
        let version = schemas.get(&change.identity.kind).map_or(1, |schema| schema.version);
        let address = change.moved_from.as_ref().unwrap_or(&change.address);
        let before = records.get(address);
        let mut record = match (change.action, before) {
            (Action::TakeOver, _) => settle::settled(change, None, version),
            (_, Some(before)) => Some(settle::by_files(change, before)),
            (_, None) => None,
        };
        let Some(record) = &mut record else { continue };
        let of = |places: &'_ Places| places.get(&change.address).unwrap_or(&none).clone();
        for (paths, is_merged) in [(of(places), false), (of(merged), true)] {
            for path in paths {
                let Some(inner) = change.paths.get(&path) else { continue };
                let desired = inner.desired.as_ref().and_then(Planned::known);
                let declared = if is_merged { inner.live.as_ref() } else { desired };
                let (declared, observed) = (declared.cloned(), inner.live.clone());
                record.settle(&path, Recorded { declared, observed, accepted: false });
            }
        }
        settle_package(record, change, before);
        if Some(&*record) != before {
            entries.push(Entry::Settled { address: address.clone(), record: Box::new(record.clone()) });
        }
    }
    entries
}

/// Returns what is recorded of resources that were deleted online and that the project declares no more: they are
/// adopted as a whole, with their children, which go first.
fn gone(plan: &Plan, places: &Places) -> Vec<Entry> {
    let whole = |address: &Address| places.get(address).is_some_and(|paths| paths.contains(&Path::root()));
    let forgotten = plan.changes.values().filter(|change| change.action == Action::Forget);
    let (children, parents): (Vec<&Change>, Vec<&Change>) = forgotten
        .filter(|change| whole(&change.address))
        .partition(|change| change.identity.parent.is_some());
    let entry = |change: &Change| Entry::Forgotten { address: change.address.clone() };
    children.into_iter().chain(parents).map(entry).collect()
}

/// Returns whether a place is settled in a plan that was made with the project as it is now: both sides agree on it.
pub fn agrees(plan: &Plan, address: &Address, path: &Path) -> bool {
    let Some(change) = plan.changes.get(address) else { return path.is_root() };
    match change.paths.get(path) {
        Some(inner) => inner.outcome == PathOutcome::Record,
        // As a whole: it is nowhere any more.
        None => !path.is_root() || change.action == Action::Forget,
    }
}
