//! `triform state`: the state, by hand; and `triform show` where no saved plan is named.
//!
//! What reads takes no lock and asks no cloud: state and journal say it. What changes the state holds it from before
//! it is read until after it is written, shows what it will do, and asks. Only the calls of an interrupted apply of
//! which nobody knows what came have to be settled first, and for that the cloud is read.

use std::collections::BTreeSet;

use super::{lock, read_sides};
use crate::backend::{LocalStore, Lock};
use crate::cli::args::{
    Global, OutputArgs, OutputFormat, ShapeArgs, StateArgs, StateChangeArgs, StateCommand,
};
use crate::cli::exit::{Exit, tell_error, tell_failure};
use crate::cli::out::{Out, Rest};
use crate::cli::prompt;
use crate::cli::wiring::{self, Project, Unset};
use crate::config::Desired;
use crate::config::suggest::closest;
use crate::model::{Address, Identity};
use crate::ops::state::{Forecast, Known, PickError, forecast, known, picked};
use crate::ops::{Failure, Selection};
use crate::plan::Selector;
use crate::provider;
use crate::render::text::{Doc, Label, Line, plain};
use crate::render::view::plural;
use crate::render::{STATE_RENDERERS, human, json};
use crate::state::{MoveError, Serial, State};
use crate::sys::clock::{Clock, SystemClock};
use crate::sys::lock::Holder;

/// Records that a forecast names; the others are counted.
const NAMED: usize = 5;

pub fn run(global: &Global, args: &StateArgs) -> Exit {
    let out = Out::new(global);
    wiring::block_on(&out, async { state(&out, global, args).await.unwrap_or_else(|exit| exit) })
}

async fn state(out: &Out, global: &Global, args: &StateArgs) -> Result<Exit, Exit> {
    if matches!(args.command, StateCommand::Mv { .. } | StateCommand::Rm { .. }) {
        wiring::settle(out, &wiring::configuration(global), "triform state")?;
    }
    let project = wiring::project(out, global, Unset::Tolerated)?;
    wiring::check(out, &project)?;
    match &args.command {
        StateCommand::List { selectors, shape } => list(out, global, &project, selectors, shape),
        StateCommand::Show { address, shape } => record(out, global, &project, address, shape),
        StateCommand::Mv { from, to, change } => {
            let held = Held::take(out, global, project, "triform state mv", change).await?;
            rename(out, held, from, to)
        }
        StateCommand::Rm { selectors, change } => {
            let held = Held::take(out, global, project, "triform state rm", change).await?;
            forget(out, held, selectors)
        }
    }
}

/// Shows all that is recorded.
pub fn whole(out: &Out, global: &Global, shape: &ShapeArgs) -> Result<Exit, Exit> {
    let project = wiring::project(out, global, Unset::Tolerated)?;
    wiring::check(out, &project)?;
    let schemas = provider::schemas();
    let state = read(out, global, &project)?;
    if shape.format == crate::cli::args::HUMAN {
        match &state {
            Some(state) if shape.compact.compact => out.result(&human::records(state, state.records.keys())),
            Some(state) => out.result(&human::state(state, out.width())),
            None => nothing(out, global, &project),
        }
        return Ok(Exit::Done);
    }
    let Some(renderer) = STATE_RENDERERS.iter().find(|renderer| renderer.name == shape.format) else {
        let others: Vec<&str> = STATE_RENDERERS.iter().map(|renderer| renderer.name).collect();
        let what = format!("--format {} shows what a plan would do, and a state does nothing", shape.format);
        let help = format!("take {}, human or {}; or name a saved plan", others[1..].join(", "), others[0]);
        out.error(&what, &[Rest::Help(&help)]);
        return Err(Exit::Error);
    };
    if state.is_none() {
        nothing(out, global, &project);
    }
    out.raw(&(renderer.render)(state.as_ref(), &schemas));
    Ok(Exit::Done)
}

/// Says that there is no state; and where there is one of the other kind of cloud, which flag leads to it.
pub fn nothing(out: &Out, global: &Global, project: &Project) {
    let other = Global { local: !global.local, ..global.clone() };
    let text = if !project.store(&other).state_path().exists() {
        "Nothing was deployed from here yet: there is no state."
    } else if global.local {
        "Nothing was deployed from here to the embedded cloud yet. There is a state of the real one: leave --local out."
    } else {
        "Nothing was deployed from here to the real cloud yet. There is a state of the embedded one: --local shows it."
    };
    out.say(Label::Plain, text);
}

