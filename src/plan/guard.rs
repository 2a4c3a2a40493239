//! What no plan may do: what the service would refuse, and taking along what is somebody else's.

use std::collections::{BTreeMap, BTreeSet};

use super::build::{Builder, known};
use super::order::deletes_old;
use super::{Action, Change, Unmanaged, Wanted};
use crate::config::Lifecycle;
use crate::diag::Diagnostic;
use crate::model::{Address, Identity, OutputRef, Planned};
use crate::state::Record;

impl Builder<'_> {
    /// Asks the service's rules about every resource that will be written. What is still open is not what it will be:
    /// whoever is to decide must not be stopped by what another answer would mend.
    pub(super) fn check_refused(&mut self, address: &Address, wanted: &Wanted) {
        let settled = |change: &&Change| change.writes() && !change.is_open();
        let Some(change) = self.changes.get(address).filter(settled) else { return };
        let composed = change.composed();
        for (path, missing) in self.input.missing.get(address).into_iter().flatten() {
            if path.is_root() || composed.get(path) == wanted.attributes.get(path) {
                self.problems.push(missing.clone());
            }
        }
        for refusal in (self.input.refuses)(&address.kind, &known(&composed)) {
            let problem = Diagnostic::error("E0301", format!("{address}: {refusal}"));
            self.problems.push(match &wanted.place {
                Some(place) => problem.at(place.clone(), "declared here"),
                None => problem,
            });
        }
    }

    /// Refuses values that will never be known, because what they come from stays absent.
    pub(super) fn check_promises(&mut self) {
        let mut problems = Vec::new();
        for change in self.changes.values().filter(|change| change.writes()) {
            for (path, planned) in change.composed() {
                let Planned::Promised(template) = planned else { continue };
                let absent = |output: &&OutputRef| {
                    let source = self.changes.get(&output.address);
                    source.is_some_and(|source| source.live.is_none() && source.stays_absent())
                };
                if let Some(OutputRef { address, output }) = template.outputs().find(absent) {
                    let what = format!(
                        "{}: `{path}` needs `{output}` of {address}, which stays absent",
                        change.address
                    );
                    let problem = Diagnostic::error("E0305", what);
                    problems.push(problem.help(format!("let it be made again: --use-local={address}")));
                }
            }
        }
        self.problems.extend(problems);
    }

    /// Returns the live children of managed parents that nobody here declared.
    pub(super) fn unmanaged(&self) -> Vec<Unmanaged> {
        let ours: BTreeSet<&Identity> = self
            .changes
            .values()
            .flat_map(|change| std::iter::once(&change.identity).chain(&change.old_identity))
            .chain(self.records.values().map(|kept| &kept.record.identity))
            .chain(self.input.outside.values().map(|record| &record.identity))
            .collect();
        let mut unmanaged = Vec::new();
        for change in self.changes.values().filter(|change| change.action != Action::Forget) {
            for identity in std::iter::once(&change.identity).chain(&change.old_identity) {
                for child in self.input.children.get(identity).into_iter().flatten() {
                    if !ours.contains(&child.identity) {
                        let name = change.address.name.as_deref().unwrap_or(&identity.name);
                        let address = Address::keyed(&child.identity.kind, name, &child.identity.name);
                        let (identity, modified) = (child.identity.clone(), child.modified.clone());
                        let rule = self.ignore_rule_of_child(&address);
                        unmanaged.push(Unmanaged { address, identity, modified, rule });
                    }
                }
            }
        }
        unmanaged.sort_by(|one, other| (&one.address, &one.identity).cmp(&(&other.address, &other.identity)));
        unmanaged
    }

    /// Refuses to remove a parent of live children that are somebody else's, or that this plan leaves out.
    pub(super) fn check_removals(&mut self, unmanaged: &[Unmanaged]) {
        let family = |identity: &Identity| self.input.schemas.parent_of(identity);
        let mut added = BTreeMap::<_, Vec<&Address>>::new();
        for child in unmanaged {
            added.entry(family(&child.identity)).or_default().push(&child.address);
        }
        let mut outside = BTreeMap::<_, Vec<&Address>>::new();
        for (address, record) in &self.input.outside {
            outside.entry(family(&record.identity)).or_default().push(address);
        }
        let mut needing = BTreeMap::<_, Vec<&Address>>::new();
        for (address, record) in &self.input.outside {
            record.depends_on.iter().for_each(|source| needing.entry(source).or_default().push(address));
        }
        let mut problems = Vec::new();
        for change in self.changes.values() {
            let gone = match change.action {
                Action::Delete => &change.identity,
                Action::Replace if change.old_identity.is_none() => &change.identity,
                _ if deletes_old(change) => change.old_identity.as_ref().unwrap_or(&change.identity),
                _ => continue,
            };
            let key = Some(gone.clone());
            let names = |found: &BTreeMap<_, Vec<&Address>>| -> Vec<String> {
                found.get(&key).into_iter().flatten().map(ToString::to_string).collect()
            };
            let (added, outside) = (names(&added), names(&outside));
            if !added.is_empty() {
                let what = "somebody added";
                let problem =
                    format!("{} cannot be deleted: {what} {} to it online", change.address, added.join(", "));
                let problem = Diagnostic::error("E0302", problem);
                let help = format!(
                    "remove it online, declare it here, or let go of {} with `removed` under `triform:`; \
                     what is yours alone goes by itself with `triform destroy --target ADDRESS`",
                    change.address
                );
                problems.push(problem.help(help));
            }
            let known_as = change.moved_from.as_ref().unwrap_or(&change.address);
            let dependents = needing.get(known_as).filter(|_| change.action == Action::Delete);
            let dependents = dependents.into_iter().flatten().map(ToString::to_string);
            let mut outside = outside;
            outside.extend(dependents.filter(|name| !outside.contains(name)).collect::<Vec<_>>());
            if !outside.is_empty() {
                let names = outside.join(", ");
                let problem = format!(
                    "{} cannot be deleted without {names}, which needs it and is left out of this plan",
                    change.address
                );
                let problem = Diagnostic::error("E0303", problem);
                problems.push(problem.help("leave the resource out as well, or take all of them in"));
            }
        }
        self.problems.extend(problems);
    }
}

