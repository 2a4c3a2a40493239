//! Unpacks deployed code into folders of its own.
//!
//! A folder is named by the SHA-256 of its package, so that equal packages share one and a changed one never meets an
//! older instance. It is filled under another name and renamed when complete: a folder that exists is whole. Packages
//! come from people: names that lead out of the folder, files beneath a symlink and absurd sizes are refused. Links are
//! made last, so that nothing is ever written through one.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Cursor, Read as _};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Component, Path, PathBuf};

use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use zip::ZipArchive;

/// The unpacked size that is refused; a whole gigabyte beyond any package that the service takes.
const LARGEST: u64 = 2 * 1024 * 1024 * 1024;
/// The number of entries that is refused.
const MOST_ENTRIES: usize = 200_000;
/// How many unpacked packages are kept from earlier runs.
const KEPT: usize = 32;

/// Why a package could not be unpacked.
#[derive(Debug, thiserror::Error)]
pub(super) enum UnpackError {
    /// Not a zip archive, or a damaged one.
    #[error("the package is not a readable zip archive")]
    Zip(#[from] zip::result::ZipError),
    /// A name that leads out of the code root.
    #[error("the package holds the entry `{0}`, which lies outside of the code root")]
    Outside(String),
    /// An entry beneath a symlink of the same package.
    #[error("the package holds the entry `{0}` beneath a symbolic link")]
    BeneathLink(String),
    /// Too much.
    #[error("the package is larger than {LARGEST} bytes or {MOST_ENTRIES} entries when unpacked")]
    TooLarge,
    /// The folder could not be written.
    #[error("could not write the unpacked package to `{path}`")]
    Write {
        /// What was being written.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
}

/// The folder of all unpacked packages.
#[derive(Clone, Debug)]
pub(super) struct Packages {
    folder: PathBuf,
}

impl Packages {
    /// Takes over `folder`, creating it if need be, and forgets all but the newest packages in it.
    pub(super) fn open(folder: PathBuf) -> io::Result<Self> {
        fs::create_dir_all(&folder)?;
        let mut found = Vec::new();
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            let age = entry.metadata().and_then(|metadata| metadata.modified());
            let unfinished = entry.file_name().to_string_lossy().starts_with('.');
            found.push((unfinished, age.ok(), entry.path()));
        }
        found.sort_by(|left, right| (left.0, &right.1, &left.2).cmp(&(right.0, &left.1, &right.2)));
        for (index, (unfinished, _, path)) in found.iter().enumerate() {
            if *unfinished || index >= KEPT {
                let _ = fs::remove_dir_all(path);
            }
        }
        Ok(Self { folder })
    }

    /// Returns the folder that holds `code`, unpacking it if it is not there yet. Blocks.
    pub(super) fn unpack(&self, code: &Bytes) -> Result<PathBuf, UnpackError> {
        let name = hex::encode(Sha256::digest(code));
        let folder = self.folder.join(&name);
        if folder.is_dir() {
            return Ok(folder);
        }
        let new = self.folder.join(format!(".{name}-{}", uuid::Uuid::new_v4()));
        let result = fill(&new, code).and_then(|()| match fs::rename(&new, &folder) {
            Err(source) if !folder.is_dir() => Err(UnpackError::Write { path: folder.clone(), source }),
            _ => Ok(()), // another request may have been first
        });
        let _ = fs::remove_dir_all(&new);
        result.map(|()| folder)
    }
}

fn fill(folder: &Path, code: &Bytes) -> Result<(), UnpackError> {
    let mut archive = ZipArchive::new(Cursor::new(code))?;
    if archive.len() > MOST_ENTRIES {
        return Err(UnpackError::TooLarge);
    }
    write(folder, fs::create_dir_all(folder))?;
    let mut room = LARGEST;
    let mut names = BTreeSet::new();
    let mut links = BTreeMap::new();
    for index in 0..archive.len() {
        let entry = archive.by_index(index)?;
        let name = inside(&entry.name()?)?;
        if name.as_os_str().is_empty() {
            continue;
        }
        let path = folder.join(&name);
        names.insert(name.clone());
        if entry.is_dir() {
            write(&path, fs::create_dir_all(&path))?;
            continue;
        }
        if let Some(parent) = path.parent() {
            write(parent, fs::create_dir_all(parent))?;
        }
        let executable = entry.unix_mode().is_some_and(|mode| mode & 0o111 != 0);
        let is_link = entry.is_symlink();
        // The size that the archive declares is a claim; what comes out is counted.
        let mut content = entry.take(room + 1);
        if is_link {
            let mut target = String::new();
            write(&path, content.read_to_string(&mut target))?;
            links.insert(name, target);
            continue;
        }
        let mut file = write(&path, File::create(&path))?;
        let count = write(&path, io::copy(&mut content, &mut file))?;
        room = room.checked_sub(count).ok_or(UnpackError::TooLarge)?;
        let mode = if executable { 0o755 } else { 0o644 };
        write(&path, file.set_permissions(fs::Permissions::from_mode(mode)))?;
    }
    for name in &names {
        if name.ancestors().skip(1).any(|above| links.contains_key(above)) {
            return Err(UnpackError::BeneathLink(name.display().to_string()));
        }
    }
    for (name, target) in links {
        let path = folder.join(name);
        write(&path, symlink(target, &path))?;
    }
    Ok(())
}

/// The entry's place below the code root.
fn inside(name: &str) -> Result<PathBuf, UnpackError> {
    let mut path = PathBuf::new();
    for component in Path::new(name).components() {
        match component {
            Component::Normal(part) if !name.contains('\0') => path.push(part),
            Component::CurDir => {}
            _ => return Err(UnpackError::Outside(name.to_owned())),
        }
    }
    Ok(path)
}

fn write<T>(path: &Path, result: io::Result<T>) -> Result<T, UnpackError> {
    result.map_err(|source| UnpackError::Write { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::{Cursor, Write as _};
    use std::os::unix::fs::PermissionsExt as _;

    use bytes::Bytes;
    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::{Packages, UnpackError};

    enum Entry {
        File(&'static str, &'static str, u32),
        Link(&'static str, &'static str),
    }

    fn package(entries: &[Entry]) -> Bytes {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for entry in entries {
            match entry {
                Entry::File(name, content, mode) => {
                    zip.start_file(*name, SimpleFileOptions::default().unix_permissions(*mode))
                        .expect("entry");
                    zip.write_all(content.as_bytes()).expect("content");
                }
                Entry::Link(name, target) => {
                    zip.add_symlink(*name, *target, SimpleFileOptions::default()).expect("link");
                }
            }
        }
        Bytes::from(zip.finish().expect("archive").into_inner())
    }

    #[track_caller]
    fn refused(entries: &[Entry]) -> UnpackError {
        let folder = tempfile::tempdir().expect("folder");
        let packages = Packages::open(folder.path().join("packages")).expect("packages");
        let error = packages.unpack(&package(entries)).expect_err("refused");
        let left = fs::read_dir(folder.path().join("packages")).expect("folder").count();
        assert_eq!(left, 0, "a refused package leaves nothing behind");
        error
    }

    #[test]
    fn files_modes_and_links_are_restored() {
        let folder = tempfile::tempdir().expect("folder");
        let packages = Packages::open(folder.path().to_owned()).expect("packages");
        let code = package(&[
            Entry::File("bootstrap", "#!/bin/sh", 0o755),
            Entry::File("lib/a.py", "x = 1", 0o600),
            Entry::Link("b.py", "lib/a.py"),
        ]);
        let root = packages.unpack(&code).expect("unpacked");
        let mode = |name: &str| fs::metadata(root.join(name)).expect("file").permissions().mode() & 0o777;
        assert_eq!((mode("bootstrap"), mode("lib/a.py")), (0o755, 0o644));
        assert_eq!(fs::read_link(root.join("b.py")).expect("link").to_str(), Some("lib/a.py"));
        assert_eq!(fs::read_to_string(root.join("b.py")).expect("file"), "x = 1");
        assert_eq!(packages.unpack(&code).expect("again"), root);
    }

    #[test]
    fn entries_that_escape_are_refused() {
        assert!(matches!(refused(&[Entry::File("../x", "", 0o644)]), UnpackError::Outside(_)));
        assert!(matches!(refused(&[Entry::File("a/../../x", "", 0o644)]), UnpackError::Outside(_)));
        assert!(matches!(refused(&[Entry::File("/etc/x", "", 0o644)]), UnpackError::Outside(_)));
        let through = [Entry::Link("out", "/tmp"), Entry::Link("out/x", "y")];
        assert!(matches!(refused(&through), UnpackError::BeneathLink(_) | UnpackError::Write { .. }));
    }

    #[test]
    fn what_is_no_archive_is_said_to_be_none() {
        let folder = tempfile::tempdir().expect("folder");
        let packages = Packages::open(folder.path().to_owned()).expect("packages");
        let error = packages.unpack(&Bytes::from_static(b"print('hello')")).expect_err("refused");
        assert!(matches!(error, UnpackError::Zip(_)));
    }
}
