//! The YAML 1.2 core types of plain scalars.
//!
//! `yes` and `on` are texts, `0o17` and `0x1F` are numbers. Digits with a leading zero stay texts: other
//! readers of the same file disagree about them, and an account number must keep its zeros.

use super::super::node::Content;
use crate::model::Number;

/// Returns the value that a plain scalar spells.
pub fn plain(text: &str) -> Content {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Content::Null,
        "true" | "True" | "TRUE" => Content::Bool(true),
        "false" | "False" | "FALSE" => Content::Bool(false),
        _ => number(text).map_or_else(|| Content::Text(text.to_owned()), Content::Number),
    }
}

/// Returns the number that a text spells; infinities and numbers with leading zeros are none.
pub fn number(text: &str) -> Option<Number> {
    let first = text.bytes().next()?;
    if !(first.is_ascii_digit() || matches!(first, b'+' | b'-' | b'.')) {
        return None;
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    for (prefix, radix) in [("0x", 16), ("0o", 8)] {
        if let Some(digits) = text.strip_prefix(prefix) {
            if !digits.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                return None;
            }
            let value = u64::from_str_radix(digits, radix).ok()?;
            return value.to_string().parse().ok().and_then(Number::new);
        }
    }
    if has_leading_zero(text) || !is_decimal(unsigned) {
        return None;
    }
    text.parse().ok().and_then(Number::new)
}

/// Returns whether this is a whole number with zeros in front, such as `010`.
pub fn has_leading_zero(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    unsigned.len() > 1 && unsigned.starts_with('0') && unsigned.bytes().all(|byte| byte.is_ascii_digit())
}

/// `( "." digits | digits [ "." digits? ] ) [ exponent ]`
fn is_decimal(text: &str) -> bool {
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let mantissa_fits = match mantissa.split_once('.') {
        Some((whole, fraction)) => digits(whole) && digits(fraction) && whole.len() + fraction.len() > 0,
        None => !mantissa.is_empty() && digits(mantissa),
    };
    let exponent_fits = exponent.is_none_or(|exponent| {
        let unsigned = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        !unsigned.is_empty() && digits(unsigned)
    });
    mantissa_fits && exponent_fits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let found = match plain(text) {
            Content::Null => "null".to_owned(),
            Content::Bool(value) => value.to_string(),
            Content::Number(number) => format!("number {number}"),
            Content::Text(text) => format!("text {text}"),
            other => format!("{other:?}"),
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn core_types() {
        check("", "null");
        check("~", "null");
        check("True", "true");
        check("512", "number 512");
        check("-1", "number -1");
        check("0x1F", "number 31");
        check("0o17", "number 15");
        check("0.35", "number 0.35");
        check("1e3", "number 1000");
        check("1.", "number 1");
        check("0", "number 0");
    }

    #[test]
    fn texts_that_look_like_something_else() {
        for text in [
            "yes",
            "off",
            "010",
            "-010",
            "1_000",
            "12:30",
            "2026-01-02",
            ".inf",
            ".nan",
            "3.10.1",
            "1e",
            ".",
            "-",
            "0x",
            "0xZ",
            "+",
        ] {
            check(text, &format!("text {text}"));
        }
    }
}
