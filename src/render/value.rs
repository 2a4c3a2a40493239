//! Values as people read them.

use super::text::plain;
use crate::model::{FileKind, Planned, Segment, Template, Value};
use crate::plan::SecretSource;

/// Characters of a text before the rest is counted instead of shown.
const LONGEST: usize = 120;

/// Returns a value on one line: `512`, `"info"`, `["GET", "PUT"]`, `(secret)`.
pub fn value(value: &Value) -> String {
    match value {
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Text(text) => quoted(text),
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(self::value).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Map(map) => {
            let entries: Vec<String> =
                map.iter().map(|(key, inner)| format!("{}: {}", plain(key), self::value(inner))).collect();
            format!("{{{}}}", entries.join(", "))
        }
        Value::Sealed(_) => "(secret)".to_owned(),
        Value::File(entry) => {
            let kind = match entry.kind {
                FileKind::Regular => "",
                FileKind::Executable => "executable, ",
                FileKind::Symlink => "link, ",
            };
            format!("{kind}{}, sha256 {}", size(entry.size), entry.digest.short())
        }
        Value::Package(digest) => format!("package sha256 {}", digest.short()),
    }
}

/// Returns a value that may be missing.
pub fn optional(side: Option<&Value>) -> String {
    side.map_or_else(|| "(none)".to_owned(), value)
}

/// Returns a value that may have yet to come.
pub fn planned(planned: &Planned) -> String {
    match planned {
        Planned::Known(known) => value(known),
        Planned::Promised(template) => format!("(known after apply: {})", sources(template)),
    }
}

/// Returns what the configuration says; of a secret, where it comes from.
pub fn declared(desired: &Planned, source: Option<&SecretSource>) -> String {
    match (desired, source) {
        (Planned::Known(Value::Sealed(_)), Some(SecretSource::Variable(name))) => {
            format!("(secret from ${})", plain(name))
        }
        (Planned::Known(Value::Sealed(_)), Some(SecretSource::Configuration)) => {
            "(secret from the configuration)".to_owned()
        }
        _ => planned(desired),
    }
}

/// Returns a planned value that may be missing.
pub fn optional_planned(side: Option<&Planned>) -> String {
    side.map_or_else(|| "(none)".to_owned(), planned)
}

fn sources(template: &Template) -> String {
    let output = |segment: &Segment| match segment {
        Segment::Output(output) => Some(plain(&format!("{}.{}", output.address, output.output))),
        Segment::Text(_) => None,
    };
    let outputs: Vec<String> = template.segments.iter().filter_map(output).collect();
    outputs.join(", ")
}

/// Returns a text in quotes, shortened where it is very long.
pub fn quoted(text: &str) -> String {
    let count = text.chars().count();
    let quoted = |text: &str| format!("\"{}\"", plain(text).replace('"', "\\\""));
    if count <= LONGEST {
        return quoted(text);
    }
    let head: String = text.chars().take(LONGEST).collect();
    format!("{}… ({count} characters)", quoted(&head).trim_end_matches('"'))
}

/// Returns a moment as the service wrote it, in the form that people read: `2026-11-22 14:02 UTC`.
pub fn moment(time: &str) -> String {
    let shaped = time.len() == 20 && time.is_ascii() && time.as_bytes()[10] == b'T' && time.ends_with('Z');
    if shaped { plain(&format!("{} {} UTC", &time[..10], &time[11..16])) } else { plain(time) }
}

/// Returns a size in bytes, in the unit that people would choose.
pub fn size(bytes: u64) -> String {
    const UNITS: [(&str, u64); 3] = [("GB", 1 << 30), ("MB", 1 << 20), ("KB", 1 << 10)];
    match UNITS.iter().find(|(_, unit)| bytes >= *unit) {
        Some((name, unit)) => {
            let tenths = bytes * 10 / unit;
            format!("{}.{} {name}", tenths / 10, tenths % 10)
        }
        None => format!("{bytes} B"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        assert_eq!([size(0), size(1023), size(1536), size(5 << 20)], ["0 B", "1023 B", "1.5 KB", "5.0 MB"]);
    }

    #[test]
    fn long_texts_are_counted() {
        let long = "x".repeat(500);
        assert!(value(&Value::text(long)).ends_with("… (500 characters)"));
        assert_eq!(value(&"a\"b\n".into()), "\"a\\\"b\\n\"");
    }
}
