//! The embedded cloud: Function Compute over real HTTP, inside the binary.

mod api;
mod error;
mod query;
pub mod runner;
mod signature;
mod store;
mod world;
