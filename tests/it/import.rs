//! `import`: something that is live comes under management, and the cloud is left as it is.

mod asks;
mod bad;
mod crash;
mod written;

use serde_json::{Value as Json, json};

use crate::adopt::{files, upload};
use crate::room::Room;
use crate::situations::{PROJECT, S_YAML};

const APPROVED: &str = "--auto-approve";
const FUNCTION: &str = "fc3_function.hello";
const TRIGGER: &str = "fc3_trigger.hello[\"http\"]";
const NIGHTLY: &str = "fc3_trigger.hello[\"nightly\"]";

/// The project, applied, and its state gone: a fresh checkout.
fn fresh() -> Room {
    let room = deployed();
    std::fs::remove_dir_all(room.path(".triform")).expect("a state");
    room
}

fn deployed() -> Room {
    let room = Room::new(PROJECT);
    room.run(&["apply", APPROVED]).exits(0);
    room
}

/// The project, applied, and a timer that somebody added in the console.
fn with_timer() -> Room {
    let room = deployed();
    add_timer(&room);
    room
}

fn add_timer(room: &Room) {
    let config = json!({"cronExpression": "@every 5m", "enable": true, "payload": "wake: \"up\""});
    let timer = json!({
        "triggerName": "nightly", "triggerType": "timer", "triggerConfig": config.to_string(),
        "description": "added online",
    });
    room.console("POST", "functions/hello/triggers", Some(timer));
}

/// Imports, and demands that nothing was written to the cloud.
#[track_caller]
fn imported(room: &Room, args: &[&str]) -> crate::room::Ran {
    let (before, writes) = (room.cloud(), room.writes());
    let ran = room.run(&[&["import", APPROVED], args].concat()).exits(0);
    assert!((room.cloud(), room.writes()) == (before, writes), "the cloud was written: {ran}");
    ran
}

#[test]
fn what_agrees_is_recorded_and_the_next_plan_is_empty() {
    let room = fresh();
    room.run(&["apply", APPROVED]).exits(3);
    imported(&room, &[FUNCTION])
        .says("recorded as deployed from here; nothing is written to it")
        .says("The next plan finds nothing to do for it.")
        .says(
            "fc3_trigger.hello[\"http\"] belongs to fc3_function.hello, is live and is not imported with it.",
        )
        .says("Imported. State serial 1.");
    imported(&room, &[TRIGGER, "cn-hangzhou/hello/http"]).says("Imported. State serial 2.");
    room.run(&["plan", "--detailed-exitcode"]).exits(0);
    // It is ours like what was created from here: what is edited online afterwards is drift.
    room.console("PUT", "functions/hello", Some(json!({"memorySize": 1024})));
    room.run(&["drift"]).exits(2).says("memorySize");
    room.run(&["apply", APPROVED, "--use-local"]).exits(0);
    assert_eq!(room.console("GET", "functions/hello", None)["memorySize"], 512);
    // What the service was never told from here is as it was found.
    room.run(&["destroy", APPROVED]).exits(0);
    assert!(room.cloud().is_empty());
}

/// A function that differs from the project in every way that there is: a value, one that only the project has, one
/// that only the cloud has, a file of each.
fn differing() -> Room {
    let room = fresh();
    room.console(
        "PUT",
        "functions/hello",
        Some(json!({
            "memorySize": 1024, "description": "by hand",
            "environmentVariables": {"LOG_LEVEL": "warn", "DB_PASSWORD": "another-one", "EXTRA": "1"},
        })),
    );
    let old = "def greet(greeting, name):\n    return greeting\n";
    upload(&room, &[("util.py", 0o644, old.as_bytes()), ("more.py", 0o644, b"MORE = 1\n")]);
    room
}

const QUESTIONS: [&str; 6] = [
    "fc3_function.hello:memorySize",
    "fc3_function.hello:environmentVariables[\"GREETING\"]",
    "fc3_function.hello:environmentVariables[\"DB_PASSWORD\"]",
    "fc3_function.hello:code[\"index.py\"]",
    "fc3_function.hello:code[\"util.py\"]",
    "fc3_function.hello:code[\"more.py\"]",
];

#[test]
fn where_the_two_differ_the_next_plan_asks_and_writes_nothing_unasked() {
    let room = differing();
    imported(&room, &[FUNCTION])
        .says("? memorySize config 512, live 1024")
        .says("environmentVariables[\"GREETING\"] config \"Hello\", live (none)")
        .says("code[\"index.py\"] only here")
        .says("code[\"util.py\"] live is another one")
        .says("code[\"more.py\"] only live")
        .says("6 places differ: nothing is written there, and the next plan asks who wins.");
    imported(&room, &[TRIGGER]);
    let before = room.cloud();
    let open = room.run(&["apply", APPROVED]).exits(3).says("6 decisions are open");
    for question in QUESTIONS {
        assert!(open.stderr.contains(question), "{question}: {open}");
    }
    assert_eq!(room.cloud(), before);
    room.run(&["apply", APPROVED, "--use-local"]).exits(0);
    let live = room.console("GET", "functions/hello", None);
    assert_eq!(live["memorySize"], 512);
    assert_eq!(live["environmentVariables"]["GREETING"], "Hello");
    assert_eq!(
        (&live["environmentVariables"]["EXTRA"], &live["description"]),
        (&json!("1"), &json!("by hand")),
        "what the project never mentioned stays"
    );
}

