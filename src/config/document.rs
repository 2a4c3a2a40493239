//! What stands where in an `s.yaml` of edition 3.0.0: the keys of the file and of an entry.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::codes;
use super::component::Component;
use super::interpolate::{Raw, World};
use super::node::{Content, Key, Node, Pair, Style, first_line};
use super::sources::Sources;
use super::suggest::{closest, listed};
use super::typing::{missing, not_built, wrong_type};
use super::yaml;
use crate::diag::{Diagnostic, Source, Span};

/// The edition of today.
const EDITION: &str = "3.0.0";
/// Editions whose entries stand below `services`, and whose expressions name entries without further ado.
const OLDER: [&str; 2] = ["1.0.0", "2.0.0"];

/// Keys of the file.
const KEYS: [&str; 10] =
    ["edition", "name", "access", "vars", "resources", "extend", "extends", "template", "env", "triform"];
/// Keys of the file that are not built yet.
const UNBUILT: [&str; 2] = ["flow", "validation"];
/// Keys of an entry.
const ENTRY_KEYS: [&str; 6] = ["component", "props", "access", "vars", "extend", "triform"];
/// Keys of an entry that are not built yet.
const UNBUILT_ENTRY: [&str; 2] = ["if", "allow_failure"];

/// Returns whether a file may be of an edition that is read, as far as it says; one that says none may leave that to
/// the file that it extends.
pub fn is_read(root: &Node) -> bool {
    let read = |text: &str| text == EDITION || OLDER.contains(&text);
    root.get("edition").is_none_or(|edition| edition.as_written().is_some_and(|text| read(&text)))
}

/// Returns whether a file says that it is of an older edition.
pub fn is_older(root: &Node) -> bool {
    let edition = root.get("edition").and_then(Node::as_written);
    edition.is_some_and(|text| OLDER.contains(&&*text))
}

/// Returns the key below which the entries of a file stand.
pub fn entries_key(root: &Node) -> &'static str {
    let said = |key: &str| root.pair(key).is_some();
    if is_older(root) || (said("services") && !said("resources")) { "services" } else { "resources" }
}

/// Checks that the file is of an edition that is read; without one nothing else in it can be judged.
pub fn edition(root: &Node, pairs: &[Pair], diagnostics: &mut Vec<Diagnostic>) -> bool {
    let help = "triform reads the editions 1.0.0, 2.0.0 and 3.0.0";
    let Some(edition) = root.get("edition") else {
        let place = pairs.first().map_or_else(|| first_line(&root.span), |pair| pair.key.span.clone());
        let diagnostic = Diagnostic::error(codes::EDITION, "the file does not say its edition")
            .at(place, "no `edition: 3.0.0`");
        diagnostics.push(diagnostic.help("begin the file with `edition: 3.0.0`").help(help));
        return false;
    };
    match edition.as_written() {
        Some(text) if text == EDITION || OLDER.contains(&&*text) => true,
        text => {
            let shown = text.unwrap_or_else(|| edition.noun().into());
            let diagnostic = Diagnostic::error(codes::EDITION, format!("the file is of edition `{shown}`"));
            diagnostics.push(edition.blame(diagnostic, "not read").help(help));
            false
        }
    }
}

/// Checks the keys of the file.
pub fn top_level(root: &Node, pairs: &[Pair], diagnostics: &mut Vec<Diagnostic>) {
    let older = is_older(root);
    for Pair { key, value } in pairs {
        match key.text.as_str() {
            "services" if older => {}
            "resources" if older => diagnostics.push(
                Diagnostic::error(codes::EDITION, "`resources` belongs to edition 3.0.0")
                    .at(key.span.clone(), "not of this edition")
                    .help("in editions 1.0.0 and 2.0.0 this is `services`"),
            ),
            "actions" => hooks(value, diagnostics),
            "services" => diagnostics.push(
                Diagnostic::error(codes::EDITION, "`services` belongs to editions 1.0.0 and 2.0.0")
                    .at(key.span.clone(), "not of edition 3.0.0")
                    .help("in edition 3.0.0 this is `resources`"),
            ),
            known if KEYS.contains(&known) => {}
            unbuilt if UNBUILT.contains(&unbuilt) => {
                diagnostics.push(not_built(&format!("`{unbuilt}`"), &key.span));
            }
            _ => diagnostics.push(unknown(key, "", KEYS.into_iter().chain(UNBUILT).chain(["actions"]))),
        }
    }
}

