//! Flat leaves as the nested object that readers of Terraform plans expect.
//!
//! A resource is a flat map from path to leaf. Terraform's plan shows the same four times over: its values, and
//! three objects of the same shape that say where something is unknown, where something is sensitive, and where
//! it comes from. All four are one walk over the sorted leaves; nothing is built in between. Fields and keys that
//! users chose become fields of objects, the elements of a keyed list become a list of objects in the order of
//! their keys, each with its key among its fields.

use std::borrow::Cow;

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use crate::model::{
    Address, Attribute, Digest, FileKind, Kind, Number, Order, Part, Path, Schema, Template, Value,
};

/// What stands in place of a secret.
pub(super) const MASK: &str = "(sensitive)";

/// One side of a resource.
pub(super) struct Object<'a> {
    /// Its type, which knows the keyed lists.
    pub schema: Option<&'static Schema>,
    /// Its leaves, in the order of their paths.
    pub fields: Vec<Field<'a>>,
}

/// A leaf at its place.
pub(super) struct Field<'a> {
    pub path: Cow<'a, Path>,
    pub leaf: Leaf<'a>,
    pub secret: bool,
}

/// What stands at a place.
pub(super) enum Leaf<'a> {
    /// A value.
    Value(&'a Value),
    /// A text, such as the name.
    Text(&'a str),
    /// All of the code.
    Code(Code),
    /// A value that other resources have yet to give.
    Promised(&'a Template),
    /// A value that the service has yet to give.
    Unknown,
    /// What another resource says of itself, and what that is called there.
    Of(&'a Address, &'static str),
}

/// Code by its digest: its files are listed once, under our own key.
pub(super) enum Code {
    /// A tree of files.
    Tree { sha256: Digest, files: usize, size: u64 },
    /// A package that is compared as a whole.
    Package(Digest),
}

/// Which of the four objects is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum View {
    /// What is known; secrets masked.
    Values,
    /// `true` where something is not known yet.
    Unknown,
    /// `true` where something is a secret.
    Sensitive,
    /// Where each comes from: a constant or references.
    Expressions,
}

impl<'a> Object<'a> {
    /// Returns one of its four objects.
    pub fn view(&self, view: View) -> Nested<'_, 'a> {
        let fields = self.schema.map_or(&[][..], |schema| schema.attributes);
        Nested { leaves: &self.fields, depth: 0, fields, key: None, view }
    }
}

/// The leaves of one object: those that share their path's first parts.
pub(super) struct Nested<'o, 'a> {
    leaves: &'o [Field<'a>],
    depth: usize,
    fields: &'static [Attribute],
    /// For an element of a keyed list: the field that tells elements apart, and what it is here.
    key: Option<(&'static str, &'o str)>,
    view: View,
}

impl Serialize for Nested<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if let Some((field, name)) = self.key
            && !self.groups().any(|group| name_at(group, self.depth) == Some(field))
        {
            match self.view {
                View::Values => map.serialize_entry(field, name)?,
                View::Expressions => map.serialize_entry(field, &Constant { constant_value: name })?,
                View::Unknown | View::Sensitive => {}
            }
        }
        for group in self.groups() {
            let Some(name) = name_at(group, self.depth) else { continue };
            let kind = self.fields.iter().find(|attribute| attribute.name == name).map(|field| &field.kind);
            if let [only] = group
                && only.path.parts().len() == self.depth + 1
            {
                if self.view.shows(only) {
                    map.serialize_entry(name, &Shown { field: only, view: self.view })?;
                }
                continue;
            }
            let (depth, view) = (self.depth + 1, self.view);
            if let Some(Kind::List(item, Order::Keyed(key))) = kind {
                let list = List { leaves: group, depth, item, key, view };
                if list.is_shown() {
                    map.serialize_entry(name, &list)?;
                }
            } else if group.iter().any(|field| view.shows(field)) {
                let fields = match kind {
                    Some(Kind::Object(fields)) => fields,
                    _ => &[][..],
                };
                map.serialize_entry(name, &Nested { leaves: group, depth, fields, key: None, view })?;
            }
        }
        map.end()
    }
}

impl<'o, 'a> Nested<'o, 'a> {
    fn groups(&self) -> impl Iterator<Item = &'o [Field<'a>]> + use<'o, 'a> {
        groups(self.leaves, self.depth)
    }
}

/// A keyed list as a list of objects. It has as many elements in each of the four objects.
struct List<'o, 'a> {
    leaves: &'o [Field<'a>],
    depth: usize,
    item: &'static Kind,
    key: &'static str,
    view: View,
}

impl List<'_, '_> {
    fn is_shown(&self) -> bool {
        matches!(self.view, View::Values | View::Expressions)
            || self.leaves.iter().any(|field| self.view.shows(field))
    }
}

impl Serialize for List<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let fields = match self.item {
            Kind::Object(fields) => fields,
            _ => &[][..],
        };
        let mut list = serializer.serialize_seq(None)?;
        for leaves in groups(self.leaves, self.depth) {
            let Some(name) = name_at(leaves, self.depth) else { continue };
            let (depth, view) = (self.depth + 1, self.view);
            list.serialize_element(&Nested { leaves, depth, fields, key: Some((self.key, name)), view })?;
        }
        list.end()
    }
}

