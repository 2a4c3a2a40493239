//! Functions: which input is accepted, what the service fills in, and what an update keeps.
//!
//! An update merges at the top level: a field that is absent keeps its value, one that is present replaces
//! it whole. The rules that bind several fields (memory and cpu, runtime and code) are judged on the
//! composed function, so that an update cannot arrive where a create could not.

use serde_json::{Value, json};

use super::function_fields::{CREATE_ONLY, RUNTIMES, STATE_FIELDS, WRITABLE};
use super::shape::{Missing, read};
use super::{Document, Facts, Map, check_name, code, tags};
use crate::emulator::error::ApiError;

/// The most bytes that names and values of environment variables may have together.
const ENVIRONMENT_BYTES: usize = 4096;

const MEMORY_DEFAULT: i64 = 512;
const CPU_DEFAULT: f64 = 0.35;

/// Makes a function of `CreateFunction`'s input. The package's bytes stay with the caller.
pub fn create(input: &Map, package: Option<&code::Package>, facts: &Facts) -> Result<Document, ApiError> {
    let name = super::text(input, "functionName");
    check_name("functionName", name, 64)?;
    let mut shown = read(WRITABLE, input, "", Missing::Fill)?;
    shown.append(&mut read(CREATE_ONLY, input, "", Missing::Fill)?);
    tags::check(shown.get("tags"))?;
    size(&mut shown, input);
    finish(&mut shown)?;
    if takes_package(&shown) && package.is_none() {
        return Err(ApiError::invalid("Either ossBucketName/ossObjectName or zipFile must be set"));
    }
    check_package(&shown, package)?;
    let time = facts.time();
    shown.insert("functionName".to_owned(), json!(name));
    shown.insert("functionId".to_owned(), json!(facts.uuid));
    shown.insert("functionArn".to_owned(), json!(facts.function_arn(name)));
    shown.insert("createdTime".to_owned(), json!(time));
    shown.insert("lastModifiedTime".to_owned(), json!(time));
    for field in STATE_FIELDS {
        shown.insert(field.to_owned(), json!(""));
    }
    shown.insert("state".to_owned(), json!("Active"));
    shown.insert("lastUpdateStatus".to_owned(), json!("Successful"));
    let mut document = Document { shown, ..Document::default() };
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
    let mut next = current.clone();
    let mut given = read(WRITABLE, input, "", Missing::Leave)?;
    next.shown.append(&mut given);
    finish(&mut next.shown)?;
    check_package(&next.shown, package)?;
    code::carry(&mut next, package);
    if next != *current {
        next.shown.insert("lastModifiedTime".to_owned(), json!(facts.time()));
    }
    Ok(next)
}

/// Picks the memory and cpu that were not given so that they go with what was.
fn size(shown: &mut Map, input: &Map) {
    let given = |name: &str| input.get(name).and_then(Value::as_f64);
    let (memory, cpu) = match (given("memorySize"), given("cpu")) {
        (Some(_), Some(_)) => return,
        (Some(memory), None) => {
            let gigabytes = memory / 1024.0;
            let least = (gigabytes / 4.0 * 20.0 - 1e-9).ceil() / 20.0;
            let most = (gigabytes * 20.0 + 1e-9).floor() / 20.0;
            (json!(input["memorySize"]), json!(CPU_DEFAULT.clamp(least, most.max(least))))
        }
        (None, Some(cpu)) => {
            let fitting = (128..=32768)
                .step_by(64)
                .filter(|memory| fits(*memory, cpu))
                .min_by_key(|memory| (memory - MEMORY_DEFAULT).abs());
            (json!(fitting.unwrap_or(MEMORY_DEFAULT)), json!(input["cpu"]))
        }
        (None, None) => (json!(MEMORY_DEFAULT), json!(CPU_DEFAULT)),
    };
    shown.insert("memorySize".to_owned(), memory);
    shown.insert("cpu".to_owned(), cpu);
}

/// Whether a gigabyte of memory comes with a quarter of a vCPU to a whole one.
pub fn fits(memory: i64, cpu: f64) -> bool {
    let gigabytes = f64::from(i32::try_from(memory).unwrap_or(i32::MAX)) / 1024.0;
    (1.0 - 1e-9..=4.0 + 1e-9).contains(&(gigabytes / cpu))
}

