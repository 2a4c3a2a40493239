//! Every file of `state-fixtures/` reads, or is refused as it should be. Fixtures are only ever added.

use std::fs;
use std::path::{Path, PathBuf};

use triform::plan::file;
use triform::state::{ReadStateError, read_journal, read_state, write_state};

fn files(folder: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("state-fixtures").join(folder);
    let mut files: Vec<_> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("an entry").path())
        .map(|path| (path.clone(), fs::read(path).expect("bytes")))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{} holds nothing", folder.display());
    files
}

#[test]
fn every_state_that_was_ever_written_is_read() {
    for (path, bytes) in files("format-1/states") {
        let state = read_state(&bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert!(!state.records.is_empty(), "{}", path.display());
        let again = read_state(&write_state(&state)).expect("what is written is read");
        assert_eq!(again, state, "{}", path.display());
    }
}

#[test]
fn every_journal_that_was_ever_written_is_read() {
    for (path, bytes) in files("format-1/journals") {
        let journal = read_journal(&bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert!(journal.is_some_and(|journal| !journal.entries.is_empty()), "{}", path.display());
    }
}

#[test]
fn every_plan_that_was_ever_saved_is_read() {
    for (path, bytes) in files("format-1/plans") {
        let document = file::read(&bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert!(document.plan.changes.len() > 3, "{}", path.display());
        let again = file::write(&document).expect("an archive");
        assert_eq!(
            file::read(&again).expect("what is written is read").plan.digest(),
            document.plan.digest()
        );
    }
}

#[test]
fn what_is_no_state_is_refused_by_what_is_wrong_with_it() {
    for (path, bytes) in files("refused") {
        let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
        let error = read_state(&bytes).expect_err(name);
        let expected = match name {
            "empty" => matches!(error, ReadStateError::Empty),
            "newer" => matches!(error, ReadStateError::TooNew { .. }),
            _ => matches!(error, ReadStateError::Damaged(_)),
        };
        assert!(expected, "{}: {error}", path.display());
    }
}
