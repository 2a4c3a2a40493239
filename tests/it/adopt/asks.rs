//! Approval, freshness, bad input: what is refused leaves every file as it was.

use std::os::unix::fs::PermissionsExt;

use serde_json::json;

use super::{S_YAML, UTIL, adopt, deployed, edit, files, read, upload};

#[test]
fn nobody_is_there_to_approve() {
    let room = deployed();
    edit(&room, json!({"memorySize": 1024}));
    let before = (files(&room), room.kept());
    let ran = room.run(&["adopt"]).exits(6).says("--auto-approve");
    assert!(ran.stdout.contains("+      memorySize: 1024 # enough"), "{ran}");
    assert!((files(&room), room.kept()) == before);
}

#[test]
fn a_selector_that_names_nothing() {
    let room = deployed();
    room.run(&["adopt", "fc3_function.nope"]).exits(1).says("names nothing");
    room.run(&["adopt", "nonsense"]).exits(1).says("is no selector");
    // One that has nothing to adopt today is no error.
    room.run(&["adopt", "fc3_function.hello:memorySize"]).exits(0).says("Nothing to adopt");
}

#[test]
fn a_project_that_may_not_be_written() {
    let room = deployed();
    edit(&room, json!({"memorySize": 1024}));
    upload(&room, &[("index.py", 0o644, super::INDEX.as_bytes()), ("util.py", 0o644, UTIL.as_bytes())]);
    let before = files(&room);
    let kept = room.kept();
    for (name, closed, open) in
        [("code", 0o555, 0o755), ("s.yaml", 0o444, 0o644), ("code/data.bin", 0o444, 0o644)]
    {
        let path = room.path(name);
        let set = |mode| {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("is ours");
        };
        set(closed);
        adopt(&room, &[]).exits(1).says("is read-only").says("no file was changed");
        set(open);
        assert!(files(&room) == before && room.kept() == kept, "{name}");
    }
    adopt(&room, &[]).exits(0);
    assert_ne!(read(&room, "s.yaml"), S_YAML);
}

#[test]
fn a_file_that_moves_while_the_question_is_open_stops_it() {
    let room = deployed();
    edit(&room, json!({"memorySize": 1024}));
    let mut terminal = room.terminal(&["adopt"]);
    terminal.sees("Write this file? Only 'yes' is accepted: ");
    let mine = S_YAML.replace("memorySize: 512", "memorySize: 640");
    room.write("s.yaml", &mine);
    let kept = room.kept();
    terminal.types("yes");
    let seen = terminal.exits(4);
    assert!(seen.contains("s.yaml` was changed since it was"), "{seen}");
    assert!(read(&room, "s.yaml") == mine && room.kept() == kept, "{seen}");
}
