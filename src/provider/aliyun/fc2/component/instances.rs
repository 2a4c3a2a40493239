//! How many instances of a function are ready, and how many may come: resources of their own for each version or alias.

use super::super::schema::{ON_DEMAND_CONFIG_SCHEMA, PROVISION_CONFIG_SCHEMA};
use super::nodes::{Item, items};
use super::{Function, alias};
use crate::config::component::{Draft, Lowering};
use crate::config::node::Node;
use crate::config::typing::{Keys, Typing};
use crate::model::{Address, Path, Schema};

/// The key of each kind of configuration, its type, and the place of its name.
pub(super) const KINDS: [(&str, &Schema, &str); 2] = [
    ("provisionConfigs", &PROVISION_CONFIG_SCHEMA, "provisionConfigs.qualifier"),
    ("onDemandConfigs", &ON_DEMAND_CONFIG_SCHEMA, "onDemandConfigs.qualifier"),
];

pub(super) fn instances(props: &Node, function: Option<&Function>, lowering: &mut Lowering) {
    let doc = "the version or alias that it is about, such as `prod` or `LATEST`";
    for (key, schema, handled) in KINDS {
        let Some(pair) = props.pair(key) else { continue };
        for Item { name, place, node, owner, prefix } in items(pair, "qualifier", doc, lowering) {
            let keys = Keys { handled: &[handled], ..Keys::default() };
            let mut typing = Typing::new(lowering.diagnostics(), keys);
            typing.object(schema.attributes, &node, &owner, &Path::root(), &prefix);
            let declared = typing.declared;
            let Some(function) = function else { continue };
            let draft = Draft {
                region: function.region.clone(),
                name: name.clone(),
                place: place.clone(),
                parent: Some(function.address.clone()),
                declared,
                code: None,
                points_at: vec![(alias::address(&function.service, &name), place)],
                links: Vec::new(),
            };
            let address = Address::keyed(schema.kind, &function.entry, &name);
            if let Some(need) = alias::qualifier(&function.service, &name, &draft.place) {
                lowering.need(address.clone(), Path::root(), need);
            }
            lowering.declare(schema, address, draft);
        }
    }
}
