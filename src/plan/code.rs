//! Code that is a tree on one side and no readable archive on another: one path on all of them.

use std::collections::BTreeMap;

use super::Live;
use crate::model::{DesiredAttributes, Path, Planned, Tree, Value};
use crate::state::{Record, Recorded};

/// Makes code that is opaque on a side one path on every side.
pub(super) fn align(desired: &mut DesiredAttributes, live: Option<&mut Live>, record: Option<&mut Record>) {
    let whole = Path::field("code");
    let known = desired.iter().filter_map(|(path, planned)| Some((path, planned.known()?)));
    if let Some(code) = one_package(known) {
        desired.retain(|path, _| !path.is_code());
        desired.insert(whole.clone(), Planned::Known(code));
    }
    if let Some(live) = live
        && let Some(code) = one_package(live.attributes.iter())
    {
        live.attributes.retain(|path, _| !path.is_code());
        live.attributes.insert(whole.clone(), code);
    }
    if let Some(record) = record {
        let side = |pick: fn(&Recorded) -> Option<&Value>| {
            one_package(record.paths.iter().filter_map(|(path, recorded)| Some((path, pick(recorded)?))))
        };
        let declared = side(|recorded| recorded.declared.as_ref());
        let observed = side(|recorded| recorded.observed.as_ref());
        let accepted = record.paths.iter().any(|(path, recorded)| path.is_code() && recorded.accepted);
        record.settle(&whole, Recorded { declared, observed, accepted });
    }
}

/// Returns the record by files where it was settled as one package whose files are live and declared: an opaque
/// package was replaced by the project's.
pub(super) fn unpacked(record: &Record, live: &Live) -> Option<Record> {
    let settled = record.paths.get(&Path::field("code"))?;
    let files: BTreeMap<&Path, &Value> =
        live.attributes.iter().filter(|(path, _)| path.code_file().is_some()).collect();
    let package = one_package(files.iter().map(|(path, value)| (*path, *value)))?;
    let plain = !settled.accepted
        && settled.declared.as_ref() == Some(&package)
        && settled.observed.as_ref() == Some(&package);
    plain.then(|| {
        let mut record = record.clone();
        for (path, value) in files {
            let (declared, observed) = (Some(value.clone()), Some(value.clone()));
            record.settle(path, Recorded { declared, observed, accepted: false });
        }
        record
    })
}

/// Returns the code of one side as one value, where it has code.
fn one_package<'a>(attributes: impl Iterator<Item = (&'a Path, &'a Value)>) -> Option<Value> {
    let mut tree = Tree::default();
    for (path, value) in attributes.filter(|(path, _)| path.is_code()) {
        match (path.code_file(), value) {
            (Some(file), Value::File(entry)) => {
                tree.files.insert(file.to_owned(), *entry);
            }
            (None, value) => return Some(value.clone()),
            _ => {}
        }
    }
    (!tree.files.is_empty()).then(|| tree.as_package())
}
