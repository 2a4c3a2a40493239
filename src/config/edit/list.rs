//! Lists, element by element: what stays is not touched, so that its line and its comment stay too.

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::super::node::{Content, Node};
use super::Why;
use super::change::Op;
use super::layout::{Id, What};
use super::scalar::New;
use super::seek::{Seeker, Stuck};
use crate::model::{Order, Value};

impl Seeker<'_> {
    /// Changes the items of a list that differ.
    pub fn list(
        &self,
        id: Id,
        old: &[Value],
        wanted: &[New],
        order: Order,
        ops: &mut Vec<Op>,
    ) -> Result<(), Stuck> {
        let new: Vec<Value> = wanted.iter().map(plain_new).collect();
        if order == Order::Set {
            let mut going =
                (0..old.len()).filter(|index| old.get(*index).is_some_and(|item| !new.contains(item)));
            let coming = wanted.iter().zip(&new).filter(|(_, item)| !old.contains(item));
            for (wanted, _) in coming {
                match going.next() {
                    Some(index) => self.item(id, index, wanted, ops)?,
                    None => ops.push(Op::Insert(id, old.len(), wanted.clone())),
                }
            }
            return going.try_for_each(|index| self.drop_item(id, index, ops));
        }
        // The differ takes hashable items: each value is named by where it was first seen.
        let mut known: Vec<&Value> = Vec::new();
        let mut name = |value| {
            known.iter().position(|other| *other == value).unwrap_or_else(|| {
                known.push(value);
                known.len() - 1
            })
        };
        let (olds, news): (Vec<usize>, Vec<usize>) =
            (old.iter().map(&mut name).collect(), new.iter().map(&mut name).collect());
        for op in capture_diff_slices(Algorithm::Myers, &olds, &news) {
            let (from, to) = match op {
                DiffOp::Equal { .. } => continue,
                other => (other.old_range(), other.new_range()),
            };
            let both = from.len().min(to.len());
            for step in 0..from.len().max(to.len()) {
                let wanted = wanted.get(to.start + step);
                match wanted {
                    Some(wanted) if step < both => self.item(id, from.start + step, wanted, ops)?,
                    Some(wanted) if step < to.len() => ops.push(Op::Insert(id, from.end, wanted.clone())),
                    _ => self.drop_item(id, from.start + step, ops)?,
                }
            }
        }
        Ok(())
    }

    /// Makes one item another.
    fn item(&self, list: Id, index: usize, wanted: &New, ops: &mut Vec<Op>) -> Result<(), Stuck> {
        let id = *self.layout.items(list).get(index).ok_or((Why::Odd, Some(list)))?;
        self.no_expression(id)?;
        match (self.layout.get(id).map(|node| &node.what), wanted) {
            (Some(What::Scalar(_)), New::Bool(_) | New::Number(_) | New::Text(_)) => {
                self.alone(id, None)?;
                ops.push(Op::Set(id, wanted.clone()));
            }
            (Some(What::Map(pairs)), New::Map(fields)) => {
                self.alone(id, None)?;
                for (name, field) in fields {
                    match self.layout.value(id, name) {
                        Some(value) if super::check::is(self.layout, value, field) => {}
                        Some(value)
                            if matches!(
                                self.layout.get(value).map(|node| &node.what),
                                Some(What::Scalar(_))
                            ) =>
                        {
                            ops.push(Op::Set(value, field.clone()));
                        }
                        Some(value) => return Err((Why::Odd, Some(value))),
                        None => ops.push(Op::Add(id, vec![(name.clone(), Vec::new())], field.clone())),
                    }
                }
                for (at, (key, _)) in pairs.iter().enumerate() {
                    let name = self.layout.text(*key).unwrap_or_default();
                    if !fields.iter().any(|(field, _)| field == name) {
                        ops.push(Op::Gone(id, at));
                    }
                }
            }
            _ => {
                ops.push(Op::Gone(list, index));
                ops.push(Op::Insert(list, index, wanted.clone()));
            }
        }
        Ok(())
    }

    fn drop_item(&self, list: Id, index: usize, ops: &mut Vec<Op>) -> Result<(), Stuck> {
        self.no_expression(*self.layout.items(list).get(index).ok_or((Why::Odd, Some(list)))?)?;
        ops.push(Op::Gone(list, index));
        Ok(())
    }
}

/// Returns a value as texts, so that lists can be held against each other.
pub fn plain(node: &Node) -> Value {
    match &node.content {
        Content::List(items) => Value::List(items.iter().map(plain).collect()),
        Content::Map(pairs) => {
            Value::Map(pairs.iter().map(|pair| (pair.key.text.clone(), plain(&pair.value))).collect())
        }
        _ => Value::Text(node.as_written().unwrap_or_default().into_owned()),
    }
}

fn plain_new(new: &New) -> Value {
    match new {
        New::List(items) => Value::List(items.iter().map(plain_new).collect()),
        New::Map(pairs) => {
            Value::Map(pairs.iter().map(|(key, value)| (key.clone(), plain_new(value))).collect())
        }
        _ => Value::Text(new.word().unwrap_or_default()),
    }
}
