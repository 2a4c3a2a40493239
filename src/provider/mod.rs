//! Clouds, behind one small trait.
//!
//! A provider gives facts: schemas, readings, packages; and does what it is told, one call at a time. It takes
//! no part in any decision. A new cloud or component is one folder and one row of [`PROVIDERS`].
#![allow(clippy::disallowed_methods, reason = "providers reach a cloud, and read the credentials for it")]

pub mod aliyun;

use std::collections::BTreeMap;

use futures_util::future::BoxFuture;

use self::aliyun::function_compute::api::Api;
use crate::config::component::Component;
use crate::model::{CloudError, Identity, Operation, Outcome, Reading, Resource, SchemaSet};

/// One component: what an entry of it declares, and how its cloud is asked for it.
pub struct Row {
    /// Its names in `s.yaml`, its schemas, and what an entry of it means.
    pub component: &'static Component,
    /// The part of the cloud's API that its resource types are.
    pub apis: &'static [&'static Api],
}

/// Every component that there is.
pub static PROVIDERS: &[Row] = &[
    Row { component: &aliyun::fc3::component::FC3, apis: aliyun::fc3::calls::APIS },
    Row { component: &aliyun::fc2::component::FC, apis: aliyun::fc2::calls::APIS },
];

/// Makes the provider of one run: all components are parts of one cloud.
pub fn connect(connection: aliyun::Connection) -> Result<Box<dyn Provider>, aliyun::ConnectError> {
    aliyun::connect(connection, PROVIDERS.iter().flat_map(|row| row.apis).copied().collect())
}

/// Returns the schemas of every component.
pub fn schemas() -> SchemaSet {
    PROVIDERS.iter().flat_map(|row| row.component.schemas).copied().collect()
}

/// What a round of reading found.
#[derive(Debug, Default)]
pub struct Readings {
    /// One reading for each identity that was asked for.
    pub readings: BTreeMap<Identity, Reading>,
    /// Every live child of each present parent whose children were asked for, those asked for by name included.
    pub children: BTreeMap<Identity, Vec<Resource>>,
}

/// A cloud.
///
/// Implementations are shared by concurrent tasks; they limit their own reads in flight.
pub trait Provider: Send + Sync {
    /// Reads resources, each once, concurrently.
    ///
    /// Never fails as a whole: what could not be read is [`Reading::Unknown`]. A name that is missing from a
    /// list is confirmed by a read of its own before it is [`Reading::Absent`]. With `children`, the children of
    /// every present parent among `targets` are listed too. Reads change nothing. What was read by list carries no
    /// document; only [`Self::read_one`] promises one.
    fn read<'a>(&'a self, targets: &'a [Identity], children: bool) -> BoxFuture<'a, Readings>;

    /// Reads one resource as it is at this moment, by a read of its own.
    fn read_one<'a>(&'a self, target: &'a Identity) -> BoxFuture<'a, Reading>;

    /// Downloads the package of a live resource.
    fn package<'a>(&'a self, target: &'a Identity) -> BoxFuture<'a, Result<bytes::Bytes, CloudError>>;

    /// Carries out one call. The only method that changes the world.
    ///
    /// Repeats the request by itself only where a repeat is safe (it was refused before any effect, or the call
    /// is idempotent in its effect); otherwise a lost answer is [`Outcome::Unknown`].
    fn perform<'a>(&'a self, operation: &'a Operation) -> BoxFuture<'a, Outcome>;

    /// Returns the service's own checksum of an archive, as `PackageFacts::checksum` spells it.
    fn checksum(&self, archive: &[u8]) -> String;

    /// Checks a whole resource as it would be after a write, and says what the service would refuse: bounds,
    /// names, and combinations such as memory and CPU. Pure.
    fn refuses(&self, kind: &str, attributes: &crate::model::Attributes) -> Vec<String>;

    /// Returns the account that the credentials belong to, asking the cloud where nothing local says it.
    fn account(&self) -> BoxFuture<'_, Result<String, CloudError>>;
}
