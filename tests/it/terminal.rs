//! At a real terminal: questions are asked one by one, only `yes` approves, and Ctrl-C stops in good order.

use serde_json::json;

use crate::situations::{LOUD_UTIL, PROJECT, deployed};
use crate::support::{World, has_line, without_colour};

const APPROVE: &str = "Only 'yes' is accepted: ";

/// Stands where a letter is awaited.
const PROMPT: &str = "\n> ";

#[test]
fn yes_approves_and_nothing_else_does() {
    let world = World::new(PROJECT);
    world.changes_nothing(|| {
        for answer in ["y", "Yes", "YES", "yes please", " yes", "no", ""] {
            let mut terminal = world.terminal(&["apply"]);
            terminal.answers(APPROVE, answer);
            let seen = terminal.exits(6);
            assert!(seen.contains("Not approved; nothing was changed."), "{seen}");
        }
    });
    let mut terminal = world.terminal(&["apply"]);
    let plan = terminal.answers(APPROVE, "yes");
    assert!(has_line(&plan, &["+ fc3_function.hello"]), "{plan}");
    let seen = without_colour(&terminal.exits(0));
    assert!(seen.contains("2 applied, 0 failed") && seen.contains("http://"), "{seen}");
}

#[test]
fn the_end_of_the_input_is_no_answer() {
    let world = deployed();
    world.edit("s.yaml", "timeout: 10", "timeout: 20");
    world.changes_nothing(|| {
        let mut terminal = world.terminal(&["apply"]);
        terminal.sees(APPROVE);
        terminal.presses_ctrl('D');
        terminal.exits(6);
    });
    world.console().update("hello", json!({"memorySize": 1024}));
    world.changes_nothing(|| {
        let mut terminal = world.terminal(&["apply"]);
        terminal.sees(PROMPT);
        terminal.presses_ctrl('D');
        terminal.exits(6);
    });
}

/// Memory, a file of the code and a trigger were edited online.
fn edited_online() -> World {
    let world = deployed();
    let mut console = world.console();
    console.update("hello", json!({"memorySize": 1024}));
    console.edit_code("hello", &json!({"util.py": LOUD_UTIL}));
    console.configure_trigger("hello", "http", &json!({"methods": ["GET", "PUT"]}));
    drop(console);
    world
}

#[test]
fn one_answer_can_settle_everything() {
    let world = edited_online();
    for (answer, methods) in [("s", json!(["GET", "PUT"])), ("l", json!(["GET", "POST"]))] {
        let mut terminal = world.terminal(&["apply"]);
        terminal.sees("3 decisions about 2 resources. What should win?");
        for nothing in ["what?", ""] {
            terminal.answers(PROMPT, nothing);
            terminal.sees("Please answer l, v, e, k, d or s.");
        }
        terminal.answers(PROMPT, answer);
        if answer == "s" {
            let seen = terminal.exits(6);
            assert!(seen.contains("Stopped; nothing was changed."), "{seen}");
        } else {
            let decided = terminal.answers(APPROVE, "yes");
            assert!(
                has_line(&decided, &["use-local", "1024", "512"]),
                "the decided plan is shown: {decided}"
            );
            terminal.exits(0);
        }
        let mut found = world.console().trigger_config("hello", "http")["methods"].clone();
        found.as_array_mut().expect("a list").sort_by_key(ToString::to_string);
        assert_eq!(found, methods);
    }
    assert_eq!(world.console().function("hello")["memorySize"], 512);

    world.console().update("hello", json!({"memorySize": 1024}));
    let mut terminal = world.terminal(&["apply"]);
    terminal.answers(PROMPT, "v");
    terminal.answers(PROMPT, "a");
    terminal.answers(APPROVE, "yes");
    terminal.exits(0);
    assert_eq!(world.console().function("hello")["memorySize"], 1024);
}

#[test]
fn what_stays_live_goes_into_the_project_where_a_person_says_so() {
    let world = edited_online();
    let before = world.read("s.yaml");
    let mut terminal = world.terminal(&["apply"]);
    terminal.answers(PROMPT, "v");
    let question = terminal.answers(PROMPT, "d");
    assert!(question.contains("3 differences stay as live. Should the project say so too"), "{question}");
    let shown = terminal.answers(PROMPT, "s");
    assert!(shown.contains("+      memorySize: 1024") && shown.contains("code/util.py"), "{shown}");
    let seen = terminal.exits(6);
    assert!(seen.contains("Stopped; nothing was changed."), "{seen}");
    assert_eq!(world.read("s.yaml"), before);

    let mut terminal = world.terminal(&["apply"]);
    terminal.answers(PROMPT, "v");
    terminal.answers(PROMPT, "w");
    let shown = terminal.answers(APPROVE, "yes");
    assert!(
        shown.contains("+      memorySize: 1024"),
        "what is written is seen before it is approved: {shown}"
    );
    let seen = terminal.exits(0);
    assert!(seen.contains("Written: s.yaml, code/util.py."), "{seen}");
    assert_eq!(world.read("code/util.py"), LOUD_UTIL);
    assert_eq!(world.console().function("hello")["memorySize"], 1024);
    world.plan(&[]).exits(0).hides(&["accepted"]);

    // Nobody is asked who said it on the command line.
    for (write, memory) in [("--write=no", 512), ("--write", 768)] {
        world.console().update("hello", json!({"memorySize": memory}));
        let before = world.read("s.yaml");
        let mut terminal = world.terminal(&["apply", write]);
        terminal.answers(PROMPT, "v");
        terminal.answers(APPROVE, "yes");
        terminal.exits(0);
        assert_eq!(world.read("s.yaml") == before, write == "--write=no");
    }
}

