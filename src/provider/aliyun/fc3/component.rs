//! The component `fc3`: from one entry of `s.yaml` to a function, its triggers and its route of a domain.
//!
//! The schemas say what each key holds; here stands what a schema cannot say: which keys name things, what the
//! tool's words such as `auto` mean, and what one entry declares beyond its function. Defaults are not filled
//! in: what is not declared is the schema's business, except for what the service asks for in any case.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::schema::{
    CUSTOM_DOMAIN, CUSTOM_DOMAIN_SCHEMA, FUNCTION, FUNCTION_SCHEMA, TRIGGER, TRIGGER_SCHEMA,
};
use crate::config::component::{Component, Draft, Entry, Lowering, Output, Props};
use crate::config::node::{Content, Key, Node, Pair, Style, first_line};
use crate::config::suggest::closest;
use crate::config::typing::{Keys, Typing, missing, not_built, too_late, twice, unknown_value, wrong_type};
use crate::config::{CodeSource, codes};
use crate::diag::{Diagnostic, Span};
use crate::model::{Address, Attribute, Kind, OutputRef, Part, Path, Schema};

/// The component.
pub static FC3: Component = Component {
    names: &["fc3", "devsapp/fc3"],
    schemas: &[&FUNCTION_SCHEMA, &TRIGGER_SCHEMA, &CUSTOM_DOMAIN_SCHEMA],
    lower,
    output,
};

/// Runtimes of the service that take a package.
const RUNTIMES: [&str; 22] = [
    "nodejs8",
    "nodejs10",
    "nodejs12",
    "nodejs14",
    "nodejs16",
    "nodejs18",
    "nodejs20",
    "python2.7",
    "python3",
    "python3.9",
    "python3.10",
    "python3.12",
    "java8",
    "java11",
    "go1",
    "php7.2",
    "dotnetcore2.1",
    "dotnetcore3.1",
    "custom",
    "custom.debian10",
    "custom.debian11",
    "custom.debian12",
];

/// Runtimes that take an image, which is not built yet.
const IMAGE_RUNTIMES: [&str; 2] = ["custom-container", "micro-sandbox"];

/// Regions of the service; another one is only a warning, since regions are added.
const REGIONS: [&str; 27] = [
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-5",
    "ap-southeast-7",
    "cn-beijing",
    "cn-chengdu",
    "cn-hangzhou",
    "cn-hangzhou-finance",
    "cn-heyuan-acdr-1",
    "cn-hongkong",
    "cn-huhehaote",
    "cn-qingdao",
    "cn-shanghai",
    "cn-shanghai-cloudspe",
    "cn-shanghai-finance-1",
    "cn-shenzhen",
    "cn-wulanchabu",
    "cn-zhangjiakou",
    "eu-central-1",
    "eu-west-1",
    "me-central-1",
    "us-east-1",
    "us-west-1",
];

/// Keys of `props` that are read here and not by the schema.
const HANDLED: &[&str] = &["region", "functionName", "triggers", "customDomain"];

/// Keys of `props` that the component has and that are not built yet. A key that its schema lists is never
/// looked up here, so this list need not shrink in step with the schema.
const UNBUILT: &[&str] = &[
    "annotations",
    "asyncInvokeConfig",
    "concurrencyConfig",
    "customContainerConfig",
    "customDNS",
    "disableInjectCredentials",
    "disableOndemand",
    "enableLongLiving",
    "endpoint",
    "gpuConfig",
    "idleTimeout",
    "instanceLifecycleConfig",
    "instanceType",
    "juiceFsConfig",
    "layers",
    "logConfig",
    "microSandboxConfig",
    "modelConfig",
    "nasConfig",
    "ossMountConfig",
    "polarFsConfig",
    "provisionConfig",
    "resourceGroupId",
    "scalingConfig",
    "sessionAffinityConfig",
    "supplement",
    "tags",
    "tracingConfig",
    "vpcBinding",
    "vpcConfig",
];

/// Trigger types that are not built yet.
const UNBUILT_TRIGGERS: [&str; 9] =
    ["oss", "log", "mns_topic", "cdn_events", "tablestore", "eventbridge", "kafka", "rocketmq", "datahub"];

