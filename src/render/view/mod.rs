//! What every rendering for people says of a plan, phrased once.
//!
//! A terminal, a comment on a pull request and a page lay the same plan out in three ways, and must not say three
//! different things. So the words stand here: what a resource's heading notes, what a question asks and what each
//! answer would do, what is counted, what the last line says. A [`PlanView`] is data: its texts are one line each
//! and [`plain`], that is, they say nothing to a terminal and hide nothing from a reader. A renderer adds the
//! layout, and escapes for its own medium whatever it puts in.
//!
//! The three sides are always called config, recorded and live, in that order.

mod code;
mod resource;
mod setting;
pub mod state;

pub use code::{Code, DiffLine, Difference, File, Files, Hunk, Sign};
pub use resource::{Asked, Heading, Resource, Section, resource};
pub use setting::{Answer, Said, Setting, Side, ruled, setting};
pub use state::{Recording, Settled, StateView};

use bytes::Bytes;

use super::text::plain;
use super::value::moment;
use super::{Part, Shown};
use crate::diff::Class;
use crate::model::{Digest, Path, SchemaSet};
use crate::plan::{
    Action, Change, Lost, LostWhy, Plan, QuestionKind, SecretSource, SecretSources, Summary, Undo, Unmanaged,
};

/// What a view is made with, beside the plan.
#[derive(Clone, Copy)]
pub struct Sources<'a> {
    /// The resource types.
    pub schemas: &'a SchemaSet,
    /// Contents of files, where they were seen.
    pub content: &'a dyn Fn(Digest) -> Option<Bytes>,
    /// Where secrets come from.
    pub secrets: &'a SecretSources,
    /// How much is shown.
    pub part: Part,
}

impl Sources<'_> {
    fn secret(&self, change: &Change, path: &Path) -> Option<&SecretSource> {
        self.secrets.get(&change.address)?.get(path)
    }
}

/// A plan, in the words that every rendering uses.
pub struct PlanView {
    /// The project's name.
    pub project: String,
    /// What stands beside it: `5 resources`, `cn-hangzhou`, `embedded cloud`, `state serial 12`.
    pub facts: Vec<String>,
    /// `Undo of triform apply by ann, at 2026-11-22 16:40 UTC`.
    pub undoes: Option<String>,
    /// The counts of what will be done: `1 to add`.
    pub todo: Vec<String>,
    /// `2 resources edited online`.
    pub online: Option<String>,
    /// `3 decisions needed`.
    pub needed: Option<String>,
    /// `1 accepted difference`.
    pub accepted: Option<String>,
    /// `1 change online ignored`.
    pub ignored: Option<String>,
    /// The resources that are shown, in the order of their addresses.
    pub resources: Vec<Resource>,
    /// Live children of managed parents that nobody here declared.
    pub unmanaged: Vec<Stranger>,
    /// That nobody looked at the cloud, or at a part of it.
    pub remembered: Option<String>,
    /// What an undo cannot bring back.
    pub lost: Vec<Unreturned>,
    /// The addresses that a partial plan leaves out.
    pub left_out: Vec<String>,
    /// Those of them whose questions were skipped.
    pub skipped: Vec<String>,
    /// What is to be said at the end.
    pub closing: Option<&'static str>,
    /// Whether there is nothing to do.
    pub quiet: bool,
    /// What a reviewer approves; a view of drift alone has none.
    pub digest: Option<String>,
}

/// Something that an undo cannot bring back.
pub struct Unreturned {
    /// Its address, with the path where it is a place in a resource.
    pub place: String,
    /// Why.
    pub why: &'static str,
}

/// A live resource that is somebody else's.
pub struct Stranger {
    /// The address that it would have.
    pub address: String,
    /// `kept as it is, modified 2026-11-22 12:02 UTC`.
    pub note: String,
    /// Whether a rule says not to ask about it.
    pub ignored: bool,
}

