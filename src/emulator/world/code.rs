//! Code packages: how they arrive, and the checksum by which the service names them.
//!
//! A package is the bytes of a zip archive, sent as base64. Nobody looks inside before it is run, as in
//! the service itself. The checksum is CRC-64/XZ as an unsigned decimal number.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use crc::{CRC_64_XZ, Crc, Table};
use serde_json::{Value, json};

use super::Document;
use crate::emulator::error::ApiError;
use crate::emulator::signature::sha256_hex;

/// The most bytes of a package that is sent in a request.
pub const PACKAGE_BYTES: usize = 100 << 20;

static CRC64: Crc<u64, Table<16>> = Crc::<u64, Table<16>>::new(&CRC_64_XZ);

/// The service's checksum of a package.
pub fn checksum(bytes: &[u8]) -> String {
    CRC64.checksum(bytes).to_string()
}

/// A package that arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// The archive.
    pub bytes: Vec<u8>,
    /// Its CRC-64, in decimal.
    pub checksum: String,
    /// Its SHA-256, in hexadecimal; the name under which it is stored.
    pub digest: String,
}

impl Package {
    /// Names the bytes.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self { checksum: checksum(&bytes), digest: sha256_hex(&bytes), bytes }
    }
}

/// Reads the `code` field of a request; `None` when there is none.
pub fn read(code: Option<&Value>) -> Result<Option<Package>, ApiError> {
    let code = match code {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Object(code)) => code,
        Some(_) => return Err(ApiError::invalid("code must be an object")),
    };
    let text = |name: &str| code.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    if text("ossBucketName").is_some() || text("ossObjectName").is_some() {
        return Err(ApiError::invalid(
            "code.ossBucketName and code.ossObjectName are not supported by the embedded cloud, which has no object store: send the package as code.zipFile",
        ));
    }
    let Some(zip) = text("zipFile") else {
        return Err(ApiError::invalid("Either ossBucketName/ossObjectName or zipFile must be set"));
    };
    let bytes = STANDARD
        .decode(zip)
        .map_err(|error| ApiError::invalid(format!("code.zipFile is not base64: {error}")))?;
    if bytes.len() > PACKAGE_BYTES {
        return Err(ApiError::too_large(PACKAGE_BYTES));
    }
    let package = Package::new(bytes);
    if let Some(claimed) = text("checksum") {
        check(&package, claimed, "code.checksum")?;
    }
    Ok(Some(package))
}

/// Refuses a package that is not the one whose checksum was claimed in `place`.
pub fn check(package: &Package, claimed: &str, place: &str) -> Result<(), ApiError> {
    if claimed == package.checksum {
        return Ok(());
    }
    let found = &package.checksum;
    Err(ApiError::invalid(format!("{place} is {claimed}, but the package that arrived has {found}")))
}

/// Names a new package in the function that has it.
pub fn carry(document: &mut Document, package: Option<&Package>) {
    if let Some(package) = package {
        document.shown.insert("codeSize".to_owned(), json!(package.bytes.len()));
        document.shown.insert("codeChecksum".to_owned(), json!(package.checksum));
        document.kept.insert("package".to_owned(), json!(package.digest));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_services() {
        assert_eq!(checksum(b""), "0");
        assert_eq!(checksum(b"123456789"), "11051210869376104954");
        assert_eq!(checksum(b"print('hello')"), "4270285996107335518");
        assert_eq!(checksum(&vec![0; 1 << 20]), "6947770692288575170");
    }

    #[test]
    fn a_damaged_upload_is_refused() {
        let good = json!({"zipFile": STANDARD.encode("print('hello')"), "checksum": "4270285996107335518"});
        assert_eq!(read(Some(&good)).map(|package| package.map(|package| package.bytes.len())), Ok(Some(14)));
        let bad = json!({"zipFile": STANDARD.encode("print('hellO')"), "checksum": "4270285996107335518"});
        assert!(read(Some(&bad)).is_err_and(|error| error.message.contains("4270285996107335518")));
        assert!(read(Some(&json!({"zipFile": "?"}))).is_err_and(|error| error.message.contains("base64")));
        assert!(read(Some(&json!({}))).is_err());
        assert!(
            read(Some(&json!({"ossBucketName": "b", "ossObjectName": "o"})))
                .is_err_and(|error| error.message.contains("zipFile"))
        );
    }
}
