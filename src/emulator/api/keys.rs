//! Under which keys the store holds what.
//!
//! The kind comes first, then the region, then the names, so that a list is a range. Names never contain
//! a slash; numbers are padded so that they sort.

pub fn function(region: &str, name: &str) -> String {
    format!("function/{region}/{name}")
}

pub fn functions(region: &str) -> String {
    format!("{}{region}/", functions_everywhere())
}

/// The functions of all regions.
pub const fn functions_everywhere() -> &'static str {
    "function/"
}

pub fn trigger(region: &str, function: &str, name: &str) -> String {
    format!("trigger/{region}/{function}/{name}")
}

pub fn triggers(region: &str, function: &str) -> String {
    format!("trigger/{region}/{function}/")
}

pub fn version(region: &str, function: &str, number: u64) -> String {
    format!("version/{region}/{function}/{number:020}")
}

pub fn versions(region: &str, function: &str) -> String {
    format!("version/{region}/{function}/")
}

pub fn alias(region: &str, function: &str, name: &str) -> String {
    format!("alias/{region}/{function}/{name}")
}

pub fn aliases(region: &str, function: &str) -> String {
    format!("alias/{region}/{function}/")
}

/// A custom domain.
pub fn domain(region: &str, name: &str) -> String {
    format!("{}{region}/{name}", domains_everywhere())
}

pub fn domains(region: &str) -> String {
    format!("{}{region}/", domains_everywhere())
}

/// The custom domains of all regions, for who knows only a host name.
pub const fn domains_everywhere() -> &'static str {
    "domain/"
}

pub fn config(kind: &str, region: &str, function: &str, qualifier: &str) -> String {
    format!("config-{kind}/{region}/{function}/{qualifier}")
}

pub fn configs(kind: &str, region: &str, function: &str) -> String {
    format!("config-{kind}/{region}/{function}/")
}

pub fn configs_of_region(kind: &str, region: &str) -> String {
    format!("config-{kind}/{region}/")
}

/// Where the host label of an HTTP trigger leads.
pub fn label(label: &str) -> String {
    format!("label/{label}")
}

pub fn service(region: &str, name: &str) -> String {
    format!("service/{region}/{name}")
}

pub fn services(region: &str) -> String {
    format!("service/{region}/")
}

/// The functions of a service, whose names all start with its own and a dollar sign.
pub fn functions_of_service(region: &str, service: &str) -> String {
    format!("function/{region}/{service}$")
}

pub fn service_version(region: &str, service: &str, number: u64) -> String {
    format!("{}{number:020}", service_versions(region, service))
}

pub fn service_versions(region: &str, service: &str) -> String {
    format!("service-version/{region}/{service}/")
}

/// The versions of all functions of a service.
pub fn versions_of_service(region: &str, service: &str) -> String {
    format!("version/{region}/{service}$")
}

pub fn service_alias(region: &str, service: &str, name: &str) -> String {
    format!("{}{name}", service_aliases(region, service))
}

pub fn service_aliases(region: &str, service: &str) -> String {
    format!("service-alias/{region}/{service}/")
}

/// The number of a service's last version. Beside the service, which publishing does not change.
pub fn service_counter(region: &str, service: &str) -> String {
    format!("service-counter/{region}/{service}")
}

pub fn bindings(region: &str, service: &str) -> String {
    format!("binding/{region}/{service}/")
}

/// The tags of a service. Beside the service, which they are no part of.
pub fn service_tags(region: &str, service: &str) -> String {
    format!("{}{service}", tags_of_region(region))
}

pub fn tags_of_region(region: &str) -> String {
    format!("service-tags/{region}/")
}

/// A VPC that may call the functions of a service.
pub fn binding(region: &str, service: &str, vpc: &str) -> String {
    format!("{}{vpc}", bindings(region, service))
}
