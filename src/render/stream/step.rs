//! The steps of an apply: started, still running, ended.

use std::fmt::Write;
use std::time::Duration;

use serde_json::{Value as Json, json};

use super::diagnostic::{about, error, warning};
use super::{Line, resource};
use crate::apply::{Difference, StepEnd};
use crate::model::Address;
use crate::plan::{Step, StepKind};
use crate::render::value::optional;

/// A step's words: for the stream's `action`, for what begins, goes on, and is over.
struct Words {
    action: &'static str,
    begins: &'static str,
    goes_on: &'static str,
    noun: &'static str,
}

fn words(kind: StepKind) -> Words {
    let words = |action, begins, goes_on, noun| Words { action, begins, goes_on, noun };
    match kind {
        StepKind::Create => words("create", "Creating", "creating", "Creation"),
        StepKind::Update => words("update", "Modifying", "modifying", "Modifications"),
        StepKind::Delete => words("delete", "Destroying", "destroying", "Destruction"),
    }
}

/// Returns the line of a step that begins.
pub fn started(step: &Step) -> Line {
    let (words, mut hook) = (words(step.kind), hook(step));
    let mut id = String::new();
    // What does not exist yet has no identity that could be looked up.
    if step.kind != StepKind::Create {
        id = identified(step, &mut hook);
    }
    Line::info("apply_start", format!("{}: {}...{id}", step.address, words.begins)).with("hook", hook)
}

/// Returns the line of a step that has been running for a while.
pub fn still_running(step: &Step, elapsed: Duration) -> Line {
    let message =
        format!("{}: Still {}... [{} elapsed]", step.address, words(step.kind).goes_on, clock(elapsed));
    Line::info("apply_progress", message).with("hook", timed(step, elapsed))
}

/// Returns the lines of a step that ended: one, and a diagnostic where it did not end well.
pub fn ended(step: &Step, end: &StepEnd, took: Duration) -> Vec<Line> {
    let words = words(step.kind);
    let mut hook = timed(step, took);
    if end.is_good() {
        let id = identified(step, &mut hook);
        let message = format!("{}: {} complete after {}{id}", step.address, words.noun, clock(took));
        let line = Line::info("apply_complete", message).with("hook", hook);
        let unneeded = matches!(end, StepEnd::Unneeded);
        return vec![if unneeded { line.with("triform", json!({"end": "unneeded"})) } else { line }];
    }
    let message = format!("{}: {} errored after {}", step.address, words.noun, clock(took));
    let (word, summary, detail) = match end {
        StepEnd::Moved(differences) => (
            "moved",
            format!("{} was changed online since the plan was made, and was left alone", step.address),
            moved(differences),
        ),
        StepEnd::Partial(error) => (
            "partial",
            format!(
                "the {} of {} was carried out, and the resource is not ready",
                words.action, step.address
            ),
            error.to_string(),
        ),
        StepEnd::Refused(error) => (
            "refused",
            format!("the service refused the {} of {}", words.action, step.address),
            error.to_string(),
        ),
        StepEnd::Uncertain(error) => (
            "uncertain",
            format!("nobody knows what came of the {} of {}", words.action, step.address),
            format!(
                "{error}\nThe journal keeps the question; the next command answers it by reading the cloud."
            ),
        ),
        StepEnd::Unprepared(why) => (
            "unprepared",
            format!("the {} of {} could not be asked for", words.action, step.address),
            why.clone(),
        ),
        StepEnd::Done | StepEnd::Unneeded => return Vec::new(), // told above
    };
    let line = Line::info("apply_errored", message).with("hook", hook).with("triform", json!({"end": word}));
    vec![line, about(error(&summary, &detail), &step.address)]
}

/// Returns the line of a step that will not start.
pub fn not_started(step: &Step) -> Line {
    let summary = format!("the {} of {} was not started", words(step.kind).action, step.address);
    about(warning(&summary, "What it waits for did not end well, or the apply was stopped."), &step.address)
}

/// Returns the line of a resource that moved since a plan was made, and that the plan does not touch.
pub fn elsewhere(address: &Address, differences: &[Difference]) -> Line {
    let summary = format!("{address} was changed online since the plan was made, and is not touched by it");
    about(warning(&summary, &moved(differences)), address)
}

/// Returns the line of a step that was left while its call was under way.
pub fn left_in_flight(step: &Step) -> Line {
    let summary =
        format!("the {} of {} was left while its call was under way", words(step.kind).action, step.address);
    let detail = "The journal keeps the question; the next command answers it by reading the cloud.";
    about(warning(&summary, detail), &step.address)
}

fn hook(step: &Step) -> Json {
    json!({"resource": resource(&step.address), "action": words(step.kind).action})
}

fn timed(step: &Step, elapsed: Duration) -> Json {
    let mut hook = hook(step);
    hook["elapsed_seconds"] = elapsed.as_secs().into();
    hook
}

/// Adds what the cloud knows a resource by, and returns it for the sentence.
fn identified(step: &Step, hook: &mut Json) -> String {
    let id = step.identity.to_string();
    let text = format!(" [id={id}]");
    hook["id_key"] = "id".into();
    hook["id_value"] = id.into();
    text
}

fn moved(differences: &[Difference]) -> String {
    let mut text = String::new();
    for Difference { path, saw, now } in differences {
        let path = if path.is_root() { "the resource itself".to_owned() } else { path.to_string() };
        let _ = writeln!(
            text,
            "{path}: the plan saw {}, now it is {}",
            optional(saw.as_ref()),
            optional(now.as_ref())
        );
    }
    text.trim_end().to_owned()
}

/// Returns whole seconds as the field writes them: `0s`, `1m10s`, `2h0m5s`.
fn clock(elapsed: Duration) -> String {
    let (hours, minutes, seconds) =
        (elapsed.as_secs() / 3600, elapsed.as_secs() / 60 % 60, elapsed.as_secs() % 60);
    match (hours, minutes) {
        (0, 0) => format!("{seconds}s"),
        (0, _) => format!("{minutes}m{seconds}s"),
        _ => format!("{hours}h{minutes}m{seconds}s"),
    }
}
