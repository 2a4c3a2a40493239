//! One path of a resource: its three sides, what happens to it, and what each decision would do.

use super::Mark;
use super::resource::going;
use crate::diff::Class;
use crate::model::{Path, Planned, Value};
use crate::plan::{Action, Change, Choice, Hint, IgnoreRule, PathChange, PathOutcome, SecretSource};
use crate::render::text::plain;
use crate::render::value::{declared, optional, value};

/// One path.
pub struct Setting {
    /// `environmentVariables["LOG_LEVEL"]`.
    pub path: String,
    /// What happens to it, as a sign.
    pub mark: Mark,
    /// What its three sides amount to.
    pub class: Class,
    /// What happens to it.
    pub said: Said,
    /// Its sides by their names, in their order. One that is made has only one.
    pub sides: Vec<Side>,
    /// What was decided, or what each decision would do.
    pub answers: Vec<Answer>,
    /// What a rule of the project has to do with it.
    pub rule: Option<String>,
    /// Whether nobody has decided yet.
    pub open: bool,
}

/// What happens to a path.
pub enum Said {
    /// It will have this value.
    Will(String),
    /// It is written.
    Moves {
        /// What is live.
        from: String,
        /// What it will be.
        to: String,
        /// `forces replacement`.
        note: Option<&'static str>,
    },
    /// It is not written.
    Stays {
        /// What is live.
        live: String,
        /// Why.
        note: String,
    },
    /// Somebody edited it online.
    Edited {
        /// What is live, or what somebody added to it and took away.
        live: String,
        /// `512 config, 512 recorded`.
        beside: String,
    },
    /// Both sides moved, or nobody knows which did.
    Contested {
        /// How it came to that.
        note: &'static str,
    },
}

/// One of the three sides.
pub struct Side {
    /// `config`, `recorded` or `live`.
    pub name: &'static str,
    /// What it says.
    pub text: String,
}

/// What was decided, or what a decision would do.
pub struct Answer {
    /// Which.
    pub choice: Choice,
    /// Whether it can be taken.
    pub able: bool,
    /// What it does; where it cannot be taken, why.
    pub text: String,
}

impl Answer {
    pub(super) fn new(choice: Choice, text: impl Into<String>) -> Self {
        Self { choice, able: true, text: text.into() }
    }

    /// `use-local:`, or `use-local cannot:`.
    pub fn lead(&self) -> String {
        format!("{}{}:", self.choice, if self.able { "" } else { " cannot" })
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.lead(), self.text)
    }
}

/// Returns a path of a resource that is made.
pub(super) fn made(
    path: &Path,
    desired: &Planned,
    name: &'static str,
    source: Option<&SecretSource>,
) -> Setting {
    let text = declared(desired, source);
    Setting {
        path: plain(&path.to_string()),
        mark: Mark::None,
        class: Class::Edit,
        said: Said::Will(text.clone()),
        sides: vec![Side { name, text }],
        answers: Vec::new(),
        rule: None,
        open: false,
    }
}

/// Returns a path that moved on a side, or that a decision keeps apart.
pub fn setting(change: &Change, path: &Path, inner: &PathChange, source: Option<&SecretSource>) -> Setting {
    let live = || optional(inner.live.as_ref());
    let stays = |mark, note: String| (mark, Said::Stays { live: live(), note });
    let mut answers = Vec::new();
    let (mark, said) = match (&inner.outcome, inner.class) {
        (PathOutcome::Record, _) => match inner.hint {
            // What is made again under its own name is made with what its new form still has.
            Some(Hint::Stays) if change.action == Action::Replace => {
                stays(Mark::None, "no longer declared".to_owned())
            }
            Some(Hint::Stays) => stays(Mark::Same, format!("no longer declared, stays {}", live())),
            _ => stays(Mark::Same, "project and cloud agree again".to_owned()),
        },
        // Of one that goes as a whole: what somebody would miss.
        (PathOutcome::Keep, Class::Drift) => {
            (going(change), Said::Edited { live: live(), beside: format!("{} recorded", recorded(inner)) })
        }
        (PathOutcome::Ignore, _) => stays(Mark::Same, format!("ignored; {} recorded", recorded(inner))),
        (PathOutcome::Keep, _) => {
            let before = inner.recorded.as_ref().and_then(|recorded| recorded.declared.as_ref());
            stays(Mark::Same, format!("accepted; config {}", optional(before)))
        }
        (PathOutcome::Write(goal), Class::Edit) => (Mark::Change, moves(inner, goal.as_ref(), source)),
        (outcome, Class::Conflict) => {
            answers = answers_of(inner, source);
            (decided(outcome, Mark::Conflict), Said::Contested { note: contested(change, inner) })
        }
        (outcome, _) => {
            answers = answers_of(inner, source);
            let live = list_difference(inner).unwrap_or_else(live);
            (decided(outcome, Mark::Ask), Said::Edited { live, beside: pasts(inner, source) })
        }
    };
    Setting {
        path: plain(&path.to_string()),
        mark,
        class: inner.class,
        said,
        sides: sides(inner, source),
        answers,
        rule: inner.rule.as_ref().map(|rule| ruled(rule, inner.class)),
        open: matches!(inner.outcome, PathOutcome::Open(_)),
    }
}

