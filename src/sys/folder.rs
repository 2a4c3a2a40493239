//! From a project's code on disk to the files of a package.
//!
//! A folder is walked as it is, hidden files included; `.fcignore` leaves out what it names, with the semantics
//! of a `.gitignore`, at any depth. What a package cannot hold, or would hold differently on another machine,
//! is refused by name: nothing is left out silently. A file is taken as an archive and read into its files.

use std::fs::{self, FileType};
use std::io::{self, Read};
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::{Path, PathBuf};

use ignore::WalkBuilder;
use ignore::gitignore::Gitignore;

use crate::archive::{self, BadName, File, Files, LeavingLink, Limits, Opaque};
use crate::model::FileKind;

/// The file that names what stays out of a package.
const IGNORE_FILE: &str = ".fcignore";

/// The folder of triform's own files, which are never code.
const OWN_FOLDER: &str = ".triform";

/// Why a project's code cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum CodeError {
    /// There is nothing at the path.
    #[error("there is no code at `{}`", .0.display())]
    Missing(PathBuf),
    /// The folder has no file in it.
    #[error("the code folder `{}` is empty", .0.display())]
    Empty(PathBuf),
    /// The folder has files, and its ignore file names them all.
    #[error("every file of the code folder `{}` is left out by its `.fcignore`", .0.display())]
    AllIgnored(PathBuf),
    /// Something could not be read.
    #[error("could not read `{}`", path.display())]
    Read {
        /// What.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// A line of an ignore file is no pattern.
    #[error("a pattern of `.fcignore` is wrong: {0}")]
    Ignore(String),
    /// A device, a pipe or a socket.
    #[error("`{}` is a {what}, which a package cannot hold", path.display())]
    Special {
        /// Where it is.
        path: PathBuf,
        /// What it is.
        what: &'static str,
    },
    /// A name that a package cannot hold.
    #[error("the name of `{}` {why}", path.display())]
    Name {
        /// Where it is, as far as it is text.
        path: PathBuf,
        /// What is wrong with it.
        why: BadName,
    },
    /// A link whose target a package cannot hold.
    #[error("the target of the link `{}` is not UTF-8", .0.display())]
    LinkTarget(PathBuf),
    /// A link that leads out of the folder or archive.
    #[error("the link `{}` leads out of its package, to `{}`", .0.path, .0.target)]
    Leaving(LeavingLink),
    /// More bytes than a package may have.
    #[error("the code at `{}` is larger than {limit} bytes", path.display())]
    TooLarge {
        /// The folder or archive.
        path: PathBuf,
        /// How large it may be.
        limit: u64,
    },
    /// More files than a package may have.
    #[error("the code folder `{}` has more than {limit} files", path.display())]
    TooMany {
        /// The folder.
        path: PathBuf,
        /// How many it may have.
        limit: usize,
    },
    /// A file that is no archive, or one that cannot be read.
    #[error("`{}` is not code: {why}", path.display())]
    Archive {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: Opaque,
    },
}

impl CodeError {
    /// Returns what to do about it.
    pub fn help(&self) -> String {
        match self {
            Self::Missing(_) => "correct `code` in the configuration, or create the folder".to_owned(),
            Self::Empty(_) => "put the function's files into it, or point `code` elsewhere".to_owned(),
            Self::AllIgnored(_) => "take a pattern out, or bring a file back with `!name`".to_owned(),
            Self::Read { .. } => {
                "give yourself the permission to read it, or name it in `.fcignore`".to_owned()
            }
            Self::Ignore(_) => "correct the pattern; it is read like one of a .gitignore".to_owned(),
            Self::Special { .. } | Self::LinkTarget(_) => "remove it, or name it in `.fcignore`".to_owned(),
            Self::Name { .. } => "rename it, or leave it out with a pattern in `.fcignore`".to_owned(),
            Self::Leaving(_) => {
                "copy what it points at into the folder, or name the link in `.fcignore`".to_owned()
            }
            Self::TooLarge { .. } | Self::TooMany { .. } => {
                "leave out with `.fcignore` what the function does not need".to_owned()
            }
            Self::Archive { why: Opaque::NotAZip(_), .. } => {
                "`code` takes a folder or a zip, jar or war file; for a single file, name the folder it is in"
                    .to_owned()
            }
            Self::Archive { .. } => "make the archive again, or point `code` at the folder".to_owned(),
        }
    }
}

/// Reads the files of a code folder, or those of an archive.
pub fn read_code(path: &Path, limits: &Limits) -> Result<Files, CodeError> {
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(CodeError::Missing(path.to_owned()));
        }
        Err(source) => return Err(CodeError::Read { path: path.to_owned(), source }),
    };
    let files = if metadata.is_dir() {
        read_folder(path, limits)?
    } else if metadata.is_file() {
        read_archive(path, metadata.len(), limits)?
    } else {
        return Err(CodeError::Special { path: path.to_owned(), what: name_of(metadata.file_type()) });
    };
    match files.leaving_link() {
        Some(link) => Err(CodeError::Leaving(link)),
        None => Ok(files),
    }
}

