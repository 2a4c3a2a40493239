//! How a new value is spelled.
//!
//! A value keeps the style of the one it replaces where it can be written so and is read back as the same value
//! of the same type, by this reader and by others: a text that some reader takes for a number, a truth value or a
//! date is quoted.

use super::super::node::{Content, Style};
use super::super::yaml;
use crate::model::{Number, Value};

/// A value to be written.
#[derive(Clone, Debug, PartialEq)]
pub enum New {
    /// Nothing, which takes away what another file says.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A text, which may also be spelled as a number where one stood before.
    Text(String),
    /// A list.
    List(Vec<New>),
    /// A map, in the order in which it is written.
    Map(Vec<(String, New)>),
}

impl New {
    /// Returns what a value of a resource is in a file; nothing for secrets and code, which a file never says.
    pub fn of(value: &Value) -> Option<Self> {
        Some(match value {
            Value::Bool(value) => Self::Bool(*value),
            Value::Number(number) => Self::Number(*number),
            Value::Text(text) => Self::Text(text.clone()),
            Value::List(items) => Self::List(items.iter().map(Self::of).collect::<Option<_>>()?),
            Value::Map(map) => Self::Map(
                map.iter()
                    .map(|(key, value)| Some((key.clone(), Self::of(value)?)))
                    .collect::<Option<_>>()?,
            ),
            Value::Sealed(_) | Value::File(_) | Value::Package(_) => return None,
        })
    }

    /// Returns the value as one text, where it is a scalar.
    pub fn word(&self) -> Option<String> {
        match self {
            Self::Null => Some("null".to_owned()),
            Self::Bool(value) => Some(value.to_string()),
            Self::Number(number) => Some(number.to_string()),
            Self::Text(text) => Some(text.clone()),
            Self::List(_) | Self::Map(_) => None,
        }
    }

    /// Returns whether an expression would be read somewhere in it.
    pub fn has_expression(&self) -> bool {
        match self {
            Self::Text(text) => super::super::expression::is_in(text),
            Self::List(items) => items.iter().any(Self::has_expression),
            Self::Map(pairs) => pairs.iter().any(|(_, value)| value.has_expression()),
            _ => false,
        }
    }
}

/// The scalar that a new one replaces.
#[derive(Clone, Copy)]
pub struct Old<'a> {
    /// Its text.
    pub text: &'a str,
    /// Its style.
    pub style: Style,
}

/// What the place asks for.
#[derive(Clone, Copy)]
pub struct Around {
    /// Inside brackets.
    pub flow: bool,
    /// The quotes that the file has more of.
    pub quotes: Style,
}

/// Spells a scalar on one line, in the old one's style where that is possible.
pub fn spell(new: &New, old: Option<Old<'_>>, around: Around) -> Option<String> {
    let word = new.word()?;
    if *new == New::Null {
        return Some(word);
    }
    let style = old.map_or(Style::Plain, |old| old.style);
    let quotes = match style {
        Style::Single | Style::Double => style,
        _ => around.quotes,
    };
    if style == Style::Plain && plain_fits(&word, around.flow) && type_fits(new, &word, old) {
        return Some(word);
    }
    // A number or a truth value that does not replace a quoted one is never put in quotes.
    if !matches!(new, New::Text(_)) && !matches!(style, Style::Single | Style::Double) {
        return Some(word);
    }
    let simple = word.chars().all(printable);
    if simple && (quotes == Style::Single || (style != Style::Double && word.contains(['"', '\\']))) {
        return Some(format!("'{}'", word.replace('\'', "''")));
    }
    Some(double(&word))
}

/// Spells a key.
pub fn key(text: &str, around: Around) -> String {
    let new = New::Text(text.to_owned());
    // `y` and `on` are usual names of keys, and keys are texts to every reader of this file.
    if plain_fits(text, around.flow) && text != "<<" && !text.contains(": ") {
        let content = yaml::plain(text);
        if matches!(content, Content::Text(_) | Content::Number(_)) {
            return text.to_owned();
        }
    }
    spell(&new, Some(Old { text: "", style: around.quotes }), around).unwrap_or_else(|| double(text))
}

