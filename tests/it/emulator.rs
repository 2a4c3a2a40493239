//! The embedded cloud over real HTTP: what it keeps, answers, refuses and runs.

mod api;
pub mod client;
mod fc2;
mod gateway;
mod switches;

use client::{Client, Cloud, function, zip};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::json;
use triform::emulator::{OpenError, ServerOptions, StartError, start};

const HELLO: &str = "def handler(event, context):\n    return b'hello ' + event\n";

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

#[tokio::test]
async fn a_function_lives_through_create_read_update_list_and_delete() {
    let data = folder();
    let Cloud { client, server: _server } = Cloud::start(data.path()).await;
    let made = client.create_function("hello", HELLO).await;
    assert_eq!(client.call("GET", "functions/hello", None).await.ok(), made);

    let changed = client.call("PUT", "functions/hello", Some(json!({"timeout": 60}))).await.ok();
    assert_eq!(changed["timeout"], 60);
    assert_eq!(changed["codeChecksum"], made["codeChecksum"]);

    let list = client.call("GET", "functions", None).await.ok();
    assert_eq!(list["functions"][0]["functionName"], "hello");
    assert!(list["functions"][0].get("state").is_none(), "lists leave the state out");
    assert!(list.get("nextToken").is_none());

    let gone = client.call("DELETE", "functions/hello", None).await;
    assert_eq!((gone.status, gone.body.len(), gone.headers.get("content-length")), (204, 0, None));
    let missing = client.call("GET", "functions/hello", None).await;
    assert_eq!(missing.refusal(), (404, "FunctionNotFound".to_owned()));
}

#[tokio::test]
async fn what_was_answered_is_there_after_a_restart() {
    let data = folder();
    let cloud = Cloud::start(data.path()).await;
    let made = cloud.client.create_function("hello", HELLO).await;
    cloud.server.stop().await;

    let Cloud { client, server: _server } = Cloud::start(data.path()).await;
    assert_eq!(client.call("GET", "functions/hello", None).await.ok(), made);
    let code = client.call("GET", "functions/hello/code", None).await.ok();
    assert_eq!(code["checksum"], made["codeChecksum"]);
    let path = code["url"].as_str().and_then(|url| url.strip_prefix(&format!("http://{}", client.address)));
    let bytes = client.plain("GET", path.expect("on this server"), Vec::new(), &[]).await.expect("an answer");
    assert_eq!(bytes.body, zip(HELLO));
}

#[tokio::test]
async fn a_function_runs() {
    let data = folder();
    let Cloud { client, server } = Cloud::start(data.path()).await;
    client.create_function("hello", HELLO).await;
    let answer = client
        .send("POST", "functions/hello/invocations", b"world".to_vec(), &[("x-fc-log-type", "Tail")])
        .await
        .expect("an answer");
    assert_eq!(String::from_utf8_lossy(&answer.body), "hello world");
    assert!(answer.headers.contains_key("x-fc-log-result"));
    assert_eq!(answer.headers.get("x-fc-error-type"), None);

    let source = "def handler(event, context):\n    return {'statusCode': 418, 'body': 'tea'}\n";
    let code = function("hello", source)["code"].clone();
    client.call("PUT", "functions/hello", Some(json!({"code": code}))).await.ok();
    let trigger = json!({"triggerName": "http", "triggerType": "http",
        "triggerConfig": json!({"authType": "anonymous", "methods": ["GET"]}).to_string()});
    let trigger = client.call("POST", "functions/hello/triggers", Some(trigger)).await.ok();
    let url = trigger["httpTrigger"]["urlInternet"].as_str().expect("a URL");
    let path = url.strip_prefix(server.base_url()).expect("on this server").to_owned();
    let get = |method: &'static str| client.plain(method, &path, Vec::new(), &[]);
    let answer = get("GET").await.expect("an answer");
    assert_eq!((answer.status, answer.body.as_slice()), (418, b"tea".as_slice()));
    assert_eq!(get("POST").await.expect("an answer").status, 403);
    server.stop().await;
}

