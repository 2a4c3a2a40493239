//! What the schemas do not say: values that the service insists on, and what has to stand beside an attribute.

use serde_json::{Value as Json, json};

use super::cases::Leaves;

/// The service that all functions of 2.0 belong to.
pub const SERVICE: &str = "home";

/// The alias that instances are kept ready for.
pub const ALIAS: &str = "one";

/// Stands for the name of the entry's own function.
pub const THE_ENTRYS: &str = "the entry's";

/// Attributes that the generated test does not lead through a life, each with the reason.
pub const LEFT_OUT: &[(&str, &str, &str)] = &[
    (
        "fc3_custom_domain",
        "protocol",
        "HTTPS asks for a certificate, which is not built yet; only HTTP is left",
    ),
    (
        "fc_custom_domain",
        "protocol",
        "HTTPS asks for a certificate, which is not built yet; only HTTP is left",
    ),
    (
        "fc3_custom_domain",
        "routeConfig.routes[\"/one\"].functionName",
        "a route of an entry leads to the function of that entry, which names it",
    ),
    ("fc_service", "tracingConfig.type", "`Jaeger` is the only kind"),
];

/// What the service has and triform neither compares nor writes, each with the reason.
pub const NOT_WRITTEN: &[(&str, &[&str], &str)] = &[
    (
        "fc3_function",
        &["vpcConfig", "customDNS"],
        "networks are not built yet; an entry that says them is refused",
    ),
    (
        "fc3_function",
        &["nasConfig", "ossMountConfig", "polarFsConfig", "juiceFsConfig"],
        "mounts are not built yet; an entry that says them is refused",
    ),
    ("fc3_function", &["logConfig", "tracingConfig"], "not built yet; an entry that says them is refused"),
    (
        "fc3_function",
        &["layers", "tags", "resourceGroupId"],
        "not built yet; an entry that says them is refused",
    ),
    (
        "fc3_function",
        &["customContainerConfig", "microSandboxConfig", "gpuConfig"],
        "functions made from an image are not built yet; an entry that says them is refused",
    ),
    (
        "fc3_function",
        &["instanceLifecycleConfig", "sessionAffinityConfig"],
        "not built yet; an entry that says them is refused",
    ),
    (
        "fc3_trigger",
        &["invocationRole", "sourceArn"],
        "types of triggers other than `http` and `timer` are not built yet; an entry that says them is refused",
    ),
    ("fc3_trigger", &["triggerConfig.authConfig"], "`authType: jwt` is not built yet, and refused"),
    (
        "fc3_custom_domain",
        &["certConfig", "tlsConfig", "authConfig", "wafConfig", "corsConfig"],
        "not built yet; an entry that says them is refused",
    ),
    ("fc_service", &["vpcConfig.role"], "no file has a word for it"),
    ("fc_alias", &["resolvePolicy", "routePolicy"], "shares of calls are given by `additionalVersionWeight`"),
    ("fc_trigger", &["triggerConfig.authConfig"], "`authType: jwt` is not built yet, and refused"),
    ("fc_trigger", &["triggerConfig.corsConfig"], "no file has a word for it"),
    (
        "fc_custom_domain",
        &["certConfig", "tlsConfig", "authConfig", "wafConfig", "corsConfig"],
        "not built yet; an entry that says them is refused",
    ),
];

/// What the service works out by itself: names, ids, times, states, and where things are found.
pub const COMPUTED: &[&str] = &[
    "functionName",
    "functionId",
    "functionArn",
    "serviceName",
    "serviceId",
    "triggerName",
    "triggerId",
    "domainName",
    "aliasName",
    "resource",
    "current",
    "currentError",
    "qualifier",
    "function",
    "service",
    "createdTime",
    "lastModifiedTime",
    "codeSize",
    "codeChecksum",
    "state",
    "stateReason",
    "stateReasonCode",
    "lastUpdateStatus",
    "lastUpdateStatusReason",
    "lastUpdateStatusReasonCode",
    "useSLRAuthentication",
    "status",
    "targetArn",
    "httpTrigger",
    "urlInternet",
    "urlIntranet",
    "accountId",
    "apiVersion",
    "subdomainCount",
    "RequestId",
];

