//! How the server of a custom runtime is started, and how a failed start is told.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::ExitStatus;

use super::interpreter::not_started;
use super::{CustomRuntime, PlatformError, environment};

/// How much of its output a failed start quotes.
const QUOTED: usize = 2048;

/// The program to start. `/code` at the beginning of a word means the code root, as it does on the service.
pub(super) fn command(custom: Option<&CustomRuntime>, code: &Path) -> Result<Vec<OsString>, PlatformError> {
    let none = CustomRuntime::default();
    let custom = custom.unwrap_or(&none);
    let words = custom.command.iter().chain(&custom.args).map(|word| environment::below_code(word, code));
    if !custom.command.is_empty() {
        return Ok(words.collect());
    }
    let bootstrap = code.join("bootstrap");
    match fs::metadata(&bootstrap) {
        Err(_) => return Err(not_started("the file /code/bootstrap is not exist")),
        Ok(file) if file.permissions().mode() & 0o111 == 0 => {
            return Err(PlatformError {
                status: 412,
                code: "FunctionNotStarted",
                message: "Function instance exited unexpectedly(code 13, message:permission denied) with start command \
                          '/code/bootstrap '. Logs: the file is not executable in the package (chmod 755 bootstrap)"
                    .to_owned(),
            });
        }
        Ok(_) => {}
    }
    Ok(std::iter::once(bootstrap.into()).chain(words).collect())
}

/// What people read of a start, with `/code` for the real folder.
pub(super) struct Shown<'a> {
    pub(super) code: &'a Path,
    pub(super) argv: &'a [OsString],
}

impl Shown<'_> {
    /// The command line.
    pub(super) fn command(&self) -> String {
        let words: Vec<_> = self.argv.iter().map(|word| word.to_string_lossy()).collect();
        let (program, arguments) =
            words.split_first().map_or(("", String::new()), |(first, rest)| (first, rest.join(" ")));
        self.hide(&format!("{program} {arguments}"))
    }

    /// That the program ended by itself.
    pub(super) fn exited(&self, status: ExitStatus) -> String {
        // What a shell says when it cannot become the program, in the service's words.
        let (code, message) = match (status.code(), status.signal()) {
            (Some(127), _) => (2, "no such file or directory".to_owned()),
            (Some(126), _) => (13, "permission denied".to_owned()),
            (Some(code), _) => (code, format!("exit status {code}")),
            (None, Some(signal)) => (128 + signal, format!("signal {signal}")),
            (None, None) => (1, status.to_string()),
        };
        format!(
            "Function instance exited unexpectedly(code {code}, message:{message}) with start command '{}'.",
            self.command()
        )
    }

    /// The end of its output.
    pub(super) fn logs(&self, log: &str) -> String {
        self.hide(last(log))
    }

    fn hide(&self, text: &str) -> String {
        text.replace(self.code.to_string_lossy().as_ref(), "/code")
    }
}

fn last(log: &str) -> &str {
    &log[log.ceil_char_boundary(log.len().saturating_sub(QUOTED))..]
}
