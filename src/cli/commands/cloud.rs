//! `triform cloud serve`.

mod files;
mod glance;
mod look;

use std::sync::Arc;

use self::glance::Glance;

use crate::cli::args::{CloudArgs, CloudCommand, Global, ServeArgs};
use crate::cli::exit::{Exit, tell_error};
use crate::cli::out::{Out, Rest};
use crate::cli::wiring;
use crate::emulator::guest::Guest;
use crate::emulator::{self, DEFAULT_REGION, ServerOptions, Switches};
use crate::render::text::{Doc, Label, Line, plain};

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
    let glance = args.project.as_ref().map(|folder| glance(out, global, folder)).transpose()?;
    options.guest = glance.clone().map(|glance| glance as Arc<dyn Guest>);
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
    if let Some(glance) = &glance {
        let place = format!(
            "http://{}:{}/#/{DEFAULT_REGION}/{}",
            emulator::CONSOLE,
            server.address().port(),
            glance.name()
        );
        doc.line(
            Line::new()
                .plain("What the next plan of the project says is shown at ")
                .add(Label::Strong, place)
                .plain("."),
        );
        tokio::spawn(Arc::clone(glance).keep(server.address(), server.changes()));
    }
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
    let ended = tokio::select! {
        error = server.failed() => Err(error),
        () = stopped => Ok(()),
    };
    if let Some(glance) = glance {
        glance.stop();
    }
    match ended {
        Ok(()) => {
            server.stop().await;
            Ok(Exit::Done)
        }
        Err(error) => {
            tell_error(out, &error, None);
            Err(Exit::Error)
        }
    }
}

/// What the console shows of a project: what a command with these flags would plan in its folder.
fn glance(out: &Out, global: &Global, folder: &std::path::Path) -> Result<Arc<Glance>, Exit> {
    let folder = global.directory.clone().unwrap_or_default().join(folder);
    if !folder.is_dir() {
        let help = "name the folder in which `s.yaml` is; -t names another file in it";
        out.error(&plain(&format!("there is no folder `{}`", folder.display())), &[Rest::Help(help)]);
        return Err(Exit::Error);
    }
    Ok(Arc::new(Glance::new(Global { directory: Some(folder), local: true, ..global.clone() })))
}

fn switches(out: &Out, file: &std::path::Path) -> Result<Switches, Exit> {
    let read = std::fs::read(file).map_err(|error| error.to_string());
    let parsed = read.and_then(|bytes| serde_json::from_slice(&bytes).map_err(|error| error.to_string()));
    parsed.map_err(|what| {
        out.error(&format!("could not read the switches in `{}`: {what}", file.display()), &[]);
        Exit::Error
    })
}
