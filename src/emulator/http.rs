//! From a request on the wire to an answer on the wire.
//!
//! Every request runs in a task of its own, so that a caller who is gone does not stop what it asked for:
//! the real service does not notice either.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use serde_json::Value;

use super::api;
use super::cloud::Cloud;
use super::error::ApiError;
use super::store::Look;
use super::world::Document;
use super::{DEFAULT_REGION, REGION_HEADER, console, gateway, host, pipeline, private};

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
        request_id: Cloud::request_id(),
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
        host::Host::Console => Ok(Outcome::Answer(console::serve(&cloud, &head, body).await)),
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
    if let Some(answer) = console::redirect(head) {
        return Ok(Outcome::Answer(answer));
    }
    let given = Some(head.header(REGION_HEADER)).filter(|region| !region.is_empty());
    let region = region.or(given.map(str::to_owned)).unwrap_or_else(|| DEFAULT_REGION.to_owned());
    if let Some(target) = gateway::targeted(head) {
        return Ok(gateway::by_proxy(cloud, head, &region, &target, body).await);
    }
    let Some(found) = api::find(&head.method, &head.path) else {
        return Err(ApiError::no_such_path(&head.method, &head.path));
    };
    pipeline::call(cloud, head, found, &region, body).await
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
