//! Functions of services: which input is accepted, what the service fills in, and what an update keeps.
//!
//! Where `cpu` was never given it follows `memorySize`, as it did before there was such a field.

use serde_json::{Value, json};

use super::super::function::{check_environment, check_package, fits};
use super::super::function_fields::RUNTIMES;
use super::super::shape::{Missing, read};
use super::super::{Document, Facts, Map, check_name, code, text};
use super::function_fields::{OLD_RUNTIMES, WRITABLE};
use crate::emulator::error::ApiError;

/// Makes a function of `CreateFunction`'s input. The package's bytes stay with the caller.
pub fn create(
    service: &str,
    input: &Map,
    package: Option<&code::Package>,
    facts: &Facts,
) -> Result<Document, ApiError> {
    let name = text(input, "functionName");
    check_name("functionName", name, 64)?;
    let mut document = Document { shown: read(WRITABLE, input, "", Missing::Fill)?, ..Document::default() };
    document.kept.insert("service".to_owned(), json!(service));
    if !document.shown.contains_key("cpu") {
        document.kept.insert("cpuFollows".to_owned(), json!(true));
    }
    finish(&mut document)?;
    let runtime = document.text("runtime");
    if runtime != "custom-container" && package.is_none() {
        return Err(ApiError::invalid("Either ossBucketName/ossObjectName or zipFile must be set"));
    }
    check_package(&document.shown, package)?;
    for (field, value) in [
        ("functionName", name),
        ("functionId", &facts.uuid),
        ("createdTime", &facts.time()),
        ("lastModifiedTime", &facts.time()),
    ] {
        document.shown.insert(field.to_owned(), json!(value));
    }
    code::carry(&mut document, package);
    Ok(document)
}

/// Applies `UpdateFunction`'s input. Returns the same document when nothing changes.
pub fn update(
    current: &Document,
    input: &Map,
    package: Option<&code::Package>,
    facts: &Facts,
) -> Result<Document, ApiError> {
    let mut input = input.clone();
    // One SDK spells the field with a capital.
    if let Some(value) = input.remove("InstanceConcurrency") {
        input.entry("instanceConcurrency").or_insert(value);
    }
    let mut next = current.clone();
    let mut given = read(WRITABLE, &input, "", Missing::Leave)?;
    if given.contains_key("cpu") {
        next.kept.remove("cpuFollows");
    }
    next.shown.append(&mut given);
    finish(&mut next)?;
    check_package(&next.shown, package)?;
    code::carry(&mut next, package);
    if next != *current {
        next.shown.insert("lastModifiedTime".to_owned(), json!(facts.time()));
    }
    Ok(next)
}

/// Judges what binds several fields, and fills in what follows from others.
fn finish(document: &mut Document) -> Result<(), ApiError> {
    let follows = document.kept.contains_key("cpuFollows");
    let shown = &mut document.shown;
    if text(shown, "handler").is_empty() {
        return Err(ApiError::invalid("Handler is required but not provided"));
    }
    let runtime = text(shown, "runtime").to_owned();
    let known = RUNTIMES.contains(&runtime.as_str()) || OLD_RUNTIMES.contains(&runtime.as_str());
    if !known || runtime == "micro-sandbox" {
        return Err(ApiError::invalid("Runtime is set to an invalid value"));
    }
    if runtime == "custom-container" && !shown.contains_key("customContainerConfig") {
        return Err(ApiError::invalid("customContainerConfig is required for runtime custom-container"));
    }
    if runtime.starts_with("custom") {
        shown.entry("caPort").or_insert(json!(9000));
    }
    let memory = shown.get("memorySize").and_then(Value::as_i64).unwrap_or(128);
    if follows {
        shown.insert("cpu".to_owned(), json!(cpu_of(memory)));
    }
    check_cpu(shown, memory)?;
    if !matches!(shown.get("diskSize").and_then(Value::as_i64), Some(512 | 10240)) {
        return Err(ApiError::invalid("diskSize must be 512 or 10240"));
    }
    let whole = |field: &str| shown.get(field).and_then(Value::as_i64);
    if whole("instanceSoftConcurrency") > whole("instanceConcurrency") {
        return Err(ApiError::invalid("instanceSoftConcurrency must not exceed instanceConcurrency"));
    }
    check_environment(shown)?;
    check_container(shown)
}

