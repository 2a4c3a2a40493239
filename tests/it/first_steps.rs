//! What a newcomer does first: `init`, `apply --local` with nothing running, `cloud serve`, and the URL.

use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::{Cloud, SecondLook, TRIFORM, World, get};

/// Runs the program with a home and a data folder of its own, and no cloud named. The cloud that it opens by itself
/// has no switches: there is nobody whom a test could tell to misbehave.
#[track_caller]
fn alone(root: &Path, args: &[&str]) -> String {
    // With nothing named, --local uses whatever embedded cloud is up at the default port: a neighbour's, if one is.
    let neighbour = TcpStream::connect("127.0.0.1:9530");
    assert!(neighbour.is_err(), "something listens on 127.0.0.1:9530; stop it to run this test");
    let mut command = Command::new(TRIFORM);
    command
        .args(args)
        .env_clear()
        .env("PATH", std::env::var("PATH").expect("a path"))
        .env("HOME", root.join("home"))
        .env("TRIFORM_DATA", root.join("cloud"))
        .current_dir(root)
        .stdin(Stdio::null());
    let ran = command.output().expect("runs");
    let said = String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{args:?}: {said}");
    SecondLook::after(&command).finds_nothing(ran.status.code());
    said
}

#[test]
fn the_first_command_prints_a_url_that_answers_while_the_cloud_is_up() {
    let root = tempfile::tempdir().expect("a folder");
    alone(root.path(), &["init", "python", "mine"]);
    let said = alone(root.path(), &["-C", "mine", "apply", "--local", "--auto-approve"]);
    let url = said.split_whitespace().find(|word| word.starts_with("http://127.0.0.1:9530/")).expect(&said);
    // The same data, kept up; here on another port than people use.
    let cloud = Cloud::start(root.path());
    let (status, body) = get(&url.replace("127.0.0.1:9530", &cloud.address));
    assert_eq!((status, body.starts_with("Hello, world!")), (200, true), "{body}");
}

#[track_caller]
fn check_template(template: &str, paths: &[(&str, &str)]) {
    let world = World::new(&[]);
    world.run(&["init", template, "."]).exits(0);
    world.run(&["validate"]).exits(0);
    let said = world.apply(&[]).stdout;
    for (path, expected) in paths {
        let (label, path) = path.split_once('/').unwrap_or((path, ""));
        let line = said.lines().find(|line| line.trim_start().starts_with(label) && line.contains("http://"));
        let url =
            line.and_then(|line| line.split_whitespace().last()).unwrap_or_else(|| panic!("{label}: {said}"));
        let (status, body) = get(&format!("{}/{path}", url.trim_end_matches('/')));
        assert_eq!((status, body.contains(expected)), (200, true), "{url}: {body}");
    }
    world.destroy(&[]);
}

#[test]
fn the_python_template_answers() {
    check_template("python", &[("hello/?name=Ada", "Hello, Ada!")]);
}

#[test]
fn the_node_template_answers() {
    check_template("node", &[("hello/", "Hello")]);
}

#[test]
fn the_custom_template_answers() {
    check_template("custom", &[("echo/a/path?b=c", "/a/path")]);
}

#[test]
fn the_shop_template_answers_at_its_urls_and_its_domain() {
    check_template(
        "shop",
        &[("catalog/products", "Green tea"), ("cart/?tea=2", "17"), ("shop.localhost/products", "Teapot")],
    );
}

#[test]
fn init_overwrites_nothing_and_names_its_templates() {
    let world = World::new(&[("s.yaml", "mine: true\n")]);
    world.run(&["init", "python", "."]).exits(1).tells(&["s.yaml", "is there already"]);
    assert_eq!(world.read("s.yaml"), "mine: true\n");
    world.run(&["init", "pyhton"]).exits(1).tells(&["no template", "pyhton"]).tells(&["shop"]);
}

#[test]
fn completions_and_versions_are_printed() {
    let world = World::new(&[]);
    for shell in ["bash", "zsh", "fish"] {
        world.run(&["completions", shell]).exits(0).shows(&["triform"]);
    }
    world.run(&["--version"]).exits(0).shows(&["triform", env!("CARGO_PKG_VERSION")]);
}
