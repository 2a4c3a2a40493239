//! The environments of a project: another file, and one of those that it lists.
//!
//! `env.yaml` says for each environment what differs there. Which one is meant is said on the command line and
//! nowhere else, so that a pipeline and a person get the same plan from the same words; one that does not exist is a
//! mistake, and never a deployment without it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::codes;
use super::document;
use super::layers::{self, Stop};
use super::node::{Content, Node, Pair};
use super::sources::{Sources, name_of};
use super::suggest::{closest, listed};
use super::typing::{missing, wrong_type};
use crate::diag::{Diagnostic, Source, Span};

/// Where environments are unless the project says otherwise.
const FILE: &str = "env.yaml";

/// What an environment may say that is read; everything else is for its own expressions.
const KEYS: [&str; 7] = ["name", "type", "description", "access", "region", "role", "overlays"];

/// One environment of a project.
#[derive(Debug)]
pub struct Environment {
    /// What the file says about it.
    pub node: Node,
    /// The file.
    pub source: Arc<Source>,
    /// Which item of the list it is.
    pub index: usize,
    /// The names of the others.
    pub others: Vec<String>,
    /// The props of each entry without its overlays, which these see as `source`.
    pub plain: BTreeMap<String, Node>,
}

/// Finds the environment that was asked for.
pub fn find(
    sources: &Sources,
    name: &str,
    root: &Node,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<Environment, Stop> {
    let asked = Arc::new(Source { name: "--env".to_owned(), text: name.to_owned() });
    let asked = Span { range: 0..name.len(), source: asked };
    let (file, place) = match root.get("env") {
        Some(node) => {
            let path = layers::plain_path(node, "env", diagnostics)?;
            (name_of(&node.span.source.name, &path), node.place().clone())
        }
        None => (name_of(&sources.main().name, FILE), asked.clone()),
    };
    let source = layers::other(sources, file, &place, diagnostics)?;
    let root = document::root(&source, diagnostics).ok_or(Stop::Reported)?;
    let items = items(&root, diagnostics)?;
    let named = |item: &Node| item.get("name").and_then(Node::as_written).map(Cow::into_owned);
    let names: Vec<String> = items.iter().filter_map(named).collect();
    let Some(index) = items.iter().position(|item| named(item).as_deref() == Some(name)) else {
        let what = format!("there is no environment `{name}`");
        let diagnostic = Diagnostic::error(codes::NO_ENVIRONMENT, what).at(asked, "asked for here");
        let diagnostic = match closest(name, names.iter().map(String::as_str)) {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None if names.is_empty() => diagnostic.help(format!("`{}` has none", source.name)),
            None => {
                diagnostic.help(format!("`{}` has {}", source.name, listed(names.iter().map(String::as_str))))
            }
        };
        diagnostics.push(diagnostic);
        return Err(Stop::Reported);
    };
    let node = items[index].clone();
    check(&node, name, diagnostics);
    let others = names.into_iter().filter(|other| other != name).collect();
    Ok(Environment { node, source, index, others, plain: BTreeMap::new() })
}

/// Returns the list of a file, in which every item is a map with a name of its own.
fn items<'n>(root: &'n Node, diagnostics: &mut Vec<Diagnostic>) -> Result<&'n [Node], Stop> {
    let Some(list) = root.get("environments") else {
        let place = root.pairs().and_then(<[Pair]>::first).map_or(&root.span, |pair| &pair.key.span);
        diagnostics.push(missing(place, "environments", "a list; each environment has a `name`"));
        return Err(Stop::Reported);
    };
    let Content::List(items) = &list.content else {
        diagnostics.push(wrong_type(list, "environments", "a list", "each item is a map with a `name`"));
        return Err(Stop::Reported);
    };
    let before = diagnostics.len();
    let mut seen: Vec<(&str, &Node)> = Vec::new();
    for (at, item) in items.iter().enumerate() {
        let dotted = format!("environments[{at}]");
        if item.pairs().is_none() {
            diagnostics.push(wrong_type(item, &dotted, "a map", "it has a `name`"));
            continue;
        }
        let Some(name) = item.get("name") else {
            let place = item.pairs().and_then(<[Pair]>::first).map_or(&item.span, |pair| &pair.key.span);
            diagnostics.push(missing(place, &format!("{dotted}.name"), "the environment's name"));
            continue;
        };
        let allowed = |text: &&str| {
            !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
        };
        let Some(text) = name.text().filter(allowed) else {
            let shown = name.as_written().unwrap_or_else(|| name.noun().into());
            let diagnostic =
                Diagnostic::error(codes::BAD_NAME, format!("`{shown}` cannot name an environment"));
            diagnostics.push(name.blame(diagnostic, "").help("use letters, digits, `-` and `_`"));
            continue;
        };
        match seen.iter().find(|(other, _)| *other == text) {
            Some((_, first)) => {
                let what = format!("the environment `{text}` is declared twice");
                let diagnostic = Diagnostic::error(codes::DECLARED_TWICE, what);
                let diagnostic = diagnostic.at(name.place().clone(), "again here");
                diagnostics.push(
                    diagnostic.also(first.place().clone(), "first here").help("give each its own name"),
                );
            }
            None => seen.push((text, name)),
        }
    }
    if diagnostics.len() == before { Ok(items) } else { Err(Stop::Reported) }
}

/// Checks what is read of an environment.
fn check(node: &Node, name: &str, diagnostics: &mut Vec<Diagnostic>) {
    for Pair { key, .. } in node.pairs().unwrap_or_default() {
        let known =
            KEYS.contains(&key.text.as_str()) || matches!(&*key.text, "infraStack" | "infrastructure");
        // A key of one's own is for `${that.…}`; one that is nearly another is a slip.
        if !known && let Some(near) = closest(&key.text, KEYS) {
            let what = format!("unknown key `{}` of the environment `{name}`", key.text);
            let diagnostic = Diagnostic::warning(codes::UNKNOWN_KEY, what);
            let diagnostic = diagnostic.at(key.span.clone(), "only `${that.…}` would read it");
            diagnostics.push(diagnostic.help(format!("did you mean `{near}`?")));
        }
    }
    let mut a_map = |node: Option<&Node>, dotted: &str| {
        if let Some(node) = node.filter(|node| node.pairs().is_none()) {
            diagnostics.push(wrong_type(node, dotted, "a map", ""));
        }
    };
    let overlays = node.get("overlays");
    a_map(overlays, "overlays");
    a_map(node.get("infraStack"), "infraStack");
    for kind in ["resources", "components"] {
        let inner = overlays.and_then(|overlays| overlays.get(kind));
        a_map(inner, &format!("overlays.{kind}"));
        for Pair { key, value } in inner.and_then(Node::pairs).unwrap_or_default() {
            if !matches!(value.content, Content::Null) {
                a_map(Some(value), &format!("overlays.{kind}.{}", key.text));
            }
        }
    }
}
