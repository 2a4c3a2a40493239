//! Where each resource lives: what an entry of the project says for it, and how somebody edits it at the console.
//!
//! Written from the documents of the two tools, and sharing nothing with triform's own reading and writing.

use base64::Engine;
use serde_json::{Map, Value as Json, json};
use triform::model::{Attribute, Kind, Order, Part, Path, Schema};

use super::cases::{Case, Leaves, Turn};
use super::tables::{ALIAS, COMPUTED, NOT_WRITTEN, SERVICE, THE_ENTRYS};
use crate::room::Room;
use crate::support;

/// A resource with an entry of its own.
pub struct Home {
    /// The entry's name, which is the function's as well.
    name: String,
    pub case: Case,
}

/// Types about instances of a version.
const INSTANCES: [&str; 2] = ["fc_provision_config", "fc_on_demand_config"];

impl Home {
    pub fn new(component: &str, number: usize, case: Case) -> Self {
        Self { name: format!("{component}-{number}"), case }
    }

    /// What triform calls the resource.
    pub fn address(&self) -> String {
        let Self { name, case, .. } = self;
        let kind = case.schema.kind;
        match kind {
            "fc3_function" | "fc_function" => format!("{kind}.{name}"),
            "fc_service" => format!("{kind}[\"{name}\"]"),
            "fc_async_config" => format!("{kind}.{name}[\"LATEST\"]"),
            "fc_provision_config" | "fc_on_demand_config" => format!("{kind}.{name}[\"{ALIAS}\"]"),
            "fc_alias" => format!("{kind}[\"{SERVICE}/{name}\"]"),
            "fc3_custom_domain" | "fc_custom_domain" => format!("{kind}[\"{name}.example.com\"]"),
            _ => format!("{kind}.{name}[\"t\"]"),
        }
    }

    /// What a path holds at a turn.
    pub fn value(&self, turn: Turn, path: &str) -> Option<Json> {
        let value = self.case.leaves(turn).get(path).cloned()?;
        Some(if value == THE_ENTRYS { json!(self.name) } else { value })
    }

    /// The file of the code, and what it holds.
    pub fn code(&self, turn: Turn) -> (String, String) {
        let text = self.case.said(turn).get("code[\"index.py\"]").and_then(Json::as_str);
        let text = text.unwrap_or("def handler(event, context):\n    return event\n");
        (format!("{}/index.py", self.name), text.to_owned())
    }

    /// What the entry says.
    fn entry(&self, turn: Turn) -> Json {
        let Self { name, case } = self;
        let said = document(case.schema, case.said(turn));
        let mut props = json!({"region": "cn-hangzhou"});
        if case.schema.kind.starts_with("fc3_") {
            let function = if case.schema.kind == "fc3_function" { said.clone() } else { plain() };
            merge(&mut props, function);
            merge(&mut props, json!({"functionName": name, "code": format!("./{name}")}));
        } else {
            let service = if case.schema.kind == "fc_service" { name } else { SERVICE };
            props["service"] = json!({"name": service});
            if case.schema.kind != "fc_service" {
                let mut function = if case.schema.kind == "fc_function" { said.clone() } else { plain() };
                function["name"] = json!(name);
                if function["runtime"] != "custom-container" {
                    function["codeUri"] = json!(format!("./{name}"));
                }
                props["function"] = function;
            }
        }
        match case.schema.kind {
            "fc3_trigger" => {
                let mut trigger = said;
                trigger["triggerName"] = json!("t");
                props["triggers"] = json!([trigger]);
            }
            "fc3_custom_domain" => {
                let mut domain =
                    json!({"domainName": format!("{name}.example.com"), "protocol": said["protocol"]});
                domain["route"] = said["routeConfig"]["routes"][0].clone();
                props["customDomain"] = domain;
            }
            "fc_service" => {
                let mut service = said;
                rename(&mut service, "/vpcConfig", "vSwitchIds", "vswitchIds");
                rename(&mut service, "/nasConfig/mountPoints/0", "mountDir", "fcDir");
                if let Some(mount) = service.pointer_mut("/nasConfig/mountPoints/0")
                    && let Some((host, folder)) =
                        mount["serverAddr"].as_str().and_then(|server| server.split_once(':'))
                {
                    let (host, folder) = (json!(host), json!(folder));
                    mount["serverAddr"] = host;
                    mount["nasDir"] = folder;
                }
                merge(&mut props["service"], service);
            }
            "fc_trigger" => {
                let mut trigger = said;
                rename(&mut trigger, "", "triggerType", "type");
                rename(&mut trigger, "", "invocationRole", "role");
                rename(&mut trigger, "/triggerConfig/filter/key", "prefix", "Prefix");
                rename(&mut trigger, "/triggerConfig/filter/key", "suffix", "Suffix");
                rename(&mut trigger, "/triggerConfig/filter", "key", "Key");
                rename(&mut trigger, "", "triggerConfig", "config");
                trigger["name"] = json!("t");
                props["triggers"] = json!([trigger]);
            }
            "fc_custom_domain" => {
                let routes = said["routeConfig"]["routes"].clone();
                let domain = format!("{name}.example.com");
                props["customDomains"] =
                    json!([{"domainName": domain, "protocol": said["protocol"], "routeConfigs": routes}]);
            }
            "fc_alias" => {
                let mut alias = said;
                alias["name"] = json!(name);
                props["aliases"] = json!([alias]);
            }
            kind @ ("fc_provision_config" | "fc_on_demand_config") => {
                let mut configuration = said;
                configuration["qualifier"] = json!(ALIAS);
                let key = if kind == "fc_provision_config" { "provisionConfigs" } else { "onDemandConfigs" };
                props[key] = json!([configuration]);
            }
            "fc_async_config" => {
                let mut configuration = said;
                if let Some(Json::Object(ends)) =
                    configuration.as_object_mut().and_then(|map| map.remove("destinationConfig"))
                {
                    let plain = ends.into_iter().map(|(end, value)| (end, value["destination"].clone()));
                    configuration["destination"] = Json::Object(plain.collect());
                }
                props["function"]["asyncConfiguration"] = configuration;
            }
            _ => {}
        }
        json!({"component": if case.schema.kind.starts_with("fc3_") { "fc3" } else { "fc" }, "props": props})
    }

