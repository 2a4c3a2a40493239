//! What becomes of asynchronous calls: a resource of its own below the function.

use super::super::schema::{ASYNC_CONFIG, ASYNC_CONFIG_SCHEMA};
use super::Function;
use super::nodes::{put, take};
use crate::config::component::{Draft, Lowering};
use crate::config::node::{Content, Node, Pair};
use crate::config::typing::{Declared, Keys, Typing, wrong_type};
use crate::diag::Span;
use crate::model::{Address, Path};

/// The only version that entries can speak of.
const LATEST: &str = "LATEST";

/// What was read, and where it stands.
pub(super) struct Configuration {
    declared: Declared,
    place: Span,
}

/// Reads `function.asyncConfiguration`; an empty one declares nothing.
pub(super) fn read(pair: &Pair, lowering: &mut Lowering) -> Option<Configuration> {
    let Pair { key, value } = pair;
    let mut node = value.clone();
    match &node.content {
        Content::Map(pairs) if pairs.is_empty() => return None,
        Content::Map(_) => {}
        Content::Null | Content::Unresolved => return None,
        _ => {
            lowering.report(wrong_type(value, "function.asyncConfiguration", "a map", ""));
            return None;
        }
    }
    if let Some(destination) = take(&mut node, "destination") {
        let mut ends = Node { content: Content::Map(Vec::new()), ..destination.value.clone() };
        for pair in destination.value.pairs().unwrap_or_default() {
            let empty = pair.value.text().is_some_and(str::is_empty);
            if !empty {
                let mut end = Node { content: Content::Map(Vec::new()), ..pair.value.clone() };
                put(&mut end, "destination", pair.value.clone());
                put(&mut ends, &pair.key.text, end);
            }
        }
        put(&mut node, "destinationConfig", ends);
    }
    let mut typing = Typing::new(lowering.diagnostics(), Keys::default());
    let fields = ASYNC_CONFIG_SCHEMA.attributes;
    typing.object(fields, &node, &key.span, &Path::root(), "function.asyncConfiguration.");
    Some(Configuration { declared: typing.declared, place: key.span.clone() })
}

/// Declares it below its function.
pub(super) fn declare(configuration: Configuration, function: &Function, lowering: &mut Lowering) {
    let Configuration { declared, place } = configuration;
    let draft = Draft {
        region: function.region.clone(),
        name: LATEST.to_owned(),
        place,
        parent: Some(function.address.clone()),
        declared,
        code: None,
        points_at: Vec::new(),
        links: Vec::new(),
    };
    lowering.declare(&ASYNC_CONFIG_SCHEMA, Address::keyed(ASYNC_CONFIG, &function.entry, LATEST), draft);
}
