//! The rules below `triform:`.

use super::{read_with, shown, wrong_file};
use crate::config::Lifecycle;
use crate::config::lifecycle::Trigger;

const TAIL: &str = "
vars:
  size: 16
resources:
  one:
    component: toy
    props: {}
  two:
    component: toy
    props: {}
";

#[track_caller]
fn rules(text: &str) -> Lifecycle {
    let (desired, diagnostics) = read_with(&format!("edition: 3.0.0\nname: shop\n{text}{TAIL}"), &[]);
    assert_eq!(shown(&diagnostics), "");
    desired.lifecycle
}

/// Checks what is wrong with rules that begin at line 3.
#[track_caller]
fn wrong(text: &str, expected: &str) {
    wrong_file(&format!("edition: 3.0.0\nname: shop\n{}{TAIL}", text.trim_start_matches('\n')), expected);
}

#[test]
fn rules_at_the_top_name_what_they_are_about() {
    let found = rules(
        "triform:
  ignore:
    - selector: toy.one:size
      value: ${vars.size}
      reason: tuned by hand
      owner: ops@example.com
      until: 2026-12-31
    - '*:env.*'
  prevent_destroy: [toy.*]
  create_before_destroy: toy.one
  replace_when:
    - address: toy.one
      changes: [size, 'toy.two:env[\"A\"]']
  moved:
    - {from: toy.old, to: toy.two}
  import:
    - {to: toy.one, id: eins}
  removed: [toy.gone]
",
    );
    let [size, env] = found.ignore.as_slice() else { panic!("{:#?}", found.ignore) };
    assert_eq!(size.selector.to_string(), "toy.one:size");
    assert_eq!(size.value, Some(crate::model::Value::int(16)));
    assert_eq!(
        (size.reason.as_deref(), size.owner.as_deref()),
        (Some("tuned by hand"), Some("ops@example.com"))
    );
    assert_eq!(size.until, Some(jiff::civil::date(2026, 12, 31)));
    assert_eq!(size.place.line_column(), (5, 7));
    assert_eq!(env.selector.to_string(), "*:env.*");
    assert_eq!(found.prevent_destroy.len(), 1);
    assert_eq!(found.create_before_destroy.len(), 1);
    let changes: Vec<String> = found.replace_when[0].changes.iter().map(written).collect();
    assert_eq!(changes, ["toy.one:size", "toy.two:env[\"A\"]"]);
    assert_eq!(found.moved[0].to.to_string(), "toy.two");
    assert_eq!(found.import[0].id, "eins");
    assert_eq!(found.removed[0].address.to_string(), "toy.gone");
}

fn written(trigger: &Trigger) -> String {
    match trigger {
        Trigger::Written(selector) => selector.to_string(),
        Trigger::Output(output) => format!("<{} {}>", output.address, output.output),
    }
}

#[test]
fn rules_in_an_entry_need_no_address() {
    let text = "
edition: 3.0.0
name: shop
resources:
  one:
    component: toy
    triform:
      ignore:
        - size
        - {path: env.*, reason: theirs}
      prevent_destroy: true
      create_before_destroy: false
      replace_when: ['${resources.two.output.arn}', note]
      moved: toy.old
      import: eins
    props: {}
  two:
    component: toy
    props: {}
";
    let (desired, diagnostics) = read_with(text, &[]);
    assert_eq!(shown(&diagnostics), "");
    let found = desired.lifecycle;
    let ignored: Vec<String> = found.ignore.iter().map(|rule| rule.selector.to_string()).collect();
    assert_eq!(ignored, ["toy.one:size", "toy.one:env.*"]);
    let selectors: Vec<String> = found.prevent_destroy[0].selectors.iter().map(ToString::to_string).collect();
    assert_eq!(selectors, ["toy.one", "*.one[*"]);
    assert!(found.create_before_destroy.is_empty());
    let changes: Vec<String> = found.replace_when[0].changes.iter().map(written).collect();
    assert_eq!(changes, ["<toy.two arn>", "toy.one:note"]);
    assert_eq!(found.moved[0].from.to_string(), "toy.old");
    assert_eq!(found.import[0].to.to_string(), "toy.one");
    // Who is replaced for another one waits for it.
    let one = &desired.resources[&crate::model::Address::new("toy", "one")];
    assert!(one.depends_on.contains(&crate::model::Address::new("toy", "two")));
}

#[test]
fn a_rule_that_is_not_understood_is_an_error() {
    wrong(
        "
triform:
  prevent_destory: [toy.one]
  ignore:
    - {selector: 'toy.one:sise'}
    - {selector: toy, untill: 2026-12-31}
    - {selector: toy.one, until: 31.12.2026}
    - {selector: toy.one, until: 2026-02-30}
    - {selector: 'toy.one:size', value: big}
    - {reason: why}
  prevent_destroy: ['toy.one:size']
  moved: [{from: toi.one, to: toy.two}]
",
        "
4:3 error E0150 there is no rule `triform.prevent_destory`
  help: did you mean `prevent_destroy`?
6:18 error E0151 a toy has no `sise`
  help: did you mean `size`?
7:18 error E0151 `toy` is no selector; selectors look like fc3_function.hello, fc3_function.hello:memorySize or *:code
7:23 error E0150 there is no rule `triform.ignore.untill`
  help: did you mean `until`?
8:34 error E0152 `31.12.2026` is no date
  help: write the last day of the rule as 2026-12-31
9:34 error E0152 `2026-02-30` is no date
  help: write the last day of the rule as 2026-12-31
10:41 error E0106 `triform.ignore.value` has to be a number, and this is a text
11:7 error E0109 `selector` is missing
  help: `selector`: what is ignored, such as fc3_function.hello:memorySize
12:21 error E0151 `toy.one:size` names a place inside a resource; `triform.prevent_destroy` is about whole ones
13:18 error E0151 there is no resource type `toi`
  help: did you mean `toy`?
",
    );
}

#[test]
fn rules_that_contradict_each_other_or_what_is_declared() {
    wrong(
        "
triform:
  moved:
    - {from: toy.one, to: toy.three}
    - {from: toy.a, to: toy.b}
    - {from: toy.b, to: toy.a}
    - {from: toy.c, to: toy.two}
    - {from: toy.d, to: toy.two}
  import: [{to: toy.thre, id: x}]
  removed: [toy.two]
  replace_when: [{address: toy.one, changes: ['toy.nine:size']}]
",
        "
5:7 error E0153 toy.one moves away and is still declared
  17 declared here
  help: take the rule out, or remove the old entry
5:7 error E0153 toy.one moves to toy.three, which is not declared
6:7 error E0153 these moves lead nowhere: toy.a → toy.b → toy.a
  help: take one of them out
9:7 error E0153 two moves are about toy.two
  8 the other one
  help: keep one of them
10:12 error E0154 toy.thre is imported and not declared
  help: declare it in `resources`: what is ours and not declared would be deleted
11:13 error E0154 toy.two is declared, and `removed` says that it is not
  20 declared here
  help: remove it from `resources`, or take the rule out
12:18 error E0154 toy.nine is not declared, so its changes replace nothing
  help: did you mean `toy.one`?
",
    );
}

#[test]
fn a_replacement_for_each_other_is_a_ring() {
    wrong(
        "
triform:
  replace_when:
    - {address: toy.one, changes: ['toy.two:size']}
    - {address: toy.two, changes: ['toy.one:size']}
",
        "
5:7 error E0118 these resources wait for each other: toy.one → toy.two → toy.one
  6 toy.two needs toy.one
  help: none of them can be first; take one of these references out
",
    );
}
