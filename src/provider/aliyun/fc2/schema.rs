//! What triform compares and writes of a service, its aliases, a function, its triggers and configurations, and a
//! custom domain.
//!
//! A closed list of words is given only where the service's own list is settled. Where the service has no empty form,
//! or where falling back would widen access, the attribute stays when it is no longer declared.

use super::trigger_config::TRIGGER_CONFIG;
use crate::model::{Attribute, Kind, Order, Removal, Schema};
use crate::provider::aliyun::function_compute::schema::{HEALTH_CHECK, METHODS, REWRITE};

/// The type of a service.
pub const SERVICE: &str = "fc_service";
/// The type of a function.
pub const FUNCTION: &str = "fc_function";
/// The type of a trigger.
pub const TRIGGER: &str = "fc_trigger";
/// The type of a custom domain.
pub const CUSTOM_DOMAIN: &str = "fc_custom_domain";
/// The type of a function's rules for asynchronous calls.
pub const ASYNC_CONFIG: &str = "fc_async_config";
/// The type of a name for a version of a service.
pub const ALIAS: &str = "fc_alias";
/// The type of whatever tells one state of a service from another: a version, or an alias. It is only read.
pub const QUALIFIER: &str = "fc_qualifier";
/// The type of a function's instances that are kept ready.
pub const PROVISION_CONFIG: &str = "fc_provision_config";
/// The type of a function's bound on instances that come on demand.
pub const ON_DEMAND_CONFIG: &str = "fc_on_demand_config";
/// The type of a network's binding to a service.
pub const VPC_BINDING: &str = "fc_vpc_binding";

/// Texts in the order in which they are given.
const TEXTS: Kind = Kind::List(&Kind::Text(&[]), Order::Listed);
/// Texts in any order.
const WORDS: Kind = Kind::List(&Kind::Text(&[]), Order::Set);

/// A service, to which functions belong.
pub static SERVICE_SCHEMA: Schema = Schema {
    kind: SERVICE,
    noun: "service",
    version: 1,
    parent: None,
    shared: true,
    name: "serviceName",
    id: Some("serviceId"),
    attributes: &[
        Attribute::text("description", "Words for people."),
        Attribute::flag("internetAccess", true, "Whether the code of its functions can reach the internet."),
        Attribute::text("role", "The RAM role that its functions act as: `acs:ram::<account>:role/<name>`."),
        Attribute::new("logConfig", Kind::Object(LOG), "Where the logs of its functions go."),
        Attribute::new("vpcConfig", Kind::Object(VPC), "The network that its functions can reach."),
        Attribute::new("nasConfig", Kind::Object(NAS), "File systems that its functions mount."),
        Attribute::new("ossMountConfig", Kind::Object(OSS), "Buckets that its functions mount."),
        Attribute::new("tracingConfig", Kind::Object(TRACING), "Where traces go."),
    ],
    outputs: &[("serviceName", "The live name."), ("serviceId", "The service's id of it.")],
};

const LOG: &[Attribute] = &[
    Attribute::text("project", "The project of the log service."),
    Attribute::text("logstore", "The logstore in it."),
    Attribute::flag("enableRequestMetrics", false, "Whether figures about each request are logged."),
    Attribute::flag("enableInstanceMetrics", false, "Whether figures about each instance are logged."),
    Attribute::text("logBeginRule", "How the beginning of an entry is told: `None` or `DefaultRegex`.")
        .removal(Removal::Text("None")),
];

const VPC: &[Attribute] = &[
    Attribute::text("vpcId", "The network."),
    Attribute::new("vSwitchIds", WORDS, "Its switches."),
    Attribute::text("securityGroupId", "The security group."),
];

const NAS: &[Attribute] = &[
    Attribute::integer("userId", -1.0, 65534.0, "The user that files belong to.")
        .removal(Removal::Number(-1.0)),
    Attribute::integer("groupId", -1.0, 65534.0, "The group that files belong to.")
        .removal(Removal::Number(-1.0)),
    Attribute::new(
        "mountPoints",
        Kind::List(&Kind::Object(NAS_MOUNT), Order::Keyed("mountDir")),
        "What is mounted, by the folder in the function.",
    ),
];

const NAS_MOUNT: &[Attribute] = &[
    Attribute::text("serverAddr", "The file system's host and folder: `host:/folder`.").required(),
    Attribute::text("mountDir", "The folder in the function.").required(),
    Attribute::flag("enableTLS", false, "Whether the way there is encrypted."),
];

const OSS: &[Attribute] = &[Attribute::new(
    "mountPoints",
    Kind::List(&Kind::Object(OSS_MOUNT), Order::Keyed("mountDir")),
    "What is mounted, by the folder in the function.",
)];

