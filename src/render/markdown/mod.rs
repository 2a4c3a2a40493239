//! A plan as a comment on a pull request.
//!
//! First what will happen and what has to be decided, then the details, folded for each resource. A comment has a
//! largest size, and a plan has not, so [`fit`] gives each resource as much room as there is: what does not fit is
//! counted and named. Foreign text stands in code only; [`escape`] keeps it there.

mod escape;
mod fit;
mod state;
#[cfg(test)]
mod tests;

use std::fmt::Write as _;

use self::escape::{cell, code, fenced, html, tag};
use self::fit::{Fitted, Shape};
pub use self::state::state;
use super::view::{
    Asked, Code, File, Files, HOW_TO_DECIDE, LEFT_OUT, LOST, Open, PlanView, Resource, SKIPPED, Said,
    Section, Setting, UNMANAGED, plural,
};
use super::{Part, Shown};

/// The most that a comment holds, in characters. Bytes are counted, of which there are never fewer.
pub const LIMIT: usize = 65_536;

/// Lines of one file's difference before the rest is counted.
const DIFF_LINES: usize = 200;

/// Returns the whole text.
pub fn markdown(shown: &Shown<'_>) -> String {
    let view = PlanView::of(shown);
    let mut text = head(&view, shown.part);
    decisions(&mut text, &view);
    let foot = foot(&view);
    let room = LIMIT.saturating_sub(text.len() + foot.len());
    let fitted = fit::fit(&view.resources, room, resource);
    if !fitted.is_empty() {
        text.push_str("### Resources\n\n");
    }
    fitted.pieces.iter().for_each(|piece| text.push_str(piece));
    left_over(&mut text, &fitted);
    text + &foot
}

fn head(view: &PlanView, part: Part) -> String {
    let title = if part == Part::Whole { "Plan for" } else { "Drift in" };
    let mut text = format!("## {title} {}\n\n", code(&view.project));
    let facts: Vec<String> = view.facts.iter().map(|fact| html(fact)).collect();
    _ = writeln!(text, "{}\n", facts.join(" · ")); // writing to a string cannot fail
    if let Some(undoes) = &view.undoes {
        _ = writeln!(text, "{}\n", html(undoes));
    }
    let todo = (!view.todo.is_empty()).then(|| view.todo.join(", "));
    let counts: Vec<String> = [todo, view.online.clone(), view.needed.clone()]
        .into_iter()
        .flatten()
        .map(|count| format!("**{count}**"))
        .chain(view.accepted.clone())
        .chain(view.ignored.clone())
        .collect();
    if !counts.is_empty() {
        _ = writeln!(text, "{}\n", counts.join(" · "));
    }
    if let Some(remembered) = &view.remembered {
        _ = writeln!(text, "> **{remembered}**\n");
    }
    if let Some(closing) = view.closing {
        _ = writeln!(text, "{closing}\n");
    }
    if let Some(digest) = &view.digest {
        _ = writeln!(text, "Plan {}\n", code(digest));
    }
    text
}

/// The decisions needed: they take at most a third of the page.
fn decisions(text: &mut String, view: &PlanView) {
    let Some(needed) = &view.needed else { return };
    _ = writeln!(text, "### {needed}\n");
    let most = text.len() + LIMIT / 3;
    let mut more = 0;
    for (resource, open) in view.open() {
        let item = decision(resource, open);
        if more > 0 || text.len() + item.len() > most {
            more += 1;
        } else {
            text.push_str(&item);
        }
    }
    if more > 0 {
        _ = writeln!(text, "- … and {more} more {}", plural(more, "decision"));
    }
    let word = |word: &str| if word.starts_with("--") { code(word) } else { word.to_owned() };
    let how: Vec<String> = HOW_TO_DECIDE.split(' ').map(word).collect();
    _ = writeln!(text, "\n{}.\n", how.join(" "));
}

fn decision(resource: &Resource, open: Open<'_>) -> String {
    let path = open.path().map(|path| format!(" {}", code(&path))).unwrap_or_default();
    let side = |(name, text): (&str, String)| format!("{name} {}", code(&text)).trim_start().to_owned();
    let sides: Vec<String> = open.sides().into_iter().map(side).collect();
    let sides = if sides.is_empty() { String::new() } else { format!(": {}", sides.join(", ")) };
    let mark = code(open.mark().sign());
    let when = resource.modified.as_ref().map(|time| format!(" ({})", html(time))).unwrap_or_default();
    let mut text = format!("- {mark} {}{path}, {}{when}{sides}\n", code(&resource.address), open.note());
    for answer in open.answers() {
        // Where it is about a path, the text holds its values.
        let what = if open.path().is_some() { code(&answer.text) } else { answer.text.clone() };
        _ = writeln!(text, "  - **{}** {what}", answer.lead());
    }
    text
}

