//! JSON that says nothing to whoever prints it: whatever is hidden in a text is written as `\uXXXX`.

use std::io;

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

use crate::render::text::is_hidden;

/// Returns a value on one line, with a line break at its end.
pub fn line(value: &impl Serialize) -> String {
    let mut bytes = Vec::new();
    value.serialize(&mut Serializer::with_formatter(&mut bytes, Safe)).expect("every key is a text");
    bytes.push(b'\n');
    String::from_utf8(bytes).expect("texts and signs are UTF-8")
}

/// As compact as it gets. Quotes and the usual control characters are escaped by then.
struct Safe;

impl Formatter for Safe {
    fn write_string_fragment<W: io::Write + ?Sized>(&mut self, writer: &mut W, text: &str) -> io::Result<()> {
        let mut rest = text;
        while let Some((at, character)) = rest.char_indices().find(|(_, character)| is_hidden(*character)) {
            writer.write_all(&rest.as_bytes()[..at])?;
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = &rest[at + character.len_utf8()..];
        }
        writer.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_is_escaped_and_reads_back_as_itself() {
        let hostile = "a\u{1b}[2Jb\u{9b}31m\u{202e}c\r\n\"d\" \u{7f}\u{e0041}é";
        let told = line(&[hostile]);
        assert_eq!(told, "[\"a\\u001b[2Jb\\u009b31m\\u202ec\\r\\n\\\"d\\\" \\u007f\\udb40\\udc41é\"]\n");
        assert_eq!(serde_json::from_str::<Vec<String>>(&told).expect("JSON"), [hostile]);
    }
}
