//! Which resources are shown whole, which without their lines, which are named and which only counted.
//!
//! Each starts as a count. While there is room it gets a name, then its details, then the lines that differ: in this
//! order, so that lines go first when room is short. Whatever was edited online, or asks something, comes before the
//! rest. Names take at most half of the room, so that a thousand of them leave some for what has to be read.

use std::collections::BTreeMap;

use super::escape::code;
use crate::render::view::Resource;

/// How much of a resource is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Shape {
    /// Only how many there are.
    Counted,
    /// Its name.
    Named,
    /// All but the lines that differ.
    Lineless,
    /// All of it.
    Whole,
}

/// The resources as they are shown.
pub(super) struct Fitted<'a> {
    /// Those that are shown with their details, in their order.
    pub pieces: Vec<String>,
    /// How many of these are without the lines that differ.
    pub lineless: usize,
    /// The others' names.
    pub named: Vec<String>,
    /// How many there are of those that are not even named, by what is done with them.
    pub counted: BTreeMap<&'a str, usize>,
}

impl Fitted<'_> {
    /// Returns whether there is no resource at all.
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty() && self.named.is_empty() && self.counted.is_empty()
    }
}

/// Room for the words around what does not fit.
const WORDS: usize = 1024;

/// Gives each resource its shape.
pub(super) fn fit(resources: &[Resource], room: usize, text: fn(&Resource, Shape) -> String) -> Fitted<'_> {
    let (urgent, rest): (Vec<usize>, Vec<usize>) =
        (0..resources.len()).partition(|at| resources[*at].is_urgent());
    let mut pieces: Vec<Piece<'_>> = resources
        .iter()
        .map(|resource| Piece { resource, shape: Shape::Counted, text: String::new() })
        .collect();
    let mut room = room.saturating_sub(WORDS);
    let steps = [
        (&urgent, Shape::Named, room / 4 * 3),
        (&rest, Shape::Named, room / 2),
        (&urgent, Shape::Lineless, 0),
        (&rest, Shape::Lineless, 0),
        (&urgent, Shape::Whole, 0),
        (&rest, Shape::Whole, 0),
    ];
    for (which, shape, kept_back) in steps {
        for at in which {
            let piece = &mut pieces[*at];
            let ready = match shape {
                Shape::Counted | Shape::Named => true,
                Shape::Lineless => piece.shape == Shape::Named,
                Shape::Whole => piece.shape == Shape::Lineless,
            };
            if !ready {
                continue; // every shape stands on the one before
            }
            let next = if shape == Shape::Named { name(piece.resource) } else { text(piece.resource, shape) };
            let more = next.len().saturating_sub(piece.text.len());
            if more + kept_back <= room {
                room -= more;
                piece.shape = shape;
                piece.text = next;
            }
        }
    }
    sorted(pieces)
}

struct Piece<'a> {
    resource: &'a Resource,
    shape: Shape,
    text: String,
}

fn name(resource: &Resource) -> String {
    code(&format!("{} {}", resource.mark.sign(), resource.address)) + ", "
}

fn sorted(pieces: Vec<Piece<'_>>) -> Fitted<'_> {
    let mut fitted = Fitted { pieces: Vec::new(), lineless: 0, named: Vec::new(), counted: BTreeMap::new() };
    for piece in pieces {
        match piece.shape {
            Shape::Counted => *fitted.counted.entry(piece.resource.deed()).or_default() += 1,
            Shape::Named => fitted.named.push(piece.text.trim_end_matches(", ").to_owned()),
            Shape::Lineless | Shape::Whole => {
                fitted.lineless += usize::from(piece.shape == Shape::Lineless);
                fitted.pieces.push(piece.text);
            }
        }
    }
    fitted
}
