//! The second look: after a successful apply, and after a successful destroy, a plan of the same is empty.
//!
//! Whatever runs the program in these tests comes through here, so that no test can forget it. The plan is made as
//! the command was: in its folder, with its environment, its global flags, and what it was about.

use std::process::{Command, Stdio};

/// The commands that apply, and what their second look takes beside.
const APPLYING: [(&str, &[&str]); 5] =
    [("apply", &[]), ("deploy", &[]), ("destroy", &["--destroy"]), ("remove", &["--destroy"]), ("undo", &[])];

/// What an apply is told and a plan is not, and whether a value follows. Decisions are a matter of the past.
const OF_AN_APPLY: [(&str, bool); 15] = [
    ("--auto-approve", false),
    ("-y", false),
    ("--approve", true),
    ("--approve-classes", true),
    ("--allowed-signers", true),
    ("--signature", true),
    ("--parallelism", true),
    ("--lock-timeout", true),
    ("--decisions", true),
    ("--use-local", false),
    ("--use-live", false),
    ("--use-remote", false),
    ("--replace", true),
    ("--refresh", false),
    ("--write", false),
];

/// What to look at once a command has succeeded.
pub struct SecondLook(Option<Command>);

impl SecondLook {
    /// Prepares the look after a command; after one that applies nothing there is none.
    pub fn after(ran: &Command) -> Self {
        let args: Vec<&str> = ran.get_args().map(|arg| arg.to_str().expect("text")).collect();
        let applying = |arg: &str| APPLYING.iter().find(|(verb, _)| *verb == arg);
        let Some((_, destroys)) = args.iter().find_map(|arg| applying(arg)) else { return Self(None) };
        // What a saved plan leaves to do is a matter of the project as it is by now: its tests look by themselves.
        if args.iter().any(|arg| arg.ends_with(".triform")) {
            return Self(None);
        }
        let mut look = Command::new(ran.get_program());
        look.env_clear().stdin(Stdio::null());
        look.envs(ran.get_envs().filter_map(|(name, value)| Some((name, value?))));
        if let Some(folder) = ran.get_current_dir() {
            look.current_dir(folder);
        }
        let mut args = args.into_iter();
        while let Some(arg) = args.next() {
            let name = arg.split('=').next().unwrap_or_default();
            match OF_AN_APPLY.iter().find(|(own, _)| *own == name) {
                Some((_, true)) if name == arg => drop(args.next()),
                Some(_) => {}
                None if applying(arg).is_some() => drop(look.arg("plan")),
                None => drop(look.arg(arg)),
            }
        }
        look.args(*destroys).arg("--detailed-exitcode");
        Self(Some(look))
    }

    /// Looks, where the command exited with 0, and demands that there is nothing to do.
    #[track_caller]
    pub fn finds_nothing(self, code: Option<i32>) {
        let Self(Some(mut look)) = self else { return };
        if code == Some(0) {
            let output = look.output().expect("runs");
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            let (plan, told) = (text(&output.stdout), text(&output.stderr));
            assert_eq!(output.status.code(), Some(0), "a second plan is not empty: {look:?}\n{plan}\n{told}");
        }
    }
}
