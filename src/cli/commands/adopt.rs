//! `triform adopt`: shows what it will write, asks, writes all of it or nothing.
//!
//! The checks come in the documented order: input, lock, readings, decisions, approval, freshness, the files.

use super::{lock, read_sides};
use crate::backend::Lock;
use crate::cli::args::{AdoptArgs, Global};
use crate::cli::exit::{Exit, tell_failure};
use crate::cli::out::{Out, Rest};
use crate::cli::prompt;
use crate::cli::wiring::{self, Unset};
use crate::config::suggest::sentence;
use crate::ops::adopt::{self, Job, Proposal, Which};
use crate::ops::{Failure, Selection, Setup, Survey};
use crate::render::adoption::{self, Adoption};
use crate::render::text::{Doc, Label, plain};
use crate::state::Serial;
use crate::sys::clock::{Clock, SystemClock};
use crate::sys::ids::SystemIds;
use crate::sys::lock::Holder;

/// Lines of one file's difference that are shown.
const DIFF_LINES: usize = 400;

const COMMAND: &str = "triform adopt";

pub fn run(global: &Global, args: &AdoptArgs) -> Exit {
    let out = Out::new(global);
    wiring::block_on(&out, async { adopt(&out, global, args).await.unwrap_or_else(|exit| exit) })
}

async fn adopt(out: &Out, global: &Global, args: &AdoptArgs) -> Result<Exit, Exit> {
    if !args.patch {
        wiring::settle(out, &wiring::configuration(global), COMMAND)?;
    }
    let project = wiring::project(out, global, Unset::Refused)?;
    wiring::check(out, &project)?;
    let fail = |failure: Failure| tell_failure(out, &failure);
    let decisions = adopt::decisions(&args.selectors).map_err(fail)?;
    let (setup, embedded) = wiring::connect(out, global, project).await?;
    let adopted = async {
        let holder = Holder::this_process(COMMAND, SystemClock.now());
        let lock = if args.patch {
            None
        } else {
            Some(lock(out, &setup.store, &holder, args.lock_timeout).map_err(fail)?)
        };
        adopt::unmoved(&setup).map_err(fail)?;
        let mut survey = read_sides(out, &setup, &Selection::default(), lock.as_ref()).await?;
        if let Some(lock) = &lock {
            survey.save_recovery(&setup, lock).map_err(fail)?;
        }
        let proposal = adopt::propose(&setup, &survey, &decisions, Which::All).await.map_err(fail)?;
        match &lock {
            None => print_patch(out, &setup, &proposal, args),
            Some(lock) => {
                write(
                    out,
                    &Writing { setup: &setup, survey: &survey, lock, holder: &holder },
                    &proposal,
                    args,
                )
                .await
            }
        }
    };
    let adopted = adopted.await;
    embedded.stop().await;
    adopted
}

/// What a proposal is carried out with.
struct Writing<'a> {
    setup: &'a Setup,
    survey: &'a Survey,
    lock: &'a Lock,
    holder: &'a Holder,
}

/// Shows what will be written, gets it approved, and writes it.
async fn write(out: &Out, with: &Writing<'_>, proposal: &Proposal, args: &AdoptArgs) -> Result<Exit, Exit> {
    let told = &proposal.told;
    if proposal.is_empty() && told.open.is_empty() && told.conflicts.is_empty() {
        out.say(
            Label::Good,
            "Nothing to adopt: the project says what is live, wherever that was changed online.",
        );
        return Ok(Exit::Done);
    }
    out.result(&adoption::adoption(told, out.width(), DIFF_LINES));
    undecided(out, proposal, args)?;
    approve(out, told, args)?;
    let Writing { setup, survey, lock, holder } = *with;
    let job = Job { setup, survey, lock, ids: &SystemIds, holder };
    let serial = adopt::carry_out(&job, proposal).await.map_err(|failure| tell_failure(out, &failure))?;
    tell_end(out, told, serial);
    Ok(Exit::Done)
}

/// Prints the patch, and nothing else to stdout.
fn print_patch(out: &Out, setup: &Setup, proposal: &Proposal, args: &AdoptArgs) -> Result<Exit, Exit> {
    let (patch, outside) = adopt::patch_of(setup, proposal);
    out.bytes(&patch);
    for name in outside {
        out.say(Label::Drift, &plain(&format!("not in the patch: `{name}`, which it cannot hold")));
    }
    out.note(&adoption::open(&proposal.told, out.width()));
    if patch.is_empty() && proposal.told.open.is_empty() {
        out.say(Label::Good, "Nothing to adopt.");
    }
    undecided(out, proposal, args)?;
    Ok(Exit::Done)
}

