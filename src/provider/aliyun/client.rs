//! One signed call, and what came back.
//!
//! A call knows three things that matter afterwards: the service's answer, the error in the service's words,
//! and whether it may have had an effect although there was no good answer. Redirects are not followed, since
//! the signature is for one host. Loopback goes past every proxy. What the client does not do is decide:
//! which errors mean absent, and what is written, is the business of the API's own module.

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::{Method, StatusCode};
use tokio::sync::{OnceCell, Semaphore};

use super::credentials::Credentials;
use super::endpoint::{Endpoints, Origin};
use super::pace::{self, Gate, Patience, Trouble};
use super::signature::{self, Unsigned};
use super::{fc_signature, older, wire};
use crate::model::{CloudError, ErrorClass, Value};
use crate::sys::clock::{Clock as _, SystemClock};
use crate::sys::http::{self, Redirects};

/// Reads in flight at most; latency decides how long a plan takes, and this many hide it.
const READS_IN_FLIGHT: usize = 64;
/// Downloads at a time.
const DOWNLOADS_AT_A_TIME: usize = 4;
/// Bytes of an answer at most; a page of a hundred functions takes a few hundred kilobytes.
const ANSWER_LIMIT: u64 = 64 << 20;
/// Bytes that an upload sends in a second at least, before it counts as stuck.
const SLOWEST_UPLOAD: u64 = 64 << 10;

/// How long to wait for a cloud.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// For a connection.
    pub connect: Duration,
    /// For an answer; uploads get more, by their size. In a download, for each piece of it.
    pub answer: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), answer: Duration::from_secs(20) }
    }
}

/// Where a call goes.
#[derive(Clone, Copy, Debug)]
pub enum Service<'a> {
    /// Function Compute.
    FunctionCompute {
        /// In this region.
        region: &'a str,
        /// The generation of the API.
        version: &'static str,
        /// At the account's own host, and not at the one of all accounts.
        of_account: bool,
    },
    /// The service that knows whose a key is.
    Sts,
}

impl Service<'_> {
    fn version(self) -> &'static str {
        match self {
            Self::FunctionCompute { version, .. } => version,
            Self::Sts => "2015-04-01",
        }
    }
}

/// One call.
#[derive(Debug)]
pub struct Request<'a> {
    /// Where to.
    pub service: Service<'a>,
    /// The operation, in the service's word.
    pub operation: &'static str,
    /// The HTTP method; only GET counts as reading.
    pub method: Method,
    /// The path, segment by segment, not encoded.
    pub segments: Vec<&'a str>,
    /// The query, not encoded.
    pub query: Vec<(&'static str, &'a str)>,
    /// The body.
    pub body: Option<serde_json::Value>,
    /// The `ETag` that the resource must still have.
    pub condition: Option<&'a str>,
}

/// A good answer.
#[derive(Debug)]
pub struct Answer {
    /// Its fields, nulls left out; none for an empty body.
    pub document: BTreeMap<String, Value>,
    /// Its `ETag`.
    pub condition: Option<String>,
}

/// A call that did not go well.
#[derive(Clone, Debug)]
pub struct Failure {
    /// What the service said, or what went wrong on the way.
    pub error: Box<CloudError>,
    /// Whether the call may have had its effect all the same.
    pub unsure: bool,
    /// Whether the service could not even be reached, so that asking for something else is no use.
    pub unreachable: bool,
    trouble: Trouble,
    advised: Option<Duration>,
}

impl Failure {
    /// Returns the failure of a call that was not made, because another one that it needs failed.
    pub fn before(error: CloudError) -> Self {
        let (unsure, unreachable) = (false, error.status.is_none());
        Self { error: Box::new(error), unsure, unreachable, trouble: Trouble::Settled, advised: None }
    }
}

/// The HTTP client of one run.
#[derive(Debug)]
pub struct Client {
    http: reqwest::Client,
    downloads: OnceLock<reqwest::Client>,
    downloading: Semaphore,
    endpoints: Endpoints,
    /// Whose key it is.
    pub credentials: Credentials,
    /// The number of the account, once it is known: some hosts are called by it.
    pub account: OnceCell<String>,
    older: bool,
    timeouts: Timeouts,
    patience: Patience,
    gate: Gate,
}

