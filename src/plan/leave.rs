//! Resources that are recorded and no longer declared, and children whose parent goes.

use std::collections::{BTreeMap, BTreeSet};

use super::build::Builder;
use super::code::align;
use super::element;
use super::moves::Kept;
use super::{Action, Change, Choice, Live, PathChange, PathOutcome, Question, QuestionKind};
use crate::diff::Class;
use crate::model::{Address, DesiredAttributes, Fingerprint, Identity, Path, Schema, Whence};
use crate::state::{Record, Recorded};

/// What becomes of the live resource that a recorded child belongs to.
pub(super) enum Fate {
    /// It is deleted or replaced, and the child goes with it.
    Goes,
    /// A decision leaves it as it is, and the child with it.
    LetGo,
    /// Nobody has decided yet.
    Open,
}

impl Fate {
    /// Returns the parent's answer, as it reaches the child.
    pub(super) fn decision(&self) -> Option<Choice> {
        match self {
            Self::Goes => Some(Choice::UseLocal),
            Self::LetGo => Some(Choice::UseLive),
            Self::Open => None,
        }
    }
}

impl Fate {
    /// Returns whether it surely goes.
    pub(super) fn goes(&self) -> bool {
        matches!(self, Self::Goes)
    }
}

impl Builder<'_> {
    /// Plans a resource that is recorded and no longer declared.
    pub(super) fn left(&mut self, address: &Address) {
        let Kept { moved_from, record } = &self.records[address];
        let removed = self.is_removed(address);
        let Some(schema) = self.schema(&address.kind) else { return };
        let live = self.live(&record.identity).cloned();
        let mut change = Change {
            address: address.clone(),
            moved_from: moved_from.clone(),
            identity: record.identity.clone(),
            old_identity: None,
            parent: self.parent_of(&record.identity).map(|parent| parent.address.clone()),
            action: Action::Forget,
            question: None,
            paths: BTreeMap::new(),
            desired: DesiredAttributes::new(),
            depends_on: BTreeSet::new(),
            fingerprint: live.as_ref().map(|live| Fingerprint::of(&record.identity, &live.attributes)),
            live: None,
            old_live: None,
            old_paths: BTreeMap::new(),
            asked_anew: false,
            undo: None,
        };
        if let (Some(live), false) = (&live, record.accepted_absent || removed) {
            let covering = self.fate_of_parent(&record.identity);
            let released = element::released(schema, record, live);
            let remove = match element::holds_somebodys(schema, live, record) {
                true if released.is_empty() => Action::Forget, // nothing of it is ours any more
                true => Action::Release,
                false => Action::Delete,
            };
            let drift = self.drift(address, record, live, schema);
            let moved = is_moved(&drift) || (covering.is_none() && self.children_drifted(record));
            let decision = match &covering {
                Some((_, fate)) => fate.decision(),
                None if moved => self.input.decisions.of(address, &Path::root()),
                None => Some(Choice::UseLocal),
            };
            change.action = match decision {
                Some(Choice::UseLocal) => remove,
                Some(Choice::UseLive) => Action::Forget,
                None => Action::Keep,
            };
            if moved {
                let covered_by = covering.map(|(parent, _)| parent);
                change.question = Some(Question { kind: QuestionKind::LeftAndDrifted, decision, covered_by });
            }
            change.paths = drift;
            if change.action == Action::Release {
                for (path, write) in released {
                    let inner = change.paths.entry(path).or_insert_with(|| write.clone());
                    inner.outcome = write.outcome;
                }
            }
        }
        change.live = live;
        self.insert(change);
    }

    /// Returns the planned change of the resource that an identity belongs to.
    pub(super) fn parent_of(&self, identity: &Identity) -> Option<&Change> {
        let parent = self.input.schemas.parent_of(identity)?;
        self.changes.get(self.parents.get(&parent)?)
    }

    /// Returns what becomes of the resource that an identity belongs to; `None` where it stays.
    pub(super) fn fate_of_parent(&self, identity: &Identity) -> Option<(Address, Fate)> {
        let parent = self.parent_of(identity)?;
        let gone = match &parent.old_identity {
            Some(old) => old.full_name() == *identity.parent.as_ref()?,
            None => parent.action == Action::Replace,
        };
        let asked =
            parent.question.as_ref().filter(|question| gone || question.kind == QuestionKind::LeftAndDrifted);
        // A replacement under the same name has no other end: its question is about values.
        let stays = gone && parent.old_identity.is_none();
        let fate = match asked.map(|question| question.decision) {
            Some(None) => Fate::Open,
            Some(Some(Choice::UseLive)) if !stays => Fate::LetGo,
            Some(Some(_)) => Fate::Goes,
            None if parent.action == Action::Forget => Fate::LetGo,
            None if gone || parent.action == Action::Delete => Fate::Goes,
            // What happens to it is what happens to the one above.
            None => return self.fate_of_parent(&parent.identity),
        };
        Some((parent.address.clone(), fate))
    }

    /// Returns the paths of a record that moved in the cloud since it was settled, those that a rule ignores included.
    pub(super) fn drift(
        &self,
        address: &Address,
        record: &Record,
        live: &Live,
        schema: &'static Schema,
    ) -> BTreeMap<Path, PathChange> {
        let mut drift = Self::moved(record, live, schema);
        for (path, inner) in &mut drift {
            inner.rule = self.ignore_rule(address, &record.identity, schema, path, inner.live.as_ref());
            if inner.rule.as_ref().is_some_and(|rule| !rule.expired) {
                inner.outcome = PathOutcome::Ignore;
            }
        }
        drift
    }

    /// Returns the same, whatever a rule says.
    pub(super) fn moved(record: &Record, live: &Live, schema: &'static Schema) -> BTreeMap<Path, PathChange> {
        let whole = Path::field("code");
        let aligned;
        let (record, live) = if live.attributes.contains_key(&whole) == record.paths.contains_key(&whole) {
            (record, live)
        } else {
            let (mut record, mut live) = (record.clone(), live.clone());
            align(&mut DesiredAttributes::new(), Some(&mut live), Some(&mut record));
            aligned = (record, live);
            (&aligned.0, &aligned.1)
        };
        let paths: BTreeSet<&Path> = record.paths.keys().chain(live.attributes.keys()).collect();
        let (nothing, undeclared) = (Recorded::default(), DesiredAttributes::new());
        let mut drift = BTreeMap::new();
        for path in paths {
            let Some((attribute, _)) = schema.attribute(path) else { continue };
            if attribute.whence == Whence::WriteOnly
                || (attribute.since > record.schema && !record.paths.contains_key(path))
                || element::is_somebodys(schema, path, &undeclared, &record.paths)
            {
                continue;
            }
            let past = record.paths.get(path).unwrap_or(&nothing);
            let live = live.attributes.get(path);
            if live != past.observed.as_ref() {
                let inner = PathChange {
                    desired: None,
                    recorded: Some(past.clone()),
                    live: live.cloned(),
                    class: Class::Drift,
                    decision: None,
                    outcome: PathOutcome::Keep,
                    replaces: false,
                    hint: None,
                    rule: None,
                };
                drift.insert(path.clone(), inner);
            }
        }
        drift
    }

    /// Returns whether a recorded child, or one of its own, moved in the cloud since it was settled.
    pub(super) fn children_drifted(&self, parent: &Record) -> bool {
        let children = self.families.get(&parent.identity).into_iter().flatten();
        children.filter_map(|address| Some((address, self.records.get(address)?))).any(
            |(address, Kept { record, .. })| {
                let live = self.live(&record.identity);
                let moved = self
                    .schema(&record.identity.kind)
                    .zip(live)
                    .is_some_and(|(schema, live)| is_moved(&self.drift(address, record, live, schema)));
                moved || self.children_drifted(record)
            },
        )
    }
}

/// Returns whether somebody has to hear of one of these changes online.
pub(super) fn is_moved(drift: &BTreeMap<Path, PathChange>) -> bool {
    drift.values().any(|path| !path.is_ignored())
}
