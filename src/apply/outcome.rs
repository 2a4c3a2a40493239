//! From what came of a call to what is recorded.

use std::collections::BTreeMap;

use crate::model::{Attributes, Path, Removal, Resource, Schema, Sealer, Value, Whence};
use crate::state::{Answer, CallKind, Intent};

/// Returns the answer to an intent whose call was answered with a resource.
///
/// Only what the answer adds to the intent is kept: paths that it shows otherwise than they were sent, every path
/// that it shows of what was made, and those that the service filled in beside what was written: the qualifier of
/// a new route. Whether they were filled in or had been there, the record tells.
pub fn conclude(intent: &Intent, answered: Option<&Resource>, schema: &Schema, sealer: &Sealer) -> Answer {
    let mut observed = BTreeMap::new();
    let mut outputs = BTreeMap::new();
    if let Some(resource) = answered {
        let shown = sealer.seal_all(schema, &intent.identity, &resource.attributes);
        for (path, written) in &intent.paths {
            let now = shown.get(path);
            if !path.is_code() && is_shown(schema, path) && now != written.sent.as_ref() {
                observed.insert(path.clone(), now.cloned());
            }
        }
        let carried = |path: &Path| intent.call == CallKind::Create || follows(intent, path);
        let more = shown.into_iter().filter(|(path, _)| !intent.paths.contains_key(path) && carried(path));
        observed.extend(more.map(|(path, value)| (path, Some(value))));
        outputs.clone_from(&resource.outputs);
    }
    Answer { number: intent.number, done: true, observed, outputs }
}

/// What a reading says about a call whose answer was lost.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "one at a time, taken apart at once")]
pub enum Recovered {
    /// These paths were written as they were sent.
    Written(Intent, Answer),
    /// Nothing of it can be seen: the record stays as it was.
    Nothing,
}

/// Says what came of a call whose answer was lost, from a later reading; `None` for absent.
///
/// It only records. Per path: live equals what was sent, so it was written; anything else, and the record stays
/// as it was. A create is ours when everything that was sent is live, its package included; otherwise what
/// exists was not deployed from here. What a create did not carry counts as the service's default, so that an
/// edit made since is drift. `code` is what is live of the code, sealed into paths by the caller.
pub fn recover(
    intent: &Intent,
    reading: Option<(&Resource, &Attributes)>,
    schema: &Schema,
    sealer: &Sealer,
) -> Recovered {
    let Some((resource, code)) = reading else {
        return match intent.call {
            CallKind::Delete => Recovered::Written(intent.clone(), nothing(intent)),
            CallKind::Create | CallKind::Update => Recovered::Nothing,
        };
    };
    let mut shown = sealer.seal_all(schema, &intent.identity, &resource.attributes);
    shown.extend(code.iter().map(|(path, value)| (path.clone(), value.clone())));
    let as_sent = |path: &Path, sent: Option<&Value>| shown.get(path) == sent;
    match intent.call {
        CallKind::Delete => Recovered::Nothing,
        CallKind::Create => {
            let mut visible = intent.paths.iter().filter(|(path, _)| is_shown(schema, path));
            let all = visible.all(|(path, written)| as_sent(path, written.sent.as_ref()));
            if all {
                let mut answer = conclude(intent, Some(resource), schema, sealer);
                for (path, observed) in &mut answer.observed {
                    if !intent.paths.contains_key(path) {
                        *observed = untouched(schema, path, observed.take());
                    }
                }
                Recovered::Written(intent.clone(), answer)
            } else {
                Recovered::Nothing
            }
        }
        CallKind::Update => {
            let mut seen = intent.clone();
            seen.paths.retain(|path, written| as_sent(path, written.sent.as_ref()));
            let code_seen = seen.paths.keys().filter(|path| path.is_code()).count();
            let code_sent = intent.paths.keys().filter(|path| path.is_code()).count();
            if code_seen < code_sent {
                seen.package = None;
            }
            if seen.paths.is_empty() {
                return Recovered::Nothing;
            }
            let mut answer = nothing(&seen);
            answer.outputs.clone_from(&resource.outputs);
            for (path, value) in &shown {
                if !intent.paths.contains_key(path) && follows(&seen, path) {
                    answer.observed.insert(path.clone(), untouched(schema, path, Some(value.clone())));
                }
            }
            Recovered::Written(seen, answer)
        }
    }
}

/// Returns whether a path stands beside one that was written: in the same element or object.
fn follows(intent: &Intent, path: &Path) -> bool {
    intent.call == CallKind::Update
        && intent.paths.keys().any(|written| path.shared_object(written).is_some())
}

/// Returns what a path that a call did not carry was when it was carried out.
///
/// The later reading may hold what somebody changed since, and recording that would swallow it. So what is not
/// the service's own default becomes drift; only where that default is not known does the reading stand.
fn untouched(schema: &Schema, path: &Path, read: Option<Value>) -> Option<Value> {
    match schema.attribute(path) {
        Some((attribute, false)) if attribute.removal == Removal::Stays => read,
        Some((attribute, false)) => attribute.removal.value(),
        Some((_, true)) | None => None,
    }
}

/// Returns whether answers show a path at all; what they never show stands as it was sent.
fn is_shown(schema: &Schema, path: &Path) -> bool {
    schema.attribute(path).is_none_or(|(attribute, _)| attribute.whence == Whence::Answered)
}

fn nothing(intent: &Intent) -> Answer {
    Answer { number: intent.number, done: true, observed: BTreeMap::new(), outputs: BTreeMap::new() }
}
