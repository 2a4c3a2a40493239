//! What the rules of the project mean for a plan.
//!
//! A rule never acts by itself: it answers a question, moves a record, or refuses a plan, and what follows from it
//! stands in the plan like everything else. `ignore` is about changes online alone: where the project moved as well,
//! somebody is asked; see ADR 0016.

use std::collections::BTreeMap;

use super::build::{Builder, finished};
use super::order::deletes_old;
use super::{Action, Change, IgnoreRule, PathChange, PathOutcome};
use crate::config::Lifecycle;
use crate::config::lifecycle::{Ignore, Import, Named, Trigger};
use crate::diag::Diagnostic;
use crate::model::{Address, Identity, Path, Schema, SchemaSet, Selector, Value};
use crate::state::Record;

/// Returns the moves that the project declares and the records make: each old address and its new one, that of
/// children included.
pub fn declared_moves(
    lifecycle: &Lifecycle,
    records: &BTreeMap<Address, Record>,
    schemas: &SchemaSet,
) -> Vec<(Address, Address)> {
    let destinations = lifecycle.destinations();
    let mut moves = Vec::new();
    for address in records.keys() {
        let own = destinations.iter().find(|(from, _)| *from == address);
        if let Some((_, last)) = own {
            moves.push((address.clone(), last.to.clone()));
            continue;
        }
        let parent = schemas.get(&address.kind).and_then(|schema| schema.parent);
        let of_parent = destinations.iter().find(|(from, _)| {
            parent == Some(from.kind.as_str()) && from.key.is_none() && from.name == address.name
        });
        if let Some((_, last)) = of_parent {
            moves.push((address.clone(), Address { name: last.to.name.clone(), ..address.clone() }));
        }
    }
    moves
}

/// Reports rules about whole resources or places that mean nothing in the project or its state.
///
/// A rule about a resource that moved or was let go of by another rule may stay, and so may one about a child that
/// somebody may add to a known resource.
#[expect(clippy::needless_pass_by_value, reason = "an iterator is walked once for each rule")]
pub fn check_rules<'a>(
    lifecycle: &'a Lifecycle,
    known: impl Iterator<Item = &'a Address> + Clone,
    schemas: &SchemaSet,
) -> Vec<Diagnostic> {
    let former = || {
        lifecycle
            .moved
            .iter()
            .map(|rule| &rule.from)
            .chain(lifecycle.removed.iter().map(|rule| &rule.address))
    };
    let child_kinds: Vec<(&str, &str)> =
        schemas.iter().filter_map(|schema| Some((schema.parent?, schema.kind))).collect();
    let names = |selector: &Selector, children: bool| {
        known.clone().chain(former()).any(|address| {
            let may_come = || {
                let mut kinds = child_kinds.iter().filter(|(parent, _)| *parent == address.kind);
                let name = address.name.as_deref();
                kinds.any(|(_, kind)| name.is_some_and(|name| selector.may_match_children(kind, name)))
            };
            selector.names(address, schemas) || (children && may_come())
        })
    };
    let ignored =
        lifecycle.ignore.iter().map(|rule| (std::slice::from_ref(&rule.selector), &rule.place, true));
    let named = lifecycle.prevent_destroy.iter().chain(&lifecycle.create_before_destroy);
    let named = named.map(|rule| (rule.selectors.as_slice(), &rule.place, false));
    let meaningless = ignored
        .chain(named)
        .filter(|(selectors, _, children)| !selectors.iter().any(|selector| names(selector, *children)));
    meaningless
        .filter_map(|(selectors, place, _)| Some((selectors.first()?, place)))
        .map(|(selector, place)| {
            let what = format!("`{selector}` names nothing in the project or its state");
            let problem = Diagnostic::error("E0307", what).at(place.clone(), "this rule");
            problem.help("mend the name, or take the rule out; `triform plan` shows every address")
        })
        .collect()
}

/// Returns the first rule that is about a resource.
pub(super) fn as_named<'r>(rules: &'r [Named], address: &Address) -> Option<&'r Named> {
    rules.iter().find(|rule| rule.selectors.iter().any(|selector| selector.matches_address(address)))
}

