//! What publishing freezes, and what a qualifier leads to.

use serde_json::json;

use super::super::client::Cloud;
use super::super::folder;
use super::{deploy, http_trigger};

const SAYS: &str = "
import os
def handler(event, context):
    return '%s %s %s %s' % (os.environ.get('WORD', ''), context.service.name, context.service.qualifier,
                            context.service.version_id)
";

#[tokio::test]
async fn a_version_freezes_the_service_with_its_functions_and_an_alias_moves() {
    let data = folder();
    let Cloud { client, server: _server } = Cloud::start(data.path()).await;
    deploy(&client, SAYS).await;
    let (service, function) = ("/2021-04-06/services/s", "/2021-04-06/services/s/functions/f");
    let invoke = async |qualifier: &str| {
        let target = format!("{function}/invocations?qualifier={qualifier}");
        let answer = client.send("POST", &target, Vec::new(), &[]).await.expect("an answer");
        assert_eq!(answer.headers.get("x-fc-error-type"), None, "{}", String::from_utf8_lossy(&answer.body));
        String::from_utf8_lossy(&answer.body).into_owned()
    };
    let etag = client.call("GET", service, None).await.headers["etag"].clone();
    for word in ["one", "two"] {
        let body = json!({"environmentVariables": {"WORD": word}});
        client.call("PUT", function, Some(body)).await.ok();
        client.call("POST", &format!("{service}/versions"), Some(json!({}))).await.ok();
    }
    assert_eq!(
        client.call("GET", service, None).await.headers["etag"],
        etag,
        "publishing changes no service"
    );
    let alias = json!({"aliasName": "prod", "versionId": "1"});
    client.call("POST", &format!("{service}/aliases"), Some(alias)).await.ok();
    client.call("PUT", service, Some(json!({"role": ""}))).await.ok();
    assert_eq!(invoke("LATEST").await, "two s LATEST ");
    assert_eq!(invoke("1").await, "one s 1 1");
    assert_eq!(invoke("prod").await, "one s prod 1");
    client.call("PUT", &format!("{service}/aliases/prod"), Some(json!({"versionId": "2"}))).await.ok();
    assert_eq!(invoke("prod").await, "two s prod 2");

    // 3.0 sees the same, by its own name of the function.
    let seen = client.call("GET", "functions/s%24f?qualifier=1", None).await.ok();
    assert_eq!(
        (&seen["environmentVariables"]["WORD"], &seen["role"]),
        (&json!("one"), &json!("acs:ram::1:role/r"))
    );
    let versions = client.call("GET", "functions/s%24f/versions", None).await.ok();
    assert_eq!(versions["versions"].as_array().map(Vec::len), Some(2));
    let aliases = client.call("GET", "functions/s%24f/aliases", None).await.ok();
    assert_eq!(aliases["aliases"][0]["aliasName"], "prod");
    let refused = client.call("POST", "functions/s%24f/versions", Some(json!({}))).await;
    assert_eq!(refused.refusal(), (400, "InvalidArgument".to_owned()));

    // A version outlives the function that it froze, and numbers are never used twice.
    client.call("DELETE", function, None).await;
    assert_eq!(invoke("2").await, "two s 2 2");
    client.call("DELETE", &format!("{service}/versions/2"), None).await;
    let third = client.call("POST", &format!("{service}/versions"), Some(json!({}))).await.ok();
    assert_eq!(third["versionId"], "3");
}

#[tokio::test]
async fn packages_go_with_the_last_version_that_uses_them() {
    let data = folder();
    let Cloud { client, server: _server } = Cloud::start(data.path()).await;
    deploy(&client, SAYS).await;
    let (service, function) = ("/2021-04-06/services/s", "/2021-04-06/services/s/functions/f");
    let code = client.call("GET", &format!("{function}/code"), None).await.ok();
    let url = code["url"].as_str().expect("a URL").to_owned();
    let path = &url[url.find("/_code/").expect("a path")..];
    let status = async || client.plain("GET", path, Vec::new(), &[]).await.expect("an answer").status;
    client.call("POST", &format!("{service}/versions"), Some(json!({}))).await.ok();
    client.call("DELETE", function, None).await;
    assert_eq!(status().await, 200, "a version still uses it");
    client.call("DELETE", service, None).await;
    assert_eq!(status().await, 404);
}

#[tokio::test]
async fn a_trigger_of_an_alias_has_a_proxy_path_of_its_own() {
    let data = folder();
    let Cloud { client, server: _server } = Cloud::start(data.path()).await;
    let wsgi = "def handler(environ, start_response):\n    start_response('200 OK', [])\n    return [environ['fc.context'].service.qualifier]\n";
    deploy(&client, wsgi).await;
    let (service, function) = ("/2021-04-06/services/s", "/2021-04-06/services/s/functions/f");
    client.call("POST", &format!("{service}/versions"), Some(json!({}))).await.ok();
    let alias = json!({"aliasName": "prod", "versionId": "1"});
    client.call("POST", &format!("{service}/aliases"), Some(alias)).await.ok();
    let mut trigger = http_trigger("http");
    trigger["qualifier"] = json!("prod");
    client.call("POST", &format!("{function}/triggers"), Some(trigger.clone())).await.ok();
    trigger["qualifier"] = json!("other");
    let refused = client.call("POST", &format!("{function}/triggers"), Some(trigger)).await;
    assert_eq!(refused.refusal(), (404, "AliasNotFound".to_owned()));
    let get = async |path: &str| client.plain("GET", path, Vec::new(), &[]).await.expect("an answer");
    assert_eq!(get("/2016-08-15/proxy/s.prod/f").await.body, b"prod");
    assert_eq!(get("/2016-08-15/proxy/s/f").await.refusal(), (404, "TriggerNotFound".to_owned()));
}
