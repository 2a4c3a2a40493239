//! Rendering plans: how long each takes, and what it allocates, for 1,000 and for 10,000 changed resources.

#[path = "project.rs"]
mod project;

use std::collections::BTreeMap;

use bytes::Bytes;
use project::project;
use triform::model::{Digest, FileEntry, FileKind, Path, Value};
use triform::plan::{Document, Made};
use triform::provider::aliyun::fc3::schema::schemas;
use triform::render::human::{self, View};
use triform::render::{Part, RENDERERS, Shown};

#[global_allocator]
static ALLOCATIONS: divan::AllocProfiler = divan::AllocProfiler::system();

fn main() {
    divan::main();
}

/// A file of a hundred lines, and the same with one of them changed.
fn file(changed: bool) -> (Value, Bytes) {
    let line = |number: usize| {
        if changed && number == 50 { "def other():\n".to_owned() } else { format!("line {number}\n") }
    };
    let text: String = (0..100).map(line).collect();
    let entry =
        FileEntry { kind: FileKind::Regular, digest: Digest::of(text.as_bytes()), size: text.len() as u64 };
    (Value::File(entry), text.into())
}

/// A plan in which every resource changes: a number, a variable that was edited online, and a file of the code.
fn document(resources: usize) -> Document {
    let mut project = project(resources, true);
    let ((before, old), (after, new)) = (file(false), file(true));
    let code = Path::file("index.py");
    for (address, wanted) in &mut project.desired {
        if address.kind != "fc3_function" {
            let description = Value::text("changed");
            wanted.attributes.insert(Path::field("description"), description.into());
            continue;
        }
        wanted.attributes.insert(Path::field("timeout"), Value::int(90).into());
        wanted.attributes.insert(code.clone(), after.clone().into());
        let sides = || (Some(before.clone()), Some(before.clone()));
        if let Some(record) = project.records.get_mut(address) {
            let (declared, observed) = sides();
            record.settle(&code, triform::state::Recorded { declared, observed, accepted: false });
        }
        if let Some(Some(live)) = project.live.get_mut(&wanted.identity) {
            live.attributes.insert(code.clone(), before.clone());
            let variable = Path::field("environmentVariables").key("NAME_1");
            live.attributes.insert(variable, Value::text("online"));
        }
    }
    let digest = |value: &Value| match value {
        Value::File(entry) => entry.digest,
        _ => Digest::of(b""),
    };
    Document {
        plan: project.plan(),
        made: Made { at: "2026-11-22T14:00:00Z".to_owned(), ..Made::default() },
        places: BTreeMap::new(),
        secrets: BTreeMap::new(),
        links: Vec::new(),
        trees: BTreeMap::new(),
        contents: [(digest(&before), old), (digest(&after), new)].into(),
    }
}

fn formats() -> impl Iterator<Item = &'static str> {
    std::iter::once("human").chain(RENDERERS.iter().map(|renderer| renderer.name))
}

fn render(format: &str, document: &Document) -> String {
    let schemas = schemas();
    if let Some(renderer) = RENDERERS.iter().find(|renderer| renderer.name == format) {
        return (renderer.render)(&Shown { document, schemas: &schemas, part: Part::Whole });
    }
    let content = |digest| document.content(digest);
    let view = View {
        width: 80,
        schemas: &schemas,
        content: &content,
        secrets: &document.secrets,
        diff_lines: 40,
        compact: false,
    };
    human::plan(&document.plan, &view, Part::Whole).paint(true)
}

#[divan::bench(args = formats(), consts = [1_000, 10_000], sample_count = 3)]
fn plan<const RESOURCES: usize>(bencher: divan::Bencher<'_, '_>, format: &str) {
    let document = document(RESOURCES);
    bencher.bench_local(|| render(format, &document));
}

#[divan::bench(args = [1_000, 10_000], sample_count = 3)]
fn save_and_read(bencher: divan::Bencher<'_, '_>, resources: usize) {
    let document = document(resources);
    bencher.bench_local(|| {
        let bytes = triform::plan::file::write(&document).expect("an archive");
        triform::plan::file::read(&bytes).expect("a plan")
    });
}
