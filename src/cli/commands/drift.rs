//! `triform drift`.

use super::{read_sides, selection, tell_plan};
use crate::cli::args::{DriftArgs, Global};
use crate::cli::exit::{Exit, tell_failure};
use crate::cli::out::Out;
use crate::cli::wiring::{self, Unset};
use crate::ops;
use crate::plan::Decisions;
use crate::render::{Part, Shown, stream};

pub fn run(global: &Global, args: &DriftArgs) -> Exit {
    let out = Out::streaming(global, args.stream.json);
    wiring::block_on(&out, async { drift(&out, global, args).await.unwrap_or_else(|exit| exit) })
}

async fn drift(out: &Out, global: &Global, args: &DriftArgs) -> Result<Exit, Exit> {
    let project = wiring::project(out, global, Unset::Tolerated)?;
    wiring::check(out, &project)?;
    let (setup, embedded) = wiring::connect(out, global, project).await?;
    let found = async {
        let survey = read_sides(out, &setup, &selection(&args.selection, None, false), None).await?;
        let plan =
            survey.plan(&setup, &Decisions::default()).map_err(|failure| tell_failure(out, &failure))?;
        let document = ops::document(&setup, &survey, plan, wiring::made(global, &setup));
        let shown = Shown { document: &document, schemas: &setup.schemas, part: Part::Drift };
        if args.stream.json {
            out.events(stream::drift(&document.plan));
        } else {
            tell_plan(out, &shown, &args.shape);
        }
        Ok(if document.plan.drifted() { Exit::Different } else { Exit::Done })
    };
    let found = found.await;
    embedded.stop().await;
    found
}
