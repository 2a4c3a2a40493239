//! A plan at a glance: what is recorded beside what is live, and what the next plan says.
//!
//! It is data for a page that speaks several languages. So what happens is told by its name, and only what came from
//! the project or the cloud is text: one line each, and [`plain`].

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::Shown;
use super::text::plain;
use super::value::{planned, value};
use super::view::{Code, Mark, PlanView, Resource};
use crate::model::{Address, Identity, Path, Planned, Value};
use crate::plan::{Action, Change, Hint, PathChange, PathOutcome, QuestionKind, SecretSource, Summary};
use crate::state::{Record, Recorded};

/// Returns what the page shows of a plan.
pub fn glance(shown: &Shown<'_>) -> Json {
    let view = PlanView::of(shown);
    let plan = &shown.document.plan;
    let moving: BTreeSet<&Address> = view.resources.iter().map(|resource| &resource.id).collect();
    let still = plan.changes.values().filter(|change| !moving.contains(&change.address));
    let resources = view.resources.iter().enumerate();
    let Summary { add, change, replace, delete, moves, take_over, forget, online, open, accepted, ignored } =
        plan.summary();
    json!({
        "project": plain(&plan.owner.project),
        "file": plain(&plan.owner.file),
        "environment": plan.owner.environment.as_deref().map(plain),
        "serial": plan.basis.as_ref().map(|(_, serial)| serial.0),
        "digest": view.digest,
        "quiet": view.quiet,
        "counts": {
            "add": add, "change": change, "replace": replace, "delete": delete, "move": moves, "take-over": take_over,
            "forget": forget, "online": online, "open": open, "accepted": accepted, "ignored": ignored,
        },
        "moving": resources
            .filter_map(|(number, resource)| Some(moved(resource, number, plan.changes.get(&resource.id)?, shown)))
            .collect::<Vec<_>>(),
        "still": still.map(|change| json!({"address": name(&change.address), "place": place(change)})).collect::<Vec<_>>(),
        "strangers": plan
            .unmanaged
            .iter()
            .map(|child| json!({
                "address": name(&child.address),
                "modified": child.modified.as_deref().map(plain),
                "ignored": child.is_ignored(),
            }))
            .collect::<Vec<_>>(),
    })
}

/// Returns the settings of a resource in which nothing moved: what is recorded, and what is live.
pub fn settings(change: &Change, record: Option<&Record>) -> Json {
    let live = change.live.as_ref().map(|live| &live.attributes);
    let recorded = record.map(|record| &record.paths);
    let paths: BTreeSet<&Path> = recorded
        .into_iter()
        .flat_map(|paths| paths.keys())
        .chain(live.into_iter().flat_map(|live| live.keys()))
        .collect();
    let rows = paths.into_iter().filter(|path| !change.paths.contains_key(path)).map(|path| {
        json!({
            "path": place_in(path),
            "recorded": past(recorded.and_then(|paths| paths.get(path))),
            "live": side(live.and_then(|live| live.get(path))),
        })
    });
    Json::Array(rows.collect())
}

fn moved(resource: &Resource, number: usize, change: &Change, shown: &Shown<'_>) -> Json {
    let secret = |path: &Path| shown.document.secrets.get(&change.address)?.get(path);
    let row = |path: &Path, inner: &PathChange| row(resource, change, path, inner, secret(path));
    // What is taken over as it is stands aside of what somebody has to look at.
    let quiet =
        |inner: &PathChange| change.action == Action::TakeOver && inner.outcome == PathOutcome::Record;
    let rows = |quietly: bool| -> Vec<Json> {
        let paths = change.paths.iter().filter(|(_, inner)| quiet(inner) == quietly);
        paths.map(|(path, inner)| row(path, inner)).collect()
    };
    let makes = change.paths.is_empty() && change.action == Action::Create;
    let made = change.desired.iter().filter(|(path, _)| makes && !path.is_code());
    json!({
        "address": resource.address,
        "number": number,
        "place": place(change),
        "deed": resource.deed(),
        "sign": resource.mark.sign(),
        "tone": tone(resource.mark),
        "open": resource.open().count(),
        "identities": resource.identities,
        "online": change.moved_online(),
        "absent": change.live.is_none(),
        "modified": change.live.as_ref().or(change.old_live.as_ref()).and_then(|live| live.modified.as_deref()).map(plain),
        "from": change.moved_from.as_ref().map(name),
        "question": change.question.as_ref().map(|question| json!({
            "kind": question_name(question.kind),
            "covered": question.covered_by.as_ref().map(name),
        })),
        "rows": rows(false),
        "agree": rows(true),
        "old": change.old_paths.iter().map(|(path, inner)| row(path, inner)).collect::<Vec<_>>(),
        "made": made
            .map(|(path, desired)| json!({"path": place_in(path), "config": declared(Some(desired), secret(path))}))
            .collect::<Vec<_>>(),
        "files": if makes { change.desired.keys().filter(|path| path.is_code()).count() } else { 0 },
    })
}

