//! Clouds that are not there, that are something else, that refuse, and that talk nonsense.

use std::net::TcpListener;
use std::process::Command;

use serde_json::{Value as Json, json};

use super::{Page, changes_nothing, deployed, room};
use crate::room::{Ran, Room, finish};

/// The program at the room's cloud as if it were the vendor's, with a key.
fn at_the_vendor(room: &Room, key: (&str, &str), args: &[&str]) -> Command {
    let mut command = room.bare_command(args);
    command
        .env("TRIFORM_ENDPOINT", room.endpoint())
        .env("AccountID", "1000000000000001")
        .env("AccessKeyID", key.0)
        .env("AccessKeySecret", key.1);
    command
}

#[test]
fn keys() {
    let room = deployed();
    let mut page = Page::default();
    let apply = ["apply", "--auto-approve"];
    let wrong = changes_nothing(&room, at_the_vendor(&room, ("local", "hunter2-wrong"), &apply));
    assert!(!wrong.stderr.contains("hunter2"), "{wrong}");
    page.add("a wrong secret", &wrong, 1);
    page.add(
        "an unknown key",
        &changes_nothing(&room, at_the_vendor(&room, ("nobody", "nothing"), &apply)),
        1,
    );
    let mut keyless = room.bare_command(&apply);
    keyless.env("HOME", "/nowhere");
    page.add("no key", &changes_nothing(&room, keyless), 1);
    let mut named = room.bare_command(&["plan", "--access", "prod"]);
    named
        .env("HOME", "/nowhere")
        .env("ALIBABA_CLOUD_ACCESS_KEY_ID", "a")
        .env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "b");
    page.add("an alias that is none", &changes_nothing(&room, named), 1);
    page.check("keys");
    // The right key reaches it, and finds what the embedded cloud's own state knows nothing of.
    let plan = finish(at_the_vendor(&room, ("local", "local"), &["plan"]));
    plan.exits(0).says("fc3_function.hello");
}

/// What every call gets, and what a person is told.
#[test]
fn readings() {
    let mut page = Page::default();
    for (title, how) in [
        ("403", json!({"refuse": {"status": 403}})),
        ("429", json!({"refuse": {"status": 429, "retry_after": 1}})),
        ("500", json!({"refuse": {"status": 500}})),
        ("garbage", json!("garbage")),
        ("a cut connection", json!("cut")),
        ("no answer", json!("hold")),
    ] {
        page.add(title, &unreadable(&how), 1);
    }
    page.check("readings");
}

/// Applies at a cloud to which every call goes wrong, and then at the same one when it is well again.
#[track_caller]
fn unreadable(how: &Json) -> Ran {
    let room = deployed();
    room.switch(json!([{"name": "trouble", "operation": "*", "do": how}]));
    let (before, writes) = (room.kept(), room.writes());
    let mut command = room.command(&["apply", "--auto-approve", "--use-local"]);
    command.env("TRIFORM_TIMEOUT", "1");
    let ran = finish(command);
    assert!(room.kept() == before && room.writes() == writes, "something was changed: {ran}");
    room.switch(json!([]));
    room.run(&["apply", "--auto-approve"]).exits(0);
    ran
}

#[test]
fn addresses() {
    let room = deployed();
    let mut page = Page::default();
    let at = |endpoint: &str| {
        let mut command = room.command(&["apply", "--auto-approve"]);
        command.env("TRIFORM_ENDPOINT", endpoint);
        changes_nothing(&room, command)
    };
    let (_listener, address) = another_program();
    page.add("another program", &at(&format!("http://{address}")), 1);
    let nobody = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = nobody.local_addr().expect("an address");
    drop(nobody);
    page.add("nobody", &at(&format!("http://{address}")), 1);
    page.add("no address", &at("bogus://x"), 1);
    page.add("a path", &at("http://127.0.0.1:9530/2023-03-30"), 1);
    page.check("addresses");
}

/// A program that answers HTTP and is no cloud.
fn another_program() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let answering = listener.try_clone().expect("a listener");
    std::thread::spawn(move || {
        use std::io::Write;
        for stream in answering.incoming() {
            let Ok(mut stream) = stream else { return };
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi");
        }
    });
    (listener, address)
}

#[test]
fn serving() {
    let mut room = room();
    let mut page = Page::default();
    let serve = |room: &Room, listen: &str, data: &str| {
        let mut command = room.bare_command(&["cloud", "serve", "--listen", listen]);
        command.env("TRIFORM_DATA", data);
        finish(command)
    };
    let (_listener, address) = another_program();
    page.add("another program's port", &serve(&room, &address, "../data"), 1);
    let own = room.endpoint().replace("http://", "");
    page.add("another triform's port", &serve(&room, &own, "../data"), 1);
    page.add("an address for everybody", &serve(&room, "0.0.0.0:9530", "../data"), 1);
    room.write("data/cloud.redb", "somebody's shopping list");
    page.add("data that is none", &serve(&room, "127.0.0.1:0", "data"), 1);
    assert_eq!(std::fs::read(room.path("data/cloud.redb")).expect("reads"), b"somebody's shopping list");
    room.write("switches.json", "{\"rules\": [{\"do\": \"explode\"}]}");
    let mut command =
        room.bare_command(&["cloud", "serve", "--listen", "127.0.0.1:0", "--switches", "switches.json"]);
    command.env("TRIFORM_DATA", "../data");
    page.add("switches that are none", &finish(command), 1);
    page.check("serving");

    // Data that another process holds: it is said who.
    let held = serve(&room, "127.0.0.1:0", "../cloud").exits(5);
    held.says(&format!("process {}", std::process::id())).says(&own);
    room.stop_cloud();
}
