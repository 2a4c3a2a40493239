//! Filling in `${…}`, on the tree and before anything is typed.
//!
//! Each value is worked out when it is first asked for and kept, so that `vars` and the props of entries may
//! refer to each other in any order; a value that is asked for while it is being worked out is a cycle. What
//! another resource has yet to give becomes a template. Recursion and the amount of text are bounded: a few
//! lines that double each other must not fill the memory.

use std::collections::{BTreeMap, HashMap};

use super::Given;
use super::codes;
use super::component::{Component, Output};
use super::environment::Environment;
use super::expression::{self, Argument, Expression, Piece};
use super::node::{Content, Node, Pair};
use super::suggest::{closest, listed};
use super::typing::not_built;
use crate::diag::{Diagnostic, Span};
use crate::model::{Segment, Template};

/// The deepest recursion through expressions and nesting together.
const MAX_DEPTH: usize = 200;
/// All the text that expressions may make, in bytes.
const MAX_BYTES: usize = 16 << 20;
/// All the values that expressions may repeat.
const MAX_NODES: usize = 2_000_000;

/// After so many mistakes no more nearby names are looked for, which takes a walk over all names.
const MAX_SUGGESTIONS: usize = 100;

/// What an expression can see.
#[derive(Default)]
pub struct World<'a> {
    /// `vars` of the file, overrides already in.
    pub vars: Option<&'a Node>,
    /// `access` of the file.
    pub access: Option<&'a Node>,
    /// `name` of the file.
    pub name: Option<&'a Node>,
    /// The file is of an older edition: expressions name entries, and variables of the environment, without further ado.
    pub older: bool,
    /// The environment, where one was chosen.
    pub environment: Option<&'a Environment>,
    /// The entries, in the order of the file.
    pub entries: Vec<Raw<'a>>,
    /// Where each is, by name.
    pub by_name: BTreeMap<&'a str, usize>,
}

/// One entry, as it is written.
pub struct Raw<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its component, where it names one that exists.
    pub component: Option<&'static Component>,
    /// The value of `component`.
    pub component_node: Option<&'a Node>,
    /// `access` of the entry.
    pub access: Option<&'a Node>,
    /// `vars` of the entry.
    pub vars: Option<&'a Node>,
    /// `props`.
    pub props: Option<&'a Node>,
    /// The rules of the entry.
    pub triform: Option<&'a Node>,
}

/// Works out values.
pub struct Interpolation<'a> {
    world: &'a World<'a>,
    given: &'a Given<'a>,
    /// Texts that are being worked out, each by its place in memory, outermost first.
    active: Vec<(usize, Span)>,
    done: HashMap<usize, Node>,
    depth: usize,
    bytes: usize,
    nodes: usize,
    too_much: bool,
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// The entry that `this` means, where there is one.
type This = Option<usize>;

impl<'a> Interpolation<'a> {
    /// Starts with nothing worked out.
    pub fn new(world: &'a World<'a>, given: &'a Given<'a>) -> Self {
        Self {
            world,
            given,
            active: Vec::new(),
            done: HashMap::new(),
            depth: 0,
            bytes: 0,
            nodes: 0,
            too_much: false,
            diagnostics: Vec::new(),
        }
    }

    /// Returns a value with everything in it filled in. Keys whose values come out as nothing are left out.
    pub fn value(&mut self, raw: &'a Node, this: This) -> Node {
        if self.too_much {
            return unresolved(raw);
        }
        if self.depth > MAX_DEPTH {
            return self.too_large(&raw.span, "expressions and nesting are too deep");
        }
        self.depth += 1;
        let node = match &raw.content {
            Content::Text(text) if expression::is_in(text) => self.kept(raw, text, this),
            Content::List(items) => {
                let items = items.iter().map(|item| self.value(item, this)).collect();
                Node { content: Content::List(items), ..shell(raw) }
            }
            Content::Map(pairs) => {
                let mut filled = Vec::with_capacity(pairs.len());
                for pair in pairs {
                    let value = self.value(&pair.value, this);
                    if !matches!(value.content, Content::Null) {
                        filled.push(Pair { key: pair.key.clone(), value });
                    }
                }
                Node { content: Content::Map(filled), ..shell(raw) }
            }
            _ => raw.clone(),
        };
        self.depth -= 1;
        node
    }

