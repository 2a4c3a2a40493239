//! Foreign text in Markdown: it ends no code span, fence, cell or tag, calls nobody, and links nothing.
//!
//! Mentions, references and links are made from running text and never inside code, so foreign text only ever
//! stands in code. Where a code span cannot hold it (a cell of a table, a tag), HTML's `<code>` does.

use std::fmt::Write as _;

/// Characters of a name before the rest is counted: a name is no place to hide a novel in.
const LONGEST: usize = 300;

/// Returns text as a code span.
pub(super) fn code(text: &str) -> String {
    let text = shortened(text);
    if text.trim().is_empty() {
        return tag(&text);
    }
    let ticks = "`".repeat(longest_run(&text) + 1);
    let pad = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) { " " } else { "" };
    format!("{ticks}{pad}{text}{pad}{ticks}")
}

/// Returns text as code in a cell of a table: there a bar would end the cell even in a code span.
pub(super) fn cell(text: &str) -> String {
    if text.contains('|') { tag(&shortened(text)) } else { code(text) }
}

/// Returns text as code where only HTML is read.
pub(super) fn tag(text: &str) -> String {
    format!("<code>{}</code>", html(&shortened(text)))
}

/// Returns text for HTML that Markdown may read too. A comment stands where somebody would be called, or an issue
/// linked.
pub(super) fn html(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        match character {
            ':' if !rest.as_str().starts_with('/') => safe.push(':'),
            '@' | '#' => _ = write!(safe, "&#{};<!-- -->", character as u32), // writing to a string cannot fail
            '&' | '<' | '>' | '"' | '\'' | '|' | '`' | '*' | '_' | '~' | '[' | ']' | '\\' | ':' | '$'
            | '!' => {
                _ = write!(safe, "&#{};", character as u32);
            }
            other => safe.push(other),
        }
    }
    safe
}

/// Returns lines in a fence that is longer than any run of backticks in them.
pub(super) fn fenced(language: &str, lines: &str) -> String {
    let fence = "`".repeat(longest_run(lines).max(2) + 1);
    let end = if lines.ends_with('\n') { "" } else { "\n" };
    format!("{fence}{language}\n{lines}{end}{fence}\n")
}

fn longest_run(text: &str) -> usize {
    let mut longest = 0;
    let mut run = 0;
    for character in text.chars() {
        run = if character == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}… ({} characters)", &text[..at], text.chars().count()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_longer_than_what_it_holds() {
        assert_eq!(code("a"), "`a`");
        assert_eq!(code("a``b"), "```a``b```");
        assert_eq!(code("`"), "`` ` ``");
        assert_eq!(code(" "), "<code> </code>");
        assert_eq!(cell("a|`b"), "<code>a&#124;&#96;b</code>");
    }

    #[test]
    fn a_fence_is_longer_than_what_it_holds() {
        assert_eq!(fenced("diff", "+a"), "```diff\n+a\n```\n");
        assert_eq!(fenced("diff", "+````\n"), "`````diff\n+````\n`````\n");
    }

    #[test]
    fn nobody_is_called_and_nothing_linked() {
        assert_eq!(
            html("@a #1 a@b.c http://x"),
            "&#64;<!-- -->a &#35;<!-- -->1 a&#64;<!-- -->b.c http&#58;//x"
        );
    }
}
