//! The custom domains of an entry: resources that several entries share, each with its routes.

use std::collections::BTreeMap;

use super::super::check::refuses_name;
use super::super::schema::{CUSTOM_DOMAIN, CUSTOM_DOMAIN_SCHEMA};
use super::nodes::{put, text_like};
use super::{Function, alias};
use crate::config::codes;
use crate::config::component::{Draft, Lowering};
use crate::config::node::{Node, Pair, first_line};
use crate::config::typing::{Declared, Keys, Typing, missing, not_built, twice, wrong_type};
use crate::diag::{Diagnostic, Span};
use crate::model::{Address, Attribute, Kind, OutputRef, Path};
use crate::provider::aliyun::entry::name_text;

/// Keys of a domain that are not built yet.
const UNBUILT: &[&str] = &[
    "customDomains.authConfig",
    "customDomains.certConfig",
    "customDomains.certId",
    "customDomains.tlsConfig",
    "customDomains.wafConfig",
];

pub(super) fn custom_domains(pair: &Pair, function: Option<&Function>, lowering: &mut Lowering) {
    let mut typing = Typing::new(lowering.diagnostics(), Keys::default());
    let Some(items) = typing.list(&pair.value, "customDomains") else { return };
    for (index, item) in items.iter().enumerate() {
        let prefix = format!("customDomains[{index}].");
        if item.pairs().is_some() {
            custom_domain(item, &prefix, function, lowering);
        } else if !item.is_unresolved() {
            let help = "it has `domainName`, `protocol` and `routeConfigs`";
            lowering.report(wrong_type(item, prefix.trim_end_matches('.'), "a map", help));
        }
    }
}

fn custom_domain(item: &Node, prefix: &str, function: Option<&Function>, lowering: &mut Lowering) {
    let owner = first_line(&item.span);
    let handled = &["customDomains.domainName", "customDomains.routeConfigs", "customDomains.routeConfig"];
    let mut typing = Typing::new(lowering.diagnostics(), Keys { handled, unbuilt: UNBUILT, spelled: &[] });
    typing.object(CUSTOM_DOMAIN_SCHEMA.attributes, item, &owner, &Path::root(), prefix);
    let mut declared = typing.declared;

    let doc = "the domain, such as `www.example.com`";
    let name = name_text(item, "domainName", &owner, &format!("{prefix}domainName"), doc, lowering);
    let points_at = routes(item, &owner, prefix, function, &mut declared, lowering);
    let Some((domain, place)) = name else { return };
    if let (Some(problem), Some(node)) = (refuses_name(CUSTOM_DOMAIN, &domain), item.get("domainName")) {
        lowering.report(if domain.eq_ignore_ascii_case("auto") {
            not_built("`domainName: auto`, a domain that the tool chooses,", &node.span)
                .help("name a domain of your own, or leave `customDomains` out: an http trigger has an address of its own")
        } else {
            node.blame(Diagnostic::error(codes::BAD_NAME, problem), "not a domain")
        });
        return;
    }
    let Some(function) = function else { return };
    let address = Address::shared(CUSTOM_DOMAIN, &domain);
    let url = OutputRef { address: address.clone(), output: "url".to_owned() };
    let draft = Draft {
        region: function.region.clone(),
        name: domain.clone(),
        place,
        parent: None,
        declared,
        code: None,
        points_at,
        links: vec![(domain, url)],
    };
    lowering.declare(&CUSTOM_DOMAIN_SCHEMA, address, draft);
}

/// Reads the routes that an entry gives a domain; returns what they lead to, where that may be declared.
fn routes(
    domain: &Node,
    owner: &Span,
    prefix: &str,
    function: Option<&Function>,
    declared: &mut Declared,
    lowering: &mut Lowering,
) -> Vec<(Address, Span)> {
    let dotted = format!("{prefix}routeConfigs");
    let Some(node) = domain.get("routeConfigs") else {
        lowering.report(missing(owner, &dotted, "which paths lead where: `[{path: /*}]`"));
        return Vec::new();
    };
    let mut typing = Typing::new(lowering.diagnostics(), Keys::default());
    let items = typing.list(node, &dotted).unwrap_or_default();
    let mut seen: BTreeMap<String, Span> = BTreeMap::new();
    let mut leads_to = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let prefix = format!("{dotted}[{index}].");
        if item.pairs().is_none() {
            if !item.is_unresolved() {
                lowering.report(wrong_type(item, prefix.trim_end_matches('.'), "a map", "it has a `path`"));
            }
            continue;
        }
        let mut item = item.clone();
        let place = first_line(&item.span);
        let doc = "the path that leads to the function, such as `/*`";
        let path = name_text(&item, "path", &place, &format!("{prefix}path"), doc, lowering);
        let Some((path, path_at)) = path else { continue };
        if !path.starts_with('/') {
            let error = Diagnostic::error(codes::BAD_NAME, format!("`{path}` is no path"));
            lowering.report(error.at(path_at, "").help("a path begins with `/`"));
            continue;
        }
        if let Some(first) = seen.get(&path) {
            lowering.report(twice("route", &path, path_at, first));
            continue;
        }
        seen.insert(path.clone(), path_at);
        if let Some(function) = function {
            let like = item.get("path").cloned();
            for (key, value) in [("serviceName", &function.service), ("functionName", &function.live)] {
                if let (None, Some(like)) = (item.get(key), &like) {
                    put(&mut item, key, text_like(like, value.clone()));
                }
            }
            let leads =
                |key: &str| item.get(key).and_then(Node::as_written).map(std::borrow::Cow::into_owned);
            let service = leads("serviceName");
            if service.as_ref() == Some(&function.service)
                && leads("functionName").as_ref() == Some(&function.live)
            {
                leads_to.push((function.address.clone(), place.clone()));
            }
            if let (Some(service), Some(qualifier)) = (service, leads("qualifier")) {
                leads_to.push((alias::address(&service, &qualifier), place.clone()));
            }
        }
        let routes = Path::field("routeConfig").then("routes");
        // Where it leads is not known while the function is not.
        let handled: &[&str] = match function {
            Some(_) => &[],
            None => &["customDomains.routeConfigs.serviceName", "customDomains.routeConfigs.functionName"],
        };
        let mut typing = Typing::new(lowering.diagnostics(), Keys { handled, ..Keys::default() });
        typing.object(route_fields(&routes), &item, &place, &routes.key(&path), &prefix);
        let read = typing.declared;
        declared.attributes.extend(read.attributes);
        declared.spans.extend(read.spans);
        declared.variables.extend(read.variables);
        declared.after.extend(read.after);
    }
    leads_to
}

fn route_fields(routes: &Path) -> &'static [Attribute] {
    match CUSTOM_DOMAIN_SCHEMA.attribute(routes) {
        Some((Attribute { kind: Kind::List(Kind::Object(fields), _), .. }, _)) => fields,
        _ => &[],
    }
}
