//! A plan, resource by resource: what was changed online, what will be done, how much it is.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use super::{Line, resource};
use crate::model::{OutputRef, Path};
use crate::plan::{Action, Change, PathChange, PathOutcome, Plan, Step, StepKind};
use crate::render::{json as plan_json, view};

/// What is being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Planning, and nothing else.
    Plan,
    /// Applying.
    Apply,
    /// Planning to delete everything, and applying that.
    Destroy,
}

/// When a plan that is told was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Planned {
    /// By this very command.
    Now,
    /// Before: it was saved, and its counts were told then.
    Before,
}

/// Returns the lines of what was changed online, and how much it is.
pub fn drift(plan: &Plan) -> Vec<Line> {
    let mut lines = drifted(plan);
    let resources = lines.len();
    lines.extend(unseen(plan));
    let are = if resources == 1 { "resource was" } else { "resources were" };
    let message = format!("Drift: {resources} {are} changed online.");
    lines.push(Line::info("drift_summary", message).with("triform", json!({"resources": resources})));
    lines
}

/// Returns a plan's lines: what was changed online, what will be done, and the counts.
pub fn plan(plan: &Plan, operation: Operation, planned: Planned) -> Vec<Line> {
    let mut lines = drifted(plan);
    lines.extend(plan.moving().filter_map(|change| planned_change(change, operation)));
    lines.extend(unseen(plan));
    if planned == Planned::Now {
        lines.push(summary(plan));
    }
    lines
}

/// Returns the counts of an apply that went well, from the steps that were carried out.
///
/// `serial` is that of the state that was written, if one was.
pub fn applied<'a>(
    plan: &Plan,
    done: impl Iterator<Item = &'a Step>,
    operation: Operation,
    serial: Option<u64>,
) -> Line {
    let mut counts = Counts { import: taken_over(plan).count(), ..Counts::default() };
    for step in done {
        match step.kind {
            StepKind::Create => counts.add += 1,
            StepKind::Update => counts.change += 1,
            StepKind::Delete => counts.remove += 1,
        }
    }
    let Counts { add, change, import, remove } = counts;
    let imported = if import > 0 { format!("{import} imported, ") } else { String::new() };
    // Other products read these sentences, so they stand as they are.
    let (word, message) = match operation {
        Operation::Destroy => ("destroy", format!("Destroy complete! Resources: {remove} destroyed.")),
        _ => (
            "apply",
            format!(
                "Apply complete! Resources: {imported}{add} added, {change} changed, {remove} destroyed."
            ),
        ),
    };
    Line::info("change_summary", message)
        .with("changes", counts.told(word))
        .with("triform", json!({"serial": serial}))
}

/// Returns what an apply leaves behind to be looked at: each output by its name, with its value.
pub fn outputs(links: &[(String, OutputRef)], value: impl Fn(&OutputRef) -> Option<String>) -> Line {
    let told = |(name, output): (String, &OutputRef)| {
        Some((name, json!({"sensitive": false, "type": "string", "value": value(output)?})))
    };
    outputs_line(crate::plan::outputs(links).into_iter().filter_map(told).collect())
}

/// Returns what there will be to look at after an apply: each output by its name. Nothing where there is none.
pub fn planned_outputs(plan: &Plan, links: &[(String, OutputRef)]) -> Option<Line> {
    let told = |(name, output): (String, &OutputRef)| {
        let action = plan.changes.get(&output.address).map_or("noop", |change| match change.action {
            Action::Create => "create",
            Action::Replace => "update",
            Action::Delete => "delete",
            _ => "noop",
        });
        (name, json!({"sensitive": false, "action": action}))
    };
    (!links.is_empty()).then(|| outputs_line(crate::plan::outputs(links).into_iter().map(told).collect()))
}

fn outputs_line(outputs: BTreeMap<String, Json>) -> Line {
    let message = format!("Outputs: {}", outputs.len());
    Line::info("outputs", message).with("outputs", Json::Object(outputs.into_iter().collect()))
}

fn drifted(plan: &Plan) -> Vec<Line> {
    plan.changes.values().filter(|change| change.moved_online()).map(resource_drift).collect()
}

/// What the plan did not look at.
fn unseen(plan: &Plan) -> impl Iterator<Item = Line> {
    let unseen = [view::remembered(plan), view::left_out(plan)].into_iter().flatten();
    unseen.map(|text| super::log(super::Level::Warn, text))
}

/// A resource that somebody changed or deleted online.
fn resource_drift(change: &Change) -> Line {
    let action = if change.live.is_none() && change.old_live.is_none() { "delete" } else { "update" };
    Line::info("resource_drift", format!("{}: Drift detected ({action})", change.address))
        .with("change", json!({"resource": resource(&change.address), "action": action}))
        .with("triform", ours(change))
}

