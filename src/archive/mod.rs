//! A package as files, and the archive that carries it.
//!
//! The service moves code as zip archives, but the identity of code is its tree of files: two archives of one
//! tree are one package. [`unpack()`] is the way in: from bytes that anybody may have made to [`Files`], or to the
//! reason why they are no readable tree. [`pack()`] is the way out: the same files give the same bytes on every
//! machine, so that a package can be named by its digest. Both are pure; reading a folder is the work of `sys`.

mod files;
mod links;
mod merge;
mod names;
mod pack;
mod unpack;

pub use files::{File, Files};
pub use links::LeavingLink;
pub use merge::{Merged, merge};
pub use names::BadName;
pub use pack::{PackError, pack};
pub use unpack::{Limits, Opaque, unpack};

#[cfg(test)]
mod tests;
