//! The way back from the last apply, as a plan like any other.
//!
//! Of every call the journal holds what was there before it. An undo writes that again wherever the apply's own
//! values are still live; what somebody edited since is a question, and is never overwritten unasked. The
//! configuration stays as it is: what is brought back is recorded beside what the configuration says now, and
//! accepted where the two differ, as though somebody had answered use-live. So the plan after an undo is empty, and
//! a configuration that is reverted as well converges.
//!
//! What cannot be brought back is [`Lost`], each with its reason; the rest is brought back without it.

mod one;
mod order;
mod paths;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::build::{Builder, finished, known};
use super::moves::Kept;
use super::{Action, Change, Plan, PlanInput, Standing, Wanted};
use crate::diag::Diagnostic;
use crate::model::{Address, DesiredAttributes, Identity, OutputRef, Path, Planned, Schema, Value};
use crate::state::{LastApply, Record, Serial, Touched};

/// Which apply a plan undoes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Undo {
    /// Which command, and by whom; for people.
    pub of: String,
    /// When it began, RFC 3339 in UTC.
    pub at: Option<String>,
    /// The serial of the state that it continued.
    pub serial: Serial,
    /// What of it cannot be brought back.
    pub lost: Vec<Lost>,
}

/// Something that cannot be brought back.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lost {
    /// The resource.
    pub address: Address,
    /// The place in it; the root where it is the resource as a whole.
    pub path: Path,
    /// Why.
    pub why: LostWhy,
}

/// Why something cannot be brought back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LostWhy {
    /// Secrets are not kept, and the configuration does not declare this one.
    Secret,
    /// The service never shows it, so nobody knows what it was.
    NeverShown,
    /// Its package was not kept.
    Package,
    /// Its package was replaced since by one that is no readable archive, or is compared otherwise than it was.
    Unreadable,
    /// Something that it cannot be made without is lost.
    Incomplete,
    /// It exists again: somebody made it since.
    ExistsAgain,
    /// It was deleted since.
    DeletedSince,
    /// What it belongs to is gone.
    ParentGone,
    /// What it names went with what it belongs to, for good.
    WentAlong,
    /// What it needs cannot be brought back.
    NeedsLost,
    /// It holds what is somebody else's.
    Shared,
    /// The journal of that apply does not say what was there.
    NotRecorded,
}

/// What an undo goes back by, beside the three sides.
pub struct Back<'a> {
    /// The last apply.
    pub last: &'a LastApply,
    /// Whether the content of a file, or a whole package, is at hand.
    pub at_hand: &'a dyn Fn(&Value) -> bool,
}

/// Plans the way back from the last apply.
///
/// # Errors
/// Fails only where no plan can be made: something was not read, the service would refuse the result, or a removal
/// would take live children along that are somebody else's.
pub fn undo(mut input: PlanInput<'_>, back: &Back<'_>) -> Result<Plan, Vec<Diagnostic>> {
    let (left_out, skipped) = (std::mem::take(&mut input.left_out), std::mem::take(&mut input.skipped));
    let unread = back.last.touched.iter().filter(|(identity, touched)| {
        !input.live.contains_key(identity) && !left_out.contains(&touched.address)
    });
    let unread: Vec<Diagnostic> = unread
        .map(|(identity, Touched { address, .. })| {
            let what = format!("{address}: nobody has read `{identity}`, so nothing can be planned for it");
            Diagnostic::error("E0304", what)
        })
        .collect();
    if !unread.is_empty() {
        return Err(unread);
    }
    let mut undoing = Undoing::new(&input, back);
    // Parents first: a child goes and comes with what it belongs to.
    let mut touched: Vec<_> = back.last.touched.iter().collect();
    touched.sort_by_key(|(identity, _)| identity.depth());
    for (identity, touched) in touched {
        if !left_out.contains(&undoing.addresses[identity].0) {
            undoing.bring_back(identity, touched);
        }
    }
    let Undoing { changes, mut lost, .. } = undoing;
    lost.sort();
    let steps = order::steps(&changes, back.last, input.schemas);

    let mut problems = Vec::new();
    for change in changes.values().filter(|change| change.writes() && change.action != Action::Delete) {
        for refusal in (input.refuses)(&change.identity.kind, &known(&change.composed())) {
            problems.push(Diagnostic::error("E0301", format!("{}: {refusal}", change.address)));
        }
    }
    let records = std::mem::take(&mut input.records);
    let records = records.into_iter().map(|(address, record)| (address, Kept { moved_from: None, record }));
    let (families, parents) = (BTreeMap::new(), BTreeMap::new());
    let mut builder = Builder { input, records: records.collect(), families, parents, changes, problems };
    let unmanaged = builder.unmanaged();
    builder.check_removals(&unmanaged);
    let Builder { input, changes, problems, .. } = builder;
    if !problems.is_empty() {
        return Err(problems);
    }
    let recalled = |change: &&Change| input.remembered.contains(&change.identity);
    let remembered = changes.values().filter(recalled).map(|change| change.address.clone()).collect();
    let LastApply { note, at, serial, .. } = back.last;
    let undo = Some(Undo { of: note.clone(), at: at.clone(), serial: *serial, lost });
    let (owner, basis) = (input.owner, input.basis);
    Ok(Plan { owner, basis, changes, unmanaged, left_out, skipped, remembered, steps, undo })
}

struct Undoing<'a> {
    input: &'a PlanInput<'a>,
    back: &'a Back<'a>,
    declared: BTreeMap<&'a Identity, (&'a Address, &'a Wanted)>,
    /// The address of every touched resource, and the one that its record has where that is another.
    addresses: BTreeMap<&'a Identity, (Address, Option<Address>)>,
    /// Declared resources that are made again: what they give is not known yet.
    pending: BTreeSet<Address>,
    changes: BTreeMap<Address, Change>,
    lost: Vec<Lost>,
}

