//! The aliases of an entry's service: names for versions, which others of its entries may declare as well.
//!
//! A version is declared by nobody. It is what was live when it was published, and its number is the service's choice;
//! an alias names one that exists.

use super::super::check::refuses_name;
use super::super::schema::{ALIAS, ALIAS_SCHEMA};
use super::nodes::{Item, items};
use super::{SPELLED, Service};
use crate::config::codes;
use crate::config::component::{Draft, Lowering};
use crate::config::node::Pair;
use crate::config::typing::{Keys, Typing};
use crate::diag::Diagnostic;
use crate::model::{Address, Path};

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
        lowering.declare(&ALIAS_SCHEMA, address(&service.live, &name), draft);
    }
}
