//! One step of an apply: read, compare, record the intent, call, record the answer.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::ground::Ground;
use super::recovery::code_of;
use super::seals::Seals;
use super::{Packages, Setup};
use crate::apply::{Materials, Prepared, Recovered, StepEnd, conclude, differences, prepare, recover};
use crate::backend::{JournalWriteError, JournalWriter, Lock};
use crate::model::{
    Address, Attributes, Call, CloudError, Digest, ErrorClass, Identity, Operation, Outcome, OutputRef,
    Reading, Resource, Schema, Sealer, Value,
};
use crate::plan::{Change, Live, Plan, Step, StepKind};
use crate::state::{Answer, Entry, Intent, Record};

/// How long a resource that this run made may be "not there yet".
const NOT_YET: Duration = Duration::from_secs(30);

/// How long to wait between two looks at something that is not there yet.
const LOOK_AGAIN: Duration = Duration::from_millis(250);

/// What the steps of one apply share.
pub(super) struct Shared<'a> {
    pub setup: &'a Setup,
    pub ground: &'a Ground,
    pub plan: &'a Plan,
    pub packages: &'a Packages,
    pub journal: &'a JournalWriter,
    pub lock: &'a Lock,
    pub seals: &'a Seals,
    /// Seals with the salt of the state that is being written.
    pub sealer: &'a Sealer,
    /// The records as they are when the steps begin.
    pub records: &'a BTreeMap<Address, Record>,
    /// What this run has learned so far.
    pub learned: Mutex<Learned>,
}

/// What an apply learns as it goes.
#[derive(Default)]
pub(super) struct Learned {
    /// Outputs of resources that this run wrote.
    pub outputs: BTreeMap<Address, BTreeMap<String, Value>>,
    /// Resources that this run made.
    pub created: Vec<Identity>,
    /// Resources as they were before this run removed them, by address.
    pub removed: BTreeMap<Address, Resource>,
}

/// What a step came to.
pub(super) struct Done {
    pub end: StepEnd,
    /// What is to be recorded in the state.
    pub recorded: Option<(Intent, Answer)>,
}

impl Done {
    fn without_record(end: StepEnd) -> Self {
        Self { end, recorded: None }
    }
}

