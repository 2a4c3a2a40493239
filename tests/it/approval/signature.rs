//! Signatures: ours are accepted by `ssh-keygen`, its own are accepted by us, and nothing else is.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use ssh_key::{Algorithm, HashAlg, LineEnding, PrivateKey, Signature, SshSig};
use triform::model::Digest;
use triform::plan::signature::{SignatureError, message, sign, verify};
use triform::plan::{AllowedSigners, PlanDigest};

/// Every kind of key that `ssh-keygen` makes without hardware.
pub const KEYS: [&[&str]; 5] = [
    &["-t", "ed25519"],
    &["-t", "rsa", "-b", "3072"],
    &["-t", "ecdsa", "-b", "256"],
    &["-t", "ecdsa", "-b", "384"],
    &["-t", "ecdsa", "-b", "521"],
];

/// Keys and files; gone when dropped.
pub struct Desk(tempfile::TempDir);

impl Desk {
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        std::fs::write(self.path(name), text).expect("writes");
        self.path(name)
    }

    /// Makes a key pair. A line of allowed signers for it is `signer`.
    pub fn key(&self, name: &str, kind: &[&str], passphrase: &str) -> PathBuf {
        let file = text(&self.path(name));
        run("ssh-keygen", &[kind, &["-q", "-C", name, "-N", passphrase, "-f", &file]].concat(), "");
        self.path(name)
    }

    /// Makes key pairs until there is one that can be read here, or one that cannot: OpenSSH cuts zeros in front of the
    /// private number of ECDSA, which the library does not expect.
    pub fn key_that_is(&self, readable: bool, name: &str, kind: &[&str]) -> PathBuf {
        loop {
            for file in [name.to_owned(), format!("{name}.pub")] {
                let _ = std::fs::remove_file(self.path(&file));
            }
            let path = self.key(name, kind, "");
            if PrivateKey::from_openssh(std::fs::read(&path).expect("a key")).is_ok() == readable {
                return path;
            }
        }
    }

    /// A line that allows a key to sign.
    pub fn signer(&self, name: &str, principal: &str, options: &str) -> String {
        let public = std::fs::read_to_string(self.path(&format!("{name}.pub"))).expect("a public key");
        format!("{principal} {options} {}\n", public.trim())
    }

    /// Signs as somebody does who has no triform.
    pub fn sign(&self, name: &str, namespace: &str, what: &str) -> String {
        let file = self.write("to-be-signed", what);
        let _ = std::fs::remove_file(self.path("to-be-signed.sig"));
        let key = text(&self.path(name));
        run("ssh-keygen", &["-q", "-Y", "sign", "-n", namespace, "-f", &key, &text(&file)], "");
        std::fs::read_to_string(self.path("to-be-signed.sig")).expect("a signature")
    }
}

/// Verifies as somebody does who has no triform.
pub fn keygen_accepts(signature: &Path, signers: &Path, principal: &str, what: &str) {
    let (signers, signature) = (text(signers), text(signature));
    let args = ["-Y", "verify", "-n", "triform-plan", "-f", &signers, "-I", principal, "-s", &signature];
    run("ssh-keygen", &args, what);
}

pub fn text(path: &Path) -> String {
    path.to_str().expect("text").to_owned()
}

/// Runs a program that has to succeed.
pub fn run(program: &str, args: &[&str], input: &str) {
    use std::io::Write;
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let started = command.env_remove("SSH_AUTH_SOCK").spawn();
    let mut child = started.unwrap_or_else(|error| panic!("{program}: {error}; run tests/prepare first"));
    child.stdin.take().expect("is piped").write_all(input.as_bytes()).expect("somebody reads");
    let output = child.wait_with_output().expect("ends");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {args:?}: {said}");
}

fn digest(of: &str) -> PlanDigest {
    PlanDigest(Digest::of(of.as_bytes()))
}

fn private(path: &Path) -> PrivateKey {
    PrivateKey::from_openssh(std::fs::read(path).expect("a key")).expect("a private key")
}

fn allowed(text: &str) -> AllowedSigners {
    AllowedSigners::parse(text, &TimeZone::UTC).expect("signers")
}

/// Verifies at noon of a day.
fn checked(plan: &str, signature: &str, signers: &str) -> Result<String, SignatureError> {
    let noon: Timestamp = "2026-11-22T12:00:00Z".parse().expect("a time");
    verify(digest(plan), signature.as_bytes(), &allowed(signers), noon).map(|signed| signed.to_string())
}

#[test]
fn both_ways_with_every_kind_of_key() {
    let desk = Desk::new();
    let mut signers = String::new();
    for (index, kind) in KEYS.iter().enumerate() {
        desk.key_that_is(true, &format!("key{index}"), kind);
        signers += &desk.signer(&format!("key{index}"), &format!("anna{index}@example.com"), "");
    }
    let file = desk.write("signers", &signers);
    for (index, kind) in KEYS.iter().enumerate() {
        let name = format!("key{index}");
        let principal = format!("anna{index}@example.com");
        // Numbers in a signature of ECDSA are shorter now and then.
        for round in 0..3 {
            let plan = format!("plan {round}");
            let line = message(digest(&plan));
            let ours = sign(digest(&plan), &private(&desk.path(&name))).expect("signs");
            keygen_accepts(&desk.write("ours.sig", &ours), &file, &principal, &line);
            for signature in [ours, desk.sign(&name, "triform-plan", &line)] {
                let by =
                    checked(&plan, &signature, &signers).unwrap_or_else(|error| panic!("{kind:?}: {error}"));
                assert!(by.starts_with(&format!("{principal} with SHA256:")), "{by}");
            }
        }
    }
}