/// Returns why an attribute is left out.
pub fn left_out(kind: &str, path: &str) -> Option<&'static str> {
    LEFT_OUT.iter().find(|(of, at, _)| *of == kind && *at == path).map(|(.., why)| *why)
}

/// Returns why what is online is not written into the project, and stays apart.
pub fn not_adopted(kind: &str, path: &str) -> Option<&'static str> {
    match kind {
        _ if path == "triggerType" => Some("half of such a change is no project"),
        "fc_custom_domain" | "fc3_custom_domain" if path == "routeConfig.routes[\"/one\"].path" => {
            Some("an entry has to name a route")
        }
        "fc_trigger" if path.ends_with("assword") => Some("a secret is never written into a file"),
        _ => None,
    }
}

/// Values where not any would do.
pub fn values(kind: &str, path: &str) -> Option<[Json; 3]> {
    let last = path.rsplit('.').next().unwrap_or_default();
    let words = |words: [&str; 3]| words.map(|word| json!(word));
    let values = match (kind, last) {
        (_, "runtime") => words(["python3.9", "python3.10", "python3.12"]),
        (_, "handler") if path == "handler" => words(["index.call", "index.main", "index.run"]),
        ("fc_function", "memorySize") => [json!(192), json!(256), json!(320)],
        (_, "memorySize") => [json!(1024), json!(1536), json!(2048)],
        (_, "cpu") => [json!(0.5), json!(0.6), json!(0.75)],
        (_, "diskSize") => [json!(10240), json!(512), json!(10240)],
        ("fc_function", "gpuMemorySize") => [json!(2048), json!(4096), json!(8192)],
        ("fc_function", "instanceType") => words(["c1", "e1", "c1"]),
        ("fc_function", "timeout") if path.contains("Lifecycle") => [json!(10), json!(20), json!(30)],
        ("fc_function", "command" | "args") if path.contains("Container") => {
            words(["[\"a\"]", "[\"b\"]", "[\"c\"]"])
        }
        ("fc_function", "accelerationType") => words(["Default", "None", "Default"]),
        (_, "logBeginRule") => words(["DefaultRegex", "None", "DefaultRegex"]),
        (_, "cronExpression") => words(["@every 1m", "@every 2m", "@every 3m"]),
        (_, "role" | "invocationRole") => {
            ["a", "b", "c"].map(|name| json!(format!("acs:ram::1000000000000001:role/{name}")))
        }
        ("fc_service", "serverAddr") => words(["one:/", "two:/folder", "three:/"]),
        (_, "qualifier") => words(["LATEST", "one", "two"]),
        ("fc_alias", "versionId") => words(["1", "2", "3"]),
        ("fc_alias", "additionalVersionWeight[\"2\"]") => [json!(0.1), json!(0.2), json!(0.3)],
        ("fc_provision_config", "metricTarget") => [json!(0.25), json!(0.5), json!(0.75)],
        ("fc_provision_config", "target" | "minCapacity") => [json!(1), json!(2), json!(3)],
        ("fc_provision_config", "maxCapacity") => [json!(10), json!(20), json!(30)],
        (_, "authType") => words(["anonymous", "function", "anonymous"]),
        _ => return None,
    };
    Some(values)
}

