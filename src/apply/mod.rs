//! How an approved plan is carried out, without carrying anything out.
//!
//! The [`Machine`] says which step may start; [`prepare()`] makes its call from the plan and a fresh reading;
//! [`differences`] says whether the cloud is still as the plan saw it; [`conclude`] and [`recover`] turn what
//! came of a call into what is recorded. The driver in `ops` reads, calls and writes the journal; it decides
//! nothing.

mod event;
mod fresh;
mod machine;
mod outcome;
mod prepare;

#[cfg(test)]
pub(crate) mod tests;

pub use event::{Event, StepEnd};
pub use fresh::{Difference, differences};
pub use machine::{End, Machine, Status};
pub use outcome::{Recovered, conclude, recover};
pub use prepare::{Materials, PrepareError, Prepared, prepare};
