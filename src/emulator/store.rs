//! Keeps the cloud's resources and packages over restarts and crashes.
//!
//! One `redb` database in the data folder: resources as JSON documents under ordered text keys, packages
//! under their SHA-256 with a count of their users, so that a package goes when its last user goes. Every
//! accepted change is one write transaction, durable before it is answered; a refused one leaves no trace.
//! redb's own lock keeps a second process out. The database says which program wrote it and in which
//! format, and one that is foreign or newer is refused untouched.

use std::fs;
use std::io;
use std::ops::ControlFlow;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use redb::{
    Database, DatabaseError, ReadOnlyTable, ReadableDatabase, ReadableTable, StorageError, Table,
    TableDefinition, TableError,
};

use super::error::ApiError;
use super::signature::sha256_hex;
use super::world::Document;

/// The format this program writes; the only one so far.
const FORMAT: u64 = 1;

/// Who wrote a database, so that a foreign one is told from ours.
const PRODUCT: &str = "triform-embedded-cloud";

const RESOURCES: TableDefinition<&str, &[u8]> = TableDefinition::new("resources");
const PACKAGES: TableDefinition<&str, &[u8]> = TableDefinition::new("packages");
const PACKAGE_USERS: TableDefinition<&str, u64> = TableDefinition::new("package-users");
/// What was changed by whom, by number. Data of earlier programs has none.
const ACTIVITY: TableDefinition<u64, &[u8]> = TableDefinition::new("activity");
const NUMBERS: TableDefinition<&str, u64> = TableDefinition::new("numbers");
const ABOUT: TableDefinition<&str, &str> = TableDefinition::new("about");

/// The file in which the process that holds the data says who it is. Only for people: redb's lock decides.
const HOLDER: &str = "holder.txt";

/// Small: what is read often is small, and the program must stay so too.
const CACHE_BYTES: usize = 32 << 20;

/// Why the data could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process holds the database.
    #[error("the embedded cloud's data in `{path}` is held by {holder}; one process at a time may open it")]
    Held {
        /// The data folder.
        path: PathBuf,
        /// Which process, since when, and where it listens, as far as it said.
        holder: String,
    },
    /// The folder or file could not be made, read or written.
    #[error("could not open the embedded cloud's data in `{path}`")]
    Unreadable {
        /// The data folder.
        path: PathBuf,
        /// What the system or the database said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// There is a file, but not one of ours.
    #[error(
        "`{path}` cannot be read as the data of triform's embedded cloud: it is damaged, or another program's; it was left as it is, choose another folder with --data"
    )]
    Foreign {
        /// The database file.
        path: PathBuf,
    },
    /// A newer triform wrote it.
    #[error("the data in `{path}` has format {found}, newer than {supported}, the newest this triform reads")]
    Newer {
        /// The data folder.
        path: PathBuf,
        /// The format it has.
        found: u64,
        /// The newest format known.
        supported: u64,
    },
}

/// The database failed while in use.
#[derive(Debug, thiserror::Error)]
#[error("the database failed")]
pub struct StoreError(#[from] redb::Error);

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self::internal(format_args!("{error}: {}", error.0))
    }
}

/// Makes the database's many error types one.
fn failed(error: impl Into<redb::Error>) -> StoreError {
    StoreError(error.into())
}

/// The open database.
pub struct Store {
    database: Database,
    /// Where it is, whatever folder a process works in.
    folder: PathBuf,
}

