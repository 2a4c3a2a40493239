//! Function Compute, whichever generation of its API a resource type belongs to.
//!
//! What a generation is stands in rows of [`api`]; reading is in `read`, writing in `write`; `shape` turns answers
//! into resources, `compose` turns changes into bodies, `check` knows what any service would refuse, and `schema`
//! holds what stands alike in the types of both generations.

pub mod api;
pub mod check;
mod checksum;
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

use self::api::Api;
use super::client::{Answer, Client, Failure, Request, Service};
use crate::model::{Attributes, CloudError, ErrorClass, Identity, Operation, Outcome, Reading, Value};
use crate::provider::{Provider, Readings};

/// Bytes of a live package at most; the service takes no larger ones.
const PACKAGE_LIMIT: u64 = 500 << 20;
/// How often a broken download is begun again, with a fresh address.
const DOWNLOAD_TRIES: usize = 3;

/// Function Compute, as one run sees it.
#[derive(Debug)]
pub struct FunctionCompute {
    client: Client,
    /// Every resource type.
    apis: Vec<&'static Api>,
    /// What this run made: where it is not found, it is not there yet.
    new: Mutex<BTreeSet<Identity>>,
}

impl FunctionCompute {
    /// Returns the provider of these resource types.
    pub fn new(client: Client, apis: Vec<&'static Api>) -> Self {
        Self { client, apis, new: Mutex::default() }
    }

    /// Returns the part of the API that a resource type is.
    fn api(&self, kind: &str) -> Option<&'static Api> {
        self.apis.iter().copied().find(|api| api.schema.kind == kind)
    }

    /// Returns the types that belong to a type.
    fn child_apis(&self, kind: &str) -> impl Iterator<Item = &'static Api> {
        self.apis.iter().copied().filter(move |api| api.schema.parent == Some(kind))
    }

    /// Makes a call, where need be at the host of the account.
    async fn send(&self, request: &Request<'_>) -> Result<Answer, Failure> {
        let elsewhere = matches!(request.service, Service::FunctionCompute { of_account: true, .. });
        if elsewhere && self.client.endpoints().function_compute.is_none() {
            self.known_account().await.map_err(Failure::before)?;
        }
        self.client.send(request).await
    }

    async fn known_account(&self) -> Result<&String, CloudError> {
        self.client.account.get_or_try_init(|| self.ask_account()).await
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
        let Some(api) = self.api(&target.kind).filter(|api| api.schema.has_code()) else {
            return Err(nonsense(OPERATION, &format!("{target} is no function, and has no code")));
        };
        let mut tries = 0;
        loop {
            let mut request = api.one(OPERATION, Method::GET, target);
            request.segments.push("code");
            let answer = self.send(&request).await.map_err(|failure| *failure.error)?.document;
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
        match self.api(kind) {
            Some(api) => check::refuses(api, attributes),
            None => vec![format!("there is no resource type `{kind}` here")],
        }
    }

    fn account(&self) -> BoxFuture<'_, Result<String, CloudError>> {
        Box::pin(async { self.known_account().await.cloned() })
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
