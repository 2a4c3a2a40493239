//! One plan, one digest: whoever makes it, wherever, and however often.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;

use super::digest;
use crate::situations::{LOUD_UTIL, deployed};
use crate::support::{Ran, TRIFORM, World};

/// Somebody's own way to plan.
#[derive(Clone, Copy, Default)]
struct Somebody {
    umask: &'static str,
    variables: &'static [(&'static str, &'static str)],
    /// Makes the project's files from the last to the first.
    backwards: bool,
    args: &'static [&'static str],
    /// Another user, where the tests may become one.
    user: Option<u32>,
}

/// Copies a project to a place of its own, as somebody's checkout would make it, and plans there.
#[track_caller]
fn plan(world: &World, name: &str, somebody: Somebody) -> Ran {
    let Somebody { umask, variables, backwards, args, user } = somebody;
    let root = world.project().parent().expect("a folder").join(name);
    let (project, home) = (root.join("a deep/folder"), root.join("home"));
    let mut files: Vec<(PathBuf, Vec<u8>)> = world.folder().into_iter().collect();
    if backwards {
        files.reverse();
    }
    for folder in [&project, &home] {
        std::fs::create_dir_all(folder).expect("a folder");
    }
    for (path, bytes) in files {
        let path = project.join(path.strip_prefix(world.project()).expect("is in it"));
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        let mode = u32::from_str_radix(umask, 8).map(|umask| 0o666 & !umask).expect("octal");
        std::fs::write(&path, bytes).expect("writes");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("changes");
    }
    let mut command = Command::new("sh");
    let line = format!("umask {umask}; exec \"$0\" \"$@\"");
    command.args(["-c", &line, TRIFORM, "plan"]).args(args).env_clear().envs(world.environment());
    command.env("HOME", &home).envs(variables.iter().copied()).current_dir(&project);
    if let Some(user) = user.filter(|_| rustix::process::geteuid().is_root()) {
        give(&root, user);
        std::fs::set_permissions(
            world.project().parent().expect("a folder"),
            std::fs::Permissions::from_mode(0o755),
        )
        .expect("changes");
        command.uid(user).gid(user);
    }
    world.run_with(command).exits(0)
}

fn give(path: &Path, user: u32) {
    std::os::unix::fs::chown(path, Some(user), Some(user)).expect("changes hands");
    if path.is_dir() {
        for entry in std::fs::read_dir(path).expect("a folder") {
            give(&entry.expect("an entry").path(), user);
        }
    }
}

#[test]
fn whoever_plans_wherever_and_however_the_digest_is_the_same() {
    let world = World::new(crate::situations::PROJECT);
    let ways = [
        Somebody { umask: "022", ..Somebody::default() },
        Somebody {
            umask: "077",
            variables: &[("TZ", "Asia/Shanghai"), ("LC_ALL", "zh_CN.UTF-8")],
            ..Somebody::default()
        },
        Somebody {
            umask: "022",
            variables: &[("TZ", "America/Lima"), ("LC_ALL", "C"), ("COLUMNS", "200"), ("USER", "anna")],
            backwards: true,
            args: &["--timeout", "40"],
            user: Some(65534),
        },
        Somebody {
            umask: "002",
            variables: &[("TRIFORM_PARALLELISM", "1"), ("LANG", "tr_TR.UTF-8")],
            ..Somebody::default()
        },
    ];
    // Without a state, and with one, and something of everything to do.
    for story in ["first", "later"] {
        let digests: BTreeSet<String> = ways
            .iter()
            .enumerate()
            .map(|(at, somebody)| digest(&plan(&world, &format!("{story}-{at}"), *somebody)))
            .chain([digest(&world.plan(&[])), digest(&world.plan(&[]))])
            .collect();
        assert_eq!(digests.len(), 1, "{story}: {digests:?}");
        if story == "first" {
            world.apply(&[]);
            world.edit("s.yaml", "timeout: 10", "timeout: 20");
            world.write("code/util.py", LOUD_UTIL);
            world.console().update("hello", json!({"memorySize": 1024}));
        }
    }
}

#[test]
fn another_side_decision_or_byte_is_another_digest() {
    let world = deployed();
    world.edit("s.yaml", "timeout: 10", "timeout: 20");
    let mut seen = BTreeSet::new();
    let mut another = |what: &str, args: &[&str]| {
        assert!(seen.insert(digest(&world.plan(args))), "{what}: the digest is an earlier one");
    };
    another("an edit", &[]);
    world.console().update("hello", json!({"memorySize": 1024}));
    another("an edit online", &[]);
    another("a decision", &["--use-local"]);
    another("the other decision", &["--use-live"]);
    world.write("code/util.py", LOUD_UTIL);
    another("a file", &[]);
    world.write("code/util.py", &format!("{LOUD_UTIL}\n"));
    another("one byte of it", &[]);
    std::fs::set_permissions(world.path("code/util.py"), std::fs::Permissions::from_mode(0o755))
        .expect("changes");
    another("its mode", &[]);
    another("a part of it", &["--exclude=fc3_trigger.*"]);
}
