//! Code: files changed, added and removed online; merges, and what is not merged.

use std::os::unix::fs::PermissionsExt;

use super::{INDEX, UTIL, adopt, deployed, files, read, settled, upload};

fn regular<'a>(name: &'a str, text: &'a str) -> super::Packed<'a> {
    (name, 0o644, text.as_bytes())
}

const DATA: super::Packed<'static> = ("data.bin", 0o644, b"\0one");

#[test]
fn files_changed_added_and_removed_online() {
    let room = deployed();
    let loud = UTIL.replace("Hello", "HELLO");
    upload(
        &room,
        &[
            regular("index.py", INDEX),
            regular("util.py", &loud),
            ("bin/run", 0o755, b"#!/bin/sh\n"),
            ("link.py", 0o120_777, b"util.py"),
            ("pixel.bin", 0o644, b"\0\xff\xfe"),
        ],
    );
    adopt(&room, &[]).exits(0).says("util.py").says("as it is live").says("data.bin").says("removed");
    let found = files(&room);
    assert_eq!(found["code/util.py"], loud.as_bytes());
    assert_eq!(found["code/pixel.bin"], b"\0\xff\xfe");
    assert_eq!(found["code/link.py"], b"util.py");
    assert!(!found.contains_key("code/data.bin"));
    let mode = std::fs::metadata(room.path("code/bin/run")).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o111, 0o111 & mode, "{mode:o}");
    assert_ne!(mode & 0o100, 0, "{mode:o}");
    settled(&room);
}

#[test]
fn a_mode_alone() {
    let room = deployed();
    upload(&room, &[("index.py", 0o755, INDEX.as_bytes()), regular("util.py", UTIL), DATA]);
    adopt(&room, &[]).exits(0);
    let mode = std::fs::metadata(room.path("code/index.py")).expect("it is there").permissions().mode();
    assert_ne!(mode & 0o100, 0, "{mode:o}");
    settled(&room);
}

#[test]
fn a_program_that_was_edited_where_there_are_no_modes_stays_one() {
    let room = deployed();
    upload(&room, &[("index.py", 0o755, INDEX.as_bytes()), regular("util.py", UTIL), DATA]);
    adopt(&room, &[]).exits(0);
    let edited = format!("{INDEX}# edited\n");
    upload(&room, &[("index.py", 0, edited.as_bytes()), regular("util.py", UTIL), DATA]);
    adopt(&room, &[]).exits(0);
    assert_eq!(read(&room, "code/index.py"), edited);
    let mode = std::fs::metadata(room.path("code/index.py")).expect("it is there").permissions().mode();
    assert_ne!(mode & 0o100, 0, "{mode:o}");
    settled(&room);
}

#[test]
fn edits_of_both_sides_are_merged_and_the_rest_is_an_edit() {
    let room = deployed();
    upload(
        &room,
        &[regular("index.py", INDEX), regular("util.py", &UTIL.replace("return 2", "return 22")), DATA],
    );
    room.write("code/util.py", &UTIL.replace("Hello", "HELLO"));
    adopt(&room, &[]).exits(0).says("merged: the edits of both sides").says("1 merged file differs");
    let both = UTIL.replace("return 2", "return 22").replace("Hello", "HELLO");
    assert_eq!(read(&room, "code/util.py"), both);
    let plan = room.run(&["plan", "--detailed-exitcode"]).exits(2);
    assert!(plan.stdout.contains("~ util.py") && !plan.stdout.contains("decision"), "{plan}");
    adopt(&room, &[]).exits(0).says("Nothing to adopt");
    room.run(&["apply", "--auto-approve"]).exits(0);
    settled(&room);
}