impl Builder<'_> {
    /// Refuses to remove what nobody looked at: somebody may have added to it, or edited it, and it would be gone.
    pub(super) fn check_remembered(&mut self) {
        let removed = self.changes.values().filter(|change| match change.action {
            Action::Delete => self.input.remembered.contains(&change.identity),
            Action::Replace => {
                self.input.remembered.contains(change.old_identity.as_ref().unwrap_or(&change.identity))
            }
            _ => false,
        });
        let problems: Vec<Diagnostic> = removed
            .map(|change| {
                let what = format!(
                    "{} would be deleted, and --refresh=false kept anybody from looking at what is there now",
                    change.address
                );
                Diagnostic::error("E0320", what).help("plan it without --refresh=false")
            })
            .collect();
        self.problems.extend(problems);
    }
}

/// Refuses moves onto an address whose own record stays there.
pub(super) fn occupied(
    moves: &[(Address, Address)],
    records: &BTreeMap<Address, Record>,
    lifecycle: &Lifecycle,
) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for (index, (from, to)) in moves.iter().enumerate() {
        let stands = records.contains_key(to) && !moves.iter().any(|(other, _)| other == to);
        let second = moves[..index].iter().any(|(_, other)| other == to);
        if !stands && !second {
            continue;
        }
        let what = format!("{from} cannot move to {to}: a resource is recorded there already");
        let problem = Diagnostic::error("E0308", what);
        let rule = lifecycle.moved.iter().find(|moved| moved.from == *from || moved.from.name == from.name);
        let problem = match rule {
            Some(rule) => problem.at(rule.place.clone(), "this move"),
            None => problem,
        };
        let help = "take the rule out, or let the other one go first: move it elsewhere, or name it below `triform.removed`";
        problems.push(problem.help(help));
    }
    problems
}
