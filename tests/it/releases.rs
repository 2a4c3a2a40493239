//! Aliases of services, and instances of functions that are kept ready or come on demand.

use serde_json::{Value as Json, json};

use crate::room::{Room, ended};
use crate::services::{CODE, console, edit, marks, seen};

const SHOP: &str = "\
edition: 1.0.0
name: shop
services:
  cart:
    component: fc
    props:
      region: cn-hangzhou
      service: {name: shop}
      function: {name: cart, runtime: python3, codeUri: ./code}
      # what is called
      aliases:
        - name: prod
          versionId: 1
          description: what customers see
      provisionConfigs:
        - qualifier: prod
          target: 2
          scheduledActions:
            - {name: night, scheduleExpression: cron(0 0 22 * * *), target: 1}
      onDemandConfigs:
        - {qualifier: prod, maximumInstanceCount: 10}
      triggers:
        - {name: http, type: http, qualifier: prod, config: {authType: anonymous}}
";

const ALIAS: &str = "services/shop/aliases/prod";
pub const PROVISION: &str = "services/shop/functions/cart/provision-config?qualifier=prod";
pub const ON_DEMAND: &str = "services/shop/functions/cart/on-demand-config?qualifier=prod";

/// A shop of which version 1 was published and nothing declared of it, and then all of it.
pub fn shop() -> Room {
    let room = Room::new(&[("s.yaml", SHOP.split("      # what").next().unwrap_or_default()), CODE]);
    room.run(&["apply", "-y"]).exits(0);
    publish(&room);
    room.write("s.yaml", SHOP);
    room.run(&["apply", "-y"]).exits(0);
    room
}

fn publish(room: &Room) {
    console(room, "POST", "services/shop/versions", &json!({"description": "a release"}));
}

fn text(room: &Room) -> String {
    std::fs::read_to_string(room.path("s.yaml")).expect("a file")
}

#[test]
fn a_release_is_an_alias_that_moves_from_version_to_version() {
    let room = shop();
    assert_eq!(seen(&room, ALIAS)["versionId"], "1");
    publish(&room);

    // A fifth of the calls goes to the new version, then all of them.
    edit(&room, "versionId: 1\n", "versionId: 1\n          additionalVersionWeight: {'2': 0.2}\n");
    let planned = room.run(&["plan"]).exits(0).says("additionalVersionWeight[\"2\"]");
    assert_eq!(marks(&planned), ["~ fc_alias[\"shop/prod\"]"], "{planned}");
    room.run(&["apply", "-y"]).exits(0);
    assert_eq!(seen(&room, ALIAS)["additionalVersionWeight"], json!({"2": 0.2}));
    edit(&room, "versionId: 1\n          additionalVersionWeight: {'2': 0.2}\n", "versionId: 2\n");
    room.run(&["apply", "-y"]).exits(0);
    let alias = seen(&room, ALIAS);
    assert_eq!(
        (&alias["versionId"], &alias["additionalVersionWeight"]),
        (&json!("2"), &json!({})),
        "{alias}"
    );
}

#[test]
fn an_alias_that_was_moved_online_is_asked_about() {
    let room = shop();
    publish(&room);
    let moved = json!({"versionId": "2", "additionalVersionWeight": {"1": 0.5}});
    console(&room, "PUT", ALIAS, &moved);
    room.run(&["drift"]).exits(2).says("versionId");
    room.run(&["apply", "-y"]).exits(3);
    room.run(&["apply", "-y", "--use-local"]).exits(0);
    assert_eq!(seen(&room, ALIAS)["versionId"], "1");

    console(&room, "PUT", ALIAS, &moved);
    room.run(&["adopt", "-y"]).exits(0);
    let adopted = text(&room);
    assert!(adopted.contains("versionId: 2") && adopted.contains("0.5"), "{adopted}");
    assert_eq!(seen(&room, ALIAS)["versionId"], "2");
    room.run(&["plan", "--detailed-exitcode"]).exits(0);
}

