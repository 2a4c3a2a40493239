//! Lines of a text, found from any byte of them.

/// Returns whether nothing but white space stands here.
pub fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| byte == b' ' || byte == b'\t')
}

/// Returns where the line around a place begins, behind a byte-order mark.
pub fn line_start(text: &str, at: usize) -> usize {
    let start = text.get(..at).and_then(|front| front.rfind('\n')).map_or(0, |found| found + 1);
    if start == 0 && text.starts_with('\u{feff}') { '\u{feff}'.len_utf8().min(at) } else { start }
}

/// Returns where the line around a place ends, in front of its line end.
pub fn line_end(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    let line = rest.split('\n').next().unwrap_or_default();
    at + line.strip_suffix('\r').filter(|_| line.len() < rest.len()).unwrap_or(line).len()
}

/// Returns where the line behind a place begins.
pub fn next_line(text: &str, at: usize) -> usize {
    text.get(at..).and_then(|rest| rest.find('\n')).map_or(text.len(), |found| at + found + 1)
}

/// Returns how many characters stand in front of a place in its line.
pub fn column(text: &str, at: usize) -> usize {
    text.get(line_start(text, at)..at).map_or(0, |front| front.chars().count())
}
