//! States and journals: refused, and left byte for byte as they were.

use serde_json::json;

use super::{Page, changes_nothing, deployed, room, run, with};
use crate::crash::shim::{Event, Moment, strike};
use crate::room::{Room, finish};

const STATE: &str = ".triform/s.local.state.json";
const JOURNAL: &str = ".triform/s.local.journal";

/// Every command that reads the state refuses it, in the same words.
#[track_caller]
fn refused(room: &Room, page: &mut Page, title: &str) {
    let planned = run(room, &["plan"]);
    page.add(title, &planned, 1);
    let others: [&[&str]; 4] =
        [&["apply", "--auto-approve"], &["destroy", "--auto-approve"], &["drift"], &["output"]];
    // `output` asks no cloud, and so cannot know whose account this is.
    let others = if title.contains("account") { &others[..3] } else { &others };
    for args in others {
        let ran = run(room, args);
        assert_eq!(
            (ran.code, &ran.stdout, &ran.stderr),
            (Some(1), &String::new(), &planned.stderr),
            "{title}: {args:?}"
        );
    }
}

#[test]
fn states() {
    let room = deployed();
    let mut page = Page::default();
    let good = std::fs::read(room.path(STATE)).expect("a state");
    let state = room.state();
    let format = state["format"].as_u64().expect("a number");
    let cases = [
        ("an empty state", Vec::new()),
        ("half a state", good[..good.len() / 2].to_vec()),
        ("no state at all", b"oops\n".to_vec()),
        ("a list", b"[]\n".to_vec()),
        ("a newer state", with(&state, "format", json!(format + 1))),
        ("an address that is none", with(&state, "resources", json!({"hello": {}}))),
        ("another project's state", with(&state, "project", json!("bank"))),
        ("another file's state", with(&state, "file", json!("prod.yaml"))),
        ("another cloud's state", with(&state, "cloud", json!("aliyun"))),
        ("another account's state", with(&state, "account", json!("2000000000000002"))),
    ];
    for (title, bytes) in cases {
        std::fs::write(room.path(STATE), bytes).expect("writes");
        refused(&room, &mut page, title);
    }
    page.check("states");
    std::fs::write(room.path(STATE), good).expect("writes");
    room.run(&["apply", "--auto-approve"]).exits(0);
}

/// A room in which the second apply died with one call unanswered.
fn interrupted() -> Room {
    let room = deployed();
    let mut apply = room.command(&["apply", "--auto-approve"]);
    strike(&mut apply, Event::Write, 3, Moment::Before);
    assert_eq!(finish(apply).code, None, "was not struck");
    room
}

#[test]
fn journals() {
    let room = interrupted();
    let mut page = Page::default();
    let good = std::fs::read(room.path(JOURNAL)).expect("a journal");
    let lines: Vec<&[u8]> = good.split_inclusive(|byte| *byte == b'\n').collect();
    let header = room.journal().remove(0);
    let headed =
        |field: &str, value| [with(&header, field, value), b"\n".to_vec(), lines[1..].concat()].concat();
    let cases = [
        ("a damaged line", [lines[0], b"{\"intent\":\n", lines[1]].concat()),
        ("a damaged first line", [b"oops\n", lines[1]].concat()),
        ("a newer journal", headed("journal", json!(99))),
        ("another project's journal", headed("project", json!("bank"))),
        ("another account's journal", headed("account", json!("2000000000000002"))),
        ("the journal of another history", headed("lineage", json!("another"))),
        ("the journal of a later state", headed("serial", json!(7))),
    ];
    for (title, bytes) in cases {
        std::fs::write(room.path(JOURNAL), bytes).expect("writes");
        refused(&room, &mut page, title);
    }
    std::fs::write(room.path(JOURNAL), &good).expect("writes");
    let state = std::fs::read(room.path(STATE)).expect("a state");
    std::fs::remove_file(room.path(STATE)).expect("removes");
    refused(&room, &mut page, "the journal of a state that is gone");
    page.check("journals");
    std::fs::write(room.path(STATE), state).expect("writes");
    room.run(&["apply", "--auto-approve"]).exits(0);
}

/// A line that was not written to its end was never written.
#[test]
fn a_torn_journal_is_no_damage() {
    let room = interrupted();
    let good = std::fs::read(room.path(JOURNAL)).expect("a journal");
    for length in [0, 10, good.len() - 10] {
        std::fs::write(room.path(JOURNAL), &good[..length]).expect("writes");
        changes_nothing(&room, room.command(&["plan"])).exits(0);
    }
    room.run(&["apply", "--auto-approve"]).exits(0);
}

#[test]
fn a_folder_that_cannot_be_written() {
    let room = room();
    let mut page = Page::default();
    room.write(".triform", "a file in the way\n");
    let ran = finish(room.command(&["apply", "--auto-approve"]));
    page.add("a file where the folder should be", &ran, 1);
    assert_eq!(room.writes(), 0);
    page.check("folders");
}
