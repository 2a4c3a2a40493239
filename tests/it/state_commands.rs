//! The state by hand: listed, shown, moved, forgotten; and `show` without a saved plan.

use serde_json::{Value as Json, json};

use crate::crash::story;
use crate::room::{Room, kill, until};
use crate::situations::{PROJECT, S_YAML, deployed as at_a_terminal};

const ONE_BY_ONE: [&str; 4] = ["apply", "--auto-approve", "--parallelism", "1"];
const APPROVED: &str = "--auto-approve";
const TRIGGER: &str = "fc3_trigger.hello[\"http\"]";

fn deployed() -> Room {
    let room = Room::new(PROJECT);
    room.run(&["apply", APPROVED]).exits(0);
    room
}

fn addresses(room: &Room) -> Vec<String> {
    room.state()["resources"].as_object().expect("records").keys().cloned().collect()
}

/// Demands that a command ends so, says this, and leaves everything as it was.
#[track_caller]
fn refused(room: &Room, args: &[&str], code: i32, says: &[&str]) {
    let before = (room.kept(), room.writes());
    let ran = room.run(args).exits(code);
    says.iter().fold(ran, |ran, text| ran.says(text));
    assert!(before == (room.kept(), room.writes()), "something was changed");
}

#[test]
fn what_is_recorded_is_listed() {
    let room = deployed();
    let listed = room.run(&["state", "list"]).exits(0).stdout;
    assert_eq!(
        listed,
        "fc3_function.hello         cn-hangzhou/hello\nfc3_trigger.hello[\"http\"]  cn-hangzhou/hello/http\n"
    );
    let listed = room.run(&["state", "list", "fc3_trigger.*", "--format", "json"]).exits(0).stdout;
    let listed: Json = serde_json::from_str(&listed).expect("JSON");
    assert_eq!(
        listed,
        json!([{
            "address": TRIGGER, "type": "fc3_trigger", "accepted_absent": false, "accepted": 0,
            "identity": {"region": "cn-hangzhou", "parent": "hello", "name": "http"},
        }])
    );
}

#[test]
fn a_record_is_shown_path_by_path() {
    let room = deployed();
    room.console("PUT", "functions/hello", Some(json!({"memorySize": 1024})));
    room.run(&["apply", APPROVED, "--use-live"]).exits(0);
    room.run(&["state", "show", "fc3_function.hello"])
        .exits(0)
        .says("memorySize declared 512, observed 1024 accepted")
        .says("timeout 10")
        .says("environmentVariables[\"DB_PASSWORD\"] (secret)")
        .says("code[\"index.py\"]")
        .says("functionArn")
        .says("package sha256");
    room.run(&["state", "list", "fc3_function.*"]).exits(0).says("1 accepted difference");
    let shown = room.run(&["state", "show", TRIGGER, "--format", "json"]).exits(0).stdout;
    let shown: Json = serde_json::from_str(&shown).expect("JSON");
    assert_eq!((&shown["address"], &shown["depends_on"]), (&json!(TRIGGER), &json!(["fc3_function.hello"])));
    assert_eq!(shown["values"]["triggerConfig"]["methods"], json!(["GET", "POST"]));
    let methods = shown["triform"]["paths"].as_array().expect("paths").iter();
    let methods = methods.filter(|path| path["path"] == "triggerConfig.methods").collect::<Vec<_>>();
    let both = json!(["GET", "POST"]);
    assert_eq!(
        methods,
        [&json!({
            "path": "triggerConfig.methods", "declared": both, "observed": both, "accepted": false,
        })]
    );
}

#[test]
fn show_without_a_plan_shows_the_state() {
    let room = deployed();
    let human = room.run(&["show"]).exits(0).says("greeter · 2 resources").says("state serial 1");
    let page = room.run(&["show", "--format", "html"]).exits(0).stdout;
    let comment = room.run(&["show", "--format", "markdown"]).exits(0).stdout;
    for text in [&human.stdout, &page, &comment] {
        assert!(text.contains("fc3_function.hello") && text.contains("memorySize"), "{text}");
        assert!(text.contains("(secret)"), "{text}");
    }
    let json: Json =
        serde_json::from_str(&room.run(&["show", "--format", "json"]).exits(0).stdout).expect("JSON");
    let resources = json["values"]["root_module"]["resources"].as_array().expect("resources");
    assert_eq!(resources.len(), 2);
    assert_eq!(resources[0]["values"]["environmentVariables"]["DB_PASSWORD"], "(sensitive)");
    assert_eq!(resources[0]["sensitive_values"]["environmentVariables"], json!({"DB_PASSWORD": true}));
    assert_eq!(json["triform"]["serial"], 1);
    room.run(&["show", "--compact"]).exits(0).says("fc3_function.hello cn-hangzhou/hello");
    for format in ["github", "sarif"] {
        room.run(&["show", "--format", format]).exits(1).says("a state does nothing");
    }
    room.run(&["show", "--check"]).exits(1).says("<FILE>");
}

