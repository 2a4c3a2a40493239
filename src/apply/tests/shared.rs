//! Shared resources: routes by path, and whose they are.

use super::story::{Story, story};

fn domain(routes: &str) -> Story {
    story().declare("domain/x.com", routes).apply()
}

#[test]
fn a_route_is_edited_by_itself() {
    let story = domain("route:/a=f route:/b=f").declare("domain/x.com", "route:/a=g route:/b=f");
    let story = story.expect("Update domain/x.com\nroute:/a.functionName edit write g");
    story.apply().live("domain/x.com", "route:/a=g route:/b=f");
}

#[test]
fn somebodys_route_is_never_compared_nor_recorded_and_stays() {
    let story = domain("route:/a=f").online("domain/x.com", "route:/theirs=h").expect("");
    let story = story.declare("domain/x.com", "route:/a=g").apply();
    let story = story.live("domain/x.com", "route:/a=g route:/theirs=h");
    let story = story.online("domain/x.com", "route:/theirs=i").expect("");
    assert!(!format!("{:?}", story.state.records).contains("theirs"));
}

#[test]
fn taking_a_domain_over_leaves_somebodys_routes_alone() {
    let story = story().appears("domain/x.com", "route:/a=old route:/theirs=h");
    let story = story.declare("domain/x.com", "route:/a=f");
    for (answer, ours) in [("use-local", "f"), ("use-live", "old")] {
        let taken = story.clone().decide(answer).apply();
        let taken = taken.live("domain/x.com", &format!("route:/a={ours} route:/theirs=h"));
        assert!(!format!("{:?}", taken.state.records).contains("theirs"));
    }
}

#[test]
fn a_route_that_left_goes_with_all_its_fields() {
    let story = domain("route:/a=f route:/b=f").declare("domain/x.com", "route:/a=f").expect(
        "Update domain/x.com
           route:/b.functionName edit write gone
           route:/b.path edit write gone
           route:/b.qualifier edit write gone",
    );
    story.apply().live("domain/x.com", "route:/a=f").expect("");
}

#[test]
fn a_route_that_left_and_drifted_stays_or_goes_as_a_whole() {
    let story = domain("route:/a=f route:/b=f").declare("domain/x.com", "route:/a=f");
    let story = story.online("domain/x.com", "route:/b=g");
    assert_eq!(story.plan().open().len(), 1);
    story.clone().decide("use-local").apply().live("domain/x.com", "route:/a=f");
    story.clone().decide("use-live").apply().live("domain/x.com", "route:/a=f route:/b=g");
    let one = story.decide("use-live=domain/x.com:route:/b.functionName");
    one.apply().live("domain/x.com", "route:/a=f route:/b=g");
}

#[test]
fn a_route_that_left_on_both_sides_converges() {
    let story = domain("route:/a=f route:/b=f").declare("domain/x.com", "route:/a=f");
    story.online("domain/x.com", "-route:/b").apply().expect("").live("domain/x.com", "route:/a=f");
}

#[test]
fn a_route_that_was_deleted_online_is_asked() {
    let story = domain("route:/a=f").online("domain/x.com", "-route:/a");
    story.clone().decide("use-local").apply().live("domain/x.com", "route:/a=f");
    story.decide("use-live").apply().live("domain/x.com", "");
}

#[test]
fn somebodys_route_that_is_declared_here_is_a_conflict() {
    let story = domain("route:/a=f").online("domain/x.com", "route:/b=h");
    let story = story.declare("domain/x.com", "route:/a=f route:/b=g");
    assert!(!story.plan().open().is_empty());
    story.clone().decide("use-local").apply().live("domain/x.com", "route:/a=f route:/b=g");
    story.decide("use-live").apply().live("domain/x.com", "route:/a=f route:/b=h");
}

#[test]
fn a_domain_with_somebodys_route_is_released() {
    let story = domain("route:/a=f").online("domain/x.com", "route:/theirs=h").remove("domain/x.com");
    let story = story.expect(
        "Release domain/x.com
           route:/a.functionName edit write gone
           route:/a.path edit write gone
           route:/a.qualifier edit write gone",
    );
    story.apply().expect("").live("domain/x.com", "route:/theirs=h");
    domain("route:/a=f").remove("domain/x.com").expect("Delete domain/x.com").apply();
}

#[test]
fn a_release_that_was_cut_off_ends_in_forgetting() {
    let mut story = domain("route:/a=f").online("domain/x.com", "route:/theirs=h").remove("domain/x.com");
    let before = story.state.clone();
    let run = story.run(3);
    story.state = super::driver::recovered(&story.cloud, &before, &run.journal);
    story.expect("Forget domain/x.com").apply().live("domain/x.com", "route:/theirs=h");
}

#[test]
fn a_drifted_domain_that_is_released_is_asked() {
    let story = domain("route:/a=f").online("domain/x.com", "route:/theirs=h route:/a=g");
    let story = story.remove("domain/x.com");
    assert_eq!(story.plan().open().len(), 1);
    story.clone().decide("use-local").apply().live("domain/x.com", "route:/theirs=h");
    story.decide("use-live").apply().live("domain/x.com", "route:/theirs=h route:/a=g");
}
