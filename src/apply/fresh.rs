//! Is the cloud still as the plan saw it?

use std::collections::BTreeSet;

use crate::model::{Attributes, Path, Schema, Value, Whence};

/// One path that moved since the plan was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Which; the root path when the resource itself came or went.
    pub path: Path,
    /// What the plan saw.
    pub saw: Option<Value>,
    /// What is there now.
    pub now: Option<Value>,
}

/// Returns what moved between the plan's reading and a fresh one, both sealed; `None` is absent.
///
/// Code is compared where both sides hold it: the caller leaves it out of both when the service's checksum
/// says that the package is still the same.
pub fn differences(schema: &Schema, saw: Option<&Attributes>, now: Option<&Attributes>) -> Vec<Difference> {
    let word =
        |side: Option<&Attributes>| Some(Value::text(if side.is_some() { "present" } else { "absent" }));
    let (Some(before), Some(after)) = (saw, now) else {
        if saw.is_none() && now.is_none() {
            return Vec::new();
        }
        return vec![Difference { path: Path::root(), saw: word(saw), now: word(now) }];
    };
    let paths: BTreeSet<&Path> = before.keys().chain(after.keys()).collect();
    paths
        .into_iter()
        .filter(|path| {
            schema.attribute(path).is_some_and(|(attribute, _)| attribute.whence == Whence::Answered)
        })
        .filter(|path| before.get(path) != after.get(path))
        .map(|path| Difference {
            path: path.clone(),
            saw: before.get(path).cloned(),
            now: after.get(path).cloned(),
        })
        .collect()
}
