//! The state as one page that needs nothing else.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{STYLE, policy};
use crate::model::SchemaSet;
use crate::render::view::{DEPENDS_ON, OUTPUTS, PACKAGE, Recording, StateView, state as view_of};
use crate::state::State;

/// Returns the whole page.
pub fn state(state: Option<&State>, _: &SchemaSet) -> String {
    let view = state.map(|state| view_of::state(state, &|_| true));
    let title =
        view.as_ref().map_or_else(|| "No state".to_owned(), |view| format!("State of {}", view.project));
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy());
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                link rel="icon" href="data:,";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    h1 { (title) }
                    @match &view {
                        Some(view) => p .facts { (view.facts.join(" · ")) },
                        None => p .closing { "Nothing was deployed yet: there is no state." },
                    }
                }
                main { @if let Some(view) = &view { (records(view)) } }
            }
        }
    };
    page.into_string() + "\n"
}

fn records(view: &StateView) -> Markup {
    html! {
        section #resources aria-labelledby="resources-title" tabindex="-1" {
            h2 #resources-title { "Resources" }
            @if let Some(closing) = view.closing { p { (closing) } }
            div #list { @for record in &view.records { (card(record)) } }
        }
    }
}

fn card(record: &Recording) -> Markup {
    html! {
        details .resource .same {
            summary {
                h3 { code { (record.address) } }
                span .note { (record.identity) }
                @for note in &record.notes { span .note .ask { (note) } }
            }
            div .body {
                @if !record.paths.is_empty() { (paths(record)) }
                @if !record.outputs.is_empty() {
                    h4 { (OUTPUTS) }
                    dl .sides {
                        @for (name, value) in &record.outputs { div { dt { (name) } dd { code { (value) } } } }
                    }
                }
                @if !record.depends_on.is_empty() {
                    p { (DEPENDS_ON) " " @for (at, source) in record.depends_on.iter().enumerate() {
                        @if at > 0 { ", " } code { (source) }
                    } }
                }
                @if let Some(package) = &record.package { p .code { (PACKAGE) " " (package) } }
            }
        }
    }
}

fn paths(record: &Recording) -> Markup {
    html! {
        table .settings role="table" {
            thead role="rowgroup" { tr role="row" {
                th role="columnheader" scope="col" { "path" }
                th role="columnheader" scope="col" { "declared" }
                th role="columnheader" scope="col" { "observed" }
                th role="columnheader" scope="col" { "" }
            } }
            tbody role="rowgroup" {
                @for path in &record.paths {
                    tr role="row" {
                        th role="rowheader" scope="row" { code { (path.path) } }
                        td role="cell" data-name="declared" { code { (path.declared) } }
                        td role="cell" data-name="observed" { code { (path.observed) } }
                        td role="cell" { (path.note.unwrap_or_default()) }
                    }
                }
            }
        }
    }
}
