//! The closed list of what a plan can do, for whoever approves a plan by what kind of changes it holds.
//!
//! A pipeline may apply new functions and edited settings by itself, and leave deletes to people. So every change
//! of a plan has its classes, all of them have to be named, and there is no word for all of them. The list is
//! closed from both ends: a plan without a class is empty, and every call of a plan belongs to a change that has
//! one. What is only recorded because both sides agree by now has none.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use crate::config::suggest::{closest, listed};
use crate::model::{Address, Path};
use crate::plan::order::deletes_old;
use crate::plan::{Action, Change, Choice, PathOutcome, Plan, QuestionKind};

/// One kind of what a plan can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ApprovalClass {
    /// A new resource is made, its code included.
    Create,
    /// A resource that somebody deleted online is made again, its code included.
    Recreate,
    /// A setting that moved in the project is written; an attribute that left the configuration included.
    Edit,
    /// A file of the code of an existing resource is written or removed.
    Code,
    /// What was changed online is overwritten, or goes with its resource, because use-local was decided: drift,
    /// conflicts, an accepted value that is planned back, and live values of a resource that is taken over.
    Overwrite,
    /// A resource that exists and was not deployed from here becomes ours.
    TakeOver,
    /// A resource is made anew from the configuration, its code included, and the old one goes.
    Replace,
    /// A resource is removed, or our parts of a shared one.
    Delete,
    /// A record changes its address; nothing is written to the cloud.
    Move,
    /// A record is dropped; the cloud is left as it is.
    Forget,
    /// A live value, or an absence, is kept although the configuration says otherwise, because use-live was decided.
    Accept,
}

impl ApprovalClass {
    /// Every class.
    pub const ALL: [Self; 11] = [
        Self::Create,
        Self::Recreate,
        Self::Edit,
        Self::Code,
        Self::Overwrite,
        Self::TakeOver,
        Self::Replace,
        Self::Delete,
        Self::Move,
        Self::Forget,
        Self::Accept,
    ];

    /// Returns the word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Recreate => "recreate",
            Self::Edit => "edit",
            Self::Code => "code",
            Self::Overwrite => "overwrite",
            Self::TakeOver => "take-over",
            Self::Replace => "replace",
            Self::Delete => "delete",
            Self::Move => "move",
            Self::Forget => "forget",
            Self::Accept => "accept",
        }
    }
}

impl fmt::Display for ApprovalClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// A word that is no class.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{word}` is no approval class{}; the classes are {}", .meant.map(|meant| format!("; did you mean `{meant}`?")).unwrap_or_default(), listed(ApprovalClass::ALL.map(ApprovalClass::word)))]
pub struct ParseApprovalClassError {
    word: String,
    meant: Option<&'static str>,
}

impl FromStr for ApprovalClass {
    type Err = ParseApprovalClassError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let words = Self::ALL.map(Self::word);
        Self::ALL
            .into_iter()
            .find(|class| class.word() == text)
            .ok_or_else(|| ParseApprovalClassError { word: text.to_owned(), meant: closest(text, words) })
    }
}

/// The classes that somebody approves without looking.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApprovalClasses(pub BTreeSet<ApprovalClass>);

impl fmt::Display for ApprovalClasses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<&str> = self.0.iter().map(|class| class.word()).collect();
        f.write_str(&words.join(", "))
    }
}

impl FromIterator<ApprovalClass> for ApprovalClasses {
    fn from_iter<I: IntoIterator<Item = ApprovalClass>>(classes: I) -> Self {
        Self(classes.into_iter().collect())
    }
}

/// Where a plan does something of a class.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClassedPlace {
    /// The resource.
    pub address: Address,
    /// The path; the root for the resource as a whole.
    pub path: Path,
}

impl fmt::Display for ClassedPlace {
    /// Writes it as a selector.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.address.fmt(f)?;
        if self.path.is_root() { Ok(()) } else { write!(f, ":{}", self.path) }
    }
}

impl Plan {
    /// Returns what the plan does by class, in the order of addresses and paths. Open decisions do nothing.
    pub fn classes(&self) -> BTreeMap<ApprovalClass, Vec<ClassedPlace>> {
        let mut found = BTreeMap::<_, Vec<ClassedPlace>>::new();
        for change in self.changes.values() {
            let mut add = |class, path: &Path| {
                let place = ClassedPlace { address: change.address.clone(), path: path.clone() };
                found.entry(class).or_default().push(place);
            };
            let root = Path::root();
            for class in of_resource(change) {
                add(class, &root);
            }
            for (path, inner) in &change.paths {
                match inner.outcome {
                    PathOutcome::Write(_) => {
                        let overwrites = inner.class.needs_decision();
                        if overwrites {
                            add(ApprovalClass::Overwrite, path);
                        }
                        match (path.is_code(), change.action) {
                            (_, Action::Release) => {} // our parts go, and that is a delete
                            (true, _) => add(ApprovalClass::Code, path),
                            (false, _) if !overwrites => add(ApprovalClass::Edit, path),
                            (false, _) => {}
                        }
                    }
                    PathOutcome::Accept => add(ApprovalClass::Accept, path),
                    PathOutcome::Record | PathOutcome::Keep | PathOutcome::Ignore | PathOutcome::Open(_) => {}
                }
            }
        }
        found
    }
}

/// What is done with a resource as a whole.
fn of_resource(change: &Change) -> BTreeSet<ApprovalClass> {
    use ApprovalClass::{Accept, Create, Delete, Forget, Move, Overwrite, Recreate, Replace, TakeOver};
    let answer = change.question.as_ref().and_then(|question| Some((question.kind, question.decision?)));
    let (kind, decision) = answer.unzip();
    let deleted_online = kind == Some(QuestionKind::DeletedOnline);
    let mut classes = BTreeSet::new();
    classes.extend(match change.action {
        Action::Create if deleted_online => Some(Recreate),
        Action::Create => Some(Create),
        Action::TakeOver => Some(TakeOver),
        Action::Replace => Some(Replace),
        Action::Delete | Action::Release => Some(Delete),
        Action::Forget => Some(Forget),
        Action::Keep | Action::Update | Action::Record => None,
    });
    classes.extend(change.moved_from.as_ref().map(|_| Move));
    classes.extend(match (kind, decision) {
        (Some(QuestionKind::Exists), Some(_)) => Some(TakeOver),
        (Some(QuestionKind::DeletedOnline), Some(Choice::UseLive)) => Some(Accept),
        (
            Some(QuestionKind::LeftAndDrifted | QuestionKind::ReplacedAndDrifted | QuestionKind::EditedSince),
            Some(Choice::UseLocal),
        ) => Some(Overwrite),
        _ => None,
    });
    // Another one is made, and what becomes of the old one is a change of its own.
    if deletes_old(change) && change.action != Action::Replace {
        classes.insert(Delete);
    }
    if change.old_live.is_some() && !deletes_old(change) && decision.is_some() {
        classes.insert(Forget);
    }
    classes
}
