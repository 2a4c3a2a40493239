//! Who said yes and how, and the proof that the applier asks for.
//!
//! An approval is plain data and proves nothing by itself. [`ApprovedPlan::new`] holds it against the plan: every
//! means that was named has to hold, and a plan that does anything needs one. So a wider means never makes up for
//! a narrower one that failed, and holding an [`ApprovedPlan`] is the proof.

mod class;
pub mod signature;
mod signers;

use std::collections::BTreeMap;
use std::fmt;

pub use class::{ApprovalClass, ApprovalClasses, ClassedPlace, ParseApprovalClassError};
pub use signers::{AllowedSigners, NotAllowed, ParseSignersError};

use super::{Plan, PlanDigest};

/// A yes to one plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// Who ran the command.
    pub by: String,
    /// How it was approved; none for a plan that does nothing.
    pub means: Vec<Means>,
}

/// A way to approve a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Means {
    /// A person at the terminal saw this plan and said yes.
    Person(PlanDigest),
    /// It was approved unseen, whatever it is.
    Auto,
    /// It was reviewed before, and this was its digest.
    Digest(PlanDigest),
    /// It may do what is of these classes, and nothing else.
    Classes(ApprovalClasses),
    /// Somebody who may signed its digest.
    Signature(signature::Signed),
}

/// A plan that may be applied. Holding one is the proof: there is no other way to make it than
/// [`ApprovedPlan::new`].
#[derive(Debug)]
pub struct ApprovedPlan {
    plan: Plan,
    approval: Approval,
}

/// Why a plan may not be applied.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApprovalError {
    /// Somebody has to decide first.
    #[error("{0} decisions are open")]
    Undecided(usize),
    /// Nobody approved it.
    #[error("nobody approved the plan")]
    Nobody,
    /// Another plan was approved.
    #[error("another plan was approved: {approved} was, and this one is {actual}")]
    Other {
        /// What was approved.
        approved: PlanDigest,
        /// What this plan is.
        actual: PlanDigest,
    },
    /// It does what nobody approved.
    #[error("the plan holds changes of classes that were not approved")]
    Classes(BTreeMap<ApprovalClass, Vec<ClassedPlace>>),
}

impl ApprovedPlan {
    /// Returns the plan as approved, unless decisions are open, or a means that was named does not hold. A plan that
    /// is empty needs no approval; one that was named has to hold all the same.
    pub fn new(plan: Plan, approval: Approval) -> Result<Self, ApprovalError> {
        let open = plan.open().len();
        if open > 0 {
            return Err(ApprovalError::Undecided(open));
        }
        if approval.means.is_empty() && !plan.is_empty() {
            return Err(ApprovalError::Nobody);
        }
        approval.means.iter().try_for_each(|means| means.check(&plan))?;
        Ok(Self { plan, approval })
    }

    /// Returns the plan.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Returns who approved it, and how.
    pub fn approval(&self) -> &Approval {
        &self.approval
    }
}

impl Means {
    fn check(&self, plan: &Plan) -> Result<(), ApprovalError> {
        match self {
            Self::Auto => Ok(()),
            Self::Person(approved) | Self::Digest(approved) => same(*approved, plan.digest()),
            Self::Signature(signed) => same(signed.digest(), plan.digest()),
            Self::Classes(approved) => {
                let mut refused = plan.classes();
                refused.retain(|class, _| !approved.0.contains(class));
                if refused.is_empty() { Ok(()) } else { Err(ApprovalError::Classes(refused)) }
            }
        }
    }
}

fn same(approved: PlanDigest, actual: PlanDigest) -> Result<(), ApprovalError> {
    if approved == actual { Ok(()) } else { Err(ApprovalError::Other { approved, actual }) }
}

impl fmt::Display for Means {
    /// Continues "approved".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person(_) => f.write_str("at the terminal"),
            Self::Auto => f.write_str("unseen"),
            Self::Digest(digest) => write!(f, "as {digest}"),
            Self::Classes(classes) => write!(f, "for {classes}"),
            Self::Signature(signed) => write!(f, "by {signed}"),
        }
    }
}

impl fmt::Display for Approval {
    /// Says it in a few words: who, and how where that was needed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.by)?;
        for (index, means) in self.means.iter().enumerate() {
            write!(f, "{}{means}", if index == 0 { ", approved " } else { " and " })?;
        }
        Ok(())
    }
}
