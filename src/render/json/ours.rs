//! What is ours: the key `triform` of a resource, with what Terraform's representation has no place for.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::sides::Frame;
use super::values::{MASK, Plain, References, holds_secret};
use super::{Each, Keyed};
use crate::model::{Address, Identity, PackageFacts, Path, Planned, Value};
use crate::plan::{
    Action, Change, Hint, Live, PathChange, PathOutcome, Place, Question, QuestionKind, SecretSource,
};
use crate::state::Recorded;

/// `triform` of one resource.
pub(super) struct Ours<'a> {
    pub frame: Frame<'a>,
    pub which: Which,
}

/// Which of its paths are listed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    /// Every one that moved on a side, or that a decision keeps apart.
    All,
    /// What somebody moved online.
    MovedOnline,
}

impl Serialize for Ours<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { frame, which } = self;
        let Change { address, identity, old_identity, parent, action, question, fingerprint, .. } =
            frame.change;
        let live = frame.present().map(|(_, live)| live);
        // Of one that nobody looked at only the checksum is known, and not how large it is.
        let looked = !frame.shown.document.plan.remembered.contains(address);
        let package = live.and_then(|live: &Live| live.package.as_ref()).filter(|_| looked);
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("action", action_word(*action))?;
        map.serialize_entry("identity", &Known::from(identity))?;
        entry(&mut map, "old_identity", old_identity.as_ref().map(Known::from))?;
        entry(&mut map, "parent", parent.as_ref().map(Address::to_string))?;
        entry(&mut map, "question", question.as_ref().map(Asked::from))?;
        entry(&mut map, "place", place(frame, &Path::root()))?;
        entry(&mut map, "modified", live.and_then(|live| live.modified.as_deref()))?;
        entry(&mut map, "fingerprint", fingerprint.map(|fingerprint| fingerprint.0.to_string()))?;
        entry(&mut map, "package", package.map(Archive::from))?;
        let paths = |of_old: bool| {
            let paths = if of_old { &frame.change.old_paths } else { &frame.change.paths };
            let wanted = |inner: &PathChange| *which == Which::All || inner.moved_online();
            let listed = paths.iter().filter(move |(_, inner)| wanted(inner));
            listed.map(|(path, inner)| PathEntry { frame: *frame, path, inner })
        };
        for (key, of_old) in [("paths", false), ("old_paths", true)] {
            if paths(of_old).next().is_some() {
                map.serialize_entry(key, &Each(|| paths(of_old)))?;
            }
        }
        if *which == Which::All {
            let made = matches!(action, Action::Create) || old_identity.is_some();
            let composed = frame.change.undo.map(|_| frame.change.composed());
            let whole = composed.as_ref().unwrap_or(&frame.change.desired);
            let files = || whole.iter().filter_map(file_entry);
            if made && files().next().is_some() {
                map.serialize_entry("files", &Keyed(files))?;
            }
            if let Some(secrets) = frame.secrets().filter(|secrets| !secrets.is_empty()) {
                let sources = || {
                    secrets.iter().map(|(path, source)| {
                        let place = || place_of(frame.shown.document.place(address, path));
                        (path.to_string(), Source::new(source, place))
                    })
                };
                map.serialize_entry("secrets", &Keyed(sources))?;
            }
        }
        map.end()
    }
}

fn entry<M: SerializeMap, T: Serialize>(map: &mut M, key: &str, value: Option<T>) -> Result<(), M::Error> {
    value.map_or(Ok(()), |value| map.serialize_entry(key, &value))
}

/// Returns one file of what is declared, by its name.
fn file_entry<'a>((path, planned): (&'a Path, &'a Planned)) -> Option<(&'a str, Plain<'a>)> {
    Some((path.code_file()?, Plain(planned.known()?)))
}

/// One path with its three sides. A side that has nothing is `null`: among values there is none.
pub(super) struct PathEntry<'a> {
    pub frame: Frame<'a>,
    pub path: &'a Path,
    pub inner: &'a PathChange,
}

impl Serialize for PathEntry<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { frame, path, inner } = self;
        let PathChange { desired, recorded, live, class, decision, outcome, replaces, hint, rule } = inner;
        let secret = is_secret(frame, path, inner);
        let masked = |value| Masked { value, secret };
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("path", &path.to_string())?;
        entry(&mut map, "file", path.code_file())?;
        map.serialize_entry("class", class.word())?;
        map.serialize_entry("desired", &desired.as_ref().and_then(Planned::known).map(masked))?;
        if let Some(Planned::Promised(template)) = desired {
            map.serialize_entry("known_after_apply", &References::of(template).references)?;
        }
        map.serialize_entry("recorded", &recorded.as_ref().map(|recorded| Past { recorded, secret }))?;
        map.serialize_entry("live", &live.as_ref().map(masked))?;
        map.serialize_entry("decision", &decision.map(|choice| choice.to_string()))?;
        map.serialize_entry("outcome", outcome_word(outcome))?;
        let goal = match outcome {
            PathOutcome::Write(goal) => Some(("to", goal)),
            PathOutcome::Open(Some(goal)) => Some(("use_local", goal)),
            _ => None,
        };
        match goal {
            None | Some((_, Some(Planned::Promised(_)))) => {}
            Some((key, goal)) => {
                map.serialize_entry(key, &goal.as_ref().and_then(Planned::known).map(masked))?;
            }
        }
        entry(&mut map, "sensitive", secret.then_some(true))?;
        entry(&mut map, "replaces", replaces.then_some(true))?;
        entry(&mut map, "hint", hint.map(hint_word))?;
        entry(&mut map, "rule", rule.as_ref())?;
        entry(&mut map, "place", place(frame, path))?;
        map.end()
    }
}

