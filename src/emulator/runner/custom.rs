//! An instance of a custom runtime: the package's own web server, to which requests are forwarded.
//!
//! Every instance is offered a port of its own. A program that listens on its configured port instead is served there
//! as long as that port is its own; as there is but one such port on a machine, it has one instance at a time.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::ExitStatus;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method};
use serde_json::json;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};

use super::fault::Fault;
use super::http_event::{self, HttpReply};
use super::interpreter::not_started;
use super::process::{Launch, Process};
use super::{CustomRuntime, Deployment, HttpRequest, PlatformError, environment, port_owner};

/// The port that a server is expected on when nothing else is configured.
const USUAL_PORT: u16 = 9000;
/// Between two looks at the ports of a server that starts.
const GLANCE: Duration = Duration::from_millis(15);
/// How long output may trail behind the answer that followed it.
const PAUSE: Duration = Duration::from_millis(5);
/// How much of its output a failed start quotes.
const QUOTED: usize = 2048;

/// A server that is ready for requests.
#[derive(Debug)]
pub(super) struct Custom {
    process: Process,
    address: SocketAddr,
    client: Client,
    insists: bool,
}

/// Why a server did not come up.
#[derive(Debug)]
pub(super) struct NotUp {
    pub(super) error: PlatformError,
    /// The configured port, when somebody else has it: with it free, the start may succeed.
    pub(super) clash: Option<u16>,
}

impl From<PlatformError> for NotUp {
    fn from(error: PlatformError) -> Self {
        Self { error, clash: None }
    }
}

/// The port on which a deployment's program is configured to listen.
pub(super) fn configured_port(deployment: &Deployment) -> u16 {
    deployment.custom.as_ref().map(|custom| custom.port).filter(|port| *port != 0).unwrap_or(USUAL_PORT)
}

/// A port that nobody listens on.
pub(super) fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// Whether somebody listens on a port. It is not tried by connecting: a stranger may have stopped accepting.
fn is_taken(port: u16) -> bool {
    [Ipv4Addr::UNSPECIFIED, Ipv4Addr::LOCALHOST]
        .into_iter()
        .any(|ip| TcpListener::bind((ip, port)).is_err_and(|error| error.kind() == io::ErrorKind::AddrInUse))
}

/// Waits until nobody listens on a port.
pub(super) async fn wait_until_free(port: u16, limit: Duration) -> bool {
    let deadline = Instant::now() + limit;
    while is_taken(port) {
        if Instant::now() > deadline {
            return false;
        }
        sleep(GLANCE).await;
    }
    true
}

impl Custom {
    /// Starts the server that was offered `own_port` in its environment, and waits until it listens.
    pub(super) async fn start(
        deployment: &Deployment,
        own_port: u16,
        launch: &Launch<'_>,
        client: Client,
        limit: Duration,
    ) -> Result<Self, NotUp> {
        let configured = configured_port(deployment);
        let argv = command(deployment.custom.as_ref(), launch.folder)?;
        let shown = Shown { code: launch.folder, argv: &argv };
        let taken_before = configured != own_port && is_taken(configured);
        let process = Process::without_channel(&Launch { argv: &argv, ..*launch })
            .map_err(|error| not_started(&format!("could not start '{}': {error}", shown.command())))?;
        let deadline = Instant::now() + limit;
        while !process.is_over() && Instant::now() < deadline {
            if let Some(address) = listener(own_port).await {
                return Ok(Self { process, address, client, insists: configured == own_port });
            }
            if let Some(address) = insisting(&process, configured, taken_before).await {
                return Ok(Self { process, address, client, insists: true });
            }
            sleep(GLANCE).await;
        }
        let exited = process.is_over();
        process.kill().await;
        process.log().wait_for_end(20 * GLANCE).await;
        let reason = if exited {
            shown.exited(process.exited().await)
        } else {
            format!(
                "Function instance health check failed on port {configured} in {} seconds. The server listened \
                 neither on the port in FC_SERVER_PORT ({own_port} this time) nor on {configured}.",
                limit.as_secs_f64()
            )
        };
        let clash = (taken_before || is_taken(configured)).then_some(configured);
        let hint = if clash.is_some() {
            format!(
                " Port {configured}, on which it is configured to listen, is in use by another program or function on \
                 this machine; stop that one, or let the server listen on the port in FC_SERVER_PORT."
            )
        } else {
            String::new()
        };
        let message = format!("{reason}{hint} Logs: {}", shown.logs(&process.log().since(0)));
        Err(NotUp { error: PlatformError { status: 412, code: "FunctionNotStarted", message }, clash })
    }

