//! The sides of one resource as whole objects: live, as planned, as declared, as it was recorded.
//!
//! Beside its attributes each has what the cloud knows the resource by (its name, that of what it belongs to, its
//! region), its outputs, and its code as one digest.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::values::{Code, Field, Leaf, Object, holds_secret};
use crate::model::{Address, DesiredAttributes, Identity, Path, Planned, Schema, SchemaSet, Tree, Value};
use crate::plan::{Action, Change, Live, PathChange, SecretSource};
use crate::render::{Part, Shown};
use crate::state::Record;

/// One resource of a plan, and what is needed to show it.
#[derive(Clone, Copy)]
pub(super) struct Frame<'a> {
    pub shown: &'a Shown<'a>,
    pub change: &'a Change,
    pub schema: Option<&'static Schema>,
}

impl<'a> Frame<'a> {
    pub fn new(shown: &'a Shown<'a>, change: &'a Change) -> Self {
        Self { shown, change, schema: shown.schemas.get(&change.identity.kind) }
    }

    /// Returns where its secrets come from.
    pub fn secrets(&self) -> Option<&'a BTreeMap<Path, SecretSource>> {
        self.shown.document.secrets.get(&self.change.address)
    }

    /// Returns the live resource that the record is of: of one that gets a new identity, the old one.
    pub fn present(&self) -> Option<(&'a Identity, &'a Live)> {
        let Change { identity, old_identity, live, old_live, .. } = self.change;
        match (old_identity, old_live) {
            (Some(old), Some(live)) => Some((old, live)),
            _ => live.as_ref().map(|live| (identity, live)),
        }
    }

    /// Returns it as it is live; `None` where it is absent.
    pub fn live(&self) -> Option<Object<'a>> {
        let (identity, live) = self.present()?;
        let mut object = self.start(identity, None);
        object.outputs(&live.outputs);
        object.attributes(live.attributes.iter().map(|(path, value)| (path, Leaf::Value(value))));
        Some(object.finish())
    }

    /// Returns it as it was when it was last settled, where it is still there: live, but for what moved since.
    /// Of one that was deleted online a plan knows nothing but its name.
    pub fn recorded(&self) -> Object<'a> {
        let moved = self.moved_online();
        let Some((identity, live)) = self.present() else {
            return self.start(&self.change.identity, None).finish();
        };
        let mut object = self.start(identity, None);
        object.outputs(&live.outputs);
        let kept = live.attributes.iter().filter(|(path, _)| !moved.contains_key(path));
        object.attributes(kept.map(|(path, value)| (path, Leaf::Value(value))));
        let observed = moved.iter().filter_map(|(path, inner)| {
            Some((*path, Leaf::Value(inner.recorded.as_ref()?.observed.as_ref()?)))
        });
        object.attributes(observed);
        object.finish()
    }

    /// Returns what somebody moved online, by path.
    pub fn moved_online(&self) -> BTreeMap<&'a Path, &'a PathChange> {
        let Change { paths, old_paths, old_identity, .. } = self.change;
        let paths = if old_identity.is_some() { old_paths } else { paths };
        paths.iter().filter(|(_, inner)| inner.moved_online()).collect()
    }

    /// Returns whether it is not live as it was recorded. What only belongs to it may have moved, too; that is told there.
    pub fn drifted(&self) -> bool {
        let deleted = self.present().is_none() && self.change.moved_online();
        deleted || !self.moved_online().is_empty()
    }

    /// Returns whether it will be there. Where only what moved online is shown nothing is planned, and all stays.
    pub fn stands(&self) -> bool {
        match self.change.action {
            _ if self.shown.part == Part::Drift => self.present().is_some(),
            Action::Create | Action::TakeOver | Action::Update | Action::Replace | Action::Release => true,
            Action::Keep | Action::Record => self.change.live.is_some(),
            Action::Delete | Action::Forget => false,
        }
    }

    /// Returns it as it will be, made of its composed attributes; `None` where it will not be there. What nobody has
    /// decided stays as it is live.
    pub fn after<'c>(&self, composed: &'c DesiredAttributes) -> Option<Object<'c>>
    where
        'a: 'c,
    {
        match self.shown.part {
            Part::Drift => self.live(),
            Part::Whole => self.stands().then(|| self.planned(composed)),
        }
    }

    fn planned<'c>(&self, composed: &'c DesiredAttributes) -> Object<'c>
    where
        'a: 'c,
    {
        let mut object = self.start(&self.change.identity, None);
        match &self.change.live {
            Some(live) if !self.change.writes() => object.outputs(&live.outputs),
            _ => object.unknown_outputs(),
        }
        object.attributes(composed.iter().map(|(path, planned)| (path, leaf_of(planned))));
        object.finish()
    }

    /// Returns what the configuration declares of it.
    pub fn declared(&self) -> Object<'a> {
        let mut object = self.start(&self.change.identity, self.change.parent.as_ref());
        object.attributes(self.change.desired.iter().map(|(path, planned)| (path, leaf_of(planned))));
        object.finish()
    }

    /// Starts an object with what the cloud knows the resource by.
    fn start(&self, identity: &'a Identity, parent: Option<&'a Address>) -> Builder<'a> {
        let secrets = self.secrets().into_iter().flatten().map(|(path, _)| path).collect();
        Builder::start(identity, parent, self.schema, self.shown.schemas, secrets)
    }
}

