//! The files of a project as one tree: a file over the one that it extends.
//!
//! Maps are merged key by key, everything else is replaced, lists included, as the incumbent does; a `null` takes
//! away what a base says. The merge is made before anything is filled in, and every value keeps its place in its own
//! file. A base may extend another one.

use std::collections::HashMap;
use std::sync::Arc;

use super::codes;
use super::environment::{self, Environment};
use super::node::{Content, Node};
use super::sources::{Sources, name_of};
use super::typing::wrong_type;
use super::{document, entry};
use crate::diag::{Diagnostic, Source, Span};

/// How many files may extend each other in a row; a link to its own folder could name ever more.
const MAX_FILES: usize = 16;

/// A project as one tree.
#[derive(Debug)]
pub struct Layers {
    /// Everything merged: bases, templates, and the overlays of the environment.
    pub root: Node,
    /// The file that was named, the one that it extends, and so on.
    pub files: Vec<Arc<Source>>,
    /// The environment that was chosen.
    pub environment: Option<Environment>,
}

/// Why there is no tree.
pub enum Stop {
    /// This file has to be read first.
    Missing(String),
    /// What is wrong has been reported.
    Reported,
}

/// Returns the first file that a project takes and that nobody tried to read yet.
pub fn missing(sources: &Sources) -> Option<String> {
    // Most projects are one file, which is read once.
    if sources.environment().is_none() && !sources.main().text.contains("extend") {
        return None;
    }
    match walk(sources, &mut Vec::new()) {
        Err(Stop::Missing(name)) => Some(name),
        _ => None,
    }
}

/// Reads a project as one tree; nothing where that cannot be done.
pub fn read(sources: &Sources, diagnostics: &mut Vec<Diagnostic>) -> Option<Layers> {
    let mut layers = match walk(sources, diagnostics) {
        Ok(layers) => layers,
        Err(Stop::Reported) => return None,
        Err(Stop::Missing(name)) => {
            let start = Span { source: Arc::clone(sources.main()), range: 0..0 };
            diagnostics.push(unreadable(&name, "nobody read it", start));
            return None;
        }
    };
    entry::compose(&mut layers, diagnostics);
    Some(layers)
}

fn walk(sources: &Sources, diagnostics: &mut Vec<Diagnostic>) -> Result<Layers, Stop> {
    let mut files = vec![Arc::clone(sources.main())];
    let mut roots = vec![document::root(sources.main(), diagnostics).ok_or(Stop::Reported)?];
    let mut named_at: Vec<Span> = Vec::new();
    while let (Some(file), Some(root)) = (files.last(), roots.last())
        && document::is_read(root)
        && let Some((path, place)) = base(root, diagnostics)?
    {
        let name = name_of(&file.name, &path);
        if let Some(first) = files.iter().position(|other| other.name == name) {
            let diagnostic = Diagnostic::error(codes::FILE_CYCLE, "these files extend each other");
            let mut diagnostic = diagnostic.at(place, format!("leads back to `{name}`"));
            for span in &named_at[first..] {
                diagnostic = diagnostic.also(span.clone(), "on the way");
            }
            diagnostics.push(diagnostic.help("take one of these lines out"));
            return Err(Stop::Reported);
        }
        if files.len() == MAX_FILES {
            let what = format!("more than {MAX_FILES} files extend each other in a row");
            diagnostics.push(Diagnostic::error(codes::TOO_LARGE, what).at(place, "one too many"));
            return Err(Stop::Reported);
        }
        let source = other(sources, name, &place, diagnostics)?;
        let before = diagnostics.len();
        let Some(root) = document::root(&source, diagnostics) else {
            for diagnostic in &mut diagnostics[before..] {
                diagnostic.also.push((place.clone(), "extended here".to_owned()));
            }
            return Err(Stop::Reported);
        };
        files.push(source);
        roots.push(root);
        named_at.push(place);
    }
    let root = roots.into_iter().rev().reduce(over).ok_or(Stop::Reported)?;
    let environment = match sources.environment() {
        Some(name) if document::is_read(&root) => Some(environment::find(sources, name, &root, diagnostics)?),
        _ => None,
    };
    Ok(Layers { root, files, environment })
}

/// Returns what a file says that it extends, and where.
fn base(root: &Node, diagnostics: &mut Vec<Diagnostic>) -> Result<Option<(String, Span)>, Stop> {
    let Some(key) = ["extend", "extends"].into_iter().find(|key| root.get(key).is_some()) else {
        return Ok(None);
    };
    let Some(said) = root.get(key) else { return Ok(None) };
    let one = match &said.content {
        Content::List(items) => match items.as_slice() {
            [] => return Ok(None),
            [one] => one,
            [_, second, ..] => {
                let diagnostic =
                    Diagnostic::error(codes::OUT_OF_BOUNDS, format!("`{key}` names more than one file"));
                let diagnostic = diagnostic.at(second.place().clone(), "the second one");
                diagnostics.push(diagnostic.help("name one; that one may extend the next"));
                return Err(Stop::Reported);
            }
        },
        _ => said,
    };
    plain_path(one, key, diagnostics).map(|path| Some((path, one.place().clone())))
}

/// Returns a path that is written out.
pub fn plain_path(node: &Node, key: &str, diagnostics: &mut Vec<Diagnostic>) -> Result<String, Stop> {
    match node.text() {
        Some(path) if !path.is_empty() && !path.contains("${") => Ok(path.to_owned()),
        Some(path) if path.contains("${") => {
            let diagnostic =
                Diagnostic::error(codes::BAD_EXPRESSION, format!("`{key}` cannot hold an expression"));
            let diagnostic = diagnostic.at(node.place().clone(), "read before anything is filled in");
            diagnostics.push(diagnostic.help("write the path out"));
            Err(Stop::Reported)
        }
        _ => {
            diagnostics.push(wrong_type(node, key, "the path of a file", ""));
            Err(Stop::Reported)
        }
    }
}

/// Returns another file of a project, or reports that there is none.
pub fn other(
    sources: &Sources,
    name: String,
    place: &Span,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<Arc<Source>, Stop> {
    match sources.other(&name) {
        None => Err(Stop::Missing(name)),
        Some(Ok(source)) => Ok(Arc::clone(source)),
        Some(Err(why)) => {
            diagnostics.push(unreadable(&name, why, place.clone()));
            Err(Stop::Reported)
        }
    }
}

fn unreadable(name: &str, why: &str, place: Span) -> Diagnostic {
    let file = place.source.name.clone();
    let diagnostic = Diagnostic::error(codes::UNREADABLE, format!("could not read `{name}`: {why}"));
    let diagnostic = diagnostic.at(place, "named here");
    if file.starts_with('-') {
        diagnostic.help("write it, or name another file with `env: FILE` in the project")
    } else {
        diagnostic.help(format!("paths are taken from the folder of `{file}`"))
    }
}

/// Puts a tree over another one.
pub fn over(below: Node, above: Node) -> Node {
    let Node { content: Content::Map(mut pairs), .. } = below else { return above };
    let Content::Map(upper) = above.content else { return above };
    let places: HashMap<String, usize> =
        pairs.iter().enumerate().map(|(at, pair)| (pair.key.text.clone(), at)).collect();
    for pair in upper {
        match places.get(&pair.key.text).and_then(|at| pairs.get_mut(*at)) {
            Some(there) => {
                let nothing = Node::made(Content::Null, pair.value.span.clone());
                there.value = over(std::mem::replace(&mut there.value, nothing), pair.value);
                there.key = pair.key;
            }
            None => pairs.push(pair),
        }
    }
    Node { content: Content::Map(pairs), ..above }
}
