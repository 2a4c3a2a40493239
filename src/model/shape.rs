//! From a nested document to leaves by path, and back, as a schema says.
//!
//! [`flatten`] keeps what the schema lists and drops everything else, empty forms included, so that two
//! documents that mean the same give the same map. [`assemble`] is its inverse for what is to be sent.

use std::collections::BTreeMap;

use super::{Attribute, Attributes, Kind, Number, Order, Part, Path, Schema, Value};

/// Returns the leaves of a document that the schema lists, in their normal form.
///
/// A value of another type than the schema's is kept as it is: what the service answers is a fact.
pub fn flatten(schema: &Schema, document: &BTreeMap<String, Value>) -> Attributes {
    let mut leaves = Attributes::new();
    fields(schema.attributes, document, &Path::root(), &mut leaves);
    leaves
}

fn fields(
    attributes: &'static [Attribute],
    document: &BTreeMap<String, Value>,
    at: &Path,
    leaves: &mut Attributes,
) {
    for attribute in attributes {
        if let Some(value) = document.get(attribute.name) {
            leaf(&attribute.kind, value, &at.then(attribute.name), leaves);
        }
    }
}

fn leaf(kind: &'static Kind, value: &Value, at: &Path, leaves: &mut Attributes) {
    match (kind, value) {
        (Kind::Code, _) => {} // read from the package, never from a document
        (Kind::Texts | Kind::Map(_), Value::Map(map)) => {
            for (key, value) in map {
                let value = kind.by_key().map_or_else(|| value.clone(), |kind| normal(kind, value.clone()));
                leaves.insert(at.key(key), value);
            }
        }
        (Kind::Object(attributes), Value::Map(map)) => fields(attributes, map, at, leaves),
        (Kind::List(item, Order::Keyed(key)), Value::List(items)) => {
            for element in items {
                let Value::Map(map) = element else { continue };
                if let Some(Value::Text(name)) = map.get(*key) {
                    leaf(item, element, &at.key(name), leaves);
                }
            }
        }
        (kind, value) => {
            let value = normal(kind, value.clone());
            if !value.is_empty() {
                leaves.insert(at.clone(), value);
            }
        }
    }
}

impl Kind {
    /// Returns a leaf value in its normal form; a value that does not fit is returned as it is.
    ///
    /// Numbers in texts become numbers, scalars become texts where texts are asked for, sets are sorted and
    /// lose their doubles.
    pub fn normalise(&self, value: Value) -> Value {
        normal(self, value)
    }
}

fn normal(kind: &Kind, value: Value) -> Value {
    match (kind, value) {
        (Kind::Number { .. }, Value::Text(text)) => {
            text.trim().parse().ok().and_then(Number::new).map_or(Value::Text(text), Value::Number)
        }
        (Kind::Bool, Value::Text(text)) => match text.as_str() {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ => Value::Text(text),
        },
        (Kind::Text(_), Value::Number(number)) => Value::Text(number.to_string()),
        (Kind::Text(_), Value::Bool(value)) => Value::Text(value.to_string()),
        (Kind::List(item, order), Value::List(items)) => {
            let mut items: Vec<Value> = items.into_iter().map(|value| normal(item, value)).collect();
            if *order == Order::Set {
                items.sort();
                items.dedup();
            }
            Value::List(items)
        }
        (Kind::Object(fields), Value::Map(map)) => Value::Map(
            map.into_iter()
                .filter_map(|(name, value)| {
                    let field = fields.iter().find(|field| field.name == name)?;
                    let value = normal(&field.kind, value);
                    (!value.is_empty()).then_some((name, value))
                })
                .collect(),
        ),
        (_, value) => value,
    }
}

/// Returns the document that the leaves spell; elements of keyed lists come in the order of their keys.
pub fn assemble(schema: &Schema, leaves: &Attributes) -> BTreeMap<String, Value> {
    let mut document = BTreeMap::new();
    for (path, value) in leaves {
        if !path.is_code() {
            put(&mut document, path.parts(), value.clone());
        }
    }
    unkey(schema.attributes, &mut document);
    document
}

