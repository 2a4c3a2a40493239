//! A story: a project, a state, a cloud, and what happens to them.

use std::collections::{BTreeMap, BTreeSet};

use super::cloud::Cloud;
use super::driver::{Run, Secrets, carry_out, identities, recovered};
use crate::config::Lifecycle;
use crate::diag::Diagnostic;
use crate::model::{Address, Attributes, Identity, Path, Planned, Value};
use crate::plan::tests::world::{
    add_rule, address, identity, known, owner, path, rules, schemas, sealed, sealer, text, today, wanted,
};
use crate::plan::{Approval, ApprovedPlan, Decisions, Live, Means, Plan, PlanInput, Rule, Wanted, build};
use crate::state::{Lineage, Record, State};

#[derive(Clone)]
pub struct Story {
    pub project: BTreeMap<Address, String>,
    pub state: State,
    pub cloud: Cloud,
    pub rules: Vec<Rule>,
    pub left_out: BTreeSet<Address>,
    pub anew: BTreeSet<Address>,
    pub remembered: bool,
    pub lifecycle: Lifecycle,
}

/// Starts a story: nothing anywhere.
pub fn story() -> Story {
    Story {
        project: BTreeMap::new(),
        state: State::new(owner(), Lineage("l".to_owned()), vec![7]),
        cloud: Cloud::default(),
        rules: Vec::new(),
        left_out: BTreeSet::new(),
        anew: BTreeSet::new(),
        remembered: false,
        lifecycle: Lifecycle::default(),
    }
}

impl Story {
    /// The configuration declares this resource so, from now on. A handler and a type need no saying.
    pub fn declare(mut self, at: &str, text: &str) -> Self {
        let at = address(at);
        let needed = match at.kind.as_str() {
            "function" if !text.contains("handler=") => "handler=index.handler",
            "trigger" if !text.contains("type=") => "type=timer",
            "domain" if !text.contains("protocol=") => "protocol=HTTP",
            _ => "",
        };
        self.project.insert(at, format!("{needed} {text}"));
        self
    }

    /// The configuration no longer mentions this resource.
    pub fn remove(mut self, at: &str) -> Self {
        self.project.remove(&address(at)).expect("it was declared");
        self
    }

    /// Returns what the cloud knows a declared or recorded resource by.
    pub fn identity(&self, at: &str) -> Identity {
        let at = address(at);
        let declared = wanted(&self.project).get(&at).map(|wanted| wanted.identity.clone());
        let recorded = self.state.records.get(&at).map(|record| record.identity.clone());
        declared.or(recorded).unwrap_or_else(|| {
            let name = at.key.clone().or(at.name.clone()).expect("a name");
            identity(&at.kind, "r", at.name.as_deref().filter(|_| at.kind == "trigger"), &name)
        })
    }

    /// Somebody edits a resource at the console: `memorySize=1024 -env.A`.
    pub fn online(mut self, at: &str, edits: &str) -> Self {
        let identity = self.identity(at);
        let (gone, set): (Vec<&str>, Vec<&str>) =
            edits.split_whitespace().partition(|word| word.starts_with('-'));
        let mut edits: BTreeMap<Path, Option<Value>> =
            known(&set.join(" ")).into_iter().map(|(path, value)| (path, Some(value))).collect();
        let held = self.cloud.resources[&identity].attributes.clone();
        for word in gone {
            let whole = word.strip_prefix("-route:").map(|route| path(&format!("route:{route}.path")));
            match whole {
                Some(at) => {
                    let element: Path = at.parts()[..2].iter().cloned().collect();
                    edits.extend(held.keys().filter(|p| p.is_within(&element)).map(|p| (p.clone(), None)));
                }
                None => {
                    edits.insert(path(&word[1..]), None);
                }
            }
        }
        self.cloud.edit(&identity, edits);
        self
    }

    /// Somebody makes a resource at the console.
    pub fn appears(mut self, at: &str, attributes: &str) -> Self {
        let identity = self.identity(at);
        let needed = match identity.kind.as_str() {
            "function" if !attributes.contains("handler=") => "handler=index.handler",
            "trigger" if !attributes.contains("type=") => "type=timer",
            "domain" if !attributes.contains("protocol=") => "protocol=HTTP",
            _ => "",
        };
        self.cloud.create(&identity, known(&format!("{needed} {attributes}")));
        self
    }

