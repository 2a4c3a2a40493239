//! Files in, places and values or diagnostics out, with a component small enough to see through.

mod expressions;
mod file;
mod files;
mod lifecycle;
mod resources;
mod wicked;

use std::sync::Arc;

use super::component::{Component, Draft, Entry, Lowering, Output, Place, Props, Step};
use super::node::Node;
use super::typing::{Keys, Typing};
use super::*;
use crate::diag::{Severity, Source};
use crate::model::{Attribute, Kind, Order, Planned, Schema, Segment, Template};

static TOY_SCHEMA: Schema = Schema {
    kind: "toy",
    noun: "toy",
    version: 1,
    parent: None,
    shared: false,
    name: "name",
    id: None,
    attributes: &[
        Attribute::new("colour", Kind::Text(&["red", "green"]), "The colour."),
        Attribute::new("size", Kind::Number { min: 8.0, max: 64.0, step: 8.0 }, "The size."),
        Attribute::new("on", Kind::Bool, "Whether it runs."),
        Attribute::new("env", Kind::Texts, "Texts by name."),
        Attribute::new("words", Kind::List(&Kind::Text(&[]), Order::Listed), "Words."),
        Attribute::new("tags", Kind::List(&Kind::Text(&[]), Order::Set), "Tags."),
        Attribute::new("box", Kind::Object(BOX), "A box."),
        Attribute::new("doors", Kind::List(&Kind::Object(DOOR), Order::Keyed("id")), "Doors."),
        Attribute::new("rules", Kind::List(&Kind::Object(DOOR), Order::Listed), "Rules."),
        Attribute::text("note", "Words for people."),
    ],
    outputs: &[("arn", "Its name.")],
};
const BOX: &[Attribute] = &[
    Attribute::text("lid", "What closes it.").required(),
    Attribute::integer("depth", 1.0, 9.0, "Its depth."),
];
const DOOR: &[Attribute] =
    &[Attribute::text("id", "Its name.").required(), Attribute::text("leadsTo", "Where it leads.")];

pub static TOY: Component = Component {
    names: &["toy", "maker/toy"],
    schemas: &[&TOY_SCHEMA],
    own: &TOY_SCHEMA,
    lower,
    output,
    place,
};

fn place(address: &Address, path: &Path) -> Option<Place> {
    let steps = Step::along(TOY_SCHEMA.attributes, path.parts())?;
    Some(Place { entry: address.name.clone(), steps, ..Place::default() })
}

#[expect(clippy::needless_pass_by_value, reason = "the signature of every component")]
fn lower(entry: Entry, lowering: &mut Lowering) {
    let keys = Keys { handled: &["name", "region"], unbuilt: &["later", "box.lock"], spelled: &[] };
    let mut typing = Typing::new(lowering.diagnostics(), keys);
    typing.object(TOY_SCHEMA.attributes, &entry.props, &entry.place, &Path::root(), "");
    let declared = typing.declared;
    let text = |key: &str| entry.props.get(key).and_then(Node::text).unwrap_or(&entry.name).to_owned();
    let draft = Draft {
        region: text("region"),
        name: text("name"),
        place: entry.place.clone(),
        parent: None,
        declared,
        code: None,
        points_at: Vec::new(),
        links: Vec::new(),
    };
    lowering.declare(&TOY_SCHEMA, Address::new("toy", &entry.name), draft);
}

fn output(name: &str, path: &[&str], props: &mut Props<'_>) -> Output {
    let address = Address::new("toy", name);
    match props(path) {
        _ if path == ["arn"] => Output::Promised(OutputRef { address, output: "arn".to_owned() }),
        Some(node) => Output::Declared(Box::new(node), address),
        None => Output::Unknown(vec!["arn".to_owned()]),
    }
}

fn read_with(text: &str, overrides: &[(&str, &str)]) -> (Desired, Vec<Diagnostic>) {
    let source = Arc::new(Source { name: "s.yaml".to_owned(), text: text.to_owned() });
    read_sources(&source.into(), overrides)
}

fn read_sources(sources: &Sources, overrides: &[(&str, &str)]) -> (Desired, Vec<Diagnostic>) {
    let variables = |name: &str| match name {
        "STAGE" => Some("prod".to_owned()),
        "EMPTY" => Some(String::new()),
        "NESTED" => Some("${vars.a}-${vars.b}".to_owned()),
        _ => None,
    };
    let overrides: Vec<(String, String)> =
        overrides.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    load(sources, &Given { variables: &variables, overrides: &overrides, unset: None }, &[&TOY])
}

/// Writes each diagnostic as `line:column code message`, further places and help behind it.
pub fn shown(diagnostics: &[Diagnostic]) -> String {
    let mut lines = Vec::new();
    for diagnostic in diagnostics {
        let (line, column) = diagnostic.at.as_ref().map(|(span, _)| span.line_column()).unwrap_or_default();
        let kind = if diagnostic.severity == Severity::Error { "error" } else { "warning" };
        lines.push(format!("{line}:{column} {kind} {} {}", diagnostic.code, diagnostic.message));
        let also = diagnostic.also.iter();
        lines.extend(also.map(|(span, label)| format!("  {} {label}", span.line_column().0)));
        lines.extend(diagnostic.help.iter().map(|help| format!("  help: {help}")));
    }
    lines.join("\n")
}

/// Writes a value as it would stand in a file; outputs of others as `<address output>`.
pub fn written(planned: &Planned) -> String {
    match planned {
        Planned::Known(value) => format!("{value:?}"),
        Planned::Promised(Template { segments }) => segments
            .iter()
            .map(|segment| match segment {
                Segment::Text(text) => text.clone(),
                Segment::Output(output) => format!("<{} {}>", output.address, output.output),
            })
            .collect(),
    }
}

