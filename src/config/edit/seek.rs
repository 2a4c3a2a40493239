//! From an attribute of a resource to the place in the files that says it.
//!
//! The component knows where in its entries an attribute stands; from there the way goes down the file as it is
//! written, beside the same values as they are read, through an alias or a plain `${vars.x}` where nothing else
//! uses what is behind it.

use super::super::Given;
use super::super::component::{Component, Place, Step};
use super::super::expression::{self, Expression, Piece};
use super::super::node::{Content, Node};
use super::Why;
use super::change::{Op, put};
use super::entries::{EntryRead, Layer};
use super::layout::{Id, Layout, What};
use super::list::plain;
use super::scalar::New;
use crate::model::{Attribute, Kind, Order, Value};

/// Why there is no way, and where it ended.
pub type Stuck = (Why, Option<Id>);

/// Looks places up in one file.
pub struct Seeker<'a> {
    /// The file.
    pub layout: &'a Layout,
    /// Its entries.
    pub entries: &'a [EntryRead],
    /// What it was read with.
    pub given: &'a Given<'a>,
}

/// Where the way is.
#[derive(Clone, Copy)]
struct At<'n> {
    id: Id,
    /// The value as it is read; nothing where nothing is read here.
    read: Option<&'n Node>,
    /// The alias or expression that led here, if one did.
    through: Option<Id>,
}