/// Keys of a trigger that are not built yet.
const UNBUILT_TRIGGER_KEYS: &[&str] =
    &["triggers.invocationRole", "triggers.sourceArn", "triggers.triggerConfig.authConfig"];

/// Keys of `triggerConfig` by trigger type, with those that the service asks for in front.
const TRIGGER_TYPES: [(&str, &[&str], &[&str]); 2] = [
    ("http", &["authType", "methods"], &["disableURLInternet", "corsConfig", "authConfig"]),
    ("timer", &["cronExpression", "enable"], &["payload"]),
];

/// Keys of a domain that are not built yet.
const UNBUILT_DOMAIN_KEYS: &[&str] = &[
    "customDomain.authConfig",
    "customDomain.certConfig",
    "customDomain.certId",
    "customDomain.corsConfig",
    "customDomain.tlsConfig",
    "customDomain.wafConfig",
];

fn lower(entry: Entry, lowering: &mut Lowering) {
    let Entry { name, place, mut props } = entry;
    let region = region(&props, &place, lowering);
    let function_name = function_name(&props, &place, lowering);
    let image = runtime(&mut props, lowering);
    role(&props, lowering);
    let code = code(&props, lowering);
    disk_size(&props, lowering);

    let handled: &[&str] = if image {
        &["region", "functionName", "triggers", "customDomain", "code", "handler"]
    } else {
        HANDLED
    };
    let mut typing = Typing::new(lowering.diagnostics(), Keys { handled, unbuilt: UNBUILT });
    typing.object(FUNCTION_SCHEMA.attributes, &props, &place, &Path::root(), "");
    let declared = typing.declared;

    let address = Address::new(FUNCTION, &name);
    let function = match (region, function_name) {
        (Some(region), Some((live, named_at))) => {
            let draft = Draft {
                region: region.clone(),
                name: live.clone(),
                place: named_at,
                parent: None,
                declared,
                code,
                points_at: Vec::new(),
                links: Vec::new(),
            };
            lowering.declare(&FUNCTION_SCHEMA, address.clone(), draft);
            Some(Function { entry: name, address, region, live })
        }
        _ => None, // what is missing is reported; what hangs on it is checked all the same
    };
    if let Some(pair) = props.pair("triggers") {
        triggers(pair, function.as_ref(), lowering);
    }
    if let Some(pair) = props.pair("customDomain") {
        custom_domain(pair, function.as_ref(), lowering);
    }
}

/// The function that an entry declares.
struct Function {
    entry: String,
    address: Address,
    region: String,
    live: String,
}

/// Returns a text that names something, and where; reports what is missing or of another type.
fn name_text(
    map: &Node,
    key: &str,
    owner: &Span,
    dotted: &str,
    doc: &str,
    lowering: &mut Lowering,
) -> Option<(String, Span)> {
    let Some(node) = map.get(key) else {
        lowering.report(missing(owner, dotted, doc));
        return None;
    };
    match (&node.content, node.as_written()) {
        (Content::Unresolved, _) => None,
        (Content::Promised(_), _) => {
            lowering.report(too_late(node, dotted));
            None
        }
        (_, Some(text)) if !text.is_empty() => Some((text.into_owned(), node.place().clone())),
        (_, Some(_)) => {
            let empty = Diagnostic::error(codes::BAD_NAME, format!("`{dotted}` is empty"));
            lowering.report(node.blame(empty, ""));
            None
        }
        (_, None) => {
            lowering.report(wrong_type(node, dotted, "a text", ""));
            None
        }
    }
}

fn region(props: &Node, owner: &Span, lowering: &mut Lowering) -> Option<String> {
    let (region, _) = name_text(
        props,
        "region",
        owner,
        "region",
        "where the function runs, such as `cn-hangzhou`",
        lowering,
    )?;
    if !REGIONS.contains(&region.as_str())
        && let Some(node) = props.get("region")
    {
        let warning = Diagnostic::warning(
            codes::UNKNOWN_REGION,
            format!("triform does not know the region `{region}`"),
        );
        let warning = match closest(&region, REGIONS) {
            Some(near) => warning.help(format!("did you mean `{near}`?")),
            None => warning,
        };
        lowering.report(node.blame(warning, "taken as it is"));
    }
    Some(region)
}

