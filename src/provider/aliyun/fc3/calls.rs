//! The three resource types as the API sees them: operations, paths, and the words for "not there".

use reqwest::Method;

use super::schema::{
    CUSTOM_DOMAIN, CUSTOM_DOMAIN_SCHEMA, FUNCTION, FUNCTION_SCHEMA, TRIGGER, TRIGGER_SCHEMA,
};
use crate::model::{Identity, Schema};
use crate::provider::aliyun::client::{Request, Service};

const VERSION: &str = "2023-03-30";

/// A resource type of the API.
#[derive(Debug)]
pub struct Api {
    /// What it holds.
    pub schema: &'static Schema,
    /// The operation that makes one.
    pub create: &'static str,
    /// The operation that reads one.
    pub get: &'static str,
    /// The operation that changes one.
    pub update: &'static str,
    /// The operation that removes one.
    pub delete: &'static str,
    /// The operation that lists them.
    pub list: &'static str,
    /// The path segment of all of them.
    collection: &'static str,
    /// The field of a list's answer that holds them.
    pub items: &'static str,
    /// The service's words for: it, or what it belongs to, does not exist.
    absent: &'static [&'static str],
}

/// Functions.
pub static FUNCTIONS: Api = Api {
    schema: &FUNCTION_SCHEMA,
    create: "CreateFunction",
    get: "GetFunction",
    update: "UpdateFunction",
    delete: "DeleteFunction",
    list: "ListFunctions",
    collection: "functions",
    items: "functions",
    absent: &["FunctionNotFound"],
};

/// Triggers.
pub static TRIGGERS: Api = Api {
    schema: &TRIGGER_SCHEMA,
    create: "CreateTrigger",
    get: "GetTrigger",
    update: "UpdateTrigger",
    delete: "DeleteTrigger",
    list: "ListTriggers",
    collection: "triggers",
    items: "triggers",
    absent: &["TriggerNotFound", "FunctionNotFound"],
};

/// Custom domains.
pub static CUSTOM_DOMAINS: Api = Api {
    schema: &CUSTOM_DOMAIN_SCHEMA,
    create: "CreateCustomDomain",
    get: "GetCustomDomain",
    update: "UpdateCustomDomain",
    delete: "DeleteCustomDomain",
    list: "ListCustomDomains",
    collection: "custom-domains",
    items: "customDomains",
    absent: &["DomainNameNotFound"],
};

impl Api {
    /// Returns the part of the API that a resource type is.
    pub fn of(kind: &str) -> Option<&'static Self> {
        match kind {
            FUNCTION => Some(&FUNCTIONS),
            TRIGGER => Some(&TRIGGERS),
            CUSTOM_DOMAIN => Some(&CUSTOM_DOMAINS),
            _ => None,
        }
    }

    /// Returns whether the service's word means that a resource of this type does not exist.
    pub fn means_absent(&self, code: &str) -> bool {
        self.absent.contains(&code)
    }

    /// Returns a call about one resource.
    pub fn one<'a>(&self, operation: &'static str, method: Method, identity: &'a Identity) -> Request<'a> {
        let mut request = self.all(operation, method, &identity.region, identity.parent.as_deref());
        request.segments.push(&identity.name);
        request
    }

    /// Returns a call about all resources of this type in a region, or of one parent.
    pub fn all<'a>(
        &self,
        operation: &'static str,
        method: Method,
        region: &'a str,
        parent: Option<&'a str>,
    ) -> Request<'a> {
        let mut segments = vec![VERSION];
        if let Some(parent) = parent {
            segments.extend([FUNCTIONS.collection, parent]);
        }
        segments.push(self.collection);
        Request {
            service: Service::FunctionCompute(region),
            operation,
            method,
            segments,
            query: Vec::new(),
            body: None,
            condition: None,
        }
    }
}
