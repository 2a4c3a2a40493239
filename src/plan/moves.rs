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
    declared: &[(Address, Address)],
) -> BTreeMap<Address, Kept> {
    // Where the project says so, whatever the two are in the cloud.
    let to = |from: &Address| declared.iter().find(|(old, _)| old == from).map(|(_, to)| to.clone());
    let records: BTreeMap<Address, Kept> = records
        .into_iter()
        .map(|(address, record)| match to(&address) {
            Some(to) => (to, Kept { moved_from: Some(address), record }),
            None => (address, Kept { moved_from: None, record }),
        })
        .collect();
    let entered: BTreeMap<&Identity, &Address> = desired
        .iter()
        .filter(|(address, wanted)| {
            records.get(*address).is_none_or(|kept| kept.record.identity != wanted.identity)
        })
        .map(|(address, wanted)| (&wanted.identity, address))
        .collect();
    let mut kept = BTreeMap::new();
    let mut moved = Vec::new();
    for (address, Kept { moved_from, record }) in records {
        let stays = desired.get(&address).is_some_and(|wanted| wanted.identity == record.identity);
        match entered.get(&record.identity).filter(|to| !stays && **to != &address) {
            Some(to) => moved.push(((*to).clone(), moved_from.unwrap_or(address), record)),
            None => {
                kept.insert(address, Kept { moved_from, record });
            }
        }
    }
    for (to, from, record) in moved {
        let moved_from = Some(from).filter(|from| *from != to);
        if let Some(Kept { moved_from: before, record: occupant }) =
            kept.insert(to.clone(), Kept { moved_from, record })
        {
            let aside = to.parked(&occupant.identity);
            kept.insert(aside, Kept { moved_from: before.or(Some(to)), record: occupant });
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
