//! From three sides and the decisions to a plan, told top to bottom.

use std::collections::{BTreeMap, BTreeSet};

use super::order::{dependencies_first, steps};
use super::weigh::Scale;
use super::{
    Action, Change, Choice, Live, PathChange, PathOutcome, Plan, PlanInput, Question, QuestionKind,
    Unmanaged, Wanted,
};
use crate::diag::Diagnostic;
use crate::diff::{Class, Existence};
use crate::model::{
    Address, Attributes, DesiredAttributes, Fingerprint, Identity, Kind, Order, OutputRef, Part, Path,
    Planned, Schema, Tree, Value, Whence,
};
use crate::state::{Record, Recorded};

/// Computes a plan.
///
/// Fails only where no plan can be made: the service would refuse the result, or a removal would take live
/// children along that are somebody else's. Open decisions are no failure; they stand in the plan.
pub fn build(mut input: PlanInput<'_>) -> Result<Plan, Vec<Diagnostic>> {
    let recorded = std::mem::take(&mut input.records);
    let desired = std::mem::take(&mut input.desired);
    let records = follow_moves(&recorded, &desired);
    let mut families = BTreeMap::<_, Vec<Address>>::new();
    for (address, Kept { record, .. }) in &records {
        if let Some(parent) = &record.identity.parent {
            families
                .entry((record.identity.region.clone(), parent.clone()))
                .or_default()
                .push(address.clone());
        }
    }
    let mut builder = Builder {
        input,
        records,
        families,
        parents: BTreeMap::new(),
        changes: BTreeMap::new(),
        problems: Vec::new(),
    };

    let sources =
        |address: &Address| desired.get(address).into_iter().flat_map(|wanted| &wanted.depends_on).collect();
    for address in dependencies_first(sources, desired.keys()) {
        if let Some(wanted) = desired.get(address) {
            builder.declared(address, wanted);
        }
    }
    // Parents first: a child that left follows its parent.
    let left = builder.records.keys().filter(|address| !desired.contains_key(*address)).cloned();
    let (children, parents): (Vec<Address>, Vec<Address>) =
        left.partition(|address| builder.records[address].record.identity.parent.is_some());
    for address in parents.iter().chain(&children) {
        builder.left(address);
    }
    for (address, wanted) in &desired {
        builder.check_refused(address, wanted);
    }
    let unmanaged = builder.unmanaged();
    builder.check_removals(&unmanaged);
    let Builder { input, changes, problems, .. } = builder;
    if !problems.is_empty() {
        return Err(problems);
    }
    let steps = steps(&changes, &recorded);
    Ok(Plan { owner: input.owner, basis: input.basis, changes, unmanaged, left_out: input.left_out, steps })
}

struct Builder<'a> {
    input: PlanInput<'a>,
    records: BTreeMap<Address, Kept>,
    /// The recorded children of each parent, by its region and name.
    families: BTreeMap<(String, String), Vec<Address>>,
    /// The planned parents, by the identity that their recorded children know.
    parents: BTreeMap<(String, String, String), Address>,
    changes: BTreeMap<Address, Change>,
    problems: Vec<Diagnostic>,
}

/// A record under the address that it will have.
struct Kept {
    moved_from: Option<Address>,
    record: Record,
}

/// Gives each record the address that the configuration now has for its identity.
///
/// When an address that left and one that entered mean the same live resource, that is a move.
fn follow_moves(
    records: &BTreeMap<Address, Record>,
    desired: &BTreeMap<Address, Wanted>,
) -> BTreeMap<Address, Kept> {
    let entered: BTreeMap<&Identity, &Address> = desired
        .iter()
        .filter(|(address, wanted)| {
            records.get(*address).is_none_or(|record| record.identity != wanted.identity)
        })
        .map(|(address, wanted)| (&wanted.identity, address))
        .collect();
    let mut kept = BTreeMap::new();
    let mut moved = Vec::new();
    for (address, record) in records {
        let stays = desired.get(address).is_some_and(|wanted| wanted.identity == record.identity);
        match entered.get(&record.identity).filter(|to| !stays && **to != address) {
            Some(to) => moved.push(((*to).clone(), address.clone(), record.clone())),
            None => {
                kept.insert(address.clone(), Kept { moved_from: None, record: record.clone() });
            }
        }
    }
    // A move may take the address of a record that moves on, or of one that is replaced under its old address;
    // the latter keeps its record, and the newcomer is then a resource that exists already.
    for (to, from, record) in moved {
        kept.entry(to).or_insert(Kept { moved_from: Some(from), record });
    }
    kept
}

