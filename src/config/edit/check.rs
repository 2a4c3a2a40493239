//! Whether an edit did what it was asked for, and nothing else.
//!
//! The new text is read again, by the same readers. As it is written, it has to be the old one with exactly the
//! changes in it, comments included; as it is meant, exactly the wanted values may differ. What this refuses is
//! never written, whatever the writer believes.

use std::collections::{BTreeMap, HashMap};

use super::super::node::{Content, Style};
use super::super::yaml;
use super::super::{Desired, DesiredResource};
use super::change::Changes;
use super::layout::{Id, Layout, What};
use super::lines::line_start;
use super::scalar::New;
use super::write::Splice;
use crate::diag::Diagnostic;
use crate::model::{Address, DesiredAttributes, Path, Planned, Value};

/// Returns whether the new files are written as the old ones but for the changes.
pub fn written(old: &Layout, new: &Layout, changes: &Changes) -> bool {
    let mut pairing = Pairing { old, new, changes, same: HashMap::new() };
    let mut files = old.files.iter().zip(&new.files);
    old.files.len() == new.files.len() && files.all(|(old, new)| pairing.same(old.root, new.root))
}

struct Pairing<'a> {
    old: &'a Layout,
    new: &'a Layout,
    changes: &'a Changes,
    /// Which new value an old one became, for aliases.
    same: HashMap<Id, Id>,
}

impl Pairing<'_> {
    fn same(&mut self, one: Id, other: Id) -> bool {
        let (old, new) = (self.old, self.new);
        let (Some(before), Some(after)) = (old.get(one), new.get(other)) else {
            return false;
        };
        self.same.insert(one, other);
        if before.anchored != after.anchored || before.tag != after.tag {
            return false;
        }
        if let Some(wanted) = self.changes.set.get(&one) {
            return is(new, other, wanted);
        }
        match (&before.what, &after.what) {
            (What::Scalar(_), What::Map(_)) => {
                let mut added = self.added(one);
                new.pairs(other).iter().all(|pair| self.takes(&mut added, *pair)) && added.is_empty()
            }
            (What::Scalar(text), What::Scalar(now)) => {
                text == now && before.style == after.style && !self.changes.added.contains_key(&one)
            }
            // A key that keeps nothing but a comment.
            (What::Map(_) | What::List(_), What::Scalar(text)) => {
                text.is_empty() && after.style == Style::Plain && self.changes.loses_all(old, one)
            }
            (What::Alias(target), What::Alias(now)) => self.same.get(target) == Some(now),
            (What::Map(pairs), What::Map(now)) => {
                let kept = |index: &usize| !self.changes.gone.contains(&(one, *index));
                let kept: Vec<(Id, Id)> =
                    (0..pairs.len()).filter(kept).filter_map(|index| pairs.get(index).copied()).collect();
                let mut kept = kept.into_iter().peekable();
                let mut added = self.added(one);
                for &pair in now {
                    let next = kept.peek().filter(|(key, _)| old.text(*key) == new.text(pair.0)).copied();
                    let fits = match next {
                        Some((key, value)) => {
                            kept.next();
                            self.same(key, pair.0) && self.same(value, pair.1)
                        }
                        None => self.takes(&mut added, pair),
                    };
                    if !fits {
                        return false;
                    }
                }
                before.style == after.style && kept.next().is_none() && added.is_empty()
            }
            (What::List(items), What::List(now)) => {
                let mut now = now.iter();
                let inserted = self.changes.inserted.get(&one).cloned().unwrap_or_default();
                let at = |index: usize| inserted.iter().filter(move |(before, _)| *before == index);
                for (index, &item) in items.iter().enumerate() {
                    if !at(index).all(|(_, wanted)| now.next().is_some_and(|id| is(new, *id, wanted))) {
                        return false;
                    }
                    let gone = self.changes.gone.contains(&(one, index));
                    if !gone && !now.next().is_some_and(|id| self.same(item, *id)) {
                        return false;
                    }
                }
                at(items.len()).all(|(_, wanted)| now.next().is_some_and(|id| is(new, *id, wanted)))
                    && before.style == after.style
                    && now.next().is_none()
            }
            _ => false,
        }
    }

    fn added(&self, id: Id) -> BTreeMap<String, New> {
        let added = self.changes.added.get(&id).into_iter().flatten();
        added.map(|added| (added.key.clone(), added.value.clone())).collect()
    }

    fn takes(&self, added: &mut BTreeMap<String, New>, (key, value): (Id, Id)) -> bool {
        let wanted = self.new.text(key).and_then(|key| added.remove(key));
        wanted.is_some_and(|wanted| is(self.new, value, &wanted))
    }
}

