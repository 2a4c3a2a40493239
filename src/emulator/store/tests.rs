use super::*;
use serde_json::json;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

fn document(text: &str) -> Document {
    let mut document = Document::default();
    document.shown.insert("text".to_owned(), json!(text));
    document
}

fn put(store: &Store, key: &str, text: &str) -> u64 {
    let put = store.change(|writer| {
        let mut document = document(text);
        writer.put(key, &mut document)?;
        Ok(document.revision)
    });
    put.expect("is accepted")
}

#[test]
fn a_refused_change_leaves_no_trace() {
    let folder = folder();
    let store = Store::open(folder.path()).expect("opens");
    put(&store, "a", "one");
    let refused = store.change(|writer| {
        writer.put("a", &mut document("two"))?;
        writer.keep_package(b"zip")?;
        Err::<(), _>(ApiError::invalid("no"))
    });
    assert!(refused.is_err());
    let reader = store.reader().expect("reads");
    assert_eq!(reader.get("a").expect("reads").expect("is there").text("text"), "one");
    assert!(reader.package(&sha256_hex(b"zip")).expect("reads").is_none());
}

#[test]
fn revisions_are_never_used_twice() {
    let folder = folder();
    let store = Store::open(folder.path()).expect("opens");
    let first = put(&store, "a", "one");
    store.change(|writer| Ok(writer.remove("a")?)).expect("is accepted");
    drop(store);
    let store = Store::open(folder.path()).expect("opens again");
    assert!(put(&store, "a", "one") > first);
}

#[test]
fn a_scan_keeps_to_its_prefix_and_starts_where_it_is_told() {
    let folder = folder();
    let store = Store::open(folder.path()).expect("opens");
    for key in ["f/a", "f/b", "f/c", "f0", "g/a"] {
        put(&store, key, key);
    }
    let reader = store.reader().expect("reads");
    let rest = |found: Vec<(String, Document)>| found.into_iter().map(|(rest, _)| rest).collect::<Vec<_>>();
    assert_eq!(rest(reader.all("f/").expect("reads")), ["a", "b", "c"]);
    let mut seen = Vec::new();
    let visited = reader.scan("f/", "f/b", &mut |key, _| {
        seen.push(key.to_owned());
        ControlFlow::Continue(())
    });
    visited.expect("reads");
    assert_eq!(seen, ["f/b", "f/c"]);
}

#[test]
fn newer_and_foreign_databases_are_refused_untouched() {
    let newer = folder();
    let store = Store::open(newer.path()).expect("opens");
    let write = store.database.begin_write().expect("begins");
    write.open_table(NUMBERS).expect("opens").insert("format", FORMAT + 1).expect("writes");
    write.commit().expect("commits");
    drop(store);
    assert!(matches!(Store::open(newer.path()), Err(OpenError::Newer { found: 2, .. })));

    let foreign = folder();
    let other = Database::create(foreign.path().join("cloud.redb")).expect("is made");
    let write = other.begin_write().expect("begins");
    write.open_table(TableDefinition::<u64, u64>::new("theirs")).expect("opens");
    write.commit().expect("commits");
    drop(other);
    assert!(matches!(Store::open(foreign.path()), Err(OpenError::Foreign { .. })));

    let unreadable = folder();
    fs::write(unreadable.path().join("file"), "").expect("writes");
    let below_a_file = Store::open(&unreadable.path().join("file"));
    assert!(matches!(below_a_file, Err(OpenError::Unreadable { .. })));
}