#[test]
fn a_signature_counts_for_one_plan_one_purpose_and_one_key() {
    let desk = Desk::new();
    desk.key("anna", KEYS[0], "");
    desk.key("mallory", KEYS[0], "");
    let signers = desk.signer("anna", "anna@example.com", "");
    let line = message(digest("plan"));
    let signature = desk.sign("anna", "triform-plan", &line);
    assert!(checked("plan", &signature, &signers).is_ok());
    assert!(matches!(checked("another", &signature, &signers), Err(SignatureError::AnotherPlan { .. })));
    assert_eq!(
        checked("plan", &desk.sign("anna", "git", &line), &signers),
        Err(SignatureError::Namespace("git".to_owned()))
    );
    let mallory = desk.sign("mallory", "triform-plan", &line);
    assert!(matches!(checked("plan", &mallory, &signers), Err(SignatureError::UnknownKey(_))));
    // The digest without its line break is another message.
    let bare = desk.sign("anna", "triform-plan", line.trim());
    assert!(matches!(checked("plan", &bare, &signers), Err(SignatureError::AnotherPlan { .. })));
    for text in ["", "sha256:", "-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n"] {
        assert!(matches!(checked("plan", text, &signers), Err(SignatureError::Unreadable(_))), "{text}");
    }
    let mut changed = SshSig::from_pem(&signature).expect("a signature").signature_bytes().to_vec();
    changed[0] ^= 1;
    let key = private(&desk.path("anna")).public_key().key_data().clone();
    let changed = Signature::new(Algorithm::Ed25519, changed).expect("a signature");
    let changed = SshSig::new(key, "triform-plan", HashAlg::Sha512, changed).expect("a signature");
    let changed = changed.to_pem(LineEnding::LF).expect("a signature");
    assert!(matches!(checked("plan", &changed, &signers), Err(SignatureError::AnotherPlan { .. })));
}

#[test]
fn a_key_counts_as_its_line_says() {
    let desk = Desk::new();
    desk.key("anna", KEYS[0], "");
    let signature = desk.sign("anna", "triform-plan", &message(digest("plan")));
    let with = |options: &str| checked("plan", &signature, &desk.signer("anna", "anna@example.com", options));
    assert!(with("namespaces=\"triform-plan\",valid-before=\"20261123Z\"").is_ok());
    for options in ["namespaces=\"git\"", "valid-before=\"20261122Z\"", "valid-after=\"20261123Z\""] {
        assert!(matches!(with(options), Err(SignatureError::NotAllowed { .. })), "{options}");
    }
    // One line that lets the key in is enough.
    let two = desk.signer("anna", "old@example.com", "valid-before=\"20200101\"")
        + &desk.signer("anna", "anna@example.com", "");
    let by = checked("plan", &signature, &two).expect("counts");
    assert!(by.starts_with("anna@example.com with "), "{by}");
}

#[test]
fn rsa_with_sha_1_does_not_count() {
    let desk = Desk::new();
    desk.key("anna", KEYS[1], "");
    let signature = desk.sign("anna", "triform-plan", &message(digest("plan")));
    let signers = desk.signer("anna", "anna@example.com", "");
    assert!(checked("plan", &signature, &signers).is_ok());
    let old = renamed(&signature, b"rsa-sha2-512", b"ssh-rsa");
    assert!(matches!(checked("plan", &old, &signers), Err(SignatureError::Unreadable(_))));
}

/// Says of a signature that it is of another algorithm; lengths stand before the name and around both.
fn renamed(signature: &str, from: &[u8], to: &[u8]) -> String {
    let lines = signature.lines().filter(|line| !line.starts_with("-----"));
    let mut bytes = BASE64_STANDARD.decode(lines.collect::<String>()).expect("base64");
    let at = bytes.windows(from.len()).rposition(|window| window == from).expect("the name");
    let whole = u32::from_be_bytes(bytes[at - 8..at - 4].try_into().expect("a length"));
    let length = |length: usize| u32::try_from(length).expect("it is short").to_be_bytes();
    let whole = length(whole as usize + to.len() - from.len());
    bytes.splice(at - 8..at + from.len(), [&whole[..], &length(to.len()), to].concat());
    let text = BASE64_STANDARD.encode(bytes);
    let lines: Vec<&str> =
        text.as_bytes().chunks(70).map(|line| str::from_utf8(line).expect("text")).collect();
    format!("-----BEGIN SSH SIGNATURE-----\n{}\n-----END SSH SIGNATURE-----\n", lines.join("\n"))
}