    /// Works out a text once, and notices when it needs itself.
    fn kept(&mut self, raw: &'a Node, text: &str, this: This) -> Node {
        let id = std::ptr::from_ref(raw).addr();
        if let Some(node) = self.done.get(&id) {
            return node.clone();
        }
        if let Some(at) = self.active.iter().position(|(other, _)| *other == id) {
            let mut diagnostic =
                Diagnostic::error(codes::VALUE_CYCLE, "these values are made from each other")
                    .at(raw.span.clone(), "needs itself");
            for (_, span) in &self.active[at + 1..] {
                diagnostic = diagnostic.also(span.clone(), "on the way");
            }
            self.diagnostics.push(diagnostic.help("write one of them out"));
            return unresolved(raw);
        }
        self.active.push((id, raw.span.clone()));
        let mut node = self.text(raw, text, this);
        // As the incumbent does: what comes out with an expression in it is filled in once more.
        if let Content::Text(again) = &node.content
            && expression::is_in(again)
        {
            let again = again.clone();
            let mut first = std::mem::take(&mut node.after);
            node = self.text(raw, &again, this);
            node.after.append(&mut first);
        }
        self.active.pop();
        self.done.insert(id, node.clone());
        node
    }

    fn text(&mut self, raw: &'a Node, text: &str, this: This) -> Node {
        // The second time round the text is not the one of the file, and has no places of its own in it.
        let written = raw.text() == Some(text);
        let inside = |range| if written { raw.inside(range) } else { super::node::first_line(&raw.span) };
        let pieces = match expression::split(text) {
            Ok(pieces) => pieces,
            Err(open) => {
                self.diagnostics.push(
                    Diagnostic::error(codes::BAD_EXPRESSION, "an expression has no end")
                        .at(inside(open), "no `}` closes this"),
                );
                return unresolved(raw);
            }
        };
        if let [Piece::Expression { whole, body }] = pieces.as_slice() {
            let place = inside(whole.clone());
            let mut node = self.expression(&text[body.clone()], &place, this);
            let own =
                raw.span.range.start <= node.span.range.start && node.span.range.end <= raw.span.range.end;
            if node.used_at.is_none() || raw.used_at.is_some() {
                node.used_at = if own { raw.used_at.clone() } else { Some(raw.place().clone()) };
            }
            return node;
        }
        let mut segments = Vec::new();
        let mut after = Vec::new();
        let mut whole = true;
        for piece in pieces {
            match piece {
                Piece::Text(range) => push_text(&mut segments, &text[range]),
                Piece::Expression { whole: range, body } => {
                    let place = inside(range);
                    let node = self.expression(&text[body], &place, this);
                    whole &= self.append(&node, &place, &mut segments);
                    after.extend(node.after);
                }
            }
        }
        if !whole {
            return unresolved(raw);
        }
        let content = match segments.as_slice() {
            [] => Content::Text(String::new()),
            [Segment::Text(text)] => Content::Text(text.clone()),
            _ => Content::Promised(Template { segments }),
        };
        let (_, bytes) = Node::made(content.clone(), raw.span.clone()).weight();
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes > MAX_BYTES {
            return self.too_large(&raw.span, "expressions make too much text");
        }
        Node { content, after, style: super::node::Style::Made, ..shell(raw) }
    }

    /// Appends a value to a text; returns whether it could.
    fn append(&mut self, node: &Node, place: &Span, segments: &mut Vec<Segment>) -> bool {
        match &node.content {
            Content::Unresolved => false,
            Content::Null => true,
            Content::Promised(template) => {
                for segment in &template.segments {
                    match segment {
                        Segment::Text(text) => push_text(segments, text),
                        Segment::Output(_) => segments.push(segment.clone()),
                    }
                }
                true
            }
            _ => {
                let Some(text) = node.as_written() else {
                    self.diagnostics.push(
                        Diagnostic::error(
                            codes::WRONG_TYPE,
                            format!("{} cannot stand inside a text", node.noun()),
                        )
                        .at(place.clone(), "")
                        .also(super::node::first_line(&node.span), "this is its value")
                        .help("use it alone, or name one of the values in it"),
                    );
                    return false;
                };
                push_text(segments, &text);
                true
            }
        }
    }