fn put(document: &mut BTreeMap<String, Value>, parts: &[Part], value: Value) {
    let Some((first, rest)) = parts.split_first() else {
        return;
    };
    let name = match first {
        Part::Field(name) => name.as_ref(),
        Part::Key(key) => key.as_str(),
    };
    if rest.is_empty() {
        document.insert(name.to_owned(), value);
        return;
    }
    let inner = document.entry(name.to_owned()).or_insert_with(|| Value::Map(BTreeMap::new()));
    if let Value::Map(inner) = inner {
        put(inner, rest, value);
    }
}

/// Turns the maps that stand for keyed lists into lists.
fn unkey(attributes: &'static [Attribute], document: &mut BTreeMap<String, Value>) {
    for attribute in attributes {
        let Some(value) = document.get_mut(attribute.name) else {
            continue;
        };
        match (&attribute.kind, value) {
            (Kind::Object(fields), Value::Map(inner)) => unkey(fields, inner),
            (Kind::List(item, Order::Keyed(key)), value @ Value::Map(_)) => {
                let Value::Map(map) = std::mem::replace(value, Value::List(Vec::new())) else {
                    continue;
                };
                let items = map.into_iter().map(|(name, mut element)| {
                    if let (Kind::Object(fields), Value::Map(inner)) = (item, &mut element) {
                        inner.entry((*key).to_owned()).or_insert(Value::Text(name));
                        unkey(fields, inner);
                    }
                    element
                });
                *value = Value::List(items.collect());
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static ROUTE: &[Attribute] = &[
        Attribute::text("path", "The path."),
        Attribute::text("functionName", "The function."),
        Attribute::new("methods", Kind::List(&Kind::Text(&[]), Order::Set), "The methods."),
    ];
    static SCHEMA: Schema = Schema {
        kind: "test_thing",
        noun: "thing",
        version: 1,
        parent: None,
        shared: false,
        name: "thingName",
        id: None,
        attributes: &[
            Attribute::integer("memorySize", 128.0, 512.0, "Memory."),
            Attribute::text("description", "Words."),
            Attribute::new("environmentVariables", Kind::Texts, "Variables."),
            Attribute::new("layers", Kind::List(&Kind::Text(&[]), Order::Listed), "Layers."),
            Attribute::new(
                "routeConfig",
                Kind::Object(&[Attribute::new(
                    "routes",
                    Kind::List(&Kind::Object(ROUTE), Order::Keyed("path")),
                    "Routes.",
                )]),
                "Routing.",
            ),
        ],
        outputs: &[],
    };

    fn map<const N: usize>(entries: [(&str, Value); N]) -> BTreeMap<String, Value> {
        entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
    }

    #[track_caller]
    fn check(document: &BTreeMap<String, Value>, expected: &[(&str, Value)]) {
        let expected: Attributes =
            expected.iter().map(|(path, value)| (path.parse().expect("a path"), value.clone())).collect();
        assert_eq!(flatten(&SCHEMA, document), expected);
        assert_eq!(flatten(&SCHEMA, &assemble(&SCHEMA, &expected)), expected, "and back");
    }

    #[test]
    fn empty_is_absent_and_unknown_fields_are_left_out() {
        check(
            &map([("description", "".into()), ("layers", Value::List(vec![])), ("functionId", "x".into())]),
            &[],
        );
    }

    #[test]
    fn an_empty_variable_is_a_variable() {
        check(
            &map([("environmentVariables", Value::Map(map([("A", "".into())])))]),
            &[("environmentVariables[\"A\"]", "".into())],
        );
    }

    #[test]
    fn numbers_in_texts_are_numbers_and_sets_are_sorted() {
        let route = map([
            ("path", "/*".into()),
            ("methods", Value::List(vec!["PUT".into(), "GET".into(), "PUT".into()])),
        ]);
        let routes = Value::Map(map([("routes", Value::List(vec![Value::Map(route)]))]));
        check(
            &map([("memorySize", "256".into()), ("routeConfig", routes)]),
            &[
                ("memorySize", Value::int(256)),
                ("routeConfig.routes[\"/*\"].path", "/*".into()),
                ("routeConfig.routes[\"/*\"].methods", Value::List(vec!["GET".into(), "PUT".into()])),
            ],
        );
    }

    #[test]
    fn listed_order_is_kept() {
        check(
            &map([("layers", Value::List(vec!["b".into(), "a".into()]))]),
            &[("layers", Value::List(vec!["b".into(), "a".into()]))],
        );
    }
}
