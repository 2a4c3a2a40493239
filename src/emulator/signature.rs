//! Checks `ACS3-HMAC-SHA256` signatures.
//!
//! The check is written to accept every official SDK: it takes the path as sent, reads the query as a form
//! and encodes it again, signs the headers that the caller says it signed, and hashes the body after any
//! chunked transfer coding is gone. Bearer tokens, RSA and the older `acs` scheme are left out.

use std::collections::BTreeMap;

use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use super::error::ApiError;
use super::query::Query;

/// How far a request's date may be from the cloud's clock.
pub const SKEW: SignedDuration = SignedDuration::from_mins(15);

const ALGORITHM: &str = "ACS3-HMAC-SHA256";

/// What of a request its signature covers.
pub struct Signed<'a> {
    /// Such as `GET`.
    pub method: &'a str,
    /// Percent-encoded, as sent, without the query.
    pub path: &'a str,
    /// The query as sent, without `?`.
    pub raw_query: &'a str,
    /// Names in lower case; values as received.
    pub headers: &'a BTreeMap<String, String>,
    /// After transfer coding.
    pub body: &'a [u8],
}

/// Refuses a request that is not signed by one of `keys` (id to secret), or was signed too long ago.
pub fn check(request: &Signed<'_>, keys: &BTreeMap<String, String>, now: Timestamp) -> Result<(), ApiError> {
    let header = |name: &str| {
        request.headers.get(name).map(String::as_str).ok_or_else(|| {
            ApiError::new(
                400,
                "MissingRequiredHeader",
                format!("required HTTP header {name} was not specified"),
            )
        })
    };
    let refused = |message: String| ApiError::new(403, "SignatureNotMatch", message);

    let authorization = header("authorization")?;
    let claim = Claim::parse(authorization).ok_or_else(|| {
        refused(format!(
            "the Authorization header is not of the form `{ALGORITHM} Credential=…,SignedHeaders=…,Signature=…`"
        ))
    })?;
    let secret = keys.get(claim.key_id).ok_or_else(|| {
        ApiError::new(403, "InvalidAccessKeyID", format!("invalid access key ID '{}'", claim.key_id))
    })?;
    let date = header("x-acs-date")?;
    let signed_at: Timestamp =
        date.parse().map_err(|_| refused(format!("x-acs-date '{date}' is not a UTC time")))?;
    if now.duration_since(signed_at).abs() > SKEW {
        return Err(refused(format!("the request was signed at {date}, more than 15 minutes from {now}")));
    }
    if let Some(claimed) = request.headers.get("x-acs-content-sha256")
        && *claimed != sha256_hex(request.body)
    {
        return Err(refused("x-acs-content-sha256 is not the hash of the body".to_owned()));
    }
    let expected = signature(request, claim.signed_headers, secret)?;
    if !same(expected.as_bytes(), claim.signature.as_bytes()) {
        return Err(refused(
            "the request signature we calculated does not match the signature you provided".to_owned(),
        ));
    }
    Ok(())
}

/// The hexadecimal signature of a request over the listed headers.
fn signature(request: &Signed<'_>, signed_headers: &str, secret: &str) -> Result<String, ApiError> {
    let canonical = canonical_request(request, signed_headers)?;
    let to_sign = format!("{ALGORITHM}\n{}", sha256_hex(canonical.as_bytes()));
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(to_sign.as_bytes());
    Ok(hex::encode(mac.finalize().into_bytes()))
}

fn canonical_request(request: &Signed<'_>, signed_headers: &str) -> Result<String, ApiError> {
    let mut names: Vec<&str> = signed_headers.split(';').filter(|name| !name.is_empty()).collect();
    names.sort_unstable();
    let mut headers = String::new();
    for name in names {
        let value = request.headers.get(name).ok_or_else(|| {
            ApiError::new(
                400,
                "MissingRequiredHeader",
                format!("required HTTP header {name} was not specified, although it was signed"),
            )
        })?;
        headers.push_str(name);
        headers.push(':');
        headers.push_str(value.trim());
        headers.push('\n');
    }
    Ok(format!(
        "{}\n{}\n{}\n{headers}\n{signed_headers}\n{}",
        request.method,
        request.path,
        Query::parse(request.raw_query).canonical(),
        sha256_hex(request.body),
    ))
}

