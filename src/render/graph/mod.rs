//! What needs what, for programs that draw: DOT for Graphviz, and Mermaid for Markdown.
//!
//! A [`Graph`] is data: resources, and lines between them. Of a project it is what is declared; of a plan each resource
//! also has what will be done with it, and where the steps have another order than the dependencies (what goes, goes
//! before what it needed), a line of its own says so. A line leads from what must stand first to what needs it. Names
//! are foreign text: each writer quotes them for its language, and names nothing by them but in labels.

mod dot;
mod mermaid;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

pub use dot::dot;
pub use mermaid::mermaid;

use super::view::{self, Mark, Sources};
use super::{Part, Shown};
use crate::config::Desired;
use crate::model::Address;
use crate::render::text::plain;

/// Resources, and what leads from one to another.
pub struct Graph {
    /// What it is of: the project's name.
    pub title: String,
    /// The resources, in the order of their addresses.
    pub nodes: Vec<Node>,
    /// The lines, by the places of their ends.
    pub lines: BTreeSet<Line>,
}

/// One resource.
pub struct Node {
    /// Its address.
    pub address: String,
    /// What will be done with it, as a sign and in words; of a project nothing.
    pub deed: Option<(Mark, &'static str)>,
}

/// From what comes first to what comes after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    /// The place of the first.
    pub from: usize,
    /// The place of the other.
    pub to: usize,
    /// Why.
    pub kind: Kind,
}

/// What a line means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The second needs the first.
    Needs,
    /// The second does not need the first, and is worked on after it.
    After,
}

/// Returns the graph of what is declared.
pub fn project(desired: &Desired) -> Graph {
    let sources = |address: &Address| {
        let resource = &desired.resources[address];
        resource.depends_on.iter().chain(&resource.parent).cloned().collect()
    };
    let addresses: Vec<&Address> = desired.resources.keys().collect();
    let nodes = addresses.iter().map(|address| Node { address: plain(&address.to_string()), deed: None });
    Graph { title: plain(&desired.project), nodes: nodes.collect(), lines: needs(&addresses, &sources) }
}

/// Returns the graph of a plan: every resource in it, with what will be done, and the order of the steps.
pub fn plan(shown: &Shown<'_>) -> Graph {
    let plan = &shown.document.plan;
    let secrets = &shown.document.secrets;
    let sources = Sources { schemas: shown.schemas, content: &|_| None, secrets, part: Part::Whole };
    let addresses: Vec<&Address> = plan.changes.keys().collect();
    let needed = |address: &Address| {
        let change = &plan.changes[address];
        change.depends_on.iter().chain(&change.parent).cloned().collect()
    };
    let mut lines = needs(&addresses, &needed);
    let places: BTreeMap<&Address, usize> =
        addresses.iter().enumerate().map(|(at, one)| (*one, at)).collect();
    for step in &plan.steps {
        let before = step.after.iter().filter_map(|id| plan.steps.get(*id));
        for first in before {
            let (Some(from), Some(to)) = (places.get(&first.address), places.get(&step.address)) else {
                continue;
            };
            let (from, to) = (*from, *to);
            let known = Line { from, to, kind: Kind::Needs };
            if from != to && !lines.contains(&known) {
                lines.insert(Line { from, to, kind: Kind::After });
            }
        }
    }
    let nodes = plan.changes.values().map(|change| {
        let resource = view::resource(change, &sources);
        Node { deed: Some((resource.mark, resource.deed())), address: resource.address }
    });
    Graph { title: plain(&plan.owner.project), nodes: nodes.collect(), lines }
}

fn needs(addresses: &[&Address], sources: &dyn Fn(&Address) -> BTreeSet<Address>) -> BTreeSet<Line> {
    let places: BTreeMap<&Address, usize> =
        addresses.iter().enumerate().map(|(at, one)| (*one, at)).collect();
    let mut lines = BTreeSet::new();
    for (to, address) in addresses.iter().enumerate() {
        let from = sources(address);
        let from = from.iter().filter_map(|source| places.get(source));
        lines.extend(from.map(|from| Line { from: *from, to, kind: Kind::Needs }));
    }
    lines
}

impl Graph {
    /// Returns the tones that its nodes have, for whoever has to say what each looks like.
    fn tones(&self) -> BTreeSet<&'static str> {
        self.nodes.iter().filter_map(Node::tone).collect()
    }
}

impl Node {
    fn tone(&self) -> Option<&'static str> {
        self.deed.map(|(mark, _)| tone(mark))
    }

    /// Returns the lines of its label.
    fn label(&self) -> Vec<String> {
        let deed = self.deed.map(|(mark, deed)| format!("{} {deed}", mark.sign()));
        std::iter::once(self.address.clone()).chain(deed).collect()
    }
}

/// The colour of a mark, by name.
fn tone(mark: Mark) -> &'static str {
    match mark {
        Mark::Create => "create",
        Mark::Change | Mark::Move => "change",
        Mark::Replace | Mark::Delete => "delete",
        Mark::Ask | Mark::Conflict => "ask",
        Mark::Forget | Mark::Same | Mark::None => "same",
    }
}

/// Returns a tone's colours: of the line around a box, and of the box.
fn colours(tone: &str) -> (&'static str, &'static str) {
    match tone {
        "create" => ("#1a7f37", "#dafbe1"),
        "change" => ("#9a6700", "#fff8c5"),
        "delete" => ("#cf222e", "#ffebe9"),
        "ask" => ("#8250df", "#fbefff"),
        _ => ("#6e7781", "#f6f8fa"),
    }
}
