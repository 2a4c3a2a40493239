//! The plans that every rendering is tested on: one of each kind, and one with all of them together.
//!
//! Each is a story of `apply`'s tests: what was deployed, what somebody did online, what the project says now.
//! Nothing here depends on a clock, a machine or an order, so that a rendering's text can be kept in a file.

mod growth;
mod shop;

use std::collections::BTreeMap;

use bytes::Bytes;

use crate::apply::tests::story::Story;
use crate::model::{Address, Digest, OutputRef, Path, Planned, SchemaSet, Value};
use crate::plan::tests::world;
use crate::plan::{Document, Made, Place, Places, SecretSource};
use crate::state::{Lineage, Serial};

/// When the plans of the tests were made.
const MADE: &str = "2026-11-22T14:05:09Z";
/// When somebody was at the console.
const EDITED: &str = "2026-11-22T12:02:31Z";

/// Returns every plan by its name, in an order that tells a story.
pub(crate) fn plans() -> Vec<(&'static str, Document)> {
    shop::STORIES.iter().map(|(name, story)| (*name, document(&story()))).collect()
}

/// Returns one of them.
#[track_caller]
pub(crate) fn plan(name: &str) -> Document {
    let (_, story) = shop::STORIES.iter().find(|(known, _)| *known == name).expect("a plan of this name");
    document(&story())
}

/// Returns the resource types of all of them.
pub(crate) fn schemas() -> SchemaSet {
    world::schemas()
}

/// Returns the plan with everything in it, so often: for limits and growth.
pub(crate) fn many(times: usize) -> Document {
    let mut document = plan("whole");
    let (changes, steps) = (document.plan.changes.clone(), document.plan.steps.clone());
    let at = |address: &Address, number: usize| {
        let mut address = address.clone();
        let name = if address.name.is_some() { &mut address.name } else { &mut address.key };
        if let Some(name) = name {
            *name = format!("{name}-{number:05}");
        }
        address
    };
    for number in 1..times {
        let copied = |change: &crate::plan::Change| {
            let mut change = change.clone();
            change.address = at(&change.address, number);
            change.parent = change.parent.map(|parent| at(&parent, number));
            change.depends_on = change.depends_on.iter().map(|address| at(address, number)).collect();
            if let Some(question) = &mut change.question {
                question.covered_by = question.covered_by.as_ref().map(|parent| at(parent, number));
            }
            (change.address.clone(), change)
        };
        document.plan.changes.extend(changes.values().map(copied));
        document.plan.steps.extend(steps.iter().map(|step| {
            let offset = steps.len() * number;
            let mut step = step.clone();
            step.id += offset;
            step.address = at(&step.address, number);
            step.after = step.after.iter().map(|id| id + offset).collect();
            step
        }));
    }
    document
}

/// Demands the plan's digest in a rendering of it, and returns the text with another one of the same width in its
/// place: what a digest is made of is tested where it is made.
#[track_caller]
pub(crate) fn digest_hidden(text: &str, document: &Document) -> String {
    let digest = document.plan.digest().to_string();
    assert!(text.contains(&digest), "no digest in\n{text}");
    text.replace(&digest, &format!("sha256:{}", "0".repeat(64)))
}

/// Returns the document of a story's plan, as `ops` would put it together.
fn document(story: &Story) -> Document {
    let mut plan = story.plan();
    if story.state.records.is_empty() {
        plan.basis = None;
    } else {
        plan.basis = Some((Lineage("0b7d5f2c".to_owned()), Serial(12)));
    }
    for change in plan.changes.values_mut() {
        let asked = change.moved_online() || change.is_foreign();
        for live in change.live.iter_mut().chain(&mut change.old_live).filter(|_| asked) {
            live.modified = Some(EDITED.to_owned());
        }
    }
    plan.unmanaged.iter_mut().for_each(|child| child.modified = Some(EDITED.to_owned()));
    let files = Document::files(&plan, &BTreeMap::new());
    let contents: BTreeMap<Digest, Bytes> = shop::FILES
        .iter()
        .map(|text| (Digest::of(text.as_bytes()), Bytes::from_static(text.as_bytes())))
        .filter(|(digest, _)| files.contains(digest))
        .collect();
    let url = |address: &Address| {
        let output = OutputRef { address: address.clone(), output: "url".to_owned() };
        (address.name.clone().unwrap_or_default(), output)
    };
    let is_http = |address: &&Address| address.key.as_deref() == Some("http");
    Document {
        made: Made {
            at: MADE.to_owned(),
            by: "triform 0.1.0".to_owned(),
            folder: "/srv/shop".to_owned(),
            endpoint: None,
            access: None,
        },
        places: places(story),
        secrets: secrets(story),
        links: story.project.keys().filter(is_http).map(url).collect(),
        trees: BTreeMap::new(),
        contents,
        plan,
    }
}

