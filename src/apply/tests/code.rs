//! Code is a tree, and each of its files a path.

use super::story::{Story, story};

#[track_caller]
fn applied(attributes: &str) -> Story {
    story().declare("function.a", attributes).apply()
}

#[test]
fn different_files_are_merged() {
    let story = applied("file:a=1 file:b=1").declare("function.a", "file:a=2 file:b=1");
    let story = story.online("function.a", "file:b=hotfix").expect(
        "Update function.a
           file:a edit write regular
           file:b drift open regular",
    );
    story.clone().decide("use-live").apply().live("function.a", "file:a=2 file:b=hotfix");
    story.decide("use-local").apply().live("function.a", "file:a=2 file:b=1");
}

#[test]
fn one_file_on_both_sides_is_a_conflict() {
    let story = applied("file:a=1").declare("function.a", "file:a=2").online("function.a", "file:a=3");
    let story = story.expect("Keep function.a\nfile:a conflict open regular");
    story.clone().decide("use-live").apply().live("function.a", "file:a=3");
    story.decide("use-local").apply().live("function.a", "file:a=2");
}

#[test]
fn files_come_and_go() {
    let story = applied("file:a=1 file:b=1").declare("function.a", "file:a=1 file:c=1");
    let story = story.online("function.a", "file:d=1").expect(
        "Update function.a
           file:b edit write gone
           file:c edit write regular
           file:d drift open gone",
    );
    story.clone().decide("use-live").apply().live("function.a", "file:a=1 file:c=1 file:d=1");
    story.decide("use-local").apply().live("function.a", "file:a=1 file:c=1");
}

#[test]
fn the_executable_bit_is_part_of_a_file() {
    let story = applied("file:a=1").declare("function.a", "exec:a=1");
    story.expect("Update function.a\nfile:a edit write executable").apply().live("function.a", "exec:a=1");
}

#[test]
fn the_same_files_are_no_change() {
    applied("file:a=1 exec:b=2 link:c=a").expect("");
}

#[test]
fn only_code_that_moved_is_uploaded() {
    let story = applied("file:a=1 memorySize=128").declare("function.a", "file:a=1 memorySize=256");
    assert!(!story.plan().changes.values().any(crate::plan::Change::writes_code));
}

#[test]
fn a_package_that_is_no_archive_is_one_path() {
    let story = applied("file:a=1 file:b=1").online("function.a", "-file:a -file:b code=blob");
    let story = story.expect("Keep function.a\ncode drift open package");
    let kept = story.clone().decide("use-live").apply().live("function.a", "code=blob");
    kept.expect("Keep function.a\ncode unchanged keep")
        .declare("function.a", "file:a=2 file:b=1")
        .expect("Keep function.a\ncode conflict open package");
    story.decide("use-local").apply().live("function.a", "file:a=1 file:b=1");
}

#[test]
fn after_an_opaque_package_files_are_compared_again() {
    let story = applied("file:a=1 file:b=1").online("function.a", "-file:a -file:b code=blob");
    let story = story.decide("use-local").apply().declare("function.a", "file:a=2 file:b=1");
    story
        .expect("Update function.a\nfile:a edit write regular")
        .apply()
        .live("function.a", "file:a=2 file:b=1");
}

#[test]
fn code_of_a_function_that_leaves_may_have_turned_opaque() {
    let story = applied("file:a=1").online("function.a", "-file:a code=blob").remove("function.a");
    let story = story.expect("Keep function.a LeftAndDrifted=open\ncode drift keep");
    story.decide("use-local").apply().gone("function.a");
}