    /// The server's process.
    pub(super) fn process(&self) -> &Process {
        &self.process
    }

    /// Whether it listens on its configured port, whatever it was offered.
    pub(super) fn insists(&self) -> bool {
        self.insists
    }

    /// The initializer.
    pub(super) async fn initialize(
        &self,
        deployment: &Deployment,
        request_id: &str,
        limit: Duration,
    ) -> Result<(), Fault> {
        let post = Forward {
            method: Method::POST,
            target: "/initialize",
            control_path: "/initialize",
            ..Forward::new(request_id)
        };
        let reply = self.ask(deployment, &post, limit).await?;
        if (200..300).contains(&reply.status) {
            return Ok(());
        }
        let message = format!(
            "initializer answered with status {}: {}",
            reply.status,
            String::from_utf8_lossy(&reply.body)
        );
        let body = json!({ "errorMessage": message }).to_string();
        Err(Fault::Reported { body: body.into(), handled: false })
    }

    /// The first health check, if one is configured.
    pub(super) async fn check_health(&self, deployment: &Deployment) -> Result<(), PlatformError> {
        let Some(path) = deployment.custom.as_ref().and_then(|custom| custom.health_check_path.as_deref())
        else {
            return Ok(());
        };
        let target = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        let mut said = String::new();
        for _ in 0..3 {
            let get = Forward { target: &target, ..Forward::new("") };
            match self.ask(deployment, &get, Duration::from_secs(3)).await {
                Ok(reply) if (200..400).contains(&reply.status) => return Ok(()),
                Ok(reply) => said = format!("status {}", reply.status),
                Err(fault) => said = fault.message(Duration::ZERO, 0.0),
            }
            sleep(10 * GLANCE).await;
        }
        let message = format!(
            "Function instance health check failed on port {}: GET {target} answered with {said}. Logs: {}",
            configured_port(deployment),
            last(&self.process.log().since(0))
        );
        Err(PlatformError { status: 412, code: "FunctionNotStarted", message })
    }

    /// The hook before the end; what comes of it is of no consequence.
    pub(super) async fn pre_stop(&self, deployment: &Deployment, request_id: &str, limit: Duration) {
        let get = Forward { target: "/pre-stop", control_path: "/pre-stop", ..Forward::new(request_id) };
        let _ = self.ask(deployment, &get, limit).await;
    }

