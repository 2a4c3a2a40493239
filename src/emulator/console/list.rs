//! The functions of a region, found by a part of their names, a page at a time.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use serde_json::{Value, json};

use crate::emulator::api::{functions_everywhere, functions_key};
use crate::emulator::cloud::Cloud;
use crate::emulator::error::ApiError;
use crate::emulator::query::Query;
use crate::emulator::store::Look;
use crate::emulator::world::Document;

/// The rows of one page.
const ROWS: usize = 100;

/// The regions in which there is a function, and `always`.
pub fn regions(cloud: &Cloud, always: &str) -> Result<BTreeSet<String>, ApiError> {
    let reader = cloud.store.reader()?;
    let all = functions_everywhere();
    let mut regions = BTreeSet::from([always.to_owned()]);
    let mut from = all.to_owned();
    loop {
        // Only the first function of each region is looked at.
        let mut found = None;
        reader.scan(all, &from, &mut |key, _| {
            found = key[all.len()..].split_once('/').map(|(region, _)| region.to_owned());
            ControlFlow::Break(())
        })?;
        let Some(region) = found else {
            return Ok(regions);
        };
        from = format!("{}\u{10ffff}", functions_key(&region));
        regions.insert(region);
    }
}

/// One page: the rows after `after` whose name or description holds `search`, and how many there are in all.
pub fn functions(look: &dyn Look, region: &str, query: &Query) -> Result<Value, ApiError> {
    let search = query.get("search").unwrap_or_default().to_lowercase();
    let after = query.get("after").unwrap_or_default();
    let prefix = functions_key(region);
    let (mut rows, mut count, mut before, mut more) = (Vec::new(), 0, 0, false);
    look.scan(&prefix, &prefix, &mut |key, document| {
        let name = &key[prefix.len()..];
        let holds = |text: &str| text.to_lowercase().contains(&search);
        if holds(name) || holds(document.text("description")) {
            count += 1;
            if name <= after {
                before += 1;
            } else if rows.len() < ROWS {
                rows.push(row(name, &document));
            } else {
                more = true;
            }
        }
        ControlFlow::Continue(())
    })?;
    Ok(json!({"rows": rows, "count": count, "before": before, "more": more}))
}

fn row(name: &str, document: &Document) -> Value {
    json!({
        "name": name,
        "description": document.text("description"),
        "runtime": document.text("runtime"),
        "memorySize": document.shown.get("memorySize"),
        "state": document.text("state"),
        "lastModifiedTime": document.text("lastModifiedTime"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emulator::store::Store;

    #[test]
    fn thousands_of_functions_are_searched_here_and_told_a_page_at_a_time() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(folder.path()).expect("opens");
        let made = store.change(|writer| {
            for number in 0..5000 {
                let mut document = Document::default();
                document.shown.insert("memorySize".to_owned(), json!(512));
                if number % 50 == 0 {
                    document.shown.insert("description".to_owned(), json!("Sends the MAIL"));
                }
                writer.put(&format!("function/r/f{number:04}"), &mut document)?;
            }
            Ok(())
        });
        made.expect("is accepted");
        let reader = store.reader().expect("reads");
        let ask = |query: &str| functions(&reader, "r", &Query::parse(query)).expect("is told");
        let first = ask("");
        assert_eq!(
            (&first["count"], &first["before"], &first["more"]),
            (&json!(5000), &json!(0), &json!(true))
        );
        assert_eq!(first["rows"].as_array().map(Vec::len), Some(ROWS));
        let last = ask("after=f4899");
        assert_eq!((&last["before"], &last["more"]), (&json!(4900), &json!(false)));
        assert_eq!(last["rows"][99]["name"], "f4999");
        // In names and descriptions, whatever their case.
        assert_eq!(ask("search=F123")["count"], 10);
        assert_eq!(ask("search=mail")["rows"][1]["name"], "f0050");
        assert_eq!(ask("search=nothing")["count"], 0);
    }
}
