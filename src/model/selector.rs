//! Selectors: names of resources and of places in them, and which of two is the more specific one.
//!
//! `*` stands for any text, in the address and in the path. A path means a place and all that is inside it. A key can be
//! written as it is shown, `environmentVariables["LOG_LEVEL"]`, or after a dot, `environmentVariables.LOG_LEVEL`, so
//! that `environmentVariables.*` is every variable.
//!
//! A selector with a path is more specific than one without. Of two alike, the one is more specific that names nothing
//! but what the other names too. Where neither does, they cross, and no rule that counts letters could say which one
//! somebody meant: `fc3_function.shop:*` and `*:code`.

use std::fmt;
use std::str::FromStr;

use super::{Address, Part, Path, Schema, SchemaSet};

/// An address, an address with a path, or a pattern of them: `fc3_function.*`, `*:code`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selector {
    address: String,
    place: Option<Place>,
}

/// What a selector says after its colon.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    /// A path.
    Path { text: String, path: Path },
    /// A pattern of paths.
    Pattern(String),
}

/// A text that is no selector.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no selector; selectors look like fc3_function.hello, fc3_function.hello:memorySize or *:code"
)]
pub struct ParseSelectorError(pub String);

impl FromStr for Selector {
    type Err = ParseSelectorError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // A colon inside a quoted key is no separator: fc3_custom_domain["a:b"]:protocol.
        let mut quoted = false;
        let mut escaped = false;
        let separator = text.char_indices().find_map(|(at, character)| {
            match character {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => quoted = !quoted,
                ':' if !quoted => return Some(at),
                _ => {}
            }
            None
        });
        let (address, place) = match separator {
            Some(at) => (&text[..at], Some(&text[at + 1..])),
            None => (text, None),
        };
        let error = || ParseSelectorError(text.to_owned());
        if address.is_empty() || place.is_some_and(str::is_empty) {
            return Err(error());
        }
        if !address.contains('*') {
            address.parse::<Address>().map_err(|_| error())?;
        }
        let place = match place {
            Some(pattern) if pattern.contains('*') => Some(Place::Pattern(pattern.to_owned())),
            Some(text) => {
                Some(Place::Path { text: text.to_owned(), path: text.parse().map_err(|_| error())? })
            }
            None => None,
        };
        Ok(Self { address: address.to_owned(), place })
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.address)?;
        self.place.as_ref().map_or(Ok(()), |place| write!(f, ":{}", place.text()))
    }
}

impl Selector {
    /// Returns the selector of one path; of the whole resource for the root path.
    pub fn exact(address: &Address, path: &Path) -> Self {
        let place = (!path.is_root()).then(|| Place::Path { text: path.to_string(), path: path.clone() });
        Self { address: address.to_string(), place }
    }

    /// Returns whether it means this resource, or something in it.
    pub fn matches_address(&self, address: &Address) -> bool {
        self.matches_text(&address.to_string())
    }

    /// Returns whether it means the resource whose address reads so, or something in it.
    pub fn matches_text(&self, address: &str) -> bool {
        glob(&self.address, address)
    }

    /// Returns whether it means this place of a resource that it means, or a place around it.
    pub fn matches_path(&self, path: &Path) -> bool {
        self.place.as_ref().is_none_or(|place| place.matches(path))
    }

    /// Returns whether it names a path.
    pub fn has_path(&self) -> bool {
        self.place.is_some()
    }

    /// Returns whether it is an address with a path and no pattern: the form that reopens an accepted path.
    pub fn is_exact_path(&self) -> bool {
        matches!(self.place, Some(Place::Path { .. })) && self.is_exact_address()
    }

    /// Returns whether its address is no pattern.
    pub fn is_exact_address(&self) -> bool {
        !self.address.contains('*')
    }

    /// Returns whether this is the selector to follow where both mean a place.
    pub fn beats(&self, other: &Self) -> bool {
        match (&self.place, &other.place) {
            (Some(_), None) => true,
            (None, Some(_)) => false,
            _ => other.covers(self) && !self.covers(other),
        }
    }

    /// Returns whether all that `other` names is named by this one too.
    fn covers(&self, other: &Self) -> bool {
        // A star of the other one is a character that only a star of this one takes.
        let address = glob(&self.address, &other.address);
        address
            && match (&self.place, &other.place) {
                (Some(outer), Some(inner)) => outer.covers(inner),
                (outer, _) => outer.is_none(),
            }
    }

