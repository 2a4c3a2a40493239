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
pub fn functions(cloud: &Cloud, region: &str, query: &Query) -> Result<Value, ApiError> {
    let search = query.get("search").unwrap_or_default().to_lowercase();
    let after = query.get("after").unwrap_or_default();
    let prefix = functions_key(region);
    let (mut rows, mut count, mut before, mut more) = (Vec::new(), 0, 0, false);
    cloud.store.reader()?.scan(&prefix, &prefix, &mut |key, document| {
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
