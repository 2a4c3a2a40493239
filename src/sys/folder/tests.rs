//! Real folders, with everything that people leave in them.

use std::fs::Permissions;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;

use super::*;

/// A folder that is made of `path content`; a path that ends in `/` is a folder.
fn folder(entries: &[(&str, &str)]) -> tempfile::TempDir {
    let home = tempfile::tempdir().expect("a folder");
    for (path, content) in entries {
        let path = home.path().join(path.trim_end_matches('/'));
        fs::create_dir_all(path.parent().expect("a parent")).expect("created");
        if content.is_empty() && path.extension().is_none() {
            fs::create_dir_all(&path).expect("created");
        } else {
            fs::write(&path, content).expect("written");
        }
    }
    home
}

fn read(home: &tempfile::TempDir) -> Result<Files, CodeError> {
    read_code(home.path(), &Limits::default())
}

fn paths(files: &Files) -> Vec<&str> {
    files.iter().map(|(path, _)| path).collect()
}

/// The error's text, with the folder's own path taken out.
#[track_caller]
fn refused(home: &tempfile::TempDir, expected: &str) {
    let error = read(home).expect_err("refused");
    assert_eq!(error.to_string().replace(&home.path().display().to_string(), "CODE"), expected);
    assert!(!error.help().is_empty());
}

#[test]
fn everything_is_taken_hidden_files_included() {
    let home = folder(&[
        ("index.py", "x"),
        (".env", "y"),
        (".git/config", "z"),
        ("node_modules/.bin/tool", "t"),
        ("empty/", ""),
    ]);
    let files = read(&home).expect("read");
    assert_eq!(paths(&files), [".env", ".git/config", "index.py", "node_modules/.bin/tool"]);
}

#[test]
fn triforms_own_folder_is_never_code() {
    let home = folder(&[("index.py", "x"), (".triform/s.state.json", "{}"), (".gitignore", "index.py\n")]);
    assert_eq!(paths(&read(&home).expect("read")), [".gitignore", "index.py"], "and no .gitignore is obeyed");
}

#[test]
fn fcignore_is_read_like_a_gitignore() {
    let home = folder(&[
        (".fcignore", "# comment\n*.log\n!keep.log\n/root.txt\nbuild/\n**/deep/*.tmp\nspace\\ name.txt\n"),
        ("a.log", "x"),
        ("keep.log", "x"),
        ("root.txt", "x"),
        ("sub/root.txt", "x"),
        ("sub/b.log", "x"),
        ("build/out.bin", "x"),
        ("src/build/out.bin", "x"),
        ("x/deep/y.tmp", "x"),
        ("x/deep/y.py", "x"),
        ("space name.txt", "x"),
        ("nested/.fcignore", "*.md\n!READ.md\n"),
        ("nested/doc.md", "x"),
        ("nested/READ.md", "x"),
        ("doc.md", "x"),
    ]);
    let files = read(&home).expect("read");
    assert_eq!(paths(&files), ["doc.md", "keep.log", "nested/READ.md", "sub/root.txt", "x/deep/y.py"]);
}

#[test]
fn an_ignore_file_above_the_folder_has_no_say() {
    let home = folder(&[(".fcignore", "*.py\n"), ("code/index.py", "x")]);
    let files = read_code(&home.path().join("code"), &Limits::default()).expect("read");
    assert_eq!(paths(&files), ["index.py"]);
}

#[test]
fn only_the_executable_bit_of_a_mode_counts() {
    let home = folder(&[("a.sh", "x"), ("b.sh", "x"), ("c.sh", "x"), ("d.sh", "x")]);
    for (name, mode) in [("a.sh", 0o600), ("b.sh", 0o666), ("c.sh", 0o700), ("d.sh", 0o655)] {
        fs::set_permissions(home.path().join(name), Permissions::from_mode(mode)).expect("set");
    }
    let kinds: Vec<_> = read(&home).expect("read").iter().map(|(_, file)| file.kind).collect();
    let (file, program) = (FileKind::Regular, FileKind::Executable);
    assert_eq!(kinds, [file, file, program, program]);
}

#[test]
fn two_checkouts_make_one_package() {
    let list = [("z.py", "1"), ("a/b.py", "2"), ("a.py", "3")];
    let one = folder(&list);
    let two = folder(&[list[2], list[0], list[1]]);
    for (home, mode) in [(&one, 0o600), (&two, 0o664)] {
        for (name, _) in list {
            fs::set_permissions(home.path().join(name), Permissions::from_mode(mode)).expect("set");
        }
    }
    let later = fs::File::open(two.path().join("a.py")).expect("open");
    later.set_modified(std::time::UNIX_EPOCH).expect("set");
    let pack = |home| archive::pack(&read(home).expect("read")).expect("packed");
    assert_eq!(pack(&one), pack(&two));
}

