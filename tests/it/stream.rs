//! The stream: one event a line on stdout, nothing else there and nothing on stderr, whatever happens.

use std::io::{BufRead, BufReader, Read};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value as Json, json};

use crate::crash::story;
use crate::room::{Ran, Room, ended, finish};

/// Reads a stream as a program does, and demands what every stream has.
#[track_caller]
fn events(ran: &Ran) -> Vec<Json> {
    assert_eq!(ran.stderr, "", "{ran}");
    let read = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    let events: Vec<Json> = ran.stdout.lines().map(read).collect();
    for event in &events {
        for key in ["@level", "@message", "@module", "@timestamp", "type"] {
            assert!(event[key].is_string(), "no {key}: {event}");
        }
        assert_eq!(event["@timestamp"].as_str().map(str::len), Some("2026-11-22T14:05:09.250000Z".len()));
    }
    assert_eq!(events.first().map(|event| &event["type"]), Some(&json!("version")), "{ran}");
    events
}

/// The types of a stream's events in their order, each run of one type once.
fn types(events: &[Json]) -> Vec<&str> {
    let mut types: Vec<&str> = events.iter().filter_map(|event| event["type"].as_str()).collect();
    types.dedup();
    types
}

fn of<'a>(events: &'a [Json], kind: &str) -> Vec<&'a Json> {
    events.iter().filter(|event| event["type"] == kind).collect()
}

#[test]
fn a_good_apply_begins_with_its_version_and_ends_with_its_outputs() {
    let room = story::deployed();
    let planned = room.run(&["plan", "--json", "--detailed-exitcode"]).exits(2);
    let planned = events(&planned);
    assert_eq!(types(&planned), ["version", "planned_change", "change_summary", "outputs"]);
    let ran = room.run(&["apply", "--json", "--auto-approve"]).exits(0);
    let events = events(&ran);
    let mut without_steps = types(&events);
    without_steps.retain(|kind| !kind.starts_with("apply_"));
    without_steps.dedup();
    assert_eq!(without_steps, ["version", "planned_change", "change_summary", "outputs"], "{ran}");
    assert_eq!(of(&events, "planned_change").len(), story::TOUCHED);
    assert_eq!(of(&events, "apply_start").len(), of(&events, "apply_complete").len());
    let summaries = of(&events, "change_summary");
    let counts = |event: &Json| ["add", "change", "remove"].map(|key| event["changes"][key].as_u64());
    assert_eq!(counts(summaries[0]), counts(summaries[1]), "{ran}");
    assert_eq!(summaries[1]["changes"]["operation"], "apply");
    let outputs = &events.last().expect("an event")["outputs"];
    let url = &outputs["new-a"];
    assert!(url["value"].as_str().is_some_and(|url| url.starts_with("http")), "{outputs}");
}

#[test]
fn an_apply_that_partly_fails_names_the_step_and_counts_nothing() {
    let room = story::deployed();
    let refusal = json!({"refuse": {"status": 403, "code": "AccessDenied", "message": "not you"}});
    room.switch(json!([{"operation": "CreateFunction", "resource": "new-a", "do": refusal}]));
    let ran = room.run(&["apply", "--json", "--auto-approve"]).exits(1);
    let events = events(&ran);
    let errored = of(&events, "apply_errored");
    let names: Vec<&Json> = errored.iter().map(|event| &event["hook"]["resource"]["addr"]).collect();
    assert_eq!(names, ["fc3_function.new-a"], "{ran}");
    let about: Vec<&Json> = of(&events, "diagnostic").iter().map(|event| &event["diagnostic"]).collect();
    assert!(
        about.iter().any(|one| one["address"] == "fc3_function.new-a"
            && one["severity"] == "error"
            && one["detail"].as_str().is_some_and(|detail| detail.contains("not you"))),
        "{ran}"
    );
    // What waits for it is told too, and the last word says how it ended.
    assert!(about.iter().any(|one| one["address"] == "fc3_trigger.new-a[\"http\"]"), "{ran}");
    let last = about.last().expect("a diagnostic");
    assert!(last["summary"].as_str().is_some_and(|said| said.starts_with("Not all of it was done")), "{ran}");
    assert_eq!(of(&events, "change_summary").len(), 1, "only the plan's: {ran}");
    assert!(of(&events, "outputs").is_empty(), "{ran}");
}

/// Demands that a command ends in an exit code, with one error that says why, and changes nothing.
#[track_caller]
fn refused(room: &Room, args: &[&str], code: i32, why: &str) -> Vec<Json> {
    let before = room.writes();
    let ran = room.run(args).exits(code);
    let events = events(&ran);
    let errors: Vec<&Json> = of(&events, "diagnostic")
        .into_iter()
        .filter(|event| event["diagnostic"]["severity"] == "error")
        .collect();
    let text = errors.iter().map(|event| event["diagnostic"].to_string()).collect::<String>();
    assert!(text.contains(why), "{why}: {ran}");
    assert_eq!(room.writes(), before, "{ran}");
    events
}

