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
    let story = applied(before).declare("function.a", project).online("function.a", online);
    let story = story.expect(&format!("Keep function.a\n{plan}"));
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
        "memorySize drift open 128",
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
        "memorySize conflict open 256",
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

#[test]
fn a_server_that_rewrites_is_its_own_past() {
    applied("description=LOUD tags=[b,a,b]").expect("").live("function.a", "description=loud tags=[a,b]");
    check_quiet("tags=[b,a]", "tags=[a,b,b]", "", "", "tags=[a,b]");
}

#[test]
fn two_people_with_two_variables_do_not_meet() {
    check_quiet(
        "env.A=1 env.B=1",
        "env.A=2 env.B=1",
        "",
        "Update function.a
           env.A edit write 2",
        "env.A=2 env.B=1",
    );
    let story = applied("env.A=1").declare("function.a", "env.A=2").online("function.a", "env.B=hotfix");
    let story = story.expect(
        "Update function.a
           env.A edit write 2
           env.B drift open gone",
    );
    story.clone().decide("use-local").apply().live("function.a", "env.A=2");
    story.decide("use-live").apply().live("function.a", "env.A=2 env.B=hotfix");
}

#[test]
fn use_local_restores_what_was_settled_where_nothing_was_ever_declared() {
    // The default was observed when it was made; 1024 is somebody's.
    check("", "", "memorySize=1024", "memorySize drift open 512", "", "memorySize=1024");
    check("", "", "env.B=1", "env.B drift open gone", "", "env.B=1");
}

#[test]
fn use_local_without_a_way_back_stays_open() {
    let story = applied("").online("function.a", "cpu=4").decide("use-local").expect(
        "Keep function.a
           cpu drift use-local open DeclareToRestore",
    );
    // Declaring it is the way out.
    story.declare("function.a", "cpu=2").apply().live("function.a", "cpu=2");
}

#[test]
fn what_left_the_configuration_falls_back() {
    check_quiet(
        "memorySize=128 description=words env.A=1 internetAccess=false",
        "",
        "",
        "Update function.a
           description edit write gone
           env.A edit write gone
           internetAccess edit write true
           memorySize edit write 512",
        "",
    );
}

#[test]
fn what_has_no_default_stays_and_is_only_recorded() {
    check_quiet(
        "cpu=4",
        "",
        "",
        "Record function.a
           cpu converged record Stays",
        "cpu=4",
    );
}

#[test]
fn what_has_no_default_and_drifted_as_it_left_is_asked() {
    let story = applied("cpu=4").declare("function.a", "").online("function.a", "cpu=8").decide("use-local");
    let story = story.expect(
        "Keep function.a
           cpu conflict use-local open Stays",
    );
    story.decide("use-live").apply().live("function.a", "cpu=8");
}

#[test]
fn what_left_and_was_removed_online_converges() {
    check_quiet("env.A=1", "", "-env.A", "Record function.a\nenv.A converged record", "");
}

#[test]
fn what_was_deleted_online_is_asked() {
    check("env.A=1", "env.A=1", "-env.A", "env.A drift open 1", "env.A=1", "");
}

/// A function whose memory was kept at 1024 although 128 is declared.
fn accepted() -> Story {
    applied("memorySize=128").online("function.a", "memorySize=1024").decide("use-live").apply()
}

#[test]
fn an_accepted_value_is_unchanged_while_neither_side_moves() {
    let story = accepted().expect("Keep function.a\nmemorySize unchanged keep");
    assert_eq!(story.plan().summary().accepted, 1);
    assert!(story.plan().is_empty());
    // Everywhere answers only what is open.
    story.decide("use-local").expect("Keep function.a\nmemorySize unchanged keep");
}

