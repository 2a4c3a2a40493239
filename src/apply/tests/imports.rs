//! What was imported is ours, and nothing of it was written; where the two differ the next plan asks.

use super::story::{Story, story};
use crate::plan::imported;
use crate::plan::tests::world::address;

impl Story {
    /// The resource is imported: its record, and nothing else, is what an import writes.
    #[track_caller]
    fn import(mut self, at: &str) -> Self {
        let plan = self.plan();
        let record = imported(&plan.changes[&address(at)], 1).expect("it is live");
        self.state.records.insert(address(at), record);
        self
    }
}

fn there(project: &str, live: &str) -> Story {
    story().declare("function.a", project).appears("function.a", live).import("function.a")
}

#[test]
fn what_agrees_is_settled_what_nobody_mentions_included() {
    let story = there("memorySize=128 file:a=1", "memorySize=128 env.B=1 file:a=1");
    let story = story.expect("").apply();
    // It has a past now.
    let story = story.online("function.a", "env.B=2 timeout=9");
    story.expect("Keep function.a\nenv.B drift open 1\ntimeout drift open 3");
}

#[test]
fn each_place_that_differs_is_asked_about() {
    let differ =
        || there("memorySize=128 env.A=1 file:a=mine file:mine=1", "memorySize=256 file:a=1 file:theirs=1");
    let story = differ().expect(
        "Keep function.a
           file:a conflict open regular
           file:mine conflict open regular
           file:theirs drift open gone
           env.A conflict open 1
           memorySize conflict open 128",
    );
    assert_eq!(story.plan().open().len(), 5);
    let ours = differ().decide("use-local").apply();
    ours.live("function.a", "memorySize=128 env.A=1 file:a=mine file:mine=1");
    let theirs = differ().decide("use-live").apply();
    theirs.live("function.a", "memorySize=256 file:a=1 file:theirs=1");
}

#[test]
fn a_value_that_is_said_as_it_is_live_asks_no_more() {
    let story = there("memorySize=128", "memorySize=256").declare("function.a", "memorySize=256");
    story.expect("Record function.a\nmemorySize converged record").apply();
}

#[test]
fn an_edit_online_afterwards_is_still_a_question() {
    let story = there("memorySize=128", "memorySize=256").online("function.a", "memorySize=512");
    story.expect("Keep function.a\nmemorySize conflict open 128");
}

#[test]
fn a_route_that_nobody_declared_is_not_recorded() {
    let story =
        story().declare("domain/x.com", "route:/a=f").appears("domain/x.com", "route:/a=f route:/b=h");
    let story = story.import("domain/x.com");
    let paths = &story.state.records[&address("domain/x.com")].paths;
    assert!(!paths.is_empty() && paths.keys().all(|path| !path.to_string().contains("/b")), "{paths:?}");
    story.apply();
}
