//! The vendor's own SDK reads every answer and every refusal of the embedded cloud into its typed models.

use std::path::Path;
use std::process::Command;

use crate::support::{Cloud, sdk};

#[test]
fn the_official_sdk_reads_every_answer_without_losing_a_field() {
    let root = tempfile::tempdir().expect("a folder");
    let cloud = Cloud::start(root.path());
    // This is about the form of answers; what an inconsistent cloud says between them is no part of it.
    cloud.behaves();
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join(".venv/bin/python3");
    let told = Command::new(&python)
        .arg(sdk("fc3_models.py"))
        .arg(&cloud.address)
        .output()
        .unwrap_or_else(|error| panic!("{}: {error}; run tests/prepare first", python.display()));
    let (out, err) = (String::from_utf8_lossy(&told.stdout), String::from_utf8_lossy(&told.stderr));
    assert!(told.status.success() && out.contains("every answer in its model"), "{out}{err}");
}
