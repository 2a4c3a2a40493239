//! The page of every plan of the set, and the examples in `docs/`.

use super::html;
use crate::plan::Document;
use crate::render::tests::{digest_hidden, many, plan, plans, schemas};
use crate::render::{Part, Shown, markdown::markdown};

fn shown(document: &Document, part: Part) -> String {
    html(&Shown { document, schemas: &schemas(), part })
}

/// The part of a page that is about its plan.
fn body(page: &str) -> &str {
    let start = page.find("<body>").expect("a body");
    &page[start..page.find("<script>").expect("a script")]
}

#[test]
fn the_whole_set_as_pages() {
    for (name, document) in plans() {
        let page = digest_hidden(&shown(&document, Part::Whole), &document);
        insta::assert_snapshot!(name, body(&page).replace("><", ">\n<"));
    }
}

#[test]
fn a_page_of_drift_has_no_digest_and_asks_nothing() {
    let page = shown(&plan("whole"), Part::Drift);
    assert!(page.contains("<h1>Drift in shop</h1>"));
    assert!(!page.contains("sha256:") && !page.contains("id=\"decisions\""));
}

#[test]
fn foreign_text_is_text() {
    let page = shown(&plan("foreign"), Part::Whole);
    let body = body(&page);
    for wicked in ["<script", "<img", "<b>&amp;&quot;", "<!--", "onerror=alert(1)>", "\u{1b}", "\u{202e}"] {
        assert!(!body.contains(wicked), "{wicked}");
    }
    assert!(body.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
}

#[test]
fn a_page_loads_nothing() {
    let page = shown(&plan("whole"), Part::Whole);
    for loading in ["src=", "@import", "url(", "http://", "https://", "style=\"", "onclick"] {
        assert!(!page.contains(loading), "{loading}");
    }
    let links: Vec<&str> = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(links.iter().all(|link| link.starts_with('#') || *link == "data:,"), "{links:?}");
}

#[test]
fn a_thousand_are_not_drawn() {
    let document = many(100);
    let page = shown(&document, Part::Whole);
    let all = document.plan.changes.len();
    let moving = document.plan.moving().count();
    assert!(
        page.contains(&format!("Of {all} resources only the first 120 of the {moving} that move are drawn."))
    );
    assert_eq!(page.matches("class=\"node ").count(), 120);
    assert_eq!(page.matches("<details class=\"resource ").count(), moving);
}

/// Returns the plan that the examples show: as it would be in a real cloud.
fn example() -> Document {
    let mut document = plan("whole");
    document.plan.owner.account = "1234567890123456".to_owned();
    for change in document.plan.changes.values_mut() {
        for identity in std::iter::once(&mut change.identity).chain(&mut change.old_identity) {
            identity.region = "cn-hangzhou".to_owned();
        }
    }
    document
}

/// Compares a rendering with a file of `docs/examples`, or writes it there (`INSTA_UPDATE=always`).
#[expect(clippy::disallowed_methods, reason = "the example is a file")]
fn check_example(name: &str, text: &str) {
    let path = format!("{}/docs/examples/{name}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        std::fs::write(&path, text).expect("a folder docs/examples");
    }
    let kept = std::fs::read_to_string(&path).expect("the example");
    assert!(
        kept == text,
        "docs/examples/{name} is not what is rendered now: INSTA_UPDATE=always cargo test --lib"
    );
}

#[test]
fn the_examples_are_what_is_rendered() {
    let document = example();
    let hidden = |text: &str| {
        digest_hidden(text, &document)
            .replace(&"0".repeat(64), &crate::model::Digest::of(b"an example").to_string())
    };
    check_example("plan.html", &hidden(&shown(&document, Part::Whole)));
    let comment = markdown(&Shown { document: &document, schemas: &schemas(), part: Part::Whole });
    check_example("plan.md", &hidden(&comment));
}
