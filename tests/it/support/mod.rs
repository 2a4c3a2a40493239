//! A whole world for one test: a project folder, a cloud of its own, the compiled program, and a console.
//!
//! Nothing is shared between worlds and nothing comes from outside: an empty home, no variable of ours, ports
//! that the system picks. Two promises are kept here for every test at once. After each successful apply a
//! second plan has to be empty; see [`SecondLook`]. And nothing that the program prints or leaves behind may hold
//! a secret.
//!
//! With `TRIFORM_TEST_INCONSISTENT=1` every cloud behaves as a large one does: what is new is missing from
//! lists and reads for a while, and the same is said in other forms.
#![allow(dead_code, reason = "a helper may wait for its first test")]

mod again;
mod cloud;
mod console;
mod http;
mod terminal;

use std::cell::{OnceCell, RefCell, RefMut};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub use again::SecondLook;
pub use cloud::{Cloud, inconsistencies, is_inconsistent};
pub use console::Console;
pub use http::{get, get_bytes};
use serde_json::Value as Json;
pub use terminal::{Terminal, without_colour};

/// The compiled program.
pub const TRIFORM: &str = env!("CARGO_BIN_EXE_triform");

/// A value that tests declare under a secret name. No output and no file may hold it.
pub const SECRET: &str = "correct-horse-battery";

/// Demands that a file of this repository holds a text, or writes it there (`INSTA_UPDATE=always`).
#[track_caller]
pub fn keeps(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    if std::env::var("INSTA_UPDATE").is_ok_and(|value| value == "always") {
        std::fs::write(&path, text).expect("writes");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == text,
        "{name} is not this; look at what moved, and write it anew with INSTA_UPDATE=always:\n{text}"
    );
}

/// One test's surroundings; gone when dropped.
pub struct World {
    root: tempfile::TempDir,
    pub cloud: Cloud,
    console: OnceCell<RefCell<Console>>,
}

/// How a command ended, and what it said.
#[derive(Debug)]
pub struct Ran {
    pub args: String,
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl World {
    /// A world whose project has these files.
    pub fn new(files: &[(&str, &str)]) -> Self {
        Self::with_cloud(files, &[])
    }

    /// A world whose cloud is served with these arguments, from the folder above the project's.
    pub fn with_cloud(files: &[(&str, &str)], args: &[&str]) -> Self {
        let root = tempfile::tempdir().expect("a folder");
        for folder in ["home", "project"] {
            std::fs::create_dir(root.path().join(folder)).expect("a folder");
        }
        let cloud = Cloud::start_with(root.path(), args);
        let world = Self { root, cloud, console: OnceCell::new() };
        for (name, text) in files {
            world.write(name, text);
        }
        world
    }

    /// Ends the cloud, does something with its data, and starts it again at the same address.
    pub fn restart_cloud(&mut self, meanwhile: impl FnOnce(&Path)) {
        self.cloud.crash();
        meanwhile(&self.root.path().join("cloud"));
        self.cloud = Cloud::start_at(&self.cloud.address.clone(), self.root.path(), &[]);
    }

    /// The project folder.
    pub fn project(&self) -> PathBuf {
        self.root.path().join("project")
    }

    /// A file of the project.
    pub fn path(&self, name: &str) -> PathBuf {
        self.project().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("is below the project")).expect("a folder");
        std::fs::write(path, text).expect("writes");
    }

    #[track_caller]
    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Replaces a text that the file holds exactly once.
    #[track_caller]
    pub fn edit(&self, name: &str, from: &str, to: &str) {
        let text = self.read(name);
        assert_eq!(text.matches(from).count(), 1, "{from:?} in {name}:\n{text}");
        self.write(name, &text.replacen(from, to, 1));
    }

