//! Deployed, then edited online, then deployed again.

use serde_json::json;

use super::{LOUD_UTIL, PROJECT, UTIL, deployed, url_in};
use crate::support::{World, get};

/// A teammate fixes production at the console: memory, a variable, a trigger, and a file of the code.
fn edit_everything(world: &World) {
    let mut console = world.console();
    let mut variables = console.function("hello")["environmentVariables"].clone();
    variables["LOG_LEVEL"] = json!("debug");
    console.update("hello", json!({"memorySize": 1024, "environmentVariables": variables}));
    console.configure_trigger("hello", "http", &json!({"methods": ["GET", "POST", "PUT"]}));
    console.edit_code("hello", &json!({"util.py": LOUD_UTIL}));
}

#[test]
fn new_here_and_absent_there_is_created_and_answers() {
    let world = World::new(PROJECT);
    let plan = world.plan(&[]).exits(2).shows(&["2 to add"]);
    assert_eq!(plan.marks(), ["+ fc3_function.hello", "+ fc3_trigger.hello[\"http\"]"], "{plan}");
    let ran = world.apply(&[]);
    assert_eq!(get(url_in(&ran.stdout)), (200, "Hello, world!".to_owned()));
    assert_eq!(world.console().function("hello")["memorySize"], 512);
    assert_eq!(world.console().code("hello")["util.py"], UTIL);
    let again = world.apply(&[]).shows(&["Nothing to do"]);
    assert!(!again.stderr.contains("applied"), "{again}");
    assert_eq!(world.state()["serial"], 1, "an apply of nothing writes no state");
}

#[test]
fn what_was_edited_online_is_shown_and_nothing_else() {
    let world = deployed();
    edit_everything(&world);
    let plan = world.plan(&[]).exits(2);
    let marks = [
        "? fc3_function.hello",
        "? environmentVariables[\"LOG_LEVEL\"]",
        "? memorySize",
        "? code",
        "? util.py",
        "? fc3_trigger.hello[\"http\"]",
        "? triggerConfig.methods",
    ];
    assert_eq!(plan.marks(), marks, "{plan}");
    let plan = plan
        .shows(&["memorySize", "1024 live", "512 config, 512 recorded"])
        .shows(&["use-local: 1024 -> 512", "use-live: keeps 1024"])
        .shows(&["\"debug\" live"])
        .shows(&["\"warn\" config, \"warn\" recorded"])
        .shows(&["triggerConfig.methods", "\"PUT\"", "live"])
        .shows(&["util.py", "live", "+1 -1"])
        .shows(&["-    return f'{greeting}, {name}!'"])
        .shows(&["+    return f'{greeting.upper()}, {name}!'"])
        .shows(&["2 resources edited online"])
        .shows(&["4 decisions needed"])
        .hides(&["index.py"]);
    insta::with_settings!({filters => redactions()}, {
        insta::assert_snapshot!("edited_online", plan.stdout);
    });
}

#[test]
fn nobody_is_overwritten_unasked() {
    let world = deployed();
    edit_everything(&world);
    world.changes_nothing(|| {
        for args in [&["apply"][..], &["apply", "--auto-approve"], &["deploy", "-y"]] {
            world
                .run(args)
                .exits(3)
                .tells(&["4 decisions are open", "nothing was changed"])
                .tells(&["fc3_function.hello:memorySize"])
                .tells(&["fc3_trigger.hello[\"http\"]:triggerConfig.methods"]);
        }
        // Decided, and still not approved.
        world.run(&["apply", "--use-local"]).exits(6);
        // Decided in part.
        world.run(&["apply", "--auto-approve", "--use-local=*:memorySize"]).exits(3).tells(&["3 decisions"]);
    });
}

#[test]
fn use_local_restores_what_the_project_says() {
    let world = deployed();
    let before = world.console().look();
    edit_everything(&world);
    let ran = world.apply(&["--use-local"]);
    assert_eq!(get(url_in(&ran.stdout)), (200, "Hello, world!".to_owned()));
    assert_eq!(world.console().look(), before);
    assert_eq!(world.console().code("hello")["util.py"], UTIL);
}

#[test]
fn use_live_keeps_what_was_edited_online() {
    let world = deployed();
    edit_everything(&world);
    let before = world.console().look();
    world.cloud.reset_counters();
    let ran = world.apply(&["--use-live"]);
    assert_eq!(world.cloud.counters()["writes"], 0, "the cloud is kept as it is");
    assert_eq!(world.console().look(), before);
    assert_eq!(get(url_in(&ran.stdout)), (200, "HELLO, world!".to_owned()));
    // What was accepted is counted, in every plan, and a selector plans it back.
    world.plan(&[]).exits(0).shows(&["4 accepted differences"]);
    world.plan(&["--use-local"]).exits(0);
    let back = world.plan(&["--use-local=fc3_function.hello:memorySize"]).exits(2);
    assert!(back.stdout.contains("use-local: 1024 -> 512"), "{back}");
    world.apply(&["--use-local=fc3_function.hello:memorySize"]);
    assert_eq!(world.console().function("hello")["memorySize"], 512);
    world.plan(&[]).exits(0).shows(&["3 accepted differences"]);
}

