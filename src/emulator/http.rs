//! From a request on the wire to an answer on the wire.
//!
//! Every request runs in a task of its own, so that a caller who is gone does not stop what it asked for:
//! the real service does not notice either. An API call is counted, read, checked for its signature, given
//! to the switches, carried out, and given to the switches once more.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use serde_json::Value;

use super::api::{self, Call, Handler, Reply, Row};
use super::cloud::Cloud;
use super::error::ApiError;
use super::query::{Query, decode_segment};
use super::signature::{self, Signed};
use super::store::Look;
use super::switches::{Action, Due, Pending, Refusal, Release, Subject, When};
use super::world::code::PACKAGE_BYTES;
use super::world::{Document, Map};
use super::{DEFAULT_REGION, REGION_HEADER, deploy, distort, gateway, host, invoke, private};

/// The largest JSON body: a package as base64, and room for the rest.
const JSON_BYTES: usize = PACKAGE_BYTES / 3 * 4 + (1 << 20);

/// A request without its body.
#[derive(Clone, Debug)]
pub struct Head {
    /// Such as `GET`.
    pub method: String,
    /// As sent, percent-encoded, without the query.
    pub path: String,
    /// As sent, without `?`.
    pub raw_query: String,
    /// In the order received.
    pub raw_headers: Vec<(String, Bytes)>,
    /// By name in lower case; several values joined.
    pub headers: BTreeMap<String, String>,
    /// Who asks.
    pub peer: SocketAddr,
    /// The id that answers and logs carry.
    pub request_id: String,
}

impl Head {
    /// A header's value; empty when there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

/// An answer that can be sent.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// In the order to send.
    pub headers: Vec<(String, Bytes)>,
    /// The whole body.
    pub body: Bytes,
}

impl Answer {
    /// A JSON answer.
    pub fn json(status: u16, body: &Value) -> Self {
        Self { status, body: Bytes::from(body.to_string()), ..Self::default() }
            .with("content-type", "application/json; charset=utf-8")
    }

    /// With one header more.
    pub fn with(mut self, name: &str, value: impl Into<Bytes>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// The answer that a refusal is.
    pub fn refusal(error: &ApiError, request_id: &str) -> Self {
        let answer = Self::json(error.status, &error.body(request_id));
        match error.retry_after {
            Some(milliseconds) => answer.with("x-acs-retry-after", milliseconds.to_string()),
            None => answer,
        }
    }
}

/// What becomes of a request.
#[derive(Debug)]
pub enum Outcome {
    /// It is answered.
    Answer(Answer),
    /// Its connection is cut.
    Cut,
}

/// Serves one request.
pub async fn handle(
    State(cloud): State<Arc<Cloud>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let mut head = Head {
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
        raw_query: parts.uri.query().unwrap_or_default().to_owned(),
        raw_headers: Vec::new(),
        headers: BTreeMap::new(),
        peer,
        request_id: cloud.request_id(),
    };
    for (name, value) in &parts.headers {
        head.raw_headers.push((name.as_str().to_owned(), Bytes::copy_from_slice(value.as_bytes())));
        let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
        head.headers
            .entry(name.as_str().to_owned())
            .and_modify(|joined| {
                joined.push(',');
                joined.push_str(&text);
            })
            .or_insert(text);
    }
    let request_id = head.request_id.clone();
    let outcome = match tokio::spawn(route(cloud, head, body)).await {
        Ok(outcome) => outcome,
        Err(error) => Outcome::Answer(Answer::refusal(&ApiError::internal(error), &request_id)),
    };
    response(outcome, &request_id)
}

fn response(outcome: Outcome, request_id: &str) -> Response {
    let answer = match outcome {
        Outcome::Answer(answer) => answer,
        // A body that fails before its first byte makes the server drop the connection unanswered.
        Outcome::Cut => {
            let cut = futures_util::stream::once(async {
                Err::<Bytes, _>(io::Error::from(io::ErrorKind::BrokenPipe))
            });
            return Response::new(Body::from_stream(cut));
        }
    };
    let mut response = Response::new(match answer.status {
        204 => Body::empty(),
        _ => Body::from(answer.body),
    });
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::BAD_GATEWAY);
    for (name, value) in answer.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_maybe_shared(value)) {
            response.headers_mut().append(name, value);
        }
    }
    if let Ok(value) = HeaderValue::from_str(request_id) {
        response.headers_mut().insert("x-fc-request-id", value);
    }
    response
}

/// Reads a whole body, or refuses it.
pub async fn read_body(body: Body, limit: usize) -> Result<Bytes, ApiError> {
    if axum::body::HttpBody::size_hint(&body).lower() > limit as u64 {
        return Err(ApiError::too_large(limit));
    }
    axum::body::to_bytes(body, limit).await.map_err(|_| ApiError::too_large(limit))
}

