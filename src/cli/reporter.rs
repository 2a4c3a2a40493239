//! An apply's events, line by line: for a person, or for a program.

use std::cell::RefCell;
use std::pin::pin;
use std::time::{Duration, Instant};

use super::out::Out;
use crate::apply::Event;
use crate::plan::{Plan, Step, StepId};
use crate::render::human;
use crate::render::stream::{self, Level, Running};
use crate::render::text::{Label, plain};

/// How often it is looked whether a step that is still running is to be told of.
const TICK: Duration = Duration::from_secs(1);

const STOPPING: &str = "Stopping: no new step starts; what is in flight is finished and recorded. Interrupt again to leave at once.";

const UNPRUNED: &str =
    "everything is recorded, and packages that nothing needs any more could not be removed";

/// Tells an apply's events.
pub struct Reporter<'a> {
    out: &'a Out,
    plan: &'a Plan,
    begun: Instant,
    running: Running,
}

impl<'a> Reporter<'a> {
    /// Returns a reporter of a plan's steps.
    pub fn new(out: &'a Out, plan: &'a Plan) -> Self {
        Self { out, plan, begun: Instant::now(), running: Running::default() }
    }

    /// Tells one event. What did not start is counted and named at the end.
    pub fn tell(&mut self, event: &Event) {
        match (event, self.out.stream) {
            (Event::Started(id), true) => {
                self.running.start(*id, self.begun.elapsed());
                self.event(*id, |step| vec![stream::started(step)]);
            }
            (Event::Ended { step, end, took }, true) => {
                self.running.end(*step);
                self.event(*step, |step| stream::ended(step, end, *took));
            }
            (Event::Stopping, true) => self.out.event(&stream::log(Level::Info, STOPPING)),
            (Event::Started(id), false) => {
                if let Some(step) = self.plan.steps.get(*id) {
                    self.out.progress(&human::step_started(step));
                }
            }
            (Event::Ended { step, end, took }, false) => {
                if let Some(step) = self.plan.steps.get(*step) {
                    let doc = human::step_ended(step, end, *took, self.out.width());
                    if end.is_good() { self.out.progress(&doc) } else { self.out.note(&doc) }
                }
            }
            (Event::Stopping, false) => self.out.say(Label::Bad, STOPPING),
            (Event::Elsewhere { address, differences, modified: _ }, true) => {
                self.out.event(&stream::elsewhere(address, differences));
            }
            (Event::Elsewhere { address, differences, modified }, false) => {
                self.out.say(Label::Drift, "Moved since the plan was made, and not touched by it:");
                let rows = std::iter::once((address, differences.as_slice(), modified.as_deref()));
                self.out.note(&human::stale(rows, self.out.width()));
            }
            (Event::Unpruned(why), true) => self.out.event(&stream::warning(UNPRUNED, why)),
            (Event::Unpruned(why), false) => {
                self.out.say(Label::Plain, &format!("warning: {UNPRUNED}: {}", plain(why)));
            }
            (Event::NotStarted(_), _) => {}
        }
    }

    /// Tells of the steps that have been running for long.
    fn tick(&mut self) {
        for (id, elapsed) in self.running.due(self.begun.elapsed()) {
            self.event(id, |step| vec![stream::still_running(step, elapsed)]);
        }
    }

    fn event(&self, id: StepId, lines: impl FnOnce(&Step) -> Vec<stream::Line>) {
        if let Some(step) = self.plan.steps.get(id) {
            self.out.events(lines(step));
        }
    }
}

/// Waits for an apply, and tells meanwhile of steps that take long.
pub async fn watch<T>(reporter: &RefCell<Reporter<'_>>, apply: impl Future<Output = T>) -> T {
    let mut apply = pin!(apply);
    let mut ticks = tokio::time::interval(TICK);
    loop {
        tokio::select! {
            done = &mut apply => return done,
            _ = ticks.tick() => reporter.borrow_mut().tick(),
        }
    }
}
