//! The table of what can be decided where, and what was met of it.

use std::collections::{BTreeMap, BTreeSet};

use super::scene::{BASE, EDIT, LIVE, Place, Values, renamed};

/// What needs a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    Drift,
    Conflict,
    Accepted,
    Promised,
    Exists,
    Deleted,
    Left,
    Replaced,
}

/// How much one answer is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Plan,
    Resource,
    Attribute,
    File,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Decision {
    Local,
    Live,
    Skip,
}

/// How an answer is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    Terminal,
    Flags,
    /// At a terminal, and what stays as it is live goes into the project.
    TerminalWriting,
    /// With `--write`.
    FlagsWriting,
}

impl Way {
    pub const ALL: [Self; 4] = [Self::Terminal, Self::Flags, Self::TerminalWriting, Self::FlagsWriting];

    /// Whether what stays as it is live goes into the project.
    pub fn writes(self) -> bool {
        matches!(self, Self::TerminalWriting | Self::FlagsWriting)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Case {
    pub class: Class,
    pub level: Level,
    pub decision: Decision,
    pub way: Way,
}

impl Level {
    pub const ALL: [Self; 4] = [Self::Plan, Self::Resource, Self::Attribute, Self::File];
}

impl Decision {
    pub const ALL: [Self; 3] = [Self::Local, Self::Live, Self::Skip];

    /// What everything else is decided.
    pub fn other(self) -> Self {
        if self == Self::Local { Self::Live } else { Self::Local }
    }
}

impl Class {
    /// Returns the levels that it can be decided at.
    pub fn levels(self) -> &'static [Level] {
        match self {
            Self::Drift | Self::Conflict | Self::Accepted | Self::Exists => &Level::ALL,
            Self::Promised => &[Level::Plan, Level::Resource, Level::Attribute], // a file is never promised
            // It is there or it is not.
            Self::Deleted | Self::Left | Self::Replaced => &[Level::Plan, Level::Resource],
        }
    }

    /// How many differences stay accepted where everything stays as it is live, and the project is to say so. Files
    /// that both sides changed, and those of a function that is new here, are not overwritten.
    pub fn accepted(self, way: Way) -> Option<usize> {
        match self {
            Self::Drift | Self::Conflict | Self::Accepted | Self::Exists if !way.writes() => Some(8),
            Self::Drift => Some(0),
            Self::Conflict | Self::Accepted | Self::Exists => Some(4),
            Self::Promised | Self::Deleted | Self::Left | Self::Replaced => None,
        }
    }

    /// Returns every case of it. Only whole resources can be skipped; only what stays live can be written.
    pub fn cases(self) -> Vec<Case> {
        let mut cases = Vec::new();
        for &level in self.levels() {
            for decision in Decision::ALL {
                let possible = decision != Decision::Skip || level <= Level::Resource;
                let written = decision == Decision::Live && level == Level::Plan;
                let ways = Way::ALL.into_iter().filter(|way| possible && (!way.writes() || written));
                cases.extend(ways.map(|way| Case { class: self, level, decision, way }));
            }
        }
        cases
    }

    /// The attribute that a decision about one attribute is about.
    pub fn subject(self) -> Place {
        if self == Self::Promised { Place::Variable } else { Place::Memory }
    }

    /// Whether its code moved.
    pub fn has_files(self) -> bool {
        matches!(self, Self::Drift | Self::Conflict | Self::Accepted | Self::Exists)
    }

    /// What the project says of its functions, and what is live.
    fn sides(self) -> (Values, Values) {
        match self {
            Self::Conflict | Self::Accepted => (EDIT, LIVE),
            Self::Promised => (BASE, Values { one: BASE.one, two: BASE.two, ..LIVE }),
            Self::Drift | Self::Exists => (BASE, LIVE),
            Self::Deleted | Self::Left | Self::Replaced => (BASE, Values { memory: LIVE.memory, ..BASE }),
        }
    }
}

impl Case {
    /// Returns what is decided about a place of a function.
    pub fn decided(self, name: &str, place: Place) -> Decision {
        let is_it = match self.level {
            Level::Plan => true,
            Level::Resource => name == "a",
            Level::Attribute => name == "a" && place == self.class.subject(),
            Level::File => name == "a" && place == Place::One,
        };
        if is_it { self.decision } else { self.decision.other() }
    }

    /// Returns what has to be live of a function under a name, when its own name in the project is `name`.
    pub fn expected(self, name: &str, live_name: &str) -> Option<BTreeMap<Place, String>> {
        let (project, live) = self.class.sides();
        let whole = self.decided(name, Place::Itself);
        let is_new_name = live_name == renamed(name);
        let values = match self.class {
            Class::Replaced if is_new_name => (whole != Decision::Skip).then(|| project.values()),
            _ if is_new_name => None,
            Class::Deleted => (whole == Decision::Local).then(|| project.values()),
            Class::Left | Class::Replaced => (whole != Decision::Local).then(|| live.values()),
            _ => {
                let side =
                    |place| if self.decided(name, place) == Decision::Local { &project } else { &live };
                Some(Place::ALL.into_iter().map(|place| (place, side(place).value(place))).collect())
            }
        };
        values.map(|mut values: BTreeMap<Place, String>| {
            let promised = self.class == Class::Promised;
            if promised && self.decided(name, Place::Variable) == Decision::Local {
                values.insert(Place::Variable, super::scene::ARN.to_owned());
            }
            values
        })
    }
}

/// What was met.
#[derive(Default)]
pub struct Met(BTreeSet<Case>);

impl Met {
    pub fn add(&mut self, case: Case) {
        self.0.insert(case);
    }

    /// Prints the table of a class, and demands that nothing of it is missing.
    #[track_caller]
    pub fn is_all_of(&self, class: Class) {
        println!("{class:?}: cases that were decided, applied and found as decided");
        println!(
            "  {:<10} {:>8} {:>8} {:>8} {:>8}   at a terminal / without one",
            "", "local", "live", "written", "skip"
        );
        let possible: BTreeSet<Case> = class.cases().into_iter().collect();
        for level in Level::ALL {
            let cell = |decision, way| {
                let case = Case { class, level, decision, way };
                match (possible.contains(&case), self.0.contains(&case)) {
                    (true, true) => "met",
                    (true, false) => "MISSING",
                    (false, _) => "-",
                }
            };
            let [local, live, skip] = Decision::ALL
                .map(|decision| format!("{}/{}", cell(decision, Way::Terminal), cell(decision, Way::Flags)));
            let [terminal, flags] =
                [Way::TerminalWriting, Way::FlagsWriting].map(|way| cell(Decision::Live, way));
            let written = format!("{terminal}/{flags}");
            let level = format!("{level:?}").to_lowercase();
            println!("  {level:<10} {local:>8} {live:>8} {written:>8} {skip:>8}");
        }
        let missing: Vec<&Case> = possible.difference(&self.0).collect();
        assert!(missing.is_empty(), "never met: {missing:?}");
    }
}
