//! Runs deployed functions with the machine's own interpreters.
//!
//! The API side of the embedded cloud knows what was deployed; this side knows how a deployed package is
//! unpacked, started, called, timed out and retired. The two meet in the types of this module.
//!
//! The machine has no `/code` and no versions of runtimes: packages live in folders below
//! [`RunnerOptions::work_dir`], shown as `/code` in what functions report, and the one `python3` and the one `node` of
//! the machine stand in for every version, following the rules of the runtime's *name*, with whatever packages are
//! installed beside them. A function may write into its unpacked package, which instances of equal packages share.
//!
//! A function of FC 2.0 has a service, and with it handlers of its own for HTTP: WSGI, `request` and `response`.
//!
//! Left out: limits of memory and CPU (the peak is measured), freezing, layers under `/opt`, and streaming.

mod built_in;
mod command;
mod custom;
mod environment;
mod fault;
mod forward;
mod http_event;
mod http_params;
mod instance;
mod interpreter;
mod log_book;
mod package;
mod pool;
mod port_owner;
mod process;
mod service;

pub use service::Runner;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;

/// One function as it was deployed, at one qualifier: all that is needed to run it.
#[derive(Clone, Debug)]
pub struct Deployment {
    /// Distinguishes this deployment from all others: region, function and qualifier.
    pub key: String,
    /// Moves whenever code or configuration changes; instances of an older generation are retired.
    pub generation: u64,
    /// The account that owns the function.
    pub account_id: String,
    /// The region it is deployed to.
    pub region: String,
    /// Its name.
    pub function_name: String,
    /// The service it belongs to; `None` for a function of FC 3.0.
    pub service: Option<Service>,
    /// `LATEST`, a version or an alias.
    pub qualifier: String,
    /// The version id behind the qualifier; empty for `LATEST`.
    pub version_id: String,
    /// The runtime's name, such as `python3.10`.
    pub runtime: String,
    /// The handler string, as declared.
    pub handler: String,
    /// MB.
    pub memory_size: u32,
    /// How long one call of the handler may take.
    pub timeout: Duration,
    /// How many requests one instance of a custom runtime may serve at once.
    pub instance_concurrency: u32,
    /// The function role's ARN; empty when it has none.
    pub role: String,
    /// The user's own environment variables.
    pub environment: BTreeMap<String, String>,
    /// The package: the bytes of a zip archive.
    pub code: Bytes,
    /// The package's CRC-64, in decimal.
    pub code_checksum: String,
    /// How a custom runtime starts; `None` for built-in runtimes.
    pub custom: Option<CustomRuntime>,
    /// Runs once per instance, before its first request.
    pub initializer: Option<Hook>,
    /// Runs before an instance is retired.
    pub pre_stop: Option<Hook>,
}

impl Deployment {
    /// The name that keeps the function apart from all others of its region.
    pub fn full_name(&self) -> String {
        match &self.service {
            Some(service) => format!("{}${}", service.name, self.function_name),
            None => self.function_name.clone(),
        }
    }
}

/// What a function of FC 2.0 is told of its service.
#[derive(Clone, Debug, Default)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// Where its logs go.
    pub log_project: String,
    /// Where in there.
    pub log_store: String,
}

/// How the web server of a custom runtime starts.
#[derive(Clone, Debug, Default)]
pub struct CustomRuntime {
    /// Program and first arguments; empty means `bootstrap` in the code root.
    pub command: Vec<String>,
    /// Further arguments.
    pub args: Vec<String>,
    /// The port it is configured to listen on (9000 unless told otherwise).
    pub port: u16,
    /// Path of the health check, if one is configured.
    pub health_check_path: Option<String>,
}

/// A lifecycle hook.
#[derive(Clone, Debug)]
pub struct Hook {
    /// The handler string; for custom runtimes only its presence matters.
    pub handler: String,
    /// How long it may take.
    pub timeout: Duration,
}

/// A call of `InvokeFunction`.
#[derive(Clone, Debug)]
pub struct Event {
    /// The id that answers and logs carry.
    pub request_id: String,
    /// The raw payload.
    pub payload: Bytes,
}

/// A request that reached a function through an HTTP trigger or a custom domain.
#[derive(Clone, Debug)]
pub struct HttpRequest {
    /// The id that answers and logs carry.
    pub request_id: String,
    /// Such as `GET`.
    pub method: String,
    /// What stands in the URL before that path; empty unless the function was called through a proxy path.
    pub prefix: String,
    /// The path the function sees, percent-encoded, without the query.
    pub raw_path: String,
    /// The query as sent, without `?`; empty when there is none.
    pub raw_query: String,
    /// In the order received; names as received.
    pub headers: Vec<(String, Bytes)>,
    /// The whole body.
    pub body: Bytes,
    /// The host the caller asked for, port included.
    pub host: String,
    /// The caller's address.
    pub source_ip: String,
    /// The trigger through which it came; empty for a custom domain.
    pub trigger_id: String,
}

impl HttpRequest {
    /// Path and query as the caller sent them.
    fn uri(&self) -> String {
        let query = if self.raw_query.is_empty() { String::new() } else { format!("?{}", self.raw_query) };
        format!("{}{}{query}", self.prefix, self.raw_path)
    }
}

/// What came of a call.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status to answer with.
    pub status: u16,
    /// Headers of the function's own answer, reserved names already dropped. Empty for event calls.
    pub headers: Vec<(String, Bytes)>,
    /// The body to answer with.
    pub body: Bytes,
    /// The value of `X-Fc-Error-Type`, when the call failed.
    pub error_type: Option<&'static str>,
    /// The service's error code, when the instance could not even start: the caller answers with an
    /// error body of the API instead of `body`.
    pub platform_error: Option<PlatformError>,
    /// Which instance answered.
    pub instance_id: String,
    /// How long the handler took.
    pub duration: Duration,
    /// MB, measured.
    pub max_memory_mb: f64,
    /// What the call wrote to its log, its start and end lines included.
    pub log: String,
}

/// An instance that could not start, in the words of the service.
#[derive(Clone, Debug)]
pub struct PlatformError {
    /// HTTP status, such as 412.
    pub status: u16,
    /// Such as `FunctionNotStarted`.
    pub code: &'static str,
    /// What is missing, and what to do about it.
    pub message: String,
}

/// Where the runner keeps unpacked code and logs, and how it behaves.
#[derive(Clone, Debug)]
pub struct RunnerOptions {
    /// A private folder; one sub-folder per unpacked package.
    pub work_dir: PathBuf,
    /// How long a custom runtime may take to open its port (the service: 120 s).
    pub start_timeout: Duration,
    /// How long an idle instance is kept.
    pub idle_timeout: Duration,
}

/// A deployment for unit tests.
#[cfg(test)]
fn sample(runtime: &str, handler: &str) -> Deployment {
    Deployment {
        key: "cn-hangzhou/hello/LATEST".into(),
        generation: 1,
        account_id: "1000000000000001".into(),
        region: "cn-hangzhou".into(),
        function_name: "hello".into(),
        service: None,
        qualifier: "LATEST".into(),
        version_id: String::new(),
        runtime: runtime.into(),
        handler: handler.into(),
        memory_size: 128,
        timeout: Duration::from_secs(3),
        instance_concurrency: 1,
        role: String::new(),
        environment: BTreeMap::new(),
        code: Bytes::new(),
        code_checksum: String::new(),
        custom: None,
        initializer: None,
        pre_stop: None,
    }
}