/// Returns whether a secret is on any side of a path.
fn is_secret(frame: &Frame<'_>, path: &Path, inner: &PathChange) -> bool {
    let declared = frame.secrets().is_some_and(|secrets| secrets.contains_key(path));
    let recorded = inner.recorded.iter().flat_map(|past| past.declared.iter().chain(&past.observed));
    let desired = inner.desired.iter().filter_map(Planned::known);
    declared || desired.chain(recorded).chain(&inner.live).any(holds_secret)
}

/// What was recorded of a path.
pub(super) struct Past<'a> {
    pub recorded: &'a Recorded,
    pub secret: bool,
}

impl Serialize for Past<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(3))?;
        self.entries(&mut map)?;
        map.end()
    }
}

impl Past<'_> {
    /// Writes its entries into an object that holds others, too.
    pub fn entries<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let Recorded { declared, observed, accepted } = self.recorded;
        let masked = |value| Masked { value, secret: self.secret };
        map.serialize_entry("declared", &declared.as_ref().map(masked))?;
        map.serialize_entry("observed", &observed.as_ref().map(masked))?;
        map.serialize_entry("accepted", accepted)
    }
}

struct Masked<'a> {
    value: &'a Value,
    secret: bool,
}

impl Serialize for Masked<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.secret { serializer.serialize_str(MASK) } else { Plain(self.value).serialize(serializer) }
    }
}

/// What the cloud knows a resource by, its cloud and account left out: those are the whole plan's.
#[derive(Serialize)]
pub(super) struct Known<'a> {
    region: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<&'a str>,
    name: &'a str,
}

impl<'a> From<&'a Identity> for Known<'a> {
    fn from(identity: &'a Identity) -> Self {
        Self { region: &identity.region, parent: identity.parent.as_deref(), name: &identity.name }
    }
}

#[derive(Serialize)]
struct Asked {
    kind: &'static str,
    decision: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    covered_by: Option<String>,
}

impl From<&Question> for Asked {
    fn from(question: &Question) -> Self {
        let Question { kind, decision, covered_by } = question;
        Self {
            kind: question_word(*kind),
            decision: decision.map(|choice| choice.to_string()),
            covered_by: covered_by.as_ref().map(Address::to_string),
        }
    }
}

#[derive(Serialize)]
struct Archive<'a> {
    checksum: &'a str,
    size: u64,
}

impl<'a> From<&'a PackageFacts> for Archive<'a> {
    fn from(package: &'a PackageFacts) -> Self {
        Self { checksum: &package.checksum, size: package.size }
    }
}

#[derive(Serialize)]
struct At<'a> {
    file: &'a str,
    line: u32,
    column: u32,
}

fn place<'a>(frame: &Frame<'a>, path: &Path) -> Option<At<'a>> {
    place_of(frame.shown.document.place(&frame.change.address, path))
}

fn place_of(place: Option<&Place>) -> Option<At<'_>> {
    place.map(|Place { file, line, column }| At { file, line: *line, column: *column })
}

/// Where a secret is read again at the apply.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Source<'a> {
    Variable(&'a str),
    Configuration(Option<At<'a>>),
}

impl<'a> Source<'a> {
    fn new(source: &'a SecretSource, place: impl FnOnce() -> Option<At<'a>>) -> Self {
        match source {
            SecretSource::Variable(name) => Self::Variable(name),
            SecretSource::Configuration => Self::Configuration(place()),
        }
    }
}

pub(super) fn action_word(action: Action) -> &'static str {
    match action {
        Action::Keep => "keep",
        Action::Create => "create",
        Action::TakeOver => "take_over",
        Action::Update => "update",
        Action::Replace => "replace",
        Action::Delete => "delete",
        Action::Forget => "forget",
        Action::Release => "release",
        Action::Record => "record",
    }
}

pub(super) fn question_word(kind: QuestionKind) -> &'static str {
    match kind {
        QuestionKind::Exists => "exists",
        QuestionKind::DeletedOnline => "deleted_online",
        QuestionKind::LeftAndDrifted => "left_and_drifted",
        QuestionKind::ReplacedAndDrifted => "replaced_and_drifted",
        QuestionKind::EditedSince => "edited_since",
    }
}

fn outcome_word(outcome: &PathOutcome) -> &'static str {
    match outcome {
        PathOutcome::Write(_) => "write",
        PathOutcome::Accept => "accept",
        PathOutcome::Record => "record",
        PathOutcome::Keep => "keep",
        PathOutcome::Ignore => "ignore",
        PathOutcome::Open(_) => "open",
    }
}

fn hint_word(hint: Hint) -> &'static str {
    match hint {
        Hint::Accepted => "accepted",
        Hint::Stays => "stays",
        Hint::SecretNeverDeclared => "secret_never_declared",
        Hint::DeclareToRestore => "declare_to_restore",
    }
}
