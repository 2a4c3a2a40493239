//! One resource: what its heading notes, what it asks, and what is said below.

use std::collections::BTreeSet;

use super::code::{Code, code, upload};
use super::setting::{Answer, Said, Setting, made, setting};
use super::{Mark, Open, Sources};
use crate::diff::Class;
use crate::model::{Address, Path};
use crate::plan::{Action, Change, Choice, PathChange, PathOutcome, Question, QuestionKind};
use crate::render::Part;
use crate::render::text::plain;
use crate::render::value::{moment, optional};

/// One resource.
pub struct Resource {
    /// Its address, to look things up by.
    pub id: Address,
    /// Its address as people read it.
    pub address: String,
    /// What will be done with it.
    pub action: Action,
    /// What happens to it, as a sign.
    pub mark: Mark,
    /// What its paths amount to, and the resource itself.
    pub classes: BTreeSet<Class>,
    /// What stands beside its address.
    pub heading: Option<Heading>,
    /// `moves from …; nothing is written for that`.
    pub moves: Option<String>,
    /// Why it is made anew, where its paths do not say so.
    pub reason: Option<&'static str>,
    /// When it was last modified, as the service reports it, where somebody was at the console.
    pub modified: Option<String>,
    /// The old and the new identity of one that is renamed.
    pub identities: Option<[String; 2]>,
    /// The question about it as a whole.
    pub asked: Option<Asked>,
    /// What a take-over finds: a few words, and the paths with their values.
    pub found: Vec<(&'static str, Vec<String>)>,
    /// Its paths; one that is renamed has two sections.
    pub sections: Vec<Section>,
}

/// What stands beside an address.
pub struct Heading {
    /// `edited online, 2026-11-22 14:02 UTC`.
    pub text: String,
    /// Whether somebody was at the console.
    pub online: bool,
}

/// A question about a whole resource.
pub struct Asked {
    /// What it is about.
    pub what: &'static str,
    /// What was decided, or what each decision would do.
    pub answers: Vec<Answer>,
    /// The parent whose answer covers it.
    pub covered_by: Option<String>,
    /// Whether nobody has decided yet.
    pub open: bool,
}

/// Paths of a resource.
#[derive(Default)]
pub struct Section {
    /// What they are, where that is not plain.
    pub title: Option<&'static str>,
    /// All but the code.
    pub settings: Vec<Setting>,
    /// The code.
    pub code: Option<Code>,
}

impl Resource {
    /// Returns what nobody has decided yet, in the order it is shown.
    pub fn open(&self) -> impl Iterator<Item = Open<'_>> {
        let whole = self.asked.as_ref().filter(|asked| asked.open);
        let itself = whole.filter(|asked| asked.covered_by.is_none()).map(Open::Whole);
        // The answer for the whole reaches every path.
        let sections = self.sections.iter().filter(move |_| whole.is_none());
        let paths = sections.flat_map(|section| {
            let settings = section.settings.iter().filter(|setting| setting.open).map(Open::Setting);
            let files = section.code.iter().flat_map(Code::files).filter(|file| file.open).map(Open::File);
            settings.chain(files)
        });
        itself.into_iter().chain(paths)
    }

    /// Returns the words for what will be done with it.
    pub fn deed(&self) -> &'static str {
        match self.action {
            Action::Keep | Action::Record if self.moves.is_some() => "move",
            Action::Keep if self.mark == Mark::Ask => "undecided",
            Action::Keep => "keep",
            Action::Create => "create",
            Action::TakeOver => "take over",
            Action::Update => "change",
            Action::Replace => "replace",
            Action::Delete => "delete",
            Action::Forget => "forget",
            Action::Release => "release",
            Action::Record => "record",
        }
    }

    /// Returns whether somebody has to look at it first: it asks something, or was edited online.
    pub fn is_urgent(&self) -> bool {
        self.heading.as_ref().is_some_and(|heading| heading.online) || self.open().next().is_some()
    }

    /// Returns what there is to say of it on one line: what its heading notes, and the names of what moves in it.
    pub fn gist(&self) -> String {
        let touched = self.touched();
        let note = self.moves.iter().chain(self.heading.as_ref().map(|heading| &heading.text)).cloned();
        note.chain(self.reason.map(str::to_owned))
            .chain((!touched.is_empty()).then(|| touched.join(", ")))
            .collect::<Vec<_>>()
            .join(": ")
    }

    /// Returns the names of what moves in it; what one that is made will have is no news.
    fn touched(&self) -> Vec<String> {
        let settings = self.sections.iter().flat_map(|section| &section.settings);
        let moved = settings.filter(|setting| !matches!(setting.said, Said::Will(_)));
        let code = |section: &Section| match &section.code {
            Some(Code::Files(files)) => Some(format!("code ({})", super::code::count(files.files.len()))),
            Some(Code::Upload(_)) | None => None,
        };
        moved.map(|setting| setting.path.clone()).chain(self.sections.iter().filter_map(code)).collect()
    }
}

