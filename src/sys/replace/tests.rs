use std::collections::BTreeMap;

use jiff::Timestamp;
use proptest::prelude::*;

use super::*;

/// A project's folder, in which triform's own is `.triform`.
struct Place(tempfile::TempDir);

impl Place {
    fn new(files: &[(&str, &str)]) -> Self {
        let place = Self(tempfile::tempdir().expect("a folder"));
        for (name, text) in files {
            place.write(name, text);
        }
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        fs::canonicalize(self.0.path()).expect("is there").join(name)
    }

    fn own(&self) -> PathBuf {
        self.path(".triform")
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("is below")).expect("a folder");
        fs::write(path, text).expect("writes");
    }

    fn set_mode(&self, name: &str, mode: u32) {
        fs::set_permissions(self.path(name), Permissions::from_mode(mode)).expect("is ours");
    }

    fn mode(&self, name: &str) -> u32 {
        fs::symlink_metadata(self.path(name)).expect("is there").permissions().mode() & 0o777
    }

    /// From what is there to these contents; none for a file that goes.
    fn to(&self, files: &[(&str, Option<File>)]) -> Vec<Replacement> {
        let replacement = |(name, new): &(&str, Option<File>)| {
            let path = self.path(name);
            Replacement { old: look(&path).expect("readable"), new: new.clone(), path }
        };
        files.iter().map(replacement).collect()
    }

    fn begin(&self, files: &[Replacement]) -> Result<Replacing, ReplaceError> {
        Replacing::begin(&self.own(), &holder(), "stamp", files)
    }

    /// Every file outside of triform's own folder, and every folder.
    fn look(&self) -> BTreeMap<PathBuf, Option<File>> {
        let mut found = BTreeMap::new();
        let mut left = vec![self.path("")];
        while let Some(folder) = left.pop() {
            for entry in fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path == self.own() {
                    continue;
                }
                if path.is_dir() && !path.is_symlink() {
                    left.push(path.clone());
                    found.insert(path, None);
                } else {
                    let file = look(&path).expect("readable");
                    found.insert(path, file);
                }
            }
        }
        found
    }

    /// Settles what was cut off, as whoever comes next does.
    fn settle(&self) -> Vec<PathBuf> {
        match Replacing::find(&self.own(), &holder()).expect("readable") {
            Found::CutOff(cut) => cut.put_back().expect("puts back"),
            other => panic!("{other:?}"),
        }
    }
}

fn holder() -> Holder {
    Holder::this_process("test", Timestamp::UNIX_EPOCH)
}

fn text(text: &str) -> File {
    File::new(FileKind::Regular, text.as_bytes().to_vec())
}

/// The process ends here: its lock goes, and nothing else.
fn cut_off(replacing: Replacing) {
    drop(replacing);
}

#[test]
fn all_are_replaced_made_and_removed_and_stay_or_come_back() {
    for keep in [true, false] {
        let place =
            Place::new(&[("s.yaml", "old\n"), ("code/gone.py", "gone\n"), ("code/same.py", "same\n")]);
        let before = place.look();
        let files = place.to(&[
            ("s.yaml", Some(text("new\n"))),
            ("code/gone.py", None),
            ("lib/a/made.py", Some(text("made\n"))),
        ]);
        let replacing = place.begin(&files).expect("begins");
        assert_eq!(replacing.stamp(), "stamp");
        for file in &files {
            assert_eq!(look(&file.path).expect("readable"), file.new, "{}", file.path.display());
        }
        let after = place.look();
        if keep {
            replacing.keep().expect("keeps");
            assert!(place.look() == after);
        } else {
            assert_eq!(replacing.put_back().expect("puts back"), Vec::<PathBuf>::new());
            assert!(place.look() == before, "folders that were made go too");
        }
        assert!(matches!(Replacing::find(&place.own(), &holder()), Ok(Found::Nothing)));
    }
}

#[test]
fn modes_and_links_come_back_as_they_were() {
    let place = Place::new(&[("run", "#!/bin/sh\n"), ("private", "mine\n")]);
    place.set_mode("run", 0o755);
    place.set_mode("private", 0o600);
    symlink("run", place.path("link")).expect("a link");
    let before = place.look();
    let link = File::new(FileKind::Symlink, "private");
    let files =
        place.to(&[("run", Some(text("text\n"))), ("private", Some(text("ours\n"))), ("link", Some(link))]);
    let replacing = place.begin(&files).expect("begins");
    assert_eq!(place.mode("run") & 0o111, 0, "what is no program any more");
    assert_eq!(place.mode("private"), 0o600, "a file keeps who may read it");
    assert_eq!(fs::read_link(place.path("link")).expect("a link"), Path::new("private"));
    replacing.put_back().expect("puts back");
    assert!(place.look() == before);
    assert_eq!((place.mode("run"), place.mode("private")), (0o755, 0o600));
}

