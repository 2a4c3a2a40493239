//! `triform show`: a saved plan. Without one the state is shown.

use super::{saved, tell_plan};
use crate::cli::args::{Global, ShowArgs};
use crate::cli::exit::{Exit, tell_failure};
use crate::cli::out::Out;
use crate::cli::reporter::Reporter;
use crate::cli::wiring;
use crate::ops::{Ground, check};
use crate::plan::Document;
use crate::provider;
use crate::render::text::Label;
use crate::render::{Part, Shown};

pub fn run(global: &Global, args: &ShowArgs) -> Exit {
    let out = Out::new(global);
    wiring::block_on(&out, async { show(&out, global, args).await.unwrap_or_else(|exit| exit) })
}

async fn show(out: &Out, global: &Global, args: &ShowArgs) -> Result<Exit, Exit> {
    let Some(plan) = &args.plan else { return super::state::whole(out, global, &args.shape) };
    let document = saved::read(out, plan)?;
    if args.digest {
        out.raw(&format!("{}\n", document.plan.digest()));
        return Ok(Exit::Done);
    }
    let schemas = provider::schemas();
    tell_plan(out, &Shown { document: &document, schemas: &schemas, part: Part::Whole }, &args.shape);
    if args.check { still_holds(out, global, &document).await } else { Ok(Exit::Done) }
}

/// Reads the state and the cloud, and says whether the plan could be applied now.
async fn still_holds(out: &Out, global: &Global, document: &Document) -> Result<Exit, Exit> {
    let place = saved::place(out, global, document)?;
    let secrets = saved::secrets(out, &place, document)?;
    let (setup, embedded) = saved::connect(out, &place, document).await?;
    let checked = async {
        saved::check_account(out, &setup, document).await?;
        let fail = |failure| tell_failure(out, &failure);
        let ground = Ground::of(&setup, document, secrets).map_err(fail)?;
        let mut reporter = Reporter::new(out, &document.plan);
        let mut tell = |event| reporter.tell(&event);
        check(&setup, &ground, &document.plan, true, &mut tell).await.map_err(fail)?;
        out.say(
            Label::Good,
            "The plan still holds: neither the state nor what it touches moved since it was made.",
        );
        Ok(Exit::Done)
    };
    let checked = checked.await;
    embedded.stop().await;
    checked
}