impl Store {
    /// Returns the folder of the data.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Opens the data in `folder`, making both when there is none.
    pub fn open(folder: &Path) -> Result<Self, OpenError> {
        let unreadable = |source: Box<dyn std::error::Error + Send + Sync>| OpenError::Unreadable {
            path: folder.to_owned(),
            source,
        };
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(|error| unreadable(error.into()))?;
        let file = folder.join("cloud.redb");
        let database =
            Database::builder().set_cache_size(CACHE_BYTES).create(&file).map_err(|error| match error {
                DatabaseError::DatabaseAlreadyOpen => OpenError::Held {
                    path: folder.to_owned(),
                    holder: fs::read_to_string(folder.join(HOLDER))
                        .map_or_else(|_| "another process".to_owned(), |holder| holder.trim().to_owned()),
                },
                DatabaseError::Storage(StorageError::Corrupted(_)) | DatabaseError::UpgradeRequired(_) => {
                    OpenError::Foreign { path: file.clone() }
                }
                DatabaseError::Storage(StorageError::Io(ref io))
                    if io.kind() == io::ErrorKind::InvalidData =>
                {
                    OpenError::Foreign { path: file.clone() }
                }
                other => unreadable(other.into()),
            })?;
        // The database holds what people keep in environment variables.
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600))
            .map_err(|error| unreadable(error.into()))?;
        let canonical = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
        let store = Self { database, folder: canonical };
        match store.introduce().map_err(|error| unreadable(error.into()))? {
            Introduction::Ours => Ok(store),
            Introduction::Foreign => Err(OpenError::Foreign { path: file }),
            Introduction::Newer(found) => {
                Err(OpenError::Newer { path: folder.to_owned(), found, supported: FORMAT })
            }
        }
    }

    /// Tells whoever finds the data held who holds it. That it cannot be told is no reason not to start.
    pub fn sign(folder: &Path, holder: &str) {
        let _ = fs::write(folder.join(HOLDER), format!("{holder}\n"));
    }

    /// Reads who wrote the database; signs a new one.
    fn introduce(&self) -> Result<Introduction, StoreError> {
        let read = self.database.begin_read().map_err(failed)?;
        match read.open_table(ABOUT) {
            Ok(about) => {
                if about.get("product").map_err(failed)?.is_none_or(|name| name.value() != PRODUCT) {
                    return Ok(Introduction::Foreign);
                }
                let format = read
                    .open_table(NUMBERS)
                    .map_err(failed)?
                    .get("format")
                    .map_err(failed)?
                    .map_or(0, |number| number.value());
                return Ok(match format {
                    FORMAT => Introduction::Ours,
                    newer => Introduction::Newer(newer),
                });
            }
            Err(TableError::TableDoesNotExist(_)) => {}
            Err(TableError::Storage(error)) => return Err(failed(error)),
            Err(_) => return Ok(Introduction::Foreign),
        }
        if read.list_tables().map_err(failed)?.next().is_some() {
            return Ok(Introduction::Foreign);
        }
        let write = self.database.begin_write().map_err(failed)?;
        {
            write.open_table(ABOUT).map_err(failed)?.insert("product", PRODUCT).map_err(failed)?;
            write.open_table(NUMBERS).map_err(failed)?.insert("format", FORMAT).map_err(failed)?;
            write.open_table(RESOURCES).map_err(failed)?;
            write.open_table(PACKAGES).map_err(failed)?;
            write.open_table(PACKAGE_USERS).map_err(failed)?;
        }
        write.commit().map_err(failed)?;
        Ok(Introduction::Ours)
    }

    /// A view of the data as of now.
    pub fn reader(&self) -> Result<Reader, StoreError> {
        let read = self.database.begin_read().map_err(failed)?;
        Ok(Reader {
            resources: read.open_table(RESOURCES).map_err(failed)?,
            packages: read.open_table(PACKAGES).map_err(failed)?,
        })
    }

    /// Runs `work` in one transaction: durable when it returns `Ok`, without a trace when it does not.
    pub fn change<T>(
        &self,
        work: impl FnOnce(&mut Writer<'_>) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let write = self.database.begin_write().map_err(failed)?;
        let outcome = {
            let mut writer = Writer {
                resources: write.open_table(RESOURCES).map_err(failed)?,
                packages: write.open_table(PACKAGES).map_err(failed)?,
                package_users: write.open_table(PACKAGE_USERS).map_err(failed)?,
                numbers: write.open_table(NUMBERS).map_err(failed)?,
                activity: write.open_table(ACTIVITY).map_err(failed)?,
                touched: Vec::new(),
                changed: false,
            };
            work(&mut writer).map(|value| (value, writer.changed))
        };
        match outcome {
            Ok((value, true)) => {
                write.commit().map_err(failed)?;
                Ok(value)
            }
            // Nothing was written, so nothing has to reach the disk.
            Ok((value, false)) => {
                write.abort().map_err(failed)?;
                Ok(value)
            }
            Err(refusal) => {
                write.abort().map_err(failed)?;
                Err(refusal)
            }
        }
    }
}

enum Introduction {
    Ours,
    Foreign,
    Newer(u64),
}

/// Reading, in a view or in a change.
pub trait Look {
    /// The document under `key`.
    fn get(&self, key: &str) -> Result<Option<Document>, StoreError>;

    /// Visits the documents whose keys start with `prefix`, from `from` on, in order, until told to stop.
    fn scan(
        &self,
        prefix: &str,
        from: &str,
        visit: &mut dyn FnMut(&str, Document) -> ControlFlow<()>,
    ) -> Result<(), StoreError>;

    /// The bytes of a package.
    fn package(&self, digest: &str) -> Result<Option<Bytes>, StoreError>;

    /// All documents whose keys start with `prefix`, with the rest of their keys.
    fn all(&self, prefix: &str) -> Result<Vec<(String, Document)>, StoreError> {
        let mut found = Vec::new();
        self.scan(prefix, prefix, &mut |key, document| {
            found.push((key[prefix.len()..].to_owned(), document));
            ControlFlow::Continue(())
        })?;
        Ok(found)
    }
}

/// A view of one moment.
pub struct Reader {
    resources: ReadOnlyTable<&'static str, &'static [u8]>,
    packages: ReadOnlyTable<&'static str, &'static [u8]>,
}

/// One document before and after a change.
pub struct Touched {
    /// Under which key.
    pub key: String,
    /// What was there.
    pub before: Option<Document>,
    /// What is there.
    pub after: Option<Document>,
}

/// A change in progress; it sees its own writes.
pub struct Writer<'t> {
    resources: Table<'t, &'static str, &'static [u8]>,
    packages: Table<'t, &'static str, &'static [u8]>,
    package_users: Table<'t, &'static str, u64>,
    numbers: Table<'t, &'static str, u64>,
    activity: Table<'t, u64, &'static [u8]>,
    touched: Vec<Touched>,
    changed: bool,
}

