//! The digest moves with everything that decides what an apply does, and with nothing else.

use std::collections::BTreeMap;

use super::world::{address, known, owner, rules, schemas, sealed, sealer, wanted};
use crate::model::{Attributes, Identity};
use crate::plan::{Decisions, Live, PlanDigest, PlanInput, build};
use crate::state::{Lineage, Record, Recorded, Serial};

/// The three sides of one function, and the answers.
#[derive(Clone, Copy)]
struct Sides {
    config: &'static str,
    declared: &'static str,
    observed: &'static str,
    live: &'static str,
    answers: &'static str,
    serial: u64,
}

const SIDES: Sides = Sides {
    config: "handler=h memorySize=128 env.A=1 file:a=1",
    declared: "handler=h memorySize=128 env.A=0 file:a=1",
    observed: "handler=h memorySize=128 env.A=0 file:a=1",
    live: "handler=h memorySize=256 env.A=0 file:a=1",
    answers: "use-local",
    serial: 3,
};

fn digest(sides: Sides) -> PlanDigest {
    let Sides { config, declared, observed, live, answers, serial } = sides;
    let at = address("function.a");
    let desired = sealed(wanted(&[(at.clone(), config.to_owned())].into()));
    let identity: Identity = desired[&at].identity.clone();
    let mut record = Record::new(identity.clone(), 2);
    let (declared, observed) = (known(declared), known(observed));
    for path in declared.keys().chain(observed.keys()) {
        let (declared, observed) = (declared.get(path).cloned(), observed.get(path).cloned());
        record.settle(path, Recorded { declared, observed, accepted: false });
    }
    let live = Live { attributes: known(live), ..Live::default() };
    let decisions = Decisions::new(rules(answers)).expect("answers");
    let plan = build(PlanInput {
        owner: owner(),
        basis: Some((Lineage("l".to_owned()), Serial(serial))),
        desired,
        records: [(at, record)].into(),
        live: [(identity, Some(live))].into(),
        children: BTreeMap::new(),
        schemas: &schemas(),
        sealer: &sealer(),
        refuses: &|_: &str, _: &Attributes| Vec::new(),
        missing: BTreeMap::new(),
        left_out: std::collections::BTreeSet::new(),
        skipped: std::collections::BTreeSet::new(),
        outside: BTreeMap::new(),
        replace: std::collections::BTreeSet::new(),
        remembered: std::collections::BTreeSet::new(),
        decisions: &decisions,
        lifecycle: &crate::config::Lifecycle::default(),
        today: super::world::today(),
    });
    plan.expect("a plan").digest()
}

#[test]
fn the_same_is_the_same() {
    assert_eq!(digest(SIDES), digest(SIDES));
    // Nobody is asked twice about one thing: two ways to give one answer are one plan.
    assert_eq!(digest(SIDES), digest(Sides { answers: "use-local=function.a", ..SIDES }));
}

#[test]
fn every_side_every_decision_and_every_byte_moves_it() {
    let others = [
        Sides { config: "handler=h memorySize=128 env.A=2 file:a=1", ..SIDES },
        Sides { config: "handler=h memorySize=128 env.A=1 file:a=2", ..SIDES },
        Sides { config: "handler=h memorySize=128 env.A=1 exec:a=1", ..SIDES },
        Sides { declared: "handler=h memorySize=128 env.A=3 file:a=1", ..SIDES },
        Sides { observed: "handler=h memorySize=64 env.A=0 file:a=1", ..SIDES },
        Sides { live: "handler=h memorySize=512 env.A=0 file:a=1", ..SIDES },
        // Not in the plan's changes, and still what it was made from.
        Sides { live: "handler=h memorySize=256 env.A=0 file:a=1 cpu=1", ..SIDES },
        Sides { answers: "use-live", ..SIDES },
        Sides { answers: "", ..SIDES },
        Sides { serial: 4, ..SIDES },
    ];
    let mut seen = vec![digest(SIDES)];
    for other in others {
        let digest = digest(other);
        assert!(!seen.contains(&digest), "{}", other.config);
        seen.push(digest);
    }
}

#[test]
fn a_digest_reads_back_as_itself() {
    let digest = digest(SIDES);
    assert_eq!(digest.to_string().parse(), Ok(digest));
    let whole = digest.to_string();
    let more = format!("{whole}0");
    for text in ["", "sha256:", "sha256:12", &whole[..whole.len() - 1], &whole["sha256:".len()..], &more] {
        assert!(text.parse::<PlanDigest>().is_err(), "{text}");
    }
}
