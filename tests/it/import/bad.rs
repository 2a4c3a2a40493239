//! What cannot be imported: a clear error, and not a byte of anything is another one.

use serde_json::json;

use super::{APPROVED, FUNCTION, NIGHTLY, TRIGGER, deployed, fresh, with_timer};
use crate::adopt::files;
use crate::room::Room;
use crate::situations::S_YAML;

/// Demands that an import ends so, says this, and leaves everything as it was.
#[track_caller]
fn refused(room: &Room, args: &[&str], code: i32, says: &[&str]) {
    let before = (room.kept(), files(room), room.writes());
    let ran = room.run(&[&["import"], args].concat()).exits(code);
    let ran = says.iter().fold(ran, |ran, text| ran.says(text));
    assert!(before == (room.kept(), files(room), room.writes()), "something was changed: {ran}");
}

#[test]
fn a_wrong_address() {
    let room = deployed();
    for (address, says) in [
        ("fc3_function", ["is no address", "fc3_function.hello"]),
        ("fc3_function.hello:memorySize", ["is no address", "fc3_function.hello"]),
        ("fc3_function.*", ["does not declare it", "no pattern"]),
        ("fc3_function.helo", ["does not declare it", "did you mean fc3_function.hello?"]),
        ("fc3_functon.hello", ["no resource type `fc3_functon`", "did you mean fc3_function?"]),
        ("fc3_trigger[\"http\"]", ["does not declare it", "its address says what it belongs to"]),
        ("fc3_trigger.other[\"http\"]", ["belongs to fc3_function.other", "does not declare"]),
        ("fc3_function.other", ["does not declare it", "declare it in the configuration first"]),
        ("fc3_custom_domain[\"www.x.localhost\"]", ["does not declare it", "declare it"]),
    ] {
        refused(&room, &[APPROVED, address], 1, &says);
    }
    refused(&room, &[APPROVED], 1, &["<ADDRESS>"]);
    refused(&room, &[APPROVED, "--use-live", FUNCTION], 1, &["--use-live"]);
}

#[test]
fn something_that_does_not_exist() {
    let room = with_timer();
    room.write("s.yaml", &S_YAML.replace("triggerName: http\n", "triggerName: web\n"));
    refused(
        &room,
        &[APPROVED, "fc3_trigger.hello[\"web\"]"],
        1,
        &["there is no `cn-hangzhou/hello/web`", "`triform apply` creates what does not exist"],
    );
    let (typed, meant) = ("fc3_trigger.hello[\"nighty\"]", format!("did you mean {NIGHTLY}?"));
    refused(&room, &[APPROVED, typed], 1, &["there is no `cn-hangzhou/hello/nighty`", &meant]);
    refused(&room, &[APPROVED, "fc3_trigger.hello[\"x\"]"], 1, &["there is no", "triform drift"]);
    let elsewhere = Room::new(crate::situations::PROJECT);
    refused(
        &elsewhere,
        &[APPROVED, FUNCTION],
        1,
        &["there is no `cn-hangzhou/hello`", "mend its name or region"],
    );
}

#[test]
fn an_id_that_is_not_what_the_configuration_says() {
    let room = fresh();
    for id in ["other", "cn-shanghai/hello", "hello/http", ""] {
        refused(
            &room,
            &[APPROVED, FUNCTION, id],
            1,
            &[
                &format!("cannot be imported as `{id}`"),
                "the configuration says that it is `hello`",
                "cn-hangzhou/hello",
            ],
        );
    }
    refused(&room, &[APPROVED, TRIGGER, "http"], 1, &["says that it is `hello/http`"]);
    let both =
        S_YAML.to_owned() + &S_YAML[S_YAML.find("  hello:").expect("an entry")..].replace("hello", "other");
    room.write("s.yaml", &both);
    refused(&room, &[APPROVED, FUNCTION, "other"], 1, &["that is fc3_function.other"]);
}

