//! Something that exists in the cloud, brought under management. The cloud is left as it is.
//!
//! [`aim`] looks at the project alone: what is meant, and whether it can be. [`propose`] reads and compares, and gives
//! what will be recorded, and written into the project where that did not declare it; it changes nothing. A proposal is
//! one of adoption's, and carried out as these are: files first, the state last, all of it or nothing.

mod error;

use std::collections::BTreeMap;

pub use self::error::ImportError;
use super::adopt::{Proposal, Texts, rewritten};
use super::state::identity_of;
use super::{Failure, Setup, Survey};
use crate::config::edit::{self, Refused};
use crate::config::suggest::closest;
use crate::config::{Desired, DesiredResource};
use crate::model::{Address, DesiredAttributes, Identity, Path, Schema, SchemaSet, Value};
use crate::plan::{self, Change, Decisions, Plan, Wanted};
use crate::render::adoption::{Adopted, Adoption, How, Open};
use crate::state::Entry;

/// What is to be imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aim {
    /// Its address.
    pub address: Address,
    /// Whether the project declares it; otherwise it is a child of something that it declares.
    pub declared: bool,
}

/// What an import would do.
pub struct Import {
    /// What will be recorded and written.
    pub proposal: Proposal,
    /// The places at which the next plan asks.
    pub asked: usize,
    /// What belongs to it, is live as well, and stays as it is: not deployed from here.
    pub beside: Vec<Address>,
}

/// Finds out what is meant. A child that the project does not declare is declared for the time being, with its name
/// and nothing else, so that it is read and compared like everything else.
///
/// # Errors
/// Fails where the project says nothing of it, or something else than the id.
pub fn aim(
    desired: &mut Desired,
    schemas: &SchemaSet,
    address: &Address,
    id: Option<&str>,
) -> Result<Aim, Box<ImportError>> {
    let address = address.clone();
    let Some(schema) = schemas.get(&address.kind) else {
        let near = closest(&address.kind, schemas.iter().map(|schema| schema.kind)).map(str::to_owned);
        return Err(Box::new(ImportError::NoSuchType { address, near }));
    };
    let declared = desired.resources.contains_key(&address);
    if !declared {
        let child = child(desired, schema, &address)?;
        desired.resources.insert(address.clone(), child);
    }
    if let Some(id) = id {
        check_id(desired, &address, id)?;
    }
    Ok(Aim { address, declared })
}

/// Returns a child that the project does not declare, as its parent and its address tell of it.
fn child(desired: &Desired, schema: &Schema, address: &Address) -> Result<DesiredResource, Box<ImportError>> {
    let names: Vec<String> = desired.resources.keys().map(ToString::to_string).collect();
    let near = |of: &Address| closest(&of.to_string(), names.iter().map(String::as_str)).map(str::to_owned);
    let (Some(kind), Some(name), Some(key)) = (schema.parent, &address.name, &address.key) else {
        return Err(Box::new(ImportError::NotDeclared {
            address: address.clone(),
            near: near(address),
            child: schema.parent.is_some(),
        }));
    };
    let above = Address::new(kind, name);
    let Some(parent) = desired.resources.get(&above) else {
        let near = near(address).or_else(|| near(&above));
        return Err(Box::new(ImportError::NoParent { address: address.clone(), parent: above, near }));
    };
    Ok(DesiredResource {
        region: parent.region.clone(),
        name: key.clone(),
        parent: Some(above.clone()),
        attributes: DesiredAttributes::new(),
        code: None,
        depends_on: [above].into(),
        variables: BTreeMap::new(),
        spans: BTreeMap::new(),
        links: Vec::new(),
    })
}

/// Demands that an id is what the configuration says.
fn check_id(desired: &Desired, address: &Address, id: &str) -> Result<(), Box<ImportError>> {
    let ids = |address: &Address| {
        let declared = desired.resources.get(address)?;
        let parent = declared.parent.as_ref().and_then(|parent| desired.resources.get(parent));
        let parent = parent.map_or_else(String::new, |parent| format!("{}/", parent.name));
        let short = format!("{parent}{}", declared.name);
        Some((format!("{}/{short}", declared.region), short))
    };
    let is_it = |(whole, short): &(String, String)| whole == id || short == id;
    match ids(address) {
        Some(own) if !is_it(&own) => {
            let mut others = desired.resources.keys().filter(|other| other.kind == address.kind);
            Err(Box::new(ImportError::AnotherName {
                address: address.clone(),
                id: id.to_owned(),
                declared: own.1,
                whole: own.0,
                holder: others.find(|other| ids(other).as_ref().is_some_and(is_it)).cloned(),
            }))
        }
        _ => Ok(()),
    }
}

