//! The files as they are written: every value once, at its own place, with aliases left as they are.
//!
//! The tree of [`yaml`](super::super::yaml) says what a file means, with aliases and merges filled in. An edit has
//! to know where the ink is: which value an alias repeats, where a dash stands, what is a comment.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use granit_parser::{Event, Parser, StructureStyle};

use super::super::expression;
use super::super::node::Style;
use super::super::yaml::scalar_style;
use crate::diag::Source;

/// Names a value of a [`Layout`].
pub type Id = usize;

/// One value, where it is written.
#[derive(Debug)]
pub struct Written {
    /// What it is.
    pub what: What,
    /// How it is written; aliases count as plain.
    pub style: Style,
    /// Its bytes: quotes and brackets included, anchors and tags not. Of a block text, from its first letter to
    /// its last.
    pub range: Range<usize>,
    /// The map or list that it stands in.
    pub parent: Option<Id>,
    /// Whether it stands inside brackets.
    pub in_flow: bool,
    /// Whether an anchor names it.
    pub anchored: bool,
    /// Its tag, if it has one.
    pub tag: Option<String>,
}

/// What is written.
#[derive(Debug)]
pub enum What {
    /// A text, a number or the like, as the parser reads it.
    Scalar(String),
    /// `*name`, and the value that it repeats.
    Alias(Id),
    /// The items.
    List(Vec<Id>),
    /// The keys and values, `<<` among them.
    Map(Vec<(Id, Id)>),
}

/// The files of a project as they are written.
#[derive(Debug)]
pub struct Layout {
    /// Every value, file by file, parents behind their children.
    pub nodes: Vec<Written>,
    /// The files.
    pub files: Vec<File>,
}

/// One file as it is written.
#[derive(Debug)]
pub struct File {
    /// Its text.
    pub source: Arc<Source>,
    /// The whole document.
    pub root: Id,
    /// Its values.
    pub ids: Range<Id>,
    /// Where the comments are, in order.
    pub comments: Vec<Range<usize>>,
}

struct Open {
    style: Style,
    range: Range<usize>,
    anchor: usize,
    tag: Option<String>,
    children: Vec<Id>,
    map: bool,
}

/// Reads texts that are known to be one YAML document each; nothing where one is none.
pub fn read(sources: &[Arc<Source>]) -> Option<Layout> {
    let mut layout = Layout { nodes: Vec::new(), files: Vec::new() };
    for source in sources {
        let first = layout.nodes.len();
        let (root, comments) = read_one(&source.text, &mut layout.nodes)?;
        let ids = first..layout.nodes.len();
        layout.files.push(File { source: Arc::clone(source), root, ids, comments });
    }
    Some(layout)
}

/// Reads one text; returns its root, and where its comments are.
fn read_one(text: &str, nodes: &mut Vec<Written>) -> Option<(Id, Vec<Range<usize>>)> {
    let offset = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let body = text.get(offset..)?;
    let options = granit_parser::options! { emit_comments: true };
    let mut open: Vec<Open> = Vec::new();
    let mut anchors: HashMap<usize, Id> = HashMap::new();
    let mut comments = Vec::new();
    let mut root = None;
    for event in Parser::new_from_str_with_options(body, options) {
        let (event, span) = event.ok()?;
        let range = span.byte_range().unwrap_or(0..0);
        let range = range.start + offset..range.end + offset;
        let in_flow = open.iter().any(|open| open.style == Style::Flow);
        let (written, anchor) = match event {
            Event::Comment(..) => {
                comments.push(range);
                continue;
            }
            Event::Scalar(scalar, style, anchor, tag) => {
                let style = scalar_style(style);
                let ink = text.get(range.clone())?.trim_end().len();
                let range = range.start..range.start + ink;
                let empty = range.is_empty() && style == Style::Plain;
                let what = What::Scalar(if empty { String::new() } else { scalar.into_owned() });
                let tag = tag.map(|tag| tag.to_string());
                (Written { what, style, range, parent: None, in_flow, anchored: anchor != 0, tag }, anchor)
            }
            Event::Alias(anchor) => {
                let what = What::Alias(*anchors.get(&anchor)?);
                let style = Style::Plain;
                (Written { what, style, range, parent: None, in_flow, anchored: false, tag: None }, 0)
            }
            Event::SequenceStart(style, anchor, tag) => {
                open.push(begin(style, range, anchor, tag.map(|tag| tag.to_string()), false));
                continue;
            }
            Event::MappingStart(style, anchor, tag) => {
                open.push(begin(style, range, anchor, tag.map(|tag| tag.to_string()), true));
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Open { style, range: range_of, anchor, tag, children, map } = open.pop()?;
                let in_flow = open.iter().any(|open| open.style == Style::Flow);
                let first = children.first().and_then(|&id| nodes.get(id)).map(|node| node.range.start);
                let start = if map || style == Style::Flow {
                    range_of.start
                } else {
                    dash(text, range_of.start, first)
                };
                let last = children.iter().filter_map(|&id| nodes.get(id)).map(|node| node.range.end).max();
                let end = if style == Style::Flow { range.end } else { last.unwrap_or(start) };
                let id = nodes.len();
                for &child in &children {
                    nodes.get_mut(child)?.parent = Some(id);
                }
                let what = if map {
                    What::Map(children.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect())
                } else {
                    What::List(children)
                };
                let range = start..end.max(start);
                (Written { what, style, range, parent: None, in_flow, anchored: anchor != 0, tag }, anchor)
            }
            _ => continue,
        };
        let id = nodes.len();
        nodes.push(written);
        if anchor != 0 {
            anchors.insert(anchor, id);
        }
        match open.last_mut() {
            Some(open) => open.children.push(id),
            None => root = Some(id),
        }
    }
    comments.sort_by_key(|range: &Range<usize>| range.start);
    Some((root?, comments))
}

