//! Custom domains, whose routes name a service beside the function.

use serde_json::Value;

use super::super::{Call, Reply, domains as v3};
use crate::emulator::error::ApiError;
use crate::emulator::store::{Look, Writer};
use crate::emulator::world::fc2::route;

pub fn create(call: &Call, writer: &mut Writer<'_>) -> Result<Reply, ApiError> {
    v3::create(&given(call)?, writer).map(told)
}

pub fn get(call: &Call, look: &dyn Look) -> Result<Reply, ApiError> {
    v3::get(call, look).map(told)
}

pub fn update(call: &Call, writer: &mut Writer<'_>) -> Result<Reply, ApiError> {
    v3::update(&given(call)?, writer).map(told)
}

pub fn delete(call: &Call, writer: &mut Writer<'_>) -> Result<Reply, ApiError> {
    v3::delete(call, writer)
}

pub fn list(call: &Call, look: &dyn Look) -> Result<Reply, ApiError> {
    let mut reply = v3::list(call, look)?;
    if let Some(Value::Array(items)) = reply.body.as_mut().and_then(|body| body.get_mut("customDomains")) {
        for item in items {
            *item = show(item.take());
        }
    }
    Ok(reply)
}

fn given(call: &Call) -> Result<Call, ApiError> {
    Ok(Call { body: route::stored(call.body.clone())?, ..call.clone() })
}

fn told(reply: Reply) -> Reply {
    Reply { body: reply.body.map(show), ..reply }
}

fn show(domain: Value) -> Value {
    match domain {
        Value::Object(domain) => Value::Object(route::shown(domain)),
        other => other,
    }
}
