//! What has to come of it: the tables of the design, over flat maps of texts.
//!
//! Written from the words of the product's design and from nothing else: this is what every run of the product is
//! held against, and shares no line with it. Memory is kept by live name, so that a record that changes its address
//! is no event here at all.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::rules::{Level, Rule, Side, winner};
use super::tally::Met;
use super::world::{Cloud, Flat, Project, Wanted, arn, key_in, referred, wanted};

/// What one path was when it was last settled.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Past {
    pub declared: Option<String>,
    pub observed: Option<String>,
    pub accepted: bool,
}

impl fmt::Debug for Past {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { declared, observed, accepted } = self;
        let accepted = if *accepted { ", accepted" } else { "" };
        write!(f, "declared {declared:?}, observed {observed:?}{accepted}")
    }
}

/// What one resource was when it was last settled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    pub address: String,
    pub paths: BTreeMap<String, Past>,
    /// A decision let it be absent.
    pub absent: bool,
}

/// Everything that is remembered, by live name.
pub type Memory = BTreeMap<String, Record>;

/// What has to come of an apply.
#[derive(Clone, Debug, Default)]
pub struct Foretold {
    /// What somebody has to decide first: `address` or `address:path`.
    pub open: BTreeSet<String>,
    pub cloud: Cloud,
    pub memory: Memory,
    /// What a plan afterwards counts as accepted.
    pub accepted: usize,
    pub met: Vec<Met>,
}

/// How a function stands towards what refers to it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Source {
    /// It stays as it is.
    Settled,
    /// It is written, or may be.
    Moving,
}

struct Oracle<'a> {
    region: &'a str,
    wanted: BTreeMap<String, Wanted>,
    memory: &'a Memory,
    live: &'a Cloud,
    rules: &'a [Rule],
    sources: BTreeMap<String, Source>,
    told: Foretold,
}

/// What use-local would make of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Goal {
    To(Option<String>),
    Nowhere,
}

/// Foretells an apply.
pub fn foretell(region: &str, project: &Project, memory: &Memory, live: &Cloud, rules: &[Rule]) -> Foretold {
    let told = Foretold { cloud: live.clone(), ..Foretold::default() };
    let wanted = wanted(project);
    let mut oracle = Oracle { region, wanted, memory, live, rules, sources: BTreeMap::new(), told };
    // What is referred to has a later name.
    let functions: Vec<String> =
        oracle.wanted.keys().filter(|address| is_function(address)).rev().cloned().collect();
    for address in functions {
        oracle.declared(&address);
    }
    oracle.left();
    let Oracle { mut told, .. } = oracle;
    told.accepted = accepted(&told.memory);
    told
}

