//! Which resources a plan is about, when it is not about all of them.
//!
//! A target brings its children and what it depends on, not its dependents. An exclude takes its children and
//! what depends on it along, except dependents that its recorded outputs satisfy.

use std::collections::{BTreeMap, BTreeSet};

use super::{Selector, Wanted};
use crate::model::{Address, Planned};
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
    /// It means nothing here.
    #[error("`{0}` names nothing in the project or its state")]
    Nothing(Selector),
    /// It names a path.
    #[error("`{0}` names a place inside a resource; --target and --exclude take whole resources")]
    Path(Selector),
}

/// Returns what is left out by targets and excludes. `declared` are the names of the configuration: a selector
/// may name one that this plan has nothing to do with, as when what was destroyed is destroyed again.
pub fn scope(
    declared: &BTreeSet<Address>,
    desired: &BTreeMap<Address, Wanted>,
    records: &BTreeMap<Address, Record>,
    targets: &[Selector],
    excludes: &[Selector],
) -> Result<Scope, ScopeError> {
    let all: BTreeSet<&Address> = desired.keys().chain(records.keys()).collect();
    for selector in targets.iter().chain(excludes) {
        if selector.has_path() {
            return Err(ScopeError::Path(selector.clone()));
        }
        if !all.iter().copied().chain(declared).any(|address| selector.matches_address(address)) {
            return Err(ScopeError::Nothing(selector.clone()));
        }
    }
    let named = |selectors: &[Selector]| -> BTreeSet<&Address> {
        let matches = |address: &&Address| selectors.iter().any(|selector| selector.matches_address(address));
        all.iter().copied().filter(matches).collect()
    };
    let sources = |address: &Address| -> Vec<&Address> {
        let wanted = desired.get(address).into_iter().flat_map(|wanted| &wanted.depends_on);
        let recorded = records.get(address).filter(|_| !desired.contains_key(address));
        wanted.chain(recorded.into_iter().flat_map(|record| &record.depends_on)).collect()
    };
    let is_child = |address: &Address, parent: &Address| {
        let declared = desired.get(address).and_then(|wanted| wanted.parent.as_ref());
        let recorded = || {
            let (child, parent) = (&records.get(address)?.identity, &records.get(parent)?.identity);
            (child.parent.as_ref() == Some(&parent.name)
                && child.region == parent.region
                && parent.parent.is_none())
            .then_some(())
        };
        match declared {
            Some(declared) => declared == parent,
            None => recorded().is_some(),
        }
    };

    let mut inside = if targets.is_empty() { all.clone() } else { named(targets) };
    if !targets.is_empty() {
        let children: Vec<&Address> =
            all.iter().copied().filter(|child| inside.iter().any(|parent| is_child(child, parent))).collect();
        inside.extend(children);
        let mut queue: Vec<&Address> = inside.iter().copied().collect();
        while let Some(address) = queue.pop() {
            queue.extend(sources(address).into_iter().filter(|source| inside.insert(source)));
        }
    }
    let mut out = named(excludes);
    loop {
        let follows = |address: &&&Address| {
            !out.contains(**address)
                && (out.iter().any(|parent| is_child(address, parent))
                    || sources(address)
                        .iter()
                        .any(|source| out.contains(source) && !satisfied(address, source, desired, records)))
        };
        let more: Vec<&Address> = all.iter().filter(follows).copied().collect();
        if more.is_empty() {
            break;
        }
        out.extend(more);
    }
    let left_out = all.iter().filter(|address| !inside.contains(**address) || out.contains(**address));
    Ok(Scope { left_out: left_out.map(|address| (*address).clone()).collect() })
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
