//! Which step waits for which.
//!
//! A resource is made or changed after what it depends on, and removed after what depended on it. A
//! replacement with a new identity stands before the old one goes; one with the same identity cannot.

use std::collections::{BTreeMap, BTreeSet};

use super::moves::Kept;
use super::{Action, Change, Choice, Step, StepId, StepKind};
use crate::model::{Address, Identity, SchemaSet};

/// Returns addresses so that each comes after those it depends on; members of a cycle come last.
pub(super) fn dependencies_first<'a>(
    depends_on: impl Fn(&Address) -> Vec<&'a Address>,
    addresses: impl Iterator<Item = &'a Address>,
) -> Vec<&'a Address> {
    let all: BTreeSet<&Address> = addresses.collect();
    let mut waiting: BTreeMap<&Address, usize> = BTreeMap::new();
    let mut dependents: BTreeMap<&Address, Vec<&'a Address>> = BTreeMap::new();
    for address in &all {
        let sources: BTreeSet<&Address> =
            depends_on(address).into_iter().filter(|source| all.contains(source)).collect();
        waiting.insert(address, sources.len());
        for source in sources {
            dependents.entry(source).or_default().push(address);
        }
    }
    let mut ready: BTreeSet<&Address> =
        waiting.iter().filter(|(_, count)| **count == 0).map(|(a, _)| *a).collect();
    let mut ordered = Vec::with_capacity(all.len());
    let mut done = BTreeSet::new();
    while let Some(address) = ready.pop_first() {
        let address = all.get(address).copied().unwrap_or(address);
        ordered.push(address);
        done.insert(address);
        for dependent in dependents.remove(address).unwrap_or_default() {
            if let Some(count) = waiting.get_mut(dependent) {
                *count -= 1;
                if *count == 0 {
                    ready.insert(dependent);
                }
            }
        }
    }
    ordered.extend(all.iter().filter(|address| !done.contains(*address)));
    ordered
}

/// Returns the calls that the changes take, in no order yet: the resource, what is done, and to what.
pub(super) fn calls(changes: &BTreeMap<Address, Change>) -> Vec<(Address, StepKind, Identity)> {
    let mut drafts = Vec::new();
    for change in changes.values() {
        let address = &change.address;
        let mut draft = |kind, identity: &Identity| drafts.push((address.clone(), kind, identity.clone()));
        match change.action {
            Action::Create => draft(StepKind::Create, &change.identity),
            Action::Update | Action::Release => draft(StepKind::Update, &change.identity),
            Action::TakeOver | Action::Record if change.writes() || change.learned().next().is_some() => {
                draft(StepKind::Update, &change.identity);
            }
            Action::Delete => draft(StepKind::Delete, &change.identity),
            Action::Replace => {
                if change.old_identity.is_none() {
                    draft(StepKind::Delete, &change.identity);
                }
                draft(StepKind::Create, &change.identity);
            }
            Action::TakeOver | Action::Keep | Action::Forget | Action::Record => {}
        }
        if deletes_old(change)
            && let Some(old) = &change.old_identity
        {
            draft(StepKind::Delete, old);
        }
    }
    drafts
}

