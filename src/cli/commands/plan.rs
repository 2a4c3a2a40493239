//! `triform plan`.

use super::{decisions, read_sides, saved, selection, tell_plan};
use crate::cli::args::{Global, PlanArgs};
use crate::cli::exit::{Exit, tell_failure};
use crate::cli::out::Out;
use crate::cli::wiring::{self, Unset};
use crate::ops::{self, Selection};
use crate::render::stream::{self, Operation, Planned};
use crate::render::{Part, Shown, decisions as questions};

pub fn run(global: &Global, args: &PlanArgs) -> Exit {
    let out = Out::streaming(global, args.stream.json);
    wiring::block_on(&out, async { plan(&out, global, args).await.unwrap_or_else(|exit| exit) })
}

async fn plan(out: &Out, global: &Global, args: &PlanArgs) -> Result<Exit, Exit> {
    let unset = if args.destroy { Unset::Tolerated } else { Unset::Refused };
    let project = wiring::project(out, global, unset)?;
    wiring::check(out, &project)?;
    let given = decisions(out, &args.decisions)?;
    args.write_decisions.as_ref().map_or(Ok(()), |file| saved::spare_answers(out, file))?;
    let (setup, embedded) = wiring::connect(out, global, project).await?;
    let planned = async {
        let selection =
            Selection { undo: args.undo, ..selection(&args.selection, Some(&args.planning), args.destroy) };
        let survey = read_sides(out, &setup, &selection, None).await?;
        let plan = given.plan(out, &setup, &survey)?;
        let made = wiring::made(global, &setup);
        let document = match &args.file {
            Some(_) => ops::whole_document(&setup, &survey, plan, made).await,
            None => Ok(ops::document(&setup, &survey, plan, made)),
        };
        let document = document.map_err(|failure| tell_failure(out, &failure))?;
        let shown = Shown { document: &document, schemas: &setup.schemas, part: Part::Whole };
        if args.stream.json {
            let operation = if args.destroy { Operation::Destroy } else { Operation::Plan };
            out.events(stream::plan(&document.plan, operation, Planned::Now));
            out.events(stream::planned_outputs(&document.plan, &document.links));
        } else {
            tell_plan(out, &shown, &args.shape);
        }
        if let Some(file) = &args.file {
            saved::write(out, file, &document)?;
        }
        if let Some(file) = &args.write_decisions {
            saved::write_text(out, file, &questions::questions(&shown))?;
        }
        Ok(if args.detailed_exitcode && !document.plan.is_empty() { Exit::Different } else { Exit::Done })
    };
    let planned = planned.await;
    embedded.stop().await;
    planned
}
