//! Function Compute 3.0: functions, triggers and custom domains.
//!
//! `schema` says what there is, `calls` how the API is asked for it, `check` what it would refuse, and `component`
//! what an entry of `s.yaml` declares. Not here yet: versions, aliases, layers, tags, and the configurations beside a
//! function.

pub mod calls;
pub mod check;
pub mod component;
pub mod schema;
