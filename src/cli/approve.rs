//! Getting a plan approved: by what was said on the command line, else by the person at the terminal.
//!
//! Whatever is named has to hold: a digest, classes. With none of them named, `--auto-approve` approves any plan,
//! and without that a person is asked. Nobody is asked after something that was named did not hold.

use clap::{ArgAction, Args as ClapArgs};

use super::args::switch;
use super::exit::{Exit, tell_error};
use super::out::{Out, Rest};
use super::prompt;
use crate::plan::{
    Approval, ApprovalClass, ApprovalError, ApprovedPlan, ClassedPlace, Means, Plan, PlanDigest,
};
use crate::render::text::{Doc, Label, Line, plain};

/// Places of one class that a refusal names; the others are counted.
const PLACES: usize = 5;

/// How a plan is approved.
#[derive(Debug, Default, ClapArgs)]
#[command(next_help_heading = "Approval")]
pub struct ApprovalArgs {
    /// Approve the plan as it is; decides nothing about what was changed online.
    #[arg(short = 'y', long, visible_alias = "assume-yes", action = ArgAction::SetTrue, value_parser = switch, env = "TRIFORM_AUTO_APPROVE")]
    pub auto_approve: bool,
    /// Approve the plan that was reviewed, by its whole digest (`sha256:` and 64 hex digits), and no other.
    #[arg(long, value_name = "DIGEST", env = "TRIFORM_APPROVE")]
    pub approve: Option<PlanDigest>,
    /// Approve a plan that holds only changes of these classes: create, recreate, edit, code, overwrite, take-over,
    /// replace, delete, move, forget, accept; see docs/approval.md.
    #[arg(long, value_name = "CLASS,…", value_delimiter = ',', env = "TRIFORM_APPROVE_CLASSES")]
    pub approve_classes: Option<Vec<ApprovalClass>>,
}

/// Gets a plan approved. `by` is who runs the command. A plan that does nothing needs no approval.
pub fn approve(out: &Out, plan: Plan, asked: &ApprovalArgs, by: &str) -> Result<ApprovedPlan, Exit> {
    let mut means = named(asked);
    if means.is_empty() && asked.auto_approve {
        means.push(Means::Auto);
    }
    if means.is_empty() && !plan.is_empty() {
        means.push(ask(out, &plan)?);
    }
    let actual = plan.digest();
    ApprovedPlan::new(plan, Approval { by: by.to_owned(), means })
        .map_err(|error| refuse(out, &error, actual))
}

/// Returns what was named to hold. Approving whatever there is adds nothing to it.
fn named(asked: &ApprovalArgs) -> Vec<Means> {
    let classes = asked.approve_classes.as_ref();
    let classes = classes.map(|classes| Means::Classes(classes.iter().copied().collect()));
    asked.approve.map(Means::Digest).into_iter().chain(classes).collect()
}

fn ask(out: &Out, plan: &Plan) -> Result<Means, Exit> {
    if !out.can_ask() {
        let what =
            "the plan is not approved, and nobody can be asked here; nothing was changed (exit code 6)";
        let help = "approve the plan that you reviewed with --approve DIGEST, what may be done unseen with \
                    --approve-classes CLASS,…, or this plan as it is with --auto-approve";
        out.error(what, &[Rest::Help(help)]);
        return Err(Exit::NotApproved);
    }
    if prompt::approve(out) {
        Ok(Means::Person(plan.digest()))
    } else {
        out.say(Label::Plain, "Not approved; nothing was changed.");
        Err(Exit::NotApproved)
    }
}

/// Says why a plan may not be applied.
fn refuse(out: &Out, error: &ApprovalError, actual: PlanDigest) -> Exit {
    let mut doc = Doc::new();
    match error {
        ApprovalError::Undecided(_) => {
            tell_error(out, error, None);
            return Exit::Undecided;
        }
        ApprovalError::Nobody => tell_error(out, error, None),
        ApprovalError::Other { approved, actual: _ } => {
            doc.line(Line::new().plain(format!("  approved   {approved}")));
            doc.line(Line::new().plain(format!("  this plan  {actual}")));
            let help = "what it was made from moved since, or it was made with other flags; review this plan, and \
                        approve its digest";
            let what = "another plan was approved; nothing was changed (exit code 6)";
            out.error(what, &[Rest::Lines(doc), Rest::Help(help)]);
        }
        ApprovalError::Classes(refused) => {
            for (class, places) in refused {
                doc.paragraph(Label::Plain, &plain(&format!("{class}: {}", some(places))), 2, out.width());
            }
            let what = "the plan holds changes of classes that --approve-classes does not name; nothing was changed \
                        (exit code 6)";
            let help = format!(
                "review the plan, and approve its digest with --approve {actual}, or name these classes as well"
            );
            out.error(what, &[Rest::Lines(doc), Rest::Help(&help)]);
        }
    }
    Exit::NotApproved
}

/// Lists the first places, and counts the others.
fn some(places: &[ClassedPlace]) -> String {
    let mut words: Vec<String> = places.iter().take(PLACES).map(ToString::to_string).collect();
    if let Some(more) = places.len().checked_sub(PLACES).filter(|more| *more > 0) {
        words.push(format!("and {more} more"));
    }
    words.join(", ")
}
