//! The three sides, read once.
//!
//! A survey reads the configuration's code, the state with what an interrupted apply left in its journal, and
//! the cloud; seals every secret; and can then be asked for a plan as often as somebody answers a question.
//! It changes nothing anywhere.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path as FilePath;

use futures_util::{StreamExt, stream};

use super::code::{Folders, Shelf, code_diagnostic};
use super::ground::{Ground, Secrets};
use super::recovery::{Recovery, recover_all, schema_of};
use super::state::identity_of;
use super::{Failure, Setup, Unread, undo};
use crate::backend::{Kept, LocalStore, Lock};
use crate::config::{Desired, Need, full_name};
use crate::diag::Diagnostic;
use crate::model::{
    Address, Attributes, Digest, Identity, PackageFacts, Path, Planned, Reading, Resource, Sealer, Value,
};
use crate::plan::{self, Child, Decisions, Known, Live, Plan, PlanInput, Selector, Wanted};
use crate::state::{Intent, Journal, LastApply, Owner, Record, Serial};

/// Packages that are downloaded at once.
const DOWNLOADS: usize = 8;

/// What a verb is about.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Only these, their children and what they depend on.
    pub targets: Vec<Selector>,
    /// Not these, their children and what depends on them.
    pub excludes: Vec<Selector>,
    /// Nothing is desired: everything recorded goes.
    pub destroy: bool,
    /// What is to be made anew, whatever its paths say.
    pub replace: BTreeSet<Address>,
    /// What is recorded stands for what is live, where a plan can be made so; the rest is read all the same.
    pub remembered: bool,
    /// What was live before the last apply is to be live again.
    pub undo: bool,
}

/// The three sides.
pub struct Survey {
    /// What an apply of its plan stands on.
    pub ground: Ground,
    /// What an interrupted apply left, and what reading made of it.
    pub recovery: Option<Recovery>,
    desired: BTreeMap<Address, Wanted>,
    records: BTreeMap<Address, Record>,
    live: BTreeMap<Identity, Option<Live>>,
    children: BTreeMap<Identity, Vec<Child>>,
    missing: BTreeMap<Address, Vec<(Path, Diagnostic)>>,
    left_out: BTreeSet<Address>,
    outside: BTreeMap<Address, Record>,
    replace: BTreeSet<Address>,
    remembered: BTreeSet<Identity>,
    /// The journal of an interrupted apply, with what reading made of it.
    interrupted: Option<Journal>,
    /// The apply that is to be undone.
    pub(super) undoes: Option<LastApply>,
}

