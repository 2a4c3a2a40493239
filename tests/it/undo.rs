//! The way back: what the last apply overwrote, made and removed comes back as it was.

use serde_json::{Value as Json, json};

use crate::crash::story;
use crate::room::kill;
use crate::situations::{LOUD_UTIL, PROJECT, UTIL, deployed};
use crate::support::{Ran, SECRET, World, get};

/// Undoes with approval.
#[track_caller]
fn undo(world: &World, args: &[&str]) -> Ran {
    world.run(&[&["undo", "--auto-approve"], args].concat()).exits(0)
}

/// Everything that there is, but what a package that was made again cannot share with the one before.
fn look(world: &World) -> Json {
    let mut seen = world.console().look();
    for (_, resource) in seen["functions"].as_object_mut().into_iter().flatten() {
        for field in ["codeChecksum", "codeSize"] {
            resource["function"][field] = Json::Null;
        }
    }
    seen
}

/// A teammate fixes production at the console: memory, variables, a trigger, and files of the code.
fn edit_everything(world: &World) {
    let mut console = world.console();
    let mut variables = console.function("hello")["environmentVariables"].clone();
    variables["LOG_LEVEL"] = json!("debug");
    variables["HOTFIX"] = json!("on");
    console.update("hello", json!({"memorySize": 1024, "environmentVariables": variables}));
    console.configure_trigger("hello", "http", &json!({"methods": ["GET", "POST", "PUT"]}));
    console.edit_code("hello", &json!({"util.py": LOUD_UTIL, "extra.py": "FIXED = True\n"}));
}

/// The methods of the HTTP trigger, which are a set.
fn methods(world: &World) -> Vec<String> {
    let config = world.console().trigger_config("hello", "http");
    let methods = config["methods"].as_array().expect("methods").iter();
    let mut methods: Vec<_> = methods.filter_map(Json::as_str).map(str::to_owned).collect();
    methods.sort();
    methods
}

#[test]
fn a_console_edit_that_was_overwritten_comes_back() {
    let world = deployed();
    edit_everything(&world);
    let edited = look(&world);
    world.apply(&["--use-local"]);
    assert_eq!(world.console().function("hello")["memorySize"], 512);

    world
        .plan(&["--undo"])
        .exits(2)
        .shows(&["Undo of triform apply by", "approved unseen, at 2"])
        .shows(&["memorySize", "512 -> 1024", "accepted"])
        .shows(&["HOTFIX", "(none) -> \"on\""])
        .shows(&["util.py", "live -> before", "+1 -1"])
        .shows(&["6 accepted differences"]);
    undo(&world, &[]);
    assert_eq!(look(&world), edited);
    assert_eq!(world.console().code("hello")["util.py"], LOUD_UTIL);
    assert_eq!(world.console().code("hello")["extra.py"], "FIXED = True\n");
    // The project says otherwise, and may have it again.
    world.plan(&[]).exits(0).shows(&["6 accepted differences"]);
    let plan = world.plan(&["--use-local=fc3_function.hello:memorySize"]).exits(2);
    assert!(plan.stdout.contains("use-local: 1024 -> 512"), "{plan}");
}

#[test]
fn undone_twice_it_is_done_again_and_a_reverted_configuration_converges() {
    let world = deployed();
    let first = look(&world);
    let text = world.read("s.yaml");
    world.edit("s.yaml", "memorySize: 512", "memorySize: 1024");
    world.edit("s.yaml", "        LOG_LEVEL: warn\n", "");
    world.apply(&[]);
    let second = look(&world);
    undo(&world, &[]);
    assert_eq!(look(&world), first);
    world.plan(&[]).exits(0).shows(&["2 accepted differences"]);
    undo(&world, &[]);
    assert_eq!(look(&world), second);
    world.plan(&[]).exits(0).hides(&["accepted"]);
    undo(&world, &[]);
    world.write("s.yaml", &text);
    world.apply(&[]);
    assert_eq!(look(&world), first);
    world.plan(&[]).exits(0).hides(&["accepted"]);
}