fn read_archive(path: &Path, size: u64, limits: &Limits) -> Result<Files, CodeError> {
    if size > limits.bytes {
        return Err(CodeError::TooLarge { path: path.to_owned(), limit: limits.bytes });
    }
    let bytes = fs::read(path).map_err(|source| CodeError::Read { path: path.to_owned(), source })?;
    let files =
        archive::unpack(&bytes, limits).map_err(|why| CodeError::Archive { path: path.to_owned(), why })?;
    if files.is_empty() { Err(CodeError::Empty(path.to_owned())) } else { Ok(files) }
}

fn read_folder(root: &Path, limits: &Limits) -> Result<Files, CodeError> {
    let mut files = Files::new();
    let mut bytes_left = limits.bytes;
    for entry in walk(root) {
        let entry = entry.map_err(|error| unreadable(root, error))?;
        if let Some(error) = entry.error() {
            return Err(CodeError::Ignore(error.to_string()));
        }
        let path = entry.path();
        let Some(file_type) = entry.file_type().filter(|kind| !kind.is_dir()) else { continue };
        // The folder itself comes first; where it is a link, as one.
        if entry.depth() == 0 || entry.file_name() == IGNORE_FILE {
            continue;
        }
        let name = relative(root, path)?;
        let read_failed = |source| CodeError::Read { path: path.to_owned(), source };
        let file = if file_type.is_symlink() {
            let target = fs::read_link(path).map_err(read_failed)?;
            let target = target.into_os_string().into_string();
            let target = target.map_err(|_| CodeError::LinkTarget(path.to_owned()))?;
            File::new(FileKind::Symlink, target.into_bytes())
        } else if file_type.is_file() {
            read_file(path, bytes_left).map_err(read_failed)?
        } else {
            return Err(CodeError::Special { path: path.to_owned(), what: name_of(file_type) });
        };
        bytes_left = bytes_left
            .checked_sub(file.content.len() as u64)
            .ok_or_else(|| CodeError::TooLarge { path: root.to_owned(), limit: limits.bytes })?;
        files.insert(name, file);
        if files.len() > limits.entries {
            return Err(CodeError::TooMany { path: root.to_owned(), limit: limits.entries });
        }
    }
    if files.is_empty() {
        return Err(nothing_in(root));
    }
    Ok(files)
}

fn walk(root: &Path) -> ignore::Walk {
    WalkBuilder::new(root)
        .standard_filters(false)
        .follow_links(false)
        .add_custom_ignore_filename(IGNORE_FILE)
        .filter_entry(|entry| entry.file_name() != OWN_FOLDER || entry.depth() == 0)
        .build()
}

/// Returns whether a file of this name would be left out of the package of a folder.
pub fn is_ignored(root: &Path, name: &str) -> Result<bool, CodeError> {
    let mut rules: Vec<Gitignore> = Vec::new();
    let mut folder = root.to_owned();
    let mut parts = name.split('/').peekable();
    while let Some(part) = parts.next() {
        let file = folder.join(IGNORE_FILE);
        if file.is_file() {
            let (rule, wrong) = Gitignore::new(&file);
            if let Some(wrong) = wrong {
                return Err(CodeError::Ignore(wrong.to_string()));
            }
            rules.push(rule);
        }
        folder.push(part);
        if part == IGNORE_FILE || part == OWN_FOLDER {
            return Ok(true);
        }
        // The innermost file that says something about it decides, and what is in an ignored folder is ignored.
        let is_folder = parts.peek().is_some();
        let said =
            rules.iter().rev().map(|rule| rule.matched(&folder, is_folder)).find(|said| !said.is_none());
        if said.is_some_and(|said| said.is_ignore()) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Reads a file, one byte more than allowed at the most.
fn read_file(path: &Path, most: u64) -> io::Result<File> {
    let file = fs::File::open(path)?;
    let metadata = file.metadata()?;
    let kind =
        if metadata.permissions().mode() & 0o111 == 0 { FileKind::Regular } else { FileKind::Executable };
    let mut content = Vec::new();
    file.take(most.saturating_add(1)).read_to_end(&mut content)?;
    Ok(File::new(kind, content))
}

/// Returns the path of a file inside its folder, `/` between names.
fn relative(root: &Path, path: &Path) -> Result<String, CodeError> {
    let inside = path.strip_prefix(root).unwrap_or(path);
    match inside.to_str() {
        Some(text) => Ok(text.to_owned()),
        None => Err(CodeError::Name { path: path.to_owned(), why: BadName::NotUtf8 }),
    }
}

fn unreadable(root: &Path, error: ignore::Error) -> CodeError {
    let path = path_of(&error).unwrap_or(root).to_owned();
    let text = error.to_string();
    let source = error.into_io_error().unwrap_or_else(|| io::Error::other(text));
    CodeError::Read { path, source }
}

fn path_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => path_of(err),
        _ => None,
    }
}

/// Says why a folder gave no file: because there is none, or because they are ignored.
fn nothing_in(root: &Path) -> CodeError {
    let ignored = fs::read_dir(root).is_ok_and(|entries| {
        entries.flatten().any(|entry| entry.file_name() != IGNORE_FILE && entry.file_name() != OWN_FOLDER)
    });
    if ignored && root.join(IGNORE_FILE).exists() {
        CodeError::AllIgnored(root.to_owned())
    } else {
        CodeError::Empty(root.to_owned())
    }
}

fn name_of(file_type: FileType) -> &'static str {
    match file_type {
        kind if kind.is_socket() => "socket",
        kind if kind.is_fifo() => "pipe",
        _ => "device",
    }
}

#[cfg(test)]
mod tests;
