//! A plan, put together with what it takes to show it and to apply it elsewhere.

use std::collections::BTreeMap;
use std::path::Path as FilePath;

use super::{Failure, Ground, Setup, Survey};
use crate::diag::{Source, Span};
use crate::model::{Attributes, Digest, Path};
use crate::plan::{Change, Document, Made, Place, Places, Plan, SecretSource, SecretSources};

/// Returns the document of a plan that was made from a survey, with all that can be shown of it.
pub fn document(setup: &Setup, survey: &Survey, plan: Plan, made: Made) -> Document {
    survey.load_texts(setup, &plan);
    let shelf = &survey.ground.shelf;
    let trees: BTreeMap<Digest, Attributes> = Document::packages(&plan)
        .into_iter()
        .filter_map(|digest| Some((digest, shelf.tree(digest)?.attributes())))
        .collect();
    let contents = Document::files(&plan, &trees)
        .into_iter()
        .filter_map(|digest| Some((digest, shelf.content(digest).or_else(|| shelf.archive(digest))?)))
        .collect();
    let mut secrets = secret_sources(setup, &survey.ground);
    secrets.retain(|address, _| plan.changes.get(address).is_some_and(Change::writes));
    let links = setup.desired.links();
    let places = places(setup, &plan);
    Document { plan, made, places, secrets, links, trees, contents }
}

/// Returns the document of a plan with all that it takes to apply it, the files that are kept from live included.
///
/// # Errors
/// Fails when a live package that is needed cannot be downloaded.
pub async fn whole_document(
    setup: &Setup,
    survey: &Survey,
    plan: Plan,
    made: Made,
) -> Result<Document, Failure> {
    if plan.open().is_empty() {
        survey.load_uploads(setup, &plan).await?;
    }
    Ok(document(setup, survey, plan, made))
}

/// Returns where each declared secret is read again.
pub fn secret_sources(setup: &Setup, ground: &Ground) -> SecretSources {
    let sources = ground.secrets.iter().map(|(address, secrets)| {
        let variables = setup.desired.resources.get(address).map(|resource| &resource.variables);
        let source = |path: &Path| match variables.and_then(|variables| variables.get(path)) {
            Some(variable) => SecretSource::Variable(variable.clone()),
            None => SecretSource::Configuration,
        };
        (address.clone(), secrets.keys().map(|path| (path.clone(), source(path))).collect())
    });
    sources.collect()
}

/// Where everything that the plan is about is declared.
fn places(setup: &Setup, plan: &Plan) -> Places {
    let folder = setup.configuration.parent().unwrap_or(FilePath::new(""));
    let mut lines = Lines { folder: in_repository(folder), starts: BTreeMap::new() };
    let parents = plan.unmanaged.iter().filter_map(|child| plan.parent_of(child));
    let told = plan.moving().chain(parents);
    let told = told.filter_map(|change| setup.desired.resources.get_key_value(&change.address));
    let places = told.map(|(address, resource)| {
        let code = resource.code.iter().map(|code| (Path::field("code"), &code.span));
        let spans = resource.spans.iter().map(|(path, span)| (path.clone(), span)).chain(code);
        (address.clone(), spans.map(|(path, span)| (path, lines.place(span))).collect())
    });
    places.collect()
}

/// Where the lines of each source begin, so that a thousand places do not count them a thousand times.
struct Lines {
    /// What stands before the name of a file.
    folder: String,
    starts: BTreeMap<usize, Vec<usize>>,
}

impl Lines {
    fn place(&mut self, span: &Span) -> Place {
        let Source { name, text } = span.source.as_ref();
        let starts = self.starts.entry(std::ptr::from_ref(text).addr()).or_insert_with(|| {
            std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect()
        });
        let at = span.range.start.min(text.len());
        let line = starts.partition_point(|start| *start <= at).max(1);
        let before = text.get(starts[line - 1]..at).unwrap_or_default();
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        Place {
            file: file_name(&self.folder, name),
            line: number(line),
            column: number(before.chars().count() + 1),
        }
    }
}

/// Returns what code hosts call a file that has this name from a folder of the repository.
fn file_name(folder: &str, name: &str) -> String {
    if name.starts_with('/') {
        return name.to_owned();
    }
    let mut names: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(name.split('/')).filter(|part| !matches!(*part, "" | ".")) {
        match names.last() {
            Some(last) if part == ".." && *last != ".." => drop(names.pop()),
            _ => names.push(part),
        }
    }
    names.join("/")
}

/// Returns the way from the root of the repository that a folder is in to the folder, with a slash at its end; nothing
/// where it is in none. Code hosts know files by it.
fn in_repository(folder: &FilePath) -> String {
    let folder = absolute(folder);
    let folder = FilePath::new(&folder);
    let root = folder.ancestors().find(|above| above.join(".git").exists());
    let below = root.and_then(|root| folder.strip_prefix(root).ok()).unwrap_or(FilePath::new(""));
    let names = below.iter().flat_map(|name| [name.to_string_lossy().into_owned(), "/".to_owned()]);
    names.collect()
}

/// Returns a folder from the root of the file system, as far as that can be found out.
pub fn absolute(folder: &FilePath) -> String {
    let folder = if folder.as_os_str().is_empty() { FilePath::new(".") } else { folder };
    std::fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned()).to_string_lossy().into_owned()
}