/// Judges what binds several fields, and brings what is shown into the service's form.
fn finish(shown: &mut Map) -> Result<(), ApiError> {
    if super::text(shown, "handler").is_empty() {
        return Err(ApiError::invalid("Handler is required but not provided"));
    }
    let runtime = super::text(shown, "runtime");
    if !RUNTIMES.contains(&runtime) {
        return Err(ApiError::invalid("Runtime is set to an invalid value"));
    }
    if runtime == "custom-container" && !shown.contains_key("customContainerConfig") {
        return Err(ApiError::invalid("customContainerConfig is required for runtime custom-container"));
    }
    let cpu = shown.get("cpu").and_then(Value::as_f64).unwrap_or(CPU_DEFAULT);
    let memory = shown.get("memorySize").and_then(Value::as_i64).unwrap_or(MEMORY_DEFAULT);
    if ((cpu * 20.0).round() - cpu * 20.0).abs() > 1e-6 {
        return Err(ApiError::invalid("cpu must be a multiple of 0.05"));
    }
    if !fits(memory, cpu) {
        return Err(ApiError::invalid(format!(
            "cpu {cpu} and memorySize {memory} do not go together: the ratio of vCPU to memory in GB must be between 1:1 and 1:4"
        )));
    }
    if !matches!(shown.get("diskSize").and_then(Value::as_i64), Some(512 | 10240)) {
        return Err(ApiError::invalid("diskSize must be 512 or 10240"));
    }
    check_environment(shown)?;
    check_log(shown)?;
    check_hooks(shown)?;
    if let Some(Value::Array(layers)) = shown.get_mut("layers") {
        for layer in layers {
            if let Value::String(arn) = layer {
                *layer = json!({"arn": arn, "size": 0});
            }
        }
    }
    if let Some(auth) = shown
        .get_mut("customContainerConfig")
        .and_then(|config| config.pointer_mut("/registryConfig/authConfig"))
        .and_then(Value::as_object_mut)
    {
        auth.remove("password");
    }
    Ok(())
}

/// Refuses variables that the service would not set.
pub fn check_environment(shown: &Map) -> Result<(), ApiError> {
    let Some(Value::Object(variables)) = shown.get("environmentVariables") else {
        return Ok(());
    };
    let mut bytes = 0;
    for (name, value) in variables {
        bytes += name.len() + value.as_str().map_or(0, str::len);
        let well_formed = name.starts_with(|first: char| first.is_ascii_alphabetic())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if !well_formed {
            return Err(ApiError::invalid(format!(
                "environment variable '{name}' must be a letter followed by letters, digits and '_'"
            )));
        }
        if name.starts_with("FC_") {
            return Err(ApiError::invalid(format!(
                "environment variable '{name}' is reserved: names must not start with FC_"
            )));
        }
    }
    if bytes > ENVIRONMENT_BYTES {
        return Err(ApiError::invalid(format!(
            "environment variables have {bytes} bytes in all, more than {ENVIRONMENT_BYTES}"
        )));
    }
    Ok(())
}

/// Refuses half a log configuration, and fills in what follows from a whole one.
pub fn check_log(shown: &mut Map) -> Result<(), ApiError> {
    let Some(Value::Object(log)) = shown.get_mut("logConfig") else {
        return Ok(());
    };
    let project = !super::text(log, "project").is_empty();
    if project == super::text(log, "logstore").is_empty() {
        return Err(ApiError::invalid("logConfig.project and logConfig.logstore must be set together"));
    }
    log.entry("enableRequestMetrics").or_insert(json!(project));
    Ok(())
}

fn check_hooks(shown: &Map) -> Result<(), ApiError> {
    for name in ["initializer", "preStop"] {
        let Some(hook) = shown.get("instanceLifecycleConfig").and_then(|config| config.get(name)) else {
            continue;
        };
        let handler = hook["handler"].as_str().is_some_and(|handler| !handler.is_empty());
        let command =
            hook.get("command").and_then(Value::as_array).is_some_and(|command| !command.is_empty());
        if handler && command {
            return Err(ApiError::invalid(format!(
                "instanceLifecycleConfig.{name} must not have both handler and command"
            )));
        }
    }
    Ok(())
}

fn takes_package(shown: &Map) -> bool {
    !matches!(super::text(shown, "runtime"), "custom-container" | "micro-sandbox")
}