const OSS_MOUNT: &[Attribute] = &[
    Attribute::text("bucketName", "The bucket.").required(),
    Attribute::text("bucketPath", "The folder in the bucket."),
    Attribute::text("endpoint", "The bucket's endpoint.").required(),
    Attribute::text("mountDir", "The folder in the function.").required(),
    Attribute::flag("readOnly", false, "Whether functions may only read."),
];

const TRACING: &[Attribute] = &[
    Attribute::text("type", "The kind of tracing, such as `Jaeger`."),
    Attribute::new("params", Kind::Texts, "What it asks for, such as `endpoint`."),
];

/// A function of FC 2.0.
pub static FUNCTION_SCHEMA: Schema = Schema {
    kind: FUNCTION,
    noun: "function",
    version: 1,
    parent: Some(SERVICE),
    shared: false,
    name: "functionName",
    id: Some("functionId"),
    attributes: &[
        Attribute::text("runtime", "The language and version that runs the code, such as `python3.10` or `custom`.").required(),
        Attribute::text("handler", "What is called in the code; `index.handler` where the file does not say it.").required(),
        Attribute::new("code", Kind::Code, "The files of the function; one that runs an image has none.")
            .removal(Removal::Stays),
        Attribute::text("description", "Words for people."),
        Attribute::new(
            "memorySize",
            Kind::Number { min: 128.0, max: 32768.0, step: 64.0 },
            "Memory of one instance in MB, a multiple of 64.",
        )
        .removal(Removal::Number(128.0)),
        Attribute::new(
            "cpu",
            Kind::Number { min: 0.05, max: 16.0, step: 0.05 },
            "Processors of one instance in vCPU, a multiple of 0.05; in step with the memory where nobody says it.",
        )
        .removal(Removal::Stays)
        .follows(&["memorySize"]),
        Attribute::integer("diskSize", 512.0, 10240.0, "Disk of one instance in MB: 512 or 10240.")
            .removal(Removal::Number(512.0)),
        Attribute::integer("timeout", 1.0, 86400.0, "The longest that one invocation may take, in seconds.")
            .removal(Removal::Number(3.0)),
        Attribute::text("initializer", "What is called once when an instance starts, such as `index.initialize`."),
        Attribute::integer("initializationTimeout", 1.0, 300.0, "The longest that the initializer may take, in seconds.")
            .removal(Removal::Number(3.0)),
        Attribute::integer("instanceConcurrency", 1.0, 200.0, "Requests that one instance serves at a time.")
            .removal(Removal::Number(1.0)),
        Attribute::integer(
            "instanceSoftConcurrency",
            1.0,
            200.0,
            "Requests of one instance from which further instances are made ready.",
        )
        .removal(Removal::Stays),
        Attribute::text("instanceType", "The kind of instance: `e1`, `c1`, `g1` or one with a GPU.")
            .removal(Removal::Text("e1")),
        Attribute::integer("gpuMemorySize", 0.0, 98304.0, "Memory of the GPU in MB.").removal(Removal::Stays),
        Attribute::new("environmentVariables", Kind::Texts, "Environment variables of the code, by name."),
        Attribute::new("layers", TEXTS, "The layers below the code, by their ARNs."),
        Attribute::integer("caPort", 0.0, 65535.0, "The port that the program of a custom runtime listens on.")
            .removal(Removal::Number(9000.0))
            .follows(&["runtime"]),
        Attribute::new("customRuntimeConfig", Kind::Object(CUSTOM_RUNTIME), "How a custom runtime is started."),
        Attribute::new("customContainerConfig", Kind::Object(CONTAINER), "The image that runs."),
        Attribute::new("customHealthCheckConfig", Kind::Object(HEALTH_CHECK), "How the service finds out that the program is well."),
        Attribute::new("customDNS", Kind::Object(DNS), "How names are looked up."),
        Attribute::new("instanceLifecycleConfig", Kind::Object(LIFECYCLE), "What is called when an instance pauses and ends."),
    ],
    outputs: &[
        ("functionName", "The live name."),
        ("functionId", "The service's id of it; a function that is created again gets a new one."),
    ],
};

const CUSTOM_RUNTIME: &[Attribute] = &[
    Attribute::new("command", TEXTS, "The program that is started, with its first arguments."),
    Attribute::new("args", TEXTS, "Arguments after the command."),
];

const CONTAINER: &[Attribute] = &[
    Attribute::text("image", "The image, such as `registry.cn-hangzhou.aliyuncs.com/me/app:v1`.")
        .removal(Removal::Stays),
    Attribute::text("command", "What is started in it, as a list in JSON: `[\"python\"]`."),
    Attribute::text("args", "Its arguments, as a list in JSON."),
    Attribute::text("instanceID", "The instance of the registry that holds the image."),
    Attribute::text("accelerationType", "How the image is loaded: `Default` or `None`.")
        .removal(Removal::Stays),
    Attribute::flag("webServerMode", true, "Whether a web server runs in it."),
];

