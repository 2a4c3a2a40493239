//! What triform compares and writes of a function, a trigger and a custom domain.
//!
//! Bounds and defaults are those that the service documents. A closed list of words is given only where the
//! service's own list is settled: a runtime that appears tomorrow must not need a new triform. Where the
//! service has no empty form, or where falling back would widen access, the attribute stays when it is no
//! longer declared. Not here yet: networks, mounts, logs, layers, tags, containers, GPUs, certificates,
//! and triggers other than HTTP and timers.

use crate::model::{Attribute, Kind, Order, Removal, Schema, SchemaSet};
use crate::provider::aliyun::function_compute::schema::{HEALTH_CHECK, METHODS, REWRITE};

/// The type of a function.
pub const FUNCTION: &str = "fc3_function";
/// The type of a trigger.
pub const TRIGGER: &str = "fc3_trigger";
/// The type of a custom domain.
pub const CUSTOM_DOMAIN: &str = "fc3_custom_domain";

/// Returns every schema of the component `fc3`.
pub fn schemas() -> SchemaSet {
    [&FUNCTION_SCHEMA, &TRIGGER_SCHEMA, &CUSTOM_DOMAIN_SCHEMA].into_iter().collect()
}

/// A function of FC 3.0.
pub static FUNCTION_SCHEMA: Schema = Schema {
    kind: FUNCTION,
    noun: "function",
    version: 1,
    parent: None,
    shared: false,
    name: "functionName",
    id: Some("functionId"),
    attributes: &[
        Attribute::text("runtime", "The language and version that runs the code, such as `python3.10` or `custom.debian12`.")
            .required(),
        Attribute::text("handler", "What is called in the code, such as `index.handler`; a custom runtime does not use it and needs none here.")
            .required(),
        Attribute::new("code", Kind::Code, "The files of the function.").required(),
        Attribute::text("description", "Words for people."),
        Attribute::new(
            "memorySize",
            Kind::Number { min: 128.0, max: 32768.0, step: 64.0 },
            "Memory of one instance in MB, a multiple of 64.",
        )
        .removal(Removal::Number(512.0)),
        // The service defaults to 0.35 only beside 512 MB, so there is no one value to fall back to.
        Attribute::new(
            "cpu",
            Kind::Number { min: 0.05, max: 16.0, step: 0.05 },
            "Processors of one instance in vCPU, a multiple of 0.05; one vCPU for every 1 to 4 GB of memory.",
        )
        .removal(Removal::Stays),
        Attribute::integer("diskSize", 512.0, 10240.0, "Disk of one instance in MB: 512 or 10240.")
            .removal(Removal::Number(512.0)),
        Attribute::integer("timeout", 1.0, 86400.0, "The longest that one invocation may take, in seconds.")
            .removal(Removal::Number(3.0)),
        Attribute::integer("instanceConcurrency", 1.0, 200.0, "Requests that one instance serves at a time.")
            .removal(Removal::Number(1.0)),
        Attribute::new("environmentVariables", Kind::Texts, "Environment variables of the code, by name."),
        Attribute::flag("internetAccess", true, "Whether the code can reach the internet."),
        Attribute::text("role", "The RAM role that the code acts as: `acs:ram::<account>:role/<name>`."),
        Attribute::new("customRuntimeConfig", Kind::Object(CUSTOM_RUNTIME), "How a custom runtime is started and watched."),
        Attribute::text("instanceIsolationMode", "Who shares an instance: `SHARE`, or a mode of the service that isolates more.")
            .removal(Removal::Text("SHARE")),
        Attribute::text(
            "sessionAffinity",
            "How requests of one session find one instance: `NONE`, `MCP_SSE`, `GENERATED_COOKIE` or `HEADER_FIELD`.",
        )
        .removal(Removal::Text("NONE")),
        // The reference knows no value that the service falls back to.
        Attribute::integer("idleTimeout", 0.0, 86400.0, "How long an idle instance is kept, in seconds.")
            .removal(Removal::Stays),
        Attribute::new(
            "disableInjectCredentials",
            Kind::Text(&["None", "Env", "Request", "All"]),
            "Where the role's credentials are kept out of: nowhere, the environment, requests, or both.",
        )
        .removal(Removal::Text("None")),
        Attribute::flag("disableOndemand", false, "Whether only provisioned instances serve. Deprecated by the service."),
        Attribute::flag("enableLongLiving", false, "Whether GPU instances live long. Deprecated by the service."),
    ],
    outputs: &[
        ("functionName", "The live name."),
        ("functionArn", "The resource name that other services know it by."),
        ("functionId", "The service's id of it; a function that is created again gets a new one."),
    ],
};

const CUSTOM_RUNTIME: &[Attribute] = &[
    Attribute::new(
        "command",
        Kind::List(&Kind::Text(&[]), Order::Listed),
        "The program that is started, with its first arguments.",
    ),
    Attribute::new("args", Kind::List(&Kind::Text(&[]), Order::Listed), "Arguments after the command."),
    Attribute::integer("port", 0.0, 65535.0, "The port that the program listens on.")
        .removal(Removal::Number(9000.0)),
    Attribute::new(
        "healthCheckConfig",
        Kind::Object(HEALTH_CHECK),
        "How the service finds out that the program is well.",
    ),
];