impl Client {
    /// Returns a client; `account` where it is known beforehand. `older` says that FC 2.0 is spoken to in its older
    /// version.
    pub fn new(
        endpoints: Endpoints,
        credentials: Credentials,
        account: Option<String>,
        older: bool,
        timeouts: Timeouts,
        patience: Patience,
    ) -> Result<Self, reqwest::Error> {
        Ok(Self {
            http: http::client(endpoints.way(), Redirects::None, timeouts.connect)?,
            downloads: OnceLock::new(),
            downloading: Semaphore::new(DOWNLOADS_AT_A_TIME),
            endpoints,
            credentials,
            account: OnceCell::new_with(account),
            older,
            timeouts,
            patience,
            gate: Gate::new(READS_IN_FLIGHT),
        })
    }

    /// Returns where calls go.
    pub fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }

    /// Makes a call, and repeats it where that is safe.
    pub async fn send(&self, request: &Request<'_>) -> Result<Answer, Failure> {
        let prepared = self.prepare(request)?;
        let only_reads = request.method == Method::GET;
        pace::repeat(
            self.patience,
            only_reads,
            pace::chance,
            || self.pass(request, &prepared, only_reads),
            |failure| (failure.trouble, failure.advised),
        )
        .await
    }

    /// Tries once; reads go through the gate.
    async fn pass(
        &self,
        request: &Request<'_>,
        prepared: &Prepared,
        only_reads: bool,
    ) -> Result<Answer, Failure> {
        if !only_reads {
            return self.attempt(request, prepared).await;
        }
        let pass = self.gate.enter().await;
        let result = self.attempt(request, prepared).await;
        pass.leave(matches!(&result, Err(failure) if failure.trouble == Trouble::Throttled));
        result
    }

    fn prepare(&self, request: &Request<'_>) -> Result<Prepared, Failure> {
        let invalid = |message: String| Failure {
            error: Box::new(error(request.operation, ErrorClass::Invalid, message)),
            unsure: false,
            unreachable: false,
            trouble: Trouble::Settled,
            advised: None,
        };
        // Clients and servers resolve dots in paths, so a name of dots would reach another resource.
        if let Some(name) = request.segments.iter().find(|name| matches!(**name, "" | "." | "..")) {
            return Err(invalid(format!("`{name}` cannot be a name")));
        }
        if let Service::FunctionCompute { region, .. } = request.service {
            // It becomes part of a host's name, and the host gets a signature.
            if region.is_empty() || !region.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
                return Err(invalid(format!("`{region}` is no region")));
            }
        }
        let origin = match request.service {
            Service::FunctionCompute { region, of_account: false, .. } => {
                self.endpoints.function_compute(region, None)
            }
            Service::FunctionCompute { region, of_account: true, .. } => {
                self.endpoints.function_compute(region, self.account.get().map(String::as_str))
            }
            Service::Sts => self.endpoints.sts(),
        };
        let words = if self.older { older::in_older_words(request) } else { older::as_made(request) };
        let path = signature::path(words.segments.iter().map(AsRef::as_ref));
        let query = signature::query(words.query.iter().copied());
        let mut url = format!("{origin}{path}");
        if !query.is_empty() {
            url.push('?');
            url.push_str(&query);
        }
        let body = match &words.body {
            Some(json) => serde_json::to_vec(json.as_ref()).map_err(|error| invalid(error.to_string()))?,
            None => Vec::new(),
        };
        let older = words.older.then(|| format!("/{}", words.segments.join("/")));
        Ok(Prepared { origin, path, query, url, body: body.into(), older })
    }

    async fn attempt(&self, request: &Request<'_>, prepared: &Prepared) -> Result<Answer, Failure> {
        let upload = Duration::from_secs(prepared.body.len() as u64 / SLOWEST_UPLOAD);
        let response = self
            .signed(request, prepared)
            .timeout(self.timeouts.answer + upload)
            .send()
            .await
            .map_err(|source| on_the_way(request, &source))?;
        let status = response.status();
        let header = |name: &str| response.headers().get(name)?.to_str().ok().map(str::to_owned);
        let request_id = header("x-fc-request-id").or_else(|| header("x-acs-request-id")).unwrap_or_default();
        let condition = header("etag");
        let advised = advice(header("x-acs-retry-after"), header("retry-after"));
        let throttles =
            header("x-acs-retry-after").is_some_and(|value| value.parse::<u64>().is_ok_and(|ms| ms > 0));
        let body =
            collect(response, ANSWER_LIMIT, self.timeouts.answer).await.map_err(|problem| match problem {
                Interrupted::Broken(source) => on_the_way(request, &source),
                Interrupted::Stuck => stuck(request),
                Interrupted::TooLarge => nonsense(request, status, &request_id, "the answer is too large"),
            })?;
        tracing::debug!(
            operation = request.operation,
            path = prepared.path,
            status = status.as_u16(),
            request_id,
            "called"
        );
        if status.is_success() {
            return match document(&body) {
                Some(document) => Ok(Answer { document, condition }),
                None => Err(nonsense(request, status, &request_id, "the answer is no JSON object")),
            };
        }
        Err(refusal(request, status, &request_id, &body, advised, throttles))
    }

    /// Returns the headers that say who asks, in the scheme of the version that is spoken.
    fn signature(&self, request: &Request<'_>, prepared: &Prepared) -> BTreeMap<String, String> {
        let extra: Vec<(&str, &str)> = request.condition.map(|etag| ("if-match", etag)).into_iter().collect();
        if let Some(path) = &prepared.older {
            let unsigned = fc_signature::Unsigned {
                method: request.method.as_str(),
                path,
                content_type: request.body.as_ref().map(|_| "application/json"),
                ..fc_signature::Unsigned::default()
            };
            let date = SystemClock.now().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
            let mut headers = fc_signature::sign(&unsigned, &self.credentials, &date);
            headers.extend(extra.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
            return headers;
        }
        let unsigned = Unsigned {
            method: request.method.as_str(),
            path: &prepared.path,
            query: &prepared.query,
            host: prepared.origin.host(),
            action: request.operation,
            version: request.service.version(),
            content_type: request.body.as_ref().map(|_| "application/json; charset=utf-8"),
            body: &prepared.body,
            extra: &extra,
        };
        let date = SystemClock.now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let nonce = pace::lot().simple().to_string();
        signature::sign(&unsigned, &self.credentials, &date, &nonce)
    }

    fn signed(&self, request: &Request<'_>, prepared: &Prepared) -> reqwest::RequestBuilder {
        let mut builder =
            self.http.request(request.method.clone(), &prepared.url).header("accept", "application/json");
        for (name, value) in self.signature(request, prepared) {
            builder = builder.header(name, value);
        }
        // The embedded cloud has no region in its host's name.
        if let (true, Service::FunctionCompute { region, .. }) = (self.endpoints.embedded, request.service) {
            builder = builder.header("x-triform-region", region);
        }
        if request.body.is_some() || request.method == Method::POST {
            builder = builder.body(prepared.body.clone());
        }
        builder
    }

    /// Downloads from an address that carries its own permission, up to a number of bytes.
    pub async fn download(
        &self,
        operation: &'static str,
        url: &str,
        limit: u64,
    ) -> Result<Bytes, CloudError> {
        let failed = |message: String| error(operation, ErrorClass::Unavailable, message);
        // Packages are large: a few at a time fill the line, and more would only fill the memory.
        let _place = self.downloading.acquire().await;
        let client = if let Some(client) = self.downloads.get() {
            client
        } else {
            let built = http::client(self.endpoints.way(), Redirects::Few, self.timeouts.connect);
            let built = built.map_err(|source| failed(chain(&source)))?;
            self.downloads.get_or_init(|| built)
        };
        let answer = tokio::time::timeout(self.timeouts.answer, client.get(url).send()).await;
        let response = match answer {
            Ok(Ok(response)) => response,
            Ok(Err(source)) => return Err(failed(chain(&source.without_url()))),
            Err(_) => return Err(failed("the download did not begin in time".to_owned())),
        };
        if !response.status().is_success() {
            return Err(CloudError {
                status: Some(response.status().as_u16()),
                ..failed("the package could not be downloaded".to_owned())
            });
        }
        match collect(response, limit, self.timeouts.answer).await {
            Ok(bytes) => Ok(bytes),
            Err(Interrupted::Broken(source)) => Err(failed(chain(&source.without_url()))),
            Err(Interrupted::Stuck) => Err(failed("the download got stuck".to_owned())),
            Err(Interrupted::TooLarge) => Err(CloudError {
                code: "PackageTooLarge".to_owned(),
                ..error(operation, ErrorClass::Invalid, format!("the package has more than {limit} bytes"))
            }),
        }
    }
}

