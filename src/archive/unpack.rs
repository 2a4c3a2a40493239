//! From an archive that anybody may have made to its files.
//!
//! The archive is not trusted: names may climb out of it, sizes may lie, two entries may have one name, and a
//! kilobyte may inflate to a petabyte. Whatever is not plainly a tree of files is *opaque*: no error of the
//! program, only a package that is compared as a whole. Sizes are counted while inflating, and entries that
//! share their compressed bytes are refused, so that time and memory stay within the limits.

use std::io::{Cursor, Read};

use bytes::Bytes;
use zip::read::ZipFileEntry;
use zip::{CompressionMethod, System, ZipArchive, ZipReadOptions};

use super::{BadName, File, Files, names};
use crate::model::FileKind;

/// How much an archive may hold before it is opaque.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Entries, directories included.
    pub entries: usize,
    /// Bytes of all contents together.
    pub bytes: u64,
}

impl Default for Limits {
    /// Returns limits that no package of the service comes near: 100,000 entries and 1 GiB.
    fn default() -> Self {
        Self { entries: 100_000, bytes: 1 << 30 }
    }
}

/// Why a package is no readable tree of files.
#[derive(Debug, thiserror::Error)]
pub enum Opaque {
    /// It is no zip archive, or a damaged one.
    #[error("it is not a readable zip archive ({0})")]
    NotAZip(String),
    /// An entry needs a password.
    #[error("`{0}` in it is encrypted")]
    Encrypted(String),
    /// It has more entries than the limit.
    #[error("it has {found} entries, more than {limit}")]
    TooMany {
        /// How many it has.
        found: usize,
        /// How many it may have.
        limit: usize,
    },
    /// It unpacks to more bytes than the limit.
    #[error("it unpacks to more than {0} bytes")]
    TooLarge(u64),
    /// Entries overlap, as no packer would write them.
    #[error("its entries overlap")]
    Overlapping,
    /// Two entries are one file.
    #[error("two entries in it have one name")]
    Duplicate,
    /// A file stands where another needs a directory.
    #[error("`{file}` in it is a file, and a directory of `{inside}` as well")]
    Clash {
        /// The file.
        file: String,
        /// What is inside it.
        inside: String,
    },
    /// An entry's name cannot be a file of a package.
    #[error("the name `{name}` in it {why}")]
    Name {
        /// The name, as far as it is text.
        name: String,
        /// What is wrong with it.
        why: BadName,
    },
    /// An entry is compressed in a way that is not supported.
    #[error("`{name}` in it is compressed by {method}, which is not supported")]
    Method {
        /// The entry.
        name: String,
        /// The method's name or number.
        method: String,
    },
    /// An entry is neither a file nor a link nor a directory.
    #[error("`{0}` in it is a device, a pipe or a socket")]
    Special(String),
    /// A link has no usable target.
    #[error("the link `{0}` in it has no usable target")]
    Link(String),
    /// An entry's content is damaged.
    #[error("`{name}` in it is damaged ({why})")]
    Damaged {
        /// The entry.
        name: String,
        /// What the reader said.
        why: String,
    },
}

/// Returns the files of an archive, or why they cannot be told.
pub fn unpack(archive: &[u8], limits: &Limits) -> Result<Files, Opaque> {
    let far_too_many = limits.entries.saturating_mul(10);
    // An entry takes at least 46 bytes, so that most archives need not be searched.
    if archive.len() / 46 > far_too_many {
        let found = signatures(archive);
        if found > far_too_many {
            return Err(Opaque::TooMany { found, limit: limits.entries });
        }
    }
    let directory =
        ZipArchive::new(Cursor::new(archive)).map_err(|error| Opaque::NotAZip(error.to_string()))?;
    if directory.len() > limits.entries {
        return Err(Opaque::TooMany { found: directory.len(), limit: limits.entries });
    }
    if directory.has_duplicate_names() {
        return Err(Opaque::Duplicate);
    }
    let mut files = Files::new();
    let mut packed_left = archive.len() as u64;
    let mut bytes_left = limits.bytes;
    for index in 0..directory.len() {
        let entry = directory.by_index_data(index).map_err(|error| Opaque::NotAZip(error.to_string()))?;
        let Some((path, kind, modeless)) = describe(&entry)? else { continue };
        packed_left = packed_left.checked_sub(entry.compressed_size()).ok_or(Opaque::Overlapping)?;
        let content = inflate(entry, archive, bytes_left).map_err(|problem| match problem {
            Inflate::TooLarge => Opaque::TooLarge(limits.bytes),
            Inflate::Damaged(why) => Opaque::Damaged { name: path.clone(), why },
        })?;
        bytes_left -= content.len() as u64;
        if kind == FileKind::Symlink && names::link_target(&content).is_none() {
            return Err(Opaque::Link(path));
        }
        if files.insert(path, File { kind, content, modeless }).is_some() {
            return Err(Opaque::Duplicate);
        }
    }
    match names::clash(&files) {
        Some((file, inside)) => Err(Opaque::Clash { file: file.to_owned(), inside: inside.to_owned() }),
        None => Ok(files),
    }
}

/// Returns how often an entry may start in the archive. The reader allocates for what the directory claims
/// before it can be asked how much that is, so a claim far beyond the limit is refused first. Archives inside
/// the archive count too, which is why only ten times the limit is too many.
fn signatures(archive: &[u8]) -> usize {
    archive.windows(4).filter(|bytes| bytes == b"PK\x01\x02").count()
}

/// Returns path, kind and whether the kind is a guess; nothing for a directory.
fn describe(entry: &ZipFileEntry<'_>) -> Result<Option<(String, FileKind, bool)>, Opaque> {
    let raw = entry.name_raw();
    let shown = || String::from_utf8_lossy(raw).into_owned();
    let unix = matches!(entry.system(), System::Unix | System::OsDarwin);
    let mode = if unix { entry.external_attributes() >> 16 } else { 0 };
    let modeless = mode == 0;
    let slash_last = raw.ends_with(b"/") || (modeless && raw.ends_with(b"\\"));
    let kind = match mode & 0o170_000 {
        _ if slash_last => return Ok(None),
        0o040_000 => return Ok(None),
        // A mode may leave its type out; a file is meant then.
        0 | 0o100_000 if mode & 0o111 == 0 => FileKind::Regular,
        0 | 0o100_000 => FileKind::Executable,
        0o120_000 => FileKind::Symlink,
        _ => return Err(Opaque::Special(shown())),
    };
    let path = names::plain(raw, modeless).map_err(|why| Opaque::Name { name: shown(), why })?;
    if entry.encrypted() {
        return Err(Opaque::Encrypted(path));
    }
    if !matches!(entry.compression(), CompressionMethod::Stored | CompressionMethod::Deflated) {
        return Err(Opaque::Method { name: path, method: entry.compression().to_string() });
    }
    Ok(Some((path, kind, modeless)))
}

enum Inflate {
    TooLarge,
    Damaged(String),
}

fn inflate(entry: ZipFileEntry<'_>, archive: &[u8], most: u64) -> Result<Bytes, Inflate> {
    let mut reader = Cursor::new(archive);
    let mut content = Vec::new();
    // One byte more than allowed tells "just fits" from "too large"; the size in the entry is never believed.
    entry
        .with_reader(&mut reader, ZipReadOptions::new())
        .map_err(|error| Inflate::Damaged(error.to_string()))?
        .take(most.saturating_add(1))
        .read_to_end(&mut content)
        .map_err(|error| Inflate::Damaged(error.to_string()))?;
    if content.len() as u64 > most { Err(Inflate::TooLarge) } else { Ok(content.into()) }
}
