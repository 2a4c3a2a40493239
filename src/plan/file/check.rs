//! Whether a plan that was read is one that planning could have made, as far as an apply relies on it.
//!
//! The digest covers what decides; this covers what would make the applier stumble: steps that name no change or
//! wait for each other, sides that say one thing of a resource and another of its paths, contents that are missing.

use super::super::order::calls;
use super::super::{Change, Document, Plan, Step};
use crate::model::{Fingerprint, Path, Tree, Value};

/// Says what is wrong with a document, if anything is.
pub fn check(document: &Document) -> Result<(), String> {
    let Document { plan, contents, trees, .. } = document;
    let decided = plan.open().is_empty();
    for (address, change) in &plan.changes {
        if *address != change.address {
            return Err(format!("{address} is listed as {}", change.address));
        }
        consistent(change).map_err(|what| format!("{address}: {what}"))?;
        let missing = document.upload(change).into_iter().find_map(|(path, value)| match value {
            Value::File(entry) if !contents.contains_key(&entry.digest) => Some(path),
            _ => None,
        });
        if let Some(path) = missing.filter(|_| decided) {
            return Err(format!("{address}: the content of {path} is missing"));
        }
    }
    if let Some((digest, _)) = trees.iter().find(|(digest, files)| Tree::of(files).digest() != **digest) {
        return Err(format!("the tree {digest} has other files"));
    }
    let needed = Document::files(plan, trees);
    if let Some(stray) = contents.keys().find(|digest| !needed.contains(digest)) {
        return Err(format!("no file has the content {stray}"));
    }
    plan.steps.iter().enumerate().try_for_each(|(at, step)| named(plan, at, step))?;
    needed_only(plan)?;
    reachable(&plan.steps)
}

/// The sides of the paths are the sides of the resource, and the fingerprint is of what was live.
fn consistent(change: &Change) -> Result<(), String> {
    let live = change.live.as_ref();
    let fingerprint = live.map(|live| Fingerprint::of(&change.identity, &live.attributes));
    if change.fingerprint.is_some() && change.fingerprint != fingerprint {
        return Err("its fingerprint is not of its live side".to_owned());
    }
    let differs = |(path, inner): (&Path, &super::super::PathChange)| {
        (inner.desired.as_ref() != change.desired.get(path)).then(|| path.clone())
    };
    match change.paths.iter().find_map(differs) {
        Some(path) => Err(format!("{path} is desired twice, and not alike")),
        None => Ok(()),
    }
}

fn named(plan: &Plan, at: usize, step: &Step) -> Result<(), String> {
    if step.id != at {
        return Err(format!("step {at} calls itself {}", step.id));
    }
    let Some(change) = plan.changes.get(&step.address) else {
        return Err(format!("step {at} is about {}, which is not in the plan", step.address));
    };
    if step.identity != change.identity && Some(&step.identity) != change.old_identity.as_ref() {
        return Err(format!("step {at} of {} is about another resource", step.address));
    }
    match step.after.iter().find(|other| **other >= plan.steps.len() || **other == at) {
        Some(other) => Err(format!("step {at} waits for step {other}, which cannot be")),
        None => Ok(()),
    }
}

/// The steps are those that the changes take. What is approved are changes: without this a plan that says that it does
/// nothing, and so needs no approval, could delete something.
fn needed_only(plan: &Plan) -> Result<(), String> {
    let mut needed = calls(&plan.changes);
    let call = |step: &Step| (step.address.clone(), step.kind, step.identity.clone());
    let mut found: Vec<_> = plan.steps.iter().map(call).collect();
    needed.sort();
    found.sort();
    if needed == found { Ok(()) } else { Err("its steps are not what its changes take".to_owned()) }
}

/// Every step can be reached: none waits, over others, for itself.
fn reachable(steps: &[Step]) -> Result<(), String> {
    let mut waiting: Vec<usize> = steps.iter().map(|step| step.after.len()).collect();
    let mut freed: Vec<Vec<usize>> = vec![Vec::new(); steps.len()];
    for (at, step) in steps.iter().enumerate() {
        step.after.iter().for_each(|other| freed[*other].push(at));
    }
    let mut ready: Vec<usize> = (0..steps.len()).filter(|at| waiting[*at] == 0).collect();
    let mut reached = 0;
    while let Some(at) = ready.pop() {
        reached += 1;
        for next in &freed[at] {
            waiting[*next] -= 1;
            if waiting[*next] == 0 {
                ready.push(*next);
            }
        }
    }
    if reached == steps.len() { Ok(()) } else { Err("its steps wait for each other".to_owned()) }
}
