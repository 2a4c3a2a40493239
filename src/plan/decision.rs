//! Who wins where, and how a choice for the whole plan reaches one path.

mod file;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use self::file::{DecisionsFile, ReadDecisionsError, read_decisions};
use crate::model::{Address, Path, SchemaSet};

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

/// An address, an address with a path, or a pattern of them: `fc3_function.*`, `*:code`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selector {
    address: String,
    path: Option<String>,
}

/// A text that is no selector.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no selector; selectors look like fc3_function.hello, fc3_function.hello:memorySize or *:code"
)]
pub struct ParseSelectorError(pub String);

impl FromStr for Selector {
    type Err = ParseSelectorError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // A colon inside a quoted key is no separator: fc3_custom_domain["a:b"]:protocol.
        let mut quoted = false;
        let mut escaped = false;
        let separator = text.char_indices().find_map(|(at, character)| {
            match character {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => quoted = !quoted,
                ':' if !quoted => return Some(at),
                _ => {}
            }
            None
        });
        let (address, path) = match separator {
            Some(at) => (&text[..at], Some(&text[at + 1..])),
            None => (text, None),
        };
        let error = || ParseSelectorError(text.to_owned());
        if address.is_empty() || path.is_some_and(str::is_empty) {
            return Err(error());
        }
        if !address.contains('*') {
            address.parse::<Address>().map_err(|_| error())?;
        }
        if let Some(path) = path.filter(|path| !path.contains('*')) {
            path.parse::<Path>().map_err(|_| error())?;
        }
        Ok(Self { address: address.to_owned(), path: path.map(str::to_owned) })
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.address)?;
        self.path.as_ref().map_or(Ok(()), |path| write!(f, ":{path}"))
    }
}

impl Selector {
    /// Returns the selector of one path; of the whole resource for the root path.
    pub fn exact(address: &Address, path: &Path) -> Self {
        let path = (!path.is_root()).then(|| path.to_string());
        Self { address: address.to_string(), path }
    }

    /// Returns whether it means this resource, or something in it.
    pub fn matches_address(&self, address: &Address) -> bool {
        glob(&self.address, &address.to_string())
    }

    /// Returns whether it means this place, or a place around it.
    pub fn matches(&self, address: &Address, path: &Path) -> bool {
        self.matches_address(address) && self.matches_path(path)
    }

    fn matches_path(&self, path: &Path) -> bool {
        let Some(pattern) = &self.path else { return true };
        if pattern.contains('*') {
            return glob(pattern, &path.to_string()) || glob(&format!("{pattern}[*"), &path.to_string());
        }
        pattern.parse::<Path>().is_ok_and(|outer| path.is_within(&outer))
    }

    /// Returns whether it names a path.
    pub fn has_path(&self) -> bool {
        self.path.is_some()
    }

    /// Returns whether it is an address with a path and no pattern: the form that reopens an accepted path.
    pub fn is_exact_path(&self) -> bool {
        self.path.as_ref().is_some_and(|path| !path.contains('*')) && !self.address.contains('*')
    }

    /// Returns how specific it is; the greater wins.
    fn specificity(&self) -> (bool, bool, usize, usize) {
        let length = |text: &str| text.chars().filter(|character| *character != '*').count();
        let path = self.path.as_deref().unwrap_or_default();
        (self.path.is_some(), !self.address.contains('*'), length(path), length(&self.address))
    }
}

/// Matches `*` against any text, all else literally.
fn glob(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut pieces: Vec<&str> = pieces.collect();
    let Some(last) = pieces.pop() else { return rest.is_empty() };
    for piece in pieces {
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// What it is about; `None` for the whole plan.
    pub selector: Option<Selector>,
    /// Who wins there.
    pub choice: Choice,
}

/// All the answers of one run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decisions {
    rules: Vec<Rule>,
}

/// Answers that cannot be followed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecisionError {
    /// Both sides were told to win everywhere.
    #[error("--use-local and --use-live together, neither with a selector, contradict each other")]
    BothEverywhere,
    /// Two equally specific answers differ.
    #[error("--use-local={0} and --use-live={1} are equally specific and contradict each other")]
    Tie(Selector, Selector),
    /// A selector means nothing here.
    #[error("`{0}` names nothing in the project or its state")]
    Nothing(Selector),
}

