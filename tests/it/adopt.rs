//! Adoption end to end: what was changed online goes into `s.yaml` and the code folder, and the next plan is empty.

mod asks;
mod code;
mod crash;
mod patch;
mod values;
mod write;

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};

use crate::room::{Ran, Room};

/// A function of three files with two triggers and a domain, written as people write: comments, quotes, a blank line.
pub const S_YAML: &str = "\
edition: 3.0.0
name: shop # the shop
access: default

vars:
  size: 512
  stage: blue

resources:
  # The storefront.
  hello:
    component: fc3
    props:
      region: cn-hangzhou
      functionName: hello
      runtime: python3.10
      handler: index.handler
      code: ./code
      memorySize: 512 # enough for a greeting
      cpu: 0.5
      diskSize: 512
      timeout: ${vars.size}

      environmentVariables:
        LOG_LEVEL: \"warn\"   # quiet
        GREETING: Hello
        STAGE: ${vars.stage}-1
        DB_PASSWORD: ${env('DB_PASSWORD')}
      triggers:
        - triggerName: http
          triggerType: http
          triggerConfig:
            authType: anonymous
            methods: [GET, POST]
        - triggerName: nightly
          triggerType: timer
          triggerConfig:
            cronExpression: \"@every 5m\"
            enable: true
";

pub const INDEX: &str = "\
import util


def handler(event, context):
    return util.greet('world')
";

pub const UTIL: &str = "\
def greet(name):
    return f'Hello, {name}!'


def one():
    return 1


def two():
    return 2
";

/// The project, applied.
pub fn deployed() -> Room {
    let room = Room::new(&[
        ("s.yaml", S_YAML),
        ("code/index.py", INDEX),
        ("code/util.py", UTIL),
        ("code/data.bin", "\u{0}one"),
    ]);
    room.run(&["apply", "--auto-approve"]).exits(0);
    room
}

/// Somebody changes a function in the console.
pub fn edit(room: &Room, body: Json) {
    room.console("PUT", "functions/hello", Some(body));
}

/// Somebody changes its variables in the console; `null` removes one.
pub fn edit_variables(room: &Room, changes: &Json) {
    let mut variables = room.console("GET", "functions/hello", None)["environmentVariables"].clone();
    let map = variables.as_object_mut().expect("a map");
    for (name, value) in changes.as_object().expect("a map") {
        if value.is_null() {
            map.remove(name);
        } else {
            map.insert(name.clone(), value.clone());
        }
    }
    edit(room, json!({"environmentVariables": variables}));
}

/// Somebody changes a trigger's configuration in the console; what is not named stays.
pub fn edit_trigger(room: &Room, trigger: &str, changes: &Json) {
    let target = format!("functions/hello/triggers/{trigger}");
    let shown = room.console("GET", &target, None);
    let mut config: Json =
        serde_json::from_str(shown["triggerConfig"].as_str().expect("text")).expect("JSON");
    let changes = changes.as_object().cloned().expect("a map");
    config.as_object_mut().expect("a map").extend(changes);
    room.console("PUT", &target, Some(json!({"triggerConfig": config.to_string()})));
}

/// One file of a package: its name, its mode (a link where it says so) and its content.
pub type Packed<'a> = (&'a str, u32, &'a [u8]);

/// Somebody uploads other code in the console.
pub fn upload(room: &Room, files: &[Packed<'_>]) {
    upload_to(room, "hello", files);
}

/// The same, of any function.
pub fn upload_to(room: &Room, function: &str, files: &[Packed<'_>]) {
    let code = json!({"code": {"zipFile": STANDARD.encode(zip(files))}});
    room.console("PUT", &format!("functions/{function}"), Some(code));
}

fn zip(files: &[Packed<'_>]) -> Vec<u8> {
    use zip::write::SimpleFileOptions;
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, mode, content) in files {
        let options = SimpleFileOptions::default().unix_permissions(mode & 0o777);
        if mode & 0o170_000 == 0o120_000 {
            let target = std::str::from_utf8(content).expect("text");
            writer.add_symlink(*name, target, options).expect("writes");
        } else {
            writer.start_file(*name, options).expect("starts a file");
            writer.write_all(content).expect("writes");
        }
    }
    let mut archive = writer.finish().expect("ends").into_inner();
    let entries: Vec<usize> =
        (0..archive.len()).filter(|at| archive[*at..].starts_with(b"PK\x01\x02")).collect();
    for (at, (_, mode, _)) in entries.into_iter().zip(files) {
        if *mode == 0 {
            archive[at + 5] = 0; // made by a system
            archive[at + 38..at + 42].fill(0); // that knows no modes
        }
    }
    archive
}

/// Adopts with approval.
#[track_caller]
pub fn adopt(room: &Room, args: &[&str]) -> Ran {
    room.run(&[&["adopt", "--auto-approve"], args].concat())
}

/// Demands that nothing is left to do or to decide, and that adopting again writes nothing.
#[track_caller]
pub fn settled(room: &Room) {
    let plan = room.run(&["plan", "--detailed-exitcode"]);
    assert_eq!(plan.code, Some(0), "{plan}");
    assert!(!plan.stdout.contains("accepted"), "{plan}");
    let (before, kept) = (files(room), room.kept());
    adopt(room, &[]).exits(0).says("Nothing to adopt");
    assert!(files(room) == before && room.kept() == kept, "a second adopt wrote something");
}

/// Every file of the project outside of `.triform`.
pub fn files(room: &Room) -> std::collections::BTreeMap<String, Vec<u8>> {
    let mut found = std::collections::BTreeMap::new();
    let mut queue = vec![room.project()];
    while let Some(folder) = queue.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.strip_prefix(room.project()).expect("is inside").display().to_string();
            if name.starts_with(".triform") || name.starts_with(".git") {
                continue;
            }
            if path.is_dir() && !path.is_symlink() {
                queue.push(path);
            } else if path.is_symlink() {
                let target = std::fs::read_link(&path).expect("a link");
                found.insert(name, target.display().to_string().into_bytes());
            } else {
                found.insert(name, std::fs::read(&path).expect("reads"));
            }
        }
    }
    found
}

pub fn read(room: &Room, name: &str) -> String {
    std::fs::read_to_string(room.path(name)).expect("text")
}

/// Demands that a file is as it was but for these lines, each given as it was and as it is.
#[track_caller]
pub fn changed_lines(before: &str, after: &str, changes: &[(&str, &str)]) {
    let mut expected = before.to_owned();
    for (from, to) in changes {
        assert_eq!(expected.matches(from).count(), 1, "{from:?}");
        expected = expected.replacen(from, to, 1);
    }
    assert_eq!(after, expected);
}
