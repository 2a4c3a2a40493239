//! `triform apply` and `triform destroy`: plan, ask, approve, apply.
//!
//! The checks come in the documented order: input, lock, readings, decisions, approval, freshness, the apply.

use std::cell::RefCell;
use std::path::Path;

use tokio::sync::watch;

use super::write::{approve_files, into_project, offer};
use super::{decisions, lock, read_sides, saved, selection, tell_plan, view};
use crate::apply::StepEnd;
use crate::backend::Lock;
use crate::cli::approve::Approvals;
use crate::cli::args::{ApplyArgs, ApplyCommand, Global, ShapeArgs};
use crate::cli::exit::{Exit, tell_failure};
use crate::cli::out::{Out, Rest};
use crate::cli::prompt::{self, Answered};
use crate::cli::reporter::{self, Reporter};
use crate::cli::wiring::{self, Embedded, Unset};
use crate::model::{ErrorClass, OutputRef};
use crate::ops::adopt::{self, Proposal};
use crate::ops::{self, Failure, Ground, Job, Packages, Report, Selection, Setup, Survey};
use crate::plan::{ApprovedPlan, Decisions, Document, Plan, StepId};
use crate::render::human;
use crate::render::stream::{self, Operation, Planned};
use crate::render::text::{Doc, Label, Line, plain};
use crate::render::{Part, Shown};
use crate::state::State;
use crate::sys::clock::{Clock, SystemClock};
use crate::sys::ids::SystemIds;
use crate::sys::lock::Holder;

/// What is done with the plan that is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// The cloud becomes what the project says.
    Apply,
    /// Everything recorded goes.
    Destroy,
    /// What was live before the last apply comes back.
    Undo,
}

impl Verb {
    fn command(self) -> &'static str {
        match self {
            Self::Apply => "triform apply",
            Self::Destroy => "triform destroy",
            Self::Undo => "triform undo",
        }
    }
}

/// Runs one of them; `own` is what only `triform apply` takes.
pub fn run(global: &Global, args: &ApplyArgs, own: Option<&ApplyCommand>, verb: Verb) -> Exit {
    let out = Out::streaming(global, args.stream.json);
    wiring::block_on(&out, async {
        let saved = own.and_then(|own| Some((own, own.plan.as_deref()?)));
        let applied = match saved {
            Some((own, file)) => apply_saved(&out, global, own, file).await,
            None => apply_fresh(&out, global, args, own, verb).await,
        };
        applied.unwrap_or_else(|exit| exit)
    })
}

/// Plans, gets every question answered, and applies.
async fn apply_fresh(
    out: &Out,
    global: &Global,
    args: &ApplyArgs,
    own: Option<&ApplyCommand>,
    verb: Verb,
) -> Result<Exit, Exit> {
    let (planning, write) = (own.map(|own| &own.planning), own.and_then(|own| own.write));
    let destroy = verb == Verb::Destroy;
    let unset = if destroy { Unset::Tolerated } else { Unset::Refused };
    wiring::settle(out, &wiring::configuration(global), verb.command())?;
    let project = wiring::project(out, global, unset)?;
    wiring::check(out, &project)?;
    let given = decisions(out, &args.decisions)?;
    let approvals = Approvals::read(out, &args.approval, None)?;
    let (setup, embedded) = wiring::connect(out, global, project).await?;
    let applied = async {
        let session = Session::begin(out, global, &setup, &embedded, args, verb)?;
        let selection =
            Selection { undo: verb == Verb::Undo, ..selection(&args.selection, planning, destroy) };
        let mut survey = read_sides(out, &setup, &selection, Some(&session.lock)).await?;
        let fail = |failure: Failure| tell_failure(out, &failure);
        survey.save_recovery(&setup, &session.lock).map_err(fail)?;

        let mut plan = given.plan(out, &setup, &survey)?;
        let mut writing = None;
        if write == Some(true) && plan.open().is_empty() {
            let (written, proposal) = into_project(out, &setup, &mut survey, &plan).await?;
            (plan, writing) = (written, Some(proposal));
        }
        survey.load_texts(&setup, &plan);
        if out.stream {
            out.events(stream::plan(&plan, session.operation(), Planned::Now));
        }
        session.show(&survey, &plan);
        let plan = session.decide(&survey, plan, given.decisions)?;
        let rest = match write {
            Some(true) if writing.is_none() => Some(into_project(out, &setup, &mut survey, &plan).await?),
            None if out.can_ask() && !approvals.are_named() && verb == Verb::Apply => {
                offer(out, &setup, &mut survey, &plan).await?
            }
            _ => None,
        };
        let plan = match rest {
            Some((plan, proposal)) => {
                writing = Some(proposal);
                survey.load_texts(&setup, &plan);
                session.show(&survey, &plan);
                plan
            }
            None => plan,
        };
        let made = wiring::made(global, &setup);
        let document = ops::whole_document(&setup, &survey, plan, made).await.map_err(fail)?;
        let packages = ops::packages(setup.provider.as_ref(), &document).map_err(fail)?;
        let Document { plan, links, .. } = document;
        if let Some(proposal) = &writing {
            approve_files(out, &plan, proposal, approvals.are_named())?;
        }
        let approved = approvals.approve(out, plan, &session.holder.who)?;
        let writing = writing.as_ref().filter(|proposal| !proposal.replacements.is_empty());
        session.carry_out(&survey.ground, &packages, &approved, &links, false, writing).await
    };
    let applied = applied.await;
    embedded.stop().await;
    applied
}

