//! `triform validate`.

use crate::cli::args::Global;
use crate::cli::exit::Exit;
use crate::cli::out::Out;
use crate::cli::wiring::{self, Unset};
use crate::ops::code_problems;
use crate::render::text::Label;

pub fn run(global: &Global) -> Exit {
    let out = Out::new(global);
    validate(&out, global).unwrap_or_else(|exit| exit)
}

fn validate(out: &Out, global: &Global) -> Result<Exit, Exit> {
    let mut project = wiring::project(out, global, Unset::Refused)?;
    project.diagnostics.extend(code_problems(&project.desired, &project.configuration));
    wiring::judge(out, &project, "")?;
    let count = project.desired.resources.len();
    let warnings = project.diagnostics.len();
    let noun = if count == 1 { "resource" } else { "resources" };
    let warned = match warnings {
        0 => String::new(),
        1 => ", with 1 warning".to_owned(),
        warnings => format!(", with {warnings} warnings"),
    };
    let mut doc = crate::render::text::Doc::new();
    doc.paragraph(
        Label::Good,
        &format!("`{}` is valid: {count} {noun}{warned}.", project.configuration.display()),
        0,
        out.width(),
    );
    out.result(&doc);
    Ok(Exit::Done)
}
