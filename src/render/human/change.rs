//! One resource of a plan.

use super::code::{code_lines, code_summary};
use super::{Part, View, name, noun};
use crate::diff::Class;
use crate::model::{Path, Planned, Value};
use crate::plan::{Action, Change, Choice, Hint, PathChange, PathOutcome, Question, QuestionKind};
use crate::render::text::{Doc, Label, Line, plain};
use crate::render::value::{optional, optional_planned, planned, value};

/// The column that values start in.
const VALUES: usize = 28;

/// The column that notes start in.
const NOTES: usize = 50;

pub(super) fn change_lines(doc: &mut Doc, change: &Change, view: &View<'_>, part: Part) {
    let (label, symbol) = symbol(change);
    let mut line =
        Line::new().plain("  ").add(label, symbol).plain(" ").add(Label::Strong, name(&change.address));
    if let Some(note) = heading_note(change, view) {
        line = line.to(NOTES).add(note_label(change), note);
    }
    doc.line(line);
    if let Some(from) = &change.moved_from {
        doc.line(
            Line::new()
                .plain("    > ")
                .plain(format!("moves from {}; nothing is written for that", name(from))),
        );
    }
    if let Some(old) = &change.old_identity {
        doc.line(Line::new().plain("      ").plain(format!(
            "{} -> {}",
            plain(&old.to_string()),
            plain(&change.identity.to_string())
        )));
    }
    if let Some(question) = &change.question {
        question_lines(doc, change, question, view.width);
    }
    let created = matches!(change.action, Action::Create) && part == Part::Whole;
    if created {
        created_lines(doc, change);
        return;
    }
    let shown = |inner: &&PathChange| part == Part::Whole || inner.class.needs_decision();
    for (path, inner) in
        change.paths.iter().filter(|(path, _)| !path.is_code()).filter(|(_, inner)| shown(inner))
    {
        path_lines(doc, change, path, inner);
    }
    let code: Vec<(&Path, &PathChange)> =
        change.paths.iter().filter(|(path, inner)| path.is_code() && shown(inner)).collect();
    if !code.is_empty() {
        code_lines(doc, change, &code, view);
    }
}

fn symbol(change: &Change) -> (Label, &'static str) {
    let open = change.question.as_ref().is_some_and(|question| question.decision.is_none())
        || change.paths.values().any(|path| matches!(path.outcome, PathOutcome::Open(_)));
    match change.action {
        Action::Create => (Label::Created, "+"),
        Action::Replace => (Label::Deleted, "-/+"),
        Action::Delete => (Label::Deleted, "-"),
        Action::Update | Action::Release => (Label::Changed, "~"),
        _ if open => (Label::Drift, "?"),
        Action::TakeOver => (Label::Changed, "~"),
        Action::Forget => (Label::Faint, "-"),
        Action::Record | Action::Keep if change.moved_from.is_some() => (Label::Changed, ">"),
        Action::Record | Action::Keep => (Label::Faint, "="),
    }
}

fn heading_note(change: &Change, view: &View<'_>) -> Option<String> {
    let modified = change.live.as_ref().and_then(|live| live.modified.as_deref());
    if change.moved_online() && change.live.is_some() {
        let what = match &change.question {
            Some(Question { kind: QuestionKind::Exists, .. }) => "not deployed from here",
            _ => "edited online",
        };
        return Some(match modified {
            Some(time) => format!("{what}, {}", plain(time)),
            None => what.to_owned(),
        });
    }
    match change.action {
        Action::Create => Some(format!("new {}", noun(view.schemas, &change.identity.kind))),
        Action::Replace if change.old_identity.is_some() => {
            Some("a new one, then the old one goes".to_owned())
        }
        Action::Replace => Some("deleted, then made again".to_owned()),
        Action::Delete => Some("no longer in the configuration".to_owned()),
        Action::Release => Some("our part of it goes".to_owned()),
        Action::Forget => Some("only its record is dropped".to_owned()),
        _ => None,
    }
}

