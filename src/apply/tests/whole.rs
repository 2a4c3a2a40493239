//! Whole resources: they appear, vanish, leave, and are found where nobody expected them.

use super::story::{Story, story};
use crate::plan::{Action, Approval, ApprovalError, ApprovedPlan, Means};

fn function(attributes: &str) -> Story {
    story().declare("function.a", attributes)
}

#[test]
fn new_here_and_absent_there_is_created() {
    let story = function("memorySize=128 file:a=1 env.A_TOKEN=t password=p");
    let story = story.expect("Create function.a").apply().expect("");
    story.live("function.a", "memorySize=128 file:a=1 env.A_TOKEN=t password=p");
}

#[test]
fn what_exists_is_a_decision_even_when_nothing_differs() {
    let story = function("memorySize=128").appears("function.a", "memorySize=128");
    let story = story.expect(
        "TakeOver function.a Exists=open
           handler converged record
           internetAccess converged record
           memorySize converged record
           timeout converged record",
    );
    assert_eq!(story.plan().open().len(), 1);
    for answer in ["use-local", "use-live"] {
        let taken = story.clone().decide(answer);
        assert!(taken.clone().run(usize::MAX).calls.is_empty());
        taken.apply().expect("");
    }
}

fn foreign() -> Story {
    function("memorySize=128 file:a=mine").appears("function.a", "memorySize=256 env.B=1 file:a=1 file:b=1")
}

#[test]
fn use_local_takes_over_what_is_declared_and_code_whole() {
    let story = foreign().decide("use-local").expect(
        "TakeOver function.a Exists=use-local
           file:a conflict use-local write regular
           file:b conflict use-local write gone
           env.B converged record
           handler converged record
           internetAccess converged record
           memorySize conflict use-local write 128
           timeout converged record",
    );
    let story = story.apply().live("function.a", "memorySize=128 env.B=1 file:a=mine").expect("");
    // What was undeclared and observed has a past now.
    story.online("function.a", "env.B=2").expect("Keep function.a\nenv.B drift open 1");
}

#[test]
fn use_live_takes_over_and_writes_nothing() {
    let mut copy = foreign().decide("use-live");
    assert!(copy.run(usize::MAX).calls.is_empty());
    let story = foreign().decide("use-live").apply();
    let story = story.live("function.a", "memorySize=256 env.B=1 file:a=1 file:b=1").expect(
        "Keep function.a
           file:a unchanged keep
           file:b unchanged keep
           memorySize unchanged keep",
    );
    story.declare("function.a", "memorySize=512 file:a=mine").expect(
        "Keep function.a
           file:a unchanged keep
           file:b unchanged keep
           memorySize conflict open 512",
    );
}

#[test]
fn a_take_over_may_be_decided_path_by_path() {
    let story = foreign().decide("use-local use-live=function.a:memorySize");
    story.apply().live("function.a", "memorySize=256 env.B=1 file:a=mine");
}

#[test]
fn a_take_over_that_forces_a_replacement_replaces() {
    let story = function("runtime=python").appears("function.a", "runtime=node env.B=1").decide("use-local");
    let story = story.expect_steps(&["Delete r/a", "Create r/a"]);
    story.apply().live("function.a", "runtime=python env.B=1").expect("");
}

#[test]
fn what_was_deleted_online_is_a_decision() {
    let gone = function("memorySize=128").apply().vanishes("function.a");
    let gone = gone.expect("Keep function.a DeletedOnline=open");
    gone.clone().decide("use-local").apply().live("function.a", "memorySize=128");
    let kept = gone.decide("use-live").apply().gone("function.a").expect("");
    assert_eq!(kept.plan().summary().accepted, 1);
    // It moves only with its configuration.
    let moved = kept.clone().declare("function.a", "memorySize=256");
    let moved = moved.expect("Keep function.a DeletedOnline=open");
    moved.clone().decide("use-local").apply().live("function.a", "memorySize=256");
    moved.decide("use-live").apply().expect("");
    // Or by name.
    kept.clone().decide("use-local").expect("");
    kept.clone().decide("use-local=function.a").apply().live("function.a", "memorySize=128");
    // Live again it was never ours; gone from the configuration it is forgotten.
    kept.clone().appears("function.a", "memorySize=128").decide("use-local").apply().expect("");
    assert_eq!(kept.clone().appears("function.a", "").plan().open().len(), 1);
    kept.remove("function.a").expect("Forget function.a").apply();
}

