//! What a project says about the life of its resources, under `triform:`.
//!
//! At the top of the file rules name resources by selectors and addresses. In an entry of `resources` they are about
//! what that entry deploys and need no address: `true` speaks of all of it, a path of its own resource. Here rules
//! become data with places; what they mean for a plan is the planner's business.

mod check;
mod read;

pub use check::{check, dependencies};
pub use read::{Reader, Rules};

use jiff::civil::Date;

use crate::diag::Span;
use crate::model::{Address, OutputRef, Selector, Value};

/// The rules of a project.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lifecycle {
    /// Changes online that nobody wants to be asked about.
    pub ignore: Vec<Ignore>,
    /// Resources that no plan may delete or replace.
    pub prevent_destroy: Vec<Named>,
    /// Resources whose replacement has to stand before they go.
    pub create_before_destroy: Vec<Named>,
    /// Changes that take a new resource.
    pub replace_when: Vec<ReplaceWhen>,
    /// Records that change their address.
    pub moved: Vec<Moved>,
    /// Resources that exist and are ours on purpose.
    pub import: Vec<Import>,
    /// Records that are dropped; what they speak of stays online.
    pub removed: Vec<Removed>,
}

/// Resources that a rule is about.
#[derive(Clone, Debug, PartialEq)]
pub struct Named {
    /// Any of these.
    pub selectors: Vec<Selector>,
    /// Where the rule stands.
    pub place: Span,
}

/// Changes online that nobody wants to be asked about.
#[derive(Clone, Debug, PartialEq)]
pub struct Ignore {
    /// Which resources or places.
    pub selector: Selector,
    /// The only live value that is ignored; any, where there is none.
    pub value: Option<Value>,
    /// Why.
    pub reason: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The last day on which it holds.
    pub until: Option<Date>,
    /// Where the rule stands.
    pub place: Span,
}

/// Changes that take a new resource.
#[derive(Clone, Debug, PartialEq)]
pub struct ReplaceWhen {
    /// The resource that is replaced.
    pub address: Address,
    /// When any of these changes.
    pub changes: Vec<Trigger>,
    /// Where the rule stands.
    pub place: Span,
}

/// One change that takes a new resource.
#[derive(Clone, Debug, PartialEq)]
pub enum Trigger {
    /// A path of it is written, or another resource is, or a path of that.
    Written(Selector),
    /// An output of another resource becomes another one.
    Output(OutputRef),
}

/// A record that changes its address.
#[derive(Clone, Debug, PartialEq)]
pub struct Moved {
    /// The address that it had.
    pub from: Address,
    /// The one that it has now.
    pub to: Address,
    /// Where the rule stands.
    pub place: Span,
}

/// A resource that exists and is ours on purpose.
#[derive(Clone, Debug, PartialEq)]
pub struct Import {
    /// Its address.
    pub to: Address,
    /// What the cloud knows it by: `hello`, `hello/http`, or with the region in front.
    pub id: String,
    /// Where the rule stands; nowhere, where a command says it.
    pub place: Option<Span>,
}

/// A record that is dropped; what it speaks of stays online.
#[derive(Clone, Debug, PartialEq)]
pub struct Removed {
    /// Its address.
    pub address: Address,
    /// Where the rule stands.
    pub place: Span,
}

impl Removed {
    /// Returns whether it is about this resource: it, or what belongs to it.
    pub fn covers(&self, address: &Address, parent_kind: Option<&str>) -> bool {
        self.address == *address
            || (parent_kind == Some(&self.address.kind)
                && self.address.key.is_none()
                && self.address.name == address.name)
    }
}

impl Lifecycle {
    /// Returns where each record ends that has to move: its old address and its new one, chains followed.
    ///
    /// What a chain passes through is no end, unless that is recorded itself.
    pub fn destinations(&self) -> Vec<(&Address, &Moved)> {
        let next = |from: &Address| self.moved.iter().find(|moved| moved.from == *from);
        let last = |first| {
            let mut end: &Moved = first;
            // A ring is an error that was reported; it must not go on for ever.
            for _ in 0..self.moved.len() {
                match next(&end.to) {
                    Some(further) => end = further,
                    None => break,
                }
            }
            end
        };
        self.moved.iter().map(|moved| (&moved.from, last(moved))).collect()
    }
}