#[test]
fn refusals_are_diagnostics_and_keep_their_exit_codes() {
    let room = story::deployed();
    refused(&room, &["apply", "--json"], 6, "nobody can be asked here; nothing was changed (exit code 6)");
    refused(&room, &["destroy", "--json"], 6, "exit code 6");
    room.console("PUT", "functions/memory", Some(json!({"memorySize": 2048})));
    let events = refused(&room, &["apply", "--json", "--auto-approve"], 3, "exit code 3");
    let drift = of(&events, "resource_drift");
    assert_eq!(drift.len(), 1);
    assert_eq!(drift[0]["change"]["resource"]["addr"], "fc3_function.memory");
    assert_eq!(drift[0]["triform"]["paths"]["memorySize"]["class"], "conflict");
    // What is wrong with the project has its place in it.
    let text = std::fs::read_to_string(room.path("s.yaml")).expect("text");
    room.write("s.yaml", &text.replacen("memorySize: 1024", "memorySize: lots", 1));
    let events = refused(&room, &["plan", "--json"], 1, "lots");
    let place = &of(&events, "diagnostic")[0]["diagnostic"];
    let line = place["range"]["start"]["line"].as_u64().expect("a line");
    assert_eq!(
        place["snippet"]["code"],
        text.lines().nth(usize::try_from(line).expect("small") - 1).expect("a line").replace("1024", "lots")
    );
    assert_eq!(place["snippet"]["start_line"], line);
}

#[test]
fn events_and_a_document_are_not_printed_together() {
    let room = story::deployed();
    let ran = room.run(&["plan", "--json", "--format", "human"]).exits(1).says("cannot be used with");
    assert_eq!(ran.stdout, "");
    // A variable that says no is no wish.
    let said = |word: &str| {
        let mut command = room.command(&["plan"]);
        command.env("TRIFORM_JSON", word);
        finish(command).exits(0)
    };
    let ran = said("0");
    assert!(!ran.stdout.starts_with('{'), "{ran}");
    events(&said("1"));
}

/// A step that takes long is told of after ten seconds, and an interruption when it comes.
#[test]
fn what_takes_long_is_told_and_so_is_an_interruption() {
    let room = story::deployed();
    room.switch(json!([{"operation": "UpdateFunction", "calls": 1, "when": "after", "do": "hold"}]));
    let args = ["apply", "--json", "--auto-approve", "--parallelism", "1"];
    let mut child = room.command(&args).spawn().expect("starts");
    let mut lines = BufReader::new(child.stdout.take().expect("is piped"));
    let mut told = String::new();
    let mut until = |kind: &str| {
        let end = format!("\"type\":\"{kind}\"");
        while !told.lines().last().is_some_and(|line| line.contains(&end)) {
            assert!(lines.read_line(&mut told).expect("text") > 0, "it ended without {kind}: {told}");
        }
    };
    room.wait_until_held(&mut child);
    until("apply_progress");
    let pid = i32::try_from(child.id()).expect("a process");
    kill_process(Pid::from_raw(pid).expect("a process"), Signal::INT).expect("is there");
    until("log");
    room.release("proceed");
    lines.read_to_string(&mut told).expect("text");
    let ran = Ran { stdout: told, ..ended(child) }.exits(130);
    let events = events(&ran);
    let progress = of(&events, "apply_progress")[0];
    assert_eq!(progress["hook"]["elapsed_seconds"].as_u64().map(|seconds| seconds % 10), Some(0));
    assert!(of(&events, "log")[0]["@message"].as_str().is_some_and(|said| said.starts_with("Stopping")));
    assert!(of(&events, "change_summary").len() == 1 && of(&events, "outputs").is_empty(), "{ran}");
}

#[test]
fn drift_is_told_as_a_stream_too() {
    let room = story::deployed();
    room.run(&["apply", "--auto-approve"]).exits(0);
    let quiet = room.run(&["drift", "--json"]).exits(0);
    assert_eq!(types(&events(&quiet)), ["version", "drift_summary"], "{quiet}");
    room.console("PUT", "functions/new-a", Some(json!({"memorySize": 1024})));
    let ran = room.run(&["drift", "--json"]).exits(2);
    let events = events(&ran);
    assert_eq!(types(&events), ["version", "resource_drift", "drift_summary"], "{ran}");
    assert_eq!(of(&events, "resource_drift")[0]["triform"]["paths"]["memorySize"]["class"], "drift");
    assert_eq!(of(&events, "drift_summary")[0]["triform"]["resources"], 1);
    // A saved plan that no longer holds, and one that nobody can decide: the code is told, and why.
    room.run(&["plan", "-o", "p.triform", "--use-local"]).exits(0);
    room.console("PUT", "functions/new-a", Some(json!({"memorySize": 2048})));
    for (args, code) in
        [(&["apply", "p.triform", "--json", "-y"][..], 4), (&["apply", "--json", "-y"][..], 3)]
    {
        let ran = room.run(args).exits(code);
        let events = self::events(&ran);
        let told = of(&events, "diagnostic");
        assert!(told.iter().any(|event| event["diagnostic"]["severity"] == "error"), "{ran}");
        assert!(of(&events, "apply_start").is_empty(), "{ran}");
    }
}
