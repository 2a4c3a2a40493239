//! What holds between the rules and what is declared: whatever needs no state and no cloud.

use std::collections::{BTreeMap, BTreeSet};

use super::{Lifecycle, Moved, Trigger};
use crate::config::codes;
use crate::config::component::Lowering;
use crate::config::suggest::closest;
use crate::diag::{Diagnostic, Span};
use crate::model::{Address, Path};

/// Lets resources wait for those whose change replaces them.
pub fn dependencies(lifecycle: &Lifecycle, lowering: &mut Lowering) {
    for rule in &lifecycle.replace_when {
        for change in &rule.changes {
            let source = match change {
                Trigger::Written(selector) => selector.address(),
                Trigger::Output(output) => Some(output.address.clone()),
            };
            let Some(source) = source.filter(|source| *source != rule.address) else { continue };
            if !lowering.resources.contains_key(&source) {
                let what = format!("{source} is not declared, so its changes replace nothing");
                let diagnostic = Diagnostic::error(codes::BAD_RULE, what).at(rule.place.clone(), "this rule");
                lowering.diagnostics.push(suggested(diagnostic, &source, lowering.resources.keys()));
                continue;
            }
            let Some(own) = lowering.resources.get_mut(&rule.address) else { continue };
            own.depends_on.insert(source.clone());
            lowering.edges.entry((rule.address.clone(), source)).or_insert_with(|| rule.place.clone());
        }
    }
}

/// Reports rules that contradict each other, or what is declared.
pub fn check(lifecycle: &Lifecycle, lowering: &mut Lowering) {
    let root = Path::root();
    let place_of = |address: &Address| Some(lowering.resources.get(address)?.spans.get(&root)?.clone());
    let mut found = Vec::new();
    for rule in &lifecycle.replace_when {
        if !lowering.resources.contains_key(&rule.address) {
            let what = format!("{} is not declared, so there is nothing to replace", rule.address);
            let diagnostic = Diagnostic::error(codes::BAD_RULE, what).at(rule.place.clone(), "this rule");
            found.push(suggested(diagnostic, &rule.address, lowering.resources.keys()));
        }
    }
    for rule in &lifecycle.removed {
        if let Some(there) = place_of(&rule.address) {
            let what = format!("{} is declared, and `removed` says that it is not", rule.address);
            let diagnostic =
                Diagnostic::error(codes::BAD_RULE, what).at(rule.place.clone(), "to be forgotten");
            let help = "remove it from `resources`, or take the rule out";
            found.push(diagnostic.also(there, "declared here").help(help));
        }
    }
    let mut imported: BTreeMap<&Address, &Option<Span>> = BTreeMap::new();
    for rule in &lifecycle.import {
        let at = |diagnostic: Diagnostic| match &rule.place {
            Some(place) => diagnostic.at(place.clone(), "this rule"),
            None => diagnostic,
        };
        if !lowering.resources.contains_key(&rule.to) {
            let what = format!("{} is imported and not declared", rule.to);
            let diagnostic = at(Diagnostic::error(codes::BAD_RULE, what));
            let diagnostic = suggested(diagnostic, &rule.to, lowering.resources.keys());
            found.push(
                diagnostic.help("declare it in `resources`: what is ours and not declared would be deleted"),
            );
        }
        if let Some(first) = imported.insert(&rule.to, &rule.place) {
            let mut diagnostic =
                at(Diagnostic::error(codes::BAD_RULE, format!("{} is imported twice", rule.to)));
            diagnostic.also.extend(first.clone().map(|first| (first, "first here".to_owned())));
            found.push(diagnostic.help("keep one of them"));
        }
    }
    let known: BTreeSet<&Address> = lowering.resources.keys().collect();
    found.extend(moves(lifecycle, &known, &place_of));
    lowering.diagnostics.append(&mut found);
}

fn moves(
    lifecycle: &Lifecycle,
    known: &BTreeSet<&Address>,
    place_of: &dyn Fn(&Address) -> Option<Span>,
) -> Vec<Diagnostic> {
    let moved = lifecycle.moved.as_slice();
    let mut found = Vec::new();
    let error = |moved: &Moved, what: String| {
        Diagnostic::error(codes::BAD_MOVE, what).at(moved.place.clone(), "this move")
    };
    for (index, one) in moved.iter().enumerate() {
        let Moved { from, to, place: _ } = one;
        if from.kind != to.kind {
            found.push(error(one, format!("{from} and {to} are of different types, so no record can move")));
        }
        if from.key.is_some() != to.key.is_some() {
            found.push(error(one, format!("{from} and {to} are not addresses of one form")));
        }
        if let Some(there) = place_of(from).filter(|_| from != to) {
            let what = format!("{from} moves away and is still declared");
            let help = "take the rule out, or remove the old entry";
            found.push(error(one, what).also(there, "declared here").help(help));
        }
        // Whatever arrives where nothing is declared would be deleted.
        let goes_on = moved.iter().any(|other| other.from == *to)
            || lifecycle.removed.iter().any(|rule| rule.address == *to);
        if !known.contains(to) && !goes_on {
            let diagnostic = error(one, format!("{from} moves to {to}, which is not declared"));
            found.push(suggested(diagnostic, to, known.iter().copied()));
        }
        for other in &moved[..index] {
            if other.from == *from || other.to == *to {
                let twice = if other.from == *from { from } else { to };
                let what = format!("two moves are about {twice}");
                found.push(
                    error(one, what).also(other.place.clone(), "the other one").help("keep one of them"),
                );
            }
        }
    }
    found.extend(ring(moved));
    found
}

/// Returns one error for each ring of moves.
fn ring(moved: &[Moved]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut told: BTreeSet<&Address> = BTreeSet::new();
    for first in moved {
        let mut passed = vec![&first.from];
        let mut end = first;
        while !passed.contains(&&end.to) {
            passed.push(&end.to);
            match moved.iter().find(|moved| moved.from == end.to) {
                Some(next) => end = next,
                None => break,
            }
        }
        if end.to == first.from && passed.iter().all(|address| !told.contains(*address)) {
            told.extend(passed.iter().copied());
            let names: Vec<String> = passed.iter().chain([&&first.from]).map(ToString::to_string).collect();
            let what = format!("these moves lead nowhere: {}", names.join(" → "));
            let diagnostic = Diagnostic::error(codes::BAD_MOVE, what).at(first.place.clone(), "begins here");
            found.push(diagnostic.help("take one of them out"));
        }
    }
    found
}

fn suggested<'a>(
    diagnostic: Diagnostic,
    address: &Address,
    known: impl Iterator<Item = &'a Address>,
) -> Diagnostic {
    let known: Vec<String> = known.map(ToString::to_string).collect();
    match closest(&address.to_string(), known.iter().map(String::as_str)) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic,
    }
}
