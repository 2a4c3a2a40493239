//! Decisions in a file: written by a plan, filled in by a person, reviewed with the code, and followed once.

use serde_json::json;

use crate::room::{Room, ended};
use crate::situations::PROJECT;

const FILE: &str = "decisions.yaml";

/// Two questions: a drift and a conflict.
fn asked() -> Room {
    let room = Room::new(PROJECT);
    room.run(&["apply", "--auto-approve"]).exits(0);
    room.write("s.yaml", &PROJECT[0].1.replace("timeout: 10", "timeout: 20"));
    room.console("PUT", "functions/hello", Some(json!({"memorySize": 1024, "timeout": 60})));
    room.run(&["plan", "--write-decisions", FILE]).exits(0).says("2 decisions needed");
    room
}

fn read(room: &Room) -> String {
    std::fs::read_to_string(room.path(FILE)).expect("was written")
}

#[test]
fn a_file_is_started_by_a_plan_and_filled_in() {
    let room = asked();
    let text = read(&room);
    let named = text.lines().filter(|line| line.starts_with("  '")).collect::<Vec<_>>();
    assert_eq!(
        named,
        [
            "  'fc3_function.hello:memorySize': # use-local or use-live",
            "  'fc3_function.hello:timeout': # use-local or use-live",
        ],
        "{text}"
    );
    assert!(text.contains("# config 512, recorded 512, live 1024"), "{text}");
    // As it was written it decides nothing.
    let apply = ["apply", "--auto-approve", "--decisions", FILE];
    room.run(&apply).exits(3).says("2 decisions are open").says("--write-decisions");

    room.write(
        FILE,
        &text
            .replace("memorySize': #", "memorySize': use-live #")
            .replace("timeout': #", "timeout': use-local #"),
    );
    room.run(&["plan", "--decisions", FILE])
        .exits(0)
        .says("use-live: keeps 1024")
        .says("use-local: 60 -> 20");
    room.run(&apply).exits(0);
    let live = room.console("GET", "functions/hello", None);
    assert_eq!((&live["memorySize"], &live["timeout"]), (&json!(1024), &json!(20)));
}

#[test]
fn answers_are_not_replaced_by_questions() {
    let room = asked();
    let plan = ["plan", "--write-decisions", FILE];
    room.run(&plan).exits(0); // only questions stand there
    for (kept, words) in [
        ("decisions:\n  '*': use-live\n", "has answers, which would be lost"),
        ("handler: index.main\n", "is no decisions file"),
    ] {
        room.write(FILE, kept);
        room.run(&plan).exits(1).says(words).says("nothing was written");
        assert_eq!(read(&room), kept);
    }
}

#[test]
fn flags_and_a_file_answer_together_and_may_not_contradict_each_other() {
    let room = asked();
    room.write(FILE, "decisions:\n  'fc3_function.hello:memorySize': use-live\n");
    room.run(&["apply", "--auto-approve", "--decisions", FILE, "--use-local=fc3_function.hello:memorySize"])
        .exits(1)
        .says("contradict each other");
    room.run(&["apply", "--auto-approve", "--decisions", FILE, "--use-local"]).exits(0);
    let live = room.console("GET", "functions/hello", None);
    assert_eq!((&live["memorySize"], &live["timeout"]), (&json!(1024), &json!(20)));
}

#[test]
fn a_file_of_another_plan_is_refused() {
    let room = asked();
    let text = read(&room).replace("': #", "': use-live #");
    room.write(FILE, &text);
    room.console("PUT", "functions/hello", Some(json!({"memorySize": 1280})));
    let before = (room.kept(), room.writes());
    for command in ["plan", "apply"] {
        room.run(&[command, "--decisions", FILE]).exits(1).says("the decisions are of another plan");
    }
    assert!(before == (room.kept(), room.writes()), "something was changed");
    // Whoever means any plan says so by leaving its name out.
    let any = text.lines().filter(|line| !line.starts_with("plan:")).collect::<Vec<_>>().join("\n");
    room.write(FILE, &any);
    room.run(&["apply", "--auto-approve", "--decisions", FILE]).exits(0);
    assert_eq!(room.console("GET", "functions/hello", None)["memorySize"], 1280);
}

#[test]
fn what_is_no_decisions_file_is_told() {
    let room = asked();
    for (text, words) in [
        ("decisions:\n  'fc3_function.hello:memorySize': perhaps\n", "perhaps"),
        ("decisions:\n  'fc3_function.nobody': use-live\n", "names nothing in the project or its state"),
        ("answers: {}\n", "unknown field `answers`"),
        ("\u{0}", "could not read the decisions"),
        ("decisions:\n  '*': use-live\n  '*': use-local\n", "`*` stands there twice"),
    ] {
        room.write(FILE, text);
        room.run(&["apply", "--auto-approve", "--decisions", FILE]).exits(1).says(words);
    }
    room.run(&["plan", "--decisions", "nowhere.yaml"])
        .exits(1)
        .says("could not read the decisions `nowhere.yaml`");
}