    /// Where the service has it, below the version of its API.
    fn target(&self) -> String {
        let Self { name, case } = self;
        let function = if case.schema.kind.starts_with("fc3_") {
            format!("functions/{name}")
        } else {
            format!("services/{SERVICE}/functions/{name}")
        };
        match case.schema.kind {
            "fc3_function" | "fc_function" => function,
            "fc_service" => format!("services/{name}"),
            "fc_async_config" => format!("{function}/async-invoke-config"),
            "fc_provision_config" => format!("{function}/provision-config?qualifier={ALIAS}"),
            "fc_on_demand_config" => format!("{function}/on-demand-config?qualifier={ALIAS}"),
            "fc_alias" => format!("services/{SERVICE}/aliases/{name}"),
            "fc3_custom_domain" | "fc_custom_domain" => format!("custom-domains/{name}.example.com"),
            _ => format!("{function}/triggers/t"),
        }
    }

    #[track_caller]
    fn call(&self, room: &Room, method: &str, target: &str, body: &Json) -> Json {
        let version = if self.case.schema.kind.starts_with("fc3_") { "2023-03-30" } else { "2021-04-06" };
        call(room, &format!("{method} /{version}/{target}"), body)
    }

    /// Makes the aliases of a function that a qualifier may name.
    #[track_caller]
    pub fn make_aliases(&self, room: &Room) {
        if self.case.path.ends_with("qualifier") && self.case.schema.kind.starts_with("fc3_") {
            make_aliases(room, "2023-03-30", &format!("functions/{}", self.name));
        }
    }

    /// Gives what is in question the value of this turn; what no update can change is made anew.
    #[track_caller]
    pub fn edit_online(&self, room: &Room, turn: Turn) {
        let leaves = self.case.leaves(turn);
        let mut wanted = document(self.case.schema, leaves);
        if let Some(Json::Array(routes)) = wanted.pointer_mut("/routeConfig/routes") {
            for route in routes {
                let route = route.as_object_mut().expect("a route");
                route.entry("functionName").or_insert_with(|| json!(self.name));
                if self.case.schema.kind == "fc_custom_domain" {
                    route.entry("serviceName").or_insert_with(|| json!(SERVICE));
                }
            }
        }
        if self.case.names_elements() && !leaves.keys().any(|path| path.contains("[\"")) {
            let list = self.case.path.split('[').next().unwrap_or_default();
            let empty = list.rsplit('.').fold(json!([]), |inner, name| json!({name: inner}));
            merge(&mut wanted, empty);
        }
        if let Some(text) = leaves.get("code[\"index.py\"]").and_then(Json::as_str) {
            wanted["code"] = json!({"zipFile": zipped(text)});
        }
        if wanted["triggerConfig"].is_object() {
            wanted["triggerConfig"] = json!(wanted["triggerConfig"].to_string());
        }
        let target = self.target();
        if self.case.is_replaced() {
            self.call(room, "DELETE", &target, &json!({}));
            wanted["triggerName"] = json!("t");
            self.call(room, "POST", target.trim_end_matches("/t"), &wanted);
            return;
        }
        let top = |path: &String| path.split(['.', '[']).next().unwrap_or_default().to_owned();
        let tops: Vec<String> = self.case.in_question().into_iter().map(top).collect();
        // A put replaces it whole; an update keeps what it does not name.
        let kind = self.case.schema.kind;
        if kind != "fc_async_config" && !INSTANCES.contains(&kind) {
            wanted.as_object_mut().expect("a document").retain(|field, _| tops.contains(field));
        }
        self.call(room, "PUT", &target, &wanted);
    }

