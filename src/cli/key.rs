//! The key that a plan is signed with: a private one, locked or not, or one that only an agent can use.
//!
//! A locked key is opened with the passphrase of a variable, else left to an agent that holds it, else opened with
//! what a person types. Hardware signs through an agent as well. The key itself is read, used and forgotten.

use std::path::Path;

use ssh_agent_client_rs::{Client, Identity};
use ssh_key::private::KeypairData;
use ssh_key::{PrivateKey, PublicKey};

use super::exit::Exit;
use super::out::{Out, Rest};
use crate::plan::{PlanDigest, signature};
use crate::render::text::plain;
use crate::sys::terminal::Hushed;

/// The variable that opens a locked key.
const PASSPHRASE: &str = "TRIFORM_KEY_PASSPHRASE";

/// A digest that was signed.
pub struct SignedBy {
    /// The signature's file.
    pub signature: String,
    /// The key.
    pub key: PublicKey,
}

/// Why nothing was signed, and the way out.
struct Refused(String, &'static str);

/// Signs a digest with the key of a file.
pub fn sign(out: &Out, path: &Path, digest: PlanDigest) -> Result<SignedBy, Exit> {
    sign_with(out, path, digest).map_err(|Refused(what, help)| {
        out.error(&plain(&what), &[Rest::Help(help)]);
        Exit::Error
    })
}

fn sign_with(out: &Out, path: &Path, digest: PlanDigest) -> Result<SignedBy, Refused> {
    let name = path.display();
    let bytes = std::fs::read(path).map_err(|error| {
        let help = "name a private key of OpenSSH, or the public half of one that your agent holds; nothing was signed";
        Refused(format!("could not read the key `{name}`: {error}"), help)
    })?;
    let private = match PrivateKey::from_openssh(&bytes) {
        Ok(private) => private,
        Err(error) => return by_agent(public_half(&bytes, &name, &error)?, digest),
    };
    let public = private.public_key().clone();
    let private = match private.key_data() {
        KeypairData::SkEd25519(_) | KeypairData::SkEcdsaSha2NistP256(_) => return by_agent(public, digest),
        KeypairData::Encrypted(_) => match std::env::var(PASSPHRASE) {
            Ok(passphrase) => open(&private, &passphrase)?,
            Err(_) => match (by_agent(public.clone(), digest), out.terminal.stdin && out.terminal.stderr) {
                (Ok(signed), _) => return Ok(signed),
                (Err(_), true) => open(&private, &asked(&name)?)?,
                (Err(Refused(why, _)), false) => {
                    let help = "set TRIFORM_KEY_PASSPHRASE, or add the key to an agent with ssh-add; nothing was signed";
                    return Err(Refused(format!("the key `{name}` is locked, and {why}"), help));
                }
            },
        },
        _ => private,
    };
    let signature = signature::sign(digest, &private).map_err(|error| {
        let help = "sign with another key, or with ssh-keygen as docs/approval.md shows; nothing was signed";
        Refused(format!("the key `{name}` cannot sign: {error}"), help)
    })?;
    Ok(SignedBy { signature, key: public })
}

/// Reads what is no private key as a public one.
fn public_half(
    bytes: &[u8],
    name: &std::path::Display<'_>,
    error: &ssh_key::Error,
) -> Result<PublicKey, Refused> {
    let text = String::from_utf8_lossy(bytes);
    PublicKey::from_openssh(text.trim()).map_err(|_| {
        if text.contains("BEGIN OPENSSH PRIVATE KEY") {
            // The library expects every private number of ECDSA at its full length; OpenSSH cuts zeros in front.
            let help = "some keys of ECDSA can be used only through an agent: add it with ssh-add and name its public half, \
                        or sign with ssh-keygen as docs/approval.md shows; nothing was signed";
            return Refused(format!("the key `{name}` cannot be read here: {error}"), help);
        }
        let help = "`ssh-keygen -p -f KEY` writes it anew in the format of OpenSSH; nothing was signed";
        Refused(format!("`{name}` is no key in the format of OpenSSH"), help)
    })
}

fn open(private: &PrivateKey, passphrase: &str) -> Result<PrivateKey, Refused> {
    private.decrypt(passphrase).map_err(|_| {
        Refused("the passphrase does not open the key".to_owned(), "try again; nothing was signed")
    })
}

/// Asks for the passphrase, without an echo.
fn asked(name: &std::path::Display<'_>) -> Result<String, Refused> {
    let prompt = plain(&format!("Passphrase of {name}: "));
    Hushed::begin().and_then(|_hushed| rpassword::prompt_password(prompt)).map_err(|error| {
        Refused(
            format!("no passphrase could be asked for: {error}"),
            "set TRIFORM_KEY_PASSPHRASE; nothing was signed",
        )
    })
}

/// Has the agent sign that the environment names.
fn by_agent(key: PublicKey, digest: PlanDigest) -> Result<SignedBy, Refused> {
    let help = "start an agent and add the key with ssh-add, or sign with ssh-keygen as docs/approval.md shows; nothing \
                was signed";
    let refused = |what: String| Refused(what, help);
    let socket = std::env::var_os("SSH_AUTH_SOCK").filter(|socket| !socket.is_empty());
    let socket = socket.ok_or_else(|| refused("no agent runs here: SSH_AUTH_SOCK is not set".to_owned()))?;
    let fail = |error: ssh_agent_client_rs::Error| refused(format!("the agent did not sign: {error}"));
    let mut agent = Client::connect(Path::new(&socket)).map_err(fail)?;
    let held = agent.list_all_identities().map_err(fail)?;
    let is_held = |identity: &Identity<'_>| match identity {
        Identity::PublicKey(held) => held.key_data() == key.key_data(),
        Identity::Certificate(_) => false,
    };
    if !held.iter().any(is_held) {
        let name = signature::fingerprint(key.key_data());
        return Err(refused(format!("the agent does not hold the key {name}")));
    }
    let unsigned = |error: ssh_key::Error| refused(format!("the signature could not be made: {error}"));
    let data = signature::to_be_signed(digest).map_err(unsigned)?;
    let signed = agent.sign(&key, &data).map_err(fail)?;
    let signature = signature::assembled(&key, signed).map_err(unsigned)?;
    Ok(SignedBy { signature, key })
}