/// Whether something else makes an attribute needed that the schema does not demand: the type of a trigger, or
/// the file.
pub fn is_needed(kind: &str, path: &str) -> bool {
    let needed: &[&str] = match kind {
        "fc3_trigger" => &["authType", "methods", "cronExpression", "enable"],
        "fc_trigger" => &[
            "authType",
            "cronExpression",
            "enable",
            "events",
            "sourceConfig.logstore",
            "notifyContentFormat",
            "notifyStrategy",
            "eventName",
            "eventVersion",
            "notes",
            "filter.domain",
            "eventSourceConfig.eventSourceType",
        ],
        _ => &[],
    };
    let config = path.strip_prefix("triggerConfig.").is_some_and(|rest| needed.contains(&rest));
    config
        || (kind == "fc_trigger" && path == "sourceArn")
        || (kind == "fc_function" && (path == "customContainerConfig.image" || path.starts_with("code[")))
        || (kind.ends_with("custom_domain") && path == "routeConfig.routes[\"/one\"].path")
}

/// What goes with an attribute when it goes.
pub fn go_together(path: &str) -> &'static [&'static str] {
    match path {
        "logConfig.project" => &["logConfig.logstore"],
        "logConfig.logstore" => &["logConfig.project"],
        _ => &[],
    }
}

/// What the component fills in for what the file leaves out, as the tool before it does.
pub fn filled_in(kind: &str, path: &str) -> Option<Json> {
    match (kind, path) {
        ("fc_trigger", "triggerConfig.methods") => Some(json!(["GET"])),
        ("fc_function", "handler") => Some(json!("index.handler")),
        ("fc_custom_domain", "routeConfig.routes[\"/one\"].serviceName") => Some(json!(SERVICE)),
        ("fc_custom_domain", "routeConfig.routes[\"/one\"].functionName") => Some(json!(THE_ENTRYS)),
        _ => None,
    }
}

/// What a resource has beside an attribute.
pub fn beside(kind: &str, path: &str) -> Vec<(&'static str, Json)> {
    let field = path.split(['.', '[']).next().unwrap_or_default();
    let mut beside = Vec::new();
    match kind {
        "fc3_function" | "fc_function" => {
            let runtime = match field {
                "customRuntimeConfig" | "customHealthCheckConfig" | "caPort" => "custom.debian10",
                "customContainerConfig" => "custom-container",
                _ => "python3.10",
            };
            beside.extend([("runtime", json!(runtime)), ("handler", json!("index.handler"))]);
            match field {
                "memorySize" => beside.push(("cpu", json!(if kind == "fc_function" { 0.1 } else { 0.5 }))),
                "cpu" => beside.push(("memorySize", json!(1024))),
                "instanceSoftConcurrency" => beside.push(("instanceConcurrency", json!(100))),
                "gpuMemorySize" => beside.push(("instanceType", json!("fc.gpu.tesla.1"))),
                "initializationTimeout" => beside.push(("initializer", json!("index.begin"))),
                "customContainerConfig" => {
                    beside.push(("customContainerConfig.image", json!("registry/app:v1")));
                }
                _ => {}
            }
        }
        "fc_service" => match field {
            "logConfig" => {
                beside.extend([("logConfig.project", json!("p")), ("logConfig.logstore", json!("l"))]);
            }
            "vpcConfig" => beside.extend([
                ("vpcConfig.vpcId", json!("vpc-1")),
                ("vpcConfig.vSwitchIds", json!(["vsw-1"])),
                ("vpcConfig.securityGroupId", json!("sg-1")),
            ]),
            "nasConfig" => beside.extend([
                ("nasConfig.mountPoints[\"/mnt/one\"].mountDir", json!("/mnt/one")),
                ("nasConfig.mountPoints[\"/mnt/one\"].serverAddr", json!("host:/folder")),
            ]),
            "ossMountConfig" => beside.extend([
                ("ossMountConfig.mountPoints[\"/mnt/one\"].mountDir", json!("/mnt/one")),
                ("ossMountConfig.mountPoints[\"/mnt/one\"].bucketName", json!("bucket")),
                ("ossMountConfig.mountPoints[\"/mnt/one\"].endpoint", json!("http://oss.example.com")),
            ]),
            "tracingConfig" => beside.push(("tracingConfig.type", json!("Jaeger"))),
            _ => {}
        },
        "fc_alias" => beside.push(("versionId", json!("1"))),
        "fc_provision_config" => {
            beside.push(("target", json!(5)));
            match field {
                "scheduledActions" => beside.extend([
                    ("scheduledActions[\"one\"].name", json!("one")),
                    ("scheduledActions[\"one\"].scheduleExpression", json!("cron(0 0 4 * * *)")),
                    ("scheduledActions[\"one\"].target", json!(1)),
                ]),
                "targetTrackingPolicies" => beside.extend([
                    ("targetTrackingPolicies[\"one\"].name", json!("one")),
                    ("targetTrackingPolicies[\"one\"].metricType", json!("CPUUtilization")),
                    ("targetTrackingPolicies[\"one\"].metricTarget", json!(0.5)),
                    ("targetTrackingPolicies[\"one\"].minCapacity", json!(1)),
                    ("targetTrackingPolicies[\"one\"].maxCapacity", json!(10)),
                ]),
                _ => {}
            }
        }
        // One that says nothing is none.
        "fc_async_config" if path == "statefulInvocation" => beside.push(("maxAsyncRetryAttempts", json!(1))),
        "fc_async_config" => beside.push(("statefulInvocation", json!(true))),
        "fc3_custom_domain" | "fc_custom_domain" => {
            beside
                .extend([("protocol", json!("HTTP")), ("routeConfig.routes[\"/one\"].path", json!("/one"))]);
        }
        _ => {}
    }
    beside
}

