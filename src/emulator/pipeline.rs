//! One API call, from its arrival to its answer.
//!
//! It is counted, read, checked for its signature, given to the switches, carried out, and given to the
//! switches once more.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;

use super::activity::{self, Deed};
use super::api::{self, Call, Found, Handler, Reply, Row, Version};
use super::board::{Due, Pending, Release, Subject};
use super::cloud::Cloud;
use super::error::ApiError;
use super::http::{Answer, Head, Outcome, read_body};
use super::query::Query;
use super::signature::{self, Signed};
use super::switches::{Action, Console, Refusal, When};
use super::world::Map;
use super::world::code::PACKAGE_BYTES;
use super::{deploy, distort, fc_signature, invoke};

/// The largest JSON body: a package as base64, and room for the rest.
pub const JSON_BYTES: usize = PACKAGE_BYTES / 3 * 4 + (1 << 20);

/// Serves a call of one operation.
pub async fn call(
    cloud: &Arc<Cloud>,
    head: &Head,
    found: Found,
    region: &str,
    body: Body,
) -> Result<Outcome, ApiError> {
    let in_flight = cloud.counters.arrive(found.row.operation, found.row.writes());
    let outcome = admit(cloud, head, found, region, body).await;
    if outcome.is_err() {
        in_flight.refused();
    }
    outcome
}

async fn admit(
    cloud: &Arc<Cloud>,
    head: &Head,
    found: Found,
    region: &str,
    body: Body,
) -> Result<Outcome, ApiError> {
    let Found { row, version, params, qualifier } = found;
    let well_formed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if region.is_empty() || !region.bytes().all(well_formed) {
        return Err(ApiError::invalid(format!("'{region}' is not a region")));
    }
    let limit = match row.handler {
        Handler::Invoke => invoke::limit(head),
        _ => JSON_BYTES,
    };
    let bytes = read_body(body, limit).await?;
    let facts = Cloud::facts(region);
    let signed = Signed {
        method: &head.method,
        path: &head.path,
        raw_query: &head.raw_query,
        headers: &head.headers,
        body: &bytes,
    };
    match version {
        // Of these requests the query is not signed.
        Version::V2016 => {
            fc_signature::check_api(&Signed { raw_query: "", ..signed }, &cloud.keys, facts.now)?;
        }
        Version::V2021 | Version::V2023 => signature::check(&signed, &cloud.keys, facts.now)?,
    }
    let body = match row.handler {
        Handler::Invoke => Map::new(),
        _ => read_json(&bytes)?,
    };
    let subject: Subject = (region.to_owned(), api::subject(row, &params, &body));
    let call = Call {
        version,
        facts,
        base: cloud.base.clone(),
        own: cloud.own.clone(),
        params,
        query: Query::parse(&head.raw_query).or_set("qualifier", qualifier),
        if_match: head.headers.get("if-match").cloned(),
        code_checksum: head.headers.get("x-fc-code-checksum").cloned(),
        body,
    };
    let due = cloud.switches.arrive(row.operation, &subject);
    if let Some(outcome) = interfere(cloud, row, &subject, &due, When::Before).await? {
        return Ok(outcome);
    }
    let effect = if let Handler::Invoke = row.handler {
        let answered = invoke::invoke(cloud, &call, head, bytes).await;
        answered.map_err(|error| call.in_its_words(error))
    } else {
        carry_out(cloud, row, call, access_key(head), &subject, &due).await.map(|reply| answer(&reply))
    };
    if let Some(outcome) = interfere(cloud, row, &subject, &due, When::After).await? {
        return Ok(outcome);
    }
    effect.map(Outcome::Answer)
}

/// Reads a body; an empty one is an empty object.
pub fn read_json(bytes: &[u8]) -> Result<Map, ApiError> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok(Map::new());
    }
    serde_json::from_slice(bytes)
        .map_err(|error| ApiError::invalid(format!("the body is not a JSON object: {error}")))
}

/// Whose signature a request carries: `ACS3-HMAC-SHA256 Credential={id},…` or `FC {id}:…`.
fn access_key(head: &Head) -> String {
    let given = head.header("authorization");
    let id = match given.split_once("Credential=") {
        Some((_, rest)) => rest.split([',', '/']).next(),
        None => given.strip_prefix("FC ").and_then(|rest| rest.split(':').next()),
    };
    id.unwrap_or_default().trim().to_owned()
}

