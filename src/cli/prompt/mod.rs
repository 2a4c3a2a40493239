//! Asking a person: the whole plan first, then one resource at a time, each with its own context.

mod menu;
mod resource;

use std::collections::BTreeSet;

use self::menu::{Key, ask, read_line};
use self::resource::{Questions, Reply};
use super::out::Out;
use crate::config::suggest::sentence;
use crate::model::Address;
use crate::ops::{Failure, Setup, Survey};
use crate::plan::{Answer, Choice, Decisions, Plan};
use crate::render::Part;
use crate::render::human::{self, View};
use crate::render::text::{Doc, Label, Line};
use crate::render::view::plural;

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
    plan: Plan,
    decisions: Decisions,
    view: &View<'_>,
) -> Result<Answered, Failure> {
    let mut talk = Talk { out, setup, survey, plan, decisions };
    loop {
        match whole(out, &talk.plan, view) {
            Some(Whole::All(answer)) if !talk.answer(|decisions| decisions.answer(None, answer))? => {}
            Some(_) => break,
            None => return Ok(Answered::Stopped),
        }
    }
    // Who was asked before, and what had been answered until then. An answer may settle several questions, or raise
    // one: each round plans anew and asks about the first resource, in the order in which the plan shows them.
    let mut before: Vec<Decisions> = Vec::new();
    while let (Some(first), left) = open(&talk.plan) {
        let number = format!("{}/{}", before.len() + 1, before.len() + left);
        let questions = Questions::about(out, &talk.plan.changes[&first], number, view);
        match questions.ask(before.is_empty()) {
            Reply::Answers(rules) => {
                let earlier = talk.decisions.clone();
                let answers = |decisions: &mut Decisions| {
                    for rule in rules {
                        decisions.answer(rule.selector, rule.answer);
                    }
                };
                if talk.answer(answers)? {
                    before.push(earlier);
                }
            }
            Reply::Back => {
                let earlier = before.pop().unwrap_or_default();
                talk.answer(|decisions| *decisions = earlier)?;
            }
            Reply::Stop => return Ok(Answered::Stopped),
        }
    }
    Ok(Answered::Decided(Box::new(talk.plan)))
}

/// What was answered so far, and the plan with that.
struct Talk<'a> {
    out: &'a Out,
    setup: &'a Setup,
    survey: &'a Survey,
    plan: Plan,
    decisions: Decisions,
}

impl Talk<'_> {
    /// Plans with another answer; returns whether that can be. Where it cannot, the person is told why, and nothing
    /// was answered.
    fn answer(&mut self, change: impl FnOnce(&mut Decisions)) -> Result<bool, Failure> {
        let mut decisions = self.decisions.clone();
        change(&mut decisions);
        match self.survey.plan(self.setup, &decisions) {
            Ok(plan) => {
                self.survey.load_texts(self.setup, &plan);
                (self.plan, self.decisions) = (plan, decisions);
                Ok(true)
            }
            Err(Failure::Input(problems)) => {
                self.out.diagnostics(&problems);
                self.out.say(Label::Bad, "So it cannot be planned. Please answer otherwise.");
                Ok(false)
            }
            Err(failure) => Err(failure),
        }
    }
}

/// Returns the first resource that somebody has to decide about, and how many there are.
fn open(plan: &Plan) -> (Option<Address>, usize) {
    let open: BTreeSet<&Address> = plan.open().into_iter().map(|open| &open.change.address).collect();
    (open.first().map(|address| (*address).clone()), open.len())
}

enum Whole {
    All(Answer),
    Each,
}

fn whole(out: &Out, plan: &Plan, view: &View<'_>) -> Option<Whole> {
    let decisions = plan.open().len();
    let (_, resources) = open(plan);
    let mut doc = Doc::new();
    doc.line(Line::new());
    let text = format!(
        "{decisions} {} about {resources} {}. What should win?",
        plural(decisions, "decision"),
        plural(resources, "resource")
    );
    doc.line(Line::new().add(Label::Strong, text));
    out.note(&doc);
    let menu = [
        (Key::Local, "local everywhere"),
        (Key::Live, "live everywhere"),
        (Key::Each, "each on its own"),
        (Key::Skip, "skip all of them"),
        (Key::Show, "show everything"),
        (Key::Stop, "stop, change nothing"),
    ];
    let everything = View { diff_lines: usize::MAX, compact: false, ..*view };
    loop {
        return Some(match ask(out, &menu)? {
            Key::Local => Whole::All(Choice::UseLocal.into()),
            Key::Live => Whole::All(Choice::UseLive.into()),
            Key::Skip => Whole::All(Answer::Skip),
            Key::Each => Whole::Each,
            Key::Show => {
                out.note(&human::plan(plan, &everything, Part::Whole));
                continue;
            }
            _ => return None,
        });
    }
}

/// What a person wants with files that could be written.
pub enum Wish {
    /// They are written.
    Write,
    /// The project goes on saying otherwise.
    Accept,
    /// Nothing at all is done.
    Stop,
}

/// Asks whether what stays as it is live goes into the project as well; `shown` is what would be written.
pub fn wish(out: &Out, places: usize, files: &[String], shown: &Doc) -> Wish {
    let is = if places == 1 { "difference stays" } else { "differences stay" };
    let text = format!("{places} {is} as live. Should the project say so too, in {}?", sentence(files));
    let mut doc = Doc::new();
    doc.line(Line::new());
    doc.paragraph(Label::Strong, &text, 0, out.width());
    out.note(&doc);
    let menu = [
        (Key::Write, "write it into the project"),
        (Key::Accept, "accept that it says otherwise"),
        (Key::Show, "show what would be written"),
        (Key::Stop, "stop, change nothing"),
    ];
    loop {
        return match ask(out, &menu) {
            Some(Key::Write) => Wish::Write,
            Some(Key::Accept) => Wish::Accept,
            Some(Key::Show) => {
                out.note(shown);
                continue;
            }
            _ => Wish::Stop,
        };
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
