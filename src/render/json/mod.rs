//! A plan as the JSON that programs read which read Terraform plans.
//!
//! Terraform's plan representation, `format_version` 1.2, is what policy checkers, cost tools and reviewers'
//! bots understand, so a plan is told in it: `resource_drift` from recorded to live, `resource_changes` from live
//! to planned. What Terraform has no place for (the three sides, classes, decisions, code file by file) stands
//! under one key, `triform`: at the top for the plan, and in each change for its resource. `docs/json.md` says
//! what each key holds, and `docs/schema/plan.schema.json` what may stand where.
//!
//! Everything is written as it is walked over: no tree of the whole is built, and the work grows with the plan.
//! No value of a secret can appear, since none is in a document. Contents of files are left out: a reader finds
//! their digests, and the other renderings show their differences.

mod change;
mod configuration;
mod line;
mod ours;
mod outputs;
mod plan;
mod resource;
mod sides;
mod state;
mod values;

#[cfg(test)]
mod tests;

use serde::ser::{Serialize, SerializeMap, Serializer};

use self::change::{Drifted, Planned};
use self::configuration::{Configuration, relevant};
pub use self::line::line;
use self::outputs::outputs;
use self::plan::Whole;
use self::sides::Frame;
pub use self::state::{record, records, state};
use super::{Part, Shown};
use crate::model::Path;
use crate::plan::{Action, Change, PathChange, QuestionKind};

/// The version of Terraform's plan representation.
const FORMAT: &str = "1.2";

/// The version of Terraform's state representation.
const STATE_FORMAT: &str = "1.0";

/// The release of Terraform whose representation this is. Readers parse it as a version and refuse what is too old
/// for them; the program that made the plan is `triform.made.by`.
const TERRAFORM: &str = "1.11.4";

/// Returns a plan as one line of JSON.
pub fn render(shown: &Shown<'_>) -> String {
    line(&Representation(shown))
}

/// Returns one path of a change as it stands under `triform`: its three sides, its class, its decision.
pub fn path<'a>(
    shown: &'a Shown<'a>,
    change: &'a Change,
    path: &'a Path,
    inner: &'a PathChange,
) -> impl Serialize + 'a {
    ours::PathEntry { frame: Frame::new(shown, change), path, inner }
}

/// Returns the word for what is done with a resource.
pub fn action(action: Action) -> &'static str {
    ours::action_word(action)
}

/// Returns the word for a question about a whole resource.
pub fn question(kind: QuestionKind) -> &'static str {
    ours::question_word(kind)
}

struct Representation<'a>(&'a Shown<'a>);

impl Serialize for Representation<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(shown) = *self;
        let plan = &shown.document.plan;
        let whole = shown.part == Part::Whole;
        let frames = || plan.changes.values().map(|change| Frame::new(shown, change));
        let outputs = outputs(shown);
        let planned_outputs = || outputs.iter().map(|(name, output)| (name, output.planned()));
        let planned = Each(|| frames().filter(Frame::stands).map(resource::Planned));
        let present = Each(|| frames().filter(|frame| frame.present().is_some()).map(resource::Prior));
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("format_version", FORMAT)?;
        map.serialize_entry("terraform_version", TERRAFORM)?;
        map.serialize_entry(
            "planned_values",
            &Planning { outputs: Keyed(planned_outputs), root_module: Module { resources: planned } },
        )?;
        map.serialize_entry("resource_drift", &Each(|| frames().filter(Frame::drifted).map(Drifted)))?;
        map.serialize_entry("resource_changes", &Each(|| frames().filter(|_| whole).map(Planned)))?;
        map.serialize_entry("output_changes", &outputs)?;
        map.serialize_entry(
            "prior_state",
            &State {
                format_version: STATE_FORMAT,
                terraform_version: TERRAFORM,
                values: Root { root_module: Module { resources: present } },
            },
        )?;
        if whole {
            map.serialize_entry("configuration", &Configuration(shown))?;
            map.serialize_entry("relevant_attributes", &Each(|| relevant(plan.changes.values())))?;
        }
        map.serialize_entry("timestamp", &shown.document.made.at)?;
        let decided = plan.open().is_empty();
        map.serialize_entry("applyable", &(whole && decided && !plan.is_empty()))?;
        map.serialize_entry("complete", &(decided && plan.left_out.is_empty()))?;
        map.serialize_entry("errored", &false)?;
        map.serialize_entry("triform", &Whole(shown))?;
        map.end()
    }
}

#[derive(serde::Serialize)]
struct Planning<O, R> {
    outputs: O,
    root_module: Module<R>,
}

#[derive(serde::Serialize)]
struct State<R> {
    format_version: &'static str,
    terraform_version: &'static str,
    values: Root<R>,
}

#[derive(serde::Serialize)]
struct Root<R> {
    root_module: Module<R>,
}

/// The one module that there is.
#[derive(serde::Serialize)]
struct Module<R> {
    resources: R,
}

/// A list that is written as it is walked over.
struct Each<F>(F);

impl<I: IntoIterator<Item: Serialize>, F: Fn() -> I> Serialize for Each<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}

/// An object that is written as it is walked over.
struct Keyed<F>(F);

impl<K: Serialize, V: Serialize, I: IntoIterator<Item = (K, V)>, F: Fn() -> I> Serialize for Keyed<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map((self.0)())
    }
}
