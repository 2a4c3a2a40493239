//! Printing: results to stdout, everything else to stderr.

use std::io::Write;

use super::args::Global;
use crate::diag::Diagnostic;
use crate::render::diagnostic::diagnostics;
use crate::render::text::{Doc, Label};
use crate::sys::terminal::Terminal;

/// What is told of an error after its first line.
pub enum Rest<'a> {
    /// Lines, such as those that name what moved.
    Lines(Doc),
    /// A sentence.
    Text(&'a str),
    /// The way out.
    Help(&'a str),
}

/// The two streams.
#[derive(Clone, Copy)]
pub struct Out {
    /// What is known of them.
    pub terminal: Terminal,
    /// Whether progress is left out.
    pub quiet: bool,
}

impl Out {
    /// Looks at the streams.
    pub fn new(global: &Global) -> Self {
        Self { terminal: Terminal::detect(global.no_color), quiet: global.quiet }
    }

    /// Returns the columns that documents are laid out for.
    pub fn width(&self) -> usize {
        self.terminal.width.clamp(60, 120)
    }

    /// Prints a result. A reader that has gone is no error.
    pub fn result(&self, doc: &Doc) {
        self.raw(&doc.paint(self.terminal.color_stdout));
    }

    /// Prints a result that is text already.
    #[expect(clippy::unused_self, reason = "printing goes through one place")]
    pub fn raw(&self, text: &str) {
        let mut stdout = std::io::stdout().lock();
        let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
    }

    /// Prints progress, unless nobody wants it.
    pub fn progress(&self, doc: &Doc) {
        if !self.quiet {
            self.note(doc);
        }
    }

    /// Prints something that is not the result.
    pub fn note(&self, doc: &Doc) {
        self.ask(&doc.clone().folded(self.width()).paint(self.terminal.color_stderr));
    }

    /// Prints text to stderr as it is, without a line break of its own.
    #[expect(clippy::unused_self, reason = "printing goes through one place")]
    pub fn ask(&self, text: &str) {
        let mut stderr = std::io::stderr().lock();
        let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
    }

    /// Prints one paragraph to stderr.
    pub fn say(&self, label: Label, text: &str) {
        let mut doc = Doc::new();
        doc.paragraph(label, text, 0, self.width());
        self.note(&doc);
    }

    /// Tells an error: what went wrong in one line, then the rest of it in its order.
    pub fn error(&self, what: &str, rest: &[Rest<'_>]) {
        self.say(Label::Bad, &format!("error: {what}"));
        for part in rest {
            match part {
                Rest::Lines(doc) => self.note(doc),
                Rest::Text(text) => self.say(Label::Plain, text),
                Rest::Help(text) => self.say(Label::Plain, &format!("help: {text}")),
            }
        }
    }

    /// Prints diagnostics.
    pub fn diagnostics(&self, found: &[Diagnostic]) {
        self.ask(&diagnostics(found, self.terminal.color_stderr, self.width()));
    }

    /// Returns whether somebody can be asked: who has the questions, the keys, and the plan on the screen.
    pub fn can_ask(&self) -> bool {
        let Terminal { stdin, stdout, stderr, .. } = self.terminal;
        stdin && stdout && stderr
    }
}