/// One resource, folded.
fn resource(resource: &Resource, shape: Shape) -> String {
    let mut title =
        vec![format!("{} {}", tag(resource.mark.sign()), tag(&resource.address)), resource.deed().to_owned()];
    title.extend(resource.heading.iter().map(|heading| html(&heading.text)));
    let open = resource.open().count();
    if open > 0 {
        title.push(format!("<b>{open} {} needed</b>", plural(open, "decision")));
    }
    let mut text = format!("<details>\n<summary>{}</summary>\n\n", title.join(" · "));
    if let Some(moves) = &resource.moves {
        _ = writeln!(text, "{}\n", code(moves));
    }
    if let Some(reason) = resource.reason {
        _ = writeln!(text, "{reason}\n");
    }
    if let Some([old, new]) = &resource.identities {
        _ = writeln!(text, "{} -> {}\n", code(old), code(new));
    }
    if let Some(asked) = &resource.asked {
        question(&mut text, asked);
    }
    for (words, found) in &resource.found {
        let found: Vec<String> = found.iter().map(|found| code(found)).collect();
        _ = writeln!(text, "{words}: {}\n", found.join(", "));
    }
    for section in &resource.sections {
        section_text(&mut text, section, shape);
    }
    text.push_str("</details>\n\n");
    text
}

fn question(text: &mut String, asked: &Asked) {
    if let Some(parent) = &asked.covered_by {
        _ = writeln!(text, "follows the answer for {}\n", code(parent));
        return;
    }
    _ = writeln!(text, "{}:\n", asked.what);
    for answer in &asked.answers {
        _ = writeln!(text, "- **{}** {}", answer.lead(), answer.text);
    }
    text.push('\n');
}

fn section_text(text: &mut String, section: &Section, shape: Shape) {
    if let Some(title) = section.title {
        _ = writeln!(text, "{title}:\n");
    }
    let (made, moved): (Vec<&Setting>, Vec<&Setting>) =
        section.settings.iter().partition(|setting| matches!(setting.said, Said::Will(_)));
    if !made.is_empty() {
        let side = made.first().and_then(|setting| setting.sides.first()).map_or("config", |side| side.name);
        _ = writeln!(text, "| setting | {side} |\n| --- | --- |");
        for setting in made {
            let value = setting.sides.first().map_or("", |side| &side.text);
            _ = writeln!(text, "| {} | {} |", cell(&setting.path), cell(value));
        }
        text.push('\n');
    }
    if !moved.is_empty() {
        text.push_str("| | setting | config | recorded | live | |\n| --- | --- | --- | --- | --- | --- |\n");
        for setting in moved {
            row(text, setting);
        }
        text.push('\n');
    }
    match &section.code {
        Some(Code::Upload(files)) => _ = writeln!(text, "code: {files}\n"),
        Some(Code::Files(files)) => files_text(text, files, shape),
        None => {}
    }
}

/// The three sides in their order, and what happens.
fn row(text: &mut String, setting: &Setting) {
    let side = |name| {
        setting.sides.iter().find(|side| side.name == name).map(|side| cell(&side.text)).unwrap_or_default()
    };
    let what = match &setting.said {
        Said::Moves { from, to, note } => {
            let note = note.map(|note| format!(", {note}")).unwrap_or_default();
            format!("{}{note}", cell(&format!("{from} -> {to}")))
        }
        Said::Stays { note, .. } => html(note),
        Said::Edited { .. } if setting.answers.is_empty() => "edited online".to_owned(),
        Said::Contested { note } if setting.answers.is_empty() => (*note).to_owned(),
        Said::Will(_) | Said::Edited { .. } | Said::Contested { .. } => {
            let answers = setting.answers.iter();
            let answers = answers.map(|answer| format!("**{}** {}", answer.lead(), cell(&answer.text)));
            answers.collect::<Vec<_>>().join("<br>")
        }
    };
    let rule = setting.rule.as_ref().map(|rule| format!("<br>{}", html(rule))).unwrap_or_default();
    let what = what + &rule;
    let [config, recorded, live] = ["config", "recorded", "live"].map(side);
    let (mark, path) = (code(setting.mark.sign()), cell(&setting.path));
    _ = writeln!(text, "| {mark} | {path} | {config} | {recorded} | {live} | {what} |");
}

