//! The shim that strikes the program while it keeps its books; see `shim.c`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// Something that the program does to its books.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Event {
    /// Bytes are appended to the journal.
    Write,
    /// The journal is made durable.
    Sync,
    /// Another file of `.triform`, or the folder, is made durable.
    Flush,
    /// The journal is removed.
    Unlink,
    /// Another file is renamed into place, or removed.
    Move,
}

/// When it is struck.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Moment {
    /// Killed before it.
    Before,
    /// Killed with half of the bytes written.
    Torn,
    /// Killed after it.
    After,
    /// The disk is full, once.
    Full,
    /// The disk is full, from then on.
    Filled,
}

impl Event {
    /// Everything that an apply does to its books.
    pub const ALL: [Self; 4] = [Self::Write, Self::Sync, Self::Flush, Self::Unlink];

    fn word(self) -> &'static str {
        match self {
            Self::Write => "write",
            Self::Sync => "sync",
            Self::Flush => "flush",
            Self::Unlink => "unlink",
            Self::Move => "move",
        }
    }
}

impl Moment {
    fn word(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::Torn => "torn",
            Self::After => "after",
            Self::Full => "full",
            Self::Filled => "filled",
        }
    }
}

/// Returns the shim, which the machine's compiler makes once for each run.
fn shim() -> &'static Path {
    static SHIM: OnceLock<PathBuf> = OnceLock::new();
    SHIM.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/crash/shim.c");
        let (new, path) =
            (folder.join(format!("strike-{}.so", std::process::id())), folder.join("strike.so"));
        let mut compiler = Command::new("cc");
        compiler.args(["-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o"]).arg(&new).arg(source);
        let status = compiler.status().expect("a C compiler, which Rust needs to link");
        assert!(status.success(), "the shim does not compile");
        std::fs::rename(&new, &path).expect("renames"); // whole, however many runs there are
        path
    })
}

/// Lets the program be struck at the `number`th event, counted from 1.
pub fn strike(command: &mut Command, event: Event, number: usize, moment: Moment) {
    let at = format!("{} {number} {}", event.word(), moment.word());
    command.env("LD_PRELOAD", shim()).env("STRIKE_AT", at);
}

/// Lets the program's events be written into a file.
pub fn record(command: &mut Command, log: &Path) {
    command.env("LD_PRELOAD", shim()).env("STRIKE_LOG", log);
}

/// Returns how often an event was recorded.
pub fn recorded(log: &Path, event: Event) -> usize {
    let text = std::fs::read_to_string(log).expect("the shim was loaded");
    text.lines().filter(|line| *line == event.word()).count()
}
