//! A small world for tests: three types with the shapes that matter, and a language of a few words.
//!
//! Attributes are written `memorySize=512 env.A=on file:index.py=one`: numbers and truth values as themselves,
//! `[b,a]` a list, `env.A` a variable, `file:`, `exec:` and `link:` a file of the code with its content,
//! `code=blob` a package that is no archive, `route:/a=f` a route, `${function.a.arn}` an output. `name=` and
//! `region=` name the resource in the cloud. Addresses are `function.a`, `trigger.a/t` and `domain/x.com`. What would
//! end a word is written as a picture of itself, as [`word`] does: `␠` a blank, `␊` a line break, `＝` an equals sign.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::Arc;

use jiff::civil::Date;

use crate::config::Lifecycle;
use crate::config::lifecycle::{Ignore, Import, Moved, Named, Removed, ReplaceWhen, Trigger};
use crate::diag::{Source, Span};
use crate::model::{
    Address, Attribute, Attributes, DesiredAttributes, Digest, FileEntry, FileKind, Identity, Kind, Order,
    OutputRef, Path, Planned, Removal, Schema, SchemaSet, Sealer, SecretNames, Segment, Selector, Template,
    Value,
};
use crate::plan::{Change, Choice, PathChange, PathOutcome, Plan, Rule, Unmanaged, Wanted};
use crate::state::Owner;

pub(crate) static FUNCTION: Schema = Schema {
    kind: "function",
    noun: "function",
    version: 2,
    parent: None,
    shared: false,
    name: "functionName",
    id: Some("id"),
    attributes: &[
        Attribute::text("handler", "What is called.").required(),
        Attribute::text("runtime", "The language.").replaces(),
        Attribute::new("code", Kind::Code, "The files."),
        Attribute::text("description", "Words."),
        Attribute::integer("memorySize", 64.0, 4096.0, "Memory.").removal(Removal::Number(512.0)),
        Attribute::integer("timeout", 1.0, 600.0, "Time.").removal(Removal::Number(3.0)),
        Attribute::integer("cpu", 1.0, 16.0, "Processors.").removal(Removal::Stays),
        Attribute::flag("internetAccess", true, "Whether it gets out."),
        Attribute::new("environmentVariables", Kind::Texts, "Variables."),
        Attribute::new("tags", Kind::List(&Kind::Text(&[]), Order::Set), "Words, as a set."),
        Attribute::text("password", "Never shown.").secret().write_only(),
        Attribute::text("role", "Who it is.").since(2),
    ],
    outputs: &[("arn", "Its name."), ("id", "Its id.")],
};

pub(crate) static TRIGGER: Schema = Schema {
    kind: "trigger",
    noun: "trigger",
    version: 1,
    parent: Some("function"),
    shared: false,
    name: "triggerName",
    id: None,
    attributes: &[
        Attribute::text("type", "What calls.").required().replaces(),
        Attribute::text("description", "Words."),
        Attribute::text("cron", "When.").removal(Removal::Stays),
        Attribute::text("target", "An output of something else."),
    ],
    outputs: &[("url", "Its address.")],
};

const ROUTE: &[Attribute] = &[
    Attribute::text("path", "The path.").required(),
    Attribute::text("functionName", "The function.").required(),
    Attribute::text("qualifier", "The version.").removal(Removal::Text("LATEST")),
];

pub(crate) static DOMAIN: Schema = Schema {
    kind: "domain",
    noun: "domain",
    version: 1,
    parent: None,
    shared: true,
    name: "domainName",
    id: None,
    attributes: &[
        Attribute::text("protocol", "What it answers to.").required(),
        Attribute::new("routes", Kind::List(&Kind::Object(ROUTE), Order::Keyed("path")), "The routes.")
            .owned(),
    ],
    outputs: &[],
};

pub(crate) fn schemas() -> SchemaSet {
    [&FUNCTION, &TRIGGER, &DOMAIN].into_iter().collect()
}

pub(crate) fn owner() -> Owner {
    let text = str::to_owned;
    let [project, file, cloud, account] = ["shop", "s.yaml", "test", "1"].map(text);
    Owner { project, file, cloud, account, environment: None }
}

pub(crate) fn sealer() -> Sealer {
    Sealer::new([7], SecretNames::default())
}

/// Reads an address.
pub(crate) fn address(text: &str) -> Address {
    match (text.split_once('.'), text.split_once('/')) {
        (Some((kind, rest)), key) if key.is_none_or(|(front, _)| front.contains('.')) => {
            match rest.split_once('/') {
                Some((name, key)) => Address::keyed(kind, name, key),
                None => Address::new(kind, rest),
            }
        }
        (_, Some((kind, key))) => Address::shared(kind, key),
        _ => panic!("no address: {text}"),
    }
}

