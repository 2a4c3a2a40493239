//! What a class looks like: a project of three functions, what was done to two of them online, what the project says now.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use triform::archive::{File, Files, Limits, pack, unpack};
use triform::model::FileKind;

use super::table::Class;
use crate::room::{Room, runtime};

/// The functions that move; `c` stands beside them.
pub const NAMES: [&str; 2] = ["a", "b"];

/// What `c` gives.
pub const ARN: &str = "acs:fc:cn-hangzhou:1000000000000001:functions/c";

/// A place of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The function as a whole.
    Itself,
    Variable,
    Memory,
    One,
    Two,
}

impl Place {
    /// Those that have values.
    pub const ALL: [Self; 4] = [Self::Variable, Self::Memory, Self::One, Self::Two];
}

/// What a side says of a function.
#[derive(Clone, Copy)]
pub struct Values {
    pub memory: u32,
    pub variable: &'static str,
    pub one: &'static str,
    pub two: &'static str,
}

/// As it was deployed.
pub const BASE: Values = Values { memory: 512, variable: "warn", one: "one = 1\n", two: "two = 2\n" };
/// As somebody edited it online.
pub const LIVE: Values =
    Values { memory: 1024, variable: "debug", one: "one = 'online'\n", two: "two = 'online'\n" };
/// As the project says later.
pub const EDIT: Values =
    Values { memory: 1280, variable: "info", one: "one = 'here'\n", two: "two = 'here'\n" };

impl Values {
    pub fn value(&self, place: Place) -> String {
        match place {
            Place::Itself => String::new(),
            Place::Variable => self.variable.to_owned(),
            Place::Memory => self.memory.to_string(),
            Place::One => self.one.to_owned(),
            Place::Two => self.two.to_owned(),
        }
    }

    pub fn values(&self) -> BTreeMap<Place, String> {
        Place::ALL.into_iter().map(|place| (place, self.value(place))).collect()
    }
}

/// The name that a function gets where it is renamed.
pub fn renamed(name: &str) -> String {
    format!("{name}-new")
}

/// A room that is copied for each case.
pub struct Scene {
    room: Room,
    /// What its plan asks, as selectors.
    pub questions: Vec<String>,
}

impl Scene {
    /// The project, applied.
    pub fn deployed() -> Room {
        let room = Room::new(&[]);
        write_project(&room, BASE);
        room.run(&["apply", "--auto-approve"]).exits(0);
        room
    }

    pub fn of(class: Class) -> Self {
        let promised = Project { variable: Some("${resources.c.output.functionArn}"), ..Project::default() };
        let mut room = Room::new(&[]);
        let first = if class == Class::Promised { promised } else { Project::default() };
        first.write(&room);
        room.run(&["apply", "--auto-approve"]).exits(0);
        match class {
            Class::Drift => edit_online(&room, LIVE),
            Class::Conflict => {
                edit_online(&room, LIVE);
                write_project(&room, EDIT);
            }
            Class::Accepted => {
                edit_online(&room, LIVE);
                room.run(&["apply", "--auto-approve", "--use-live"]).exits(0);
                write_project(&room, EDIT);
            }
            Class::Promised => {
                edit_online(&room, Values { one: BASE.one, two: BASE.two, ..LIVE });
                // What `c` gives is known again only once it is written.
                Project { timeout: 20, ..promised }.write(&room);
            }
            Class::Exists => {
                edit_online(&room, LIVE);
                std::fs::remove_dir_all(room.path(".triform")).expect("forgets");
                // `c` is ours, so that only the others ask.
                room.run(&["apply", "--auto-approve", "--target=fc3_function.c", "--use-local"]).exits(0);
            }
            Class::Deleted => NAMES.iter().for_each(|name| {
                room.console("DELETE", &format!("functions/{name}"), None);
            }),
            Class::Left => {
                raise_memory(&room);
                Project { without: true, ..Project::default() }.write(&room);
            }
            Class::Replaced => {
                raise_memory(&room);
                Project { renamed: true, ..Project::default() }.write(&room);
            }
        }
        let questions = super::questions(&room);
        assert!(!questions.is_empty(), "{class:?} asks nothing");
        room.stop_cloud();
        Self { room, questions }
    }

