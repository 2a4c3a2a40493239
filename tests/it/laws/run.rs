//! Runs a case, and holds every end against what was foretold.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value as Json, json};
use tokio::runtime::Runtime;
use triform::emulator::{Server, ServerOptions, Switches, start};

use super::case::{self, Case, Online, Round};
use super::console::Console;
use super::oracle::{self, Foretold, Memory};
use super::rules::{Level, Rule, Side, winner};
use super::site::{self, End, Session, Site};
use super::tally::{Met, Tally};
use super::world::{Cloud, Entry, Project, files, tidied};
use crate::emulator::client::Client;
use crate::support::{inconsistencies, is_inconsistent};

/// Every case has a region of its own.
static REGION: AtomicU64 = AtomicU64::new(0);

/// The live name of a function that the cloud tells nothing about.
const DARK: &str = "dark";

/// A cloud and a folder for many cases, one after the other.
pub struct Bench {
    runtime: Runtime,
    root: tempfile::TempDir,
    server: Option<Server>,
    console: Console,
    endpoint: String,
}

/// What is known of a case while it runs.
struct Story<'a> {
    bench: &'a Bench,
    site: Site,
    region: String,
    project: Project,
    cloud: Cloud,
    memory: Memory,
    tally: Tally,
    /// The project was edited since the last apply.
    pending: bool,
}

impl Bench {
    pub fn new() -> Self {
        // In memory where there is such a folder: nothing here has to survive a power cut.
        let memory = Path::new("/dev/shm");
        let root = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
        let root = root.expect("a folder");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let mut options =
            ServerOptions::new("127.0.0.1:0".parse().expect("an address"), root.path().join("cloud"));
        let mut rules = inconsistencies();
        rules.push(json!({"operation": "GetFunction", "resource": DARK, "do": {"refuse": {"status": 403}}}));
        let rules = Json::Array(rules).to_string();
        options.switches = Some(Switches::from_json(&format!("{{\"rules\": {rules}}}")).expect("rules"));
        let server = runtime.block_on(start(options)).expect("the cloud starts");
        let client = Client::new(server.address());
        let endpoint = format!("http://{}", server.address());
        let console = Console::new(client);
        Self { runtime, root, server: Some(server), console, endpoint }
    }

    /// Runs a case to its end, or says what went otherwise than foretold.
    pub fn run(&self, case: &Case) -> Result<Tally, String> {
        let number = REGION.fetch_add(1, Ordering::Relaxed);
        let folder = self.root.path().join(format!("case-{number}"));
        std::fs::create_dir(&folder).expect("a folder");
        let mut story = Story {
            bench: self,
            site: Site::new(folder.clone(), self.endpoint.clone()),
            region: format!("laws-{number}"),
            project: Project::new(),
            cloud: Cloud::new(),
            memory: Memory::new(),
            tally: Tally::default(),
            pending: false,
        };
        let told = self.runtime.block_on(async {
            for (number, round) in case.rounds.iter().enumerate() {
                let told = story.round(round).await;
                told.map_err(|why| format!("in round {number}: {why}\n{}", story.describe()))?;
            }
            if let Some(last) = &case.adopted {
                let told = story.adopted(last).await;
                told.map_err(|why| format!("at the adoption: {why}\n{}", story.describe()))?;
            }
            Ok(())
        });
        let _ = std::fs::remove_dir_all(folder);
        told.map(|()| story.tally)
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        if let Some(server) = self.server.take() {
            self.runtime.block_on(server.stop());
        }
    }
}

