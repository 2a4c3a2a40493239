//! Which program of this machine stands in for a runtime.
//!
//! Every version of a family is served by the one interpreter that the machine has. It is asked for its own file once:
//! what lies on `PATH` may be a version manager's stub that looks into the folder it is started in, or into a home that
//! functions do not get.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::process::Command;
use tokio::sync::Mutex;

use super::PlatformError;

/// What runs a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    /// `python3*`.
    Python,
    /// `nodejs*`.
    Node,
    /// `custom` and `custom.debian*`: the package's own web server.
    Custom,
}

impl Family {
    /// The family of a runtime, or why this emulator cannot run it.
    pub(super) fn of(runtime: &str) -> Result<Self, PlatformError> {
        match runtime {
            _ if runtime.starts_with("python3") => Ok(Self::Python),
            _ if runtime.starts_with("nodejs") => Ok(Self::Node),
            "custom" => Ok(Self::Custom),
            _ if runtime.starts_with("custom.debian") => Ok(Self::Custom),
            "custom-container" => Err(not_started(&format!(
                "runtime '{runtime}' needs a container engine, which the embedded cloud does not drive; \
                 run the image's web server as runtime 'custom' to try it here"
            ))),
            _ => Err(not_started(&format!(
                "the embedded cloud does not run runtime '{runtime}'; it runs python3*, nodejs*, custom and \
                 custom.debian*"
            ))),
        }
    }

    fn commands(self) -> &'static [&'static str] {
        match self {
            Self::Python => &["python3", "python"],
            Self::Node => &["node", "nodejs"],
            Self::Custom => &[],
        }
    }

    /// Arguments that make the interpreter print its own file, if it is recent enough for the bridge.
    fn question(self) -> &'static [&'static str] {
        match self {
            Self::Python => {
                &["-c", "import sys; print(sys.executable if sys.version_info >= (3, 7) else '')"]
            }
            Self::Node | Self::Custom => &["-p", "process.execPath"],
        }
    }

    fn how_to_install(self) -> &'static str {
        match self {
            Self::Python => "Python 3.7 or newer (`apt-get install python3`, `brew install python`)",
            Self::Node | Self::Custom => "Node.js (`apt-get install nodejs`, `brew install node`)",
        }
    }
}

/// The interpreters of this machine, each looked for until it is found.
#[derive(Clone, Debug)]
pub(super) struct Interpreters {
    search_path: OsString,
    found: Arc<Mutex<[Option<PathBuf>; 2]>>,
}

impl Interpreters {
    /// Looks in the folders of `search_path`, which has the form of `PATH`.
    pub(super) fn new(search_path: OsString) -> Self {
        Self { search_path, found: Arc::default() }
    }

    /// The interpreter of a family, or what to install.
    pub(super) async fn find(&self, family: Family) -> Result<PathBuf, PlatformError> {
        let mut found = self.found.lock().await;
        let known = &mut found[usize::from(family == Family::Node)];
        if let Some(path) = known
            && path.exists()
        {
            return Ok(path.clone());
        }
        for command in family.commands() {
            for folder in std::env::split_paths(&self.search_path) {
                let candidate = folder.join(command);
                if !candidate.is_file() {
                    continue;
                }
                if let Some(path) = ask(candidate, family.question()).await {
                    *known = Some(path.clone());
                    return Ok(path);
                }
            }
        }
        let command = family.commands().first().copied().unwrap_or_default();
        Err(not_started(&format!(
            "no usable `{command}` on this machine's PATH, which the embedded cloud needs to run this function; install {}",
            family.how_to_install()
        )))
    }
}

async fn ask(candidate: PathBuf, question: &[&str]) -> Option<PathBuf> {
    let output = Command::new(candidate).args(question).kill_on_drop(true).output().await.ok()?;
    let path = PathBuf::from(String::from_utf8(output.stdout).ok()?.trim());
    (output.status.success() && path.is_absolute()).then_some(path)
}

/// An instance that could not start, in the service's words.
pub(super) fn not_started(message: &str) -> PlatformError {
    PlatformError {
        status: 412,
        code: "FunctionNotStarted",
        message: format!("Failed to start function instance. Error: {message}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Family, Interpreters};

    #[test]
    fn families_go_by_the_runtimes_name() {
        assert_eq!(Family::of("python3").ok(), Some(Family::Python));
        assert_eq!(Family::of("python3.12").ok(), Some(Family::Python));
        assert_eq!(Family::of("nodejs20").ok(), Some(Family::Node));
        assert_eq!(Family::of("custom.debian12").ok(), Some(Family::Custom));
        for refused in ["python2.7", "php7.2", "java11", "go1", "dotnetcore3.1", "custom-container", ""] {
            let error = Family::of(refused).expect_err(refused);
            assert_eq!((error.status, error.code), (412, "FunctionNotStarted"));
            assert!(error.message.contains(&format!("'{refused}'")), "{}", error.message);
        }
    }

    #[tokio::test]
    async fn a_missing_interpreter_says_what_to_install() {
        let empty = tempfile::tempdir().expect("folder");
        let interpreters = Interpreters::new(empty.path().into());
        for (family, command) in [(Family::Python, "python3"), (Family::Node, "nodejs")] {
            let error = interpreters.find(family).await.expect_err("nothing to find");
            assert_eq!(error.status, 412);
            assert!(error.message.contains(&format!("install {command}")), "{}", error.message);
        }
    }
}
