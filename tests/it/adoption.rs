//! Real files, edited: every scalar below `props` of the public `s.yaml` files is changed once, where the files
//! are at hand.
//!
//! Each edit has to parse, to mean the new value there and the same everywhere else, and to differ from the
//! original on the intended lines alone. The judge is not the editor's own check: the trees come from the reader
//! that the editor does not write for, and the lines are compared as lines.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use triform::config::edit::{self, New, Project, Wanted};
use triform::config::node::{Content, Node, Style};
use triform::config::{Desired, Given, Sources, load, yaml};
use triform::diag::{Diagnostic, Source};
use triform::model::{Address, Attribute, Kind, Number, Path, Planned, SchemaSet, Value};
use triform::provider::aliyun::fc3::component::FC3;

use super::corpus::{corpus, filled};

fn source(name: &str, text: String) -> Arc<Source> {
    Arc::new(Source { name: name.to_owned(), text })
}

fn given() -> Given<'static> {
    Given { variables: &|name| (name == "FOO").then(|| "foo".to_owned()), overrides: &[], unset: None }
}

fn read(source: &Arc<Source>) -> (Desired, Vec<Diagnostic>) {
    load(&Sources::from(source), &given(), &[&FC3])
}

/// A scalar: the keys and places that lead to it, and where it is written.
struct Scalar {
    way: Vec<String>,
    node: Node,
}

fn scalars(node: &Node, way: &mut Vec<String>, found: &mut Vec<Scalar>) {
    match &node.content {
        Content::Map(pairs) => {
            for pair in pairs {
                way.push(pair.key.text.clone());
                scalars(&pair.value, way, found);
                way.pop();
            }
        }
        Content::List(items) => {
            for (index, item) in items.iter().enumerate() {
                way.push(index.to_string());
                scalars(item, way, found);
                way.pop();
            }
        }
        Content::Null => {}
        Content::Text(text) if text.contains("${") => {}
        _ => found.push(Scalar { way: way.clone(), node: node.clone() }),
    }
}

/// Everything below the props of all resources (below the services, in older editions).
fn below_props(root: &Node) -> Vec<Scalar> {
    let mut found = Vec::new();
    for top in ["resources", "services"] {
        for pair in root.get(top).and_then(Node::pairs).unwrap_or_default() {
            if let Some(props) = pair.value.get("props") {
                let mut way = vec![top.to_owned(), pair.key.text.clone(), "props".to_owned()];
                scalars(props, &mut way, &mut found);
            }
        }
    }
    found
}

/// A new value of the same type, another one each time.
fn another(node: &Node, count: usize) -> New {
    match &node.content {
        Content::Bool(value) => New::Bool(!value),
        Content::Number(number) => New::Number(Number::new(number.get() + 1.0).expect("finite")),
        _ => {
            let text = node.as_written().expect("a scalar").into_owned();
            New::Text(match count % 4 {
                0 => format!("{text}x"),
                1 => format!("it's: #{text}"),
                2 => format!("{text}\nand \"more\""),
                _ => "010".to_owned(),
            })
        }
    }
}

/// What another reader makes of a text, with one place changed.
fn tree(text: &str) -> serde_yaml::Value {
    let mut value: serde_yaml::Value = serde_yaml::from_str(text).expect("YAML");
    value.apply_merge().expect("merges fit");
    value
}

fn put(tree: &mut serde_yaml::Value, way: &[String], new: &New) {
    use serde_yaml::Value;
    let Some((first, rest)) = way.split_first() else {
        *tree = match new {
            New::Bool(value) => Value::Bool(*value),
            New::Number(number) => serde_yaml::from_str(&number.to_string()).expect("a number"),
            New::Text(text) => Value::String(text.clone()),
            _ => panic!("scalars are put"),
        };
        return;
    };
    let inner = match tree {
        Value::Sequence(items) => first.parse::<usize>().ok().and_then(|at| items.get_mut(at)),
        Value::Mapping(map) => map.get_mut(first.as_str()),
        _ => None,
    };
    put(inner.expect("the way exists"), rest, new);
}

