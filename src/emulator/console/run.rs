//! A test call of a function: what it answered, and what it wrote.

use std::sync::Arc;

use axum::body::Body;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::emulator::api::{Call, Version};
use crate::emulator::cloud::Cloud;
use crate::emulator::error::ApiError;
use crate::emulator::http::{Answer, Head, read_body};
use crate::emulator::invoke;
use crate::emulator::query::Query;
use crate::emulator::world::Map;

/// How much of an answer the page is shown.
const SHOWN_BYTES: usize = 1 << 20;

/// Calls a function with the event in the body. What the function answers becomes text inside of JSON: a browser that
/// is shown this very answer sees no page of the function's making.
pub async fn invoke(
    cloud: &Arc<Cloud>,
    head: &Head,
    region: &str,
    function: &str,
    body: Body,
) -> Result<Answer, ApiError> {
    let event = read_body(body, invoke::SYNC_BYTES).await?;
    let call = Call {
        version: Version::V2023,
        facts: Cloud::facts(region),
        base: cloud.base.clone(),
        own: cloud.own.clone(),
        params: vec![function.to_owned()],
        query: Query::parse(&head.raw_query),
        if_match: None,
        code_checksum: None,
        body: Map::new(),
    };
    let mut head = head.clone();
    head.headers.insert("x-fc-log-type".to_owned(), "Tail".to_owned());
    head.headers.remove("x-fc-invocation-type");
    let answer = invoke::invoke(cloud, &call, &head, event).await?;
    let mut log = String::new();
    let mut headers = Vec::new();
    for (name, value) in &answer.headers {
        if name == "x-fc-log-result" {
            log = String::from_utf8_lossy(&STANDARD.decode(value).unwrap_or_default()).into_owned();
        } else {
            headers.push(json!([name, String::from_utf8_lossy(value)]));
        }
    }
    let shown = &answer.body[..answer.body.len().min(SHOWN_BYTES)];
    let result: Value = json!({
        "status": answer.status,
        "headers": headers,
        "body": String::from_utf8_lossy(shown),
        "bytes": answer.body.len(),
        "log": log,
    });
    Ok(Answer::json(200, &result))
}
