//! Laws over generated stories. A failure prints its story as a test that can be pasted.

use std::fmt;

use proptest::prelude::*;
use proptest::test_runner::Config;

use super::cloud::Cloud;
use super::driver::recovered;
use super::story::{Story, story};
use crate::model::{Address, Path, Value};
use crate::plan::tests::world::{address, schemas, sealer, short_address, text};
use crate::plan::{Action, Change, Choice, Plan, Rule, Selector};

/// A story before it is told.
#[derive(Clone)]
pub struct Script {
    before: Vec<(String, String)>,
    after: Vec<(String, String)>,
    online: Vec<Online>,
    answers: Vec<String>,
}

/// What somebody does at the console. What makes no sense in this story is left out.
#[derive(Clone, Debug)]
enum Online {
    Edit(String, String),
    Vanishes(String),
    Appears(String, String),
}

impl fmt::Debug for Script {
    /// Writes the story as a test.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n    story()")?;
        for (at, text) in &self.before {
            writeln!(f, "        .declare({at:?}, {text:?})")?;
        }
        writeln!(f, "        .apply()")?;
        for online in &self.online {
            match online {
                Online::Edit(at, text) => writeln!(f, "        .online({at:?}, {text:?})")?,
                Online::Vanishes(at) => writeln!(f, "        .vanishes({at:?})")?,
                Online::Appears(at, text) => writeln!(f, "        .appears({at:?}, {text:?})")?,
            }
        }
        for (at, _) in &self.before {
            writeln!(f, "        .remove({at:?})")?;
        }
        for (at, text) in &self.after {
            writeln!(f, "        .declare({at:?}, {text:?})")?;
        }
        writeln!(f, "        .decide({:?})", self.answers.join(" "))
    }
}

/// Any of these words, each or not.
fn some(words: &'static [&'static [&'static str]]) -> impl Strategy<Value = String> {
    let word = |choices: &'static [&'static str]| prop::option::weighted(0.4, prop::sample::select(choices));
    let all: Vec<_> = words.iter().map(|choices| word(choices)).collect();
    all.prop_map(|words| words.into_iter().flatten().collect::<Vec<_>>().join(" "))
}

fn function() -> impl Strategy<Value = String> {
    some(&[
        &["memorySize=128", "memorySize=256"],
        &["timeout=5", "timeout=9"],
        &["cpu=2", "cpu=4"],
        &["env.A=1", "env.A=2"],
        &["env.B=1"],
        &["env.C_TOKEN=s", "env.C_TOKEN=t"],
        &["description=x", "description=y"],
        &["runtime=old", "runtime=new"],
        &["file:a=1", "file:a=2", "exec:a=1"],
        &["file:b=1", "file:b=2"],
        &["password=p", "password=q"],
        &["role=r"],
    ])
}

fn trigger() -> impl Strategy<Value = String> {
    some(&[
        &["type=http"],
        &["description=x", "description=y"],
        &["cron=1", "cron=2"],
        &["target=m", "target=${function.b.id}"],
    ])
}

fn domain() -> impl Strategy<Value = String> {
    some(&[&["route:/a=f", "route:/a=g"], &["route:/b=f"], &["route:/b.qualifier=v1"]]).prop_map(|text| {
        if text.contains("route:/b=") { text } else { text.replace("route:/b.qualifier=v1", "") }
    })
}

/// A project: two functions whose live names come from one small pool, a trigger of each, and a domain.
fn project() -> impl Strategy<Value = Vec<(String, String)>> {
    let names = prop::sample::select(vec![("p", "q"), ("q", "p"), ("p", "r"), ("r", "q"), ("a", "b")]);
    let functions = (prop::option::weighted(0.8, function()), prop::option::weighted(0.8, function()));
    let triggers = (prop::option::weighted(0.6, trigger()), prop::option::weighted(0.4, trigger()));
    (names, functions, triggers, prop::option::weighted(0.5, domain())).prop_map(
        |(names, (a, b), (t, u), domain)| {
            let mut all = Vec::new();
            let later = |text: String| if b.is_some() { text } else { text.replace("${function.b.id}", "m") };
            if let Some(a) = a {
                all.push(("function.a".to_owned(), format!("name={} {a}", names.0)));
                all.extend(t.map(|text| ("trigger.a/t".to_owned(), later(text))));
            }
            if let Some(text) = &b {
                all.push(("function.b".to_owned(), format!("name={} {text}", names.1)));
                all.extend(u.map(|text| ("trigger.b/u".to_owned(), later(text))));
            }
            all.extend(domain.map(|text| ("domain/x.com".to_owned(), text)));
            all
        },
    )
}

