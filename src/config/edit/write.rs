//! From changes to a text: pieces of the old one, and the new lines between them.
//!
//! Nothing is written anew that need not be: a scalar is replaced between its own first and last byte, a key goes
//! with its own lines, a new one comes behind its siblings.

use std::ops::Range;

use super::super::node::Style;
use super::change::{Added, Changes};
use super::layout::{File, Id, Layout, What};
use super::lines::{column, is_blank, line_end, line_start, next_line};
use super::manner::{Manner, flow};
use super::scalar::{self, Around, New, Old, spell};

/// A piece of the old text, and what stands there instead.
#[derive(Clone, Debug)]
pub struct Splice {
    /// The bytes that go.
    pub range: Range<usize>,
    /// What comes.
    pub text: String,
}

/// The way in which a place is written that is not edited.
#[derive(Debug)]
pub struct Odd(pub Id);

/// Works out the pieces of a file that change; `changes` must be settled.
pub fn splices(file: &File, layout: &Layout, changes: &Changes) -> Result<Vec<Splice>, Odd> {
    let text = &file.source.text;
    let mut writer = Writer { text, layout, changes, manner: Manner::of(file, layout), splices: Vec::new() };
    for (&id, new) in changes.set.range(file.ids.clone()) {
        writer.set(id, new)?;
    }
    let mut containers: Vec<Id> = changes.gone.iter().map(|(id, _)| *id).collect();
    containers.extend(changes.added.keys().chain(changes.inserted.keys()));
    containers.retain(|id| file.ids.contains(id));
    containers.sort_unstable();
    containers.dedup();
    for id in containers {
        let node = layout.get(id).ok_or(Odd(id))?;
        match (&node.what, node.style) {
            (What::Map(_) | What::List(_), Style::Flow) => writer.flow(id)?,
            (What::Map(_), _) => writer.block_map(id)?,
            (What::List(_), _) => writer.block_list(id)?,
            _ if layout.is_null(id) => writer.nothing(id)?,
            _ => return Err(Odd(id)),
        }
    }
    joined(writer.splices)
}

/// Sorts pieces, and joins those that only take text away.
fn joined(mut splices: Vec<Splice>) -> Result<Vec<Splice>, Odd> {
    splices.sort_by_key(|splice| (splice.range.start, splice.range.end));
    let mut result: Vec<Splice> = Vec::with_capacity(splices.len());
    for splice in splices {
        match result.last_mut() {
            Some(last) if splice.range.start < last.range.end => {
                if !last.text.is_empty() || !splice.text.is_empty() {
                    return Err(Odd(0));
                }
                last.range.end = last.range.end.max(splice.range.end);
            }
            _ => result.push(splice),
        }
    }
    Ok(result)
}

/// Puts the pieces into the text. A text without a line end at its end stays one.
pub fn apply(text: &str, splices: &[Splice]) -> String {
    let mut result = String::with_capacity(text.len() + 64);
    let mut from = 0;
    for splice in splices {
        result.push_str(text.get(from..splice.range.start).unwrap_or_default());
        result.push_str(&splice.text);
        from = splice.range.end;
    }
    result.push_str(text.get(from..).unwrap_or_default());
    if !text.ends_with('\n') && result.ends_with('\n') {
        result.pop();
        if result.ends_with('\r') {
            result.pop();
        }
    }
    result
}

/// Gathers the pieces of one text.
pub struct Writer<'a> {
    /// The old text.
    pub text: &'a str,
    /// Its values.
    pub layout: &'a Layout,
    /// What is to be done.
    pub changes: &'a Changes,
    /// How the file is written.
    pub manner: Manner,
    splices: Vec<Splice>,
}

