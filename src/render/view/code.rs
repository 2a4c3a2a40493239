//! Code, file by file, with the differences of texts.

use std::collections::BTreeSet;

use similar::{ChangeTag, TextDiff};

use super::resource::going;
use super::setting::{decided, ruled};
use super::{Mark, Sources, plural};
use crate::diff::Class;
use crate::model::{DesiredAttributes, FileEntry, Path, Planned, Tree, Value};
use crate::plan::{Action, Change, Choice, PathChange, PathOutcome};
use crate::render::text::plain;
use crate::render::value::{size, value};

/// Bytes of a file before its difference is counted and not computed.
const LARGEST: usize = 512 * 1024;

/// Lines around a difference.
const CONTEXT: usize = 2;

/// The code of a resource.
pub enum Code {
    /// It is new: `3 files, 1.2 KB`.
    Upload(String),
    /// Files of it moved on a side.
    Files(Files),
}

/// Files that moved on a side.
pub struct Files {
    /// What happens to the code, as a sign.
    pub mark: Mark,
    /// `2 files edited online`.
    pub online: Option<String>,
    /// Each of them.
    pub files: Vec<File>,
    /// `merged package: …`, where the upload is neither side's tree.
    pub merged: Option<String>,
    /// What rules of the project have to do with them.
    pub rules: Vec<String>,
}

/// One file.
pub struct File {
    /// Its path in the package.
    pub name: String,
    /// What happens to it, as a sign.
    pub mark: Mark,
    /// What its sides amount to.
    pub class: Class,
    /// `use-local`, `accepted`, `ignored`, `agrees`.
    pub decided: Option<&'static str>,
    /// What differs, one entry for each side that moved.
    pub differences: Vec<Difference>,
    /// Whether nobody has decided yet.
    pub open: bool,
}

/// How two forms of a file differ.
#[derive(Default)]
pub struct Difference {
    /// The side that moved, or where it goes: `config`, `live -> config`.
    pub side: &'static str,
    /// `+4 -1`, `new, +12`, `regular -> executable`.
    pub counts: String,
    /// What stands for the lines: `line ends differ (LF -> CRLF)`.
    pub note: Option<String>,
    /// The lines, with what is around them.
    pub hunks: Vec<Hunk>,
}

/// Lines that differ, with what is around them.
pub struct Hunk {
    /// `@@ -6,8 +6,9 @@`.
    pub header: String,
    /// The lines.
    pub lines: Vec<DiffLine>,
}

/// One line of a difference.
pub struct DiffLine {
    /// Which form has it.
    pub sign: Sign,
    /// Its number in the old form, from 1.
    pub old: Option<usize>,
    /// Its number in the new form, from 1.
    pub new: Option<usize>,
    /// What it says, without its end.
    pub text: String,
    /// `ends in CRLF`, where a line looks like its twin.
    pub end: Option<&'static str>,
    /// Whether it is the last one and has no end.
    pub unended: bool,
}

/// Which form has a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// Both.
    Same,
    /// Only the old one.
    Removed,
    /// Only the new one.
    Added,
}

impl Sign {
    /// Returns the sign of a unified diff.
    pub fn sign(self) -> char {
        match self {
            Self::Same => ' ',
            Self::Removed => '-',
            Self::Added => '+',
        }
    }
}

impl Code {
    /// Returns the files that moved.
    pub fn files(&self) -> &[File] {
        match self {
            Self::Upload(_) => &[],
            Self::Files(files) => &files.files,
        }
    }
}

/// Returns `3 files`.
pub(super) fn count(files: usize) -> String {
    format!("{files} {}", plural(files, "file"))
}

/// Returns `3 files, 1.2 KB`, of what will be uploaded.
pub(super) fn upload(whole: &DesiredAttributes) -> Option<String> {
    let files = whole.iter().filter(|(path, _)| path.is_code()).filter_map(|(_, planned)| planned.known());
    let mut number = 0;
    let mut bytes = 0;
    for file in files {
        match file {
            Value::File(entry) => {
                number += 1;
                bytes += entry.size;
            }
            other => return Some(value(other)),
        }
    }
    (number > 0).then(|| format!("{}, {}", count(number), size(bytes)))
}

