//! Values that are known, and values that another resource has yet to give.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Address, Path, Value};

/// A value of the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Planned {
    /// Known now.
    Known(Value),
    /// Made from the outputs of other resources.
    Promised(Template),
}

impl Planned {
    /// Returns the value, where it is known.
    pub fn known(&self) -> Option<&Value> {
        match self {
            Self::Known(value) => Some(value),
            Self::Promised(_) => None,
        }
    }
}

impl From<Value> for Planned {
    fn from(value: Value) -> Self {
        Self::Known(value)
    }
}

/// What the configuration declares for one resource, by path.
pub type DesiredAttributes = BTreeMap<Path, Planned>;

/// An output of another resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutputRef {
    /// The resource that gives it.
    pub address: Address,
    /// Its name, such as `functionArn`.
    pub output: String,
}

/// A piece of a template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Segment {
    /// Text as it stands.
    Text(String),
    /// To be replaced by an output.
    Output(OutputRef),
}

/// A value with outputs of other resources in it: `https://${resources.api.output.url.system_url}/x`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// The pieces, in order. A single output keeps its own type; anything else becomes a text.
    pub segments: Vec<Segment>,
}

impl Template {
    /// Returns the outputs that it needs.
    pub fn outputs(&self) -> impl Iterator<Item = &OutputRef> {
        self.segments.iter().filter_map(|segment| match segment {
            Segment::Output(output) => Some(output),
            Segment::Text(_) => None,
        })
    }

    /// Returns the resources that it needs.
    pub fn sources(&self) -> BTreeSet<&Address> {
        self.outputs().map(|output| &output.address).collect()
    }

    /// Returns the value, once `lookup` knows every output; otherwise the first output that is missing.
    pub fn resolve(&self, mut lookup: impl FnMut(&OutputRef) -> Option<Value>) -> Result<Value, &OutputRef> {
        if let [Segment::Output(output)] = self.segments.as_slice() {
            return lookup(output).ok_or(output);
        }
        let mut text = String::new();
        for segment in &self.segments {
            match segment {
                Segment::Text(piece) => text.push_str(piece),
                Segment::Output(output) => match lookup(output).ok_or(output)? {
                    Value::Text(piece) => text.push_str(&piece),
                    Value::Number(number) => text.push_str(&number.to_string()),
                    Value::Bool(value) => text.push_str(if value { "true" } else { "false" }),
                    _ => return Err(output), // lists and maps have no place inside a text
                },
            }
        }
        Ok(Value::Text(text))
    }
}
