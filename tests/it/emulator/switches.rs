//! Switches, counters and logs, as tests of the rest of triform will use them.

use std::time::Duration;

use serde_json::{Value, json};

use super::client::{Client, Cloud, Reply};
use super::{HELLO, folder};

async fn hello() -> (tempfile::TempDir, Cloud) {
    let data = folder();
    let cloud = Cloud::start(data.path()).await;
    cloud.client.create_function("hello", HELLO).await;
    (data, cloud)
}

async fn timeout_of(client: &Client) -> Value {
    client.call("GET", "functions/hello", None).await.ok()["timeout"].clone()
}

async fn set_timeout(client: &Client, seconds: u64) -> Result<Reply, reqwest::Error> {
    let body = json!({"timeout": seconds}).to_string().into_bytes();
    client.send("PUT", "functions/hello", body, &[]).await
}

/// Waits until a call is held.
async fn held(client: &Client) -> Value {
    for _ in 0..500 {
        let held = client.private("GET", "counters", None).await.ok()["held"].clone();
        if held != json!([]) {
            return held;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("no call was held");
}

#[tokio::test]
async fn an_answer_is_lost_after_the_effect_or_the_call_before_it() {
    let (_data, cloud) = hello().await;
    let client = &cloud.client;
    client
        .switch(json!([
            {"operation": "UpdateFunction", "calls": 1, "do": "cut"},
            {"operation": "UpdateFunction", "calls": 2, "when": "after", "do": "cut"}
        ]))
        .await;
    assert!(set_timeout(client, 10).await.is_err());
    assert_eq!(timeout_of(client).await, 3);
    assert!(set_timeout(client, 20).await.is_err());
    assert_eq!(timeout_of(client).await, 20);
    assert_eq!(set_timeout(client, 30).await.expect("an answer").status, 200);
}

#[tokio::test]
async fn refusals_say_what_the_service_would() {
    let (_data, cloud) = hello().await;
    let client = &cloud.client;
    client
        .switch(json!([
            {"operation": "GetFunction", "calls": 1, "do": {"refuse": {"status": 429, "retry_after": 250}}},
            {"operation": "GetFunction", "calls": 2, "do": {"refuse": {"status": 403}}},
            {"operation": "GetFunction", "calls": 3, "do": "garbage"},
            {"operation": "GetFunction", "resource": "other", "do": "cut"}
        ]))
        .await;
    let throttled = client.call("GET", "functions/hello", None).await;
    assert_eq!(throttled.headers.get("x-acs-retry-after").map(String::as_str), Some("250"));
    assert_eq!(throttled.refusal(), (429, "Throttling.User".to_owned()));
    assert_eq!(client.call("GET", "functions/hello", None).await.refusal(), (403, "AccessDenied".to_owned()));
    let garbage = client.call("GET", "functions/hello", None).await;
    assert!(serde_json::from_slice::<Value>(&garbage.body).is_err());
    client.private("DELETE", "switches", None).await;
    client.call("GET", "functions/hello", None).await.ok();
}

#[tokio::test]
async fn a_held_call_takes_effect_although_its_caller_is_gone() {
    let (_data, cloud) = hello().await;
    let client = cloud.client.clone();
    client.switch(json!([{"name": "stop", "operation": "UpdateFunction", "do": "hold"}])).await;
    let caller = tokio::spawn({
        let client = client.clone();
        async move { set_timeout(&client, 10).await }
    });
    let shown = held(&client).await;
    assert_eq!((&shown[0]["operation"], &shown[0]["resource"]), (&json!("UpdateFunction"), &json!("hello")));
    caller.abort();
    assert_eq!(timeout_of(&client).await, 3);
    let released = client.private("POST", "switches/release", Some(json!({"rule": "stop"}))).await.ok();
    assert_eq!(released["released"], 1);
    for _ in 0..500 {
        if timeout_of(&client).await == 10 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("the released call had no effect");
}

#[tokio::test]
async fn a_held_call_can_be_cut_with_or_without_its_effect() {
    let (_data, cloud) = hello().await;
    for (when, seconds, expected) in [("before", 10, 3), ("after", 20, 20)] {
        let client = cloud.client.clone();
        client.switch(json!([{"operation": "UpdateFunction", "when": when, "do": "hold"}])).await;
        let caller = tokio::spawn({
            let client = client.clone();
            async move { set_timeout(&client, seconds).await }
        });
        held(&client).await;
        client.private("POST", "switches/release", Some(json!({"then": "cut"}))).await.ok();
        assert!(caller.await.expect("ends").is_err());
        assert_eq!(timeout_of(&client).await, expected, "{when}");
    }
}

#[tokio::test]
async fn somebody_changes_the_resource_behind_the_callers_back() {
    let (_data, cloud) = hello().await;
    let client = &cloud.client;
    let console =
        json!({"console": {"call": "PUT /2023-03-30/functions/hello", "body": {"memorySize": 1024}}});
    client.switch(json!([{"operation": "GetFunction", "calls": 1, "when": "after", "do": console}])).await;
    let before = client.call("GET", "functions/hello", None).await;
    assert_eq!(before.ok()["memorySize"], 512);
    let etag = before.headers["etag"].clone();
    let stale = client
        .call_with("PUT", "functions/hello", Some(json!({"timeout": 9})), &[("if-match", etag.as_str())])
        .await;
    assert_eq!(stale.refusal(), (412, "PreconditionFailed".to_owned()));
    let now = client.call("GET", "functions/hello", None).await.ok();
    assert_eq!((&now["memorySize"], &now["timeout"]), (&json!(1024), &json!(3)));
}

#[tokio::test]
async fn a_new_function_is_not_there_yet() {
    let (_data, cloud) = hello().await;
    let client = &cloud.client;
    client
        .switch(json!([
            {"operation": "CreateFunction", "do": {"hide_from_lists": 1}},
            {"operation": "CreateFunction", "do": {"hide_from_reads": 2}},
            {"operation": "CreateFunction", "do": {"pending": 60000}}
        ]))
        .await;
    assert_eq!(client.create_function("late", HELLO).await["state"], "Pending");
    let names = async || {
        let list = client.call("GET", "functions", None).await.ok();
        list["functions"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|f| f["functionName"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(names().await, ["hello"]);
    assert_eq!(names().await, ["hello", "late"]);
    for _ in 0..2 {
        let missing = client.call("GET", "functions/late", None).await;
        assert_eq!(missing.refusal(), (404, "FunctionNotFound".to_owned()));
    }
    assert_eq!(client.call("GET", "functions/late", None).await.ok()["stateReasonCode"], "Creating");
}

/// A test that hides things from a client must not lose sight of them itself.
#[tokio::test]
async fn the_console_sees_past_the_switches_and_is_not_counted() {
    let (_data, cloud) = hello().await;
    let client = &cloud.client;
    client
        .switch(json!([
            {"operation": "CreateFunction", "do": {"hide_from_lists": 1}},
            {"operation": "CreateFunction", "do": {"hide_from_reads": 1}},
            {"operation": "GetFunction", "do": {"reshape": ["absent"]}},
            {"operation": "UpdateFunction", "do": "cut"}
        ]))
        .await;
    client.create_function("late", HELLO).await;
    client.private("DELETE", "counters", None).await;
    let call = async |call: &str, body: Value| {
        client.private("POST", "console", Some(json!({"call": call, "body": body}))).await
    };
    let list = call("GET /2023-03-30/functions?limit=10", json!({})).await.ok();
    assert_eq!(list["functions"].as_array().map(Vec::len), Some(2));
    call("PUT /2023-03-30/functions/late", json!({"timeout": 9})).await.ok();
    let shown = call("GET /2023-03-30/functions/late", json!({})).await.ok();
    assert_eq!((&shown["timeout"], &shown["environmentVariables"]), (&json!(9), &json!({})));
    assert_eq!(client.private("GET", "counters", None).await.ok()["calls"], 0);
    // Looking takes nothing from what is hidden from others.
    let hidden = client.call("GET", "functions/late", None).await;
    assert_eq!(hidden.refusal(), (404, "FunctionNotFound".to_owned()));
    let elsewhere = json!({"call": "GET /2023-03-30/functions/late"});
    let elsewhere = client.private("POST", "console?region=cn-shanghai", Some(elsewhere)).await;
    assert_eq!(elsewhere.refusal(), (404, "FunctionNotFound".to_owned()));
}

#[tokio::test]
async fn an_answer_says_the_same_in_another_form_from_some_read_on() {
    let (_data, cloud) = hello().await;
    let client = &cloud.client;
    let config = r#"{"authType":"anonymous","methods":["GET","POST"],"disableURLInternet":false}"#;
    let trigger = json!({"triggerName": "http", "triggerType": "http", "triggerConfig": config});
    client.call("POST", "functions/hello/triggers", Some(trigger)).await.ok();
    client.switch(json!([
        {"operation": "GetTrigger", "resource": "hello/http", "calls": {"from": 2}, "do": {"reshape": ["json", "lists"]}},
        {"operation": "GetTrigger", "calls": {"from": 2}, "do": {"touch": 10}}
    ])).await;
    let first = client.call("GET", "functions/hello/triggers/http", None).await.ok();
    let second = client.call("GET", "functions/hello/triggers/http", None).await.ok();
    assert_eq!(
        second["triggerConfig"],
        r#"{"methods": ["POST", "GET"], "disableURLInternet": false, "authType": "anonymous"}"#
    );
    assert_ne!(first["triggerConfig"], second["triggerConfig"]);
    assert_ne!(first["lastModifiedTime"], second["lastModifiedTime"]);
}

#[tokio::test]
async fn counters_tell_calls_writes_and_peaks() {
    let (_data, cloud) = hello().await;
    let client = &cloud.client;
    client.private("DELETE", "counters", None).await;
    client.switch(json!([{"operation": "GetFunction", "do": {"delay": 100}}])).await;
    let get = || client.call("GET", "functions/hello", None);
    tokio::join!(get(), get(), get());
    client.call("PUT", "functions/none", Some(json!({}))).await;
    let counters = client.private("GET", "counters", None).await.ok();
    assert_eq!(
        (&counters["calls"], &counters["writes"], &counters["peak"]),
        (&json!(4), &json!(1), &json!(3))
    );
    assert_eq!(
        counters["operations"]["GetFunction"],
        json!({"calls": 3, "refused": 0, "in_flight": 0, "peak": 3})
    );
    assert_eq!(counters["operations"]["UpdateFunction"]["refused"], 1);
}

#[tokio::test]
async fn logs_of_calls_are_shown() {
    let (_data, cloud) = hello().await;
    let client = &cloud.client;
    client.create_function("noisy", "def handler(event, context):\n    print('a line')\n").await;
    client.send("POST", "functions/noisy/invocations", Vec::new(), &[]).await.expect("an answer");
    let logs = client.private("GET", "logs?function=noisy", None).await.ok();
    let lines: Vec<&str> =
        logs["lines"].as_array().expect("lines").iter().filter_map(Value::as_str).collect();
    assert!(lines.iter().any(|line| line.contains("a line")), "{lines:?}");
}

#[tokio::test]
async fn a_web_page_cannot_reach_the_private_endpoints() {
    let (_data, cloud) = hello().await;
    let marker = cloud.client.private("GET", "marker", None).await.ok();
    assert_eq!(marker["server"], "triform-embedded-cloud");
    assert_eq!(marker["account"], "1000000000000001");
    for header in [("origin", "http://evil.example.com"), ("host", "evil.example.com")] {
        let reply = cloud.client.plain("GET", "/_triform/v1/marker", Vec::new(), &[header]).await;
        assert_eq!(reply.expect("an answer").refusal(), (403, "AccessDenied".to_owned()));
    }
    let broken = cloud.client.private("PUT", "switches", Some(json!({"rules": [{"do": "explode"}]}))).await;
    assert_eq!(broken.refusal(), (400, "InvalidArgument".to_owned()));
}
