//! One resource of a plan: its sides, its questions, and what will be done with it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::Choice;
use crate::diff::Class;
use crate::model::{Address, DesiredAttributes, Fingerprint, Identity, Path, Planned, Value};
use crate::state::Recorded;

use super::{Live, Plan};

/// What will be done with a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Nothing.
    Keep,
    /// It is made.
    Create,
    /// It exists and was not deployed from here; from now on it is ours.
    TakeOver,
    /// Paths of it are written.
    Update,
    /// It is made anew: first the new one where it has a new identity, first the delete where it has not.
    Replace,
    /// It is removed.
    Delete,
    /// Its record is dropped; the cloud is left as it is.
    Forget,
    /// Our parts of a shared resource are removed; what is left of it is somebody else's.
    Release,
    /// Only the record moves.
    Record,
}

/// One resource of a plan.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// Its address.
    pub address: Address,
    /// The address that its record has until now, when it moved.
    pub moved_from: Option<Address>,
    /// What the cloud knows it by, or will.
    pub identity: Identity,
    /// What the cloud knows the old one by, when it gets a new identity.
    pub old_identity: Option<Identity>,
    /// The resource that it belongs to.
    pub parent: Option<Address>,
    /// What will be done.
    pub action: Action,
    /// A question about the resource as a whole.
    pub question: Option<Question>,
    /// Every path that moved on a side, or that a decision keeps apart.
    pub paths: BTreeMap<Path, PathChange>,
    /// All that is declared.
    pub desired: DesiredAttributes,
    /// What must stand before it.
    pub depends_on: BTreeSet<Address>,
    /// The live resource as the plan saw it; `None` where it was absent.
    pub live: Option<Live>,
    /// The old identity's live resource, when it gets a new one.
    pub old_live: Option<Live>,
    /// What was edited online on the old identity's resource, when it gets a new one. Nothing of it is written.
    pub old_paths: BTreeMap<Path, PathChange>,
    /// The hash of what the plan saw.
    pub fingerprint: Option<Fingerprint>,
    /// It is made anew because somebody asked for that, whatever its paths say.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub asked_anew: bool,
    /// It brings back what was live before the last apply, whatever the configuration says: what is written then is
    /// what was there, and accepted where the configuration says otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo: Option<Standing>,
}

/// Where a resource of an undo stands in the project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// The configuration declares it: where it goes, its absence is accepted.
    Declared,
    /// It is recorded, and the configuration does not declare it.
    Recorded,
    /// It is neither declared nor recorded, and stays so.
    Neither,
}

/// A question about a whole resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Which.
    pub kind: QuestionKind,
    /// The answer.
    pub decision: Option<Choice>,
    /// The parent whose answer covers this one; it is not asked by itself then.
    pub covered_by: Option<Address>,
}

/// The questions that a whole resource can raise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum QuestionKind {
    /// It exists and was not deployed from here.
    Exists,
    /// It was deleted online.
    DeletedOnline,
    /// It left the configuration and somebody edited it online.
    LeftAndDrifted,
    /// It is to be replaced, and somebody edited the old one online.
    ReplacedAndDrifted,
    /// An undo is to remove it, and somebody edited it online since the apply that made it.
    EditedSince,
}

/// One path of a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PathChange {
    /// What the configuration says.
    pub desired: Option<Planned>,
    /// What was recorded; `None` where it has no past.
    pub recorded: Option<Recorded>,
    /// What is live.
    pub live: Option<Value>,
    /// What the three amount to.
    pub class: Class,
    /// The answer, where one was needed.
    pub decision: Option<Choice>,
    /// What will be done.
    pub outcome: PathOutcome,
    /// Its change takes a new resource.
    pub replaces: bool,
    /// Something to know about it.
    pub hint: Option<Hint>,
    /// The `ignore` rule that is about it, where it was changed online.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<IgnoreRule>,
}

/// A rule of the project about changes online that nobody wants to be asked about. No part of the digest: what follows
/// from it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IgnoreRule {
    /// What it names.
    pub selector: String,
    /// Why.
    pub reason: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The last day on which it holds.
    pub until: Option<Date>,
    /// Whether that day is over: it ignores nothing any more.
    pub expired: bool,
}

