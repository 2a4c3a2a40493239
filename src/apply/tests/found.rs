//! Stories that the laws found.

use super::story::story;

#[test]
fn what_the_service_fills_into_a_new_route_is_recorded_with_it() {
    let story = story().declare("domain/x.com", "").apply().declare("domain/x.com", "route:/a=f");
    story.apply().expect("").online("domain/x.com", "route:/a.qualifier=v1").expect(
        "Keep domain/x.com
           route:/a.qualifier drift open LATEST",
    );
}

#[test]
fn a_child_waits_where_its_new_parent_stays_absent() {
    let story =
        story().declare("function.a", "name=q").declare("function.b", "name=p").declare("trigger.b/u", "");
    let story = story.apply().vanishes("function.a").remove("function.a").declare("function.b", "name=q");
    let story = story.decide("use-live").apply();
    assert!(story.cloud.resources.is_empty(), "the old ones left");
    assert_eq!(story.plan().summary().accepted, 2);
}

#[test]
fn an_old_name_goes_though_the_new_one_has_to_be_replaced() {
    let story = story().declare("function.a", "name=r").apply().appears("function.p", "env.Z=1");
    let story = story.declare("function.a", "name=p runtime=old").decide("use-local");
    story
        .expect_steps(&["Delete r/p", "Create r/p", "Delete r/r"])
        .apply()
        .live("function.a", "runtime=old env.Z=1");
}

#[test]
fn what_needs_an_output_of_something_let_go_keeps_the_last_one() {
    let target = "target=${function.b.id}";
    let story = story().declare("function.a", "").declare("function.b", "").declare("trigger.a/t", target);
    let story = story.apply().vanishes("function.b").decide("use-live").apply();
    let story = story.live("trigger.a/t", "target=id-2");
    // Where there never was one, nothing can be made of it.
    let never = story.declare("function.c", "").declare("trigger.c/t", "target=${trigger.b/t.url}");
    never.declare("trigger.b/t", "").expect_refusal("which stays absent");
}

#[test]
fn names_that_cross_while_one_is_made_again_wait_for_nobody() {
    let story = story().declare("function.a", "name=q").declare("function.b", "name=p");
    let story = story.declare("trigger.a/t", "target=${function.b.id}").apply();
    let story =
        story.remove("function.b").declare("function.a", "name=p runtime=old").declare("trigger.a/t", "");
    story.apply().expect("");
}

#[test]
fn a_child_goes_with_its_old_parent_whatever_is_said_about_the_new_one() {
    let story =
        story().declare("function.a", "name=q").declare("trigger.a/t", "").declare("function.b", "name=p");
    let story = story.apply().appears("trigger.p/t", "description=z").remove("function.b");
    let story = story.declare("function.a", "name=p");
    story.clone().decide("use-live").apply().live("trigger.a/t", "description=z");
    let drifted = story.state(|state| state.serial.0 += 1).decide("use-local use-live=trigger.*");
    drifted.apply().live("trigger.a/t", "description=z");
}

#[test]
fn a_place_below_one_that_is_made_anew_goes_unless_somebody_names_it() {
    let story = story().declare("function.a", "").declare("trigger.a/t", "").apply();
    let story = story.online("trigger.a/t", "cron=3").declare("function.a", "runtime=old");
    story.clone().decide("use-local").apply().live("trigger.a/t", "");
    let named = story.decide("use-local use-live=trigger.a/t:cron");
    named.apply().live("trigger.a/t", "cron=3");
}

#[test]
fn a_child_that_is_let_go_is_recorded_so_before_its_parent() {
    let story = story().declare("function.a", "name=p").declare("trigger.a/t", "").apply();
    let story = story.online("function.a", "memorySize=1024").remove("trigger.a/t");
    let mut story = story.declare("function.a", "name=r").decide("use-live");
    let before = story.state.clone();
    let run = story.run(1);
    story.state = super::driver::recovered(&story.cloud, &before, &run.journal);
    let story = story.decide("use-live").apply();
    assert_eq!(story.cloud.resources.len(), 3, "the old two and the new one");
}