impl<'a> Undoing<'a> {
    fn new(input: &'a PlanInput<'a>, back: &'a Back<'a>) -> Self {
        let declared: BTreeMap<&Identity, (&Address, &Wanted)> =
            input.desired.iter().map(|(address, wanted)| (&wanted.identity, (address, wanted))).collect();
        let addresses = addresses(input, back.last, &declared);
        let made = |(identity, touched): &(&Identity, &Touched)| {
            let there = matches!(input.live.get(identity), Some(Some(_)));
            touched.before.is_some() && !touched.is_changed() && (!there || touched.after.is_some())
        };
        let made = back.last.touched.iter().filter(made);
        let pending = made.filter_map(|(identity, _)| Some(declared.get(identity)?.0.clone())).collect();
        Self { input, back, declared, addresses, pending, changes: BTreeMap::new(), lost: Vec::new() }
    }

    fn schema(&self, identity: &Identity) -> Option<&'static Schema> {
        self.input.schemas.get(&identity.kind)
    }

    fn record(&self, identity: &Identity) -> Option<&'a Record> {
        self.input.records.values().find(|record| record.identity == *identity)
    }

    fn lose(&mut self, address: &Address, path: Path, why: LostWhy) {
        self.lost.push(Lost { address: address.clone(), path, why });
    }

    /// Returns what the configuration says of a resource now, as far as it can be known.
    fn desired(&self, identity: &Identity) -> DesiredAttributes {
        let Some((_, wanted)) = self.declared.get(identity) else { return DesiredAttributes::new() };
        let known = |(path, planned): (&Path, &Planned)| {
            let Planned::Promised(template) = planned else { return Some((path.clone(), planned.clone())) };
            if template.sources().iter().any(|source| self.pending.contains(*source)) {
                return Some((path.clone(), planned.clone()));
            }
            let value = template.resolve(|output| self.output(output)).ok()?;
            let schema = self.schema(identity)?;
            Some((path.clone(), finished(self.input, schema, identity, path, value).into()))
        };
        wanted.attributes.iter().filter_map(known).collect()
    }

    /// Returns an output of a resource that stands, or as it was when it was last seen.
    fn output(&self, output: &OutputRef) -> Option<Value> {
        let OutputRef { address, output } = output;
        let record = self.input.records.get(address).or_else(|| self.input.outside.get(address));
        let identity = self
            .input
            .desired
            .get(address)
            .map(|wanted| &wanted.identity)
            .or(record.map(|record| &record.identity));
        let live = identity.and_then(|identity| self.input.live.get(identity)?.as_ref());
        let outputs = live.map(|live| &live.outputs).or(record.map(|record| &record.outputs));
        outputs?.get(output).cloned()
    }

    /// Returns the address of what a resource belongs to.
    fn parent_of(&self, identity: &Identity) -> Option<Address> {
        let parent = self.input.schemas.parent_of(identity)?;
        let is_it = |other: &&Identity| **other == parent;
        let touched = self.addresses.iter().find(|(other, _)| is_it(other)).map(|(_, (address, _))| address);
        let declared =
            || self.declared.iter().find(|(other, _)| is_it(other)).map(|(_, (address, _))| *address);
        let recorded = || self.input.records.iter().find(|(_, record)| is_it(&&record.identity));
        touched.or_else(declared).or_else(|| recorded().map(|(address, _)| address)).cloned()
    }

    /// Returns the planned change of what a resource belongs to.
    fn planned_parent(&self, identity: &Identity) -> Option<&Change> {
        self.changes.get(&self.parent_of(identity)?)
    }

    fn standing(&self, identity: &Identity) -> Standing {
        match (self.declared.contains_key(identity), self.record(identity)) {
            (true, _) => Standing::Declared,
            (false, Some(_)) => Standing::Recorded,
            (false, None) => Standing::Neither,
        }
    }
}

/// Gives each touched resource one address: the one that its record has, else the one that declares it, else the one
/// that it had. Where that is taken by another resource it is parked.
fn addresses<'a>(
    input: &PlanInput<'_>,
    last: &'a LastApply,
    declared: &BTreeMap<&Identity, (&Address, &Wanted)>,
) -> BTreeMap<&'a Identity, (Address, Option<Address>)> {
    let recorded: BTreeMap<&Identity, &Address> =
        input.records.iter().map(|(address, record)| (&record.identity, address)).collect();
    // What was renamed, and whose old name is declared again: that one gets the address.
    let claimed = |address: &Address, identity: &Identity| {
        input.desired.get(address).is_some_and(|wanted| {
            wanted.identity != *identity
                && last.touched.contains_key(&wanted.identity)
                && !recorded.contains_key(&wanted.identity)
        })
    };
    let mut given = BTreeMap::new();
    let mut taken: BTreeSet<Address> = input.records.keys().chain(input.desired.keys()).cloned().collect();
    for (identity, touched) in &last.touched {
        let found = match (recorded.get(identity), declared.get(identity)) {
            (Some(address), _) if claimed(address, identity) => {
                (address.parked(identity), Some((*address).clone()))
            }
            (Some(address), _) | (None, Some((address, _))) => ((*address).clone(), None),
            (None, None) if taken.insert(touched.address.clone()) => (touched.address.clone(), None),
            (None, None) => (touched.address.parked(identity), None),
        };
        given.insert(identity, found);
    }
    given
}