/// Returns the view of the code paths of a change, where there are any.
pub(super) fn code(change: &Change, paths: &[(&Path, &PathChange)], sources: &Sources<'_>) -> Option<Code> {
    let worst = paths.iter().map(|(_, inner)| inner.class).max()?;
    let open = paths.iter().any(|(_, inner)| matches!(inner.outcome, PathOutcome::Open(_)));
    let written = paths.iter().any(|(_, inner)| matches!(inner.outcome, PathOutcome::Write(_)));
    let mark = match () {
        () if open => mark(worst),
        () if written => Mark::Change,
        () if paths.iter().any(|(_, inner)| leaves(inner)) => going(change),
        () => Mark::Same,
    };
    let online =
        paths.iter().filter(|(_, inner)| inner.class.needs_decision() && !inner.is_ignored()).count();
    let rules: BTreeSet<String> =
        paths.iter().filter_map(|(_, inner)| Some(ruled(inner.rule.as_ref()?, inner.class))).collect();
    let told = online > 0 && change.action != Action::TakeOver;
    Some(Code::Files(Files {
        mark,
        online: told.then(|| format!("{} edited online", count(online))),
        files: paths.iter().map(|(path, inner)| file(change, path, inner, sources)).collect(),
        merged: merged(change, paths),
        rules: rules.into_iter().collect(),
    }))
}

/// Returns whether it was edited online in a resource that leaves as a whole.
fn leaves(inner: &PathChange) -> bool {
    inner.class == Class::Drift && inner.outcome == PathOutcome::Keep
}

fn mark(class: Class) -> Mark {
    match class {
        Class::Conflict => Mark::Conflict,
        Class::Drift => Mark::Ask,
        Class::Edit => Mark::Change,
        Class::Converged | Class::Unchanged => Mark::Same,
    }
}

/// `merged package: 1 file yours, 1 kept from live`, where the upload is neither side's tree.
fn merged(change: &Change, code: &[(&Path, &PathChange)]) -> Option<String> {
    let kept = |inner: &PathChange| matches!(inner.outcome, PathOutcome::Accept | PathOutcome::Ignore);
    let kept = code.iter().filter(|(_, inner)| kept(inner)).count();
    let yours = code.iter().filter(|(_, inner)| matches!(inner.outcome, PathOutcome::Write(_))).count();
    if kept == 0 || yours == 0 {
        return None;
    }
    let files =
        change.composed_code().into_iter().filter_map(|(path, value)| match (path.code_file(), value) {
            (Some(name), Value::File(entry)) => Some((name.to_owned(), entry)),
            _ => None,
        });
    let tree = Tree { files: files.collect(), ..Tree::default() };
    let (yours, tree) = (count(yours), tree.digest().short());
    Some(format!("merged package: {yours} yours, {kept} kept from live; tree {tree}"))
}

fn file(change: &Change, path: &Path, inner: &PathChange, sources: &Sources<'_>) -> File {
    let asked = inner.class.needs_decision();
    let mark = match &inner.outcome {
        _ if leaves(inner) => going(change),
        PathOutcome::Ignore => Mark::Same,
        PathOutcome::Write(None) if asked => Mark::Delete,
        outcome if asked => decided(outcome, mark(inner.class)),
        _ => mark(inner.class),
    };
    let decided = match (inner.decision, &inner.outcome) {
        (_, PathOutcome::Record) => Some("agrees"),
        (Some(Choice::UseLocal), _) => Some("use-local"),
        (Some(Choice::UseLive), _) => Some("use-live: kept"),
        (None, PathOutcome::Keep) if !leaves(inner) => Some("accepted"),
        (None, PathOutcome::Ignore) => Some("ignored"),
        (None, _) => None,
    };
    File {
        name: path.code_file().map_or_else(|| "(the whole package)".to_owned(), plain),
        mark,
        class: inner.class,
        decided,
        differences: differences(change, path, inner, sources),
        open: matches!(inner.outcome, PathOutcome::Open(_)),
    }
}

