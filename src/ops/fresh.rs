//! Is everything still as the plan saw it? Asked once before the first write.

use std::collections::BTreeMap;

use super::ground::LiveSecrets;
use super::step::{moved, seen};
use super::{Failure, Ground, Moved, Setup, Unread};
use crate::apply::Event;
use crate::model::{Address, Identity, Reading};
use crate::plan::{Change, Live, Plan};

/// Refuses a plan whose state was changed since the survey; holding the lock keeps it from changing now.
pub fn check_state(setup: &Setup, plan: &Plan) -> Result<(), Failure> {
    let now = setup.store.read()?.state.map(|state| (state.lineage, state.serial));
    // The survey has already folded an interrupted journal in; the caller saved that before planning.
    if now == plan.basis { Ok(()) } else { Err(Failure::StaleState) }
}

/// Reads everything that will be touched again, and refuses the plan when anything moved. Returns the live secrets
/// of what was read.
///
/// With `everything`, what the plan does not touch is read too, and told where it moved.
///
/// # Errors
/// Fails when something that will be touched moved, or cannot be read.
pub async fn check(
    setup: &Setup,
    ground: &Ground,
    plan: &Plan,
    everything: bool,
    tell: &mut dyn FnMut(Event),
) -> Result<LiveSecrets, Failure> {
    // The first step of a resource expects what the plan saw.
    let mut touched: BTreeMap<&Identity, (&Address, Option<&Live>)> = BTreeMap::new();
    for step in &plan.steps {
        if let Some(change) = plan.changes.get(&step.address) {
            touched.entry(&step.identity).or_insert((&step.address, seen(step, change)));
        }
    }
    let mut rest: BTreeMap<&Identity, (&Address, Option<&Live>)> = BTreeMap::new();
    for change in plan.changes.values().filter(|_| everything) {
        if !touched.contains_key(&change.identity) {
            rest.insert(&change.identity, (&change.address, change.live.as_ref()));
        }
    }
    let targets: Vec<Identity> =
        touched.keys().chain(rest.keys()).map(|identity| (*identity).clone()).collect();
    let readings = setup.provider.read(&targets, false).await.readings;

    let mut found = LiveSecrets::new();
    let mut unread = Vec::new();
    let mut stale = Vec::new();
    for (identity, reading) in &readings {
        let Some(schema) = setup.schemas.get(&identity.kind) else { continue };
        let own = touched.get(identity);
        let Some((address, saw)) = own.or_else(|| rest.get(identity)).copied() else { continue };
        let now = match reading {
            Reading::Present(resource) => Some(resource.as_ref()),
            Reading::Absent => None,
            // What is only recorded can be recorded from the approved reading, unless its secrets have to be sealed anew.
            Reading::Unknown(_) if own.is_none() && ground.state.is_some() => continue,
            Reading::Unknown(why) => {
                unread.push(Unread { address: address.clone(), why: (**why).clone() });
                continue;
            }
        };
        if let Some(resource) = now {
            found.extend(ground.secrets_of(schema, resource));
        }
        let differences = moved(setup, ground, schema, saw, now).await;
        let differences = differences.map_err(|error| Failure::package(address, error))?;
        if differences.is_empty() {
            continue;
        }
        let (address, modified) = (address.clone(), now.and_then(|resource| resource.modified.clone()));
        if own.is_some() {
            stale.push(Moved { address, differences, modified });
        } else {
            tell(Event::Elsewhere { address, differences, modified });
        }
    }
    unread.sort_by(|one, other| one.address.cmp(&other.address));
    stale.sort_by(|one, other| one.address.cmp(&other.address));
    match (unread.is_empty(), stale.is_empty()) {
        (false, _) => Err(Failure::Unknown(unread)),
        (_, false) => Err(Failure::Stale(stale)),
        _ => Ok(found),
    }
}

/// Reads the resources of some changes again, though nothing of them will be written, and refuses when one of them
/// moved since the plan saw it. Returns the live secrets of what was read.
///
/// # Errors
/// Fails when one of them moved, or cannot be read.
pub async fn check_changes(
    setup: &Setup,
    ground: &Ground,
    changes: &[&Change],
) -> Result<LiveSecrets, Failure> {
    let targets: Vec<Identity> = changes.iter().map(|change| change.identity.clone()).collect();
    let readings = setup.provider.read(&targets, false).await.readings;
    let (mut found, mut unread, mut stale) = (LiveSecrets::new(), Vec::new(), Vec::new());
    for change in changes {
        let Some(schema) = setup.schemas.get(&change.identity.kind) else { continue };
        let address = &change.address;
        let now = match readings.get(&change.identity) {
            Some(Reading::Present(resource)) => Some(resource.as_ref()),
            Some(Reading::Absent) => None,
            Some(Reading::Unknown(why)) => {
                unread.push(Unread { address: address.clone(), why: (**why).clone() });
                continue;
            }
            None => continue,
        };
        if let Some(resource) = now {
            found.extend(ground.secrets_of(schema, resource));
        }
        let differences = moved(setup, ground, schema, change.live.as_ref(), now).await;
        let differences = differences.map_err(|error| Failure::package(address, error))?;
        if !differences.is_empty() {
            let modified = now.and_then(|resource| resource.modified.clone());
            stale.push(Moved { address: address.clone(), differences, modified });
        }
    }
    match (unread.is_empty(), stale.is_empty()) {
        (false, _) => Err(Failure::Unknown(unread)),
        (_, false) => Err(Failure::Stale(stale)),
        _ => Ok(found),
    }
}
