//! The entries of a project as they are read, and every file that has a say in each.
//!
//! What an entry is, several places may say: its props in a file and in the ones that it extends, a template, the
//! overlays of an environment. Each is a layer, the strongest first. Some layers say it for others too: a template of
//! several entries; everything below the overlays, where there are other environments. What is written there would
//! change these, and is written over it instead, in the strongest layer of one's own.

use std::sync::Arc;

use super::super::component::{Component, Step};
use super::super::entry::{drop_path, plain_name};
use super::super::environment::Environment;
use super::super::interpolate::Interpolation;
use super::super::node::{Content, Key, Node, Pair, Style};
use super::super::{Given, Sources, document, layers};
use super::layout::{Id, Layout};
use crate::diag::Source;

/// An entry as it is read.
pub struct EntryRead {
    /// Its name.
    pub name: String,
    /// Its component.
    pub component: &'static Component,
    /// Its props, everything merged.
    pub props: Node,
    /// Every place that says something of them.
    pub layers: Vec<Layer>,
}

/// One place that says something of an entry's props.
pub struct Layer {
    /// Which file it is in.
    pub file: usize,
    /// Where its text begins.
    start: Start,
    /// The way from there to the props.
    pub prefix: Vec<Step>,
    /// What it says of the props, nothing filled in.
    pub raw: Node,
    /// What stands at its beginning, filled in.
    pub read: Node,
    /// Whether it says the same for others.
    pub shared: bool,
    /// Whether it is an entry of its own, and not a template or an overlay.
    pub is_entry: bool,
}

enum Start {
    /// Below these keys of the file.
    Keys(Vec<String>),
    /// The environment with this place in its file.
    Environment(usize),
}

impl Layer {
    /// Returns where its text begins; nothing where that comes through an alias or a merge.
    pub fn id(&self, layout: &Layout) -> Option<Id> {
        match &self.start {
            Start::Keys(keys) => {
                layout.below(self.file, &keys.iter().map(String::as_str).collect::<Vec<_>>())
            }
            Start::Environment(index) => {
                layout.items(layout.below(self.file, &["environments"])?).get(*index).copied()
            }
        }
    }

    /// Returns how far this layer says what is at the end of steps, and whether weaker layers have no say in it: it
    /// says all of it, or something that is not merged.
    pub fn says(&self, steps: &[Step]) -> (usize, bool) {
        let mut at = &self.raw;
        for (depth, step) in steps.iter().enumerate() {
            match (&at.content, step) {
                (Content::Map(_), Step::Key { name, .. }) => match at.pair(name) {
                    Some(pair) => at = &pair.value,
                    None => return (depth, false),
                },
                _ => return (depth, true),
            }
        }
        (steps.len(), true)
    }
}

/// What the edit of a project stands on.
pub struct Read {
    /// The file that was named, the one that it extends and so on, and that of the environment.
    pub files: Vec<Arc<Source>>,
    /// The entries.
    pub entries: Vec<EntryRead>,
    /// The environments that were not chosen, and the project without one.
    pub others: Vec<Option<String>>,
}

/// Reads the entries of a project, filled in, and its files. Nothing where it cannot be read.
pub fn read(sources: &Sources, given: &Given<'_>, components: &[&'static Component]) -> Option<Read> {
    let mut unheard = Vec::new(); // loading the project has reported it all
    let project = layers::read(sources, &mut unheard)?;
    let roots: Vec<Node> =
        project.files.iter().map(|file| document::root(file, &mut unheard)).collect::<Option<_>>()?;
    let vars = document::vars(&project.root, sources, given.overrides, &mut unheard);
    let (mut world, _) = document::entries(&project.root, components, &mut unheard);
    world.vars = vars.as_ref();
    world.environment = project.environment.as_ref();
    let raws: Vec<_> = world.entries.iter().map(|raw| raw_layers(raw.name, &project, &roots)).collect();
    let mut interpolation = Interpolation::new(&world, given);
    let mut entries = Vec::new();
    for (index, (raw, layers)) in world.entries.iter().zip(&raws).enumerate() {
        if let (Some(component), Some(props)) = (raw.component, raw.props) {
            let props = interpolation.value(props, Some(index));
            let mut read = Vec::with_capacity(layers.len());
            for RawLayer { file, start, keys, said, shared, is_entry } in layers {
                read.push(Layer {
                    file: *file,
                    start: match start {
                        Start::Keys(keys) => Start::Keys(keys.clone()),
                        Start::Environment(index) => Start::Environment(*index),
                    },
                    prefix: keys.iter().map(|key| Step::key(key)).collect(),
                    raw: keys.iter().fold(said.clone(), |node, key| inner(node, key)),
                    read: interpolation.value(said, Some(index)),
                    shared: *shared,
                    is_entry: *is_entry,
                });
            }
            entries.push(EntryRead { name: raw.name.to_owned(), component, props, layers: read });
        }
    }
    let environment = project.environment.as_ref();
    let files = environment.map(|environment| Arc::clone(&environment.source));
    let files = project.files.iter().cloned().chain(files).collect();
    let named =
        |environment: &Environment| environment.others.iter().cloned().map(Some).chain([None]).collect();
    let others = environment.map(named).unwrap_or_default();
    Some(Read { files, entries, others })
}

