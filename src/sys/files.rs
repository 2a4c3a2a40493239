//! Files that survive a crash.
//!
//! A file is replaced by writing a new one beside it, flushing it, renaming it over the old one and flushing
//! the folder: at every moment one of the two is there, whole. A journal is only ever appended to, and says
//! when what was appended is durable. Both are private to the user, whatever the umask says.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The mode of a file that only its owner reads.
pub const PRIVATE: u32 = 0o600;

/// What could not be done to a file.
#[derive(Debug, thiserror::Error)]
#[error("could not {doing} `{}`", path.display())]
pub struct FileError {
    /// What was tried, such as `write`.
    pub doing: &'static str,
    /// The file or folder.
    pub path: PathBuf,
    /// What the operating system said.
    #[source]
    pub source: io::Error,
}

/// Returns a function that says what was being done to a file when an error came.
pub(super) fn failed(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> FileError {
    let path = path.to_owned();
    move |source| FileError { doing, path, source }
}

/// Reads a whole file; `None` where there is none.
pub fn read_if_exists(path: &Path) -> Result<Option<Vec<u8>>, FileError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed("read", path)(error)),
    }
}

/// Creates a folder and its parents, private to the user where they are new.
pub fn create_folder(path: &Path) -> Result<(), FileError> {
    use std::os::unix::fs::DirBuilderExt;

    if path.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true).mode(0o700).create(path).map_err(failed("create", path))?;
    flush_folder(folder_of(path))
}

/// Replaces a file, or makes it, so that a crash leaves the old one or the new one and nothing between.
///
/// When this returns, the new file is durable. A symbolic link stays one: the file that it leads to is replaced, or
/// made where there is none yet.
pub fn write_atomic(path: &Path, bytes: &[u8], mode: u32) -> Result<(), FileError> {
    let target = followed(path).map_err(failed("follow", path))?;
    let write = || -> io::Result<()> {
        let mut new = tempfile::Builder::new().prefix(".triform-").tempfile_in(folder_of(&target))?;
        new.write_all(bytes)?;
        // Set, not asked for at creation, so that the umask has no say.
        new.as_file().set_permissions(Permissions::from_mode(mode))?;
        new.as_file().sync_all()?;
        new.persist(&target)?;
        Ok(())
    };
    write().map_err(failed("write", path))?;
    flush_folder(folder_of(&target))
}

