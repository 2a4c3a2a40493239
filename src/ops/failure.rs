//! Why a verb did not do what it was asked. The exit code and the wording for people are added in `cli`.

use super::import::ImportError;
use crate::apply::Difference;
use crate::backend::{Held, JournalWriteError, StoreError};
use crate::diag::Diagnostic;
use crate::model::{Address, CloudError, Path};
use crate::plan::{DecisionError, ScopeError};
use crate::sys::files::FileError;
use crate::sys::lock::Holder;
use crate::sys::replace::ReplaceError;

/// Why a verb did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The input is wrong.
    #[error("the project cannot be planned as it is")]
    Input(Vec<Diagnostic>),
    /// The state is another project's, file's, cloud's or account's.
    #[error("`{path}` belongs to {theirs}, and this is {ours}")]
    ForeignState {
        /// The file of the state, or of its journal.
        path: String,
        /// Whose it is.
        theirs: String,
        /// Who we are.
        ours: String,
    },
    /// The state cannot be read or written.
    #[error("the state could not be used")]
    Store(#[from] StoreError),
    /// An interrupted apply left a call of a type that nobody here knows.
    #[error("an interrupted apply left a call for {address} open, and `{}` is no resource type of this triform", address.kind)]
    UnknownKind {
        /// Whose.
        address: Address,
    },
    /// Somebody else holds the state.
    #[error("the state is held by somebody else")]
    Held(Box<Held>),
    /// The account could not be found out.
    #[error("the account of these credentials could not be found out")]
    Account(#[source] Box<CloudError>),
    /// The cloud did not say what some resources are.
    #[error("the cloud did not say what {}", match .0.len() {
        1 => "one of the resources is".to_owned(),
        count => format!("{count} of the resources are"),
    })]
    Unknown(Vec<Unread>),
    /// A selection cannot be made.
    #[error("the selection cannot be made")]
    Scope(#[from] ScopeError),
    /// Answers cannot be followed.
    #[error("the decisions cannot be followed")]
    Decision(#[from] DecisionError),
    /// A live package that is needed could not be downloaded.
    #[error("the live package of {address} could not be downloaded")]
    Package {
        /// Whose.
        address: Address,
        /// Why.
        #[source]
        source: Box<CloudError>,
    },
    /// A package cannot be made.
    #[error("the package of {address} cannot be made: {what}")]
    Pack {
        /// Whose.
        address: Address,
        /// Why.
        what: String,
    },
    /// The cloud moved since the plan was made; nothing was changed.
    #[error("the plan no longer holds: the cloud moved since it was made")]
    Stale(Vec<Moved>),
    /// The state moved since the plan was made; nothing was changed.
    #[error("the plan no longer holds: the state moved since it was made")]
    StaleState,
    /// A secret has another value than when the plan was made; nothing was changed.
    #[error("the plan no longer holds: the secret at {address} `{path}` has another value now")]
    StaleSecret {
        /// Whose.
        address: Address,
        /// Where.
        path: Path,
    },
    /// The project's files could not be replaced; they are as they were.
    #[error("the project's files were not written")]
    Replace(#[from] ReplaceError),
    /// A file could not be settled after an interrupted command.
    #[error("what an interrupted command left of the project's files could not be settled")]
    Files(#[source] FileError),
    /// An interrupted command left the project's files half replaced.
    #[error(
        "a command was interrupted while it wrote into this project, and its files were not put back yet"
    )]
    Unsettled,
    /// Somebody writes into the project at this moment.
    #[error("another command writes into this project")]
    Writing(Option<Box<Holder>>),
    /// Nothing was ever applied from here, so there is nothing to go back from.
    #[error("nothing was applied from here")]
    NothingApplied,
    /// What the last apply did is not known here.
    #[error("what the last apply did is not known here: `{}`: {why}", path.display())]
    NoLastApply {
        /// Where it would be kept.
        path: std::path::PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// Something cannot be imported.
    #[error(transparent)]
    Import(#[from] Box<ImportError>),
    /// The journal could not be written.
    #[error("the apply had to stop")]
    Journal(#[from] JournalWriteError),
}

impl Failure {
    /// Says whose live package could not be downloaded.
    pub(super) fn package(address: &Address, error: CloudError) -> Self {
        Self::Package { address: address.clone(), source: Box::new(error) }
    }
}

/// A resource that could not be read.
#[derive(Debug)]
pub struct Unread {
    /// Which.
    pub address: Address,
    /// Why.
    pub why: Diagnostic,
}

/// A resource that moved since the plan was made.
#[derive(Clone, Debug)]
pub struct Moved {
    /// Which.
    pub address: Address,
    /// What moved in it.
    pub differences: Vec<Difference>,
    /// When it was last modified, as the service reports it.
    pub modified: Option<String>,
}