/// Where everything would stand if the project were written resource by resource, a line for each attribute.
fn places(story: &Story) -> Places {
    let mut line = 5;
    let mut place = |column| {
        line += 1;
        Place { file: "s.yaml".to_owned(), line, column }
    };
    let desired = story.desired();
    let places = desired.iter().map(|(address, wanted)| {
        let itself = (Path::root(), place(3));
        let paths: Vec<Path> = wanted.attributes.keys().filter(|path| !path.is_code()).cloned().collect();
        let code = wanted.attributes.keys().any(Path::is_code).then(|| Path::field("code"));
        let paths = paths.into_iter().chain(code).map(|path| (path, place(7)));
        (address.clone(), std::iter::once(itself).chain(paths).collect())
    });
    places.collect()
}

/// A variable's secret comes from the variable of its name, any other from the configuration.
fn secrets(story: &Story) -> BTreeMap<Address, BTreeMap<Path, SecretSource>> {
    let sealed = |planned: &Planned| matches!(planned.known(), Some(Value::Sealed(_)));
    let source = |path: &Path| match path.parts() {
        [_, crate::model::Part::Key(name)] => SecretSource::Variable(name.clone()),
        _ => SecretSource::Configuration,
    };
    let desired = story.desired().into_iter().map(|(address, wanted)| {
        let secrets = wanted.attributes.iter().filter(|(_, planned)| sealed(planned));
        let sources = secrets.map(|(path, _)| (path.clone(), source(path))).collect();
        (address, sources)
    });
    desired.filter(|(_, sources): &(_, BTreeMap<_, _>)| !sources.is_empty()).collect()
}

#[test]
fn the_set_has_every_class_action_question_and_outcome() {
    use crate::diff::Class::{Conflict, Converged, Drift, Edit, Unchanged};
    use crate::plan::Action::{Create, Delete, Forget, Keep, Record, Release, Replace, TakeOver, Update};
    use crate::plan::QuestionKind::{DeletedOnline, Exists, LeftAndDrifted, ReplacedAndDrifted};
    let plans = plans();
    let changes = |documents: &[(&str, Document)]| -> Vec<crate::plan::Change> {
        documents.iter().flat_map(|(_, document)| document.plan.moving().cloned()).collect()
    };
    let whole: Vec<_> = plans.iter().filter(|(name, _)| *name == "whole").cloned().collect();
    for changes in [changes(&plans), changes(&whole)] {
        let paths =
            || changes.iter().flat_map(|change| change.paths.values().chain(change.old_paths.values()));
        for class in [Unchanged, Converged, Edit, Drift, Conflict] {
            assert!(paths().any(|path| path.class == class), "{class:?}");
        }
        for action in [Keep, Create, TakeOver, Update, Replace, Delete, Forget, Release, Record] {
            assert!(changes.iter().any(|change| change.action == action), "{action:?}");
        }
        for kind in [Exists, DeletedOnline, LeftAndDrifted, ReplacedAndDrifted] {
            let asks = |change: &crate::plan::Change| {
                change.question.as_ref().is_some_and(|question| question.kind == kind)
            };
            assert!(changes.iter().any(asks), "{kind:?}");
        }
    }
}

#[test]
fn the_content_of_every_file_is_at_hand() {
    for (name, document) in plans() {
        let missing: Vec<Digest> = Document::files(&document.plan, &document.trees)
            .into_iter()
            .filter(|digest| document.content(*digest).is_none())
            .collect();
        assert!(missing.is_empty(), "{name}: {missing:?}");
    }
}

#[test]
fn many_is_a_plan_of_distinct_resources() {
    let (one, ten) = (plan("whole").plan, many(10).plan);
    assert_eq!((ten.changes.len(), ten.steps.len()), (one.changes.len() * 10, one.steps.len() * 10));
    assert_ne!(one.digest(), ten.digest());
    let named: std::collections::BTreeSet<&Address> = ten.changes.keys().collect();
    assert!(ten.changes.values().all(|change| change.parent.iter().all(|parent| named.contains(parent))));
}

#[test]
fn what_was_skipped_is_named_in_every_format() {
    let mut document = plan("partial");
    let before = document.plan.digest();
    let skipped = document.plan.left_out.first().expect("something is left out").clone();
    document.plan.skipped.insert(skipped.clone());
    assert_ne!(document.plan.digest(), before, "skipping is an answer, and answers are part of the digest");
    let name = skipped.name.as_deref().expect("it is declared under a name");
    let schemas = schemas();
    let shown = super::Shown { document: &document, schemas: &schemas, part: super::Part::Whole };
    for renderer in
        super::RENDERERS.iter().filter(|renderer| ["markdown", "html", "json"].contains(&renderer.name))
    {
        let text = (renderer.render)(&shown);
        let before = (renderer.render)(&super::Shown { document: &plan("partial"), ..shown });
        let named = |text: &str| text.matches(name).count();
        assert_eq!(named(&text), named(&before) + 1, "{}: {text}", renderer.name);
    }
}