    /// Fields that the service answers, that nobody compares and that no table gives a reason for.
    #[track_caller]
    pub fn strangers(&self, room: &Room) -> Vec<String> {
        let document = self.call(room, "GET", &self.target(), &json!({}));
        let schema = self.case.schema;
        let known = |field: &str| {
            schema.attributes.iter().any(|attribute| attribute.name == field)
                || COMPUTED.contains(&field)
                || NOT_WRITTEN.iter().any(|(kind, names, _)| *kind == schema.kind && names.contains(&field))
        };
        let fields = document.as_object().expect("a document").keys();
        fields.filter(|field| !known(field)).map(|field| format!("{} {field}", schema.kind)).collect()
    }

    /// What the service holds, by path.
    #[track_caller]
    pub fn live(&self, room: &Room) -> Leaves {
        let mut document = self.call(room, "GET", &self.target(), &json!({}));
        if let Some(text) = document["triggerConfig"].as_str() {
            document["triggerConfig"] = serde_json::from_str(text).unwrap_or_default();
        }
        let mut leaves = Leaves::new();
        flatten(self.case.schema.attributes, &document, "", &mut leaves);
        if self.case.path.starts_with("code[") {
            let place = self.call(room, "GET", &format!("{}/code", self.target()), &json!({}));
            let (_, archive) = support::get_bytes(place["url"].as_str().expect("an address"));
            leaves.insert(self.case.path.clone(), json!(unzipped(&archive)));
        }
        leaves
    }
}

/// A call of somebody at the console.
#[track_caller]
fn call(room: &Room, call: &str, body: &Json) -> Json {
    let reply = room.private("POST", "console", Some(json!({"call": call, "body": body})));
    match reply.status {
        404 => Json::Null,
        status if status < 300 => serde_json::from_slice(&reply.body).unwrap_or_default(),
        status => panic!("{call} {body}: {status} {}", String::from_utf8_lossy(&reply.body)),
    }
}

/// Publishes some versions, and makes the aliases that a qualifier may name.
#[track_caller]
pub fn make_aliases(room: &Room, version: &str, of: &str) {
    for _ in 0..3 {
        call(room, &format!("POST /{version}/{of}/versions"), &json!({}));
    }
    for name in ["one", "two"] {
        call(room, &format!("POST /{version}/{of}/aliases"), &json!({"aliasName": name, "versionId": "1"}));
    }
}

/// The service of 2.0 that everything else stands on, with versions in which those functions are that something
/// names a version of.
#[track_caller]
pub fn lay_ground(room: &Room, homes: &[Home]) {
    let released = homes
        .iter()
        .filter(|home| home.case.path.ends_with("qualifier") || INSTANCES.contains(&home.case.schema.kind));
    let mut ground = json!({"ground": {"component": "fc", "props": {"region": "cn-hangzhou", "service": {"name": SERVICE}}}});
    for home in released {
        let mut entry = home.entry(Turn::Made);
        let props = entry["props"].as_object_mut().expect("props");
        props.retain(|key, _| ["region", "service", "function"].contains(&key.as_str()));
        ground[&home.name] = entry;
        let (name, text) = home.code(Turn::Made);
        room.write(&name, &text);
    }
    let project = json!({"edition": "3.0.0", "name": "estate", "resources": ground});
    room.write("s.yaml", &serde_yaml::to_string(&project).expect("YAML"));
    room.run(&["apply", "--auto-approve"]).exits(0);
    make_aliases(room, "2021-04-06", &format!("services/{SERVICE}"));
}

/// The project of these entries, as a file.
pub fn project(homes: &[Home], turn: impl Fn(&Home) -> Turn) -> String {
    let entries: Map<String, Json> =
        homes.iter().map(|home| (home.name.clone(), home.entry(turn(home)))).collect();
    let project = json!({"edition": "3.0.0", "name": "estate", "resources": entries});
    serde_yaml::to_string(&project).expect("YAML")
}

/// The project of one entry that leaves out what is in question, and the file's word for it.
pub fn without(home: &Home) -> (String, String) {
    let mut one = home.entry(Turn::Made);
    let path = home.case.path.as_str();
    let words = match path {
        "triggerType" => ["triggerType", "type"],
        "code[\"index.py\"]" => ["code", "codeUri"],
        _ => [path.rsplit('.').next().unwrap_or_default(); 2],
    };
    let word = words.into_iter().find(|word| remove(&mut one["props"], word)).expect("the entry says it");
    let project = json!({"edition": "3.0.0", "name": "estate", "resources": {&home.name: one}});
    (serde_yaml::to_string(&project).expect("YAML"), word.to_owned())
}

