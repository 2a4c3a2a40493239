//! Answers that are lost, and clouds that turn calls away: what one apply makes of it, and what the next one finds.

use serde_json::{Value as Json, json};

use crate::crash::story;
use crate::room::{Ran, Room, kill, says};
use crate::support::is_inconsistent;

/// Every kind of write, the first of each.
const WRITES: [&str; 6] =
    ["CreateFunction", "UpdateFunction", "DeleteFunction", "CreateTrigger", "UpdateTrigger", "DeleteTrigger"];

const APPLY: [&str; 2] = ["apply", "--auto-approve"];

/// Applies the story on a cloud that misbehaves once for every kind of write.
#[track_caller]
fn apply(when: &str, how: &Json) -> (Room, Ran) {
    let room = story::deployed();
    let rule = |operation: &&str| json!({"operation": operation, "calls": 1, "when": when, "do": how});
    room.switch(WRITES.iter().map(rule).collect());
    let ran = room.run(&APPLY);
    room.switch(json!([]));
    (room, ran)
}

/// The cloud as the project wants it.
fn wanted() -> std::collections::BTreeMap<String, Json> {
    let room = story::deployed();
    room.run(&APPLY).exits(0);
    room.cloud()
}

#[test]
fn an_effect_whose_answer_was_lost_is_settled_by_reading() {
    let wanted = wanted();
    for how in [json!("cut"), json!("garbage"), json!({"refuse": {"status": 500}})] {
        let (room, ran) = apply("after", &how);
        let ran = if is_inconsistent() {
            // What was made reads as absent: nobody can say yet whose it is, and the next plan asks.
            let lost = ran.exits(1);
            let asked = room.run(&APPLY).exits(3).says("it exists and was not deployed from here");
            assert!(room.journal().is_empty(), "{how}: {lost}{asked}");
            room.run(&[APPLY.as_slice(), &["--use-local"]].concat()).exits(0)
        } else {
            ran.exits(0)
        };
        assert_eq!(room.cloud(), wanted, "{how}: {ran}");
        assert!(room.journal().is_empty(), "{how}: {ran}");
    }
}

/// A create that was carried out, whose answer is lost, and which then reads as absent: it is made no second time,
/// and nobody takes it for ours without asking.
#[test]
fn what_was_made_and_cannot_be_seen_yet_is_asked_about() {
    // It appears after the apply that made it; between the next plan and its apply; just before its write; after it.
    for (reads, next) in [
        (1, None),
        (2, Some((4, "fc3_function.new-a"))),
        (3, Some((1, "changed online since the plan was made"))),
        (4, Some((1, "FunctionAlreadyExists"))),
    ] {
        let room = story::deployed();
        room.switch(json!([
            {"operation": "CreateFunction", "resource": "new-a", "calls": 1, "when": "after", "do": "cut"},
            {"operation": "CreateFunction", "resource": "new-a", "do": {"hide_from_lists": 99}},
            {"operation": "CreateFunction", "resource": "new-a", "do": {"hide_from_reads": reads}},
        ]));
        let first = room.run(&APPLY).exits(1);
        let made = (room.cloud(), room.ids());
        assert!(made.0.contains_key("new-a") && made.0.contains_key("new-b"), "{first}");
        for (code, says) in next.into_iter().chain([(3, "it exists and was not deployed from here")]) {
            let ran = room.run(&APPLY).exits(code).says(says);
            assert!((room.cloud(), room.ids()) == made, "{reads}: {ran}");
        }
        room.run(&[APPLY.as_slice(), &["--use-local"]].concat()).exits(0);
        assert_eq!(room.ids()["new-a"], made.1["new-a"]);
    }
}

#[test]
fn a_call_that_had_no_effect_is_told_and_made_by_the_next_apply() {
    let wanted = wanted();
    for how in [json!("cut"), json!({"refuse": {"status": 500}}), json!({"refuse": {"status": 403}})] {
        let (room, ran) = apply("before", &how);
        let ran = ran.exits(1);
        assert!(room.journal().is_empty(), "{how}: everything is settled: {ran}");
        assert_ne!(room.cloud(), wanted, "{how}: {ran}");
        let again = room.run(&APPLY).exits(0);
        assert_eq!(room.cloud(), wanted, "{how}: {ran}{again}");
    }
}

/// What is written and does not work is no success; it is recorded, so that nobody makes or sends it twice.
#[test]
fn a_function_that_fails_to_get_ready_ends_the_apply_badly_and_is_recorded() {
    let wanted = wanted();
    let room = story::deployed();
    let fail = |operation: &str, name: &str, why: &str| json!({"operation": operation, "resource": name, "do": {"fail": why}});
    room.switch(json!([
        fail("CreateFunction", "new-a", "no such image"),
        fail("UpdateFunction", "both", "the layer is too large"),
    ]));
    let ran = room.run(&APPLY).exits(1);
    for told in [
        "CreateFunction: the function was written and could not be made ready: Failed, no such image",
        "UpdateFunction: the function was written and could not be made ready: Failed, the layer is too large",
        "2 failed, 3 not started",
        "mend what the service says of it, and apply again",
    ] {
        assert!(says(&ran.stderr, told), "does not say {told:?}: {ran}");
    }
    let made = (room.cloud(), room.ids());
    assert!(!made.0.contains_key("new-a/http") && !made.0.contains_key("new-e"), "they need it: {ran}");
    assert!(made.0.contains_key("new-b/timer"), "others go on: {ran}");
    let recorded = &room.state()["resources"]["fc3_function.new-a"];
    assert!(!recorded.is_null(), "{ran}{}", room.state());
    assert!(room.journal().is_empty(), "{ran}");

    room.switch(json!([]));
    room.private("DELETE", "counters", None);
    let again = room.run(&APPLY).exits(0);
    assert_eq!(room.cloud(), wanted, "{ran}{again}");
    assert_eq!(room.writes(), 3, "only what waited: {again}");
    assert_eq!(room.ids()["new-a"], made.1["new-a"]);
}

