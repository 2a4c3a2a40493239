//! Decisions in a file: written by a plan, filled in by a person, reviewed with the code, and followed once.

use serde_json::json;

use crate::room::Room;
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
        ("decisions:\n  '*': use-live\n  '*': use-local\n", "contradict each other"),
    ] {
        room.write(FILE, text);
        room.run(&["apply", "--auto-approve", "--decisions", FILE]).exits(1).says(words);
    }
    room.run(&["plan", "--decisions", "nowhere.yaml"])
        .exits(1)
        .says("could not read the decisions `nowhere.yaml`");
}