fn row(
    resource: &Resource,
    change: &Change,
    path: &Path,
    inner: &PathChange,
    source: Option<&SecretSource>,
) -> Json {
    json!({
        "path": place_in(path),
        "class": inner.class.word(),
        "outcome": outcome(change, inner),
        "goal": goal(inner, source),
        "lines": lines(resource, path),
        "config": declared(inner.desired.as_ref(), source),
        "recorded": past(inner.recorded.as_ref()),
        "live": side(inner.live.as_ref()),
        "replaces": inner.replaces,
        "online": inner.moved_online(),
        "rule": inner.rule.as_ref().map(|rule| plain(&rule.selector)),
    })
}

/// Says what becomes of a path, by its name.
fn outcome(change: &Change, inner: &PathChange) -> &'static str {
    let leaves = matches!(change.action, Action::Delete | Action::Forget | Action::Replace);
    match &inner.outcome {
        PathOutcome::Write(_) => "write",
        PathOutcome::Accept => "accept",
        PathOutcome::Record if inner.hint == Some(Hint::Stays) => "stays",
        PathOutcome::Record => "agrees",
        PathOutcome::Keep if leaves || change.question.is_some() => "goes",
        PathOutcome::Keep => "accepted",
        PathOutcome::Ignore => "ignored",
        PathOutcome::Open(Some(_)) => "asks",
        PathOutcome::Open(None) => "cannot",
    }
}

/// The value that is written, or that use-local would write.
fn goal(inner: &PathChange, source: Option<&SecretSource>) -> Json {
    match &inner.outcome {
        PathOutcome::Write(goal) | PathOutcome::Open(Some(goal)) => declared(goal.as_ref(), source),
        _ => Json::Null,
    }
}

/// A place in a resource as people read it; a file of the code is known by its name.
fn place_in(path: &Path) -> String {
    path.code_file().map_or_else(|| plain(&path.to_string()), |file| plain(&format!("code: {file}")))
}

/// How many lines of a file differ, one entry for each side that moved.
fn lines<'a>(resource: &'a Resource, path: &Path) -> Vec<&'a str> {
    let Some(file) = path.code_file().map(plain) else { return Vec::new() };
    let files = resource.sections.iter().filter_map(|section| section.code.as_ref()).flat_map(Code::files);
    let found = files.filter(|known| known.name == file).flat_map(|known| &known.differences);
    found.map(|difference| difference.counts.as_str()).filter(|counts| !counts.is_empty()).collect()
}

/// What was recorded: what was observed, and beside it what was declared where that is something else.
fn past(recorded: Option<&Recorded>) -> Json {
    let Some(recorded) = recorded else { return json!({"word": "never"}) };
    let mut told = side(recorded.observed.as_ref());
    if let Some(said) = recorded.declared.as_ref().filter(|said| Some(*said) != recorded.observed.as_ref()) {
        told["declared"] = side(Some(said));
        told["accepted"] = json!(recorded.accepted);
    }
    told
}

fn side(one: Option<&Value>) -> Json {
    match one {
        None => json!({"word": "none"}),
        Some(Value::Sealed(_)) => json!({"word": "secret"}),
        Some(known) => json!({"text": value(known)}),
    }
}

fn declared(desired: Option<&Planned>, source: Option<&SecretSource>) -> Json {
    match (desired, source) {
        (None, _) => json!({"word": "none"}),
        (Some(Planned::Known(Value::Sealed(_))), Some(SecretSource::Variable(name))) => {
            json!({"word": "secret", "from": plain(&format!("${name}"))})
        }
        (Some(Planned::Known(known)), _) => side(Some(known)),
        (Some(promised), _) => json!({"word": "later", "text": planned(promised)}),
    }
}

/// Where the console shows the resource.
fn place(change: &Change) -> Json {
    let Identity { region, kind, parent, name, .. } = &change.identity;
    json!({"region": region, "kind": kind, "parent": parent, "name": name})
}

fn name(address: &Address) -> String {
    plain(&address.to_string())
}

fn question_name(kind: QuestionKind) -> &'static str {
    match kind {
        QuestionKind::Exists => "exists",
        QuestionKind::DeletedOnline => "deleted-online",
        QuestionKind::LeftAndDrifted => "left-and-drifted",
        QuestionKind::ReplacedAndDrifted => "replaced-and-drifted",
        QuestionKind::EditedSince => "edited-since",
    }
}

/// The colour of a sign, by name.
fn tone(mark: Mark) -> &'static str {
    match mark {
        Mark::Create => "create",
        Mark::Change | Mark::Move => "change",
        Mark::Replace | Mark::Delete => "delete",
        Mark::Ask => "ask",
        Mark::Conflict => "conflict",
        Mark::Forget | Mark::Same | Mark::None => "same",
    }
}
