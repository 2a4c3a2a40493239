//! The files of a function's package, one by one, and edits of them.

use std::io::{Cursor, Read as _, Write as _};
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Value, json};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::emulator::api::{self, at_qualifier};
use crate::emulator::cloud::Cloud;
use crate::emulator::error::ApiError;
use crate::emulator::http::Answer;
use crate::emulator::pipeline::{self, Unsigned};
use crate::emulator::query::encode;
use crate::emulator::store::Look;
use crate::emulator::world::Map;

/// The largest file that the editor shows.
const EDITABLE_BYTES: u64 = 1 << 20;

/// The most files that the tree shows.
const FILES: usize = 2000;

/// The package as it was when its function had that etag.
struct Package {
    bytes: Bytes,
    etag: String,
}

fn package(cloud: &Cloud, region: &str, function: &str) -> Result<Package, ApiError> {
    let reader = cloud.store.reader()?;
    let found = at_qualifier(&reader, region, function, None)?;
    let digest = found.primary.kept_text("package").ok_or_else(|| {
        ApiError::invalid(format!("function '{function}' has no code package: it runs an image"))
    })?;
    let bytes = reader
        .package(digest)?
        .ok_or_else(|| ApiError::internal(format_args!("the package {digest} is missing")))?;
    Ok(Package { bytes, etag: api::etag(found.primary.revision) })
}

fn archive(bytes: &Bytes) -> Result<ZipArchive<Cursor<&[u8]>>, ApiError> {
    ZipArchive::new(Cursor::new(&**bytes)).map_err(unreadable)
}

fn unreadable(error: impl std::fmt::Display) -> ApiError {
    ApiError::invalid(format!("the code package cannot be read: {error}"))
}

/// The names of the files, by name, with their sizes.
pub fn list(cloud: &Cloud, region: &str, function: &str) -> Result<Value, ApiError> {
    let package = package(cloud, region, function)?;
    let mut archive = archive(&package.bytes)?;
    let mut files = Vec::new();
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index).map_err(unreadable)?;
        if !entry.is_dir() {
            let name = entry.name().map_err(unreadable)?.into_owned();
            files.push((name, entry.size(), entry.is_symlink()));
        }
    }
    files.sort();
    let count = files.len();
    files.truncate(FILES);
    let files: Vec<Value> =
        files.iter().map(|(path, size, link)| json!({"path": path, "size": size, "link": link})).collect();
    Ok(json!({"files": files, "count": count, "etag": package.etag}))
}