/// Carries an operation out and lets the switches have a look at its answer.
async fn carry_out(
    cloud: &Arc<Cloud>,
    row: &'static Row,
    call: Call,
    access_key: String,
    subject: &Subject,
    due: &[Due],
) -> Result<Reply, ApiError> {
    if row.operation.starts_with("Get") && cloud.switches.takes_read(subject) {
        return Err(hidden(row.operation, &subject.1));
    }
    let mut reply = perform(cloud, row, call, Some(access_key)).await?;
    let creates = row.operation.starts_with("Create");
    let how = if creates { Pending::Create } else { Pending::Update };
    let writes_function = matches!(row.operation, "CreateFunction" | "UpdateFunction");
    if writes_function {
        cloud.switches.fail(subject, None);
    }
    for Due { number, action, .. } in due {
        match (action, &mut reply.body) {
            (Action::HideFromLists(lists), _) if creates => {
                cloud.switches.hide_from_lists(subject.clone(), *lists);
            }
            (Action::HideFromReads(reads), _) if creates => {
                cloud.switches.hide_from_reads(subject.clone(), *reads);
            }
            (Action::Pending(milliseconds), _) if writes_function => {
                cloud.switches.unsettle(subject.clone(), how, Duration::from_millis(*milliseconds));
            }
            (Action::Fail(reason), _) if writes_function => {
                cloud.switches.fail(subject, Some((how, reason.clone())));
            }
            (Action::Reshape(how), Some(body)) => distort::reshape(body, how),
            (Action::Touch(seconds), Some(body)) => {
                distort::touch(body, seconds.saturating_mul(i64::try_from(*number).unwrap_or(i64::MAX)));
            }
            _ => {}
        }
    }
    if let Some(body) = &mut reply.body {
        if row.operation == "GetFunction" || writes_function {
            if let Some(how) = cloud.switches.unsettled(subject) {
                distort::unsettle(body, how);
            } else if let Some((how, reason)) = cloud.switches.failed(subject) {
                distort::fail(body, how, &reason);
            }
        }
        if row.operation.starts_with("List") {
            distort::hide(body, &cloud.switches, &subject.0, &subject.1);
        }
    }
    Ok(reply)
}

/// Runs an operation's handler.
async fn perform(
    cloud: &Arc<Cloud>,
    row: &'static Row,
    call: Call,
    access_key: Option<String>,
) -> Result<Reply, ApiError> {
    let region = call.facts.region.clone();
    let reply = match row.handler {
        Handler::Read(handler) => {
            handler(&call, &cloud.store.reader()?).map_err(|error| call.in_its_words(error))?
        }
        Handler::Write(handler) => {
            // A durable write waits for the disk, which must not keep other requests from being served.
            let cloud = Arc::clone(cloud);
            let work = move || {
                let changed = cloud.store.change(|writer| {
                    let reply = handler(&call, writer)?;
                    let deed = Deed {
                        access_key,
                        operation: row.operation.to_owned(),
                        subject: api::subject(row, &call.params, &call.body),
                        region: call.facts.region.clone(),
                        time: call.facts.time(),
                    };
                    activity::note(writer, deed)?;
                    Ok(reply)
                });
                changed.map_err(|error| call.in_its_words(error))
            };
            tokio::task::spawn_blocking(work).await.map_err(ApiError::internal)??
        }
        Handler::Invoke => return Err(ApiError::invalid("a function cannot be invoked from here")),
    };
    if row.writes() {
        cloud.changes.send_modify(|number| *number += 1);
    }
    if let Some(function) = &reply.retired {
        cloud.logs.forget(&region, function);
        let keys = cloud.take_deployed(&deploy::key_prefix(&region, function));
        let runner = cloud.runner.clone();
        tokio::spawn(async move {
            for key in keys {
                runner.retire(&key).await;
            }
        });
    }
    Ok(reply)
}

/// The refusal for what is there but must not be found yet.
fn hidden(operation: &str, name: &str) -> ApiError {
    let code = match operation {
        "GetService" => "ServiceNotFound",
        "GetTrigger" => "TriggerNotFound",
        "GetAlias" => "AliasNotFound",
        "GetCustomDomain" => "DomainNameNotFound",
        _ => "FunctionNotFound",
    };
    ApiError::not_found(code, format_args!("'{name}'"))
}

