//! Asynchronous, provision and on-demand configurations of functions of services.
//!
//! The first two are those of 3.0 in other words. The third has conditions on its writes.

use serde_json::Value;

use super::super::{Call, Reply, at_qualifier, configs as v3, list_reply, page};
use super::{as_v3, existing_function, keys};
use crate::emulator::error::ApiError;
use crate::emulator::query::Query;
use crate::emulator::store::{Look, Writer};
use crate::emulator::world::fc2::config::{
    ON_DEMAND, async_shown, async_stored, on_demand_shown, provision_shown,
};
use crate::emulator::world::fc2::full_name;
use crate::emulator::world::{Document, Map, config};

pub fn put_async(call: &Call, writer: &mut Writer<'_>) -> Result<Reply, ApiError> {
    let call = as_v3(call);
    let call = Call { body: async_stored(call.body.clone()), ..call };
    v3::put_async(&call, writer).map(|reply| told(reply, async_shown))
}

pub fn get_async(call: &Call, look: &dyn Look) -> Result<Reply, ApiError> {
    let call = checked(call, look)?;
    v3::get_async(&call, look).map(|reply| told(reply, async_shown))
}

pub fn delete_async(call: &Call, writer: &mut Writer<'_>) -> Result<Reply, ApiError> {
    let call = checked(call, writer)?;
    v3::delete_async(&call, writer)
}

pub fn list_async(call: &Call, look: &dyn Look) -> Result<Reply, ApiError> {
    let call = checked(call, look)?;
    let name = call.param(0).to_owned();
    let call = Call { query: call.query.clone().or_set("functionName", Some(name)), ..call };
    v3::list_async(&call, look).map(|reply| told_each(reply, "configs", async_shown))
}

pub fn put_provision(call: &Call, writer: &mut Writer<'_>) -> Result<Reply, ApiError> {
    let show = |mut config: Map| {
        // What is only just set has had no time to fail.
        config.remove("currentError");
        provision_shown(config, &call.facts.account)
    };
    v3::put_provision(&as_v3(call), writer).map(|reply| told(reply, show))
}

pub fn get_provision(call: &Call, look: &dyn Look) -> Result<Reply, ApiError> {
    let call = checked(call, look)?;
    v3::get_provision(&call, look).map(|reply| told(reply, |it| provision_shown(it, &call.facts.account)))
}

/// Of one service, or of one of its qualifiers, or all.
pub fn list_provision(call: &Call, look: &dyn Look) -> Result<Reply, ApiError> {
    let service = call.query.get("serviceName").map(|name| format!("{}$", call.facts.function_arn(name)));
    let qualifier = call.query.get("qualifier").map(|name| format!("/{name}"));
    let keep = |config: &Document| {
        let arn = config.text("functionArn");
        arn.contains('$')
            && service.as_ref().is_none_or(|service| arn.starts_with(service))
            && qualifier.as_ref().is_none_or(|qualifier| arn.ends_with(qualifier))
    };
    let show = |config: &Document| Value::Object(provision_shown(config.shown.clone(), &call.facts.account));
    let prefix = keys::configs_of_region(config::PROVISION.key, call.region());
    let (items, next) = page(call, look, &prefix, &keep, &show)?;
    Ok(list_reply("provisionConfigs", items, next))
}

pub fn put_on_demand(call: &Call, writer: &mut Writer<'_>) -> Result<Reply, ApiError> {
    let name = full_name(call.param(0), call.param(1));
    at_qualifier(writer, call.region(), &name, Some(qualifier(call)))?;
    let key = on_demand_key(call);
    let current = writer.get(&key)?;
    call.check_match(current.as_ref().unwrap_or(&Document::default()))?;
    let arn = format!("{}/{}", call.facts.function_arn(&name), qualifier(call));
    let mut next = config::put(&ON_DEMAND, &arn, current.as_ref(), &call.body, &call.facts)?;
    match current {
        Some(current) if current.shown == next.shown => next = current,
        _ => writer.put(&key, &mut next)?,
    }
    Ok(Reply::resource(&next, on_demand_shown(&next)))
}

pub fn get_on_demand(call: &Call, look: &dyn Look) -> Result<Reply, ApiError> {
    let config = existing_on_demand(call, look)?;
    Ok(Reply::resource(&config, on_demand_shown(&config)))
}

pub fn delete_on_demand(call: &Call, writer: &mut Writer<'_>) -> Result<Reply, ApiError> {
    let config = existing_on_demand(call, writer)?;
    call.check_match(&config)?;
    writer.remove(&on_demand_key(call))?;
    Ok(Reply::nothing())
}

/// `prefix` and `startKey` are about the names of the resources.
pub fn list_on_demand(call: &Call, look: &dyn Look) -> Result<Reply, ApiError> {
    let prefix = call.query.get("prefix").unwrap_or_default();
    let start = call.query.get("startKey").unwrap_or_default();
    let keep = |config: &Document| {
        let shown = on_demand_shown(config);
        let resource = shown["resource"].as_str().unwrap_or_default();
        resource.starts_with(prefix) && resource >= start
    };
    let whole = Call { query: narrowed(&call.query), ..call.clone() };
    let region = keys::configs_of_region(ON_DEMAND.key, call.region());
    let (items, next) = page(&whole, look, &region, &keep, &on_demand_shown)?;
    Ok(list_reply("configs", items, next))
}

/// What of the query pages a list, without what picks from it.
fn narrowed(query: &Query) -> Query {
    let keep = |name: &str| query.get(name).map(str::to_owned);
    Query::default().or_set("limit", keep("limit")).or_set("nextToken", keep("nextToken"))
}

fn existing_on_demand(call: &Call, look: &dyn Look) -> Result<Document, ApiError> {
    existing_function(look, call.region(), &full_name(call.param(0), call.param(1)))?;
    look.get(&on_demand_key(call))?.ok_or_else(|| {
        let (service, function) = (call.param(0), call.param(1));
        let what = format_args!("on-demand config of function '{function}' in service '{service}'");
        ApiError::not_found("OnDemandConfigNotFound", what)
    })
}

fn on_demand_key(call: &Call) -> String {
    let name = full_name(call.param(0), call.param(1));
    keys::config(ON_DEMAND.key, call.region(), &name, qualifier(call))
}

fn qualifier(call: &Call) -> &str {
    call.query.get("qualifier").unwrap_or("LATEST")
}

/// The call as 3.0 makes it, about a function that is there.
fn checked(call: &Call, look: &dyn Look) -> Result<Call, ApiError> {
    let call = as_v3(call);
    existing_function(look, call.region(), call.param(0))?;
    Ok(call)
}

fn told(reply: Reply, show: impl Fn(Map) -> Map) -> Reply {
    let body = reply.body.map(|body| match body {
        Value::Object(config) => Value::Object(show(config)),
        other => other,
    });
    Reply { body, ..reply }
}

fn told_each(mut reply: Reply, list: &str, show: impl Fn(Map) -> Map) -> Reply {
    let items = reply.body.as_mut().and_then(|body| body.get_mut(list)).and_then(Value::as_array_mut);
    for item in items.into_iter().flatten() {
        if let Value::Object(config) = item.take() {
            *item = Value::Object(show(config));
        }
    }
    reply
}
