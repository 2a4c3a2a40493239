//! Values as JSON, in states, journals and saved plans.
//!
//! Values are written as JSON writes them; what JSON has no form for stands in an object with one key that
//! starts with `$`: `{"$sealed": …}` for a secret's digest, `{"$file": …}` for a file of the code. Names (addresses,
//! paths, digests) are written as people write them.

use std::collections::BTreeMap;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::model::{Address, Digest, FileEntry, FileKind, Number, Path, Value};

/// Writes a value.
pub(super) fn to_json(value: &Value) -> serde_json::Value {
    use serde_json::json;
    match value {
        Value::Bool(value) => json!(value),
        Value::Number(number) => match number.as_integer() {
            Some(integer) => json!(integer),
            None => json!(number.get()),
        },
        Value::Text(text) => json!(text),
        Value::List(items) => serde_json::Value::Array(items.iter().map(to_json).collect()),
        Value::Map(map) => {
            let map: serde_json::Map<_, _> =
                map.iter().map(|(key, value)| (key.clone(), to_json(value))).collect();
            json!({ "$map": map })
        }
        Value::Sealed(digest) => json!({ "$sealed": digest.to_string() }),
        Value::File(FileEntry { kind, digest, size }) => {
            let kind = match kind {
                FileKind::Regular => "file",
                FileKind::Executable => "executable",
                FileKind::Symlink => "symlink",
            };
            json!({ "$file": format!("{kind} {digest} {size}") })
        }
        Value::Package(digest) => json!({ "$package": digest.to_string() }),
    }
}

/// Writes values by name, as the state writes them.
pub fn to_json_map(values: &BTreeMap<String, Value>) -> serde_json::Value {
    serde_json::Value::Object(values.iter().map(|(name, value)| (name.clone(), to_json(value))).collect())
}

/// Reads what [`to_json`] wrote.
pub(super) fn from_json(json: serde_json::Value) -> Result<Value, String> {
    use serde_json::Value as Json;
    match json {
        Json::Bool(value) => Ok(Value::Bool(value)),
        Json::Number(number) => {
            let number =
                number.as_f64().and_then(Number::new).ok_or_else(|| format!("the number {number}"))?;
            Ok(Value::Number(number))
        }
        Json::String(text) => Ok(Value::Text(text)),
        Json::Array(items) => Ok(Value::List(items.into_iter().map(from_json).collect::<Result<_, _>>()?)),
        Json::Object(object) => {
            let mut entries = object.into_iter();
            match (entries.next(), entries.next()) {
                (Some((tag, inner)), None) => from_tagged(&tag, inner),
                _ => Err("an object that is no value".to_owned()),
            }
        }
        Json::Null => Err("a null".to_owned()),
    }
}

fn from_tagged(tag: &str, inner: serde_json::Value) -> Result<Value, String> {
    use serde_json::Value as Json;
    match (tag, inner) {
        ("$map", Json::Object(map)) => {
            let entries = map.into_iter().map(|(key, value)| Ok((key, from_json(value)?)));
            Ok(Value::Map(entries.collect::<Result<_, String>>()?))
        }
        ("$sealed", Json::String(hex)) => Ok(Value::Sealed(parse(&hex)?)),
        ("$package", Json::String(hex)) => Ok(Value::Package(parse(&hex)?)),
        ("$file", Json::String(words)) => {
            let mut words = words.split(' ');
            let kind = match words.next() {
                Some("file") => FileKind::Regular,
                Some("executable") => FileKind::Executable,
                Some("symlink") => FileKind::Symlink,
                _ => return Err("a file of no known kind".to_owned()),
            };
            let digest = parse(words.next().unwrap_or_default())?;
            let size = parse(words.next().unwrap_or_default())?;
            Ok(Value::File(FileEntry { kind, digest, size }))
        }
        (tag, _) => Err(format!("a value of the unknown kind `{tag}`")),
    }
}

pub(super) fn parse<T: std::str::FromStr<Err: std::fmt::Display>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error: T::Err| format!("`{text}`: {error}"))
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        to_json(self).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        from_json(serde_json::Value::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// Names are texts, in either direction.
macro_rules! as_text {
    ($($name:ty),+) => {$(
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
            }
        }
    )+};
}

as_text!(Address, Path, Digest);
