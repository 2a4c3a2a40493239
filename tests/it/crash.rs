//! `kill -9` at every moment of an apply, and what the next command makes of it.
//!
//! One apply of twenty resources is run again and again from the same beginning, and each time it dies at
//! another place: before, in the middle of and after every line of its journal, around every flush of its
//! state, and while each of its calls is in flight. What then must hold is the same everywhere, and stands in
//! [`check`].

pub mod shim;
pub mod story;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value as Json, json};
use shim::{Event, Moment};

use crate::room::{Room, SECRET, finish, kill};
use crate::support::is_inconsistent;

/// Where the apply is struck.
#[derive(Clone, Debug)]
enum Strike {
    /// At something that it does to its books.
    Books { event: Event, number: usize, moment: Moment, parallelism: &'static str },
    /// While a call is in flight.
    Call { operation: String, number: u64, when: &'static str },
}

/// What somebody does in the console between the crash and the next command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Edit {
    Nothing,
    /// Changes an attribute that the project declares, of the resource that was written last.
    Declared,
    /// Changes one that it does not mention.
    Undeclared,
}

/// What is decided then.
const DECISIONS: [&str; 2] = ["--use-live", "--use-local"];

const APPLY: [&str; 2] = ["apply", "--auto-approve"];

/// What an apply does that nobody strikes.
struct Whole {
    start: Room,
    /// How often each event happens, with one step at a time.
    events: Vec<(Event, usize)>,
    /// The writes, by operation.
    calls: Vec<(String, u64)>,
    /// The cloud afterwards.
    cloud: std::collections::BTreeMap<String, Json>,
}

impl Whole {
    fn run() -> Self {
        let mut start = story::deployed();
        start.stop_cloud();
        let room = Room::copy_of(&start);
        let log = room.root().join("log");
        let mut apply = room.command(&[APPLY.as_slice(), &["--parallelism", "1"]].concat());
        shim::record(&mut apply, &log);
        finish(apply).exits(0);
        let operations = room.counters()["operations"].as_object().expect("a map").clone();
        let writes = |name: &str| ["Create", "Update", "Delete"].iter().any(|verb| name.starts_with(verb));
        let calls: Vec<(String, u64)> = operations
            .iter()
            .filter(|(name, _)| writes(name))
            .map(|(name, counted)| (name.clone(), counted["calls"].as_u64().expect("a number")))
            .collect();
        assert_eq!(calls.iter().map(|(_, calls)| calls).sum::<u64>(), story::TOUCHED as u64, "{calls:?}");
        let events = Event::ALL.iter().map(|event| (*event, shim::recorded(&log, *event))).collect();
        let cloud = room.cloud();
        Self { start, events, calls, cloud }
    }

    /// Strikes a fresh copy, and checks what comes of it.
    fn strike(&self, strike: &Strike, edit: Edit, decision: &str) {
        let room = Room::copy_of(&self.start);
        match strike {
            Strike::Books { event, number, moment, parallelism } => {
                let mut apply = room.command(&[APPLY.as_slice(), &["--parallelism", parallelism]].concat());
                shim::strike(&mut apply, *event, *number, *moment);
                let ran = finish(apply);
                assert!(
                    ran.code.is_none() || (*parallelism != "1" && ran.code == Some(0)),
                    "was not struck: {ran}"
                );
            }
            Strike::Call { operation, number, when } => {
                room.switch(json!([{"operation": operation, "calls": number, "when": when, "do": "hold"}]));
                let mut apply = room.command(&APPLY).spawn().expect("starts");
                room.wait_until_held(&mut apply);
                kill(&mut apply);
                // What others had sent is carried out even now.
                room.release("cut");
            }
        }
        room.wait_until_quiet();
        self.check(&room, edit, decision);
    }