fn online() -> impl Strategy<Value = Online> {
    let edit = prop::sample::select(vec![
        ("function.a", "memorySize=1024"),
        ("function.a", "env.A=hotfix"),
        ("function.a", "-env.A"),
        ("function.a", "env.C_TOKEN=theirs"),
        ("function.a", "-description"),
        ("function.a", "file:a=hotfix"),
        ("function.a", "-file:a file:c=new"),
        ("function.a", "cpu=8"),
        ("function.b", "memorySize=256 timeout=9"),
        ("function.b", "description=z role=s"),
        ("trigger.a/t", "description=z"),
        ("trigger.a/t", "target=mine cron=3"),
        ("trigger.b/u", "target=mine"),
        ("domain/x.com", "route:/a=theirs"),
        ("domain/x.com", "-route:/a"),
        ("domain/x.com", "route:/theirs=h"),
    ]);
    let edit = edit.prop_map(|(at, text)| Online::Edit(at.to_owned(), text.to_owned()));
    let vanishes = prop::sample::select(vec!["function.a", "function.b", "trigger.a/t", "domain/x.com"]);
    let appears = prop::sample::select(vec![
        ("function.p", "memorySize=128 env.Z=1 env.A_TOKEN=z"),
        ("function.r", "runtime=old file:z=1"),
        ("trigger.p/t", "description=z"),
        ("domain/x.com", "route:/a=g route:/theirs=h"),
    ]);
    prop_oneof![
        6 => edit,
        1 => vanishes.prop_map(|at| Online::Vanishes(at.to_owned())),
        1 => appears.prop_map(|(at, text)| Online::Appears(at.to_owned(), text.to_owned())),
    ]
}

fn answers() -> impl Strategy<Value = Vec<String>> {
    let everywhere = prop::option::of(prop::sample::select(vec!["use-local", "use-live"]));
    let somewhere = prop::sample::subsequence(
        vec![
            "use-local=function.a",
            "use-live=function.b",
            "use-live=function.a:memorySize",
            "use-local=function.a:env.A",
            "use-live=*:code*",
            "use-live=trigger.*",
            "use-local=domain/x.com",
        ],
        0..3,
    );
    (everywhere, somewhere).prop_map(|(all, some)| all.into_iter().chain(some).map(str::to_owned).collect())
}

pub fn script() -> impl Strategy<Value = Script> {
    (project(), project(), any::<bool>(), prop::collection::vec(online(), 0..5), answers()).prop_map(
        |(before, other, same, online, answers)| {
            let after = if same { before.clone() } else { other };
            Script { before, after, online, answers }
        },
    )
}

/// Tells a script up to the moment of its second plan.
pub fn told(script: &Script) -> Story {
    let mut story = script.before.iter().fold(story(), |story, (at, text)| story.declare(at, text));
    story = story.apply();
    for online in &script.online {
        let (Online::Edit(at, _) | Online::Vanishes(at) | Online::Appears(at, _)) = online;
        let identity = story.identity(at);
        let exists = story.cloud.resources.contains_key(&identity);
        let parent = identity.parent.as_ref();
        let homeless = parent.is_some_and(|parent| {
            !story.cloud.resources.keys().any(|other| other.name == *parent && other.kind == "function")
        });
        story = match online {
            Online::Edit(at, text) if exists => story.online(at, text),
            Online::Vanishes(at) if exists => story.vanishes(at),
            Online::Appears(at, text) if !exists && !homeless => story.appears(at, text),
            _ => story,
        };
    }
    story.project.clear();
    let story = script.after.iter().fold(story, |story, (at, text)| story.declare(at, text));
    story.decide(&script.answers.join(" "))
}