/// One file; its text is `null` when it is none, or too long for an editor.
pub fn one(cloud: &Cloud, region: &str, function: &str, path: &str) -> Result<Value, ApiError> {
    let package = package(cloud, region, function)?;
    let mut archive = archive(&package.bytes)?;
    let entry = archive
        .by_name(path)
        .map_err(|_| ApiError::not_found("NoSuchKey", format_args!("the file '{path}'")))?;
    let link = entry.is_symlink();
    let mut bytes = Vec::new();
    // The size that an archive declares is a claim; what comes out is counted.
    entry.take(EDITABLE_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    let fits = bytes.len() as u64 <= EDITABLE_BYTES && !bytes.contains(&0) && !link;
    let text = fits.then(|| String::from_utf8(bytes).ok()).flatten();
    Ok(json!({"path": path, "text": text, "etag": package.etag}))
}

/// Packs the files anew with some of them edited (`{"files": {"index.py": "…", "gone.py": null}}`), and updates the
/// function, if it is still as `if_match` says.
pub async fn edit(
    cloud: &Arc<Cloud>,
    region: &str,
    function: &str,
    if_match: Option<String>,
    edits: &Map,
) -> Result<Answer, ApiError> {
    let Some(Value::Object(files)) = edits.get("files") else {
        return Err(ApiError::invalid("files must be an object of texts"));
    };
    let package = package(cloud, region, function)?;
    let bytes = repack(&package.bytes, files)?;
    let mut body = Map::new();
    body.insert("code".to_owned(), json!({"zipFile": STANDARD.encode(bytes)}));
    // Without a demand of the page's own, at least nothing is lost that came since the package was read here.
    let if_match = if_match.or(Some(package.etag));
    let path = format!("/2023-03-30/functions/{}", encode(function));
    let call = Unsigned { region, method: "PUT", path: &path, raw_query: "", if_match, body };
    pipeline::unsigned(cloud, call).await
}

/// What is not edited stays byte for byte, with its mode and its time.
fn repack(old: &Bytes, edits: &Map) -> Result<Vec<u8>, ApiError> {
    let mut archive = archive(old)?;
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let mut modes = Map::new();
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index).map_err(unreadable)?;
        let name = entry.name().map_err(unreadable)?.into_owned();
        if edits.contains_key(&name) {
            modes.insert(name, json!(entry.unix_mode().map_or(0o644, |mode| mode & 0o777)));
        } else {
            zip.raw_copy_file(entry).map_err(unreadable)?;
        }
    }
    for (name, text) in edits {
        let Some(text) = text.as_str() else {
            continue;
        };
        let inside = name.split('/').all(|part| !matches!(part, "" | "." | ".."));
        if !inside || name.contains(['\\', '\0']) {
            return Err(ApiError::invalid(format!("'{name}' is not the name of a file inside a package")));
        }
        let mode = modes.get(name).and_then(Value::as_u64).and_then(|mode| u32::try_from(mode).ok());
        let options = SimpleFileOptions::default().unix_permissions(mode.unwrap_or(0o644));
        zip.start_file(name.as_str(), options).map_err(unreadable)?;
        zip.write_all(text.as_bytes()).map_err(unreadable)?;
    }
    zip.finish().map(Cursor::into_inner).map_err(unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(files: &[(&str, &str, u32)]) -> Bytes {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text, mode) in files {
            let options = SimpleFileOptions::default().unix_permissions(*mode);
            zip.start_file(*name, options).expect("an entry");
            zip.write_all(text.as_bytes()).expect("text");
        }
        zip.finish().expect("an archive").into_inner().into()
    }

    fn files(bytes: Vec<u8>) -> Vec<(String, String, u32)> {
        let bytes = Bytes::from(bytes);
        let mut archive = archive(&bytes).expect("an archive");
        let mut files = Vec::new();
        for index in 0..archive.len() {
            let mut entry = archive.by_index(index).expect("an entry");
            let mut text = String::new();
            entry.read_to_string(&mut text).expect("text");
            let mode = entry.unix_mode().expect("a mode") & 0o777;
            files.push((entry.name().expect("a name").into_owned(), text, mode));
        }
        files.sort();
        files
    }

    #[test]
    fn an_edit_keeps_other_files_and_modes() {
        let old =
            packed(&[("bootstrap", "#!/bin/sh", 0o755), ("lib/a.py", "a", 0o600), ("old.py", "", 0o644)]);
        let edits = json!({"bootstrap": "#!/bin/bash", "old.py": null, "lib/new.py": "函数"});
        let new = repack(&old, edits.as_object().expect("an object")).expect("is packed");
        let expected =
            [("bootstrap", "#!/bin/bash", 0o755), ("lib/a.py", "a", 0o600), ("lib/new.py", "函数", 0o644)];
        let expected = expected.map(|(name, text, mode)| (name.to_owned(), text.to_owned(), mode));
        assert_eq!(files(new), expected);
    }

    #[test]
    fn a_file_stays_inside_the_package() {
        for name in ["../x", "/etc/x", "a//b", "a\\b", "", "a/./b"] {
            let mut edits = Map::new();
            edits.insert(name.to_owned(), json!(""));
            assert!(repack(&packed(&[]), &edits).is_err(), "{name}");
        }
    }
}
