//! What any service would refuse: values out of bounds, words that it does not know, and what is missing.
//!
//! Combinations, and names, are the business of each generation's own check.

use super::api::Api;
use crate::model::{Attribute, Attributes, Kind, Order, Path, Value};

/// Returns what the service would refuse about a whole resource; empty where it would take it.
pub fn refuses(api: &Api, attributes: &Attributes) -> Vec<String> {
    let mut problems = Vec::new();
    for (path, value) in attributes {
        match api.schema.attribute(path) {
            Some((attribute, false)) => value_fits(path, &attribute.kind, value, &mut problems),
            Some((Attribute { kind: Kind::Map(kind), .. }, true)) => {
                value_fits(path, kind, value, &mut problems);
            }
            _ => {}
        }
    }
    missing(api.schema.attributes, attributes, &mut problems);
    (api.refuses)(attributes, &mut problems);
    problems
}

/// Returns whether a name begins with a letter or `_`, goes on with letters, digits, `_` and `-`, and is short enough.
pub fn is_plain_name(name: &str, longest: usize) -> bool {
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    let first = name.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    first && name.len() <= longest && name.bytes().all(letters)
}

/// Returns what the service would refuse about a domain's name.
pub fn refuses_domain(name: &str) -> Option<String> {
    let labels: Vec<&str> = name.split('.').collect();
    let plain = |label: &&str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    let last =
        labels.last().is_some_and(|label| label.len() >= 2 && label.bytes().all(|b| b.is_ascii_alphabetic()));
    let rest = match labels.split_first() {
        Some((&"*", rest)) => rest,
        _ => &labels,
    };
    let fits = name.len() <= 256 && labels.len() >= 2 && last && rest.iter().all(plain);
    (!fits).then(|| format!("`{name}` is not a domain's name, such as www.example.com or *.example.com"))
}

fn value_fits(path: &Path, kind: &Kind, value: &Value, problems: &mut Vec<String>) {
    match (kind, value) {
        (Kind::Text(words), Value::Text(text)) if !words.is_empty() && !words.contains(&text.as_str()) => {
            problems.push(format!("{path} is `{text}`; it takes {}", words.join(", ")));
        }
        (Kind::Number { min, max, step }, Value::Number(number)) => {
            let number = number.get();
            if number < *min || number > *max {
                problems.push(format!("{path} is {number}; it takes {min} to {max}"));
            } else if !is_multiple(number, *step) {
                problems.push(format!("{path} is {number}; it takes multiples of {step}"));
            }
        }
        (Kind::List(item, Order::Listed | Order::Set), Value::List(items)) => {
            for value in items {
                value_fits(path, item, value, problems);
            }
        }
        (Kind::Text(_), Value::Text(_) | Value::Sealed(_))
        | (Kind::Bool, Value::Bool(_))
        | (Kind::Texts | Kind::Map(_) | Kind::Object(_) | Kind::Code, _) => {}
        (Kind::Text(_), _) => problems.push(format!("{path} takes a text")),
        (Kind::Bool, _) => problems.push(format!("{path} takes true or false")),
        (Kind::Number { .. }, _) => problems.push(format!("{path} takes a number")),
        (Kind::List(..), _) => problems.push(format!("{path} takes a list")),
    }
}

/// Returns whether a number is a multiple of a step, as closely as decimal fractions can be told.
fn is_multiple(number: f64, step: f64) -> bool {
    let ratio = number / step;
    (ratio - ratio.round()).abs() < 1e-6
}

/// Names the required attributes that are not there; code is not among the attributes.
fn missing(fields: &[Attribute], attributes: &Attributes, problems: &mut Vec<String>) {
    for field in fields {
        let path = Path::field(field.name);
        if field.required && !matches!(field.kind, Kind::Code) && !attributes.contains_key(&path) {
            problems.push(format!("{path} is required"));
        }
    }
}

/// Returns a number of a resource.
pub fn number(attributes: &Attributes, path: &Path) -> Option<f64> {
    match attributes.get(path)? {
        Value::Number(number) => Some(number.get()),
        _ => None,
    }
}
