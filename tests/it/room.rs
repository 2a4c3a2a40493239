//! A room for tests that break things: a project, the compiled program, and a cloud in the test's own process.
//!
//! A cloud in this process starts in a few milliseconds, and from a copy of another room's data, so that
//! hundreds of crashes can each begin at the same place. Whatever the program prints, it may print no panic
//! and no secret: [`ended`] looks.
//!
//! With `TRIFORM_TEST_INCONSISTENT=1` the cloud hides from the program what is new, says the same in other forms and
//! moves its times. The room itself looks, and edits, past that: what is hidden from the program must not be
//! hidden from the test.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};
use tokio::runtime::Runtime;
use triform::emulator::{Server, ServerOptions, Switches, start};

use crate::emulator::client::{Client, Reply};
use crate::support::{SecondLook, Terminal, inconsistencies};

/// A value that tests declare under a secret name. No output and no file may hold it.
pub const SECRET: &str = "correct-horse-battery";

/// How long anything may take before a test gives up on it.
const PATIENCE: Duration = Duration::from_mins(1);

/// The runtime of every room's cloud and client.
pub fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Runtime::new().expect("a runtime"))
}

/// One test's surroundings; gone when dropped.
pub struct Room {
    root: tempfile::TempDir,
    server: Option<Server>,
    client: Client,
}

/// How a command ended, and what it said.
#[derive(Debug)]
pub struct Ran {
    /// `None` when a signal ended it.
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self}");
        self
    }

    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(says(&self.stdout, text) || says(&self.stderr, text), "does not say {text:?}: {self}");
        self
    }
}

/// Returns whether words stand in a text, wherever its lines break.
pub fn says(told: &str, text: &str) -> bool {
    told.split_whitespace().collect::<Vec<_>>().join(" ").contains(text)
}

impl std::fmt::Display for Ran {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { code, stdout, stderr } = self;
        write!(f, "exit {code:?}\n--- stdout\n{stdout}\n--- stderr\n{stderr}")
    }
}

impl Room {
    /// A room with a cloud that holds nothing, and a project of these files.
    pub fn new(files: &[(&str, &str)]) -> Self {
        let root = tempfile::tempdir().expect("a folder");
        for folder in ["home", "project", "cloud"] {
            std::fs::create_dir(root.path().join(folder)).expect("a folder");
        }
        let room = Self::open(root);
        for (name, text) in files {
            room.write(name, text);
        }
        room
    }

    /// A room whose project and cloud are as they are in another room, whose cloud was stopped.
    pub fn copy_of(other: &Self) -> Self {
        assert!(other.server.is_none(), "a database is copied when nobody writes into it");
        let root = tempfile::tempdir().expect("a folder");
        std::fs::create_dir_all(root.path().join("cloud")).expect("a folder");
        std::fs::create_dir(root.path().join("home")).expect("a folder");
        copy(&other.project(), &root.path().join("project"));
        let database = "cloud/cloud.redb";
        std::fs::copy(other.root.path().join(database), root.path().join(database)).expect("copies");
        Self::open(root)
    }

    fn open(root: tempfile::TempDir) -> Self {
        let any = "127.0.0.1:0".parse().expect("an address");
        let mut options = ServerOptions::new(any, root.path().join("cloud"));
        let rules = Json::Array(inconsistencies()).to_string();
        options.switches = Switches::from_json(&format!("{{\"rules\": {rules}}}")).ok();
        let server = runtime().block_on(start(options)).expect("the cloud starts");
        let client = Client::new(server.address());
        Self { root, server: Some(server), client }
    }

    /// Stops the cloud, so that the room can be copied.
    pub fn stop_cloud(&mut self) {
        if let Some(server) = self.server.take() {
            runtime().block_on(server.stop());
        }
    }

    /// Talks to another cloud from now on.
    pub fn talk_to(&mut self, address: &str) {
        self.client = Client::new(address.parse().expect("an address"));
    }

