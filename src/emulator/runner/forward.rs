//! Requests to the server of a custom runtime, and what its answers mean.
//!
//! Everything that the service tells a server about a call stands in headers named `x-fc-…`, which replace whatever a
//! caller sent under these names.

use std::net::SocketAddr;

use bytes::Bytes;
use reqwest::header::{CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method};

use super::fault::Fault;
use super::http_event::{self, HttpReply};
use super::{Deployment, HttpRequest, environment};

/// A server that listens.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) address: SocketAddr,
    pub(super) client: Client,
}

/// One request to it.
#[derive(Debug)]
pub(super) struct Forward {
    method: Method,
    /// Path and query.
    target: String,
    control_path: &'static str,
    base_path: String,
    client_ip: String,
    request_id: String,
    headers: HeaderMap,
    body: Bytes,
}

impl Forward {
    fn new(method: Method, target: &str, control_path: &'static str, request_id: &str) -> Self {
        // Whatever else stands before the first slash would become part of the host.
        let target = if target.starts_with('/') { target.to_owned() } else { format!("/{target}") };
        Self {
            method,
            target,
            control_path,
            base_path: String::new(),
            client_ip: String::new(),
            request_id: request_id.to_owned(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
        }
    }

    /// The call of the initializer.
    pub(super) fn initialize(request_id: &str) -> Self {
        Self::new(Method::POST, "/initialize", "/initialize", request_id)
    }

    /// The call before the end.
    pub(super) fn pre_stop(request_id: &str) -> Self {
        Self::new(Method::GET, "/pre-stop", "/pre-stop", request_id)
    }

    /// A health check.
    pub(super) fn health_check(path: &str) -> Self {
        Self::new(Method::GET, path, "", "")
    }

    /// An event call.
    pub(super) fn event(request_id: &str, payload: &Bytes) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
        let body = payload.clone();
        Self { headers, body, ..Self::new(Method::POST, "/invoke", "/invoke", request_id) }
    }

    /// An HTTP request, passed through.
    pub(super) fn http(request: &HttpRequest) -> Self {
        let mut headers = HeaderMap::new();
        for (name, value) in request.headers.iter().filter(|(name, _)| is_passed_on(name)) {
            if let (Ok(name), Ok(value)) =
                (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_bytes(value))
            {
                headers.append(name, value);
            }
        }
        if let Ok(host) = HeaderValue::from_str(&request.host) {
            headers.insert(HOST, host);
        }
        // The server sees the path as it was sent, and is told where its own part of it begins.
        let base_path = match request.prefix.as_str() {
            "" => request.raw_path.clone(),
            prefix => format!("{prefix}/"),
        };
        let method = Method::from_bytes(request.method.as_bytes()).unwrap_or(Method::GET);
        Self {
            base_path,
            client_ip: request.source_ip.clone(),
            headers,
            body: request.body.clone(),
            ..Self::new(method, &request.uri(), "/http-invoke", &request.request_id)
        }
    }

    /// Whether it may be sent again when a connection breaks.
    pub(super) fn is_repeatable(&self) -> bool {
        self.method.is_safe()
    }
}

/// The connection is the forwarding client's own affair, and so is the length of what it sends.
fn is_passed_on(name: &str) -> bool {
    let of_this_hop = ["host", "content-length", "transfer-encoding", "te", "upgrade", "expect"];
    http_event::is_passed_on(name) && !of_this_hop.iter().any(|own| name.eq_ignore_ascii_case(own))
}

impl Server {
    /// Sends a request and reads the whole answer.
    pub(super) async fn send(
        &self,
        deployment: &Deployment,
        forward: &Forward,
    ) -> reqwest::Result<HttpReply> {
        let mut headers = forward.headers.clone();
        for (name, value) in common_headers(deployment, forward) {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        let response = self
            .client
            .request(forward.method.clone(), format!("http://{}{}", self.address, forward.target))
            .headers(headers)
            .body(forward.body.clone())
            .send()
            .await?;
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), Bytes::copy_from_slice(value.as_bytes())))
            .collect();
        Ok(HttpReply { status, headers, body: response.bytes().await? })
    }
}

