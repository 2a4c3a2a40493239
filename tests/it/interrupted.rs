//! Applies that are stopped, applies that meet another one, and a cloud that dies under one.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use crate::crash::story;
use crate::room::{Ran, Room, ended, kill, says};
use crate::support::SecondLook;

const ONE_BY_ONE: [&str; 4] = ["apply", "--auto-approve", "--parallelism", "1"];

/// A running command whose words are read as they come.
struct Running {
    child: Child,
    look: SecondLook,
    stderr: BufReader<std::process::ChildStderr>,
    told: String,
}

impl Running {
    fn start(room: &Room, args: &[&str]) -> Self {
        let mut command = room.command(args);
        let mut child = command.spawn().expect("starts");
        let look = SecondLook::after(&command);
        let stderr = BufReader::new(child.stderr.take().expect("is piped"));
        Self { child, look, stderr, told: String::new() }
    }

    /// Reads on until it says this.
    #[track_caller]
    fn until_it_says(&mut self, text: &str) {
        while !says(&self.told, text) {
            let read = self.stderr.read_line(&mut self.told).expect("text");
            assert!(read > 0, "it ended without saying {text:?}: {}", self.told);
        }
    }

    fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).expect("a process");
        kill_process(Pid::from_raw(pid).expect("a process"), signal).expect("is there");
    }

    #[track_caller]
    fn finish(mut self) -> Ran {
        self.stderr.read_to_string(&mut self.told).expect("text");
        let ran = Ran { stderr: self.told, ..ended(self.child) };
        self.look.finds_nothing(ran.code);
        ran
    }
}

/// Starts an apply whose third update waits in the cloud with its effect done.
fn held() -> (Room, Running) {
    let room = story::deployed();
    room.switch(
        json!([{"name": "held", "operation": "UpdateFunction", "calls": 3, "when": "after", "do": "hold"}]),
    );
    let mut running = Running::start(&room, &ONE_BY_ONE);
    room.wait_until_held(&mut running.child);
    (room, running)
}

#[test]
fn a_first_signal_finishes_what_is_in_flight() {
    for signal in [Signal::INT, Signal::TERM] {
        let (room, mut running) = held();
        running.signal(signal);
        running.until_it_says("Stopping");
        let writes = room.writes();
        room.release("proceed");
        let ran = running.finish().exits(130).says("not started");
        assert_eq!((room.writes(), room.journal().len()), (writes, 0), "{ran}");
        // What was in flight is recorded: nothing is left to settle, and nobody is asked.
        room.switch(json!([]));
        let again = room.run(&ONE_BY_ONE).exits(0);
        assert!(!again.stderr.contains("interrupted"), "{again}");
    }
}

#[test]
fn a_second_signal_leaves_at_once() {
    let (room, mut running) = held();
    running.signal(Signal::TERM);
    running.until_it_says("Stopping");
    running.signal(Signal::TERM);
    let ran = running.finish().exits(130);
    assert_eq!(room.counters()["held"].as_array().map(Vec::len), Some(1), "it did not wait: {ran}");
    assert!(!room.journal().is_empty(), "{ran}");
    room.release("proceed");
    room.wait_until_quiet();
    room.switch(json!([]));
    room.run(&ONE_BY_ONE).exits(0).says("interrupted");
}

#[test]
fn a_second_apply_is_told_who_holds_the_state() {
    let (room, mut running) = held();
    let pid = format!("process {}", running.child.id());
    let refused =
        room.run(&["apply", "--auto-approve"]).exits(5).says(&pid).says("triform apply").says("since");
    assert!(refused.stdout.is_empty(), "{refused}");
    room.run(&["destroy", "--auto-approve"]).exits(5).says(&pid);
    // Reading needs no lock, and says what is going on.
    room.run(&["plan"]).exits(0).says("this is how far it is");
    room.run(&["output"]).exits(0);

    let mut waiting = Running::start(&room, &["apply", "--auto-approve", "--lock-timeout", "60"]);
    waiting.until_it_says(&pid);
    room.release("proceed");
    running.until_it_says("Done");
    running.finish().exits(0);
    waiting.finish().exits(0).says("Nothing to do");
}

#[test]
fn a_lock_dies_with_its_process() {
    let (room, mut running) = held();
    let mut waiting = Running::start(&room, &["apply", "--auto-approve", "--lock-timeout", "60"]);
    waiting.until_it_says(&format!("process {}", running.child.id()));
    room.switch(json!([])); // lets the held call go on, too
    kill(&mut running.child);
    waiting.finish().exits(0);
}

/// `triform cloud serve` over the data of a room whose own cloud is stopped.
struct Served {
    child: Child,
    address: String,
}

impl Served {
    fn start(room: &Room, listen: &str) -> Self {
        let mut command = room.bare_command(&["cloud", "serve", "--listen", listen]);
        let mut child = command.stderr(Stdio::inherit()).spawn().expect("starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("is piped")).read_line(&mut line).expect("text");
        let (_, rest) = line.split_once("http://").expect("its address");
        Self { child, address: rest.trim_end().trim_end_matches('.').to_owned() }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_cloud_that_is_killed_keeps_what_it_did() {
    let mut room = story::deployed();
    room.stop_cloud();
    let mut served = Served::start(&room, "127.0.0.1:0");
    room.talk_to(&served.address);
    room.switch(
        json!([{"name": "held", "operation": "UpdateFunction", "calls": 3, "when": "after", "do": "hold"}]),
    );
    let mut running = Running::start(&room, &ONE_BY_ONE);
    room.wait_until_held(&mut running.child);
    let done = room.cloud();
    kill(&mut served.child);
    let served = Served::start(&room, &served.address.clone());
    // The apply saw its answer lost. It reads until somebody answers, and goes on.
    running.finish().exits(0);
    let after = room.cloud();
    for name in ["both", "code", "memory"] {
        assert_eq!(after[name], done[name], "what was carried out was kept");
    }
    drop(served);
}
