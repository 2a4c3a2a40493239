//! The rules below `triform:`, end to end.

use serde_json::json;

use crate::situations::{PROJECT, S_YAML, deployed};
use crate::support::World;

/// Puts rules at the top of the project's file.
fn rules(world: &World, rules: &str) {
    world.write("s.yaml", &format!("{}\ntriform:\n{rules}", S_YAML.trim_end()));
}

/// Somebody changes the memory at the console.
fn tune(world: &World, memory: u32) {
    world.console().update("hello", json!({"memorySize": memory}));
}

#[test]
fn what_a_rule_ignores_is_counted_and_no_drift() {
    let world = deployed();
    tune(&world, 1024);
    world.run(&["drift"]).exits(2);
    rules(
        &world,
        "  ignore:
    - selector: fc3_function.hello:memorySize
      reason: the platform team tunes it
      owner: ops@example.com
      until: 2999-12-31
",
    );
    let drift = world.run(&["drift"]).exits(0);
    let drift =
        drift.shows(&["1 change online ignored"]).shows(&["memorySize", "1024", "ignored; 512 recorded"]);
    drift.shows(&["ignored by the rule fc3_function.hello:memorySize: the platform team"]);
    world.plan(&[]).exits(0).shows(&["1 change online ignored"]).shows(&["ignored by rules"]);
    let json = world.run(&["drift", "--format", "json"]).exits(0);
    let json: serde_json::Value = serde_json::from_str(&json.stdout).expect("JSON");
    assert_eq!(json["triform"]["drifted"], false);
    assert_eq!(json["triform"]["summary"]["ignored"], 1);
    assert_eq!(json["resource_drift"], json!([]));
    let path = &json["triform"]["ignored"][0]["paths"][0];
    assert_eq!(
        (&path["path"], &path["live"], &path["outcome"]),
        (&json!("memorySize"), &json!(1024), &json!("ignore"))
    );
    assert_eq!(path["rule"]["owner"], "ops@example.com");
    // Neither answer for all reaches it, and what is written beside it leaves it alone.
    world.edit("s.yaml", "timeout: 10", "timeout: 20");
    world.apply(&["--use-local"]);
    let function = world.console().function("hello");
    assert_eq!((&function["memorySize"], &function["timeout"]), (&json!(1024), &json!(20)));
    // Whoever names the very place is heard.
    world.apply(&["--use-local=fc3_function.hello:memorySize"]);
    assert_eq!(world.console().function("hello")["memorySize"], 512);
}

#[test]
fn an_expired_rule_is_told_and_ignores_nothing() {
    let world = deployed();
    tune(&world, 1024);
    rules(&world, "  ignore: [{selector: '*:memorySize', reason: during the sale, until: 2020-02-29}]\n");
    let drift = world.run(&["drift"]).exits(2);
    drift.shows(&["the rule *:memorySize, which ignored it, expired on", "2020-02-29"]);
    world.run(&["apply", "--auto-approve"]).exits(3);
    world.apply(&["--use-live"]);
}

#[test]
fn a_rule_in_an_entry_is_about_that_entry() {
    let world = deployed();
    let rules = "component: fc3\n    triform:\n      ignore: [{path: environmentVariables.*, reason: flags}]";
    world.edit("s.yaml", "component: fc3", rules);
    let mut variables = world.console().function("hello")["environmentVariables"].clone();
    variables["FLAG"] = json!("on");
    world.console().update("hello", json!({"environmentVariables": variables}));
    world.run(&["drift"]).exits(0);
    // A map that is written whole is written with what is ignored in it.
    world.edit("s.yaml", "LOG_LEVEL: warn", "LOG_LEVEL: info");
    world.apply(&[]);
    let variables = world.console().function("hello")["environmentVariables"].clone();
    assert_eq!((&variables["FLAG"], &variables["LOG_LEVEL"]), (&json!("on"), &json!("info")));
}

#[test]
fn where_the_project_moved_as_well_somebody_is_asked() {
    let world = deployed();
    tune(&world, 1024);
    rules(&world, "  ignore: ['fc3_function.hello:memorySize']\n");
    world.edit("s.yaml", "memorySize: 512", "memorySize: 384");
    world.run(&["apply", "--auto-approve"]).exits(3).shows(&["conflict: both sides moved"]);
    world.apply(&["--use-local"]);
    assert_eq!(world.console().function("hello")["memorySize"], 384);
}

