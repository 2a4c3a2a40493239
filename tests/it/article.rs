//! The article that this product starts from, step by step: a service, a function and a trigger of FC 2.0 are
//! deployed, edited online with the service's own SDK, and deployed again; by somebody at a terminal, and by a
//! pipeline.

use serde_json::{Value as Json, json};

use crate::support::{Console, World, get, has_line, without_colour};

const SERVICE: &str = "fc-deploy-service";
const FUNCTION: &str = "http-trigger-function";

const FILES: &[(&str, &str)] = &[("s.yaml", S_YAML), ("code/index.py", INDEX), ("code/words.py", WORDS)];

const S_YAML: &str = "\
edition: 1.0.0
name: fc-deploy
access: default

vars:
  region: cn-hangzhou

services:
  fc-deploy-test:
    component: devsapp/fc
    actions:
      pre-deploy:
        - run: echo building
          path: ./code
    props:
      region: ${vars.region}
      service:
        name: fc-deploy-service
        description: demo for fc-deploy
        internetAccess: true
      function:
        name: http-trigger-function
        description: this is a test
        runtime: python3
        handler: index.handler
        codeUri: ./code
        memorySize: 128
        timeout: 60
        environmentVariables:
          LEVEL: info
      triggers:
        - name: httpTrigger
          type: http
          config:
            authType: anonymous
            methods: [GET]
";

const INDEX: &str = "\
import words


def handler(environ, start_response):
    start_response('200 OK', [('Content-Type', 'text/plain')])
    return [words.GREETING.encode()]
";

const WORDS: &str = "GREETING = 'hello world'\n";

const APPROVE: &str = "Only 'yes' is accepted: ";
const PROMPT: &str = "\n> ";

const SERVICE_ADDRESS: &str = "fc_service[\"fc-deploy-service\"]";
const TRIGGER_ADDRESS: &str = "fc_trigger.fc-deploy-test[\"httpTrigger\"]";

/// What the URL of the trigger answers.
#[track_caller]
fn called(world: &World) -> String {
    let outputs = world.run(&["output", "--format", "json"]).exits(0).stdout;
    let outputs: Json = serde_json::from_str(&outputs).expect("JSON");
    let url =
        outputs[TRIGGER_ADDRESS]["urlInternet"].as_str().unwrap_or_else(|| panic!("a URL in {outputs}"));
    let (status, body) = get(url);
    assert_eq!(status, 200, "{body}");
    body
}

/// Somebody edits everything online: the service, the function, its code, and the trigger.
fn edited_online(console: &mut Console) {
    console.ask("update_service", &[SERVICE], &json!({"description": "edited in the console"}));
    console.ask(
        "update_function",
        &[SERVICE, FUNCTION],
        &json!({"environmentVariables": {"LEVEL": "debug"}}),
    );
    let files = json!({"words.py": "GREETING = 'fixed in production'\n"});
    console.edit_code_of(SERVICE, FUNCTION, &files);
    let config = json!({"authType": "anonymous", "methods": ["GET", "POST"]});
    console.ask("update_trigger", &[SERVICE, FUNCTION, "httpTrigger"], &json!({"triggerConfig": config}));
}

#[track_caller]
fn described(console: &mut Console) -> Json {
    let service = console.ask("get_service", &[SERVICE], &Json::Null);
    let function = console.ask("get_function", &[SERVICE, FUNCTION], &Json::Null);
    let trigger = console.ask("get_trigger", &[SERVICE, FUNCTION, "httpTrigger"], &Json::Null);
    let mut methods = trigger["triggerConfig"]["methods"].clone();
    methods.as_array_mut().expect("a list").sort_by_key(ToString::to_string);
    json!([service["description"], function["environmentVariables"], methods])
}

fn as_declared() -> Json {
    json!(["demo for fc-deploy", {"LEVEL": "info"}, ["GET"]])
}

fn as_edited() -> Json {
    json!(["edited in the console", {"LEVEL": "debug"}, ["GET", "POST"]])
}