#[test]
fn a_conflict_in_one_file_and_a_clean_merge_in_another() {
    let room = deployed();
    upload(
        &room,
        &[
            regular("index.py", &INDEX.replace("'world'", "'live'")),
            regular("util.py", &UTIL.replace("return 2", "return 22")),
            DATA,
        ],
    );
    room.write("code/index.py", &INDEX.replace("'world'", "'project'"));
    room.write("code/util.py", &UTIL.replace("Hello", "HELLO"));
    let before = (files(&room), room.kept());
    let ran = adopt(&room, &[]).exits(1).says("both sides changed the same lines of `code/index.py`");
    assert!(ran.stdout.contains("+<<<<<<< project") && ran.stdout.contains("+>>>>>>> live"), "{ran}");
    assert!((files(&room), room.kept()) == before, "nothing is written, the clean merge included");
    // The other one by its name; then the conflict as its file says it, decided by hand.
    adopt(&room, &["fc3_function.hello:code[\"util.py\"]"]).exits(0);
    assert!(read(&room, "code/util.py").contains("HELLO"));
    room.write("code/index.py", &INDEX.replace("'world'", "'project and live'"));
    room.run(&["apply", "--auto-approve", "--use-local=fc3_function.hello:code[\"index.py\"]"]).exits(0);
    settled(&room);
}

#[test]
fn what_cannot_be_written_is_told_and_let_be() {
    let room = deployed();
    room.write("code/.fcignore", "*.log\n");
    upload(
        &room,
        &[
            regular("index.py", INDEX),
            regular("util.py", UTIL),
            ("data.bin", 0o644, b"\0two"),
            regular("debug.log", "x"),
        ],
    );
    room.write("code/data.bin", "\u{0}three");
    let before = files(&room);
    adopt(&room, &[]).exits(3).says("it is no text").says("`.fcignore` keeps the file out");
    assert!(files(&room) == before);
}

#[test]
fn without_the_recorded_package_nothing_is_merged() {
    let room = deployed();
    upload(
        &room,
        &[regular("index.py", INDEX), regular("util.py", &UTIL.replace("return 2", "return 22")), DATA],
    );
    room.write("code/util.py", &UTIL.replace("Hello", "HELLO"));
    std::fs::remove_dir_all(room.path(".triform/packages")).expect("it is there");
    adopt(&room, &[]).exits(3).says("the recorded package is not on this machine");
    assert_eq!(read(&room, "code/util.py"), UTIL.replace("Hello", "HELLO"));
}

#[test]
fn code_that_was_accepted_is_adopted_later_and_merged_when_the_project_moved() {
    let room = deployed();
    upload(
        &room,
        &[regular("index.py", INDEX), regular("util.py", &UTIL.replace("return 2", "return 22")), DATA],
    );
    room.run(&["apply", "--auto-approve", "--use-live"]).exits(0);
    room.write("code/util.py", &UTIL.replace("Hello", "HELLO"));
    room.run(&["plan"]).exits(0).says("1 decision needed");
    adopt(&room, &[]).exits(0);
    assert_eq!(read(&room, "code/util.py"), UTIL.replace("return 2", "return 22").replace("Hello", "HELLO"));
}

#[test]
fn a_folder_that_two_functions_share() {
    let room = deployed();
    let text = super::S_YAML.to_owned()
        + "  other:\n    component: fc3\n    props:\n      region: cn-hangzhou\n      functionName: other\n      \
           runtime: python3.10\n      handler: index.handler\n      code: ./code\n";
    room.write("s.yaml", &text);
    room.run(&["apply", "--auto-approve"]).exits(0);
    let loud = UTIL.replace("Hello", "HELLO");
    let package = [regular("index.py", INDEX), regular("util.py", &loud), DATA];
    upload(&room, &package);
    adopt(&room, &[]).exits(3).says("fc3_function.other uses the same file");
    assert_eq!(read(&room, "code/util.py"), UTIL);
    super::upload_to(&room, "other", &package);
    adopt(&room, &[]).exits(0);
    assert_eq!(read(&room, "code/util.py"), loud);
    settled(&room);
}
