//! What is asked of a cloud, and what came of it.

use std::collections::BTreeMap;
use std::fmt;

use bytes::Bytes;

use super::{Address, Attributes, Digest, Identity, Path, Resource, Value};

/// A package as it is uploaded.
#[derive(Clone, PartialEq, Eq)]
pub struct Package {
    /// The archive.
    pub bytes: Bytes,
    /// SHA-256 of the archive, the name it is kept under.
    pub digest: Digest,
    /// The service's own checksum of it, in its own text form.
    pub checksum: String,
}

impl fmt::Debug for Package {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Package({}, {} bytes)", self.digest.short(), self.bytes.len())
    }
}

/// One call that changes the cloud.
#[derive(Clone, Debug)]
pub struct Operation {
    /// Whose it is in the project; for messages.
    pub address: Address,
    /// What it changes.
    pub identity: Identity,
    /// How.
    pub call: Call,
}

/// The three things that can be asked.
#[derive(Clone, Debug)]
pub enum Call {
    /// Make it.
    Create {
        /// Everything that is declared, secrets in clear.
        attributes: Attributes,
        /// Its code.
        package: Option<Package>,
    },
    /// Change these paths of it, and nothing else.
    Update {
        /// The reading made just before: fields that are replaced whole are composed over it.
        live: Box<Resource>,
        /// The new value of each path; `None` for its empty form, or gone.
        set: BTreeMap<Path, Option<Value>>,
        /// Its new code, where that changes.
        package: Option<Package>,
    },
    /// Remove it.
    Delete {
        /// The reading made just before.
        live: Box<Resource>,
    },
}

/// What came of a call.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// The service did it; creates and updates answer with the resource as it is now.
    Done(Option<Box<Resource>>),
    /// The service did it, and what it made does not work: it failed while it got ready, or did not get ready in time.
    Partial {
        /// The resource as the answer showed it.
        live: Box<Resource>,
        /// What the service says about it.
        error: CloudError,
    },
    /// The service refused it: nothing changed.
    Refused(CloudError),
    /// The answer was lost or says nothing: read before anything else.
    Unknown(CloudError),
}

/// What a service's refusal is about, as far as a plan cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorClass {
    /// That very resource, or what it belongs to, does not exist.
    NotFound,
    /// There is one of this name already.
    AlreadyExists,
    /// It changed between our reading and our write.
    Changed,
    /// Credentials or permissions.
    Denied,
    /// Too many calls.
    Throttled,
    /// The request is wrong.
    Invalid,
    /// The service failed, or could not be reached, or answered nonsense.
    Unavailable,
}

/// An error of a cloud, in its own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CloudError {
    /// What it is about.
    pub class: ErrorClass,
    /// What was asked, in the service's word: `UpdateFunction`.
    pub operation: String,
    /// The HTTP status, where there was an answer.
    pub status: Option<u16>,
    /// The service's code, such as `AccessDenied`; empty where there is none.
    pub code: String,
    /// The service's message, or what went wrong on the way.
    pub message: String,
    /// The service's id of the request, for its support; empty where there is none.
    pub request_id: String,
}

impl fmt::Display for CloudError {
    /// Writes `UpdateFunction: AccessDenied: … (HTTP 403, request 1-…)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.operation)?;
        if !self.code.is_empty() {
            write!(f, ": {}", self.code)?;
        }
        if !self.message.is_empty() {
            write!(f, ": {}", self.message)?;
        }
        match (self.status, self.request_id.as_str()) {
            (Some(status), "") => write!(f, " (HTTP {status})"),
            (Some(status), id) => write!(f, " (HTTP {status}, request {id})"),
            (None, _) => Ok(()),
        }
    }
}

impl std::error::Error for CloudError {}
