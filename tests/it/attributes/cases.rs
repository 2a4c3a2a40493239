//! One case for each attribute that a schema lists: its values, and what has to stand beside it.
//!
//! Values come from the schema where it says enough, and from the tables below where the service wants more than that.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};
use triform::model::{Attribute, Kind, Order, Removal, Schema};

use super::tables::{
    beside, filled_in, go_together, is_needed, left_out, not_adopted, type_of, typed, values,
};

/// Attributes by path, as the service names them.
pub type Leaves = BTreeMap<String, Json>;

/// A moment in the life of an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// It is made with a first value.
    Made,
    /// The project says another one.
    Edited,
    /// Somebody gives it a third one at the console.
    Online,
    /// The project does not say it any more.
    Left,
}

/// One attribute.
pub struct Case {
    pub schema: &'static Schema,
    pub attribute: &'static Attribute,
    /// Where it stands, such as `customRuntimeConfig.port`.
    pub path: String,
    /// What the resource is at each turn; at the last one with what the service falls back to.
    turns: [Leaves; 4],
    /// What the project says at the last turn.
    said_at_last: Leaves,
}

impl Case {
    /// What the resource is at this turn.
    pub fn leaves(&self, turn: Turn) -> &Leaves {
        &self.turns[turn as usize]
    }

    /// What the project says at this turn.
    pub fn said(&self, turn: Turn) -> &Leaves {
        if turn == Turn::Left { &self.said_at_last } else { self.leaves(turn) }
    }

    /// Every path whose value the turns differ in.
    pub fn in_question(&self) -> BTreeSet<&String> {
        let paths: BTreeSet<&String> = self.turns.iter().flat_map(BTreeMap::keys).collect();
        let value = |turn: &Leaves, path: &String| turn.get(path).cloned();
        paths
            .into_iter()
            .filter(|path| self.turns.iter().any(|turn| value(turn, path) != value(&self.turns[0], path)))
            .collect()
    }

    /// Whether a create without it is refused, so that it cannot be left out.
    pub fn is_required(&self) -> bool {
        let (kind, path) = (self.schema.kind, &self.path);
        (self.attribute.required || is_needed(kind, path)) && filled_in(kind, path).is_none()
    }

    /// Whether it tells the elements of a list apart, so that another value is another element.
    pub fn names_elements(&self) -> bool {
        self.path.split_once("[\"").is_some_and(|(_, rest)| {
            let key = rest.split('"').next().map(|key| json!(key));
            self.leaves(Turn::Made).get(&self.path) == key.as_ref()
        })
    }

    /// Why what is online stays apart from the project, where it does.
    pub fn not_adopted(&self) -> Option<&'static str> {
        not_adopted(self.schema.kind, &self.path)
    }

    /// The name of the element at a turn, where it names one.
    pub fn element(&self, turn: Turn) -> Option<String> {
        let of_it = |path: &&String| path.ends_with(&format!("\"].{}", self.attribute.name));
        let path = self.leaves(turn).keys().find(of_it)?;
        self.leaves(turn).get(path).map(ToString::to_string)
    }

    /// Where the project and what is online stand apart; an element as a whole.
    pub fn places_apart(&self) -> BTreeSet<String> {
        let (project, online) = (self.leaves(Turn::Edited), self.leaves(Turn::Online));
        let apart = self.in_question().into_iter().filter(|path| project.get(*path) != online.get(*path));
        let place = |path: &String| match path.rsplit_once("\"].") {
            Some((element, _)) if self.names_elements() => format!("{element}\"]"),
            _ => path.clone(),
        };
        apart.map(place).collect()
    }

    /// Whether the service cannot change it.
    pub fn is_replaced(&self) -> bool {
        self.attribute.replaces
            || (self.schema.kind == "fc_trigger"
                && self
                    .leaves(Turn::Made)
                    .get("triggerType")
                    .is_some_and(|kind| FROZEN.contains(&kind.as_str().unwrap_or_default())))
    }
}

/// The types of triggers that the service of 2.0 does not update.
const FROZEN: [&str; 2] = ["mns_topic", "tablestore"];

/// Returns every case of a type.
pub fn of(schema: &'static Schema) -> Vec<Case> {
    let mut places = Vec::new();
    walk(schema.attributes, "", None, &mut places);
    places.into_iter().filter_map(|place| case(schema, place)).collect()
}

/// Returns every place of a type that holds one value.
pub fn spots(schema: &'static Schema) -> Vec<String> {
    let mut spots = Vec::new();
    walk(schema.attributes, "", None, &mut spots);
    spots.into_iter().map(|spot| spot.path).collect()
}

/// A place of a schema that holds one value.
struct Spot {
    attribute: &'static Attribute,
    path: String,
    /// The path of the element that it names, where it is what tells elements apart.
    names: Option<String>,
}

fn walk(attributes: &'static [Attribute], at: &str, by: Option<&str>, found: &mut Vec<Spot>) {
    for attribute in attributes {
        let path = if at.is_empty() { attribute.name.to_owned() } else { format!("{at}.{}", attribute.name) };
        match &attribute.kind {
            Kind::Object(fields) => walk(fields, &path, None, found),
            Kind::List(Kind::Object(fields), Order::Keyed(key)) => {
                walk(fields, &format!("{path}[\"{}\"]", element(key)), Some(key), found);
            }
            Kind::Texts => found.push(Spot { attribute, path: format!("{path}[\"COLOUR\"]"), names: None }),
            Kind::Map(_) => found.push(Spot { attribute, path: format!("{path}[\"2\"]"), names: None }),
            Kind::Code => found.push(Spot { attribute, path: "code[\"index.py\"]".to_owned(), names: None }),
            _ => {
                let names = (by == Some(attribute.name)).then(|| at.to_owned());
                found.push(Spot { attribute, path, names });
            }
        }
    }
}