#[test]
fn the_article_at_a_terminal() {
    let world = World::new(FILES);
    let mut console = Console::for_fc2(&world.cloud);

    // What the cloud lacks is deployed, and can be called. The hook is named and not run.
    let mut terminal = world.terminal(&["apply"]);
    let plan = without_colour(&terminal.answers(APPROVE, "yes"));
    for address in [SERVICE_ADDRESS, "fc_function.fc-deploy-test", TRIGGER_ADDRESS] {
        assert!(has_line(&plan, &["+", address]), "{plan}");
    }
    assert!(plan.contains("the hook `pre-deploy` is not run: `echo building`"), "{plan}");
    let seen = without_colour(&terminal.exits(0));
    assert!(seen.contains("3 applied, 0 failed"), "{seen}");
    assert_eq!(called(&world), "hello world");

    // Edited here: applied, and nobody is asked anything but the approval.
    world.edit("code/words.py", "hello world", "hello there");
    let mut terminal = world.terminal(&["apply"]);
    let plan = without_colour(&terminal.answers(APPROVE, "yes"));
    assert!(has_line(&plan, &["+GREETING = 'hello there'"]), "{plan}");
    terminal.exits(0);
    assert_eq!(called(&world), "hello there");

    // The code was edited there: its difference is shown, and the answer is to keep it out.
    console.edit_code_of(SERVICE, FUNCTION, &json!({"words.py": "GREETING = 'fixed in production'\n"}));
    let mut terminal = world.terminal(&["apply"]);
    let plan = without_colour(&terminal.sees(PROMPT));
    assert!(plan.contains("words.py") && plan.contains("fixed in production"), "{plan}");
    terminal.types("l");
    terminal.answers(APPROVE, "yes");
    terminal.exits(0);
    assert_eq!(called(&world), "hello there");

    // Everything was edited there: all of it is shown, and this time it stays.
    edited_online(&mut console);
    let mut terminal = world.terminal(&["apply"]);
    let plan = without_colour(&terminal.sees(PROMPT));
    for words in [
        &["description", "edited in the console"][..],
        &["environmentVariables", "LEVEL", "debug"],
        &["methods", "POST"],
    ] {
        assert!(has_line(&plan, words), "{words:?} in {plan}");
    }
    terminal.types("v");
    // It stays, and the project says so from now on: in the file of the older edition, and in the code.
    terminal.answers(PROMPT, "w");
    terminal.answers(APPROVE, "yes");
    terminal.exits(0);
    let file = world.read("s.yaml");
    for line in ["description: edited in the console", "LEVEL: debug", "methods: [GET, POST]"] {
        assert!(file.contains(line), "{line} in {file}");
    }
    assert_eq!(world.read("code/words.py"), "GREETING = 'fixed in production'\n");
    assert_eq!(described(&mut console), as_edited());
    assert_eq!(called(&world), "fixed in production");

    // The project is deleted and set up anew: whose the service is has to be asked.
    for folder in [".triform", "code"] {
        std::fs::remove_dir_all(world.path(folder)).expect("is deleted");
    }
    std::fs::remove_file(world.path("s.yaml")).expect("is deleted");
    for (name, text) in FILES {
        world.write(name, text);
    }
    let mut terminal = world.terminal(&["apply"]);
    let plan = without_colour(&terminal.sees(PROMPT));
    assert!(plan.contains("it exists and was not deployed from here"), "{plan}");
    terminal.types("l");
    terminal.answers(APPROVE, "yes");
    terminal.exits(0);
    assert_eq!(described(&mut console), as_declared());
    assert_eq!(called(&world), "hello world");
}

