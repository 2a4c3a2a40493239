//! Every plan of the set as JSON, and what holds of all of them.

use serde_json::Value as Json;

use super::render;
use super::values::MASK;
use crate::plan::Document;
use crate::render::tests::{plan, plans, schemas};
use crate::render::{Part, Shown};

fn told(document: &Document, part: Part) -> String {
    let schemas = schemas();
    render(&Shown { document, schemas: &schemas, part })
}

fn parsed(document: &Document, part: Part) -> Json {
    serde_json::from_str(&told(document, part)).expect("JSON")
}

#[test]
fn the_whole_set_as_json() {
    for (name, document) in plans() {
        insta::assert_snapshot!(name, readable(&parsed(&document, Part::Whole)));
    }
}

#[test]
fn what_moved_online_and_nothing_else() {
    for name in ["empty", "drift", "rename"] {
        insta::assert_snapshot!(format!("drift-of-{name}"), readable(&parsed(&plan(name), Part::Drift)));
    }
}

#[test]
fn what_is_unknown_is_not_there_and_what_is_sensitive_is_masked() {
    for (name, document) in plans() {
        let told = parsed(&document, Part::Whole);
        for entry in ["resource_changes", "resource_drift"].iter().flat_map(|key| list(&told[key])) {
            let change = &entry["change"];
            let at = format!("{name}: {}", entry["address"]);
            for place in marked(&change["after_unknown"]) {
                assert_eq!(change["after"].pointer(&place), None, "{at} {place}");
            }
            for side in ["before", "after"] {
                for place in marked(&change[format!("{side}_sensitive")]) {
                    let value = change[side].pointer(&place);
                    let unknown = change["after_unknown"].pointer(&place) == Some(&Json::Bool(true));
                    assert!(value == Some(&Json::from(MASK)) || (unknown && side == "after"), "{at} {place}");
                }
            }
        }
        for values in ["/planned_values/root_module/resources", "/prior_state/values/root_module/resources"] {
            for entry in list(told.pointer(values).expect("resources")) {
                for place in marked(&entry["sensitive_values"]) {
                    assert_eq!(entry["values"].pointer(&place), Some(&Json::from(MASK)), "{name} {place}");
                }
            }
        }
    }
}

#[test]
fn the_lists_tell_of_the_same_resources() {
    for (name, document) in plans() {
        let told = parsed(&document, Part::Whole);
        let changes = list(&told["resource_changes"]);
        assert_eq!(changes.len(), document.plan.changes.len(), "{name}");
        for (side, values) in [
            ("after", "/planned_values/root_module/resources"),
            ("before", "/prior_state/values/root_module/resources"),
        ] {
            let of_changes = changes.iter().filter(|entry| !entry["change"][side].is_null());
            let of_changes: Vec<_> =
                of_changes.map(|entry| (&entry["address"], &entry["change"][side])).collect();
            let listed = list(told.pointer(values).expect("resources"));
            let listed: Vec<_> = listed.iter().map(|entry| (&entry["address"], &entry["values"])).collect();
            assert_eq!(of_changes, listed, "{name}: {values}");
        }
        for entry in list(&told["resource_drift"]) {
            assert_ne!(entry["change"]["before"], entry["change"]["after"], "{name}: {}", entry["address"]);
        }
        // Nothing is done where before and after agree, and nothing else.
        for entry in changes.iter().filter(|entry| entry["change"]["actions"][0] == "no-op") {
            assert_eq!(entry["change"]["before"], entry["change"]["after"], "{name}: {}", entry["address"]);
        }
    }
}

#[test]
fn only_a_decided_and_whole_plan_is_complete() {
    for (name, complete, applyable) in [
        ("empty", true, false),
        ("edit", true, true),
        ("drift", false, false),
        ("decided", true, true),
        ("accepted", true, false),
        ("partial", false, true),
    ] {
        let told = parsed(&plan(name), Part::Whole);
        assert_eq!((&told["complete"], &told["applyable"]), (&complete.into(), &applyable.into()), "{name}");
    }
}

fn list(json: &Json) -> &[Json] {
    json.as_array().map_or(&[], Vec::as_slice)
}

/// Returns where `true` stands, as JSON pointers.
fn marked(marks: &Json) -> Vec<String> {
    let inside = |key: &str, marks: &Json| {
        let key = key.replace('~', "~0").replace('/', "~1");
        marked(marks).into_iter().map(move |rest| format!("/{key}{rest}")).collect::<Vec<_>>()
    };
    match marks {
        Json::Bool(true) => vec![String::new()],
        Json::Object(map) => map.iter().flat_map(|(key, marks)| inside(key, marks)).collect(),
        Json::Array(list) => {
            list.iter().enumerate().flat_map(|(at, marks)| inside(&at.to_string(), marks)).collect()
        }
        _ => Vec::new(),
    }
}

/// Writes JSON with what fits into a line on one line, and each resource that only stands there on one line, too.
fn readable(json: &Json) -> String {
    fn write(json: &Json, indent: usize, width: usize, text: &mut String) {
        let line = json.to_string();
        let quiet = json.get("provider_config_key").or(json.get("values")).is_some_and(|_| indent > 4)
            || (json.pointer("/change/actions/0").is_some_and(|action| action == "no-op")
                && json.pointer("/triform/paths").is_none());
        let items: Vec<(String, &Json)> = match json {
            _ if quiet || indent + line.len() <= width => return text.push_str(&line),
            Json::Object(map) => {
                map.iter().map(|(key, value)| (format!("{}: ", Json::from(key.as_str())), value)).collect()
            }
            Json::Array(list) => list.iter().map(|value| (String::new(), value)).collect(),
            _ => return text.push_str(&line),
        };
        let (open, close) = if json.is_object() { ('{', '}') } else { ('[', ']') };
        text.push(open);
        let last = items.len();
        for (at, (key, value)) in items.into_iter().enumerate() {
            text.push('\n');
            text.push_str(&" ".repeat(indent + 2));
            text.push_str(&key);
            write(value, indent + 2, width, text);
            if at + 1 < last {
                text.push(',');
            }
        }
        text.push('\n');
        text.push_str(&" ".repeat(indent));
        text.push(close);
    }
    let mut text = String::new();
    write(json, 0, 110, &mut text);
    text
}