/// Reads the three sides.
pub async fn survey(setup: &Setup, selection: &Selection, account: String) -> Result<Survey, Failure> {
    let owner = owner(&setup.configuration, &setup.desired, &setup.cloud, account);
    let kept = setup.store.read()?;
    check_owner(&setup.store, &kept, &owner)?;
    let Kept { state, journal } = kept;
    let (state, open, interrupted) = match journal {
        Some(journal) => {
            let (state, open) = journal.replay(state);
            (Some(state), open, Some(journal))
        }
        None => (state, Vec::new(), None),
    };
    let undoes = undo::touched(setup, selection, state.as_ref(), interrupted.as_ref())?;
    for intent in &open {
        schema_of(setup, intent)?;
    }
    let salt = state.as_ref().map_or_else(|| derived_salt(&owner), |state| state.salt.clone());
    let sealer = Sealer::new(salt, setup.secret_names.clone());
    let shelf = Shelf::default();
    let mut secrets = Secrets::new();
    let mut desired = desired(setup, &owner, selection, &sealer, &shelf, &mut secrets)?;
    let mut records = state.as_ref().map(|state| state.records.clone()).unwrap_or_default();
    let declared = setup.desired.resources.keys().cloned().collect();
    let moves = plan::declared_moves(&setup.desired.lifecycle, &records, &setup.schemas);
    let told = undo::with_touched(&records, &undoes);
    let left_out = plan::scope(
        &declared,
        &desired,
        &told,
        &selection.targets,
        &selection.excludes,
        &moves,
        &setup.schemas,
    )?
    .left_out;
    plan::check_replace(&selection.replace, &declared, &desired, &records, &left_out)?;
    desired.retain(|address, _| !left_out.contains(address));

    // The cloud: everything in scope, and whatever an interrupted apply may have touched.
    let scope = |address: &Address| !left_out.contains(address);
    let wanted = desired.iter().map(|(address, wanted)| (address, &wanted.identity));
    let recorded = records.iter().map(|(address, record)| (address, &record.identity));
    let opened = open.iter().map(|intent| (&intent.address, &intent.identity));
    let named: BTreeMap<Identity, Address> = undoes
        .iter()
        .map(|(identity, address)| (address, identity))
        .chain(wanted)
        .chain(recorded)
        .filter(|(address, _)| scope(address))
        .chain(opened)
        .map(|(address, identity)| (identity.clone(), address.clone()))
        .collect();
    let remembered = remembered(setup, selection, &desired, &records, &open);
    let targets: Vec<Identity> =
        named.keys().filter(|identity| !remembered.contains_key(identity)).cloned().collect();
    let found = setup.provider.read(&targets, true).await;
    let mut unread = Vec::new();
    let mut present = BTreeMap::new();
    for (identity, reading) in found.readings {
        let Some(address) = named.get(&identity) else { continue };
        match reading {
            Reading::Present(resource) => {
                present.insert(identity, Some(*resource));
            }
            Reading::Absent => {
                present.insert(identity, None);
            }
            Reading::Unknown(why) => unread.push(Unread { address: address.clone(), why: *why }),
        }
    }
    if !unread.is_empty() {
        unread.sort_by(|one, other| one.address.cmp(&other.address));
        return Err(Failure::Unknown(unread));
    }

    let missing = missing(setup, &desired, &present).await?;

    let mut survey = Survey {
        ground: Ground { owner, state, sealer, secrets, live_secrets: Vec::new(), shelf },
        recovery: None,
        desired,
        records: BTreeMap::new(),
        live: BTreeMap::new(),
        children: children(found.children),
        missing,
        left_out,
        outside: BTreeMap::new(),
        replace: selection.replace.clone(),
        remembered: remembered.keys().filter(|identity| named.contains_key(identity)).cloned().collect(),
        interrupted,
        undoes: None,
    };
    if survey.interrupted.is_some() {
        let recovery = recover_all(setup, &mut survey, &open, &present).await?;
        survey.recovered(&recovery);
        survey.recovery = Some(recovery);
        records = survey.ground.state.as_ref().map(|state| state.records.clone()).unwrap_or_default();
    }
    if selection.undo {
        survey.undoes =
            Some(undo::last_apply(setup, survey.ground.state.as_ref(), survey.interrupted.as_ref())?);
        survey.load_undone(setup);
    }
    // Records that are left out stay known: what excluded resources gave may satisfy those that remain.
    survey.records = records;
    survey.read_live(setup, present, &named).await?;
    survey.live.extend(remembered.into_iter().filter(|(identity, _)| named.contains_key(identity)));
    let (outside, inside) = std::mem::take(&mut survey.records)
        .into_iter()
        .partition(|(address, _)| survey.left_out.contains(address));
    (survey.outside, survey.records) = (outside, inside);
    Ok(survey)
}

impl Survey {
    /// Plans, with the answers so far. What is skipped is left out, and nothing is read anew for that.
    pub fn plan(&self, setup: &Setup, decisions: &Decisions) -> Result<Plan, Failure> {
        if !decisions.rules().is_empty() {
            decisions.check(&self.known(), &setup.schemas)?;
        }
        let lifecycle = &setup.desired.lifecycle;
        let known = self.desired.keys().chain(self.records.keys()).chain(&self.left_out);
        let problems =
            plan::check_rules(lifecycle, known.chain(setup.desired.resources.keys()), &setup.schemas);
        if !problems.is_empty() {
            return Err(Failure::Input(problems));
        }
        self.plan_with(setup, &self.desired, decisions)
    }

