//! What was changed online as SARIF 2.1.0, which code hosts show beside the lines of the configuration.
//!
//! Each result is one place in one resource that the cloud and the last apply no longer agree on, with its rule, its
//! line, the three sides, and a fingerprint that stays the same from run to run, so that a host recognises what it
//! has seen. The fingerprint is made of names, never of values: an edit that is edited again is the same alert.

use serde_json::{Value as Json, json};

use super::{Shown, json as plan_json};
use crate::model::{Digest, Path};
use crate::plan::{Change, Choice, IgnoreRule, PathChange, Place, Plan, QuestionKind, Unmanaged};
use crate::render::text::plain;
use crate::render::value::{moment, optional, optional_planned};
use crate::render::view;

#[cfg(test)]
mod tests;

/// One kind of result.
struct Rule {
    id: &'static str,
    name: &'static str,
    level: &'static str,
    short: &'static str,
    full: &'static str,
    help: &'static str,
}

const DRIFT: usize = 0;
const CONFLICT: usize = 1;
const DELETED: usize = 2;
const OVERWRITTEN: usize = 3;
const KEPT: usize = 4;
const UNMANAGED: usize = 5;

const RULES: [Rule; 6] = [
    Rule {
        id: "drift",
        name: "ChangedOnline",
        level: "warning",
        short: "Changed online",
        full: "Somebody changed this in the cloud since it was last applied; the configuration did not move.",
        help: "Apply with --use-local to put it back, or with --use-live to keep what is live.",
    },
    Rule {
        id: "conflict",
        name: "ChangedOnBothSides",
        level: "error",
        short: "Changed online and in the configuration",
        full: "Both the cloud and the configuration moved since the last apply, and they disagree.",
        help: "Apply with --use-local to write the configuration, or with --use-live to keep what is live.",
    },
    Rule {
        id: "deleted-online",
        name: "DeletedOnline",
        level: "error",
        short: "Deleted online",
        full: "The resource was deployed from here, is still declared, and no longer exists in the cloud.",
        help: "Apply with --use-local to create it again, or with --use-live to let it be gone.",
    },
    Rule {
        id: "overwritten-drift",
        name: "ChangedOnlineAndOverwritten",
        level: "warning",
        short: "Changed online, and overwritten by this plan",
        full: "Somebody changed this in the cloud, and the plan decides for the project: the change online is lost.",
        help: "Decide for the cloud with --use-live where the change online is to stay.",
    },
    Rule {
        id: "kept-drift",
        name: "ChangedOnlineAndKept",
        level: "note",
        short: "Changed online, and kept by this plan",
        full: "Somebody changed this in the cloud, and the plan decides for the cloud: what is live stays.",
        help: "Decide for the project with --use-local where the change online is to be undone.",
    },
    Rule {
        id: "unmanaged",
        name: "AddedOnline",
        level: "note",
        short: "Added online",
        full: "Somebody added this in the cloud to a resource that is deployed from here. triform leaves it as it is.",
        help: "Declare it in the configuration, or leave it to whoever made it.",
    },
];

/// Returns what was changed online as one line of SARIF.
pub fn render(shown: &Shown<'_>) -> String {
    let plan = &shown.document.plan;
    let ignores =
        |change: &Change| change.paths.values().chain(change.old_paths.values()).any(PathChange::is_ignored);
    let online = plan.moving().filter(|change| change.moved_online() || ignores(change));
    let mut results: Vec<Json> = online.flat_map(|change| results(shown, change)).collect();
    results.extend(plan.unmanaged.iter().map(|child| stranger(shown, child)));
    let environment = plan.owner.environment.as_deref();
    let run = format!("triform/{}/{}/", plan.owner.project, plan.owner.cloud);
    let version = shown.document.made.by.rsplit(' ').next().unwrap_or_default();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": "triform", "version": version, "rules": RULES.iter().map(rule).collect::<Vec<_>>()}},
            "automationDetails": {"id": environment.map_or(run.clone(), |name| format!("{run}{name}/"))},
            "invocations": [invocation(plan)],
            "columnKind": "unicodeCodePoints",
            "results": results,
            "properties": {"triform": {
                "project": plan.owner.project,
                "cloud": plan.owner.cloud,
                "serial": plan.basis.as_ref().map(|(_, serial)| serial.0),
                "drifted": plan.drifted(),
            }},
        }],
    });
    format!("{log}\n")
}

/// Says what was not looked at: what has no result there may have moved all the same.
fn invocation(plan: &Plan) -> Json {
    let unseen = [view::remembered(plan), view::left_out(plan)].into_iter().flatten();
    let told: Vec<Json> = unseen.map(|text| json!({"level": "warning", "message": {"text": text}})).collect();
    json!({"executionSuccessful": true, "toolExecutionNotifications": told})
}

fn rule(rule: &Rule) -> Json {
    json!({
        "id": rule.id,
        "name": rule.name,
        "shortDescription": {"text": rule.short},
        "fullDescription": {"text": rule.full},
        "help": {"text": rule.help},
        "defaultConfiguration": {"level": rule.level},
    })
}

