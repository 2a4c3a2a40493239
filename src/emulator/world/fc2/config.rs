//! The configurations of functions of services: those of 3.0 in other words, and the on-demand one.

use serde_json::{Value, json};

use super::super::config::Kind;
use super::super::shape::{Fill, Shape, field};
use super::super::{Document, Map, text};
use super::split_name;

/// How many instances may run on demand.
pub const ON_DEMAND: Kind = Kind {
    key: "on-demand",
    fields: &[field("maximumInstanceCount", Shape::Whole(0, 100_000, 1), Fill::Required)],
    list: "configs",
    absent: Some(("OnDemandConfigNotFound", "on-demand config of")),
    qualified: true,
    timed: false,
};

/// The asynchronous configuration's input in the words of 3.0.
pub fn async_stored(mut input: Map) -> Map {
    if let Some(flag) = input.remove("statefulInvocation") {
        input.insert("asyncTask".to_owned(), flag);
    }
    input
}

/// The asynchronous configuration as 2.0 shows it.
pub fn async_shown(mut config: Map) -> Map {
    let flag = config.remove("asyncTask").unwrap_or(json!(false));
    config.insert("statefulInvocation".to_owned(), flag);
    let (service, function, qualifier) = place(&mut config);
    for (field, value) in [("service", service), ("function", function), ("qualifier", qualifier)] {
        config.insert(field.to_owned(), json!(value));
    }
    config
}

/// The provision configuration as 2.0 shows it. `account` stands in the name of its resource.
pub fn provision_shown(mut config: Map, account: &str) -> Map {
    for field in ["defaultTarget", "alwaysAllocateGPU"] {
        config.remove(field);
    }
    let (service, function, qualifier) = place(&mut config);
    if !service.is_empty() {
        let resource = format!("{account}#{service}#{qualifier}#{function}");
        config.insert("resource".to_owned(), json!(resource));
    }
    config
}

/// The on-demand configuration as 2.0 shows it.
pub fn on_demand_shown(config: &Document) -> Value {
    let mut config = config.shown.clone();
    let (service, function, qualifier) = place(&mut config);
    config.insert("resource".to_owned(), json!(resource(&service, &qualifier, &function)));
    Value::Object(config)
}

fn resource(service: &str, qualifier: &str, function: &str) -> String {
    format!("services/{service}.{qualifier}/functions/{function}")
}

/// Takes the ARN out, and says what it names: service, function and qualifier.
fn place(config: &mut Map) -> (String, String, String) {
    let arn = text(config, "functionArn").to_owned();
    config.remove("functionArn");
    let name = arn.split_once(":functions/").map_or("", |(_, name)| name);
    let (name, qualifier) = name.split_once('/').unwrap_or((name, "LATEST"));
    let (service, function) = split_name(name).unwrap_or(("", name));
    (service.to_owned(), function.to_owned(), qualifier.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(extra: &Value) -> Map {
        let mut config = extra.as_object().expect("an object").clone();
        config.insert("functionArn".to_owned(), json!("acs:fc:r:1:functions/s$f/prod"));
        config
    }

    #[test]
    fn configurations_name_their_place_in_the_words_of_2_0() {
        let shown = async_shown(of(&json!({"asyncTask": true, "maxAsyncRetryAttempts": 1})));
        assert_eq!(
            Value::Object(shown),
            json!({"statefulInvocation": true, "maxAsyncRetryAttempts": 1,
                "service": "s", "function": "f", "qualifier": "prod"})
        );
        let shown = provision_shown(of(&json!({"target": 2, "current": 2, "defaultTarget": 2})), "1");
        assert_eq!(Value::Object(shown), json!({"target": 2, "current": 2, "resource": "1#s#prod#f"}));
        let document = Document { shown: of(&json!({"maximumInstanceCount": 3})), ..Document::default() };
        assert_eq!(
            on_demand_shown(&document),
            json!({"maximumInstanceCount": 3, "resource": "services/s.prod/functions/f"})
        );
    }

    #[test]
    fn none_is_shown_without_a_resource() {
        assert!(!provision_shown(Map::new(), "1").contains_key("resource"));
    }
}
