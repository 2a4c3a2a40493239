//! The signature ACS3-HMAC-SHA256, as pure functions: date and nonce are arguments.
//!
//! The service recomputes the signature from the text on the wire. So path and query are percent-encoded once,
//! by [`path`] and [`query`], and that very text is both sent and signed. Signed are the host, the content
//! type, every `x-acs-` header, and the headers that the caller adds because they decide what happens.

use std::collections::BTreeMap;

use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};

use super::credentials::Credentials;

const ALGORITHM: &str = "ACS3-HMAC-SHA256";

/// Everything but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A request before it is signed; path and query as they go over the wire.
#[derive(Clone, Copy, Debug)]
pub struct Unsigned<'a> {
    /// The HTTP method, in capitals.
    pub method: &'a str,
    /// The encoded path, from [`path`].
    pub path: &'a str,
    /// The encoded query, from [`query`].
    pub query: &'a str,
    /// The host, with its port where that is not the scheme's own.
    pub host: &'a str,
    /// The operation's name, such as `GetFunction`.
    pub action: &'a str,
    /// The API's version, such as `2023-03-30`.
    pub version: &'a str,
    /// The content type, where there is a body.
    pub content_type: Option<&'a str>,
    /// The body.
    pub body: &'a [u8],
    /// Further headers to be signed, with lower-case names.
    pub extra: &'a [(&'a str, &'a str)],
}

/// Returns the headers to be sent, the host left out: HTTP clients write that one themselves.
///
/// `date` looks like `2026-01-02T03:04:05Z`; `nonce` is any text that was never used before.
pub fn sign(
    request: &Unsigned<'_>,
    credentials: &Credentials,
    date: &str,
    nonce: &str,
) -> BTreeMap<String, String> {
    let hash = hex::encode(Sha256::digest(request.body));
    let mut headers: BTreeMap<String, String> = [
        ("host", request.host),
        ("x-acs-action", request.action),
        ("x-acs-version", request.version),
        ("x-acs-date", date),
        ("x-acs-signature-nonce", nonce),
        ("x-acs-content-sha256", &hash),
    ]
    .into_iter()
    .chain(request.content_type.map(|kind| ("content-type", kind)))
    .chain(request.extra.iter().copied())
    .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
    .collect();
    if let Some(token) = &credentials.token {
        headers.insert("x-acs-accesskey-id".to_owned(), credentials.key_id.clone());
        headers.insert("x-acs-security-token".to_owned(), token.reveal().to_owned());
    }
    let (canonical, signed) = canonical(request, &headers, &hash);
    let text = format!("{ALGORITHM}\n{}", hex::encode(Sha256::digest(canonical)));
    let mut mac = Hmac::<Sha256>::new_from_slice(credentials.secret.reveal().as_bytes())
        .expect("HMAC takes a key of any length");
    mac.update(text.as_bytes());
    let signature = hex::encode(mac.finalize().into_bytes());
    headers.insert(
        "authorization".to_owned(),
        format!("{ALGORITHM} Credential={},SignedHeaders={signed},Signature={signature}", credentials.key_id),
    );
    headers.remove("host");
    headers
}

/// Returns the canonical request and the list of signed headers.
fn canonical(request: &Unsigned<'_>, headers: &BTreeMap<String, String>, hash: &str) -> (String, String) {
    let mut block = String::new();
    let mut signed = String::new();
    for (name, value) in headers {
        block.extend([name, ":", value, "\n"]);
        if !signed.is_empty() {
            signed.push(';');
        }
        signed.push_str(name);
    }
    let Unsigned { method, path, query, .. } = request;
    (format!("{method}\n{path}\n{query}\n{block}\n{signed}\n{hash}"), signed)
}

/// Returns the path of some segments, each encoded on its own.
pub fn path<'a>(segments: impl IntoIterator<Item = &'a str>) -> String {
    let mut path = String::new();
    for segment in segments {
        path.push('/');
        path.extend(utf8_percent_encode(segment, RESERVED));
    }
    if path.is_empty() {
        path.push('/');
    }
    path
}

