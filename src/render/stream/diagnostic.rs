//! Errors and warnings, with their place in the configuration where it is known.

use serde_json::{Value as Json, json};

use super::{Level, Line};
use crate::diag::{Diagnostic, Severity, Source, Span};
use crate::model::Address;

/// Returns an error.
pub fn error(summary: &str, detail: &str) -> Line {
    told(Severity::Error, summary, detail)
}

/// Returns a warning.
pub fn warning(summary: &str, detail: &str) -> Line {
    told(Severity::Warning, summary, detail)
}

/// Says which resource a diagnostic is about.
pub fn about(mut line: Line, address: &Address) -> Line {
    if let Some(diagnostic) = line.payload.get_mut("diagnostic") {
        diagnostic["address"] = address.to_string().into();
    }
    line
}

/// Returns what is wrong with somebody's input.
pub fn diagnostic(found: &Diagnostic) -> Line {
    let Diagnostic { severity, code, message, at, also, help } = found;
    let mut detail: Vec<String> = Vec::new();
    let label = |span: &Span, label: &str| match label {
        "" => format!("See {span}."),
        label => format!("{span}: {label}"),
    };
    detail.extend(at.iter().filter(|(_, label)| !label.is_empty()).map(|(_, label)| label.clone()));
    detail.extend(also.iter().map(|(span, text)| label(span, text)));
    detail.extend(help.iter().map(|help| format!("help: {help}")));
    let mut line = told(*severity, message, &detail.join("\n"));
    if let (Some((span, _)), Some(diagnostic)) = (at, line.payload.get_mut("diagnostic")) {
        diagnostic["range"] = range(span);
        diagnostic["snippet"] = snippet(span);
    }
    line.with("triform", json!({"code": code}))
}

fn told(severity: Severity, summary: &str, detail: &str) -> Line {
    let (level, word, title) = match severity {
        Severity::Error => (Level::Error, "error", "Error"),
        Severity::Warning => (Level::Warn, "warning", "Warning"),
    };
    Line::new(level, "diagnostic", format!("{title}: {summary}"))
        .with("diagnostic", json!({"severity": word, "summary": summary, "detail": detail}))
}

fn range(span: &Span) -> Json {
    let (start, end) = bounds(span);
    let position = |byte: usize| {
        let (line, column) = Span { source: span.source.clone(), range: byte..byte }.line_column();
        json!({"line": line, "column": column, "byte": byte})
    };
    json!({"filename": span.source.name, "start": position(start), "end": position(end)})
}

/// Returns the lines that a span touches, and where it is in them, in bytes.
fn snippet(span: &Span) -> Json {
    let text = &span.source.text;
    let (start, end) = bounds(span);
    let first = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let last = text[end..].find('\n').map_or(text.len(), |at| end + at);
    let code = text[first..last].trim_end_matches('\r');
    json!({
        "context": null,
        "code": code,
        "start_line": text[..first].matches('\n').count() + 1,
        "highlight_start_offset": start - first,
        "highlight_end_offset": (end - first).min(code.len()),
        "values": [],
    })
}

/// Returns where a span starts and ends, cut to the text and to whole characters, so that no wrong one can end the
/// program. A line break at the end of a span is no part of what it points at.
fn bounds(span: &Span) -> (usize, usize) {
    let Source { text, .. } = span.source.as_ref();
    let whole = |at: usize| (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let start = whole(span.range.start);
    let end = whole(span.range.end).max(start);
    (start, start + text[start..end].trim_end_matches(['\n', '\r']).len())
}
