//! From the text of an `s.yaml`, and of the files that it names, to what it declares.
//!
//! [`load`] is a pure function: the texts, the environment and the components go in, the declared resources
//! and every diagnostic come out. It never stops at the first mistake.

pub mod codes;
pub mod component;
mod document;
pub mod edit;
mod entry;
mod environment;
pub mod expression;
mod graph;
mod interpolate;
mod layers;
pub mod lifecycle;
pub mod node;
mod sources;
pub mod suggest;
#[cfg(test)]
pub(crate) mod tests;
pub mod typing;
pub mod yaml;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

pub use self::component::Component;
use self::component::{Entry, Lowering};
use self::interpolate::Interpolation;
pub use self::lifecycle::Lifecycle;
use self::node::{Content, Node};
pub use self::sources::Sources;
use crate::diag::{Diagnostic, Span};
use crate::model::{Address, DesiredAttributes, OutputRef, Path};

/// What a project declares.
#[derive(Clone, Debug, Default)]
pub struct Desired {
    /// The project's name.
    pub project: String,
    /// The alias of the credentials that it asks for, if any.
    pub access: Option<String>,
    /// The environment that this is true of, where one was chosen.
    pub environment: Option<String>,
    /// Every declared resource.
    pub resources: BTreeMap<Address, DesiredResource>,
    /// What they name and does not belong to the project, by who names it, and where.
    pub needs: BTreeMap<(Address, Path), Need>,
    /// What it says about their lives.
    pub lifecycle: Lifecycle,
}

impl Desired {
    /// Returns what a person looks for after an apply: label and output.
    pub fn links(&self) -> Vec<(String, OutputRef)> {
        self.resources.values().flat_map(|resource| resource.links.clone()).collect()
    }
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
    /// The environment variables whose value some paths are, and nothing else.
    pub variables: BTreeMap<Path, String>,
    /// Where each path was declared, for diagnostics and for edits; the root path is the resource itself.
    pub spans: BTreeMap<Path, Span>,
    /// What a person looks for after an apply, such as a URL: label and output.
    pub links: Vec<(String, OutputRef)>,
}

/// Something that a resource names and that has to be live: nobody declares it.
#[derive(Clone, Debug, PartialEq)]
pub struct Need {
    /// Its type, which may be one that is only read.
    pub kind: &'static str,
    /// What people call it, such as `version`.
    pub noun: &'static str,
    /// The declared resource that it belongs to.
    pub parent: Address,
    /// Its live name.
    pub name: String,
    /// The resource that it is, where the project declares it after all.
    pub unless: Option<Address>,
    /// Where it is named.
    pub place: Span,
    /// What to do where it is missing.
    pub help: &'static str,
}

/// Returns a declared resource's live name behind those of what it belongs to: `shop/hello`.
pub fn full_name(resources: &BTreeMap<Address, DesiredResource>, address: &Address) -> Option<String> {
    let mut resource = resources.get(address)?;
    let mut name = resource.name.clone();
    // No resource stands deeper than the types do; a ring of parents would be a mistake of a component.
    for _ in 0..resources.len() {
        let Some(parent) = resource.parent.as_ref().and_then(|parent| resources.get(parent)) else { break };
        name = format!("{}/{name}", parent.name);
        resource = parent;
    }
    Some(name)
}

/// Code on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeSource {
    /// A directory, or a zip file; relative to the configuration's folder unless absolute.
    pub path: PathBuf,
    /// Where it is declared.
    pub span: Span,
}

/// What a file is read with beside its own text.
pub struct Given<'a> {
    /// The environment's variables; those of `--env-file` and `.env` files included.
    pub variables: &'a dyn Fn(&str) -> Option<String>,
    /// What `--var` says, in order: dotted names below `vars`, and texts.
    pub overrides: &'a [(String, String)],
    /// What stands for a variable that is not set and has no default; without it that is an error.
    pub unset: Option<&'a str>,
}

