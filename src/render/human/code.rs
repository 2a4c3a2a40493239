//! Code, file by file, with unified diffs of texts.

use std::collections::BTreeSet;

use similar::{ChangeTag, TextDiff};

use super::View;
use super::change::{decided_mark, going_mark};
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
    let written = code.iter().any(|(_, inner)| matches!(inner.outcome, PathOutcome::Write(_)));
    let (label, mark) = match () {
        () if open => mark(worst),
        () if written => (Label::Changed, "~"),
        () if code.iter().any(|(_, inner)| leaves(inner)) => going_mark(change),
        () => (Label::Faint, "="),
    };
    let online = code.iter().filter(|(_, inner)| inner.class.needs_decision()).count();
    let mut line = Line::new().plain("    ").add(label, mark).plain(" code");
    if online > 0 && change.action != Action::TakeOver {
        line = line
            .to(NOTES)
            .add(Label::Drift, format!("{online} {} edited online", super::plural(online, "file")));
    }
    doc.line(line);
    for (path, inner) in code {
        file_lines(doc, change, path, inner, view);
    }
    if let Some(text) = merged(change, code) {
        doc.line(Line::new().plain("          ").add(Label::Faint, text));
    }
}

/// Returns whether it was edited online in a resource that leaves as a whole.
fn leaves(inner: &PathChange) -> bool {
    inner.class == Class::Drift && inner.outcome == PathOutcome::Keep
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

fn file_lines(doc: &mut Doc, change: &Change, path: &Path, inner: &PathChange, view: &View<'_>) {
    let file = path.code_file().map_or_else(|| "(the whole package)".to_owned(), plain);
    let asked = inner.class.needs_decision();
    let (label, mark) = match &inner.outcome {
        _ if leaves(inner) => going_mark(change),
        PathOutcome::Write(None) if asked => (Label::Deleted, "-"),
        outcome if asked => decided_mark(outcome, mark(inner.class)),
        _ => mark(inner.class),
    };
    let desired = entry(inner.desired.as_ref().and_then(Planned::known));
    let recorded = entry(inner.recorded.as_ref().and_then(|recorded| recorded.observed.as_ref()));
    let live = entry(inner.live.as_ref());
    let decided = match (inner.decision, &inner.outcome) {
        (_, PathOutcome::Record) => "agrees",
        (Some(Choice::UseLocal), _) => "use-local",
        (Some(Choice::UseLive), _) => "use-live: kept",
        (None, PathOutcome::Keep) if !leaves(inner) => "accepted",
        (None, _) => "",
    };
    let row = |side: &str, counts: String| {
        let line = Line::new().plain("      ").add(label, mark).plain(" ").plain(file.clone()).to(FILES);
        let line = line.plain(format!("{side:<9} {counts}"));
        if decided.is_empty() { line } else { line.to(NOTES).add(Label::Faint, decided) }
    };
    let mut show = |side: &str, from, to| {
        let (counts, lines) = difference(from, to, view);
        doc.line(row(side, counts));
        doc.extend(lines);
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
        Class::Edit => show("config", live, desired),
        Class::Converged | Class::Unchanged => {
            let (counts, _) = difference(live, desired, view);
            doc.line(row("config", counts));
        }
        Class::Drift | Class::Conflict => match &inner.outcome {
            // Decided: what will be done, in its direction.
            PathOutcome::Write(goal) => {
                let side = match (goal, &inner.desired) {
                    (None, _) => "live -> gone",
                    (Some(_), Some(_)) => "live -> config",
                    (Some(_), None) => "live -> recorded",
                };
                show(side, live, entry(goal.as_ref().and_then(Planned::known)));
            }
            PathOutcome::Accept if inner.recorded.is_none() => show("live", desired, live),
            PathOutcome::Accept => show("live", recorded, live),
            _ if inner.class == Class::Drift => show("live", recorded, live),
            _ if inner.recorded.is_some() && (recorded.is_some() || desired.is_none() || live.is_none()) => {
                show("config", recorded, desired);
                show("live", recorded, live);
            }
            // Without a past there are two sides: what use-local would do to live.
            _ => show("live -> config", live, desired),
        },
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
    let ends = |text: &str| text.contains("\r\n");
    let twins = line_end_twins(&diff);
    let count = |tag| diff.iter_all_changes().filter(|change| change.tag() == tag).count();
    let (plus, minus) = (count(ChangeTag::Insert), count(ChangeTag::Delete));
    let counts = match (from, to) {
        (None, Some(_)) => format!("new, +{plus}"),
        (Some(_), None) => format!("removed, -{minus}"),
        _ => format!("+{plus} -{minus}"),
    };
    if before != after && before.replace("\r\n", "\n") == after.replace("\r\n", "\n") {
        let how = match (ends(&before), ends(&after)) {
            (false, _) => "LF -> CRLF",
            (_, false) => "CRLF -> LF",
            _ => "CRLF and LF, mixed",
        };
        let text = format!("\\ line ends differ ({how})");
        lines.line(Line::new().plain("          │ ").add(Label::Faint, text));
        return (counts, lines);
    }
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
            let text = bare(change.value());
            let end = if change.tag() != ChangeTag::Equal && twins.contains(text) {
                if change.value().ends_with("\r\n") { "  \\ ends in CRLF" } else { "  \\ ends in LF" }
            } else {
                ""
            };
            let end = if change.missing_newline() { "" } else { end };
            add(label, format!("{sign}{}{end}", plain(text)));
            if change.missing_newline() {
                add(Label::Faint, "\\ no newline at the end".to_owned());
            }
        }
    }
    if rest > 0 {
        lines.line(Line::new().plain("          │ ").add(Label::Faint, format!("… {rest} more lines")));
    }
    (counts, lines)
}

