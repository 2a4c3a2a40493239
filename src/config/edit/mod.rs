//! Wanted values into the text of an `s.yaml`, and nothing else moved.
//!
//! A value that is kept as it is live goes where a person would write it: over the old scalar, in its quotes;
//! behind its siblings; out of its own line. Comments, blank lines, order, indentation, anchors and line ends stay,
//! because the old text stays but for the bytes between. Each edit is read again before anybody sees it, and one
//! that changed more than was asked for becomes a refusal with its place. A value that came from an expression or
//! is shared by several places is not replaced: a person has to say which of them is meant.
//!
//! A project may be several files. A value is written where the last of them says it, the file over its base and the
//! overlays of the environment over both; a new key where its siblings are said. What would change other environments
//! or other entries as well is written over it instead, for this one alone.

mod brackets;
mod change;
mod check;
mod entries;
mod layout;
mod lines;
mod list;
mod manner;
mod scalar;
mod seek;
#[cfg(test)]
mod tests;
mod write;

use std::collections::BTreeMap;
use std::sync::Arc;

use self::change::{Changes, Op};
use self::check::Astray;
use self::entries::EntryRead;
use self::layout::{Id, Layout};
pub use self::scalar::New;
use self::seek::Seeker;
use super::{Component, Desired, Given, Sources, load, yaml};
use crate::diag::{Diagnostic, Source, Span};
use crate::model::{Address, Kind, Part, Path, Planned, Schema, Value};

/// A value that a file should say.
///
/// The values of a resource that no entry declares yet are written as a new one, where an entry has room for it: a
/// trigger of a function. It then declares these values and no others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The resource.
    pub address: Address,
    /// The place inside it; the root is the resource as a whole, which can only go.
    pub path: Path,
    /// Its value; nothing where the file should no longer say one.
    pub value: Option<Value>,
}

impl Wanted {
    /// Returns the wish that a file no longer declares a resource.
    pub fn gone(address: Address) -> Self {
        Self { address, path: Path::root(), value: None }
    }

    /// Returns whether the whole resource is to go.
    fn is_gone(&self) -> bool {
        self.path.is_root() && self.value.is_none()
    }
}

/// A project, and what it is read with.
pub struct Project<'a> {
    /// Its files.
    pub sources: &'a Sources,
    /// What it is read with.
    pub given: &'a Given<'a>,
    /// The components that it may use.
    pub components: &'a [&'static Component],
    /// Says which values are secret, which are never written.
    pub is_secret: &'a dyn Fn(&Schema, &Path) -> bool,
}

/// What came of an edit.
#[derive(Debug)]
pub struct Edited {
    /// The files that change, by the names of their sources: the new text of each.
    pub texts: BTreeMap<String, String>,
    /// What could not be written, in the order in which it was wanted.
    pub refused: Vec<Refused>,
}

/// A value that was not written.
#[derive(Clone, Debug)]
pub struct Refused {
    /// What was wanted.
    pub wanted: Wanted,
    /// Why it is not written.
    pub why: Why,
    /// The place that a person has to look at.
    pub at: Option<Span>,
}

/// Why a value is not written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// It is a secret.
    #[error("it is a secret, and secrets are not written into files")]
    Secret,
    /// It is code, or something else that is no text of this file.
    #[error("its value is no text of this file")]
    NoText,
    /// Every reader would take the value itself for an expression.
    #[error("the value holds `${{`, which would be read as an expression")]
    ReadsAsExpression,
    /// Its value comes from an expression.
    #[error("its value comes from `{0}`")]
    Expression(String),
    /// Its value comes from a variable that has other uses; their number.
    #[error("its value comes from `${{vars.{0}}}`, which is used at {1} places")]
    Variable(String, usize),
    /// Its value comes from a variable that the command line gives.
    #[error("its value comes from `--var {0}=…`")]
    Given(String),
    /// Its value comes through an alias or a merge that has other uses; their number, where it is known.
    #[error("its value comes through an alias or a merge and is used at other places too")]
    Shared(usize),
    /// Other entries or environments share it, and it cannot be said for one alone.
    #[error("it is said for other resources or environments too, and cannot be said for this one alone")]
    OthersToo,
    /// No entry of the file declares it.
    #[error("no entry of the file is its place")]
    NoEntry,
    /// It is written in a way that is not edited.
    #[error("it is written in a way that cannot be edited without changing something else")]
    Odd,
    /// The edit would change something else, or not bring the value.
    #[error("the edit would not change this alone: it reaches {0}")]
    Reaches(String),
    /// The project would have a mistake afterwards.
    #[error("the project would not be valid: {0}")]
    Invalid(String),
}

