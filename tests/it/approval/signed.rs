//! A saved plan that has to be signed: by the program, by `ssh-keygen`, by an agent, and by nobody who may not.

use std::process::{Child, Command, Stdio};

use triform::model::{Path as Place, Planned, Value};
use triform::plan::{Action, file};

use super::refused;
use super::signature::{Desk, KEYS, keygen_accepts, run, text};
use crate::room::{Ran, Room, finish, kill, until};
use crate::situations::PROJECT;
use crate::support::World;

const PLAN: &str = "plan.triform";
const SIGNATURE: &str = "plan.triform.sig";
const ANNA: &str = "anna@example.com";

/// The project with a saved plan, and the keys of somebody who may sign it.
struct Case {
    room: Room,
    desk: Desk,
}

impl Case {
    fn new() -> Self {
        let case = Self { room: Room::new(PROJECT), desk: Desk::new() };
        case.room.run(&["plan", "-o", PLAN]).exits(0);
        case.desk.key("anna", KEYS[0], "");
        case.allow(&case.desk.signer("anna", ANNA, ""));
        case
    }

    fn allow(&self, signers: &str) {
        self.room.write("signers", signers);
    }

    /// What is signed: as it is printed.
    fn digest(&self, plan: &str) -> String {
        self.room.run(&["show", "--digest", plan]).exits(0).stdout
    }

    #[track_caller]
    fn approves(&self, plan: &str, key: &str) -> Ran {
        self.room.run(&["approve", plan, "--key", &text(&self.desk.path(key))])
    }

    /// Demands that the plan is refused, in these words.
    #[track_caller]
    fn refuses(&self, words: &str) {
        refused(&self.room, &["apply", PLAN, "--allowed-signers", "signers"], 6).says(words);
        // Nothing else makes up for it.
        let digest = self.digest(PLAN);
        let args = ["apply", PLAN, "-y", "--approve", digest.trim(), "--allowed-signers", "signers"];
        refused(&self.room, &args, 6).says(words);
    }
}

#[test]
fn a_plan_that_was_signed_is_applied() {
    let case = Case::new();
    let ran = case.approves(PLAN, "anna").exits(0).says("create 2");
    let digest = case.digest(PLAN);
    ran.says(&format!("Signed {}", digest.trim()));
    keygen_accepts(&case.room.path(SIGNATURE), &case.room.path("signers"), ANNA, &digest);
    let ran = case.room.run(&["apply", PLAN, "--allowed-signers", "signers"]).exits(0);
    ran.says(&format!("Approved by {ANNA} with SHA256:"));
    assert_eq!(case.room.cloud().len(), 2);
}

#[test]
fn a_signature_that_ssh_keygen_made_counts_wherever_it_is() {
    let case = Case::new();
    let signature = case.desk.sign("anna", "triform-plan", &case.digest(PLAN));
    case.room.write("elsewhere", &signature);
    let mut command = case.room.command(&["apply", PLAN]);
    command.env("TRIFORM_ALLOWED_SIGNERS", "signers").env("TRIFORM_SIGNATURE", "elsewhere");
    finish(command).exits(0);

    // A plan that is made again is the plan that was signed.
    let case = Case::new();
    refused(&case.room, &["apply", "--allowed-signers", "signers"], 6).says("the plan is not signed");
    case.approves(PLAN, "anna").exits(0);
    case.room.run(&["apply", "--allowed-signers", "signers", "--signature", SIGNATURE]).exits(0);
}

#[test]
fn every_other_signature_is_refused_in_words_of_its_own() {
    let case = Case::new();
    let digest = case.digest(PLAN);
    case.refuses("the plan's signature `plan.triform.sig` cannot be read");
    case.room.write(SIGNATURE, "yes\n");
    case.refuses("cannot be read as an SSH signature");
    case.room.write(SIGNATURE, &case.desk.sign("anna", "git", &digest));
    case.refuses("it was made for the namespace `git`");
    case.desk.key("mallory", KEYS[0], "");
    case.approves(PLAN, "mallory").exits(0);
    case.refuses("its key is none of the allowed signers': SHA256:");

    case.room.write("s.yaml", &PROJECT[0].1.replace("timeout: 10", "timeout: 20"));
    case.room.run(&["plan", "-o", "another.triform"]).exits(0);
    case.approves("another.triform", "anna").exits(0);
    std::fs::copy(case.room.path("another.triform.sig"), case.room.path(SIGNATURE)).expect("copies");
    case.refuses("it is not of this plan");

    case.approves(PLAN, "anna").exits(0);
    case.allow(&case.desk.signer("anna", ANNA, "valid-before=\"20200101Z\""));
    case.refuses("the key was valid only until 2020-01-01T00:00:00Z");
    case.allow(&case.desk.signer("anna", ANNA, "namespaces=\"git\""));
    case.refuses("the key may not sign plans");
    case.allow(&case.desk.signer("anna", ANNA, "cert-authority"));
    let args = ["apply", PLAN, "--allowed-signers", "signers"];
    refused(&case.room, &args, 1).says("line 1: `cert-authority` is not supported");
    refused(&case.room, &["apply", PLAN, "--allowed-signers", "nobody"], 1).says("could not read");
}