fn note_label(change: &Change) -> Label {
    if change.moved_online() { Label::Drift } else { Label::Faint }
}

/// Says what the question is, and what each answer would do.
fn question_lines(doc: &mut Doc, change: &Change, question: &Question, width: usize) {
    let [what, local, live] = match question.kind {
        QuestionKind::Exists => [
            "it exists and was not deployed from here",
            "take it over: what is declared and differs is written, code is replaced",
            "take it over as it is: nothing is written",
        ],
        QuestionKind::DeletedOnline => ["it was deleted online", "create it again", "leave it deleted"],
        QuestionKind::LeftAndDrifted => [
            "it left the configuration, and it was edited online",
            "delete it",
            "keep it online, and forget its record",
        ],
        QuestionKind::ReplacedAndDrifted => [
            "it is to be replaced, and the old one was edited online",
            "delete the old one",
            "keep the old one online, and forget its record",
        ],
    };
    let mut line = |label, text: String| doc.paragraph(label, &text, 6, width);
    match (&question.covered_by, question.decision) {
        (Some(parent), _) => line(Label::Faint, format!("follows the answer for {}", name(parent))),
        (None, None) => {
            line(Label::Drift, format!("? {what}"));
            line(Label::Plain, format!("use-local: {local}"));
            line(Label::Plain, format!("use-live:  {live}"));
        }
        (None, Some(Choice::UseLocal)) => line(Label::Plain, format!("{what}; use-local: {local}")),
        (None, Some(Choice::UseLive)) => line(Label::Plain, format!("{what}; use-live: {live}")),
    }
    let _ = change;
}

fn created_lines(doc: &mut Doc, change: &Change) {
    for (path, desired) in change.desired.iter().filter(|(path, _)| !path.is_code()) {
        doc.line(
            Line::new().plain("      ").plain(plain(&path.to_string())).to(VALUES).plain(planned(desired)),
        );
    }
    if let Some(summary) = code_summary(change) {
        doc.line(Line::new().plain("      code").to(VALUES).plain(summary));
    }
}

fn path_lines(doc: &mut Doc, change: &Change, path: &Path, inner: &PathChange) {
    let label = plain(&path.to_string());
    let row = |mark: (Label, &str), text: String| {
        Line::new().plain("    ").add(mark.0, mark.1).plain(" ").plain(label.clone()).to(VALUES).plain(text)
    };
    let asked = inner.class.needs_decision();
    match (&inner.outcome, inner.class) {
        (PathOutcome::Record, _) if change.action == Action::TakeOver && inner.desired.is_none() => {
            doc.line(
                row((Label::Faint, "="), optional(inner.live.as_ref()))
                    .to(NOTES)
                    .add(Label::Faint, "not declared, stays"),
            );
        }
        (PathOutcome::Record, _) if change.action == Action::TakeOver => {
            doc.line(
                row((Label::Faint, "="), optional(inner.live.as_ref())).to(NOTES).add(Label::Faint, "agrees"),
            );
        }
        (PathOutcome::Record, _) => {
            let note = match inner.hint {
                Some(Hint::Stays) => format!("no longer declared, stays {}", optional(inner.live.as_ref())),
                _ => "project and cloud agree again".to_owned(),
            };
            doc.line(
                row((Label::Faint, "="), optional(inner.live.as_ref())).to(NOTES).add(Label::Faint, note),
            );
        }
        (PathOutcome::Keep, _) => {
            let recorded = inner.recorded.as_ref().and_then(|recorded| recorded.declared.as_ref());
            let note = format!("accepted; config {}", optional(recorded));
            doc.line(
                row((Label::Faint, "="), optional(inner.live.as_ref())).to(NOTES).add(Label::Faint, note),
            );
        }
        (PathOutcome::Write(goal), Class::Edit) => {
            doc.line(row((Label::Changed, "~"), moved(inner.live.as_ref(), goal.as_ref(), inner)));
        }
        (outcome, Class::Conflict) if asked => {
            doc.line(
                row((Label::Conflict, "!"), String::new()).add(Label::Conflict, conflict_note(change, inner)),
            );
            side_lines(doc, inner);
            decision_line(doc, inner, outcome);
        }
        (outcome, _) => {
            let live = format!("{} live", optional(inner.live.as_ref()));
            let line = row((Label::Drift, "?"), live);
            doc.line(line.to(NOTES).plain(pasts(inner)));
            decision_line(doc, inner, outcome);
        }
    }
}