/// Removes a key, wherever it stands; the deepest where there are several.
fn remove(value: &mut Json, key: &str) -> bool {
    let inside = match value {
        Json::Object(map) => map.values_mut().rev().any(|inner| remove(inner, key)),
        Json::Array(items) => items.iter_mut().any(|inner| remove(inner, key)),
        _ => false,
    };
    inside || value.as_object_mut().is_some_and(|map| map.remove(key).is_some())
}

/// A function that is nobody's case.
fn plain() -> Json {
    json!({"runtime": "python3.10", "handler": "index.handler"})
}

fn merge(into: &mut Json, from: Json) {
    if let (Json::Object(into), Json::Object(from)) = (into, from) {
        into.extend(from);
    }
}

/// Calls a field of an object otherwise, where both are there.
fn rename(document: &mut Json, at: &str, from: &str, to: &str) {
    if let Some(Json::Object(map)) = document.pointer_mut(at)
        && let Some(value) = map.remove(from)
    {
        map.insert(to.to_owned(), value);
    }
}

/// The document that leaves spell; code is none of its fields.
fn document(schema: &Schema, leaves: &Leaves) -> Json {
    let mut document = json!({});
    for (path, value) in leaves.iter().filter(|(path, _)| !path.starts_with("code[")) {
        let path: Path = path.parse().expect("a path");
        put(&mut document, schema.attributes, None, path.parts(), value);
    }
    document
}

fn put(at: &mut Json, fields: &[Attribute], kind: Option<&Kind>, parts: &[Part], value: &Json) {
    match (parts, kind) {
        ([], _) => *at = value.clone(),
        ([Part::Key(key), rest @ ..], Some(Kind::List(Kind::Object(fields), Order::Keyed(by)))) => {
            if at.is_null() {
                *at = json!([]);
            }
            let items = at.as_array_mut().expect("a list");
            let found = items.iter().position(|item| item[*by] == key.as_str());
            let index = found.unwrap_or_else(|| {
                items.push(json!({*by: key}));
                items.len() - 1
            });
            put(&mut items[index], fields, None, rest, value);
        }
        ([Part::Key(name), rest @ ..], _) => put(&mut at[name], &[], None, rest, value),
        ([Part::Field(name), rest @ ..], _) => {
            let attribute = fields.iter().find(|field| field.name == name.as_ref()).expect("a field");
            let inner = match &attribute.kind {
                Kind::Object(fields) => fields,
                _ => &[][..],
            };
            put(&mut at[name.as_ref()], inner, Some(&attribute.kind), rest, value);
        }
    }
}

/// The leaves of a document, sets in order; what is empty is absent.
fn flatten(fields: &[Attribute], document: &Json, at: &str, leaves: &mut Leaves) {
    for field in fields {
        let value = &document[field.name];
        let path = if at.is_empty() { field.name.to_owned() } else { format!("{at}.{}", field.name) };
        match (&field.kind, value) {
            (Kind::Code, _) | (_, Json::Null) => {}
            (Kind::Object(inner), _) => flatten(inner, value, &path, leaves),
            (Kind::Texts | Kind::Map(_), Json::Object(map)) => {
                leaves.extend(map.iter().map(|(key, value)| (format!("{path}[\"{key}\"]"), value.clone())));
            }
            (Kind::List(Kind::Object(inner), Order::Keyed(by)), Json::Array(items)) => {
                for item in items {
                    let key = item[*by].as_str().expect("a name");
                    flatten(inner, item, &format!("{path}[\"{key}\"]"), leaves);
                }
            }
            (Kind::List(_, order), Json::Array(items)) if !items.is_empty() => {
                let mut items = items.clone();
                if *order == Order::Set {
                    items.sort_by_key(ToString::to_string);
                }
                leaves.insert(path, Json::Array(items));
            }
            (_, Json::Array(_)) => {}
            (_, Json::String(text)) if text.is_empty() => {}
            _ => drop(leaves.insert(path, value.clone())),
        }
    }
}

fn zipped(text: &str) -> String {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("index.py", zip::write::SimpleFileOptions::default()).expect("an entry");
    std::io::Write::write_all(&mut zip, text.as_bytes()).expect("writes");
    base64::engine::general_purpose::STANDARD.encode(zip.finish().expect("an archive").into_inner())
}

fn unzipped(archive: &[u8]) -> String {
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(archive)).expect("an archive");
    let mut file = zip.by_name("index.py").expect("the file");
    let mut text = String::new();
    std::io::Read::read_to_string(&mut file, &mut text).expect("text");
    text
}