/// Applies exactly the plan of a file.
async fn apply_saved(out: &Out, global: &Global, own: &ApplyCommand, file: &Path) -> Result<Exit, Exit> {
    saved::refuse_planning(out, file, own)?;
    let args = &own.apply;
    let document = saved::read(out, file)?;
    let approvals = Approvals::read(out, &args.approval, Some(file))?;
    let place = saved::place(out, global, &document)?;
    wiring::settle(out, &place.configuration, Verb::Apply.command())?;
    let secrets = saved::secrets(out, &place, &document)?;
    let (setup, embedded) = saved::connect(out, &place, &document).await?;
    let applied = async {
        let session = Session::begin(out, &place.global, &setup, &embedded, args, Verb::Apply)?;
        saved::check_account(out, &setup, &document).await?;
        let shown = Shown { document: &document, schemas: &setup.schemas, part: Part::Whole };
        if out.stream {
            out.events(stream::plan(&document.plan, session.operation(), Planned::Before));
        }
        tell_plan(out, &shown, &ShapeArgs::human(args.compact));
        undecided(out, &document.plan)?;
        let fail = |failure: Failure| tell_failure(out, &failure);
        let packages = ops::packages(setup.provider.as_ref(), &document).map_err(fail)?;
        let ground = Ground::of(&setup, &document, secrets);
        let Document { plan, links, .. } = document;
        let approved = approvals.approve(out, plan, &session.holder.who)?;
        session.carry_out(&ground.map_err(fail)?, &packages, &approved, &links, true, None).await
    };
    let applied = applied.await;
    embedded.stop().await;
    applied
}

/// An apply that holds its state.
struct Session<'a> {
    out: &'a Out,
    setup: &'a Setup,
    embedded: &'a Embedded,
    args: &'a ApplyArgs,
    web_port: Option<u16>,
    lock: Lock,
    command: &'static str,
    verb: Verb,
    holder: Holder,
}

impl<'a> Session<'a> {
    fn begin(
        out: &'a Out,
        global: &Global,
        setup: &'a Setup,
        embedded: &'a Embedded,
        args: &'a ApplyArgs,
        verb: Verb,
    ) -> Result<Self, Exit> {
        let command = verb.command();
        let holder = Holder::this_process(command, SystemClock.now());
        let lock = lock(out, &setup.store, &holder, args.lock_timeout)
            .map_err(|failure| tell_failure(out, &failure))?;
        // Whoever held the state may have written into the project meanwhile.
        ops::adopt::unmoved(setup).map_err(|failure| tell_failure(out, &failure))?;
        let web_port = wiring::web_port(global);
        Ok(Self { out, setup, embedded, args, web_port, lock, command, verb, holder })
    }

    fn operation(&self) -> Operation {
        if self.verb == Verb::Destroy { Operation::Destroy } else { Operation::Apply }
    }

    /// Shows a whole plan.
    fn show(&self, survey: &Survey, plan: &Plan) {
        let Self { out, setup, args, .. } = *self;
        let content = |digest| survey.ground.shelf.content(digest);
        let secrets = ops::secret_sources(setup, &survey.ground);
        let view = view(out, &setup.schemas, &content, &secrets, args.compact);
        out.result(&human::plan(plan, &view, Part::Whole));
    }