impl Builder<'_> {
    /// Returns the rule about changes online at a path: one that holds, else one that has expired.
    pub(super) fn ignore_rule(
        &self,
        address: &Address,
        identity: &Identity,
        schema: &'static Schema,
        path: &Path,
        live: Option<&Value>,
    ) -> Option<IgnoreRule> {
        let covers = |rule: &&Ignore| {
            rule.selector.matches(address, path)
                && rule.value.as_ref().is_none_or(|value| {
                    let value = finished(&self.input, schema, identity, path, value.clone());
                    live == Some(&value)
                })
        };
        self.best_rule(covers)
    }

    /// Returns the rule that names a child which nobody here declared.
    pub(super) fn ignore_rule_of_child(&self, address: &Address) -> Option<IgnoreRule> {
        self.best_rule(|rule| !rule.selector.has_path() && rule.selector.matches_address(address))
    }

    fn best_rule(&self, covers: impl Fn(&&Ignore) -> bool) -> Option<IgnoreRule> {
        if self.input.lifecycle.ignore.is_empty() {
            return None;
        }
        let expired = |rule: &Ignore| rule.until.is_some_and(|until| until < self.input.today);
        let covering = self.input.lifecycle.ignore.iter().filter(covers);
        let best = covering.min_by_key(|rule| expired(rule))?;
        Some(IgnoreRule {
            selector: best.selector.to_string(),
            reason: best.reason.clone(),
            owner: best.owner.clone(),
            until: best.until,
            expired: expired(best),
        })
    }

    /// Returns whether a rule lets go of a record; under the address that it has, or had until now.
    pub(super) fn is_removed(&self, address: &Address) -> bool {
        let parent = self.schema(&address.kind).and_then(|schema| schema.parent);
        let kept = self.records.get(address);
        let before = kept.and_then(|kept| kept.moved_from.as_ref());
        let rules = &self.input.lifecycle.removed;
        rules.iter().any(|rule| {
            rule.covers(address, parent) || before.is_some_and(|before| rule.covers(before, parent))
        })
    }

    /// Returns the rule that says that a resource is ours.
    pub(super) fn imported(&self, address: &Address) -> Option<&Import> {
        self.input.lifecycle.import.iter().find(|rule| rule.to == *address)
    }

    /// Refuses an import of something else than the configuration speaks of, or of nothing.
    pub(super) fn check_import(&self, change: &Change) -> Option<Diagnostic> {
        let rule = self.imported(&change.address)?;
        let identity = &change.identity;
        let whole = identity.to_string();
        let short = whole.strip_prefix(&format!("{}/", identity.region)).unwrap_or(&whole);
        let (what, help) = if rule.id != whole && rule.id != short {
            let holder = self.records.iter().find(|(_, kept)| {
                let other = kept.record.identity.to_string();
                kept.record.identity.kind == identity.kind
                    && (other == rule.id || other.split_once('/').map(|(_, short)| short) == Some(&rule.id))
            });
            match holder {
                Some((holder, _)) => (
                    format!("{} cannot be `{}`: that is recorded as {holder}", change.address, rule.id),
                    "to give it this address, write a `moved` rule; to have both, name another resource"
                        .to_owned(),
                ),
                None => (
                    format!(
                        "{} is imported as `{}`, and the configuration says that it is `{short}`",
                        change.address, rule.id
                    ),
                    format!(
                        "name `{short}` (or `{whole}`), or give the resource that name and region in the configuration"
                    ),
                ),
            }
        } else if change.live.is_none() {
            (
                format!("{} cannot be imported: there is no `{whole}`", change.address),
                "take the rule out to have it created, or mend its name or region".to_owned(),
            )
        } else {
            return None;
        };
        let problem = Diagnostic::error("E0309", what).help(help);
        Some(match &rule.place {
            Some(place) => problem.at(place.clone(), "this import"),
            None => problem,
        })
    }

    /// Marks the paths whose change takes a new resource by a rule; returns whether something else does.
    pub(super) fn replace_when(&self, address: &Address, paths: &mut BTreeMap<Path, PathChange>) -> bool {
        let mut by_others = false;
        for rule in self.input.lifecycle.replace_when.iter().filter(|rule| rule.address == *address) {
            for change in &rule.changes {
                match change {
                    Trigger::Written(selector) if selector.matches_address(address) => {
                        for (path, inner) in paths.iter_mut() {
                            let written = matches!(inner.outcome, PathOutcome::Write(_));
                            inner.replaces |= written && selector.matches_path(path);
                        }
                    }
                    Trigger::Written(selector) => {
                        let source = selector.address().and_then(|source| self.changes.get(&source));
                        by_others |= source.is_some_and(|source| is_written(source, selector));
                    }
                    Trigger::Output(output) => {
                        let source = self.changes.get(&output.address);
                        by_others |= source
                            .is_some_and(|source| matches!(source.action, Action::Create | Action::Replace));
                    }
                }
            }
        }
        by_others
    }

    /// Refuses what a rule about a resource's life forbids.
    pub(super) fn check_lives(&mut self) {
        let mut problems = Vec::new();
        for change in self.changes.values() {
            let before = change.moved_from.as_ref().filter(|_| change.action == Action::Delete);
            let rule_of = |rules| as_named(rules, &change.address).or_else(|| as_named(rules, before?));
            let made_again = change.action == Action::Replace && change.old_identity.is_none();
            let goes = change.action == Action::Delete || made_again || deletes_old(change);
            let deed = if change.action == Action::Delete { "delete" } else { "replace" };
            if goes && let Some(rule) = rule_of(&self.input.lifecycle.prevent_destroy) {
                let what = format!("this plan would {deed} {}, and a rule prevents that", change.address);
                let problem = Diagnostic::error("E0306", what).at(rule.place.clone(), "prevent_destroy");
                let help = "leave the resource as it is, or leave it out with --exclude; where it is to go, take the rule \
                            out first; where only its record is to go, name it below `triform.removed`";
                problems.push(problem.help(help));
            }
            if made_again && let Some(rule) = rule_of(&self.input.lifecycle.create_before_destroy) {
                let what = format!(
                    "{} cannot be made before the old one goes: both would have the name `{}`",
                    change.address, change.identity
                );
                let problem =
                    Diagnostic::error("E0310", what).at(rule.place.clone(), "create_before_destroy");
                let help = "give it another name in the same change, and the new one stands before the old one goes; or \
                            take the rule out, and it is away for a moment";
                problems.push(problem.help(help));
            }
            if change.action == Action::Forget
                && change.live.is_some()
                && self.is_removed(&change.address)
                && self.fate_of_parent(&change.identity).is_some_and(|(_, fate)| fate.goes())
            {
                let what = format!("{} cannot stay online: what it belongs to goes", change.address);
                let problem = Diagnostic::error("E0311", what);
                let help = "take its `removed` rule out, or keep what it belongs to";
                problems.push(problem.help(help));
            }
        }
        self.problems.extend(problems);
    }
}

/// Returns whether another resource is written, at the place that is named.
fn is_written(change: &Change, selector: &Selector) -> bool {
    if selector.has_path() {
        change.written().any(|(path, _)| selector.matches_path(path))
    } else {
        change.writes()
    }
}