/// What will be done with a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PathOutcome {
    /// Written: the value it will have; `None` for its empty form, or gone.
    Write(Option<Planned>),
    /// Kept as it is live, and marked as accepted where the configuration says otherwise.
    Accept,
    /// Only recorded.
    Record,
    /// Nothing: it stays as it was settled.
    Keep,
    /// Nothing: it was changed online, and a rule of the project says not to ask. The record stays as it was.
    Ignore,
    /// Nobody has decided yet; what use-local would write, where it can.
    #[serde(with = "super::file::nested")]
    Open(Option<Option<Planned>>),
}

/// Something to know about a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hint {
    /// The configuration stopped declaring it, and the service has no default to go back to.
    Stays,
    /// It cannot be put back: the secret was never declared here. Declaring it is the way out.
    SecretNeverDeclared,
    /// It cannot be put back without a declared value.
    DeclareToRestore,
    /// An undo brings it back, and the configuration says otherwise: it is accepted.
    Accepted,
}

/// A live child of a managed parent that nobody here declared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unmanaged {
    /// The address it would have: what `import` takes.
    pub address: Address,
    /// What the cloud knows it by.
    pub identity: Identity,
    /// When it was last modified, as the service reports it.
    pub modified: Option<String>,
    /// The `ignore` rule that names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<IgnoreRule>,
}

/// The number of a step.
pub type StepId = usize;

/// One node of work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Its number, which is its place in the plan's list.
    pub id: StepId,
    /// The resource.
    pub address: Address,
    /// What it does.
    pub kind: StepKind,
    /// What the cloud knows the resource by.
    pub identity: Identity,
    /// The steps that must be done before it.
    pub after: BTreeSet<StepId>,
    /// Steps of one group never run at once: a function, its triggers and its code.
    pub group: Identity,
}

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepKind {
    /// Makes a resource.
    Create,
    /// Writes paths of it.
    Update,
    /// Removes it.
    Delete,
}

/// The counts that a plan's first lines give.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Resources to be created.
    pub add: usize,
    /// Resources to be changed, taken over with writes included.
    pub change: usize,
    /// Resources to be replaced.
    pub replace: usize,
    /// Resources to be deleted.
    pub delete: usize,
    /// Records that change their address.
    pub moves: usize,
    /// Resources to be taken over.
    pub take_over: usize,
    /// Records to be dropped.
    pub forget: usize,
    /// Resources that were edited, added or deleted online.
    pub online: usize,
    /// Decisions that nobody has taken yet.
    pub open: usize,
    /// Paths that a decision keeps apart.
    pub accepted: usize,
    /// Changes online that a rule ignores: paths, and children that somebody added.
    pub ignored: usize,
}

/// A decision that nobody has taken yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenDecision<'a> {
    /// The resource.
    pub change: &'a Change,
    /// The path; `None` for the resource as a whole.
    pub path: Option<(&'a Path, &'a PathChange)>,
}

impl PathChange {
    /// Returns whether its live value is kept and what the configuration says is known only after the apply.
    pub fn learns(&self) -> bool {
        self.outcome == PathOutcome::Accept && matches!(self.desired, Some(Planned::Promised(_)))
    }
}

impl PartialEq for Change {
    fn eq(&self, other: &Self) -> bool {
        self.address == other.address
    }
}

impl Eq for Change {}

impl Change {
    /// Returns whether the cloud is written for it.
    pub fn writes(&self) -> bool {
        match self.action {
            Action::Create | Action::Update | Action::Replace | Action::Delete | Action::Release => true,
            Action::TakeOver => self.written().next().is_some(),
            Action::Keep | Action::Forget | Action::Record => false,
        }
    }

    /// Returns whether somebody has to decide something about it first.
    pub fn is_open(&self) -> bool {
        self.question.as_ref().is_some_and(|question| question.decision.is_none())
            || self.paths.values().any(|path| matches!(path.outcome, PathOutcome::Open(_)))
    }

    /// Returns the paths that are written, with the values they will have.
    pub fn written(&self) -> impl Iterator<Item = (&Path, &Option<Planned>)> {
        self.paths.iter().filter_map(|(path, change)| match &change.outcome {
            PathOutcome::Write(value) => Some((path, value)),
            _ => None,
        })
    }

