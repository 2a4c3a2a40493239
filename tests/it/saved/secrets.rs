//! A plan holds no secret: its apply reads each again from where the plan says, and refuses another value.

use std::process::Command;

use super::{apply, document, elsewhere, parts, plan_file, save};
use crate::situations::{LOUD_UTIL, PROJECT, deployed};
use crate::support::{Ran, SECRET, World};

/// A secret that is no variable of the environment, but a value below `vars`.
const LITERAL: &str = "literal-secret-of-the-file";

#[track_caller]
fn with_password(world: &World, password: Option<&str>, mut command: Command) -> Ran {
    match password {
        Some(password) => command.env("DB_PASSWORD", password),
        None => command.env_remove("DB_PASSWORD"),
    };
    world.run_with(command)
}

/// Demands that no spelling of a secret stands in some bytes.
#[track_caller]
fn holds_none(what: &str, bytes: &[u8]) {
    use base64::Engine as _;
    for secret in [SECRET, LITERAL] {
        let encoded = base64::engine::general_purpose::STANDARD.encode(secret);
        // Without its last group, which depends on what follows.
        let encoded = &encoded[..encoded.len() / 4 * 4 - 4];
        let hex = hex::encode(secret);
        for spelling in [secret, encoded, hex.as_str()] {
            let found = bytes.windows(spelling.len()).any(|window| window == spelling.as_bytes());
            assert!(!found, "a secret ({spelling}) in {what}");
        }
    }
}

#[test]
fn no_byte_of_anything_holds_a_secret() {
    let world = World::new(PROJECT);
    world.edit("s.yaml", "\nresources:", &format!("\nvars:\n  token: {LITERAL}\n\nresources:"));
    world.edit(
        "s.yaml",
        "        GREETING: Hello\n",
        "        GREETING: Hello\n        API_TOKEN: ${vars.token}\n",
    );
    world.apply(&[]);
    world.edit("s.yaml", "timeout: 10", "timeout: 20");
    world.write("code/util.py", LOUD_UTIL);
    world.console().edit_code("hello", &serde_json::json!({"theirs.py": "THEIRS = 1\n"}));
    let trace = ["--log-level", "trace"];
    let planned = save(&world, &[&["--use-live"], &trace[..]].concat());
    holds_none("the log of a plan", planned.stderr.as_bytes());

    let bytes = std::fs::read(plan_file(&world)).expect("a plan");
    holds_none("the saved plan", &bytes);
    let (_, files) = parts(&plan_file(&world));
    files.iter().for_each(|(name, file)| holds_none(name, &file.content));
    let formats = triform::render::RENDERERS.iter().map(|renderer| renderer.name);
    for format in formats.chain(["human"]) {
        let shown = world.run_with(elsewhere(&world, &["show", "--format", format]));
        holds_none(format, shown.stdout.as_bytes());
    }
    let applied = apply(&world, &trace).exits(0);
    holds_none("the log of an apply", applied.stderr.as_bytes());
    holds_none("what an apply prints", applied.stdout.as_bytes());
    let kept = world.folder().into_iter().filter(|(path, _)| path.starts_with(world.path(".triform")));
    for (path, bytes) in kept {
        holds_none(&path.display().to_string(), &bytes);
    }
    // And it arrived.
    let variables = world.console().function("hello")["environmentVariables"].clone();
    assert_eq!((&variables["DB_PASSWORD"], &variables["API_TOKEN"]), (&SECRET.into(), &LITERAL.into()));
}

#[test]
fn the_plan_says_where_each_secret_comes_from() {
    let world = World::new(PROJECT);
    save(&world, &[]);
    let (_, files) = parts(&plan_file(&world));
    let source = &document(&files)["secrets"]["fc3_function.hello"]["environmentVariables[\"DB_PASSWORD\"]"];
    assert_eq!(source["variable"], "DB_PASSWORD");
}

#[test]
fn a_secret_that_is_unset_or_another_one_stops_the_apply() {
    let world = World::new(PROJECT);
    save(&world, &[]);
    let approve = ["apply", "--auto-approve"];
    world.changes_nothing(|| {
        let ran = with_password(&world, None, elsewhere(&world, &approve)).exits(1);
        ran.tells(&["DB_PASSWORD", "is not set"]);
        let ran = with_password(&world, Some("another one"), elsewhere(&world, &approve)).exits(4);
        let ran = ran.tells(&["the secret at fc3_function.hello"]);
        assert!(!ran.stderr.contains("another one"), "{ran}");
        with_password(&world, Some("another one"), elsewhere(&world, &["show", "--check"])).exits(4);
    });
    apply(&world, &[]).exits(0);
    assert_eq!(world.console().function("hello")["environmentVariables"]["DB_PASSWORD"], SECRET);
    // What is recorded is sealed with the state's own salt, so that the next plan finds nothing moved.
    world.plan(&[]).exits(0);
}

#[test]
fn what_is_not_written_needs_no_secret() {
    let world = deployed();
    let text = world.read("s.yaml")
        + "
  other:
    component: fc3
    props:
      region: cn-hangzhou
      functionName: other
      runtime: python3.10
      handler: index.handler
      code: ./code
";
    world.write("s.yaml", &text);
    save(&world, &[]);
    with_password(&world, None, elsewhere(&world, &["apply", "--auto-approve"])).exits(0);
    world.plan(&[]).exits(0);
}