/// Ends each line.
fn lines(lines: impl Iterator<Item = String>) -> String {
    lines.map(|line| line + "\n").collect()
}

fn file(vars: &str, props: &str) -> String {
    let indented =
        |text: &str, by: &str| lines(text.trim_matches('\n').lines().map(|line| format!("{by}{line}")));
    format!(
        "edition: 3.0.0\nvars:\n{}resources:\n  one:\n    component: toy\n    props:\n{}name: shop\n",
        indented(vars, "  "),
        indented(props, "      ")
    )
}

/// Checks the leaves of the entry `one` that has these props (from line 8 with one line of vars).
#[track_caller]
fn props(vars: &str, props: &str, expected: &str) {
    let (desired, diagnostics) = read_with(&file(vars, props), &[]);
    assert_eq!(shown(&diagnostics), "");
    assert_eq!(leaves(&desired, "one"), expected.trim());
}

fn leaves(desired: &Desired, name: &str) -> String {
    let resource = &desired.resources[&Address::new("toy", name)];
    let mut lines = Vec::new();
    for (path, planned) in &resource.attributes {
        assert!(resource.spans.contains_key(path), "{path} has a place");
        lines.push(format!("{path} = {}", written(planned)));
    }
    lines.join("\n")
}

/// Checks what is wrong with props that begin at line 8.
#[track_caller]
fn wrong(vars: &str, props: &str, expected: &str) {
    let (_, diagnostics) = read_with(&file(vars, props), &[]);
    assert_eq!(shown(&diagnostics).trim(), expected.trim());
}

/// Checks what is wrong with a whole file.
#[track_caller]
fn wrong_file(text: &str, expected: &str) {
    let (_, diagnostics) = read_with(text.trim_start_matches('\n'), &[]);
    assert_eq!(shown(&diagnostics).trim(), expected.trim());
}

#[test]
fn values_get_their_types() {
    props(
        "a: 1",
        "
colour: red
size: 16
on: true
env: {PORT: 8080, RATIO: 1.0, ZERO: 007, FLAG: true, NONE: ~, EMPTY: '', X: 0x1F}
words: [b, a, b]
tags: [b, a, b]
box: {lid: oak, depth: '3'}
doors:
  - {id: front, leadsTo: street}
rules:
  - {id: x}
note: ''
",
        r#"
box.depth = Number(Number(3.0))
box.lid = Text("oak")
colour = Text("red")
doors["front"].id = Text("front")
doors["front"].leadsTo = Text("street")
env["EMPTY"] = Text("")
env["FLAG"] = Text("true")
env["PORT"] = Text("8080")
env["RATIO"] = Text("1.0")
env["X"] = Text("0x1F")
env["ZERO"] = Text("007")
on = Bool(true)
rules = List([Map({"id": Text("x")})])
size = Number(Number(16.0))
tags = List([Text("a"), Text("b")])
words = List([Text("b"), Text("a"), Text("b")])
"#,
    );
}

#[test]
fn wrong_values_are_all_reported_at_once() {
    wrong(
        "a: 1",
        "
colour: gren
size: 12
on: maybe
env: [x]
words: a
box: {depth: 0}
doors: [{id: x}, {id: x}]
note: {a: b}
rules: [{leadsTo: y}]
",
        "
8:15 error E0107 unknown value for `colour`
  help: did you mean `green`?
9:13 error E0108 `size` is 12
10:11 error E0106 `on` has to be `true` or `false`, and this is a text
11:12 error E0106 `env` has to be a map, and this is a list
  help: put keys with values below it
12:14 error E0106 `words` has to be a list, and this is a text
  help: write each item on a line behind a `-`
13:7 error E0109 `box.lid` is missing
  help: `box.lid`: What closes it.
13:20 error E0108 `box.depth` is 0
14:29 error E0115 the id `x` is declared twice
  14 first here
  help: give each its own name, or remove one
15:13 error E0106 `note` has to be a text, and this is a map
16:15 error E0109 `rules[0].id` is missing
  help: `rules[0].id`: Its name.
",
    );
}

#[test]
fn keys_that_mean_nothing_or_nothing_yet() {
    wrong(
        "a: 1",
        "
colur: red
lid: oak
later: 1
box: {lid: a, lock: b, dept: 3}
zzz: 1
",
        "
8:7 warning E0110 unknown key `colur`
  help: did you mean `colour`?
9:7 warning E0110 unknown key `lid`
  help: did you mean `box.lid`?
10:7 error E0111 `later` is not built yet
  help: nothing is dropped silently: remove it to go on without it
11:21 error E0111 `box.lock` is not built yet
  help: nothing is dropped silently: remove it to go on without it
11:30 warning E0110 unknown key `box.dept`
  help: did you mean `depth`?
12:7 warning E0110 unknown key `zzz`
",
    );
}

#[test]
fn loose_words_and_zeros_are_warned_about() {
    wrong(
        "a: 1",
        "on: yes\nsize: 010\nbox: {lid: no, depth: 03}",
        "
8:11 warning E0130 `yes` is a text in YAML 1.2; it is read as true
  help: write `true`
9:13 error E0108 `size` is 10
9:13 warning E0131 `010` has leading zeros, which some readers take for octal
  help: write `10`
10:29 warning E0131 `03` has leading zeros, which some readers take for octal
  help: write `3`
",
    );
}

#[test]
fn every_code_is_explained() {
    let explained = include_str!("../../../docs/errors.md");
    for code in include_str!("../codes.rs").split('"').filter(|piece| piece.starts_with("E01")) {
        assert!(explained.contains(&format!("## {code}")), "docs/errors.md has no section {code}");
    }
}
