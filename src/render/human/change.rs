//! One resource of a plan.

use super::code::{code_lines, code_summary};
use super::{View, name, noun};
use crate::diff::Class;
use crate::model::{Path, Planned, Value};
use crate::render::Part;
use unicode_width::UnicodeWidthStr;

use crate::plan::{Action, Change, Choice, Hint, PathChange, PathOutcome, Question, QuestionKind};
use crate::render::text::{Doc, Label, Line, plain};
use crate::render::value::{moment, optional, optional_planned, planned, value};

/// The least and the greatest column that values start in; in between, the longest path of a resource decides.
const VALUES: std::ops::RangeInclusive<usize> = 24..=40;

/// The column that notes start in.
const NOTES: usize = 50;

pub(super) fn change_lines(doc: &mut Doc, change: &Change, view: &View<'_>, part: Part) {
    let (label, symbol) = symbol(change);
    let line =
        Line::new().plain("  ").add(label, symbol).plain(" ").add(Label::Strong, name(&change.address));
    if let Some(note) = heading_note(change, view) {
        noted(doc, line, note_label(change), &note, view.width);
    } else {
        doc.line(line);
    }
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
    if change.old_identity.is_some() {
        renamed_lines(doc, change, view, part);
        return;
    }
    if change.action == Action::Create && part == Part::Whole {
        created_lines(doc, change);
        return;
    }
    let shown = |inner: &&PathChange| part == Part::Whole || inner.class.needs_decision();
    let settings: Vec<(&Path, &PathChange)> =
        change.paths.iter().filter(|(path, inner)| !path.is_code() && shown(inner)).collect();
    let (quiet, settings): (Vec<_>, Vec<_>) = settings
        .into_iter()
        .partition(|(_, inner)| change.action == Action::TakeOver && inner.outcome == PathOutcome::Record);
    let column = column(settings.iter().map(|(path, _)| *path));
    taken_over_lines(doc, &quiet, view.width);
    for (path, inner) in settings {
        path_lines(doc, change, path, inner, column, view.width);
    }
    let code: Vec<(&Path, &PathChange)> =
        change.paths.iter().filter(|(path, inner)| path.is_code() && shown(inner)).collect();
    if !code.is_empty() {
        code_lines(doc, change, &code, view);
    }
}

/// What the new one will be, and what was edited online on the old one: whoever approves sees both.
fn renamed_lines(doc: &mut Doc, change: &Change, view: &View<'_>, part: Part) {
    let edited = !change.old_paths.is_empty();
    if part == Part::Whole {
        if edited {
            doc.line(Line::new().plain("      the new one:"));
        }
        created_lines(doc, change);
    }
    if !edited {
        return;
    }
    doc.line(Line::new().plain("      edited online on the old one:"));
    let (code, settings): (Vec<_>, Vec<_>) = change.old_paths.iter().partition(|(path, _)| path.is_code());
    let column = column(settings.iter().map(|(path, _)| *path));
    for (path, inner) in settings {
        path_lines(doc, change, path, inner, column, view.width);
    }
    if !code.is_empty() {
        code_lines(doc, change, &code, view);
    }
}

/// Adds a line with a note behind it, or below it where there is no room.
pub(super) fn noted(doc: &mut Doc, line: Line, label: Label, note: &str, width: usize) {
    let start = match note.width() {
        length if line.width() + 2 <= NOTES && NOTES + length <= width => NOTES,
        length if line.width() + 2 + length <= width => line.width().max(width - length - 2) + 2,
        _ => {
            doc.line(line);
            doc.line(Line::new().plain(" ".repeat(10)).add(label, note));
            return;
        }
    };
    doc.line(line.to(start).add(label, note));
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
    let there = change.live.as_ref().or(change.old_live.as_ref());
    let modified = there.and_then(|live| live.modified.as_deref());
    let told = |what: &str| match modified {
        Some(time) => format!("{what}, {}", moment(time)),
        None => what.to_owned(),
    };
    if change.is_foreign() {
        return Some(told("not deployed from here"));
    }
    if change.moved_online() && there.is_some() {
        let itself = change.paths.values().chain(change.old_paths.values()).any(PathChange::moved_online);
        return Some(if itself {
            told("edited online")
        } else {
            "what belongs to it was edited online".to_owned()
        });
    }
    if change.moved_online() {
        return Some("deleted online".to_owned());
    }
    match change.action {
        Action::Create => Some(format!("new {}", noun(view.schemas, &change.identity.kind))),
        Action::Replace if change.old_identity.is_some() => {
            Some("a new one, then the old one goes".to_owned())
        }
        Action::Replace => Some("deleted, then made again".to_owned()),
        Action::Delete => Some("deleted".to_owned()),
        Action::Release => Some("our part of it goes".to_owned()),
        Action::Forget => Some("only its record is dropped".to_owned()),
        _ => None,
    }
}