    /// Plans as if the project declared this.
    pub(super) fn plan_with(
        &self,
        setup: &Setup,
        desired: &BTreeMap<Address, Wanted>,
        decisions: &Decisions,
    ) -> Result<Plan, Failure> {
        let refuses = |kind: &str, attributes: &Attributes| setup.provider.refuses(kind, attributes);
        let lifecycle = &setup.desired.lifecycle;
        let moves = plan::declared_moves(lifecycle, &self.records, &setup.schemas);
        let mut skipped = BTreeSet::new();
        loop {
            let mut left_out = plan::without(desired, &self.records, &skipped, &moves, &setup.schemas);
            left_out.extend(self.left_out.iter().chain(&skipped).cloned());
            let input = PlanInput {
                owner: self.ground.owner.clone(),
                basis: self.ground.state.as_ref().map(|state| (state.lineage.clone(), state.serial)),
                desired: desired.clone(),
                records: self.records.clone(),
                live: self.live.clone(),
                children: self.children.clone(),
                schemas: &setup.schemas,
                sealer: &self.ground.sealer,
                refuses: &refuses,
                missing: self.missing.clone(),
                left_out,
                skipped: skipped.clone(),
                outside: self.outside.clone(),
                replace: self.replace.clone(),
                remembered: self.remembered.clone(),
                decisions,
                lifecycle,
                today: setup.today,
            };
            let plan = match &self.undoes {
                Some(last) => self.plan_undo(input, last),
                None => plan::build(input),
            };
            let plan = plan.map_err(Failure::Input)?;
            let more = decisions.skipped(&plan);
            if more.is_empty() {
                return Ok(plan);
            }
            // One that gave its address to another is known by the address that it gave.
            let known_by = |address: &Address| plan.changes.get(address)?.moved_from.clone();
            skipped.extend(more.iter().filter_map(known_by));
            skipped.extend(more);
        }
    }

