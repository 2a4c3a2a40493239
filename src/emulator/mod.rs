//! The embedded cloud: Function Compute 3.0 and 2.0 over real HTTP, inside the binary.
//!
//! It speaks the service's own API with real signatures on a loopback address, keeps what it is given over
//! restarts and crashes, and runs what was deployed. It stands beside the rest of the crate and imports
//! nothing from it: the provider and this cloud meet only over the wire, so that no mistake hides in both.
//!
//! A request comes in through [`http`]: its `Host` says whether it is for the API, for an HTTP trigger or
//! for a custom domain. An API call goes through [`pipeline`]: it is found in the table of [`api`], its signature checked, and carried
//! out as a pure change of values ([`world`]) in one transaction ([`store`]). [`console`] shows a page to people, and beside it that of a [`guest`]. [`switches`] let tests and
//! people make the cloud misbehave, [`counters`] say what was asked of it, and [`runner`] runs code.
//!
//! The account is [`ACCOUNT`]. Every region exists and is separate; `Host` names like
//! `{account}.{region}.fc.aliyuncs.com` or `{region}.localhost` pick one, then the `x-triform-region`
//! header, then [`DEFAULT_REGION`] stands in.
//!
//! Left out, and documented in `docs/cloud.md`: object stores, layers, VPC bindings, sessions, timers that
//! fire by themselves, and `Content-Disposition: attachment` on trigger URLs, which on a loopback address
//! would only keep people from looking at their own pages.
#![allow(
    clippy::disallowed_methods,
    reason = "the embedded cloud is a program of its own: it listens, stores and runs"
)]

mod activity;
mod api;
mod board;
mod cloud;
mod console;
mod counters;
mod deploy;
mod distort;
mod error;
mod fc_signature;
mod gateway;
pub mod guest;
mod host;
mod http;
mod invoke;
mod logs;
mod pipeline;
mod private;
mod query;
pub mod runner;
mod server;
mod signature;
mod store;
pub mod switches;
mod world;

pub use console::HOST as CONSOLE;
pub use server::{Server, ServerOptions, StartError, start};
pub use store::OpenError;
pub use switches::Switches;

/// The account that owns everything in the embedded cloud.
pub const ACCOUNT: &str = "1000000000000001";

/// The id of its access key.
pub const ACCESS_KEY_ID: &str = "local";

/// The secret of its access key. It protects nothing; the loopback address does.
pub const ACCESS_KEY_SECRET: &str = "local";

/// The region of requests that name none.
pub const DEFAULT_REGION: &str = "cn-hangzhou";

/// The header by which a client names the region it means.
pub const REGION_HEADER: &str = "x-triform-region";

/// What the marker endpoint says this server is.
pub const SERVER_NAME: &str = "triform-embedded-cloud";
