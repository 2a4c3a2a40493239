//! Aliases of the incumbent: entries of `~/.s/access.yaml`, and variables that hold one entry each.
//!
//! The file's values are encrypted under a passphrase that the incumbent publishes in its source. That hides
//! nothing, so reading them here gives nothing away; triform never writes the file. A value that does not
//! decrypt is taken as it stands.

use std::collections::BTreeMap;
use std::path::PathBuf;

use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeDecrypt, KeyIvInit};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};

use super::{Credentials, CredentialsError, Search, Secret, look};

const PASSPHRASE: &[u8] = b"SecretKey123";

type Entry = BTreeMap<String, String>;
type Entries = BTreeMap<String, Entry>;

/// Returns the key of an alias, where one of the places knows it.
pub(super) fn named(
    search: &Search<'_>,
    alias: &str,
    looked: &mut Vec<String>,
) -> Result<Option<Credentials>, CredentialsError> {
    if alias.ends_with("_serverless_devs_key") {
        look(looked, &format!("the variable {alias}"));
        if let Some(text) = search.variable(alias) {
            let place = format!("the variable {alias}");
            let entry: serde_json::Map<String, serde_json::Value> =
                serde_json::from_str(&text).map_err(|error| CredentialsError::Malformed {
                    place: place.clone(),
                    problem: shape(&error),
                })?;
            let entry = entry
                .into_iter()
                .filter_map(|(name, value)| match value {
                    serde_json::Value::String(text) => Some((name, text)),
                    serde_json::Value::Number(number) => Some((name, number.to_string())),
                    _ => None,
                })
                .collect();
            return credentials(&entry, place).map(Some);
        }
    }
    for (place, mut entries) in files(search, looked)? {
        if let Some(entry) = entries.remove(alias) {
            return credentials(&entry, format!("{place}, alias `{alias}`")).map(Some);
        }
    }
    Ok(None)
}

/// Returns the key of the alias that is marked as the default, or is called so.
pub(super) fn default(
    search: &Search<'_>,
    looked: &mut Vec<String>,
) -> Result<Option<Credentials>, CredentialsError> {
    for (place, mut entries) in files(search, looked)? {
        let marked = entries
            .iter()
            .find(|(_, entry)| entry.get("__default").is_some_and(|value| value == "true"))
            .map(|(alias, _)| alias.clone());
        let alias = marked.unwrap_or_else(|| "default".to_owned());
        if let Some(entry) = entries.remove(&alias) {
            return credentials(&entry, format!("{place}, alias `{alias}`")).map(Some);
        }
    }
    Ok(None)
}

/// Says what is wrong with a JSON text without quoting it: it may hold a secret.
fn shape(error: &serde_json::Error) -> String {
    format!("it is no JSON object (line {}, column {})", error.line(), error.column())
}

fn credentials(entry: &Entry, place: String) -> Result<Credentials, CredentialsError> {
    let get = |name: &str| entry.get(name).filter(|value| !value.is_empty()).cloned();
    let (Some(key_id), Some(secret)) = (get("AccessKeyID"), get("AccessKeySecret")) else {
        let problem = "it lacks AccessKeyID or AccessKeySecret".to_owned();
        return Err(CredentialsError::Malformed { place, problem });
    };
    Ok(Credentials {
        account: get("AccountID"),
        key_id,
        secret: Secret(secret),
        token: get("SecurityToken").map(Secret),
        place,
    })
}

/// Reads every access file that exists, decrypted: place and entries.
fn files(search: &Search<'_>, looked: &mut Vec<String>) -> Result<Vec<(String, Entries)>, CredentialsError> {
    let mut found = Vec::new();
    for folder in folders(search)? {
        for name in ["access.yaml", "access.yml"] {
            let path = folder.join(name);
            let Some(text) = search.file(&path, looked)? else { continue };
            let place = path.display().to_string();
            let raw: BTreeMap<String, BTreeMap<String, serde_yaml::Value>> = serde_yaml::from_str(&text)
                .map_err(|error| CredentialsError::Malformed {
                    place: place.clone(),
                    problem: match error.location() {
                        Some(at) => format!("it is no map of aliases (line {})", at.line()),
                        None => "it is no map of aliases".to_owned(),
                    },
                })?;
            let entries = raw
                .into_iter()
                .map(|(alias, entry)| {
                    let entry = entry
                        .into_iter()
                        .filter_map(|(name, value)| Some((name, plain(&scalar(value)?))))
                        .collect();
                    (alias, entry)
                })
                .collect();
            found.push((place, entries));
        }
    }
    Ok(found)
}