/// Refuses what cannot be written: texts that do not merge, what was asked for by name, and a run that would write
/// nothing although something is open.
fn undecided(out: &Out, proposal: &Proposal, args: &AdoptArgs) -> Result<(), Exit> {
    let Proposal { told, .. } = proposal;
    refuse_conflicts(out, told, args.patch)?;
    let named = !args.selectors.is_empty() && !told.open.is_empty();
    if !named && (told.open.is_empty() || !proposal.is_empty()) {
        return Ok(());
    }
    let open = told.open.len();
    let noun = if open == 1 { "decision stays" } else { "decisions stay" };
    let what = format!(
        "{open} {noun} open that cannot be written into the project; nothing was changed (exit code 3)"
    );
    let mut doc = Doc::new();
    for open in &told.open {
        doc.paragraph(Label::Plain, &format!("'{}'", open.selector()), 2, out.width());
    }
    let help = if proposal.is_empty() {
        "each has its own way out above"
    } else {
        "each has its own way out above; leave it out of the selectors to adopt the others"
    };
    out.error(&what, &[Rest::Lines(doc), Rest::Help(help)]);
    Err(Exit::Undecided)
}

/// Refuses texts that do not merge: nothing at all is written then, and a patch holds both sides between markers.
fn refuse_conflicts(out: &Out, told: &Adoption, patch: bool) -> Result<(), Exit> {
    if told.conflicts.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = told.conflicts.iter().map(|file| format!("`{}`", plain(&file.name))).collect();
    let what = format!("both sides changed the same lines of {}", sentence(&names));
    let (what, help) = if patch {
        (
            format!("{what}; the patch holds both between markers"),
            "after `git apply` resolve them there; then `triform apply --use-local=SELECTOR` writes the result",
        )
    } else {
        (
            format!("{what}; nothing was changed"),
            "take the patch with its conflict markers (`triform adopt --patch`), or edit the file by hand, so that it holds \
             what both sides want; then `triform apply --use-local=SELECTOR` writes it. With selectors the other files are \
             adopted without it",
        )
    };
    out.error(&what, &[Rest::Help(help)]);
    Err(Exit::Error)
}

fn approve(out: &Out, told: &Adoption, args: &AdoptArgs) -> Result<(), Exit> {
    if args.auto_approve {
        return Ok(());
    }
    if !out.can_ask() {
        let what = "what is to be written is not approved, and nobody can be asked here; nothing was changed (exit code 6)";
        let help = "approve it as it is with --auto-approve, or take it as a patch with --patch";
        out.error(what, &[Rest::Help(help)]);
        return Err(Exit::NotApproved);
    }
    let files = match told.files.len() {
        0 => "Record this?".to_owned(),
        1 => "Write this file?".to_owned(),
        many => format!("Write these {many} files?"),
    };
    if prompt::confirm(out, &files) {
        return Ok(());
    }
    out.say(Label::Plain, "Not approved; nothing was changed.");
    Err(Exit::NotApproved)
}

fn tell_end(out: &Out, told: &Adoption, serial: Option<Serial>) {
    let names: Vec<String> = told.files.iter().map(|file| plain(&file.name)).collect();
    let text = match names.as_slice() {
        [] => "Adopted; no file had to be written.".to_owned(),
        names => format!("Adopted into {}.", sentence(names)),
    };
    let serial = serial.map_or_else(String::new, |serial| format!(" State serial {serial}."));
    out.say(Label::Good, &format!("{text}{serial}"));
    let merged = told.places.iter().filter(|place| place.how == adoption::How::Merged).count();
    if merged > 0 {
        let files = if merged == 1 {
            "1 merged file differs".to_owned()
        } else {
            format!("{merged} merged files differ")
        };
        out.say(
            Label::Plain,
            &format!("{files} from what is live: the next apply writes it, as an edit of the project."),
        );
    }
    if !told.open.is_empty() {
        let open = told.open.len();
        let text = if open == 1 {
            "1 decision stays open; see above.".to_owned()
        } else {
            format!("{open} decisions stay open; see above.")
        };
        out.say(Label::Plain, &text);
    }
}