#[test]
fn a_plan_that_was_edited_and_hashed_again_is_another_plan() {
    let case = Case::new();
    let reviewed = case.digest(PLAN);
    case.approves(PLAN, "anna").exits(0);
    let mut document = file::read(&std::fs::read(case.room.path(PLAN)).expect("a file")).expect("a plan");
    let function = document.plan.changes.values_mut().find(|change| change.identity.parent.is_none());
    let memory = Planned::Known(Value::int(3072));
    function.expect("a function").desired.insert(Place::field("memorySize"), memory);
    std::fs::write(case.room.path(PLAN), file::write(&document).expect("packs")).expect("writes");
    case.room.run(&["show", PLAN]).exits(0).says("3072");

    let ran = refused(&case.room, &["apply", PLAN, "--approve", reviewed.trim()], 6);
    ran.says("another plan was approved").says(&format!("approved {}", reviewed.trim()));
    case.refuses("it is not of this plan");
}

#[test]
fn a_plan_that_hides_what_it_does_is_no_plan() {
    let case = Case::new();
    case.room.run(&["apply", "-y"]).exits(0);
    case.room.run(&["plan", "--destroy", "-o", PLAN]).exits(0);
    let mut document = file::read(&std::fs::read(case.room.path(PLAN)).expect("a file")).expect("a plan");
    for change in document.plan.changes.values_mut() {
        change.action = Action::Keep;
    }
    assert!(document.plan.is_empty() && !document.plan.steps.is_empty());
    std::fs::write(case.room.path(PLAN), file::write(&document).expect("packs")).expect("writes");
    refused(&case.room, &["apply", PLAN], 1).says("its steps are not what its changes take");
}

#[test]
fn a_plan_with_open_decisions_is_not_signed() {
    let case = Case::new();
    case.room.run(&["apply", "-y"]).exits(0);
    let edit = serde_json::json!({"memorySize": 1024});
    case.room.console("PUT", "functions/hello", Some(edit));
    case.room.run(&["plan", "-o", PLAN]).exits(0);
    case.approves(PLAN, "anna").exits(3).says("nothing was signed");
    assert!(!case.room.path(SIGNATURE).exists());
}

#[test]
fn a_locked_key_is_opened_or_nothing_is_signed() {
    let case = Case::new();
    let key = text(&case.desk.key("locked", KEYS[0], "open sesame"));
    case.allow(&case.desk.signer("locked", ANNA, ""));
    case.approves(PLAN, "locked").exits(1).says("TRIFORM_KEY_PASSPHRASE");
    for (passphrase, code) in [("wrong", 1), ("open sesame", 0)] {
        let mut command = case.room.command(&["approve", PLAN, "--key", &key]);
        command.env("TRIFORM_KEY_PASSPHRASE", passphrase);
        let ran = finish(command).exits(code);
        assert!(!format!("{ran}").contains("sesame"), "{ran}");
        assert_eq!(case.room.path(SIGNATURE).exists(), code == 0);
    }
    case.room.run(&["apply", PLAN, "--allowed-signers", "signers"]).exits(0);
    case.desk.key_that_is(false, "short", KEYS[4]);
    case.approves(PLAN, "short").exits(1).says("name its public half");
    for file in ["code/index.py", "nowhere"] {
        case.room.run(&["approve", PLAN, "--key", file]).exits(1).says("nothing was signed");
    }
}

#[test]
fn a_passphrase_is_asked_for_and_never_shown() {
    let world = World::new(PROJECT);
    let desk = Desk::new();
    let key = text(&desk.key("locked", KEYS[0], "open sesame"));
    world.run(&["plan", "-o", PLAN]).exits(0);
    let mut terminal = world.terminal(&["approve", PLAN, "--key", &key]);
    terminal.answers("Passphrase of ", "open sesame");
    let seen = terminal.exits(0);
    assert!(seen.contains("Signed sha256:") && !seen.contains("sesame"), "{seen}");
    assert!(world.path(SIGNATURE).exists());
}

#[test]
fn an_agent_signs_with_the_keys_that_it_holds() {
    let case = Case::new();
    let socket = text(&case.desk.path("agent"));
    let mut agent = Agent::start(&socket);
    until("the agent listens", || case.desk.path("agent").exists());
    let approve = |key: &str, code| {
        let key = text(&case.desk.path(key));
        let mut command = case.room.command(&["approve", PLAN, "--key", &key]);
        command.env("SSH_AUTH_SOCK", &socket);
        finish(command).exits(code)
    };
    approve("anna.pub", 1).says("the agent does not hold the key SHA256:");
    for (index, kind) in KEYS[..3].iter().enumerate() {
        let name = format!("held{index}");
        let key = text(&case.desk.key(&name, kind, ""));
        run("env", &[&format!("SSH_AUTH_SOCK={socket}"), "ssh-add", "-q", &key], "");
        approve(&format!("{name}.pub"), 0);
        case.allow(&case.desk.signer(&name, ANNA, ""));
        keygen_accepts(&case.room.path(SIGNATURE), &case.room.path("signers"), ANNA, &case.digest(PLAN));
    }
    case.room.run(&["apply", PLAN, "--allowed-signers", "signers"]).exits(0);
    kill(&mut agent.0);
    approve("held0.pub", 1).says("the agent did not sign");
    case.approves(PLAN, "held0.pub").exits(1).says("SSH_AUTH_SOCK is not set");
}

/// An agent that holds nothing yet; gone when dropped.
struct Agent(Child);

impl Agent {
    fn start(socket: &str) -> Self {
        let mut command = Command::new("ssh-agent");
        command.args(["-D", "-a", socket]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Self(command.spawn().expect("an agent; run tests/prepare first"))
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        kill(&mut self.0);
    }
}
