//! Labelled text, and what becomes of it in colour.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr;

/// What a piece of text means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    /// Nothing special.
    Plain,
    /// A heading or a name.
    Strong,
    /// Of less interest.
    Faint,
    /// Something is made.
    Created,
    /// Something is changed.
    Changed,
    /// Something is removed.
    Deleted,
    /// Somebody edited it online.
    Drift,
    /// Both sides moved.
    Conflict,
    /// Something went well.
    Good,
    /// Something went wrong.
    Bad,
}

/// A labelled piece of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// What it means.
    pub label: Label,
    /// What it says, already safe for a terminal.
    pub text: String,
}

/// A line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line(Vec<Span>);

/// Lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Doc(Vec<Line>);

impl Line {
    /// Starts an empty line.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a piece.
    #[must_use]
    pub fn add(mut self, label: Label, text: impl Into<String>) -> Self {
        self.0.push(Span { label, text: text.into() });
        self
    }

    /// Adds unlabelled text.
    #[must_use]
    pub fn plain(self, text: impl Into<String>) -> Self {
        self.add(Label::Plain, text)
    }

    /// Adds blanks up to a column, and at least two where something stands already.
    #[must_use]
    pub fn to(self, column: usize) -> Self {
        let width = self.width();
        let gap = if width == 0 { column } else { column.saturating_sub(width).max(2) };
        self.plain(" ".repeat(gap))
    }

    /// Returns how many columns it takes.
    pub fn width(&self) -> usize {
        self.0.iter().map(|span| span.text.width()).sum()
    }
}

impl Doc {
    /// Starts an empty document.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a line.
    pub fn line(&mut self, line: Line) {
        self.0.push(line);
    }

    /// Adds an empty line, unless the last one is empty.
    pub fn gap(&mut self) {
        if self.0.last().is_some_and(|line| !line.0.is_empty()) {
            self.0.push(Line::new());
        }
    }

    /// Adds unlabelled text, wrapped to a width with an indentation.
    pub fn paragraph(&mut self, label: Label, text: &str, indent: usize, width: usize) {
        self.hanging(label, text, indent, 0, width);
    }

    /// Adds unlabelled text as [`Doc::paragraph`] does, with all lines but the first indented by `hang` more.
    pub fn hanging(&mut self, label: Label, text: &str, indent: usize, hang: usize, width: usize) {
        let mut line = " ".repeat(indent);
        let mut empty = true;
        for word in text.split_whitespace() {
            if !empty && line.width() + 1 + word.width() > width {
                self.line(Line::new().add(label, std::mem::replace(&mut line, " ".repeat(indent + hang))));
                empty = true;
            }
            if !empty {
                line.push(' ');
            }
            line.push_str(word);
            empty = false;
        }
        if !empty {
            self.line(Line::new().add(label, line));
        }
    }

    /// Adds another document.
    pub fn extend(&mut self, other: Doc) {
        self.0.extend(other.0);
    }

    /// Returns the document with every line that is wider than `width` broken, at a blank where there is one;
    /// what continues is indented by four columns more than its line, behind the same `│` where there is one.
    #[must_use]
    pub fn folded(self, width: usize) -> Doc {
        let mut folded = Doc::new();
        for line in self.0 {
            if line.width() <= width {
                folded.line(line);
            } else {
                fold(&line, width.max(20), &mut folded);
            }
        }
        folded
    }

    /// Returns the text, coloured or not; every line ends in a line break and no blanks.
    pub fn paint(&self, color: bool) -> String {
        let mut text = String::new();
        for line in &self.0 {
            // Blanks at the end would be blanks in colour, and at the edge of a terminal an empty line.
            let last = line.0.iter().rposition(|span| !span.text.trim_end().is_empty());
            for (at, span) in line.0.iter().take(last.map_or(0, |last| last + 1)).enumerate() {
                let style = style(span.label);
                let piece = if Some(at) == last { span.text.trim_end() } else { &span.text };
                if color && style != Style::new() && !piece.trim().is_empty() {
                    let _ = write!(text, "{style}{piece}{style:#}"); // writing to a string cannot fail
                } else {
                    text.push_str(piece);
                }
            }
            text.push('\n');
        }
        text
    }
}