#[test]
fn what_was_made_goes_and_what_went_is_made_again_with_its_code() {
    let world = deployed();
    world.run(&["undo"]).exits(6).shows(&["- fc3_function.hello"]).shows(&["2 accepted differences"]);
    undo(&world, &[]);
    assert_eq!(look(&world)["functions"].as_object().map_or(0, serde_json::Map::len), 0);
    world.plan(&[]).exits(0);
    // And forth again: the project still declares it, secret included.
    undo(&world, &[]);
    assert_eq!(world.console().code("hello")["util.py"], UTIL);
    assert_eq!(world.console().function("hello")["environmentVariables"]["DB_PASSWORD"], SECRET);
    let told = world.run(&["output"]).exits(0);
    let url = told.stdout.split_whitespace().find(|word| word.starts_with("http://")).expect("a URL");
    assert_eq!(get(url), (200, "Hello, world!".to_owned()));
    world.plan(&[]).exits(0).hides(&["accepted"]);
}

#[test]
fn a_destroy_is_undone() {
    let world = deployed();
    edit_everything(&world);
    let edited = look(&world);
    world.destroy(&["--use-local"]);
    undo(&world, &[]);
    let now = look(&world);
    let settings = |seen: &Json| {
        let function = &seen["functions"]["hello"]["function"];
        ["memorySize", "environmentVariables", "timeout", "internetAccess"].map(|name| function[name].clone())
    };
    assert_eq!(settings(&now), settings(&edited));
    assert_eq!(world.console().code("hello")["util.py"], LOUD_UTIL);
    assert_eq!(methods(&world), ["GET", "POST", "PUT"]);
    world.plan(&[]).exits(0).shows(&["6 accepted differences"]);
}

#[test]
fn what_left_the_configuration_is_let_go_once_it_is_back() {
    let world = deployed();
    let before = look(&world);
    let text = world.read("s.yaml");
    world.write("s.yaml", "edition: 3.0.0\nname: greeter\naccess: default\nresources: {}\n");
    world.apply(&[]);
    // The configuration does not declare the secret any more, and nobody keeps it.
    let plan = world.plan(&["--undo"]).exits(2);
    let plan = plan.shows(&["+ fc3_function.hello", "made again"]).shows(&["Cannot be brought back:"]);
    plan.shows(&["DB_PASSWORD", "secrets are not kept"]);
    undo(&world, &[]);
    let mut expected = before["functions"]["hello"]["function"]["environmentVariables"].clone();
    expected.as_object_mut().expect("an object").remove("DB_PASSWORD");
    assert_eq!(world.console().function("hello")["environmentVariables"], expected);
    // It is nobody's now: the plan neither deletes it, nor says anything about it.
    world.plan(&[]).exits(0).hides(&["fc3_function.hello"]);
    // And forth again, without having been recorded.
    undo(&world, &[]);
    assert_eq!(look(&world)["functions"].as_object().map_or(0, serde_json::Map::len), 0);
    undo(&world, &[]);
    world.write("s.yaml", &text);
    world.plan(&[]).exits(2).shows(&["not deployed from here"]);
}

#[test]
fn what_was_edited_since_is_asked_about() {
    let world = deployed();
    world.edit("s.yaml", "memorySize: 512", "memorySize: 1024");
    world.edit("s.yaml", "timeout: 10", "timeout: 20");
    world.apply(&[]);
    world.console().update("hello", json!({"memorySize": 768}));
    world.changes_nothing(|| {
        let ran = world.run(&["undo", "--auto-approve"]).exits(3).tells(&["fc3_function.hello:memorySize"]);
        ran.shows(&["memorySize", "edited online since that apply"]).shows(&["use-local: 768 -> 512"]);
    });
    undo(&world, &["--use-live"]);
    let function = world.console().function("hello");
    assert_eq!((&function["memorySize"], &function["timeout"]), (&json!(768), &json!(10)));
}

