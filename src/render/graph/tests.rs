use super::*;
use crate::plan::Document;
use crate::render::tests::{plan as story, schemas};

fn graph(document: &Document) -> Graph {
    plan(&Shown { document, schemas: &schemas(), part: Part::Whole })
}

/// A reader of as much DOT as is written: what stands in each label, and the lines.
fn read_dot(text: &str) -> (Vec<String>, usize) {
    let (mut labels, mut lines) = (Vec::new(), 0);
    let body =
        text.lines().skip(2).filter(|line| !line.starts_with("  rankdir") && !line.starts_with("  node "));
    for line in body {
        match line.split_once("[label=\"") {
            Some((_, rest)) => {
                let mut label = String::new();
                let mut rest = rest.chars();
                loop {
                    match rest.next().expect("the label ends on its line") {
                        '\\' => match rest.next().expect("something is escaped") {
                            'n' => label.push('\n'),
                            other => label.push(other),
                        },
                        '"' => break,
                        other => label.push(other),
                    }
                }
                let rest: String = rest.collect();
                assert!(rest.ends_with("];") && !rest.contains('['), "{line}");
                labels.push(label.replace("&amp;", "&"));
            }
            None if line == "}" => {}
            None => {
                assert!(line.contains(" -> ") && line.ends_with(';'), "{line}");
                lines += 1;
            }
        }
    }
    (labels, lines)
}

#[test]
fn every_kind_of_plan_is_drawn() {
    let texts = ["edit", "replace", "rename", "delete", "take-over", "moved", "whole"].map(|name| {
        let graph = graph(&story(name));
        format!("== {name}\n{}\n{}\n", dot(&graph), mermaid(&graph))
    });
    insta::assert_snapshot!(texts.concat());
}

#[test]
fn a_name_stays_in_its_label() {
    let hostile = "a\"]; evil -> b; //\\N & <script> `*x*` #35; end";
    let node = |address: &str| Node { address: address.to_owned(), deed: Some((Mark::Create, "create")) };
    let line = Line { from: 0, to: 1, kind: Kind::Needs };
    let graph = Graph {
        title: hostile.to_owned(),
        nodes: vec![node(hostile), node("fc3_trigger.a[\"b\"]")],
        lines: [line].into(),
    };
    let (labels, lines) = read_dot(&dot(&graph));
    assert_eq!(labels, [format!("{hostile}\n+ create"), "fc3_trigger.a[\"b\"]\n+ create".to_owned()]);
    assert_eq!(lines, 1);
    let drawn = mermaid(&graph);
    let label = drawn.lines().find_map(|line| line.strip_prefix("  n0[\"")?.strip_suffix("\"]:::create"));
    let label = label.expect("one label on one line").replace("<br/>", "");
    assert!(!label.contains(['"', '<', '>', '`', '[', ']', '\\', '&', '*']), "{label}");
    let mut read = String::new();
    let mut rest = label.as_str();
    while let Some((before, after)) = rest.split_once('#') {
        let (number, after) = after.split_once(';').expect("a number");
        read.push_str(before);
        read.push(char::from_u32(number.parse().expect("digits")).expect("a character"));
        rest = after;
    }
    assert_eq!(read + rest, format!("{hostile}+ create"));
}

#[test]
fn what_goes_is_worked_on_before_what_it_needed() {
    let graph = graph(&story("rename"));
    let after = graph.lines.iter().filter(|line| line.kind == Kind::After);
    let name = |at: usize| graph.nodes[at].address.as_str();
    let after: Vec<_> = after.map(|line| (name(line.from), name(line.to))).collect();
    assert_eq!(after, [("trigger.report[\"nightly\"]", "function.report")]);
}
