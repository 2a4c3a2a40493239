//! One file per command, each a few lines over `ops`.

pub mod adopt;
pub mod apply;
pub mod approve;
pub mod cloud;
pub mod completions;
pub mod drift;
mod given;
pub mod graph;
pub mod import;
pub mod init;
pub mod output;
pub mod plan;
pub mod saved;
pub mod show;
pub mod state;
pub mod validate;
mod write;

use std::time::Duration;

use bytes::Bytes;

use self::given::decisions;
use super::args::{CompactArg, PlanningArgs, SelectionArgs, ShapeArgs};
use super::exit::{Exit, describe_holder, tell_failure};
use super::out::Out;
use crate::backend::{LocalStore, Lock};
use crate::model::{Address, Digest, SchemaSet};
use crate::ops::{Failure, Selection, Setup, Survey, survey};
use crate::plan::SecretSources;
use crate::render::human::{self, View};
use crate::render::text::{Doc, Label, plain};
use crate::render::{RENDERERS, Shown};
use crate::state::CallKind;
use crate::sys::lock::Holder;

/// Lines of one file's diff that a plan shows.
const DIFF_LINES: usize = 40;

fn selection(args: &SelectionArgs, planning: Option<&PlanningArgs>, destroy: bool) -> Selection {
    Selection {
        targets: args.targets.clone(),
        excludes: args.excludes.clone(),
        destroy,
        undo: false,
        replace: planning.into_iter().flat_map(|planning| planning.replace.iter().cloned()).collect(),
        remembered: planning.is_some_and(|planning| !planning.refresh),
    }
}

/// Takes the lock of a state. Whoever waits is told for whom.
fn lock(out: &Out, store: &LocalStore, holder: &Holder, seconds: u64) -> Result<Lock, Failure> {
    let held = match store.lock(holder, Duration::ZERO)? {
        Ok(lock) => return Ok(lock),
        Err(held) if seconds == 0 => return Err(Failure::Held(Box::new(held))),
        Err(held) => held,
    };
    let by = describe_holder(held.by.as_ref());
    out.say(
        Label::Plain,
        &plain(&format!("Waiting for the state, for up to {seconds} s. It is held by {by}.")),
    );
    store.lock(holder, Duration::from_secs(seconds))?.map_err(|held| Failure::Held(Box::new(held)))
}

/// Finds out the account and reads the three sides.
async fn read_sides(
    out: &Out,
    setup: &Setup,
    selection: &Selection,
    lock: Option<&Lock>,
) -> Result<Survey, Exit> {
    let read = async {
        let account = setup.provider.account().await.map_err(|error| Failure::Account(Box::new(error)))?;
        survey(setup, selection, account).await
    };
    let survey = read.await.map_err(|failure| tell_failure(out, &failure))?;
    // Whoever holds the lock is not interrupted, unless it is this very command.
    let running = if lock.is_some() { None } else { setup.store.applying() };
    tell_recovery(out, running.as_ref(), &survey);
    Ok(survey)
}

/// Says what an interrupted apply left, and what reading made of it. An apply that is still running settles its
/// own steps; of that only the fact is told.
fn tell_recovery(out: &Out, running: Option<&Holder>, survey: &Survey) {
    let Some(recovery) = &survey.recovery else { return };
    if let Some(holder) = running {
        let since = holder.since.strftime("%H:%M:%S UTC");
        let text = format!("{} runs `{}` since {since}: this is how far it is.", holder.who, holder.command);
        out.say(Label::Drift, &plain(&text));
        return;
    }
    let mut doc = Doc::new();
    doc.paragraph(
        Label::Strong,
        "An earlier apply was interrupted. What it had begun was settled by reading the cloud:",
        0,
        out.width(),
    );
    let mut line = |address: &Address, call: CallKind, what: &str| {
        let call = match call {
            CallKind::Create => "create",
            CallKind::Update => "update",
            CallKind::Delete => "delete",
        };
        doc.paragraph(Label::Plain, &plain(&format!("{call} of {address}: {what}")), 2, out.width());
    };
    recovery
        .found
        .iter()
        .for_each(|(address, call)| line(address, *call, "it was carried out, and counts as recorded"));
    for (address, call) in &recovery.nothing {
        line(address, *call, "it was not carried out, or not as it was sent; it is planned again");
    }
    if recovery.found.is_empty() && recovery.nothing.is_empty() {
        doc.paragraph(Label::Plain, "nothing was open", 2, out.width());
    }
    out.note(&doc);
}

/// Prints a plan as it was asked for.
fn tell_plan(out: &Out, shown: &Shown<'_>, shape: &ShapeArgs) {
    if let Some(renderer) = RENDERERS.iter().find(|renderer| renderer.name == shape.format) {
        out.raw(&(renderer.render)(shown));
        return;
    }
    let content = |digest| shown.document.content(digest);
    let view = view(out, shown.schemas, &content, &shown.document.secrets, shape.compact);
    out.result(&human::plan(&shown.document.plan, &view, shown.part));
}

/// Returns how a plan is shown here.
fn view<'a>(
    out: &Out,
    schemas: &'a SchemaSet,
    content: &'a dyn Fn(Digest) -> Option<Bytes>,
    secrets: &'a SecretSources,
    compact: CompactArg,
) -> View<'a> {
    View { width: out.width(), schemas, content, secrets, diff_lines: DIFF_LINES, compact: compact.compact }
}
