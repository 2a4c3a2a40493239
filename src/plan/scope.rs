//! Which resources a plan is about, when it is not about all of them.
//!
//! A target brings its children and what it depends on, not its dependents. What a resource that goes depended on
//! is no part of its going: it comes along only where the configuration still declares it. An exclude takes its children and
//! what depends on it along, except dependents that its recorded outputs satisfy. Both ends of a move stay together.

use std::collections::{BTreeMap, BTreeSet};

use super::decision::{did_you_mean, nearest};
use super::{Selector, Wanted};
use crate::model::{Address, Identity, Planned, SchemaSet};
use crate::state::Record;

/// What is inside and what is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// The resources that are left out: neither read nor changed.
    pub left_out: BTreeSet<Address>,
}

/// A selection that cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScopeError {
    /// It means nothing here; with what was probably meant.
    #[error("`{}` names nothing in the project or its state{}", .0, did_you_mean(.1.as_deref()))]
    Nothing(Selector, Option<String>),
    /// It is to be made anew, and is not declared.
    #[error("{0} is not declared, so it cannot be made anew (--replace)")]
    NotDeclared(Address),
    /// It is to be made anew, and is not recorded.
    #[error("nothing is recorded as {0}, so there is nothing to make anew (--replace)")]
    NotRecorded(Address),
    /// It is to be made anew, and is left out.
    #[error("{0} is left out of this plan, so it cannot be made anew (--replace)")]
    LeftOut(Address),
    /// It names a path.
    #[error("`{0}` names a place inside a resource; --target and --exclude take whole resources")]
    Path(Selector),
}

/// Returns what is left out by targets and excludes. `declared` are the names of the configuration: a selector
/// may name one that this plan has nothing to do with, as when what was destroyed is destroyed again. `moves` are those
/// that the project declares: old addresses and new ones.
pub fn scope(
    declared: &BTreeSet<Address>,
    desired: &BTreeMap<Address, Wanted>,
    records: &BTreeMap<Address, Record>,
    targets: &[Selector],
    excludes: &[Selector],
    moves: &[(Address, Address)],
    schemas: &SchemaSet,
) -> Result<Scope, ScopeError> {
    let all: BTreeSet<&Address> = desired.keys().chain(records.keys()).collect();
    for selector in targets.iter().chain(excludes) {
        if selector.has_path() {
            return Err(ScopeError::Path(selector.clone()));
        }
        if !all.iter().copied().chain(declared).any(|address| selector.matches_address(address)) {
            let names = all.iter().copied().chain(declared).map(Address::to_string);
            return Err(ScopeError::Nothing(selector.clone(), nearest(selector, names)));
        }
    }
    let named = |selectors: &[Selector]| -> BTreeSet<&Address> {
        let matches = |address: &&Address| selectors.iter().any(|selector| selector.matches_address(address));
        if selectors.is_empty() { BTreeSet::new() } else { all.iter().copied().filter(matches).collect() }
    };
    let kin = Kin::new(desired, records, moves, schemas);

    let mut inside = if targets.is_empty() { all.clone() } else { named(targets) };
    if !targets.is_empty() {
        let mut parents: Vec<&Address> = inside.iter().copied().collect();
        while let Some(parent) = parents.pop() {
            parents.extend(kin.children(parent).filter(|child| inside.insert(child)));
        }
        let mut queue: Vec<&Address> = inside.iter().copied().collect();
        while let Some(address) = queue.pop() {
            let goes = !desired.contains_key(address);
            let sources = sources(address, desired, records);
            let needed = sources.filter(|source| !goes || desired.contains_key(*source));
            let brought = needed.chain(kin.same(address));
            queue.extend(brought.filter(|source| all.contains(source) && inside.insert(source)));
        }
    }
    let out = kin.taken_along(named(excludes), desired, records);
    let left_out = all.iter().filter(|address| !inside.contains(**address) || out.contains(**address));
    Ok(Scope { left_out: left_out.map(|address| (*address).clone()).collect() })
}

/// Returns what is left out when these resources are: an exclude in the middle of a plan.
pub fn without(
    desired: &BTreeMap<Address, Wanted>,
    records: &BTreeMap<Address, Record>,
    excluded: &BTreeSet<Address>,
    moves: &[(Address, Address)],
    schemas: &SchemaSet,
) -> BTreeSet<Address> {
    let all = desired.keys().chain(records.keys()).filter(|address| excluded.contains(*address)).collect();
    let out = Kin::new(desired, records, moves, schemas).taken_along(all, desired, records);
    out.into_iter().cloned().collect()
}

