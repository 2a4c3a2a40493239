//! The three situations, end to end: the compiled program, a cloud in a process of its own, and as the console
//! the service's official SDK.

mod clone;
mod decisions;
mod online;
mod resources;
mod secrets;
mod sources;

use crate::support::World;

/// A function of two files with an http trigger, and a secret.
pub const PROJECT: &[(&str, &str)] = &[("s.yaml", S_YAML), ("code/index.py", INDEX), ("code/util.py", UTIL)];

pub const S_YAML: &str = "\
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

pub const UTIL: &str = "\
def greet(greeting, name):
    return f'{greeting}, {name}!'


def unused():
    return None
";

/// What somebody made of `util.py` in the console's editor.
pub const LOUD_UTIL: &str = "\
def greet(greeting, name):
    return f'{greeting.upper()}, {name}!'


def unused():
    return None
";

/// The project, applied.
pub fn deployed() -> World {
    let world = World::new(PROJECT);
    world.apply(&[]);
    world
}

/// The URL that an apply or an output told.
#[track_caller]
fn url_in(text: &str) -> &str {
    text.split_whitespace().find(|word| word.starts_with("http://")).expect("a URL")
}