    fn expression(&mut self, body: &str, place: &Span, this: This) -> Node {
        if self.too_much {
            return failed(place);
        }
        if self.depth > MAX_DEPTH {
            return self.too_large(place, "expressions and nesting are too deep");
        }
        self.depth += 1;
        let node = self.read_expression(body, place, this);
        self.depth -= 1;
        // What was worked out before comes back whole, so its own depth counts as well.
        if self.depth + node.height() > MAX_DEPTH {
            return self.too_large(place, "expressions and nesting are too deep");
        }
        let (nodes, bytes) = node.weight();
        self.nodes = self.nodes.saturating_add(nodes);
        self.bytes = self.bytes.saturating_add(bytes);
        if self.nodes > MAX_NODES || self.bytes > MAX_BYTES {
            return self.too_large(place, "expressions repeat too much");
        }
        node
    }

    fn read_expression(&mut self, body: &str, place: &Span, this: This) -> Node {
        let filled;
        let body = if expression::is_in(body) {
            let Some(inner) = self.inner_text(body, place, this) else {
                return failed(place);
            };
            filled = inner;
            &filled
        } else {
            body
        };
        match expression::parse(body) {
            Ok(Expression::Lookup(path)) => self.lookup(&path, body, place, this),
            Ok(Expression::Call(name, arguments)) => self.call(&name, &arguments, place, this),
            Err(why) => self.fail(
                Diagnostic::error(codes::BAD_EXPRESSION, format!("this expression cannot be read: {why}"))
                    .at(place.clone(), "")
                    .help("expressions look like `${vars.a.b}` or `${env('X', 'default')}`"),
                place,
            ),
        }
    }

    /// Fills in the expressions inside an expression.
    fn inner_text(&mut self, body: &str, place: &Span, this: This) -> Option<String> {
        let mut text = String::new();
        for piece in expression::split(body).ok()? {
            match piece {
                Piece::Text(range) => text.push_str(&body[range]),
                Piece::Expression { body: inner, .. } => {
                    let node = self.expression(&body[inner], place, this);
                    text.push_str(&node.as_written()?);
                }
            }
        }
        Some(text)
    }

    fn call(&mut self, name: &str, arguments: &[Argument], place: &Span, this: This) -> Node {
        match name {
            "env" => self.env(arguments, place, this),
            "config" | "file" | "path" | "json" | "yaml" | "str" | "secret" | "regex" | "env.init" => {
                let mut diagnostic = not_built(&format!("`${{{name}(…)}}`"), place);
                if name == "secret" {
                    diagnostic =
                        diagnostic.help("until then, read it from the environment: `${env('NAME')}`");
                }
                self.fail(diagnostic, place)
            }
            _ => {
                let known = ["env", "config", "file", "path", "json", "yaml", "str", "secret", "regex"];
                let mut diagnostic =
                    Diagnostic::error(codes::UNKNOWN_EXPRESSION, format!("there is no `{name}(…)`"))
                        .at(place.clone(), "");
                if let Some(near) = closest(name, known) {
                    diagnostic = diagnostic.help(format!("did you mean `{near}(…)`?"));
                }
                self.fail(diagnostic, place)
            }
        }
    }

    /// `env('X')`, `env('X', default)`; an empty variable counts as missing, as it does for the incumbent.
    fn env(&mut self, arguments: &[Argument], place: &Span, this: This) -> Node {
        let (name, default) = match arguments {
            [Argument::Quoted(name) | Argument::Bare(name)] => (name, None),
            [Argument::Quoted(name) | Argument::Bare(name), default] => (name, Some(default)),
            _ => {
                let diagnostic =
                    Diagnostic::error(codes::BAD_EXPRESSION, "`env` takes a name, and maybe a default")
                        .at(place.clone(), "")
                        .help("write `${env('X')}` or `${env('X', 'default')}`");
                return self.fail(diagnostic, place);
            }
        };
        if let Some(value) = (self.given.variables)(name).filter(|value| !value.is_empty()) {
            let variable = Some(name.clone());
            return Node { variable, ..Node::made(Content::Text(value), place.clone()) };
        }
        match default {
            Some(Argument::Quoted(text)) => Node::made(Content::Text(text.clone()), place.clone()),
            Some(Argument::Bare(word)) if expression::is_lookup(word) => self.expression(word, place, this),
            Some(Argument::Bare(word)) => Node::made(expression::bare(word), place.clone()),
            Some(Argument::Call(name, arguments)) => self.call(name, arguments, place, this),
            None if let Some(text) = self.given.unset => Node::made(Content::Text(text.to_owned()), place.clone()),
            None => self.fail(
                Diagnostic::error(codes::UNRESOLVED, format!("the environment variable `{name}` is not set"))
                    .at(place.clone(), "not set, or empty")
                    .help(format!("set it, put it into a file for `--env-file`, or give a default: `${{env('{name}', '…')}}`")),
                place,
            ),
        }
    }

