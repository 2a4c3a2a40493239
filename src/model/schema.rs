//! What a provider says about a resource type, as data.
//!
//! A schema is an allowlist: every attribute that can be written, declared or not. Ids, times, sizes and
//! states of the service are not in it, so a field that the service adds tomorrow is no phantom change. The
//! same data drives validation, normalisation, the diff, the composition of writes and the documentation.

use std::collections::BTreeMap;

use super::{Identity, Number, Part, Path, Value};

/// A resource type.
#[derive(Debug)]
pub struct Schema {
    /// The type's name in addresses: `fc3_function`.
    pub kind: &'static str,
    /// What people call it: `function`.
    pub noun: &'static str,
    /// Moves when attributes are added; a recorded resource names the version it was made with.
    pub version: u32,
    /// The type that it belongs to, where it is a child.
    pub parent: Option<&'static str>,
    /// Several entries of a project may declare it together, such as a custom domain.
    pub shared: bool,
    /// The attribute that names it in the cloud; not among `attributes`, since a new name is a new identity.
    pub name: &'static str,
    /// The output that tells one resource from another that was made later under the same name.
    pub id: Option<&'static str>,
    /// Everything that can be written.
    pub attributes: &'static [Attribute],
    /// The outputs that other resources may use, each with its meaning.
    pub outputs: &'static [(&'static str, &'static str)],
}

/// One attribute, or one field of one.
#[derive(Debug)]
pub struct Attribute {
    /// The name on the wire, which is also its name in paths.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// One sentence for people.
    pub doc: &'static str,
    /// A create without it is refused.
    pub required: bool,
    /// A change of it takes a new resource.
    pub replaces: bool,
    /// Its value is never shown or stored.
    pub secret: bool,
    /// What becomes of it when the configuration stops declaring it.
    pub removal: Removal,
    /// Whether the service shows it.
    pub whence: Whence,
    /// It names something that goes with the resource that this one belongs to, and that nobody can make again.
    pub goes_with_parent: bool,
    /// The schema version that added it.
    pub since: u32,
    /// The attributes whose change may change this one, where nobody declares it: the service keeps them in step.
    pub follows: &'static [&'static str],
    /// Each element of this keyed list belongs to whoever declared it, so that several projects may share the rest.
    pub owned: bool,
}

/// What an attribute holds.
#[derive(Debug)]
pub enum Kind {
    /// A text; where the list is not empty, one of these.
    Text(&'static [&'static str]),
    /// `true` or `false`.
    Bool,
    /// A number within bounds, both included, that is a multiple of `step`.
    Number {
        /// The least.
        min: f64,
        /// The greatest.
        max: f64,
        /// The unit that it counts in; 1 for any whole number.
        step: f64,
    },
    /// Texts by keys that the user chooses; each key is a path of its own.
    Texts,
    /// Values of one kind by such keys.
    Map(&'static Self),
    /// Fields.
    Object(&'static [Attribute]),
    /// A list.
    List(&'static Kind, Order),
    /// Code: a tree of files, each a path of its own.
    Code,
}

/// How two lists compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Element by element; the list is one path.
    Listed,
    /// As sets; the list is one path.
    Set,
    /// By this field of its elements; each element is a path of its own.
    Keyed(&'static str),
}

/// What an attribute falls back to when the configuration stops declaring it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Removal {
    /// Its empty form is sent, and reads as absent.
    Empty,
    /// This number is the service's default.
    Number(f64),
    /// This truth value is the service's default.
    Bool(bool),
    /// This text is the service's default.
    Text(&'static str),
    /// The service has neither: the live value stays.
    Stays,
}

/// Where an attribute's observed value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whence {
    /// Answers show it.
    Answered,
    /// It is written and never shown: it has edits and no drift.
    WriteOnly,
}

impl Kind {
    /// Returns what stands behind each key, where the user chooses the keys.
    pub const fn by_key(&self) -> Option<&'static Self> {
        match self {
            Self::Texts => Some(&Self::Text(&[])),
            Self::Map(kind) => Some(kind),
            _ => None,
        }
    }
}

impl Attribute {
    /// Starts an attribute of any kind; its empty form equals absence.
    pub const fn new(name: &'static str, kind: Kind, doc: &'static str) -> Self {
        Self {
            name,
            kind,
            doc,
            required: false,
            replaces: false,
            secret: false,
            removal: Removal::Empty,
            whence: Whence::Answered,
            goes_with_parent: false,
            since: 1,
            follows: &[],
            owned: false,
        }
    }

    /// Starts a text.
    pub const fn text(name: &'static str, doc: &'static str) -> Self {
        Self::new(name, Kind::Text(&[]), doc)
    }

    /// Starts a whole number within bounds.
    pub const fn integer(name: &'static str, min: f64, max: f64, doc: &'static str) -> Self {
        Self::new(name, Kind::Number { min, max, step: 1.0 }, doc)
    }

    /// Starts a truth value with the service's default.
    pub const fn flag(name: &'static str, default: bool, doc: &'static str) -> Self {
        Self::new(name, Kind::Bool, doc).removal(Removal::Bool(default))
    }

