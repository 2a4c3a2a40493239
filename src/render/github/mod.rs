//! A plan as annotations on the lines of the configuration that its changes come from.
//!
//! GitHub Actions reads commands from what a step prints: `::warning file=s.yaml,line=12,title=…::…` puts a note
//! beside that line of the pull request. What stops an apply until somebody decides is an error, what removes or
//! overwrites something or was changed online is a warning, everything else a notice. GitHub shows ten of each kind
//! for a step and drops the others silently, so the last of ten says what is left out. What is declared nowhere, such
//! as a resource that goes, has no line, and stands among the notes of the whole run.

use std::collections::BTreeMap;

use super::{Part, Shown};
use crate::model::Path;
use crate::plan::{Action, Change, PathChange, PathOutcome, Place};
use crate::render::text::plain;
use crate::render::value::moment;
use crate::render::view::{self, Answer, Said, Setting, Sources};

#[cfg(test)]
mod tests;

/// How many notes of one kind GitHub shows for one step.
const SHOWN: usize = 10;

/// How many of those that are left out are named, and how many files of one package.
const NAMED: usize = 50;

/// How loud a note is, the most important first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Error,
    Warning,
    Notice,
}

struct Note<'a> {
    level: Level,
    place: Option<&'a Place>,
    title: String,
    message: String,
}

/// Returns a plan as workflow commands, one a line; nothing where there is nothing to say.
pub fn render(shown: &Shown<'_>) -> String {
    let mut notes =
        BTreeMap::from([(Level::Error, vec![]), (Level::Warning, vec![]), (Level::Notice, vec![])]);
    for note in notes_of(shown) {
        notes.entry(note.level).or_default().push(note);
    }
    notes.into_values().flat_map(limited).map(|note| note.command()).collect()
}

fn notes_of<'a>(shown: &'a Shown<'a>) -> Vec<Note<'a>> {
    let plan = &shown.document.plan;
    let mut notes = Vec::new();
    // First, so that they are not among those that are not shown.
    let whole = [(view::remembered(plan), "not refreshed"), (view::left_out(plan), "partial plan")];
    for (message, title) in whole {
        notes.extend(message.map(|message| Note {
            level: Level::Warning,
            place: None,
            title: title.to_owned(),
            message,
        }));
    }
    for change in plan.moving().filter(|change| shown.part == Part::Whole || change.moved_online()) {
        Teller { shown, change, notes: &mut notes }.all();
    }
    for child in &plan.unmanaged {
        let parent = plan.parent_of(child);
        let place = parent.and_then(|change| shown.document.place(&change.address, &Path::root()));
        let title = plain(&child.address.to_string());
        let modified = child.modified.as_deref().map(|time| format!(", modified {}", moment(time)));
        let kept = format!("It is kept as it is{}.", modified.unwrap_or_default());
        let message = format!("{}: {title}. {kept}", view::UNMANAGED);
        let (level, rule) = match &child.rule {
            Some(rule) => (
                if rule.expired { Level::Warning } else { Level::Notice },
                format!(" {}.", view::ruled(rule, crate::diff::Class::Drift)),
            ),
            None => (Level::Warning, String::new()),
        };
        notes.push(Note { level, place, title, message: message + &rule });
    }
    notes
}

/// Says all that is to be said of one resource.
struct Teller<'a, 'n> {
    shown: &'a Shown<'a>,
    change: &'a Change,
    notes: &'n mut Vec<Note<'a>>,
}

impl Teller<'_, '_> {
    fn all(&mut self) {
        let change = self.change;
        self.whole();
        // The answer for the whole reaches every path, and what is made or removed is told as a whole.
        let quiet =
            matches!(change.action, Action::Create | Action::Delete | Action::Forget | Action::Release);
        for paths in [&change.paths, &change.old_paths] {
            for (path, inner) in paths.iter().filter(|(path, _)| !path.is_code()) {
                let told = inner.class.needs_decision() || (!quiet && is_written(inner));
                if told && self.wants(inner) {
                    self.path(path, inner);
                }
            }
        }
        self.code();
    }

    fn wants(&self, inner: &PathChange) -> bool {
        self.shown.part == Part::Whole || inner.moved_online()
    }

    fn push(&mut self, level: Level, path: &Path, title: String, message: String) {
        let place = self.shown.document.place(&self.change.address, path);
        // A report of drift stops nothing.
        let level = if self.shown.part == Part::Drift { Level::Warning } else { level };
        self.notes.push(Note { level, place, title, message });
    }

    /// What happens to the resource as a whole.
    fn whole(&mut self) {
        let change = self.change;
        let (schemas, part) = (self.shown.schemas, self.shown.part);
        let secrets = &self.shown.document.secrets;
        let resource = view::resource(change, &Sources { schemas, content: &|_| None, secrets, part });
        let title = resource.address.clone();
        if let Some(asked) = &resource.asked {
            if asked.covered_by.is_none() {
                let level = if asked.open { Level::Error } else { Level::Warning };
                self.push(level, &Path::root(), title, with_answers(asked.what.to_owned(), &asked.answers));
            }
            return;
        }
        if self.shown.part == Part::Drift {
            return;
        }
        let (level, message) = match change.action {
            Action::Create => (Level::Notice, "will be created"),
            Action::Replace if change.asked_anew => {
                (Level::Warning, "will be replaced as asked (--replace): it is removed and made anew")
            }
            Action::Replace => (Level::Warning, "will be replaced: it is removed and made anew"),
            Action::Delete => (Level::Warning, "will be deleted"),
            Action::Forget if change.live.is_some() => {
                (Level::Notice, "its record will be dropped; it stays online")
            }
            Action::Forget => (Level::Notice, "is gone; its record will be dropped"),
            Action::Release => (Level::Warning, "what was declared here will be removed from it"),
            Action::TakeOver => (Level::Notice, "will be taken over"),
            Action::Keep | Action::Update | Action::Record => {
                if let Some(moves) = resource.moves {
                    self.push(Level::Notice, &Path::root(), title, moves);
                }
                return;
            }
        };
        self.push(level, &Path::root(), title, message.to_owned());
    }

