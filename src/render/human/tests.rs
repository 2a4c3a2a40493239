//! The terminal's rendering of every plan of the set.

use super::{View, plan};
use crate::plan::Document;
use crate::render::Part;
use crate::render::tests::{digest_hidden, plans, schemas};

fn shown(document: &Document, part: Part) -> String {
    let schemas = schemas();
    let content = |digest| document.content(digest);
    let view = View { width: 80, schemas: &schemas, content: &content, diff_lines: 40 };
    plan(&document.plan, &view, part).paint(false)
}

#[test]
fn the_whole_set_at_a_terminal() {
    for (name, document) in plans() {
        insta::assert_snapshot!(name, digest_hidden(&shown(&document, Part::Whole), &document));
    }
}

#[test]
fn what_moved_online_and_nothing_else() {
    for (name, document) in plans() {
        if matches!(name, "empty" | "drift" | "whole" | "rename") {
            insta::assert_snapshot!(format!("drift-of-{name}"), shown(&document, Part::Drift));
        }
    }
}
