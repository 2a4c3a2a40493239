//! A person at a real terminal: 80 columns, 24 lines, and what is typed is echoed.

use std::process::Command;
use std::time::Duration;

use expectrl::process::Termios;
use expectrl::process::unix::{Signal, WaitStatus};
use expectrl::session::OsSession;
use expectrl::{Any, Eof, Expect, Session};
use unicode_width::UnicodeWidthStr;

use super::{SecondLook, World};

/// Columns of the terminal.
const COLUMNS: usize = 80;

/// How long a busy machine may take to show something.
const PATIENCE: Duration = Duration::from_mins(1);

/// The program at a terminal; killed when dropped before its end.
pub struct Terminal<'a> {
    check: Box<dyn Fn(&str) + 'a>,
    session: OsSession,
    seen: String,
    look: SecondLook,
}

impl World {
    /// Starts the program at a terminal.
    pub fn terminal(&self, args: &[&str]) -> Terminal<'_> {
        self.terminal_with(args, &[("TERM", "xterm-256color")])
    }

    /// Starts the program at a terminal, with further variables.
    pub fn terminal_with(&self, args: &[&str], variables: &[(&str, &str)]) -> Terminal<'_> {
        let mut command = self.command(args);
        command.envs(variables.iter().copied());
        Terminal::start(command, |seen| self.check_secrets(&[seen]))
    }
}

impl<'a> Terminal<'a> {
    /// Starts a command at a terminal. All that it shows is checked in the end.
    pub fn start(command: Command, check: impl Fn(&str) + 'a) -> Self {
        let look = SecondLook::after(&command);
        let mut session = Session::spawn(command).expect("a terminal");
        session.set_expect_timeout(Some(PATIENCE));
        session.get_process_mut().set_echo(true).expect("a terminal echoes");
        Self { check: Box::new(check), session, seen: String::new(), look }
    }

    /// Waits until a text is shown. Returns what was shown since the last wait, without colours.
    #[track_caller]
    pub fn sees(&mut self, text: &str) -> String {
        self.sees_one_of([text]).1
    }

    /// Waits until one of the texts is shown. Returns which, and what was shown since the last wait, without colours.
    #[track_caller]
    pub fn sees_one_of<const N: usize>(&mut self, texts: [&str; N]) -> (usize, String) {
        match self.session.expect(Any(texts)) {
            Ok(found) => {
                let text = found.get(0).expect("what was found");
                let which = texts.iter().position(|one| one.as_bytes() == text).expect("one of them");
                let shown = [found.before(), text].concat();
                (which, self.show(&shown))
            }
            Err(error) => {
                let rest = self.session.expect(Eof).map(|rest| self.show(rest.as_bytes()));
                panic!("never saw one of {texts:?} ({error}):\n{}{}", self.seen, rest.unwrap_or_default());
            }
        }
    }

    /// Types a line.
    pub fn types(&mut self, line: &str) {
        self.session.send_line(line).expect("somebody reads");
    }

    /// Waits for a text, and answers it.
    #[track_caller]
    pub fn answers(&mut self, question: &str, line: &str) -> String {
        let shown = self.sees(question);
        self.types(line);
        shown
    }

    /// Presses Ctrl and a letter.
    pub fn presses_ctrl(&mut self, letter: char) {
        self.session
            .send(expectrl::ControlCode::try_from(letter).expect("a letter"))
            .expect("somebody reads");
    }

    /// Waits until the program ended, with this code. Returns all that was seen, as it was.
    #[track_caller]
    pub fn exits(self, code: i32) -> String {
        let (status, seen, look) = self.end();
        let exited = matches!(status, WaitStatus::Exited(_, found) if found == code);
        assert!(exited, "{status:?}, not {code}:\n{seen}");
        look.finds_nothing(Some(code));
        seen
    }

    /// Waits until the program ended well, where something was left for another time.
    #[track_caller]
    pub fn exits_with_more_to_do(self) -> String {
        let (status, seen, _) = self.end();
        assert!(matches!(status, WaitStatus::Exited(_, 0)), "{status:?}:\n{seen}");
        seen
    }

    /// Waits until the program ended because it was interrupted, by its own doing or by the system's.
    #[track_caller]
    pub fn ends_interrupted(self) -> String {
        let (status, seen, _) = self.end();
        let interrupted =
            matches!(status, WaitStatus::Exited(_, 130) | WaitStatus::Signaled(_, Signal::SIGINT, _));
        assert!(interrupted, "{status:?}:\n{seen}");
        seen
    }

    #[track_caller]
    fn end(mut self) -> (WaitStatus, String, SecondLook) {
        let rest = self.session.expect(Eof).expect("it ends").as_bytes().to_vec();
        self.show(&rest);
        let status = self.session.get_process().wait().expect("it ended");
        let seen = std::mem::take(&mut self.seen);
        (self.check)(&seen);
        for line in without_colour(&seen).lines() {
            // An address that were broken could not be clicked.
            let fits = line.width() <= COLUMNS || line.contains("http://");
            assert!(fits, "wider than {COLUMNS} columns: {line}\n{seen}");
        }
        (status, seen, self.look)
    }

    fn show(&mut self, shown: &[u8]) -> String {
        let shown = String::from_utf8_lossy(shown).replace("\r\n", "\n");
        self.seen.push_str(&shown);
        without_colour(&shown)
    }
}

/// Returns a text as it reads without colours.
pub fn without_colour(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        plain.push_str(before);
        let end =
            after.find(|character: char| character.is_ascii_alphabetic()).map_or(after.len(), |at| at + 1);
        rest = &after[end..];
    }
    plain + rest
}
