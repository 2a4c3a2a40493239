//! FC 2.0 over the store of 3.0: services, functions below them, and what hangs on these.
//!
//! That every call is answered as the vendor's SDKs want it is told by `tests/it/sdk.rs`; here is what they do not show.

mod gateway;
mod rules;
mod switches;
mod versions;

use serde_json::{Value, json};

use super::client::{Client, Cloud, zip};
use super::folder;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

const WSGI: &str = "\
def handler(environ, start_response):
    body = environ['wsgi.input'].read()
    start_response('201 Created', [('Content-Type', 'text/plain'), ('X-Own', 'yes')])
    return [('%s %s?%s %s ' % (environ['REQUEST_METHOD'], environ['PATH_INFO'], environ['QUERY_STRING'],
        environ['fc.request_uri'])).encode(), body]
";

/// The input of `CreateFunction` for a Python function of one file.
fn function(name: &str, source: &str) -> Value {
    json!({
        "functionName": name, "runtime": "python3", "handler": "index.handler",
        "code": {"zipFile": STANDARD.encode(zip(source))},
    })
}

fn http_trigger(name: &str) -> Value {
    let config = json!({"authType": "anonymous", "methods": ["GET", "POST"]}).to_string();
    json!({"triggerName": name, "triggerType": "http", "triggerConfig": config})
}

/// Service `s` with function `f`, as 2021-04-06 makes them.
async fn deploy(client: &Client, source: &str) -> Value {
    let service = json!({"serviceName": "s", "role": "acs:ram::1:role/r"});
    client.call("POST", "/2021-04-06/services", Some(service)).await.ok();
    client.call("POST", "/2021-04-06/services/s/functions", Some(function("f", source))).await.ok()
}

#[tokio::test]
async fn a_wsgi_function_answers_at_its_proxy_path_and_at_its_url() {
    let data = folder();
    let Cloud { client, server: _server } = Cloud::start(data.path()).await;
    deploy(&client, WSGI).await;
    let triggers = "/2021-04-06/services/s/functions/f/triggers";
    let trigger = client.call("POST", triggers, Some(http_trigger("http"))).await.ok();
    let proxy = "/2016-08-15/proxy/s/f/a/b%20c?x=1&y=2";
    let answer = client.plain("POST", proxy, b"body".to_vec(), &[]).await.expect("an answer");
    assert_eq!(answer.status, 201);
    assert_eq!(answer.headers["x-own"], "yes");
    assert_eq!(String::from_utf8_lossy(&answer.body), format!("POST /a/b%20c?x=1&y=2 {proxy} body"));
    let url = trigger["urlInternet"].as_str().expect("a URL");
    let path = url.strip_prefix(&format!("http://{}", client.address)).expect("on this server");
    let answer = client.plain("GET", path, Vec::new(), &[]).await.expect("an answer");
    assert_eq!(String::from_utf8_lossy(&answer.body), "GET /? / ");
    let refused =
        client.plain("GET", "/2016-08-15/proxy/s/other/", Vec::new(), &[]).await.expect("an answer");
    assert_eq!(refused.refusal(), (404, "TriggerNotFound".to_owned()));
}

