//! A plan that is saved, reviewed and applied: exactly that one, from anywhere, or none at all.

mod elsewhere;
mod into;
mod same;
mod secrets;
mod stale;

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value as Json;
use triform::archive::{File, Files, Limits, pack, unpack};
use triform::model::{Digest, FileKind};

use crate::support::{Ran, World};

/// Where a test keeps its plan: beside the project, not in it.
fn plan_file(world: &World) -> PathBuf {
    world.project().parent().expect("a folder").join("reviewed.triform")
}

/// Saves a plan.
#[track_caller]
fn save(world: &World, args: &[&str]) -> Ran {
    let file = plan_file(world);
    world.run(&[&["plan", "-o", file.to_str().expect("text")], args].concat()).exits(0)
}

/// A command about the saved plan, in another folder.
fn elsewhere(world: &World, args: &[&str]) -> Command {
    let folder = world.project().parent().expect("a folder").join("elsewhere");
    std::fs::create_dir_all(&folder).expect("a folder");
    let mut command = world.command(args);
    command.arg(plan_file(world)).current_dir(folder);
    command
}

/// Applies the saved plan from another folder, approved as it is.
#[track_caller]
fn apply(world: &World, args: &[&str]) -> Ran {
    world.run_with(elsewhere(world, &[&["apply", "--auto-approve"], args].concat()))
}

/// The line and the archive of a saved plan.
fn parts(file: &Path) -> (String, Files) {
    let bytes = std::fs::read(file).expect("a plan");
    let end = bytes.iter().position(|byte| *byte == b'\n').expect("a line") + 1;
    let line = String::from_utf8(bytes[..end].to_vec()).expect("text");
    (line, unpack(&bytes[end..], &Limits::default()).expect("an archive"))
}

/// The document of a saved plan.
fn document(files: &Files) -> Json {
    serde_json::from_slice(&files.get("plan.json").expect("a plan").content).expect("JSON")
}

/// Writes a plan as somebody would who edits it and computes its checksum anew.
fn forge(file: &Path, files: &Files, document: &Json) {
    let mut files = files.clone();
    files.insert("plan.json", File::new(FileKind::Regular, document.to_string()));
    let archive = pack(&files).expect("an archive");
    let mut bytes = format!("triform-plan 1 sha256:{}\n", Digest::of(&archive)).into_bytes();
    bytes.extend_from_slice(&archive);
    std::fs::write(file, bytes).expect("writes");
}

/// The digest that a plan shows.
#[track_caller]
fn digest(ran: &Ran) -> String {
    let mut words = ran.stdout.split_whitespace();
    words.find(|word| word.starts_with("sha256:")).unwrap_or_else(|| panic!("no digest in {ran}")).to_owned()
}
