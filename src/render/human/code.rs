//! Code, file by file, with unified diffs of texts.

use similar::{ChangeTag, TextDiff};

use super::View;
use super::change::decided_mark;
use crate::diff::Class;
use crate::model::{FileEntry, Path, Planned, Value};
use crate::plan::{Action, Change, Choice, PathChange, PathOutcome};
use crate::render::text::{Doc, Label, Line, plain};
use crate::render::value::{size, value};

const FILES: usize = 28;
const NOTES: usize = 50;

/// Bytes of a file before its difference is counted and not computed.
const LARGEST: usize = 512 * 1024;

/// Returns `3 files, 1.2 KB`, of what will be uploaded.
pub(super) fn code_summary(change: &Change) -> Option<String> {
    let files =
        change.desired.iter().filter(|(path, _)| path.is_code()).filter_map(|(_, planned)| planned.known());
    let mut count = 0;
    let mut bytes = 0;
    for file in files {
        match file {
            Value::File(entry) => {
                count += 1;
                bytes += entry.size;
            }
            other => return Some(value(other)),
        }
    }
    (count > 0).then(|| format!("{count} {}, {}", super::plural(count, "file"), size(bytes)))
}

pub(super) fn code_lines(doc: &mut Doc, change: &Change, code: &[(&Path, &PathChange)], view: &View<'_>) {
    let worst = code.iter().map(|(_, inner)| inner.class).max().unwrap_or(Class::Unchanged);
    let open = code.iter().any(|(_, inner)| matches!(inner.outcome, PathOutcome::Open(_)));
    let (label, mark) = if open || worst <= Class::Edit { mark(worst) } else { (Label::Changed, "~") };
    let online = code.iter().filter(|(_, inner)| inner.class.needs_decision()).count();
    let mut line = Line::new().plain("    ").add(label, mark).plain(" code");
    if online > 0 && change.action != Action::TakeOver {
        line = line
            .to(NOTES)
            .add(Label::Drift, format!("{online} {} edited online", super::plural(online, "file")));
    }
    doc.line(line);
    for (path, inner) in code {
        file_lines(doc, path, inner, view);
    }
    if let Some(text) = merged(change, code) {
        doc.line(Line::new().plain("          ").add(Label::Faint, text));
    }
}

fn mark(class: Class) -> (Label, &'static str) {
    match class {
        Class::Conflict => (Label::Conflict, "!"),
        Class::Drift => (Label::Drift, "?"),
        Class::Edit => (Label::Changed, "~"),
        Class::Converged | Class::Unchanged => (Label::Faint, "="),
    }
}

/// `merged package: 1 file yours, 1 kept from live`, where the upload is neither side's tree.
fn merged(change: &Change, code: &[(&Path, &PathChange)]) -> Option<String> {
    let kept = code.iter().filter(|(_, inner)| matches!(inner.outcome, PathOutcome::Accept)).count();
    let yours = code.iter().filter(|(_, inner)| matches!(inner.outcome, PathOutcome::Write(_))).count();
    if kept == 0 || yours == 0 {
        return None;
    }
    let files =
        change.composed_code().into_iter().filter_map(|(path, value)| match (path.code_file(), value) {
            (Some(name), Value::File(entry)) => Some((name.to_owned(), entry)),
            _ => None,
        });
    let tree = crate::model::Tree { files: files.collect(), ..crate::model::Tree::default() };
    Some(format!(
        "merged package: {yours} {} yours, {kept} kept from live; tree {}",
        super::plural(yours, "file"),
        tree.digest().short()
    ))
}