/// What a rule has to do with a change online: `ignored by …: why (who, until when)`.
pub fn ruled(rule: &IgnoreRule, class: Class) -> String {
    let IgnoreRule { selector, reason, owner, until, expired } = rule;
    let selector = plain(selector);
    let day = until.map(|day| day.to_string());
    let what = match (expired, class) {
        (true, _) => {
            format!(
                "the rule {selector}, which ignored it, expired on {}",
                day.as_deref().unwrap_or("(no day)")
            )
        }
        (false, Class::Conflict) => {
            format!("the rule {selector} ignores what is changed online, and here config moved as well")
        }
        (false, _) => format!("ignored by the rule {selector}"),
    };
    let reason = reason.as_ref().map(|reason| format!(": {}", plain(reason))).unwrap_or_default();
    let until = day.filter(|_| !expired).map(|day| format!("until {day}"));
    let rest: Vec<String> = owner.as_ref().map(|owner| plain(owner)).into_iter().chain(until).collect();
    let rest = if rest.is_empty() { String::new() } else { format!(" ({})", rest.join(", ")) };
    format!("{what}{reason}{rest}")
}

/// Once it is decided, a question looks like what will be done.
pub(super) fn decided(outcome: &PathOutcome, open: Mark) -> Mark {
    match outcome {
        PathOutcome::Write(_) => Mark::Change,
        PathOutcome::Accept => Mark::Same,
        _ => open,
    }
}

fn moves(inner: &PathChange, goal: Option<&Planned>, source: Option<&SecretSource>) -> Said {
    let gone = || if inner.desired.is_none() { "(removed)".to_owned() } else { "(none)".to_owned() };
    Said::Moves {
        from: optional(inner.live.as_ref()),
        to: goal.map_or_else(gone, |goal| declared(goal, source)),
        note: match inner.hint {
            _ if inner.replaces => Some("forces replacement"),
            Some(Hint::Accepted) => Some("accepted"),
            _ => None,
        },
    }
}

fn sides(inner: &PathChange, source: Option<&SecretSource>) -> Vec<Side> {
    let says = |desired| declared(desired, source);
    let config = inner.desired.as_ref().map_or_else(|| "(none)".to_owned(), says);
    let recorded = inner.recorded.is_some().then(|| Side { name: "recorded", text: recorded(inner) });
    let live = Side { name: "live", text: optional(inner.live.as_ref()) };
    std::iter::once(Side { name: "config", text: config }).chain(recorded).chain([live]).collect()
}

/// What somebody added to a list and removed from it: `+ "PUT"`.
fn list_difference(inner: &PathChange) -> Option<String> {
    let recorded = inner.recorded.as_ref()?.observed.as_ref()?;
    let (Value::List(before), Some(Value::List(after))) = (recorded, &inner.live) else { return None };
    let only = |some: &[Value], others: &[Value], sign: char| -> Vec<String> {
        let missing = some.iter().filter(|item| !others.contains(item));
        missing.map(|item| format!("{sign} {}", value(item))).collect()
    };
    let mut parts = only(after, before, '+');
    parts.extend(only(before, after, '-'));
    (!parts.is_empty()).then(|| parts.join("  "))
}

fn contested(change: &Change, inner: &PathChange) -> &'static str {
    match (&inner.recorded, change.action) {
        (None, Action::TakeOver) => "config and live differ",
        (None, _) => "no past is recorded",
        _ if change.undo.is_some() => "edited online since that apply",
        (Some(recorded), _) if recorded.accepted => "conflict: live was accepted, config moved since",
        _ => "conflict: both sides moved",
    }
}

/// `512 config, 512 recorded`.
fn pasts(inner: &PathChange, source: Option<&SecretSource>) -> String {
    match &inner.desired {
        Some(desired) => format!("{} config, {} recorded", declared(desired, source), recorded(inner)),
        None => format!("not in config, {} recorded", recorded(inner)),
    }
}

/// What was recorded; where declared and observed differ, both.
fn recorded(inner: &PathChange) -> String {
    let Some(recorded) = &inner.recorded else { return "nothing".to_owned() };
    let observed = recorded.observed.as_ref().map_or_else(|| "nothing".to_owned(), value);
    match &recorded.declared {
        Some(said) if Some(said) != recorded.observed.as_ref() => {
            let word = if recorded.accepted { "accepted" } else { "observed" };
            format!("{} declared, {observed} {word}", value(said))
        }
        _ => observed,
    }
}

/// What was decided, or what each decision would do.
fn answers_of(inner: &PathChange, source: Option<&SecretSource>) -> Vec<Answer> {
    let live = optional(inner.live.as_ref());
    let local = |goal: &Option<Planned>| {
        let goal = goal.as_ref().map_or_else(|| "gone".to_owned(), |goal| declared(goal, source));
        Answer::new(Choice::UseLocal, format!("{live} -> {goal}"))
    };
    let keeps = || Answer::new(Choice::UseLive, format!("keeps {live}"));
    match &inner.outcome {
        PathOutcome::Write(goal) => vec![local(goal)],
        PathOutcome::Accept => vec![keeps()],
        PathOutcome::Open(Some(goal)) => vec![local(goal), keeps()],
        PathOutcome::Open(None) => {
            let why = match inner.hint {
                Some(Hint::SecretNeverDeclared) => {
                    "the secret was never declared here; declare it to put it back"
                }
                _ => "it has no value to go back to; declare one",
            };
            vec![Answer { able: false, ..Answer::new(Choice::UseLocal, why) }, keeps()]
        }
        PathOutcome::Record | PathOutcome::Keep | PathOutcome::Ignore => Vec::new(),
    }
}
