//! Carries an approved plan out.
//!
//! First everything that will be touched is read again: what moved ends the apply before it began. Then the
//! machine says which step may start, steps run concurrently, and their answers come home to one loop. What
//! was learned is in the journal before anything builds on it; the state is written once, at the end.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::sync::watch;

use super::ground::LiveSecrets;
use super::seals::Seals;
use super::step::{Done, Learned, Shared};
use super::{Failure, Ground, Packages, Setup, fresh};
use crate::apply::{End, Event, Machine, StepEnd};
use crate::backend::{JournalWriteError, Lock};
use crate::model::{Digest, Sealer};
use crate::plan::{Action, ApprovedPlan, Plan, StepId, settlements};
use crate::state::{Entry, Journal, JournalHeader, Lineage, Serial, State};
use crate::sys::ids::Ids;

/// How long steps in flight may take to end after a first interruption.
const GRACE: Duration = Duration::from_secs(30);

/// What an apply needs beside the plan.
pub struct Job<'a> {
    /// Everything wired.
    pub setup: &'a Setup,
    /// What the plan stands on.
    pub ground: &'a Ground,
    /// The packages of the plan.
    pub packages: &'a Packages,
    /// The held state.
    pub lock: &'a Lock,
    /// Draws the lineage and salt of a first state.
    pub ids: &'a dyn Ids,
    /// The plan was made by another run: what it does not touch is read again too, and told where it moved.
    pub saved: bool,
    /// How many steps run at once.
    pub parallelism: usize,
    /// How often the user asked to stop: once, no new step starts; twice, it ends at once.
    pub interrupted: watch::Receiver<u8>,
    /// For people: which command, by whom.
    pub note: String,
    /// When it begins, RFC 3339 in UTC.
    pub at: String,
}

/// How an apply ended.
#[derive(Debug)]
pub struct Report {
    /// Every step that ran, and how it ended.
    pub ends: BTreeMap<StepId, StepEnd>,
    /// Steps that never started.
    pub not_started: Vec<StepId>,
    /// Steps that were left while their call was under way; the journal knows them.
    pub in_flight: Vec<StepId>,
    /// Whether the user stopped it.
    pub interrupted: bool,
    /// The serial of the state that was written; `None` where there was nothing to record.
    pub serial: Option<Serial>,
    /// The state afterwards.
    pub state: Option<State>,
}

impl Report {
    /// Returns whether everything that was planned was done.
    pub fn is_good(&self) -> bool {
        !self.interrupted && self.not_started.is_empty() && self.ends.values().all(StepEnd::is_good)
    }
}

