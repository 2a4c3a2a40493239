//! The runner itself: from a deployment and a request to an answer.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{RwLock, watch};
use tokio::time::timeout;

use super::built_in::BRIDGES;
use super::custom;
use super::fault::Fault;
use super::http_event::{self, HttpReply};
use super::instance::{Call, Instance, Served, StartFailure, Workshop};
use super::interpreter::{Family, Interpreters};
use super::package::Packages;
use super::pool::{Cell, Place, Retirements, Shelf, Wish};
use super::{Answer, Deployment, Event, HttpRequest, PlatformError, RunnerOptions};

/// How long `shutdown` waits for preStop hooks: an operator who pressed Ctrl-C is waiting too.
const FAREWELL: Duration = Duration::from_secs(5);
/// How long a new instance waits for an old one to give up a port that both insist on.
const HANDOVER: Duration = Duration::from_secs(3);

/// Runs deployed functions. Clones share everything; when the last one is dropped, all instances end.
#[derive(Clone, Debug)]
pub struct Runner {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    workshop: Workshop,
    idle_timeout: Duration,
    shelves: Mutex<BTreeMap<String, Arc<Shelf>>>,
    retirements: Arc<Retirements>,
    stopping: watch::Sender<bool>,
    /// Read by every request, written by `shutdown`, which so learns when the last request is done.
    requests: RwLock<()>,
}