    /// What must hold after any crash.
    fn check(&self, room: &Room, edit: Edit, decision: &str) {
        let survivors = room.ids();
        let edited = make_edit(room, edit);
        let (kept, cloud) = (room.kept(), room.cloud());
        for (name, bytes) in &kept {
            assert!(!String::from_utf8_lossy(bytes).contains(SECRET), "a secret in {name}");
        }

        // State and journal are readable, and a plan leaves them, and the cloud, as they are.
        room.private("DELETE", "counters", None);
        let plan = room.run(&["plan"]).exits(0);
        assert_eq!((room.kept() == kept, room.writes()), (true, 0), "a plan changed something: {plan}");

        let Some(edited) = edited else {
            // Nobody touched anything, so nobody is asked; nothing is made twice, and nothing made is replaced.
            let apply = room.run(&APPLY).exits(0);
            assert_eq!(room.cloud(), self.cloud, "{plan}{apply}");
            assert_eq!(refused_writes(room), 0, "{plan}{apply}");
            for (name, id) in room.ids() {
                assert!(
                    survivors.get(&name).is_none_or(|before| *before == id),
                    "{name} was made again: {apply}"
                );
            }
            check_known(room);
            return;
        };

        // Somebody did: without a decision nothing is written.
        let asked = room.run(&APPLY).exits(3);
        assert_eq!((room.writes(), &room.cloud()), (0, &cloud), "{asked}");
        let decided = room.run(&[APPLY.as_slice(), &[decision]].concat()).exits(0);
        let after = room.cloud();
        if decision == "--use-live" {
            assert_eq!(
                edited.value(after.get(&edited.name)),
                edited.value(cloud.get(&edited.name)),
                "{plan}{decided}"
            );
        } else {
            let expected = self.cloud.get(&edited.name);
            // What somebody else made is taken over, and keeps what the project does not mention.
            let stays = edited.made && edit == Edit::Undeclared;
            assert!(
                stays || edited.value(after.get(&edited.name)) == edited.value(expected),
                "{plan}{decided}"
            );
            check_known(room);
        }
        let others = |cloud: &std::collections::BTreeMap<String, Json>| {
            let own = edited.name.split('/').next().expect("a name").to_owned();
            let mut cloud = cloud.clone();
            cloud.retain(|name, _| name.split('/').next() != Some(&own));
            cloud
        };
        assert_eq!(others(&after), others(&self.cloud), "{plan}{decided}");
    }
}

/// Everything in the cloud is in the state, and nothing else is.
#[track_caller]
fn check_known(room: &Room) {
    let state = room.state();
    let mut known: Vec<String> = state["resources"]
        .as_object()
        .expect("a map")
        .values()
        .map(|record| {
            let name = record["name"].as_str().expect("a name");
            record["parent"].as_str().map_or_else(|| name.to_owned(), |parent| format!("{parent}/{name}"))
        })
        .collect();
    known.sort();
    assert_eq!(known, room.cloud().keys().cloned().collect::<Vec<_>>());
}

/// What somebody did in the console.
struct Edited {
    /// The function, or function and trigger.
    name: String,
    /// Which field.
    field: &'static str,
    /// The call that was struck was to make it.
    made: bool,
}

impl Edited {
    fn value(&self, document: Option<&Json>) -> Option<Json> {
        document.map(|document| document[self.field].clone())
    }
}

/// Edits what the apply wrote last; where that is gone, something that it does not delete.
fn make_edit(room: &Room, edit: Edit) -> Option<Edited> {
    if edit == Edit::Nothing {
        return None;
    }
    let journal = room.journal();
    let intent = journal.iter().rev().find_map(|line| line.get("intent"));
    let (name, call) = match intent {
        Some(intent) => {
            (name_of(intent["address"].as_str().expect("text")), intent["call"].as_str().expect("text"))
        }
        None => ("memory".to_owned(), "update"),
    };
    let made = call == "create";
    let (function, trigger) =
        name.split_once('/').map_or((name.as_str(), None), |(function, trigger)| (function, Some(trigger)));
    let target = match trigger {
        Some(trigger) => format!("functions/{function}/triggers/{trigger}"),
        None => format!("functions/{function}"),
    };
    let live = room.console("GET", &target, None);
    let field = match (edit, trigger) {
        (Edit::Undeclared, _) => "description",
        (_, Some(_)) => "triggerConfig",
        (_, None) => "timeout",
    };
    if live.is_null() && !made {
        // Deleted already: somebody edits what stays.
        room.console("PUT", "functions/keep", Some(json!({"description": "by hand", "timeout": 77})));
        return Some(Edited {
            name: "keep".to_owned(),
            field: if edit == Edit::Declared { "timeout" } else { field },
            made: false,
        });
    }
    let value = match field {
        "description" => json!("by hand"),
        "timeout" => json!(77),
        _ => match trigger {
            Some("http") => json!(json!({"authType": "anonymous", "methods": ["DELETE"]}).to_string()),
            _ => json!(
                json!({"cronExpression": "@every 5m", "enable": true, "payload": "by hand"}).to_string()
            ),
        },
    };
    if !live.is_null() {
        room.console("PUT", &target, Some(json!({field: value})));
    } else if let Some(trigger) = trigger {
        let config = match trigger {
            "http" => json!({"authType": "anonymous", "methods": ["HEAD"]}),
            _ => json!({"cronExpression": "@every 9m", "enable": false}),
        };
        let mut body =
            json!({"triggerName": trigger, "triggerType": trigger, "triggerConfig": config.to_string()});
        body[field] = value;
        room.console("POST", &format!("functions/{function}/triggers"), Some(body));
    } else {
        let mut body =
            crate::emulator::client::function(function, "def handler(event, context):\n    return 'hand'\n");
        body[field] = value;
        room.console("POST", "functions", Some(body));
    }
    Some(Edited { name, field, made })
}

/// `fc3_trigger.a["http"]` as `a/http`, `fc3_function.a` as `a`.
fn name_of(address: &str) -> String {
    let (_, rest) = address.split_once('.').expect("an address");
    rest.replace("[\"", "/").replace("\"]", "")
}

fn refused_writes(room: &Room) -> u64 {
    let counters = room.counters();
    let operations = counters["operations"].as_object().expect("a map").iter();
    let writes = operations.filter(|(name, _)| !name.starts_with("Get") && !name.starts_with("List"));
    writes.map(|(_, counted)| counted["refused"].as_u64().expect("a number")).sum()
}

/// Runs many strikes at once, and tells of all that failed. Where each is repeated at an inconsistent cloud, a fifth
/// of them is, spread over all places, edits and decisions.
fn strike_all(whole: &Whole, strikes: &[(Strike, Edit, &'static str)]) {
    // No divisor of the turns in which edits and decisions come.
    let every = if is_inconsistent() { 5 } else { 1 };
    let strikes: Vec<_> = strikes.iter().step_by(every).collect();
    let next = AtomicUsize::new(0);
    let failures = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some((strike, edit, decision)) =
                    strikes.get(next.fetch_add(1, Ordering::Relaxed)).copied()
                {
                    let run = std::panic::AssertUnwindSafe(|| whole.strike(strike, *edit, decision));
                    if std::panic::catch_unwind(run).is_err() {
                        let mut failures = failures.lock().expect("no panic while pushing");
                        failures.push(format!("{strike:?} {edit:?} {decision}"));
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().expect("no panic while pushing");
    assert!(failures.is_empty(), "{} of {} strikes:\n{}", failures.len(), strikes.len(), failures.join("\n"));
}

/// A strike and an edit; kinds of edit and decisions take turns.
fn edited(turn: usize, strike: Strike) -> (Strike, Edit, &'static str) {
    let edit = if turn.is_multiple_of(2) { Edit::Declared } else { Edit::Undeclared };
    (strike, edit, DECISIONS[turn / 2 % 2])
}

#[test]
fn killed_at_any_line_of_the_journal() {
    let whole = Whole::run();
    let mut strikes = Vec::new();
    for (event, times) in &whole.events {
        for number in 1..=*times {
            let at = |moment| Strike::Books { event: *event, number, moment, parallelism: "1" };
            if *event == Event::Write {
                // To whoever comes next, half a line is no line: one of the two is enough for each.
                strikes.push((at(Moment::Before), Edit::Nothing, ""));
                strikes.push(edited(number, at(Moment::Torn)));
            } else {
                let moments: &[Moment] =
                    if *event == Event::Flush { &[Moment::Before, Moment::After] } else { &[Moment::After] };
                for moment in moments {
                    strikes.push((at(*moment), Edit::Nothing, ""));
                    strikes.push(edited(number, at(*moment)));
                }
            }
        }
    }
    strike_all(&whole, &strikes);
}

#[test]
fn killed_while_steps_share_the_journal() {
    let whole = Whole::run();
    let mut strikes = Vec::new();
    for number in 1..=12 {
        let at = |event, moment| Strike::Books { event, number, moment, parallelism: "10" };
        strikes.push((at(Event::Write, Moment::Torn), Edit::Nothing, ""));
        strikes.push(edited(number, at(Event::Sync, Moment::After)));
    }
    strike_all(&whole, &strikes);
}

#[test]
fn killed_while_a_call_is_in_flight() {
    let whole = Whole::run();
    let mut strikes = Vec::new();
    for (operation, calls) in &whole.calls {
        for number in 1..=*calls {
            for when in ["before", "after"] {
                let strike = Strike::Call { operation: operation.clone(), number, when };
                strikes.push((strike.clone(), Edit::Nothing, ""));
                strikes.push(edited(strikes.len() / 2, strike));
            }
        }
    }
    strike_all(&whole, &strikes);
}

/// A disk that is full when a line of the journal is due: the call is not made, the program says so, and whoever
/// comes next finds everything that was done.
#[test]
fn no_room_for_the_journal() {
    let whole = Whole::run();
    for (parallelism, number, moment) in [
        ("1", 1, Moment::Filled),
        ("1", 2, Moment::Filled),
        ("1", 15, Moment::Filled),
        ("1", 16, Moment::Full),
        ("10", 2, Moment::Full),
        ("10", 3, Moment::Full),
        ("10", 5, Moment::Filled),
    ] {
        let room = Room::copy_of(&whole.start);
        let mut apply = room.command(&[APPLY.as_slice(), &["--parallelism", parallelism]].concat());
        shim::strike(&mut apply, Event::Write, number, moment);
        let ran = finish(apply).exits(1).says("No space left on device");
        let intents = room.journal().iter().filter(|line| line.get("intent").is_some()).count() as u64;
        assert!(room.writes() <= intents, "a call without its intent: {ran}");
        // Steps that share an append leave some of its lines behind whole, and none of their calls is made. One
        // step at a time leaves half of its one line.
        if parallelism == "1" {
            assert_eq!(room.writes(), intents, "an intent without its call: {ran}");
        }
        assert_eq!(room.counters()["in_flight"], 0, "{ran}");
        whole.check(&room, Edit::Nothing, "");
    }
}
