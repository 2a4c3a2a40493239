//! Whether a listening port belongs to a process group.
//!
//! Two programs that insist on one port start at the same moment; one gets it, and a connection succeeds for both. Only
//! the system knows whose it is. Linux says so in `/proc`: which socket listens on the port, and who holds that socket.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use rustix::process::Pid;

/// The state of a listening socket in `/proc/net/tcp`.
const LISTENING: &str = "0A";

/// Whether a process of `group` listens on `port`; `None` where the system does not say.
pub(super) fn listens(group: Pid, port: u16) -> Option<bool> {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(|path| fs::read_to_string(path).unwrap_or_default());
    if tables.iter().all(String::is_empty) {
        return None;
    }
    let sockets: BTreeSet<String> = tables.iter().flat_map(|table| listeners(table, port)).collect();
    if sockets.is_empty() {
        return Some(false);
    }
    let processes = fs::read_dir("/proc").ok()?;
    let found = processes.filter_map(Result::ok).any(|process| {
        let folder = process.path();
        fs::read_to_string(folder.join("stat"))
            .is_ok_and(|stat| group_of(&stat) == Some(group.as_raw_nonzero().get()))
            && holds_one_of(&folder, &sockets)
    });
    Some(found)
}

/// Links such as `socket:[4711]` of the sockets that listen on a port.
fn listeners(table: &str, port: u16) -> Vec<String> {
    let ending = format!(":{port:04X}");
    table
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .filter(|fields| fields.len() > 9 && fields[1].ends_with(&ending) && fields[3] == LISTENING)
        .map(|fields| format!("socket:[{}]", fields[9]))
        .collect()
}

/// The process group in a `/proc/{pid}/stat`, whose second field may hold blanks and brackets.
fn group_of(stat: &str) -> Option<i32> {
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_whitespace().nth(2)?.parse().ok()
}

fn holds_one_of(process: &Path, sockets: &BTreeSet<String>) -> bool {
    let Ok(descriptors) = fs::read_dir(process.join("fd")) else { return false };
    descriptors
        .filter_map(Result::ok)
        .filter_map(|descriptor| fs::read_link(descriptor.path()).ok())
        .any(|target| sockets.contains(target.to_string_lossy().as_ref()))
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use rustix::process::{Pid, getpgrp};

    use super::{group_of, listeners, listens};

    #[test]
    fn tables_of_the_system_are_read() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
             \x20  0: 0100007F:2328 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 100 0 0 10 0\n\
             \x20  1: 0100007F:2328 0100007F:9999 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 0 100 0 0 10 0\n";
        assert_eq!(listeners(table, 9000), ["socket:[4711]"]);
        assert!(listeners(table, 9001).is_empty());
        assert_eq!(group_of("12 (a) b) S 1 77 77 0 -1"), Some(77));
    }

    #[test]
    fn a_listener_belongs_to_its_own_group_only() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("listener");
        let port = listener.local_addr().expect("address").port();
        if let Some(ours) = listens(getpgrp(), port) {
            assert!(ours);
            assert_eq!(listens(Pid::INIT, port), Some(getpgrp() == Pid::INIT));
        }
    }
}
