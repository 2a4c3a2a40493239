//! The verbs: the only place where effects meet decisions.
//!
//! Every verb begins with a [`Survey`]: the three sides, read once. A plan is then a pure question to it, asked
//! again with every answer that a person gives. [`apply()`] carries an approved plan out.
#![allow(clippy::disallowed_methods, reason = "the verbs read files and measure how long steps take")]

pub mod adopt;
mod apply;
mod code;
mod document;
mod failure;
mod fresh;
mod ground;
pub mod import;
mod packages;
mod recovery;
mod seals;
pub mod state;
mod step;
mod survey;
mod undo;

use std::path::PathBuf;
use std::sync::Arc;

use jiff::civil::Date;

pub use apply::{Job, Report, apply};
pub use code::code_problems;
pub use document::{absolute, document, secret_sources, whole_document};
pub use failure::{Failure, Moved, Unread};
pub use fresh::check;
pub use ground::{Ground, Secrets};
pub use packages::{Packages, packages};
pub use survey::{Selection, Survey, check_owner, owner, survey};

use crate::backend::LocalStore;
use crate::config::Desired;
use crate::model::{SchemaSet, SecretNames};
use crate::provider::Provider;

/// Everything that a verb works with, wired by the command line.
pub struct Setup {
    /// The configuration's file.
    pub configuration: PathBuf,
    /// What it declares.
    pub desired: Desired,
    /// Its text, where it may be written into.
    pub text: Option<adopt::ProjectText>,
    /// Which cloud: `embedded` or `aliyun`.
    pub cloud: String,
    /// The cloud.
    pub provider: Arc<dyn Provider>,
    /// The resource types.
    pub schemas: SchemaSet,
    /// Where the state is.
    pub store: LocalStore,
    /// Which variables are secret.
    pub secret_names: SecretNames,
    /// The day, in UTC.
    pub today: Date,
}