/// Answers whatever is still open with use-live, one question at a time, as somebody at a terminal would.
pub fn answered(mut story: Story) -> Option<Story> {
    loop {
        let plan = story.try_plan().ok()?;
        let open = plan.open();
        let Some(first) = open.first() else { return Some(story) };
        let root = Path::root();
        let place = first.path.map_or(&root, |(path, _)| path);
        let selector = Some(Selector::exact(&first.change.address, place));
        let asked = story.rules.iter().filter(|rule| rule.selector == selector).count();
        assert!(asked == 0, "asked twice about {selector:?}\n{}", text(&plan));
        story.rules.push(Rule { selector, answer: Choice::UseLive.into() });
    }
}

/// Whether somebody decided that a path of this change may be overwritten.
fn is_decided(plan: &Plan, change: &Change, path: &Path) -> bool {
    let asked = change.question.as_ref().is_some_and(|question| question.decision == Some(Choice::UseLocal));
    let inner = change.paths.get(path).is_some_and(|inner| inner.decision == Some(Choice::UseLocal));
    // A parent's question is about its whole family.
    let parent = change.parent.as_ref().and_then(|parent| plan.changes.get(parent));
    let family = parent.and_then(|parent| parent.question.as_ref()?.decision);
    asked || inner || family == Some(Choice::UseLocal)
}

/// Demands that nothing that moved in the cloud was overwritten without a decision for it.
fn nobody_was_overwritten(before: &Story, plan: &Plan, after: &Cloud) {
    for (identity, raw) in &before.cloud.resources {
        let record = before.state.records.values().find(|record| record.identity == *identity);
        let change = plan
            .changes
            .values()
            .find(|change| change.identity == *identity || change.old_identity.as_ref() == Some(identity));
        let schema = schemas().get(&identity.kind).expect("a type");
        let now = after.resources.get(identity).map(|raw| &raw.attributes);
        for (path, value) in &raw.attributes {
            if now.and_then(|now| now.get(path)) == Some(value) || path.top() == "password" {
                continue;
            }
            let seen: Value = if sealer().is_secret(schema, path) {
                sealer().seal(identity, path, value)
            } else {
                value.clone()
            };
            let settled =
                record.and_then(|record| record.paths.get(path)).and_then(|past| past.observed.clone());
            let undecided = change.is_none_or(|change| !is_decided(plan, change, path));
            assert!(
                settled == Some(seen) || !undecided,
                "{identity} {path} was overwritten unasked\n{}",
                text(plan)
            );
        }
    }
}

/// Demands that what was decided is so: the project's values after use-local, the cloud's after use-live.
fn decided_is_done(before: &Story, plan: &Plan, after: &Story) {
    for change in plan.changes.values() {
        let raw =
            |story: &Story| story.cloud.resources.get(&change.identity).map(|raw| raw.attributes.clone());
        let (Some(was), Some(now)) = (raw(before), raw(after)) else { continue };
        for (path, inner) in &change.paths {
            if inner.decision == Some(Choice::UseLive) {
                assert_eq!(
                    now.get(path),
                    was.get(path),
                    "{} {path}\n{}",
                    short_address(&change.address),
                    text(plan)
                );
            }
        }
    }
    if before.rules.iter().any(|rule| rule.answer == Choice::UseLive.into()) {
        return;
    }
    for (at, declared) in crate::plan::tests::world::wanted(&after.project) {
        let now = &after.cloud.resources[&declared.identity].attributes;
        for (path, planned) in &declared.attributes {
            if let Some(value) = planned.known() {
                assert_eq!(now.get(path), Some(value), "{} {path}\n{}", short_address(&at), text(plan));
            }
        }
    }
}

