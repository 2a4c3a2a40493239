//! Every attribute that a schema lists, one by one, through its whole life.
//!
//! The schemas make the test: a project with a resource for each attribute that can be written
//! ([`cases`]). All of them are made with one value, edited in the project, edited online, taken back, left as they
//! are online, adopted, and left out; each time the plan may show exactly the attributes in question, the service has
//! to hold what was decided, and the next plan is empty. What happened to each stands in `docs/resources/tested-*.md`;
//! the pages beside it ([`pages`]) say what the schemas say.

mod cases;
mod homes;
mod pages;
mod tables;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use triform::provider::PROVIDERS;

use self::cases::Turn;
use self::homes::Home;
use crate::room::Room;
use crate::support::keeps;

/// Paths of a plan or a reading, each with its resource.
type Places = BTreeSet<(String, String)>;

/// The resources of one component, in a cloud of their own.
struct Estate {
    room: Room,
    homes: Vec<Home>,
}

impl Estate {
    fn of(component: &str) -> Self {
        let row = PROVIDERS.iter().find(|row| row.component.names[0] == component).expect("a component");
        let cases = row.component.schemas.iter().flat_map(|schema| cases::of(schema));
        let cases = cases.inspect(|case| {
            let turns = [Turn::Made, Turn::Edited, Turn::Online].map(|turn| case.leaves(turn));
            assert!(turns[0] != turns[1] && turns[1] != turns[2], "nothing happens to {}", case.path);
        });
        let homes = cases.enumerate().map(|(number, case)| Home::new(component, number, case)).collect();
        Self { room: Room::new(&[]), homes }
    }

    /// Lets the project say the values of this turn.
    fn declare(&self, turn: Turn) {
        for home in &self.homes {
            let (name, text) = home.code(turn);
            self.room.write(&name, &text);
        }
        self.room.write("s.yaml", &homes::project(&self.homes, |_| turn));
    }

    /// What the project, or the service in its place, says otherwise at another turn.
    fn expected(&self, from: impl Fn(&Home) -> Turn, to: Turn) -> Places {
        let differ = |home: &Home| {
            let (from, to) = (home.case.said(from(home)), home.case.said(to));
            let paths: BTreeSet<&String> = from.keys().chain(to.keys()).collect();
            let moved = paths.into_iter().filter(|path| from.get(*path) != to.get(*path));
            moved.map(|path| (home.address(), path.clone())).collect::<Vec<_>>()
        };
        self.by_name(self.homes.iter().flat_map(differ).collect())
    }

    /// An element comes and goes with all its fields; the one that names it stands for them.
    fn by_name(&self, places: Places) -> Places {
        let named = self.homes.iter().filter(|home| home.case.names_elements());
        let named: BTreeMap<String, &str> =
            named.map(|home| (home.address(), home.case.attribute.name)).collect();
        let stands_for =
            |(address, path): (String, String)| match (path.rsplit_once("\"]."), named.get(&address)) {
                (Some((element, _)), Some(name)) => (address, format!("{element}\"].{name}")),
                _ => (address, path),
            };
        places.into_iter().map(stands_for).collect()
    }

    /// Somebody gives every attribute the value of this turn at the console.
    #[track_caller]
    fn edit_online(&self, turn: Turn) {
        for home in &self.homes {
            home.edit_online(&self.room, turn);
        }
    }

    /// Demands that the service holds what this turn says.
    #[track_caller]
    fn holds(&self, turn: Turn) {
        let mut wrong = Vec::new();
        for home in &self.homes {
            let live = home.live(&self.room);
            for path in home.case.in_question() {
                let (found, expected) = (live.get(path), home.value(turn, path));
                if !alike(found, expected.as_ref()) {
                    wrong.push(format!("{} {path}: {found:?}, not {expected:?}", home.address()));
                }
            }
        }
        assert!(wrong.is_empty(), "{turn:?}:\n{}", wrong.join("\n"));
    }

    /// Demands that the project says what it should, entry by entry.
    #[track_caller]
    fn says(&self, turn: impl Fn(&Home) -> Turn) {
        let said = std::fs::read_to_string(self.room.path("s.yaml")).expect("a file");
        let said: Json = serde_yaml::from_str(&said).expect("YAML");
        let meant: Json = serde_yaml::from_str(&homes::project(&self.homes, turn)).expect("YAML");
        let entries = meant["resources"].as_object().expect("entries");
        let wrong = entries.iter().filter(|(name, entry)| said["resources"][name] != **entry);
        let told =
            |(name, entry): (&String, &Json)| format!("says  {}\nmeant {entry}\n", said["resources"][name]);
        let wrong: String = wrong.map(told).collect();
        assert!(wrong.is_empty(), "{wrong}");
    }

    #[track_caller]
    fn applies(&self, args: &[&str], code: i32) {
        let args: Vec<&str> = ["apply", "--auto-approve"].iter().chain(args).copied().collect();
        self.room.run(&args).exits(code);
    }

    /// What a plan, or a look for drift, shows.
    #[track_caller]
    fn shown(&self, command: &str) -> Places {
        let (list, code) = if command == "drift" { ("resource_drift", 2) } else { ("resource_changes", 0) };
        let ran = self.room.run(&[command, "--format", "json"]).exits(code);
        let shown = moved(&serde_json::from_str(&ran.stdout).expect("JSON"), list);
        self.by_name(shown)
    }
}

