//! The fields of functions, as data: what fits, and what the service fills in.

use super::shape::{Field, Fill, Shape, field};
use super::tags;

/// The runtimes that the service knows by name.
pub const RUNTIMES: &[&str] = &[
    "nodejs8",
    "nodejs10",
    "nodejs12",
    "nodejs14",
    "nodejs16",
    "nodejs18",
    "nodejs20",
    "go1",
    "python2.7",
    "python3",
    "python3.9",
    "python3.10",
    "python3.12",
    "java8",
    "java11",
    "php7.2",
    "dotnetcore2.1",
    "dotnetcore3.1",
    "custom",
    "custom.debian10",
    "custom.debian11",
    "custom.debian12",
    "custom-container",
    "micro-sandbox",
];

/// The state fields, which lists leave out.
pub const STATE_FIELDS: [&str; 6] = [
    "state",
    "stateReason",
    "stateReasonCode",
    "lastUpdateStatus",
    "lastUpdateStatusReason",
    "lastUpdateStatusReasonCode",
];

/// A command and its arguments.
pub const COMMAND: Shape = Shape::List(&Shape::Text, 1000);
/// A port.
pub const PORT: Shape = Shape::Whole(0, 65535, 1);

/// How an instance is asked whether it is well.
pub const HEALTH_CHECK: Shape = Shape::Object(&[
    field("httpGetUrl", Shape::TextUpTo(2048), Fill::Text("")),
    field("initialDelaySeconds", Shape::Whole(0, 120, 1), Fill::Whole(0)),
    field("periodSeconds", Shape::Whole(1, 120, 1), Fill::Whole(3)),
    field("timeoutSeconds", Shape::Whole(1, 3, 1), Fill::Whole(1)),
    field("failureThreshold", Shape::Whole(1, 120, 1), Fill::Whole(3)),
    field("successThreshold", Shape::Whole(1, 120, 1), Fill::Whole(1)),
]);

/// Where logs go.
pub const LOG: Shape = Shape::Object(&[
    field("project", Shape::Text, Fill::Text("")),
    field("logstore", Shape::Text, Fill::Text("")),
    field("enableRequestMetrics", Shape::Flag, Fill::Nothing),
    field("enableInstanceMetrics", Shape::Flag, Fill::Flag(false)),
    field("enableLlmMetrics", Shape::Flag, Fill::Nothing),
    field("logBeginRule", Shape::Word(&["None", "DefaultRegex"]), Fill::Text("None")),
]);

/// Which network is reached.
pub const VPC: Shape = Shape::Object(&[
    field("vpcId", Shape::Text, Fill::Text("")),
    field("vSwitchIds", Shape::List(&Shape::Text, 100), Fill::List),
    field("securityGroupId", Shape::Text, Fill::Text("")),
    field("role", Shape::Text, Fill::Text("")),
]);

const NAS: Shape = Shape::Object(&[
    field("userId", Shape::Whole(-1, 65534, 1), Fill::Whole(0)),
    field("groupId", Shape::Whole(-1, 65534, 1), Fill::Whole(0)),
    field(
        "mountPoints",
        Shape::List(
            &Shape::Object(&[
                field("serverAddr", Shape::Text, Fill::Required),
                field("mountDir", Shape::Text, Fill::Required),
                field("enableTLS", Shape::Flag, Fill::Flag(false)),
            ]),
            5,
        ),
        Fill::List,
    ),
]);

/// Buckets that are mounted.
pub const OSS_MOUNTS: Shape = Shape::Object(&[field(
    "mountPoints",
    Shape::List(
        &Shape::Object(&[
            field("bucketName", Shape::Text, Fill::Required),
            field("bucketPath", Shape::Text, Fill::Text("")),
            field("endpoint", Shape::Text, Fill::Required),
            field("mountDir", Shape::Text, Fill::Required),
            field("readOnly", Shape::Flag, Fill::Flag(false)),
        ]),
        5,
    ),
    Fill::List,
)]);

/// How names are looked up.
pub const DNS: Shape = Shape::Object(&[
    field("nameServers", Shape::List(&Shape::Text, 100), Fill::List),
    field("searches", Shape::List(&Shape::Text, 100), Fill::List),
    field(
        "dnsOptions",
        Shape::List(
            &Shape::Object(&[
                field("name", Shape::Text, Fill::Required),
                field("value", Shape::Text, Fill::Nothing),
            ]),
            100,
        ),
        Fill::List,
    ),
]);

