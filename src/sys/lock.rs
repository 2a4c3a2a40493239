//! A lock that dies with its process.
//!
//! The operating system holds it, not the file's presence: a process that is killed leaves a file behind and no
//! lock. Inside the file stands who holds it, for whoever waits. The file is never removed, since a lock on a
//! removed file keeps nobody out.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::files::{FileError, PRIVATE, failed};

/// Who holds a lock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// `user@host`.
    pub who: String,
    /// The process.
    pub pid: u32,
    /// What it is doing, such as `apply`.
    pub command: String,
    /// Since when.
    pub since: Timestamp,
}

impl Holder {
    /// Returns this process, doing `command` since now.
    pub fn this_process(command: impl Into<String>, now: Timestamp) -> Self {
        let user = ["USER", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok());
        let user = user.unwrap_or_else(|| rustix::process::geteuid().as_raw().to_string());
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        Self { who: format!("{user}@{host}"), pid: std::process::id(), command: command.into(), since: now }
    }
}

/// What came of trying to take a lock.
#[derive(Debug)]
pub enum Attempt {
    /// It is ours until the value is dropped.
    Acquired(FileLock),
    /// Somebody holds it; who, unless they have not written it yet.
    Held(Option<Holder>),
}

/// A held lock; dropping it releases it.
#[derive(Debug)]
pub struct FileLock {
    file: File,
}

impl FileLock {
    /// Takes the lock of a file, which is made where it is missing, or says who holds it. Never waits.
    pub fn try_acquire(path: &Path, holder: &Holder) -> Result<Attempt, FileError> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(PRIVATE)
            .open(path)
            .map_err(failed("open the lock", path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(Attempt::Held(Self::holder(path)?)),
            Err(TryLockError::Error(error)) => return Err(failed("lock", path)(error)),
        }
        let mut lock = Self { file };
        lock.write(holder).map_err(failed("write the lock", path))?;
        Ok(Attempt::Acquired(lock))
    }

    /// Returns whether nobody holds the lock, without leaving a trace.
    pub fn is_free(path: &Path) -> Result<bool, FileError> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(true),
            Err(error) => return Err(failed("open the lock", path)(error)),
        };
        match file.try_lock_shared() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) => Err(failed("lock", path)(error)),
        }
    }

    /// Returns who is written in a lock's file. Says nothing of whether it is held: that takes an attempt.
    pub fn holder(path: &Path) -> Result<Option<Holder>, FileError> {
        let line = super::files::read_if_exists(path)?.unwrap_or_default();
        Ok(serde_json::from_slice(&line).ok())
    }

    fn write(&mut self, holder: &Holder) -> std::io::Result<()> {
        let mut line = serde_json::to_vec(holder)?;
        line.push(b'\n');
        self.file.set_len(0)?;
        self.file.rewind()?;
        self.file.write_all(&line)
    }
}

impl Drop for FileLock {
    /// Empties the file first, so that nobody reads of a holder who has left; then releases it at once. Closing the
    /// file would not, where another thread starts a process at that moment: until it becomes another program, the
    /// child has the same file open, and with it the lock.
    fn drop(&mut self) {
        let _ = self.file.set_len(0);
        let _ = self.file.unlock();
    }
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};
    use std::time::Duration;

    use super::*;

    fn me() -> Holder {
        Holder::this_process("apply", "2026-01-02T03:04:05Z".parse().expect("a time"))
    }

    #[track_caller]
    fn acquire(path: &Path) -> FileLock {
        match FileLock::try_acquire(path, &me()).expect("no error") {
            Attempt::Acquired(lock) => lock,
            Attempt::Held(by) => panic!("held by {by:?}"),
        }
    }

    #[test]
    fn a_second_taker_learns_who_was_first() {
        let home = tempfile::tempdir().expect("a folder");
        let path = home.path().join("lock");
        let lock = acquire(&path);
        match FileLock::try_acquire(&path, &me()).expect("no error") {
            Attempt::Held(Some(holder)) => {
                assert_eq!(holder, me());
                assert!(holder.who.contains('@') && holder.pid == std::process::id(), "{holder:?}");
            }
            other => panic!("{other:?}"),
        }
        drop(lock);
        assert_eq!(FileLock::holder(&path).expect("read"), None);
        acquire(&path);
    }

    #[test]
    fn a_lock_dies_with_its_process() {
        let home = tempfile::tempdir().expect("a folder");
        let path = home.path().join("lock");
        let script = r#"exec 9>"$0" && flock 9 && echo '{"who":"a@b","pid":1,"command":"apply","since":"2026-01-02T03:04:05Z"}' >&9 && exec sleep 100"#;
        let mut other =
            Command::new("sh").args(["-c", script]).arg(&path).stdin(Stdio::null()).spawn().expect("a shell");
        while FileLock::holder(&path).expect("read").is_none() {
            std::thread::sleep(Duration::from_millis(5));
        }
        match FileLock::try_acquire(&path, &me()).expect("no error") {
            Attempt::Held(Some(holder)) => assert_eq!(holder.who, "a@b"),
            other => panic!("{other:?}"),
        }
        other.kill().expect("killed");
        other.wait().expect("gone");
        assert!(FileLock::holder(&path).expect("read").is_some(), "its line is still there");
        acquire(&path);
    }
}
