//! From nodes to typed attributes, as a schema says.
//!
//! Written once for every component: the schema names the keys, their types and bounds; a component only adds
//! which keys it reads by itself and which it knows and does not build yet. What does not fit is reported
//! with its place and left out, so that one run finds every mistake.

use std::collections::BTreeMap;

use super::codes;
use super::node::{Content, Key, Node, Pair, Style, first_line};
use super::suggest::{closest, listed};
use super::yaml;
use crate::diag::{Diagnostic, Span};
use crate::model::{Address, Attribute, DesiredAttributes, Kind, Number, Order, Path, Planned, Value};

/// What was read.
#[derive(Debug, Default)]
pub struct Declared {
    /// The leaves, in normal form.
    pub attributes: DesiredAttributes,
    /// Where each was declared.
    pub spans: BTreeMap<Path, Span>,
    /// The environment variables whose value some of them are.
    pub variables: BTreeMap<Path, String>,
    /// The resources that values were taken from, each with the first place that did.
    pub after: BTreeMap<Address, Span>,
}

/// What a component says about keys beside its schema; dotted, `triggers.qualifier`, without indices.
#[derive(Clone, Copy, Default)]
pub struct Keys<'k> {
    /// Keys that the component reads by itself.
    pub handled: &'k [&'k str],
    /// Keys that the format has and triform does not build yet.
    pub unbuilt: &'k [&'k str],
    /// Keys that files spell otherwise than the schema: where they stand (`triggers.`), the file's word, the schema's.
    pub spelled: &'k [(&'k str, &'k str, &'k str)],
}

impl<'k> Keys<'k> {
    /// Returns the file's word for a field.
    fn word(&self, level: &str, field: &'k str) -> &'k str {
        let found = self.spelled.iter().find(|(at, _, name)| *at == level && *name == field);
        found.map_or(field, |(_, word, _)| word)
    }
}

/// Reads the fields of an object.
pub struct Typing<'t> {
    /// What was read so far.
    pub declared: Declared,
    /// Where to report.
    pub diagnostics: &'t mut Vec<Diagnostic>,
    /// What the component says.
    pub keys: Keys<'t>,
}

impl<'t> Typing<'t> {
    /// Starts with nothing declared.
    pub fn new(diagnostics: &'t mut Vec<Diagnostic>, keys: Keys<'t>) -> Self {
        Self { declared: Declared::default(), diagnostics, keys }
    }

    /// Reads the fields of a map into leaves below `at`.
    ///
    /// `owner` is the place that misses a required key; `prefix` is what stands before a key's name in
    /// messages, such as `triggers[0].`, or nothing.
    pub fn object(
        &mut self,
        fields: &'static [Attribute],
        node: &Node,
        owner: &Span,
        at: &Path,
        prefix: &str,
    ) {
        let Some(pairs) = self.map(node, prefix.trim_end_matches('.')) else {
            return;
        };
        // Elements of lists count as one place: `routes[0].` is `routes.`.
        let level = without_indices(prefix);
        for pair in pairs {
            let Pair { key, value } = pair;
            let name = self.keys.spelled.iter().find(|(at, word, _)| *at == level && *word == key.text);
            let name = name.map_or(key.text.as_str(), |(.., field)| field);
            match fields.iter().find(|field| field.name == name) {
                Some(field) if !self.handles(&level, &key.text) => self.field(field, key, value, at, prefix),
                Some(_) => {}
                None => self.stray(fields, key, prefix, &level),
            }
        }
        for field in fields.iter().filter(|field| field.required) {
            let word = self.keys.word(&level, field.name);
            let said = node.get(field.name).or_else(|| node.get(word)).is_some();
            if !said && !self.handles(&level, word) {
                self.diagnostics.push(missing(owner, &format!("{prefix}{word}"), field.doc));
            }
        }
    }

    fn handles(&self, level: &str, name: &str) -> bool {
        self.keys.handled.iter().any(|handled| handled.strip_prefix(level) == Some(name))
    }

    fn field(&mut self, field: &'static Attribute, key: &Key, value: &Node, at: &Path, prefix: &str) {
        let path = at.then(field.name);
        let dotted = || format!("{prefix}{}", key.text);
        match (&field.kind, &value.content) {
            (Kind::Code, _) | (_, Content::Null | Content::Unresolved) => {}
            (Kind::Object(inner), _) => {
                self.object(inner, value, &key.span, &path, &format!("{prefix}{}.", key.text));
            }
            (kind @ (Kind::Texts | Kind::Map(_)), _) => self.by_key(kind, value, &path, &dotted()),
            (Kind::List(Kind::Object(inner), Order::Keyed(by)), _) => {
                self.keyed(inner, by, value, &path, &dotted());
            }
            (kind, _) => {
                let Some(read) = leaf(kind, value, &dotted, self.diagnostics) else {
                    return;
                };
                let empty = read.known().is_some_and(Value::is_empty);
                if empty && field.required {
                    self.diagnostics.push(value.blame(
                        Diagnostic::error(codes::OUT_OF_BOUNDS, format!("`{}` is empty", dotted())),
                        "",
                    ));
                }
                if !empty {
                    self.insert(path, read, value);
                }
            }
        }
    }