    /// Somebody deletes a resource at the console, and its children with it.
    pub fn vanishes(mut self, at: &str) -> Self {
        let identity = self.identity(at);
        for child in self.cloud.children_of(&identity) {
            self.cloud.delete(&child);
        }
        self.cloud.delete(&identity);
        self
    }

    /// From now on these are the answers.
    pub fn decide(mut self, answers: &str) -> Self {
        self.rules = rules(answers);
        self
    }

    /// The project has this rule, from now on, in the words of [`add_rule`].
    pub fn rule(mut self, text: &str) -> Self {
        add_rule(&mut self.lifecycle, text);
        self
    }

    /// The project has no rules any more.
    pub fn without_rules(mut self) -> Self {
        self.lifecycle = Lifecycle::default();
        self
    }

    /// Everything about the state that no other word says.
    pub fn state(mut self, change: impl FnOnce(&mut State)) -> Self {
        change(&mut self.state);
        self
    }

    pub fn leave_out(mut self, addresses: &[&str]) -> Self {
        self.left_out = addresses.iter().map(|text| address(text)).collect();
        self
    }

    /// These are to be made anew.
    pub fn replace(mut self, addresses: &[&str]) -> Self {
        self.anew = addresses.iter().map(|text| address(text)).collect();
        self
    }

    /// From now on nobody looks at what is recorded.
    pub fn remember(mut self) -> Self {
        self.remembered = true;
        self
    }

    pub fn desired(&self) -> BTreeMap<Address, Wanted> {
        sealed(wanted(&self.project))
    }

    pub fn try_plan(&self) -> Result<Plan, Vec<Diagnostic>> {
        self.asked([].iter(), build)
    }

    /// Reads all sides, these resources included, and asks for a plan.
    pub fn asked<'a>(
        &'a self,
        more: impl Iterator<Item = &'a Identity>,
        planned: impl FnOnce(PlanInput<'_>) -> Result<Plan, Vec<Diagnostic>>,
    ) -> Result<Plan, Vec<Diagnostic>> {
        let desired = self.desired();
        let live = identities(desired.values().map(|wanted| &wanted.identity), &self.state)
            .chain(more.cloned())
            .filter(|identity| !self.cloud.unread.contains(identity))
            .map(|identity| (identity.clone(), self.cloud.live(&identity)))
            .collect::<BTreeMap<_, _>>();
        let recalled = |record: &Record| {
            let live =
                Live { attributes: record.observed(), outputs: record.outputs.clone(), ..Live::default() };
            (record.identity.clone(), Some(live))
        };
        let recalled: BTreeMap<_, _> =
            self.state.records.values().filter(|_| self.remembered).map(recalled).collect();
        let remembered = recalled.keys().cloned().collect();
        let live = live.into_iter().chain(recalled).collect();
        let decisions = Decisions::new(self.rules.clone()).expect("answers that agree");
        let refuses = |_: &str, attributes: &Attributes| {
            let number = |name| attributes.get(&path(name)).cloned();
            let odd = number("memorySize") == Some(Value::int(64)) && number("cpu") == Some(Value::int(16));
            odd.then(|| "64 MB carry no 16 processors".to_owned()).into_iter().collect()
        };
        planned(PlanInput {
            owner: owner(),
            basis: Some((self.state.lineage.clone(), self.state.serial)),
            desired,
            records: self.state.records.clone(),
            live,
            children: self.cloud.children(),
            schemas: &schemas(),
            sealer: &sealer(),
            refuses: &refuses,
            missing: BTreeMap::new(),
            left_out: self.left_out.clone(),
            skipped: BTreeSet::new(),
            outside: BTreeMap::new(),
            replace: self.anew.clone(),
            remembered,
            decisions: &decisions,
            lifecycle: &self.lifecycle,
            today: today(),
        })
    }

    #[track_caller]
    pub fn plan(&self) -> Plan {
        self.try_plan().unwrap_or_else(|problems| panic!("{problems:#?}"))
    }

    /// Demands a plan, in the words of [`text`].
    #[track_caller]
    pub fn expect(self, expected: &str) -> Self {
        let lines = expected.lines().map(str::trim).filter(|line| !line.is_empty());
        let found = text(&self.plan());
        let found: Vec<&str> = found.lines().map(str::trim).collect();
        assert_eq!(found.join("\n"), lines.collect::<Vec<_>>().join("\n"));
        self
    }

