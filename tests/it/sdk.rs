//! The vendor's own SDKs read every answer and every refusal of the embedded cloud, in each version of the API.

use std::path::Path;
use std::process::Command;

use crate::support::{Cloud, sdk};

#[track_caller]
fn drive(script: &str, last_words: &str) {
    let root = tempfile::tempdir().expect("a folder");
    let cloud = Cloud::start(root.path());
    // This is about the form of answers; what an inconsistent cloud says between them is no part of it.
    cloud.behaves();
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join(".venv/bin/python3");
    let told = Command::new(&python)
        .arg(sdk(script))
        .arg(&cloud.address)
        .output()
        .unwrap_or_else(|error| panic!("{}: {error}; run tests/prepare first", python.display()));
    let (out, err) = (String::from_utf8_lossy(&told.stdout), String::from_utf8_lossy(&told.stderr));
    assert!(told.status.success() && out.contains(last_words), "{out}{err}");
}

#[test]
fn the_official_sdk_reads_every_answer_without_losing_a_field() {
    drive("fc3_models.py", "every answer in its model");
}

#[test]
fn the_official_sdk_for_2021_04_06_reads_every_answer_without_losing_a_field() {
    drive("fc2021_models.py", "every answer in its model");
}

#[test]
fn the_official_sdk_for_2016_08_15_signs_calls_and_reads_every_answer() {
    drive("fc2016_calls.py", "every answer as it should be");
}