#[test]
fn without_a_state_there_is_nothing_to_show() {
    let room = Room::new(PROJECT);
    for args in [&["show"][..], &["state", "list"]] {
        room.run(args).exits(0).says("there is no state");
    }
    assert_eq!(room.run(&["state", "list", "--format", "json"]).exits(0).stdout, "[]\n");
    for args in [
        &["state", "show", "fc3_function.hello"][..],
        &["state", "rm", APPROVED, "*"],
        &["state", "mv", APPROVED, "fc3_function.hello", "fc3_function.hi"],
    ] {
        room.run(args).exits(1).says("there is no state");
    }
}

#[test]
fn a_renamed_function_is_moved_before_it_is_renamed_in_the_cloud() {
    let room = deployed();
    // Entry and function get new names at once: to the plan, one resource that leaves and one that is new.
    let renamed = S_YAML.replace("  hello:\n", "  hi:\n").replace("functionName: hello", "functionName: hi");
    room.write("s.yaml", &renamed);
    room.run(&["plan"]).exits(0).says("2 to add").says("2 to delete");
    room.run(&["state", "mv", APPROVED, "fc3_function.hello", "fc3_function.hi"])
        .exits(0)
        .says("> fc3_function.hello -> fc3_function.hi")
        .says("> fc3_trigger.hello[\"http\"] -> fc3_trigger.hi[\"http\"]")
        .says("the next plan replaces cn-hangzhou/hello by it")
        .says("Moved. State serial 2.");
    assert_eq!(addresses(&room), ["fc3_function.hi", "fc3_trigger.hi[\"http\"]"]);
    room.run(&["plan"]).exits(0).says("2 to replace");
    room.run(&["apply", APPROVED]).exits(0);
    assert_eq!(room.cloud().keys().collect::<Vec<_>>(), ["hi", "hi/http"]);
}

#[test]
fn a_move_says_what_the_next_plan_will_do_with_it() {
    let room = deployed();
    let mv = |to: &str| room.run(&["state", "mv", APPROVED, "fc3_function.hello", to]).exits(0);
    mv("fc3_function.hallo")
        .says("still declares it as fc3_function.hello: unless it is edited, the next plan moves fc3_function.hallo back")
        .says("did you mean fc3_function.hello?");
    room.run(&["plan"]).exits(0).says("2 to move");
    room.write("s.yaml", &S_YAML.replace("functionName: hello", "functionName: other"));
    room.run(&["state", "mv", APPROVED, "fc3_function.hallo", "fc3_function.gone"])
        .exits(0)
        .says("does not declare fc3_function.gone and fc3_trigger.gone[\"http\"]: unless it is edited, the next plan deletes them");
    room.run(&["plan"]).exits(0).says("2 to delete");
}

#[test]
fn what_is_forgotten_stays_online_and_is_asked_about() {
    let room = deployed();
    let live = room.cloud();
    room.run(&["state", "rm", APPROVED, "fc3_function.hello"])
        .exits(0)
        .says("- fc3_trigger.hello[\"http\"]")
        .says("2 records are dropped; what is in the cloud stays as it is")
        .says("finds what is live of that not deployed from here, and asks")
        .says("Forgotten. State serial 2.");
    assert!(addresses(&room).is_empty() && room.cloud() == live);
    room.run(&["plan"]).exits(0).says("2 to take over");

    // A child that nobody declares is somebody else's from now on; a function that nobody declares is nobody's.
    let room = deployed();
    let without = S_YAML.split("      triggers:").next().expect("a function");
    room.write("s.yaml", without);
    room.run(&["state", "rm", APPROVED, "fc3_trigger.*"]).exits(0).says("reports as somebody else's");
    // A list may lag behind what was made a moment ago.
    until("the trigger is listed", || room.run(&["plan"]).exits(0).stdout.contains("also online, not yours"));
    room.write(
        "s.yaml",
        &S_YAML.replace("  hello:\n", "  hi:\n").replace("functionName: hello", "functionName: hi"),
    );
    room.run(&["state", "rm", APPROVED, "*"]).exits(0).says("no plan speaks of any more");
}

