//! Who wins where, and how a choice for the whole plan reaches one path.

mod file;

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

pub use self::file::{DecisionsFile, ReadDecisionsError, read_decisions};
use super::Plan;
use crate::config::suggest::closest;
use crate::model::{Address, Path, SchemaSet, Selector};

/// Who wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Choice {
    /// The project.
    UseLocal,
    /// The cloud.
    UseLive,
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UseLocal => "use-local",
            Self::UseLive => "use-live",
        })
    }
}

/// What somebody says to a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answer {
    /// Who wins.
    Take(Choice),
    /// Nobody now: the resource is left out of this plan, with what depends on it.
    Skip,
}

impl From<Choice> for Answer {
    fn from(choice: Choice) -> Self {
        Self::Take(choice)
    }
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// What it is about; `None` for the whole plan.
    pub selector: Option<Selector>,
    /// What is said there.
    pub answer: Answer,
}

impl fmt::Display for Rule {
    /// Writes it as the command line takes it, and as a decisions file does where there is no flag.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.selector, self.answer) {
            (Some(selector), Answer::Take(choice)) => write!(f, "--{choice}={selector}"),
            (None, Answer::Take(choice)) => write!(f, "--{choice}"),
            (Some(selector), Answer::Skip) => write!(f, "`{selector}: skip`"),
            (None, Answer::Skip) => f.write_str("`*: skip`"),
        }
    }
}

impl Rule {
    /// Returns whether this is the answer to follow where both mean a place.
    fn beats(&self, other: &Self) -> bool {
        match (&self.selector, &other.selector) {
            (Some(one), Some(other)) => one.beats(other),
            (one, other) => one.is_some() && other.is_none(),
        }
    }

    /// Returns whether this and another one may say different things of one place.
    fn may_tie(&self, other: &Self) -> bool {
        self.answer != other.answer && !self.beats(other) && !other.beats(self)
    }
}

/// All the answers of one run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decisions {
    rules: Vec<Rule>,
}

/// A resource that answers may be about.
pub struct Known<'a> {
    /// Its address.
    pub address: Address,
    /// The places that it has in the project, in the state or in the cloud; `None` where it was left out, and nobody
    /// has looked.
    pub places: Option<BTreeSet<&'a Path>>,
}

/// Answers that cannot be followed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecisionError {
    /// Two of the same scope differ.
    #[error("{} and {} contradict each other", .0[0], .0[1])]
    Contradiction(Box<[Rule; 2]>),
    /// Two differ, both mean a place, and neither is the more specific one.
    #[error("{} and {} both mean `{}` and contradict each other: neither is more specific", .0[0], .0[1], .1)]
    Tie(Box<[Rule; 2]>, Selector),
    /// A selector means nothing here; with what was probably meant.
    #[error("`{}` names nothing in the project or its state{}", .0, did_you_mean(.1.as_deref()))]
    Nothing(Selector, Option<String>),
}

/// Returns what a selector that names nothing was probably meant to be.
pub(super) fn nearest(selector: &Selector, names: impl Iterator<Item = String>) -> Option<String> {
    let names: Vec<String> = names.collect();
    closest(&selector.to_string(), names.iter().map(String::as_str)).map(str::to_owned)
}

/// The end of a sentence about a name that is not known.
pub(super) fn did_you_mean(near: Option<&str>) -> String {
    near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
}

impl Decisions {
    /// Collects answers. Later ones of the same selector replace earlier ones only through [`Self::answer`].
    ///
    /// # Errors
    /// Fails when two of them have the same selector, or none, and differ.
    pub fn new(rules: Vec<Rule>) -> Result<Self, DecisionError> {
        for (index, one) in rules.iter().enumerate() {
            let twin = |other: &&Rule| one.selector == other.selector && one.answer != other.answer;
            if let Some(other) = rules[index + 1..].iter().find(twin) {
                return Err(DecisionError::Contradiction(Box::new([one.clone(), other.clone()])));
            }
        }
        Ok(Self { rules })
    }

    /// Adds the answer to one question, over any that stood.
    pub fn answer(&mut self, selector: Option<Selector>, answer: impl Into<Answer>) {
        self.rules.retain(|rule| rule.selector != selector);
        self.rules.push(Rule { selector, answer: answer.into() });
    }

