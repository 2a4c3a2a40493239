//! One running instance of a deployment, whatever its runtime.
//!
//! An instance starts (unpack, spawn, load or wait for the port, initializer), serves, and is retired (preStop, end).
//! What it keeps on disk is a folder of its own for `HOME` and `TMPDIR`, which goes with it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;
use tokio::time::Instant;
use uuid::Uuid;

use super::built_in::{BuiltIn, Question, Stage};
use super::custom::{self, Custom, NotUp};
use super::environment::{Place, environment};
use super::fault::Fault;
use super::http_event::{self, HttpReply};
use super::http_params;
use super::interpreter::{Family, Interpreters, not_started};
use super::package::{Packages, UnpackError};
use super::process::{Launch, Process};
use super::{Deployment, Event, HttpRequest, PlatformError};

/// What all instances share.
#[derive(Clone, Debug)]
pub(super) struct Workshop {
    pub(super) packages: Packages,
    pub(super) interpreters: Interpreters,
    pub(super) bridges: PathBuf,
    pub(super) instances: PathBuf,
    pub(super) start_timeout: Duration,
    pub(super) client: reqwest::Client,
}

/// Why an instance never came to serve.
#[derive(Clone, Debug)]
pub(super) enum StartFailure {
    /// It could not be started at all.
    Platform(PlatformError),
    /// It could not get the port that it insists on.
    Clash {
        /// That port.
        port: u16,
        /// What to answer if it stays taken.
        error: PlatformError,
    },
    /// Its code ran, and failed.
    Code {
        /// How.
        fault: Fault,
        /// Whether the initializer was running.
        initializing: bool,
        /// Everything it wrote.
        log: String,
        /// The instance that was.
        instance_id: String,
        /// The most memory it held, in MB.
        memory_mb: f64,
    },
}

impl From<PlatformError> for StartFailure {
    fn from(error: PlatformError) -> Self {
        Self::Platform(error)
    }
}

impl From<NotUp> for StartFailure {
    fn from(NotUp { error, clash }: NotUp) -> Self {
        match clash {
            Some(port) => Self::Clash { port, error },
            None => Self::Platform(error),
        }
    }
}

/// A request of either kind.
#[derive(Clone, Copy, Debug)]
pub(super) enum Call<'a> {
    Event(&'a Event),
    Http(&'a HttpRequest),
}

impl Call<'_> {
    pub(super) fn request_id(&self) -> &str {
        match self {
            Call::Event(event) => &event.request_id,
            Call::Http(request) => &request.request_id,
        }
    }
}

/// What came of one request.
#[derive(Debug)]
pub(super) struct Served {
    pub(super) result: Result<HttpReply, Fault>,
    pub(super) duration: Duration,
    pub(super) memory_mb: f64,
    pub(super) log: String,
}

/// A running instance; it ends when dropped.
#[derive(Debug)]
pub(super) struct Instance {
    id: String,
    deployment: Deployment,
    engine: Engine,
    /// Whether its first request is still to come, to which the log of the start belongs.
    fresh: AtomicBool,
    _home: Home,
}

#[derive(Debug)]
enum Engine {
    BuiltIn(BuiltIn),
    Custom(Custom),
}

impl Instance {
    /// Starts an instance, its initializer included, for the request `request_id`.
    pub(super) async fn start(
        workshop: &Workshop,
        deployment: &Deployment,
        request_id: &str,
    ) -> Result<Self, StartFailure> {
        let family = Family::of(&deployment.runtime)?;
        let code = unpack(workshop, deployment).await?;
        let id = new_id();
        let home = Home::create(workshop.instances.join(&id))
            .map_err(|error| not_started(&format!("could not create the instance's folder: {error}")))?;
        let engine = match family {
            Family::Python | Family::Node => {
                let interpreter = workshop.interpreters.find(family).await?;
                let place = Place { code: &code, home: &home.0, instance_id: &id, port: 9000 };
                let environment = environment(deployment, family, &place, |name| std::env::var_os(name));
                let launch = Launch { argv: &[], folder: &code, environment: &environment };
                let started =
                    BuiltIn::start(deployment, family, &interpreter, &workshop.bridges, &launch).await;
                Engine::BuiltIn(started.map_err(|error| {
                    not_started(&format!("could not start `{}`: {error}", interpreter.display()))
                })?)
            }
            Family::Custom => {
                let port = custom::free_port()
                    .map_err(|error| not_started(&format!("no free port on this machine: {error}")))?;
                let place = Place { code: &code, home: &home.0, instance_id: &id, port };
                let environment = environment(deployment, family, &place, |name| std::env::var_os(name));
                let launch = Launch { argv: &[], folder: &code, environment: &environment };
                let client = workshop.client.clone();
                Engine::Custom(
                    Custom::start(deployment, port, &launch, client, workshop.start_timeout).await?,
                )
            }
        };
        let instance =
            Self { id, deployment: deployment.clone(), engine, fresh: AtomicBool::new(true), _home: home };
        instance.prepare(request_id, workshop.start_timeout).await?;
        Ok(instance)
    }