/// Reads what is known without the cloud, and says where that is not all.
fn read(out: &Out, global: &Global, project: &Project) -> Result<Option<State>, Exit> {
    let store = project.store(global);
    let Known { state, open } = known_of(out, global, project, &store)?;
    if let Some(holder) = store.applying() {
        let since = holder.since.strftime("%H:%M:%S UTC");
        let text = format!("{} runs `{}` since {since}: this is how far it is.", holder.who, holder.command);
        out.say(Label::Drift, &plain(&text));
    } else if !open.is_empty() {
        let (count, calls) = (open.len(), plural(open.len(), "call"));
        let text = format!(
            "An earlier apply was interrupted: what came of {count} {calls} is not known yet, and not shown. The next \
             plan finds out."
        );
        out.say(Label::Drift, &text);
    }
    Ok(state)
}

fn known_of(out: &Out, global: &Global, project: &Project, store: &LocalStore) -> Result<Known, Exit> {
    let known = known(store, &project.configuration, &project.desired, wiring::cloud(global));
    known.map_err(|failure| tell_failure(out, &failure))
}

fn list(
    out: &Out,
    global: &Global,
    project: &Project,
    selectors: &[Selector],
    shape: &OutputArgs,
) -> Result<Exit, Exit> {
    let Some(state) = read(out, global, project)? else {
        if let Some(selector) = selectors.first() {
            return Err(not_picked(out, &PickError::Nothing(selector.clone()), None));
        }
        match shape.format {
            OutputFormat::Human => nothing(out, global, project),
            OutputFormat::Json => out.raw(&json::records(std::iter::empty())),
        }
        return Ok(Exit::Done);
    };
    let picked = picked(&state, selectors).map_err(|error| not_picked(out, &error, Some(&state)))?;
    match shape.format {
        OutputFormat::Human => out.result(&human::records(&state, picked.iter())),
        OutputFormat::Json => {
            out.raw(&json::records(picked.iter().filter_map(|address| state.records.get_key_value(address))));
        }
    }
    Ok(Exit::Done)
}

fn record(
    out: &Out,
    global: &Global,
    project: &Project,
    address: &Address,
    shape: &OutputArgs,
) -> Result<Exit, Exit> {
    let state = read(out, global, project)?;
    let found = state.as_ref().and_then(|state| Some((state, state.records.get(address)?)));
    let Some((state, record)) = found else {
        return Err(not_recorded(out, &MoveError::Nothing(address.clone()), address, state.as_ref()));
    };
    match shape.format {
        OutputFormat::Human => out.result(&human::record(state, address, out.width())),
        OutputFormat::Json => out.raw(&json::record(address, record, &provider::schemas())),
    }
    Ok(Exit::Done)
}

/// A state that this command holds, settled.
struct Held<'a> {
    desired: Desired,
    store: LocalStore,
    lock: Lock,
    state: Option<State>,
    change: &'a StateChangeArgs,
}

impl<'a> Held<'a> {
    async fn take(
        out: &Out,
        global: &Global,
        project: Project,
        command: &str,
        change: &'a StateChangeArgs,
    ) -> Result<Self, Exit> {
        let fail = |failure: Failure| tell_failure(out, &failure);
        let store = project.store(global);
        let holder = Holder::this_process(command, SystemClock.now());
        let lock = lock(out, &store, &holder, change.lock_timeout).map_err(fail)?;
        let desired = project.desired.clone();
        let Known { mut state, open } = known_of(out, global, &project, &store)?;
        if !open.is_empty() {
            let (setup, embedded) = wiring::connect(out, global, project).await?;
            let settled = async {
                // Nothing of the configuration is compared: what was recorded is read, and what was left open.
                let all = Selection { destroy: true, ..Selection::default() };
                let mut survey = read_sides(out, &setup, &all, Some(&lock)).await?;
                survey.save_recovery(&setup, &lock).map_err(fail)?;
                Ok(survey.ground.state)
            };
            let settled = settled.await;
            embedded.stop().await;
            state = settled?;
        }
        Ok(Self { desired, store, lock, state, change })
    }

    /// Asks, and writes the changed state; it takes the place of an interrupted apply's journal, which it contains.
    fn write(self, out: &Out, mut state: State, question: &str, done: &str) -> Result<Exit, Exit> {
        if !self.change.auto_approve {
            if !out.can_ask() {
                let what = "the change is not approved, and nobody can be asked here; nothing was changed (exit code 6)";
                out.error(what, &[Rest::Help("approve it with --auto-approve")]);
                return Err(Exit::NotApproved);
            }
            if !prompt::confirm(out, question) {
                out.say(Label::Plain, "Not approved; nothing was changed.");
                return Err(Exit::NotApproved);
            }
        }
        state.serial = Serial(state.serial.0 + 1);
        self.store.save(&self.lock, &state).map_err(|error| tell_failure(out, &Failure::Store(error)))?;
        out.say(Label::Good, &format!("{done} State serial {}.", state.serial));
        Ok(Exit::Done)
    }
}