/// Splits leaves into those that share the part of their path at a depth.
fn groups<'o, 'a>(
    leaves: &'o [Field<'a>],
    depth: usize,
) -> impl Iterator<Item = &'o [Field<'a>]> + use<'o, 'a> {
    leaves.chunk_by(move |one, other| one.path.parts().get(depth) == other.path.parts().get(depth))
}

/// Returns the name that a group's leaves share at a depth.
fn name_at<'o>(group: &'o [Field<'_>], depth: usize) -> Option<&'o str> {
    match group.first()?.path.parts().get(depth)? {
        Part::Field(name) => Some(name),
        Part::Key(key) => Some(key),
    }
}

impl View {
    fn shows(self, field: &Field<'_>) -> bool {
        match self {
            Self::Values => !field.leaf.is_unknown(),
            Self::Unknown => field.leaf.is_unknown(),
            Self::Sensitive => field.secret,
            Self::Expressions => true,
        }
    }
}

impl Leaf<'_> {
    fn is_unknown(&self) -> bool {
        matches!(self, Self::Promised(_) | Self::Unknown)
    }
}

/// One leaf in one of the four objects.
struct Shown<'o, 'a> {
    field: &'o Field<'a>,
    view: View,
}

#[derive(serde::Serialize)]
struct Constant<T> {
    constant_value: T,
}

impl Serialize for Shown<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Field { leaf, secret, .. } = self.field;
        match (self.view, leaf) {
            (View::Unknown | View::Sensitive, _) => serializer.serialize_bool(true),
            (View::Values, leaf) if *secret && !leaf.is_unknown() => serializer.serialize_str(MASK),
            (View::Values, leaf) => leaf.serialize(serializer),
            (View::Expressions, Leaf::Promised(template)) => References::of(template).serialize(serializer),
            (View::Expressions, Leaf::Of(address, output)) => {
                References::to(address, output).serialize(serializer)
            }
            // What is neither constant nor a reference stands as an empty expression, as in Terraform.
            (View::Expressions, _) if *secret => serializer.serialize_map(Some(0))?.end(),
            (View::Expressions, leaf) => Constant { constant_value: leaf }.serialize(serializer),
        }
    }
}

impl Serialize for Leaf<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Value(value) => Plain(value).serialize(serializer),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Code(code) => code.serialize(serializer),
            Self::Promised(_) | Self::Unknown | Self::Of(..) => serializer.serialize_unit(),
        }
    }
}

/// References of an expression: each output, followed by the resource that gives it.
#[derive(serde::Serialize)]
pub(super) struct References {
    pub references: Vec<String>,
}

impl References {
    /// Returns those of a template.
    pub fn of(template: &Template) -> Self {
        let mut references: Vec<String> = Vec::new();
        for output in template.outputs() {
            for reference in Self::to(&output.address, &output.output).references {
                if !references.contains(&reference) {
                    references.push(reference);
                }
            }
        }
        Self { references }
    }

    fn to(address: &Address, output: &str) -> Self {
        Self { references: vec![format!("{address}.{output}"), address.to_string()] }
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match self {
            Self::Tree { sha256, files, size } => {
                map.serialize_entry("sha256", &sha256.to_string())?;
                map.serialize_entry("files", files)?;
                map.serialize_entry("size", size)?;
            }
            Self::Package(sha256) => map.serialize_entry("sha256", &sha256.to_string())?,
        }
        map.end()
    }
}

/// A value as JSON; a secret never.
pub(super) struct Plain<'a>(pub &'a Value);

impl Serialize for Plain<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Number(number) => serialize_number(*number, serializer),
            Value::Text(text) => serializer.serialize_str(text),
            Value::List(items) => serializer.collect_seq(items.iter().map(Plain)),
            Value::Map(map) => serializer.collect_map(map.iter().map(|(key, value)| (key, Plain(value)))),
            Value::Sealed(_) => serializer.serialize_str(MASK),
            Value::File(entry) => {
                let kind = match entry.kind {
                    FileKind::Regular => "file",
                    FileKind::Executable => "executable",
                    FileKind::Symlink => "symlink",
                };
                let mut map = serializer.serialize_map(Some(3))?;
                map.serialize_entry("kind", kind)?;
                map.serialize_entry("size", &entry.size)?;
                map.serialize_entry("sha256", &entry.digest.to_string())?;
                map.end()
            }
            Value::Package(digest) => Code::Package(*digest).serialize(serializer),
        }
    }
}

/// `512`, not `512.0`.
fn serialize_number<S: Serializer>(number: Number, serializer: S) -> Result<S::Ok, S::Error> {
    match number.as_integer() {
        Some(integer) => serializer.serialize_i64(integer),
        None => serializer.serialize_f64(number.get()),
    }
}

/// Returns whether a secret is somewhere in a value.
pub(super) fn holds_secret(value: &Value) -> bool {
    match value {
        Value::Sealed(_) => true,
        Value::List(items) => items.iter().any(holds_secret),
        Value::Map(map) => map.values().any(holds_secret),
        _ => false,
    }
}
