//! The state, in the words that every rendering of it uses.

use super::plural;
use crate::model::{Address, Identity, Value};
use crate::render::text::plain;
use crate::render::value::{optional, value};
use crate::state::{Record, Recorded, State};

/// A state, or a part of it.
pub struct StateView {
    /// The project's name.
    pub project: String,
    /// What stands beside it: `2 resources`, `embedded cloud`, `state serial 12`.
    pub facts: Vec<String>,
    /// The records that are shown, in the order of their addresses.
    pub records: Vec<Recording>,
    /// What is to be said at the end.
    pub closing: Option<&'static str>,
}

/// One record.
pub struct Recording {
    /// Its address.
    pub address: String,
    /// What the cloud knows it by: `cn-hangzhou/hello`.
    pub identity: String,
    /// What is to be known about it as a whole: `2 accepted differences`.
    pub notes: Vec<String>,
    /// Its settled paths.
    pub paths: Vec<Settled>,
    /// Its outputs.
    pub outputs: Vec<(String, String)>,
    /// What it depended on.
    pub depends_on: Vec<String>,
    /// The archive that the observed code came in.
    pub package: Option<String>,
}

/// One path of a record.
pub struct Settled {
    /// Where.
    pub path: String,
    /// What was declared and observed, in one line: one value where both are the same.
    pub said: String,
    /// What was declared.
    pub declared: String,
    /// What was observed.
    pub observed: String,
    /// What is to be known about it.
    pub note: Option<&'static str>,
    /// Whether a decision keeps the observed value.
    pub accepted: bool,
}

/// Returns the view of the records that `shown` picks.
pub fn state(state: &State, shown: &dyn Fn(&Address) -> bool) -> StateView {
    let records = state.records.iter().filter(|(address, _)| shown(address));
    StateView {
        project: plain(&state.owner.project),
        facts: facts(state),
        records: records.map(|(address, record)| recording(address, record)).collect(),
        closing: state.records.is_empty().then_some("Nothing is recorded."),
    }
}

fn facts(state: &State) -> Vec<String> {
    let count = state.records.len();
    let account = format!("account {}", state.owner.account);
    let cloud = if state.owner.cloud == "embedded" { "embedded cloud" } else { account.as_str() };
    let regions = state.records.values().map(|record| record.identity.region.as_str());
    let regions: std::collections::BTreeSet<&str> = regions.collect();
    let environment = state.owner.environment.iter().map(|name| plain(&format!("environment {name}")));
    let mut facts: Vec<String> = environment.collect();
    facts.push(format!("{count} {}", plural(count, "resource")));
    facts.extend(regions.into_iter().map(plain));
    facts.extend([plain(cloud), format!("state serial {}", state.serial)]);
    facts
}

/// Returns what is to be known about a record as a whole.
pub fn notes(record: &Record) -> Vec<String> {
    let accepted = record.paths.values().filter(|path| path.accepted).count();
    let accepted = (accepted > 0).then(|| format!("{accepted} accepted {}", plural(accepted, "difference")));
    let absent = record.accepted_absent.then(|| "accepted absent".to_owned());
    absent.into_iter().chain(accepted).collect()
}

/// Returns what people find a resource by.
pub fn identity(identity: &Identity) -> String {
    plain(&identity.to_string())
}

fn recording(address: &Address, record: &Record) -> Recording {
    let Record { identity: known, schema: _, accepted_absent: _, paths, outputs, depends_on, package } =
        record;
    let output = |(name, output): (&String, &Value)| (plain(name), value(output));
    Recording {
        address: plain(&address.to_string()),
        identity: identity(known),
        notes: notes(record),
        paths: paths.iter().map(|(path, recorded)| settled(&path.to_string(), recorded)).collect(),
        outputs: outputs.iter().map(output).collect(),
        depends_on: depends_on.iter().map(|source| plain(&source.to_string())).collect(),
        package: package.as_ref().map(|package| match package.digest {
            Some(digest) => format!("sha256 {digest}"),
            None => format!("no copy was kept; the service's checksum is {}", plain(&package.checksum)),
        }),
    }
}

fn settled(path: &str, recorded: &Recorded) -> Settled {
    let Recorded { declared, observed, accepted } = recorded;
    let (declared_text, observed_text) = (optional(declared.as_ref()), optional(observed.as_ref()));
    let said = match (declared, observed) {
        (Some(declared), Some(observed)) if declared == observed => value(observed),
        (None, Some(observed)) if !accepted => value(observed),
        _ => format!("declared {declared_text}, observed {observed_text}"),
    };
    let note = match (declared, accepted) {
        (_, true) => Some("accepted"),
        (None, false) => Some("not declared"),
        (Some(_), false) => None,
    };
    Settled {
        path: plain(path),
        said,
        declared: declared_text,
        observed: observed_text,
        note,
        accepted: *accepted,
    }
}
