//! Where states are kept.
//!
//! Today that is a folder beside the configuration. A store keeps four things that belong together: the state,
//! the journal of an apply in progress, the lock, and the packages that recorded digests still need.
#![allow(clippy::disallowed_methods, reason = "states are kept outside this process")]

mod local;
mod writer;

pub use local::{Held, Kept, LocalStore, Lock, StoreError};
pub use writer::{JournalWriteError, JournalWriter};