    pub fn root(&self) -> &Path {
        self.root.path()
    }

    pub fn project(&self) -> PathBuf {
        self.root.path().join("project")
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.project().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("is below the project")).expect("a folder");
        std::fs::write(path, text).expect("writes");
    }

    pub fn endpoint(&self) -> String {
        format!("http://{}", self.client.address)
    }

    /// The program in this project at this cloud: nothing inherited, nobody at its input.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = self.bare_command(args);
        command.env("TRIFORM_LOCAL", "true").env("TRIFORM_ENDPOINT", self.endpoint());
        command
    }

    /// The program in this project, told of no cloud.
    pub fn bare_command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_triform"));
        command
            .args(args)
            .env_clear()
            .env("PATH", std::env::var("PATH").expect("a path"))
            .env("HOME", self.root.path().join("home"))
            .env("TRIFORM_DATA", self.root.path().join("cloud"))
            .env("DB_PASSWORD", SECRET)
            .current_dir(self.project())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    #[track_caller]
    pub fn run(&self, args: &[&str]) -> Ran {
        finish(self.command(args))
    }

    /// Starts the program at a terminal.
    pub fn terminal(&self, args: &[&str]) -> Terminal<'_> {
        let mut command = self.command(args);
        command.env("TERM", "xterm-256color");
        command.stdin(Stdio::inherit()).stdout(Stdio::inherit()).stderr(Stdio::inherit());
        Terminal::start(command, |seen| {
            assert!(!seen.contains(SECRET) && !seen.contains("panicked at"), "{seen}");
        })
    }

    /// Everything below `.triform`, byte for byte. Locks are left out: they say who came last.
    pub fn kept(&self) -> BTreeMap<String, Vec<u8>> {
        let mut kept = BTreeMap::new();
        collect(&self.path(".triform"), "", &mut kept);
        kept.retain(|name, _| Path::new(name).extension().is_none_or(|extension| extension != "lock"));
        kept
    }

    /// The state as JSON; `null` when there is none.
    pub fn state(&self) -> Json {
        let bytes = std::fs::read(self.path(".triform/s.local.state.json")).unwrap_or_default();
        serde_json::from_slice(&bytes).unwrap_or_default()
    }

    /// The journal's whole lines.
    pub fn journal(&self) -> Vec<Json> {
        let bytes = std::fs::read(self.path(".triform/s.local.journal")).unwrap_or_default();
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let lines = bytes[..whole].split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        lines.map(|line| serde_json::from_slice(line).expect("a line of JSON")).collect()
    }

    /// A call that somebody makes in the console, past the switches; `null` where there is nothing.
    #[track_caller]
    pub fn console(&self, method: &str, target: &str, body: Option<Json>) -> Json {
        let call = format!("{method} /2023-03-30/{target}");
        let body = body.unwrap_or_else(|| json!({}));
        let reply = self.private("POST", "console", Some(json!({"call": call, "body": body})));
        match reply.status {
            204 | 404 => Json::Null,
            _ => reply.ok(),
        }
    }

    /// A call of the cloud's private endpoints.
    pub fn private(&self, method: &str, path: &str, body: Option<Json>) -> Reply {
        runtime().block_on(self.client.private(method, path, body))
    }

    /// Puts rules in force in place of the earlier ones, behind those that this run of the tests is about.
    #[expect(clippy::needless_pass_by_value, reason = "rules are written where they are put in force")]
    pub fn switch(&self, rules: Json) {
        let mut all = inconsistencies();
        all.extend(rules.as_array().expect("a list of rules").iter().cloned());
        runtime().block_on(self.client.switch(all.into()));
    }

    pub fn counters(&self) -> Json {
        self.private("GET", "counters", None).json()
    }

    pub fn writes(&self) -> u64 {
        self.counters()["writes"].as_u64().expect("a number")
    }

    /// Waits until a call is held, and nothing else is under way.
    #[track_caller]
    pub fn wait_until_held(&self, client: &mut Child) {
        until("a call is held", || {
            if let Some(status) = client.try_wait().expect("asks") {
                panic!("it ended with {status} before its call was held");
            }
            !self.counters()["held"].as_array().expect("a list").is_empty()
        });
    }

    /// Waits until the cloud does nothing but hold calls.
    #[track_caller]
    pub fn wait_until_quiet(&self) {
        until("the cloud is quiet", || {
            let counters = self.counters();
            let held = counters["held"].as_array().expect("a list").len() as u64;
            counters["in_flight"] == held
        });
    }

    /// Lets held calls go on, or cuts them where they stand.
    pub fn release(&self, then: &str) {
        self.private("POST", "switches/release", Some(json!({"then": then}))).ok();
    }

    /// Everything there is in the cloud, but ids and times: functions and, below them, triggers.
    pub fn cloud(&self) -> BTreeMap<String, Json> {
        let mut found = BTreeMap::new();
        for (name, mut function) in self.listed("functions", "functionName") {
            forget(&mut function);
            for (trigger, mut document) in self.listed(&format!("functions/{name}/triggers"), "triggerName") {
                forget(&mut document);
                found.insert(format!("{name}/{trigger}"), document);
            }
            found.insert(name, function);
        }
        found
    }

    /// The ids of all functions by name.
    pub fn ids(&self) -> BTreeMap<String, Json> {
        let functions = self.listed("functions", "functionName");
        functions.into_iter().map(|(name, function)| (name, function["functionId"].clone())).collect()
    }

    fn listed(&self, target: &str, name: &str) -> BTreeMap<String, Json> {
        let list = self.console("GET", &format!("{target}?limit=100"), None);
        let key = target.rsplit('/').next().expect("a last segment");
        let items = list[key].as_array().expect("a list").iter();
        items.map(|item| (item[name].as_str().expect("a name").to_owned(), item.clone())).collect()
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        if let Some(server) = self.server.take() {
            let _inside = runtime().enter(); // a server that is dropped stops its tasks
            drop(server);
        }
    }
}