#[tokio::test]
async fn every_write_changes_the_etag_and_a_failed_condition_changes_nothing() {
    let data = folder();
    let Cloud { client, server: _server } = Cloud::start(data.path()).await;
    deploy(&client, WSGI).await;
    let function = "/2021-04-06/services/s/functions/f";
    client.call("POST", &format!("{function}/triggers"), Some(http_trigger("t"))).await.ok();
    client.call("POST", "/2021-04-06/services/s/versions", Some(json!({}))).await.ok();
    let alias = json!({"aliasName": "a", "versionId": "1"});
    client.call("POST", "/2021-04-06/services/s/aliases", Some(alias)).await.ok();
    let (trigger, alias) = (format!("{function}/triggers/t"), "/2021-04-06/services/s/aliases/a");
    for path in ["/2021-04-06/services/s", function, trigger.as_str(), alias] {
        let read = client.call("GET", path, None).await;
        let etag = read.headers["etag"].clone();
        assert_eq!(client.call("GET", path, None).await.headers["etag"], etag, "reading changes nothing");
        let change = |text: &str| Some(json!({"description": text}));
        let written = client.call_with("PUT", path, change("one"), &[("if-match", &etag)]).await;
        assert_ne!(written.headers["etag"], etag);
        written.ok();
        let before = client.call("GET", path, None).await;
        assert_eq!(before.headers["etag"], written.headers["etag"]);
        let same = client.call("PUT", path, change("one")).await;
        assert_eq!(same.headers["etag"], written.headers["etag"], "what changes nothing is no change");
        for method in ["PUT", "DELETE"] {
            let refused = client.call_with(method, path, change("two"), &[("if-match", &etag)]).await;
            assert_eq!(refused.refusal(), (412, "PreconditionFailed".to_owned()), "{method} {path}");
        }
        let after = client.call("GET", path, None).await;
        assert_eq!(
            (after.headers["etag"].clone(), after.ok()),
            (before.headers["etag"].clone(), before.ok())
        );
    }
    for path in [alias, trigger.as_str(), function, "/2021-04-06/services/s"] {
        let etag = client.call("GET", path, None).await.headers["etag"].clone();
        assert_eq!(client.call_with("DELETE", path, None, &[("if-match", &etag)]).await.status, 204);
    }
}

#[tokio::test]
async fn what_is_not_empty_is_not_deleted() {
    let data = folder();
    let Cloud { client, server: _server } = Cloud::start(data.path()).await;
    deploy(&client, WSGI).await;
    let (service, function) = ("/2021-04-06/services/s", "/2021-04-06/services/s/functions/f");
    client.call("POST", &format!("{function}/triggers"), Some(http_trigger("t"))).await.ok();
    let refused = client.call("DELETE", service, None).await;
    assert_eq!(refused.refusal(), (409, "ServiceNotEmpty".to_owned()));
    let refused = client.call("DELETE", function, None).await;
    assert_eq!(refused.json()["Message"], "function 'f' has active triggers");
    assert_eq!(refused.refusal(), (409, "FunctionNotEmpty".to_owned()));
    client.call("DELETE", &format!("{function}/triggers/t"), None).await;
    assert_eq!(client.call("DELETE", function, None).await.status, 204);
    assert_eq!(client.call("DELETE", service, None).await.status, 204);
    let missing = client.call("GET", function, None).await;
    assert_eq!(missing.refusal(), (404, "ServiceNotFound".to_owned()));
}

#[tokio::test]
async fn a_function_of_a_service_is_one_of_3_0_by_another_name() {
    let data = folder();
    let Cloud { client, server: _server } = Cloud::start(data.path()).await;
    deploy(&client, WSGI).await;
    client.create_function("third", super::HELLO).await;

    let listed = client.call("GET", "functions?fcVersion=v2", None).await.ok();
    assert_eq!(listed["functions"].as_array().map(Vec::len), Some(1));
    assert_eq!(listed["functions"][0]["functionName"], "s$f");
    assert_eq!(listed["functions"][0]["role"], "acs:ram::1:role/r");
    let third = client.call("GET", "functions?fcVersion=v3", None).await.ok();
    assert_eq!(third["functions"][0]["functionName"], "third");
    let own = client.call("GET", "/2021-04-06/services/s/functions", None).await.ok();
    assert_eq!(own["functions"].as_array().map(Vec::len), Some(1));
    assert_eq!(own["functions"][0]["functionName"], "f");

    let shown = client.call("GET", "functions/s%24f", None).await.ok();
    assert_eq!((&shown["functionName"], &shown["state"]), (&json!("s$f"), &json!("Active")));
    let changed = client.call("PUT", "functions/s%24f", Some(json!({"timeout": 9}))).await.ok();
    assert_eq!(changed["timeout"], 9);
    assert_eq!(client.call("GET", "/2021-04-06/services/s/functions/f", None).await.ok()["timeout"], 9);
    let refused = client.call("PUT", "functions/s%24f", Some(json!({"role": "other"}))).await;
    assert_eq!(refused.refusal(), (400, "InvalidArgument".to_owned()));
    let refused = client.call("POST", "functions", Some(function("a$b", WSGI))).await;
    assert_eq!(refused.refusal(), (400, "InvalidArgument".to_owned()));

    client.call("POST", "functions/s%24f/triggers", Some(http_trigger("t"))).await.ok();
    let seen = client.call("GET", "/2021-04-06/services/s/functions/f/triggers/t", None).await.ok();
    assert!(seen.get("targetArn").is_none() && seen["urlInternet"].is_string(), "{seen}");
}