    /// Returns the rules.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Checks that every selector names something among what is known, and that no two contradict each other there.
    ///
    /// # Errors
    /// Fails with the first selector that names nothing, or with the first two that tie and a place where they meet.
    pub fn check(&self, known: &[Known<'_>], schemas: &SchemaSet) -> Result<(), DecisionError> {
        let names = |selector: &Selector, Known { address, places }: &Known<'_>| {
            let of_type = || {
                let schema = schemas.get(&address.kind);
                places.is_none() || schema.is_none_or(|schema| selector.is_of(schema))
            };
            let found = |places: &BTreeSet<&Path>| places.iter().any(|path| selector.matches_path(path));
            selector.matches_address(address)
                && (!selector.has_path() || places.as_ref().is_some_and(found) || of_type())
        };
        let mut selectors = self.rules.iter().filter_map(|rule| rule.selector.as_ref());
        if let Some(selector) = selectors.find(|selector| !known.iter().any(|known| names(selector, known))) {
            let places = known.iter().flat_map(|Known { address, places }| {
                let of_it = places.iter().flatten().map(move |path| format!("{address}:{path}"));
                std::iter::once(address.to_string()).chain(of_it.filter(|_| selector.has_path()))
            });
            return Err(DecisionError::Nothing(selector.clone(), nearest(selector, places)));
        }
        let mut pairs = self
            .rules
            .iter()
            .enumerate()
            .flat_map(|(index, one)| self.rules[index + 1..].iter().map(move |other| (one, other)));
        if !pairs.any(|(one, other)| one.may_tie(other)) {
            return Ok(());
        }
        for Known { address, places } in known {
            let answers = self.about(address);
            let root = Path::root();
            for path in std::iter::once(&root).chain(places.iter().flatten().copied()) {
                if let Err((one, other)) = answers.best(path) {
                    let place = Selector::exact(address, path);
                    return Err(DecisionError::Tie(Box::new([one.clone(), other.clone()]), place));
                }
            }
        }
        Ok(())
    }

    /// Returns the resources of a plan that are left out by an answer: those with a question that is answered so.
    pub fn skipped(&self, plan: &Plan) -> BTreeSet<Address> {
        let open = plan.open().into_iter().filter(|open| {
            let root = Path::root();
            let path = open.path.map_or(&root, |(path, _)| path);
            matches!(self.about(&open.change.address).best(path), Ok(Some(Answer::Skip)))
        });
        open.map(|open| open.change.address.clone()).collect()
    }

    /// Returns who wins at a place, by the most specific answer.
    pub fn of(&self, address: &Address, path: &Path) -> Option<Choice> {
        self.about(address).of(path)
    }

    /// Returns the answer that reopens an accepted path: one that names exactly this place.
    pub fn reopens(&self, address: &Address, path: &Path) -> Option<Choice> {
        self.about(address).reopens(path)
    }

    /// Returns the answers that reach a resource, or a place in it.
    pub(super) fn about(&self, address: &Address) -> Answers<'_> {
        let text = if self.rules.is_empty() { String::new() } else { address.to_string() };
        let reaches =
            |rule: &&Rule| rule.selector.as_ref().is_none_or(|selector| selector.matches_text(&text));
        Answers(self.rules.iter().filter(reaches).collect())
    }
}

/// The answers that reach one resource.
pub(super) struct Answers<'a>(Vec<&'a Rule>);

impl<'a> Answers<'a> {
    /// Returns who wins at a place, by the most specific answer; nobody, where two of the most specific differ or
    /// where it is skipped.
    pub fn of(&self, path: &Path) -> Option<Choice> {
        choice(self.best(path))
    }

    /// Returns the answer that reopens an accepted path: one that names exactly this place.
    pub fn reopens(&self, path: &Path) -> Option<Choice> {
        choice(best(self.0.iter().copied().filter(|rule| {
            let selector = rule.selector.as_ref();
            selector.is_some_and(|selector| selector.is_exact_path() && selector.matches_path(path))
        })))
    }

    /// Returns the answer that reopens an accepted absence: one that names exactly this resource.
    pub fn brings_back(&self) -> Option<Choice> {
        choice(best(self.0.iter().copied().filter(|rule| {
            let selector = rule.selector.as_ref();
            selector.is_some_and(|selector| !selector.has_path() && selector.is_exact_address())
        })))
    }

    fn best(&self, path: &Path) -> Result<Option<Answer>, (&'a Rule, &'a Rule)> {
        let means = |rule: &&Rule| rule.selector.as_ref().is_none_or(|selector| selector.matches_path(path));
        best(self.0.iter().copied().filter(means))
    }
}

/// Returns what the most specific rule says; where two of the most specific differ, both.
fn best<'a>(rules: impl Iterator<Item = &'a Rule>) -> Result<Option<Answer>, (&'a Rule, &'a Rule)> {
    let rules: Vec<&Rule> = rules.collect();
    let mut top = rules.iter().filter(|rule| !rules.iter().any(|other| other.beats(rule)));
    let Some(first) = top.next() else { return Ok(None) };
    match top.find(|other| other.answer != first.answer) {
        Some(other) => Err((first, other)),
        None => Ok(Some(first.answer)),
    }
}

