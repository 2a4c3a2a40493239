//! Nobody's edit is lost in a race, nothing is done on a guess, and what is unchanged costs little.
//!
//! A plan is only as good as the readings it was made from. What moves before the first write stops the whole
//! apply; what moves in the window before one write stops that step and what depends on it; what could not be
//! read stops the plan, and the way round it is named.

use serde_json::{Value as Json, json};

use crate::situations::deployed;
use crate::support::{World, without_colour};

const APPROVE: &str = "Only 'yes' is accepted: ";

/// A project of functions that share one folder of code, each with an http trigger.
fn many(count: usize, names: &dyn Fn(usize) -> String, extra: &dyn Fn(usize) -> String) -> World {
    let mut yaml = "edition: 3.0.0\nname: many\naccess: default\n\nresources:\n".to_owned();
    for index in 0..count {
        let name = names(index);
        let extra = extra(index);
        let function = format!(
            "  {name}:\n    component: fc3\n    props:\n      region: cn-hangzhou\n      functionName: {name}\n      \
             runtime: python3.10\n      handler: index.handler\n      code: ./code\n      timeout: 10\n{extra}      \
             triggers:\n        - triggerName: http\n          triggerType: http\n          triggerConfig: {{authType: anonymous, \
             methods: [GET]}}\n"
        );
        yaml += &function;
    }
    World::new(&[("s.yaml", &yaml), ("code/index.py", "def handler(event, context):\n    return 'ok'\n")])
}

fn numbered(index: usize) -> String {
    format!("f{index}")
}

fn nothing(_: usize) -> String {
    String::new()
}

#[test]
fn an_edit_between_the_plan_and_its_yes_stops_the_apply() {
    let world = deployed();
    world.edit("s.yaml", "timeout: 10", "timeout: 20");
    let mut terminal = world.terminal(&["apply"]);
    terminal.sees(APPROVE);
    world.console().update("hello", json!({"memorySize": 1024}));
    world.changes_nothing(|| {
        terminal.types("yes");
        let seen = without_colour(&terminal.exits(4));
        let row = crate::support::has_line(&seen, &["memorySize", "512", "1024"]);
        assert!(
            row && seen.contains("fc3_function.hello") && seen.contains("Nothing was changed (exit code 4)"),
            "{seen}"
        );
    });
    // Planned again, it is an ordinary question.
    world.run(&["apply", "--auto-approve"]).exits(3);
    world.apply(&["--use-local"]);
}

#[test]
fn what_somebody_creates_or_deletes_before_the_yes_stops_it_too() {
    let world = World::new(crate::situations::PROJECT);
    let mut terminal = world.terminal(&["apply"]);
    terminal.sees(APPROVE);
    let zip = "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA=="; // an empty package
    let function =
        json!({"functionName": "hello", "runtime": "python3.10", "handler": "x.y", "code": {"zipFile": zip}});
    world.console().call("CreateFunction", &[], function);
    world.changes_nothing(|| {
        terminal.types("yes");
        terminal.exits(4);
    });
    world.console().call("DeleteFunction", &["hello"], Json::Null);
    world.apply(&[]);

    world.edit("s.yaml", "timeout: 10", "timeout: 20");
    let mut terminal = world.terminal(&["apply"]);
    terminal.sees(APPROVE);
    world.console().call("DeleteTrigger", &["hello", "http"], Json::Null);
    world.console().call("DeleteFunction", &["hello"], Json::Null);
    world.changes_nothing(|| {
        terminal.types("yes");
        terminal.exits(4);
    });
}

#[test]
fn an_edit_in_the_window_before_a_write_stops_that_step_and_what_depends_on_it() {
    // f1 uses f0's URL; f2 is on its own.
    let uses = |index| match index {
        1 => "      environmentVariables:\n        URL: ${resources.f0.output.url.system_url}\n".to_owned(),
        _ => String::new(),
    };
    let world = many(3, &numbered, &uses);
    world.apply(&[]);
    let text = world.read("s.yaml").replace("timeout: 10", "timeout: 20");
    world.write("s.yaml", &text);
    // The plan reads f0 first, then the apply once more; the third time is just before its write.
    let reads = |world: &World| world.cloud.calls("GetFunction");
    world.cloud.reset_counters();
    world.plan(&[]).exits(2);
    let in_a_plan = reads(&world) / 3;
    let edit = json!({"call": "PUT /2023-03-30/functions/f0", "body": {"memorySize": 1024}});
    world.cloud.switch(json!([{
        "operation": "GetFunction", "resource": "f0", "calls": in_a_plan + 2, "do": {"console": edit},
    }]));
    world.cloud.reset_counters();
    let ran = world.run(&["apply", "--auto-approve"]).exits(1);
    // A plan's readings, one before all writes, one before each; f1 is not even begun.
    assert_eq!(reads(&world), 3 * (in_a_plan + 2) - 1);
    let ran = ran
        .tells(&["fc3_function.f0", "moved, left alone"])
        .tells(&["memorySize was changed online since the plan was made"])
        .tells(&["fc3_function.f2", "updated"])
        .tells(&["fc3_function.f1", "not started"])
        .tells(&["1 applied, 1 failed, 1 not started"]);
    let timeout = |name: &str| world.console().function(name)["timeout"].clone();
    assert_eq!(["f0", "f1", "f2"].map(timeout), [10, 10, 20], "{ran}");
    assert_eq!(world.console().function("f0")["memorySize"], 1024, "nobody's edit is lost");
    // What was done is recorded, what was not is planned again, and the edit is asked about.
    world.cloud.switch(json!([]));
    let plan = world.plan(&[]).exits(2).shows(&["1 decision needed"]);
    assert!(!plan.marks().contains(&"~ fc3_function.f2".to_owned()), "{plan}");
    world.apply(&["--use-live"]);
    let f0 = world.console().function("f0");
    assert_eq!((&f0["timeout"], &f0["memorySize"]), (&json!(20), &json!(1024)));
}

