//! The cloud past the product: read as flat maps, and edited as somebody in the console would.
//!
//! All of it goes through the embedded cloud's own endpoint for calls past its switches, so that what is hidden from
//! the product is not hidden from the test.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write};
use std::sync::OnceLock;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value as Json, json};

use super::world::{Cloud, Flat, key_in};
use crate::emulator::client::Client;

/// What neither side of any story changes of a function, as the first one had it.
static REST: OnceLock<Json> = OnceLock::new();

/// Somebody at the console of one cloud.
pub struct Console {
    client: Client,
    /// Packages that were opened already, by the service's checksum.
    opened: RefCell<BTreeMap<String, Flat>>,
}

impl Console {
    pub fn new(client: Client) -> Self {
        Self { client, opened: RefCell::default() }
    }

    async fn call(&self, region: &str, method: &str, target: &str, body: Json) -> Json {
        let call = json!({"call": format!("{method} /2023-03-30/{target}"), "body": body});
        let reply = self.client.private("POST", &format!("console?region={region}"), Some(call)).await;
        assert!(
            reply.status < 300,
            "the console was refused {method} {target} of {region}: {}",
            String::from_utf8_lossy(&reply.body)
        );
        if reply.body.is_empty() { Json::Null } else { reply.json() }
    }

    /// Waits until the cloud does nothing any more.
    pub async fn is_quiet(&self) {
        let mut quiet = 0;
        while quiet < 3 {
            tokio::time::sleep(Duration::from_millis(2)).await; // what is cut off may still be on its way
            let counters = self.client.private("GET", "counters", None).await.json();
            quiet = if counters["in_flight"] == 0 { quiet + 1 } else { 0 };
        }
    }

    /// Reads everything of a region.
    pub async fn look(&self, region: &str) -> Cloud {
        let mut cloud = Cloud::new();
        for function in listed(self.call(region, "GET", "functions?limit=100", json!({})).await, "functions")
        {
            let name = text(&function, "functionName");
            let target = format!("functions/{name}/triggers?limit=100");
            for trigger in listed(self.call(region, "GET", &target, json!({})).await, "triggers") {
                cloud.insert(format!("{name}/{}", text(&trigger, "triggerName")), flat_trigger(&trigger));
            }
            let mut flat = flat_function(&function);
            flat.extend(self.code(region, &name, &text(&function, "codeChecksum")).await);
            cloud.insert(name, flat);
        }
        cloud
    }

    async fn code(&self, region: &str, function: &str, checksum: &str) -> Flat {
        if let Some(known) = self.opened.borrow().get(checksum) {
            return known.clone();
        }
        let told = self.call(region, "GET", &format!("functions/{function}/code"), json!({})).await;
        let url = text(&told, "url");
        let path = url.find("/_code/").map(|at| &url[at..]).expect("a package of this cloud");
        let package = self.client.plain("GET", path, Vec::new(), &[]).await.expect("an answer").body;
        let mut archive = zip::ZipArchive::new(Cursor::new(package)).expect("a zip");
        let mut files = Flat::new();
        for index in 0..archive.len() {
            let mut entry = archive.by_index(index).expect("an entry");
            let mut content = String::new();
            if entry.is_file() {
                let name = super::world::file(&entry.name().expect("a name"));
                entry.read_to_string(&mut content).expect("a text");
                files.insert(name, content);
            }
        }
        self.opened.borrow_mut().insert(checksum.to_owned(), files.clone());
        files
    }

    /// Makes the cloud what somebody made of it.
    pub async fn make(&self, region: &str, before: &Cloud, after: &Cloud) {
        for key in before.keys().rev().filter(|key| !after.contains_key(*key)) {
            self.call(region, "DELETE", &target(key), json!({})).await; // triggers stand behind their function
        }
        for (key, fields) in after {
            let had = before.get(key);
            if had == Some(fields) {
                continue;
            }
            let mut body = if key.contains('/') { trigger_body(fields) } else { function_body(fields, had) };
            if had.is_some() {
                self.call(region, "PUT", &target(key), Json::Object(body)).await;
                continue;
            }
            let place = if let Some((function, trigger)) = key.split_once('/') {
                body.insert("triggerName".to_owned(), json!(trigger));
                format!("functions/{function}/triggers")
            } else {
                body.insert("functionName".to_owned(), json!(key));
                body.insert("runtime".to_owned(), json!("python3.10"));
                "functions".to_owned()
            };
            self.call(region, "POST", &place, Json::Object(body)).await;
        }
    }
}

