//! Whether a symbolic link stays inside its package.
//!
//! Counting `..` in the target is not enough: a link may lead through another link, which changes what `..`
//! means. So the target is followed as a kernel would, over the files of the package.

use super::{Files, names};
use crate::model::FileKind;

/// A link that leads out of its package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeavingLink {
    /// Where the link is.
    pub path: String,
    /// What it points at.
    pub target: String,
}

/// How many links are followed before a chain counts as a circle, as Linux does.
const LONGEST_CHAIN: usize = 40;

impl Files {
    /// Returns the first link that leads out of the package; one that leads nowhere inside it is no such link.
    pub fn leaving_link(&self) -> Option<LeavingLink> {
        self.iter().filter(|(_, file)| file.kind == FileKind::Symlink).find_map(|(path, file)| {
            let target = String::from_utf8_lossy(&file.content).into_owned();
            self.leaves(path, &target).then(|| LeavingLink { path: path.to_owned(), target })
        })
    }

    /// Returns whether following `target` from the directory of `path` ever stands outside the package.
    fn leaves(&self, path: &str, target: &str) -> bool {
        let mut here: Vec<&str> = path.split('/').collect();
        here.pop();
        // What is still to be walked, the next part last.
        let mut ahead: Vec<&str> = target.rsplit('/').collect();
        if target.starts_with('/') {
            return true;
        }
        let mut followed = 0;
        while let Some(part) = ahead.pop() {
            match part {
                ".." if here.is_empty() => return true,
                ".." => {
                    here.pop();
                    continue;
                }
                "" | "." => continue,
                name => here.push(name),
            }
            let Some(link) = self.get(&here.join("/")).filter(|file| file.kind == FileKind::Symlink) else {
                continue;
            };
            followed += 1;
            let Some(next) = names::link_target(&link.content).filter(|_| followed <= LONGEST_CHAIN) else {
                return false;
            };
            if next.starts_with('/') {
                return true;
            }
            here.pop();
            ahead.extend(next.rsplit('/'));
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::super::File;
    use super::*;

    #[track_caller]
    fn check(links: &[(&str, &str)], leaving: Option<&str>) {
        let files: Files = links
            .iter()
            .map(|(path, target)| {
                ((*path).to_owned(), File::new(FileKind::Symlink, target.as_bytes().to_vec()))
            })
            .collect();
        assert_eq!(files.leaving_link().map(|link| link.path).as_deref(), leaving);
    }

    #[test]
    fn links_inside_the_package_stay() {
        check(&[("current", "releases/2")], None);
        check(&[("bin/tool", "../lib/tool")], None);
        check(&[("a/b/up", "../..")], None);
        check(&[("nowhere", "not/there")], None);
    }

    #[test]
    fn links_out_of_the_package_leave() {
        check(&[("passwd", "/etc/passwd")], Some("passwd"));
        check(&[("up", "..")], Some("up"));
        check(&[("a/up", "../../x")], Some("a/up"));
        check(&[("a/back", "../../code/x")], Some("a/back"));
    }

    #[test]
    fn a_link_through_a_link_is_followed() {
        // Counted by its dots alone the second one stays inside; followed, it stands above the root.
        check(&[("q/w/root", "../.."), ("z", "q/w/root/../x")], Some("z"));
        check(&[("deep", "q/w/e"), ("z", "deep/../../../x")], None);
    }

    #[test]
    fn a_circle_ends() {
        check(&[("a", "b"), ("b", "a")], None);
        check(&[("a", "a/../a/x")], None);
    }
}
