//! Which names a file of a package may have.
//!
//! A path must mean the same place wherever the package is unpacked, and a place inside it. And the paths
//! together must be a tree: no file can stand where another needs a directory.

use super::Files;

/// Why a path cannot be a file of a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadName {
    /// It is not UTF-8.
    #[error("is not UTF-8")]
    NotUtf8,
    /// It names no file.
    #[error("is empty")]
    Empty,
    /// It starts at the root of a file system, or names a drive.
    #[error("is absolute")]
    Absolute,
    /// It climbs with `..`.
    #[error("climbs with `..`")]
    Climbs,
    /// It holds a zero byte.
    #[error("holds a zero byte")]
    Zero,
    /// It is written in a way that unpacking would not give back.
    #[error("is not in its plain form")]
    NotPlain,
    /// It is longer than an archive can say.
    #[error("is longer than 65,535 bytes")]
    TooLong,
}

/// Returns the plain form of a path as an archive spells it: without `.` and doubled separators.
pub(super) fn plain(raw: &[u8], backslash_separates: bool) -> Result<String, BadName> {
    let text = std::str::from_utf8(raw).map_err(|_| BadName::NotUtf8)?;
    let text = if backslash_separates { text.replace('\\', "/") } else { text.to_owned() };
    if text.contains('\0') {
        return Err(BadName::Zero);
    }
    let drive = text.as_bytes().get(1) == Some(&b':') && text.as_bytes()[0].is_ascii_alphabetic();
    if text.starts_with('/') || (backslash_separates && drive) {
        return Err(BadName::Absolute);
    }
    let mut parts = Vec::new();
    for part in text.split('/') {
        match part {
            "" | "." => {}
            ".." => return Err(BadName::Climbs),
            name => parts.push(name),
        }
    }
    if parts.is_empty() { Err(BadName::Empty) } else { Ok(parts.join("/")) }
}

/// Checks that packing and unpacking gives this very path back.
pub(super) fn check(path: &str, modeless: bool) -> Result<(), BadName> {
    let plain = plain(path.as_bytes(), modeless)?;
    if plain != path {
        return Err(BadName::NotPlain);
    }
    if path.len() > usize::from(u16::MAX) {
        return Err(BadName::TooLong);
    }
    Ok(())
}

/// Returns the first two paths that no file system could hold together: a file, and one inside it.
pub(super) fn clash(files: &Files) -> Option<(&str, &str)> {
    files.iter().find_map(|(path, _)| {
        let parents = path.match_indices('/').map(|(at, _)| &path[..at]);
        parents.into_iter().find(|parent| files.get(parent).is_some()).map(|parent| (parent, path))
    })
}

/// Returns the target of a link, where it can be one.
pub(super) fn link_target(content: &[u8]) -> Option<&str> {
    // 4,095 bytes is what Linux takes.
    let fits = !content.is_empty() && content.len() < 4096 && !content.contains(&0);
    std::str::from_utf8(content).ok().filter(|_| fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_plain(raw: &str, expected: Result<&str, BadName>) {
        assert_eq!(plain(raw.as_bytes(), false), expected.map(str::to_owned), "made on Unix");
    }

    #[test]
    fn harmless_spellings_have_one_form() {
        check_plain("index.py", Ok("index.py"));
        check_plain("./lib//index.py", Ok("lib/index.py"));
        check_plain("..hidden/…", Ok("..hidden/…"));
    }

    #[test]
    fn no_path_leaves_the_package() {
        check_plain("/etc/passwd", Err(BadName::Absolute));
        check_plain("a/../../b", Err(BadName::Climbs));
        check_plain("..", Err(BadName::Climbs));
        check_plain("./", Err(BadName::Empty));
        check_plain("a\0b", Err(BadName::Zero));
        assert_eq!(plain(b"caf\xe9", false), Err(BadName::NotUtf8));
    }

    #[test]
    fn a_backslash_separates_only_where_dos_wrote_it() {
        check_plain(r"lib\index.py", Ok(r"lib\index.py"));
        check_plain(r"..\index.py", Ok(r"..\index.py"));
        assert_eq!(plain(br"lib\index.py", true), Ok("lib/index.py".to_owned()));
        assert_eq!(plain(br"..\index.py", true), Err(BadName::Climbs));
        assert_eq!(plain(br"C:\index.py", true), Err(BadName::Absolute));
        assert_eq!(plain(br"\index.py", true), Err(BadName::Absolute));
    }
}
