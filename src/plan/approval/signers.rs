//! Whose signature counts: the file that `ssh-keygen -Y verify` and git call allowed signers.
//!
//! A line names principals, perhaps options, and a key: `anna@example.com namespaces="triform-plan" ssh-ed25519 AAAA…`.
//! A line that cannot be followed to the letter refuses the whole file, since leaving an option out could only let
//! more people in. Authorities that vouch for the keys of others are not supported.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use ssh_key::PublicKey;
use ssh_key::public::KeyData;

/// Everybody whose signature counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowedSigners {
    signers: Vec<Signer>,
}

/// One line of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Signer {
    /// Who it is.
    pub principals: String,
    /// The key.
    pub key: KeyData,
    options: Options,
}

/// When and for what a line counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Options {
    namespaces: Option<String>,
    after: Option<Timestamp>,
    before: Option<Timestamp>,
}

/// A file of allowed signers that cannot be followed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct ParseSignersError {
    /// Which, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub what: String,
}

/// Why a signer's signature does not count.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAllowed {
    /// The line is for other purposes.
    #[error("the key may not sign plans: its `namespaces` do not name `{0}`")]
    Namespace(String),
    /// The line counts later.
    #[error("the key is valid only from {0} on")]
    NotYet(Timestamp),
    /// The line counted earlier.
    #[error("the key was valid only until {0}")]
    Expired(Timestamp),
}

impl AllowedSigners {
    /// Reads the file. Times without a `Z` are in `zone`.
    pub fn parse(text: &str, zone: &TimeZone) -> Result<Self, ParseSignersError> {
        let lines = text.lines().map(str::trim).enumerate();
        let said = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
        let signers = said.map(|(index, line)| {
            Signer::parse(line, zone).map_err(|what| ParseSignersError { line: index + 1, what })
        });
        Ok(Self { signers: signers.collect::<Result<_, _>>()? })
    }

    /// Returns the lines of a key, in their order.
    pub(super) fn of<'a>(&'a self, key: &KeyData) -> impl Iterator<Item = &'a Signer> {
        self.signers.iter().filter(move |signer| signer.key == *key)
    }
}

impl Signer {
    fn parse(line: &str, zone: &TimeZone) -> Result<Self, String> {
        let (principals, rest) = word(line)?;
        if rest.is_empty() {
            return Err(format!("`{line}` is neither principals with a key nor a comment"));
        }
        let unreadable = |error| format!("the key of {principals} cannot be read: {error}");
        let (key, options) = match PublicKey::from_openssh(rest) {
            Ok(key) => (key, Options::default()),
            Err(error) => {
                let (options, key) = word(rest)?;
                if key.is_empty() {
                    return Err(unreadable(error));
                }
                let options = Options::parse(options, zone)?;
                (PublicKey::from_openssh(key).map_err(unreadable)?, options)
            }
        };
        let principals = principals.trim_matches('"').to_owned();
        Ok(Self { principals, key: key.key_data().clone(), options })
    }

    /// Says whether a signature of this purpose counts at this moment.
    pub(super) fn check(&self, namespace: &str, now: Timestamp) -> Result<(), NotAllowed> {
        let Options { namespaces, after, before } = &self.options;
        if namespaces.as_ref().is_some_and(|patterns| !is_listed(namespace, patterns)) {
            return Err(NotAllowed::Namespace(namespace.to_owned()));
        }
        match (*after, *before) {
            (Some(after), _) if now < after => Err(NotAllowed::NotYet(after)),
            (_, Some(before)) if now > before => Err(NotAllowed::Expired(before)),
            _ => Ok(()),
        }
    }
}

impl Options {
    fn parse(text: &str, zone: &TimeZone) -> Result<Self, String> {
        let mut options = Self::default();
        split(text, ',')?.into_iter().try_for_each(|option| options.add(option, zone))?;
        match (options.after, options.before) {
            (Some(after), Some(before)) if after >= before => {
                Err("its `valid-after` is not before its `valid-before`".to_owned())
            }
            _ => Ok(options),
        }
    }

