//! Triggers of functions of services.
//!
//! They are kept in the form of 3.0. 2016-08-15 has `triggerConfig` as an object, the others as text.

use serde_json::{Value, json};

use super::super::{Call, Reply, Version, triggers as v3};
use super::{as_v3, existing_function};
use crate::emulator::error::ApiError;
use crate::emulator::store::{Look, Writer};
use crate::emulator::world::Map;

pub fn create(call: &Call, writer: &mut Writer<'_>) -> Result<Reply, ApiError> {
    v3::create(&given(call, writer)?, writer).map(|reply| told(call, reply))
}

pub fn get(call: &Call, look: &dyn Look) -> Result<Reply, ApiError> {
    v3::get(&given(call, look)?, look).map(|reply| told(call, reply))
}

pub fn update(call: &Call, writer: &mut Writer<'_>) -> Result<Reply, ApiError> {
    v3::update(&given(call, writer)?, writer).map(|reply| told(call, reply))
}

pub fn delete(call: &Call, writer: &mut Writer<'_>) -> Result<Reply, ApiError> {
    v3::delete(&given(call, writer)?, writer)
}

pub fn list(call: &Call, look: &dyn Look) -> Result<Reply, ApiError> {
    let mut reply = v3::list(&given(call, look)?, look)?;
    if let Some(Value::Array(items)) = reply.body.as_mut().and_then(|body| body.get_mut("triggers")) {
        for item in items {
            *item = show(call, item.take());
        }
    }
    Ok(reply)
}

/// The call as 3.0 makes it.
fn given(call: &Call, look: &dyn Look) -> Result<Call, ApiError> {
    let mut call = as_v3(call);
    existing_function(look, call.region(), call.param(0))?;
    if let Some(config @ Value::Object(_)) = call.body.get_mut("triggerConfig") {
        *config = json!(config.to_string());
    }
    Ok(call)
}

fn told(call: &Call, reply: Reply) -> Reply {
    Reply { body: reply.body.map(|body| show(call, body)), ..reply }
}

fn show(call: &Call, trigger: Value) -> Value {
    let Value::Object(mut trigger) = trigger else { return trigger };
    for field in ["status", "targetArn"] {
        trigger.remove(field);
    }
    if let Some(Value::Object(mut urls)) = trigger.remove("httpTrigger") {
        // The first label of the trigger's own host name, which its URL ends with.
        let label = urls.get("urlInternet").and_then(Value::as_str).and_then(|url| url.rsplit('/').next());
        trigger.insert("domainName".to_owned(), json!(label.unwrap_or_default()));
        for field in ["urlInternet", "urlIntranet"] {
            trigger.insert(field.to_owned(), urls.remove(field).unwrap_or_default());
        }
    }
    if call.version == Version::V2016
        && let Some(config) = trigger.get_mut("triggerConfig")
    {
        let object = serde_json::from_str::<Map>(config.as_str().unwrap_or_default());
        *config = object.map_or(Value::Null, Value::Object);
    }
    Value::Object(trigger)
}
