//! From text to a tree in which every key and value knows its place.
//!
//! The parser's events are put together here rather than by a ready-made reader, because three things matter
//! that those leave out: a key that stands twice is an error with both places, what came through an alias or a
//! merge remembers where it is used, and no text, however wicked, takes more than a bounded amount of memory.

mod scalar;

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use granit_parser::{Event, Parser, ScalarStyle, StructureStyle, Tag};

pub use self::scalar::{has_leading_zero, number, plain};
use super::codes;
use super::node::{Content, Key, Node, Pair, Style};
use crate::diag::{Diagnostic, Source, Span};

/// The largest file, in bytes.
pub const MAX_BYTES: usize = 8 << 20;
/// The deepest nesting, aliases followed.
pub const MAX_DEPTH: usize = 128;
/// What aliases may add: this many nodes, and ten for each node that is written.
const MAX_ALIAS_NODES: usize = 100_000;
/// What aliases may add, in bytes of text.
const MAX_ALIAS_BYTES: usize = 16 << 20;

/// Reads a text as one YAML document.
///
/// Returns no tree where the text could not be read to its end.
pub fn parse(source: &Arc<Source>) -> (Option<Node>, Vec<Diagnostic>) {
    let mut reader = Reader::new(source);
    let root = reader.run();
    (root, reader.diagnostics)
}

/// A collection that has begun and not ended.
struct Open {
    style: Style,
    start: usize,
    anchor: usize,
    kind: OpenKind,
}

enum OpenKind {
    List(Vec<Node>),
    /// `seen` is where each key stands, once there are too many to look through them.
    Map {
        pairs: Vec<Pair>,
        key: Option<Key>,
        seen: HashMap<String, usize>,
    },
}

/// A finished node that aliases may repeat.
struct Anchored {
    node: Node,
    nodes: usize,
    bytes: usize,
    height: usize,
}

struct Reader<'a> {
    source: &'a Arc<Source>,
    /// Bytes of a byte-order mark in front.
    offset: usize,
    open: Vec<Open>,
    anchors: HashMap<usize, Anchored>,
    written: usize,
    added: usize,
    added_bytes: usize,
    diagnostics: Vec<Diagnostic>,
}

/// The text cannot be read further; what is wrong has been reported.
struct Stop;