/// The sentence before the names of unmanaged resources.
pub const UNMANAGED: &str = "also online, not yours";
/// The sentence before what an undo cannot bring back.
pub const LOST: &str = "Cannot be brought back";
/// How a decision is taken.
pub const HOW_TO_DECIDE: &str = "--use-local and --use-live decide all of them; --use-live=ADDRESS or --use-live=ADDRESS:PATH decides one";
/// The word before what a resource gives to others.
pub const OUTPUTS: &str = "outputs";
/// The words before the names of what a resource needs.
pub const DEPENDS_ON: &str = "depends on";
/// The word before a package.
pub const PACKAGE: &str = "package";
/// The sentence before the names of what a partial plan leaves out.
pub const LEFT_OUT: &str = "This plan is partial. Left out, and not changed";
/// The sentence before the names of what somebody skipped.
pub const SKIPPED: &str = "Skipped for now; the next plan asks again";

/// The sign in front of what is said; it stands for a colour, and says the same without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// It is made.
    Create,
    /// It is changed.
    Change,
    /// It is made anew.
    Replace,
    /// It is removed.
    Delete,
    /// Only its record goes.
    Forget,
    /// Its record changes its address.
    Move,
    /// Somebody has to decide.
    Ask,
    /// Both sides moved, and somebody has to decide.
    Conflict,
    /// It stays as it is.
    Same,
    /// Nothing is to be pointed out.
    None,
}

impl Mark {
    /// Returns the sign.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Create => "+",
            Self::Change => "~",
            Self::Replace => "-/+",
            Self::Delete | Self::Forget => "-",
            Self::Move => ">",
            Self::Ask => "?",
            Self::Conflict => "!",
            Self::Same => "=",
            Self::None => " ",
        }
    }
}

/// A decision that nobody has taken yet, in its context.
#[derive(Clone, Copy)]
pub enum Open<'a> {
    /// About a resource as a whole.
    Whole(&'a Asked),
    /// About one of its settings.
    Setting(&'a Setting),
    /// About one file of its code.
    File(&'a File),
}

impl Open<'_> {
    /// Returns the path that it is about; `None` for the resource as a whole.
    pub fn path(&self) -> Option<String> {
        match self {
            Self::Whole(_) => None,
            Self::Setting(setting) => Some(setting.path.clone()),
            Self::File(file) => Some(format!("code: {}", file.name)),
        }
    }

    /// Returns what it is about, as a sign.
    pub fn mark(&self) -> Mark {
        match self {
            Self::Whole(_) => Mark::Ask,
            Self::Setting(setting) => setting.mark,
            Self::File(file) => file.mark,
        }
    }

    /// Returns what is said of it, in words of our own.
    pub fn note(&self) -> &'static str {
        match self {
            Self::Whole(asked) => asked.what,
            Self::Setting(Setting { said: Said::Contested { note }, .. }) => note,
            Self::File(File { class: crate::diff::Class::Conflict, .. }) => "conflict: both sides moved",
            Self::Setting(_) | Self::File(_) => "edited online",
        }
    }

    /// Returns its sides by their names: values, or how many lines of a file differ.
    pub fn sides(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Whole(_) => Vec::new(),
            Self::Setting(setting) => {
                setting.sides.iter().map(|side| (side.name, side.text.clone())).collect()
            }
            Self::File(file) => {
                file.differences.iter().map(|found| (found.side, found.counts.clone())).collect()
            }
        }
    }

    /// Returns what each decision would do.
    pub fn answers(&self) -> &[Answer] {
        match self {
            Self::Whole(asked) => &asked.answers,
            Self::Setting(setting) => &setting.answers,
            Self::File(_) => &[],
        }
    }
}

impl PlanView {
    /// Returns the view of a document.
    pub fn of(shown: &Shown<'_>) -> Self {
        let content = |digest| shown.document.content(digest);
        let secrets = &shown.document.secrets;
        let sources = Sources { schemas: shown.schemas, content: &content, secrets, part: shown.part };
        plan(&shown.document.plan, &sources)
    }

    /// Returns the open decisions in the order they are shown, each with its resource.
    pub fn open(&self) -> impl Iterator<Item = (&Resource, Open<'_>)> {
        self.resources.iter().flat_map(|resource| resource.open().map(move |open| (resource, open)))
    }
}