#[test]
fn a_resource_that_was_made_and_edited_since_is_asked_about_as_a_whole() {
    let world = deployed();
    world.console().update("hello", json!({"memorySize": 768}));
    world.run(&["undo", "--auto-approve"]).exits(3).tells(&["'fc3_function.hello'"]);
    undo(&world, &["--use-live"]);
    assert_eq!(world.console().function("hello")["memorySize"], 768);
}

#[test]
fn a_trigger_of_another_type_is_made_again_as_it_was() {
    const HTTP: &str = "          triggerType: http\n          triggerConfig:\n            authType: anonymous\n            methods: [GET, POST]\n";
    const TIMER: &str = "          triggerType: timer\n          triggerConfig:\n            cronExpression: '@every 5m'\n            enable: false\n";
    let world = deployed();
    world.edit("s.yaml", HTTP, TIMER);
    world.apply(&[]);
    undo(&world, &[]).shows(&["-/+ fc3_trigger.hello[\"http\"]"]);
    let trigger = world.console().call("GetTrigger", &["hello", "http"], Json::Null);
    assert_eq!(trigger["triggerType"], "http");
    assert_eq!(methods(&world), ["GET", "POST"]);
}

#[test]
fn a_secret_that_the_console_typed_is_not_kept() {
    let world = deployed();
    let mut variables = world.console().function("hello")["environmentVariables"].clone();
    variables["DB_PASSWORD"] = json!("what-the-console-typed");
    variables["LOG_LEVEL"] = json!("debug");
    world.console().update("hello", json!({"environmentVariables": variables}));
    world.apply(&["--use-local"]);
    let ran = undo(&world, &[]).shows(&["DB_PASSWORD", "secrets are not kept"]);
    assert!(!ran.stdout.contains("what-the-console-typed"), "{ran}");
    let variables = world.console().function("hello")["environmentVariables"].clone();
    assert_eq!((&variables["LOG_LEVEL"], &variables["DB_PASSWORD"]), (&json!("debug"), &json!(SECRET)));
}

#[test]
fn where_nothing_was_applied_there_is_nothing_to_undo() {
    let world = World::new(PROJECT);
    let output = world.command(&["undo"]).output().expect("runs"); // with all of the project still to do
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("Nothing to undo"), "{output:?}");
    world.apply(&[]);
    // An apply that wrote nothing leaves what is remembered.
    world.apply(&[]);
    let kept = world.path(".triform/s.local.undo");
    let bytes = std::fs::read(&kept).expect("is kept");
    assert_eq!(
        std::os::unix::fs::PermissionsExt::mode(&kept.metadata().expect("is there").permissions()) & 0o777,
        0o600
    );
    // Of another apply, or of none: refused, and nothing is read.
    std::fs::remove_file(&kept).expect("goes");
    world.changes_nothing(|| {
        drop(world.run(&["undo", "-y"]).exits(1).tells(&["the last apply", "not known here"]));
    });
    world.edit("s.yaml", "timeout: 10", "timeout: 20");
    world.apply(&[]);
    std::fs::write(&kept, bytes).expect("writes");
    world.run(&["undo", "-y"]).exits(1).tells(&["continued serial 0", "continued 1"]);
}

#[test]
fn an_undo_is_saved_reviewed_and_applied() {
    let world = deployed();
    edit_everything(&world);
    let edited = look(&world);
    world.apply(&["--use-local"]);
    world.plan(&["--undo", "-o", "back.triform"]).exits(2);
    for format in ["human", "markdown", "html", "json"] {
        let shown = world.run(&["show", "back.triform", "--format", format]).exits(0);
        assert!(shown.stdout.contains("triform apply by"), "{shown}");
    }
    world.write("s.yaml", "resources: {}\n");
    world.run(&["apply", "back.triform", "--auto-approve"]).exits(0);
    assert_eq!(look(&world), edited);
    assert_eq!(world.console().code("hello")["extra.py"], "FIXED = True\n");
}

