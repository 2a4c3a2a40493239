//! The state by hand: what is recorded, as far as that can be said without asking the cloud, and what the next plan
//! will make of a change to it.

use std::collections::BTreeSet;
use std::path::Path as FilePath;

use super::{Failure, check_owner, owner};
use crate::backend::{Kept, LocalStore};
use crate::config::{Desired, full_name};
use crate::model::{Address, Identity};
use crate::plan::Selector;
use crate::state::{Intent, Owner, State};

/// What a store says of itself.
pub struct Known {
    /// The state, with all that an interrupted apply was answered; `None` where nothing was deployed yet.
    pub state: Option<State>,
    /// Calls of an interrupted apply of which nobody knows what came.
    pub open: Vec<Intent>,
}

/// Reads the state of a project without its cloud. Whose account it is stands as it was recorded.
pub fn known(
    store: &LocalStore,
    configuration: &FilePath,
    desired: &Desired,
    cloud: &str,
) -> Result<Known, Failure> {
    let kept = store.read()?;
    let owners = kept.state.iter().map(|state| &state.owner);
    if let Some(theirs) = owners.chain(kept.journal.iter().map(|journal| &journal.header.owner)).next() {
        let ours = owner(configuration, desired, cloud, theirs.account.clone());
        check_owner(store, &kept, &ours)?;
    }
    let Kept { state, journal } = kept;
    Ok(match journal {
        Some(journal) => {
            let (state, open) = journal.replay(state);
            Known { state: Some(state), open }
        }
        None => Known { state, open: Vec::new() },
    })
}

/// A selector that picks no record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PickError {
    /// It names nothing that is recorded.
    #[error("`{0}` names nothing in the state")]
    Nothing(Selector),
    /// It names a path.
    #[error("`{0}` names a place inside a resource; records are taken whole")]
    Path(Selector),
}

/// Returns the records that selectors name; all of them where there is no selector.
pub fn picked(state: &State, selectors: &[Selector]) -> Result<BTreeSet<Address>, PickError> {
    if selectors.is_empty() {
        return Ok(state.records.keys().cloned().collect());
    }
    let mut picked = BTreeSet::new();
    for selector in selectors {
        if selector.has_path() {
            return Err(PickError::Path(selector.clone()));
        }
        let mut matching =
            state.records.keys().filter(|address| selector.matches_address(address)).cloned().peekable();
        if matching.peek().is_none() {
            return Err(PickError::Nothing(selector.clone()));
        }
        picked.extend(matching);
    }
    Ok(picked)
}

/// What the next plan will make of a record, as far as the configuration says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Forecast {
    /// The configuration declares it so.
    Declared,
    /// The configuration declares something else at this address: this.
    Replaced(Box<Identity>),
    /// The configuration declares the very resource at another address.
    Moved(Address),
    /// The configuration declares neither.
    Deleted,
}

/// Says what the next plan will make of a record at an address.
pub fn forecast(desired: &Desired, owner: &Owner, address: &Address, identity: &Identity) -> Forecast {
    match identity_of(desired, owner, address) {
        Some(declared) if declared == *identity => Forecast::Declared,
        declared => {
            let same = |other: &&Address| identity_of(desired, owner, other).as_ref() == Some(identity);
            match (desired.resources.keys().find(same), declared) {
                (Some(other), _) => Forecast::Moved(other.clone()),
                (None, Some(new)) => Forecast::Replaced(Box::new(new)),
                (None, None) => Forecast::Deleted,
            }
        }
    }
}

/// Returns what the cloud would know a declared resource by.
pub(super) fn identity_of(desired: &Desired, owner: &Owner, address: &Address) -> Option<Identity> {
    let declared = desired.resources.get(address)?;
    let parent = declared.parent.as_ref().and_then(|parent| full_name(&desired.resources, parent));
    Some(Identity {
        cloud: owner.cloud.clone(),
        account: owner.account.clone(),
        region: declared.region.clone(),
        kind: address.kind.clone(),
        parent,
        name: declared.name.clone(),
    })
}
