//! Functions of services.

use serde_json::Value;

use super::super::versions::at_qualifier;
use super::super::{Call, Reply, functions as v3, list_reply, page};
use super::{existing_function, existing_service, full_name, keys};
use crate::emulator::error::ApiError;
use crate::emulator::store::{Look, Writer};
use crate::emulator::world::code::Package;
use crate::emulator::world::fc2::function;
use crate::emulator::world::{Document, code};

pub fn create(call: &Call, writer: &mut Writer<'_>) -> Result<Reply, ApiError> {
    let (region, service) = (call.region(), call.param(0));
    existing_service(writer, region, service)?;
    let package = package(call)?;
    let mut document = function::create(service, &call.body, package.as_ref(), &call.facts)?;
    let name = document.text("functionName").to_owned();
    let key = keys::function(region, &full_name(service, &name));
    if writer.get(&key)?.is_some() {
        let message = format!("function '{name}' already exists in service '{service}'");
        return Err(ApiError::new(409, "FunctionAlreadyExists", message));
    }
    if let Some(package) = &package {
        writer.keep_package(&package.bytes)?;
    }
    writer.put(&key, &mut document)?;
    Ok(reply(&document))
}

pub fn get(call: &Call, look: &dyn Look) -> Result<Reply, ApiError> {
    let name = full_name(call.param(0), call.param(1));
    let found = at_qualifier(look, call.region(), &name, call.query.get("qualifier"))?;
    Ok(reply(&found.primary))
}

pub fn update(call: &Call, writer: &mut Writer<'_>) -> Result<Reply, ApiError> {
    let name = full_name(call.param(0), call.param(1));
    let current = existing_function(writer, call.region(), &name)?;
    call.check_match(&current)?;
    let package = package(call)?;
    let mut next = function::update(&current, &call.body, package.as_ref(), &call.facts)?;
    v3::store(call, writer, &name, &current, &mut next, package.as_ref())?;
    Ok(reply(&next))
}

/// Takes its configurations along. Versions of the service keep the function as it was; triggers have to go
/// first.
pub fn delete(call: &Call, writer: &mut Writer<'_>) -> Result<Reply, ApiError> {
    existing_function(writer, call.region(), &full_name(call.param(0), call.param(1)))?;
    v3::delete(&super::as_v3(call), writer)
}

/// With a qualifier: the functions as they were in that version.
pub fn list(call: &Call, look: &dyn Look) -> Result<Reply, ApiError> {
    let (region, service) = (call.region(), call.param(0));
    existing_service(look, region, service)?;
    let prefix = keys::functions_of_service(region, service);
    let qualifier = call.query.get("qualifier").filter(|qualifier| *qualifier != "LATEST");
    let Some(qualifier) = qualifier else {
        let (items, next) = page(call, look, &prefix, &|_| true, &show)?;
        return Ok(list_reply("functions", items, next));
    };
    let (_, version, _) = super::super::versions::service_at(look, region, service, Some(qualifier))?;
    let wanted = format!("/{:020}", version.parse().unwrap_or(0u64));
    let start = call.query.get("prefix").unwrap_or_default();
    let found = look.all(&keys::versions_of_service(region, service))?;
    let items = found
        .into_iter()
        .filter(|(rest, _)| rest.ends_with(&wanted) && rest.starts_with(start))
        .map(|(_, function)| show(&function))
        .collect();
    Ok(list_reply("functions", items, None))
}

pub fn code(call: &Call, look: &dyn Look) -> Result<Reply, ApiError> {
    v3::code(&super::as_v3(call), look)
}

/// The package that a call brings. A header may carry its checksum, too.
fn package(call: &Call) -> Result<Option<Package>, ApiError> {
    let package = code::read(call.body.get("code"))?;
    if let (Some(package), Some(claimed)) = (&package, &call.code_checksum) {
        code::check(package, claimed, "X-Fc-Code-Checksum")?;
    }
    Ok(package)
}

fn show(document: &Document) -> Value {
    Value::Object(document.shown.clone())
}

fn reply(document: &Document) -> Reply {
    Reply::resource(document, show(document))
}
