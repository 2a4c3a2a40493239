//! What an undo goes back by: the kept journal of the last apply, and the packages that it overwrote.

use std::collections::BTreeMap;

use super::{Failure, Selection, Setup, Survey};
use crate::diag::Diagnostic;
use crate::model::{Address, Identity, Value};
use crate::plan::{self, Back, Plan, PlanInput};
use crate::state::{Entry, Journal, LastApply, Record, State};

/// Returns what the last apply may have written, before anything of it is read.
pub(super) fn touched(
    setup: &Setup,
    selection: &Selection,
    state: Option<&State>,
    interrupted: Option<&Journal>,
) -> Result<BTreeMap<Identity, Address>, Failure> {
    if !selection.undo {
        return Ok(BTreeMap::new());
    }
    let mut touched: BTreeMap<Identity, Address> = BTreeMap::new();
    let intents =
        interrupted.into_iter().flat_map(|journal| &journal.entries).filter_map(|entry| match entry {
            Entry::Intent(intent) => Some((intent.identity.clone(), intent.address.clone())),
            _ => None,
        });
    touched.extend(intents);
    // What was interrupted may turn out to have done nothing.
    let kept = match last_apply(setup, state, None) {
        Err(_) if !touched.is_empty() => return Ok(touched),
        kept => kept?,
    };
    touched.extend(kept.touched.into_iter().map(|(identity, touched)| (identity, touched.address)));
    Ok(touched)
}

/// Returns the last apply: one that was interrupted and did something, else the one that the state names.
pub(super) fn last_apply(
    setup: &Setup,
    state: Option<&State>,
    interrupted: Option<&Journal>,
) -> Result<LastApply, Failure> {
    if let Some(journal) = interrupted.and_then(Journal::kept) {
        return Ok(journal.last_apply());
    }
    let Some(state) = state.filter(|state| state.applied.is_some() || !state.records.is_empty()) else {
        return Err(Failure::NothingApplied);
    };
    let missing = |why: String| Failure::NoLastApply { path: setup.store.last_path(), why };
    let Some(serial) = state.applied else {
        return Err(missing("the state was written before triform kept what an apply did".to_owned()));
    };
    let Some(journal) = setup.store.last()? else {
        return Err(missing(
            "the file is not here: that apply was made elsewhere, or the file was removed".to_owned(),
        ));
    };
    let header = &journal.header;
    if header.lineage != state.lineage || header.owner != state.owner {
        return Err(missing(format!(
            "it is of the history {}, and the state is of {}",
            header.lineage, state.lineage
        )));
    }
    if header.serial != serial {
        let what = format!(
            "it is of the apply that continued serial {}, and the last one continued {serial}",
            header.serial
        );
        return Err(missing(what));
    }
    Ok(journal.last_apply())
}

/// Returns the records, and beside them one for each touched resource that has none, so that it can be selected.
pub(super) fn with_touched(
    records: &BTreeMap<Address, Record>,
    touched: &BTreeMap<Identity, Address>,
) -> BTreeMap<Address, Record> {
    let mut all = records.clone();
    for (identity, address) in touched {
        if !records.values().any(|record| record.identity == *identity) {
            all.entry(address.clone()).or_insert_with(|| Record::new(identity.clone(), 1));
        }
    }
    all
}

impl Survey {
    /// Makes ready the packages that the last apply overwrote.
    pub(super) fn load_undone(&self, setup: &Setup) {
        let touched = self.undoes.iter().flat_map(|last| last.touched.values());
        for digest in touched.filter_map(|touched| touched.package_before.as_ref()?.digest) {
            self.ground.shelf.add_package(&setup.store, digest);
        }
    }

    /// Plans the way back.
    pub(super) fn plan_undo(&self, input: PlanInput<'_>, last: &LastApply) -> Result<Plan, Vec<Diagnostic>> {
        let shelf = &self.ground.shelf;
        let at_hand = |value: &Value| match value {
            Value::File(entry) => shelf.content(entry.digest).is_some(),
            Value::Package(digest) => shelf.tree(*digest).is_some() || shelf.archive(*digest).is_some(),
            _ => true,
        };
        plan::undo(input, &Back { last, at_hand: &at_hand })
    }
}