/// Writes an address as [`address`] reads it.
pub(crate) fn short_address(address: &Address) -> String {
    let name = address.name.iter().map(|name| format!(".{name}"));
    let key = address.key.iter().map(|key| format!("/{key}"));
    std::iter::once(address.kind.clone()).chain(name).chain(key).collect()
}

/// Reads a place.
pub(crate) fn path(text: &str) -> Path {
    if let Some(name) = text.strip_prefix("env.") {
        return Path::field("environmentVariables").key(name);
    }
    if let Some((_, name)) = text.split_once(':').filter(|(kind, _)| ["file", "exec", "link"].contains(kind))
    {
        return Path::file(name);
    }
    if let Some(route) = text.strip_prefix("route:") {
        let (key, field) = route.split_once('.').unwrap_or((route, "functionName"));
        return Path::field("routes").key(key).then(field.to_owned());
    }
    text.parse().expect("a path")
}

pub(crate) fn short_path(path: &Path) -> String {
    let text = path.to_string();
    let keyed = |front: &str, to: &str| {
        text.strip_prefix(front).map(|rest| format!("{to}{}", rest.replacen("\"]", "", 1)))
    };
    keyed("environmentVariables[\"", "env.")
        .or_else(|| keyed("code[\"", "file:"))
        .or_else(|| keyed("routes[\"", "route:"))
        .unwrap_or(text)
}

fn value(text: &str) -> Value {
    if let Some(items) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return Value::List(items.split(',').filter(|item| !item.is_empty()).map(Value::from).collect());
    }
    match (text.parse::<i32>(), text.parse::<bool>()) {
        (Ok(number), _) => Value::int(number),
        (_, Ok(value)) => Value::Bool(value),
        _ => Value::from(text),
    }
}

/// One word of a description: a place and what is there.
fn words(text: &str) -> Vec<(String, String)> {
    let word = |word: &str| match word.rsplit_once('=') {
        Some((key, value)) => (unpictured(key), unpictured(value)),
        None => panic!("no attribute: {word}"),
    };
    text.split_whitespace().map(word).collect()
}

const PICTURES: u32 = 0x2400;

/// Writes any text as a part of one word.
pub(crate) fn word(text: &str) -> String {
    let picture = |character: char| match character {
        '\0'..=' ' => char::from_u32(character as u32 + PICTURES).expect("it has a picture"),
        '=' => '＝',
        other => other,
    };
    text.chars().map(picture).collect()
}

fn unpictured(word: &str) -> String {
    let plain = |character: char| match character {
        '\u{2400}'..='\u{2420}' => char::from_u32(character as u32 - PICTURES).expect("a control character"),
        '＝' => '=',
        other => other,
    };
    word.chars().map(plain).collect()
}

/// Reads attributes, in clear; `name` and `region` are left out.
pub(crate) fn attributes(text: &str) -> DesiredAttributes {
    let mut found = DesiredAttributes::new();
    for (key, text) in words(text) {
        if key == "name" || key == "region" {
            continue;
        }
        let at = path(&key);
        let planned = if text.contains("${") {
            Planned::Promised(template(&text))
        } else if at.code_file().is_some() {
            let kind = match key.split_once(':') {
                Some(("exec", _)) => FileKind::Executable,
                Some(("link", _)) => FileKind::Symlink,
                _ => FileKind::Regular,
            };
            let entry = FileEntry { kind, digest: Digest::of(text.as_bytes()), size: text.len() as u64 };
            Planned::Known(Value::File(entry))
        } else if at.is_code() {
            Planned::Known(Value::Package(Digest::of(text.as_bytes())))
        } else {
            let schema = [&FUNCTION, &TRIGGER, &DOMAIN].into_iter().find_map(|schema| schema.attribute(&at));
            let read = match schema {
                Some((attribute, false)) => attribute.kind.normalise(value(&text)),
                _ => Kind::Text(&[]).normalise(value(&text)),
            };
            Planned::Known(read)
        };
        if let Some(route) = key.strip_prefix("route:").filter(|route| !route.contains('.')) {
            found.insert(path(&format!("route:{route}.path")), Value::from(route).into());
        }
        found.insert(at, planned);
    }
    found
}

pub(crate) fn known(text: &str) -> Attributes {
    let known = |(path, planned): (Path, Planned)| Some((path, planned.known()?.clone()));
    attributes(text).into_iter().filter_map(known).collect()
}

