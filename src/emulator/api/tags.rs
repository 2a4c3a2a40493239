//! Tags, addressed by the ARNs of functions.

use serde_json::{Value, json};

use super::functions::{existing, refuse_below_service};
use super::{Call, Reply, keys, read_token, token};
use crate::emulator::error::ApiError;
use crate::emulator::store::{Look, Writer};
use crate::emulator::world::{Map, tags, text};

pub fn tag(call: &Call, writer: &mut Writer<'_>) -> Result<Reply, ApiError> {
    check_type(text(&call.body, "ResourceType"))?;
    let given = tags_of(call.body.get("Tag"))?;
    let arns = match call.body.get("ResourceId") {
        Some(Value::Array(arns)) => arns.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(arn)) => vec![arn.as_str()],
        _ => Vec::new(),
    };
    if arns.is_empty() {
        return Err(ApiError::invalid("ResourceId is required but not provided"));
    }
    for arn in arns {
        let name = function_of(call, arn)?;
        let current = existing(writer, call.region(), name)?;
        let mut next = tags::add(&current, &given, &call.facts)?;
        if next != current {
            writer.put(&keys::function(call.region(), name), &mut next)?;
        }
    }
    Ok(Reply::nothing())
}

pub fn untag(call: &Call, writer: &mut Writer<'_>) -> Result<Reply, ApiError> {
    check_type(call.query.get("ResourceType").unwrap_or_default())?;
    let tag_keys = call.query.texts("TagKey");
    if tag_keys.len() > 50 {
        return Err(ApiError::invalid("TagKey takes at most 50 keys"));
    }
    for arn in call.query.texts("ResourceId") {
        let name = function_of(call, &arn)?;
        let current = existing(writer, call.region(), name)?;
        let mut next = tags::remove(&current, &tag_keys, call.query.flag("All"), &call.facts);
        if next != current {
            writer.put(&keys::function(call.region(), name), &mut next)?;
        }
    }
    Ok(Reply::nothing())
}

pub fn list(call: &Call, look: &dyn Look) -> Result<Reply, ApiError> {
    check_type(call.query.get("ResourceType").unwrap_or_default())?;
    let limit = call.query.whole("Limit", 50, 1, 200)?;
    let wanted = match call.query.json("Tag") {
        Some(Value::Array(tags)) => tags,
        _ => Vec::new(),
    };
    let names: Vec<String> = match call.query.texts("ResourceId") {
        arns if arns.is_empty() => {
            look.all(&keys::functions(call.region()))?.into_iter().map(|(name, _)| name).collect()
        }
        arns => arns.iter().map(|arn| function_of(call, arn).map(str::to_owned)).collect::<Result<_, _>>()?,
    };
    let mut found: Vec<Value> = Vec::new();
    for name in names {
        let document = existing(look, call.region(), &name)?;
        if !tags::matches(&document, &wanted) {
            continue;
        }
        for tag in tags::list(&document) {
            found.push(json!({
                "ResourceId": call.facts.function_arn(&name),
                "ResourceType": "ALIYUN::FC::FUNCTION",
                "TagKey": tag["Key"],
                "TagValue": tag["Value"],
            }));
        }
    }
    let start: usize = match call.query.get("NextToken") {
        Some(text) => read_token(&call.facts.account, text)?.parse().unwrap_or(found.len()),
        None => 0,
    };
    let mut body = Map::new();
    if found.len() > start.saturating_add(limit) {
        body.insert("NextToken".to_owned(), json!(token(&call.facts.account, &(start + limit).to_string())));
    }
    body.insert("RequestId".to_owned(), json!(call.facts.uuid));
    body.insert("TagResources".to_owned(), found.into_iter().skip(start).take(limit).collect());
    Ok(Reply::of(Value::Object(body)))
}

fn check_type(kind: &str) -> Result<(), ApiError> {
    if kind.eq_ignore_ascii_case("function") || kind.eq_ignore_ascii_case("ALIYUN::FC::FUNCTION") {
        Ok(())
    } else {
        Err(ApiError::invalid(format!("ResourceType '{kind}' must be function")))
    }
}

fn tags_of(given: Option<&Value>) -> Result<Vec<Value>, ApiError> {
    let input = Map::from_iter([("Tag".to_owned(), given.cloned().unwrap_or_default())]);
    let fields = &[crate::emulator::world::shape::field(
        "Tag",
        tags::LIST,
        crate::emulator::world::shape::Fill::Required,
    )];
    let read = crate::emulator::world::shape::read(
        fields,
        &input,
        "",
        crate::emulator::world::shape::Missing::Fill,
    )?;
    tags::check(read.get("Tag"))?;
    Ok(read.get("Tag").and_then(Value::as_array).cloned().unwrap_or_default())
}

/// The name in a function's ARN, if it is one of this account and region.
fn function_of<'a>(call: &Call, arn: &'a str) -> Result<&'a str, ApiError> {
    let name = arn.strip_prefix(call.facts.function_arn("").as_str()).ok_or_else(|| {
        ApiError::invalid(format!(
            "ResourceId '{arn}' is not the ARN of a function of account {} in {}",
            call.facts.account, call.facts.region
        ))
    })?;
    refuse_below_service(name, "tags")?;
    Ok(name)
}
