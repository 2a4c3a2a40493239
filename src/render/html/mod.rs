//! A plan as one page that needs nothing else.
//!
//! Style, script and drawing stand in the page, and its policy lets it load nothing: whatever a name or a file says,
//! the page asks nobody. `maud` escapes every text; the script only hides and folds what is there, and without it
//! everything is shown.

mod diff;
mod graph;
mod resource;
mod state;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest as _, Sha256};

use self::resource::answers;
pub use self::state::state;
use super::text::plain;
use super::value::moment;
use super::view::{
    HOW_TO_DECIDE, LEFT_OUT, LOST, Mark, Open, PlanView, Resource, SKIPPED, UNMANAGED, plural,
};
use super::{Part, Shown};
use crate::diff::Class;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Returns the whole page.
pub fn html(shown: &Shown<'_>) -> String {
    let view = PlanView::of(shown);
    let numbers: BTreeMap<&str, usize> =
        view.resources.iter().enumerate().map(|(at, resource)| (resource.address.as_str(), at)).collect();
    let title =
        format!("{} {}", if shown.part == Part::Whole { "Plan for" } else { "Drift in" }, view.project);
    let made = &shown.document.made;
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
                a .skip href="#resources" { "Skip to the resources" }
                (head(&view, &title))
                main {
                    (decisions(&view, &numbers))
                    (resources(&view, shown))
                    (graph::section(&shown.document.plan, &view, &numbers))
                    (beside(&view))
                }
                footer {
                    p { "Made " time datetime=(made.at) { (moment(&made.at)) } " by " (plain(&made.by)) }
                }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    page.into_string() + "\n"
}

/// Returns the policy of every page: nothing is loaded, and only this style and this script are used.
pub fn policy() -> String {
    let hash = |text: &str| STANDARD.encode(Sha256::digest(text.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; img-src data:; base-uri 'none'; \
         form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    )
}

fn head(view: &PlanView, title: &str) -> Markup {
    html! {
        header {
            h1 { (title) }
            p .facts { (view.facts.join(" · ")) }
            @if let Some(undoes) = &view.undoes { p .facts { (undoes) } }
            @if !(view.todo.is_empty() && view.online.is_none() && view.needed.is_none() && view.accepted.is_none() && view.ignored.is_none()) {
                ul .counts {
                    @for count in &view.todo { li { (count) } }
                    @if let Some(online) = &view.online { li .ask { (online) } }
                    @if let Some(needed) = &view.needed { li .conflict { a href="#decisions" { (needed) } } }
                    @if let Some(accepted) = &view.accepted { li .same { (accepted) } }
                    @if let Some(ignored) = &view.ignored { li .same { (ignored) } }
                }
            }
            @if let Some(remembered) = &view.remembered { p .remembered role="note" { strong { (remembered) } } }
            @if let Some(closing) = view.closing { p .closing { (closing) } }
            @if let Some(digest) = &view.digest { p .digest { "Plan " code { (digest) } } }
        }
    }
}

fn decisions(view: &PlanView, numbers: &BTreeMap<&str, usize>) -> Markup {
    html! {
        @if let Some(needed) = &view.needed {
            section #decisions aria-labelledby="decisions-title" {
                h2 #decisions-title { (needed) }
                p .how {
                    @for word in HOW_TO_DECIDE.split_inclusive(' ') {
                        @if word.starts_with("--") { code { (word.trim_end()) } " " } @else { (word) }
                    }
                    "."
                }
                ul .decisions { @for (resource, open) in view.open() { (decision(resource, open, numbers)) } }
            }
        }
    }
}

fn decision(resource: &Resource, open: Open<'_>, numbers: &BTreeMap<&str, usize>) -> Markup {
    let number = numbers.get(resource.address.as_str()).copied().unwrap_or_default();
    html! {
        li {
            p .about {
                (sign(open.mark()))
                a href=(format!("#r{number}")) { code { (resource.address) } }
                @if let Some(path) = open.path() { code .path { (path) } }
                span .note { (open.note()) @if let Some(time) = &resource.modified { ", " (time) } }
            }
            @if !open.sides().is_empty() {
                dl .sides {
                    @for (name, text) in open.sides() {
                        div { dt { (name) } dd { code { (text) } } }
                    }
                }
            }
            (answers(open.answers(), open.path().is_some()))
        }
    }
}

