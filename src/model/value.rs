//! Concrete values.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;

use super::{Digest, FileEntry};

/// A concrete value. There is no null: what is not there has no path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// `true` or `false`.
    Bool(bool),
    /// A finite number.
    Number(Number),
    /// A text.
    Text(String),
    /// A list that is compared as one value; for sets the schema has sorted it.
    List(Vec<Value>),
    /// A map that is compared as one value.
    Map(BTreeMap<String, Value>),
    /// A secret: a keyed digest that compares and never shows.
    Sealed(Digest),
    /// A file of the code.
    File(FileEntry),
    /// A package that is compared as a whole.
    Package(Digest),
}

impl Value {
    /// Returns a text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// Returns a whole number.
    pub fn int(number: i32) -> Self {
        Self::Number(Number::from(number))
    }

    /// Returns the text, where this is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns whether this is the empty text, list or map, which equals absence.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Text(text) => text.is_empty(),
            Self::List(items) => items.is_empty(),
            Self::Map(map) => map.is_empty(),
            _ => false,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

/// A finite number. `1` and `1.0` are the same number.
#[derive(Clone, Copy, Debug)]
pub struct Number(f64);

impl Number {
    /// Returns the number, unless it is infinite or none.
    pub fn new(number: f64) -> Option<Self> {
        // Adding zero turns -0 into 0, so that equal numbers have equal bits.
        number.is_finite().then_some(Self(number + 0.0))
    }

    /// Returns it as the nearest floating-point number.
    pub fn get(self) -> f64 {
        self.0
    }

    /// Returns it as a whole number, where it is one that this form holds exactly.
    pub fn as_integer(self) -> Option<i64> {
        const EXACT: f64 = 9_007_199_254_740_992.0; // 2^53
        #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
        (self.0.fract() == 0.0 && self.0.abs() <= EXACT).then_some(self.0 as i64)
    }
}

impl From<i32> for Number {
    fn from(number: i32) -> Self {
        Self(f64::from(number))
    }
}

impl From<u32> for Number {
    fn from(number: u32) -> Self {
        Self(f64::from(number))
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Number {}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl fmt::Display for Number {
    /// Writes `512` and `0.35`, the same on every machine.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.as_integer() {
            Some(integer) => write!(f, "{integer}"),
            None => write!(f, "{}", self.0),
        }
    }
}
