//! What is to become of which written value.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::super::node::Style;
use super::layout::{Id, Layout};
use super::lines::{is_blank, line_start};
use super::scalar::New;

/// One thing to be done.
#[derive(Clone, Debug)]
pub enum Op {
    /// A scalar, or nothing, becomes this.
    Set(Id, New),
    /// This key or item goes, with its value.
    Gone(Id, usize),
    /// So does this one, which declares something as a whole: what is said about it in comments goes too.
    Whole(Id, usize),
    /// A map, or nothing, gets a key; each name with those that stand before it by custom.
    Add(Id, Vec<(String, Vec<&'static str>)>, New),
    /// A list gets an item in front of this one.
    Insert(Id, usize, New),
    /// A list whose items have names gets one, or more of one that it got before.
    AddItem(Id, (String, String), Vec<String>, New),
}

/// A key that a map gets.
#[derive(Clone, Debug)]
pub struct Added {
    /// Its name.
    pub key: String,
    /// Its value.
    pub value: New,
    /// The keys that stand before it by custom.
    pub behind: Vec<&'static str>,
}

/// Everything to be done to the files.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Scalars, and what they become.
    pub set: BTreeMap<Id, New>,
    /// Keys and items that go, by place in their map or list.
    pub gone: BTreeSet<(Id, usize)>,
    /// Those of them that go with the comments inside.
    pub whole: BTreeSet<(Id, usize)>,
    /// Keys that maps get.
    pub added: BTreeMap<Id, Vec<Added>>,
    /// Items that lists get, each before one that is there or at the end.
    pub inserted: BTreeMap<Id, Vec<(usize, New)>>,
}

impl Changes {
    /// Takes one more in; returns whether it agrees with those before.
    pub fn apply(&mut self, layout: &Layout, op: Op) -> bool {
        match op {
            Op::Set(id, new) => match self.set.get(&id) {
                Some(other) => *other == new,
                None => self.set.insert(id, new).is_none(),
            },
            Op::Gone(id, index) => {
                self.gone.insert((id, index));
                true
            }
            Op::Whole(id, index) => {
                self.whole.insert((id, index));
                self.gone.insert((id, index));
                true
            }
            Op::Insert(id, index, new) => {
                self.inserted.entry(id).or_default().push((index, new));
                true
            }
            Op::Add(id, path, new) => {
                let Some(((key, behind), rest)) = path.split_first() else {
                    return false;
                };
                let names: Vec<String> = rest.iter().map(|(name, _)| name.clone()).collect();
                let added = self.added.entry(id).or_default();
                if let Some(there) = added.iter_mut().find(|added| added.key == *key) {
                    return put(&mut there.value, &names, new);
                }
                added.push(Added { key: key.clone(), value: nested(&names, new), behind: behind.clone() });
                true
            }
            Op::AddItem(id, (by, name), path, new) => {
                let end = layout.items(id).len();
                let named = (by, New::Text(name));
                let items = self.inserted.entry(id).or_default();
                let is_it = |item: &New| matches!(item, New::Map(pairs) if pairs.first() == Some(&named));
                let at = items.iter().position(|(_, item)| is_it(item)).unwrap_or(items.len());
                if at == items.len() {
                    items.push((end, New::Map(vec![named.clone()])));
                }
                let says_its_name = path.as_slice() == [named.0] && new == named.1;
                says_its_name || items.get_mut(at).is_some_and(|(_, item)| put(item, &path, new))
            }
        }
    }

    /// Lets the keys go whose block maps and lists lost everything; brackets stay, empty. A key also stays, with
    /// nothing below it but a comment, where a comment has a line of its own there.
    pub fn settle(&mut self, layout: &Layout) {
        loop {
            let emptied: Vec<(Id, usize)> = self
                .gone
                .iter()
                .map(|(id, _)| *id)
                .filter(|id| self.loses_all(layout, *id))
                .filter(|id| layout.get(*id).is_some_and(|node| node.style == Style::Block))
                .filter(|id| !self.holds_comment(layout, *id))
                .filter_map(|id| {
                    let parent = layout.get(id)?.parent?;
                    let in_map = layout.pairs(parent).iter().position(|(_, value)| *value == id);
                    let in_list = layout.items(parent).iter().position(|item| *item == id);
                    Some((parent, in_map.or(in_list)?))
                })
                .collect();
            let before = self.gone.len();
            self.gone.extend(emptied);
            if self.gone.len() == before {
                break;
            }
        }
        // What stands in something that goes needs no edit of its own.
        let covered = |id: Id| {
            self.gone.iter().any(|&(parent, index)| {
                let value = layout.pairs(parent).get(index).map(|(_, value)| *value);
                value
                    .or(layout.items(parent).get(index).copied())
                    .is_some_and(|value| layout.is_within(id, value))
            })
        };
        let inner: Vec<(Id, usize)> = self.gone.iter().filter(|(id, _)| covered(*id)).copied().collect();
        for entry in inner {
            self.gone.remove(&entry);
        }
    }