/// Refuses to make anew what was not deployed from here, what is no longer declared, and what the plan leaves out.
pub fn check_replace(
    replace: &BTreeSet<Address>,
    declared: &BTreeSet<Address>,
    desired: &BTreeMap<Address, Wanted>,
    records: &BTreeMap<Address, Record>,
    left_out: &BTreeSet<Address>,
) -> Result<(), ScopeError> {
    for address in replace {
        if !declared.contains(address) {
            return Err(ScopeError::NotDeclared(address.clone()));
        }
        if left_out.contains(address) {
            return Err(ScopeError::LeftOut(address.clone()));
        }
        // What moved here is recorded under its old address.
        let identity = desired.get(address).map(|wanted| &wanted.identity);
        let moved = || records.values().any(|record| Some(&record.identity) == identity);
        if !records.contains_key(address) && !moved() {
            return Err(ScopeError::NotRecorded(address.clone()));
        }
    }
    Ok(())
}

/// Returns what a resource depends on.
fn sources<'a>(
    address: &Address,
    desired: &'a BTreeMap<Address, Wanted>,
    records: &'a BTreeMap<Address, Record>,
) -> impl Iterator<Item = &'a Address> {
    let wanted =
        desired.get(address).into_iter().flat_map(|wanted| wanted.depends_on.iter().chain(&wanted.parent));
    let recorded = records.get(address).filter(|_| !desired.contains_key(address));
    wanted.chain(recorded.into_iter().flat_map(|record| &record.depends_on))
}

/// Who belongs to whom, who needs whom, and which two addresses mean one live resource.
#[derive(Default)]
struct Kin<'a> {
    children: BTreeMap<&'a Address, Vec<&'a Address>>,
    dependents: BTreeMap<&'a Address, Vec<&'a Address>>,
    same: BTreeMap<&'a Address, Vec<&'a Address>>,
}

impl<'a> Kin<'a> {
    fn new(
        desired: &'a BTreeMap<Address, Wanted>,
        records: &'a BTreeMap<Address, Record>,
        moves: &'a [(Address, Address)],
        schemas: &SchemaSet,
    ) -> Self {
        let mut kin = Self::default();
        let mut parents = BTreeMap::<&Identity, Vec<&Address>>::new();
        for (address, record) in records {
            parents.entry(&record.identity).or_default().push(address);
        }
        for (address, record) in records.iter().filter(|(address, _)| !desired.contains_key(*address)) {
            let parent = schemas.parent_of(&record.identity);
            for parent in parent.and_then(|parent| parents.get(&parent)).into_iter().flatten() {
                kin.children.entry(parent).or_default().push(address);
            }
        }
        for (address, wanted) in desired {
            if let Some(parent) = &wanted.parent {
                kin.children.entry(parent).or_default().push(address);
            }
        }
        for address in desired.keys().chain(records.keys().filter(|address| !desired.contains_key(*address)))
        {
            for source in sources(address, desired, records) {
                kin.dependents.entry(source).or_default().push(address);
            }
        }
        // A move has two ends, and a plan that knew only one of them would delete what the other one keeps.
        let declared: BTreeMap<&Identity, &Address> =
            desired.iter().map(|(address, wanted)| (&wanted.identity, address)).collect();
        for (from, record) in records {
            if let Some(to) = declared.get(&record.identity).copied().filter(|to| *to != from) {
                kin.same.entry(from).or_default().push(to);
                kin.same.entry(to).or_default().push(from);
            }
        }
        for (from, to) in moves {
            kin.same.entry(from).or_default().push(to);
            kin.same.entry(to).or_default().push(from);
        }
        kin
    }

    /// Adds to what is excluded what goes out with it.
    fn taken_along(
        &self,
        mut out: BTreeSet<&'a Address>,
        desired: &BTreeMap<Address, Wanted>,
        records: &BTreeMap<Address, Record>,
    ) -> BTreeSet<&'a Address> {
        let mut queue: Vec<&Address> = out.iter().copied().collect();
        while let Some(address) = queue.pop() {
            let needing = self.dependents(address);
            let unsatisfied = needing.filter(|dependent| !satisfied(dependent, address, desired, records));
            let follows = self.children(address).chain(self.same(address)).chain(unsatisfied);
            queue.extend(follows.filter(|follower| out.insert(follower)));
        }
        out
    }

    fn children(&self, address: &Address) -> impl Iterator<Item = &'a Address> {
        self.children.get(address).into_iter().flatten().copied()
    }

    fn dependents(&self, address: &Address) -> impl Iterator<Item = &'a Address> {
        self.dependents.get(address).into_iter().flatten().copied()
    }

    fn same(&self, address: &Address) -> impl Iterator<Item = &'a Address> {
        self.same.get(address).into_iter().flatten().copied()
    }
}

/// Returns whether all that `address` needs of `source` is in the recorded outputs of `source`.
fn satisfied(
    address: &Address,
    source: &Address,
    desired: &BTreeMap<Address, Wanted>,
    records: &BTreeMap<Address, Record>,
) -> bool {
    let Some(record) = records.get(source).filter(|record| !record.accepted_absent) else { return false };
    let Some(wanted) = desired.get(address) else { return true };
    wanted.attributes.values().all(|value| match value {
        Planned::Known(_) => true,
        Planned::Promised(template) => template
            .outputs()
            .filter(|output| output.address == *source)
            .all(|output| record.outputs.contains_key(&output.output)),
    })
}
