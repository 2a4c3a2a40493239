//! The last lines that functions wrote, kept in memory.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use tokio::sync::watch;

/// How many lines of one function are kept.
const LINES: usize = 1000;

/// How long one line may be, as in the service; what is over is cut.
const LINE_BYTES: usize = 32 << 10;

/// Recent lines by region and function.
#[derive(Debug, Default)]
pub struct Logs {
    lines: Mutex<BTreeMap<(String, String), VecDeque<String>>>,
    /// Moves with everything that is written.
    written: watch::Sender<u64>,
}

impl Logs {
    /// Keeps what a call wrote.
    pub fn add(&self, region: &str, function: &str, text: &str) {
        if text.is_empty() {
            return;
        }
        let mut logs = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let lines = logs.entry((region.to_owned(), function.to_owned())).or_default();
        for line in text.lines() {
            if lines.len() == LINES {
                lines.pop_front();
            }
            lines.push_back(line[..line.floor_char_boundary(LINE_BYTES)].to_owned());
        }
        drop(logs);
        self.written.send_modify(|number| *number += 1);
    }

    /// Tells when something is written.
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.written.subscribe()
    }

    /// How often something was written.
    pub fn written(&self) -> u64 {
        *self.written.borrow()
    }

    /// The lines of one function, oldest first.
    pub fn of(&self, region: &str, function: &str) -> Vec<String> {
        let logs = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (region.to_owned(), function.to_owned());
        logs.get(&key).into_iter().flatten().cloned().collect()
    }

    /// Forgets a function that is gone.
    pub fn forget(&self, region: &str, function: &str) {
        let mut logs = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        logs.remove(&(region.to_owned(), function.to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_lines_go_and_long_ones_are_cut_between_characters() {
        let logs = Logs::default();
        for number in 0..=LINES {
            logs.add("r", "f", &format!("{number}\n"));
        }
        assert_eq!(logs.of("r", "f").first().map(String::as_str), Some("1"));
        logs.add("r", "g", &"函".repeat(LINE_BYTES));
        assert_eq!(logs.of("r", "g")[0].len(), LINE_BYTES / 3 * 3);
        assert!(logs.of("other", "f").is_empty());
    }
}
