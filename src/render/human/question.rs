//! Questions, and the refusals that name what moved or could not be read.

use super::{View, change::resource_lines, name};
use crate::apply::Difference;
use crate::diag::Diagnostic;
use crate::model::{Address, Path};
use crate::plan::{Change, PathOutcome};
use crate::render::text::{Doc, Label, Line, plain};
use crate::render::value::{moment, optional};
use crate::render::{Part, view::resource};

/// What of a resource is asked about.
#[derive(Clone, Copy)]
pub enum About<'a> {
    /// All that is open.
    All,
    /// The resource as a whole.
    Itself,
    /// These paths of it.
    Paths(&'a [&'a Path]),
}

/// Returns a question with its own context: only the resource and what of it is asked about.
pub fn question(change: &Change, about: About<'_>, number: &str, view: &View<'_>) -> Doc {
    let mut doc = Doc::new();
    doc.line(Line::new());
    doc.line(Line::new().add(Label::Strong, number));
    let mut change = change.clone();
    let asked = change.question.as_ref().is_some_and(|question| question.decision.is_none());
    match about {
        About::All if asked => {}
        About::All => change.paths.retain(|_, inner| matches!(inner.outcome, PathOutcome::Open(_))),
        About::Itself => change.paths.clear(),
        About::Paths(paths) => {
            change.paths.retain(|path, _| paths.contains(&path));
            change.question = None;
        }
    }
    resource_lines(&mut doc, &resource(&change, &view.sources(Part::Whole)), view.page());
    doc.folded(view.width)
}

/// Returns what moved since a plan was made: the resource, its differences, and when it was modified.
pub fn stale<'a>(
    moved: impl Iterator<Item = (&'a Address, &'a [Difference], Option<&'a str>)>,
    width: usize,
) -> Doc {
    let mut doc = Doc::new();
    doc.line(Line::new().to(44).plain("plan saw").to(60).plain("now"));
    for (address, differences, modified) in moved {
        let modified = modified.map_or_else(String::new, |time| format!("   modified {}", moment(time)));
        doc.line(Line::new().plain("  ").add(Label::Strong, name(address)).add(Label::Faint, modified));
        for Difference { path, saw, now } in differences {
            let path =
                if path.is_root() { "the resource itself".to_owned() } else { plain(&path.to_string()) };
            let line = Line::new().plain("    ").add(Label::Drift, path);
            doc.line(line.to(44).plain(optional(saw.as_ref())).to(60).plain(optional(now.as_ref())));
        }
    }
    doc.folded(width)
}

/// Returns the resources that could not be read, each with the `--exclude` that goes round it.
pub fn unread<'a>(unread: impl Iterator<Item = (&'a Address, &'a Diagnostic)>, width: usize) -> Doc {
    let mut doc = Doc::new();
    for (address, why) in unread {
        doc.line(Line::new().plain("  ").add(Label::Bad, "?").plain(" ").add(Label::Strong, name(address)));
        doc.paragraph(Label::Plain, &plain(&format!("{} [{}]", why.message, why.code)), 6, width);
        for help in &why.help {
            doc.paragraph(Label::Faint, &plain(help), 6, width);
        }
        doc.line(
            Line::new().plain("      to plan without it: ").plain(format!("--exclude '{}'", name(address))),
        );
    }
    doc.folded(width)
}