/// Works out what an import would do. Reads, and changes nothing.
///
/// # Errors
/// Fails where it is recorded already, does not exist, or cannot be written into the project.
pub fn propose(setup: &Setup, survey: &Survey, aim: &Aim) -> Result<Import, Failure> {
    let address = &aim.address;
    check(setup, survey, aim)?;
    let plan = survey.plan(setup, &Decisions::default())?;
    let as_it_is = Declared { plan, desired: survey.wanted().clone(), texts: Texts::new(), open: Vec::new() };
    let Declared { plan, desired, texts, open } =
        if aim.declared { as_it_is } else { declare(setup, survey, &as_it_is.plan, address)? };

    let change = plan.changes.get(address);
    let version = setup.schemas.get(&address.kind).map_or(1, |schema| schema.version);
    let record = change.and_then(|change| plan::imported(change, version));
    let entry = |record| Entry::Settled { address: address.clone(), record: Box::new(record) };
    let entries = record.map(entry).into_iter().collect();
    let places: Vec<Adopted> = change.into_iter().flat_map(places).collect();
    let asked = places.iter().filter(|place| place.how == How::Differs).count();
    let beside = beside(&plan, address);
    let (files, replacements) = rewritten(setup, &texts);
    let told = Adoption { places, open, files, conflicts: Vec::new() };
    Ok(Import { proposal: Proposal { told, replacements, plan, entries, desired }, asked, beside })
}

/// Refuses what is not live; what the state holds, under this address or another one; and a child of what it does not
/// hold.
fn check(setup: &Setup, survey: &Survey, aim: &Aim) -> Result<(), Box<ImportError>> {
    let Aim { address, declared } = aim.clone();
    let identity = |address: &Address| identity_of(&setup.desired, &survey.ground.owner, address);
    let Some(ours) = identity(&address) else { return Ok(()) };
    let none = BTreeMap::new();
    let records = survey.ground.state.as_ref().map_or(&none, |state| &state.records);
    let is_ours = |address: &Address, identity: &Identity| {
        // One that was deleted online, and let go of, is nobody's once it is there again.
        records.get(address).is_some_and(|record| record.identity == *identity && !record.accepted_absent)
    };
    if let Some(record) = records.get(&address)
        && (record.identity != ours || !record.accepted_absent)
    {
        let recorded = record.identity.to_string();
        return Err(Box::new(if record.identity == ours {
            ImportError::Recorded { address, recorded }
        } else {
            ImportError::RecordedOtherwise { address, recorded, declared: ours.to_string() }
        }));
    }
    if let Some((holder, _)) =
        records.iter().find(|(holder, record)| record.identity == ours && **holder != address)
    {
        return Err(Box::new(ImportError::Elsewhere {
            address,
            holder: holder.clone(),
            recorded: ours.to_string(),
        }));
    }
    let moves = plan::declared_moves(&setup.desired.lifecycle, records, &setup.schemas);
    if let Some((holder, _)) = moves.into_iter().find(|(_, to)| *to == address) {
        return Err(Box::new(ImportError::Promised { address, holder }));
    }
    if !survey.is_there(&ours) {
        let same = |other: &&Identity| other.kind == ours.kind && other.parent == ours.parent;
        let siblings = survey.live_children().filter(same);
        let names: Vec<String> = siblings.map(|other| other.name.clone()).collect();
        let near = closest(&ours.name, names.iter().map(String::as_str));
        let near =
            near.map(|key| Address { key: Some(key.to_owned()), ..address.clone() }).filter(|_| !declared);
        return Err(Box::new(ImportError::NotLive { address, name: ours.to_string(), near, declared }));
    }
    // What belongs to something comes under management after it.
    let parent = setup.desired.resources.get(&address).and_then(|declared| declared.parent.clone());
    match parent {
        Some(parent) if !identity(&parent).is_some_and(|identity| is_ours(&parent, &identity)) => {
            Err(Box::new(ImportError::ParentFirst { address, parent }))
        }
        _ => Ok(()),
    }
}