fn differences(change: &Change, path: &Path, inner: &PathChange, sources: &Sources<'_>) -> Vec<Difference> {
    let known = inner.desired.as_ref().and_then(Planned::known);
    if path.code_file().is_none() {
        let text = |side: Option<&Value>| side.map_or_else(|| "(none)".to_owned(), value);
        let counts = match &inner.outcome {
            PathOutcome::Write(goal) if change.undo.is_some() => {
                format!("{} -> {}", text(inner.live.as_ref()), text(goal.as_ref().and_then(Planned::known)))
            }
            _ => format!("config {}, live {}", text(known), text(inner.live.as_ref())),
        };
        return vec![Difference { counts, ..Difference::default() }];
    }
    let desired = entry(known);
    let recorded = entry(inner.recorded.as_ref().and_then(|recorded| recorded.observed.as_ref()));
    let live = entry(inner.live.as_ref());
    let show = |side, from, to| Difference { side, ..difference(from, to, sources) };
    if let (Some(_), PathOutcome::Write(goal) | PathOutcome::Open(Some(goal))) = (change.undo, &inner.outcome)
    {
        let before = entry(goal.as_ref().and_then(Planned::known));
        let back = show("live -> before", live, before);
        return match inner.class {
            Class::Conflict if recorded != live => vec![show("live", recorded, live), back],
            _ => vec![back],
        };
    }
    match inner.class {
        Class::Edit => vec![show("config", live, desired)],
        Class::Converged | Class::Unchanged => {
            let Difference { side, counts, .. } = show("config", live, desired);
            vec![Difference { side, counts, ..Difference::default() }]
        }
        Class::Drift | Class::Conflict => match &inner.outcome {
            // Decided: what will be done, in its direction.
            PathOutcome::Write(goal) => {
                let side = match (goal, &inner.desired) {
                    (None, _) => "live -> gone",
                    (Some(_), Some(_)) => "live -> config",
                    (Some(_), None) => "live -> recorded",
                };
                vec![show(side, live, entry(goal.as_ref().and_then(Planned::known)))]
            }
            PathOutcome::Accept if inner.recorded.is_none() => vec![show("live", desired, live)],
            PathOutcome::Accept => vec![show("live", recorded, live)],
            _ if inner.class == Class::Drift => vec![show("live", recorded, live)],
            _ if inner.recorded.is_some() && (recorded.is_some() || desired.is_none() || live.is_none()) => {
                vec![show("config", recorded, desired), show("live", recorded, live)]
            }
            // Without a past there are two sides: what use-local would do to live.
            _ => vec![show("live -> config", live, desired)],
        },
    }
}

fn entry(value: Option<&Value>) -> Option<FileEntry> {
    match value {
        Some(Value::File(entry)) => Some(*entry),
        _ => None,
    }
}

fn difference(from: Option<FileEntry>, to: Option<FileEntry>, sources: &Sources<'_>) -> Difference {
    let read = |side: Option<FileEntry>| match side {
        None => Some(String::new()),
        Some(entry) => {
            let bytes = (sources.content)(entry.digest)?;
            (bytes.len() <= LARGEST && !bytes.contains(&0))
                .then(|| String::from_utf8(bytes.to_vec()).ok())
                .flatten()
        }
    };
    if let (Some(from), Some(to)) = (from, to)
        && from.digest == to.digest
    {
        let kinds = || format!("{:?} -> {:?}", from.kind, to.kind).to_lowercase();
        let counts = if from.kind == to.kind { "same content".to_owned() } else { kinds() };
        return Difference { counts, ..Difference::default() };
    }
    let (Some(before), Some(after)) = (read(from), read(to)) else {
        let side = |side: Option<FileEntry>| {
            side.map_or_else(|| "absent".to_owned(), |entry| value(&Value::File(entry)))
        };
        return Difference { counts: format!("{} -> {}", side(from), side(to)), ..Difference::default() };
    };
    let diff = TextDiff::from_lines(&before, &after);
    let count = |tag| diff.iter_all_changes().filter(|change| change.tag() == tag).count();
    let (plus, minus) = (count(ChangeTag::Insert), count(ChangeTag::Delete));
    let counts = match (from, to) {
        (None, Some(_)) => format!("new, +{plus}"),
        (Some(_), None) => format!("removed, -{minus}"),
        _ => format!("+{plus} -{minus}"),
    };
    match line_ends(&before, &after) {
        Some(how) => {
            Difference { counts, note: Some(format!("line ends differ ({how})")), ..Difference::default() }
        }
        None => Difference { counts, hunks: hunks(&diff), ..Difference::default() },
    }
}

