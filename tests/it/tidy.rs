//! The house keeps its shape: imports point down, no file is forgotten, and none grows out of hand.
//!
//! The storeys are a list here and a drawing in `ARCHITECTURE.md`. Every path that starts at the crate's root
//! is read out of the source (`crate::…`, groups of them, and `super::` as far up as the root), and what it names
//! must stand below the module that names it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms of the tower, from the ground up; two rooms of one storey are strangers.
const STOREYS: [&[&str]; 11] = [
    &["diag"],
    &["model"],
    &["config", "archive", "state"],
    &["diff"],
    &["plan"],
    &["apply"],
    &["render"],
    // ═══ the waterline ═══
    &["sys"],
    &["provider", "backend"],
    &["ops"],
    &["cli"],
];

/// The embedded cloud stands beside the tower: it uses nothing of it, and only these rooms may start it.
const BESIDE: (&str, &[&str]) = ("emulator", &["cli"]);

/// Files that stand outside every room.
const OUTSIDE: [&str; 2] = ["lib.rs", "main.rs"];

/// Lines after which a file has become a folder that nobody made.
const LONGEST: usize = 700;

#[test]
fn imports_point_down() {
    let mut complaints = Vec::new();
    for file in rust_files("src") {
        let inside = inside("src", &file);
        if OUTSIDE.contains(&inside.as_str()) {
            continue;
        }
        let source = fs::read_to_string(&file).expect("text");
        for target in named_rooms(&source, &module_of(&inside)) {
            complaints.extend(judge(room_of(&inside), &target).map(|why| format!("src/{inside}: {why}")));
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn every_room_has_a_storey() {
    let mut homeless = Vec::new();
    for entry in fs::read_dir(root().join("src")).expect("a folder") {
        let name = entry.expect("an entry").file_name().into_string().expect("text");
        if !OUTSIDE.contains(&name.as_str()) && storey(room_of(&name)).is_none() && room_of(&name) != BESIDE.0
        {
            homeless.push(name);
        }
    }
    assert!(homeless.is_empty(), "on no storey of tests/it/tidy.rs: {homeless:?}");
}

#[test]
fn lib_declares_the_rooms_from_the_ground_up() {
    let lib = fs::read_to_string(root().join("src/lib.rs")).expect("text");
    let declared: Vec<_> = lib
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .map(|room| storey(room).unwrap_or(STOREYS.len()))
        .collect();
    assert!(declared.is_sorted(), "a reader of lib.rs goes from the ground up: {declared:?}");
}

#[test]
fn every_code_is_explained() {
    let explained = fs::read_to_string(root().join("docs/errors.md")).expect("text");
    let mut missing = Vec::new();
    for file in rust_files("src") {
        let text = fs::read_to_string(&file).expect("text");
        for (at, _) in text.match_indices("\"E0") {
            let code = &text[at + 1..(at + 6).min(text.len())];
            let is_code = code.len() == 5 && code[1..].bytes().all(|byte| byte.is_ascii_digit());
            if is_code && !explained.contains(&format!("## {code}")) {
                missing.push(format!("{code} of {}", file.display()));
            }
        }
    }
    assert!(missing.is_empty(), "docs/errors.md has no section for {missing:?}");
}

#[test]
fn no_integration_test_is_forgotten() {
    let main = fs::read_to_string(root().join("tests/it/main.rs")).expect("text");
    let listed = |name: &str| main.lines().any(|line| line.trim() == format!("mod {name};"));
    let forgotten: Vec<_> = fs::read_dir(root().join("tests/it"))
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|is| is == "rs") || path.join("mod.rs").exists())
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .filter(|name| name != "main" && !listed(name))
        .collect();
    assert!(forgotten.is_empty(), "not listed in tests/it/main.rs: {forgotten:?}");
}

#[test]
fn files_stay_readable() {
    let mut long = Vec::new();
    for file in ["src", "tests", "benches"].into_iter().flat_map(rust_files) {
        let lines = fs::read_to_string(&file).expect("text").lines().count();
        if lines > LONGEST {
            long.push(format!("{}: {lines} lines", file.display()));
        }
    }
    assert!(long.is_empty(), "longer than {LONGEST} lines; its headings are modules:\n{}", long.join("\n"));
}

#[test]
fn every_decision_is_linked() {
    let Ok(architecture) = fs::read_to_string(root().join("ARCHITECTURE.md")) else {
        let decisions = root().join("docs/adr");
        assert!(!decisions.exists(), "{} is linked from nowhere", decisions.display());
        return;
    };
    let unlinked: Vec<_> = fs::read_dir(root().join("docs/adr"))
        .into_iter()
        .flatten()
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("text"))
        .filter(|name| name.starts_with(|first: char| first.is_ascii_digit()))
        .filter(|name| !architecture.contains(&format!("docs/adr/{name}")))
        .collect();
    assert!(unlinked.is_empty(), "not linked from ARCHITECTURE.md: {unlinked:?}");
}

