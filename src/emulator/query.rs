//! The query of a request, read as the service reads it.
//!
//! Names and values are decoded as a form (a plus sign is a blank), booleans are read without case, and
//! parameters that hold lists are one JSON text each, with a plain word accepted as a list of one.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::Value;

use super::error::ApiError;

/// Everything but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Percent-encodes one name, value or path segment.
pub fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// Decodes one path segment; bytes that are no UTF-8 become the replacement character.
pub fn decode_segment(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// The parameters of a request, in the order sent.
#[derive(Clone, Debug, Default)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// Reads the text after `?`.
    pub fn parse(raw: &str) -> Self {
        let decode = |text: &str| decode_segment(&text.replace('+', " "));
        Self(
            raw.split('&')
                .filter(|pair| !pair.is_empty())
                .map(|pair| {
                    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                    (decode(name), decode(value))
                })
                .collect(),
        )
    }

    /// The form that signatures cover: sorted by name, encoded again.
    pub fn canonical(&self) -> String {
        let mut pairs = self.0.clone();
        pairs.sort();
        let pairs: Vec<String> =
            pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        pairs.join("&")
    }

    /// The first value of that name; an empty one counts as not given.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// Adds a parameter, unless there is one of that name.
    pub fn or_set(mut self, name: &str, value: Option<String>) -> Self {
        if let Some(value) = value
            && self.get(name).is_none()
        {
            self.0.push((name.to_owned(), value));
        }
        self
    }

    /// The parameters whose names start so, with the rest of their names.
    pub fn starting_with(&self, start: &str) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().filter_map(move |(name, value)| Some((name.strip_prefix(start)?, value.as_str())))
    }

    /// Whether a boolean is given and true.
    pub fn flag(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// A whole number between the bounds, or `default`.
    pub fn whole(&self, name: &str, default: usize, least: usize, most: usize) -> Result<usize, ApiError> {
        let Some(text) = self.get(name) else {
            return Ok(default);
        };
        text.parse()
            .ok()
            .filter(|number| (least..=most).contains(number))
            .ok_or_else(|| ApiError::invalid(format!("{name} must be a number between {least} and {most}")))
    }

    /// A parameter that holds JSON; text that is no JSON is taken as a string.
    pub fn json(&self, name: &str) -> Option<Value> {
        let text = self.get(name)?;
        Some(serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned())))
    }

    /// A parameter that holds a list of strings, or one string.
    pub fn texts(&self, name: &str) -> Vec<String> {
        match self.json(name) {
            Some(Value::Array(items)) => items
                .into_iter()
                .map(|item| match item {
                    Value::String(text) => text,
                    other => other.to_string(),
                })
                .collect(),
            Some(Value::String(text)) => vec![text],
            Some(other) => vec![other.to_string()],
            None => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plus_is_a_blank_and_names_sort_by_bytes() {
        let query = Query::parse("prefix=&alpha=2&Zeta=1&x=a+b%2Bc*~'()!");
        assert_eq!(query.canonical(), "Zeta=1&alpha=2&prefix=&x=a%20b%2Bc%2A~%27%28%29%21");
    }

    #[test]
    fn a_list_is_json_or_one_word() {
        let query = Query::parse("a=%5B%22x%22%2C%22y%22%5D&b=plain&All=True");
        assert_eq!(query.texts("a"), ["x", "y"]);
        assert_eq!(query.texts("b"), ["plain"]);
        assert!(query.texts("c").is_empty());
        assert!(query.flag("All"));
    }
}
