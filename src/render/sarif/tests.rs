//! The log, as a code host reads it. That it is valid under the published schema is tested with the program.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::{RULES, render, uri};
use crate::plan::Document;
use crate::render::tests::{plans, schemas};
use crate::render::{Part, Shown};

fn rendered(document: &Document) -> Json {
    let text = render(&Shown { document, schemas: &schemas(), part: Part::Drift });
    assert_eq!(text.lines().count(), 1);
    serde_json::from_str(&text).expect("JSON")
}

fn results(log: &Json) -> &Vec<Json> {
    log["runs"][0]["results"].as_array().expect("results")
}

#[test]
fn every_plan() {
    let mut seen = BTreeSet::new();
    for (name, document) in plans() {
        let log = rendered(&document);
        let drifted = document.plan.drifted();
        assert_eq!(!results(&log).is_empty(), drifted, "{name}");
        seen.extend(results(&log).iter().map(|result| result["ruleId"].to_string()));
        insta::with_settings!({snapshot_suffix => name}, { insta::assert_snapshot!(format!("{log:#}")) });
    }
    assert_eq!(seen.len(), RULES.len(), "a rule without a case: {seen:?}");
}

#[test]
fn an_alert_is_known_again_whatever_the_value_is() {
    let (_, first) = plans().into_iter().find(|(name, _)| *name == "drift").expect("a plan");
    let mut second = first.clone();
    for change in second.plan.changes.values_mut() {
        for inner in change.paths.values_mut().filter(|inner| inner.moved_online()) {
            inner.live = Some("something else".into());
        }
    }
    let prints = |document: &Document| -> Vec<Json> {
        results(&rendered(document)).iter().map(|result| result["partialFingerprints"].clone()).collect()
    };
    assert_eq!(prints(&first), prints(&second));
    let different: BTreeSet<String> = prints(&first).iter().map(Json::to_string).collect();
    assert_eq!(different.len(), prints(&first).len());
}

#[test]
fn a_file_name_becomes_a_reference() {
    assert_eq!(uri("app one/s.yaml"), "app%20one/s.yaml");
    assert_eq!(uri("a#b?%/函.yaml"), "a%23b%3F%25/%E5%87%BD.yaml");
}