impl Runner {
    /// Prepares `options.work_dir`; starts nothing. What earlier runs left there is cleaned up.
    pub fn new(options: RunnerOptions) -> io::Result<Self> {
        let RunnerOptions { work_dir, start_timeout, idle_timeout } = options;
        fs::create_dir_all(&work_dir)?;
        // Stack traces name real paths, and are compared with this one.
        let work_dir = work_dir.canonicalize()?;
        let instances = work_dir.join("instances");
        if instances.exists() {
            fs::remove_dir_all(&instances)?;
        }
        fs::create_dir_all(&instances)?;
        let bridges = work_dir.join("bridges");
        fs::create_dir_all(&bridges)?;
        for (name, text) in BRIDGES {
            fs::write(bridges.join(name), text)?;
        }
        let workshop = Workshop {
            packages: Packages::open(work_dir.join("packages"))?,
            interpreters: Interpreters::new(std::env::var_os("PATH").unwrap_or_default()),
            bridges,
            instances,
            start_timeout,
            client: client().map_err(io::Error::other)?,
        };
        let shared = Shared {
            workshop,
            idle_timeout,
            shelves: Mutex::default(),
            retirements: Arc::default(),
            stopping: watch::Sender::new(false),
            requests: RwLock::new(()),
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Calls the function with an event.
    pub async fn invoke(&self, deployment: &Deployment, event: Event) -> Answer {
        self.serve(deployment, Call::Event(&event)).await
    }

    /// Lets the function answer an HTTP request.
    pub async fn serve_http(&self, deployment: &Deployment, request: HttpRequest) -> Answer {
        if let Err(error) = http_event::check_limits(&request) {
            return platform_answer(error);
        }
        self.serve(deployment, Call::Http(&request)).await
    }

    /// Retires the instances of a deployment that is gone: idle ones before this returns, busy ones when they are done.
    pub async fn retire(&self, key: &str) {
        let Some(gone) = self.shelves().remove(key) else {
            return;
        };
        let idle = gone.close();
        futures_util::future::join_all(idle.iter().map(|cell| async move {
            if let Some(Ok(instance)) = cell.get() {
                instance.retire().await;
            }
        }))
        .await;
    }

    /// Retires all instances, ends those that are busy, and takes no further requests.
    pub async fn shutdown(&self) {
        self.shared.stopping.send_replace(true);
        let shelves = std::mem::take(&mut *self.shelves());
        let idle: Vec<Cell> = shelves.values().flat_map(|shelf| shelf.close()).collect();
        for cell in shelves.values().flat_map(|shelf| shelf.cells()) {
            if let Some(Ok(instance)) = cell.get() {
                instance.kill().await;
            }
        }
        let mut retirements = self.shared.retirements.take();
        for cell in idle {
            retirements.spawn(async move {
                if let Some(Ok(instance)) = cell.get() {
                    instance.retire().await;
                }
            });
        }
        let farewell = async {
            while retirements.join_next().await.is_some() {}
            drop(self.shared.requests.write().await);
        };
        // What is not done by then ends with its task, which `retirements` takes along.
        let _ = timeout(FAREWELL, farewell).await;
        retirements.shutdown().await;
    }

    async fn serve(&self, deployment: &Deployment, call: Call<'_>) -> Answer {
        let mut stopping = self.shared.stopping.subscribe();
        tokio::select! {
            biased;
            _ = stopping.wait_for(|stopping| *stopping) => platform_answer(PlatformError {
                status: 503,
                code: "ServiceUnavailable",
                message: "the embedded cloud is shutting down".to_owned(),
            }),
            answer = async {
                let _request = self.shared.requests.read().await;
                self.serve_until_done(deployment, call).await
            } => answer,
        }
    }

    async fn serve_until_done(&self, deployment: &Deployment, call: Call<'_>) -> Answer {
        let family = match Family::of(&deployment.runtime) {
            Ok(family) => family,
            Err(error) => return platform_answer(error),
        };
        let one_by_one = family == Family::Custom;
        let capacity =
            if one_by_one { usize::try_from(deployment.instance_concurrency).unwrap_or(1) } else { 1 };
        let wish = Wish { generation: deployment.generation, capacity, one_by_one };
        let place = self.place(&deployment.key, wish).await;
        let started = place.cell().get_or_init(|| self.start(deployment, call.request_id())).await;
        place.shelf().started(started.as_ref().is_ok_and(|instance| instance.occupied_port().is_some()));
        match started {
            Err(failure) => {
                let answer = start_failure_answer(failure.clone(), call);
                place.give_back(false);
                answer
            }
            Ok(instance) => {
                let served = instance.serve(call).await;
                let fit = served.result.as_ref().err().is_none_or(Fault::spares_the_instance);
                let answer = answer(served, call, instance.id());
                place.give_back(fit);
                answer
            }
        }
    }

    async fn start(&self, deployment: &Deployment, request_id: &str) -> Result<Instance, StartFailure> {
        let workshop = &self.shared.workshop;
        let started = Instance::start(workshop, deployment, request_id).await;
        let Err(StartFailure::Clash { port, .. }) = started else { return started };
        // Another of our instances may have the port, and nothing to do; it comes back when it is called.
        let shelves: Vec<_> = self.shelves().values().filter(|shelf| shelf.occupies(port)).cloned().collect();
        let leaving = !shelves.is_empty() || self.shared.retirements.are_pending();
        for shelf in shelves {
            shelf.evict().await;
        }
        if leaving && custom::wait_until_free(port, HANDOVER).await {
            Instance::start(workshop, deployment, request_id).await
        } else {
            started
        }
    }

    async fn place(&self, key: &str, wish: Wish) -> Place {
        loop {
            let current = Arc::clone(self.shelves().entry(key.to_owned()).or_insert_with(|| {
                Shelf::new(Arc::clone(&self.shared.retirements), self.shared.idle_timeout)
            }));
            if let Some(place) = current.take(wish).await {
                return place;
            }
            // It was retired meanwhile; the key gets a new one.
            self.shelves().retain(|_, known| !Arc::ptr_eq(known, &current));
        }
    }

    fn shelves(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Arc<Shelf>>> {
        self.shared.shelves.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The client that forwards to custom runtimes: it goes straight there and follows nothing.
fn client() -> reqwest::Result<reqwest::Client> {
    // reqwest wants a provider for TLS before it builds a client, even one that never uses it.
    static PROVIDER: OnceLock<()> = OnceLock::new();
    PROVIDER.get_or_init(|| {
        // An error says that somebody else installed one.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).http1_only().build()
}

fn answer(served: Served, call: Call<'_>, instance_id: &str) -> Answer {
    let Served { result, duration, memory_mb, log } = served;
    let answer = Answer {
        status: 200,
        headers: Vec::new(),
        body: Bytes::new(),
        error_type: None,
        platform_error: None,
        instance_id: instance_id.to_owned(),
        duration,
        max_memory_mb: memory_mb,
        log,
    };
    match result {
        Ok(HttpReply { status, headers, body }) => Answer { status, headers, body, ..answer },
        Err(fault) => Answer {
            status: failed_status(call),
            body: fault.body(duration, memory_mb),
            error_type: Some(fault.error_type()),
            platform_error: matches!(fault, Fault::BadResponse(_)).then(|| PlatformError {
                status: 502,
                code: "BadResponse",
                message: fault.message(duration, memory_mb),
            }),
            ..answer
        },
    }
}

fn start_failure_answer(failure: StartFailure, call: Call<'_>) -> Answer {
    match failure {
        StartFailure::Platform(error) | StartFailure::Clash { error, .. } => platform_answer(error),
        StartFailure::Code { fault, initializing, log, instance_id, memory_mb } => Answer {
            status: failed_status(call),
            headers: Vec::new(),
            body: fault.body(Duration::ZERO, memory_mb),
            error_type: Some(if initializing { "InitializationError" } else { fault.error_type() }),
            platform_error: None,
            instance_id,
            duration: Duration::ZERO,
            max_memory_mb: memory_mb,
            log,
        },
    }
}

/// The status of a call whose function failed.
fn failed_status(call: Call<'_>) -> u16 {
    match call {
        Call::Event(_) => 200,
        Call::Http(_) => 502,
    }
}

fn platform_answer(error: PlatformError) -> Answer {
    Answer {
        status: error.status,
        headers: Vec::new(),
        body: Bytes::new(),
        error_type: Some("FCCommonError"),
        platform_error: Some(error),
        instance_id: String::new(),
        duration: Duration::ZERO,
        max_memory_mb: 0.0,
        log: String::new(),
    }
}
