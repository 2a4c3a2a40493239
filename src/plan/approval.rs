//! Who said yes, and the proof that the applier asks for.

use super::{Plan, PlanDigest};

/// A yes to one plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// The plan that was approved.
    pub digest: PlanDigest,
}

/// A plan that may be applied. Holding one is the proof: there is no other way to make it than
/// [`ApprovedPlan::new`].
pub struct ApprovedPlan {
    plan: Plan,
}

/// Why a plan may not be applied.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApprovalError {
    /// Somebody has to decide first.
    #[error("{0} decisions are open")]
    Undecided(usize),
    /// Another plan was approved.
    #[error("plan {approved} was approved, and this one is {actual}")]
    Other {
        /// What was approved.
        approved: PlanDigest,
        /// What this plan is.
        actual: PlanDigest,
    },
}

impl ApprovedPlan {
    /// Returns the plan as approved, unless decisions are open or the approval is of another plan.
    pub fn new(plan: Plan, approval: &Approval) -> Result<Self, ApprovalError> {
        let open = plan.open().len();
        if open > 0 {
            return Err(ApprovalError::Undecided(open));
        }
        let actual = plan.digest();
        if approval.digest != actual {
            return Err(ApprovalError::Other { approved: approval.digest, actual });
        }
        Ok(Self { plan })
    }

    /// Returns the plan.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }
}
