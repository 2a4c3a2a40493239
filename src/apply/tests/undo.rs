//! The way back: an apply, and then its undo, over the model cloud.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::Config;

use super::cloud::Cloud;
use super::driver::Run;
use super::laws::{answered, script, told};
use super::story::{Story, story};
use crate::model::{Identity, Path, Value};
use crate::plan::tests::world::{rules, short_address, text};
use crate::plan::{Back, LostWhy, Plan, undo};
use crate::state::{Journal, JournalHeader, LastApply, State};

/// What a run did, as its journal says.
fn last(before: &State, run: &Run) -> LastApply {
    let State { owner, lineage, serial, salt, .. } = before.clone();
    let header = JournalHeader { owner, lineage, serial, salt, note: "apply".to_owned(), at: None };
    Journal { header, entries: run.journal.clone() }.last_apply()
}

impl Story {
    /// Applies, and returns what it did.
    #[track_caller]
    fn applied(&mut self) -> LastApply {
        let plan = self.plan();
        self.did(plan)
    }

    #[track_caller]
    fn did(&mut self, plan: Plan) -> LastApply {
        let (before, said) = (self.state.clone(), text(&plan));
        let run = self.carry(plan, usize::MAX);
        assert!(run.failed.is_empty(), "{:?}\n{said}", run.failed);
        self.state = run.state.clone();
        self.state.serial.0 += 1;
        last(&before, &run)
    }

    fn back(&self, last: &LastApply) -> Result<Plan, Vec<crate::diag::Diagnostic>> {
        self.asked(last.touched.keys(), |input| undo(input, &Back { last, at_hand: &|_| true }))
    }

    /// Demands a plan of the way back, in the words of [`text`], with what cannot be brought back behind it.
    #[track_caller]
    fn expect_back(self, last: &LastApply, expected: &str) -> Self {
        let plan = self.back(last).unwrap_or_else(|problems| panic!("{problems:#?}"));
        let lost = plan.undo.iter().flat_map(|undo| &undo.lost);
        let lost =
            lost.map(|lost| format!("lost {} {} {:?}", short_address(&lost.address), lost.path, lost.why));
        let found: Vec<String> = text(&plan).lines().map(|line| line.trim().to_owned()).chain(lost).collect();
        let expected: Vec<&str> = expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        assert_eq!(found, expected);
        self
    }

    /// Undoes, and demands that nothing is left to do.
    #[track_caller]
    fn undone(mut self, last: &LastApply) -> (Self, LastApply) {
        let plan = self.back(last).unwrap_or_else(|problems| panic!("{problems:#?}"));
        let said = text(&plan);
        let last = self.did(plan);
        self.rules.clear();
        let again = self.plan();
        assert!(again.is_empty(), "not settled by\n{said}\nagain:\n{}", text(&again));
        (self, last)
    }
}

#[test]
fn an_edit_of_the_console_that_was_overwritten_comes_back() {
    let mut story = story()
        .declare("function.a", "memorySize=128 env.A=1 file:x=one")
        .apply()
        .online("function.a", "memorySize=1024 env.A=hotfix file:x=fixed env.B=new")
        .decide("use-local");
    let last = story.applied();
    let story = story.live("function.a", "memorySize=128 env.A=1 file:x=one").expect_back(
        &last,
        "Update function.a
           file:x edit write regular Accepted
           env.A edit write hotfix Accepted
           env.B edit write new Accepted
           memorySize edit write 1024 Accepted",
    );
    let (story, _) = story.undone(&last);
    story.live("function.a", "memorySize=1024 env.A=hotfix file:x=fixed env.B=new");
}

#[test]
fn what_was_edited_since_is_asked_about() {
    let mut story =
        story().declare("function.a", "memorySize=128").apply().declare("function.a", "memorySize=256");
    let last = story.applied();
    let story = story.online("function.a", "memorySize=512");
    let story = story.expect_back(
        &last,
        "Update function.a\nmemorySize conflict open 128 Accepted".replace("Update", "Keep").as_str(),
    );
    let (kept, _) = story.clone().decide("use-live").undone(&last);
    kept.live("function.a", "memorySize=512");
    let (back, _) = story.decide("use-local").undone(&last);
    back.live("function.a", "memorySize=128");
}

#[test]
fn what_was_made_goes_with_its_child_and_what_somebody_put_back_stays() {
    let mut story = story().declare("function.a", "file:x=one").declare("trigger.a/t", "cron=1");
    let last = story.applied();
    let (story, forth) = story.undone(&last);
    let story = story.gone("function.a").gone("trigger.a/t");
    let (story, _) = story.undone(&forth);
    story.live("function.a", "file:x=one").live("trigger.a/t", "cron=1");
}

#[test]
fn a_child_edited_since_is_the_question_of_its_parent() {
    let mut story = story().declare("function.a", "").declare("trigger.a/t", "cron=1");
    let last = story.applied();
    story.online("trigger.a/t", "cron=2").expect_back(
        &last,
        "Keep function.a EditedSince=open
         Keep trigger.a/t EditedSince=open by function.a
           cron drift keep",
    );
}