/// Returns the folders in which the incumbent may keep its file.
fn folders(search: &Search<'_>) -> Result<Vec<PathBuf>, CredentialsError> {
    if let Some(home) = search.variable("serverless_devs_config_home") {
        return Ok(vec![PathBuf::from(home).join(".s")]);
    }
    let Some(home) = search.home() else {
        return Ok(Vec::new());
    };
    let folder = home.join(".s");
    let config = folder.join("config").join("s.json");
    let mut unnoted = Vec::new(); // says where the file is, and is no place for a key itself
    let moved = search
        .file(&config, &mut unnoted)?
        .and_then(|text| serde_json::from_str::<serde_json::Value>(&text).ok())
        .and_then(|settings| settings.get("workspace")?.as_str().map(str::to_owned))
        .map(|folder| match folder.strip_prefix("~/") {
            Some(rest) => home.join(rest),
            None => PathBuf::from(folder),
        });
    Ok(moved.into_iter().chain([folder]).collect())
}

fn scalar(value: serde_yaml::Value) -> Option<String> {
    match value {
        serde_yaml::Value::String(text) => Some(text),
        serde_yaml::Value::Number(number) => Some(number.to_string()),
        serde_yaml::Value::Bool(value) => Some(value.to_string()),
        _ => None,
    }
}

/// Returns the decrypted value, or the value itself where it is not encrypted.
fn plain(value: &str) -> String {
    decrypt(value).unwrap_or_else(|| value.to_owned())
}

/// Decrypts OpenSSL's salted form: `Salted__`, eight bytes of salt, AES-256 in CBC mode.
fn decrypt(value: &str) -> Option<String> {
    let bytes = STANDARD.decode(value).ok()?;
    let (salt, sealed) = bytes.strip_prefix(b"Salted__")?.split_at_checked(8)?;
    let derived = derive(salt);
    let (key, iv) = derived.split_at(32);
    let cipher = cbc::Decryptor::<aes::Aes256>::new_from_slices(key, iv).ok()?;
    let mut buffer = sealed.to_vec();
    let text = cipher.decrypt_padded::<Pkcs7>(&mut buffer).ok()?;
    String::from_utf8(text.to_vec()).ok()
}

/// Derives 32 bytes of key and 16 of initial vector: OpenSSL's `EVP_BytesToKey` with MD5, one round.
fn derive(salt: &[u8]) -> [u8; 48] {
    let mut derived = [0; 48];
    let mut previous: Vec<u8> = Vec::new();
    for block in derived.chunks_exact_mut(16) {
        let mut hash = Md5::new();
        hash.update(&previous);
        hash.update(PASSPHRASE);
        hash.update(salt);
        previous = hash.finalize().to_vec();
        block.copy_from_slice(&previous);
    }
    derived
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value: &str, expected: &str) {
        assert_eq!(plain(value), expected);
    }

    #[test]
    fn the_published_vector() {
        check("U2FsdGVkX18BAgMEBQYHCCXTmcVhQ/7kTILN0HobOYg=", "testid");
    }

    #[test]
    fn what_does_not_decrypt_is_plain() {
        check("LTAI5tXXXX", "LTAI5tXXXX");
        check("U2FsdGVkX1", "U2FsdGVkX1");
        check("U2FsdGVkX18BAgMEBQYHCCXTmcVhQ/7kTILN0HobOYk=", "U2FsdGVkX18BAgMEBQYHCCXTmcVhQ/7kTILN0HobOYk=");
    }
}