const DNS: &[Attribute] = &[
    Attribute::new("nameServers", TEXTS, "The servers that are asked."),
    Attribute::new("searches", TEXTS, "Domains in which short names are looked up."),
    Attribute::new(
        "dnsOptions",
        Kind::List(&Kind::Object(DNS_OPTION), Order::Keyed("name")),
        "Options of the resolver, by name.",
    ),
];

const DNS_OPTION: &[Attribute] =
    &[Attribute::text("name", "The option.").required(), Attribute::text("value", "Its value.")];

const LIFECYCLE: &[Attribute] = &[
    Attribute::new("preFreeze", Kind::Object(HOOK), "What is called before an instance pauses."),
    Attribute::new("preStop", Kind::Object(HOOK), "What is called before an instance ends."),
];

const HOOK: &[Attribute] = &[
    Attribute::text("handler", "What is called in the code, such as `index.stop`."),
    Attribute::integer("timeout", 0.0, 90.0, "The longest that it may take, in seconds.")
        .removal(Removal::Number(3.0)),
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
        Attribute::text("triggerType", "What calls the function, such as `http`, `timer` or `oss`.")
            .required()
            .replaces(),
        Attribute::text("qualifier", "The version or alias that is called.").removal(Removal::Text("LATEST")),
        Attribute::text("description", "Words for people."),
        Attribute::text("sourceArn", "What the events come from, as its ARN.")
            .removal(Removal::Stays)
            .replaces(),
        Attribute::text(
            "invocationRole",
            "The role as which the function is called: `acs:ram::<account>:role/<name>`.",
        )
        .removal(Removal::Stays),
        Attribute::new("triggerConfig", Kind::Object(TRIGGER_CONFIG), "What the trigger's type asks for."),
    ],
    outputs: &[
        ("triggerId", "The service's id of it."),
        ("urlInternet", "The address of an HTTP trigger on the internet."),
        ("urlIntranet", "The address of an HTTP trigger inside the vendor's network."),
    ],
};

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
    Attribute::text("serviceName", "The service of the function that answers.").required(),
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

/// What becomes of asynchronous calls of a function.
pub static ASYNC_CONFIG_SCHEMA: Schema = Schema {
    kind: ASYNC_CONFIG,
    noun: "asynchronous configuration",
    version: 1,
    parent: Some(FUNCTION),
    shared: false,
    name: "qualifier",
    id: None,
    attributes: &[
        Attribute::integer(
            "maxAsyncEventAgeInSeconds",
            1.0,
            2_592_000.0,
            "How long an event may wait for its call, in seconds.",
        )
        .removal(Removal::Stays),
        Attribute::integer("maxAsyncRetryAttempts", 0.0, 8.0, "How often a call that failed is repeated.")
            .removal(Removal::Number(3.0)),
        Attribute::flag("statefulInvocation", false, "Whether each call can be looked at and stopped."),
        Attribute::new("destinationConfig", Kind::Object(DESTINATIONS), "Where the results go."),
    ],
    outputs: &[],
};

const DESTINATIONS: &[Attribute] = &[
    Attribute::new("onSuccess", Kind::Object(DESTINATION), "Where the result of a call goes that succeeded."),
    Attribute::new("onFailure", Kind::Object(DESTINATION), "Where the event of a call goes that failed."),
];

const DESTINATION: &[Attribute] =
    &[Attribute::text("destination", "The function, queue, topic or bus, as its ARN.")];

/// A name for a version of a service, and for one more that takes a share of its calls.
pub static ALIAS_SCHEMA: Schema = Schema {
    kind: ALIAS,
    noun: "alias",
    version: 1,
    parent: Some(SERVICE),
    shared: true,
    name: "aliasName",
    id: None,
    attributes: &[
        Attribute::text("versionId", "The version that it stands for: a number that was published.")
            .required()
            .goes_with_parent(),
        Attribute::new(
            "additionalVersionWeight",
            Kind::Map(&Kind::Number { min: 0.0, max: 1.0, step: 0.0001 }),
            "The share of calls, from 0 to 1, that another version takes, by its number.",
        ),
        Attribute::text("description", "Words for people."),
    ],
    outputs: &[("aliasName", "The name."), ("versionId", "The version that it stands for.")],
};

/// A version or alias of a service, for all there is to know: whether it is there.
pub static QUALIFIER_SCHEMA: Schema = Schema {
    kind: QUALIFIER,
    noun: "version or alias",
    version: 1,
    parent: Some(SERVICE),
    shared: false,
    name: "qualifier",
    id: None,
    attributes: &[],
    outputs: &[],
};

