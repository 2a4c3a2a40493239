//! Checks signatures of the older `FC` scheme, which callers of HTTP triggers with `authType` function use.
//!
//! It covers method, `Content-MD5`, `Content-Type`, `Date`, all `x-fc-` headers and the unescaped path; for
//! requests to functions the query too, for requests to the API not. `Content-MD5` is only signed text: one
//! SDK fills it in a form of its own.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use sha2::Sha256;

use super::error::ApiError;
use super::query::decode_segment;
use super::signature::{SKEW, Signed, same};

/// Refuses a request to the API that is not signed so. Its `raw_query` is to be left empty.
pub fn check_api(
    request: &Signed<'_>,
    keys: &BTreeMap<String, String>,
    now: Timestamp,
) -> Result<(), ApiError> {
    if !request.headers.contains_key("authorization") {
        let message = "required HTTP header Authorization was not specified";
        return Err(ApiError::new(400, "MissingRequiredHeader", message));
    }
    check(request, keys, now)
}

/// Refuses a request to a function that is not signed by one of `keys` (id to secret), or was too long ago.
pub fn check(request: &Signed<'_>, keys: &BTreeMap<String, String>, now: Timestamp) -> Result<(), ApiError> {
    let refused = |message: String| ApiError::new(403, "SignatureNotMatch", message);
    let authorization = request.headers.get("authorization").map_or("", String::as_str);
    let (key_id, signature) = authorization
        .strip_prefix("FC ")
        .and_then(|claim| claim.split_once(':'))
        .ok_or_else(|| refused("the Authorization header is not of the form `FC id:signature`".to_owned()))?;
    let secret = keys.get(key_id).ok_or_else(|| {
        ApiError::new(403, "InvalidAccessKeyID", format!("invalid access key ID '{key_id}'"))
    })?;
    let date = request.headers.get("date").ok_or_else(|| {
        ApiError::new(400, "MissingRequiredHeader", "required HTTP header date was not specified")
    })?;
    let signed_at = rfc2822::parse(date).map_err(|_| refused(format!("'{date}' is not a date")))?.timestamp();
    if now.duration_since(signed_at).abs() > SKEW {
        return Err(refused(format!("the request was signed at {date}, more than 15 minutes from {now}")));
    }
    // Without a query some signers leave a newline where it would begin, and some do not.
    let resources = match request.raw_query {
        "" => vec![decode_segment(request.path), format!("{}\n", decode_segment(request.path))],
        query => vec![format!("{}\n{}", decode_segment(request.path), canonical_query(query))],
    };
    let matches = |resource: &String| {
        same(sign(&text_to_sign(request, resource), secret).as_bytes(), signature.as_bytes())
    };
    if resources.iter().any(matches) {
        return Ok(());
    }
    Err(refused("the request signature we calculated does not match the signature you provided".to_owned()))
}

fn sign(text: &str, secret: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(text.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

fn text_to_sign(request: &Signed<'_>, resource: &str) -> String {
    let header = |name: &str| request.headers.get(name).map_or("", String::as_str);
    let own: Vec<String> = request
        .headers
        .iter()
        .filter(|(name, _)| name.starts_with("x-fc-"))
        .map(|(name, value)| format!("{name}:{value}\n"))
        .collect();
    format!(
        "{}\n{}\n{}\n{}\n{}{resource}",
        request.method,
        header("content-md5"),
        header("content-type"),
        header("date"),
        own.concat(),
    )
}

fn canonical_query(raw: &str) -> String {
    let mut pairs: Vec<String> = raw
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| decode_segment(&pair.replace('+', " ")))
        .collect();
    pairs.sort();
    pairs.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_vector(method: &str, target: &str, headers: &[(&str, &str)], authorization: &str, code: &str) {
        let (path, raw_query) = target.split_once('?').unwrap_or((target, ""));
        let all = [("date", "Fri, 02 Jan 2026 03:04:05 GMT"), ("authorization", authorization)];
        let headers =
            all.iter().chain(headers).map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let keys = ["testid", "STS.testid"].map(|id| (id.to_owned(), "testsecret".to_owned()));
        let request = Signed { method, path, raw_query, headers: &headers, body: b"" };
        let now = "2026-01-02T03:10:00Z".parse().expect("a time");
        let verdict = check(&request, &BTreeMap::from(keys), now);
        assert_eq!(
            verdict.map_err(|error| error.code),
            if code.is_empty() { Ok(()) } else { Err(code.into()) }
        );
    }

    const JSON: (&str, &str) = ("content-type", "application/json");

    #[test]
    fn the_vendors_own_signatures_are_accepted() {
        let path = "/2016-08-15/services/svc/functions/hello_fn";
        check_vector("GET", path, &[JSON], "FC testid:kDTfTwc46UGIuzrOv1+/mte2DlhKXPi0zdH+SS8VYQI=", "");
        let more = [
            JSON,
            ("content-md5", "1B2M2Y8AsgTpgAmY7PhCfg=="),
            ("x-fc-trace-id", "t1"),
            ("x-fc-account-id", "123456789"),
        ];
        let signed = "FC testid:8B15OYEOzGWJqlnf3DPAhxon3b5eePcuS0WKxMhoaNw=";
        check_vector("POST", "/2016-08-15/services", &more, signed, "");
        let token = [JSON, ("x-fc-security-token", "tok+en/=="), ("if-match", "unsigned")];
        check_vector("PUT", path, &token, "FC STS.testid:BHfKJTQ13b38Ghomqe17qSeEI+E6qsIUcjZJ9doZ9wQ=", "");
    }

    #[test]
    fn the_query_of_a_request_to_a_function_is_signed() {
        let signed = "FC testid:R3ZTnseGnNpTZJRsG6x21OvEnLdbY58z6Ub7YYsRriA=";
        let path = "/2016-08-15/proxy/svc/hello_fn/a%20b";
        check_vector("GET", &format!("{path}?q=1+2&z=2&z=1&flag"), &[], signed, "");
        check_vector("GET", &format!("{path}?q=1+3&z=2&z=1&flag"), &[], signed, "SignatureNotMatch");
    }

    #[test]
    fn what_is_not_signed_so_is_refused() {
        check_vector("GET", "/", &[], "FC nobody:x", "InvalidAccessKeyID");
        check_vector("GET", "/", &[], "FC testid:x", "SignatureNotMatch");
        check_vector("GET", "/", &[], "", "SignatureNotMatch");
        check_vector(
            "GET",
            "/",
            &[("date", "Fri, 02 Jan 2026 01:04:05 GMT")],
            "FC testid:x",
            "SignatureNotMatch",
        );
    }
}