fn answer(reply: &Reply) -> Answer {
    let answer = match &reply.body {
        Some(body) => Answer::json(200, body),
        None => Answer { status: 204, ..Answer::default() },
    };
    match reply.revision {
        Some(revision) => answer.with("etag", api::etag(revision)),
        None => answer,
    }
}

/// Applies the actions that are due at one side of the effect. `Some` ends the call with that outcome.
async fn interfere(
    cloud: &Arc<Cloud>,
    row: &'static Row,
    subject: &Subject,
    due: &[Due],
    when: When,
) -> Result<Option<Outcome>, ApiError> {
    for due in due.iter().filter(|due| due.when == when) {
        match &due.action {
            Action::Delay(milliseconds) => tokio::time::sleep(Duration::from_millis(*milliseconds)).await,
            Action::Hold => match cloud.switches.hold(&due.rule, row.operation, subject, when).await {
                Some(Release::Proceed) => {}
                Some(Release::Cut) | None => return Ok(Some(Outcome::Cut)),
            },
            Action::Cut => return Ok(Some(Outcome::Cut)),
            Action::Garbage => {
                let garbage =
                    Answer { status: 200, body: Bytes::from_static(b"<html>{not json"), ..Answer::default() };
                return Ok(Some(Outcome::Answer(garbage.with("content-type", "application/json"))));
            }
            Action::Refuse(refusal) => return Err(refuse(refusal, &due.rule)),
            Action::Console(console) => {
                behind_the_back(cloud, &subject.0, console).await.map_err(|error| {
                    ApiError::internal(format_args!(
                        "the switch `{}` made a change that was refused: {}",
                        due.rule, error.message
                    ))
                })?;
            }
            Action::HideFromLists(_)
            | Action::HideFromReads(_)
            | Action::Pending(_)
            | Action::Fail(_)
            | Action::Reshape(_)
            | Action::Touch(_) => {}
        }
    }
    Ok(None)
}

fn refuse(refusal: &Refusal, rule: &str) -> ApiError {
    let Refusal { status, code, message, retry_after } = refusal;
    let usual = match status {
        400 => "InvalidArgument",
        403 => "AccessDenied",
        404 => "FunctionNotFound",
        409 => "ConcurrentUpdateError",
        412 => "PreconditionFailed",
        429 => "Throttling.User",
        500 => "InternalServerError",
        502 => "BadResponse",
        _ => "ServiceUnavailable",
    };
    let message = message.clone().unwrap_or_else(|| format!("refused by the switch `{rule}`"));
    ApiError {
        retry_after: *retry_after,
        ..ApiError::new(*status, code.as_deref().unwrap_or(usual), message)
    }
}

/// Carries a call out as somebody in the console makes it: unsigned, uncounted, and past every switch.
pub async fn behind_the_back(
    cloud: &Arc<Cloud>,
    region: &str,
    console: &Console,
) -> Result<Answer, ApiError> {
    let (method, target) = console
        .call
        .split_once(' ')
        .ok_or_else(|| ApiError::invalid(format!("'{}' is not a method and a path", console.call)))?;
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let call =
        Unsigned { region, method, path, raw_query: query, if_match: None, body: console.body.clone() };
    unsigned(cloud, call).await
}

/// A call that nobody signed.
pub struct Unsigned<'a> {
    /// Where.
    pub region: &'a str,
    /// Such as `GET`.
    pub method: &'a str,
    /// With the version of the API, as sent.
    pub path: &'a str,
    /// As sent, without `?`.
    pub raw_query: &'a str,
    /// The `If-Match` header.
    pub if_match: Option<String>,
    /// The JSON body.
    pub body: Map,
}

/// Carries such a call out, with the validation of every other, but uncounted and past every switch.
pub async fn unsigned(cloud: &Arc<Cloud>, call: Unsigned<'_>) -> Result<Answer, ApiError> {
    let Unsigned { region, method, path, raw_query, if_match, body } = call;
    let found = api::find(method, path).ok_or_else(|| ApiError::no_such_path(method, path))?;
    let Found { row, version, params, qualifier } = found;
    let call = Call {
        version,
        facts: Cloud::facts(region),
        base: cloud.base.clone(),
        own: cloud.own.clone(),
        params,
        query: Query::parse(raw_query).or_set("qualifier", qualifier),
        if_match,
        code_checksum: None,
        body,
    };
    perform(cloud, row, call, None).await.map(|reply| answer(&reply))
}