impl Writer<'_> {
    /// Stores a document under a new revision, which no other write of this database ever had.
    pub fn put(&mut self, key: &str, document: &mut Document) -> Result<(), StoreError> {
        let before = get(&self.resources, key)?;
        let revision = self.numbers.get("revision").map_err(failed)?.map_or(0, |number| number.value()) + 1;
        self.numbers.insert("revision", revision).map_err(failed)?;
        document.revision = revision;
        let bytes = serde_json::to_vec(document).expect("a document has text keys and plain values");
        self.resources.insert(key, bytes.as_slice()).map_err(failed)?;
        self.touched.push(Touched { key: key.to_owned(), before, after: Some(document.clone()) });
        self.changed = true;
        Ok(())
    }

    /// Removes what is under `key`, if anything is.
    pub fn remove(&mut self, key: &str) -> Result<(), StoreError> {
        let before = get(&self.resources, key)?;
        self.changed |= self.resources.remove(key).map_err(failed)?.is_some();
        self.touched.push(Touched { key: key.to_owned(), before, after: None });
        Ok(())
    }

    /// What was written so far.
    pub fn touched(&self) -> &[Touched] {
        &self.touched
    }

    /// Counts one more user of a package, storing its bytes with the first. Returns its digest.
    pub fn keep_package(&mut self, bytes: &[u8]) -> Result<String, StoreError> {
        let digest = sha256_hex(bytes);
        if self.share_package(&digest)? == 1 {
            self.packages.insert(digest.as_str(), bytes).map_err(failed)?;
        }
        Ok(digest)
    }

    /// Counts one more user of a package. Returns how many there are now.
    pub fn share_package(&mut self, digest: &str) -> Result<u64, StoreError> {
        let users = self.users(digest)? + 1;
        self.package_users.insert(digest, users).map_err(failed)?;
        self.changed = true;
        Ok(users)
    }

    /// Counts one user of a package less; the last one takes the bytes along.
    pub fn drop_package(&mut self, digest: &str) -> Result<(), StoreError> {
        self.changed = true;
        match self.users(digest)? {
            0 | 1 => {
                self.package_users.remove(digest).map_err(failed)?;
                self.packages.remove(digest).map_err(failed)?;
            }
            users => {
                self.package_users.insert(digest, users - 1).map_err(failed)?;
            }
        }
        Ok(())
    }

    fn users(&self, digest: &str) -> Result<u64, StoreError> {
        let users = self.package_users.get(digest).map_err(failed)?;
        Ok(users.map_or(0, |count| count.value()))
    }
}

impl Look for Reader {
    fn get(&self, key: &str) -> Result<Option<Document>, StoreError> {
        get(&self.resources, key)
    }

    fn scan(
        &self,
        prefix: &str,
        from: &str,
        visit: &mut dyn FnMut(&str, Document) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        scan(&self.resources, prefix, from, visit)
    }

    fn package(&self, digest: &str) -> Result<Option<Bytes>, StoreError> {
        package(&self.packages, digest)
    }
}

impl Look for Writer<'_> {
    fn get(&self, key: &str) -> Result<Option<Document>, StoreError> {
        get(&self.resources, key)
    }

    fn scan(
        &self,
        prefix: &str,
        from: &str,
        visit: &mut dyn FnMut(&str, Document) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        scan(&self.resources, prefix, from, visit)
    }

    fn package(&self, digest: &str) -> Result<Option<Bytes>, StoreError> {
        package(&self.packages, digest)
    }
}

fn get(
    table: &impl ReadableTable<&'static str, &'static [u8]>,
    key: &str,
) -> Result<Option<Document>, StoreError> {
    match table.get(key).map_err(failed)? {
        Some(bytes) => read_document(key, bytes.value()).map(Some),
        None => Ok(None),
    }
}

fn scan(
    table: &impl ReadableTable<&'static str, &'static [u8]>,
    prefix: &str,
    from: &str,
    visit: &mut dyn FnMut(&str, Document) -> ControlFlow<()>,
) -> Result<(), StoreError> {
    for entry in table.range(from..).map_err(failed)? {
        let (key, bytes) = entry.map_err(failed)?;
        let key = key.value();
        if !key.starts_with(prefix) || visit(key, read_document(key, bytes.value())?).is_break() {
            break;
        }
    }
    Ok(())
}

fn package(
    table: &impl ReadableTable<&'static str, &'static [u8]>,
    digest: &str,
) -> Result<Option<Bytes>, StoreError> {
    let bytes = table.get(digest).map_err(failed)?;
    Ok(bytes.map(|bytes| Bytes::copy_from_slice(bytes.value())))
}

fn read_document(key: &str, bytes: &[u8]) -> Result<Document, StoreError> {
    serde_json::from_slice(bytes).map_err(|error| {
        failed(StorageError::Corrupted(format!("the document `{key}` is unreadable: {error}")))
    })
}

mod noted;
#[cfg(test)]
mod tests;