impl Builder<'_> {
    fn schema(&self, kind: &str) -> Option<&'static Schema> {
        self.input.schemas.get(kind)
    }

    fn live(&self, identity: &Identity) -> Option<&Live> {
        self.input.live.get(identity)?.as_ref()
    }

    /// Plans a resource that the configuration declares.
    fn declared(&mut self, address: &Address, wanted: &Wanted) {
        let Some(schema) = self.schema(&wanted.identity.kind) else { return };
        let kept = self.records.get(address);
        let record = kept.map(|kept| kept.record.clone());
        let live = self.live(&wanted.identity).cloned();
        let (desired, live, record) = self.aligned(schema, wanted, live, record);

        let mut change = Change {
            address: address.clone(),
            moved_from: kept.and_then(|kept| kept.moved_from.clone()),
            identity: wanted.identity.clone(),
            old_identity: None,
            parent: wanted.parent.clone(),
            action: Action::Keep,
            question: None,
            paths: BTreeMap::new(),
            depends_on: wanted.depends_on.clone(),
            fingerprint: live.as_ref().map(|live| Fingerprint::of(&wanted.identity, &live.attributes)),
            desired,
            live,
            old_live: None,
        };
        let renamed = record.as_ref().is_some_and(|record| record.identity != wanted.identity);
        if let (true, Some(record)) = (renamed, &record) {
            self.renamed(&mut change, record, schema);
        } else {
            let owned =
                record.as_ref().is_some_and(|record| !(record.accepted_absent && change.live.is_some()));
            match Existence::of(true, owned, change.live.is_some()) {
                Existence::New => self.new_here(&mut change),
                Existence::Foreign => self.foreign(&mut change, schema),
                Existence::DeletedOnline => self.deleted_online(&mut change, record.as_ref()),
                _ => self.settled(&mut change, record.as_ref(), schema),
            }
        }
        self.insert(change);
    }

    fn insert(&mut self, change: Change) {
        let known = change.old_identity.as_ref().unwrap_or(&change.identity);
        let key = (known.kind.clone(), known.region.clone(), known.name.clone());
        if known.parent.is_none() {
            self.parents.insert(key, change.address.clone());
        }
        self.changes.insert(change.address.clone(), change);
    }

    /// Resolves what is promised and already known, and makes opaque code one path on every side.
    fn aligned(
        &self,
        schema: &Schema,
        wanted: &Wanted,
        live: Option<Live>,
        record: Option<Record>,
    ) -> (DesiredAttributes, Option<Live>, Option<Record>) {
        let resolve = |(path, planned): (&Path, &Planned)| {
            (path.clone(), self.resolved(schema, &wanted.identity, path, planned))
        };
        let mut desired: DesiredAttributes = wanted.attributes.iter().map(resolve).collect();
        let (mut live, mut record) = (live, record);
        let whole = Path::field("code");
        let opaque = live.as_ref().is_some_and(|live| live.attributes.contains_key(&whole))
            || record.as_ref().is_some_and(|record| record.paths.contains_key(&whole));
        if opaque {
            let known = desired.iter().filter_map(|(path, planned)| Some((path, planned.known()?)));
            if let Some(code) = one_package(known) {
                desired.retain(|path, _| !path.is_code());
                desired.insert(whole.clone(), Planned::Known(code));
            }
            if let Some(live) = &mut live
                && let Some(code) = one_package(live.attributes.iter())
            {
                live.attributes.retain(|path, _| !path.is_code());
                live.attributes.insert(whole.clone(), code);
            }
            if let Some(record) = &mut record {
                let side = |pick: fn(&Recorded) -> Option<&Value>| {
                    one_package(
                        record.paths.iter().filter_map(|(path, recorded)| Some((path, pick(recorded)?))),
                    )
                };
                let declared = side(|recorded| recorded.declared.as_ref());
                let observed = side(|recorded| recorded.observed.as_ref());
                let accepted =
                    record.paths.iter().any(|(path, recorded)| path.is_code() && recorded.accepted);
                record.paths.retain(|path, _| !path.is_code());
                record.settle(&whole, Recorded { declared, observed, accepted });
            }
        }
        (desired, live, record)
    }

    fn resolved(&self, schema: &Schema, identity: &Identity, path: &Path, planned: &Planned) -> Planned {
        let Planned::Promised(template) = planned else { return planned.clone() };
        match template.resolve(|output| self.output(output)) {
            Ok(value) => Planned::Known(finished(&self.input, schema, identity, path, value)),
            Err(_) => planned.clone(),
        }
    }

    /// Returns an output that will not change in this apply.
    fn output(&self, output: &OutputRef) -> Option<Value> {
        if let Some(change) = self.changes.get(&output.address) {
            let open = change.paths.values().any(|path| matches!(path.outcome, PathOutcome::Open(_)))
                || change.question.as_ref().is_some_and(|question| question.decision.is_none());
            let live = change.live.as_ref().filter(|_| !change.writes() && !open)?;
            return live.outputs.get(&output.output).cloned();
        }
        let kept = self.records.get(&output.address).map(|kept| &kept.record);
        kept.or(self.input.outside.get(&output.address))?.outputs.get(&output.output).cloned()
    }

    fn new_here(&self, change: &mut Change) {
        if self.parent_stays_absent(change) {
            change.action = Action::Record;
            change.question = Some(Question {
                kind: QuestionKind::DeletedOnline,
                decision: Some(Choice::UseLive),
                covered_by: change.parent.clone(),
            });
            return;
        }
        create(change);
    }

    /// Returns whether the parent is absent and no decision makes it again.
    fn parent_stays_absent(&self, change: &Change) -> bool {
        let parent = change.parent.as_ref().and_then(|parent| self.changes.get(parent));
        parent.is_some_and(|parent| parent.live.is_none() && !parent.writes())
    }

    /// It exists and was not deployed from here.
    fn foreign(&self, change: &mut Change, schema: &'static Schema) {
        let decision = self.input.decisions.of(&change.address, &Path::root());
        change.question = Some(Question { kind: QuestionKind::Exists, decision, covered_by: None });
        change.action = Action::TakeOver;
        self.compare_foreign(change, schema, decision);
    }

    /// Code is declared whole and replaced whole; of everything else only what is declared is written.
    fn compare_foreign(&self, change: &mut Change, schema: &'static Schema, decision: Option<Choice>) {
        let live = change.live.clone().unwrap_or_default().attributes;
        let paths: BTreeSet<&Path> = change.desired.keys().chain(live.keys()).collect();
        let mut found = BTreeMap::new();
        for path in paths {
            if is_somebodys_route(schema, path, &change.desired, None) {
                continue;
            }
            let desired = change.desired.get(path);
            let live = live.get(path);
            let agree = desired.is_some() && desired.and_then(Planned::known) == live;
            let silent = desired.is_none() && !path.is_code();
            let answer = self.input.decisions.of(&change.address, path).or(decision);
            let (class, outcome) = match answer {
                _ if agree || silent => (Class::Converged, PathOutcome::Record),
                Some(Choice::UseLocal) => (Class::Conflict, PathOutcome::Write(desired.cloned())),
                Some(Choice::UseLive) => (Class::Conflict, PathOutcome::Accept),
                None => (Class::Conflict, PathOutcome::Open(Some(desired.cloned()))),
            };
            let decision = answer.filter(|_| class == Class::Conflict);
            let replaces = schema.attribute(path).is_some_and(|(attribute, _)| attribute.replaces);
            let (desired, live) = (desired.cloned(), live.cloned());
            let inner =
                PathChange { desired, recorded: None, live, class, decision, outcome, replaces, hint: None };
            found.insert(path.clone(), inner);
        }
        change.paths = found;
    }

    fn deleted_online(&self, change: &mut Change, record: Option<&Record>) {
        let accepted = record.is_some_and(|record| record.accepted_absent);
        if accepted && record.is_some_and(|record| says_the_same(&change.desired, record)) {
            return; // let go before, and nothing moved since
        }
        let parent = change.parent.as_ref().and_then(|parent| self.changes.get(parent));
        let covered_by = parent.filter(|parent| parent.live.is_none() || parent.old_identity.is_some());
        let decision = match covered_by {
            Some(parent) if parent.writes() => Some(Choice::UseLocal),
            Some(parent) => match &parent.question {
                Some(question) => question.decision,
                None => Some(Choice::UseLive), // the parent was let go before
            },
            None => self.input.decisions.of(&change.address, &Path::root()),
        };
        change.question = Some(Question {
            kind: QuestionKind::DeletedOnline,
            decision,
            covered_by: covered_by.map(|p| p.address.clone()),
        });
        match decision {
            Some(Choice::UseLocal) => create(change),
            Some(Choice::UseLive) => change.action = Action::Record,
            None => change.action = Action::Keep,
        }
    }

    /// The diff itself: every path of a resource that is on all three sides.
    fn settled(&self, change: &mut Change, record: Option<&Record>, schema: &'static Schema) {
        let live = change.live.clone().unwrap_or_default().attributes;
        let empty = BTreeMap::new();
        let recorded = record.map_or(&empty, |record| &record.paths);
        let version = record.map_or(0, |record| record.schema);
        let paths: BTreeSet<&Path> =
            change.desired.keys().chain(recorded.keys()).chain(live.keys()).collect();
        let nothing = Recorded::default();
        let mut found = BTreeMap::new();
        for path in paths {
            let Some((attribute, _)) = schema.attribute(path) else { continue };
            if is_somebodys_route(schema, path, &change.desired, Some(recorded)) {
                continue;
            }
            let past = match recorded.get(path) {
                None if attribute.since > version => None,
                past => Some(past.unwrap_or(&nothing)),
            };
            let live = match attribute.whence {
                Whence::WriteOnly => past.and_then(|past| past.observed.as_ref()),
                Whence::Answered => live.get(path),
            };
            let scale = Scale { schema, path, desired: change.desired.get(path), recorded: past, live };
            let decision = self.input.decisions.of(&change.address, path);
            let reopened = self.input.decisions.reopens(&change.address, path);
            if let Some(inner) = scale.weigh(decision, reopened) {
                found.insert(path.clone(), inner);
            }
        }
        change.paths = found;
        change.action = match () {
            () if change.written().any(|(path, _)| change.paths[path].replaces) => Action::Replace,
            () if change.written().next().is_some() => Action::Update,
            () if change
                .paths
                .values()
                .any(|path| !matches!(path.outcome, PathOutcome::Keep | PathOutcome::Open(_))) =>
            {
                Action::Record
            }
            () => Action::Keep,
        };
        if change.action == Action::Replace {
            change.desired = composed(change, &live);
        }
    }

    /// It has a new name or region: a new resource, and the old one goes last.
    fn renamed(&self, change: &mut Change, record: &Record, schema: &'static Schema) {
        let old = self.live(&record.identity).cloned();
        let exists = change.live.is_some();
        if exists {
            self.foreign(change, schema);
        }
        let Some(old_live) = old else {
            if !exists {
                create(change);
            }
            return;
        };
        change.old_identity = Some(record.identity.clone());
        let drifted = self.family_drifted(record, &old_live, schema);
        change.old_live = Some(old_live);
        if exists {
            return; // the one question covers both
        }
        change.action = Action::Replace;
        if drifted {
            let parent = change.parent.as_ref().and_then(|parent| self.changes.get(parent));
            let covering = parent.filter(|parent| parent.old_identity.is_some());
            let decision = match covering {
                Some(parent) => {
                    parent.question.as_ref().map_or(Some(Choice::UseLocal), |question| question.decision)
                }
                None => self.input.decisions.of(&change.address, &Path::root()),
            };
            let covered_by = covering.map(|parent| parent.address.clone());
            change.question = Some(Question { kind: QuestionKind::ReplacedAndDrifted, decision, covered_by });
        }
    }

    /// Plans a resource that is recorded and no longer declared.
    fn left(&mut self, address: &Address) {
        let Kept { record, .. } = &self.records[address];
        let Some(schema) = self.schema(&address.kind) else { return };
        let live = self.live(&record.identity).cloned();
        let parent = self.parent_of(&record.identity);
        let mut change = Change {
            address: address.clone(),
            moved_from: None,
            identity: record.identity.clone(),
            old_identity: None,
            parent: parent.map(|parent| parent.address.clone()),
            action: Action::Forget,
            question: None,
            paths: BTreeMap::new(),
            desired: DesiredAttributes::new(),
            depends_on: BTreeSet::new(),
            fingerprint: live.as_ref().map(|live| Fingerprint::of(&record.identity, &live.attributes)),
            live,
            old_live: None,
        };
        if let (Some(live), false) = (&change.live, record.accepted_absent) {
            let following = parent.filter(|parent| self.leaves(parent));
            change.action = match following {
                Some(parent) if parent.action == Action::Forget => Action::Forget,
                _ if has_somebodys_route(schema, live, record) => Action::Release,
                _ => Action::Delete,
            };
            let drift = self.drift(record, live, schema);
            let children = following.is_none() && self.children_drifted(record);
            if !drift.is_empty() || children {
                let decision = match following {
                    Some(parent) => {
                        parent.question.as_ref().map_or(Some(Choice::UseLocal), |question| question.decision)
                    }
                    None => self.input.decisions.of(address, &Path::root()),
                };
                let covered_by = following.map(|parent| parent.address.clone());
                change.question = Some(Question { kind: QuestionKind::LeftAndDrifted, decision, covered_by });
                change.action = match decision {
                    Some(Choice::UseLocal) => change.action,
                    Some(Choice::UseLive) => Action::Forget,
                    None => Action::Keep,
                };
            }
            change.paths = drift;
            if change.action == Action::Release {
                change.paths.extend(released(record, live));
            }
        }
        self.insert(change);
    }

    /// Returns whether a recorded parent goes, or waits for the answer whether it goes.
    fn leaves(&self, parent: &Change) -> bool {
        let asked =
            parent.question.as_ref().is_some_and(|question| question.kind == QuestionKind::LeftAndDrifted);
        asked || matches!(parent.action, Action::Delete | Action::Forget)
    }

    /// Returns the planned change of the resource that an identity belongs to.
    fn parent_of(&self, identity: &Identity) -> Option<&Change> {
        let parent = identity.parent.as_ref()?;
        let kind = self.schema(&identity.kind)?.parent?;
        let address = self.parents.get(&(kind.to_owned(), identity.region.clone(), parent.clone()))?;
        self.changes.get(address)
    }

    /// Returns the paths of a record that moved in the cloud since it was settled.
    fn drift(&self, record: &Record, live: &Live, schema: &'static Schema) -> BTreeMap<Path, PathChange> {
        let paths: BTreeSet<&Path> = record.paths.keys().chain(live.attributes.keys()).collect();
        let nothing = Recorded::default();
        let mut drift = BTreeMap::new();
        for path in paths {
            let Some((attribute, _)) = schema.attribute(path) else { continue };
            let foreign = is_somebodys_route(schema, path, &DesiredAttributes::new(), Some(&record.paths));
            if foreign
                || attribute.whence == Whence::WriteOnly
                || (attribute.since > record.schema && !record.paths.contains_key(path))
            {
                continue;
            }
            let past = record.paths.get(path).unwrap_or(&nothing);
            let live = live.attributes.get(path);
            if live != past.observed.as_ref() {
                let inner = PathChange {
                    desired: None,
                    recorded: Some(past.clone()),
                    live: live.cloned(),
                    class: Class::Drift,
                    decision: None,
                    outcome: PathOutcome::Keep,
                    replaces: false,
                    hint: None,
                };
                drift.insert(path.clone(), inner);
            }
        }
        drift
    }

    fn family_drifted(&self, record: &Record, live: &Live, schema: &'static Schema) -> bool {
        !self.drift(record, live, schema).is_empty() || self.children_drifted(record)
    }

    fn children_drifted(&self, parent: &Record) -> bool {
        let key = (parent.identity.region.clone(), parent.identity.name.clone());
        let children =
            self.families.get(&key).into_iter().flatten().filter_map(|address| self.records.get(address));
        children.filter(|_| parent.identity.parent.is_none()).any(|Kept { record, .. }| {
            let live = self.live(&record.identity);
            let schema = self
                .schema(&record.identity.kind)
                .filter(|schema| schema.parent == Some(parent.identity.kind.as_str()));
            schema.zip(live).is_some_and(|(schema, live)| !self.drift(record, live, schema).is_empty())
        })
    }

    /// Asks the service's rules about every resource that will be written.
    fn check_refused(&mut self, address: &Address, wanted: &Wanted) {
        let Some(change) = self.changes.get(address).filter(|change| change.writes()) else { return };
        let live = change.live.clone().unwrap_or_default().attributes;
        let whole = match change.action {
            Action::Create | Action::Replace => known(&change.desired),
            _ => known(&composed(change, &live)),
        };
        for refusal in (self.input.refuses)(&address.kind, &whole) {
            let problem = Diagnostic::error("E0301", format!("{address}: {refusal}"));
            self.problems.push(problem.help(format!("the resource is declared at {}", wanted.place)));
        }
    }

    /// Returns the live children of managed parents that nobody here declared.
    fn unmanaged(&self) -> Vec<Unmanaged> {
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
                        unmanaged.push(Unmanaged { address, identity, modified });
                    }
                }
            }
        }
        unmanaged
    }

    /// Refuses to remove a parent of live children that are somebody else's.
    fn check_removals(&mut self, unmanaged: &[Unmanaged]) {
        for change in self.changes.values() {
            let gone = match change.action {
                Action::Delete => &change.identity,
                Action::Replace | Action::TakeOver if super::order::deletes_old(change) => {
                    change.old_identity.as_ref().unwrap_or(&change.identity)
                }
                _ => continue,
            };
            let kept = unmanaged.iter().filter(|child| {
                child.identity.parent.as_ref() == Some(&gone.name) && child.identity.region == gone.region
            });
            let names: Vec<String> = kept.map(|child| child.address.to_string()).collect();
            if !names.is_empty() {
                let what = format!(
                    "{} cannot be deleted: somebody added {} to it online",
                    change.address,
                    names.join(", ")
                );
                let problem = Diagnostic::error("E0302", what);
                self.problems.push(
                    problem.help(
                        "remove it online or import it first, or keep the resource in the configuration",
                    ),
                );
            }
        }
    }
}

