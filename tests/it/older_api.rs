//! FC 2.0 in its version of 2016, with a signature of its own: the whole way, spoken by the program itself.

use serde_json::json;

use crate::releases;
use crate::room::{Ran, Room, finish};
use crate::services::{CODE, console, edit, seen};

/// A service with one of everything.
const SHOP: &str = "\
edition: 3.0.0
name: shop
resources:
  cart:
    component: fc
    props:
      region: cn-hangzhou
      service: {name: shop, description: one for all, vpcBinding: [vpc-1]}
      function:
        name: cart
        runtime: python3
        codeUri: ./code
        environmentVariables: {LEVEL: info}
        asyncConfiguration: {maxAsyncRetryAttempts: 1}
      triggers:
        - {name: http, type: http, config: {authType: anonymous, methods: [GET, POST]}}
        - {name: nightly, type: timer, config: {cronExpression: '@every 1h', enable: true, payload: x}}
      customDomains:
        - {domainName: shop.example.com, protocol: HTTP, routeConfigs: [{path: /cart/*}]}
";

/// Runs the program, which speaks the older version and no other.
#[track_caller]
fn run(room: &Room, args: &[&str]) -> Ran {
    let mut command = room.command(args);
    command.env("TRIFORM_FC_API", "2016-08-15").env("TRIFORM_LOG_LEVEL", "debug");
    let ran = finish(command);
    assert!(ran.stderr.contains("/2016-08-15/") && !ran.stderr.contains("/2021-04-06/"), "{ran}");
    ran
}

#[test]
fn all_of_a_service_is_made_edited_adopted_and_removed() {
    let room = Room::new(&[("s.yaml", SHOP), CODE]);
    run(&room, &["apply", "-y"]).exits(0);
    // The newer version sees the same, and has nothing to do.
    room.run(&["plan", "--detailed-exitcode"]).exits(0);

    // An edit of everything, here.
    for (from, to) in [
        ("one for all", "another one"),
        ("LEVEL: info", "LEVEL: debug"),
        ("maxAsyncRetryAttempts: 1", "maxAsyncRetryAttempts: 2"),
        ("[GET, POST]", "[GET]"),
        ("@every 1h", "@every 2h"),
        ("path: /cart/*", "path: /basket/*"),
        ("[vpc-1]", "[vpc-2]"),
    ] {
        edit(&room, from, to);
    }
    run(&room, &["apply", "-y"]).exits(0);
    let function = "services/shop/functions/cart";
    assert_eq!(seen(&room, "services/shop")["description"], "another one");
    assert_eq!(seen(&room, function)["environmentVariables"], json!({"LEVEL": "debug"}));
    assert_eq!(seen(&room, &format!("{function}/async-invoke-config"))["maxAsyncRetryAttempts"], 2);
    let trigger = seen(&room, &format!("{function}/triggers/nightly"))["triggerConfig"].to_string();
    assert!(trigger.contains("@every 2h"), "{trigger}");
    assert_eq!(seen(&room, "services/shop/bindings")["vpcIds"], json!(["vpc-2"]));

    // And one there.
    console(&room, "PUT", function, &json!({"timeout": 30}));
    console(&room, "PUT", &format!("{function}/async-invoke-config"), &json!({"maxAsyncRetryAttempts": 5}));
    let config = json!({"cronExpression": "@every 3h", "enable": true, "payload": "{}"}).to_string();
    console(&room, "PUT", &format!("{function}/triggers/nightly"), &json!({"triggerConfig": config}));
    run(&room, &["drift"]).exits(2).says("cronExpression").says("timeout").says("maxAsyncRetryAttempts");
    run(&room, &["apply", "-y"]).exits(3);
    run(&room, &["adopt", "-y"]).exits(0);
    let text = std::fs::read_to_string(room.path("s.yaml")).expect("a file");
    assert!(text.contains("@every 3h") && text.contains("timeout: 30"), "{text}");
    run(&room, &["plan", "--detailed-exitcode"]).exits(0);

    run(&room, &["destroy", "-y"]).exits(0);
    assert!(seen(&room, "services/shop").is_null());
}

#[test]
fn a_release_is_spoken_of_with_its_qualifier_behind_the_service() {
    let room = releases::shop();
    run(&room, &["plan", "--detailed-exitcode"]).exits(0);
    edit(&room, "target: 2", "target: 4");
    edit(&room, "maximumInstanceCount: 10", "maximumInstanceCount: 11");
    run(&room, &["apply", "-y"]).exits(0);
    assert_eq!(seen(&room, releases::PROVISION)["target"], 4);
    assert_eq!(seen(&room, releases::ON_DEMAND)["maximumInstanceCount"], 11);
    edit(&room, "versionId: 1", "versionId: 9");
    run(&room, &["plan"]).exits(1).says("has no version `9`");
    edit(&room, "versionId: 9", "versionId: 1");
    run(&room, &["destroy", "-y"]).exits(0);
}

#[test]
fn an_edit_between_the_last_look_and_the_write_is_refused_by_the_service() {
    let room = Room::new(&[("s.yaml", SHOP), CODE]);
    run(&room, &["apply", "-y"]).exits(0);
    edit(&room, "one for all", "another one");
    room.switch(json!([{
        "operation": "UpdateService", "calls": 1,
        "do": {"console": {"call": "PUT /2021-04-06/services/shop", "body": {"internetAccess": false}}}
    }]));
    run(&room, &["apply", "-y"]).exits(1).says("PreconditionFailed");
    assert_eq!(seen(&room, "services/shop")["description"], "one for all");
}

#[test]
fn another_version_is_none() {
    let room = Room::new(&[("s.yaml", SHOP), CODE]);
    let mut command = room.command(&["plan"]);
    command.env("TRIFORM_FC_API", "2015-01-01");
    finish(command).exits(1).says("2016-08-15");
}
