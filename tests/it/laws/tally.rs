//! What the cases met. A law that was never tested is no law: a zero fails the run.

use std::collections::BTreeMap;
use std::fmt;

use super::rules::Side;

/// One thing that a case met.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Met {
    /// A path of a class, reached by a decision of a level.
    Class(&'static str, &'static str, Side),
    /// A row of the table of whole resources, where it has answers with one.
    Row(&'static str, Option<Side>),
    /// Something that the run is about beside them.
    Event(&'static str),
}

const CLASSES: [&str; 5] = ["unchanged", "converged", "edit", "drift", "conflict"];
const LEVELS: [&str; 5] = ["plan", "pattern", "resource", "attribute", "file"];
const SIDES: [Side; 2] = [Side::Local, Side::Live];

/// Rows without a question.
const ROWS: [&str; 8] =
    ["new", "settled", "left", "gone", "somebody else's", "unknown", "accepted absent", "replaced"];
/// Rows with one.
const ASKED: [&str; 4] = ["exists", "deleted online", "left and drifted", "replaced and drifted"];

const EVENTS: [&str; 7] = [
    "renamed entry",
    "accepted, then edited",
    "known after apply",
    "crash",
    "left open",
    "adopted",
    "nothing to adopt",
];

/// How often each was met.
#[derive(Clone, Debug, Default)]
pub struct Tally(BTreeMap<Met, usize>);

impl Tally {
    pub fn count(&mut self, met: impl IntoIterator<Item = Met>) {
        for met in met {
            *self.0.entry(met).or_default() += 1;
        }
    }

    pub fn add(&mut self, other: Self) {
        for (met, times) in other.0 {
            *self.0.entry(met).or_default() += times;
        }
    }

    fn of(&self, met: &Met) -> usize {
        self.0.get(met).copied().unwrap_or_default()
    }

    /// What was never met and had to be.
    pub fn missing(&self) -> Vec<Met> {
        let classes = CLASSES.iter().flat_map(|class| LEVELS.iter().map(move |level| (class, level)));
        let classes = classes.flat_map(|(class, level)| SIDES.map(|side| Met::Class(class, level, side)));
        let rows = ROWS.iter().map(|row| Met::Row(row, None));
        let asked = ASKED.iter().flat_map(|row| SIDES.map(|side| Met::Row(row, Some(side))));
        let events = EVENTS.iter().map(|event| Met::Event(event));
        classes.chain(rows).chain(asked).chain(events).filter(|met| self.of(met) == 0).collect()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:24}", "use-local/use-live")?;
        LEVELS.iter().try_for_each(|level| write!(f, "{level:>14}"))?;
        for class in CLASSES {
            write!(f, "\n{class:24}")?;
            for level in LEVELS {
                let [local, live] = SIDES.map(|side| self.of(&Met::Class(class, level, side)));
                write!(f, "{:>14}", format!("{local}/{live}"))?;
            }
        }
        for row in ASKED {
            let [local, live] = SIDES.map(|side| self.of(&Met::Row(row, Some(side))));
            write!(f, "\n{row:24}{:>14}", format!("{local}/{live}"))?;
        }
        for row in ROWS {
            write!(f, "\n{row:24}{:>14}", self.of(&Met::Row(row, None)))?;
        }
        EVENTS.iter().try_for_each(|event| write!(f, "\n{event:24}{:>14}", self.of(&Met::Event(event))))
    }
}
