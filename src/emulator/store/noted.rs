//! The activity list as it is kept: entries by number, the oldest of which go.

use redb::{ReadableDatabase, ReadableTable, StorageError, TableError};

use super::{ACTIVITY, Store, StoreError, Writer, failed};
use crate::emulator::activity::{Entry, KEPT};

impl Store {
    /// The newest entries that are about a region, the newest first.
    pub fn activity(&self, region: &str, most: usize) -> Result<Vec<Entry>, StoreError> {
        let read = self.database.begin_read().map_err(failed)?;
        let table = match read.open_table(ACTIVITY) {
            Ok(table) => table,
            Err(TableError::TableDoesNotExist(_)) => return Ok(Vec::new()),
            Err(error) => return Err(failed(error)),
        };
        let mut entries = Vec::new();
        for entry in table.iter().map_err(failed)?.rev() {
            let (number, bytes) = entry.map_err(failed)?;
            let entry: Entry = serde_json::from_slice(bytes.value()).map_err(|error| {
                failed(StorageError::Corrupted(format!("entry {} is unreadable: {error}", number.value())))
            })?;
            if entry.deed.region == region {
                entries.push(entry);
            }
            if entries.len() == most {
                break;
            }
        }
        Ok(entries)
    }
}

impl Writer<'_> {
    /// Adds to the list, and lets its oldest entry go when it is long enough.
    pub fn note(&mut self, entry: &Entry) -> Result<(), StoreError> {
        let number = self.numbers.get("activity").map_err(failed)?.map_or(0, |number| number.value()) + 1;
        self.numbers.insert("activity", number).map_err(failed)?;
        let bytes = serde_json::to_vec(entry).expect("an entry is made of texts");
        self.activity.insert(number, bytes.as_slice()).map_err(failed)?;
        if let Some(old) = number.checked_sub(KEPT) {
            self.activity.remove(old).map_err(failed)?;
        }
        self.changed = true;
        Ok(())
    }
}
