//! The command line: arguments, prompts, exit codes, wiring. Every command is a few lines over `ops`.
#![allow(clippy::disallowed_methods, reason = "this is where the program meets its user and the machine")]

mod approve;
mod args;
mod commands;
mod exit;
mod key;
mod out;
mod prompt;
mod reporter;
mod wiring;

use std::process::ExitCode;

use clap::Parser;

use self::args::{Args, Command};
use self::commands::apply::Verb;
use self::exit::Exit;

/// Reads the command line, does what it says, and returns the exit code.
pub fn run() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            let _ = error.print(); // nothing is left to say it with
            // Clap's own code for a wrong command line is 2, which means something else here.
            return if error.use_stderr() { Exit::Error.into() } else { Exit::Done.into() };
        }
    };
    start_log(args.global.log_level.as_deref());
    match args.command {
        Command::Plan(plan) => commands::plan::run(&args.global, &plan),
        Command::Apply(apply) => commands::apply::run(&args.global, &apply.apply, Some(&apply), Verb::Apply),
        Command::Destroy(apply) => commands::apply::run(&args.global, &apply, None, Verb::Destroy),
        Command::Undo(apply) => commands::apply::run(&args.global, &apply, None, Verb::Undo),
        Command::Show(show) => commands::show::run(&args.global, &show),
        Command::State(state) => commands::state::run(&args.global, &state),
        Command::Approve(approve) => commands::approve::run(&args.global, &approve),
        Command::Drift(drift) => commands::drift::run(&args.global, &drift),
        Command::Adopt(adopt) => commands::adopt::run(&args.global, &adopt),
        Command::Import(import) => commands::import::run(&args.global, &import),
        Command::Graph(graph) => commands::graph::run(&args.global, &graph),
        Command::Output(output) => commands::output::run(&args.global, &output),
        Command::Validate => commands::validate::run(&args.global),
        Command::Init(init) => commands::init::run(&args.global, &init),
        Command::Completions { shell } => commands::completions::run(shell),
        Command::Cloud(cloud) => commands::cloud::run(&args.global, &cloud),
    }
    .into()
}

/// Writes the log to stderr, where somebody asked for one.
fn start_log(level: Option<&str>) {
    if let Some(level) = level {
        let filter = tracing_subscriber::EnvFilter::try_new(level).unwrap_or_default();
        let log =
            tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(false);
        let _ = log.try_init(); // a second log is no reason to stop
    }
}