#[test]
fn a_new_name_goes_and_the_old_one_comes_back() {
    let mut story = story()
        .declare("function.a", "name=p file:x=one memorySize=128")
        .declare("trigger.a/t", "cron=1")
        .apply()
        .declare("function.a", "name=q file:x=one memorySize=256");
    let last = story.applied();
    let (story, forth) = story.undone(&last);
    let names = |story: &Story| -> Vec<String> {
        story.cloud.resources.keys().map(|identity| identity.name.clone()).collect()
    };
    assert_eq!(names(&story), ["p", "t"]);
    let (story, _) = story.undone(&forth);
    assert_eq!(names(&story), ["q", "t"]);
}

#[test]
fn a_route_that_was_added_goes_as_a_whole() {
    let mut story = story()
        .declare("domain/x.com", "route:/a=f")
        .apply()
        .declare("domain/x.com", "route:/a=f route:/b=g");
    let last = story.applied();
    let (story, _) = story.undone(&last);
    story.live("domain/x.com", "route:/a=f");
}

#[test]
fn a_secret_that_nobody_declares_any_more_is_lost_and_said() {
    let mut story =
        story().declare("function.a", "env.A=1 env.C_TOKEN=s").apply().declare("function.a", "env.A=2");
    let last = story.applied();
    story.expect_back(
        &last,
        "Update function.a
           env.A edit write 1 Accepted
         lost function.a environmentVariables[\"C_TOKEN\"] Secret",
    );
}

/// Everything in the cloud by resource, in clear, but what a resource that is made again gets anew.
fn contents(cloud: &Cloud) -> BTreeMap<Identity, BTreeMap<Path, Value>> {
    let fresh = |value: &Value| value.as_text().is_some_and(|text| text.starts_with("id-"));
    let settings = |raw: &super::cloud::Raw| {
        raw.attributes
            .iter()
            .filter(|(_, value)| !fresh(value))
            .map(|(p, v)| (p.clone(), v.clone()))
            .collect()
    };
    cloud.resources.iter().map(|(identity, raw)| (identity.clone(), settings(raw))).collect()
}

/// Demands that a plan of the way back brought back all that it did not call lost.
fn is_back(plan: &Plan, before: &Cloud, after: &Cloud) {
    let lost = || plan.undo.iter().flat_map(|undo| &undo.lost);
    let whole = |identity: &Identity| {
        lost().any(|lost| {
            lost.path.is_root() && lost.why != LostWhy::Secret && {
                // A lost parent takes its children along.
                let name = lost.address.name.as_ref().or(lost.address.key.as_ref());
                let _ = name;
                identity.kind == lost.address.kind || identity.parent.is_some()
            }
        })
    };
    let (before, after) = (contents(before), contents(after));
    for identity in before.keys().chain(after.keys()).filter(|identity| !whole(identity)) {
        let (was, now) = (before.get(identity), after.get(identity));
        let (Some(was), Some(now)) = (was, now) else {
            panic!("{identity}: {} before, {} now\n{}", was.is_some(), now.is_some(), text(plan));
        };
        let paths = was.keys().chain(now.keys());
        for path in paths.filter(|path| path.top() != "password" && path.top() != "target") {
            let gone = lost().any(|lost| path.is_within(&lost.path) && !lost.path.is_root());
            assert!(
                gone || was.get(path) == now.get(path),
                "{identity} {path}: {:?}, {:?}\n{}",
                was.get(path),
                now.get(path),
                text(plan)
            );
        }
    }
}

#[test]
fn what_the_configuration_promises_of_something_made_anew_is_recorded_as_it_is_then() {
    let mut story = story()
        .declare("function.a", "")
        .declare("trigger.a/t", "")
        .declare("function.b", "name=r runtime=old")
        .apply()
        .declare("trigger.a/t", "target=${function.b.id}")
        .declare("function.b", "name=r");
    let did = story.applied();
    story
        .expect_back(
            &did,
            "Replace function.b
           handler edit write index.handler
           runtime edit write old Accepted
         Update trigger.a/t
           target edit write gone Accepted",
        )
        .undone(&did);
}

proptest! {
    #![proptest_config(Config { failure_persistence: None, ..Config::with_cases(100) })]

    #[test]
    fn undone_everything_is_as_it_was_and_undone_twice_as_it_became(script in script()) {
        let Some(mut story) = answered(told(&script)) else { return Ok(()) };
        let before = story.cloud.clone();
        let did = story.applied();
        let after = story.cloud.clone();
        story.rules = rules("use-local");
        // What somebody added to what would go is in the way, as it is for any plan.
        let Ok(back) = story.back(&did) else { return Ok(()) };
        prop_assert!(back.open().is_empty(), "{}", text(&back));
        let (mut story, did) = story.undone(&did);
        is_back(&back, &before, &story.cloud);
        story.rules = rules("use-local");
        let Ok(forth) = story.back(&did) else { return Ok(()) };
        let lost = back.undo.iter().any(|undo| !undo.lost.is_empty());
        let (story, _) = story.undone(&did);
        if !lost {
            is_back(&forth, &after, &story.cloud);
        }
    }
}
