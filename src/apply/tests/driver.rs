//! The apply loop over a cloud in a map: what the real driver does, step by step, and able to stop anywhere.

use std::collections::BTreeMap;

use super::cloud::{Cloud, checksum};
use crate::apply::{End, Machine, Materials, Prepared, Recovered, conclude, differences, prepare, recover};
use crate::model::{
    Address, Attributes, Digest, Identity, Operation, Outcome, OutputRef, Package, Path, Resource, Tree,
    Value,
};
use crate::plan::tests::world::{schemas, sealer};
use crate::plan::{Action, Change, Live, Plan, Step, StepKind, settlements};
use crate::state::{
    Answer, Entry, Journal, JournalHeader, Record, State, read_journal, write_entry, write_header,
};

/// What came of an apply.
pub struct Run {
    /// The state as far as it was answered.
    pub state: State,
    /// Everything that was written to the journal.
    pub journal: Vec<Entry>,
    /// The calls that were made.
    pub calls: Vec<String>,
    /// Steps that did not end well.
    pub failed: Vec<String>,
    /// Whether it was cut off.
    pub crashed: bool,
}

/// Secrets in clear, by address.
pub type Secrets = BTreeMap<Address, Attributes>;

struct Driver<'a> {
    plan: &'a Plan,
    secrets: &'a Secrets,
    /// The project's code, by address, for packages that were planned as a whole.
    code: &'a BTreeMap<Address, Attributes>,
    run: Run,
    /// Journal lines and calls that may still happen.
    budget: usize,
    outputs: BTreeMap<Address, BTreeMap<String, Value>>,
    removed: BTreeMap<Address, Resource>,
}

/// The apply ended in the middle of something.
struct Crash;

/// Carries a plan out; it is cut off after `budget` journal lines and calls.
pub fn carry_out(
    cloud: &mut Cloud,
    state: State,
    plan: &Plan,
    secrets: &Secrets,
    code: &BTreeMap<Address, Attributes>,
    budget: usize,
) -> Run {
    let entries = settlements(plan, &state.records, &schemas());
    let run = Run { state, journal: Vec::new(), calls: Vec::new(), failed: Vec::new(), crashed: false };
    let (outputs, removed) = (BTreeMap::new(), BTreeMap::new());
    let mut driver = Driver { plan, secrets, code, run, budget, outputs, removed };
    driver.run.crashed = driver.all(cloud, entries).is_err();
    driver.run
}

impl Driver<'_> {
    fn spend(&mut self) -> Result<(), Crash> {
        self.budget = self.budget.checked_sub(1).ok_or(Crash)?;
        Ok(())
    }

    fn record(&mut self, entry: Entry) -> Result<(), Crash> {
        self.spend()?;
        self.run.journal.push(entry);
        Ok(())
    }

    fn all(&mut self, cloud: &mut Cloud, entries: Vec<Entry>) -> Result<(), Crash> {
        for entry in entries {
            self.record(entry.clone())?;
            self.run.state.apply(&entry);
        }
        let mut machine = Machine::new(&self.plan.steps);
        while let Some(step) = machine.start_next() {
            let end = self.step(cloud, step)?;
            if end == End::Bad {
                self.run.failed.push(format!("{:?} {}", step.kind, step.address));
            }
            machine.finish(step.id, end);
        }
        assert_eq!(
            machine.count(crate::apply::Status::Waiting),
            0,
            "steps that wait for each other: {:#?}",
            self.plan
                .steps
                .iter()
                .map(|step| (step.id, step.kind, step.identity.to_string(), &step.after))
                .collect::<Vec<_>>()
        );
        Ok(())
    }

    fn step(&mut self, cloud: &mut Cloud, step: &Step) -> Result<End, Crash> {
        let change = &self.plan.changes[&step.address];
        let schema = schemas().get(&step.identity.kind).expect("a type");
        let live = cloud.read(&step.identity);
        let now = cloud.live(&step.identity);
        let saw = seen(step, change);
        let found =
            differences(schema, saw.map(|live| &live.attributes), now.as_ref().map(|live| &live.attributes));
        if !found.is_empty() && !is_aligned(saw, now.as_ref()) {
            return Ok(End::Bad);
        }
        let package = self.package(cloud, change, step);
        let secrets = self.secrets.get(&step.address);
        let outputs = |output: &OutputRef| self.output(output);
        let materials = Materials {
            schema,
            change,
            step,
            live: live.as_ref(),
            saw,
            record: recorded_as(&self.run.state.records, step),
            removed: self.removed.get(&step.address),
            outputs: &outputs,
            secrets: &|path: &Path| secrets?.get(path).cloned(),
            sealer: &sealer(),
            package,
        };
        let prepared = match prepare(&materials) {
            Ok(prepared) => prepared,
            Err(error) => panic!("{:?} {}: {error}", step.kind, step.address),
        };
        let (operation, intent) = match prepared {
            Prepared::Call(operation, intent) => (*operation, *intent),
            Prepared::Unneeded(intent) => {
                let outputs = live.map(|live| live.outputs).unwrap_or_default();
                let answer = Answer { number: intent.number, done: true, observed: BTreeMap::new(), outputs };
                self.record(Entry::Intent((*intent).clone()))?;
                self.record(Entry::Answer(answer.clone()))?;
                self.run.state.complete(&intent, &answer);
                return Ok(End::Good);
            }
        };
        self.record(Entry::Intent(intent.clone()))?;
        self.spend()?;
        self.run.calls.push(format!("{:?} {}", step.kind, step.identity));
        let outcome = cloud.perform(&operation);
        let Outcome::Done(answered) = outcome else {
            let answer = Answer {
                number: intent.number,
                done: false,
                observed: BTreeMap::new(),
                outputs: BTreeMap::new(),
            };
            self.record(Entry::Answer(answer))?;
            return Ok(End::Bad);
        };
        let answer = conclude(&intent, answered.as_deref(), schema, &sealer());
        self.record(Entry::Answer(answer.clone()))?;
        self.run.state.complete(&intent, &answer);
        self.learn(&operation, answered.map(|resource| *resource), live);
        if change.action == Action::Release {
            let entry = Entry::Forgotten { address: change.address.clone() };
            self.record(entry.clone())?;
            self.run.state.apply(&entry);
        }
        Ok(End::Good)
    }

    fn learn(&mut self, operation: &Operation, answered: Option<Resource>, before: Option<Resource>) {
        match answered {
            Some(resource) => {
                self.outputs.insert(operation.address.clone(), resource.outputs);
            }
            None => self.removed.extend(before.map(|before| (operation.address.clone(), before))),
        }
    }

    /// Packs the code as the plan composed it.
    fn package(&self, cloud: &mut Cloud, change: &Change, step: &Step) -> Option<Package> {
        if step.kind == StepKind::Delete || !change.writes_code() {
            return None;
        }
        let mut code = change.composed_code();
        let ours = self.code.get(&change.address);
        if let (Some(Value::Package(digest)), Some(ours)) = (code.get(&Path::field("code")), ours)
            && tree(ours).digest() == *digest
        {
            code = ours.clone();
        }
        let checksum = checksum(&code);
        let digest = Digest::of(format!("{code:?}").as_bytes());
        cloud.archives.insert(digest, code);
        Some(Package { bytes: bytes::Bytes::new(), digest, checksum })
    }

    fn output(&self, output: &OutputRef) -> Option<Value> {
        if let Some(outputs) = self.outputs.get(&output.address) {
            return outputs.get(&output.output).cloned();
        }
        let live = self.plan.changes.get(&output.address).and_then(|change| change.live.as_ref());
        match live {
            Some(live) => live.outputs.get(&output.output).cloned(),
            None => self.run.state.records.get(&output.address)?.outputs.get(&output.output).cloned(),
        }
    }
}

