//! The state as a person at a terminal reads it.

use unicode_width::UnicodeWidthStr;

use super::change::VALUES;
use crate::model::Address;
use crate::render::text::{Doc, Label, Line, plain};
use crate::render::view::{self, Recording, StateView, state as view_of};
use crate::state::State;

/// The column that identities start in.
const IDENTITIES: usize = 50;

/// Returns a state: what is recorded, path by path.
pub fn state(state: &State, width: usize) -> Doc {
    let view = view_of::state(state, &|_| true);
    let mut doc = Doc::new();
    head(&mut doc, &view);
    for record in &view.records {
        doc.gap();
        recording(&mut doc, record);
    }
    if let Some(closing) = view.closing {
        doc.gap();
        doc.paragraph(Label::Plain, closing, 0, width);
    }
    doc.folded(width)
}

/// Returns one record.
pub fn record(state: &State, address: &Address, width: usize) -> Doc {
    let mut doc = Doc::new();
    for record in &view_of::state(state, &|other| other == address).records {
        recording(&mut doc, record);
    }
    doc.folded(width)
}

/// Returns records by their names, one a line: the address, what the cloud knows it by, and what is to be known.
pub fn records<'a>(state: &State, addresses: impl Iterator<Item = &'a Address>) -> Doc {
    let rows: Vec<_> = addresses
        .filter_map(|address| Some((plain(&address.to_string()), state.records.get(address)?)))
        .collect();
    let longest = |texts: &mut dyn Iterator<Item = usize>| texts.max().unwrap_or_default();
    let first = longest(&mut rows.iter().map(|(address, _)| address.width())) + 2;
    let identity = |record: &crate::state::Record| view_of::identity(&record.identity);
    let second = first + longest(&mut rows.iter().map(|(_, record)| identity(record).width())) + 2;
    let mut doc = Doc::new();
    for (address, record) in &rows {
        let line = Line::new().add(Label::Strong, address).to(first).plain(identity(record));
        let notes = view_of::notes(record).join(", ");
        doc.line(if notes.is_empty() { line } else { line.to(second).add(Label::Faint, notes) });
    }
    doc
}

fn head(doc: &mut Doc, view: &StateView) {
    let name = Line::new().add(Label::Strong, &view.project);
    doc.line(view.facts.iter().fold(name, |line, fact| line.plain(" · ").plain(fact)));
}

fn recording(doc: &mut Doc, record: &Recording) {
    let line = Line::new().plain("  ").add(Label::Strong, &record.address).to(IDENTITIES);
    doc.line(line.add(Label::Faint, &record.identity));
    for note in &record.notes {
        doc.line(Line::new().plain("      ").add(Label::Drift, note));
    }
    let names = record.paths.iter().map(|path| &path.path).chain(record.outputs.iter().map(|(name, _)| name));
    let longest = names.map(|name| name.width()).max().unwrap_or_default();
    let column = (longest + 8).clamp(*VALUES.start(), *VALUES.end());
    for path in &record.paths {
        let line = Line::new().plain("      ").plain(&path.path).to(column).plain(&path.said);
        let label = if path.accepted { Label::Drift } else { Label::Faint };
        doc.line(path.note.iter().fold(line, |line, note| line.plain("   ").add(label, *note)));
    }
    let list = |doc: &mut Doc, title: &str, items: &[(String, String)]| {
        if !items.is_empty() {
            doc.line(Line::new().plain("    ").add(Label::Faint, title));
        }
        for (name, text) in items {
            doc.line(Line::new().plain("      ").plain(name).to(column).plain(text));
        }
    };
    list(doc, view::OUTPUTS, &record.outputs);
    if !record.depends_on.is_empty() {
        let needed = record.depends_on.join(", ");
        doc.line(Line::new().plain("    ").add(Label::Faint, view::DEPENDS_ON).plain(" ").plain(needed));
    }
    if let Some(package) = &record.package {
        doc.line(Line::new().plain("    ").add(Label::Faint, view::PACKAGE).plain(" ").plain(package));
    }
}