    /// Gets every open decision of a plan that was shown answered, or says that nobody can be asked.
    fn decide(&self, survey: &Survey, plan: Plan, decisions: Decisions) -> Result<Plan, Exit> {
        let Self { out, setup, args, .. } = *self;
        if plan.open().is_empty() {
            return Ok(plan);
        }
        if !out.can_ask() {
            undecided(out, &plan)?;
        }
        let content = |digest| survey.ground.shelf.content(digest);
        let secrets = ops::secret_sources(setup, &survey.ground);
        let view = view(out, &setup.schemas, &content, &secrets, args.compact);
        match prompt::decide(out, setup, survey, plan, decisions, &view) {
            Ok(Answered::Decided(plan)) => {
                survey.load_texts(setup, &plan);
                self.show(survey, &plan);
                Ok(*plan)
            }
            Ok(Answered::Stopped) => {
                out.say(Label::Plain, "Stopped; nothing was changed.");
                Err(Exit::NotApproved)
            }
            Err(failure) => Err(tell_failure(out, &failure)),
        }
    }

    /// Carries an approved plan out, and tells how it went.
    async fn carry_out(
        self,
        ground: &Ground,
        packages: &Packages,
        approved: &ApprovedPlan,
        links: &[(String, OutputRef)],
        saved: bool,
        writing: Option<&Proposal>,
    ) -> Result<Exit, Exit> {
        let operation = self.operation();
        let Self { out, setup, embedded, args, web_port, lock, command, verb: _, holder } = self;
        let interrupted = listen();
        let job = Job {
            setup,
            ground,
            packages,
            lock: &lock,
            ids: &SystemIds,
            saved,
            parallelism: args.parallelism.get(),
            interrupted,
            note: format!("{command} by {}", approved.approval()),
            at: wiring::now(),
        };
        let reporter = RefCell::new(Reporter::new(out, approved.plan()));
        let mut tell = |event| reporter.borrow_mut().tell(&event);
        let fail = |failure: Failure| tell_failure(out, &failure);
        let written = writing.map(|proposal| adopt::write_files(setup, proposal, &holder)).transpose();
        let written = written.map_err(fail)?;
        let applied = reporter::watch(&reporter, ops::apply(&job, approved, &mut tell)).await;
        // The files stay where what belongs to them is recorded, and are as they were where nothing is.
        let kept = written.map(|written| adopt::end(setup, written)).transpose();
        let report = applied.map_err(fail)?;
        kept.map_err(fail)?;
        if let Some(proposal) = writing {
            let files: Vec<String> = proposal.told.files.iter().map(|file| plain(&file.name)).collect();
            out.say(Label::Good, &format!("Written: {}.", files.join(", ")));
        }
        if out.stream {
            stream_end(out, approved.plan(), &report, operation);
            if report.is_good() && operation == Operation::Apply {
                let found = report.state.as_ref().map(|state| self::links(links, state, web_port));
                let found = found.unwrap_or_default();
                let url =
                    |output: &OutputRef| Some(found.iter().find(|link| link.output == output)?.url.clone());
                out.event(&stream::outputs(links, url));
            }
        } else {
            tell_end(out, embedded, web_port, approved.plan(), links, &report);
        }
        Ok(match &report {
            report if report.interrupted => Exit::Interrupted,
            report if report.is_good() => Exit::Done,
            _ => Exit::Error,
        })
    }
}

/// Refuses a plan with open decisions where nobody can be asked.
fn undecided(out: &Out, plan: &Plan) -> Result<(), Exit> {
    let open = plan.open().len();
    if open == 0 {
        return Ok(());
    }
    let noun = if open == 1 { "decision is" } else { "decisions are" };
    let what = format!("{open} {noun} open, and nobody can be asked here; nothing was changed (exit code 3)");
    let help = "plan again, and say who wins with --use-local or --use-live, or one by one: --use-live=SELECTOR, or \
                --decisions FILE, which `triform plan --write-decisions FILE` starts; --exclude leaves a resource out";
    let mut doc = Doc::new();
    for open in plan.open() {
        let path = open.path.map_or_else(String::new, |(path, _)| format!(":{path}"));
        doc.line(Line::new().plain("  ").plain(quoted(&plain(&format!("{}{path}", open.change.address)))));
    }
    out.error(&what, &[Rest::Help(help), Rest::Lines(doc)]);
    Err(Exit::Undecided)
}

