//! Concurrency, provision, asynchronous and scaling configurations: one mechanism, four rows each.

use serde_json::Value;

use super::functions::existing;
use super::{Call, Reply, keys, list_reply, page};
use crate::emulator::error::ApiError;
use crate::emulator::store::{Look, Writer};
use crate::emulator::world::Document;
use crate::emulator::world::config::{self, ASYNC_INVOKE, CONCURRENCY, Kind, PROVISION, SCALING};

macro_rules! rows {
    ($($kind:ident: $put:ident $get:ident $delete:ident $list:ident),* $(,)?) => {$(
        pub fn $put(call: &Call, writer: &mut Writer<'_>) -> Result<Reply, ApiError> { put(&$kind, call, writer) }
        pub fn $get(call: &Call, look: &dyn Look) -> Result<Reply, ApiError> { get(&$kind, call, look) }
        pub fn $delete(call: &Call, writer: &mut Writer<'_>) -> Result<Reply, ApiError> { delete(&$kind, call, writer) }
        pub fn $list(call: &Call, look: &dyn Look) -> Result<Reply, ApiError> { list(&$kind, call, look) }
    )*};
}

rows! {
    CONCURRENCY: put_concurrency get_concurrency delete_concurrency list_concurrency,
    PROVISION: put_provision get_provision delete_provision list_provision,
    ASYNC_INVOKE: put_async get_async delete_async list_async,
    SCALING: put_scaling get_scaling delete_scaling list_scaling,
}

fn put(kind: &Kind, call: &Call, writer: &mut Writer<'_>) -> Result<Reply, ApiError> {
    let (function, qualifier) = (call.param(0), qualifier(kind, call));
    super::at_qualifier(writer, call.region(), function, Some(qualifier))?;
    let mut arn = call.facts.function_arn(function);
    if kind.qualified {
        arn = format!("{arn}/{qualifier}");
    }
    let key = key(kind, call);
    let current = writer.get(&key)?;
    // What is not there has the etag of no revision: who saw nothing replaces nothing.
    call.check_match(current.as_ref().unwrap_or(&Document::default()))?;
    let mut document = config::put(kind, &arn, current.as_ref(), &call.body, &call.facts)?;
    writer.put(&key, &mut document)?;
    Ok(Reply::resource(&document, Value::Object(document.shown.clone())))
}

fn get(kind: &Kind, call: &Call, look: &dyn Look) -> Result<Reply, ApiError> {
    let function = call.param(0);
    existing(look, call.region(), function)?;
    match (look.get(&key(kind, call))?, kind.absent) {
        (Some(document), _) => Ok(Reply::resource(&document, Value::Object(document.shown.clone()))),
        (None, Some((code, what))) => {
            Err(ApiError::not_found(code, format_args!("{what} function '{function}'")))
        }
        (None, None) => Ok(Reply::of(config::empty(kind))),
    }
}

fn delete(kind: &Kind, call: &Call, writer: &mut Writer<'_>) -> Result<Reply, ApiError> {
    existing(writer, call.region(), call.param(0))?;
    let key = key(kind, call);
    call.check_match(&writer.get(&key)?.unwrap_or_default())?;
    writer.remove(&key)?;
    Ok(Reply::nothing())
}

fn list(kind: &Kind, call: &Call, look: &dyn Look) -> Result<Reply, ApiError> {
    let prefix = match call.query.get("functionName") {
        Some(function) => keys::configs(kind.key, call.region(), function),
        None => keys::configs_of_region(kind.key, call.region()),
    };
    let show = |document: &Document| Value::Object(document.shown.clone());
    let (items, next) = page(call, look, &prefix, &|_| true, &show)?;
    Ok(list_reply(kind.list, items, next))
}

fn key(kind: &Kind, call: &Call) -> String {
    keys::config(kind.key, call.region(), call.param(0), qualifier(kind, call))
}

fn qualifier<'a>(kind: &Kind, call: &'a Call) -> &'a str {
    match call.query.get("qualifier") {
        Some(qualifier) if kind.qualified => qualifier,
        _ => "LATEST",
    }
}
