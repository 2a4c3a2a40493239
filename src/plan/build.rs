//! From three sides and the decisions to a plan, told top to bottom.

use std::collections::{BTreeMap, BTreeSet};

use super::code::{align, unpacked};
use super::decision::Answers;
use super::element;
use super::guard::occupied;
use super::leave::is_moved;
use super::lifecycle::{as_named, declared_moves};
use super::moves::{Kept, follow_moves};
use super::order::{dependencies_first, steps};
use super::weigh::Scale;
use super::{
    Action, Change, Choice, Hint, Live, PathChange, PathOutcome, Plan, PlanInput, Question, QuestionKind,
    Wanted,
};
use crate::diag::Diagnostic;
use crate::diff::{Class, Existence};
use crate::model::{
    Address, Attributes, DesiredAttributes, Fingerprint, Identity, Kind, OutputRef, Path, Planned, Schema,
    Value, Whence,
};
use crate::state::{Record, Recorded};

/// Computes a plan.
///
/// Fails only where no plan can be made: something was not read, the service would refuse the result, or a
/// removal would take live children along that are somebody else's. Open decisions are no failure; they stand
/// in the plan.
pub fn build(mut input: PlanInput<'_>) -> Result<Plan, Vec<Diagnostic>> {
    // What is left out may have come along; it is neither compared nor changed.
    let left_out = std::mem::take(&mut input.left_out);
    let mut desired = std::mem::take(&mut input.desired);
    desired.retain(|address, _| !left_out.contains(address));
    let (outside, records): (BTreeMap<_, _>, BTreeMap<_, _>) =
        std::mem::take(&mut input.records).into_iter().partition(|(address, _)| left_out.contains(address));
    input.outside.extend(outside);

    let declared = declared_moves(input.lifecycle, &records, input.schemas);
    let problems = occupied(&declared, &records, input.lifecycle);
    if !problems.is_empty() {
        return Err(problems);
    }
    let records = follow_moves(records, &desired, &declared);
    let mut families = BTreeMap::<Identity, Vec<Address>>::new();
    for (address, Kept { record, .. }) in &records {
        if let Some(parent) = input.schemas.parent_of(&record.identity) {
            families.entry(parent).or_default().push(address.clone());
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
    builder.check_read(&desired);

    let sources = |address: &Address| {
        let wanted = desired.get(address).into_iter();
        wanted.flat_map(|wanted| wanted.depends_on.iter().chain(&wanted.parent)).collect()
    };
    for address in dependencies_first(sources, desired.keys()) {
        if let Some(wanted) = desired.get(address) {
            builder.declared(address, wanted);
        }
    }
    // Parents first: a child that left follows its parent.
    let left = builder.records.keys().filter(|address| !desired.contains_key(*address)).cloned();
    let mut left: Vec<Address> = left.collect();
    left.sort_by_key(|address| builder.records[address].record.identity.depth());
    for address in &left {
        builder.left(address);
    }
    for (address, wanted) in &desired {
        builder.check_refused(address, wanted);
    }
    builder.check_promises();
    builder.check_lives();
    let unmanaged = builder.unmanaged();
    builder.check_removals(&unmanaged);
    builder.check_remembered();
    let Builder { input, records, changes, problems, .. } = builder;
    let skipped = input.skipped;
    if !problems.is_empty() {
        return Err(problems);
    }
    let steps = steps(&changes, &records, input.schemas, &|address| {
        as_named(&input.lifecycle.create_before_destroy, address).is_some()
    });
    let recalled = |change: &&Change| input.remembered.contains(&change.identity);
    let remembered = changes.values().filter(recalled).map(|change| change.address.clone()).collect();
    let (owner, basis) = (input.owner, input.basis);
    Ok(Plan { owner, basis, changes, unmanaged, left_out, skipped, remembered, steps, undo: None })
}

pub(super) struct Builder<'a> {
    pub input: PlanInput<'a>,
    pub records: BTreeMap<Address, Kept>,
    /// The recorded children of each parent.
    pub families: BTreeMap<Identity, Vec<Address>>,
    /// The planned resources, by every identity that their recorded children may know.
    pub parents: BTreeMap<Identity, Address>,
    pub changes: BTreeMap<Address, Change>,
    pub problems: Vec<Diagnostic>,
}

impl Builder<'_> {
    pub(super) fn schema(&self, kind: &str) -> Option<&'static Schema> {
        self.input.schemas.get(kind)
    }

    pub(super) fn live(&self, identity: &Identity) -> Option<&Live> {
        self.input.live.get(identity)?.as_ref()
    }

    /// Refuses to plan what nobody has read: not read is not absent.
    fn check_read(&mut self, desired: &BTreeMap<Address, Wanted>) {
        let wanted = desired.iter().map(|(address, wanted)| (address, &wanted.identity));
        let recorded = self.records.iter().map(|(address, kept)| (address, &kept.record.identity));
        let unread = wanted.chain(recorded).filter(|(_, identity)| !self.input.live.contains_key(identity));
        let problems: Vec<Diagnostic> = unread
            .map(|(address, identity)| {
                let what =
                    format!("{address}: nobody has read `{identity}`, so nothing can be planned for it");
                Diagnostic::error("E0304", what)
            })
            .collect();
        self.problems.extend(problems);
    }

    /// Plans a resource that the configuration declares.
    fn declared(&mut self, address: &Address, wanted: &Wanted) {
        let Some(schema) = self.schema(&wanted.identity.kind) else { return };
        self.part_from_the_old(address, wanted);
        let kept = self.records.get(address);
        let mut live = self.live(&wanted.identity).cloned();
        let mut desired: DesiredAttributes = wanted
            .attributes
            .iter()
            .map(|(path, planned)| (path.clone(), self.resolved(schema, &wanted.identity, path, planned)))
            .collect();
        let whole = Path::field("code");
        let unpacked = kept.zip(live.as_ref()).and_then(|(kept, live)| unpacked(&kept.record, live));
        let opaque = live.as_ref().is_some_and(|live| live.attributes.contains_key(&whole))
            || (unpacked.is_none() && kept.is_some_and(|kept| kept.record.paths.contains_key(&whole)));
        let mut aligned = unpacked.or(kept.filter(|_| opaque).map(|kept| kept.record.clone()));
        if opaque {
            align(&mut desired, live.as_mut(), aligned.as_mut());
        }
        let record = aligned.as_ref().or(kept.map(|kept| &kept.record));

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
            old_paths: BTreeMap::new(),
            asked_anew: false,
            undo: None,
        };
        let answers = self.input.decisions.about(address);
        if let Some(record) = record.filter(|record| record.identity != wanted.identity) {
            self.renamed(&mut change, record, schema, &answers);
        } else {
            let owned = record.is_some_and(|record| !(record.accepted_absent && change.live.is_some()));
            match Existence::of(true, owned, change.live.is_some()) {
                Existence::New => self.new_here(&mut change),
                Existence::Foreign => self.foreign(&mut change, schema, &answers),
                Existence::DeletedOnline => self.deleted_online(&mut change, record, wanted, &answers),
                _ => self.settled(&mut change, record, schema, &answers),
            }
        }
        let misplaced = self.check_import(&change).filter(|_| !self.records.contains_key(address));
        self.problems.extend(misplaced);
        self.insert(change);
    }

    /// Lets the old resource leave by itself where no new one is made in its place: because one of the new name
    /// exists already, because its parent stays absent, or because its old parent goes another way than its new one.
    fn part_from_the_old(&mut self, address: &Address, wanted: &Wanted) {
        let parent = wanted.parent.as_ref().and_then(|parent| self.changes.get(parent));
        let absent = parent.is_some_and(|parent| parent.live.is_none() && !parent.writes());
        let renamed = |kept: &Kept| kept.record.identity != wanted.identity;
        let exists = self.live(&wanted.identity).is_some();
        let together = parent.and_then(|parent| parent.old_identity.as_ref()).map(Identity::full_name);
        let old = self.records.get(address).and_then(|kept| kept.record.identity.parent.clone());
        let apart = old.is_some() && together != old;
        if (absent || exists || apart)
            && self.records.get(address).is_some_and(renamed)
            && let Some(Kept { moved_from, record }) = self.records.remove(address)
        {
            let aside = address.parked(&record.identity);
            if let Some(parent) = self.input.schemas.parent_of(&record.identity) {
                let family = self.families.entry(parent).or_default();
                family.retain(|child| child != address);
                family.push(aside.clone());
            }
            let moved_from = moved_from.or_else(|| Some(address.clone()));
            self.records.insert(aside, Kept { moved_from, record });
        }
    }

    pub(super) fn insert(&mut self, change: Change) {
        for known in std::iter::once(&change.identity).chain(&change.old_identity) {
            self.parents.insert(known.clone(), change.address.clone());
        }
        self.changes.insert(change.address.clone(), change);
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
            if change.writes() || change.is_open() {
                return None;
            }
            if let Some(live) = &change.live {
                return live.outputs.get(&output.output).cloned();
            }
        }
        // Left out, or let go of: what it gave when it was last seen.
        let kept = self.records.get(&output.address).map(|kept| &kept.record);
        kept.or(self.input.outside.get(&output.address))?.outputs.get(&output.output).cloned()
    }

    fn planned_parent(&self, change: &Change) -> Option<&Change> {
        self.changes.get(change.parent.as_ref()?)
    }

    /// It is new here and absent there; a child waits for a parent that is absent.
    fn new_here(&self, change: &mut Change) {
        let absent = self.planned_parent(change).filter(|parent| parent.live.is_none() && !parent.writes());
        let Some(parent) = absent else { return create(change) };
        let decision = match &parent.question {
            Some(question) => question.decision,
            None => Some(Choice::UseLive), // it was let go before
        };
        change.action = if decision.is_some() { Action::Record } else { Action::Keep };
        let covered_by = Some(parent.address.clone());
        change.question = Some(Question { kind: QuestionKind::DeletedOnline, decision, covered_by });
    }

    /// It exists and was not deployed from here.
    fn foreign(&self, change: &mut Change, schema: &'static Schema, answers: &Answers<'_>) {
        // Whose it is was said by the project; who wins where the two differ was not.
        if self.imported(&change.address).is_none() {
            let decision = answers.of(&Path::root());
            change.question = Some(Question { kind: QuestionKind::Exists, decision, covered_by: None });
        }
        Self::compare_foreign(change, schema, answers);
        let remade = self.is_remade(change);
        let replaced = change.written().any(|(path, _)| change.paths[path].replaces);
        change.action = if remade || replaced { Action::Replace } else { Action::TakeOver };
    }

    /// Code is declared whole and replaced whole; of everything else only what is declared is written.
    fn compare_foreign(change: &mut Change, schema: &'static Schema, answers: &Answers<'_>) {
        let nothing = Attributes::new();
        let live = change.live.as_ref().map_or(&nothing, |live| &live.attributes);
        let paths: BTreeSet<&Path> = change.desired.keys().chain(live.keys()).collect();
        let unrecorded = BTreeMap::new();
        let mut found = BTreeMap::new();
        for path in paths {
            let Some((attribute, _)) = schema.attribute(path) else { continue };
            if element::is_somebodys(schema, path, &change.desired, &unrecorded) {
                continue;
            }
            let desired = change.desired.get(path);
            let live = live.get(path);
            let agree = match desired {
                Some(Planned::Known(value)) => live == Some(value),
                Some(Planned::Promised(_)) => false,
                None => !path.is_code(), // silence is agreement
            };
            let decision = answers.of(path).filter(|_| !agree);
            let (class, outcome) = match decision {
                _ if agree => (Class::Converged, PathOutcome::Record),
                Some(Choice::UseLocal) => (Class::Conflict, PathOutcome::Write(desired.cloned())),
                Some(Choice::UseLive) => (Class::Conflict, PathOutcome::Accept),
                None => (Class::Conflict, PathOutcome::Open(Some(desired.cloned()))),
            };
            let (desired, live, replaces) = (desired.cloned(), live.cloned(), attribute.replaces);
            let inner = PathChange {
                desired,
                recorded: None,
                live,
                class,
                decision,
                outcome,
                replaces,
                hint: None,
                rule: None,
            };
            found.insert(path.clone(), inner);
        }
        change.paths = found;
    }

    fn deleted_online(
        &self,
        change: &mut Change,
        record: Option<&Record>,
        wanted: &Wanted,
        answers: &Answers<'_>,
    ) {
        let parent = self.planned_parent(change);
        let covered_by = parent.filter(|parent| parent.live.is_none() || parent.old_identity.is_some());
        let made_again = covered_by.is_some_and(Change::writes);
        let let_go = record.is_some_and(|record| record.accepted_absent);
        if let_go && !made_again {
            let same = record.is_some_and(|record| says_the_same(&change.desired, wanted, record));
            if same && answers.brings_back() != Some(Choice::UseLocal) {
                return; // let go before, and nothing moved since
            }
        }
        let decision = match covered_by {
            Some(_) if made_again => Some(Choice::UseLocal),
            Some(parent) => match &parent.question {
                Some(question) => question.decision,
                None => Some(Choice::UseLive), // the parent was let go before
            },
            None => answers.of(&Path::root()),
        };
        change.question = Some(Question {
            kind: QuestionKind::DeletedOnline,
            decision,
            covered_by: covered_by.map(|parent| parent.address.clone()),
        });
        match decision {
            Some(Choice::UseLocal) => create(change),
            Some(Choice::UseLive) => change.action = Action::Record,
            None => change.action = Action::Keep,
        }
    }

    /// The diff itself: every path of a resource that is on all three sides.
    fn settled(
        &self,
        change: &mut Change,
        record: Option<&Record>,
        schema: &'static Schema,
        answers: &Answers<'_>,
    ) {
        let remade = self.is_remade(change);
        change.asked_anew = self.input.replace.contains(&change.address);
        let anew = remade || change.asked_anew;
        // A child that is made again with its parent has no decision of its own.
        let covering = self.planned_parent(change).filter(|_| remade);
        let covered = covering.and_then(|parent| parent.question.as_ref()).map(|question| question.decision);
        let nothing = Attributes::new();
        let live = change.live.as_ref().map_or(&nothing, |live| &live.attributes);
        let empty = BTreeMap::new();
        let recorded = record.map_or(&empty, |record| &record.paths);
        let version = record.map_or(0, |record| record.schema);
        let another = record.zip(change.live.as_ref()).is_some_and(|(record, live)| {
            let id = |outputs: &BTreeMap<String, Value>| outputs.get(schema.id?).cloned();
            id(&record.outputs).zip(id(&live.outputs)).is_some_and(|(recorded, live)| recorded != live)
        });
        let paths: BTreeSet<&Path> =
            change.desired.keys().chain(recorded.keys()).chain(live.keys()).collect();
        let nothing = Recorded::default();
        let mut found = BTreeMap::new();
        let mut leaving = BTreeMap::<Path, Vec<Path>>::new();
        for path in paths {
            let Some((attribute, _)) = schema.attribute(path) else { continue };
            if element::is_somebodys(schema, path, &change.desired, recorded) {
                continue;
            }
            let past = match recorded.get(path) {
                None if attribute.since > version => None,
                _ if element::is_newcomer(schema, path, &change.desired, recorded, live) => None,
                past => Some(past.unwrap_or(&nothing)),
            };
            let live = match attribute.whence {
                // Never shown: as it was written, unless to one that was made before this one.
                Whence::WriteOnly => past.filter(|_| !another).and_then(|past| past.observed.as_ref()),
                Whence::Answered => live.get(path),
            };
            let element = element::leaving(schema, path, &change.desired, recorded);
            let desired = change.desired.get(path);
            let scale = Scale { schema, path, desired, recorded: past, live, leaving: element.is_some() };
            let by_answer = || match covered {
                // Save where the parent's answer cannot be followed, and somebody named the very place.
                Some(decision) => (answers.reopens(path).or(decision), None),
                None => (answers.of(path), answers.reopens(path)),
            };
            let by_rule = || self.ignore_rule(&change.address, &change.identity, schema, path, live);
            let inner = scale.weigh(by_answer, by_rule);
            if let Some(inner) = inner {
                if let Some(element) = element {
                    leaving.entry(element).or_default().push(path.clone());
                }
                found.insert(path.clone(), inner);
            }
        }
        element::settle_together(&mut found, &leaving);
        let triggered = self.replace_when(&change.address, &mut found);
        change.paths = found;
        let moves = |path: &PathChange| {
            !matches!(path.outcome, PathOutcome::Keep | PathOutcome::Ignore | PathOutcome::Open(_))
        };
        change.action = match () {
            () if anew || triggered || change.written().any(|(path, _)| change.paths[path].replaces) => {
                Action::Replace
            }
            () if change.written().next().is_some() => Action::Update,
            () if change.paths.values().any(moves) => Action::Record,
            () => Action::Keep,
        };
        if change.action == Action::Replace {
            not_carried_over(&mut change.paths);
        }
        let asked = change.paths.values().any(|path| path.class.needs_decision() && !path.is_ignored());
        let question = |decision, covered_by| {
            Some(Question { kind: QuestionKind::ReplacedAndDrifted, decision, covered_by })
        };
        if let (Some(decision), Some(parent), true) = (covered, covering, asked) {
            change.question = question(decision, Some(parent.address.clone()));
        } else if change.action == Action::Replace
            && record.is_some_and(|record| self.children_drifted(record))
        {
            change.question = question(answers.of(&Path::root()), None);
        }
    }

    /// Returns whether its parent is made again under the same name, which takes its children along.
    fn is_remade(&self, change: &Change) -> bool {
        self.planned_parent(change).is_some_and(|parent| {
            parent.action == Action::Replace && parent.old_identity.is_none() && parent.live.is_some()
        })
    }

    /// It has a new name or region: a new resource, and the old one goes last.
    fn renamed(&self, change: &mut Change, record: &Record, schema: &'static Schema, answers: &Answers<'_>) {
        let old = self.live(&record.identity).filter(|_| !record.accepted_absent).cloned();
        let Some(old_live) = old else { return self.new_here(change) };
        change.action = Action::Replace;
        change.old_identity = Some(record.identity.clone());
        change.old_paths = self.drift(&change.address, record, &old_live, schema);
        change.old_live = Some(old_live);
        let drifted = is_moved(&change.old_paths) || self.children_drifted(record);
        // A child of an old parent that is kept, or may be, is kept with it, whether anybody edited it or not.
        let covering = self.fate_of_parent(&record.identity);
        let spared = covering.as_ref().is_some_and(|(_, fate)| fate.decision() != Some(Choice::UseLocal));
        if drifted || spared {
            let decision = match &covering {
                Some((_, fate)) => fate.decision(),
                None => answers.of(&Path::root()),
            };
            let covered_by = covering.map(|(parent, _)| parent);
            change.question = Some(Question { kind: QuestionKind::ReplacedAndDrifted, decision, covered_by });
        }
    }
}