async fn route(cloud: Arc<Cloud>, head: Head, body: Body) -> Outcome {
    let request_id = head.request_id.clone();
    let routed = match host::read(head.header("host")) {
        host::Host::Label(label) => Ok(gateway::by_label(&cloud, &head, &label, &head.path, body).await),
        host::Host::Api(region) => ours(&cloud, &head, region, body).await,
        host::Host::Name { name, local } => match domain(&cloud, &name) {
            Ok(Some((region, domain))) => Ok(gateway::by_domain(&cloud, &head, &region, &domain, body).await),
            Ok(None) if local => ours(&cloud, &head, host::region_of_local(&name), body).await,
            Ok(None) => Err(ApiError::new(
                403,
                "AccessDenied",
                format!(
                    "'{name}' is not served here: the API is reached by a loopback name, functions by their trigger URLs and declared custom domains"
                ),
            )),
            Err(error) => Err(error),
        },
    };
    routed.unwrap_or_else(|error| Outcome::Answer(Answer::refusal(&error, &request_id)))
}

/// The custom domain that a host name is, in whichever region.
fn domain(cloud: &Cloud, name: &str) -> Result<Option<(String, Document)>, ApiError> {
    let found = cloud.store.reader()?.all(api::domains_everywhere())?;
    let fits = |pattern: &str| match pattern.strip_prefix('*') {
        Some(end) => name.ends_with(&end.to_ascii_lowercase()),
        None => name.eq_ignore_ascii_case(pattern),
    };
    Ok(found
        .into_iter()
        .filter_map(|(key, document)| Some((key.split_once('/')?.0.to_owned(), document)))
        .filter(|(_, document)| fits(document.text("domainName")))
        .min_by_key(|(_, document)| document.text("domainName").starts_with('*')))
}

/// Everything under a name of the API's own.
async fn ours(
    cloud: &Arc<Cloud>,
    head: &Head,
    region: Option<String>,
    body: Body,
) -> Result<Outcome, ApiError> {
    if let Some(path) = head.path.strip_prefix("/_triform/") {
        return private::serve(cloud, head, path, body).await.map(Outcome::Answer);
    }
    if let Some(rest) = head.path.strip_prefix("/_http/") {
        let (label, path) = rest.find('/').map_or((rest, "/"), |slash| rest.split_at(slash));
        return Ok(gateway::by_label(cloud, head, label, path, body).await);
    }
    if let Some(digest) = head.path.strip_prefix("/_code/") {
        return download(cloud, head, digest).map(Outcome::Answer);
    }
    let Some((row, params)) = api::find(&head.method, &head.path) else {
        return Err(ApiError::no_such_path(&head.method, &head.path));
    };
    let given = Some(head.header(REGION_HEADER)).filter(|region| !region.is_empty());
    let region = region.or(given.map(str::to_owned)).unwrap_or_else(|| DEFAULT_REGION.to_owned());
    let in_flight = cloud.counters.arrive(row.operation, row.writes());
    let outcome = call(cloud, head, row, params, &region, body).await;
    if outcome.is_err() {
        in_flight.refused();
    }
    outcome
}

/// The bytes of a package. The URL is known only to who was told it, as with the service's own.
fn download(cloud: &Cloud, head: &Head, digest: &str) -> Result<Answer, ApiError> {
    if head.method != "GET" && head.method != "HEAD" {
        return Err(ApiError::no_such_path(&head.method, &head.path));
    }
    let bytes = cloud
        .store
        .reader()?
        .package(digest)?
        .ok_or_else(|| ApiError::not_found("NoSuchKey", "the package"))?;
    Ok(Answer { status: 200, body: bytes, ..Answer::default() }.with("content-type", "application/zip"))
}