    pub fn copy(&self) -> Room {
        Room::copy_of(&self.room)
    }
}

/// The project in one of its forms.
#[derive(Clone, Copy)]
struct Project {
    values: Values,
    variable: Option<&'static str>,
    timeout: u32,
    renamed: bool,
    without: bool,
}

impl Default for Project {
    fn default() -> Self {
        Self { values: BASE, variable: None, timeout: 10, renamed: false, without: false }
    }
}

impl Project {
    fn write(self, room: &Room) {
        let Self { values, variable, timeout, renamed: new_names, without } = self;
        let function = |name: &str, live: &str, rest: &str| {
            format!(
                "  {name}:\n    component: fc3\n    props:\n      region: cn-hangzhou\n      functionName: {live}\n      \
                 runtime: python3.10\n      handler: one.handler\n      code: ./{name}\n{rest}"
            )
        };
        let mut yaml = "edition: 3.0.0\nname: matrix\naccess: default\nresources:\n".to_owned();
        for name in NAMES.iter().filter(|_| !without) {
            let live = if new_names { renamed(name) } else { (*name).to_owned() };
            let (memory, variable) = (values.memory, variable.unwrap_or(values.variable));
            let rest = format!(
                "      memorySize: {memory}\n      environmentVariables:\n        LEVEL: {variable}\n"
            );
            yaml.push_str(&function(name, &live, &rest));
            room.write(&format!("{name}/one.py"), values.one);
            room.write(&format!("{name}/two.py"), values.two);
        }
        yaml.push_str(&function("c", "c", &format!("      timeout: {timeout}\n")));
        room.write("c/one.py", BASE.one);
        room.write("s.yaml", &yaml);
    }
}

/// Writes the project with these values of its functions.
pub fn write_project(room: &Room, values: Values) {
    Project { values, ..Project::default() }.write(room);
}

/// Somebody gives both functions these values in the console.
pub fn edit_online(room: &Room, values: Values) {
    for name in NAMES {
        let mut files = Files::new();
        for (file, text) in [("one.py", values.one), ("two.py", values.two)] {
            files.insert(file, File::new(FileKind::Regular, text.as_bytes().to_vec()));
        }
        let package = STANDARD.encode(pack(&files).expect("packs"));
        let body = json!({
            "memorySize": values.memory,
            "environmentVariables": {"LEVEL": values.variable},
            "code": {"zipFile": package},
        });
        room.console("PUT", &format!("functions/{name}"), Some(body));
    }
}

fn raise_memory(room: &Room) {
    for name in NAMES {
        room.console("PUT", &format!("functions/{name}"), Some(json!({"memorySize": LIVE.memory})));
    }
}

/// Returns what is live of a function; `None` where there is none.
pub fn found(room: &Room, name: &str) -> Option<BTreeMap<Place, String>> {
    let function = room.console("GET", &format!("functions/{name}"), None);
    if function.is_null() {
        return None;
    }
    let code = room.console("GET", &format!("functions/{name}/code"), None);
    let url = code["url"].as_str().expect("a URL").to_owned();
    let archive = runtime().block_on(async move {
        let answer = reqwest::get(url).await.expect("answers");
        answer.bytes().await.expect("a package")
    });
    let files = unpack(&archive, &Limits { entries: 10, bytes: 1 << 20 }).expect("a readable package");
    let text = |file: &str| {
        let content = files.get(file).map(|file| file.content.to_vec()).unwrap_or_default();
        String::from_utf8(content).expect("text")
    };
    Some(BTreeMap::from([
        (Place::Variable, function["environmentVariables"]["LEVEL"].as_str().unwrap_or_default().to_owned()),
        (Place::Memory, function["memorySize"].to_string()),
        (Place::One, text("one.py")),
        (Place::Two, text("two.py")),
    ]))
}
