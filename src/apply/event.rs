//! What an apply tells whoever reports it.

use std::time::Duration;

use super::Difference;
use crate::model::{Address, CloudError};
use crate::plan::StepId;

/// One thing that happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// A step began.
    Started(StepId),
    /// A step ended.
    Ended {
        /// Which.
        step: StepId,
        /// How.
        end: StepEnd,
        /// How long it took.
        took: Duration,
    },
    /// A step will not start, because one that it waits for did not end well.
    NotStarted(StepId),
    /// No new step starts; what is in flight is finished.
    Stopping,
    /// Everything is done and recorded, and packages that nothing needs any more could not be removed.
    Unpruned(String),
    /// Before the first step: a resource that the plan does not touch moved since the plan was made. It is no obstacle.
    Elsewhere {
        /// Which.
        address: Address,
        /// What moved in it.
        differences: Vec<Difference>,
        /// When it was last modified, as the service reports it.
        modified: Option<String>,
    },
}

/// How a step ended.
#[derive(Clone, Debug)]
pub enum StepEnd {
    /// Done.
    Done,
    /// Nothing had to be written: the value that became known was live already.
    Unneeded,
    /// The resource moved since the plan was made: refused, nothing written.
    Moved(Vec<Difference>),
    /// Written and recorded, and what was written does not work, as the service says.
    Partial(CloudError),
    /// The service refused it: nothing changed.
    Refused(CloudError),
    /// Nobody knows what came of it; the journal keeps the question, and the next plan answers it.
    Uncertain(CloudError),
    /// It could not even be asked.
    Unprepared(String),
}

impl StepEnd {
    /// Returns whether what waits for the step may go on.
    pub fn is_good(&self) -> bool {
        matches!(self, Self::Done | Self::Unneeded)
    }
}
