//! The switches in force: which calls they count, hold and hide from.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::switches::{Action, Calls, Rule, Switches, When};

/// How a call that was held goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Release {
    /// As if nothing had been.
    Proceed,
    /// Its connection is cut where it stands.
    Cut,
}

/// A rule's action that applies to a call, and which of its calls this is.
#[derive(Clone, Debug)]
pub struct Due {
    /// The rule's name, or its place in the document.
    pub rule: String,
    /// Which of the rule's matching calls this is.
    pub number: u64,
    /// Before or after the effect.
    pub when: When,
    /// What happens.
    pub action: Action,
}

/// One resource in one region.
pub type Subject = (String, String);

/// The document in force, and what it led to so far.
#[derive(Debug, Default)]
pub struct Board(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    switches: Switches,
    seen: Vec<u64>,
    hidden_from_lists: BTreeMap<Subject, u64>,
    hidden_from_reads: BTreeMap<Subject, u64>,
    pending: BTreeMap<Subject, (Pending, Instant)>,
    failed: BTreeMap<Subject, (Pending, String)>,
    held: BTreeMap<u64, Held>,
    next_held: u64,
}

/// What a function that is not settled yet is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pending {
    /// Being created.
    Create,
    /// Being updated.
    Update,
}

#[derive(Debug)]
struct Held {
    rule: String,
    operation: &'static str,
    subject: Subject,
    when: When,
    release: oneshot::Sender<Release>,
}

impl Board {
    /// A board with a document in force.
    pub fn new(switches: Switches) -> Self {
        let board = Self::default();
        board.set(switches);
        board
    }

    /// Puts another document in force. Calls that are held stay so unless their rule is gone.
    pub fn set(&self, switches: Switches) {
        self.with(|state| {
            let names: Vec<String> = switches.rules.iter().enumerate().map(rule_name).collect();
            let gone: Vec<u64> = state
                .held
                .iter()
                .filter(|(_, held)| !names.contains(&held.rule))
                .map(|(id, _)| *id)
                .collect();
            for id in gone {
                if let Some(held) = state.held.remove(&id) {
                    // The call may be gone; then nobody waits.
                    let _ = held.release.send(Release::Proceed);
                }
            }
            state.seen = vec![0; switches.rules.len()];
            state.hidden_from_lists.clear();
            state.hidden_from_reads.clear();
            state.pending.clear();
            state.failed.clear();
            state.switches = switches;
        });
    }

    /// The document in force.
    pub fn get(&self) -> Switches {
        self.with(|state| state.switches.clone())
    }

    /// What applies to a call that arrived, in order.
    pub fn arrive(&self, operation: &str, subject: &Subject) -> Vec<Due> {
        self.with(|state| {
            let mut due = Vec::new();
            for (index, rule) in state.switches.rules.iter().enumerate() {
                let applies = (rule.operation == "*" || rule.operation == operation)
                    && rule.region.as_ref().is_none_or(|region| *region == subject.0)
                    && matches(&rule.resource, &subject.1);
                if !applies {
                    continue;
                }
                state.seen[index] += 1;
                let number = state.seen[index];
                let chosen = match rule.calls {
                    None => true,
                    Some(Calls::Nth(nth)) => number == nth,
                    Some(Calls::Range { from, to }) => number >= from && to.is_none_or(|to| number <= to),
                };
                if chosen {
                    let action = rule.action.clone();
                    due.push(Due { rule: rule_name((index, rule)), number, when: rule.when, action });
                }
            }
            due
        })
    }

    /// Makes a call wait. `None` when the server ends meanwhile.
    pub async fn hold(
        &self,
        rule: &str,
        operation: &'static str,
        subject: &Subject,
        when: When,
    ) -> Option<Release> {
        let (release, released) = oneshot::channel();
        let held = Held { rule: rule.to_owned(), operation, subject: subject.clone(), when, release };
        self.with(|state| {
            state.next_held += 1;
            state.held.insert(state.next_held, held);
        });
        released.await.ok()
    }

    /// Lets calls go on: all of them, or those of one rule. Returns how many.
    pub fn release(&self, rule: Option<&str>, how: Release) -> usize {
        self.with(|state| {
            let chosen: Vec<u64> = state
                .held
                .iter()
                .filter(|(_, held)| rule.is_none_or(|rule| held.rule == rule))
                .map(|(id, _)| *id)
                .collect();
            for id in &chosen {
                if let Some(held) = state.held.remove(id) {
                    let _ = held.release.send(how);
                }
            }
            chosen.len()
        })
    }

