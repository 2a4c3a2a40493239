//! Counts what is asked of the cloud, for tests that care how much.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

/// Calls since the start or the last reset.
#[derive(Debug, Default)]
pub struct Counters(Mutex<Numbers>);

#[derive(Debug, Default)]
struct Numbers {
    by_operation: BTreeMap<&'static str, Operation>,
    writes: u64,
    in_flight: u64,
    peak: u64,
}

#[derive(Debug, Default)]
struct Operation {
    calls: u64,
    refused: u64,
    in_flight: u64,
    peak: u64,
}

/// A call that is being served; it counts as in flight until dropped.
pub struct InFlight<'a> {
    counters: &'a Counters,
    operation: &'static str,
}

impl Counters {
    /// Counts a call that arrived.
    pub fn arrive(&self, operation: &'static str, writes: bool) -> InFlight<'_> {
        self.with(|numbers| {
            numbers.writes += u64::from(writes);
            numbers.in_flight += 1;
            numbers.peak = numbers.peak.max(numbers.in_flight);
            let own = numbers.by_operation.entry(operation).or_default();
            own.calls += 1;
            own.in_flight += 1;
            own.peak = own.peak.max(own.in_flight);
        });
        InFlight { counters: self, operation }
    }

    /// Forgets everything but what is in flight now.
    pub fn reset(&self) {
        self.with(|numbers| {
            numbers.writes = 0;
            numbers.peak = numbers.in_flight;
            numbers.by_operation.retain(|_, own| own.in_flight > 0);
            for own in numbers.by_operation.values_mut() {
                (own.calls, own.refused, own.peak) = (0, 0, own.in_flight);
            }
        });
    }

    /// All numbers, as the private endpoint shows them.
    pub fn show(&self) -> Value {
        self.with(|numbers| {
            let operations: serde_json::Map<String, Value> = numbers
                .by_operation
                .iter()
                .map(|(name, own)| {
                    let Operation { calls, refused, in_flight, peak } = own;
                    let shown =
                        json!({"calls": calls, "refused": refused, "in_flight": in_flight, "peak": peak});
                    ((*name).to_owned(), shown)
                })
                .collect();
            json!({
                "calls": numbers.by_operation.values().map(|own| own.calls).sum::<u64>(),
                "writes": numbers.writes,
                "in_flight": numbers.in_flight,
                "peak": numbers.peak,
                "operations": operations,
            })
        })
    }

    fn with<T>(&self, work: impl FnOnce(&mut Numbers) -> T) -> T {
        // Numbers stay numbers even when somebody panicked while counting.
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl InFlight<'_> {
    /// Notes that the call was answered with a refusal.
    pub fn refused(&self) {
        self.counters.with(|numbers| numbers.by_operation.entry(self.operation).or_default().refused += 1);
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.counters.with(|numbers| {
            numbers.in_flight -= 1;
            numbers.by_operation.entry(self.operation).or_default().in_flight -= 1;
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peaks_stay_and_a_reset_keeps_what_is_in_flight() {
        let counters = Counters::default();
        let first = counters.arrive("GetFunction", false);
        drop(counters.arrive("UpdateFunction", true));
        let shown = counters.show();
        assert_eq!((&shown["calls"], &shown["writes"], &shown["peak"]), (&json!(2), &json!(1), &json!(2)));
        counters.reset();
        let shown = counters.show();
        assert_eq!((&shown["calls"], &shown["in_flight"], &shown["peak"]), (&json!(0), &json!(1), &json!(1)));
        drop(first);
        assert_eq!(counters.show()["operations"]["GetFunction"]["in_flight"], 0);
    }
}