async fn call(
    cloud: &Arc<Cloud>,
    head: &Head,
    row: &'static Row,
    params: Vec<String>,
    region: &str,
    body: Body,
) -> Result<Outcome, ApiError> {
    if region.is_empty() || region.contains('/') {
        return Err(ApiError::invalid(format!("'{region}' is not a region")));
    }
    let limit = match row.handler {
        Handler::Invoke => invoke::limit(head),
        _ => JSON_BYTES,
    };
    let bytes = read_body(body, limit).await?;
    let facts = cloud.facts(region);
    let signed = Signed {
        method: &head.method,
        path: &head.path,
        raw_query: &head.raw_query,
        headers: &head.headers,
        body: &bytes,
    };
    signature::check(&signed, &cloud.keys, facts.now)?;
    let body = match row.handler {
        Handler::Invoke => Map::new(),
        _ => read_json(&bytes)?,
    };
    let subject: Subject = (region.to_owned(), api::subject(row, &params, &body));
    let call = Call {
        facts,
        base: cloud.base.clone(),
        params,
        query: Query::parse(&head.raw_query),
        if_match: head.headers.get("if-match").cloned(),
        body,
    };
    let due = cloud.switches.arrive(row.operation, &subject);
    if let Some(outcome) = interfere(cloud, row, &subject, &due, When::Before).await? {
        return Ok(outcome);
    }
    let effect = if let Handler::Invoke = row.handler {
        invoke::invoke(cloud, &call, head, bytes).await
    } else {
        carry_out(cloud, row, call, &subject, &due).await.map(|reply| answer(&reply))
    };
    if let Some(outcome) = interfere(cloud, row, &subject, &due, When::After).await? {
        return Ok(outcome);
    }
    effect.map(Outcome::Answer)
}

fn read_json(bytes: &[u8]) -> Result<Map, ApiError> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok(Map::new());
    }
    serde_json::from_slice(bytes)
        .map_err(|error| ApiError::invalid(format!("the body is not a JSON object: {error}")))
}

/// Carries an operation out and lets the switches have a look at its answer.
async fn carry_out(
    cloud: &Arc<Cloud>,
    row: &'static Row,
    call: Call,
    subject: &Subject,
    due: &[Due],
) -> Result<Reply, ApiError> {
    if row.operation.starts_with("Get") && cloud.switches.takes_read(subject) {
        return Err(hidden(row.operation, &subject.1));
    }
    let mut reply = perform(cloud, row, call).await?;
    let creates = row.operation.starts_with("Create");
    for Due { number, action, .. } in due {
        match (action, &mut reply.body) {
            (Action::HideFromLists(lists), _) if creates => {
                cloud.switches.hide_from_lists(subject.clone(), *lists)
            }
            (Action::HideFromReads(reads), _) if creates => {
                cloud.switches.hide_from_reads(subject.clone(), *reads)
            }
            (Action::Pending(milliseconds), _) if creates || row.operation == "UpdateFunction" => {
                let how = if creates { Pending::Create } else { Pending::Update };
                cloud.switches.unsettle(subject.clone(), how, Duration::from_millis(*milliseconds));
            }
            (Action::Reshape(how), Some(body)) => distort::reshape(body, how),
            (Action::Touch(seconds), Some(body)) => {
                distort::touch(body, seconds.saturating_mul(i64::try_from(*number).unwrap_or(i64::MAX)));
            }
            _ => {}
        }
    }
    if let Some(body) = &mut reply.body {
        if matches!(row.operation, "GetFunction" | "CreateFunction" | "UpdateFunction")
            && let Some(how) = cloud.switches.unsettled(subject)
        {
            distort::unsettle(body, how);
        }
        if row.operation.starts_with("List") {
            distort::hide(body, &cloud.switches, &subject.0, &subject.1);
        }
    }
    Ok(reply)
}

/// Runs an operation's handler.
async fn perform(cloud: &Arc<Cloud>, row: &'static Row, call: Call) -> Result<Reply, ApiError> {
    let region = call.facts.region.clone();
    let reply = match row.handler {
        Handler::Read(handler) => handler(&call, &cloud.store.reader()?)?,
        Handler::Write(handler) => {
            // A durable write waits for the disk, which must not keep other requests from being served.
            let cloud = Arc::clone(cloud);
            tokio::task::spawn_blocking(move || cloud.store.change(|writer| handler(&call, writer)))
                .await
                .map_err(ApiError::internal)??
        }
        Handler::Invoke => return Err(ApiError::invalid("a function cannot be invoked from here")),
    };
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
                })?
            }
            Action::HideFromLists(_)
            | Action::HideFromReads(_)
            | Action::Pending(_)
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

async fn behind_the_back(
    cloud: &Arc<Cloud>,
    region: &str,
    console: &super::switches::Console,
) -> Result<(), ApiError> {
    let (method, target) = console
        .call
        .split_once(' ')
        .ok_or_else(|| ApiError::invalid(format!("'{}' is not a method and a path", console.call)))?;
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let (row, params) =
        api::find(method, path).ok_or_else(|| ApiError::no_such_path(method, &decode_segment(path)))?;
    let call = Call {
        facts: cloud.facts(region),
        base: cloud.base.clone(),
        params,
        query: Query::parse(query),
        if_match: None,
        body: console.body.clone(),
    };
    perform(cloud, row, call).await.map(|_| ())
}