/// Returns a resource as it was observed when it was last settled.
pub(super) fn observed<'a>(record: &'a Record, schemas: &SchemaSet) -> Object<'a> {
    let schema = schemas.get(&record.identity.kind);
    let mut object = Builder::start(&record.identity, None, schema, schemas, BTreeSet::new());
    object.outputs(&record.outputs);
    let observed = record.paths.iter().filter_map(|(path, inner)| Some((path, inner.observed.as_ref()?)));
    object.attributes(observed.map(|(path, value)| (path, Leaf::Value(value))));
    object.finish()
}

/// Returns the fields of the name, of the name of what it belongs to, and of the region.
pub(super) fn identity_fields(schema: Option<&'static Schema>, schemas: &SchemaSet) -> [&'static str; 3] {
    let parent = schema.and_then(|schema| schemas.get(schema.parent?));
    [schema.map_or("name", |schema| schema.name), parent.map_or("parent", |schema| schema.name), "region"]
}

fn leaf_of(planned: &Planned) -> Leaf<'_> {
    match planned {
        Planned::Known(value) => Leaf::Value(value),
        Planned::Promised(template) => Leaf::Promised(template),
    }
}

struct Builder<'a> {
    schema: Option<&'static Schema>,
    secrets: BTreeSet<&'a Path>,
    fields: BTreeMap<Cow<'a, Path>, Leaf<'a>>,
    code: Vec<(&'a Path, &'a Value)>,
}

impl<'a> Builder<'a> {
    fn start(
        identity: &'a Identity,
        parent: Option<&'a Address>,
        schema: Option<&'static Schema>,
        schemas: &SchemaSet,
        secrets: BTreeSet<&'a Path>,
    ) -> Self {
        let mut builder = Self { schema, secrets, fields: BTreeMap::new(), code: Vec::new() };
        let [name, of_parent, region] = identity_fields(schema, schemas);
        builder.insert(Path::field(region), Leaf::Text(&identity.region));
        builder.insert(Path::field(name), Leaf::Text(&identity.name));
        if let Some(name) = &identity.parent {
            let leaf = parent.map_or(Leaf::Text(name), |parent| Leaf::Of(parent, of_parent));
            builder.insert(Path::field(of_parent), leaf);
        }
        builder
    }

    fn insert(&mut self, path: Path, leaf: Leaf<'a>) {
        self.fields.insert(Cow::Owned(path), leaf);
    }

    fn outputs(&mut self, outputs: &'a BTreeMap<String, Value>) {
        for (name, value) in outputs {
            // What a resource is known by may be an output, too.
            self.fields.entry(Cow::Owned(Path::field(name.clone()))).or_insert(Leaf::Value(value));
        }
    }

    fn unknown_outputs(&mut self) {
        for (name, _) in self.schema.into_iter().flat_map(|schema| schema.outputs) {
            self.fields.entry(Cow::Owned(Path::field(*name))).or_insert(Leaf::Unknown);
        }
    }

    fn attributes(&mut self, attributes: impl Iterator<Item = (&'a Path, Leaf<'a>)>) {
        for (path, leaf) in attributes {
            match leaf {
                Leaf::Value(value) if path.is_code() => self.code.push((path, value)),
                leaf => {
                    self.fields.insert(Cow::Borrowed(path), leaf);
                }
            }
        }
    }

    fn finish(mut self) -> Object<'a> {
        if let Some(code) = code_of(&self.code) {
            self.insert(Path::field("code"), Leaf::Code(code));
        }
        let secrets = self.secrets;
        let field = |(path, leaf): (Cow<'a, Path>, Leaf<'a>)| {
            let sealed = matches!(leaf, Leaf::Value(value) if holds_secret(value));
            let secret = sealed || secrets.contains(path.as_ref());
            Field { path, leaf, secret }
        };
        Object { schema: self.schema, fields: self.fields.into_iter().map(field).collect() }
    }
}

/// Returns the code of one side as one digest; `None` where it has none.
fn code_of(code: &[(&Path, &Value)]) -> Option<Code> {
    let mut tree = Tree::default();
    let mut size = 0;
    for (path, value) in code {
        match (path.code_file(), value) {
            (Some(file), Value::File(entry)) => {
                size += entry.size;
                tree.files.insert(file.to_owned(), *entry);
            }
            (_, Value::Package(digest)) => return Some(Code::Package(*digest)),
            _ => {}
        }
    }
    let files = tree.files.len();
    (files > 0).then(|| Code::Tree { sha256: tree.digest(), files, size })
}
