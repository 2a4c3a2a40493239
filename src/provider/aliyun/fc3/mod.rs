//! Function Compute 3.0: functions, triggers and custom domains.

mod checksum;
pub mod component;
pub mod schema;
