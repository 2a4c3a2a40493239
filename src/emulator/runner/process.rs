//! One child process with everything that it starts.
//!
//! A function's program may start others, ignore signals and outlive its parent. Each therefore leads its own process
//! group, and a tiny shell beside it, in the same group, waits for the end of a pipe that only this process holds open:
//! the *lifeline*. However we end, `kill -9` included, the pipe ends with us and the group is killed. The same shell
//! outlives the program, so that the group's number cannot be given to strangers before we have used it.
//!
//! Its output, stdout and stderr in true order, goes to a [`LogBook`]. What it needs to talk with us besides (built-in
//! runtimes only) is a socket on file descriptor 3.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream as StdUnixStream;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::AsyncReadExt as _;
use tokio::net::UnixStream;
use tokio::net::unix::pipe;
use tokio::process::{Child, Command};
use tokio::sync::watch;

use super::log_book::LogBook;

/// Moves the lifeline from descriptor 2 to 4 and the socket from 0 to 3, leaves the watcher behind, becomes the program.
const WITH_CHANNEL: &str = "exec 3<&0 4<&2 0</dev/null 2>&1
( ( trap '' TERM; read -r _ <&4; kill -9 0 ) >/dev/null 2>&1 3<&- & )
exec 4<&-
exec \"$@\"";

/// The same without a socket.
const WITHOUT_CHANNEL: &str = "exec 4<&2 2>&1
( ( trap '' TERM; read -r _ <&4; kill -9 0 ) >/dev/null 2>&1 & )
exec 4<&-
exec \"$@\"";

/// A running program and its whole process group, which ends when this is dropped.
#[derive(Debug)]
pub(super) struct Process {
    group: Arc<Group>,
    exit: watch::Receiver<Option<ExitStatus>>,
    log: LogBook,
    _lifeline: io::PipeWriter,
}

/// What to start, and where.
pub(super) struct Launch<'a> {
    /// Program and arguments.
    pub(super) argv: &'a [OsString],
    /// The working directory.
    pub(super) folder: &'a Path,
    /// All of the program's environment.
    pub(super) environment: &'a BTreeMap<String, OsString>,
}

impl Process {
    /// Starts a program that talks with us over the socket returned.
    pub(super) fn with_channel(launch: &Launch<'_>) -> io::Result<(Self, UnixStream)> {
        let (ours, theirs) = StdUnixStream::pair()?;
        ours.set_nonblocking(true)?;
        let process = Self::start(launch, WITH_CHANNEL, Stdio::from(OwnedFd::from(theirs)))?;
        Ok((process, UnixStream::from_std(ours)?))
    }

    /// Starts a program that is left to itself.
    pub(super) fn without_channel(launch: &Launch<'_>) -> io::Result<Self> {
        Self::start(launch, WITHOUT_CHANNEL, Stdio::null())
    }

    fn start(launch: &Launch<'_>, script: &str, stdin: Stdio) -> io::Result<Self> {
        let (lifeline_end, lifeline) = io::pipe()?;
        let (output, output_end) = io::pipe()?;
        let mut child = Command::new("/bin/sh")
            .args(["-c", script, "sh"])
            .args(launch.argv)
            .current_dir(launch.folder)
            .env_clear()
            .envs(launch.environment)
            .stdin(stdin)
            .stdout(output_end)
            .stderr(lifeline_end)
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        let pid = child
            .id()
            .and_then(|id| Pid::from_raw(id.cast_signed()))
            .ok_or_else(|| io::Error::other("the process ended while it was started"))?;
        let group = Arc::new(Group { pid, killed: AtomicBool::new(false) });

        let log = LogBook::default();
        let receiver = pipe::Receiver::from_owned_fd(OwnedFd::from(output))?;
        tokio::spawn(copy_output(receiver, log.clone()));

        let (exited, exit) = watch::channel(None);
        let leader = Arc::clone(&group);
        tokio::spawn(async move {
            let status = reap(&mut child).await;
            leader.kill();
            let _ = exited.send(Some(status));
        });
        Ok(Self { group, exit, log, _lifeline: lifeline })
    }

    /// Everything it wrote.
    pub(super) fn log(&self) -> &LogBook {
        &self.log
    }

    /// The number of its process group, which is that of its first process.
    pub(super) fn group(&self) -> Pid {
        self.group.pid
    }

    /// Waits for the first process to end, however that comes about.
    pub(super) async fn exited(&self) -> ExitStatus {
        let mut exit = self.exit.clone();
        match exit.wait_for(Option::is_some).await {
            Ok(status) => status.unwrap_or_default(),
            Err(_) => ExitStatus::default(), // the runtime that reaps it is gone, and so is the process
        }
    }

    /// Whether the first process ended.
    pub(super) fn is_over(&self) -> bool {
        self.exit.borrow().is_some()
    }

    /// Ends the whole group now and waits until its first process is gone.
    pub(super) async fn kill(&self) {
        self.group.kill();
        self.exited().await;
    }

    /// The most memory that the first process ever held, in MB; 0 where the system does not say.
    pub(super) fn peak_memory_mb(&self) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.group.pid.as_raw_nonzero()));
        status.map_or(0.0, |status| peak_memory_mb(&status))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.group.kill();
    }
}

#[derive(Debug)]
struct Group {
    pid: Pid,
    killed: AtomicBool,
}

impl Group {
    /// At most once: after that the number may belong to somebody else.
    fn kill(&self) {
        if !self.killed.swap(true, Ordering::SeqCst) {
            let _ = kill_process_group(self.pid, Signal::KILL);
        }
    }
}

async fn reap(child: &mut Child) -> ExitStatus {
    child.wait().await.unwrap_or_default()
}

async fn copy_output(mut output: pipe::Receiver, log: LogBook) {
    let mut chunk = vec![0; 16 * 1024];
    loop {
        match output.read(&mut chunk).await {
            Ok(0) | Err(_) => break,
            Ok(count) => log.append(&chunk[..count]),
        }
    }
    log.close();
}

/// Reads `VmHWM` of a `/proc/{pid}/status`.
fn peak_memory_mb(status: &str) -> f64 {
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|rest| rest.split_whitespace().next())
        .and_then(|kilobytes| kilobytes.parse::<f64>().ok())
        .map_or(0.0, |kilobytes| (kilobytes / 1024.0 * 100.0).round() / 100.0)
}

#[cfg(test)]
mod tests {
    use super::peak_memory_mb;

    #[test]
    fn peak_memory_is_read_in_megabytes() {
        assert!((peak_memory_mb("Name:\tx\nVmHWM:\t    9421 kB\nVmRSS:\t 1 kB\n") - 9.2).abs() < 1e-9);
        assert!(peak_memory_mb("Name:\tx\n").abs() < 1e-9);
    }
}
