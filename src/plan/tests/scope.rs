//! Targets and excludes.

use std::collections::{BTreeMap, BTreeSet};

use super::world::{address, schemas, short_address, wanted};
use crate::model::{Address, Value};
use crate::plan::{ScopeError, Selector, Wanted, scope};
use crate::state::Record;

type Project = BTreeMap<Address, Wanted>;

fn project(text: &[(&str, &str)]) -> Project {
    wanted(&text.iter().map(|(at, text)| (address(at), (*text).to_owned())).collect())
}

fn recorded(project: &Project) -> BTreeMap<Address, Record> {
    let record = |(address, wanted): (&Address, &Wanted)| {
        let mut record = Record::new(wanted.identity.clone(), 1);
        record.depends_on.clone_from(&wanted.depends_on);
        record.outputs.insert("arn".to_owned(), Value::from("arn"));
        (address.clone(), record)
    };
    project.iter().map(record).collect()
}

fn selectors(text: &str) -> Vec<Selector> {
    let selector = |word: &str| match word.split_once('*') {
        Some(_) => word.to_owned(),
        None => address(word).to_string(),
    };
    text.split_whitespace().map(|word| selector(word).parse().expect("a selector")).collect()
}

#[track_caller]
fn check(
    desired: &Project,
    records: &BTreeMap<Address, Record>,
    targets: &str,
    excludes: &str,
    inside: &str,
) {
    let found =
        scope(&BTreeSet::new(), desired, records, &selectors(targets), &selectors(excludes), &[], &schemas())
            .expect("a scope");
    let all = desired.keys().chain(records.keys().filter(|address| !desired.contains_key(*address)));
    let mut kept: Vec<String> = all.filter(|a| !found.left_out.contains(*a)).map(short_address).collect();
    kept.sort();
    assert_eq!(kept.join(" "), inside);
}

fn shop() -> Project {
    project(&[
        ("function.a", ""),
        ("function.b", ""),
        ("trigger.a/t", "target=${function.b.arn}"),
        ("trigger.b/u", ""),
    ])
}

#[test]
fn a_target_brings_its_children_and_what_it_depends_on() {
    let shop = shop();
    check(&shop, &BTreeMap::new(), "function.a", "", "function.a function.b trigger.a/t");
    check(&shop, &BTreeMap::new(), "function.b", "", "function.b trigger.b/u");
    check(&shop, &BTreeMap::new(), "trigger.b/u", "", "function.b trigger.b/u");
    check(&shop, &recorded(&shop), "*", "", "function.a function.b trigger.a/t trigger.b/u");
}

#[test]
fn what_goes_takes_its_children_along_and_nothing_that_it_needed() {
    let shop = shop();
    check(&BTreeMap::new(), &recorded(&shop), "function.a", "", "function.a trigger.a/t");
    let mut kept = shop.clone();
    kept.retain(|at, _| *at == address("function.b"));
    check(&kept, &recorded(&shop), "function.a", "", "function.a function.b trigger.a/t");
}

#[test]
fn an_exclude_takes_children_and_dependents_along() {
    let shop = shop();
    check(&shop, &BTreeMap::new(), "", "function.b", "function.a");
    check(&shop, &BTreeMap::new(), "", "function.a", "function.b trigger.b/u");
    check(&shop, &BTreeMap::new(), "function.a", "trigger.a/t", "function.a function.b");
}

#[test]
fn recorded_outputs_satisfy_dependents_of_an_exclude() {
    let shop = shop();
    let mut records = recorded(&shop);
    check(&shop, &records, "", "function.b", "function.a trigger.a/t");
    records.get_mut(&address("function.b")).expect("a record").outputs.clear();
    check(&shop, &records, "", "function.b", "function.a");
}

#[test]
fn both_ends_of_a_move_stay_together() {
    let old = project(&[("function.old", "name=x"), ("function.other", "")]);
    let new = project(&[("function.new", "name=x"), ("function.other", "")]);
    check(&new, &recorded(&old), "function.new", "", "function.new function.old");
    check(&new, &recorded(&old), "function.old", "", "function.new function.old");
    check(&new, &recorded(&old), "", "function.new", "function.other");
}

#[test]
fn what_names_nothing_or_a_path_is_an_error() {
    let error = |text: &str| {
        scope(
            &BTreeSet::new(),
            &shop(),
            &BTreeMap::new(),
            &[text.parse().expect("a selector")],
            &[],
            &[],
            &schemas(),
        )
    };
    assert!(matches!(error("function.z"), Err(ScopeError::Nothing(..))));
    assert!(matches!(error("function.a:memorySize"), Err(ScopeError::Path(_))));
}
