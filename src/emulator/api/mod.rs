//! The operations of the API, as a table for each of its versions.
//!
//! A row names an operation, its method and path, and the function that carries it out: on a view of the
//! store when it reads, in one transaction when it writes. Handlers see plain values and know nothing of
//! HTTP, signatures, switches or counters. The rows here are those of FC 3.0; [`fc2`] has those of FC 2.0, over
//! the same store.

mod configs;
mod domains;
mod fc2;
mod functions;
mod keys;
mod pages;
mod regions;
mod tags;
mod triggers;
mod versions;

use serde_json::{Value, json};

pub use keys::{
    domains_everywhere, functions as functions_key, functions_everywhere, label as label_key,
    trigger as trigger_key, triggers as triggers_key,
};
pub use triggers::Target;
pub use versions::{Qualified, at_qualifier};

use pages::{list_reply, page, read_token, token};

use super::error::ApiError;
use super::query::{Query, decode_segment};
use super::store::{Look, Writer};
use super::world::config::CONCURRENCY;
use super::world::fc2::config::ON_DEMAND;
use super::world::fc2::full_name;
use super::world::{Document, Facts, Map, text};

/// A version of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// FC 2.0, with a signature of its own.
    V2016,
    /// FC 2.0.
    V2021,
    /// FC 3.0.
    V2023,
}

impl Version {
    const ALL: [Self; 3] = [Self::V2016, Self::V2021, Self::V2023];

    /// As it stands in paths.
    pub const fn date(self) -> &'static str {
        match self {
            Self::V2016 => "2016-08-15",
            Self::V2021 => "2021-04-06",
            Self::V2023 => "2023-03-30",
        }
    }

    /// Version and rest of a path that begins with one.
    pub fn split(path: &str) -> Option<(Self, &str)> {
        let (date, rest) = path.strip_prefix('/')?.split_once('/')?;
        let version = Self::ALL.into_iter().find(|version| version.date() == date)?;
        Some((version, rest))
    }

    fn rows(self) -> &'static [Row] {
        match self {
            Self::V2016 | Self::V2021 => fc2::ROWS,
            Self::V2023 => ROWS,
        }
    }
}

/// One request, after everything that HTTP is has been taken off.
#[derive(Clone, Debug)]
pub struct Call {
    /// In which version of the API.
    pub version: Version,
    /// Who, where, when.
    pub facts: Facts,
    /// Under which URL this cloud is reached by those who call functions.
    pub base: String,
    /// Under which URL it is reached right now.
    pub own: String,
    /// What stands in the path where the row has a `*`, decoded.
    pub params: Vec<String>,
    /// The query.
    pub query: Query,
    /// The `If-Match` header.
    pub if_match: Option<String>,
    /// The `X-Fc-Code-Checksum` header.
    pub code_checksum: Option<String>,
    /// The JSON body; empty when there was none.
    pub body: Map,
}

impl Call {
    /// The n-th variable part of the path.
    fn param(&self, index: usize) -> &str {
        self.params.get(index).map_or("", String::as_str)
    }

    /// The name of the function that the path speaks of.
    pub fn function(&self) -> String {
        match self.version {
            Version::V2016 | Version::V2021 => full_name(self.param(0), self.param(1)),
            Version::V2023 => self.param(0).to_owned(),
        }
    }

    /// A refusal as this version of the API words it: 2.0 calls no function by the name that 3.0 gives it.
    pub fn in_its_words(&self, error: ApiError) -> ApiError {
        match self.version {
            Version::V2016 | Version::V2021 if self.params.len() > 1 => {
                let (full, own) = (self.function(), self.param(1));
                ApiError { message: error.message.replace(&full, own), ..error }
            }
            Version::V2016 | Version::V2021 | Version::V2023 => error,
        }
    }

    fn region(&self) -> &str {
        &self.facts.region
    }

    /// Refuses a write whose `If-Match` names another revision.
    fn check_match(&self, document: &Document) -> Result<(), ApiError> {
        match &self.if_match {
            Some(wanted)
                if wanted != "*" && wanted.trim_matches('"') != etag(document.revision).trim_matches('"') =>
            {
                Err(ApiError::new(
                    412,
                    "PreconditionFailed",
                    "the resource being modified has been changed since its ETag was read",
                ))
            }
            _ => Ok(()),
        }
    }
}

/// How a revision is told in the `etag` header.
pub fn etag(revision: u64) -> String {
    format!("\"{revision:016x}\"")
}

/// An answer, before everything that HTTP is has been put on.
#[derive(Clone, Debug, Default)]
pub struct Reply {
    /// The body; `None` is 204.
    pub body: Option<Value>,
    /// The revision of the one resource that is shown.
    pub revision: Option<u64>,
    /// A function whose instances have to go.
    pub retired: Option<String>,
}

impl Reply {
    fn nothing() -> Self {
        Self::default()
    }

    fn of(body: Value) -> Self {
        Self { body: Some(body), ..Self::default() }
    }

    fn resource(document: &Document, body: Value) -> Self {
        Self { revision: Some(document.revision), ..Self::of(body) }
    }
}

