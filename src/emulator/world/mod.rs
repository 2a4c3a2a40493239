//! What the resources of the cloud mean, as plain values.
//!
//! Everything here is a function of its arguments: which input is accepted, which defaults the service
//! fills in, what an update keeps and replaces, what is shown. Time and randomness come in as [`Facts`].
//! Storage, HTTP and running code are elsewhere.

pub mod code;
pub mod config;
pub mod domain;
pub mod fc2;
pub mod function;
pub mod function_fields;
pub mod shape;
pub mod tags;
pub mod trigger;
pub mod versions;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::ApiError;

/// A JSON object.
pub type Map = serde_json::Map<String, Value>;

/// One resource as it is stored.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// Moves with every accepted change, and is never used twice; the `etag`.
    pub revision: u64,
    /// What the API shows.
    pub shown: Map,
    /// What is kept and never shown: private keys, digests, counters.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub kept: Map,
}

impl Document {
    /// A text that is shown; empty when there is none.
    pub fn text(&self, name: &str) -> &str {
        text(&self.shown, name)
    }

    /// A text that is kept back.
    pub fn kept_text(&self, name: &str) -> Option<&str> {
        self.kept.get(name).and_then(Value::as_str)
    }
}

/// What a handler may know beside its input: who, where, when, and a little luck.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The account that calls.
    pub account: String,
    /// The region that is called.
    pub region: String,
    /// When.
    pub now: Timestamp,
    /// A fresh random UUID.
    pub uuid: String,
    /// Ten fresh random letters, in lower case.
    pub letters: String,
}

impl Facts {
    /// The time as bodies show it: UTC, to the second.
    pub fn time(&self) -> String {
        show_time(self.now)
    }

    /// The ARN of a function.
    pub fn function_arn(&self, name: &str) -> String {
        format!("acs:fc:{}:{}:functions/{name}", self.region, self.account)
    }
}

/// A time as bodies show it: UTC, to the second.
pub fn show_time(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A text field of an object; empty when there is none.
pub fn text<'a>(object: &'a Map, name: &str) -> &'a str {
    object.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// Refuses a name that is not `least..=most` letters, digits, `_` and `-`, or starts with a digit or `-`.
pub fn check_name(field: &str, name: &str, most: usize) -> Result<(), ApiError> {
    let first = name.bytes().next();
    let well_formed = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
        && first.is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    if name.is_empty() {
        return Err(ApiError::invalid(format!("{field} is required but not provided")));
    }
    if name.len() > most || !well_formed {
        return Err(ApiError::invalid(format!(
            "{field} '{name}' must be 1 to {most} letters, digits, '_' and '-', and must not start with a digit or '-'"
        )));
    }
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::Facts;

    /// Facts that every test may rely on.
    pub fn facts() -> Facts {
        Facts {
            account: "1000000000000001".to_owned(),
            region: "cn-hangzhou".to_owned(),
            now: "2026-01-02T03:04:05.678Z".parse().expect("a time"),
            uuid: "aa715851-1c20-4b89-a8fb-0123456789ab".to_owned(),
            letters: "abcdefghij".to_owned(),
        }
    }
}
