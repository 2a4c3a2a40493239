//! Which step may start: the plan's order, and never two at once in one group.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::Identity;
use crate::plan::{Step, StepId};

/// Where a step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It waits for others.
    Waiting,
    /// Its call is being made.
    InFlight,
    /// It is done.
    Done,
    /// It did not end well.
    Failed,
    /// It will not start: one that it waits for did not end well.
    NotStarted,
}

/// How a step ended, as far as others care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Well.
    Good,
    /// Not well.
    Bad,
}

/// The steps of one apply.
pub struct Machine<'a> {
    steps: &'a [Step],
    status: Vec<Status>,
    waits_for: Vec<usize>,
    dependents: Vec<Vec<StepId>>,
    ready: BTreeSet<StepId>,
    busy: BTreeSet<&'a Identity>,
    parked: BTreeMap<&'a Identity, BTreeSet<StepId>>,
    stopped: bool,
}

impl<'a> Machine<'a> {
    /// Returns a machine in which nothing has started.
    pub fn new(steps: &'a [Step]) -> Self {
        let mut dependents = vec![Vec::new(); steps.len()];
        for step in steps {
            for source in &step.after {
                dependents[*source].push(step.id);
            }
        }
        Self {
            steps,
            status: vec![Status::Waiting; steps.len()],
            waits_for: steps.iter().map(|step| step.after.len()).collect(),
            dependents,
            ready: steps.iter().filter(|step| step.after.is_empty()).map(|step| step.id).collect(),
            busy: BTreeSet::new(),
            parked: BTreeMap::new(),
            stopped: false,
        }
    }

    /// Starts the next step that may start, the one that the plan lists first.
    pub fn start_next(&mut self) -> Option<&'a Step> {
        while let Some(id) = self.ready.pop_first().filter(|_| !self.stopped) {
            let step = &self.steps[id];
            if self.busy.contains(&step.group) {
                self.parked.entry(&step.group).or_default().insert(id);
                continue;
            }
            self.busy.insert(&step.group);
            self.status[id] = Status::InFlight;
            return Some(step);
        }
        None
    }

    /// Says how a step that is in flight ended. Returns the steps that will not start because of it.
    pub fn finish(&mut self, id: StepId, end: End) -> Vec<StepId> {
        debug_assert_eq!(self.status[id], Status::InFlight);
        let group = &self.steps[id].group;
        self.busy.remove(group);
        self.ready.extend(self.parked.remove(group).unwrap_or_default());
        match end {
            End::Good => {
                self.status[id] = Status::Done;
                for dependent in std::mem::take(&mut self.dependents[id]) {
                    self.waits_for[dependent] -= 1;
                    if self.waits_for[dependent] == 0 && self.status[dependent] == Status::Waiting {
                        self.ready.insert(dependent);
                    }
                }
                Vec::new()
            }
            End::Bad => {
                self.status[id] = Status::Failed;
                self.abandon(id)
            }
        }
    }

    fn abandon(&mut self, failed: StepId) -> Vec<StepId> {
        let mut abandoned = BTreeSet::new();
        let mut queue = std::mem::take(&mut self.dependents[failed]);
        while let Some(id) = queue.pop() {
            if self.status[id] == Status::Waiting {
                self.status[id] = Status::NotStarted;
                abandoned.insert(id);
                queue.append(&mut self.dependents[id]);
            }
        }
        abandoned.into_iter().collect()
    }

    /// Starts no further step.
    pub fn stop(&mut self) {
        self.stopped = true;
    }

    /// Returns where a step stands.
    pub fn status(&self, id: StepId) -> Status {
        self.status[id]
    }

    /// Returns how many steps stand there.
    pub fn count(&self, status: Status) -> usize {
        self.status.iter().filter(|other| **other == status).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Address;
    use crate::plan::StepKind;
    use proptest::prelude::*;

    fn steps(after: &[Vec<usize>], groups: &[u8]) -> Vec<Step> {
        let step = |(id, after): (usize, &Vec<usize>)| {
            let identity = Identity {
                cloud: String::new(),
                account: String::new(),
                region: String::new(),
                kind: String::new(),
                parent: None,
                name: groups[id].to_string(),
            };
            let address = Address::new("t", &id.to_string());
            let after = after.iter().copied().collect();
            Step { id, address, kind: StepKind::Create, identity: identity.clone(), after, group: identity }
        };
        after.iter().enumerate().map(step).collect()
    }

    /// Random graphs (edges point back), groups, parallelism and failures.
    fn scenario() -> impl Strategy<Value = (Vec<Vec<usize>>, Vec<u8>, usize, Vec<bool>)> {
        (1..24_usize).prop_flat_map(|count| {
            let after = (0..count)
                .map(|id| {
                    proptest::collection::vec(0..id.max(1), 0..3)
                        .prop_map(move |v| if id == 0 { vec![] } else { v })
                })
                .collect::<Vec<_>>();
            let groups = proptest::collection::vec(0..5_u8, count);
            let fails = proptest::collection::vec(proptest::bool::weighted(0.15), count);
            (after, groups, 1..6_usize, fails)
        })
    }

    proptest! {
        #[test]
        fn every_schedule_respects_order_groups_and_failures((after, groups, parallelism, fails) in scenario()) {
            let steps = steps(&after, &groups);
            let mut machine = Machine::new(&steps);
            let mut flying: Vec<usize> = Vec::new();
            loop {
                while flying.len() < parallelism && let Some(step) = machine.start_next() {
                    prop_assert!(step.after.iter().all(|source| machine.status(*source) == Status::Done));
                    prop_assert!(flying.iter().all(|other| groups[*other] != groups[step.id]));
                    flying.push(step.id);
                }
                let Some(id) = flying.pop() else { break };
                machine.finish(id, if fails[id] { End::Bad } else { End::Good });
            }
            // Everything that does not depend on a failure was done; nothing else was started.
            for step in &steps {
                let spoiled = step.after.iter().any(|source| machine.status(*source) != Status::Done);
                let expected = if spoiled { Status::NotStarted } else if fails[step.id] { Status::Failed } else { Status::Done };
                prop_assert_eq!(machine.status(step.id), expected);
            }
        }
    }

    #[test]
    fn after_a_stop_nothing_starts() {
        let steps = steps(&[vec![], vec![]], &[0, 1]);
        let mut machine = Machine::new(&steps);
        assert!(machine.start_next().is_some());
        machine.stop();
        assert!(machine.start_next().is_none());
        assert_eq!(machine.count(Status::Waiting), 1);
    }
}
