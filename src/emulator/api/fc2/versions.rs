//! Versions and aliases of services.
//!
//! Publishing freezes the service and all of its functions as they are, under one number.

use serde_json::{Value, json};

use super::super::versions::{existing_service_alias, existing_service_version, page_of_versions};
use super::super::{Call, Reply, list_reply, page};
use super::{existing_service, keys};
use crate::emulator::error::ApiError;
use crate::emulator::store::{Look, Writer};
use crate::emulator::world::fc2::alias;
use crate::emulator::world::{Document, text, versions};

pub fn publish(call: &Call, writer: &mut Writer<'_>) -> Result<Reply, ApiError> {
    let (region, name) = (call.region(), call.param(0));
    let service = existing_service(writer, region, name)?;
    call.check_match(&service)?;
    let number = next_number(writer, &keys::service_counter(region, name))?;
    let mut version = versions::at_number(&service, number, &call.body, &call.facts);
    let prefix = keys::functions_of_service(region, name);
    for (function, document) in writer.all(&prefix)? {
        if let Some(digest) = document.kept_text("package") {
            writer.share_package(digest)?;
        }
        let mut frozen = versions::at_number(&document, number, &call.body, &call.facts);
        let key = format!("{}{function}/{number:020}", keys::versions_of_service(region, name));
        writer.put(&key, &mut frozen)?;
    }
    writer.put(&keys::service_version(region, name, number), &mut version)?;
    Ok(Reply::resource(&version, versions::shown(&version)))
}

/// Numbers are counted beside the service, which publishing does not change.
fn next_number(writer: &mut Writer<'_>, key: &str) -> Result<u64, ApiError> {
    let mut counter = writer.get(key)?.unwrap_or_default();
    let number = counter.kept.get("last").and_then(Value::as_u64).unwrap_or(0) + 1;
    counter.kept.insert("last".to_owned(), json!(number));
    writer.put(key, &mut counter)?;
    Ok(number)
}

pub fn list(call: &Call, look: &dyn Look) -> Result<Reply, ApiError> {
    let (region, name) = (call.region(), call.param(0));
    existing_service(look, region, name)?;
    page_of_versions(call, look, &keys::service_versions(region, name))
}

pub fn delete(call: &Call, writer: &mut Writer<'_>) -> Result<Reply, ApiError> {
    let (region, name, id) = (call.region(), call.param(0), call.param(1));
    existing_service(writer, region, name)?;
    existing_service_version(writer, region, name, id)?;
    let number: u64 = id.parse().unwrap_or(0);
    let (prefix, own) = (keys::versions_of_service(region, name), format!("/{number:020}"));
    for (rest, function) in writer.all(&prefix)? {
        if rest.ends_with(&own) {
            if let Some(digest) = function.kept_text("package") {
                writer.drop_package(digest)?;
            }
            writer.remove(&format!("{prefix}{rest}"))?;
        }
    }
    writer.remove(&keys::service_version(region, name, number))?;
    Ok(Reply::nothing())
}

pub fn create_alias(call: &Call, writer: &mut Writer<'_>) -> Result<Reply, ApiError> {
    let (region, service) = (call.region(), call.param(0));
    existing_service(writer, region, service)?;
    let mut alias = alias::create(&call.body, &call.facts)?;
    check_targets(writer, region, service, &alias)?;
    let name = text(&call.body, "aliasName");
    let key = keys::service_alias(region, service, name);
    if writer.get(&key)?.is_some() {
        let what = format_args!("alias '{name}' of service '{service}'");
        return Err(ApiError::exists("AliasAlreadyExists", what));
    }
    writer.put(&key, &mut alias)?;
    Ok(reply(&alias))
}

pub fn get_alias(call: &Call, look: &dyn Look) -> Result<Reply, ApiError> {
    existing_service(look, call.region(), call.param(0))?;
    Ok(reply(&existing_service_alias(look, call.region(), call.param(0), call.param(1))?))
}

pub fn update_alias(call: &Call, writer: &mut Writer<'_>) -> Result<Reply, ApiError> {
    let (region, service, name) = (call.region(), call.param(0), call.param(1));
    existing_service(writer, region, service)?;
    let current = existing_service_alias(writer, region, service, name)?;
    call.check_match(&current)?;
    let mut next = alias::update(&current, &call.body, &call.facts)?;
    check_targets(writer, region, service, &next)?;
    if next != current {
        writer.put(&keys::service_alias(region, service, name), &mut next)?;
    }
    Ok(reply(&next))
}

pub fn delete_alias(call: &Call, writer: &mut Writer<'_>) -> Result<Reply, ApiError> {
    let (region, service, name) = (call.region(), call.param(0), call.param(1));
    existing_service(writer, region, service)?;
    let current = existing_service_alias(writer, region, service, name)?;
    call.check_match(&current)?;
    writer.remove(&keys::service_alias(region, service, name))?;
    Ok(Reply::nothing())
}

pub fn list_aliases(call: &Call, look: &dyn Look) -> Result<Reply, ApiError> {
    existing_service(look, call.region(), call.param(0))?;
    let prefix = keys::service_aliases(call.region(), call.param(0));
    let (items, next) = page(call, look, &prefix, &|_| true, &show)?;
    Ok(list_reply("aliases", items, next))
}

fn check_targets(look: &dyn Look, region: &str, service: &str, alias: &Document) -> Result<(), ApiError> {
    let (main, second) = versions::targets(alias);
    existing_service_version(look, region, service, &main)?;
    match second {
        Some((second, _)) => existing_service_version(look, region, service, &second).map(|_| ()),
        None => Ok(()),
    }
}

fn show(alias: &Document) -> Value {
    Value::Object(alias.shown.clone())
}

fn reply(alias: &Document) -> Reply {
    Reply::resource(alias, show(alias))
}