/// A line without its end.
fn bare(line: &str) -> &str {
    let line = line.strip_suffix('\n').unwrap_or(line);
    line.strip_suffix('\r').unwrap_or(line)
}

/// Returns the lines that are removed and added again with another end, which would look alike.
fn line_end_twins<'a>(diff: &'a TextDiff<'a, 'a, str>) -> BTreeSet<&'a str> {
    let of = |tag, end: &'static str| -> BTreeSet<&'a str> {
        let changes = diff.iter_all_changes().filter(move |change| change.tag() == tag);
        let lines =
            changes.filter_map(|change| change.value_ref().strip_suffix('\n').map(|_| *change.value_ref()));
        lines.filter(|line| line.ends_with("\r\n") == (end == "\r\n")).map(bare).collect()
    };
    let both = |one: BTreeSet<&'a str>, other: &BTreeSet<&'a str>| -> BTreeSet<&'a str> {
        one.into_iter().filter(|line| other.contains(line)).collect()
    };
    let mut twins = both(of(ChangeTag::Delete, "\n"), &of(ChangeTag::Insert, "\r\n"));
    twins.extend(both(of(ChangeTag::Delete, "\r\n"), &of(ChangeTag::Insert, "\n")));
    twins
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Digest, FileKind, SchemaSet};
    use bytes::Bytes;

    #[track_caller]
    fn check(before: &str, after: &str, expected: &str) {
        let entry = |text: &str| FileEntry {
            kind: FileKind::Regular,
            digest: Digest::of(text.as_bytes()),
            size: text.len() as u64,
        };
        let content = |digest| {
            let text = [before, after].into_iter().find(|text| Digest::of(text.as_bytes()) == digest)?;
            Some(Bytes::copy_from_slice(text.as_bytes()))
        };
        let schemas = SchemaSet::default();
        let view = View { width: 80, schemas: &schemas, content: &content, diff_lines: 20 };
        let (_, lines) = difference(Some(entry(before)), Some(entry(after)), &view);
        let shown: Vec<String> = lines
            .paint(false)
            .lines()
            .filter_map(|line| line.trim_start().strip_prefix("│ "))
            .filter(|line| !line.starts_with("@@"))
            .map(str::to_owned)
            .collect();
        assert_eq!(shown.join("\n"), expected);
    }

    #[test]
    fn lines_that_look_alike_say_how_they_differ() {
        check("a\nb\n", "a\r\nb\r\n", "\\ line ends differ (LF -> CRLF)");
        check("a\r\nb\r\n", "a\nb\n", "\\ line ends differ (CRLF -> LF)");
        check("a\n", "a", "-a\n+a\n\\ no newline at the end");
        check("a\nb\n", "c\nb\r\n", "-a\n-b  \\ ends in LF\n+c\n+b  \\ ends in CRLF");
        check("a\n", "b\n", "-a\n+b");
    }
}