/// What an Authorization header says.
struct Claim<'a> {
    key_id: &'a str,
    signed_headers: &'a str,
    signature: &'a str,
}

impl<'a> Claim<'a> {
    fn parse(header: &'a str) -> Option<Self> {
        let fields = header.trim().strip_prefix(ALGORITHM)?.strip_prefix(' ')?;
        let field = |name: &str| {
            fields.split(',').find_map(|field| field.trim().strip_prefix(name)?.strip_prefix('='))
        };
        Some(Self {
            key_id: field("Credential")?,
            signed_headers: field("SignedHeaders")?,
            signature: field("Signature")?,
        })
    }
}

/// Compares without telling by its timing how much was right.
pub fn same(left: &[u8], right: &[u8]) -> bool {
    left.len() == right.len() && left.iter().zip(right).fold(0, |seen, (a, b)| seen | (a ^ b)) == 0
}

/// SHA-256 in lower-case hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One request signed by the vendor's own SDK with the secret `testsecret`.
    struct Vector {
        method: &'static str,
        path: &'static str,
        query: &'static str,
        headers: &'static [(&'static str, &'static str)],
        body: &'static str,
        authorization: &'static str,
    }

    #[track_caller]
    fn check_vector(vector: &Vector) {
        assert_eq!(verdict(vector, "testsecret", "2026-01-02T03:04:05Z"), Ok(()));
        let code = |verdict: Result<(), ApiError>| verdict.expect_err("must be refused").code;
        assert_eq!(code(verdict(vector, "othersecret", "2026-01-02T03:04:05Z")), "SignatureNotMatch");
        assert_eq!(code(verdict(vector, "testsecret", "2026-01-02T03:19:06Z")), "SignatureNotMatch");
        let moved = Vector { path: "/2023-03-30/functions/other", ..*vector };
        assert_eq!(code(verdict(&moved, "testsecret", "2026-01-02T03:04:05Z")), "SignatureNotMatch");
    }

    fn verdict(vector: &Vector, secret: &str, now: &str) -> Result<(), ApiError> {
        let mut headers: BTreeMap<String, String> =
            vector.headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        headers.insert("authorization".to_owned(), vector.authorization.to_owned());
        let keys = BTreeMap::from([
            ("testid".to_owned(), secret.to_owned()),
            ("STS.testid".to_owned(), secret.to_owned()),
        ]);
        let request = Signed {
            method: vector.method,
            path: vector.path,
            raw_query: vector.query,
            headers: &headers,
            body: vector.body.as_bytes(),
        };
        check(&request, &keys, now.parse().expect("a time"))
    }

    #[test]
    fn a_request_without_a_signature_names_the_header() {
        let request =
            Signed { method: "GET", path: "/", raw_query: "", headers: &BTreeMap::new(), body: b"" };
        let refusal = check(&request, &BTreeMap::new(), Timestamp::UNIX_EPOCH).expect_err("unsigned");
        assert_eq!(refusal.code, "MissingRequiredHeader");
        assert!(refusal.message.contains("authorization"));
    }

    #[test]
    fn vector_v1() {
        check_vector(&Vector {
            method: "GET",
            path: "/2023-03-30/functions/hello_fn",
            query: "",
            headers: &[
                ("host", "127.0.0.1:9000"),
                ("x-acs-action", "GetFunction"),
                ("x-acs-content-sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
                ("x-acs-date", "2026-01-02T03:04:05Z"),
                ("x-acs-signature-nonce", "nonce-0001"),
                ("x-acs-version", "2023-03-30"),
            ],
            body: "",
            authorization: "ACS3-HMAC-SHA256 Credential=testid,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,Signature=16fffcbc782139d7b9fe6e83e9c36f0fa238a35d78b0c25fc9ed5760747c6eb0",
        });
    }

    #[test]
    fn vector_v2() {
        check_vector(&Vector {
            method: "GET",
            path: "/2023-03-30/functions",
            query: "nextToken=MTIz%3D%3D&prefix=a+b%2Bc%2Fd%3D%C3%A9%26*~'()!&limit=10",
            headers: &[
                ("host", "127.0.0.1:9000"),
                ("x-acs-action", "ListFunctions"),
                ("x-acs-content-sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
                ("x-acs-date", "2026-01-02T03:04:05Z"),
                ("x-acs-signature-nonce", "nonce-0002"),
                ("x-acs-version", "2023-03-30"),
            ],
            body: "",
            authorization: "ACS3-HMAC-SHA256 Credential=testid,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,Signature=55490205a4435fdeb81d49904de6d96b80fdfca1397f6690c12f7f4cc47343b5",
        });
    }

    #[test]
    fn vector_v3() {
        check_vector(&Vector {
            method: "POST",
            path: "/2023-03-30/functions",
            query: "",
            headers: &[
                ("content-type", "application/json; charset=utf-8"),
                ("host", "127.0.0.1:9000"),
                ("x-acs-action", "CreateFunction"),
                ("x-acs-content-sha256", "53135c6008ced57e9d1aa76efcad91b62c746fceee4d683a0ab8d21e4eb63266"),
                ("x-acs-date", "2026-01-02T03:04:05Z"),
                ("x-acs-signature-nonce", "nonce-0003"),
                ("x-acs-version", "2023-03-30"),
            ],
            body: r#"{"functionName":"hello_fn","runtime":"python3.10","handler":"index.handler","description":"你好"}"#,
            authorization: "ACS3-HMAC-SHA256 Credential=testid,SignedHeaders=content-type;host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,Signature=4396bd3a2a3abd84a42fc809e257bf45543e5280d6a803802105bb49ac6139df",
        });
    }

    #[test]
    fn vector_v4() {
        check_vector(&Vector {
            method: "PUT",
            path: "/2023-03-30/functions/hello_fn",
            query: "",
            headers: &[
                ("content-type", "application/json; charset=utf-8"),
                ("host", "127.0.0.1:9000"),
                ("x-acs-accesskey-id", "STS.testid"),
                ("x-acs-action", "UpdateFunction"),
                ("x-acs-content-sha256", "460c3e1dc9d633a2a5d75558a25f7dabc73d325913216b1faae4ebd4674be757"),
                ("x-acs-date", "2026-01-02T03:04:05Z"),
                ("x-acs-security-token", "tok+en/=="),
                ("x-acs-signature-nonce", "nonce-0004"),
                ("x-acs-version", "2023-03-30"),
            ],
            body: r#"{"memorySize":1024}"#,
            authorization: "ACS3-HMAC-SHA256 Credential=STS.testid,SignedHeaders=content-type;host;x-acs-accesskey-id;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-security-token;x-acs-signature-nonce;x-acs-version,Signature=72bae6f76fcedce6b9926e73dc1de0f541670de0512095925a9dd17184af690c",
        });
    }

    #[test]
    fn vector_v5() {
        check_vector(&Vector {
            method: "GET",
            path: "/2023-03-30/functions/%E5%87%BD%E6%95%B0%20a%2Fb~c",
            query: "qualifier=LATEST",
            headers: &[
                ("host", "127.0.0.1:9000"),
                ("x-acs-action", "GetFunction"),
                ("x-acs-content-sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
                ("x-acs-date", "2026-01-02T03:04:05Z"),
                ("x-acs-signature-nonce", "nonce-0005"),
                ("x-acs-version", "2023-03-30"),
            ],
            body: "",
            authorization: "ACS3-HMAC-SHA256 Credential=testid,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,Signature=1635fe1dd12b69a91449b825ec30225d7ad193eac5992a60ed2f0dcf07156962",
        });
    }

    #[test]
    fn vector_v6() {
        check_vector(&Vector {
            method: "DELETE",
            path: "/2023-03-30/tags-v2",
            query: "All=false&ResourceId=%5B%22acs%3Afc%3Acn-hangzhou%3A123456789%3Afunctions%2Fhello_fn%22%5D&ResourceType=function&TagKey=%5B%22a%22%2C%22b%20c%22%5D",
            headers: &[
                ("host", "127.0.0.1:9000"),
                ("x-acs-action", "UntagResources"),
                ("x-acs-content-sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
                ("x-acs-date", "2026-01-02T03:04:05Z"),
                ("x-acs-signature-nonce", "nonce-0006"),
                ("x-acs-version", "2023-03-30"),
            ],
            body: "",
            authorization: "ACS3-HMAC-SHA256 Credential=testid,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,Signature=0e404b942d22fd424b9df8fff1ce7c52cf7269d275b90e6e452916befca16269",
        });
    }

    #[test]
    fn vector_v7() {
        check_vector(&Vector {
            method: "POST",
            path: "/2023-03-30/functions/hello_fn/invocations",
            query: "qualifier=LATEST",
            headers: &[
                ("content-type", "application/octet-stream"),
                ("host", "127.0.0.1:9000"),
                ("x-acs-action", "InvokeFunction"),
                ("x-acs-content-sha256", "5041bf1f713df204784353e82f6a4a535931cb64f1f4b4a5aeaffcb720918b22"),
                ("x-acs-date", "2026-01-02T03:04:05Z"),
                ("x-acs-signature-nonce", "nonce-0007"),
                ("x-acs-version", "2023-03-30"),
                ("x-fc-invocation-type", "Async"),
                ("x-fc-log-type", "None"),
            ],
            body: r#"{"x":1}"#,
            authorization: "ACS3-HMAC-SHA256 Credential=testid,SignedHeaders=content-type;host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version;x-fc-invocation-type;x-fc-log-type,Signature=ddd764d6363eaff49f004ca6f4012e83c6696ba5ffba26cdb49d4292cc12b6d7",
        });
    }

    #[test]
    fn vector_v8() {
        check_vector(&Vector {
            method: "GET",
            path: "/2023-03-30/functions",
            query: "prefix=&Zeta=1&alpha=2&limit=1",
            headers: &[
                ("accept", "application/json"),
                ("host", "127.0.0.1:9000"),
                ("user-agent", "  triform/0.1 "),
                ("x-acs-action", "ListFunctions"),
                ("x-acs-content-sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
                ("x-acs-date", "2026-01-02T03:04:05Z"),
                ("x-acs-signature-nonce", "nonce-0008"),
                ("x-acs-version", "2023-03-30"),
            ],
            body: "",
            authorization: "ACS3-HMAC-SHA256 Credential=testid,SignedHeaders=accept;host;user-agent;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,Signature=a8dfe7d1e4cfaada59056f3209ebf23a457b063f1e71550f139a44012b274896",
        });
    }

    #[test]
    fn vector_v9() {
        check_vector(&Vector {
            method: "PUT",
            path: "/2023-03-30/functions/hello_fn",
            query: "",
            headers: &[
                ("content-type", "application/json; charset=utf-8"),
                ("host", "127.0.0.1:9000"),
                ("if-match", r#""d41d8cd9""#),
                ("x-acs-action", "UpdateFunction"),
                ("x-acs-content-sha256", "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"),
                ("x-acs-date", "2026-01-02T03:04:05Z"),
                ("x-acs-signature-nonce", "nonce-0009"),
                ("x-acs-version", "2023-03-30"),
            ],
            body: "{}",
            authorization: "ACS3-HMAC-SHA256 Credential=testid,SignedHeaders=content-type;host;if-match;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,Signature=87effff3cde77943dbf0a98c14ac2571e04bbfdd05981ca1aa701fb0796af85e",
        });
    }
}