fn create(change: &mut Change) {
    change.action = Action::Create;
    change.paths = BTreeMap::new();
}

/// Returns whether the configuration still says what was declared when the absence was accepted.
fn says_the_same(desired: &DesiredAttributes, record: &Record) -> bool {
    let declared =
        record.paths.iter().filter_map(|(path, recorded)| Some((path, recorded.declared.as_ref()?)));
    let declared: BTreeMap<&Path, &Value> = declared.collect();
    // A value that is still promised was promised then, and recorded as not known.
    let desired: BTreeMap<&Path, &Value> =
        desired.iter().filter_map(|(path, planned)| Some((path, planned.known()?))).collect();
    declared == desired
}

/// Returns the resource as it will be: live, with what is written laid over it.
fn composed(change: &Change, live: &Attributes) -> DesiredAttributes {
    let mut whole: DesiredAttributes =
        live.iter().map(|(path, value)| (path.clone(), value.clone().into())).collect();
    for (path, value) in change.written() {
        match value {
            Some(value) => whole.insert(path.clone(), value.clone()),
            None => whole.remove(path),
        };
    }
    whole
}

fn known(attributes: &DesiredAttributes) -> Attributes {
    attributes.iter().filter_map(|(path, planned)| Some((path.clone(), planned.known()?.clone()))).collect()
}

