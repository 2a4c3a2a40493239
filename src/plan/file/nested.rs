//! An option in an option, which JSON's `null` cannot tell apart: `[]`, `[null]`, `[value]`.

#![allow(clippy::ref_option, reason = "the signature is the one that the attribute calls")]

use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub fn serialize<T: Serialize, S: Serializer>(
    value: &Option<Option<T>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(value)
}

pub fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    let mut values = Vec::<Option<T>>::deserialize(deserializer)?;
    if values.len() > 1 {
        return Err(serde::de::Error::invalid_length(values.len(), &"at most one value"));
    }
    Ok(values.pop())
}
