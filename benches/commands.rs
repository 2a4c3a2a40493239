//! Whole commands, timed from outside: start-up, `validate`, and plan, apply, plan and destroy over loopback.
//!
//! Prints figures and asserts nothing: wall seconds, CPU seconds of the command (user and system, as the kernel
//! accounts them to finished children), and peak memory as the kernel saw it last. The embedded cloud runs as a
//! process of its own, so its work is not counted. `TRIFORM_BENCH_RESOURCES` sets the number of functions.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark runs commands and prints figures"
)]

use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

const TRIFORM: &str = env!("CARGO_BIN_EXE_triform");

fn main() {
    let count =
        std::env::var("TRIFORM_BENCH_RESOURCES").ok().and_then(|text| text.parse().ok()).unwrap_or(1000);
    let folder = tempfile::tempdir().expect("a folder");
    project(folder.path(), count);
    println!("{count} functions, each with its code in a folder that all share");
    println!("{:<34} {:>9} {:>9} {:>10}", "", "wall s", "cpu s", "peak MiB");

    for name in ["--version", "--help"] {
        measure(name, 20, &mut || Command::new(TRIFORM).arg(name).stdout(Stdio::null()).spawn());
    }
    let in_project = |args: &[&str]| {
        let mut command = Command::new(TRIFORM);
        command.args(args).current_dir(folder.path()).stdin(Stdio::null());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    measure("validate", 3, &mut || in_project(&["validate"]).spawn());

    let (mut cloud, endpoint) = serve(folder.path());
    let local = |args: &[&str]| {
        let mut command = in_project(args);
        command.args(["--local", "--endpoint", &endpoint]);
        command
    };
    measure("plan, everything new", 3, &mut || local(&["plan"]).spawn());
    measure("apply from empty", 1, &mut || local(&["apply", "--auto-approve"]).spawn());
    measure("plan, nothing changed", 3, &mut || local(&["plan"]).spawn());
    measure("apply, nothing changed", 3, &mut || local(&["apply", "--auto-approve"]).spawn());
    let state = folder.path().join(".triform/s.local.state.json");
    println!("{:<34} {:>9} bytes", "the state", std::fs::metadata(state).map_or(0, |state| state.len()));
    measure("destroy", 1, &mut || local(&["destroy", "--auto-approve"]).spawn());
    let _ = cloud.kill();
    let _ = cloud.wait();
}

fn project(folder: &Path, count: usize) {
    let mut text = String::from("edition: 3.0.0\nname: bench\nvars:\n  region: cn-hangzhou\nresources:\n");
    for number in 0..count {
        let _ = write!(
            text,
            "  f{number}:\n    component: fc3\n    props:\n      region: ${{vars.region}}\n      functionName: f{number}\n      \
             runtime: python3.10\n      handler: index.handler\n      code: ./code\n      cpu: 0.5\n      memorySize: 512\n      \
             timeout: 10\n      environmentVariables:\n        NUMBER: '{number}'\n        LOG_LEVEL: info\n"
        ); // writing to a string cannot fail
    }
    std::fs::write(folder.join("s.yaml"), text).expect("written");
    std::fs::create_dir(folder.join("code")).expect("made");
    std::fs::write(folder.join("code/index.py"), "def handler(event, context):\n    return 'hello'\n")
        .expect("written");
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

fn measure(name: &str, runs: u32, start: &mut dyn FnMut() -> std::io::Result<Child>) {
    let (mut wall, mut cpu, mut peak) = (Vec::new(), Vec::new(), 0.0_f64);
    for _ in 0..runs {
        let (before, begun) = (children_cpu(), Instant::now());
        let mut child = start().expect("it starts");
        let memory = format!("/proc/{}/status", child.id());
        // The last reading before the end is the peak, near enough: it only ever grows.
        let ok = loop {
            if let Ok(status) = std::fs::read_to_string(&memory) {
                peak = peak.max(high_water(&status));
            }
            match child.try_wait().expect("it can be waited for") {
                Some(status) => break status.success(),
                None => std::thread::sleep(std::time::Duration::from_millis(1)),
            }
        };
        wall.push(begun.elapsed().as_secs_f64());
        cpu.push(children_cpu() - before);
        if !ok {
            println!("{name}: failed");
        }
    }
    let mean = |figures: &[f64]| figures.iter().sum::<f64>() / f64::from(runs);
    println!("{name:<34} {:>9.3} {:>9.3} {peak:>10.1}", mean(&wall), mean(&cpu));
}

/// CPU seconds of all finished children, in ticks of a hundredth.
fn children_cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks =
        |index: usize| fields.get(index).and_then(|text| text.parse::<f64>().ok()).unwrap_or_default();
    (ticks(13) + ticks(14)) / 100.0
}

fn high_water(status: &str) -> f64 {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|text| text.parse::<f64>().ok()).unwrap_or_default() / 1024.0
}
