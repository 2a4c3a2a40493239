//! Names change on both sides: moves, renames, and what stands in the way.

use super::story::{Story, story};

fn family() -> Story {
    story().declare("function.a", "name=live").declare("trigger.a/t", "").apply()
}

#[test]
fn another_address_for_one_identity_is_a_move() {
    let story = family().remove("function.a").remove("trigger.a/t");
    let story = story.declare("function.b", "name=live").declare("trigger.b/t", "");
    let story = story.expect("Keep function.b from function.a\nKeep trigger.b/t from trigger.a/t");
    assert_eq!(story.plan().summary().moves, 2);
    story.expect_steps(&[]).apply().expect("").live("trigger.b/t", "");
}

#[test]
fn a_move_may_come_with_an_edit() {
    let story = story().declare("function.a", "name=live memorySize=128").apply().remove("function.a");
    let story = story.declare("function.b", "name=live memorySize=256");
    let story = story.expect("Update function.b from function.a\nmemorySize edit write 256");
    story.apply().live("function.b", "memorySize=256");
}

#[test]
fn chains_and_rings_of_moves_lose_nobody() {
    let three = story()
        .declare("function.a", "name=x memorySize=128")
        .declare("function.b", "name=y memorySize=256")
        .declare("function.c", "name=z memorySize=1024")
        .apply();
    let chain = three.clone().remove("function.a").declare("function.b", "name=x memorySize=128");
    let chain = chain.declare("function.c", "name=y memorySize=256");
    let chain = chain.declare("function.d", "name=z memorySize=1024");
    chain
        .expect("Keep function.b from function.a\nKeep function.c from function.b\nKeep function.d from function.c")
        .apply()
        .expect("");
    let ring = three.declare("function.a", "name=z memorySize=1024");
    let ring = ring.declare("function.b", "name=x memorySize=128");
    let ring = ring.declare("function.c", "name=y memorySize=256");
    ring.expect(
        "Keep function.a from function.c\nKeep function.b from function.a\nKeep function.c from function.b",
    )
    .expect_steps(&[])
    .apply()
    .expect("");
}

#[test]
fn a_move_to_an_address_in_use_lets_its_occupant_leave() {
    let story = story().declare("function.a", "name=x").declare("function.b", "name=y").apply();
    let story = story.remove("function.a").declare("function.b", "name=x");
    let story = story.expect("Keep function.b from function.a\nDelete function.b/r/y from function.b");
    story.expect_steps(&["Delete r/y"]).apply().expect("").live("function.b", "");
}

#[test]
fn a_new_name_is_a_new_resource_and_the_old_one_goes_last() {
    let story = story().declare("function.a", "name=x memorySize=128").declare("trigger.a/t", "").apply();
    let story = story.declare("function.a", "name=y memorySize=128");
    let story = story.expect("Replace function.a old x\nReplace trigger.a/t old t");
    let story = story.expect_steps(&["Create r/y", "Create r/y/t", "Delete r/x/t", "Delete r/x"]);
    story.apply().expect("").live("function.a", "memorySize=128").live("trigger.a/t", "");
}

#[test]
fn a_new_region_is_a_new_resource() {
    let story = story().declare("function.a", "").apply().declare("function.a", "region=s");
    story.expect_steps(&["Create s/a", "Delete r/a"]).apply().expect("");
}

#[test]
fn the_old_ones_drift_is_asked() {
    let story = story().declare("function.a", "name=x").declare("trigger.a/t", "").apply();
    let story = story.online("trigger.a/t", "description=mine").declare("function.a", "name=y");
    let story = story.expect(
        "Replace function.a old x ReplacedAndDrifted=open
         Replace trigger.a/t old t ReplacedAndDrifted=open by function.a",
    );
    assert_eq!(story.plan().open().len(), 1);
    let gone = story.clone().decide("use-local").apply();
    assert_eq!(gone.cloud.resources.len(), 2);
    // The old ones are let go of, and the new ones are made.
    let kept = story.decide("use-live").expect_steps(&["Create r/y", "Create r/y/t"]).apply().expect("");
    assert_eq!(kept.cloud.resources.len(), 4);
}