#[test]
fn the_article_in_a_pipeline() {
    let world = World::new(FILES);
    let mut console = Console::for_fc2(&world.cloud);
    let applied = world.run(&["deploy", "-y"]).exits(0);
    assert!(applied.stderr.contains("the hook `pre-deploy` is not run"), "{applied}");
    assert_eq!(called(&world), "hello world");

    world.edit("code/words.py", "hello world", "hello there");
    world.edit("s.yaml", "timeout: 60", "timeout: 30");
    world.apply(&[]);
    assert_eq!(called(&world), "hello there");

    // Nobody can be asked, so nothing is overwritten, and nothing skipped in silence.
    edited_online(&mut console);
    world.changes_nothing(|| {
        let stopped = world.run(&["apply", "-y"]).exits(3);
        for address in [SERVICE_ADDRESS, "fc_function.fc-deploy-test", TRIGGER_ADDRESS] {
            assert!(stopped.stderr.contains(address), "{stopped}");
        }
    });
    let drift = world.run(&["drift"]).exits(2);
    assert!(
        drift.stdout.contains("fixed in production") && drift.stdout.contains("edited in the console"),
        "{drift}"
    );
    assert_eq!(described(&mut console), as_edited());
    world.apply(&["--use-local"]);
    assert_eq!(described(&mut console), as_declared());
    assert_eq!(called(&world), "hello there");

    // A fresh checkout without its state.
    edited_online(&mut console);
    std::fs::remove_dir_all(world.path(".triform")).expect("is deleted");
    world.changes_nothing(|| {
        world.run(&["apply", "-y"]).exits(3).shows(&["not deployed from here"]);
    });
    world.apply(&["--use-local"]);
    assert_eq!(described(&mut console), as_declared());
    assert_eq!(called(&world), "hello there");

    // And away with it: children first, nothing is left.
    world.destroy(&[]);
    let services = console.ask("list_services", &[], &Json::Null);
    assert!(services["services"].as_array().is_none_or(Vec::is_empty), "{services}");
}

#[test]
fn an_edit_between_the_last_look_and_the_write_is_refused_by_the_service() {
    let world = World::new(FILES);
    world.apply(&[]);
    world.edit("s.yaml", "demo for fc-deploy", "another demo");
    // Somebody is faster by the time of one call: the service itself says so, by the condition that came with it.
    world.cloud.switch(json!([{
        "operation": "UpdateService", "calls": 1,
        "do": {"console": {"call": format!("PUT /2021-04-06/services/{SERVICE}"), "body": {"internetAccess": false}}}
    }]));
    let refused = world.run(&["apply", "-y"]).exits(1);
    assert!(refused.stderr.contains("PreconditionFailed"), "{refused}");
    let mut console = Console::for_fc2(&world.cloud);
    let service = console.ask("get_service", &[SERVICE], &Json::Null);
    assert_eq!(
        json!([service["description"], service["internetAccess"]]),
        json!(["demo for fc-deploy", false])
    );
    // The next plan sees both: the edit here, and the one there, which has to be decided.
    let plan =
        world.plan(&[]).exits(2).shows(&["description", "another demo"]).shows(&["internetAccess", "false"]);
    assert!(plan.marks().contains(&"? internetAccess".to_owned()), "{plan}");
    world.apply(&["--use-local"]);
}

#[test]
fn a_service_with_functions_of_others_is_not_deleted() {
    let world = World::new(FILES);
    world.apply(&[]);
    let mut console = Console::for_fc2(&world.cloud);
    let folder = world.project().join("code").display().to_string();
    let made = json!({"codeDir": folder});
    console.ask("create_function", &[SERVICE, "theirs", "python3", "index.handler"], &made);
    world.plan(&[]).exits(0).shows(&["theirs"]);
    let refused = world.run(&["destroy", "-y"]).exits(1);
    assert!(
        refused.stderr.contains(SERVICE_ADDRESS) && refused.stderr.contains("theirs"),
        "the plan says what is in the way: {refused}"
    );
    assert_eq!(described(&mut console), as_declared());
    // What is ours may go by itself.
    world.destroy(&["--target", "fc_function.fc-deploy-test"]);
    let left = console.ask("list_functions", &[SERVICE], &Json::Null);
    assert_eq!(left["functions"].as_array().expect("a list").len(), 1, "{left}");
}
