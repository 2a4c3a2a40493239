//! What is ours of the plan as a whole: the key `triform` at the top.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::ours::{Known, PathEntry, question_word};
use super::sides::Frame;
use super::{Each, Keyed};
use crate::model::Path;
use crate::plan::{
    Change, IgnoreRule, Made, OpenDecision, PathChange, Step, StepKind, Summary, Undo, Unmanaged,
};
use crate::render::view::lost_why;
use crate::render::{Part, Shown};
use crate::state::Owner;

/// `triform` of the plan.
pub(super) struct Whole<'a>(pub &'a Shown<'a>);

impl Serialize for Whole<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Shown { document, part, .. } = self.0;
        let plan = &document.plan;
        let Owner { project, file, cloud, account, environment } = &plan.owner;
        let owner = [("project", project), ("file", file), ("cloud", cloud), ("account", account)];
        let environment = environment.iter().map(|name| ("environment", name));
        let basis =
            plan.basis.as_ref().map(|(lineage, serial)| Basis { lineage: &lineage.0, serial: serial.0 });
        let Made { by, folder, endpoint, access, at: _ } = &document.made;
        let made = [
            ("by", Some(by)),
            ("folder", Some(folder)),
            ("endpoint", endpoint.as_ref()),
            ("access", access.as_ref()),
        ];
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("part", if *part == Part::Whole { "whole" } else { "drift" })?;
        map.serialize_entry("digest", &plan.digest().to_string())?;
        if let Some(undo) = &plan.undo {
            map.serialize_entry("undo", &Undone::from(undo))?;
        }
        map.serialize_entry("empty", &plan.is_empty())?;
        map.serialize_entry("drifted", &plan.drifted())?;
        map.serialize_entry("summary", &Counts::from(plan.summary()))?;
        map.serialize_entry("owner", &Keyed(|| owner.into_iter().chain(environment.clone())))?;
        map.serialize_entry("basis", &basis)?;
        map.serialize_entry(
            "made",
            &Keyed(|| made.iter().filter_map(|(key, value)| Some((key, (*value)?)))),
        )?;
        let unmanaged = || plan.unmanaged.iter().map(Child::from);
        if *part == Part::Whole {
            let open = plan.open();
            map.serialize_entry("open", &Each(|| open.iter().map(Open::from)))?;
            map.serialize_entry("steps", &Each(|| plan.steps.iter().map(Order::from)))?;
        }
        let ignored = || {
            let ignores = |change: &&Change| ignored_paths(change).next().is_some();
            plan.changes.values().filter(ignores).map(|change| Ignored(Frame::new(self.0, change)))
        };
        map.serialize_entry("ignored", &Each(ignored))?;
        map.serialize_entry("unmanaged", &Each(unmanaged))?;
        if !plan.remembered.is_empty() {
            let remembered = || plan.remembered.iter().map(ToString::to_string);
            map.serialize_entry("remembered", &Each(remembered))?;
        }
        map.serialize_entry("left_out", &Each(|| plan.left_out.iter().map(ToString::to_string)))?;
        if !plan.skipped.is_empty() {
            map.serialize_entry("skipped", &Each(|| plan.skipped.iter().map(ToString::to_string)))?;
        }
        map.end()
    }
}

/// The apply that is undone, and what of it cannot be brought back.
#[derive(Serialize)]
struct Undone<'a> {
    of: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<&'a str>,
    serial: u64,
    lost: Vec<Unreturned>,
}

#[derive(Serialize)]
struct Unreturned {
    address: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    why: &'static str,
}

impl<'a> From<&'a Undo> for Undone<'a> {
    fn from(undo: &'a Undo) -> Self {
        let Undo { of, at, serial, lost } = undo;
        let lost = lost.iter().map(|lost| Unreturned {
            address: lost.address.to_string(),
            path: (!lost.path.is_root()).then(|| lost.path.to_string()),
            why: lost_why(lost.why),
        });
        Self { of, at: at.as_deref(), serial: serial.0, lost: lost.collect() }
    }
}

fn ignored_paths(change: &Change) -> impl Iterator<Item = (&Path, &PathChange)> {
    change.paths.iter().chain(&change.old_paths).filter(|(_, inner)| inner.is_ignored())
}

/// What was changed online in one resource, and rules ignore.
struct Ignored<'a>(Frame<'a>);

impl Serialize for Ignored<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let frame = self.0;
        let paths = || ignored_paths(frame.change).map(|(path, inner)| PathEntry { frame, path, inner });
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("address", &frame.change.address.to_string())?;
        map.serialize_entry("paths", &Each(paths))?;
        map.end()
    }
}

#[derive(Serialize)]
struct Basis<'a> {
    lineage: &'a str,
    serial: u64,
}

#[derive(Serialize)]
struct Counts {
    add: usize,
    change: usize,
    replace: usize,
    delete: usize,
    r#move: usize,
    take_over: usize,
    forget: usize,
    online: usize,
    open: usize,
    accepted: usize,
    ignored: usize,
}

impl From<Summary> for Counts {
    fn from(summary: Summary) -> Self {
        let Summary {
            add,
            change,
            replace,
            delete,
            moves,
            take_over,
            forget,
            online,
            open,
            accepted,
            ignored,
        } = summary;
        Self {
            add,
            change,
            replace,
            delete,
            r#move: moves,
            take_over,
            forget,
            online,
            open,
            accepted,
            ignored,
        }
    }
}

/// A decision that nobody has taken yet, by the selector that answers it.
#[derive(Serialize)]
struct Open {
    address: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    why: &'static str,
}

impl From<&OpenDecision<'_>> for Open {
    fn from(open: &OpenDecision<'_>) -> Self {
        let OpenDecision { change, path } = open;
        let question = change.question.as_ref().map(|question| question_word(question.kind));
        Self {
            address: change.address.to_string(),
            path: path.map(|(path, _)| path.to_string()),
            why: path.map(|(_, inner)| inner.class.word()).or(question).unwrap_or_default(),
        }
    }
}

#[derive(Serialize)]
struct Child<'a> {
    address: String,
    identity: Known<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    modified: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<&'a IgnoreRule>,
}

impl<'a> From<&'a Unmanaged> for Child<'a> {
    fn from(child: &'a Unmanaged) -> Self {
        Self {
            address: child.address.to_string(),
            identity: Known::from(&child.identity),
            modified: child.modified.as_deref(),
            rule: child.rule.as_ref(),
        }
    }
}

#[derive(Serialize)]
struct Order<'a> {
    id: usize,
    address: String,
    call: &'static str,
    identity: Known<'a>,
    after: Vec<usize>,
}

impl<'a> From<&'a Step> for Order<'a> {
    fn from(step: &'a Step) -> Self {
        let call = match step.kind {
            StepKind::Create => "create",
            StepKind::Update => "update",
            StepKind::Delete => "delete",
        };
        Self {
            id: step.id,
            address: step.address.to_string(),
            call,
            identity: Known::from(&step.identity),
            after: step.after.iter().copied().collect(),
        }
    }
}