fn files_text(text: &mut String, code: &Files, shape: Shape) {
    let online = code.online.as_ref().map(|online| format!(", {online}")).unwrap_or_default();
    _ = writeln!(text, "code{online}:\n");
    for file in &code.files {
        file_text(text, file, shape);
    }
    for rule in &code.rules {
        _ = writeln!(text, "{}\n", html(rule));
    }
    if let Some(merged) = &code.merged {
        _ = writeln!(text, "{merged}\n");
    }
}

fn file_text(text: &mut String, file: &File, shape: Shape) {
    for difference in &file.differences {
        let name = format!("{} {}", code(file.mark.sign()), code(&file.name));
        let side =
            if difference.side.is_empty() { String::new() } else { format!(" {}", html(difference.side)) };
        let decided = file.decided.map(|decided| format!(", {decided}")).unwrap_or_default();
        let note = difference.note.as_ref().map(|note| format!(", {note}")).unwrap_or_default();
        _ = writeln!(text, "{name}{side} {}{note}{decided}\n", code(&difference.counts));
        if shape == Shape::Whole && !difference.hunks.is_empty() {
            text.push_str(&fenced("diff", &diff(&difference.hunks)));
            text.push('\n');
        }
    }
}

/// The lines of a difference; of those after the first few only the number.
fn diff(hunks: &[super::view::Hunk]) -> String {
    let lines = hunks.iter().flat_map(|hunk| {
        let lines = hunk.lines.iter().flat_map(|line| {
            let end = line.end.map(|end| format!("  \\ {end}")).unwrap_or_default();
            let unended = line.unended.then(|| "\\ no newline at the end".to_owned());
            std::iter::once(format!("{}{}{end}", line.sign.sign(), line.text)).chain(unended)
        });
        std::iter::once(hunk.header.clone()).chain(lines)
    });
    let mut text = String::new();
    let mut more = 0;
    for (number, line) in lines.enumerate() {
        if number < DIFF_LINES {
            _ = writeln!(text, "{line}");
        } else {
            more += 1;
        }
    }
    if more > 0 {
        _ = writeln!(text, "# … {more} more lines");
    }
    text
}

/// What did not fit, and where to find it.
fn left_over(text: &mut String, fitted: &Fitted<'_>) {
    let Fitted { pieces, lineless, named, counted } = fitted;
    if *lineless == 0 && named.is_empty() && counted.is_empty() {
        return;
    }
    let counted_in_all: usize = counted.values().sum();
    let total = pieces.len() + named.len() + counted_in_all;
    _ = writeln!(
        text,
        "**Not everything fits into a comment.** Of {total} {}: {} shown, {lineless} of them without the lines that \
         differ; {} only named; {counted_in_all} only counted.\n",
        plural(total, "resource"),
        pieces.len(),
        named.len(),
    );
    if !named.is_empty() {
        _ = writeln!(text, "Only named: {}.\n", named.join(", "));
    }
    if !counted.is_empty() {
        let counts: Vec<String> = counted.iter().map(|(deed, count)| format!("{count} {deed}")).collect();
        _ = writeln!(text, "Only counted: {}.\n", counts.join(", "));
    }
    text.push_str("Every rendering but this one shows them all.\n\n");
}

/// What is not ours, and what is left out: each takes at most a sixteenth of the page.
fn foot(view: &PlanView) -> String {
    let mut text = String::new();
    if !view.unmanaged.is_empty() {
        let named =
            view.unmanaged.iter().map(|child| format!("{} ({})", code(&child.address), html(&child.note)));
        _ = writeln!(text, "{UNMANAGED}: {}.\n", listed(named));
    }
    if !view.lost.is_empty() {
        let lost = view.lost.iter().map(|lost| format!("{} ({})", code(&lost.place), lost.why));
        _ = writeln!(text, "{LOST}: {}.\n", listed(lost));
    }
    if !view.left_out.is_empty() {
        _ = writeln!(text, "{LEFT_OUT}: {}.\n", listed(view.left_out.iter().map(|address| code(address))));
    }
    if !view.skipped.is_empty() {
        _ = writeln!(text, "{SKIPPED}: {}.\n", listed(view.skipped.iter().map(|address| code(address))));
    }
    text
}

fn listed(names: impl Iterator<Item = String>) -> String {
    let mut text = String::new();
    let mut more = 0;
    for name in names {
        if more > 0 || text.len() + name.len() > LIMIT / 16 {
            more += 1;
        } else {
            let comma = if text.is_empty() { "" } else { ", " };
            text = text + comma + &name;
        }
    }
    if more > 0 {
        _ = write!(text, " and {more} more");
    }
    text
}
