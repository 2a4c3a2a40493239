//! What a component is to the configuration: data, and two pure functions.
//!
//! A component turns one entry of `resources` into resources ([`Component::lower`]) and says which resource
//! another entry means by `${resources.X.output.…}` ([`Component::output`]). It sees nodes with places, so
//! everything that it finds wrong points at the file.

use std::collections::{BTreeMap, BTreeSet};

use super::codes;
use super::node::{Content, Node, first_line};
use super::typing::Declared;
use super::{CodeSource, DesiredResource, Need};
use crate::diag::{Diagnostic, Span};
use crate::model::{Address, Attribute, Kind, Order, OutputRef, Part, Path, Planned, Schema};

/// A component, such as `fc3`.
pub struct Component {
    /// What files call it; the first is its own name.
    pub names: &'static [&'static str],
    /// The resource types that it lowers to.
    pub schemas: &'static [&'static Schema],
    /// What an entry is in the first place: rules of an entry that name no resource are about this one.
    pub own: &'static Schema,
    /// Turns one entry into resources, reporting everything that is wrong with it.
    pub lower: fn(Entry, &mut Lowering),
    /// Says what a path after `${resources.X.output.` means for an entry with these props.
    pub output: fn(&str, &[&str], &mut Props<'_>) -> Output,
    /// Says where an attribute of one of its resources stands in an entry; nothing where no entry can say it.
    pub place: fn(&Address, &Path) -> Option<Place>,
}

/// Where an attribute stands in the entries of a project.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Place {
    /// The entry; nothing where every entry that holds the texts below declares it.
    pub entry: Option<String>,
    /// The ways down from props to texts that have to stand there.
    pub holds: Vec<(Vec<Step>, String)>,
    /// The way down from props.
    pub steps: Vec<Step>,
    /// Where its other half stands, for a text that files say in two.
    pub split: Option<Split>,
}

/// How a text is said in two.
#[derive(Clone, Debug)]
pub struct Split {
    /// The way down from props to the second half.
    pub second: Vec<Step>,
    /// Takes a text apart; nothing where it has no two halves.
    pub apart: fn(&str) -> Option<(&str, &str)>,
}

impl PartialEq for Split {
    fn eq(&self, other: &Self) -> bool {
        self.second == other.second
    }
}

/// One step from a value to one inside it.
#[derive(Clone, Debug)]
pub enum Step {
    /// To the value of a key.
    Key {
        /// The key.
        name: String,
        /// The fields among which it stands, in their usual order; none where the user chose it.
        fields: &'static [Attribute],
    },
    /// To the item of a list that has this name.
    Item {
        /// The field that names it.
        by: &'static str,
        /// Its name.
        name: String,
    },
}

impl PartialEq for Step {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Key { name, .. }, Self::Key { name: other, .. }) => name == other,
            (Self::Item { by, name }, Self::Item { by: other_by, name: other }) => {
                by == other_by && name == other
            }
            _ => false,
        }
    }
}

impl Step {
    /// Returns the way to the value of keys within each other.
    pub fn keys(names: &[&str]) -> Vec<Self> {
        names.iter().map(|name| Self::key(name)).collect()
    }

    /// Returns the step to a key that stands among no particular fields.
    pub fn key(name: &str) -> Self {
        Self::Key { name: name.to_owned(), fields: &[] }
    }

    /// Returns where it leads from a value as it is read.
    pub fn of<'n>(&self, node: &'n Node) -> Option<&'n Node> {
        match (self, &node.content) {
            (Self::Key { name, .. }, _) => node.get(name),
            (Self::Item { by, name }, Content::List(items)) => items
                .iter()
                .find(|item| item.get(by).and_then(Node::as_written).is_some_and(|text| text == *name)),
            (Self::Item { .. }, _) => None,
        }
    }

    /// Returns the key, where it leads to one.
    pub fn name(&self) -> Option<String> {
        match self {
            Self::Key { name, .. } => Some(name.clone()),
            Self::Item { .. } => None,
        }
    }

    /// Returns the keys that usually stand before this one.
    pub fn behind(&self) -> Vec<&'static str> {
        match self {
            Self::Key { name, fields } => {
                fields.iter().map(|field| field.name).take_while(|field| field != name).collect()
            }
            Self::Item { .. } => Vec::new(),
        }
    }

    /// Returns the steps of a path below these fields; nothing where the schema has no such place.
    pub fn along(fields: &'static [Attribute], path: &[Part]) -> Option<Vec<Self>> {
        let mut fields = fields;
        let mut kind: Option<&'static Kind> = None;
        let mut steps = Vec::with_capacity(path.len());
        for part in path {
            match (part, kind) {
                (Part::Field(name), _) => {
                    let field = fields.iter().find(|field| field.name == name.as_ref())?;
                    steps.push(Self::Key { name: name.to_string(), fields });
                    kind = Some(&field.kind);
                    fields = match &field.kind {
                        Kind::Object(inner) | Kind::List(Kind::Object(inner), _) => inner,
                        _ => &[],
                    };
                }
                (Part::Key(name), Some(Kind::List(_, Order::Keyed(by)))) => {
                    steps.push(Self::Item { by, name: name.clone() });
                }
                (Part::Key(name), Some(Kind::Texts | Kind::Map(_))) => steps.push(Self::key(name)),
                (Part::Key(_), _) => return None,
            }
        }
        Some(steps)
    }
}

/// Looks up a place in an entry's props, interpolated.
pub type Props<'p> = dyn FnMut(&[&str]) -> Option<Node> + 'p;

