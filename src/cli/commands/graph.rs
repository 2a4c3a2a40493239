//! `triform graph`: what needs what, for programs that draw.

use super::{read_sides, saved};
use crate::cli::args::{Global, GraphArgs, GraphFormat};
use crate::cli::exit::{Exit, tell_failure};
use crate::cli::out::Out;
use crate::cli::wiring::{self, Unset};
use crate::ops::{self, Selection};
use crate::plan::{Decisions, Document};
use crate::provider;
use crate::render::graph::{self, Graph, dot, mermaid};
use crate::render::{Part, Shown};

pub fn run(global: &Global, args: &GraphArgs) -> Exit {
    let out = Out::new(global);
    wiring::block_on(&out, async {
        match graph(&out, global, args).await {
            Ok(graph) => {
                out.raw(&match args.format {
                    GraphFormat::Dot => dot(&graph),
                    GraphFormat::Mermaid => mermaid(&graph),
                });
                Exit::Done
            }
            Err(exit) => exit,
        }
    })
}

async fn graph(out: &Out, global: &Global, args: &GraphArgs) -> Result<Graph, Exit> {
    if let Some(file) = &args.file {
        return Ok(of(&saved::read(out, file)?));
    }
    let project = wiring::project(out, global, Unset::Tolerated)?;
    wiring::check(out, &project)?;
    if !args.plan {
        return Ok(graph::project(&project.desired));
    }
    let (setup, embedded) = wiring::connect(out, global, project).await?;
    let planned = async {
        let survey = read_sides(out, &setup, &Selection::default(), None).await?;
        let plan = survey.plan(&setup, &Decisions::default());
        let plan = plan.map_err(|failure| tell_failure(out, &failure))?;
        Ok(of(&ops::document(&setup, &survey, plan, wiring::made(global, &setup))))
    };
    let planned = planned.await;
    embedded.stop().await;
    planned
}

fn of(document: &Document) -> Graph {
    graph::plan(&Shown { document, schemas: &provider::schemas(), part: Part::Whole })
}
