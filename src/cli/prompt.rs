//! Asking a person: one question at a time, each with its own context.

use std::io::BufRead;

use super::out::Out;
use crate::model::{Address, Path};
use crate::ops::{Failure, Setup, Survey};
use crate::plan::{Choice, Decisions, OpenDecision, Plan, Selector};
use crate::render::Part;
use crate::render::human::{self, View};
use crate::render::text::{Doc, Label, Line};

/// What came of asking.
pub enum Answered {
    /// Everything is decided; the plan with the answers in it.
    Decided(Box<Plan>),
    /// The person stopped, or the input ended.
    Stopped,
}

/// Asks about every open decision of a plan that was already shown.
pub fn decide(
    out: &Out,
    setup: &Setup,
    survey: &Survey,
    mut plan: Plan,
    mut decisions: Decisions,
    view: &View<'_>,
) -> Result<Answered, Failure> {
    let everything = View { diff_lines: usize::MAX, compact: false, ..*view };
    match whole(out, &plan, &everything) {
        Some(Whole::All(choice)) => decisions.answer(None, choice),
        Some(Whole::Each) => {}
        None => return Ok(Answered::Stopped),
    }
    plan = survey.plan(setup, &decisions)?;
    let mut number = 0;
    // An answer may settle several questions, or raise one: each round plans anew and asks the first, in the
    // order in which the plan shows them.
    while let Some(first) = plan.open().into_iter().min_by_key(place) {
        number += 1;
        let of = number + plan.open().len() - 1;
        let can_be_local = !matches!(first.path, Some((_, path)) if matches!(path.outcome, crate::plan::PathOutcome::Open(None)));
        let selector =
            Selector::exact(&first.change.address, first.path.map_or(&Path::root(), |(path, _)| path));
        out.note(&human::question(&first, number, of, view));
        let show = || out.note(&human::question(&first, number, of, &everything));
        let Some(choice) = one(out, can_be_local, &show) else { return Ok(Answered::Stopped) };
        decisions.answer(Some(selector), choice);
        plan = survey.plan(setup, &decisions)?;
    }
    Ok(Answered::Decided(Box::new(plan)))
}

/// Where a plan shows a question: by resource, and there the files after the settings.
fn place<'a>(open: &OpenDecision<'a>) -> (&'a Address, bool, Option<&'a Path>) {
    let path = open.path.map(|(path, _)| path);
    (&open.change.address, path.is_some_and(Path::is_code), path)
}

enum Whole {
    All(Choice),
    Each,
}

fn whole(out: &Out, plan: &Plan, everything: &View<'_>) -> Option<Whole> {
    let open = plan.open().len();
    let noun = if open == 1 { "decision" } else { "decisions" };
    let mut doc = Doc::new();
    doc.line(Line::new());
    doc.line(Line::new().add(Label::Strong, format!("{open} {noun}. What should win?")));
    out.note(&doc);
    let choices = || {
        let mut doc = Doc::new();
        doc.line(Line::new().plain("  [l] local everywhere   [v] live everywhere   [e] each on its own"));
        doc.line(Line::new().plain("  [d] show everything    [s] stop, change nothing"));
        out.note(&doc);
    };
    choices();
    loop {
        match read_key(out)?.as_str() {
            "l" | "local" | "use-local" => return Some(Whole::All(Choice::UseLocal)),
            "v" | "live" | "use-live" => return Some(Whole::All(Choice::UseLive)),
            "e" | "each" => return Some(Whole::Each),
            "d" | "diff" => {
                out.note(&human::plan(plan, everything, Part::Whole));
                choices();
            }
            "s" | "stop" | "q" => return None,
            _ => out.say(Label::Plain, "Please answer l, v, e, d or s."),
        }
    }
}

fn one(out: &Out, can_be_local: bool, show: &dyn Fn()) -> Option<Choice> {
    let choices = || {
        let mut doc = Doc::new();
        doc.line(
            Line::new().plain("  [l] use-local   [v] use-live   [d] show the whole difference   [s] stop"),
        );
        out.note(&doc);
    };
    choices();
    loop {
        match read_key(out)?.as_str() {
            "l" | "local" | "use-local" if can_be_local => return Some(Choice::UseLocal),
            "l" | "local" | "use-local" => {
                out.say(Label::Plain, "There is no value to put back; see above. Please answer v or s.");
            }
            "v" | "live" | "use-live" => return Some(Choice::UseLive),
            "d" | "diff" => {
                show();
                choices();
            }
            "s" | "stop" | "q" => return None,
            _ => out.say(Label::Plain, "Please answer l, v, d or s."),
        }
    }
}

/// Asks for the one word that approves.
pub fn approve(out: &Out) -> bool {
    confirm(out, "Apply this?")
}

/// Asks whether something is to be done; only one word says so.
pub fn confirm(out: &Out, question: &str) -> bool {
    out.ask(&format!("{question} Only 'yes' is accepted: "));
    read_line(out).is_some_and(|line| line == "yes")
}

fn read_key(out: &Out) -> Option<String> {
    out.ask("> ");
    read_line(out).map(|line| line.trim().to_lowercase())
}

/// Reads one line; `None` at the end of the input, which leaves the prompt's line without a break of its own.
fn read_line(out: &Out) -> Option<String> {
    let mut line = String::new();
    match std::io::stdin().lock().read_line(&mut line) {
        Ok(0) | Err(_) => {
            out.ask("\n");
            None
        }
        Ok(_) => Some(line.trim_end_matches(['\n', '\r']).to_owned()),
    }
}
