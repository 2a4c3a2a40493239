//! The bodies of writes.
//!
//! The service replaces a field that an update carries as a whole and keeps every field that it does not
//! carry. So an update carries only the top-level fields that something is written in, each composed over the
//! reading made just before: what nobody decided about is sent back as it was found.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value as Json};

use super::api::{Api, ToldApart};
use crate::model::{
    Attribute, Attributes, Identity, Kind, Order, Package, Part, Path, Resource, Value, assemble,
};
use crate::provider::aliyun::wire;

type Object = BTreeMap<String, Value>;

/// Returns the body that makes a resource.
pub fn create(api: &Api, identity: &Identity, attributes: &Attributes, package: Option<&Package>) -> Json {
    let mut document = assemble(api.schema, attributes);
    if api.told_apart != ToldApart::ByQualifier {
        document.insert(api.schema.name.to_owned(), Value::text(&identity.name));
    }
    if api.schema.attributes.iter().any(|attribute| attribute.name == "triggerConfig") {
        document.entry("triggerConfig".to_owned()).or_insert_with(|| Value::Map(Object::new()));
    }
    body(&document, package)
}

/// Returns the body that changes these paths of a resource, and nothing else.
pub fn update(
    api: &Api,
    live: &Resource,
    set: &BTreeMap<Path, Option<Value>>,
    package: Option<&Package>,
) -> Json {
    let written = set.iter().filter(|(path, _)| !path.is_code());
    let tops: BTreeSet<&str> = match api.told_apart {
        ToldApart::ByName | ToldApart::InList => written.clone().map(|(path, _)| path.top()).collect(),
        // It is put in its place whole.
        ToldApart::ByQualifier => api.schema.attributes.iter().map(|attribute| attribute.name).collect(),
    };
    let mut document: Object =
        tops.into_iter().filter_map(|top| Some((top.to_owned(), live.document.get(top)?.clone()))).collect();
    for (path, value) in written {
        edit(api.schema.attributes, &mut document, path.parts(), value.as_ref());
    }
    body(&document, package)
}

