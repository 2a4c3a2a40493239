//! The console: the service's official SDK for Python, unchanged, in a process that answers line by line.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value as Json, json};

use super::{Cloud, sdk};

/// Somebody at the console; gone when dropped.
pub struct Console {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Console {
    pub fn open(cloud: &Cloud) -> Self {
        Self::with(cloud, "console.py")
    }

    /// The console of FC 2.0: another SDK, and operations by its own names.
    pub fn for_fc2(cloud: &Cloud) -> Self {
        Self::with(cloud, "console_fc2.py")
    }

    fn with(cloud: &Cloud, script: &str) -> Self {
        let python = Path::new(env!("CARGO_MANIFEST_DIR")).join(".venv/bin/python3");
        let started = Command::new(&python)
            .arg(sdk(script))
            .arg(&cloud.address)
            .env_clear()
            .env("PATH", std::env::var("PATH").expect("a path"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let mut process =
            started.unwrap_or_else(|error| panic!("{}: {error}; run tests/prepare first", python.display()));
        let input = process.stdin.take().expect("is piped");
        let output = BufReader::new(process.stdout.take().expect("is piped"));
        Self { process, input, output }
    }

    /// Any operation of the SDK; the body and the answer as maps.
    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "bodies are written where they are sent")]
    pub fn call(&mut self, operation: &str, of: &[&str], body: Json) -> Json {
        let body = if body.is_null() { json!({}) } else { json!({"body": body}) };
        let mut command = json!({"do": operation, "of": of});
        command.as_object_mut().expect("an object").extend(body.as_object().cloned().expect("an object"));
        self.say(&command)
    }

    /// Any operation of the SDK of FC 2.0, with named arguments beside.
    #[track_caller]
    pub fn ask(&mut self, operation: &str, of: &[&str], with: &Json) -> Json {
        let with = if with.is_null() { json!({}) } else { with.clone() };
        self.say(&json!({"do": operation, "of": of, "with": with}))
    }

    /// Edits files of a function of FC 2.0.
    #[track_caller]
    pub fn edit_code_of(&mut self, service: &str, function: &str, files: &Json) {
        self.say(&json!({"do": "edit code", "of": [service, function], "files": files}));
    }

    /// Edits a function.
    #[track_caller]
    pub fn update(&mut self, function: &str, body: Json) {
        self.call("UpdateFunction", &[function], body);
    }

    #[track_caller]
    pub fn function(&mut self, name: &str) -> Json {
        self.call("GetFunction", &[name], Json::Null)
    }

    /// Waits until a function is there that is being made.
    #[track_caller]
    pub fn wait_for(&mut self, function: &str) {
        self.say(&json!({"do": "wait for", "of": [function]}));
    }

    /// The configuration of a trigger, unpacked.
    #[track_caller]
    pub fn trigger_config(&mut self, function: &str, trigger: &str) -> Json {
        let shown = self.call("GetTrigger", &[function, trigger], Json::Null);
        serde_json::from_str(shown["triggerConfig"].as_str().expect("text")).expect("JSON")
    }

    /// Edits a trigger's configuration; what is not named stays.
    #[track_caller]
    pub fn configure_trigger(&mut self, function: &str, trigger: &str, changes: &Json) {
        let mut config = self.trigger_config(function, trigger);
        let changes = changes.as_object().cloned().expect("an object");
        config.as_object_mut().expect("an object").extend(changes);
        self.call("UpdateTrigger", &[function, trigger], json!({"triggerConfig": config.to_string()}));
    }

    /// The files of a function.
    #[track_caller]
    pub fn code(&mut self, function: &str) -> BTreeMap<String, String> {
        serde_json::from_value(self.say(&json!({"do": "code", "of": [function]}))).expect("texts")
    }

    /// Edits files of a function; `null` removes one.
    #[track_caller]
    pub fn edit_code(&mut self, function: &str, files: &Json) {
        self.say(&json!({"do": "edit code", "of": [function], "files": files}));
    }

    /// Everything there is, but times.
    #[track_caller]
    pub fn look(&mut self) -> Json {
        self.say(&json!({"do": "look"}))
    }

    #[track_caller]
    fn say(&mut self, command: &Json) -> Json {
        writeln!(self.input, "{command}").expect("the console listens");
        let mut line = String::new();
        self.output.read_line(&mut line).expect("the console answers");
        assert!(!line.is_empty(), "the console died of {command}; was tests/prepare run?");
        let mut answer: Json = serde_json::from_str(&line).expect("JSON");
        assert!(answer["refused"].is_null(), "{command}: {answer}");
        answer["ok"].take()
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
