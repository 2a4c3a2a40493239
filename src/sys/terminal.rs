//! Who is on the other side: a person at a terminal, or a pipe.

use std::io::IsTerminal;

/// What is known of the three standard streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terminal {
    /// Whether answers can be typed.
    pub stdin: bool,
    /// Whether results are seen by a person.
    pub stdout: bool,
    /// Whether progress and questions are seen by a person.
    pub stderr: bool,
    /// Columns; 80 where there is no terminal.
    pub width: usize,
    /// Whether results are coloured.
    pub color_stdout: bool,
    /// Whether progress and diagnostics are coloured.
    pub color_stderr: bool,
}

impl Terminal {
    /// Looks at the standard streams and at the variables that speak of colour.
    pub fn detect(no_color: bool) -> Self {
        let (stdin, stdout, stderr) = (std::io::stdin(), std::io::stdout(), std::io::stderr());
        let columns =
            |size: Option<rustix::termios::Winsize>| size.map(|size| size.ws_col).filter(|n| *n > 0);
        let width = columns(rustix::termios::tcgetwinsize(&stdout).ok())
            .or_else(|| columns(rustix::termios::tcgetwinsize(&stderr).ok()));
        let variable = |name: &str| std::env::var(name).ok();
        Self {
            stdin: stdin.is_terminal(),
            stdout: stdout.is_terminal(),
            stderr: stderr.is_terminal(),
            width: width.map_or(80, usize::from),
            color_stdout: color(no_color, stdout.is_terminal(), variable),
            color_stderr: color(no_color, stderr.is_terminal(), variable),
        }
    }
}

/// A terminal that shows nothing of what is typed, until this is dropped.
pub struct Hushed {
    tty: std::fs::File,
    before: rustix::termios::Termios,
}

impl Hushed {
    /// Turns the echo off. To be done before a secret is asked for: whoever types fast would be shown otherwise.
    ///
    /// # Errors
    /// Fails where there is no terminal.
    pub fn begin() -> std::io::Result<Self> {
        use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
        let tty = std::fs::File::options().read(true).write(true).open("/dev/tty")?;
        let before = tcgetattr(&tty)?;
        let mut hushed = before.clone();
        hushed.local_modes.remove(LocalModes::ECHO);
        tcsetattr(&tty, OptionalActions::Now, &hushed)?;
        Ok(Self { tty, before })
    }
}

impl Drop for Hushed {
    fn drop(&mut self) {
        use rustix::termios::{OptionalActions, tcsetattr};
        let _ = tcsetattr(&self.tty, OptionalActions::Now, &self.before); // the terminal may be gone by now
    }
}

/// Decides about colour: the flag, then `NO_COLOR`, `CLICOLOR_FORCE`, `CLICOLOR` and `TERM`, then the stream.
fn color(no_color: bool, is_terminal: bool, variable: impl Fn(&str) -> Option<String>) -> bool {
    let set = |name| variable(name).filter(|value| !value.is_empty());
    if no_color || set("NO_COLOR").is_some() {
        return false;
    }
    if set("CLICOLOR_FORCE").is_some_and(|value| value != "0") {
        return true;
    }
    if set("CLICOLOR").is_some_and(|value| value == "0") || set("TERM").is_some_and(|term| term == "dumb") {
        return false;
    }
    is_terminal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(variables: &[(&str, &str)], no_color: bool, is_terminal: bool, expected: bool) {
        let variable = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        assert_eq!(color(no_color, is_terminal, variable), expected);
    }

    #[test]
    fn colour_is_for_terminals_unless_somebody_says_otherwise() {
        check(&[], false, true, true);
        check(&[], false, false, false);
        check(&[], true, true, false);
        check(&[("CLICOLOR_FORCE", "1")], false, false, true);
        check(&[("CLICOLOR_FORCE", "0")], false, false, false);
        check(&[("CLICOLOR", "0")], false, true, false);
        check(&[("TERM", "dumb")], false, true, false);
    }

    #[test]
    fn no_color_wins_and_an_empty_one_says_nothing() {
        check(&[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")], false, true, false);
        check(&[("NO_COLOR", "")], false, true, true);
        check(&[("CLICOLOR_FORCE", "1")], true, true, false);
    }
}
