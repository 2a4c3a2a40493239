//! `triform output`.

use super::apply::{link_lines, links};
use crate::cli::args::{Global, OutputArgs, OutputFormat};
use crate::cli::exit::{Exit, tell_failure};
use crate::cli::out::Out;
use crate::cli::wiring::{self, Unset};
use crate::ops::state::known;
use crate::render::text::{Doc, Label, Line, plain};
use crate::render::value::value;
use crate::state::State;

pub fn run(global: &Global, args: &OutputArgs) -> Exit {
    let out = Out::new(global);
    output(&out, global, args).unwrap_or_else(|exit| exit)
}

fn output(out: &Out, global: &Global, args: &OutputArgs) -> Result<Exit, Exit> {
    let project = wiring::project(out, global, Unset::Tolerated)?;
    wiring::check(out, &project)?;
    let store = project.store(global);
    // What an interrupted apply was answered counts; what is open does not yet.
    let known = known(&store, &project.configuration, &project.desired, wiring::cloud(global));
    let state = known.map_err(|failure| tell_failure(out, &failure))?.state;
    let Some(state) = state else {
        super::state::nothing(out, global, &project);
        return Ok(Exit::Done);
    };
    match args.format {
        OutputFormat::Json => out.raw(&json(&state)),
        OutputFormat::Human => {
            let mut doc = link_lines(&links(&project.desired.links(), &state, wiring::web_port(global)));
            doc.gap();
            doc.extend(table(&state));
            out.result(&doc);
        }
    }
    Ok(Exit::Done)
}

fn table(state: &State) -> Doc {
    let mut doc = Doc::new();
    for (address, record) in state.records.iter().filter(|(_, record)| !record.outputs.is_empty()) {
        doc.line(Line::new().add(Label::Strong, plain(&address.to_string())));
        for (name, output) in &record.outputs {
            doc.line(Line::new().plain("  ").plain(plain(name)).to(20).plain(value(output)));
        }
    }
    doc
}

/// `{"fc3_function.hello": {"functionArn": "…"}}`.
fn json(state: &State) -> String {
    let outputs: serde_json::Map<String, serde_json::Value> = state
        .records
        .iter()
        .map(|(address, record)| (address.to_string(), crate::state::to_json_map(&record.outputs)))
        .collect();
    format!("{:#}\n", serde_json::Value::Object(outputs))
}