impl Oracle<'_> {
    fn declared(&mut self, address: &str) {
        let Wanted { key, fields } = self.wanted[address].clone();
        let record = self.memory.get(&key);
        let live = self.live.get(&key);
        let old = self.old_of(address);
        let owned = record.is_some_and(|record| !(record.absent && live.is_some()));
        match (owned, live) {
            (true, Some(live)) => {
                self.meet(plain("settled"));
                if record.is_some_and(|record| record.address != address) {
                    self.meet(Met::Event("renamed entry"));
                }
                self.settled(address, &key, &fields, &record.cloned().unwrap_or_default(), &live.clone());
            }
            (true, None) => self.deleted_online(address, &key, &fields, record.cloned().unwrap_or_default()),
            (false, Some(live)) => self.exists(address, &key, &fields, &live.clone()),
            (false, None) => {
                if let Some(old) = old {
                    self.replaced(address, &old);
                } else {
                    self.meet(plain("new"));
                }
                self.create(address, &key, &fields);
            }
        }
    }

    /// The live name under which an address was known, where it now means another one and nobody else wants that.
    fn old_of(&self, address: &str) -> Option<String> {
        let own = &self.wanted[address].key;
        let mut old = self.memory.iter().filter(|(key, record)| {
            record.address == address
                && *key != own
                && !record.absent
                && self.live.contains_key(*key)
                && !self.wanted.values().any(|wanted| wanted.key == **key)
        });
        old.next().map(|(key, _)| key.clone())
    }

    /// What is declared, with references followed; and whether a value is known only after the apply.
    fn said(&self, value: &str) -> (String, bool) {
        let Some(entry) = referred(value) else { return (value.to_owned(), false) };
        let source = super::world::function_address(entry);
        let after = self.sources.get(&source) == Some(&Source::Moving);
        (arn(self.region, &self.wanted[&source].key), after)
    }

    fn settled(&mut self, address: &str, key: &str, fields: &Flat, record: &Record, live: &Flat) {
        let mut next = live.clone();
        let mut paths = BTreeMap::new();
        let mut source = Source::Settled;
        let all: BTreeSet<&String> = fields.keys().chain(record.paths.keys()).chain(live.keys()).collect();
        for path in all {
            let past = record.paths.get(path).cloned().unwrap_or_default();
            let said = fields.get(path).map(|value| self.said(value));
            let (desired, after) = said.map_or((None, false), |(value, after)| (Some(value), after));
            let now = live.get(path).cloned();
            let rule = winner(self.rules, address, path);
            let goal = goal(path, desired.as_ref(), &past);
            let agree = match &goal {
                Goal::To(value) => *value == now && !after,
                Goal::Nowhere => {
                    stays(path) && past.declared.is_some() | past.accepted && now == past.observed
                }
            };
            let project_moved = after || desired != past.declared;
            let cloud_moved = now != past.observed;
            let class = match (project_moved, cloud_moved, agree) {
                (false, false, _) => "unchanged",
                (_, _, true) => "converged",
                (true, false, false) if past.accepted => "conflict",
                (true, false, false) => "edit",
                (false, true, false) => "drift",
                (true, true, false) => "conflict",
            };
            if past.accepted && project_moved && desired.is_some() {
                self.meet(Met::Event("accepted, then edited"));
            }
            if after {
                self.meet(Met::Event("known after apply"));
            }
            let mut asked = class == "drift" || class == "conflict";
            // An accepted path is asked about again by whoever names it.
            if class == "unchanged"
                && past.accepted
                && !agree
                && rule.is_some_and(|rule| rule.level >= Level::Attribute)
            {
                asked = true;
            }
            if let Some(rule) = rule {
                self.meet(Met::Class(class, rule.place(path), rule.side));
            }
            let recorded = Past { declared: desired.clone(), observed: now.clone(), accepted: false };
            let kept = match (class, asked, rule.map(|rule| rule.side)) {
                ("unchanged", false, _) if agree && past.accepted => recorded, // the mark goes
                ("unchanged", false, _) => past,
                ("converged", ..) => recorded,
                (_, true, Some(Side::Live)) => Past { accepted: desired != now, ..recorded },
                (_, true, None) => {
                    self.told.open.insert(format!("{address}:{path}"));
                    source = Source::Moving;
                    past
                }
                _ => match goal {
                    Goal::To(value) => {
                        source = Source::Moving;
                        put(&mut next, path, value.as_ref());
                        Past { observed: value, ..recorded }
                    }
                    Goal::Nowhere => {
                        self.told.open.insert(format!("{address}:{path}"));
                        source = Source::Moving;
                        past
                    }
                },
            };
            paths.insert(path.clone(), kept);
        }
        self.sources.insert(address.to_owned(), source);
        self.told.cloud.insert(key.to_owned(), next);
        self.remember(address, key, Record { paths, ..Record::default() });
    }

    /// It exists and was not deployed from here.
    fn exists(&mut self, address: &str, key: &str, fields: &Flat, live: &Flat) {
        let whole = winner(self.rules, address, "");
        self.sources.insert(address.to_owned(), Source::Moving);
        let Some(whole) = whole else {
            self.told.open.insert(address.to_owned());
            return;
        };
        self.meet(Met::Row("exists", Some(whole.side)));
        let mut next = live.clone();
        let mut paths = BTreeMap::new();
        let mut written = false;
        let all: BTreeSet<&String> = fields.keys().chain(live.keys()).collect();
        for path in all {
            let said = fields.get(path).map(|value| self.said(value));
            let now = live.get(path).cloned();
            let silent = said.is_none() && key_in(path, "code").is_none();
            let after = said.as_ref().is_some_and(|(_, after)| *after);
            let desired = said.map(|(value, _)| value);
            let mut past = Past { declared: desired.clone(), observed: now.clone(), accepted: false };
            if !silent && (desired != now || after) {
                match winner(self.rules, address, path).map(|rule| rule.side) {
                    Some(Side::Local) => {
                        written = true;
                        put(&mut next, path, desired.as_ref());
                        past.observed.clone_from(&desired);
                    }
                    _ => past.accepted = desired != now,
                }
            }
            paths.insert(path.clone(), past);
        }
        self.sources.insert(address.to_owned(), if written { Source::Moving } else { Source::Settled });
        self.told.cloud.insert(key.to_owned(), next);
        self.remember(address, key, Record { paths, ..Record::default() });
    }

    fn deleted_online(&mut self, address: &str, key: &str, fields: &Flat, record: Record) {
        let whole = winner(self.rules, address, "");
        let declared: Flat = record
            .paths
            .iter()
            .filter_map(|(path, past)| Some((path.clone(), past.declared.clone()?)))
            .collect();
        let said: Flat = fields.iter().map(|(path, value)| (path.clone(), self.said(value).0)).collect();
        let brought_back =
            whole.is_some_and(|rule| rule.level == Level::Resource && rule.side == Side::Local);
        if record.absent && declared == said && !brought_back {
            self.meet(plain("accepted absent"));
            self.sources.insert(address.to_owned(), Source::Settled);
            self.remember(address, key, record);
            return;
        }
        match whole.map(|rule| rule.side) {
            Some(Side::Local) => self.create(address, key, fields),
            Some(Side::Live) => {
                self.sources.insert(address.to_owned(), Source::Settled);
                let past = |value: String| Past { declared: Some(value), ..Past::default() };
                let paths = said.into_iter().map(|(path, value)| (path, past(value))).collect();
                self.remember(address, key, Record { paths, absent: true, ..Record::default() });
            }
            None => {
                self.sources.insert(address.to_owned(), Source::Moving);
                self.told.open.insert(address.to_owned());
            }
        }
        if let Some(rule) = whole {
            self.meet(Met::Row("deleted online", Some(rule.side)));
        }
    }

    fn create(&mut self, address: &str, key: &str, fields: &Flat) {
        let said: Flat = fields.iter().map(|(path, value)| (path.clone(), self.said(value).0)).collect();
        if fields.values().any(|value| self.said(value).1) {
            self.meet(Met::Event("known after apply"));
        }
        let mut live: Flat = [("memorySize", "512"), ("timeout", "3")]
            .map(|(path, value)| (path.to_owned(), value.to_owned()))
            .into();
        live.extend(said.clone());
        let past = |(path, value): (&String, &String)| {
            let (declared, observed) = (said.get(path).cloned(), Some(value.clone()));
            (path.clone(), Past { declared, observed, accepted: false })
        };
        let paths = live.iter().map(past).collect();
        self.sources.insert(address.to_owned(), Source::Moving);
        self.told.cloud.insert(key.to_owned(), live);
        self.remember(address, key, Record { paths, ..Record::default() });
    }

    /// It has another name now: the old one goes last, unless somebody edited it and wants that kept.
    fn replaced(&mut self, address: &str, old: &str) {
        let drifted = self.drifted(old);
        let rule = winner(self.rules, address, "");
        self.meet(row("replaced", "replaced and drifted", drifted, rule));
        match (drifted, rule.map(|rule| rule.side)) {
            (true, None) => drop(self.told.open.insert(address.to_owned())),
            (true, Some(Side::Live)) => {}
            _ => drop(self.told.cloud.remove(old)),
        }
    }

    /// What is remembered and no longer declared.
    fn left(&mut self) {
        let keys: BTreeSet<String> = self.wanted.values().map(|wanted| wanted.key.clone()).collect();
        let replaced: BTreeSet<String> = self
            .wanted
            .keys()
            .filter_map(|address| {
                let key = &self.wanted[address].key;
                let makes = !self.live.contains_key(key) && self.memory.get(key).is_none();
                if makes { self.old_of(address) } else { None }
            })
            .collect();
        for (key, record) in self.memory {
            if keys.contains(key) || replaced.contains(key) {
                continue;
            }
            // Under an address that now means another one it has no address of its own any more.
            let parked = self.wanted.contains_key(&record.address);
            let address = if parked { format!("{}^", record.address) } else { record.address.clone() };
            if record.absent || !self.live.contains_key(key) {
                self.meet(plain("gone"));
                continue;
            }
            let drifted = self.drifted(key);
            let rule = winner(self.rules, &address, "");
            match (drifted, rule.map(|rule| rule.side)) {
                (true, None) => {
                    self.told.open.insert(address);
                }
                (true, Some(Side::Live)) => self.meet(row("left", "left and drifted", drifted, rule)),
                _ => {
                    self.meet(row("left", "left and drifted", drifted, rule));
                    self.told.cloud.remove(key);
                }
            }
        }
        if self.live.keys().any(|key| !keys.contains(key) && !self.memory.contains_key(key)) {
            self.meet(plain("somebody else's"));
        }
    }

    /// Whether somebody edited online what is remembered.
    fn drifted(&self, key: &str) -> bool {
        let (Some(record), Some(live)) = (self.memory.get(key), self.live.get(key)) else { return false };
        let all: BTreeSet<&String> = record.paths.keys().chain(live.keys()).collect();
        let observed = |path: &String| record.paths.get(path).and_then(|past| past.observed.as_ref());
        all.into_iter().any(|path| observed(path) != live.get(path))
    }

    fn remember(&mut self, address: &str, key: &str, mut record: Record) {
        record.paths.retain(|_, past| *past != Past::default());
        self.told.memory.insert(key.to_owned(), Record { address: address.to_owned(), ..record });
    }

    fn meet(&mut self, met: Met) {
        self.told.met.push(met);
    }
}

