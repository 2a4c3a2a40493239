//! Exit codes, and how a failure is told: what was being done, what went wrong, and the way out.

use std::process::ExitCode;

use super::out::{Out, Rest};
use crate::backend::StoreError;
use crate::diag::Diagnostic;
use crate::ops::Failure;
use crate::plan::DecisionError;
use crate::render::human;
use crate::render::text::{Label, plain};
use crate::state::{ReadJournalError, ReadStateError};
use crate::sys::lock::Holder;
use crate::sys::replace::ReplaceError;

/// How a command ended; the codes are documented in `--help`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done, or nothing to do.
    Done,
    /// An error.
    Error,
    /// The plan is not empty, or something was changed online.
    Different,
    /// Decisions are open and nobody can be asked.
    Undecided,
    /// The state or the cloud moved since the plan was made.
    Stale,
    /// Somebody else holds the state or the data.
    Held,
    /// Not approved.
    NotApproved,
    /// Interrupted.
    Interrupted,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Error => 1,
            Exit::Different => 2,
            Exit::Undecided => 3,
            Exit::Stale => 4,
            Exit::Held => 5,
            Exit::NotApproved => 6,
            Exit::Interrupted => 130,
        })
    }
}

/// Tells an error with its causes and a way out.
pub fn tell_error(out: &Out, error: &dyn std::error::Error, way_out: Option<&str>) {
    let help: Vec<Rest<'_>> = way_out.map(Rest::Help).into_iter().collect();
    out.error(&chain(error), &help);
}

/// Returns an error with its causes, on one line.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        text = format!("{text}: {inner}");
        source = inner.source();
    }
    plain(&text)
}

/// Says how many errors there are, after all of them were told.
pub fn count_errors(diagnostics: &[Diagnostic]) -> String {
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count();
    format!("{errors} {}; nothing was changed", if errors == 1 { "error" } else { "errors" })
}

/// Says who holds a lock, what for, and since when.
pub fn describe_holder(holder: Option<&Holder>) -> String {
    let Some(Holder { who, pid, command, since }) = holder else { return "somebody".to_owned() };
    format!("{who} (process {pid}), running `{command}` since {}", since.strftime("%Y-%m-%d %H:%M:%S UTC"))
}