fn function_name(props: &Node, owner: &Span, lowering: &mut Lowering) -> Option<(String, Span)> {
    let doc = "the function's name in the cloud";
    let (name, place) = name_text(props, "functionName", owner, "functionName", doc, lowering)?;
    let node = props.get("functionName")?;
    // Functions that were made with FC 2.0 are called service$function.
    let word_fits = |word: &str| {
        word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
            && word.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
    };
    let length = name.chars().count();
    if name.split('$').count() > 2 || !name.split('$').all(word_fits) || length > 128 {
        let error = Diagnostic::error(codes::BAD_NAME, format!("`{name}` cannot name a function"))
            .help("1 to 64 letters, digits, `_` and `-`, beginning with a letter or `_`");
        lowering.report(node.blame(error, "not a name of a function"));
        return None;
    }
    if length > 64 {
        let warning = Diagnostic::warning(codes::LONG_NAME, format!("`{name}` has {length} characters"))
            .help("the service documents 64");
        lowering.report(node.blame(warning, "may be refused"));
    }
    Some((name, place))
}

/// Checks the runtime, and puts in the handler that custom runtimes need and do not use. Returns whether the
/// function is made from an image.
fn runtime(props: &mut Node, lowering: &mut Lowering) -> bool {
    let Some(node) = props.get("runtime") else {
        return false;
    };
    let Some(runtime) = node.text() else {
        return false; // its type is checked with the others
    };
    if IMAGE_RUNTIMES.contains(&runtime) {
        lowering.report(not_built(&format!("the runtime `{runtime}`"), &node.span));
        return true;
    }
    if !RUNTIMES.contains(&runtime) {
        lowering.report(unknown_value(node, "runtime", runtime, &RUNTIMES));
        return false;
    }
    if runtime.starts_with("custom") && props.get("handler").is_none() {
        let span = node.place().clone();
        let key = Key { text: "handler".to_owned(), span: span.clone(), style: Style::Made };
        let value = Node::made(Content::Text("handler".to_owned()), span);
        if let Content::Map(pairs) = &mut props.content {
            pairs.push(Pair { key, value });
        }
    }
    false
}

fn role(props: &Node, lowering: &mut Lowering) {
    let Some(node) = props.get("role") else {
        return;
    };
    let Some(role) = node.text().filter(|role| !role.is_empty()) else {
        return;
    };
    if !role.starts_with("acs:ram::") || !role.contains(":role/") {
        let what = if role == "auto" { "a role that the tool makes" } else { "a role by its name alone" };
        let error =
            not_built(what, &node.span).help("write the role's ARN: `acs:ram::<account>:role/<name>`");
        lowering.report(error);
    }
}

fn disk_size(props: &Node, lowering: &mut Lowering) {
    let Some(node) = props.get("diskSize") else {
        return;
    };
    if let Content::Number(number) = node.content
        && (512.0..=10240.0).contains(&number.get())
        && number.as_integer().is_some_and(|size| size != 512 && size != 10240)
    {
        let error = Diagnostic::error(codes::OUT_OF_BOUNDS, format!("`diskSize` is {number}"));
        lowering.report(node.blame(error, "512 or 10240"));
    }
}

/// Returns where the code is; that it is missing is the schema's to say.
fn code(props: &Node, lowering: &mut Lowering) -> Option<CodeSource> {
    let node = props.get("code")?;
    match &node.content {
        Content::Text(path) if path.starts_with("http://") || path.starts_with("https://") => {
            lowering.report(not_built("code from a URL", &node.span));
            None
        }
        Content::Text(path) if !path.trim().is_empty() => {
            Some(CodeSource { path: PathBuf::from(path.trim()), span: node.place().clone() })
        }
        Content::Text(_) => {
            let error = Diagnostic::error(codes::OUT_OF_BOUNDS, "`code` is empty")
                .help("name a folder, or a zip file: `./code`");
            lowering.report(node.blame(error, ""));
            None
        }
        Content::Map(_) if node.get("ossBucketName").is_some() || node.get("ossObjectName").is_some() => {
            lowering.report(not_built("code from an OSS bucket", &node.span));
            None
        }
        Content::Unresolved => None,
        _ => {
            lowering.report(wrong_type(node, "code", "a text", "name a folder, or a zip file: `./code`"));
            None
        }
    }
}

