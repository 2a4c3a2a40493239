//! Into the project what a plan keeps as it is live: with `apply --write`, or because a person at a terminal says so.

use crate::cli::exit::{Exit, tell_failure};
use crate::cli::out::{Out, Rest};
use crate::cli::prompt::{self, Wish};
use crate::ops::adopt::{self, Proposal, Which};
use crate::ops::{Failure, Setup, Survey};
use crate::plan::{Choice, Plan, decided};
use crate::render::adoption;
use crate::render::text::{Label, plain};

/// Lines of one file's difference that are shown.
const DIFF_LINES: usize = 40;

/// Works out what goes into the project, shows it, and returns the plan that is left to do.
pub async fn into_project(
    out: &Out,
    setup: &Setup,
    survey: &mut Survey,
    plan: &Plan,
) -> Result<(Plan, Proposal), Exit> {
    let proposal = propose(out, setup, survey, plan).await?;
    out.result(&adoption::adoption(&proposal.told, out.width(), DIFF_LINES));
    let plan = with(out, setup, survey, plan, &proposal)?;
    Ok((plan, proposal))
}

/// Asks whether what was decided to stay as it is live goes into the project; returns what is left to do if so.
///
/// Nobody is asked where none of it can be written.
pub async fn offer(
    out: &Out,
    setup: &Setup,
    survey: &mut Survey,
    plan: &Plan,
) -> Result<Option<(Plan, Proposal)>, Exit> {
    let is_live = |rule: &crate::plan::Rule| rule.answer == Choice::UseLive.into();
    if !decided(plan).rules().iter().any(is_live) {
        return Ok(None);
    }
    let proposal = propose(out, setup, survey, plan).await?;
    if proposal.replacements.is_empty() {
        return Ok(None);
    }
    let told = &proposal.told;
    let files: Vec<String> = told.files.iter().map(|file| plain(&file.name)).collect();
    let shown = adoption::adoption(told, out.width(), usize::MAX);
    match prompt::wish(out, told.places.len() + told.open.len(), &files, &shown) {
        Wish::Write => {
            out.result(&adoption::adoption(told, out.width(), DIFF_LINES));
            let plan = with(out, setup, survey, plan, &proposal)?;
            Ok(Some((plan, proposal)))
        }
        Wish::Accept => Ok(None),
        Wish::Stop => {
            out.say(Label::Plain, "Stopped; nothing was changed.");
            Err(Exit::NotApproved)
        }
    }
}

async fn propose(out: &Out, setup: &Setup, survey: &Survey, plan: &Plan) -> Result<Proposal, Exit> {
    let proposal = adopt::propose(setup, survey, &decided(plan), Which::Decided).await;
    proposal.map_err(|failure| tell_failure(out, &failure))
}

/// Returns the plan with the project as it will be.
fn with(
    out: &Out,
    setup: &Setup,
    survey: &mut Survey,
    plan: &Plan,
    proposal: &Proposal,
) -> Result<Plan, Exit> {
    if !proposal.told.open.is_empty() {
        out.say(Label::Plain, "What cannot be written is accepted, and stays as it is live.");
    }
    survey.declare(proposal.desired.clone());
    survey.plan(setup, &decided(plan)).map_err(|failure: Failure| tell_failure(out, &failure))
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
