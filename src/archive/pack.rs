//! From files to an archive, the same bytes on every machine.
//!
//! Nothing that depends on when or where a file was made goes in: entries are sorted by path, every time is
//! the first that a zip can say, modes are 0644, 0755 or a link's, directories are left out, and the deflater
//! and its level are fixed with the program. A file whose mode nobody knows is written without one, so that
//! the service treats it as it treated the archive that it came from.

use std::io::{Cursor, Write};

use bytes::Bytes;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipWriter};

use super::{BadName, File, Files, names};
use crate::model::FileKind;

/// The level of deflate; changing it changes every package's bytes, though no package's tree.
const LEVEL: i64 = 6;

/// Why files cannot be an archive.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// A path that cannot be unpacked again.
    #[error("could not pack `{path}`: its name {why}")]
    Name {
        /// The path.
        path: String,
        /// What is wrong with it.
        why: BadName,
    },
    /// Two paths that exclude each other.
    #[error("could not pack `{inside}`: `{file}` is a file, and cannot be a directory as well")]
    Clash {
        /// The file that would have to be a directory.
        file: String,
        /// The file inside it.
        inside: String,
    },
    /// A link without a usable target.
    #[error("could not pack the link `{path}`: its target is empty, too long, or not UTF-8")]
    Link {
        /// The link.
        path: String,
    },
    /// The archive would be larger than the format can say.
    #[error("could not write the archive")]
    Zip(#[from] zip::result::ZipError),
}

/// Returns the archive of some files. The result depends on nothing but them.
pub fn pack(files: &Files) -> Result<Bytes, PackError> {
    if let Some((file, inside)) = names::clash(files) {
        return Err(PackError::Clash { file: file.to_owned(), inside: inside.to_owned() });
    }
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, file) in files.iter() {
        names::check(path, file.modeless).map_err(|why| PackError::Name { path: path.to_owned(), why })?;
        if file.kind == FileKind::Symlink && names::link_target(&file.content).is_none() {
            return Err(PackError::Link { path: path.to_owned() });
        }
        writer.start_file(path, options(file))?;
        writer.write_all(&file.content).map_err(zip::result::ZipError::from)?;
    }
    Ok(writer.finish()?.into_inner().into())
}

fn options(file: &File) -> SimpleFileOptions {
    let (system, mode) = match (file.modeless, file.kind) {
        (_, FileKind::Symlink) => (System::Unix, 0o120_777),
        (true, _) => (System::Dos, 0),
        (false, FileKind::Executable) => (System::Unix, 0o100_755),
        (false, FileKind::Regular) => (System::Unix, 0o100_644),
    };
    let method = match file.kind {
        FileKind::Symlink => CompressionMethod::Stored,
        _ if file.content.is_empty() => CompressionMethod::Stored,
        _ => CompressionMethod::Deflated,
    };
    SimpleFileOptions::default()
        .system(system)
        .external_attributes(mode << 16)
        .last_modified_time(DateTime::DEFAULT)
        .compression_method(method)
        .compression_level((method == CompressionMethod::Deflated).then_some(LEVEL))
        .large_file(u32::try_from(file.content.len()).is_err())
}
