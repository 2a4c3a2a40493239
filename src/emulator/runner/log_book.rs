//! What an instance wrote, in order, and which part of it belongs to which request.
//!
//! Requests know their part by position: where the book stood when they began. Output arrives through a pipe, later
//! than the answer that followed it; whoever takes a part therefore waits for a line that must come, or for a pause.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep, timeout_at};

/// How much is kept of one instance's output; older text is dropped.
const KEPT: usize = 1024 * 1024;

/// The output of one instance. Clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct LogBook {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    pages: Mutex<Pages>,
    grew: Notify,
}

#[derive(Debug, Default)]
struct Pages {
    /// How many bytes were dropped at the front.
    dropped: usize,
    text: Vec<u8>,
    closed: bool,
}

impl LogBook {
    /// Adds output.
    pub(super) fn append(&self, output: &[u8]) {
        self.with(|pages| {
            pages.text.extend_from_slice(output);
            if pages.text.len() > 2 * KEPT {
                let surplus = pages.text.len() - KEPT;
                pages.text.drain(..surplus);
                pages.dropped += surplus;
            }
        });
        self.shared.grew.notify_waiters();
    }

    /// Says that nothing more will come.
    pub(super) fn close(&self) {
        self.with(|pages| pages.closed = true);
        self.shared.grew.notify_waiters();
    }

    /// Where the book stands now.
    pub(super) fn position(&self) -> usize {
        self.with(|pages| pages.dropped + pages.text.len())
    }

    /// Everything since `position` that is still kept.
    pub(super) fn since(&self, position: usize) -> String {
        self.with(|pages| {
            let start = position.saturating_sub(pages.dropped).min(pages.text.len());
            String::from_utf8_lossy(&pages.text[start..]).into_owned()
        })
    }

    /// Waits until `line` was written after `position`, the output ended, or `limit` passed.
    pub(super) async fn wait_for(&self, line: &str, position: usize, limit: Duration) {
        self.wait_until(limit, |pages| {
            let start = position.saturating_sub(pages.dropped).min(pages.text.len());
            contains(&pages.text[start..], line.as_bytes())
        })
        .await;
    }

    /// Waits for the end of the output, for `limit` at most.
    pub(super) async fn wait_for_end(&self, limit: Duration) {
        self.wait_until(limit, |_| false).await;
    }

    /// Waits until nothing was written for `pause`, for ten pauses at most.
    pub(super) async fn wait_for_pause(&self, pause: Duration) {
        let mut before = self.position();
        for _ in 0..10 {
            sleep(pause).await;
            let now = self.position();
            if now == before {
                return;
            }
            before = now;
        }
    }

    async fn wait_until(&self, limit: Duration, enough: impl Fn(&Pages) -> bool) {
        let deadline = Instant::now() + limit;
        loop {
            let grew = self.shared.grew.notified();
            tokio::pin!(grew);
            grew.as_mut().enable();
            if self.with(|pages| pages.closed || enough(pages)) || timeout_at(deadline, grew).await.is_err() {
                return;
            }
        }
    }

    fn with<T>(&self, read: impl FnOnce(&mut Pages) -> T) -> T {
        read(&mut self.shared.pages.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn contains(text: &[u8], wanted: &[u8]) -> bool {
    wanted.is_empty() || text.windows(wanted.len()).any(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{KEPT, LogBook};

    #[test]
    fn positions_survive_dropped_text() {
        let book = LogBook::default();
        book.append(b"early");
        book.append(&vec![b'x'; 2 * KEPT]);
        let position = book.position();
        book.append(b"late");
        assert_eq!(position, 5 + 2 * KEPT);
        assert_eq!(book.since(position), "late");
        assert!(book.since(0).len() < 2 * KEPT);
    }

    #[tokio::test(start_paused = true)]
    async fn a_line_from_before_the_request_does_not_count() {
        let book = LogBook::default();
        book.append(b"end\n");
        let position = book.position();
        let started = tokio::time::Instant::now();
        book.wait_for("end", position, Duration::from_secs(1)).await;
        assert_eq!(started.elapsed(), Duration::from_secs(1));
        book.append(b"end\n");
        book.wait_for("end", position, Duration::from_secs(1)).await;
        assert_eq!(started.elapsed(), Duration::from_secs(1));
    }
}
