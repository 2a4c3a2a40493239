//! From the text of an `s.yaml` to what it declares.
//!
//! [`load`] is a pure function: the text, the environment and the components go in, the declared resources
//! and every diagnostic come out. It never stops at the first mistake.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::diag::Span;
use crate::model::{Address, DesiredAttributes, OutputRef, Path};

/// What a project declares.
#[derive(Clone, Debug, Default)]
pub struct Desired {
    /// The project's name.
    pub project: String,
    /// The alias of the credentials that it asks for, if any.
    pub access: Option<String>,
    /// Every declared resource.
    pub resources: BTreeMap<Address, DesiredResource>,
}

/// One declared resource.
#[derive(Clone, Debug)]
pub struct DesiredResource {
    /// The region that it lives in.
    pub region: String,
    /// Its live name.
    pub name: String,
    /// The resource that it belongs to, such as a trigger's function.
    pub parent: Option<Address>,
    /// What is declared, by path, in normal form; code left out.
    pub attributes: DesiredAttributes,
    /// Where its code is, where it has some.
    pub code: Option<CodeSource>,
    /// The resources that must stand before it: its parent, the sources of its promised values, and what it
    /// points at by name.
    pub depends_on: BTreeSet<Address>,
    /// Where each path was declared, for diagnostics and for edits; the root path is the resource itself.
    pub spans: BTreeMap<Path, Span>,
    /// What a person looks for after an apply, such as a URL: label and output.
    pub links: Vec<(String, OutputRef)>,
}

/// Code on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeSource {
    /// A directory, or a zip file; relative to the configuration's folder unless absolute.
    pub path: PathBuf,
    /// Where it is declared.
    pub span: Span,
}
