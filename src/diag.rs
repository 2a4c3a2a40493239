//! What is wrong with somebody's input, as data.
//!
//! A [`Diagnostic`] says what is wrong, where in which text, and what to do about it. Modules that read
//! input collect them, so that one run reports every mistake; only the edge prints them.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The command cannot go on.
    Error,
    /// Worth knowing; the command goes on.
    Warning,
}

/// A text that diagnostics point into, such as one `s.yaml`.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    /// The name as the user knows it, such as `s.yaml`.
    pub name: String,
    /// The whole text.
    pub text: String,
}

/// A place in a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The text that is pointed into.
    pub source: Arc<Source>,
    /// Bytes of it.
    pub range: Range<usize>,
}

impl Span {
    /// Returns the line and column, both from 1, where the span starts. Columns count characters.
    pub fn line_column(&self) -> (usize, usize) {
        let before = &self.source.text[..self.range.start.min(self.source.text.len())];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |last| last.chars().count()) + 1;
        (line, column)
    }
}

impl fmt::Display for Span {
    /// Writes `s.yaml:14:16`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, column) = self.line_column();
        write!(f, "{}:{line}:{column}", self.source.name)
    }
}

/// One thing that is wrong with the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// A stable code, such as `E0107`; listed in `docs/errors.md`.
    pub code: &'static str,
    /// What is wrong, in one line and without a full stop.
    pub message: String,
    /// The place it is about, with a short label to stand under it (may be empty).
    pub at: Option<(Span, String)>,
    /// Further places that matter, such as the other one of two.
    pub also: Vec<(Span, String)>,
    /// What to do about it.
    pub help: Vec<String>,
}

impl Diagnostic {
    /// Starts an error.
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, message.into())
    }

    /// Starts a warning.
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, message.into())
    }

    fn new(severity: Severity, code: &'static str, message: String) -> Self {
        Self { severity, code, message, at: None, also: Vec::new(), help: Vec::new() }
    }

    /// Says where it is, with a label that stands under the place.
    #[must_use]
    pub fn at(mut self, span: Span, label: impl Into<String>) -> Self {
        self.at = Some((span, label.into()));
        self
    }

    /// Names a further place.
    #[must_use]
    pub fn also(mut self, span: Span, label: impl Into<String>) -> Self {
        self.also.push((span, label.into()));
        self
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// Returns whether the command cannot go on.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// Returns the key that listings are sorted by: source, place, code, message.
    pub fn sort_key(&self) -> (Option<(&str, usize)>, &str, &str) {
        let place = self.at.as_ref().map(|(span, _)| (span.source.name.as_str(), span.range.start));
        (place, self.code, &self.message)
    }
}
