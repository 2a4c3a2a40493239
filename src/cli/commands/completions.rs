//! `triform completions`.

use clap::CommandFactory;

use crate::cli::args::Args;
use crate::cli::exit::Exit;

pub fn run(shell: clap_complete::Shell) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "triform", &mut script);
    let mut stdout = std::io::stdout().lock();
    let _ = std::io::Write::write_all(&mut stdout, &script); // a reader that has gone is no error
    Exit::Done
}