fn note_label(change: &Change) -> Label {
    if change.moved_online() || change.is_foreign() { Label::Drift } else { Label::Faint }
}

/// Says what the question is, and what each answer would do.
fn question_lines(doc: &mut Doc, change: &Change, question: &Question, width: usize) {
    let [what, local, live] = match question.kind {
        QuestionKind::Exists => [
            "it exists and was not deployed from here",
            "take it over, and write what differs",
            "take it over as it is, and write nothing",
        ],
        QuestionKind::DeletedOnline => ["it was deleted online", "create it again", "leave it deleted"],
        QuestionKind::LeftAndDrifted => [
            "it is to be deleted, and it was edited online",
            "delete it",
            "keep it online, and forget its record",
        ],
        QuestionKind::ReplacedAndDrifted if change.old_identity.is_none() => [
            "it is to be made again, and what belongs to it was edited online",
            "make that again as it is declared",
            "make that again as it is live",
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
            line(Label::Drift, what.to_owned());
            line(Label::Plain, format!("use-local: {local}"));
            line(Label::Plain, format!("use-live:  {live}"));
        }
        (None, Some(Choice::UseLocal)) => line(Label::Plain, format!("{what}; use-local: {local}")),
        (None, Some(Choice::UseLive)) => line(Label::Plain, format!("{what}; use-live: {live}")),
    }
}

/// What a take-over finds as it is declared, and what it finds that nobody declares: named, not spread out.
fn taken_over_lines(doc: &mut Doc, quiet: &[(&Path, &PathChange)], width: usize) {
    let (agree, silent): (Vec<_>, Vec<_>) = quiet.iter().partition(|(_, inner)| inner.desired.is_some());
    let shown = |(path, inner): &&(&Path, &PathChange)| {
        format!("{} {}", plain(&path.to_string()), optional(inner.live.as_ref()))
    };
    for (word, found) in [("as declared", agree), ("not declared, stay", silent)] {
        if !found.is_empty() {
            let names: Vec<String> = found.iter().copied().map(|found| shown(&found)).collect();
            doc.hanging(Label::Faint, &format!("= {word}: {}", names.join(", ")), 4, 2, width);
        }
    }
}

fn created_lines(doc: &mut Doc, change: &Change) {
    let plain_paths = || change.desired.iter().filter(|(path, _)| !path.is_code());
    let column = column(plain_paths().map(|(path, _)| path));
    for (path, desired) in plain_paths() {
        doc.line(
            Line::new().plain("      ").plain(plain(&path.to_string())).to(column).plain(planned(desired)),
        );
    }
    if let Some(summary) = code_summary(change) {
        doc.line(Line::new().plain("      code").to(column).plain(summary));
    }
}

/// Returns the column that the values of these paths start in.
fn column<'a>(paths: impl Iterator<Item = &'a Path>) -> usize {
    let longest = paths.map(|path| path.to_string().width()).max().unwrap_or_default();
    (longest + 8).clamp(*VALUES.start(), *VALUES.end())
}

fn path_lines(doc: &mut Doc, change: &Change, path: &Path, inner: &PathChange, column: usize, width: usize) {
    let row = |mark: (Label, &str), text: String| {
        let name = plain(&path.to_string());
        Line::new().plain("    ").add(mark.0, mark.1).plain(" ").plain(name).to(column).plain(text)
    };
    let live = optional(inner.live.as_ref());
    let kept = |note: String| row((Label::Faint, "="), format!("{live}  ")).add(Label::Faint, note);
    match (&inner.outcome, inner.class) {
        (PathOutcome::Record, _) => {
            let note = match inner.hint {
                // What is made again under its own name is made with what its new form still has.
                Some(Hint::Stays) if change.action == Action::Replace => {
                    doc.line(
                        row((Label::Faint, " "), format!("{live}  ")).add(Label::Faint, "no longer declared"),
                    );
                    return;
                }
                Some(Hint::Stays) => format!("no longer declared, stays {live}"),
                _ => "project and cloud agree again".to_owned(),
            };
            doc.line(kept(note));
        }
        // Of one that goes as a whole: what somebody would miss.
        (PathOutcome::Keep, Class::Drift) => {
            let line = row(going_mark(change), format!("{live} ")).add(Label::Drift, "live");
            noted(doc, line, Label::Plain, &format!("{} recorded", recorded_text(inner)), width);
        }
        (PathOutcome::Keep, _) => {
            let declared = inner.recorded.as_ref().and_then(|recorded| recorded.declared.as_ref());
            doc.line(kept(format!("accepted; config {}", optional(declared))));
        }
        (PathOutcome::Write(goal), Class::Edit) => {
            doc.line(row((Label::Changed, "~"), moved(inner.live.as_ref(), goal.as_ref(), inner)));
        }
        (outcome, Class::Conflict) => {
            let (label, mark) = decided_mark(outcome, (Label::Conflict, "!"));
            doc.line(row((label, mark), String::new()).add(label, conflict_note(change, inner)));
            side_lines(doc, inner, column);
            decision_line(doc, inner, outcome);
        }
        (outcome, _) => {
            let text = list_difference(inner).unwrap_or_else(|| live.clone());
            let line =
                row(decided_mark(outcome, (Label::Drift, "?")), format!("{text} ")).add(Label::Drift, "live");
            noted(doc, line, Label::Plain, &pasts(inner), width);
            decision_line(doc, inner, outcome);
        }
    }
}

