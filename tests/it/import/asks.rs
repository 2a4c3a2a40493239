//! A person at a terminal: shown first, asked, and only `yes` is one.

use serde_json::json;

use super::{FUNCTION, NIGHTLY, fresh, with_timer};
use crate::adopt::{files, read, settled};
use crate::room::Room;
use crate::situations::S_YAML;

const WRITE: &str = "Import this, and write it into the project? Only 'yes' is accepted: ";
const RECORD: &str = "Import this? Only 'yes' is accepted: ";

type Everything =
    (std::collections::BTreeMap<String, Vec<u8>>, std::collections::BTreeMap<String, Vec<u8>>, u64);

fn everything(room: &Room) -> Everything {
    (room.kept(), files(room), room.writes())
}

#[test]
fn only_yes_is_an_answer() {
    let room = with_timer();
    let before = everything(&room);
    for answer in ["y", "no", ""] {
        let mut terminal = room.terminal(&["import", NIGHTLY]);
        let shown = terminal.answers(WRITE, answer);
        assert!(shown.contains("+        - triggerName: nightly"), "{shown}");
        let seen = terminal.exits(6);
        assert!(seen.contains("Not approved; nothing was changed."), "{seen}");
    }
    assert!(before == everything(&room));
    let mut terminal = room.terminal(&["import", NIGHTLY]);
    terminal.answers(WRITE, "yes");
    let seen = terminal.exits(0);
    assert!(seen.contains("Imported, and written into s.yaml."), "{seen}");
    settled(&room);
}

#[test]
fn what_only_has_to_be_recorded_is_asked_about_too() {
    let room = fresh();
    let mut terminal = room.terminal(&["import", FUNCTION]);
    terminal.answers(RECORD, "yes");
    terminal.exits(0);
    assert_eq!(room.state()["serial"], 1);
}

#[test]
fn what_moves_while_the_question_is_open_stops_it() {
    let room = with_timer();
    // The file: somebody saves it meanwhile.
    let mut terminal = room.terminal(&["import", NIGHTLY]);
    terminal.sees(WRITE);
    let mine = S_YAML.replace("memorySize: 512", "memorySize: 640");
    room.write("s.yaml", &mine);
    let kept = room.kept();
    terminal.types("yes");
    let seen = terminal.exits(4);
    assert!(seen.contains("s.yaml` was changed since it was"), "{seen}");
    assert!(read(&room, "s.yaml") == mine && room.kept() == kept, "{seen}");
    room.write("s.yaml", S_YAML);
    // The resource: somebody edits it meanwhile, or removes it.
    let trigger = "functions/hello/triggers/nightly";
    let edit = json!({"description": "edited meanwhile"});
    for (method, body) in [("PUT", Some(edit)), ("DELETE", None)] {
        let mut terminal = room.terminal(&["import", NIGHTLY]);
        terminal.sees(WRITE);
        room.console(method, trigger, body);
        let kept = room.kept();
        terminal.types("yes");
        let seen = terminal.exits(4);
        assert!(seen.contains("the cloud moved since it was made"), "{seen}");
        assert!(read(&room, "s.yaml") == S_YAML && room.kept() == kept, "{seen}");
    }
}
