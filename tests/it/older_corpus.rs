//! Real files of the older editions: each is loaded, planned, applied, and planned again, where they are at hand.
//!
//! Placeholders are filled as the corpus' index says, and code folders are made up. What becomes of each file stands in
//! `older_corpus.txt`; a file that changes sides fails the test, in either direction. `INSTA_UPDATE=always` writes the
//! table anew.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use triform::config::node::{Content, Node};
use triform::config::{Given, Sources, load, yaml};
use triform::diag::{Diagnostic, Source};
use triform::provider::PROVIDERS;

use crate::corpus::{corpus, filled};
use crate::room::Room;
use crate::support::keeps;

const TABLE: &str = "tests/it/older_corpus.txt";

/// Returns whether a value is left to the tool anywhere.
fn leaves_to_the_tool(node: &Node) -> bool {
    match &node.content {
        Content::Text(text) => text == "auto",
        Content::List(items) => items.iter().any(leaves_to_the_tool),
        Content::Map(pairs) => pairs.iter().any(|pair| leaves_to_the_tool(&pair.value)),
        _ => false,
    }
}

/// What stands in the way of a file, one construct for each kind of error.
fn constructs(diagnostics: &[Diagnostic]) -> String {
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic.is_error());
    let mut told: Vec<String> = errors.map(|error| format!("{} {}", error.code, error.message)).collect();
    told.sort();
    told.dedup();
    told.join("; ")
}

/// Makes up the code that a project names.
fn make_up(room: &Room, path: &Path) {
    let path = room.project().join(path);
    let archive =
        path.extension().is_some_and(|extension| ["zip", "jar", "war"].iter().any(|one| extension == *one));
    if archive {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        let mut zip = zip::ZipWriter::new(std::fs::File::create(path).expect("a file"));
        zip.start_file("index.py", zip::write::SimpleFileOptions::default()).expect("an entry");
        std::io::Write::write_all(&mut zip, b"def handler(event, context):\n    return event\n")
            .expect("writes");
        zip.finish().expect("an archive");
    } else {
        std::fs::create_dir_all(&path).expect("a folder");
        std::fs::write(path.join("index.py"), "def handler(event, context):\n    return event\n")
            .expect("writes");
    }
}

/// Returns what becomes of a file: its side, and the reason.
fn outcome(files: &[(String, String)], name: &str, text: &str) -> String {
    let folder = name.rsplit_once("__").map_or("", |(folder, _)| folder);
    let source = Arc::new(Source { name: "s.yaml".to_owned(), text: text.to_owned() });
    let (root, problems) = yaml::parse(&source);
    let Some(root) = root.filter(|_| problems.is_empty()) else {
        return format!("no YAML: {}", constructs(&problems));
    };
    // Another file of the same folder, such as the one that it extends.
    let mut others: Vec<(String, String)> = Vec::new();
    let sources = Sources::gather(source, None, &mut |other| {
        let plain = other.trim_start_matches("./").trim_end_matches(".yaml").trim_end_matches(".yml");
        let found = files.iter().find(|(file, _)| *file == format!("{folder}__{plain}.yaml"));
        let text = found.map(|(file, text)| filled(file, text)).ok_or("there is no such file")?;
        others.push((other.to_owned(), text.clone()));
        Ok(text)
    });
    let components: Vec<_> = PROVIDERS.iter().map(|row| row.component).collect();
    let variables = |name: &str| (name == "FOO").then(|| "foo".to_owned());
    let (desired, diagnostics) =
        load(&sources, &Given { variables: &variables, overrides: &[], unset: None }, &components);
    let side = if leaves_to_the_tool(&root) { "auto" } else { "stays out" };
    if diagnostics.iter().any(Diagnostic::is_error) {
        return format!("{side}: {}", constructs(&diagnostics));
    }
    let room = Room::new(&[("s.yaml", text)]);
    for (name, text) in &others {
        room.write(name, text);
    }
    let code: Vec<PathBuf> = desired
        .resources
        .values()
        .filter_map(|resource| Some(resource.code.as_ref()?.path.clone()))
        .collect();
    for path in &code {
        make_up(&room, path);
    }
    // A second plan is made by the room, and has to be empty.
    let ran = room.run(&["apply", "--auto-approve"]);
    if ran.code == Some(0) {
        return "goes through".to_owned();
    }
    let errors = ran.stderr.lines().filter(|line| line.starts_with("error") || line.contains(" error: "));
    let errors: Vec<&str> = errors.take(2).collect();
    if errors.is_empty() { format!("{side}: {ran}") } else { format!("{side}: {}", errors.join("; ")) }
}

#[test]
fn files_of_older_editions_go_through() {
    let files = corpus();
    if files.is_empty() {
        return;
    }
    let older: Vec<(String, String)> = files
        .iter()
        .filter(|(_, text)| {
            let edition = text.lines().find_map(|line| line.strip_prefix("edition:"));
            edition.is_some_and(|edition| {
                let edition = edition.split('#').next().unwrap_or_default().trim().trim_matches(['"', '\'']);
                ["1.0.0", "2.0.0"].contains(&edition)
            })
        })
        .map(|(name, text)| (name.clone(), filled(name, text)))
        .collect();
    let next = AtomicUsize::new(0);
    let found = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some((name, text)) = older.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let outcome = outcome(&files, name, text);
                    found.lock().expect("nobody panicked").push(format!("{name}: {outcome}"));
                }
            });
        }
    });
    let mut found = found.into_inner().expect("nobody panicked");
    found.sort();
    let through = found.iter().filter(|line| line.ends_with(": goes through")).count();
    let counted =
        found.iter().filter(|line| !line.contains(": auto: ") && !line.contains(": no YAML: ")).count();
    let table = format!("{through} of {counted} go through\n\n{}\n", found.join("\n"));
    keeps(TABLE, &table);
    assert!(through >= 55, "{through} of {counted} go through");
}