    /// An event call: only the body comes back.
    pub(super) async fn invoke(
        &self,
        deployment: &Deployment,
        request_id: &str,
        event: &Bytes,
    ) -> Result<HttpReply, Fault> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
        let post = Forward {
            method: Method::POST,
            target: "/invoke",
            control_path: "/invoke",
            headers,
            body: event.clone(),
            ..Forward::new(request_id)
        };
        let reply = self.ask(deployment, &post, deployment.timeout).await?;
        let own_word = reply.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("x-fc-status"));
        let failed = own_word.map_or(reply.status == 404, |(_, status)| status.as_ref() == b"404");
        if failed {
            return Err(Fault::Reported { body: reply.body, handled: false });
        }
        Ok(HttpReply { status: 200, headers: Vec::new(), body: reply.body })
    }

    /// An HTTP request, passed through.
    pub(super) async fn pass(
        &self,
        deployment: &Deployment,
        request: &HttpRequest,
    ) -> Result<HttpReply, Fault> {
        let mut headers = HeaderMap::new();
        for (name, value) in &request.headers {
            let of_this_hop = ["host", "content-length", "transfer-encoding"]
                .iter()
                .any(|own| name.eq_ignore_ascii_case(own));
            if !of_this_hop
                && http_event::is_passed_on(name)
                && let (Ok(name), Ok(value)) =
                    (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_bytes(value))
            {
                headers.append(name, value);
            }
        }
        if let Ok(host) = HeaderValue::from_str(&request.host) {
            headers.insert(HOST, host);
        }
        let target = if request.raw_query.is_empty() {
            request.raw_path.clone()
        } else {
            format!("{}?{}", request.raw_path, request.raw_query)
        };
        let forward = Forward {
            method: Method::from_bytes(request.method.as_bytes()).unwrap_or(Method::GET),
            target: &target,
            control_path: "/http-invoke",
            base_path: &request.raw_path,
            client_ip: &request.source_ip,
            headers,
            body: request.body.clone(),
            ..Forward::new(&request.request_id)
        };
        let mut reply = self.ask(deployment, &forward, deployment.timeout).await?;
        reply.headers.retain(|(name, value)| http_event::is_settable(name, value));
        if http_event::header_bytes(&reply.headers) > http_event::LARGEST_HEADERS {
            return Err(Fault::BadResponse("its headers are too long".to_owned()));
        }
        Ok(reply)
    }

    async fn ask(
        &self,
        deployment: &Deployment,
        forward: &Forward<'_>,
        limit: Duration,
    ) -> Result<HttpReply, Fault> {
        let exchange = async {
            match self.send(deployment, forward).await {
                Err(_) if forward.method.is_safe() && !self.process.is_over() => {
                    self.send(deployment, forward).await
                }
                result => result,
            }
        };
        let answer = timeout(limit, exchange).await;
        if let Ok(Ok(reply)) = answer {
            self.process.log().wait_for_pause(PAUSE).await;
            return Ok(reply);
        }
        // Nobody knows what a server does that did not answer: the instance ends.
        self.process.kill().await;
        self.process.log().wait_for_end(20 * GLANCE).await;
        Err(if answer.is_err() { Fault::TimedOut(limit) } else { Fault::Exited })
    }

    async fn send(&self, deployment: &Deployment, forward: &Forward<'_>) -> reqwest::Result<HttpReply> {
        let mut headers = forward.headers.clone();
        for (name, value) in common_headers(deployment, forward) {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        let response = self
            .client
            .request(forward.method.clone(), format!("http://{}{}", self.address, forward.target))
            .headers(headers)
            .body(forward.body.clone())
            .send()
            .await?;
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), Bytes::copy_from_slice(value.as_bytes())))
            .collect();
        Ok(HttpReply { status, headers, body: response.bytes().await? })
    }
}

/// One request to the server.
struct Forward<'a> {
    method: Method,
    target: &'a str,
    control_path: &'a str,
    base_path: &'a str,
    client_ip: &'a str,
    request_id: &'a str,
    headers: HeaderMap,
    body: Bytes,
}

impl<'a> Forward<'a> {
    fn new(request_id: &'a str) -> Self {
        Self {
            method: Method::GET,
            target: "/",
            control_path: "",
            base_path: "",
            client_ip: "",
            request_id,
            headers: HeaderMap::new(),
            body: Bytes::new(),
        }
    }
}

fn common_headers(deployment: &Deployment, forward: &Forward<'_>) -> Vec<(&'static str, String)> {
    let [access_key_id, access_key_secret, security_token] = environment::keys(deployment);
    vec![
        ("x-fc-request-id", forward.request_id.to_owned()),
        ("x-fc-access-key-id", access_key_id.to_owned()),
        ("x-fc-access-key-secret", access_key_secret.to_owned()),
        ("x-fc-security-token", security_token.to_owned()),
        ("x-fc-function-name", deployment.function_name.clone()),
        ("x-fc-function-handler", deployment.handler.clone()),
        ("x-fc-function-memory", deployment.memory_size.to_string()),
        ("x-fc-function-timeout", deployment.timeout.as_secs().to_string()),
        ("x-fc-region", deployment.region.clone()),
        ("x-fc-account-id", deployment.account_id.clone()),
        ("x-fc-qualifier", deployment.qualifier.clone()),
        ("x-fc-version-id", deployment.version_id.clone()),
        ("x-fc-control-path", forward.control_path.to_owned()),
        ("x-fc-service-logproject", String::new()),
        ("x-fc-service-logstore", String::new()),
        ("x-fc-retry-count", "0".to_owned()),
        ("x-fc-client-ip", forward.client_ip.to_owned()),
        ("x-fc-base-path", forward.base_path.to_owned()),
        ("x-fc-tracing-opentracing-span-context", String::new()),
        ("x-fc-tracing-opentracing-span-baggages", String::new()),
        ("x-fc-tracing-jaeger-endpoint", String::new()),
    ]
}

