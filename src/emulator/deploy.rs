//! From a stored function to what the runner needs to run it.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use super::api::{Qualified, at_qualifier};
use super::cloud::Cloud;
use super::error::ApiError;
use super::runner::{CustomRuntime, Deployment, Hook, Service};
use super::store::Look;
use super::world::fc2::{split_name, view};
use super::world::{Document, Map, text};

/// The deployment behind a function's qualifier. `luck`, from 0 to 1, picks between the versions of an alias.
pub fn deployment(
    cloud: &Cloud,
    look: &dyn Look,
    region: &str,
    function: &str,
    qualifier: &str,
    luck: f64,
) -> Result<Deployment, ApiError> {
    let mut found = at_qualifier(look, region, function, Some(qualifier))?;
    if let Some((version, share)) = found.secondary.take()
        && luck < share
    {
        found = at_qualifier(look, region, function, Some(&version))?;
    }
    let Qualified { primary, service, version_id, .. } = found;
    let code = match primary.kept_text("package") {
        Some(digest) => cloud.package(look, digest)?,
        None => bytes::Bytes::new(),
    };
    let mut shown = primary.shown.clone();
    if service.is_some() {
        // What a function of 2.0 says of how it starts, in the form of 3.0.
        shown.extend(view::custom(&primary.shown));
        shown.insert("instanceLifecycleConfig".to_owned(), Value::Object(view::hooks(&primary.shown)));
    }
    let shown = &shown;
    let role = service.as_ref().unwrap_or(&primary).text("role").to_owned();
    // A service that changes changes its functions.
    let generation = service.as_ref().map_or(0, |service| service.revision).max(primary.revision);
    let whole = |name: &str| shown.get(name).and_then(Value::as_u64).unwrap_or_default();
    Ok(Deployment {
        key: key(region, function, qualifier, &version_id),
        generation,
        account_id: super::ACCOUNT.to_owned(),
        region: region.to_owned(),
        function_name: split_name(function).map_or(function, |(_, name)| name).to_owned(),
        service: service.as_ref().map(told),
        qualifier: qualifier.to_owned(),
        runtime: primary.text("runtime").to_owned(),
        handler: primary.text("handler").to_owned(),
        memory_size: u32::try_from(whole("memorySize")).unwrap_or(u32::MAX),
        timeout: Duration::from_secs(whole("timeout")),
        instance_concurrency: u32::try_from(whole("instanceConcurrency")).unwrap_or(1).max(1),
        role,
        environment: environment(&primary),
        code,
        code_checksum: primary.text("codeChecksum").to_owned(),
        custom: primary.text("runtime").starts_with("custom").then(|| custom(shown)),
        initializer: hook(shown, "initializer"),
        pre_stop: hook(shown, "preStop"),
        version_id,
    })
}

/// What a function is told of its service.
fn told(service: &Document) -> Service {
    let log = service.shown.get("logConfig").and_then(Value::as_object);
    let log = |field: &str| log.map_or("", |log| text(log, field)).to_owned();
    Service {
        name: service.text("serviceName").to_owned(),
        log_project: log("project"),
        log_store: log("logstore"),
    }
}

/// What all deployment keys of a function start with.
pub fn key_prefix(region: &str, function: &str) -> String {
    format!("{region}/{function}/")
}

fn key(region: &str, function: &str, qualifier: &str, version_id: &str) -> String {
    format!("{}{qualifier}/{version_id}", key_prefix(region, function))
}

fn environment(function: &Document) -> BTreeMap<String, String> {
    let variables = function.shown.get("environmentVariables").and_then(Value::as_object);
    variables
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
        .collect()
}

fn custom(shown: &Map) -> CustomRuntime {
    let config = shown.get("customRuntimeConfig").and_then(Value::as_object).cloned().unwrap_or_default();
    let texts = |name: &str| {
        let items = config.get(name).and_then(Value::as_array);
        items.into_iter().flatten().filter_map(|item| item.as_str().map(str::to_owned)).collect()
    };
    let health = config.get("healthCheckConfig").and_then(Value::as_object);
    CustomRuntime {
        command: texts("command"),
        args: texts("args"),
        port: config
            .get("port")
            .and_then(Value::as_u64)
            .and_then(|port| u16::try_from(port).ok())
            .unwrap_or(9000),
        health_check_path: health
            .map(|health| text(health, "httpGetUrl").to_owned())
            .filter(|path| !path.is_empty()),
    }
}

fn hook(shown: &Map, name: &str) -> Option<Hook> {
    let hook = shown.get("instanceLifecycleConfig")?.get(name)?.as_object()?;
    let handler = text(hook, "handler");
    (!handler.is_empty()).then(|| Hook {
        handler: handler.to_owned(),
        timeout: Duration::from_secs(hook.get("timeout").and_then(Value::as_u64).unwrap_or(3)),
    })
}
