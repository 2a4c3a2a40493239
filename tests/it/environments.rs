//! A project of several files: a base in another folder, and environments that share neither names nor states.

use std::sync::Arc;

use serde_json::{Value as Json, json};
use triform::config::edit::{Project, Wanted, edit};
use triform::config::{Given, Sources};
use triform::diag::Source;
use triform::model::Value;
use triform::provider::aliyun::fc3::component::FC3;

use crate::room::Room;

const FILES: &[(&str, &str)] = &[
    (
        "common/base.yaml",
        "\
edition: 3.0.0
name: shop
resources:
  cart:
    component: fc3
    props:
      region: cn-hangzhou
      functionName: cart-${vars.stage} # one for each stage
      runtime: python3.10
      handler: index.handler
      timeout: 30
      environmentVariables:
        LEVEL: info
        GREETING: ${env('GREETING')}
",
    ),
    ("common/.env", "GREETING=hello\n"),
    (
        "s.yaml",
        "\
extend: common/base.yaml
vars: {stage: dev}
env: envs.yaml
resources:
  cart:
    props:
      code: ./code # from this folder
      memorySize: 256
",
    ),
    (
        "envs.yaml",
        "\
environments:
  - name: prod
    overlays:
      resources:
        cart:
          functionName: cart-prod
          environmentVariables:
            LEVEL: warn
  - name: test
    overlays:
      components:
        fc3: {functionName: cart-test, timeout: 5}
",
    ),
    ("code/index.py", "def handler(event, context):\n    return 'tea'\n"),
];

fn room() -> Room {
    let room = Room::new(FILES);
    std::fs::create_dir(room.root().join(".git")).expect("a folder");
    room
}

fn function(room: &Room, name: &str) -> Json {
    room.console("GET", &format!("functions/{name}"), None)
}

#[test]
fn environments_are_deployed_side_by_side() {
    let room = room();
    room.run(&["validate", "--env", "prod"]).exits(0).says("is valid: 1 resource.");
    for environment in [None, Some("prod"), Some("test")] {
        let mut args = vec!["apply", "--auto-approve"];
        args.extend(environment.iter().flat_map(|name| ["--env", name]));
        let ran = room.run(&args).exits(0);
        assert_eq!(ran.stdout.contains("shop · environment "), environment.is_some(), "{ran}");
    }
    let facts = |name: &str| {
        let function = function(&room, name);
        let variables = &function["environmentVariables"];
        let facts =
            [&function["timeout"], &function["memorySize"], &variables["LEVEL"], &variables["GREETING"]];
        Json::Array(facts.into_iter().cloned().collect())
    };
    assert_eq!(facts("cart-dev"), json!([30, 256, "info", "hello"]));
    assert_eq!(facts("cart-prod"), json!([30, 256, "warn", "hello"]));
    assert_eq!(facts("cart-test"), json!([5, 256, "info", "hello"]));
    let states: Vec<String> = room.kept().into_keys().filter(|name| name.ends_with(".state.json")).collect();
    assert_eq!(states, ["s.local.state.json", "s@prod.local.state.json", "s@test.local.state.json"]);

    // What happens to one is no matter of the others.
    room.console("PUT", "functions/cart-prod", Some(json!({"timeout": 60})));
    room.run(&["drift"]).exits(0);
    room.run(&["drift", "--env", "test"]).exits(0);
    let ran = room.run(&["drift", "--env", "prod", "--format", "github"]).exits(2);
    let line = "file=project/common/base.yaml,line=11,";
    assert!(ran.stdout.contains(line), "{ran}");
    room.run(&["destroy", "--auto-approve", "--env", "test"]).exits(0);
    assert_eq!(room.ids().into_keys().collect::<Vec<_>>(), ["cart-dev", "cart-prod"]);
    room.run(&["plan", "--detailed-exitcode"]).exits(0);
}

#[test]
fn a_saved_plan_is_of_its_environment() {
    let room = room();
    room.run(&["plan", "--env", "prod", "-o", "prod.triform"]).exits(0);
    room.run(&["apply", "prod.triform", "--auto-approve", "--env", "test"])
        .exits(1)
        .says("the plan is for the environment `prod`, and --env names the environment `test`");
    assert!(room.ids().is_empty());
    room.run(&["apply", "prod.triform", "--auto-approve"]).exits(0);
    room.run(&["plan", "--env", "prod", "--detailed-exitcode"]).exits(0);
    room.run(&["plan", "--detailed-exitcode"]).exits(2);
    // Whoever moves a state by hand to another environment is told.
    let state = |name: &str| room.path(&format!(".triform/{name}.local.state.json"));
    std::fs::copy(state("s@prod"), state("s@test")).expect("copies");
    room.run(&["plan", "--env", "test"]).exits(1).says("environment `prod`");
}