#[test]
fn an_old_one_that_is_kept_keeps_its_children() {
    let story = story().declare("function.a", "name=x").declare("trigger.a/t", "").apply();
    let story = story.online("function.a", "description=mine").declare("function.a", "name=y");
    let story = story.expect(
        "Replace function.a old x ReplacedAndDrifted=open
         Replace trigger.a/t old t ReplacedAndDrifted=open by function.a",
    );
    let plan = story.plan();
    let edited: Vec<String> =
        plan.changes.values().flat_map(|change| change.old_paths.keys()).map(ToString::to_string).collect();
    assert_eq!(edited, ["description"], "what was edited on the old one is in the plan");
    let (steps, gone) =
        (["Create r/y", "Create r/y/t", "Delete r/x/t", "Delete r/x"], story.clone().decide("use-local"));
    gone.expect_steps(&steps).apply().expect("");
    let kept = story.decide("use-live").expect_steps(&["Create r/y", "Create r/y/t"]).apply().expect("");
    assert_eq!(kept.cloud.resources.len(), 4);
}

#[test]
fn a_new_name_that_exists_is_a_decision() {
    let story = story().declare("function.a", "name=x memorySize=128").apply();
    let there = story.appears("function.y", "memorySize=256").declare("function.a", "name=y memorySize=128");
    assert_eq!(there.plan().open().len(), 1);
    let drifted = there.clone().state(|state| {
        let record = state.records.values_mut().next().expect("a record");
        record.paths.remove(&crate::model::Path::field("timeout"));
    });
    assert_eq!(drifted.plan().open().len(), 2, "one question about each of the two");
    let ours = there.clone().decide("use-local").expect_steps(&["Update r/y", "Delete r/x"]).apply();
    ours.expect("").live("function.a", "memorySize=128");
    let theirs = there.decide("use-live").expect_steps(&["Delete r/x"]).apply();
    theirs.live("function.a", "memorySize=256");
}

#[test]
fn an_old_one_that_is_gone_is_not_deleted() {
    let story = story().declare("function.a", "name=x").apply().vanishes("function.a");
    story.declare("function.a", "name=y").expect("Create function.a").apply().expect("");
}

#[test]
fn what_an_interrupted_replacement_left_behind_is_still_known() {
    let story = story().declare("function.a", "name=x").declare("trigger.a/t", "").apply();
    let mut story = story.declare("function.a", "name=y");
    let before = story.state.clone();
    // Two creates, each an intent, a call and an answer.
    let run = story.run(6);
    assert_eq!(run.calls, ["Create r/y", "Create r/y/t"]);
    story.state = super::driver::recovered(&story.cloud, &before, &run.journal);
    let story = story.expect("Delete function.a/r/x\nDelete trigger.a/r/x/t");
    let story = story.expect_steps(&["Delete r/x/t", "Delete r/x"]).apply().expect("");
    assert_eq!(story.cloud.resources.len(), 2);
}

#[test]
fn a_child_that_left_as_its_parent_was_renamed_goes_with_it() {
    let story = story().declare("function.a", "name=x").declare("trigger.a/t", "").apply();
    let story = story.online("trigger.a/t", "description=mine").remove("trigger.a/t");
    let story = story.declare("function.a", "name=y");
    assert_eq!(story.plan().open().len(), 1);
    let gone = story.clone().decide("use-local").apply();
    assert_eq!(gone.cloud.resources.len(), 1);
    let kept = story.decide("use-live").apply();
    assert_eq!(kept.cloud.resources.len(), 3);
}

#[test]
fn a_rename_with_somebodys_child_is_refused() {
    let story = story().declare("function.a", "name=x").apply().appears("trigger.x/u", "");
    story.declare("function.a", "name=y").expect_refusal("trigger.a[\"u\"]");
}
