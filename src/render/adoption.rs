//! What an adoption will do, as a person reads it before the answer.
//!
//! First every place with both values and where it is written; then what cannot be written, why, and the way out;
//! then the difference in each file.

use super::patch::{FileChange, Hunk, hunks};
use super::text::{Doc, Label, Line, plain};
use super::value::{optional, optional_planned, size};
use crate::diag::Span;
use crate::model::{Address, FileKind, Path, Planned, Value};

/// What will be done.
#[derive(Clone, Debug, Default)]
pub struct Adoption {
    /// The places that are adopted.
    pub places: Vec<Adopted>,
    /// Those that stay open.
    pub open: Vec<Open>,
    /// The files that are written.
    pub files: Vec<FileChange>,
    /// Files in which both sides changed the same lines, with both between markers. Nothing is written then.
    pub conflicts: Vec<FileChange>,
}

/// A place that is adopted.
#[derive(Clone, Debug)]
pub struct Adopted {
    /// The resource.
    pub address: Address,
    /// The place in it; the root where an existing resource is taken over.
    pub path: Path,
    /// What the project says.
    pub from: Option<Planned>,
    /// What is live.
    pub to: Option<Value>,
    /// How.
    pub how: How,
}

/// How a place is adopted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// The project will say what is live.
    Written,
    /// The project's file will hold the edits of both sides.
    Merged,
    /// The resource is ours from now on.
    TakenOver,
    /// It was deleted online, and the project no longer declares it.
    Removed,
    /// It is recorded as it is live, and the project says otherwise: the next plan asks.
    Differs,
}

/// A place that stays open.
#[derive(Clone, Debug)]
pub struct Open {
    /// The resource.
    pub address: Address,
    /// The place in it; the root for the resource as a whole.
    pub path: Path,
    /// The value that was to be written; nothing where it was to be none, or none can be told.
    pub wanted: Option<Value>,
    /// Why it is not written.
    pub why: String,
    /// What to do.
    pub way_out: String,
    /// The place that a person has to look at.
    pub at: Option<Span>,
}

impl Open {
    /// Returns the selector of the place, ready for a shell.
    pub fn selector(&self) -> String {
        selector(&self.address, &self.path)
    }
}

/// Returns the selector of a place.
pub fn selector(address: &Address, path: &Path) -> String {
    let path = if path.is_root() { String::new() } else { format!(":{path}") };
    plain(&format!("{address}{path}"))
}

/// Returns what will be done. `most` lines of each file's difference are shown.
pub fn adoption(told: &Adoption, width: usize, most: usize) -> Doc {
    let mut doc = Doc::new();
    let mut last = None;
    for place in &told.places {
        if last != Some(&place.address) {
            doc.gap();
            doc.line(Line::new().plain("  ").add(Label::Strong, plain(&place.address.to_string())));
            last = Some(&place.address);
        }
        doc.line(place_line(place));
    }
    doc.extend(open(told, width));
    for file in told.files.iter().chain(&told.conflicts) {
        doc.gap();
        file_lines(&mut doc, file, most);
    }
    doc.folded(width)
}

/// Returns what stays open, with the ways out.
pub fn open(told: &Adoption, width: usize) -> Doc {
    let mut doc = Doc::new();
    if !told.open.is_empty() {
        doc.gap();
        doc.line(Line::new().add(Label::Conflict, "Stays open:"));
    }
    for open in &told.open {
        let line = Line::new().plain("  ").add(Label::Drift, "?").plain(" ");
        let mut line = line.add(Label::Strong, open.selector());
        if !open.path.is_root() && !open.path.is_code() {
            line = line.plain("  live ").plain(optional(open.wanted.as_ref()));
        }
        doc.line(line);
        let place = open.at.as_ref().map_or_else(String::new, |span| format!("{span}: "));
        doc.paragraph(Label::Plain, &plain(&format!("{place}{}", open.why)), 6, width);
        doc.paragraph(Label::Faint, &plain(&format!("help: {}", open.way_out)), 6, width);
    }
    doc
}

