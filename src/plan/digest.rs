//! The digest of a plan: what a reviewer approves.
//!
//! Taken over everything that decides what an apply does: whose plan it is, what it was computed from, every
//! change with its three sides, classes and decisions, and the steps. Times, ids of the service and what is
//! only reported are no part of it, so that planning the same thing twice gives one digest.

use std::fmt;
use std::str::FromStr;

use super::{Change, PathChange, PathOutcome, Plan};
use crate::model::{Canon, Digest, Fingerprint, OutputRef, Planned, Segment};
use crate::state::{Owner, Recorded};

/// The digest of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlanDigest(pub Digest);

impl fmt::Display for PlanDigest {
    /// Writes `sha256:` and 64 hex digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", self.0)
    }
}

impl FromStr for PlanDigest {
    type Err = hex::FromHexError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.strip_prefix("sha256:").unwrap_or(text).parse().map(Self)
    }
}

impl Plan {
    /// Returns the plan's digest.
    pub fn digest(&self) -> PlanDigest {
        let Self { owner, basis, changes, unmanaged: _, left_out, steps } = self; // reports carry no decision
        let mut canon = Canon::default();
        canon.text("triform plan 1");
        let Owner { project, file, cloud, account } = owner;
        for text in [project, file, cloud, account] {
            canon.text(text);
        }
        canon.option(basis.as_ref(), |canon, (lineage, serial)| {
            canon.text(&lineage.0);
            canon.text(&serial.to_string());
        });
        canon.count(left_out.len());
        for address in left_out {
            canon.text(&address.to_string());
        }
        let moving: Vec<&Change> = self.moving().collect();
        debug_assert!(moving.len() <= changes.len());
        canon.count(moving.len());
        for change in moving {
            add_change(&mut canon, change);
        }
        canon.count(steps.len());
        for step in steps {
            canon.text(&format!("{} {:?} {:?}", step.address, step.kind, step.after));
            canon.identity(&step.identity);
        }
        PlanDigest(canon.finish())
    }
}

fn add_change(canon: &mut Canon, change: &Change) {
    canon.text(&change.address.to_string());
    canon.option(change.moved_from.as_ref(), |canon, from| canon.text(&from.to_string()));
    canon.identity(&change.identity);
    canon.option(change.old_identity.as_ref(), Canon::identity);
    canon.text(&format!("{:?}", change.action));
    canon.option(change.question.as_ref(), |canon, question| {
        canon.text(&format!("{:?} {:?}", question.kind, question.decision));
    });
    canon.option(change.fingerprint.as_ref(), |canon, fingerprint| canon.text(&fingerprint.0.to_string()));
    let old = change.old_identity.as_ref().zip(change.old_live.as_ref());
    canon.option(old, |canon, (identity, live)| {
        canon.text(&Fingerprint::of(identity, &live.attributes).0.to_string());
    });
    canon.count(change.old_paths.len());
    for (path, inner) in &change.old_paths {
        canon.text(&path.to_string());
        add_path(canon, inner);
    }
    canon.count(change.depends_on.len());
    for source in &change.depends_on {
        canon.text(&source.to_string());
    }
    canon.count(change.paths.len());
    for (path, inner) in &change.paths {
        canon.text(&path.to_string());
        add_path(canon, inner);
    }
    canon.count(change.desired.len());
    for (path, value) in &change.desired {
        canon.text(&path.to_string());
        add_planned(canon, value);
    }
}

fn add_path(canon: &mut Canon, path: &PathChange) {
    let PathChange { desired, recorded, live, class, decision, outcome, replaces, hint: _ } = path;
    canon.option(desired.as_ref(), add_planned);
    canon.option(recorded.as_ref(), |canon, Recorded { declared, observed, accepted }| {
        canon.option(declared.as_ref(), Canon::value);
        canon.option(observed.as_ref(), Canon::value);
        canon.text(if *accepted { "accepted" } else { "" });
    });
    canon.option(live.as_ref(), Canon::value);
    canon.text(&format!("{class:?} {decision:?} {replaces}"));
    match outcome {
        PathOutcome::Write(value) => {
            canon.text("write");
            canon.option(value.as_ref(), add_planned);
        }
        PathOutcome::Accept => canon.text("accept"),
        PathOutcome::Record => canon.text("record"),
        PathOutcome::Keep => canon.text("keep"),
        PathOutcome::Open(_) => canon.text("open"),
    }
}

fn add_planned(canon: &mut Canon, planned: &Planned) {
    match planned {
        Planned::Known(value) => canon.value(value),
        Planned::Promised(template) => {
            canon.text("promised");
            canon.count(template.segments.len());
            for segment in &template.segments {
                match segment {
                    Segment::Text(text) => canon.text(text),
                    Segment::Output(OutputRef { address, output }) => {
                        canon.text(&format!("{address} {output}"));
                    }
                }
            }
        }
    }
}