/// Says which hooks a file has: planning and applying run none.
fn hooks(actions: &Node, diagnostics: &mut Vec<Diagnostic>) {
    for Pair { key, value } in actions.pairs().unwrap_or_default() {
        let steps = match &value.content {
            Content::List(items) => items.as_slice(),
            _ => std::slice::from_ref(value),
        };
        let step = |step: &Node| {
            let said = |key: &str| step.get(key).and_then(Node::as_written).map(std::borrow::Cow::into_owned);
            let named = |kind: &str| said(kind).map(|text| format!("{kind} {text}"));
            said("run").or_else(|| named("plugin")).or_else(|| named("component"))
        };
        let steps: Vec<String> = steps.iter().filter_map(step).map(|step| format!("`{step}`")).collect();
        if steps.is_empty() {
            continue;
        }
        let what = format!("the hook `{}` is not run: {}", key.text, steps.join(", "));
        let warning = Diagnostic::warning(codes::HOOK, what).at(key.span.clone(), "not run");
        diagnostics.push(warning.help(if key.text.starts_with("pre-") {
            "run what it needs before triform reads the code"
        } else {
            "run what it needs afterwards, by the exit code of `triform apply`"
        }));
    }
}

fn unknown<'k>(key: &Key, prefix: &str, known: impl Iterator<Item = &'k str>) -> Diagnostic {
    let diagnostic = Diagnostic::warning(codes::UNKNOWN_KEY, format!("unknown key `{prefix}{}`", key.text))
        .at(key.span.clone(), "not used");
    match closest(&key.text, known) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic,
    }
}

/// Reads the entries of `resources` into what expressions can see.
pub fn entries<'a>(
    root: &'a Node,
    components: &[&'static Component],
    diagnostics: &mut Vec<Diagnostic>,
) -> (World<'a>, Vec<&'a Key>) {
    let mut world = World {
        name: root.get("name"),
        access: root.get("access"),
        older: is_older(root),
        ..World::default()
    };
    let mut names = Vec::new();
    let entries = entries_key(root);
    let Some(resources) = root.get(entries) else {
        let pairs = root.pairs().unwrap_or_default();
        let place = root.pair(entries).or(pairs.first()).map_or(&root.span, |pair| &pair.key.span);
        diagnostics.push(missing(place, entries, "what the project deploys, one entry for each function"));
        return (world, names);
    };
    let Some(pairs) = resources.pairs() else {
        diagnostics.push(wrong_type(
            resources,
            entries,
            "a map",
            &format!("give each of them a name: `{entries}: {{hello: …}}`"),
        ));
        return (world, names);
    };
    for Pair { key, value } in pairs {
        let allowed = !key.text.is_empty()
            && key.text.chars().all(|c| !c.is_whitespace() && !c.is_control() && !"\"[]:.".contains(c));
        if !allowed {
            diagnostics.push(
                Diagnostic::error(codes::BAD_NAME, format!("`{}` cannot name a resource", key.text))
                    .at(key.span.clone(), "")
                    .help("use letters, digits, `-` and `_`"),
            );
            continue;
        }
        if value.pairs().is_none() {
            let dotted = format!("{entries}.{}", key.text);
            diagnostics.push(wrong_type(value, &dotted, "a map", "it has `component` and `props`"));
            continue;
        }
        let raw = entry(key, value, components, diagnostics);
        world.by_name.insert(raw.name, world.entries.len());
        world.entries.push(raw);
        names.push(key);
    }
    (world, names)
}

fn entry<'a>(
    key: &'a Key,
    value: &'a Node,
    components: &[&'static Component],
    diagnostics: &mut Vec<Diagnostic>,
) -> Raw<'a> {
    for Pair { key, value } in value.pairs().unwrap_or_default() {
        match key.text.as_str() {
            known if ENTRY_KEYS.contains(&known) => {}
            unbuilt if UNBUILT_ENTRY.contains(&unbuilt) => {
                diagnostics.push(not_built(&format!("`{unbuilt}`"), &key.span));
            }
            "actions" => hooks(value, diagnostics),
            _ => {
                let known = ENTRY_KEYS.into_iter().chain(UNBUILT_ENTRY).chain(["actions"]);
                diagnostics.push(unknown(key, "", known));
            }
        }
    }
    let component_node = value.get("component");
    let component = match component_node {
        None => {
            diagnostics.push(missing(&key.span, "component", "what the entry is, such as `fc3`"));
            None
        }
        Some(node) => find(node, components, diagnostics),
    };
    let props = value.get("props");
    if component.is_some() {
        match props {
            None => diagnostics.push(missing(&key.span, "props", "what is deployed")),
            Some(props) if !matches!(props.content, Content::Map(_)) && props.text().is_none() => {
                diagnostics.push(wrong_type(props, "props", "a map", ""));
            }
            Some(_) => {}
        }
    }
    Raw {
        name: &key.text,
        component,
        component_node,
        access: value.get("access"),
        vars: value.get("vars"),
        props,
        triform: value.get("triform"),
    }
}