/// A request whose texts are made once and sent, and signed, as often as need be.
struct Prepared {
    origin: Origin,
    path: String,
    query: String,
    url: String,
    body: Bytes,
    /// The path as it reads, which the older version signs.
    older: Option<String>,
}

enum Interrupted {
    Broken(reqwest::Error),
    Stuck,
    TooLarge,
}

/// Collects a body; every piece of it has to come in time.
async fn collect(
    mut response: reqwest::Response,
    limit: u64,
    patience: Duration,
) -> Result<Bytes, Interrupted> {
    let promised = response.content_length().unwrap_or_default();
    if promised > limit {
        return Err(Interrupted::TooLarge);
    }
    let mut body = BytesMut::with_capacity(usize::try_from(promised).unwrap_or_default());
    loop {
        let piece = match tokio::time::timeout(patience, response.chunk()).await {
            Ok(piece) => piece.map_err(Interrupted::Broken)?,
            Err(_) => return Err(Interrupted::Stuck),
        };
        let Some(piece) = piece else {
            return Ok(body.freeze());
        };
        if (body.len() + piece.len()) as u64 > limit {
            return Err(Interrupted::TooLarge);
        }
        body.extend_from_slice(&piece);
    }
}

fn document(body: &[u8]) -> Option<BTreeMap<String, Value>> {
    if body.is_empty() {
        return Some(BTreeMap::new());
    }
    serde_json::from_slice(body).ok().map(wire::object)
}

