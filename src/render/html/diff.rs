//! A difference side by side, with the words that differ.

use maud::{Markup, html};
use similar::{ChangeTag, TextDiff};

use crate::render::view::{DiffLine, Difference, Hunk, Sign, plural};

/// Lines of one difference before the rest is counted.
const LINES: usize = 1000;

/// Pieces of a line before its words are not compared any more.
const PIECES: usize = 400;

/// The least that two lines have in common when they count as one line that was changed, of 100.
const ALIKE: u32 = 40;

/// Returns the old form on the left, the new one on the right.
pub(super) fn table(difference: &Difference) -> Markup {
    let mut room = LINES;
    let shown: Vec<(&Hunk, usize)> = difference
        .hunks
        .iter()
        .map(|hunk| {
            let lines = hunk.lines.len().min(room);
            room -= lines;
            (hunk, lines)
        })
        .collect();
    let more: usize = shown.iter().map(|(hunk, lines)| hunk.lines.len() - lines).sum();
    html! {
        div .diff role="region" aria-label="difference" tabindex="0" { table {
            colgroup { col .number; col; col .number; col; }
            @for (hunk, lines) in shown.iter().filter(|(_, lines)| *lines > 0) { (hunk_rows(hunk, *lines)) }
        } }
        @if more > 0 { p .note { "… " (more) " more " (plural(more, "line")) } }
    }
}

fn hunk_rows(hunk: &Hunk, most: usize) -> Markup {
    html! {
        tbody {
            tr .hunk { th colspan="4" scope="rowgroup" { (hunk.header) } }
            @for (old, new) in pairs(&hunk.lines[..most]) {
                @let (left, right) = words(old, new);
                tr .same[old.is_some_and(|old| old.sign == Sign::Same)] {
                    (side(old, old.and_then(|old| old.old), left, "del"))
                    (side(new, new.and_then(|new| new.new), right, "add"))
                }
            }
        }
    }
}

/// Lines next to each other: what both forms have, and what was removed beside what was added in its place.
fn pairs(lines: &[DiffLine]) -> Vec<(Option<&DiffLine>, Option<&DiffLine>)> {
    let mut pairs = Vec::new();
    let mut rest = lines;
    while let Some(first) = rest.first() {
        if first.sign == Sign::Same {
            pairs.push((Some(first), Some(first)));
            rest = &rest[1..];
            continue;
        }
        let run = |lines: &[DiffLine], sign| lines.iter().take_while(|line| line.sign == sign).count();
        let removed = run(rest, Sign::Removed);
        let added = run(&rest[removed..], Sign::Added);
        let (old, new) = (&rest[..removed], &rest[removed..removed + added]);
        let (left, right) = offsets(old, new);
        let at = |lines: &'_ [DiffLine], row: usize, offset: usize| {
            (row >= offset && row - offset < lines.len()).then(|| row - offset)
        };
        pairs.extend((0..removed.max(added)).map(|row| {
            (at(old, row, left).and_then(|at| old.get(at)), at(new, row, right).and_then(|at| new.get(at)))
        }));
        rest = &rest[removed + added..];
    }
    pairs
}

/// Returns how far down the shorter side stands, so that its lines are beside those that they are most like.
fn offsets(old: &[DiffLine], new: &[DiffLine]) -> (usize, usize) {
    const COMPARISONS: usize = 256;
    let (short, long) = if old.len() < new.len() { (old, new) } else { (new, old) };
    let most = long.len() - short.len();
    if short.is_empty() || most == 0 || short.len() * (most + 1) > COMPARISONS {
        return (0, 0);
    }
    let likeness = |offset: usize| -> u32 {
        short
            .iter()
            .zip(&long[offset..])
            .map(|(one, other)| alike(&pieces(&one.text), &pieces(&other.text)))
            .sum()
    };
    let best = (0..=most).max_by_key(|offset| (likeness(*offset), most - offset)).unwrap_or_default();
    if old.len() < new.len() { (best, 0) } else { (0, best) }
}

/// Returns how much of two lines is the same, blanks left out: from 0 to 100.
fn alike(left: &[&str], right: &[&str]) -> u32 {
    if left.len() > PIECES || right.len() > PIECES {
        return 0;
    }
    let weight = |text: &str| text.trim().chars().count();
    let all: usize = left.iter().chain(right).map(|piece| weight(piece)).sum();
    let diff = TextDiff::from_slices(left, right);
    let same = diff.iter_all_changes().filter(|change| change.tag() == ChangeTag::Equal);
    let same: usize = same.map(|change| 2 * weight(change.value())).sum();
    u32::try_from(same * 100 / all.max(1)).unwrap_or(100)
}