/// Carries an approved plan out, telling `tell` what happens.
pub async fn apply(
    job: &Job<'_>,
    approved: &ApprovedPlan,
    tell: &mut dyn FnMut(Event),
) -> Result<Report, Failure> {
    let plan = approved.plan();
    fresh::check_state(job.setup, plan)?;
    let found = fresh::check(job.setup, job.ground, plan, job.saved, tell).await?;

    let mut state = state_of(job.ground, job.ids);
    let sealer = Sealer::new(state.salt.clone(), job.setup.secret_names.clone());
    let seals = seals(job.setup, job.ground, plan, &sealer, &found);
    let settled: Vec<Entry> = settlements(plan, &state.records, &job.setup.schemas)
        .into_iter()
        .map(|entry| seals.entry(entry))
        .collect();
    if plan.steps.is_empty() && settled.is_empty() {
        let state = job.ground.state.clone();
        return Ok(Report {
            ends: BTreeMap::new(),
            not_started: Vec::new(),
            in_flight: Vec::new(),
            interrupted: false,
            serial: None,
            state,
        });
    }
    keep_settled(job.setup, job.ground, job.lock, plan, &settled).await?;
    let header = JournalHeader {
        owner: state.owner.clone(),
        lineage: state.lineage.clone(),
        serial: state.serial,
        salt: state.salt.clone(),
        note: job.note.clone(),
        at: Some(job.at.clone()),
    };
    let journal = job.setup.store.begin_journal(job.lock, &header)?;
    journal.append(&settled).await?;
    for entry in &settled {
        state.apply(entry);
    }

    let records = state.records.clone();
    let shared = Shared {
        setup: job.setup,
        ground: job.ground,
        plan,
        packages: job.packages,
        journal: &journal,
        lock: job.lock,
        seals: &seals,
        sealer: &sealer,
        records: &records,
        learned: Mutex::new(Learned::default()),
    };
    let mut run = run(job, plan, &shared, &mut state, tell).await?;
    drop(journal);

    let uncertain =
        run.ends.values().any(|end| matches!(end, StepEnd::Uncertain(_))) || !run.in_flight.is_empty();
    // What it did to the cloud is kept for an undo, also where no record moved by it.
    let did = if uncertain { None } else { job.setup.store.journal()?.and_then(|journal| journal.kept()) };
    let recorded = job.ground.state.as_ref().map_or(!state.records.is_empty(), |before| *before != state);
    let moved = recorded || did.is_some();
    if !uncertain && !moved {
        // Everything was refused: there is nothing to remember, and no state that would be another one.
        job.setup.store.discard_journal(job.lock)?;
    } else if !uncertain {
        if let Some(did) = &did {
            job.setup.store.keep_last(job.lock, did)?;
            state.applied = Some(did.header.serial);
        }
        state.serial = Serial(state.serial.0 + 1);
        job.setup.store.save(job.lock, &state)?;
        let mut needed: BTreeSet<Digest> =
            state.records.values().filter_map(|record| record.package.as_ref()?.digest).collect();
        let last = did.or_else(|| job.setup.store.last().ok().flatten());
        needed.extend(last.iter().flat_map(Journal::overwritten));
        if let Err(error) = job.setup.store.prune_packages(job.lock, &needed) {
            tell(Event::Unpruned(error.to_string()));
        }
    } // otherwise the journal stays, and the next command settles what is open
    run.not_started.sort_unstable();
    Ok(Report {
        ends: run.ends,
        not_started: run.not_started,
        in_flight: run.in_flight,
        interrupted: run.interrupted,
        serial: (!uncertain && moved).then_some(state.serial),
        state: Some(state),
    })
}

/// Returns the state that is continued; a first one is drawn.
pub(super) fn state_of(ground: &Ground, ids: &dyn Ids) -> State {
    let first = || State::new(ground.owner.clone(), Lineage(ids.lineage().to_string()), ids.salt().to_vec());
    ground.state.clone().unwrap_or_else(first)
}

/// Keeps the live packages whose files are recorded without a call, so that the next plan can show their texts.
///
/// One that cannot be had any more is let be: its files are then told by their digests.
pub(super) async fn keep_settled(
    setup: &Setup,
    ground: &Ground,
    lock: &Lock,
    plan: &Plan,
    settled: &[Entry],
) -> Result<(), Failure> {
    for entry in settled {
        if let Entry::Settled { address, record } = entry
            && let Some(digest) = record.package.as_ref().and_then(|package| package.digest)
            && let Some(change) = plan.changes.get(address)
            && change.live.as_ref().is_some_and(|live| live.archive == Some(digest))
            && let Some(bytes) = ground.archive(setup, &change.identity, digest).await
        {
            setup.store.keep_package(lock, digest, &bytes)?;
        }
    }
    Ok(())
}

/// Learns every secret seen in clear under the new state's salt, where the plan was sealed with a derived one.
pub(super) fn seals(
    setup: &Setup,
    ground: &Ground,
    plan: &Plan,
    sealer: &Sealer,
    found: &LiveSecrets,
) -> Seals {
    let mut seals = Seals::default();
    if ground.state.is_some() {
        return seals;
    }
    let declared = ground.secrets.iter().flat_map(|(address, secrets)| {
        let identity = plan.changes.get(address).map(|change| &change.identity);
        secrets.iter().filter_map(move |(path, clear)| Some((identity?, path, clear)))
    });
    let live = ground.live_secrets.iter().chain(found).map(|(identity, path, clear)| (identity, path, clear));
    for (identity, path, clear) in declared.chain(live) {
        if let Some(schema) = setup.schemas.get(&identity.kind) {
            seals.learn(&ground.sealer, sealer, schema, identity, path, clear);
        }
    }
    seals
}

