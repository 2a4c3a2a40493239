//! What will be done, as plain data.
//!
//! [`build()`] takes the three sides and the decisions and gives a [`Plan`]: every change with its sides, its
//! class and its decision, and the steps in their order. It is a pure function; planning again with one more
//! decision is how a question is answered. A plan leaves nothing to choose: what the applier does with a
//! resource follows from its [`Change`] alone.

mod adopt;
mod approval;
mod build;
mod change;
mod code;
mod decision;
mod digest;
mod document;
mod element;
pub mod file;
mod guard;
mod import;
mod leave;
mod lifecycle;
mod moves;
mod order;
mod scope;
mod settle;
mod undo;
mod weigh;

#[cfg(test)]
pub(crate) mod tests;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use adopt::{Kept, Places as AdoptedPlaces, adopted, agrees, decided, kept};
pub use approval::{
    AllowedSigners, Approval, ApprovalClass, ApprovalClasses, ApprovalError, ApprovedPlan, ClassedPlace,
    Means, NotAllowed, ParseApprovalClassError, ParseSignersError, signature,
};
pub use build::build;
pub use change::{
    Action, Change, Hint, IgnoreRule, OpenDecision, PathChange, PathOutcome, Question, QuestionKind,
    Standing, Step, StepId, StepKind, Summary, Unmanaged,
};
pub use decision::{
    Answer, Choice, DecisionError, Decisions, DecisionsFile, Known, ReadDecisionsError, Rule, read_decisions,
};
pub use digest::{ParsePlanDigestError, PlanDigest};
pub use document::{Document, Made, Place, Places, SecretSource, SecretSources, outputs};
pub use import::{differing, imported};
pub use lifecycle::{check_rules, declared_moves};
pub use order::deletes_old;
pub use scope::{Scope, ScopeError, check_replace, scope, without};
pub use settle::settlements;
pub use undo::{Back, Lost, LostWhy, Undo, undo};

pub use crate::model::{ParseSelectorError, Selector};

use crate::config::Lifecycle;
use crate::diag::{Diagnostic, Span};
use crate::model::{
    Address, Attributes, DesiredAttributes, Digest, Identity, PackageFacts, Path, SchemaSet, Sealer, Value,
};
use crate::state::{Lineage, Owner, Record, Serial};

/// Everything that a plan is computed from. All secrets are sealed.
pub struct PlanInput<'a> {
    /// The project, its file, cloud and account.
    pub owner: Owner,
    /// The state that it continues; `None` for a first plan.
    pub basis: Option<(Lineage, Serial)>,
    /// What the configuration declares, code included.
    pub desired: BTreeMap<Address, Wanted>,
    /// What is recorded.
    pub records: BTreeMap<Address, Record>,
    /// What is live; `None` for absent. An identity of another side that is missing here was not read, and no plan
    /// is made of it.
    pub live: BTreeMap<Identity, Option<Live>>,
    /// The live children of each present parent.
    pub children: BTreeMap<Identity, Vec<Child>>,
    /// Every resource type.
    pub schemas: &'a SchemaSet,
    /// Seals values that become known while planning.
    pub sealer: &'a Sealer,
    /// What the service would refuse of a whole resource.
    pub refuses: &'a dyn Fn(&str, &Attributes) -> Vec<String>,
    /// What is named at a path of a resource and is not there: refused where it would be written.
    pub missing: BTreeMap<Address, Vec<(Path, Diagnostic)>>,
    /// What is left out of this plan, when it is partial.
    pub left_out: BTreeSet<Address>,
    /// Those of them that are left out because somebody skipped their questions.
    pub skipped: BTreeSet<Address>,
    /// What is recorded of it: its outputs may satisfy what remains.
    pub outside: BTreeMap<Address, Record>,
    /// What is to be made anew, whatever its paths say.
    pub replace: BTreeSet<Address>,
    /// What nobody looked at: its live side is what was observed when it was last settled.
    pub remembered: BTreeSet<Identity>,
    /// The answers so far.
    pub decisions: &'a Decisions,
    /// What the project says about the lives of its resources.
    pub lifecycle: &'a Lifecycle,
    /// The day, in UTC: rules expire.
    pub today: Date,
}

/// The desired side of one resource.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// What the cloud will know it by.
    pub identity: Identity,
    /// The resource that it belongs to.
    pub parent: Option<Address>,
    /// What is declared, code included.
    pub attributes: DesiredAttributes,
    /// What must stand before it.
    pub depends_on: BTreeSet<Address>,
    /// Where it is declared; for messages.
    pub place: Option<Span>,
}

/// The live side of one resource.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Live {
    /// Every compared path, code included.
    pub attributes: Attributes,
    /// Its outputs.
    pub outputs: BTreeMap<String, Value>,
    /// When it was last modified, as the service reports it.
    pub modified: Option<String>,
    /// Its package.
    pub package: Option<PackageFacts>,
    /// SHA-256 of its archive, where it was downloaded for this plan.
    pub archive: Option<Digest>,
}

/// A live child of a managed parent.
#[derive(Clone, Debug)]
pub struct Child {
    /// What the cloud knows it by.
    pub identity: Identity,
    /// When it was last modified, as the service reports it.
    pub modified: Option<String>,
}

/// What will be done.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The project, its file, cloud and account.
    pub owner: Owner,
    /// The state that it continues; `None` for a first plan.
    pub basis: Option<(Lineage, Serial)>,
    /// Every resource in scope, those that stay as they are included.
    pub changes: BTreeMap<Address, Change>,
    /// Live children of managed parents that nobody here declared.
    pub unmanaged: Vec<Unmanaged>,
    /// What is left out, when the plan is partial.
    pub left_out: BTreeSet<Address>,
    /// Those of them whose questions somebody skipped; what was left out with them is not among these.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub skipped: BTreeSet<Address>,
    /// Resources that nobody looked at: what is recorded of them stands for what is live.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub remembered: BTreeSet<Address>,
    /// The calls; each names those it waits for.
    pub steps: Vec<Step>,
    /// Which apply it undoes; `None` for a plan of what the configuration says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo: Option<Undo>,
}
