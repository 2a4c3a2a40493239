//! Function Compute 2.0: services and their aliases, functions, triggers, custom domains, asynchronous calls, VPC
//! bindings, and instances that are kept ready or come on demand.
//!
//! `schema` and `trigger_config` say what there is, `calls` how the API is asked for it, `check` what it would refuse,
//! and `component` what an entry of `s.yaml` declares. Not here on purpose: publishing versions.

pub mod calls;
pub mod check;
pub mod component;
pub mod schema;
mod trigger_config;
