//! What all requests share: the data, the runner, the switches, and who may call.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use jiff::Timestamp;
use tokio::sync::watch;
use uuid::Uuid;

use super::board::Board;
use super::console::Session;
use super::counters::Counters;
use super::error::ApiError;
use super::guest::Guest;
use super::logs::Logs;
use super::runner::Runner;
use super::store::{Look, Store};
use super::world::Facts;

/// How many bytes of packages stay in memory beside the database.
const PACKAGES_BYTES: usize = 64 << 20;

/// The running cloud.
pub struct Cloud {
    /// What is kept.
    pub store: Store,
    /// What runs functions.
    pub runner: Runner,
    /// How the cloud misbehaves.
    pub switches: Board,
    /// What was asked of it.
    pub counters: Counters,
    /// What functions wrote.
    pub logs: Logs,
    /// Access keys and their secrets.
    pub keys: BTreeMap<String, String>,
    /// The URL under which trigger URLs are told.
    pub base: String,
    /// The URL under which it listens: downloads are told there, since they are fetched while it runs.
    pub own: String,
    /// Who keeps a page of the console beside ours.
    pub guest: Option<Arc<dyn Guest>>,
    /// The keys to the console.
    pub session: Session,
    /// Moves with every change.
    pub changes: watch::Sender<u64>,
    /// Whether the cloud is about to stop, so that nobody waits for news any longer.
    pub closing: watch::Sender<bool>,
    /// Packages that were run lately, by digest.
    packages: Mutex<BTreeMap<String, Bytes>>,
    /// The keys of deployments that may have instances.
    deployed: Mutex<BTreeSet<String>>,
}

impl Cloud {
    /// Puts the parts together.
    pub fn new(
        store: Store,
        runner: Runner,
        switches: Board,
        keys: BTreeMap<String, String>,
        base: String,
        own: String,
        guest: Option<Arc<dyn Guest>>,
    ) -> Self {
        Self {
            store,
            runner,
            switches,
            counters: Counters::default(),
            logs: Logs::default(),
            keys,
            base,
            own,
            guest,
            session: Session::default(),
            // Not from zero: a page that outlived the process it came from must see that something is new.
            changes: watch::Sender::new(Timestamp::now().as_microsecond().unsigned_abs()),
            closing: watch::Sender::new(false),
            packages: Mutex::default(),
            deployed: Mutex::default(),
        }
    }

    /// What a handler may know about a request to `region`, now.
    pub fn facts(region: &str) -> Facts {
        let uuid = Uuid::new_v4();
        Facts {
            account: super::ACCOUNT.to_owned(),
            region: region.to_owned(),
            now: Timestamp::now(),
            uuid: uuid.to_string(),
            letters: letters(Uuid::new_v4()),
        }
    }

    /// A new request id in the service's form: the time, then luck.
    pub fn request_id() -> String {
        let luck = Uuid::new_v4().simple().to_string();
        format!("1-{:08x}-{}-{}", Timestamp::now().as_second(), &luck[..8], &luck[8..20])
    }

    /// Remembers that a deployment may have instances.
    pub fn note_deployed(&self, key: &str) {
        let mut deployed = self.deployed.lock().unwrap_or_else(PoisonError::into_inner);
        if !deployed.contains(key) {
            deployed.insert(key.to_owned());
        }
    }

    /// Forgets the deployments whose keys start with `prefix`, and names them.
    pub fn take_deployed(&self, prefix: &str) -> Vec<String> {
        let mut deployed = self.deployed.lock().unwrap_or_else(PoisonError::into_inner);
        deployed.extract_if(prefix.to_owned().., |key| key.starts_with(prefix)).collect()
    }

    /// The bytes of a package, from memory when it was run lately.
    pub fn package(&self, look: &dyn Look, digest: &str) -> Result<Bytes, ApiError> {
        let mut packages = self.packages.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bytes) = packages.get(digest) {
            return Ok(bytes.clone());
        }
        let bytes = look.package(digest)?.ok_or_else(|| {
            ApiError::internal(format_args!("the package {digest} is missing from the data"))
        })?;
        if packages.values().map(Bytes::len).sum::<usize>() + bytes.len() > PACKAGES_BYTES {
            packages.clear();
        }
        packages.insert(digest.to_owned(), bytes.clone());
        Ok(bytes)
    }
}

/// Ten lower-case letters.
fn letters(luck: Uuid) -> String {
    luck.as_bytes().iter().take(10).map(|byte| char::from(b'a' + byte % 26)).collect()
}
