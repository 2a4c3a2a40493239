//! The digest of a plan: what a reviewer approves.
//!
//! Taken over everything that decides what an apply does: whose plan it is, what it was computed from, every
//! change with its three sides, classes and decisions, and the steps. Times, ids of the service and what is
//! only reported are no part of it, so that planning the same thing twice gives one digest.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Change, Live, PathChange, PathOutcome, Plan, Question, Step, Undo};
use crate::model::{Canon, Digest, Fingerprint, OutputRef, PackageFacts, Planned, Segment};
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

impl Serialize for PlanDigest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PlanDigest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A text that is no digest of a plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no digest of a plan; one is `sha256:` and 64 hex digits, and only a whole one names a plan"
)]
pub struct ParsePlanDigestError(String);

impl FromStr for PlanDigest {
    type Err = ParsePlanDigestError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digest = text.strip_prefix("sha256:").and_then(|hex| hex.parse().ok());
        digest.map(Self).ok_or_else(|| ParsePlanDigestError(text.to_owned()))
    }
}

impl Plan {
    /// Returns the plan's digest.
    pub fn digest(&self) -> PlanDigest {
        // Reports carry no decision.
        let Self { owner, basis, changes, unmanaged: _, left_out, skipped, remembered, steps, undo } = self;
        let mut canon = Canon::default();
        let Owner { project, file, cloud, account, environment } = owner;
        match environment {
            None => canon.text("triform plan 1"),
            Some(environment) => {
                canon.text("triform plan 1, environment");
                canon.text(environment);
            }
        }
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
        // Only where something was not looked at: all other plans keep the digests that they were approved by.
        if !remembered.is_empty() {
            canon.text("remembered");
            canon.count(remembered.len());
        }
        for address in remembered {
            canon.text(&address.to_string());
        }
        canon.count(changes.len());
        for change in changes.values() {
            add_change(&mut canon, change);
        }
        canon.count(steps.len());
        for Step { id: _, address, kind, identity, after, group } in steps {
            canon.text(&format!("{address} {kind:?} {after:?}"));
            canon.identity(identity);
            canon.identity(group);
        }
        // Plans from before there was such an answer keep their digests.
        if !skipped.is_empty() {
            canon.text("skipped");
            canon.count(skipped.len());
            for address in skipped {
                canon.text(&address.to_string());
            }
        }
        if let Some(Undo { of, at, serial, lost: _ }) = undo {
            canon.text("undo");
            canon.text(of);
            canon.option(at.as_ref(), |canon, at| canon.text(at));
            canon.text(&serial.to_string());
        }
        PlanDigest(canon.finish())
    }
}

fn add_change(canon: &mut Canon, change: &Change) {
    let Change {
        address,
        moved_from,
        identity,
        old_identity,
        parent,
        action,
        question,
        paths,
        desired,
        depends_on,
        live,
        old_live,
        old_paths,
        fingerprint,
        asked_anew,
        undo,
    } = change;
    canon.text(&address.to_string());
    canon.option(moved_from.as_ref(), |canon, from| canon.text(&from.to_string()));
    canon.identity(identity);
    canon.option(old_identity.as_ref(), Canon::identity);
    canon.option(parent.as_ref(), |canon, parent| canon.text(&parent.to_string()));
    canon.text(&format!("{action:?}"));
    // Only where it was asked for: plans without it keep the digests that they were approved by.
    if *asked_anew {
        canon.text("asked anew");
    }
    canon.option(question.as_ref(), |canon, Question { kind, decision, covered_by }| {
        canon.text(&format!("{kind:?} {decision:?}"));
        canon.option(covered_by.as_ref(), |canon, parent| canon.text(&parent.to_string()));
    });
    canon.option(fingerprint.as_ref(), |canon, fingerprint| canon.text(&fingerprint.0.to_string()));
    // What was live is hashed already, save of what leaves.
    let live_print =
        |identity, live: &Live| fingerprint.unwrap_or_else(|| Fingerprint::of(identity, &live.attributes));
    canon.option(live.as_ref(), |canon, live| add_live(canon, live_print(identity, live), live));
    canon.option(old_live.as_ref(), |canon, live| {
        let identity = old_identity.as_ref().unwrap_or(identity);
        add_live(canon, Fingerprint::of(identity, &live.attributes), live);
    });
    for paths in [paths, old_paths] {
        canon.count(paths.len());
        for (path, inner) in paths {
            canon.text(&path.to_string());
            add_path(canon, inner);
        }
    }
    canon.count(depends_on.len());
    for source in depends_on {
        canon.text(&source.to_string());
    }
    canon.count(desired.len());
    for (path, value) in desired {
        canon.text(&path.to_string());
        add_planned(canon, value);
    }
    if let Some(standing) = undo {
        canon.text(&format!("undo {standing:?}"));
    }
}

/// Adds all that was read of a resource, but not when it was modified.
fn add_live(canon: &mut Canon, fingerprint: Fingerprint, live: &Live) {
    let Live { attributes: _, outputs, modified: _, package, archive } = live;
    canon.text(&fingerprint.0.to_string());
    canon.count(outputs.len());
    for (name, value) in outputs {
        canon.text(name);
        canon.value(value);
    }
    canon.option(package.as_ref(), |canon, PackageFacts { checksum, size }| {
        canon.text(checksum);
        canon.text(&size.to_string());
    });
    canon.option(archive.as_ref(), |canon, digest| canon.text(&digest.to_string()));
}

fn add_path(canon: &mut Canon, path: &PathChange) {
    let PathChange { desired, recorded, live, class, decision, outcome, replaces, hint: _, rule: _ } = path;
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
        PathOutcome::Ignore => canon.text("ignore"),
        PathOutcome::Open(local) => {
            canon.text("open");
            canon.option(local.as_ref(), |canon, value| canon.option(value.as_ref(), add_planned));
        }
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