/// Puts a value that became known into the form that compares.
fn finished(input: &PlanInput<'_>, schema: &Schema, identity: &Identity, path: &Path, value: Value) -> Value {
    let value = match schema.attribute(path) {
        Some((attribute, false)) => attribute.kind.normalise(value),
        _ => Kind::Text(&[]).normalise(value),
    };
    if input.sealer.is_secret(schema, path) { input.sealer.seal(identity, path, &value) } else { value }
}

/// Returns the code of one side as one value, where it has code.
fn one_package<'a>(attributes: impl Iterator<Item = (&'a Path, &'a Value)>) -> Option<Value> {
    let mut tree = Tree::default();
    for (path, value) in attributes.filter(|(path, _)| path.is_code()) {
        match (path.code_file(), value) {
            (Some(file), Value::File(entry)) => {
                tree.files.insert(file.to_owned(), *entry);
            }
            (None, value) => return Some(value.clone()),
            _ => {}
        }
    }
    (!tree.files.is_empty()).then(|| tree.as_package())
}

/// Returns the element of a shared resource's keyed list that a path is in: the list's path and the key.
fn shared_element(schema: &Schema, path: &Path) -> Option<Path> {
    if !schema.shared {
        return None;
    }
    let at = path.parts().iter().position(|part| matches!(part, Part::Key(_)))?;
    let list: Path = path.parts()[..at].iter().cloned().collect();
    let keyed = matches!(schema.attribute(&list), Some((attribute, _)) if matches!(attribute.kind, Kind::List(_, Order::Keyed(_))));
    keyed.then(|| path.parts()[..=at].iter().cloned().collect())
}