/// A project as it was read, in every way that an edit needs.
struct Reading {
    sources: Sources,
    desired: Desired,
    diagnostics: Vec<Diagnostic>,
    layout: Layout,
    entries: Vec<EntryRead>,
    /// What it declares in its other environments, and without one, which no edit changes.
    others: Vec<(Desired, Vec<Diagnostic>)>,
}

impl Reading {
    fn of(project: &Project<'_>, sources: Sources) -> Option<Self> {
        let Project { given, components, .. } = project;
        let (desired, diagnostics) = load(&sources, given, components);
        yaml::parse(sources.main()).0?; // which also bounds its depth
        let entries::Read { files, entries, others } = entries::read(&sources, given, components)?;
        let layout = layout::read(&files)?;
        let other =
            |name: &Option<String>| load(&sources.for_environment(name.as_deref()), given, components);
        let others = others.iter().map(other).collect();
        Some(Self { sources, desired, diagnostics, layout, entries, others })
    }

    fn span(&self, id: Option<Id>) -> Option<Span> {
        let id = id?;
        let range = self.layout.get(id)?.range.clone();
        let file = self.layout.files.get(self.layout.file_of(id))?;
        Some(Span { source: Arc::clone(&file.source), range })
    }
}

/// Writes wanted values into the files of a project.
///
/// Every value is either said by the new texts or among the refused, and nothing else is said differently. A project
/// that cannot be read is refused as a whole.
pub fn edit(project: &Project<'_>, wanted: &[Wanted]) -> Edited {
    let mut refused = Vec::new();
    let Some(reading) = Reading::of(project, project.sources.clone()) else {
        let refuse = |wanted: &Wanted| Refused { wanted: wanted.clone(), why: Why::Odd, at: None };
        return Edited { texts: BTreeMap::new(), refused: wanted.iter().map(refuse).collect() };
    };
    let mut all: Vec<&Wanted> = wanted.iter().collect();
    // What is new is written in the usual order of its keys.
    all.sort_by_cached_key(|one| {
        let is_new = !reading.desired.resources.contains_key(&one.address);
        is_new.then(|| (&one.address, usual_place(project, one)))
    });
    let new = together(project, &reading, &all, &mut refused);
    let changed = new
        .iter()
        .flat_map(|new| new.sources.all())
        .filter(|source| project.sources.all().any(|old| old.name == source.name && old.text != source.text));
    let texts = changed.map(|source| (source.name.clone(), source.text.clone())).collect();
    let order = |one: &Refused| wanted.iter().position(|wanted| *wanted == one.wanted);
    refused.sort_by_key(order);
    Edited { texts, refused }
}