impl<'a> Reader<'a> {
    fn new(source: &'a Arc<Source>) -> Self {
        Self {
            source,
            offset: if source.text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 },
            open: Vec::new(),
            anchors: HashMap::new(),
            written: 0,
            added: 0,
            added_bytes: 0,
            diagnostics: Vec::new(),
        }
    }

    fn run(&mut self) -> Option<Node> {
        let text = &self.source.text[self.offset..];
        if text.len() > MAX_BYTES {
            let length = text.len();
            self.report(
                Diagnostic::error(
                    codes::TOO_LARGE,
                    format!("the file has {length} bytes; at most {MAX_BYTES} are read"),
                )
                .at(self.span(0..0), ""),
            );
            return None;
        }
        let options = granit_parser::options! { emit_comments: false };
        let mut root = None;
        let mut documents = 0;
        for event in Parser::new_from_str_with_options(text, options) {
            let (event, span) = match event {
                Ok(event) => event,
                Err(error) => {
                    self.not_yaml(&error);
                    return None;
                }
            };
            let range = span.byte_range().unwrap_or(0..0);
            let range = range.start + self.offset..range.end + self.offset;
            if let Event::DocumentStart(..) = event {
                documents += 1;
                if documents > 1 {
                    let place = super::node::first_line(&self.span(range.start..self.source.text.len()));
                    self.report(
                        Diagnostic::error(
                            codes::NOT_ONE_DOCUMENT,
                            "the file holds more than one YAML document",
                        )
                        .at(place, "another one starts here")
                        .help("keep one project in one file, and choose with `-t FILE`"),
                    );
                    return None;
                }
            }
            let tag = span.tag_span().and_then(|span| span.byte_range());
            let tag =
                tag.map_or(range.start..range.start, |tag| tag.start + self.offset..tag.end + self.offset);
            match self.event(event, range, &tag) {
                Ok(Some(node)) => root = Some(node),
                Ok(None) => {}
                Err(Stop) => return None,
            }
        }
        root
    }

    /// Takes one event in; returns the root when it is finished.
    fn event(
        &mut self,
        event: Event<'_>,
        range: Range<usize>,
        tag_at: &Range<usize>,
    ) -> Result<Option<Node>, Stop> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let style = scalar_style(style);
                let content = self.scalar(&text, style, tag.as_deref(), tag_at);
                let span = self.span(trimmed(&self.source.text, range));
                let node = Node { content, style, span, used_at: None, after: Vec::new(), variable: None };
                self.finish(node, anchor)
            }
            Event::SequenceStart(style, anchor, tag) => {
                self.collection_tag(tag.as_deref(), "seq", tag_at);
                self.begin(style, range.start, anchor, OpenKind::List(Vec::new()))
            }
            Event::MappingStart(style, anchor, tag) => {
                self.collection_tag(tag.as_deref(), "map", tag_at);
                let kind = OpenKind::Map { pairs: Vec::new(), key: None, seen: HashMap::new() };
                self.begin(style, range.start, anchor, kind)
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(range.end),
            Event::Alias(anchor) => self.alias(anchor, range),
            _ => Ok(None), // starts, ends and comments carry no value
        }
    }

    fn begin(
        &mut self,
        style: StructureStyle,
        start: usize,
        anchor: usize,
        kind: OpenKind,
    ) -> Result<Option<Node>, Stop> {
        if self.open.len() >= MAX_DEPTH {
            return self.too_deep(start);
        }
        let style = if style == StructureStyle::Flow { Style::Flow } else { Style::Block };
        self.open.push(Open { style, start, anchor, kind });
        Ok(None)
    }

    fn end(&mut self, end: usize) -> Result<Option<Node>, Stop> {
        let Some(Open { style, start, anchor, kind }) = self.open.pop() else {
            return Ok(None);
        };
        // A block ends with its last value; its end event stands wherever the next line begins.
        let last = match &kind {
            OpenKind::List(items) => items.last().map(|item| item.place().range.end),
            OpenKind::Map { pairs, .. } => {
                pairs.last().map(|pair| pair.value.place().range.end.max(pair.key.span.range.end))
            }
        };
        let end = if style == Style::Flow { end } else { last.unwrap_or(start).max(start) };
        let content = match kind {
            OpenKind::List(items) => Content::List(items),
            OpenKind::Map { pairs, .. } => Content::Map(self.merged(pairs)),
        };
        let span = self.span(start..end);
        self.finish(Node { content, style, span, used_at: None, after: Vec::new(), variable: None }, anchor)
    }

    /// Puts a finished node where it belongs; returns it where it is the root.
    fn finish(&mut self, node: Node, anchor: usize) -> Result<Option<Node>, Stop> {
        self.written += 1;
        if anchor != 0 {
            let (nodes, bytes) = node.weight();
            let height = node.height();
            self.anchors.insert(anchor, Anchored { node: node.clone(), nodes, bytes, height });
        }
        self.place(node)
    }

    fn place(&mut self, node: Node) -> Result<Option<Node>, Stop> {
        let Some(open) = self.open.last_mut() else {
            return Ok(Some(node));
        };
        match &mut open.kind {
            OpenKind::List(items) => items.push(node),
            OpenKind::Map { pairs, key, seen } => {
                let Some(key) = key.take() else {
                    return self.key(&node);
                };
                if let Some(first) = standing(pairs, seen, &key.text) {
                    let first = pairs[first].key.span.clone();
                    let text = key.text.clone();
                    self.report(
                        Diagnostic::error(codes::DUPLICATE_KEY, format!("the key `{text}` stands twice"))
                            .at(key.span.clone(), "again here")
                            .also(first, "first here")
                            .help("keep one of them"),
                    );
                } else {
                    pairs.push(Pair { key, value: node });
                }
            }
        }
        Ok(None)
    }

    fn key(&mut self, node: &Node) -> Result<Option<Node>, Stop> {
        let text =
            match (&node.content, node.as_written()) {
                (Content::Null, _) => {
                    self.source.text.get(node.span.range.clone()).unwrap_or_default().to_owned()
                }
                (_, Some(text)) => text.into_owned(),
                (_, None) => {
                    self.report(node.blame(
                        Diagnostic::error(codes::ODD_YAML, format!("a key is {}", node.noun())).help(
                            "if this is a placeholder such as {{ name }}, put it in quotes or fill it in",
                        ),
                        "keys are texts",
                    ));
                    return Err(Stop);
                }
            };
        if let Some(Open { kind: OpenKind::Map { key, .. }, .. }) = self.open.last_mut() {
            *key = Some(Key { text, span: node.place().clone(), style: node.style });
        }
        Ok(None)
    }

    fn alias(&mut self, anchor: usize, range: Range<usize>) -> Result<Option<Node>, Stop> {
        let place = self.span(range.clone());
        let Some(anchored) = self.anchors.get(&anchor) else {
            self.report(
                Diagnostic::error(codes::ODD_YAML, "an alias stands inside its own anchor")
                    .at(place, "would hold itself"),
            );
            return Err(Stop);
        };
        self.added = self.added.saturating_add(anchored.nodes);
        self.added_bytes = self.added_bytes.saturating_add(anchored.bytes);
        if self.added > MAX_ALIAS_NODES + 10 * self.written || self.added_bytes > MAX_ALIAS_BYTES {
            self.report(
                Diagnostic::error(codes::TOO_LARGE, "aliases repeat too much")
                    .at(place, "too large when this is filled in")
                    .help("write the values out, or repeat smaller pieces"),
            );
            return Err(Stop);
        }
        if self.open.len() + anchored.height > MAX_DEPTH {
            return self.too_deep(range.start);
        }
        let node = anchored.node.clone().used_at(&place);
        self.place(node)
    }

    /// Fills in `<<`: keys that are written win, then earlier maps over later ones.
    fn merged(&mut self, pairs: Vec<Pair>) -> Vec<Pair> {
        let is_merge = |pair: &Pair| pair.key.text == "<<" && pair.key.style == Style::Plain;
        if !pairs.iter().any(is_merge) {
            return pairs;
        }
        let mut result: Vec<Pair> = Vec::with_capacity(pairs.len());
        let mut from = Vec::new();
        for pair in pairs {
            if is_merge(&pair) { from.push(pair) } else { result.push(pair) }
        }
        let mut seen: std::collections::HashSet<String> =
            result.iter().map(|pair| pair.key.text.clone()).collect();
        for merge in from {
            let maps = match merge.value.content {
                Content::List(items) => items,
                _ => vec![merge.value],
            };
            for map in maps {
                let place = map.place().clone();
                let Content::Map(inner) = map.content else {
                    self.report(map.blame(
                        Diagnostic::error(
                            codes::ODD_YAML,
                            format!("`<<` takes a map, and this is {}", map.noun()),
                        ),
                        "not a map",
                    ));
                    continue;
                };
                for pair in inner {
                    if seen.insert(pair.key.text.clone()) {
                        let value = pair.value.used_at(&place);
                        result.push(Pair { key: pair.key, value });
                    }
                }
            }
        }
        result
    }

    fn scalar(&mut self, text: &str, style: Style, tag: Option<&Tag>, range: &Range<usize>) -> Content {
        match tag {
            None if style == Style::Plain => scalar::plain(text),
            None => Content::Text(text.to_owned()),
            Some(tag) => match tag.core_suffix() {
                Some("str") => Content::Text(text.to_owned()),
                Some("int" | "float" | "bool" | "null") => scalar::plain(text),
                _ => {
                    self.unknown_tag(tag, range);
                    Content::Unresolved
                }
            },
        }
    }

    fn collection_tag(&mut self, tag: Option<&Tag>, expected: &str, range: &Range<usize>) {
        if let Some(tag) = tag.filter(|tag| tag.core_suffix() != Some(expected)) {
            self.unknown_tag(tag, range);
        }
    }

    fn unknown_tag(&mut self, tag: &Tag, range: &Range<usize>) {
        let place = super::node::first_line(&self.span(range.clone()));
        self.report(
            Diagnostic::error(codes::ODD_YAML, format!("the tag `{tag}` means nothing here"))
                .at(place, "")
                .help("remove the tag"),
        );
    }

    fn too_deep(&mut self, at: usize) -> Result<Option<Node>, Stop> {
        let place = self.span(at..(at + 1).min(self.source.text.len()));
        self.report(
            Diagnostic::error(codes::TOO_LARGE, format!("the file is nested deeper than {MAX_DEPTH} levels"))
                .at(place, "one level too deep"),
        );
        Err(Stop)
    }

    fn not_yaml(&mut self, error: &granit_parser::ScanError) {
        use granit_parser::ErrorKind;
        let at = error.marker().byte_offset().unwrap_or(0) + self.offset;
        let line = self.source.text.get(at..).unwrap_or_default();
        let length = line.chars().next().filter(|first| *first != '\n').map_or(0, char::len_utf8);
        let place = self.span(at..at + length);
        if matches!(error.kind(), ErrorKind::RecursionLimitExceeded) {
            let _ = self.too_deep(at);
            return;
        }
        let mut diagnostic =
            Diagnostic::error(codes::NOT_YAML, format!("this is not YAML: {}", error.info())).at(place, "");
        diagnostic = match error.kind() {
            ErrorKind::TabNotAllowed | ErrorKind::TabInBlockIndentation | ErrorKind::TabInIndentation => {
                diagnostic.help("indent with spaces, not with tabs")
            }
            ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => {
                diagnostic.help("a key ends with a colon and a space")
            }
            ErrorKind::UnknownAnchor => {
                diagnostic.help("an anchor (`&name`) stands before its aliases (`*name`)")
            }
            _ => diagnostic,
        };
        self.report(diagnostic);
    }

    fn span(&self, range: Range<usize>) -> Span {
        Span { source: Arc::clone(self.source), range }
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }
}

/// Returns how the parser's scalar is written.
pub(super) fn scalar_style(style: ScalarStyle) -> Style {
    match style {
        ScalarStyle::Plain => Style::Plain,
        ScalarStyle::SingleQuoted => Style::Single,
        ScalarStyle::DoubleQuoted => Style::Double,
        ScalarStyle::Literal => Style::Literal,
        ScalarStyle::Folded => Style::Folded,
    }
}

/// Returns where a key stands already. Small maps are looked through; large ones get an index.
fn standing(pairs: &[Pair], seen: &mut HashMap<String, usize>, key: &str) -> Option<usize> {
    const SMALL: usize = 16;
    if pairs.len() <= SMALL {
        return pairs.iter().position(|pair| pair.key.text == key);
    }
    for (at, pair) in pairs.iter().enumerate().skip(seen.len()) {
        seen.insert(pair.key.text.clone(), at);
    }
    seen.get(key).copied()
}

/// Returns the range without white space at its end, which block scalars run into.
fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let inner = text.get(range.clone()).unwrap_or_default();
    range.start..range.start + inner.trim_end().len()
}