    /// Returns what answers can be about.
    fn known(&self) -> Vec<Known<'_>> {
        let mut known = BTreeMap::<Address, BTreeSet<&Path>>::new();
        let live = |identity: &Identity| {
            self.live.get(identity).into_iter().flatten().flat_map(|live| live.attributes.keys())
        };
        for (address, wanted) in &self.desired {
            let places = known.entry(address.clone()).or_default();
            places.extend(wanted.attributes.keys().chain(live(&wanted.identity)));
        }
        for (address, record) in &self.records {
            let places = || record.paths.keys().chain(live(&record.identity));
            known.entry(address.clone()).or_default().extend(places());
            // Where another one takes its address, a plan shows it beside.
            known.entry(address.parked(&record.identity)).or_default().extend(places());
        }
        let known = known.into_iter().map(|(address, places)| Known { address, places: Some(places) });
        let left_out = self.left_out.iter().map(|address| Known { address: address.clone(), places: None });
        // What an undo makes again may be in no configuration and in no record.
        let touched = self
            .undoes
            .iter()
            .flat_map(|last| &last.touched)
            .flat_map(|(identity, touched)| [touched.address.clone(), touched.address.parked(identity)]);
        let undone = touched.map(|address| Known { address, places: None });
        known.chain(left_out).chain(undone).collect()
    }

    /// Writes down what recovery found, so that the journal of the interrupted apply may go.
    pub fn save_recovery(&mut self, setup: &Setup, lock: &Lock) -> Result<(), Failure> {
        let (Some(state), Some(_)) = (&mut self.ground.state, &self.recovery) else { return Ok(()) };
        if let Some(kept) = self.interrupted.as_ref().and_then(Journal::kept) {
            setup.store.keep_last(lock, &kept)?;
        }
        state.serial = Serial(state.serial.0 + 1);
        setup.store.save(lock, state)?;
        Ok(())
    }

    /// Returns the desired side as it would be with another configuration, and with some files of the code changed.
    pub(super) fn wanted_with(
        &self,
        setup: &Setup,
        declared: &Desired,
        code: &BTreeMap<Address, BTreeMap<Path, Option<Value>>>,
    ) -> BTreeMap<Address, Wanted> {
        let mut desired = self.desired.clone();
        desired.retain(|address, _| declared.resources.contains_key(address));
        for (address, wanted) in &mut desired {
            if let Some(declared) = declared.resources.get(address) {
                wanted.attributes.retain(|path, _| path.is_code());
                let own = declared.attributes.iter().map(|(path, planned)| (path.clone(), planned.clone()));
                wanted.attributes.extend(own);
                seal(setup, &self.ground.sealer, wanted, |_, _| {});
            }
            if let Some(code) = code.get(address) {
                super::adopt::overlay(&mut wanted.attributes, code);
            }
        }
        desired
    }

    /// Goes on with another desired side, which the project declares from now on.
    pub fn declare(&mut self, desired: BTreeMap<Address, Wanted>) {
        self.desired = desired;
    }

    /// Returns whether a resource is live with another value at a place.
    pub(super) fn is_live_otherwise(&self, address: &Address, path: &Path, value: Option<&Value>) -> bool {
        let live = |identity| self.live.get(identity)?.as_ref();
        let live = self.desired.get(address).and_then(|wanted| live(&wanted.identity));
        live.is_some_and(|live| live.attributes.get(path) != value)
    }

    /// Returns whether something is live.
    pub(super) fn is_there(&self, identity: &Identity) -> bool {
        self.live.get(identity).is_some_and(Option::is_some)
    }

    /// Returns the live children of what was read.
    pub(super) fn live_children(&self) -> impl Iterator<Item = &Identity> {
        self.children.values().flatten().map(|child| &child.identity)
    }

    /// Returns the desired side.
    pub(super) fn wanted(&self) -> &BTreeMap<Address, Wanted> {
        &self.desired
    }

    /// Returns the records in scope.
    pub fn records(&self) -> &BTreeMap<Address, Record> {
        &self.records
    }

    /// Takes what reading made of an interrupted apply into its journal: it is the last apply now.
    fn recovered(&mut self, recovery: &Recovery) {
        let (Some(journal), Some(state)) = (&mut self.interrupted, &mut self.ground.state) else { return };
        journal.entries.extend(recovery.entries.iter().cloned());
        if journal.kept().is_some() {
            state.applied = Some(journal.header.serial);
        }
    }

    async fn read_live(
        &mut self,
        setup: &Setup,
        present: BTreeMap<Identity, Option<Resource>>,
        named: &BTreeMap<Identity, Address>,
    ) -> Result<(), Failure> {
        for resource in present.values().flatten() {
            let Some(schema) = setup.schemas.get(&resource.identity.kind) else { continue };
            let secrets = self.ground.secrets_of(schema, resource);
            self.ground.live_secrets.extend(secrets);
        }
        let by_identity: BTreeMap<&Identity, &Record> =
            self.records.values().map(|record| (&record.identity, record)).collect();
        let desired: BTreeMap<&Identity, &Wanted> =
            self.desired.values().map(|wanted| (&wanted.identity, wanted)).collect();
        let this = &*self;
        let read = stream::iter(&present).map(|(identity, resource)| {
            let record = by_identity.get(identity).copied();
            let wanted = desired.get(identity).copied();
            async move {
                let Some(resource) = resource else { return Ok((identity.clone(), None)) };
                let Some(schema) = setup.schemas.get(&identity.kind) else {
                    return Ok((identity.clone(), None));
                };
                let recorded =
                    record.and_then(|record| this.ground.shelf.recorded_code(&setup.store, record));
                let local = wanted.map(local_code).unwrap_or_default();
                let package = record.and_then(|record| record.package.as_ref());
                // The local code has no checksum yet; it only settles modes.
                let checksum = package.map_or("", |package| &package.checksum);
                let left = this.undoes.as_ref().and_then(|last| last.touched.get(identity));
                let left =
                    left.and_then(|touched| Some((touched.package_after.as_ref()?, touched.code_after())));
                let left = left.iter().map(|(package, code)| (package.checksum.as_str(), code));
                let known: Vec<(&str, &Attributes)> =
                    recorded.iter().map(|code| (checksum, code)).chain(left).chain([("", &local)]).collect();
                let live = this.ground.live_side(setup, resource, schema, &known).await;
                let live = live.map_err(|error| Failure::package(&named[identity], error))?;
                Ok((identity.clone(), Some(live)))
            }
        });
        let read: Vec<Result<_, Failure>> = read.buffer_unordered(DOWNLOADS).collect().await;
        let live = read.into_iter().collect::<Result<_, _>>()?;
        self.live = live;
        Ok(())
    }
}

