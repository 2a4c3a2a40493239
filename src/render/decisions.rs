//! The open questions of a plan as a decisions file, to be filled in.

use std::fmt::Write as _;

use super::Shown;
use super::text::plain;
use super::value::{optional, optional_planned};
use crate::model::Path;
use crate::plan::{OpenDecision, PathChange, PathOutcome, QuestionKind, Selector};

/// Returns the file. What stands after each `:` is for a person to write.
pub fn questions(shown: &Shown<'_>) -> String {
    let plan = &shown.document.plan;
    let mut text = format!(
        "# What was changed online in `{}`, and has to be decided. Write use-local (the project wins) or use-live (the\n\
         # cloud wins) behind each; then plan or apply with --decisions and this file. Selectors may be patterns: '*:code'\n\
         # is the code of all, '*' is everything else. `ADDRESS: skip` leaves a resource out of this plan.\n\
         plan: {} # the plan with these questions; a side that moves since makes another one of it\n\
         decisions:{}\n",
        plain(&plan.owner.project),
        plan.digest(),
        if plan.open().is_empty() { " {} # nothing is open" } else { "" },
    );
    for open in plan.open() {
        question(&mut text, &open);
    }
    text
}

fn question(text: &mut String, open: &OpenDecision<'_>) {
    let root = Path::root();
    let path = open.path.map_or(&root, |(path, _)| path);
    let selector = Selector::exact(&open.change.address, path).to_string();
    text.push('\n');
    let mut comment = |line: &str| {
        let _ = writeln!(text, "  # {}", plain(line)); // writing to a string cannot fail
    };
    match (open.path, &open.change.question) {
        (Some((path, inner)), _) => about_path(&mut comment, path, inner),
        (None, Some(question)) => comment(match question.kind {
            QuestionKind::Exists => {
                "it exists and was not deployed from here: take it over, and write what differs or nothing?"
            }
            QuestionKind::DeletedOnline => "it was deleted online: create it again, or leave it deleted?",
            QuestionKind::LeftAndDrifted => {
                "it left the project, and was edited online: delete it, or keep it online?"
            }
            QuestionKind::EditedSince => {
                "it was edited online since that apply: bring back what was there before, or leave it as it is?"
            }
            QuestionKind::ReplacedAndDrifted => {
                "it is to be replaced, and was edited online: what of the old one?"
            }
        }),
        (None, None) => {}
    }
    let _ = writeln!(text, "  '{}': # use-local or use-live", selector.replace('\'', "''"));
}

fn about_path(comment: &mut dyn FnMut(&str), path: &Path, inner: &PathChange) {
    if path.is_code() {
        comment("a file of the code; `triform plan` shows its difference");
    } else {
        let recorded = inner.recorded.as_ref().and_then(|recorded| recorded.observed.as_ref());
        let (config, recorded) = (optional_planned(inner.desired.as_ref()), optional(recorded));
        comment(&format!("config {config}, recorded {recorded}, live {}", optional(inner.live.as_ref())));
    }
    if inner.outcome == PathOutcome::Open(None) {
        comment("use-local cannot put it back: it has no value to go back to");
    }
}