/// A layer before anything is filled in.
struct RawLayer {
    file: usize,
    start: Start,
    keys: Vec<String>,
    /// What stands at its beginning, of which only the way to the props is kept.
    said: Node,
    shared: bool,
    is_entry: bool,
}

fn raw_layers(name: &str, project: &layers::Layers, roots: &[Node]) -> Vec<RawLayer> {
    let mut found = Vec::new();
    let key = document::entries_key(&project.root);
    let entry = project.root.get(key).and_then(|entries| entries.get(name));
    let component = entry.and_then(|entry| entry.get("component")?.text()).map(plain_name);
    let entries = project.root.get(key).and_then(Node::pairs).unwrap_or_default();
    // What the project says it says for every environment, and for itself without one.
    let others = project.environment.is_some();
    if let Some(environment) = &project.environment {
        let has =
            |other: &&Pair| other.value.get("component").and_then(Node::text).map(plain_name) == component;
        let many = entries.iter().filter(has).count() > 1;
        overlays(name, component, environment, many, roots.len(), &mut found);
    }
    let keys = |keys: [&str; 3]| keys.map(str::to_owned).to_vec();
    for (file, root) in roots.iter().enumerate() {
        let props = root.get(key).and_then(|entries| entries.get(name)?.pair("props"));
        if let Some(props) = props {
            let start = Start::Keys(keys([key, name, "props"]));
            let said = props.value.clone();
            found.push(RawLayer { file, start, keys: Vec::new(), said, shared: others, is_entry: true });
        }
    }
    let extend = entry.and_then(|entry| entry.get("extend"));
    let Some(template) = extend.and_then(|extend| extend.get("name")?.text()) else {
        return found;
    };
    let uses = |other: &&Pair| {
        other.value.get("extend").and_then(|extend| extend.get("name")?.text()) == Some(template)
    };
    let shared = others || entries.iter().filter(uses).count() > 1;
    for (file, root) in roots.iter().enumerate() {
        let Some(said) = root.get("template").and_then(|templates| templates.get(template)) else { continue };
        let mut said = said.clone();
        if let Some(Content::List(items)) =
            extend.and_then(|extend| extend.get("ignore")).map(|list| &list.content)
        {
            for path in items.iter().filter_map(Node::as_written) {
                drop_path(&mut said, &path.split('.').collect::<Vec<_>>());
            }
        }
        let start = Start::Keys(vec!["template".to_owned(), template.to_owned()]);
        found.push(RawLayer { file, start, keys: Vec::new(), said, shared, is_entry: false });
    }
    found
}

/// The overlays: what is said of this entry, whether or not anything is yet, and what is said of its component.
fn overlays(
    name: &str,
    component: Option<&str>,
    environment: &Environment,
    many: bool,
    file: usize,
    found: &mut Vec<RawLayer>,
) {
    let mut push = |kind: &str, key: &str, shared| {
        let keys: Vec<String> = ["overlays", kind, key].map(str::to_owned).to_vec();
        let said = along(&environment.node, &keys);
        let start = Start::Environment(environment.index);
        found.push(RawLayer { file, start, keys, said, shared, is_entry: false });
    };
    push("resources", name, false);
    let components = environment.node.get("overlays").and_then(|overlays| overlays.get("components"));
    for pair in components.and_then(Node::pairs).unwrap_or_default() {
        if Some(plain_name(&pair.key.text)) == component {
            push("components", &pair.key.text, many);
        }
    }
}

/// Returns what stands along a way and nothing beside it, as far as there is something.
fn along(node: &Node, keys: &[String]) -> Node {
    let Some((first, rest)) = keys.split_first() else {
        return node.clone();
    };
    let span = node.span.clone();
    let pair = node.get(first).map(|inner| {
        let key = Key { text: first.clone(), span: span.clone(), style: Style::Made };
        Pair { key, value: along(inner, rest) }
    });
    Node::made(Content::Map(pair.into_iter().collect()), span)
}

/// Returns the value of a key, as it is.
fn inner(node: Node, key: &str) -> Node {
    let span = node.span.clone();
    match node.content {
        Content::Map(pairs) => pairs.into_iter().find(|pair| pair.key.text == key).map(|pair| pair.value),
        _ => None,
    }
    .unwrap_or_else(|| Node::made(Content::Map(Vec::new()), span))
}