/// Returns what is recorded of the resource that a step is about.
fn recorded_as<'a>(records: &'a BTreeMap<Address, Record>, step: &Step) -> Option<&'a Record> {
    let parked = step.address.parked(&step.identity);
    let mut known = [&step.address, &parked].into_iter().filter_map(|address| records.get(address));
    known.find(|record| record.identity == step.identity)
}

fn tree(code: &Attributes) -> Tree {
    let file = |(path, value): (&Path, &Value)| match (path.code_file(), value) {
        (Some(file), Value::File(entry)) => Some((file.to_owned(), *entry)),
        _ => None,
    };
    Tree { files: code.iter().filter_map(file).collect(), ..Tree::default() }
}

/// Opaque code is one path in the plan; the driver tells by the checksum that it is the same.
fn is_aligned(saw: Option<&Live>, now: Option<&Live>) -> bool {
    let package = |live: Option<&Live>| live?.package.clone().map(|package| package.checksum);
    saw.is_some_and(|saw| saw.attributes.contains_key(&Path::field("code"))) && package(saw) == package(now)
}

fn seen<'a>(step: &Step, change: &'a Change) -> Option<&'a Live> {
    match step.kind {
        StepKind::Create => None,
        StepKind::Delete if change.old_identity.as_ref() == Some(&step.identity) => change.old_live.as_ref(),
        StepKind::Update | StepKind::Delete => change.live.as_ref(),
    }
}

/// Reads a journal back from its bytes, over the state that it continues, and settles by reading what is open.
pub fn recovered(cloud: &Cloud, before: &State, journal: &[Entry]) -> State {
    let State { owner, lineage, serial, salt, .. } = before.clone();
    let header = JournalHeader { owner, lineage, serial, salt, note: String::new(), at: None };
    let mut bytes = write_header(&header);
    for entry in journal {
        bytes.extend(write_entry(entry));
    }
    let read: Journal = read_journal(&bytes).expect("a journal").expect("a header");
    assert_eq!(read.entries, journal);
    let (mut state, open) = read.replay(Some(before.clone()));
    for intent in open {
        let schema = schemas().get(&intent.identity.kind).expect("a type");
        let (resource, code) = (cloud.read(&intent.identity), cloud.code(&intent.identity));
        let reading = resource.as_ref().map(|resource| (resource, &code));
        if let Recovered::Written(intent, answer) = recover(&intent, reading, schema, &sealer()) {
            state.complete(&intent, &answer);
        }
    }
    state.serial.0 += 1;
    state
}

/// Every identity that a reading asks for.
pub fn identities<'a>(
    wanted: impl Iterator<Item = &'a Identity>,
    state: &'a State,
) -> impl Iterator<Item = Identity> {
    let recorded = state.records.values().map(|record| record.identity.clone()).collect::<Vec<_>>();
    wanted.cloned().collect::<Vec<_>>().into_iter().chain(recorded)
}
