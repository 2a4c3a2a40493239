//! The laws of an apply, over random stories on the embedded cloud.
//!
//! Each case is a project, what its people and somebody in the console do to it, and decisions. The product is driven
//! in this process against a real embedded cloud, and every end is held against [`oracle`], which foretells it from
//! the tables of the design. What a failing case prints is the smallest story that still fails, and its seed:
//!
//! ```sh
//! TRIFORM_LAWS_SEED=17 cargo test --test it laws::
//! ```

mod case;
mod chance;
mod console;
mod oracle;
mod rules;
mod run;
mod site;
mod tally;
mod world;

use std::panic::AssertUnwindSafe;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use case::Case;
use run::Bench;
use tally::Tally;

use crate::support::is_inconsistent;

/// Cases of a run; an inconsistent cloud, which is waited for, gets fewer.
const CASES: [u64; 2] = [2000, 60];

/// Threads, each with a cloud of its own.
const THREADS: usize = 2;

/// How long a smaller story is looked for.
const SHRINKING: Duration = Duration::from_secs(20);

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

#[test]
fn no_console_edit_is_lost_and_every_apply_ends_settled() {
    if let Some(seed) = number("TRIFORM_LAWS_SEED") {
        let bench = Bench::new();
        if let Err(why) = attempt(&bench, &Case::of(seed)) {
            panic!("{}", story(&bench, &Case::of(seed), &why));
        }
        return;
    }
    let cases = number("TRIFORM_LAWS_CASES").unwrap_or(CASES[usize::from(is_inconsistent())]);
    let begun = Instant::now();
    let next = AtomicU64::new(0);
    let (tally, failed) = (Mutex::new(Tally::default()), Mutex::new(None));
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                let bench = Bench::new();
                let mut own = Tally::default();
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= cases || failed.lock().expect("no panic while looking").is_some() {
                        break;
                    }
                    let case = Case::of(seed);
                    match attempt(&bench, &case) {
                        Ok(met) => own.add(met),
                        Err(why) => {
                            let mut failed = failed.lock().expect("no panic while looking");
                            if failed.is_none() {
                                *failed = Some(story(&bench, &case, &why));
                            }
                        }
                    }
                }
                tally.lock().expect("no panic while counting").add(own);
            });
        }
    });
    if let Some(story) = failed.into_inner().expect("no panic while looking") {
        panic!("{story}");
    }
    let tally = tally.into_inner().expect("no panic while counting");
    println!("{cases} cases in {:.1} s\n{tally}", begun.elapsed().as_secs_f64());
    let missing = tally.missing();
    assert!(is_inconsistent() || missing.is_empty(), "never met: {missing:?}\n{tally}");
}

/// Runs a case. A panic on the way is a failure of the case.
fn attempt(bench: &Bench, case: &Case) -> Result<Tally, String> {
    let run = std::panic::catch_unwind(AssertUnwindSafe(|| bench.run(case)));
    run.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        Err(text.or(panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default())
    })
}

/// Tells the smallest part of a case that still fails.
fn story(bench: &Bench, case: &Case, why: &str) -> String {
    let (mut case, mut why) = (case.clone(), why.to_owned());
    let until = Instant::now() + SHRINKING;
    let mut smaller = true;
    while smaller && Instant::now() < until {
        smaller = false;
        for candidate in case.smaller() {
            if Instant::now() < until
                && let Err(other) = attempt(bench, &candidate)
            {
                (case, why, smaller) = (candidate, other, true);
                break;
            }
        }
    }
    format!("TRIFORM_LAWS_SEED={}\n{case}\n{why}", case.seed)
}
