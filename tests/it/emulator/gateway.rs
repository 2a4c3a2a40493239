//! Functions as the world reaches them: by trigger URLs, host names and custom domains.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::client::{Client, Cloud, Reply};
use super::folder;

/// Answers with what it was asked.
const ECHO: &str = "
import json
def handler(event, context):
    event = json.loads(event)
    return {'statusCode': 201, 'headers': {'X-Own': 'yes'},
            'body': event['requestContext']['http']['method'] + ' ' + event['rawPath']}
";

async fn echo() -> (tempfile::TempDir, Cloud) {
    let data = folder();
    let cloud = Cloud::start(data.path()).await;
    cloud.client.create_function("echo", ECHO).await;
    (data, cloud)
}

async fn trigger(client: &Client, name: &str, config: Value) -> Value {
    let body = json!({"triggerName": name, "triggerType": "http", "triggerConfig": config.to_string()});
    client.call("POST", "functions/echo/triggers", Some(body)).await.ok()
}

/// The path of a trigger's URL, and its host label.
fn path_and_label(trigger: &Value) -> (String, String) {
    let url = trigger["httpTrigger"]["urlInternet"].as_str().expect("a URL");
    let path = &url[url.find("/_http/").expect("a path")..];
    (path.to_owned(), path.rsplit('/').next().expect("a label").to_owned())
}

async fn get(client: &Client, path: &str, host: &str) -> Reply {
    let headers: &[(&str, &str)] = if host.is_empty() { &[] } else { &[("host", host)] };
    client.plain("GET", path, Vec::new(), headers).await.expect("an answer")
}

fn text(reply: &Reply) -> String {
    String::from_utf8_lossy(&reply.body).into_owned()
}

#[tokio::test]
async fn a_trigger_answers_by_path_and_by_host() {
    let (_data, cloud) = echo().await;
    let client = &cloud.client;
    let made = trigger(client, "http", json!({"authType": "anonymous", "methods": ["GET"]})).await;
    let (path, label) = path_and_label(&made);
    let by_path = get(client, &format!("{path}/a%20b?q=1"), "").await;
    assert_eq!((by_path.status, text(&by_path)), (201, "GET /a%20b".to_owned()));
    assert_eq!(by_path.headers.get("x-own").map(String::as_str), Some("yes"));
    assert!(by_path.headers.contains_key("x-fc-request-id"));
    assert_eq!(by_path.headers.get("content-disposition"), None);
    let host = format!("{label}.cn-hangzhou.fcapp.localhost:1234");
    assert_eq!(text(&get(client, "/x", &host).await), "GET /x");
    assert_eq!(text(&get(client, &path, "").await), "GET /");

    let again = client.call("GET", "functions/echo/triggers/http", None).await.ok();
    assert_eq!(again["httpTrigger"], made["httpTrigger"], "the URL stays");
    client.call("DELETE", "functions/echo/triggers/http", None).await;
    assert_eq!(get(client, &path, "").await.refusal().0, 404);
}

#[tokio::test]
async fn what_a_trigger_does_not_let_in_stays_out() {
    let (_data, cloud) = echo().await;
    let client = &cloud.client;
    let closed = trigger(client, "signed", json!({"authType": "function", "methods": ["GET"]})).await;
    let off = json!({"authType": "anonymous", "methods": ["GET"], "disableURLInternet": true});
    let off = trigger(client, "off", off).await;
    let open = trigger(client, "open", json!({"authType": "anonymous", "methods": ["GET"]})).await;
    for (trigger, method, status) in [(&closed, "GET", 400), (&off, "GET", 403), (&open, "POST", 403)] {
        let (path, _) = path_and_label(trigger);
        let reply = client.plain(method, &path, Vec::new(), &[]).await.expect("an answer");
        assert_eq!(reply.refusal().0, status, "{}", text(&reply));
        assert!(reply.headers.contains_key("x-fc-error-type"));
    }
}