/// Returns the steps of the changes, each after those that it waits for.
///
/// `created_first` says of which addresses nothing may go before what is made in its place stands.
pub(super) fn steps(
    changes: &BTreeMap<Address, Change>,
    records: &BTreeMap<Address, Kept>,
    schemas: &SchemaSet,
    created_first: &dyn Fn(&Address) -> bool,
) -> Vec<Step> {
    let drafts = calls(changes);
    let index: BTreeMap<(Address, bool), StepId> = drafts
        .iter()
        .enumerate()
        .map(|(id, (address, kind, _))| ((address.clone(), *kind == StepKind::Delete), id))
        .collect();
    let step_of = |address: &Address, delete: bool| index.get(&(address.clone(), delete)).copied();

    let moved: BTreeMap<&Address, &Address> =
        changes.values().filter_map(|change| Some((change.moved_from.as_ref()?, &change.address))).collect();
    let mut after: Vec<BTreeSet<StepId>> = vec![BTreeSet::new(); drafts.len()];
    // Children go before what they belong to, whatever was recorded about them.
    let removed: BTreeMap<&Identity, StepId> = drafts
        .iter()
        .enumerate()
        .filter(|(_, (_, kind, _))| *kind == StepKind::Delete)
        .map(|(id, (_, _, identity))| (identity, id))
        .collect();
    let parent_removed = |identity: &Identity| removed.get(&schemas.parent_of(identity)?).copied();
    for (id, (_, kind, identity)) in drafts.iter().enumerate() {
        if let (StepKind::Delete, Some(parent)) = (kind, parent_removed(identity)) {
            after[parent].insert(id);
        }
    }
    for change in changes.values() {
        let write = step_of(&change.address, false);
        let delete = step_of(&change.address, true);
        if let Some(write) = write {
            after[write].extend(writes_behind(change, changes, &|source| step_of(source, false)));
            if let (Some(delete), None) = (delete, &change.old_identity) {
                after[write].insert(delete);
            }
        }
        // The other way round for what goes: whoever depended on it goes, or lets go of it, first.
        let recorded = records.get(&change.address).map(|kept| &kept.record.depends_on);
        let new_address = |old| *moved.get(old).unwrap_or(&old);
        for source in recorded.into_iter().flatten().map(new_address) {
            let Some(source_delete) = step_of(source, true) else { continue };
            if changes.get(source).is_some_and(is_made_again) {
                continue; // it is back before anybody misses it; only its children go first
            }
            if let Some(delete) = delete.filter(|delete| *delete != source_delete) {
                after[source_delete].insert(delete);
            }
            let renamed = changes
                .get(source)
                .is_none_or(|source| source.old_identity.is_some() || source.action == Action::Delete);
            if let Some(write) = write.filter(|_| renamed) {
                after[source_delete].insert(write);
            }
        }
        // What gave its address to another one goes after that one stands, as an old identity does.
        let successor = change.moved_from.as_ref().filter(|_| change.action == Action::Delete);
        let (write, old) = match successor {
            Some(address) => (step_of(address, false), Some(&change.identity)),
            None => (write, change.old_identity.as_ref()),
        };
        if let (Some(write), Some(delete), Some(old)) = (write, delete, old) {
            // An old child cannot outlive its parent, not even one that is made again at once.
            let hurried = parent_removed(old)
                .and_then(|parent| changes.get(&drafts[parent].0))
                .is_some_and(is_made_again);
            if !hurried {
                after[delete].insert(write);
            }
        }
        // Children of one entry that change their name: one address leaves, another one enters.
        let leaving = delete.filter(|_| change.action == Action::Delete && created_first(&change.address));
        if let Some(delete) = leaving {
            let hurried = parent_removed(&change.identity)
                .and_then(|parent| changes.get(&drafts[parent].0))
                .is_some_and(is_made_again);
            let entering = changes.values().filter(|other| {
                !hurried
                    && other.action == Action::Create
                    && other.address.key.is_some()
                    && (&other.address.kind, &other.address.name)
                        == (&change.address.kind, &change.address.name)
                    && created_first(&other.address)
            });
            after[delete].extend(entering.filter_map(|other| step_of(&other.address, false)));
        }
    }
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

/// Returns the writes that a change waits for: of what it depends on, and where that is not written itself, of
/// what stands behind it.
fn writes_behind(
    change: &Change,
    changes: &BTreeMap<Address, Change>,
    write_of: &dyn Fn(&Address) -> Option<StepId>,
) -> BTreeSet<StepId> {
    let sources =
        |change: &Change| change.depends_on.iter().chain(&change.parent).cloned().collect::<Vec<_>>();
    let mut writes = BTreeSet::new();
    let mut seen = BTreeSet::from([change.address.clone()]);
    let mut queue = sources(change);
    while let Some(source) = queue.pop() {
        if !seen.insert(source.clone()) {
            continue;
        }
        match write_of(&source) {
            Some(write) => drop(writes.insert(write)),
            None => queue.extend(changes.get(&source).into_iter().flat_map(sources)),
        }
    }
    writes
}

/// Returns whether it is deleted and made anew under the same name.
fn is_made_again(change: &Change) -> bool {
    change.action == Action::Replace && change.old_identity.is_none()
}

/// Returns whether the resource's old identity is to be deleted once the new one stands.
pub fn deletes_old(change: &Change) -> bool {
    let let_go = change.question.as_ref().is_some_and(|question| question.decision == Some(Choice::UseLive));
    change.old_identity.is_some()
        && change.old_live.is_some()
        && !let_go
        && matches!(change.action, Action::Replace | Action::TakeOver)
}

/// Returns what no two steps may write at once: what a resource belongs to, together with all that belongs to it. A
/// resource that has children of its own is written by itself: the functions of a service do not wait for each other.
pub(super) fn group_of(identity: &Identity, schemas: &SchemaSet) -> Identity {
    let own = || Identity { kind: String::new(), ..identity.clone() };
    if schemas.has_children(&identity.kind) {
        return own();
    }
    identity.parent_of_kind("").unwrap_or_else(own)
}
