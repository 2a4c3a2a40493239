//! One look at a project: what its next plan would say of the cloud that shows the page.

use std::sync::{Mutex, PoisonError};

use serde_json::{Value as Json, json};

use super::files::Files;
use crate::cli::args::Global;
use crate::cli::commands::read_sides;
use crate::cli::exit::{Exit, tell_failure};
use crate::cli::out::Out;
use crate::cli::wiring::{self, Project, Unset};
use crate::model::{Address, SchemaSet};
use crate::ops::{self, Selection};
use crate::plan::{Decisions, Document};
use crate::render::glance::{glance, settings};
use crate::render::text::plain;
use crate::render::{Part, Shown, html};
use crate::state::Record;

/// What a look says beside its result; there is one look at a time.
static SAID: Mutex<String> = Mutex::new(String::new());

/// Columns of what is said.
const WIDTH: usize = 100;

/// What was found.
#[derive(Debug)]
pub struct Seen {
    /// What the page shows.
    pub page: Json,
    plan: Option<Planned>,
}

#[derive(Debug)]
struct Planned {
    document: Document,
    schemas: SchemaSet,
    part: Part,
    records: std::collections::BTreeMap<Address, Record>,
}

impl Seen {
    /// Whether the project could be planned.
    pub fn is_plan(&self) -> bool {
        self.plan.is_some()
    }

    /// The whole plan as a page.
    pub fn html(&self) -> Option<String> {
        let Planned { document, schemas, part, .. } = self.plan.as_ref()?;
        Some(html::html(&Shown { document, schemas, part: *part }))
    }

    /// The settings of one resource in which nothing moved.
    pub fn settings(&self, address: &str) -> Option<Json> {
        let Planned { document, records, .. } = self.plan.as_ref()?;
        let change =
            document.plan.changes.values().find(|change| plain(&change.address.to_string()) == address)?;
        Some(settings(document, change, records.get(&change.address)))
    }
}

/// Looks. What cannot be planned is told in the words of the commands.
pub async fn look(global: &Global, files: &mut Files) -> Seen {
    take_said();
    let out = Out::keeping(&SAID, WIDTH);
    let folder = ops::absolute(&wiring::folder_of(&wiring::configuration(global)));
    match plan(&out, global, files).await {
        Ok((planned, unset)) => {
            let shown = Shown { document: &planned.document, schemas: &planned.schemas, part: planned.part };
            let mut page = glance(&shown);
            page["at"] = json!(planned.document.made.at);
            page["folder"] = json!(folder);
            page["said"] = json!(take_said());
            page["unset"] = json!(unset);
            Seen { page, plan: Some(planned) }
        }
        Err(_) => Seen { page: json!({"folder": folder, "problem": take_said()}), plan: None },
    }
}

async fn plan(out: &Out, global: &Global, files: &mut Files) -> Result<(Planned, Option<String>), Exit> {
    let (project, unset) = project(out, global, files)?;
    let part = if unset.is_some() { Part::Drift } else { Part::Whole };
    let (setup, _) = wiring::connect(out, global, project).await?;
    let survey = read_sides(out, &setup, &Selection::default(), None).await?;
    let plan = survey.plan(&setup, &Decisions::default()).map_err(|failure| tell_failure(out, &failure))?;
    let document = ops::document(&setup, &survey, plan, wiring::made(global, &setup));
    let records = survey.records().clone();
    Ok((Planned { document, schemas: setup.schemas, part, records }, unset))
}

/// Reads the project. Where only variables are missing that are not set here, what is recorded and live can still be
/// compared: then what is missing is returned beside.
fn project(out: &Out, global: &Global, files: &mut Files) -> Result<(Project, Option<String>), Exit> {
    let project = wiring::project(out, global, Unset::Refused)?;
    files.learn(&project);
    if wiring::check(out, &project).is_ok() {
        return Ok((project, None));
    }
    let why = take_said();
    let lenient = wiring::project(out, global, Unset::Tolerated)?;
    if lenient.diagnostics.iter().any(crate::diag::Diagnostic::is_error) {
        out.ask(&why);
        return Err(Exit::Error);
    }
    Ok((lenient, Some(why)))
}

fn take_said() -> String {
    std::mem::take(&mut *SAID.lock().unwrap_or_else(PoisonError::into_inner))
}
