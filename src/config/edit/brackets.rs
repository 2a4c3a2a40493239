//! Maps and lists in brackets: elements go with their commas, and new ones stand as their siblings do.

use std::ops::Range;

use super::change::Added;
use super::layout::Id;
use super::lines::{is_blank, line_end, line_start};
use super::manner::flow;
use super::scalar;
use super::write::{Odd, Writer};

impl Writer<'_> {
    /// Changes what stands in brackets.
    pub fn flow(&mut self, id: Id) -> Result<(), Odd> {
        let odd = || Odd(id);
        let node = self.layout.get(id).ok_or_else(odd)?;
        let around = self.around(true);
        let mut places = Vec::new();
        for &(key, value) in self.layout.pairs(id) {
            let start = self.layout.get(key).ok_or_else(odd)?.range.start;
            places.push(start..self.end(value).ok_or_else(odd)?);
        }
        for &item in self.layout.items(id) {
            places.push(self.layout.get(item).ok_or_else(odd)?.range.clone());
        }
        let mut new: Vec<(usize, String)> = Vec::new();
        for Added { key, value, .. } in self.changes.added.get(&id).into_iter().flatten() {
            new.push((places.len(), format!("{}: {}", scalar::key(key, around), flow(value, around))));
        }
        for (before, value) in self.changes.inserted.get(&id).into_iter().flatten() {
            new.push((*before, flow(value, around)));
        }
        let gone = |index: &usize| self.changes.gone.contains(&(id, *index));
        let kept: Vec<usize> = (0..places.len()).filter(|index| !gone(index)).collect();
        if kept.is_empty() {
            let texts: Vec<String> = new.into_iter().map(|(_, text)| text).collect();
            self.splice(node.range.start + 1..node.range.end.max(1) - 1, texts.join(", "));
            return Ok(());
        }
        let mut taken = Vec::new();
        for index in (0..places.len()).filter(gone) {
            let place = places.get(index).ok_or_else(odd)?;
            let next = kept.iter().find(|other| **other > index).and_then(|next| places.get(*next));
            let previous = kept.iter().rev().find(|other| **other < index).and_then(|last| places.get(*last));
            taken.push(match (next, previous) {
                (Some(next), _) => self.with_own_line(place.start, next.start),
                (None, Some(previous)) => previous.end..places.last().map_or(place.end, |last| last.end),
                (None, None) => return Err(odd()),
            });
        }
        for range in taken {
            self.splice(range, "");
        }
        for (before, text) in new {
            self.put_in(&places, &kept, before, &text).ok_or_else(odd)?;
        }
        Ok(())
    }

    /// Returns what goes with an element in front of another: whole lines, where both begin their lines.
    fn with_own_line(&self, start: usize, next: usize) -> Range<usize> {
        let (line, next_at) = (line_start(self.text, start), line_start(self.text, next));
        let begins = |line: usize, at: usize| self.text.get(line..at).is_some_and(is_blank);
        if line != next_at && begins(line, start) && begins(next_at, next) {
            line..next_at
        } else {
            start..next
        }
    }

    /// Puts an element between others in brackets.
    fn put_in(&mut self, places: &[Range<usize>], kept: &[usize], before: usize, text: &str) -> Option<()> {
        if let Some(next) = kept.iter().find(|index| **index >= before) {
            let start = places.get(*next)?.start;
            let line = line_start(self.text, start);
            let indent = self.text.get(line..start)?;
            let gap = if is_blank(indent) { format!("{}{indent}", self.manner.eol) } else { " ".to_owned() };
            self.splice(start..start, format!("{text},{gap}"));
            return Some(());
        }
        let last = places.get(*kept.last()?)?;
        let line = line_start(self.text, last.start);
        let indent = self.text.get(line..last.start)?;
        if !is_blank(indent) {
            self.splice(last.end..last.end, format!(", {text}"));
            return Some(());
        }
        let rest = self.text.get(last.end..)?;
        if rest.trim_start().starts_with(',') {
            let comma = last.end + rest.find(',')? + 1;
            let end = line_end(self.text, comma);
            self.splice(end..end, format!("{}{indent}{text},", self.manner.eol));
        } else {
            self.splice(last.end..last.end, ",");
            let end = line_end(self.text, last.end);
            if is_blank(self.text.get(last.end..end)?)
                || self.text.get(last.end..end)?.trim_start().starts_with('#')
            {
                self.splice(end..end, format!("{}{indent}{text}", self.manner.eol));
            } else {
                self.splice(last.end..last.end, format!(" {text}"));
            }
        }
        Some(())
    }
}
