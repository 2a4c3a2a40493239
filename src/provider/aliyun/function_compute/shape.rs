//! What the service answers, as resources.
//!
//! An answer is kept whole in the resource's document, in the form that the schema speaks of: a trigger's
//! configuration, which travels as JSON inside a text, is an object here, and layers are their names.

use std::collections::BTreeMap;

use super::api::{Api, ToldApart};
use crate::model::{Identity, PackageFacts, Resource, Value, flatten};
use crate::provider::aliyun::wire;

/// An answer about something else than was asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the answer is not about {0}")]
pub struct WrongAnswer(String);

/// Returns the resource that an answer shows.
pub fn resource(
    api: &'static Api,
    identity: &Identity,
    mut document: BTreeMap<String, Value>,
    condition: Option<String>,
) -> Result<Resource, WrongAnswer> {
    let named = name(api, &document);
    // A configuration of a qualifier may leave the qualifier out.
    let unsaid = named.is_none() && api.told_apart == ToldApart::ByQualifier;
    if named != Some(&identity.name) && !unsaid {
        return Err(WrongAnswer(identity.to_string()));
    }
    parse_trigger_config(&mut document);
    name_layers(&mut document);
    Ok(Resource {
        identity: identity.clone(),
        attributes: flatten(api.schema, &document),
        outputs: outputs(api, &document),
        modified: text(&document, "lastModifiedTime").map(str::to_owned),
        condition,
        package: package(&document),
        document,
    })
}

/// Returns the live name that an answer, or an item of a list, is about.
pub fn name<'a>(api: &Api, document: &'a BTreeMap<String, Value>) -> Option<&'a str> {
    text(document, api.schema.name)
}

/// Returns what there is to say of a resource that is only a name in a list.
pub fn only_named(api: &Api, name: &str) -> BTreeMap<String, Value> {
    BTreeMap::from([(api.schema.name.to_owned(), Value::text(name))])
}

fn text<'a>(document: &'a BTreeMap<String, Value>, field: &str) -> Option<&'a str> {
    document.get(field)?.as_text()
}

/// Turns the configuration's text into the object that it spells; any other text is kept as it is.
fn parse_trigger_config(document: &mut BTreeMap<String, Value>) {
    let Some(text) = text(document, "triggerConfig") else {
        return;
    };
    if text.is_empty() {
        document.remove("triggerConfig");
    } else if let Ok(config) = serde_json::from_str(text) {
        document.insert("triggerConfig".to_owned(), Value::Map(wire::object(config)));
    }
}

/// Turns `{arn, size}` into the name alone: that is what a write takes.
fn name_layers(document: &mut BTreeMap<String, Value>) {
    let Some(Value::List(layers)) = document.get_mut("layers") else {
        return;
    };
    for layer in layers {
        if let Value::Map(fields) = layer
            && let Some(arn) = fields.remove("arn")
        {
            *layer = arn;
        }
    }
}

fn package(document: &BTreeMap<String, Value>) -> Option<PackageFacts> {
    let checksum = text(document, "codeChecksum").filter(|checksum| !checksum.is_empty())?.to_owned();
    let size = match document.get("codeSize") {
        Some(Value::Number(size)) => size.as_integer().and_then(|size| u64::try_from(size).ok()),
        _ => None,
    };
    Some(PackageFacts { checksum, size: size.unwrap_or_default() })
}