#[test]
fn bad_input_changes_nothing() {
    let room = deployed();
    let mv = |from, to| ["state", "mv", APPROVED, from, to];
    refused(&room, &mv("fc3_function.helo", "fc3_function.hi"), 1, &["did you mean fc3_function.hello?"]);
    refused(&room, &mv("fc3_function.hello", "fc3_function.hello"), 1, &["has that address already"]);
    refused(&room, &mv("fc3_function.hello", TRIGGER), 1, &["different types"]);
    refused(&room, &mv("fc3_function.hello", "fc3_function"), 1, &["is no address"]);
    refused(&room, &["state", "rm", APPROVED, "fc3_function.helo"], 1, &["did you mean fc3_function.hello?"]);
    refused(&room, &["state", "rm", APPROVED, "fc3_function.hello:timeout"], 1, &["records are taken whole"]);
    refused(&room, &["state", "rm", APPROVED], 1, &["<SELECTOR>"]);
    refused(
        &room,
        &["state", "show", "fc3_trigger.hello[\"htp\"]"],
        1,
        &["did you mean fc3_trigger.hello[\"http\"]?"],
    );
    refused(&room, &["state", "list", "fc4_*"], 1, &["names nothing in the state"]);
    let two = S_YAML.to_owned()
        + &S_YAML["edition: 3.0.0\nname: greeter\naccess: default\n\nresources:\n".len()..]
            .replace("hello", "other");
    room.write("s.yaml", &two);
    room.run(&["apply", APPROVED]).exits(0);
    refused(
        &room,
        &mv("fc3_function.hello", "fc3_function.other"),
        1,
        &["where another resource is recorded"],
    );
}

#[test]
fn nobody_approves_for_a_person() {
    let room = deployed();
    for args in [&["state", "rm", "*"][..], &["state", "mv", "fc3_function.hello", "fc3_function.hi"]] {
        refused(&room, args, 6, &["nobody can be asked here", "--auto-approve"]);
    }
    let world = at_a_terminal();
    world.changes_nothing(|| {
        for answer in ["y", "no", ""] {
            let mut terminal = world.terminal(&["state", "rm", "*"]);
            terminal.answers("Forget this? Only 'yes' is accepted: ", answer);
            let seen = terminal.exits(6);
            assert!(seen.contains("Not approved; nothing was changed."), "{seen}");
        }
    });
    let mut terminal = world.terminal(&["state", "rm", "*"]);
    terminal.answers("Forget this? Only 'yes' is accepted: ", "yes");
    terminal.exits(0);
    assert_eq!(world.state()["resources"], json!({}));
}

#[test]
fn a_running_apply_is_not_disturbed_and_an_interrupted_one_is_settled_first() {
    let room = story::deployed();
    room.switch(
        json!([{"name": "held", "operation": "UpdateFunction", "calls": 3, "when": "after", "do": "hold"}]),
    );
    let mut apply = room.command(&ONE_BY_ONE).spawn().expect("starts");
    room.wait_until_held(&mut apply);
    let journal = room.journal().len();
    for change in [&["state", "rm", APPROVED, "*"][..], &["state", "mv", APPROVED, "a.b", "a.c"]] {
        room.run(change).exits(5).says("running `triform apply`");
    }
    room.run(&["state", "list"]).exits(0).says("this is how far it is");
    assert_eq!(room.journal().len(), journal, "it was left alone");

    kill(&mut apply);
    room.release("proceed");
    room.wait_until_quiet();
    room.switch(json!([]));
    room.run(&["state", "list"]).exits(0).says("what came of 1 call is not known yet");
    let first = addresses_before(&room);
    room.run(&["state", "mv", APPROVED, &first, "fc3_function.moved"])
        .exits(0)
        .says("An earlier apply was interrupted")
        .says("it was carried out, and counts as recorded")
        .says("Moved.");
    assert!(room.journal().is_empty(), "what it knew is in the state");
    assert!(addresses(&room).contains(&"fc3_function.moved".to_owned()));
}

/// The first function that is listed.
fn addresses_before(room: &Room) -> String {
    let listed = room.run(&["state", "list", "fc3_function.*"]).exits(0).stdout;
    listed.split_whitespace().next().expect("an address").to_owned()
}

#[test]
fn a_state_command_that_is_killed_leaves_the_old_state_or_the_new_one() {
    let room = deployed();
    let old = room.kept();
    let mut outcomes = std::collections::BTreeSet::new();
    for wait in (0..40).step_by(4) {
        let mut child = room.command(&["state", "rm", APPROVED, "*"]).spawn().expect("starts");
        std::thread::sleep(std::time::Duration::from_millis(wait)); // wherever it is by then
        let _ = child.kill();
        child.wait().expect("ends");
        let records = room.state()["resources"].as_object().expect("a whole state").len();
        outcomes.insert(records);
        assert!([0, 2].contains(&records), "{records} of 2 records");
        room.run(&["state", "list"]).exits(0);
        for (name, bytes) in &old {
            std::fs::write(room.path(".triform").join(name), bytes).expect("writes");
        }
    }
    assert!(!outcomes.is_empty());
}
