//! Changes of files as a patch, as `git apply` takes it.
//!
//! The lines are bytes: what ends them, and whether the last one is ended at all, is part of them. A name that a
//! patch cannot hold as it is stands in quotes, as git writes it. Files that are no text are in it as git has them.

mod binary;

use std::fmt::Write as _;

use similar::{Algorithm, DiffOp, DiffTag, capture_diff_slices, group_diff_ops};

use crate::archive::File;
use crate::model::FileKind;

/// Lines around a difference, as git shows them.
const CONTEXT: usize = 3;

/// A file before and after.
#[derive(Clone, Debug)]
pub struct FileChange {
    /// Its name, `/` between folders, from the folder that names are told from.
    pub name: String,
    /// What it was; nothing where it is new.
    pub old: Option<File>,
    /// What it will be; nothing where it goes.
    pub new: Option<File>,
}

impl FileChange {
    /// Returns whether its lines can be compared.
    pub fn is_text(&self) -> bool {
        [&self.old, &self.new].into_iter().flatten().all(|file| is_text(&file.content))
    }
}

/// Returns whether a content is text: UTF-8, without a zero byte.
pub fn is_text(content: &[u8]) -> bool {
    !content.contains(&0) && std::str::from_utf8(content).is_ok()
}

/// Lines that differ, with what is around them.
pub struct Hunk<'a> {
    /// `@@ -1,3 +1,4 @@`.
    pub header: String,
    /// Each with its sign, and with what ends it.
    pub lines: Vec<(char, &'a [u8])>,
}

/// Returns the lines in which two texts differ.
pub fn hunks<'a>(old: &'a [u8], new: &'a [u8]) -> Vec<Hunk<'a>> {
    let lines = |text: &'a [u8]| -> Vec<&'a [u8]> {
        text.split_inclusive(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect()
    };
    let (old, new) = (lines(old), lines(new));
    let groups = group_diff_ops(capture_diff_slices(Algorithm::Myers, &old, &new), CONTEXT);
    groups.iter().filter(|group| !group.is_empty()).map(|group| hunk(group, &old, &new)).collect()
}

fn hunk<'a>(group: &[DiffOp], old: &[&'a [u8]], new: &[&'a [u8]]) -> Hunk<'a> {
    let range = |ranges: Vec<std::ops::Range<usize>>| {
        let start = ranges.first().map_or(0, |range| range.start);
        let length = ranges.last().map_or(0, |range| range.end) - start;
        // An empty range is named by the line before it.
        let first = if length == 0 { start } else { start + 1 };
        if length == 1 { first.to_string() } else { format!("{first},{length}") }
    };
    let before = range(group.iter().map(DiffOp::old_range).collect());
    let after = range(group.iter().map(DiffOp::new_range).collect());
    let mut lines = Vec::new();
    for op in group {
        let sign = if op.tag() == DiffTag::Equal { ' ' } else { '-' };
        lines.extend(op.old_range().filter_map(|at| Some((sign, *old.get(at)?))));
        if op.tag() != DiffTag::Equal {
            lines.extend(op.new_range().filter_map(|at| Some(('+', *new.get(at)?))));
        }
    }
    Hunk { header: format!("@@ -{before} +{after} @@"), lines }
}

/// Returns a patch of all files. `git apply` takes it where their names begin.
pub fn patch(files: &[FileChange]) -> Vec<u8> {
    let mut patch = Vec::new();
    for file in files {
        let kind = |file: &Option<File>| file.as_ref().map(|file| file.kind == FileKind::Symlink);
        match (kind(&file.old), kind(&file.new)) {
            // Another kind of thing is another file to git.
            (Some(old), Some(new)) if old != new => {
                one(&mut patch, &FileChange { new: None, ..file.clone() });
                one(&mut patch, &FileChange { old: None, ..file.clone() });
            }
            _ => one(&mut patch, file),
        }
    }
    patch
}

fn one(patch: &mut Vec<u8>, file: &FileChange) {
    let FileChange { name, old, new } = file;
    let mut head = format!("diff --git {} {}\n", quoted("a/", name), quoted("b/", name));
    // Writing to a string cannot fail.
    let _ = match (old, new) {
        (None, None) => return,
        (None, Some(new)) => writeln!(head, "new file mode {}", mode(new)),
        (Some(old), None) => writeln!(head, "deleted file mode {}", mode(old)),
        (Some(old), Some(new)) if old.kind != new.kind => {
            writeln!(head, "old mode {}\nnew mode {}", mode(old), mode(new))
        }
        _ => Ok(()),
    };
    let content = |file: &Option<File>| file.as_ref().map(|file| file.content.clone()).unwrap_or_default();
    let (before, after) = (content(old), content(new));
    if !file.is_text() && before != after {
        // Compressing in memory cannot fail.
        let Ok(both) = binary::both(&before, &after) else { return };
        let name = |file: &Option<File>| binary::name(file.as_ref().map(|file| file.content.as_ref()));
        patch.extend(format!("{head}index {}..{}\n{both}", name(old), name(new)).as_bytes());
        return;
    }
    let hunks = if before == after { Vec::new() } else { hunks(&before, &after) };
    patch.extend(head.as_bytes());
    if hunks.is_empty() {
        return;
    }
    let side = |prefix, file: &Option<File>| match file {
        // A tab ends a name that has blanks.
        Some(_) if name.contains(' ') => format!("{}\t", quoted(prefix, name)),
        Some(_) => quoted(prefix, name),
        None => "/dev/null".to_owned(),
    };
    patch.extend(format!("--- {}\n+++ {}\n", side("a/", old), side("b/", new)).as_bytes());
    for Hunk { header, lines } in hunks {
        patch.extend(format!("{header}\n").as_bytes());
        for (sign, line) in lines {
            patch.push(sign as u8);
            patch.extend(line);
            if !line.ends_with(b"\n") {
                patch.extend(b"\n\\ No newline at end of file\n");
            }
        }
    }
}

fn mode(file: &File) -> &'static str {
    match file.kind {
        FileKind::Regular => "100644",
        FileKind::Executable => "100755",
        FileKind::Symlink => "120000",
    }
}

/// Returns a name as git spells it: in quotes where a line could not hold it as it is.
fn quoted(prefix: &str, name: &str) -> String {
    let plain = |byte: u8| byte >= b' ' && !matches!(byte, b'"' | b'\\' | 0x7f);
    if name.bytes().all(plain) {
        return format!("{prefix}{name}");
    }
    let mut text = format!("\"{prefix}");
    for byte in name.bytes() {
        match byte {
            b'"' | b'\\' => text.extend(['\\', char::from(byte)]),
            byte if plain(byte) && byte.is_ascii() => text.push(char::from(byte)),
            byte => {
                let _ = write!(text, "\\{byte:03o}"); // writing to a string cannot fail
            }
        }
    }
    text.push('"');
    text
}

#[cfg(test)]
mod tests;