#[test]
fn an_apply_of_twenty_resources_is_undone_and_done_again() {
    let room = story::deployed();
    let before = room.cloud();
    room.run(&["apply", "--auto-approve"]).exits(0);
    let after = room.cloud();
    let ran = room.run(&["undo", "--auto-approve"]).exits(0);
    assert_eq!(room.cloud(), before, "{ran}");
    let ran = room.run(&["undo", "--auto-approve"]).exits(0);
    assert_eq!(room.cloud(), after, "{ran}");
}

#[test]
fn an_apply_that_failed_in_part_is_undone_as_far_as_it_went() {
    let room = story::deployed();
    let before = room.cloud();
    room.switch(
        json!([{"operation": "UpdateFunction", "resource": "memory", "do": {"refuse": {"status": 403}}}]),
    );
    room.run(&["apply", "--auto-approve"]).exits(1);
    assert_ne!(room.cloud(), before);
    room.switch(json!([]));
    let plan = room.run(&["plan", "--undo", "-o", "back.triform"]).exits(0);
    assert!(!plan.stdout.contains("fc3_function.memory"), "{plan}");
    let ran = room.run(&["apply", "back.triform", "--auto-approve"]).exits(0);
    assert_eq!(room.cloud(), before, "{ran}");
    // What was refused then is still to be done, and nothing else.
    let plan = room.run(&["plan"]).exits(0).says("1 to change");
    assert!(plan.stdout.contains("~ fc3_function.memory"), "{plan}");
}

#[test]
fn an_apply_that_was_killed_is_undone() {
    let room = story::deployed();
    let before = room.cloud();
    room.switch(json!([{"operation": "UpdateFunction", "calls": 3, "when": "after", "do": "hold"}]));
    let mut client = room.command(&["apply", "--auto-approve"]).spawn().expect("starts");
    room.wait_until_held(&mut client);
    room.wait_until_quiet();
    kill(&mut client);
    room.release("cut");
    room.switch(json!([]));
    room.wait_until_quiet(); // what it had sent just before its end
    assert_ne!(room.cloud(), before);
    // What the killed apply had not come to is still to be done, so no second plan is asked for.
    let output = room.command(&["undo", "--auto-approve"]).output().expect("runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("An earlier apply was interrupted"), "{said}");
    assert_eq!(room.cloud(), before, "{said}");
}

#[test]
fn a_part_is_undone_and_the_rest_stays_as_the_apply_made_it() {
    let world = deployed();
    edit_everything(&world);
    world.apply(&["--use-local"]);
    world.changes_nothing(|| {
        let part = ["undo", "-y", "--exclude", "fc3_function.hello:code"];
        drop(world.run(&part).exits(1).tells(&["--exclude"]));
    });
    let plan = world.run(&["undo", "--exclude", "fc3_trigger.*"]).exits(6);
    plan.shows(&["This plan is partial", "fc3_trigger.hello"]);
    undo(&world, &["--exclude", "fc3_trigger.*"]);
    assert_eq!(world.console().function("hello")["memorySize"], 1024);
    assert_eq!(world.console().code("hello")["util.py"], LOUD_UTIL);
    assert_eq!(methods(&world), ["GET", "POST"]);
    // What is undone next is this undo: the edit of the trigger is no more known.
    undo(&world, &[]);
    assert_eq!(world.console().function("hello")["memorySize"], 512);
    assert_eq!(methods(&world), ["GET", "POST"]);
}

#[test]
fn neither_an_undo_nor_a_destroy_writes_into_the_project() {
    let world = deployed();
    world.changes_nothing(|| {
        for command in ["undo", "destroy"] {
            drop(world.run(&[command, "--auto-approve", "--write"]).exits(1).tells(&["--write"]));
        }
    });
}
