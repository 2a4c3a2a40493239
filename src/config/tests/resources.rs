//! What holds between resources: promises, order, circles, identities.

use super::*;

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
    for (declared, waits) in [
        ("note: ${resources.two.output.note}", true),
        ("note: a ${resources.two.output.note}", true),
        ("words: ['${resources.two.output.note}']", true),
        ("box: {lid: '${resources.two.output.note}'}", true),
        ("note: ${resources.two.props.note}", false),
    ] {
        let text = TWO
            .replace("note: http://${resources.two.output.arn}/x", declared)
            .lines()
            .filter(|line| !line.contains("env:"))
            .collect::<Vec<_>>()
            .join("\n");
        let (desired, diagnostics) = read_with(&text, &[]);
        assert_eq!(shown(&diagnostics), "");
        assert_eq!(
            !desired.resources[&Address::new("toy", "one")].depends_on.is_empty(),
            waits,
            "{declared}"
        );
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
    let two: String = lines(TWO.lines().filter(|line| !line.contains("env:")).map(str::to_owned));
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