impl Story<'_> {
    async fn round(&mut self, round: &Round) -> Result<(), String> {
        self.project =
            round.edits.iter().fold(self.project.clone(), |project, edit| case::edited(&project, edit));
        if self.project.is_empty() {
            return Ok(());
        }
        if round.dark {
            self.in_the_dark().await?;
        }
        self.site.write(&files(&self.project, &self.region));
        self.online(&round.online).await;

        let after = self.decided(round).await?;
        self.pending = after.is_none();
        let Some(after) = after else { return Ok(()) };
        self.tally.count(after.met.iter().cloned());
        self.is_as_foretold(&after).await?;
        (self.cloud, self.memory) = (after.cloud, after.memory);
        Ok(())
    }

    /// Declares something that the cloud will not tell about: nothing can be planned, and nothing changes.
    async fn in_the_dark(&mut self) -> Result<(), String> {
        let mut project = self.project.clone();
        let fields = project.values().next().map(|entry| entry.fields.clone()).unwrap_or_default();
        project.insert("z".to_owned(), Entry { name: DARK.to_owned(), fields, ..Entry::default() });
        self.site.write(&files(&tidied(project), &self.region));
        let before = self.site.bytes();
        match self.site.begin().await {
            Err(why) if why.starts_with("Unknown") => {}
            Err(why) => return Err(format!("what is unknown is told as {why}")),
            Ok(_) => return Err("what is unknown was planned".to_owned()),
        }
        if self.site.bytes() != before || self.bench.console.look(&self.region).await != self.cloud {
            return Err("where something is unknown, something changed".to_owned());
        }
        self.tally.count([Met::Row("unknown", None)]);
        Ok(())
    }

    /// Plans. The decisions that are told to name nothing are those that do.
    fn plan(&self, session: &Session, rules: &mut Vec<Rule>) -> Result<triform::plan::Plan, String> {
        let (plan, nothing) =
            session.plan_with(rules).map_err(|why| format!("with {rules:?} no plan: {why}"))?;
        let mut resources = BTreeMap::<String, BTreeSet<String>>::new();
        for (address, wanted) in super::world::wanted(&self.project) {
            let live = self.cloud.get(&wanted.key).into_iter().flat_map(|live| live.keys());
            resources.entry(address).or_default().extend(wanted.fields.keys().chain(live).cloned());
        }
        for (key, record) in &self.memory {
            let live = self.cloud.get(key).into_iter().flat_map(|live| live.keys());
            resources
                .entry(record.address.clone())
                .or_default()
                .extend(record.paths.keys().chain(live).cloned());
        }
        match (
            nothing.iter().find(|rule| rule.names(&resources)),
            rules.iter().find(|rule| !rule.names(&resources)),
        ) {
            (Some(rule), _) => Err(format!("{rule:?} was told to name nothing")),
            (None, Some(rule)) => Err(format!("{rule:?} names nothing and was taken")),
            (None, None) => Ok(plan),
        }
    }

    /// Plans, answers until nothing is open, and applies. Returns what has to come of it; nothing where decisions
    /// stay open.
    async fn decided(&mut self, round: &Round) -> Result<Option<Foretold>, String> {
        let session = self.site.begin().await.map_err(|why| format!("nothing can be read: {why}"))?;
        let mut rules = round.rules.clone();
        let (foretold, plan) = loop {
            let plan = self.plan(&session, &mut rules)?;
            let foretold = oracle::foretell(&self.region, &self.project, &self.memory, &self.cloud, &rules);
            let open = site::open(&plan);
            if open != foretold.open {
                return Err(format!("with {rules:?} asked {open:?}, foretold {:?}", foretold.open));
            }
            if open.is_empty() {
                break (foretold, plan);
            }
            self.changes_nothing(&session, plan).await?;
            let Some(rest) = round.rest else {
                self.tally.count([Met::Event("left open")]);
                return Ok(None);
            };
            answer(&mut rules, &open, rest)?;
        };
        // A cloud that hides what it made shows it as deleted after a crash, and a decision may say to leave it so; what
        // becomes of it then is asked once it is seen again. The oracle knows no such cloud; `lost` has that story.
        let cut = round.cut.filter(|_| !is_inconsistent());
        match session.apply(plan, cut).await {
            Ok(End::Whole(report)) if report.is_good() => Ok(Some(foretold)),
            Ok(End::Whole(report)) => Err(format!("with {rules:?} the apply failed: {:?}", report.ends)),
            Err(why) => Err(format!("with {rules:?} the apply failed: {why}")),
            Ok(End::Cut) => {
                drop(session);
                self.tally.count([Met::Event("crash")]);
                self.bench.console.is_quiet().await;
                let why = |why| format!("cut off with {rules:?}, then {why}");
                self.recovered(round, &rules).await.map_err(why)?;
                Ok(Some(foretold))
            }
        }
    }

    /// Applies again after a crash: it has to end where the first apply would have ended.
    async fn recovered(&mut self, round: &Round, rules: &[Rule]) -> Result<(), String> {
        let session = self.site.begin().await?;
        let mut rules = rules.to_vec();
        loop {
            let (plan, _) = session.plan_with(&mut rules)?;
            let open = site::open(&plan);
            if !open.is_empty() {
                answer(&mut rules, &open, round.rest.unwrap_or(Side::Live))?;
                continue;
            }
            return match session.apply(plan, None).await? {
                End::Whole(report) if report.is_good() => Ok(()),
                End::Whole(report) => Err(format!("the apply failed: {:?}", report.ends)),
                End::Cut => Err("nobody cut it".to_owned()),
            };
        }
    }

    /// Takes what is live into the project: the cloud stays as it is, nothing is left to do or to decide but what was
    /// told, and taken again nothing is written.
    async fn adopted(&mut self, last: &[Online]) -> Result<(), String> {
        if self.project.is_empty() {
            return Ok(());
        }
        self.online(last).await;
        let before = self.site.bytes();
        let taken = self.site.adopt().await?;
        let after = self.site.bytes();
        if self.bench.console.look(&self.region).await != self.cloud {
            return Err(format!("an adoption changed the cloud: {taken:?}"));
        }
        if taken.conflicts {
            return if after == before { Ok(()) } else { Err(format!("{taken:?} and the folder changed")) };
        }
        let session = self.site.begin().await?;
        let (plan, _) = session.plan_with(&mut Vec::new())?;
        drop(session);
        let accepted = plan.summary().accepted;
        // What the project's people changed and nobody applied yet is none of its business.
        let settled = plan.open().is_empty() && (plan.is_empty() || self.pending || taken.merged);
        if taken.stays.is_empty() && (!settled || accepted > 0) {
            let moving: Vec<_> = plan.moving().collect();
            return Err(format!("after {taken:?} the plan counts {accepted} accepted and has {moving:#?}"));
        }
        let again = self.site.adopt().await?;
        if self.site.bytes() != after {
            return Err(format!("adopted again, the folder changed: {taken:?}, then {again:?}"));
        }
        self.tally.count([Met::Event(if after == before { "nothing to adopt" } else { "adopted" })]);
        Ok(())
    }

    /// Does in the console what somebody does there.
    async fn online(&mut self, online: &[Online]) {
        let before = self.cloud.clone();
        self.cloud = online.iter().fold(self.cloud.clone(), |cloud, online| case::made(&cloud, online));
        self.bench.console.make(&self.region, &before, &self.cloud).await;
    }

    /// A plan with open decisions is refused, and nothing changes.
    async fn changes_nothing(&self, session: &Session, plan: triform::plan::Plan) -> Result<(), String> {
        let before = self.site.bytes();
        if session.apply(plan, None).await.is_ok() {
            return Err("a plan with open decisions was applied".to_owned());
        }
        if self.site.bytes() != before {
            return Err("a plan that was refused changed the folder".to_owned());
        }
        let found = self.bench.console.look(&self.region).await;
        if found == self.cloud {
            Ok(())
        } else {
            Err(format!("a plan that was refused {}", differences(&self.cloud, &found)))
        }
    }

    /// The cloud is as foretold, and planned again nothing is left to do.
    async fn is_as_foretold(&self, foretold: &Foretold) -> Result<(), String> {
        let found = self.bench.console.look(&self.region).await;
        if found != foretold.cloud {
            return Err(format!("the apply {}", differences(&foretold.cloud, &found)));
        }
        let session = self.site.begin().await.map_err(|why| format!("after the apply: {why}"))?;
        let (plan, _) =
            session.plan_with(&mut Vec::new()).map_err(|why| format!("after the apply: {why}"))?;
        if !plan.is_empty() || !plan.steps.is_empty() {
            return Err(format!("the next plan is not empty: {:#?}", plan.moving().collect::<Vec<_>>()));
        }
        let accepted = plan.summary().accepted;
        if accepted != foretold.accepted {
            return Err(format!("the next plan counts {accepted} accepted, foretold {}", foretold.accepted));
        }
        Ok(())
    }

    fn describe(&self) -> String {
        let files: Vec<String> = files(&self.project, &self.region)
            .iter()
            .map(|(name, text)| format!("--- {name}\n{text}"))
            .collect();
        format!("--- remembered\n{:#?}\n--- live\n{:#?}\n{}", self.memory, self.cloud, files.concat())
    }
}

