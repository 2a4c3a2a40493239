//! Live values into the project: what use-live keeps, written where the project says it.
//!
//! [`propose`] only reads. It plans with use-live, lets the configuration be edited and the code be merged, and plans
//! again with the project as it would be: whatever then does not agree is not written and stays a question.
//! [`carry_out()`] writes all files or none and records exactly the places that were adopted; the state is last. What
//! was cut off in between is put back by [`settle()`], which whoever next writes into the project calls first.

mod carry_out;
mod code;
mod settle;
mod text;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path as FilePath, PathBuf};

pub use carry_out::{Job, carry_out, end, unmoved, write_files};
pub use settle::{Settled, Stamp, refuse_unsettled, settle};
pub use text::{ProjectText, Texts, Variables};

use self::code::{CodeFile, Refusal};
use super::{Failure, Setup, Survey};
use crate::archive::File;
use crate::config::edit::{self, Why};
use crate::model::{Address, FileKind, Path, Planned, Value};
use crate::plan::{
    self, Action, AdoptedPlaces, Choice, Decisions, Kept, Plan, QuestionKind, Rule, Selector, Wanted,
};
use crate::render::adoption::{Adopted, Adoption, How, Open, selector};
use crate::render::patch::{self, FileChange};
use crate::state::Entry;
use crate::sys::replace::Replacement;

/// What an adoption would do.
pub struct Proposal {
    /// As it is told.
    pub told: Adoption,
    /// The files, in the order of `told.files`.
    pub replacements: Vec<Replacement>,
    /// The plan with the project as it will be.
    pub plan: Plan,
    /// What is recorded: the places that were adopted, and no other.
    pub entries: Vec<Entry>,
    /// The desired side with the project as it will be.
    pub desired: BTreeMap<Address, Wanted>,
}

impl Proposal {
    /// Returns whether there is nothing to write and nothing to record.
    pub fn is_empty(&self) -> bool {
        self.replacements.is_empty() && self.entries.is_empty()
    }
}

/// Which of the values that are kept as they are live are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// All that the decisions reach, those that were accepted before included.
    All,
    /// Those that are decided now.
    Decided,
}

/// Returns the decisions that an adoption stands for: use-live everywhere, or at these selectors.
///
/// # Errors
/// Fails where the selectors contradict each other.
pub fn decisions(selectors: &[Selector]) -> Result<Decisions, Failure> {
    let rule =
        |selector: Option<&Selector>| Rule { selector: selector.cloned(), answer: Choice::UseLive.into() };
    let rules = match selectors {
        [] => vec![rule(None)],
        some => some.iter().map(|selector| rule(Some(selector))).collect(),
    };
    Ok(Decisions::new(rules)?)
}

/// Works out what would be adopted of what these decisions keep as it is live. Reads, and changes nothing.
///
/// # Errors
/// Fails where no plan can be made, and where a live package that is needed cannot be downloaded.
pub async fn propose(
    setup: &Setup,
    survey: &Survey,
    decisions: &Decisions,
    which: Which,
) -> Result<Proposal, Failure> {
    let plan = survey.plan(setup, decisions)?;
    let mut draft = Draft::of(&plan, decisions, which);
    draft.code(setup, survey, which).await?;
    // Each round takes out what would not agree afterwards, so that there are as many as places at the most.
    loop {
        let (texts, desired) = draft.edited(setup, survey);
        let after = survey.plan_with(setup, &desired, decisions)?;
        if draft.holds(&after) {
            return Ok(draft.proposal(setup, survey, &texts, desired, after));
        }
    }
}

/// Returns a proposal as a patch, and the files that it cannot hold.
pub fn patch_of(setup: &Setup, proposal: &Proposal) -> (Vec<u8>, Vec<String>) {
    let folder = super::absolute(&folder_of(&setup.configuration));
    let folder = FilePath::new(&folder);
    let root = folder.ancestors().find(|above| above.join(".git").exists()).unwrap_or(folder);
    let mut outside = Vec::new();
    let mut files = Vec::new();
    let conflicts = proposal.told.conflicts.iter().map(|change| (change, folder.join(&change.name)));
    let written = proposal.told.files.iter().zip(&proposal.replacements);
    let written = written.map(|(change, replacement)| (change, replacement.path.clone()));
    for (change, path) in written.chain(conflicts) {
        match path.strip_prefix(root).ok().and_then(FilePath::to_str) {
            Some(name) => files.push(FileChange { name: name.to_owned(), ..change.clone() }),
            None => outside.push(change.name.clone()),
        }
    }
    (patch::patch(&files), outside)
}