    /// Returns whether everything in a map or list goes, and nothing comes.
    pub fn loses_all(&self, layout: &Layout, id: Id) -> bool {
        let count = layout.pairs(id).len() + layout.items(id).len();
        !self.added.contains_key(&id)
            && !self.inserted.contains_key(&id)
            && (0..count).all(|index| self.gone.contains(&(id, index)))
    }

    /// Returns whether a comment has a line of its own between the key of a value and the value's end, and stays.
    fn holds_comment(&self, layout: &Layout, id: Id) -> bool {
        let at = layout.file_of(id);
        let (Some(node), Some(file)) = (layout.get(id), layout.files.get(at)) else {
            return false;
        };
        let text = &file.source.text;
        let pairs = node.parent.map(|parent| layout.pairs(parent)).unwrap_or_default();
        let key = pairs.iter().find(|(_, value)| *value == id).and_then(|(key, _)| layout.get(*key));
        let start = key.map_or(node.range.start, |key| key.range.end);
        file.comments.iter().any(|comment| {
            (start..node.range.end).contains(&comment.start)
                && text.get(line_start(text, comment.start)..comment.start).is_some_and(is_blank)
                && !self.goes_with_it(layout, at, comment)
        })
    }

    /// Returns whether a comment of a file stands inside something that goes as a whole.
    pub fn goes_with_it(&self, layout: &Layout, file: usize, comment: &Range<usize>) -> bool {
        self.whole.iter().filter(|(parent, _)| layout.file_of(*parent) == file).any(|&(parent, index)| {
            let pair = layout.pairs(parent).get(index).copied();
            let item = layout.items(parent).get(index).map(|item| (*item, *item));
            pair.or(item).is_some_and(|(first, last)| {
                let ends = layout.get(first).zip(layout.get(last));
                ends.is_some_and(|(first, last)| (first.range.start..last.range.end).contains(&comment.start))
            })
        })
    }
}

/// Returns a value below keys.
fn nested(keys: &[String], new: New) -> New {
    keys.iter().rev().fold(new, |inner, key| New::Map(vec![(key.clone(), inner)]))
}

/// Puts a value below keys; returns whether there was room. Items of lists are the same where their first pair is:
/// that which names them.
pub fn put(into: &mut New, keys: &[String], new: New) -> bool {
    let Some((key, rest)) = keys.split_first() else {
        return *into == new || joined(into, new);
    };
    let New::Map(pairs) = into else {
        return false;
    };
    if let Some((_, value)) = pairs.iter_mut().find(|(name, _)| name == key) {
        return put(value, rest, new);
    }
    pairs.push((key.clone(), nested(rest, new)));
    true
}

/// Lays items into a list of such: pairs of one that is there, or a further one.
fn joined(into: &mut New, new: New) -> bool {
    let (New::List(items), New::List(more)) = (into, new) else {
        return false;
    };
    more.into_iter().all(|item| {
        let New::Map(pairs) = item else { return false };
        let named = pairs.first().cloned();
        let is_it = |item: &&mut New| matches!(item, New::Map(pairs) if pairs.first() == named.as_ref());
        if let Some(there) = items.iter_mut().find(is_it) {
            return pairs.into_iter().skip(1).all(|(key, value)| laid(there, key, value));
        }
        items.push(New::Map(pairs));
        true
    })
}

/// Lays a value into a map, and maps into maps.
fn laid(into: &mut New, key: String, value: New) -> bool {
    let New::Map(pairs) = into else {
        return false;
    };
    match (pairs.iter_mut().find(|(name, _)| *name == key), value) {
        (None, value) => {
            pairs.push((key, value));
            true
        }
        (Some((_, there)), New::Map(inner)) => inner.into_iter().all(|(key, value)| laid(there, key, value)),
        (Some((_, there)), value) => *there == value,
    }
}
