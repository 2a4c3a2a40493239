//! Alibaba Cloud.

pub mod credentials;
pub mod fc3;
mod signature;

/// The account of the embedded cloud.
pub const EMBEDDED_ACCOUNT: &str = "1000000000000001";