#[test]
fn what_is_live_can_win() {
    let room = differing();
    imported(&room, &[FUNCTION]);
    imported(&room, &[TRIGGER]);
    let before = room.cloud();
    room.run(&["apply", APPROVED, "--use-live"]).exits(0);
    assert_eq!(room.cloud(), before);
    room.run(&["plan", "--detailed-exitcode"]).exits(0).says("6 accepted differences");
}

#[test]
fn what_is_live_can_be_adopted() {
    let room = differing();
    imported(&room, &[FUNCTION]);
    imported(&room, &[TRIGGER]);
    let place = "fc3_function.hello:memorySize";
    room.run(&["adopt", APPROVED, place, "fc3_function.hello:code[\"more.py\"]"]).exits(0);
    assert_eq!(crate::adopt::read(&room, "s.yaml"), S_YAML.replace("memorySize: 512", "memorySize: 1024"));
    assert_eq!(crate::adopt::read(&room, "code/more.py"), "MORE = 1\n");
    // Nothing was recorded of what the project's file was, so it is not taken for an older one.
    let before = files(&room);
    room.run(&["adopt", APPROVED, "fc3_function.hello:code[\"util.py\"]"]).exits(3);
    assert!(files(&room) == before);
    room.run(&["plan"]).exits(0).says("4 decisions");
}

#[test]
fn one_that_was_let_go_of_is_imported_again() {
    let room = deployed();
    room.console("DELETE", "functions/hello/triggers/http", None);
    room.run(&["apply", APPROVED, "--use-live"]).exits(0);
    room.run(&["import", APPROVED, TRIGGER]).exits(1).says("there is no `cn-hangzhou/hello/http`");
    let config = json!({"authType": "anonymous", "methods": ["GET"]}).to_string();
    let http = json!({"triggerName": "http", "triggerType": "http", "triggerConfig": config});
    room.console("POST", "functions/hello/triggers", Some(http));
    imported(&room, &[TRIGGER, "hello/http"]).says("1 place differs");
    room.run(&["apply", APPROVED]).exits(3).says("triggerConfig.methods");
}

#[test]
fn a_domain_is_imported_without_the_routes_of_others() {
    let text = format!(
        "{S_YAML}      customDomain:
        domainName: www.example.localhost
        protocol: HTTP
        route:
          path: /hello/*
          qualifier: LATEST
"
    );
    let room = Room::new(&[("s.yaml", &text), PROJECT[1], PROJECT[2]]);
    room.run(&["apply", APPROVED]).exits(0);
    let domain = "custom-domains/www.example.localhost";
    let mut live = room.console("GET", domain, None);
    let routes = live["routeConfig"]["routes"].as_array_mut().expect("routes");
    routes.push(json!({"path": "/theirs/*", "functionName": "hello", "qualifier": "LATEST"}));
    room.console("PUT", domain, Some(json!({"routeConfig": live["routeConfig"]})));
    std::fs::remove_dir_all(room.path(".triform")).expect("a state");
    imported(&room, &["fc3_custom_domain[\"www.example.localhost\"]", "www.example.localhost"]);
    let recorded = room.run(&["state", "show", "fc3_custom_domain[\"www.example.localhost\"]"]).exits(0);
    assert!(recorded.stdout.contains("/hello/*") && !recorded.stdout.contains("/theirs/*"), "{recorded}");
    let target = "fc3_custom_domain[\"www.example.localhost\"]";
    let plan = room.run(&["plan", "--target", target, "--format", "json"]).exits(0).stdout;
    let plan: Json = serde_json::from_str(&plan).expect("JSON");
    let changes = plan["resource_changes"].as_array().expect("changes").iter();
    let mut own = changes.filter(|change| change["address"] == target);
    assert_eq!(own.next().map(|change| &change["change"]["actions"]), Some(&json!(["no-op"])), "{plan}");
}

#[test]
fn a_running_apply_is_not_disturbed_and_an_interrupted_one_is_settled_first() {
    let room = fresh();
    imported(&room, &[FUNCTION]);
    room.write("s.yaml", &S_YAML.replace("timeout: 10", "timeout: 20"));
    room.switch(json!([{"name": "held", "operation": "UpdateFunction", "when": "after", "do": "hold"}]));
    let mut apply = room
        .command(&["apply", APPROVED, "--target", FUNCTION, "--exclude", TRIGGER])
        .spawn()
        .expect("starts");
    room.wait_until_held(&mut apply);
    room.run(&["import", APPROVED, TRIGGER]).exits(5).says("running `triform apply`");
    crate::room::kill(&mut apply);
    room.release("proceed");
    room.wait_until_quiet();
    room.switch(json!([]));
    imported(&room, &[TRIGGER])
        .says("An earlier apply was interrupted")
        .says("it was carried out, and counts as recorded");
    assert!(room.journal().is_empty(), "what it knew is in the state");
    room.run(&["plan", "--detailed-exitcode"]).exits(0);
}