    /// A create without it is refused; once written it stays.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.required = true;
        self.removal = Removal::Stays;
        self
    }

    /// A change of it takes a new resource.
    #[must_use]
    pub const fn replaces(mut self) -> Self {
        self.replaces = true;
        self
    }

    /// Its value is never shown or stored.
    #[must_use]
    pub const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    /// Says what it falls back to.
    #[must_use]
    pub const fn removal(mut self, removal: Removal) -> Self {
        self.removal = removal;
        self
    }

    /// Says that the service never shows it.
    #[must_use]
    pub const fn write_only(mut self) -> Self {
        self.whence = Whence::WriteOnly;
        self
    }

    /// Says that what it names goes with the parent for good.
    #[must_use]
    pub const fn goes_with_parent(mut self) -> Self {
        self.goes_with_parent = true;
        self
    }

    /// Names the attributes that the service keeps it in step with.
    #[must_use]
    pub const fn follows(mut self, others: &'static [&'static str]) -> Self {
        self.follows = others;
        self
    }

    /// Says that each of its elements belongs to whoever declared it.
    #[must_use]
    pub const fn owned(mut self) -> Self {
        self.owned = true;
        self
    }

    /// Names the schema version that added it.
    #[must_use]
    pub const fn since(mut self, version: u32) -> Self {
        self.since = version;
        self
    }
}

impl Removal {
    /// Returns the value that stands live afterwards: `None` for gone.
    pub fn value(self) -> Option<Value> {
        match self {
            Self::Empty | Self::Stays => None,
            Self::Number(number) => Number::new(number).map(Value::Number),
            Self::Bool(value) => Some(Value::Bool(value)),
            Self::Text(text) => Some(Value::text(text)),
        }
    }
}

impl Schema {
    /// Returns the attribute that a path is of, and whether the path is a key below it that simply goes
    /// when it is no longer declared.
    pub fn attribute(&self, path: &Path) -> Option<(&'static Attribute, bool)> {
        let mut fields = self.attributes;
        let mut found: Option<&'static Attribute> = None;
        for (at, part) in path.parts().iter().enumerate() {
            match part {
                Part::Field(name) => {
                    let attribute = fields.iter().find(|attribute| attribute.name == name.as_ref())?;
                    found = Some(attribute);
                    fields = match &attribute.kind {
                        Kind::Object(fields) | Kind::List(Kind::Object(fields), Order::Keyed(_)) => fields,
                        _ => &[],
                    };
                }
                Part::Key(_) => {
                    let attribute = found?;
                    let last = at + 1 == path.parts().len();
                    if last || attribute.kind.by_key().is_some() || matches!(attribute.kind, Kind::Code) {
                        return last.then_some((attribute, true));
                    }
                }
            }
        }
        found.map(|attribute| (attribute, false))
    }

    /// Returns whether a selector's path can be a place of this type: keys may stand there after dots, too.
    pub fn has_place(&self, path: &Path) -> bool {
        let keyed = |attribute: &&Attribute| {
            attribute.kind.by_key().is_some()
                || matches!(attribute.kind, Kind::Code | Kind::List(_, Order::Keyed(_)))
        };
        let top = || self.attributes.iter().find(|attribute| attribute.name == path.top());
        self.attribute(path).is_some() || top().is_some_and(|attribute| keyed(&attribute))
    }

    /// Returns whether the path is the field that tells the elements of a keyed list apart.
    pub fn is_key_field(&self, path: &Path) -> bool {
        let [front @ .., Part::Key(_), Part::Field(field)] = path.parts() else {
            return false;
        };
        let list: Path = front.iter().cloned().collect();
        matches!(self.attribute(&list), Some((Attribute { kind: Kind::List(_, Order::Keyed(key)), .. }, _)) if *key == field.as_ref())
    }

    /// Returns what a path falls back to where nobody declares it: `None` within for gone; `None` where nobody knows.
    pub fn falls_back(&self, path: &Path) -> Option<Option<Value>> {
        match self.attribute(path) {
            None | Some((_, true)) => Some(None),
            Some((attribute, false)) if attribute.removal == Removal::Stays => None,
            Some((attribute, false)) => Some(attribute.removal.value()),
        }
    }

    /// Returns whether it has code.
    pub fn has_code(&self) -> bool {
        self.attributes.iter().any(|attribute| matches!(attribute.kind, Kind::Code))
    }
}

/// All the schemas that a run knows, by type.
#[derive(Clone, Debug, Default)]
pub struct SchemaSet(BTreeMap<&'static str, &'static Schema>);

impl SchemaSet {
    /// Returns the schema of a type.
    pub fn get(&self, kind: &str) -> Option<&'static Schema> {
        self.0.get(kind).copied()
    }

    /// Returns what a resource belongs to, where it does.
    pub fn parent_of(&self, identity: &Identity) -> Option<Identity> {
        identity.parent_of_kind(self.get(&identity.kind)?.parent?)
    }

    /// Returns whether a resource belongs to another, or to what belongs to it.
    pub fn is_within(&self, identity: &Identity, other: &Identity) -> bool {
        let mut parent = self.parent_of(identity);
        while let Some(above) = parent {
            if above == *other {
                return true;
            }
            parent = self.parent_of(&above);
        }
        false
    }

    /// Returns whether resources of other types belong to those of this one.
    pub fn has_children(&self, kind: &str) -> bool {
        self.iter().any(|schema| schema.parent == Some(kind))
    }

    /// Returns every schema, by type.
    pub fn iter(&self) -> impl Iterator<Item = &'static Schema> {
        self.0.values().copied()
    }
}

impl FromIterator<&'static Schema> for SchemaSet {
    fn from_iter<I: IntoIterator<Item = &'static Schema>>(schemas: I) -> Self {
        Self(schemas.into_iter().map(|schema| (schema.kind, schema)).collect())
    }
}