#[tokio::test]
async fn a_write_changes_the_etag_of_what_it_writes_and_of_nothing_else() {
    let data = folder();
    let Cloud { client, server: _server } = Cloud::start(data.path()).await;
    deploy(&client, WSGI).await;
    let (service, function) = ("/2021-04-06/services/s", "/2021-04-06/services/s/functions/f");
    let (trigger, alias) = (format!("{function}/triggers/t"), format!("{service}/aliases/a"));
    let (domain, limit) = ("/2021-04-06/custom-domains/a.localhost", format!("{function}/on-demand-config"));
    let write = async |method: &str, path: &str, body: Value| {
        let reply = client.call(method, path, Some(body.clone())).await;
        assert!(reply.status < 300, "{method} {path} {body}: {}", String::from_utf8_lossy(&reply.body));
    };
    write("POST", &format!("{function}/triggers"), http_trigger("t")).await;
    write("POST", &format!("{service}/versions"), json!({})).await;
    write("POST", &format!("{service}/aliases"), json!({"aliasName": "a", "versionId": "1"})).await;
    write("POST", "/2021-04-06/custom-domains", json!({"domainName": "a.localhost"})).await;
    write("PUT", &limit, json!({"maximumInstanceCount": 1})).await;
    let all = [service, function, trigger.as_str(), alias.as_str(), domain, limit.as_str()];
    let etags = async || {
        let mut found = Vec::new();
        for path in all {
            found.push(client.call("GET", path, None).await.headers["etag"].clone());
        }
        found
    };
    let arn = "acs:fc:cn-hangzhou:1000000000000001:services/s";
    let description = json!({"description": "d"});
    for (method, path, body, changes) in [
        ("PUT", service, description.clone(), Some(0)),
        ("PUT", function, description.clone(), Some(1)),
        ("PUT", function, json!({"code": self::function("f", "other")["code"]}), Some(1)),
        ("PUT", "functions/s%24f", json!({"timeout": 9}), Some(1)),
        ("PUT", trigger.as_str(), description.clone(), Some(2)),
        ("PUT", alias.as_str(), description.clone(), Some(3)),
        ("PUT", domain, json!({"wafConfig": {"enableWAF": true}}), Some(4)),
        ("PUT", limit.as_str(), json!({"maximumInstanceCount": 2}), Some(5)),
        ("PUT", service, description, None),
        ("PUT", limit.as_str(), json!({"maximumInstanceCount": 2}), None),
        ("POST", "/2021-04-06/services", json!({"serviceName": "s2"}), None),
        ("POST", "/2021-04-06/services/s/versions", json!({}), None),
        ("POST", "/2021-04-06/services/s/bindings", json!({"vpcId": "v"}), None),
        ("POST", "/2021-04-06/tag", json!({"resourceArn": arn, "tags": {"a": "b"}}), None),
        ("PUT", "/2021-04-06/services/s/functions/f/async-invoke-config", json!({}), None),
        ("PUT", "/2021-04-06/services/s/functions/f/provision-config", json!({"target": 1}), None),
    ] {
        let before = etags().await;
        write(method, path, body.clone()).await;
        let after = etags().await;
        let changed: Vec<usize> = (0..all.len()).filter(|index| before[*index] != after[*index]).collect();
        assert_eq!(changed, changes.into_iter().collect::<Vec<_>>(), "{method} {path} {body}");
    }
}
