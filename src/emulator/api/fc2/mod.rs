//! The operations of the FC 2.0 API, in both its versions, as a table over the store of 3.0.
//!
//! 2016-08-15 and 2021-04-06 differ in their signature, in the form of `triggerConfig` and in where a
//! qualifier stands; everything else is one. What these handlers add to those of 3.0 is the service above
//! the function: a function is kept under the name that 3.0 gives it, `service$function`.

mod account;
mod configs;
mod domains;
mod functions;
mod services;
mod triggers;
mod versions;

use super::{Call, Handler, Row, get, write};
use crate::emulator::error::ApiError;
use crate::emulator::store::Look;
use crate::emulator::world::Document;
use crate::emulator::world::fc2::{full_name, split_name};

pub use services::existing as existing_service;

use super::keys;

/// What both versions speak of.
pub const ROWS: &[Row] = &[
    write("POST", "services", "CreateService", services::create),
    get("services", "ListServices", services::list),
    get("services/*", "GetService", services::get),
    write("PUT", "services/*", "UpdateService", services::update),
    write("DELETE", "services/*", "DeleteService", services::delete),
    write("POST", "services/*/functions", "CreateFunction", functions::create),
    get("services/*/functions", "ListFunctions", functions::list),
    get("services/*/functions/*", "GetFunction", functions::get),
    write("PUT", "services/*/functions/*", "UpdateFunction", functions::update),
    write("DELETE", "services/*/functions/*", "DeleteFunction", functions::delete),
    get("services/*/functions/*/code", "GetFunctionCode", functions::code),
    Row {
        operation: "InvokeFunction",
        method: "POST",
        path: "services/*/functions/*/invocations",
        handler: Handler::Invoke,
    },
    write("POST", "services/*/functions/*/triggers", "CreateTrigger", triggers::create),
    get("services/*/functions/*/triggers", "ListTriggers", triggers::list),
    get("services/*/functions/*/triggers/*", "GetTrigger", triggers::get),
    write("PUT", "services/*/functions/*/triggers/*", "UpdateTrigger", triggers::update),
    write("DELETE", "services/*/functions/*/triggers/*", "DeleteTrigger", triggers::delete),
    write("POST", "custom-domains", "CreateCustomDomain", domains::create),
    get("custom-domains", "ListCustomDomains", domains::list),
    get("custom-domains/*", "GetCustomDomain", domains::get),
    write("PUT", "custom-domains/*", "UpdateCustomDomain", domains::update),
    write("DELETE", "custom-domains/*", "DeleteCustomDomain", domains::delete),
    write("POST", "services/*/versions", "PublishServiceVersion", versions::publish),
    get("services/*/versions", "ListServiceVersions", versions::list),
    write("DELETE", "services/*/versions/*", "DeleteServiceVersion", versions::delete),
    write("POST", "services/*/aliases", "CreateAlias", versions::create_alias),
    get("services/*/aliases", "ListAliases", versions::list_aliases),
    get("services/*/aliases/*", "GetAlias", versions::get_alias),
    write("PUT", "services/*/aliases/*", "UpdateAlias", versions::update_alias),
    write("DELETE", "services/*/aliases/*", "DeleteAlias", versions::delete_alias),
    write(
        "PUT",
        "services/*/functions/*/async-invoke-config",
        "PutFunctionAsyncInvokeConfig",
        configs::put_async,
    ),
    get("services/*/functions/*/async-invoke-config", "GetFunctionAsyncInvokeConfig", configs::get_async),
    write(
        "DELETE",
        "services/*/functions/*/async-invoke-config",
        "DeleteFunctionAsyncInvokeConfig",
        configs::delete_async,
    ),
    get("services/*/functions/*/async-invoke-configs", "ListFunctionAsyncInvokeConfigs", configs::list_async),
    write("PUT", "services/*/functions/*/provision-config", "PutProvisionConfig", configs::put_provision),
    get("services/*/functions/*/provision-config", "GetProvisionConfig", configs::get_provision),
    get("provision-configs", "ListProvisionConfigs", configs::list_provision),
    write(
        "PUT",
        "services/*/functions/*/on-demand-config",
        "PutFunctionOnDemandConfig",
        configs::put_on_demand,
    ),
    get("services/*/functions/*/on-demand-config", "GetFunctionOnDemandConfig", configs::get_on_demand),
    write(
        "DELETE",
        "services/*/functions/*/on-demand-config",
        "DeleteFunctionOnDemandConfig",
        configs::delete_on_demand,
    ),
    get("on-demand-configs", "ListOnDemandConfigs", configs::list_on_demand),
    write("POST", "services/*/bindings", "CreateVpcBinding", account::bind),
    get("services/*/bindings", "ListVpcBindings", account::bindings),
    write("DELETE", "services/*/bindings/*", "DeleteVpcBinding", account::unbind),
    write("POST", "tag", "TagResource", account::tag),
    // The older version deletes, the newer one puts.
    write("DELETE", "tag", "UntagResource", account::untag),
    write("PUT", "tag", "UntagResource", account::untag),
    get("tag", "GetResourceTags", account::get_tags),
    get("tags", "ListTaggedResources", account::list_tagged),
    get("account-settings", "GetAccountSettings", account::settings),
    get("reserved-capacities", "ListReservedCapacities", account::reserved_capacities),
    get("reservedCapacities", "ListReservedCapacities", account::reserved_capacities),
];

/// The call with the name that 3.0 gives to its function in the place of service and function.
fn as_v3(call: &Call) -> Call {
    let name = full_name(call.param(0), call.param(1));
    let rest = call.params.iter().skip(2).cloned();
    Call { params: std::iter::once(name).chain(rest).collect(), ..call.clone() }
}

/// Refuses what speaks of a function that is not there, and says whether it is the service that is missing.
fn existing_function(look: &dyn Look, region: &str, full_name: &str) -> Result<Document, ApiError> {
    let (service, function) = split_name(full_name).unwrap_or((full_name, ""));
    existing_service(look, region, service)?;
    look.get(&keys::function(region, full_name))?.ok_or_else(|| missing(service, function))
}

/// The refusal for a function that its service does not have.
pub fn missing(service: &str, function: &str) -> ApiError {
    let message = format!("function '{function}' does not exist in service '{service}'");
    ApiError::new(404, "FunctionNotFound", message)
}
