//! A plan as a person at a terminal reads it.
//!
//! The first lines answer three things: what will happen, what happened behind my back, what do I have to
//! decide. Ordinary changes look ordinary; only what was changed online takes more room, because only that
//! needs thought. The three sides are always called config, recorded and live, in that order.

mod change;
mod code;
mod progress;
mod question;
#[cfg(test)]
mod tests;

pub use progress::{Ending, ending, link_lines, link_note, step_ended, step_started};
pub use question::{question, stale, unread};

use bytes::Bytes;

use self::change::change_lines;
use super::Part;
use super::text::{Doc, Label, Line, plain};
use super::value::moment;
use crate::model::{Address, Digest, Kind, SchemaSet};
use crate::plan::{Change, Plan, QuestionKind, Summary, Unmanaged};

/// How and with what a plan is shown.
pub struct View<'a> {
    /// Columns.
    pub width: usize,
    /// The resource types.
    pub schemas: &'a SchemaSet,
    /// Contents of files, where they were seen.
    pub content: &'a dyn Fn(Digest) -> Option<Bytes>,
    /// Lines of one file's diff before the rest is counted.
    pub diff_lines: usize,
}

/// Returns a plan.
pub fn plan(plan: &Plan, view: &View<'_>, part: Part) -> Doc {
    let mut doc = Doc::new();
    doc.line(headline(plan));
    doc.gap();
    let summary = plan.summary();
    // What was deleted was not edited.
    let deleted = plan.changes.values().any(|change| {
        change.moved_online()
            && change.question.as_ref().is_some_and(|question| question.kind == QuestionKind::DeletedOnline)
    });
    summary_lines(&mut doc, &summary, part, if deleted { "changed" } else { "edited" });
    let shown: Vec<&Change> =
        plan.moving().filter(|change| part == Part::Whole || change.moved_online()).collect();
    for change in &shown {
        doc.gap();
        change_lines(&mut doc, change, view, part);
    }
    doc.gap();
    unmanaged_lines(&mut doc, &plan.unmanaged, view.width);
    if !plan.left_out.is_empty() {
        doc.gap();
        let names: Vec<String> = plan.left_out.iter().map(|address| plain(&address.to_string())).collect();
        let text = format!("This plan is partial. Left out, neither read nor changed: {}.", names.join(", "));
        doc.paragraph(Label::Faint, &text, 0, view.width);
    }
    doc.gap();
    closing(&mut doc, plan, &summary, part, view.width);
    doc.folded(view.width)
}

/// `shop · 6 resources · cn-hangzhou · embedded cloud · state serial 12`.
fn headline(plan: &Plan) -> Line {
    let count = plan.changes.len();
    let mut regions: Vec<&str> =
        plan.changes.values().map(|change| change.identity.region.as_str()).collect();
    regions.sort_unstable();
    regions.dedup();
    let state = match &plan.basis {
        Some((_, serial)) => format!("state serial {serial}"),
        None => "no state yet".to_owned(),
    };
    let cloud = if plan.owner.cloud == "embedded" {
        "embedded cloud".to_owned()
    } else {
        format!("account {}", plan.owner.account)
    };
    let mut parts = vec![format!("{count} {}", plural(count, "resource"))];
    parts.extend(regions.into_iter().map(str::to_owned));
    parts.extend([cloud, state]);
    let name = Line::new().add(Label::Strong, plain(&plan.owner.project));
    parts.iter().fold(name, |line, part| line.plain(" · ").plain(plain(part)))
}

fn summary_lines(doc: &mut Doc, summary: &Summary, part: Part, how: &str) {
    let count = |number: usize, words: &str| (number > 0).then(|| format!("{number} {words}"));
    let Summary { add, change, replace, delete, moves, take_over, forget, online, open, accepted } = *summary;
    if part == Part::Whole {
        let todo: Vec<String> = [
            count(add, "to add"),
            count(change, "to change"),
            count(replace, "to replace"),
            count(delete, "to delete"),
            count(take_over, "to take over"),
            count(moves, "to move"),
            count(forget, "to forget"),
        ]
        .into_iter()
        .flatten()
        .collect();
        if !todo.is_empty() {
            doc.line(Line::new().plain("  ").add(Label::Strong, todo.join(", ")));
        }
    }
    if online > 0 {
        let text = format!("{online} {} {how} online", plural(online, "resource"));
        doc.line(Line::new().plain("  ").add(Label::Drift, text));
    }
    if open > 0 && part == Part::Whole {
        let text = format!("{open} {} needed", plural(open, "decision"));
        doc.line(Line::new().plain("  ").add(Label::Conflict, text));
    }
    if accepted > 0 {
        let text = format!("{accepted} accepted {}", plural(accepted, "difference"));
        doc.line(Line::new().plain("  ").add(Label::Faint, text));
    }
}

fn unmanaged_lines(doc: &mut Doc, unmanaged: &[Unmanaged], width: usize) {
    for child in unmanaged {
        let modified =
            child.modified.as_deref().map_or_else(String::new, |time| format!(", modified {}", moment(time)));
        let text = format!(
            "also online, not yours: {} (kept as it is{modified})",
            plain(&child.address.to_string())
        );
        doc.paragraph(Label::Drift, &text, 2, width);
    }
}

fn closing(doc: &mut Doc, plan: &Plan, summary: &Summary, part: Part, width: usize) {
    if part == Part::Drift {
        if !plan.drifted() {
            doc.line(Line::new().plain(match &plan.basis {
                Some(_) => "Nothing was changed online since your last apply.",
                None => "Nothing is recorded yet, so nobody can tell what was changed online.",
            }));
        }
        return;
    }
    if plan.is_empty() {
        let text = if plan.moving().any(|change| change.action != crate::plan::Action::Keep) {
            "Nothing to do: project and cloud agree; the record catches up at the next apply."
        } else if summary.accepted > 0 {
            "Nothing to do: what differs was accepted."
        } else {
            "Nothing to do: project, record and cloud agree."
        };
        doc.paragraph(Label::Good, text, 0, width);
        return;
    }
    if summary.online == 0 && summary.take_over == 0 && plan.unmanaged.is_empty() && plan.basis.is_some() {
        doc.line(Line::new().plain("Nothing was changed online since your last apply."));
    }
    doc.line(Line::new().plain("Plan ").add(Label::Faint, plan.digest().to_string()));
}

/// Returns the word, with an `s` unless there is one.
pub(super) fn plural(count: usize, word: &str) -> String {
    if count == 1 { word.to_owned() } else { format!("{word}s") }
}

/// Returns an address safely.
pub(super) fn name(address: &Address) -> String {
    plain(&address.to_string())
}

/// Returns whether an attribute of a type holds code.
pub(super) fn noun(schemas: &SchemaSet, kind: &str) -> String {
    schemas.get(kind).map_or_else(
        || kind.to_owned(),
        |schema| {
            debug_assert!(
                !schema
                    .attributes
                    .iter()
                    .any(|attribute| matches!(attribute.kind, Kind::Code) && attribute.name != "code")
            );
            schema.noun.to_owned()
        },
    )
}
