//! Two texts that come from one, made one again.

use similar::TextMerge;

use super::File;
use crate::model::FileKind;

/// What came of a merge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Merged {
    /// Both sides' edits are in it.
    Clean(File),
    /// Both sides edited the same lines: the text with both of them, between markers.
    Conflict(File),
}

/// Merges what two sides made of a file; nothing where one of the three is no text.
///
/// The project's side is the first. Lines that only one side changed are as that side has them, and so is the mode.
pub fn merge(base: &File, project: &File, live: &File) -> Option<Merged> {
    let text = |file: &File| {
        let text = std::str::from_utf8(&file.content).ok().map(str::to_owned);
        text.filter(|text| !text.contains('\0') && file.kind != FileKind::Symlink)
    };
    let (old, ours, theirs) = (text(base)?, text(project)?, text(live)?);
    let mut merge = TextMerge::from_lines(old.as_str(), ours.as_str(), theirs.as_str());
    merge.labels("recorded", "project", "live");
    let kind = if project.kind == base.kind { live.kind } else { project.kind };
    let file = File::new(kind, merge.to_string().into_bytes());
    Some(if merge.is_conflicted() { Merged::Conflict(file) } else { Merged::Clean(file) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> File {
        File::new(FileKind::Regular, text.as_bytes().to_vec())
    }

    #[track_caller]
    fn check(base: &str, project: &str, live: &str, expected: &Merged) {
        assert_eq!(merge(&file(base), &file(project), &file(live)).as_ref(), Some(expected));
    }

    #[test]
    fn edits_of_different_lines_are_both_kept() {
        check("1\n2\n3\n4\n", "one\n2\n3\n4\n", "1\n2\n3\nfour\n", &Merged::Clean(file("one\n2\n3\nfour\n")));
        check("1\n2\n", "1\n2\n3", "1\n2\n", &Merged::Clean(file("1\n2\n3")));
        check(
            "1\r\n2\r\n3\r\n",
            "1\r\n2\r\nc\r\n",
            "a\r\n2\r\n3\r\n",
            &Merged::Clean(file("a\r\n2\r\nc\r\n")),
        );
    }

    #[test]
    fn the_same_edit_is_one() {
        check("1\n2\n", "1\ntwo\n", "1\ntwo\n", &Merged::Clean(file("1\ntwo\n")));
    }

    #[test]
    fn edits_of_one_line_stand_between_markers() {
        let text = "1\n<<<<<<< project\nzwei\n=======\ntwo\n>>>>>>> live\n3\n";
        check("1\n2\n3\n", "1\nzwei\n3\n", "1\ntwo\n3\n", &Merged::Conflict(file(text)));
    }

    #[test]
    fn a_mode_follows_who_changed_it() {
        let base = file("1\n");
        let executable = File { kind: FileKind::Executable, ..file("1\n2\n") };
        let merged = merge(&base, &executable, &file("1\n"));
        assert_eq!(merged, Some(Merged::Clean(executable.clone())));
        assert_eq!(merge(&base, &file("1\n"), &executable), Some(Merged::Clean(executable)));
    }

    #[test]
    fn what_is_no_text_is_not_merged() {
        let binary = File::new(FileKind::Regular, vec![0, 1]);
        let link = File { kind: FileKind::Symlink, ..file("1") };
        for other in [binary, link] {
            assert_eq!(merge(&file("1"), &other, &file("2")), None);
            assert_eq!(merge(&file("1"), &file("2"), &other), None);
        }
    }
}
