//! Is that the embedded cloud? `--local` accepts only a server that says so itself.

use std::path::PathBuf;

use serde_json::Value as Json;

use super::client::Timeouts;
use super::endpoint::Origin;
use super::{ConnectError, EMBEDDED_ACCOUNT};
use crate::sys::http::{Redirects, client};

/// What the embedded cloud calls itself.
const SERVER: &str = "triform-embedded-cloud";
/// Bytes of its answer at most.
const LIMIT: usize = 64 << 10;

/// Who answers at an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answerer {
    /// The embedded cloud of this version.
    Embedded {
        /// The version of the triform that serves it.
        version: String,
        /// The folder of its data, where it says so.
        data: Option<PathBuf>,
    },
    /// A server that is something else.
    SomethingElse,
    /// Nobody.
    Nobody,
}

/// Asks who answers at an endpoint, such as `http://127.0.0.1:9530`. Asks once, without a signature.
pub async fn who_answers(endpoint: &str, timeouts: Timeouts) -> Result<Answerer, ConnectError> {
    let origin = Origin::endpoint(endpoint)?;
    let client = client(origin.way(), Redirects::None, timeouts.connect)?;
    let request = client.get(format!("{origin}/_triform/v1/marker")).timeout(timeouts.answer);
    let mut response = match request.send().await {
        Ok(response) => response,
        Err(error) if error.is_connect() => return Ok(Answerer::Nobody),
        Err(_) => return Ok(Answerer::SomethingElse),
    };
    let mut body = Vec::new();
    while let Ok(Some(piece)) = response.chunk().await {
        body.extend_from_slice(&piece);
        if body.len() > LIMIT {
            return Ok(Answerer::SomethingElse);
        }
    }
    Ok(read(&body))
}

fn read(body: &[u8]) -> Answerer {
    let marker: Json = serde_json::from_slice(body).unwrap_or_default();
    let text = |field: &str| marker.get(field).and_then(Json::as_str).unwrap_or_default();
    if text("server") == SERVER && text("account") == EMBEDDED_ACCOUNT {
        let data = marker.get("data").and_then(Json::as_str).map(PathBuf::from);
        Answerer::Embedded { version: text("version").to_owned(), data }
    } else {
        Answerer::SomethingElse
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(body: &str, expected: &Answerer) {
        assert_eq!(read(body.as_bytes()), *expected);
    }

    #[test]
    fn only_the_marker_itself_is_believed() {
        let marker =
            r#"{"server": "triform-embedded-cloud", "version": "0.1.0", "account": "1000000000000001"}"#;
        check(marker, &Answerer::Embedded { version: "0.1.0".to_owned(), data: None });
        for other in ["", "<html>", "{}", r#"{"server": "nginx"}"#, r#"{"server": "triform-embedded-cloud"}"#]
        {
            check(other, &Answerer::SomethingElse);
        }
    }
}