/// Writes values at once; where that goes wrong, first one half of them and then the other, so that only those
/// that are at fault are refused.
fn together(
    project: &Project<'_>,
    reading: &Reading,
    wanted: &[&Wanted],
    refused: &mut Vec<Refused>,
) -> Option<Reading> {
    let mut changes = Changes::default();
    let mut sought = Vec::new();
    let mut agrees = true;
    for &one in wanted {
        match place(project, reading, one) {
            Ok(ops) => {
                agrees &= ops.into_iter().all(|op| changes.apply(&reading.layout, op));
                sought.push(one);
            }
            Err((why, id)) => {
                let at = reading.span(id).or_else(|| said(reading, one));
                refused.push(Refused { wanted: one.clone(), why, at });
            }
        }
    }
    let done = if agrees { carry_out(project, reading, changes, &sought) } else { Err((Why::Odd, None)) };
    match done {
        Ok(new) => new,
        Err((why, id)) => match sought.as_slice() {
            [] => None,
            [one] => {
                let at = reading.span(id).or_else(|| said(reading, one));
                refused.push(Refused { wanted: (*one).clone(), why, at });
                None
            }
            several => {
                let (first, second) = several.split_at(several.len() / 2);
                let half = together(project, reading, first, refused);
                let whole = together(project, half.as_ref().unwrap_or(reading), second, refused);
                whole.or(half)
            }
        },
    }
}