    /// Enters a leaf, and what its value was taken from.
    pub fn insert(&mut self, path: Path, planned: Planned, node: &Node) {
        self.wait_for(node);
        if let Planned::Promised(template) = &planned {
            for other in template.sources() {
                self.declared.after.entry(other.clone()).or_insert_with(|| node.place().clone());
            }
        }
        self.declared.spans.insert(path.clone(), node.place().clone());
        if let Some(variable) = &node.variable {
            self.declared.variables.insert(path.clone(), variable.clone());
        }
        self.declared.attributes.insert(path, planned);
    }

    /// Enters the resources that a value, or what is in it, was taken from.
    fn wait_for(&mut self, node: &Node) {
        for other in &node.after {
            self.declared.after.entry(other.clone()).or_insert_with(|| node.place().clone());
        }
        match &node.content {
            Content::List(items) => items.iter().for_each(|item| self.wait_for(item)),
            Content::Map(pairs) => pairs.iter().for_each(|pair| self.wait_for(&pair.value)),
            _ => {}
        }
    }

    fn by_key(&mut self, kind: &'static Kind, node: &Node, at: &Path, dotted: &str) {
        let Some(kind) = kind.by_key() else { return };
        for Pair { key, value } in self.map(node, dotted).unwrap_or_default() {
            let name = || format!("{dotted}.{}", key.text);
            if matches!(value.content, Content::Null | Content::Unresolved) {
                continue;
            }
            if let Some(read) = leaf(kind, value, &name, self.diagnostics) {
                self.insert(at.key(&key.text), read, value);
            }
        }
    }

    fn keyed(&mut self, fields: &'static [Attribute], by: &str, node: &Node, at: &Path, dotted: &str) {
        let mut seen: BTreeMap<String, Span> = BTreeMap::new();
        for (index, item) in self.list(node, dotted).unwrap_or_default().iter().enumerate() {
            let prefix = format!("{dotted}[{index}].");
            let name = item.get(by).and_then(Node::as_written).map(std::borrow::Cow::into_owned);
            let Some(name) = name else {
                // The required check says what is missing; there is no path to read it to.
                self.object(fields, item, &first_line(&item.span), at, &prefix);
                continue;
            };
            let place = item.get(by).map_or(&item.span, Node::place).clone();
            if let Some(first) = seen.get(&name) {
                self.diagnostics.push(twice(by, &name, place, first));
                continue;
            }
            seen.insert(name.clone(), place);
            self.object(fields, item, &first_line(&item.span), &at.key(name), &prefix);
        }
    }

    /// Returns the pairs, or reports that this is no map.
    pub fn map<'n>(&mut self, node: &'n Node, dotted: &str) -> Option<&'n [Pair]> {
        if node.pairs().is_none() && !matches!(node.content, Content::Unresolved | Content::Null) {
            self.diagnostics.push(wrong_type(node, dotted, "a map", "put keys with values below it"));
        }
        node.pairs()
    }

    /// Returns the items, or reports that this is no list.
    pub fn list<'n>(&mut self, node: &'n Node, dotted: &str) -> Option<&'n [Node]> {
        match &node.content {
            Content::List(items) => Some(items),
            Content::Null | Content::Unresolved => None,
            _ => {
                self.diagnostics.push(wrong_type(
                    node,
                    dotted,
                    "a list",
                    "write each item on a line behind a `-`",
                ));
                None
            }
        }
    }

    /// Reports a key that the schema does not have.
    fn stray(&mut self, fields: &'static [Attribute], key: &Key, prefix: &str, level: &str) {
        if self.handles(level, &key.text) {
            return;
        }
        let dotted = format!("{prefix}{}", key.text);
        let here = |name: &&'t str| name.strip_prefix(level).filter(|rest| !rest.contains('.'));
        let unbuilt = || self.keys.unbuilt.iter().filter_map(here);
        if unbuilt().any(|name| name == key.text) {
            self.diagnostics.push(not_built(&format!("`{dotted}`"), &key.span));
            return;
        }
        let handled = self.keys.handled.iter().filter_map(here);
        let words = fields.iter().map(|field| self.keys.word(level, field.name));
        let known = words.chain(handled).chain(unbuilt());
        let mut diagnostic = Diagnostic::warning(codes::UNKNOWN_KEY, format!("unknown key `{dotted}`"))
            .at(key.span.clone(), "not used");
        if let Some(near) = closest(&key.text, known) {
            diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
        } else if let Some(deeper) = deeper(fields, &key.text) {
            diagnostic = diagnostic.help(format!("did you mean `{prefix}{deeper}`?"));
        }
        self.diagnostics.push(diagnostic);
    }
}