/// Everything in the cloud but the ids.
fn contents(cloud: &Cloud) -> Vec<String> {
    let mut lines = Vec::new();
    for (identity, raw) in &cloud.resources {
        for (path, value) in &raw.attributes {
            let id = value.as_text().is_some_and(|text| text.starts_with("id-"));
            lines.push(format!(
                "{identity} {path} {}",
                if id { "id".to_owned() } else { format!("{value:?}") }
            ));
        }
        lines.push(identity.to_string());
    }
    lines
}

proptest! {
    #![proptest_config(Config { failure_persistence: None, ..Config::with_cases(100) })]

    #[test]
    fn applied_and_asked_again_nothing_is_left_to_do(script in script()) {
        let Some(story) = answered(told(&script)) else { return Ok(()) };
        let plan = story.plan();
        prop_assert_eq!(plan.digest(), story.plan().digest());
        let mut reversed = story.clone();
        reversed.rules.reverse();
        prop_assert_eq!(plan.digest(), reversed.plan().digest(), "the order of answers matters");
        let after = story.clone().apply();
        nobody_was_overwritten(&story, &plan, &after.cloud);
        decided_is_done(&story, &plan, &after);
    }

    #[test]
    fn saved_and_read_again_it_is_the_same_plan(script in script()) {
        let story = told(&script);
        if story.try_plan().is_ok() {
            super::saved::reads_back(&story);
        }
    }

    #[test]
    fn cut_off_anywhere_and_continued_it_ends_as_decided(script in script(), at in 0.0..1.0_f64) {
        let Some(story) = answered(told(&script)) else { return Ok(()) };
        let plan = story.plan();
        let whole = story.clone().apply();
        let mut cut = story.clone();
        let mut measured = story.clone();
        let run = measured.run(usize::MAX);
        let length = run.journal.len() + run.calls.len();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a place in a short list")]
        let budget = (at * length as f64) as usize;
        let run = cut.run(budget);
        prop_assert!(run.crashed || length == 0);
        cut.state = recovered(&cut.cloud, &story.state, &run.journal);
        let rules_then = cut.rules.len();
        let left_behind: Vec<Address> = cut.state.records.keys().cloned().collect();
        // Cut between two records that are dropped together, a parent may be left with a child that is nobody's any
        // more; that it is not deleted then is what matters.
        let Some(cut) = answered(cut) else { return Ok(()) };
        let rules_now = cut.rules.len();
        let again = text(&cut.plan());
        let cut = cut.apply();
        // A replacement under one name that is cut off in the middle is made again from the configuration alone.
        let remade = plan.changes.values().any(|change| change.action == Action::Replace && change.old_identity.is_none());
        // A plan of its own may ask what the interrupted one did not have to, such as about a child by itself.
        let asked_more = rules_then != rules_now;
        // An answer by address does not reach a resource that was parked under another one in between, and reaches a
        // child whose parent stands by now.
        let by_address = story.rules.iter().any(|rule| rule.selector.is_some());
        let parked = |address| !story.project.contains_key(address) && !story.state.records.contains_key(address);
        let selective = script.answers.iter().any(|answer| answer.contains('='));
        let astray = selective || by_address && left_behind.iter().any(parked);
        if !remade && !asked_more && !astray {
            prop_assert_eq!(contents(&cut.cloud), contents(&whole.cloud), "cut after {} of\n{}\nthen\n{}", budget, text(&plan), again);
            prop_assert_eq!(&cut.cloud.created, &whole.cloud.created);
        }
    }
}

#[test]
fn a_script_reads_as_a_test() {
    let script = Script {
        before: vec![("function.a".to_owned(), "cpu=1".to_owned())],
        after: Vec::new(),
        online: vec![Online::Vanishes("function.a".to_owned())],
        answers: vec!["use-local".to_owned()],
    };
    let text = format!("{script:?}");
    assert!(text.contains(".declare(\"function.a\", \"cpu=1\")") && text.contains(".decide(\"use-local\")"));
    assert_eq!(address("function.a").to_string(), "function.a");
}
