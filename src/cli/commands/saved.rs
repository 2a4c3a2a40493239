//! Saved plans on their way to a file, and back to the cloud and the state that they are for.
//!
//! A plan names its cloud, its account, its credentials' alias and the folder that it was made in. Flags may say
//! otherwise where that makes no other plan of it: another checkout of the same project, another way to the same
//! account. Whether it really is the same is checked by the account, and by the state's lineage and serial.

use std::path::{Path, PathBuf};

use crate::cli::args::{ApplyCommand, DecisionArgs, Global, PlanningArgs, SelectionArgs};
use crate::cli::exit::{Exit, tell_error, tell_failure};
use crate::cli::out::{Out, Rest};
use crate::cli::wiring::{self, Embedded, Project, Unset};
use crate::config::Desired;
use crate::model::{Address, Planned, Selector, Value};
use crate::ops::{Failure, Secrets, Setup};
use crate::plan::{self, Document, SecretSource};
use crate::render::text::plain;
use crate::sys::files;

/// Where a saved plan is applied.
pub struct Place {
    /// The flags, completed by what the plan says.
    pub global: Global,
    /// The configuration that the state is of; it need not exist.
    pub configuration: PathBuf,
}

/// Writes a plan into a file that only its owner can read.
pub fn write(out: &Out, path: &Path, document: &Document) -> Result<(), Exit> {
    let bytes = plan::file::write(document).map_err(|error| {
        let help =
            "leave large files out of the code with .fcignore, or plan parts of the project with --target";
        out.error(&format!("could not save the plan: {error}"), &[Rest::Help(help)]);
        Exit::Error
    })?;
    files::write_named(path, &bytes, files::PRIVATE).map_err(|error| {
        tell_error(
            out,
            &error,
            Some("name a file in a folder that can be written with -o; nothing was saved"),
        );
        Exit::Error
    })
}

/// Writes a text for people.
pub fn write_text(out: &Out, path: &Path, text: &str) -> Result<(), Exit> {
    files::write_named(path, text.as_bytes(), 0o644).map_err(|error| {
        tell_error(out, &error, Some("name a file in a folder that can be written; nothing was written"));
        Exit::Error
    })
}

/// Refuses to put questions in the place of answers, or of somebody's other file.
pub fn spare_answers(out: &Out, path: &Path) -> Result<(), Exit> {
    // A pipe has nothing to lose, and whoever reads it waits for somebody to write.
    if !std::fs::metadata(path).is_ok_and(|file| file.is_file()) {
        return Ok(());
    }
    let what = match std::fs::read_to_string(path) {
        Ok(text) => match plan::read_decisions(&text) {
            Ok(file) if file.rules.is_empty() => return Ok(()),
            Ok(_) => "has answers, which would be lost",
            Err(_) => "is no decisions file, and would be lost",
        },
        Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {
            "is no decisions file, and would be lost"
        }
        Err(_) => return Ok(()), // it is not there, or writing tells why not
    };
    let name = plain(&path.display().to_string());
    let help = "follow it with --decisions, remove it, or name another file; nothing was written";
    out.error(&format!("could not write the questions: `{name}` {what}"), &[Rest::Help(help)]);
    Err(Exit::Error)
}

/// Reads a saved plan.
pub fn read(out: &Out, path: &Path) -> Result<Document, Exit> {
    let name = plain(&path.display().to_string());
    let fail = |why: &dyn std::fmt::Display, help: &str| {
        out.error(
            &format!("could not read the plan `{name}`: {}", plain(&why.to_string())),
            &[Rest::Help(help)],
        );
        Exit::Error
    };
    let bytes = std::fs::read(path).map_err(|error| {
        fail(&error, "name a file that `triform plan -o FILE` wrote; nothing was changed")
    })?;
    plan::file::read(&bytes).map_err(|error| {
        let help = match error {
            plan::file::ReadPlanError::NotAPlan => "name a file that `triform plan -o FILE` wrote; nothing was changed",
            plan::file::ReadPlanError::TooNew { .. } => {
                "use the triform that wrote it, or a newer one; nothing was changed"
            }
            plan::file::ReadPlanError::Changed | plan::file::ReadPlanError::Damaged(_) => {
                "get the file again from where it was made, or plan again and have it reviewed again; nothing was changed"
            }
        };
        fail(&error, help)
    })
}