    /// Returns the one address that it names; nothing where it is a pattern.
    pub fn address(&self) -> Option<Address> {
        self.address.parse().ok().filter(|_| self.is_exact_address())
    }

    /// Returns the one path that it names; nothing where it names none, or a pattern.
    pub fn path(&self) -> Option<&Path> {
        match &self.place {
            Some(Place::Path { path, .. }) => Some(path),
            _ => None,
        }
    }

    /// Returns whether it means this place, or a place around it.
    pub fn matches(&self, address: &Address, path: &Path) -> bool {
        self.matches_address(address) && self.matches_path(path)
    }

    /// Returns whether it means this resource, and its type has what the path names.
    pub fn names(&self, address: &Address, schemas: &SchemaSet) -> bool {
        self.matches_address(address)
            && self
                .path()
                .is_none_or(|path| schemas.get(&address.kind).is_none_or(|schema| schema.has_place(path)))
    }

    /// Returns whether it means resources of this type with this name whose key nobody knows yet: children that
    /// somebody may add.
    pub fn may_match_children(&self, kind: &str, name: &str) -> bool {
        let front = format!("{kind}.{name}[");
        match self.address.split_once('*') {
            Some((head, _)) => head.starts_with(&front) || front.starts_with(head),
            None => self.address.starts_with(&front),
        }
    }

    /// Returns whether its path can be one of a resource type, whatever a resource of it has.
    pub fn is_of(&self, schema: &Schema) -> bool {
        let is_field = |path: &Path| matches!(schema.attribute(path), Some((_, false)));
        match &self.place {
            None => true,
            Some(Place::Path { path, .. }) => is_field(path),
            // What stands before the pattern is a field: `environmentVariables.*` is right where none is declared.
            Some(Place::Pattern(pattern)) => {
                let front = pattern.split('*').next().unwrap_or_default();
                let whole = front.rfind(['.', '[']).map_or("", |end| &front[..end]);
                !whole.is_empty() && whole.parse().is_ok_and(|path| is_field(&path))
            }
        }
    }
}

impl Place {
    fn text(&self) -> &str {
        match self {
            Self::Path { text, .. } | Self::Pattern(text) => text,
        }
    }

    fn matches(&self, path: &Path) -> bool {
        match self {
            Self::Path { path: outer, .. } if path.is_within(outer) => true,
            Self::Path { text, path: outer } => {
                let dotted = outer.parts().len() > 1 && outer.parts().first() == path.parts().first();
                dotted && around(path).any(|parts| dots(parts) == *text)
            }
            Self::Pattern(pattern) => around(path).any(|parts| {
                let shown: Path = parts.iter().cloned().collect();
                glob(pattern, &shown.to_string()) || glob(pattern, &dots(parts))
            }),
        }
    }

    /// Returns whether all that `inner` means is meant by this one too.
    fn covers(&self, inner: &Self) -> bool {
        let (outer_text, inner_text) = (undressed(self.text()), undressed(inner.text()));
        match (self, inner) {
            (_, Self::Path { path, .. }) if self.matches(path) => true,
            (Self::Path { .. }, Self::Path { .. }) => outer_text == inner_text,
            _ => {
                let ends = inner_text.match_indices('.').map(|(at, _)| at).chain([inner_text.len()]);
                ends.into_iter().any(|end| glob(&outer_text, &inner_text[..end]))
            }
        }
    }
}

/// Returns a path's places from the outermost to the path itself, as their steps.
fn around(path: &Path) -> impl Iterator<Item = &[Part]> {
    (1..=path.parts().len()).map(|length| &path.parts()[..length])
}

/// Writes a place with its keys after dots.
fn dots(parts: &[Part]) -> String {
    let names = parts.iter().map(|part| match part {
        Part::Field(name) => name.as_ref(),
        Part::Key(key) => key.as_str(),
    });
    names.collect::<Vec<_>>().join(".")
}

/// Writes a pattern with its keys after dots.
fn undressed(pattern: &str) -> String {
    pattern.replace("[\"", ".").replace("\"]", "")
}

