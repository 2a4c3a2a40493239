//! The pages of `docs/resources/`: what the schemas say, for people.
//!
//! A page has every attribute of a type, where an entry says it, what it takes, and what becomes of it when the project
//! stops saying it. What the service has and triform leaves alone stands there with its reason.

use std::fmt::Write;

use triform::config::component::{Component, Step};
use triform::model::{Address, Attribute, Kind, Order, Path, Removal, Schema};
use triform::provider::PROVIDERS;

use super::cases::{self, Case, Turn};
use super::tables::{LEFT_OUT, NOT_WRITTEN};
use crate::support::keeps;

/// One line of a table, and what stands below it.
struct Row {
    attribute: &'static Attribute,
    /// As in selectors, with `[…]` for any key.
    path: String,
    /// With a key, so that it is a path.
    example: Path,
}

fn rows(attributes: &'static [Attribute], at: &str, example: &str, rows_so_far: &mut Vec<Row>) {
    let below =
        |front: &str, name: &str| if front.is_empty() { name.to_owned() } else { format!("{front}.{name}") };
    for attribute in attributes {
        let (path, example) = (below(at, attribute.name), below(example, attribute.name));
        match &attribute.kind {
            Kind::Object(fields) => rows(fields, &path, &example, rows_so_far),
            Kind::List(Kind::Object(fields), Order::Keyed(_)) => {
                rows(fields, &format!("{path}[…]"), &format!("{example}[\"x\"]"), rows_so_far);
            }
            Kind::Texts | Kind::Map(_) => {
                let example = format!("{example}[\"KEY\"]").parse().expect("a path");
                rows_so_far.push(Row { attribute, path: format!("{path}[…]"), example });
            }
            _ => rows_so_far.push(Row { attribute, path, example: example.parse().expect("a path") }),
        }
    }
}

/// What an attribute takes.
fn takes(kind: &Kind) -> String {
    match kind {
        Kind::Text([]) => "a text".to_owned(),
        Kind::Text(words) => words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "),
        Kind::Bool => "`true`, `false`".to_owned(),
        Kind::Number { min, max, step } if *max > 4e15 => format!("from {min}, in steps of {step}"),
        Kind::Number { min, max, step } if step.to_bits() == 1.0_f64.to_bits() => format!("{min} to {max}"),
        Kind::Number { min, max, step } => format!("{min} to {max}, in steps of {step}"),
        Kind::Texts => "texts by name".to_owned(),
        Kind::Map(item) => format!("{}, by name", takes(item)),
        Kind::Object(_) => "fields".to_owned(),
        Kind::List(Kind::Object(fields), _) => {
            let names: Vec<String> = fields.iter().map(|field| format!("`{}`", field.name)).collect();
            format!("a list, each with {}", names.join(" and "))
        }
        Kind::List(item, order) => {
            let what = if *order == Order::Set { "a set" } else { "a list" };
            let of = if matches!(item, Kind::Text([])) { "texts".to_owned() } else { takes(item) };
            format!("{what} of {of}")
        }
        Kind::Code => "files".to_owned(),
    }
}

/// What becomes of an attribute that the project stops saying, and what else is to be known of it.
fn ends(attribute: &Attribute) -> String {
    let mut told = match attribute.removal {
        _ if attribute.required => "has to be there".to_owned(),
        _ if matches!(attribute.kind, Kind::Texts | Kind::Map(_)) => "goes".to_owned(),
        Removal::Empty => "goes".to_owned(),
        Removal::Number(number) => format!("`{number}`"),
        Removal::Bool(flag) => format!("`{flag}`"),
        Removal::Text(text) => format!("`{text}`"),
        Removal::Stays => "stays".to_owned(),
    };
    if attribute.replaces {
        told += "; another value makes it anew";
    }
    if attribute.secret {
        told += "; a secret";
    }
    for other in attribute.follows {
        _ = write!(told, "; follows `{other}`");
    }
    told
}

/// Where an entry says it.
fn said_as(component: &Component, schema: &Schema, path: &Path) -> Option<String> {
    let address = match (schema.parent.is_some(), schema.shared) {
        (true, true) => Address::shared(schema.kind, "x/x"),
        (false, true) => Address::shared(schema.kind, "x"),
        (true, _) if schema.kind != component.own.kind => Address::keyed(schema.kind, "entry", "x"),
        _ => Address::new(schema.kind, "entry"),
    };
    let steps = (component.place)(&address, path)?.steps;
    let mut said = String::new();
    for step in steps {
        match step {
            Step::Key { name, .. } if name == "KEY" => said += "[…]",
            Step::Key { name, .. } if said.is_empty() => said = name,
            Step::Key { name, .. } => _ = write!(said, ".{name}"),
            Step::Item { .. } => said += "[…]",
        }
    }
    Some(said)
}

