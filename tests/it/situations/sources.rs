//! Resources that build on each other, and code that both sides changed.

use serde_json::json;

use super::{INDEX, LOUD_UTIL, deployed, url_in};
use crate::support::{World, get};

const SHOP: &[(&str, &str)] = &[
    (
        "s.yaml",
        "\
edition: 3.0.0
name: shop
access: default

resources:
  catalog:
    component: fc3
    props:
      region: cn-hangzhou
      functionName: catalog
      runtime: python3.10
      handler: index.handler
      code: ./catalog
      triggers:
        - triggerName: http
          triggerType: http
          triggerConfig: {authType: anonymous, methods: [GET]}
        - triggerName: nightly
          triggerType: timer
          triggerConfig: {cronExpression: 0 0 2 * * *, enable: true, payload: stock}
      customDomain:
        domainName: shop.localhost
        protocol: HTTP
        route: {path: /*}
  cart:
    component: fc3
    props:
      region: cn-hangzhou
      functionName: cart
      runtime: python3.10
      handler: index.handler
      code: ./cart
      environmentVariables:
        CATALOG_URL: ${resources.catalog.output.url.system_url}
      triggers:
        - triggerName: http
          triggerType: http
          triggerConfig: {authType: anonymous, methods: [GET]}
      customDomain:
        domainName: shop.localhost
        protocol: HTTP
        route: {path: /cart/*}
",
    ),
    ("catalog/index.py", "def handler(event, context):\n    return {'statusCode': 200, 'body': 'tea'}\n"),
    (
        "cart/index.py",
        "\
import os
import urllib.request


def handler(event, context):
    with urllib.request.urlopen(os.environ['CATALOG_URL']) as answer:
        return {'statusCode': 200, 'body': 'a cart with ' + answer.read().decode()}
",
    ),
];

#[test]
fn one_function_gets_what_another_one_is_given_at_its_creation() {
    let world = World::new(SHOP);
    world.plan(&[]).exits(2).shows(&["CATALOG_URL", "(known after apply"]);
    world.apply(&[]);
    let url = world.console().function("cart")["environmentVariables"]["CATALOG_URL"].clone();
    assert_eq!(get(url.as_str().expect("text")), (200, "tea".to_owned()));
    let port = world.cloud.address.rsplit_once(':').expect("has a port").1.to_owned();
    let shop = format!("http://shop.localhost:{port}");
    assert_eq!(get(&format!("{shop}/")), (200, "tea".to_owned()));
    assert_eq!(get(&format!("{shop}/cart/")), (200, "a cart with tea".to_owned()));
}

#[test]
fn timers_and_domains_are_planned_and_asked_about_as_everything_else() {
    let world = World::new(SHOP);
    world.apply(&[]);
    world.console().configure_trigger("catalog", "nightly", &json!({"cronExpression": "0 0 4 * * *"}));
    let mut domain = world.console().call("GetCustomDomain", &["shop.localhost"], json!(null));
    let routes = domain["routeConfig"]["routes"].as_array_mut().expect("a list");
    for route in routes.iter_mut().filter(|route| route["path"] == "/cart/*") {
        route["functionName"] = json!("catalog");
    }
    routes.push(json!({"path": "/mine/*", "functionName": "catalog", "qualifier": "LATEST"}));
    let body = json!({"protocol": "HTTP", "routeConfig": domain["routeConfig"]});
    world.console().call("UpdateCustomDomain", &["shop.localhost"], body);
    let plan = world.plan(&[]).exits(2).shows(&["2 decisions needed"]);
    assert!(!plan.stdout.contains("? /mine"), "somebody else's route is no drift: {plan}");
    let plan = plan.shows(&["triggerConfig.cronExpression", "0 0 4 * * *"]).shows(&["/cart/*"]);
    world.apply(&["--use-local"]);
    let cron = world.console().trigger_config("catalog", "nightly")["cronExpression"].clone();
    assert_eq!(cron, "0 0 2 * * *", "{plan}");
    let domain = world.console().call("GetCustomDomain", &["shop.localhost"], json!(null));
    let shown = domain["routeConfig"]["routes"].to_string();
    assert!(shown.contains("/mine/*"), "somebody else's route is in every write: {shown}");
    let cart =
        domain["routeConfig"]["routes"].as_array().expect("a list").iter().find(|r| r["path"] == "/cart/*");
    assert_eq!(cart.expect("a route")["functionName"], "cart");
    // The domain stays while somebody else's route is left.
    world.run(&["destroy", "--auto-approve"]).exits(0);
    let look = world.console().look();
    assert!(look["domains"].to_string().contains("/mine/*"), "{look}");
}

#[test]
fn code_that_both_sides_changed_in_different_files_is_merged_and_runs() {
    let world = deployed();
    world.console().edit_code("hello", &json!({"util.py": LOUD_UTIL}));
    world.write("code/index.py", &INDEX.replace("'world'", "'universe'"));
    let plan =
        world.plan(&[]).exits(2).shows(&["index.py", "config", "+1 -1"]).shows(&["util.py", "live", "+1 -1"]);
    assert!(plan.stdout.contains("1 decision needed"), "{plan}");
    world.plan(&["--use-live"]).exits(2).shows(&["merged package: 1 file yours, 1 kept from live"]);
    let ran = world.apply(&["--use-live"]);
    assert_eq!(get(url_in(&ran.stdout)), (200, "HELLO, universe!".to_owned()));
    assert_eq!(world.read("code/util.py"), super::UTIL, "the project is not written");
}

#[test]
fn a_file_that_both_sides_changed_is_a_conflict() {
    let world = deployed();
    world.console().edit_code("hello", &json!({"util.py": LOUD_UTIL}));
    world.write("code/util.py", &super::UTIL.replace("unused", "spare"));
    let plan = world.plan(&[]).exits(2).shows(&["! util.py", "config", "+1 -1"]);
    assert!(plan.stdout.contains("greeting.upper()") && plan.stdout.contains("def spare"), "{plan}");
    world.changes_nothing(|| world.run(&["apply", "--auto-approve"]).exits(3));
    world.apply(&["--use-local=fc3_function.hello:code"]);
    assert!(world.console().code("hello")["util.py"].contains("def spare"));
}

#[test]
fn a_package_rebuilt_from_the_same_files_is_no_change() {
    let world = deployed();
    for (name, text) in super::PROJECT {
        world.write(name, text); // other times, the same content
    }
    world.cloud.reset_counters();
    world.plan(&[]).exits(0);
    assert_eq!(world.cloud.calls("GetFunctionCode"), 0);
    // Somebody zipped the same tree anew: another checksum, and still no change.
    world.console().edit_code("hello", &json!({"util.py": super::UTIL}));
    world.plan(&[]).exits(0);
    assert!(world.cloud.calls("GetFunctionCode") > 0, "the tree was looked at");
}
