//! Integration tests.

mod runner;
