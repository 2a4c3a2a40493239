//! Where a plan is written: what a user names is a file to be replaced, or something that other programs hold.

use std::os::unix::fs::FileTypeExt;
use std::path::Path;
use std::process::Command;

use crate::room::Room;
use crate::situations::PROJECT;

#[test]
fn a_pipe_gets_what_is_written_and_stays_a_pipe() {
    let room = Room::new(PROJECT);
    let pipe = room.path("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo runs").success());
    for (flag, begins) in [("-o", "triform-plan 1 "), ("--write-decisions", "# ")] {
        let reader = std::thread::spawn({
            let pipe = pipe.clone();
            move || std::fs::read(pipe).expect("reads")
        });
        room.run(&["plan", flag, "pipe"]).exits(0);
        let read = reader.join().expect("a reader");
        assert!(read.starts_with(begins.as_bytes()), "{flag}: {}", String::from_utf8_lossy(&read));
        assert!(is_pipe(&pipe), "{flag}: it was replaced");
    }
}

#[test]
fn a_link_stays_a_link_and_a_folder_a_folder() {
    let room = Room::new(PROJECT);
    let (link, target) = (room.path("reviewed.triform"), room.path("out.triform"));
    std::os::unix::fs::symlink("out.triform", &link).expect("links");
    for there in [false, true] {
        assert_eq!(target.exists(), there);
        room.run(&["plan", "-o", "reviewed.triform"]).exits(0);
        assert!(link.is_symlink() && !target.is_symlink());
        room.run(&["show", "out.triform"]).exits(0);
    }
    room.run(&["plan", "-o", "code"]).exits(1).says("could not write `code`: it is a folder");
    assert!(room.path("code").is_dir());
}

fn is_pipe(path: &Path) -> bool {
    std::fs::symlink_metadata(path).expect("is there").file_type().is_fifo()
}