/// Fills region and account into names that leave them out: `acs:fc:::services/…`.
pub fn complete_names(body: &mut Json, region: &str, account: &str) {
    match body {
        Json::String(text) => {
            if let Some((service, rest)) = text.strip_prefix("acs:").and_then(|rest| rest.split_once(":::")) {
                *text = format!("acs:{service}:{region}:{account}:{rest}");
            }
        }
        Json::Array(items) => items.iter_mut().for_each(|item| complete_names(item, region, account)),
        Json::Object(fields) => fields.values_mut().for_each(|value| complete_names(value, region, account)),
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

/// Returns whether a body says nothing.
pub fn is_empty(body: &Json) -> bool {
    body.as_object().is_some_and(Map::is_empty)
}

fn body(document: &Object, package: Option<&Package>) -> Json {
    let mut body = wire::json_object(document);
    if let Some(config @ Json::Object(_)) = body.get("triggerConfig") {
        let text = Json::String(config.to_string());
        body.insert("triggerConfig".to_owned(), text);
    }
    if let Some(package) = package {
        // No checksum beside it: the signature covers these bytes, and the answer's checksum is compared.
        let code = [("zipFile".to_owned(), Json::String(STANDARD.encode(&package.bytes)))];
        body.insert("code".to_owned(), Json::Object(code.into_iter().collect()));
    }
    Json::Object(body)
}

/// Puts one value where its path leads.
fn edit(attributes: &'static [Attribute], object: &mut Object, parts: &[Part], value: Option<&Value>) {
    let Some((Part::Field(name), rest)) = parts.split_first() else {
        return;
    };
    let Some(attribute) = attributes.iter().find(|attribute| attribute.name == name.as_ref()) else {
        return;
    };
    if rest.is_empty() {
        match value.cloned().or_else(|| empty(&attribute.kind)) {
            Some(value) => object.insert(attribute.name.to_owned(), value),
            None => object.remove(attribute.name),
        };
        return;
    }
    match (&attribute.kind, rest) {
        (Kind::Object(fields), rest) => {
            within(object, attribute.name, |inner| edit(fields, inner, rest, value));
        }
        (Kind::Texts | Kind::Map(_), [Part::Key(key)]) => within(object, attribute.name, |map| {
            match value {
                Some(value) => map.insert(key.clone(), value.clone()),
                None => map.remove(key),
            };
        }),
        (Kind::List(Kind::Object(fields), Order::Keyed(by)), [Part::Key(key), rest @ ..]) => {
            let slot = object.entry(attribute.name.to_owned()).or_insert_with(|| Value::List(Vec::new()));
            if !matches!(slot, Value::List(_)) {
                *slot = Value::List(Vec::new());
            }
            if let Value::List(items) = slot {
                edit_element(fields, by, items, key, rest, value);
            }
        }
        _ => {}
    }
}

/// Edits one element of a keyed list; the others keep their places, and a new one comes last.
fn edit_element(
    fields: &'static [Attribute],
    by: &'static str,
    items: &mut Vec<Value>,
    key: &str,
    rest: &[Part],
    value: Option<&Value>,
) {
    let is_it =
        |item: &Value| matches!(item, Value::Map(map) if map.get(by).and_then(Value::as_text) == Some(key));
    let at = items.iter().position(is_it);
    let whole = match rest {
        [] => true,
        [Part::Field(field)] => field == by,
        _ => false,
    };
    let Some(value) = value else {
        match at {
            // An element without the field that tells it apart is none.
            Some(at) if whole => drop(items.remove(at)),
            Some(at) => {
                if let Value::Map(map) = &mut items[at] {
                    edit(fields, map, rest, None);
                }
            }
            None => {}
        }
        return;
    };
    let at = at.unwrap_or_else(|| {
        items.push(Value::Map(Object::from([(by.to_owned(), Value::text(key))])));
        items.len() - 1
    });
    if rest.is_empty() {
        items[at] = value.clone();
    } else if let Value::Map(map) = &mut items[at] {
        edit(fields, map, rest, Some(value));
    }
}

/// Edits the object inside a field, made where there is none.
fn within(object: &mut Object, name: &str, edit: impl FnOnce(&mut Object)) {
    let mut inner = match object.remove(name) {
        Some(Value::Map(map)) => map,
        _ => Object::new(),
    };
    edit(&mut inner);
    object.insert(name.to_owned(), Value::Map(inner));
}

/// Returns the form that says "none": what is simply left out may be kept by the service.
fn empty(kind: &Kind) -> Option<Value> {
    match kind {
        Kind::Text(_) => Some(Value::text("")),
        Kind::List(..) => Some(Value::List(Vec::new())),
        Kind::Texts | Kind::Map(_) | Kind::Object(_) => Some(Value::Map(Object::new())),
        Kind::Bool | Kind::Number { .. } | Kind::Code => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::shape;
    use super::*;
    use crate::provider::aliyun::fc3::calls::{CUSTOM_DOMAINS, FUNCTIONS, TRIGGERS};

    fn live(api: &'static Api, document: Json) -> Resource {
        let Json::Object(document) = document else { panic!("an object") };
        let document = wire::object(document);
        let identity = Identity {
            cloud: "aliyun".to_owned(),
            account: "1".to_owned(),
            region: "cn-hangzhou".to_owned(),
            kind: api.schema.kind.to_owned(),
            parent: None,
            name: shape::name(api, &document).expect("a name").to_owned(),
        };
        shape::resource(api, &identity, document, None).expect("a resource")
    }

    #[track_caller]
    fn check(api: &'static Api, document: Json, set: &[(&str, Option<Value>)], expected: &Json) {
        let set = set.iter().map(|(path, value)| (path.parse().expect("a path"), value.clone())).collect();
        let mut body = update(api, &live(api, document), &set, None);
        if let Some(Json::String(config)) = body.get("triggerConfig") {
            body["triggerConfig"] = serde_json::from_str(config).expect("JSON inside the text");
        }
        assert_eq!(body, *expected);
    }

    #[test]
    fn an_update_carries_only_the_fields_that_are_written() {
        check(
            &FUNCTIONS,
            json!({"functionName": "f", "memorySize": 512, "timeout": 3, "description": "old"}),
            &[("memorySize", Some(Value::int(1024))), ("description", None)],
            &json!({"memorySize": 1024, "description": ""}),
        );
    }

    #[test]
    fn other_peoples_variables_are_sent_back_as_found() {
        check(
            &FUNCTIONS,
            json!({"functionName": "f", "environmentVariables": {"A": "1", "B": "2", "TOKEN": "t"}}),
            &[("environmentVariables[\"A\"]", Some("9".into())), ("environmentVariables[\"B\"]", None)],
            &json!({"environmentVariables": {"A": "9", "TOKEN": "t"}}),
        );
    }

    #[test]
    fn the_last_variable_leaves_an_empty_map() {
        check(
            &FUNCTIONS,
            json!({"functionName": "f", "environmentVariables": {"A": "1"}}),
            &[("environmentVariables[\"A\"]", None)],
            &json!({"environmentVariables": {}}),
        );
    }

    #[test]
    fn unknown_fields_inside_a_written_field_are_kept() {
        check(
            &FUNCTIONS,
            json!({"functionName": "f", "customRuntimeConfig": {"command": ["a"], "port": 9000, "later": 1}}),
            &[
                ("customRuntimeConfig.command", None),
                ("customRuntimeConfig.healthCheckConfig.httpGetUrl", Some("/ok".into())),
            ],
            &json!({"customRuntimeConfig": {"command": [], "port": 9000, "later": 1, "healthCheckConfig": {"httpGetUrl": "/ok"}}}),
        );
        check(
            &TRIGGERS,
            json!({"triggerName": "t", "triggerType": "timer", "description": "d",
                   "triggerConfig": "{\"enable\":true,\"cronExpression\":\"@every 4m\",\"later\":{\"x\":1}}"}),
            &[("triggerConfig.enable", Some(false.into())), ("triggerConfig.payload", None)],
            &json!({"triggerConfig": {"enable": false, "cronExpression": "@every 4m", "payload": "", "later": {"x": 1}}}),
        );
    }

    #[test]
    fn routes_of_others_keep_their_places() {
        let routes = json!({"domainName": "d", "protocol": "HTTP", "routeConfig": {"routes": [
            {"path": "/z", "functionName": "theirs", "later": true},
            {"path": "/a", "functionName": "ours", "methods": ["GET"]},
            {"path": "/b", "functionName": "ours"},
        ]}});
        check(
            &CUSTOM_DOMAINS,
            routes,
            &[
                ("routeConfig.routes[\"/a\"].methods", None),
                ("routeConfig.routes[\"/b\"].functionName", None),
                ("routeConfig.routes[\"/b\"].path", None),
                ("routeConfig.routes[\"/b\"].qualifier", None),
                ("routeConfig.routes[\"/c\"].functionName", Some("new".into())),
                ("routeConfig.routes[\"/c\"].path", Some("/c".into())),
            ],
            &json!({"routeConfig": {"routes": [
                {"path": "/z", "functionName": "theirs", "later": true},
                {"path": "/a", "functionName": "ours", "methods": []},
                {"path": "/c", "functionName": "new"},
            ]}}),
        );
    }

    #[test]
    fn names_that_leave_region_and_account_out_are_completed() {
        let mut body = json!({"a": {"destination": "acs:fc:::services/s/functions/f"}, "b": ["acs:mns:cn-x:1:/queues/q"],
                              "c": "a:::b", "n": 1});
        complete_names(&mut body, "cn-hangzhou", "123");
        let expected = json!({"a": {"destination": "acs:fc:cn-hangzhou:123:services/s/functions/f"},
                              "b": ["acs:mns:cn-x:1:/queues/q"], "c": "a:::b", "n": 1});
        assert_eq!(body, expected);
    }

    #[test]
    fn code_is_no_field_of_an_update_by_path() {
        check(&FUNCTIONS, json!({"functionName": "f"}), &[("code[\"a.py\"]", None)], &json!({}));
    }
}
