//! Function Compute 2.0: services, functions, triggers, custom domains, asynchronous calls, and VPC bindings.
//!
//! `schema` and `trigger_config` say what there is, `calls` how the API is asked for it, `check` what it would refuse,
//! and `component` what an entry of `s.yaml` declares. Not here yet: versions and aliases of services, provisioned and
//! on-demand instances.

pub mod calls;
pub mod check;
pub mod component;
pub mod schema;
mod trigger_config;