/// Waits until a condition holds.
#[track_caller]
pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < end, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(2)); // between two looks, not instead of them
    }
}

/// Runs the program to its end; where it applied, a second plan is empty.
#[track_caller]
pub fn finish(mut command: Command) -> Ran {
    let ran = ended(command.spawn().expect("starts"));
    SecondLook::after(&command).finds_nothing(ran.code);
    ran
}

/// Waits for the end of the program, and looks for what it may never print.
#[track_caller]
pub fn ended(child: Child) -> Ran {
    let output = child.wait_with_output().expect("ends");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    let ran = Ran { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) };
    let all = format!("{}{}", ran.stdout, ran.stderr);
    assert!(!all.contains("panicked at") && !all.contains("RUST_BACKTRACE"), "{ran}");
    assert!(!all.contains(SECRET), "a secret: {ran}");
    ran
}

/// Ends the program without a warning.
#[track_caller]
pub fn kill(child: &mut Child) -> ExitStatus {
    child.kill().expect("is there");
    child.wait().expect("ends")
}

fn forget(document: &mut Json) {
    let map = document.as_object_mut().expect("an object");
    map.retain(|key, _| {
        !["Id", "Time", "httpTrigger", "state", "lastUpdateStatus", "Reason"]
            .iter()
            .any(|part| key.contains(part))
    });
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("copies");
        }
    }
}

fn collect(folder: &Path, below: &str, found: &mut BTreeMap<String, Vec<u8>>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries {
        let entry = entry.expect("an entry");
        let name = format!("{below}{}", entry.file_name().to_str().expect("text"));
        if entry.path().is_dir() {
            collect(&entry.path(), &format!("{name}/"), found);
        } else {
            found.insert(name, std::fs::read(entry.path()).expect("reads"));
        }
    }
}
