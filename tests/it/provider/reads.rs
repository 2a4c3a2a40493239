//! Reading: how many calls it takes, and that nothing is taken for absent which the service did not call so.

use std::collections::BTreeMap;

use serde_json::json;
use triform::emulator::{ServerOptions, start};
use triform::model::{Identity, Reading, Value};
use triform::provider::Readings;
use triform::provider::aliyun::{Answerer, Connection, Timeouts, who_answers};
use triform::provider::connect;

use crate::emulator::client::Client;

use super::{World, domain, function, http_trigger, quick, trigger};

/// Makes functions `f-000` and so on, each with an HTTP trigger where `triggers` says so.
async fn many(world: &World, count: usize, triggers: bool) {
    let make = async |number: usize| {
        let name = format!("f-{number:03}");
        world.client.create_function(&name, super::HELLO).await;
        if triggers {
            let target = format!("functions/{name}/triggers");
            world.client.call("POST", &target, Some(http_trigger("http"))).await.ok();
        }
    };
    futures_util::future::join_all((0..count).map(make)).await;
    world.reset_calls().await;
}

fn told(readings: &Readings) -> BTreeMap<String, String> {
    let word = |reading: &Reading| match reading {
        Reading::Present(_) => "present".to_owned(),
        Reading::Absent => "absent".to_owned(),
        Reading::Unknown(diagnostic) => diagnostic.code.to_owned(),
    };
    readings.readings.iter().map(|(identity, reading)| (identity.to_string(), word(reading))).collect()
}

