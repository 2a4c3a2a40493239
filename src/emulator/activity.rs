//! The activity list: every call that changed something, by whom, when, and what it changed.
//!
//! An entry is written in the transaction of its change, so that there is never one without the other. Of the values
//! that the API shows, those that differ are kept, shortened; what it never shows (private keys) is not.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::store::{StoreError, Touched, Writer};
use super::world::{Document, Map};

/// How many entries are kept.
pub const KEPT: u64 = 1000;

/// How much of one value is kept.
const VALUE_BYTES: usize = 500;

/// How many differences of one call are kept.
const DIFFERENCES: usize = 50;

/// Who changes something, and by which call.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Deed {
    /// The id of an access key; none is somebody in the console.
    pub access_key: Option<String>,
    /// Such as `UpdateFunction`.
    pub operation: String,
    /// What it is about: names joined by slashes.
    pub subject: String,
    /// Where.
    pub region: String,
    /// When.
    pub time: String,
}

/// One value that is another now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// Such as `environmentVariables.LOG_LEVEL`.
    pub path: String,
    /// What it was; nothing when it was not there.
    pub before: Option<String>,
    /// What it is; nothing when it is gone.
    pub after: Option<String>,
}

/// An entry of the list.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// Who and what.
    #[serde(flatten)]
    pub deed: Deed,
    /// What it changed.
    pub differences: Vec<Difference>,
}

/// Notes what a change did, if it did anything that can be seen.
pub fn note(writer: &mut Writer<'_>, deed: Deed) -> Result<(), StoreError> {
    let mut differences: Vec<Difference> = writer.touched().iter().flat_map(compare).collect();
    differences.truncate(DIFFERENCES);
    if differences.is_empty() {
        return Ok(());
    }
    writer.note(&Entry { deed, differences })
}

/// The paths in which a resource differs. One that came or went is told as a whole, by its key.
fn compare(touched: &Touched) -> Vec<Difference> {
    let Touched { key, before, after } = touched;
    // Where a host name leads is told with the trigger that it belongs to.
    if key.starts_with("label/") {
        return Vec::new();
    }
    let whole = |document: &Option<Document>| document.as_ref().map(|_| String::new());
    match (before, after) {
        (Some(before), Some(after)) => {
            let mut found = Vec::new();
            walk("", &before.shown, &after.shown, &mut found);
            found
        }
        (None, None) => Vec::new(),
        _ => vec![Difference { path: key.clone(), before: whole(before), after: whole(after) }],
    }
}

fn walk(above: &str, before: &Map, after: &Map, found: &mut Vec<Difference>) {
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort();
    names.dedup();
    for name in names {
        let (old, new) = (before.get(name), after.get(name));
        // Every change moves it.
        if old == new || name == "lastModifiedTime" {
            continue;
        }
        let path = format!("{above}{name}");
        match (old, new) {
            (Some(Value::Object(old)), Some(Value::Object(new))) => {
                walk(&format!("{path}."), old, new, found);
            }
            _ => found.push(Difference { path, before: old.map(show), after: new.map(show) }),
        }
    }
}

fn show(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    if text.len() <= VALUE_BYTES {
        return text;
    }
    format!("{} …", &text[..text.floor_char_boundary(VALUE_BYTES)])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document(shown: &Value) -> Document {
        Document { shown: shown.as_object().expect("an object").clone(), ..Document::default() }
    }

    #[test]
    fn only_what_differs_is_told() {
        let before = json!({"memorySize": 512, "timeout": 3, "environmentVariables": {"A": "1", "B": "2"}, "lastModifiedTime": "a"});
        let after = json!({"memorySize": 1024, "timeout": 3, "environmentVariables": {"A": "1", "C": "3"}, "lastModifiedTime": "b"});
        let touched = Touched {
            key: "function/r/f".to_owned(),
            before: Some(document(&before)),
            after: Some(document(&after)),
        };
        let told: Vec<_> = compare(&touched)
            .into_iter()
            .map(|Difference { path, before, after }| {
                (path, before.unwrap_or_default(), after.unwrap_or_default())
            })
            .collect();
        let expected = [
            ("environmentVariables.B", "2", ""),
            ("environmentVariables.C", "", "3"),
            ("memorySize", "512", "1024"),
        ];
        let expected =
            expected.map(|(path, before, after)| (path.to_owned(), before.to_owned(), after.to_owned()));
        assert_eq!(told, expected);
    }

    #[test]
    fn long_values_are_cut_between_characters() {
        assert!(show(&json!("函".repeat(1000))).len() < VALUE_BYTES + 10);
    }
}
