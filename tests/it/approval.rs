//! Who may say yes to which plan: by digest, by class, or at the terminal.

mod signature;
mod signed;

use serde_json::json;

use crate::room::{Ran, Room, says};
use crate::situations::{LOUD_UTIL, PROJECT, UTIL};
use crate::support::World;

/// The digest that a plan shows.
#[track_caller]
fn digest(ran: &Ran) -> String {
    let mut words = ran.stdout.split_whitespace();
    words.find(|word| word.starts_with("sha256:")).unwrap_or_else(|| panic!("no digest: {ran}")).to_owned()
}

/// The project, applied, and edited: a setting, a file, and no trigger any more.
fn edited() -> Room {
    let room = Room::new(PROJECT);
    room.run(&["apply", "--auto-approve"]).exits(0);
    let (front, _) = PROJECT[0].1.split_once("      triggers:").expect("triggers");
    room.write("s.yaml", &front.replace("timeout: 10", "timeout: 20"));
    room.write("code/util.py", LOUD_UTIL);
    room
}

/// Demands that an apply is refused, and that neither cloud nor state is touched.
#[track_caller]
pub fn refused(room: &Room, args: &[&str], code: i32) -> Ran {
    let before = (room.kept(), room.writes());
    let ran = room.run(args).exits(code);
    assert!(before == (room.kept(), room.writes()), "something was changed by {ran}");
    ran
}

#[test]
fn the_plan_that_was_reviewed_is_applied_and_no_other() {
    let room = Room::new(PROJECT);
    let reviewed = digest(&room.run(&["plan"]).exits(0));
    room.write("s.yaml", &PROJECT[0].1.replace("timeout: 10", "timeout: 20"));
    let other = digest(&room.run(&["plan"]).exits(0));
    let ran = refused(&room, &["apply", "--approve", &reviewed], 6);
    let ran = ran.says("another plan was approved; nothing was changed (exit code 6)");
    ran.says(&format!("approved {reviewed}")).says(&format!("this plan {other}"));
    // Approving whatever there is does not make up for it.
    refused(&room, &["apply", "--auto-approve", "--approve", &reviewed], 6);

    room.write("s.yaml", PROJECT[0].1);
    room.run(&["apply", "--approve", &reviewed]).exits(0);
    refused(&room, &["apply", "--approve", &reviewed], 6);
    let destroy = digest(&room.run(&["plan", "--destroy"]).exits(0));
    refused(&room, &["destroy", "--approve", &reviewed], 6);
    let mut command = room.command(&["destroy"]);
    command.env("TRIFORM_APPROVE", &destroy);
    let ran = crate::room::finish(command);
    ran.exits(0);
    assert!(room.cloud().is_empty());
}

#[test]
fn a_digest_is_whole_or_none() {
    let room = Room::new(PROJECT);
    let reviewed = digest(&room.run(&["plan"]).exits(0));
    let cut = &reviewed[..reviewed.len() - 1];
    for text in [cut, &reviewed["sha256:".len()..], "sha256:", "latest", ""] {
        let ran = refused(&room, &["apply", "--approve", text], 1);
        ran.says("is no digest of a plan; one is `sha256:` and 64 hex digits");
    }
}

#[test]
fn classes_approve_what_they_name_and_nothing_else() {
    let room = edited();
    let ran = refused(&room, &["apply", "--approve-classes", "edit,create"], 6);
    let ran = ran.says("the plan holds changes of classes that --approve-classes does not name");
    let ran = ran.says("code: fc3_function.hello:code[\"util.py\"]");
    let ran = ran.says("delete: fc3_trigger.hello[\"http\"]");
    assert!(!says(&ran.stderr, "edit:"), "{ran}");
    let ran = refused(&room, &["apply", "--approve-classes", "edit,code"], 6);
    assert!(!says(&ran.stderr, "code:"), "{ran}");
    refused(&room, &["apply", "--auto-approve", "--approve-classes", "edit,code"], 6);

    let ran = refused(&room, &["apply", "--approve-classes", "edit,deletes"], 1);
    ran.says("`deletes` is no approval class; did you mean `delete`?").says("`overwrite`, `take-over`");
    refused(&room, &["apply", "--approve-classes", ""], 1);

    let mut command = room.command(&["apply"]);
    command.env("TRIFORM_APPROVE_CLASSES", "edit,code,delete");
    crate::room::finish(command).exits(0);
    assert_eq!(room.cloud().len(), 1);
    // Nothing is of no class, so any list approves it.
    room.run(&["apply", "--approve-classes", "edit"]).exits(0);
    refused(&room, &["destroy", "--approve-classes", "edit"], 6).says("delete: fc3_function.hello");
    room.run(&["destroy", "--approve-classes", "delete"]).exits(0);
}

#[test]
fn what_was_changed_online_has_to_be_named_to_be_overwritten() {
    let room = edited();
    room.write("s.yaml", PROJECT[0].1);
    room.write("code/util.py", UTIL);
    room.run(&["apply", "--auto-approve"]).exits(0);
    room.console("PUT", "functions/hello", Some(json!({"memorySize": 1024})));
    // Open decisions come first, whatever is approved.
    let all = "create,recreate,edit,code,overwrite,take-over,replace,delete,move,forget,accept";
    refused(&room, &["apply", "--approve-classes", all], 3);
    let ran = refused(&room, &["apply", "--use-local", "--approve-classes", "edit,code"], 6);
    ran.says("overwrite: fc3_function.hello:memorySize");
    room.run(&["apply", "--use-local", "--approve-classes", "overwrite"]).exits(0);
    assert_eq!(room.cloud()["hello"]["memorySize"], 512);
}

#[test]
fn with_nobody_to_ask_the_ways_to_approve_are_named() {
    let room = Room::new(PROJECT);
    let ran =
        refused(&room, &["apply"], 6).says("nobody can be asked here; nothing was changed (exit code 6)");
    for way in ["--approve DIGEST", "--approve-classes CLASS", "--auto-approve"] {
        assert!(says(&ran.stderr, way), "{way}: {ran}");
    }
}

#[test]
fn at_a_terminal_what_was_named_decides_and_nobody_is_asked() {
    let world = World::new(PROJECT);
    let terminal = world.terminal(&["apply", "--approve-classes", "edit"]);
    let seen = terminal.exits(6);
    assert!(seen.contains("create: fc3_function.hello") && !seen.contains("Only 'yes'"), "{seen}");
    let terminal = world.terminal(&["apply", "--approve-classes", "create"]);
    let seen = terminal.exits(0);
    assert!(!seen.contains("Only 'yes'"), "{seen}");
}
