//! Function Compute 3.0: functions, triggers and custom domains.
//!
//! Reading is in `read`, writing in `write`; `shape` turns answers into resources, `compose` turns changes
//! into bodies, `check` knows what the service would refuse, and `component` what an entry of `s.yaml` declares. Not here yet: versions, aliases, layers,
//! tags, and the configurations beside a function.

mod calls;
pub mod check;
mod checksum;
pub mod component;
mod compose;
mod read;
pub mod schema;
mod shape;
mod write;

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use reqwest::Method;
use tokio::sync::OnceCell;

use super::client::{Client, Failure, Request, Service};
use crate::model::{Attributes, CloudError, ErrorClass, Identity, Operation, Outcome, Reading, Value};
use crate::provider::{Provider, Readings};

/// Bytes of a live package at most; the service takes no larger ones.
const PACKAGE_LIMIT: u64 = 500 << 20;
/// How often a broken download is begun again, with a fresh address.
const DOWNLOAD_TRIES: usize = 3;

/// Function Compute 3.0, as one run sees it.
#[derive(Debug)]
pub struct FunctionCompute {
    client: Client,
    account: OnceCell<String>,
    /// What this run made: where it is not found, it is not there yet.
    new: Mutex<BTreeSet<Identity>>,
}

impl FunctionCompute {
    /// Returns the provider; `account` where it is known beforehand.
    pub fn new(client: Client, account: Option<String>) -> Self {
        Self { client, account: OnceCell::new_with(account), new: Mutex::default() }
    }

    fn new_ones(&self) -> MutexGuard<'_, BTreeSet<Identity>> {
        self.new.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_new(&self, identity: &Identity) -> bool {
        self.new_ones().contains(identity)
    }

    fn remember_new(&self, identity: &Identity) {
        self.new_ones().insert(identity.clone());
    }

    fn forget_new(&self, identity: &Identity) {
        self.new_ones().remove(identity);
    }

    async fn download(&self, target: &Identity) -> Result<Bytes, CloudError> {
        const OPERATION: &str = "GetFunctionCode";
        if target.kind != schema::FUNCTION {
            return Err(nonsense(OPERATION, &format!("{target} is no function, and has no code")));
        }
        let mut tries = 0;
        loop {
            let mut request = calls::FUNCTIONS.one(OPERATION, Method::GET, target);
            request.segments.push("code");
            let answer = self.client.send(&request).await.map_err(|failure| *failure.error)?.document;
            let text = |field: &str| answer.get(field).and_then(Value::as_text).unwrap_or_default();
            let url = text("url");
            if !(url.starts_with("https://") || url.starts_with("http://")) {
                return Err(nonsense(OPERATION, "the answer has no address of the package"));
            }
            // The address is good for a short time only, so it is used at once, and once.
            let downloaded = self.client.download(OPERATION, url, PACKAGE_LIMIT).await;
            tries += 1;
            let error = match downloaded {
                Ok(bytes)
                    if text("checksum").is_empty() || checksum::checksum(&bytes) == text("checksum") =>
                {
                    return Ok(bytes);
                }
                Ok(_) => nonsense(OPERATION, "the package that came is not the one that was announced"),
                Err(error) => error,
            };
            if tries >= DOWNLOAD_TRIES || error.class == ErrorClass::Invalid {
                return Err(error);
            }
        }
    }

    async fn ask_account(&self) -> Result<String, CloudError> {
        const OPERATION: &str = "GetCallerIdentity";
        let request = Request {
            service: Service::Sts,
            operation: OPERATION,
            method: Method::POST,
            segments: Vec::new(),
            query: Vec::new(),
            body: None,
            condition: None,
        };
        let answer = self.client.send(&request).await.map_err(|failure: Failure| *failure.error)?;
        match answer.document.get("AccountId") {
            Some(Value::Text(account)) if !account.is_empty() => Ok(account.clone()),
            _ => Err(nonsense(OPERATION, "the answer names no account")),
        }
    }
}

impl Provider for FunctionCompute {
    fn read<'a>(&'a self, targets: &'a [Identity], children: bool) -> BoxFuture<'a, Readings> {
        Box::pin(self.read_all(targets, children))
    }

    fn read_one<'a>(&'a self, target: &'a Identity) -> BoxFuture<'a, Reading> {
        Box::pin(self.get(target))
    }

    fn package<'a>(&'a self, target: &'a Identity) -> BoxFuture<'a, Result<Bytes, CloudError>> {
        Box::pin(self.download(target))
    }

    fn perform<'a>(&'a self, operation: &'a Operation) -> BoxFuture<'a, Outcome> {
        Box::pin(self.carry_out(operation))
    }

    fn checksum(&self, archive: &[u8]) -> String {
        checksum::checksum(archive)
    }

    fn refuses(&self, kind: &str, attributes: &Attributes) -> Vec<String> {
        check::refuses(kind, attributes)
    }

    fn account(&self) -> BoxFuture<'_, Result<String, CloudError>> {
        Box::pin(async { self.account.get_or_try_init(|| self.ask_account()).await.cloned() })
    }
}

/// Returns the error of something that did not come from the service as it should.
fn nonsense(operation: &str, message: &str) -> CloudError {
    CloudError {
        class: ErrorClass::Unavailable,
        operation: operation.to_owned(),
        status: None,
        code: String::new(),
        message: message.to_owned(),
        request_id: String::new(),
    }
}
