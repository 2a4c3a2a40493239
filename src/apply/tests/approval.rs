//! What a plan's changes are called when somebody approves them by class, and which approvals hold.

use proptest::prelude::*;
use proptest::test_runner::Config;

use super::laws::{answered, script, told};
use super::story::{Story, story};
use crate::plan::tests::world::{short_address, short_path, text};
use crate::plan::{
    Approval, ApprovalClass, ApprovalClasses, ApprovalError, ApprovedPlan, Means, Plan, PlanDigest, StepKind,
};

fn function(attributes: &str) -> Story {
    story().declare("function.a", attributes)
}

/// Writes every class of a plan with its places, one line each.
fn classes(plan: &Plan) -> Vec<String> {
    let line = |class: &ApprovalClass, places: &[crate::plan::ClassedPlace]| {
        let place = |place: &crate::plan::ClassedPlace| {
            let path = (!place.path.is_root()).then(|| format!(":{}", short_path(&place.path)));
            format!(" {}{}", short_address(&place.address), path.unwrap_or_default())
        };
        format!("{class}{}", places.iter().map(place).collect::<String>())
    };
    plan.classes().iter().map(|(class, places)| line(class, places)).collect()
}

trait Classed {
    fn holds(self, expected: &[&str]) -> Self;
}

impl Classed for Story {
    /// Demands these classes with their places.
    #[track_caller]
    fn holds(self, expected: &[&str]) -> Self {
        let plan = self.plan();
        assert_eq!(classes(&plan), expected, "\n{}", text(&plan));
        self
    }
}

fn approve(plan: &Plan, means: &[Means]) -> Result<(), ApprovalError> {
    let approval = Approval { by: "anna".to_owned(), means: means.to_vec() };
    ApprovedPlan::new(plan.clone(), approval).map(|_| ())
}

fn named(classes: impl IntoIterator<Item = ApprovalClass>) -> Means {
    Means::Classes(classes.into_iter().collect())
}

#[test]
fn new_things_are_created_with_all_they_bring() {
    let new = function("memorySize=128 file:a=1").declare("trigger.a/t", "");
    new.holds(&["create function.a trigger.a/t"]).apply().holds(&[]);
}

#[test]
fn one_update_may_be_of_several_classes() {
    let story = function("memorySize=128 timeout=5 env.A=1 file:a=1 file:b=1").apply();
    let story = story.online("function.a", "timeout=9 file:b=theirs");
    let story = story.declare("function.a", "memorySize=256 timeout=5 file:a=2 file:b=1");
    story.clone().decide("use-local").holds(&[
        "edit function.a:env.A function.a:memorySize",
        "code function.a:file:a function.a:file:b",
        "overwrite function.a:file:b function.a:timeout",
    ]);
    let kept = story.decide("use-live").holds(&[
        "edit function.a:env.A function.a:memorySize",
        "code function.a:file:a",
        "accept function.a:file:b function.a:timeout",
    ]);
    // An accepted value that is planned back is overwritten.
    kept.apply().decide("use-local=function.a:timeout").holds(&["overwrite function.a:timeout"]);
}

#[test]
fn what_exists_is_taken_over_and_what_differs_is_overwritten() {
    let story = function("memorySize=128 file:a=1").appears("function.a", "memorySize=256 file:a=2 file:b=1");
    story.clone().decide("use-local").holds(&[
        "code function.a:file:a function.a:file:b",
        "overwrite function.a:file:a function.a:file:b function.a:memorySize",
        "take-over function.a",
    ]);
    story
        .decide("use-live")
        .holds(&["take-over function.a", "accept function.a:file:a function.a:file:b function.a:memorySize"]);
}

#[test]
fn a_replaced_resource_is_one_and_so_are_its_children() {
    let story = function("runtime=old").declare("trigger.a/t", "").apply();
    story
        .clone()
        .declare("function.a", "runtime=new")
        .holds(&["edit function.a:runtime", "replace function.a trigger.a/t"]);
    story.declare("function.a", "name=other runtime=old").holds(&["replace function.a trigger.a/t"]);
}

#[test]
fn what_was_edited_online_and_goes_is_overwritten() {
    let story = function("memorySize=128").declare("trigger.a/t", "").apply();
    let left = story.clone().remove("function.a").remove("trigger.a/t");
    left.clone().holds(&["delete function.a trigger.a/t"]);
    let edited = left.online("function.a", "memorySize=256");
    edited.clone().decide("use-local").holds(&["overwrite function.a", "delete function.a trigger.a/t"]);
    edited.decide("use-live").holds(&["forget function.a trigger.a/t"]);

    let renamed = story.online("function.a", "memorySize=256").declare("function.a", "name=b memorySize=128");
    renamed.clone().decide("use-local").holds(&["overwrite function.a", "replace function.a trigger.a/t"]);
    renamed.decide("use-live").holds(&["replace function.a trigger.a/t", "forget function.a trigger.a/t"]);
}

