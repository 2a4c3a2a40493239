//! The calls of an undo, in the reverse order of what they undo.
//!
//! The apply went from one world to another over worlds that the service allowed. Going back the same way needs no
//! other rule: whatever belongs together (a resource and what it belongs to, needs, or took the place of) is undone
//! last that was done first. One thing is put before its turn: what the configuration promises of a resource that is
//! made anew on the way is known only once that stands, and is recorded by whoever is promised it.

use std::collections::{BTreeMap, BTreeSet};

use super::super::order::{calls, group_of};
use super::super::{Change, Step, StepId, StepKind};
use crate::model::{Address, Identity, Planned, SchemaSet};
use crate::state::{CallKind, LastApply};

pub(super) fn steps(changes: &BTreeMap<Address, Change>, last: &LastApply, schemas: &SchemaSet) -> Vec<Step> {
    let drafts = calls(changes);
    // When the call that a step undoes was made.
    let place = |kind: StepKind, identity: &Identity| {
        let undone = match kind {
            StepKind::Create => CallKind::Delete,
            StepKind::Update => CallKind::Update,
            StepKind::Delete => CallKind::Create,
        };
        let calls = last.touched.get(identity).map(|touched| &touched.calls);
        let call = calls.into_iter().flatten().find(|call| call.kind == undone);
        call.map_or(0, |call| call.at)
    };
    let places: Vec<usize> = drafts.iter().map(|(_, kind, identity)| place(*kind, identity)).collect();

    let mut by_address: BTreeMap<&Address, Vec<StepId>> = BTreeMap::new();
    let mut by_family: BTreeMap<(&str, &str), Vec<StepId>> = BTreeMap::new();
    for (id, (_, _, identity)) in drafts.iter().enumerate() {
        if let Some(touched) = last.touched.get(identity) {
            by_address.entry(&touched.address).or_default().push(id);
        }
        by_family.entry((&identity.region, top(identity))).or_default().push(id);
    }
    let mut after: Vec<BTreeSet<StepId>> = vec![BTreeSet::new(); drafts.len()];
    let mut relate = |one: StepId, other: StepId| match places[one].cmp(&places[other]) {
        std::cmp::Ordering::Less => drop(after[one].insert(other)),
        std::cmp::Ordering::Greater => drop(after[other].insert(one)),
        std::cmp::Ordering::Equal => {}
    };
    for (id, (_, _, identity)) in drafts.iter().enumerate() {
        let Some(touched) = last.touched.get(identity) else { continue };
        let needed = touched.depends_on.iter().chain([&touched.address]);
        needed.filter_map(|source| by_address.get(source)).flatten().for_each(|other| relate(id, *other));
        let family = (identity.region.as_str(), top(identity));
        // Children have an order with what they belong to, not among each other.
        let kin = by_family.get(&family).into_iter().flatten();
        kin.filter(|other| schemas.is_within(identity, &drafts[**other].2))
            .for_each(|other| relate(id, *other));
    }
    promised(changes, &drafts, &mut after);
    drafts
        .into_iter()
        .zip(after)
        .enumerate()
        .map(|(id, ((address, kind, identity), after))| {
            let group = group_of(&identity, schemas);
            Step { id, address, kind, identity, after, group }
        })
        .collect()
}

/// Lets every call that records what it is promised wait for what promises it, where that is no circle.
fn promised(
    changes: &BTreeMap<Address, Change>,
    drafts: &[(Address, StepKind, Identity)],
    after: &mut [BTreeSet<StepId>],
) {
    let mut steps_of: BTreeMap<&Address, Vec<StepId>> = BTreeMap::new();
    for (id, (address, ..)) in drafts.iter().enumerate() {
        steps_of.entry(address).or_default().push(id);
    }
    for (id, (address, kind, _)) in drafts.iter().enumerate() {
        let Some(change) = changes.get(address).filter(|_| *kind != StepKind::Delete) else { continue };
        let promises = change.desired.iter().filter_map(|(path, planned)| match planned {
            Planned::Promised(template) if change.paths.contains_key(path) => Some(template.sources()),
            _ => None,
        });
        for source in promises.flatten().filter(|source| *source != address) {
            let steps = steps_of.get(source).map_or(&[][..], Vec::as_slice);
            let Some(made) = steps.iter().copied().find(|step| drafts[*step].1 == StepKind::Create) else {
                continue;
            };
            let waited: Vec<StepId> = steps.iter().copied().filter(|step| after[*step].remove(&id)).collect();
            if waits_for(after, made, id) {
                for step in waited {
                    after[step].insert(id);
                }
            } else {
                after[id].insert(made);
            }
        }
    }
}

/// Returns whether a step waits for another one, or for something that does.
fn waits_for(after: &[BTreeSet<StepId>], step: StepId, other: StepId) -> bool {
    let (mut seen, mut left) = (BTreeSet::from([step]), vec![step]);
    while let Some(step) = left.pop() {
        if step == other {
            return true;
        }
        left.extend(after[step].iter().copied().filter(|next| seen.insert(*next)));
    }
    false
}

/// Returns the live name of the topmost resource that this one belongs to, or is.
fn top(identity: &Identity) -> &str {
    let parent = identity.parent.as_ref().unwrap_or(&identity.name);
    parent.split_once('/').map_or(parent, |(top, _)| top)
}
