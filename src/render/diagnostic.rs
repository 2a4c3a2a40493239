//! Diagnostics as a person at a terminal reads them: the line of the file, and a finger on the place.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::text::plain;
use crate::diag::{Diagnostic, Severity, Span};

/// Returns diagnostics, each with its place and its help, for a terminal of `width` columns.
pub fn diagnostics(diagnostics: &[Diagnostic], color: bool, width: usize) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() }.term_width(width);
    let mut text = String::new();
    for diagnostic in diagnostics {
        text.push_str(&one(diagnostic, &renderer, width));
        text.push_str("\n\n");
    }
    text
}

fn one(diagnostic: &Diagnostic, renderer: &Renderer, width: usize) -> String {
    let Diagnostic { severity, code, message, at, also, help } = diagnostic;
    let level = match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    // The title begins behind a word such as `warning[W0101]: `, and goes on below its own first letter.
    let message = wrapped(message, width.saturating_sub(code.len() + 11));
    // Snippets show the file as it is, so what a terminal would act on is replaced, one character by one.
    let shown: Vec<(&Span, &str, AnnotationKind, String)> = at
        .iter()
        .map(|(span, label)| (span, label.as_str(), AnnotationKind::Primary))
        .chain(also.iter().map(|(span, label)| (span, label.as_str(), AnnotationKind::Context)))
        .map(|(span, label, kind)| (span, label, kind, harmless(&span.source.text)))
        .collect();
    let mut group = Group::with_title(level.primary_title(message).id(*code));
    let mut used = Vec::new();
    for (span, _, _, text) in &shown {
        if used.contains(&&span.source.name) {
            continue;
        }
        used.push(&span.source.name);
        let mut snippet = Snippet::source(text.as_str()).path(span.source.name.as_str());
        for (other, label, kind, _) in
            shown.iter().filter(|(other, ..)| other.source.name == span.source.name)
        {
            let range = fit(text, other.range.clone());
            snippet = snippet.annotation((*kind).span(range).label(plain(label)));
        }
        group = group.element(snippet);
    }
    for line in help {
        group = group.element(Level::HELP.message(wrapped(line, width.saturating_sub(12))));
    }
    renderer.render(&[group]).clone()
}

/// Breaks a text at blanks, as far as its words let it.
fn wrapped(text: &str, width: usize) -> String {
    let mut doc = super::text::Doc::new();
    doc.paragraph(super::text::Label::Plain, &plain(text), 0, width.max(20));
    doc.paint(false).trim_end().to_owned()
}

/// Replaces control characters other than line breaks and tabs by as many bytes of `?`.
fn harmless(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        let hidden = character != '\n'
            && character != '\t'
            && character != '\r'
            && plain(character.encode_utf8(&mut [0; 4])).starts_with('\\')
            && character != '\\';
        if hidden {
            safe.extend(std::iter::repeat_n('?', character.len_utf8()));
        } else {
            safe.push(character);
        }
    }
    safe
}

/// Cuts a range to the text, so that no wrong span can end the program.
fn fit(text: &str, range: std::ops::Range<usize>) -> std::ops::Range<usize> {
    let floor = |mut at: usize| {
        at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = floor(range.start);
    start..floor(range.end).max(start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Source;
    use std::sync::Arc;

    #[test]
    fn it_shows_the_place_and_the_way_out() {
        let source = Arc::new(Source {
            name: "s.yaml".to_owned(),
            text: "name: 函数\nruntime: pyhton3.10\n".to_owned(),
        });
        let at = source.text.find("pyhton").expect("there");
        let span = Span { source, range: at..at + 10 };
        let diagnostic = Diagnostic::error("E0107", "unknown value for `runtime`")
            .at(span, "no such runtime")
            .help("did you mean `python3.10`?");
        let text = diagnostics(&[diagnostic], false, 80);
        assert!(text.contains("error[E0107]: unknown value for `runtime`"), "{text}");
        assert!(text.contains("s.yaml:2:10"), "{text}");
        assert!(text.contains("^^^^^^^^^^ no such runtime"), "{text}");
        assert!(text.contains("did you mean `python3.10`?"), "{text}");
    }

    #[test]
    fn it_is_as_wide_as_the_terminal() {
        let long =
            "the same value stands here and there, and nobody can tell which of them is meant ".repeat(3);
        for diagnostic in [Diagnostic::error("E0107", &long), Diagnostic::warning("W0107", &long)] {
            let text = diagnostics(&[diagnostic.help(&long)], false, 60);
            assert!(text.lines().all(|line| line.len() <= 60), "{text}");
            assert_eq!(text.matches("nobody").count(), 6, "nothing is lost: {text}");
        }
    }
}