/// A project that declares what is imported.
struct Declared {
    /// The plan with it.
    plan: Plan,
    /// Its desired side.
    desired: BTreeMap<Address, Wanted>,
    /// The files that change for that.
    texts: Texts,
    /// What they do not say.
    open: Vec<Open>,
}

/// Declares a child as it is live.
fn declare(setup: &Setup, survey: &Survey, plan: &Plan, address: &Address) -> Result<Declared, Failure> {
    let change = plan.changes.get(address);
    let (texts, refused) = change.map(|change| write(setup, survey, change)).unwrap_or_default();
    let why = refused.first().map(|refused| refused.why.to_string());
    let not_written = Box::new(ImportError::NotWritten {
        address: address.clone(),
        why: why.unwrap_or_else(|| "the file has no place for it".to_owned()),
        at: refused.first().and_then(|refused| refused.at.clone()),
    });
    let declared = setup.text.as_ref().map(|text| text.read_with(&texts)).unwrap_or_default();
    if !declared.resources.contains_key(address) {
        return Err(not_written.into());
    }
    let desired = survey.wanted_with(setup, &declared, &BTreeMap::new());
    let plan = survey.plan_with(setup, &desired, &Decisions::default())?;
    let agrees = plan.changes.get(address).is_some_and(|change| plan::differing(change).next().is_none());
    if !agrees {
        return Err(not_written.into());
    }
    Ok(Declared { plan, desired, texts, open: refused.into_iter().map(left_out).collect() })
}

/// Writes a child into the project's files: what the service fills in by itself is left unsaid.
fn write(setup: &Setup, survey: &Survey, change: &Change) -> (Texts, Vec<Refused>) {
    let schema = setup.schemas.get(&change.identity.kind);
    let fills_in = |path: &Path, value: &Value| {
        let attribute = schema.and_then(|schema| schema.attribute(path));
        attribute.is_some_and(|(attribute, key)| !key && attribute.removal.value().as_ref() == Some(value))
    };
    let said = change.paths.iter().filter_map(|(path, inner)| {
        let value = inner.live.clone().filter(|value| !fills_in(path, value))?;
        Some(edit::Wanted { address: change.address.clone(), path: path.clone(), value: Some(value) })
    });
    let is_secret = |schema: &_, path: &_| survey.ground.sealer.is_secret(schema, path);
    let wanted: Vec<edit::Wanted> = said.collect();
    setup.text.as_ref().map(|text| text.edit(&is_secret, &wanted)).unwrap_or_default()
}

/// Tells of a value that the project does not say; it is recorded as it is live.
fn left_out(refused: Refused) -> Open {
    let Refused { wanted: edit::Wanted { address, path, value: wanted }, why, at } = refused;
    let way_out = "it stays as it is live; declare it by hand where the project is to say it".to_owned();
    Open { address, path, wanted, why: why.to_string(), way_out, at }
}

fn places(change: &Change) -> Vec<Adopted> {
    let address = &change.address;
    let whole =
        Adopted { address: address.clone(), path: Path::root(), from: None, to: None, how: How::TakenOver };
    let differing = plan::differing(change).map(|(path, inner)| Adopted {
        address: address.clone(),
        path: path.clone(),
        from: inner.desired.clone(),
        to: inner.live.clone(),
        how: How::Differs,
    });
    std::iter::once(whole).chain(differing).collect()
}

/// Returns the live children of an imported resource that nobody recorded: those that the project declares, and
/// those that somebody added.
fn beside(plan: &Plan, address: &Address) -> Vec<Address> {
    let declared = plan.changes.values().filter(|change| {
        change.parent.as_ref() == Some(address) && change.live.is_some() && change.is_foreign()
    });
    let belongs = |child: &&plan::Unmanaged| {
        let parent = plan.changes.get(address).map(|change| &change.identity.name);
        child.identity.parent.as_ref() == parent && child.address.name == address.name
    };
    let added = plan.unmanaged.iter().filter(belongs).map(|child| child.address.clone());
    declared.map(|change| change.address.clone()).chain(added).collect()
}