fn file_lines(doc: &mut Doc, path: &Path, inner: &PathChange, view: &View<'_>) {
    let file = path.code_file().map_or_else(|| "(the whole package)".to_owned(), plain);
    let (label, mark) = if inner.class.needs_decision() {
        decided_mark(&inner.outcome, mark(inner.class))
    } else {
        mark(inner.class)
    };
    let desired = entry(inner.desired.as_ref().and_then(Planned::known));
    let recorded = entry(inner.recorded.as_ref().and_then(|recorded| recorded.observed.as_ref()));
    let live = entry(inner.live.as_ref());
    let decided = match (inner.decision, &inner.outcome) {
        (_, PathOutcome::Record) => "agrees",
        (Some(Choice::UseLocal), _) => "use-local",
        (Some(Choice::UseLive), _) => "use-live: kept",
        (None, PathOutcome::Keep) => "accepted",
        (None, _) => "",
    };
    let row = |side: &str, counts: String| {
        let line = Line::new().plain("      ").add(label, mark).plain(" ").plain(file.clone()).to(FILES);
        let line = line.plain(format!("{side:<10}{counts}"));
        if decided.is_empty() { line } else { line.to(NOTES).add(Label::Faint, decided) }
    };
    match inner.class {
        _ if path.code_file().is_none() => {
            let text = |side: Option<&Value>| side.map_or_else(|| "(none)".to_owned(), value);
            doc.line(row(
                "",
                format!(
                    "config {}, live {}",
                    text(inner.desired.as_ref().and_then(Planned::known)),
                    text(inner.live.as_ref())
                ),
            ));
        }
        Class::Edit | Class::Converged | Class::Unchanged => {
            let (counts, lines) = difference(live, desired, view);
            doc.line(row("config", counts));
            if inner.class == Class::Edit {
                doc.extend(lines);
            }
        }
        Class::Drift => {
            let (counts, lines) = difference(recorded, live, view);
            doc.line(row("live", counts));
            doc.extend(lines);
        }
        Class::Conflict => {
            if inner.recorded.is_some() && (recorded.is_some() || desired.is_none() || live.is_none()) {
                let (counts, lines) = difference(recorded, desired, view);
                doc.line(row("config", counts));
                doc.extend(lines);
                let (counts, lines) = difference(recorded, live, view);
                doc.line(row("live", counts));
                doc.extend(lines);
            } else {
                // Without a past there are two sides: what use-local would do to live.
                let (counts, lines) = difference(live, desired, view);
                doc.line(row("live -> config", counts));
                doc.extend(lines);
            }
        }
    }
}

fn entry(value: Option<&Value>) -> Option<FileEntry> {
    match value {
        Some(Value::File(entry)) => Some(*entry),
        _ => None,
    }
}

/// Returns the counts of a difference (`+4 -1`, `new, 12 lines`, `binary, …`) and its lines.
fn difference(from: Option<FileEntry>, to: Option<FileEntry>, view: &View<'_>) -> (String, Doc) {
    let read = |side: Option<FileEntry>| match side {
        None => Some(String::new()),
        Some(entry) => {
            let bytes = (view.content)(entry.digest)?;
            (bytes.len() <= LARGEST && !bytes.contains(&0))
                .then(|| String::from_utf8(bytes.to_vec()).ok())
                .flatten()
        }
    };
    let mut lines = Doc::new();
    if let (Some(from), Some(to)) = (from, to)
        && from.digest == to.digest
    {
        return (
            if from.kind == to.kind {
                "same content".to_owned()
            } else {
                format!("{:?} -> {:?}", from.kind, to.kind).to_lowercase()
            },
            lines,
        );
    }
    let (Some(before), Some(after)) = (read(from), read(to)) else {
        let side = |side: Option<FileEntry>| {
            side.map_or_else(|| "absent".to_owned(), |entry| value(&Value::File(entry)))
        };
        return (format!("{} -> {}", side(from), side(to)), lines);
    };
    let diff = TextDiff::from_lines(&before, &after);
    let count = |tag| diff.iter_all_changes().filter(|change| change.tag() == tag).count();
    let (plus, minus) = (count(ChangeTag::Insert), count(ChangeTag::Delete));
    let counts = match (from, to) {
        (None, Some(_)) => format!("new, +{plus}"),
        (Some(_), None) => format!("removed, -{minus}"),
        _ => format!("+{plus} -{minus}"),
    };
    let mut shown = 0;
    let mut rest = 0;
    for hunk in diff.unified_diff().context_radius(2).iter_hunks() {
        let mut add = |label, text: String| {
            if shown < view.diff_lines {
                shown += 1;
                lines.line(Line::new().plain("          │ ").add(label, text));
            } else {
                rest += 1;
            }
        };
        add(Label::Faint, hunk.header().to_string().trim_end().to_owned());
        for change in hunk.iter_changes() {
            let (label, sign) = match change.tag() {
                ChangeTag::Delete => (Label::Deleted, '-'),
                ChangeTag::Insert => (Label::Created, '+'),
                ChangeTag::Equal => (Label::Plain, ' '),
            };
            let text = change.value().trim_end_matches(['\n', '\r']);
            add(label, format!("{sign}{}", plain(text)));
        }
    }
    if rest > 0 {
        lines.line(Line::new().plain("          │ ").add(Label::Faint, format!("… {rest} more lines")));
    }
    (counts, lines)
}
