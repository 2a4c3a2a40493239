//! `InvokeFunction`: runs a function with an event, now or in the background.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use uuid::Uuid;

use super::api::{self, Call};
use super::board::Pending;
use super::cloud::Cloud;
use super::deploy;
use super::error::ApiError;
use super::http::{Answer, Head};
use super::runner::{self, Deployment, Event};

/// The largest event of a call that is waited for.
pub const SYNC_BYTES: usize = 32 << 20;

/// The largest event of a call that is not.
pub const ASYNC_BYTES: usize = 128 << 10;

/// How much of the log a caller may ask for.
const TAIL_BYTES: usize = 4 << 10;

/// Whether a caller does not wait for the answer.
pub fn is_async(head: &Head) -> bool {
    head.header("x-fc-invocation-type").eq_ignore_ascii_case("async")
}

/// The largest body this call may have.
pub fn limit(head: &Head) -> usize {
    if is_async(head) { ASYNC_BYTES } else { SYNC_BYTES }
}

/// Carries the operation out.
pub async fn invoke(
    cloud: &Arc<Cloud>,
    call: &Call,
    head: &Head,
    payload: Bytes,
) -> Result<Answer, ApiError> {
    let word = |name: &str, words: [&str; 2]| {
        let value = head.header(name);
        let fits = value.is_empty() || words.iter().any(|word| value.eq_ignore_ascii_case(word));
        fits.then_some(())
            .ok_or_else(|| ApiError::invalid(format!("{name} must be {} or {}", words[0], words[1])))
    };
    word("x-fc-invocation-type", ["Sync", "Async"])?;
    word("x-fc-log-type", ["None", "Tail"])?;
    let function = &call.function();
    let qualifier = call.query.get("qualifier").unwrap_or("LATEST");
    let deployment = deployed(cloud, &call.facts.region, function, qualifier)?;
    let subject = (call.facts.region.clone(), function.replace('$', "/"));
    let unready = match cloud.switches.unsettled(&subject) {
        Some(Pending::Create) => Some("Pending: its resources are being prepared".to_owned()),
        _ => cloud
            .switches
            .failed(&subject)
            .and_then(|(how, reason)| (how == Pending::Create).then(|| format!("Failed: {reason}"))),
    };
    if let Some(state) = unready {
        return Err(ApiError::new(412, "FunctionNotReady", format!("function '{function}' is {state}")));
    }
    let event = Event { request_id: head.request_id.clone(), payload };
    if is_async(head) {
        let cloud = Arc::clone(cloud);
        tokio::spawn(async move {
            let answer = cloud.runner.invoke(&deployment, event).await;
            cloud.logs.add(&deployment.region, &deployment.full_name(), &answer.log);
        });
        return Ok(accepted(head));
    }
    let answer = cloud.runner.invoke(&deployment, event).await;
    cloud.logs.add(&deployment.region, &deployment.full_name(), &answer.log);
    if let Some(error) = &answer.platform_error {
        return Err(ApiError::new(error.status, error.code, error.message.clone()));
    }
    let kind = if answer.error_type.is_some() { "application/json" } else { "application/octet-stream" };
    let shown = Answer { status: answer.status, body: answer.body.clone(), ..Answer::default() };
    Ok(measures(shown.with("content-type", kind), &deployment, &answer, head))
}

/// The deployment behind a qualifier, unless the function may not run.
pub fn deployed(
    cloud: &Cloud,
    region: &str,
    function: &str,
    qualifier: &str,
) -> Result<Deployment, ApiError> {
    let reader = cloud.store.reader()?;
    let luck = f64::from(Uuid::new_v4().as_fields().0) / f64::from(u32::MAX);
    let deployment = deploy::deployment(cloud, &reader, region, function, qualifier, luck)?;
    if api::is_blocked(&reader, region, function, qualifier)? {
        return Err(ApiError::new(
            429,
            "ResourceExhausted",
            format!("function '{function}' has a reserved concurrency of 0"),
        ));
    }
    cloud.note_deployed(&deployment.key);
    Ok(deployment)
}

/// 202: it runs, and nobody waits.
pub fn accepted(head: &Head) -> Answer {
    let answer = Answer { status: 202, ..Answer::default() };
    // What a caller names its task by, in 3.0 and in 2.0.
    for name in ["x-fc-async-task-id", "x-fc-stateful-async-invocation-id"] {
        if !head.header(name).is_empty() {
            return answer.with(name, head.header(name).to_owned());
        }
    }
    answer
}

/// Puts on what the service tells about a call.
pub fn measures(answer: Answer, deployment: &Deployment, run: &runner::Answer, head: &Head) -> Answer {
    let version = if deployment.version_id.is_empty() { "LATEST" } else { &deployment.version_id };
    let mut answer = answer
        .with("x-fc-code-checksum", deployment.code_checksum.clone())
        .with("x-fc-instance-id", run.instance_id.clone())
        .with("x-fc-invocation-duration", run.duration.as_millis().to_string())
        .with("x-fc-invocation-service-version", version.to_owned())
        .with("x-fc-max-memory-usage", format!("{:.1}", run.max_memory_mb));
    if let Some(kind) = run.error_type {
        answer = answer.with("x-fc-error-type", kind);
    }
    if head.header("x-fc-log-type").eq_ignore_ascii_case("tail") {
        let log = run.log.as_bytes();
        let tail = &log[log.len().saturating_sub(TAIL_BYTES)..];
        answer = answer.with("x-fc-log-result", STANDARD.encode(tail));
    }
    answer
}
