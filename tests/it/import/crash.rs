//! `kill -9` at every moment of an import: the file and its record are both there, or neither.

use super::{NIGHTLY, with_timer};
use crate::adopt::{files, settled};
use crate::crash::shim::{self, Event, Moment};
use crate::room::{Room, finish};

const IMPORT: [&str; 3] = ["import", "--auto-approve", NIGHTLY];

#[test]
fn killed_at_any_moment() {
    let mut start = with_timer();
    start.stop_cloud();
    let old = files(&start);
    let whole = Room::copy_of(&start);
    let log = whole.root().join("log");
    let mut command = whole.command(&IMPORT);
    shim::record(&mut command, &log);
    finish(command).exits(0);
    let new = files(&whole);
    assert!(new != old);
    let mut put_back = 0;
    for event in [Event::Move, Event::Flush] {
        for number in 1..=shim::recorded(&log, event) {
            let moment = if number % 2 == 0 { Moment::Before } else { Moment::After };
            let room = Room::copy_of(&start);
            let mut command = room.command(&IMPORT);
            shim::strike(&mut command, event, number, moment);
            let struck = finish(command);
            assert_eq!(struck.code, None, "was not struck: {struck}");
            // Whoever comes next settles it, and finds the one or the other.
            let plan = room.run(&["state", "list"]);
            let unsettled = room.path(".triform/adopting/manifest.json").exists();
            assert_eq!(plan.code, Some(i32::from(unsettled)), "{plan}");
            let again = room.run(&IMPORT);
            match again.code {
                Some(0) => put_back += 1,
                Some(1) => drop(again.says("is recorded already")),
                _ => panic!("{event:?} {number} {moment:?}: {again}"),
            }
            assert!(files(&room) == new, "{event:?} {number} {moment:?}");
            settled(&room);
        }
    }
    assert!(put_back > 2, "{put_back}");
}