/// Returns where the first dash of a block list stands; of one that is no deeper than its key, the parser says
/// where the first item begins.
fn dash(text: &str, start: usize, first: Option<usize>) -> usize {
    let is_dash = text.get(start..).is_some_and(|rest| rest.starts_with('-')) && first != Some(start);
    let before = text.get(..start).unwrap_or_default().trim_end();
    if !is_dash && before.ends_with('-') { before.len() - 1 } else { start }
}

fn begin(style: StructureStyle, range: Range<usize>, anchor: usize, tag: Option<String>, map: bool) -> Open {
    let style = if style == StructureStyle::Flow { Style::Flow } else { Style::Block };
    Open { style, range, anchor, tag, children: Vec::new(), map }
}

impl Layout {
    /// Returns a value.
    pub fn get(&self, id: Id) -> Option<&Written> {
        self.nodes.get(id)
    }

    /// Returns the pairs of a map.
    pub fn pairs(&self, id: Id) -> &[(Id, Id)] {
        match self.get(id).map(|node| &node.what) {
            Some(What::Map(pairs)) => pairs,
            _ => &[],
        }
    }

    /// Returns the items of a list.
    pub fn items(&self, id: Id) -> &[Id] {
        match self.get(id).map(|node| &node.what) {
            Some(What::List(items)) => items,
            _ => &[],
        }
    }

    /// Returns a scalar as the parser reads it, through an alias where there is one.
    pub fn text(&self, id: Id) -> Option<&str> {
        match &self.get(id)?.what {
            What::Scalar(text) => Some(text),
            What::Alias(target) => match &self.get(*target)?.what {
                What::Scalar(text) => Some(text),
                _ => None,
            },
            _ => None,
        }
    }

    /// Returns whether nothing at all is written, or `~` or `null`.
    pub fn is_null(&self, id: Id) -> bool {
        self.get(id).is_some_and(|node| {
            node.style == Style::Plain
                && matches!(&node.what, What::Scalar(text) if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
        })
    }

    /// Returns the value below a key that is written in this map; a merge is not looked into.
    pub fn value(&self, map: Id, key: &str) -> Option<Id> {
        let found = self.pairs(map).iter().find(|(id, _)| self.text(*id) == Some(key));
        found.map(|(_, value)| *value)
    }

    /// Returns the value at the end of keys in a file, nothing followed.
    pub fn below(&self, file: usize, keys: &[&str]) -> Option<Id> {
        keys.iter().try_fold(self.files.get(file)?.root, |id, key| self.value(id, key))
    }

    /// Returns the file that a value is in.
    pub fn file_of(&self, id: Id) -> usize {
        self.files.partition_point(|file| file.ids.end <= id)
    }

    /// Returns whether a value is this one or stands in it.
    pub fn is_within(&self, id: Id, outer: Id) -> bool {
        let mut at = Some(id);
        while let Some(id) = at {
            if id == outer {
                return true;
            }
            at = self.get(id).and_then(|node| node.parent);
        }
        false
    }

    /// Returns the aliases that repeat a value, itself or inside one that holds it.
    pub fn aliases(&self, of: Id) -> Vec<Id> {
        let repeats = |node: &Written| matches!(node.what, What::Alias(target) if self.is_within(of, target));
        (0..self.nodes.len()).filter(|&id| self.get(id).is_some_and(repeats)).collect()
    }

    /// Returns where expressions look a variable up, or something in or around it; and look-ups whose names are
    /// expressions themselves, which may mean it.
    pub fn look_ups(&self, variable: &[String]) -> Vec<Id> {
        let uses = |id: &Id| match self.get(*id).map(|node| &node.what) {
            Some(What::Scalar(text)) if expression::is_in(text) => looks_up(text, variable),
            _ => 0,
        };
        (0..self.nodes.len()).flat_map(|id| std::iter::repeat_n(id, uses(&id))).collect()
    }
}

/// Counts the look-ups of a variable in a text.
fn looks_up(text: &str, variable: &[String]) -> usize {
    // Every name that stands behind `vars.`, wherever: nested calls and expressions in expressions too.
    let mut count = 0;
    for (at, found) in text.match_indices("vars") {
        let rest = text.get(at + found.len()..).unwrap_or_default();
        let end = rest
            .find(|c: char| c.is_whitespace() || matches!(c, '}' | ',' | ')' | '('))
            .unwrap_or(rest.len());
        let name = rest.get(..end).unwrap_or_default();
        let unclear = name.contains(['$', '{']);
        let words = name.split(['.', '[', ']', '\'', '"']).filter(|word| !word.is_empty());
        count += usize::from(unclear || words.zip(variable).all(|(one, other)| one == other));
    }
    count
}
