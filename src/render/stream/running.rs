//! Which steps have been running for how long, and when that is worth a line.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::plan::StepId;

/// A step that is still running is told of this often.
const EVERY: Duration = Duration::from_secs(10);

/// The steps that are running. Moments are durations since any one start.
#[derive(Debug, Default)]
pub struct Running(BTreeMap<StepId, Since>);

#[derive(Debug)]
struct Since {
    started: Duration,
    told: Duration,
}

impl Running {
    /// Says that a step began.
    pub fn start(&mut self, step: StepId, now: Duration) {
        self.0.insert(step, Since { started: now, told: now });
    }

    /// Says that a step ended.
    pub fn end(&mut self, step: StepId) {
        self.0.remove(&step);
    }

    /// Returns the steps that are to be told of now, and for how long each has been running. However late it is
    /// asked, each is told of once.
    pub fn due(&mut self, now: Duration) -> Vec<(StepId, Duration)> {
        let mut due = Vec::new();
        for (step, since) in &mut self.0 {
            while since.told + EVERY <= now {
                since.told += EVERY;
                if since.told + EVERY > now {
                    due.push((*step, since.told.saturating_sub(since.started)));
                }
            }
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn each_step_is_told_of_every_ten_seconds_of_its_own() {
        let mut running = Running::default();
        running.start(0, s(0));
        running.start(1, s(4));
        assert_eq!(running.due(s(9)), []);
        assert_eq!(running.due(s(10)), [(0, s(10))]);
        assert_eq!(running.due(s(11)), []);
        assert_eq!(running.due(s(14)), [(1, s(10))]);
        running.end(0);
        assert_eq!(running.due(s(25)), [(1, s(20))]);
        running.end(1);
        assert_eq!(running.due(s(100)), []);
    }

    #[test]
    fn a_late_timer_tells_once() {
        let mut running = Running::default();
        running.start(7, s(1));
        assert_eq!(running.due(s(45)), [(7, s(40))]);
        assert_eq!(running.due(s(50)), []);
        assert_eq!(running.due(s(51)), [(7, s(50))]);
    }
}