#[test]
fn what_moved_since_it_was_read_stops_all_of_it() {
    for (name, by) in [("a", Some("mine\n")), ("b", Some("mine\n")), ("b", None), ("new", Some("mine\n"))] {
        let place = Place::new(&[("a", "a\n"), ("b", "b\n")]);
        let files =
            place.to(&[("a", Some(text("A\n"))), ("b", Some(text("B\n"))), ("new", Some(text("N\n")))]);
        match by {
            Some(text) => place.write(name, text),
            None => fs::remove_file(place.path(name)).expect("is there"),
        }
        let before = place.look();
        let error = place.begin(&files).expect_err("somebody was there");
        assert!(matches!(&error, ReplaceError::Moved(path) if *path == place.path(name)), "{error}");
        assert!(place.look() == before, "{name}");
    }
}

#[test]
fn what_stands_in_the_way_or_may_not_be_written_stops_all_of_it() {
    let place = Place::new(&[("a", "a\n"), ("closed/b", "b\n"), ("file", "text\n")]);
    let before = place.look();
    let files = place.to(&[("a", Some(text("A\n"))), ("file/below", Some(text("x\n")))]);
    assert!(matches!(place.begin(&files), Err(ReplaceError::InTheWay(_))));
    place.set_mode("closed/b", 0o444);
    let files = place.to(&[("a", Some(text("A\n"))), ("closed/b", Some(text("B\n")))]);
    assert!(matches!(place.begin(&files), Err(ReplaceError::ReadOnly(_))));
    place.set_mode("closed/b", 0o644);
    assert!(place.look() == before);
}

#[test]
fn one_after_the_other_and_none_over_what_was_cut_off() {
    let place = Place::new(&[("a", "a\n")]);
    let files = place.to(&[("a", Some(text("A\n")))]);
    let first = place.begin(&files).expect("begins");
    let again = place.to(&[("a", Some(text("B\n")))]);
    assert!(matches!(place.begin(&again), Err(ReplaceError::Busy(_))));
    assert!(matches!(Replacing::is_there(&place.own()), Ok(Unsettled::Running(_))));
    assert!(matches!(Replacing::find(&place.own(), &holder()), Ok(Found::Running(_))));
    cut_off(first);
    assert!(matches!(Replacing::is_there(&place.own()), Ok(Unsettled::CutOff)));
    assert!(matches!(place.begin(&again), Err(ReplaceError::Unsettled)));
    place.settle();
    assert_eq!(look(&place.path("a")).expect("readable"), Some(text("a\n")));
    place.begin(&files).expect("begins").keep().expect("keeps");
}

#[test]
fn what_was_edited_since_is_let_be_and_named() {
    let place = Place::new(&[("a", "a\n"), ("b", "b\n")]);
    let files =
        place.to(&[("a", Some(text("A\n"))), ("b", Some(text("B\n"))), ("lib/new", Some(text("N\n")))]);
    cut_off(place.begin(&files).expect("begins"));
    place.write("a", "mine\n");
    place.write("lib/mine", "mine\n");
    assert_eq!(place.settle(), [below(&place.own(), &place.path("a"))]);
    assert_eq!(look(&place.path("a")).expect("readable"), Some(text("mine\n")));
    assert_eq!(look(&place.path("b")).expect("readable"), Some(text("b\n")));
    assert!(place.path("lib/mine").exists() && !place.path("lib/new").exists());
}

#[test]
fn a_manifest_that_is_not_understood_changes_nothing() {
    let place = Place::new(&[("a", "a\n")]);
    cut_off(place.begin(&place.to(&[("a", Some(text("A\n")))])).expect("begins"));
    let manifest = place.own().join(FOLDER).join(MANIFEST);
    let newer = fs::read_to_string(&manifest).expect("readable").replace("\"format\": 1", "\"format\": 2");
    for wrong in [newer.as_str(), "{", ""] {
        fs::write(&manifest, wrong).expect("writes");
        assert!(Replacing::find(&place.own(), &holder()).is_err(), "{wrong}");
        assert_eq!(look(&place.path("a")).expect("readable"), Some(text("A\n")));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(24) })]

    /// Cut off after any number of renames, whoever comes next finds the old files, all of them.
    #[test]
    fn cut_off_anywhere_the_old_files_come_back(
        olds in proptest::collection::vec(proptest::option::of("[a-c]{0,3}"), 1..5),
        news in proptest::collection::vec(proptest::option::of("[d-f]{0,3}"), 5),
        done in 0_usize..6,
    ) {
        let names: Vec<String> = (0..olds.len()).map(|number| format!("f{number}/x")).collect();
        let there = |(name, old): (&String, &Option<String>)| Some((name.clone(), old.clone()?));
        let there: Vec<(String, String)> = names.iter().zip(&olds).filter_map(there).collect();
        let there: Vec<(&str, &str)> = there.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        let place = Place::new(&there);
        let before = place.look();
        let files: Vec<(&str, Option<File>)> =
            names.iter().zip(&news).map(|(name, new)| (name.as_str(), new.as_deref().map(text))).collect();
        let files = place.to(&files);
        cut_off(place.begin(&files).expect("begins"));
        // As if only the first ones had been renamed: the others are still as they were, and what is new still waits.
        for file in files.iter().skip(done) {
            match &file.old {
                Some(old) => fs::write(&file.path, &old.content).expect("writes"),
                None => drop(remove_if_exists(&file.path)),
            }
        }
        prop_assert_eq!(place.settle(), Vec::<PathBuf>::new());
        prop_assert!(place.look() == before);
    }
}
