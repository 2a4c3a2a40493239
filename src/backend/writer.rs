//! Appends to the journal, and says when a line is durable.
//!
//! Concurrent steps each wait for their own lines; what arrives while a flush is under way goes into the next
//! one, so that ten steps at once cost two flushes and not ten.

use std::sync::mpsc;
use std::thread::JoinHandle;

use tokio::sync::oneshot;

use crate::state::{Entry, write_entry};
use crate::sys::files::{Appender, FileError};

type Durable = oneshot::Sender<Result<(), String>>;

/// The journal of one apply.
pub struct JournalWriter {
    lines: Option<mpsc::Sender<(Vec<u8>, Durable)>>,
    thread: Option<JoinHandle<()>>,
}

impl JournalWriter {
    pub(super) fn start(appender: Appender) -> Self {
        let (lines, queue) = mpsc::channel();
        let thread = std::thread::spawn(move || write(appender, &queue));
        Self { lines: Some(lines), thread: Some(thread) }
    }

    /// Appends entries; when this returns they are durable. After one failure it fails for good.
    pub async fn append(&self, entries: &[Entry]) -> Result<(), JournalWriteError> {
        if entries.is_empty() {
            return Ok(()); // and no flush
        }
        let bytes = entries.iter().flat_map(write_entry).collect();
        let (durable, done) = oneshot::channel();
        let sent = self.lines.as_ref().is_some_and(|lines| lines.send((bytes, durable)).is_ok());
        match done.await {
            Ok(Ok(())) if sent => Ok(()),
            Ok(Err(what)) => Err(JournalWriteError(what)),
            _ => Err(JournalWriteError("its writer ended".to_owned())),
        }
    }
}

impl Drop for JournalWriter {
    fn drop(&mut self) {
        self.lines = None; // ends the loop
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The journal cannot be written: no call may be made any more.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the journal could not be written: {0}")]
pub struct JournalWriteError(String);

fn write(mut appender: Appender, queue: &mpsc::Receiver<(Vec<u8>, Durable)>) {
    let mut result = Ok(());
    while let Ok(first) = queue.recv() {
        let mut group = vec![first];
        group.extend(queue.try_iter());
        let bytes: Vec<u8> = group.iter().flat_map(|(bytes, _)| bytes).copied().collect();
        // A failure may leave half a line behind. Nothing may follow it: at the end of the file it is a line
        // that was never written, in the middle it would be damage.
        if result.is_ok() {
            result = appender.append(&bytes).and_then(|()| appender.sync()).map_err(|error| describe(&error));
        }
        for (_, durable) in group {
            let _ = durable.send(result.clone()); // whoever asked may be gone
        }
    }
}

fn describe(error: &FileError) -> String {
    format!("{error}: {}", error.source)
}
