//! Functions.

use serde_json::{Value, json};

use super::{Call, Reply, keys, list_reply, page};
use crate::emulator::error::ApiError;
use crate::emulator::store::{Look, Writer};
use crate::emulator::world::fc2::{self, full_name};
use crate::emulator::world::function_fields::STATE_FIELDS;
use crate::emulator::world::{Document, Map, code, config, function, tags, text};

/// The function, or the refusal that says which one is missing.
pub fn existing(look: &dyn Look, region: &str, name: &str) -> Result<Document, ApiError> {
    look.get(&keys::function(region, name))?
        .ok_or_else(|| ApiError::not_found("FunctionNotFound", format_args!("function '{name}'")))
}

/// The function as 3.0 shows it, together with its service if it has one.
fn view(call: &Call, look: &dyn Look, document: &Document) -> Result<Document, ApiError> {
    match document.kept_text("service") {
        Some(service) => {
            let service = super::fc2::existing_service(look, call.region(), service)?;
            Ok(fc2::view::as_v3(document, &service, &call.facts))
        }
        None => Ok(document.clone()),
    }
}

/// Refuses what 3.0 cannot do with a function of a service.
pub fn refuse_below_service(name: &str, what: &str) -> Result<(), ApiError> {
    match fc2::split_name(name) {
        Some((service, _)) => Err(ApiError::invalid(format!(
            "{what} of '{name}' cannot be changed here: the function belongs to service '{service}' of FC 2.0, use that API"
        ))),
        None => Ok(()),
    }
}

pub fn create(call: &Call, writer: &mut Writer<'_>) -> Result<Reply, ApiError> {
    let package = code::read(call.body.get("code"))?;
    let mut document = function::create(&call.body, package.as_ref(), &call.facts)?;
    let name = document.text("functionName").to_owned();
    let key = keys::function(call.region(), &name);
    if writer.get(&key)?.is_some() {
        return Err(ApiError::exists("FunctionAlreadyExists", format_args!("function '{name}'")));
    }
    if let Some(package) = &package {
        writer.keep_package(&package.bytes)?;
    }
    writer.put(&key, &mut document)?;
    Ok(Reply::resource(&document, Value::Object(document.shown.clone())))
}

pub fn get(call: &Call, look: &dyn Look) -> Result<Reply, ApiError> {
    let found = super::at_qualifier(look, call.region(), call.param(0), call.query.get("qualifier"))?;
    let document = match &found.service {
        Some(service) => fc2::view::as_v3(&found.primary, service, &call.facts),
        None => found.primary,
    };
    Ok(Reply::resource(&document, Value::Object(document.shown.clone())))
}

pub fn update(call: &Call, writer: &mut Writer<'_>) -> Result<Reply, ApiError> {
    let name = call.param(0);
    let current = existing(writer, call.region(), name)?;
    call.check_match(&current)?;
    let package = code::read(call.body.get("code"))?;
    let mut next = match current.kept_text("service") {
        Some(_) => {
            let input = fc2::view::update_of_v3(name, &call.body)?;
            fc2::function::update(&current, &input, package.as_ref(), &call.facts)?
        }
        None => function::update(&current, &call.body, package.as_ref(), &call.facts)?,
    };
    store(call, writer, name, &current, &mut next, package.as_ref())?;
    let shown = view(call, writer, &next)?;
    Ok(Reply::resource(&shown, Value::Object(shown.shown.clone())))
}

/// Stores a function that was updated, and its package if there is a new one.
pub fn store(
    call: &Call,
    writer: &mut Writer<'_>,
    name: &str,
    current: &Document,
    next: &mut Document,
    package: Option<&code::Package>,
) -> Result<(), ApiError> {
    if let Some(package) = package
        && current.kept_text("package") != Some(&package.digest)
    {
        writer.keep_package(&package.bytes)?;
        if let Some(old) = current.kept_text("package") {
            writer.drop_package(old)?;
        }
    }
    if next != current {
        writer.put(&keys::function(call.region(), name), next)?;
    }
    Ok(())
}

