//! One resource of a plan.

use unicode_width::UnicodeWidthStr;

use super::{Page, code::code_lines};
use crate::render::text::{Doc, Label, Line};
use crate::render::view::{Asked, Code, Mark, Resource, Said, Section, Setting};

/// The least and the greatest column that values start in; in between, the longest path of a resource decides.
pub(super) const VALUES: std::ops::RangeInclusive<usize> = 24..=40;

/// The column that notes start in.
const NOTES: usize = 50;

pub(super) fn resource_lines(doc: &mut Doc, resource: &Resource, page: Page) {
    let line = Line::new().plain("  ").add(label(resource.mark), resource.mark.sign()).plain(" ");
    let line = line.add(Label::Strong, &resource.address);
    match &resource.heading {
        Some(heading) => {
            let label = if heading.online { Label::Drift } else { Label::Faint };
            noted(doc, line, label, &heading.text, page.width);
        }
        None => doc.line(line),
    }
    if let Some(moves) = &resource.moves {
        doc.line(Line::new().plain("    > ").plain(moves));
    }
    if let Some(reason) = resource.reason {
        doc.line(Line::new().plain("      ").add(Label::Faint, reason));
    }
    if let Some([old, new]) = &resource.identities {
        doc.line(Line::new().plain(format!("      {old} -> {new}")));
    }
    if let Some(asked) = &resource.asked {
        question_lines(doc, asked, page.width);
    }
    for (words, found) in &resource.found {
        doc.hanging(Label::Faint, &format!("= {words}: {}", found.join(", ")), 4, 2, page.width);
    }
    for section in &resource.sections {
        section_lines(doc, section, page);
    }
}

fn section_lines(doc: &mut Doc, section: &Section, page: Page) {
    if let Some(title) = section.title {
        doc.line(Line::new().plain(format!("      {title}:")));
    }
    let longest = section.settings.iter().map(|setting| setting.path.width()).max().unwrap_or_default();
    let column = (longest + 8).clamp(*VALUES.start(), *VALUES.end());
    for setting in &section.settings {
        setting_lines(doc, setting, column, page.width);
        if let Some(rule) = &setting.rule {
            doc.hanging(Label::Faint, rule, 10, 2, page.width);
        }
    }
    match &section.code {
        Some(Code::Upload(files)) => doc.line(Line::new().plain("      code").to(column).plain(files)),
        Some(Code::Files(files)) => code_lines(doc, files, page),
        None => {}
    }
}

/// Adds a line with a note behind it, or below it where there is no room.
fn noted(doc: &mut Doc, line: Line, label: Label, note: &str, width: usize) {
    let start = match note.width() {
        length if line.width() + 2 <= NOTES && NOTES + length <= width => NOTES,
        length if line.width() + 2 + length <= width => line.width().max(width - length - 2) + 2,
        _ => {
            doc.line(line);
            doc.line(Line::new().plain(" ".repeat(10)).add(label, note));
            return;
        }
    };
    doc.line(line.to(start).add(label, note));
}

/// Returns the colour of a sign.
pub(super) fn label(mark: Mark) -> Label {
    match mark {
        Mark::Create => Label::Created,
        Mark::Change | Mark::Move => Label::Changed,
        Mark::Replace | Mark::Delete => Label::Deleted,
        Mark::Ask => Label::Drift,
        Mark::Conflict => Label::Conflict,
        Mark::Forget | Mark::Same | Mark::None => Label::Faint,
    }
}

fn question_lines(doc: &mut Doc, asked: &Asked, width: usize) {
    let mut line = |label, text: String| doc.paragraph(label, &text, 6, width);
    match (&asked.covered_by, asked.open) {
        (Some(parent), _) => line(Label::Faint, format!("follows the answer for {parent}")),
        (None, true) => {
            line(Label::Drift, asked.what.to_owned());
            for answer in &asked.answers {
                line(Label::Plain, answer.to_string());
            }
        }
        (None, false) => {
            for answer in &asked.answers {
                line(Label::Plain, format!("{}; {answer}", asked.what));
            }
        }
    }
}

fn setting_lines(doc: &mut Doc, setting: &Setting, column: usize, width: usize) {
    let label = label(setting.mark);
    let row = |text: String| {
        let line = Line::new().plain("    ").add(label, setting.mark.sign()).plain(" ").plain(&setting.path);
        line.to(column).plain(text)
    };
    match &setting.said {
        Said::Will(value) => doc.line(row(value.clone())),
        Said::Moves { from, to, note } => {
            let note = note.map(|note| format!("   {note}")).unwrap_or_default();
            doc.line(row(format!("{from} -> {to}{note}")));
        }
        Said::Stays { live, note } => doc.line(row(format!("{live}  ")).add(Label::Faint, note)),
        Said::Edited { live, beside } => {
            let line = row(format!("{live} ")).add(Label::Drift, "live");
            noted(doc, line, Label::Plain, beside, width);
        }
        Said::Contested { note } => {
            doc.line(row(String::new()).add(label, *note));
            for side in &setting.sides {
                let line = Line::new().plain("          ").plain(side.name);
                doc.line(line.to(column).plain(&side.text));
            }
        }
    }
    if !setting.answers.is_empty() {
        let answers: Vec<String> = setting.answers.iter().map(ToString::to_string).collect();
        doc.line(Line::new().plain("          ").add(Label::Faint, answers.join("   ")));
    }
}
