//! A function of a service as 3.0 shows it, and what 3.0 may change of it.

use serde_json::{Value, json};

use super::super::function_fields::STATE_FIELDS;
use super::super::{Document, Facts, Map, text};
use super::full_name;
use crate::emulator::error::ApiError;

/// Fields that mean the same in both.
const ALIKE: &[&str] = &[
    "functionId",
    "description",
    "runtime",
    "handler",
    "memorySize",
    "cpu",
    "diskSize",
    "timeout",
    "instanceConcurrency",
    "environmentVariables",
    "customDNS",
    "codeSize",
    "codeChecksum",
    "createdTime",
    "lastModifiedTime",
];

/// Fields that 3.0 has in the function and 2.0 in the service.
const SHARED: &[&str] =
    &["role", "internetAccess", "logConfig", "vpcConfig", "nasConfig", "ossMountConfig", "tracingConfig"];

/// What an update through 3.0 may name, beside `code`.
const WRITABLE: &[&str] = &[
    "description",
    "runtime",
    "handler",
    "memorySize",
    "cpu",
    "diskSize",
    "timeout",
    "instanceConcurrency",
    "environmentVariables",
    "layers",
    "customDNS",
];

/// The function in the form of 3.0, with what it has from its service.
pub fn as_v3(function: &Document, service: &Document, facts: &Facts) -> Document {
    let name = full_name(service.text("serviceName"), function.text("functionName"));
    let mut shown = Map::new();
    let mut copy = |from: &Map, fields: &[&str]| {
        for field in fields {
            if let Some(value) = from.get(*field) {
                shown.insert((*field).to_owned(), value.clone());
            }
        }
    };
    copy(&function.shown, ALIKE);
    copy(&service.shown, SHARED);
    for (field, value) in [
        ("functionArn", json!(facts.function_arn(&name))),
        ("functionName", json!(name)),
        ("layers", layers(&function.shown)),
        ("tags", json!([])),
        ("instanceIsolationMode", json!("SHARE")),
        ("sessionAffinity", json!("NONE")),
        ("disableOndemand", json!(false)),
    ] {
        shown.insert(field.to_owned(), value);
    }
    for field in STATE_FIELDS {
        shown.insert(field.to_owned(), json!(""));
    }
    shown.insert("state".to_owned(), json!("Active"));
    shown.insert("lastUpdateStatus".to_owned(), json!("Successful"));
    let hooks = hooks(&function.shown);
    if !hooks.is_empty() {
        shown.insert("instanceLifecycleConfig".to_owned(), Value::Object(hooks));
    }
    let custom = custom(&function.shown);
    shown.extend(custom);
    if !matches!(function.text("instanceType"), "e1" | "c1") {
        let mut gpu = Map::from_iter([("gpuType".to_owned(), function.shown["instanceType"].clone())]);
        if let Some(size) = function.shown.get("gpuMemorySize") {
            gpu.insert("gpuMemorySize".to_owned(), size.clone());
        }
        shown.insert("gpuConfig".to_owned(), Value::Object(gpu));
    }
    Document { revision: function.revision, shown, kept: function.kept.clone() }
}

/// The input of a 3.0 update as input of a 2.0 update. What 2.0 keeps elsewhere is refused.
pub fn update_of_v3(name: &str, input: &Map) -> Result<Map, ApiError> {
    let mut output = Map::new();
    for (field, value) in input.iter().filter(|(_, value)| !value.is_null()) {
        match field.as_str() {
            "code" | "functionName" => {}
            known if WRITABLE.contains(&known) => {
                output.insert(field.clone(), value.clone());
            }
            other => {
                return Err(ApiError::invalid(format!(
                    "{other} of '{name}' cannot be changed here: the function belongs to a service of FC 2.0, use that API"
                )));
            }
        }
    }
    Ok(output)
}

fn layers(function: &Map) -> Value {
    let arns = function.get("layers").and_then(Value::as_array).into_iter().flatten();
    arns.map(|arn| json!({"arn": arn, "size": 0})).collect()
}

/// The hooks, among which 3.0 counts the initializer and no freezing.
pub fn hooks(function: &Map) -> Map {
    let mut hooks = Map::new();
    let initializer = text(function, "initializer");
    if !initializer.is_empty() {
        let timeout = function.get("initializationTimeout").cloned().unwrap_or(json!(3));
        hooks.insert("initializer".to_owned(), json!({"handler": initializer, "timeout": timeout}));
    }
    if let Some(stop) = function.get("instanceLifecycleConfig").and_then(|config| config.get("preStop")) {
        hooks.insert("preStop".to_owned(), stop.clone());
    }
    hooks
}