#[test]
fn what_a_file_skips_is_left_out_and_the_rest_applied() {
    let room = asked();
    room.write("s.yaml", &PROJECT[0].1.replace("timeout: 10", "timeout: 20").replace("[GET, POST]", "[GET]"));
    room.write(FILE, "decisions:\n  '*': skip\n");
    // The function asks, and its trigger goes out with it.
    let before = room.cloud();
    room.run(&["plan", "--decisions", FILE, "--detailed-exitcode"])
        .exits(0)
        .says("Left out, and not changed: fc3_function.hello, fc3_trigger.hello[\"http\"].")
        .says("the next plan asks again: fc3_function.hello.");
    assert_eq!(room.cloud(), before);
    // Something more specific is followed, and a place cannot be skipped.
    room.write(FILE, "decisions:\n  '*': skip\n  'fc3_function.*': use-live\n");
    room.run(&["apply", "--auto-approve", "--decisions", FILE]).exits(0);
    assert_eq!(room.console("GET", "functions/hello", None)["memorySize"], 1024);
    room.write(FILE, "decisions:\n  '*:timeout': skip\n");
    room.run(&["plan", "--decisions", FILE]).exits(1).says("only whole resources can be skipped");
}

#[test]
fn two_selectors_that_cross_are_told_with_a_place_where_they_meet() {
    let room = asked();
    let crossing = ["--use-local=fc3_function.hello:*", "--use-live=*:memorySize"];
    let apply = |more: &[&str]| room.run(&[&["apply", "--auto-approve"], &crossing[..], more].concat());
    apply(&[])
        .exits(1)
        .says("--use-local=fc3_function.hello:* and --use-live=*:memorySize both mean `fc3_function.hello:memorySize`")
        .says("--use-live='fc3_function.hello:memorySize'");
    room.run(&["plan", "--use-live=fc3_function.hello:memroy*"])
        .exits(1)
        .says("`fc3_function.hello:memroy*` names nothing in the project or its state");
    apply(&["--use-live=fc3_function.hello:memorySize"]).exits(0);
    let live = room.console("GET", "functions/hello", None);
    assert_eq!((&live["memorySize"], &live["timeout"]), (&json!(1024), &json!(20)));
}

#[test]
fn whatever_is_asked_can_be_answered_by_the_selector_it_is_asked_with() {
    let room = Room::new(PROJECT);
    room.run(&["apply", "--auto-approve"]).exits(0);
    // The old one is edited, and the new name is taken already: two questions of one address, told apart.
    room.console("PUT", "functions/hello", Some(json!({"memorySize": 1024})));
    let zip = "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA=="; // an empty package
    let taken =
        json!({"functionName": "hullo", "runtime": "python3.10", "handler": "x.y", "code": {"zipFile": zip}});
    room.console("POST", "functions", Some(taken));
    room.write("s.yaml", &PROJECT[0].1.replace("functionName: hello", "functionName: hullo"));
    room.run(&["plan", "--write-decisions", FILE]).exits(0).says("2 decisions needed");
    let text = read(&room);
    assert!(text.contains("fc3_function.hello[\"cn-hangzhou/hello\"]"), "{text}");
    room.write(FILE, &text.replace("': #", "': use-live #"));
    room.run(&["apply", "--auto-approve", "--decisions", FILE]).exits(0);
    assert_eq!(room.console("GET", "functions/hello", None)["memorySize"], 1024, "it was let go");

    // The same, skipped: both ends stay, and nothing is forgotten.
    let room = asked();
    room.console(
        "POST",
        "functions",
        Some(json!({"functionName": "hullo", "runtime": "python3.10",
        "handler": "x.y", "code": {"zipFile": zip}})),
    );
    room.write("s.yaml", &PROJECT[0].1.replace("functionName: hello", "functionName: hullo"));
    let before = (room.cloud(), room.state()["resources"].clone());
    room.write(FILE, "decisions:\n  'fc3_function.hello[\"cn-hangzhou/hello\"]': skip\n");
    let skipping = room.command(&["apply", "--auto-approve", "--decisions", FILE]).spawn().expect("starts");
    ended(skipping).exits(0).says("This plan is partial");
    assert!(before == (room.cloud(), room.state()["resources"].clone()), "something moved");
}