fn place_line(place: &Adopted) -> Line {
    const VALUES: usize = 44;
    let line = Line::new().plain("    ").add(Label::Changed, "=").plain(" ");
    match place.how {
        How::TakenOver => {
            return line.plain("exists already: recorded as deployed from here; nothing is written to it");
        }
        How::Removed => return line.plain("deleted online: its entry goes"),
        How::Written | How::Merged | How::Differs => {}
    }
    let line = match place.how {
        How::Differs => Line::new().plain("    ").add(Label::Drift, "?").plain(" "),
        _ => line,
    };
    let line = line.plain(plain(&place.path.to_string())).to(VALUES);
    match (place.how, place.path.is_code()) {
        (How::Merged, _) => line.plain("merged: the edits of both sides"),
        (How::Differs, true) => line.plain(match (&place.from, &place.to) {
            (_, None) => "only here",
            (None, _) => "only live",
            _ => "live is another one",
        }),
        (How::Differs, false) => {
            let (from, to) = (optional_planned(place.from.as_ref()), optional(place.to.as_ref()));
            line.plain(format!("config {from}, live ")).add(Label::Drift, to)
        }
        (_, true) => line.plain(match (&place.from, &place.to) {
            (None, _) => "new",
            (_, None) => "removed",
            _ => "as it is live",
        }),
        _ => {
            let (from, to) = (optional_planned(place.from.as_ref()), optional(place.to.as_ref()));
            line.plain(format!("{from} -> ")).add(Label::Changed, to)
        }
    }
}

/// The difference of one file, as `git diff` shows it.
fn file_lines(doc: &mut Doc, file: &FileChange, most: usize) {
    let FileChange { name, old, new } = file;
    let name = plain(name);
    let what = match (old, new) {
        (None, Some(new)) => format!("new{}", kind(new.kind)),
        (Some(_), None) => "removed".to_owned(),
        (Some(old), Some(new)) if old.kind != new.kind => {
            format!("{} -> {}", kind_word(old.kind), kind_word(new.kind))
        }
        _ => String::new(),
    };
    doc.line(Line::new().add(Label::Strong, name).plain("  ").add(Label::Faint, what));
    let content = |file: &Option<crate::archive::File>| {
        file.as_ref().map(|file| file.content.clone()).unwrap_or_default()
    };
    let (before, after) = (content(old), content(new));
    if !file.is_text() {
        let text = format!("binary, {} -> {}", size(before.len() as u64), size(after.len() as u64));
        doc.line(Line::new().plain("  │ ").add(Label::Faint, text));
        return;
    }
    let mut number = 0;
    let mut add = |label, text: String| {
        number += 1;
        if number <= most {
            doc.line(Line::new().plain("  │ ").add(label, text));
        }
    };
    for Hunk { header, lines } in hunks(&before, &after) {
        add(Label::Faint, header);
        for (sign, line) in lines {
            let label = match sign {
                '+' => Label::Created,
                '-' => Label::Deleted,
                _ => Label::Plain,
            };
            let text = String::from_utf8_lossy(line);
            let ended = text.ends_with('\n');
            let text = text.strip_suffix('\n').unwrap_or(&text);
            let text = text.strip_suffix('\r').filter(|_| ended).unwrap_or(text);
            add(label, format!("{sign}{}", plain(text)));
            if !ended {
                add(Label::Faint, "\\ no newline at the end".to_owned());
            }
        }
    }
    if number > most {
        let text = format!("… {} more lines; --patch prints them all", number - most);
        doc.line(Line::new().plain("  │ ").add(Label::Faint, text));
    }
}

fn kind(kind: FileKind) -> &'static str {
    match kind {
        FileKind::Regular => "",
        FileKind::Executable => ", executable",
        FileKind::Symlink => ", link",
    }
}

fn kind_word(kind: FileKind) -> &'static str {
    match kind {
        FileKind::Regular => "regular",
        FileKind::Executable => "executable",
        FileKind::Symlink => "link",
    }
}
