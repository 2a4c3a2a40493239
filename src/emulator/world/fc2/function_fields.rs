//! The fields of functions of services, as data.

use super::super::function_fields::{COMMAND, DNS, HEALTH_CHECK, PORT};
use super::super::shape::{Field, Fill, Shape, field};

/// The runtimes that only 2.0 knows.
pub const OLD_RUNTIMES: &[&str] = &["nodejs4.4", "nodejs6"];

/// The kinds of instances.
pub const INSTANCE_TYPES: &[&str] = &["e1", "c1", "g1", "fc.gpu.tesla.1", "fc.gpu.ampere.1", "fc.gpu.ada.1"];

const HOOK: Shape = Shape::Object(&[
    field("handler", Shape::Text, Fill::Text("")),
    field("timeout", Shape::Whole(1, 90, 1), Fill::Whole(3)),
]);

const LIFECYCLE: Shape =
    Shape::Object(&[field("preFreeze", HOOK, Fill::Nothing), field("preStop", HOOK, Fill::Nothing)]);

const RUNTIME_CONFIG: Shape =
    Shape::Object(&[field("command", COMMAND, Fill::List), field("args", COMMAND, Fill::List)]);

/// `command` and `args` are JSON lists in texts.
const CONTAINER: Shape = Shape::Object(&[
    field("image", Shape::Text, Fill::Required),
    field("command", Shape::Text, Fill::Text("")),
    field("args", Shape::Text, Fill::Text("")),
    field("instanceID", Shape::Text, Fill::Nothing),
    field("accelerationType", Shape::Word(&["Default", "None"]), Fill::Nothing),
    field("webServerMode", Shape::Flag, Fill::Flag(true)),
]);

/// What both `CreateFunction` and `UpdateFunction` take.
pub const WRITABLE: &[Field] = &[
    field("runtime", Shape::Text, Fill::Required),
    field("handler", Shape::Text, Fill::Required),
    field("description", Shape::Text, Fill::Text("")),
    field("memorySize", Shape::Whole(128, 32768, 64), Fill::Whole(128)),
    field("cpu", Shape::Number(0.05, 16.0), Fill::Nothing),
    field("diskSize", Shape::Whole(512, 10240, 512), Fill::Whole(512)),
    field("timeout", Shape::Whole(1, 86400, 1), Fill::Whole(3)),
    field("environmentVariables", Shape::Texts, Fill::Object),
    field("initializer", Shape::Text, Fill::Text("")),
    field("initializationTimeout", Shape::Whole(1, 300, 1), Fill::Whole(3)),
    field("instanceConcurrency", Shape::Whole(1, 200, 1), Fill::Whole(1)),
    field("instanceSoftConcurrency", Shape::Whole(1, 200, 1), Fill::Nothing),
    field("instanceType", Shape::Word(INSTANCE_TYPES), Fill::Text("e1")),
    field("gpuMemorySize", Shape::Whole(1024, 98304, 1024), Fill::Nothing),
    field("layers", Shape::List(&Shape::Text, 5), Fill::List),
    field("caPort", PORT, Fill::Nothing),
    field("customRuntimeConfig", RUNTIME_CONFIG, Fill::Nothing),
    field("customContainerConfig", CONTAINER, Fill::Nothing),
    field("customHealthCheckConfig", HEALTH_CHECK, Fill::Nothing),
    field("customDNS", DNS, Fill::Nothing),
    field("instanceLifecycleConfig", LIFECYCLE, Fill::Nothing),
];
