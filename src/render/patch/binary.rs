//! Files that are no text, as git writes them into patches: compressed, in base 85, with the names of both contents.

use std::fmt::Write as _;
use std::io::{self, Read};

use flate2::Compression;
use flate2::read::ZlibEncoder;
use sha1::{Digest as _, Sha1};

/// Bytes of a line.
const LINE: usize = 52;

/// The digits.
const DIGITS: &[u8; 85] =
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";

/// Returns the name that git has for a content; zeros where there is none.
pub(super) fn name(content: Option<&[u8]>) -> String {
    let Some(content) = content else { return "0".repeat(40) };
    let mut hash = Sha1::new();
    hash.update(format!("blob {}\0", content.len()));
    hash.update(content);
    hex::encode(hash.finalize())
}

/// Returns both contents, whole: the new one, and the old one for whoever takes the patch back.
pub(super) fn both(old: &[u8], new: &[u8]) -> io::Result<String> {
    let mut text = "GIT binary patch\n".to_owned();
    for content in [new, old] {
        let _ = writeln!(text, "literal {}", content.len()); // writing to a string cannot fail
        let mut packed = Vec::new();
        ZlibEncoder::new(content, Compression::default()).read_to_end(&mut packed)?;
        for line in packed.chunks(LINE) {
            text.push(length(line.len()));
            line.chunks(4).for_each(|four| text.extend(digits(four)));
            text.push('\n');
        }
        text.push('\n');
    }
    Ok(text)
}

/// How many bytes a line holds, as its first character.
fn length(bytes: usize) -> char {
    let bytes = u8::try_from(bytes).unwrap_or_default();
    char::from(if bytes <= 26 { b'A' + bytes - 1 } else { b'a' + bytes - 27 })
}

fn digits(four: &[u8]) -> [char; 5] {
    let mut padded = [0; 4];
    padded[..four.len()].copy_from_slice(four);
    let mut number = u32::from_be_bytes(padded);
    let mut digits = ['0'; 5];
    for digit in digits.iter_mut().rev() {
        *digit = char::from(DIGITS[(number % 85) as usize]);
        number /= 85;
    }
    digits
}
