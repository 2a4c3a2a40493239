//! From the salt that a first plan derives to the one that the first apply draws.
//!
//! A plan without a state seals secrets with a salt that anybody can derive, so that planning twice gives one
//! digest. What is recorded is sealed with the salt of the new state. Every secret that this run has seen in
//! clear is known under both.

use std::collections::BTreeMap;

use crate::model::{Digest, Identity, Path, Schema, Sealer, Value};
use crate::state::{Answer, Entry, Intent, PathIntent, Record, Recorded};

/// Seals of the plan by the seals of the state.
#[derive(Default)]
pub struct Seals(BTreeMap<Digest, Digest>);

impl Seals {
    /// Learns a secret under both salts.
    pub fn learn(
        &mut self,
        plan: &Sealer,
        state: &Sealer,
        schema: &Schema,
        identity: &Identity,
        path: &Path,
        clear: &Value,
    ) {
        if !plan.is_secret(schema, path) {
            return;
        }
        if let (Value::Sealed(from), Value::Sealed(to)) =
            (plan.seal(identity, path, clear), state.seal(identity, path, clear))
        {
            self.0.insert(from, to);
        }
    }

    /// Returns an entry as the state records it.
    pub fn entry(&self, entry: Entry) -> Entry {
        if self.0.is_empty() {
            return entry;
        }
        match entry {
            Entry::Intent(intent) => Entry::Intent(self.intent(intent)),
            Entry::Settled { address, record } => {
                Entry::Settled { address, record: Box::new(self.record(*record)) }
            }
            Entry::Answer(Answer { number, done, observed, outputs }) => {
                let observed = observed.into_iter().map(|(path, value)| (path, self.value(value))).collect();
                Entry::Answer(Answer { number, done, observed, outputs })
            }
            other @ (Entry::Moved { .. } | Entry::Forgotten { .. }) => other,
        }
    }

    /// Returns an intent as the state records it.
    pub fn intent(&self, mut intent: Intent) -> Intent {
        for PathIntent { declared, read, sent, accepted: _ } in intent.paths.values_mut() {
            for value in [declared, read, sent] {
                *value = self.value(value.take());
            }
        }
        intent
    }

    fn record(&self, mut record: Record) -> Record {
        for Recorded { declared, observed, accepted: _ } in record.paths.values_mut() {
            for value in [declared, observed] {
                *value = self.value(value.take());
            }
        }
        record
    }

    fn value(&self, value: Option<Value>) -> Option<Value> {
        match value {
            Some(Value::Sealed(digest)) => Some(Value::Sealed(*self.0.get(&digest).unwrap_or(&digest))),
            other => other,
        }
    }
}