#[test]
fn drift_says_what_was_edited_online_and_nothing_of_the_project() {
    let world = deployed();
    world.run(&["drift"]).exits(0).shows(&["Nothing was changed online"]);
    world.edit("s.yaml", "timeout: 10", "timeout: 20");
    world.run(&["drift"]).exits(0).hides(&["timeout"]);
    edit_everything(&world);
    let drift = world.run(&["drift"]).exits(2).shows(&["memorySize", "1024 live"]).hides(&["timeout"]);
    assert!(drift.stdout.contains("greeting.upper()"), "{drift}");
    world.run(&["drift", "--exclude", "fc3_function.*"]).exits(0);
}

#[test]
fn a_file_added_and_one_removed_online_are_named() {
    let world = deployed();
    world.console().edit_code("hello", &json!({"util.py": null, "hotfix.py": "X = 1\n"}));
    let plan = world.plan(&[]).exits(2);
    let marks = ["? fc3_function.hello", "? code", "? hotfix.py", "? util.py"];
    assert_eq!(plan.marks(), marks, "{plan}");
    plan.shows(&["hotfix.py", "new, +1"]).shows(&["util.py", "removed, -6"]);
    world.apply(&["--use-local"]);
    let files = world.console().code("hello");
    assert_eq!(files.keys().collect::<Vec<_>>(), ["index.py", "util.py"]);
}

/// What differs from run to run, in the same width.
fn redactions() -> Vec<(&'static str, &'static str)> {
    vec![
        (r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", "2026-00-00 00:00 UTC"),
        ("sha256:[0-9a-f]{64}", "sha256:0000000000000000000000000000000000000000000000000000000000000000"),
    ]
}

#[test]
fn a_rename_shows_the_new_one_and_what_was_edited_on_the_old_one() {
    let world = deployed();
    world.console().update("hello", json!({"memorySize": 1024}));
    world.edit("s.yaml", "functionName: hello", "functionName: hullo");
    world.edit("s.yaml", "timeout: 10", "timeout: 20");
    world
        .plan(&[])
        .exits(2)
        .shows(&["-/+ fc3_function.hello", "edited online"])
        .shows(&["hello -> ", "hullo"])
        .shows(&["timeout", "20"])
        .shows(&["code", "2 files"])
        .shows(&["edited online on the old one"])
        .shows(&["? memorySize", "1024 live", "512 recorded"])
        .shows(&["1 resource edited online"]);
    let kept = world.plan(&["--use-live"]).exits(2).shows(&["= memorySize", "1024 live"]);
    assert!(!kept.stdout.contains("accepted"), "{kept}");
    world.apply(&["--use-live"]);
    let look = world.console().look();
    assert!(look["functions"]["hello"]["triggers"][0].is_object(), "the old one keeps its trigger: {look}");
    assert!(look["functions"]["hullo"]["triggers"][0].is_object(), "{look}");
}

#[test]
fn a_decided_file_shows_what_will_be_done() {
    let world = deployed();
    world.console().edit_code("hello", &json!({"extra.py": "print('extra')\n", "util.py": LOUD_UTIL}));
    world
        .plan(&["--use-local"])
        .exits(2)
        .shows(&["~ code"])
        .shows(&["- extra.py", "live -> gone removed, -1", "use-local"])
        .shows(&["-print('extra')"])
        .shows(&["~ util.py", "live -> config +1 -1", "use-local"])
        .shows(&["+    return f'{greeting}, {name}!'"]);
    world.plan(&["--use-live"]).shows(&["= code"]).shows(&["= util.py", "use-live: kept"]);
}

#[test]
fn code_that_was_kept_from_live_is_a_past_that_can_be_shown() {
    let world = deployed();
    world.console().edit_code("hello", &json!({"util.py": LOUD_UTIL}));
    world.apply(&["--use-live"]);
    world.edit("code/util.py", "{greeting}, {name}!", "{greeting} {name}");
    let plan = world.plan(&[]).exits(2).shows(&["! util.py", "config", "+1 -1"]);
    assert!(plan.stdout.contains("-    return f'{greeting.upper()}, {name}!'"), "the recorded text: {plan}");
    assert!(plan.stdout.contains("+    return f'{greeting} {name}'"), "{plan}");
}
