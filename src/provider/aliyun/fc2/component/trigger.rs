//! The triggers of an entry, each a resource of its own below the function.

use std::collections::BTreeMap;

use super::super::check::{TRIGGER_TYPES, refuses_name};
use super::super::schema::{TRIGGER, TRIGGER_SCHEMA};
use super::nodes::{pair_mut, put, take};
use super::{Function, SPELLED, alias};
use crate::config::codes;
use crate::config::component::{Draft, Lowering};
use crate::config::node::{Content, Node, Pair, first_line};
use crate::config::typing::{Declared, Keys, Typing, missing, not_built, twice, unknown_value, wrong_type};
use crate::diag::{Diagnostic, Span};
use crate::model::{Address, OutputRef, Path};
use crate::provider::aliyun::entry::{name_text, role};

/// Types whose events come from something that has to be named.
const FROM_A_SOURCE: [(&str, &str); 5] = [
    ("oss", "acs:oss:<region>:<account>:<bucket>"),
    ("log", "acs:log:<region>:<account>:project/<project>"),
    ("mns_topic", "acs:mns:<region>:<account>:/topics/<topic>"),
    ("cdn_events", "acs:cdn:*:<account>"),
    ("tablestore", "acs:ots:<region>:<account>:instance/<instance>/table/<table>"),
];

pub(super) fn triggers(pair: &Pair, function: Option<&Function>, lowering: &mut Lowering) {
    let mut typing = Typing::new(lowering.diagnostics(), Keys::default());
    let Some(items) = typing.list(&pair.value, "triggers") else { return };
    let mut seen: BTreeMap<String, Span> = BTreeMap::new();
    for (index, item) in items.iter().enumerate() {
        if item.is_unresolved() {
            continue;
        }
        if item.pairs().is_none() {
            let dotted = format!("triggers[{index}]");
            lowering.report(wrong_type(item, &dotted, "a map", "it has `name`, `type` and `config`"));
            continue;
        }
        let prefix = format!("triggers[{index}].");
        let name = trigger_name(item, &prefix, &mut seen, lowering);
        let declared = trigger(item, &prefix, lowering);
        let (Some(function), Some((name, place)), Some(declared)) = (function, name, declared) else {
            continue;
        };
        let address = Address::keyed(TRIGGER, &function.entry, &name);
        let config = |key: &str| item.get("config").and_then(|config| config.get(key));
        let private =
            matches!(config("disableURLInternet").map(|node| &node.content), Some(Content::Bool(true)));
        let mut links = Vec::new();
        if item.get("type").and_then(Node::text) == Some("http") && !private {
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
            points_at: qualifier(item)
                .map(|(name, place)| (alias::address(&function.service, name), place))
                .into_iter()
                .collect(),
            links,
        };
        let named = qualifier(item);
        if let Some(need) = named.and_then(|(name, place)| alias::qualifier(&function.service, name, &place))
        {
            lowering.need(address.clone(), Path::field("qualifier"), need);
        }
        lowering.declare(&TRIGGER_SCHEMA, address, draft);
    }
}

/// Returns the version or alias that calls go to, and where it is named.
fn qualifier(item: &Node) -> Option<(&str, Span)> {
    let node = item.get("qualifier")?;
    Some((node.text()?, node.place().clone()))
}

fn trigger_name(
    item: &Node,
    prefix: &str,
    seen: &mut BTreeMap<String, Span>,
    lowering: &mut Lowering,
) -> Option<(String, Span)> {
    let owner = first_line(&item.span);
    let (name, place) =
        name_text(item, "name", &owner, &format!("{prefix}name"), "the trigger's name", lowering)?;
    if let (Some(problem), Some(node)) = (refuses_name(TRIGGER, &name), item.get("name")) {
        lowering.report(node.blame(Diagnostic::error(codes::BAD_NAME, problem), "not a name of a trigger"));
        return None;
    }
    if let Some(first) = seen.get(&name) {
        lowering.report(twice("trigger", &name, place, first));
        return None;
    }
    seen.insert(name.clone(), place.clone());
    Some((name, place))
}

