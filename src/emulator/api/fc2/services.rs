//! Services.

use std::collections::BTreeSet;

use serde_json::Value;

use super::super::versions::service_at;
use super::super::{Call, Reply, list_reply, page};
use super::keys;
use crate::emulator::error::ApiError;
use crate::emulator::store::{Look, Writer};
use crate::emulator::world::Document;
use crate::emulator::world::fc2::service;

/// The service, or the refusal that says which one is missing.
pub fn existing(look: &dyn Look, region: &str, name: &str) -> Result<Document, ApiError> {
    look.get(&keys::service(region, name))?
        .ok_or_else(|| ApiError::not_found("ServiceNotFound", format_args!("service '{name}'")))
}

pub fn create(call: &Call, writer: &mut Writer<'_>) -> Result<Reply, ApiError> {
    let mut document = service::create(&call.body, &call.facts)?;
    let name = document.text("serviceName").to_owned();
    let key = keys::service(call.region(), &name);
    if writer.get(&key)?.is_some() {
        return Err(ApiError::exists("ServiceAlreadyExists", format_args!("service '{name}'")));
    }
    writer.put(&key, &mut document)?;
    Ok(reply(&document))
}

pub fn get(call: &Call, look: &dyn Look) -> Result<Reply, ApiError> {
    let (document, _, _) = service_at(look, call.region(), call.param(0), call.query.get("qualifier"))?;
    Ok(reply(&document))
}

pub fn update(call: &Call, writer: &mut Writer<'_>) -> Result<Reply, ApiError> {
    let current = existing(writer, call.region(), call.param(0))?;
    call.check_match(&current)?;
    let mut next = service::update(&current, &call.body, &call.facts)?;
    if next != current {
        writer.put(&keys::service(call.region(), call.param(0)), &mut next)?;
    }
    Ok(reply(&next))
}

/// Takes versions, aliases and bindings along; functions have to go first.
pub fn delete(call: &Call, writer: &mut Writer<'_>) -> Result<Reply, ApiError> {
    let (region, name) = (call.region(), call.param(0));
    let current = existing(writer, region, name)?;
    call.check_match(&current)?;
    if !writer.all(&keys::functions_of_service(region, name))?.is_empty() {
        return Err(ApiError::new(
            409,
            "ServiceNotEmpty",
            format!("service '{name}' has active 'functions'"),
        ));
    }
    for (rest, version) in writer.all(&keys::versions_of_service(region, name))? {
        if let Some(digest) = version.kept_text("package") {
            writer.drop_package(digest)?;
        }
        writer.remove(&format!("{}{rest}", keys::versions_of_service(region, name)))?;
    }
    for prefix in [
        keys::service_versions(region, name),
        keys::service_aliases(region, name),
        keys::bindings(region, name),
    ] {
        for (rest, _) in writer.all(&prefix)? {
            writer.remove(&format!("{prefix}{rest}"))?;
        }
    }
    writer.remove(&keys::service_counter(region, name))?;
    writer.remove(&keys::service_tags(region, name))?;
    writer.remove(&keys::service(region, name))?;
    Ok(Reply::nothing())
}

pub fn list(call: &Call, look: &dyn Look) -> Result<Reply, ApiError> {
    let show = |document: &Document| Value::Object(document.shown.clone());
    let mut tagged = None;
    // `tag_{name}={value}` asks for services that have the tag.
    let wanted: Vec<(&str, &str)> = call.query.starting_with("tag_").collect();
    if !wanted.is_empty() {
        let mut found = look.all(&keys::tags_of_region(call.region()))?;
        found.retain(|(_, tags)| wanted.iter().all(|(name, value)| tags.text(name) == *value));
        tagged = Some(found.into_iter().map(|(service, _)| service).collect::<BTreeSet<_>>());
    }
    let keep = |document: &Document| {
        tagged.as_ref().is_none_or(|tagged| tagged.contains(document.text("serviceName")))
    };
    let (items, next) = page(call, look, &keys::services(call.region()), &keep, &show)?;
    Ok(list_reply("services", items, next))
}

fn reply(document: &Document) -> Reply {
    Reply::resource(document, Value::Object(document.shown.clone()))
}