struct Run {
    ends: BTreeMap<StepId, StepEnd>,
    not_started: Vec<StepId>,
    in_flight: Vec<StepId>,
    interrupted: bool,
}

async fn run(
    job: &Job<'_>,
    plan: &Plan,
    shared: &Shared<'_>,
    state: &mut State,
    tell: &mut dyn FnMut(Event),
) -> Result<Run, Failure> {
    let mut machine = Machine::new(&plan.steps);
    let mut run =
        Run { ends: BTreeMap::new(), not_started: Vec::new(), in_flight: Vec::new(), interrupted: false };
    let mut started = BTreeSet::new();
    let mut flying = FuturesUnordered::new();
    let mut interrupted = job.interrupted.clone();
    let mut deadline = None;
    let mut unwritten: Option<JournalWriteError> = None;
    loop {
        while flying.len() < job.parallelism.max(1)
            && let Some(step) = machine.start_next()
        {
            tell(Event::Started(step.id));
            started.insert(step.id);
            flying.push(async move {
                let begun = Instant::now();
                (step.id, shared.run(step).await, begun.elapsed())
            });
        }
        if flying.is_empty() {
            break;
        }
        tokio::select! {
            Some((id, done, took)) = flying.next() => {
                let Done { end, recorded } = match done {
                    Ok(done) => done,
                    // No call without its intent: what is in flight is finished, and nothing new starts.
                    Err(error) => {
                        machine.stop();
                        unwritten.get_or_insert(error);
                        deadline.get_or_insert(tokio::time::Instant::now() + GRACE);
                        continue;
                    }
                };
                if let Some((intent, answer)) = &recorded {
                    state.complete(intent, answer);
                }
                if end.is_good() && let Some(forgotten) = released(plan, id) {
                    match shared.journal.append(std::slice::from_ref(&forgotten)).await {
                        Ok(()) => state.apply(&forgotten),
                        Err(error) => {
                            machine.stop();
                            unwritten.get_or_insert(error);
                        }
                    }
                }
                let abandoned = machine.finish(id, if end.is_good() { End::Good } else { End::Bad });
                tell(Event::Ended { step: id, end: end.clone(), took });
                run.ends.insert(id, end);
                for id in &abandoned {
                    tell(Event::NotStarted(*id));
                }
                run.not_started.extend(abandoned);
            }
            Ok(()) = interrupted.changed() => {
                machine.stop();
                if !run.interrupted {
                    tell(Event::Stopping);
                    run.interrupted = true;
                    deadline = Some(tokio::time::Instant::now() + GRACE);
                }
                if *interrupted.borrow() > 1 {
                    break;
                }
            }
            () = until(deadline) => {
                break;
            }
        }
    }
    if let Some(error) = unwritten {
        return Err(error.into());
    }
    let waiting = plan
        .steps
        .iter()
        .filter(|step| !run.ends.contains_key(&step.id) && !run.not_started.contains(&step.id));
    let (in_flight, waiting): (Vec<StepId>, Vec<StepId>) =
        waiting.map(|step| step.id).partition(|id| started.contains(id));
    run.in_flight = in_flight;
    run.not_started.extend(waiting);
    Ok(run)
}

/// A shared resource is no longer ours once our parts of it are removed.
fn released(plan: &Plan, id: StepId) -> Option<Entry> {
    let change = plan.changes.get(&plan.steps.get(id)?.address)?;
    (change.action == Action::Release).then(|| Entry::Forgotten { address: change.address.clone() })
}

async fn until(deadline: Option<tokio::time::Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
