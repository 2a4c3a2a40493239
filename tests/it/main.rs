//! Integration tests: what the pieces do together, and what the house promises about itself.
#![allow(clippy::disallowed_methods, reason = "tests stand above the waterline")]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "tests say what they could not run")]

mod approval;
mod bad_input;
mod corpus;
mod crash;
mod emulator;
mod examples;
mod first_steps;
mod formats;
mod interrupted;
mod lost;
mod guarded;
mod provider;
mod room;
mod runner;
mod sdk;
mod situations;
mod support;
mod terminal;
mod tidy;
