//! Starting and stopping the embedded cloud.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::serve::ListenerExt;
use jiff::Timestamp;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;

use super::board::{Board, Release};
use super::cloud::Cloud;
use super::guest::Guest;
use super::runner::{Runner, RunnerOptions};
use super::store::{OpenError, Store};
use super::switches::Switches;
use super::world::show_time;
use super::{ACCESS_KEY_ID, ACCESS_KEY_SECRET, SERVER_NAME, http};

/// How long a stopping server waits for requests that are being served.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long a program that has our address may take to say who it is.
const ASKING: Duration = Duration::from_secs(1);

/// Where the cloud listens, where it keeps its data, and how it behaves.
#[derive(Clone, Debug)]
pub struct ServerOptions {
    /// A loopback address; port 0 takes any free one.
    pub listen: SocketAddr,
    /// The folder of its data; made when there is none.
    pub data: PathBuf,
    /// Under which URL trigger URLs are told, without a slash at its end; the address that is
    /// listened on when there is none.
    pub public_base: Option<String>,
    /// Switches in force from the start.
    pub switches: Option<Switches>,
    /// How long the web server of a custom runtime may take to open its port.
    pub start_timeout: Duration,
    /// How long an idle instance of a function is kept.
    pub idle_timeout: Duration,
    /// Who keeps a page of the console, if anybody does.
    pub guest: Option<Arc<dyn Guest>>,
}

impl ServerOptions {
    /// The service's own times, no switches.
    pub fn new(listen: SocketAddr, data: PathBuf) -> Self {
        Self {
            listen,
            data,
            public_base: None,
            switches: None,
            start_timeout: Duration::from_mins(2),
            idle_timeout: Duration::from_mins(5),
            guest: None,
        }
    }
}

/// Why the cloud did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// It listens on loopback only.
    #[error("the embedded cloud listens on loopback addresses only, and {address} is none; use 127.0.0.1")]
    NotLoopback {
        /// The address asked for.
        address: SocketAddr,
    },
    /// Another embedded cloud has the address.
    #[error(
        "another triform already serves its embedded cloud at {address}; use it, stop it, or choose another address with --listen"
    )]
    AddressServed {
        /// The address asked for.
        address: SocketAddr,
    },
    /// Another program has the address.
    #[error("the address {address} is in use by another program; choose another with --listen")]
    AddressInUse {
        /// The address asked for.
        address: SocketAddr,
    },
    /// The address could not be listened on.
    #[error("could not listen on {address}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The data could not be opened; [`OpenError`] says which way.
    #[error(transparent)]
    Data(#[from] OpenError),
    /// The folder in which functions run could not be prepared.
    #[error("could not prepare the folder `{path}`, in which functions run")]
    Runner {
        /// That folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

/// A running cloud. Dropping it stops it without waiting; [`Server::stop`] is kinder.
pub struct Server {
    address: SocketAddr,
    cloud: Arc<Cloud>,
    shutdown: oneshot::Sender<()>,
    serving: JoinHandle<io::Result<()>>,
}

/// Starts the cloud. When this returns, it answers.
pub async fn start(options: ServerOptions) -> Result<Server, StartError> {
    let ServerOptions { listen, data, public_base, switches, start_timeout, idle_timeout, guest } = options;
    if !listen.ip().is_loopback() {
        return Err(StartError::NotLoopback { address: listen });
    }
    // The address comes first: when another triform serves the same data there, that is what to say.
    let listener = match TcpListener::bind(listen).await {
        Ok(listener) => listener,
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
            let served = is_triform(listen).await;
            return Err(if served {
                StartError::AddressServed { address: listen }
            } else {
                StartError::AddressInUse { address: listen }
            });
        }
        Err(source) => return Err(StartError::Listen { address: listen, source }),
    };
    let address = listener.local_addr().map_err(|source| StartError::Listen { address: listen, source })?;
    let folder = data.clone();
    let store = tokio::task::spawn_blocking(move || Store::open(&folder))
        .await
        .map_err(|error| StartError::Listen { address, source: io::Error::other(error) })??;
    let since = show_time(Timestamp::now());
    Store::sign(&data, &format!("process {} since {since}, listening on {address}", std::process::id()));
    let work_dir = data.join("run");
    let runner = Runner::new(RunnerOptions { work_dir: work_dir.clone(), start_timeout, idle_timeout })
        .map_err(|source| StartError::Runner { path: work_dir, source })?;
    let switches = switches.unwrap_or_default();
    let mut keys = BTreeMap::from([(ACCESS_KEY_ID.to_owned(), ACCESS_KEY_SECRET.to_owned())]);
    keys.extend(switches.access_keys.clone());
    let own = format!("http://{address}");
    let base = public_base.unwrap_or_else(|| own.clone());
    let cloud = Arc::new(Cloud::new(store, runner, Board::new(switches), keys, base, own, guest));
    let app = Router::new().fallback(http::handle).with_state(Arc::clone(&cloud));
    // An answer goes out at once: the other side waits for it before it sends anything else.
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    let (shutdown, stopped) = oneshot::channel();
    let serving = tokio::spawn(async move {
        axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>())
            .with_graceful_shutdown(async {
                let _ = stopped.await;
            })
            .await
    });
    Ok(Server { address, cloud, shutdown, serving })
}

impl Server {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL under which it is told to others, without a slash at its end.
    pub fn base_url(&self) -> &str {
        &self.cloud.base
    }

    /// Tells when something was changed.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.cloud.changes.subscribe()
    }

    /// Ends only when serving ends by itself, which is a failure.
    pub async fn failed(&mut self) -> io::Error {
        match (&mut self.serving).await {
            Ok(Ok(())) => io::Error::other("the embedded cloud stopped listening"),
            Ok(Err(error)) => error,
            Err(error) => io::Error::other(error),
        }
    }

    /// Takes no new requests, finishes those that are being served, ends all functions, closes the data.
    /// Calls that a switch holds are cut.
    pub async fn stop(self) {
        let Self { address: _, cloud, shutdown, mut serving } = self;
        let _ = shutdown.send(());
        cloud.switches.release(None, Release::Cut);
        cloud.closing.send_replace(true);
        if !serving.is_finished() && tokio::time::timeout(PATIENCE, &mut serving).await.is_err() {
            serving.abort();
        }
        cloud.runner.shutdown().await;
        // Whoever opens the data next must find it free.
        let mut patience = PATIENCE;
        let pause = Duration::from_millis(5);
        while Arc::strong_count(&cloud) > 1 && !patience.is_zero() {
            tokio::time::sleep(pause).await;
            patience = patience.saturating_sub(pause);
        }
    }
}

/// Asks whoever listens at an address whether it is an embedded cloud.
async fn is_triform(address: SocketAddr) -> bool {
    let ask = async {
        let mut stream = TcpStream::connect(address).await?;
        let request =
            format!("GET /_triform/v1/marker HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.take(64 << 10).read_to_end(&mut answer).await?;
        io::Result::Ok(String::from_utf8_lossy(&answer).contains(&format!("\"server\":\"{SERVER_NAME}\"")))
    };
    matches!(tokio::time::timeout(ASKING, ask).await, Ok(Ok(true)))
}