/// Says what is wrong with one room naming another.
fn judge(from: &str, to: &str) -> Option<String> {
    if from == to {
        return None;
    }
    if from == BESIDE.0 {
        return Some(format!("the embedded cloud uses `{to}`; it and the tower meet only over the wire"));
    }
    if to == BESIDE.0 {
        let may = BESIDE.1.contains(&from);
        return (!may)
            .then(|| format!("`{from}` uses the embedded cloud, which only {:?} may start", BESIDE.1));
    }
    match (storey(from), storey(to)) {
        (Some(here), Some(there)) if there < here => None,
        (Some(here), Some(there)) if there == here => Some(format!("`{from}` and `{to}` are strangers")),
        (Some(_), Some(_)) => Some(format!("`{to}` stands above `{from}`")),
        // A name at the root that is no room: a re-export, which hides where a thing lives.
        _ => Some(format!("`{to}` is no room of the house")),
    }
}

fn storey(room: &str) -> Option<usize> {
    STOREYS.iter().position(|rooms| rooms.contains(&room))
}

/// Returns the room that a file under `src` belongs to.
fn room_of(inside: &str) -> &str {
    inside.split('/').next().unwrap_or(inside).trim_end_matches(".rs")
}

/// Returns the path of the module that a file under `src` is.
fn module_of(inside: &str) -> Vec<String> {
    let mut path: Vec<_> = inside.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if path.last().is_some_and(|last| last == "mod") {
        path.pop();
    }
    path
}

/// Returns every room that a source names, by whatever way its path takes to the root.
fn named_rooms(source: &str, module: &[String]) -> Vec<String> {
    let tokens = tokens(source);
    let text = |at: usize| tokens.get(at).map_or("", String::as_str);
    let mut rooms = Vec::new();
    // Depths of the braces at which an inline module was opened: each is one `super` more to the root.
    let mut inline: Vec<usize> = Vec::new();
    let (mut depth, mut at) = (0_usize, 0);
    while at < tokens.len() {
        match text(at) {
            "{" => depth += 1,
            "}" => {
                depth = depth.saturating_sub(1);
                if inline.last() == Some(&depth) {
                    inline.pop();
                }
            }
            "mod" if text(at + 2) == "{" => inline.push(depth),
            "crate" if text(at + 1) == "::" => rooms.extend(heads(&tokens, at + 2)),
            "super" if at == 0 || text(at - 1) != "::" => {
                let mut ups = 1;
                while text(at + 1) == "::" && text(at + 2) == "super" {
                    (ups, at) = (ups + 1, at + 2);
                }
                if ups >= module.len() + inline.len() && text(at + 1) == "::" {
                    rooms.extend(heads(&tokens, at + 2));
                }
            }
            _ => {}
        }
        at += 1;
    }
    rooms
}

/// Returns the first names of the path or of the group of paths that starts at a token.
fn heads(tokens: &[String], start: usize) -> Vec<String> {
    if tokens.get(start).is_none_or(|token| token != "{") {
        return tokens.get(start).cloned().into_iter().collect();
    }
    let mut heads = Vec::new();
    let (mut depth, mut first) = (0, false);
    for token in &tokens[start..] {
        match token.as_str() {
            "{" => (depth, first) = (depth + 1, depth == 0),
            "}" if depth == 1 => break,
            "}" => depth -= 1,
            "," => first = depth == 1,
            name if first => {
                heads.push(name.to_owned());
                first = false;
            }
            _ => {}
        }
    }
    heads
}

