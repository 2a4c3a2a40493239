//! What the configuration declares, attribute by attribute: a constant, or references to outputs.

use std::collections::BTreeSet;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::resource::{Who, component, provider_name};
use super::sides::Frame;
use super::values::View;
use super::{Each, Keyed};
use crate::model::{OutputRef, Planned, Template};
use crate::plan::Change;
use crate::render::Shown;

/// `configuration`.
pub(super) struct Configuration<'a>(pub &'a Shown<'a>);

impl Serialize for Configuration<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let changes = &self.0.document.plan.changes;
        let declared = || changes.values().filter(|change| !change.desired.is_empty());
        let components: BTreeSet<&str> = declared().map(|change| component(&change.identity.kind)).collect();
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry(
            "provider_config",
            &Keyed(|| {
                components.iter().map(|name| (name, Provider { name, full_name: provider_name(name) }))
            }),
        )?;
        let resources = Each(|| declared().map(|change| Declared(Frame::new(self.0, change))));
        map.serialize_entry("root_module", &Keyed(|| [("resources", &resources)].into_iter()))?;
        map.end()
    }
}

#[derive(Serialize)]
struct Provider<'a> {
    name: &'a str,
    full_name: String,
}

struct Declared<'a>(Frame<'a>);

#[derive(Serialize)]
struct Entry<'o, T> {
    #[serde(flatten)]
    who: Who<'o>,
    provider_config_key: &'o str,
    expressions: T,
    schema_version: u32,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    depends_on: Vec<String>,
}

impl Serialize for Declared<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(frame) = self;
        let Change { address, identity, depends_on, .. } = frame.change;
        let object = frame.declared();
        Entry {
            who: Who::new(address),
            provider_config_key: component(&identity.kind),
            expressions: object.view(View::Expressions),
            schema_version: frame.schema.map_or(0, |schema| schema.version),
            depends_on: depends_on.iter().map(ToString::to_string).collect(),
        }
        .serialize(serializer)
    }
}

/// An entry of `relevant_attributes`: an output that another resource's values are made of.
#[derive(Serialize)]
pub(super) struct Relevant<'a> {
    resource: String,
    attribute: [&'a str; 1],
}

/// Returns the outputs whose values decide something that is not known yet.
pub(super) fn relevant<'a>(changes: impl Iterator<Item = &'a Change>) -> impl Iterator<Item = Relevant<'a>> {
    let promised = changes.flat_map(|change| change.desired.values()).filter_map(|planned| match planned {
        Planned::Promised(template) => Some(template),
        Planned::Known(_) => None,
    });
    let outputs: BTreeSet<&OutputRef> = promised.flat_map(Template::outputs).collect();
    outputs
        .into_iter()
        .map(|output| Relevant { resource: output.address.to_string(), attribute: [output.output.as_str()] })
}
