//! HTTP triggers of FC 2.0 in front of built-in runtimes: the handler gets the request itself, as WSGI in Python
//! and as `request` and `response` in Node.js.
//!
//! The bridges build both from the parameters made here, in the form in which the service's own runtimes get them.
//! Paths stay percent-encoded, as in the vendor's local tool.

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::fault::Fault;
use super::http_event::{HttpReply, LARGEST_HEADERS, header_bytes, is_header, is_passed_on, is_settable};
use super::{Deployment, HttpRequest};

/// What the bridge is told of a request, beside its body.
pub(super) fn params(request: &HttpRequest, deployment: &Deployment) -> Value {
    let mut headers = Map::new();
    for (name, value) in request.headers.iter().filter(|(name, _)| is_passed_on(name)) {
        push(&mut headers, name.to_ascii_lowercase(), &String::from_utf8_lossy(value));
    }
    let mut queries = Map::new();
    for (name, value) in url::form_urlencoded::parse(request.raw_query.as_bytes()) {
        push(&mut queries, name.into_owned(), &value);
    }
    json!({
        "method": request.method,
        "path": request.raw_path,
        "requestURI": request.uri(),
        "host": request.host,
        "clientIP": request.source_ip,
        "handler": deployment.handler,
        "headersMap": headers,
        "queriesMap": queries,
    })
}

fn push(map: &mut Map<String, Value>, name: String, value: &str) {
    if let Value::Array(values) = map.entry(name).or_insert_with(|| json!([])) {
        values.push(json!(value));
    }
}

/// The response that a bridge's answer stands for.
pub(super) fn reply(header: &Value, body: Bytes) -> Result<HttpReply, Fault> {
    let bad = |why: String| Err(Fault::BadResponse(why));
    let status = header["status"].as_u64().and_then(|status| u16::try_from(status).ok());
    let Some(status) = status.filter(|status| (100..=599).contains(status)) else {
        return bad(format!("its status is {}, not a number from 100 to 599", header["status"]));
    };
    let mut headers = Vec::new();
    for pair in header["headers"].as_array().into_iter().flatten() {
        let (name, value) = (pair[0].as_str().unwrap_or_default(), pair[1].as_str().unwrap_or_default());
        if is_settable(name, value.as_bytes()) && is_header(name, value) {
            headers.push((name.to_owned(), Bytes::from(value.to_owned())));
        }
    }
    if header_bytes(&headers) > LARGEST_HEADERS {
        return bad(format!("its headers are longer than {LARGEST_HEADERS} bytes"));
    }
    Ok(HttpReply { status, headers, body })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emulator::runner::sample;

    #[test]
    fn a_request_is_told_with_its_prefix_and_every_value() {
        let request = HttpRequest {
            request_id: "1".into(),
            method: "GET".into(),
            prefix: "/2016-08-15/proxy/s/f".into(),
            raw_path: "/a%20b".into(),
            raw_query: "x=1&x=2&y=a+b".into(),
            headers: vec![
                ("Accept".into(), Bytes::from_static(b"a")),
                ("accept".into(), Bytes::from_static(b"b")),
                ("X-Fc-Secret".into(), Bytes::from_static(b"no")),
            ],
            body: Bytes::new(),
            host: "h".into(),
            source_ip: "127.0.0.1".into(),
            trigger_id: String::new(),
        };
        assert_eq!(
            params(&request, &sample("python3", "index.handler")),
            json!({
                "method": "GET", "path": "/a%20b", "host": "h", "clientIP": "127.0.0.1",
                "requestURI": "/2016-08-15/proxy/s/f/a%20b?x=1&x=2&y=a+b", "handler": "index.handler",
                "headersMap": {"accept": ["a", "b"]}, "queriesMap": {"x": ["1", "2"], "y": ["a b"]},
            })
        );
    }

    #[test]
    fn a_reply_keeps_repeated_headers_and_drops_reserved_ones() {
        let header = json!({"status": 201, "headers": [["Set-Cookie", "a"], ["Set-Cookie", "b"],
            ["X-Fc-Request-Id", "mine"], ["Bad", "a\r\nb"]]});
        let reply = reply(&header, Bytes::from_static(b"x")).expect("is a reply");
        let cookie = |value: &'static str| ("Set-Cookie".to_owned(), Bytes::from_static(value.as_bytes()));
        assert_eq!((reply.status, reply.headers), (201, vec![cookie("a"), cookie("b")]));
        assert!(super::reply(&json!({"status": 99}), Bytes::new()).is_err());
    }
}