impl Decisions {
    /// Collects answers. Later ones of the same selector replace earlier ones only through [`Self::answer`].
    pub fn new(rules: Vec<Rule>) -> Result<Self, DecisionError> {
        let everywhere = |choice| rules.iter().any(|rule| rule.selector.is_none() && rule.choice == choice);
        if everywhere(Choice::UseLocal) && everywhere(Choice::UseLive) {
            return Err(DecisionError::BothEverywhere);
        }
        for (index, one) in rules.iter().enumerate() {
            for other in &rules[index + 1..] {
                if let (Some(a), Some(b)) = (&one.selector, &other.selector)
                    && a == b
                    && one.choice != other.choice
                {
                    return Err(DecisionError::Tie(a.clone(), b.clone()));
                }
            }
        }
        Ok(Self { rules })
    }

    /// Adds the answer to one question, over any that stood.
    pub fn answer(&mut self, selector: Option<Selector>, choice: Choice) {
        self.rules.retain(|rule| rule.selector != selector);
        self.rules.push(Rule { selector, choice });
    }

    /// Returns the rules.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Checks that every selector names something among these addresses, and a path that their types have.
    #[expect(clippy::needless_pass_by_value, reason = "an iterator is walked once for each selector")]
    pub fn check_names<'a>(
        &self,
        addresses: impl Iterator<Item = &'a Address> + Clone,
        schemas: &SchemaSet,
    ) -> Result<(), DecisionError> {
        let names = |selector: &Selector, address: &Address| {
            selector.matches_address(address)
                && selector.path.as_ref().is_none_or(|path| {
                    let known = |path: Path| Some(schemas.get(&address.kind)?.attribute(&path).is_some());
                    path.contains('*') || path.parse().ok().and_then(known) != Some(false)
                })
        };
        let mut selectors = self.rules.iter().filter_map(|rule| rule.selector.as_ref());
        match selectors.find(|selector| !addresses.clone().any(|address| names(selector, address))) {
            Some(selector) => Err(DecisionError::Nothing(selector.clone())),
            None => Ok(()),
        }
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
            |rule: &&Rule| rule.selector.as_ref().is_none_or(|selector| glob(&selector.address, &text));
        Answers(self.rules.iter().filter(reaches).collect())
    }
}

/// The answers that reach one resource.
pub(super) struct Answers<'a>(Vec<&'a Rule>);

impl Answers<'_> {
    /// Returns who wins at a place, by the most specific answer; nobody, where two of the most specific differ.
    pub fn of(&self, path: &Path) -> Option<Choice> {
        self.best(|selector| selector.is_none_or(|selector| selector.matches_path(path)))
    }

    /// Returns the answer that reopens an accepted path: one that names exactly this place.
    pub fn reopens(&self, path: &Path) -> Option<Choice> {
        self.best(|selector| {
            selector.is_some_and(|selector| selector.is_exact_path() && selector.matches_path(path))
        })
    }

    /// Returns the answer that reopens an accepted absence: one that names exactly this resource.
    pub fn brings_back(&self) -> Option<Choice> {
        self.best(|selector| {
            selector.is_some_and(|selector| selector.path.is_none() && !selector.address.contains('*'))
        })
    }

    fn best(&self, applies: impl Fn(Option<&Selector>) -> bool) -> Option<Choice> {
        let mut best: Option<(_, Option<Choice>)> = None;
        for rule in self.0.iter().filter(|rule| applies(rule.selector.as_ref())) {
            let specificity = rule.selector.as_ref().map(Selector::specificity);
            best = match best {
                Some((other, choice)) if other > specificity => Some((other, choice)),
                Some((other, choice)) if other == specificity => {
                    Some((other, choice.filter(|choice| *choice == rule.choice)))
                }
                _ => Some((specificity, Some(rule.choice))),
            };
        }
        best.and_then(|(_, choice)| choice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(text: &str, choice: Choice) -> Rule {
        let selector = (!text.is_empty()).then(|| text.parse().expect("a selector"));
        Rule { selector, choice }
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
        assert_eq!(Decisions::new(vec![rule("", LOCAL), rule("", LIVE)]), Err(DecisionError::BothEverywhere));
        let tie = Decisions::new(vec![rule("a.b", LOCAL), rule("a.b", LIVE)]);
        assert!(matches!(tie, Err(DecisionError::Tie(..))));
    }

    #[test]
    fn a_selector_must_name_something() {
        let decisions = Decisions::new(vec![rule("fc3_function.nope", LOCAL)]).expect("decisions");
        let known = [Address::new("fc3_function", "yes")];
        assert!(matches!(
            decisions.check_names(known.iter(), &SchemaSet::default()),
            Err(DecisionError::Nothing(_))
        ));
    }

    #[test]
    fn texts_that_are_no_selectors() {
        for text in ["", ":", "a.b:", "hello", "a.b:.x"] {
            assert!(text.parse::<Selector>().is_err(), "{text}");
        }
    }
}
