//! Integration tests: what the pieces do together, and what the house promises about itself.
//!
//! Whatever applies with the compiled program makes a second plan, which has to be empty
//! ([`support::SecondLook`]), and does so at an inconsistent cloud too where `TRIFORM_TEST_INCONSISTENT=1` asks for
//! one ([`support::inconsistencies`]). Tests that do not apply stand outside of that: those of the provider and of the
//! cloud itself look at single calls, which they count or switch by themselves; those of the runner and of the
//! examples' code run functions without a cloud.
#![allow(clippy::disallowed_methods, reason = "tests stand above the waterline")]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "tests say what they could not run")]

mod adopt;
mod adoption;
mod approval;
mod annotations;
mod article;
mod attributes;
mod bad_input;
mod browser;
mod ci;
mod console;
mod console_pages;
mod corpus;
mod crash;
mod decisions;
mod decisions_file;
mod emulator;
mod environments;
mod events;
mod examples;
mod first_steps;
mod formats;
mod glance;
mod graph;
mod import;
mod interrupted;
mod laws;
mod lifecycle;
mod lost;
mod guarded;
mod many;
mod older_api;
mod older_corpus;
mod opaque;
mod planning;
mod provider;
mod readers;
mod releases;
mod report;
mod room;
mod runner;
mod saved;
mod sdk;
mod services;
mod situations;
mod state_commands;
mod stream;
mod support;
mod terminal;
mod tidy;
mod undo;
