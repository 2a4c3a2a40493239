//! The saved plan: one file that holds all that a review and an apply need.
//!
//! It is one line and a zip archive. The line says what it is, in which format, and the SHA-256 of everything
//! after it, so that a byte that was changed, cut or added anywhere is found. The archive holds `plan.json` and the
//! contents of files under `contents/`, by their SHA-256; `unzip -p FILE plan.json` shows it, the line in front
//! is skipped by every unzip.
//!
//! A checksum is no signature: somebody who edits the file and computes the line anew has made another plan. What
//! tells the two apart is the digest, which covers everything that decides what an apply does, and which reading
//! takes anew. What the digest does not cover only says how the plan is shown.
#![allow(clippy::option_option, reason = "what use-local would write may be unknown, or nothing")]

mod check;
pub(super) mod nested;

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::document::{Made, Places, SecretSources};
use super::{Document, Plan, PlanDigest};
use crate::archive::{File, Files, Limits, PackError, pack, unpack};
use crate::model::{Attributes, Digest, FileKind, OutputRef};

/// The format that this triform writes.
pub const FORMAT: u32 = 1;

/// What the first line begins with.
const MAGIC: &str = "triform-plan ";

/// The longest first line: the word, a version, a digest and blanks between them.
const LONGEST_LINE: usize = 128;

const DOCUMENT: &str = "plan.json";
const CONTENTS: &str = "contents/";

/// A plan that cannot be read. The file is left as it was.
#[derive(Debug, thiserror::Error)]
pub enum ReadPlanError {
    /// It does not begin as a plan does.
    #[error("it is no saved plan")]
    NotAPlan,
    /// A newer triform wrote it.
    #[error("its format is {found}, newer than {FORMAT}, the newest that this triform reads")]
    TooNew {
        /// The version that was found.
        found: u32,
    },
    /// Its checksum is of other bytes: something was changed, cut or added.
    #[error("it was changed after it was written: the checksum in its first line is of other bytes")]
    Changed,
    /// Its checksum is right, and yet it is no plan that triform made.
    #[error("it is no plan that triform made: {0}")]
    Damaged(String),
}

/// `plan.json`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlanFile<P> {
    format: u32,
    digest: PlanDigest,
    made: Made,
    plan: P,
    places: Places,
    secrets: SecretSources,
    links: Vec<(String, OutputRef)>,
    trees: BTreeMap<Digest, Attributes>,
}

#[derive(Deserialize)]
struct Probe {
    format: u32,
}

/// Returns the bytes of the file.
///
/// # Errors
/// Fails when there is more than an archive can hold.
pub fn write(document: &Document) -> Result<Vec<u8>, PackError> {
    let Document { plan, made, places, secrets, links, trees, contents } = document;
    let file = PlanFile {
        format: FORMAT,
        digest: plan.digest(),
        made: made.clone(),
        plan,
        places: places.clone(),
        secrets: secrets.clone(),
        links: links.clone(),
        trees: trees.clone(),
    };
    let mut json = serde_json::to_vec(&file).expect("maps with text keys are JSON");
    json.push(b'\n');
    let mut files = Files::new();
    files.insert(DOCUMENT, File::new(FileKind::Regular, json));
    for (digest, content) in contents {
        files.insert(format!("{CONTENTS}{digest}"), File::new(FileKind::Regular, content.clone()));
    }
    let archive = pack(&files)?;
    let mut bytes = first_line(&archive).into_bytes();
    bytes.extend_from_slice(&archive);
    Ok(bytes)
}

/// Reads what [`write()`] wrote.
///
/// # Errors
/// Fails when a single byte is another one, when a newer triform wrote it, and when it was made by something else.
pub fn read(bytes: &[u8]) -> Result<Document, ReadPlanError> {
    let line = bytes.iter().take(LONGEST_LINE).position(|byte| *byte == b'\n');
    let (line, archive) = line.map(|end| bytes.split_at(end + 1)).ok_or(ReadPlanError::NotAPlan)?;
    let text = std::str::from_utf8(line).map_err(|_| ReadPlanError::NotAPlan)?;
    let rest = text.strip_prefix(MAGIC).ok_or(ReadPlanError::NotAPlan)?;
    let version = rest.split(' ').next().unwrap_or_default();
    match version.parse() {
        Ok(found) if found > FORMAT => return Err(ReadPlanError::TooNew { found }),
        Ok(_) => {}
        Err(_) => return Err(ReadPlanError::Changed),
    }
    // The line as a whole, so that not even its spelling can be another one.
    if text != first_line(archive) {
        return Err(ReadPlanError::Changed);
    }
    let document = from_archive(archive).map_err(ReadPlanError::Damaged)?;
    check::check(&document).map_err(ReadPlanError::Damaged)?;
    Ok(document)
}

fn first_line(archive: &[u8]) -> String {
    format!("{MAGIC}{FORMAT} sha256:{}\n", Digest::of(archive))
}

fn from_archive(archive: &[u8]) -> Result<Document, String> {
    // A plan may hold the code of many functions.
    let limits = Limits { entries: 1_000_000, bytes: 16 << 30 };
    let files = unpack(archive, &limits).map_err(|error| error.to_string())?;
    let json = files.get(DOCUMENT).ok_or_else(|| format!("it holds no `{DOCUMENT}`"))?;
    let Probe { format } = serde_json::from_slice(&json.content).map_err(|error| error.to_string())?;
    if format != FORMAT {
        return Err(format!("its first line says format {FORMAT}, and its `{DOCUMENT}` says {format}"));
    }
    let file: PlanFile<Plan> = serde_json::from_slice(&json.content).map_err(|error| error.to_string())?;
    let PlanFile { format: _, digest, made, plan, places, secrets, links, trees } = file;
    let mut contents: BTreeMap<Digest, Bytes> = BTreeMap::new();
    for (name, file) in files.iter().filter(|(name, _)| *name != DOCUMENT) {
        let named = name.strip_prefix(CONTENTS).and_then(|hex| hex.parse().ok());
        let entry = file.entry();
        if named != Some(entry.digest) || entry.kind != FileKind::Regular {
            return Err(format!("`{name}` in it is no content of a file"));
        }
        contents.insert(entry.digest, file.content.clone());
    }
    let document = Document { plan, made, places, secrets, links, trees, contents };
    let actual = document.plan.digest();
    if actual != digest {
        return Err(format!("it says that its digest is {digest}, and it is {actual}"));
    }
    Ok(document)
}
