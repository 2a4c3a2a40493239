//! The cloud's own endpoints, under `/_triform/`: who it is, switches, counters, logs, and calls past all of them.
//!
//! They are unsigned, for people with `curl`; the loopback address is what protects them, and a request
//! that a web page made (it carries an `Origin`) is refused.

use std::sync::Arc;

use axum::body::Body;
use serde::Deserialize;
use serde_json::{Value, json};

use super::board::Release;
use super::cloud::Cloud;
use super::error::ApiError;
use super::http::{Answer, Head, read_body};
use super::query::Query;
use super::switches::{Console, Switches};
use super::{ACCOUNT, DEFAULT_REGION, SERVER_NAME, pipeline};

/// The largest document of switches.
const SWITCHES_BYTES: usize = 1 << 20;

/// Which held calls go on, and how.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReleaseRequest {
    #[serde(default)]
    rule: Option<String>,
    #[serde(default = "proceed")]
    then: Release,
}

fn proceed() -> Release {
    Release::Proceed
}

/// Serves a path after `/_triform/`.
pub async fn serve(cloud: &Arc<Cloud>, head: &Head, path: &str, body: Body) -> Result<Answer, ApiError> {
    if !head.header("origin").is_empty() {
        return Err(ApiError::new(
            403,
            "AccessDenied",
            "web pages may not use the cloud's private endpoints",
        ));
    }
    let done = Answer { status: 204, ..Answer::default() };
    let show = |value: &Value| Answer::json(200, value);
    match (head.method.as_str(), path) {
        ("GET", "v1/marker") => Ok(show(&json!({
            "server": SERVER_NAME,
            "version": env!("CARGO_PKG_VERSION"),
            "account": ACCOUNT,
            "data": cloud.store.folder(),
        }))),
        ("GET", "v1/switches") => Ok(show(&json!(cloud.switches.get()))),
        ("PUT", "v1/switches") => {
            let bytes = read_body(body, SWITCHES_BYTES).await?;
            let switches = Switches::from_json(&String::from_utf8_lossy(&bytes))
                .map_err(|error| ApiError::invalid(error.to_string()))?;
            cloud.switches.set(switches);
            Ok(done)
        }
        ("DELETE", "v1/switches") => {
            cloud.switches.set(Switches::default());
            Ok(done)
        }
        ("POST", "v1/switches/release") => {
            let bytes = read_body(body, SWITCHES_BYTES).await?;
            let text = if bytes.is_empty() { b"{}".as_slice() } else { &bytes };
            let request: ReleaseRequest = serde_json::from_slice(text)
                .map_err(|error| ApiError::invalid(format!("the body is not a release: {error}")))?;
            Ok(show(&json!({"released": cloud.switches.release(request.rule.as_deref(), request.then)})))
        }
        ("POST", "v1/console") => {
            let bytes = read_body(body, pipeline::JSON_BYTES).await?;
            let console: Console = serde_json::from_slice(&bytes)
                .map_err(|error| ApiError::invalid(format!("the body is not a call: {error}")))?;
            let query = Query::parse(&head.raw_query);
            pipeline::behind_the_back(cloud, query.get("region").unwrap_or(DEFAULT_REGION), &console).await
        }
        ("GET", "v1/counters") => {
            let mut counters = cloud.counters.show();
            counters["held"] = cloud.switches.show_held();
            Ok(show(&counters))
        }
        ("DELETE", "v1/counters") => {
            cloud.counters.reset();
            Ok(done)
        }
        ("GET", "v1/logs") => {
            let query = Query::parse(&head.raw_query);
            let function = query.get("function").ok_or_else(|| ApiError::invalid("function is required"))?;
            let region = query.get("region").unwrap_or(DEFAULT_REGION);
            Ok(show(&json!({"lines": cloud.logs.of(region, function)})))
        }
        _ => Err(ApiError::no_such_path(&head.method, &head.path)),
    }
}
