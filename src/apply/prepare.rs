//! Makes the call of a step, and the intent that is recorded before it.
//!
//! What is written is composed path by path: the plan says which paths, the configuration or the plan gives
//! their values, and everything else is as the reading made just before found it.

use std::collections::BTreeMap;

use crate::model::{
    Attributes, Call, Kind, Operation, OutputRef, Package, Path, Planned, Resource, Schema, Sealer, Value,
};
use crate::plan::{Change, Live, PathOutcome, Standing, Step, StepKind};
use crate::state::{CallKind, Intent, PathIntent, Record, RecordedPackage};

/// What a call is made from.
pub struct Materials<'a> {
    /// The resource's type.
    pub schema: &'a Schema,
    /// What the plan says.
    pub change: &'a Change,
    /// Which step of it.
    pub step: &'a Step,
    /// The reading made just before, in clear; `None` for absent.
    pub live: Option<&'a Resource>,
    /// The plan's reading of it.
    pub saw: Option<&'a Live>,
    /// What is recorded of it.
    pub record: Option<&'a Record>,
    /// The resource as it was before this run removed it, when it is made again.
    pub removed: Option<&'a Resource>,
    /// Outputs of other resources, as they are by now.
    pub outputs: &'a dyn Fn(&OutputRef) -> Option<Value>,
    /// Secrets that the configuration declares, in clear.
    pub secrets: &'a dyn Fn(&Path) -> Option<Value>,
    /// Seals what is recorded.
    pub sealer: &'a Sealer,
    /// The package, where code is written.
    pub package: Option<Package>,
}

/// A call that is ready, or the finding that none is needed.
#[derive(Debug)]
pub enum Prepared {
    /// Record the intent, then make the call.
    Call(Box<Operation>, Box<Intent>),
    /// Every value that became known is live already; the intent's paths are recorded as they are.
    Unneeded(Box<Intent>),
}

/// A call that cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PrepareError {
    /// An output that the plan counted on did not come.
    #[error("`{path}` needs the output `{output}` of {address}, which did not come")]
    Output {
        /// The path that needs it.
        path: Path,
        /// Whose output.
        address: crate::model::Address,
        /// Which.
        output: String,
    },
    /// A secret is no longer what it was when the plan was made.
    #[error("the secret at `{0}` cannot be read again")]
    Secret(Path),
}

/// Makes the call of a step. The intent's number is the step's.
pub fn prepare(materials: &Materials<'_>) -> Result<Prepared, PrepareError> {
    let (call, kind, paths) = match (materials.step.kind, materials.live) {
        (StepKind::Create, _) => {
            let (attributes, paths) = materials.whole()?;
            (Call::Create { attributes, package: materials.package.clone() }, CallKind::Create, paths)
        }
        (StepKind::Update, Some(live)) => {
            let (set, paths) = materials.written(live)?;
            let nothing = set.is_empty() && materials.package.is_none();
            let live = Box::new(live.clone());
            let call = Call::Update { live, set, package: materials.package.clone() };
            if nothing {
                return Ok(Prepared::Unneeded(Box::new(materials.intent(CallKind::Update, paths))));
            }
            (call, CallKind::Update, paths)
        }
        (StepKind::Delete, Some(live)) => {
            (Call::Delete { live: Box::new(live.clone()) }, CallKind::Delete, materials.removed_paths(live)?)
        }
        // The freshness check lets neither through; a delete of nothing is done.
        (StepKind::Update | StepKind::Delete, None) => {
            return Ok(Prepared::Unneeded(Box::new(materials.intent(CallKind::Delete, BTreeMap::new()))));
        }
    };
    let intent = materials.intent(kind, paths);
    let Step { address, identity, .. } = materials.step;
    let operation = Operation { address: address.clone(), identity: identity.clone(), call };
    Ok(Prepared::Call(Box::new(operation), Box::new(intent)))
}