fn folder_of(file: &FilePath) -> PathBuf {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(FilePath::new(".")).to_owned()
}

/// What is kept as it is live, on its way into the project.
struct Draft<'a> {
    plan: &'a Plan,
    /// The values to be written, but for those that turned out not to be.
    values: Vec<(&'a plan::Change, &'a Path, &'a plan::PathChange)>,
    code: Vec<(&'a plan::Change, &'a Path, &'a plan::PathChange)>,
    files: Vec<CodeFile>,
    /// Resources that were deleted online, and whose entries are to go.
    gone: Vec<&'a plan::Change>,
    /// Resources that exist and are taken over as they are.
    foreign: BTreeSet<Address>,
    open: Vec<Open>,
}

impl<'a> Draft<'a> {
    fn of(plan: &'a Plan, decisions: &Decisions, which: Which) -> Self {
        let mut draft = Self {
            plan,
            values: Vec::new(),
            code: Vec::new(),
            files: Vec::new(),
            gone: Vec::new(),
            foreign: BTreeSet::new(),
            open: Vec::new(),
        };
        for kept in plan::kept(plan, decisions) {
            match kept {
                Kept::Whole(change, _) if which == Which::Decided && change.question.is_none() => {}
                Kept::Whole(change, QuestionKind::DeletedOnline) => draft.gone.push(change),
                Kept::Whole(change, kind) => draft.open.push(whole(change, kind)),
                Kept::Path(_, _, inner) if which == Which::Decided && inner.decision.is_none() => {}
                Kept::Path(change, path, inner) if path.is_code() => draft.code.push((change, path, inner)),
                Kept::Path(change, path, inner) => draft.values.push((change, path, inner)),
            }
        }
        let taken = |change: &&plan::Change| {
            change.action == Action::TakeOver
                && change.question.as_ref().is_some_and(|question| question.decision == Some(Choice::UseLive))
        };
        draft.foreign = plan.changes.values().filter(taken).map(|change| change.address.clone()).collect();
        draft
    }

    async fn code(&mut self, setup: &Setup, survey: &Survey, which: Which) -> Result<(), Failure> {
        let (files, mut refused) = code::files(setup, survey, &self.code).await?;
        // Use-live keeps what is live: what both sides made of a file is another matter, and adopt's.
        let (merged, files) = files.into_iter().partition(|file| which == Which::Decided && file.merged);
        self.files = files;
        let merged: Vec<CodeFile> = merged;
        refused.extend(merged.into_iter().flat_map(|file| file.of).map(|(address, path)| {
            let why = "both sides changed it".to_owned();
            let way_out = "merge it with `triform adopt`".to_owned();
            Refusal { address, path, why, way_out }
        }));
        for Refusal { address, path, why, way_out } in refused {
            let at = setup.desired.resources.get(&address).and_then(|declared| declared.code.as_ref());
            let at = at.map(|code| code.span.clone());
            self.open.push(Open { address, path, wanted: None, why, way_out, at });
        }
        Ok(())
    }

    /// Returns the texts with all that can be written in them, and the desired side that they and the files make.
    fn edited(&mut self, setup: &Setup, survey: &Survey) -> (Texts, BTreeMap<Address, Wanted>) {
        let wanted = self.values.iter().map(|(change, path, inner)| edit::Wanted {
            address: change.address.clone(),
            path: (*path).clone(),
            value: inner.live.clone(),
        });
        let gone = self.gone.iter().map(|change| edit::Wanted::gone(change.address.clone()));
        let wanted: Vec<edit::Wanted> = gone.chain(wanted).collect();
        let is_secret = |schema: &_, path: &_| survey.ground.sealer.is_secret(schema, path);
        let (texts, refused) = match &setup.text {
            Some(text) if !wanted.is_empty() => text.edit(&is_secret, &wanted),
            _ => (Texts::new(), Vec::new()),
        };
        for edit::Refused { wanted, why, at } in refused {
            let is_gone = wanted.path.is_root();
            self.gone.retain(|change| !is_gone || change.address != wanted.address);
            self.values
                .retain(|(change, path, _)| (&change.address, *path) != (&wanted.address, &wanted.path));
            let way_out = way_out(&wanted, &why);
            let edit::Wanted { address, path, value } = wanted;
            self.open.push(Open { address, path, wanted: value, why: why.to_string(), way_out, at });
        }
        let declared = match &setup.text {
            Some(text) if !texts.is_empty() => text.read_with(&texts),
            _ => setup.desired.clone(),
        };
        let mut files: BTreeMap<Address, BTreeMap<Path, Option<Value>>> = BTreeMap::new();
        for file in self.files.iter().filter(|file| !file.conflict) {
            for (address, path) in &file.of {
                let value = code::value(file.new.as_ref());
                files.entry(address.clone()).or_default().insert(path.clone(), value);
            }
        }
        (texts, survey.wanted_with(setup, &declared, &files))
    }

    /// Returns whether everything that would be written agrees afterwards; takes out what would not.
    fn holds(&mut self, after: &Plan) -> bool {
        let mut stray = Vec::new();
        let root = Path::root();
        self.gone.retain(|change| {
            let agrees = family(self.plan, change).iter().all(|address| plan::agrees(after, address, &root));
            if !agrees {
                stray.push((change.address.clone(), root.clone(), None));
            }
            agrees
        });
        self.values.retain(|(change, path, inner)| {
            let agrees = plan::agrees(after, &change.address, path);
            if !agrees {
                stray.push((change.address.clone(), (*path).clone(), inner.live.clone()));
            }
            agrees
        });
        self.files.retain(|file| {
            let agrees =
                file.merged || file.of.iter().all(|(address, path)| plan::agrees(after, address, path));
            if !agrees {
                stray.extend(file.of.iter().map(|(address, path)| (address.clone(), path.clone(), None)));
            }
            agrees
        });
        let holds = stray.is_empty();
        for (address, path, wanted) in stray {
            let why = "the project cannot say it so that both sides agree".to_owned();
            let place = selector(&address, &path);
            let way_out = format!("answer it with `triform apply --use-live='{place}'`");
            self.open.push(Open { address, path, wanted, why, way_out, at: None });
        }
        holds
    }

    fn proposal(
        mut self,
        setup: &Setup,
        survey: &Survey,
        texts: &Texts,
        desired: BTreeMap<Address, Wanted>,
        after: Plan,
    ) -> Proposal {
        self.foreign.retain(|address| {
            after
                .changes
                .get(address)
                .is_some_and(|change| change.paths.keys().all(|path| plan::agrees(&after, address, path)))
        });
        let mut told = Adoption::default();
        let (mut places, mut merged) = (AdoptedPlaces::new(), AdoptedPlaces::new());
        for address in &self.foreign {
            places.entry(address.clone()).or_default();
            let place = (address.clone(), Path::root(), None, None, How::TakenOver);
            told.places.push(adopted(place));
        }
        for change in &self.gone {
            for address in family(self.plan, change) {
                places.entry(address.clone()).or_default().insert(Path::root());
            }
            told.places.push(adopted((change.address.clone(), Path::root(), None, None, How::Removed)));
        }
        for (change, path, inner) in &self.values {
            let (address, path) = (change.address.clone(), (*path).clone());
            if !self.is_foreign(&address) {
                places.entry(address.clone()).or_default().insert(path.clone());
            }
            told.places.push(adopted((
                address,
                path,
                inner.desired.clone(),
                inner.live.clone(),
                How::Written,
            )));
        }
        for file in self.files.iter().filter(|file| !file.conflict) {
            for (address, path) in &file.of {
                let into = if file.merged { &mut merged } else { &mut places };
                if !self.is_foreign(address) {
                    into.entry(address.clone()).or_default().insert(path.clone());
                }
                let how = if file.merged { How::Merged } else { How::Written };
                let (from, to) = (code::value(file.old.as_ref()), code::value(file.new.as_ref()));
                told.places.push(adopted((address.clone(), path.clone(), from.map(Planned::Known), to, how)));
            }
        }
        told.places.sort_by(|one, other| {
            let key = |place: &Adopted| (place.address.clone(), place.path.is_code(), place.path.clone());
            key(one).cmp(&key(other))
        });

        let folder = super::absolute(&folder_of(&setup.configuration));
        let folder = FilePath::new(&folder);
        let (files, mut replacements) = rewritten(setup, texts);
        told.files = files;
        for CodeFile { path, old, new, of: _, merged: _, conflict } in self.files {
            let name = shown(folder, &path);
            let change = FileChange { name, old: old.clone(), new: new.clone() };
            if conflict {
                told.conflicts.push(change);
            } else if old != new {
                told.files.push(change);
                replacements.push(Replacement { path, old, new });
            }
        }
        told.open = self.open;
        told.open.sort_by(|one, other| (&one.address, &one.path).cmp(&(&other.address, &other.path)));
        let entries = plan::adopted(&after, survey.records(), &setup.schemas, &places, &merged);
        Proposal { told, replacements, plan: after, entries, desired }
    }

    /// Returns whether a resource is one that was not deployed from here: it is recorded whole or not at all.
    fn is_foreign(&self, address: &Address) -> bool {
        self.plan.changes.get(address).is_some_and(plan::Change::is_foreign)
    }
}

/// Returns the files of the project that get new texts.
pub(super) fn rewritten(setup: &Setup, texts: &Texts) -> (Vec<FileChange>, Vec<Replacement>) {
    let folder = super::absolute(&folder_of(&setup.configuration));
    let folder = FilePath::new(&folder);
    let (mut files, mut replacements) = (Vec::new(), Vec::new());
    for (name, old) in setup.text.iter().flat_map(ProjectText::files) {
        let Some(new) = texts.get(name) else { continue };
        let path = folder.join(name);
        let path = std::fs::canonicalize(&path).unwrap_or(path);
        let kind = match crate::sys::replace::look(&path) {
            Ok(Some(file)) => file.kind,
            _ => FileKind::Regular,
        };
        let file = |text: &str| Some(File::new(kind, text.as_bytes().to_vec()));
        let (old, new) = (file(old), file(new));
        files.push(FileChange { name: name.to_owned(), old: old.clone(), new: new.clone() });
        replacements.push(Replacement { path, old, new });
    }
    (files, replacements)
}

fn adopted((address, path, from, to, how): (Address, Path, Option<Planned>, Option<Value>, How)) -> Adopted {
    Adopted { address, path, from, to, how }
}

/// Returns a resource, its children, and theirs.
fn family<'a>(plan: &'a Plan, change: &'a plan::Change) -> Vec<&'a Address> {
    let mut family = vec![&change.address];
    let mut next = 0;
    while let Some(parent) = family.get(next).copied() {
        let of_it = |other: &&plan::Change| other.parent.as_ref() == Some(parent);
        family.extend(plan.changes.values().filter(of_it).map(|child| &child.address));
        next += 1;
    }
    family
}

/// Returns how a file is named to whoever looks at the project's folder.
fn shown(folder: &FilePath, path: &FilePath) -> String {
    path.strip_prefix(folder).unwrap_or(path).display().to_string()
}

/// Tells of a resource whose whole entry would have to be written.
fn whole(change: &plan::Change, kind: QuestionKind) -> Open {
    let address = change.address.clone();
    let (why, way_out) = match kind {
        QuestionKind::Exists => (
            "it exists, and its parent is made again",
            format!("answer it with `triform apply --use-live='{address}'`"),
        ),
        QuestionKind::DeletedOnline => (
            "it was deleted online",
            format!(
                "take its entry out by hand; or keep it absent with `triform apply --use-live='{address}'`"
            ),
        ),
        QuestionKind::LeftAndDrifted => (
            "it left the configuration, and entries are not written anew yet",
            format!("forget it, and leave it as it is, with `triform apply --use-live='{address}'`"),
        ),
        QuestionKind::EditedSince => (
            "the last apply made it, and it was edited since",
            format!("answer it with `triform undo --use-live='{address}'`"),
        ),
        QuestionKind::ReplacedAndDrifted => (
            "it gets another name or region, so that the old one's values are nobody's",
            format!(
                "keep the old one with `triform apply --use-live='{address}'`, or write its values by hand"
            ),
        ),
    };
    Open { address, path: Path::root(), wanted: None, why: why.to_owned(), way_out, at: None }
}

/// Returns what to do about a value that is not written.
fn way_out(wanted: &edit::Wanted, why: &Why) -> String {
    let place = selector(&wanted.address, &wanted.path);
    let accept = format!("accept it with `triform apply --use-live='{place}'`");
    match why {
        Why::Secret => format!("set it where the project's secrets come from, or {accept}"),
        Why::Expression(_) | Why::Variable(..) | Why::Shared(_) | Why::OthersToo | Why::Reaches(_) => {
            format!("write it by hand where it is meant, or {accept}")
        }
        Why::Given(_) => format!("give another value on the command line, or {accept}"),
        Why::NoText | Why::ReadsAsExpression | Why::NoEntry | Why::Odd | Why::Invalid(_) => {
            format!("write it by hand, or {accept}")
        }
    }
}

/// Attributes of code, laid over those of a resource.
pub(super) fn overlay(
    attributes: &mut crate::model::DesiredAttributes,
    code: &BTreeMap<Path, Option<Value>>,
) {
    for (path, value) in code {
        match value {
            Some(value) => attributes.insert(path.clone(), value.clone().into()),
            None => attributes.remove(path),
        };
    }
}