/// The program to start. `/code` at the beginning of a word means the code root, as it does on the service.
fn command(custom: Option<&CustomRuntime>, code: &Path) -> Result<Vec<OsString>, PlatformError> {
    let none = CustomRuntime::default();
    let custom = custom.unwrap_or(&none);
    let words = custom.command.iter().chain(&custom.args).map(|word| environment::below_code(word, code));
    if !custom.command.is_empty() {
        return Ok(words.collect());
    }
    let bootstrap = code.join("bootstrap");
    match fs::metadata(&bootstrap) {
        Err(_) => return Err(not_started("the file /code/bootstrap is not exist")),
        Ok(file) if file.permissions().mode() & 0o111 == 0 => {
            return Err(PlatformError {
                status: 412,
                code: "FunctionNotStarted",
                message: "Function instance exited unexpectedly(code 13, message:permission denied) with start command \
                          '/code/bootstrap '. Logs: the file is not executable in the package (chmod 755 bootstrap)"
                    .to_owned(),
            });
        }
        Ok(_) => {}
    }
    Ok(std::iter::once(bootstrap.into()).chain(words).collect())
}

/// What people read of a start, with `/code` for the real folder.
struct Shown<'a> {
    code: &'a Path,
    argv: &'a [OsString],
}

impl Shown<'_> {
    fn command(&self) -> String {
        let words: Vec<_> = self.argv.iter().map(|word| word.to_string_lossy()).collect();
        let (program, arguments) =
            words.split_first().map_or(("", String::new()), |(first, rest)| (first, rest.join(" ")));
        self.hide(&format!("{program} {arguments}"))
    }

    fn exited(&self, status: ExitStatus) -> String {
        // What a shell says when it cannot become the program, in the service's words.
        let (code, message) = match (status.code(), status.signal()) {
            (Some(127), _) => (2, "no such file or directory".to_owned()),
            (Some(126), _) => (13, "permission denied".to_owned()),
            (Some(code), _) => (code, format!("exit status {code}")),
            (None, Some(signal)) => (128 + signal, format!("signal {signal}")),
            (None, None) => (1, status.to_string()),
        };
        format!(
            "Function instance exited unexpectedly(code {code}, message:{message}) with start command '{}'.",
            self.command()
        )
    }

    fn logs(&self, log: &str) -> String {
        self.hide(last(log))
    }

    fn hide(&self, text: &str) -> String {
        text.replace(self.code.to_string_lossy().as_ref(), "/code")
    }
}

fn last(log: &str) -> &str {
    &log[log.ceil_char_boundary(log.len().saturating_sub(QUOTED))..]
}

/// Where a server listens that took its configured port, whatever it was offered.
async fn insisting(process: &Process, port: u16, taken_before: bool) -> Option<SocketAddr> {
    match port_owner::listens(process.group(), port) {
        Some(true) => listener(port).await,
        Some(false) => None,
        None if taken_before => None,
        None => {
            // Nobody was there before: it is ours unless ours ends for want of the port.
            let address = listener(port).await?;
            sleep(10 * GLANCE).await;
            (!process.is_over()).then_some(address)
        }
    }
}

/// Where somebody listens on a port of this machine.
async fn listener(port: u16) -> Option<SocketAddr> {
    for ip in [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)] {
        let address = SocketAddr::new(ip, port);
        if let Ok(Ok(_)) = timeout(Duration::from_secs(1), TcpStream::connect(address)).await {
            return Some(address);
        }
    }
    None
}
