//! Reads the rules: every key is known or an error, for a rule that is not heard protects nobody.

use jiff::civil::Date;

use super::{Ignore, Import, Lifecycle, Moved, Named, Removed, ReplaceWhen, Trigger};
use crate::config::codes;
use crate::config::node::{Content, Key, Node, Pair, first_line};
use crate::config::suggest::{closest, listed};
use crate::config::typing::{leaf, missing, not_built, too_late, wrong_type};
use crate::diag::{Diagnostic, Span};
use crate::model::{Address, Kind, Planned, Schema, Selector, Value};

/// Rules of the file.
const TOP: [&str; 7] =
    ["ignore", "prevent_destroy", "create_before_destroy", "replace_when", "moved", "import", "removed"];
/// Rules of an entry.
const ENTRY: [&str; 6] =
    ["ignore", "prevent_destroy", "create_before_destroy", "replace_when", "moved", "import"];
/// What an `ignore` rule says.
const IGNORE: [&str; 5] = ["selector", "value", "reason", "owner", "until"];
/// What it says in an entry.
const IGNORE_HERE: [&str; 6] = ["path", "selector", "value", "reason", "owner", "until"];

static FLAG: Kind = Kind::Bool;

/// Reads rules into data.
pub struct Reader<'r> {
    /// What was read so far.
    pub lifecycle: Lifecycle,
    /// Where to report.
    pub diagnostics: &'r mut Vec<Diagnostic>,
    /// Every resource type.
    pub schemas: Vec<&'static Schema>,
}

/// Where rules stand.
pub struct Rules<'r> {
    /// The map below `triform:`, filled in.
    pub node: &'r Node,
    /// The address of the entry's own resource; nothing at the top of the file.
    pub entry: Option<Address>,
}