fn choice(answer: Result<Option<Answer>, (&Rule, &Rule)>) -> Option<Choice> {
    match answer {
        Ok(Some(Answer::Take(choice))) => Some(choice),
        Ok(Some(Answer::Skip) | None) | Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Schema;
    use crate::plan::tests::world::FUNCTION;

    fn rule(text: &str, answer: impl Into<Answer>) -> Rule {
        let selector = (!text.is_empty()).then(|| text.parse().expect("a selector"));
        Rule { selector, answer: answer.into() }
    }

    #[track_caller]
    fn check(rules: &[(&str, Choice)], address: &str, path: &str, expected: Option<Choice>) {
        let rules = rules.iter().map(|(text, choice)| rule(text, *choice)).collect();
        let decisions = Decisions::new(rules).expect("decisions");
        let path = path.parse().expect("a path");
        assert_eq!(decisions.of(&address.parse().expect("an address"), &path), expected);
    }

    const LOCAL: Choice = Choice::UseLocal;
    const LIVE: Choice = Choice::UseLive;

    #[test]
    fn the_most_specific_answer_wins() {
        let rules = [
            ("", LOCAL),
            ("fc3_function.*", LIVE),
            ("fc3_function.a:environmentVariables", LOCAL),
            ("*:code", LIVE),
        ];
        check(&rules, "fc3_trigger.a[\"t\"]", "description", Some(LOCAL));
        check(&rules, "fc3_function.a", "memorySize", Some(LIVE));
        check(&rules, "fc3_function.a", "environmentVariables[\"A\"]", Some(LOCAL));
        check(&rules, "fc3_function.a", "code[\"index.py\"]", Some(LIVE));
        check(&[], "fc3_function.a", "memorySize", None);
    }

    #[test]
    fn patterns_reach_into_maps() {
        check(&[("fc3_function.shop:environmentVariables.*", LIVE)], "fc3_function.shop", "timeout", None);
        check(&[("*:environment*", LIVE)], "fc3_function.shop", "environmentVariables[\"A\"]", Some(LIVE));
        check(
            &[("fc3_custom_domain[\"a:b\"]:protocol", LIVE)],
            "fc3_custom_domain[\"a:b\"]",
            "protocol",
            Some(LIVE),
        );
    }

    #[test]
    fn contradictions_are_told() {
        let told = |rules: Vec<Rule>| Decisions::new(rules).expect_err("a contradiction").to_string();
        assert_eq!(
            told(vec![rule("", LOCAL), rule("", LIVE)]),
            "--use-local and --use-live contradict each other"
        );
        assert_eq!(
            told(vec![rule("a.b", LOCAL), rule("a.b", Answer::Skip)]),
            "--use-local=a.b and `a.b: skip` contradict each other"
        );
    }

    /// Checks answers in a world of one function with a variable, whose other fields nobody ever said anything of.
    fn checked(rules: &[(&str, Choice)]) -> Result<(), String> {
        let schemas: SchemaSet = std::iter::once::<&'static Schema>(&FUNCTION).collect();
        let rules = rules.iter().map(|(text, choice)| rule(text, *choice)).collect();
        let (variable, memory) = (Path::field("environmentVariables").key("A"), Path::field("memorySize"));
        let known = |name: &str, places| Known { address: Address::new("function", name), places };
        let known = [known("a", Some([&variable, &memory].into())), known("left-out", None)];
        Decisions::new(rules)
            .and_then(|decisions| decisions.check(&known, &schemas))
            .map_err(|e| e.to_string())
    }

    #[test]
    fn a_selector_must_name_something() {
        for text in [
            "function.a",
            "function.a:timeout",
            "function.a:environmentVariables.A",
            "function.a:environmentVariables[\"A\"]",
            "*:code",
            "function.a:environmentVariables.LOG_*",
            "*:*Size",
            "function.left-out:environmentVariables[\"X\"]",
        ] {
            assert_eq!(checked(&[(text, LIVE)]), Ok(()), "{text}");
        }
        for text in [
            "function.nope",
            "trigger.*",
            "function.a:environmentVariables[\"B\"]",
            "function.a:code[\"gone.py\"]",
            "function.a:memroySize",
            "function.a:memroy*",
            "function.a:*Sizes",
        ] {
            let told = format!("`{text}` names nothing in the project or its state");
            let found = checked(&[(text, LIVE)]).expect_err("an error");
            assert!(found.starts_with(&told), "{found}");
            let near = found.ends_with("; did you mean `function.a:memorySize`?");
            assert_eq!(near, text == "function.a:memroySize", "{found}");
        }
    }

    #[test]
    fn a_tie_is_told_with_a_place_where_two_meet() {
        assert_eq!(
            checked(&[("function.a:*", LOCAL), ("*:environmentVariables.A", LIVE)]),
            Err("--use-local=function.a:* and --use-live=*:environmentVariables.A both mean \
                 `function.a:environmentVariables[\"A\"]` and contradict each other: neither is more specific"
                .to_owned())
        );
        let twice = [("*.a", LOCAL), ("function.*", LIVE)];
        assert!(checked(&twice).is_err_and(|told| told.contains("both mean `function.a` and")));
        // Something more specific settles it, two that agree are none, and two that never meet neither.
        let settled = [twice[0], twice[1], ("function.a", LIVE)];
        for rules in [
            &settled[..],
            &[("*.a", LIVE), twice[1]],
            &[("*.b*", LOCAL), ("function.a*", LIVE), ("function.*", LIVE)][1..],
            &[("function.a:environmentVariables", LOCAL), ("*:code", LIVE)],
        ] {
            assert_eq!(checked(rules), Ok(()), "{rules:?}");
        }
    }
}