#[test]
fn an_accepted_value_is_no_edit_when_the_configuration_moves() {
    let story = accepted().declare("function.a", "memorySize=256");
    let story = story.expect("Keep function.a\nmemorySize conflict open 256");
    story.clone().decide("use-local").apply().live("function.a", "memorySize=256").expect("");
    let kept = story.decide("use-live").apply().live("function.a", "memorySize=1024");
    kept.expect("Keep function.a\nmemorySize unchanged keep");
}

#[test]
fn an_accepted_value_that_left_the_configuration_is_a_conflict() {
    let story = accepted().declare("function.a", "").expect("Keep function.a\nmemorySize conflict open 512");
    story.clone().decide("use-local").apply().live("function.a", "").expect("");
    story.decide("use-live").apply().live("function.a", "memorySize=1024");
}

#[test]
fn an_accepted_value_that_drifts_is_asked_again() {
    let story = accepted().online("function.a", "memorySize=2048");
    let story = story.expect("Keep function.a\nmemorySize drift open 128");
    story.clone().decide("use-local").apply().live("function.a", "memorySize=128").expect("");
    story.decide("use-live").apply().live("function.a", "memorySize=2048");
}

#[test]
fn the_mark_goes_when_they_agree() {
    accepted().declare("function.a", "memorySize=1024").apply().expect("");
    accepted().online("function.a", "memorySize=128").apply().expect("");
}

#[test]
fn an_exact_selector_reopens() {
    let story = accepted().decide("use-local=function.a:memorySize");
    let story = story.expect("Update function.a\nmemorySize conflict use-local write 128");
    story.apply().live("function.a", "memorySize=128").expect("");
    for answers in ["use-local=function.a", "use-local=*:memorySize", "use-local=function.*:memorySize"] {
        accepted().decide(answers).expect("Keep function.a\nmemorySize unchanged keep");
    }
}

#[test]
fn an_accepted_value_that_was_never_declared_goes_back_to_the_default() {
    let story = applied("").online("function.a", "memorySize=1024 env.B=1").decide("use-live").apply();
    let answers = "use-local=function.a:memorySize use-local=function.a:env.B";
    let story = story.decide(answers).expect(
        "Update function.a
           env.B conflict use-local write gone
           memorySize conflict use-local write 512",
    );
    story.apply().live("function.a", "").expect("");
}

#[test]
fn what_is_only_sent_along_keeps_its_mark() {
    let story = accepted().declare("function.a", "memorySize=128 env.A=1").apply();
    story.expect("Keep function.a\nmemorySize unchanged keep").live("function.a", "memorySize=1024 env.A=1");
}

#[test]
fn an_accepted_absence_of_a_variable_is_remembered() {
    let story = applied("env.A=1").online("function.a", "-env.A").decide("use-live").apply();
    let story = story.expect("Keep function.a\nenv.A unchanged keep");
    story.declare("function.a", "env.A=2").expect("Keep function.a\nenv.A conflict open 2");
}

#[test]
fn decisions_reach_paths_one_by_one() {
    let story = applied("memorySize=128 timeout=10").online("function.a", "memorySize=256 timeout=20");
    let story = story.decide("use-local use-live=function.a:timeout").expect(
        "Update function.a
           memorySize drift use-local write 128
           timeout drift use-live accept",
    );
    story.apply().live("function.a", "memorySize=128 timeout=20");
}

#[test]
fn a_secret_is_compared_and_never_shown() {
    check(
        "env.DB_PASSWORD=one",
        "env.DB_PASSWORD=one",
        "env.DB_PASSWORD=two",
        "env.DB_PASSWORD drift open secret",
        "env.DB_PASSWORD=one",
        "env.DB_PASSWORD=two",
    );
    check_quiet(
        "env.DB_PASSWORD=one",
        "env.DB_PASSWORD=two",
        "",
        "Update function.a\nenv.DB_PASSWORD edit write secret",
        "env.DB_PASSWORD=two",
    );
    let story = applied("env.DB_PASSWORD=hidden env.A=1").online("function.a", "env.B_TOKEN=veiled");
    let written = crate::state::write_state(&story.state);
    let everything = format!("{:?} {}", story.plan(), String::from_utf8_lossy(&written));
    assert!(!everything.contains("hidden") && !everything.contains("veiled"));
}