    fn add(&mut self, option: &str, zone: &TimeZone) -> Result<(), String> {
        let (name, value) =
            option.split_once('=').map_or((option, None), |(name, value)| (name, Some(value)));
        let value = || {
            let quoted = value.and_then(|value| value.strip_prefix('"')?.strip_suffix('"'));
            quoted.ok_or_else(|| format!("`{option}` is not of the form {name}=\"…\""))
        };
        match name.to_ascii_lowercase().as_str() {
            "namespaces" => self.namespaces = Some(value()?.to_owned()),
            "valid-after" => self.after = Some(moment(value()?, zone)?),
            "valid-before" => self.before = Some(moment(value()?, zone)?),
            "cert-authority" => {
                let what = "`cert-authority` is not supported: list the keys of the signers themselves";
                return Err(what.to_owned());
            }
            _ => return Err(format!("`{name}` is no option of a signer that is known here")),
        }
        Ok(())
    }
}

/// Returns the first word and the rest; blanks in quotes belong to a word.
fn word(text: &str) -> Result<(&str, &str), String> {
    let mut quoted = false;
    let end = text.find(|sign: char| {
        quoted ^= sign == '"';
        !quoted && sign.is_ascii_whitespace()
    });
    match end {
        Some(end) => Ok((&text[..end], text[end..].trim_start())),
        None if quoted => Err("a quote is opened and never closed".to_owned()),
        None => Ok((text, "")),
    }
}

/// Splits at a sign that stands outside quotes.
fn split(text: &str, at: char) -> Result<Vec<&str>, String> {
    let mut quoted = false;
    let pieces = text.split(|sign: char| {
        quoted ^= sign == '"';
        !quoted && sign == at
    });
    let pieces = pieces.collect();
    if quoted { Err("a quote is opened and never closed".to_owned()) } else { Ok(pieces) }
}

/// Reads `YYYYMMDD`, `YYYYMMDDHHMM` or `YYYYMMDDHHMMSS`, with a `Z` for UTC.
fn moment(text: &str, zone: &TimeZone) -> Result<Timestamp, String> {
    let error =
        || format!("`{text}` is no time; times are YYYYMMDD, YYYYMMDDHHMM or YYYYMMDDHHMMSS, with Z for UTC");
    let (digits, utc) =
        text.strip_suffix(['Z', 'z']).map_or((text, None), |rest| (rest, Some(TimeZone::UTC)));
    let form = match digits.len() {
        _ if !digits.bytes().all(|byte| byte.is_ascii_digit()) => return Err(error()),
        8 => "%Y%m%d",
        12 => "%Y%m%d%H%M",
        14 => "%Y%m%d%H%M%S",
        _ => return Err(error()),
    };
    let day = |text| {
        jiff::civil::Date::strptime("%Y%m%d", text)
            .map(|date| date.to_datetime(jiff::civil::Time::midnight()))
    };
    let civil = if digits.len() == 8 { day(digits) } else { DateTime::strptime(form, digits) };
    let zoned = civil.and_then(|civil| civil.to_zoned(utc.unwrap_or_else(|| zone.clone())));
    zoned.map(|zoned| zoned.timestamp()).map_err(|_| error())
}

/// Returns whether a text is in a list of patterns, as OpenSSH reads one: any of them, and none that begins with `!`.
fn is_listed(text: &str, patterns: &str) -> bool {
    let mut listed = false;
    for pattern in patterns.split(',') {
        match pattern.strip_prefix('!') {
            Some(pattern) if is_like(text.as_bytes(), pattern.as_bytes()) => return false,
            Some(_) => {}
            None => listed |= is_like(text.as_bytes(), pattern.as_bytes()),
        }
    }
    listed
}