/// Returns the view of a plan.
pub fn plan(plan: &Plan, sources: &Sources<'_>) -> PlanView {
    let whole = sources.part == Part::Whole;
    let summary = plan.summary();
    let count = |number: usize, words: &str| (number > 0).then(|| format!("{number} {words}"));
    let todo = [
        count(summary.add, "to add"),
        count(summary.change, "to change"),
        count(summary.replace, "to replace"),
        count(summary.delete, "to delete"),
        count(summary.take_over, "to take over"),
        count(summary.moves, "to move"),
        count(summary.forget, "to forget"),
    ];
    // What was deleted was not edited.
    let deleted = |change: &Change| {
        let kind = change.question.as_ref().map(|question| question.kind);
        change.moved_online() && kind == Some(QuestionKind::DeletedOnline)
    };
    let how = if plan.changes.values().any(deleted) { "changed online" } else { "edited online" };
    let counted =
        |number: usize, noun: &str, words: &str| count(number, &format!("{}{words}", plural(number, noun)));
    let ignores = |change: &Change| {
        change.paths.values().chain(change.old_paths.values()).any(crate::plan::PathChange::is_ignored)
    };
    let shown = plan.moving().filter(|change| whole || change.moved_online() || ignores(change));
    let quiet = plan.is_empty();
    PlanView {
        project: plain(&plan.owner.project),
        facts: facts(plan),
        undoes: plan.undo.as_ref().map(undoes),
        todo: todo.into_iter().flatten().filter(|_| whole).collect(),
        online: counted(summary.online, "resource", &format!(" {how}")),
        needed: counted(summary.open, "decision", " needed").filter(|_| whole),
        accepted: count(summary.accepted, &format!("accepted {}", plural(summary.accepted, "difference"))),
        ignored: counted(summary.ignored, "change", " online ignored"),
        resources: shown.map(|change| resource(change, sources)).collect(),
        unmanaged: plan.unmanaged.iter().map(stranger).collect(),
        remembered: remembered(plan),
        lost: plan.undo.iter().flat_map(|undo| &undo.lost).map(unreturned).collect(),
        left_out: plan.left_out.iter().map(|address| plain(&address.to_string())).collect(),
        skipped: plan.skipped.iter().map(|address| plain(&address.to_string())).collect(),
        closing: closing(plan, sources.part, summary),
        quiet,
        digest: whole.then(|| plan.digest().to_string()),
    }
}

/// Says loudly that nobody looked at the cloud, where that is so.
pub fn remembered(plan: &Plan) -> Option<String> {
    let (some, all) = (plan.remembered.len(), plan.changes.len());
    (some > 0).then(|| {
        let whom = match () {
            () if some == all => "any resource".to_owned(),
            () => format!("{some} of {all} resources"),
        };
        format!(
            "Made without looking at {whom} in the cloud (--refresh=false): what is recorded stands for what is live, \
             and what was changed online is not in this plan. Its apply looks first, and ends with exit code 4 where \
             something moved."
        )
    })
}

/// Says that a plan is partial, where it is, and names what it leaves out.
pub fn left_out(plan: &Plan) -> Option<String> {
    let names: Vec<String> = plan.left_out.iter().map(|address| plain(&address.to_string())).collect();
    (!names.is_empty()).then(|| format!("{LEFT_OUT}: {}.", names.join(", ")))
}

fn undoes(undo: &Undo) -> String {
    let at = undo.at.as_deref().map(|at| format!(", at {}", moment(at))).unwrap_or_default();
    format!("Undo of {}{at}", plain(&undo.of))
}

fn unreturned(lost: &Lost) -> Unreturned {
    let path = if lost.path.is_root() { String::new() } else { format!(" {}", lost.path) };
    Unreturned { place: plain(&format!("{}{path}", lost.address)), why: lost_why(lost.why) }
}

