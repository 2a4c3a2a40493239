//! Answering: key by key at a terminal, or with flags where there is none.

use super::scene::Place;
use super::table::{Case, Class, Decision, Level, Way};
use crate::room::{Room, ended, finish};
use crate::support::Terminal;

/// A decisions file.
pub const FILE: &str = "decisions.yaml";

/// Stands where a letter is awaited.
const PROMPT: &str = "\n> ";

/// Stands where it is asked whether the project is to say what stays live.
const WISH: &str = " write it into the project";

const APPROVE: &str = "Only 'yes' is accepted: ";

/// Applies, with everything decided as the case says.
#[track_caller]
pub fn apply(room: &Room, case: Case) {
    match case.way {
        Way::Terminal | Way::TerminalWriting => at_a_terminal(room, case),
        Way::Flags | Way::FlagsWriting => without_one(room, case),
    }
}

/// Applies where only the approval is asked for.
#[track_caller]
pub fn only_approves(room: &Room) -> String {
    answers(room, &[])
}

/// Presses these keys and approves. Returns all that was seen.
#[track_caller]
pub fn answers(room: &Room, keys: &[&str]) -> String {
    let mut terminal = room.terminal(&["apply"]);
    for key in keys {
        terminal.answers(PROMPT, key);
    }
    approves(&mut terminal, "a");
    terminal.exits(0)
}

/// Approves; where it is asked before whether the project is to say what stays live, presses this key.
#[track_caller]
fn approves(terminal: &mut Terminal<'_>, wish: &str) {
    if let (0, _) = terminal.sees_one_of([WISH, APPROVE]) {
        terminal.answers(PROMPT, wish);
        terminal.sees(APPROVE);
    }
    terminal.types("yes");
}

#[track_caller]
fn at_a_terminal(room: &Room, case: Case) {
    let mut terminal = room.terminal(&["apply"]);
    for key in keys(case) {
        terminal.answers(PROMPT, key);
    }
    // Where all that there is to do was skipped there is nothing to approve.
    let idle = case.decision == Decision::Skip && case.level == Level::Plan && case.class != Class::Promised;
    if !idle {
        approves(&mut terminal, if case.way.writes() { "w" } else { "a" });
    }
    if case.decision == Decision::Skip {
        terminal.exits_with_more_to_do();
    } else {
        terminal.exits(0);
    }
}

/// The keys that a person presses, in their order.
fn keys(case: Case) -> Vec<&'static str> {
    let key = |decision| match decision {
        Decision::Local => "l",
        Decision::Live => "v",
        Decision::Skip => "k",
    };
    let (this, other) = (key(case.decision), key(case.decision.other()));
    match case.level {
        Level::Plan => vec![this],
        Level::Resource => vec!["e", this, other],
        Level::Attribute | Level::File => {
            // Each on its own, in both questions; the settings first, then the code.
            let mut keys = vec!["e", "e"];
            let decided = |place| key(case.decided("a", place));
            keys.extend([Place::Variable, Place::Memory].map(decided));
            match case.level {
                Level::File => keys.extend(["f", this, other]),
                _ if case.class.has_files() => keys.push(other),
                _ => {}
            }
            keys.push(other); // the other function
            keys
        }
    }
}

#[track_caller]
fn without_one(room: &Room, case: Case) {
    let flag = |decision: Decision, selector: &str| {
        let name = if decision == Decision::Local { "--use-local" } else { "--use-live" };
        if selector.is_empty() { name.to_owned() } else { format!("{name}={selector}") }
    };
    let Case { class, level, decision, .. } = case;
    let other = decision.other();
    let attribute = match class.subject() {
        Place::Variable => "environmentVariables.LEVEL",
        _ => "memorySize",
    };
    let answers = match (level, decision) {
        (Level::Plan, Decision::Skip) => {
            room.write(FILE, "decisions:\n  '*': skip\n");
            vec!["--decisions".to_owned(), FILE.to_owned()]
        }
        (_, Decision::Skip) => vec!["--exclude=fc3_function.a".to_owned(), flag(other, "")],
        (Level::Plan, _) => vec![flag(decision, "")],
        (Level::Resource, _) => vec![flag(decision, "fc3_function.a"), flag(other, "fc3_function.b")],
        (Level::Attribute, _) => {
            vec![flag(decision, &format!("fc3_function.a:{attribute}")), flag(other, "*")]
        }
        (Level::File, _) => {
            vec![flag(decision, "fc3_function.a:code[\"one.py\"]"), flag(other, "fc3_function.*")]
        }
    };
    let mut args = vec!["apply", "--auto-approve"];
    args.extend(answers.iter().map(String::as_str));
    args.extend(case.way.writes().then_some("--write"));
    let mut command = room.command(&args);
    // What is skipped is left for another plan, so that one is not empty.
    let ran = match decision {
        Decision::Skip => ended(command.spawn().expect("starts")),
        _ => finish(command),
    };
    ran.exits(0);
    let _ = std::fs::remove_file(room.path(FILE)); // there is one where it was written
}
