//! JSON on the wire, values inside; and what the service's errors mean.
//!
//! Nulls are dropped on the way in: what is not there has no path.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::model::{CloudError, ErrorClass, Number, Value};

/// Returns a JSON value without its nulls; `None` for null itself.
pub fn from_json(json: Json) -> Option<Value> {
    Some(match json {
        Json::Null => return None,
        Json::Bool(value) => Value::Bool(value),
        Json::Number(number) => match number.as_f64().and_then(Number::new) {
            Some(number) => Value::Number(number),
            None => Value::Text(number.to_string()),
        },
        Json::String(text) => Value::Text(text),
        Json::Array(items) => Value::List(items.into_iter().filter_map(from_json).collect()),
        Json::Object(map) => Value::Map(object(map)),
    })
}

/// Returns a JSON object without its nulls.
pub fn object(map: serde_json::Map<String, Json>) -> BTreeMap<String, Value> {
    map.into_iter().filter_map(|(name, value)| Some((name, from_json(value)?))).collect()
}

/// Returns a value as JSON.
///
/// Digests stand for values that only their owner knows and never reach a cloud; they are left out.
pub fn to_json(value: &Value) -> Option<Json> {
    Some(match value {
        Value::Bool(value) => Json::Bool(*value),
        Value::Number(number) => match number.as_integer() {
            Some(integer) => Json::from(integer),
            None => Json::from(number.get()),
        },
        Value::Text(text) => Json::String(text.clone()),
        Value::List(items) => Json::Array(items.iter().filter_map(to_json).collect()),
        Value::Map(map) => Json::Object(json_object(map)),
        Value::Sealed(_) | Value::File(_) | Value::Package(_) => return None,
    })
}

/// Returns a map as a JSON object.
pub fn json_object(map: &BTreeMap<String, Value>) -> serde_json::Map<String, Json> {
    map.iter().filter_map(|(name, value)| Some((name.clone(), to_json(value)?))).collect()
}

/// Returns the error that an answer of the service is.
///
/// All generations of the API spell the same three facts in their own way; what none of them says comes from
/// the status and the header.
pub fn error(operation: &str, status: u16, request_id: &str, body: &[u8]) -> CloudError {
    let json: Json = serde_json::from_slice(body).unwrap_or_default();
    let first = |names: [&str; 4]| {
        names.iter().find_map(|name| json.get(name)?.as_str()).unwrap_or_default().to_owned()
    };
    let code = first(["Code", "code", "ErrorCode", "errorCode"]);
    let mut message = first(["Message", "message", "ErrorMessage", "errorMessage"]);
    let answered = first(["RequestId", "requestId", "RequestID", "requestID"]);
    if message.is_empty() && code.is_empty() {
        "the answer is none that Function Compute gives".clone_into(&mut message);
    }
    CloudError {
        class: class(status, &code),
        operation: operation.to_owned(),
        status: Some(status),
        code,
        message,
        request_id: if answered.is_empty() { request_id.to_owned() } else { answered },
    }
}

fn class(status: u16, code: &str) -> ErrorClass {
    const ABSENT: [&str; 10] = [
        "FunctionNotFound",
        "TriggerNotFound",
        "AliasNotFound",
        "VersionNotFound",
        "DomainNameNotFound",
        "AsyncConfigNotExists",
        "OnDemandConfigNotFound",
        "LayerNotFound",
        "LayerVersionNotFound",
        "ServiceNotFound",
    ];
    match status {
        400..500 if ABSENT.contains(&code) => ErrorClass::NotFound,
        _ if is_throttling(status, code) => ErrorClass::Throttled,
        409 if code.ends_with("AlreadyExists") => ErrorClass::AlreadyExists,
        409 if code == "ConcurrentUpdateError" => ErrorClass::Changed,
        412 if code == "PreconditionFailed" => ErrorClass::Changed,
        401 | 403 => ErrorClass::Denied,
        // Something else than the service answered, or the service is not itself: nothing follows from it.
        400..500 if code.is_empty() => ErrorClass::Unavailable,
        400..500 => ErrorClass::Invalid,
        _ => ErrorClass::Unavailable,
    }
}

/// Returns whether the service turned a call away because there are too many.
pub fn is_throttling(status: u16, code: &str) -> bool {
    status == 429
        || code.starts_with("Throttling")
        || (status == 503 && matches!(code, "ResourceThrottled" | "ResourceExhausted"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(status: u16, body: &str, class: ErrorClass, shown: &str) {
        let error = error("GetFunction", status, "1-header", body.as_bytes());
        assert_eq!((error.class, error.to_string().as_str()), (class, shown));
    }

    #[test]
    fn every_generation_of_errors_is_read() {
        for body in [
            r#"{"Code": "AccessDenied", "Message": "no", "RequestId": "1-a"}"#,
            r#"{"code": "AccessDenied", "message": "no", "requestId": "1-a"}"#,
            r#"{"ErrorCode": "AccessDenied", "ErrorMessage": "no", "RequestId": "1-a"}"#,
            r#"{"errorCode": "AccessDenied", "errorMessage": "no", "requestId": "1-a"}"#,
        ] {
            check(403, body, ErrorClass::Denied, "GetFunction: AccessDenied: no (HTTP 403, request 1-a)");
        }
    }

    #[test]
    fn only_the_services_own_words_mean_absent() {
        check(
            404,
            r#"{"Code": "FunctionNotFound", "Message": "gone"}"#,
            ErrorClass::NotFound,
            "GetFunction: FunctionNotFound: gone (HTTP 404, request 1-header)",
        );
        let nonsense =
            "GetFunction: the answer is none that Function Compute gives (HTTP 404, request 1-header)";
        check(404, "<html>not found</html>", ErrorClass::Unavailable, nonsense);
        check(
            500,
            r#"{"Code": "FunctionNotFound", "Message": "gone"}"#,
            ErrorClass::Unavailable,
            "GetFunction: FunctionNotFound: gone (HTTP 500, request 1-header)",
        );
    }

    #[test]
    fn nulls_are_dropped_and_whole_numbers_stay_whole() {
        let text = r#"{"a":null,"b":[1,null,0.35],"c":{"d":null,"e":9007199254740992}}"#;
        let value = from_json(serde_json::from_str(text).expect("JSON")).expect("a value");
        let back = to_json(&value).expect("JSON").to_string();
        assert_eq!(back, r#"{"b":[1,0.35],"c":{"e":9007199254740992}}"#);
    }
}
