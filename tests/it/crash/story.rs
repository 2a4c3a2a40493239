//! The project that is struck: one apply of twenty resources that creates, updates and deletes.

use crate::room::Room;

/// One function of the project.
struct Function {
    name: &'static str,
    memory: u32,
    code: &'static str,
    variables: &'static [(&'static str, &'static str)],
    /// Triggers by type, and what their configuration is about: a method, or a timer's payload.
    triggers: &'static [(&'static str, &'static str)],
}

const fn function(name: &'static str, memory: u32, code: &'static str) -> Function {
    Function { name, memory, code, variables: &[], triggers: &[] }
}

impl Function {
    const fn variables(self, variables: &'static [(&'static str, &'static str)]) -> Self {
        Self { variables, ..self }
    }

    const fn triggers(self, triggers: &'static [(&'static str, &'static str)]) -> Self {
        Self { triggers, ..self }
    }
}

/// What is deployed before the apply that is struck.
static BEFORE: [Function; 8] = [
    function("keep", 512, "one").triggers(&[("http", "GET")]),
    function("memory", 512, "one"),
    function("variable", 512, "one").variables(&[("A", "1"), ("B", "2")]),
    function("code", 512, "one"),
    function("both", 512, "one").triggers(&[("http", "GET")]),
    function("gone-a", 512, "one").triggers(&[("http", "GET")]),
    function("gone-b", 512, "one").triggers(&[("timer", "one")]),
    function("gone-c", 512, "one"),
];

/// What it makes of it: ten are new, five change, five go.
static AFTER: [Function; 10] = [
    function("keep", 512, "one").triggers(&[("http", "GET"), ("timer", "two")]),
    function("memory", 1024, "one"),
    function("variable", 512, "one").variables(&[("A", "1"), ("B", "3"), ("C", "4")]),
    function("code", 512, "two"),
    function("both", 1024, "two").triggers(&[("http", "POST")]),
    function("new-a", 512, "one").triggers(&[("http", "GET")]),
    function("new-b", 512, "two").triggers(&[("timer", "one")]),
    function("new-c", 512, "one").triggers(&[("http", "PUT")]),
    function("new-d", 1024, "two")
        .variables(&[("DB_PASSWORD", "${env('DB_PASSWORD')}")])
        .triggers(&[("http", "GET")]),
    function("new-e", 512, "one").variables(&[("NEIGHBOUR", "${resources.new-a.output.functionArn}")]),
];

/// How many resources the second apply is about.
pub const TOUCHED: usize = 20;

/// A room in which the first project is deployed and the second one is written; its cloud is stopped.
pub fn deployed() -> Room {
    let code = |text: &str| format!("def handler(event, context):\n    return '{text}'\n");
    let room = Room::new(&[("one/index.py", &code("one")), ("two/index.py", &code("two"))]);
    room.write("two/more.py", "MORE = True\n");
    room.write("s.yaml", &project(&BEFORE));
    room.run(&["apply", "--auto-approve"]).exits(0);
    room.write("s.yaml", &project(&AFTER));
    room
}

fn project(functions: &[Function]) -> String {
    let mut text = "edition: 3.0.0\nname: story\naccess: default\nresources:\n".to_owned();
    for function in functions {
        text.push_str(&entry(function));
    }
    text
}

fn entry(function: &Function) -> String {
    let Function { name, memory, code, variables, triggers } = function;
    let mut lines = vec![
        format!("  {name}:"),
        "    component: fc3".to_owned(),
        "    props:".to_owned(),
        "      region: cn-hangzhou".to_owned(),
        format!("      functionName: {name}"),
        "      runtime: python3.10".to_owned(),
        "      handler: index.handler".to_owned(),
        format!("      memorySize: {memory}"),
        "      cpu: 0.5".to_owned(),
        "      diskSize: 512".to_owned(),
        "      timeout: 10".to_owned(),
        format!("      code: ./{code}"),
    ];
    if !variables.is_empty() {
        lines.push("      environmentVariables:".to_owned());
        lines.extend(variables.iter().map(|(name, value)| format!("        {name}: \"{value}\"")));
    }
    if !triggers.is_empty() {
        lines.push("      triggers:".to_owned());
    }
    for (kind, about) in *triggers {
        let config = match *kind {
            "http" => format!("{{authType: anonymous, methods: [{about}]}}"),
            _ => format!("{{cronExpression: \"@every 5m\", enable: true, payload: {about}}}"),
        };
        lines.push(format!("        - triggerName: {kind}"));
        lines.push(format!("          triggerType: {kind}"));
        lines.push(format!("          triggerConfig: {config}"));
    }
    lines.join("\n") + "\n"
}
