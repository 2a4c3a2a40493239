//! Switches: how tests and people make the cloud misbehave.
//!
//! A document of rules, from a file at the start or over `PUT /_triform/v1/switches`. Each rule picks calls
//! and says what happens to them:
//!
//! ```json
//! {"rules": [{
//!   "name": "lost answer",             // how release and counters call it; optional
//!   "operation": "UpdateFunction",     // or "*", the default
//!   "resource": "hello*",              // function, function/trigger, function/alias, domain; "*" matches any text
//!   "region": "cn-hangzhou",           // optional
//!   "calls": 2,                        // the second matching call; {"from": 2}, {"from": 2, "to": 4}; default every
//!   "when": "after",                   // relative to the effect; default "before"
//!   "do": "cut"
//! }]}
//! ```
//!
//! `do` is one of
//!
//! | `do` | what happens |
//! | --- | --- |
//! | `{"delay": 200}` | the call waits that many milliseconds |
//! | `"hold"` | the call waits until it is released; `GET /_triform/v1/counters` lists it under `held` |
//! | `"cut"` | the connection is cut: before the effect, or after it with the answer lost |
//! | `"garbage"` | status 200 with a body that is no JSON |
//! | `{"refuse": {"status": 429, "code": …, "message": …, "retry_after": 1000}}` | that refusal; all but `status` have defaults |
//! | `{"console": {"call": "PUT /2023-03-30/functions/hello", "body": {…}}}` | another change, made behind the caller's back |
//! | `{"hide_from_lists": 2}` | what this call creates is missing from the next two lists |
//! | `{"hide_from_reads": 2}` | what this call creates answers 404 to the next two reads |
//! | `{"pending": 500}` | after this create (update), the function reads as Pending (`InProgress`) for that many milliseconds |
//! | `{"reshape": ["json", "lists"]}` | the answer says the same in another form: JSON texts re-ordered and spaced, lists that are sets reversed |
//! | `{"touch": 1}` | `lastModifiedTime` in the answer is later by so many seconds times the number of the call |
//!
//! Rules are applied in order. Each counts its own matching calls from when the document was set.
//! `{"access_keys": {"testid": "testsecret"}}` beside `rules` lets further keys in; that is read only at the start.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::oneshot;

/// The whole document.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Switches {
    /// Applied in order.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// Further access keys and their secrets.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub access_keys: BTreeMap<String, String>,
}

/// Why text is no such document.
#[derive(Debug, thiserror::Error)]
#[error("the switches are not valid: {0}")]
pub struct SwitchesError(String);

impl Switches {
    /// Reads a document.
    pub fn from_json(text: &str) -> Result<Self, SwitchesError> {
        let switches: Self = serde_json::from_str(text).map_err(|error| SwitchesError(error.to_string()))?;
        for rule in &switches.rules {
            if let Action::Refuse(Refusal { status, .. }) = &rule.action
                && !(400..=599).contains(status)
            {
                return Err(SwitchesError(format!("a refusal has a status of 400 to 599, not {status}")));
            }
        }
        Ok(switches)
    }
}

/// Which calls, and what happens to them.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// How release and counters call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// An operation's name, or `*`.
    #[serde(default = "any")]
    pub operation: String,
    /// A pattern of names.
    #[serde(default = "any")]
    pub resource: String,
    /// One region only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Which of the matching calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calls: Option<Calls>,
    /// Before or after the effect.
    #[serde(default)]
    pub when: When,
    /// What happens.
    #[serde(rename = "do")]
    pub action: Action,
}

fn any() -> String {
    "*".to_owned()
}

/// Which of the matching calls, counted from 1.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Calls {
    /// This one.
    Nth(u64),
    /// From one on, to another if there is one, both included.
    Range {
        /// The first.
        from: u64,
        /// The last.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<u64>,
    },
}

/// Relative to the effect of the call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// Nothing has happened yet.
    #[default]
    Before,
    /// The effect is durable, the answer not yet sent.
    After,
}

/// What happens to a call; the module's table says more.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Milliseconds.
    Delay(u64),
    /// Until released.
    Hold,
    /// The connection.
    Cut,
    /// A body that is no JSON.
    Garbage,
    /// A refusal of the service.
    Refuse(Refusal),
    /// A change behind the caller's back.
    Console(Console),
    /// For so many lists.
    HideFromLists(u64),
    /// For so many reads.
    HideFromReads(u64),
    /// Milliseconds.
    Pending(u64),
    /// The same in another form.
    Reshape(Vec<Reshape>),
    /// Seconds per call.
    Touch(i64),
}

/// A refusal of the service.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    /// 400 to 599.
    pub status: u16,
    /// The service's usual code for that status when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Milliseconds for `x-acs-retry-after`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
}

/// A change made behind the caller's back, unsigned, uncounted and not switched itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Console {
    /// Method and path, as in `DELETE /2023-03-30/functions/hello`.
    pub call: String,
    /// The JSON body.
    #[serde(default)]
    pub body: serde_json::Map<String, Value>,
}

/// A part of an answer that is said in another form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reshape {
    /// JSON inside strings: keys in reverse order, with blanks.
    Json,
    /// Lists that are sets: methods, events, tags, vSwitchIds, reversed.
    Lists,
}

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
            chosen
                .into_iter()
                .filter_map(|id| state.held.remove(&id))
                .map(|held| held.release.send(how))
                .count()
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
    fn documents_are_checked() {
        for (text, part) in [
            (r#"{"rules": [{"do": "explode"}]}"#, "explode"),
            (r#"{"rules": [{"do": "cut", "opration": "x"}]}"#, "opration"),
            (r#"{"rules": [{"do": {"refuse": {"status": 200}}}]}"#, "400 to 599"),
        ] {
            let message = Switches::from_json(text).expect_err("must be refused").to_string();
            assert!(message.contains(part), "{message}");
        }
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