fn outputs(api: &Api, document: &BTreeMap<String, Value>) -> BTreeMap<String, Value> {
    let addresses = match document.get("httpTrigger") {
        Some(Value::Map(addresses)) => Some(addresses),
        _ => None,
    };
    let address = || {
        let domain = text(document, "domainName")?;
        let secure = text(document, "protocol").is_some_and(|protocol| protocol.contains("HTTPS"));
        let scheme = if secure { "https" } else { "http" };
        Some(Value::Text(format!("{scheme}://{domain}/")))
    };
    let find = |output: &str| match output {
        "url" if api.schema.name == "domainName" => address(),
        output => document.get(output).or_else(|| addresses?.get(output)).cloned(),
    };
    api.schema
        .outputs
        .iter()
        .filter_map(|(output, _)| {
            Some(((*output).to_owned(), find(output).filter(|value| !value.is_empty())?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::aliyun::fc3::calls::{CUSTOM_DOMAINS, FUNCTIONS, TRIGGERS};

    fn read(api: &'static Api, name: &str, json: &str) -> Result<Resource, WrongAnswer> {
        let identity = Identity {
            cloud: "aliyun".to_owned(),
            account: "1".to_owned(),
            region: "cn-hangzhou".to_owned(),
            kind: api.schema.kind.to_owned(),
            parent: None,
            name: name.to_owned(),
        };
        let document = wire::object(serde_json::from_str(json).expect("JSON"));
        resource(api, &identity, document, None)
    }

    #[track_caller]
    fn check(
        api: &'static Api,
        name: &str,
        json: &str,
        attributes: &[(&str, Value)],
        outputs: &[(&str, &str)],
    ) {
        let resource = read(api, name, json).expect("the answer is about it");
        let found: Vec<_> =
            resource.attributes.iter().map(|(path, value)| (path.to_string(), value.clone())).collect();
        let expected: Vec<_> =
            attributes.iter().map(|(path, value)| ((*path).to_owned(), value.clone())).collect();
        assert_eq!(found, expected);
        let found: Vec<_> = resource
            .outputs
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_text().unwrap_or_default()))
            .collect();
        assert_eq!(found, outputs);
    }

    #[test]
    fn a_new_function_has_only_what_was_set_and_the_defaults() {
        let answer = r#"{"functionName": "hello", "functionId": "id", "functionArn": "arn", "description": "",
            "runtime": "python3.10", "memorySize": 512, "cpu": 0.35, "environmentVariables": {"A": "1"},
            "layers": [{"arn": "l1", "size": 3}], "tags": null, "role": "", "state": "Active",
            "customRuntimeConfig": {"command": [], "port": 9000},
            "codeSize": 162, "codeChecksum": "667", "lastModifiedTime": "2026-01-02T03:04:05Z", "later": 1}"#;
        check(
            &FUNCTIONS,
            "hello",
            answer,
            &[
                ("cpu", Value::Number(crate::model::Number::new(0.35).expect("finite"))),
                ("customRuntimeConfig.port", Value::int(9000)),
                ("environmentVariables[\"A\"]", "1".into()),
                ("memorySize", Value::int(512)),
                ("runtime", "python3.10".into()),
            ],
            &[("functionArn", "arn"), ("functionId", "id"), ("functionName", "hello")],
        );
        let resource = read(&FUNCTIONS, "hello", answer).expect("the answer is about it");
        assert_eq!(resource.package, Some(PackageFacts { checksum: "667".to_owned(), size: 162 }));
        assert_eq!(resource.modified.as_deref(), Some("2026-01-02T03:04:05Z"));
        assert_eq!(resource.document["layers"], Value::List(vec!["l1".into()]));
        assert_eq!(resource.document["later"], Value::int(1), "the whole answer is kept");
    }

    #[test]
    fn a_triggers_configuration_is_read_from_its_text() {
        check(
            &TRIGGERS,
            "http",
            r#"{"triggerName": "http", "triggerType": "http", "qualifier": "LATEST", "triggerId": "t",
                "triggerConfig": "{\"methods\":[\"POST\",\"GET\"],\"authType\":\"anonymous\",\"authConfig\":null}",
                "httpTrigger": {"urlInternet": "https://a", "urlIntranet": "https://b"}}"#,
            &[
                ("qualifier", "LATEST".into()),
                ("triggerConfig.authType", "anonymous".into()),
                ("triggerConfig.methods", Value::List(vec!["GET".into(), "POST".into()])),
                ("triggerType", "http".into()),
            ],
            &[("triggerId", "t"), ("urlInternet", "https://a"), ("urlIntranet", "https://b")],
        );
    }

    #[test]
    fn a_domain_has_its_routes_by_path_and_an_address() {
        check(
            &CUSTOM_DOMAINS,
            "a.example.com",
            r#"{"domainName": "a.example.com", "protocol": "HTTP,HTTPS",
                "routeConfig": {"routes": [{"path": "/*", "functionName": "hello", "methods": []}]}}"#,
            &[
                ("protocol", "HTTP,HTTPS".into()),
                ("routeConfig.routes[\"/*\"].functionName", "hello".into()),
                ("routeConfig.routes[\"/*\"].path", "/*".into()),
            ],
            &[("domainName", "a.example.com"), ("url", "https://a.example.com/")],
        );
    }

    #[test]
    fn an_answer_about_something_else_is_none() {
        for answer in [r#"{"functionName": "other"}"#, "{}", r#"{"functionName": 3}"#] {
            assert!(read(&FUNCTIONS, "hello", answer).is_err(), "{answer}");
        }
    }
}