impl Seeker<'_> {
    /// Returns what has to be done so that an attribute has this value, or none.
    pub fn seek(
        &self,
        component: &'static Component,
        place: &Place,
        attribute: &Attribute,
        value: Option<&Value>,
    ) -> Result<Vec<Op>, Stuck> {
        let mut ops = Vec::new();
        let parts = parts(place, value)?;
        for entry in self.entries_at(component, place)? {
            for (steps, new) in &parts {
                match new {
                    Some(new) => {
                        let layer = strongest(entry, steps).ok_or((Why::NoEntry, None))?;
                        if layer.shared {
                            self.lay_over(entry, layer, steps, attribute, new, &mut ops)?;
                        } else {
                            self.write(layer, steps, attribute, new, &mut ops)?;
                        }
                    }
                    None => self.take_away(entry, steps, attribute, &mut ops)?,
                }
            }
        }
        Ok(ops)
    }

    /// Writes a value where a layer says it, or would.
    fn write(
        &self,
        layer: &Layer,
        steps: &[Step],
        attribute: &Attribute,
        new: &New,
        ops: &mut Vec<Op>,
    ) -> Result<(), Stuck> {
        match self.walk(self.start(layer)?, &way(layer, steps), Some(new), ops)? {
            None => Ok(()), // written where the way ends
            Some((at, _)) => self.set(at, attribute, new, ops),
        }
    }

    /// Writes a value over what a layer says for others too.
    fn lay_over(
        &self,
        entry: &EntryRead,
        said: &Layer,
        steps: &[Step],
        attribute: &Attribute,
        new: &New,
        ops: &mut Vec<Op>,
    ) -> Result<(), Stuck> {
        let start = self.start(said)?;
        let mut place = start.id;
        if let (_, true) = said.says(steps)
            && let Some((at, _)) = self.walk(start, &way(said, steps), None, &mut Vec::new())?
        {
            self.no_expression(at.id)?;
            place = at.id;
        }
        let own = entry.layers.iter().find(|layer| !layer.shared);
        // Lists are never merged: what is in one could only be said with all the rest of it.
        match own {
            Some(own) if steps.iter().all(|step| step.name().is_some()) => {
                self.write(own, steps, attribute, new, ops)
            }
            _ => Err((Why::OthersToo, Some(place))),
        }
    }

    /// Takes a value away wherever it is said.
    fn take_away(
        &self,
        entry: &EntryRead,
        steps: &[Step],
        attribute: &Attribute,
        ops: &mut Vec<Op>,
    ) -> Result<(), Stuck> {
        let mut saying = Vec::new();
        for layer in &entry.layers {
            let (depth, closed) = layer.says(steps);
            if closed {
                saying.push(layer);
            }
            if closed && depth < steps.len() {
                break; // weaker ones have no say in this
            }
        }
        if let Some(shared) = saying.iter().find(|layer| layer.shared) {
            return self.lay_over(entry, shared, steps, attribute, &New::Null, ops);
        }
        for layer in saying {
            if let Some((at, last)) = self.walk(self.start(layer)?, &way(layer, steps), None, ops)? {
                let (parent, index) = last.ok_or((Why::Odd, Some(at.id)))?;
                self.no_expression(at.id)?;
                self.alone(parent, at.through)?;
                ops.push(Op::Gone(parent, index));
            }
        }
        Ok(())
    }

    /// Returns what has to be done so that nothing declares the resource at a place.
    pub fn seek_whole(&self, component: &'static Component, place: &Place) -> Result<Vec<Op>, Stuck> {
        let mut ops = Vec::new();
        for entry in self.entries_at(component, place)? {
            let layers: Vec<&Layer> = if place.steps.is_empty() {
                entry.layers.iter().filter(|layer| layer.is_entry).collect()
            } else {
                strongest(entry, &place.steps).into_iter().collect()
            };
            for layer in layers {
                let start = self.start(layer)?;
                if layer.shared {
                    return Err((Why::OthersToo, Some(start.id)));
                }
                if let Some((at, last)) = self.walk(start, &way(layer, &place.steps), None, &mut ops)? {
                    // No step leads to the entry itself, which is two levels above its props.
                    let (parent, index) = match last {
                        Some(last) => last,
                        None => self.entry_of(at.id).ok_or((Why::Odd, Some(at.id)))?,
                    };
                    self.alone(parent, at.through)?;
                    ops.push(Op::Whole(parent, index));
                }
            }
        }
        Ok(ops)
    }

    /// Returns every entry that a place is in.
    fn entries_at(&self, component: &'static Component, place: &Place) -> Result<Vec<&EntryRead>, Stuck> {
        let is_it = |entry: &&EntryRead| {
            std::ptr::eq(entry.component, component)
                && place.entry.as_ref().is_none_or(|name| *name == entry.name)
                && holds(&entry.props, place)
        };
        let found: Vec<&EntryRead> = self.entries.iter().filter(is_it).collect();
        if found.is_empty() { Err((Why::NoEntry, None)) } else { Ok(found) }
    }

    /// Returns where a layer begins.
    fn start<'n>(&self, layer: &'n Layer) -> Result<At<'n>, Stuck> {
        match layer.id(self.layout) {
            Some(id) => Ok(At { id, read: Some(&layer.read), through: None }),
            // It comes through an alias or a merge as a whole.
            None => Err((
                Why::Shared(0),
                self.layout
                    .below(layer.file, &["resources"])
                    .or(self.layout.below(layer.file, &["services"])),
            )),
        }
    }

    /// Returns the place of an entry among all, by its props.
    fn entry_of(&self, props: Id) -> Option<(Id, usize)> {
        let entry = self.layout.get(props)?.parent?;
        let entries = self.layout.get(entry)?.parent?;
        let index = self.layout.pairs(entries).iter().position(|(_, value)| *value == entry)?;
        Some((entries, index))
    }

    /// Goes down from an entry's props. Returns where the steps lead, and the last key or item on the way; nothing
    /// where nothing is there yet: then `ops` says how it gets there.
    #[expect(clippy::type_complexity, reason = "where, and as what of what")]
    fn walk<'n>(
        &self,
        mut at: At<'n>,
        steps: &[Step],
        value: Option<&New>,
        ops: &mut Vec<Op>,
    ) -> Result<Option<(At<'n>, Option<(Id, usize)>)>, Stuck> {
        let mut last: Option<(Id, usize)> = None;
        for (depth, step) in steps.iter().enumerate() {
            at = self.follow(at)?;
            let rest = steps.get(depth + 1..).unwrap_or_default();
            match step {
                Step::Key { name, .. } => match self.key(at, name)? {
                    Some((map, index, next)) => {
                        let read = at.read.and_then(|read| read.get(name));
                        let through = if map == at.id { at.through } else { Some(map) };
                        self.alone(map, through)?;
                        last = Some((map, index));
                        at = At { id: next, read, through };
                    }
                    None => return self.add(at, step, rest, value, ops).map(|()| None),
                },
                Step::Item { by, name } => {
                    let items = match at.read.map(|read| &read.content) {
                        Some(Content::List(items)) => items.as_slice(),
                        _ => &[],
                    };
                    let is_it = |item: &Node| {
                        item.get(by).and_then(Node::as_written).is_some_and(|text| text == *name)
                    };
                    match items.iter().position(is_it) {
                        Some(index) => {
                            let next = self.layout.items(at.id).get(index).copied();
                            last = Some((at.id, index));
                            at =
                                At { id: next.ok_or((Why::Odd, Some(at.id)))?, read: items.get(index), ..at };
                        }
                        None => return self.add(at, step, rest, value, ops).map(|()| None),
                    }
                }
            }
        }
        Ok(Some((at, last)))
    }

    /// Finds a key in a map, or in what the map merges.
    fn key(&self, at: At<'_>, name: &str) -> Result<Option<(Id, usize, Id)>, Stuck> {
        let pairs = self.layout.pairs(at.id);
        let is_it = |(key, _): &(Id, Id)| self.layout.text(*key) == Some(name);
        if let Some(index) = pairs.iter().position(is_it) {
            return Ok(pairs.get(index).map(|(_, value)| (at.id, index, *value)));
        }
        if at.read.and_then(|read| read.get(name)).is_none() {
            return Ok(None);
        }
        for (key, value) in pairs.iter().filter(|(key, _)| self.layout.text(*key) == Some("<<")) {
            let target = match self.layout.get(*value).map(|node| &node.what) {
                Some(What::Alias(target)) => *target,
                _ => *value,
            };
            let pairs = self.layout.pairs(target);
            if let Some(index) = pairs.iter().position(is_it) {
                self.alone(target, Some(*value)).map_err(|(why, _)| (why, Some(*key)))?;
                return Ok(pairs.get(index).map(|(_, value)| (target, index, *value)));
            }
        }
        Err((Why::Shared(0), Some(at.id)))
    }

    fn add(
        &self,
        at: At<'_>,
        step: &Step,
        rest: &[Step],
        value: Option<&New>,
        ops: &mut Vec<Op>,
    ) -> Result<(), Stuck> {
        let Some(new) = value.cloned() else {
            return Ok(()); // gone already
        };
        self.alone(at.id, at.through)?;
        let op = match step {
            Step::Item { by, name } => {
                let names = rest.iter().map(Step::name).collect::<Option<Vec<String>>>();
                let names = names.ok_or((Why::Odd, Some(at.id)))?;
                if !matches!(self.layout.get(at.id).map(|node| &node.what), Some(What::List(_))) {
                    return Err((Why::Odd, Some(at.id)));
                }
                Op::AddItem(at.id, ((*by).to_owned(), name.clone()), names, new)
            }
            Step::Key { .. } => {
                let is_map = matches!(self.layout.get(at.id).map(|node| &node.what), Some(What::Map(_)));
                if !is_map && !self.layout.is_null(at.id) {
                    return Err((Why::Odd, Some(at.id)));
                }
                let mut path = vec![(step.name().unwrap_or_default(), step.behind())];
                let mut new = new;
                for (index, inner) in rest.iter().enumerate() {
                    match inner {
                        Step::Key { name, .. } => path.push((name.clone(), Vec::new())),
                        Step::Item { by, name } => {
                            let below = rest.get(index + 1..).unwrap_or_default();
                            let below = below.iter().map(Step::name).collect::<Option<Vec<String>>>();
                            let below = below.ok_or((Why::Odd, Some(at.id)))?;
                            let mut item = New::Map(vec![((*by).to_owned(), New::Text(name.clone()))]);
                            if below != [*by] && !put(&mut item, &below, new) {
                                return Err((Why::Odd, Some(at.id)));
                            }
                            new = New::List(vec![item]);
                            break;
                        }
                    }
                }
                Op::Add(at.id, path, new)
            }
        };
        ops.push(op);
        Ok(())
    }

    fn set(&self, at: At<'_>, attribute: &Attribute, new: &New, ops: &mut Vec<Op>) -> Result<(), Stuck> {
        let at = self.follow(at)?;
        self.alone(at.id, at.through)?;
        match (self.layout.get(at.id).map(|node| &node.what), new) {
            (Some(What::List(items)), New::List(wanted)) => {
                let read: Vec<Value> = match at.read.map(|read| &read.content) {
                    Some(Content::List(read)) => read.iter().map(plain).collect(),
                    _ => return Err((Why::Odd, Some(at.id))),
                };
                if read.len() != items.len() {
                    return Err((Why::Odd, Some(at.id)));
                }
                let order = match attribute.kind {
                    Kind::List(_, order) => order,
                    _ => Order::Listed,
                };
                self.list(at.id, &read, wanted, order, ops)
            }
            (Some(What::Scalar(_)), _) | (Some(What::Map(_) | What::List(_)), New::Null) => {
                ops.push(Op::Set(at.id, new.clone()));
                Ok(())
            }
            _ => Err((Why::Odd, Some(at.id))),
        }
    }

    /// Goes through aliases and plain `${vars.x}` to where the value is written.
    fn follow<'n>(&self, mut at: At<'n>) -> Result<At<'n>, Stuck> {
        for _ in 0..32 {
            let through = at.through.or(Some(at.id));
            match self.layout.get(at.id).map(|node| &node.what) {
                Some(What::Alias(target)) => at = At { id: *target, through, ..at },
                Some(What::Scalar(text)) if expression::is_in(text) => {
                    at = At { id: self.variable(at.id, text)?, through, ..at };
                }
                _ => return Ok(at),
            }
        }
        Err((Why::Odd, Some(at.id)))
    }

    /// Returns where the one variable is written that a text is and nothing else.
    fn variable(&self, id: Id, text: &str) -> Result<Id, Stuck> {
        let no = || (Why::Expression(text.trim().to_owned()), Some(id));
        let Ok(pieces) = expression::split(text) else {
            return Err(no());
        };
        let [Piece::Expression { body, .. }] = pieces.as_slice() else {
            return Err(no());
        };
        let body = text.get(body.clone()).unwrap_or_default();
        let Ok(Expression::Lookup(path)) = expression::parse(body) else {
            return Err(no());
        };
        if expression::is_in(body) || path.first().is_none_or(|root| root != "vars") || path.len() < 2 {
            return Err(no());
        }
        let name = path.get(1..).unwrap_or_default();
        let dotted = name.join(".");
        let touches = |given: &str| {
            dotted == given
                || dotted.starts_with(&format!("{given}."))
                || given.starts_with(&format!("{dotted}."))
        };
        if self.given.overrides.iter().any(|(given, _)| touches(given)) {
            return Err((Why::Given(dotted), Some(id)));
        }
        let uses = self.layout.look_ups(name).len();
        if uses != 1 {
            return Err((Why::Variable(dotted, uses), Some(id)));
        }
        let words: Vec<&str> = path.iter().map(String::as_str).collect();
        let mut files = 0..self.layout.files.len();
        let target = files.find_map(|file| self.layout.below(file, &words)).ok_or_else(no)?;
        if !self.layout.aliases(target).is_empty() {
            return Err((Why::Shared(1 + self.layout.aliases(target).len()), Some(target)));
        }
        Ok(target)
    }

    /// Fails where what stands here is used at more than one place.
    pub fn alone(&self, id: Id, through: Option<Id>) -> Result<(), Stuck> {
        let aliases = self.layout.aliases(id).len();
        let file = self.layout.file_of(id);
        let means = ["resources", "services", "template", "environments"]
            .into_iter()
            .any(|key| self.layout.below(file, &[key]).is_some_and(|outer| self.layout.is_within(id, outer)));
        if aliases == 0 || (aliases == 1 && through.is_some() && !means) {
            return Ok(());
        }
        Err((Why::Shared(aliases + usize::from(means)), Some(through.unwrap_or(id))))
    }

    /// Fails where a value, or something in it, is an expression.
    pub fn no_expression(&self, id: Id) -> Result<(), Stuck> {
        for (other, node) in self.layout.nodes.iter().enumerate() {
            if let What::Scalar(text) = &node.what
                && expression::is_in(text)
                && self.layout.is_within(other, id)
            {
                return Err((Why::Expression(text.trim().to_owned()), Some(other)));
            }
        }
        Ok(())
    }
}