    /// The console, which takes a second to open.
    pub fn console(&self) -> RefMut<'_, Console> {
        self.console.get_or_init(|| RefCell::new(Console::open(&self.cloud))).borrow_mut()
    }

    /// The program at this project and cloud, with nothing inherited.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(TRIFORM);
        command.args(args).env_clear().envs(self.environment()).current_dir(self.project());
        command
    }

    /// What the program finds in its environment.
    pub fn environment(&self) -> BTreeMap<&'static str, String> {
        BTreeMap::from([
            ("PATH", std::env::var("PATH").expect("a path")),
            ("HOME", self.root.path().join("home").display().to_string()),
            ("TRIFORM_LOCAL", "true".to_owned()),
            ("TRIFORM_ENDPOINT", self.cloud.url()),
            ("DB_PASSWORD", SECRET.to_owned()),
        ])
    }

    /// Runs the program to its end, with nobody at its input.
    #[track_caller]
    pub fn run(&self, args: &[&str]) -> Ran {
        self.run_with(self.command(args))
    }

    /// Runs a command of this world, made ready by the test, to its end.
    #[track_caller]
    pub fn run_with(&self, mut command: Command) -> Ran {
        let output = command.stdin(Stdio::null()).output().expect("runs");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
        let ran = Ran {
            args: words(&command),
            code: output.status.code().unwrap_or(-1),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        };
        self.check_secrets(&[&ran.stdout, &ran.stderr]);
        SecondLook::after(&command).finds_nothing(Some(ran.code));
        ran
    }

    /// Plans.
    #[track_caller]
    pub fn plan(&self, args: &[&str]) -> Ran {
        self.run(&[&["plan", "--detailed-exitcode"], args].concat()).code_in(&[0, 2])
    }

    /// Applies with approval.
    #[track_caller]
    pub fn apply(&self, args: &[&str]) -> Ran {
        self.run(&[&["apply", "--auto-approve"], args].concat()).exits(0)
    }

    /// Destroys with approval.
    #[track_caller]
    pub fn destroy(&self, args: &[&str]) -> Ran {
        self.run(&[&["destroy", "--auto-approve"], args].concat()).exits(0)
    }

    /// Does something that must change neither the cloud nor anything in the project's folder.
    #[track_caller]
    pub fn changes_nothing<T>(&self, what: impl FnOnce() -> T) -> T {
        let before = (self.folder(), self.console().look());
        self.cloud.reset_counters();
        let result = what();
        assert_eq!(self.cloud.counters()["writes"], 0, "the cloud was asked to write");
        let after = (self.folder(), self.console().look());
        assert!(before.0 == after.0, "the project's folder changed");
        assert_eq!(before.1, after.1, "the cloud changed");
        result
    }

    /// The state, read as JSON.
    #[track_caller]
    pub fn state(&self) -> Json {
        serde_json::from_str(&self.read(".triform/s.local.state.json")).expect("a readable state")
    }

    /// Every file of the project with its bytes; who holds the lock is no part of it.
    pub fn folder(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        let mut queue = vec![self.project()];
        while let Some(folder) = queue.pop() {
            for entry in std::fs::read_dir(&folder).expect("a readable folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    queue.push(path);
                } else if path.extension().is_none_or(|extension| extension != "lock") {
                    files.insert(path.clone(), std::fs::read(&path).expect("a readable file"));
                }
            }
        }
        files
    }

    /// Fails when a secret can be read in what was said or in what the program keeps.
    #[track_caller]
    pub fn check_secrets(&self, said: &[&str]) {
        for text in said {
            assert!(!text.contains(SECRET), "a secret was printed:\n{text}");
        }
        let kept = self.project().join(".triform");
        for (path, bytes) in self.folder().iter().filter(|(path, _)| path.starts_with(&kept)) {
            let found = bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes());
            assert!(!found, "a secret is kept in {}", path.display());
        }
    }
}

impl Ran {
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        self.code_in(&[code])
    }

    #[track_caller]
    fn code_in(self, codes: &[i32]) -> Self {
        assert!(codes.contains(&self.code), "not {codes:?} but {self}");
        self
    }

    /// Demands that the result has a line with all these words, in this order.
    #[track_caller]
    pub fn shows(self, words: &[&str]) -> Self {
        assert!(has_line(&self.stdout, words), "no line with {words:?} in {self}");
        self
    }

    /// Demands that no line of the result has all these words in this order.
    #[track_caller]
    pub fn hides(self, words: &[&str]) -> Self {
        assert!(!has_line(&self.stdout, words), "a line with {words:?} in {self}");
        self
    }

    /// Demands that the diagnostics have such a line.
    #[track_caller]
    pub fn tells(self, words: &[&str]) -> Self {
        assert!(has_line(&self.stderr, words), "no line with {words:?} in the diagnostics of {self}");
        self
    }

    /// The marks of a plan's lines and what they stand before: `? memorySize`, `~ fc3_function.hello`.
    pub fn marks(&self) -> Vec<String> {
        let marks = ["+", "~", "-", "-/+", ">", "?", "!", "="];
        let marked = self.stdout.lines().filter(|line| line.starts_with("  ")).filter_map(|line| {
            let mut words = line.split_whitespace();
            let (mark, name) = (words.next()?, words.next()?);
            marks.contains(&mark).then(|| format!("{mark} {name}"))
        });
        marked.collect()
    }
}

impl std::fmt::Display for Ran {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { args, code, stdout, stderr } = self;
        write!(f, "`triform {args}` (exit code {code}):\n{stdout}\n--- diagnostics\n{stderr}")
    }
}

/// The arguments of a command, for messages.
fn words(command: &Command) -> String {
    command.get_args().map(|arg| arg.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// Returns whether a line has all these words in this order.
pub fn has_line(text: &str, words: &[&str]) -> bool {
    text.lines().any(|line| {
        let mut rest = line;
        words.iter().all(|word| match rest.split_once(word) {
            Some((_, after)) => {
                rest = after;
                true
            }
            None => false,
        })
    })
}

/// The folder of the tests' own programs.
pub fn sdk(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sdk").join(name)
}