    fn path(&mut self, path: &Path, inner: &PathChange) {
        let secrets = self.shown.document.secrets.get(&self.change.address);
        let source = secrets.and_then(|secrets| secrets.get(path));
        let setting = view::setting(self.change, path, inner, source);
        let title = format!("{}: {}", plain(&self.change.address.to_string()), setting.path);
        self.push(self.level(inner), path, title, message(&setting, self.since(&[(path, inner)])));
    }

    /// When the resource was last modified, where one of these moved online.
    fn since(&self, paths: &[(&Path, &PathChange)]) -> Option<String> {
        let live = self.change.live.as_ref().or(self.change.old_live.as_ref())?;
        let online = self.change.is_foreign() || paths.iter().any(|(_, inner)| inner.moved_online());
        let modified = live.modified.as_deref().filter(|_| online)?;
        Some(format!("last modified {}", moment(modified)))
    }

    fn level(&self, inner: &PathChange) -> Level {
        let question = self.change.question.as_ref();
        if question.is_some_and(|question| question.decision.is_none()) {
            Level::Notice // the question about the whole is the error, and its answer reaches every path
        } else if matches!(inner.outcome, PathOutcome::Open(_)) {
            Level::Error
        } else if inner.is_ignored() {
            Level::Notice
        } else if inner.class.needs_decision() || inner.replaces {
            Level::Warning
        } else {
            Level::Notice
        }
    }

    /// All of the code in one note, for it has one line.
    fn code(&mut self) {
        let change = self.change;
        let told = |(path, inner): &(&Path, &PathChange)| {
            path.is_code() && (is_written(inner) || inner.class.needs_decision()) && self.wants(inner)
        };
        let files: Vec<_> = change.paths.iter().chain(&change.old_paths).filter(told).collect();
        let Some(level) = files.iter().map(|(_, inner)| self.level(inner)).min() else { return };
        let mut lines: Vec<String> = files
            .iter()
            .take(NAMED)
            .map(|(path, inner)| {
                let open = match inner.outcome {
                    PathOutcome::Open(_) => ", decision needed",
                    PathOutcome::Ignore => ", ignored",
                    _ => "",
                };
                let name = path.code_file().unwrap_or("the whole package");
                format!("{}: {}{open}", plain(name), inner.class.word())
            })
            .collect();
        if files.len() > NAMED {
            lines.push(format!("and {} more", files.len() - NAMED));
        }
        let title = format!("{}: code", plain(&change.address.to_string()));
        lines.extend(self.since(&files));
        self.push(level, &Path::field("code"), title, lines.join("\n"));
    }
}

fn is_written(inner: &PathChange) -> bool {
    matches!(inner.outcome, PathOutcome::Write(_))
}

/// Says what happens to a path, and what each decision would do.
fn message(setting: &Setting, since: Option<String>) -> String {
    let sides = || {
        let sides = setting.sides.iter().map(|side| format!("{} {}", side.name, side.text));
        sides.collect::<Vec<_>>().join(", ")
    };
    let said = match &setting.said {
        Said::Will(text) => text.clone(),
        Said::Moves { from, to, note } => {
            format!("{from} -> {to}{}", note.map(|note| format!(", {note}")).unwrap_or_default())
        }
        Said::Stays { live, note } => format!("{live}: {note}"),
        Said::Edited { live, beside } => format!("edited online: {live} (live); {beside}"),
        Said::Contested { note } => format!("{note}: {}", sides()),
    };
    let said = std::iter::once(said).chain(since).collect::<Vec<_>>().join("; ");
    let rule = setting.rule.as_ref().map(|rule| format!("\n{rule}")).unwrap_or_default();
    with_answers(said, &setting.answers) + &rule
}

fn with_answers(said: String, answers: &[Answer]) -> String {
    std::iter::once(said).chain(answers.iter().map(Answer::to_string)).collect::<Vec<_>>().join("\n")
}

/// Returns as many notes of one kind as are shown; the last one says what is left out.
fn limited(mut notes: Vec<Note<'_>>) -> Vec<Note<'_>> {
    if notes.len() <= SHOWN {
        return notes;
    }
    let rest = notes.split_off(SHOWN - 1);
    let mut names: Vec<String> = rest.iter().take(NAMED).map(|note| note.title.clone()).collect();
    if rest.len() > NAMED {
        names.push(format!("and {} more", rest.len() - NAMED));
    }
    let level = rest.first().map_or(Level::Notice, |note| note.level);
    let title = format!("{} more", rest.len());
    let message = format!("Not shown here, because GitHub shows {SHOWN} for a step:\n{}", names.join("\n"));
    notes.push(Note { level, place: None, title, message });
    notes
}

impl Note<'_> {
    fn command(&self) -> String {
        let level = match self.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Notice => "notice",
        };
        let place = self
            .place
            .map(|Place { file, line, column }| format!("file={},line={line},col={column},", property(file)));
        let (title, message) = (property(&self.title), data(&self.message));
        format!("::{level} {}title={title}::{message}\n", place.unwrap_or_default())
    }
}

/// Escapes what stands after the second pair of colons.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes what stands between the pairs of colons.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