/// Returns the words and signs of a source, without comments, strings and characters.
fn tokens(source: &str) -> Vec<String> {
    let chars: Vec<char> = source.chars().collect();
    let next = |at: usize| chars.get(at).copied().unwrap_or('\0');
    let skip_until = |mut at: usize, end: &str| {
        while at < chars.len() && !end.chars().enumerate().all(|(step, sign)| next(at + step) == sign) {
            at += 1;
        }
        at + end.len()
    };
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let sign = chars[at];
        if sign == '/' && next(at + 1) == '/' {
            at = skip_until(at, "\n");
        } else if sign == '/' && next(at + 1) == '*' {
            at = skip_until(at + 2, "*/");
        } else if sign == '"' {
            at += 1;
            while at < chars.len() && chars[at] != '"' {
                at += if chars[at] == '\\' { 2 } else { 1 };
            }
            at += 1;
        } else if sign == '\'' && (next(at + 1) == '\\' || next(at + 2) == '\'') {
            // A character; the quote of a lifetime is a sign like any other.
            at = skip_until(at + if next(at + 1) == '\\' { 3 } else { 2 }, "'");
        } else if sign.is_alphanumeric() || sign == '_' {
            let start = at;
            while next(at).is_alphanumeric() || next(at) == '_' {
                at += 1;
            }
            let word: String = chars[start..at].iter().collect();
            let hashes = chars[at..].iter().take_while(|sign| **sign == '#').count();
            if matches!(word.as_str(), "r" | "br") && next(at + hashes) == '"' {
                at = skip_until(at + hashes + 1, &format!("\"{}", "#".repeat(hashes)));
            } else {
                tokens.push(word);
            }
        } else if sign == ':' && next(at + 1) == ':' {
            tokens.push("::".to_owned());
            at += 2;
        } else {
            if !sign.is_whitespace() {
                tokens.push(sign.to_string());
            }
            at += 1;
        }
    }
    tokens
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn inside(folder: &str, file: &Path) -> String {
    let inside = file.strip_prefix(root().join(folder)).expect("it was found there");
    inside.to_str().expect("text").to_owned()
}

/// Returns every Rust file below a folder of the repository.
fn rust_files(folder: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|is| is == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

#[test]
fn imports_are_read_whatever_their_form() {
    #[track_caller]
    fn check(source: &str, rooms: &[&str]) {
        assert_eq!(named_rooms(source, &["plan".to_owned(), "order".to_owned()]), rooms, "{source}");
    }
    check("use crate::model::{Path, Value};", &["model"]);
    check("use crate::{diag::Span, model::{Path, Value}, plan};", &["diag", "model", "plan"]);
    check("fn f() -> crate::diag::Span { crate::sys::ids::draw() }", &["diag", "sys"]);
    check("use super::Action; use super::super::cli::Args;", &["cli"]);
    check("mod tests { use super::super::Action; use super::super::super::cli; } use super::x;", &["cli"]);
    check("// crate::cli\n/* crate::cli */ let a = \"crate::cli\"; let b = r#\"crate::\"cli\"#;", &[]);
    check("fn f<'a>(x: &'a str) { let q = '\"'; crate::diag::f(x) }", &["diag"]);
    check("pub(crate) fn f() {} pub(super) fn g() {}", &[]);
}

#[test]
fn only_what_stands_below_may_be_used() {
    let verdicts: BTreeMap<_, _> = [
        ("model", "diag"),
        ("diag", "model"),
        ("archive", "config"),
        ("sys", "archive"),
        ("render", "sys"),
        ("cli", "emulator"),
        ("provider", "emulator"),
        ("emulator", "model"),
        ("cli", "Shortcut"),
    ]
    .into_iter()
    .map(|(from, to)| ((from, to), judge(from, to).is_none()))
    .collect();
    let allowed: Vec<_> = verdicts.into_iter().filter(|(_, fine)| *fine).map(|(pair, _)| pair).collect();
    assert_eq!(allowed, [("cli", "emulator"), ("model", "diag"), ("sys", "archive")]);
}
