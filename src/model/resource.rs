//! Resources as a cloud shows them.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use sha2::{Digest as _, Sha256};

use super::{Digest, FileKind, Identity, Path, Value};
use crate::diag::Diagnostic;

/// The leaves of a resource, by path.
pub type Attributes = BTreeMap<Path, Value>;

/// What a cloud says about its copy of a package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackageFacts {
    /// The service's own checksum of the archive, in its own text form. Tells cheaply whether the archive is
    /// still the same one; says nothing about whether two archives hold the same files.
    pub checksum: String,
    /// Bytes of the archive.
    pub size: u64,
}

/// One live resource.
#[derive(Clone)]
pub struct Resource {
    /// What the cloud knows it by.
    pub identity: Identity,
    /// Every attribute that the schema lists, code left out; secrets in clear until they are sealed.
    pub attributes: Attributes,
    /// The whole answer, fields that the schema does not list included: what a field is replaced by as a
    /// whole is composed over this, so that nothing nobody decided about is lost.
    pub document: BTreeMap<String, Value>,
    /// What other resources may use.
    pub outputs: BTreeMap<String, Value>,
    /// When it was last modified, as the service reports it.
    pub modified: Option<String>,
    /// What a conditional write sends back (an `ETag`), where the service offers one.
    pub condition: Option<String>,
    /// Its package, where it has one.
    pub package: Option<PackageFacts>,
}

impl fmt::Debug for Resource {
    /// Names the resource and shows no value: a live resource may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Resource({})", self.identity)
    }
}

/// What came of reading one resource.
#[derive(Clone, Debug)]
pub enum Reading {
    /// It is there.
    Present(Box<Resource>),
    /// The service itself says that it, or what it belongs to, does not exist.
    Absent,
    /// The cloud did not say. Never treated as absent.
    Unknown(Box<Diagnostic>),
}

/// The digest of one live resource as a plan saw it: of its identity and all its compared paths, code
/// included; never of times, states or ids of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Fingerprint(pub Digest);

impl Fingerprint {
    /// Returns the fingerprint of sealed attributes.
    pub fn of(identity: &Identity, attributes: &Attributes) -> Self {
        let mut canon = Canon::default();
        canon.identity(identity);
        canon.attributes(attributes);
        Self(canon.finish())
    }
}

/// The one canonical encoding: every digest of structured data is taken over it.
///
/// Each item is its tag and, for texts, the length in front, so that no two different values spell the same
/// bytes. Numbers are written in their shortest decimal form.
#[derive(Default)]
pub struct Canon(Sha256);

impl Canon {
    /// Adds a text.
    pub fn text(&mut self, text: &str) {
        self.0.update((text.len() as u64).to_le_bytes());
        self.0.update(text.as_bytes());
    }

    /// Adds a count, such as the length of the list that follows.
    pub fn count(&mut self, count: usize) {
        self.0.update((count as u64).to_le_bytes());
    }

    /// Adds something that may be missing.
    pub fn option<T>(&mut self, value: Option<T>, add: impl FnOnce(&mut Self, T)) {
        match value {
            Some(value) => {
                self.0.update([1]);
                add(self, value);
            }
            None => self.0.update([0]),
        }
    }

    /// Adds an identity.
    pub fn identity(&mut self, identity: &Identity) {
        let Identity { cloud, account, region, kind, parent, name } = identity;
        for text in [cloud, account, region, kind] {
            self.text(text);
        }
        self.option(parent.as_ref(), |canon, parent| canon.text(parent));
        self.text(name);
    }

    /// Adds attributes.
    pub fn attributes(&mut self, attributes: &Attributes) {
        self.count(attributes.len());
        for (path, value) in attributes {
            self.text(&path.to_string());
            self.value(value);
        }
    }

    /// Adds a value.
    pub fn value(&mut self, value: &Value) {
        match value {
            Value::Bool(value) => self.tagged('b', if *value { "true" } else { "false" }),
            Value::Number(number) => self.tagged('n', &number.to_string()),
            Value::Text(text) => self.tagged('t', text),
            Value::List(items) => {
                self.0.update(b"l");
                self.count(items.len());
                for item in items {
                    self.value(item);
                }
            }
            Value::Map(map) => {
                self.0.update(b"m");
                self.count(map.len());
                for (key, value) in map {
                    self.text(key);
                    self.value(value);
                }
            }
            Value::Sealed(digest) => self.tagged('s', &digest.to_string()),
            Value::File(entry) => {
                let kind = match entry.kind {
                    FileKind::Regular => 'f',
                    FileKind::Executable => 'x',
                    FileKind::Symlink => 'y',
                };
                self.tagged(kind, &entry.digest.to_string());
            }
            Value::Package(digest) => self.tagged('p', &digest.to_string()),
        }
    }

    fn tagged(&mut self, tag: char, text: &str) {
        self.0.update([u8::try_from(tag).unwrap_or(b'?')]);
        self.text(text);
    }

    /// Returns the digest of all that was added.
    pub fn finish(self) -> Digest {
        Digest::from_bytes(self.0.finalize().into())
    }
}
