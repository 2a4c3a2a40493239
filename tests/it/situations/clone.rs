//! New here, but it exists there: a fresh checkout without its state, and other names for what is known.

use serde_json::json;

use super::{LOUD_UTIL, deployed};
use crate::support::World;

/// A checkout of a colleague: the project without its state, after somebody was at the console.
fn fresh_clone() -> World {
    let world = deployed();
    world.console().update("hello", json!({"memorySize": 1024, "description": "hands off"}));
    std::fs::remove_dir_all(world.path(".triform")).expect("forgets");
    world
}

#[test]
fn a_fresh_clone_asks_before_it_takes_over() {
    let world = fresh_clone();
    let plan = world.plan(&[]).exits(2).shows(&["not deployed from here"]);
    assert!(plan.stdout.contains("it exists and was not deployed from here"), "{plan}");
    world.changes_nothing(|| {
        world.run(&["apply"]).exits(3).tells(&["fc3_function.hello"]);
        world.run(&["apply", "--auto-approve"]).exits(3).tells(&["fc3_trigger.hello[\"http\"]"]);
    });
}

#[test]
fn use_local_takes_a_fresh_clones_resources_over() {
    let world = fresh_clone();
    let plan = world.plan(&["--use-local"]).exits(2).shows(&["2 to take over"]);
    assert!(plan.stdout.contains("hands off"), "what stays is listed: {plan}");
    world.apply(&["--use-local"]);
    let function = world.console().function("hello");
    assert_eq!((&function["memorySize"], &function["description"]), (&json!(512), &json!("hands off")));
    // It is ours now: the next edit of the project is an ordinary one.
    world.edit("s.yaml", "timeout: 10", "timeout: 20");
    assert_eq!(world.plan(&[]).exits(2).marks(), ["~ fc3_function.hello", "~ timeout"]);
}

#[test]
fn use_live_takes_them_over_as_they_are() {
    let world = fresh_clone();
    world.cloud.reset_counters();
    world.apply(&["--use-live"]);
    assert_eq!(world.cloud.counters()["writes"], 0);
    assert_eq!(world.console().function("hello")["memorySize"], 1024);
    world.plan(&[]).exits(0).shows(&["1 accepted difference"]);
    world.edit("s.yaml", "timeout: 10", "timeout: 20");
    assert_eq!(world.plan(&[]).exits(2).marks()[..2], ["~ fc3_function.hello", "= memorySize"]);
}

#[test]
fn without_a_past_code_is_shown_from_two_sides() {
    let world = deployed();
    world.console().edit_code("hello", &json!({"util.py": LOUD_UTIL}));
    std::fs::remove_dir_all(world.path(".triform")).expect("forgets");
    let plan = world.plan(&[]).exits(2).shows(&["util.py"]);
    assert!(plan.stdout.contains("+    return f'{greeting}, {name}!'"), "what use-local would do: {plan}");
    world.apply(&["--use-live"]);
    assert_eq!(world.console().code("hello")["util.py"], LOUD_UTIL);
}

#[test]
fn another_name_in_the_project_writes_nothing_to_the_cloud() {
    let world = deployed();
    world.edit("s.yaml", "  hello:\n", "  greeter:\n");
    let plan = world.plan(&[]).exits(2).shows(&["2 to move"]);
    assert!(plan.stdout.contains("moves from fc3_function.hello"), "{plan}");
    world.cloud.reset_counters();
    world.apply(&[]);
    assert_eq!(world.cloud.counters()["writes"], 0);
    let state = world.state();
    let names: Vec<&String> = state["resources"].as_object().expect("a map").keys().collect();
    assert_eq!(names, ["fc3_function.greeter", "fc3_trigger.greeter[\"http\"]"]);
}

#[test]
fn another_live_name_makes_a_new_one_and_then_deletes_the_old() {
    let world = deployed();
    world.edit("s.yaml", "functionName: hello", "functionName: hello-2");
    world.plan(&[]).exits(2).shows(&["-/+ fc3_function.hello"]);
    world.apply(&[]);
    let look = world.console().look();
    let names: Vec<&String> = look["functions"].as_object().expect("a map").keys().collect();
    assert_eq!(names, ["hello-2"]);
}
