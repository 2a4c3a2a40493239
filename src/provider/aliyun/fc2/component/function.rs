//! The function of an entry.

use std::path::PathBuf;

use super::super::check::refuses_name;
use super::super::schema::{FUNCTION, FUNCTION_SCHEMA};
use super::nodes::{pair_mut, put, take, text_like};
use super::{Function, SPELLED, Service, asynchronous};
use crate::config::component::{Draft, Lowering};
use crate::config::node::{Content, Node};
use crate::config::typing::{Keys, Typing, missing, not_built, unknown_value, wrong_type};
use crate::config::{CodeSource, codes};
use crate::diag::{Diagnostic, Span};
use crate::model::{Address, Path};
use crate::provider::aliyun::entry::name_text;

/// Runtimes of the service.
const RUNTIMES: [&str; 27] = [
    "nodejs4.4",
    "nodejs6",
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
    "custom.debian9",
    "custom.debian10",
    "custom.debian11",
    "custom.debian12",
    "custom-container",
    "rust1",
];

pub(super) fn function(
    entry: &str,
    props: &Node,
    region: Option<&str>,
    service: Option<&Service>,
    lowering: &mut Lowering,
) -> Option<Function> {
    let Some(pair) = props.pair("function").filter(|pair| !matches!(pair.value.content, Content::Null))
    else {
        // A service may be declared alone; what hangs on a function cannot.
        for key in ["triggers", "customDomains", "provisionConfigs", "onDemandConfigs"] {
            if let Some(stray) = props.pair(key) {
                let doc = format!("`{key}` belong to a function: `function: {{name: …}}`");
                lowering.report(missing(&stray.key.span, "function", &doc));
            }
        }
        return None;
    };
    let place = pair.key.span.clone();
    let mut node = pair.value.clone();
    if node.pairs().is_none() {
        if !node.is_unresolved() {
            lowering.report(wrong_type(&node, "function", "a map", "it has a `name`"));
        }
        return None;
    }
    let doc = "the function's name in the cloud";
    let name = name_text(&node, "name", &place, "function.name", doc, lowering);
    let image = runtime(&node, lowering);
    let code = if image { None } else { code(&node, &place, lowering) };
    if node.get("handler").is_none() {
        // As the tool does: a custom runtime does not use it, and the service asks for it in any case.
        put(&mut node, "handler", Node::made(Content::Text("index.handler".to_owned()), place.clone()));
    }
    container(&mut node);
    let asynchronous = take(&mut node, "asyncConfiguration");
    let keys = Keys {
        handled: &["function.name", "function.codeUri", "function.ossBucket", "function.ossKey"],
        unbuilt: &["function.import", "function.protect"],
        spelled: SPELLED,
    };
    let mut typing = Typing::new(lowering.diagnostics(), keys);
    typing.object(FUNCTION_SCHEMA.attributes, &node, &place, &Path::root(), "function.");
    let declared = typing.declared;
    let configuration = asynchronous.and_then(|pair| asynchronous::read(&pair, lowering));

    let (live, named_at) = name?;
    if let (Some(problem), Some(name)) = (refuses_name(FUNCTION, &live), node.get("name")) {
        lowering.report(name.blame(Diagnostic::error(codes::BAD_NAME, problem), "not a name of a function"));
        return None;
    }
    let (region, service) = (region?.to_owned(), service?);
    let address = Address::new(FUNCTION, entry);
    let draft = Draft {
        region: region.clone(),
        name: live.clone(),
        place: named_at,
        parent: Some(service.address.clone()),
        declared,
        code,
        points_at: Vec::new(),
        links: Vec::new(),
    };
    lowering.declare(&FUNCTION_SCHEMA, address.clone(), draft);
    let entry = entry.to_owned();
    let function = Function { entry, address, region, service: service.live.clone(), live };
    if let Some(configuration) = configuration {
        asynchronous::declare(configuration, &function, lowering);
    }
    Some(function)
}

/// Checks the runtime, and returns whether it runs an image.
fn runtime(node: &Node, lowering: &mut Lowering) -> bool {
    let Some(value) = node.get("runtime") else { return false };
    let Some(runtime) = value.text() else { return false }; // its type is checked with the others
    if !RUNTIMES.contains(&runtime) {
        lowering.report(unknown_value(value, "function.runtime", runtime, &RUNTIMES));
    }
    runtime == "custom-container"
}

/// Writes a list of words as the service takes it: as JSON in a text.
fn container(node: &mut Node) {
    let Some(config) = pair_mut(node, "customContainerConfig") else { return };
    for key in ["command", "args"] {
        let Some(pair) = pair_mut(&mut config.value, key) else { continue };
        if let Content::List(items) = &pair.value.content {
            let words: Option<Vec<String>> =
                items.iter().map(|item| item.as_written().map(std::borrow::Cow::into_owned)).collect();
            if let Some(text) = words.and_then(|words| serde_json::to_string(&words).ok()) {
                pair.value = text_like(&pair.value, text);
            }
        }
    }
}

/// Returns where the code is.
fn code(node: &Node, owner: &Span, lowering: &mut Lowering) -> Option<CodeSource> {
    if let Some(bucket) = node.get("ossBucket").or(node.get("ossKey")) {
        lowering.report(not_built("code from an OSS bucket", &bucket.span));
        return None;
    }
    let key = if node.get("code").is_some() && node.get("codeUri").is_none() { "code" } else { "codeUri" };
    let Some(value) = node.get(key) else {
        lowering.report(missing(
            owner,
            "function.codeUri",
            "the folder of the code, or a zip file: `./code`",
        ));
        return None;
    };
    match &value.content {
        Content::Text(path) if path.starts_with("http://") || path.starts_with("https://") => {
            lowering.report(not_built("code from a URL", &value.span));
            None
        }
        Content::Text(path) if !path.trim().is_empty() => {
            Some(CodeSource { path: PathBuf::from(path.trim()), span: value.place().clone() })
        }
        Content::Unresolved => None,
        _ => {
            let dotted = format!("function.{key}");
            lowering.report(wrong_type(value, &dotted, "a text", "name a folder, or a zip file: `./code`"));
            None
        }
    }
}
