//! A plan as a person at a terminal reads it.
//!
//! The first lines answer three things: what will happen, what happened behind my back, what do I have to
//! decide. Ordinary changes look ordinary; only what was changed online takes more room, because only that
//! needs thought.

mod change;
mod code;
mod progress;
mod question;
mod state;
#[cfg(test)]
mod tests;

pub use progress::{Ending, ending, link_lines, link_note, step_ended, step_started, verdict};
pub use question::{About, question, stale, unread};
pub use state::{record, records, state};

use bytes::Bytes;

use self::change::resource_lines;
use super::Part;
use super::text::{Doc, Label, Line, plain};
use super::view::{self, LEFT_OUT, LOST, PlanView, SKIPPED, Sources, UNMANAGED};
use crate::model::{Address, Digest, SchemaSet};
use crate::plan::{Plan, SecretSources};

/// How and with what a plan is shown.
pub struct View<'a> {
    /// Columns.
    pub width: usize,
    /// The resource types.
    pub schemas: &'a SchemaSet,
    /// Contents of files, where they were seen.
    pub content: &'a dyn Fn(Digest) -> Option<Bytes>,
    /// Where secrets come from.
    pub secrets: &'a SecretSources,
    /// Lines of one file's diff before the rest is counted.
    pub diff_lines: usize,
    /// Whether each resource is one line.
    pub compact: bool,
}

impl<'a> View<'a> {
    fn sources(&self, part: Part) -> Sources<'a> {
        Sources { schemas: self.schemas, content: self.content, secrets: self.secrets, part }
    }

    fn page(&self) -> Page {
        Page { width: self.width, diff_lines: self.diff_lines }
    }
}

/// What a layout is made for.
#[derive(Clone, Copy)]
struct Page {
    width: usize,
    diff_lines: usize,
}

/// Returns a plan.
pub fn plan(plan: &Plan, view: &View<'_>, part: Part) -> Doc {
    let told = view::plan(plan, &view.sources(part));
    let mut doc = Doc::new();
    head_lines(&mut doc, &told, view.width);
    if view.compact {
        doc.gap();
        compact_lines(&mut doc, &told);
    }
    for resource in told.resources.iter().filter(|_| !view.compact) {
        doc.gap();
        resource_lines(&mut doc, resource, view.page());
    }
    doc.gap();
    foot_lines(&mut doc, &told, view.width);
    // A line that is meant to be one stays one: a terminal breaks it where it must.
    if view.compact { doc } else { doc.folded(view.width) }
}

/// One line for each resource, and one for each decision that is needed.
fn compact_lines(doc: &mut Doc, told: &PlanView) {
    const GISTS: usize = 44;
    for resource in &told.resources {
        let (mark, label) = (resource.mark.sign(), change::label(resource.mark));
        let line = Line::new().plain("  ").add(label, format!("{mark:<3}")).plain(" ");
        let line = line.add(Label::Strong, &resource.address);
        let online = resource.heading.as_ref().is_some_and(|heading| heading.online);
        let gist = resource.gist();
        let label = if online { Label::Drift } else { Label::Plain };
        doc.line(if gist.is_empty() { line } else { line.to(GISTS).add(label, gist) });
    }
    let Some(needed) = &told.needed else { return };
    doc.gap();
    doc.line(Line::new().add(Label::Conflict, format!("{needed}:")));
    for (resource, open) in told.open() {
        let about =
            std::iter::once(resource.address.clone()).chain(open.path()).collect::<Vec<_>>().join("  ");
        let sides = open.sides().into_iter().map(|(name, text)| format!("{name} {text}"));
        let said: Vec<String> = std::iter::once(open.note().to_owned()).chain(sides).collect();
        let line =
            Line::new().plain("  ").add(change::label(open.mark()), format!("{:<3}", open.mark().sign()));
        doc.line(line.plain(" ").add(Label::Strong, about).to(GISTS).plain(said.join("; ")));
    }
}

/// What will happen, what happened behind my back, what do I have to decide.
fn head_lines(doc: &mut Doc, told: &PlanView, width: usize) {
    let name = Line::new().add(Label::Strong, &told.project);
    doc.line(told.facts.iter().fold(name, |line, fact| line.plain(" · ").plain(fact)));
    doc.gap();
    let todo = (!told.todo.is_empty()).then(|| told.todo.join(", "));
    let counts = [
        (Label::Strong, told.undoes.clone()),
        (Label::Strong, todo),
        (Label::Drift, told.online.clone()),
        (Label::Conflict, told.needed.clone()),
        (Label::Faint, told.accepted.clone()),
        (Label::Faint, told.ignored.clone()),
    ];
    for (label, text) in counts {
        if let Some(text) = text {
            doc.line(Line::new().plain("  ").add(label, text));
        }
    }
    if let Some(remembered) = &told.remembered {
        doc.gap();
        doc.paragraph(Label::Conflict, remembered, 0, width);
    }
}

/// What is not ours, what is left out, what is to be said at the end, and the digest.
fn foot_lines(doc: &mut Doc, told: &PlanView, width: usize) {
    for stranger in &told.unmanaged {
        let text = format!("{UNMANAGED}: {} ({})", stranger.address, stranger.note);
        let label = if stranger.ignored { Label::Faint } else { Label::Drift };
        doc.paragraph(label, &text, 2, width);
    }
    lost_lines(doc, told, width);
    if !told.left_out.is_empty() {
        doc.gap();
        let text = format!("{LEFT_OUT}: {}.", told.left_out.join(", "));
        doc.paragraph(Label::Faint, &text, 0, width);
    }
    if !told.skipped.is_empty() {
        let text = format!("{SKIPPED}: {}.", told.skipped.join(", "));
        doc.paragraph(Label::Drift, &text, 0, width);
    }
    doc.gap();
    if let Some(closing) = told.closing {
        let label = if told.quiet && told.digest.is_some() { Label::Good } else { Label::Plain };
        doc.paragraph(label, closing, 0, width);
    }
    if let Some(digest) = &told.digest {
        doc.line(Line::new().plain("Plan ").add(Label::Faint, digest));
    }
}

/// What an undo cannot bring back, and why.
fn lost_lines(doc: &mut Doc, told: &PlanView, width: usize) {
    if told.lost.is_empty() {
        return;
    }
    doc.gap();
    doc.line(Line::new().add(Label::Drift, format!("{LOST}:")));
    for lost in &told.lost {
        doc.paragraph(Label::Plain, &format!("{}: {}", lost.place, lost.why), 2, width);
    }
}

/// Returns an address safely.
fn name(address: &Address) -> String {
    plain(&address.to_string())
}