#[test]
fn what_is_recorded_already() {
    let room = with_timer();
    refused(
        &room,
        &[APPROVED, FUNCTION],
        1,
        &["is recorded already, as `cn-hangzhou/hello`", "nothing to import"],
    );
    refused(&room, &[APPROVED, TRIGGER], 1, &["is recorded already"]);
    // Its name is another one now: what is recorded is the old one.
    room.write("s.yaml", &S_YAML.replace("functionName: hello", "functionName: renamed"));
    refused(
        &room,
        &[APPROVED, FUNCTION],
        1,
        &["as `cn-hangzhou/hello`, and the configuration says `cn-hangzhou/renamed` now", "triform state rm"],
    );
    // Its entry has another name now: the record is another address's.
    room.write("s.yaml", &S_YAML.replace("  hello:\n", "  greeter:\n"));
    refused(
        &room,
        &[APPROVED, "fc3_function.greeter"],
        1,
        &[
            "`cn-hangzhou/hello` is recorded as fc3_function.hello",
            "triform state mv 'fc3_function.hello' 'fc3_function.greeter'",
        ],
    );
}

#[test]
fn what_a_rule_gives_to_a_record() {
    let room = deployed();
    let cart = S_YAML.replace("  hello:\n", "  cart:\n").replace("functionName: hello", "functionName: cart");
    // It was made by somebody else, of whose state nothing is known here.
    room.write("s.yaml", &cart);
    let kept = room.path(".triform");
    std::fs::rename(&kept, room.path("aside")).expect("moves");
    room.run(&["apply", APPROVED]).exits(0);
    std::fs::remove_dir_all(&kept).expect("a state");
    std::fs::rename(room.path("aside"), &kept).expect("moves");
    room.write(
        "s.yaml",
        &format!("{cart}triform:\n  moved: [{{from: fc3_function.hello, to: fc3_function.cart}}]\n"),
    );
    refused(
        &room,
        &[APPROVED, "fc3_function.cart"],
        1,
        &["a `moved` rule gives this address to a record", "fc3_function.hello"],
    );
}

#[test]
fn what_nobody_can_read() {
    let room = fresh();
    room.switch(json!([{"name": "broken", "operation": "GetFunction", "do": {"refuse": {"status": 403, "code": "AccessDenied"}}}]));
    refused(&room, &[APPROVED, FUNCTION], 1, &["the cloud did not say", "Unknown is not absent"]);
}

#[test]
fn the_state_of_another_account() {
    let room = deployed();
    let state = room.path(".triform/s.local.state.json");
    let text = std::fs::read_to_string(&state).expect("a state");
    std::fs::write(&state, text.replace("\"1000000000000001\"", "\"1000000000000002\"")).expect("writes");
    refused(&room, &[APPROVED, FUNCTION], 1, &["belongs to project `greeter`", "account 1000000000000002"]);
}

#[test]
fn a_project_with_a_mistake_or_one_that_may_not_be_written() {
    use std::os::unix::fs::PermissionsExt;
    let room = with_timer();
    room.write("s.yaml", &S_YAML.replace("memorySize", "memorySise"));
    room.run(&["import", APPROVED, NIGHTLY]).says("memorySise");
    room.write("s.yaml", &S_YAML.replace("cn-hangzhou", "${vars.nothing}"));
    refused(&room, &[APPROVED, NIGHTLY], 1, &["vars.nothing", "nothing was changed"]);
    let room = with_timer();
    let set = |mode| {
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(room.path("s.yaml"), permissions).expect("is ours");
    };
    set(0o444);
    refused(&room, &[APPROVED, NIGHTLY], 1, &["is read-only", "no file was changed"]);
    set(0o644);
    super::imported(&room, &[NIGHTLY]);
}

#[test]
fn nobody_is_there_to_approve() {
    let room = with_timer();
    refused(
        &room,
        &[NIGHTLY],
        6,
        &["+ - triggerName: nightly", "nobody can be asked here", "--auto-approve"],
    );
    let room = fresh();
    refused(&room, &[FUNCTION], 6, &["The next plan finds nothing to do for it."]);
}
