//! An instance of a custom runtime: the package's own web server, to which requests are forwarded.
//!
//! Every instance is offered a port of its own. A program that listens on its configured port instead is served there
//! as long as that port is its own; as there is but one such port on a machine, it has one instance at a time.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::time::Duration;

use reqwest::Client;
use serde_json::json;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};

use super::command::{Shown, command};
use super::fault::Fault;
use super::forward::{self, Forward, Server};
use super::http_event::HttpReply;
use super::instance::Call;
use super::interpreter::not_started;
use super::process::{Launch, Process};
use super::{Deployment, PlatformError, port_owner};

/// The port that a server is expected on when nothing else is configured.
const USUAL_PORT: u16 = 9000;
/// Between two looks at the ports of a server that starts.
const GLANCE: Duration = Duration::from_millis(15);
/// How long output may trail behind the answer that followed it.
const PAUSE: Duration = Duration::from_millis(5);
/// How often a server may fail its first health check, and how long each may take.
const HEALTH_CHECKS: u32 = 3;
const HEALTH_CHECK_TIMEOUT: Duration = Duration::from_secs(3);

/// A server that is ready for requests.
#[derive(Debug)]
pub(super) struct Custom {
    process: Process,
    server: Server,
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
                return Ok(Self {
                    process,
                    server: Server { address, client },
                    insists: configured == own_port,
                });
            }
            if let Some(address) = insisting(&process, configured, taken_before).await {
                return Ok(Self { process, server: Server { address, client }, insists: true });
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
        let reply = self.ask(deployment, &Forward::initialize(request_id), limit).await?;
        if (200..300).contains(&reply.status) {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&reply.body);
        let message = format!("initializer answered with status {}: {said}", reply.status);
        let body = json!({ "errorMessage": message }).to_string();
        Err(Fault::Reported { body: body.into(), handled: false })
    }

    /// The first health check, if one is configured.
    pub(super) async fn check_health(&self, deployment: &Deployment) -> Result<(), PlatformError> {
        let path = deployment.custom.as_ref().and_then(|custom| custom.health_check_path.as_deref());
        let Some(path) = path.filter(|path| !path.is_empty()) else { return Ok(()) };
        let mut said = String::new();
        for _ in 0..HEALTH_CHECKS {
            let check = Forward::health_check(path);
            said = match timeout(HEALTH_CHECK_TIMEOUT, self.server.send(deployment, &check)).await {
                Ok(Ok(reply)) if (200..400).contains(&reply.status) => return Ok(()),
                Ok(Ok(reply)) => format!("with status {}", reply.status),
                Ok(Err(_)) => "by closing the connection".to_owned(),
                Err(_) => "nothing in time".to_owned(),
            };
            sleep(10 * GLANCE).await;
        }
        let message = format!(
            "Function instance health check failed on port {}. GET {path} was answered {said}. Logs: {}",
            configured_port(deployment),
            self.process.log().since(0)
        );
        Err(PlatformError { status: 412, code: "FunctionNotStarted", message })
    }

    /// The hook before the end; what comes of it is of no consequence.
    pub(super) async fn pre_stop(&self, deployment: &Deployment, request_id: &str, limit: Duration) {
        let _ = self.ask(deployment, &Forward::pre_stop(request_id), limit).await;
    }

    /// A call of either kind.
    pub(super) async fn serve(&self, deployment: &Deployment, call: Call<'_>) -> Result<HttpReply, Fault> {
        let limit = deployment.timeout;
        match call {
            Call::Event(event) => {
                let forward = Forward::event(&event.request_id, &event.payload);
                forward::event_reply(self.ask(deployment, &forward, limit).await?)
            }
            Call::Http(request) => {
                forward::http_reply(self.ask(deployment, &Forward::http(request), limit).await?)
            }
        }
    }

    /// Waits for the output that belongs to what was served.
    pub(super) async fn settle_log(&self) {
        if self.process.is_over() {
            self.process.log().wait_for_end(20 * GLANCE).await;
        } else {
            self.process.log().wait_for_pause(PAUSE).await;
        }
    }

    async fn ask(
        &self,
        deployment: &Deployment,
        forward: &Forward,
        limit: Duration,
    ) -> Result<HttpReply, Fault> {
        let exchange = async {
            match self.server.send(deployment, forward).await {
                Err(_) if forward.is_repeatable() && !self.process.is_over() => {
                    self.server.send(deployment, forward).await
                }
                result => result,
            }
        };
        let fault = match timeout(limit, exchange).await {
            Ok(Ok(reply)) => return Ok(reply),
            Ok(Err(_)) => Fault::Exited,
            Err(_) => Fault::TimedOut(limit),
        };
        // Nobody knows what a server does that did not answer: the instance ends.
        self.process.kill().await;
        Err(fault)
    }
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
