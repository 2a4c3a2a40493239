//! Getting a plan approved: by what was said on the command line, else by the person at the terminal.
//!
//! Whatever is named has to hold: a digest, classes, a signature. With none of them named, `--auto-approve` approves
//! any plan, and without that a person is asked. Nobody is asked after something that was named did not hold.

use std::path::{Path, PathBuf};

use clap::{ArgAction, Args as ClapArgs};
use jiff::tz::TimeZone;

use super::args::switch;
use super::exit::{Exit, chain, tell_error};
use super::out::{Out, Rest};
use super::prompt;
use crate::plan::signature::{self, Signed};
use crate::plan::{
    AllowedSigners, Approval, ApprovalClass, ApprovalError, ApprovedPlan, ClassedPlace, Means, Plan,
    PlanDigest,
};
use crate::render::text::{Doc, Label, Line, plain};
use crate::sys::clock::{Clock, SystemClock};

/// Places of one class that a refusal names; the others are counted.
const PLACES: usize = 5;

/// How a plan is approved.
#[derive(Debug, Default, ClapArgs)]
#[command(next_help_heading = "Approval")]
pub struct ApprovalArgs {
    /// Approve the plan as it is; decides nothing about what was changed online.
    #[arg(short = 'y', long, visible_alias = "assume-yes", action = ArgAction::SetTrue, value_parser = switch, env = "TRIFORM_AUTO_APPROVE")]
    pub auto_approve: bool,
    /// Approve the plan that was reviewed, by its whole digest (`sha256:` and 64 hex digits), and no other.
    #[arg(long, value_name = "DIGEST", env = "TRIFORM_APPROVE")]
    pub approve: Option<PlanDigest>,
    /// Approve a plan that holds only changes of these classes: create, recreate, edit, code, overwrite, take-over,
    /// replace, delete, move, forget, accept; see docs/approval.md.
    #[arg(long, value_name = "CLASS,…", value_delimiter = ',', env = "TRIFORM_APPROVE_CLASSES")]
    pub approve_classes: Option<Vec<ApprovalClass>>,
    /// Approve a plan that one of these signed, and no other: a file as `ssh-keygen -Y verify` takes it.
    #[arg(long, value_name = "FILE", env = "TRIFORM_ALLOWED_SIGNERS")]
    pub allowed_signers: Option<PathBuf>,
    /// The signature of the plan [default: the saved plan's name and `.sig`].
    #[arg(long, value_name = "FILE", requires = "allowed_signers", env = "TRIFORM_SIGNATURE")]
    pub signature: Option<PathBuf>,
}

/// What has to hold, read from where it was named.
pub struct Approvals {
    means: Vec<Means>,
    auto: bool,
    signed: Option<Signature>,
}

/// A signature that has to be there.
struct Signature {
    signers: AllowedSigners,
    file: Option<PathBuf>,
}

/// Returns where the signature of a saved plan is, unless it was told otherwise.
pub fn signature_of(plan: &Path) -> PathBuf {
    let mut name = plan.as_os_str().to_owned();
    name.push(".sig");
    name.into()
}

impl Approvals {
    /// Reads what was named. `plan` is the file of a saved plan.
    pub fn read(out: &Out, asked: &ApprovalArgs, plan: Option<&Path>) -> Result<Self, Exit> {
        let classes = asked.approve_classes.as_ref();
        let classes = classes.map(|classes| Means::Classes(classes.iter().copied().collect()));
        let means = asked.approve.map(Means::Digest).into_iter().chain(classes).collect();
        let signed = match &asked.allowed_signers {
            Some(signers) => {
                let file = asked.signature.clone().or_else(|| plan.map(signature_of));
                Some(Signature { signers: read_signers(out, signers)?, file })
            }
            None => None,
        };
        Ok(Self { means, auto: asked.auto_approve, signed })
    }

    /// Returns whether something was named that approves.
    pub fn are_named(&self) -> bool {
        self.auto || self.signed.is_some() || !self.means.is_empty()
    }

    /// Gets a plan approved. `by` is who runs the command. A plan that does nothing needs no approval.
    pub fn approve(self, out: &Out, plan: Plan, by: &str) -> Result<ApprovedPlan, Exit> {
        let Self { mut means, auto, signed } = self;
        let actual = plan.digest();
        if let Some(signed) = signed {
            means.push(Means::Signature(signed.verify(out, actual)?));
        }
        // Approving whatever there is adds nothing to what was named.
        if means.is_empty() && auto {
            means.push(Means::Auto);
        }
        if means.is_empty() && !plan.is_empty() {
            means.push(ask(out, &plan)?);
        }
        ApprovedPlan::new(plan, Approval { by: by.to_owned(), means })
            .map_err(|error| refuse(out, &error, actual))
    }
}

