//! HTTP triggers of FC 3.0 in front of built-in runtimes: a request becomes an event, an answer becomes a response.
//!
//! Both directions are pure. Where the service's documentation is silent the choice is noted beside the code. What a
//! function of a custom runtime answers passes the same filter of header names.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

use super::fault::Fault;
use super::{HttpRequest, PlatformError};

/// Most bytes of all request header lines together, and of all response header lines.
pub(super) const LARGEST_HEADERS: usize = 8 * 1024;
/// Most bytes of path and query together.
const LARGEST_PATH: usize = 4 * 1024;
/// Most bytes of a request's body.
const LARGEST_BODY: usize = 32 * 1024 * 1024;

/// What goes back to the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct HttpReply {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, Bytes)>,
    pub(super) body: Bytes,
}

/// Refuses what the service's gateway would not let through.
pub(super) fn check_limits(request: &HttpRequest) -> Result<(), PlatformError> {
    let path = request.raw_path.len() + request.raw_query.len() + usize::from(!request.raw_query.is_empty());
    let refuse = |what: &str, actual: usize, most: usize| {
        let message = format!("the request's {what} is {actual} bytes long, at most {most} are allowed");
        Err(PlatformError { status: 400, code: "InvalidArgument", message })
    };
    let headers = header_bytes(&request.headers);
    if headers > LARGEST_HEADERS {
        return refuse("header", headers, LARGEST_HEADERS);
    }
    if path > LARGEST_PATH {
        return refuse("path with its query", path, LARGEST_PATH);
    }
    if request.body.len() > LARGEST_BODY {
        return refuse("body", request.body.len(), LARGEST_BODY);
    }
    Ok(())
}

/// The bytes that headers take on the wire.
pub(super) fn header_bytes(headers: &[(String, Bytes)]) -> usize {
    headers.iter().map(|(name, value)| name.len() + value.len() + ": \r\n".len()).sum()
}

/// Whether a caller's header reaches the function.
pub(super) fn is_passed_on(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    !name.starts_with("x-fc-") && !matches!(name.as_str(), "connection" | "keep-alive")
}

/// Whether a function may set a response header. What concerns one connection only is never passed on.
pub(super) fn is_settable(name: &str, value: &[u8]) -> bool {
    let name = name.to_ascii_lowercase();
    let reserved = matches!(
        name.as_str(),
        "connection" | "content-length" | "date" | "keep-alive" | "server" | "upgrade" | "transfer-encoding"
    );
    let attachment = name == "content-disposition" && value.trim_ascii().eq_ignore_ascii_case(b"attachment");
    !reserved && !attachment && !name.starts_with("x-fc-")
}

/// The event that a built-in function gets for a request.
pub(super) fn event(request: &HttpRequest, account_id: &str, now: jiff::Timestamp) -> Value {
    let mut headers: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in request.headers.iter().filter(|(name, _)| is_passed_on(name)) {
        join(&mut headers, canonical(name), &String::from_utf8_lossy(value));
    }
    let mut query = BTreeMap::new();
    for (name, value) in url::form_urlencoded::parse(request.raw_query.as_bytes()) {
        join(&mut query, name.into_owned(), &value);
    }
    let is_base64 = is_binary(headers.get("Content-Type").map_or("", String::as_str), &request.body);
    let body = if is_base64 {
        STANDARD.encode(&request.body)
    } else {
        String::from_utf8_lossy(&request.body).into_owned()
    };
    let host = request.host.split(':').next().unwrap_or_default();
    let mut context = json!({
        "accountId": account_id,
        "domainName": host,
        "domainPrefix": host.split('.').next().unwrap_or_default(),
        "http": {
            "method": request.method,
            "path": percent_decode_str(&request.raw_path).decode_utf8_lossy(),
            "protocol": "HTTP/1.1",
            "sourceIp": request.source_ip,
            "userAgent": headers.get("User-Agent").cloned().unwrap_or_default(),
        },
        "requestId": request.request_id,
        "time": now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "timeEpoch": now.as_millisecond().to_string(),
    });
    if !request.trigger_id.is_empty() {
        context["triggerId"] = json!(request.trigger_id);
    }
    json!({
        "version": "v1",
        "rawPath": request.raw_path,
        "body": body,
        "isBase64Encoded": is_base64,
        "headers": headers,
        "queryParameters": query,
        "requestContext": context,
    })
}

fn join(values: &mut BTreeMap<String, String>, name: String, value: &str) {
    values
        .entry(name)
        .and_modify(|joined| {
            joined.push(',');
            joined.push_str(value);
        })
        .or_insert_with(|| value.to_owned());
}

/// `content-type` as `Content-Type`.
fn canonical(name: &str) -> String {
    let mut start = true;
    name.chars()
        .map(|letter| {
            let shown = if start { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() };
            start = letter == '-';
            shown
        })
        .collect()
}

