//! Whole resources: deleted on one side, added on the other, left out, and gone in the end.

use serde_json::json;

use super::{PROJECT, deployed, url_in};
use crate::support::{World, get};

#[test]
fn what_was_deleted_online_is_asked_about() {
    let world = deployed();
    world.console().call("DeleteTrigger", &["hello", "http"], json!(null));
    let plan = world.plan(&[]).exits(2);
    assert!(plan.stdout.contains("it was deleted online"), "{plan}");
    world.changes_nothing(|| world.run(&["apply", "--auto-approve"]).exits(3));
    world.apply(&["--use-live"]);
    assert_eq!(world.console().look()["functions"]["hello"]["triggers"], json!(null));
    // It was let go; its configuration moving asks again.
    world.edit("s.yaml", "methods: [GET, POST]", "methods: [GET]");
    world.changes_nothing(|| world.run(&["apply", "--auto-approve"]).exits(3));
    let ran = world.apply(&["--use-local"]);
    assert_eq!(get(url_in(&ran.stdout)).0, 200);
}

#[test]
fn a_function_deleted_online_takes_its_trigger_along_and_both_come_back() {
    let world = deployed();
    world.console().call("DeleteTrigger", &["hello", "http"], json!(null));
    world.console().call("DeleteFunction", &["hello"], json!(null));
    world.plan(&[]).exits(2).shows(&["1 decision needed"]);
    let ran = world.apply(&["--use-local"]);
    assert_eq!(get(url_in(&ran.stdout)), (200, "Hello, world!".to_owned()));
}

#[test]
fn a_trigger_that_somebody_added_is_reported_and_never_touched() {
    let world = deployed();
    let config = json!({"cronExpression": "0 0 4 * * *", "enable": false}).to_string();
    let timer = json!({"triggerName": "debug-timer", "triggerType": "timer", "triggerConfig": config});
    world.console().call("CreateTrigger", &["hello"], timer);
    let plan = world.plan(&[]).exits(0);
    assert!(plan.stdout.contains("not yours: fc3_trigger.hello[\"debug-timer\"]"), "{plan}");
    world.run(&["drift"]).exits(2).shows(&["debug-timer"]);
    world.edit("s.yaml", "timeout: 10", "timeout: 20");
    world.apply(&[]);
    assert_eq!(world.console().trigger_config("hello", "debug-timer")["cronExpression"], "0 0 4 * * *");
    // Its parent is not deleted under it.
    world.changes_nothing(|| {
        world.run(&["destroy", "--auto-approve"]).exits(1).tells(&["debug-timer"]);
    });
}

#[test]
fn a_trigger_that_left_the_project_is_deleted() {
    let world = deployed();
    let (head, _) = super::S_YAML.split_once("      triggers:").expect("has triggers");
    world.write("s.yaml", head);
    world.plan(&[]).exits(2).shows(&["1 to delete"]).shows(&["- fc3_trigger.hello[\"http\"]"]);
    world.apply(&[]);
    assert_eq!(world.console().look()["functions"]["hello"]["triggers"], json!(null));
}

#[test]
fn destroy_leaves_nothing_and_asks_about_what_was_edited_online() {
    let world = deployed();
    world.console().update("hello", json!({"memorySize": 1024}));
    world.changes_nothing(|| {
        world.run(&["destroy"]).exits(3);
        world.run(&["destroy", "--auto-approve"]).exits(3);
        world.run(&["destroy", "--use-local"]).exits(6);
    });
    world.destroy(&["--use-local"]).shows(&["2 to delete"]);
    assert_eq!(world.console().look(), json!({}));
    assert_eq!(world.state()["resources"], json!({}));
    world.apply(&[]); // and it can all be made again
}