    /// Returns the paths whose live value is kept although the configuration's becomes known only while the plan
    /// is applied: a step of their own records them then.
    pub fn learned(&self) -> impl Iterator<Item = (&Path, &PathChange)> {
        self.paths.iter().filter(|(_, change)| change.learns())
    }

    /// Returns whether code is written.
    pub fn writes_code(&self) -> bool {
        match self.action {
            Action::Create | Action::Replace => self.composed().keys().any(Path::is_code),
            _ => self.written().any(|(path, _)| path.is_code()),
        }
    }

    /// Returns the resource as it will be, as far as it is known.
    ///
    /// A new one is what is declared. One that is changed is what is live, with what is written laid over it. One
    /// that is made again under its own name is both: what is declared, and what is live where nothing is declared
    /// or a decision kept it.
    pub fn composed(&self) -> DesiredAttributes {
        let live = self.live.iter().flat_map(|live| &live.attributes);
        let mut whole = match (self.action, &self.old_identity) {
            // An undo makes what was there, and nothing else.
            (Action::Create | Action::Replace, _) if self.undo.is_some() => DesiredAttributes::new(),
            (Action::Create, _) | (Action::Replace, Some(_)) => return self.desired.clone(),
            (Action::Replace, None) => {
                let mut whole = self.desired.clone();
                for (path, change) in &self.paths {
                    if matches!(
                        change.outcome,
                        PathOutcome::Accept | PathOutcome::Keep | PathOutcome::Ignore | PathOutcome::Open(_)
                    ) {
                        whole.remove(path);
                    }
                }
                for (path, value) in live {
                    whole.entry(path.clone()).or_insert_with(|| value.clone().into());
                }
                whole
            }
            _ => live.map(|(path, value)| (path.clone(), value.clone().into())).collect(),
        };
        for (path, value) in self.written() {
            match value {
                Some(value) => whole.insert(path.clone(), value.clone()),
                None => whole.remove(path),
            };
        }
        whole
    }

    /// Returns the code as it will be, by path.
    pub fn composed_code(&self) -> BTreeMap<Path, Value> {
        let code = self.composed().into_iter().filter(|(path, _)| path.is_code());
        code.filter_map(|(path, value)| Some((path, value.known()?.clone()))).collect()
    }

    /// Returns whether an undo removes it although the configuration declares it: its absence is accepted.
    pub fn accepts_absence(&self) -> bool {
        self.action == Action::Delete && self.undo == Some(Standing::Declared)
    }

    /// Returns whether a decision, now or before, lets it be absent although it is declared.
    pub fn stays_absent(&self) -> bool {
        let let_go = match &self.question {
            Some(question) => {
                question.kind == QuestionKind::DeletedOnline && question.decision == Some(Choice::UseLive)
            }
            None => self.action == Action::Keep,
        };
        let_go && self.live.is_none()
    }

    /// Returns whether somebody edited, added or deleted it online.
    pub fn moved_online(&self) -> bool {
        let asked = self
            .question
            .as_ref()
            .is_some_and(|question| question.covered_by.is_none() && question.kind != QuestionKind::Exists);
        asked || self.paths.values().chain(self.old_paths.values()).any(PathChange::moved_online)
    }

    /// Returns whether it is taken over because the project says that it is ours.
    pub fn is_imported(&self) -> bool {
        self.action == Action::TakeOver && self.question.is_none()
    }

    /// Returns whether it exists and was not deployed from here.
    pub fn is_foreign(&self) -> bool {
        self.question.as_ref().is_some_and(|question| question.kind == QuestionKind::Exists)
    }
}

impl PathChange {
    /// Returns whether somebody moved it in the cloud since it was settled. What has no past may have moved, and
    /// nobody can tell.
    pub fn moved_online(&self) -> bool {
        let moved = |recorded: &Recorded| recorded.observed != self.live;
        !self.is_ignored() && self.class.needs_decision() && self.recorded.as_ref().is_some_and(moved)
    }

    /// Returns whether somebody moved it in the cloud, and a rule says not to ask.
    pub fn is_ignored(&self) -> bool {
        self.outcome == PathOutcome::Ignore
    }
}