/// Returns the view of a resource.
pub fn resource(change: &Change, sources: &Sources<'_>) -> Resource {
    let whole = sources.part == Part::Whole;
    let mut found = Vec::new();
    let mut sections = Vec::new();
    if change.old_identity.is_some() {
        let edited = !change.old_paths.is_empty();
        if whole {
            sections.push(Section { title: edited.then_some("the new one"), ..will_be(change, sources) });
        }
        if edited {
            let paths: Vec<_> = change.old_paths.iter().collect();
            let title = Some("edited online on the old one");
            sections.push(Section { title, ..section(change, &paths, sources) });
        }
    } else if change.action == Action::Create && whole {
        sections.push(will_be(change, sources));
    } else {
        let (quiet, paths): (Vec<_>, Vec<_>) =
            change.paths.iter().filter(|(_, inner)| whole || inner.class.needs_decision()).partition(
                |(path, inner)| {
                    let taken = change.action == Action::TakeOver && !path.is_code();
                    taken && inner.outcome == PathOutcome::Record
                },
            );
        found = found_lists(&quiet);
        sections.push(section(change, &paths, sources));
    }
    Resource {
        id: change.address.clone(),
        address: name(&change.address),
        action: change.action,
        mark: mark(change),
        classes: classes(change),
        heading: heading(change, sources),
        moves: change
            .moved_from
            .as_ref()
            .map(|from| format!("moves from {}; nothing is written for that", name(from))),
        reason: change.asked_anew.then_some("made anew as asked: --replace"),
        modified: online_since(change),
        identities: change
            .old_identity
            .as_ref()
            .map(|old| [old, &change.identity].map(|identity| plain(&identity.to_string()))),
        asked: change.question.as_ref().map(|question| asked(change, question)),
        found,
        sections,
    }
}

fn name(address: &Address) -> String {
    plain(&address.to_string())
}

fn section(change: &Change, paths: &[(&Path, &PathChange)], sources: &Sources<'_>) -> Section {
    let (files, settings): (Vec<_>, Vec<_>) =
        paths.iter().copied().partition(|(path, _): &(&Path, _)| path.is_code());
    let settings = settings
        .into_iter()
        .map(|(path, inner)| setting(change, path, inner, sources.secret(change, path)))
        .collect();
    Section { title: None, settings, code: code(change, &files, sources) }
}

/// All that is declared, as one that is made will have it.
fn will_be(change: &Change, sources: &Sources<'_>) -> Section {
    let composed = change.undo.map(|_| change.composed());
    let (whole, side) = composed.as_ref().map_or((&change.desired, "config"), |whole| (whole, "before"));
    let settings = whole.iter().filter(|(path, _)| !path.is_code());
    let settings =
        settings.map(|(path, desired)| made(path, desired, side, sources.secret(change, path))).collect();
    let title = composed.is_some().then_some("as it was");
    Section { title, settings, code: upload(whole).map(Code::Upload) }
}

/// What a take-over finds as it is declared, and what it finds that nobody declares: named, not spread out.
fn found_lists(quiet: &[(&Path, &PathChange)]) -> Vec<(&'static str, Vec<String>)> {
    let (agree, silent): (Vec<_>, Vec<_>) = quiet.iter().partition(|(_, inner)| inner.desired.is_some());
    let named = |(path, inner): &(&Path, &PathChange)| {
        format!("{} {}", plain(&path.to_string()), optional(inner.live.as_ref()))
    };
    [("as declared", agree), ("not declared, stay", silent)]
        .into_iter()
        .filter(|(_, found)| !found.is_empty())
        .map(|(words, found)| (words, found.into_iter().map(&named).collect()))
        .collect()
}

fn mark(change: &Change) -> Mark {
    let open = change.question.as_ref().is_some_and(|question| question.decision.is_none())
        || change.paths.values().any(|path| matches!(path.outcome, PathOutcome::Open(_)));
    match change.action {
        Action::Create => Mark::Create,
        Action::Replace => Mark::Replace,
        Action::Delete => Mark::Delete,
        Action::Update | Action::Release => Mark::Change,
        _ if open => Mark::Ask,
        Action::TakeOver => Mark::Change,
        Action::Forget => Mark::Forget,
        Action::Record | Action::Keep if change.moved_from.is_some() => Mark::Move,
        Action::Record | Action::Keep => Mark::Same,
    }
}

/// Says of something in a resource that leaves whether it goes with it.
pub(super) fn going(change: &Change) -> Mark {
    match change.question.as_ref().map(|question| question.decision) {
        Some(None) => Mark::Ask,
        Some(Some(Choice::UseLive)) => Mark::Same,
        _ => Mark::Delete,
    }
}

