//! What an entry of `resources` is made of beside its own words: a template below its props, and the overlays of
//! the environment above them.
//!
//! Weakest first: the template, the props, what the environment says about every entry of the component, what it
//! says about this entry, the region of its infrastructure.

use std::collections::BTreeMap;

use super::codes;
use super::document;
use super::environment::Environment;
use super::layers::{Layers, over};
use super::node::{Content, Key, Node, Pair, Style};
use super::suggest::closest;
use super::typing::{missing, wrong_type};
use crate::diag::Diagnostic;

/// Gives every entry its template and its overlays, and the project the environment's credentials.
pub fn compose(layers: &mut Layers, diagnostics: &mut Vec<Diagnostic>) {
    let templates = layers.root.get("template").cloned();
    if let Some(node) = templates.as_ref().filter(|node| node.pairs().is_none()) {
        diagnostics.push(wrong_type(node, "template", "a map", "give each template a name"));
    }
    let entries = document::entries_key(&layers.root);
    let Some(entries) = value_mut(&mut layers.root, entries).and_then(pairs_mut) else {
        return;
    };
    let environment = layers.environment.as_mut();
    if let Some(environment) = &environment {
        unused(environment, entries, diagnostics);
    }
    let mut plain = BTreeMap::new();
    for Pair { key, value } in entries {
        if let Some(extend) = value.get("extend").cloned() {
            below(value, key, &extend, templates.as_ref(), diagnostics);
        }
        if let Some(environment) = &environment {
            if let Some(props) = value.get("props") {
                plain.insert(key.text.clone(), props.clone());
            }
            above(value, key, environment);
        }
    }
    if let Some(environment) = environment {
        environment.plain = plain;
        if let Some(access) =
            environment.node.pair("access").filter(|_| environment.node.get("access").is_some()).cloned()
        {
            put(&mut layers.root, access);
        }
    }
}

/// Puts a template below the props of an entry.
fn below(
    entry: &mut Node,
    key: &Key,
    extend: &Node,
    templates: Option<&Node>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    if extend.pairs().is_none() {
        let dotted = format!("resources.{}.extend", key.text);
        diagnostics.push(wrong_type(extend, &dotted, "a map", "write `extend: {name: …}`"));
        return;
    }
    let Some(name) = extend.get("name") else {
        diagnostics.push(missing(&extend.span, "extend.name", "the template"));
        return;
    };
    let text = name.as_written().unwrap_or_default();
    let Some(template) = templates.and_then(|templates| templates.get(&text)) else {
        let known = templates.and_then(Node::pairs).unwrap_or_default().iter().map(|pair| &*pair.key.text);
        let diagnostic = Diagnostic::error(codes::NO_TEMPLATE, format!("there is no template `{text}`"));
        let diagnostic = name.blame(diagnostic, "not below `template`");
        diagnostics.push(match closest(&text, known) {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None => diagnostic.help(format!("write `{text}` below `template` at the top of the file")),
        });
        return;
    };
    if template.pairs().is_none() {
        diagnostics.push(wrong_type(template, &format!("template.{text}"), "a map", "it holds props"));
        return;
    }
    let mut template = template.clone().used_at(name.place());
    match extend.get("ignore").map(|ignore| &ignore.content) {
        None => {}
        Some(Content::List(items)) => {
            for item in items {
                match item.as_written() {
                    Some(path) => drop_path(&mut template, &path.split('.').collect::<Vec<_>>()),
                    None => diagnostics.push(wrong_type(item, "extend.ignore", "a list of keys", "")),
                }
            }
        }
        Some(_) => {
            diagnostics.extend(
                extend.get("ignore").map(|ignore| wrong_type(ignore, "extend.ignore", "a list of keys", "")),
            );
        }
    }
    lay(entry, key, |props| match props {
        Some(props) => over(template, props),
        None => template,
    });
}

