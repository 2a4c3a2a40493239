//! Programs that know nothing of us read our plans: what reads Terraform's plans, and what checks against a schema.
//!
//! They run as they come from their registry, and with the network off: a reader that has to ask somebody what our
//! plan means has not understood it.

mod schema;
mod terraform;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value as Json;

use crate::room::Room;

/// Functions with triggers of both kinds; nobody gets in unasked.
const SHOP: &str = "\
edition: 3.0.0
name: shop
access: default

vars:
  function: &function
    region: cn-hangzhou
    runtime: python3.10
    handler: index.handler
    code: ./code

resources:
  cart:
    component: fc3
    props:
      <<: *function
      functionName: cart
      memorySize: 512
      environmentVariables:
        DB_PASSWORD: ${env('DB_PASSWORD')}
      triggers:
        - triggerName: http
          triggerType: http
          triggerConfig: {authType: function, methods: [GET]}
        - triggerName: nightly
          triggerType: timer
          triggerConfig: {cronExpression: '@every 24h', enable: true}
  report:
    component: fc3
    props:
      <<: *function
      functionName: report
      customDomain: {domainName: www.example.com, protocol: HTTP, route: {path: /report}}
      triggers:
        - triggerName: daily
          triggerType: timer
          triggerConfig: {cronExpression: '@every 24h', enable: true}
";

/// A room whose project is deployed, and whose project then has one of each: a new trigger (which lets everybody in),
/// a larger function, a trigger that left, and one of another type, which takes a new one.
fn edited() -> Room {
    let room =
        Room::new(&[("s.yaml", SHOP), ("code/index.py", "def handler(event, context):\n    return 1\n")]);
    room.run(&["apply", "--auto-approve"]).exits(0);
    let change = |text: String, from: &str, to: &str| {
        assert_eq!(text.matches(from).count(), 1, "{from}");
        text.replacen(from, to, 1)
    };
    let text = change(SHOP.to_owned(), "memorySize: 512", "memorySize: 1024");
    let text = change(
        text,
        "        - triggerName: nightly
          triggerType: timer
          triggerConfig: {cronExpression: '@every 24h', enable: true}\n",
        "        - triggerName: webhook
          triggerType: http
          triggerConfig: {authType: anonymous, methods: [POST]}\n",
    );
    let text = change(
        text,
        "        - triggerName: daily
          triggerType: timer
          triggerConfig: {cronExpression: '@every 24h', enable: true}\n",
        "        - triggerName: daily
          triggerType: http
          triggerConfig: {authType: function, methods: [GET]}\n",
    );
    room.write("s.yaml", &text);
    room
}

/// Prints a plan into a file of the room, and returns where it is.
#[track_caller]
fn told(room: &Room, name: &str, args: &[&str]) -> PathBuf {
    let ran = room.run(&[args, &["--format", "json"]].concat());
    let path = room.root().join(name);
    std::fs::write(&path, &ran.stdout).expect("writes");
    let _: Json = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran}"));
    path
}

/// A program of Python's, out of an environment that `tests/prepare` makes.
fn python(environment: &str, module: &str) -> Vec<String> {
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join(environment).join("bin/python3");
    assert!(python.exists(), "{} is missing: run tests/prepare first", python.display());
    vec![python.display().to_string(), "-m".to_owned(), module.to_owned()]
}

/// A program in a folder, without anything that the tests' own surroundings could tell it, and with the network off.
fn offline(program: &[String], args: &[&str], folder: &Path) -> Command {
    let words: Vec<&str> = no_network().iter().copied().chain(program.iter().map(String::as_str)).collect();
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).args(args).current_dir(folder).env_clear();
    command.env("PATH", std::env::var("PATH").expect("a path")).env("HOME", folder);
    // Where a network of its own is not allowed, whoever honours these reaches nobody either.
    for name in ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
        command.env(name, "http://127.0.0.1:1");
    }
    command.stdin(Stdio::null());
    command
}

/// What starts a program in a network of its own, which reaches nothing; nothing where the system forbids that.
fn no_network() -> &'static [&'static str] {
    const WAYS: [&[&str]; 2] = [&["unshare", "--net"], &["unshare", "--net", "--map-root-user"]];
    static WAY: OnceLock<&'static [&'static str]> = OnceLock::new();
    WAY.get_or_init(|| {
        let works = |way: &&&[&str]| {
            let tried = Command::new(way[0]).args(&way[1..]).arg("true").stderr(Stdio::null()).status();
            tried.is_ok_and(|status| status.success())
        };
        WAYS.iter().find(works).copied().unwrap_or_default()
    })
}

/// Runs a program to its end: its exit code, what it printed, and what it complained about.
#[track_caller]
fn run(mut command: Command) -> (i32, String, String) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
}
