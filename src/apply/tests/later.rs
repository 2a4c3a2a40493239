//! Values that another resource has yet to give.

use super::story::{Story, story};

const TARGET: &str = "target=${function.b.id}";

fn two() -> Story {
    story().declare("function.a", "").declare("function.b", "memorySize=128").declare("trigger.a/t", TARGET)
}

#[test]
fn a_source_that_is_created_is_known_after_the_apply() {
    let story = two().expect_steps(&["Create r/a", "Create r/b", "Create r/a/t"]);
    story.apply().live("trigger.a/t", "target=id-2");
}

#[test]
fn a_source_that_stays_is_known_now() {
    let story = two().remove("trigger.a/t").apply().declare("trigger.a/t", "");
    let story = story.apply().declare("trigger.a/t", TARGET);
    story.expect("Update trigger.a/t\ntarget edit write id-2").apply();
}

#[test]
fn a_source_that_changes_makes_an_edit_that_may_need_no_call() {
    let story = two().apply().declare("function.b", "memorySize=256").expect(
        "Update function.b
           memorySize edit write 256
         Update trigger.a/t
           target edit write later",
    );
    story.expect_steps(&["Update r/b"]).apply().live("trigger.a/t", "target=id-2");
}

#[test]
fn a_drifted_path_whose_value_is_not_known_is_asked_now() {
    let story = two().apply().declare("function.b", "memorySize=256").online("trigger.a/t", "target=mine");
    let story = story.expect(
        "Update function.b
           memorySize edit write 256
         Keep trigger.a/t
           target conflict open later",
    );
    story.clone().decide("use-local").apply().live("trigger.a/t", "target=id-2");
    let kept = story.decide("use-live").apply().live("trigger.a/t", "target=mine");
    kept.expect("Keep trigger.a/t\ntarget unchanged keep");
}

#[test]
fn taking_over_with_a_promised_value_waits_for_it() {
    let story = story().declare("function.a", "").apply().appears("trigger.a/t", "");
    let story = story.declare("function.b", "").declare("trigger.a/t", TARGET);
    let story = story.expect(
        "Create function.b
         TakeOver trigger.a/t Exists=open
           description converged record
           target conflict open later
           type converged record"
            .replace("           description converged record\n", "")
            .as_str(),
    );
    story.clone().decide("use-local").apply().live("trigger.a/t", "target=id-3");
    story.decide("use-live").apply().live("trigger.a/t", "");
}

#[test]
fn a_source_that_is_made_again_gives_a_new_value() {
    let story = two().apply().vanishes("function.b").decide("use-local");
    story.apply().live("trigger.a/t", "target=id-4");
}

#[test]
fn a_drifted_source_that_is_kept_gives_what_is_live() {
    let story = two().apply().online("function.b", "memorySize=256").decide("use-live");
    story.expect("Record function.b\nmemorySize drift use-live accept").apply();
}
