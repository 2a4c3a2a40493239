//! `graph`: of a project, of a plan, of a saved one.

use crate::room::Room;
use crate::situations::{PROJECT, S_YAML};

#[test]
fn a_project_is_drawn_without_a_cloud() {
    let room = Room::new(PROJECT);
    let mut bare = room.bare_command(&["graph"]);
    bare.env_remove("DB_PASSWORD"); // no value is needed to draw
    let dot = crate::room::finish(bare).exits(0).stdout;
    assert!(
        dot.contains("digraph \"greeter\"") && dot.contains("n0 [label=\"fc3_function.hello\"];"),
        "{dot}"
    );
    assert!(
        dot.contains("n1 [label=\"fc3_trigger.hello[\\\"http\\\"]\"];") && dot.contains("n0 -> n1;"),
        "{dot}"
    );
    let mermaid = room.run(&["graph", "--format", "mermaid"]).exits(0).stdout;
    assert!(mermaid.contains("flowchart LR\n  n0[\"fc3_function.hello\"]\n"), "{mermaid}");
    assert!(
        mermaid.contains("n1[\"fc3_trigger.hello#91;#34;http#34;#93;\"]") && mermaid.contains("n0 --> n1"),
        "{mermaid}"
    );
}

#[test]
fn a_plan_is_drawn_with_what_it_does() {
    let room = Room::new(PROJECT);
    let plan = room.run(&["graph", "--plan"]).exits(0).stdout;
    assert!(plan.contains("label=\"fc3_function.hello\\n+ create\""), "{plan}");
    room.run(&["apply", "--auto-approve"]).exits(0);
    room.write("s.yaml", S_YAML.split("      triggers:").next().expect("a function"));
    let before = (room.kept(), room.writes());
    room.run(&["plan", "-o", "reviewed.triform"]).exits(0);
    let drawn = room.run(&["graph", "--plan", "--format", "mermaid"]).exits(0).stdout;
    assert!(drawn.contains("- delete\"]:::delete") || drawn.contains("<br/>- delete"), "{drawn}");
    let saved = room.run(&["graph", "reviewed.triform", "--format", "mermaid"]).exits(0).stdout;
    assert_eq!(saved, drawn);
    room.run(&["graph", "reviewed.triform", "--plan"]).exits(1).says("--plan");
    room.run(&["graph", "none.triform"]).exits(1).says("could not read the plan");
    assert!(before == (room.kept(), room.writes()));
}