/// Puts the overlays of an environment over the props of an entry.
fn above(entry: &mut Node, key: &Key, environment: &Environment) {
    if environment.node.get("access").is_some() {
        drop_path(entry, &["access"]); // what the environment says goes for all
    }
    let overlays = environment.node.get("overlays");
    let component = entry.get("component").and_then(Node::text).map(|name| plain_name(name).to_owned());
    let components = overlays.and_then(|overlays| overlays.get("components")).and_then(Node::pairs);
    let of_component = components.unwrap_or_default().iter();
    let of_component = of_component.filter(|pair| Some(plain_name(&pair.key.text)) == component.as_deref());
    let of_entry = overlays.and_then(|overlays| overlays.get("resources")?.get(&key.text));
    let region = environment.node.get("infraStack").and_then(|stack| stack.pair("region")).map(|pair| {
        let content = Content::Map(vec![pair.clone()]);
        Node { content, ..Node::made(Content::Null, pair.value.span.clone()) }
    });
    let all = of_component.map(|pair| &pair.value).chain(of_entry).chain(&region);
    for overlay in all.filter(|overlay| overlay.pairs().is_some()) {
        lay(entry, key, |props| match props {
            Some(props) => over(props, overlay.clone()),
            None => overlay.clone(),
        });
    }
}

/// Returns what a component is called without its version.
pub fn plain_name(name: &str) -> &str {
    name.split_once('@').map_or(name, |(plain, _)| plain)
}

/// Reports overlays that no entry takes.
fn unused(environment: &Environment, entries: &[Pair], diagnostics: &mut Vec<Diagnostic>) {
    let overlays = environment.node.get("overlays");
    let names: Vec<&str> = entries.iter().map(|pair| pair.key.text.as_str()).collect();
    let components: Vec<&str> =
        entries.iter().filter_map(|pair| pair.value.get("component")?.text().map(plain_name)).collect();
    for (kind, known, what) in
        [("resources", names, "resource"), ("components", components, "resource with the component")]
    {
        let said = overlays.and_then(|overlays| overlays.get(kind)).and_then(Node::pairs);
        for Pair { key, .. } in said.unwrap_or_default() {
            if known.contains(&plain_name(&key.text)) || known.contains(&key.text.as_str()) {
                continue;
            }
            let message = format!("the project has no {what} `{}`", key.text);
            let diagnostic = Diagnostic::warning(codes::UNKNOWN_KEY, message);
            let diagnostic = diagnostic.at(key.span.clone(), "not used");
            diagnostics.push(match closest(&key.text, known.iter().copied()) {
                Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
                None => diagnostic,
            });
        }
    }
}

/// Makes the props of an entry something else.
fn lay(entry: &mut Node, key: &Key, to: impl FnOnce(Option<Node>) -> Node) {
    match value_mut(entry, "props") {
        Some(props) if !matches!(props.content, Content::Null) => {
            let nothing = Node::made(Content::Null, props.span.clone());
            *props = to(Some(std::mem::replace(props, nothing)));
        }
        _ => {
            let key = Key { text: "props".to_owned(), span: key.span.clone(), style: Style::Made };
            put(entry, Pair { key, value: to(None) });
        }
    }
}

/// Takes away what stands at the end of keys.
pub fn drop_path(node: &mut Node, path: &[&str]) {
    match path {
        [] => {}
        [last] => {
            if let Some(pairs) = pairs_mut(node) {
                pairs.retain(|pair| pair.key.text != *last);
            }
        }
        [first, rest @ ..] => {
            if let Some(inner) = value_mut(node, first) {
                drop_path(inner, rest);
            }
        }
    }
}

fn put(node: &mut Node, pair: Pair) {
    let Some(pairs) = pairs_mut(node) else { return };
    match pairs.iter_mut().find(|there| there.key.text == pair.key.text) {
        Some(there) => *there = pair,
        None => pairs.push(pair),
    }
}

fn pairs_mut(node: &mut Node) -> Option<&mut Vec<Pair>> {
    match &mut node.content {
        Content::Map(pairs) => Some(pairs),
        _ => None,
    }
}

fn value_mut<'n>(node: &'n mut Node, key: &str) -> Option<&'n mut Node> {
    pairs_mut(node)?.iter_mut().find(|pair| pair.key.text == key).map(|pair| &mut pair.value)
}
