//! The triggers of an entry, each a resource of its own below the function.

use std::collections::BTreeMap;

use super::super::schema::{TRIGGER, TRIGGER_SCHEMA};
use super::Function;
use crate::config::codes;
use crate::config::component::{Draft, Lowering};
use crate::config::node::{Content, Node, Pair, first_line};
use crate::config::suggest::listed;
use crate::config::typing::{Declared, Keys, Typing, missing, not_built, twice, unknown_value, wrong_type};
use crate::diag::{Diagnostic, Span};
use crate::model::{Address, OutputRef, Path};
use crate::provider::aliyun::entry::name_text;

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

pub(super) fn triggers(pair: &Pair, function: Option<&Function>, lowering: &mut Lowering) {
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
        let config = |key: &str| item.get("triggerConfig").and_then(|config| config.get(key));
        let private =
            matches!(config("disableURLInternet").map(|node| &node.content), Some(Content::Bool(true)));
        if item.get("triggerType").and_then(Node::text) == Some("http") && !private {
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
fn trigger(item: &Node, prefix: &str, lowering: &mut Lowering) -> Option<Declared> {
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
    let keys = Keys { handled: &["triggers.triggerName"], unbuilt: UNBUILT_TRIGGER_KEYS, spelled: &[] };
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
        let needs = format!("an {kind} trigger needs {}", listed(required.iter().copied()));
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
        let instead = "write `anonymous`, where the code checks who calls, or `function`, for callers with keys of the account";
        lowering.report(not_built("an http trigger of authType `jwt`", &pair.value.span).help(instead));
    }
}