#[test]
fn instances_drift_are_adopted_and_go_like_any_resource() {
    let room = shop();
    assert_eq!(seen(&room, PROVISION)["scheduledActions"][0]["name"], "night");
    assert_eq!(seen(&room, ON_DEMAND)["maximumInstanceCount"], 10);

    let mut config = json!({"target": 5, "scheduledActions": seen(&room, PROVISION)["scheduledActions"]});
    console(&room, "PUT", PROVISION, &config);
    console(&room, "PUT", ON_DEMAND, &json!({"maximumInstanceCount": 20}));
    room.run(&["apply", "-y"]).exits(3).says("fc_provision_config.cart[\"prod\"]");
    room.run(&["apply", "-y", "--use-local"]).exits(0);
    assert_eq!(seen(&room, PROVISION)["target"], 2);
    assert_eq!(seen(&room, ON_DEMAND)["maximumInstanceCount"], 10);

    config["scheduledActions"][0]["target"] = json!(3);
    console(&room, "PUT", PROVISION, &config);
    console(&room, "PUT", ON_DEMAND, &json!({"maximumInstanceCount": 20}));
    room.run(&["adopt", "-y"]).exits(0);
    for said in ["target: 5", "cron(0 0 22 * * *), target: 3}", "maximumInstanceCount: 20"] {
        assert!(text(&room).contains(said), "{said} in {}", text(&room));
    }
    room.run(&["plan", "--detailed-exitcode"]).exits(0);

    // What leaves the file goes: the service has no call for it but one that keeps nothing ready.
    let kept: String = text(&room).split("      provisionConfigs").next().unwrap_or_default().to_owned();
    room.write("s.yaml", &kept);
    room.run(&["apply", "-y"]).exits(0);
    assert_eq!(seen(&room, ON_DEMAND), Json::Null);
    let nothing = seen(&room, PROVISION);
    assert_eq!((&nothing["target"], &nothing["scheduledActions"]), (&json!(0), &json!([])), "{nothing}");
}

#[test]
fn instances_that_somebody_let_go_online_are_asked_about() {
    let room = shop();
    console(&room, "PUT", PROVISION, &json!({"target": 0}));
    console(&room, "DELETE", ON_DEMAND, &json!({}));
    let stopped = room.run(&["apply", "-y"]).exits(3);
    for address in ["fc_provision_config.cart[\"prod\"]", "fc_on_demand_config.cart[\"prod\"]"] {
        assert!(stopped.stderr.contains(address), "{address} in {stopped}");
    }
    room.run(&["apply", "-y", "--use-local"]).exits(0);
    assert_eq!(seen(&room, PROVISION)["target"], 2);
    room.run(&["destroy", "-y"]).exits(0);
    assert_eq!(seen(&room, "services/shop"), Json::Null);
}

#[test]
fn an_alias_that_somebody_made_keeps_the_service() {
    let room = shop();
    console(&room, "POST", "services/shop/aliases", &json!({"aliasName": "theirs", "versionId": "1"}));
    room.run(&["drift"]).exits(2).says("theirs");
    room.run(&["destroy", "-y"]).exits(1).says("theirs");
    assert_eq!(seen(&room, "services/shop/aliases/theirs")["versionId"], "1");
    // It is taken over with one command.
    edit(
        &room,
        "      provisionConfigs:\n",
        "        - {name: theirs, versionId: 1}\n      provisionConfigs:\n",
    );
    room.run(&["import", "-y", "fc_alias[\"shop/theirs\"]", "shop/theirs"]).exits(0);
    room.run(&["apply", "-y"]).exits(0);
    room.run(&["destroy", "-y"]).exits(0);
}