/// Returns whether exactly this value is written here.
pub fn is(layout: &Layout, id: Id, wanted: &New) -> bool {
    match (layout.get(id).map(|node| (&node.what, node.style)), wanted) {
        (Some((What::List(items), _)), New::List(wanted)) => {
            items.len() == wanted.len()
                && items.iter().zip(wanted).all(|(id, wanted)| is(layout, *id, wanted))
        }
        (Some((What::Map(pairs), _)), New::Map(wanted)) => {
            pairs.len() == wanted.len()
                && pairs.iter().zip(wanted).all(|((key, value), (name, wanted))| {
                    layout.text(*key) == Some(name) && is(layout, *value, wanted)
                })
        }
        (Some((What::Scalar(_), _)), New::Null) => layout.is_null(id),
        (Some((What::Scalar(text), style)), New::Bool(_) | New::Number(_) | New::Text(_)) => {
            wanted.word().as_ref() == Some(text)
                && (style != Style::Plain || !matches!(yaml::plain(text), Content::Null))
        }
        _ => false,
    }
}

/// Returns whether every comment of a file is still there, but those that went with the line of what they are behind, and
/// those inside of what went as a whole.
pub fn comments(old: &Layout, new: &Layout, at: usize, splices: &[Splice], changes: &Changes) -> bool {
    let (Some(file), Some(new)) = (old.files.get(at), new.files.get(at)) else {
        return false;
    };
    let (text, new_text) = (&file.source.text, &new.source.text);
    let mut kept = Vec::new();
    for comment in &file.comments {
        if changes.goes_with_it(old, at, comment) {
            continue;
        }
        let within = |splice: &&Splice| splice.range.start < comment.end && comment.start < splice.range.end;
        if let Some(splice) = splices.iter().find(within) {
            let front = line_start(text, comment.start)..comment.start;
            let alone = text.get(front.clone()).is_none_or(|front| front.trim().is_empty());
            let whole = splice.range.start <= comment.start && comment.end <= splice.range.end;
            if alone || !whole || front.end <= splice.range.start {
                return false;
            }
        } else {
            kept.push(text.get(comment.clone()));
        }
    }
    kept == new.comments.iter().map(|comment| new_text.get(comment.clone())).collect::<Vec<_>>()
}

/// How two readings of a project differ, where they should not.
#[derive(Debug)]
pub enum Astray {
    /// Something else changed, or the value is another one than was asked for.
    Else(String),
    /// The project has a mistake that it did not have.
    Wrong(Diagnostic),
}

/// Says what differs between two readings beside the wanted values.
pub fn meant(
    old: (&Desired, &[Diagnostic]),
    new: (&Desired, &[Diagnostic]),
    wanted: &BTreeMap<(&Address, &Path), Option<Value>>,
) -> Option<Astray> {
    let mut before: Vec<_> = old.1.iter().map(|diagnostic| (diagnostic.code, &diagnostic.message)).collect();
    for diagnostic in new.1 {
        match before.iter().position(|known| *known == (diagnostic.code, &diagnostic.message)) {
            Some(at) => drop(before.swap_remove(at)),
            None => return Some(Astray::Wrong(diagnostic.clone())),
        }
    }
    let (old, new) = (old.0, new.0);
    if old.project != new.project || old.access != new.access {
        return Some(Astray::Else("the project's name or access".to_owned()));
    }
    let root = Path::root();
    let nothing = DesiredAttributes::new();
    let addresses = old.resources.keys().chain(new.resources.keys());
    for address in addresses {
        let goes = wanted.contains_key(&(address, &root));
        let asked = wanted.keys().filter(|(of, _)| *of == address).map(|(_, path)| *path);
        let (one, other) = match (old.resources.get(address), new.resources.get(address)) {
            (Some(_), None) if goes => continue,
            (Some(one), Some(other)) if !goes && same_beside_attributes(one, other) => {
                // What it waits for may follow from a value that was asked for: the name of an alias.
                if asked.clone().next().is_none() && one.depends_on != other.depends_on {
                    return Some(Astray::Else(address.to_string()));
                }
                (&one.attributes, &other.attributes)
            }
            (None, Some(other)) if asked.clone().next().is_some() => (&nothing, &other.attributes),
            _ => return Some(Astray::Else(address.to_string())),
        };
        for path in one.keys().chain(other.keys()).chain(asked) {
            let found = other.get(path);
            let fits = match wanted.get(&(address, path)) {
                None => found == one.get(path),
                Some(None) => found.is_none(),
                Some(Some(value)) => matches!(found, Some(Planned::Known(found)) if found == value),
            };
            if !fits {
                return Some(Astray::Else(format!("{address}:{path}")));
            }
        }
    }
    None
}

/// Compares what is no attribute, but for what a resource waits for. Links are left out: they follow from the attributes and say nothing themselves.
fn same_beside_attributes(one: &DesiredResource, other: &DesiredResource) -> bool {
    let code = |resource: &DesiredResource| resource.code.as_ref().map(|code| code.path.clone());
    (&one.region, &one.name, &one.parent, &one.variables, code(one))
        == (&other.region, &other.name, &other.parent, &other.variables, code(other))
}
