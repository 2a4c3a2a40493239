//! The console's list of 5,000 functions, timed from outside: the time to its first row in a browser that opens it,
//! and to the answer of a search.
//!
//! Prints figures and asserts nothing. `TRIFORM_BENCH_RESOURCES` sets the number of functions.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark runs commands and prints figures"
)]

#[path = "../tests/it/browser.rs"]
#[allow(dead_code, reason = "the tests do more with a browser")]
mod browser;
#[path = "../tests/it/many.rs"]
mod many;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::json;

const TRIFORM: &str = env!("CARGO_BIN_EXE_triform");

const PROJECT: &str = "edition: 3.0.0\nname: bench\nresources:\n  hello:\n    component: fc3\n    props:\n      \
region: cn-hangzhou\n      functionName: hello\n      runtime: python3.10\n      handler: index.handler\n      code: ./code\n";

/// Tells when the first row of a list came, in milliseconds since the page was asked for.
const WATCH: &str = "new MutationObserver((_, watch) => {
    if (!document.querySelector('tbody tr')) return;
    window.firstRow = performance.now();
    watch.disconnect();
}).observe(document, { childList: true, subtree: true })";

/// Searches, and tells how long it took until the rows were those that were found.
const SEARCH: &str = "(async () => {
    const input = document.querySelector('input[type=search]');
    const told = document.querySelector('.bar .status');
    const before = told.textContent;
    const begun = performance.now();
    input.value = input.value === 'mail' ? 'f12' : 'mail';
    input.dispatchEvent(new Event('input'));
    while (told.textContent === before) await new Promise(go => setTimeout(go));
    return performance.now() - begun;
})()";

const RUNS: usize = 9;

fn main() {
    let count =
        std::env::var("TRIFORM_BENCH_RESOURCES").ok().and_then(|text| text.parse().ok()).unwrap_or(5000);
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("code")).expect("made");
    std::fs::write(folder.path().join("s.yaml"), PROJECT).expect("written");
    std::fs::write(folder.path().join("code/index.py"), "def handler(event, context):\n    return 1\n")
        .expect("written");
    let (mut cloud, endpoint) = serve(folder.path());
    let applied = Command::new(TRIFORM)
        .args(["apply", "--auto-approve", "--local", "--endpoint", &endpoint])
        .current_dir(folder.path())
        .stdout(Stdio::null())
        .status();
    assert!(applied.is_ok_and(|status| status.success()), "there is no function to copy");
    stop(&mut cloud);
    many::copy_hello(&folder.path().join("data"), count - 1);

    let (mut cloud, endpoint) = serve(folder.path());
    let url = format!("{}/#/cn-hangzhou/functions", endpoint.replace("127.0.0.1", "console.localhost"));
    let mut browser = browser::Browser::start();
    browser.speaks("en");
    browser.tell("Page.addScriptToEvaluateOnNewDocument", &json!({ "source": WATCH }));
    let (mut rows, mut searches) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        browser.open("about:blank", 1280, 900);
        browser.open(&url, 1280, 900);
        browser.comes_to("typeof window.firstRow", "number");
        rows.push(browser.ask("window.firstRow").as_f64().unwrap_or_default());
        searches.push(browser.ask(SEARCH).as_f64().unwrap_or_default());
    }
    println!("{count} functions in the console's list, milliseconds of {RUNS} runs");
    println!("{:<34} {:>9} {:>9} {:>9}", "", "least", "median", "most");
    figures("to the first row", rows);
    figures("a search", searches);
    stop(&mut cloud);
}

fn figures(name: &str, mut of: Vec<f64>) {
    of.sort_by(f64::total_cmp);
    println!("{name:<34} {:>9.0} {:>9.0} {:>9.0}", of[0], of[of.len() / 2], of[of.len() - 1]);
}

fn serve(folder: &Path) -> (Child, String) {
    let mut cloud = Command::new(TRIFORM)
        .args(["cloud", "serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(folder.join("data"))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the embedded cloud starts");
    let mut line = String::new();
    let mut output = BufReader::new(cloud.stdout.take().expect("piped"));
    output.read_line(&mut line).expect("it says where it is");
    std::thread::spawn(move || output.lines().for_each(drop)); // whatever else it says must not fill the pipe
    let start = line.find("http://").expect("an address");
    let endpoint = line[start..].trim_end().trim_end_matches('.').to_owned();
    (cloud, endpoint)
}

fn stop(cloud: &mut Child) {
    let _ = cloud.kill();
    let _ = cloud.wait();
}
