//! One identity, one change: records follow the live resource that they speak of.
//!
//! When an address that left the configuration and one that entered it mean the same live resource, the record
//! changes its address and nothing is written. A record that stands where another one arrives, and whose own
//! resource nobody declares any more, is parked: it left the configuration, and goes as such.

use std::collections::BTreeMap;

use super::Wanted;
use crate::model::{Address, Identity};
use crate::state::{Entry, Record};

/// A record under the address that it will have.
pub(super) struct Kept {
    pub moved_from: Option<Address>,
    pub record: Record,
}

/// Gives each record the address that the configuration now has for its identity.
pub(super) fn follow_moves(
    records: BTreeMap<Address, Record>,
    desired: &BTreeMap<Address, Wanted>,
) -> BTreeMap<Address, Kept> {
    let entered: BTreeMap<&Identity, &Address> = desired
        .iter()
        .filter(|(address, wanted)| {
            records.get(*address).is_none_or(|record| record.identity != wanted.identity)
        })
        .map(|(address, wanted)| (&wanted.identity, address))
        .collect();
    let mut kept = BTreeMap::new();
    let mut moved = Vec::new();
    for (address, record) in records {
        let stays = desired.get(&address).is_some_and(|wanted| wanted.identity == record.identity);
        match entered.get(&record.identity).filter(|to| !stays && **to != &address) {
            Some(to) => moved.push(((*to).clone(), address, record)),
            None => {
                kept.insert(address, Kept { moved_from: None, record });
            }
        }
    }
    for (to, from, record) in moved {
        if let Some(Kept { moved_from: _, record: occupant }) =
            kept.insert(to.clone(), Kept { moved_from: Some(from), record })
        {
            let aside = to.parked(&occupant.identity);
            kept.insert(aside, Kept { moved_from: Some(to), record: occupant });
        }
    }
    kept
}

/// Returns the moves so that no record arrives where another one still stands.
///
/// A ring of them (two addresses that swapped their resources) is opened by parking one of its records, so that
/// every record survives wherever the list is cut.
pub(super) fn in_order<'a>(
    moves: impl Iterator<Item = (&'a Address, &'a Address)>,
    records: &BTreeMap<Address, Record>,
) -> Vec<Entry> {
    let mut pending: BTreeMap<&Address, &Address> = moves.map(|(from, to)| (to, from)).collect();
    let mut free: Vec<&Address> = {
        let sources: std::collections::BTreeSet<&Address> = pending.values().copied().collect();
        pending.keys().copied().filter(|to| !sources.contains(*to)).collect()
    };
    let mut entries = Vec::new();
    let entry = |from: &Address, to: &Address| Entry::Moved { from: from.clone(), to: to.clone() };
    loop {
        // From each free end backwards.
        while let Some(to) = free.pop() {
            if let Some(from) = pending.remove(to) {
                entries.push(entry(from, to));
                free.push(from);
            }
        }
        let Some((to, from)) = pending.pop_first() else { return entries };
        let aside = match records.get(from) {
            Some(record) => from.parked(&record.identity),
            None => continue,
        };
        entries.push(entry(from, &aside));
        let mut open = from;
        while let Some(before) = pending.remove(open) {
            entries.push(entry(before, open));
            open = before;
        }
        entries.push(entry(&aside, to));
    }
}