/// A piece of a line, and whether the other line lacks it.
type Pieces<'a> = Vec<(bool, &'a str)>;

fn side(line: Option<&DiffLine>, number: Option<usize>, pieces: Pieces<'_>, tone: &str) -> Markup {
    let tone = match line {
        None => "none",
        Some(line) if line.sign == Sign::Same => "",
        Some(_) => tone,
    };
    html! {
        td .number .(tone) { @if let Some(number) = number { (number) } }
        td .line .(tone) {
            @for (differs, text) in pieces { @if differs { mark { (text) } } @else { (text) } }
            @if let Some(line) = line {
                @if let Some(end) = line.end { span .note { "  " (end) } }
                @if line.unended { span .note { "  no newline at the end" } }
            }
        }
    }
}

fn words<'a>(old: Option<&'a DiffLine>, new: Option<&'a DiffLine>) -> (Pieces<'a>, Pieces<'a>) {
    let whole =
        |line: Option<&'a DiffLine>| line.map(|line| (false, line.text.as_str())).into_iter().collect();
    let (Some(before), Some(after)) = (old, new) else { return (whole(old), whole(new)) };
    if before.sign == Sign::Same {
        return (whole(old), whole(new));
    }
    let (left, right) = (pieces(&before.text), pieces(&after.text));
    if alike(&left, &right) < ALIKE {
        return (whole(old), whole(new));
    }
    let diff = TextDiff::from_slices(&left, &right);
    let mut sides = (Vec::new(), Vec::new());
    for change in diff.iter_all_changes() {
        let text = change.value();
        match change.tag() {
            ChangeTag::Equal => {
                sides.0.push((false, text));
                sides.1.push((false, text));
            }
            ChangeTag::Delete => sides.0.push((true, text)),
            ChangeTag::Insert => sides.1.push((true, text)),
        }
    }
    (joined(&before.text, sides.0), joined(&after.text, sides.1))
}

/// Words, and whatever stands between them by itself.
fn pieces(line: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut in_word = false;
    for (at, character) in line.char_indices() {
        let word = character.is_alphanumeric() || character == '_';
        if at > start && !(word && in_word) {
            pieces.push(&line[start..at]);
            start = at;
        }
        in_word = word;
    }
    if start < line.len() {
        pieces.push(&line[start..]);
    }
    pieces
}

/// Joins neighbours that are marked alike: they are pieces of one line, in its order.
fn joined<'a>(line: &'a str, pieces: Pieces<'_>) -> Pieces<'a> {
    let mut joined: Vec<(bool, usize, usize)> = Vec::new();
    let mut at = 0;
    for (differs, text) in pieces {
        let end = at + text.len();
        match joined.last_mut() {
            Some((same, _, last)) if *same == differs => *last = end,
            _ => joined.push((differs, at, end)),
        }
        at = end;
    }
    joined.into_iter().filter_map(|(differs, start, end)| Some((differs, line.get(start..end)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(before: &str, after: &str, expected: [&str; 2]) {
        let line = |sign, text: &str| DiffLine {
            sign,
            old: None,
            new: None,
            text: text.to_owned(),
            end: None,
            unended: false,
        };
        let (old, new) = (line(Sign::Removed, before), line(Sign::Added, after));
        let (left, right) = words(Some(&old), Some(&new));
        let shown = |pieces: Pieces<'_>| -> String {
            pieces
                .into_iter()
                .map(|(differs, text)| if differs { format!("[{text}]") } else { text.to_owned() })
                .collect()
        };
        assert_eq!([shown(left), shown(right)], expected);
    }

    #[test]
    fn a_line_stands_beside_the_one_it_is_like() {
        let line = |sign, text: &str| DiffLine {
            sign,
            old: None,
            new: None,
            text: text.to_owned(),
            end: None,
            unended: false,
        };
        let lines = [
            line(Sign::Removed, "    total = sum(x)"),
            line(Sign::Added, "    # a remark"),
            line(Sign::Added, "    total = sum(y)"),
        ];
        let found: Vec<[&str; 2]> = pairs(&lines)
            .into_iter()
            .map(|(old, new)| [old, new].map(|line| line.map_or("", |line| line.text.trim())))
            .collect();
        assert_eq!(found, [["", "# a remark"], ["total = sum(x)", "total = sum(y)"]]);
    }

    #[test]
    fn words_that_differ_are_marked() {
        check(
            "total = sum(x)",
            "total = round(sum(x), 2)",
            ["total = sum(x)", "total = [round(]sum(x)[, 2)]"],
        );
        check("größe = 1", "größe = 2", ["größe = [1]", "größe = [2]"]);
        check("nothing in common", "42 + 17", ["nothing in common", "42 + 17"]);
    }
}
