//! Writing: what reaches the cloud, what stays untouched, and an honest outcome for every kind of trouble.

use serde_json::json;
use triform::model::{Call, Identity, Outcome, Reading, Resource, Value};
use triform::provider::aliyun::Connection;
use triform::provider::connect;

use super::{
    World, attributes, domain, done, function, package, path_of, python, quick, texts, told, trigger, zip,
};

async fn create(world: &World, identity: Identity) -> Outcome {
    let package = Some(package(&*world.provider, zip(super::HELLO)));
    world.call(identity, Call::Create { attributes: python(), package }).await
}

fn delete(live: Resource) -> Call {
    Call::Delete { live: Box::new(live) }
}

#[tokio::test]
async fn a_function_a_trigger_and_a_domain_come_and_go() {
    let world = World::start().await;
    let made = done(create(&world, function("hello")).await);
    let read = world.present(&function("hello")).await;
    assert_eq!((&made.attributes, &made.package), (&read.attributes, &read.package));
    let bytes = world.provider.package(&function("hello")).await.expect("a package");
    assert_eq!(bytes, zip(super::HELLO));

    let timer = attributes([
        ("triggerType", "timer".into()),
        ("triggerConfig.cronExpression", "@every 4m".into()),
        ("triggerConfig.enable", true.into()),
    ]);
    let timer =
        done(world.call(trigger("hello", "tick"), Call::Create { attributes: timer, package: None }).await);
    assert_eq!(timer.attributes[&path_of("triggerConfig.cronExpression")], "@every 4m".into());

    let routes = attributes([
        ("protocol", "HTTP".into()),
        ("routeConfig.routes[\"/a\"].functionName", "hello".into()),
        ("routeConfig.routes[\"/a\"].methods", texts(["GET"])),
    ]);
    let www =
        done(world.call(domain("www.example.com"), Call::Create { attributes: routes, package: None }).await);
    assert_eq!(www.outputs["url"], "http://www.example.com/".into());

    for live in [timer, www, made] {
        let identity = live.identity.clone();
        let outcome = world.call(identity.clone(), delete(live)).await;
        assert!(matches!(outcome, Outcome::Done(None)), "{outcome:?}");
        assert!(matches!(world.provider.read_one(&identity).await, Reading::Absent));
    }
}

#[tokio::test]
async fn what_nobody_decided_about_is_sent_back_as_found() {
    let world = World::with_hello().await;
    let body = json!({"description": "theirs", "environmentVariables": {"A": "1", "TOKEN": "t"}});
    world.client.call("PUT", "functions/hello", Some(body)).await.ok();
    let live = world.present(&function("hello")).await;
    let set = [("environmentVariables[\"A\"]", Some("2".into())), ("memorySize", Some(Value::int(1024)))];
    let written = done(world.update(&live, &set).await);
    let expected = attributes([
        ("environmentVariables[\"A\"]", "2".into()),
        ("environmentVariables[\"TOKEN\"]", "t".into()),
        ("memorySize", Value::int(1024)),
        ("description", "theirs".into()),
    ]);
    for (path, value) in expected {
        assert_eq!(written.attributes.get(&path), Some(&value), "{path}");
    }
    assert_eq!(written.package, live.package, "code that is not sent stays");
    assert_eq!(world.present(&function("hello")).await.attributes, written.attributes);
}

#[tokio::test]
async fn code_alone_can_be_written() {
    let world = World::with_hello().await;
    let live = world.present(&function("hello")).await;
    let archive = zip("def handler(event, context):\n    return b'new'\n");
    let package = Some(package(&*world.provider, archive.clone()));
    let call =
        Call::Update { live: Box::new(live), set: [(path_of("code[\"index.py\"]"), None)].into(), package };
    let written = done(world.call(function("hello"), call).await);
    assert_eq!(written.package.expect("a package").checksum, world.provider.checksum(&archive));
    assert_eq!(world.provider.package(&function("hello")).await.expect("a package"), archive);
}

#[tokio::test]
async fn somebody_elses_route_stays_in_its_place() {
    let world = World::with_hello().await;
    let routes = json!({"domainName": "www.example.com", "protocol": "HTTP", "routeConfig": {"routes": [
        {"path": "/theirs", "functionName": "hello"}, {"path": "/ours", "functionName": "hello"}]}});
    world.client.call("POST", "custom-domains", Some(routes)).await.ok();
    let live = world.present(&domain("www.example.com")).await;
    let set = [
        ("routeConfig.routes[\"/ours\"].functionName", None),
        ("routeConfig.routes[\"/ours\"].path", None),
        ("routeConfig.routes[\"/ours\"].qualifier", None),
        ("routeConfig.routes[\"/new\"].functionName", Some("hello".into())),
    ];
    done(world.update(&live, &set).await);
    let answer = world.client.call("GET", "custom-domains/www.example.com", None).await.ok();
    let paths: Vec<_> = answer["routeConfig"]["routes"]
        .as_array()
        .expect("routes")
        .iter()
        .map(|route| route["path"].clone())
        .collect();
    assert_eq!(paths, ["/theirs", "/new"]);
}