impl Writer<'_> {
    /// Puts a text in the place of another.
    pub fn splice(&mut self, range: Range<usize>, text: impl Into<String>) {
        self.splices.push(Splice { range, text: text.into() });
    }

    /// Puts lines in at the beginning of a line, or behind the end of a text without a line end.
    fn lines(&mut self, at: usize, lines: &[String]) {
        let eol = self.manner.eol;
        let text: String = if at == self.text.len() && !self.text.ends_with('\n') {
            lines.iter().flat_map(|line| [eol, line]).collect()
        } else {
            lines.iter().flat_map(|line| [line, eol]).collect()
        };
        self.splice(at..at, text);
    }

    /// Returns what a place asks for.
    pub fn around(&self, flow: bool) -> Around {
        Around { flow, ..self.manner.around }
    }

    fn set(&mut self, id: Id, new: &New) -> Result<(), Odd> {
        let node = self.layout.get(id).ok_or(Odd(id))?;
        if *new == New::Null && matches!(node.what, What::Map(_) | What::List(_)) {
            return self.nothing_left(id);
        }
        let What::Scalar(old) = &node.what else {
            return Err(Odd(id));
        };
        let empty = node.range.is_empty();
        if new.word().is_none() {
            return if !self.layout.is_null(id) {
                Err(Odd(id))
            } else if empty && !node.in_flow {
                let (key, at) = self.key_of(id).ok_or(Odd(id))?;
                let indent = column(self.text, key);
                let lines = self.manner.below(new, indent);
                self.lines(next_line(self.text, at), &lines);
                Ok(())
            } else {
                self.fill(id, flow(new, self.around(true)))
            };
        }
        if matches!(node.style, Style::Literal | Style::Folded) {
            return self.set_block(id, new, node.style);
        }
        let around = self.around(node.in_flow);
        let spelled = spell(new, Some(Old { text: old, style: node.style }), around).ok_or(Odd(id))?;
        self.fill(id, spelled)
    }

    /// Makes a map or a list nothing.
    fn nothing_left(&mut self, id: Id) -> Result<(), Odd> {
        let node = self.layout.get(id).ok_or(Odd(id))?;
        if node.style == Style::Flow {
            self.splice(node.range.clone(), "null");
        } else {
            let at = self.front(id).ok_or(Odd(id))?;
            self.splice(at..at, " null");
            self.splice(next_line(self.text, at)..next_line(self.text, node.range.end), "");
        }
        Ok(())
    }

    /// Replaces a scalar, or fills in one that is not there.
    fn fill(&mut self, id: Id, spelled: String) -> Result<(), Odd> {
        let node = self.layout.get(id).ok_or(Odd(id))?;
        if node.range.is_empty() {
            let at = self.front(id).ok_or(Odd(id))?;
            self.splice(at..at, format!(" {spelled}"));
        } else {
            self.splice(node.range.clone(), spelled);
        }
        Ok(())
    }

    /// Replaces a block text, by one of its kind where that is possible.
    fn set_block(&mut self, id: Id, new: &New, style: Style) -> Result<(), Odd> {
        let odd = || Odd(id);
        let node = self.layout.get(id).ok_or_else(odd)?;
        let header = self.header(id).ok_or_else(odd)?;
        let signs = self.text.get(header.start + 1..header.end).ok_or_else(odd)?;
        let word = new.word().ok_or_else(odd)?;
        let empty = node.range.is_empty();
        if let Some((lines, sign)) = scalar::block(&word, style).filter(|_| *new != New::Null)
            && !signs.contains(|c: char| c.is_ascii_digit())
            && !empty
        {
            let indent = " ".repeat(column(self.text, node.range.start));
            let between = if style == Style::Folded {
                format!("{0}{0}", self.manner.eol)
            } else {
                self.manner.eol.to_owned()
            };
            let lines: Vec<String> = lines
                .into_iter()
                .map(|line| if line.is_empty() { String::new() } else { format!("{indent}{line}") })
                .collect();
            let body = next_line(self.text, header.end)..line_end(self.text, node.range.end);
            self.splice(body, lines.join(&between));
            if signs != sign {
                self.splice(header.start + 1..header.end, sign);
            }
            return Ok(());
        }
        let end = if empty { header.end } else { line_end(self.text, node.range.end) };
        let old = Old { text: "", style: self.manner.around.quotes };
        let spelled = spell(new, Some(old), self.around(false)).ok_or_else(odd)?;
        self.splice(header.start..end, spelled);
        Ok(())
    }

    /// Returns where the `|` or `>` of a block text stands, with its signs.
    fn header(&self, id: Id) -> Option<Range<usize>> {
        let mut at = self.front(id)?;
        loop {
            let rest = self.text.get(at..)?;
            at += rest.len() - rest.trim_start_matches([' ', '\t']).len();
            let rest = self.text.get(at..)?;
            let length = rest.find(char::is_whitespace).unwrap_or(rest.len());
            match rest.chars().next()? {
                '|' | '>' => return Some(at..at + length),
                '&' | '!' => at += length,
                _ => return None,
            }
        }
    }

    /// Returns where a value may begin: behind its key's colon, or behind its dash.
    fn front(&self, id: Id) -> Option<usize> {
        if let Some((_, at)) = self.key_of(id) {
            return Some(at);
        }
        let parent = self.layout.get(id)?.parent?;
        let index = self.layout.items(parent).iter().position(|item| *item == id)?;
        Some(self.dashes(parent)?.get(index)? + 1)
    }

    /// Returns where the key of a value begins, and where its colon ends.
    fn key_of(&self, id: Id) -> Option<(usize, usize)> {
        let parent = self.layout.get(id)?.parent?;
        let (key, _) = self.layout.pairs(parent).iter().find(|(_, value)| *value == id)?;
        let key = &self.layout.get(*key)?.range;
        let rest = self.text.get(key.end..)?;
        let gap = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        rest.get(gap..)?.starts_with(':').then_some((key.start, key.end + gap + 1))
    }

    /// Returns where a pair or item ends, its colon or dash included.
    pub fn end(&self, id: Id) -> Option<usize> {
        let node = self.layout.get(id)?;
        let end = node.range.end;
        if !node.range.is_empty() {
            return Some(end);
        }
        match self.front(id) {
            Some(front) => Some(front.max(end)),
            None => node.in_flow.then_some(end),
        }
    }

    /// Returns where the dash of each item of a block list stands.
    fn dashes(&self, list: Id) -> Option<Vec<usize>> {
        let node = self.layout.get(list)?;
        let items = self.layout.items(list);
        let depth = column(self.text, node.range.start);
        let mut dashes = vec![node.range.start];
        let mut line = next_line(self.text, node.range.start);
        while dashes.len() < items.len() && line < self.text.len() {
            let dash = line + depth;
            let blank = self.text.get(line..dash).is_some_and(|front| front.bytes().all(|byte| byte == b' '));
            let rest = self.text.get(dash..).unwrap_or_default();
            let is_dash =
                rest.starts_with("- ") || rest.starts_with("-\n") || rest.starts_with("-\r") || rest == "-";
            // A dash at this depth inside a text of several lines is none.
            let inside =
                items.iter().filter_map(|id| self.layout.get(*id)).any(|item| item.range.contains(&dash));
            if blank && is_dash && !inside {
                dashes.push(dash);
            }
            line = next_line(self.text, line);
        }
        (dashes.len() == items.len() && self.text.get(node.range.start..)?.starts_with('-')).then_some(dashes)
    }

    fn block_map(&mut self, id: Id) -> Result<(), Odd> {
        let odd = || Odd(id);
        let pairs = self.layout.pairs(id);
        let gone = |index: usize| self.changes.gone.contains(&(id, index));
        let mut removed = Vec::new();
        let mut places = Vec::new();
        for (index, &(key, value)) in pairs.iter().enumerate() {
            let start = self.layout.get(key).ok_or_else(odd)?.range.start;
            let end = self.end(value).ok_or_else(odd)?;
            places.push((start, end));
            if !gone(index) {
                continue;
            }
            let line = line_start(self.text, start);
            if self.text.get(line..start).is_some_and(is_blank) {
                removed.push(line..next_line(self.text, end));
            } else {
                // Behind a dash: the next key takes its place.
                let next = (index + 1..pairs.len()).find(|index| !gone(*index)).ok_or_else(odd)?;
                let next = pairs.get(next).and_then(|(key, _)| self.layout.get(*key)).ok_or_else(odd)?;
                removed.push(start..next.range.start);
            }
        }
        for range in removed {
            self.splice(range, "");
        }
        let indent = column(self.text, places.first().ok_or_else(odd)?.0);
        for Added { key, value, behind } in self.changes.added.get(&id).into_iter().flatten() {
            let is = |name: &str| pairs.iter().position(|(key, _)| self.layout.text(*key) == Some(name));
            let after =
                behind.iter().rev().find_map(|name| is(name)).unwrap_or(pairs.len().saturating_sub(1));
            let end = places.get(after).ok_or_else(odd)?.1;
            let lines = self.manner.entry(key, value, indent);
            self.lines(next_line(self.text, end), &lines);
        }
        Ok(())
    }

    fn block_list(&mut self, id: Id) -> Result<(), Odd> {
        let odd = || Odd(id);
        let items = self.layout.items(id);
        let dashes = self.dashes(id).ok_or_else(odd)?;
        let own_line = |dash: usize| self.text.get(line_start(self.text, dash)..dash).is_some_and(is_blank);
        let mut ends = Vec::new();
        for (&item, &dash) in items.iter().zip(&dashes) {
            ends.push(next_line(self.text, self.end(item).ok_or_else(odd)?.max(dash + 1)));
        }
        let first = *dashes.first().ok_or_else(odd)?;
        for (index, (&dash, &end)) in dashes.iter().zip(&ends).enumerate() {
            if self.changes.gone.contains(&(id, index)) {
                if !own_line(dash) {
                    return Err(odd());
                }
                self.splice(line_start(self.text, dash)..end, "");
            }
        }
        let indent = column(self.text, first);
        for (before, new) in self.changes.inserted.get(&id).into_iter().flatten() {
            let at = match before.checked_sub(1) {
                Some(index) => *ends.get(index).ok_or_else(odd)?,
                None if own_line(first) => line_start(self.text, first),
                None => return Err(odd()),
            };
            let lines = self.manner.item(new, indent);
            self.lines(at, &lines);
        }
        Ok(())
    }

    /// Puts keys below a key that has no value.
    fn nothing(&mut self, id: Id) -> Result<(), Odd> {
        let node = self.layout.get(id).ok_or(Odd(id))?;
        let added = self.changes.added.get(&id).ok_or(Odd(id))?;
        let map = New::Map(added.iter().map(|added| (added.key.clone(), added.value.clone())).collect());
        if !node.range.is_empty() || node.in_flow {
            return self.fill(id, flow(&map, self.around(true)));
        }
        let (key, at) = self.key_of(id).ok_or(Odd(id))?;
        let lines = self.manner.below(&map, column(self.text, key));
        self.lines(next_line(self.text, at), &lines);
        Ok(())
    }
}
