//! Tags of functions, spelt with capitals as nowhere else in the API.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::shape::{Fill, Shape, field};
use super::{Document, Facts, Map};
use crate::emulator::error::ApiError;

/// The most tags a function may have.
const MOST: usize = 20;

/// A list of `{Key, Value}`.
pub const LIST: Shape = Shape::List(
    &Shape::Object(&[
        field("Key", Shape::TextUpTo(64), Fill::Required),
        field("Value", Shape::TextUpTo(128), Fill::Text("")),
    ]),
    MOST,
);

/// Refuses keys that are reserved, empty or given twice.
pub fn check(tags: Option<&Value>) -> Result<(), ApiError> {
    let mut seen = BTreeSet::new();
    for tag in tags.and_then(Value::as_array).into_iter().flatten() {
        let key = tag["Key"].as_str().unwrap_or_default();
        let lower = key.to_lowercase();
        if key.is_empty()
            || lower.starts_with("aliyun")
            || lower.starts_with("acs:")
            || lower.contains("http://")
            || lower.contains("https://")
        {
            return Err(ApiError::invalid(format!(
                "tag key '{key}' must not be empty, start with aliyun or acs:, or contain http:// or https://"
            )));
        }
        if !seen.insert(key) {
            return Err(ApiError::invalid(format!("tag key '{key}' is given twice")));
        }
    }
    Ok(())
}

/// Refuses tags that are no good, or too many.
pub fn check_map(tags: &Map) -> Result<(), ApiError> {
    let list: Vec<Value> = tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect();
    check(Some(&Value::Array(list)))?;
    check_count(tags.len())
}

fn check_count(count: usize) -> Result<(), ApiError> {
    if count <= MOST {
        return Ok(());
    }
    let message = format!("too many tags: {count} of at most {MOST}");
    Err(ApiError::new(400, "LimitExceededError", message))
}

/// The function with these tags added or set to other values.
pub fn add(current: &Document, tags: &[Value], facts: &Facts) -> Result<Document, ApiError> {
    let mut list = list(current);
    for tag in tags {
        match list.iter_mut().find(|known| known["Key"] == tag["Key"]) {
            Some(known) => *known = tag.clone(),
            None => list.push(tag.clone()),
        }
    }
    check_count(list.len())?;
    Ok(with(current, list, facts))
}

/// The function without the tags of these keys; without any when `all`.
pub fn remove(current: &Document, keys: &[String], all: bool, facts: &Facts) -> Document {
    let mut list = list(current);
    list.retain(|tag| !all && !keys.iter().any(|key| tag["Key"] == key.as_str()));
    with(current, list, facts)
}

/// Whether a function has every one of `wanted`; one without a value asks for the key alone.
pub fn matches(document: &Document, wanted: &[Value]) -> bool {
    let list = list(document);
    wanted.iter().all(|wanted| {
        list.iter().any(|tag| {
            tag["Key"] == wanted["Key"] && (wanted.get("Value").is_none_or(|value| *value == tag["Value"]))
        })
    })
}

/// The tags of a function.
pub fn list(document: &Document) -> Vec<Value> {
    document.shown.get("tags").and_then(Value::as_array).cloned().unwrap_or_default()
}

fn with(current: &Document, list: Vec<Value>, facts: &Facts) -> Document {
    let mut next = current.clone();
    next.shown.insert("tags".to_owned(), Value::Array(list));
    if next != *current {
        next.shown.insert("lastModifiedTime".to_owned(), json!(facts.time()));
    }
    next
}