impl Unmanaged {
    /// Returns whether a rule says not to ask about it.
    pub fn is_ignored(&self) -> bool {
        self.rule.as_ref().is_some_and(|rule| !rule.expired)
    }
}

impl Plan {
    /// Returns the resources that are not simply kept, in the order of their addresses.
    pub fn moving(&self) -> impl Iterator<Item = &Change> {
        self.changes.values().filter(|change| {
            change.action != Action::Keep
                || change.moved_from.is_some()
                || change.question.is_some()
                || !change.paths.is_empty()
        })
    }

    /// Returns the managed resource that a child belongs to which nobody here declared.
    pub fn parent_of(&self, child: &Unmanaged) -> Option<&Change> {
        self.changes.values().find(|change| {
            // Types of one component share what stands before their names' first `_`.
            let component = |kind: &str| kind.split_once('_').map(|(component, _)| component.to_owned());
            child.identity.parent_of_kind(&change.identity.kind).as_ref() == Some(&change.identity)
                && component(&child.identity.kind) == component(&change.identity.kind)
        })
    }

    /// Returns the decisions that nobody has taken yet, in the order they are asked.
    pub fn open(&self) -> Vec<OpenDecision<'_>> {
        let mut open = Vec::new();
        for change in self.changes.values() {
            if let Some(question) = &change.question
                && question.decision.is_none()
            {
                if question.covered_by.is_none() {
                    open.push(OpenDecision { change, path: None });
                }
                continue; // its answer reaches every path
            }
            for (path, inner) in &change.paths {
                if matches!(inner.outcome, PathOutcome::Open(_)) {
                    open.push(OpenDecision { change, path: Some((path, inner)) });
                }
            }
        }
        open
    }

    /// Returns the counts.
    pub fn summary(&self) -> Summary {
        let mut summary = Summary { open: self.open().len(), ..Summary::default() };
        for change in self.changes.values() {
            match change.action {
                Action::Create => summary.add += 1,
                Action::Update | Action::Release => summary.change += 1,
                Action::Replace => summary.replace += 1,
                Action::Delete => summary.delete += 1,
                Action::TakeOver => summary.take_over += 1,
                Action::Forget => summary.forget += 1,
                Action::Keep | Action::Record => {}
            }
            summary.moves += usize::from(change.moved_from.is_some());
            summary.online += usize::from(change.moved_online());
            summary.accepted += usize::from(change.stays_absent() || change.accepts_absence());
            let paths = change.paths.values().chain(change.old_paths.values());
            summary.ignored += paths.filter(|path| path.is_ignored()).count();
            summary.accepted += change
                .paths
                .values()
                .filter(|path| match path.outcome {
                    PathOutcome::Accept => true,
                    PathOutcome::Write(_) => path.hint == Some(Hint::Accepted),
                    PathOutcome::Keep => {
                        let accepted = path.recorded.as_ref().is_some_and(|recorded| recorded.accepted);
                        accepted && !path.moved_online()
                    }
                    _ => false,
                })
                .count();
        }
        summary.ignored += self.unmanaged.iter().filter(|child| child.is_ignored()).count();
        summary
    }

    /// Returns whether nothing is left to do or decide: every path is unchanged or converged, and no record
    /// moves, is accepted or is forgotten.
    pub fn is_empty(&self) -> bool {
        self.changes.values().all(|change| {
            let quiet = matches!(change.action, Action::Keep | Action::Record);
            let paths = change.paths.values();
            let settled = |path: &PathChange| {
                matches!(path.outcome, PathOutcome::Keep | PathOutcome::Ignore | PathOutcome::Record)
            };
            quiet && change.moved_from.is_none() && change.question.is_none() && paths.clone().all(settled)
        })
    }

    /// Returns whether anything was changed online: drift, conflicts, deletions, and children that nobody here
    /// declared; what a rule ignores is none of them.
    pub fn drifted(&self) -> bool {
        self.unmanaged.iter().any(|child| !child.is_ignored())
            || self.changes.values().any(|change| {
                change.paths.values().chain(change.old_paths.values()).any(PathChange::moved_online)
                    || change.question.as_ref().is_some_and(|question| question.kind != QuestionKind::Exists)
            })
    }
}
