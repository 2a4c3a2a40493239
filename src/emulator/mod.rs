//! The embedded cloud: Function Compute over real HTTP, inside the binary.

pub mod runner;
