//! The service of an entry, which others may declare as well.

use super::super::check::refuses_name;
use super::super::schema::{SERVICE, SERVICE_SCHEMA, VPC_BINDING, VPC_BINDING_SCHEMA};
use super::nodes::{pair_mut, put, take, text_like};
use super::{SPELLED, Service};
use crate::config::codes;
use crate::config::component::{Draft, Lowering};
use crate::config::node::{Content, Node};
use crate::config::typing::{Declared, Keys, Typing, missing, not_built, wrong_type};
use crate::diag::{Diagnostic, Span};
use crate::model::{Address, Path};
use crate::provider::aliyun::entry::{name_text, role};

/// What the tool would choose, or make in another service, with what to write instead.
const CHOSEN: [(&str, &str); 4] = [
    ("logConfig", "`{project: …, logstore: …}`"),
    ("vpcConfig", "`{vpcId: …, vswitchIds: […], securityGroupId: …}`"),
    ("nasConfig", "`{userId: …, groupId: …, mountPoints: [{serverAddr: 'host:/folder', fcDir: /mnt/…}]}`"),
    ("ossMountConfig", "`{mountPoints: [{bucketName: …, endpoint: …, mountDir: /mnt/…}]}`"),
];

pub(super) fn service(
    props: &Node,
    owner: &Span,
    region: Option<&str>,
    lowering: &mut Lowering,
) -> Option<Service> {
    let Some(pair) = props.pair("service").filter(|pair| !matches!(pair.value.content, Content::Null)) else {
        lowering.report(missing(owner, "service", "the service that the function belongs to: `{name: …}`"));
        return None;
    };
    let place = pair.key.span.clone();
    let mut node = pair.value.clone();
    if node.pairs().is_none() {
        if !node.is_unresolved() {
            lowering.report(wrong_type(&node, "service", "a map", "it has a `name`"));
        }
        return None;
    }
    let name = name_text(&node, "name", &place, "service.name", "the service's name in the cloud", lowering);
    role(&node, "role", lowering);
    if node.get("role").is_some_and(|role| role.pairs().is_some()) {
        take(&mut node, "role");
    }
    for (key, instead) in CHOSEN {
        let chosen = node.get(key).filter(|value| value.text().is_some()).cloned();
        if let Some(value) = chosen {
            let word = value.text().unwrap_or_default();
            let what = format!("`{key}: {word}`, which leaves the choice to the tool,");
            lowering
                .report(not_built(&what, &value.span).help(format!("write what is to be used: {instead}")));
            take(&mut node, key);
        }
    }
    tracing(&mut node, lowering);
    if let Some(mounts) =
        pair_mut(&mut node, "nasConfig").and_then(|nas| pair_mut(&mut nas.value, "mountPoints"))
        && let Content::List(items) = &mut mounts.value.content
    {
        items.iter_mut().for_each(file_system);
    }
    let bindings = bindings(&node, lowering);
    let keys = Keys { handled: &["service.name", "service.vpcBinding"], unbuilt: &[], spelled: SPELLED };
    let mut typing = Typing::new(lowering.diagnostics(), keys);
    typing.object(SERVICE_SCHEMA.attributes, &node, &place, &Path::root(), "service.");
    let declared = typing.declared;
    let (live, named_at) = name?;
    if let (Some(problem), Some(name)) = (refuses_name(SERVICE, &live), node.get("name")) {
        lowering.report(name.blame(Diagnostic::error(codes::BAD_NAME, problem), "not a name of a service"));
        return None;
    }
    let address = Address::shared(SERVICE, &live);
    let draft = Draft {
        region: region?.to_owned(),
        name: live.clone(),
        place: named_at,
        parent: None,
        declared,
        code: None,
        points_at: Vec::new(),
        links: Vec::new(),
    };
    let region = draft.region.clone();
    lowering.declare(&SERVICE_SCHEMA, address.clone(), draft);
    for (network, place) in bindings {
        let draft = Draft {
            region: region.clone(),
            name: network.clone(),
            place,
            parent: Some(address.clone()),
            declared: Declared::default(),
            code: None,
            points_at: Vec::new(),
            links: Vec::new(),
        };
        let binding = Address::shared(VPC_BINDING, &format!("{live}/{network}"));
        lowering.declare(&VPC_BINDING_SCHEMA, binding, draft);
    }
    Some(Service { address, live })
}

/// Reads the networks that are bound to the service, each with its place.
fn bindings(node: &Node, lowering: &mut Lowering) -> Vec<(String, Span)> {
    let Some(value) = node.get("vpcBinding") else { return Vec::new() };
    let mut typing = Typing::new(lowering.diagnostics(), Keys::default());
    let items = typing.list(value, "service.vpcBinding").unwrap_or_default();
    let mut bindings = Vec::new();
    for (index, item) in items.iter().enumerate() {
        match item.as_written().filter(|text| !text.is_empty()) {
            Some(network) => bindings.push((network.into_owned(), item.place().clone())),
            None if item.is_unresolved() => {}
            None => {
                let dotted = format!("service.vpcBinding[{index}]");
                lowering.report(wrong_type(item, &dotted, "a text", "name a network: `vpc-…`"));
            }
        }
    }
    bindings
}

/// Reads the tool's `Enable` and `Disable`; the first would set another service up.
fn tracing(node: &mut Node, lowering: &mut Lowering) {
    let Some(value) = node.get("tracingConfig").filter(|value| value.text().is_some()).cloned() else {
        return;
    };
    take(node, "tracingConfig");
    if value.text() != Some("Disable") {
        let error = not_built("`tracingConfig` by a word alone", &value.span);
        lowering.report(error.help("write what is to be used: `{type: Jaeger, params: {endpoint: …}}`"));
    }
}

/// Reads a mount point as the tool spells it: host and folder apart, and the folder in the function as `fcDir`.
fn file_system(item: &mut Node) {
    if let Some(folder) = take(item, "nasDir")
        && let Some(inner) = folder.value.as_written()
        && let Some(server) = pair_mut(item, "serverAddr")
        && let Some(host) = server.value.as_written().map(std::borrow::Cow::into_owned)
    {
        let inner = if inner.starts_with('/') { inner.into_owned() } else { format!("/{inner}") };
        server.value = text_like(&server.value, format!("{}:{inner}", host.trim_end_matches(':')));
    }
    if let Some(folder) = take(item, "fcDir") {
        put(item, "mountDir", folder.value);
    }
}
