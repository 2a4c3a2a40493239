//! Carries an adoption out: the files first, the state last.

use std::collections::BTreeSet;

use super::settle::{Settled, conclude};
use super::{Proposal, Stamp};
use crate::backend::Lock;
use crate::model::{Address, Sealer};
use crate::ops::apply::{keep_settled, seals, state_of};
use crate::ops::{Failure, Setup, Survey, fresh};
use crate::plan::Change;
use crate::state::{Entry, Serial, State};
use crate::sys::ids::Ids;
use crate::sys::lock::Holder;
use crate::sys::replace::Replacing;

/// What an adoption needs beside its proposal.
pub struct Job<'a> {
    /// Everything wired.
    pub setup: &'a Setup,
    /// What the proposal was made from.
    pub survey: &'a Survey,
    /// The held state.
    pub lock: &'a Lock,
    /// Draws the lineage and salt of a first state.
    pub ids: &'a dyn Ids,
    /// Who does it.
    pub holder: &'a Holder,
}

/// Writes the files of a proposal, and records what was adopted. Returns the state's serial where it moved.
///
/// # Errors
/// Fails where the state, the cloud or a file moved since they were read; all files are then as they were.
pub async fn carry_out(job: &Job<'_>, proposal: &Proposal) -> Result<Option<Serial>, Failure> {
    let Job { setup, survey, lock, ids, holder } = *job;
    let Proposal { plan, entries, .. } = proposal;
    if proposal.is_empty() {
        return Ok(None);
    }
    fresh::check_state(setup, plan)?;
    unmoved(setup)?;
    let told: BTreeSet<&Address> = proposal.told.places.iter().map(|place| &place.address).collect();
    let changes: Vec<&Change> =
        plan.changes.values().filter(|change| told.contains(&change.address)).collect();
    let found = fresh::check_changes(setup, &survey.ground, &changes).await?;

    let mut state: State = state_of(&survey.ground, ids);
    let sealer = Sealer::new(state.salt.clone(), setup.secret_names.clone());
    let seals = seals(setup, &survey.ground, plan, &sealer, &found);
    let entries: Vec<Entry> = entries.iter().map(|entry| seals.entry(entry.clone())).collect();
    for entry in &entries {
        state.apply(entry);
    }
    let serial = (!entries.is_empty()).then(|| Serial(state.serial.0 + 1));

    let replacing = write_files(setup, proposal, holder)?;
    let recorded = async {
        let Some(serial) = serial else { return Ok(()) };
        keep_settled(setup, &survey.ground, lock, plan, &entries).await?;
        state.serial = serial;
        setup.store.save(lock, &state).map_err(Failure::from)
    };
    let recorded = recorded.await;
    if serial.is_none() {
        replacing.keep().map_err(Failure::Files)?;
    } else {
        // What is in the state decides, also where it could not be written to its end.
        conclude(setup.store.folder(), replacing)?;
    }
    recorded.map(|()| serial)
}

/// Puts the files of a proposal in place. [`end`] settles them once the rest is recorded, or was not.
///
/// # Errors
/// Fails where a file moved since it was read, or cannot be written; all files are then as they were.
pub fn write_files(setup: &Setup, proposal: &Proposal, holder: &Holder) -> Result<Replacing, Failure> {
    let stamp = serde_json::to_string(&Stamp::of(&setup.store)?).unwrap_or_default(); // plain data
    Ok(Replacing::begin(setup.store.folder(), holder, &stamp, &proposal.replacements)?)
}

/// Ends what [`write_files`] began, by what was recorded since.
///
/// # Errors
/// Fails where a file cannot be put back, which leaves it to the next command.
pub fn end(setup: &Setup, replacing: Replacing) -> Result<Settled, Failure> {
    conclude(setup.store.folder(), replacing)
}

/// Refuses to go on with a configuration that was changed since it was read.
///
/// # Errors
/// Fails where a file of it says something else by now.
pub fn unmoved(setup: &Setup) -> Result<(), Failure> {
    let folder = super::folder_of(&setup.configuration);
    for (name, text) in setup.text.iter().flat_map(super::ProjectText::files) {
        let path = folder.join(name);
        let now = std::fs::read(&path).unwrap_or_default();
        if now != text.as_bytes() {
            return Err(Failure::Replace(crate::sys::replace::ReplaceError::Moved(path)));
        }
    }
    Ok(())
}
