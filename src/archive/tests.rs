//! What archives keep, and what hostile ones are refused for.

use std::io::{Cursor, Write};

use proptest::prelude::*;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipWriter};

use super::*;
use crate::model::{Digest, FileKind};

fn files(list: &[(&str, FileKind, &str)]) -> Files {
    list.iter()
        .map(|(path, kind, content)| ((*path).to_owned(), File::new(*kind, content.as_bytes().to_vec())))
        .collect()
}

fn sample() -> Files {
    files(&[
        ("index.py", FileKind::Regular, "def handler(event, context):\n    return 'hello'\n"),
        ("bootstrap", FileKind::Executable, "#!/bin/sh\nexec ./server\n"),
        ("lib/current", FileKind::Symlink, "../index.py"),
        ("lib/__init__.py", FileKind::Regular, ""),
        ("übersicht.txt", FileKind::Regular, &"all the same ".repeat(500)),
    ])
}

/// An archive made by hand: name, system, external attributes, content.
fn archive(entries: &[(&str, System, u32, &str)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, system, attributes, content) in entries {
        let options = SimpleFileOptions::default()
            .system(*system)
            .external_attributes(*attributes)
            .last_modified_time(DateTime::from_date_and_time(2024, 5, 6, 7, 8, 10).expect("a date"))
            .compression_method(CompressionMethod::Stored);
        writer.start_file(*name, options).expect("a new name");
        writer.write_all(content.as_bytes()).expect("memory");
    }
    writer.finish().expect("memory").into_inner()
}

#[track_caller]
fn refused(bytes: &[u8], why: &str) {
    let opaque = unpack(bytes, &Limits::default()).expect_err("opaque");
    assert_eq!(opaque.to_string(), why);
}

#[test]
fn packing_keeps_kinds_and_contents() {
    let packed = pack(&sample()).expect("packed");
    assert_eq!(unpack(&packed, &Limits::default()).expect("a tree"), sample());
}

#[test]
fn a_package_has_the_same_bytes_everywhere() {
    // Frozen: another digest means that every project's package changes its bytes with this release.
    let digest = Digest::of(&pack(&sample()).expect("packed")).to_string();
    assert_eq!(digest, "debf0781fa2c57604a81d6c1800533a0b609105edb2a2dc9fb114c01c5d79209");
}

#[test]
fn an_archive_of_nothing_is_a_tree_of_nothing() {
    let packed = pack(&Files::new()).expect("packed");
    assert_eq!(hex::encode(&packed), format!("504b0506{}", "00".repeat(18)), "the service's empty zip");
    assert!(unpack(&packed, &Limits::default()).expect("a tree").is_empty());
}

#[test]
fn another_machines_archive_of_equal_files_is_the_same_tree() {
    let theirs = archive(&[
        ("./lib/", System::Unix, 0o040_700 << 16, ""),
        ("run.sh", System::Unix, 0o100_711 << 16, "x"),
        ("./lib/a.py", System::Unix, 0o100_600 << 16, "y"),
        ("bare", System::Unix, 0o755 << 16, "z"),
    ]);
    let expected = files(&[
        ("run.sh", FileKind::Executable, "x"),
        ("lib/a.py", FileKind::Regular, "y"),
        ("bare", FileKind::Executable, "z"),
    ]);
    assert_eq!(unpack(&theirs, &Limits::default()).expect("a tree"), expected);
}