/// Returns what resources name and is not there. What is named as it is live already is not looked for.
async fn missing(
    setup: &Setup,
    desired: &BTreeMap<Address, Wanted>,
    present: &BTreeMap<Identity, Option<Resource>>,
) -> Result<BTreeMap<Address, Vec<(Path, Diagnostic)>>, Failure> {
    let mut sought = Vec::new();
    for ((by, path), need) in &setup.desired.needs {
        let Some(wanted) = desired.get(by) else { continue };
        let live = present.get(&wanted.identity).and_then(Option::as_ref);
        let declared = wanted.attributes.get(path).and_then(Planned::known);
        let settled = |live: &Resource| path.is_root() || live.attributes.get(path) == declared;
        if live.is_some_and(settled) {
            continue;
        }
        let Some(parent) = full_name(&setup.desired.resources, &need.parent) else { continue };
        let (kind, name) = (need.kind.to_owned(), need.name.clone());
        sought.push((
            by,
            path,
            need,
            Identity { kind, parent: Some(parent), name, ..wanted.identity.clone() },
        ));
    }
    let targets: BTreeSet<Identity> = sought.iter().map(|(.., identity)| identity.clone()).collect();
    if targets.is_empty() {
        return Ok(BTreeMap::new());
    }
    let found = setup.provider.read(&targets.into_iter().collect::<Vec<_>>(), false).await;
    let mut missing = BTreeMap::<_, Vec<_>>::new();
    let mut unread = Vec::new();
    for (by, path, need, identity) in sought {
        match found.readings.get(&identity) {
            Some(Reading::Unknown(why)) => {
                unread.push(Unread { address: by.clone(), why: Diagnostic::clone(why) });
            }
            Some(Reading::Absent) => {
                let Need { noun, parent, name, place, help, .. } = need;
                let what = format!("{by}: {parent} has no {noun} `{name}`");
                let problem = Diagnostic::error("E0312", what).at(place.clone(), "named here");
                let owner = desired.get(parent).map(|wanted| &wanted.identity);
                let problem = match owner.and_then(|owner| present.get(owner)) {
                    Some(None) => problem.help(format!(
                        "{parent} is not there yet: leave this out at first (`triform apply --exclude '{by}'`), and then {help}"
                    )),
                    _ => problem.help(*help),
                };
                missing.entry(by.clone()).or_default().push((path.clone(), problem));
            }
            Some(Reading::Present(_)) | None => {}
        }
    }
    if unread.is_empty() { Ok(missing) } else { Err(Failure::Unknown(unread)) }
}

/// Returns the live sides that need not be read: those of resources that stay, as they were last observed.
///
/// Not read is not absent, and not unchanged either: what has no record is read, what leaves or is made anew is read
/// with what was added to it online, what several projects may share is read, and so is what an interrupted apply may
/// have touched.
fn remembered(
    setup: &Setup,
    selection: &Selection,
    desired: &BTreeMap<Address, Wanted>,
    records: &BTreeMap<Address, Record>,
    open: &[Intent],
) -> BTreeMap<Identity, Option<Live>> {
    if !selection.remembered {
        return BTreeMap::new();
    }
    let anew: BTreeSet<&Identity> =
        selection.replace.iter().filter_map(|address| Some(&desired.get(address)?.identity)).collect();
    let stays: BTreeSet<&Identity> = desired.values().map(|wanted| &wanted.identity).collect();
    let open: BTreeSet<&Identity> = open.iter().map(|intent| &intent.identity).collect();
    let shared = |identity: &Identity| setup.schemas.get(&identity.kind).is_none_or(|schema| schema.shared);
    let family = |identity: &Identity| anew.iter().any(|other| setup.schemas.is_within(identity, other));
    let kept = records.values().filter(|record| {
        let identity = &record.identity;
        stays.contains(identity)
            && !anew.contains(identity)
            && !family(identity)
            && !open.contains(identity)
            && !shared(identity)
            && !record.accepted_absent
    });
    kept.map(|record| (record.identity.clone(), Some(observed(record)))).collect()
}

/// Returns a resource as it was when it was last settled.
fn observed(record: &Record) -> Live {
    Live {
        attributes: record.observed(),
        outputs: record.outputs.clone(),
        modified: None,
        package: record
            .package
            .as_ref()
            .map(|package| PackageFacts { checksum: package.checksum.clone(), size: 0 }),
        archive: None,
    }
}

fn local_code(wanted: &Wanted) -> Attributes {
    let code = wanted.attributes.iter().filter(|(path, _)| path.is_code());
    code.filter_map(|(path, planned)| Some((path.clone(), planned.known()?.clone()))).collect()
}