#[test]
fn each_is_asked_on_its_own_with_its_context() {
    let world = edited_online();
    let mut terminal = world.terminal(&["apply"]);
    terminal.answers(PROMPT, "e");
    let question = terminal.answers(PROMPT, "e");
    assert!(question.contains("1/2") && has_line(&question, &["memorySize", "1024 live"]), "{question}");
    assert!(question.contains("greeting.upper()") && !question.contains("triggerConfig"), "{question}");
    let question = terminal.answers(PROMPT, "l");
    assert!(question.contains("1/2 · 1 of 2") && has_line(&question, &["memorySize"]), "{question}");
    assert!(!question.contains("greeting.upper()"), "its own context only: {question}");
    let question = terminal.answers(PROMPT, "b");
    assert!(question.contains("1/2 · 2 of 2") && question.contains("greeting.upper()"), "{question}");
    // Another thought about the memory.
    let question = terminal.answers(PROMPT, "v");
    assert!(question.contains("1/2 · 1 of 2"), "{question}");
    terminal.answers(PROMPT, "l");
    let question = terminal.answers(PROMPT, "l");
    assert!(question.contains("2/2") && question.contains("triggerConfig.methods"), "{question}");
    terminal.answers(PROMPT, "a");
    terminal.answers(APPROVE, "yes");
    terminal.exits(0);
    assert_eq!(world.console().function("hello")["memorySize"], 1024);
    assert_eq!(world.console().code("hello")["util.py"], crate::situations::UTIL);
}

#[test]
fn files_are_answered_one_by_one_and_a_resource_before_again() {
    let world = deployed();
    let mut console = world.console();
    console.edit_code("hello", &json!({"util.py": LOUD_UTIL, "extra.py": "X = 1\n"}));
    console.configure_trigger("hello", "http", &json!({"methods": ["GET", "PUT"]}));
    drop(console);
    let mut terminal = world.terminal(&["apply"]);
    terminal.answers(PROMPT, "e");
    // Both resources at once, then the first one again, file by file.
    terminal.answers(PROMPT, "v");
    terminal.answers(PROMPT, "b");
    let question = terminal.answers(PROMPT, "e");
    assert!(question.contains("1/2") && question.contains("extra.py"), "{question}");
    let question = terminal.answers(PROMPT, "f");
    assert!(question.contains("1/2 · 1 of 1") && question.contains("file by file"), "{question}");
    let question = terminal.answers(PROMPT, "v");
    assert!(question.contains("1 of 2") && question.contains("extra.py"), "{question}");
    assert!(!question.contains("util.py"), "{question}");
    let question = terminal.answers(PROMPT, "l");
    assert!(question.contains("2 of 2") && question.contains("util.py"), "{question}");
    terminal.answers(PROMPT, "l");
    terminal.answers(PROMPT, "a");
    terminal.answers(APPROVE, "yes");
    terminal.exits(0);
    let code = world.console().code("hello");
    assert_eq!(code["util.py"], crate::situations::UTIL);
    assert_eq!(code["extra.py"], "X = 1\n");
}

#[test]
fn a_resource_that_is_skipped_is_left_as_it_is_and_asked_about_again() {
    let world = edited_online();
    let look = world.console().look();
    let mut terminal = world.terminal(&["apply"]);
    terminal.answers(PROMPT, "e");
    terminal.answers(PROMPT, "k");
    // Its trigger is left out with it, so nothing else is asked, and nothing is to be done.
    let plan = terminal.sees("Skipped for now; the next plan asks again: fc3_function.hello.");
    assert!(plan.contains("This plan is partial. Left out, and not changed: fc3_function.hello,"), "{plan}");
    terminal.exits_with_more_to_do();
    assert_eq!(world.console().look(), look);
    world.plan(&[]).exits(2).shows(&["3 decisions needed"]);

    let mut terminal = world.terminal(&["apply"]);
    terminal.answers(PROMPT, "e");
    terminal.answers(PROMPT, "v");
    terminal.answers(PROMPT, "k");
    terminal.answers(PROMPT, "a");
    terminal.answers(APPROVE, "yes");
    terminal.exits_with_more_to_do();
    world.plan(&[]).exits(2).shows(&["1 decision needed"]).shows(&["triggerConfig.methods"]);
}

#[test]
fn each_can_be_stopped_on_the_way() {
    let world = edited_online();
    world.changes_nothing(|| {
        let mut terminal = world.terminal(&["apply"]);
        terminal.answers(PROMPT, "e");
        terminal.answers(PROMPT, "l");
        terminal.answers(PROMPT, "s");
        terminal.exits(6);
    });
}

