//! The text of a project, and what it is read with: everything that an edit of it takes.
//!
//! All that adoption asks of the configuration goes through here: new texts for wanted values, and what they declare.

use std::collections::BTreeMap;

use crate::config::edit::{self, Refused, Wanted};
use crate::config::{self, Component, Desired, Given, Sources};
use crate::diag::Diagnostic;
use crate::model::{Path, Schema};

/// Looks a variable up.
pub type Variables = Box<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// The files of a project, as they were read.
pub struct ProjectText {
    /// The files.
    pub sources: Sources,
    /// The environment's variables, those of files included.
    pub variables: Variables,
    /// What `--var` says.
    pub overrides: Vec<(String, String)>,
    /// What stands for a variable that is not set and has no default; without it that is an error.
    pub unset: Option<String>,
    /// The components that it may use.
    pub components: Vec<&'static Component>,
}

/// New texts of files, by the names of their sources.
pub type Texts = BTreeMap<String, String>;

impl ProjectText {
    fn given(&self) -> Given<'_> {
        Given { variables: &self.variables, overrides: &self.overrides, unset: self.unset.as_deref() }
    }

    /// Returns what the project declares.
    pub fn read(&self) -> (Desired, Vec<Diagnostic>) {
        config::load(&self.sources, &self.given(), &self.components)
    }

    /// Returns the files that change so that the project says these values, and what could not be written.
    pub(in crate::ops) fn edit(
        &self,
        is_secret: &dyn Fn(&Schema, &Path) -> bool,
        wanted: &[Wanted],
    ) -> (Texts, Vec<Refused>) {
        let given = self.given();
        let (sources, components) = (&self.sources, self.components.as_slice());
        let edited = edit::edit(&edit::Project { sources, given: &given, components, is_secret }, wanted);
        let mut texts = edited.texts;
        let old: BTreeMap<&str, &str> = self.files().collect();
        texts.retain(|name, text| old.get(name.as_str()) != Some(&text.as_str()));
        (texts, edited.refused)
    }

    /// Returns what the project declares with some of its files as they will be.
    pub(in crate::ops) fn read_with(&self, texts: &Texts) -> Desired {
        config::load(&self.sources.with(texts), &self.given(), &self.components).0
    }

    /// Returns every file of the project: its name, which leads to it from the folder of the first, and its text.
    pub(super) fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.sources.all().map(|source| (source.name.as_str(), source.text.as_str()))
    }
}
