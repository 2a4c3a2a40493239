//! Versions and aliases, and the function that stands behind a qualifier.
//!
//! Those of a function of FC 2.0 are its service's: they are read here, and changed through that API.

use serde_json::{Value, json};

use super::fc2::{existing_service, missing};
use super::functions::{existing as existing_function, refuse_below_service};
use super::{Call, Reply, keys, list_reply, page};
use crate::emulator::error::ApiError;
use crate::emulator::store::{Look, Writer};
use crate::emulator::world::fc2::split_name;
use crate::emulator::world::{Document, text, versions};

/// What stands behind a qualifier.
#[derive(Debug)]
pub struct Qualified {
    /// The function as it is there; that of an alias' main version.
    pub primary: Document,
    /// The service it belongs to, as it is there.
    pub service: Option<Document>,
    /// The version's number; empty for `LATEST`.
    pub version_id: String,
    /// The second version of an alias, and its share of the calls.
    pub secondary: Option<(String, f64)>,
}

/// Finds the function at `LATEST` (or nothing), a version's number, or an alias.
pub fn at_qualifier(
    look: &dyn Look,
    region: &str,
    function: &str,
    qualifier: Option<&str>,
) -> Result<Qualified, ApiError> {
    if let Some((service, name)) = split_name(function) {
        let (service_there, version_id, secondary) = service_at(look, region, service, qualifier)?;
        let primary = match version_id.as_str() {
            "" => look.get(&keys::function(region, function))?,
            id => look.get(&version_key(region, function, id))?,
        };
        let primary = primary.ok_or_else(|| missing(service, name))?;
        return Ok(Qualified { primary, service: Some(service_there), version_id, secondary });
    }
    let latest = existing_function(look, region, function)?;
    let qualifier = qualifier.unwrap_or("LATEST");
    if qualifier == "LATEST" {
        return Ok(Qualified { primary: latest, service: None, version_id: String::new(), secondary: None });
    }
    if qualifier.bytes().all(|byte| byte.is_ascii_digit()) {
        let primary = existing_version(look, region, function, qualifier)?;
        return Ok(Qualified { primary, service: None, version_id: qualifier.to_owned(), secondary: None });
    }
    let alias = existing_alias(look, region, function, qualifier)?;
    let (version_id, secondary) = versions::targets(&alias);
    let primary = existing_version(look, region, function, &version_id)?;
    Ok(Qualified { primary, service: None, version_id, secondary })
}

/// What stands behind a qualifier of a service: the service there, the version's number (empty for
/// `LATEST`), and an alias' second version with its share.
pub type ServiceAt = (Document, String, Option<(String, f64)>);

/// Finds the service at `LATEST` (or nothing), a version's number, or an alias.
pub fn service_at(
    look: &dyn Look,
    region: &str,
    service: &str,
    qualifier: Option<&str>,
) -> Result<ServiceAt, ApiError> {
    let latest = existing_service(look, region, service)?;
    let qualifier = qualifier.unwrap_or("LATEST");
    if qualifier == "LATEST" {
        return Ok((latest, String::new(), None));
    }
    if qualifier.bytes().all(|byte| byte.is_ascii_digit()) {
        let version = existing_service_version(look, region, service, qualifier)?;
        return Ok((version, qualifier.to_owned(), None));
    }
    let alias = existing_service_alias(look, region, service, qualifier)?;
    let (version_id, secondary) = versions::targets(&alias);
    Ok((existing_service_version(look, region, service, &version_id)?, version_id, secondary))
}

/// The version of a service, or the refusal that says which one is missing.
pub fn existing_service_version(
    look: &dyn Look,
    region: &str,
    service: &str,
    id: &str,
) -> Result<Document, ApiError> {
    look.get(&keys::service_version(region, service, id.parse().unwrap_or(0)))?.ok_or_else(|| {
        ApiError::not_found("VersionNotFound", format_args!("version '{id}' of service '{service}'"))
    })
}

/// The alias of a service, or the refusal that says which one is missing.
pub fn existing_service_alias(
    look: &dyn Look,
    region: &str,
    service: &str,
    name: &str,
) -> Result<Document, ApiError> {
    look.get(&keys::service_alias(region, service, name))?.ok_or_else(|| {
        ApiError::not_found("AliasNotFound", format_args!("alias '{name}' of service '{service}'"))
    })
}

pub fn publish(call: &Call, writer: &mut Writer<'_>) -> Result<Reply, ApiError> {
    let (region, name) = (call.region(), call.param(0));
    refuse_below_service(name, "versions")?;
    let function = existing_function(writer, region, name)?;
    call.check_match(&function)?;
    let (mut next, mut version, number) = versions::publish(&function, &call.body, &call.facts);
    if let Some(digest) = function.kept_text("package") {
        writer.share_package(digest)?;
    }
    writer.put(&keys::version(region, name, number), &mut version)?;
    writer.put(&keys::function(region, name), &mut next)?;
    Ok(Reply::resource(&version, versions::shown(&version)))
}

/// Newest first unless `direction=FORWARD`.
pub fn list(call: &Call, look: &dyn Look) -> Result<Reply, ApiError> {
    let (region, name) = (call.region(), call.param(0));
    existing_function(look, region, name)?;
    page_of_versions(call, look, &keys::versions(region, name))
}

