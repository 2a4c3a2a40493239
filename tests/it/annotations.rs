//! What a code host shows in place: GitHub's annotations, and SARIF that is valid under its published schema.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value as Json, json};

use crate::crash::story;
use crate::room::Room;

/// Returns the number of the line of the project that holds a text, which only one line does.
#[track_caller]
fn line_of(room: &Room, text: &str) -> usize {
    let project = std::fs::read_to_string(room.path("s.yaml")).expect("text");
    let lines: Vec<usize> =
        project.lines().enumerate().filter(|(_, line)| line.contains(text)).map(|(at, _)| at + 1).collect();
    assert_eq!(lines.len(), 1, "{text:?} on lines {lines:?} of\n{project}");
    lines[0]
}

/// Runs the validator of the tests, which fetches nothing.
#[track_caller]
pub fn check_schema(schema: &[&str], files: &[PathBuf]) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut command = Command::new(root.join(".venv/bin/python3"));
    command.args(["-m", "check_jsonschema", "--color", "never"]).args(schema).args(files).current_dir(root);
    let ran = command.output().expect("runs; tests/prepare installs it");
    let said = String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{said}");
}

/// The schema is the one that OASIS publishes, unchanged. It has a pattern that is none in a strict reading.
const SARIF: [&str; 4] = ["--regex-variant", "nonunicode", "--schemafile", "tests/schemas/sarif-2.1.0.json"];

#[test]
fn a_change_is_noted_on_its_line() {
    let room = story::deployed();
    std::fs::create_dir(room.root().join(".git")).expect("a folder");
    let line = line_of(&room, "B: \"3\"");
    let plan = ["plan", "--format", "github", "--target", "fc3_function.variable"];
    let ran = room.run(&plan).exits(0);
    let noted = format!("::notice file=project/s.yaml,line={line},");
    let found = ran.stdout.lines().find(|told| told.starts_with(&noted)).unwrap_or_else(|| panic!("{ran}"));
    assert!(found.ends_with("::\"2\" -> \"3\""), "{found}");
    // Whatever the working folder is, the host knows the file by its place in the repository.
    let mut elsewhere = room.command(&[["-C", "project"].as_slice(), &plan].concat());
    let elsewhere = elsewhere.current_dir(room.root()).output().expect("runs");
    assert_eq!(String::from_utf8_lossy(&elsewhere.stdout), ran.stdout);
}

#[test]
fn drift_is_valid_sarif_with_its_line_and_its_sides() {
    let room = story::deployed();
    let quiet = room.run(&["drift", "--format", "sarif"]).exits(0);
    room.console("PUT", "functions/variable", Some(json!({"environmentVariables": {"A": "9", "B": "2"}})));
    room.console("DELETE", "functions/keep/triggers/http", None);
    let ran = room.run(&["drift", "--format", "sarif"]).exits(2);
    let files = [(&quiet, "quiet.json"), (&ran, "drift.json")].map(|(ran, name)| {
        let file = room.root().join(name);
        std::fs::write(&file, &ran.stdout).expect("writes");
        file
    });
    check_schema(&SARIF, &files);
    let log: Json = serde_json::from_str(&ran.stdout).expect("JSON");
    let results = log["runs"][0]["results"].as_array().expect("results");
    let rules: Vec<&Json> = results.iter().map(|result| &result["ruleId"]).collect();
    assert_eq!(rules, ["drift", "deleted-online"], "{ran}");
    let region = &results[0]["locations"][0]["physicalLocation"]["region"];
    assert_eq!(region["startLine"].as_u64(), u64::try_from(line_of(&room, "A: \"1\"")).ok());
    let sides = &results[0]["properties"]["triform"]["path"];
    assert_eq!([&sides["desired"], &sides["recorded"]["observed"], &sides["live"]], ["1", "1", "9"]);
}

#[test]
fn every_golden_log_is_valid_sarif() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().expect("a folder");
    let mut files = Vec::new();
    for entry in std::fs::read_dir(root.join("src/render/sarif/snapshots")).expect("a folder") {
        let path = entry.expect("an entry").path();
        let text = std::fs::read_to_string(&path).expect("text");
        let (_, body) = text.split_once("\n---\n").expect("a header");
        let file = folder.path().join(path.file_name().expect("a name")).with_extension("json");
        std::fs::write(&file, body).expect("writes");
        files.push(file);
    }
    assert!(files.len() > 10, "{files:?}");
    check_schema(&SARIF, &files);
}