/// Every path that moved in a list of resources.
fn moved(plan: &Json, list: &str) -> Places {
    let resources = plan[list].as_array().expect("a list of resources");
    let text = |json: &Json| json.as_str().expect("a text").to_owned();
    resources
        .iter()
        .flat_map(|resource| {
            let paths = resource["triform"]["paths"].as_array().cloned().unwrap_or_default();
            let address = text(&resource["address"]);
            paths.into_iter().map(move |path| (address.clone(), text(&path["path"])))
        })
        .collect()
}

/// Whether two values are the same, however their numbers are written.
fn alike(one: Option<&Json>, other: Option<&Json>) -> bool {
    match (one, other) {
        (Some(Json::Number(one)), Some(Json::Number(other))) => one.as_f64() == other.as_f64(),
        _ => one == other,
    }
}

#[track_caller]
fn same(what: &str, found: &Places, expected: &Places) {
    let told = |places: Vec<&(String, String)>| {
        let lines: Vec<String> = places.iter().map(|(address, path)| format!("  {address} {path}")).collect();
        lines.join("\n")
    };
    assert!(
        found == expected,
        "{what}\nshown and not expected:\n{}\nexpected and not shown:\n{}",
        told(found.difference(expected).collect()),
        told(expected.difference(found).collect())
    );
}

/// What the project says of a resource after everything was adopted that can be.
fn adopted(home: &Home) -> Turn {
    if home.case.not_adopted().is_none() { Turn::Online } else { Turn::Edited }
}

fn lives(component: &str) {
    let estate = Estate::of(component);
    if component == "fc" {
        homes::lay_ground(&estate.room, &estate.homes);
    }
    estate.declare(Turn::Made);
    estate.applies(&[], 0);
    estate.holds(Turn::Made);
    let strangers: BTreeSet<String> =
        estate.homes.iter().flat_map(|home| home.strangers(&estate.room)).collect();
    assert!(strangers.is_empty(), "the service has what nobody speaks of: {strangers:?}");
    estate.homes.iter().for_each(|home| home.make_aliases(&estate.room));

    let edits = estate.expected(|_| Turn::Made, Turn::Edited);
    estate.declare(Turn::Edited);
    same("edited here", &estate.shown("plan"), &edits);
    estate.applies(&[], 0);
    estate.holds(Turn::Edited);

    let drift = estate.expected(|_| Turn::Edited, Turn::Online);
    estate.edit_online(Turn::Online);
    same("edited online, drift", &estate.shown("drift"), &drift);
    same("edited online, plan", &estate.shown("plan"), &drift);
    estate.applies(&[], 3);
    estate.holds(Turn::Online);
    estate.applies(&["--use-local"], 0);
    estate.holds(Turn::Edited);

    estate.edit_online(Turn::Online);
    estate.applies(&["--use-live"], 0);
    estate.holds(Turn::Online);
    estate.room.run(&["adopt", "--auto-approve"]).exits(0);
    estate.says(adopted);
    estate.holds(Turn::Online);
    // What cannot be written into the project is taken back by name.
    let apart = estate.homes.iter().filter(|home| home.case.not_adopted().is_some());
    let places = |home: &Home| -> Vec<String> {
        let address = home.address();
        let places = home.case.places_apart();
        places.into_iter().map(|place| format!("--use-local={address}:{place}")).collect()
    };
    let apart: Vec<String> = apart.flat_map(places).collect();
    estate.applies(&apart.iter().map(String::as_str).collect::<Vec<_>>(), 0);
    same("adopted", &estate.shown("plan"), &Places::new());

    let left = estate.expected(adopted, Turn::Left);
    estate.declare(Turn::Left);
    same("left out", &estate.shown("plan"), &left);
    estate.applies(&[], 0);
    estate.holds(Turn::Left);

    let table = pages::table(component, estate.homes.iter().map(|home| &home.case));
    println!("{table}");
    keeps(&format!("docs/resources/tested-{component}.md"), &table);
}

/// What has to be there is missed by its name, resource by resource.
fn is_needed(component: &str) {
    let estate = Estate::of(component);
    let needed = estate.homes.iter().filter(|home| home.case.is_required() && !home.case.names_elements());
    let mut told = 0;
    for home in needed {
        let (name, text) = home.code(Turn::Made);
        estate.room.write(&name, &text);
        let (one, word) = homes::without(home);
        estate.room.write("s.yaml", &one);
        let ran = estate.room.run(&["plan"]).exits(1);
        let missed = ["missing", "required"].iter().any(|how| ran.stderr.contains(how));
        // Or what it is the only field of.
        let named = ran.stderr.contains(&word)
            || home.case.path.rsplit('.').nth(1).is_some_and(|of| ran.stderr.contains(of));
        assert!(missed && named, "{word}: {ran}\n{one}");
        told += 1;
    }
    assert!(told > 3, "{told} attributes are needed");
}

#[test]
fn what_fc3_needs_is_missed_by_name() {
    is_needed("fc3");
}

#[test]
fn what_fc_needs_is_missed_by_name() {
    is_needed("fc");
}

#[test]
fn every_attribute_of_fc3_lives_its_whole_life() {
    lives("fc3");
}

#[test]
fn every_attribute_of_fc_lives_its_whole_life() {
    lives("fc");
}