fn template(text: &str) -> Template {
    let mut segments = Vec::new();
    let mut rest = text;
    while let Some((front, tail)) = rest.split_once("${") {
        let (reference, tail) = tail.split_once('}').expect("a closing brace");
        let (from, output) = reference.rsplit_once('.').expect("an output");
        if !front.is_empty() {
            segments.push(Segment::Text(front.to_owned()));
        }
        segments.push(Segment::Output(OutputRef { address: address(from), output: output.to_owned() }));
        rest = tail;
    }
    if !rest.is_empty() {
        segments.push(Segment::Text(rest.to_owned()));
    }
    Template { segments }
}

/// Returns an identity in the world's one cloud.
pub(crate) fn identity(kind: &str, region: &str, parent: Option<&str>, name: &str) -> Identity {
    let owner = owner();
    Identity {
        cloud: owner.cloud,
        account: owner.account,
        region: region.to_owned(),
        kind: kind.to_owned(),
        parent: parent.map(str::to_owned),
        name: name.to_owned(),
    }
}

/// Returns the desired side of a project: each address with its attributes, secrets in clear.
pub(crate) fn wanted(project: &BTreeMap<Address, String>) -> BTreeMap<Address, Wanted> {
    let named = |text: &str, key: &str| words(text).into_iter().find(|(word, _)| word == key).map(|(_, v)| v);
    let mut desired = BTreeMap::new();
    for (address, text) in project {
        let parent = (address.kind == "trigger")
            .then(|| Address::new("function", address.name.as_deref().expect("a function")));
        let of_parent = parent.as_ref().map(|parent| project.get(parent).map_or("", String::as_str));
        let region = named(of_parent.unwrap_or(text), "region").unwrap_or_else(|| "r".to_owned());
        let parent_name = parent.as_ref().map(|parent| {
            let own = parent.name.clone().unwrap_or_default();
            named(of_parent.unwrap_or_default(), "name").unwrap_or(own)
        });
        let own = address.key.clone().or(address.name.clone()).unwrap_or_default();
        let name = named(text, "name").unwrap_or(own);
        let attributes = attributes(text);
        let mut depends_on: BTreeSet<Address> = parent.iter().cloned().collect();
        for planned in attributes.values() {
            if let Planned::Promised(template) = planned {
                depends_on.extend(template.sources().into_iter().cloned());
            }
        }
        let identity = identity(&address.kind, &region, parent_name.as_deref(), &name);
        desired.insert(address.clone(), Wanted { identity, parent, attributes, depends_on, place: None });
    }
    desired
}

/// Seals the desired side's secrets.
pub(crate) fn sealed(mut desired: BTreeMap<Address, Wanted>) -> BTreeMap<Address, Wanted> {
    let sealer = sealer();
    for wanted in desired.values_mut() {
        let schema = schemas().get(&wanted.identity.kind).expect("a type");
        for (path, planned) in &mut wanted.attributes {
            if let Planned::Known(value) = planned
                && sealer.is_secret(schema, path)
            {
                *value = sealer.seal(&wanted.identity, path, value);
            }
        }
    }
    desired
}

/// The day of the stories.
pub(crate) fn today() -> Date {
    jiff::civil::date(2026, 11, 22)
}

/// Adds a rule: `ignore function.a:memorySize value=1024 until=2026-12-31 reason=why owner=who`,
/// `prevent_destroy function.*`, `create_before_destroy trigger.a/*`, `replace_when function.a env.A function.b:code`,
/// `moved function.a function.b`, `import function.a a`, `removed function.a`.
pub(crate) fn add_rule(lifecycle: &mut Lifecycle, text: &str) {
    let source = Arc::new(Source { name: "s.yaml".to_owned(), text: text.to_owned() });
    let place = Span { source, range: 0..text.len() };
    let mut words = text.split_whitespace();
    let (rule, first) = (words.next().expect("a rule"), words.next().expect("what it is about"));
    match rule {
        "ignore" => {
            let mut ignore = Ignore {
                selector: selector(first),
                value: None,
                reason: None,
                owner: None,
                until: None,
                place,
            };
            for word in words {
                let (key, text) = word.split_once('=').expect("a key");
                match key {
                    "value" => ignore.value = Some(value(text)),
                    "until" => ignore.until = Some(text.parse().expect("a day")),
                    "reason" => ignore.reason = Some(unpictured(text)),
                    "owner" => ignore.owner = Some(text.to_owned()),
                    other => panic!("no key: {other}"),
                }
            }
            lifecycle.ignore.push(ignore);
        }
        "prevent_destroy" => {
            lifecycle.prevent_destroy.push(Named { selectors: vec![selector(first)], place });
        }
        "create_before_destroy" => {
            lifecycle.create_before_destroy.push(Named { selectors: vec![selector(first)], place });
        }
        "replace_when" => {
            let change = |word: &str| {
                let whole = word.contains(':') && !word.starts_with("file:");
                let word = if whole { word.to_owned() } else { format!("{first}:{word}") };
                Trigger::Written(selector(&word))
            };
            let changes = words.map(change).collect();
            lifecycle.replace_when.push(ReplaceWhen { address: address(first), changes, place });
        }
        "moved" => {
            let to = address(words.next().expect("the new address"));
            lifecycle.moved.push(Moved { from: address(first), to, place });
        }
        "import" => {
            let id = words.next().expect("an id").to_owned();
            lifecycle.import.push(Import { to: address(first), id, place: Some(place) });
        }
        "removed" => lifecycle.removed.push(Removed { address: address(first), place }),
        other => panic!("no rule: {other}"),
    }
}