/// Refuses flags that would make another plan of a saved one, `file`.
pub fn refuse_planning(out: &Out, file: &Path, own: &ApplyCommand) -> Result<(), Exit> {
    let ApplyCommand { planning: PlanningArgs { replace, refresh }, apply, write, plan: _ } = own;
    let SelectionArgs { targets, excludes } = &apply.selection;
    let DecisionArgs { use_local, use_live, decisions_file } = &apply.decisions;
    let given = [
        ("--target", !targets.is_empty()),
        ("--exclude", !excludes.is_empty()),
        ("--replace", !replace.is_empty()),
        ("--refresh=false", !refresh),
        ("--use-local", !use_local.is_empty()),
        ("--use-live", !use_live.is_empty()),
        ("--decisions", decisions_file.is_some()),
        ("--write", *write == Some(true)),
    ];
    let Some((flag, _)) = given.into_iter().find(|(_, given)| *given) else { return Ok(()) };
    // A selector behind a blank is taken for the file.
    let selector = file.to_str().filter(|text| !file.exists() && text.parse::<Selector>().is_ok());
    if let Some(selector) = selector.filter(|_| flag.starts_with("--use-")) {
        let what = format!("there is no saved plan `{}`", plain(selector));
        let help = format!(
            "a selector stands behind an equals sign: {flag}='{}'; nothing was changed",
            plain(selector)
        );
        out.error(&what, &[Rest::Help(&help)]);
        return Err(Exit::Error);
    }
    let what = format!("{flag} would make another plan of a saved one");
    let help = "leave it out, or plan again with it and have that plan reviewed; nothing was changed";
    out.error(&what, &[Rest::Help(help)]);
    Err(Exit::Error)
}

/// Finds the cloud and the project folder of a saved plan.
///
/// The state is that of the folder that -C or -t names; else of this folder, where it holds the configuration or its
/// state; else of the folder where the plan was made.
pub fn place(out: &Out, global: &Global, document: &Document) -> Result<Place, Exit> {
    let Document { plan, made, .. } = document;
    let embedded = plan.owner.cloud == "embedded";
    if global.local && !embedded {
        let what = format!(
            "the plan is for account {} of a real cloud, and --local names the embedded one",
            plain(&plan.owner.account)
        );
        out.error(&what, &[Rest::Help("leave --local out; nothing was changed")]);
        return Err(Exit::Error);
    }
    if global.environment.is_some() && global.environment != plan.owner.environment {
        let of = |environment: &Option<String>| match environment {
            Some(name) => format!("the environment `{}`", plain(name)),
            None => "no environment".to_owned(),
        };
        let what = format!(
            "the plan is for {}, and --env names {}",
            of(&plan.owner.environment),
            of(&global.environment)
        );
        out.error(&what, &[Rest::Help("leave --env out; nothing was changed")]);
        return Err(Exit::Error);
    }
    let global = Global {
        local: embedded,
        endpoint: global.endpoint.clone().or_else(|| made.endpoint.clone()),
        access: global.access.clone().or_else(|| made.access.clone()),
        environment: plan.owner.environment.clone(),
        ..global.clone()
    };
    let named = global.directory.is_some() || global.template.is_some();
    let here = global.directory.clone().unwrap_or_default();
    let here = match &global.template {
        Some(file) => here.join(file),
        None => here.join(&plan.owner.file),
    };
    let there = Path::new(&made.folder).join(&plan.owner.file);
    let environment = plan.owner.environment.as_deref();
    let state = |configuration: &Path| {
        crate::backend::LocalStore::of(configuration, environment, embedded).state_path()
    };
    let configuration = if named || here.exists() || state(&here).exists() {
        here
    } else if Path::new(&made.folder).is_dir() {
        there
    } else {
        let what = format!("the state of this plan is in `{}`, which is not here", plain(&made.folder));
        let help = "name the project's folder on this machine with -C; nothing was changed";
        out.error(&what, &[Rest::Help(help)]);
        return Err(Exit::Error);
    };
    Ok(Place { global, configuration })
}

