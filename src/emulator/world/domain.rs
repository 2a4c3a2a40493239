//! Custom domains: names, routes, certificates, and which route a path takes.

use serde_json::{Value, json};

use super::shape::{Field, Fill, Missing, Shape, field, read};
use super::{Document, Facts, Map, text};
use crate::emulator::error::ApiError;

const REWRITES: Shape = Shape::List(
    &Shape::Object(&[
        field("match", Shape::Text, Fill::Required),
        field("replacement", Shape::Text, Fill::Required),
    ]),
    100,
);

const ROUTE: Shape = Shape::Object(&[
    field("path", Shape::Text, Fill::Required),
    field("functionName", Shape::Text, Fill::Required),
    field("qualifier", Shape::Text, Fill::Text("LATEST")),
    field(
        "methods",
        Shape::List(&Shape::Word(&["HEAD", "DELETE", "POST", "GET", "OPTIONS", "PUT", "PATCH"]), 7),
        Fill::List,
    ),
    field(
        "rewriteConfig",
        Shape::Object(&[
            field("equalRules", REWRITES, Fill::Nothing),
            field("wildcardRules", REWRITES, Fill::Nothing),
            field("regexRules", REWRITES, Fill::Nothing),
        ]),
        Fill::Nothing,
    ),
]);

const WRITABLE: &[Field] = &[
    field("protocol", Shape::Word(&["HTTP", "HTTPS", "HTTP,HTTPS"]), Fill::Text("HTTP")),
    field(
        "routeConfig",
        Shape::Object(&[field("routes", Shape::List(&ROUTE, 1000), Fill::List)]),
        Fill::Object,
    ),
    field(
        "certConfig",
        Shape::Object(&[
            field("certName", Shape::Text, Fill::Text("")),
            field("certificate", Shape::Text, Fill::Text("")),
            field("privateKey", Shape::Text, Fill::Text("")),
        ]),
        Fill::Nothing,
    ),
    field("tlsConfig", Shape::AnyObject, Fill::Nothing),
    field(
        "authConfig",
        Shape::Object(&[
            field("authType", Shape::Word(&["anonymous", "function", "jwt"]), Fill::Text("anonymous")),
            field("authInfo", Shape::JsonText, Fill::Nothing),
        ]),
        Fill::Nothing,
    ),
    field("wafConfig", Shape::Object(&[field("enableWAF", Shape::Flag, Fill::Flag(false))]), Fill::Nothing),
    field("corsConfig", Shape::AnyObject, Fill::Nothing),
];

/// Makes a custom domain of `CreateCustomDomain`'s input.
pub fn create(input: &Map, facts: &Facts) -> Result<Document, ApiError> {
    let name = text(input, "domainName");
    check_domain_name(name)?;
    let shown = read(WRITABLE, input, "", Missing::Fill)?;
    let mut document = Document { shown, ..Document::default() };
    finish(&mut document)?;
    for (field, value) in [
        ("domainName", name),
        ("accountId", &facts.account),
        ("apiVersion", "2023-03-30"),
        ("subdomainCount", "0"),
        ("createdTime", &facts.time()),
        ("lastModifiedTime", &facts.time()),
    ] {
        document.shown.insert(field.to_owned(), json!(value));
    }
    Ok(document)
}

/// Applies `UpdateCustomDomain`'s input. Returns the same document when nothing changes.
pub fn update(current: &Document, input: &Map, facts: &Facts) -> Result<Document, ApiError> {
    let mut next = current.clone();
    next.shown.append(&mut read(WRITABLE, input, "", Missing::Leave)?);
    finish(&mut next)?;
    if next != *current {
        next.shown.insert("lastModifiedTime".to_owned(), json!(facts.time()));
    }
    Ok(next)
}

/// The route that a path takes: an equal one, else the longest `…/*` that leads to it.
pub fn route<'a>(domain: &'a Document, path: &str) -> Option<&'a Map> {
    routes(domain)
        .filter_map(|route| {
            let pattern = text(route, "path");
            let rank = match pattern.strip_suffix('*') {
                Some(stem) if path.starts_with(stem) || path == stem.trim_end_matches('/') => (0, stem.len()),
                None if pattern == path => (1, pattern.len()),
                _ => return None,
            };
            Some((rank, route))
        })
        .max_by_key(|(rank, _)| *rank)
        .map(|(_, route)| route)
}

fn routes(domain: &Document) -> impl Iterator<Item = &Map> {
    domain
        .shown
        .get("routeConfig")
        .and_then(|config| config.get("routes"))
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_object)
}

