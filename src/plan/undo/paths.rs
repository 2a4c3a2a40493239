//! One path on its way back: the value that it gets, and what stands in the way.

use std::collections::BTreeMap;

use super::super::element;
use super::super::{Change, Choice, PathChange, PathOutcome};
use super::{LostWhy, Undoing};
use crate::diff::Class;
use crate::model::{Path, Planned, Schema, Value, Whence};
use crate::state::Recorded;

impl Undoing<'_> {
    /// Returns what becomes of a path that the apply wrote; `None` where nothing is to be done.
    pub(super) fn path_back(
        &self,
        change: &Change,
        schema: &'static Schema,
        path: &Path,
        [before, after]: [Option<&Value>; 2],
    ) -> Result<Option<PathChange>, LostWhy> {
        if schema.attribute(path).is_none() {
            return Ok(None);
        }
        let live = change.live.as_ref().and_then(|live| live.attributes.get(path));
        let desired = change.desired.get(path);
        let agree = desired.and_then(Planned::known) == live;
        let record = self.record(&change.identity).and_then(|record| record.paths.get(path));
        let observed = record.map_or(after, |record| record.observed.as_ref());
        let goal = self.goal(change, schema, path, before)?;
        let settle = if agree { PathOutcome::Record } else { PathOutcome::Accept };
        let (class, decision, outcome) = if live == before {
            if observed == live {
                return Ok(None);
            }
            // Somebody has put it back already.
            (if agree { Class::Converged } else { Class::Drift }, Some(Choice::UseLive), settle)
        } else if live == after {
            (Class::Edit, None, PathOutcome::Write(goal))
        } else {
            let decision = self.input.decisions.of(&change.address, path);
            let outcome = match decision {
                Some(Choice::UseLocal) => PathOutcome::Write(goal),
                Some(Choice::UseLive) => settle,
                None => PathOutcome::Open(Some(goal)),
            };
            (Class::Conflict, decision, outcome)
        };
        let past = Recorded { declared: None, observed: after.cloned(), accepted: false };
        Ok(Some(PathChange {
            desired: desired.cloned(),
            recorded: Some(record.cloned().unwrap_or(past)),
            live: live.cloned(),
            class,
            decision,
            outcome,
            replaces: false,
            hint: None,
            rule: None,
        }))
    }

    /// Returns the value that brings a path back.
    pub(super) fn goal(
        &self,
        change: &Change,
        schema: &'static Schema,
        path: &Path,
        before: Option<&Value>,
    ) -> Result<Option<Planned>, LostWhy> {
        let desired = change.desired.get(path);
        let hidden =
            schema.attribute(path).is_some_and(|(attribute, _)| attribute.whence == Whence::WriteOnly);
        if hidden {
            // Only a resource that is made again takes it along, as it is declared.
            return match (&change.live, desired) {
                (None, desired) => Ok(desired.cloned()),
                (Some(_), _) => Err(LostWhy::NeverShown),
            };
        }
        let names = |(attribute, _): (&crate::model::Attribute, bool)| attribute.goes_with_parent;
        if before.is_some()
            && schema.attribute(path).is_some_and(names)
            && self.parent_is_made(&change.identity)
        {
            return Err(LostWhy::WentAlong);
        }
        match (before, desired) {
            (None, _) => Ok(None),
            // What it came from is made again too, and gives another value.
            (Some(_), Some(promised @ Planned::Promised(_))) => Ok(Some(promised.clone())),
            (Some(sealed @ Value::Sealed(_)), desired) => {
                let live = change.live.as_ref().and_then(|live| live.attributes.get(path));
                let ours = self.declared.get(&change.identity).is_some_and(|(at, _)| **at == change.address);
                let declared = ours && desired.and_then(Planned::known) == Some(sealed);
                if declared || live == Some(sealed) {
                    Ok(Some(sealed.clone().into()))
                } else {
                    Err(LostWhy::Secret)
                }
            }
            (Some(value), _) => Ok(Some(value.clone().into())),
        }
    }

    /// Says why the code cannot be brought back, where it cannot: all of it comes back or none.
    pub(super) fn code_is_lost<'p>(
        &self,
        change: &Change,
        paths: impl Iterator<Item = &'p Path>,
        before: &BTreeMap<Path, Option<Value>>,
    ) -> Option<LostWhy> {
        let whole = Path::field("code");
        let opaque = change.live.as_ref().is_some_and(|live| live.attributes.contains_key(&whole));
        let mut code = paths.filter(|path| path.is_code()).peekable();
        code.peek()?;
        for path in code {
            let was = before.get(path).and_then(Option::as_ref);
            if was.is_some_and(|value| !(self.back.at_hand)(value)) {
                return Some(LostWhy::Package);
            }
            if opaque && *path != whole && !before.contains_key(&whole) {
                return Some(LostWhy::Unreadable);
            }
        }
        None
    }

    /// Elements of keyed lists come and go as a whole: one that the apply added goes with all that is in it by now.
    pub(super) fn whole_elements(
        &self,
        change: &mut Change,
        schema: &'static Schema,
        before: &BTreeMap<Path, Option<Value>>,
    ) {
        let added = |path: &&Path| {
            let needed = schema.is_key_field(path)
                || schema.attribute(path).is_some_and(|(attribute, key)| attribute.required && !key);
            needed && before.get(*path).is_some_and(Option::is_none)
        };
        let elements: Vec<Path> =
            change.paths.keys().filter(added).filter_map(|path| element::element(schema, path)).collect();
        let mut leaving: BTreeMap<Path, Vec<Path>> = BTreeMap::new();
        let Some(live) = &change.live else { return };
        for element in elements {
            let inside = live.attributes.keys().filter(|path| path.is_within(&element));
            for path in inside {
                let inner = change.paths.entry(path.clone()).or_insert_with(|| PathChange {
                    desired: change.desired.get(path).cloned(),
                    recorded: self
                        .record(&change.identity)
                        .and_then(|record| record.paths.get(path))
                        .cloned(),
                    live: live.attributes.get(path).cloned(),
                    class: Class::Edit,
                    decision: None,
                    outcome: PathOutcome::Write(None),
                    replaces: false,
                    hint: None,
                    rule: None,
                });
                let inside = leaving.entry(element.clone()).or_default();
                if inner.live.is_some() && !inside.contains(path) {
                    inside.push(path.clone());
                }
            }
        }
        element::settle_together(&mut change.paths, &leaving);
    }
}
