//! `triform import`: shows what it will record, and write into the project, asks, and does all of it or nothing.
//!
//! The checks come in the documented order: input, lock, readings, approval, freshness, the files and the state.

use super::{lock, read_sides};
use crate::cli::args::{Global, ImportArgs};
use crate::cli::exit::{Exit, tell_failure};
use crate::cli::out::{Out, Rest};
use crate::cli::prompt;
use crate::cli::wiring::{self, Unset};
use crate::model::{Address, Path};
use crate::ops::adopt::{self, Job};
use crate::ops::import::{self, Import};
use crate::ops::{Failure, Selection};
use crate::plan::Selector;
use crate::provider;
use crate::render::adoption;
use crate::render::text::{Doc, Label, plain};
use crate::render::view::plural;
use crate::sys::clock::{Clock, SystemClock};
use crate::sys::ids::SystemIds;
use crate::sys::lock::Holder;

/// Lines of one file's difference that are shown.
const DIFF_LINES: usize = 400;

const COMMAND: &str = "triform import";

pub fn run(global: &Global, args: &ImportArgs) -> Exit {
    let out = Out::new(global);
    wiring::block_on(&out, async { import(&out, global, args).await.unwrap_or_else(|exit| exit) })
}

async fn import(out: &Out, global: &Global, args: &ImportArgs) -> Result<Exit, Exit> {
    let fail = |failure: Failure| tell_failure(out, &failure);
    wiring::settle(out, &wiring::configuration(global), COMMAND)?;
    let mut project = wiring::project(out, global, Unset::Refused)?;
    wiring::check(out, &project)?;
    let aim = import::aim(&mut project.desired, &provider::schemas(), &args.address, args.id.as_deref());
    let aim = aim.map_err(|error| fail(error.into()))?;
    let (setup, embedded) = wiring::connect(out, global, project).await?;
    let imported = async {
        let holder = Holder::this_process(COMMAND, SystemClock.now());
        let lock = lock(out, &setup.store, &holder, args.lock_timeout).map_err(fail)?;
        adopt::unmoved(&setup).map_err(fail)?;
        let targets = vec![Selector::exact(&aim.address, &Path::root())];
        let selection = Selection { targets, ..Selection::default() };
        let mut survey = read_sides(out, &setup, &selection, Some(&lock)).await?;
        survey.save_recovery(&setup, &lock).map_err(fail)?;
        let import = import::propose(&setup, &survey, &aim).map_err(fail)?;
        show(out, &aim.address, &import);
        approve(out, &import, args)?;
        let job = Job { setup: &setup, survey: &survey, lock: &lock, ids: &SystemIds, holder: &holder };
        let serial = adopt::carry_out(&job, &import.proposal).await.map_err(fail)?;
        let names: Vec<String> = import.proposal.told.files.iter().map(|file| plain(&file.name)).collect();
        let into =
            if names.is_empty() { String::new() } else { format!(", and written into {}", names.join(", ")) };
        let serial = serial.map_or_else(String::new, |serial| format!(" State serial {serial}."));
        out.say(Label::Good, &format!("Imported{into}.{serial}"));
        Ok(Exit::Done)
    };
    let imported = imported.await;
    embedded.stop().await;
    imported
}

/// Shows what will be recorded and written, and what comes of it.
fn show(out: &Out, address: &Address, import: &Import) {
    let mut doc: Doc = adoption::adoption(&import.proposal.told, out.width(), DIFF_LINES);
    doc.gap();
    let next = match import.asked {
        0 => "The next plan finds nothing to do for it.".to_owned(),
        asked => {
            let (places, differ) = (plural(asked, "place"), if asked == 1 { "differs" } else { "differ" });
            format!("{asked} {places} {differ}: nothing is written there, and the next plan asks who wins.")
        }
    };
    let label = if import.asked == 0 { Label::Plain } else { Label::Drift };
    doc.paragraph(label, &next, 0, out.width());
    for child in &import.beside {
        let text = format!("{child} belongs to {address}, is live and is not imported with it.");
        doc.paragraph(Label::Drift, &plain(&text), 0, out.width());
    }
    out.result(&doc.folded(out.width()));
}

fn approve(out: &Out, import: &Import, args: &ImportArgs) -> Result<(), Exit> {
    if args.auto_approve {
        return Ok(());
    }
    if !out.can_ask() {
        let what =
            "the import is not approved, and nobody can be asked here; nothing was changed (exit code 6)";
        out.error(what, &[Rest::Help("approve it as it is shown with --auto-approve")]);
        return Err(Exit::NotApproved);
    }
    let writes = !import.proposal.replacements.is_empty();
    let question = if writes { "Import this, and write it into the project?" } else { "Import this?" };
    if prompt::confirm(out, question) {
        return Ok(());
    }
    out.say(Label::Plain, "Not approved; nothing was changed.");
    Err(Exit::NotApproved)
}
