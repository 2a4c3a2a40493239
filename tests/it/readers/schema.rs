//! Every plan that we print is what the published schema says.

use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};

use super::{edited, offline, python, run, told};

/// Returns what the checker says of files, for each of them the places of its errors.
#[track_caller]
fn errors(files: &[PathBuf], folder: &Path) -> Vec<(PathBuf, String)> {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema/plan.schema.json");
    let schema = schema.display().to_string();
    let files: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    let args = ["--output-format", "json", "--schemafile", &schema];
    let args: Vec<&str> = args.into_iter().chain(files.iter().map(String::as_str)).collect();
    let (_, out, complaint) = run(offline(&python(".venv", "check_jsonschema"), &args, folder));
    let report: Json = serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}{complaint}"));
    let parsed = report["parse_errors"].as_array().is_none_or(Vec::is_empty);
    assert!(parsed && report["errors"].is_array(), "{report}");
    let found = report["errors"].as_array().expect("a list").iter();
    let text = |json: &Json| json.as_str().unwrap_or_default().to_owned();
    found.map(|error| (PathBuf::from(text(&error["filename"])), text(&error["path"]))).collect()
}

/// Writes the golden documents of the JSON rendering, one for each plan of the set, as files.
fn golden(folder: &Path) -> Vec<PathBuf> {
    let snapshots = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/render/json/snapshots");
    let files = std::fs::read_dir(&snapshots).expect("golden files").map(|entry| {
        let path = entry.expect("an entry").path();
        let text = std::fs::read_to_string(&path).expect("text");
        let body = text.splitn(3, "---\n").last().expect("a body");
        let name = path.file_stem().and_then(|name| name.to_str()).expect("a name");
        let file = folder.join(name.rsplit("__").next().expect("a name")).with_extension("json");
        std::fs::write(&file, body).expect("writes");
        file
    });
    files.collect()
}

#[test]
fn every_plan_is_valid() {
    let room = edited();
    let mut files = golden(room.root());
    assert!(files.len() > 20, "the whole set: {files:?}");
    files.push(told(&room, "edits.json", &["plan"]));
    files.push(told(&room, "destroy.json", &["plan", "--destroy"]));
    files.push(told(&room, "undo.json", &["plan", "--undo"]));
    room.console("PUT", "functions/cart", Some(json!({"timeout": 99})));
    files.push(told(&room, "drift.json", &["drift"]));
    files.push(told(&room, "open.json", &["plan"]));
    files.push(told(&room, "undo-open.json", &["plan", "--undo"]));
    files.push(told(&room, "partial.json", &["plan", "--target", "fc3_function.report"]));
    assert_eq!(errors(&files, room.root()), []);
}

#[test]
fn the_schema_finds_what_is_wrong() {
    let folder = tempfile::tempdir().expect("a folder");
    let whole =
        golden(folder.path()).into_iter().find(|file| file.ends_with("whole.json")).expect("the whole");
    let whole: Json = serde_json::from_slice(&std::fs::read(&whole).expect("reads")).expect("JSON");
    let change = whole["resource_changes"].as_array().expect("a list").iter();
    let at = change.clone().position(|entry| entry["triform"]["paths"].is_array()).expect("a change");
    let change = format!("/resource_changes/{at}");
    let wrong = [
        ("", "surprise", json!(1)),
        ("", "timestamp", json!("yesterday")),
        ("", "errored", json!(true)),
        (&*change, "surprise", json!(1)),
        (&*format!("{change}/change"), "actions", json!(["improve"])),
        (&*format!("{change}/change"), "after_sensitive", json!({"password": "yes"})),
        (&*format!("{change}/change/before"), "code", json!({"index.py": "def handler(): …"})),
        (&*format!("{change}/triform/paths/0"), "class", json!("changed")),
        (&*format!("{change}/triform/paths/0"), "to", json!(1)),
        (&*format!("{change}/triform"), "content", json!("…")),
        ("/triform", "digest", json!("md5:0")),
        ("/triform/steps/0", "call", json!("improve")),
    ];
    let mut files = Vec::new();
    for (number, (place, key, value)) in wrong.iter().enumerate() {
        let mut broken = whole.clone();
        let object = broken.pointer_mut(place).and_then(Json::as_object_mut);
        let object = object.unwrap_or_else(|| panic!("no object at {place}"));
        object.insert((*key).to_owned(), value.clone());
        if *key == "to" {
            object.insert("outcome".to_owned(), json!("keep"));
        }
        let file = folder.path().join(format!("wrong-{number}.json"));
        std::fs::write(&file, broken.to_string()).expect("writes");
        files.push(file);
    }
    let found = errors(&files, folder.path());
    let missed: Vec<_> = wrong
        .iter()
        .zip(&files)
        .filter(|(_, file)| !found.iter().any(|(found, _)| found == *file))
        .map(|((place, key, _), _)| format!("{place}/{key}"))
        .collect();
    assert!(missed.is_empty(), "the schema lets pass: {missed:?}");
}