    /// Demands a plan that cannot be made, and this in what is said about it.
    #[track_caller]
    pub fn expect_refusal(self, expected: &str) -> Self {
        let problems = self.try_plan().map(|plan| text(&plan)).expect_err("it should be refused");
        let said: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
        assert!(said.iter().any(|message| message.contains(expected)), "{said:#?}");
        self
    }

    /// Demands the calls of the plan, in their order.
    #[track_caller]
    pub fn expect_steps(self, expected: &[&str]) -> Self {
        let mut copy = self.clone();
        let run = copy.run(usize::MAX);
        assert_eq!(run.calls, expected);
        self
    }

    fn secrets(&self) -> Secrets {
        let declared = wanted(&self.project).into_iter();
        let clear = declared.map(|(address, wanted)| {
            let known = |(path, planned): (Path, Planned)| Some((path, planned.known()?.clone()));
            (address, wanted.attributes.into_iter().filter_map(known).collect())
        });
        clear.collect()
    }

    /// Carries the plan out, as far as the budget goes; the state is as it was then.
    #[track_caller]
    pub fn run(&mut self, budget: usize) -> Run {
        let plan = self.plan();
        self.carry(plan, budget)
    }

    /// Carries any plan out, likewise.
    #[track_caller]
    pub fn carry(&mut self, plan: Plan, budget: usize) -> Run {
        let said = text(&plan);
        let approval = Approval { by: String::new(), means: vec![Means::Person(plan.digest())] };
        let approved = ApprovedPlan::new(plan, approval);
        let approved = approved.unwrap_or_else(|error| panic!("{error}\n{said}"));
        let secrets = self.secrets();
        let code = secrets.iter().map(|(address, all)| {
            let code = all.iter().filter(|(path, _)| path.is_code());
            (address.clone(), code.map(|(path, value)| (path.clone(), value.clone())).collect())
        });
        let code = code.collect();
        carry_out(&mut self.cloud, self.state.clone(), approved.plan(), &secrets, &code, budget)
    }

    /// Carries the plan out, and asks again: the next plan must be empty, with no decision at hand.
    #[track_caller]
    pub fn apply(mut self) -> Self {
        let before = self.state.clone();
        let said = text(&self.plan());
        let run = self.run(usize::MAX);
        assert!(run.failed.is_empty(), "{:?}\n{said}", run.failed);
        // The state and what its journal says of it are one.
        let mut state = run.state.clone();
        state.serial.0 += 1;
        let found = recovered(&self.cloud, &before, &run.journal);
        state.applied = found.applied; // which the driver writes at the end
        assert_eq!(found, state);
        self.state = state;
        self.rules.clear();
        let again = self.plan();
        assert!(again.is_empty(), "not settled by\n{said}\nagain:\n{}", text(&again));
        // What an empty plan records is recorded once.
        let quiet = self.run(usize::MAX);
        assert!(quiet.calls.is_empty(), "{:?}", quiet.calls);
        let mut settled = self.clone();
        settled.state = quiet.state;
        let settled = text(&settled.plan());
        assert!(!settled.contains("Record") && !settled.contains(" record"), "{settled}\nafter\n{said}");
        self
    }

    /// Demands what is live now, defaults of the service left out.
    #[track_caller]
    pub fn live(self, at: &str, expected: &str) -> Self {
        let identity = self.identity(at);
        let raw = self.cloud.resources.get(&identity);
        let mut found = raw.map(|raw| raw.attributes.clone()).unwrap_or_default();
        let defaults =
            "handler=index.handler memorySize=512 timeout=3 internetAccess=true type=timer protocol=HTTP";
        let expected = known(expected);
        for (path, default) in known(defaults) {
            if !expected.contains_key(&path) && found.get(&path) == Some(&default) {
                found.remove(&path);
            }
        }
        found.retain(|path, value| !path.to_string().ends_with(".qualifier") || *value != "LATEST".into());
        assert_eq!(found, expected);
        assert!(raw.is_some(), "{at} is not there");
        self
    }

    /// Demands that a resource is gone.
    #[track_caller]
    pub fn gone(self, at: &str) -> Self {
        assert!(!self.cloud.resources.contains_key(&self.identity(at)), "{at} is still there");
        self
    }
}