#[test]
fn a_trigger_that_somebody_added_can_be_ignored() {
    let world = deployed();
    let timer = json!({
        "triggerName": "debug",
        "triggerType": "timer",
        "triggerConfig": json!({"cronExpression": "@every 1h", "enable": true}).to_string(),
    });
    world.console().call("CreateTrigger", &["hello"], timer);
    world.run(&["drift"]).exits(2);
    rules(
        &world,
        "  ignore: [{selector: 'fc3_trigger.hello[\"debug\"]', reason: somebody looks for a bug}]\n",
    );
    let drift = world.run(&["drift"]).exits(0).shows(&["1 change online ignored"]);
    drift.shows(&["also online, not yours: fc3_trigger.hello[\"debug\"]"]);
    // The rule may outlive it.
    world.console().call("DeleteTrigger", &["hello", "debug"], serde_json::Value::Null);
    world.run(&["drift"]).exits(0);
}

#[test]
fn what_must_not_be_destroyed_survives_destroy() {
    let world = deployed();
    world.edit("s.yaml", "component: fc3", "component: fc3\n    triform: {prevent_destroy: true}");
    world.changes_nothing(|| {
        let refused = world.run(&["destroy", "--auto-approve"]).exits(1);
        let refused = refused.tells(&["E0306", "delete fc3_function.hello, and a rule prevents"]);
        let refused = refused.tells(&["delete fc3_trigger.hello[\"http\"], and a rule"]);
        refused.tells(&["triform: {prevent_destroy: true}"]).tells(&["take the rule out first"]);
        // Neither by another name.
        world.edit("s.yaml", "functionName: hello", "functionName: hello2");
        world.run(&["plan"]).exits(1).tells(&["replace fc3_function.hello, and a rule prevents"]);
        world.edit("s.yaml", "functionName: hello2", "functionName: hello");
    });
    world.edit("s.yaml", "memorySize: 512", "memorySize: 384");
    world.apply(&[]);
    world.edit("s.yaml", "prevent_destroy: true", "prevent_destroy: false");
    world.destroy(&[]);
}

#[test]
fn a_move_to_another_name_replaces_what_was_recorded() {
    let world = deployed();
    let text =
        S_YAML.replace("  hello:\n", "  greeter:\n").replace("functionName: hello", "functionName: greeter");
    world.write("s.yaml", &text);
    world.plan(&[]).exits(2).shows(&["2 to add, 2 to delete"]);
    world.write(
        "s.yaml",
        &format!("{text}triform:\n  moved: [{{from: fc3_function.hello, to: fc3_function.greeter}}]\n"),
    );
    let plan = world.plan(&[]).exits(2).shows(&["2 to replace, 2 to move"]);
    let plan =
        plan.shows(&["moves from fc3_function.hello"]).shows(&["moves from fc3_trigger.hello[\"http\"]"]);
    plan.shows(&["cn-hangzhou/hello -> cn-hangzhou/greeter"]);
    world.apply(&[]);
    assert_eq!(world.console().function("greeter")["memorySize"], 512);
    let state = world.state();
    let records = state["resources"].as_object().expect("records");
    assert_eq!(records.keys().collect::<Vec<_>>(), ["fc3_function.greeter", "fc3_trigger.greeter[\"http\"]"]);
}

#[test]
fn what_is_removed_stays_online_and_is_forgotten() {
    let world = deployed();
    let before = world.console().look();
    world.write(
        "s.yaml",
        "edition: 3.0.0\nname: greeter\naccess: default\ntriform:\n  removed: [fc3_function.hello]\nresources: {}\n",
    );
    let plan = world.plan(&[]).exits(2).shows(&["2 to forget"]);
    plan.shows(&["fc3_function.hello", "only its record is dropped; it stays online"]);
    world.apply(&[]);
    assert_eq!(world.console().look(), before);
    assert_eq!(world.state()["resources"], json!({}));
}

#[test]
fn an_import_rule_takes_over_what_agrees_and_asks_where_it_differs() {
    let world = deployed();
    std::fs::remove_dir_all(world.path(".triform")).expect("a state");
    world.run(&["apply", "--auto-approve"]).exits(3);
    rules(
        &world,
        "  import:
    - {to: fc3_function.hello, id: hello}
    - {to: 'fc3_trigger.hello[\"http\"]', id: cn-hangzhou/hello/http}
",
    );
    let before = world.console().look();
    let plan = world.plan(&[]).exits(2).shows(&["2 to take over"]).hides(&["decision"]);
    plan.shows(&["imported, not deployed from here"]);
    world.apply(&[]);
    assert_eq!(world.console().look(), before);
    // The rule stays, and says nothing any more.
    world.plan(&[]).exits(0);
    std::fs::remove_dir_all(world.path(".triform")).expect("a state");
    tune(&world, 1024);
    let open = world.run(&["apply", "--auto-approve"]).exits(3);
    open.tells(&["1 decision is open"]).tells(&["fc3_function.hello:memorySize"]);
    world.apply(&["--use-local"]);
    assert_eq!(world.console().function("hello")["memorySize"], 512);
}

