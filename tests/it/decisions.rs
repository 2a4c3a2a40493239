//! Every class that needs a decision, at every level that a decision can be taken at, each decision both ways: at a
//! pseudo-terminal and without one. Each case applies, finds the cloud as it was decided, and the next plan empty; what
//! was skipped is found as it was, and asked about again.
//!
//! A scene is set up once for each class and copied for each of its cases. It has two functions that moved alike. Where a
//! decision is taken below the plan, everything else is decided the other way round, so that an answer that reaches too
//! far, or not far enough, is seen.

mod person;
mod scene;
mod table;

use self::person::{FILE, apply};
use self::scene::{BASE, EDIT, LIVE, Place, Scene, found};
use self::table::{Class, Decision, Met};
use crate::room::Room;

/// Goes through all the cases of a class.
#[track_caller]
fn all_cases_of(class: Class) {
    let scene = Scene::of(class);
    let mut met = Met::default();
    for case in class.cases() {
        let room = scene.copy();
        let before = room.cloud();
        let skipped = |name: &str| case.decided(name, Place::Itself) == Decision::Skip;
        apply(&room, case);
        for name in scene::NAMES {
            for address in [name.to_owned(), scene::renamed(name)] {
                assert_eq!(found(&room, &address), case.expected(name, &address), "{address} after {case:?}");
            }
            if skipped(name) {
                assert_eq!(room.cloud().get(name), before.get(name), "{name} was touched: {case:?}");
            }
        }
        let again = scene.questions.iter().filter(|question| {
            let of = |name: &str| question.split(':').next() == Some(&format!("fc3_function.{name}"));
            scene::NAMES.into_iter().any(|name| of(name) && skipped(name))
        });
        assert_eq!(questions(&room).iter().collect::<Vec<_>>(), again.collect::<Vec<_>>(), "after {case:?}");
        met.add(case);
    }
    met.is_all_of(class);
}

/// What a plan asks, as selectors.
fn questions(room: &Room) -> Vec<String> {
    room.run(&["plan", "--write-decisions", FILE]).exits(0);
    let text = std::fs::read_to_string(room.path(FILE)).expect("was written");
    std::fs::remove_file(room.path(FILE)).expect("is there");
    text.lines().filter_map(|line| Some(line.strip_prefix("  '")?.split_once("':")?.0.to_owned())).collect()
}

#[test]
fn drift() {
    all_cases_of(Class::Drift);
}

#[test]
fn a_conflict_because_both_sides_moved() {
    all_cases_of(Class::Conflict);
}

#[test]
fn a_conflict_because_the_project_moved_where_live_was_accepted() {
    all_cases_of(Class::Accepted);
}

#[test]
fn a_conflict_with_a_value_that_is_known_only_after_the_apply() {
    all_cases_of(Class::Promised);
}

#[test]
fn what_exists_and_was_not_deployed_from_here() {
    all_cases_of(Class::Exists);
}

#[test]
fn what_was_deleted_online() {
    all_cases_of(Class::Deleted);
}

#[test]
fn what_left_the_project_and_was_edited_online() {
    all_cases_of(Class::Left);
}

#[test]
fn what_is_replaced_and_was_edited_online() {
    all_cases_of(Class::Replaced);
}

#[test]
fn what_needs_no_decision_takes_none() {
    // Unchanged: nothing is written, whoever is said to win.
    let deployed = Scene::deployed();
    for answers in [&[][..], &["--use-local"], &["--use-live"]] {
        let before = deployed.writes();
        deployed.run(&[&["apply", "--auto-approve"], answers].concat()).exits(0).says("Nothing to do");
        assert_eq!(deployed.writes(), before);
    }
    // Edits, of attributes and files: written, also where the cloud is to win what is asked.
    for answers in [&[][..], &["--use-local"], &["--use-live"]] {
        scene::write_project(&deployed, if answers.is_empty() { EDIT } else { BASE });
        deployed.run(&["plan", "--write-decisions", FILE]).exits(0).says("2 to change");
        let text = std::fs::read_to_string(deployed.path(FILE)).expect("was written");
        assert!(text.contains("{} # nothing is open"), "{text}");
        deployed.run(&[&["apply", "--auto-approve"], answers].concat()).exits(0);
        let wanted = if answers.is_empty() { EDIT } else { BASE };
        assert_eq!(found(&deployed, "a"), Some(wanted.values()), "{answers:?}");
        scene::write_project(&deployed, EDIT);
        deployed.run(&["apply", "--auto-approve"]).exits(0);
    }
    // At a terminal only the approval is asked for.
    scene::write_project(&deployed, BASE);
    let seen = person::only_approves(&deployed);
    assert!(!seen.contains("What should win?"), "{seen}");
    assert_eq!(found(&deployed, "a"), Some(BASE.values()));
    // Converged: both sides moved, to the same. It is recorded, and needs no approval either.
    scene::edit_online(&deployed, LIVE);
    scene::write_project(&deployed, LIVE);
    let before = deployed.writes();
    deployed.run(&["apply"]).exits(0);
    assert_eq!(deployed.writes(), before);
    deployed.run(&["plan", "--detailed-exitcode"]).exits(0);
    let record = &deployed.state()["resources"]["fc3_function.a"];
    assert!(record.to_string().contains("1024"), "{record}");
}

#[test]
fn a_plan_holds_its_answers_and_not_where_they_came_from() {
    let room = Scene::of(Class::Drift).copy();
    let digest = |args: &[&str]| {
        let file = format!("{}.triform", args.len());
        room.run(&[&["plan", "-o", &file], args].concat()).exits(0);
        room.run(&["show", "--digest", &file]).exits(0).stdout
    };
    let local = digest(&["--use-local"]);
    room.write(FILE, "decisions:\n  'fc3_function.*': use-local\n");
    assert_eq!(local, digest(&["--decisions", FILE]), "a flag and a file that say the same");
    // An answer that has nothing to decide leaves no mark; one that decides does, down to one file.
    assert_eq!(local, digest(&["--use-local", "--use-live=fc3_function.c:timeout"]));
    let mut digests = vec![digest(&[]), digest(&["--use-live"]), local];
    for place in ["", ":memorySize", ":environmentVariables", ":code[\"one.py\"]"] {
        digests.push(digest(&["--use-local", &format!("--use-live=fc3_function.a{place}")]));
    }
    room.write(FILE, "decisions:\n  fc3_function.a: skip\n  '*': use-local\n");
    digests.push(digest(&["--decisions", FILE]));
    let distinct: std::collections::BTreeSet<&String> = digests.iter().collect();
    assert_eq!(distinct.len(), digests.len(), "{digests:#?}");
}