/// Says where lines differ that lie outside of these, both counted from either end.
fn other_lines(old: &str, new: &str, first: usize, last: usize) -> bool {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.split('\n').collect(), new.split('\n').collect());
    let behind = old.len() - last;
    new.len() < first - 1 + behind
        || old[..first - 1] != new[..first - 1]
        || old[last..] != new[new.len() - behind..]
}

#[test]
fn every_scalar_of_every_file_can_be_replaced() {
    let (mut tried, mut refused) = (0, Vec::new());
    for (name, text) in corpus() {
        let text = filled(&name, &text);
        let source = source(&name, text.clone());
        let (Some(root), _) = yaml::parse(&source) else { continue };
        let before = tree(&text);
        for Scalar { way, node } in below_props(&root) {
            if node.used_at.is_some() {
                continue; // written elsewhere, and counted there
            }
            tried += 1;
            let new = another(&node, tried);
            let place = format!("{} {}", node.span, way.join("."));
            let edited = match edit::replace(&source, node.span.range.start, &new) {
                Ok(edited) => edited,
                Err(why) => {
                    refused.push(format!("{place}: {why}"));
                    continue;
                }
            };
            let mut expected = before.clone();
            let quoted = !matches!(node.style, Style::Plain | Style::Literal | Style::Folded);
            let kept = if quoted { New::Text(new.word().expect("a scalar")) } else { new };
            put(&mut expected, &way, &kept);
            assert_eq!(tree(&edited), expected, "{place}\n{edited}");
            let ink = &text[node.span.range.clone()];
            let first = node.span.line_column().0;
            let last = first + ink.matches('\n').count();
            let first = if matches!(node.style, Style::Literal | Style::Folded) { first - 1 } else { first };
            assert!(!other_lines(&text, &edited, first, last), "{place}\n{edited}");
        }
    }
    report("replaced", tried, &refused);
}

fn report(what: &str, tried: usize, refused: &[String]) {
    println!("{} of {tried} scalars {what}", tried - refused.len());
    for refusal in refused {
        println!("not {what}: {refusal}");
    }
    assert!(refused.len() * 20 <= tried, "at least 95 % are {what}");
}

/// A value of the attribute's kind that is not this one; nothing where the kind has no other.
fn other_value(attribute: &Attribute, kind: &Kind, value: &Value) -> Option<Value> {
    Some(match (kind, value) {
        (Kind::Bool, Value::Bool(value)) => Value::Bool(!value),
        (Kind::Number { .. }, Value::Number(number)) if attribute.name == "diskSize" => {
            Value::int(if number.as_integer() == Some(512) { 10240 } else { 512 })
        }
        (Kind::Number { min, max, step }, Value::Number(number)) => {
            let next = if number.get() + step <= *max { number.get() + step } else { number.get() - step };
            Value::Number(Number::new(next.max(*min))?)
        }
        (Kind::Text(allowed), Value::Text(text)) => match attribute.name {
            // One that asks for no handler, and one that asks for one.
            "runtime" if text.starts_with("custom") => {
                Value::text(if text == "custom.debian10" { "custom.debian12" } else { "custom.debian10" })
            }
            "runtime" => Value::text(if text == "python3.10" { "nodejs18" } else { "python3.10" }),
            "role" => Value::text(format!("{text}x")),
            "triggerType" => return None, // its configuration is another one then
            _ if allowed.is_empty() => Value::text(format!("it's: #{text}")),
            _ => Value::text(*allowed.iter().find(|word| **word != text && **word != "jwt")?),
        },
        (Kind::Texts, Value::Text(text)) => Value::text(format!("it's: #{text}")),
        _ => return None,
    })
}