/// Returns how two texts differ that differ in nothing but the ends of their lines.
fn line_ends(before: &str, after: &str) -> Option<&'static str> {
    let ends = |text: &str| text.contains("\r\n");
    if before == after || before.replace("\r\n", "\n") != after.replace("\r\n", "\n") {
        return None;
    }
    Some(match (ends(before), ends(after)) {
        (false, _) => "LF -> CRLF",
        (_, false) => "CRLF -> LF",
        _ => "CRLF and LF, mixed",
    })
}

fn hunks<'a>(diff: &'a TextDiff<'a, 'a, str>) -> Vec<Hunk> {
    let twins = line_end_twins(diff);
    let line = |change: similar::Change<&str>| {
        let sign = match change.tag() {
            ChangeTag::Equal => Sign::Same,
            ChangeTag::Delete => Sign::Removed,
            ChangeTag::Insert => Sign::Added,
        };
        let text = bare(change.value());
        let alike = sign != Sign::Same && !change.missing_newline() && twins.contains(text);
        let end = if change.value().ends_with("\r\n") { "ends in CRLF" } else { "ends in LF" };
        DiffLine {
            sign,
            old: change.old_index().map(|index| index + 1),
            new: change.new_index().map(|index| index + 1),
            text: plain(text),
            end: alike.then_some(end),
            unended: change.missing_newline(),
        }
    };
    let hunk = |hunk: similar::udiff::UnifiedDiffHunk<'_, '_, '_, str>| Hunk {
        header: hunk.header().to_string().trim_end().to_owned(),
        lines: hunk.iter_changes().map(line).collect(),
    };
    diff.unified_diff().context_radius(CONTEXT).iter_hunks().map(hunk).collect()
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
    use crate::render::Part;
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
        let secrets = crate::plan::SecretSources::new();
        let sources = Sources { schemas: &schemas, content: &content, secrets: &secrets, part: Part::Whole };
        let difference = difference(Some(entry(before)), Some(entry(after)), &sources);
        let line = |line: &DiffLine| {
            let end = line.end.map(|end| format!("  \\ {end}")).unwrap_or_default();
            let unended = if line.unended { "\n\\ no newline" } else { "" };
            format!("{}{}{end}{unended}", line.sign.sign(), line.text)
        };
        let lines = difference.hunks.iter().flat_map(|hunk| &hunk.lines).map(line);
        let shown: Vec<String> = difference.note.iter().cloned().chain(lines).collect();
        assert_eq!(shown.join("\n"), expected);
    }

    #[test]
    fn lines_that_look_alike_say_how_they_differ() {
        check("a\nb\n", "a\r\nb\r\n", "line ends differ (LF -> CRLF)");
        check("a\r\nb\r\n", "a\nb\n", "line ends differ (CRLF -> LF)");
        check("a\n", "a", "-a\n+a\n\\ no newline");
        check("a\nb\n", "c\nb\r\n", "-a\n-b  \\ ends in LF\n+c\n+b  \\ ends in CRLF");
        check("a\n", "b\n", "-a\n+b");
    }
}