fn results(shown: &Shown<'_>, change: &Change) -> Vec<Json> {
    let address = plain(&change.address.to_string());
    let mut results = Vec::new();
    let asked = change.question.as_ref().filter(|question| question.covered_by.is_none());
    if let Some(question) = asked.filter(|question| question.kind == QuestionKind::DeletedOnline) {
        let rule = match question.decision {
            Some(Choice::UseLocal) => OVERWRITTEN,
            Some(Choice::UseLive) => KEPT,
            None => DELETED,
        };
        let text = format!("{address} was deleted online.");
        let ours = json!({"address": change.address.to_string(), "decision": question.decision});
        results.push(result(shown, rule, change, &Path::root(), &text, &ours));
    }
    for (path, inner) in change.paths.iter().chain(&change.old_paths) {
        if !inner.moved_online() && !inner.is_ignored() {
            continue;
        }
        let rule = match (inner.decision, inner.class) {
            (Some(Choice::UseLocal), _) => OVERWRITTEN,
            (Some(Choice::UseLive), _) => KEPT,
            (None, crate::diff::Class::Conflict) => CONFLICT,
            (None, _) => DRIFT,
        };
        let place =
            path.code_file().map_or_else(|| plain(&path.to_string()), |file| format!("code {}", plain(file)));
        let modified = change.live.as_ref().or(change.old_live.as_ref());
        let modified = modified.and_then(|live| live.modified.as_deref());
        let modified = modified.map(|time| format!(" The resource was last modified {}.", moment(time)));
        let text = format!(
            "{place} of {address} was changed online: {}.{}",
            sides(inner),
            modified.unwrap_or_default()
        );
        let path_told = serde_json::to_value(plan_json::path(shown, change, path, inner)).unwrap_or_default();
        let ours = json!({"address": change.address.to_string(), "path": path_told});
        let told = result(shown, rule, change, path, &text, &ours);
        results.push(suppressed(told, inner.rule.as_ref().filter(|_| inner.is_ignored())));
    }
    results
}

/// `config 512, recorded 512, live 1024`.
fn sides(inner: &PathChange) -> String {
    let recorded = inner.recorded.as_ref().and_then(|recorded| recorded.observed.as_ref());
    format!(
        "config {}, recorded {}, live {}",
        optional_planned(inner.desired.as_ref()),
        optional(recorded),
        optional(inner.live.as_ref())
    )
}

/// A child of a managed resource that nobody here declared, at the line of its parent.
fn stranger(shown: &Shown<'_>, child: &Unmanaged) -> Json {
    let parent = shown.document.plan.parent_of(child);
    let place = parent.and_then(|change| shown.document.place(&change.address, &Path::root()));
    let address = child.address.to_string();
    let modified = child.modified.as_deref().map(|time| format!(" It was last modified {}.", moment(time)));
    let modified = modified.unwrap_or_default();
    let text = format!("{}: {}. It is kept as it is.{modified}", view::UNMANAGED, plain(&address));
    let ours = json!({"address": address, "modified": child.modified});
    let told = located(shown, UNMANAGED, place, &address, &text, &ours);
    suppressed(told, child.rule.as_ref().filter(|_| child.is_ignored()))
}

/// Says that a rule of the project ignores it: readers hide it, and can show it.
fn suppressed(mut result: Json, rule: Option<&IgnoreRule>) -> Json {
    if let Some(rule) = rule {
        let why = view::ruled(rule, crate::diff::Class::Drift);
        result["suppressions"] = json!([{"kind": "external", "status": "accepted", "justification": why}]);
    }
    result
}

fn result(shown: &Shown<'_>, rule: usize, change: &Change, path: &Path, text: &str, ours: &Json) -> Json {
    let place = shown.document.place(&change.address, path);
    let name = if path.is_root() { change.address.to_string() } else { format!("{}:{path}", change.address) };
    located(shown, rule, place, &name, text, ours)
}

fn located(
    shown: &Shown<'_>,
    rule: usize,
    place: Option<&Place>,
    name: &str,
    text: &str,
    ours: &Json,
) -> Json {
    let Rule { id, level, .. } = &RULES[rule];
    let fingerprint = fingerprint(shown, id, name);
    json!({
        "ruleId": id,
        "ruleIndex": rule,
        "level": level,
        "message": {"text": text},
        "locations": [{
            "physicalLocation": physical(shown, place),
            "logicalLocations": [{"fullyQualifiedName": name, "kind": "resource"}],
        }],
        "partialFingerprints": {"triform/v1": fingerprint, "primaryLocationLineHash": fingerprint},
        "properties": {"triform": ours},
    })
}

/// What left the configuration has no line there; hosts want one nevertheless, so it is the first.
fn physical(shown: &Shown<'_>, place: Option<&Place>) -> Json {
    let first = || {
        let mut places = shown.document.places.values().flat_map(|places| places.values());
        let file = places.next().map_or(&shown.document.plan.owner.file, |place| &place.file);
        Place { file: file.clone(), line: 1, column: 1 }
    };
    let Place { file, line, column } = place.cloned().unwrap_or_else(first);
    json!({
        "artifactLocation": {"uri": uri(&file), "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": line, "startColumn": column},
    })
}

/// Returns a path as a relative reference.
fn uri(file: &str) -> String {
    use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
    const KEPT_AS_THEY_ARE: &AsciiSet =
        &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'~');
    utf8_percent_encode(file, KEPT_AS_THEY_ARE).to_string()
}

/// Returns what tells one alert from another: the project, where it is deployed, the rule and the place.
fn fingerprint(shown: &Shown<'_>, rule: &str, name: &str) -> String {
    let owner = &shown.document.plan.owner;
    let told = [&owner.project, &owner.file, &owner.cloud, &owner.account, rule, name];
    let told = told.into_iter().chain(owner.environment.as_deref()).collect::<Vec<_>>();
    Digest::of(told.join("\n").as_bytes()).to_string()
}