fn fold(line: &Line, width: usize, folded: &mut Doc) {
    let whole: String = line.0.iter().map(|span| span.text.as_str()).collect();
    let start = whole.trim_start_matches(' ');
    let indent = (whole.len() - start.len() + 4).min(width / 2);
    let margin = || {
        let bar = if start.starts_with('│') { "│" } else { "" };
        let before = if bar.is_empty() { indent } else { indent.saturating_sub(4) };
        Line::new()
            .plain(format!("{}{bar}", " ".repeat(before)))
            .plain(" ".repeat(indent - before - bar.width()))
    };
    let mut room = Line::new();
    for span in &line.0 {
        for word in span.text.split_inclusive(' ') {
            for piece in pieces(word, width - indent) {
                let used = room.width();
                if used + piece.trim_end().width() > width && used > indent {
                    folded.line(std::mem::replace(&mut room, margin()));
                }
                room = room.add(span.label, piece);
            }
        }
    }
    folded.line(room);
}

/// Cuts a word that no line could hold. What is quoted for a shell stays whole: people copy it.
fn pieces(word: &str, width: usize) -> Vec<String> {
    if word.contains('\'') {
        return vec![word.to_owned()];
    }
    let mut pieces = vec![String::new()];
    for character in word.chars() {
        let piece = pieces.last_mut().expect("one is always there");
        if piece.width() >= width && character != ' ' {
            pieces.push(character.to_string());
        } else {
            piece.push(character);
        }
    }
    pieces
}

fn style(label: Label) -> Style {
    let color = |color: AnsiColor| Style::new().fg_color(Some(color.into()));
    match label {
        Label::Plain => Style::new(),
        Label::Strong => Style::new().bold(),
        Label::Faint => Style::new().dimmed(),
        Label::Created | Label::Good => color(AnsiColor::Green),
        Label::Changed => color(AnsiColor::Yellow),
        Label::Deleted => color(AnsiColor::Red),
        Label::Drift => color(AnsiColor::Magenta).bold(),
        Label::Conflict | Label::Bad => color(AnsiColor::Red).bold(),
    }
}

/// Returns foreign text so that it says nothing to a terminal and keeps its place: control characters, escapes
/// and direction marks are written as `\u{…}`.
pub fn plain(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\t' => safe.push_str("    "),
            '\n' => safe.push_str("\\n"),
            '\r' => safe.push_str("\\r"),
            other if is_hidden(other) => safe.extend(other.escape_unicode()),
            other => safe.push(other),
        }
    }
    safe
}

/// Returns whether a character does something else than stand there: controls, direction marks, and marks
/// without a width that could hide or reorder its neighbours.
pub fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_says_nothing_to_a_terminal() {
        let hostile = "a\u{1b}[2Jb\u{9b}31m\u{202e}c\r\nd\u{7}";
        assert_eq!(plain(hostile), "a\\u{1b}[2Jb\\u{9b}31m\\u{202e}c\\r\\nd\\u{7}");
    }

    #[test]
    fn colour_adds_nothing_but_colour() {
        let mut doc = Doc::new();
        doc.line(Line::new().add(Label::Created, "+").plain(" 函数").to(10).add(Label::Strong, "x"));
        assert_eq!(doc.paint(false), "+ 函数    x\n");
        doc.line(Line::new().add(Label::Faint, "to the edge ").plain(" "));
        let coloured = doc.paint(true);
        assert!(coloured.contains("\u{1b}["));
        assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), doc.paint(false));
    }

    #[test]
    fn nothing_is_wider_than_the_page() {
        let mut doc = Doc::new();
        doc.line(Line::new().plain("  ~ a  ").add(Label::Changed, "\"one two three\" -> \"four five six\""));
        doc.line(Line::new().plain("  ").plain("x".repeat(50)));
        let text = doc.clone().folded(24).paint(false);
        assert!(text.lines().all(|line| line.width() <= 24), "{text}");
        let joined = |text: &str| text.split_whitespace().collect::<String>();
        assert_eq!(joined(&text), joined(&doc.paint(false)));
    }

    #[test]
    fn a_bar_goes_on_where_its_line_does() {
        let mut doc = Doc::new();
        doc.line(Line::new().plain("  │ ").add(Label::Created, "+one two three four five"));
        assert_eq!(doc.folded(20).paint(false), "  │ +one two three\n  │   four five\n");
    }

    #[test]
    fn paragraphs_are_wrapped() {
        let mut doc = Doc::new();
        doc.paragraph(Label::Plain, "one two three four", 2, 11);
        assert_eq!(doc.paint(false), "  one two\n  three\n  four\n");
    }
}