/// Matches `*` against any text, all else literally.
fn glob(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut pieces: Vec<&str> = pieces.collect();
    let Some(last) = pieces.pop() else { return rest.is_empty() };
    for piece in pieces {
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selector(text: &str) -> Selector {
        text.parse().expect("a selector")
    }

    #[track_caller]
    fn check(text: &str, path: &str, expected: bool) {
        let path: Path = path.parse().expect("a path");
        assert_eq!(selector(text).matches_path(&path), expected, "{text} and {path}");
    }

    #[test]
    fn paths_mean_what_is_inside_them_and_keys_may_stand_after_dots() {
        const LEVEL: &str = "environmentVariables[\"LOG_LEVEL\"]";
        for (text, path, expected) in [
            ("a.b:environmentVariables", LEVEL, true),
            ("a.b:environmentVariables.*", LEVEL, true),
            ("a.b:environmentVariables.LOG_*", LEVEL, true),
            ("a.b:environmentVariables[\"LOG_*\"]", LEVEL, true),
            ("a.b:environmentVariables.LOG_LEVEL", LEVEL, true),
            ("a.b:environmentVariables.LOG", LEVEL, false),
            ("a.b:environment", LEVEL, false),
            ("a.b:environment*", LEVEL, true),
            ("a.b:*LEVEL*", LEVEL, true),
            ("a.b:environmentVariables.*", "environmentVariables", false),
            ("a.b:environmentVariables.*", "timeout", false),
            ("a.b:code.*", "code[\"index.py\"]", true),
            ("a.b:code.index.py", "code[\"index.py\"]", true),
            ("a.b:code[\"*.py\"]", "code[\"lib/index.py\"]", true),
            ("a.b:code[\"*.py\"]", "code[\"index.js\"]", false),
            ("a.b:routes.*.functionName", "routes[\"/*\"].functionName", true),
            ("a.b:customConfig.*", "customConfig.port", true),
            ("a.b", "timeout", true),
        ] {
            check(text, path, expected);
        }
    }

    #[track_caller]
    fn ranks(one: &str, other: &str, expected: (bool, bool)) {
        let (one, other) = (selector(one), selector(other));
        assert_eq!((one.beats(&other), other.beats(&one)), expected, "{one} and {other}");
    }

    #[test]
    fn the_more_specific_one_names_nothing_but_what_the_other_names() {
        for (one, other) in [
            ("fc3_function.shop", "fc3_function.*"),
            ("fc3_function.*", "*"),
            ("*:code", "fc3_function.shop"),
            ("fc3_function.shop:code", "*:code"),
            ("*:code[\"a.py\"]", "*:code"),
            ("*:code[\"a.py\"]", "*:code[\"*.py\"]"),
            ("*:code[\"a.py\"]", "*:code.*"),
            ("*:code[\"*.py\"]", "*:code.*"),
            ("*:code.*", "*:code"),
            ("*:environmentVariables.LOG_*", "*:environment*"),
            ("*:environmentVariables[\"LOG_LEVEL\"]", "*:environmentVariables.*"),
            ("*:environmentVariables.*", "*:environmentVariables"),
        ] {
            ranks(one, other, (true, false));
        }
    }

    #[test]
    fn two_that_cross_are_equal() {
        for (one, other) in [
            ("fc3_function.shop:*", "*:code"),
            ("*.shop*", "fc3_function.*"),
            ("fc3_function.shop:environmentVariables", "*:environmentVariables[\"A\"]"),
            ("*:code[\"*.py\"]", "*:code[\"lib/*\"]"),
            ("a.b:environmentVariables.A", "a.b:environmentVariables[\"A\"]"),
            ("a.b", "a.b"),
        ] {
            ranks(one, other, (false, false));
        }
    }

    #[test]
    fn texts_that_are_no_selectors() {
        for text in ["", ":", "a.b:", "hello", "a.b:.x"] {
            assert!(text.parse::<Selector>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_selector_may_mean_children_that_are_not_there_yet() {
        let may = |text: &str| selector(text).may_match_children("fc3_trigger", "cart");
        for text in
            ["fc3_trigger.cart[\"debug\"]", "fc3_trigger.cart[\"debug-*", "fc3_trigger.*", "*:description"]
        {
            assert!(may(text), "{text}");
        }
        for text in ["fc3_trigger.report[\"debug\"]", "fc3_function.*", "fc3_trigger.cart-two*"] {
            assert!(!may(text), "{text}");
        }
    }
}
