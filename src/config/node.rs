//! A value of the file together with its place in it.
//!
//! One type serves before and after interpolation, so that every later message can point at the very text
//! somebody wrote. A node that came through an alias, a merge or an expression remembers both places: where
//! its value is written, and where it is used. Keys and scalars keep their spans and styles, which is what an
//! edit of the file in place needs.

use std::borrow::Cow;

use crate::diag::{Diagnostic, Span};
use crate::model::{Address, Number, Template};

/// A value and where it is written.
#[derive(Clone, Debug)]
pub struct Node {
    /// The value.
    pub content: Content,
    /// How it is written.
    pub style: Style,
    /// Where its value is written: quotes and brackets included, the `|` or `>` of a block text left out.
    pub span: Span,
    /// Where it is used, where that is another place: the alias, the merge, the expression.
    pub used_at: Option<Span>,
    /// The resources that it was taken from, which must stand first although its value is known.
    pub after: Vec<Address>,
    /// The environment variable whose value it is, where it is nothing else.
    pub variable: Option<String>,
}

/// What a node holds.
#[derive(Clone, Debug)]
pub enum Content {
    /// Nothing: `null`, `~`, or no value at all.
    Null,
    /// A truth value.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// A map, in the order of the file.
    Map(Vec<Pair>),
    /// A text that other resources have yet to give.
    Promised(Template),
    /// Something that could not be worked out; what is wrong has been reported.
    Unresolved,
}

/// A key and its value.
#[derive(Clone, Debug)]
pub struct Pair {
    /// The key.
    pub key: Key,
    /// The value.
    pub value: Node,
}

/// A key of a map; always a text, as it is written.
#[derive(Clone, Debug)]
pub struct Key {
    /// The key.
    pub text: String,
    /// Where it is written.
    pub span: Span,
    /// How it is written.
    pub style: Style,
}

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// A scalar without quotes.
    Plain,
    /// A scalar in single quotes.
    Single,
    /// A scalar in double quotes.
    Double,
    /// A literal block, `|`.
    Literal,
    /// A folded block, `>`.
    Folded,
    /// A list or map by indentation.
    Block,
    /// A list or map in brackets.
    Flow,
    /// Not written: made from other values.
    Made,
}

impl Node {
    /// Returns a value that was made and not written, which stands for the text at `span`.
    pub fn made(content: Content, span: Span) -> Self {
        Self { content, style: Style::Made, span, used_at: None, after: Vec::new(), variable: None }
    }

    /// Returns the pairs, where this is a map.
    pub fn pairs(&self) -> Option<&[Pair]> {
        match &self.content {
            Content::Map(pairs) => Some(pairs),
            _ => None,
        }
    }

    /// Returns a pair of a map.
    pub fn pair(&self, key: &str) -> Option<&Pair> {
        self.pairs()?.iter().find(|pair| pair.key.text == key)
    }

