//! The diff, path by path.

use super::story::{Story, story};

/// A function that was applied with these attributes.
#[track_caller]
fn applied(attributes: &str) -> Story {
    story().declare("function.a", attributes).apply()
}

/// Applied so; then the project and somebody online do something; then this is the plan without an answer, and
/// this is live after either answer.
#[track_caller]
fn check(before: &str, project: &str, online: &str, plan: &str, local: &str, live: &str) {
    let story = applied(before).declare("function.a", project).online("function.a", online).expect(plan);
    story.clone().decide("use-local").apply().live("function.a", local);
    story.decide("use-live").apply().live("function.a", live);
}

/// Nobody has to decide: the plan, and what is live after it.
#[track_caller]
fn check_quiet(before: &str, project: &str, online: &str, plan: &str, live: &str) {
    let story = applied(before).declare("function.a", project).online("function.a", online);
    story.expect(plan).apply().live("function.a", live);
}

#[test]
fn an_edit_is_written() {
    check_quiet(
        "memorySize=128",
        "memorySize=256",
        "",
        "Update function.a
           memorySize edit write 256",
        "memorySize=256",
    );
}

#[test]
fn drift_is_asked() {
    check(
        "memorySize=128",
        "memorySize=128",
        "memorySize=1024",
        "Keep function.a
           memorySize drift open 128",
        "memorySize=128",
        "memorySize=1024",
    );
}

#[test]
fn both_moved_apart_is_a_conflict() {
    check(
        "memorySize=128",
        "memorySize=256",
        "memorySize=1024",
        "Keep function.a
           memorySize conflict open 256",
        "memorySize=256",
        "memorySize=1024",
    );
}

#[test]
fn both_moved_to_the_same_is_only_recorded() {
    check_quiet(
        "memorySize=128",
        "memorySize=256",
        "memorySize=256",
        "Record function.a
           memorySize converged record",
        "memorySize=256",
    );
}
