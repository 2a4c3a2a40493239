//! Elements of keyed lists: they come and go as a whole, and where several projects share a list each has an owner.
//!
//! Several projects may have routes on one custom domain. A route that was never declared here is somebody
//! else's: it is never compared nor recorded, and stays in every write. One that leaves the configuration goes
//! with all its fields, those that the service filled in included.

use std::collections::BTreeMap;

use super::{Choice, Live, PathChange, PathOutcome};
use crate::diff::Class;
use crate::model::{Attributes, DesiredAttributes, Kind, Order, Part, Path, Schema};
use crate::state::{Record, Recorded};

/// Returns the element of a keyed list that a path is in: the list's path and the key.
pub(super) fn element(schema: &Schema, path: &Path) -> Option<Path> {
    let at = path.parts().iter().position(|part| matches!(part, Part::Key(_)))?;
    let list: Path = path.parts()[..at].iter().cloned().collect();
    let keyed = matches!(schema.attribute(&list), Some((attribute, _)) if matches!(attribute.kind, Kind::List(_, Order::Keyed(_))));
    keyed.then(|| path.parts()[..=at].iter().cloned().collect())
}

/// Returns the element that a path is in, where elements belong to those who declared them.
fn owned(schema: &Schema, path: &Path) -> Option<Path> {
    let element = if schema.shared { element(schema, path)? } else { return None };
    matches!(schema.attribute(&element), Some((attribute, _)) if attribute.owned).then_some(element)
}

/// Returns whether something inside an element is declared. Paths of one element stand next to each other.
fn is_declared(element: &Path, desired: &DesiredAttributes) -> bool {
    desired.range(element..).next().is_some_and(|(path, _)| path.is_within(element))
}

fn was_declared(element: &Path, recorded: &BTreeMap<Path, Recorded>) -> bool {
    let mut inside = recorded.range(element..).take_while(|(path, _)| path.is_within(element));
    inside.any(|(_, recorded)| recorded.declared.is_some())
}

/// Returns whether a path is in an element that was never declared here, and belongs to somebody else.
pub(super) fn is_somebodys(
    schema: &Schema,
    path: &Path,
    desired: &DesiredAttributes,
    recorded: &BTreeMap<Path, Recorded>,
) -> bool {
    owned(schema, path)
        .is_some_and(|element| !is_declared(&element, desired) && !was_declared(&element, recorded))
}

/// Returns the element that a path is in, where that was declared and is no more.
pub(super) fn leaving(
    schema: &Schema,
    path: &Path,
    desired: &DesiredAttributes,
    recorded: &BTreeMap<Path, Recorded>,
) -> Option<Path> {
    let element = element(schema, path)?;
    (was_declared(&element, recorded) && !is_declared(&element, desired)).then_some(element)
}

/// Returns whether a path is in an element that was somebody else's until now: it is live, and
/// declared here for the first time. It has no past here.
pub(super) fn is_newcomer(
    schema: &Schema,
    path: &Path,
    desired: &DesiredAttributes,
    recorded: &BTreeMap<Path, Recorded>,
    live: &Attributes,
) -> bool {
    owned(schema, path).is_some_and(|element| {
        let is_live = live.range(&element..).next().is_some_and(|(path, _)| path.is_within(&element));
        is_live && is_declared(&element, desired) && !was_declared(&element, recorded)
    })
}

/// Gives every path of a leaving element the one answer that its moved paths have: it stays or goes as a whole.
pub(super) fn settle_together(paths: &mut BTreeMap<Path, PathChange>, elements: &BTreeMap<Path, Vec<Path>>) {
    for inside in elements.values() {
        let asked =
            inside.iter().filter_map(|path| paths.get(path)).filter(|path| path.class.needs_decision());
        let answers: Vec<Option<Choice>> = asked.map(|path| path.decision).collect();
        let keep = answers.contains(&Some(Choice::UseLive));
        let open = answers.contains(&None);
        for path in inside {
            let Some(change) = paths.get_mut(path).filter(|change| change.class != Class::Converged) else {
                continue;
            };
            if open || !keep {
                continue; // what was asked stays asked; what goes, goes
            }
            change.class = Class::Conflict;
            change.decision = Some(Choice::UseLive);
            change.outcome = PathOutcome::Accept;
        }
    }
}

/// Returns whether a live resource holds an element of somebody else's.
pub(super) fn holds_somebodys(schema: &Schema, live: &Live, record: &Record) -> bool {
    let nothing = DesiredAttributes::new();
    live.attributes.keys().any(|path| is_somebodys(schema, path, &nothing, &record.paths))
}

/// Returns the writes that remove our elements of a shared resource.
pub(super) fn released(schema: &Schema, record: &Record, live: &Live) -> BTreeMap<Path, PathChange> {
    let nothing = DesiredAttributes::new();
    let ours =
        live.attributes.iter().filter(|(path, _)| leaving(schema, path, &nothing, &record.paths).is_some());
    ours.map(|(path, value)| {
        let inner = PathChange {
            desired: None,
            recorded: Some(record.paths.get(path).cloned().unwrap_or_default()),
            live: Some(value.clone()),
            class: Class::Edit,
            decision: None,
            outcome: PathOutcome::Write(None),
            replaces: false,
            hint: None,
            rule: None,
        };
        (path.clone(), inner)
    })
    .collect()
}