fn rename(out: &Out, held: Held<'_>, from: &Address, to: &Address) -> Result<Exit, Exit> {
    let schemas = provider::schemas();
    let Some(mut state) = held.state.clone() else {
        return Err(not_recorded(out, &MoveError::Nothing(from.clone()), from, None));
    };
    let moves = state
        .rename(from, to, &schemas)
        .map_err(|error| not_recorded(out, &error, from, held.state.as_ref()))?;
    let mut doc = Doc::new();
    for (old, new) in &moves {
        let line = Line::new().plain("  ").add(Label::Changed, ">").plain(" ").add(Label::Strong, name(old));
        doc.line(line.plain(" -> ").add(Label::Strong, name(new)));
    }
    doc.gap();
    let text = format!(
        "{} {} another address; nothing is written to the cloud.",
        moves.len(),
        if moves.len() == 1 { "record gets" } else { "records get" },
    );
    doc.paragraph(Label::Plain, &text, 0, out.width());
    let arrived: Vec<(&Address, &Address, &Identity)> =
        moves.iter().filter_map(|(old, new)| Some((old, new, &state.records.get(new)?.identity))).collect();
    for sentence in forecasts_of_moves(&held.desired, &state, &arrived) {
        doc.paragraph(Label::Drift, &plain(&sentence), 0, out.width());
    }
    out.result(&doc);
    if !held.desired.resources.contains_key(to)
        && let Some(near) = nearest(to, held.desired.resources.keys())
    {
        out.say(Label::Plain, &plain(&format!("help: did you mean {near}?")));
    }
    held.write(out, state, "Move this?", "Moved.")
}

/// Says what the next plan will make of records at their new addresses.
fn forecasts_of_moves(
    desired: &Desired,
    state: &State,
    moves: &[(&Address, &Address, &Identity)],
) -> Vec<String> {
    let mut sentences = Vec::new();
    let mut deleted = Vec::new();
    for (old, new, identity) in moves.iter().copied() {
        match forecast(desired, &state.owner, new, identity) {
            Forecast::Declared => {}
            Forecast::Deleted => deleted.push(new),
            Forecast::Moved(to) if to == *old => sentences.push(format!(
                "The configuration still declares it as {old}: unless it is edited, the next plan moves {new} back."
            )),
            Forecast::Moved(to) => {
                sentences.push(format!("The configuration declares it as {to}: the next plan moves {new} there."));
            }
            Forecast::Replaced(declared) => sentences.push(format!(
                "The configuration declares {declared} as {new}: the next plan replaces {identity} by it."
            )),
        }
    }
    if !deleted.is_empty() {
        let what = if deleted.len() == 1 { "it" } else { "them" };
        sentences.push(format!(
            "The configuration does not declare {}: unless it is edited, the next plan deletes {what}.",
            some(&deleted)
        ));
    }
    sentences
}

fn forget(out: &Out, held: Held<'_>, selectors: &[Selector]) -> Result<Exit, Exit> {
    let schemas = provider::schemas();
    let first = || selectors.first().cloned().map(PickError::Nothing);
    let Some(before) = held.state.clone() else {
        return Err(first().map_or(Exit::Error, |error| not_picked(out, &error, None)));
    };
    let named = picked(&before, selectors).map_err(|error| not_picked(out, &error, Some(&before)))?;
    let mut state = before.clone();
    let gone = state.forget(&named, &schemas);
    let mut doc = Doc::new();
    for (address, record) in before.records.iter().filter(|(address, _)| gone.contains(*address)) {
        let line = Line::new().plain("  ").add(Label::Deleted, "-").plain(" ");
        let identity = plain(&record.identity.to_string());
        doc.line(line.add(Label::Strong, name(address)).to(50).add(Label::Faint, identity));
    }
    doc.gap();
    let (count, dropped) = (gone.len(), if gone.len() == 1 { "record is" } else { "records are" });
    let text = format!("{count} {dropped} dropped; what is in the cloud stays as it is.");
    doc.paragraph(Label::Plain, &text, 0, out.width());
    for sentence in forecasts_of_losses(&held.desired, &before, &gone) {
        doc.paragraph(Label::Drift, &plain(&sentence), 0, out.width());
    }
    out.result(&doc.folded(out.width()));
    held.write(out, state, "Forget this?", "Forgotten.")
}

