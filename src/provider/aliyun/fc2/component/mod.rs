//! The component `fc`: from one entry of `s.yaml` to a service, a function, its triggers and its domains.
//!
//! The schemas say what each key holds, by the service's names; the files spell some of them otherwise
//! ([`SPELLED`]). Here stands what a schema cannot say: which keys name things, which words would make the tool choose
//! or create something in another service, and what one entry declares together. Several entries may declare one
//! service; it is one resource, and what they say about it has to agree.

mod alias;
mod asynchronous;
mod domain;
mod function;
mod instances;
mod nodes;
mod output;
mod place;
mod service;
#[cfg(test)]
mod tests;
mod trigger;

use super::schema::{
    ALIAS_SCHEMA, ASYNC_CONFIG_SCHEMA, CUSTOM_DOMAIN_SCHEMA, FUNCTION_SCHEMA, ON_DEMAND_CONFIG_SCHEMA,
    PROVISION_CONFIG_SCHEMA, SERVICE_SCHEMA, TRIGGER_SCHEMA, VPC_BINDING_SCHEMA,
};
use crate::config::codes;
use crate::config::component::{Component, Entry, Lowering};
use crate::config::node::Pair;
use crate::config::suggest::closest;
use crate::diag::Diagnostic;
use crate::model::Address;
use crate::provider::aliyun::entry::region;

/// The component.
pub static FC: Component = Component {
    names: &["fc", "devsapp/fc"],
    schemas: &[
        &SERVICE_SCHEMA,
        &FUNCTION_SCHEMA,
        &TRIGGER_SCHEMA,
        &CUSTOM_DOMAIN_SCHEMA,
        &ASYNC_CONFIG_SCHEMA,
        &VPC_BINDING_SCHEMA,
        &ALIAS_SCHEMA,
        &PROVISION_CONFIG_SCHEMA,
        &ON_DEMAND_CONFIG_SCHEMA,
    ],
    own: &FUNCTION_SCHEMA,
    lower,
    output: output::output,
    place: place::place,
};

/// Keys that files spell otherwise than the service does: where they stand, the file's word, the service's.
pub(super) const SPELLED: &[(&str, &str, &str)] = &[
    ("service.vpcConfig.", "vswitchIds", "vSwitchIds"),
    ("function.", "codeUri", "code"),
    ("triggers.", "type", "triggerType"),
    ("triggers.", "role", "invocationRole"),
    ("triggers.", "config", "triggerConfig"),
    ("triggers.config.filter.", "Key", "key"),
    ("triggers.config.filter.Key.", "Prefix", "prefix"),
    ("triggers.config.filter.Key.", "Suffix", "suffix"),
];

/// Keys of `props`. The last three are ours: the tool knows them as commands, and does not look at them here.
const KEYS: [&str; 8] = [
    "region",
    "service",
    "function",
    "triggers",
    "customDomains",
    "aliases",
    "provisionConfigs",
    "onDemandConfigs",
];

fn lower(entry: Entry, lowering: &mut Lowering) {
    let Entry { name, place, props } = entry;
    for Pair { key, .. } in props.pairs().unwrap_or_default() {
        if !KEYS.contains(&key.text.as_str()) {
            let what = format!("unknown key `{}`", key.text);
            let warning = Diagnostic::warning(codes::UNKNOWN_KEY, what).at(key.span.clone(), "not used");
            lowering.report(match closest(&key.text, KEYS) {
                Some(near) => warning.help(format!("did you mean `{near}`?")),
                None => warning,
            });
        }
    }
    let region = region(&props, &place, lowering);
    let service = service::service(&props, &place, region.as_deref(), lowering);
    let function = function::function(&name, &props, region.as_deref(), service.as_ref(), lowering);
    if let Some(pair) = props.pair("triggers") {
        trigger::triggers(pair, function.as_ref(), lowering);
    }
    if let Some(pair) = props.pair("customDomains") {
        domain::custom_domains(pair, function.as_ref(), lowering);
    }
    if let Some(pair) = props.pair("aliases") {
        alias::aliases(pair, service.as_ref(), region.as_deref(), lowering);
    }
    instances::instances(&props, function.as_ref(), lowering);
}

/// The service that an entry declares.
struct Service {
    address: Address,
    live: String,
}

/// The function that an entry declares.
struct Function {
    entry: String,
    address: Address,
    region: String,
    service: String,
    live: String,
}
