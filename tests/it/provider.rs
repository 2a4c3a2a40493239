//! The provider over real HTTP: what it puts on the wire, and what it makes of every kind of answer.
//!
//! Every test counts its calls and sets its own switches: a cloud that is inconsistent beside would only blur them.

mod reads;
mod recorded;
mod recorder;
mod writes;

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value as Json, json};
use triform::model::{
    Address, Attributes, Call, Digest, Identity, Operation, Outcome, Package, Path, Reading, Resource, Value,
};
use triform::provider::aliyun::{Connection, Patience, Timeouts};
use triform::provider::{Provider, connect};

use crate::emulator::client::{Client, Cloud, zip};

const HELLO: &str = "def handler(event, context):\n    return b'hello ' + event\n";

/// An embedded cloud, a provider that is connected to it, and the tests' own way in.
struct World {
    provider: Box<dyn Provider>,
    client: Client,
    _cloud: Cloud,
    _data: tempfile::TempDir,
}

impl World {
    async fn start() -> Self {
        let data = tempfile::tempdir().expect("a folder");
        let cloud = Cloud::start(data.path()).await;
        let provider = connect(quick(Connection::embedded(cloud.server.base_url()))).expect("connects");
        Self { provider, client: cloud.client.clone(), _cloud: cloud, _data: data }
    }

    /// A world with a function `hello`.
    async fn with_hello() -> Self {
        let world = Self::start().await;
        world.client.create_function("hello", HELLO).await;
        world
    }

    async fn call(&self, identity: Identity, call: Call) -> Outcome {
        let address = Address::new(&identity.kind, "hello");
        self.provider.perform(&Operation { address, identity, call }).await
    }

    async fn update(&self, live: &Resource, set: &[(&str, Option<Value>)]) -> Outcome {
        let set = set.iter().map(|(path, value)| (path_of(path), value.clone())).collect();
        self.call(live.identity.clone(), Call::Update { live: Box::new(live.clone()), set, package: None })
            .await
    }

    async fn present(&self, identity: &Identity) -> Resource {
        match self.provider.read_one(identity).await {
            Reading::Present(resource) => *resource,
            other => panic!("{identity} is not there: {other:?}"),
        }
    }

    /// How often each operation was called since the last reset.
    async fn calls(&self) -> BTreeMap<String, u64> {
        let counters = self.client.private("GET", "counters", None).await.ok();
        let operations = counters["operations"].as_object().expect("operations");
        let calls =
            operations.iter().map(|(name, numbers)| (name.clone(), numbers["calls"].as_u64().unwrap_or(0)));
        calls.filter(|(_, calls)| *calls > 0).collect()
    }

    async fn reset_calls(&self) {
        self.client.private("DELETE", "counters", None).await;
    }
}

/// The same way, with less patience.
fn quick(connection: Connection) -> Connection {
    Connection {
        timeouts: Timeouts { connect: Duration::from_secs(1), answer: Duration::from_secs(2) },
        patience: Patience {
            first: Duration::from_millis(1),
            longest: Duration::from_millis(5),
            total: Duration::from_secs(5),
        },
        ..connection
    }
}

fn path_of(text: &str) -> Path {
    text.parse().expect("a path")
}

fn attributes<const N: usize>(leaves: [(&str, Value); N]) -> Attributes {
    leaves.into_iter().map(|(path, value)| (path_of(path), value)).collect()
}

fn identity(kind: &str, parent: Option<&str>, name: &str) -> Identity {
    Identity {
        cloud: "embedded".to_owned(),
        account: "1000000000000001".to_owned(),
        region: "cn-hangzhou".to_owned(),
        kind: kind.to_owned(),
        parent: parent.map(str::to_owned),
        name: name.to_owned(),
    }
}

fn function(name: &str) -> Identity {
    identity("fc3_function", None, name)
}

fn trigger(function: &str, name: &str) -> Identity {
    identity("fc3_trigger", Some(function), name)
}

fn domain(name: &str) -> Identity {
    identity("fc3_custom_domain", None, name)
}

fn package(provider: &dyn Provider, bytes: Vec<u8>) -> Package {
    Package { digest: Digest::of(&bytes), checksum: provider.checksum(&bytes), bytes: bytes.into() }
}

fn texts<const N: usize>(items: [&str; N]) -> Value {
    Value::List(items.into_iter().map(Value::text).collect())
}

/// The input of `CreateTrigger` for an HTTP trigger.
fn http_trigger(name: &str) -> Json {
    let config = json!({"authType": "anonymous", "methods": ["GET"]});
    json!({"triggerName": name, "triggerType": "http", "triggerConfig": config.to_string()})
}

/// The input of `CreateFunction`, which everything in these tests takes.
fn python() -> Attributes {
    attributes([("runtime", "python3.10".into()), ("handler", "index.handler".into())])
}

/// What became of a call, in one line.
fn told(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Done(_) => "done".to_owned(),
        Outcome::Partial { error, .. } => format!("partial {:?} {}", error.class, error.message),
        Outcome::Refused(error) => format!("refused {:?} {}", error.class, error.code),
        Outcome::Unknown(error) => format!("unknown {:?} {}", error.class, error.code),
    }
}

#[track_caller]
fn done(outcome: Outcome) -> Resource {
    match outcome {
        Outcome::Done(Some(resource)) => *resource,
        other => panic!("not done: {other:?}"),
    }
}
