//! The small configurations that hang on a function: concurrency, provisioned instances, asynchronous
//! calls and scaling. They are kept and shown; only the asynchronous one has an effect here.

use serde_json::{Value, json};

use super::shape::{Field, Fill, Missing, Shape, field, read};
use super::{Document, Facts, Map};
use crate::emulator::error::ApiError;

/// One kind of configuration, as data.
#[derive(Debug)]
pub struct Kind {
    /// Its part of the storage key.
    pub key: &'static str,
    /// What its put takes.
    pub fields: &'static [Field],
    /// The key of its list.
    pub list: &'static str,
    /// Code and words for "there is none"; `None` where the service answers an empty one instead.
    pub absent: Option<(&'static str, &'static str)>,
    /// Whether a qualifier picks one of several.
    pub qualified: bool,
    /// Whether it shows when it was made and changed.
    pub timed: bool,
}

const POLICIES: Shape = Shape::List(&Shape::AnyObject, 100);

const DESTINATION: Shape = Shape::Object(&[field("destination", Shape::Text, Fill::Nothing)]);

/// How many instances may run at once.
pub const CONCURRENCY: Kind = Kind {
    key: "concurrency",
    fields: &[field("reservedConcurrency", Shape::Whole(0, 100_000, 1), Fill::Required)],
    list: "configs",
    absent: Some(("OnDemandConfigNotFound", "concurrency config")),
    qualified: false,
    timed: false,
};

/// How many instances are kept ready.
pub const PROVISION: Kind = Kind {
    key: "provision",
    fields: &[
        field("defaultTarget", Shape::Whole(0, 10_000, 1), Fill::Nothing),
        field("target", Shape::Whole(0, 10_000, 1), Fill::Nothing),
        field("alwaysAllocateCPU", Shape::Flag, Fill::Flag(true)),
        field("alwaysAllocateGPU", Shape::Flag, Fill::Flag(true)),
        field("scheduledActions", POLICIES, Fill::List),
        field("targetTrackingPolicies", POLICIES, Fill::List),
    ],
    list: "provisionConfigs",
    absent: None,
    qualified: true,
    timed: false,
};

/// What becomes of asynchronous calls.
pub const ASYNC_INVOKE: Kind = Kind {
    key: "async-invoke",
    fields: &[
        field("maxAsyncEventAgeInSeconds", Shape::Whole(1, 2_592_000, 1), Fill::Whole(86400)),
        field("maxAsyncRetryAttempts", Shape::Whole(0, 8, 1), Fill::Whole(3)),
        field("asyncTask", Shape::Flag, Fill::Flag(false)),
        field(
            "destinationConfig",
            Shape::Object(&[
                field("onSuccess", DESTINATION, Fill::Nothing),
                field("onFailure", DESTINATION, Fill::Nothing),
            ]),
            Fill::Object,
        ),
    ],
    list: "configs",
    absent: Some(("AsyncConfigNotExists", "AsyncConfig for")),
    qualified: true,
    timed: true,
};

/// How instances follow the load.
pub const SCALING: Kind = Kind {
    key: "scaling",
    fields: &[
        field("minInstances", Shape::Whole(0, 10_000, 1), Fill::Whole(0)),
        field("residentPoolId", Shape::Text, Fill::Nothing),
        field("enableOnDemandScaling", Shape::Flag, Fill::Nothing),
        field("enableMixMode", Shape::Flag, Fill::Nothing),
        field("requestDispatchPolicy", Shape::Text, Fill::Nothing),
        field("horizontalScalingPolicies", POLICIES, Fill::List),
        field("scheduledPolicies", POLICIES, Fill::List),
    ],
    list: "scalingConfigs",
    absent: None,
    qualified: true,
    timed: false,
};

/// The configuration after a put, which replaces it whole.
pub fn put(
    kind: &Kind,
    arn: &str,
    current: Option<&Document>,
    input: &Map,
    facts: &Facts,
) -> Result<Document, ApiError> {
    let mut shown = read(kind.fields, input, "", Missing::Fill)?;
    shown.insert("functionArn".to_owned(), json!(arn));
    match kind.key {
        "provision" => {
            let target = shown.get("defaultTarget").or(shown.get("target")).cloned().unwrap_or(json!(0));
            for field in ["defaultTarget", "target", "current"] {
                shown.insert(field.to_owned(), target.clone());
            }
            shown.insert("currentError".to_owned(), json!(""));
        }
        "scaling" => {
            let instances = shown["minInstances"].clone();
            shown.insert("currentInstances".to_owned(), instances.clone());
            shown.insert("targetInstances".to_owned(), instances);
            shown.insert("currentError".to_owned(), json!(""));
        }
        _ => {}
    }
    if kind.timed {
        let created = current.map_or_else(|| facts.time(), |current| current.text("createdTime").to_owned());
        shown.insert("createdTime".to_owned(), json!(created));
        shown.insert("lastModifiedTime".to_owned(), json!(facts.time()));
    }
    Ok(Document { shown, ..Document::default() })
}

/// What is shown where none is set and the service answers all the same.
pub fn empty(kind: &Kind) -> Value {
    match kind.key {
        "provision" => json!({"target": 0, "current": 0, "defaultTarget": 0}),
        _ => json!({"currentInstances": 0, "targetInstances": 0, "minInstances": 0}),
    }
}