/// Writes where a user said: a file is replaced like any other, and what is no file is written into as it stands.
///
/// A pipe, a terminal or another device is something that other programs hold by its name. To rename a file over it
/// would take it away from them, so that it is opened and written instead. A folder is an error.
pub fn write_named(path: &Path, bytes: &[u8], mode: u32) -> Result<(), FileError> {
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => {
            Err(failed("write", path)(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder")))
        }
        Ok(found) if !found.is_file() => {
            let open = OpenOptions::new().write(true).open(path);
            open.and_then(|mut file| file.write_all(bytes)).map_err(failed("write into", path))
        }
        // What cannot be looked at is refused by the write, in its own words.
        _ => write_atomic(path, bytes, mode),
    }
}

/// Where the links of a path lead, also where nothing is there yet.
fn followed(path: &Path) -> io::Result<PathBuf> {
    /// As many as Linux itself follows.
    const LINKS: usize = 40;

    let mut target = path.to_owned();
    for _ in 0..LINKS {
        if !target.is_symlink() {
            return Ok(target);
        }
        target = folder_of(&target).join(fs::read_link(&target)?);
    }
    Err(io::Error::other("the links lead round in a circle, or are too many"))
}

/// Removes a file for good, and returns whether there was one.
pub fn remove_if_exists(path: &Path) -> Result<bool, FileError> {
    match fs::remove_file(path) {
        Ok(()) => flush_folder(folder_of(path)).map(|()| true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(failed("remove", path)(error)),
    }
}

/// A file that is only ever appended to.
#[derive(Debug)]
pub struct Appender {
    file: File,
    path: PathBuf,
}

impl Appender {
    /// Opens a file at its end, or makes a private one.
    pub fn open(path: &Path) -> Result<Self, FileError> {
        let mut options = OpenOptions::new();
        options.append(true).mode(PRIVATE);
        let file = match options.clone().create_new(true).open(path) {
            Ok(file) => {
                // Without this a crash could take away the name, and with it every line that was synced.
                flush_folder(folder_of(path))?;
                file
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                options.open(path).map_err(failed("open", path))?
            }
            Err(error) => return Err(failed("create", path)(error)),
        };
        Ok(Self { file, path: path.to_owned() })
    }

    /// Appends bytes; they are durable after the next [`sync`](Self::sync).
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), FileError> {
        self.file.write_all(bytes).map_err(failed("append to", &self.path))
    }

    /// Waits until everything that was appended is durable.
    pub fn sync(&self) -> Result<(), FileError> {
        self.file.sync_data().map_err(failed("flush", &self.path))
    }
}

pub(super) fn flush_folder(path: &Path) -> Result<(), FileError> {
    File::open(path).and_then(|folder| folder.sync_all()).map_err(failed("flush", path))
}

pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).expect("it exists").permissions().mode() & 0o7777
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("a folder");
        entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("text")).collect()
    }

    #[test]
    fn a_file_is_replaced_whole_and_private() {
        let home = tempfile::tempdir().expect("a folder");
        let path = home.path().join("state.json");
        write_atomic(&path, b"one, and a longer text", PRIVATE).expect("written");
        fs::set_permissions(&path, Permissions::from_mode(0o644)).expect("changed");
        write_atomic(&path, b"two", PRIVATE).expect("written");
        assert_eq!(read_if_exists(&path).expect("read").as_deref(), Some(&b"two"[..]));
        assert_eq!(mode(&path), 0o600);
        assert_eq!(names(home.path()), ["state.json"], "nothing is left beside it");
    }

    #[test]
    fn readers_of_the_old_file_keep_it() {
        use std::io::Read;

        let home = tempfile::tempdir().expect("a folder");
        let path = home.path().join("state.json");
        write_atomic(&path, b"one", PRIVATE).expect("written");
        let mut open = File::open(&path).expect("open");
        write_atomic(&path, b"two", PRIVATE).expect("written");
        let mut text = String::new();
        open.read_to_string(&mut text).expect("read");
        assert_eq!(text, "one", "the old file was not written into");
    }

    #[test]
    fn a_link_stays_a_link() {
        let home = tempfile::tempdir().expect("a folder");
        let (real, link) = (home.path().join("real.yaml"), home.path().join("s.yaml"));
        fs::write(&real, "one").expect("written");
        std::os::unix::fs::symlink("real.yaml", &link).expect("linked");
        write_atomic(&link, b"two", 0o644).expect("written");
        assert!(link.is_symlink());
        assert_eq!(fs::read(&real).expect("read"), b"two");
        assert_eq!(mode(&real), 0o644, "whatever the umask says");
    }

    #[test]
    fn a_link_to_nothing_yet_is_followed() {
        let home = tempfile::tempdir().expect("a folder");
        fs::create_dir(home.path().join("out")).expect("a folder");
        let (first, second) = (home.path().join("first"), home.path().join("out/second"));
        std::os::unix::fs::symlink("out/second", &first).expect("linked");
        std::os::unix::fs::symlink("third", &second).expect("linked");
        write_named(&first, b"one", PRIVATE).expect("written");
        assert!(first.is_symlink() && second.is_symlink());
        assert_eq!(fs::read(home.path().join("out/third")).expect("read"), b"one");
    }

    #[test]
    fn links_in_a_circle_are_refused() {
        let home = tempfile::tempdir().expect("a folder");
        let (one, two) = (home.path().join("one"), home.path().join("two"));
        std::os::unix::fs::symlink("two", &one).expect("linked");
        std::os::unix::fs::symlink("one", &two).expect("linked");
        assert!(write_named(&one, b"text", PRIVATE).is_err());
        assert!(one.is_symlink() && two.is_symlink(), "neither was replaced");
    }

    #[test]
    fn a_pipe_is_written_into_and_stays_one() {
        use std::os::unix::fs::FileTypeExt;

        let home = tempfile::tempdir().expect("a folder");
        let (pipe, link) = (home.path().join("pipe"), home.path().join("link"));
        make_pipe(&pipe);
        std::os::unix::fs::symlink("pipe", &link).expect("linked");
        for path in [&pipe, &link] {
            let reader = std::thread::spawn({
                let pipe = pipe.clone();
                move || fs::read(pipe).expect("read")
            });
            write_named(path, b"through", PRIVATE).expect("written");
            assert_eq!(reader.join().expect("a reader"), b"through");
        }
        assert!(fs::metadata(&pipe).expect("there").file_type().is_fifo());
    }

    fn make_pipe(path: &Path) {
        let made = std::process::Command::new("mkfifo").arg(path).status().expect("mkfifo runs");
        assert!(made.success());
    }

    #[test]
    fn a_socket_is_not_replaced() {
        let home = tempfile::tempdir().expect("a folder");
        let path = home.path().join("socket");
        let _listening = std::os::unix::net::UnixListener::bind(&path).expect("bound");
        let error = write_named(&path, b"text", PRIVATE).expect_err("nothing can be written there");
        assert_eq!(error.to_string(), format!("could not write into `{}`", path.display()));
        assert!(std::os::unix::net::UnixStream::connect(&path).is_ok(), "it still listens");
    }

    #[test]
    fn a_folder_is_not_written() {
        let home = tempfile::tempdir().expect("a folder");
        let error = write_named(home.path(), b"text", PRIVATE).expect_err("refused");
        let source = std::error::Error::source(&error).expect("a reason");
        assert_eq!(source.to_string(), "it is a folder");
    }

    #[test]
    fn a_failed_write_leaves_the_old_file() {
        let home = tempfile::tempdir().expect("a folder");
        let path = home.path().join("state");
        fs::create_dir(&path).expect("a folder in the way");
        let error = write_atomic(&path, b"two", PRIVATE).expect_err("refused");
        assert_eq!(error.to_string(), format!("could not write `{}`", path.display()));
        assert_eq!(names(home.path()), ["state"], "the new file is gone again");
    }

    #[test]
    fn only_a_missing_file_is_none() {
        let home = tempfile::tempdir().expect("a folder");
        assert_eq!(read_if_exists(&home.path().join("none")).expect("no error"), None);
        assert!(read_if_exists(home.path()).is_err(), "a folder is not a missing file");
        assert!(!remove_if_exists(&home.path().join("none")).expect("no error"));
    }

    #[test]
    fn lines_are_appended_across_openings() {
        let home = tempfile::tempdir().expect("a folder");
        let path = home.path().join("journal");
        for line in ["one\n", "two\n"] {
            let mut journal = Appender::open(&path).expect("open");
            journal.append(line.as_bytes()).expect("appended");
            journal.sync().expect("synced");
        }
        assert_eq!(fs::read_to_string(&path).expect("read"), "one\ntwo\n");
        assert_eq!(mode(&path), 0o600);
        assert!(remove_if_exists(&path).expect("removed"));
    }

    #[test]
    fn new_folders_are_private() {
        let home = tempfile::tempdir().expect("a folder");
        let path = home.path().join("a/b");
        create_folder(&path).expect("created");
        create_folder(&path).expect("there already");
        assert_eq!((mode(&path), mode(&home.path().join("a"))), (0o700, 0o700));
    }
}