#[test]
fn children_follow_a_parent_that_was_deleted_online() {
    let gone = function("").declare("trigger.a/t", "description=x").apply().vanishes("function.a");
    let gone =
        gone.expect("Keep function.a DeletedOnline=open\nKeep trigger.a/t DeletedOnline=open by function.a");
    assert_eq!(gone.plan().open().len(), 1);
    gone.clone().decide("use-local").apply().live("trigger.a/t", "description=x");
    let kept = gone.decide("use-live").apply().expect("");
    // A new child of a parent that stays absent waits with it.
    let more = kept.clone().declare("trigger.a/u", "");
    more.expect("Record trigger.a/u DeletedOnline=use-live by function.a").apply().gone("trigger.a/u");
    // When the parent comes back, so do its children.
    let back = kept.declare("function.a", "memorySize=128").decide("use-local");
    back.expect(
        "Create function.a DeletedOnline=use-local\nCreate trigger.a/t DeletedOnline=use-local by function.a",
    )
    .apply()
    .live("trigger.a/t", "description=x");
}

#[test]
fn a_child_may_be_let_go_by_itself() {
    let gone = function("").declare("trigger.a/t", "").apply().vanishes("trigger.a/t");
    let gone = gone.expect("Keep trigger.a/t DeletedOnline=open");
    gone.clone().decide("use-live").apply().gone("trigger.a/t").expect("");
    gone.decide("use-local").apply().live("trigger.a/t", "");
}

#[test]
fn what_left_the_configuration_is_deleted() {
    let story = function("").declare("trigger.a/t", "").apply().remove("trigger.a/t").remove("function.a");
    let story = story.expect("Delete function.a\nDelete trigger.a/t");
    story.expect_steps(&["Delete r/a/t", "Delete r/a"]).apply().gone("function.a");
}

#[test]
fn what_left_and_drifted_is_a_decision() {
    let story =
        function("memorySize=128").apply().online("function.a", "memorySize=256").remove("function.a");
    let story = story.expect("Keep function.a LeftAndDrifted=open\nmemorySize drift keep");
    story.clone().decide("use-local").apply().gone("function.a");
    let kept = story.decide("use-live").apply();
    kept.expect("").live("function.a", "memorySize=256");
}

#[test]
fn drift_of_a_child_counts_as_its_parents() {
    let story = function("").declare("trigger.a/t", "").apply().online("trigger.a/t", "description=x");
    let story = story.remove("trigger.a/t").remove("function.a").expect(
        "Keep function.a LeftAndDrifted=open
         Keep trigger.a/t LeftAndDrifted=open by function.a
           description drift keep",
    );
    assert_eq!(story.plan().open().len(), 1);
    story.clone().decide("use-local").apply().gone("function.a");
    story.decide("use-live").apply().live("trigger.a/t", "description=x").expect("");
}

#[test]
fn what_is_gone_on_both_sides_is_forgotten() {
    let story = function("").apply().vanishes("function.a").remove("function.a");
    story.expect("Forget function.a").apply().expect("");
}

#[test]
fn what_somebody_added_to_a_parent_is_reported_and_never_touched() {
    let story = function("").apply().appears("trigger.a/x", "").expect("unmanaged trigger.a/x");
    assert!(story.plan().drifted() && story.plan().is_empty());
    story.clone().remove("function.a").expect_refusal("somebody added trigger.a[\"x\"]");
    story.clone().declare("function.a", "runtime=new").expect_refusal("somebody added trigger.a[\"x\"]");
    story.declare("function.a", "memorySize=128").apply().live("trigger.a/x", "");
}

#[test]
fn a_replacement_under_the_same_name_deletes_first_and_keeps_what_is_not_declared() {
    let story = function("").declare("trigger.a/t", "type=timer").apply();
    let story = story.online("trigger.a/t", "description=x").decide("use-live").apply();
    let story = story.declare("trigger.a/t", "type=http").expect(
        "Replace trigger.a/t
           description unchanged keep
           type edit write http",
    );
    let story = story.expect_steps(&["Delete r/a/t", "Create r/a/t"]).apply();
    story
        .live("trigger.a/t", "type=http description=x")
        .expect("Keep trigger.a/t\ndescription unchanged keep");
}

