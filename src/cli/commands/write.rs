//! `apply --write`: what the plan keeps as it is live goes into the project, and the plan is made again with that.

use crate::cli::exit::{Exit, tell_failure};
use crate::cli::out::{Out, Rest};
use crate::cli::prompt;
use crate::ops::adopt::{self, Proposal, Which};
use crate::ops::{Failure, Setup, Survey};
use crate::plan::{Plan, decided};
use crate::render::adoption;
use crate::render::text::Label;

/// Lines of one file's difference that are shown.
const DIFF_LINES: usize = 40;

/// Works out what goes into the project, shows it, and returns the plan that is left to do.
pub async fn into_project(
    out: &Out,
    setup: &Setup,
    survey: &mut Survey,
    plan: &Plan,
) -> Result<(Plan, Proposal), Exit> {
    let fail = |failure: Failure| tell_failure(out, &failure);
    let decisions = decided(plan);
    let proposal = adopt::propose(setup, survey, &decisions, Which::Decided).await.map_err(fail)?;
    out.result(&adoption::adoption(&proposal.told, out.width(), DIFF_LINES));
    if !proposal.told.open.is_empty() {
        out.say(Label::Plain, "What cannot be written is accepted, and stays as it is live.");
    }
    survey.declare(proposal.desired.clone());
    let plan = survey.plan(setup, &decisions).map_err(fail)?;
    Ok((plan, proposal))
}

/// Gets files approved that are written by a plan that does nothing else, and so asks nobody.
pub fn approve_files(out: &Out, plan: &Plan, proposal: &Proposal, approved: bool) -> Result<(), Exit> {
    if approved || !plan.is_empty() || proposal.replacements.is_empty() {
        return Ok(());
    }
    if !out.can_ask() {
        let what =
            "the files are not approved, and nobody can be asked here; nothing was changed (exit code 6)";
        out.error(what, &[Rest::Help("approve them as they are with --auto-approve")]);
        return Err(Exit::NotApproved);
    }
    if prompt::confirm(out, "Write these files?") {
        return Ok(());
    }
    out.say(Label::Plain, "Not approved; nothing was changed.");
    Err(Exit::NotApproved)
}