const CONTAINER: Shape = Shape::Object(&[
    field("image", Shape::Text, Fill::Required),
    field("command", COMMAND, Fill::List),
    field("entrypoint", COMMAND, Fill::List),
    field("port", PORT, Fill::Whole(9000)),
    field("healthCheckConfig", HEALTH_CHECK, Fill::Nothing),
    field("registryConfig", Shape::AnyObject, Fill::Nothing),
    field("acrInstanceId", Shape::Text, Fill::Nothing),
    field("accelerationType", Shape::Word(&["Default", "None"]), Fill::Nothing),
]);

/// Where traces go.
pub const TRACING: Shape = Shape::Object(&[
    field("type", Shape::Word(&["", "Jaeger"]), Fill::Nothing),
    field("params", Shape::Texts, Fill::Nothing),
]);

const RUNTIME_CONFIG: Shape = Shape::Object(&[
    field("command", COMMAND, Fill::List),
    field("args", COMMAND, Fill::List),
    field("port", PORT, Fill::Whole(9000)),
    field("healthCheckConfig", HEALTH_CHECK, Fill::Nothing),
]);

const LIFECYCLE: Shape = Shape::Object(&[
    field("initializer", INITIALIZER, Fill::Nothing),
    field("preStop", PRE_STOP, Fill::Nothing),
]);

const INITIALIZER: Shape = Shape::Object(&[
    field("handler", Shape::Text, Fill::Text("")),
    field("command", COMMAND, Fill::Nothing),
    field("timeout", Shape::Whole(1, 300, 1), Fill::Whole(3)),
]);

const PRE_STOP: Shape = Shape::Object(&[
    field("handler", Shape::Text, Fill::Text("")),
    field("command", COMMAND, Fill::Nothing),
    field("timeout", Shape::Whole(1, 90, 1), Fill::Whole(3)),
]);

/// What both `CreateFunction` and `UpdateFunction` take.
pub const WRITABLE: &[Field] = &[
    field("runtime", Shape::Text, Fill::Required),
    field("handler", Shape::Text, Fill::Required),
    field("description", Shape::Text, Fill::Text("")),
    field("memorySize", Shape::Whole(128, 32768, 64), Fill::Nothing),
    field("cpu", Shape::Number(0.05, 16.0), Fill::Nothing),
    field("diskSize", Shape::Whole(512, 10240, 512), Fill::Whole(512)),
    field("timeout", Shape::Whole(1, 86400, 1), Fill::Whole(3)),
    field("instanceConcurrency", Shape::Whole(1, 200, 1), Fill::Whole(1)),
    field("environmentVariables", Shape::Texts, Fill::Object),
    field("internetAccess", Shape::Flag, Fill::Flag(true)),
    field("role", Shape::Text, Fill::Text("")),
    field("layers", Shape::List(&Shape::Text, 5), Fill::List),
    field("logConfig", LOG, Fill::Object),
    field("vpcConfig", VPC, Fill::Object),
    field("nasConfig", NAS, Fill::Object),
    field("ossMountConfig", OSS_MOUNTS, Fill::Object),
    field("polarFsConfig", Shape::AnyObject, Fill::Nothing),
    field("juiceFsConfig", Shape::AnyObject, Fill::Nothing),
    field("tracingConfig", TRACING, Fill::Object),
    field("customDNS", DNS, Fill::Nothing),
    field("customRuntimeConfig", RUNTIME_CONFIG, Fill::Nothing),
    field("customContainerConfig", CONTAINER, Fill::Nothing),
    field("microSandboxConfig", Shape::AnyObject, Fill::Nothing),
    field(
        "gpuConfig",
        Shape::Object(&[
            field("gpuType", Shape::Text, Fill::Nothing),
            field("gpuMemorySize", Shape::Whole(1024, 24576, 1024), Fill::Nothing),
        ]),
        Fill::Nothing,
    ),
    field("instanceLifecycleConfig", LIFECYCLE, Fill::Nothing),
    field("instanceIsolationMode", Shape::Text, Fill::Text("SHARE")),
    field("sessionAffinity", Shape::Text, Fill::Text("NONE")),
    field("sessionAffinityConfig", Shape::JsonText, Fill::Nothing),
    field("disableInjectCredentials", Shape::Word(&["None", "Env", "Request", "All"]), Fill::Nothing),
    field("idleTimeout", Shape::Whole(0, 86400, 1), Fill::Nothing),
    field("disableOndemand", Shape::Flag, Fill::Flag(false)),
    field("enableLongLiving", Shape::Flag, Fill::Nothing),
];

/// What only `CreateFunction` takes.
pub const CREATE_ONLY: &[Field] = &[
    field("tags", tags::LIST, Fill::List),
    field("resourceGroupId", Shape::Text, Fill::Text("rg-embedded-default")),
];
