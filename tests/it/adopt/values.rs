//! Values: scalars, variables, triggers, routes; comments stay where they are.

use serde_json::json;

use super::{
    S_YAML, adopt, changed_lines, deployed, edit, edit_trigger, edit_variables, files, read, settled,
};
use crate::room::Room;

#[test]
fn what_was_changed_online_is_written_and_the_next_plan_is_empty() {
    let room = deployed();
    edit(&room, json!({"memorySize": 1024}));
    edit_variables(&room, &json!({"LOG_LEVEL": "debug", "GREETING": null, "NEW": "it's: #1"}));
    edit_trigger(&room, "http", &json!({"methods": ["GET", "POST", "PUT"]}));
    edit_trigger(&room, "nightly", &json!({"enable": false}));
    let serial = room.state()["serial"].as_u64();
    room.private("DELETE", "counters", None);
    let ran = adopt(&room, &[]).exits(0).says("Adopted into s.yaml").says("memorySize");
    assert_eq!(room.writes(), 0, "the cloud is kept as it is: {ran}");
    assert_eq!(room.state()["serial"].as_u64(), serial.map(|serial| serial + 1));
    changed_lines(
        S_YAML,
        &read(&room, "s.yaml"),
        &[
            ("memorySize: 512 # enough", "memorySize: 1024 # enough"),
            ("\"warn\"   # quiet", "\"debug\"   # quiet"),
            ("        GREETING: Hello\n", ""),
            ("('DB_PASSWORD')}\n", "('DB_PASSWORD')}\n        NEW: \"it's: #1\"\n"),
            ("[GET, POST]", "[GET, POST, PUT]"),
            ("enable: true", "enable: false"),
        ],
    );
    settled(&room);
}

#[test]
fn what_was_accepted_is_adopted_later() {
    let room = deployed();
    edit(&room, json!({"memorySize": 1024}));
    edit_variables(&room, &json!({"LOG_LEVEL": "debug"}));
    room.run(&["apply", "--auto-approve", "--use-live"]).exits(0);
    room.run(&["plan"]).exits(0).says("2 accepted differences");
    // Only one of them, by a pattern.
    adopt(&room, &["fc3_function.*:memory*"]).exits(0);
    room.run(&["plan"]).exits(0).says("1 accepted difference");
    adopt(&room, &[]).exits(0);
    changed_lines(
        S_YAML,
        &read(&room, "s.yaml"),
        &[("memorySize: 512", "memorySize: 1024"), ("\"warn\"", "\"debug\"")],
    );
    settled(&room);
}

#[test]
fn a_plain_variable_that_is_used_once_is_edited_where_it_is() {
    let room = deployed();
    edit(&room, json!({"timeout": 60}));
    adopt(&room, &[]).exits(0);
    changed_lines(S_YAML, &read(&room, "s.yaml"), &[("size: 512", "size: 60")]);
    settled(&room);
}

#[test]
fn an_expression_and_a_secret_stay_open_and_the_rest_is_written() {
    let room = deployed();
    edit(&room, json!({"memorySize": 1024}));
    edit_variables(&room, &json!({"STAGE": "green-1", "DB_PASSWORD": "another-secret-value"}));
    let ran = adopt(&room, &[])
        .exits(0)
        .says("s.yaml:27:16")
        .says("${vars.stage}-1")
        .says("secrets are not written");
    assert!(!ran.stdout.contains("another-secret-value"), "{ran}");
    changed_lines(S_YAML, &read(&room, "s.yaml"), &[("memorySize: 512", "memorySize: 1024")]);
    room.run(&["plan"]).exits(0).says("2 decisions needed");
    // Nothing is left that could be written: an exit code says so, and so does one that was asked for by name.
    let before = (files(&room), room.kept());
    adopt(&room, &[]).exits(3).says("2 decisions stay open");
    edit(&room, json!({"timeout": 7}));
    adopt(&room, &["fc3_function.hello"]).exits(3).says("nothing was changed");
    assert!((files(&room), room.kept()) == before);
    adopt(&room, &["fc3_function.hello:timeout"]).exits(0);
}

