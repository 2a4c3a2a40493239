//! One random case: rounds of edits on both sides, decisions, and perhaps a crash.
//!
//! A case is plain data and follows from its seed. What makes no sense where it stands (an edit of an entry that is
//! gone) is no edit, so that a case stays one when a part of it is taken out.

use std::fmt;

use super::chance::Chance;
use super::rules::{Level, Rule, Side};
use super::world::{Cloud, Entry, Flat, Project, file, function_address, reference, tidied, variable};

/// Something that the project's people do to it.
#[derive(Clone, Debug)]
pub enum Edit {
    Put(&'static str, String, String),
    Take(&'static str, String),
    Add(&'static str, Entry),
    Drop(&'static str),
    /// Gives a function another live name.
    Name(&'static str, &'static str),
    /// Gives an entry another name, and leaves its function what it is.
    Move(&'static str, &'static str),
}

/// Something that somebody does in the console, by live name.
#[derive(Clone, Debug)]
pub enum Online {
    Put(&'static str, String, String),
    Take(&'static str, String),
    Make(&'static str, Flat),
    Delete(&'static str),
}

/// What happens between two applies, and how the second one goes.
#[derive(Clone, Debug, Default)]
pub struct Round {
    pub edits: Vec<Edit>,
    pub online: Vec<Online>,
    pub rules: Vec<Rule>,
    /// What is answered to all that stays open; nothing leaves it open, and applies nothing.
    pub rest: Option<Side>,
    /// After how many turns the apply is cut off.
    pub cut: Option<usize>,
    /// Before all that, the project declares something that the cloud says nothing about.
    pub dark: bool,
}

#[derive(Clone, Debug)]
pub struct Case {
    pub seed: u64,
    pub rounds: Vec<Round>,
    /// What somebody does in the console last, before everything live is adopted; nothing where it is not.
    pub adopted: Option<Vec<Online>>,
}

const ENTRIES: [&str; 3] = ["a", "b", "c"];
const NAMES: [&str; 5] = ["fa", "fb", "fc", "fd", "fe"];
/// Paths with the few values that they have, so that both sides often mean the same.
const VALUES: [(&str, &[&str]); 5] = [
    ("memorySize", &["512", "768", "1024"]),
    ("timeout", &["3", "5", "7"]),
    ("description", &["one", "two", "three"]),
    ("handler", &["index.one", "index.two"]),
    ("idleTimeout", &["60", "90"]),
];
const VARIABLES: [&str; 3] = ["A", "B", "API_TOKEN"];
const FILES: [&str; 3] = ["index.py", "util.py", "lib/more.py"];
const CONTENTS: [&str; 3] = ["one\n", "two\n", "one\ntwo\n"];

impl Case {
    pub fn of(seed: u64) -> Self {
        let mut chance = Chance::new(seed);
        let mut first =
            Round { edits: vec![Edit::Add("a", entry(&mut chance, "fa", "a"))], ..answers(&mut chance) };
        for (index, percent) in [(1, 60), (2, 30)] {
            if chance.percent(percent) {
                let (name, live) = (ENTRIES[index], NAMES[index]);
                first.edits.push(Edit::Add(name, entry(&mut chance, live, name)));
            }
        }
        if chance.percent(15) {
            let name = chance.pick(&NAMES[..3]);
            first.online.push(Online::Make(name, function(&mut chance)));
        }
        let mut rounds = vec![first];
        for _ in 0..=chance.below(2) {
            let mut round = answers(&mut chance);
            for _ in 0..chance.below(3) {
                scene(&mut chance, &mut round);
            }
            for _ in 0..chance.below(3) {
                round.edits.push(edit(&mut chance));
            }
            for _ in 0..chance.below(3) {
                round.online.push(online(&mut chance));
            }
            rounds.push(round);
        }
        // By another throw, so that what happens beside a story makes no other story of it.
        let mut chance = Chance::new(!seed);
        for round in &mut rounds {
            round.dark = chance.percent(2);
        }
        let adopted = chance.percent(25).then(|| (0..chance.below(3)).map(|_| online(&mut chance)).collect());
        Self { seed, rounds, adopted }
    }
}

impl Case {
    /// The same case with one thing less, the largest things first.
    pub fn smaller(&self) -> Vec<Self> {
        let mut all = Vec::new();
        let mut with = |change: &dyn Fn(&mut Self)| {
            let mut case = self.clone();
            change(&mut case);
            all.push(case);
        };
        if let Some(last) = &self.adopted {
            with(&|case| case.adopted = None);
            for at in 0..last.len() {
                with(&|case| drop(case.adopted.as_mut().map(|last| last.remove(at))));
            }
        }
        for at in (0..self.rounds.len()).rev() {
            with(&|case| drop(case.rounds.remove(at)));
        }
        for (at, round) in self.rounds.iter().enumerate() {
            if round.cut.is_some() {
                with(&|case| case.rounds[at].cut = None);
            }
            if round.dark {
                with(&|case| case.rounds[at].dark = false);
            }
            for index in 0..round.edits.len() {
                with(&|case| drop(case.rounds[at].edits.remove(index)));
                if let Edit::Add(_, entry) = &round.edits[index] {
                    for path in entry.fields.keys().filter(|path| !is_needed(path)) {
                        with(&|case| {
                            if let Edit::Add(_, entry) = &mut case.rounds[at].edits[index] {
                                entry.fields.remove(path);
                            }
                        });
                    }
                }
            }
            for index in 0..round.online.len() {
                with(&|case| drop(case.rounds[at].online.remove(index)));
            }
            for index in 0..round.rules.len() {
                with(&|case| drop(case.rounds[at].rules.remove(index)));
            }
        }
        all
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, Round { edits, online, rules, rest, cut, dark }) in self.rounds.iter().enumerate() {
            writeln!(f, "round {number}{}", if *dark { ", in the dark first" } else { "" })?;
            edits.iter().try_for_each(|edit| writeln!(f, "  project {edit:?}"))?;
            online.iter().try_for_each(|online| writeln!(f, "  console {online:?}"))?;
            writeln!(f, "  decided {rules:?}, the rest {rest:?}, cut {cut:?}")?;
        }
        if let Some(last) = &self.adopted {
            last.iter().try_for_each(|online| writeln!(f, "  console {online:?}"))?;
            writeln!(f, "  adopted")?;
        }
        Ok(())
    }
}

fn answers(chance: &mut Chance) -> Round {
    let mut rules: Vec<Rule> = Vec::new();
    for _ in 0..chance.below(4) {
        let rule = rule(chance);
        if !rules.iter().any(|other| other.selector() == rule.selector()) {
            rules.push(rule);
        }
    }
    let rest = if chance.percent(8) { None } else { Some(side(chance)) };
    let cut = chance.percent(10).then(|| chance.below(60));
    Round { rules, rest, cut, ..Round::default() }
}

/// Both sides, and whoever decides, mean one place: left to themselves they would hardly ever meet.
fn scene(chance: &mut Chance, round: &mut Round) {
    let at = chance.pick(&[0, 0, 1]);
    match chance.below(16) {
        // A whole resource.
        0 => {
            let leaves = [Edit::Drop(ENTRIES[at]), Edit::Name(ENTRIES[at], chance.pick(&NAMES))];
            round.edits.push(leaves[chance.below(2)].clone());
            let (path, value) = value(chance);
            let edited = [Online::Delete(NAMES[at]), Online::Put(NAMES[at], path, value)];
            round.online.push(edited[chance.below(2)].clone());
            return;
        }
        // What one refers to, and the value that came of it.
        1 => {
            let (path, value) = value(chance);
            round.edits.push(Edit::Put("a", variable("ARN"), reference("b")));
            round.edits.push(Edit::Put("b", path, value));
            if chance.percent(50) {
                round.online.push(Online::Put("fa", variable("ARN"), "elsewhere".to_owned()));
            }
            return;
        }
        _ => {}
    }
    let (path, ours) = value(chance);
    let theirs = others(chance, &path);
    if chance.percent(70) {
        round.edits.push(Edit::Put(ENTRIES[at], path.clone(), ours));
    }
    if chance.percent(70) {
        round.online.push(Online::Put(NAMES[at], path.clone(), theirs));
    }
    if chance.percent(70) {
        let rule = rule_about(chance, &function_address(ENTRIES[at]), &path);
        round.rules.retain(|other| other.selector() != rule.selector());
        round.rules.push(rule);
    }
}

/// Another value for a path.
fn others(chance: &mut Chance, path: &str) -> String {
    loop {
        let (other, value) = value(chance);
        if other == path {
            return value;
        }
    }
}

fn side(chance: &mut Chance) -> Side {
    chance.pick(&[Side::Local, Side::Live])
}

fn rule(chance: &mut Chance) -> Rule {
    let function = function_address(chance.pick(&ENTRIES[..2]));
    let path = value(chance).0;
    rule_about(chance, &function, &path)
}

/// A decision of any level that reaches a place.
fn rule_about(chance: &mut Chance, address: &str, path: &str) -> Rule {
    let levels = [Level::Plan, Level::Type, Level::Resource, Level::Paths, Level::Attribute, Level::Key];
    let level = chance.pick(&levels);
    let kind = address.split('.').next().unwrap_or_default();
    let top = path.split(['[', '.']).next().unwrap_or_default();
    let (address, path) = match level {
        Level::Plan => ("", ""),
        Level::Type => (kind, ""),
        Level::Resource => (address, ""),
        Level::Paths => ("", top),
        Level::Attribute => (address, top),
        Level::Key => (address, path),
    };
    // A path without a key is an attribute.
    let level = if level == Level::Key && path == top { Level::Attribute } else { level };
    Rule { level, address: address.to_owned(), path: path.to_owned(), side: side(chance) }
}

/// A path of a function, and a value for it.
fn value(chance: &mut Chance) -> (String, String) {
    match chance.below(4) {
        0 => (variable(chance.pick(&VARIABLES)), chance.pick(&["1", "2", "3"]).to_owned()),
        1 => (file(chance.pick(&FILES)), chance.pick(&CONTENTS).to_owned()),
        _ => {
            let (path, values) = chance.pick(&VALUES);
            (path.to_owned(), chance.pick(values).to_owned())
        }
    }
}

/// What every function has, and some more.
fn function(chance: &mut Chance) -> Flat {
    let mut fields =
        Flat::from([("handler".to_owned(), "index.one".to_owned()), (file("index.py"), "one\n".to_owned())]);
    for _ in 0..chance.below(6) {
        fields.extend([value(chance)]);
    }
    fields
}

fn entry(chance: &mut Chance, name: &str, entry: &str) -> Entry {
    let mut fields = function(chance);
    if let Some(to) = later(chance, entry) {
        fields.insert(variable("ARN"), reference(to));
    }
    Entry { name: name.to_owned(), fields, ..Entry::default() }
}

/// Perhaps an entry that this one may refer to.
fn later(chance: &mut Chance, entry: &str) -> Option<&'static str> {
    let later: Vec<&'static str> = ENTRIES.into_iter().filter(|other| *other > entry).collect();
    if later.is_empty() || chance.percent(60) { None } else { Some(chance.pick(&later)) }
}

fn edit(chance: &mut Chance) -> Edit {
    let entry = chance.pick(&["a", "a", "b", "c"]);
    match chance.below(20) {
        0 => Edit::Add(entry, self::entry(chance, NAMES[index_of(entry)], entry)),
        1 => Edit::Drop(entry),
        2 => Edit::Name(entry, chance.pick(&NAMES)),
        3 => Edit::Move(entry, chance.pick(&ENTRIES)),
        4..6 => match later(chance, entry) {
            Some(to) => Edit::Put(entry, variable("ARN"), reference(to)),
            None => Edit::Take(entry, variable("ARN")),
        },
        6..10 => Edit::Take(entry, value(chance).0),
        _ => {
            let (path, value) = value(chance);
            Edit::Put(entry, path, value)
        }
    }
}

fn index_of(entry: &str) -> usize {
    ENTRIES.iter().position(|other| *other == entry).unwrap_or_default()
}

fn online(chance: &mut Chance) -> Online {
    let name = chance.pick(&["fa", "fa", "fa", "fb", "fb", "fc", "fd"]);
    match chance.below(16) {
        0 => Online::Delete(name),
        1 => Online::Make(name, function(chance)),
        2 => Online::Put(name, variable("ARN"), "elsewhere".to_owned()),
        3..6 => Online::Take(name, value(chance).0),
        _ => {
            let (path, value) = value(chance);
            Online::Put(name, path, value)
        }
    }
}

/// What nobody can take away: without it there is no function.
fn is_needed(path: &str) -> bool {
    path == "handler" || path == file("index.py")
}

/// Returns the project after an edit.
pub fn edited(project: &Project, edit: &Edit) -> Project {
    let mut after = project.clone();
    let taken = |name: &str| project.values().any(|entry| entry.name == name);
    match edit {
        Edit::Put(entry, path, value) => {
            if let Some(entry) = after.get_mut(*entry) {
                entry.fields.insert(path.clone(), value.clone());
            }
        }
        Edit::Take(entry, path) => {
            if let Some(entry) = after.get_mut(*entry).filter(|_| !is_needed(path)) {
                entry.fields.remove(path);
            }
        }
        Edit::Add(entry, made) if !after.contains_key(*entry) && !taken(&made.name) => {
            after.insert((*entry).to_owned(), made.clone());
        }
        Edit::Drop(entry) if after.len() > 1 => drop(after.remove(*entry)),
        Edit::Name(entry, name) if !taken(name) => {
            if let Some(entry) = after.get_mut(*entry) {
                (*name).clone_into(&mut entry.name);
            }
        }
        Edit::Move(from, to) if !after.contains_key(*to) => {
            if let Some(moved) = after.remove(*from) {
                after.insert((*to).to_owned(), moved);
            }
        }
        Edit::Add(..) | Edit::Drop(_) | Edit::Name(..) | Edit::Move(..) => {}
    }
    tidied(after)
}

/// Returns the cloud after somebody did something in the console.
pub fn made(cloud: &Cloud, online: &Online) -> Cloud {
    let mut after = cloud.clone();
    match online {
        Online::Put(name, path, value) => {
            if let Some(fields) = after.get_mut(*name) {
                fields.insert(path.clone(), value.clone());
            }
        }
        Online::Take(name, path) => {
            // The service fills in what it always has, and keeps what it has no other value for.
            if let Some(fields) = after.get_mut(*name).filter(|_| !is_needed(path) && path != "idleTimeout") {
                match path.as_str() {
                    "memorySize" => fields.insert(path.clone(), "512".to_owned()),
                    "timeout" => fields.insert(path.clone(), "3".to_owned()),
                    _ => fields.remove(path),
                };
            }
        }
        Online::Make(name, fields) if !after.contains_key(*name) => {
            let mut live = Flat::from(
                [("memorySize", "512"), ("timeout", "3")].map(|(p, v)| (p.to_owned(), v.to_owned())),
            );
            live.extend(fields.clone());
            after.insert((*name).to_owned(), live);
        }
        Online::Delete(name) => {
            let below = format!("{name}/");
            after.retain(|key, _| key != name && !key.starts_with(&below));
        }
        Online::Make(..) => {}
    }
    after
}
