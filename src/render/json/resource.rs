//! Resources by name, and as the lists of Terraform's state representation hold them.

use std::collections::BTreeSet;

use serde::Serialize;
use serde::ser::Serializer;

use super::sides::Frame;
use super::values::{Nested, Object, View};
use crate::model::Address;

/// Who a resource is: the fields that every list begins with.
#[derive(Serialize)]
pub(super) struct Who<'a> {
    address: String,
    mode: &'static str,
    #[serde(rename = "type")]
    kind: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<&'a str>,
}

impl<'a> Who<'a> {
    pub fn new(address: &'a Address) -> Self {
        // What several entries share has no entry's name; readers want one, and its key is one.
        let (name, index) = match (&address.name, &address.key) {
            (Some(name), key) => (name.as_str(), key.as_deref()),
            (None, key) => (key.as_deref().unwrap_or_default(), None),
        };
        Self { address: address.to_string(), mode: "managed", kind: &address.kind, name, index }
    }
}

/// Returns the component that a type belongs to: as in Terraform, its name up to the first underscore.
pub(super) fn component(kind: &str) -> &str {
    kind.split_once('_').map_or(kind, |(component, _)| component)
}

/// Returns the name that readers know a provider by.
pub(super) fn provider_name(kind: &str) -> String {
    format!("triform/{}", component(kind))
}

/// A resource of `prior_state`: as it is live.
pub(super) struct Prior<'a>(pub Frame<'a>);

/// A resource of `planned_values`: as it will be.
pub(super) struct Planned<'a>(pub Frame<'a>);

#[derive(Serialize)]
struct Entry<'o, 'a> {
    #[serde(flatten)]
    who: Who<'o>,
    provider_name: String,
    schema_version: u32,
    values: Nested<'o, 'a>,
    sensitive_values: Nested<'o, 'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    depends_on: Vec<String>,
}

fn entry<'o, 'a>(frame: &Frame<'o>, object: &'o Object<'a>, depends_on: &BTreeSet<Address>) -> Entry<'o, 'a> {
    Entry {
        who: Who::new(&frame.change.address),
        provider_name: provider_name(&frame.change.identity.kind),
        schema_version: frame.schema.map_or(0, |schema| schema.version),
        values: object.view(View::Values),
        sensitive_values: object.view(View::Sensitive),
        depends_on: depends_on.iter().map(Address::to_string).collect(),
    }
}

impl Serialize for Prior<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let live = self.0.live();
        live.as_ref().map(|live| entry(&self.0, live, &self.0.change.depends_on)).serialize(serializer)
    }
}

impl Serialize for Planned<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let composed = self.0.change.composed();
        let object = self.0.after(&composed);
        object.as_ref().map(|object| entry(&self.0, object, &BTreeSet::new())).serialize(serializer)
    }
}
