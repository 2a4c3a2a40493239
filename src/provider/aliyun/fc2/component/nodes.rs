//! Small changes to what a file says, so that it reads as the service's own words; every value keeps its place.

use std::collections::BTreeMap;

use crate::config::component::Lowering;
use crate::config::node::{Content, Key, Node, Pair, Style, first_line};
use crate::config::typing::{Keys, Typing, twice, wrong_type};
use crate::diag::Span;
use crate::provider::aliyun::entry::name_text;

/// One of a list of maps that have names.
pub struct Item {
    /// What it is called.
    pub name: String,
    /// Where that is written.
    pub place: Span,
    /// All of it.
    pub node: Node,
    /// Its first line, which misses what is not there.
    pub owner: Span,
    /// What stands before its keys in messages: `aliases[0].`.
    pub prefix: String,
}

/// Reads a list of maps, each with a name of its own under the key `by`; reports what is none.
pub fn items(pair: &Pair, by: &str, doc: &str, lowering: &mut Lowering) -> Vec<Item> {
    let word = &pair.key.text;
    let list =
        Typing::new(lowering.diagnostics(), Keys::default()).list(&pair.value, word).unwrap_or_default();
    let mut seen: BTreeMap<String, Span> = BTreeMap::new();
    let mut found = Vec::new();
    for (index, node) in list.iter().enumerate() {
        let prefix = format!("{word}[{index}].");
        if node.pairs().is_none() {
            if !node.is_unresolved() {
                let help = format!("it has a `{by}`");
                lowering.report(wrong_type(node, prefix.trim_end_matches('.'), "a map", &help));
            }
            continue;
        }
        let owner = first_line(&node.span);
        let Some((name, place)) = name_text(node, by, &owner, &format!("{prefix}{by}"), doc, lowering) else {
            continue;
        };
        if let Some(first) = seen.get(&name) {
            lowering.report(twice(by, &name, place, first));
            continue;
        }
        seen.insert(name.clone(), place.clone());
        found.push(Item { name, place, node: node.clone(), owner, prefix });
    }
    found
}

/// Returns a changeable pair of a map.
pub fn pair_mut<'n>(node: &'n mut Node, key: &str) -> Option<&'n mut Pair> {
    match &mut node.content {
        Content::Map(pairs) => pairs.iter_mut().find(|pair| pair.key.text == key),
        _ => None,
    }
}

/// Takes a pair out of a map.
pub fn take(node: &mut Node, key: &str) -> Option<Pair> {
    let Content::Map(pairs) = &mut node.content else { return None };
    let at = pairs.iter().position(|pair| pair.key.text == key)?;
    Some(pairs.remove(at))
}

/// Puts a value into a map, as if it stood at the place of `value`.
pub fn put(node: &mut Node, key: &str, value: Node) {
    if let Content::Map(pairs) = &mut node.content {
        let key = Key { text: key.to_owned(), span: value.place().clone(), style: Style::Made };
        pairs.push(Pair { key, value });
    }
}

/// Returns a text that stands for the one at another value's place.
pub fn text_like(like: &Node, text: String) -> Node {
    Node { content: Content::Text(text), style: Style::Made, ..like.clone() }
}
