//! Versions and aliases of a function.
//!
//! A version is the function as it was when it was published, under a number that is never used again. An
//! alias is a name for one version, with a second one that may take a share of the calls.

use serde_json::{Value, json};

use super::shape::{Field, Fill, Missing, Shape, field, read};
use super::{Document, Facts, Map, check_name, text};
use crate::emulator::error::ApiError;

const ALIAS: &[Field] = &[
    field("versionId", Shape::Text, Fill::Required),
    field("description", Shape::Text, Fill::Text("")),
    field("additionalVersionWeight", Shape::AnyObject, Fill::Object),
];

/// The function with its next version number taken, and the version itself.
pub fn publish(function: &Document, input: &Map, facts: &Facts) -> (Document, Document, u64) {
    let last = function.kept.get("lastVersion").and_then(Value::as_u64).unwrap_or(0);
    let number = last + 1;
    let mut next = function.clone();
    next.kept.insert("lastVersion".to_owned(), json!(number));
    let version = at_number(function, number, input, facts);
    (next, version, number)
}

/// What is frozen under a number.
pub fn at_number(document: &Document, number: u64, input: &Map, facts: &Facts) -> Document {
    let mut version = document.clone();
    version.kept.insert(
        "version".to_owned(),
        json!({
            "versionId": number.to_string(),
            "description": text(input, "description"),
            "createdTime": facts.time(),
            "lastModifiedTime": facts.time(),
        }),
    );
    version
}

/// What the API shows of a version.
pub fn shown(version: &Document) -> Value {
    version.kept.get("version").cloned().unwrap_or_default()
}

/// Makes an alias of `CreateAlias`'s input.
pub fn create_alias(input: &Map, facts: &Facts) -> Result<Document, ApiError> {
    let name = text(input, "aliasName");
    check_name("aliasName", name, 128)?;
    if name == "LATEST" {
        return Err(ApiError::invalid("aliasName must not be LATEST"));
    }
    let mut shown = read(ALIAS, input, "", Missing::Fill)?;
    check_weights(&shown)?;
    shown.insert("aliasName".to_owned(), json!(name));
    shown.insert("createdTime".to_owned(), json!(facts.time()));
    shown.insert("lastModifiedTime".to_owned(), json!(facts.time()));
    Ok(Document { shown, ..Document::default() })
}

/// Applies `UpdateAlias`'s input. Returns the same document when nothing changes.
pub fn update_alias(current: &Document, input: &Map, facts: &Facts) -> Result<Document, ApiError> {
    let mut next = current.clone();
    next.shown.append(&mut read(ALIAS, input, "", Missing::Leave)?);
    check_weights(&next.shown)?;
    if next != *current {
        next.shown.insert("lastModifiedTime".to_owned(), json!(facts.time()));
    }
    Ok(next)
}

/// The versions an alias speaks of: its own, and the one that takes a share, with that share.
pub fn targets(alias: &Document) -> (String, Option<(String, f64)>) {
    let second = alias
        .shown
        .get("additionalVersionWeight")
        .and_then(Value::as_object)
        .and_then(|weights| weights.iter().next())
        .map(|(version, weight)| (version.clone(), weight.as_f64().unwrap_or(0.0)));
    (alias.text("versionId").to_owned(), second)
}

fn check_weights(alias: &Map) -> Result<(), ApiError> {
    let Some(Value::Object(weights)) = alias.get("additionalVersionWeight") else {
        return Ok(());
    };
    if weights.len() > 1 {
        return Err(ApiError::invalid("additionalVersionWeight takes one version"));
    }
    for (version, weight) in weights {
        if version == text(alias, "versionId") {
            return Err(ApiError::new(
                400,
                "AdditionalVersionContainsMajorVersion",
                format!("additionalVersionWeight must not contain the main version '{version}'"),
            ));
        }
        if !weight.as_f64().is_some_and(|share| (0.0..=1.0).contains(&share)) {
            return Err(ApiError::invalid(format!(
                "additionalVersionWeight of version '{version}' must be a number between 0 and 1"
            )));
        }
    }
    Ok(())
}