/// A create whose answer shows another package than was sent is settled by reading, and what depends on it has the
/// same patience with it.
#[test]
fn what_was_settled_by_reading_may_be_not_yet_there_for_its_dependents() {
    let yaml = "edition: 3.0.0\nname: shop\naccess: default\nresources:\n  shop:\n    component: fc3\n    props:\n      \
                region: cn-hangzhou\n      functionName: shop\n      runtime: python3.10\n      handler: index.handler\n      \
                code: ./code\n      customDomain: {domainName: a.example.com, protocol: HTTP, route: {path: /*}}\n";
    let room =
        Room::new(&[("s.yaml", yaml), ("code/index.py", "def handler(event, context):\n    return 1\n")]);
    let missing = json!({"refuse": {"status": 404, "code": "FunctionNotFound"}});
    for way in [json!({"reshape": ["package"]}), json!("cut")] {
        room.switch(json!([
            {"operation": "CreateFunction", "when": "after", "do": way},
            {"operation": "CreateCustomDomain", "calls": 1, "do": missing},
        ]));
        let hidden = is_inconsistent() && way == "cut"; // nobody can say yet whose it is
        room.run(&APPLY).exits(i32::from(hidden));
        room.switch(json!([]));
        room.run(&["destroy", "--auto-approve"]).exits(0);
    }
}

#[test]
fn where_everything_is_refused_the_state_stays_and_the_way_out_is_named() {
    let room = story::deployed();
    let state = room.state();
    room.switch(WRITES.map(|write| json!({"operation": write, "do": {"refuse": {"status": 403}}})).into());
    let ran = room.run(&APPLY).exits(1);
    assert!(ran.stderr.contains("allow the operation to these credentials"), "{ran}");
    assert!(!ran.stderr.contains("State serial"), "{ran}");
    assert!(!ran.stderr.contains("what was done is recorded"), "nothing was: {ran}");
    assert_eq!(room.state(), state, "{ran}");
    assert!(room.journal().is_empty(), "{ran}");
}

#[test]
fn somebody_makes_it_just_before() {
    let room = story::deployed();
    let theirs =
        crate::emulator::client::function("new-a", "def handler(event, context):\n    return 'theirs'\n");
    let console = json!({"call": "POST /2023-03-30/functions", "body": theirs});
    room.switch(json!([{"operation": "CreateFunction", "resource": "new-a", "do": {"console": console}}]));
    let ran = room.run(&APPLY).exits(1).says("FunctionAlreadyExists");
    let made = room.cloud();
    assert!(
        made.contains_key("new-b") && !made.contains_key("new-a/http"),
        "others go on, its trigger waits: {ran}"
    );
    assert_eq!(made["new-a"]["codeChecksum"], room.console("GET", "functions/new-a", None)["codeChecksum"]);
    room.switch(json!([]));
    room.run(&APPLY).exits(3).says("fc3_function.new-a");
    assert_eq!(room.cloud(), made);
    room.run(&[APPLY.as_slice(), &["--use-local"]].concat()).exits(0);
}

#[test]
fn a_storm_of_refusals_passes() {
    let room = story::deployed();
    room.switch(
        json!([{"calls": {"to": 60, "from": 1}, "do": {"refuse": {"status": 429, "retry_after": 20}}}]),
    );
    let ran = room.run(&APPLY).exits(0);
    let counters = room.counters();
    let refused: u64 = counters["operations"]
        .as_object()
        .expect("a map")
        .values()
        .map(|own| own["refused"].as_u64().expect("a number"))
        .sum();
    assert!(refused >= 60, "{refused} refusals: {ran}");
}

/// A newer program's apply was cut off: its open call is neither dropped nor guessed at.
#[test]
fn an_open_call_of_an_unknown_type_waits_for_a_triform_that_knows_it() {
    let room = story::deployed();
    room.switch(json!([{"operation": "CreateFunction", "resource": "new-a", "do": "hold"}]));
    let mut apply = room.command(&APPLY).spawn().expect("starts");
    room.wait_until_held(&mut apply);
    kill(&mut apply);
    room.release("proceed");
    let journal = std::fs::read_to_string(room.path(".triform/s.local.journal")).expect("a journal");
    let newer = journal.replace("fc3_function.new-a", "fc3_alias.new-a");
    room.write(".triform/s.local.journal", &newer);
    let kept = room.kept();
    for args in [&["plan"][..], &APPLY] {
        let ran = room.run(args).exits(1).says("`fc3_alias` is no resource type of this triform");
        assert!(says(&ran.stderr, "use the triform that began the apply, or a newer one"), "{ran}");
        assert!(room.kept() == kept, "nothing is lost: {ran}");
    }
}

/// The state is what counts; what is only tidied afterwards spoils no apply.
#[test]
fn packages_that_cannot_be_removed_are_told_and_no_failure() {
    let room = story::deployed();
    for number in 0..20 {
        let package = format!(".triform/packages/{number:064}");
        room.write(&format!("{package}/no-file"), "a folder where a package is expected");
    }
    let ran = room.run(&APPLY).exits(0);
    assert!(says(&ran.stderr, "warning: everything is recorded, and packages that nothing needs"), "{ran}");
}