#[test]
fn what_the_project_edits_and_what_converged_is_left_to_the_apply() {
    let room = deployed();
    edit(&room, json!({"memorySize": 1024, "diskSize": 10240}));
    let text = S_YAML.replace("cpu: 0.5", "cpu: 0.6").replace("diskSize: 512", "diskSize: 10240");
    room.write("s.yaml", &text);
    let state = room.state();
    adopt(&room, &[]).exits(0);
    changed_lines(&text, &read(&room, "s.yaml"), &[("memorySize: 512", "memorySize: 1024")]);
    let paths = |state: &serde_json::Value| state["resources"]["fc3_function.hello"]["paths"].clone();
    let (before, after) = (paths(&state), paths(&room.state()));
    for path in ["cpu", "diskSize", "timeout"] {
        assert_eq!(before[path], after[path], "{path}");
    }
    assert_ne!(before["memorySize"], after["memorySize"]);
    room.run(&["plan"]).exits(0).says("1 to change").says("0.5 -> 0.6");
}

#[test]
fn a_conflict_is_adopted_as_well() {
    let room = deployed();
    edit(&room, json!({"memorySize": 1024}));
    let text = S_YAML.replace("memorySize: 512", "memorySize: 768");
    room.write("s.yaml", &text);
    adopt(&room, &[]).exits(0).says("768 -> 1024");
    changed_lines(&text, &read(&room, "s.yaml"), &[("768", "1024")]);
    settled(&room);
}

#[test]
fn routes_of_a_domain() {
    const DOMAIN: &str = "\
edition: 3.0.0
name: web
access: default
resources:
  hello:
    component: fc3
    props:
      region: cn-hangzhou
      functionName: hello
      runtime: python3.10
      handler: index.handler
      code: ./code
      customDomain:
        domainName: hello.localhost
        protocol: HTTP
        route:
          path: /*
          qualifier: LATEST # always the newest
";
    let room = Room::new(&[("s.yaml", DOMAIN), ("code/index.py", super::INDEX)]);
    room.run(&["apply", "--auto-approve"]).exits(0);
    let live = room.console("GET", "custom-domains/hello.localhost", None);
    let mut routes = live["routeConfig"].clone();
    routes["routes"][0]["methods"] = json!(["GET"]);
    room.console("PUT", "custom-domains/hello.localhost", Some(json!({"routeConfig": routes})));
    let ran = adopt(&room, &[]).exits(0);
    let text = read(&room, "s.yaml");
    assert!(text.contains("# always the newest") && text.contains("methods"), "{ran}\n{text}");
    settled(&room);
}

#[test]
fn an_existing_function_is_taken_over_as_it_is() {
    let room = deployed();
    edit(&room, json!({"memorySize": 1024}));
    std::fs::remove_file(room.path(".triform/s.local.state.json")).expect("it is there");
    room.private("DELETE", "counters", None);
    adopt(&room, &[]).exits(0).says("recorded as deployed from here");
    assert_eq!(room.writes(), 0);
    changed_lines(S_YAML, &read(&room, "s.yaml"), &[("memorySize: 512", "memorySize: 1024")]);
    settled(&room);
}

#[test]
fn what_was_deleted_online_goes_from_the_project() {
    let room = deployed();
    room.console("DELETE", "functions/hello/triggers/nightly", None);
    adopt(&room, &[]).exits(0).says("deleted online: its entry goes");
    let at = S_YAML.find("        - triggerName: nightly").expect("it is there");
    assert_eq!(read(&room, "s.yaml"), S_YAML[..at]);
    assert!(room.state()["resources"]["fc3_trigger.hello[\"nightly\"]"].is_null());
    settled(&room);
}

#[test]
fn an_absence_that_was_accepted_is_adopted_later() {
    let room = deployed();
    room.console("DELETE", "functions/hello/triggers/nightly", None);
    room.run(&["apply", "--auto-approve", "--use-live"]).exits(0);
    adopt(&room, &[]).exits(0);
    assert!(!read(&room, "s.yaml").contains("nightly"));
    settled(&room);
}
