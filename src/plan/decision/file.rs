//! A decisions file: answers that are reviewed with the code.
//!
//! ```yaml
//! plan: sha256:…                        # of the plan whose questions these are; may be left out
//! decisions:
//!   'fc3_function.cart:memorySize': use-live
//!   'fc3_function.*:code': use-local
//!   fc3_function.report: skip           # left out of this plan, if it asks anything
//!   '*': use-live                       # everywhere else
//! ```
//!
//! `plan --write-decisions` writes the open questions of a plan as such a file. One that names its plan answers the
//! questions of that plan only: when a side moved since, it is refused, for nobody has seen what it would answer.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::{Answer, Choice, Rule, Selector};
use crate::plan::PlanDigest;

/// What stands for the whole plan.
const EVERYWHERE: &str = "*";

/// What a file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DecisionsFile {
    /// The plan whose questions it answers, as it was before these answers.
    pub plan: Option<PlanDigest>,
    /// Its answers. Questions that are left open are no part of them.
    pub rules: Vec<Rule>,
}

/// A file that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadDecisionsError {
    /// It is no YAML, or not of this shape.
    #[error("{0}")]
    Shape(String),
    /// A selector means nothing.
    #[error(transparent)]
    Selector(#[from] crate::model::ParseSelectorError),
    /// Two answers are about the same.
    #[error("`{0}` stands there twice")]
    Twice(String),
    /// A place is to be skipped.
    #[error("`{0}` is a place in a resource, and only whole resources can be skipped")]
    SkippedPlace(Selector),
}

/// The words that can stand behind a selector.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Word {
    UseLocal,
    #[serde(alias = "use-remote")]
    UseLive,
    Skip,
}

impl From<Word> for Answer {
    fn from(word: Word) -> Self {
        match word {
            Word::UseLocal => Self::Take(Choice::UseLocal),
            Word::UseLive => Self::Take(Choice::UseLive),
            Word::Skip => Self::Skip,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shape {
    #[serde(default)]
    plan: Option<PlanDigest>,
    decisions: Answers,
}

/// The answers in the order of the file, those that stand twice included.
struct Answers(Vec<(String, Option<Word>)>);

impl<'de> Deserialize<'de> for Answers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = Answers;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map from selectors to use-local, use-live or skip")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Answers(pairs))
            }

            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Answers(Vec::new()))
            }
        }
        deserializer.deserialize_any(Pairs)
    }
}

/// Reads a decisions file.
///
/// # Errors
/// Fails when it is not of this shape, and says where.
pub fn read_decisions(text: &str) -> Result<DecisionsFile, ReadDecisionsError> {
    let Shape { plan, decisions: Answers(pairs) } =
        serde_yaml::from_str(text).map_err(|error| ReadDecisionsError::Shape(error.to_string()))?;
    let mut seen = BTreeSet::new();
    let mut rules = Vec::new();
    for (text, word) in pairs {
        let selector: Option<Selector> = if text == EVERYWHERE { None } else { Some(text.parse()?) };
        if !seen.insert(text.clone()) {
            return Err(ReadDecisionsError::Twice(text));
        }
        let Some(answer) = word.map(Answer::from) else { continue };
        match selector {
            Some(place) if answer == Answer::Skip && place.has_path() => {
                return Err(ReadDecisionsError::SkippedPlace(place));
            }
            selector => rules.push(Rule { selector, answer }),
        }
    }
    Ok(DecisionsFile { plan, rules })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_in_their_order_and_open_ones_left_out() {
        let text = "decisions:\n  '*': use-live\n  fc3_function.a:memorySize: use-local\n  'fc3_function.a:code':\n  fc3_function.b: skip\n";
        let file = read_decisions(text).expect("a file");
        let rule = |selector: Option<&str>, answer| Rule {
            selector: selector.map(|selector| selector.parse().expect("a selector")),
            answer,
        };
        let expected = [
            rule(None, Choice::UseLive.into()),
            rule(Some("fc3_function.a:memorySize"), Choice::UseLocal.into()),
            rule(Some("fc3_function.b"), Answer::Skip),
        ];
        assert_eq!((file.plan, file.rules.as_slice()), (None, &expected[..]));
        assert_eq!(read_decisions("decisions:\n").expect("a file"), DecisionsFile::default());
    }

    #[test]
    fn a_plan_may_be_named() {
        let digest = format!("sha256:{}", "0".repeat(64));
        let file = read_decisions(&format!("plan: {digest}\ndecisions: {{}}\n")).expect("a file");
        assert_eq!(file.plan.map(|plan| plan.to_string()), Some(digest));
    }

    #[test]
    fn what_is_no_decisions_file_is_told_with_its_line() {
        for (text, words) in [
            ("decisions:\n  a.b: perhaps\n", "perhaps"),
            ("answers: {}\n", "answers"),
            ("decisions: [use-live]\n", "a map from selectors"),
            ("decisions:\n  a.b: use-live\n c: d\n", "line"),
            ("plan: sha256:12\ndecisions: {}\n", "plan"),
            ("decisions:\n  'a.b:': use-live\n", "is no selector"),
            ("decisions:\n  a.b: use-live\n  a.b: use-live\n", "`a.b` stands there twice"),
            ("decisions:\n  'a.b:code': skip\n", "only whole resources can be skipped"),
        ] {
            let error = read_decisions(text).expect_err(text).to_string();
            assert!(error.contains(words), "{text}: {error}");
        }
    }
}
