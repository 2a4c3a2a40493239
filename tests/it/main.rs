//! Integration tests.

mod runner;

mod emulator;
