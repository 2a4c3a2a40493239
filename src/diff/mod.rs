//! Compares three descriptions of one resource.
//!
//! The planner asks one question per path and one per resource; this module answers both, and no more. It
//! never sees a provider, a file or a clock. Whether drift is kept or undone is a decision, and lives in
//! `plan`.

use serde::{Deserialize, Serialize};

/// What one path's three sides amount to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Neither side moved, however different the two look: a server's rewriting is its own past.
    Unchanged,
    /// They agree again: only the record is behind.
    Converged,
    /// The project moved it.
    Edit,
    /// Somebody moved it in the cloud.
    Drift,
    /// Both moved apart, or the project moved what a decision had kept.
    Conflict,
}

impl Class {
    /// Returns whether somebody has to decide.
    pub fn needs_decision(self) -> bool {
        matches!(self, Self::Drift | Self::Conflict)
    }

    /// Returns the word for it, the same everywhere.
    pub fn word(self) -> &'static str {
        match self {
            Self::Unchanged => "unchanged",
            Self::Converged => "converged",
            Self::Edit => "edit",
            Self::Drift => "drift",
            Self::Conflict => "conflict",
        }
    }
}

/// What a path was when it was last settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Past<T> {
    /// What the configuration said.
    pub declared: T,
    /// What the cloud answered.
    pub observed: T,
    /// A decision kept the observed value although the configuration said otherwise.
    pub accepted: bool,
}

/// One path, seen from three sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sides<T> {
    /// What the configuration says.
    pub desired: T,
    /// What was recorded; `None` where the path has no past.
    pub recorded: Option<Past<T>>,
    /// What is live.
    pub live: T,
}

impl<T: PartialEq> Sides<T> {
    /// Returns the class. `agree` says whether live is what the project wants, which for a path that the
    /// configuration does not mention is not `desired == live`.
    ///
    /// Each side is judged against its own past.
    pub fn class(&self, agree: bool) -> Class {
        let Self { desired, recorded, live } = self;
        let Some(recorded) = recorded else {
            return if agree { Class::Converged } else { Class::Conflict };
        };
        let edited = *desired != recorded.declared;
        let drifted = *live != recorded.observed;
        match (edited, drifted, agree) {
            (false, false, _) => Class::Unchanged,
            (_, _, true) => Class::Converged,
            (true, false, false) if recorded.accepted => Class::Conflict,
            (true, false, false) => Class::Edit,
            (false, true, false) => Class::Drift,
            (true, true, false) => Class::Conflict,
        }
    }
}

/// What a resource's existence on three sides amounts to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Existence {
    /// It is on all three sides: look inside.
    Settled,
    /// New here, absent there.
    New,
    /// It exists and was not deployed from here.
    Foreign,
    /// It was deleted online.
    DeletedOnline,
    /// It left the configuration.
    Left,
    /// It is gone on both sides.
    Gone,
    /// It is somebody else's.
    NotOurs,
    /// It is nowhere.
    Nowhere,
}

impl Existence {
    /// Returns the row of the table of existence.
    pub fn of(desired: bool, recorded: bool, live: bool) -> Self {
        match (desired, recorded, live) {
            (true, true, true) => Self::Settled,
            (true, false, false) => Self::New,
            (true, false, true) => Self::Foreign,
            (true, true, false) => Self::DeletedOnline,
            (false, true, true) => Self::Left,
            (false, true, false) => Self::Gone,
            (false, false, true) => Self::NotOurs,
            (false, false, false) => Self::Nowhere,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(desired: u8, declared: u8, observed: u8, accepted: bool, live: u8, expected: Class) {
        let recorded = Some(Past { declared, observed, accepted });
        let sides = Sides { desired, recorded, live };
        assert_eq!(sides.class(desired == live), expected, "{sides:?}");
    }

    #[test]
    fn the_six_rows() {
        check(1, 1, 2, false, 2, Class::Unchanged);
        check(1, 1, 1, false, 1, Class::Unchanged);
        check(2, 1, 1, false, 2, Class::Converged);
        check(2, 1, 1, false, 1, Class::Edit);
        check(3, 1, 2, true, 2, Class::Conflict);
        check(1, 1, 1, false, 2, Class::Drift);
        check(2, 1, 1, false, 3, Class::Conflict);
    }

    #[test]
    fn an_accepted_value_stays_until_a_side_moves() {
        check(1, 1, 2, true, 2, Class::Unchanged);
        check(2, 1, 2, true, 2, Class::Converged);
        check(1, 1, 2, true, 3, Class::Drift);
        check(1, 1, 2, true, 1, Class::Converged);
    }

    #[test]
    fn without_a_past_only_agreement_is_no_question() {
        for (agree, expected) in [(true, Class::Converged), (false, Class::Conflict)] {
            assert_eq!(Sides { desired: 1, recorded: None, live: 2 }.class(agree), expected);
        }
    }

    #[test]
    fn the_eight_rows() {
        use Existence::{DeletedOnline, Foreign, Gone, Left, New, NotOurs, Nowhere, Settled};
        let rows = [Nowhere, NotOurs, Gone, Left, New, Foreign, DeletedOnline, Settled];
        for (index, expected) in rows.into_iter().enumerate() {
            assert_eq!(Existence::of(index & 4 != 0, index & 2 != 0, index & 1 != 0), expected);
        }
    }
}
