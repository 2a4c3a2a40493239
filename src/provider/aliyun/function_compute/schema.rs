//! What stands alike in the resource types of both generations.

use crate::model::{Attribute, Kind, Order, Removal};

/// Methods of HTTP.
pub const METHODS: Kind = Kind::Text(&["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"]);

/// How the service asks whether a server lives.
pub const HEALTH_CHECK: &[Attribute] = &[
    Attribute::text("httpGetUrl", "The path that is asked, such as `/health`."),
    Attribute::integer("initialDelaySeconds", 0.0, 120.0, "Seconds from the start to the first question.")
        .removal(Removal::Number(0.0)),
    Attribute::integer("periodSeconds", 1.0, 120.0, "Seconds between two questions.")
        .removal(Removal::Number(3.0)),
    Attribute::integer("timeoutSeconds", 1.0, 3.0, "Seconds that an answer may take.")
        .removal(Removal::Number(1.0)),
    Attribute::integer("failureThreshold", 1.0, 120.0, "Failures in a row that make it unwell.")
        .removal(Removal::Number(3.0)),
    Attribute::integer("successThreshold", 1.0, 120.0, "Successes in a row that make it well again.")
        .removal(Removal::Number(1.0)),
];

/// How a route rewrites paths.
pub const REWRITE: &[Attribute] = &[
    Attribute::new("equalRules", Kind::List(&Kind::Object(RULE), Order::Listed), "Rules for one exact path."),
    Attribute::new("wildcardRules", Kind::List(&Kind::Object(RULE), Order::Listed), "Rules with `*`."),
    Attribute::new(
        "regexRules",
        Kind::List(&Kind::Object(RULE), Order::Listed),
        "Rules with a regular expression.",
    ),
];

const RULE: &[Attribute] = &[
    Attribute::text("match", "What is replaced.").required(),
    Attribute::text("replacement", "What it is replaced by.").required(),
];
