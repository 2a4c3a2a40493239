//! What the API lets in, and how it answers.

use serde_json::{Value, json};

use super::client::{Cloud, function};
use super::{HELLO, folder};

#[tokio::test]
async fn only_signed_calls_are_answered() {
    let data = folder();
    let cloud = Cloud::with_switches(data.path(), r#"{"access_keys": {"testid": "testsecret"}}"#).await;
    let path = "/2023-03-30/functions/hello";
    let code = async |headers: &[(&str, &str)]| {
        cloud.client.plain("GET", path, Vec::new(), headers).await.expect("an answer").refusal()
    };
    assert_eq!(code(&[]).await, (400, "MissingRequiredHeader".to_owned()));
    let unknown = "ACS3-HMAC-SHA256 Credential=nobody,SignedHeaders=host,Signature=00";
    assert_eq!(code(&[("authorization", unknown)]).await, (403, "InvalidAccessKeyID".to_owned()));
    let now = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    for key in ["local", "testid"] {
        let wrong = format!("ACS3-HMAC-SHA256 Credential={key},SignedHeaders=host,Signature=00");
        let headers = [("authorization", wrong.as_str()), ("x-acs-date", now.as_str())];
        assert_eq!(code(&headers).await, (403, "SignatureNotMatch".to_owned()));
    }
}

#[tokio::test]
async fn a_name_that_could_be_anybodys_is_refused() {
    let data = folder();
    let Cloud { client, server: _server } = Cloud::start(data.path()).await;
    let reply = client.call_with("GET", "functions", None, &[("host", "rebound.example.com")]).await;
    assert_eq!(reply.refusal(), (403, "AccessDenied".to_owned()));
    for host in ["127.0.0.1", "localhost:80", "x.localhost", "1000000000000001.cn-hangzhou.fc.aliyuncs.com"] {
        client.call_with("GET", "functions", None, &[("host", host)]).await.ok();
    }
}

#[tokio::test]
async fn regions_are_separate() {
    let data = folder();
    let Cloud { client, server: _server } = Cloud::start(data.path()).await;
    let shanghai = &[("x-triform-region", "cn-shanghai")];
    let made = client.call_with("POST", "functions", Some(function("hello", HELLO)), shanghai).await.ok();
    assert_eq!(made["functionArn"], "acs:fc:cn-shanghai:1000000000000001:functions/hello");
    assert_eq!(client.call("GET", "functions/hello", None).await.status, 404);
    for host in ["fcv3.cn-shanghai.aliyuncs.com", "cn-shanghai.localhost:1"] {
        assert_eq!(client.call_with("GET", "functions/hello", None, &[("host", host)]).await.ok(), made);
    }
}

#[tokio::test]
async fn lists_come_in_pages_by_name() {
    let data = folder();
    let Cloud { client, server: _server } = Cloud::start(data.path()).await;
    for name in ["b", "a-2", "a-1", "c", "a-3"] {
        client.create_function(name, HELLO).await;
    }
    let mut seen: Vec<Value> = Vec::new();
    let mut token = String::new();
    loop {
        let list = client.call("GET", &format!("functions?limit=2&prefix=a{token}"), None).await.ok();
        seen.extend(list["functions"].as_array().expect("a list").iter().map(|f| f["functionName"].clone()));
        match list["nextToken"].as_str() {
            Some(next) => token = format!("&nextToken={}", next.replace('=', "%3D")),
            None => break,
        }
    }
    assert_eq!(seen, ["a-1", "a-2", "a-3"]);
    for bad in ["limit=0", "limit=101", "limit=x", "nextToken=bm9wZQ%3D%3D"] {
        let reply = client.call("GET", &format!("functions?{bad}"), None).await;
        assert_eq!(reply.refusal(), (400, "InvalidArgument".to_owned()), "{bad}");
    }
}

#[tokio::test]
async fn a_write_under_a_condition_meets_it_or_is_refused() {
    let data = folder();
    let Cloud { client, server: _server } = Cloud::start(data.path()).await;
    client.create_function("hello", HELLO).await;
    let etag = client.call("GET", "functions/hello", None).await.headers["etag"].clone();
    let put = async |seconds: u64, etag: &str| {
        let body = Some(json!({"timeout": seconds}));
        client.call_with("PUT", "functions/hello", body, &[("if-match", etag)]).await
    };
    assert_eq!(put(5, etag.trim_matches('"')).await.status, 200, "with or without quotes");
    assert_eq!(put(6, &etag).await.refusal(), (412, "PreconditionFailed".to_owned()));
    let stale = client.call_with("DELETE", "functions/hello", None, &[("if-match", etag.as_str())]).await;
    assert_eq!(stale.status, 412);
    assert_eq!(client.call("GET", "functions/hello", None).await.ok()["timeout"], 5);
}

#[tokio::test]
async fn refusals_leave_no_trace() {
    let data = folder();
    let Cloud { client, server: _server } = Cloud::start(data.path()).await;
    let made = client.create_function("hello", HELLO).await;
    let etag = client.call("GET", "functions/hello", None).await.headers["etag"].clone();
    let mut damaged = function("hello", "other");
    damaged["code"]["checksum"] = json!("1");
    for (method, target, body, code) in [
        ("POST", "functions", Some(function("hello", HELLO)), "FunctionAlreadyExists"),
        ("PUT", "functions/hello", Some(damaged), "InvalidArgument"),
        ("PUT", "functions/hello", Some(json!({"memorySize": 4096})), "InvalidArgument"),
        ("PUT", "functions/none", Some(json!({})), "FunctionNotFound"),
        (
            "POST",
            "functions/hello/triggers",
            Some(json!({"triggerName": "t", "triggerType": "http", "triggerConfig": "{"})),
            "InvalidArgument",
        ),
        (
            "POST",
            "functions/hello/aliases",
            Some(json!({"aliasName": "a", "versionId": "7"})),
            "VersionNotFound",
        ),
        ("GET", "layers", None, "PathNotSupported"),
    ] {
        assert_eq!(client.call(method, target, body).await.refusal().1, code, "{method} {target}");
    }
    let now = client.call("GET", "functions/hello", None).await;
    assert_eq!((now.ok(), &now.headers["etag"]), (made, &etag));
    let broken = client.send("PUT", "functions/hello", b"[1]".to_vec(), &[]).await.expect("an answer");
    assert_eq!(broken.refusal(), (400, "InvalidArgument".to_owned()));
}

#[tokio::test]
async fn packages_go_with_their_last_user() {
    let data = folder();
    let Cloud { client, server: _server } = Cloud::start(data.path()).await;
    client.create_function("a", HELLO).await;
    client.create_function("b", HELLO).await;
    let url =
        client.call("GET", "functions/a/code", None).await.ok()["url"].as_str().expect("a URL").to_owned();
    let path = &url[url.find("/_code/").expect("a path")..];
    let status = async || client.plain("GET", path, Vec::new(), &[]).await.expect("an answer").status;
    client.call("POST", "functions/a/versions", Some(json!({}))).await.ok();
    client.call("DELETE", "functions/b", None).await;
    let other = function("a", "other");
    client.call("PUT", "functions/a", Some(json!({"code": other["code"]}))).await.ok();
    assert_eq!(status().await, 200, "a version still uses it");
    client.call("DELETE", "functions/a", None).await;
    assert_eq!(status().await, 404);
}

#[tokio::test]
async fn what_is_too_large_is_refused_with_the_limit() {
    let data = folder();
    let Cloud { client, server: _server } = Cloud::start(data.path()).await;
    client.create_function("hello", HELLO).await;
    let payload = vec![b'x'; (128 << 10) + 1];
    let target = "functions/hello/invocations";
    let asynchronous =
        client.send("POST", target, payload.clone(), &[("x-fc-invocation-type", "Async")]).await;
    assert_eq!(asynchronous.expect("an answer").refusal(), (400, "EntityTooLarge".to_owned()));
    assert_eq!(client.send("POST", target, payload, &[]).await.expect("an answer").status, 200);
}
