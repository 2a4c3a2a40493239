//! Every line, as a program reads it.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value as Json;

use super::*;
use crate::apply::{Difference, StepEnd};
use crate::diag::{Diagnostic, Source, Span};
use crate::model::{CloudError, ErrorClass, OutputRef, Path};
use crate::plan::{Plan, Step};
use crate::render::tests::{plan as story, plans};

/// Writes lines as they are printed at one moment.
fn printed(lines: &[Line]) -> String {
    let moment: Timestamp = "2026-11-22T14:05:09.250Z".parse().expect("a moment");
    lines.iter().map(|line| line.at(moment)).collect()
}

/// Leaves out of printed lines what is the same in each.
fn short(lines: &[Line]) -> String {
    let lines = printed(lines);
    let shortened = lines.lines().map(|line| {
        let mut object: Json = serde_json::from_str(line).expect("JSON");
        let object = object.as_object_mut().expect("an object");
        for key in ["@module", "@timestamp"] {
            object.remove(key).expect("stands in every line");
        }
        format!("{}\n", serde_json::to_string(object).expect("JSON"))
    });
    shortened.collect()
}

#[test]
fn a_line_has_a_level_a_sentence_a_moment_and_a_type() {
    let lines = [version("0.1.0"), log(Level::Info, "two\nlines \u{1b}[31m")];
    insta::assert_snapshot!(printed(&lines), @r#"
    {"@level":"info","@message":"triform 0.1.0","@module":"triform.ui","@timestamp":"2026-11-22T14:05:09.250000Z","triform":"0.1.0","type":"version","ui":"1.2"}
    {"@level":"info","@message":"two\nlines \u001b[31m","@module":"triform.ui","@timestamp":"2026-11-22T14:05:09.250000Z","type":"log"}
    "#);
}

#[test]
fn plans_are_told_resource_by_resource() {
    let mut text = String::new();
    for (name, document) in plans() {
        let mut lines = plan(&document.plan, Operation::Plan, Planned::Now);
        lines.extend(planned_outputs(&document.plan, &document.links));
        text = format!("{text}== {name}\n{}\n", short(&lines));
    }
    insta::assert_snapshot!(text);
}

#[test]
fn a_saved_plan_was_counted_when_it_was_made() {
    let document = story("edit");
    let now = plan(&document.plan, Operation::Apply, Planned::Now);
    let before = plan(&document.plan, Operation::Apply, Planned::Before);
    assert_eq!(now[..now.len() - 1], before);
    assert!(short(&now[now.len() - 1..]).contains(r#""type":"change_summary""#));
}

/// Returns a step of each kind, of a plan that has all of them.
fn steps(plan: &Plan) -> Vec<&Step> {
    let mut steps: Vec<&Step> = plan.steps.iter().collect();
    steps.sort_by_key(|step| (step.kind, step.id));
    steps.dedup_by_key(|step| step.kind);
    steps
}

#[test]
fn a_step_starts_goes_on_and_ends() {
    let document = story("whole");
    let mut lines = Vec::new();
    for step in steps(&document.plan) {
        lines.push(started(step));
        lines.push(still_running(step, Duration::from_secs(10)));
        lines.push(still_running(step, Duration::from_secs(3670)));
        lines.extend(ended(step, &StepEnd::Done, Duration::from_millis(71_900)));
    }
    insta::assert_snapshot!(short(&lines));
}

#[test]
fn a_step_that_did_not_end_well_says_why() {
    let document = story("edit");
    let step = document.plan.steps.first().expect("a step");
    let error = |class| CloudError {
        class,
        operation: "UpdateFunction".to_owned(),
        status: Some(400),
        code: "InvalidArgument".to_owned(),
        message: "no".to_owned(),
        request_id: String::new(),
    };
    let difference =
        Difference { path: Path::field("timeout"), saw: Some(crate::model::Value::int(30)), now: None };
    let ends = [
        StepEnd::Unneeded,
        StepEnd::Moved(vec![difference]),
        StepEnd::Partial(error(ErrorClass::Unavailable)),
        StepEnd::Refused(error(ErrorClass::Invalid)),
        StepEnd::Uncertain(error(ErrorClass::Unavailable)),
        StepEnd::Unprepared("the secret is unset".to_owned()),
    ];
    let mut lines: Vec<Line> = ends.iter().flat_map(|end| ended(step, end, Duration::from_secs(1))).collect();
    let moved = Difference { path: Path::root(), saw: None, now: None };
    lines.extend([not_started(step), left_in_flight(step), elsewhere(&step.address, &[moved])]);
    insta::assert_snapshot!(short(&lines));
}

#[test]
fn the_end_of_a_good_apply_counts_and_gives_outputs() {
    let document = story("whole");
    let plan = &document.plan;
    let mut lines: Vec<Line> = [Operation::Apply, Operation::Destroy]
        .map(|operation| applied(plan, plan.steps.iter(), operation, Some(13)))
        .into();
    let output = |key| {
        let address = Address::keyed("trigger", "cart", key);
        ("cart".to_owned(), OutputRef { address, output: "url".to_owned() })
    };
    let links = [output("http"), output("second"), output("gone")];
    let url = |output: &OutputRef| output.address.key.clone().filter(|key| key != "gone");
    lines.push(outputs(&links, url));
    lines.push(outputs(&[], url));
    insta::assert_snapshot!(short(&lines));
}

#[test]
fn a_diagnostic_has_its_place() {
    let text = "name: 函数\nruntime: pyhton3.10\nvars:\n  a: [1,\n    2]\n";
    let source = Arc::new(Source { name: "s.yaml".to_owned(), text: text.to_owned() });
    let span = |from: &str, to: &str| {
        let start = text.find(from).expect("there");
        Span { source: source.clone(), range: start..text.find(to).expect("there") + to.len() }
    };
    let found = [
        Diagnostic::error("E0107", "unknown value for `runtime`")
            .at(span("pyhton", "3.10"), "no such runtime")
            .also(span("函数", "函数"), "")
            .help("did you mean `python3.10`?"),
        Diagnostic::warning("E0102", "two lines").at(span("[1", "2]\n"), ""),
        Diagnostic::error("E0103", "no place"),
        Diagnostic::error("E0104", "a wrong place").at(Span { source: source.clone(), range: 7..900 }, ""),
    ];
    let lines: Vec<Line> = found.iter().map(diagnostic).collect();
    insta::assert_snapshot!(short(&lines));
}
