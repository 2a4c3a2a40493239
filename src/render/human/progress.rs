//! An apply, step by step, and how it ended.

use std::collections::BTreeMap;
use std::time::Duration;

use unicode_width::UnicodeWidthStr;

use super::name;
use crate::apply::StepEnd;
use crate::plan::{Plan, Step, StepId, StepKind};
use crate::render::text::{Doc, Label, Line, plain};
use crate::render::value::optional;

const VERBS: usize = 44;
const TIMES: usize = 68;

/// Returns the line of a step that begins.
pub fn step_started(step: &Step) -> Doc {
    let verb = match step.kind {
        StepKind::Create => "creating",
        StepKind::Update => "updating",
        StepKind::Delete => "deleting",
    };
    let mut doc = Doc::new();
    doc.line(Line::new().plain("  ").plain(name(&step.address)).to(VERBS).add(Label::Faint, verb));
    doc
}

/// Returns the lines of a step that ended.
pub fn step_ended(step: &Step, end: &StepEnd, took: Duration, width: usize) -> Doc {
    let (label, word) = match (end, step.kind) {
        (StepEnd::Done, StepKind::Create) => (Label::Good, "created"),
        (StepEnd::Done, StepKind::Update) => (Label::Good, "updated"),
        (StepEnd::Done, StepKind::Delete) => (Label::Good, "deleted"),
        (StepEnd::Unneeded, _) => (Label::Good, "is as wanted already"),
        (StepEnd::Moved(_), _) => (Label::Bad, "moved, left alone"),
        (StepEnd::Partial(_), StepKind::Create) => (Label::Bad, "created, not ready"),
        (StepEnd::Partial(_), _) => (Label::Bad, "written, not ready"),
        (StepEnd::Refused(_), _) => (Label::Bad, "failed"),
        (StepEnd::Uncertain(_), _) => (Label::Bad, "uncertain"),
        (StepEnd::Unprepared(_), _) => (Label::Bad, "not written"),
    };
    let mut doc = Doc::new();
    let line = Line::new().plain("  ").plain(name(&step.address)).to(VERBS).add(label, word);
    doc.line(line.to(TIMES).add(Label::Faint, seconds(took)));
    let mut why = |text: String| doc.paragraph(Label::Bad, &text, 6, width);
    match end {
        StepEnd::Done | StepEnd::Unneeded => {}
        StepEnd::Moved(differences) => {
            for difference in differences {
                let path = if difference.path.is_root() {
                    "the resource".to_owned()
                } else {
                    plain(&difference.path.to_string())
                };
                let (saw, now) = (optional(difference.saw.as_ref()), optional(difference.now.as_ref()));
                why(format!("{path} was changed online since the plan was made: {saw} -> {now}"));
            }
        }
        StepEnd::Partial(error) | StepEnd::Refused(error) | StepEnd::Uncertain(error) => {
            why(plain(&error.to_string()));
        }
        StepEnd::Unprepared(text) => why(plain(text)),
    }
    doc.folded(width)
}

/// How an apply ended.
pub struct Ending<'a> {
    /// What was planned.
    pub plan: &'a Plan,
    /// The steps that ran.
    pub ends: &'a BTreeMap<StepId, StepEnd>,
    /// Those that never started.
    pub not_started: &'a [StepId],
    /// Those that were left while their call was under way.
    pub in_flight: &'a [StepId],
    /// The state that was written.
    pub serial: Option<u64>,
    /// Whether somebody stopped it.
    pub interrupted: bool,
}

impl Ending<'_> {
    /// Returns how many steps are done, failed, and left nobody knows how.
    fn counts(&self) -> (usize, usize, usize) {
        let done = self.ends.values().filter(|end| end.is_good()).count();
        let uncertain = self.ends.values().filter(|end| matches!(end, StepEnd::Uncertain(_))).count();
        (done, self.ends.len() - done - uncertain, uncertain + self.in_flight.len())
    }

    fn word(&self) -> (Label, &'static str) {
        let (_, failed, uncertain) = self.counts();
        if self.interrupted {
            (Label::Bad, "Interrupted")
        } else if failed == 0 && uncertain == 0 && self.not_started.is_empty() {
            (Label::Good, "Done")
        } else {
            (Label::Bad, "Not all of it was done")
        }
    }

    /// `1 applied, 1 failed, 2 not started.`
    fn tally(&self) -> String {
        let (done, failed, uncertain) = self.counts();
        let counts = [
            (done, "applied", true),
            (failed, "failed", true),
            (self.not_started.len(), "not started", false),
            (uncertain, "uncertain", false),
        ];
        let told = counts.into_iter().filter(|(count, _, always)| *always || *count > 0);
        let told: Vec<String> = told.map(|(count, word, _)| format!("{count} {word}")).collect();
        let serial = self.serial.map_or_else(String::new, |serial| format!(" State serial {serial}."));
        format!("{}.{serial}", told.join(", "))
    }
}

/// Returns how an apply ended in one sentence.
pub fn verdict(ending: &Ending<'_>) -> String {
    format!("{}: {}", ending.word().1, ending.tally())
}

/// Returns the last lines of an apply: done, failed, not started.
pub fn ending(ending: &Ending<'_>, width: usize) -> Doc {
    let Ending { plan, ends: _, not_started, in_flight, serial, interrupted } = *ending;
    let mut doc = Doc::new();
    let (_, _, uncertain) = ending.counts();
    for (ids, word) in [(in_flight, "left in flight"), (not_started, "not started")] {
        for step in ids.iter().filter_map(|id| plan.steps.get(*id)) {
            doc.line(Line::new().plain("  ").plain(name(&step.address)).to(VERBS).add(Label::Bad, word));
        }
    }
    doc.gap();
    let (label, word) = ending.word();
    doc.line(Line::new().add(label, word).plain(format!(": {}", ending.tally())));
    if serial.is_none() && (uncertain > 0 || interrupted) {
        let text = "The journal is kept; the next command settles what is open.";
        doc.paragraph(Label::Plain, text, 0, width);
    }
    doc.folded(width)
}

/// Returns the links that a person looks for afterwards.
pub fn link_lines<'a>(links: impl Iterator<Item = (&'a str, &'a str)>) -> Doc {
    let links: Vec<(String, &str)> = links.map(|(label, link)| (plain(label), link)).collect();
    let column = links.iter().map(|(label, _)| label.width()).max().unwrap_or_default() + 4;
    let mut doc = Doc::new();
    for (label, link) in links {
        doc.line(Line::new().plain("  ").plain(label).to(column).add(Label::Strong, plain(link)));
    }
    doc
}

/// Returns what is to be known about the links above it.
pub fn link_note(text: &str, width: usize) -> Doc {
    let mut doc = Doc::new();
    doc.paragraph(Label::Faint, text, 2, width);
    doc
}

/// Returns a duration as people read it: `0.1 s`, `4 s`.
fn seconds(took: Duration) -> String {
    if took < Duration::from_secs(10) {
        format!("{:.1} s", took.as_secs_f64())
    } else {
        format!("{} s", took.as_secs())
    }
}