#[test]
fn a_replacement_keeps_every_kind_of_past() {
    // Accepted, accepted away, taken over undeclared, a secret that was never declared, and write-only.
    let before = "memorySize=128 env.A=1 password=p runtime=old";
    let story =
        story().appears("function.a", "env.B=b env.C_TOKEN=c runtime=old").declare("function.a", before);
    let story = story.decide("use-local").apply().online("function.a", "memorySize=256 -env.A");
    let story = story.decide("use-live").apply();
    let story = story.declare("function.a", &before.replace("old", "new"));
    let story = story.expect(
        "Replace function.a
           env.A unchanged keep
           memorySize unchanged keep
           runtime edit write new",
    );
    let after =
        story.apply().live("function.a", "memorySize=256 env.B=b env.C_TOKEN=c password=p runtime=new");
    after.expect("Keep function.a\nenv.A unchanged keep\nmemorySize unchanged keep");
}

#[test]
fn children_are_made_again_with_their_parent() {
    let base = function("runtime=old").declare("trigger.a/t", "description=x").apply();
    let quiet = base.clone().declare("function.a", "runtime=new");
    let quiet = quiet.expect("Replace function.a\nruntime edit write new\nReplace trigger.a/t");
    let steps = ["Delete r/a/t", "Delete r/a", "Create r/a", "Create r/a/t"];
    quiet.expect_steps(&steps).apply().live("trigger.a/t", "description=x").expect("");

    let drifted = base.online("trigger.a/t", "description=y").declare("function.a", "runtime=new");
    let drifted = drifted.expect(
        "Replace function.a ReplacedAndDrifted=open
           runtime edit write new
         Replace trigger.a/t ReplacedAndDrifted=open by function.a
           description drift open x",
    );
    assert_eq!(drifted.plan().open().len(), 1);
    drifted.clone().decide("use-local").apply().live("trigger.a/t", "description=x");
    drifted.decide("use-live").apply().live("trigger.a/t", "description=y");
}

#[test]
fn a_child_that_left_goes_with_a_parent_that_is_made_again() {
    let story =
        function("runtime=old").declare("trigger.a/t", "").apply().online("trigger.a/t", "description=y");
    let story = story.remove("trigger.a/t").declare("function.a", "runtime=new");
    assert_eq!(story.plan().open().len(), 1);
    story.decide("use-local").apply().gone("trigger.a/t");
}

#[test]
fn the_counts_say_what_will_happen() {
    let story = function("memorySize=128").declare("function.b", "").declare("trigger.a/t", "").apply();
    let story = story.declare("function.c", "").remove("function.b").online("trigger.a/t", "description=x");
    let summary = story.declare("function.a", "memorySize=256").plan().summary();
    let counts =
        (summary.add, summary.change, summary.delete, summary.online, summary.open, summary.accepted);
    assert_eq!(counts, (1, 1, 1, 1, 1, 0));
}

#[test]
fn an_undecided_plan_cannot_be_applied() {
    let story = function("memorySize=128").apply().online("function.a", "memorySize=256");
    let plan = story.plan();
    let approval = Approval { by: String::new(), means: vec![Means::Digest(plan.digest())] };
    let found = ApprovedPlan::new(plan, approval).expect_err("one is open");
    assert_eq!(found, ApprovalError::Undecided(1));
}

#[test]
fn what_nobody_has_read_is_not_absent() {
    let story = function("").apply();
    let mut unread = story.clone();
    unread.cloud.unread.insert(story.identity("function.a"));
    unread.clone().expect_refusal("nobody has read");
    unread.clone().remove("function.a").expect_refusal("nobody has read");
    let outside = unread.leave_out(&["function.a"]);
    assert!(outside.plan().changes.is_empty());
    assert_eq!(story.plan().changes.values().map(|change| change.action).collect::<Vec<_>>(), [Action::Keep]);
}