fn plain(row: &'static str) -> Met {
    Met::Row(row, None)
}

/// A row that asks where somebody edited it online.
fn row(quiet: &'static str, drifted: &'static str, is_drifted: bool, rule: Option<&Rule>) -> Met {
    if is_drifted { Met::Row(drifted, rule.map(|rule| rule.side)) } else { plain(quiet) }
}

fn is_function(address: &str) -> bool {
    address.starts_with("fc3_function.")
}

/// What use-local makes of a path: what the configuration says; where it stopped saying it, the empty form; where it
/// never said anything, what it was when it was last settled.
fn goal(path: &str, desired: Option<&String>, past: &Past) -> Goal {
    if let Some(value) = desired {
        return Goal::To(Some(value.clone()));
    }
    if past.declared.is_some() || past.accepted {
        return match path {
            "memorySize" => Goal::To(Some("512".to_owned())),
            "timeout" => Goal::To(Some("3".to_owned())),
            _ if stays(path) => Goal::Nowhere,
            _ => Goal::To(None),
        };
    }
    match &past.observed {
        Some(_) if secret(path) => Goal::Nowhere,
        None if stays(path) => Goal::Nowhere,
        observed => Goal::To(observed.clone()),
    }
}

/// The service has nothing to fall back to for it.
fn stays(path: &str) -> bool {
    path == "idleTimeout"
}

/// Only a digest of it was kept.
fn secret(path: &str) -> bool {
    key_in(path, "environmentVariables").is_some_and(|name| name.ends_with("TOKEN"))
}

fn put(fields: &mut Flat, path: &str, value: Option<&String>) {
    match value {
        Some(value) => fields.insert(path.to_owned(), value.clone()),
        None => fields.remove(path),
    };
}

/// How many places a plan counts as accepted that finds everything as it is remembered. What use-local would leave as
/// it is, is no difference.
fn accepted(memory: &Memory) -> usize {
    let kept = |(path, past): &(&String, &Past)| {
        let goal = goal(path, past.declared.as_ref(), past);
        past.accepted && goal != Goal::To(past.observed.clone()) && !(goal == Goal::Nowhere && stays(path))
    };
    let paths = |record: &Record| record.paths.iter().filter(kept).count();
    memory.values().map(|record| if record.absent { 1 } else { paths(record) }).sum()
}
