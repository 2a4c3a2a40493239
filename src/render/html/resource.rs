//! One resource on the page, folded.

use maud::{Markup, html};

use super::{diff, sign, tone};
use crate::model::Path;
use crate::plan::Document;
use crate::render::text::plain;
use crate::render::view::{Answer, Asked, Code, File, Files, Resource, Said, Section, Setting, plural};

/// Returns the card of a resource. Those that ask something stand open.
pub(super) fn card(resource: &Resource, number: usize, document: &Document) -> Markup {
    let asks = resource.open().count();
    let classes: Vec<&str> = resource.classes.iter().map(|class| class.word()).collect();
    let deed = resource.deed();
    html! {
        details .resource .(tone(resource.mark)) #(format!("r{number}")) data-action=(deed)
            data-classes=(classes.join(" ")) data-asks[asks > 0] data-address=(resource.address) open[asks > 0] {
            summary {
                (sign(resource.mark))
                h3 { code { (resource.address) } }
                span .deed { (deed) }
                @if let Some(heading) = &resource.heading {
                    span .note .ask[heading.online] { (heading.text) }
                }
                @if asks > 0 { span .need { (asks) " " (plural(asks, "decision")) " needed" } }
            }
            div .body {
                (place(resource, document))
                @if let Some(moves) = &resource.moves { p { (moves) } }
                @if let Some(reason) = resource.reason { p { (reason) } }
                @if let Some([old, new]) = &resource.identities {
                    p { code { (old) } " -> " code { (new) } }
                }
                @if let Some(asked) = &resource.asked { (question(asked)) }
                @for (words, found) in &resource.found {
                    p .found { (words) ": " @for (at, found) in found.iter().enumerate() {
                        @if at > 0 { ", " } code { (found) }
                    } }
                }
                @for section in &resource.sections { (section_of(section)) }
            }
        }
    }
}

/// Where it is declared.
fn place(resource: &Resource, document: &Document) -> Markup {
    let place = document.place(&resource.id, &Path::root());
    html! { @if let Some(place) = place { p .place { (plain(&place.file)) ":" (place.line) } } }
}

fn question(asked: &Asked) -> Markup {
    html! {
        @if let Some(parent) = &asked.covered_by {
            p { "follows the answer for " code { (parent) } }
        } @else {
            p .asked { (asked.what) }
            (answers(&asked.answers, false))
        }
    }
}

/// What was decided, or what each decision would do; where it is about a path, in its values.
pub(super) fn answers(answers: &[Answer], values: bool) -> Markup {
    html! {
        @if !answers.is_empty() {
            ul .answers {
                @for answer in answers {
                    li { b { (answer.lead()) } " " @if values && answer.able { code { (answer.text) } } @else { (answer.text) } }
                }
            }
        }
    }
}

fn section_of(section: &Section) -> Markup {
    let made = section.settings.iter().all(|setting| matches!(setting.said, Said::Will(_)));
    html! {
        @if let Some(title) = section.title { h4 { (title) } }
        @if !section.settings.is_empty() {
            @if made { (made_table(&section.settings)) } @else { (sides_table(&section.settings)) }
        }
        @match &section.code {
            Some(Code::Upload(files)) => p .code { "code: " (files) },
            Some(Code::Files(files)) => (files_of(files)),
            None => {},
        }
    }
}

fn made_table(settings: &[Setting]) -> Markup {
    html! {
        table .settings .made role="table" {
            thead role="rowgroup" { tr role="row" {
                th role="columnheader" scope="col" { "setting" } th role="columnheader" scope="col" { "config" }
            } }
            tbody role="rowgroup" {
                @for setting in settings {
                    tr role="row" {
                        th role="rowheader" scope="row" { code { (setting.path) } }
                        (side(setting, "config"))
                    }
                }
            }
        }
    }
}

fn sides_table(settings: &[Setting]) -> Markup {
    html! {
        table .settings role="table" {
            thead role="rowgroup" { tr role="row" {
                @for name in ["setting", "config", "recorded", "live", "what happens"] {
                    th role="columnheader" scope="col" { (name) }
                }
            } }
            tbody role="rowgroup" { @for setting in settings { (row(setting)) } }
        }
    }
}

fn row(setting: &Setting) -> Markup {
    html! {
        tr role="row" .(tone(setting.mark)) {
            th role="rowheader" scope="row" { (sign(setting.mark)) " " code { (setting.path) } }
            @for name in ["config", "recorded", "live"] { (side(setting, name)) }
            td role="cell" .what {
                (what(setting))
                @if let Some(rule) = &setting.rule { " " span .note { (rule) } }
            }
        }
    }
}

fn side(setting: &Setting, name: &'static str) -> Markup {
    let side = setting.sides.iter().find(|side| side.name == name);
    html! { td role="cell" data-name=(name) { @if let Some(side) = side { code { (side.text) } } } }
}

fn what(setting: &Setting) -> Markup {
    html! {
        @match &setting.said {
            Said::Will(value) => code { (value) },
            Said::Moves { from, to, note } => {
                code { (from) " -> " (to) }
                @if let Some(note) = note { " " span .note { (note) } }
            },
            Said::Stays { note, .. } => span .note { (note) },
            Said::Edited { live, .. } => {
                @if setting.answers.is_empty() || live.starts_with(['+', '-']) {
                    span .note { "edited online" @if live.starts_with(['+', '-']) { ": " code { (live) } } }
                }
                (answers(&setting.answers, true))
            },
            Said::Contested { note } => {
                span .note .conflict { (note) }
                (answers(&setting.answers, true))
            },
        }
    }
}

fn files_of(code: &Files) -> Markup {
    html! {
        h4 { (sign(code.mark)) " code" @if let Some(online) = &code.online { " " span .note .ask { (online) } } }
        @for file in &code.files { (file_of(file)) }
        @for rule in &code.rules { p .note { (rule) } }
        @if let Some(merged) = &code.merged { p .note { (merged) } }
    }
}

fn file_of(file: &File) -> Markup {
    html! {
        @for difference in &file.differences {
            @let title = html! {
                (sign(file.mark)) code .name { (file.name) }
                @if !difference.side.is_empty() { span .side { (difference.side) } }
                span .note { (difference.counts) }
                @if let Some(note) = &difference.note { span .note { (note) } }
                @if let Some(decided) = file.decided { span .note { (decided) } }
            };
            @if difference.hunks.is_empty() {
                p .file { (title) }
            } @else {
                details .file open { summary { (title) } (diff::table(difference)) }
            }
        }
    }
}
