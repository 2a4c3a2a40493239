//! Code, file by file, with unified diffs of texts.

use super::Page;
use super::change::label;
use crate::render::text::{Doc, Label, Line};
use crate::render::view::{Difference, File, Files, Sign};

const FILES: usize = 28;
const NOTES: usize = 50;

pub(super) fn code_lines(doc: &mut Doc, code: &Files, page: Page) {
    let mut line = Line::new().plain("    ").add(label(code.mark), code.mark.sign()).plain(" code");
    if let Some(online) = &code.online {
        line = line.to(NOTES).add(Label::Drift, online);
    }
    doc.line(line);
    for file in &code.files {
        file_lines(doc, file, page.diff_lines);
    }
    for rule in &code.rules {
        doc.hanging(Label::Faint, rule, 10, 2, page.width);
    }
    if let Some(merged) = &code.merged {
        doc.line(Line::new().plain("          ").add(Label::Faint, merged));
    }
}

fn file_lines(doc: &mut Doc, file: &File, most: usize) {
    for difference in &file.differences {
        let line = Line::new().plain("      ").add(label(file.mark), file.mark.sign()).plain(" ");
        let line = line.plain(&file.name).to(FILES);
        let line = line.plain(format!("{:<9} {}", difference.side, difference.counts));
        doc.line(match file.decided {
            Some(decided) => line.to(NOTES).add(Label::Faint, decided),
            None => line,
        });
        difference_lines(doc, difference, most);
    }
}

/// The lines of one difference; of those after the first few only the number.
fn difference_lines(doc: &mut Doc, difference: &Difference, most: usize) {
    let mut number = 0;
    let mut add = |label, text: String| {
        number += 1;
        if number <= most {
            doc.line(Line::new().plain("          │ ").add(label, text));
        }
    };
    if let Some(note) = &difference.note {
        add(Label::Faint, format!("\\ {note}"));
    }
    for hunk in &difference.hunks {
        add(Label::Faint, hunk.header.clone());
        for line in &hunk.lines {
            let label = match line.sign {
                Sign::Same => Label::Plain,
                Sign::Removed => Label::Deleted,
                Sign::Added => Label::Created,
            };
            let end = line.end.map(|end| format!("  \\ {end}")).unwrap_or_default();
            add(label, format!("{}{}{end}", line.sign.sign(), line.text));
            if line.unended {
                add(Label::Faint, "\\ no newline at the end".to_owned());
            }
        }
    }
    if number > most {
        let text = format!("… {} more lines", number - most);
        doc.line(Line::new().plain("          │ ").add(Label::Faint, text));
    }
}