fn triggers(pair: &Pair, function: Option<&Function>, lowering: &mut Lowering) {
    let mut typing = Typing::new(lowering.diagnostics(), Keys::default());
    let Some(items) = typing.list(&pair.value, "triggers") else {
        return;
    };
    let mut seen: BTreeMap<String, Span> = BTreeMap::new();
    for (index, item) in items.iter().enumerate() {
        let prefix = format!("triggers[{index}].");
        if item.is_unresolved() {
            continue;
        }
        if item.pairs().is_none() {
            let dotted = format!("triggers[{index}]");
            lowering.report(wrong_type(
                item,
                &dotted,
                "a map",
                "it has `triggerName`, `triggerType` and `triggerConfig`",
            ));
            continue;
        }
        let name = trigger_name(item, &prefix, &mut seen, lowering);
        let Some(declared) = trigger(item, &prefix, lowering) else {
            continue;
        };
        let (Some(function), Some((name, place))) = (function, name) else {
            continue;
        };
        let address = Address::keyed(TRIGGER, &function.entry, &name);
        let mut links = Vec::new();
        if item.get("triggerType").and_then(Node::text) == Some("http") {
            let url = OutputRef { address: address.clone(), output: "urlInternet".to_owned() };
            links.push((function.entry.clone(), url));
        }
        let draft = Draft {
            region: function.region.clone(),
            name,
            place,
            parent: Some(function.address.clone()),
            declared,
            code: None,
            points_at: Vec::new(),
            links,
        };
        lowering.declare(&TRIGGER_SCHEMA, address, draft);
    }
}

fn trigger_name(
    item: &Node,
    prefix: &str,
    seen: &mut BTreeMap<String, Span>,
    lowering: &mut Lowering,
) -> Option<(String, Span)> {
    let dotted = format!("{prefix}triggerName");
    let owner = first_line(&item.span);
    let (name, place) = name_text(item, "triggerName", &owner, &dotted, "the trigger's name", lowering)?;
    let fits = name.chars().count() <= 128
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
        && name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    if !fits && let Some(node) = item.get("triggerName") {
        let error = Diagnostic::error(codes::BAD_NAME, format!("`{name}` cannot name a trigger"))
            .help("1 to 128 letters, digits, `_` and `-`, beginning with a letter or `_`");
        lowering.report(node.blame(error, "not a name of a trigger"));
        return None;
    }
    if let Some(first) = seen.get(&name) {
        lowering.report(twice("trigger", &name, place, first));
        return None;
    }
    seen.insert(name.clone(), place.clone());
    Some((name, place))
}

/// Reads everything of a trigger but its name; nothing where its type is not one that is built.
fn trigger(item: &Node, prefix: &str, lowering: &mut Lowering) -> Option<crate::config::typing::Declared> {
    let owner = first_line(&item.span);
    let kind = item.get("triggerType").and_then(Node::text);
    let known = kind.and_then(|kind| TRIGGER_TYPES.iter().find(|(name, ..)| *name == kind));
    if let (Some(kind), None, Some(node)) = (kind, known, item.get("triggerType")) {
        lowering.report(if UNBUILT_TRIGGERS.contains(&kind) {
            not_built(&format!("a trigger of type `{kind}`"), &node.span)
        } else {
            let names: Vec<&str> =
                TRIGGER_TYPES.iter().map(|(name, ..)| *name).chain(UNBUILT_TRIGGERS).collect();
            unknown_value(node, &format!("{prefix}triggerType"), kind, &names)
        });
        return None;
    }
    let mut item = item.clone();
    if let Some((kind, required, optional)) = known {
        trigger_config(&mut item, kind, required, optional, prefix, &owner, lowering);
    }
    let keys = Keys { handled: &["triggers.triggerName"], unbuilt: UNBUILT_TRIGGER_KEYS };
    let mut typing = Typing::new(lowering.diagnostics(), keys);
    typing.object(TRIGGER_SCHEMA.attributes, &item, &owner, &Path::root(), prefix);
    Some(typing.declared)
}

