//! What happens, line by line, for programs: the shape of Terraform's machine-readable UI.
//!
//! Every event is one [`Line`]: a JSON object with a level, a sentence, a moment and a type. Keys and words are
//! Terraform's wherever it has one for the thing, so that what reads its stream reads ours; everything else stands
//! under the key `triform`. A line is a function of the event and of the moment it is printed at; whoever prints
//! brings the clock. Values stand in no line: they are in the plan (`--format json`).

mod diagnostic;
mod plan;
mod running;
mod step;

#[cfg(test)]
mod tests;

use jiff::Timestamp;
use serde_json::{Map, Value as Json, json};

pub use diagnostic::{about, diagnostic, error, warning};
pub use plan::{Operation, Planned, applied, drift, outputs, plan, planned_outputs};
pub use running::Running;
pub use step::{elsewhere, ended, left_in_flight, not_started, started, still_running};

use crate::model::Address;

/// The version of the shape that the lines have.
const UI: &str = "1.2";

/// One event.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    level: Level,
    message: String,
    kind: &'static str,
    payload: Map<String, Json>,
}

/// How loud an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Something happened.
    Info,
    /// Something to know.
    Warn,
    /// Something went wrong.
    Error,
}

impl Line {
    fn new(level: Level, kind: &'static str, message: impl Into<String>) -> Self {
        Self { level, message: message.into(), kind, payload: Map::new() }
    }

    fn info(kind: &'static str, message: impl Into<String>) -> Self {
        Self::new(Level::Info, kind, message)
    }

    fn with(mut self, key: &str, value: Json) -> Self {
        self.payload.insert(key.to_owned(), value);
        self
    }

    /// Returns the line as it is printed at a moment, with its line break.
    pub fn at(&self, moment: Timestamp) -> String {
        let mut object = self.payload.clone();
        let level = match self.level {
            Level::Info => "info",
            Level::Warn => "warn",
            Level::Error => "error",
        };
        let common = [
            ("@level", level),
            ("@message", &self.message),
            ("@module", "triform.ui"),
            ("@timestamp", &moment.strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()),
            ("type", self.kind),
        ];
        object.extend(common.map(|(key, value)| (key.to_owned(), Json::from(value))));
        format!("{}\n", Json::Object(object))
    }
}

/// Returns the first line of every stream: who speaks, and the version of the shape.
pub fn version(version: &str) -> Line {
    Line::info("version", format!("triform {version}")).with("triform", version.into()).with("ui", UI.into())
}

/// Returns free text.
pub fn log(level: Level, message: impl Into<String>) -> Line {
    Line::new(level, "log", message)
}

/// Returns how a resource is named in a line. What several entries share has a key and no name: the key is its name.
fn resource(address: &Address) -> Json {
    let addr = address.to_string();
    let provider = address.kind.split('_').next().unwrap_or_default();
    let (name, key) = match (&address.name, &address.key) {
        (Some(name), key) => (Some(name), key.as_ref()),
        (None, key) => (key.as_ref(), None),
    };
    json!({
        "addr": addr,
        "module": "",
        "resource": addr,
        "implied_provider": provider,
        "resource_type": address.kind,
        "resource_name": name,
        "resource_key": key,
    })
}
