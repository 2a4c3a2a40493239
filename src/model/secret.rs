//! Secrets: recognised by name, compared by keyed digest, never shown.
//!
//! A secret value is replaced by a digest keyed with one salt per state and with the identity and path of its
//! place, before anything is compared. So the diff, the plan, the state and every renderer work on digests
//! and could not leak a value if they tried. The digest hides a secret; it does not protect a guessable one.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::{Attributes, Digest, Identity, Part, Path, Schema, Value};

/// Which names of environment variables look secret.
#[derive(Clone, Debug)]
pub struct SecretNames {
    words: Vec<String>,
}

impl Default for SecretNames {
    /// Returns the documented list: a name is secret when one of its words is one of these.
    fn default() -> Self {
        const WORDS: [&str; 19] = [
            "SECRET",
            "PASSWORD",
            "PASSWD",
            "PASSPHRASE",
            "PWD",
            "TOKEN",
            "APIKEY",
            "CREDENTIAL",
            "CREDENTIALS",
            "PRIVATEKEY",
            "ACCESSKEY",
            "ACCESSKEYSECRET",
            "SECRETKEY",
            "AUTH",
            "DSN",
            "SIGNATURE",
            "SALT",
            "KEY",
            "CONNECTIONSTRING",
        ];
        Self { words: WORDS.map(str::to_owned).to_vec() }
    }
}

impl SecretNames {
    /// Adds names or words that a project calls secret.
    pub fn extend(&mut self, names: impl IntoIterator<Item = String>) {
        self.words.extend(names.into_iter().map(|name| name.to_uppercase()));
    }

    /// Returns whether a variable's name looks secret: `DB_PASSWORD`, `apiKey`, `STRIPE_SECRET_KEY`.
    pub fn matches(&self, name: &str) -> bool {
        let words = split_words(name);
        let joined: Vec<String> = words.windows(2).map(<[std::string::String]>::concat).collect();
        let whole = name.to_uppercase();
        let singular = |word: &str| {
            word.strip_suffix('S').is_some_and(|word| self.words.iter().any(|known| known == word))
        };
        let secret = |word: &String| self.words.contains(word) || singular(word);
        secret(&whole) || words.iter().any(secret) || joined.iter().any(secret)
    }
}

/// Splits `DB_PASSWORD`, `dbPassword` and `db-password` into upper-case words.
fn split_words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut previous = None::<char>;
    for character in name.chars() {
        let starts = !character.is_alphanumeric()
            || (character.is_uppercase()
                && previous.is_some_and(|before| before.is_lowercase() || before.is_numeric()));
        if starts && words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
        if character.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(character.to_uppercase());
        }
        previous = Some(character);
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Replaces secrets by digests.
#[derive(Clone)]
pub struct Sealer {
    salt: Vec<u8>,
    names: SecretNames,
}

impl Sealer {
    /// Returns a sealer with a state's salt.
    pub fn new(salt: impl Into<Vec<u8>>, names: SecretNames) -> Self {
        Self { salt: salt.into(), names }
    }

    /// Returns whether the value at this place is a secret.
    pub fn is_secret(&self, schema: &Schema, path: &Path) -> bool {
        let by_schema = schema.attribute(path).is_some_and(|(attribute, _)| attribute.secret);
        let by_name = matches!(path.parts(), [Part::Field(field), Part::Key(key)] if field == "environmentVariables" && self.names.matches(key));
        by_schema || by_name
    }

    /// Returns the digest that stands for a value at its place.
    pub fn seal(&self, identity: &Identity, path: &Path, value: &Value) -> Value {
        let Value::Text(text) = value else {
            return if matches!(value, Value::Sealed(_)) {
                value.clone()
            } else {
                self.seal_text(identity, path, &format!("{value:?}"))
            };
        };
        self.seal_text(identity, path, text)
    }

    fn seal_text(&self, identity: &Identity, path: &Path, text: &str) -> Value {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.salt).expect("HMAC takes a key of any length");
        for piece in [&format!("{identity:?}"), &path.to_string(), text] {
            mac.update(&(piece.len() as u64).to_le_bytes());
            mac.update(piece.as_bytes());
        }
        Value::Sealed(Digest::from_bytes(mac.finalize().into_bytes().into()))
    }

    /// Returns the attributes with every secret replaced by its digest.
    pub fn seal_all(&self, schema: &Schema, identity: &Identity, attributes: &Attributes) -> Attributes {
        attributes
            .iter()
            .map(|(path, value)| {
                let secret = !path.is_code() && self.is_secret(schema, path);
                (path.clone(), if secret { self.seal(identity, path, value) } else { value.clone() })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, secret: bool) {
        assert_eq!(SecretNames::default().matches(name), secret, "{name}");
    }

    #[test]
    fn names_that_look_secret() {
        for name in [
            "PASSWORD",
            "DB_PASSWORD",
            "dbPassword",
            "apiKey",
            "API_KEY",
            "STRIPE_SECRET_KEY",
            "accessKeySecret",
            "GITHUB_TOKEN",
            "MYSQL_PWD",
            "SIGNING_KEY",
            "apiKeys",
            "CONNECTION_STRING",
        ] {
            check(name, true);
        }
    }

    #[test]
    fn names_that_do_not() {
        for name in ["LOG_LEVEL", "KEYBOARD", "TOKENIZER", "AUTHOR", "MONKEY", "PATH", "TZ"] {
            check(name, false);
        }
    }
}