fn page(component: &Component, schema: &'static Schema) -> String {
    let mut text = format!("# `{}`\n\n", schema.kind);
    let parent = schema.parent.map(|parent| format!(" of [`{parent}`]({parent}.md)")).unwrap_or_default();
    let article = if schema.noun.starts_with(['a', 'e', 'i', 'o']) { "An" } else { "A" };
    let shared = if schema.shared { " Several entries may declare it together." } else { "" };
    _ = writeln!(
        text,
        "{article} {}{parent}, named by `{}`; declared by entries of the component `{}`.{shared}\n",
        schema.noun, schema.name, component.names[0]
    );
    let mut all = Vec::new();
    rows(schema.attributes, "", "", &mut all);
    if all.is_empty() {
        text += "It has no attributes: it is there or it is not.\n";
    } else {
        text += "| attribute | in `props` | what it is | takes | when left out |\n| --- | --- | --- | --- | --- |\n";
    }
    for Row { attribute, path, example } in &all {
        let said = said_as(component, schema, example).map_or("—".to_owned(), |said| format!("`{said}`"));
        let doc = attribute.doc.replace('|', "\\|");
        _ = writeln!(
            text,
            "| `{path}` | {said} | {doc} | {} | {} |",
            takes(&attribute.kind),
            ends(attribute)
        );
    }
    if !schema.outputs.is_empty() {
        text += "\n## Outputs\n\n| output | what it is |\n| --- | --- |\n";
        for (name, doc) in schema.outputs {
            _ = writeln!(text, "| `{name}` | {doc} |");
        }
    }
    let not_written: Vec<_> = NOT_WRITTEN.iter().filter(|(kind, ..)| *kind == schema.kind).collect();
    if !not_written.is_empty() {
        text +=
            "\n## Left alone\n\nThe service has these as well. They are neither compared nor written.\n\n";
        text += "| attribute | why |\n| --- | --- |\n";
        for (_, names, why) in not_written {
            let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            _ = writeln!(text, "| {} | {why} |", names.join(", "));
        }
    }
    text
}

/// What happened to each attribute of a component.
pub fn table<'c>(component: &str, cases: impl Iterator<Item = &'c Case>) -> String {
    let mut text = format!(
        "# Every attribute of `{component}`, tested\n\n\
         Made with the first value and planned again: nothing to do. Edited in the project: the plan shows exactly this \
         attribute, and after the apply nothing. Edited online: `drift` and the plan show exactly it, nothing is applied \
         without a decision, `--use-local` takes it back, `--use-live` leaves it, and `adopt` writes it into the project. \
         Left out of the project: what the last column says.\n\n\
         | resource type | attribute | made | edited here | edited online | left out |\n\
         | --- | --- | --- | --- | --- | --- |\n"
    );
    let mut notes: Vec<&str> = Vec::new();
    for case in cases {
        let path = &case.path;
        let cell = |turn: Turn| {
            let named = case.names_elements();
            let value =
                if named { case.element(turn) } else { case.leaves(turn).get(path).map(ToString::to_string) };
            value.map_or("gone".to_owned(), |value| {
                let short: String = value.chars().take(40).collect();
                let end = if short.len() < value.len() { "…" } else { "" };
                format!("`{}{end}`", short.replace('|', "\\|"))
            })
        };
        let left = match case.attribute.removal {
            _ if case.names_elements() && case.element(Turn::Left).is_none() => "gone".to_owned(),
            _ if case.is_required() => "refused".to_owned(),
            Removal::Stays if case.leaves(Turn::Left).get(path) == case.leaves(Turn::Online).get(path) => {
                format!("{}, stays", cell(Turn::Left))
            }
            _ => cell(Turn::Left),
        };
        let note = case.not_adopted().map_or(String::new(), |why| {
            let at = notes.iter().position(|note| *note == why).unwrap_or_else(|| {
                notes.push(why);
                notes.len() - 1
            });
            format!(" ({})", at + 1)
        });
        let [made, edited, online] = [Turn::Made, Turn::Edited, Turn::Online].map(cell);
        let kind = case.schema.kind;
        _ = writeln!(text, "| `{kind}` | `{path}` | {made} | {edited} | {online}{note} | {left} |");
    }
    if !notes.is_empty() {
        text += "\nNot adopted, and kept apart instead:\n\n";
        for (at, note) in notes.iter().enumerate() {
            _ = writeln!(text, "{}. {note}", at + 1);
        }
    }
    let kinds: Vec<&str> = kinds(component);
    let left_out: Vec<_> = LEFT_OUT.iter().filter(|(kind, ..)| kinds.contains(kind)).collect();
    if !left_out.is_empty() {
        text += "\nNot led through a life:\n\n| resource type | attribute | why |\n| --- | --- | --- |\n";
        for (kind, path, why) in left_out {
            _ = writeln!(text, "| `{kind}` | `{path}` | {why} |");
        }
    }
    text
}

fn kinds(component: &str) -> Vec<&'static str> {
    let row = PROVIDERS.iter().find(|row| row.component.names[0] == component).expect("a component");
    row.component.schemas.iter().map(|schema| schema.kind).collect()
}

#[test]
fn every_type_has_a_page_that_says_what_its_schema_says() {
    for row in PROVIDERS {
        for schema in row.component.schemas {
            keeps(&format!("docs/resources/{}.md", schema.kind), &page(row.component, schema));
        }
    }
    let pages = std::fs::read_to_string("docs/resources/README.md").expect("a page");
    for schema in PROVIDERS.iter().flat_map(|row| row.component.schemas) {
        assert!(pages.contains(&format!("({}.md)", schema.kind)), "{} is not listed", schema.kind);
    }
}

#[test]
fn what_is_left_out_is_there_to_be_left_out() {
    for (kind, path, _) in LEFT_OUT {
        let schemas = triform::provider::schemas();
        let schema = schemas.get(kind).unwrap_or_else(|| panic!("{kind} is no type"));
        assert!(cases::spots(schema).contains(&(*path).to_owned()), "{kind} has no {path}");
    }
}
