//! Many functions in the data of a cloud that does not run, for tests and benchmarks: thousands in a second.

use std::path::Path;

use redb::ReadableTable as _;
use serde_json::{Value, json};

const RESOURCES: redb::TableDefinition<'_, &str, &[u8]> = redb::TableDefinition::new("resources");

/// Copies the function `hello` under the names `f0000`, `f0001` and on; every fiftieth tells of mails.
pub fn copy_hello(data: &Path, count: usize) {
    let database = redb::Database::open(data.join("cloud.redb")).expect("the data of a cloud");
    let change = database.begin_write().expect("a transaction");
    {
        let mut resources = change.open_table(RESOURCES).expect("a table");
        let hello = resources.get("function/cn-hangzhou/hello").expect("reads").expect("was made");
        let mut function: Value = serde_json::from_slice(hello.value()).expect("JSON");
        drop(hello);
        for number in 0..count {
            let name = format!("f{number:04}");
            function["shown"]["functionName"] = json!(name);
            function["shown"]["description"] = json!(if number % 50 == 0 { "Sends the MAIL" } else { "" });
            let bytes = serde_json::to_vec(&function).expect("JSON");
            let key = format!("function/cn-hangzhou/{name}");
            resources.insert(key.as_str(), bytes.as_slice()).expect("writes");
        }
    }
    change.commit().expect("commits");
}
