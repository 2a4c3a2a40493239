//! Printing: results to stdout, everything else to stderr. As a stream: everything to stdout, one event a line.

use std::io::Write;
use std::sync::{Mutex, PoisonError};

use super::args::Global;
use crate::diag::Diagnostic;
use crate::render::diagnostic::diagnostics;
use crate::render::stream::{self, Level, Line};
use crate::render::text::{Doc, Label};
use crate::sys::clock::{Clock, SystemClock};
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

impl Rest<'_> {
    fn text(&self) -> String {
        match self {
            Self::Lines(doc) => doc.paint(false).trim_end().to_owned(),
            Self::Text(text) => (*text).to_owned(),
            Self::Help(text) => format!("help: {text}"),
        }
    }
}

/// The two streams.
#[derive(Clone, Copy)]
pub struct Out {
    /// What is known of them.
    pub terminal: Terminal,
    /// Whether progress is left out.
    pub quiet: bool,
    /// Whether events are printed, for a program, and nothing else.
    pub stream: bool,
    /// What keeps everything that is said, in place of the streams.
    kept: Option<&'static Mutex<String>>,
}

impl Out {
    /// Looks at the streams.
    pub fn new(global: &Global) -> Self {
        Self { terminal: Terminal::detect(global.no_color), quiet: global.quiet, stream: false, kept: None }
    }

    /// Says nothing to anybody: everything goes into `kept`, without colour, in lines of this width.
    pub fn keeping(kept: &'static Mutex<String>, width: usize) -> Self {
        let terminal = Terminal {
            stdin: false,
            stdout: false,
            stderr: false,
            width,
            color_stdout: false,
            color_stderr: false,
        };
        Self { terminal, quiet: false, stream: false, kept: Some(kept) }
    }

    /// Looks at the streams, and begins a stream of events where one is wanted.
    pub fn streaming(global: &Global, wanted: bool) -> Self {
        let out = Self { stream: wanted, ..Self::new(global) };
        if wanted {
            out.event(&stream::version(env!("CARGO_PKG_VERSION")));
        }
        out
    }

    /// Prints events of a stream.
    pub fn events(&self, lines: impl IntoIterator<Item = Line>) {
        for line in lines {
            self.event(&line);
        }
    }

    /// Prints one event of a stream, with the moment.
    pub fn event(&self, line: &Line) {
        self.write(&line.at(SystemClock.now()));
    }

    /// Returns the columns that documents are laid out for.
    pub fn width(&self) -> usize {
        self.terminal.width.clamp(60, 120)
    }

    /// Prints a result. A reader that has gone is no error.
    pub fn result(&self, doc: &Doc) {
        self.raw(&doc.paint(self.terminal.color_stdout));
    }

    /// Prints a result that is text already. In a stream results are events, which [`Out::event`] prints.
    pub fn raw(&self, text: &str) {
        if !self.stream {
            self.write(text);
        }
    }

    fn write(&self, text: &str) {
        self.bytes(text.as_bytes());
    }

    /// Prints a result that need not be text.
    pub fn bytes(&self, bytes: &[u8]) {
        if self.keeps(&String::from_utf8_lossy(bytes)) {
            return;
        }
        let mut stdout = std::io::stdout().lock();
        let _ = stdout.write_all(bytes).and_then(|()| stdout.flush());
    }

    /// Prints progress, unless nobody wants it.
    pub fn progress(&self, doc: &Doc) {
        if !self.quiet {
            self.note(doc);
        }
    }

    /// Prints something that is not the result.
    pub fn note(&self, doc: &Doc) {
        if self.stream {
            return self.log(Level::Info, doc);
        }
        self.ask(&doc.clone().folded(self.width()).paint(self.terminal.color_stderr));
    }

    /// Prints text to stderr as it is, without a line break of its own.
    pub fn ask(&self, text: &str) {
        if self.keeps(text) {
            return;
        }
        let mut stderr = std::io::stderr().lock();
        let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
    }

    fn keeps(&self, text: &str) -> bool {
        if let Some(kept) = self.kept {
            kept.lock().unwrap_or_else(PoisonError::into_inner).push_str(text);
        }
        self.kept.is_some()
    }

    /// Prints one paragraph to stderr.
    pub fn say(&self, label: Label, text: &str) {
        let mut doc = Doc::new();
        doc.paragraph(label, text, 0, self.width());
        match label {
            Label::Bad if self.stream => self.log(Level::Error, &doc),
            _ => self.note(&doc),
        }
    }

    fn log(&self, level: Level, doc: &Doc) {
        self.event(&stream::log(level, doc.paint(false).trim()));
    }

    /// Tells an error: what went wrong in one line, then the rest of it in its order.
    pub fn error(&self, what: &str, rest: &[Rest<'_>]) {
        if self.stream {
            let detail: Vec<String> = rest.iter().map(Rest::text).collect();
            return self.event(&stream::error(what, &detail.join("\n")));
        }
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
        if self.stream {
            return self.events(found.iter().map(stream::diagnostic));
        }
        self.ask(&diagnostics(found, self.terminal.color_stderr, self.width()));
    }

    /// Returns whether somebody can be asked: who has the questions, the keys, and the plan on the screen.
    pub fn can_ask(&self) -> bool {
        let Terminal { stdin, stdout, stderr, .. } = self.terminal;
        stdin && stdout && stderr && !self.stream
    }
}