fn create(change: &mut Change) {
    change.action = Action::Create;
    change.paths = BTreeMap::new();
}

/// A new resource does not take along what nobody declares: there a value goes that no update could take back.
fn not_carried_over(paths: &mut BTreeMap<Path, PathChange>) {
    for path in paths.values_mut() {
        let stuck = matches!(path.hint, Some(Hint::Stays | Hint::DeclareToRestore));
        if stuck && path.desired.is_none() && path.decision == Some(Choice::UseLocal) {
            path.hint = None;
            path.outcome = PathOutcome::Write(None);
        }
    }
}

/// Returns whether the configuration still says what was declared when the absence was accepted.
fn says_the_same(desired: &DesiredAttributes, wanted: &Wanted, record: &Record) -> bool {
    let declared =
        record.paths.iter().filter_map(|(path, recorded)| Some((path, recorded.declared.as_ref()?)));
    let declared: BTreeMap<&Path, &Value> = declared.collect();
    // A value that was still promised when the absence was accepted was recorded as not known.
    let promised = |path: &Path| {
        matches!(wanted.attributes.get(path), Some(Planned::Promised(_))) && !declared.contains_key(path)
    };
    let desired = desired.iter().filter(|(path, _)| !promised(path));
    let desired: BTreeMap<&Path, Option<&Value>> =
        desired.map(|(path, planned)| (path, planned.known())).collect();
    // Promised then and promised now is the same.
    let mut known = desired.iter().filter_map(|(path, value)| Some((*path, (*value)?)));
    known.all(|(path, value)| declared.get(path) == Some(&value))
        && declared.keys().all(|path| desired.contains_key(*path))
}

/// Returns the values that are known.
pub(super) fn known(attributes: &DesiredAttributes) -> Attributes {
    attributes.iter().filter_map(|(path, planned)| Some((path.clone(), planned.known()?.clone()))).collect()
}

/// Puts a value that became known into the form that compares.
pub(super) fn finished(
    input: &PlanInput<'_>,
    schema: &Schema,
    identity: &Identity,
    path: &Path,
    value: Value,
) -> Value {
    let value = match schema.attribute(path) {
        Some((attribute, false)) => attribute.kind.normalise(value),
        _ => Kind::Text(&[]).normalise(value),
    };
    if input.sealer.is_secret(schema, path) { input.sealer.seal(identity, path, &value) } else { value }
}