/// Reads everything of a trigger but its name; nothing where its type is none.
fn trigger(item: &Node, prefix: &str, lowering: &mut Lowering) -> Option<Declared> {
    let owner = first_line(&item.span);
    let mut item = item.clone();
    let kind = item.get("type").and_then(Node::text).map(str::to_owned);
    if let (Some(kind), Some(node)) = (&kind, item.get("type")) {
        let Some((_, required, optional)) = TRIGGER_TYPES.iter().find(|(name, ..)| name == kind) else {
            let names = TRIGGER_TYPES.map(|(name, ..)| name);
            lowering.report(unknown_value(node, &format!("{prefix}type"), kind, &names));
            return None;
        };
        config(&mut item, kind, required, optional, prefix, &owner, lowering);
    }
    role(&item, "role", lowering);
    if let Some((kind, form)) = FROM_A_SOURCE.iter().find(|(name, _)| kind.as_deref() == Some(name))
        && item.get("sourceArn").is_none()
    {
        let doc = format!("what the events come from; for the type `{kind}`: `{form}`");
        lowering.report(missing(&owner, &format!("{prefix}sourceArn"), &doc));
    }
    let keys = Keys { handled: &["triggers.name"], unbuilt: &[], spelled: SPELLED };
    let mut typing = Typing::new(lowering.diagnostics(), keys);
    typing.object(TRIGGER_SCHEMA.attributes, &item, &owner, &Path::root(), prefix);
    Some(typing.declared)
}

/// Checks which keys stand in a `config`, and takes those of another type out.
fn config(
    item: &mut Node,
    kind: &str,
    required: &[&str],
    optional: &[&str],
    prefix: &str,
    owner: &Span,
    lowering: &mut Lowering,
) {
    let Some(config) = pair_mut(item, "config") else {
        if !required.is_empty() {
            let needs = format!("a trigger of type `{kind}` needs `{}` in it", required.join("`, `"));
            lowering.report(missing(owner, &format!("{prefix}config"), &needs));
        }
        return;
    };
    let at = config.key.span.clone();
    let node = &mut config.value;
    if kind == "http" && node.pairs().is_some() && node.get("methods").is_none() {
        // As the tool does.
        let get = Node::made(Content::Text("GET".to_owned()), at.clone());
        put(node, "methods", Node::made(Content::List(vec![get]), at.clone()));
    }
    take(node, "bucketName"); // the bucket is in the ARN
    let Content::Map(pairs) = &mut node.content else { return };
    for key in required {
        if !pairs.iter().any(|pair| pair.key.text == *key) {
            let doc = format!("a trigger of type `{kind}` needs it");
            lowering.report(missing(&at, &format!("{prefix}config.{key}"), &doc));
        }
    }
    let others =
        || TRIGGER_TYPES.iter().flat_map(|(_, required, optional)| required.iter().chain(*optional).copied());
    pairs.retain(|pair| {
        let key = pair.key.text.as_str();
        let own = required.contains(&key) || optional.contains(&key);
        if !own && others().any(|other| other == key) {
            let what = format!("a trigger of type `{kind}` has no `{key}`");
            let warning = Diagnostic::warning(codes::UNKNOWN_KEY, what);
            lowering.report(warning.at(pair.key.span.clone(), "not used"));
            return false;
        }
        true
    });
    let jwt = pairs.iter().find(|pair| pair.key.text == "authType" && pair.value.text() == Some("jwt"));
    if let Some(pair) = jwt {
        let instead = "write `anonymous`, where the code checks who calls, or `function`, for callers with keys of the account";
        lowering.report(not_built("an http trigger of authType `jwt`", &pair.value.span).help(instead));
    }
}
