//! What an interrupted adoption left, settled by whoever comes next.
//!
//! Its files count as written once the rest of its work was recorded: the state moved on, or an apply's journal says
//! so. Until then the old ones are put back.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::backend::LocalStore;
use crate::ops::Failure;
use crate::state::{Lineage, Serial};
use crate::sys::lock::Holder;
use crate::sys::replace::{Found, Replacing, Unsettled};

/// What an adoption stands on; kept with its files until it is settled.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stamp {
    /// What the state's files are called.
    pub state: String,
    /// The state that it continues.
    pub basis: Option<(Lineage, Serial)>,
}

impl Stamp {
    /// Returns the stamp of an adoption that continues the state that is there now.
    pub fn of(store: &LocalStore) -> Result<Self, Failure> {
        let basis = store.read()?.state.map(|state| (state.lineage, state.serial));
        Ok(Self { state: store.stem().to_owned(), basis })
    }

    /// Returns whether what belongs to the files was recorded.
    fn is_recorded(&self, store: &LocalStore) -> Result<bool, Failure> {
        let kept = store.read()?;
        let basis = kept.state.map(|state| (state.lineage, state.serial));
        let begun = kept.journal.is_some_and(|journal| !journal.entries.is_empty());
        Ok(basis != self.basis || begun)
    }
}

/// What came of settling.
#[derive(Debug)]
pub enum Settled {
    /// There was nothing to be settled.
    Nothing,
    /// Its work was recorded, and its files stay.
    Kept,
    /// The old files are back, but for those that somebody edited since.
    PutBack {
        /// They were let be.
        edited: Vec<PathBuf>,
    },
}

/// Settles what an interrupted adoption left beside a configuration.
///
/// # Errors
/// Fails while somebody is at work on it, and where a file cannot be put back, which leaves it to the next one.
pub fn settle(configuration: &Path, holder: &Holder) -> Result<Settled, Failure> {
    let folder = own_folder(configuration);
    match Replacing::find(&folder, holder).map_err(Failure::Files)? {
        Found::Nothing => Ok(Settled::Nothing),
        Found::Running(by) => Err(Failure::Writing(by)),
        Found::CutOff(cut_off) => conclude(&folder, *cut_off),
    }
}

/// Ends a replacement by what was recorded of it.
pub(super) fn conclude(folder: &Path, replacing: Replacing) -> Result<Settled, Failure> {
    // One that says nothing that can be read was not begun by a triform of this kind: the old files are right.
    let recorded = match serde_json::from_str::<Stamp>(replacing.stamp()) {
        Ok(stamp) => stamp.is_recorded(&LocalStore::at(folder, &stamp.state))?,
        Err(_) => false,
    };
    if recorded {
        replacing.keep().map_err(Failure::Files)?;
        return Ok(Settled::Kept);
    }
    let edited = replacing.put_back().map_err(Failure::Files)?;
    Ok(Settled::PutBack { edited })
}

/// Refuses to read a project whose files an interrupted adoption may have left half replaced.
///
/// # Errors
/// Fails where there is something to be settled, or somebody is at work.
pub fn refuse_unsettled(configuration: &Path) -> Result<(), Failure> {
    match Replacing::is_there(&own_folder(configuration)).map_err(Failure::Files)? {
        Unsettled::Nothing => Ok(()),
        Unsettled::CutOff => Err(Failure::Unsettled),
        Unsettled::Running(by) => Err(Failure::Writing(by)),
    }
}

fn own_folder(configuration: &Path) -> PathBuf {
    LocalStore::of(configuration, None, false).folder().to_owned()
}