/// What a path of an entry's output means.
pub enum Output {
    /// An output of one of its resources.
    Promised(OutputRef),
    /// Something that its own props say; the resource stands first all the same.
    Declared(Box<Node>, Address),
    /// Something that is not built yet.
    NotBuilt,
    /// Nothing: these are the paths that mean something.
    Unknown(Vec<String>),
}

/// One entry of `resources`, interpolated.
pub struct Entry {
    /// Its name.
    pub name: String,
    /// Where the name is written.
    pub place: Span,
    /// Its props; a map.
    pub props: Node,
}

impl Component {
    /// Returns whether a file means this component by `name`; a version behind an `@` is not looked at.
    pub fn is_called(&self, name: &str) -> bool {
        let plain = name.split_once('@').map_or(name, |(plain, _)| plain);
        self.names.contains(&plain)
    }
}

/// A resource as an entry declares it.
pub struct Draft {
    /// The region that it lives in.
    pub region: String,
    /// Its live name.
    pub name: String,
    /// Where the name is written.
    pub place: Span,
    /// The resource that it belongs to.
    pub parent: Option<Address>,
    /// Its attributes.
    pub declared: Declared,
    /// Its code.
    pub code: Option<CodeSource>,
    /// Resources that it points at by name, and where.
    pub points_at: Vec<(Address, Span)>,
    /// What a person looks for after an apply.
    pub links: Vec<(String, OutputRef)>,
}

/// Gathers what the entries of one project declare.
#[derive(Default)]
pub struct Lowering {
    pub(super) resources: BTreeMap<Address, DesiredResource>,
    /// What resources name and nobody may declare, by who names it, and where.
    pub(super) needs: BTreeMap<(Address, Path), Need>,
    /// Why one resource waits for another.
    pub(super) edges: BTreeMap<(Address, Address), Span>,
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl Lowering {
    /// Reports something that is wrong.
    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Returns the list that checks report to.
    pub fn diagnostics(&mut self) -> &mut Vec<Diagnostic> {
        &mut self.diagnostics
    }

    /// Notes that a resource names another one at a path, which has to be there unless the project declares it.
    pub fn need(&mut self, by: Address, path: Path, need: Need) {
        self.needs.insert((by, path), need);
    }

    /// Declares a resource. One that another entry declared already is merged if its type is shared.
    pub fn declare(&mut self, schema: &Schema, address: Address, draft: Draft) {
        let Draft { region, name, place, parent, declared, code, points_at, links } = draft;
        let Declared { attributes, spans, variables, after } = declared;
        let mut depends_on = BTreeSet::new();
        let parents = parent.iter().map(|parent| (parent.clone(), place.clone()));
        for (other, why) in parents.chain(points_at).chain(after) {
            self.edges.entry((address.clone(), other.clone())).or_insert(why);
            depends_on.insert(other);
        }
        if let Some(first) = self.resources.get_mut(&address) {
            if schema.shared {
                let other = Shared { region, place, attributes, spans, variables, depends_on, links };
                merge(&address, first, other, &mut self.diagnostics);
            } else {
                let also = first.spans.get(&Path::root()).cloned();
                let mut diagnostic = Diagnostic::error(
                    codes::DECLARED_TWICE,
                    format!("the {} `{name}` is declared twice", schema.noun),
                )
                .at(place, "again here");
                diagnostic.also.extend(also.map(|span| (span, "first here".to_owned())));
                self.report(diagnostic.help("give each its own name"));
            }
            return;
        }
        let mut spans = spans;
        spans.insert(Path::root(), place);
        let resource =
            DesiredResource { region, name, parent, attributes, code, depends_on, variables, spans, links };
        self.resources.insert(address, resource);
    }
}

/// What a further entry says about a shared resource.
struct Shared {
    region: String,
    place: Span,
    attributes: BTreeMap<Path, Planned>,
    spans: BTreeMap<Path, Span>,
    variables: BTreeMap<Path, String>,
    depends_on: BTreeSet<Address>,
    links: Vec<(String, OutputRef)>,
}

fn merge(address: &Address, first: &mut DesiredResource, other: Shared, diagnostics: &mut Vec<Diagnostic>) {
    let Shared { region, place, attributes, spans, mut variables, depends_on, links } = other;
    let root = Path::root();
    let mut disagree = |what: &str, here: Span, there: Option<&Span>| {
        let mut diagnostic = Diagnostic::error(
            codes::DISAGREE,
            format!("two entries declare {address} and disagree about {what}"),
        )
        .at(first_line(&here), "here");
        diagnostic.also.extend(there.map(|span| (first_line(span), "and here".to_owned())));
        diagnostics.push(diagnostic.help("entries that share it have to say the same"));
    };
    if region != first.region {
        disagree("its region", place, first.spans.get(&root));
    }
    for (path, value) in attributes {
        let here = spans.get(&path);
        match first.attributes.get(&path) {
            Some(earlier) if *earlier == value => {}
            Some(_) => {
                if let Some(here) = here {
                    disagree(&format!("`{path}`"), here.clone(), first.spans.get(&path));
                }
            }
            None => {
                if let Some(here) = here {
                    first.spans.insert(path.clone(), here.clone());
                }
                if let Some(variable) = variables.remove(&path) {
                    first.variables.insert(path.clone(), variable);
                }
                first.attributes.insert(path, value);
            }
        }
    }
    first.depends_on.extend(depends_on);
    for link in links {
        if !first.links.contains(&link) {
            first.links.push(link);
        }
    }
}
