//! Names and bounds of 2.0, and that what is refused leaves no trace.

use serde_json::{Value, json};

use super::super::client::{Client, Cloud};
use super::super::folder;
use super::{WSGI, deploy, function, http_trigger};

const FUNCTIONS: &str = "/2021-04-06/services/s/functions";

#[track_caller]
fn with(mut body: Value, field: &str, value: Value) -> Value {
    body[field] = value;
    body
}

async fn everything(client: &Client) -> Vec<Value> {
    let mut all = Vec::new();
    for path in
        ["/2021-04-06/services", FUNCTIONS, "/2021-04-06/services/s/functions/f/triggers", "functions"]
    {
        all.push(client.call("GET", path, None).await.ok());
    }
    all
}

#[tokio::test]
async fn what_breaks_a_rule_is_refused_and_leaves_no_trace() {
    let data = folder();
    let Cloud { client, server: _server } = Cloud::start(data.path()).await;
    deploy(&client, WSGI).await;
    let before = everything(&client).await;
    let service = |name: &str| json!({"serviceName": name});
    let own = |field: &str, value: Value| with(function("g", WSGI), field, value);
    let triggers = format!("{FUNCTIONS}/f/triggers");
    for (path, body) in [
        ("/2021-04-06/services", service("")),
        ("/2021-04-06/services", service("1st")),
        ("/2021-04-06/services", service("a.b")),
        ("/2021-04-06/services", service(&"a".repeat(129))),
        ("/2021-04-06/services", with(service("t"), "logConfig", json!({"project": "p"}))),
        (FUNCTIONS, own("functionName", json!("s$g"))),
        (FUNCTIONS, own("functionName", json!("a".repeat(65)))),
        (FUNCTIONS, own("memorySize", json!(130))),
        (FUNCTIONS, own("timeout", json!(0))),
        (FUNCTIONS, own("initializationTimeout", json!(301))),
        (FUNCTIONS, own("instanceType", json!("huge"))),
        (FUNCTIONS, own("runtime", json!("cobol"))),
        (FUNCTIONS, own("code", Value::Null)),
        (FUNCTIONS, own("code", json!({"ossBucketName": "b", "ossObjectName": "o"}))),
        (FUNCTIONS, own("environmentVariables", json!({"A": "x".repeat(4096)}))),
        (FUNCTIONS, own("layers", json!(["1", "2", "3", "4", "5", "6"]))),
        (triggers.as_str(), with(http_trigger("t"), "triggerType", json!("pigeon"))),
        (triggers.as_str(), with(http_trigger("t"), "triggerConfig", json!("{}"))),
        (triggers.as_str(), http_trigger("-t")),
    ] {
        let refused = client.call("POST", path, Some(body.clone())).await;
        assert_eq!(refused.refusal(), (400, "InvalidArgument".to_owned()), "{path} {body}");
    }
    assert_eq!(everything(&client).await, before);
}

#[tokio::test]
async fn some_triggers_cannot_be_updated() {
    let data = folder();
    let Cloud { client, server: _server } = Cloud::start(data.path()).await;
    deploy(&client, WSGI).await;
    let triggers = format!("{FUNCTIONS}/f/triggers");
    let config = json!({"notifyContentFormat": "STREAM", "notifyStrategy": "BACKOFF_RETRY"}).to_string();
    let trigger = json!({"triggerName": "mns", "triggerType": "mns_topic", "triggerConfig": config,
        "sourceArn": "acs:mns:cn-hangzhou:1:/topics/t"});
    client.call("POST", &triggers, Some(trigger)).await.ok();
    let body = Some(json!({"description": "d"}));
    let refused = client.call("PUT", &format!("{triggers}/mns"), body).await;
    assert_eq!(refused.refusal(), (400, "InvalidArgument".to_owned()));
}

#[tokio::test]
async fn a_missing_service_is_told_from_a_missing_function() {
    let data = folder();
    let Cloud { client, server: _server } = Cloud::start(data.path()).await;
    deploy(&client, WSGI).await;
    for (method, path, code) in [
        ("GET", "/2021-04-06/services/t/functions/f", "ServiceNotFound"),
        ("GET", "/2021-04-06/services/t/functions", "ServiceNotFound"),
        ("GET", "/2021-04-06/services/s/functions/g", "FunctionNotFound"),
        ("DELETE", "/2021-04-06/services/s/functions/g", "FunctionNotFound"),
        ("GET", "/2021-04-06/services/s/functions/g/triggers/t", "FunctionNotFound"),
        ("GET", "/2021-04-06/services/s/functions/f/triggers/t", "TriggerNotFound"),
        ("GET", "/2021-04-06/services/s/versions/1", "PathNotSupported"),
        ("DELETE", "/2021-04-06/services/s/versions/1", "VersionNotFound"),
        ("GET", "/2021-04-06/services/s/functions/f?qualifier=none", "AliasNotFound"),
        ("GET", "/2021-04-06/services/s/functions/f/async-invoke-config", "AsyncConfigNotExists"),
        ("GET", "/2021-04-06/services/s/functions/f/on-demand-config", "OnDemandConfigNotFound"),
        ("GET", "functions/s%24g", "FunctionNotFound"),
        ("GET", "functions/t%24f", "ServiceNotFound"),
    ] {
        let (_, found) = client.call(method, path, None).await.refusal();
        assert_eq!(found, code, "{method} {path}");
    }
    let provision =
        client.call("GET", "/2021-04-06/services/s/functions/f/provision-config", None).await.ok();
    assert_eq!(provision["target"], 0);
}

#[tokio::test]
async fn each_version_of_the_api_has_its_own_signature() {
    let data = folder();
    let Cloud { client, server: _server } = Cloud::start(data.path()).await;
    let refused = client.call("GET", "/2016-08-15/services", None).await;
    assert_eq!(refused.refusal(), (403, "SignatureNotMatch".to_owned()));
    for date in ["2016-08-15", "2021-04-06"] {
        let path = format!("/{date}/services");
        let unsigned = client.plain("GET", &path, Vec::new(), &[]).await.expect("an answer");
        assert_eq!(unsigned.refusal(), (400, "MissingRequiredHeader".to_owned()));
    }
}
