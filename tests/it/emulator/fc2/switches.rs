//! Switches, counters and the console are those of 3.0.

use serde_json::{Value, json};

use super::super::client::{Client, Cloud};
use super::super::folder;
use super::{WSGI, deploy, function, http_trigger};

const SERVICE: &str = "/2021-04-06/services/s";
const FUNCTION: &str = "/2021-04-06/services/s/functions/f";

async fn deployed() -> (tempfile::TempDir, Cloud) {
    let data = folder();
    let cloud = Cloud::start(data.path()).await;
    deploy(&cloud.client, WSGI).await;
    (data, cloud)
}

async fn names(client: &Client, path: &str, list: &str, name: &str) -> Vec<String> {
    let listed = client.call("GET", path, None).await.ok();
    let items = listed[list].as_array().expect("a list");
    items.iter().map(|item| item[name].as_str().expect("a name").to_owned()).collect()
}

#[tokio::test]
async fn rules_pick_services_functions_and_triggers_by_their_paths() {
    let (_data, cloud) = deployed().await;
    let client = &cloud.client;
    client
        .switch(json!([
            {"operation": "GetService", "resource": "s", "calls": 1, "do": {"refuse": {"status": 500}}},
            {"operation": "GetFunction", "resource": "s/f", "calls": 1, "do": {"refuse": {"status": 503}}},
            {"operation": "GetTrigger", "resource": "s/f/t", "do": {"refuse": {"status": 403}}},
            {"operation": "GetFunction", "resource": "f", "do": "cut"}
        ]))
        .await;
    assert_eq!(client.call("GET", SERVICE, None).await.status, 500);
    client.call("GET", SERVICE, None).await.ok();
    // One function is one thing in both APIs.
    assert_eq!(client.call("GET", "functions/s%24f", None).await.status, 503);
    client.call("GET", FUNCTION, None).await.ok();
    assert_eq!(client.call("GET", &format!("{FUNCTION}/triggers/t"), None).await.status, 403);
}

#[tokio::test]
async fn what_is_new_is_missing_from_lists_and_reads_for_a_while() {
    let (_data, cloud) = deployed().await;
    let client = &cloud.client;
    let new = ["CreateService", "CreateFunction", "CreateTrigger"];
    let rules: Vec<Value> = ["hide_from_lists", "hide_from_reads"]
        .iter()
        .flat_map(|what| new.map(|operation| json!({"operation": operation, "do": {*what: 1}})))
        .collect();
    client.switch(Value::Array(rules)).await;
    client.call("POST", "/2021-04-06/services", Some(json!({"serviceName": "t"}))).await.ok();
    client.call("POST", &format!("{SERVICE}/functions"), Some(function("g", WSGI))).await.ok();
    client.call("POST", &format!("{FUNCTION}/triggers"), Some(http_trigger("t"))).await.ok();
    for (path, code) in [
        ("/2021-04-06/services/t", "ServiceNotFound"),
        ("/2021-04-06/services/s/functions/g", "FunctionNotFound"),
        ("/2021-04-06/services/s/functions/f/triggers/t", "TriggerNotFound"),
    ] {
        assert_eq!(client.call("GET", path, None).await.refusal(), (404, code.to_owned()));
        client.call("GET", path, None).await.ok();
    }
    for (path, list, name, before, after) in [
        ("/2021-04-06/services", "services", "serviceName", vec!["s"], vec!["s", "t"]),
        ("/2021-04-06/services/s/functions", "functions", "functionName", vec!["f"], vec!["f", "g"]),
        ("/2021-04-06/services/s/functions/f/triggers", "triggers", "triggerName", vec![], vec!["t"]),
    ] {
        assert_eq!(names(client, path, list, name).await, before);
        assert_eq!(names(client, path, list, name).await, after);
    }
}

#[tokio::test]
async fn the_console_changes_a_service_between_a_read_and_a_conditional_write() {
    let (_data, cloud) = deployed().await;
    let client = &cloud.client;
    let call = "PUT /2021-04-06/services/s";
    let console = json!({"call": call, "body": {"description": "theirs"}});
    client.switch(json!([{"operation": "UpdateService", "do": {"console": console}}])).await;
    let etag = client.call("GET", SERVICE, None).await.headers["etag"].clone();
    let mine = Some(json!({"description": "mine"}));
    let refused = client.call_with("PUT", SERVICE, mine, &[("if-match", &etag)]).await;
    assert_eq!(refused.refusal(), (412, "PreconditionFailed".to_owned()));
    assert_eq!(client.call("GET", SERVICE, None).await.ok()["description"], "theirs");
}

#[tokio::test]
async fn an_answer_in_another_form_is_the_same_in_both_apis() {
    let (_data, cloud) = deployed().await;
    let client = &cloud.client;
    client.call("POST", &format!("{FUNCTION}/triggers"), Some(http_trigger("t"))).await.ok();
    client
        .switch(json!([{"do": {"reshape": ["json", "lists", "case", "absent"]}}, {"do": {"touch": 1}}]))
        .await;
    let trigger = client.call("GET", &format!("{FUNCTION}/triggers/t"), None).await.ok();
    let config = r#"{"methods": ["POST", "GET"], "disableURLInternet": false, "authType": "anonymous"}"#;
    assert_eq!(trigger["triggerConfig"], config);
    let service = client.call("GET", SERVICE, None).await.ok();
    assert!(service.get("description").is_none(), "{service}");
}

#[tokio::test]
async fn calls_are_counted_and_a_lost_answer_has_its_effect() {
    let (_data, cloud) = deployed().await;
    let client = &cloud.client;
    client.private("DELETE", "counters", None).await;
    client.switch(json!([{"operation": "UpdateService", "when": "after", "do": "cut"}])).await;
    let body = json!({"description": "arrived"}).to_string().into_bytes();
    assert!(client.send("PUT", SERVICE, body, &[]).await.is_err());
    assert_eq!(client.call("GET", SERVICE, None).await.ok()["description"], "arrived");
    let counters = client.private("GET", "counters", None).await.ok();
    assert_eq!(counters["operations"]["UpdateService"]["calls"], 1);
    assert_eq!(counters["writes"], 1);
}

#[tokio::test]
async fn logs_are_told_by_the_name_that_3_0_gives() {
    let (_data, cloud) = deployed().await;
    let source = "def handler(event, context):\n    print('spoken')\n";
    let code = function("f", source)["code"].clone();
    cloud.client.call("PUT", FUNCTION, Some(json!({"code": code}))).await.ok();
    let target = format!("{FUNCTION}/invocations");
    cloud.client.send("POST", &target, Vec::new(), &[]).await.expect("an answer");
    let logs = cloud.client.private("GET", "logs?function=s$f", None).await.ok();
    assert!(logs["lines"].to_string().contains("spoken"), "{logs}");
}
