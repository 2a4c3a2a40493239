//! The aliases of an entry's service: names for versions, which others of its entries may declare as well.
//!
//! A version is declared by nobody. It is what was live when it was published, and its number is the service's choice;
//! an alias names one that exists.

use super::super::check::{is_version, refuses_name};
use super::super::schema::{ALIAS, ALIAS_SCHEMA, QUALIFIER, SERVICE};
use super::nodes::{Item, items};
use super::{SPELLED, Service};
use crate::config::component::{Draft, Lowering};
use crate::config::node::Pair;
use crate::config::typing::{Declared, Keys, Typing};
use crate::config::{Need, codes};
use crate::diag::{Diagnostic, Span};
use crate::model::{Address, Part, Path, Planned, Value};

/// Returns the address of an alias.
pub(super) fn address(service: &str, name: &str) -> Address {
    Address::shared(ALIAS, &format!("{service}/{name}"))
}

pub(super) fn aliases(pair: &Pair, service: Option<&Service>, region: Option<&str>, lowering: &mut Lowering) {
    let doc = "what calls name, such as `prod`";
    for Item { name, place, node, owner, prefix } in items(pair, "name", doc, lowering) {
        if let (Some(problem), Some(word)) = (refuses_name(ALIAS, &name), node.get("name")) {
            lowering
                .report(word.blame(Diagnostic::error(codes::BAD_NAME, problem), "not a name of an alias"));
            continue;
        }
        let keys = Keys { handled: &["aliases.name"], unbuilt: &[], spelled: SPELLED };
        let mut typing = Typing::new(lowering.diagnostics(), keys);
        typing.object(ALIAS_SCHEMA.attributes, &node, &owner, &Path::root(), &prefix);
        let declared = typing.declared;
        let (Some(service), Some(region)) = (service, region) else { continue };
        let draft = Draft {
            region: region.to_owned(),
            name: name.clone(),
            place,
            parent: Some(service.address.clone()),
            declared,
            code: None,
            points_at: Vec::new(),
            links: Vec::new(),
        };
        let alias = address(&service.live, &name);
        for (path, place, version) in versions(&draft.declared) {
            let need = Need {
                kind: QUALIFIER,
                noun: "version",
                parent: service.address.clone(),
                name: version,
                unless: None,
                place,
                help: "publish it first, with `s version publish`, in the console or with an SDK, or name another one",
            };
            lowering.need(alias.clone(), path, need);
        }
        lowering.declare(&ALIAS_SCHEMA, alias, draft);
    }
}

/// Returns the versions that an alias names, each with its path and place.
fn versions(declared: &Declared) -> Vec<(Path, Span, String)> {
    let version = |(path, value): (&Path, &Planned)| {
        let name = match (path.parts(), value) {
            ([Part::Field(field)], Planned::Known(Value::Text(version))) if field == "versionId" => {
                version.clone()
            }
            ([Part::Field(field), Part::Key(version)], _) if field == "additionalVersionWeight" => {
                version.clone()
            }
            _ => return None,
        };
        is_version(&name).then(|| Some((path.clone(), declared.spans.get(path)?.clone(), name)))?
    };
    declared.attributes.iter().filter_map(version).collect()
}

/// Returns what a resource needs that names a version or an alias of a service at a path; nothing where it names neither.
pub(super) fn qualifier(service: &str, name: &str, place: &Span) -> Option<Need> {
    let help = "declare the alias below `aliases`, or name a version or alias that exists";
    (!name.is_empty() && name != "LATEST").then(|| Need {
        kind: QUALIFIER,
        noun: "version or alias",
        parent: Address::shared(SERVICE, service),
        name: name.to_owned(),
        unless: Some(address(service, name)),
        place: place.clone(),
        help,
    })
}