/// What will be done with a resource; nothing where nothing will be done and nobody has to decide.
fn planned_change(change: &Change, operation: Operation) -> Option<Line> {
    let mut told = json!({"resource": resource(&change.address)});
    if let Some(from) = &change.moved_from {
        told["previous_resource"] = resource(from);
    }
    let action = match change.action {
        Action::Create => "create",
        Action::TakeOver if change.writes() => "update",
        Action::TakeOver => "import",
        Action::Update | Action::Release => "update",
        Action::Replace => "replace",
        Action::Delete => "delete",
        Action::Forget => "remove",
        Action::Keep | Action::Record if change.moved_from.is_some() => "move",
        Action::Keep | Action::Record if is_open(change) => "noop",
        Action::Keep | Action::Record => return None,
    };
    told["action"] = action.into();
    if change.action == Action::TakeOver {
        told["importing"] = json!({"id": change.identity.to_string()});
    }
    match change.action {
        Action::Replace if change.asked_anew => told["reason"] = "requested".into(),
        Action::Replace => told["reason"] = "cannot_update".into(),
        Action::Delete if operation != Operation::Destroy => {
            told["reason"] = "delete_because_no_resource_config".into();
        }
        _ => {}
    }
    let message = if action == "noop" {
        format!("{}: Decision needed", change.address)
    } else {
        format!("{}: Plan to {action}", change.address)
    };
    Some(Line::info("planned_change", message).with("change", told).with("triform", ours(change)))
}

fn is_open(change: &Change) -> bool {
    match &change.question {
        Some(question) => question.decision.is_none() && question.covered_by.is_none(),
        None => change.paths.values().any(|path| matches!(path.outcome, PathOutcome::Open(_))),
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    add: usize,
    change: usize,
    import: usize,
    remove: usize,
}

impl Counts {
    fn told(self, operation: &str) -> Json {
        let Self { add, change, import, remove } = self;
        json!({"add": add, "change": change, "import": import, "remove": remove, "operation": operation})
    }
}

fn taken_over(plan: &Plan) -> impl Iterator<Item = &Change> {
    plan.changes.values().filter(|change| change.action == Action::TakeOver)
}

fn summary(plan: &Plan) -> Line {
    let all = plan.summary();
    // A replacement is an addition and a removal, and what is taken over may be changed too, as in the field's own
    // count.
    let counts = Counts {
        add: all.add + all.replace,
        change: all.change + taken_over(plan).filter(|change| change.writes()).count(),
        import: all.take_over,
        remove: all.delete + all.replace,
    };
    let Counts { add, change, import, remove } = counts;
    let imported = if import > 0 { format!("{import} to import, ") } else { String::new() };
    let message = format!("Plan: {imported}{add} to add, {change} to change, {remove} to destroy.");
    let names = |names: Vec<String>| Json::from(names);
    let mut ours = json!({
        "digest": plan.digest().to_string(),
        "empty": plan.is_empty(),
        "replace": all.replace,
        "moves": all.moves,
        "forget": all.forget,
        "online": all.online,
        "open": all.open,
        "accepted": all.accepted,
        "ignored": all.ignored,
        "unmanaged": names(plan.unmanaged.iter().map(|child| child.address.to_string()).collect()),
        "left_out": names(plan.left_out.iter().map(ToString::to_string).collect()),
        "skipped": names(plan.skipped.iter().map(ToString::to_string).collect()),
    });
    if !plan.remembered.is_empty() {
        ours["remembered"] = names(plan.remembered.iter().map(ToString::to_string).collect());
    }
    Line::info("change_summary", message).with("changes", counts.told("plan")).with("triform", ours)
}

/// What only we know of a change: its action in our words, its question, and the classes of its paths.
fn ours(change: &Change) -> Json {
    let mut told = json!({"action": plan_json::action(change.action), "paths": paths(&change.paths)});
    let there = change.live.as_ref().or(change.old_live.as_ref());
    if let Some(modified) = there.and_then(|live| live.modified.as_ref()) {
        told["modified"] = modified.as_str().into();
    }
    if !change.old_paths.is_empty() {
        told["old_paths"] = paths(&change.old_paths);
    }
    if let Some(question) = &change.question {
        told["question"] = json!({"kind": plan_json::question(question.kind), "decision": question.decision});
        if let Some(parent) = &question.covered_by {
            told["question"]["covered_by"] = parent.to_string().into();
        }
    }
    told
}

fn paths(paths: &BTreeMap<Path, PathChange>) -> Json {
    let told = |(path, inner): (&Path, &PathChange)| {
        let mut ours = json!({"class": inner.class, "decision": inner.decision});
        if let Some(rule) = &inner.rule {
            ours["rule"] = json!(rule);
        }
        (path.to_string(), ours)
    };
    Json::Object(paths.iter().map(told).collect::<Map<_, _>>())
}
