//! What an interrupted apply left behind, settled by reading. Nothing is written to the cloud.

use std::collections::BTreeMap;

use super::ground::Ground;
use super::{Failure, Setup, Survey};
use crate::apply::{Recovered, recover};
use crate::model::{Address, Attributes, Identity, Path, Resource, Schema};
use crate::state::{CallKind, Entry, Intent, Record};

/// What became of the calls whose answers were lost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovery {
    /// Calls that were carried out, as reading showed.
    pub found: Vec<(Address, CallKind)>,
    /// Calls of which nothing can be seen.
    pub nothing: Vec<(Address, CallKind)>,
    /// What was carried out, as the journal would have said it.
    pub(super) entries: Vec<Entry>,
}

/// Returns the type that an open call is of. A call that nobody here can read about is never dropped.
pub(super) fn schema_of(setup: &Setup, intent: &Intent) -> Result<&'static Schema, Failure> {
    let schema = setup.schemas.get(&intent.identity.kind);
    schema.ok_or_else(|| Failure::UnknownKind { address: intent.address.clone() })
}

/// Settles every open intent over the survey's state.
pub(super) async fn recover_all(
    setup: &Setup,
    survey: &mut Survey,
    open: &[Intent],
    present: &BTreeMap<Identity, Option<Resource>>,
) -> Result<Recovery, Failure> {
    let mut recovery = Recovery::default();
    for intent in open {
        let schema = schema_of(setup, intent)?;
        let live = present.get(&intent.identity).and_then(Option::as_ref);
        let record =
            survey.ground.state.as_ref().and_then(|state| state.records.get(&intent.address)).cloned();
        let code = match live {
            Some(resource) => code_of(setup, &survey.ground, intent, record.as_ref(), resource).await?,
            None => Attributes::new(),
        };
        let recovered =
            recover(intent, live.map(|resource| (resource, &code)), schema, &survey.ground.sealer);
        match (recovered, &mut survey.ground.state) {
            (Recovered::Written(intent, answer), Some(state)) => {
                state.complete(&intent, &answer);
                recovery.entries.extend([Entry::Intent(intent.clone()), Entry::Answer(answer)]);
                recovery.found.push((intent.address, intent.call));
            }
            _ => recovery.nothing.push((intent.address.clone(), intent.call)),
        }
    }
    Ok(recovery)
}

/// Returns the live code of a resource that a lost call may have written.
pub(super) async fn code_of(
    setup: &Setup,
    ground: &Ground,
    intent: &Intent,
    record: Option<&Record>,
    resource: &Resource,
) -> Result<Attributes, Failure> {
    let Some(schema) = setup.schemas.get(&intent.identity.kind).filter(|schema| schema.has_code()) else {
        return Ok(Attributes::new());
    };
    if intent.package.is_none() {
        return Ok(Attributes::new());
    }
    let before = record.map(Record::observed_code).unwrap_or_default();
    // What was sent: everything of a create, and over what was there before for an update.
    let mut sent = if intent.call == CallKind::Create { Attributes::new() } else { before.clone() };
    for (path, written) in intent.paths.iter().filter(|(path, _)| path.is_code()) {
        match &written.sent {
            Some(value) => sent.insert(path.clone(), value.clone()),
            None => sent.remove(path),
        };
    }
    let checksum = |package: &crate::state::RecordedPackage| package.checksum.clone();
    let sent_checksum = intent.package.as_ref().map(checksum).unwrap_or_default();
    let before_checksum = record.and_then(|record| record.package.as_ref()).map(checksum).unwrap_or_default();
    let known = [(sent_checksum.as_str(), &sent), (before_checksum.as_str(), &before)];
    let live = ground.live_side(setup, resource, schema, &known).await;
    let live = live.map_err(|error| Failure::package(&intent.address, error))?;
    Ok(live.attributes.into_iter().filter(|(path, _): &(Path, _)| path.is_code()).collect())
}