/// Checks which keys stand in a `triggerConfig`, and takes those of another trigger type out.
fn trigger_config(
    item: &mut Node,
    kind: &str,
    required: &[&str],
    optional: &[&str],
    prefix: &str,
    owner: &Span,
    lowering: &mut Lowering,
) {
    let Content::Map(pairs) = &mut item.content else {
        return;
    };
    let Some(config) = pairs.iter_mut().find(|pair| pair.key.text == "triggerConfig") else {
        let needs =
            format!("an {kind} trigger needs {}", crate::config::suggest::listed(required.iter().copied()));
        lowering.report(missing(owner, &format!("{prefix}triggerConfig"), &needs));
        return;
    };
    let config_at = config.key.span.clone();
    let Content::Map(pairs) = &mut config.value.content else {
        return; // its type is checked with the others
    };
    for key in required {
        if !pairs.iter().any(|pair| pair.key.text == *key) {
            let doc = format!("a trigger of type `{kind}` needs it");
            lowering.report(missing(&config_at, &format!("{prefix}triggerConfig.{key}"), &doc));
        }
    }
    let others = || {
        TRIGGER_TYPES
            .iter()
            .filter(|(name, ..)| *name != kind)
            .flat_map(|(_, required, optional)| required.iter().chain(optional.iter()).copied())
    };
    pairs.retain(|pair| {
        let key = pair.key.text.as_str();
        let own = required.contains(&key) || optional.contains(&key);
        if !own && others().any(|other| other == key) {
            lowering.report(
                Diagnostic::warning(codes::UNKNOWN_KEY, format!("a trigger of type `{kind}` has no `{key}`"))
                    .at(pair.key.span.clone(), "not used"),
            );
            return false;
        }
        true
    });
    if let Some(pair) =
        pairs.iter().find(|pair| pair.key.text == "authType" && pair.value.text() == Some("jwt"))
    {
        lowering.report(not_built("an http trigger of authType `jwt`", &pair.value.span));
    }
}

fn custom_domain(pair: &Pair, function: Option<&Function>, lowering: &mut Lowering) {
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
    let keys = Keys { handled, unbuilt: UNBUILT_DOMAIN_KEYS };
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
    declared: &mut crate::config::typing::Declared,
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
    let keys = Keys { handled, unbuilt: &[] };
    let mut typing = Typing::new(lowering.diagnostics(), keys);
    typing.object(fields, value, &key.span, &at, "customDomain.route.");
    let read = typing.declared;
    path.as_ref()?;
    declared.attributes.extend(read.attributes);
    declared.spans.extend(read.spans);
    declared.after.extend(read.after);
    if let Some(function) = function {
        let leads_to = at.then("functionName");
        let value = crate::model::Value::text(&function.live);
        declared.spans.insert(leads_to.clone(), key.span.clone());
        declared.attributes.insert(leads_to, value.into());
    }
    Some(key.span.clone())
}

/// Returns the fields of the elements of a list.
fn item_fields(schema: &Schema, path: &Path) -> &'static [Attribute] {
    debug_assert!(path.parts().iter().all(|part| matches!(part, Part::Field(_))), "no key inside");
    match schema.attribute(path) {
        Some((Attribute { kind: Kind::List(Kind::Object(fields), _), .. }, _)) => fields,
        _ => &[],
    }
}

/// The outputs of an entry beside its props, as the incumbent spells them.
const OUTPUTS: [&str; 8] = [
    "functionArn",
    "functionId",
    "functionName",
    "url.system_url",
    "url.system_intranet_url",
    "url.custom_domain",
    "customDomain.domainName",
    "region",
];

fn output(name: &str, path: &[&str], props: &mut Props<'_>) -> Output {
    let function = Address::new(FUNCTION, name);
    let promised =
        |address: Address, output: &str| Output::Promised(OutputRef { address, output: output.to_owned() });
    let unknown = || Output::Unknown(OUTPUTS.map(str::to_owned).to_vec());
    let url = match path {
        ["url", "system_url"] => Some("urlInternet"),
        ["url", "system_intranet_url"] => Some("urlIntranet"),
        _ => None,
    };
    if let Some(url) = url {
        let trigger = props(&["triggers"]).and_then(|triggers| http_trigger(&triggers));
        return trigger
            .map_or_else(unknown, |trigger| promised(Address::keyed(TRIGGER, name, &trigger), url));
    }
    if let ["url", "custom_domain"] | ["customDomain", "domainName"] = path {
        let Some(domain) = props(&["customDomain", "domainName"]) else {
            return unknown();
        };
        let Some(text) = domain.text() else {
            return unknown();
        };
        let address = Address::shared(CUSTOM_DOMAIN, text);
        return match path {
            ["url", _] => promised(address, "url"),
            _ => Output::Declared(Box::new(domain), address),
        };
    }
    if let Some(declared) = props(path).filter(|node| node.as_written().is_some()) {
        return Output::Declared(Box::new(declared), function);
    }
    match path {
        [output] if FUNCTION_SCHEMA.outputs.iter().any(|(name, _)| name == output) => {
            promised(function, output)
        }
        _ => unknown(),
    }
}

