//! Weighs one path: its class, what use-local would make of it, and what will be done.

use super::{Choice, Hint, IgnoreRule, PathChange, PathOutcome};
use crate::diff::{Class, Past, Sides};
use crate::model::{Planned, Removal, Schema, Value};
use crate::state::Recorded;

/// One path, before anybody decided.
pub(super) struct Scale<'a> {
    pub schema: &'a Schema,
    pub path: &'a crate::model::Path,
    pub desired: Option<&'a Planned>,
    /// `None` where the path has no past.
    pub recorded: Option<&'a Recorded>,
    pub live: Option<&'a Value>,
    /// The element of a keyed list that it is in was declared and is no more: it goes with all its fields.
    pub leaving: bool,
}

/// What use-local would make of a path.
enum Goal {
    /// This value; `None` for its empty form, or gone.
    To(Option<Planned>),
    /// The service cannot do that.
    Impossible(Hint),
}

impl Scale<'_> {
    /// Returns what will be done with the path; `None` where nothing moved and nothing is kept apart.
    ///
    /// `answers` gives the answer that reaches it, and the one that names a path exactly, which reopens what was
    /// accepted or is ignored; `rule` the project's rule about changes online there.
    pub fn weigh(
        &self,
        answers: impl FnOnce() -> (Option<Choice>, Option<Choice>),
        rule: impl FnOnce() -> Option<IgnoreRule>,
    ) -> Option<PathChange> {
        let goal = self.goal();
        let agree = match &goal {
            Goal::To(None) => self.live.is_none() || self.is_new_and_silent(),
            Goal::To(Some(Planned::Known(value))) => self.live == Some(value),
            Goal::Impossible(Hint::Stays) => {
                self.recorded.is_none_or(|recorded| recorded.observed.as_ref() == self.live)
            }
            Goal::To(Some(Planned::Promised(_))) | Goal::Impossible(_) => false,
        };
        let mut class = self.class(agree);
        let accepted = self.recorded.is_some_and(|recorded| recorded.accepted);
        if class == Class::Unchanged && !accepted {
            return None;
        }
        let (decision, reopened) = answers();
        let mut decision = decision.filter(|_| class.needs_decision());
        let moved = self.recorded.is_some_and(|recorded| recorded.observed.as_ref() != self.live);
        let rule = if moved && class.needs_decision() { rule() } else { None };
        // A rule answers changes online. What the project wants there as well is no such change.
        let ignored =
            class == Class::Drift && reopened.is_none() && rule.as_ref().is_some_and(|rule| !rule.expired);
        if ignored {
            decision = None;
        }
        if class == Class::Unchanged
            && !agree
            && let Some(choice) = reopened
        {
            class = Class::Conflict;
            decision = Some(choice);
        }
        let hint = match &goal {
            Goal::Impossible(hint) if class != Class::Unchanged => Some(*hint),
            _ => None,
        };
        let outcome = match (class, decision) {
            _ if ignored => PathOutcome::Ignore,
            (Class::Unchanged, _) if agree => PathOutcome::Record, // the mark goes
            (Class::Unchanged, _) => PathOutcome::Keep,
            (Class::Converged, _) => PathOutcome::Record,
            (Class::Drift | Class::Conflict, Some(Choice::UseLive)) => PathOutcome::Accept,
            (Class::Edit, _) | (Class::Drift | Class::Conflict, Some(Choice::UseLocal)) => match goal {
                Goal::To(value) => PathOutcome::Write(value),
                Goal::Impossible(_) => PathOutcome::Open(None),
            },
            (Class::Drift | Class::Conflict, None) => PathOutcome::Open(match goal {
                Goal::To(value) => Some(value),
                Goal::Impossible(_) => None,
            }),
        };
        let attribute = self.schema.attribute(self.path);
        Some(PathChange {
            desired: self.desired.cloned(),
            recorded: self.recorded.cloned(),
            live: self.live.cloned(),
            class,
            decision,
            outcome,
            replaces: attribute.is_some_and(|(attribute, _)| attribute.replaces),
            hint,
            rule,
        })
    }

    fn class(&self, agree: bool) -> Class {
        let promised = matches!(self.desired, Some(Planned::Promised(_)));
        let desired = self.desired.and_then(Planned::known);
        let past = self.recorded.map(|recorded| Past {
            declared: recorded.declared.as_ref(),
            observed: recorded.observed.as_ref(),
            accepted: recorded.accepted,
        });
        if promised {
            // Nobody knows yet whether the project moved it, so it counts as moved.
            let drifted = past.as_ref().is_none_or(|past| past.accepted || self.live != past.observed);
            return if drifted { Class::Conflict } else { Class::Edit };
        }
        match (Sides { desired, recorded: past, live: self.live }).class(agree) {
            Class::Unchanged
                if self.leaving && !agree && !self.recorded.is_some_and(|past| past.accepted) =>
            {
                Class::Edit
            }
            Class::Unchanged | Class::Drift if self.leaving && !agree => Class::Conflict,
            class => class,
        }
    }

    /// The schema learned of it after the resource was settled, and the configuration is silent.
    fn is_new_and_silent(&self) -> bool {
        self.recorded.is_none() && self.desired.is_none() && !self.leaving
    }

    fn goal(&self) -> Goal {
        if let Some(desired) = self.desired {
            return Goal::To(Some(desired.clone()));
        }
        if self.leaving {
            return Goal::To(None);
        }
        let stopped = self.recorded.is_some_and(|recorded| recorded.declared.is_some() || recorded.accepted);
        match (stopped, self.recorded.and_then(|recorded| recorded.observed.as_ref())) {
            (true, _) => self.removed(),
            (false, Some(Value::Sealed(_))) => Goal::Impossible(Hint::SecretNeverDeclared),
            (false, None) if self.has_no_empty_form() => Goal::Impossible(Hint::DeclareToRestore),
            (false, observed) => Goal::To(observed.cloned().map(Planned::Known)),
        }
    }

    fn has_no_empty_form(&self) -> bool {
        let attribute = self.schema.attribute(self.path);
        self.recorded.is_some()
            && self.live.is_some()
            && attribute.is_some_and(|(attribute, key)| !key && attribute.removal == Removal::Stays)
    }

    /// What a path falls back to when the configuration stops declaring it.
    fn removed(&self) -> Goal {
        match self.schema.attribute(self.path) {
            None | Some((_, true)) => Goal::To(None),
            Some((attribute, false)) => match attribute.removal {
                Removal::Stays => Goal::Impossible(Hint::Stays),
                removal => Goal::To(removal.value().map(Planned::Known)),
            },
        }
    }
}