#[tokio::test]
async fn a_second_process_is_told_who_holds_what() {
    let data = folder();
    let cloud = Cloud::start(data.path()).await;
    let address = cloud.server.address();
    let another = folder();
    let served = start(ServerOptions::new(address, another.path().to_owned())).await;
    assert!(matches!(served, Err(StartError::AddressServed { .. })));
    let any = "127.0.0.1:0".parse().expect("an address");
    let held = start(ServerOptions::new(any, data.path().to_owned())).await;
    let Err(StartError::Data(held @ OpenError::Held { .. })) = held else {
        panic!("the data is held");
    };
    let message = held.to_string();
    assert!(message.contains(&format!("process {}", std::process::id())), "{message}");
    assert!(message.contains(&address.to_string()), "{message}");

    let mute = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let mute_address = mute.local_addr().expect("an address");
    let in_use = start(ServerOptions::new(mute_address, another.path().to_owned())).await;
    assert!(matches!(in_use, Err(StartError::AddressInUse { .. })));
    let wide =
        start(ServerOptions::new("0.0.0.0:0".parse().expect("an address"), another.path().to_owned())).await;
    assert!(matches!(wide, Err(StartError::NotLoopback { .. })));

    std::fs::write(another.path().join("cloud.redb"), b"somebody's shopping list, not a database")
        .expect("writes");
    let foreign = start(ServerOptions::new(any, another.path().to_owned())).await;
    assert!(matches!(foreign, Err(StartError::Data(OpenError::Foreign { .. }))), "{:?}", foreign.err());
}

#[tokio::test]
async fn trigger_urls_are_told_under_the_public_base() {
    let data = folder();
    let mut options = ServerOptions::new("127.0.0.1:0".parse().expect("an address"), data.path().to_owned());
    options.public_base = Some("http://127.0.0.1:9530".to_owned());
    let server = start(options).await.expect("starts");
    let client = Client::new(server.address());
    client.create_function("hello", HELLO).await;
    let config = json!({"authType": "anonymous", "methods": ["GET"]}).to_string();
    let trigger = json!({"triggerName": "http", "triggerType": "http", "triggerConfig": config});
    let shown = client.call("POST", "functions/hello/triggers", Some(trigger)).await.ok();
    let url = shown["httpTrigger"]["urlInternet"].as_str().expect("a URL").to_owned();
    assert!(url.starts_with("http://127.0.0.1:9530/_http/hello-"), "{url}");
    server.stop().await;
    // The URL is the trigger's own: whoever serves the data next answers to it.
    let Cloud { client, server: _server } = Cloud::start(data.path()).await;
    let path = url.trim_start_matches("http://127.0.0.1:9530");
    assert_ne!(client.plain("GET", path, Vec::new(), &[]).await.expect("an answer").status, 404);
}

#[tokio::test]
async fn what_was_answered_survives_the_death_of_the_process() {
    let data = folder();
    let mut process = Command::new(std::env::current_exe().expect("this program"))
        .args(["--ignored", "--exact", "emulator::a_cloud_alone", "--nocapture"])
        .env("TRIFORM_TEST_DATA", data.path())
        .stdout(Stdio::piped())
        .spawn()
        .expect("starts");
    let lines = BufReader::new(process.stdout.take().expect("is piped")).lines();
    let address = lines
        .map_while(Result::ok)
        .find_map(|line| line.strip_prefix("listening on ")?.parse().ok())
        .expect("says where it listens");
    let client = Client::new(address);
    client.create_function("hello", HELLO).await;
    let accepted = AtomicU64::new(3);
    let write = async {
        for seconds in 4.. {
            let body = json!({"timeout": seconds}).to_string().into_bytes();
            match client.send("PUT", "functions/hello", body, &[]).await {
                Ok(reply) if reply.status == 200 => accepted.store(seconds, Ordering::Relaxed),
                _ => return,
            }
        }
    };
    let kill = async {
        tokio::time::sleep(std::time::Duration::from_millis(150)).await;
        process.kill().expect("dies");
    };
    tokio::join!(write, kill);
    process.wait().expect("is gone");

    let Cloud { client, server: _server } = Cloud::start(data.path()).await;
    let kept = client.call("GET", "functions/hello", None).await.ok()["timeout"].as_u64().expect("a number");
    let accepted = accepted.into_inner();
    assert!(accepted > 3, "nothing was written before the process died");
    assert!(kept == accepted || kept == accepted + 1, "{accepted} was answered, {kept} is kept");
}

/// No test: a cloud in a process of its own, for tests that end one without asking it, and for other programs.
#[tokio::test]
#[ignore = "started by other tests; ends when its process does"]
async fn a_cloud_alone() {
    let Some(data) = std::env::var_os("TRIFORM_TEST_DATA") else { return };
    let any = "127.0.0.1:0".parse().expect("an address");
    let mut server = start(ServerOptions::new(any, data.into())).await.expect("starts");
    println!("\nlistening on {}", server.address());
    panic!("{}", server.failed().await);
}