    /// The calls that wait, as the private endpoint shows them.
    pub fn show_held(&self) -> Value {
        self.with(|state| {
            let held: Vec<Value> = state
                .held
                .values()
                .map(|held| {
                    json!({"rule": held.rule, "operation": held.operation, "region": held.subject.0,
                        "resource": held.subject.1, "when": held.when})
                })
                .collect();
            Value::Array(held)
        })
    }

    /// Hides a resource from the next lists.
    pub fn hide_from_lists(&self, subject: Subject, calls: u64) {
        self.with(|state| state.hidden_from_lists.insert(subject, calls));
    }

    /// Hides a resource from the next reads.
    pub fn hide_from_reads(&self, subject: Subject, calls: u64) {
        self.with(|state| state.hidden_from_reads.insert(subject, calls));
    }

    /// Whether this list must not show the resource; counts the list.
    pub fn takes_list(&self, subject: &Subject) -> bool {
        self.with(|state| take(&mut state.hidden_from_lists, subject))
    }

    /// Whether this read must not find the resource; counts the read.
    pub fn takes_read(&self, subject: &Subject) -> bool {
        self.with(|state| take(&mut state.hidden_from_reads, subject))
    }

    /// Makes a function unsettled for a while.
    pub fn unsettle(&self, subject: Subject, how: Pending, time: Duration) {
        self.with(|state| state.pending.insert(subject, (how, Instant::now() + time)));
    }

    /// What an unsettled function is doing; `None` once it has settled.
    pub fn unsettled(&self, subject: &Subject) -> Option<Pending> {
        self.with(|state| {
            let (how, until) = state.pending.get(subject)?;
            (Instant::now() < *until).then_some(*how)
        })
    }

    /// Makes a function one that failed at what it was doing; `None` one that did not.
    pub fn fail(&self, subject: &Subject, how: Option<(Pending, String)>) {
        self.with(|state| match how {
            Some(how) => state.failed.insert(subject.clone(), how),
            None => state.failed.remove(subject),
        });
    }

    /// What a function failed at, and why.
    pub fn failed(&self, subject: &Subject) -> Option<(Pending, String)> {
        self.with(|state| state.failed.get(subject).cloned())
    }

    fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn take(counts: &mut BTreeMap<Subject, u64>, subject: &Subject) -> bool {
    match counts.get_mut(subject) {
        Some(0) | None => false,
        Some(count) => {
            *count -= 1;
            true
        }
    }
}

fn rule_name((index, rule): (usize, &Rule)) -> String {
    rule.name.clone().unwrap_or_else(|| format!("rule {}", index + 1))
}

/// Whether text fits a pattern in which `*` stands for any text.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(text) = text.strip_prefix(start) else {
        return false;
    };
    (0..=text.len()).filter(|at| text.is_char_boundary(*at)).any(|at| matches(rest, &text[at..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(name: &str) -> Subject {
        ("cn-hangzhou".to_owned(), name.to_owned())
    }

    #[test]
    fn a_rule_counts_its_own_matching_calls() {
        let board = Board::new(
            Switches::from_json(
                r#"{"rules": [{"operation": "UpdateFunction", "resource": "a*", "calls": {"from": 2, "to": 3}, "do": "cut"}]}"#,
            )
            .expect("is valid"),
        );
        let hit = |operation: &str, name: &str| board.arrive(operation, &subject(name)).len();
        assert_eq!(hit("UpdateFunction", "b"), 0);
        assert_eq!(hit("GetFunction", "a"), 0);
        assert_eq!([(); 4].map(|()| hit("UpdateFunction", "abc")), [0, 1, 1, 0]);
    }

    #[test]
    fn patterns() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("a*", "abc", true),
            ("a*c", "abc", true),
            ("*b*", "abc", true),
            ("a", "abc", false),
            ("a*d", "abc", false),
            ("函*", "函数", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[tokio::test]
    async fn a_held_call_goes_on_when_its_rule_is_gone() {
        let held = r#"{"rules": [{"name": "stop", "do": "hold"}]}"#;
        let board = Board::new(Switches::from_json(held).expect("is valid"));
        let subject = subject("a");
        let (release, ()) = tokio::join!(board.hold("stop", "GetFunction", &subject, When::Before), async {
            assert_eq!(board.show_held()[0]["rule"], "stop");
            board.set(Switches::default());
        });
        assert_eq!(release, Some(Release::Proceed));
        assert_eq!(board.release(None, Release::Proceed), 0);
    }
}