/// The share that came with memory when memory was all one could choose: two thirds of a vCPU per gigabyte,
/// in the steps and bounds of today.
fn cpu_of(memory: i64) -> f64 {
    let gigabytes = f64::from(i32::try_from(memory).unwrap_or(i32::MAX)) / 1024.0;
    ((gigabytes * 2.0 / 3.0 * 20.0).round() / 20.0).max(0.05)
}

fn check_cpu(shown: &Map, memory: i64) -> Result<(), ApiError> {
    let cpu = shown.get("cpu").and_then(Value::as_f64).unwrap_or(0.05);
    if ((cpu * 20.0).round() - cpu * 20.0).abs() > 1e-6 {
        return Err(ApiError::invalid("cpu must be a multiple of 0.05"));
    }
    // What a GPU comes with has other proportions.
    let of_a_gpu = !matches!(text(shown, "instanceType"), "e1" | "c1");
    if of_a_gpu || fits(memory, cpu) {
        return Ok(());
    }
    Err(ApiError::invalid(format!(
        "cpu {cpu} and memorySize {memory} do not go together: the ratio of vCPU to memory in GB must be between 1:1 and 1:4"
    )))
}

fn check_container(shown: &Map) -> Result<(), ApiError> {
    let Some(Value::Object(container)) = shown.get("customContainerConfig") else {
        return Ok(());
    };
    for field in ["command", "args"] {
        let value = text(container, field);
        if !value.is_empty() && serde_json::from_str::<Vec<String>>(value).is_err() {
            return Err(ApiError::invalid(format!(
                "customContainerConfig.{field} must be a string that holds a JSON list of strings"
            )));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emulator::world::tests::facts;

    fn make(extra: &Value) -> Result<Document, String> {
        let mut input = json!({"functionName": "f", "runtime": "python3", "handler": "index.handler"});
        for (field, value) in extra.as_object().expect("an object") {
            input[field] = value.clone();
        }
        let package = code::Package::new(b"zip".to_vec());
        let package = (input["runtime"] != "custom-container").then_some(package);
        create("s", input.as_object().expect("an object"), package.as_ref(), &facts())
            .map_err(|error| error.message)
    }

    fn updated(current: &Document, input: &Value) -> Result<Document, String> {
        update(current, input.as_object().expect("an object"), None, &facts()).map_err(|error| error.message)
    }

    #[test]
    fn a_function_gets_the_defaults_of_2_0() {
        let function = make(&json!({})).expect("is accepted");
        assert_eq!(
            Value::Object(function.shown),
            json!({
                "functionName": "f", "functionId": "aa715851-1c20-4b89-a8fb-0123456789ab",
                "runtime": "python3", "handler": "index.handler", "description": "",
                "memorySize": 128, "cpu": 0.1, "diskSize": 512, "timeout": 3,
                "environmentVariables": {}, "initializer": "", "initializationTimeout": 3,
                "instanceConcurrency": 1, "instanceType": "e1", "layers": [],
                "codeSize": 3, "codeChecksum": code::checksum(b"zip"),
                "createdTime": "2026-01-02T03:04:05Z", "lastModifiedTime": "2026-01-02T03:04:05Z",
            })
        );
    }

    proptest::proptest! {
        #[test]
        fn an_update_ends_where_a_create_of_both_would(first in input(), second in input()) {
            let both: Map = first.clone().into_iter().chain(second.clone()).collect();
            let created = make(&Value::Object(first)).expect("is accepted");
            let updated = updated(&created, &Value::Object(second)).expect("is accepted");
            let whole = make(&Value::Object(both)).expect("is accepted");
            proptest::prop_assert_eq!(updated.shown, whole.shown);
        }
    }

    /// Some of the fields that go with any others.
    fn input() -> impl proptest::strategy::Strategy<Value = Map> {
        use proptest::prelude::*;
        let fields = [
            ("description", vec![json!(""), json!("text")]),
            ("memorySize", vec![json!(128), json!(1024), json!(3072)]),
            ("timeout", vec![json!(1), json!(86400)]),
            ("environmentVariables", vec![json!({}), json!({"A": "1"}), json!({"B": "值"})]),
            ("layers", vec![json!([]), json!(["acs:fc:r:1:layers/x/versions/1"])]),
            ("initializer", vec![json!(""), json!("index.init")]),
            ("initializationTimeout", vec![json!(3), json!(300)]),
            ("instanceType", vec![json!("e1"), json!("c1")]),
            ("instanceLifecycleConfig", vec![json!({}), json!({"preStop": {"handler": "h"}})]),
            ("customDNS", vec![json!({"nameServers": ["1.1.1.1"]}), json!({"unknown": 1})]),
        ];
        let chosen = fields.map(|(name, values)| {
            let value = proptest::option::of(proptest::sample::select(values));
            value.prop_map(move |value| value.map(|value| (name.to_owned(), value)))
        });
        chosen.prop_map(|fields| fields.into_iter().flatten().collect())
    }

    #[test]
    fn every_memory_size_has_a_share_of_cpu_that_fits() {
        for memory in (128..=24576).step_by(64) {
            assert!(fits(memory, cpu_of(memory)), "{memory}: {}", cpu_of(memory));
        }
    }

    #[test]
    fn cpu_follows_memory_until_it_is_given() {
        let function = make(&json!({})).expect("is accepted");
        let larger = updated(&function, &json!({"memorySize": 3072})).expect("is accepted");
        assert_eq!(larger.shown["cpu"], 2.0);
        let own = updated(&larger, &json!({"cpu": 1})).expect("is accepted");
        assert_eq!(own.shown["cpu"], 1);
        assert!(updated(&own, &json!({"memorySize": 128})).is_err_and(|refused| refused.contains("1:4")));
    }

    #[test]
    fn custom_runtimes_listen_on_9000() {
        assert_eq!(make(&json!({"runtime": "custom"})).expect("is accepted").shown["caPort"], 9000);
        assert!(!make(&json!({})).expect("is accepted").shown.contains_key("caPort"));
    }

    #[test]
    fn one_sdk_spells_a_field_with_a_capital() {
        let function = make(&json!({})).expect("is accepted");
        let next = updated(&function, &json!({"InstanceConcurrency": 20})).expect("is accepted");
        assert_eq!(next.shown["instanceConcurrency"], 20);
    }

    #[track_caller]
    fn refuses(extra: &Value, part: &str) {
        let refused = make(extra).expect_err("must be refused");
        assert!(refused.contains(part), "{refused}");
    }

    #[test]
    fn refusals_say_what_is_wrong() {
        refuses(&json!({"functionName": "a$b"}), "functionName 'a$b'");
        refuses(&json!({"functionName": "a".repeat(65)}), "1 to 64");
        refuses(&json!({"runtime": "micro-sandbox"}), "Runtime");
        refuses(&json!({"runtime": "custom-container"}), "customContainerConfig");
        refuses(&json!({"memorySize": 100}), "memorySize must be a multiple of 64");
        refuses(&json!({"instanceType": "big"}), "instanceType must be one of e1");
        refuses(&json!({"instanceConcurrency": 2, "instanceSoftConcurrency": 3}), "instanceSoftConcurrency");
        refuses(&json!({"initializationTimeout": 301}), "initializationTimeout");
        refuses(&json!({"environmentVariables": {"FC_A": "1"}}), "FC_A");
        let container = json!({"image": "i", "command": "sh -c x"});
        let extra = json!({"runtime": "custom-container", "customContainerConfig": container});
        refuses(&extra, "customContainerConfig.command");
    }
}