/// Returns the layer where a value is said: the strongest of those that say most of the way to it. The first one that
/// weaker ones have no say below ends the search.
fn strongest<'e>(entry: &'e EntryRead, steps: &[Step]) -> Option<&'e Layer> {
    let mut best: Option<(usize, &Layer)> = None;
    for layer in &entry.layers {
        let (depth, closed) = layer.says(steps);
        if best.is_none_or(|(deepest, _)| depth > deepest) {
            best = Some((depth, layer));
        }
        if closed {
            break;
        }
    }
    best.map(|(_, layer)| layer)
}

/// Returns the way from where a layer begins.
fn way(layer: &Layer, steps: &[Step]) -> Vec<Step> {
    layer.prefix.iter().chain(steps).cloned().collect()
}

/// What is written where; nothing is taken away.
type Part<'p> = (&'p [Step], Option<New>);

/// Returns the value with its place, or the two halves of one.
fn parts<'p>(place: &'p Place, value: Option<&Value>) -> Result<Vec<Part<'p>>, Stuck> {
    let Some(split) = &place.split else {
        let new = value.map(|value| New::of(value).ok_or((Why::NoText, None))).transpose()?;
        return Ok(vec![(&place.steps, new)]);
    };
    let Some(value) = value else { return Ok(vec![(&place.steps, None), (&split.second, None)]) };
    let (first, second) = value.as_text().and_then(split.apart).ok_or((Why::Odd, None))?;
    let half = |text: &str| Some(New::Text(text.to_owned()));
    Ok(vec![(&place.steps, half(first)), (&split.second, half(second))])
}

fn holds(props: &Node, place: &Place) -> bool {
    place.holds.iter().all(|(path, text)| {
        let node = path.iter().try_fold(props, |node, step| step.of(node));
        node.and_then(Node::as_written).is_some_and(|written| written == *text)
    })
}
