//! Real files: the public `s.yaml` files of `../shared/corpus`, where they are at hand.
//!
//! None may panic, and none may be refused for a reason that its author could not have foreseen: what is wrong
//! with them is either known (another edition, a placeholder for a runtime) or not built yet. The YAML tree is
//! held against an independent reader's.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use triform::config::node::{Content, Node};
use triform::config::{Given, codes, load, yaml};
use triform::diag::{Diagnostic, Source};
use triform::provider::PROVIDERS;

/// Returns the corpus, name and text; nothing where it is not at hand.
pub fn corpus() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    if !folder.is_dir() {
        println!("not run: no corpus");
        return Vec::new();
    }
    let mut files: Vec<(String, String)> = std::fs::read_dir(folder)
        .expect("the corpus can be listed")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            (name, std::fs::read_to_string(path).expect("text"))
        })
        .collect();
    files.sort();
    assert!(files.len() > 100, "the corpus is whole");
    files
}

/// Replaces `{{ name }}` and `{{ name || 'default' }}` as the corpus' index says.
pub fn filled(file: &str, text: &str) -> String {
    let mut result = String::new();
    let mut rest = text;
    while let Some((front, behind)) = rest.split_once("{{") {
        let Some((inside, after)) = behind.split_once("}}") else {
            break;
        };
        result.push_str(front);
        let (name, default) =
            inside.split_once("||").map_or((inside, None), |(name, word)| (name, Some(word)));
        let default = default.map(|word| word.trim().trim_matches(['\'', '"']));
        result.push_str(default.unwrap_or_else(|| placeholder(file, name.trim())));
        rest = after;
    }
    result + rest
}

fn placeholder(file: &str, name: &str) -> &'static str {
    match name {
        "runtime" if file.contains("__custom-container__") => "custom-container",
        "runtime" if file.contains("__custom__") => "custom.debian12",
        "region" => "cn-hangzhou",
        "access" => "default",
        "functionName" | "serviceName" => "demo",
        "runtime" => "nodejs18",
        "roleArn" => "acs:ram::123456789:role/demo",
        "port" => "3306",
        _ => "PLACEHOLDER",
    }
}

fn source(name: &str, text: String) -> Arc<Source> {
    Arc::new(Source { name: name.to_owned(), text })
}

fn read(name: &str, text: &str) -> Vec<Diagnostic> {
    let variables = |name: &str| (name == "FOO").then(|| "foo".to_owned());
    let given = Given { variables: &variables, overrides: &[], unset: None };
    let components: Vec<_> = PROVIDERS.iter().map(|row| row.component).collect();
    load(&source(name, filled(name, text)).into(), &given, &components).1
}

/// What is known to be wrong with files of the corpus, beside what is not built: file, code, message.
const KNOWN: [(&str, &str, &str); 4] = [
    ("Serverless-Devs____tests____fixtures__verify__", codes::UNKNOWN_VALUE, "`runtime`"), // `nodejs`
    ("Serverless-Devs____tests____fixtures__verify__", codes::WRONG_TYPE, "`timeout`"),    // `abc`
    ("toolkit__packages__registry____", codes::MISSING_KEY, "is missing"), // of FC 3.0, with the other component
    ("toolkit__packages__engine____tests____mock__error__", codes::NOT_YAML, "':'"),
];

#[test]
fn files_of_edition_3_are_read() {
    let mut surprises = Vec::new();
    let mut clean = 0;
    let mut read_files = 0;
    for (name, text) in corpus() {
        let diagnostics = read(&name, &text);
        if !text.lines().any(|line| line.starts_with("edition: 3.0.0")) {
            continue; // what becomes of those is in `older_corpus`
        }
        read_files += 1;
        clean += usize::from(!diagnostics.iter().any(Diagnostic::is_error));
        for diagnostic in diagnostics.iter().filter(|diagnostic| diagnostic.is_error()) {
            let known = KNOWN.iter().any(|(file, code, message)| {
                name.starts_with(file) && diagnostic.code == *code && diagnostic.message.contains(message)
            });
            if diagnostic.code != codes::NOT_BUILT && !known {
                let place = diagnostic.at.as_ref().map(|(span, _)| span.to_string()).unwrap_or_default();
                surprises.push(format!("{place} {} {}", diagnostic.code, diagnostic.message));
            }
        }
    }
    println!("{clean} of {read_files} files have no error");
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
}

/// The plainest tree that both readers can be turned into; scalars as texts.
#[derive(Debug, PartialEq)]
enum Plain {
    Null,
    Scalar(String),
    List(Vec<Plain>),
    Map(BTreeMap<String, Plain>),
}

fn ours(node: &Node) -> Plain {
    match &node.content {
        Content::Null => Plain::Null,
        Content::List(items) => Plain::List(items.iter().map(ours).collect()),
        Content::Map(pairs) => {
            Plain::Map(pairs.iter().map(|pair| (pair.key.text.clone(), ours(&pair.value))).collect())
        }
        Content::Number(number) => Plain::Scalar(number.to_string()),
        _ => Plain::Scalar(node.as_written().expect("a scalar").into_owned()),
    }
}

fn theirs(value: &serde_yaml::Value) -> Plain {
    use serde_yaml::Value;
    match value {
        Value::Null => Plain::Null,
        Value::Bool(value) => Plain::Scalar(value.to_string()),
        Value::Number(number) => Plain::Scalar(number.to_string()),
        Value::String(text) => Plain::Scalar(text.clone()),
        Value::Sequence(items) => Plain::List(items.iter().map(theirs).collect()),
        Value::Mapping(map) => {
            let pairs = map.iter().map(|(key, value)| {
                let Plain::Scalar(key) = theirs(key) else { panic!("keys are texts") };
                (key, theirs(value))
            });
            Plain::Map(pairs.collect())
        }
        Value::Tagged(tagged) => theirs(&tagged.value),
    }
}

#[test]
fn two_readers_see_the_same_tree() {
    for (name, text) in corpus() {
        let text = filled(&name, &text);
        let (root, diagnostics) = yaml::parse(&source(&name, text.clone()));
        match serde_yaml::from_str::<serde_yaml::Value>(&text) {
            Ok(mut value) => {
                assert_eq!(diagnostics, Vec::new(), "{name}");
                value.apply_merge().expect("merges fit");
                assert_eq!(ours(&root.expect("a tree")), theirs(&value), "{name}");
            }
            Err(_) => assert!(!diagnostics.is_empty(), "{name} is not YAML"),
        }
    }
}
