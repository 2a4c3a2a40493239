//! `${…}`: what it becomes, and what is said when it cannot.

use super::*;

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

#[test]
fn overrides_win_and_strays_are_told() {
    let text = file("a: {b: 1, c: 2}\ncolour: red", "note: ${vars.a.b}-${vars.a.c}-${vars.new}");
    let (desired, diagnostics) =
        read_with(&text, &[("a.b", "nine"), ("new", "${vars.a.c}"), ("colours", "1")]);
    assert_eq!(
        shown(&diagnostics),
        "1:1 warning E0133 the file has no variable `colours`\n  help: did you mean `colour`?"
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
