//! Lists come in pages, in the order of names.

use std::ops::ControlFlow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{Call, Reply, Version};
use crate::emulator::error::ApiError;
use crate::emulator::store::Look;
use crate::emulator::world::{Document, Map};

/// One page of a list: what is under `prefix`, by name, filtered and shown. `names` narrows by the `prefix`
/// parameter.
pub fn page(
    call: &Call,
    look: &dyn Look,
    prefix: &str,
    keep: &dyn Fn(&Document) -> bool,
    show: &dyn Fn(&Document) -> Value,
) -> Result<(Vec<Value>, Option<String>), ApiError> {
    let limit = call.query.whole("limit", 20, 1, 100)?;
    let narrowed = format!("{prefix}{}", call.query.get("prefix").unwrap_or_default());
    let from = match call.query.get("nextToken") {
        Some(token) => narrowed.clone().max(format!("{prefix}{}", read_token(&call.facts.account, token)?)),
        None => match call.query.get("startKey") {
            Some(name) if call.version != Version::V2023 => narrowed.clone().max(format!("{prefix}{name}")),
            _ => narrowed.clone(),
        },
    };
    let mut items = Vec::new();
    let mut next = None;
    look.scan(&narrowed, &from, &mut |key, document| {
        if !keep(&document) {
            return ControlFlow::Continue(());
        }
        if items.len() == limit {
            next = Some(token(&call.facts.account, &key[prefix.len()..]));
            return ControlFlow::Break(());
        }
        items.push(show(&document));
        ControlFlow::Continue(())
    })?;
    Ok((items, next))
}

/// The body of a list.
pub fn list_reply(field: &str, items: Vec<Value>, next: Option<String>) -> Reply {
    let mut body = Map::new();
    body.insert(field.to_owned(), Value::Array(items));
    if let Some(next) = next {
        body.insert("nextToken".to_owned(), json!(next));
    }
    Reply::of(Value::Object(body))
}

/// What leads to the page that begins at `name`.
pub fn token(account: &str, name: &str) -> String {
    STANDARD.encode(format!("{account}#{name}"))
}

/// The name that such a token leads to.
pub fn read_token(account: &str, token: &str) -> Result<String, ApiError> {
    STANDARD
        .decode(token)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .and_then(|text| Some(text.strip_prefix(account)?.strip_prefix('#')?.to_owned()))
        .ok_or_else(|| ApiError::invalid(format!("nextToken '{token}' is not one of this list")))
}