#[test]
fn links_inside_the_folder_are_kept() {
    let home = folder(&[("lib/real.py", "x")]);
    symlink("lib/real.py", home.path().join("index.py")).expect("linked");
    symlink("lib", home.path().join("alias")).expect("linked");
    let files = read(&home).expect("read");
    assert_eq!(paths(&files), ["alias", "index.py", "lib/real.py"], "a linked folder is a link");
    assert_eq!(files.get("index.py"), Some(&File::new(FileKind::Symlink, "lib/real.py")));
}

#[test]
fn links_out_of_the_folder_are_refused_by_name() {
    let home = folder(&[("index.py", "x"), ("sub/x.py", "x")]);
    symlink("../../secret", home.path().join("sub/link")).expect("linked");
    refused(&home, "the link `sub/link` leads out of its package, to `../../secret`");

    let home = folder(&[("index.py", "x"), (".fcignore", "link\n")]);
    symlink("/etc/passwd", home.path().join("link")).expect("linked");
    assert_eq!(paths(&read(&home).expect("ignored")), ["index.py"]);
}

#[test]
fn a_linked_code_folder_is_its_target() {
    let home = folder(&[("real/index.py", "x"), ("real/.fcignore", "*.log\n"), ("real/a.log", "x")]);
    symlink("real", home.path().join("code")).expect("linked");
    let files = read_code(&home.path().join("code"), &Limits::default()).expect("read");
    assert_eq!(paths(&files), ["index.py"]);
}

#[test]
fn what_a_package_cannot_hold_is_refused() {
    let home = folder(&[("index.py", "x")]);
    let _socket = std::os::unix::net::UnixListener::bind(home.path().join("sock")).expect("a socket");
    refused(&home, "`CODE/sock` is a socket, which a package cannot hold");

    let home = folder(&[("index.py", "x")]);
    fs::write(home.path().join(std::ffi::OsStr::from_bytes(b"caf\xe9.py")), "x").expect("written");
    refused(&home, "the name of `CODE/caf\u{fffd}.py` is not UTF-8");
}

#[test]
fn nothing_to_deploy_is_an_error() {
    refused(&folder(&[]), "the code folder `CODE` is empty");
    refused(&folder(&[("sub/", ""), (".triform/x.json", "{}")]), "the code folder `CODE` is empty");
    refused(
        &folder(&[(".fcignore", "*\n"), ("index.py", "x")]),
        "every file of the code folder `CODE` is left out by its `.fcignore`",
    );
    let home = folder(&[]);
    let error = read_code(&home.path().join("nowhere"), &Limits::default()).expect_err("refused");
    assert!(matches!(error, CodeError::Missing(_)), "{error}");
}

#[test]
fn a_wrong_pattern_is_an_error_and_not_ignored() {
    let home = folder(&[("index.py", "x"), (".fcignore", "*.log\n{a\n")]);
    let error = read(&home).expect_err("refused").to_string();
    assert!(error.contains(".fcignore") && error.contains("line 2"), "{error}");
}

#[test]
fn limits_hold_for_folders_and_archives() {
    let home = folder(&[("a.py", "12345"), ("b.py", "12345")]);
    let read = |entries, bytes| read_code(home.path(), &Limits { entries, bytes });
    assert!(read(2, 10).is_ok());
    assert!(matches!(read(2, 9), Err(CodeError::TooLarge { limit: 9, .. })));
    assert!(matches!(read(1, 10), Err(CodeError::TooMany { limit: 1, .. })));
}

#[test]
fn an_archive_is_its_files() {
    let home = folder(&[("code/index.py", "x"), ("code/bootstrap.sh", "y")]);
    let files = read_code(&home.path().join("code"), &Limits::default()).expect("read");
    let path = home.path().join("code.jar");
    fs::write(&path, archive::pack(&files).expect("packed")).expect("written");
    assert_eq!(read_code(&path, &Limits::default()).expect("read"), files);

    fs::write(&path, "print('hello')").expect("written");
    let error = read_code(&path, &Limits::default()).expect_err("refused");
    assert!(matches!(error, CodeError::Archive { why: Opaque::NotAZip(_), .. }), "{error}");

    fs::write(&path, archive::pack(&Files::new()).expect("packed")).expect("written");
    assert!(matches!(read_code(&path, &Limits::default()), Err(CodeError::Empty(_))));

    let leaving: Files = [("x".to_owned(), File::new(FileKind::Symlink, "../y"))].into_iter().collect();
    fs::write(&path, archive::pack(&leaving).expect("packed")).expect("written");
    assert!(matches!(read_code(&path, &Limits::default()), Err(CodeError::Leaving(_))));
}
