//! One resource on its way back: what the apply changed, made, removed or made again.

use std::collections::{BTreeMap, BTreeSet};

use super::super::build::Builder;
use super::super::code::align;
use super::super::element;
use super::super::{
    Action, Change, Choice, Hint, Live, PathChange, PathOutcome, Question, QuestionKind, Standing,
};
use super::{Lost, LostWhy, Undoing};
use crate::diff::Class;
use crate::model::{Address, Fingerprint, Identity, Path, Planned, Schema, Value, Whence};
use crate::state::{Record, Recorded, Touched};

impl Undoing<'_> {
    /// Plans one resource's way back.
    pub(super) fn bring_back(&mut self, identity: &Identity, touched: &Touched) {
        let Some(schema) = self.schema(identity) else { return };
        let live = self.input.live.get(identity).cloned().flatten();
        let change = self.started(identity, touched, live);
        let change = match (&touched.before, &touched.after) {
            _ if touched.is_changed() => self.changed(change, touched, schema),
            (None, Some(_)) => self.made(change, touched, schema),
            (Some(before), _) if before.is_empty() => {
                self.lose(&change.address, Path::root(), LostWhy::NotRecorded);
                None
            }
            (Some(_), None) => self.removed(change, touched, schema),
            (Some(_), Some(_)) => self.made_again(change, touched, schema),
            (None, None) => None,
        };
        if let Some(mut change) = change {
            for (path, inner) in &mut change.paths {
                if let PathOutcome::Write(goal) | PathOutcome::Open(Some(goal)) = &inner.outcome
                    && differs(schema, path, inner.desired.as_ref(), goal.as_ref())
                {
                    inner.hint = Some(Hint::Accepted);
                }
            }
            self.changes.insert(change.address.clone(), change);
        }
    }

    /// Returns a change in which nothing is done yet.
    fn started(&self, identity: &Identity, touched: &Touched, live: Option<Live>) -> Change {
        let (address, moved_from) = self.addresses[identity].clone();
        let wanted = self.declared.get(identity).map(|(_, wanted)| *wanted);
        Change {
            address,
            moved_from,
            identity: identity.clone(),
            old_identity: None,
            parent: self.parent_of(identity),
            action: Action::Keep,
            question: None,
            paths: BTreeMap::new(),
            desired: self.desired(identity),
            depends_on: wanted.map_or(&touched.depends_on, |wanted| &wanted.depends_on).clone(),
            fingerprint: live.as_ref().map(|live| Fingerprint::of(identity, &live.attributes)),
            live,
            old_live: None,
            old_paths: BTreeMap::new(),
            asked_anew: false,
            undo: Some(self.standing(identity)),
        }
    }

    /// The apply wrote paths of it.
    fn changed(&mut self, mut change: Change, touched: &Touched, schema: &'static Schema) -> Option<Change> {
        if change.live.is_none() {
            self.lose(&change.address, Path::root(), LostWhy::DeletedSince);
            return None;
        }
        let (before, after) = (touched.before.as_ref()?, touched.after.as_ref()?);
        let whole = Path::field("code");
        let written = || before.keys().filter(|path| before.get(*path) != after.get(*path));
        if written().any(|path| *path == whole) {
            align(&mut change.desired, change.live.as_mut(), None);
            let live = change.live.as_ref()?;
            change.fingerprint = Some(Fingerprint::of(&change.identity, &live.attributes));
        }
        let code_is_lost = self.code_is_lost(&change, written(), before);
        if let Some(why) = code_is_lost {
            self.lose(&change.address, whole, why);
        }
        for path in written().filter(|path| !path.is_code() || code_is_lost.is_none()) {
            let ends = [before, after].map(|side| side.get(path).and_then(Option::as_ref));
            match self.path_back(&change, schema, path, ends) {
                Ok(inner) => change.paths.extend(inner.map(|inner| (path.clone(), inner))),
                Err(why) => self.lose(&change.address, path.clone(), why),
            }
        }
        self.whole_elements(&mut change, schema, before);
        change.action = match () {
            () if change.written().next().is_some() => Action::Update,
            () if change.paths.values().any(|path| !matches!(path.outcome, PathOutcome::Open(_))) => {
                Action::Record
            }
            () => Action::Keep,
        };
        (!change.paths.is_empty()).then_some(change)
    }

    /// The apply made it.
    fn made(&mut self, mut change: Change, touched: &Touched, schema: &'static Schema) -> Option<Change> {
        change.desired.retain(|_, planned| planned.known().is_some());
        let Some(live) = &change.live else { return self.gone_already(change) };
        let past = past(&change.identity, touched, schema);
        if element::holds_somebodys(schema, live, &past) {
            self.lose(&change.address, Path::root(), LostWhy::Shared);
            return None;
        }
        let goes = self.ask_if_edited(&mut change, &past, schema);
        if goes {
            change.action = Action::Delete;
        }
        Some(change)
    }

    /// What the apply made is not there any more: only its record goes the way back.
    fn gone_already(&self, mut change: Change) -> Option<Change> {
        let record = self.record(&change.identity)?;
        if record.accepted_absent && change.undo == Some(Standing::Declared) {
            return None;
        }
        if change.undo == Some(Standing::Declared) {
            let covered_by = None;
            let decision = Some(Choice::UseLive);
            change.question = Some(Question { kind: QuestionKind::DeletedOnline, decision, covered_by });
            change.action = Action::Record;
        } else {
            change.action = Action::Forget;
        }
        Some(change)
    }

    /// The apply removed it.
    fn removed(&mut self, mut change: Change, touched: &Touched, schema: &'static Schema) -> Option<Change> {
        if let Some(live) = &change.live {
            let past = Touched { after: touched.before.clone(), ..touched.clone() };
            let past = past_of(&change.identity, &past, schema);
            if !Builder::moved(&past, live, schema).is_empty() {
                self.lose(&change.address, Path::root(), LostWhy::ExistsAgain);
            }
            return None;
        }
        if self.parent_is_gone(&change.identity) {
            self.lose(&change.address, Path::root(), LostWhy::ParentGone);
            return None;
        }
        if change.depends_on.iter().any(|source| self.went_along(source)) {
            self.lose(&change.address, Path::root(), LostWhy::NeedsLost);
            return None;
        }
        self.put_back(&mut change, touched, schema)?;
        change.action = Action::Create;
        Some(change)
    }

    /// Returns whether something is not made again because what it names went with its parent.
    fn went_along(&self, address: &Address) -> bool {
        let of_it = |lost: &Lost| lost.address == *address && lost.why == LostWhy::WentAlong;
        self.lost.iter().any(of_it) && !self.changes.contains_key(address)
    }

    /// Returns whether what it belongs to is made again, as something new.
    pub(super) fn parent_is_made(&self, identity: &Identity) -> bool {
        let parent = self.planned_parent(identity);
        parent.is_some_and(|parent| matches!(parent.action, Action::Create | Action::Replace))
    }

    /// The apply removed it and made it again under its own name.
    fn made_again(
        &mut self,
        mut change: Change,
        touched: &Touched,
        schema: &'static Schema,
    ) -> Option<Change> {
        let Some(live) = &change.live else { return self.removed(change, touched, schema) };
        let (past, before) = (past(&change.identity, touched, schema), touched.before.as_ref()?);
        let goes_along = self
            .planned_parent(&change.identity)
            .is_some_and(|parent| parent.action == Action::Replace && parent.undo.is_some());
        let ends = Touched { after: Some(before.clone()), ..touched.clone() };
        let same = Builder::moved(&past_of(&change.identity, &ends, schema), live, schema).is_empty();
        if same && !goes_along {
            return None; // both ends are one
        }
        if !self.ask_if_edited(&mut change, &past, schema) {
            return Some(change);
        }
        change.paths.clear();
        self.put_back(&mut change, touched, schema)?;
        change.action = Action::Replace;
        Some(change)
    }

    /// Asks about what somebody edited since the apply, and returns whether the resource goes.
    fn ask_if_edited(&self, change: &mut Change, past: &Record, schema: &'static Schema) -> bool {
        let Some(live) = &change.live else { return false };
        let mut edited = Builder::moved(past, live, schema);
        for (path, inner) in &mut edited {
            inner.desired = change.desired.get(path).cloned();
        }
        // A child goes and stays with what it belongs to, where that was made with it.
        let covering = self.planned_parent(&change.identity).filter(|parent| {
            matches!(parent.action, Action::Delete | Action::Replace)
                || parent.question.as_ref().is_some_and(|question| question.kind == QuestionKind::EditedSince)
        });
        let answer =
            |parent: &Change| parent.question.as_ref().map_or(Some(Choice::UseLocal), |asked| asked.decision);
        let covering = covering.map(|parent| (parent.address.clone(), answer(parent)));
        let of_children = covering.is_none() && self.children_are_edited(&change.identity);
        let decision = match &covering {
            Some((_, decision)) => *decision,
            None if edited.is_empty() && !of_children => Some(Choice::UseLocal),
            None => self.input.decisions.of(&change.address, &Path::root()),
        };
        if !edited.is_empty() || of_children || decision != Some(Choice::UseLocal) {
            let covered_by = covering.map(|(parent, _)| parent);
            change.question = Some(Question { kind: QuestionKind::EditedSince, decision, covered_by });
        }
        // What is left as it is, is settled so: nobody is asked about it again.
        let settled = decision == Some(Choice::UseLive) && self.record(&change.identity).is_some();
        for inner in edited.values_mut().filter(|_| settled && change.undo == Some(Standing::Declared)) {
            let agree = inner.desired.as_ref().and_then(Planned::known) == inner.live.as_ref();
            inner.decision = decision;
            inner.outcome = if agree { PathOutcome::Record } else { PathOutcome::Accept };
            change.action = Action::Record;
        }
        change.paths = edited;
        decision == Some(Choice::UseLocal)
    }

    /// Returns whether somebody edited a child that the apply made with its parent.
    fn children_are_edited(&self, parent: &Identity) -> bool {
        let children = self.back.last.touched.iter().filter(|(child, touched)| {
            let of_it = self.input.schemas.is_within(child, parent);
            of_it && !touched.is_changed() && touched.after.is_some()
        });
        children.into_iter().any(|(child, touched)| {
            let live = self.input.live.get(child).and_then(Option::as_ref);
            live.zip(self.schema(child)).is_some_and(|(live, schema)| {
                !Builder::moved(&past(child, touched, schema), live, schema).is_empty()
            })
        })
    }

    fn parent_is_gone(&self, identity: &Identity) -> bool {
        let Some(parent) = self.input.schemas.parent_of(identity) else { return false };
        if self.planned_parent(identity).is_some_and(|parent| parent.action == Action::Create) {
            return false;
        }
        matches!(self.input.live.get(&parent), Some(None))
    }

    /// Fills in all that was there. `None` where it cannot be made of what is left of it.
    fn put_back(&mut self, change: &mut Change, touched: &Touched, schema: &'static Schema) -> Option<()> {
        let before = touched.before.as_ref()?;
        let live = change.live.as_ref().map(|live| live.attributes.clone()).unwrap_or_default();
        let code = self.code_is_lost(change, before.keys(), before);
        let mut incomplete = false;
        let paths: BTreeSet<Path> = before.keys().chain(change.desired.keys()).cloned().collect();
        for path in paths {
            let Some((attribute, key)) = schema.attribute(&path) else { continue };
            let value = before.get(&path).and_then(Option::as_ref);
            let desired = change.desired.get(&path);
            let goal = match self.goal(change, schema, &path, value) {
                // What the service fills in by itself need not be said.
                Ok(Some(Planned::Known(value)))
                    if !key && desired.is_none() && attribute.removal.value() == Some(value.clone()) =>
                {
                    continue;
                }
                Ok(goal) => goal,
                Err(why) => {
                    self.lose(&change.address, path.clone(), why);
                    None
                }
            };
            let goal = goal.filter(|_| !path.is_code() || code.is_none());
            incomplete |= goal.is_none() && !key && attribute.required && value.is_some();
            if goal.is_none() && desired.is_none() {
                continue;
            }
            let inner = PathChange {
                desired: desired.cloned(),
                recorded: recorded(touched, &path),
                live: live.get(&path).cloned(),
                class: Class::Edit,
                decision: None,
                outcome: PathOutcome::Write(goal),
                replaces: false,
                hint: None,
                rule: None,
            };
            change.paths.insert(path, inner);
        }
        if let Some(why) = code {
            self.lose(&change.address, Path::field("code"), why);
            incomplete = true;
        }
        if incomplete {
            self.lose(&change.address, Path::root(), LostWhy::Incomplete);
            return None;
        }
        Some(())
    }
}