/// Returns whether a path is in an element of a shared resource that was never declared here.
fn is_somebodys_route(
    schema: &Schema,
    path: &Path,
    desired: &DesiredAttributes,
    recorded: Option<&BTreeMap<Path, Recorded>>,
) -> bool {
    let Some(element) = shared_element(schema, path) else { return false };
    // Paths of one element stand next to each other, right behind it.
    let declared = desired.range(&element..).next().is_some_and(|(path, _)| path.is_within(&element));
    let was = recorded.is_some_and(|recorded| {
        let mut inside = recorded.range(&element..).take_while(|(path, _)| path.is_within(&element));
        inside.any(|(_, recorded)| recorded.declared.is_some())
    });
    !declared && !was
}

fn has_somebodys_route(schema: &Schema, live: &Live, record: &Record) -> bool {
    let nothing = DesiredAttributes::new();
    live.attributes.keys().any(|path| is_somebodys_route(schema, path, &nothing, Some(&record.paths)))
}

/// Returns the writes that remove our elements of a shared resource.
fn released(record: &Record, live: &Live) -> BTreeMap<Path, PathChange> {
    let ours = record.paths.iter().filter(|(path, recorded)| {
        recorded.declared.is_some() && path.parts().iter().any(|part| matches!(part, Part::Key(_)))
    });
    ours.map(|(path, recorded)| {
        let inner = PathChange {
            desired: None,
            recorded: Some(recorded.clone()),
            live: live.attributes.get(path).cloned(),
            class: Class::Edit,
            decision: None,
            outcome: PathOutcome::Write(None),
            replaces: false,
            hint: None,
        };
        (path.clone(), inner)
    })
    .collect()
}
