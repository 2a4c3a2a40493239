//! Custom domains.

use serde_json::Value;

use super::{Call, Reply, keys, list_reply, page};
use crate::emulator::error::ApiError;
use crate::emulator::store::{Look, Writer};
use crate::emulator::world::{Document, domain};

pub fn create(call: &Call, writer: &mut Writer<'_>) -> Result<Reply, ApiError> {
    let mut document = domain::create(&call.body, &call.facts)?;
    let name = document.text("domainName").to_owned();
    let key = keys::domain(call.region(), &name);
    if writer.get(&key)?.is_some() {
        return Err(ApiError::exists("DomainNameAlreadyExists", format_args!("domain name '{name}'")));
    }
    writer.put(&key, &mut document)?;
    Ok(Reply::resource(&document, show(&document)))
}

pub fn get(call: &Call, look: &dyn Look) -> Result<Reply, ApiError> {
    let document = existing(call, look)?;
    Ok(Reply::resource(&document, show(&document)))
}

pub fn update(call: &Call, writer: &mut Writer<'_>) -> Result<Reply, ApiError> {
    let current = existing(call, writer)?;
    call.check_match(&current)?;
    let mut next = domain::update(&current, &call.body, &call.facts)?;
    if next != current {
        writer.put(&keys::domain(call.region(), call.param(0)), &mut next)?;
    }
    Ok(Reply::resource(&next, show(&next)))
}

pub fn delete(call: &Call, writer: &mut Writer<'_>) -> Result<Reply, ApiError> {
    let current = existing(call, writer)?;
    call.check_match(&current)?;
    writer.remove(&keys::domain(call.region(), call.param(0)))?;
    Ok(Reply::nothing())
}

pub fn list(call: &Call, look: &dyn Look) -> Result<Reply, ApiError> {
    let (items, next) = page(call, look, &keys::domains(call.region()), &|_| true, &show)?;
    Ok(list_reply("customDomains", items, next))
}

fn existing(call: &Call, look: &dyn Look) -> Result<Document, ApiError> {
    let name = call.param(0);
    look.get(&keys::domain(call.region(), name))?
        .ok_or_else(|| ApiError::not_found("DomainNameNotFound", format_args!("domain name '{name}'")))
}

fn show(document: &Document) -> Value {
    Value::Object(document.shown.clone())
}