/// What a trigger of a type needs.
pub fn typed(schema: &str, kind: &str) -> Leaves {
    let config: Vec<(&str, Json)> = match kind {
        "http" => vec![("authType", json!("anonymous")), ("methods", json!(["GET"]))],
        "timer" => vec![("cronExpression", json!("@every 5m")), ("enable", json!(true))],
        "oss" => vec![("events", json!(["oss:ObjectCreated:*"]))],
        "log" => vec![
            ("sourceConfig.logstore", json!("from")),
            ("logConfig.project", json!("p")),
            ("logConfig.logstore", json!("l")),
            ("enable", json!(true)),
        ],
        "mns_topic" => {
            vec![("notifyContentFormat", json!("JSON")), ("notifyStrategy", json!("BACKOFF_RETRY"))]
        }
        "cdn_events" => vec![
            ("eventName", json!("LogFileCreated")),
            ("eventVersion", json!("1.0.0")),
            ("notes", json!("words")),
            ("filter.domain", json!(["www.example.com"])),
        ],
        "eventbridge" => vec![("eventSourceConfig.eventSourceType", json!("MNS"))],
        _ => Vec::new(),
    };
    let config = config.into_iter().map(|(name, value)| (format!("triggerConfig.{name}"), value));
    let mut leaves: Leaves = config.collect();
    leaves.insert("triggerType".to_owned(), json!(kind));
    if schema == "fc_trigger" && !["http", "timer", "eventbridge"].contains(&kind) {
        leaves.insert("sourceArn".to_owned(), json!(format!("acs:{kind}:cn-hangzhou:1:source")));
    }
    leaves
}

/// The type of trigger that an attribute belongs to.
pub fn type_of(path: &str) -> &'static str {
    let field = path.strip_prefix("triggerConfig.").unwrap_or_default();
    match field.split('.').next().unwrap_or_default() {
        "cronExpression" | "enable" | "payload" => "timer",
        "filter" if field == "filter.domain" => "cdn_events",
        "events" | "filter" => "oss",
        "sourceConfig" | "jobConfig" | "logConfig" | "functionParameter[\"COLOUR\"]" => "log",
        "notifyContentFormat" | "notifyStrategy" | "filterTag" => "mns_topic",
        "eventName" | "eventVersion" | "notes" => "cdn_events",
        "triggerEnable"
        | "asyncInvocationType"
        | "eventRuleFilterPattern"
        | "eventSourceConfig"
        | "eventSinkConfig"
        | "runOptions" => "eventbridge",
        _ if path == "sourceArn" || path == "invocationRole" => "oss",
        _ => "http",
    }
}