/// Answers what is open: everything at once first, and then one by one, as the cloud has it.
fn answer(rules: &mut Vec<Rule>, open: &BTreeSet<String>, rest: Side) -> Result<(), String> {
    if !rules.iter().any(|rule| rule.level == Level::Plan) {
        rules.push(Rule::plan(rest));
        return Ok(());
    }
    for place in open {
        let Some((address, path)) = place.split_once(':') else {
            return Err(format!("{place} stays open although {rules:?}"));
        };
        rules.retain(|rule| rule.address != address || rule.path != path);
        rules.push(Rule {
            level: Level::Key,
            address: address.to_owned(),
            path: path.to_owned(),
            side: Side::Live,
        });
        if winner(rules, address, path).is_none_or(|rule| rule.side != Side::Live) {
            return Err(format!("{place} cannot be answered beside {rules:?}"));
        }
    }
    Ok(())
}

/// Says where two clouds differ.
fn differences(expected: &Cloud, found: &Cloud) -> String {
    let mut told = vec!["left another cloud than foretold:".to_owned()];
    let keys: BTreeSet<&String> = expected.keys().chain(found.keys()).collect();
    for key in keys {
        let (Some(expected), Some(found)) = (expected.get(key), found.get(key)) else {
            let there = if found.contains_key(key) { "there" } else { "not there" };
            told.push(format!("  {key} is {there}"));
            continue;
        };
        let paths: BTreeSet<&String> = expected.keys().chain(found.keys()).collect();
        for path in paths.into_iter().filter(|path| expected.get(*path) != found.get(*path)) {
            told.push(format!(
                "  {key} {path}: foretold {:?}, found {:?}",
                expected.get(path),
                found.get(path)
            ));
        }
    }
    told.join("\n")
}