/// Every kind of trouble with an update: what is told, and whether the change is there.
#[tokio::test]
async fn every_outcome_is_told_as_it_is() {
    let refuse =
        |status: u16, code: &str| json!({"refuse": {"status": status, "code": code, "retry_after": 1}});
    for (when, calls, action, expected, changed) in [
        ("before", 9, json!({"refuse": {"status": 403}}), "refused Denied AccessDenied", false),
        ("before", 9, json!({"refuse": {"status": 400}}), "refused Invalid InvalidArgument", false),
        ("before", 2, json!({"refuse": {"status": 429}}), "done", true),
        ("before", 99, json!({"refuse": {"status": 429}}), "refused Throttled Throttling.User", false),
        ("before", 2, refuse(409, "ConcurrentUpdateError"), "done", true),
        ("before", 1, json!({"refuse": {"status": 500}}), "unknown Unavailable InternalServerError", false),
        ("before", 1, refuse(503, "ServiceUnavailable"), "unknown Unavailable ServiceUnavailable", false),
        ("before", 2, refuse(503, "ResourceThrottled"), "done", true),
        ("before", 1, json!("cut"), "unknown Unavailable ", false),
        ("after", 1, json!("cut"), "unknown Unavailable ", true),
        ("after", 1, json!("garbage"), "unknown Unavailable ", true),
        ("after", 1, json!({"pending": 100}), "done", true),
        (
            "after",
            1,
            json!({"fail": "no such image"}),
            "partial Unavailable the function was written and could not be made ready: Failed, no such image",
            true,
        ),
    ] {
        let world = World::with_hello().await;
        let live = world.present(&function("hello")).await;
        let rule = json!({"operation": "UpdateFunction", "calls": {"from": 1, "to": calls}, "when": when, "do": action});
        world.client.switch(json!([rule])).await;
        let outcome = world.update(&live, &[("timeout", Some(Value::int(60)))]).await;
        assert_eq!(told(&outcome), expected, "{rule}");
        let timeout = world.present(&function("hello")).await.attributes[&path_of("timeout")].clone();
        assert_eq!(timeout == Value::int(60), changed, "{rule}");
    }
}

#[tokio::test]
async fn a_resource_that_moved_since_it_was_read_is_not_written() {
    let world = World::with_hello().await;
    let live = world.present(&function("hello")).await;
    world.client.call("PUT", "functions/hello", Some(json!({"description": "faster"}))).await.ok();
    let outcome = world.update(&live, &[("description", Some("slower".into()))]).await;
    assert_eq!(told(&outcome), "refused Changed PreconditionFailed");
    let outcome = world.call(function("hello"), delete(live)).await;
    assert_eq!(told(&outcome), "refused Changed PreconditionFailed");
}

#[tokio::test]
async fn a_name_that_is_taken_is_refused() {
    let world = World::with_hello().await;
    let outcome = create(&world, function("hello")).await;
    assert_eq!(told(&outcome), "refused AlreadyExists FunctionAlreadyExists");
}

#[tokio::test]
async fn what_is_gone_already_is_deleted() {
    let world = World::with_hello().await;
    let live = world.present(&function("hello")).await;
    world.client.call("DELETE", "functions/hello", None).await;
    let outcome = world.call(function("hello"), delete(live)).await;
    assert!(matches!(outcome, Outcome::Done(None)), "{outcome:?}");
}

#[tokio::test]
async fn a_function_is_done_when_it_is_ready() {
    let world = World::start().await;
    world
        .client
        .switch(json!([{"operation": "CreateFunction", "when": "after", "do": {"pending": 300}}]))
        .await;
    let begun = std::time::Instant::now();
    done(create(&world, function("hello")).await);
    assert!(begun.elapsed().as_millis() >= 300, "it waited");
    let answer = world.client.call("GET", "functions/hello", None).await.ok();
    assert_eq!(answer["state"], "Active");
}

#[tokio::test]
async fn what_this_run_made_is_not_gone_but_not_there_yet() {
    let world = World::start().await;
    world
        .client
        .switch(json!([{"operation": "CreateFunction", "when": "after", "do": {"hide_from_reads": 2}}]))
        .await;
    done(create(&world, function("hello")).await);
    world.present(&function("hello")).await;
    assert!(matches!(world.provider.read_one(&function("other")).await, Reading::Absent));
}

#[tokio::test]
async fn an_unreachable_cloud_refuses_because_nothing_was_sent() {
    let world = World::with_hello().await;
    let live = world.present(&function("hello")).await;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let provider = connect(quick(Connection::embedded(format!("http://{address}")))).expect("connects later");
    let address = triform::model::Address::new("fc3_function", "hello");
    let operation = triform::model::Operation { address, identity: function("hello"), call: delete(live) };
    assert_eq!(told(&provider.perform(&operation).await), "refused Unavailable ");
}

#[tokio::test]
async fn a_package_that_no_request_can_hold_is_refused_before_it_is_sent() {
    let world = World::start().await;
    let package = Some(package(&*world.provider, vec![0; (100 << 20) + 1]));
    let outcome = world.call(function("big"), Call::Create { attributes: python(), package }).await;
    assert_eq!(told(&outcome), "refused Invalid PackageTooLarge");
    assert!(world.calls().await.is_empty());
}
