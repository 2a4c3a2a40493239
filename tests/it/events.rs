//! Triggers by events of the CDN and of the event bus: made, edited here and there, adopted.

use serde_json::{Value as Json, json};

use crate::room::{Room, SECRET};
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
      triggers:
        - name: refreshed
          type: cdn_events
          sourceArn: acs:cdn:*:1000000000000001
          role: acs:ram::1000000000000001:role/cdn
          config:
            eventName: CachedObjectsRefreshed
            eventVersion: 1.0.0
            notes: by people
            filter:
              domain: [www.example.com, img.example.com]
        - name: orders
          type: eventbridge
          config:
            triggerEnable: true
            asyncInvocationType: false
            eventRuleFilterPattern: '{\"source\": [\"shop\"]}'
            eventSourceConfig:
              eventSourceType: RocketMQ
              eventSourceParameters:
                sourceRocketMQParameters:
                  RegionId: cn-hangzhou
                  InstanceId: rmq-1
                  Topic: orders
                  GroupID: shop
                  InstanceUsername: reader
                  InstancePassword: ${env(DB_PASSWORD)}
            eventSinkConfig:
              deliveryOption: {mode: event-streaming, eventSchema: CloudEvents}
            runOptions:
              mode: event-streaming
              maximumTasks: 3
              errorsTolerance: ALL
              retryStrategy: {PushRetryStrategy: BACKOFF_RETRY}
              batchWindow: {CountBasedWindow: 10, TimeBasedWindow: 3}
              deadLetterQueue: {Arn: 'acs:mns:cn-hangzhou:1000000000000001:/queues/dead'}
";

fn shop() -> Room {
    let room = Room::new(&[("s.yaml", SHOP), CODE]);
    room.run(&["apply", "-y"]).exits(0);
    room
}

fn place(trigger: &str) -> String {
    format!("services/shop/functions/cart/triggers/{trigger}")
}

fn config(room: &Room, trigger: &str) -> Json {
    let shown = seen(room, &place(trigger));
    serde_json::from_str(shown["triggerConfig"].as_str().expect("a text")).expect("JSON")
}

/// Edits a trigger's configuration online, as the console does: all of it is written.
fn online(room: &Room, trigger: &str, edit: impl FnOnce(&mut Json)) {
    let mut config = config(room, trigger);
    edit(&mut config);
    console(room, "PUT", &place(trigger), &json!({"triggerConfig": config.to_string()}));
}

fn text(room: &Room) -> String {
    std::fs::read_to_string(room.path("s.yaml")).expect("a file")
}

#[test]
fn events_of_the_cdn() {
    let room = shop();
    let before = seen(&room, &place("refreshed"))["triggerId"].clone();
    assert_eq!(
        config(&room, "refreshed"),
        json!({"eventName": "CachedObjectsRefreshed", "eventVersion": "1.0.0", "notes": "by people",
            "filter": {"domain": ["img.example.com", "www.example.com"]}})
    );
    // Domains in another order are the same domains.
    online(&room, "refreshed", |config| {
        config["filter"]["domain"] = json!(["www.example.com", "img.example.com"]);
    });
    room.run(&["plan", "--detailed-exitcode"]).exits(0);

    edit(&room, "notes: by people", "notes: by programs");
    edit(&room, ", img.example.com]", "]");
    let planned = room.run(&["plan"]).exits(0).says("notes").says("filter.domain");
    assert_eq!(marks(&planned), ["~ fc_trigger.cart[\"refreshed\"]"], "{planned}");
    room.run(&["apply", "-y"]).exits(0);
    let after = seen(&room, &place("refreshed"));
    assert_eq!(after["triggerId"], before);
    assert_eq!(config(&room, "refreshed")["filter"]["domain"], json!(["www.example.com"]));

    online(&room, "refreshed", |config| {
        config["notes"] = json!("by hand");
        config["filter"]["domain"] = json!(["www.example.com", "new.example.com"]);
    });
    room.run(&["drift"]).exits(2).says("notes").says("new.example.com");
    room.run(&["apply", "-y"]).exits(3);
    room.run(&["apply", "-y", "--use-local=fc_trigger.cart[\"refreshed\"]:triggerConfig.notes"]).exits(3);
    room.run(&["adopt", "-y", "fc_trigger.cart[\"refreshed\"]:triggerConfig.filter.domain"]).exits(0);
    assert!(
        text(&room).contains("new.example.com") && text(&room).contains("notes: by programs"),
        "{}",
        text(&room)
    );
    room.run(&["apply", "-y", "--use-local"]).exits(0);
    let config_now = config(&room, "refreshed");
    assert_eq!(config_now["notes"], "by programs");
    assert_eq!(config_now["filter"]["domain"].as_array().map(Vec::len), Some(2));

    // What the service does not change takes a new trigger.
    edit(&room, "eventName: CachedObjectsRefreshed", "eventName: CachedObjectsPushed");
    let planned = room.run(&["plan"]).exits(0);
    assert_eq!(marks(&planned), ["-/+ fc_trigger.cart[\"refreshed\"]"], "{planned}");
    room.run(&["apply", "-y"]).exits(0);
    assert_ne!(seen(&room, &place("refreshed"))["triggerId"], before);
}