/// `*` stands for any text, `?` for any one sign.
fn is_like(text: &[u8], pattern: &[u8]) -> bool {
    let (mut at, mut from) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while at < text.len() {
        match pattern.get(from) {
            Some(b'*') => {
                star = Some((from, at));
                from += 1;
            }
            Some(sign) if *sign == b'?' || *sign == text[at] => (at, from) = (at + 1, from + 1),
            _ => match star {
                Some((back, kept)) => {
                    star = Some((back, kept + 1));
                    (at, from) = (kept + 1, back + 1);
                }
                None => return false,
            },
        }
    }
    pattern[from..].iter().all(|sign| *sign == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILM+rvN+ot98qgEN796jTiQfZfG1KaT0PtFDJ/XFSqti";

    fn parse(text: &str) -> Result<AllowedSigners, ParseSignersError> {
        AllowedSigners::parse(text, &TimeZone::fixed(jiff::tz::offset(8)))
    }

    /// Whether a signature counts at a moment.
    #[track_caller]
    fn check(options: &str, now: &str, expected: Result<(), &str>) {
        let signers = parse(&format!("anna {options} {KEY} a comment")).expect("signers");
        let found = signers.signers[0].check("triform-plan", now.parse().expect("a time"));
        assert_eq!(found.map_err(|error| error.to_string()), expected.map_err(str::to_owned), "{options}");
    }

    #[test]
    fn a_file_with_all_that_it_may_hold() {
        let text = format!(
            "# who may approve\n\nanna@example.com,*@ops.example.com {KEY}\n  \"ben\" namespaces=\"git,triform-*\",\
             valid-before=\"20270101\" {KEY} ben's laptop\n"
        );
        let signers = parse(&text).expect("signers").signers;
        let principals: Vec<&str> = signers.iter().map(|signer| signer.principals.as_str()).collect();
        assert_eq!(principals, ["anna@example.com,*@ops.example.com", "ben"]);
    }

    #[test]
    fn a_key_counts_for_its_namespaces_and_in_its_time() {
        let noon = "2026-11-22T12:00:00Z";
        check("", noon, Ok(()));
        let elsewhere = Err("the key may not sign plans: its `namespaces` do not name `triform-plan`");
        check("namespaces=\"file,git\"", noon, elsewhere);
        check("namespaces=\"triform-????,other\"", noon, Ok(()));
        check("namespaces=\"*,!triform-plan\"", noon, elsewhere);
        check("NAMESPACES=\"*plan\"", noon, Ok(()));
        check("valid-after=\"20261122\"", "2026-11-21T16:00:00Z", Ok(()));
        check(
            "valid-after=\"20261122\"",
            "2026-11-21T15:59:59Z",
            Err("the key is valid only from 2026-11-21T16:00:00Z on"),
        );
        check(
            "valid-after=\"20261122Z\"",
            "2026-11-21T23:59:59Z",
            Err("the key is valid only from 2026-11-22T00:00:00Z on"),
        );
        check("valid-before=\"202611221200Z\"", noon, Ok(()));
        check(
            "valid-before=\"20261122115959Z\"",
            noon,
            Err("the key was valid only until 2026-11-22T11:59:59Z"),
        );
    }

    #[test]
    fn a_line_that_cannot_be_followed_refuses_the_file() {
        for (line, what) in [
            ("anna".to_owned(), "neither principals with a key nor a comment"),
            ("anna ssh-ed25519".to_owned(), "cannot be read"),
            (format!("anna cert-authority {KEY}"), "`cert-authority` is not supported"),
            (format!("anna no-touch-required {KEY}"), "`no-touch-required` is no option"),
            (format!("anna namespaces=triform {KEY}"), "not of the form namespaces=\"…\""),
            (format!("anna namespaces=\"triform {KEY}"), "never closed"),
            (format!("anna valid-after=\"2026\" {KEY}"), "`2026` is no time"),
            (format!("anna valid-after=\"20261322\" {KEY}"), "`20261322` is no time"),
            (format!("anna valid-after=\"20270101\",valid-before=\"20260101\" {KEY}"), "is not before"),
        ] {
            let error = parse(&format!("# one\n{line}\n")).expect_err(&line);
            assert!(error.line == 2 && error.what.contains(what), "{line}: {error}");
        }
    }
}