#[test]
fn a_partial_plan_says_so_and_leaves_the_rest_alone() {
    let world = World::new(PROJECT);
    world.write("more/index.py", "def handler(event, context):\n    return 'more'\n");
    let second = "  more:\n    component: fc3\n    props:\n      region: cn-hangzhou\n      functionName: more\n      \
                  runtime: python3.10\n      handler: index.handler\n      code: ./more\n";
    world.write("s.yaml", &format!("{}{second}", super::S_YAML));
    let plan = world.plan(&["--target", "fc3_function.more"]).exits(2).shows(&["1 to add"]);
    assert!(plan.stdout.contains("This plan is partial"), "{plan}");
    world.apply(&["--target", "fc3_function.more"]);
    let names = |world: &World| {
        let look = world.console().look();
        look["functions"].as_object().expect("a map").keys().cloned().collect::<Vec<_>>()
    };
    assert_eq!(names(&world), ["more"]);
    world.apply(&["--exclude", "fc3_function.more"]);
    assert_eq!(names(&world), ["hello", "more"]);
    world.plan(&[]).exits(0);
    world.destroy(&["--target", "fc3_function.hello"]);
    assert_eq!(names(&world), ["more"]);
    world.run(&["plan", "--target", "fc3_function.nobody"]).exits(1).tells(&["nobody"]);
}

#[test]
fn outputs_are_told_to_people_and_to_programs() {
    let world = World::new(PROJECT);
    world.run(&["output"]).exits(0).tells(&["there is no state"]);
    let url = url_in(&world.apply(&[]).stdout).to_owned();
    world.run(&["output"]).exits(0).shows(&["hello", &url]).shows(&["functionArn", "acs:fc:cn-hangzhou:"]);
    let outputs: serde_json::Value =
        serde_json::from_str(&world.run(&["output", "--format", "json"]).exits(0).stdout).expect("JSON");
    assert_eq!(outputs["fc3_trigger.hello[\"http\"]"]["urlInternet"], json!(url));
}

#[test]
fn a_targeted_destroy_takes_nothing_that_others_still_need() {
    let function = |name: &str, variables: &str| {
        format!(
            "  {name}:\n    component: fc3\n    props:\n      region: cn-hangzhou\n      functionName: {name}\n      \
             runtime: python3.10\n      handler: index.handler\n      code: ./code\n      \
             environmentVariables:\n        {variables}\n"
        )
    };
    let project = String::from("edition: 3.0.0\nname: pair\nresources:\n")
        + &function("first", "STAGE: test")
        + &function("second", "FIRST: ${resources.first.output.functionArn}");
    let world = World::new(&[("s.yaml", &project), ("code/index.py", "def handler(event, context): pass\n")]);
    world.apply(&[]);
    world.changes_nothing(|| {
        let refused = world.run(&["destroy", "--auto-approve", "--target", "fc3_function.first"]).exits(1);
        refused.tells(&["fc3_function.first cannot be deleted without"]).tells(&["fc3_function.second"]);
    });
    world.run(&["destroy", "--auto-approve", "--target", "fc3_function.second"]).exits(0);
    let left = world.state()["resources"].as_object().map(|found| found.keys().cloned().collect::<Vec<_>>());
    assert_eq!(left, Some(vec!["fc3_function.first".to_owned()]));
}

#[test]
fn a_trigger_of_another_type_takes_nothing_of_the_old_one_along() {
    let trigger = |config: &str| {
        format!(
            "edition: 3.0.0\nname: typed\nresources:\n  typed:\n    component: fc3\n    props:\n      \
             region: cn-hangzhou\n      functionName: typed\n      runtime: python3.10\n      \
             handler: index.handler\n      code: ./code\n      triggers:\n        - triggerName: call\n          \
             {config}\n"
        )
    };
    let http = trigger("triggerType: http\n          triggerConfig: {authType: anonymous, methods: [GET]}");
    let timer =
        trigger("triggerType: timer\n          triggerConfig: {cronExpression: '@every 5m', enable: true}");
    let world = World::new(&[("s.yaml", &http), ("code/index.py", "def handler(event, context): pass\n")]);
    world.apply(&[]);
    world.write("s.yaml", &timer);
    world.apply(&[]).shows(&["-/+", "fc3_trigger.typed[\"call\"]"]);
    let config = world.console().trigger_config("typed", "call");
    assert_eq!(config["cronExpression"], "@every 5m");
    assert!(config.get("methods").is_none() && config.get("authType").is_none(), "{config}");
}
