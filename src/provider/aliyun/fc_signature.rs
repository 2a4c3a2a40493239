//! The signature `FC` of version 2016-08-15, as a pure function: the date is an argument.
//!
//! Signed are the method, a few headers, every `x-fc-` header, and the path as it reads unescaped. The query is signed
//! in calls of functions alone, where it is theirs; in calls of the API it is not, and neither is the body, nor a
//! condition. That is the scheme's own weakness, and one more reason to speak the later version where it is spoken.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::credentials::Credentials;

/// A request before it is signed; path and query as they read, and not as they go over the wire.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unsigned<'a> {
    /// The HTTP method, in capitals.
    pub method: &'a str,
    /// The path.
    pub path: &'a str,
    /// The query of a call of a function: names, and values where there are any.
    pub query: Option<&'a [(&'a str, Option<&'a str>)]>,
    /// The content type, where one is sent.
    pub content_type: Option<&'a str>,
    /// What is sent as `Content-MD5`, whatever it means.
    pub content_md5: Option<&'a str>,
    /// Headers whose names begin with `x-fc-`, in lower case.
    pub own: &'a [(&'a str, &'a str)],
}

/// Returns the headers to be sent beside the request's own; `date` looks like `Fri, 02 Jan 2026 03:04:05 GMT`.
pub fn sign(request: &Unsigned<'_>, credentials: &Credentials, date: &str) -> BTreeMap<String, String> {
    let mut own: BTreeMap<&str, &str> = request.own.iter().copied().collect();
    if let Some(token) = &credentials.token {
        own.insert("x-fc-security-token", token.reveal());
    }
    let mut mac = Hmac::<Sha256>::new_from_slice(credentials.secret.reveal().as_bytes())
        .expect("HMAC takes a key of any length");
    mac.update(text(request, &own, date).as_bytes());
    let signature = STANDARD.encode(mac.finalize().into_bytes());
    let own = own.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
    let content_type = request.content_type.map(|kind| ("content-type".to_owned(), kind.to_owned()));
    let content_md5 = request.content_md5.map(|sum| ("content-md5".to_owned(), sum.to_owned()));
    own.chain(content_type)
        .chain(content_md5)
        .chain([
            ("date".to_owned(), date.to_owned()),
            ("authorization".to_owned(), format!("FC {}:{signature}", credentials.key_id)),
        ])
        .collect()
}

/// Returns the text that is signed.
fn text(request: &Unsigned<'_>, own: &BTreeMap<&str, &str>, date: &str) -> String {
    let Unsigned { method, path, query, content_type, content_md5, own: _ } = request;
    let (sum, kind) = (content_md5.unwrap_or_default(), content_type.unwrap_or_default());
    let mut text = format!("{method}\n{sum}\n{kind}\n{date}\n");
    for (name, value) in own {
        text.extend([name, ":", value, "\n"]);
    }
    text.push_str(path);
    if let Some(query) = query {
        let pair = |(name, value): &(&str, Option<&str>)| match value {
            Some(value) => format!("{name}={value}"),
            None => (*name).to_owned(),
        };
        let mut pairs: Vec<String> = query.iter().map(pair).collect();
        pairs.sort_unstable();
        text.push('\n');
        text.push_str(&pairs.join("\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATE: &str = "Fri, 02 Jan 2026 03:04:05 GMT";
    const JSON: Option<&str> = Some("application/json");
    const FUNCTION: &str = "/2016-08-15/services/svc/functions/hello_fn";

    /// The vectors of the API reference: what is signed, and what comes of it.
    #[track_caller]
    fn check(request: &Unsigned<'_>, token: Option<&str>, signed: &str, authorization: &str) {
        let id = if token.is_some() { "STS.testid" } else { "testid" };
        let credentials = Credentials::fixed(id, "testsecret", token);
        let mut own: BTreeMap<&str, &str> = request.own.iter().copied().collect();
        own.extend(token.map(|token| ("x-fc-security-token", token)));
        assert_eq!(text(request, &own, DATE), signed);
        let headers = sign(request, &credentials, DATE);
        assert_eq!(headers["authorization"], authorization);
        assert_eq!(headers.get("x-fc-security-token").map(String::as_str), token);
        assert_eq!(headers["date"], DATE);
    }

    #[test]
    fn f1_a_plain_read() {
        check(
            &Unsigned { method: "GET", path: FUNCTION, content_type: JSON, ..Unsigned::default() },
            None,
            "GET\n\napplication/json\nFri, 02 Jan 2026 03:04:05 GMT\n/2016-08-15/services/svc/functions/hello_fn",
            "FC testid:kDTfTwc46UGIuzrOv1+/mte2DlhKXPi0zdH+SS8VYQI=",
        );
    }

    #[test]
    fn f2_a_body_and_headers_of_the_services_own() {
        check(
            &Unsigned {
                method: "POST",
                path: "/2016-08-15/services",
                content_type: JSON,
                content_md5: Some("1B2M2Y8AsgTpgAmY7PhCfg=="),
                own: &[("x-fc-trace-id", "t1"), ("x-fc-account-id", "123456789")],
                ..Unsigned::default()
            },
            None,
            "POST\n1B2M2Y8AsgTpgAmY7PhCfg==\napplication/json\nFri, 02 Jan 2026 03:04:05 GMT\nx-fc-account-id:123456789\nx-fc-trace-id:t1\n/2016-08-15/services",
            "FC testid:8B15OYEOzGWJqlnf3DPAhxon3b5eePcuS0WKxMhoaNw=",
        );
    }

    #[test]
    fn f3_a_temporary_credential() {
        check(
            &Unsigned { method: "PUT", path: FUNCTION, content_type: JSON, ..Unsigned::default() },
            Some("tok+en/=="),
            "PUT\n\napplication/json\nFri, 02 Jan 2026 03:04:05 GMT\nx-fc-security-token:tok+en/==\n/2016-08-15/services/svc/functions/hello_fn",
            "FC STS.testid:BHfKJTQ13b38Ghomqe17qSeEI+E6qsIUcjZJ9doZ9wQ=",
        );
    }

    #[test]
    fn f4_a_call_of_a_function_with_its_query() {
        let query = [("q", Some("1 2")), ("z", Some("2")), ("z", Some("1")), ("flag", None)];
        check(
            &Unsigned {
                method: "GET",
                path: "/2016-08-15/proxy/svc/hello_fn/a b",
                query: Some(&query),
                ..Unsigned::default()
            },
            None,
            "GET\n\n\nFri, 02 Jan 2026 03:04:05 GMT\n/2016-08-15/proxy/svc/hello_fn/a b\nflag\nq=1 2\nz=1\nz=2",
            "FC testid:R3ZTnseGnNpTZJRsG6x21OvEnLdbY58z6Ub7YYsRriA=",
        );
    }

    #[test]
    fn f5_a_list_whose_query_is_not_signed() {
        check(
            &Unsigned {
                method: "GET",
                path: "/2016-08-15/services/svc/functions",
                content_type: JSON,
                ..Unsigned::default()
            },
            None,
            "GET\n\napplication/json\nFri, 02 Jan 2026 03:04:05 GMT\n/2016-08-15/services/svc/functions",
            "FC testid:P1Y4jgFjvUnF6Mh53iu0fCaZA9YaI8c/+rJddjYEJHw=",
        );
    }
}