fn counts<const N: usize>(calls: [(&str, u64); N]) -> BTreeMap<String, u64> {
    calls.into_iter().map(|(name, calls)| (name.to_owned(), calls)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_functions_take_two_pages_and_a_list_each() {
    let world = World::start().await;
    many(&world, 200, true).await;
    let names: Vec<String> = (0..200).map(|number| format!("f-{number:03}")).collect();
    let targets: Vec<Identity> =
        names.iter().flat_map(|name| [function(name), trigger(name, "http")]).collect();
    let found = world.provider.read(&targets, true).await;
    assert_eq!(found.readings.len(), 400);
    assert!(found.readings.values().all(|reading| matches!(reading, Reading::Present(_))));
    assert_eq!(found.children.len(), 200);
    assert_eq!(world.calls().await, counts([("ListFunctions", 2), ("ListTriggers", 200)]));
    let counters = world.client.private("GET", "counters", None).await.ok();
    let peak = counters["peak"].as_u64().expect("a number");
    assert!((2..=64).contains(&peak), "{peak} reads were in flight");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_account_is_not_paged_through_for_a_few_names() {
    let world = World::start().await;
    many(&world, 250, false).await;
    let targets: Vec<Identity> =
        [3, 120, 130, 140, 240].iter().map(|number| function(&format!("f-{number:03}"))).collect();
    let found = world.provider.read(&targets, false).await;
    assert!(
        found.readings.values().all(|reading| matches!(reading, Reading::Present(_))),
        "{:?}",
        told(&found)
    );
    assert_eq!(world.calls().await, counts([("GetFunction", 4), ("ListFunctions", 1)]));
}

#[tokio::test]
async fn a_name_that_is_missing_from_a_list_is_asked_for() {
    let world = World::start().await;
    let hide = json!([{"operation": "CreateFunction", "resource": "f-001", "do": {"hide_from_lists": 1}}]);
    world.client.switch(hide).await;
    many(&world, 5, false).await;
    let targets: Vec<Identity> = (0..6).map(|number| function(&format!("f-{number:03}"))).collect();
    let found = world.provider.read(&targets, false).await;
    let told = told(&found);
    assert_eq!(told["cn-hangzhou/f-001"], "present", "the list did not show it");
    assert_eq!(told["cn-hangzhou/f-005"], "absent");
    assert_eq!(world.calls().await, counts([("GetFunction", 2), ("ListFunctions", 1)]));
}

#[tokio::test]
async fn a_trigger_that_is_missing_from_its_list_is_asked_for() {
    let world = World::with_hello().await;
    world.client.switch(json!([{"operation": "CreateTrigger", "do": {"hide_from_lists": 1}}])).await;
    world.client.call("POST", "functions/hello/triggers", Some(http_trigger("http"))).await.ok();
    world.reset_calls().await;
    let found = world.provider.read(&[trigger("hello", "http"), trigger("hello", "gone")], false).await;
    let told = told(&found);
    assert_eq!(told["cn-hangzhou/hello/http"], "present");
    assert_eq!(told["cn-hangzhou/hello/gone"], "absent");
    assert_eq!(world.calls().await, counts([("GetTrigger", 2), ("ListTriggers", 1)]));
}

#[tokio::test]
async fn children_of_what_is_absent_are_absent_without_a_call() {
    let world = World::start().await;
    let found = world.provider.read(&[function("gone"), trigger("gone", "http")], true).await;
    assert_eq!(told(&found).into_values().collect::<Vec<_>>(), ["absent", "absent"]);
    assert_eq!(world.calls().await, counts([("GetFunction", 1)]));
    assert!(found.children.is_empty());
}

#[tokio::test]
async fn somebody_elses_trigger_is_seen_where_the_function_is_managed() {
    let world = World::with_hello().await;
    for name in ["http", "theirs"] {
        world.client.call("POST", "functions/hello/triggers", Some(http_trigger(name))).await.ok();
    }
    let targets = [function("hello"), trigger("hello", "http")];
    let found = world.provider.read(&targets, true).await;
    let children: Vec<_> =
        found.children[&function("hello")].iter().map(|child| child.identity.clone()).collect();
    assert_eq!(children, [trigger("hello", "http"), trigger("hello", "theirs")]);
    assert_eq!(found.readings.len(), 2, "what was not asked for is no reading");
    assert!(world.provider.read(&targets, false).await.children.is_empty());
}

/// Every kind of trouble with one function's own read: a word, and what the message must hold.
#[tokio::test]
async fn what_the_service_did_not_say_is_unknown() {
    let world = World::with_hello().await;
    let refuse = |status: u16| json!({"refuse": {"status": status}});
    for (action, code, pieces) in [
        (refuse(403), "E0401", ["AccessDenied", "HTTP 403"]),
        (refuse(429), "E0402", ["Throttling.User", "HTTP 429"]),
        (refuse(500), "E0403", ["InternalServerError", "HTTP 500"]),
        (json!("cut"), "E0403", ["GetFunction", "the connection broke"]),
        (json!("garbage"), "E0403", ["no JSON", "HTTP 200"]),
        (json!({"refuse": {"status": 404, "code": "SomethingElse"}}), "E0405", ["SomethingElse", "HTTP 404"]),
    ] {
        world.client.switch(json!([{"operation": "GetFunction", "do": action}])).await;
        let Reading::Unknown(diagnostic) = world.provider.read_one(&function("hello")).await else {
            panic!("{action} is not an answer");
        };
        assert_eq!(diagnostic.code, code, "{diagnostic:?}");
        for piece in pieces.into_iter().chain(["cn-hangzhou/hello"]) {
            assert!(diagnostic.message.contains(piece), "{diagnostic:?}");
        }
        assert!(!diagnostic.help.is_empty());
    }
}

#[tokio::test]
async fn a_read_is_repeated_when_the_service_stumbles() {
    let world = World::with_hello().await;
    for action in [
        json!({"refuse": {"status": 429, "retry_after": 20}}),
        json!({"refuse": {"status": 503}}),
        json!("cut"),
    ] {
        world
            .client
            .switch(json!([{"operation": "GetFunction", "calls": {"from": 1, "to": 2}, "do": action}]))
            .await;
        world.present(&function("hello")).await;
    }
}

#[tokio::test]
async fn a_list_that_is_forbidden_is_no_answer_about_any_name() {
    let world = World::start().await;
    many(&world, 5, true).await;
    world
        .client
        .switch(json!([
            {"operation": "ListFunctions", "do": {"refuse": {"status": 403}}},
            {"operation": "ListTriggers", "resource": "f-004*", "do": {"refuse": {"status": 403}}}
        ]))
        .await;
    let targets: Vec<Identity> =
        (0..5).map(|number| function(&format!("f-{number:03}"))).chain([trigger("f-004", "http")]).collect();
    let told_of = told(&world.provider.read(&targets, false).await);
    assert!(told_of.values().all(|word| word == "present"), "each was asked for by itself: {told_of:?}");
    let told_of = told(&world.provider.read(&targets, true).await);
    assert_eq!(told_of["cn-hangzhou/f-004"], "E0401", "a parent whose children are unknown is unknown");
    assert_eq!(told_of["cn-hangzhou/f-003"], "present");
}

#[tokio::test]
async fn a_cloud_that_is_not_there_is_unknown_and_soon_so() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let provider = connect(quick(Connection::embedded(format!("http://{address}")))).expect("connects later");
    let targets: Vec<Identity> = (0..20).map(|number| function(&format!("f-{number}"))).collect();
    let found = provider.read(&targets, true).await;
    assert!(told(&found).values().all(|word| word == "E0403"), "{:?}", told(&found));
}

#[tokio::test]
async fn only_the_embedded_cloud_is_taken_for_it() {
    let world = World::start().await;
    let ask = async |address: &str| who_answers(address, Timeouts::default()).await.expect("an endpoint");
    let found = ask(&format!("http://{}", world.client.address)).await;
    assert!(
        matches!(found, Answerer::Embedded { version, data: Some(data) } if !version.is_empty() && data.is_dir())
    );
    let other = super::recorder::Recorder::start().await;
    assert_eq!(ask(&other.endpoint()).await, Answerer::SomethingElse);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let free = listener.local_addr().expect("an address").to_string();
    drop(listener);
    assert_eq!(ask(&free).await, Answerer::Nobody);
}

/// A cloud that lives for one command tells its functions' addresses as they will be later.
#[tokio::test]
async fn a_package_is_fetched_from_where_the_cloud_is_now() {
    let data = tempfile::tempdir().expect("a folder");
    let mut options = ServerOptions::new("127.0.0.1:0".parse().expect("an address"), data.path().to_owned());
    options.public_base = Some("http://127.0.0.1:9".to_owned());
    let server = start(options).await.expect("the cloud starts");
    Client::new(server.address()).create_function("hello", super::HELLO).await;
    let here = format!("http://{}", server.address());
    let provider = connect(quick(Connection::embedded(here))).expect("connects");
    let package = provider.package(&function("hello")).await.expect("a package");
    assert_eq!(package, super::zip(super::HELLO));
    server.stop().await;
}

#[tokio::test]
async fn regions_are_strangers() {
    let world = World::with_hello().await;
    let elsewhere = Identity { region: "eu-central-1".to_owned(), ..function("hello") };
    let found = world.provider.read(&[function("hello"), elsewhere], false).await;
    assert_eq!(told(&found)["cn-hangzhou/hello"], "present");
    assert_eq!(told(&found)["eu-central-1/hello"], "absent");
}

#[tokio::test]
async fn a_reading_holds_what_later_steps_need() {
    let world = World::with_hello().await;
    world.client.call("POST", "functions/hello/triggers", Some(http_trigger("http"))).await.ok();
    let hello = world.present(&function("hello")).await;
    assert_eq!(hello.attributes[&super::path_of("memorySize")], Value::int(512));
    assert!(hello.condition.is_some() && hello.modified.is_some());
    let package = world.provider.package(&function("hello")).await.expect("a package");
    let facts = hello.package.expect("it has a package");
    assert_eq!((facts.checksum, facts.size), (world.provider.checksum(&package), package.len() as u64));
    let http = world.present(&trigger("hello", "http")).await;
    assert_eq!(http.attributes[&super::path_of("triggerConfig.methods")], super::texts(["GET"]));
    assert!(http.outputs.contains_key("urlInternet"));
    assert_eq!(world.provider.account().await.as_deref(), Ok("1000000000000001"));
    assert!(matches!(world.provider.read_one(&domain("a.example.com")).await, Reading::Absent));
}