/// Returns where an attribute stands among the others of its type, level by level.
fn usual_place(project: &Project<'_>, wanted: &Wanted) -> Vec<usize> {
    let schemas = project.components.iter().flat_map(|component| component.schemas);
    let schema = schemas.into_iter().find(|schema| schema.kind == wanted.address.kind);
    let mut fields = schema.map_or(&[] as &'static [_], |schema| schema.attributes);
    let mut places = Vec::new();
    for part in wanted.path.parts() {
        let Part::Field(name) = part else { continue };
        let Some(place) = fields.iter().position(|field| field.name == name.as_ref()) else { break };
        places.push(place);
        fields = match fields.get(place).map(|field| &field.kind) {
            Some(Kind::Object(inner) | Kind::List(Kind::Object(inner), _)) => inner,
            _ => &[],
        };
    }
    places
}

/// Returns where the file says something now.
fn said(reading: &Reading, wanted: &Wanted) -> Option<Span> {
    let resource = reading.desired.resources.get(&wanted.address)?;
    resource.spans.get(&wanted.path).or_else(|| resource.spans.get(&Path::root())).cloned()
}

/// Returns what has to be done for one value.
fn place(project: &Project<'_>, reading: &Reading, wanted: &Wanted) -> Result<Vec<Op>, seek::Stuck> {
    let Wanted { address, path, value } = wanted;
    let found = project.components.iter().find_map(|component| {
        let schema = component.schemas.iter().find(|schema| schema.kind == address.kind)?;
        Some((*component, *schema))
    });
    let Some((component, schema)) = found else {
        return Err((Why::NoEntry, None));
    };
    let seeker = Seeker { layout: &reading.layout, entries: &reading.entries, given: project.given };
    if wanted.is_gone() {
        let place = (component.place)(address, path).ok_or((Why::NoEntry, None))?;
        let is_there = reading.desired.resources.contains_key(address);
        return if is_there { seeker.seek_whole(component, &place) } else { Ok(Vec::new()) };
    }
    let Some((attribute, _)) = schema.attribute(path) else {
        return Err((Why::NoEntry, None));
    };
    if attribute.secret || (project.is_secret)(schema, path) || matches!(value, Some(Value::Sealed(_))) {
        return Err((Why::Secret, None));
    }
    if path.is_code() {
        return Err((Why::NoText, None));
    }
    let place = (component.place)(address, path).ok_or((Why::NoEntry, None))?;
    let value = value.as_ref().filter(|value| !value.is_empty());
    if let Some(value) = value {
        let new = New::of(value).ok_or((Why::NoText, None))?;
        if new.has_expression() {
            return Err((Why::ReadsAsExpression, None));
        }
    }
    let resource = reading.desired.resources.get(address);
    let said = resource.and_then(|resource| resource.attributes.get(path));
    let is_said = match (said, value) {
        (None, None) => true,
        (Some(Planned::Known(said)), Some(value)) => said == value,
        _ => false,
    };
    if is_said {
        return Ok(Vec::new());
    }
    seeker.seek(component, &place, attribute, value)
}

/// Writes the changes, and reads them again. Nothing where there was nothing to do.
fn carry_out(
    project: &Project<'_>,
    reading: &Reading,
    mut changes: Changes,
    wanted: &[&Wanted],
) -> Result<Option<Reading>, seek::Stuck> {
    let (texts, splices) = rewritten(&reading.layout, &mut changes)?;
    let normal = |one: &Wanted| one.value.clone().filter(|value| !value.is_empty());
    let expected: BTreeMap<(&Address, &Path), Option<Value>> =
        wanted.iter().map(|one| ((&one.address, &one.path), normal(one))).collect();
    let new = Reading::of(project, reading.sources.with(&texts)).ok_or((Why::Odd, None))?;
    let mut files = splices.iter().enumerate();
    let kept = check::written(&reading.layout, &new.layout, &changes)
        && files
            .all(|(file, splices)| check::comments(&reading.layout, &new.layout, file, splices, &changes));
    if !kept {
        return Err((Why::Odd, None));
    }
    let old = (&reading.desired, reading.diagnostics.as_slice());
    let elsewhere = || {
        let mut others = reading.others.iter().zip(&new.others);
        others.find_map(|(old, new)| check::meant((&old.0, &old.1), (&new.0, &new.1), &BTreeMap::new()))
    };
    match check::meant(old, (&new.desired, &new.diagnostics), &expected).or_else(elsewhere) {
        None if texts.is_empty() => Ok(None),
        None => Ok(Some(new)),
        Some(Astray::Else(what)) => Err((Why::Reaches(what), None)),
        Some(Astray::Wrong(diagnostic)) => Err((Why::Invalid(diagnostic.message), None)),
    }
}

/// The texts that change, by name, and what changes in each file.
type Rewritten = (BTreeMap<String, String>, Vec<Vec<write::Splice>>);

fn rewritten(layout: &Layout, changes: &mut Changes) -> Result<Rewritten, seek::Stuck> {
    changes.settle(layout);
    let (mut texts, mut all) = (BTreeMap::new(), Vec::new());
    for file in &layout.files {
        let splices = write::splices(file, layout, changes).map_err(|write::Odd(id)| (Why::Odd, Some(id)))?;
        if !splices.is_empty() {
            texts.insert(file.source.name.clone(), write::apply(&file.source.text, &splices));
        }
        all.push(splices);
    }
    Ok((texts, all))
}

/// Replaces the one scalar that begins at a byte of a file, whatever it means there.
///
/// The new text is the old one but for that scalar, which is read as the new value; what the file as a whole
/// then means is not looked at. Fails where it cannot be written so.
pub fn replace(source: &Arc<Source>, at: usize, new: &New) -> Result<String, Why> {
    yaml::parse(source).0.ok_or(Why::Odd)?;
    let layout = layout::read(std::slice::from_ref(source)).ok_or(Why::Odd)?;
    let is_it = |node: &layout::Written| {
        node.range.start == at && !node.range.is_empty() && matches!(node.what, layout::What::Scalar(_))
    };
    let id = layout.nodes.iter().position(is_it).ok_or(Why::Odd)?;
    let mut changes = Changes::default();
    changes.apply(&layout, Op::Set(id, new.clone()));
    let (mut texts, splices) = rewritten(&layout, &mut changes).map_err(|(why, _)| why)?;
    let text = texts.remove(&source.name).ok_or(Why::Odd)?;
    let source = Arc::new(Source { name: source.name.clone(), text });
    yaml::parse(&source).0.ok_or(Why::Odd)?;
    let again = layout::read(std::slice::from_ref(&source)).ok_or(Why::Odd)?;
    let kept = check::written(&layout, &again, &changes);
    if kept && splices.first().is_some_and(|splices| splices.len() == 1) {
        Ok(source.text.clone())
    } else {
        Err(Why::Odd)
    }
}
