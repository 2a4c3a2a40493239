//! A cloud in a map: it does what it is told, and is stricter than a real one.

use std::collections::BTreeMap;

use crate::model::{
    Attributes, Call, CloudError, Digest, ErrorClass, Identity, Operation, Outcome, PackageFacts, Path,
    Resource, Value, Whence,
};
use crate::plan::tests::world::{path, schemas};
use crate::plan::{Child, Live};

/// One resource as the cloud holds it: in clear, code and what it never shows included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raw {
    pub attributes: Attributes,
    /// Tells a resource that was made again from the one before.
    pub id: u32,
}

#[derive(Clone, Debug, Default)]
pub struct Cloud {
    pub resources: BTreeMap<Identity, Raw>,
    /// What the archives of this run hold, by their digest.
    pub archives: BTreeMap<Digest, Attributes>,
    /// How often each was made.
    pub created: BTreeMap<Identity, u32>,
    /// What the service does not answer about.
    pub unread: std::collections::BTreeSet<Identity>,
    next_id: u32,
}

impl Cloud {
    /// Makes a resource, with the defaults that the service fills in.
    pub fn create(&mut self, identity: &Identity, attributes: Attributes) {
        self.next_id += 1;
        let raw = Raw { attributes, id: self.next_id };
        assert!(self.resources.insert(identity.clone(), raw).is_none(), "{identity} exists");
        *self.created.entry(identity.clone()).or_default() += 1;
        self.settle(identity);
    }

    /// Somebody at the console: sets paths, or removes them.
    pub fn edit(&mut self, identity: &Identity, set: BTreeMap<Path, Option<Value>>) {
        let raw = self.resources.get_mut(identity).unwrap_or_else(|| panic!("{identity} is not there"));
        for (path, value) in set {
            match value {
                Some(value) => raw.attributes.insert(path, value),
                None => raw.attributes.remove(&path),
            };
        }
        self.settle(identity);
    }

    /// Removes a resource; a parent takes its children along only at the console.
    pub fn delete(&mut self, identity: &Identity) {
        assert!(self.resources.remove(identity).is_some(), "{identity} is not there");
    }

    pub fn children_of(&self, identity: &Identity) -> Vec<Identity> {
        let child = |other: &&Identity| {
            let schema = schemas().get(&other.kind).expect("a type");
            other.parent.as_ref() == Some(&identity.name)
                && other.region == identity.region
                && schema.parent == Some(identity.kind.as_str())
        };
        self.resources.keys().filter(child).cloned().collect()
    }

    /// Fills defaults in, rewrites what the service rewrites, and refuses to be half of something.
    fn settle(&mut self, identity: &Identity) {
        let Some(raw) = self.resources.get_mut(identity) else { return };
        let attributes = &mut raw.attributes;
        if identity.kind == "function" {
            assert!(attributes.contains_key(&path("handler")), "{identity} needs a handler");
            for (name, default) in [("memorySize", Value::int(512)), ("timeout", Value::int(3))] {
                attributes.entry(path(name)).or_insert(default);
            }
            attributes.entry(path("internetAccess")).or_insert(Value::Bool(true));
        }
        if identity.kind == "trigger" {
            assert!(attributes.contains_key(&path("type")), "{identity} needs a type");
        }
        for value in attributes.values_mut() {
            if let Value::Text(text) = value
                && text.starts_with("LOUD")
            {
                *text = text.to_lowercase(); // a server that rewrites what it is told
            }
        }
        let routes = attributes.keys().filter(|path| path.top() == "routes");
        let keys: Vec<Path> = routes.map(|path| path.parts()[..2].iter().cloned().collect()).collect();
        for element in keys {
            for field in ["path", "functionName"] {
                assert!(
                    attributes.contains_key(&element.then(field)),
                    "half a route at {element} of {identity}"
                );
            }
            attributes.entry(element.then("qualifier")).or_insert_with(|| "LATEST".into());
        }
        attributes.retain(|path, value| path.top() == "environmentVariables" || !value.is_empty());
    }

