//! The comment of every plan of the set, and what keeps it within its limit.

use std::collections::BTreeMap;

use super::{LIMIT, markdown};
use crate::plan::Document;
use crate::render::tests::{digest_hidden, many, plans, schemas};
use crate::render::{Part, Shown};

fn shown(document: &Document, part: Part) -> String {
    markdown(&Shown { document, schemas: &schemas(), part })
}

#[test]
fn the_whole_set_as_comments() {
    for (name, document) in plans() {
        insta::assert_snapshot!(name, digest_hidden(&shown(&document, Part::Whole), &document));
    }
}

#[test]
fn what_moved_online_and_nothing_else() {
    for (name, document) in plans() {
        if matches!(name, "empty" | "whole") {
            insta::assert_snapshot!(format!("drift-of-{name}"), shown(&document, Part::Drift));
        }
    }
}

/// Every number of a text, in its order.
fn numbers(text: &str) -> Vec<usize> {
    text.split(|character: char| !character.is_ascii_digit()).filter_map(|word| word.parse().ok()).collect()
}

#[test]
fn every_resource_is_shown_named_or_counted() {
    for times in [1, 3, 10, 100, 1000] {
        let document = many(times);
        let text = shown(&document, Part::Whole);
        assert!(text.len() <= LIMIT, "{times}: {}", text.len());
        assert!(text.contains(&document.plan.digest().to_string()), "{times}");
        let total = document.plan.moving().count();
        let pieces = text.matches("<details>").count();
        assert_eq!(pieces, text.matches("</details>").count(), "{times}");
        let Some(words) = text.lines().find(|line| line.starts_with("**Not everything")) else {
            assert_eq!(pieces, total, "{times}");
            continue;
        };
        let [all, whole, lineless, named, counted] = numbers(words)[..] else { panic!("{words}") };
        assert_eq!((all, whole), (total, pieces), "{words}");
        assert_eq!(whole + named + counted, total, "{words}");
        assert!(lineless <= whole, "{words}");
        let line = |start: &str| text.lines().find_map(|line| line.strip_prefix(start)).unwrap_or_default();
        assert_eq!(line("Only named: ").matches(", ").count() + usize::from(named > 0), named, "{words}");
        assert_eq!(numbers(line("Only counted: ")).iter().sum::<usize>(), counted, "{words}");
        let listed: Vec<&str> = text.lines().filter(|line| line.starts_with("- ")).collect();
        let more =
            listed.last().and_then(|line| line.strip_prefix("- … and ")).map_or(0, |rest| numbers(rest)[0]);
        let decisions = listed.len() - usize::from(more > 0) + more;
        // Inside the details the answers to a question are a list too.
        let answers = text.matches("\n- **use-").count();
        assert_eq!(decisions - answers, document.plan.summary().open, "{times}");
    }
}

#[test]
fn what_was_edited_online_comes_first_and_lines_go_first() {
    let document = many(8);
    let text = shown(&document, Part::Whole);
    let words = text.lines().find(|line| line.starts_with("**Not everything")).expect("it is too long");
    let lineless = numbers(words)[2];
    assert!(lineless > 0, "{words}");
    let mut urgent: BTreeMap<&str, usize> = BTreeMap::new();
    for line in text.lines().filter(|line| line.starts_with("<summary>") && line.contains("decision")) {
        *urgent.entry(line).or_default() += 1;
    }
    let asked = document.plan.moving().filter(|change| {
        let open = document.plan.open();
        open.iter().any(|open| open.change == *change)
    });
    assert_eq!(urgent.len(), asked.count(), "{words}");
}

#[test]
fn foreign_text_opens_and_closes_nothing() {
    let (_, document) = plans().into_iter().find(|(name, _)| *name == "foreign").expect("the plan");
    let text = shown(&document, Part::Whole);
    let (mut fence, mut outside) = (None::<String>, String::new());
    for line in text.lines() {
        let ticks = line.chars().take_while(|character| *character == '`').collect::<String>();
        let only = line.len() == ticks.len();
        fence = match fence {
            Some(open) if only && ticks.len() >= open.len() => None,
            Some(open) => Some(open),
            None if ticks.len() >= 3 && !line[ticks.len()..].contains('`') => Some(ticks),
            None => {
                outside.push_str(line);
                outside.push('\n');
                None
            }
        };
    }
    assert_eq!(fence, None);
    // What is left when code spans are taken away is ours, and calls nobody.
    let mut ours = String::new();
    let mut rest = outside.as_str();
    while let Some(start) = rest.find('`') {
        let ticks: String = rest[start..].chars().take_while(|character| *character == '`').collect();
        ours.push_str(&rest[..start]);
        rest = &rest[start + ticks.len()..];
        let mut at = 0;
        let end = loop {
            let found = at + rest[at..].find(&ticks).expect("a span that ends");
            let run = rest[found..].chars().take_while(|character| *character == '`').count();
            if run == ticks.len() {
                break found;
            }
            at = found + run;
        };
        assert!(!rest[..end].contains("\n\n"), "a span over paragraphs");
        rest = &rest[end + ticks.len()..];
    }
    ours.push_str(rest);
    for wicked in
        ["<script", "<img", "@everyone", "@team", "https://", "#1 ", "**bold**", "javascript:", "\u{1b}"]
    {
        assert!(!ours.contains(wicked), "{wicked} in\n{ours}");
    }
    assert_eq!(ours.matches("<summary>").count(), ours.matches("</summary>").count());
    for row in ours.lines().filter(|line| line.starts_with('|')) {
        let bars = row.matches('|').count();
        assert!(bars == 3 || bars == 7, "{row}");
    }
}