/// Says of something in a resource that leaves whether it goes with it.
pub(super) fn going_mark(change: &Change) -> (Label, &'static str) {
    let decision = change.question.as_ref().map(|question| question.decision);
    match decision {
        Some(None) => (Label::Drift, "?"),
        Some(Some(Choice::UseLive)) => (Label::Faint, "="),
        _ => (Label::Deleted, "-"),
    }
}

/// Once it is decided, a question looks like what will be done.
pub(super) fn decided_mark(outcome: &PathOutcome, open: (Label, &'static str)) -> (Label, &'static str) {
    match outcome {
        PathOutcome::Write(_) => (Label::Changed, "~"),
        PathOutcome::Accept => (Label::Faint, "="),
        _ => open,
    }
}

/// What somebody added to a list and removed from it: `+ "PUT"`.
fn list_difference(inner: &PathChange) -> Option<String> {
    let recorded = inner.recorded.as_ref()?.observed.as_ref()?;
    let (Value::List(before), Some(Value::List(after))) = (recorded, &inner.live) else { return None };
    let only = |some: &[Value], others: &[Value], sign: char| -> Vec<String> {
        some.iter()
            .filter(|item| !others.contains(item))
            .map(|item| format!("{sign} {}", value(item)))
            .collect()
    };
    let mut parts = only(after, before, '+');
    parts.extend(only(before, after, '-'));
    (!parts.is_empty()).then(|| parts.join("  "))
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
fn side_lines(doc: &mut Doc, inner: &PathChange, column: usize) {
    let mut side = |name: &str, text: String| {
        doc.line(Line::new().plain("          ").plain(name.to_owned()).to(column).plain(text));
    };
    side("config", optional_planned(inner.desired.as_ref()));
    if inner.recorded.is_some() {
        side("recorded", recorded_text(inner));
    }
    side("live", optional(inner.live.as_ref()));
}

/// `512 config, 512 recorded`.
fn pasts(inner: &PathChange) -> String {
    match &inner.desired {
        Some(desired) => format!("{} config, {} recorded", planned(desired), recorded_text(inner)),
        None => format!("not in config, {} recorded", recorded_text(inner)),
    }
}

/// What was recorded; where declared and observed differ, both.
fn recorded_text(inner: &PathChange) -> String {
    let Some(recorded) = &inner.recorded else { return "nothing".to_owned() };
    let observed = recorded.observed.as_ref().map_or_else(|| "nothing".to_owned(), value);
    match &recorded.declared {
        Some(declared) if Some(declared) != recorded.observed.as_ref() => {
            let word = if recorded.accepted { "accepted" } else { "observed" };
            format!("{} declared, {observed} {word}", value(declared))
        }
        _ => observed,
    }
}

/// What was decided, or what each decision would do.
fn decision_line(doc: &mut Doc, inner: &PathChange, outcome: &PathOutcome) {
    let live = optional(inner.live.as_ref());
    let goal = |goal: Option<&Planned>| goal.map_or_else(|| "gone".to_owned(), planned);
    let text = match outcome {
        PathOutcome::Write(to) => format!("use-local: {live} -> {}", goal(to.as_ref())),
        PathOutcome::Accept => format!("use-live: keeps {live}"),
        PathOutcome::Open(Some(to)) => {
            format!("use-local: {live} -> {}   use-live: keeps {live}", goal(to.as_ref()))
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
