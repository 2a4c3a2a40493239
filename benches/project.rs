//! A project in memory, of any size, for benchmarks.

use std::collections::{BTreeMap, BTreeSet};

use triform::model::{Address, Attributes, Identity, Path, Planned, Sealer, SecretNames, Value};
use triform::plan::{Decisions, Live, Plan, PlanInput, Wanted, build};
use triform::provider::aliyun::fc3::schema::schemas;
use triform::state::{Lineage, Owner, Record, Recorded, Serial};

/// The three sides of a project, in memory.
#[derive(Clone)]
pub struct Project {
    pub desired: BTreeMap<Address, Wanted>,
    pub records: BTreeMap<Address, Record>,
    pub live: BTreeMap<Identity, Option<Live>>,
}

impl Project {
    /// Plans, with no decision taken.
    pub fn plan(self) -> Plan {
        let Self { desired, records, live } = self;
        let plan = build(PlanInput {
            owner: owner(),
            basis: Some((Lineage("bench".to_owned()), Serial(1))),
            desired,
            records,
            live,
            children: BTreeMap::new(),
            schemas: &schemas(),
            sealer: &Sealer::new([7], SecretNames::default()),
            refuses: &|_: &str, _: &Attributes| Vec::new(),
            missing: BTreeMap::new(),
            left_out: BTreeSet::new(),
            skipped: BTreeSet::new(),
            outside: BTreeMap::new(),
            replace: std::collections::BTreeSet::new(),
            remembered: std::collections::BTreeSet::new(),
            decisions: &Decisions::default(),
            lifecycle: &triform::config::Lifecycle::default(),
            today: jiff::civil::date(2026, 11, 22),
        });
        plan.expect("a plan")
    }
}

fn owner() -> Owner {
    let text = str::to_owned;
    let [project, file, cloud, account] = ["bench", "s.yaml", "memory", "1"].map(text);
    Owner { project, file, cloud, account, environment: None }
}

/// Functions of forty attributes, each of the second half with a trigger on one of the first half.
pub fn project(resources: usize, applied: bool) -> Project {
    let mut project = Project { desired: BTreeMap::new(), records: BTreeMap::new(), live: BTreeMap::new() };
    for number in 0..resources {
        let function = format!("f{}", number % resources.div_ceil(2));
        let is_trigger = number >= resources.div_ceil(2);
        let address = if is_trigger {
            Address::keyed("fc3_trigger", &function, "http")
        } else {
            Address::new("fc3_function", &function)
        };
        let parent = is_trigger.then(|| Address::new("fc3_function", &function));
        let attributes = if is_trigger { trigger() } else { self::function() };
        let identity = Identity {
            cloud: "memory".to_owned(),
            account: "1".to_owned(),
            region: "cn-hangzhou".to_owned(),
            kind: address.kind.clone(),
            parent: is_trigger.then(|| function.clone()),
            name: if is_trigger { "http".to_owned() } else { function },
        };
        let depends_on: BTreeSet<Address> = parent.iter().cloned().collect();
        if applied {
            let mut record = Record::new(identity.clone(), 1);
            record.depends_on.clone_from(&depends_on);
            for (path, value) in &attributes {
                let (declared, observed) = (Some(value.clone()), Some(value.clone()));
                record.settle(path, Recorded { declared, observed, accepted: false });
            }
            project.records.insert(address.clone(), record);
        }
        let live = applied.then(|| Live { attributes: attributes.clone(), ..Live::default() });
        project.live.insert(identity.clone(), live);
        let attributes = attributes.into_iter().map(|(path, value)| (path, Planned::Known(value))).collect();
        let wanted = Wanted { identity, parent, attributes, depends_on, place: None };
        project.desired.insert(address, wanted);
    }
    project
}

fn function() -> Attributes {
    let mut attributes = Attributes::from([
        (Path::field("runtime"), Value::text("python3.10")),
        (Path::field("handler"), Value::text("index.handler")),
        (Path::field("memorySize"), Value::int(512)),
        (Path::field("timeout"), Value::int(60)),
    ]);
    for number in 0..36 {
        let variable = Path::field("environmentVariables").key(format!("NAME_{number}"));
        attributes.insert(variable, Value::text(format!("value {number}")));
    }
    attributes
}

fn trigger() -> Attributes {
    let config = Path::field("triggerConfig");
    Attributes::from([
        (Path::field("triggerType"), Value::text("http")),
        (config.then("authType"), Value::text("anonymous")),
        (config.then("methods"), Value::List(vec!["GET".into(), "POST".into()])),
    ])
}
