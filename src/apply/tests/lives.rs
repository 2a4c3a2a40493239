//! The rules of a project, planned and carried out.

use super::story::{Story, story};

/// A function that was applied with this memory.
fn applied() -> Story {
    story().declare("function.a", "memorySize=128 env.A=1").apply()
}

#[test]
fn ignored_drift_is_counted_and_nothing_else() {
    let story = applied().rule("ignore function.a:memorySize").online("function.a", "memorySize=1024");
    let story = story.expect("Keep function.a\nmemorySize drift ignore");
    let plan = story.plan();
    let summary = plan.summary();
    assert_eq!((summary.ignored, summary.online, summary.open, summary.accepted), (1, 0, 0, 0));
    assert!(plan.is_empty() && !plan.drifted());
    let story = story.apply().live("function.a", "memorySize=1024 env.A=1");
    // The record stays: without the rule it is drift as it ever was.
    story.without_rules().expect("Keep function.a\nmemorySize drift open 128");
}

#[test]
fn an_ignored_place_is_sent_along_as_it_is_found() {
    let story =
        applied().rule("ignore function.a:environmentVariables.*").online("function.a", "env.B=online");
    let story = story.declare("function.a", "memorySize=128 env.A=2");
    // A change of the project at one key, in a map that is replaced whole.
    let story = story.expect("Update function.a\nenv.A edit write 2\nenv.B drift ignore");
    story.apply().live("function.a", "memorySize=128 env.A=2 env.B=online");
}

#[test]
fn an_edit_at_an_ignored_place_is_written() {
    let story =
        applied().rule("ignore function.a:memorySize").declare("function.a", "memorySize=256 env.A=1");
    story.expect("Update function.a\nmemorySize edit write 256").apply();
}

#[test]
fn where_the_project_moved_too_a_rule_answers_nothing() {
    let story = applied().rule("ignore function.a:memorySize").online("function.a", "memorySize=1024");
    let story = story.declare("function.a", "memorySize=256 env.A=1");
    let story = story.expect("Keep function.a\nmemorySize conflict open 256");
    story.clone().decide("use-local").apply().live("function.a", "memorySize=256 env.A=1");
    story.decide("use-live").apply().live("function.a", "memorySize=1024 env.A=1");
}

#[test]
fn a_rule_with_a_value_ignores_only_that() {
    let story = applied().rule("ignore function.a:memorySize value=1024");
    story.clone().online("function.a", "memorySize=1024").expect("Keep function.a\nmemorySize drift ignore");
    story.online("function.a", "memorySize=512").expect("Keep function.a\nmemorySize drift open 128");
}

#[test]
fn an_expired_rule_ignores_nothing_and_is_told() {
    let drift = |until: &str| {
        applied()
            .rule(&format!("ignore function.a:memorySize until={until}"))
            .online("function.a", "memorySize=1024")
    };
    // It holds on its last day.
    drift("2026-11-22").expect("Keep function.a\nmemorySize drift ignore");
    let story = drift("2026-11-21").expect("Keep function.a\nmemorySize drift open 128 expired");
    assert!(story.plan().drifted());
    story.rule("ignore function.*:memorySize").expect("Keep function.a\nmemorySize drift ignore");
}

#[test]
fn an_answer_for_all_does_not_reach_what_is_ignored_and_one_for_the_place_does() {
    let story = applied().rule("ignore function.a:memorySize").online("function.a", "memorySize=1024");
    story.clone().decide("use-local").expect("Keep function.a\nmemorySize drift ignore");
    let story = story.decide("use-local=function.a:memorySize");
    let story = story.expect("Update function.a\nmemorySize drift use-local write 128");
    story.apply().live("function.a", "memorySize=128 env.A=1");
}

#[test]
fn ignored_drift_does_not_ask_before_a_delete() {
    let story =
        applied().rule("ignore function.a").online("function.a", "memorySize=1024").remove("function.a");
    story.expect("Delete function.a\nmemorySize drift ignore").apply().gone("function.a");
}

#[test]
fn what_is_made_again_keeps_what_was_ignored() {
    let story = story().declare("trigger.a/t", "description=one").declare("function.a", "").apply();
    let story = story.rule("ignore trigger.a/t:description").online("trigger.a/t", "description=two");
    let story = story.declare("trigger.a/t", "type=http description=one");
    let story = story.expect("Replace trigger.a/t\ndescription drift ignore\ntype edit write http");
    story.apply().live("trigger.a/t", "type=http description=two");
}

