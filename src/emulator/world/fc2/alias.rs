//! Aliases of services: those of 3.0, with policies that pick a version by the request.
//!
//! The policies are kept and shown; calls follow the weights.

use serde_json::json;

use super::super::shape::{Field, Fill, Missing, Shape, field, read};
use super::super::{Document, Facts, Map, versions};
use crate::emulator::error::ApiError;

const POLICIES: &[Field] = &[
    field("resolvePolicy", Shape::Text, Fill::Nothing),
    field("routePolicy", Shape::AnyObject, Fill::Nothing),
];

/// Makes an alias of `CreateAlias`'s input.
pub fn create(input: &Map, facts: &Facts) -> Result<Document, ApiError> {
    let mut alias = versions::create_alias(input, facts)?;
    alias.shown.append(&mut read(POLICIES, input, "", Missing::Fill)?);
    Ok(alias)
}

/// Applies `UpdateAlias`'s input. Returns the same document when nothing changes.
pub fn update(current: &Document, input: &Map, facts: &Facts) -> Result<Document, ApiError> {
    let mut next = versions::update_alias(current, input, facts)?;
    next.shown.append(&mut read(POLICIES, input, "", Missing::Leave)?);
    if next != *current {
        next.shown.insert("lastModifiedTime".to_owned(), json!(facts.time()));
    }
    Ok(next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emulator::world::tests::facts;
    use serde_json::Value;

    #[test]
    fn policies_are_kept_over_an_update_that_does_not_name_them() {
        let object = |value: &Value| value.as_object().expect("an object").clone();
        let input = json!({"aliasName": "prod", "versionId": "1", "resolvePolicy": "Random",
            "routePolicy": {"condition": "AND", "policyItems": []}});
        let alias = create(&object(&input), &facts()).expect("is accepted");
        let next = update(&alias, &object(&json!({"versionId": "2"})), &facts()).expect("is accepted");
        assert_eq!((next.text("versionId"), next.text("resolvePolicy")), ("2", "Random"));
        assert_eq!(next.shown["routePolicy"]["condition"], "AND");
        assert!(create(&object(&json!({"aliasName": "LATEST", "versionId": "1"})), &facts()).is_err());
    }
}