/// Tells a failure of a verb, and returns the exit code that it ends in.
pub fn tell_failure(out: &Out, failure: &Failure) -> Exit {
    match failure {
        Failure::Input(diagnostics) => {
            out.diagnostics(diagnostics);
            out.say(Label::Bad, &count_errors(diagnostics));
            Exit::Error
        }
        Failure::Unknown(unread) => {
            let rows = unread.iter().map(|unread| (&unread.address, &unread.why));
            let closing = "Unknown is not absent, so nothing was planned and nothing was changed.";
            out.error(&chain(failure), &[Rest::Lines(human::unread(rows, out.width())), Rest::Text(closing)]);
            Exit::Error
        }
        Failure::Held(held) => {
            let by = describe_holder(held.by.as_ref());
            let help = "wait for it to end, or wait here with --lock-timeout SECONDS; nothing was changed (exit code 5)";
            out.error(&plain(&format!("the state is held by {by}")), &[Rest::Help(help)]);
            Exit::Held
        }
        Failure::Stale(moved) => {
            let rows = moved
                .iter()
                .map(|moved| (&moved.address, moved.differences.as_slice(), moved.modified.as_deref()));
            let closing = "Nothing was changed (exit code 4). Plan again.";
            out.error(&chain(failure), &[Rest::Lines(human::stale(rows, out.width())), Rest::Text(closing)]);
            Exit::Stale
        }
        Failure::StaleState => {
            tell_error(out, failure, Some("nothing was changed (exit code 4); plan again"));
            Exit::Stale
        }
        Failure::StaleSecret { .. } => {
            let help =
                "nothing was changed (exit code 4); set it as it was when the plan was made, or plan again";
            tell_error(out, failure, Some(help));
            Exit::Stale
        }
        Failure::ForeignState { .. } => {
            let help = "put back the `name` if it was changed, or use the state's own project file, cloud and \
                        credentials; or move the state file away to start without one; nothing was read or changed";
            tell_error(out, failure, Some(help));
            Exit::Error
        }
        Failure::NothingApplied => {
            out.say(Label::Good, "Nothing to undo: nothing was applied from here.");
            Exit::Done
        }
        Failure::NoLastApply { .. } => {
            let help = "undo where that apply was made; or take the configuration back (`git revert`), and apply it. \
                        Nothing was read or changed";
            tell_error(out, failure, Some(help));
            Exit::Error
        }
        Failure::Store(StoreError::Last { .. }) => {
            let help = "the file was left as it is; move it away: nothing but an undo needs it";
            tell_error(out, failure, Some(help));
            Exit::Error
        }
        Failure::Store(StoreError::File(_)) => {
            let help = "make the folder writable and readable, and make room on its disk; then run the command again: what was \
                        recorded so far is kept";
            tell_error(out, failure, Some(help));
            Exit::Error
        }
        Failure::Store(error) => {
            let newer = matches!(
                error,
                StoreError::State { source: ReadStateError::TooNew { .. }, .. }
                    | StoreError::Journal { source: ReadJournalError::TooNew { .. }, .. }
            );
            let help = match error {
                _ if newer => "the file was left as it is; use the triform that wrote it, or a newer one",
                StoreError::Stray { .. } => {
                    "both were left as they are; put back the state that the journal continues, or move the journal \
                     away: what its apply did then counts as changed online, and is asked about"
                }
                StoreError::Journal { .. } => {
                    "the file was left as it is; put a good copy in its place, or move it away: what its apply did \
                     then counts as changed online, and is asked about"
                }
                _ => {
                    "the file was left as it is; put a good copy in its place, or move it away to start without a \
                     state (every resource that exists will then be asked about)"
                }
            };
            tell_error(out, failure, Some(help));
            Exit::Error
        }
        Failure::UnknownKind { .. } => {
            let help = "the journal was left as it is, and nothing was changed; use the triform that began the apply, or a \
                        newer one";
            tell_error(out, failure, Some(help));
            Exit::Error
        }
        Failure::Account(_) => {
            let help = "check the credentials, or name others with --access";
            tell_error(out, failure, Some(help));
            Exit::Error
        }
        Failure::Journal(_) => {
            let help = "calls in flight are in the journal as far as it could be written; make room, and run the command again";
            tell_error(out, failure, Some(help));
            Exit::Error
        }
        Failure::Decision(DecisionError::Tie(_, place)) => {
            let help = format!(
                "say who wins there: --use-local='{place}' or --use-live='{place}'; nothing was changed"
            );
            tell_error(out, failure, Some(&help));
            Exit::Error
        }
        Failure::Scope(_) | Failure::Decision(_) => {
            let help = "`triform plan` shows every address; a selector is an address, a pattern such as fc3_function.*, or \
                        either of them with :PATH";
            tell_error(out, failure, Some(help));
            Exit::Error
        }
        Failure::Replace(ReplaceError::Moved(_)) => {
            let help = "no file was changed (exit code 4); run the command again, which reads it anew";
            tell_error(out, failure, Some(help));
            Exit::Stale
        }
        Failure::Replace(error) => {
            let help = match error {
                ReplaceError::ReadOnly(_) => {
                    "make it writable, or take the changes with --patch; no file was changed"
                }
                ReplaceError::InTheWay(_) => "move it away; no file was changed",
                ReplaceError::Busy(_) | ReplaceError::Unsettled => {
                    "run the command again when that one has ended; no file was changed"
                }
                ReplaceError::Moved(_) | ReplaceError::File(_) => {
                    "make the folder writable, and make room on its disk; no file was changed"
                }
            };
            tell_error(out, failure, Some(help));
            if matches!(error, ReplaceError::Busy(_)) { Exit::Held } else { Exit::Error }
        }
        Failure::Files(_) => {
            let help = "make the folder writable, and run the command again: the old files are kept in `.triform/adopting` \
                        until they are back";
            tell_error(out, failure, Some(help));
            Exit::Error
        }
        Failure::Unsettled => {
            let help = "run `triform adopt` or `triform apply`, which put the old files back before they do anything else; \
                        nothing was read or changed";
            tell_error(out, failure, Some(help));
            Exit::Error
        }
        Failure::Writing(by) => {
            let by = describe_holder(by.as_deref());
            let help = "wait for it to end; nothing was changed (exit code 5)";
            out.error(&plain(&format!("the project's files are being written by {by}")), &[Rest::Help(help)]);
            Exit::Held
        }
        Failure::Import(error) => {
            tell_error(out, failure, Some(&format!("{}; nothing was changed", error.help())));
            Exit::Error
        }
        Failure::Package { .. } | Failure::Pack { .. } => {
            tell_error(out, failure, None);
            Exit::Error
        }
    }
}