fn resources(view: &PlanView, shown: &Shown<'_>) -> Markup {
    html! {
        section #resources aria-labelledby="resources-title" tabindex="-1" {
            h2 #resources-title { "Resources" }
            @if view.resources.is_empty() {
                p { "None of them moves." }
            } @else {
                (filters(view))
                div #list {
                    @for (number, resource) in view.resources.iter().enumerate() {
                        (resource::card(resource, number, shown.document))
                    }
                }
            }
        }
    }
}

/// Buttons that say how many resources they are about. Within a row any of the pressed ones, over rows all.
fn filters(view: &PlanView) -> Markup {
    let mut actions: BTreeMap<&str, usize> = BTreeMap::new();
    let mut classes: BTreeMap<Class, usize> = BTreeMap::new();
    for resource in &view.resources {
        *actions.entry(resource.deed()).or_default() += 1;
        for class in &resource.classes {
            *classes.entry(*class).or_default() += 1;
        }
    }
    let asking = view.resources.iter().filter(|resource| resource.open().next().is_some()).count();
    let button = |group: &str, value: &str, count: usize| {
        html! {
            button type="button" data-group=(group) data-value=(value) aria-pressed="false" {
                (value) " " span .count { (count) }
            }
        }
    };
    let count = view.resources.len();
    html! {
        div .filters hidden {
            div role="group" aria-label="Filter by action" {
                span .label aria-hidden="true" { "Action" }
                @for (action, count) in &actions { (button("action", action, *count)) }
            }
            div role="group" aria-label="Filter by class" {
                span .label aria-hidden="true" { "Class" }
                @for (class, count) in &classes { (button("class", class.word(), *count)) }
                @if asking > 0 { (button("need", "needs a decision", asking)) }
            }
            div .last {
                input type="search" placeholder="Find an address" aria-label="Find an address" autocomplete="off";
                button type="button" #unfold { "Unfold all" }
                button type="button" #fold { "Fold all" }
                p #status role="status" { (count) " " (plural(count, "resource")) }
            }
        }
    }
}

/// What is not ours, and what is left out.
fn beside(view: &PlanView) -> Markup {
    html! {
        @if !(view.unmanaged.is_empty() && view.left_out.is_empty() && view.lost.is_empty()) {
            section #beside aria-labelledby="beside-title" {
                h2 #beside-title { "Not in this plan" }
                @if !view.unmanaged.is_empty() {
                    p { (UNMANAGED) ":" }
                    ul { @for child in &view.unmanaged { li { code { (child.address) } " " (child.note) } } }
                }
                @if !view.lost.is_empty() {
                    p { (LOST) ":" }
                    ul { @for lost in &view.lost { li { code { (lost.place) } ": " (lost.why) } } }
                }
                @if !view.left_out.is_empty() {
                    p { (LEFT_OUT) ":" }
                    ul { @for address in &view.left_out { li { code { (address) } } } }
                }
                @if !view.skipped.is_empty() {
                    p { (SKIPPED) ":" }
                    ul { @for address in &view.skipped { li { code { (address) } } } }
                }
            }
        }
    }
}

/// The sign in front of what is said. Its colour says the same as its shape, and the words beside it as both.
fn sign(mark: Mark) -> Markup {
    html! { span class=(format!("sign {}", tone(mark))) aria-hidden="true" { (mark.sign()) } }
}

/// The colour of a sign, by name.
fn tone(mark: Mark) -> &'static str {
    match mark {
        Mark::Create => "create",
        Mark::Change | Mark::Move => "change",
        Mark::Replace | Mark::Delete => "delete",
        Mark::Ask => "ask",
        Mark::Conflict => "conflict",
        Mark::Forget | Mark::Same | Mark::None => "same",
    }
}
