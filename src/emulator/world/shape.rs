//! The forms that input may take, as data.
//!
//! A [`Field`] says what a field is called, what fits into it and what the service fills in when it is
//! missing. One walk over such a table checks an object, drops what the service does not know, reads
//! `null` as absent, and fills the defaults. Rules between fields are code, beside the tables.

use serde_json::Value;

use super::Map;
use crate::emulator::error::ApiError;

/// What fits into a field.
#[derive(Debug)]
pub enum Shape {
    /// Any text.
    Text,
    /// Text of at most that many characters.
    TextUpTo(usize),
    /// One of these words.
    Word(&'static [&'static str]),
    /// A whole number between the first two, a multiple of the third.
    Whole(i64, i64, i64),
    /// A number between the two.
    Number(f64, f64),
    /// `true` or `false`.
    Flag,
    /// An object of texts.
    Texts,
    /// Any object.
    AnyObject,
    /// Any object in a text.
    JsonText,
    /// A list of such things, at most so many.
    List(&'static Shape, usize),
    /// An object with these fields.
    Object(&'static [Field]),
}

/// What the service puts where nothing was given.
#[derive(Debug)]
pub enum Fill {
    /// Nothing: the field stays absent.
    Nothing,
    /// This text.
    Text(&'static str),
    /// This number.
    Whole(i64),
    /// This flag.
    Flag(bool),
    /// An empty list.
    List,
    /// The field's own shape, given an empty object.
    Object,
    /// Nothing, and input without it is refused.
    Required,
}

/// One field of an object.
#[derive(Debug)]
pub struct Field {
    /// As on the wire.
    pub name: &'static str,
    /// What fits.
    pub shape: Shape,
    /// What stands in when it is missing.
    pub fill: Fill,
}

/// A field, in the order in which tables read best.
pub const fn field(name: &'static str, shape: Shape, fill: Fill) -> Field {
    Field { name, shape, fill }
}

/// Whether missing fields are filled in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// As on a create: defaults are filled, required fields demanded.
    Fill,
    /// As on an update: only what is given is looked at. Objects below are whole again.
    Leave,
}

/// Reads an object by its table. `place` names the object in refusals; empty at the top.
pub fn read(fields: &[Field], input: &Map, place: &str, missing: Missing) -> Result<Map, ApiError> {
    let mut output = Map::new();
    for Field { name, shape, fill } in fields {
        let place = if place.is_empty() { (*name).to_owned() } else { format!("{place}.{name}") };
        let value = match input.get(*name) {
            Some(Value::Null) | None if missing == Missing::Leave => continue,
            Some(Value::Null) | None => match fill {
                Fill::Nothing => continue,
                Fill::Text(text) => Value::from(*text),
                Fill::Whole(number) => Value::from(*number),
                Fill::Flag(flag) => Value::from(*flag),
                Fill::List => Value::Array(Vec::new()),
                Fill::Object => read_value(shape, &Value::Object(Map::new()), &place)?,
                Fill::Required => {
                    return Err(ApiError::invalid(format!("{place} is required but not provided")));
                }
            },
            Some(value) => read_value(shape, value, &place)?,
        };
        output.insert((*name).to_owned(), value);
    }
    Ok(output)
}

fn read_value(shape: &Shape, value: &Value, place: &str) -> Result<Value, ApiError> {
    let wrong = |what: &str| Err(ApiError::invalid(format!("{place} must be {what}")));
    match (shape, value) {
        (Shape::Text, Value::String(_))
        | (Shape::Flag, Value::Bool(_))
        | (Shape::AnyObject, Value::Object(_)) => Ok(value.clone()),
        (Shape::Text, _) => wrong("a string"),
        (Shape::Flag, _) => wrong("true or false"),
        (Shape::TextUpTo(most), Value::String(text)) if text.chars().count() <= *most => Ok(value.clone()),
        (Shape::TextUpTo(most), _) => wrong(&format!("a string of at most {most} characters")),
        (Shape::Word(words), Value::String(text)) if words.contains(&text.as_str()) => Ok(value.clone()),
        (Shape::Word(words), _) => wrong(&format!("one of {}", words.join(", "))),
        (Shape::Whole(least, most, step), _) => match value.as_i64() {
            Some(number) if (*least..=*most).contains(&number) && number % step == 0 => Ok(value.clone()),
            _ if *step == 1 => wrong(&format!("a whole number between {least} and {most}")),
            _ => wrong(&format!("a multiple of {step} between {least} and {most}")),
        },
        (Shape::Number(least, most), _) => match value.as_f64() {
            Some(number) if (*least..=*most).contains(&number) => Ok(value.clone()),
            _ => wrong(&format!("a number between {least} and {most}")),
        },
        (Shape::Texts, Value::Object(texts)) if texts.values().all(Value::is_string) => Ok(value.clone()),
        (Shape::Texts, _) => wrong("an object of strings"),
        (Shape::JsonText, Value::String(text))
            if text.is_empty() || serde_json::from_str::<Map>(text).is_ok() =>
        {
            Ok(value.clone())
        }
        (Shape::JsonText, _) => wrong("a string that holds a JSON object"),
        (Shape::List(item, most), Value::Array(items)) => {
            if items.len() > *most {
                return wrong(&format!("a list of at most {most} items"));
            }
            let items: Result<Vec<Value>, ApiError> = items
                .iter()
                .enumerate()
                .map(|(index, value)| read_value(item, value, &format!("{place}[{index}]")))
                .collect();
            Ok(Value::Array(items?))
        }
        (Shape::List(..), _) => wrong("a list"),
        (Shape::Object(fields), Value::Object(object)) => {
            Ok(Value::Object(read(fields, object, place, Missing::Fill)?))
        }
        (Shape::Object(_) | Shape::AnyObject, _) => wrong("an object"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const TABLE: &[Field] = &[
        field("name", Shape::Text, Fill::Required),
        field("size", Shape::Whole(128, 1024, 64), Fill::Whole(512)),
        field(
            "inner",
            Shape::Object(&[field("list", Shape::List(&Shape::Text, 2), Fill::List)]),
            Fill::Object,
        ),
    ];

    #[track_caller]
    fn check(input: &Value, expected: Result<Value, &str>) {
        let input = input.as_object().expect("an object");
        let actual = read(TABLE, input, "", Missing::Fill).map(Value::Object);
        assert_eq!(actual.map_err(|error| error.message), expected.map_err(str::to_owned));
    }

    #[test]
    fn fills_drops_and_names_the_place() {
        check(
            &json!({"name": "a", "unknown": 1, "size": null}),
            Ok(json!({"name": "a", "size": 512, "inner": {"list": []}})),
        );
        check(&json!({}), Err("name is required but not provided"));
        check(&json!({"name": "a", "size": 130}), Err("size must be a multiple of 64 between 128 and 1024"));
        check(&json!({"name": "a", "inner": {"list": ["x", 1]}}), Err("inner.list[1] must be a string"));
        check(
            &json!({"name": "a", "inner": {"list": ["x", "y", "z"]}}),
            Err("inner.list must be a list of at most 2 items"),
        );
    }

    #[test]
    fn an_update_leaves_what_is_not_given() {
        let input = json!({"size": 256});
        let output = read(TABLE, input.as_object().expect("an object"), "", Missing::Leave);
        assert_eq!(output.map(Value::Object), Ok(json!({"size": 256})));
    }
}
