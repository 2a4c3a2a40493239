//! Keys to press: what can be answered here is said in front of every prompt, and nothing else is taken.

use std::io::BufRead;

use unicode_width::UnicodeWidthStr;

use crate::cli::out::Out;
use crate::render::text::{Doc, Label, Line};

/// What can be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// The project wins.
    Local,
    /// The cloud wins.
    Live,
    /// One by one.
    Each,
    /// The files of the code one by one.
    Files,
    /// Not now.
    Skip,
    /// Into the project as well.
    Write,
    /// Kept apart.
    Accept,
    /// Show more.
    Show,
    /// The question before.
    Back,
    /// End.
    Stop,
}

impl Key {
    fn letter(self) -> char {
        match self {
            Self::Local => 'l',
            Self::Live => 'v',
            Self::Each => 'e',
            Self::Files => 'f',
            Self::Skip => 'k',
            Self::Write => 'w',
            Self::Accept => 'a',
            Self::Show => 'd',
            Self::Back => 'b',
            Self::Stop => 's',
        }
    }

    /// What it may be called as well; people write what they think.
    fn words(self) -> &'static [&'static str] {
        match self {
            Self::Local => &["local", "use-local"],
            Self::Live => &["live", "use-live", "use-remote"],
            Self::Each => &["each"],
            Self::Files => &["files"],
            Self::Skip => &["skip"],
            Self::Write => &["write", "adopt"],
            Self::Accept => &["accept"],
            Self::Show => &["diff", "show"],
            Self::Back => &["back"],
            Self::Stop => &["stop", "quit", "q"],
        }
    }
}

/// Keys with what each does here.
pub type Menu<'a> = &'a [(Key, &'a str)];

/// Asks until one of the keys is pressed; `None` at the end of the input. Whatever else is typed, an empty line
/// included, answers nothing.
pub fn ask(out: &Out, menu: Menu<'_>) -> Option<Key> {
    out.note(&laid_out(menu, out.width()));
    loop {
        out.ask("> ");
        let typed = read_line(out)?.trim().to_lowercase();
        let is_it = |key: Key| typed.chars().eq([key.letter()]) || key.words().contains(&typed.as_str());
        match menu.iter().find(|(key, _)| is_it(*key)) {
            Some((key, _)) => return Some(*key),
            None => out.say(Label::Plain, &format!("Please answer {}.", letters(menu))),
        }
    }
}

/// The menu in as few lines as the width allows.
fn laid_out(menu: Menu<'_>, width: usize) -> Doc {
    let mut doc = Doc::new();
    let mut line = Line::new();
    for (key, what) in menu {
        let letter = format!("[{}]", key.letter());
        if line.width() + 3 + letter.width() + 1 + what.width() > width {
            doc.line(std::mem::take(&mut line));
        }
        let gap = if line.width() == 0 { "  " } else { "   " };
        line = line.plain(gap).add(Label::Strong, letter).plain(format!(" {what}"));
    }
    doc.line(line);
    doc
}

/// `l, v, e or s`.
fn letters(menu: Menu<'_>) -> String {
    let letters: Vec<String> = menu.iter().map(|(key, _)| key.letter().to_string()).collect();
    match letters.split_last() {
        Some((last, front)) if !front.is_empty() => format!("{} or {last}", front.join(", ")),
        _ => letters.concat(),
    }
}

/// Reads one line; `None` at the end of the input, which leaves the prompt's line without a break of its own.
pub fn read_line(out: &Out) -> Option<String> {
    let mut line = String::new();
    match std::io::stdin().lock().read_line(&mut line) {
        Ok(0) | Err(_) => {
            out.ask("\n");
            None
        }
        Ok(_) => Some(line.trim_end_matches(['\n', '\r']).to_owned()),
    }
}
