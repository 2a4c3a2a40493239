//! A plan at a glance: what is recorded beside what is live, and what the next plan says.
//!
//! It is data for a page that speaks several languages. So what happens is told by its name, and only what came from
//! the project or the cloud is text: one line each, and [`plain`].

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::text::plain;
use super::value::{planned, value};
use super::view::{Code, Mark, PlanView, Resource};
use super::{Part, Shown};
use crate::model::{Address, Identity, Path, Planned, Value};
use crate::plan::{
    Action, Change, Document, Hint, PathChange, PathOutcome, QuestionKind, SecretSource, Summary,
};
use crate::state::{Record, Recorded};

/// The most resources that are told of a kind: a page shows no more, and the whole plan has them all.
const MOST: usize = 200;

/// Returns what the page shows of a plan: what somebody has to look at comes first.
pub fn glance(shown: &Shown<'_>) -> Json {
    let view = PlanView::of(shown);
    let plan = &shown.document.plan;
    let moving: BTreeSet<&Address> = view.resources.iter().map(|resource| &resource.id).collect();
    let still: Vec<&Change> =
        plan.changes.values().filter(|change| !moving.contains(&change.address)).collect();
    let mut resources: Vec<(usize, &Resource)> = view.resources.iter().enumerate().collect();
    resources.sort_by_key(|(_, resource)| !resource.is_urgent());
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
            .iter()
            .take(MOST)
            .filter_map(|(number, resource)| {
                Some(moved(resource, *number, plan.changes.get(&resource.id)?, shown))
            })
            .collect::<Vec<_>>(),
        "more": resources.len().saturating_sub(MOST),
        "still": still
            .iter()
            .take(MOST)
            .map(|change| json!({"address": name(&change.address), "place": place(change)}))
            .collect::<Vec<_>>(),
        "stillCount": still.len(),
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

/// Returns the settings of a resource in which nothing moved: what is recorded, and what is live. Of one that is made,
/// all that it will have.
pub fn settings(document: &Document, change: &Change, record: Option<&Record>) -> Json {
    if makes(change) {
        let secret = |path: &Path| document.secrets.get(&change.address)?.get(path);
        let settings = change.desired.iter().filter(|(path, _)| !path.is_code());
        let row = |(path, desired): (&Path, &Planned)| json!({"path": place_in(path), "config": declared(Some(desired), secret(path))});
        return settings.map(row).collect();
    }
    let live = change.live.as_ref().map(|live| &live.attributes);
    let recorded = record.map(|record| &record.paths);
    let known = recorded.into_iter().flat_map(|paths| paths.keys());
    let paths: BTreeSet<&Path> = known.chain(live.into_iter().flat_map(|live| live.keys())).collect();
    let rows = paths.into_iter().filter(|path| !change.paths.contains_key(path)).map(|path| {
        json!({
            "path": place_in(path),
            "recorded": past(recorded.and_then(|paths| paths.get(path))),
            "live": side(live.and_then(|live| live.get(path))),
        })
    });
    rows.collect()
}

/// Whether it is new, under its name at least.
fn makes(change: &Change) -> bool {
    change.old_identity.is_some() || (change.action == Action::Create && change.paths.is_empty())
}

fn moved(resource: &Resource, number: usize, change: &Change, shown: &Shown<'_>) -> Json {
    let secret = |path: &Path| shown.document.secrets.get(&change.address)?.get(path);
    let row = |path: &Path, inner: &PathChange| row(resource, change, path, inner, secret(path));
    // Of drift alone nothing is told that only the project says.
    let whole = shown.part == Part::Whole;
    let told = |inner: &PathChange| {
        if whole { !makes(change) } else { inner.moved_online() || inner.is_ignored() }
    };
    // What is taken over as it is stands aside of what somebody has to look at.
    let quiet =
        |inner: &PathChange| change.action == Action::TakeOver && inner.outcome == PathOutcome::Record;
    let rows = |quietly: bool| -> Vec<Json> {
        let paths = change.paths.iter().filter(|(_, inner)| quiet(inner) == quietly && told(inner));
        paths.map(|(path, inner)| row(path, inner)).collect()
    };
    let code = change.desired.keys().filter(|path| path.is_code()).count();
    let (settings, files) = if whole && makes(change) { (change.desired.len() - code, code) } else { (0, 0) };
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
        "absent": change.live.is_none() && change.old_live.is_none(),
        "modified": change.live.as_ref().or(change.old_live.as_ref()).and_then(|live| live.modified.as_deref()).map(plain),
        "from": change.moved_from.as_ref().map(name),
        "question": change.question.as_ref().map(|question| json!({
            "kind": question_name(question.kind),
            "covered": question.covered_by.as_ref().map(name),
        })),
        "rows": rows(false),
        "agree": rows(true),
        "old": change.old_paths.iter().map(|(path, inner)| row(path, inner)).collect::<Vec<_>>(),
        "made": settings,
        "files": files,
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

/// Where the console shows the resource as it is live now.
fn place(change: &Change) -> Json {
    let old = change.old_identity.as_ref().filter(|_| change.live.is_none());
    let Identity { region, kind, parent, name, .. } = old.unwrap_or(&change.identity);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::tests::{many, plan, plans, schemas};

    fn told(document: &Document) -> Json {
        glance(&Shown { document, schemas: &schemas(), part: Part::Whole })
    }

    #[test]
    fn whatever_moves_is_told() {
        for (plan, document) in plans() {
            let page = told(&document);
            let moving = page["moving"].as_array().expect("a list");
            assert_eq!(moving.len(), document.plan.moving().count(), "{plan}");
            let all = moving.len() as u64 + page["stillCount"].as_u64().expect("a number");
            assert_eq!(all, document.plan.changes.len() as u64, "{plan}");
            let open: u64 = moving.iter().filter_map(|one| one["open"].as_u64()).sum();
            assert_eq!(json!(open), page["counts"]["open"], "{plan}");
        }
    }

    #[test]
    fn it_says_what_the_other_renderings_say() {
        let mut page = told(&plan("whole"));
        page["digest"] = json!("(digest)");
        insta::assert_json_snapshot!(page);
    }

    #[test]
    fn what_gets_another_name_was_not_deleted_online() {
        let page = told(&plan("whole"));
        let find = |address: &str| {
            page["moving"]
                .as_array()
                .into_iter()
                .flatten()
                .find(|one| one["address"] == address)
                .cloned()
                .expect(address)
        };
        let renamed = find("function.report");
        assert_eq!((&renamed["absent"], &renamed["place"]["name"]), (&json!(false), &json!("report")));
        assert_eq!(find("function.search")["absent"], true);
    }

    #[test]
    fn of_drift_alone_nothing_is_told_that_only_the_project_says() {
        let document = plan("whole");
        let page = glance(&Shown { document: &document, schemas: &schemas(), part: Part::Drift });
        let rows = |one: &Json| one["rows"].as_array().cloned().unwrap_or_default();
        let moving = page["moving"].as_array().expect("a list");
        assert_eq!(json!(moving.len()), page["counts"]["online"]);
        assert!(moving.iter().all(|one| one["made"] == 0));
        assert!(moving.iter().flat_map(rows).all(|row| row["online"] == true));
        assert!(moving.iter().flat_map(rows).any(|row| row["path"] == "memorySize"));
    }

    #[test]
    fn of_very_many_those_come_first_that_somebody_has_to_look_at() {
        let page = told(&many(100));
        let moving = page["moving"].as_array().expect("a list");
        assert_eq!(moving.len(), MOST);
        assert!(page["more"].as_u64() > Some(100));
        let urgent = |one: &Json| one["open"] != 0 || one["online"] == true;
        let first = moving.iter().take_while(|one| urgent(one)).count();
        assert!(moving[first..].iter().all(|one| !urgent(one)), "{first} first");
    }

    #[test]
    fn what_came_from_elsewhere_is_one_line_that_hides_nothing() {
        let mut queue = vec![told(&plan("foreign"))];
        while let Some(value) = queue.pop() {
            match value {
                Json::String(text) => {
                    let wicked = |one: char| one.is_control() || ('\u{202a}'..='\u{202e}').contains(&one);
                    assert!(!text.contains(wicked), "{text:?}");
                }
                Json::Array(inner) => queue.extend(inner),
                // What leads to a page of the console is no text that anybody reads.
                Json::Object(inner) => {
                    queue.extend(inner.into_iter().filter(|(key, _)| key != "place").map(|(_, value)| value));
                }
                _ => {}
            }
        }
    }
}