/// How an operation is carried out.
#[derive(Clone, Copy)]
pub enum Handler {
    /// On a view.
    Read(fn(&Call, &dyn Look) -> Result<Reply, ApiError>),
    /// In a transaction.
    Write(fn(&Call, &mut Writer<'_>) -> Result<Reply, ApiError>),
    /// By running the function.
    Invoke,
}

/// One operation.
pub struct Row {
    /// Such as `GetFunction`.
    pub operation: &'static str,
    method: &'static str,
    /// After the version prefix; `*` stands for one segment.
    path: &'static str,
    /// What carries it out.
    pub handler: Handler,
}

impl Row {
    /// Whether it is there to change something.
    pub fn writes(&self) -> bool {
        matches!(self.handler, Handler::Write(_))
    }
}

const fn get(
    path: &'static str,
    operation: &'static str,
    handler: fn(&Call, &dyn Look) -> Result<Reply, ApiError>,
) -> Row {
    Row { operation, method: "GET", path, handler: Handler::Read(handler) }
}

const fn write(
    method: &'static str,
    path: &'static str,
    operation: &'static str,
    handler: fn(&Call, &mut Writer<'_>) -> Result<Reply, ApiError>,
) -> Row {
    Row { operation, method, path, handler: Handler::Write(handler) }
}

const ROWS: &[Row] = &[
    write("POST", "functions", "CreateFunction", functions::create),
    get("functions", "ListFunctions", functions::list),
    get("functions/*", "GetFunction", functions::get),
    write("PUT", "functions/*", "UpdateFunction", functions::update),
    write("DELETE", "functions/*", "DeleteFunction", functions::delete),
    get("functions/*/code", "GetFunctionCode", functions::code),
    Row {
        operation: "InvokeFunction",
        method: "POST",
        path: "functions/*/invocations",
        handler: Handler::Invoke,
    },
    write("PUT", "resource-groups", "ChangeResourceGroup", functions::change_resource_group),
    write("POST", "functions/*/triggers", "CreateTrigger", triggers::create),
    get("functions/*/triggers", "ListTriggers", triggers::list),
    get("functions/*/triggers/*", "GetTrigger", triggers::get),
    write("PUT", "functions/*/triggers/*", "UpdateTrigger", triggers::update),
    write("DELETE", "functions/*/triggers/*", "DeleteTrigger", triggers::delete),
    write("POST", "functions/*/versions", "PublishFunctionVersion", versions::publish),
    get("functions/*/versions", "ListFunctionVersions", versions::list),
    write("DELETE", "functions/*/versions/*", "DeleteFunctionVersion", versions::delete),
    write("POST", "functions/*/aliases", "CreateAlias", versions::create_alias),
    get("functions/*/aliases", "ListAliases", versions::list_aliases),
    get("functions/*/aliases/*", "GetAlias", versions::get_alias),
    write("PUT", "functions/*/aliases/*", "UpdateAlias", versions::update_alias),
    write("DELETE", "functions/*/aliases/*", "DeleteAlias", versions::delete_alias),
    write("POST", "custom-domains", "CreateCustomDomain", domains::create),
    get("custom-domains", "ListCustomDomains", domains::list),
    get("custom-domains/*", "GetCustomDomain", domains::get),
    write("PUT", "custom-domains/*", "UpdateCustomDomain", domains::update),
    write("DELETE", "custom-domains/*", "DeleteCustomDomain", domains::delete),
    write("POST", "tags-v2", "TagResources", tags::tag),
    write("DELETE", "tags-v2", "UntagResources", tags::untag),
    get("tags-v2", "ListTagResources", tags::list),
    write("PUT", "functions/*/concurrency", "PutConcurrencyConfig", configs::put_concurrency),
    get("functions/*/concurrency", "GetConcurrencyConfig", configs::get_concurrency),
    write("DELETE", "functions/*/concurrency", "DeleteConcurrencyConfig", configs::delete_concurrency),
    get("concurrency-configs", "ListConcurrencyConfigs", configs::list_concurrency),
    write("PUT", "functions/*/provision-config", "PutProvisionConfig", configs::put_provision),
    get("functions/*/provision-config", "GetProvisionConfig", configs::get_provision),
    write("DELETE", "functions/*/provision-config", "DeleteProvisionConfig", configs::delete_provision),
    get("provision-configs", "ListProvisionConfigs", configs::list_provision),
    write("PUT", "functions/*/async-invoke-config", "PutAsyncInvokeConfig", configs::put_async),
    get("functions/*/async-invoke-config", "GetAsyncInvokeConfig", configs::get_async),
    write("DELETE", "functions/*/async-invoke-config", "DeleteAsyncInvokeConfig", configs::delete_async),
    get("async-invoke-configs", "ListAsyncInvokeConfigs", configs::list_async),
    write("PUT", "functions/*/scaling-config", "PutScalingConfig", configs::put_scaling),
    get("functions/*/scaling-config", "GetScalingConfig", configs::get_scaling),
    write("DELETE", "functions/*/scaling-config", "DeleteScalingConfig", configs::delete_scaling),
    get("scaling-configs", "ListScalingConfigs", configs::list_scaling),
    get("regions", "DescribeRegions", regions::describe),
];

/// An operation that was found.
#[derive(Clone)]
pub struct Found {
    /// Its row.
    pub row: &'static Row,
    /// In which version of the API.
    pub version: Version,
    /// The variable parts of the path.
    pub params: Vec<String>,
    /// What stands behind a service's name and a dot.
    pub qualifier: Option<String>,
}

/// Finds the operation of a method and a raw path, and the variable parts of that path.
pub fn find(method: &str, raw_path: &str) -> Option<Found> {
    let (version, path) = Version::split(raw_path)?;
    // Split before decoding: a slash inside a name is `%2F` and splits nothing.
    let segments: Vec<&str> = path.split('/').collect();
    version.rows().iter().filter(|row| row.method == method).find_map(|row| {
        let pattern: Vec<&str> = row.path.split('/').collect();
        if pattern.len() != segments.len() {
            return None;
        }
        let mut params = Vec::new();
        for (wanted, segment) in pattern.iter().zip(&segments) {
            match *wanted {
                "*" => params.push(decode_segment(segment)),
                word if word == *segment => {}
                _ => return None,
            }
        }
        let mut qualifier = None;
        if row.path.starts_with("services/")
            && let Some((service, rest)) = params[0].split_once('.')
        {
            qualifier = Some(rest.to_owned());
            let service = service.to_owned();
            params[0] = service;
        }
        Some(Found { row, version, params, qualifier })
    })
}

/// What a call is about, for switches: names joined by slashes, as `hello/http` or `service/hello`. Empty when it is about none.
pub fn subject(row: &Row, params: &[String], body: &Map) -> String {
    let created = ["serviceName", "functionName", "triggerName", "aliasName", "domainName"]
        .into_iter()
        .map(|field| text(body, field))
        .find(|name| row.operation.starts_with("Create") && !name.is_empty());
    let mut names: Vec<&str> = params.iter().map(String::as_str).collect();
    names.extend(created);
    // A function of a service is one thing, whatever the version of the API calls it.
    names.join("/").replace('$', "/")
}

/// Whether a function's concurrency is reserved to nothing, so that it may not run.
pub fn is_blocked(look: &dyn Look, region: &str, function: &str, qualifier: &str) -> Result<bool, ApiError> {
    let config = look.get(&keys::config(CONCURRENCY.key, region, function, "LATEST"))?;
    let on_demand = look.get(&keys::config(ON_DEMAND.key, region, function, qualifier))?;
    let is_nothing = |config: Option<Document>, field: &str| {
        config.is_some_and(|config| config.shown.get(field) == Some(&json!(0)))
    };
    Ok(is_nothing(config, "reservedConcurrency") || is_nothing(on_demand, "maximumInstanceCount"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(method: &str, path: &str, expected: Option<(&str, &[&str])>) {
        let found = find(method, path);
        let found = found
            .as_ref()
            .map(|Found { row, params, .. }| (row.operation, params.iter().map(String::as_str).collect()));
        assert_eq!(found, expected.map(|(operation, params)| (operation, params.to_vec())));
    }

    #[test]
    fn paths_are_split_before_they_are_decoded() {
        check(
            "GET",
            "/2023-03-30/functions/%E5%87%BD%E6%95%B0%20a%2Fb",
            Some(("GetFunction", &["函数 a/b"])),
        );
        check("GET", "/2023-03-30/functions/a/b", None);
        check("GET", "/2023-03-30/functions/a/code", Some(("GetFunctionCode", &["a"])));
        check("PUT", "/2023-03-30/functions/f/triggers/t", Some(("UpdateTrigger", &["f", "t"])));
        check("PATCH", "/2023-03-30/functions/f", None);
        check("GET", "/2023-03-30/services", None);
        check("GET", "/2020-01-01/functions", None);
    }

    #[test]
    fn both_versions_of_2_0_have_the_same_rows() {
        for date in ["2016-08-15", "2021-04-06"] {
            let path = format!("/{date}/services/s/functions/f/triggers/t");
            check("PUT", &path, Some(("UpdateTrigger", &["s", "f", "t"])));
        }
    }

    #[test]
    fn a_qualifier_may_stand_behind_the_service() {
        let found = find("GET", "/2016-08-15/services/s.prod/functions/f").expect("is found");
        assert_eq!((found.params, found.qualifier.as_deref()), (vec!["s".into(), "f".into()], Some("prod")));
        let domain = find("GET", "/2016-08-15/custom-domains/a.example.com").expect("is found");
        assert_eq!((domain.params, domain.qualifier), (vec!["a.example.com".to_owned()], None));
    }

    #[test]
    fn every_row_is_reachable() {
        for version in Version::ALL {
            for row in version.rows() {
                let path = format!("/{}/{}", version.date(), row.path.replace('*', "x"));
                assert_eq!(find(row.method, &path).map(|found| found.row.operation), Some(row.operation));
            }
        }
    }
}