    fn lookup(&mut self, path: &[String], body: &str, place: &Span, this: This) -> Node {
        let words: Vec<&str> = path.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["vars", rest @ ..] => {
                let vars = self.world.vars;
                self.walk(vars, rest, body, place, None)
            }
            ["this", rest @ ..] => match this {
                Some(entry) => self.entry(entry, rest, body, place, true),
                None => self.fail(
                    Diagnostic::error(
                        codes::UNRESOLVED,
                        "`this` means the resource around it, and there is none here",
                    )
                    .at(place.clone(), "outside of `resources`"),
                    place,
                ),
            },
            ["env", name] if self.world.older => self.env(&[Argument::Bare((*name).to_owned())], place, this),
            [name, rest @ ..] if self.world.older && self.world.by_name.contains_key(name) => {
                let entry = self.world.by_name.get(name).copied().unwrap_or_default();
                self.entry(entry, rest, body, place, this == Some(entry))
            }
            ["resources", name, rest @ ..] => {
                if let Some(&entry) = self.world.by_name.get(name) {
                    return self.entry(entry, rest, body, place, this == Some(entry));
                }
                let names = self.world.by_name.keys().copied();
                self.not_found(&format!("resources.{name}"), name, names, place)
            }
            [root @ ("that" | "source" | "project"), rest @ ..] => {
                self.of_environment(root, rest, body, place, this)
            }
            [root, rest @ ..] => self.unknown_root(root, rest, place),
            [] => failed(place),
        }
    }

    /// `that.…`, `source.…` and `project`: what the overlays of an environment see beside everything else.
    fn of_environment(&mut self, root: &str, rest: &[&str], body: &str, place: &Span, this: This) -> Node {
        let world = self.world;
        let of_it = |environment: &&Environment| std::sync::Arc::ptr_eq(&environment.source, &place.source);
        let Some(environment) = world.environment.filter(of_it) else {
            let what = format!("`{root}` means something in the overlays of an environment only");
            let diagnostic = Diagnostic::error(codes::UNRESOLVED, what).at(place.clone(), "outside of them");
            return self.fail(diagnostic.help("`this` is the resource around an expression"), place);
        };
        match (root, rest) {
            ("that", ["project"]) | ("project", []) => self.walk(world.name, &[], body, place, None),
            ("that", ["overlays" | "infrastructure", ..]) => self.not_found(body.trim(), "", [], place),
            ("that", rest) => self.walk(Some(&environment.node), rest, body, place, this),
            ("source", rest) => {
                let entry = this.and_then(|this| world.entries.get(this));
                let plain = entry.and_then(|entry| environment.plain.get(entry.name));
                self.walk(plain, rest, body, place, this)
            }
            _ => self.not_found(body.trim(), "", [], place),
        }
    }

    fn unknown_root(&mut self, root: &str, rest: &[&str], place: &Span) -> Node {
        if matches!(root, "components" | "aliyun-cli") {
            return self.fail(not_built(&format!("`${{{root}…}}`"), place), place);
        }
        let mut diagnostic =
            Diagnostic::error(codes::UNKNOWN_EXPRESSION, format!("no expression begins with `{root}`"))
                .at(place.clone(), "");
        let rest = rest.join(".");
        if root == "env" {
            diagnostic = diagnostic.help(format!("write `${{env('{rest}')}}`"));
        } else if self.world.by_name.contains_key(root) {
            diagnostic = diagnostic.help(format!("in edition 3.0.0 this is `${{resources.{root}.{rest}}}`"));
        } else if let Some(near) = closest(root, ["vars", "this", "resources", "env"]) {
            diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
        } else {
            diagnostic = diagnostic.help("expressions begin with `vars.`, `this.`, `resources.` or `env(`");
        }
        self.fail(diagnostic, place)
    }

    /// `this.…` and `resources.X.…`
    fn entry(&mut self, index: usize, path: &[&str], body: &str, place: &Span, own: bool) -> Node {
        let Some(entry) = self.world.entries.get(index) else {
            return failed(place);
        };
        match path {
            ["name"] => Node::made(Content::Text(entry.name.to_owned()), place.clone()),
            ["component"] => self.walk(entry.component_node, &[], body, place, Some(index)),
            ["access"] => {
                let access = entry.access.or(self.world.access);
                self.walk(access, &[], body, place, Some(index))
            }
            ["props", rest @ ..] => self.walk(entry.props, rest, body, place, Some(index)),
            ["vars", rest @ ..] => {
                let own_first = rest
                    .first()
                    .is_some_and(|first| entry.vars.is_some_and(|vars| vars.get(first).is_some()));
                let vars = if own_first { entry.vars } else { self.world.vars.or(entry.vars) };
                self.walk(vars, rest, body, place, own_first.then_some(index))
            }
            ["output", rest @ ..] if !rest.is_empty() => self.output(index, rest, place),
            ["info", ..] => self.fail(not_built("`info`", place), place),
            [] | ["output"] => self.fail(
                Diagnostic::error(codes::BAD_EXPRESSION, "this names a resource and nothing of it")
                    .at(place.clone(), "")
                    .help("go on with `.props.…` or `.output.…`"),
                place,
            ),
            [word, ..] => {
                let known = ["name", "component", "access", "props", "vars", "output"];
                let mut diagnostic =
                    Diagnostic::error(codes::UNKNOWN_EXPRESSION, format!("a resource has no `{word}`"))
                        .at(place.clone(), "");
                diagnostic = match closest(word, known) {
                    Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
                    None if entry.props.is_some_and(|props| props.get(word).is_some()) => {
                        let root = if own { "this".to_owned() } else { format!("resources.{}", entry.name) };
                        diagnostic.help(format!("did you mean `{root}.props.{}`?", path.join(".")))
                    }
                    None => diagnostic.help(format!("it has {}", listed(known))),
                };
                self.fail(diagnostic, place)
            }
        }
    }

    fn output(&mut self, index: usize, path: &[&str], place: &Span) -> Node {
        let Some(entry) = self.world.entries.get(index) else {
            return failed(place);
        };
        let Some(component) = entry.component else {
            return failed(place); // reported where the component is named
        };
        let props = entry.props;
        let mut unresolved = false;
        let mut look = |path: &[&str]| {
            let node = self.quietly(props, path, index)?;
            unresolved |= node.is_unresolved();
            Some(node)
        };
        let output = (component.output)(entry.name, path, &mut look);
        match output {
            Output::Promised(output) => {
                let template = Template { segments: vec![Segment::Output(output)] };
                Node::made(Content::Promised(template), place.clone())
            }
            Output::Declared(node, address) => {
                let mut node = node.used_at(place);
                node.after.push(address);
                node
            }
            Output::NotBuilt => {
                let what = format!("the output `{}`", path.join("."));
                self.fail(not_built(&what, place), place)
            }
            Output::Unknown(_) if unresolved => failed(place),
            Output::Unknown(known) => {
                let path = path.join(".");
                let mut diagnostic = Diagnostic::error(
                    codes::UNKNOWN_OUTPUT,
                    format!("`{}` has no output `{path}`", entry.name),
                )
                .at(place.clone(), "no such output");
                if let Some(near) = closest(&path, known.iter().map(String::as_str)) {
                    diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
                }
                diagnostic = diagnostic.help(format!("it has {}", listed(known.iter().map(String::as_str))));
                self.fail(diagnostic, place)
            }
        }
    }

    /// Looks a place up, and says nothing where there is none.
    fn quietly(&mut self, from: Option<&'a Node>, path: &[&str], this: usize) -> Option<Node> {
        match self.step(from?, path, Some(this)) {
            Ok(node) if !matches!(node.content, Content::Null) => Some(node),
            _ => None,
        }
    }

    /// Looks a place up below a value, and reports what is not there.
    fn walk(&mut self, from: Option<&'a Node>, path: &[&str], body: &str, place: &Span, this: This) -> Node {
        let Some(from) = from else {
            return self.not_found(body.trim(), "", [], place);
        };
        match self.step(from, path, this) {
            Ok(node) if matches!(node.content, Content::Null) => self.not_found(body.trim(), "", [], place),
            Ok(node) if node.is_unresolved() => failed(place),
            Ok(node) => node.used_at(place),
            Err(missed) => {
                let names = missed.known.iter().map(String::as_str);
                self.not_found(body.trim(), &missed.name, names, place)
            }
        }
    }

    /// Goes down a path, through values that are expressions themselves.
    fn step(&mut self, mut from: &'a Node, path: &[&str], this: This) -> Result<Node, Missed> {
        for (at, name) in path.iter().enumerate() {
            if matches!(&from.content, Content::Text(text) if expression::is_in(text)) {
                let filled = self.value(from, this);
                return dig(&filled, &path[at..]);
            }
            from = child(from, name).ok_or_else(|| Missed::below(from, name))?;
        }
        Ok(self.value(from, this))
    }

    fn not_found<'k>(
        &mut self,
        what: &str,
        name: &str,
        known: impl IntoIterator<Item = &'k str>,
        place: &Span,
    ) -> Node {
        let mut diagnostic = Diagnostic::error(codes::UNRESOLVED, format!("`{what}` is not there"))
            .at(place.clone(), "not found");
        if self.diagnostics.len() < MAX_SUGGESTIONS
            && let Some(near) = closest(name, known)
        {
            diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
        }
        self.fail(diagnostic, place)
    }

    fn fail(&mut self, diagnostic: Diagnostic, place: &Span) -> Node {
        self.diagnostics.push(diagnostic);
        failed(place)
    }

    fn too_large(&mut self, place: &Span, what: &str) -> Node {
        if !std::mem::replace(&mut self.too_much, true) {
            self.diagnostics.push(
                Diagnostic::error(codes::TOO_LARGE, what.to_owned())
                    .at(super::node::first_line(place), "")
                    .help("write the values out"),
            );
        }
        failed(place)
    }
}

