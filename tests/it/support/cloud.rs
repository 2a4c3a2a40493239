//! The embedded cloud in a process of its own, as `triform cloud serve` keeps it up.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value as Json, json};

use super::{SECRET, TRIFORM, http};

/// A cloud that ends when it is dropped.
pub struct Cloud {
    process: Child,
    /// `127.0.0.1:PORT`.
    pub address: String,
}

impl Cloud {
    /// Starts one that keeps its data in `root`, on a port that the system picks.
    pub fn start(root: &Path) -> Self {
        Self::start_with(root, &[])
    }

    /// Starts one with these arguments beside, in which a project's secret is set.
    pub fn start_with(root: &Path, args: &[&str]) -> Self {
        Self::start_at("127.0.0.1:0", root, args)
    }

    /// Starts one at this address.
    pub fn start_at(listen: &str, root: &Path, args: &[&str]) -> Self {
        let mut process = Command::new(TRIFORM)
            .args(["cloud", "serve", "--listen", listen, "--data"])
            .arg(root.join("cloud"))
            .args(args)
            .env_clear()
            .env("PATH", std::env::var("PATH").expect("a path"))
            .env("HOME", root.join("home"))
            .env("DB_PASSWORD", SECRET)
            .current_dir(root)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(root.join("cloud.log")).expect("a file"))
            .spawn()
            .expect("starts");
        let mut line = String::new();
        BufReader::new(process.stdout.take().expect("is piped")).read_line(&mut line).expect("a first line");
        let address = line.split_once("http://").map(|(_, rest)| rest.trim_end().trim_end_matches('.'));
        let Some(address) = address.map(str::to_owned) else {
            let _ = process.wait();
            let told = std::fs::read_to_string(root.join("cloud.log")).unwrap_or_default();
            panic!("the cloud did not start: {line}{told}");
        };
        let cloud = Self { process, address };
        cloud.switch(json!([]));
        cloud
    }

    /// Ends it as Ctrl-C does. Returns its exit code.
    pub fn stop(&mut self) -> Option<i32> {
        let stopped = Command::new("kill").args(["-INT", &self.process.id().to_string()]).status();
        assert!(stopped.is_ok_and(|status| status.success()), "it has ended before");
        self.process.wait().expect("ends").code()
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Puts rules in force in place of the earlier ones, behind those that this run of the tests is about.
    #[expect(clippy::needless_pass_by_value, reason = "rules are written where they are put in force")]
    pub fn switch(&self, rules: Json) {
        let mut all = inconsistencies();
        all.extend(rules.as_array().expect("a list of rules").iter().cloned());
        self.private("PUT", "switches", &json!({"rules": all}).to_string());
    }

    /// Behaves from now on, whatever this run of the tests is about.
    pub fn behaves(&self) {
        self.private("DELETE", "switches", "");
    }

    /// Lets the held calls of a rule go on. Returns how many there were.
    pub fn release(&self, rule: &str) -> u64 {
        let answer = self.private("POST", "switches/release", &json!({"rule": rule}).to_string());
        answer["released"].as_u64().expect("a number")
    }

    /// Waits until a call is held by a rule.
    pub fn wait_until_held(&self, rule: &str) {
        let until = std::time::Instant::now() + std::time::Duration::from_mins(1);
        while !self.counters()["held"].to_string().contains(rule) {
            assert!(std::time::Instant::now() < until, "no call was held by {rule}");
            std::thread::sleep(std::time::Duration::from_millis(5)); // between two looks, not instead of them
        }
    }

    pub fn counters(&self) -> Json {
        self.private("GET", "counters", "")
    }

    /// Calls of an operation since the counters were reset.
    pub fn calls(&self, operation: &str) -> u64 {
        self.counters()["operations"][operation]["calls"].as_u64().unwrap_or(0)
    }

    pub fn reset_counters(&self) {
        self.private("DELETE", "counters", "");
    }

    /// Ends it at once, as a crash would.
    pub fn crash(&mut self) {
        self.process.kill().and_then(|()| self.process.wait()).expect("was running");
    }

    /// Carries out a call of the API that nobody signed, as somebody in a console would.
    pub fn call(&self, call: &str, body: &Json) -> Json {
        self.private("POST", "console", &json!({ "call": call, "body": body }).to_string())
    }

    fn private(&self, method: &str, path: &str, body: &str) -> Json {
        let (status, answer) = http::ask(method, &format!("{}/_triform/v1/{path}", self.url()), body);
        assert!((200..300).contains(&status), "{method} {path}: {status} {answer}");
        if answer.is_empty() { Json::Null } else { serde_json::from_str(&answer).expect("JSON") }
    }
}

impl Drop for Cloud {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Returns whether this run of the tests is about an inconsistent cloud.
pub fn is_inconsistent() -> bool {
    std::env::var_os("TRIFORM_TEST_INCONSISTENT").is_some_and(|value| value == "1")
}

/// How a large service answers while its parts catch up with each other; nothing where this run is not about that.
pub fn inconsistencies() -> Vec<Json> {
    let mut rules = Vec::new();
    if !is_inconsistent() {
        return rules;
    }
    for create in ["CreateFunction", "CreateTrigger", "CreateCustomDomain"] {
        rules.push(json!({"operation": create, "do": {"hide_from_lists": 2}}));
        rules.push(json!({"operation": create, "do": {"hide_from_reads": 1}}));
    }
    rules.push(json!({"calls": {"from": 3}, "do": {"reshape": ["json", "lists", "case", "absent"]}}));
    rules.push(json!({"do": {"touch": 1}}));
    rules
}
