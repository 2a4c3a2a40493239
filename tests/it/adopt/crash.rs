//! `kill -9` at every moment of an adoption: whoever comes next finds all files written, or none.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;

use super::{INDEX, UTIL, adopt, deployed, edit, files, settled, upload};
use crate::crash::shim::{self, Event, Moment};
use crate::room::{Room, finish};

const ADOPT: [&str; 2] = ["adopt", "--auto-approve"];

/// A room in which values and files were changed online: one changed, one removed, one new in a new folder. Its cloud is
/// stopped.
fn edited() -> Room {
    let mut room = deployed();
    edit(&room, json!({"memorySize": 1024}));
    upload(
        &room,
        &[
            ("index.py", 0o755, INDEX.as_bytes()),
            ("util.py", 0o644, UTIL.replace("Hello", "HELLO").as_bytes()),
            ("lib/new/more.py", 0o644, b"MORE = True\n"),
        ],
    );
    room.stop_cloud();
    room
}

type Files = BTreeMap<String, Vec<u8>>;

/// The files before and after, and how often each event happens.
fn whole(start: &Room) -> (Files, Files, BTreeMap<Event, usize>) {
    let room = Room::copy_of(start);
    let log = room.root().join("log");
    let mut command = room.command(&ADOPT);
    shim::record(&mut command, &log);
    finish(command).exits(0);
    let events = [Event::Flush, Event::Move].map(|event| (event, shim::recorded(&log, event)));
    (files(start), files(&room), events.into())
}

fn struck(start: &Room, event: Event, number: usize, moment: Moment) -> Room {
    let room = Room::copy_of(start);
    let mut command = room.command(&ADOPT);
    shim::strike(&mut command, event, number, moment);
    let ran = finish(command);
    assert_eq!(ran.code, None, "was not struck: {ran}");
    room
}

/// What must hold after any crash.
fn check(room: &Room, old: &Files, new: &Files) {
    let (found, unsettled) = (files(room), room.path(".triform/adopting/manifest.json").exists());
    let plan = room.run(&["plan"]);
    if unsettled {
        assert_eq!(plan.code, Some(1), "{plan}");
        assert!(plan.stderr.contains("was interrupted while it wrote into this project"), "{plan}");
        assert!(plan.stderr.contains("triform adopt"), "{plan}");
    } else {
        assert_eq!(plan.code, Some(0), "{plan}");
        assert!(found == *old || found == *new, "{plan}");
    }
    assert!(files(room) == found, "a plan wrote something: {plan}");
    // The next command that may write has all of it, or nothing.
    let apply = room.run(&["apply", "--auto-approve"]);
    let expected = match apply.code {
        Some(0) => new,
        Some(3) => old,
        _ => panic!("{plan}{apply}"),
    };
    let after = files(room);
    assert!(after == *expected, "{:?}\n{plan}{apply}", after.keys());
    assert!(!room.path(".triform/adopting").exists() || !unsettled);
    adopt(room, &[]).exits(0);
    assert!(files(room) == *new);
    settled(room);
}

#[test]
fn killed_at_any_moment() {
    let start = edited();
    let (old, new, events) = whole(&start);
    let mut strikes = Vec::new();
    for (event, times) in events {
        for number in 1..=times {
            let moments: &[Moment] =
                if event == Event::Move { &[Moment::Before, Moment::After] } else { &[Moment::After] };
            strikes.extend(moments.iter().map(|moment| (event, number, *moment)));
        }
    }
    assert!(strikes.len() > 20, "{strikes:?}");
    let (next, failures) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some((event, number, moment)) = strikes.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let run = std::panic::AssertUnwindSafe(|| {
                        check(&struck(&start, *event, *number, *moment), &old, &new);
                    });
                    if std::panic::catch_unwind(run).is_err() {
                        let mut failures = failures.lock().expect("no panic while pushing");
                        failures.push(format!("{event:?} {number} {moment:?}"));
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().expect("no panic while pushing");
    assert!(failures.is_empty(), "{} of {}: {failures:?}", failures.len(), strikes.len());
}

#[test]
fn what_was_edited_since_is_let_be() {
    let start = edited();
    let (_, new, events) = whole(&start);
    // The last of the moves that leaves the manifest behind and all new files in place.
    let last = (1..=events[&Event::Move]).rev().find_map(|number| {
        let room = struck(&start, Event::Move, number, Moment::After);
        let there = room.path(".triform/adopting/manifest.json").exists();
        (there && files(&room) == new && room.state()["serial"] == 1).then_some(room)
    });
    let room = last.expect("such a moment");
    room.write("code/util.py", "mine = True\n");
    let ran = adopt(&room, &[]).says("but for what was edited since, which was let be: `code/util.py`");
    assert_eq!(super::read(&room, "code/util.py"), "mine = True\n", "{ran}");
}

#[test]
fn whoever_changes_the_state_by_hand_puts_the_files_back_first() {
    let start = edited();
    let (old, new, events) = whole(&start);
    let cut = (1..=events[&Event::Move]).find_map(|number| {
        let room = struck(&start, Event::Move, number, Moment::After);
        let found = files(&room);
        let there = room.path(".triform/adopting/manifest.json").exists();
        (there && found != old && found != new).then_some(room)
    });
    let room = cut.expect("a moment at which some are written and others not");
    room.run(&["state", "list"]).exits(1).says("were not put back yet");
    room.run(&["state", "rm", "--auto-approve", "fc3_trigger.*"]).exits(0).says("The old files are back.");
    assert!(files(&room) == old);
}
