//! Somebody uploads what is no readable archive: the code is one path then, and the project's tree is what goes back.

use serde_json::{Value as Json, json};

use crate::room::{Room, says};

const YAML: &str = "edition: 3.0.0\nname: shop\naccess: default\nresources:\n  hello:\n    component: fc3\n    props:\n      \
                    region: cn-hangzhou\n      functionName: hello\n      runtime: python3.10\n      handler: index.handler\n      \
                    code: ./code\n";
const INDEX: &str = "def handler(event, context):\n    return 'one'\n";
const USE_LOCAL: [&str; 3] = ["apply", "--auto-approve", "--use-local"];

/// A project that is deployed, and whose function then gets a package that is no archive.
fn spoiled() -> (Room, Json) {
    let room = Room::new(&[("s.yaml", YAML), ("code/index.py", INDEX), ("code/lib/util.py", "X = 1\n")]);
    room.run(&["apply", "--auto-approve"]).exits(0);
    let ours = checksum(&room);
    let zip = "cHJpbnQoJ2hlbGxvJyk="; // print('hello')
    room.console("PUT", "functions/hello", Some(json!({"code": {"zipFile": zip}})));
    assert_ne!(checksum(&room), ours);
    (room, ours)
}

fn checksum(room: &Room) -> Json {
    room.console("GET", "functions/hello", None)["codeChecksum"].clone()
}

#[test]
fn an_opaque_package_is_asked_about_and_the_projects_tree_goes_back() {
    let (room, ours) = spoiled();
    let asked = room.run(&["apply", "--auto-approve"]).exits(3);
    assert!(
        says(&asked.stderr, "1 decision is open") && asked.stderr.contains("fc3_function.hello:code"),
        "{asked}"
    );
    let ran = room.run(&USE_LOCAL).exits(0);
    assert_eq!(checksum(&room), ours, "file by file what the project has: {ran}");
    // Files are compared again.
    room.write("code/lib/util.py", "X = 2\n");
    for kept in [true, false] {
        if !kept {
            std::fs::remove_dir_all(room.path(".triform/packages")).expect("is there");
        }
        let plan = room.run(&["plan"]).exits(0).says("~ lib/util.py config +1 -1");
        assert!(!plan.stdout.contains("index.py"), "{plan}");
    }
    room.run(&["apply", "--auto-approve"]).exits(0);
}

#[test]
fn a_saved_plan_carries_the_tree_that_replaces_an_opaque_package() {
    let (room, ours) = spoiled();
    room.run(&["plan", "--use-local", "-o", "back.triform"]).exits(0);
    std::fs::remove_dir_all(room.path("code")).expect("is not needed any more");
    room.run(&["apply", "back.triform", "--auto-approve"]).exits(0);
    assert_eq!(checksum(&room), ours);
}

#[test]
fn an_opaque_package_that_was_kept_is_replaced_when_the_code_moves() {
    let (room, ours) = spoiled();
    let live = checksum(&room);
    room.run(&["apply", "--auto-approve", "--use-live"]).exits(0);
    assert_eq!(checksum(&room), live);
    room.write("code/index.py", &INDEX.replace("one", "two"));
    room.run(&["apply", "--auto-approve"]).exits(3).says("fc3_function.hello:code");
    let ran = room.run(&USE_LOCAL).exits(0);
    assert!(![&live, &ours].contains(&&checksum(&room)), "{ran}");
    room.write("code/index.py", INDEX);
    room.run(&["apply", "--auto-approve"]).exits(0);
    assert_eq!(checksum(&room), ours, "the lib is still there");
}

#[test]
fn an_opaque_package_that_was_overwritten_is_brought_back_byte_for_byte() {
    let (room, ours) = spoiled();
    let theirs = checksum(&room);
    room.run(&USE_LOCAL).exits(0);
    assert_eq!(checksum(&room), ours);
    room.run(&["undo", "--auto-approve"]).exits(0);
    assert_eq!(checksum(&room), theirs);
    // And forth again, also as a saved plan.
    room.run(&["plan", "--undo", "-o", "forth.triform"]).exits(0);
    room.run(&["apply", "forth.triform", "--auto-approve"]).exits(0);
    assert_eq!(checksum(&room), ours);
    std::fs::remove_dir_all(room.path(".triform/packages")).expect("is there");
    let lost = room.run(&["plan", "--undo"]).exits(0).says("Cannot be brought back");
    assert!(says(&lost.stdout, "the package that it came from was not kept"), "{lost}");
}