#[test]
fn an_archive_from_dos_has_no_modes_and_other_separators() {
    let theirs = archive(&[
        (r"lib\", System::Dos, 0x10, ""),
        (r"lib\a.py", System::Dos, 0x20, "y"),
        // Python on Windows writes a made-up Unix mode beside the wrong system.
        ("bootstrap", System::Dos, 0o100_666 << 16, "x"),
        ("jar", System::Unix, 0, "z"),
    ]);
    let unpacked = unpack(&theirs, &Limits::default()).expect("a tree");
    let tree = unpacked.tree();
    assert_eq!(tree.files.keys().collect::<Vec<_>>(), ["bootstrap", "jar", "lib/a.py"]);
    assert_eq!(tree.modeless.len(), 3, "{tree:?}");

    // And it stays so on its way back to the service.
    let again = unpack(&pack(&unpacked).expect("packed"), &Limits::default()).expect("a tree");
    assert_eq!(again, unpacked);
}

#[test]
fn names_that_leave_are_opaque() {
    let file = |name| archive(&[(name, System::Unix, 0o100_644 << 16, "x")]);
    refused(&file("../x"), "the name `../x` in it climbs with `..`");
    refused(&file("/x"), "the name `/x` in it is absolute");
    let dos = archive(&[(r"..\x", System::Dos, 0, "x")]);
    refused(&dos, r"the name `..\x` in it climbs with `..`");
    let mut latin = file("caf_");
    for at in 0..latin.len() - 4 {
        if &latin[at..at + 4] == b"caf_" {
            latin[at + 3] = 0xe9;
        }
    }
    refused(&latin, "the name `caf\u{fffd}` in it is not UTF-8");
}

#[test]
fn what_no_folder_could_hold_is_opaque() {
    let mode = 0o100_644 << 16;
    let twice = archive(&[("x", System::Unix, mode, "1"), ("./x", System::Unix, mode, "2")]);
    refused(&twice, "two entries in it have one name");
    let mut same = archive(&[("xa", System::Unix, mode, "1"), ("xb", System::Unix, mode, "2")]);
    for at in 0..same.len() - 2 {
        if &same[at..at + 2] == b"xb" {
            same[at + 1] = b'a';
        }
    }
    refused(&same, "two entries in it have one name");
    let clash = archive(&[("x", System::Unix, mode, "1"), ("x/y", System::Unix, mode, "2")]);
    refused(&clash, "`x` in it is a file, and a directory of `x/y` as well");
    let pipe = archive(&[("pipe", System::Unix, 0o010_644 << 16, "")]);
    refused(&pipe, "`pipe` in it is a device, a pipe or a socket");
    let link = archive(&[("link", System::Unix, 0o120_777 << 16, "")]);
    refused(&link, "the link `link` in it has no usable target");
}

#[test]
fn encrypted_and_damaged_entries_are_opaque() {
    let whole = archive(&[("x", System::Unix, 0o100_644 << 16, "content")]);
    let central = whole.windows(4).position(|bytes| bytes == b"PK\x01\x02").expect("a directory");

    let mut encrypted = whole.clone();
    encrypted[6] |= 1;
    encrypted[central + 8] |= 1;
    refused(&encrypted, "`x` in it is encrypted");

    let mut lzma = whole.clone();
    lzma[central + 10] = 14;
    let opaque = unpack(&lzma, &Limits::default()).expect_err("opaque");
    assert!(matches!(opaque, Opaque::Method { .. }), "{opaque}");

    let mut damaged = whole;
    let content = damaged.windows(7).position(|bytes| bytes == b"content").expect("stored");
    damaged[content] = b'C';
    let opaque = unpack(&damaged, &Limits::default()).expect_err("opaque");
    assert!(matches!(opaque, Opaque::Damaged { .. }), "{opaque}");

    let opaque = unpack(b"print('hello')", &Limits::default()).expect_err("opaque");
    assert!(matches!(opaque, Opaque::NotAZip(_)), "{opaque}");
}

#[test]
fn limits_hold_whatever_the_entries_claim() {
    let zeros = files(&[("zeros", FileKind::Regular, &"0".repeat(100_000))]);
    let mut packed = pack(&zeros).expect("packed").to_vec();
    let exact = Limits { entries: 1, bytes: 100_000 };
    assert!(unpack(&packed, &exact).is_ok());
    let less = Limits { entries: 1, bytes: 99_999 };
    assert!(matches!(unpack(&packed, &less), Err(Opaque::TooLarge(99_999))));

    // The directory claims ten bytes; what comes out is counted all the same.
    let central = packed.windows(4).position(|bytes| bytes == b"PK\x01\x02").expect("a directory");
    packed[central + 24..central + 28].copy_from_slice(&10_u32.to_le_bytes());
    let opaque = unpack(&packed, &less).expect_err("opaque");
    assert!(matches!(opaque, Opaque::TooLarge(_) | Opaque::Damaged { .. }), "{opaque}");

    let few = Limits { entries: 4, bytes: 1 << 20 };
    let opaque = unpack(&pack(&sample()).expect("packed"), &few).expect_err("opaque");
    assert_eq!(opaque.to_string(), "it has 5 entries, more than 4");
}

#[test]
fn entries_that_share_their_bytes_are_opaque() {
    // Two names for one compressed stream: the seed of the bombs that multiply.
    let mode = 0o100_644 << 16;
    let content = "0".repeat(4000);
    let mut bytes = archive(&[("a", System::Unix, mode, &content), ("b", System::Unix, mode, "")]);
    let central: Vec<_> = (0..bytes.len() - 4).filter(|at| &bytes[*at..at + 4] == b"PK\x01\x02").collect();
    let (first, second) = (central[0], central[1]);
    let sizes_and_crc = bytes[first + 16..first + 28].to_vec();
    bytes[second + 16..second + 28].copy_from_slice(&sizes_and_crc);
    let offset = bytes[first + 42..first + 46].to_vec();
    bytes[second + 42..second + 46].copy_from_slice(&offset);
    let opaque = unpack(&bytes, &Limits::default()).expect_err("opaque");
    assert!(matches!(opaque, Opaque::Overlapping), "{opaque}");
}

#[test]
fn what_could_not_be_unpacked_is_not_packed() {
    #[track_caller]
    fn check(list: &[(&str, FileKind, &str)], why: &str) {
        assert_eq!(pack(&files(list)).expect_err("refused").to_string(), why);
    }
    use FileKind::{Regular, Symlink};
    check(&[("../x", Regular, "")], "could not pack `../x`: its name climbs with `..`");
    check(&[("a//x", Regular, "")], "could not pack `a//x`: its name is not in its plain form");
    check(
        &[("a", Regular, ""), ("a.b", Regular, ""), ("a/x", Regular, "")],
        "could not pack `a/x`: `a` is a file, and cannot be a directory as well",
    );
    check(&[("a", Symlink, "")], "could not pack the link `a`: its target is empty, too long, or not UTF-8");
}

prop_compose! {
    fn some_file()(kind in 0..4, content in proptest::collection::vec(any::<u8>(), 0..300)) -> File {
        match kind {
            0 => File::new(FileKind::Executable, content),
            1 => File::new(FileKind::Symlink, "a/b"),
            2 => File { modeless: true, ..File::new(FileKind::Regular, content) },
            _ => File::new(FileKind::Regular, content),
        }
    }
}

prop_compose! {
    // Directories and files draw from different letters, so that they never clash.
    fn some_files()(list in proptest::collection::btree_map("([a-c]{1,2}/){0,2}[x-zé\\-. ]{1,3}[0-9]", some_file(), 0..12)) -> Files {
        list.into_iter().collect()
    }
}

proptest! {
    #[test]
    fn whatever_is_packed_comes_back(files in some_files()) {
        let packed = pack(&files).expect("packed");
        prop_assert_eq!(unpack(&packed, &Limits::default()).expect("a tree"), files);
    }

    #[test]
    fn packing_forgets_the_order_of_insertion(files in some_files()) {
        let backwards: Files = files.clone().into_iter().collect::<Vec<_>>().into_iter().rev().collect();
        prop_assert_eq!(pack(&backwards).expect("packed"), pack(&files).expect("packed"));
    }

    #[test]
    fn no_bytes_are_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = unpack(&bytes, &Limits::default());
    }

    #[test]
    fn no_damage_is_a_panic(files in some_files(), at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<prop::sample::Index>()) {
        let mut bytes = pack(&files).expect("packed").to_vec();
        let place = at.index(bytes.len());
        bytes[place] = byte;
        let _ = unpack(&bytes, &Limits { entries: 100, bytes: 10_000 });
        bytes.truncate(cut.index(bytes.len()));
        let _ = unpack(&bytes, &Limits { entries: 100, bytes: 10_000 });
    }
}