/// Says what the next plan will make of resources that nobody remembers any more.
fn forecasts_of_losses(desired: &Desired, before: &State, gone: &BTreeSet<Address>) -> Vec<String> {
    let mut asked = Vec::new();
    let mut children = Vec::new();
    let mut left = Vec::new();
    for address in gone {
        let Some(record) = before.records.get(address) else { continue };
        match forecast(desired, &before.owner, address, &record.identity) {
            Forecast::Declared | Forecast::Moved(_) => asked.push(address),
            Forecast::Replaced(_) | Forecast::Deleted => {
                let parent = record.identity.parent.as_ref();
                let stays = parent.is_some_and(|name| {
                    let of = |(at, other): (&Address, &crate::state::Record)| {
                        !gone.contains(at) && other.identity.name == *name && other.identity.parent.is_none()
                    };
                    before.records.iter().any(of)
                });
                if stays { children.push(address) } else { left.push(address) }
            }
        }
    }
    let mut sentences = Vec::new();
    if !asked.is_empty() {
        sentences.push(format!(
            "The configuration declares {}: the next plan finds what is live of that not deployed from here, and asks; \
             what was accepted, or changed online since the last apply, can no longer be told.",
            some(&asked)
        ));
    }
    if !children.is_empty() {
        let how = "reports as somebody else's, and leaves alone";
        sentences.push(format!(
            "The configuration does not declare {}, which the next plan {how}.",
            some(&children)
        ));
    }
    if !left.is_empty() {
        let how = "no plan speaks of any more";
        sentences.push(format!("The configuration does not declare {}, which {how}.", some(&left)));
    }
    sentences
}

/// Names the first, and counts the others.
fn some(addresses: &[&Address]) -> String {
    let mut words: Vec<String> = addresses.iter().take(NAMED).map(ToString::to_string).collect();
    let last = match addresses.len().checked_sub(NAMED).filter(|more| *more > 0) {
        Some(more) => Some(format!("{more} more")),
        None if words.len() > 1 => words.pop(),
        None => None,
    };
    last.map_or_else(|| words.join(", "), |last| format!("{} and {last}", words.join(", ")))
}

fn name(address: &Address) -> String {
    plain(&address.to_string())
}

/// Says why a selector picks nothing.
fn not_picked(out: &Out, error: &PickError, state: Option<&State>) -> Exit {
    let near = match error {
        PickError::Nothing(selector) => nearest_of(&selector.to_string(), state),
        PickError::Path(_) => None,
    };
    tell_error(out, error, Some(&way_out(near, state)));
    Exit::Error
}

/// Says why there is nothing to show or to move.
fn not_recorded(out: &Out, error: &MoveError, address: &Address, state: Option<&State>) -> Exit {
    let near =
        matches!(error, MoveError::Nothing(_)).then(|| nearest_of(&address.to_string(), state)).flatten();
    let help = match error {
        MoveError::Nothing(_) => way_out(near, state),
        MoveError::Taken(taken) => {
            format!(
                "move that one away first, or forget it: `triform state rm '{}'`; nothing was changed",
                taken.to
            )
        }
        MoveError::Unlike { .. } => {
            "an address of the same form keeps its meaning; nothing was changed".to_owned()
        }
        MoveError::Same(_) => "name the address that it is to have; nothing was changed".to_owned(),
    };
    tell_error(out, error, Some(&help));
    Exit::Error
}

fn way_out(near: Option<String>, state: Option<&State>) -> String {
    match (near, state) {
        (Some(near), _) => format!("did you mean {near}? nothing was changed"),
        (None, Some(_)) => "`triform state list` names what is recorded; nothing was changed".to_owned(),
        (None, None) => "nothing was deployed from here yet: there is no state".to_owned(),
    }
}

fn nearest_of(text: &str, state: Option<&State>) -> Option<String> {
    let names: Vec<String> = state?.records.keys().map(ToString::to_string).collect();
    closest(text, names.iter().map(String::as_str)).map(str::to_owned)
}

fn nearest<'a>(address: &Address, known: impl Iterator<Item = &'a Address>) -> Option<String> {
    let names: Vec<String> = known.map(ToString::to_string).collect();
    closest(&address.to_string(), names.iter().map(String::as_str)).map(str::to_owned)
}
