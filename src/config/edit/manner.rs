//! The habits of a file, and new lines written by them.

use std::collections::BTreeMap;

use super::super::node::Style;
use super::layout::{File, Layout, What};
use super::lines::column;
use super::scalar::{self, Around, New, spell};

/// The habits of a file.
pub struct Manner {
    /// How a line ends.
    pub eol: &'static str,
    /// How much further in than its key a map begins.
    step: usize,
    /// How much further in than its key a list begins.
    list: usize,
    /// The quotes that it has more of.
    pub around: Around,
}

impl Manner {
    /// Finds them out.
    pub fn of(file: &File, layout: &Layout) -> Self {
        let text = &file.source.text;
        let mut steps: BTreeMap<usize, usize> = BTreeMap::new();
        let mut lists: BTreeMap<usize, usize> = BTreeMap::new();
        let mut quotes = 0_i64;
        for id in file.ids.clone() {
            let Some(node) = layout.get(id) else { continue };
            quotes += match node.style {
                Style::Single => 1,
                Style::Double => -1,
                _ => 0,
            };
            for &(key, value) in layout.pairs(id) {
                let (Some(key), Some(value)) = (layout.get(key), layout.get(value)) else { continue };
                if node.style != Style::Block || value.style != Style::Block {
                    continue;
                }
                let (outer, inner) = (column(text, key.range.start), column(text, value.range.start));
                let counts = if matches!(value.what, What::List(_)) { &mut lists } else { &mut steps };
                if inner >= outer {
                    *counts.entry(inner - outer).or_default() += 1;
                }
            }
        }
        let usual = |counts: &BTreeMap<usize, usize>| {
            counts.iter().max_by_key(|(_, count)| **count).map(|(size, _)| *size)
        };
        let step = usual(&steps).filter(|step| *step > 0).unwrap_or(2);
        let quotes = if quotes > 0 { Style::Single } else { Style::Double };
        Self {
            eol: if text.contains("\r\n") { "\r\n" } else { "\n" },
            step,
            list: usual(&lists).unwrap_or(step),
            around: Around { flow: false, quotes },
        }
    }

    /// Writes a key with its value as lines.
    pub fn entry(&self, key: &str, new: &New, indent: usize) -> Vec<String> {
        let front = " ".repeat(indent);
        let key = scalar::key(key, self.around);
        let mut lines = Vec::new();
        match new {
            New::Map(pairs) if !pairs.is_empty() => {
                lines.push(format!("{front}{key}:"));
                lines.extend(self.below(new, indent));
            }
            New::List(items) if !items.is_empty() => {
                lines.push(format!("{front}{key}:"));
                lines.extend(self.below(new, indent));
            }
            New::Text(text) if text.contains('\n') => {
                match scalar::block(text, Style::Literal) {
                    Some((body, sign)) => {
                        let inner = " ".repeat(indent + self.step);
                        lines.push(format!("{front}{key}: |{sign}"));
                        lines.extend(body.into_iter().map(|line| {
                            if line.is_empty() { String::new() } else { format!("{inner}{line}") }
                        }));
                    }
                    None => lines.push(format!("{front}{key}: {}", flow(new, self.around))),
                }
            }
            _ => lines.push(format!("{front}{key}: {}", flow(new, self.around))),
        }
        lines
    }

    /// Writes what stands below a key at this depth.
    pub fn below(&self, new: &New, indent: usize) -> Vec<String> {
        match new {
            New::Map(pairs) => {
                pairs.iter().flat_map(|(key, value)| self.entry(key, value, indent + self.step)).collect()
            }
            New::List(items) => items.iter().flat_map(|item| self.item(item, indent + self.list)).collect(),
            _ => Vec::new(),
        }
    }

    /// Writes an item of a list as lines.
    pub fn item(&self, new: &New, indent: usize) -> Vec<String> {
        let front = " ".repeat(indent);
        match new {
            New::Map(pairs) if !pairs.is_empty() => {
                let mut lines: Vec<String> =
                    pairs.iter().flat_map(|(key, value)| self.entry(key, value, indent + 2)).collect();
                if let Some(first) = lines.first_mut() {
                    *first = format!("{front}- {}", first.trim_start());
                }
                lines
            }
            _ => vec![format!("{front}- {}", flow(new, self.around))],
        }
    }
}

/// Writes a value on one line.
pub fn flow(new: &New, around: Around) -> String {
    let inside = Around { flow: true, ..around };
    match new {
        New::List(items) => {
            let items: Vec<String> = items.iter().map(|item| flow(item, inside)).collect();
            format!("[{}]", items.join(", "))
        }
        New::Map(pairs) => {
            let pairs: Vec<String> = pairs
                .iter()
                .map(|(key, value)| format!("{}: {}", scalar::key(key, inside), flow(value, inside)))
                .collect();
            format!("{{{}}}", pairs.join(", "))
        }
        _ => spell(new, None, around).unwrap_or_default(),
    }
}
