//! The resource types of the third generation: operations, paths, and the words for "not there".

use super::check;
use super::schema::{CUSTOM_DOMAIN_SCHEMA, FUNCTION_SCHEMA, TRIGGER_SCHEMA};
use crate::model::Attributes;
use crate::provider::aliyun::function_compute::api::{Api, Host, ToldApart};

const VERSION: &str = "2023-03-30";

/// Every resource type.
pub static APIS: &[&Api] = &[&FUNCTIONS, &TRIGGERS, &CUSTOM_DOMAINS];

/// What they have in common.
const BASE: Api = Api {
    schema: &FUNCTION_SCHEMA,
    version: VERSION,
    host: Host::OfRegion,
    parent: None,
    told_apart: ToldApart::ByName,
    create: "",
    get: "",
    update: "",
    delete: "",
    list: "",
    list_query: &[],
    collection: "",
    items: "",
    absent: &[],
    short_names: false,
    vacant: None,
    refuses: nothing,
};

fn nothing(_: &Attributes, _: &mut Vec<String>) {}

/// Functions.
pub static FUNCTIONS: Api = Api {
    schema: &FUNCTION_SCHEMA,
    create: "CreateFunction",
    get: "GetFunction",
    update: "UpdateFunction",
    delete: "DeleteFunction",
    list: "ListFunctions",
    collection: "functions",
    items: "functions",
    absent: &["FunctionNotFound"],
    // Functions of the older generation have their own type.
    list_query: &[("fcVersion", "v3")],
    refuses: check::function,
    ..BASE
};

/// Triggers.
pub static TRIGGERS: Api = Api {
    schema: &TRIGGER_SCHEMA,
    create: "CreateTrigger",
    get: "GetTrigger",
    update: "UpdateTrigger",
    delete: "DeleteTrigger",
    list: "ListTriggers",
    collection: "triggers",
    items: "triggers",
    absent: &["TriggerNotFound", "FunctionNotFound"],
    parent: Some(&FUNCTIONS),
    refuses: check::trigger,
    ..BASE
};

/// Custom domains.
pub static CUSTOM_DOMAINS: Api = Api {
    schema: &CUSTOM_DOMAIN_SCHEMA,
    create: "CreateCustomDomain",
    get: "GetCustomDomain",
    update: "UpdateCustomDomain",
    delete: "DeleteCustomDomain",
    list: "ListCustomDomains",
    collection: "custom-domains",
    items: "customDomains",
    absent: &["DomainNameNotFound"],
    refuses: check::routes,
    ..BASE
};
