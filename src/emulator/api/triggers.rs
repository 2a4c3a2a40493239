//! Triggers, and the URLs of those that listen to HTTP.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::functions::existing as existing_function;
use super::{Call, Reply, keys, list_reply, page};
use crate::emulator::error::ApiError;
use crate::emulator::store::{Look, Writer};
use crate::emulator::world::{Document, Map, trigger};

/// The most triggers that a function may have.
const MOST: usize = 50;

/// Where the host label of an HTTP trigger leads.
#[derive(Debug, Serialize, Deserialize)]
pub struct Target {
    /// Its region.
    pub region: String,
    /// Its function.
    pub function: String,
    /// Its name.
    pub trigger: String,
}

pub fn create(call: &Call, writer: &mut Writer<'_>) -> Result<Reply, ApiError> {
    let (region, function) = (call.region(), call.param(0));
    existing_function(writer, region, function)?;
    let mut document = trigger::create(function, &call.body, &call.facts)?;
    let name = document.text("triggerName").to_owned();
    super::at_qualifier(writer, region, function, Some(document.text("qualifier")))?;
    let key = keys::trigger(region, function, &name);
    if writer.get(&key)?.is_some() {
        return Err(ApiError::exists("TriggerAlreadyExists", format_args!("trigger '{name}'")));
    }
    let count = writer.all(&keys::triggers(region, function))?.len();
    if count >= MOST {
        return Err(ApiError::new(
            400,
            "LimitExceededError",
            format!("too many triggers: function '{function}' has {count}"),
        ));
    }
    if let Some(label) = document.kept_text("label").map(str::to_owned) {
        let target = Target { region: region.to_owned(), function: function.to_owned(), trigger: name };
        let Ok(Value::Object(shown)) = serde_json::to_value(&target) else {
            return Err(ApiError::internal("a trigger's target could not be written"));
        };
        writer.put(&keys::label(&label), &mut Document { shown, ..Document::default() })?;
    }
    writer.put(&key, &mut document)?;
    Ok(Reply::resource(&document, show(call, &document)))
}

pub fn get(call: &Call, look: &dyn Look) -> Result<Reply, ApiError> {
    let document = existing(call, look)?;
    Ok(Reply::resource(&document, show(call, &document)))
}

pub fn update(call: &Call, writer: &mut Writer<'_>) -> Result<Reply, ApiError> {
    let current = existing(call, writer)?;
    call.check_match(&current)?;
    let mut next = trigger::update(&current, &call.body, &call.facts)?;
    super::at_qualifier(writer, call.region(), call.param(0), Some(next.text("qualifier")))?;
    if next != current {
        writer.put(&keys::trigger(call.region(), call.param(0), call.param(1)), &mut next)?;
    }
    Ok(Reply::resource(&next, show(call, &next)))
}

pub fn delete(call: &Call, writer: &mut Writer<'_>) -> Result<Reply, ApiError> {
    let current = existing(call, writer)?;
    call.check_match(&current)?;
    if let Some(label) = current.kept_text("label") {
        writer.remove(&keys::label(label))?;
    }
    writer.remove(&keys::trigger(call.region(), call.param(0), call.param(1)))?;
    Ok(Reply::nothing())
}

pub fn list(call: &Call, look: &dyn Look) -> Result<Reply, ApiError> {
    let (region, function) = (call.region(), call.param(0));
    existing_function(look, region, function)?;
    let show = |document: &Document| show(call, document);
    let (items, next) = page(call, look, &keys::triggers(region, function), &|_| true, &show)?;
    Ok(list_reply("triggers", items, next))
}

fn existing(call: &Call, look: &dyn Look) -> Result<Document, ApiError> {
    let (function, name) = (call.param(0), call.param(1));
    existing_function(look, call.region(), function)?;
    look.get(&keys::trigger(call.region(), function, name))?
        .ok_or_else(|| ApiError::not_found("TriggerNotFound", format_args!("trigger '{name}'")))
}

fn show(call: &Call, document: &Document) -> Value {
    let mut shown: Map = document.shown.clone();
    if let Some(label) = document.kept_text("label") {
        // Inside and outside are one on a loopback address.
        let url = format!("{}/_http/{label}", call.base);
        shown.insert("httpTrigger".to_owned(), json!({"urlInternet": url, "urlIntranet": url}));
    }
    Value::Object(shown)
}
