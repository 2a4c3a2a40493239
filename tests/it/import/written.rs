//! A trigger that somebody added online is written into `s.yaml`, and recorded.

use serde_json::json;

use super::{APPROVED, NIGHTLY, add_timer, deployed, fresh, imported, with_timer};
use crate::adopt::{files, read, settled};
use crate::room::Room;
use crate::situations::{PROJECT, S_YAML};

/// What a person would have written.
const WRITTEN: &str = "
        - triggerName: nightly
          triggerType: timer
          description: added online
          triggerConfig:
            cronExpression: \"@every 5m\"
            enable: true
            payload: 'wake: \"up\"'
";

#[track_caller]
fn check_written(room: &Room, expected: &str) {
    let text = read(room, "s.yaml");
    assert_eq!(text, expected, "{text}");
}

#[test]
fn it_is_written_as_a_person_would_and_the_next_plan_is_empty() {
    let room = with_timer();
    room.run(&["drift"]).exits(2).says(NIGHTLY);
    imported(&room, &[NIGHTLY, "hello/nightly"])
        .says("+ - triggerName: nightly")
        .says("The next plan finds nothing to do for it.")
        .says("Imported, and written into s.yaml. State serial 2.");
    check_written(&room, &format!("{}{}", S_YAML.trim_end(), WRITTEN));
    settled(&room);
    room.run(&["drift"]).exits(0);
    // It is ours: it goes when it is taken out again.
    room.write("s.yaml", S_YAML);
    room.run(&["apply", APPROVED]).exits(0);
    assert_eq!(room.cloud().keys().collect::<Vec<_>>(), ["hello", "hello/http"]);
}

#[test]
fn an_http_trigger_leaves_unsaid_what_the_service_fills_in() {
    let room = deployed();
    let config = json!({"authType": "function", "methods": ["PUT"], "disableURLInternet": true});
    room.console("DELETE", "functions/hello/triggers/http", None);
    room.run(&["apply", APPROVED, "--use-live"]).exits(0);
    room.console(
        "POST",
        "functions/hello/triggers",
        Some(json!({"triggerName": "api", "triggerType": "http", "triggerConfig": config.to_string()})),
    );
    imported(&room, &["fc3_trigger.hello[\"api\"]"]);
    check_written(
        &room,
        &format!(
            "{}
        - triggerName: api
          triggerType: http
          triggerConfig:
            authType: function
            methods:
              - PUT
            disableURLInternet: true
",
            S_YAML.trim_end()
        ),
    );
    room.run(&["plan", "--detailed-exitcode"]).says("1 accepted difference").exits(0);
}

#[test]
fn a_function_without_triggers_gets_its_first_one() {
    let at = S_YAML.find("      triggers:").expect("triggers");
    let room = Room::new(&[("s.yaml", &S_YAML[..at]), PROJECT[1], PROJECT[2]]);
    room.run(&["apply", APPROVED]).exits(0);
    add_timer(&room);
    imported(&room, &[NIGHTLY]);
    check_written(&room, &format!("{}      triggers:{WRITTEN}", &S_YAML[..at]));
    settled(&room);
}

#[test]
fn it_goes_into_the_overlay_that_lists_the_triggers() {
    let room = with_timer();
    // The list of triggers comes through an alias that another entry uses as well.
    let shared = S_YAML
        .replace("\nresources:", "\nvars:\n  shared: &shared\n    - triggerName: http\n      triggerType: http\n      triggerConfig: {authType: anonymous, methods: [GET, POST]}\n\nresources:");
    let at = shared.find("      triggers:").expect("triggers");
    let text = format!("{}      triggers: *shared\n", &shared[..at]);
    let both = text.clone()
        + &text[text.find("  hello:").expect("an entry")..]
            .replace("hello:", "other:")
            .replace("functionName: hello", "functionName: other");
    room.write("s.yaml", &both);
    room.run(&["apply", APPROVED]).exits(0);
    let before = (files(&room), room.kept());
    room.run(&["import", APPROVED, NIGHTLY])
        .exits(1)
        .says("cannot be written into the configuration")
        .says("declare it by hand as it is live, and import it then");
    assert!((files(&room), room.kept()) == before);
}

#[test]
fn without_a_state_its_function_comes_first() {
    let room = fresh();
    add_timer(&room);
    let before = files(&room);
    room.run(&["import", APPROVED, NIGHTLY])
        .exits(1)
        .says("cannot be imported before fc3_function.hello")
        .says("triform import 'fc3_function.hello'");
    assert!(files(&room) == before && room.kept().is_empty());
    imported(&room, &["fc3_function.hello"])
        .says("fc3_trigger.hello[\"nightly\"] belongs to fc3_function.hello, is live and is not imported");
    imported(&room, &[NIGHTLY]);
    imported(&room, &[super::TRIGGER]);
    settled(&room);
}