/// Returns how long the service asks to wait: milliseconds in its own header, seconds in the standard one.
fn advice(own: Option<String>, standard: Option<String>) -> Option<Duration> {
    let number = |text: Option<String>| text?.trim().parse::<u64>().ok().filter(|number| *number > 0);
    number(own).map(Duration::from_millis).or_else(|| number(standard).map(Duration::from_secs))
}

fn error(operation: &str, class: ErrorClass, message: String) -> CloudError {
    CloudError {
        class,
        operation: operation.to_owned(),
        status: None,
        code: String::new(),
        message,
        request_id: String::new(),
    }
}

/// Returns the failure of a call that got no answer.
fn on_the_way(request: &Request<'_>, source: &reqwest::Error) -> Failure {
    let unreachable = source.is_connect() || source.is_builder();
    let what = match (unreachable, source.is_timeout()) {
        (true, _) => "could not connect",
        (false, true) => "no answer in time",
        (false, false) => "the connection broke",
    };
    let reason = std::error::Error::source(source).map(chain).unwrap_or_default();
    let message = if reason.is_empty() { what.to_owned() } else { format!("{what}: {reason}") };
    lost(request, message, unreachable)
}

/// Returns the failure of a call whose answer stopped coming.
fn stuck(request: &Request<'_>) -> Failure {
    lost(request, "no answer in time".to_owned(), false)
}

fn lost(request: &Request<'_>, message: String, unreachable: bool) -> Failure {
    Failure {
        error: Box::new(error(request.operation, ErrorClass::Unavailable, message)),
        unsure: !unreachable && request.method != Method::GET,
        unreachable,
        trouble: if unreachable { Trouble::NotSent } else { Trouble::Broken },
        advised: None,
    }
}

/// Returns the failure of a call that was answered well, with something that cannot be read.
fn nonsense(request: &Request<'_>, status: StatusCode, request_id: &str, problem: &str) -> Failure {
    Failure {
        error: Box::new(CloudError {
            status: Some(status.as_u16()),
            request_id: request_id.to_owned(),
            ..error(request.operation, ErrorClass::Unavailable, problem.to_owned())
        }),
        unsure: request.method != Method::GET,
        unreachable: false,
        trouble: Trouble::Settled,
        advised: None,
    }
}

/// Returns the failure of a call that the service did not carry out, or failed at.
fn refusal(
    request: &Request<'_>,
    status: StatusCode,
    request_id: &str,
    body: &[u8],
    advised: Option<Duration>,
    throttles: bool,
) -> Failure {
    let mut error = wire::error(request.operation, status.as_u16(), request_id, body);
    // With a server's error the advice says when to come back, and not that nothing was done.
    let turned_away = throttles && status.is_client_error() && error.class != ErrorClass::NotFound;
    if turned_away {
        error.class = ErrorClass::Throttled;
    }
    let trouble = match (error.class, status.as_u16()) {
        (ErrorClass::Throttled, _) => Trouble::Throttled,
        _ if error.code == "ConcurrentUpdateError" => Trouble::Concurrent,
        (_, 500 | 502 | 503 | 504) => Trouble::Broken,
        _ => Trouble::Settled,
    };
    // The service's own refusals have a code; anything else may come from somewhere on the way.
    let gave_up_waiting = matches!(status.as_u16(), 408 | 499);
    let refused = trouble == Trouble::Throttled
        || (status.is_client_error() && !gave_up_waiting && !error.code.is_empty());
    Failure {
        error: Box::new(error),
        unsure: !refused && request.method != Method::GET,
        unreachable: false,
        trouble,
        advised,
    }
}

/// Writes an error with everything that caused it.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        let cause = source.to_string();
        if !text.contains(&cause) {
            text.push_str(": ");
            text.push_str(&cause);
        }
        next = source.source();
    }
    text
}
