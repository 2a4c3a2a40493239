//! Where an entry says an attribute: the way back from a resource to the keys of `s.yaml`.

use super::super::schema::{
    ALIAS, ALIAS_SCHEMA, ASYNC_CONFIG, ASYNC_CONFIG_SCHEMA, CUSTOM_DOMAIN, CUSTOM_DOMAIN_SCHEMA, FUNCTION,
    FUNCTION_SCHEMA, SERVICE, SERVICE_SCHEMA, TRIGGER, TRIGGER_SCHEMA,
};
use super::SPELLED;
use super::instances::KINDS;
use crate::config::component::{Place, Split, Step};
use crate::model::{Address, Part, Path};

pub(super) fn place(address: &Address, path: &Path) -> Option<Place> {
    let of_service = |name: &str| (Step::keys(&["service", "name"]), name.to_owned());
    let entry = address.name.clone();
    let along = |schema: &'static crate::model::Schema| Step::along(schema.attributes, path.parts());
    match address.kind.as_str() {
        SERVICE => {
            let holds = vec![of_service(address.key.as_deref()?)];
            if let [Part::Field(config), Part::Field(_), Part::Key(folder), rest @ ..] = path.parts()
                && config == "nasConfig"
            {
                return Some(Place { holds, ..file_system(folder, rest)? });
            }
            let mut steps = vec![Step::key("service")];
            steps.extend(spelled("service.", along(&SERVICE_SCHEMA)?));
            Some(Place { holds, steps, ..Place::default() })
        }
        FUNCTION => {
            let mut steps = Vec::new();
            if !path.is_root() {
                steps.push(Step::key("function"));
                steps.extend(spelled("function.", along(&FUNCTION_SCHEMA)?));
            }
            Some(Place { entry, steps, ..Place::default() })
        }
        TRIGGER => {
            let name = address.key.clone()?;
            let mut steps = vec![Step::key("triggers"), Step::Item { by: "name", name }];
            steps.extend(spelled("triggers.", along(&TRIGGER_SCHEMA)?));
            Some(Place { entry, steps, ..Place::default() })
        }
        ASYNC_CONFIG => {
            let mut steps = Step::keys(&["function", "asyncConfiguration"]);
            match path.parts() {
                // The file says them by their ends alone.
                [Part::Field(all), Part::Field(end), Part::Field(_)] if all == "destinationConfig" => {
                    steps.extend(Step::keys(&["destination", end]));
                }
                [Part::Field(all), ..] if all == "destinationConfig" => return None,
                _ => steps.extend(along(&ASYNC_CONFIG_SCHEMA)?),
            }
            Some(Place { entry, steps, ..Place::default() })
        }
        ALIAS => {
            let (service, name) = address.key.as_deref()?.split_once('/')?;
            let mut steps = vec![Step::key("aliases"), Step::Item { by: "name", name: name.to_owned() }];
            let mut named = steps.clone();
            named.push(Step::key("name"));
            steps.extend(along(&ALIAS_SCHEMA)?);
            Some(Place {
                entry: None,
                holds: vec![of_service(service), (named, name.to_owned())],
                steps,
                ..Place::default()
            })
        }
        CUSTOM_DOMAIN => domain(address.key.clone()?, path),
        kind => {
            let (key, schema, _) = KINDS.into_iter().find(|(_, schema, _)| schema.kind == kind)?;
            let mut steps = vec![Step::key(key), Step::Item { by: "qualifier", name: address.key.clone()? }];
            steps.extend(along(schema)?);
            Some(Place { entry, steps, ..Place::default() })
        }
    }
}

/// A mount point as the tool spells it: known by the folder in the function, host and folder of the server apart.
fn file_system(folder: &str, rest: &[Part]) -> Option<Place> {
    let mut steps = Step::keys(&["service", "nasConfig", "mountPoints"]);
    steps.push(Step::Item { by: "fcDir", name: folder.to_owned() });
    let key = |word: &str| steps.iter().cloned().chain([Step::key(word)]).collect();
    Some(match rest {
        [] => Place { steps, ..Place::default() },
        [Part::Field(field)] if field == "mountDir" => Place { steps: key("fcDir"), ..Place::default() },
        [Part::Field(field)] if field == "serverAddr" => Place {
            steps: key("serverAddr"),
            split: Some(Split { second: key("nasDir"), apart: host_and_folder }),
            ..Place::default()
        },
        [Part::Field(field)] => Place { steps: key(field), ..Place::default() },
        _ => return None,
    })
}

/// Takes `host:/folder` apart.
fn host_and_folder(server: &str) -> Option<(&str, &str)> {
    let at = server.find(":/")?;
    Some((server.get(..at)?, server.get(at + 1..)?))
}

/// Several entries may give a domain routes; each is said where its path is.
fn domain(domain: String, path: &Path) -> Option<Place> {
    let mut steps = vec![Step::key("customDomains"), Step::Item { by: "domainName", name: domain.clone() }];
    let named = |steps: &[Step], key: &str| steps.iter().cloned().chain([Step::key(key)]).collect::<Vec<_>>();
    let mut holds = vec![(named(&steps, "domainName"), domain)];
    let along = Step::along(CUSTOM_DOMAIN_SCHEMA.attributes, path.parts())?;
    match path.parts() {
        [Part::Field(config), Part::Field(_), Part::Key(route), ..] if config == "routeConfig" => {
            steps.push(Step::key("routeConfigs"));
            steps.push(Step::Item { by: "path", name: route.clone() });
            holds.push((named(&steps, "path"), route.clone()));
            steps.extend(along.into_iter().skip(3));
        }
        [Part::Field(config), ..] if config == "routeConfig" => return None,
        _ => steps.extend(along),
    }
    Some(Place { holds, steps, ..Place::default() })
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
