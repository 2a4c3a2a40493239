//! The examples are read without a complaint, packed, and run: what a newcomer copies has to work.

use std::collections::BTreeMap;
use std::path::Path as Folder;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::Value as Json;
use triform::archive::{self, Limits};
use triform::config::{self, DesiredResource, Given};
use triform::diag::Source;
use triform::emulator::runner::{CustomRuntime, Deployment, Event, HttpRequest, Runner, RunnerOptions};
use triform::model::{Address, FileKind, Path, Planned, Value};
use triform::provider::aliyun::fc3::component::FC3;
use triform::sys::folder::read_code;

struct Example {
    folder: std::path::PathBuf,
    resources: BTreeMap<Address, DesiredResource>,
    runner: Runner,
    _work: tempfile::TempDir,
}

/// Reads an example, and complains of the least remark about it.
#[track_caller]
fn example(name: &str) -> Example {
    let folder = Folder::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name);
    let text = std::fs::read_to_string(folder.join("s.yaml")).expect("text");
    let source = Arc::new(Source { name: format!("examples/{name}/s.yaml"), text });
    let given = Given { variables: &|_| None, overrides: &[], unset: None };
    let (desired, diagnostics) = config::load(&source.into(), &given, &[&FC3]);
    assert!(diagnostics.is_empty(), "{diagnostics:#?}");
    assert_eq!(desired.project, name);
    let work = tempfile::tempdir().expect("a folder");
    let options = RunnerOptions {
        work_dir: work.path().join("work"),
        start_timeout: Duration::from_secs(20),
        idle_timeout: Duration::from_mins(1),
    };
    let runner = Runner::new(options).expect("a runner");
    Example { folder, resources: desired.resources, runner, _work: work }
}

impl Example {
    /// Packs a function as an apply would, and returns it as the service would run it.
    fn deployment(&self, name: &str, outputs: &[(&str, &str)]) -> Deployment {
        let resource = &self.resources[&Address::new("fc3_function", name)];
        let attribute = |name: &'static str| match resource.attributes.get(&Path::field(name)) {
            Some(Planned::Known(Value::Text(text))) => text.clone(),
            _ => String::new(),
        };
        let code = &resource.code.as_ref().expect("code").path;
        let files = read_code(&self.folder.join(code), &Limits::default()).expect("readable code");
        let runtime = attribute("runtime");
        Deployment {
            key: name.to_owned(),
            generation: 1,
            account_id: "1000000000000001".into(),
            region: resource.region.clone(),
            function_name: resource.name.clone(),
            service: None,
            qualifier: "LATEST".into(),
            version_id: String::new(),
            custom: runtime
                .starts_with("custom")
                .then(|| CustomRuntime { port: 9000, ..CustomRuntime::default() }),
            runtime,
            handler: attribute("handler"),
            memory_size: 512,
            timeout: Duration::from_secs(20),
            instance_concurrency: 1,
            role: String::new(),
            environment: Self::environment(resource, outputs),
            code: archive::pack(&files).expect("packed"),
            code_checksum: "0".into(),
            initializer: None,
            pre_stop: None,
        }
    }

    fn environment(resource: &DesiredResource, outputs: &[(&str, &str)]) -> BTreeMap<String, String> {
        let variables = Path::field("environmentVariables");
        let mut environment = BTreeMap::new();
        for (path, planned) in &resource.attributes {
            let Some(triform::model::Part::Key(key)) = path.parts().get(1) else { continue };
            if !path.is_within(&variables) {
                continue;
            }
            let value = match planned {
                Planned::Known(value) => value.clone(),
                Planned::Promised(template) => template
                    .resolve(|output| {
                        let known = outputs.iter().find(|(name, _)| *name == output.output)?;
                        Some(Value::Text(known.1.to_owned()))
                    })
                    .expect("an output that the test gives"),
            };
            let Value::Text(text) = value else { panic!("{path} is no text") };
            environment.insert(key.clone(), text);
        }
        environment
    }

    async fn get(&self, deployment: &Deployment, path: &str, headers: &[(&str, &str)]) -> (u16, String) {
        let (raw_path, raw_query) = path.split_once('?').unwrap_or((path, ""));
        let request = HttpRequest {
            request_id: "1-00000001-00000002-000000000003".into(),
            method: "GET".into(),
            prefix: String::new(),
            raw_path: raw_path.into(),
            raw_query: raw_query.into(),
            headers: headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), Bytes::copy_from_slice(value.as_bytes())))
                .collect(),
            body: Bytes::new(),
            host: "shop.localhost:9530".into(),
            source_ip: "127.0.0.1".into(),
            trigger_id: "t-1".into(),
        };
        let answer = self.runner.serve_http(deployment, request).await;
        assert!(answer.platform_error.is_none() && answer.error_type.is_none(), "{answer:?}");
        (answer.status, String::from_utf8(answer.body.to_vec()).expect("text"))
    }
}