/// Returns a text as a shell takes it for one word.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// Counts SIGINT and SIGTERM from now on.
fn listen() -> watch::Receiver<u8> {
    let (count, counted) = watch::channel(0_u8);
    tokio::spawn(async move {
        use tokio::signal::unix::{SignalKind, signal};
        let (Ok(mut interrupt), Ok(mut terminate)) =
            (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
        else {
            return;
        };
        loop {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            count.send_modify(|count| *count = count.saturating_add(1));
        }
    });
    counted
}

fn tell_end(
    out: &Out,
    embedded: &Embedded,
    web_port: Option<u16>,
    plan: &Plan,
    links: &[(String, OutputRef)],
    report: &Report,
) {
    if plan.steps.is_empty() {
        if let Some(serial) = report.serial {
            out.say(Label::Good, &format!("Recorded. State serial {serial}."));
        }
    } else {
        out.note(&human::ending(&ending(plan, report), out.width()));
        for hint in hints(report) {
            out.say(Label::Plain, &format!("help: {hint}"));
        }
    }
    if let Some(state) = &report.state {
        let links = self::links(links, state, web_port);
        out.result(&link_lines(&links));
        if !links.is_empty() && embedded.is_here() {
            let doc = human::link_note("(they answer while `triform cloud serve` is up)", out.width());
            out.note(&doc);
        }
    }
}

/// Ends an apply in its stream: with its counts, or with what was not done and why.
fn stream_end(out: &Out, plan: &Plan, report: &Report, operation: Operation) {
    let steps = |ids: &[StepId]| ids.iter().filter_map(|id| plan.steps.get(*id)).collect::<Vec<_>>();
    if report.is_good() {
        let done = plan.steps.iter().filter(|step| report.ends.contains_key(&step.id));
        out.event(&stream::applied(plan, done, operation, report.serial.map(|serial| serial.0)));
        return;
    }
    out.events(steps(&report.in_flight).into_iter().map(stream::left_in_flight));
    out.events(steps(&report.not_started).into_iter().map(stream::not_started));
    let hints = hints(report);
    let hints: Vec<Rest<'_>> = hints.iter().map(|hint| Rest::Help(hint)).collect();
    out.error(&human::verdict(&ending(plan, report)), &hints);
}

fn ending<'a>(plan: &'a Plan, report: &'a Report) -> human::Ending<'a> {
    let Report { ends, not_started, in_flight, interrupted, serial, state: _ } = report;
    let serial = serial.map(|serial| serial.0);
    human::Ending { plan, ends, not_started, in_flight, serial, interrupted: *interrupted }
}

/// Says what to do about steps that were refused, once for each kind of refusal.
fn hints(report: &Report) -> Vec<String> {
    let of = |end: &StepEnd| match end {
        StepEnd::Done | StepEnd::Unneeded => None,
        StepEnd::Uncertain(_) => {
            Some("apply again: reading the cloud will say what came of the uncertain steps")
        }
        StepEnd::Partial(_) => {
            Some("mend what the service says of it, and apply again, which also starts what waited for it")
        }
        StepEnd::Moved(_) => Some("plan again: what was changed online meanwhile is asked about"),
        StepEnd::Unprepared(_) => Some("mend what is said above, and apply again"),
        StepEnd::Refused(error) => Some(match error.class {
            ErrorClass::NotFound => "plan again: something that the call needs is gone",
            ErrorClass::AlreadyExists => "plan again: what exists by now is asked about",
            ErrorClass::Changed => "plan again: what was changed online meanwhile is asked about",
            ErrorClass::Denied => {
                "allow the operation to these credentials, or name others with --access, and apply again"
            }
            ErrorClass::Throttled => "wait a moment, and apply again, with a lower --parallelism",
            ErrorClass::Invalid => "mend what the service names, and apply again",
            ErrorClass::Unavailable => "apply again when the service answers",
        }),
    };
    let mut hints: Vec<&str> = report.ends.values().filter_map(of).collect();
    hints.sort_unstable();
    hints.dedup();
    // Where nothing was done there is nothing to be told of it.
    let recorded = if report.serial.is_some() { "; what was done is recorded" } else { "" };
    hints.into_iter().map(|hint| format!("{hint}{recorded}")).collect()
}

/// Returns links as lines.
pub fn link_lines(links: &[Link<'_>]) -> Doc {
    human::link_lines(links.iter().map(|link| (link.label, link.url.as_str())))
}

/// What a person looks for after an apply.
pub struct Link<'a> {
    /// What it is of, such as the name of a function.
    pub label: &'a str,
    /// Which output it is.
    pub output: &'a OutputRef,
    /// Where it leads.
    pub url: String,
}

/// Returns the links that a person looks for afterwards.
///
/// `web_port` is where the embedded cloud serves custom domains, which know no port of their own.
pub fn links<'a>(links: &'a [(String, OutputRef)], state: &State, web_port: Option<u16>) -> Vec<Link<'a>> {
    links
        .iter()
        .filter_map(|(label, output)| {
            let record = state.records.get(&output.address)?;
            let link = record.outputs.get(&output.output)?.as_text()?;
            let with_port = |port| Some(format!("{}:{port}/", link.strip_suffix('/')?));
            let bare = record.identity.parent.is_none();
            let url = web_port.filter(|_| bare).and_then(with_port).unwrap_or_else(|| link.to_owned());
            Some(Link { label, output, url })
        })
        .collect()
}
