//! Stories: what was declared, what somebody did online, what was decided, and what the plan says and does.
//!
//! Every story asks again: its plan is carried out by the same pure parts that the real driver uses, the cloud
//! is read, and one more plan must be empty.

mod approval;
mod cloud;
mod code;
mod driver;
mod found;
mod imports;
mod later;
mod lives;
mod laws;
mod paths;
mod names;
mod saved;
mod shared;
pub(crate) mod story;
mod undo;
mod whole;
