//! The state as a comment: one folded table for each record, as many as fit.

use std::fmt::Write as _;

use super::escape::{cell, code, html, tag};
use super::{LIMIT, listed};
use crate::model::SchemaSet;
use crate::render::view::{DEPENDS_ON, OUTPUTS, PACKAGE, Recording, Settled, plural, state as view_of};
use crate::state::State;

/// Room for the names of what does not fit.
const NAMES: usize = LIMIT / 8;

/// Returns the whole text.
pub fn state(state: Option<&State>, _: &SchemaSet) -> String {
    let Some(state) = state else { return "Nothing was deployed yet: there is no state.\n".to_owned() };
    let view = view_of::state(state, &|_| true);
    let facts: Vec<String> = view.facts.iter().map(|fact| html(fact)).collect();
    let mut text = format!("## State of {}\n\n{}\n\n", code(&view.project), facts.join(" · "));
    let mut named = Vec::new();
    for record in &view.records {
        let piece = recording(record);
        if text.len() + piece.len() + NAMES < LIMIT {
            text.push_str(&piece);
        } else {
            named.push(code(&record.address));
        }
    }
    if !named.is_empty() {
        let noun = plural(named.len(), "resource");
        _ = writeln!(
            // writing to a string cannot fail
            text,
            "**Not everything fits into a comment.** {} {noun} only named: {}.",
            named.len(),
            listed(named.into_iter())
        );
    }
    if let Some(closing) = view.closing {
        _ = writeln!(text, "{closing}");
    }
    text
}

fn recording(record: &Recording) -> String {
    let mut title = vec![tag(&record.address), html(&record.identity)];
    title.extend(record.notes.iter().map(|note| format!("<b>{note}</b>")));
    let mut text = format!("<details>\n<summary>{}</summary>\n\n", title.join(" · "));
    if !record.paths.is_empty() {
        text.push_str("| path | declared | observed | |\n| --- | --- | --- | --- |\n");
    }
    for Settled { path, declared, observed, note, .. } in &record.paths {
        let [path, declared, observed] = [path, declared, observed].map(|text| cell(text));
        _ = writeln!(text, "| {path} | {declared} | {observed} | {} |", note.unwrap_or_default());
    }
    text.push('\n');
    let mut list = |title: &str, items: Vec<String>| {
        if !items.is_empty() {
            _ = writeln!(text, "{title}: {}\n", items.join(", "));
        }
    };
    let output = |(name, value): &(String, String)| format!("{} {}", code(name), code(value));
    list(OUTPUTS, record.outputs.iter().map(output).collect());
    list(DEPENDS_ON, record.depends_on.iter().map(|source| code(source)).collect());
    list(PACKAGE, record.package.iter().map(|package| code(package)).collect());
    text + "</details>\n\n"
}