/// Returns the values that differ from this one in one scalar each.
fn variants(attribute: &Attribute, value: &Value) -> Vec<Option<Value>> {
    match (&attribute.kind, value) {
        (Kind::List(kind, _), Value::List(items)) => (0..items.len())
            .map(|index| {
                let mut items = items.clone();
                items[index] = match (kind, &items[index]) {
                    (Kind::Object(_), Value::Map(map)) => {
                        let changed = |(key, value): (&String, &Value)| {
                            (
                                key.clone(),
                                if key == "replacement" { Value::text("/other") } else { value.clone() },
                            )
                        };
                        Value::Map(map.iter().map(changed).collect())
                    }
                    (Kind::Text(allowed), Value::Text(_)) if !allowed.is_empty() => {
                        Value::text(*allowed.iter().find(|word| !items.contains(&Value::text(**word)))?)
                    }
                    (kind, item) => other_value(attribute, kind, item)?,
                };
                Some(kind_of(attribute).normalise(Value::List(items)))
            })
            .collect(),
        (kind, value) => vec![other_value(attribute, kind, value)],
    }
}

fn kind_of(attribute: &Attribute) -> &Kind {
    &attribute.kind
}

fn without(desired: &Desired) -> BTreeMap<(Address, Path), Planned> {
    let mut all = BTreeMap::new();
    for (address, resource) in &desired.resources {
        for (path, planned) in &resource.attributes {
            all.insert((address.clone(), path.clone()), planned.clone());
        }
    }
    all
}

/// Returns where entries name the templates that lie below their props.
fn templates(source: &Arc<Source>) -> Vec<Range<usize>> {
    let root = yaml::parse(source).0;
    let entries = root.as_ref().and_then(|root| root.get("resources")?.pairs()).unwrap_or_default();
    let names = entries.iter().filter_map(|pair| pair.value.get("extend")?.get("name"));
    names.map(|name| name.span.range.clone()).collect()
}

#[test]
fn every_attribute_of_every_file_that_loads_can_be_adopted() {
    let schemas: SchemaSet = FC3.schemas.iter().copied().collect();
    let (mut tried, mut files, mut whole, mut refused) = (0, 0, 0, Vec::new());
    for (name, text) in corpus() {
        let source = source(&name, filled(&name, &text));
        let (desired, diagnostics) = read(&source);
        // What is not built yet is no reason to leave the rest of a file out.
        let errors = |diagnostics: &[Diagnostic]| diagnostics.iter().filter(|one| one.is_error()).count();
        let mistakes = errors(&diagnostics);
        if desired.resources.is_empty() {
            continue;
        }
        files += 1;
        whole += usize::from(mistakes == 0);
        let before = without(&desired);
        let templates = templates(&source);
        let given = given();
        let sources = Sources::from(&source);
        let project =
            Project { sources: &sources, given: &given, components: &[&FC3], is_secret: &|_, _| false };
        for ((address, path), planned) in &before {
            let schema = schemas.get(&address.kind).expect("a schema");
            let (Some((attribute, _)), Planned::Known(value)) = (schema.attribute(path), planned) else {
                continue;
            };
            let span = &desired.resources[address].spans[path];
            if source.text[span.range.clone()].contains("${") || schema.is_key_field(path) {
                continue;
            }
            for variant in variants(attribute, value) {
                let Some(variant) = variant else { continue };
                tried += 1;
                let wanted =
                    Wanted { address: address.clone(), path: path.clone(), value: Some(variant.clone()) };
                let edited = edit::edit(&project, &[wanted]);
                if let Some(refusal) = edited.refused.first() {
                    refused.push(format!("{span} {address}:{path}: {}", refusal.why));
                    continue;
                }
                let text = edited.texts.get(&name).unwrap_or(&source.text);
                let (after, diagnostics) = read(&self::source(&name, text.clone()));
                assert!(errors(&diagnostics) <= mistakes, "{text}");
                let mut expected = before.clone();
                expected.insert((address.clone(), path.clone()), Planned::Known(variant));
                assert_eq!(without(&after), expected, "{span}\n{text}");
                let first = span.line_column().0;
                let last = first + source.text[span.range.clone()].matches('\n').count();
                if templates.contains(&span.range) {
                    // Said where the template is written, on one line of it.
                    let lines = source.text.lines().zip(text.lines());
                    assert_eq!(lines.filter(|(old, new)| old != new).count(), 1, "{span}\n{text}");
                } else {
                    assert!(!other_lines(&source.text, text, first, last), "{span}\n{text}");
                }
            }
        }
    }
    println!("{files} files declare something, {whole} of them without an error");
    report("adopted", tried, &refused);
}