/// Returns the query of some parameters, sorted by name.
pub fn query<'a>(parameters: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut parameters: Vec<_> = parameters.into_iter().collect();
    parameters.sort_unstable();
    let mut query = String::new();
    for (name, value) in parameters {
        if !query.is_empty() {
            query.push('&');
        }
        query.extend(utf8_percent_encode(name, RESERVED));
        query.push('=');
        query.extend(utf8_percent_encode(value, RESERVED));
    }
    query
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Vector<'a> {
        method: &'a str,
        segments: &'a [&'a str],
        query: &'a [(&'a str, &'a str)],
        action: &'a str,
        body: &'a str,
        extra: &'a [(&'a str, &'a str)],
        content_type: Option<&'a str>,
        token: Option<&'a str>,
        number: u8,
    }

    const JSON: Option<&str> = Some("application/json; charset=utf-8");

    impl Default for Vector<'_> {
        fn default() -> Self {
            Self {
                method: "GET",
                segments: &["2023-03-30", "functions", "hello_fn"],
                query: &[],
                action: "GetFunction",
                body: "",
                extra: &[],
                content_type: None,
                token: None,
                number: 0,
            }
        }
    }

    /// The vectors of the API reference: secret `testsecret`, one fixed date, one nonce for each.
    #[track_caller]
    fn check(vector: &Vector<'_>, signed: &str, signature: &str) {
        let id = if vector.token.is_some() { "STS.testid" } else { "testid" };
        let credentials = Credentials::fixed(id, "testsecret", vector.token);
        let path = path(vector.segments.iter().copied());
        let query = query(vector.query.iter().copied());
        let request = Unsigned {
            method: vector.method,
            path: &path,
            query: &query,
            host: "127.0.0.1:9000",
            action: vector.action,
            version: "2023-03-30",
            content_type: vector.content_type,
            body: vector.body.as_bytes(),
            extra: vector.extra,
        };
        let nonce = format!("nonce-{:04}", vector.number);
        let headers = sign(&request, &credentials, "2026-01-02T03:04:05Z", &nonce);
        assert_eq!(
            headers["authorization"],
            format!("ACS3-HMAC-SHA256 Credential={id},SignedHeaders={signed},Signature={signature}")
        );
    }

    const PLAIN: &str =
        "host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version";
    const WITH_BODY: &str =
        "content-type;host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version";

    #[test]
    fn v1_a_plain_read() {
        check(
            &Vector { number: 1, ..Vector::default() },
            PLAIN,
            "16fffcbc782139d7b9fe6e83e9c36f0fa238a35d78b0c25fc9ed5760747c6eb0",
        );
    }

    #[test]
    fn v2_a_query_that_needs_escapes() {
        check(
            &Vector {
                segments: &["2023-03-30", "functions"],
                query: &[("prefix", "a b+c/d=é&*~'()!"), ("limit", "10"), ("nextToken", "MTIz==")],
                action: "ListFunctions",
                number: 2,
                ..Vector::default()
            },
            PLAIN,
            "55490205a4435fdeb81d49904de6d96b80fdfca1397f6690c12f7f4cc47343b5",
        );
    }

    #[test]
    fn v3_a_body_beyond_ascii() {
        check(
            &Vector {
                method: "POST",
                segments: &["2023-03-30", "functions"],
                action: "CreateFunction",
                body: r#"{"functionName":"hello_fn","runtime":"python3.10","handler":"index.handler","description":"你好"}"#,
                content_type: JSON,
                number: 3,
                ..Vector::default()
            },
            WITH_BODY,
            "4396bd3a2a3abd84a42fc809e257bf45543e5280d6a803802105bb49ac6139df",
        );
    }

    #[test]
    fn v4_a_temporary_credential() {
        check(
            &Vector {
                method: "PUT",
                action: "UpdateFunction",
                body: r#"{"memorySize":1024}"#,
                content_type: JSON,
                token: Some("tok+en/=="),
                number: 4,
                ..Vector::default()
            },
            "content-type;host;x-acs-accesskey-id;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-security-token;x-acs-signature-nonce;x-acs-version",
            "72bae6f76fcedce6b9926e73dc1de0f541670de0512095925a9dd17184af690c",
        );
    }

    #[test]
    fn v5_a_path_beyond_ascii_is_encoded_before_it_is_signed() {
        check(
            &Vector {
                segments: &["2023-03-30", "functions", "函数 a/b~c"],
                query: &[("qualifier", "LATEST")],
                number: 5,
                ..Vector::default()
            },
            PLAIN,
            "1635fe1dd12b69a91449b825ec30225d7ad193eac5992a60ed2f0dcf07156962",
        );
    }

    #[test]
    fn v6_json_in_the_query() {
        check(
            &Vector {
                method: "DELETE",
                segments: &["2023-03-30", "tags-v2"],
                query: &[
                    ("ResourceType", "function"),
                    ("ResourceId", r#"["acs:fc:cn-hangzhou:123456789:functions/hello_fn"]"#),
                    ("TagKey", r#"["a","b c"]"#),
                    ("All", "false"),
                ],
                action: "UntagResources",
                number: 6,
                ..Vector::default()
            },
            PLAIN,
            "0e404b942d22fd424b9df8fff1ce7c52cf7269d275b90e6e452916befca16269",
        );
    }

    #[test]
    fn v7_further_headers_are_signed() {
        check(
            &Vector {
                method: "POST",
                segments: &["2023-03-30", "functions", "hello_fn", "invocations"],
                query: &[("qualifier", "LATEST")],
                action: "InvokeFunction",
                body: r#"{"x":1}"#,
                extra: &[("x-fc-invocation-type", "Async"), ("x-fc-log-type", "None")],
                content_type: Some("application/octet-stream"),
                number: 7,
                ..Vector::default()
            },
            "content-type;host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version;x-fc-invocation-type;x-fc-log-type",
            "ddd764d6363eaff49f004ca6f4012e83c6696ba5ffba26cdb49d4292cc12b6d7",
        );
    }

    #[test]
    fn v8_blanks_around_values_and_the_order_of_names() {
        check(
            &Vector {
                segments: &["2023-03-30", "functions"],
                query: &[("prefix", ""), ("Zeta", "1"), ("alpha", "2"), ("limit", "1")],
                action: "ListFunctions",
                extra: &[("accept", " application/json "), ("user-agent", "triform/0.1 ")],
                number: 8,
                ..Vector::default()
            },
            "accept;host;user-agent;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version",
            "a8dfe7d1e4cfaada59056f3209ebf23a457b063f1e71550f139a44012b274896",
        );
    }

    #[test]
    fn v9_a_condition_is_signed() {
        check(
            &Vector {
                method: "PUT",
                action: "UpdateFunction",
                body: "{}",
                extra: &[("if-match", "\"d41d8cd9\"")],
                content_type: JSON,
                number: 9,
                ..Vector::default()
            },
            "content-type;host;if-match;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version",
            "87effff3cde77943dbf0a98c14ac2571e04bbfdd05981ca1aa701fb0796af85e",
        );
    }

    #[test]
    fn paths_and_queries_are_encoded_by_rfc_3986() {
        assert_eq!(
            path(["2023-03-30", "functions", "函数 a/b~c"]),
            "/2023-03-30/functions/%E5%87%BD%E6%95%B0%20a%2Fb~c"
        );
        assert_eq!(
            query([("prefix", "a b+c/d=é&*~'()!"), ("limit", "10"), ("nextToken", "MTIz==")]),
            "limit=10&nextToken=MTIz%3D%3D&prefix=a%20b%2Bc%2Fd%3D%C3%A9%26%2A~%27%28%29%21"
        );
    }
}
