//! Requests to functions: by the URL of an HTTP trigger, or by a custom domain.
//!
//! A trigger is reached under `{base}/_http/{label}/…` and by the host
//! `{label}.{region}.fcapp.localhost`, one of FC 2.0 also under `/2016-08-15/proxy/{service}/{function}/…`; a
//! domain by its own name. What the service's gateway enforces is
//! enforced here: methods, `disableURLInternet`, routes, sizes, and signatures where `authType` is
//! `function`. Other kinds of authentication answer 403. Rewrites and `corsConfig` are left out.

use std::sync::Arc;

use axum::body::Body;
use bytes::Bytes;
use jiff::Timestamp;
use serde_json::Value;

use super::api::{self, Target, Version};
use super::cloud::Cloud;
use super::error::ApiError;
use super::fc_signature;
use super::http::{Answer, Head, Outcome, read_body};
use super::invoke;
use super::query::decode_segment;
use super::runner::HttpRequest;
use super::signature::{self, Signed};
use super::store::Look;
use super::world::fc2::full_name;
use super::world::{Document, Map, domain, text};

const EXPOSED: &str = "Date,x-fc-request-id,x-fc-error-type,x-fc-code-checksum,x-fc-invocation-duration,\
x-fc-max-memory-usage,x-fc-log-result,x-fc-invocation-code-version";

/// Which function a request is for, and how it came there.
struct Way {
    region: String,
    function: String,
    qualifier: String,
    trigger_id: String,
    /// `anonymous`, `function`, `jwt`; empty is anonymous.
    auth_type: String,
    /// Empty: all of them.
    methods: Vec<String>,
}

/// Serves a request to an HTTP trigger.
pub async fn by_label(cloud: &Arc<Cloud>, head: &Head, label: &str, path: &str, body: Body) -> Outcome {
    let way = way_of_label(cloud, label);
    answer(cloud, head, way, "", path, body).await
}

/// A function of FC 2.0 as a path names it.
pub struct Proxied<'a> {
    service: String,
    qualifier: String,
    function: String,
    /// The path up to the function's own part of it.
    prefix: &'a str,
    path: &'a str,
}

/// The function of FC 2.0 that a request is for: by its path, or by a header that leaves the path alone.
pub fn targeted(head: &Head) -> Option<Proxied<'_>> {
    let named = head.header("x-fc-invocation-target");
    if named.is_empty() {
        return proxied(&head.path);
    }
    let Proxied { service, qualifier, function, .. } = proxied(&format!("/{named}"))?;
    Some(Proxied { service, qualifier, function, prefix: "", path: &head.path })
}

/// Reads `/{version}/proxy/{service}[.{qualifier}]/{function}[/{path}]`.
fn proxied(raw_path: &str) -> Option<Proxied<'_>> {
    let (version, rest) = Version::split(raw_path)?;
    let rest = rest.strip_prefix("proxy/").filter(|_| version != Version::V2023)?;
    let (service, rest) = rest.split_once('/')?;
    let (function, path) = rest.find('/').map_or((rest, "/"), |slash| rest.split_at(slash));
    let prefix = &raw_path[..raw_path.len() - rest.len() + function.len()];
    let service = decode_segment(service);
    let (service, qualifier) = service.split_once('.').unwrap_or((&service, "LATEST"));
    Some(Proxied {
        service: service.to_owned(),
        qualifier: qualifier.to_owned(),
        function: decode_segment(function),
        prefix,
        path,
    })
}

/// Serves a request to an HTTP trigger of FC 2.0 that names service and function.
pub async fn by_proxy(
    cloud: &Arc<Cloud>,
    head: &Head,
    region: &str,
    target: &Proxied<'_>,
    body: Body,
) -> Outcome {
    let way = way_of_proxy(cloud, region, target);
    answer(cloud, head, way, target.prefix, target.path, body).await
}

/// Serves a request to a custom domain.
pub async fn by_domain(
    cloud: &Arc<Cloud>,
    head: &Head,
    region: &str,
    domain: &Document,
    body: Body,
) -> Outcome {
    let way = way_of_domain(region, domain, &decode_segment(&head.path));
    answer(cloud, head, way, "", &head.path, body).await
}

