//! Fresh or not at all: what moved since the plan was made stops it, and nothing else does.

use serde_json::json;

use super::{apply, digest, document, elsewhere, forge, parts, plan_file, save};
use crate::situations::{LOUD_UTIL, deployed};
use crate::support::World;

const OTHER: &str = "
  other:
    component: fc3
    props:
      region: cn-hangzhou
      functionName: other
      runtime: python3.10
      handler: index.handler
      code: ./code
      memorySize: 512
      timeout: 10
";

/// Two functions; the first one's timeout is about to change.
fn about_to_change() -> World {
    let world = deployed();
    let text = world.read("s.yaml") + OTHER;
    world.write("s.yaml", &text);
    world.apply(&[]);
    world.edit(
        "s.yaml",
        "      timeout: 10\n      environmentVariables",
        "      timeout: 20\n      environmentVariables",
    );
    save(&world, &[]);
    world
}

#[test]
fn an_edit_online_since_then_stops_it_and_is_named_with_both_values() {
    let world = about_to_change();
    world.console().update("hello", json!({"memorySize": 1024}));
    let ran = world.changes_nothing(|| apply(&world, &[]).exits(4));
    ran.tells(&["plan saw", "now"]).tells(&["memorySize", "512", "1024"]).tells(&["exit code 4"]);
    let check = world.run_with(elsewhere(&world, &["show", "--check"])).exits(4);
    check.shows(&["timeout", "10 -> 20"]).tells(&["memorySize", "512", "1024"]);
    world.run_with(elsewhere(&world, &["show"])).exits(0).shows(&["timeout", "10 -> 20"]);
}

#[test]
fn code_that_was_edited_online_since_then_stops_it_too() {
    let world = about_to_change();
    world.console().edit_code("hello", &json!({"util.py": LOUD_UTIL}));
    let ran = world.changes_nothing(|| apply(&world, &[]).exits(4));
    ran.tells(&["util.py"]);
}

#[test]
fn an_edit_of_what_the_plan_does_not_touch_is_told_and_no_obstacle() {
    let world = about_to_change();
    world.console().update("other", json!({"memorySize": 1024}));
    world.run_with(elsewhere(&world, &["show", "--check"])).exits(0).tells(&["fc3_function.other"]);
    let ran = apply(&world, &[]).exits(0);
    ran.tells(&["not touched by it"]).tells(&["fc3_function.other"]).tells(&["memorySize", "512", "1024"]);
    assert_eq!(world.console().function("hello")["timeout"], 20);
    // Nobody's edit is swallowed: the next plan asks about it.
    world.plan(&[]).exits(2).shows(&["memorySize", "1024"]);
}

#[test]
fn a_state_that_moved_on_stops_it() {
    let world = about_to_change();
    world.run(&["apply", "--auto-approve", "--target=fc3_function.hello"]).exits(0);
    let ran = world.changes_nothing(|| apply(&world, &[]).exits(4));
    ran.tells(&["the state moved"]);
    world.run_with(elsewhere(&world, &["show", "--check"])).exits(4);
}

#[test]
fn a_byte_that_was_changed_anywhere_stops_it() {
    let world = about_to_change();
    let file = plan_file(&world);
    let bytes = std::fs::read(&file).expect("a plan");
    world.changes_nothing(|| {
        for turn in 0..12 {
            let mut other = bytes.clone();
            other[turn * (bytes.len() - 1) / 11] ^= 1 << (turn % 8);
            std::fs::write(&file, other).expect("writes");
            apply(&world, &[]).exits(1).tells(&["could not read the plan"]);
        }
    });
    // That every byte counts, and every cut, is a test of the format itself.
    std::fs::write(&file, bytes).expect("writes");
    apply(&world, &[]).exits(0);
}

#[test]
fn edited_and_hashed_again_it_is_refused_with_the_reviewed_digest() {
    let world = about_to_change();
    let file = plan_file(&world);
    let reviewed = digest(&world.run_with(elsewhere(&world, &["show"])));
    let (_, files) = parts(&file);
    let mut edited = document(&files);
    let changes = edited["plan"]["changes"]["fc3_function.hello"].as_object_mut().expect("a change");
    changes["desired"]["timeout"]["known"] = json!(600);
    changes["paths"]["timeout"]["desired"]["known"] = json!(600);
    changes["paths"]["timeout"]["outcome"]["write"]["known"] = json!(600);
    forge(&file, &files, &edited);
    // The digest inside is of other changes; whoever computes that anew, too, gets another digest.
    let ran = world.changes_nothing(|| apply(&world, &["--approve", &reviewed]).exits(1));
    let actual = ran.stderr.split_whitespace().rfind(|word| word.starts_with("sha256:"));
    let actual = actual.map(|word| word.trim_end_matches(['.', ',', ';'])).expect("the digest that it has");
    edited["digest"] = json!(actual);
    forge(&file, &files, &edited);
    world.run_with(elsewhere(&world, &["show"])).exits(0).shows(&["timeout", "10 -> 600"]);
    let mut command = elsewhere(&world, &["apply", "--approve", &reviewed]);
    let ran =
        world.changes_nothing(|| world.run_with(std::mem::replace(&mut command, elsewhere(&world, &[]))));
    ran.exits(6).tells(&["approved"]);
}

#[test]
fn an_edit_in_the_window_before_its_write_stops_that_resource_only() {
    let world = deployed();
    let text = world.read("s.yaml") + OTHER;
    world.write("s.yaml", &text);
    world.apply(&[]);
    let text = world.read("s.yaml").replace("timeout: 10", "timeout: 20");
    world.write("s.yaml", &text);
    save(&world, &[]);
    // The check before the first write reads it, and its own step just before its write.
    world.cloud.reset_counters();
    world.run_with(elsewhere(&world, &["show", "--check"])).exits(0);
    let in_a_check = world.cloud.calls("GetFunction") / 2;
    let edit = json!({"call": "PUT /2023-03-30/functions/hello", "body": {"memorySize": 1024}});
    world.cloud.switch(json!([{
        "operation": "GetFunction", "resource": "hello", "calls": in_a_check + 1, "do": {"console": edit},
    }]));
    let ran = apply(&world, &[]).exits(1);
    let ran = ran
        .tells(&["fc3_function.hello", "moved, left alone"])
        .tells(&["fc3_function.other", "updated"])
        .tells(&["1 applied, 1 failed"]);
    let mut console = world.console();
    let timeout =
        |console: &mut crate::support::Console, name: &str| console.function(name)["timeout"].clone();
    assert_eq!(
        (timeout(&mut console, "hello"), timeout(&mut console, "other")),
        (json!(10), json!(20)),
        "{ran}"
    );
    assert_eq!(console.function("hello")["memorySize"], 1024, "nobody's edit is lost");
}

#[test]
fn a_first_plan_is_stopped_by_a_state_that_came_since() {
    let world = World::new(crate::situations::PROJECT);
    save(&world, &[]);
    world.apply(&[]);
    world.changes_nothing(|| apply(&world, &[]).exits(4));
}