fn find(
    node: &Node,
    components: &[&'static Component],
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<&'static Component> {
    let Some(name) = node.text() else {
        diagnostics.push(wrong_type(node, "component", "a text", ""));
        return None;
    };
    let found = components.iter().find(|component| component.is_called(name)).copied();
    if found.is_none() {
        let names = || components.iter().flat_map(|component| component.names).copied();
        let not_yet = ["fc3-domain", "fc-domain", "fnf", "flow", "oss", "ros", "sls", "cdn", "website"];
        let plain = name.split('@').next().unwrap_or(name);
        let diagnostic = if not_yet.contains(&plain.strip_prefix("devsapp/").unwrap_or(plain)) {
            not_built(&format!("the component `{plain}`"), &node.span)
        } else {
            let diagnostic =
                Diagnostic::error(codes::UNKNOWN_COMPONENT, format!("there is no component `{name}`"));
            let diagnostic = node.blame(diagnostic, "not known");
            match closest(plain, names()) {
                Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
                None => diagnostic.help(format!("triform has {}", listed(names().take(1)))),
            }
        };
        diagnostics.push(diagnostic);
    }
    found
}

/// Returns `vars` with what `--var` says put in, as texts.
pub fn vars(
    root: &Node,
    sources: &Sources,
    overrides: &[(String, String)],
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Node> {
    let mut vars = root.get("vars").cloned();
    if let Some(node) = vars.as_ref().filter(|node| node.pairs().is_none()) {
        diagnostics.push(wrong_type(node, "vars", "a map", ""));
        vars = None;
    }
    for (name, value) in overrides {
        let given = Arc::new(Source { name: "--var".to_owned(), text: format!("{name}={value}") });
        let span = Span { source: Arc::clone(&given), range: name.len() + 1..given.text.len() };
        let path: Vec<&str> = name.split('.').collect();
        let map = vars.get_or_insert_with(|| Node::made(Content::Map(Vec::new()), span.clone()));
        let declared = put(map, &path, Node::made(Content::Text(value.clone()), span));
        let looked_up = format!("vars.{name}");
        if !declared && !sources.all().any(|source| source.text.contains(&looked_up)) {
            let place = Span { source: given, range: 0..name.len() };
            let known: BTreeSet<&str> = root
                .get("vars")
                .and_then(Node::pairs)
                .unwrap_or_default()
                .iter()
                .map(|pair| pair.key.text.as_str())
                .collect();
            let diagnostic =
                Diagnostic::warning(codes::UNUSED_VAR, format!("the file has no variable `{name}`"))
                    .at(place, "not used");
            diagnostics.push(match closest(name, known) {
                Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
                None => diagnostic,
            });
        }
    }
    vars
}

/// Puts a value at a dotted place; returns whether there was one before.
fn put(node: &mut Node, path: &[&str], value: Node) -> bool {
    let Some((first, rest)) = path.split_first() else {
        let before = !matches!(node.content, Content::Null);
        *node = value;
        return before;
    };
    if !matches!(node.content, Content::Map(_)) {
        node.content = Content::Map(Vec::new());
        node.style = Style::Made;
    }
    let Content::Map(pairs) = &mut node.content else {
        return false;
    };
    if let Some(pair) = pairs.iter_mut().find(|pair| pair.key.text == *first) {
        return put(&mut pair.value, rest, value);
    }
    let span = value.span.clone();
    let mut inner = Node::made(Content::Null, span.clone());
    put(&mut inner, rest, value);
    let key = Key { text: (*first).to_owned(), span, style: Style::Made };
    pairs.push(Pair { key, value: inner });
    false
}

/// Reads the whole file as YAML; nothing where it is no map.
pub fn root(source: &Arc<Source>, diagnostics: &mut Vec<Diagnostic>) -> Option<Node> {
    let (root, problems) = yaml::parse(source);
    let read = problems.is_empty();
    diagnostics.extend(problems);
    let start = Span { source: Arc::clone(source), range: 0..0 };
    let root = match root {
        Some(root) => root,
        None if read => Node::made(Content::Null, start),
        None => return None,
    };
    match root.content {
        Content::Map(_) => Some(root),
        Content::Null => {
            diagnostics.push(
                Diagnostic::error(codes::NOT_ONE_DOCUMENT, "the file is empty")
                    .at(first_line(&root.span), "")
                    .help("`triform init` writes a project to start from"),
            );
            None
        }
        _ => {
            diagnostics.push(wrong_type(&root, "the file", "a map", "it begins with `edition: 3.0.0`"));
            None
        }
    }
}