/// A rule, and the words of what is said about it.
const REFUSED: &[(&str, &[&str])] = &[
    ("ignore: ['fc3_function.helo:memorySize']", &["E0307", "`fc3_function.helo:memorySize` names nothing"]),
    ("ignore: ['fc3_function.hello:memorysize']", &["E0151", "a function has no `memorysize`"]),
    ("ignore: [{selector: fc3_function.hello, until: tomorrow}]", &["E0152", "`tomorrow` is no date"]),
    ("prevent_destroy: [fc3_function.helo]", &["E0307", "`fc3_function.helo` names nothing"]),
    ("prevent: [fc3_function.hello]", &["E0150", "there is no rule `triform.prevent`"]),
    (
        "moved: [{from: fc3_function.hello, to: fc3_function.x}]",
        &["E0153", "moves away and is still declared"],
    ),
    ("import: [{to: fc3_function.other, id: other}]", &["E0154", "is imported and not declared"]),
    ("removed: [fc3_function.hello]", &["E0154", "fc3_function.hello is declared, and `removed`"]),
    (
        "create_before_destroy: ['fc3_trigger.hello[\"http\"]']\n# triggerType: timer",
        &["E0310", "cannot be made before the old"],
    ),
];

#[test]
fn bad_rules_stop_before_anything_is_done() {
    let world = deployed();
    let timer = S_YAML.replace("triggerType: http", "triggerType: timer").replace(
        "            authType: anonymous\n            methods: [GET, POST]\n",
        "            cronExpression: '@every 1h'\n            enable: true\n",
    );
    world.changes_nothing(|| {
        for (rule, said) in REFUSED {
            let text = if rule.contains("timer") { timer.as_str() } else { S_YAML };
            world.write("s.yaml", &format!("{text}triform:\n  {rule}\n"));
            world.run(&["apply", "--auto-approve"]).exits(1).tells(said).tells(&["nothing was changed"]);
        }
        world.write("s.yaml", S_YAML);
    });
}

#[test]
fn an_import_of_what_is_not_there_is_refused() {
    let world = World::new(PROJECT);
    rules(&world, "  import: [{to: fc3_function.hello, id: hello}]\n");
    world.run(&["plan"]).exits(1).tells(&["E0309", "fc3_function.hello cannot be imported"]);
    rules(&world, "  import: [{to: fc3_function.hello, id: other}]\n");
    world.run(&["plan"]).exits(1).tells(&["E0309", "fc3_function.hello is imported as `other`"]);
}

#[test]
fn rules_of_a_base_and_of_an_environment_hold_for_what_they_make() {
    let world = deployed();
    world.write(
        "base.yaml",
        &format!("{}\ntriform:\n  ignore: ['fc3_function.hello:memorySize']\n", S_YAML.trim_end()),
    );
    world.write(
        "s.yaml",
        "extend: base.yaml
env: envs.yaml
resources:
  hello:
    triform:
      prevent_destroy: true
",
    );
    world.write(
        "envs.yaml",
        "environments:
  - name: prod
    overlays:
      resources:
        hello: {functionName: hello-prod}
",
    );
    tune(&world, 1024);
    world.run(&["drift"]).exits(0).shows(&["1 change online ignored"]);
    world.run(&["destroy", "-y"]).exits(1).tells(&["prevent_destroy"]);
    // The rules of the base are those of every environment, each with a function of its own.
    world.run(&["apply", "-y", "--env", "prod"]).exits(0);
    world.console().update("hello-prod", json!({"memorySize": 1024}));
    world.run(&["drift", "--env", "prod"]).exits(0).shows(&["1 change online ignored"]);
    world.run(&["destroy", "-y", "--env", "prod"]).exits(1).tells(&["prevent_destroy"]);
    assert_eq!(world.console().function("hello-prod")["memorySize"], 1024);
}

#[test]
fn what_is_made_anew_as_asked_cannot_stand_before_the_old_one_under_one_name() {
    let world = deployed();
    rules(&world, "  create_before_destroy: [fc3_function.hello]\n");
    world.changes_nothing(|| {
        let ran = world.run(&["apply", "-y", "--replace", "fc3_function.hello"]).exits(1);
        drop(ran.tells(&["cannot be made before the old one goes"]));
    });
}