#[test]
fn what_was_deleted_online_is_made_again_or_let_go() {
    let story = function("memorySize=128").declare("trigger.a/t", "").apply().vanishes("function.a");
    story.clone().decide("use-local").holds(&["recreate function.a trigger.a/t"]);
    story.clone().decide("use-live").holds(&["accept function.a trigger.a/t"]);
    story.remove("function.a").remove("trigger.a/t").holds(&["forget function.a trigger.a/t"]);
}

#[test]
fn a_record_that_moves_and_parts_of_a_shared_resource_that_go() {
    let story = function("name=x memorySize=128").apply().remove("function.a");
    story.declare("function.b", "name=x memorySize=128").holds(&["move function.b"]);

    let story = story_of_a_domain();
    story.clone().remove("domain/x.com").holds(&["delete domain/x.com"]);
    let story = story.online("domain/x.com", "route:/a=theirs").remove("domain/x.com").decide("use-local");
    story.holds(&["overwrite domain/x.com domain/x.com:route:/a.functionName", "delete domain/x.com"]);
}

fn story_of_a_domain() -> Story {
    story().declare("domain/x.com", "route:/a=f").apply().online("domain/x.com", "route:/theirs=h")
}

#[test]
fn what_both_sides_did_needs_no_approval() {
    let story = function("memorySize=128").apply().online("function.a", "memorySize=256");
    let converged = story.declare("function.a", "memorySize=256").holds(&[]).plan();
    assert_eq!(approve(&converged, &[]), Ok(()));
}

#[test]
fn every_means_that_is_named_has_to_hold() {
    let plan = function("memorySize=128").plan();
    let other = function("memorySize=256").plan().digest();
    let reviewed = Means::Digest(plan.digest());
    let refusal = Err(ApprovalError::Other { approved: other, actual: plan.digest() });
    assert_eq!(approve(&plan, &[]), Err(ApprovalError::Nobody));
    assert_eq!(approve(&plan, &[reviewed.clone(), named([ApprovalClass::Create])]), Ok(()));
    assert_eq!(approve(&plan, &[Means::Digest(other)]), refusal);
    // A wider means does not make up for a narrower one.
    assert_eq!(approve(&plan, &[Means::Auto, Means::Digest(other)]), refusal);
    assert!(approve(&plan, &[Means::Auto, named([ApprovalClass::Edit])]).is_err());
    // Nothing to do is no other plan's approval.
    let empty = function("memorySize=128").apply().plan();
    assert_eq!(approve(&empty, &[named([])]), Ok(()));
    assert!(approve(&empty, &[reviewed]).is_err());
}

#[test]
fn words_that_are_no_classes() {
    let said = |text: &str| text.parse::<ApprovalClass>().expect_err("no class").to_string();
    assert!(said("takeover").starts_with("`takeover` is no approval class; did you mean `take-over`?"));
    assert!(said("all").ends_with("`move`, `forget` and `accept`"), "{}", said("all"));
    assert!(!said("everything").contains("did you mean"));
    for class in ApprovalClass::ALL {
        assert_eq!(class.word().parse(), Ok(class));
    }
}

/// Demands that every call of a plan belongs to a resource with a class that speaks of such a call.
fn every_call_has_its_class(plan: &Plan) {
    use ApprovalClass::{Accept, Code, Create, Delete, Edit, Overwrite, Recreate, Replace, TakeOver};
    let classes = plan.classes();
    for step in &plan.steps {
        let speak: &[ApprovalClass] = match step.kind {
            StepKind::Create => &[Create, Recreate, Replace],
            // A kept value is recorded beside a promise once that is known: a step that writes nothing.
            StepKind::Update => &[Edit, Code, Overwrite, TakeOver, Delete, Accept],
            StepKind::Delete => &[Delete, Replace],
        };
        let mut places = speak.iter().filter_map(|class| classes.get(class)).flatten();
        assert!(places.any(|place| place.address == step.address), "{step:?}\n{}", text(plan));
    }
}

proptest! {
    #![proptest_config(Config { failure_persistence: None, ..Config::with_cases(200) })]

    #[test]
    fn the_list_of_classes_is_closed(script in script()) {
        let Some(story) = answered(told(&script)) else { return Ok(()) };
        let plan = story.plan();
        let present = plan.classes();
        prop_assert_eq!(present.is_empty(), plan.is_empty(), "{}", text(&plan));
        every_call_has_its_class(&plan);
        prop_assert_eq!(approve(&plan, &[named(ApprovalClass::ALL)]), Ok(()));
        prop_assert_eq!(approve(&plan, &[named(present.keys().copied())]), Ok(()));
        for (class, places) in &present {
            let others: ApprovalClasses = ApprovalClass::ALL.into_iter().filter(|other| other != class).collect();
            let refused = Err(ApprovalError::Classes([(*class, places.clone())].into()));
            prop_assert_eq!(approve(&plan, &[Means::Auto, Means::Classes(others)]), refused);
        }
        let approved: Result<PlanDigest, _> = plan.digest().to_string().parse();
        prop_assert_eq!(approved.map(|digest| approve(&plan, &[Means::Digest(digest)])), Ok(Ok(())));
    }
}
