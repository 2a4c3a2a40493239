//! `triform cloud serve`.

use crate::cli::args::{CloudArgs, CloudCommand, Global, ServeArgs};
use crate::cli::exit::{Exit, tell_error};
use crate::cli::out::Out;
use crate::cli::wiring;
use crate::emulator::{self, ServerOptions, Switches};
use crate::render::text::{Doc, Label, Line};

pub fn run(global: &Global, args: &CloudArgs) -> Exit {
    let out = Out::new(global);
    let CloudCommand::Serve(args) = &args.command;
    wiring::block_on(&out, async { serve(&out, global, args).await.unwrap_or_else(|exit| exit) })
}

async fn serve(out: &Out, global: &Global, args: &ServeArgs) -> Result<Exit, Exit> {
    let data = wiring::data_folder(out, global)?;
    let mut options = ServerOptions::new(args.listen, data.clone());
    if let Some(file) = &args.switches {
        options.switches = Some(switches(out, file)?);
    }
    let mut server = emulator::start(options).await.map_err(|error| wiring::tell_start(out, &error))?;
    let mut doc = Doc::new();
    doc.line(
        Line::new()
            .plain("The embedded cloud is up at ")
            .add(Label::Strong, server.base_url().to_owned())
            .plain("."),
    );
    doc.line(Line::new().plain(format!(
        "Account {}, access key {}, secret {}; every region exists.",
        emulator::ACCOUNT,
        emulator::ACCESS_KEY_ID,
        emulator::ACCESS_KEY_SECRET
    )));
    doc.line(Line::new().plain(format!("Its data is in {}. Stop it with Ctrl-C.", data.display())));
    out.result(&doc);
    let stopped = async {
        use tokio::signal::unix::{SignalKind, signal};
        match (signal(SignalKind::interrupt()), signal(SignalKind::terminate())) {
            (Ok(mut interrupt), Ok(mut terminate)) => {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                }
            }
            _ => std::future::pending().await,
        }
    };
    tokio::select! {
        error = server.failed() => {
            tell_error(out, &error, None);
            Err(Exit::Error)
        }
        () = stopped => {
            server.stop().await;
            Ok(Exit::Done)
        }
    }
}

fn switches(out: &Out, file: &std::path::Path) -> Result<Switches, Exit> {
    let read = std::fs::read(file).map_err(|error| error.to_string());
    let parsed = read.and_then(|bytes| serde_json::from_slice(&bytes).map_err(|error| error.to_string()));
    parsed.map_err(|what| {
        out.error(&format!("could not read the switches in `{}`: {what}", file.display()), &[]);
        Exit::Error
    })
}
