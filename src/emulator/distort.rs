//! What switches do to answers: the same in another form, later than it is, or not there yet.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::board::{Board, Pending, Subject};
use super::switches::Reshape;
use super::world::{Map, show_time};

/// Lists whose order means nothing.
const SETS: &[&str] = &["methods", "events", "tags", "vSwitchIds"];

/// The array of a list's answer, and the field that names its items.
const LISTS: &[(&str, &str)] = &[
    ("services", "serviceName"),
    ("functions", "functionName"),
    ("triggers", "triggerName"),
    ("customDomains", "domainName"),
    ("versions", "versionId"),
    ("aliases", "aliasName"),
];

/// Says the same in another form.
pub fn reshape(body: &mut Value, how: &[Reshape]) {
    match body {
        Value::Object(object) => {
            if how.contains(&Reshape::Absent) {
                object.retain(|_, value| !is_empty(value));
            }
            for (name, value) in object.iter_mut() {
                match value {
                    Value::String(role) if how.contains(&Reshape::Case) && name == "role" => {
                        *role = role.to_lowercase();
                    }
                    Value::String(checksum) if how.contains(&Reshape::Package) && name == "codeChecksum" => {
                        *checksum = checksum.bytes().rev().map(char::from).collect();
                    }
                    Value::Array(items) if how.contains(&Reshape::Lists) && SETS.contains(&name.as_str()) => {
                        items.reverse();
                    }
                    Value::String(text) => {
                        if let Ok(mut inner) = serde_json::from_str::<Map>(text).map(Value::Object) {
                            reshape(&mut inner, how);
                            *text = if how.contains(&Reshape::Json) {
                                backwards(&inner)
                            } else {
                                inner.to_string()
                            };
                        }
                    }
                    other => reshape(other, how),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| reshape(item, how)),
        _ => {}
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(object) => object.is_empty(),
        _ => false,
    }
}

/// JSON text with its keys in reverse order and blanks after its punctuation.
fn backwards(value: &Value) -> String {
    let list = |items: Vec<String>| items.join(", ");
    match value {
        Value::Object(object) => {
            let fields =
                object.iter().rev().map(|(name, value)| format!("{}: {}", json!(name), backwards(value)));
            format!("{{{}}}", list(fields.collect()))
        }
        Value::Array(items) => format!("[{}]", list(items.iter().map(backwards).collect())),
        other => other.to_string(),
    }
}

/// Moves `lastModifiedTime`.
pub fn touch(body: &mut Value, seconds: i64) {
    if let Some(Value::String(time)) = body.get_mut("lastModifiedTime")
        && let Ok(moved) =
            time.parse::<Timestamp>().map(|time| time.saturating_add(SignedDuration::from_secs(seconds)))
        && let Ok(moved) = moved
    {
        *time = show_time(moved);
    }
}

/// Shows a function that is not settled yet as such.
pub fn unsettle(body: &mut Value, how: Pending) {
    let fields = match how {
        Pending::Create => {
            [("state", "Pending"), ("stateReasonCode", "Creating"), ("stateReason", "Function creating")]
        }
        Pending::Update => [
            ("lastUpdateStatus", "InProgress"),
            ("lastUpdateStatusReasonCode", "Updating"),
            ("lastUpdateStatusReason", "Function updating"),
        ],
    };
    if let Value::Object(body) = body {
        for (name, value) in fields {
            body.insert(name.to_owned(), json!(value));
        }
    }
}

/// Shows a function that failed as such.
pub fn fail(body: &mut Value, how: Pending, reason: &str) {
    let fields = match how {
        Pending::Create => ["state", "stateReasonCode", "stateReason"],
        Pending::Update => ["lastUpdateStatus", "lastUpdateStatusReasonCode", "lastUpdateStatusReason"],
    };
    if let Value::Object(body) = body {
        for (name, value) in fields.into_iter().zip(["Failed", "InternalError", reason]) {
            body.insert(name.to_owned(), json!(value));
        }
    }
}

/// Takes out of a list what it must not show yet. `parent` is whose children are listed; empty at the top.
pub fn hide(body: &mut Value, board: &Board, region: &str, parent: &str) {
    for (list, name) in LISTS {
        if let Some(Value::Array(items)) = body.get_mut(*list) {
            items.retain(|item| {
                // As a call about it is about `service/function`.
                let own = item[*name].as_str().unwrap_or_default().replace('$', "/");
                let subject: Subject = match parent {
                    "" => (region.to_owned(), own),
                    parent => (region.to_owned(), format!("{parent}/{own}")),
                };
                !board.takes_list(&subject)
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_form_means_the_same() {
        let config = r#"{"authType":"anonymous","methods":["GET","POST"]}"#;
        let mut body =
            json!({"triggerConfig": config, "tags": [{"Key": "a"}, {"Key": "b"}], "layers": ["x", "y"]});
        reshape(&mut body, &[Reshape::Json, Reshape::Lists]);
        assert_eq!(body["triggerConfig"], r#"{"methods": ["POST", "GET"], "authType": "anonymous"}"#);
        assert_eq!(body["tags"], json!([{"Key": "b"}, {"Key": "a"}]));
        assert_eq!(body["layers"], json!(["x", "y"]));
    }

    #[test]
    fn what_is_empty_is_left_out_and_roles_change_their_case() {
        let mut body = json!({"role": "acs:ram::1:role/Name", "layers": [], "timeout": 0,
            "vpcConfig": {"vpcId": "", "vSwitchIds": []}, "environmentVariables": {}});
        reshape(&mut body, &[Reshape::Absent, Reshape::Case]);
        assert_eq!(body, json!({"role": "acs:ram::1:role/name", "timeout": 0, "vpcConfig": {}}));
    }

    #[test]
    fn time_moves_without_a_change() {
        let mut body = json!({"lastModifiedTime": "2026-01-02T03:04:59Z"});
        touch(&mut body, 2);
        assert_eq!(body["lastModifiedTime"], "2026-01-02T03:05:01Z");
    }

    #[test]
    fn a_hidden_item_is_missing_as_often_as_was_said() {
        let board = Board::default();
        board.hide_from_lists(("r".to_owned(), "f/t".to_owned()), 1);
        let shown = || {
            let mut body = json!({"triggers": [{"triggerName": "t"}, {"triggerName": "u"}]});
            hide(&mut body, &board, "r", "f");
            body["triggers"].as_array().map_or(0, Vec::len)
        };
        assert_eq!((shown(), shown()), (1, 2));
    }
}