/// What an answer to an event call means: only its body goes back.
pub(super) fn event_reply(reply: HttpReply) -> Result<HttpReply, Fault> {
    let HttpReply { status, headers, body } = reply;
    let own_word = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("x-fc-status"));
    let failed = own_word.map_or(status == 404, |(_, word)| word.as_ref() == b"404");
    if failed {
        return Err(Fault::Reported { body, handled: false });
    }
    Ok(HttpReply { status: 200, headers: Vec::new(), body })
}

/// What an answer to an HTTP request means: itself, without the reserved headers.
pub(super) fn http_reply(mut reply: HttpReply) -> Result<HttpReply, Fault> {
    reply.headers.retain(|(name, value)| http_event::is_settable(name, value));
    if http_event::header_bytes(&reply.headers) > http_event::LARGEST_HEADERS {
        let most = http_event::LARGEST_HEADERS;
        return Err(Fault::BadResponse(format!("its headers are longer than {most} bytes")));
    }
    Ok(reply)
}

fn common_headers(deployment: &Deployment, forward: &Forward) -> Vec<(&'static str, String)> {
    let [access_key_id, access_key_secret, security_token] = environment::keys(deployment);
    let service = deployment.service.clone().unwrap_or_default();
    let initializer = deployment.initializer.as_ref().filter(|_| deployment.service.is_some());
    let of_2_0 = [
        ("x-fc-service-name", deployment.service.as_ref().map(|service| service.name.clone())),
        ("x-fc-function-initializer", initializer.map(|hook| hook.handler.clone())),
        ("x-fc-initialization-timeout", initializer.map(|hook| hook.timeout.as_secs().to_string())),
    ];
    let mut headers = vec![
        ("x-fc-request-id", forward.request_id.clone()),
        ("x-fc-access-key-id", access_key_id.to_owned()),
        ("x-fc-access-key-secret", access_key_secret.to_owned()),
        ("x-fc-security-token", security_token.to_owned()),
        ("x-fc-function-name", deployment.function_name.clone()),
        ("x-fc-function-handler", deployment.handler.clone()),
        ("x-fc-function-memory", deployment.memory_size.to_string()),
        ("x-fc-function-timeout", deployment.timeout.as_secs().to_string()),
        ("x-fc-region", deployment.region.clone()),
        ("x-fc-account-id", deployment.account_id.clone()),
        ("x-fc-qualifier", deployment.qualifier.clone()),
        ("x-fc-version-id", deployment.version_id.clone()),
        ("x-fc-control-path", forward.control_path.to_owned()),
        ("x-fc-service-logproject", service.log_project),
        ("x-fc-service-logstore", service.log_store),
        ("x-fc-retry-count", "0".to_owned()),
        ("x-fc-client-ip", forward.client_ip.clone()),
        ("x-fc-base-path", forward.base_path.clone()),
        ("x-fc-tracing-opentracing-span-context", String::new()),
        ("x-fc-tracing-opentracing-span-baggages", String::new()),
        ("x-fc-tracing-jaeger-endpoint", String::new()),
    ];
    headers.extend(of_2_0.into_iter().filter_map(|(name, value)| Some((name, value?))));
    headers
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::{Forward, event_reply};
    use crate::emulator::runner::http_event::HttpReply;

    #[test]
    fn a_path_cannot_name_another_host() {
        let forward = Forward::health_check("@example.com/");
        assert_eq!(forward.target, "/@example.com/");
    }

    #[track_caller]
    fn check_event(status: u16, own_word: Option<&'static str>, succeeds: bool) {
        let word = |word: &'static str| ("X-Fc-Status".to_owned(), Bytes::from_static(word.as_bytes()));
        let headers = own_word.map(word).into_iter().collect();
        let reply = event_reply(HttpReply { status, headers, body: Bytes::from_static(b"{}") });
        assert_eq!(reply.is_ok(), succeeds, "{status} {own_word:?}");
    }

    #[test]
    fn the_servers_own_word_counts_before_its_status() {
        check_event(200, None, true);
        check_event(400, None, true);
        check_event(404, None, false);
        check_event(404, Some("200"), true);
        check_event(200, Some("404"), false);
    }
}
