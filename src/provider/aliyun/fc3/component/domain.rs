//! The custom domain of an entry: one resource that several entries share, each with its route.

use super::super::schema::{CUSTOM_DOMAIN, CUSTOM_DOMAIN_SCHEMA};
use super::Function;
use crate::config::codes;
use crate::config::component::{Draft, Lowering};
use crate::config::node::{Content, Node, Pair};
use crate::config::typing::{Declared, Keys, Typing, missing, not_built, wrong_type};
use crate::diag::{Diagnostic, Span};
use crate::model::{Address, Attribute, Kind, OutputRef, Path, Schema, Value};
use crate::provider::aliyun::entry::name_text;

/// Keys of a domain that are not built yet.
const UNBUILT_DOMAIN_KEYS: &[&str] = &[
    "customDomain.authConfig",
    "customDomain.certConfig",
    "customDomain.certId",
    "customDomain.corsConfig",
    "customDomain.tlsConfig",
    "customDomain.wafConfig",
];

pub(super) fn custom_domain(pair: &Pair, function: Option<&Function>, lowering: &mut Lowering) {
    let Pair { key, value } = pair;
    if value.pairs().is_none() {
        if !matches!(value.content, Content::Null | Content::Unresolved) {
            lowering.report(wrong_type(
                value,
                "customDomain",
                "a map",
                "it has `domainName`, `protocol` and `route`",
            ));
        }
        return;
    }
    // The schema's own key for routes is not a key of an entry, which gives a domain one route.
    let handled = &["customDomain.domainName", "customDomain.route", "customDomain.routeConfig"];
    if let Some(stray) = value.pair("routeConfig") {
        let warning = Diagnostic::warning(codes::UNKNOWN_KEY, "unknown key `customDomain.routeConfig`")
            .at(stray.key.span.clone(), "not used");
        lowering.report(warning.help("did you mean `route`?"));
    }
    let keys = Keys { handled, unbuilt: UNBUILT_DOMAIN_KEYS, spelled: &[] };
    let mut typing = Typing::new(lowering.diagnostics(), keys);
    typing.object(CUSTOM_DOMAIN_SCHEMA.attributes, value, &key.span, &Path::root(), "customDomain.");
    let mut declared = typing.declared;

    let doc = "the domain, such as `www.example.com`";
    let name = name_text(value, "domainName", &key.span, "customDomain.domainName", doc, lowering);
    let route = route(value, &key.span, function, &mut declared, lowering);
    let Some((domain, place)) = name else {
        return;
    };
    if !domain_fits(&domain) {
        if let Some(node) = value.get("domainName") {
            lowering.report(if domain.eq_ignore_ascii_case("auto") {
                not_built("a domain that the tool chooses", &node.span).help("name a domain of your own")
            } else {
                let error = Diagnostic::error(codes::BAD_NAME, format!("`{domain}` is no domain"))
                    .help("write the bare name, such as `www.example.com`");
                node.blame(error, "not a domain")
            });
        }
        return;
    }
    let (Some(function), Some(route_at)) = (function, route) else {
        return;
    };
    let address = Address::shared(CUSTOM_DOMAIN, &domain);
    let url = OutputRef { address: address.clone(), output: "url".to_owned() };
    let draft = Draft {
        region: function.region.clone(),
        name: domain.clone(),
        place,
        parent: None,
        declared,
        code: None,
        points_at: vec![(function.address.clone(), route_at)],
        links: vec![(domain, url)],
    };
    lowering.declare(&CUSTOM_DOMAIN_SCHEMA, address, draft);
}

fn domain_fits(domain: &str) -> bool {
    domain.len() <= 253
        && domain.contains('.')
        && domain.split('.').all(|label| {
            !label.is_empty()
                && label.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_' || c == '*')
        })
}

/// Reads the one route that an entry gives a domain; returns where it is declared.
fn route(
    domain: &Node,
    owner: &Span,
    function: Option<&Function>,
    declared: &mut Declared,
    lowering: &mut Lowering,
) -> Option<Span> {
    let Some(pair) = domain.pair("route").filter(|pair| !matches!(pair.value.content, Content::Null)) else {
        lowering.report(missing(
            owner,
            "customDomain.route",
            "which path leads to this function: `{path: /*}`",
        ));
        return None;
    };
    let Pair { key, value } = pair;
    if value.pairs().is_none() {
        if !value.is_unresolved() {
            lowering.report(wrong_type(value, "customDomain.route", "a map", "it has a `path`"));
        }
        return None;
    }
    let doc = "the path that leads to this function, such as `/*`";
    let path = name_text(value, "path", &key.span, "customDomain.route.path", doc, lowering);
    if let (Some((path, _)), Some(node)) = (&path, value.get("path"))
        && !path.starts_with('/')
    {
        let error =
            Diagnostic::error(codes::BAD_NAME, format!("`{path}` is no path")).help("a path begins with `/`");
        lowering.report(node.blame(error, ""));
    }
    let routes = Path::field("routeConfig").then("routes");
    let fields = item_fields(&CUSTOM_DOMAIN_SCHEMA, &routes);
    let at = path.as_ref().map_or_else(|| routes.clone(), |(path, _)| routes.key(path));

    // The function is not the user's to name here: a route of an entry leads to the entry's function.
    let handled: &[&str] = if path.is_some() {
        &["customDomain.route.functionName"]
    } else {
        &["customDomain.route.functionName", "customDomain.route.path"]
    };
    let keys = Keys { handled, unbuilt: &[], spelled: &[] };
    let mut typing = Typing::new(lowering.diagnostics(), keys);
    typing.object(fields, value, &key.span, &at, "customDomain.route.");
    let read = typing.declared;
    path.as_ref()?;
    declared.attributes.extend(read.attributes);
    declared.spans.extend(read.spans);
    declared.variables.extend(read.variables);
    declared.after.extend(read.after);
    if let Some(function) = function {
        let leads_to = at.then("functionName");
        let value = Value::text(&function.live);
        declared.spans.insert(leads_to.clone(), key.span.clone());
        declared.attributes.insert(leads_to, value.into());
    }
    Some(key.span.clone())
}

/// Returns the fields of the elements of a list.
fn item_fields(schema: &Schema, path: &Path) -> &'static [Attribute] {
    match schema.attribute(path) {
        Some((Attribute { kind: Kind::List(Kind::Object(fields), _), .. }, _)) => fields,
        _ => &[],
    }
}