    async fn prepare(&self, request_id: &str, start_timeout: Duration) -> Result<(), StartFailure> {
        let failed = |initializing| {
            move |fault| StartFailure::Code {
                fault,
                initializing,
                log: self.process().log().since(0),
                instance_id: self.id.clone(),
                memory_mb: self.process().peak_memory_mb(),
            }
        };
        match &self.engine {
            Engine::BuiltIn(bridge) => {
                let load = Question {
                    stage: Stage::Load,
                    request_id,
                    handler: "",
                    http: Value::Null,
                    event: &[],
                    limit: start_timeout,
                };
                bridge.ask(&self.deployment, &load).await.map_err(failed(false))?;
                if let Some(hook) = &self.deployment.initializer {
                    let initialize = Question {
                        stage: Stage::Initialize,
                        request_id,
                        handler: &hook.handler,
                        http: Value::Null,
                        event: &[],
                        limit: hook.timeout,
                    };
                    bridge.ask(&self.deployment, &initialize).await.map_err(failed(true))?;
                }
            }
            Engine::Custom(server) => {
                if let Some(hook) = &self.deployment.initializer {
                    let initialized = server.initialize(&self.deployment, request_id, hook.timeout).await;
                    initialized.map_err(failed(true))?;
                }
                server.check_health(&self.deployment).await?;
            }
        }
        Ok(())
    }

    /// Serves one request.
    pub(super) async fn serve(&self, call: Call<'_>) -> Served {
        let log = self.process().log();
        let position = if self.fresh.swap(false, Ordering::SeqCst) { 0 } else { log.position() };
        let started = Instant::now();
        let result = match &self.engine {
            Engine::BuiltIn(bridge) => self.serve_built_in(bridge, call).await,
            Engine::Custom(server) => server.serve(&self.deployment, call).await,
        };
        let duration = started.elapsed();
        match &self.engine {
            Engine::BuiltIn(bridge) => {
                let failure = result.as_ref().err().map(|fault| fault.message(duration, 0.0));
                bridge.settle_log(Stage::Invoke, call.request_id(), position, failure.as_deref()).await;
            }
            Engine::Custom(server) => server.settle_log().await,
        }
        Served { result, duration, memory_mb: self.process().peak_memory_mb(), log: log.since(position) }
    }

    async fn serve_built_in(&self, bridge: &BuiltIn, call: Call<'_>) -> Result<HttpReply, Fault> {
        let (http, event) = match call {
            Call::Event(event) => (Value::Null, event.payload.clone()),
            Call::Http(request) if self.deployment.service.is_some() => {
                (http_params::params(request, &self.deployment), request.body.clone())
            }
            Call::Http(request) => {
                let now = jiff::Timestamp::now();
                let event = http_event::event(request, &self.deployment.account_id, now);
                (Value::Null, Bytes::from(event.to_string()))
            }
        };
        let invoke = Question {
            stage: if http.is_null() { Stage::Invoke } else { Stage::Http },
            http,
            request_id: call.request_id(),
            handler: "",
            event: &event,
            limit: self.deployment.timeout,
        };
        let (header, body) = bridge.exchange(&self.deployment, &invoke).await?;
        match call {
            Call::Http(_) if invoke.stage == Stage::Http => http_params::reply(&header, body),
            Call::Event(_) => Ok(HttpReply { status: 200, headers: Vec::new(), body }),
            Call::Http(_) => http_event::reply(body),
        }
    }

    /// Runs preStop, if there is one, and ends the instance.
    pub(super) async fn retire(&self) {
        if let Some(hook) = self.deployment.pre_stop.as_ref().filter(|_| !self.is_over()) {
            let request_id = Uuid::new_v4().to_string();
            match &self.engine {
                Engine::BuiltIn(bridge) => {
                    let pre_stop = Question {
                        stage: Stage::PreStop,
                        request_id: &request_id,
                        handler: &hook.handler,
                        http: Value::Null,
                        event: &[],
                        limit: hook.timeout,
                    };
                    let _ = bridge.ask(&self.deployment, &pre_stop).await;
                }
                Engine::Custom(server) => server.pre_stop(&self.deployment, &request_id, hook.timeout).await,
            }
        }
        self.process().kill().await;
    }

    /// Ends the instance as it is.
    pub(super) async fn kill(&self) {
        self.process().kill().await;
    }

    /// Whether its process is gone.
    pub(super) fn is_over(&self) -> bool {
        self.process().is_over()
    }

    /// The port of the machine that it occupies by its own choice.
    pub(super) fn occupied_port(&self) -> Option<u16> {
        match &self.engine {
            Engine::Custom(server) if server.insists() => Some(custom::configured_port(&self.deployment)),
            Engine::Custom(_) | Engine::BuiltIn(_) => None,
        }
    }

    /// Its id.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    fn process(&self) -> &Process {
        match &self.engine {
            Engine::BuiltIn(bridge) => bridge.process(),
            Engine::Custom(server) => server.process(),
        }
    }
}

/// In the form of the service's ids.
fn new_id() -> String {
    let id = Uuid::new_v4().simple().to_string();
    format!("c-{}-{}-{}", &id[..8], &id[8..16], &id[16..28])
}

async fn unpack(workshop: &Workshop, deployment: &Deployment) -> Result<PathBuf, PlatformError> {
    let (packages, code) = (workshop.packages.clone(), deployment.code.clone());
    let unpacked = tokio::task::spawn_blocking(move || packages.unpack(&code)).await;
    match unpacked {
        Ok(Ok(folder)) => Ok(folder),
        Ok(Err(UnpackError::Write { path, source })) => Err(not_started(&format!(
            "could not write the unpacked package to `{}`: {source}",
            path.display()
        ))),
        Ok(Err(error)) => Err(not_started(&error.to_string())),
        Err(_) => Err(not_started("unpacking the package was interrupted")),
    }
}

/// The instance's own folder.
#[derive(Debug)]
struct Home(PathBuf);

impl Home {
    fn create(path: PathBuf) -> std::io::Result<Self> {
        fs::create_dir_all(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(Path::new(&self.0));
    }
}
