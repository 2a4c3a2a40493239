//! Alibaba Cloud, and the embedded cloud that speaks its language.
//!
//! [`connect`] makes the provider of one run from a [`Connection`]; nothing is sent before the first read.
//! Where the access key comes from is [`credentials`]' business, and what is on the wire that of `client`, `older`,
//! `signature` and `fc_signature`.

#![warn(clippy::disallowed_methods)] // one constructor of HTTP clients; the rest says why

mod client;
pub mod credentials;
mod endpoint;
mod entry;
mod fc_signature;
pub mod fc2;
pub mod fc3;
pub mod function_compute;
mod marker;
mod older;
mod pace;
mod signature;
mod wire;

use self::client::Client;
use self::credentials::Credentials;
use self::endpoint::{Endpoints, Origin};
use self::function_compute::FunctionCompute;
use self::function_compute::api::Api;
use crate::provider::Provider;

pub use self::client::Timeouts;
pub use self::endpoint::ParseOriginError;
pub use self::marker::{Answerer, who_answers};
pub use self::pace::Patience;

/// The account of the embedded cloud.
pub const EMBEDDED_ACCOUNT: &str = "1000000000000001";

/// How a run reaches its cloud.
#[derive(Clone, Debug)]
pub struct Connection {
    /// Where Function Compute is, for every region: `https://host`, `http://host:port` or a bare host.
    /// Without it every region has the vendor's own host. The embedded cloud needs it.
    pub endpoint: Option<String>,
    /// The embedded cloud is there: its account is fixed, and it is told the region by a header.
    pub embedded: bool,
    /// Whose access key signs the calls.
    pub credentials: Credentials,
    /// Where the service is that knows whose a key is; the vendor's own unless told otherwise.
    pub sts_endpoint: Option<String>,
    /// FC 2.0 is spoken to in its version of 2016 and not in that of 2021.
    pub older: bool,
    /// How long to wait for an answer.
    pub timeouts: Timeouts,
    /// How long to repeat what may be repeated.
    pub patience: Patience,
}

impl Connection {
    /// Returns the way to the vendor's cloud.
    pub fn new(credentials: Credentials) -> Self {
        Self {
            endpoint: None,
            embedded: false,
            credentials,
            sts_endpoint: None,
            older: false,
            timeouts: Timeouts::default(),
            patience: Patience::default(),
        }
    }

    /// Returns the way to an embedded cloud, such as `http://127.0.0.1:9530`.
    pub fn embedded(endpoint: impl Into<String>) -> Self {
        Self { endpoint: Some(endpoint.into()), embedded: true, ..Self::new(Credentials::embedded()) }
    }
}

/// Why a cloud cannot even be asked.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The endpoint is none.
    #[error("could not use the endpoint that was given")]
    Endpoint(#[from] ParseOriginError),
    /// The embedded cloud has no fixed place.
    #[error("could not reach the embedded cloud: its endpoint was not given")]
    NoEndpoint,
    /// The HTTP client cannot be made.
    #[error("could not set up HTTPS; the machine's root certificates may be missing or unreadable")]
    Client(#[from] reqwest::Error),
}

/// Returns the provider of some resource types of Function Compute.
pub fn connect(connection: Connection, apis: Vec<&'static Api>) -> Result<Box<dyn Provider>, ConnectError> {
    let Connection { endpoint, embedded, credentials, sts_endpoint, older, timeouts, patience } = connection;
    if embedded && endpoint.is_none() {
        return Err(ConnectError::NoEndpoint);
    }
    let account = if embedded { Some(EMBEDDED_ACCOUNT.to_owned()) } else { credentials.account.clone() };
    let origin = |text: Option<String>| text.map(|text| Origin::endpoint(&text)).transpose();
    let endpoints = Endpoints { function_compute: origin(endpoint)?, embedded, sts: origin(sts_endpoint)? };
    let client = Client::new(endpoints, credentials, account, older, timeouts, patience)?;
    Ok(Box::new(FunctionCompute::new(client, apis)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(connection: Connection, expected: Option<&str>) {
        let error = connect(connection, Vec::new()).err().map(|error| error.to_string());
        assert_eq!(error.as_deref(), expected);
    }

    #[test]
    fn a_way_that_leads_nowhere_is_told_at_once() {
        let key = || Credentials::fixed("id", "secret", None);
        check(Connection::embedded("http://127.0.0.1:9530"), None);
        check(
            Connection { endpoint: Some("ftp://x".to_owned()), ..Connection::new(key()) },
            Some("could not use the endpoint that was given"),
        );
        check(
            Connection { embedded: true, ..Connection::new(key()) },
            Some("could not reach the embedded cloud: its endpoint was not given"),
        );
    }
}
