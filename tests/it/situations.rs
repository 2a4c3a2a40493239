//! The three situations, end to end: the compiled program, a cloud in a process of its own, and as the console
//! the service's official SDK.

use serde_json::json;

use crate::support::{World, get};

/// A function of two files with an http trigger, and a secret.
const PROJECT: &[(&str, &str)] = &[("s.yaml", S_YAML), ("code/index.py", INDEX), ("code/util.py", UTIL)];

const S_YAML: &str = "\
edition: 3.0.0
name: greeter
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
      memorySize: 512
      timeout: 10
      environmentVariables:
        LOG_LEVEL: warn
        GREETING: Hello
        DB_PASSWORD: ${env('DB_PASSWORD')}
      triggers:
        - triggerName: http
          triggerType: http
          triggerConfig:
            authType: anonymous
            methods: [GET, POST]
";

const INDEX: &str = "\
import os

import util


def handler(event, context):
    name = 'world'
    return {'statusCode': 200, 'body': util.greet(os.environ['GREETING'], name)}
";

const UTIL: &str = "\
def greet(greeting, name):
    return f'{greeting}, {name}!'


def unused():
    return None
";

fn deployed() -> World {
    let world = World::new(PROJECT);
    world.apply(&[]);
    world
}

#[test]
fn new_here_and_absent_there_is_created_and_answers() {
    let world = World::new(PROJECT);
    let plan = world.plan(&[]).exits(2).shows(&["2 to add"]).shows(&["+ fc3_function.hello"]);
    assert!(plan.stdout.contains("+ fc3_trigger.hello[\"http\"]"), "{plan}");
    let ran = world.apply(&[]);
    let url = ran.stdout.split_whitespace().find(|word| word.starts_with("http://")).expect("a URL");
    assert_eq!(get(url), (200, "Hello, world!".to_owned()));
    assert_eq!(world.console().function("hello")["memorySize"], 512);
    assert_eq!(world.console().code("hello")["util.py"], UTIL);
}

#[test]
fn what_was_edited_online_is_shown_and_nobody_is_overwritten_unasked() {
    let world = deployed();
    world.console().update("hello", json!({"memorySize": 1024}));
    let plan = world.plan(&[]).exits(2);
    assert_eq!(plan.marks(), ["? fc3_function.hello", "? memorySize"], "{plan}");
    world.changes_nothing(|| world.run(&["apply"]).exits(3).tells(&["fc3_function.hello:memorySize"]));
}
