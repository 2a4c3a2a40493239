//! Who wins, attribute by attribute, and what that means for the next time.

use serde_json::{Value as Json, json};

use super::deployed;
use crate::support::World;

/// Live memory was raised to 1024 and accepted; the project says 512.
fn accepted() -> World {
    let world = deployed();
    world.console().update("hello", json!({"memorySize": 1024}));
    world.apply(&["--use-live"]);
    world
}

#[test]
fn an_accepted_value_and_a_new_one_in_the_project_are_a_conflict() {
    let world = accepted();
    world.edit("s.yaml", "memorySize: 512", "memorySize: 1280");
    let plan = world.plan(&[]).exits(2);
    assert_eq!(plan.marks(), ["? fc3_function.hello", "! memorySize"], "{plan}");
    plan.shows(&["config", "1280"])
        .shows(&["recorded", "512 declared, 1024 accepted"])
        .shows(&["live", "1024"]);
    world.changes_nothing(|| world.run(&["apply", "--auto-approve"]).exits(3));
    world.apply(&["--use-local"]);
    assert_eq!(world.console().function("hello")["memorySize"], 1280);
    world.plan(&[]).exits(0).hides(&["accepted"]);
}

#[test]
fn an_accepted_value_that_the_project_takes_over_is_converged() {
    let world = accepted();
    world.edit("s.yaml", "memorySize: 512", "memorySize: 1024");
    world.plan(&[]).exits(0);
    world.cloud.reset_counters();
    // Nothing is left to approve: it is only recorded.
    world.run(&["apply"]).exits(0);
    assert_eq!(world.cloud.counters()["writes"], 0);
    world.plan(&[]).exits(0).hides(&["accepted"]);
    // From now on the project moves it as any other.
    world.edit("s.yaml", "memorySize: 1024", "memorySize: 512");
    assert_eq!(world.plan(&[]).exits(2).marks(), ["~ fc3_function.hello", "~ memorySize"]);
    world.apply(&[]);
    assert_eq!(world.console().function("hello")["memorySize"], 512);
}

#[test]
fn both_sides_moved_is_a_conflict_and_both_to_one_value_is_none() {
    let world = deployed();
    world.console().update("hello", json!({"memorySize": 1024, "timeout": 30}));
    world.edit("s.yaml", "memorySize: 512", "memorySize: 1280");
    world.edit("s.yaml", "timeout: 10", "timeout: 30");
    let plan = world.plan(&[]).exits(2);
    assert!(plan.marks().contains(&"! memorySize".to_owned()), "{plan}");
    assert!(!plan.marks().contains(&"? timeout".to_owned()), "{plan}");
    plan.shows(&["memorySize", "both sides moved"])
        .shows(&["config", "1280"])
        .shows(&["recorded", "512"])
        .shows(&["live", "1024"])
        .shows(&["1 decision needed"]);
    world.changes_nothing(|| world.run(&["apply", "--auto-approve"]).exits(3));
    world.apply(&["--use-live"]);
    let function = world.console().function("hello");
    assert_eq!((&function["memorySize"], &function["timeout"]), (&json!(1024), &json!(30)));
}

#[test]
fn the_most_specific_selector_wins() {
    let world = deployed();
    world.console().update("hello", json!({"memorySize": 1024, "timeout": 30}));
    world.apply(&["--use-local", "--use-live=fc3_function.hello:timeout"]);
    let function = world.console().function("hello");
    assert_eq!((&function["memorySize"], &function["timeout"]), (&json!(512), &json!(30)));
    world.changes_nothing(|| {
        world.run(&["apply", "--use-local", "--use-live"]).exits(1);
        world.run(&["apply", "--use-local=fc3_function.nobody"]).exits(1).tells(&["nobody"]);
    });
}

/// A variable was removed here, another one added online.
fn variables_moved() -> World {
    let world = deployed();
    let mut variables = variables(&world);
    variables["HOTFIX"] = json!("on");
    world.console().update("hello", json!({"environmentVariables": variables}));
    world.edit("s.yaml", "        GREETING: Hello\n", "");
    world
}

fn variables(world: &World) -> Json {
    world.console().function("hello")["environmentVariables"].clone()
}

#[test]
fn a_variable_removed_here_and_one_added_online_do_not_conflict() {
    let world = variables_moved();
    let plan = world.plan(&[]).exits(2);
    let marks = [
        "~ fc3_function.hello",
        "~ environmentVariables[\"GREETING\"]",
        "? environmentVariables[\"HOTFIX\"]",
    ];
    assert_eq!(plan.marks(), marks, "{plan}");

    world.apply(&["--use-live"]);
    let names: Vec<String> = variables(&world).as_object().expect("a map").keys().cloned().collect();
    assert_eq!(names, ["DB_PASSWORD", "HOTFIX", "LOG_LEVEL"]);
}

#[test]
fn use_local_removes_the_variable_that_was_added_online() {
    let world = variables_moved();
    world.apply(&["--use-local"]);
    let names: Vec<String> = variables(&world).as_object().expect("a map").keys().cloned().collect();
    assert_eq!(names, ["DB_PASSWORD", "LOG_LEVEL"]);
    assert_eq!(variables(&world)["DB_PASSWORD"], crate::support::SECRET, "sent back as found");
}

#[test]
fn what_left_the_project_goes_back_to_the_default_or_stays_and_says_so() {
    let world = deployed();
    world.edit("s.yaml", "      timeout: 10\n", "");
    let plan = world.plan(&[]).exits(2).shows(&["timeout", "10 -> "]);
    world.apply(&[]);
    assert_ne!(world.console().function("hello")["timeout"], 10, "{plan}");
}