    /// Returns a resource as the service shows it, in clear.
    pub fn read(&self, identity: &Identity) -> Option<Resource> {
        let raw = self.resources.get(identity)?;
        let schema = schemas().get(&identity.kind).expect("a type");
        let shown = |path: &Path| {
            !path.is_code()
                && schema.attribute(path).is_some_and(|(attribute, _)| attribute.whence == Whence::Answered)
        };
        let attributes = raw.attributes.iter().filter(|(path, _)| shown(path));
        let outputs = ["arn", "url"].map(|name| (name.to_owned(), Value::text(format!("{name}:{identity}"))));
        let id = ("id".to_owned(), Value::text(format!("id-{}", raw.id)));
        Some(Resource {
            identity: identity.clone(),
            attributes: attributes.map(|(path, value)| (path.clone(), value.clone())).collect(),
            document: BTreeMap::new(),
            outputs: outputs.into_iter().chain([id]).collect(),
            modified: None,
            condition: None,
            package: self.package(identity),
        })
    }

    pub fn code(&self, identity: &Identity) -> Attributes {
        let raw = self.resources.get(identity).into_iter().flat_map(|raw| &raw.attributes);
        raw.filter(|(path, _)| path.is_code()).map(|(path, value)| (path.clone(), value.clone())).collect()
    }

    fn package(&self, identity: &Identity) -> Option<PackageFacts> {
        let code = self.code(identity);
        (!code.is_empty()).then(|| PackageFacts { checksum: checksum(&code), size: 1 })
    }

    /// Returns a resource as a plan compares it.
    pub fn live(&self, identity: &Identity) -> Option<Live> {
        let resource = self.read(identity)?;
        let schema = schemas().get(&identity.kind).expect("a type");
        let sealer = crate::plan::tests::world::sealer();
        let mut attributes = sealer.seal_all(schema, identity, &resource.attributes);
        attributes.extend(self.code(identity));
        let Resource { outputs, package, .. } = resource;
        Some(Live { attributes, outputs, modified: None, package, archive: None })
    }

    /// Returns the children of every parent that is there.
    pub fn children(&self) -> BTreeMap<Identity, Vec<Child>> {
        let child = |identity| Child { identity, modified: None };
        let parents = self.resources.keys().filter(|identity| identity.parent.is_none());
        parents
            .map(|parent| (parent.clone(), self.children_of(parent).into_iter().map(child).collect()))
            .collect()
    }

    /// Carries out one call.
    pub fn perform(&mut self, operation: &Operation) -> Outcome {
        let Operation { identity, call, .. } = operation;
        match call {
            Call::Create { attributes, package } => {
                if self.resources.contains_key(identity) {
                    return refused(ErrorClass::AlreadyExists);
                }
                let parent = identity.parent.as_ref();
                let there = |parent: &String| {
                    self.resources.keys().any(|other| {
                        other.parent.is_none() && other.name == *parent && other.region == identity.region
                    })
                };
                if !parent.is_none_or(there) {
                    return refused(ErrorClass::NotFound);
                }
                let mut all = attributes.clone();
                if let Some(package) = package {
                    all.extend(self.archives[&package.digest].clone());
                }
                self.create(identity, all);
            }
            Call::Update { live, set, package } => {
                assert_eq!(live.identity, *identity);
                let mut set = set.clone();
                if let Some(package) = package {
                    let old = self.code(identity).into_keys().map(|path| (path, None));
                    set.extend(old);
                    let new = self.archives[&package.digest].clone();
                    set.extend(new.into_iter().map(|(path, value)| (path, Some(value))));
                }
                self.edit(identity, set);
            }
            Call::Delete { .. } => {
                if !self.children_of(identity).is_empty() {
                    return refused(ErrorClass::Invalid);
                }
                self.delete(identity);
                return Outcome::Done(None);
            }
        }
        Outcome::Done(self.read(identity).map(Box::new))
    }
}

pub fn checksum(code: &Attributes) -> String {
    Digest::of(format!("{code:?}").as_bytes()).short()
}

fn refused(class: ErrorClass) -> Outcome {
    Outcome::Refused(CloudError {
        class,
        operation: "test".to_owned(),
        status: None,
        code: String::new(),
        message: String::new(),
        request_id: String::new(),
    })
}