fn target(key: &str) -> String {
    match key.split_once('/') {
        Some((function, trigger)) => format!("functions/{function}/triggers/{trigger}"),
        None => format!("functions/{key}"),
    }
}

fn listed(mut answer: Json, key: &str) -> Vec<Json> {
    assert!(answer["nextToken"].as_str().is_none_or(str::is_empty), "a second page");
    match answer[key].take() {
        Json::Array(items) => items,
        other => panic!("no list of {key}: {other}"),
    }
}

fn text(document: &Json, field: &str) -> String {
    document[field].as_str().unwrap_or_else(|| panic!("no text `{field}`: {document}")).to_owned()
}

/// A value as a text; nothing where it is empty.
fn shown(value: &Json) -> Option<String> {
    let text = match value {
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        Json::Array(items) => {
            let mut items: Vec<String> = items.iter().filter_map(shown).collect();
            items.sort();
            items.join(", ")
        }
        other => other.to_string(),
    };
    (!text.is_empty()).then_some(text)
}

fn flat_function(document: &Json) -> Flat {
    let mut flat = Flat::new();
    let mut rest = Map::new();
    for (field, value) in document.as_object().expect("a function") {
        match field.as_str() {
            "handler" | "description" | "memorySize" | "timeout" | "idleTimeout" => {
                flat.extend(shown(value).map(|value| (field.clone(), value)));
            }
            "environmentVariables" => {
                for (name, value) in value.as_object().expect("variables") {
                    flat.insert(super::world::variable(name), value.as_str().expect("a text").to_owned());
                }
            }
            name if ["Id", "Time", "Arn", "Name", "code"].iter().any(|part| name.contains(part)) => {}
            _ => drop(rest.insert(field.clone(), value.clone())),
        }
    }
    let rest = Json::Object(rest);
    if *REST.get_or_init(|| rest.clone()) != rest {
        flat.insert("what nobody touches".to_owned(), rest.to_string());
    }
    flat
}

fn flat_trigger(document: &Json) -> Flat {
    let mut flat = Flat::new();
    for field in ["triggerType", "description"] {
        flat.extend(shown(&document[field]).map(|value| (field.to_owned(), value)));
    }
    let config: Json = serde_json::from_str(&text(document, "triggerConfig")).expect("JSON");
    for (field, value) in config.as_object().expect("an object") {
        flat.extend(shown(value).map(|value| (format!("triggerConfig.{field}"), value)));
    }
    flat
}

fn typed(field: &str, value: &str) -> Json {
    match field {
        "memorySize" | "timeout" | "idleTimeout" => json!(value.parse::<i64>().expect("a number")),
        "enable" | "disableURLInternet" => json!(value == "true"),
        "methods" => json!(value.split(", ").collect::<Vec<_>>()),
        _ => json!(value),
    }
}

fn function_body(fields: &Flat, had: Option<&Flat>) -> Map<String, Json> {
    let mut body = Map::from_iter([("description".to_owned(), json!(""))]);
    let mut variables = Map::new();
    for (path, value) in fields {
        if let Some(name) = key_in(path, "environmentVariables") {
            variables.insert(name.to_owned(), json!(value));
        } else if key_in(path, "code").is_none() {
            body.insert(path.clone(), typed(path, value));
        }
    }
    body.insert("environmentVariables".to_owned(), Json::Object(variables));
    let code = |fields: &Flat| -> Flat {
        let files = fields.iter().filter(|(path, _)| path.starts_with("code["));
        files.map(|(path, content)| (path.clone(), content.clone())).collect()
    };
    if had.is_none_or(|had| code(had) != code(fields)) {
        body.insert("code".to_owned(), json!({"zipFile": STANDARD.encode(zipped(&code(fields)))}));
    }
    body
}

fn trigger_body(fields: &Flat) -> Map<String, Json> {
    let mut body = Map::from_iter([("description".to_owned(), json!(""))]);
    let mut config = Map::new();
    for (path, value) in fields {
        match path.strip_prefix("triggerConfig.") {
            Some(field) => drop(config.insert(field.to_owned(), typed(field, value))),
            None => drop(body.insert(path.clone(), json!(value))),
        }
    }
    body.insert("triggerConfig".to_owned(), json!(Json::Object(config).to_string()));
    body
}

fn zipped(files: &Flat) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (path, content) in files {
        let name = key_in(path, "code").expect("a file");
        writer.start_file(name, zip::write::SimpleFileOptions::default()).expect("starts a file");
        writer.write_all(content.as_bytes()).expect("writes");
    }
    writer.finish().expect("finishes").into_inner()
}
