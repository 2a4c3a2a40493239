//! Small changes to what a file says, so that it reads as the service's own words; every value keeps its place.

use crate::config::node::{Content, Key, Node, Pair, Style};

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
