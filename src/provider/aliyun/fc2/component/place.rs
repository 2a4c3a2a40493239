//! Where an entry says an attribute: the way back from a resource to the keys of `s.yaml`.
//!
//! Not here: what an entry says in a list of domains, and mounts, which are spelled in two keys.

use super::super::schema::{
    ALIAS, ALIAS_SCHEMA, ASYNC_CONFIG, ASYNC_CONFIG_SCHEMA, FUNCTION, FUNCTION_SCHEMA, SERVICE,
    SERVICE_SCHEMA, TRIGGER, TRIGGER_SCHEMA,
};
use super::SPELLED;
use super::instances::KINDS;
use crate::config::component::{Place, Step};
use crate::model::{Address, Path};

pub(super) fn place(address: &Address, path: &Path) -> Option<Place> {
    let of_service = |name: &str| (Step::keys(&["service", "name"]), name.to_owned());
    let entry = address.name.clone();
    let along = |schema: &'static crate::model::Schema| Step::along(schema.attributes, path.parts());
    match address.kind.as_str() {
        SERVICE => {
            if path.to_string().starts_with("nasConfig.mountPoints") {
                return None;
            }
            let mut steps = vec![Step::key("service")];
            steps.extend(spelled("service.", along(&SERVICE_SCHEMA)?));
            Some(Place { entry: None, holds: vec![of_service(address.key.as_deref()?)], steps })
        }
        FUNCTION => {
            let mut steps = Vec::new();
            if !path.is_root() {
                steps.push(Step::key("function"));
                steps.extend(spelled("function.", along(&FUNCTION_SCHEMA)?));
            }
            Some(Place { entry, holds: Vec::new(), steps })
        }
        TRIGGER => {
            let name = address.key.clone()?;
            let mut steps = vec![Step::key("triggers"), Step::Item { by: "name", name }];
            steps.extend(spelled("triggers.", along(&TRIGGER_SCHEMA)?));
            Some(Place { entry, holds: Vec::new(), steps })
        }
        ASYNC_CONFIG if !path.to_string().starts_with("destinationConfig") => {
            let mut steps = vec![Step::key("function"), Step::key("asyncConfiguration")];
            steps.extend(along(&ASYNC_CONFIG_SCHEMA)?);
            Some(Place { entry, holds: Vec::new(), steps })
        }
        ALIAS => {
            let (service, name) = address.key.as_deref()?.split_once('/')?;
            let mut steps = vec![Step::key("aliases"), Step::Item { by: "name", name: name.to_owned() }];
            let mut named = steps.clone();
            named.push(Step::key("name"));
            steps.extend(along(&ALIAS_SCHEMA)?);
            Some(Place { entry: None, holds: vec![of_service(service), (named, name.to_owned())], steps })
        }
        kind => {
            let (key, schema, _) = KINDS.into_iter().find(|(_, schema, _)| schema.kind == kind)?;
            let mut steps = vec![Step::key(key), Step::Item { by: "qualifier", name: address.key.clone()? }];
            steps.extend(along(schema)?);
            Some(Place { entry, holds: Vec::new(), steps })
        }
    }
}

/// Gives each step the word that files have for it.
fn spelled(level: &str, steps: Vec<Step>) -> Vec<Step> {
    let mut level = level.to_owned();
    steps
        .into_iter()
        .map(|step| match step {
            Step::Key { name, fields } => {
                let found = SPELLED.iter().find(|(at, _, field)| *at == level && *field == name);
                let name = found.map_or(name, |(_, word, _)| (*word).to_owned());
                level.push_str(&name);
                level.push('.');
                Step::Key { name, fields }
            }
            item @ Step::Item { .. } => item,
        })
        .collect()
}
