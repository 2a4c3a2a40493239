//! Saved plans: whatever planning makes reads back as itself, and whoever edits one has made another.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde_json::Value as Json;

use super::story::{Story, story};
use crate::archive::{File, Files, Limits, pack, unpack};
use crate::model::{Digest, FileKind};
use crate::plan::file::{ReadPlanError, read, write};
use crate::plan::tests::world::text;
use crate::plan::{Document, Made, Place, PlanDigest, SecretSource};

/// The document of a plan, with the contents of its files, which in these stories are single words.
pub fn document(story: &Story) -> Document {
    let plan = story.plan();
    let words = ["1", "2", "one", "two", "hotfix", "new", "mine"];
    let known: BTreeMap<Digest, Bytes> =
        words.map(|word| (Digest::of(word.as_bytes()), Bytes::from_static(word.as_bytes()))).into();
    let contents = Document::files(&plan, &BTreeMap::new())
        .into_iter()
        .map(|digest| (digest, known[&digest].clone()))
        .collect();
    let made = Made { at: "2026-11-22T13:00:00Z".to_owned(), by: "triform".to_owned(), ..Made::default() };
    let root = crate::model::Path::root();
    let place = Place { file: "s.yaml".to_owned(), line: 3, column: 5 };
    let places = plan.changes.keys().map(|at| (at.clone(), [(root.clone(), place.clone())].into()));
    let secrets = plan.changes.keys().map(|at| {
        let path = crate::plan::tests::world::path("env.A_TOKEN");
        (at.clone(), [(path, SecretSource::Variable("TOKEN".to_owned()))].into())
    });
    Document {
        made,
        places: places.collect(),
        secrets: secrets.collect(),
        links: Vec::new(),
        trees: BTreeMap::new(),
        contents,
        plan,
    }
}

/// Demands that a plan reads back as itself.
#[track_caller]
pub fn reads_back(story: &Story) {
    let document = document(story);
    let bytes = write(&document).expect("an archive");
    let again = read(&bytes).expect("a plan");
    assert_eq!(text(&again.plan), text(&document.plan));
    assert_eq!(again.plan.digest(), document.plan.digest());
    assert_eq!(write(&again).expect("an archive"), bytes);
}

/// A plan that holds a bit of everything.
fn everything() -> Story {
    story()
        .declare("function.a", "name=p memorySize=128 env.A=1 env.B_TOKEN=s file:a=one file:b=one cpu=2")
        .declare("trigger.a/t", "type=http description=x")
        .declare("function.b", "name=q runtime=old file:a=one")
        .declare("function.gone", "name=g file:a=one")
        .apply()
        .online("function.a", "memorySize=1024 file:a=hotfix env.A=2 timeout=9")
        .online("function.gone", "description=z")
        .declare(
            "function.a",
            "name=p memorySize=256 env.A=3 env.B_TOKEN=t file:a=one file:b=two cpu=2 timeout=9",
        )
        .declare("function.b", "name=q2 runtime=new file:a=two")
        .declare("function.c", "name=n file:a=new description=${function.b.id}")
        .declare("trigger.a/t", "type=timer cron=1")
        .remove("function.gone")
}

#[test]
fn undecided_or_decided_a_plan_reads_back_as_itself() {
    reads_back(&everything());
    reads_back(&everything().decide("use-local"));
    reads_back(&everything().decide("use-live"));
}

#[test]
fn one_other_byte_anywhere_is_found() {
    let bytes = write(&document(&everything().decide("use-local"))).expect("an archive");
    for at in 0..bytes.len() {
        let mut other = bytes.clone();
        other[at] ^= 1 << (at % 8);
        assert!(read(&other).is_err(), "byte {at}");
    }
    for length in (0..bytes.len()).step_by(5) {
        assert!(read(&bytes[..length]).is_err(), "cut at {length}");
    }
    let mut longer = bytes;
    longer.push(0);
    assert!(matches!(read(&longer), Err(ReadPlanError::Changed)));
}

#[test]
fn newer_plans_and_other_files_are_told_apart() {
    assert!(matches!(read(b"triform-plan 2 sha256:0\nnew"), Err(ReadPlanError::TooNew { found: 2 })));
    assert!(matches!(read(b"PK\x03\x04"), Err(ReadPlanError::NotAPlan)));
    assert!(matches!(read(b""), Err(ReadPlanError::NotAPlan)));
}