/// One page of the versions under a prefix.
pub fn page_of_versions(call: &Call, look: &dyn Look, prefix: &str) -> Result<Reply, ApiError> {
    let limit = call.query.whole("limit", 20, 1, 100)?;
    let forward = match call.query.get("direction") {
        None | Some("BACKWARD") => false,
        Some("FORWARD") => true,
        Some(other) => {
            return Err(ApiError::invalid(format!("direction '{other}' must be BACKWARD or FORWARD")));
        }
    };
    let mut found = look.all(prefix)?;
    if !forward {
        found.reverse();
    }
    let from = match (call.query.get("nextToken"), call.query.get("startKey")) {
        (Some(token), _) => Some(super::read_token(&call.facts.account, token)?),
        (None, Some(id)) => Some(format!("{:020}", id.parse().unwrap_or(0u64))),
        (None, None) => None,
    };
    let start = match from {
        Some(from) => found.iter().position(|(number, _)| *number == from).unwrap_or(found.len()),
        None => 0,
    };
    let next = found.get(start + limit).map(|(number, _)| super::token(&call.facts.account, number));
    let items = found.iter().skip(start).take(limit).map(|(_, version)| versions::shown(version)).collect();
    let mut reply = list_reply("versions", items, next);
    if let Some(Value::Object(body)) = &mut reply.body {
        body.insert("direction".to_owned(), json!(if forward { "FORWARD" } else { "BACKWARD" }));
    }
    Ok(reply)
}

pub fn delete(call: &Call, writer: &mut Writer<'_>) -> Result<Reply, ApiError> {
    let (region, name, id) = (call.region(), call.param(0), call.param(1));
    refuse_below_service(name, "versions")?;
    existing_function(writer, region, name)?;
    let version = existing_version(writer, region, name, id)?;
    if let Some(digest) = version.kept_text("package") {
        writer.drop_package(digest)?;
    }
    writer.remove(&version_key(region, name, id))?;
    Ok(Reply::nothing())
}

pub fn create_alias(call: &Call, writer: &mut Writer<'_>) -> Result<Reply, ApiError> {
    let (region, function) = (call.region(), call.param(0));
    refuse_below_service(function, "aliases")?;
    existing_function(writer, region, function)?;
    let mut alias = versions::create_alias(&call.body, &call.facts)?;
    check_targets(writer, region, function, &alias)?;
    let name = text(&call.body, "aliasName");
    let key = keys::alias(region, function, name);
    if writer.get(&key)?.is_some() {
        return Err(ApiError::exists("AliasAlreadyExists", format_args!("alias '{name}'")));
    }
    writer.put(&key, &mut alias)?;
    Ok(Reply::resource(&alias, Value::Object(alias.shown.clone())))
}

pub fn get_alias(call: &Call, look: &dyn Look) -> Result<Reply, ApiError> {
    existing_function(look, call.region(), call.param(0))?;
    let alias = existing_alias(look, call.region(), call.param(0), call.param(1))?;
    Ok(Reply::resource(&alias, Value::Object(alias.shown.clone())))
}

pub fn update_alias(call: &Call, writer: &mut Writer<'_>) -> Result<Reply, ApiError> {
    let (region, function, name) = (call.region(), call.param(0), call.param(1));
    refuse_below_service(function, "aliases")?;
    existing_function(writer, region, function)?;
    let current = existing_alias(writer, region, function, name)?;
    call.check_match(&current)?;
    let mut next = versions::update_alias(&current, &call.body, &call.facts)?;
    check_targets(writer, region, function, &next)?;
    if next != current {
        writer.put(&keys::alias(region, function, name), &mut next)?;
    }
    Ok(Reply::resource(&next, Value::Object(next.shown.clone())))
}

pub fn delete_alias(call: &Call, writer: &mut Writer<'_>) -> Result<Reply, ApiError> {
    let (region, function, name) = (call.region(), call.param(0), call.param(1));
    refuse_below_service(function, "aliases")?;
    existing_function(writer, region, function)?;
    let current = existing_alias(writer, region, function, name)?;
    call.check_match(&current)?;
    writer.remove(&keys::alias(region, function, name))?;
    Ok(Reply::nothing())
}

pub fn list_aliases(call: &Call, look: &dyn Look) -> Result<Reply, ApiError> {
    let (region, function) = (call.region(), call.param(0));
    existing_function(look, region, function)?;
    let show = |alias: &Document| Value::Object(alias.shown.clone());
    let prefix = match split_name(function) {
        Some((service, _)) => keys::service_aliases(region, service),
        None => keys::aliases(region, function),
    };
    let (items, next) = page(call, look, &prefix, &|_| true, &show)?;
    Ok(list_reply("aliases", items, next))
}

fn check_targets(look: &dyn Look, region: &str, function: &str, alias: &Document) -> Result<(), ApiError> {
    let (main, second) = versions::targets(alias);
    existing_version(look, region, function, &main)?;
    match second {
        Some((second, _)) => existing_version(look, region, function, &second).map(|_| ()),
        None => Ok(()),
    }
}

fn existing_version(look: &dyn Look, region: &str, function: &str, id: &str) -> Result<Document, ApiError> {
    look.get(&version_key(region, function, id))?.ok_or_else(|| {
        ApiError::not_found("VersionNotFound", format_args!("version '{id}' of function '{function}'"))
    })
}

fn existing_alias(look: &dyn Look, region: &str, function: &str, name: &str) -> Result<Document, ApiError> {
    if let Some((service, _)) = split_name(function) {
        return existing_service_alias(look, region, service, name);
    }
    look.get(&keys::alias(region, function, name))?.ok_or_else(|| {
        ApiError::not_found("AliasNotFound", format_args!("alias '{name}' of function '{function}'"))
    })
}

/// Numbers start at 1, so text that is no number has the key of none.
fn version_key(region: &str, function: &str, id: &str) -> String {
    keys::version(region, function, id.parse().unwrap_or(0))
}