/// Port, command and health check, which 3.0 keeps in one object.
pub fn custom(function: &Map) -> Map {
    let runtime = text(function, "runtime");
    if !runtime.starts_with("custom") {
        return Map::new();
    }
    let mut config = Map::new();
    let port = function.get("caPort").cloned().unwrap_or(json!(9000));
    let name = if runtime == "custom-container" {
        let container = function.get("customContainerConfig").and_then(Value::as_object);
        let list = |field: &str| {
            let list = container.and_then(|it| serde_json::from_str::<Value>(text(it, field)).ok());
            list.unwrap_or(json!([]))
        };
        config.insert("image".to_owned(), json!(container.map_or("", |container| text(container, "image"))));
        config.insert("entrypoint".to_owned(), list("command"));
        config.insert("command".to_owned(), list("args"));
        "customContainerConfig"
    } else {
        let given = function.get("customRuntimeConfig").and_then(Value::as_object);
        for field in ["command", "args"] {
            let list = given.and_then(|given| given.get(field)).cloned().unwrap_or(json!([]));
            config.insert(field.to_owned(), list);
        }
        "customRuntimeConfig"
    };
    config.insert("port".to_owned(), port);
    if let Some(check) = function.get("customHealthCheckConfig") {
        config.insert("healthCheckConfig".to_owned(), check.clone());
    }
    Map::from_iter([(name.to_owned(), Value::Object(config))])
}

#[cfg(test)]
mod tests {
    use super::super::super::code::Package;
    use super::super::{function, service};
    use super::*;
    use crate::emulator::world::tests::facts;

    fn object(value: &Value) -> Map {
        value.as_object().expect("an object").clone()
    }

    fn view(extra: &Value) -> Map {
        let mut input =
            object(&json!({"functionName": "f", "runtime": "python3", "handler": "index.handler"}));
        input.extend(object(extra));
        let service =
            object(&json!({"serviceName": "s", "role": "acs:ram::1:role/r", "internetAccess": false}));
        let service = service::create(&service, &facts()).expect("is accepted");
        let package = (input["runtime"] != "custom-container").then(|| Package::new(b"zip".to_vec()));
        let function = function::create("s", &input, package.as_ref(), &facts()).expect("is accepted");
        as_v3(&function, &service, &facts()).shown
    }

    #[test]
    fn what_the_service_has_the_function_shows() {
        let shown = view(&json!({"layers": ["acs:fc:r:1:layers/x/versions/1"], "initializer": "index.init"}));
        assert_eq!(shown["functionName"], "s$f");
        assert_eq!(shown["functionArn"], "acs:fc:cn-hangzhou:1000000000000001:functions/s$f");
        assert_eq!((&shown["role"], &shown["internetAccess"]), (&json!("acs:ram::1:role/r"), &json!(false)));
        assert_eq!(shown["layers"][0]["arn"], "acs:fc:r:1:layers/x/versions/1");
        assert_eq!(
            shown["instanceLifecycleConfig"],
            json!({"initializer": {"handler": "index.init", "timeout": 3}})
        );
        for absent in ["instanceType", "initializer", "caPort", "gpuConfig"] {
            assert!(!shown.contains_key(absent), "{absent}");
        }
    }

    #[test]
    fn ports_commands_and_gpus_change_their_places() {
        let shown =
            view(&json!({"runtime": "custom", "caPort": 8080, "customRuntimeConfig": {"command": ["x"]}}));
        assert_eq!(shown["customRuntimeConfig"], json!({"command": ["x"], "args": [], "port": 8080}));
        let container = json!({"image": "i", "command": "[\"/run\"]", "args": "[\"a\"]"});
        let shown = view(&json!({"runtime": "custom-container", "customContainerConfig": container,
            "instanceType": "fc.gpu.tesla.1", "gpuMemorySize": 2048}));
        assert_eq!(
            shown["customContainerConfig"],
            json!({"image": "i", "entrypoint": ["/run"], "command": ["a"], "port": 9000})
        );
        assert_eq!(shown["gpuConfig"], json!({"gpuType": "fc.gpu.tesla.1", "gpuMemorySize": 2048}));
    }

    #[test]
    fn an_update_through_3_0_cannot_reach_the_service() {
        let own = update_of_v3("s$f", &object(&json!({"timeout": 9, "cpu": null}))).expect("is accepted");
        assert_eq!(own, object(&json!({"timeout": 9})));
        let refused = update_of_v3("s$f", &object(&json!({"role": "r"}))).expect_err("must be refused");
        assert!(refused.message.contains("role of 's$f'"), "{}", refused.message);
    }
}