/// The classes of its paths. What happens to it as a whole has one too: the project moved it, or somebody did.
fn classes(change: &Change) -> BTreeSet<Class> {
    let paths = change.paths.values().chain(change.old_paths.values());
    let mut classes: BTreeSet<Class> = paths.map(|inner| inner.class).collect();
    let asked = change.question.as_ref().filter(|question| question.covered_by.is_none());
    match asked.map(|question| question.kind) {
        Some(QuestionKind::Exists) => classes.insert(Class::Conflict),
        Some(_) => classes.insert(Class::Drift),
        None if change.writes() || change.action == Action::Forget || change.moved_from.is_some() => {
            classes.is_empty() && classes.insert(Class::Edit)
        }
        None => classes.is_empty() && classes.insert(Class::Unchanged),
    };
    classes
}

/// When it was last modified, where somebody was at the console.
fn online_since(change: &Change) -> Option<String> {
    let there = change.live.as_ref().or(change.old_live.as_ref())?;
    let itself = change.paths.values().chain(change.old_paths.values()).any(PathChange::moved_online);
    let modified = there.modified.as_deref().filter(|_| itself || change.is_foreign());
    modified.map(moment)
}

fn heading(change: &Change, sources: &Sources<'_>) -> Option<Heading> {
    let there = change.live.as_ref().or(change.old_live.as_ref());
    let modified = there.and_then(|live| live.modified.as_deref());
    let told = |what: &str| match modified {
        Some(time) => format!("{what}, {}", moment(time)),
        None => what.to_owned(),
    };
    let online = |text: String| Some(Heading { text, online: true });
    if change.is_foreign() {
        return online(told("not deployed from here"));
    }
    let ignored = || change.paths.values().chain(change.old_paths.values()).any(PathChange::is_ignored);
    if change.moved_online() {
        let itself = || change.paths.values().chain(change.old_paths.values()).any(PathChange::moved_online);
        return online(match there {
            None => "deleted online".to_owned(),
            Some(_) if itself() => told("edited online"),
            Some(_) => "what belongs to it was edited online".to_owned(),
        });
    }
    let text = match change.action {
        Action::Create if change.undo.is_some() => "made again".to_owned(),
        Action::Delete if change.accepts_absence() => "deleted, and its absence accepted".to_owned(),
        Action::Create => {
            let kind = &change.identity.kind;
            let noun = sources.schemas.get(kind).map_or(kind.as_str(), |schema| schema.noun);
            format!("new {}", plain(noun))
        }
        Action::Replace if change.old_identity.is_some() => "a new one, then the old one goes".to_owned(),
        Action::Replace => "deleted, then made again".to_owned(),
        Action::Delete => "deleted".to_owned(),
        Action::Release => "our part of it goes".to_owned(),
        Action::Forget if change.live.is_some() && change.question.is_none() => {
            "only its record is dropped; it stays online".to_owned()
        }
        Action::Forget => "only its record is dropped".to_owned(),
        Action::TakeOver if change.is_imported() => told("imported, not deployed from here"),
        _ if ignored() => told("edited online, ignored"),
        _ => return None,
    };
    Some(Heading { text, online: false })
}

/// Says what the question is, and what each answer would do.
fn asked(change: &Change, question: &Question) -> Asked {
    let [what, local, live] = match question.kind {
        QuestionKind::Exists => [
            "it exists and was not deployed from here",
            "take it over, and write what differs",
            "take it over as it is, and write nothing",
        ],
        QuestionKind::DeletedOnline => ["it was deleted online", "create it again", "leave it deleted"],
        QuestionKind::LeftAndDrifted => [
            "it is to be deleted, and it was edited online",
            "delete it",
            "keep it online, and forget its record",
        ],
        QuestionKind::EditedSince => [
            "it was edited online since that apply",
            "bring back what was there before, its edits overwritten",
            "leave it as it is",
        ],
        QuestionKind::ReplacedAndDrifted if change.old_identity.is_none() => [
            "it is to be made again, and what belongs to it was edited online",
            "make that again as it is declared",
            "make that again as it is live",
        ],
        QuestionKind::ReplacedAndDrifted => [
            "it is to be replaced, and the old one was edited online",
            "delete the old one",
            "keep the old one online, and forget its record",
        ],
    };
    let covered_by = question.covered_by.as_ref().map(name);
    let mut answers = vec![Answer::new(Choice::UseLocal, local), Answer::new(Choice::UseLive, live)];
    answers.retain(|answer| question.decision.is_none_or(|decision| decision == answer.choice));
    Asked { what, answers, covered_by, open: question.decision.is_none() }
}