#[test]
fn a_fresh_clone_is_asked_whether_it_takes_over() {
    let world = deployed();
    std::fs::remove_dir_all(world.path(".triform")).expect("forgets");
    let mut terminal = world.terminal(&["apply"]);
    let plan = terminal.sees("What should win?");
    assert!(plan.contains("it exists and was not deployed from here"), "{plan}");
    terminal.answers(PROMPT, "l");
    terminal.answers(APPROVE, "yes");
    terminal.exits(0);
}

#[test]
fn colour_is_for_terminals() {
    let world = edited_online();
    world.cloud.behaves(); // four plans are compared, and an inconsistent cloud moves its times
    let coloured = world.terminal(&["plan"]).exits(0);
    assert!(coloured.contains("\u{1b}["), "{coloured}");
    let plain = world.terminal_with(&["plan"], &[("TERM", "xterm"), ("NO_COLOR", "1")]).exits(0);
    assert!(!plain.contains('\u{1b}'), "{plain}");
    assert_eq!(without_colour(&coloured), plain, "colour adds nothing but colour");
    let piped = world.run(&["plan"]).exits(0);
    assert_eq!(piped.stdout, plain, "a pipe gets the same, plain");
    let flagged = world.terminal(&["plan", "--no-color"]).exits(0);
    assert_eq!(flagged, plain);
}

/// Three functions, applied one after the other; the first one's creation is held.
fn held() -> World {
    let function = |name: &str| {
        format!(
            "  {name}:\n    component: fc3\n    props:\n      region: cn-hangzhou\n      functionName: {name}\n      \
             runtime: python3.10\n      handler: index.handler\n      code: ./code\n"
        )
    };
    let functions: String = ["a", "b", "c"].map(function).concat();
    let yaml = format!("edition: 3.0.0\nname: three\naccess: default\n\nresources:\n{functions}");
    let world =
        World::new(&[("s.yaml", &yaml), ("code/index.py", "def handler(event, context):\n    pass\n")]);
    world.cloud.switch(json!([{"name": "held", "operation": "CreateFunction", "calls": 1, "do": "hold"}]));
    world
}

#[test]
fn ctrl_c_finishes_what_is_in_flight_and_starts_nothing_more() {
    let world = held();
    let mut terminal = world.terminal(&["apply", "--auto-approve", "--parallelism", "1"]);
    world.cloud.wait_until_held("held");
    terminal.presses_ctrl('C');
    terminal.sees("Stopping: no new step starts");
    assert_eq!(world.cloud.release("held"), 1);
    let seen = without_colour(&terminal.exits(130));
    assert!(has_line(&seen, &["fc3_function.a", "created"]), "{seen}");
    assert!(has_line(&seen, &["fc3_function.b", "not started"]), "{seen}");
    assert!(
        has_line(&seen, &["Interrupted: 1 applied, 0 failed, 2 not started", "State serial 1"]),
        "{seen}"
    );
    let state = world.state();
    let recorded: Vec<&String> = state["resources"].as_object().expect("a map").keys().collect();
    assert_eq!(recorded, ["fc3_function.a"]);
    let plan = world.plan(&[]).exits(2).shows(&["2 to add"]);
    assert!(!plan.stdout.contains("fc3_function.a"), "{plan}");
    world.apply(&[]);
}

#[test]
fn ctrl_c_twice_leaves_at_once_and_the_journal_knows() {
    let world = held();
    let mut terminal = world.terminal(&["apply", "--auto-approve", "--parallelism", "1"]);
    world.cloud.wait_until_held("held");
    terminal.presses_ctrl('C');
    terminal.sees("Stopping: no new step starts");
    terminal.presses_ctrl('C');
    let seen = without_colour(&terminal.exits(130));
    assert!(has_line(&seen, &["fc3_function.a", "left in flight"]), "{seen}");
    assert!(has_line(&seen, &["0 applied, 0 failed, 2 not started, 1 uncertain"]), "{seen}");
    assert!(seen.contains("The journal is kept"), "{seen}");
    // The call arrives after its caller has gone: the next command finds out.
    assert_eq!(world.cloud.release("held"), 1);
    world.console().wait_for("a");
    let plan = world.plan(&[]).exits(2).shows(&["2 to add"]);
    assert!(plan.stderr.contains("An earlier apply was interrupted"), "{plan}");
    world.apply(&[]);
    assert_eq!(world.state()["resources"].as_object().expect("a map").len(), 3);
}

#[test]
fn ctrl_c_at_a_question_changes_nothing() {
    let world = edited_online();
    world.changes_nothing(|| {
        let mut terminal = world.terminal(&["apply"]);
        terminal.sees(PROMPT);
        terminal.presses_ctrl('C');
        let seen = terminal.ends_interrupted();
        assert!(!seen.contains("applied"), "{seen}");
    });
    world.plan(&[]).exits(2).shows(&["3 decisions needed"]);
}