fn finish(document: &mut Document) -> Result<(), ApiError> {
    let mut seen = std::collections::BTreeSet::new();
    for route in routes(document) {
        let path = text(route, "path");
        if !path.starts_with('/') || path.trim_end_matches('*').contains('*') {
            return Err(ApiError::invalid(format!(
                "the route path '{path}' must start with '/', and may have one '*' at its end"
            )));
        }
        if !seen.insert(path) {
            return Err(ApiError::invalid(format!("the route path '{path}' is given twice")));
        }
    }
    let https = document.text("protocol").contains("HTTPS");
    // The key is never shown; whether there is one is remembered.
    if let Some(Value::Object(cert)) = document.shown.get_mut("certConfig")
        && let Some(Value::String(key)) = cert.remove("privateKey")
        && !key.is_empty()
    {
        document.kept.insert("privateKey".to_owned(), json!(key));
    }
    if https {
        let cert = document.shown.get("certConfig").and_then(Value::as_object);
        let complete = cert
            .is_some_and(|cert| !text(cert, "certName").is_empty() && !text(cert, "certificate").is_empty())
            && document.kept.contains_key("privateKey");
        if !complete {
            return Err(ApiError::invalid(
                "certConfig with certName, certificate and privateKey is required for protocol HTTPS",
            ));
        }
    }
    Ok(())
}

fn check_domain_name(name: &str) -> Result<(), ApiError> {
    let labels: Vec<&str> = name.split('.').collect();
    let label_fits = |(index, label): (usize, &&str)| {
        (index == 0 && *label == "*")
            || ((1..=63).contains(&label.len())
                && !label.starts_with('-')
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'))
    };
    let last = labels.last().copied().unwrap_or_default();
    let fits = name.len() <= 256
        && labels.len() >= 2
        && labels.iter().enumerate().all(label_fits)
        && last.len() >= 2
        && last.bytes().all(|byte| byte.is_ascii_alphabetic());
    if fits { Ok(()) } else { Err(ApiError::invalid(format!("domainName '{name}' is not a domain name"))) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emulator::world::tests::facts;

    fn domain(paths: &[&str]) -> Result<Document, String> {
        let routes: Vec<Value> = paths
            .iter()
            .map(|path| json!({"path": path, "functionName": path.replace(['/', '*'], "_")}))
            .collect();
        let input = json!({"domainName": "www.example.localhost", "routeConfig": {"routes": routes}});
        create(input.as_object().expect("an object"), &facts()).map_err(|error| error.message)
    }

    #[track_caller]
    fn check(path: &str, expected: Option<&str>) {
        let domain = domain(&["/*", "/a/*", "/a/b", "/a/b/*"]).expect("is accepted");
        assert_eq!(route(&domain, path).map(|route| text(route, "path")), expected);
    }

    #[test]
    fn an_equal_route_wins_then_the_longest() {
        check("/", Some("/*"));
        check("/a", Some("/a/*"));
        check("/a/x/y", Some("/a/*"));
        check("/a/b", Some("/a/b"));
        check("/a/b/c", Some("/a/b/*"));
        check("/ab", Some("/*"));
    }

    #[test]
    fn no_route_is_no_route() {
        assert!(route(&domain(&["/only"]).expect("is accepted"), "/other").is_none());
    }

    #[test]
    fn refuses_bad_names_paths_and_missing_certificates() {
        assert!(domain(&["no-slash"]).is_err_and(|message| message.contains("no-slash")));
        assert!(domain(&["/a/*/b"]).is_err());
        assert!(domain(&["/a", "/a"]).is_err_and(|message| message.contains("twice")));
        for name in ["nodots", "-a.example.com", "a.b.c1", "a..com"] {
            assert!(check_domain_name(name).is_err(), "{name}");
        }
        assert!(check_domain_name("*.example.com").is_ok());
        let input = json!({"domainName": "a.example.com", "protocol": "HTTPS"});
        assert!(create(input.as_object().expect("an object"), &facts()).is_err());
    }

    #[test]
    fn a_private_key_is_kept_back() {
        let input = json!({"domainName": "a.example.com", "protocol": "HTTPS",
            "certConfig": {"certName": "c", "certificate": "PEM", "privateKey": "hidden"}});
        let document = create(input.as_object().expect("an object"), &facts()).expect("is accepted");
        assert!(!Value::Object(document.shown).to_string().contains("hidden"));
    }
}
