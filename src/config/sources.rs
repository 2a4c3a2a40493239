//! The texts of a project: the file that was named, and those that it names in turn.
//!
//! Reading a file is an effect, and this room has none: [`Sources::gather`] is given a way to read, asks it for
//! each file once, and keeps what came of it. From there on a project is data, also after an edit of any of its
//! files.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::layers;
use crate::diag::Source;

/// The texts of a project.
#[derive(Clone, Debug)]
pub struct Sources {
    main: Arc<Source>,
    environment: Option<String>,
    /// What came of reading the others, by name.
    others: BTreeMap<String, Result<Arc<Source>, String>>,
}

impl From<Arc<Source>> for Sources {
    /// Takes a file that stands for itself.
    fn from(main: Arc<Source>) -> Self {
        Self { main, environment: None, others: BTreeMap::new() }
    }
}

impl From<&Arc<Source>> for Sources {
    fn from(main: &Arc<Source>) -> Self {
        Arc::clone(main).into()
    }
}

impl Sources {
    /// Gathers every file that a project takes, in one of its environments or in none.
    ///
    /// `read` gets the name of a file from the folder of the first, such as `../common/base.yaml`, and returns its
    /// text, or says why there is none.
    pub fn gather(
        main: Arc<Source>,
        environment: Option<&str>,
        read: &mut dyn FnMut(&str) -> Result<String, String>,
    ) -> Self {
        let mut sources = Self { environment: environment.map(str::to_owned), ..main.into() };
        while let Some(name) = layers::missing(&sources) {
            let text = read(&name).map(|text| Arc::new(Source { name: name.clone(), text }));
            sources.others.insert(name, text);
        }
        sources
    }

    /// Returns the file that was named.
    pub fn main(&self) -> &Arc<Source> {
        &self.main
    }

    /// Returns the environment that was chosen.
    pub fn environment(&self) -> Option<&str> {
        self.environment.as_deref()
    }

    /// Returns every file that could be read, the first one first.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Source>> {
        std::iter::once(&self.main).chain(self.others.values().flatten())
    }

    /// Returns the names of every file that a project takes, those that could not be read included.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.main.name.as_str()).chain(self.others.keys().map(String::as_str))
    }

    /// Returns what came of reading a file; nothing where nobody tried.
    pub(super) fn other(&self, name: &str) -> Option<&Result<Arc<Source>, String>> {
        self.others.get(name)
    }

    /// Returns the same project with other texts in some of its files.
    #[must_use]
    pub fn with(&self, texts: &BTreeMap<String, String>) -> Self {
        let with = |source: &Arc<Source>| match texts.get(&source.name) {
            Some(text) => Arc::new(Source { name: source.name.clone(), text: text.clone() }),
            None => Arc::clone(source),
        };
        let others = self
            .others
            .iter()
            .map(|(name, other)| (name.clone(), other.as_ref().map(with).map_err(String::clone)));
        Self { main: with(&self.main), environment: self.environment.clone(), others: others.collect() }
    }

    /// Returns the same texts, read for another environment or for none.
    #[must_use]
    pub fn for_environment(&self, environment: Option<&str>) -> Self {
        Self { environment: environment.map(str::to_owned), ..self.clone() }
    }
}

/// Returns the name that a file has from the folder of the first, where `from` calls it `path`.
pub fn name_of(from: &str, path: &str) -> String {
    if path.starts_with('/') {
        return path.to_owned();
    }
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut names: Vec<&str> = Vec::new();
    let absolute = folder.starts_with('/');
    for name in folder.split('/').chain(path.split('/')) {
        match (name, names.last()) {
            ("" | ".", _) => {}
            ("..", Some(last)) if *last != ".." => drop(names.pop()),
            ("..", None) if absolute => {}
            _ => names.push(name),
        }
    }
    format!("{}{}", if absolute { "/" } else { "" }, names.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_from_the_folder_of_the_first_file() {
        for (from, path, name) in [
            ("s.yaml", "base.yaml", "base.yaml"),
            ("s.yaml", "./base.yaml", "base.yaml"),
            ("s.yaml", "../common/./base.yaml", "../common/base.yaml"),
            ("../common/base.yaml", "more.yaml", "../common/more.yaml"),
            ("../common/base.yaml", "../shop/s.yaml", "../shop/s.yaml"),
            ("../../a/b.yaml", "../../c.yaml", "../../../c.yaml"),
            ("common/base.yaml", "../s.yaml", "s.yaml"),
            ("s.yaml", "/etc/base.yaml", "/etc/base.yaml"),
            ("/etc/base.yaml", "../x.yaml", "/x.yaml"),
        ] {
            assert_eq!(name_of(from, path), name, "{path} in {from}");
        }
    }
}
