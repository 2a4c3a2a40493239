//! The changes: what moved online (`resource_drift`), and what will be done (`resource_changes`).

use serde::Serialize;
use serde::ser::Serializer;

use super::ours::{Ours, Which};
use super::resource::{Who, provider_name};
use super::sides::{Frame, identity_fields};
use super::values::{Nested, Object, View};
use crate::model::{Address, Kind, Order, Part as PathPart, Path, Schema};
use crate::plan::{Action, Change, PathOutcome, deletes_old};

/// An entry of `resource_changes`: from live to planned.
pub(super) struct Planned<'a>(pub Frame<'a>);

/// An entry of `resource_drift`: from recorded to live.
pub(super) struct Drifted<'a>(pub Frame<'a>);

#[derive(Serialize)]
struct Entry<'o> {
    #[serde(flatten)]
    who: Who<'o>,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_address: Option<String>,
    provider_name: String,
    change: Values<'o>,
    #[serde(skip_serializing_if = "Option::is_none")]
    action_reason: Option<&'static str>,
    triform: Ours<'o>,
}

/// Both ends of a change.
#[derive(Serialize)]
struct Values<'o> {
    actions: &'static [&'static str],
    before: Option<Nested<'o, 'o>>,
    after: Option<Nested<'o, 'o>>,
    after_unknown: OrFalse<Nested<'o, 'o>>,
    before_sensitive: OrFalse<Nested<'o, 'o>>,
    after_sensitive: OrFalse<Nested<'o, 'o>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    replace_paths: Vec<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    importing: Option<Importing>,
}

#[derive(Serialize)]
struct Importing {
    id: String,
}

/// Where there is no object, nothing of it is unknown or sensitive.
struct OrFalse<T>(Option<T>);

impl<T: Serialize> Serialize for OrFalse<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Some(object) => object.serialize(serializer),
            None => serializer.serialize_bool(false),
        }
    }
}

impl<'o> Values<'o> {
    fn new(
        actions: &'static [&'static str],
        before: Option<&'o Object<'o>>,
        after: Option<&'o Object<'o>>,
    ) -> Self {
        let view = |object: Option<&'o Object<'o>>, view| object.map(|object| object.view(view));
        Self {
            actions,
            before: view(before, View::Values),
            after: view(after, View::Values),
            after_unknown: OrFalse(view(after, View::Unknown)),
            before_sensitive: OrFalse(view(before, View::Sensitive)),
            after_sensitive: OrFalse(view(after, View::Sensitive)),
            replace_paths: Vec::new(),
            importing: None,
        }
    }
}

impl Serialize for Planned<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(frame) = self;
        let change = frame.change;
        let composed = change.composed();
        let (before, after) = (frame.live(), frame.after(&composed));
        let mut values = Values::new(actions(change), before.as_ref(), after.as_ref());
        values.replace_paths = replace_paths(frame);
        values.importing = (change.is_foreign() || change.is_imported())
            .then(|| Importing { id: change.identity.to_string() });
        Entry {
            who: Who::new(&change.address),
            previous_address: change.moved_from.as_ref().map(Address::to_string),
            provider_name: provider_name(&change.identity.kind),
            action_reason: reason(change, &values.replace_paths),
            change: values,
            triform: Ours { frame: *frame, which: Which::All },
        }
        .serialize(serializer)
    }
}

impl Serialize for Drifted<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(frame) = self;
        let (before, after) = (frame.recorded(), frame.live());
        let actions: &[&str] = if after.is_some() { &["update"] } else { &["delete"] };
        Entry {
            who: Who::new(&frame.change.address),
            previous_address: frame.change.moved_from.as_ref().map(Address::to_string),
            provider_name: provider_name(&frame.change.identity.kind),
            action_reason: None,
            change: Values::new(actions, Some(&before), after.as_ref()),
            triform: Ours { frame: *frame, which: Which::MovedOnline },
        }
        .serialize(serializer)
    }
}

/// Returns what Terraform calls it.
fn actions(change: &Change) -> &'static [&'static str] {
    match change.action {
        // The new one is made, or taken over, before the old one goes or is let go of.
        Action::Replace | Action::TakeOver if change.old_identity.is_some() => {
            if deletes_old(change) {
                &["create", "delete"]
            } else {
                &["create", "forget"]
            }
        }
        Action::Replace => &["delete", "create"],
        Action::Create => &["create"],
        Action::Update | Action::Release => &["update"],
        Action::TakeOver if change.writes() => &["update"],
        Action::Delete => &["delete"],
        Action::Forget => &["forget"],
        Action::Keep | Action::Record | Action::TakeOver => &["no-op"],
    }
}

fn reason(change: &Change, replace_paths: &[Vec<String>]) -> Option<&'static str> {
    match change.action {
        Action::Delete | Action::Forget if change.undo.is_none() => Some("delete_because_no_resource_config"),
        Action::Replace if change.asked_anew => Some("replace_by_request"),
        _ if !replace_paths.is_empty() => Some("replace_because_cannot_update"),
        // What it belongs to is made anew.
        Action::Replace => Some("replace_by_triggers"),
        _ => None,
    }
}

/// Returns the places whose change takes a new resource.
fn replace_paths(frame: &Frame<'_>) -> Vec<Vec<String>> {
    let change = frame.change;
    let mut paths = Vec::new();
    if let Some(old) = &change.old_identity {
        let [name, of_parent, region] = identity_fields(frame.schema, frame.shown.schemas);
        let new = &change.identity;
        let moved = [
            (name, old.name != new.name),
            (of_parent, old.parent != new.parent),
            (region, old.region != new.region),
        ];
        paths.extend(moved.iter().filter(|(_, moved)| *moved).map(|(field, _)| vec![(*field).to_owned()]));
    }
    let replaced = change.paths.iter().filter(|(_, inner)| {
        change.action == Action::Replace && inner.replaces && matches!(inner.outcome, PathOutcome::Write(_))
    });
    paths.extend(replaced.map(|(path, _)| steps(frame.schema, path)));
    paths
}

/// Returns a path's parts, as far as they are fields and keys of objects: the elements of a list have no names.
fn steps(schema: Option<&'static Schema>, path: &Path) -> Vec<String> {
    let mut steps = Vec::new();
    let mut walked = Path::root();
    for part in path.parts() {
        let listed = || {
            let attribute = schema.and_then(|schema| schema.attribute(&walked));
            matches!(attribute, Some((attribute, _)) if matches!(attribute.kind, Kind::List(_, Order::Keyed(_))))
        };
        match part {
            PathPart::Key(_) if listed() => break,
            PathPart::Key(name) => {
                steps.push(name.clone());
                walked = walked.key(name.clone());
            }
            PathPart::Field(name) => {
                steps.push(name.clone().into_owned());
                walked = walked.then(name.clone());
            }
        }
    }
    steps
}