/// The service does not say when a body is binary. A text type that is text is text, and so is valid UTF-8 without a
/// type or as an octet stream (the vendor's own template shows that).
fn is_binary(content_type: &str, body: &[u8]) -> bool {
    let media = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let textual = media.is_empty()
        || media.starts_with("text/")
        || ["json", "xml", "javascript"].iter().any(|kind| media.ends_with(kind))
        || matches!(media.as_str(), "application/x-www-form-urlencoded" | "application/octet-stream");
    !textual || std::str::from_utf8(body).is_err()
}

/// The response that the bytes a function returned stand for.
///
/// Only an object with `statusCode` is a response; everything else is the body of a response of its own.
pub(super) fn reply(returned: Bytes) -> Result<HttpReply, Fault> {
    match serde_json::from_slice::<Value>(&returned) {
        Ok(Value::Object(object)) if object.contains_key("statusCode") => {
            structured(&object).map_err(Fault::BadResponse)
        }
        _ => {
            let headers = if returned.is_empty() { Vec::new() } else { vec![json_type()] };
            Ok(HttpReply { status: 200, headers, body: returned })
        }
    }
}

fn structured(object: &Map<String, Value>) -> Result<HttpReply, String> {
    let status = object["statusCode"]
        .as_u64()
        .and_then(|status| u16::try_from(status).ok())
        .filter(|status| (100..=599).contains(status))
        .ok_or_else(|| format!("statusCode is {}, not a number from 100 to 599", object["statusCode"]))?;
    let body = match object.get("body") {
        None | Some(Value::Null) => "",
        Some(Value::String(body)) => body,
        Some(_) => return Err("body is not a string".to_owned()),
    };
    let is_base64 = match object.get("isBase64Encoded") {
        Some(Value::Bool(flag)) => *flag,
        Some(Value::String(text)) => text.eq_ignore_ascii_case("true"),
        _ => false,
    };
    let body = if is_base64 {
        Bytes::from(STANDARD.decode(body).map_err(|error| format!("body is not base64: {error}"))?)
    } else {
        Bytes::copy_from_slice(body.as_bytes())
    };
    let mut headers = match object.get("headers") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Object(headers)) => header_lines(headers),
        Some(_) => return Err("headers is not an object".to_owned()),
    };
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
        headers.push(json_type());
    }
    if header_bytes(&headers) > LARGEST_HEADERS {
        return Err(format!("the headers are longer than {LARGEST_HEADERS} bytes"));
    }
    Ok(HttpReply { status, headers, body })
}

fn header_lines(headers: &Map<String, Value>) -> Vec<(String, Bytes)> {
    let mut lines = Vec::new();
    for (name, value) in headers {
        let values = match value {
            Value::Array(values) => values.as_slice(),
            one => std::slice::from_ref(one),
        };
        for value in values {
            let text = match value {
                Value::String(text) => text.clone(),
                Value::Null => continue,
                other => other.to_string(),
            };
            if is_settable(name, text.as_bytes()) && is_header(name, &text) {
                lines.push((name.clone(), Bytes::from(text)));
            }
        }
    }
    lines
}

/// Whether it can stand on a header line at all: a line break in a value would begin another header.
pub(super) fn is_header(name: &str, value: &str) -> bool {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.bytes().all(token) && !value.contains(['\r', '\n', '\0'])
}