/// A trigger of a function.
pub static TRIGGER_SCHEMA: Schema = Schema {
    kind: TRIGGER,
    noun: "trigger",
    version: 1,
    parent: Some(FUNCTION),
    shared: false,
    name: "triggerName",
    id: Some("triggerId"),
    attributes: &[
        Attribute::text("triggerType", "What calls the function: `http` or `timer`.").required().replaces(),
        Attribute::text("qualifier", "The version or alias that is called.")
            .removal(Removal::Text("LATEST"))
            .replaces(),
        Attribute::text("description", "Words for people."),
        Attribute::new("triggerConfig", Kind::Object(TRIGGER_CONFIG), "What the trigger's type asks for."),
    ],
    outputs: &[
        ("triggerId", "The service's id of it."),
        ("urlInternet", "The address of an HTTP trigger on the internet."),
        ("urlIntranet", "The address of an HTTP trigger inside the vendor's network."),
    ],
};

/// The fields of HTTP and timer triggers side by side; which of them a type wants is `refuses`' business.
const TRIGGER_CONFIG: &[Attribute] = &[
    // No fall-back: an HTTP trigger without it is refused, and it decides who may call.
    Attribute::new("authType", Kind::Text(&["anonymous", "function", "jwt"]), "HTTP: who may call.")
        .removal(Removal::Stays),
    Attribute::new("methods", Kind::List(&METHODS, Order::Set), "HTTP: the methods that are let through.")
        .removal(Removal::Stays),
    Attribute::flag("disableURLInternet", false, "HTTP: whether the address on the internet answers 403."),
    Attribute::new("corsConfig", Kind::Object(CORS), "HTTP: what browsers may do from other origins."),
    Attribute::text("cronExpression", "Timer: when, as `@every 4m` or six cron fields with seconds first.")
        .removal(Removal::Stays),
    Attribute::new("enable", Kind::Bool, "Timer: whether it runs.").removal(Removal::Stays),
    Attribute::text("payload", "Timer: the text that becomes `payload` of the event."),
];

const CORS: &[Attribute] = &[
    Attribute::flag("allowCredentials", false, "Whether cookies may be sent along."),
    Attribute::new(
        "allowHeaders",
        Kind::List(&Kind::Text(&[]), Order::Set),
        "Request headers that may be sent.",
    ),
    Attribute::new("allowMethods", Kind::List(&METHODS, Order::Set), "Methods that may be used."),
    Attribute::new("allowOrigins", Kind::List(&Kind::Text(&[]), Order::Set), "Origins that may ask."),
    Attribute::new(
        "exposeHeaders",
        Kind::List(&Kind::Text(&[]), Order::Set),
        "Answer headers that a page may see.",
    ),
    Attribute::integer("maxAge", 0.0, 2_147_483_647.0, "Seconds that a browser may remember the answer.")
        .removal(Removal::Stays),
];

/// A custom domain.
pub static CUSTOM_DOMAIN_SCHEMA: Schema = Schema {
    kind: CUSTOM_DOMAIN,
    noun: "custom domain",
    version: 1,
    parent: None,
    shared: true,
    name: "domainName",
    id: None,
    attributes: &[
        Attribute::new(
            "protocol",
            Kind::Text(&["HTTP", "HTTPS", "HTTP,HTTPS"]),
            "What the domain answers to.",
        )
        .required(),
        Attribute::new("routeConfig", Kind::Object(ROUTE_CONFIG), "Which path leads where."),
    ],
    outputs: &[("domainName", "The domain."), ("url", "The address of its root.")],
};

const ROUTE_CONFIG: &[Attribute] = &[Attribute::new(
    "routes",
    Kind::List(&Kind::Object(ROUTE), Order::Keyed("path")),
    "The routes, by path.",
)
.owned()];

const ROUTE: &[Attribute] = &[
    Attribute::text("path", "The path, such as `/api/*`.").required(),
    Attribute::text("functionName", "The function that answers.").required(),
    Attribute::text("qualifier", "The version or alias that answers.").removal(Removal::Text("LATEST")),
    Attribute::new(
        "methods",
        Kind::List(&METHODS, Order::Set),
        "The methods that are let through; none named means all.",
    ),
    Attribute::new(
        "rewriteConfig",
        Kind::Object(REWRITE),
        "How paths are rewritten before the function sees them.",
    ),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::model::{Path, Value};

    #[track_caller]
    fn check(schema: &Schema, path: &str, removal: Removal) {
        let path: Path = path.parse().expect("a path");
        let (attribute, _) = schema.attribute(&path).expect("the schema lists it");
        assert_eq!(attribute.removal, removal, "{path}");
    }

    #[test]
    fn every_place_that_people_declare_is_found() {
        check(&FUNCTION_SCHEMA, "environmentVariables[\"A\"]", Removal::Empty);
        check(&FUNCTION_SCHEMA, "customRuntimeConfig.healthCheckConfig.periodSeconds", Removal::Number(3.0));
        check(&TRIGGER_SCHEMA, "triggerConfig.corsConfig.allowOrigins", Removal::Empty);
        check(&CUSTOM_DOMAIN_SCHEMA, "routeConfig.routes[\"/*\"].qualifier", Removal::Text("LATEST"));
    }

    #[test]
    fn a_cpu_that_is_no_longer_declared_stays() {
        check(&FUNCTION_SCHEMA, "cpu", Removal::Stays);
    }

    #[test]
    fn routes_are_keyed_by_path() {
        let key = "routeConfig.routes[\"/*\"].path".parse().expect("a path");
        assert!(CUSTOM_DOMAIN_SCHEMA.is_key_field(&key));
    }

    #[test]
    fn what_the_service_computes_is_not_compared() {
        let document: BTreeMap<String, Value> =
            ["functionId", "functionArn", "state", "codeChecksum", "lastModifiedTime"]
                .into_iter()
                .map(|name| (name.to_owned(), Value::text("x")))
                .collect();
        assert_eq!(crate::model::flatten(&FUNCTION_SCHEMA, &document), BTreeMap::new());
    }
}
