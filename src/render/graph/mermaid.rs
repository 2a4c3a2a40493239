//! Mermaid, which code hosts draw in Markdown.

use std::fmt::Write as _;

use super::{Graph, Kind, colours};

/// Returns a graph in Mermaid.
pub fn mermaid(graph: &Graph) -> String {
    let mut text = String::from(
        "%% A line leads from what must stand first to what needs it. A dotted one only says what is done first.\n\
         flowchart LR\n",
    );
    for (at, node) in graph.nodes.iter().enumerate() {
        let label = node.label().iter().map(|line| escaped(line)).collect::<Vec<_>>().join("<br/>");
        let tone = node.tone().map(|tone| format!(":::{tone}")).unwrap_or_default();
        _ = writeln!(text, "  n{at}[\"{label}\"]{tone}"); // writing to a string cannot fail
    }
    for line in &graph.lines {
        let arrow = if line.kind == Kind::After { "-.->" } else { "-->" };
        _ = writeln!(text, "  n{} {arrow} n{}", line.from, line.to);
    }
    for tone in graph.tones() {
        let (line, fill) = colours(tone);
        _ = writeln!(text, "  classDef {tone} stroke:{line},fill:{fill},color:#1f2328");
    }
    text
}

/// Returns text between quotes. Whatever is neither a letter, a digit nor harmless stands as its number: quotes would end
/// the label, tags would be drawn, backticks would make Markdown of it, and `#` would begin such a number.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_alphanumeric() || " ._-/:+~()".contains(character) {
            safe.push(character);
        } else {
            _ = write!(safe, "#{};", character as u32);
        }
    }
    safe
}
