//! Bad input, and what it gets: one clear error that names the thing and the way out, the exit code of the
//! table, and nothing lost or changed.
//!
//! The texts stand in `snapshots/`, to be read as their reader would.

mod books;
mod cloud;
mod file;
mod line;

use std::fmt::Write as _;
use std::process::Command;

use serde_json::Value as Json;

use crate::room::{Ran, Room, finish};

/// What was tried, and what it got, ready to be read.
#[derive(Default)]
struct Page(String);

impl Page {
    /// Adds one case. Nothing may have been printed as a result.
    #[track_caller]
    fn add(&mut self, title: &str, ran: &Ran, code: i32) {
        assert_eq!(ran.code, Some(code), "{title}: {ran}");
        assert!(ran.stdout.is_empty(), "{title}: {ran}");
        let text: Vec<&str> = ran.stderr.trim_end().lines().map(str::trim_end).collect();
        writeln!(self.0, "== {title}: exit {code}\n{}\n", text.join("\n")).expect("writes into text");
    }

    /// Compares it with the page that was approved.
    #[track_caller]
    fn check(&self, name: &str) {
        insta::with_settings!({filters => vec![
            (r"127\.0\.0\.1:\d{5}", "127.0.0.1:PORT-"),
            (r"\b1-[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{12}\b", "1-00000000-00000000-000000000000"),
            (r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "00000000-0000-0000-0000-000000000000"),
        ], prepend_module_to_snapshot => false, snapshot_path => "bad_input/snapshots", omit_expression => true}, {
            insta::assert_snapshot!(name, self.0);
        });
    }
}

/// One function with one trigger, and code.
const PROJECT: &str = "\
edition: 3.0.0
name: shop
access: default
resources:
  hello:
    component: fc3
    props:
      region: cn-hangzhou
      functionName: hello
      runtime: python3.10
      handler: index.handler
      memorySize: 512
      cpu: 0.5
      diskSize: 512
      timeout: 10
      code: ./code
      environmentVariables:
        DB_PASSWORD: ${env('DB_PASSWORD')}
      triggers:
        - triggerName: http
          triggerType: http
          triggerConfig:
            authType: anonymous
            methods: [GET]
";

/// A room with that project, not deployed yet.
fn room() -> Room {
    Room::new(&[("s.yaml", PROJECT), ("code/index.py", "def handler(event, context):\n    return 'hello'\n")])
}

/// A room with that project deployed, and an edit of it that an apply would write.
fn deployed() -> Room {
    let room = room();
    room.run(&["apply", "--auto-approve"]).exits(0);
    room.write("s.yaml", &PROJECT.replace("timeout: 10", "timeout: 20"));
    room
}

/// Runs something that must change nothing: not a byte of what is kept, nothing in the cloud.
#[track_caller]
fn changes_nothing(room: &Room, command: Command) -> Ran {
    let before = (room.kept(), room.cloud(), room.writes());
    let ran = finish(command);
    assert!((room.kept(), room.cloud(), room.writes()) == before, "something was changed: {ran}");
    ran
}

#[track_caller]
fn run(room: &Room, args: &[&str]) -> Ran {
    changes_nothing(room, room.command(args))
}

/// Changes one field of a document of JSON.
fn with(document: &Json, field: &str, value: Json) -> Vec<u8> {
    let mut document = document.clone();
    document[field] = value;
    document.to_string().into_bytes()
}
