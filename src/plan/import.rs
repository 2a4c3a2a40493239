//! What is recorded of a resource that is imported: it is ours from now on, and nothing of it is written.
//!
//! Whose it is and who wins are two questions; an import answers the first. What agrees, and what the configuration
//! does not mention, is settled. Where the two differ the live value is kept for the time being, as if it had been
//! accepted before anything was declared: so that the next plan finds a conflict and asks, and never an edit, which it
//! would write.

use super::settle::settle_package;
use super::{Change, PathChange, PathOutcome};
use crate::model::{Path, Planned};
use crate::state::{Record, Recorded};

/// Returns the record of a resource that exists and was not deployed from here, as its plan compared it; nothing where
/// it does not exist.
pub fn imported(change: &Change, version: u32) -> Option<Record> {
    let live = change.live.as_ref()?;
    let mut record = Record::new(change.identity.clone(), version);
    for (path, inner) in &change.paths {
        record.settle(path, recorded(inner));
    }
    record.outputs.clone_from(&live.outputs);
    record.depends_on.clone_from(&change.depends_on);
    settle_package(&mut record, change, None);
    Some(record)
}

/// Returns the places at which the next plan will ask.
pub fn differing(change: &Change) -> impl Iterator<Item = (&Path, &PathChange)> {
    change.paths.iter().filter(|(_, inner)| !agrees(inner))
}

fn recorded(inner: &PathChange) -> Recorded {
    let (declared, observed) = (inner.desired.as_ref().and_then(Planned::known).cloned(), inner.live.clone());
    match &inner.desired {
        _ if agrees(inner) => Recorded { declared, observed, accepted: false },
        Some(_) => Recorded { declared: None, observed, accepted: true },
        // A file that only the live code has. Without a record it was added online, which is asked about too, and
        // which can be adopted.
        None => Recorded::default(),
    }
}

fn agrees(inner: &PathChange) -> bool {
    inner.outcome == PathOutcome::Record
}
