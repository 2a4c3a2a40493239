//! The terminal's rendering of every plan of the set.

use super::{View, plan};
use crate::plan::Document;
use crate::render::Part;
use crate::render::tests::{digest_hidden, plans, schemas};

fn shown(document: &Document, part: Part) -> String {
    laid_out(document, part, false)
}

fn laid_out(document: &Document, part: Part, compact: bool) -> String {
    let schemas = schemas();
    let content = |digest| document.content(digest);
    let view = View {
        width: 80,
        schemas: &schemas,
        content: &content,
        secrets: &document.secrets,
        diff_lines: 40,
        compact,
    };
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

#[test]
fn one_line_for_each_resource() {
    for (name, document) in plans() {
        let text = laid_out(&document, Part::Whole, true);
        let lines = text.lines().skip_while(|line| !line.is_empty()).collect::<Vec<_>>();
        for change in document.plan.moving() {
            let address = crate::render::text::plain(&change.address.to_string());
            let sign = |line: &str| line.get(..6).is_some_and(|front| front.trim().len() <= 3);
            let of = |line: &&&str| line.contains(&format!(" {address}")) && sign(line);
            assert!(lines.iter().filter(of).count() >= 1, "{name}: {address}\n{text}");
        }
        if matches!(name, "whole" | "empty" | "foreign" | "edit") {
            insta::assert_snapshot!(format!("compact-{name}"), digest_hidden(&text, &document));
        }
    }
}