    /// Returns a value of a map; one that is null counts as missing.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.pair(key).map(|pair| &pair.value).filter(|value| !matches!(value.content, Content::Null))
    }

    /// Returns the text, where this is one.
    pub fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns a scalar as it is written, whatever type YAML gives it: `8080`, `1.0`, `true`.
    pub fn as_written(&self) -> Option<Cow<'_, str>> {
        match &self.content {
            Content::Text(text) => Some(Cow::Borrowed(text)),
            Content::Bool(_) | Content::Number(_) if self.style == Style::Plain => {
                self.span.source.text.get(self.span.range.clone()).map(Cow::Borrowed)
            }
            Content::Bool(value) => Some(Cow::Borrowed(if *value { "true" } else { "false" })),
            Content::Number(number) => Some(Cow::Owned(number.to_string())),
            _ => None,
        }
    }

    /// Returns whether the value could not be worked out.
    pub fn is_unresolved(&self) -> bool {
        matches!(self.content, Content::Unresolved)
    }

    /// Returns what kind of value this is, for people.
    pub fn noun(&self) -> &'static str {
        match &self.content {
            Content::Null => "nothing",
            Content::Bool(_) => "a truth value",
            Content::Number(_) => "a number",
            Content::Text(_) => "a text",
            Content::List(_) => "a list",
            Content::Map(_) => "a map",
            Content::Promised(_) => "a value known only after the apply",
            Content::Unresolved => "a value that could not be worked out",
        }
    }

    /// Returns the place where the value is declared: where it is used, if that is another place than where
    /// it is written.
    pub fn place(&self) -> &Span {
        self.used_at.as_ref().unwrap_or(&self.span)
    }

    /// Returns a diagnostic that points at this value, and at its use where that is another place.
    #[must_use]
    pub fn blame(&self, diagnostic: Diagnostic, label: impl Into<String>) -> Diagnostic {
        let diagnostic = diagnostic.at(first_line(&self.span), label);
        match &self.used_at {
            Some(used_at) if *used_at != self.span => diagnostic.also(used_at.clone(), "used here"),
            _ => diagnostic,
        }
    }

    /// Returns the value as it is used at another place.
    #[must_use]
    pub fn used_at(mut self, place: &Span) -> Self {
        self.mark_used(place);
        self
    }

    fn mark_used(&mut self, place: &Span) {
        self.used_at = Some(place.clone());
        match &mut self.content {
            Content::List(items) => items.iter_mut().for_each(|item| item.mark_used(place)),
            Content::Map(pairs) => pairs.iter_mut().for_each(|pair| pair.value.mark_used(place)),
            _ => {}
        }
    }

    /// Returns where a part of this text is written, where text and source agree; otherwise the whole place.
    pub fn inside(&self, part: std::ops::Range<usize>) -> Span {
        let whole = || first_line(&self.span);
        let (Some(text), Some(raw)) = (self.text(), self.span.source.text.get(self.span.range.clone()))
        else {
            return whole();
        };
        let Some(piece) = text.get(part.clone()) else {
            return whole();
        };
        let quote = usize::from(matches!(self.style, Style::Single | Style::Double));
        let at = if raw.get(quote + part.start..quote + part.end) == Some(piece) {
            quote + part.start
        } else if let Some(at) = raw.find(piece) {
            at // folded lines or escapes in front: the first place that spells the same
        } else {
            return whole();
        };
        let start = self.span.range.start + at;
        Span { source: self.span.source.clone(), range: start..start + piece.len() }
    }

    /// Returns how many nodes this is, and how many bytes of text they hold.
    pub fn weight(&self) -> (usize, usize) {
        let sum = |(nodes, bytes): (usize, usize), (more, further): (usize, usize)| {
            (nodes.saturating_add(more), bytes.saturating_add(further))
        };
        match &self.content {
            Content::Text(text) => (1, text.len()),
            Content::List(items) => items.iter().map(Node::weight).fold((1, 0), sum),
            Content::Map(pairs) => pairs
                .iter()
                .map(|pair| {
                    let (nodes, bytes) = pair.value.weight();
                    (nodes, bytes + pair.key.text.len())
                })
                .fold((1, 0), sum),
            _ => (1, 0),
        }
    }

    /// Returns how many levels this has: 1 for a scalar.
    pub fn height(&self) -> usize {
        1 + match &self.content {
            Content::List(items) => items.iter().map(Node::height).max().unwrap_or(0),
            Content::Map(pairs) => pairs.iter().map(|pair| pair.value.height()).max().unwrap_or(0),
            _ => 0,
        }
    }
}

/// Returns the part of a place that lies on its first line, so that a whole block is never underlined.
pub fn first_line(span: &Span) -> Span {
    let text = span.source.text.get(span.range.clone()).unwrap_or_default();
    let length = text.find(['\n', '\r']).unwrap_or(text.len());
    Span { source: span.source.clone(), range: span.range.start..span.range.start + length }
}