/// Returns whether plain text is read back as a value of the same type.
fn type_fits(new: &New, word: &str, old: Option<Old<'_>>) -> bool {
    let old = old.map(|old| yaml::plain(old.text));
    match (new, yaml::plain(word)) {
        (New::Bool(_), Content::Bool(_)) => true,
        (New::Number(number), Content::Number(read)) => read == *number,
        (New::Text(_), Content::Text(_)) => !is_ambiguous(word),
        // `PORT: 8080` is a text to its reader; its next value is written as the last one was.
        (New::Text(_), Content::Number(read)) => {
            read.to_string() == word && matches!(old, Some(Content::Number(_)))
        }
        (New::Text(_), Content::Bool(read)) => {
            read.to_string() == word && matches!(old, Some(Content::Bool(_)))
        }
        _ => false,
    }
}

/// Returns whether some reader of YAML takes a text for something else.
fn is_ambiguous(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    if matches!(
        lower.as_str(),
        "y" | "n" | "yes" | "no" | "on" | "off" | "=" | "<<" | "null" | "true" | "false"
    ) {
        return true;
    }
    let unsigned = lower.strip_prefix(['-', '+']).unwrap_or(&lower);
    if matches!(unsigned, ".inf" | ".nan") {
        return true;
    }
    // Numbers with zeros in front or underscores, sexagesimal numbers, dates.
    unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.')
        && unsigned.chars().all(|c| {
            c.is_ascii_hexdigit() || matches!(c, '_' | ':' | '-' | '.' | 'x' | 'o' | 't' | 'z' | ' ' | '+')
        })
        && unsigned.matches('.').count() < 2
}

/// Returns whether a text can stand without quotes.
fn plain_fits(word: &str, flow: bool) -> bool {
    let Some(first) = word.chars().next() else {
        return false;
    };
    let second = word.chars().nth(1);
    let opens = match first {
        '-' | '?' | ':' => second.is_none_or(|c| !c.is_alphanumeric() && c != '/'),
        ',' | '[' | ']' | '{' | '}' | '#' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`' => {
            true
        }
        _ => false,
    };
    !opens
        && word.trim() == word
        && word.chars().all(|c| printable(c) && c != '\t')
        && !word.contains(": ")
        && !word.contains(" #")
        && !word.ends_with(':')
        && !word.starts_with("---")
        && !word.starts_with("...")
        && !(flow && (word.contains([',', '[', ']', '{', '}', '?']) || word.contains(':')))
}

/// Returns whether a character can stand in a line as it is.
fn printable(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

fn double(word: &str) -> String {
    let mut text = String::with_capacity(word.len() + 2);
    text.push('"');
    for c in word.chars() {
        match c {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\t' => text.push_str("\\t"),
            '\r' => text.push_str("\\r"),
            c if printable(c) => text.push(c),
            c => text.push_str(&escaped(c)),
        }
    }
    text.push('"');
    text
}

fn escaped(c: char) -> String {
    match u32::from(c) {
        code @ 0..=0xff => format!("\\x{code:02x}"),
        code @ 0x100..=0xffff => format!("\\u{code:04x}"),
        code => format!("\\U{code:08x}"),
    }
}

/// Returns the lines of a block text and its sign for the end (`-`, or nothing), where the text can be one.
pub fn block(word: &str, style: Style) -> Option<(Vec<&str>, &'static str)> {
    let (body, sign) = match word.strip_suffix('\n') {
        Some(body) => (body, ""),
        None => (word, "-"),
    };
    let lines: Vec<&str> = body.split('\n').collect();
    let first_fits = lines.first().is_some_and(|line| !line.is_empty() && !line.starts_with([' ', '\t']));
    let fits = |line: &&str| {
        line.chars().all(|c| printable(c) || c == '\t')
            && (line.is_empty() || !line.trim().is_empty())
            && (style == Style::Literal || (!line.is_empty() && line.trim() == *line))
    };
    let ends = lines.last().is_some_and(|line| !line.is_empty());
    (first_fits && ends && lines.iter().all(fits)).then_some((lines, sign))
}
