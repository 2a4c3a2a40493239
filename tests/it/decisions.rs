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

use serde_json::json;

use self::person::{FILE, apply};
use self::scene::{BASE, EDIT, LIVE, Place, Scene, found};
use self::table::{Class, Decision, Level, Met};
use crate::room::{Room, ended};

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
        let accepted = class.accepted(case.way).filter(|_| case.level == Level::Plan);
        if let Some(accepted) = accepted.filter(|_| case.decision == Decision::Live) {
            let plan = room.run(&["plan"]).exits(0);
            let told = plan.stdout.lines().find_map(|line| line.trim().strip_suffix(" accepted differences"));
            assert_eq!(told.unwrap_or("0"), accepted.to_string(), "{case:?}: {plan}");
        }
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

/// Two functions, of which the second needs what the first gives.
fn pair(second: &str) -> String {
    let function = |name: &str, rest: &str| {
        format!(
            "  {name}:\n    component: fc3\n    props:\n      region: cn-hangzhou\n      functionName: {name}\n      \
             runtime: python3.10\n      handler: one.handler\n      code: ./code\n{rest}"
        )
    };
    let needs = "      environmentVariables:\n        FIRST: ${resources.first.output.functionArn}\n";
    String::from("edition: 3.0.0\nname: pair\naccess: default\nresources:\n")
        + &function("first", "")
        + &function("second", &format!("{second}{needs}"))
}

#[test]
fn what_is_skipped_takes_along_what_needs_it_unless_its_record_says_enough() {
    let room = Room::new(&[("s.yaml", &pair("")), ("code/one.py", "one = 1\n")]);
    room.write(FILE, "decisions:\n  fc3_function.first: skip\n");
    let zip = "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA=="; // an empty package
    let body =
        json!({"functionName": "first", "runtime": "python3.10", "handler": "x.y", "code": {"zipFile": zip}});
    room.console("POST", "functions", Some(body));
    let plan = ["plan", "--decisions", FILE, "--detailed-exitcode"];
    room.run(&plan)
        .exits(0)
        .says("Left out, and not changed: fc3_function.first, fc3_function.second.")
        .says("the next plan asks again: fc3_function.first.");
    room.run(&["apply", "--auto-approve", "--use-local"]).exits(0);
    // Its record gives what the second one needs.
    room.console("PUT", "functions/first", Some(json!({"memorySize": 1024})));
    room.write("s.yaml", &pair("      timeout: 20\n"));
    let skipping = room.command(&["apply", "--auto-approve", "--decisions", FILE]).spawn().expect("starts");
    ended(skipping).exits(0).says("Left out, and not changed: fc3_function.first.").says("1 applied");
    let second = room.console("GET", "functions/second", None);
    assert_eq!(second["timeout"], 20);
    assert!(
        second["environmentVariables"]["FIRST"].as_str().is_some_and(|arn| arn.ends_with("functions/first"))
    );
    room.run(&["plan", "--detailed-exitcode"]).exits(2).says("1 decision needed");
}

#[test]
fn an_answer_that_cannot_be_planned_is_told_and_asked_for_again() {
    let sized = |cpu: &str| pair(&format!("      memorySize: 512\n      cpu: {cpu}\n"));
    let room = Room::new(&[("s.yaml", &sized("0.35")), ("code/one.py", "one = 1\n")]);
    room.run(&["apply", "--auto-approve"]).exits(0);
    room.console("PUT", "functions/second", Some(json!({"memorySize": 1024})));
    room.write("s.yaml", &sized("0.15"));
    // So little processor goes with the project's memory, and not with what is live.
    room.run(&["plan", "--use-live"]).exits(1).says("do not go together");
    let seen = person::answers(&room, &["v", "e", "v", "l"]);
    assert!(seen.contains("E0301") && seen.contains("So it cannot be planned."), "{seen}");
    let second = room.console("GET", "functions/second", None);
    assert_eq!((&second["memorySize"], &second["cpu"]), (&json!(512), &json!(0.15)));
}