/// Returns the name of the first http trigger.
fn http_trigger(triggers: &Node) -> Option<String> {
    let Content::List(items) = &triggers.content else {
        return None;
    };
    let http = items.iter().find(|item| item.get("triggerType").and_then(Node::text) == Some("http"))?;
    http.get("triggerName").and_then(Node::as_written).map(std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::config::{Desired, Given, load};
    use crate::diag::{Severity, Source};
    use crate::model::{Planned, Segment};

    /// Loads a text; `Y` is the one variable that is set.
    fn read(text: &str) -> (Desired, Vec<Diagnostic>) {
        let source = Arc::new(Source { name: "s.yaml".to_owned(), text: text.to_owned() });
        let variables = |name: &str| (name == "Y").then(|| "yes".to_owned());
        load(&source, &Given { variables: &variables, overrides: &[] }, &[&FC3])
    }

    /// Writes diagnostics as `line:column CODE message | help`.
    fn shown(diagnostics: &[Diagnostic]) -> Vec<String> {
        diagnostics
            .iter()
            .map(|diagnostic| {
                let place = diagnostic.at.as_ref().map(|(span, _)| span.line_column()).unwrap_or_default();
                let kind = if diagnostic.severity == Severity::Error { "" } else { "warning " };
                let mut line =
                    format!("{}:{} {kind}{} {}", place.0, place.1, diagnostic.code, diagnostic.message);
                for (span, _) in &diagnostic.also {
                    line += &format!(" (also {})", span.line_column().0);
                }
                line
            })
            .collect()
    }

    fn written(planned: &Planned) -> String {
        match planned {
            Planned::Known(value) => format!("{value:?}"),
            Planned::Promised(template) => template
                .segments
                .iter()
                .map(|segment| match segment {
                    Segment::Text(text) => text.clone(),
                    Segment::Output(output) => format!("<{} {}>", output.address, output.output),
                })
                .collect(),
        }
    }

    /// Checks what a text declares: `address`, then ` path = value` for each leaf.
    #[track_caller]
    fn declares(text: &str, expected: &str) {
        let (desired, diagnostics) = read(text);
        assert_eq!(shown(&diagnostics), Vec::<String>::new());
        let mut lines = Vec::new();
        for (address, resource) in &desired.resources {
            let mut line = format!("{address} = {}/{}", resource.region, resource.name);
            for other in &resource.depends_on {
                line += &format!(" after {other}");
            }
            lines.push(line);
            for (path, planned) in &resource.attributes {
                assert!(resource.spans.contains_key(path), "{path} has a place");
                lines.push(format!("  {path} = {}", written(planned)));
            }
        }
        assert_eq!(lines.join("\n"), expected.trim_matches('\n'));
    }

    const SMALL: &str = "
edition: 3.0.0
name: shop
vars: {region: cn-hangzhou}
resources:
  cart:
    component: fc3
    props:
      region: ${vars.region}
      functionName: cart
      runtime: python3.10
      handler: index.handler
      code: ./cart
";

    #[test]
    fn a_small_file_declares_a_function() {
        declares(
            SMALL,
            r#"
fc3_function.cart = cn-hangzhou/cart
  handler = Text("index.handler")
  runtime = Text("python3.10")
"#,
        );
        let (desired, _) = read(SMALL);
        let cart = &desired.resources[&Address::new(FUNCTION, "cart")];
        assert_eq!(cart.code.as_ref().map(|code| code.path.clone()), Some("./cart".into()));
    }
}
