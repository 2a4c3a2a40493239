//! The machine: files, folders, the clock, chance, the terminal.
//!
//! What the pure core is not allowed to touch is gathered here in small pieces, each of which does one thing
//! and says what it did in an error that names the file. Time and chance are traits with a fixed form, so that
//! whoever uses them can be tested; files are real everywhere, because only real ones can be half written.
#![allow(clippy::disallowed_methods, reason = "this is where files, variables and the clock are touched")]

pub mod clock;
pub mod files;
pub mod folder;
pub mod http;
pub mod ids;
pub mod lock;
pub mod replace;
pub mod terminal;