impl Reader<'_> {
    /// Reads the map below one `triform:`.
    pub fn read(&mut self, rules: &Rules<'_>) {
        let Rules { node, entry } = rules;
        let pairs = match &node.content {
            Content::Map(pairs) => pairs,
            Content::Null | Content::Unresolved => return,
            _ => return self.report(wrong_type(node, "triform", "a map", "it holds rules such as `ignore`")),
        };
        for Pair { key, value } in pairs {
            if matches!(value.content, Content::Null | Content::Unresolved) {
                if matches!(value.content, Content::Null) {
                    self.known(key, if entry.is_some() { &ENTRY } else { &TOP }, "triform.");
                }
                continue;
            }
            match (key.text.as_str(), entry) {
                ("ignore", _) => {
                    self.each(value, "triform.ignore", |this, item| this.ignore(item, entry.as_ref()));
                }
                ("prevent_destroy", _) => {
                    let found = self.named(value, "triform.prevent_destroy", entry.as_ref());
                    self.lifecycle.prevent_destroy.extend(found);
                }
                ("create_before_destroy", _) => {
                    let found = self.named(value, "triform.create_before_destroy", entry.as_ref());
                    self.lifecycle.create_before_destroy.extend(found);
                }
                ("replace_when", Some(own)) => {
                    self.replace_when(value, "triform.replace_when", own, &key.span);
                }
                ("replace_when", None) => {
                    self.each(value, "triform.replace_when", Self::replace_when_at_the_top);
                }
                ("moved", Some(own)) => {
                    let from = self.address(value, "triform.moved");
                    self.lifecycle.moved.extend(from.map(|from| Moved {
                        from,
                        to: own.clone(),
                        place: first_line(value.place()),
                    }));
                }
                ("moved", None) => self.each(value, "triform.moved", Self::moved),
                ("import", Some(own)) => {
                    let id = self.text(value, "triform.import");
                    let place = Some(first_line(value.place()));
                    self.lifecycle.import.extend(id.map(|id| Import { to: own.clone(), id, place }));
                }
                ("import", None) => self.each(value, "triform.import", Self::import),
                ("removed", None) => self.each(value, "triform.removed", |this, item| {
                    let address = this.address(item, "triform.removed");
                    let place = first_line(item.place());
                    this.lifecycle.removed.extend(address.map(|address| Removed { address, place }));
                }),
                ("removed", Some(_)) => {
                    let diagnostic =
                        Diagnostic::error(codes::UNKNOWN_RULE, "`removed` does not belong into an entry");
                    let help =
                        "write it below `triform:` at the top of the file: what is declared is not removed";
                    self.report(diagnostic.at(key.span.clone(), "not here").help(help));
                }
                ("secrets", None) => self.report(not_built("`triform.secrets`", &key.span)),
                (_, Some(_)) => drop(self.known(key, &ENTRY, "triform.")),
                (_, None) => drop(self.known(key, &TOP, "triform.")),
            }
        }
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Returns whether a key is known, and reports one that is not.
    fn known(&mut self, key: &Key, known: &[&'static str], prefix: &str) -> bool {
        if known.contains(&key.text.as_str()) {
            return true;
        }
        let what = format!("there is no rule `{prefix}{}`", key.text);
        let diagnostic = Diagnostic::error(codes::UNKNOWN_RULE, what).at(key.span.clone(), "not known");
        let help = match closest(&key.text, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("triform has {}", listed(known.iter().copied())),
        };
        self.report(diagnostic.help(help));
        false
    }

    /// Reads each item of a list; one item may stand without the list.
    fn each(&mut self, node: &Node, dotted: &str, mut read: impl FnMut(&mut Self, &Node)) {
        match &node.content {
            Content::List(items) => items.iter().for_each(|item| match item.content {
                Content::Null => {
                    let problem = wrong_type(item, dotted, "a list of rules", "remove the empty item");
                    self.report(problem);
                }
                Content::Unresolved => {}
                _ => read(self, item),
            }),
            Content::Unresolved => {}
            _ => read(self, node),
        }
    }

    fn text(&mut self, node: &Node, dotted: &str) -> Option<String> {
        match node.as_written() {
            Some(text) if !text.is_empty() => Some(text.into_owned()),
            _ if node.is_unresolved() => None,
            _ => {
                self.report(wrong_type(node, dotted, "a text", ""));
                None
            }
        }
    }

    fn address(&mut self, node: &Node, dotted: &str) -> Option<Address> {
        let text = self.text(node, dotted)?;
        let parsed: Result<Address, _> = text.parse();
        match parsed {
            Ok(address) if self.schemas.iter().any(|schema| schema.kind == address.kind) => Some(address),
            Ok(address) => {
                let diagnostic = Diagnostic::error(
                    codes::BAD_SELECTOR,
                    format!("there is no resource type `{}`", address.kind),
                );
                let kinds: Vec<&str> = self.schemas.iter().map(|schema| schema.kind).collect();
                let help = match closest(&address.kind, kinds.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("triform has {}", listed(kinds)),
                };
                self.report(node.blame(diagnostic, "not known").help(help));
                None
            }
            Err(error) => {
                let diagnostic = Diagnostic::error(codes::BAD_SELECTOR, error.to_string());
                self.report(node.blame(diagnostic, ""));
                None
            }
        }
    }

    fn selector(&mut self, node: &Node, dotted: &str) -> Option<Selector> {
        let text = self.text(node, dotted)?;
        match text.parse::<Selector>() {
            Ok(selector) => self.on_schema(selector, node),
            Err(error) => {
                let diagnostic = Diagnostic::error(codes::BAD_SELECTOR, error.to_string());
                self.report(node.blame(diagnostic, ""));
                None
            }
        }
    }

    /// Returns the selector, if the types that it can mean have the path that it names.
    fn on_schema(&mut self, selector: Selector, node: &Node) -> Option<Selector> {
        let Some(path) = selector.path() else { return Some(selector) };
        let meant: Vec<&'static Schema> = match selector.address() {
            Some(address) => {
                self.schemas.iter().copied().filter(|schema| schema.kind == address.kind).collect()
            }
            None => self.schemas.clone(),
        };
        if meant.is_empty() || meant.iter().any(|schema| schema.has_place(path)) {
            return Some(selector);
        }
        let noun =
            if let [only] = meant.as_slice() { format!("a {}", only.noun) } else { "no resource".to_owned() };
        let has = if meant.len() == 1 { "has no" } else { "has a" };
        let diagnostic = Diagnostic::error(codes::BAD_SELECTOR, format!("{noun} {has} `{path}`"));
        let fields = meant.iter().flat_map(|schema| schema.attributes).map(|attribute| attribute.name);
        let diagnostic = node.blame(diagnostic, "no such place");
        self.report(match closest(path.top(), fields) {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None => diagnostic,
        });
        None
    }

    /// Reads a path of the entry's own resource, a pattern of paths, or a selector, which has an address.
    fn here(&mut self, node: &Node, dotted: &str, own: &Address) -> Option<Selector> {
        let text = self.text(node, dotted)?;
        let has_kind = |schema: &&&Schema| {
            text.strip_prefix(schema.kind).is_some_and(|rest| rest.starts_with(['.', '[']))
        };
        if text.contains(':') || self.schemas.iter().any(|schema| has_kind(&schema)) {
            return self.selector(node, dotted);
        }
        if let Ok(selector) = format!("{own}:{text}").parse::<Selector>() {
            return self.on_schema(selector, node);
        }
        let what = format!("`{text}` is no path; paths look like memorySize or environmentVariables[\"A\"]");
        self.report(node.blame(Diagnostic::error(codes::BAD_SELECTOR, what), ""));
        None
    }

    fn ignore(&mut self, item: &Node, own: Option<&Address>) {
        let place = first_line(item.place());
        let Some(pairs) = item.pairs() else {
            let selector = match own {
                Some(own) => self.here(item, "triform.ignore", own),
                None => self.selector(item, "triform.ignore"),
            };
            let rule =
                |selector| Ignore { selector, value: None, reason: None, owner: None, until: None, place };
            self.lifecycle.ignore.extend(selector.map(rule));
            return;
        };
        let known: &[&str] = if own.is_some() { &IGNORE_HERE } else { &IGNORE };
        for pair in pairs {
            self.known(&pair.key, known, "triform.ignore.");
        }
        let selector = match (item.get("selector"), own.zip(item.get("path"))) {
            (Some(node), None) => self.selector(node, "triform.ignore.selector"),
            (None, Some((own, node))) => self.here(node, "triform.ignore.path", own),
            (Some(_), Some((_, node))) => {
                let what = "an `ignore` rule has a `path` or a `selector`, not both";
                return self.report(node.blame(Diagnostic::error(codes::BAD_SELECTOR, what), "one too many"));
            }
            (None, None) => {
                let key = if own.is_some() { "path" } else { "selector" };
                let doc = "what is ignored, such as fc3_function.hello:memorySize";
                return self.report(missing(
                    &item.span,
                    key,
                    if own.is_some() { "what is ignored, such as memorySize" } else { doc },
                ));
            }
        };
        let until = item.get("until").map(|node| self.date(node));
        let (reason, owner) = (self.words(item, "reason"), self.words(item, "owner"));
        let Some(selector) = selector else { return };
        let value = item.get("value").map(|node| self.value(node, &selector));
        // A rule that was not understood is no rule without its conditions.
        if matches!(until, Some(None)) || matches!(value, Some(None)) {
            return;
        }
        let (until, value) = (until.flatten(), value.flatten());
        self.lifecycle.ignore.push(Ignore { selector, value, reason, owner, until, place });
    }

    fn words(&mut self, item: &Node, key: &str) -> Option<String> {
        let node = item.get(key)?;
        self.text(node, &format!("triform.ignore.{key}"))
    }

    fn date(&mut self, node: &Node) -> Option<Date> {
        let text = self.text(node, "triform.ignore.until")?;
        let date = (text.len() == 10).then(|| text.parse::<Date>().ok()).flatten();
        if date.is_none() {
            let diagnostic = Diagnostic::error(codes::BAD_DATE, format!("`{text}` is no date"));
            self.report(
                node.blame(diagnostic, "not a day").help("write the last day of the rule as 2026-12-31"),
            );
        }
        date
    }

    fn value(&mut self, node: &Node, selector: &Selector) -> Option<Value> {
        const DOTTED: &str = "triform.ignore.value";
        let exact = selector.path().zip(selector.address());
        let attribute = exact.and_then(|(path, address)| {
            let schema = self.schemas.iter().find(|schema| schema.kind == address.kind)?;
            schema.attribute(path).filter(|(attribute, key)| !key && !matches!(attribute.kind, Kind::Code))
        });
        if let Some((attribute, _)) = attribute {
            let kind: &'static Kind = &attribute.kind;
            return match leaf(kind, node, &|| DOTTED.to_owned(), self.diagnostics)? {
                Planned::Known(value) => Some(value),
                Planned::Promised(_) => {
                    self.report(too_late(node, DOTTED));
                    None
                }
            };
        }
        let value = plain_value(node);
        if value.is_none() && !node.is_unresolved() {
            self.report(wrong_type(node, DOTTED, "a value", ""));
        }
        value
    }

    /// Reads which resources a rule is about.
    fn named(&mut self, node: &Node, dotted: &str, own: Option<&Address>) -> Vec<Named> {
        let mut found = Vec::new();
        if let Some(own) = own {
            let read = leaf(&FLAG, node, &|| dotted.to_owned(), self.diagnostics);
            if let Some(Planned::Known(Value::Bool(true))) = read {
                let name = own.name.as_deref().unwrap_or_default();
                // All that the entry deploys by itself: its own resource, and what belongs to that.
                let selectors = [own.to_string(), format!("*.{name}[*")];
                let selectors = selectors.iter().filter_map(|text| text.parse().ok()).collect();
                found.push(Named { selectors, place: first_line(node.place()) });
            }
            return found;
        }
        self.each(node, dotted, |this, item| {
            let Some(selector) = this.selector(item, dotted) else { return };
            if selector.has_path() {
                let what =
                    format!("`{selector}` names a place inside a resource; `{dotted}` is about whole ones");
                return this.report(item.blame(Diagnostic::error(codes::BAD_SELECTOR, what), ""));
            }
            found.push(Named { selectors: vec![selector], place: first_line(item.place()) });
        });
        found
    }

    fn replace_when(&mut self, node: &Node, dotted: &str, own: &Address, place: &Span) {
        let mut changes = Vec::new();
        self.each(node, dotted, |this, item| {
            if let Content::Promised(template) = &item.content {
                changes.extend(template.outputs().cloned().map(Trigger::Output));
                return;
            }
            if !item.after.is_empty() {
                let what = "this is known before the apply, and names no resource";
                let diagnostic = Diagnostic::error(codes::BAD_SELECTOR, what);
                let help = "name the place itself, such as fc3_function.base:memorySize";
                return this.report(item.blame(diagnostic, "").help(help));
            }
            let selector = this.here(item, dotted, own);
            let Some(selector) = selector else { return };
            if selector.address().is_none() {
                let what = format!("`{selector}` is a pattern of resources; name one");
                return this.report(item.blame(Diagnostic::error(codes::BAD_SELECTOR, what), ""));
            }
            if !selector.has_path() && selector.address().as_ref() == Some(own) {
                let what = "every change of a resource would replace it: name paths of it";
                return this.report(item.blame(Diagnostic::error(codes::BAD_SELECTOR, what), ""));
            }
            changes.push(Trigger::Written(selector));
        });
        self.lifecycle.replace_when.push(ReplaceWhen { address: own.clone(), changes, place: place.clone() });
    }

    fn replace_when_at_the_top(&mut self, item: &Node) {
        const DOTTED: &str = "triform.replace_when";
        let Some(pairs) = item.pairs() else {
            return self.report(wrong_type(item, DOTTED, "a map", "it has `address` and `changes`"));
        };
        for pair in pairs {
            self.known(&pair.key, &["address", "changes"], "triform.replace_when.");
        }
        let address = self.required(item, "address", "the resource that is replaced");
        let changes = self.required(item, "changes", "paths of it, or selectors of others");
        let (Some(address), Some(changes)) = (address, changes) else { return };
        if let Some(address) = self.address(address, "triform.replace_when.address") {
            self.replace_when(changes, "triform.replace_when.changes", &address, &first_line(item.place()));
        }
    }

    fn moved(&mut self, item: &Node) {
        let Some(pairs) = item.pairs() else {
            return self.report(wrong_type(item, "triform.moved", "a map", "it has `from` and `to`"));
        };
        for pair in pairs {
            self.known(&pair.key, &["from", "to"], "triform.moved.");
        }
        let from = self.required(item, "from", "the old address");
        let to = self.required(item, "to", "the new address");
        let (Some(from), Some(to)) = (from, to) else { return };
        let from = self.address(from, "triform.moved.from");
        let to = self.address(to, "triform.moved.to");
        let place = first_line(item.place());
        self.lifecycle.moved.extend(from.zip(to).map(|(from, to)| Moved { from, to, place }));
    }

    fn import(&mut self, item: &Node) {
        let Some(pairs) = item.pairs() else {
            return self.report(wrong_type(item, "triform.import", "a map", "it has `to` and `id`"));
        };
        for pair in pairs {
            self.known(&pair.key, &["to", "id"], "triform.import.");
        }
        let to = self.required(item, "to", "the address in the project");
        let id = self.required(item, "id", "the name in the cloud, such as hello or hello/http");
        let (Some(to), Some(id)) = (to, id) else { return };
        let to = self.address(to, "triform.import.to");
        let id = self.text(id, "triform.import.id");
        let place = Some(first_line(item.place()));
        self.lifecycle.import.extend(to.zip(id).map(|(to, id)| Import { to, id, place }));
    }

    fn required<'n>(&mut self, item: &'n Node, key: &str, doc: &str) -> Option<&'n Node> {
        let found = item.get(key);
        if found.is_none() {
            self.report(missing(&item.span, key, doc));
        }
        found
    }
}

/// Returns a value as YAML types it.
fn plain_value(node: &Node) -> Option<Value> {
    Some(match &node.content {
        Content::Bool(value) => Value::Bool(*value),
        Content::Number(number) => Value::Number(*number),
        Content::Text(text) => Value::Text(text.clone()),
        Content::List(items) => Value::List(items.iter().map(plain_value).collect::<Option<_>>()?),
        Content::Map(pairs) => {
            let pair = |Pair { key, value }: &Pair| Some((key.text.clone(), plain_value(value)?));
            Value::Map(pairs.iter().map(pair).collect::<Option<_>>()?)
        }
        Content::Null | Content::Promised(_) | Content::Unresolved => return None,
    })
}
