//! The commands, as a runner reads them.

use super::{Level, NAMED, SHOWN, data, notes_of, property, render};
use crate::plan::Document;
use crate::render::tests::{many, plan, plans, schemas};
use crate::render::{Part, Shown};

fn rendered(document: &Document, part: Part) -> String {
    render(&Shown { document, schemas: &schemas(), part })
}

/// Reads a command as the runner does: its name, its properties and its message.
fn read(line: &str) -> (String, Vec<(String, String)>, String) {
    let back = |text: &str| {
        let text = text.replace("%3A", ":").replace("%2C", ",").replace("%0D", "\r").replace("%0A", "\n");
        text.replace("%25", "%")
    };
    let rest = line.strip_prefix("::").expect("a command");
    let (head, message) = rest.split_once("::").expect("an end of the properties");
    let (name, properties) = head.split_once(' ').expect("a name");
    let pair = |text: &str| text.split_once('=').map(|(key, value)| (key.to_owned(), back(value)));
    (name.to_owned(), properties.split(',').map(|text| pair(text).expect("a pair")).collect(), back(message))
}

#[test]
fn every_plan() {
    let text = plans().into_iter().map(|(name, document)| {
        let rendered = rendered(&document, Part::Whole);
        rendered.lines().for_each(|line| drop(read(line)));
        format!("== {name}\n{rendered}\n")
    });
    insta::assert_snapshot!(text.collect::<String>());
}

#[test]
fn drift_stops_nothing() {
    let text = rendered(&plan("whole"), Part::Drift);
    assert!(!text.contains("::error") && !text.contains("::notice"), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn what_is_shown_is_counted_and_what_is_left_out_is_named() {
    let (document, schemas) = (many(30), schemas());
    let shown = Shown { document: &document, schemas: &schemas, part: Part::Whole };
    let text = render(&shown);
    for (level, name) in [(Level::Error, "error"), (Level::Warning, "warning"), (Level::Notice, "notice")] {
        let told: Vec<_> = text.lines().map(read).filter(|(found, ..)| found == name).collect();
        let there: Vec<_> = notes_of(&shown).into_iter().filter(|note| note.level == level).collect();
        assert_eq!(told.len(), SHOWN, "{name}");
        let (_, properties, message) = told.last().expect("ten");
        let title = format!("{} more", there.len() - SHOWN + 1);
        assert_eq!(properties, &[("title".to_owned(), title)], "{name}");
        assert!(message.contains(&there[SHOWN - 1].title), "{message}");
        let unnamed = there.len() - SHOWN + 1 - NAMED;
        assert!(message.ends_with(&format!("\nand {unnamed} more")), "{message}");
    }
}

#[test]
fn nothing_ends_a_command_early() {
    let text = "a::b,c=d%0A\r\n::error::x";
    assert_eq!(data(text), "a::b,c=d%250A%0D%0A::error::x");
    assert_eq!(property(text), "a%3A%3Ab%2Cc=d%250A%0D%0A%3A%3Aerror%3A%3Ax");
    let line = format!("::notice file={},line=1,title=x::{}", property(text), data(text));
    let (name, properties, message) = read(&line);
    assert_eq!((name.as_str(), properties[0].1.as_str(), message.as_str()), ("notice", text, text));
}