/// Says why something cannot be brought back.
pub fn lost_why(why: LostWhy) -> &'static str {
    match why {
        LostWhy::Secret => {
            "secrets are not kept, and the configuration does not declare the one that was there"
        }
        LostWhy::NeverShown => "the service never shows it, so nobody knows what it was",
        LostWhy::Package => "the package that it came from was not kept",
        LostWhy::Unreadable => "its code was replaced since by a package that is no readable archive",
        LostWhy::Incomplete => "it cannot be made without what is lost of it",
        LostWhy::ExistsAgain => "it exists again, and is not what it was: somebody made it since",
        LostWhy::DeletedSince => "it was deleted since",
        LostWhy::ParentGone => "what it belongs to is gone",
        LostWhy::WentAlong => "what it names went with what it belonged to, for good",
        LostWhy::NeedsLost => "what it needs cannot be brought back",
        LostWhy::Shared => "it holds what is somebody else's by now",
        LostWhy::NotRecorded => "the journal of that apply does not say what was there",
    }
}

fn facts(plan: &Plan) -> Vec<String> {
    let count = plan.changes.len();
    let regions: std::collections::BTreeSet<&str> =
        plan.changes.values().map(|change| change.identity.region.as_str()).collect();
    let cloud = if plan.owner.cloud == "embedded" {
        "embedded cloud".to_owned()
    } else {
        format!("account {}", plan.owner.account)
    };
    let state = match &plan.basis {
        Some((_, serial)) => format!("state serial {serial}"),
        None => "no state yet".to_owned(),
    };
    let environment = plan.owner.environment.iter().map(|name| plain(&format!("environment {name}")));
    let mut facts: Vec<String> = environment.collect();
    facts.push(format!("{count} {}", plural(count, "resource")));
    facts.extend(regions.into_iter().map(plain));
    facts.extend([plain(&cloud), state]);
    facts
}

fn stranger(child: &Unmanaged) -> Stranger {
    let modified = child.modified.as_deref().map(|time| format!(", modified {}", moment(time)));
    let rule = child.rule.as_ref().map(|rule| format!("; {}", ruled(rule, Class::Drift)));
    let note = format!("kept as it is{}{}", modified.unwrap_or_default(), rule.unwrap_or_default());
    Stranger { address: plain(&child.address.to_string()), note, ignored: child.is_ignored() }
}

fn closing(plan: &Plan, part: Part, summary: Summary) -> Option<&'static str> {
    const UNTOUCHED: &str = "Nothing was changed online since your last apply.";
    let looked = plan.remembered.is_empty();
    let Summary { online, take_over, accepted, ignored, .. } = summary;
    if part == Part::Drift {
        return match &plan.basis {
            _ if plan.drifted() => None,
            Some(_) if ignored > 0 => {
                Some("Nothing was changed online since your last apply but what rules ignore.")
            }
            Some(_) => Some(UNTOUCHED),
            None => Some("Nothing is recorded yet, so nobody can tell what was changed online."),
        };
    }
    if plan.undo.is_some() {
        return match (plan.is_empty(), accepted > 0) {
            (true, _) => Some("Nothing to undo: what can be brought back is live already."),
            (false, true) => Some("The configuration stays as it is: what it says otherwise is accepted."),
            (false, false) => None,
        };
    }
    if plan.is_empty() {
        return Some(if plan.moving().any(|change| change.action != Action::Keep) {
            "Nothing to do: project and cloud agree; the record catches up at the next apply."
        } else if accepted > 0 && ignored > 0 {
            "Nothing to do: what differs was accepted, or is ignored by rules."
        } else if accepted > 0 {
            "Nothing to do: what differs was accepted."
        } else if !plan.left_out.is_empty() {
            "Nothing to do in this part; the rest was left out."
        } else if !looked {
            "Nothing to do, as far as it was looked: project and record agree."
        } else if ignored > 0 {
            "Nothing to do: what differs is ignored by rules."
        } else {
            "Nothing to do: project, record and cloud agree."
        });
    }
    let untouched = looked && online + take_over + ignored == 0 && plan.unmanaged.is_empty();
    (untouched && plan.basis.is_some()).then_some(UNTOUCHED)
}

/// Returns the word, with an `s` unless there is one.
pub fn plural(count: usize, word: &str) -> String {
    if count == 1 { word.to_owned() } else { format!("{word}s") }
}