/// What an element of a list is called that is told apart by this field.
fn element(key: &str) -> &'static str {
    match key {
        "path" => "/one",
        "mountDir" => "/mnt/one",
        _ => "one",
    }
}

fn case(schema: &'static Schema, spot: Spot) -> Option<Case> {
    let Spot { attribute, path, names } = spot;
    if left_out(schema.kind, &path).is_some() {
        return None;
    }
    let mut base: Leaves =
        beside(schema.kind, &path).into_iter().map(|(path, value)| (path.to_owned(), value)).collect();
    if schema.kind.ends_with("_trigger") {
        base.extend(typed(schema.kind, type_of(&path)));
    }
    if path == "triggerType" {
        let mut turns = ["timer", "http", "timer", "timer"].map(|kind| typed(schema.kind, kind));
        // Said, because the service fills it in.
        turns[1].insert("triggerConfig.disableURLInternet".to_owned(), json!(true));
        let said_at_last = turns[3].clone();
        return Some(Case { schema, attribute, path, turns, said_at_last });
    }
    if let Some(element) = names {
        let stem = element.split('[').next().unwrap_or_default();
        let first = element.split('"').nth(1).unwrap_or_default();
        let named = |to: String| -> Leaves {
            let mut leaves = base.clone();
            leaves.insert(path.clone(), json!(to));
            let moved = |(path, value): (String, Json)| match path.strip_prefix(&element) {
                Some(rest) => (format!("{stem}[\"{to}\"]{rest}"), value),
                None => (path, value),
            };
            leaves.into_iter().map(moved).collect()
        };
        let [made, edited] = ["", "2"].map(|end| named(format!("{first}{end}")));
        // Another name online is another element, which is somebody's; ours is gone.
        let mut online = edited.clone();
        online.retain(|path, _| !path.contains("[\""));
        let left = if is_needed(schema.kind, &path) { edited.clone() } else { online.clone() };
        let turns = [made, edited, online, left.clone()];
        return Some(Case { schema, attribute, path, turns, said_at_last: left });
    }
    let with = |value: Json| {
        let mut leaves = base.clone();
        leaves.insert(path.clone(), value);
        leaves
    };
    let known = values(schema.kind, &path).unwrap_or_else(|| by_kind(&attribute.kind, attribute.removal));
    let [made, edited, online] = known.map(with);
    let mut case = Case {
        schema,
        attribute,
        path: path.clone(),
        turns: [made, edited, online.clone(), online.clone()],
        said_at_last: online,
    };
    if !case.is_required() {
        case.said_at_last.remove(&path);
        for path in go_together(&path) {
            case.said_at_last.remove(*path);
            case.turns[3].remove(*path);
        }
        if let Some(value) = filled_in(schema.kind, &path) {
            case.turns[3].insert(path, value);
            return Some(case);
        }
        let chosen = matches!(attribute.kind, Kind::Texts | Kind::Map(_));
        let falls_back = if chosen { Removal::Empty } else { attribute.removal };
        match falls_back {
            Removal::Stays => {}
            Removal::Empty => drop(case.turns[3].remove(&path)),
            Removal::Number(number) => drop(case.turns[3].insert(path, number_json(number))),
            Removal::Bool(flag) => drop(case.turns[3].insert(path, json!(flag))),
            Removal::Text(text) => drop(case.turns[3].insert(path, json!(text))),
        }
    }
    Some(case)
}

/// Three values of a kind, each unlike the one before, the last one unlike what the service falls back to.
pub fn by_kind(kind: &Kind, removal: Removal) -> [Json; 3] {
    match kind {
        Kind::Text([]) => ["one", "two", "three"].map(|word| json!(word)),
        Kind::Text(words) => {
            let fallback = match removal {
                Removal::Text(text) => text,
                _ => "",
            };
            let others: Vec<&&str> = words.iter().filter(|word| **word != fallback).collect();
            let last = others.len() - 1;
            [json!(others[0]), json!(others[1.min(last)]), json!(others[2.min(last)])]
        }
        Kind::Bool => {
            let other = removal != Removal::Bool(true);
            [json!(other), json!(!other), json!(other)]
        }
        Kind::Number { min, max, step } => {
            let fallback = match removal {
                Removal::Number(number) => number,
                _ => f64::NAN,
            };
            let steps = (0..).map(|count| min + step * f64::from(count));
            let steps = steps.filter(|number| (number - fallback).abs() > 1e-9 || fallback.is_nan());
            let mut some = steps.take_while(|number| number <= max).map(number_json).take(3);
            let first = some.next().expect("bounds with room");
            let second = some.next().expect("bounds with room");
            [first.clone(), second, some.next().unwrap_or(first)]
        }
        Kind::List(Kind::Object(_), _) => ["a", "b", "c"]
            .map(|word| json!([{"match": format!("/{word}"), "replacement": format!("/x{word}")}])),
        Kind::List(item, _) => {
            let [first, second, third] = by_kind(item, Removal::Empty);
            [json!([first]), json!([first, second]), json!([third])]
        }
        _ => ["one", "two", "three"].map(|word| json!(word)),
    }
}

/// A whole number as one.
fn number_json(number: f64) -> Json {
    #[expect(clippy::cast_possible_truncation, reason = "bounds of the service")]
    if number.fract() == 0.0 { json!(number as i64) } else { json!(number) }
}
