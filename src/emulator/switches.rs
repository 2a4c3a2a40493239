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
//! | `{"fail": "no such image"}` | after this create (update), the function reads as Failed for that reason, until it is written again |
//! | `{"reshape": ["json", "lists", "case", "absent", "package"]}` | the answer says the same in another form: JSON texts re-ordered and spaced, lists that are sets reversed, the role in lower case, what is empty left out, the code's checksum as of an archive packed anew |
//! | `{"touch": 1}` | `lastModifiedTime` in the answer is later by so many seconds times the number of the call |
//!
//! Rules are applied in order. Each counts its own matching calls from when the document was set.
//! `{"access_keys": {"testid": "testsecret"}}` beside `rules` lets further keys in; that is read only at the start.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

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
    /// The reason.
    Fail(String),
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

/// A call that somebody in the console makes, unsigned, uncounted and not switched itself.
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
    /// The function's role in lower case.
    Case,
    /// Empty texts, lists and objects left out.
    Absent,
    /// Another checksum of the code, as if the service had packed the same files anew.
    Package,
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
