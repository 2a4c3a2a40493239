//! A plan's digest, signed: in the format of `ssh-keygen -Y sign`, so that everybody's keys and tools will do.
//!
//! What is signed is the line that a plan's digest is, in a namespace of its own, so that no signature that was made
//! for anything else can approve a plan. Keys are taken as they are: reading them, unlocking them and asking an
//! agent is done above the waterline.

use std::fmt;

use jiff::Timestamp;
use rsa::pkcs1v15::SigningKey;
use rsa::sha2::Sha512;
use rsa::signature::{SignatureEncoding, Signer};
use rsa::{BigUint, RsaPrivateKey};
use ssh_key::private::{KeypairData, RsaKeypair};
use ssh_key::public::KeyData;
use ssh_key::{Algorithm, Fingerprint, HashAlg, LineEnding, Mpint, PrivateKey, PublicKey, Signature, SshSig};

use super::signers::{AllowedSigners, NotAllowed};
use crate::plan::PlanDigest;

/// What the signature is for: `ssh-keygen -Y sign -n triform-plan`.
pub const NAMESPACE: &str = "triform-plan";

/// The hash that is signed in place of the line.
const HASH: HashAlg = HashAlg::Sha512;

/// A signature that counts. Holding one is the proof: there is no other way to make it than [`verify`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    digest: PlanDigest,
    principals: String,
    key: String,
}

/// Why a signature does not approve a plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// It is no SSH signature, or one of RSA with SHA-1.
    #[error("it cannot be read as an SSH signature of an algorithm that counts: {0}")]
    Unreadable(String),
    /// It was made for something else.
    #[error("it was made for the namespace `{0}`, and plans are signed in `{NAMESPACE}`")]
    Namespace(String),
    /// Its algorithm is unknown here.
    #[error("its algorithm, {0}, does not count")]
    Algorithm(String),
    /// Nobody in the file has this key.
    #[error("its key is none of the allowed signers': {0}")]
    UnknownKey(String),
    /// The key is right, and it signed something else.
    #[error("it is not of this plan: {principals} signed another one with {key}, or it was changed")]
    AnotherPlan {
        /// Whose key it is.
        principals: String,
        /// Its fingerprint.
        key: String,
    },
    /// The key is right and so is the signature, and it does not count.
    #[error("{principals} signed it with {key}, which does not count")]
    NotAllowed {
        /// Whose key it is.
        principals: String,
        /// Its fingerprint.
        key: String,
        /// Why not.
        #[source]
        source: NotAllowed,
    },
}

impl Signed {
    /// Returns the plan that was signed.
    pub fn digest(&self) -> PlanDigest {
        self.digest
    }
}

impl fmt::Display for Signed {
    /// Says by whom, and with which key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} with {}", self.principals, self.key)
    }
}

/// Returns what is signed: the digest, and a line break.
pub fn message(digest: PlanDigest) -> String {
    format!("{digest}\n")
}

/// Returns the name of a key that people know it by.
pub fn fingerprint(key: &KeyData) -> String {
    Fingerprint::new(HashAlg::Sha256, key).to_string()
}

/// Signs a digest. Fails with keys that only an agent can use.
pub fn sign(digest: PlanDigest, key: &PrivateKey) -> ssh_key::Result<String> {
    let signature = match key.key_data() {
        KeypairData::Rsa(pair) => sign_rsa(pair, &to_be_signed(digest)?)?,
        pair => pair.try_sign(&to_be_signed(digest)?)?,
    };
    assembled(key.public_key(), signature)
}

/// Signs with a key of RSA, as the library does with every other kind.
fn sign_rsa(pair: &RsaKeypair, data: &[u8]) -> ssh_key::Result<Signature> {
    let (public, private) = (&pair.public, &pair.private);
    let number = |number: &Mpint| BigUint::try_from(number);
    let primes = vec![number(&private.p)?, number(&private.q)?];
    let key =
        RsaPrivateKey::from_components(number(&public.n)?, number(&public.e)?, number(&private.d)?, primes)
            .map_err(|_| ssh_key::Error::Crypto)?;
    let signature = SigningKey::<Sha512>::new(key).try_sign(data)?;
    Signature::new(Algorithm::Rsa { hash: Some(HashAlg::Sha512) }, signature.to_vec())
}

/// Returns what an agent is asked to sign for a digest.
pub fn to_be_signed(digest: PlanDigest) -> ssh_key::Result<Vec<u8>> {
    SshSig::signed_data(NAMESPACE, HASH, message(digest).as_bytes())
}

/// Makes a signature file of what a key answered to [`to_be_signed`].
pub fn assembled(key: &PublicKey, signature: Signature) -> ssh_key::Result<String> {
    SshSig::new(key.key_data().clone(), NAMESPACE, HASH, signature)?.to_pem(LineEnding::LF)
}

/// Returns the signature as a proof, if it is of this plan and made by somebody who may.
pub fn verify(
    digest: PlanDigest,
    signature: &[u8],
    signers: &AllowedSigners,
    now: Timestamp,
) -> Result<Signed, SignatureError> {
    let signature =
        SshSig::from_pem(signature).map_err(|error| SignatureError::Unreadable(error.to_string()))?;
    if signature.namespace() != NAMESPACE {
        return Err(SignatureError::Namespace(signature.namespace().to_owned()));
    }
    match signature.algorithm() {
        Algorithm::Ed25519
        | Algorithm::SkEd25519
        | Algorithm::Ecdsa { .. }
        | Algorithm::SkEcdsaSha2NistP256
        | Algorithm::Rsa { hash: Some(_) } => {}
        other => return Err(SignatureError::Algorithm(other.to_string())),
    }
    let key = signature.public_key();
    let name = fingerprint(key);
    let mut lines = signers.of(key).peekable();
    let Some(first) = lines.peek() else { return Err(SignatureError::UnknownKey(name)) };
    let public = PublicKey::from(key.clone());
    if public.verify(NAMESPACE, message(digest).as_bytes(), &signature).is_err() {
        return Err(SignatureError::AnotherPlan { principals: first.principals.clone(), key: name });
    }
    let mut refused = None;
    for signer in lines {
        let principals = signer.principals.clone();
        match signer.check(NAMESPACE, now) {
            Ok(()) => return Ok(Signed { digest, principals, key: name }),
            Err(source) => {
                refused.get_or_insert(SignatureError::NotAllowed { principals, key: name.clone(), source });
            }
        }
    }
    Err(refused.unwrap_or(SignatureError::UnknownKey(name)))
}