/// Reads a selector: `function.a`, `function.a:env.A`, `trigger.*`, `*:code`.
pub(crate) fn selector(text: &str) -> Selector {
    let (front, place) = text.split_once(':').map_or((text, None), |(a, b)| (a, Some(b)));
    let front = if front.contains('*') { front.to_owned() } else { address(front).to_string() };
    let place =
        place.map(|place| if place.contains('*') { place.to_owned() } else { path(place).to_string() });
    let text = std::iter::once(front).chain(place).collect::<Vec<_>>().join(":");
    text.parse().expect("a selector")
}

/// Reads answers: `use-local`, `use-live=function.a`, `use-local=function.a:env.A`.
pub(crate) fn rules(text: &str) -> Vec<Rule> {
    let rule = |word: &str| {
        let (word, selector) = word.split_once('=').map_or((word, None), |(word, rest)| (word, Some(rest)));
        let choice = match word {
            "use-local" => Choice::UseLocal,
            "use-live" => Choice::UseLive,
            other => panic!("no choice: {other}"),
        };
        Rule { selector: selector.map(self::selector), answer: choice.into() }
    };
    text.split_whitespace().map(rule).collect()
}

/// Writes a plan in a few words: one line for each resource that moves, one for each of its paths.
pub(crate) fn text(plan: &Plan) -> String {
    let mut lines = Vec::new();
    for change in plan.moving() {
        lines.push(heading(change));
        lines.extend(
            change.paths.iter().map(|(path, inner)| format!("  {} {}", short_path(path), line(inner))),
        );
    }
    let ignored = |child: &Unmanaged| if child.is_ignored() { " ignored" } else { "" };
    lines.extend(
        plan.unmanaged
            .iter()
            .map(|child| format!("unmanaged {}{}", short_address(&child.address), ignored(child))),
    );
    lines.join("\n")
}

fn heading(change: &Change) -> String {
    let mut text = format!("{:?} {}", change.action, short_address(&change.address));
    if let Some(from) = &change.moved_from {
        _ = write!(text, " from {}", short_address(from));
    }
    if let Some(old) = &change.old_identity {
        _ = write!(text, " old {}", old.name);
    }
    if let Some(question) = &change.question {
        let decision = question.decision.map_or("open".to_owned(), |choice| choice.to_string());
        _ = write!(text, " {:?}={decision}", question.kind);
        if let Some(parent) = &question.covered_by {
            _ = write!(text, " by {}", short_address(parent));
        }
    }
    text
}

fn line(path: &PathChange) -> String {
    let planned = |value: &Option<Planned>| match value {
        None => "gone".to_owned(),
        Some(Planned::Promised(_)) => "later".to_owned(),
        Some(Planned::Known(value)) => short_value(value),
    };
    let outcome = match &path.outcome {
        PathOutcome::Write(value) => format!("write {}", planned(value)),
        PathOutcome::Accept => "accept".to_owned(),
        PathOutcome::Record => "record".to_owned(),
        PathOutcome::Keep => "keep".to_owned(),
        PathOutcome::Ignore => "ignore".to_owned(),
        PathOutcome::Open(Some(value)) => format!("open {}", planned(value)),
        PathOutcome::Open(None) => "open".to_owned(),
    };
    let hint = path.hint.map(|hint| format!(" {hint:?}")).unwrap_or_default();
    let expired = path.rule.as_ref().filter(|rule| rule.expired).map_or("", |_| " expired");
    let decision = path.decision.map(|choice| format!(" {choice}")).unwrap_or_default();
    format!("{}{decision} {outcome}{hint}{expired}", path.class.word())
}

fn short_value(value: &Value) -> String {
    match value {
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Text(text) => text.clone(),
        Value::List(items) => format!("[{}]", items.iter().map(short_value).collect::<Vec<_>>().join(",")),
        Value::Sealed(_) => "secret".to_owned(),
        Value::File(entry) => format!("{:?}", entry.kind).to_lowercase(),
        Value::Package(_) => "package".to_owned(),
        Value::Map(_) => "map".to_owned(),
    }
}
