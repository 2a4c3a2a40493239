//! Function Compute 3.0: functions, triggers and custom domains.

pub mod component;
pub mod schema;
