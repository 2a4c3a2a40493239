//! Services of FC 2.0, what belongs to them, and what belongs to that: shared, renamed, replaced, and taken away.

use serde_json::{Value as Json, json};

use crate::room::{Ran, Room};

pub const CODE: (&str, &str) = ("code/index.py", "def handler(event, context):\n    return event\n");

/// Two entries of one service; the first with a trigger and rules for asynchronous calls.
const SHOP: &str = "\
edition: 1.0.0
name: shop
vars:
  service: {name: shop, description: one for all}
services:
  cart:
    component: fc
    props:
      region: cn-hangzhou
      service: ${vars.service}
      function:
        name: cart
        runtime: python3
        codeUri: ./code
        asyncConfiguration: {maxAsyncRetryAttempts: 1, destination: {onFailure: 'acs:fc:::services/shop/functions/fail'}}
      triggers:
        - name: topic
          type: mns_topic
          sourceArn: acs:mns:cn-hangzhou:1:/topics/orders
          config: {notifyContentFormat: JSON, notifyStrategy: BACKOFF_RETRY}
      customDomains:
        - {domainName: shop.example.com, protocol: HTTP, routeConfigs: [{path: /cart/*}, {path: /old, functionName: list}]}
  list:
    component: fc
    props:
      region: cn-hangzhou
      service: ${vars.service}
      function: {name: list, runtime: python3, codeUri: ./code}
      customDomains:
        - {domainName: shop.example.com, protocol: HTTP, routeConfigs: [{path: /list}]}
";

fn shop() -> Room {
    let room = Room::new(&[("s.yaml", SHOP), CODE]);
    room.run(&["apply", "-y"]).exits(0);
    room
}

/// What somebody does in the console, in the words of the version of 2021.
#[track_caller]
pub fn console(room: &Room, method: &str, target: &str, body: &Json) -> Json {
    let call = format!("{method} /2021-04-06/{target}");
    let reply = room.private("POST", "console", Some(json!({"call": call, "body": body})));
    if reply.status == 404 || reply.status == 204 { Json::Null } else { reply.ok() }
}

#[track_caller]
pub fn seen(room: &Room, target: &str) -> Json {
    console(room, "GET", target, &json!({}))
}

pub fn edit(room: &Room, from: &str, to: &str) {
    let text = std::fs::read_to_string(room.path("s.yaml")).expect("a file");
    assert!(text.contains(from), "{from} in {text}");
    room.write("s.yaml", &text.replace(from, to));
}

/// The marks and addresses of a plan.
pub fn marks(ran: &Ran) -> Vec<String> {
    let marked = ran.stdout.lines().filter(|line| line.starts_with("  ") && line.contains(" fc_"));
    marked.map(|line| line.split_whitespace().take(2).collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn one_service_of_two_entries_is_made_once_and_goes_last() {
    let room = shop();
    assert_eq!(seen(&room, "services/shop")["description"], "one for all");
    let routes = seen(&room, "custom-domains/shop.example.com")["routeConfig"]["routes"].clone();
    assert_eq!(routes.as_array().map(Vec::len), Some(3), "{routes}");

    // One entry leaves: its function goes, and the service stays for the other one.
    let text = std::fs::read_to_string(room.path("s.yaml")).expect("a file");
    let only = text.split("  list:\n").next().unwrap_or_default().to_owned();
    room.write("s.yaml", &only);
    let planned = room.run(&["plan"]).exits(0);
    assert_eq!(
        marks(&planned),
        ["~ fc_custom_domain[\"shop.example.com\"]", "- fc_function.list"],
        "{planned}"
    );
    room.run(&["apply", "-y"]).exits(0);
    assert_eq!(seen(&room, "services/shop/functions/list"), Json::Null);

    room.run(&["destroy", "-y"]).exits(0);
    assert_eq!(seen(&room, "services/shop"), Json::Null);
}

#[test]
fn entries_that_disagree_are_told_with_both_places() {
    let room = Room::new(&[CODE]);
    let second = SHOP.replacen(
        "service: ${vars.service}\n      function: {name: list",
        "service: {name: shop, description: another}\n      function: {name: list",
        1,
    );
    room.write("s.yaml", &second);
    let refused = room.run(&["plan"]).exits(1).says("disagree about `description`");
    for line in
        ["10 |       service: ${vars.service}", "27 |       service: {name: shop, description: another}"]
    {
        assert!(refused.stderr.contains(line), "{refused}");
    }
}

#[test]
fn a_service_of_another_name_takes_everything_along() {
    let room = shop();
    edit(&room, "name: shop, description", "name: store, description");
    let planned = room.run(&["plan"]).exits(0);
    for mark in ["- fc_service[\"shop\"]", "+ fc_service[\"store\"]"] {
        assert!(marks(&planned).contains(&mark.to_owned()), "{mark} in {planned}");
    }
    room.run(&["apply", "-y"]).exits(0);
    assert_eq!(seen(&room, "services/shop"), Json::Null);
    assert_eq!(seen(&room, "services/store/functions/cart/triggers/topic")["triggerName"], "topic");
    let route = &seen(&room, "custom-domains/shop.example.com")["routeConfig"]["routes"][0];
    assert_eq!(route["serviceName"], "store");
}

#[test]
fn an_edit_deep_below_a_service_that_goes_is_asked_about_once() {
    let room = shop();
    console(&room, "PUT", "services/shop/functions/cart", &json!({"timeout": 30}));
    room.write("s.yaml", "edition: 1.0.0\nname: shop\nservices: {}\n");
    let stopped = room.run(&["apply", "-y"]).exits(3);
    assert!(stopped.stderr.contains("fc_service"), "{stopped}");
    assert!(!stopped.stderr.contains("fc_trigger"), "what is below follows: {stopped}");
    room.run(&["apply", "-y", "--use-live"]).exits(0);
    assert_eq!(seen(&room, "services/shop/functions/cart/triggers/topic")["triggerName"], "topic", "let go");
}

#[test]
fn a_trigger_that_the_service_does_not_update_is_made_anew() {
    let room = shop();
    let before = seen(&room, "services/shop/functions/cart/triggers/topic")["triggerId"].clone();
    edit(&room, "BACKOFF_RETRY", "EXPONENTIAL_DECAY_RETRY");
    let planned = room.run(&["plan"]).exits(0);
    assert_eq!(marks(&planned), ["-/+ fc_trigger.cart[\"topic\"]"], "{planned}");
    room.run(&["apply", "-y"]).exits(0);
    let trigger = seen(&room, "services/shop/functions/cart/triggers/topic");
    assert_ne!(trigger["triggerId"], before);
    assert!(trigger["triggerConfig"].to_string().contains("EXPONENTIAL_DECAY_RETRY"), "{trigger}");
}

#[test]
fn rules_for_asynchronous_calls_drift_and_go_like_any_resource() {
    let place = "services/shop/functions/cart/async-invoke-config";
    let room = shop();
    console(&room, "PUT", place, &json!({"maxAsyncRetryAttempts": 5}));
    room.run(&["apply", "-y"]).exits(3).says("fc_async_config.cart[\"LATEST\"]");
    room.run(&["apply", "-y", "--use-local"]).exits(0);
    let config = seen(&room, place);
    assert_eq!(config["maxAsyncRetryAttempts"], 1);
    let whole = "acs:fc:cn-hangzhou:1000000000000001:services/shop/functions/fail";
    assert_eq!(config["destinationConfig"]["onFailure"]["destination"], whole, "{config}");
    let text = std::fs::read_to_string(room.path("s.yaml")).expect("a file");
    let without: Vec<&str> = text.lines().filter(|line| !line.contains("asyncConfiguration")).collect();
    room.write("s.yaml", &(without.join("\n") + "\n"));
    room.run(&["apply", "-y"]).exits(0);
    assert_eq!(seen(&room, place), Json::Null);
}

#[test]
fn networks_are_bound_to_a_service_and_let_go() {
    let room = shop();
    edit(&room, "description: one for all}", "description: one for all, vpcBinding: [vpc-1, vpc-2]}");
    room.run(&["apply", "-y"]).exits(0).says("fc_vpc_binding[\"shop/vpc-1\"]");
    assert_eq!(seen(&room, "services/shop/bindings")["vpcIds"], json!(["vpc-1", "vpc-2"]));
    // One was taken away online; the other one leaves the file.
    console(&room, "DELETE", "services/shop/bindings/vpc-1", &json!({}));
    edit(&room, "[vpc-1, vpc-2]", "[vpc-1]");
    room.run(&["apply", "-y"]).exits(3);
    room.run(&["apply", "-y", "--use-local"]).exits(0);
    assert_eq!(seen(&room, "services/shop/bindings")["vpcIds"], json!(["vpc-1"]));
}

#[test]
fn a_service_of_another_file_is_asked_about_and_shared() {
    let room = shop();
    let other = "edition: 3.0.0
name: office
resources:
  desk:
    component: fc
    props:
      region: cn-hangzhou
      service: {name: shop}
      function: {name: desk, runtime: python3, codeUri: ./code}
";
    room.write("office.yaml", other);
    let file = ["-t", "office.yaml"];
    room.run(&[&["apply", "-y"], &file[..]].concat()).exits(3).says("fc_service[\"shop\"]");
    room.run(&[&["apply", "-y", "--use-local"], &file[..]].concat()).exits(0);
    assert_eq!(seen(&room, "services/shop")["description"], "one for all", "what it does not say stays");
    // Neither takes the other's functions along.
    let refused = room.run(&[&["destroy", "-y"], &file[..]].concat()).exits(1);
    assert!(refused.stderr.contains("cart") && refused.stderr.contains("list"), "{refused}");
    room.run(&["destroy", "-y"]).exits(1).says("desk");
}

#[test]
fn memory_takes_the_processors_along_and_nobody_is_asked_about_them() {
    let room = shop();
    let processors = || seen(&room, "services/shop/functions/list")["cpu"].clone();
    let before = processors();
    edit(&room, "{name: list, runtime: python3,", "{name: list, memorySize: 1024, runtime: python3,");
    room.run(&["apply", "-y"]).exits(0);
    assert_ne!(processors(), before);
}

#[test]
fn a_role_that_does_not_exist_is_told_and_nothing_is_lost_by_it() {
    let role = "acs:ram::1000000000000001:role/nobody";
    let room = Room::new(&[
        ("s.yaml", &SHOP.replace("one for all}", &format!("one for all, role: '{role}'}}"))),
        CODE,
    ]);
    let refuse =
        json!({"refuse": {"status": 400, "code": "InvalidArgument", "message": "no such role: nobody"}});
    room.switch(json!([{"operation": "CreateService", "do": refuse}]));
    let refused =
        room.run(&["apply", "-y"]).exits(1).says("CreateService: InvalidArgument: no such role: nobody");
    assert!(
        refused.stderr.contains("5 not started") && refused.stderr.contains("mend what the service names"),
        "{refused}"
    );
    room.switch(json!([]));
    // The file names one that exists, and everything goes on from there.
    edit(&room, "role/nobody", "role/somebody");
    room.run(&["apply", "-y"]).exits(0);
    assert_eq!(seen(&room, "services/shop")["role"], role.replace("nobody", "somebody"));
}

/// A service as the tool spells it: mounts in three keys, ends of asynchronous calls by themselves, several domains.
const SPELLED: &str = "\
edition: 1.0.0
name: shop
services:
  cart:
    component: fc
    props:
      region: cn-hangzhou
      service:
        name: shop
        vpcConfig: {vpcId: vpc-1, vswitchIds: [vsw-1], securityGroupId: sg-1}
        nasConfig:
          userId: 10003
          groupId: 10003
          mountPoints:
            - serverAddr: x.nas.aliyuncs.com
              nasDir: /data
              fcDir: /mnt/data # where it is read
            - serverAddr: x.nas.aliyuncs.com
              nasDir: /old
              fcDir: /mnt/old
      function:
        name: cart
        runtime: python3
        codeUri: ./code
        asyncConfiguration:
          destination:
            onSuccess: acs:fc:::services/shop/functions/good
            onFailure: acs:fc:::services/shop/functions/bad
      customDomains:
        - domainName: api.example.com
          protocol: HTTP
          routeConfigs: [{path: /*}]
        - domainName: www.example.com
          protocol: HTTP
          routeConfigs:
            - path: /new/*
            - path: /*
";

#[test]
fn what_was_edited_online_is_adopted_in_the_words_of_the_tool() {
    let room = Room::new(&[("s.yaml", SPELLED), CODE]);
    room.run(&["apply", "-y"]).exits(0);
    let mount = |server: &str, folder: &str| json!({"serverAddr": server, "mountDir": folder});
    let mounts =
        [mount("y.nas.aliyuncs.com:/other", "/mnt/data"), mount("x.nas.aliyuncs.com:/old", "/mnt/old")];
    let nas = json!({"userId": 10003, "groupId": 10003, "mountPoints": mounts});
    console(&room, "PUT", "services/shop", &json!({"nasConfig": nas}));
    let ends = json!({"onFailure": {"destination": "acs:mns:cn-hangzhou:1000000000000001:/queues/bad"}});
    let calls = "services/shop/functions/cart/async-invoke-config";
    console(&room, "PUT", calls, &json!({"destinationConfig": ends}));
    let mut routes = seen(&room, "custom-domains/www.example.com")["routeConfig"].clone();
    let general =
        routes["routes"].as_array_mut().expect("a list").iter_mut().find(|route| route["path"] == "/*");
    general.expect("is there")["methods"] = json!(["GET"]);
    console(&room, "PUT", "custom-domains/www.example.com", &json!({"routeConfig": routes}));

    let adopted = room.run(&["adopt", "-y"]).exits(0);
    let text = std::fs::read_to_string(room.path("s.yaml")).expect("a file");
    for said in [
        "- serverAddr: y.nas.aliyuncs.com\n              nasDir: /other\n              fcDir: /mnt/data # where it is read\n",
        "onFailure: acs:mns:cn-hangzhou:1000000000000001:/queues/bad\n",
        "- path: /*\n              methods",
    ] {
        assert!(text.contains(said), "{said} in {text}\n{adopted}");
    }
    assert!(!text.contains("onSuccess"), "{text}");
    room.run(&["plan", "--detailed-exitcode"]).exits(0);

    // A mount that somebody added is drift of the service: routes alone belong to whoever declared them.
    let mut more = nas.clone();
    let new = mount("z.nas.aliyuncs.com:/", "/mnt/new");
    more["mountPoints"].as_array_mut().expect("a list").push(new);
    console(&room, "PUT", "services/shop", &json!({"nasConfig": more}));
    room.run(&["drift"]).exits(2).says("/mnt/new");
    room.run(&["adopt", "-y"]).exits(0);
    let text = std::fs::read_to_string(room.path("s.yaml")).expect("a file");
    for said in ["fcDir: /mnt/new\n", "serverAddr: z.nas.aliyuncs.com\n", "nasDir: /\n"] {
        assert!(text.contains(said), "{said} in {text}");
    }
    room.run(&["plan", "--detailed-exitcode"]).exits(0);

    // And back again: a mount that is gone, a route that is gone.
    let nas = json!({"userId": 10003, "groupId": 10003, "mountPoints": mounts[1..]});
    console(&room, "PUT", "services/shop", &json!({"nasConfig": nas}));
    routes["routes"].as_array_mut().expect("a list").retain(|route| route["path"] == "/*");
    console(&room, "PUT", "custom-domains/www.example.com", &json!({"routeConfig": routes}));
    room.run(&["adopt", "-y"]).exits(0);
    let text = std::fs::read_to_string(room.path("s.yaml")).expect("a file");
    assert!(!text.contains("/mnt/data") && !text.contains("/new/*"), "{text}");
    room.run(&["plan", "--detailed-exitcode"]).exits(0);

    // A service with such a mount goes all the same, once that is decided.
    console(&room, "PUT", "services/shop", &json!({"nasConfig": more}));
    room.run(&["destroy", "-y"]).exits(3);
    room.run(&["destroy", "-y", "--use-local"]).exits(0);
    assert_eq!(seen(&room, "services/shop"), Json::Null);
}
