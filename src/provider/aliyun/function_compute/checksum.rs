//! The service's checksum of a package: CRC-64/XZ, written as an unsigned decimal number.

use crc::{CRC_64_XZ, Crc, Table};

/// Sixteen tables make it several times faster than one; packages are megabytes.
static CRC: Crc<u64, Table<16>> = Crc::<u64, Table<16>>::new(&CRC_64_XZ);

/// Returns the checksum of an archive.
pub fn checksum(archive: &[u8]) -> String {
    CRC.checksum(archive).to_string()
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], expected: &str) {
        assert_eq!(checksum(bytes), expected);
    }

    #[test]
    fn the_published_vectors() {
        check(b"", "0");
        check(b"a", "3675645893302102789");
        check(b"123456789", "11051210869376104954");
        check(b"hello world", "5981764153023615706");
        check(b"print('hello')", "4270285996107335518");
        check(&(0..=255).collect::<Vec<u8>>(), "8232944260754389680");
        check(&vec![0; 1 << 20], "6947770692288575170");
    }

    #[test]
    fn archives() {
        let archive = |text: &str| STANDARD.decode(text).expect("base64");
        check(&archive("UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA=="), "2220831586920633690");
        check(
            &archive(
                "UEsDBBQAAAAAAAAAIQCDPgQ9MAAAADAAAAAIAAAAaW5kZXgucHlkZWYgaGFuZGxlcihldmVudCwgY29udGV4dCk6CiAgICByZXR1cm4gImhlbGxvIgpQSwECFAMUAAAAAAAAACEAgz4EPTAAAAAwAAAACAAAAAAAAAAAAAAApIEAAAAAaW5kZXgucHlQSwUGAAAAAAEAAQA2AAAAVgAAAAAA",
            ),
            "667012082954328297",
        );
    }
}
