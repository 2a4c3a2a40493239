//! DOT, the language of Graphviz.

use std::fmt::Write as _;

use super::{Graph, Kind, colours};

/// Returns a graph in DOT.
pub fn dot(graph: &Graph) -> String {
    let mut text = format!(
        "// A line leads from what must stand first to what needs it; a dashed one only says what is done first.\n\
         digraph {} {{\n  rankdir=LR;\n  node [shape=box, style=\"rounded,filled\", fillcolor=\"#ffffff\", fontname=\"sans-serif\"];\n",
        quoted(&graph.title)
    );
    for (at, node) in graph.nodes.iter().enumerate() {
        let label = node.label().iter().map(|line| escaped(line)).collect::<Vec<_>>().join("\\n");
        let tone = node.tone().map(colours);
        let tone =
            tone.map(|(line, fill)| format!(", color=\"{line}\", fillcolor=\"{fill}\"")).unwrap_or_default();
        _ = writeln!(text, "  n{at} [label=\"{label}\"{tone}];"); // writing to a string cannot fail
    }
    for line in &graph.lines {
        let kind = if line.kind == Kind::After { " [style=dashed]" } else { "" };
        _ = writeln!(text, "  n{} -> n{}{kind};", line.from, line.to);
    }
    text + "}\n"
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

/// Returns text between quotes: no quote ends it, no backslash says `\N` or `\l`, and no `&…;` is an entity.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('&', "&amp;")
}