/// Returns a resource as the apply left it, for comparing what is live by now.
fn past(identity: &Identity, touched: &Touched, schema: &Schema) -> Record {
    past_of(identity, touched, schema)
}

fn past_of(identity: &Identity, touched: &Touched, schema: &Schema) -> Record {
    let mut record = Record::new(identity.clone(), schema.version);
    for (path, value) in touched.after.iter().flatten() {
        let shown = schema.attribute(path).is_some_and(|(attribute, _)| attribute.whence == Whence::Answered);
        if shown {
            let (declared, observed) = (value.clone(), value.clone());
            record.settle(path, Recorded { declared, observed, accepted: false });
        }
    }
    record
}

/// Returns whether the configuration says otherwise; where it is silent, whether it would come to another value.
fn differs(schema: &Schema, path: &Path, desired: Option<&Planned>, goal: Option<&Planned>) -> bool {
    if desired.is_some() {
        return desired != goal;
    }
    let goal = goal.and_then(Planned::known);
    schema.falls_back(path).is_some_and(|fallen| fallen.as_ref() != goal)
}

/// Returns a path as the apply left it.
pub(super) fn recorded(touched: &Touched, path: &Path) -> Option<Recorded> {
    let observed: Option<Value> = touched.after.as_ref()?.get(path).cloned().flatten();
    Some(Recorded { declared: None, observed, accepted: false })
}