#[test]
fn a_child_that_somebody_added_can_be_ignored() {
    let story = applied().appears("trigger.a/debug", "").expect("unmanaged trigger.a/debug");
    assert!(story.plan().drifted());
    let story = story.rule("ignore trigger.a/debug").expect("unmanaged trigger.a/debug ignored");
    assert!(!story.plan().drifted());
    assert_eq!(story.plan().summary().ignored, 1);
    // It is still there, and still somebody else's.
    story.remove("function.a").expect_refusal("somebody added trigger.a[\"debug\"]");
}

#[test]
fn what_must_not_be_destroyed_is_not() {
    let story = story()
        .declare("function.a", "")
        .declare("trigger.a/t", "")
        .declare("function.b", "runtime=one")
        .apply()
        .rule("prevent_destroy function.a")
        .rule("prevent_destroy function.b");
    story.clone().expect("");
    story.clone().declare("function.a", "memorySize=256").apply();
    let refused = "this plan would delete function.a, and a rule prevents that";
    story.clone().remove("trigger.a/t").remove("function.a").expect_refusal(refused);
    let refused = "this plan would replace function.b, and a rule prevents that";
    story.clone().declare("function.b", "runtime=two").expect_refusal(refused);
    story.clone().declare("function.b", "runtime=one name=other").expect_refusal(refused);
    // A record may go.
    story.rule("removed function.a").remove("trigger.a/t").remove("function.a").apply();
}

#[test]
fn what_goes_with_its_parent_is_protected_too() {
    let story = story().declare("function.a", "runtime=one").declare("trigger.a/t", "").apply();
    let story = story.rule("prevent_destroy trigger.*");
    let delete = story.clone().remove("trigger.a/t").remove("function.a");
    delete.expect_refusal("would delete trigger.a[\"t\"]");
    story.declare("function.a", "runtime=two").expect_refusal("would replace trigger.a[\"t\"]");
}

#[test]
fn an_open_question_is_no_delete_yet() {
    let story = applied().rule("prevent_destroy function.a").online("function.a", "memorySize=1024");
    let story =
        story.remove("function.a").expect("Keep function.a LeftAndDrifted=open\nmemorySize drift keep");
    story.clone().decide("use-local").expect_refusal("would delete function.a");
    story.decide("use-live").apply();
}

#[test]
fn a_record_that_is_removed_leaves_everything_online() {
    let story = story().declare("function.a", "").declare("trigger.a/t", "").apply();
    let story = story.online("function.a", "memorySize=1024").rule("removed function.a");
    let story = story.remove("trigger.a/t").remove("function.a");
    let story = story.expect("Forget function.a\nForget trigger.a/t").apply();
    assert!(story.state.records.is_empty());
    let story = story.live("function.a", "memorySize=1024").live("trigger.a/t", "");
    // The rule may stay.
    story.expect("");
}

#[test]
fn a_child_that_is_removed_becomes_somebody_elses() {
    let story = story().declare("function.a", "").declare("trigger.a/t", "").apply();
    let story = story.rule("removed trigger.a/t").remove("trigger.a/t");
    let gone = story.clone().remove("function.a");
    gone.expect_refusal("cannot stay online");
    story.expect("Forget trigger.a/t").apply().expect("unmanaged trigger.a/t");
}

#[test]
fn a_move_and_a_new_name_is_a_replacement() {
    let story = story().declare("function.old", "name=x").declare("trigger.old/t", "").apply();
    let story = story.rule("moved function.old function.new").remove("trigger.old/t").remove("function.old");
    let story = story.declare("function.new", "name=y").declare("trigger.new/t", "");
    let story = story.expect(
        "Replace function.new from function.old old x
         Replace trigger.new/t from trigger.old/t old t",
    );
    let story = story.expect_steps(&["Create r/y", "Create r/y/t", "Delete r/x/t", "Delete r/x"]);
    // The rule may stay.
    story.apply().expect("");
}

#[test]
fn a_move_without_the_rule_deletes_and_creates() {
    let story = story().declare("function.old", "name=x").apply();
    let story = story.remove("function.old").declare("function.new", "name=y");
    story.expect("Create function.new\nDelete function.old");
}