/// Reads every secret of a plan again from where it says. Nothing else of the configuration is looked at.
pub fn secrets(out: &Out, place: &Place, document: &Document) -> Result<Secrets, Exit> {
    let Place { global, configuration } = place;
    if document.secrets.is_empty() {
        return Ok(Secrets::new());
    }
    let variables = wiring::project_variables(out, global, configuration)?;
    let configured = document.secrets.values().flat_map(|sources| sources.values());
    let project = if configured.into_iter().any(|source| *source == SecretSource::Configuration) {
        Some(wiring::read_project(out, global, configuration.clone(), Unset::Refused)?)
    } else {
        None
    };
    let mut found = Secrets::new();
    let mut missing = Vec::new();
    for (address, sources) in &document.secrets {
        for (path, source) in sources {
            let value = match source {
                SecretSource::Variable(name) => wiring::variable(&variables, name).map(Value::Text),
                SecretSource::Configuration => {
                    project.as_ref().and_then(|project| declared(project, address, path))
                }
            };
            match value {
                Some(value) => {
                    found.entry(address.clone()).or_default().insert(path.clone(), value);
                }
                None => missing.push(match source {
                    SecretSource::Variable(name) => {
                        format!("{address} `{path}`: the environment variable `{name}` is not set")
                    }
                    SecretSource::Configuration => format!(
                        "{address} `{path}`: `{}` does not declare it, or what it says cannot be worked out",
                        configuration.display()
                    ),
                }),
            }
        }
    }
    if missing.is_empty() {
        return Ok(found);
    }
    let mut doc = crate::render::text::Doc::new();
    for line in &missing {
        doc.paragraph(crate::render::text::Label::Plain, &plain(line), 2, out.width());
    }
    let help = "a plan holds no secret: set them as they were when it was made; nothing was changed";
    out.error("a secret that the plan needs cannot be read again", &[Rest::Lines(doc), Rest::Help(help)]);
    Err(Exit::Error)
}

fn declared(project: &Project, address: &Address, path: &crate::model::Path) -> Option<Value> {
    let resource = project.desired.resources.get(address)?;
    resource.attributes.get(path).and_then(Planned::known).cloned()
}

/// Reaches the cloud of a saved plan.
pub async fn connect(out: &Out, place: &Place, document: &Document) -> Result<(Setup, Embedded), Exit> {
    let desired = Desired {
        project: document.plan.owner.project.clone(),
        access: document.made.access.clone(),
        environment: document.plan.owner.environment.clone(),
        ..Desired::default()
    };
    let project =
        Project { configuration: place.configuration.clone(), desired, diagnostics: Vec::new(), text: None };
    wiring::connect(out, &place.global, project).await
}

/// Refuses credentials of another account than the plan's.
pub async fn check_account(out: &Out, setup: &Setup, document: &Document) -> Result<(), Exit> {
    let account = setup.provider.account().await;
    let account = account.map_err(|error| tell_failure(out, &Failure::Account(Box::new(error))))?;
    let planned = &document.plan.owner.account;
    if account == *planned {
        return Ok(());
    }
    let what = plain(&format!("the plan is for account {planned}, and these credentials are of {account}"));
    out.error(&what, &[Rest::Help("name others with --access; nothing was changed")]);
    Err(Exit::Error)
}