impl Materials<'_> {
    fn intent(&self, call: CallKind, paths: BTreeMap<Path, PathIntent>) -> Intent {
        let package = self.package.as_ref().map(|package| RecordedPackage {
            checksum: package.checksum.clone(),
            digest: Some(package.digest),
        });
        // What goes is put back behind what it needed, and no plan says any more what that was.
        let mut depends_on = self.change.depends_on.clone();
        if call == CallKind::Delete {
            depends_on.extend(self.record.iter().flat_map(|record| record.depends_on.iter().cloned()));
        }
        let code_goes = call == CallKind::Delete || package.is_some();
        Intent {
            number: self.step.id as u64,
            address: self.step.address.clone(),
            identity: self.step.identity.clone(),
            call,
            schema: self.schema.version,
            paths,
            depends_on,
            package,
            overwritten: self.overwritten().filter(|_| code_goes),
            unrecorded: self.change.undo == Some(Standing::Neither),
        }
    }

    /// The live package, and its kept copy where there is one.
    fn overwritten(&self) -> Option<RecordedPackage> {
        let checksum = self.live?.package.as_ref()?.checksum.clone();
        let recorded = self.record.and_then(|record| record.package.as_ref());
        let recorded = recorded.filter(|package| package.checksum == checksum);
        let digest = self.saw.and_then(|saw| saw.archive).or(recorded.and_then(|package| package.digest));
        Some(RecordedPackage { checksum, digest })
    }

    /// All that goes with a resource; where the configuration goes on declaring it, its absence is accepted.
    fn removed_paths(&self, live: &Resource) -> Result<BTreeMap<Path, PathIntent>, PrepareError> {
        let code = self.saw.iter().flat_map(|saw| &saw.attributes).filter(|(path, _)| path.is_code());
        let code = code.map(|(path, value)| (path.clone(), value.clone()));
        let settings = live.attributes.iter().map(|(path, value)| (path.clone(), self.sealed(path, value)));
        let read = |(path, value)| (path, PathIntent { read: Some(value), ..PathIntent::default() });
        let mut paths: BTreeMap<Path, PathIntent> = settings.chain(code).map(read).collect();
        if self.change.accepts_absence() {
            for path in self.change.desired.keys() {
                let inner = paths.entry(path.clone()).or_default();
                (inner.declared, inner.accepted) = (self.declared(path)?, true);
            }
        }
        Ok(paths)
    }

    /// Everything that a create carries: in clear, and as it is recorded.
    fn whole(&self) -> Result<(Attributes, BTreeMap<Path, PathIntent>), PrepareError> {
        let mut attributes = Attributes::new();
        let mut paths = BTreeMap::new();
        for (path, planned) in self.change.composed() {
            let (clear, sealed) = self.value(&path, &planned)?;
            if !path.is_code() {
                attributes.insert(path.clone(), clear);
            }
            let declared = self.declared(&path)?;
            let kept = self.is_kept(&path) && declared.as_ref() != Some(&sealed);
            let accepted = kept || self.brings_back(&path, declared.as_ref(), Some(&sealed));
            paths.insert(path, PathIntent { declared, read: None, sent: Some(sealed), accepted });
        }
        // What is declared and a decision keeps away is not carried, and remembered.
        for path in self.change.paths.keys().filter(|path| self.is_kept(path)) {
            if !paths.contains_key(path) {
                let declared = self.declared(path)?;
                paths.insert(path.clone(), PathIntent { declared, read: None, sent: None, accepted: true });
            }
        }
        Ok((attributes, paths))
    }

    /// Returns whether a decision, now or before, keeps a path as it is live.
    fn is_kept(&self, path: &Path) -> bool {
        let inner = self.change.paths.get(path);
        inner.is_some_and(|inner| match inner.outcome {
            PathOutcome::Accept | PathOutcome::Keep | PathOutcome::Ignore => true,
            PathOutcome::Write(None) => self.change.undo.is_some(),
            _ => false,
        })
    }

    /// Returns whether an undo brings something back that stays although the configuration says otherwise, or says
    /// nothing and the service's default is another.
    fn brings_back(&self, path: &Path, declared: Option<&Value>, sent: Option<&Value>) -> bool {
        self.change.undo.is_some()
            && match declared {
                Some(declared) => Some(declared) != sent,
                None => self.schema.falls_back(path).is_some_and(|fallen| fallen.as_ref() != sent),
            }
    }

    /// Returns what the configuration says at a path, as it is recorded.
    fn declared(&self, path: &Path) -> Result<Option<Value>, PrepareError> {
        match self.change.desired.get(path) {
            Some(Planned::Known(value)) => Ok(Some(value.clone())),
            Some(promised) => Ok(Some(self.value(path, promised)?.1)),
            None => Ok(None),
        }
    }

    /// The paths that an update sets: in clear, and as they are recorded.
    #[expect(clippy::type_complexity, reason = "the two halves of one answer")]
    fn written(
        &self,
        live: &Resource,
    ) -> Result<(BTreeMap<Path, Option<Value>>, BTreeMap<Path, PathIntent>), PrepareError> {
        let mut set = BTreeMap::new();
        let mut paths = BTreeMap::new();
        for (path, goal) in self.change.written() {
            let (clear, sealed) = match goal {
                Some(planned) => {
                    let (clear, sealed) = self.value(path, planned)?;
                    (Some(clear), Some(sealed))
                }
                None => (None, None),
            };
            let read = self.read(path, live);
            if !path.is_code() && read != sealed {
                set.insert(path.clone(), clear);
            }
            let declared = self.declared(path)?;
            let accepted = self.brings_back(path, declared.as_ref(), sealed.as_ref());
            paths.insert(path.clone(), PathIntent { declared, read, sent: sealed, accepted });
        }
        for (path, _) in self.change.learned() {
            let declared = self.declared(path)?;
            let read = self.read(path, live);
            let accepted = declared != read;
            let sent = read.clone();
            paths.insert(path.clone(), PathIntent { declared, read, sent, accepted });
        }
        self.add_followers(live, &set, &mut paths);
        Ok((set, paths))
    }

    /// Adds what the service keeps in step with something that is set and that nobody declares: it is not sent, and what
    /// the answer shows of it is this call's doing.
    fn add_followers(
        &self,
        live: &Resource,
        set: &BTreeMap<Path, Option<Value>>,
        paths: &mut BTreeMap<Path, PathIntent>,
    ) {
        for attribute in self.schema.attributes.iter().filter(|attribute| !attribute.follows.is_empty()) {
            let path = Path::field(attribute.name);
            let led = set.keys().any(|leader| attribute.follows.contains(&leader.top()));
            let own = paths.contains_key(&path) || self.change.desired.contains_key(&path);
            let recorded = self.record.and_then(|record| record.paths.get(&path));
            let read = self.read(&path, live);
            let settled = recorded.map_or(read.is_none(), |past| !past.accepted && past.observed == read);
            if led && !own && settled {
                let intent = PathIntent { read: read.clone(), sent: read, ..PathIntent::default() };
                paths.insert(path, intent);
            }
        }
    }

    /// Returns what the reading made just before shows at a path, as it is recorded.
    fn read(&self, path: &Path, live: &Resource) -> Option<Value> {
        if path.is_code() {
            return self.change.paths.get(path).and_then(|inner| inner.live.clone());
        }
        live.attributes.get(path).map(|value| self.sealed(path, value))
    }

    /// Returns a value in clear and as it is recorded.
    fn value(&self, path: &Path, planned: &Planned) -> Result<(Value, Value), PrepareError> {
        match planned {
            Planned::Known(sealed @ Value::Sealed(_)) => {
                let removed = || self.removed?.attributes.get(path).cloned();
                let candidates = [(self.secrets)(path), removed()];
                let clear =
                    candidates.into_iter().flatten().find(|clear| self.sealed(path, clear) == *sealed);
                clear.map(|clear| (clear, sealed.clone())).ok_or_else(|| PrepareError::Secret(path.clone()))
            }
            Planned::Known(value) => Ok((value.clone(), value.clone())),
            Planned::Promised(template) => {
                let value = template.resolve(self.outputs).map_err(|output| PrepareError::Output {
                    path: path.clone(),
                    address: output.address.clone(),
                    output: output.output.clone(),
                })?;
                let value = match self.schema.attribute(path) {
                    Some((attribute, false)) => attribute.kind.normalise(value),
                    _ => Kind::Text(&[]).normalise(value),
                };
                Ok((value.clone(), self.sealed(path, &value)))
            }
        }
    }

    fn sealed(&self, path: &Path, value: &Value) -> Value {
        if self.sealer.is_secret(self.schema, path) {
            self.sealer.seal(&self.step.identity, path, value)
        } else {
            value.clone()
        }
    }
}