#[test]
fn an_environment_that_is_not_there_plans_nothing() {
    let room = room();
    room.run(&["plan", "--env", "prd"]).exits(1).says("did you mean `prod`?");
    std::fs::remove_file(room.path("envs.yaml")).expect("is there");
    room.run(&["plan", "--env", "prod"]).exits(1).says("could not read `envs.yaml`: there is no such file");
    room.run(&["plan"]).exits(0);
    std::fs::remove_file(room.path("common/base.yaml")).expect("is there");
    room.run(&["plan"]).exits(1).says("could not read `common/base.yaml`: there is no such file");
}

/// Writes values that were found live into the project's files, and returns the lines that came.
fn write_back(room: &Room, environment: Option<&str>, values: &[(&str, Value)]) -> Vec<String> {
    let read = |name: &str| std::fs::read_to_string(room.path(name)).map_err(|error| error.to_string());
    let main = Source { name: "s.yaml".to_owned(), text: read("s.yaml").expect("text") };
    let sources = Sources::gather(Arc::new(main), environment, &mut |name| read(name));
    let given = Given { variables: &|name| Some(name.to_lowercase()), overrides: &[], unset: None };
    let project = Project { sources: &sources, given: &given, components: &[&FC3], is_secret: &|_, _| false };
    let wanted = values.iter().map(|(path, value)| Wanted {
        address: "fc3_function.cart".parse().expect("an address"),
        path: path.parse().expect("a path"),
        value: Some(value.clone()),
    });
    let edited = edit(&project, &wanted.collect::<Vec<_>>());
    assert!(edited.refused.is_empty(), "{:?}", edited.refused);
    let mut came = Vec::new();
    for (name, text) in &edited.texts {
        let old = read(name).expect("text");
        let new = text.lines().filter(|line| !old.lines().any(|other| other == *line));
        came.extend(new.map(|line| format!("{name}:{line}")));
        room.write(name, text);
    }
    came
}

#[test]
fn what_is_kept_from_live_goes_into_the_file_that_says_it() {
    let room = room();
    let environments = [None, Some("prod"), Some("test")];
    let run = |verb: &[&str], environment: Option<&str>| {
        let mut args = verb.to_vec();
        args.extend(environment.iter().flat_map(|name| ["--env", name]));
        room.run(&args)
    };
    for environment in environments {
        run(&["apply", "--auto-approve"], environment).exits(0);
    }
    // In the base, in the file over it, and nowhere yet.
    let changed = json!({"timeout": 40, "memorySize": 512, "description": "of tea"});
    room.console("PUT", "functions/cart-dev", Some(changed));
    let values =
        [("timeout", Value::int(40)), ("memorySize", Value::int(512)), ("description", "of tea".into())];
    assert_eq!(
        write_back(&room, None, &values),
        [
            "common/base.yaml:      timeout: 40",
            "s.yaml:      description: of tea",
            "s.yaml:      memorySize: 512"
        ]
    );
    run(&["plan", "--detailed-exitcode"], None).exits(0);
    for environment in &environments[1..] {
        run(&["apply", "--auto-approve"], *environment).exits(0); // they follow the files that they share
    }
    // In the environment; and in the base, where another environment would be changed too.
    let variables = json!({"LEVEL": "error", "GREETING": "hello"});
    let changed = json!({"timeout": 50, "environmentVariables": variables});
    room.console("PUT", "functions/cart-prod", Some(changed));
    let values = [("timeout", Value::int(50)), ("environmentVariables[\"LEVEL\"]", "error".into())];
    assert_eq!(
        write_back(&room, Some("prod"), &values),
        ["envs.yaml:            LEVEL: error", "envs.yaml:          timeout: 50"]
    );
    for environment in environments {
        run(&["plan", "--detailed-exitcode"], environment).exits(0);
    }
}

#[test]
fn what_is_adopted_for_the_only_environment_leaves_the_project_without_one_alone() {
    let room = room();
    room.write("envs.yaml", "environments:\n  - name: prod\n    overlays:\n      resources:\n        cart: {functionName: cart-prod}\n");
    room.run(&["apply", "--auto-approve"]).exits(0);
    room.run(&["apply", "--auto-approve", "--env", "prod"]).exits(0);
    room.console("PUT", "functions/cart-prod", Some(json!({"timeout": 66})));
    room.run(&["adopt", "--auto-approve", "--env", "prod"]).exits(0);
    let text = std::fs::read_to_string(room.path("envs.yaml")).expect("is there");
    assert!(text.contains("timeout: 66"), "{text}");
    room.run(&["plan", "--detailed-exitcode", "--env", "prod"]).exits(0);
    room.run(&["plan", "--detailed-exitcode"]).exits(0);
}
