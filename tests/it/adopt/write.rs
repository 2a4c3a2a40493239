//! `apply --write`: what use-live keeps goes into the project in the same command.

use serde_json::json;

use super::{S_YAML, UTIL, changed_lines, deployed, edit, edit_variables, files, read, settled, upload};

const DATA: super::Packed<'static> = ("data.bin", 0o644, b"\0one");

#[test]
fn what_is_kept_is_written_and_the_rest_applied() {
    let room = deployed();
    edit(&room, json!({"memorySize": 1024, "timeout": 60}));
    let loud = UTIL.replace("Hello", "HELLO");
    upload(&room, &[("index.py", 0o644, super::INDEX.as_bytes()), ("util.py", 0o644, loud.as_bytes()), DATA]);
    let text = S_YAML.replace("cpu: 0.5", "cpu: 0.6");
    room.write("s.yaml", &text);
    let args = ["apply", "--auto-approve", "--write", "--use-live", "--use-local=*:timeout"];
    room.run(&args).exits(0).says("Written: s.yaml, code/util.py.");
    changed_lines(&text, &read(&room, "s.yaml"), &[("memorySize: 512", "memorySize: 1024")]);
    assert_eq!(read(&room, "code/util.py"), loud);
    let live = room.console("GET", "functions/hello", None);
    assert_eq!(
        (&live["memorySize"], &live["timeout"], &live["cpu"]),
        (&json!(1024), &json!(512), &json!(0.6))
    );
    assert!(!room.path(".triform/adopting").exists());
    settled(&room);
}

#[test]
fn what_cannot_be_written_is_accepted() {
    let room = deployed();
    edit(&room, json!({"memorySize": 1024}));
    edit_variables(&room, &json!({"STAGE": "green-1"}));
    let ran = room.run(&["apply", "--auto-approve", "--write", "--use-live"]).exits(0);
    assert!(ran.stdout.contains("Stays open") && ran.stderr.contains("is accepted"), "{ran}");
    changed_lines(S_YAML, &read(&room, "s.yaml"), &[("memorySize: 512", "memorySize: 1024")]);
    room.run(&["plan", "--detailed-exitcode"]).says("1 accepted difference");
}

#[test]
fn files_alone_are_approved_too() {
    let room = deployed();
    edit(&room, json!({"memorySize": 1024}));
    let before = (files(&room), room.kept());
    room.run(&["apply", "--write", "--use-live"]).exits(6).says("nothing was changed");
    room.run(&["apply", "--write"]).exits(3);
    assert!((files(&room), room.kept()) == before);
    // Without --write the project is left as it is.
    room.run(&["apply", "--auto-approve", "--use-live"]).exits(0);
    assert_eq!(read(&room, "s.yaml"), S_YAML);
}