fn without_indices(dotted: &str) -> String {
    let mut plain = String::with_capacity(dotted.len());
    let mut inside = false;
    for character in dotted.chars() {
        match character {
            '[' => inside = true,
            ']' => inside = false,
            _ if inside => {}
            other => plain.push(other),
        }
    }
    plain
}

/// Returns where below these fields a key of this name is.
fn deeper(fields: &'static [Attribute], name: &str) -> Option<String> {
    fields.iter().find_map(|field| {
        let inner = match &field.kind {
            Kind::Object(inner) | Kind::List(Kind::Object(inner), _) => *inner,
            _ => return None,
        };
        let below =
            if inner.iter().any(|field| field.name == name) { name.to_owned() } else { deeper(inner, name)? };
        Some(format!("{}.{below}", field.name))
    })
}

/// Reads a leaf, or reports what is wrong with it. `dotted` names it in messages.
pub fn leaf(
    kind: &'static Kind,
    node: &Node,
    dotted: &dyn Fn() -> String,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Planned> {
    if let Content::Unresolved = node.content {
        return None;
    }
    if let (Content::Promised(template), Kind::Text(_) | Kind::Bool | Kind::Number { .. }) =
        (&node.content, kind)
    {
        return Some(Planned::Promised(template.clone()));
    }
    let value = match kind {
        Kind::Text(allowed) => {
            let Some(text) = node.as_written() else {
                diagnostics.push(wrong_type(node, &dotted(), "a text", ""));
                return None;
            };
            if !allowed.is_empty() && !allowed.contains(&text.as_ref()) && !text.is_empty() {
                diagnostics.push(unknown_value(node, &dotted(), &text, allowed));
                return None;
            }
            Value::Text(text.into_owned())
        }
        Kind::Bool => Value::Bool(truth(node, dotted, diagnostics)?),
        Kind::Number { min, max, step } => {
            let number = number(node, dotted, diagnostics)?;
            let steps = number.get() / step;
            if number.get() < *min || number.get() > *max || (steps - steps.round()).abs() > 1e-6 {
                diagnostics.push(node.blame(
                    Diagnostic::error(codes::OUT_OF_BOUNDS, format!("`{}` is {number}", dotted())),
                    bounds(*min, *max, *step),
                ));
                return None;
            }
            Value::Number(number)
        }
        Kind::List(item, _) => {
            let Content::List(items) = &node.content else {
                diagnostics.push(wrong_type(
                    node,
                    &dotted(),
                    "a list",
                    "write each item on a line behind a `-`",
                ));
                return None;
            };
            let mut values = Vec::with_capacity(items.len());
            let mut whole = true;
            for (index, node) in items.iter().enumerate() {
                let dotted = || format!("{}[{index}]", dotted());
                match inner(item, node, &dotted, diagnostics) {
                    Some(value) => values.push(value),
                    None => whole = false,
                }
            }
            if !whole {
                return None;
            }
            Value::List(values)
        }
        Kind::Object(_) | Kind::Texts | Kind::Map(_) | Kind::Code => inner(kind, node, dotted, diagnostics)?,
    };
    Some(Planned::Known(kind.normalise(value)))
}

/// Reads a value that stands inside another, where only known values can be.
fn inner(
    kind: &'static Kind,
    node: &Node,
    dotted: &dyn Fn() -> String,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Value> {
    if let Content::Promised(_) = node.content {
        diagnostics.push(too_late(node, &dotted()));
        return None;
    }
    let Kind::Object(fields) = kind else {
        return match leaf(kind, node, dotted, diagnostics)? {
            Planned::Known(value) => Some(value),
            Planned::Promised(_) => None,
        };
    };
    // An object that is one value: read by the same rules, then put together.
    let mut typing = Typing::new(diagnostics, Keys::default());
    let prefix = format!("{}.", dotted());
    typing.object(fields, node, &first_line(&node.span), &Path::root(), &prefix);
    let mut map = BTreeMap::new();
    for (path, planned) in typing.declared.attributes {
        if let Planned::Known(value) = planned {
            map.insert(path.top().to_owned(), value);
        }
    }
    Some(Value::Map(map))
}

fn truth(node: &Node, dotted: &dyn Fn() -> String, diagnostics: &mut Vec<Diagnostic>) -> Option<bool> {
    let said = match &node.content {
        Content::Bool(value) => return Some(*value),
        Content::Text(text) => text.to_ascii_lowercase(),
        _ => String::new(),
    };
    let value = match (said.as_str(), node.style) {
        ("true", _) => return Some(true),
        ("false", _) => return Some(false),
        ("yes" | "on" | "y", Style::Plain) => true,
        ("no" | "off" | "n", Style::Plain) => false,
        _ => {
            diagnostics.push(wrong_type(node, &dotted(), "`true` or `false`", ""));
            return None;
        }
    };
    diagnostics.push(
        node.blame(
            Diagnostic::warning(
                codes::YES_OR_NO,
                format!("`{said}` is a text in YAML 1.2; it is read as {value}"),
            )
            .help(format!("write `{value}`")),
            "",
        ),
    );
    Some(value)
}

fn number(node: &Node, dotted: &dyn Fn() -> String, diagnostics: &mut Vec<Diagnostic>) -> Option<Number> {
    match &node.content {
        Content::Number(number) => return Some(*number),
        Content::Text(text) => {
            let text = text.trim();
            if let Some(number) = yaml::number(text) {
                return Some(number);
            }
            if yaml::has_leading_zero(text)
                && let Some(number) = text.parse().ok().and_then(Number::new)
            {
                diagnostics.push(
                    node.blame(
                        Diagnostic::warning(
                            codes::LEADING_ZEROS,
                            format!("`{text}` has leading zeros, which some readers take for octal"),
                        )
                        .help(format!("write `{number}`")),
                        format!("read as {number}"),
                    ),
                );
                return Some(number);
            }
        }
        _ => {}
    }
    diagnostics.push(wrong_type(node, &dotted(), "a number", ""));
    None
}

fn bounds(min: f64, max: f64, step: f64) -> String {
    let shown = |number| Number::new(number).map(|number| number.to_string()).unwrap_or_default();
    let range = format!("from {} to {}", shown(min), shown(max));
    if (step - 1.0).abs() < f64::EPSILON {
        format!("a whole number {range}")
    } else {
        format!("{range}, a multiple of {}", shown(step))
    }
}

/// Returns the error for a value of another type.
pub fn wrong_type(node: &Node, dotted: &str, expected: &str, help: &str) -> Diagnostic {
    if let Content::Promised(_) = node.content {
        return too_late(node, dotted);
    }
    let message = format!("`{dotted}` has to be {expected}, and this is {}", node.noun());
    let mut diagnostic = Diagnostic::error(codes::WRONG_TYPE, message);
    if !help.is_empty() {
        diagnostic = diagnostic.help(help);
    }
    node.blame(diagnostic, format!("expected {expected}"))
}

/// Returns the error for a word that is not one of those allowed.
pub fn unknown_value(node: &Node, dotted: &str, word: &str, allowed: &[&str]) -> Diagnostic {
    let mut diagnostic = Diagnostic::error(codes::UNKNOWN_VALUE, format!("unknown value for `{dotted}`"));
    if let Some(near) = closest(word, allowed.iter().copied()) {
        diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
    } else {
        diagnostic = diagnostic.help(format!("one of {}", listed(allowed.iter().copied())));
    }
    node.blame(diagnostic, "no such value")
}

/// Returns the error for a required key that is not there.
pub fn missing(owner: &Span, dotted: &str, doc: &str) -> Diagnostic {
    let mut diagnostic = Diagnostic::error(codes::MISSING_KEY, format!("`{dotted}` is missing"))
        .at(first_line(owner), format!("has no `{dotted}`"));
    if !doc.is_empty() {
        diagnostic = diagnostic.help(format!("`{dotted}`: {doc}"));
    }
    diagnostic
}

/// Returns the error for something that the format has and triform does not build yet. `what` is quoted by
/// the caller where it is a name.
pub fn not_built(what: &str, place: &Span) -> Diagnostic {
    Diagnostic::error(codes::NOT_BUILT, format!("{what} is not built yet"))
        .at(first_line(place), "triform does not build this yet")
        .help("nothing is dropped silently: remove it to go on without it")
}

/// Returns the error for a name that two things of one entry have.
pub fn twice(what: &str, name: &str, place: Span, first: &Span) -> Diagnostic {
    Diagnostic::error(codes::DECLARED_TWICE, format!("the {what} `{name}` is declared twice"))
        .at(place, "again here")
        .also(first.clone(), "first here")
        .help("give each its own name, or remove one")
}

/// Returns the error for a value that is known only after the apply, where it has to be known before.
pub fn too_late(node: &Node, dotted: &str) -> Diagnostic {
    node.blame(
        Diagnostic::error(codes::KNOWN_TOO_LATE, format!("`{dotted}` has to be known before the apply"))
            .help("use a value of `props` or `vars` here; outputs may stand in single values and environment variables"),
        "known only after the apply",
    )
}
