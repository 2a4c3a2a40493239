//! Secrets: compared, and never shown or kept. That no output and no file holds one, every test checks.

use serde_json::json;

use super::deployed;
use crate::support::{Ran, SECRET, World};

/// Runs the program with another value of the variable that the secret comes from.
#[track_caller]
fn with_password(world: &World, password: Option<&str>, args: &[&str]) -> Ran {
    let mut command = world.command(args);
    match password {
        Some(password) => command.env("DB_PASSWORD", password),
        None => command.env_remove("DB_PASSWORD"),
    };
    world.run_with(command)
}

#[test]
fn a_secret_arrives_and_is_nowhere_else() {
    let world = deployed();
    assert_eq!(world.console().function("hello")["environmentVariables"]["DB_PASSWORD"], SECRET);
    let plan = world.plan(&[]);
    world.check_secrets(&[&plan.stdout]);
}

#[test]
fn a_secret_that_was_changed_online_is_asked_about_and_restored() {
    const OTHER: &str = "what-the-console-typed";
    let world = deployed();
    let mut variables = world.console().function("hello")["environmentVariables"].clone();
    variables["DB_PASSWORD"] = json!(OTHER);
    world.console().update("hello", json!({"environmentVariables": variables}));
    let plan = world.plan(&[]).exits(2);
    assert_eq!(plan.marks(), ["? fc3_function.hello", "? environmentVariables[\"DB_PASSWORD\"]"], "{plan}");
    assert!(!plan.stdout.contains(OTHER), "{plan}");
    let ran = world.apply(&["--use-local"]);
    assert!(!ran.stdout.contains(OTHER) && !ran.stderr.contains(OTHER), "{ran}");
    assert_eq!(world.console().function("hello")["environmentVariables"]["DB_PASSWORD"], SECRET);
}

#[test]
fn a_secret_that_moved_in_the_project_is_an_edit() {
    const OTHER: &str = "rotated-in-the-vault";
    let world = deployed();
    let plan = with_password(&world, Some(OTHER), &["plan", "--detailed-exitcode"]).exits(2);
    let plan = plan.shows(&["~ environmentVariables[\"DB_PASSWORD\"]"]).hides(&[OTHER]);
    assert!(!plan.stderr.contains(OTHER), "{plan}");
    with_password(&world, Some(OTHER), &["apply", "--auto-approve"]).exits(0);
    assert_eq!(world.console().function("hello")["environmentVariables"]["DB_PASSWORD"], OTHER);
}

#[test]
fn only_what_needs_a_secret_asks_for_it() {
    let world = deployed();
    for args in [&["drift"][..], &["output"]] {
        with_password(&world, None, args).exits(0);
    }
    with_password(&world, None, &["plan"]).exits(1).tells(&["DB_PASSWORD"]).tells(&["s.yaml:"]);
    with_password(&world, None, &["destroy", "--auto-approve"]).exits(0);
}
