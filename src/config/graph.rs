//! What holds between resources: no two with one identity, and none that wait for each other.

use std::collections::{BTreeMap, BTreeSet};

use super::codes;
use super::component::Lowering;
use super::full_name;
use super::node::first_line;
use crate::diag::{Diagnostic, Span};
use crate::model::{Address, Path};

/// Reports addresses that name the same thing in the cloud.
pub fn identities(lowering: &mut Lowering) {
    let mut seen: BTreeMap<_, (&Address, &Span)> = BTreeMap::new();
    let mut found = Vec::new();
    let root = Path::root();
    for (address, resource) in &lowering.resources {
        let Some(place) = resource.spans.get(&root) else {
            continue;
        };
        let parent = resource.parent.as_ref().and_then(|parent| full_name(&lowering.resources, parent));
        let identity = (address.kind.as_str(), resource.region.as_str(), parent, resource.name.as_str());
        if let Some((first, there)) = seen.get(&identity) {
            // Two functions with one name bring their triggers along; one message is enough.
            let follows = resource.parent.is_some() && found_parents(&found, resource.parent.as_ref());
            if !follows {
                found.push((
                    address.clone(),
                    (*first).clone(),
                    place.clone(),
                    (*there).clone(),
                    resource.name.clone(),
                ));
            }
        } else {
            seen.insert(identity, (address, place));
        }
    }
    for (address, first, here, there, name) in found {
        lowering.diagnostics.push(
            Diagnostic::error(
                codes::ONE_IDENTITY,
                format!("{first} and {address} are both `{name}` in the cloud"),
            )
            .at(first_line(&here), format!("{address} here"))
            .also(first_line(&there), format!("{first} here"))
            .help("give one of them another name or region"),
        );
    }
}

type Clash = (Address, Address, Span, Span, String);

fn found_parents(found: &[Clash], parent: Option<&Address>) -> bool {
    found.iter().any(|(second, ..)| Some(second) == parent)
}

/// Reports resources that wait for each other, and forgets what they wait for that is not there.
pub fn cycles(lowering: &mut Lowering) {
    let known: BTreeSet<Address> = lowering.resources.keys().cloned().collect();
    for resource in lowering.resources.values_mut() {
        resource.depends_on.retain(|other| known.contains(other));
    }
    let mut state: BTreeMap<&Address, bool> = BTreeMap::new(); // true once everything below is seen
    let mut cycles: Vec<Vec<Address>> = Vec::new();
    for start in lowering.resources.keys() {
        // By hand rather than by recursion: a chain may be as long as the file.
        let mut trail: Vec<(&Address, std::collections::btree_set::Iter<'_, Address>)> = Vec::new();
        let mut next = Some(start);
        loop {
            if let Some(address) = next.take() {
                match state.get(address) {
                    Some(true) => {}
                    Some(false) => {
                        let from = trail.iter().position(|(other, _)| *other == address).unwrap_or(0);
                        cycles.push(trail[from..].iter().map(|(other, _)| (*other).clone()).collect());
                    }
                    None => {
                        if let Some(resource) = lowering.resources.get(address) {
                            state.insert(address, false);
                            trail.push((address, resource.depends_on.iter()));
                        }
                    }
                }
            }
            let Some((address, rest)) = trail.last_mut() else {
                break;
            };
            next = rest.next();
            if next.is_none() {
                state.insert(address, true);
                trail.pop();
            }
        }
    }
    for cycle in cycles {
        let report = report(&cycle, &lowering.edges);
        lowering.diagnostics.push(report);
    }
}

fn report(cycle: &[Address], edges: &BTreeMap<(Address, Address), Span>) -> Diagnostic {
    let mut names: Vec<String> = cycle.iter().map(Address::to_string).collect();
    names.extend(names.first().cloned());
    let message = match names.as_slice() {
        [only, _] => format!("{only} waits for itself"),
        names => format!("these resources wait for each other: {}", names.join(" → ")),
    };
    let mut diagnostic = Diagnostic::error(codes::RESOURCE_CYCLE, message);
    for (at, address) in cycle.iter().enumerate() {
        let other = &cycle[(at + 1) % cycle.len()];
        let Some(span) = edges.get(&(address.clone(), other.clone())) else {
            continue;
        };
        let label = format!("{address} needs {other}");
        diagnostic = match diagnostic.at {
            None => diagnostic.at(first_line(span), label),
            Some(_) => diagnostic.also(first_line(span), label),
        };
    }
    diagnostic.help("none of them can be first; take one of these references out")
}
