//! Places inside a resource.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// One step into a resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// A field that the schema names: `triggerConfig`.
    Field(Cow<'static, str>),
    /// A key that the user chose, of a map or a keyed list: `["LOG_LEVEL"]`.
    Key(String),
}

/// A place inside a resource: `environmentVariables["LOG_LEVEL"]`, `triggerConfig.methods`.
///
/// The empty path is the resource itself. A copy shares its parts: the same place stands on every side of a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path(Arc<[Part]>);

impl Path {
    /// Returns the path of the resource itself.
    pub fn root() -> Self {
        Self::default()
    }

    /// Returns the path of a top-level field.
    pub fn field(name: impl Into<Cow<'static, str>>) -> Self {
        Self(Arc::new([Part::Field(name.into())]))
    }

    /// Returns the path of a file of the code.
    pub fn file(name: &str) -> Self {
        Self::field("code").key(name)
    }

    /// Returns this path, one field further.
    #[must_use]
    pub fn then(&self, name: impl Into<Cow<'static, str>>) -> Self {
        self.with(Part::Field(name.into()))
    }

    /// Returns this path, one key further.
    #[must_use]
    pub fn key(&self, key: impl Into<String>) -> Self {
        self.with(Part::Key(key.into()))
    }

    fn with(&self, part: Part) -> Self {
        self.0.iter().cloned().chain([part]).collect()
    }

    /// Returns the steps.
    pub fn parts(&self) -> &[Part] {
        &self.0
    }

    /// Returns whether this is the resource itself.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns whether this is `other` or a place inside it.
    pub fn is_within(&self, other: &Path) -> bool {
        self.0.starts_with(&other.0)
    }

    /// Returns the object or element that both places are fields of; `None` where keys that users chose lie
    /// between them, or nothing but the resource itself surrounds both.
    pub fn shared_object(&self, other: &Path) -> Option<Path> {
        let common = self.0.iter().zip(&*other.0).take_while(|(one, other)| one == other).count();
        let fields = |path: &Path| {
            path.0.len() > common && path.0[common..].iter().all(|part| matches!(part, Part::Field(_)))
        };
        (common > 0 && fields(self) && fields(other)).then(|| Self(self.0[..common].into()))
    }

    /// Returns the top-level field's name; empty for the root.
    pub fn top(&self) -> &str {
        match self.0.first() {
            Some(Part::Field(name)) => name,
            Some(Part::Key(name)) => name,
            None => "",
        }
    }

    /// Returns whether this is the code or one of its files.
    pub fn is_code(&self) -> bool {
        self.top() == "code"
    }

    /// Returns the file's name, where this is a file of the code.
    pub fn code_file(&self) -> Option<&str> {
        match &*self.0 {
            [Part::Field(field), Part::Key(file)] if field == "code" => Some(file),
            _ => None,
        }
    }
}

impl FromIterator<Part> for Path {
    fn from_iter<I: IntoIterator<Item = Part>>(parts: I) -> Self {
        Self(parts.into_iter().collect())
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, part) in self.0.iter().enumerate() {
            match part {
                Part::Field(name) if index == 0 => f.write_str(name)?,
                Part::Field(name) => write!(f, ".{name}")?,
                Part::Key(key) => write!(f, "[{}]", quoted(key))?,
            }
        }
        Ok(())
    }
}

/// A text that is no path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no path; paths look like memorySize or environmentVariables[\"LOG_LEVEL\"]")]
pub struct ParsePathError(pub String);

impl FromStr for Path {
    type Err = ParsePathError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || ParsePathError(text.to_owned());
        let mut parts = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            if let Some(inner) = rest.strip_prefix('[') {
                let length = quoted_length(inner).ok_or_else(error)?;
                parts.push(Part::Key(unquoted(&inner[..length]).ok_or_else(error)?));
                rest = inner[length..].strip_prefix(']').ok_or_else(error)?;
            } else {
                if !parts.is_empty() {
                    rest = rest.strip_prefix('.').ok_or_else(error)?;
                }
                let length = rest.find(['.', '[']).unwrap_or(rest.len());
                if length == 0 {
                    return Err(error());
                }
                parts.push(Part::Field(Cow::Owned(rest[..length].to_owned())));
                rest = &rest[length..];
            }
        }
        Ok(Self(parts.into()))
    }
}

/// Writes a key the way JSON writes a text, so that any key reads back as itself.
pub(super) fn quoted(key: &str) -> String {
    let mut text = String::with_capacity(key.len() + 2);
    text.push('"');
    for character in key.chars() {
        match character {
            '"' | '\\' => {
                text.push('\\');
                text.push(character);
            }
            '\n' => text.push_str("\\n"),
            other if other.is_control() => text.extend(other.escape_unicode()),
            other => text.push(other),
        }
    }
    text.push('"');
    text
}

/// Reads what [`quoted`] wrote.
pub(super) fn unquoted(text: &str) -> Option<String> {
    let inner = text.strip_prefix('"')?.strip_suffix('"')?;
    let mut key = String::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => return None,
            '\\' => match characters.next()? {
                'n' => key.push('\n'),
                'u' => {
                    let hex: String = characters.by_ref().skip(1).take_while(|c| *c != '}').collect();
                    key.push(u32::from_str_radix(&hex, 16).ok().and_then(char::from_u32)?);
                }
                other => key.push(other),
            },
            other => key.push(other),
        }
    }
    Some(key)
}

/// Returns how many bytes a quoted key at the start of `text` takes.
fn quoted_length(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, character) in text.char_indices() {
        match character {
            // The opening quote, which must not be taken for the closing one.
            '"' if at == 0 => {}
            _ if at == 0 => return None,
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_path_reads_back_as_itself(field in "[a-zA-Z]{1,8}", keys in proptest::collection::vec(".*", 0..3), last in "[a-z]{1,5}") {
            let mut path = Path::field(field);
            for key in keys {
                path = path.key(key);
            }
            path = path.then(last);
            prop_assert_eq!(path.to_string().parse::<Path>(), Ok(path));
        }
    }

    #[test]
    fn objects_around_two_places() {
        for (one, other, expected) in [
            ("routes[\"/a\"].path", "routes[\"/a\"].qualifier", Some("routes[\"/a\"]")),
            ("routes[\"/a\"].path", "routes[\"/b\"].path", None),
            ("config.port", "config.health.period", Some("config")),
            ("env[\"A\"]", "env[\"B\"]", None),
            ("timeout", "memorySize", None),
        ] {
            let path = |text: &str| text.parse::<Path>().expect("a path");
            assert_eq!(path(one).shared_object(&path(other)), expected.map(path), "{one} {other}");
        }
    }

    #[test]
    fn broken_paths_are_refused() {
        for text in ["a.", ".a", "a[b]", "a[\"b", "a[\"b\"", "a..b", "a[\"b\"]c"] {
            assert!(text.parse::<Path>().is_err(), "{text}");
        }
    }
}