async fn answer(
    cloud: &Arc<Cloud>,
    head: &Head,
    way: Result<Way, ApiError>,
    prefix: &str,
    path: &str,
    body: Body,
) -> Outcome {
    let served = match way {
        Ok(way) => serve(cloud, head, &way, prefix, path, body).await,
        Err(error) => Err(error),
    };
    let answer = served.unwrap_or_else(|error| {
        Answer::refusal(&error, &head.request_id).with("x-fc-error-type", "FCCommonError")
    });
    Outcome::Answer(with_cors(answer, head))
}

fn way_of_label(cloud: &Cloud, label: &str) -> Result<Way, ApiError> {
    let reader = cloud.store.reader()?;
    let missing = || ApiError::not_found("TriggerNotFound", format_args!("an HTTP trigger at '{label}'"));
    let target = reader.get(&api::label_key(label))?.ok_or_else(missing)?;
    let target: Target = serde_json::from_value(Value::Object(target.shown)).map_err(ApiError::internal)?;
    let trigger = reader
        .get(&api::trigger_key(&target.region, &target.function, &target.trigger))?
        .ok_or_else(missing)?;
    way_of_trigger(target.region, target.function, &trigger)
}

fn way_of_proxy(cloud: &Cloud, region: &str, target: &Proxied<'_>) -> Result<Way, ApiError> {
    let function = full_name(&target.service, &target.function);
    let reader = cloud.store.reader()?;
    let triggers = reader.all(&api::triggers_key(region, &function))?;
    let fits = |trigger: &Document| {
        trigger.text("triggerType") == "http" && trigger.text("qualifier") == target.qualifier
    };
    let trigger = triggers.into_iter().map(|(_, trigger)| trigger).find(fits).ok_or_else(|| {
        let Proxied { service, qualifier, function, .. } = target;
        let what =
            format!("an HTTP trigger of function '{function}' in service '{service}' at '{qualifier}'");
        ApiError::not_found("TriggerNotFound", what)
    })?;
    way_of_trigger(region.to_owned(), function, &trigger)
}

fn way_of_trigger(region: String, function: String, trigger: &Document) -> Result<Way, ApiError> {
    let config: Map = serde_json::from_str(trigger.text("triggerConfig")).map_err(ApiError::internal)?;
    if config.get("disableURLInternet") == Some(&Value::Bool(true)) {
        return Err(ApiError::new(
            403,
            "AccessDenied",
            "the trigger's public URL is switched off (disableURLInternet)",
        ));
    }
    Ok(Way {
        region,
        function,
        qualifier: trigger.text("qualifier").to_owned(),
        trigger_id: trigger.text("triggerId").to_owned(),
        auth_type: text(&config, "authType").to_owned(),
        methods: texts(config.get("methods")),
    })
}

fn way_of_domain(region: &str, domain: &Document, path: &str) -> Result<Way, ApiError> {
    let auth = domain.shown.get("authConfig").and_then(Value::as_object);
    let route = domain::route(domain, path).ok_or_else(|| {
        ApiError::new(
            404,
            "RouteNotFound",
            format!("no route of '{}' leads to '{path}'", domain.text("domainName")),
        )
    })?;
    Ok(Way {
        region: region.to_owned(),
        function: text(route, "functionName").to_owned(),
        qualifier: text(route, "qualifier").to_owned(),
        trigger_id: String::new(),
        auth_type: auth.map_or("", |auth| text(auth, "authType")).to_owned(),
        methods: texts(route.get("methods")),
    })
}

/// Lets everybody in, or those who sign, or nobody.
fn check_auth(cloud: &Cloud, head: &Head, auth_type: &str, body: &[u8]) -> Result<(), ApiError> {
    let signed = Signed {
        method: &head.method,
        path: &head.path,
        raw_query: &head.raw_query,
        headers: &head.headers,
        body,
    };
    match auth_type {
        "" | "anonymous" => Ok(()),
        "function" if head.header("authorization").starts_with("FC ") => {
            fc_signature::check(&signed, &cloud.keys, Timestamp::now())
        }
        "function" => signature::check(&signed, &cloud.keys, Timestamp::now()),
        other => Err(ApiError::new(
            403,
            "AccessDenied",
            format!("authType {other} is not checked by the embedded cloud, so nobody is let in"),
        )),
    }
}