#[tokio::test]
async fn a_signed_request_is_let_in_where_signatures_are_asked_for() {
    let (_data, cloud) = echo().await;
    let client = &cloud.client;
    let made = trigger(client, "signed", json!({"authType": "function", "methods": ["GET"]})).await;
    let (path, _) = path_and_label(&made);
    let date = jiff::fmt::rfc2822::DateTimePrinter::new()
        .timestamp_to_rfc9110_string(&jiff::Timestamp::now())
        .expect("a date");
    let signature = |secret: &[u8]| {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("any key");
        mac.update(format!("GET\n\n\n{date}\n{path}/a b\nq=1 2").as_bytes());
        format!("FC local:{}", STANDARD.encode(mac.finalize().into_bytes()))
    };
    for (secret, status) in [("local", 201), ("other", 403)] {
        let signature = signature(secret.as_bytes());
        let headers = [("date", date.as_str()), ("authorization", signature.as_str())];
        let target = format!("{path}/a%20b?q=1+2");
        let reply = client.plain("GET", &target, Vec::new(), &headers).await.expect("an answer");
        assert_eq!(reply.status, status, "{}", text(&reply));
    }
}

#[tokio::test]
async fn a_custom_domain_takes_its_longest_route() {
    let (_data, cloud) = echo().await;
    let client = &cloud.client;
    client.create_function("other", &ECHO.replace("201", "202")).await;
    let domain = json!({"domainName": "www.shop.localhost", "protocol": "HTTP", "routeConfig": {"routes": [
        {"path": "/*", "functionName": "echo"}, {"path": "/api/*", "functionName": "other"},
        {"path": "/gone", "functionName": "none"}]}});
    client.call("POST", "custom-domains", Some(domain)).await.ok();
    let host = "WWW.shop.localhost:9530";
    assert_eq!(get(client, "/x", host).await.status, 201);
    let api = get(client, "/api/users", host).await;
    assert_eq!((api.status, text(&api)), (202, "GET /api/users".to_owned()));
    assert_eq!(get(client, "/gone", host).await.refusal(), (404, "FunctionNotFound".to_owned()));
    assert_eq!(get(client, "/2023-03-30/functions", host).await.status, 201, "its paths are its own");
}

#[tokio::test]
async fn a_version_stays_what_it_was_and_an_alias_moves() {
    let (_data, cloud) = echo().await;
    let client = &cloud.client;
    client.create_function("f", "def handler(event, context):\n    return b'one'\n").await;
    client.call("POST", "functions/f/versions", Some(json!({}))).await.ok();
    let two = super::function("f", "def handler(event, context):\n    return b'two'\n");
    client.call("PUT", "functions/f", Some(json!({"code": two["code"]}))).await.ok();
    client
        .call("POST", "functions/f/aliases", Some(json!({"aliasName": "prod", "versionId": "1"})))
        .await
        .ok();
    let invoke = async |qualifier: &str| {
        let target = format!("functions/f/invocations?qualifier={qualifier}");
        text(&client.send("POST", &target, Vec::new(), &[]).await.expect("an answer"))
    };
    assert_eq!([invoke("LATEST").await, invoke("1").await, invoke("prod").await], ["two", "one", "one"]);
    client.call("DELETE", "functions/f/versions/1", None).await;
    let next = client.call("POST", "functions/f/versions", Some(json!({}))).await.ok();
    assert_eq!(next["versionId"], "2", "numbers are never used again");
    client.call("PUT", "functions/f/aliases/prod", Some(json!({"versionId": "2"}))).await.ok();
    assert_eq!(invoke("prod").await, "two");
}

#[tokio::test]
async fn failures_of_functions_are_answers_and_failures_of_the_cloud_are_refusals() {
    let (_data, cloud) = echo().await;
    let client = &cloud.client;
    client.create_function("bad", "def handler(event, context):\n    raise ValueError('no')\n").await;
    let failed = client.send("POST", "functions/bad/invocations", Vec::new(), &[]).await.expect("an answer");
    assert_eq!(failed.status, 200);
    assert_eq!(failed.headers["x-fc-error-type"], "UnhandledInvocationError");
    assert_eq!(failed.json()["errorType"], "ValueError");

    let mut go = super::function("go", "");
    go["runtime"] = json!("go1");
    client.call("POST", "functions", Some(go)).await.ok();
    let refused = client.send("POST", "functions/go/invocations", Vec::new(), &[]).await.expect("an answer");
    assert_eq!(refused.refusal().0, 412);

    client.call("PUT", "functions/echo/concurrency", Some(json!({"reservedConcurrency": 0}))).await.ok();
    let blocked =
        client.send("POST", "functions/echo/invocations", Vec::new(), &[]).await.expect("an answer");
    assert_eq!(blocked.refusal(), (429, "ResourceExhausted".to_owned()));

    let event =
        client.send("POST", "functions/bad/invocations", Vec::new(), &[("x-fc-invocation-type", "Async")]);
    let event = event.await.expect("an answer");
    assert_eq!((event.status, event.body.len()), (202, 0));
}