/// Takes versions, aliases and configurations along; triggers have to go first.
pub fn delete(call: &Call, writer: &mut Writer<'_>) -> Result<Reply, ApiError> {
    let (region, name) = (call.region(), call.param(0));
    let current = existing(writer, region, name)?;
    call.check_match(&current)?;
    if !writer.all(&keys::triggers(region, name))?.is_empty() {
        return Err(ApiError::new(409, "FunctionNotEmpty", format!("function '{name}' has active triggers")));
    }
    let mut gone = vec![(keys::function(region, name), current)];
    // Versions and aliases of a service stay with the service.
    if fc2::split_name(name).is_none() {
        for prefix in [keys::versions(region, name), keys::aliases(region, name)] {
            gone.extend(below(writer, &prefix)?);
        }
    }
    let on_demand = fc2::config::ON_DEMAND;
    for kind in [config::CONCURRENCY, config::PROVISION, config::ASYNC_INVOKE, config::SCALING, on_demand] {
        gone.extend(below(writer, &keys::configs(kind.key, region, name))?);
    }
    for (key, document) in gone {
        if let Some(digest) = document.kept_text("package") {
            writer.drop_package(digest)?;
        }
        writer.remove(&key)?;
    }
    Ok(Reply { retired: Some(name.to_owned()), ..Reply::nothing() })
}

fn below(look: &dyn Look, prefix: &str) -> Result<Vec<(String, Document)>, ApiError> {
    let found = look.all(prefix)?;
    Ok(found.into_iter().map(|(rest, document)| (format!("{prefix}{rest}"), document)).collect())
}

pub fn list(call: &Call, look: &dyn Look) -> Result<Reply, ApiError> {
    let wanted_tags = match call.query.json("tags") {
        Some(Value::Array(tags)) => tags,
        Some(_) => return Err(ApiError::invalid("tags must be a JSON list of {\"Key\", \"Value\"}")),
        None => Vec::new(),
    };
    let query = &call.query;
    let holds = |parameter: &str, value: &str| query.get(parameter).is_none_or(|part| value.contains(part));
    let equals = |parameter: &str, value: &str| query.get(parameter).is_none_or(|wanted| value == wanted);
    let keep = |document: &Document| {
        let version = if document.kept_text("service").is_some() { "v2" } else { "v3" };
        let own = document.text("functionName");
        let name = document.kept_text("service").map_or(own.to_owned(), |it| full_name(it, own));
        let gpu =
            document.shown.get("gpuConfig").and_then(Value::as_object).map_or("", |gpu| text(gpu, "gpuType"));
        equals("fcVersion", version)
            && equals("runtime", document.text("runtime"))
            && equals("gpuType", gpu)
            && equals("resourceGroupId", document.text("resourceGroupId"))
            && holds("description", document.text("description"))
            && holds("functionName", &name)
            && tags::matches(document, &wanted_tags)
    };
    let show = |document: &Document| {
        let mut shown: Map = view(call, look, document).map(|it| it.shown).unwrap_or_default();
        for field in STATE_FIELDS {
            shown.remove(field);
        }
        Value::Object(shown)
    };
    let (items, next) = page(call, look, &keys::functions(call.region()), &keep, &show)?;
    Ok(list_reply("functions", items, next))
}

pub fn code(call: &Call, look: &dyn Look) -> Result<Reply, ApiError> {
    let name = call.param(0);
    let found = super::at_qualifier(look, call.region(), name, call.query.get("qualifier"))?;
    let Some(digest) = found.primary.kept_text("package") else {
        return Err(ApiError::invalid(format!("function '{name}' has no code package: it runs an image")));
    };
    Ok(Reply::of(json!({
        "url": format!("{}/_code/{digest}", call.own),
        "checksum": found.primary.text("codeChecksum"),
    })))
}

pub fn change_resource_group(call: &Call, writer: &mut Writer<'_>) -> Result<Reply, ApiError> {
    let (name, group) = (text(&call.body, "ResourceId"), text(&call.body, "NewResourceGroupId"));
    if !text(&call.body, "ResourceType").eq_ignore_ascii_case("function") {
        return Err(ApiError::invalid("ResourceType must be function"));
    }
    if group.is_empty() {
        return Err(ApiError::invalid("NewResourceGroupId is required but not provided"));
    }
    refuse_below_service(name, "the resource group")?;
    let mut document = existing(writer, call.region(), name)?;
    let old = document.text("resourceGroupId").to_owned();
    if old != group {
        document.shown.insert("resourceGroupId".to_owned(), json!(group));
        document.shown.insert("lastModifiedTime".to_owned(), json!(call.facts.time()));
        writer.put(&keys::function(call.region(), name), &mut document)?;
    }
    Ok(Reply::of(json!({"NewResourceGroupId": group, "OldResourceGroupId": old, "ResourceId": name})))
}