impl Shared<'_> {
    /// Carries out one step. Fails only when the journal cannot be written.
    pub async fn run(&self, step: &Step) -> Result<Done, JournalWriteError> {
        let Some((change, schema)) =
            self.plan.changes.get(&step.address).zip(self.setup.schemas.get(&step.identity.kind))
        else {
            return Ok(Done::without_record(StepEnd::Unprepared("the plan has no such change".to_owned())));
        };
        let live = match self.setup.provider.read_one(&step.identity).await {
            Reading::Present(resource) => Some(*resource),
            Reading::Absent => None,
            Reading::Unknown(why) => {
                return Ok(Done::without_record(StepEnd::Unprepared(format!(
                    "it could not be read just before its write: {}",
                    why.message
                ))));
            }
        };
        match self.moved(step, change, schema, live.as_ref()).await {
            Ok(moved) if moved.is_empty() => {}
            Ok(moved) => return Ok(Done::without_record(StepEnd::Moved(moved))),
            Err(error) => return Ok(Done::without_record(StepEnd::Unprepared(error.to_string()))),
        }
        let (operation, mut intent) = match self.prepared(step, change, schema, live.as_ref()) {
            Ok(Prepared::Call(operation, intent)) => (*operation, self.seals.intent(*intent)),
            Ok(Prepared::Unneeded(intent)) => {
                return self.unneeded(self.seals.intent(*intent), live.as_ref()).await;
            }
            Err(why) => return Ok(Done::without_record(StepEnd::Unprepared(why))),
        };
        if let Err(why) = self.keep_packages(change, &operation).await {
            return Ok(Done::without_record(StepEnd::Unprepared(why)));
        }
        self.keep_overwritten(&mut intent).await;
        self.journal.append(&[Entry::Intent(intent.clone())]).await?;
        let outcome = self.perform(&operation, change).await;
        self.conclude(intent, &operation, outcome, schema, live).await
    }

    /// Says what moved between the plan's reading and this one.
    async fn moved(
        &self,
        step: &Step,
        change: &Change,
        schema: &Schema,
        live: Option<&Resource>,
    ) -> Result<Vec<crate::apply::Difference>, CloudError> {
        let saw = seen(step, change);
        moved(self.setup, self.ground, schema, saw, live).await
    }

    fn prepared(
        &self,
        step: &Step,
        change: &Change,
        schema: &Schema,
        live: Option<&Resource>,
    ) -> Result<Prepared, String> {
        let secrets = self.ground.secrets.get(&step.address);
        let writes_code = step.kind != StepKind::Delete && change.writes_code();
        let learned = self.learned.lock().unwrap_or_else(PoisonError::into_inner);
        let outputs = |output: &OutputRef| self.output(&learned, output);
        let materials = Materials {
            schema,
            change,
            step,
            live,
            saw: seen(step, change),
            record: self.recorded(step),
            removed: learned.removed.get(&step.address),
            outputs: &outputs,
            secrets: &|path| secrets?.get(path).cloned(),
            sealer: &self.ground.sealer,
            package: self.packages.get(&step.address).filter(|_| writes_code).cloned(),
        };
        prepare(&materials).map_err(|error| error.to_string())
    }

    /// Returns what is recorded of the resource that a step is about.
    fn recorded(&self, step: &Step) -> Option<&Record> {
        let parked = step.address.parked(&step.identity);
        let mut known = [&step.address, &parked].into_iter().filter_map(|address| self.records.get(address));
        known.find(|record| record.identity == step.identity)
    }

    /// Returns an output as it is by now: of this run, else as the plan read it, else as it was recorded.
    fn output(&self, learned: &Learned, output: &OutputRef) -> Option<Value> {
        let OutputRef { address, output } = output;
        if let Some(outputs) = learned.outputs.get(address) {
            return outputs.get(output).cloned();
        }
        let change = self.plan.changes.get(address);
        if let Some(live) = change.and_then(|change| change.live.as_ref()) {
            return live.outputs.get(output).cloned();
        }
        let state = self.ground.state.as_ref()?;
        state.records.get(address)?.outputs.get(output).cloned()
    }

    /// Everything that became known is live already: recorded without a call.
    async fn unneeded(&self, intent: Intent, live: Option<&Resource>) -> Result<Done, JournalWriteError> {
        let outputs = live.map(|live| live.outputs.clone()).unwrap_or_default();
        let answer = Answer { number: intent.number, done: true, observed: BTreeMap::new(), outputs };
        self.journal.append(&[Entry::Intent(intent.clone()), Entry::Answer(answer.clone())]).await?;
        Ok(Done { end: StepEnd::Unneeded, recorded: Some((intent, answer)) })
    }

    /// Keeps what is about to be uploaded, and the live package that it overwrites.
    async fn keep_packages(&self, change: &Change, operation: &Operation) -> Result<(), String> {
        let store = &self.setup.store;
        let keep = |digest: Digest, bytes: &[u8]| {
            store
                .keep_package(self.lock, digest, bytes)
                .map_err(|error| format!("its package could not be kept: {error}"))
        };
        let old = change.old_identity.as_ref().unwrap_or(&change.identity);
        for (identity, live) in [(&change.identity, &change.live), (old, &change.old_live)] {
            if let Some(digest) = live.as_ref().and_then(|live| live.archive)
                && let Some(bytes) = self.ground.archive(self.setup, identity, digest).await
            {
                keep(digest, &bytes)?;
            }
        }
        match &operation.call {
            Call::Create { package: Some(package), .. } | Call::Update { package: Some(package), .. } => {
                keep(package.digest, &package.bytes)
            }
            _ => Ok(()),
        }
    }

    /// Keeps the live package that a call is about to overwrite or take away, where it is not kept yet, so that it can
    /// be brought back. One that cannot be had does not stand in the way of what was approved.
    async fn keep_overwritten(&self, intent: &mut Intent) {
        let store = &self.setup.store;
        let Some(package) = &mut intent.overwritten else { return };
        if package.digest.is_some_and(|digest| store.has_package(digest)) {
            return;
        }
        package.digest = match self.setup.provider.package(&intent.identity).await {
            Ok(bytes) if self.setup.provider.checksum(&bytes) == package.checksum => {
                let digest = Digest::of(&bytes);
                store.keep_package(self.lock, digest, &bytes).is_ok().then_some(digest)
            }
            _ => None,
        };
    }

    /// Makes the call; a "not found" about something that this run made means "not yet".
    async fn perform(&self, operation: &Operation, change: &Change) -> Outcome {
        let until = Instant::now() + NOT_YET;
        loop {
            let outcome = self.setup.provider.perform(operation).await;
            let not_yet = matches!(&outcome, Outcome::Refused(error) if error.class == ErrorClass::NotFound);
            if !(not_yet && self.waits_for_new(operation, change)) || Instant::now() >= until {
                return outcome;
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    fn waits_for_new(&self, operation: &Operation, change: &Change) -> bool {
        let learned = self.learned.lock().unwrap_or_else(PoisonError::into_inner);
        let of_sources = change.depends_on.iter().filter_map(|source| self.plan.changes.get(source));
        let mut needed =
            of_sources.map(|source| &source.identity).chain(std::iter::once(&operation.identity));
        needed.any(|identity| learned.created.contains(identity))
    }

    async fn conclude(
        &self,
        intent: Intent,
        operation: &Operation,
        outcome: Outcome,
        schema: &Schema,
        before: Option<Resource>,
    ) -> Result<Done, JournalWriteError> {
        let refused = |intent: &Intent| Answer {
            number: intent.number,
            done: false,
            observed: BTreeMap::new(),
            outputs: BTreeMap::new(),
        };
        let (answered, end) = match outcome {
            Outcome::Done(answered) => (answered, StepEnd::Done),
            Outcome::Partial { live, error } => (Some(live), StepEnd::Partial(error)),
            Outcome::Refused(error) => {
                self.journal.append(&[Entry::Answer(refused(&intent))]).await?;
                return Ok(Done::without_record(StepEnd::Refused(error)));
            }
            Outcome::Unknown(error) => {
                let done = self.settle_lost(intent, error, schema).await?;
                if done.end.is_good() {
                    self.learn(operation, None, before);
                }
                return Ok(done);
            }
        };
        if let Some(error) = other_package(&intent, answered.as_deref()) {
            let mut done = self.settle_lost(intent, error, schema).await?;
            if done.end.is_good() {
                self.learn(operation, answered.as_deref(), before);
                done.end = end;
            }
            return Ok(done);
        }
        let answer = conclude(&intent, answered.as_deref(), schema, self.sealer);
        self.journal.append(&[Entry::Answer(answer.clone())]).await?;
        self.learn(operation, answered.as_deref(), before);
        if matches!(operation.call, Call::Create { .. }) {
            self.wait_until_seen(&operation.identity).await;
        }
        Ok(Done { end, recorded: Some((intent, answer)) })
    }

    /// Settles a call whose answer was lost, by the rule of recovery: it reads, and records what it sees.
    async fn settle_lost(
        &self,
        intent: Intent,
        error: CloudError,
        schema: &Schema,
    ) -> Result<Done, JournalWriteError> {
        let until = Instant::now() + NOT_YET;
        let live = loop {
            match self.setup.provider.read_one(&intent.identity).await {
                Reading::Present(resource) => break Some(*resource),
                Reading::Absent => break None,
                // The journal keeps the question open; the next plan asks it.
                Reading::Unknown(_) if Instant::now() >= until => {
                    return Ok(Done::without_record(StepEnd::Uncertain(error)));
                }
                Reading::Unknown(_) => tokio::time::sleep(LOOK_AGAIN).await,
            }
        };
        let code = match &live {
            Some(resource) => {
                let record = self.records.get(&intent.address);
                match code_of(self.setup, self.ground, &intent, record, resource).await {
                    Ok(code) => code,
                    Err(_) => return Ok(Done::without_record(StepEnd::Uncertain(error))),
                }
            }
            None => Attributes::new(),
        };
        match recover(&intent, live.as_ref().map(|resource| (resource, &code)), schema, self.sealer) {
            Recovered::Written(seen, answer) => {
                let whole = seen.paths.len() == intent.paths.len();
                // The journal's intent says what was sent; an answer may only settle what was seen of it.
                let entries = if whole {
                    vec![Entry::Answer(answer.clone())]
                } else {
                    vec![Entry::Intent(seen.clone()), Entry::Answer(answer.clone())]
                };
                self.journal.append(&entries).await?;
                if let Some(resource) = &live {
                    self.learn_outputs(&intent.address, resource);
                }
                let end = if whole { StepEnd::Done } else { StepEnd::Refused(error) };
                Ok(Done { end, recorded: Some((seen, answer)) })
            }
            Recovered::Nothing => {
                let answer = Answer {
                    number: intent.number,
                    done: false,
                    observed: BTreeMap::new(),
                    outputs: BTreeMap::new(),
                };
                self.journal.append(&[Entry::Answer(answer)]).await?;
                Ok(Done::without_record(StepEnd::Refused(error)))
            }
        }
    }

    fn learn(&self, operation: &Operation, answered: Option<&Resource>, before: Option<Resource>) {
        if let Some(resource) = answered {
            self.learn_outputs(&operation.address, resource);
        }
        let mut learned = self.learned.lock().unwrap_or_else(PoisonError::into_inner);
        match (&operation.call, before) {
            (Call::Create { .. }, _) => learned.created.push(operation.identity.clone()),
            (Call::Delete { .. }, Some(before)) => {
                learned.removed.insert(operation.address.clone(), before);
            }
            _ => {}
        }
    }

    fn learn_outputs(&self, address: &Address, resource: &Resource) {
        let mut learned = self.learned.lock().unwrap_or_else(PoisonError::into_inner);
        learned.outputs.insert(address.clone(), resource.outputs.clone());
    }

    /// Waits until the cloud shows what it has just made, so that nobody after this apply reads it as deleted.
    async fn wait_until_seen(&self, identity: &Identity) {
        let until = Instant::now() + NOT_YET;
        while Instant::now() < until {
            if let Reading::Present(_) = self.setup.provider.read_one(identity).await {
                return;
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }
}

/// Returns the plan's reading of what a step is about.
pub(super) fn seen<'a>(step: &Step, change: &'a Change) -> Option<&'a Live> {
    match step.kind {
        // A replacement under the same identity is made after the old one went.
        StepKind::Create => None,
        StepKind::Delete if change.old_identity.as_ref() == Some(&step.identity) => change.old_live.as_ref(),
        StepKind::Update | StepKind::Delete => change.live.as_ref(),
    }
}

/// Says what moved between the plan's reading and a fresh one.
pub(super) async fn moved(
    setup: &Setup,
    ground: &Ground,
    schema: &Schema,
    saw: Option<&Live>,
    now: Option<&Resource>,
) -> Result<Vec<crate::apply::Difference>, CloudError> {
    let now = match now {
        Some(resource) => {
            let code: Attributes = saw
                .iter()
                .flat_map(|saw| &saw.attributes)
                .filter(|(path, _)| path.is_code())
                .map(|(p, v)| (p.clone(), v.clone()))
                .collect();
            let package = saw.and_then(|saw| saw.package.as_ref());
            let known = [(package.map_or("", |package| &package.checksum), &code)];
            // When the resource should not be there, how its code looks does not matter.
            let known: &[(&str, &Attributes)] = if saw.is_some() { &known } else { &[] };
            match saw {
                Some(_) => Some(ground.live_side(setup, resource, schema, known).await?.attributes),
                None => Some(Attributes::new()),
            }
        }
        None => None,
    };
    Ok(differences(schema, saw.map(|saw| &saw.attributes), now.as_ref()))
}

/// Returns an error when the answer shows another package than was sent.
fn other_package(intent: &Intent, answered: Option<&Resource>) -> Option<CloudError> {
    let sent = intent.package.as_ref()?;
    let stored = answered?.package.as_ref()?;
    (sent.checksum != stored.checksum).then(|| CloudError {
        class: ErrorClass::Unavailable,
        operation: "upload".to_owned(),
        status: None,
        code: String::new(),
        message: format!(
            "the cloud stored a package with checksum {}, and {} was sent",
            stored.checksum, sent.checksum
        ),
        request_id: String::new(),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::model::PackageFacts;
    use crate::state::{CallKind, RecordedPackage};

    /// The only word about a package that was damaged on its way: the answer's checksum.
    #[test]
    fn another_package_than_was_sent_is_noticed() {
        let identity = Identity {
            cloud: String::new(),
            account: String::new(),
            region: String::new(),
            kind: "fc3_function".to_owned(),
            parent: None,
            name: "hello".to_owned(),
        };
        let package = |checksum: &str| RecordedPackage { checksum: checksum.to_owned(), digest: None };
        let intent = Intent {
            number: 0,
            address: Address::new("fc3_function", "hello"),
            identity: identity.clone(),
            call: CallKind::Create,
            schema: 1,
            paths: BTreeMap::new(),
            package: Some(package("1")),
            overwritten: None,
            unrecorded: false,
            depends_on: BTreeSet::new(),
        };
        let answered = |checksum: &str| Resource {
            identity: identity.clone(),
            attributes: Attributes::new(),
            document: BTreeMap::new(),
            outputs: BTreeMap::new(),
            modified: None,
            condition: None,
            package: Some(PackageFacts { checksum: checksum.to_owned(), size: 1 }),
        };
        assert!(other_package(&intent, Some(&answered("1"))).is_none());
        let error = other_package(&intent, Some(&answered("2"))).expect("it was damaged");
        assert!(error.message.contains("checksum 2, and 1 was sent"), "{error}");
    }
}
