//! Saved here, applied there: the reviewed values, the reviewed code, and nothing that was written since.

use serde_json::json;

use super::{apply, elsewhere, plan_file, save};
use crate::situations::{LOUD_UTIL, PROJECT, UTIL, deployed};
use crate::support::{World, get};

/// The URL that an apply told.
#[track_caller]
fn url_in(text: &str) -> String {
    text.split_whitespace().find(|word| word.starts_with("http://")).expect("a URL").to_owned()
}

#[test]
fn the_reviewed_values_and_code_are_applied_without_project_and_code() {
    let world = World::new(PROJECT);
    save(&world, &[]);
    world.edit("s.yaml", "memorySize: 512", "memorySize: 1024");
    std::fs::remove_dir_all(world.path("code")).expect("goes");
    let ran = apply(&world, &[]).exits(0).shows(&["memorySize", "512"]);
    assert_eq!(world.console().function("hello")["memorySize"], 512, "{ran}");
    assert_eq!(get(&url_in(&ran.stdout)), (200, "Hello, world!".to_owned()));
    // The project as it was reviewed is what is deployed.
    world.edit("s.yaml", "memorySize: 1024", "memorySize: 512");
    world.write("code/index.py", PROJECT[1].1);
    world.write("code/util.py", UTIL);
    world.plan(&[]).exits(0);
}

#[test]
fn a_change_of_code_and_settings_is_applied_in_another_checkout() {
    let world = deployed();
    world.edit("s.yaml", "timeout: 10", "timeout: 20");
    world.write("code/util.py", LOUD_UTIL);
    world.console().edit_code("hello", &json!({"theirs.py": "THEIRS = 1\n"}));
    save(&world, &["--use-live=*:code"]);
    // A checkout that shares the state and nothing else, not even the kept packages.
    let other = world.project().parent().expect("a folder").join("checkout");
    std::fs::create_dir_all(other.join(".triform")).expect("a folder");
    let state = ".triform/s.local.state.json";
    std::fs::copy(world.path(state), other.join(state)).expect("copies");
    let mut command = elsewhere(&world, &["apply", "--auto-approve"]);
    command.current_dir(&other);
    world.run_with(command).exits(0);
    let code = world.console().code("hello");
    assert_eq!((code["util.py"].as_str(), code["theirs.py"].as_str()), (LOUD_UTIL, "THEIRS = 1\n"));
    assert_eq!(world.console().function("hello")["timeout"], 20);
    // The state that moved on is that checkout's; the one of the first project is left as it was.
    let serial = |path: &std::path::Path| {
        let state: serde_json::Value =
            serde_json::from_slice(&std::fs::read(path).expect("a state")).expect("JSON");
        state["serial"].as_u64().expect("a number")
    };
    assert_eq!(serial(&other.join(state)), serial(&world.path(state)) + 1);
    std::fs::copy(other.join(state), world.path(state)).expect("copies");
    world.plan(&[]).exits(0);
}

#[test]
fn a_saved_plan_is_shown_as_it_was() {
    let world = deployed();
    world.edit("s.yaml", "timeout: 10", "timeout: 20");
    world.write("code/util.py", LOUD_UTIL);
    world.console().update("hello", json!({"memorySize": 1024}));
    let planned = save(&world, &[]);
    world.write("code/util.py", "");
    let shown = world.run_with(elsewhere(&world, &["show"])).exits(0);
    assert_eq!(shown.stdout, planned.stdout);
    let digest = world.run_with(elsewhere(&world, &["show", "--digest"])).exits(0);
    assert_eq!(digest.stdout.trim_end(), super::digest(&planned));
    // A plan with open decisions can be saved and shown; it cannot be applied, whoever approves it.
    let refused = world.changes_nothing(|| apply(&world, &[]).exits(3));
    refused.tells(&["1 decision is open"]).tells(&["fc3_function.hello:memorySize"]);
}

#[test]
fn flags_that_would_make_another_plan_are_refused() {
    let world = deployed();
    world.edit("s.yaml", "timeout: 10", "timeout: 20");
    save(&world, &[]);
    for flag in
        ["--target=fc3_function.hello", "--exclude=fc3_function.hello", "--use-local", "--use-live=*:code"]
    {
        let ran = world.changes_nothing(|| apply(&world, &[flag]).exits(1));
        ran.tells(&["would make another plan of a saved one"]);
    }
}

#[test]
fn a_file_is_its_owners_alone_and_what_is_no_plan_is_told_apart() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::new(PROJECT);
    save(&world, &[]);
    let mode = std::fs::metadata(plan_file(&world)).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    for (bytes, word) in [
        (&b""[..], "it is no saved plan"),
        (b"resources: {}\n", "it is no saved plan"),
        (b"triform-plan 2 sha256:00\nnew", "newer than 1"),
    ] {
        std::fs::write(plan_file(&world), bytes).expect("writes");
        for command in [&["show"][..], &["apply", "--auto-approve"]] {
            world.run_with(elsewhere(&world, command)).exits(1).tells(&["could not read the plan"]);
        }
        let ran = world.run_with(elsewhere(&world, &["show"]));
        assert!(crate::room::says(&ran.stderr, word), "{ran}");
    }
    std::fs::remove_file(plan_file(&world)).expect("goes");
    world.run_with(elsewhere(&world, &["show"])).exits(1).tells(&["could not read the plan"]);
}

#[test]
fn a_destroy_can_be_saved_too() {
    let world = deployed();
    save(&world, &["--destroy"]);
    apply(&world, &[]).exits(0);
    assert_eq!(world.console().look(), json!({}));
    world.plan(&["--destroy"]).exits(0);
}
