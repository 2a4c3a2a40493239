//! What a plan is made of beside the project: `--replace`, and `--refresh=false`.

use serde_json::{Value as Json, json};

use crate::room::{Ran, Room};
use crate::situations::{PROJECT, S_YAML};

const APPROVED: &str = "--auto-approve";
const HELLO: &str = "fc3_function.hello";
const UNSEEN: &str = "--refresh=false";

fn deployed() -> Room {
    let room = Room::new(PROJECT);
    room.run(&["apply", APPROVED]).exits(0);
    room
}

fn saved(room: &Room, args: &[&str]) -> Ran {
    room.run(&[&["plan", "-o", "reviewed.triform"], args].concat()).exits(0)
}

/// Demands that a command ends so, says this, and leaves everything as it was.
#[track_caller]
fn refused(room: &Room, args: &[&str], code: i32, says: &str) {
    let before = (room.kept(), room.writes());
    room.run(args).exits(code).says(says);
    assert!(before == (room.kept(), room.writes()), "something was changed");
}

#[test]
fn what_is_replaced_as_asked_is_another_one_with_its_children() {
    let room = deployed();
    let (before, ids) = (room.cloud(), room.ids());
    room.run(&["plan", "--replace", HELLO])
        .exits(0)
        .says("2 to replace")
        .says("made anew as asked: --replace")
        .says("-/+ fc3_trigger.hello[\"http\"]");
    room.run(&["plan", "--detailed-exitcode", "--replace", HELLO]).exits(2);
    room.run(&["apply", APPROVED, "--replace", HELLO]).exits(0);
    assert!(before == room.cloud() && ids != room.ids(), "the same by its names, and not by its ids");
    assert_eq!(
        room.console("GET", "functions/hello", None)["environmentVariables"]["DB_PASSWORD"],
        crate::room::SECRET
    );

    let ids = room.ids();
    room.run(&["apply", APPROVED, "--replace", "fc3_trigger.hello[\"http\"]"]).exits(0).says("2 applied");
    assert!(before == room.cloud() && ids == room.ids(), "its function stayed");
}

#[test]
fn a_saved_plan_holds_what_was_asked_and_takes_no_more() {
    let room = deployed();
    let plain = saved(&room, &[]);
    let asked = saved(&room, &["--replace", HELLO]);
    assert_ne!(plain.stdout.lines().last(), asked.stdout.lines().last(), "another plan, another digest");
    for flag in [&["--replace", HELLO][..], &[UNSEEN]] {
        refused(
            &room,
            &[&["apply", APPROVED, "reviewed.triform"], flag].concat(),
            1,
            "would make another plan of a saved one",
        );
    }
    let shown = room.run(&["show", "--format", "json", "reviewed.triform"]).exits(0).stdout;
    let shown: Json = serde_json::from_str(&shown).expect("JSON");
    let reasons: Vec<_> = shown["resource_changes"]
        .as_array()
        .expect("changes")
        .iter()
        .map(|change| &change["action_reason"])
        .collect();
    assert_eq!(reasons, [&json!("replace_by_request"), &json!("replace_by_triggers")]);
    let ids = room.ids();
    room.run(&["apply", APPROVED, "reviewed.triform"]).exits(0);
    assert_ne!(ids, room.ids());
}

#[test]
fn only_what_is_declared_and_recorded_is_made_anew() {
    let room = deployed();
    let replace = |address| ["plan", "--replace", address];
    refused(&room, &replace("fc3_function.helo"), 1, "fc3_function.helo is not declared");
    refused(&room, &replace("hello"), 1, "is no address");
    refused(&room, &[&replace(HELLO)[..], &["--exclude", HELLO]].concat(), 1, "left out of this plan");
    refused(&room, &[&replace(HELLO)[..], &["--destroy"]].concat(), 1, "--destroy");
    room.run(&["state", "rm", APPROVED, HELLO]).exits(0);
    refused(&room, &replace(HELLO), 1, "nothing is recorded as fc3_function.hello");
    // What somebody added to it online would go with it.
    let room = deployed();
    let trigger = json!({"triggerName": "theirs", "triggerType": "timer", "triggerConfig": "{\"cronExpression\":\"@every 5m\",\"enable\":false}"});
    room.console("POST", "functions/hello/triggers", Some(trigger));
    refused(&room, &replace(HELLO), 1, "somebody added fc3_trigger.hello[\"theirs\"] to it online");
}

#[test]
fn drift_is_asked_about_before_anything_is_made_anew() {
    let room = deployed();
    room.console("PUT", "functions/hello", Some(json!({"memorySize": 1024})));
    refused(&room, &["apply", APPROVED, "--replace", HELLO], 3, "fc3_function.hello:memorySize");
    room.run(&["apply", APPROVED, "--use-live", "--replace", HELLO]).exits(0);
    assert_eq!(room.console("GET", "functions/hello", None)["memorySize"], 1024);
}

#[test]
fn a_plan_without_looking_says_so_and_asks_the_cloud_nothing() {
    let room = deployed();
    room.write("s.yaml", &S_YAML.replace("timeout: 10", "timeout: 20"));
    let calls = || room.counters()["calls"].clone();
    let before = calls();
    let plan = room.run(&["plan", UNSEEN]).exits(0).says("Made without looking at any resource in the cloud");
    assert!(
        plan.stdout.contains("10 -> 20") && !plan.stdout.contains("Nothing was changed online"),
        "{plan}"
    );
    assert_eq!(before, calls(), "nobody was asked");
    for format in ["markdown", "html", "github", "sarif", "json"] {
        let told = room.run(&["plan", UNSEEN, "--format", format]).exits(0).stdout;
        let said = if format == "json" {
            "\"remembered\":[\"fc3_function.hello\""
        } else {
            "Made without looking at"
        };
        assert!(told.contains(said), "{format}: {told}");
    }
    let events = room.run(&["plan", UNSEEN, "--json"]).exits(0).stdout;
    assert!(
        events
            .lines()
            .any(|line| line.contains("\"@level\":\"warn\"") && line.contains("Made without looking")),
        "{events}"
    );
    room.run(&["plan", UNSEEN, "--compact"]).exits(0).says("Made without looking at");
}