async fn serve(
    cloud: &Arc<Cloud>,
    head: &Head,
    way: &Way,
    prefix: &str,
    path: &str,
    body: Body,
) -> Result<Answer, ApiError> {
    if !way.methods.is_empty() && !way.methods.contains(&head.method) {
        if head.method == "OPTIONS" && !head.header("access-control-request-method").is_empty() {
            return Ok(Answer { status: 200, ..Answer::default() });
        }
        return Err(ApiError::new(
            403,
            "FcCommonError",
            format!("method {} is not one of {}", head.method, way.methods.join(", ")),
        ));
    }
    let body =
        read_body(body, invoke::limit(head)).await.map_err(|error| ApiError::invalid(error.message))?;
    check_auth(cloud, head, &way.auth_type, &body)?;
    let deployment = invoke::deployed(cloud, &way.region, &way.function, &way.qualifier)?;
    let request = HttpRequest {
        request_id: head.request_id.clone(),
        method: head.method.clone(),
        prefix: prefix.to_owned(),
        raw_path: path.to_owned(),
        raw_query: head.raw_query.clone(),
        headers: head.raw_headers.clone(),
        body,
        host: head.header("host").to_owned(),
        source_ip: head.peer.ip().to_string(),
        trigger_id: way.trigger_id.clone(),
    };
    if invoke::is_async(head) {
        let cloud = Arc::clone(cloud);
        tokio::spawn(async move {
            let run = cloud.runner.serve_http(&deployment, request).await;
            cloud.logs.add(&deployment.region, &deployment.full_name(), &run.log);
        });
        return Ok(invoke::accepted(head));
    }
    let run = cloud.runner.serve_http(&deployment, request).await;
    cloud.logs.add(&deployment.region, &deployment.full_name(), &run.log);
    if let Some(error) = &run.platform_error {
        return Err(ApiError::new(error.status, error.code, error.message.clone()));
    }
    let answer = Answer { status: run.status, headers: run.headers.clone(), body: run.body.clone() };
    Ok(invoke::measures(answer, &deployment, &run, head))
}

/// The service's own CORS headers, where the function sets none.
fn with_cors(mut answer: Answer, head: &Head) -> Answer {
    let origin = head.header("origin");
    if origin.is_empty() {
        return answer;
    }
    for (name, value) in [
        ("access-control-allow-origin", origin),
        ("access-control-allow-credentials", "true"),
        ("access-control-allow-methods", head.header("access-control-request-method")),
        ("access-control-allow-headers", head.header("access-control-request-headers")),
        ("access-control-max-age", "3600"),
        ("access-control-expose-headers", EXPOSED),
    ] {
        let set = answer.headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
        if !set && !value.is_empty() {
            answer = answer.with(name, Bytes::copy_from_slice(value.as_bytes()));
        }
    }
    answer
}

fn texts(list: Option<&Value>) -> Vec<String> {
    let items = list.and_then(Value::as_array).into_iter().flatten();
    items.filter_map(|item| item.as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::proxied;

    #[track_caller]
    fn check(path: &str, expected: Option<[&str; 5]>) {
        let found = proxied(path);
        let found = found.as_ref().map(|it| [&it.service, &it.qualifier, &it.function, it.prefix, it.path]);
        assert_eq!(found, expected);
    }

    #[test]
    fn a_proxy_path_names_service_qualifier_function_and_the_rest() {
        let prefix = "/2016-08-15/proxy/s/f";
        check("/2016-08-15/proxy/s/f", Some(["s", "LATEST", "f", prefix, "/"]));
        check("/2016-08-15/proxy/s/f/", Some(["s", "LATEST", "f", prefix, "/"]));
        check("/2016-08-15/proxy/s/f/a/b%20c", Some(["s", "LATEST", "f", prefix, "/a/b%20c"]));
        let prefix = "/2021-04-06/proxy/s.prod/f";
        check("/2021-04-06/proxy/s.prod/f/x", Some(["s", "prod", "f", prefix, "/x"]));
        for other in ["/2016-08-15/proxy/s", "/2023-03-30/proxy/s/f", "/proxy/s/f", "/2016-08-15/services"] {
            check(other, None);
        }
    }
}