#[tokio::test]
async fn hello_python_greets() {
    let example = example("hello-python");
    let hello = example.deployment("hello", &[]);
    let (status, body) = example.get(&hello, "/?name=Ada", &[]).await;
    assert_eq!(status, 200);
    assert!(body.starts_with("Hello, Ada! It is "), "{body}");
}

#[tokio::test]
async fn hello_node_greets_in_the_visitors_language() {
    let example = example("hello-node");
    let hello = example.deployment("hello", &[]);
    let swiss = [("Accept-Language", "rm, fr-CH;q=0.8, en;q=0.9")];
    assert_eq!(example.get(&hello, "/?name=Ada", &swiss).await, (200, "Hello, Ada!\n".to_owned()));
    assert_eq!(example.get(&hello, "/?language=zh", &swiss).await, (200, "你好, world!\n".to_owned()));
    assert_eq!(example.get(&hello, "/", &[]).await, (200, "Hello, world!\n".to_owned()));
}

#[tokio::test]
async fn hello_custom_shows_the_request() {
    let example = example("hello-custom");
    let echo = example.deployment("echo", &[]);
    let (status, body) = example.get(&echo, "/hook?x=1", &[("X-Ticket", "7")]).await;
    let seen: Json = serde_json::from_str(&body).expect("JSON");
    assert_eq!((status, &seen["path"], &seen["title"]), (200, &"/hook?x=1".into(), &"Echo".into()));
    assert!(body.contains("\"7\"") && !body.to_lowercase().contains("x-fc-"), "{body}");
}

#[tokio::test]
async fn the_shop_sells() {
    let example = example("shop");
    let catalog = example.deployment("catalog", &[]);
    let (_, page) = example.get(&catalog, "/", &[]).await;
    assert!(page.contains("Teapot, 34.90 EUR"), "{page}");
    assert_eq!(example.get(&catalog, "/products/spoon", &[]).await.0, 404);

    // The cart and the report read what the catalog really answers.
    let (_, products) = example.get(&catalog, "/products", &[]).await;
    let router = axum::Router::new().route("/catalog/products", axum::routing::get(|| async { products }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/catalog", listener.local_addr().expect("an address"));
    tokio::spawn(async { axum::serve(listener, router).await });

    let outputs = [("urlInternet", url.as_str())];
    let cart = example.deployment("cart", &outputs);
    let (status, body) = example.get(&cart, "/cart/?tea=2&cup=1", &[]).await;
    let sum: Json = serde_json::from_str(&body).expect("JSON");
    assert_eq!((status, sum["total"].as_f64(), sum["currency"].as_str()), (200, Some(29.0), Some("EUR")));
    assert_eq!(example.get(&cart, "/cart/?pot=3", &[]).await.0, 409);

    let report = example.deployment("report", &outputs);
    let event = Event { request_id: "1-2-3".into(), payload: Bytes::from_static(b"{}") };
    let answer = example.runner.invoke(&report, event).await;
    let body: Json = serde_json::from_slice(&answer.body).expect("JSON");
    assert_eq!(body["running out"], serde_json::json!(["Teapot"]), "{answer:?}");
}

#[test]
fn the_shop_is_three_functions_a_timer_and_one_domain() {
    let example = example("shop");
    let addresses: Vec<_> = example.resources.keys().map(ToString::to_string).collect();
    assert_eq!(
        addresses,
        [
            "fc3_custom_domain[\"shop.localhost\"]",
            "fc3_function.cart",
            "fc3_function.catalog",
            "fc3_function.report",
            "fc3_trigger.cart[\"http\"]",
            "fc3_trigger.catalog[\"http\"]",
            "fc3_trigger.report[\"nightly\"]",
        ]
    );
    let catalog = Address::keyed("fc3_trigger", "catalog", "http");
    assert!(example.resources[&Address::new("fc3_function", "cart")].depends_on.contains(&catalog));
}

#[test]
fn a_bootstrap_can_be_started() {
    let code = Folder::new(env!("CARGO_MANIFEST_DIR")).join("examples/hello-custom/code");
    let files = read_code(&code, &Limits::default()).expect("readable");
    assert_eq!(files.get("bootstrap").map(|file| file.kind), Some(FileKind::Executable));
}
