//! Files in, places and values or diagnostics out, with a component small enough to see through.

use std::sync::Arc;

use proptest::prelude::*;

use super::component::{Component, Draft, Entry, Lowering, Output, Props};
use super::node::Node;
use super::typing::{Keys, Typing};
use super::*;
use crate::diag::Severity;
use crate::model::{Attribute, Kind, Order, Planned, Schema, Segment, Template};

static TOY_SCHEMA: Schema = Schema {
    kind: "toy",
    noun: "toy",
    version: 1,
    parent: None,
    shared: false,
    name: "name",
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

static TOY: Component = Component { names: &["toy", "maker/toy"], schemas: &[&TOY_SCHEMA], lower, output };

fn lower(entry: Entry, lowering: &mut Lowering) {
    let keys = Keys { handled: &["name", "region"], unbuilt: &["later", "box.lock"] };
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
    let variables = |name: &str| match name {
        "STAGE" => Some("prod".to_owned()),
        "EMPTY" => Some(String::new()),
        "NESTED" => Some("${vars.a}-${vars.b}".to_owned()),
        _ => None,
    };
    let overrides: Vec<(String, String)> =
        overrides.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    load(&source, &Given { variables: &variables, overrides: &overrides }, &[&TOY])
}

/// Writes each diagnostic as `line:column code message`, further places and help behind it.
pub fn shown(diagnostics: &[Diagnostic]) -> String {
    let mut text = String::new();
    for diagnostic in diagnostics {
        let (line, column) = diagnostic.at.as_ref().map(|(span, _)| span.line_column()).unwrap_or_default();
        let kind = if diagnostic.severity == Severity::Error { "error" } else { "warning" };
        text += &format!("{line}:{column} {kind} {} {}\n", diagnostic.code, diagnostic.message);
        for (span, label) in &diagnostic.also {
            text += &format!("  {} {label}\n", span.line_column().0);
        }
        for help in &diagnostic.help {
            text += &format!("  help: {help}\n");
        }
    }
    text
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

fn file(vars: &str, props: &str) -> String {
    let indented = |text: &str, by: &str| {
        text.trim_matches('\n').lines().map(|line| format!("{by}{line}\n")).collect::<String>()
    };
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
fn expressions_are_filled_in() {
    props(
        "
a: x
b: 16
list: [p, q]
map: {M: 1}
flag: true
chain: ${vars.a}${vars.b}
stage: {prod: {note: live}}
",
        "
note: ${vars.a}-${vars.b}-${env('STAGE')}
size: ${vars.b}
on: ${vars.flag}
words: ['${vars.list[1]}', '${vars.list.0}', '${this.name}', '${this.component}', '${this.props.size}']
tags: ${vars.list}
env:
  CHAIN: ${vars.chain}
  QUOTED: ${env(STAGE)}
  DEFAULT: ${env('NOPE', 'd')}
  EMPTY: ${env('EMPTY', 'e')}
  TYPED: ${env('NOPE', 3)}
  OTHER: ${env('NOPE', vars.a)}
  CALL: ${env('NOPE', env('STAGE'))}
  AGAIN: ${env('NESTED')}
  INNER: ${vars.stage.${env('STAGE')}.note}
  SELF: ${resources.one.props.note}
  DOLLAR: $5 {a}
",
        r#"
env["AGAIN"] = Text("x-16")
env["CALL"] = Text("prod")
env["CHAIN"] = Text("x16")
env["DEFAULT"] = Text("d")
env["DOLLAR"] = Text("$5 {a}")
env["EMPTY"] = Text("e")
env["INNER"] = Text("live")
env["OTHER"] = Text("x")
env["QUOTED"] = Text("prod")
env["SELF"] = Text("x-16-prod")
env["TYPED"] = Text("3")
note = Text("x-16-prod")
on = Bool(true)
size = Number(Number(16.0))
tags = List([Text("p"), Text("q")])
words = List([Text("q"), Text("p"), Text("one"), Text("toy"), Text("16")])
"#,
    );
    props("m: {A: 1}", "env: ${vars.m}", r#"env["A"] = Text("1")"#);
}

#[test]
fn expressions_that_cannot_be_filled_in() {
    wrong(
        "region: a",
        "
note: ${vars.regoin}
env:
  A: ${env('NOPE')}
  B: x ${vars.region
  C: ${var.region}
  D: ${env.HOME}
  E: ${config('AccountID')}
  F: ${evn('X')}
  G: ${resources.two.props.x}
  H: ${this.prop.note}
  I: ${this.note}
  J: ${one.props.note}
  K: ${resources.one}
  L: a ${vars}
  M: ${secret('X')}
  N: ${}
",
        "
8:13 error E0122 `vars.regoin` is not there
  help: did you mean `region`?
10:12 error E0122 the environment variable `NOPE` is not set
  help: set it, put it into a file for `--env-file`, or give a default: `${env('NOPE', '…')}`
11:14 error E0120 an expression has no end
12:12 error E0121 no expression begins with `var`
  help: did you mean `vars`?
13:12 error E0121 no expression begins with `env`
  help: write `${env('HOME')}`
14:12 error E0111 `${config(…)}` is not built yet
  help: nothing is dropped silently: remove it to go on without it
15:12 error E0121 there is no `evn(…)`
  help: did you mean `env(…)`?
16:12 error E0122 `resources.two` is not there
17:12 error E0121 a resource has no `prop`
  help: did you mean `props`?
18:12 error E0121 a resource has no `note`
  help: did you mean `this.props.note`?
19:12 error E0121 no expression begins with `one`
  help: in edition 3.0.0 this is `${resources.one.props.note}`
20:12 error E0120 this names a resource and nothing of it
  help: go on with `.props.…` or `.output.…`
21:14 error E0106 a map cannot stand inside a text
  3 this is its value
  help: use it alone, or name one of the values in it
22:12 error E0111 `${secret(…)}` is not built yet
  help: nothing is dropped silently: remove it to go on without it
  help: until then, read it from the environment: `${env('NAME')}`
23:12 error E0120 this expression cannot be read: it is empty
  help: expressions look like `${vars.a.b}` or `${env('X', 'default')}`
",
    );
}

#[test]
fn values_made_from_each_other() {
    wrong(
        "a: ${vars.b}\nb: x${vars.a}",
        "note: ${this.props.note}\nenv: {A: '${vars.a}'}",
        "
3:6 error E0123 these values are made from each other
  4 on the way
  help: write one of them out
9:13 error E0123 these values are made from each other
  help: write one of them out
",
    );
}

#[test]
fn a_mistake_in_vars_is_shown_there_and_where_it_is_used() {
    wrong(
        "colour: gren",
        "colour: ${vars.colour}",
        "
3:11 error E0107 unknown value for `colour`
  8 used here
  help: did you mean `green`?
",
    );
}

const TWO: &str = "
edition: 3.0.0
name: shop
resources:
  one:
    component: toy
    props:
      note: http://${resources.two.output.arn}/x
      env: {A: '${resources.two.output.arn}', B: '${resources.two.output.note}', C: '${resources.two.props.note}'}
  two:
    component: maker/toy@1.2.3
    props:
      note: hi
";

#[test]
fn outputs_become_promises_and_order() {
    let (desired, diagnostics) = read_with(TWO, &[]);
    assert_eq!(shown(&diagnostics), "");
    assert_eq!(
        leaves(&desired, "one"),
        "env[\"A\"] = <toy.two arn>\nenv[\"B\"] = Text(\"hi\")\nenv[\"C\"] = Text(\"hi\")\nnote = http://<toy.two arn>/x"
    );
    let one = &desired.resources[&Address::new("toy", "one")];
    assert_eq!(one.depends_on, BTreeSet::from([Address::new("toy", "two")]));
    assert_eq!(desired.resources[&Address::new("toy", "two")].depends_on, BTreeSet::new());
}

#[test]
fn a_declared_output_orders_too_and_a_prop_does_not() {
    for (expression, waits) in [("output.note", true), ("props.note", false)] {
        let text = TWO
            .replace("http://${resources.two.output.arn}/x", &format!("${{resources.two.{expression}}}"))
            .lines()
            .filter(|line| !line.contains("env:"))
            .collect::<Vec<_>>()
            .join("\n");
        let (desired, diagnostics) = read_with(&text, &[]);
        assert_eq!(shown(&diagnostics), "");
        assert_eq!(!desired.resources[&Address::new("toy", "one")].depends_on.is_empty(), waits);
    }
}

#[test]
fn outputs_that_are_not_there_and_places_they_cannot_stand_in() {
    wrong_file(
        &TWO.replace("two.output.arn}/x", "two.output.arm}/x")
            .replace("note: hi", "words: ['${resources.one.output.arn}']"),
        "
7:20 error E0124 `two` has no output `arm`
  help: did you mean `arn`?
  help: it has `arn`
8:51 error E0124 `two` has no output `note`
  help: it has `arn`
8:86 error E0122 `resources.two.props.note` is not there
12:16 error E0125 `words[0]` has to be known before the apply
  help: use a value of `props` or `vars` here; outputs may stand in single values and environment variables
",
    );
}

#[test]
fn resources_that_wait_for_each_other() {
    let two: String =
        TWO.lines().filter(|line| !line.contains("env:")).map(|line| format!("{line}\n")).collect();
    wrong_file(
        &two.replace("note: hi", "note: ${resources.three.output.arn}").replace(
            "  two:",
            "  three:\n    component: toy\n    props: {note: '${resources.one.output.arn}'}\n  two:",
        ),
        "
7:13 error E0118 these resources wait for each other: toy.one → toy.two → toy.three → toy.one
  14 toy.two needs toy.three
  10 toy.three needs toy.one
  help: none of them can be first; take one of these references out
",
    );
    wrong_file(
        &two.replace("note: hi", "note: '${this.output.arn}'"),
        "
11:14 error E0118 toy.two waits for itself
  help: none of them can be first; take one of these references out
",
    );
}

#[test]
fn two_addresses_with_one_identity() {
    wrong_file(
        &TWO.replace("note: hi", "note: hi\n      name: x\n      region: r")
            .replace("      note: http", "      name: x\n      region: r\n      note: http"),
        "
11:3 error E0116 toy.one and toy.two are both `x` in the cloud
  4 toy.one here
  help: give one of them another name or region
",
    );
}

#[test]
fn editions() {
    let help = "  help: triform reads edition 3.0.0 with the component `fc3`; files of editions 1.0.0 and 2.0.0 come with the component `fc`, which is not built yet";
    wrong_file(
        "edition: 1.0.0\nservices: {}\n",
        &format!("1:10 error E0112 the file is of edition `1.0.0`\n{help}"),
    );
    wrong_file(
        "name: x\n",
        &format!(
            "1:1 error E0112 the file does not say its edition\n  help: begin the file with `edition: 3.0.0`\n{help}"
        ),
    );
}

#[test]
fn keys_of_the_file_and_of_an_entry() {
    wrong_file(
        "
edition: 3.0.0
nmae: x
actions: {}
triform: {secrets: []}
services: {}
resources:
  a b: {}
  b: text
  c: {componet: toy}
  d: {component: tyo, props: {}}
  e: {component: fc@1.0, props: {}}
  f: {component: toy, props: {}, actions: {}, extend: {}, if: x}
  g: {component: toy}
",
        "
1:1 error E0109 `name` is missing
  help: `name`: the project's name
2:1 warning E0110 unknown key `nmae`
  help: did you mean `name`?
3:1 error E0111 `actions` is not built yet
  help: nothing is dropped silently: remove it to go on without it
4:11 error E0111 `triform.secrets` is not built yet
  help: nothing is dropped silently: remove it to go on without it
5:1 error E0112 `services` belongs to editions 1.0.0 and 2.0.0
  help: in edition 3.0.0 this is `resources`
7:3 error E0114 `a b` cannot name a resource
  help: use letters, digits, `-` and `_`
8:6 error E0106 `resources.b` has to be a map, and this is a text
  help: it has `component` and `props`
9:3 error E0109 `component` is missing
  help: `component`: what the entry is, such as `fc3`
9:7 warning E0110 unknown key `componet`
  help: did you mean `component`?
10:18 error E0113 there is no component `tyo`
  help: did you mean `toy`?
11:18 error E0111 the component `fc` is not built yet
  help: nothing is dropped silently: remove it to go on without it
12:34 error E0111 `actions` is not built yet
  help: nothing is dropped silently: remove it to go on without it
12:47 error E0111 `extend` is not built yet
  help: nothing is dropped silently: remove it to go on without it
12:59 error E0111 `if` is not built yet
  help: nothing is dropped silently: remove it to go on without it
13:3 error E0109 `props` is missing
  help: `props`: what is deployed
",
    );
}

#[test]
fn no_resources_is_an_error_and_none_of_them_is_not() {
    wrong_file(
        "edition: 3.0.0\nname: x\n",
        "1:1 error E0109 `resources` is missing\n  help: `resources`: what the project deploys, one entry for each function",
    );
    wrong_file("edition: 3.0.0\nname: x\nresources: {}\n", "");
}

#[test]
fn one_access_for_all() {
    let text = "edition: 3.0.0\nname: x\naccess: ${env('STAGE')}\nresources:\n  a: {component: toy, props: {}, access: prod}\n";
    let (desired, diagnostics) = read_with(text, &[]);
    assert_eq!((shown(&diagnostics).as_str(), desired.access.as_deref()), ("", Some("prod")));
    wrong_file(
        &text.replace("access: prod", "access: other"),
        "
5:42 error E0111 a project with two accesses is not built yet
  3 the other one
  help: nothing is dropped silently: remove it to go on without it
",
    );
}

#[test]
fn overrides_win_and_strays_are_told() {
    let text = file("a: {b: 1, c: 2}\ncolour: red", "note: ${vars.a.b}-${vars.a.c}-${vars.new}");
    let (desired, diagnostics) =
        read_with(&text, &[("a.b", "nine"), ("new", "${vars.a.c}"), ("colours", "1")]);
    assert_eq!(
        shown(&diagnostics),
        "1:1 warning E0133 the file has no variable `colours`\n  help: did you mean `colour`?\n"
    );
    assert_eq!(leaves(&desired, "one"), "note = Text(\"nine-2-2\")");
}

#[test]
fn a_bad_override_is_shown_as_it_was_given() {
    let (_, diagnostics) = read_with(&file("size: 8", "size: ${vars.size}"), &[("size", "big")]);
    let (span, _) = diagnostics[0].at.clone().expect("it has a place");
    assert_eq!(
        (span.source.name.as_str(), span.source.text.as_str(), span.range),
        ("--var", "size=big", 5..8)
    );
}

#[test]
fn anchors_and_merges() {
    props(
        "base: &base {colour: red, size: 8, note: base}",
        "
<<: *base
size: 16
env: {A: &a x, B: *a}
",
        r#"
colour = Text("red")
env["A"] = Text("x")
env["B"] = Text("x")
note = Text("base")
size = Number(Number(16.0))
"#,
    );
    wrong(
        "base: &base {colour: blue}",
        "<<: [*base]\nenv: {A: *base}",
        "
3:15 error E0106 `env.A` has to be a text, and this is a map
  9 used here
3:24 error E0107 unknown value for `colour`
  8 used here
  help: one of `red` and `green`
",
    );
}

#[test]
fn a_wicked_file_is_refused_quickly() {
    let mut bomb = String::from("edition: 3.0.0\nname: x\nvars:\n  a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..20 {
        let before = format!("*a{}, ", level - 1).repeat(9);
        bomb += &format!("  a{level}: &a{level} [{before}]\n");
    }
    let (_, diagnostics) = read_with(&bomb, &[]);
    assert_eq!(diagnostics.len(), 1);
    assert_eq!(diagnostics[0].message, "aliases repeat too much");

    let mut doubling = String::from("a0: xxxxxxxxxxxxxxxx\n");
    for level in 1..60 {
        doubling += &format!("a{level}: ${{vars.a{0}}}${{vars.a{0}}}\n", level - 1);
    }
    let (_, diagnostics) = read_with(&file(&doubling, "note: x"), &[]);
    assert_eq!(diagnostics.len(), 1, "{}", shown(&diagnostics));
    assert_eq!(diagnostics[0].code, codes::TOO_LARGE);

    let mut chain = String::new();
    for level in 0..5000 {
        chain += &format!("a{level}: ${{vars.a{}}}\n", level + 1);
    }
    chain += "a5000: x\n";
    let (_, diagnostics) = read_with(&file(&chain, "note: x"), &[]);
    assert_eq!(diagnostics.len(), 1, "{}", shown(&diagnostics));
    assert_eq!(diagnostics[0].code, codes::TOO_LARGE);

    for deep in ["[".repeat(20_000), "a: ".to_owned() + &"[".repeat(200) + &"]".repeat(200)] {
        let (_, diagnostics) = read_with(&deep, &[]);
        assert_eq!(diagnostics[0].code, codes::TOO_LARGE, "{}", shown(&diagnostics));
    }
    let mut indented = String::new();
    for level in 0..2000 {
        indented += &format!("{}a:\n", " ".repeat(level));
    }
    let (_, diagnostics) = read_with(&indented, &[]);
    assert_eq!(diagnostics[0].code, codes::TOO_LARGE);
    let (_, diagnostics) = read_with(&"#".repeat(yaml::MAX_BYTES + 1), &[]);
    assert_eq!(diagnostics[0].code, codes::TOO_LARGE);
}

#[test]
fn nesting_and_expressions_together_stay_within_the_stack() {
    let mut vars = String::from("v0: x\n");
    for level in 1..20 {
        let (open, close) = ("[".repeat(100), "]".repeat(100));
        vars += &format!("v{level}: {open}\"${{vars.v{}}}\"{close}\n", level - 1);
    }
    let (_, diagnostics) = read_with(&file(&vars, "note: ${vars.v19}"), &[]);
    assert!(
        diagnostics.iter().any(|diagnostic| diagnostic.code == codes::TOO_LARGE),
        "{}",
        shown(&diagnostics)
    );
}

#[test]
fn what_is_not_yaml_says_where() {
    wrong_file("a: [1\nb: 2\n", "2:2 error E0100 this is not YAML: illegal placement of ':' indicator");
    wrong_file(
        "a:\n\tb: 2\n",
        "2:2 error E0100 this is not YAML: tabs disallowed within this context (block indentation)\n  help: indent with spaces, not with tabs",
    );
}

#[test]
fn odd_yaml() {
    wrong_file(
        "edition: 3.0.0\nname: a\nname: b\nresources: {}\n",
        "
3:1 error E0102 the key `name` stands twice
  2 first here
  help: keep one of them
",
    );
    wrong_file(
        "a: 1\n---\nb: 2\n",
        "2:1 error E0103 the file holds more than one YAML document\n  help: keep one project in one file, and choose with `-t FILE`",
    );
    wrong_file(
        "",
        "1:1 error E0103 the file is empty\n  help: `triform init` writes a project to start from",
    );
    wrong_file(
        "a: {{ name }}\n",
        "
1:5 error E0104 a key is a map
  help: if this is a placeholder such as {{ name }}, put it in quotes or fill it in
",
    );
    wrong_file(
        "edition: 3.0.0\nname: !Ref x\nresources: {}\n",
        "2:7 error E0104 the tag `!Ref` means nothing here\n  help: remove the tag",
    );
    wrong_file(
        "edition: 3.0.0\nname: x\nresources: {}\nvars: &v {a: *v}\n",
        "4:14 error E0104 an alias stands inside its own anchor",
    );
    wrong_file(
        "edition: 3.0.0\nname: x\nresources: {}\nvars: {<<: 3}\n",
        "4:12 error E0104 `<<` takes a map, and this is a number",
    );
    wrong_file(
        "- a\n",
        "1:1 error E0106 `the file` has to be a map, and this is a list\n  help: it begins with `edition: 3.0.0`",
    );
    wrong_file("\u{feff}edition: 3.0.0\r\nname: x\r\nresources: {}\r\n", "");
}

#[test]
fn places_are_what_is_written() {
    let text = "a: plain # c\nb: 'sin''gle'\nc: \"d\\\"ouble\"\nd: |\n  block\n  two\n\ne: [x, {y: z}]\nf:\n  - 1\n  - 2\n# end\ng: ünï\n";
    let source = Arc::new(Source { name: "s.yaml".to_owned(), text: text.to_owned() });
    let (root, diagnostics) = yaml::parse(&source);
    assert_eq!(diagnostics, Vec::new());
    let root = root.expect("it is YAML");
    let written: Vec<(&str, &str)> = root
        .pairs()
        .expect("a map")
        .iter()
        .map(|pair| (&text[pair.key.span.range.clone()], &text[pair.value.span.range.clone()]))
        .collect();
    assert_eq!(
        written,
        [
            ("a", "plain"),
            ("b", "'sin''gle'"),
            ("c", "\"d\\\"ouble\""),
            ("d", "block\n  two"),
            ("e", "[x, {y: z}]"),
            ("f", "- 1\n  - 2"),
            ("g", "ünï"),
        ]
    );
}

#[test]
fn every_code_is_explained() {
    let explained = include_str!("../../docs/errors.md");
    for code in include_str!("codes.rs").split('"').filter(|piece| piece.starts_with("E01")) {
        assert!(explained.contains(&format!("## {code}")), "docs/errors.md has no section {code}");
    }
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC*") {
        let _ = read_with(&text, &[]);
    }

    #[test]
    fn no_text_made_of_yaml_panics(pieces in proptest::collection::vec("[a-c]|: |- |\\n|  |\\[|\\]|\\{|\\}|, |&a |\\*a|<<|'|\"|\\||>|#|\\$\\{vars\\.[a-c]\\}|\\$\\{|\\}|!!str |\\?|é|edition: 3.0.0\\n|name: x\\n|vars:\\n|resources:\\n|component: toy\\n|props:\\n", 0..40)) {
        let _ = read_with(&pieces.concat(), &[]);
    }

    #[test]
    fn no_expression_panics(body in "[a-z.\\[\\]()'\"{}$, é]{0,30}") {
        let _ = read_with(&file("a: 1", &format!("note: >-\n  ${{{body}}}")), &[]);
    }
}