/// Reads a project.
///
/// Returns what could be read even where something is wrong, and everything that is wrong, in the order of the
/// file; [`Desired`] may be acted on only when none of it is an error.
pub fn load(
    sources: &Sources,
    given: &Given<'_>,
    components: &[&'static Component],
) -> (Desired, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let mut desired = read(sources, given, components, &mut diagnostics).unwrap_or_default();
    desired.environment = sources.environment().map(str::to_owned);
    diagnostics.sort_by(|one, other| one.sort_key().cmp(&other.sort_key()));
    diagnostics.dedup();
    (desired, diagnostics)
}

fn read(
    sources: &Sources,
    given: &Given<'_>,
    components: &[&'static Component],
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Desired> {
    let layers = layers::read(sources, diagnostics)?;
    let root = &layers.root;
    let pairs = root.pairs()?;
    if !document::edition(root, pairs, diagnostics) {
        return None;
    }
    document::top_level(root, pairs, diagnostics);
    let vars = document::vars(root, sources, given.overrides, diagnostics);
    let (mut world, names) = document::entries(root, components, diagnostics);
    world.vars = vars.as_ref();
    world.environment = layers.environment.as_ref();

    let mut interpolation = Interpolation::new(&world, given);
    if let Some(vars) = &vars {
        interpolation.value(vars, None); // every mistake is reported, also in what nothing uses
    }
    let project = text_of(root, "name", &mut interpolation);
    if project.is_none() && root.get("name").is_none() {
        let place = pairs.first().map_or(&root.span, |pair| &pair.key.span);
        diagnostics.push(typing::missing(place, "name", "the project's name"));
    }
    let access = access(root, &world, &mut interpolation);

    let mut lowering = Lowering::default();
    for (index, (raw, key)) in world.entries.iter().zip(names).enumerate() {
        if let Some(vars) = raw.vars {
            interpolation.value(vars, Some(index));
        }
        let (Some(component), Some(props)) = (raw.component, raw.props) else {
            continue;
        };
        let props = interpolation.value(props, Some(index));
        match props.content {
            Content::Map(_) => {
                let entry = Entry { name: raw.name.to_owned(), place: key.span.clone(), props };
                (component.lower)(entry, &mut lowering);
            }
            Content::Unresolved => {}
            _ => lowering.report(typing::wrong_type(&props, "props", "a map", "")),
        }
    }
    let lifecycle = lifecycle(root, &world, &mut interpolation, components);
    lifecycle::dependencies(&lifecycle, &mut lowering);
    graph::identities(&mut lowering);
    graph::cycles(&mut lowering);
    lifecycle::check(&lifecycle, &mut lowering);

    diagnostics.append(&mut interpolation.diagnostics);
    diagnostics.append(&mut lowering.diagnostics);
    let project = project.unwrap_or_default();
    let Lowering { resources, mut needs, .. } = lowering;
    needs.retain(|(by, _), need| {
        let declared = need.unless.as_ref().is_some_and(|other| resources.contains_key(other));
        resources.contains_key(by) && !declared
    });
    Some(Desired { project, access, environment: None, resources, needs, lifecycle })
}

/// Returns the rules below `triform:`, at the top of the file and in its entries.
fn lifecycle<'a>(
    root: &'a Node,
    world: &interpolate::World<'a>,
    interpolation: &mut Interpolation<'a>,
    components: &[&'static Component],
) -> Lifecycle {
    let own = |name: &str, component: &Component| Address::new(component.own.kind, name);
    let top = root.get("triform").map(|node| (node, None, None));
    let entries =
        world.entries.iter().enumerate().filter_map(|(index, raw)| {
            Some((raw.triform?, Some(index), Some(own(raw.name, raw.component?))))
        });
    let filled: Vec<(Node, Option<Address>)> = top
        .into_iter()
        .chain(entries)
        .map(|(node, this, entry)| (interpolation.value(node, this), entry))
        .collect();
    let schemas = components.iter().flat_map(|component| component.schemas).copied().collect();
    let diagnostics = &mut interpolation.diagnostics;
    let mut reader = lifecycle::Reader { lifecycle: Lifecycle::default(), diagnostics, schemas };
    for (node, entry) in filled {
        reader.read(&lifecycle::Rules { node: &node, entry });
    }
    reader.lifecycle
}

/// Returns a text at the top of the file, filled in.
fn text_of<'a>(root: &'a Node, key: &str, interpolation: &mut Interpolation<'a>) -> Option<String> {
    let node = interpolation.value(root.get(key)?, None);
    match node.as_written() {
        Some(text) if !text.is_empty() => Some(text.into_owned()),
        _ if node.is_unresolved() => None,
        _ => {
            interpolation.diagnostics.push(typing::wrong_type(&node, key, "a text", ""));
            None
        }
    }
}

/// Returns the alias of the credentials, on which the file and all its entries have to agree.
fn access<'a>(
    root: &'a Node,
    world: &interpolate::World<'a>,
    interpolation: &mut Interpolation<'a>,
) -> Option<String> {
    // The one word in braces that is no expression: it names the profile of another tool.
    let other_tool = |node: &Node| node.text().is_some_and(|text| text.trim() == "${aliyun-cli}");
    let mut agreed: Option<(String, Span)> = None;
    let own = root.get("access").map(|node| (node, None));
    let entries = world.entries.iter().enumerate();
    let all = entries.filter_map(|(index, entry)| entry.access.map(|node| (node, Some(index))));
    for (node, this) in own.into_iter().chain(all) {
        let node = if other_tool(node) { node.clone() } else { interpolation.value(node, this) };
        let Some(text) = node.as_written().filter(|text| !text.is_empty()) else {
            if !node.is_unresolved() {
                interpolation.diagnostics.push(typing::wrong_type(&node, "access", "a text", ""));
            }
            continue;
        };
        match &agreed {
            None => agreed = Some((text.into_owned(), node.place().clone())),
            Some((first, _)) if *first == text => {}
            Some((_, there)) => {
                let diagnostic = typing::not_built("a project with two accesses", &node.span);
                interpolation.diagnostics.push(diagnostic.also(there.clone(), "the other one"));
            }
        }
    }
    agreed.map(|(text, _)| text)
}
