//! Alibaba Cloud.

pub mod fc3;