#[test]
fn a_secret_that_was_never_declared_cannot_be_put_back() {
    let kept = applied("").online("function.a", "env.A_TOKEN=one").decide("use-live").apply();
    // It was accepted while the configuration said nothing: use-local is its empty form.
    kept.online("function.a", "env.A_TOKEN=two").decide("use-local").apply().live("function.a", "");

    let taken = story().appears("function.a", "env.A_TOKEN=one").declare("function.a", "");
    let taken = taken.decide("use-local").apply().online("function.a", "env.A_TOKEN=two");
    let open = taken.decide("use-local");
    let open = open.expect("Keep function.a\nenv.A_TOKEN drift use-local open SecretNeverDeclared");
    assert!(!open.plan().open().is_empty());
    let declared = open.declare("function.a", "env.A_TOKEN=three");
    declared.apply().live("function.a", "env.A_TOKEN=three");
}

#[test]
fn an_undeclared_secret_is_sent_back_as_found() {
    let story = story().appears("function.a", "env.A_TOKEN=one").declare("function.a", "");
    let story = story.decide("use-local").apply().declare("function.a", "env.B=1");
    story.apply().live("function.a", "env.A_TOKEN=one env.B=1");
}

#[test]
fn what_is_never_shown_has_edits_and_no_drift() {
    let story = applied("password=one").online("function.a", "password=two").expect("");
    let story = story.declare("function.a", "password=three");
    let story = story.expect("Update function.a\npassword edit write secret");
    story.apply().live("function.a", "password=three");
}

#[test]
fn what_is_never_shown_is_missing_from_one_that_was_made_again_online() {
    let story = applied("password=one").vanishes("function.a").appears("function.a", "");
    let open = "Keep function.a\npassword drift open secret";
    let story = story.expect(open);
    let kept = story.clone().decide("use-live").apply().expect("Keep function.a\npassword unchanged keep");
    kept.declare("function.a", "password=two").decide("use-local").apply().live("function.a", "password=two");
    story.decide("use-local").apply().live("function.a", "password=one");
}

#[test]
fn a_new_resource_does_not_take_along_what_no_update_could_take_back() {
    let story = story().declare("function.a", "").declare("trigger.a/t", "type=http").apply();
    let story = story.vanishes("trigger.a/t").appears("trigger.a/t", "type=timer cron=1");
    let story = story.decide("use-local");
    let story =
        story.expect("Replace trigger.a/t\ncron drift use-local write gone\ntype drift use-local write http");
    story.apply().live("trigger.a/t", "type=http");
}

#[test]
fn a_path_newer_than_the_record_has_no_past() {
    let old = |online: &str| {
        applied("").online("function.a", online).state(|state| {
            state.records.values_mut().for_each(|record| record.schema = 1);
        })
    };
    old("").expect("").apply();
    old("role=r").expect("Record function.a\nrole converged record").apply();
    old("role=r").declare("function.a", "role=r").expect("Record function.a\nrole converged record").apply();
    let apart = old("role=r").declare("function.a", "role=s");
    let apart = apart.expect("Keep function.a\nrole conflict open s");
    apart.clone().decide("use-local").apply().live("function.a", "role=s");
    apart.decide("use-live").apply().live("function.a", "role=r");
    old("").declare("function.a", "role=s").expect("Keep function.a\nrole conflict open s");
}

#[test]
fn what_the_service_would_refuse_is_refused_while_planning() {
    let story =
        applied("memorySize=64").online("function.a", "cpu=16").declare("function.a", "memorySize=64");
    // The combination arises from both sides; nothing is written yet, so nothing is refused.
    let story = story.decide("use-live").apply();
    story.declare("function.a", "memorySize=64 env.A=1").expect_refusal("64 MB carry no 16 processors");
}