#[test]
fn what_is_named_has_to_be_there() {
    let room = shop();
    let refused = |from: &str, to: &str, says: &[&str]| {
        edit(&room, from, to);
        for command in ["plan", "apply"] {
            let refused = room.run(&[command]).exits(1);
            for says in says {
                assert!(crate::room::says(&refused.stderr, says), "{says:?} in {refused}");
            }
        }
        edit(&room, to, from);
    };
    let place = "13 | versionId: 9";
    refused("versionId: 1", "versionId: 9", &["fc_service[\"shop\"] has no version `9`", place]);
    let weight = "versionId: 1\n          additionalVersionWeight: {'7': 0.1}";
    refused("versionId: 1", weight, &["fc_service[\"shop\"] has no version `7`", "publish it first"]);
    let none = "has no version or alias `canary`";
    refused("- qualifier: prod\n", "- qualifier: canary\n", &[none, "fc_provision_config.cart[\"canary\"]"]);
    refused("- {qualifier: prod", "- {qualifier: canary", &[none, "fc_on_demand_config.cart[\"canary\"]"]);
    refused("http, qualifier: prod", "http, qualifier: canary", &[none, "fc_trigger.cart[\"http\"]"]);
    // A version may be named where an alias may.
    edit(&room, "- {qualifier: prod", "- {qualifier: '1'");
    room.run(&["apply", "-y"]).exits(0);

    // The version that the file names was taken away behind an alias that was moved online: that is drift first.
    publish(&room);
    console(&room, "PUT", ALIAS, &json!({"versionId": "2"}));
    console(&room, "DELETE", "services/shop/versions/1", &json!({}));
    room.run(&["drift"]).exits(2).says("versionId");
    room.run(&["plan"]).exits(0);
    room.run(&["apply", "-y", "--use-local=fc_alias[\"shop/prod\"]"]).exits(1).says("has no version `1`");
    room.run(&["apply", "-y", "--use-live"]).exits(0);
}

#[test]
fn what_the_service_would_refuse_is_told_while_planning() {
    let check = |from: &str, to: &str, says: &str| {
        let room = Room::new(&[("s.yaml", SHOP), CODE]);
        edit(&room, from, to);
        let refused = room.run(&["plan"]).exits(1);
        assert!(crate::room::says(&refused.stderr, says), "{says:?} in {refused}");
    };
    check("versionId: 1", "versionId: newest", "versionId is `newest`; it takes the number of a version");
    check("name: prod\n", "name: LATEST\n", "`LATEST` is no alias");
    check("name: prod\n", "name: 1st\n", "`1st` is not an alias");
    let weights = |weights: &str| format!("versionId: 1\n          additionalVersionWeight: {weights}");
    check("versionId: 1", &weights("{'2': 0.6, '3': 0.6}"), "one version may stand beside versionId");
    check("versionId: 1", &weights("{'1': 0.2}"), "names `1`, which is versionId already");
    check("versionId: 1", &weights("{'2': 20}"), "additionalVersionWeight.2` is 20");
    check("          versionId: 1\n", "", "`aliases[0].versionId` is missing");
    check(
        "- qualifier: prod\n          target: 2\n",
        "- target: 2\n",
        "`provisionConfigs[0].qualifier` is missing",
    );
    let actions = "          scheduledActions:\n            - {name: night, scheduleExpression: cron(0 0 22 * * *), target: 1}\n";
    check(&format!("target: 2\n{actions}"), "target: 0\n", "target is 0; without actions or policies");
}

#[test]
fn what_named_a_version_does_not_come_back_with_the_service() {
    let room = shop();
    room.run(&["destroy", "-y"]).exits(0);
    let planned = room.run(&["plan", "--undo"]).exits(0).says("went with what it belonged to, for good");
    let lost = planned.stdout.lines().filter(|line| line.contains("for good") || line.contains("cannot be"));
    assert!(lost.count() >= 2, "{planned}");
    // The next plan is an error: the file names a version that is not there any more.
    ended(room.command(&["undo", "-y"]).spawn().expect("starts")).exits(0);
    room.run(&["plan"]).exits(1).says("has no version `1`");
    assert_eq!(seen(&room, "services/shop/functions/cart")["functionName"], "cart");
    assert_eq!(seen(&room, ALIAS), Json::Null);
}

#[test]
fn a_service_that_is_new_is_deployed_without_its_alias_first() {
    let room = Room::new(&[("s.yaml", SHOP), CODE]);
    room.run(&["apply", "-y"]).exits(1).says("is not there yet").says("--exclude 'fc_alias[\"shop/prod\"]'");
    room.run(&["apply", "-y", "--exclude", "fc_alias[\"shop/prod\"]"]).exits(0);
    publish(&room);
    room.run(&["apply", "-y"]).exits(0);
    assert_eq!(seen(&room, ALIAS)["versionId"], "1");
}