fn json_type() -> (String, Bytes) {
    ("Content-Type".to_owned(), Bytes::from_static(b"application/json"))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use serde_json::{Value, json};

    use super::{HttpReply, check_limits, event, is_settable, reply};
    use crate::emulator::runner::HttpRequest;
    use crate::emulator::runner::fault::Fault;

    fn request(headers: &[(&str, &str)], body: &[u8]) -> HttpRequest {
        HttpRequest {
            request_id: "1-2".into(),
            method: "POST".into(),
            prefix: String::new(),
            raw_path: "/a%20b/c".into(),
            raw_query: "x=1&y=a+b%21&x=2&z".into(),
            headers: headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), Bytes::copy_from_slice(value.as_bytes())))
                .collect(),
            body: Bytes::copy_from_slice(body),
            host: "hello.localhost:9530".into(),
            source_ip: "127.0.0.1".into(),
            trigger_id: String::new(),
        }
    }

    fn given(request: &HttpRequest) -> Value {
        event(request, "1", "2026-01-02T03:04:05.678Z".parse().expect("time"))
    }

    #[test]
    fn a_request_becomes_the_documented_event() {
        let headers = [
            ("content-TYPE", "application/json"),
            ("x-many", "1"),
            ("User-Agent", "curl"),
            ("X-Many", "2"),
            ("X-Fc-Log-Type", "Tail"),
            ("Connection", "close"),
        ];
        assert_eq!(
            given(&request(&headers, b"{}")),
            json!({
                "version": "v1",
                "rawPath": "/a%20b/c",
                "body": "{}",
                "isBase64Encoded": false,
                "headers": { "Content-Type": "application/json", "X-Many": "1,2", "User-Agent": "curl" },
                "queryParameters": { "x": "1,2", "y": "a b!", "z": "" },
                "requestContext": {
                    "accountId": "1",
                    "domainName": "hello.localhost",
                    "domainPrefix": "hello",
                    "http": {
                        "method": "POST",
                        "path": "/a b/c",
                        "protocol": "HTTP/1.1",
                        "sourceIp": "127.0.0.1",
                        "userAgent": "curl",
                    },
                    "requestId": "1-2",
                    "time": "2026-01-02T03:04:05Z",
                    "timeEpoch": "1767323045678",
                },
            })
        );
    }

    #[track_caller]
    fn check_encoding(content_type: &str, body: &[u8], expected: &str, is_base64: bool) {
        let headers: &[(&str, &str)] =
            if content_type.is_empty() { &[] } else { &[("Content-Type", content_type)] };
        let given = given(&request(headers, body));
        assert_eq!((&given["body"], &given["isBase64Encoded"]), (&json!(expected), &json!(is_base64)));
    }

    #[test]
    fn text_stays_text_and_the_rest_is_encoded() {
        check_encoding("", b"", "", false);
        check_encoding("", b"haha", "haha", false);
        check_encoding("application/octet-stream", b"haha", "haha", false);
        check_encoding("application/octet-stream", b"\xff", "/w==", true);
        check_encoding("text/plain; charset=utf-8", "ü".as_bytes(), "ü", false);
        check_encoding("text/plain", b"\xff", "/w==", true);
        check_encoding("application/ld+json", b"{}", "{}", false);
        check_encoding("application/x-www-form-urlencoded", b"a=1", "a=1", false);
        check_encoding("image/png", b"png", "cG5n", true);
    }

    #[track_caller]
    fn check_reply(returned: &str, status: u16, headers: &[(&str, &str)], body: &str) {
        let expected = HttpReply {
            status,
            headers: headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), Bytes::copy_from_slice(value.as_bytes())))
                .collect(),
            body: Bytes::copy_from_slice(body.as_bytes()),
        };
        let found = reply(Bytes::copy_from_slice(returned.as_bytes()));
        assert_eq!(found.expect("a response"), expected);
    }

    #[test]
    fn returned_bytes_become_a_response() {
        let json_type = ("Content-Type", "application/json");
        check_reply(r#"{"statusCode": 201, "body": "made"}"#, 201, &[json_type], "made");
        check_reply(
            r#"{"statusCode": 200, "headers": {"content-type": "text/html"}, "body": "<p>"}"#,
            200,
            &[("content-type", "text/html")],
            "<p>",
        );
        for flag in ["true", "\"true\""] {
            let returned = format!(r#"{{"statusCode": 200, "isBase64Encoded": {flag}, "body": "aGk="}}"#);
            check_reply(&returned, 200, &[json_type], "hi");
        }
        check_reply(
            r#"{"statusCode": 200, "headers": {"A": 1, "B": true, "C": ["x", "y"], "D": null}}"#,
            200,
            &[("A", "1"), ("B", "true"), ("C", "x"), ("C", "y"), json_type],
            "",
        );
        check_reply(r#"{"body": "no status"}"#, 200, &[json_type], r#"{"body": "no status"}"#);
        check_reply("[1]", 200, &[json_type], "[1]");
        check_reply("hello", 200, &[json_type], "hello");
        check_reply("", 200, &[], "");
    }

    #[test]
    fn reserved_headers_and_smuggled_lines_are_dropped() {
        check_reply(
            r#"{"statusCode": 200, "headers": {"X-Fc-Request-Id": "mine", "Server": "mine", "Date": "never",
                "Content-Disposition": "attachment", "A": "1\r\nB: 2", "C D": "3", "content-type": "a/b"}}"#,
            200,
            &[("content-type", "a/b")],
            "",
        );
        assert!(is_settable("Content-Disposition", b"attachment; filename=x"));
    }

    #[test]
    fn what_is_no_response_is_a_bad_one() {
        let big = format!(r#"{{"statusCode": 200, "headers": {{"A": "{}"}}}}"#, "x".repeat(8 * 1024));
        for returned in [
            r#"{"statusCode": 99}"#,
            r#"{"statusCode": 600}"#,
            r#"{"statusCode": "200"}"#,
            r#"{"statusCode": 200, "body": {"a": 1}}"#,
            r#"{"statusCode": 200, "body": "?", "isBase64Encoded": true}"#,
            r#"{"statusCode": 200, "headers": ["A"]}"#,
            &big,
        ] {
            let found = reply(Bytes::copy_from_slice(returned.as_bytes()));
            assert!(matches!(found, Err(Fault::BadResponse(_))), "{returned}");
        }
    }

    #[test]
    fn limits_of_the_gateway_hold() {
        let refused =
            |request: &HttpRequest| check_limits(request).err().map(|error| (error.status, error.code));
        let over = Some((400, "InvalidArgument"));
        assert_eq!(refused(&request(&[("a", "b")], b"")), None);
        assert_eq!(refused(&request(&[("a", &"b".repeat(8 * 1024))], b"")), over);
        assert_eq!(refused(&request(&[], &vec![0; 32 * 1024 * 1024 + 1])), over);
        let mut long = request(&[], b"");
        long.raw_query = "q".repeat(4 * 1024);
        assert_eq!(refused(&long), over);
    }
}
