//! A resource type as the API sees it, as data: operations, paths, and the words for "not there".
//!
//! Every generation of the API is rows of this one form. What a row cannot say stands in its two functions; nothing
//! else in this folder knows which generation it talks to.

use reqwest::Method;

use crate::model::{Attributes, Identity, Resource, Schema};
use crate::provider::aliyun::client::{Request, Service};

/// A resource type of the API.
#[derive(Debug)]
pub struct Api {
    /// What it holds.
    pub schema: &'static Schema,
    /// The generation of the API, as its paths begin.
    pub version: &'static str,
    /// Where the calls go.
    pub host: Host,
    /// The type that it belongs to.
    pub parent: Option<&'static Self>,
    /// How one of them is told from another.
    pub told_apart: ToldApart,
    /// The operation that makes one.
    pub create: &'static str,
    /// The operation that reads one.
    pub get: &'static str,
    /// The operation that changes one.
    pub update: &'static str,
    /// The operation that removes one.
    pub delete: &'static str,
    /// The operation that lists them; empty where there is none.
    pub list: &'static str,
    /// What a list is asked for beside its page.
    pub list_query: &'static [(&'static str, &'static str)],
    /// The path segment of all of them; empty where they are what they belong to, seen in another way.
    pub collection: &'static str,
    /// The field of a list's answer that holds them.
    pub items: &'static str,
    /// The service's words for: it, or what it belongs to, does not exist.
    pub absent: &'static [&'static str],
    /// Whether names of resources may leave region and account out, as in `acs:fc:::services/…`.
    pub short_names: bool,
    /// Where the service answers something even if nobody made one.
    pub vacant: Option<Vacant>,
    /// Says what the service would refuse beyond bounds, words, and what is required.
    pub refuses: fn(&Attributes, &mut Vec<String>),
}

/// A configuration that is always there, in the service's eyes: none is one that says nothing.
#[derive(Debug)]
pub struct Vacant {
    /// Returns whether one says nothing, and counts as absent.
    pub is: fn(&Attributes) -> bool,
    /// Returns what is put in the place of one that goes.
    pub body: fn() -> serde_json::Value,
}

/// Which of the service's hosts answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host {
    /// The one of the region.
    OfRegion,
    /// The one of the account in the region.
    OfAccount,
}

/// How the resources of one type, and of one parent, are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToldApart {
    /// By the last segment of the path; they are made with POST.
    ByName,
    /// By the qualifier in the query; they are made, and written whole, with PUT.
    ByQualifier,
    /// By standing in a list of names: they have nothing else to them.
    InList,
}

impl Api {
    /// Returns whether the service's word means that a resource of this type does not exist.
    pub fn means_absent(&self, code: &str) -> bool {
        self.absent.contains(&code)
    }

    /// Returns whether a resource is one that nobody made.
    pub fn is_vacant(&self, resource: &Resource) -> bool {
        self.vacant.as_ref().is_some_and(|vacant| (vacant.is)(&resource.attributes))
    }

    /// Returns how many types stand above it.
    pub fn depth(&self) -> usize {
        self.parent.map_or(0, |parent| 1 + parent.depth())
    }

    /// Returns what a resource of this type belongs to.
    pub fn parent_of(&self, identity: &Identity) -> Option<Identity> {
        identity.parent_of_kind(self.parent?.schema.kind)
    }

    /// Returns a call about one resource.
    pub fn one<'a>(&self, operation: &'static str, method: Method, identity: &'a Identity) -> Request<'a> {
        let mut request = self.all(operation, method, &identity.region, identity.parent.as_deref());
        match self.told_apart {
            ToldApart::ByName | ToldApart::InList => request.segments.push(&identity.name),
            ToldApart::ByQualifier => request.query.push(("qualifier", &identity.name)),
        }
        request
    }

    /// Returns the call that makes a resource.
    pub fn new_one<'a>(&self, identity: &'a Identity) -> Request<'a> {
        match self.told_apart {
            ToldApart::ByName | ToldApart::InList => {
                self.all(self.create, Method::POST, &identity.region, identity.parent.as_deref())
            }
            ToldApart::ByQualifier => self.one(self.create, Method::PUT, identity),
        }
    }

    /// Returns a call about all resources of this type in a region, or of one parent.
    pub fn all<'a>(
        &self,
        operation: &'static str,
        method: Method,
        region: &'a str,
        parent: Option<&'a str>,
    ) -> Request<'a> {
        let mut above = Vec::new();
        let mut api = self.parent;
        while let Some(parent) = api {
            above.push(parent.collection);
            api = parent.parent;
        }
        let names = parent.into_iter().flat_map(|parent| parent.split('/'));
        let mut segments = vec![self.version];
        segments.extend(above.into_iter().rev().zip(names).flat_map(|(collection, name)| [collection, name]));
        segments.extend(Some(self.collection).filter(|collection| !collection.is_empty()));
        let of_account = self.host == Host::OfAccount;
        Request {
            service: Service::FunctionCompute { region, version: self.version, of_account },
            operation,
            method,
            segments,
            query: Vec::new(),
            body: None,
            condition: None,
        }
    }
}