#[test]
fn what_moved_behind_an_unseen_plan_ends_its_apply() {
    let room = deployed();
    room.write("s.yaml", &S_YAML.replace("timeout: 10", "timeout: 20"));
    room.console("PUT", "functions/hello", Some(json!({"memorySize": 1024})));
    saved(&room, &[UNSEEN]);
    refused(&room, &["apply", APPROVED, UNSEEN], 4, "memorySize 512 1024");
    refused(&room, &["apply", APPROVED, "reviewed.triform"], 4, "memorySize 512 1024");
    room.console("PUT", "functions/hello", Some(json!({"memorySize": 512})));
    room.run(&["apply", APPROVED, UNSEEN]).exits(0);
    assert_eq!(room.console("GET", "functions/hello", None)["timeout"], 20);
}

#[test]
fn not_looked_at_is_not_absent() {
    // Nothing is recorded: a plan without looking at all would make what is there already.
    let room = Room::new(PROJECT);
    room.run(&["plan", UNSEEN]).exits(0).says("2 to add");
    let room = deployed();
    room.run(&["state", "rm", APPROVED, HELLO]).exits(0);
    let plan = room.run(&["plan", UNSEEN]).exits(0).says("2 to take over");
    assert!(!plan.stdout.contains("Made without looking"), "{plan}");

    // What leaves is looked at, for somebody may have edited it, or added to it.
    let room = deployed();
    room.console("PUT", "functions/hello", Some(json!({"memorySize": 1024})));
    room.write(
        "s.yaml",
        &S_YAML.replace("  hello:\n", "  hi:\n").replace("functionName: hello", "functionName: hi"),
    );
    room.run(&["plan", UNSEEN]).exits(0).says("it is to be deleted, and it was edited online");
    room.write("s.yaml", &S_YAML.replace("functionName: hello", "functionName: hi"));
    room.run(&["plan", UNSEEN]).exits(0).says("the old one was edited online");
    room.write("s.yaml", S_YAML);
    room.run(&["plan", UNSEEN, "--replace", HELLO]).exits(0).says("edited online").says("2 to replace");
    // A trigger's type makes it anew, and nobody looked at it.
    room.write(
        "s.yaml",
        &S_YAML
            .replace("triggerType: http", "triggerType: timer")
            .replace("authType: anonymous", "enable: false\n            cronExpression: '@every 5m'")
            .replace("            methods: [GET, POST]\n", ""),
    );
    refused(&room, &["plan", UNSEEN], 1, "plan it without --refresh=false");
}

#[test]
fn the_default_of_a_variable_holds_for_every_command() {
    let text = S_YAML
        .replace("functionName: hello", "functionName: hello-${env('STAGE_OF_NOBODY', 'dev')}")
        .replace("LOG_LEVEL: warn", "LOG_LEVEL: ${env('LEVEL_OF_NOBODY', 'warn')}");
    assert_ne!(text, S_YAML);
    let room = Room::new(PROJECT);
    room.write("s.yaml", &text);
    room.run(&["apply", APPROVED]).exits(0);
    room.run(&["drift"]).exits(0);
    room.console("PUT", "functions/hello-dev", Some(json!({"environmentVariables": {"LOG_LEVEL": "debug"}})));
    let drift = room.run(&["drift"]).exits(2).says("\"warn\" config, \"warn\" recorded");
    assert!(!drift.stdout.contains("conflict"), "{drift}");
    for args in [&["graph"][..], &["output"], &["state", "list"]] {
        room.run(args).exits(0).says("hello");
    }
    room.run(&["destroy", APPROVED, "--use-local"]).exits(0);
    assert!(room.ids().is_empty());
}

#[test]
fn a_selector_that_is_misspelt_or_stands_apart_is_told_so() {
    let room = deployed();
    refused(&room, &["plan", "--target=fc3_function.helo"], 1, "did you mean `fc3_function.hello`?");
    let near = "did you mean `fc3_function.hello:memorySize`?";
    refused(&room, &["plan", "--use-live=fc3_function.hello:memorySise"], 1, near);
    let apart = "a selector stands behind an equals sign: --use-live='fc3_function.hello'";
    refused(&room, &["apply", "--use-live", HELLO], 1, apart);
    refused(&room, &["apply", "--parallelism", "0"], 1, "--parallelism");
    // What was left out is not said to agree.
    room.console("PUT", "functions/hello", Some(json!({"memorySize": 1024})));
    room.run(&["plan", "--exclude=fc3_*"])
        .exits(0)
        .says("Nothing to do in this part; the rest was left out.");
    // The state of the other cloud is not there, and the one that is is named.
    let mut other = std::process::Command::new(env!("CARGO_BIN_EXE_triform"));
    let told = other.args(["state", "list", "-C"]).arg(room.project()).env_clear().output().expect("runs");
    assert!(String::from_utf8_lossy(&told.stderr).contains("--local shows it"), "{told:?}");
}
