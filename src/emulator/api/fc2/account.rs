//! What hangs on services beside functions: tags and VPC bindings; and what is told of the account.

use serde_json::{Value, json};

use super::super::{Call, Reply, Version, list_reply, page};
use super::{existing_service, keys};
use crate::emulator::error::ApiError;
use crate::emulator::store::{Look, Writer};
use crate::emulator::world::{Document, Map, tags, text};

/// The most VPCs that may be bound to a service.
const MOST_BINDINGS: usize = 20;

pub fn tag(call: &Call, writer: &mut Writer<'_>) -> Result<Reply, ApiError> {
    let service = service_of(call, writer, text(&call.body, "resourceArn"))?;
    let Some(Value::Object(given)) = call.body.get("tags").filter(|tags| tags.is_object()) else {
        return Err(ApiError::invalid("tags is required but not provided"));
    };
    let key = keys::service_tags(call.region(), &service);
    let mut document = writer.get(&key)?.unwrap_or_default();
    for (name, value) in given {
        let Some(value) = value.as_str() else {
            return Err(ApiError::invalid(format!("tags.{name} must be a string")));
        };
        document.shown.insert(name.clone(), json!(value));
    }
    tags::check_map(&document.shown)?;
    writer.put(&key, &mut document)?;
    Ok(done(call))
}

pub fn untag(call: &Call, writer: &mut Writer<'_>) -> Result<Reply, ApiError> {
    let service = service_of(call, writer, text(&call.body, "resourceArn"))?;
    let key = keys::service_tags(call.region(), &service);
    let Some(mut document) = writer.get(&key)? else { return Ok(done(call)) };
    if call.body.get("all") == Some(&json!(true)) {
        document.shown.clear();
    }
    for name in call.body.get("tagKeys").and_then(Value::as_array).into_iter().flatten() {
        document.shown.remove(name.as_str().unwrap_or_default());
    }
    if document.shown.is_empty() {
        writer.remove(&key)?;
    } else {
        writer.put(&key, &mut document)?;
    }
    Ok(done(call))
}

/// The SDK of the older version wants to read something.
fn done(call: &Call) -> Reply {
    match call.version {
        Version::V2016 => Reply::of(json!({})),
        Version::V2021 | Version::V2023 => Reply::nothing(),
    }
}

pub fn get_tags(call: &Call, look: &dyn Look) -> Result<Reply, ApiError> {
    let service = service_of(call, look, call.query.get("resourceArn").unwrap_or_default())?;
    let document = look.get(&keys::service_tags(call.region(), &service))?.unwrap_or_default();
    Ok(Reply::of(json!({"resourceArn": arn(call, &service), "tags": document.shown})))
}

pub fn list_tagged(call: &Call, look: &dyn Look) -> Result<Reply, ApiError> {
    let limit = call.query.whole("limit", 20, 1, 100)?;
    let start = match call.query.get("nextToken") {
        Some(token) => super::super::read_token(&call.facts.account, token)?,
        None => String::new(),
    };
    let mut found = look.all(&keys::tags_of_region(call.region()))?;
    found.retain(|(service, _)| *service >= start);
    let next = found.get(limit).map(|(service, _)| super::super::token(&call.facts.account, service));
    let shown = found
        .iter()
        .take(limit)
        .map(|(service, tags)| json!({"resourceArn": arn(call, service), "tags": tags.shown}));
    Ok(list_reply("resources", shown.collect(), next))
}

pub fn bind(call: &Call, writer: &mut Writer<'_>) -> Result<Reply, ApiError> {
    let (region, service) = (call.region(), call.param(0));
    existing_service(writer, region, service)?;
    let vpc = text(&call.body, "vpcId");
    if vpc.is_empty() || vpc.contains('/') {
        return Err(ApiError::invalid("vpcId is required but not provided"));
    }
    let bound = writer.all(&keys::bindings(region, service))?;
    if bound.iter().any(|(known, _)| known == vpc) {
        return Ok(Reply::nothing());
    }
    if bound.len() >= MOST_BINDINGS {
        let message = format!("too many VPC bindings: service '{service}' has {}", bound.len());
        return Err(ApiError::new(400, "LimitExceededError", message));
    }
    let shown = Map::from_iter([("vpcId".to_owned(), json!(vpc))]);
    let mut document = Document { shown, ..Document::default() };
    writer.put(&keys::binding(region, service, vpc), &mut document)?;
    Ok(Reply::nothing())
}

pub fn bindings(call: &Call, look: &dyn Look) -> Result<Reply, ApiError> {
    existing_service(look, call.region(), call.param(0))?;
    let bound = look.all(&keys::bindings(call.region(), call.param(0)))?;
    Ok(Reply::of(json!({"vpcIds": bound.into_iter().map(|(vpc, _)| vpc).collect::<Vec<_>>()})))
}

pub fn unbind(call: &Call, writer: &mut Writer<'_>) -> Result<Reply, ApiError> {
    existing_service(writer, call.region(), call.param(0))?;
    writer.remove(&keys::binding(call.region(), call.param(0), call.param(1)))?;
    Ok(Reply::nothing())
}

#[expect(clippy::unnecessary_wraps, reason = "a row of the table, like those that can fail")]
pub fn settings(call: &Call, _: &dyn Look) -> Result<Reply, ApiError> {
    let zones: Vec<String> = ["a", "b"].map(|zone| format!("{}-{zone}", call.region())).into();
    Ok(Reply::of(json!({"availableAZs": zones, "defaultRole": ""})))
}

/// Nobody buys any here.
pub fn reserved_capacities(call: &Call, look: &dyn Look) -> Result<Reply, ApiError> {
    let none = |_: &Document| Value::Null;
    let (items, next) = page(call, look, "reserved-capacity/", &|_| true, &none)?;
    Ok(list_reply("reservedCapacities", items, next))
}

fn arn(call: &Call, service: &str) -> String {
    format!("acs:fc:{}:{}:services/{service}", call.facts.region, call.facts.account)
}

/// The service that an ARN names, or the short form `services/{name}`.
fn service_of(call: &Call, look: &dyn Look, given: &str) -> Result<String, ApiError> {
    let own = arn(call, "");
    let name = given.strip_prefix(own.as_str()).or_else(|| given.strip_prefix("services/"));
    let name = name.filter(|name| !name.contains('/')).ok_or_else(|| {
        ApiError::invalid(format!("resourceArn '{given}' is not the ARN of a service: {own}…"))
    })?;
    existing_service(look, call.region(), name)?;
    Ok(name.to_owned())
}