#[test]
fn one_reading_that_is_refused_stops_the_plan_and_names_the_way_round() {
    let world = many(10, &numbered, &nothing);
    let refused = json!([
        {"operation": "GetFunction", "resource": "f7", "do": {"refuse": {"status": 403, "code": "AccessDenied"}}},
    ]);
    world.cloud.switch(refused.clone());
    // Even a function that nobody made yet: unknown is not absent.
    for args in [&["plan"][..], &["apply", "--auto-approve"], &["apply", "--auto-approve", "--use-local"]] {
        world.cloud.reset_counters();
        let ran = world.run(args).exits(1).tells(&["? fc3_function.f7"]);
        let ran = ran.tells(&["--exclude 'fc3_function.f7'"]).tells(&["Unknown is not absent"]);
        assert!(!ran.stderr.contains("fc3_function.f6") && ran.stdout.is_empty(), "{ran}");
        assert_eq!(world.cloud.counters()["writes"], 0);
        assert!(!world.path(".triform/s.local.state.json").exists(), "nothing is recorded");
    }
    world.plan(&["--exclude", "fc3_function.f7"]).exits(2).shows(&["18 to add"]);
    world.apply(&["--exclude", "fc3_function.f7"]);
    let state = world.state();
    assert_eq!(state["resources"].as_object().expect("a map").len(), 18);
    world.cloud.switch(json!([]));
    world.plan(&[]).exits(2).shows(&["2 to add"]);
}

#[test]
fn a_cloud_in_trouble_is_unknown_and_never_absent() {
    let troubles = [
        json!({"refuse": {"status": 500}}),
        json!({"refuse": {"status": 429, "retry_after": 1}}),
        json!("garbage"),
        json!("cut"),
        json!({"refuse": {"status": 404, "code": "SomethingElse"}}),
    ];
    // Each is tried again for seconds, so they are all in trouble at once.
    std::thread::scope(|scope| {
        for trouble in &troubles {
            scope.spawn(move || in_trouble(trouble));
        }
    });
}

fn in_trouble(trouble: &Json) {
    let world = deployed();
    let before = world.folder();
    // Lists and single readings alike, so that nothing can be confirmed.
    world.cloud.switch(json!([
        {"operation": "GetFunction", "do": trouble}, {"operation": "ListFunctions", "do": trouble},
    ]));
    world.cloud.reset_counters();
    let ran = world.run(&["apply", "--auto-approve", "--use-local"]).exits(1);
    assert!(ran.stderr.contains("--exclude 'fc3_function.hello'"), "{trouble}: {ran}");
    assert_eq!(world.cloud.counters()["writes"], 0, "{trouble}");
    assert!(world.folder() == before, "{trouble} changed the folder");
}

#[test]
fn what_is_unchanged_costs_one_look_each() {
    let world = many(200, &numbered, &nothing);
    world.apply(&["--parallelism", "64"]);
    world.plan(&[]).exits(0); // nothing is new any more, and missing from lists
    let slow = json!([{"operation": "ListTriggers", "do": {"delay": 20}}]);
    world.cloud.switch(slow);
    world.cloud.reset_counters();
    world.plan(&[]).exits(0);
    let counters = world.cloud.counters();
    let number = |operation: &str, what: &str| counters["operations"][operation][what].as_u64().unwrap_or(0);
    assert!(number("ListFunctions", "calls") <= 2, "{counters}");
    assert!(number("ListTriggers", "calls") + number("GetTrigger", "calls") <= 200, "{counters}");
    assert_eq!(number("GetFunctionCode", "calls"), 0, "{counters}");
    assert_eq!(counters["writes"], 0, "{counters}");
    assert!(number("ListTriggers", "peak") > 1, "readings run side by side: {counters}");
}