fn read_signers(out: &Out, path: &Path) -> Result<AllowedSigners, Exit> {
    let fail = |why: String| {
        let what = format!("could not read the allowed signers `{}`: {why}", path.display());
        let help = "name a file with lines such as `anna@example.com ssh-ed25519 AAAA…`; nothing was changed";
        out.error(&plain(&what), &[Rest::Help(help)]);
        Exit::Error
    };
    let text = std::fs::read_to_string(path).map_err(|error| fail(error.to_string()))?;
    AllowedSigners::parse(&text, &TimeZone::system()).map_err(|error| fail(error.to_string()))
}

impl Signature {
    /// Returns the proof that somebody who may signed this digest.
    fn verify(&self, out: &Out, digest: PlanDigest) -> Result<Signed, Exit> {
        let refuse = |what: &str, help: &str| {
            let what = format!("{what}; nothing was changed (exit code 6)");
            out.error(&plain(&what), &[Rest::Help(help)]);
            Exit::NotApproved
        };
        let Some(file) = &self.file else {
            let help = "save the plan with `triform plan -o FILE`, have it signed with `triform approve FILE --key KEY`, \
                        and apply FILE; or name a signature of this plan's digest with --signature";
            return Err(refuse("the plan is not signed, and --allowed-signers wants it signed", help));
        };
        let name = file.display();
        let bytes = std::fs::read(file).map_err(|error| {
            let help = "have it signed with `triform approve FILE --key KEY`, or name its signature with --signature";
            refuse(&format!("the plan's signature `{name}` cannot be read: {error}"), help)
        })?;
        let signed =
            signature::verify(digest, &bytes, &self.signers, SystemClock.now()).map_err(|error| {
                let why = chain(&error);
                let help = format!("this plan is {digest}; have it signed by one of the allowed signers");
                refuse(&format!("the signature `{name}` does not approve this plan: {why}"), &help)
            })?;
        out.say(Label::Good, &plain(&format!("Approved by {signed}.")));
        Ok(signed)
    }
}

fn ask(out: &Out, plan: &Plan) -> Result<Means, Exit> {
    if !out.can_ask() {
        let what =
            "the plan is not approved, and nobody can be asked here; nothing was changed (exit code 6)";
        let help = "approve the plan that you reviewed with --approve DIGEST, what may be done unseen with \
                    --approve-classes CLASS,…, what somebody signed with --allowed-signers FILE, or this plan as it is with \
                    --auto-approve";
        out.error(what, &[Rest::Help(help)]);
        return Err(Exit::NotApproved);
    }
    if prompt::approve(out) {
        Ok(Means::Person(plan.digest()))
    } else {
        out.say(Label::Plain, "Not approved; nothing was changed.");
        Err(Exit::NotApproved)
    }
}

/// Says why a plan may not be applied.
fn refuse(out: &Out, error: &ApprovalError, actual: PlanDigest) -> Exit {
    let mut doc = Doc::new();
    match error {
        ApprovalError::Undecided(_) => {
            tell_error(out, error, None);
            return Exit::Undecided;
        }
        ApprovalError::Nobody => tell_error(out, error, None),
        ApprovalError::Other { approved, actual: _ } => {
            doc.line(Line::new().plain(format!("  approved   {approved}")));
            doc.line(Line::new().plain(format!("  this plan  {actual}")));
            let help = "what it was made from moved since, or it was made with other flags; review this plan, and \
                        approve its digest";
            let what = "another plan was approved; nothing was changed (exit code 6)";
            out.error(what, &[Rest::Lines(doc), Rest::Help(help)]);
        }
        ApprovalError::Classes(refused) => {
            for (class, places) in refused {
                doc.paragraph(Label::Plain, &plain(&format!("{class}: {}", some(places))), 2, out.width());
            }
            let what = "the plan holds changes of classes that --approve-classes does not name; nothing was changed \
                        (exit code 6)";
            let help = format!(
                "review the plan, and approve its digest with --approve {actual}, or name these classes as well"
            );
            out.error(what, &[Rest::Lines(doc), Rest::Help(&help)]);
        }
    }
    Exit::NotApproved
}

/// Lists the first places, and counts the others.
fn some(places: &[ClassedPlace]) -> String {
    let mut words: Vec<String> = places.iter().take(PLACES).map(ToString::to_string).collect();
    if let Some(more) = places.len().checked_sub(PLACES).filter(|more| *more > 0) {
        words.push(format!("and {more} more"));
    }
    words.join(", ")
}