/// What a path led to that is not there.
struct Missed {
    name: String,
    known: Vec<String>,
}

impl Missed {
    fn below(node: &Node, name: &str) -> Self {
        let pairs = node.pairs().filter(|pairs| pairs.len() <= 1000).unwrap_or_default();
        let known = pairs.iter().map(|pair| pair.key.text.clone()).collect();
        Self { name: name.to_owned(), known }
    }
}

fn child<'n>(node: &'n Node, name: &str) -> Option<&'n Node> {
    match &node.content {
        Content::Map(_) => node.pair(name).map(|pair| &pair.value),
        Content::List(items) => items.get(name.parse::<usize>().ok()?),
        _ => None,
    }
}

/// Goes down a value that is filled in already.
fn dig(node: &Node, path: &[&str]) -> Result<Node, Missed> {
    let mut at = node;
    for name in path {
        if at.is_unresolved() {
            break;
        }
        at = child(at, name).ok_or_else(|| Missed::below(at, name))?;
    }
    Ok(at.clone())
}

fn push_text(segments: &mut Vec<Segment>, text: &str) {
    if let Some(Segment::Text(last)) = segments.last_mut() {
        last.push_str(text);
    } else if !text.is_empty() {
        segments.push(Segment::Text(text.to_owned()));
    }
}

/// Returns everything of a node but its content.
fn shell(raw: &Node) -> Node {
    Node {
        content: Content::Null,
        style: raw.style,
        span: raw.span.clone(),
        used_at: raw.used_at.clone(),
        after: Vec::new(),
        variable: None,
    }
}

fn unresolved(raw: &Node) -> Node {
    Node { content: Content::Unresolved, ..shell(raw) }
}

fn failed(place: &Span) -> Node {
    Node::made(Content::Unresolved, place.clone())
}