#[test]
fn events_of_eventbridge() {
    let room = shop();
    let before = seen(&room, &place("orders"))["triggerId"].clone();
    let parameters = |room: &Room| {
        config(room, "orders")["eventSourceConfig"]["eventSourceParameters"]["sourceRocketMQParameters"]
            .clone()
    };
    assert_eq!(parameters(&room)["InstancePassword"], SECRET);
    // The service shows the parameters of other sources as null, and keys that it made up meanwhile.
    online(&room, "orders", |config| {
        config["eventSourceConfig"]["eventSourceParameters"]["sourceKafkaParameters"] = Json::Null;
        config["eventSourceConfig"]["eventSourceParameters"]["sourceMNSParameters"] = Json::Null;
        config["eventSourceConfig"]["later"] = json!("added");
    });
    room.run(&["plan", "--detailed-exitcode"]).exits(0);

    edit(&room, "maximumTasks: 3", "maximumTasks: 5");
    edit(&room, "TimeBasedWindow: 3", "TimeBasedWindow: 6");
    edit(&room, "Topic: orders", "Topic: baskets");
    edit(&room, "triggerEnable: true", "triggerEnable: false");
    let planned = room.run(&["plan"]).exits(0);
    assert_eq!(marks(&planned), ["~ fc_trigger.cart[\"orders\"]"], "{planned}");
    for place in ["runOptions.maximumTasks", "batchWindow.TimeBasedWindow", "\"orders\" -> \"baskets\""] {
        assert!(planned.stdout.contains(place), "{place} in {planned}");
    }
    room.run(&["apply", "-y"]).exits(0);
    let written = config(&room, "orders");
    assert_eq!(written["triggerEnable"], false);
    assert_eq!(written["runOptions"]["batchWindow"], json!({"CountBasedWindow": 10, "TimeBasedWindow": 6}));
    assert_eq!(parameters(&room)["Topic"], "baskets");
    assert_eq!(parameters(&room)["InstancePassword"], SECRET, "what is only sent along is sent as it was");

    online(&room, "orders", |config| {
        config["eventRuleFilterPattern"] = json!("{\"source\":[\"office\"]}");
        config["runOptions"]["errorsTolerance"] = json!("NONE");
        config["eventSourceConfig"]["eventSourceParameters"]["sourceRocketMQParameters"]["InstancePassword"] =
            json!("another one");
    });
    let drift = room.run(&["drift"]).exits(2).says("eventRuleFilterPattern").says("InstancePassword");
    assert!(!drift.stdout.contains("another one"), "{drift}");
    room.run(&["apply", "-y"]).exits(3);
    room.run(&["adopt", "-y", "fc_trigger.cart[\"orders\"]:triggerConfig.eventRuleFilterPattern"]).exits(0);
    assert!(text(&room).contains("office"), "{}", text(&room));
    room.run(&["apply", "-y", "--use-local"]).exits(0);
    let written = config(&room, "orders");
    assert_eq!(written["runOptions"]["errorsTolerance"], "ALL");
    let pattern = written["eventRuleFilterPattern"].as_str().expect("a text");
    assert_eq!(serde_json::from_str::<Json>(pattern).expect("JSON"), json!({"source": ["office"]}));
    assert_eq!(parameters(&room)["InstancePassword"], SECRET);

    // Another kind of source is another trigger: the service would not look at it in an update.
    let text = text(&room);
    let from = text.find("              eventSourceType:").expect("is there");
    let to = text.find("            eventSinkConfig:").expect("is there");
    let source = "              eventSourceType: MNS
              eventSourceParameters: {sourceMNSParameters: {RegionId: cn-hangzhou, QueueName: orders}}
";
    room.write("s.yaml", &format!("{}{source}{}", &text[..from], &text[to..]));
    let planned = room.run(&["plan"]).exits(0);
    assert_eq!(marks(&planned), ["-/+ fc_trigger.cart[\"orders\"]"], "{planned}");
    room.run(&["apply", "-y"]).exits(0);
    assert_ne!(seen(&room, &place("orders"))["triggerId"], before);
    assert!(parameters(&room).is_null());
}