/// What the digest does not cover: it says how a plan is shown, and no apply does anything else for it.
const SHOWN_ONLY: [&str; 8] = [
    "/made/",
    "/places/",
    "/links/",
    "/secrets/",
    "/plan/unmanaged/",
    "/live/modified",
    "/old_live/modified",
    "/hint",
];

#[test]
fn edited_and_hashed_again_it_is_another_plan() {
    let document = document(&everything().decide("use-local use-live=function.a:memorySize"));
    let original = document.plan.digest();
    let bytes = write(&document).expect("an archive");
    let start = bytes.iter().position(|byte| *byte == b'\n').expect("a line") + 1;
    let files = unpack(&bytes[start..], &Limits::default()).expect("an archive");
    let json: Json = serde_json::from_slice(&files.get("plan.json").expect("a plan").content).expect("JSON");
    let mut leaves = Vec::new();
    collect(&json, String::new(), &mut leaves);
    let mut others = 0;
    for pointer in leaves {
        if pointer == "/digest" {
            continue; // taken anew below
        }
        for other in edits(json.pointer(&pointer).expect("a leaf")) {
            let mut edited = json.clone();
            *edited.pointer_mut(&pointer).expect("a leaf") = other.clone();
            let Some(digest) = digest_of(&files, edited) else { continue };
            // A file is its kind and content; that its size is written beside them is for people.
            let size = pointer.ends_with("/$file");
            let shown = size || SHOWN_ONLY.iter().any(|part| format!("{pointer}/").contains(part));
            assert!(shown || digest != original, "{pointer} -> {other}");
            others += usize::from(digest != original);
        }
    }
    assert!(others > 100, "{others}");
}

/// Pointers to every leaf.
fn collect(json: &Json, at: String, leaves: &mut Vec<String>) {
    let escape = |key: &str| key.replace('~', "~0").replace('/', "~1");
    match json {
        Json::Object(map) if !map.is_empty() => {
            map.iter().for_each(|(key, inner)| collect(inner, format!("{at}/{}", escape(key)), leaves));
        }
        Json::Array(items) if !items.is_empty() => {
            items
                .iter()
                .enumerate()
                .for_each(|(index, inner)| collect(inner, format!("{at}/{index}"), leaves));
        }
        _ => leaves.push(at),
    }
}

/// Other values that would still be read where this one is.
fn edits(leaf: &Json) -> Vec<Json> {
    match leaf {
        Json::Bool(value) => vec![Json::Bool(!value)],
        Json::Number(number) => vec![
            Json::from(number.as_f64().unwrap_or_default() + 1.0),
            Json::from(number.as_u64().unwrap_or_default() + 1),
        ],
        Json::String(text) => {
            let mut chars: Vec<char> = text.chars().collect();
            if let Some(last) = chars.last_mut() {
                *last = if *last == '0' { '1' } else { '0' };
            }
            let words =
                ["create", "update", "keep", "record", "delete", "use-live", "use-local", "write", "accept"];
            let mut all = vec![Json::from(chars.into_iter().collect::<String>()), Json::Null];
            all.extend(words.into_iter().filter(|word| word != text).map(Json::from));
            all
        }
        _ => vec![Json::Null],
    }
    .into_iter()
    .filter(|other| other != leaf)
    .collect()
}

/// What somebody gets who edits the document, and computes every checksum and digest anew.
fn digest_of(files: &Files, mut json: Json) -> Option<PlanDigest> {
    // The reader says which digest the edited plan has, since it refuses the old one.
    for _ in 0..2 {
        let mut files = files.clone();
        files.insert("plan.json", File::new(FileKind::Regular, json.to_string()));
        let archive = pack(&files).expect("an archive");
        let mut bytes = format!("triform-plan 1 sha256:{}\n", Digest::of(&archive)).into_bytes();
        bytes.extend_from_slice(&archive);
        match read(&bytes) {
            Ok(document) => return Some(document.plan.digest()),
            Err(ReadPlanError::Damaged(why)) => {
                let (_, actual) = why.split_once("and it is ")?;
                json["digest"] = Json::from(actual);
            }
            Err(_) => return None,
        }
    }
    None
}
