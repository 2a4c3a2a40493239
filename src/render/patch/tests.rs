use super::*;

fn file(kind: FileKind, text: &str) -> impl Into<Option<File>> {
    File::new(kind, text.as_bytes().to_vec())
}

#[track_caller]
fn check(name: &str, old: impl Into<Option<File>>, new: impl Into<Option<File>>, expected: &str) {
    let made = patch(&[FileChange { name: name.to_owned(), old: old.into(), new: new.into() }]);
    assert_eq!(String::from_utf8(made).expect("text"), expected);
}

#[test]
fn a_line_of_many() {
    let (old, new) = ("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n");
    check(
        "a/s.yaml",
        file(FileKind::Regular, old),
        file(FileKind::Regular, new),
        "diff --git a/a/s.yaml b/a/s.yaml\n--- a/a/s.yaml\n+++ b/a/s.yaml\n\
         @@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n",
    );
}

#[test]
fn line_ends_are_part_of_a_line() {
    check(
        "x",
        file(FileKind::Regular, "a\r\nb"),
        file(FileKind::Regular, "a\r\nc\r\n"),
        "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n a\r\n-b\n\\ No newline at end of file\n+c\r\n",
    );
}

#[test]
fn new_ones_deleted_ones_and_modes() {
    check(
        "n",
        None,
        file(FileKind::Executable, "a\n"),
        "diff --git a/n b/n\nnew file mode 100755\n--- /dev/null\n+++ b/n\n@@ -0,0 +1 @@\n+a\n",
    );
    check(
        "n",
        file(FileKind::Regular, "a\n"),
        None,
        "diff --git a/n b/n\ndeleted file mode 100644\n--- a/n\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n",
    );
    check(
        "n",
        file(FileKind::Regular, "a\n"),
        file(FileKind::Executable, "a\n"),
        "diff --git a/n b/n\nold mode 100644\nnew mode 100755\n",
    );
    check(
        "n",
        file(FileKind::Regular, ""),
        file(FileKind::Symlink, "m"),
        "diff --git a/n b/n\ndeleted file mode 100644\ndiff --git a/n b/n\nnew file mode 120000\n--- /dev/null\n\
         +++ b/n\n@@ -0,0 +1 @@\n+m\n\\ No newline at end of file\n",
    );
}

#[test]
fn names_are_quoted_as_git_does() {
    check(
        "a \"b\"\té",
        None,
        file(FileKind::Regular, ""),
        "diff --git \"a/a \\\"b\\\"\\011\\303\\251\" \"b/a \\\"b\\\"\\011\\303\\251\"\nnew file mode 100644\n",
    );
    check(
        "a b",
        file(FileKind::Regular, "1\n"),
        file(FileKind::Regular, "2\n"),
        "diff --git a/a b b/a b\n--- a/a b\t\n+++ b/a b\t\n@@ -1 +1 @@\n-1\n+2\n",
    );
}