/// The instances of a function that are kept ready, of one version or alias.
pub static PROVISION_CONFIG_SCHEMA: Schema = Schema {
    kind: PROVISION_CONFIG,
    noun: "provision configuration",
    version: 1,
    parent: Some(FUNCTION),
    shared: false,
    name: "qualifier",
    id: None,
    attributes: &[
        Attribute::integer("target", 0.0, 10000.0, "Instances that are kept ready.").required(),
        Attribute::flag("alwaysAllocateCPU", true, "Whether they have their processors while they are idle."),
        Attribute::new(
            "scheduledActions",
            Kind::List(&Kind::Object(SCHEDULED), Order::Keyed("name")),
            "Numbers of instances at set times, by name.",
        ),
        Attribute::new(
            "targetTrackingPolicies",
            Kind::List(&Kind::Object(TRACKED), Order::Keyed("name")),
            "Numbers of instances that follow the load, by name.",
        ),
    ],
    outputs: &[],
};

const SCHEDULED: &[Attribute] = &[
    Attribute::text("name", "The action.").required(),
    Attribute::text("scheduleExpression", "When: `cron(0 0 4 * * *)` or `at(2026-01-02T03:04:05)`.")
        .required(),
    Attribute::integer("target", 0.0, 10000.0, "Instances from then on.").required(),
    Attribute::text("startTime", "From when on it holds: `2026-01-02T03:04:05Z`."),
    Attribute::text("endTime", "Until when it holds."),
    Attribute::text("timeZone", "The zone of its times, such as `Asia/Shanghai`."),
];

const TRACKED: &[Attribute] = &[
    Attribute::text("name", "The policy.").required(),
    Attribute::text(
        "metricType",
        "What is watched, such as `ProvisionedConcurrencyUtilization` or `CPUUtilization`.",
    )
    .required(),
    Attribute::new(
        "metricTarget",
        Kind::Number { min: 0.0, max: 1.0, step: 0.0001 },
        "The share that is aimed at.",
    )
    .required(),
    Attribute::integer("minCapacity", 0.0, 10000.0, "Instances at least.").required(),
    Attribute::integer("maxCapacity", 0.0, 10000.0, "Instances at most.").required(),
    Attribute::text("startTime", "From when on it holds: `2026-01-02T03:04:05Z`."),
    Attribute::text("endTime", "Until when it holds."),
    Attribute::text("timeZone", "The zone of its times, such as `Asia/Shanghai`."),
];

/// How many instances of a function may come on demand, of one version or alias.
pub static ON_DEMAND_CONFIG_SCHEMA: Schema = Schema {
    kind: ON_DEMAND_CONFIG,
    noun: "on-demand configuration",
    version: 1,
    parent: Some(FUNCTION),
    shared: false,
    name: "qualifier",
    id: None,
    attributes: &[Attribute::integer(
        "maximumInstanceCount",
        0.0,
        100_000.0,
        "Instances at most; 0 turns every call away.",
    )
    .required()],
    outputs: &[],
};

/// A network from which the functions of a service may be called; there is nothing to it but its name.
pub static VPC_BINDING_SCHEMA: Schema = Schema {
    kind: VPC_BINDING,
    noun: "VPC binding",
    version: 1,
    parent: Some(SERVICE),
    shared: true,
    name: "vpcId",
    id: None,
    attributes: &[],
    outputs: &[("vpcId", "The network.")],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(schema: &Schema, path: &str, removal: Removal) {
        let path = path.parse().expect("a path");
        let (attribute, _) = schema.attribute(&path).expect("the schema lists it");
        assert_eq!(attribute.removal, removal, "{path}");
    }

    #[test]
    fn every_place_that_people_declare_is_found() {
        check(&SERVICE_SCHEMA, "nasConfig.mountPoints[\"/mnt\"].serverAddr", Removal::Stays);
        check(&FUNCTION_SCHEMA, "environmentVariables[\"A\"]", Removal::Empty);
        check(&FUNCTION_SCHEMA, "instanceLifecycleConfig.preStop.timeout", Removal::Number(3.0));
        check(&TRIGGER_SCHEMA, "triggerConfig.filter.key.prefix", Removal::Empty);
        check(&CUSTOM_DOMAIN_SCHEMA, "routeConfig.routes[\"/*\"].serviceName", Removal::Stays);
        check(&ASYNC_CONFIG_SCHEMA, "destinationConfig.onFailure.destination", Removal::Empty);
        check(&ALIAS_SCHEMA, "additionalVersionWeight[\"2\"]", Removal::Empty);
        check(&PROVISION_CONFIG_SCHEMA, "scheduledActions[\"night\"].timeZone", Removal::Empty);
    }
}
