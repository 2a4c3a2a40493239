//! The resource types of the second generation: operations, paths, and the words for "not there".
//!
//! They are made in the words of 2021; where the version of 2016 is asked for, the client puts them into its words.

use super::check;
use super::schema::{
    ALIAS_SCHEMA, ASYNC_CONFIG_SCHEMA, CUSTOM_DOMAIN_SCHEMA, FUNCTION_SCHEMA, ON_DEMAND_CONFIG_SCHEMA,
    PROVISION_CONFIG_SCHEMA, QUALIFIER_SCHEMA, SERVICE_SCHEMA, TRIGGER_SCHEMA, VPC_BINDING_SCHEMA,
};
use crate::model::Attributes;
use crate::provider::aliyun::function_compute::api::{Api, Host, ToldApart, Vacant};

const VERSION: &str = "2021-04-06";

/// Every resource type.
pub static APIS: &[&Api] = &[
    &SERVICES,
    &FUNCTIONS,
    &TRIGGERS,
    &CUSTOM_DOMAINS,
    &ASYNC_CONFIGS,
    &VPC_BINDINGS,
    &ALIASES,
    &QUALIFIERS,
    &PROVISION_CONFIGS,
    &ON_DEMAND_CONFIGS,
];

/// What they have in common.
const BASE: Api = Api {
    schema: &SERVICE_SCHEMA,
    version: VERSION,
    host: Host::OfAccount,
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

/// Services.
pub static SERVICES: Api = Api {
    schema: &SERVICE_SCHEMA,
    create: "CreateService",
    get: "GetService",
    update: "UpdateService",
    delete: "DeleteService",
    list: "ListServices",
    collection: "services",
    items: "services",
    absent: &["ServiceNotFound"],
    ..BASE
};

/// Functions.
pub static FUNCTIONS: Api = Api {
    schema: &FUNCTION_SCHEMA,
    parent: Some(&SERVICES),
    create: "CreateFunction",
    get: "GetFunction",
    update: "UpdateFunction",
    delete: "DeleteFunction",
    list: "ListFunctions",
    collection: "functions",
    items: "functions",
    absent: &["FunctionNotFound", "ServiceNotFound"],
    refuses: check::function,
    ..BASE
};

/// Triggers.
pub static TRIGGERS: Api = Api {
    schema: &TRIGGER_SCHEMA,
    parent: Some(&FUNCTIONS),
    create: "CreateTrigger",
    get: "GetTrigger",
    update: "UpdateTrigger",
    delete: "DeleteTrigger",
    list: "ListTriggers",
    collection: "triggers",
    items: "triggers",
    absent: &["TriggerNotFound", "FunctionNotFound", "ServiceNotFound"],
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

/// What becomes of asynchronous calls.
pub static ASYNC_CONFIGS: Api = Api {
    schema: &ASYNC_CONFIG_SCHEMA,
    parent: Some(&FUNCTIONS),
    told_apart: ToldApart::ByQualifier,
    create: "PutFunctionAsyncInvokeConfig",
    get: "GetFunctionAsyncInvokeConfig",
    update: "PutFunctionAsyncInvokeConfig",
    delete: "DeleteFunctionAsyncInvokeConfig",
    collection: "async-invoke-config",
    short_names: true,
    absent: &["AsyncConfigNotExists", "FunctionNotFound", "ServiceNotFound"],
    ..BASE
};

/// Networks that may call the functions of a service.
pub static VPC_BINDINGS: Api = Api {
    schema: &VPC_BINDING_SCHEMA,
    parent: Some(&SERVICES),
    told_apart: ToldApart::InList,
    create: "CreateVpcBinding",
    get: "ListVpcBindings",
    delete: "DeleteVpcBinding",
    list: "ListVpcBindings",
    collection: "bindings",
    items: "vpcIds",
    absent: &["ServiceNotFound"],
    ..BASE
};

/// Names for versions of a service.
pub static ALIASES: Api = Api {
    schema: &ALIAS_SCHEMA,
    parent: Some(&SERVICES),
    create: "CreateAlias",
    get: "GetAlias",
    update: "UpdateAlias",
    delete: "DeleteAlias",
    list: "ListAliases",
    collection: "aliases",
    items: "aliases",
    absent: &["AliasNotFound", "ServiceNotFound"],
    refuses: check::alias,
    ..BASE
};

/// Versions and aliases, as they are named: a service has a state of its own at each of them.
pub static QUALIFIERS: Api = Api {
    schema: &QUALIFIER_SCHEMA,
    parent: Some(&SERVICES),
    told_apart: ToldApart::ByQualifier,
    get: "GetService",
    absent: &["VersionNotFound", "AliasNotFound", "ServiceNotFound"],
    ..BASE
};

/// Instances that are kept ready. The service has no call that takes such a configuration away: none is one of nothing.
pub static PROVISION_CONFIGS: Api = Api {
    schema: &PROVISION_CONFIG_SCHEMA,
    parent: Some(&FUNCTIONS),
    told_apart: ToldApart::ByQualifier,
    create: "PutProvisionConfig",
    get: "GetProvisionConfig",
    update: "PutProvisionConfig",
    delete: "PutProvisionConfig",
    collection: "provision-config",
    absent: &["FunctionNotFound", "ServiceNotFound", "AliasNotFound", "VersionNotFound"],
    vacant: Some(Vacant {
        is: check::keeps_nothing,
        body: || serde_json::json!({"target": 0, "scheduledActions": [], "targetTrackingPolicies": []}),
    }),
    refuses: check::provision,
    ..BASE
};

/// Bounds on instances that come on demand.
pub static ON_DEMAND_CONFIGS: Api = Api {
    schema: &ON_DEMAND_CONFIG_SCHEMA,
    parent: Some(&FUNCTIONS),
    told_apart: ToldApart::ByQualifier,
    create: "PutFunctionOnDemandConfig",
    get: "GetFunctionOnDemandConfig",
    update: "PutFunctionOnDemandConfig",
    delete: "DeleteFunctionOnDemandConfig",
    collection: "on-demand-config",
    absent: &["OnDemandConfigNotFound", "FunctionNotFound", "ServiceNotFound"],
    ..BASE
};