/// Refuses a package for a runtime that takes none.
pub fn check_package(shown: &Map, package: Option<&code::Package>) -> Result<(), ApiError> {
    if package.is_some() && !takes_package(shown) {
        let runtime = super::text(shown, "runtime");
        return Err(ApiError::invalid(format!("code must not be set for runtime {runtime}")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emulator::world::tests::facts;

    proptest::proptest! {
        #[test]
        fn an_update_ends_where_a_create_of_both_would(first in input(), second in input()) {
            let both: Map = first.clone().into_iter().chain(second.clone()).collect();
            let updated = update(&make(&first), &second, None, &facts()).expect("is accepted");
            proptest::prop_assert_eq!(updated.shown, make(&both).shown);
        }
    }

    /// Some of the fields that go with any others.
    fn input() -> impl proptest::strategy::Strategy<Value = Map> {
        use proptest::prelude::*;
        let fields = [
            ("description", vec![json!(""), json!("text")]),
            ("timeout", vec![json!(1), json!(86400)]),
            ("environmentVariables", vec![json!({}), json!({"A": "1"}), json!({"B": "值"})]),
            ("internetAccess", vec![json!(true), json!(false)]),
            ("layers", vec![json!([]), json!(["acs:fc:r:1:layers/x/versions/1"])]),
            ("vpcConfig", vec![json!({}), json!({"vpcId": "v", "vSwitchIds": ["a", "b"]})]),
            (
                "logConfig",
                vec![json!({"project": "", "logstore": ""}), json!({"project": "p", "logstore": "l"})],
            ),
            ("customRuntimeConfig", vec![json!({"port": 80}), json!({"command": ["x"], "unknown": 1})]),
            ("instanceLifecycleConfig", vec![json!({}), json!({"preStop": {"handler": "h", "timeout": 90}})]),
            ("idleTimeout", vec![json!(60)]),
        ];
        let chosen = fields.map(|(name, values)| {
            let value = proptest::option::of(proptest::sample::select(values));
            value.prop_map(move |value| value.map(|value| (name.to_owned(), value)))
        });
        chosen.prop_map(|fields| fields.into_iter().flatten().collect())
    }

    fn make(extra: &Map) -> Document {
        created(&Value::Object(extra.clone())).expect("is accepted")
    }

    fn package() -> code::Package {
        code::Package::new(b"zip".to_vec())
    }

    fn object(value: &Value) -> Map {
        value.as_object().expect("an object").clone()
    }

    fn minimal() -> Map {
        object(&json!({"functionName": "hello_fn", "runtime": "python3.10", "handler": "index.handler"}))
    }

    #[track_caller]
    fn created(extra: &Value) -> Result<Document, String> {
        let mut input = minimal();
        input.append(&mut object(extra));
        create(&input, Some(&package()), &facts()).map_err(|error| error.message)
    }

    #[track_caller]
    fn refused(extra: &Value, part: &str) {
        let message = created(extra).expect_err("must be refused");
        assert!(message.contains(part), "{message}");
    }

    #[test]
    fn required_fields_alone_give_the_documented_answer() {
        let document = created(&json!({})).expect("is accepted");
        let expected = json!({
            "functionName": "hello_fn",
            "functionId": facts().uuid,
            "functionArn": "acs:fc:cn-hangzhou:1000000000000001:functions/hello_fn",
            "description": "", "runtime": "python3.10", "handler": "index.handler",
            "cpu": 0.35, "memorySize": 512, "diskSize": 512, "timeout": 3, "instanceConcurrency": 1,
            "internetAccess": true, "role": "", "environmentVariables": {}, "layers": [], "tags": [],
            "logConfig": {"project": "", "logstore": "", "enableRequestMetrics": false,
                "enableInstanceMetrics": false, "logBeginRule": "None"},
            "vpcConfig": {"vpcId": "", "vSwitchIds": [], "securityGroupId": "", "role": ""},
            "nasConfig": {"userId": 0, "groupId": 0, "mountPoints": []},
            "ossMountConfig": {"mountPoints": []}, "tracingConfig": {},
            "instanceIsolationMode": "SHARE", "sessionAffinity": "NONE", "disableOndemand": false,
            "resourceGroupId": "rg-embedded-default",
            "codeSize": 3, "codeChecksum": package().checksum,
            "createdTime": "2026-01-02T03:04:05Z", "lastModifiedTime": "2026-01-02T03:04:05Z",
            "state": "Active", "stateReason": "", "stateReasonCode": "",
            "lastUpdateStatus": "Successful", "lastUpdateStatusReason": "", "lastUpdateStatusReasonCode": ""
        });
        assert_eq!(Value::Object(document.shown), expected);
    }

    #[test]
    fn an_update_merges_at_the_top_and_replaces_below() {
        let first = created(&json!({
            "environmentVariables": {"A": "1", "B": "2"}, "timeout": 10,
            "vpcConfig": {"vpcId": "vpc-1", "vSwitchIds": ["v"], "securityGroupId": "s"}
        }))
        .expect("is accepted");
        let later = Facts { now: "2026-01-02T03:05:00Z".parse().expect("a time"), ..facts() };
        let input = object(&json!({"environmentVariables": {"A": "3"}, "vpcConfig": {"vpcId": ""}}));
        let next = update(&first, &input, None, &later).expect("is accepted");
        assert_eq!(next.shown["environmentVariables"], json!({"A": "3"}));
        assert_eq!(next.shown["vpcConfig"]["vSwitchIds"], json!([]));
        assert_eq!(next.shown["timeout"], 10);
        assert_eq!(next.shown["codeChecksum"], first.shown["codeChecksum"]);
        assert_eq!(next.shown["lastModifiedTime"], "2026-01-02T03:05:00Z");
        assert_eq!(next.shown["createdTime"], "2026-01-02T03:04:05Z");
    }

    #[test]
    fn an_update_that_changes_nothing_moves_no_time() {
        let first = created(&json!({})).expect("is accepted");
        let later = Facts { now: "2026-01-02T03:05:00Z".parse().expect("a time"), ..facts() };
        let input =
            object(&json!({"timeout": 3, "functionName": "other", "tags": [{"Key": "a", "Value": "b"}]}));
        assert_eq!(update(&first, &input, None, &later), Ok(first));
    }

    #[test]
    fn an_update_cannot_arrive_where_a_create_could_not() {
        let first = created(&json!({})).expect("is accepted");
        let message = |input: &Value| {
            update(&first, &object(input), None, &facts()).expect_err("must be refused").message
        };
        assert!(message(&json!({"memorySize": 2048})).contains("1:1 and 1:4"));
        assert!(message(&json!({"runtime": "cobol"})).contains("Runtime is set to an invalid value"));
    }

    #[test]
    fn memory_and_cpu_that_are_not_given_fit() {
        for memory in [128, 512, 1024, 2048, 32768] {
            let document = created(&json!({"memorySize": memory})).expect("is accepted");
            let cpu = document.shown["cpu"].as_f64().expect("a number");
            assert!(fits(memory, cpu), "{memory} with {cpu}");
        }
        assert_eq!(created(&json!({"cpu": 2})).expect("is accepted").shown["memorySize"], 2048);
    }

    #[test]
    fn refuses_what_is_out_of_bounds() {
        refused(&json!({"functionName": "1a"}), "must not start with a digit");
        refused(&json!({"memorySize": 100}), "memorySize must be a multiple of 64");
        refused(&json!({"diskSize": 1024}), "diskSize must be 512 or 10240");
        refused(&json!({"timeout": 0}), "timeout must be a whole number");
        refused(&json!({"cpu": 0.33}), "multiple of 0.05");
        refused(&json!({"environmentVariables": {"FC_X": "1"}}), "reserved");
        refused(&json!({"environmentVariables": {"A": "x".repeat(4096)}}), "4097 bytes in all");
        refused(&json!({"environmentVariables": {"A": 1}}), "object of strings");
        refused(&json!({"handler": ""}), "Handler is required but not provided");
        refused(&json!({"logConfig": {"project": "p"}}), "set together");
        refused(&json!({"runtime": "custom-container"}), "customContainerConfig is required");
        refused(
            &json!({"runtime": "custom-container", "customContainerConfig": {"image": "i"}}),
            "code must not be set",
        );
    }

    #[test]
    fn layers_come_back_as_objects_and_passwords_never() {
        let document = created(&json!({"layers": ["acs:fc:cn-hangzhou:official:layers/x/versions/1"]}));
        let shown = document.expect("is accepted").shown;
        assert_eq!(
            shown["layers"],
            json!([{"arn": "acs:fc:cn-hangzhou:official:layers/x/versions/1", "size": 0}])
        );
        let mut input = minimal();
        input.append(&mut object(&json!({"runtime": "custom-container", "customContainerConfig": {
            "image": "i", "registryConfig": {"authConfig": {"userName": "u", "password": "hidden"}}}})));
        let document = create(&input, None, &facts()).expect("is accepted");
        assert!(!format!("{document:?}").contains("hidden"));
    }
}
