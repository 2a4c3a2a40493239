//! The patch: `git apply` takes it, and the plan after it is empty.

use std::process::Command;

use serde_json::json;

use super::{INDEX, UTIL, adopt, deployed, edit, edit_variables, files, upload};
use crate::room::Room;

/// Runs git in a folder of the project, with nobody's settings.
#[track_caller]
fn git(room: &Room, folder: &std::path::Path, args: &[&str]) {
    let mut git = Command::new("git");
    git.args(args).current_dir(folder).env_clear().env("PATH", std::env::var("PATH").expect("a path"));
    git.env("HOME", room.root().join("home")).env("GIT_CONFIG_NOSYSTEM", "1");
    let output = git.output().expect("git runs");
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Takes the patch, and applies it from a folder. Nothing but that writes.
#[track_caller]
fn patched(room: &Room, from: &std::path::Path) {
    let before = (files(room), room.kept());
    let mut command = room.command(&["adopt", "--patch"]);
    let output = command.output().expect("runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!((files(room), room.kept()) == before, "--patch wrote something");
    let patch = room.root().join("patch");
    std::fs::write(&patch, &output.stdout).expect("writes");
    git(room, from, &["apply", patch.to_str().expect("text")]);
    let plan = room.run(&["plan", "--detailed-exitcode"]);
    assert_eq!(plan.code, Some(0), "{plan}\n{}", String::from_utf8_lossy(&output.stdout));
}

fn edited() -> Room {
    let room = deployed();
    edit(&room, json!({"memorySize": 1024}));
    edit_variables(&room, &json!({"LOG_LEVEL": "debug", "GREETING": null}));
    upload(
        &room,
        &[
            ("index.py", 0o755, INDEX.as_bytes()),
            ("util.py", 0o644, UTIL.replace("return 2\n", "return 22").as_bytes()),
            ("crlf.txt", 0o644, b"one\r\ntwo\r\n"),
            ("a b \"c\"/é.txt", 0o644, b"x\n"),
            ("empty", 0o644, b""),
            ("link", 0o120_777, b"util.py"),
            ("data.bin", 0o644, b"\0two"),
        ],
    );
    room
}

#[test]
fn from_the_root_of_the_repository() {
    let room = edited();
    git(&room, room.root(), &["init", "-q"]);
    patched(&room, room.root());
    adopt(&room, &[]).exits(0).says("Nothing to adopt");
}

#[test]
fn from_the_folder_of_the_project() {
    let room = edited();
    git(&room, room.root(), &["init", "-q"]);
    patched(&room, &room.project());
}

#[test]
fn without_a_repository() {
    let room = edited();
    patched(&room, &room.project());
}

#[test]
fn an_empty_patch_is_none() {
    let room = deployed();
    let ran = room.run(&["adopt", "--patch"]).exits(0).says("Nothing to adopt");
    assert_eq!(ran.stdout, "");
}