fn conflict_note(change: &Change, inner: &PathChange) -> String {
    match (&inner.recorded, change.action) {
        (None, Action::TakeOver) => "config and live differ".to_owned(),
        (None, _) => "no past is recorded".to_owned(),
        (Some(recorded), _) if recorded.accepted => {
            "conflict: live was accepted, config moved since".to_owned()
        }
        _ => "conflict: both sides moved".to_owned(),
    }
}

/// The three sides, each by its name and on a line of its own.
fn side_lines(doc: &mut Doc, inner: &PathChange) {
    let mut side = |name: &str, text: String| {
        doc.line(Line::new().plain("          ").plain(name.to_owned()).to(VALUES).plain(text));
    };
    side("config", optional_planned(inner.desired.as_ref()));
    if let Some(recorded) = &inner.recorded {
        side("recorded", recorded_text(inner).unwrap_or_else(|| optional(recorded.observed.as_ref())));
    }
    side("live", optional(inner.live.as_ref()));
}

/// `512 config, 512 recorded`.
fn pasts(inner: &PathChange) -> String {
    let recorded = recorded_text(inner).unwrap_or_else(|| "nothing".to_owned());
    match &inner.desired {
        Some(desired) => format!("{} config, {recorded} recorded", planned(desired)),
        None => format!("not in config, {recorded} recorded"),
    }
}

/// What was recorded; where declared and observed differ, both.
fn recorded_text(inner: &PathChange) -> Option<String> {
    let recorded = inner.recorded.as_ref()?;
    let observed = optional(recorded.observed.as_ref());
    match &recorded.declared {
        Some(declared) if Some(declared) != recorded.observed.as_ref() => {
            let word = if recorded.accepted { "accepted" } else { "observed" };
            Some(format!("{} declared, {observed} {word}", value(declared)))
        }
        _ => Some(observed),
    }
}

/// What was decided, or what each decision would do.
fn decision_line(doc: &mut Doc, inner: &PathChange, outcome: &PathOutcome) {
    let live = optional(inner.live.as_ref());
    let write = |goal: Option<&Planned>| match goal {
        Some(goal) => planned(goal),
        None => "gone".to_owned(),
    };
    let text = match outcome {
        PathOutcome::Write(goal) => format!("use-local: {live} -> {}", write(goal.as_ref())),
        PathOutcome::Accept => format!("use-live: keeps {live}"),
        PathOutcome::Open(Some(goal)) => {
            format!("use-local: {live} -> {}   use-live: keeps {live}", write(goal.as_ref()))
        }
        PathOutcome::Open(None) => {
            let why = match inner.hint {
                Some(Hint::SecretNeverDeclared) => {
                    "the secret was never declared here; declare it to put it back"
                }
                _ => "it has no value to go back to; declare one",
            };
            format!("use-local cannot: {why}   use-live: keeps {live}")
        }
        PathOutcome::Record | PathOutcome::Keep => return,
    };
    doc.line(Line::new().plain("          ").add(Label::Faint, text));
}

fn moved(from: Option<&Value>, to: Option<&Planned>, inner: &PathChange) -> String {
    let gone = || if inner.desired.is_none() { "(removed)".to_owned() } else { "(none)".to_owned() };
    let from = from.map_or_else(|| "(none)".to_owned(), value);
    let note = if inner.replaces { "   forces replacement" } else { "" };
    format!("{from} -> {}{note}", to.map_or_else(gone, planned))
}
