//! The outputs of a project: what a person looks for after an apply, such as a URL.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::sides::Frame;
use super::values::{MASK, Plain, holds_secret};
use crate::model::{OutputRef, Value};
use crate::plan::Live;
use crate::render::{Part, Shown};

/// One output before and after.
pub(super) struct Output<'a> {
    before: Option<&'a Value>,
    after: Option<&'a Value>,
    /// The resource will be there, and gives its value only then.
    unknown: bool,
}

/// Returns the outputs by name.
pub(super) fn outputs<'a>(shown: &'a Shown<'a>) -> BTreeMap<String, Output<'a>> {
    let mut outputs = BTreeMap::new();
    let document = shown.document;
    for (name, OutputRef { address, output }) in crate::plan::outputs(&document.links) {
        let Some(change) = document.plan.changes.get(address) else { continue };
        let frame = Frame::new(shown, change);
        let value_of = |live: Option<&'a Live>| live.and_then(|live| live.outputs.get(output));
        let before = value_of(frame.present().map(|(_, live)| live));
        let stands = frame.stands();
        let unknown = stands && shown.part == Part::Whole && change.writes();
        let after = if stands && !unknown { value_of(change.live.as_ref()) } else { None };
        outputs.insert(name, Output { before, after, unknown });
    }
    outputs
}

impl Output<'_> {
    fn actions(&self) -> &'static [&'static str] {
        match (self.before, self.after) {
            (None, None) if !self.unknown => &["no-op"],
            (None, _) => &["create"],
            (Some(_), None) if !self.unknown => &["delete"],
            (before, after) if before == after => &["no-op"],
            _ => &["update"],
        }
    }
}

/// An entry of `output_changes`.
impl Serialize for Output<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let secret = |value: Option<&Value>| value.is_some_and(holds_secret);
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("actions", self.actions())?;
        map.serialize_entry("before", &self.before.map(Masked))?;
        if !self.unknown {
            map.serialize_entry("after", &self.after.map(Masked))?;
        }
        map.serialize_entry("after_unknown", &self.unknown)?;
        map.serialize_entry("before_sensitive", &secret(self.before))?;
        map.serialize_entry("after_sensitive", &secret(self.after))?;
        map.end()
    }
}

/// An output of `planned_values`.
#[derive(Serialize)]
pub(super) struct PlannedOutput<'a> {
    sensitive: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Masked<'a>>,
}

impl<'a> Output<'a> {
    /// Returns it as it will be.
    pub fn planned(&self) -> PlannedOutput<'a> {
        PlannedOutput { sensitive: self.after.is_some_and(holds_secret), value: self.after.map(Masked) }
    }
}

struct Masked<'a>(&'a Value);

impl Serialize for Masked<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if holds_secret(self.0) {
            serializer.serialize_str(MASK)
        } else {
            Plain(self.0).serialize(serializer)
        }
    }
}