#[test]
fn chains_of_moves_lead_to_their_end() {
    let story = story().declare("function.a", "name=x").apply();
    let story = story.rule("moved function.a function.b").rule("moved function.b function.c");
    let story = story.remove("function.a").declare("function.c", "name=x memorySize=256");
    story.expect("Update function.c from function.a\nmemorySize edit write 256").apply();
}

#[test]
fn the_old_resource_of_a_move_is_asked_about_when_it_drifted() {
    let story = applied().rule("moved function.a function.b").online("function.a", "memorySize=1024");
    let story = story.remove("function.a").declare("function.b", "memorySize=128 env.A=1");
    let story = story.expect("Replace function.b from function.a old a ReplacedAndDrifted=open");
    story.clone().decide("use-local").apply().gone("function.a");
    story.decide("use-live").apply().live("function.a", "memorySize=1024 env.A=1");
}

#[test]
fn a_move_onto_a_recorded_address_is_refused() {
    let story = story().declare("function.a", "").declare("function.b", "").apply();
    let story = story.rule("moved function.a function.b").remove("function.a");
    story.expect_refusal("function.a cannot move to function.b");
}

#[test]
fn a_moved_record_whose_new_name_exists_is_not_lost() {
    let story = applied().rule("moved function.a function.b").appears("function.b", "memorySize=64");
    let story = story.remove("function.a").declare("function.b", "memorySize=256");
    story.clone().decide("use-local").apply().gone("function.a").live("function.b", "memorySize=256");
    story.decide("use-live").apply().live("function.b", "memorySize=64");
}

#[test]
fn an_import_asks_only_where_the_two_differ() {
    let story = story().declare("function.a", "memorySize=256").rule("import function.a a");
    let story = story.appears("function.a", "memorySize=256 timeout=9");
    let quiet = story.clone().expect(
        "TakeOver function.a
         handler converged record
         internetAccess converged record
         memorySize converged record
         timeout converged record",
    );
    assert!(!quiet.plan().is_empty(), "it is approved like any plan");
    quiet.apply().expect("");
    let story = story.online("function.a", "memorySize=1024");
    assert_eq!(story.plan().open().len(), 1);
    story.clone().decide("use-local").apply().live("function.a", "memorySize=256 timeout=9");
    let story = story.decide("use-live").apply().live("function.a", "memorySize=1024 timeout=9");
    assert_eq!(story.plan().summary().accepted, 1);
}

#[test]
fn an_import_of_nothing_or_of_something_else_is_refused() {
    let story = story().declare("function.a", "").declare("function.b", "");
    story.clone().rule("import function.a a").expect_refusal("there is no `r/a`");
    let story = story.appears("function.a", "").appears("function.c", "");
    story.clone().rule("import function.a c").expect_refusal("says that it is `a`");
    let story = story.remove("function.a").apply().declare("function.a", "");
    story.rule("import function.a r/b").expect_refusal("that is recorded as function.b");
}

#[test]
fn a_rule_takes_a_new_resource() {
    let story = story()
        .declare("function.base", "env.VERSION=1")
        .declare("function.a", "env.A=1 memorySize=128")
        .declare("trigger.a/t", "")
        .apply()
        .rule("replace_when function.a env.A function.base:env.VERSION");
    story.clone().declare("function.a", "env.A=1 memorySize=256").expect(
        "Update function.a
         memorySize edit write 256",
    );
    let own = story.clone().declare("function.a", "env.A=2 memorySize=128");
    let own = own.expect("Replace function.a\nenv.A edit write 2\nReplace trigger.a/t");
    own.apply().live("function.a", "env.A=2 memorySize=128");
}

#[test]
fn a_name_that_stays_cannot_be_created_first() {
    let story = story().declare("function.a", "runtime=one").apply().rule("create_before_destroy function.a");
    story
        .clone()
        .declare("function.a", "runtime=two")
        .expect_refusal("cannot be made before the old one goes");
    let story = story.declare("function.a", "runtime=two name=other");
    story.expect_steps(&["Create r/other", "Delete r/a"]).apply();
}

#[test]
fn a_child_with_another_name_stands_before_the_old_one_goes() {
    let story = story().declare("function.a", "").declare("trigger.a/old", "").apply();
    let story = story.remove("trigger.a/old").declare("trigger.a/new", "");
    let story = story.rule("create_before_destroy trigger.*");
    story.expect_steps(&["Create r/a/new", "Delete r/a/old"]).apply();
}