/// Returns whose the state of a project is.
pub fn owner(configuration: &FilePath, desired: &Desired, cloud: &str, account: String) -> Owner {
    let file = configuration.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let environment = desired.environment.clone();
    Owner { project: desired.project.clone(), file, cloud: cloud.to_owned(), account, environment }
}

/// Refuses what another project, file, cloud, account or environment left in a store.
pub fn check_owner(store: &LocalStore, kept: &Kept, ours: &Owner) -> Result<(), Failure> {
    let describe = |owner: &Owner| {
        let Owner { project, file, cloud, account, environment } = owner;
        let environment = environment.as_ref().map(|name| format!(", environment `{name}`"));
        let environment = environment.unwrap_or_default();
        format!("project `{project}` (`{file}`{environment}) on the {cloud} cloud, account {account}")
    };
    let state = kept.state.as_ref().map(|state| (store.state_path(), &state.owner));
    let journal = kept.journal.as_ref().map(|journal| (store.journal_path(), &journal.header.owner));
    match [state, journal].into_iter().flatten().find(|(_, theirs)| *theirs != ours) {
        Some((path, theirs)) => Err(Failure::ForeignState {
            path: path.display().to_string(),
            theirs: describe(theirs),
            ours: describe(ours),
        }),
        None => Ok(()),
    }
}

/// The salt of a plan without a state: the same on every machine, and not secret.
pub(super) fn derived_salt(owner: &Owner) -> Vec<u8> {
    let Owner { project, file, cloud, account, environment } = owner;
    let environment = environment.as_ref().map(|name| format!("\0{name}")).unwrap_or_default();
    Digest::of(format!("{project}\0{file}\0{cloud}\0{account}{environment}").as_bytes()).as_bytes().to_vec()
}

/// The desired side: secrets sealed, code read.
fn desired(
    setup: &Setup,
    owner: &Owner,
    selection: &Selection,
    sealer: &Sealer,
    shelf: &Shelf,
    secrets: &mut Secrets,
) -> Result<BTreeMap<Address, Wanted>, Failure> {
    if selection.destroy {
        return Ok(BTreeMap::new());
    }
    let folder = setup.configuration.parent().unwrap_or(FilePath::new("."));
    let mut folders = Folders::default();
    let mut problems: Vec<Diagnostic> = Vec::new();
    let mut desired = BTreeMap::new();
    for (address, declared) in &setup.desired.resources {
        let Some(identity) = identity_of(&setup.desired, owner, address) else { continue };
        let place = declared.spans.get(&Path::root()).cloned();
        let mut wanted = Wanted {
            identity,
            parent: declared.parent.clone(),
            attributes: declared.attributes.clone(),
            depends_on: declared.depends_on.clone(),
            place,
        };
        seal(setup, sealer, &mut wanted, |path, clear| {
            secrets.entry(address.clone()).or_default().insert(path.clone(), clear);
        });
        if let Some(code) = &declared.code {
            match folders.tree(&folder.join(&code.path), shelf) {
                Ok(tree) => {
                    let code = tree.attributes().into_iter().map(|(path, value)| (path, value.into()));
                    wanted.attributes.extend(code);
                }
                Err(error) => problems.push(code_diagnostic(&error, &code.span)),
            }
        }
        desired.insert(address.clone(), wanted);
    }
    if problems.is_empty() { Ok(desired) } else { Err(Failure::Input(problems)) }
}

/// Puts digests in the place of secrets, and hands these out.
fn seal(setup: &Setup, sealer: &Sealer, wanted: &mut Wanted, mut secret: impl FnMut(&Path, Value)) {
    let Some(schema) = setup.schemas.get(&wanted.identity.kind) else { return };
    for (path, planned) in &mut wanted.attributes {
        if let Planned::Known(value) = planned
            && sealer.is_secret(schema, path)
            && !matches!(value, Value::Sealed(_))
        {
            let sealed = sealer.seal(&wanted.identity, path, value);
            secret(path, std::mem::replace(value, sealed));
        }
    }
}

fn children(found: BTreeMap<Identity, Vec<Resource>>) -> BTreeMap<Identity, Vec<Child>> {
    let child = |resource: Resource| Child { identity: resource.identity, modified: resource.modified };
    found.into_iter().map(|(parent, children)| (parent, children.into_iter().map(child).collect())).collect()
}
