//! One file per command, each a few lines over `ops`.

pub mod apply;
pub mod cloud;
pub mod completions;
pub mod drift;
pub mod init;
pub mod output;
pub mod plan;
pub mod validate;

use bytes::Bytes;

use super::args::{DecisionArgs, EVERYWHERE, SelectionArgs};
use super::exit::{Exit, tell_error, tell_failure};
use super::out::Out;
use crate::model::{Digest, SchemaSet};
use crate::ops::{Failure, Selection, Setup, Survey, survey};
use crate::plan::{Choice, Decisions, Rule};
use crate::render::human::View;
use crate::render::text::Label;

/// Lines of one file's diff that a plan shows.
const DIFF_LINES: usize = 40;

fn selection(args: &SelectionArgs, destroy: bool) -> Selection {
    Selection { targets: args.targets.clone(), excludes: args.excludes.clone(), destroy }
}

/// Reads `--use-local` and `--use-live`.
fn decisions(out: &Out, args: &DecisionArgs) -> Result<Decisions, Exit> {
    let mut rules = Vec::new();
    for (texts, choice) in [(&args.use_local, Choice::UseLocal), (&args.use_live, Choice::UseLive)] {
        for text in texts {
            let selector = match text.as_str() {
                EVERYWHERE => None,
                text => Some(text.parse().map_err(|error: crate::plan::ParseSelectorError| {
                    tell_error(out, &error, None);
                    Exit::Error
                })?),
            };
            rules.push(Rule { selector, choice });
        }
    }
    Decisions::new(rules).map_err(|error| {
        tell_error(out, &error, None);
        Exit::Error
    })
}

/// Finds out the account and reads the three sides.
async fn read_sides(out: &Out, setup: &Setup, selection: &Selection) -> Result<Survey, Exit> {
    let read = async {
        let account = setup.provider.account().await.map_err(Failure::Account)?;
        survey(setup, selection, account).await
    };
    let survey = read.await.map_err(|failure| tell_failure(out, &failure))?;
    tell_recovery(out, &survey);
    Ok(survey)
}

/// Says what an interrupted apply left, and what reading made of it.
fn tell_recovery(out: &Out, survey: &Survey) {
    let Some(recovery) = &survey.recovery else { return };
    out.say(
        Label::Strong,
        "An earlier apply was interrupted. What it had begun was settled by reading the cloud:",
    );
    let line = |address: &crate::model::Address, call: crate::state::CallKind, what: &str| {
        let call = format!("{call:?}").to_lowercase();
        out.say(Label::Plain, &format!("  {call} of {address}: {what}"));
    };
    recovery
        .found
        .iter()
        .for_each(|(address, call)| line(address, *call, "it was carried out, and is recorded"));
    recovery.nothing.iter().for_each(|(address, call)| {
        line(address, *call, "nothing of it can be seen, or not all; planned again");
    });
    if recovery.found.is_empty() && recovery.nothing.is_empty() {
        out.say(Label::Plain, "  nothing was open");
    }
}

/// Returns how a plan is shown here.
fn view<'a>(out: &Out, schemas: &'a SchemaSet, content: &'a dyn Fn(Digest) -> Option<Bytes>) -> View<'a> {
    View { width: out.width(), schemas, content, diff_lines: DIFF_LINES }
}
