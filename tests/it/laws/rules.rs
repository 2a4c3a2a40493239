//! Decisions, at every level, and who wins where.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::world::key_in;

/// Who wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    Local,
    Live,
}

/// How much a decision is about; the narrower wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Everything.
    Plan,
    /// Every resource of a type: `fc3_function.*`.
    Type,
    /// One resource.
    Resource,
    /// Some paths of every resource: `*:code`.
    Paths,
    /// One attribute of one resource, with all that is in it.
    Attribute,
    /// One key or one file of one resource.
    Key,
}

/// One decision.
#[derive(Clone, PartialEq, Eq)]
pub struct Rule {
    pub level: Level,
    /// An address, or its type; nothing for everything.
    pub address: String,
    /// A path, or its top.
    pub path: String,
    pub side: Side,
}

impl Rule {
    pub fn plan(side: Side) -> Self {
        Self { level: Level::Plan, address: String::new(), path: String::new(), side }
    }

    /// As it is written after `--use-local=`; nothing for the plan's.
    pub fn selector(&self) -> Option<String> {
        let Self { level, address, path, .. } = self;
        match level {
            Level::Plan => None,
            Level::Type => Some(format!("{address}.*")),
            Level::Resource => Some(address.clone()),
            Level::Paths => Some(format!("*:{path}")),
            Level::Attribute | Level::Key => Some(format!("{address}:{path}")),
        }
    }

    fn reaches(&self, address: &str, path: &str) -> bool {
        let top = path.split(['[', '.']).next().unwrap_or_default();
        match self.level {
            Level::Plan => true,
            Level::Type => address.starts_with(&format!("{}.", self.address)),
            Level::Resource => address == self.address,
            Level::Paths => top == self.path,
            Level::Attribute => address == self.address && top == self.path,
            Level::Key => address == self.address && path == self.path,
        }
    }

    /// Whether it names something among resources with these paths.
    pub fn names(&self, resources: &BTreeMap<String, BTreeSet<String>>) -> bool {
        resources.iter().any(|(address, paths)| match self.level {
            Level::Key => paths.iter().any(|path| self.reaches(address, path)),
            Level::Paths => true,
            _ => self.reaches(address, &self.path),
        })
    }

    /// Where the tally counts it.
    pub fn place(&self, path: &str) -> &'static str {
        match self.level {
            Level::Plan => "plan",
            Level::Type | Level::Paths => "pattern",
            Level::Resource => "resource",
            Level::Attribute | Level::Key if key_in(path, "code").is_some() => "file",
            Level::Attribute | Level::Key => "attribute",
        }
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = if self.side == Side::Local { "local" } else { "live" };
        write!(f, "--use-{side}")?;
        self.selector().map_or(Ok(()), |selector| write!(f, "='{selector}'"))
    }
}

/// The decision that wins at a place; the empty path is the resource as a whole.
pub fn winner<'a>(rules: &'a [Rule], address: &str, path: &str) -> Option<&'a Rule> {
    let narrow = |rule: &&Rule| !path.is_empty() || rule.level <= Level::Resource;
    rules.iter().filter(narrow).filter(|rule| rule.reaches(address, path)).max_by_key(|rule| rule.level)
}
