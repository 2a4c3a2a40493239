//! Every request that the official clients were seen to make, and that the provider makes too, is the same for the
//! same input: method, path, query and body.
//!
//! The clients for Python and Node.js were given two inputs that the provider has no word for yet, and they alone are
//! set aside: the tags of a function, and pages of ten (the provider always asks for a hundred). Queries are
//! compared as forms, since the two clients write a blank differently; so do they the JSON inside
//! `triggerConfig`, whose text is that of the client for Node.js.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use triform::model::{Call, Number, Value};
use triform::provider::Provider;
use triform::provider::aliyun::Connection;
use triform::provider::aliyun::credentials::Credentials;
use triform::provider::connect;

use super::recorder::{Recorder, Seen, pairs};
use super::{attributes, domain, function, package, path_of, quick, trigger};
use triform::model::{Address, Identity, Operation, Resource};

/// What the official clients were given as the package.
const PACKAGE: &[u8] = b"PKzip";

/// As both clients sent it.
const CREATE_FUNCTION: &str = r#"{"code":{"zipFile":"UEt6aXA="},"cpu":0.35,"description":"","environmentVariables":{"K":"值 v"},"functionName":"hello_fn","handler":"index.handler","memorySize":512,"runtime":"python3.10","tags":[{"Key":"env","Value":"dev"}],"timeout":60}"#;

const UPDATE_FUNCTION: &str = r#"{"description":"","memorySize":1024}"#;

/// As the client for Node.js sent it.
const CREATE_TRIGGER: &str = r#"{"qualifier":"LATEST","triggerConfig":"{\"authType\":\"anonymous\",\"methods\":[\"GET\",\"POST\"]}","triggerName":"http-t","triggerType":"http"}"#;

/// The targets of the client for Python and of the one for Node.js, and the prefix that each was given.
const LIST_FUNCTIONS: [(&str, &str); 2] = [
    (
        "hel lo/é+&=",
        "/2023-03-30/functions?fcVersion=v3&limit=10&nextToken=MTIz%3D%3D&prefix=hel+lo%2F%C3%A9%2B%26%3D",
    ),
    (
        "hel lo/é+&=*~'()!",
        "/2023-03-30/functions?fcVersion=v3&limit=10&nextToken=MTIz%3D%3D&prefix=hel%20lo%2F%C3%A9%2B%26%3D*~%27()!",
    ),
];

struct Bench {
    recorder: Recorder,
    provider: Box<dyn Provider>,
}

impl Bench {
    async fn start() -> Self {
        let recorder = Recorder::start().await;
        let connection = Connection {
            endpoint: Some(recorder.endpoint()),
            sts_endpoint: Some(recorder.endpoint()),
            ..Connection::new(Credentials::fixed("testid", "testsecret", None))
        };
        Self { provider: connect(quick(connection)).expect("connects"), recorder }
    }

    async fn perform(&self, identity: Identity, call: Call) -> Vec<Seen> {
        let address = Address::new(&identity.kind, "it");
        self.provider.perform(&Operation { address, identity, call }).await;
        self.recorder.seen()
    }
}

#[track_caller]
fn check(seen: &Seen, method: &str, target: &str, body: Option<&Json>) {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    assert_eq!((seen.method.as_str(), seen.path.as_str()), (method, path));
    assert_eq!(seen.query, pairs(query));
    assert_eq!(seen.body.as_ref(), body);
}

fn recorded(body: &str) -> Json {
    serde_json::from_str(body).expect("JSON")
}

fn live(identity: Identity) -> Box<Resource> {
    Box::new(Resource {
        identity,
        attributes: attributes([]),
        document: BTreeMap::new(),
        outputs: BTreeMap::new(),
        modified: None,
        condition: None,
        package: None,
    })
}

#[tokio::test]
async fn create_function() {
    let bench = Bench::start().await;
    let attributes = attributes([
        ("cpu", Value::Number(Number::new(0.35).expect("finite"))),
        ("description", "".into()),
        ("environmentVariables[\"K\"]", "值 v".into()),
        ("handler", "index.handler".into()),
        ("memorySize", Value::int(512)),
        ("runtime", "python3.10".into()),
        ("timeout", Value::int(60)),
    ]);
    let package = Some(package(&*bench.provider, PACKAGE.to_vec()));
    let seen = bench.perform(function("hello_fn"), Call::Create { attributes, package }).await;
    let mut body = recorded(CREATE_FUNCTION);
    let no_word_for = body.as_object_mut().expect("an object").remove("tags");
    assert_eq!(no_word_for, Some(json!([{"Key": "env", "Value": "dev"}])));
    check(&seen[0], "POST", "/2023-03-30/functions", Some(&body));
    let header = |name: &str| seen[0].headers[name].to_str().expect("text").to_owned();
    assert_eq!(header("x-acs-version"), "2023-03-30");
    assert_eq!(header("x-acs-action"), "CreateFunction");
    assert_eq!(header("content-type"), "application/json; charset=utf-8");
    assert_eq!(header("host"), bench.recorder.address.to_string());
    assert!(header("authorization").starts_with(
        "ACS3-HMAC-SHA256 Credential=testid,SignedHeaders=content-type;host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,Signature="
    ));
    assert!(
        !seen[0].headers.contains_key("x-triform-region"),
        "the vendor's cloud is told nothing of triform"
    );
}

#[tokio::test]
async fn get_function() {
    let bench = Bench::start().await;
    bench.provider.read_one(&function("hello_fn")).await;
    bench.provider.read_one(&function("函数 a/b")).await;
    let seen = bench.recorder.seen();
    check(&seen[0], "GET", "/2023-03-30/functions/hello_fn", None);
    check(&seen[1], "GET", "/2023-03-30/functions/%E5%87%BD%E6%95%B0%20a%2Fb", None);
}

#[tokio::test]
async fn list_functions() {
    for (prefix, target) in LIST_FUNCTIONS {
        let bench = Bench::start().await;
        let more = json!({"functions": [], "nextToken": "MTIz=="});
        bench.recorder.answers("GET", "/2023-03-30/functions", more);
        let targets: Vec<_> = (10..60)
            .map(|number| number.to_string())
            .chain(["x".to_owned()])
            .map(|end| function(&format!("{prefix}{end}")))
            .collect();
        bench.provider.read(&targets, false).await;
        let seen = bench.recorder.seen();
        let target = target.replace("limit=10&", "limit=100&");
        check(&seen[0], "GET", &target.replace("nextToken=MTIz%3D%3D&", ""), None);
        check(&seen[1], "GET", &target, None);
    }
}

#[tokio::test]
async fn update_function() {
    let bench = Bench::start().await;
    let set = [(path_of("description"), None), (path_of("memorySize"), Some(Value::int(1024)))].into();
    let live = live(function("hello_fn"));
    let seen = bench.perform(function("hello_fn"), Call::Update { live, set, package: None }).await;
    check(&seen[0], "PUT", "/2023-03-30/functions/hello_fn", Some(&recorded(UPDATE_FUNCTION)));
}

#[tokio::test]
async fn delete_function() {
    let bench = Bench::start().await;
    let seen = bench.perform(function("hello_fn"), Call::Delete { live: live(function("hello_fn")) }).await;
    check(&seen[0], "DELETE", "/2023-03-30/functions/hello_fn", None);
}

#[tokio::test]
async fn create_trigger() {
    let bench = Bench::start().await;
    let attributes = attributes([
        ("qualifier", "LATEST".into()),
        ("triggerConfig.authType", "anonymous".into()),
        ("triggerConfig.methods", super::texts(["GET", "POST"])),
        ("triggerType", "http".into()),
    ]);
    let seen = bench.perform(trigger("hello_fn", "http-t"), Call::Create { attributes, package: None }).await;
    check(&seen[0], "POST", "/2023-03-30/functions/hello_fn/triggers", Some(&recorded(CREATE_TRIGGER)));
}

#[tokio::test]
async fn create_custom_domain() {
    let bench = Bench::start().await;
    let attributes = attributes([
        ("protocol", "HTTP".into()),
        ("routeConfig.routes[\"/*\"].functionName", "hello_fn".into()),
        ("routeConfig.routes[\"/*\"].qualifier", "LATEST".into()),
    ]);
    let seen = bench.perform(domain("a.example.com"), Call::Create { attributes, package: None }).await;
    let body = json!({"domainName":"a.example.com","protocol":"HTTP","routeConfig":{"routes":[{"functionName":"hello_fn","path":"/*","qualifier":"LATEST"}]}});
    check(&seen[0], "POST", "/2023-03-30/custom-domains", Some(&body));
}

#[tokio::test]
async fn get_function_code() {
    let bench = Bench::start().await;
    let url = format!("{}/oss/package?Signature=x", bench.recorder.endpoint());
    let checksum = bench.provider.checksum(PACKAGE);
    let path = "/2023-03-30/functions/hello_fn/code";
    bench.recorder.answers("GET", path, json!({"url": url, "checksum": checksum}));
    bench.recorder.answers("GET", "/oss/package", json!("PKzip"));
    let package = bench.provider.package(&function("hello_fn")).await.expect("a package");
    assert_eq!(&package[..], PACKAGE);
    let seen = bench.recorder.seen();
    check(&seen[0], "GET", path, None);
    check(&seen[1], "GET", "/oss/package?Signature=x", None);
    assert!(!seen[1].headers.contains_key("authorization"), "the address carries its own permission");
}

#[tokio::test]
async fn a_package_that_was_damaged_on_the_way_is_no_package() {
    let bench = Bench::start().await;
    let url = format!("{}/oss/package", bench.recorder.endpoint());
    let checksum = bench.provider.checksum(PACKAGE);
    bench.recorder.answers(
        "GET",
        "/2023-03-30/functions/hello_fn/code",
        json!({"url": url, "checksum": checksum}),
    );
    bench.recorder.answers("GET", "/oss/package", json!("PKzap"));
    let error = bench.provider.package(&function("hello_fn")).await.expect_err("damaged");
    assert!(error.message.contains("not the one that was announced"), "{error}");
}

#[tokio::test]
async fn the_account_is_asked_for_once() {
    let bench = Bench::start().await;
    bench.recorder.answers(
        "POST",
        "/",
        json!({"AccountId": "123456789", "Arn": "acs:ram::123456789:user/me"}),
    );
    assert_eq!(bench.provider.account().await.as_deref(), Ok("123456789"));
    assert_eq!(bench.provider.account().await.as_deref(), Ok("123456789"));
    let seen = bench.recorder.seen();
    assert_eq!(seen.len(), 1);
    check(&seen[0], "POST", "/", None);
    assert_eq!(seen[0].headers["x-acs-action"], "GetCallerIdentity");
    assert_eq!(seen[0].headers["x-acs-version"], "2015-04-01");
}

fn of_service(kind: &str, parent: Option<&str>, name: &str) -> Identity {
    Identity { kind: kind.to_owned(), parent: parent.map(str::to_owned), ..function(name) }
}

/// As the client for the version of 2021 sent it.
const CREATE_FUNCTION_OF_A_SERVICE: &str = r#"{"code":{"zipFile":"UEt6aXA="},"environmentVariables":{"K":"值 v"},"functionName":"hello_fn","handler":"index.handler","memorySize":512,"runtime":"python3.10","timeout":60}"#;

/// The text inside `triggerConfig` is that of the client for Node.js.
const CREATE_TRIGGER_OF_A_SERVICE: &str = r#"{"triggerConfig":"{\"authType\":\"anonymous\",\"methods\":[\"GET\"]}","triggerName":"http-t","triggerType":"http"}"#;

#[tokio::test]
async fn the_version_of_2021_is_spoken_to_services_functions_and_triggers() {
    let bench = Bench::start().await;
    let function = || of_service("fc_function", Some("svc"), "hello_fn");
    let given = attributes([
        ("environmentVariables[\"K\"]", "值 v".into()),
        ("handler", "index.handler".into()),
        ("memorySize", Value::int(512)),
        ("runtime", "python3.10".into()),
        ("timeout", Value::int(60)),
    ]);
    let package = Some(package(&*bench.provider, PACKAGE.to_vec()));
    let seen = bench.perform(function(), Call::Create { attributes: given, package }).await;
    check(
        &seen[0],
        "POST",
        "/2021-04-06/services/svc/functions",
        Some(&recorded(CREATE_FUNCTION_OF_A_SERVICE)),
    );
    let header = |name: &str| seen[0].headers[name].to_str().expect("text").to_owned();
    assert_eq!(header("x-acs-version"), "2021-04-06");
    assert_eq!(header("x-acs-action"), "CreateFunction");

    let bench = Bench::start().await;
    bench.provider.read_one(&function()).await;
    let seen = bench.recorder.seen();
    check(&seen[0], "GET", "/2021-04-06/services/svc/functions/hello_fn", None);

    let bench = Bench::start().await;
    let config = [("triggerConfig.authType", "anonymous".into()), ("triggerType", "http".into())];
    let mut given = attributes(config);
    given.insert(path_of("triggerConfig.methods"), super::texts(["GET"]));
    let trigger = of_service("fc_trigger", Some("svc/hello_fn"), "http-t");
    let seen = bench.perform(trigger, Call::Create { attributes: given, package: None }).await;
    let body = recorded(CREATE_TRIGGER_OF_A_SERVICE);
    check(&seen[0], "POST", "/2021-04-06/services/svc/functions/hello_fn/triggers", Some(&body));

    let bench = Bench::start().await;
    let rules = of_service("fc_async_config", Some("svc/hello_fn"), "LATEST");
    let given = attributes([("maxAsyncRetryAttempts", Value::int(1))]);
    let seen = bench.perform(rules, Call::Create { attributes: given, package: None }).await;
    let target = "/2021-04-06/services/svc/functions/hello_fn/async-invoke-config?qualifier=LATEST";
    check(&seen[0], "PUT", target, Some(&json!({"maxAsyncRetryAttempts": 1})));
}

#[tokio::test]
async fn every_update_and_delete_of_a_service_names_the_reading_that_it_is_based_on() {
    let identities = || {
        [
            of_service("fc_service", None, "svc"),
            of_service("fc_function", Some("svc"), "hello_fn"),
            of_service("fc_trigger", Some("svc/hello_fn"), "http-t"),
        ]
    };
    for identity in identities() {
        let found = || Box::new(Resource { condition: Some("e-1".to_owned()), ..*live(identity.clone()) });
        let set = [(path_of("description"), Some("x".into()))].into();
        for call in [Call::Update { live: found(), set, package: None }, Call::Delete { live: found() }] {
            let bench = Bench::start().await;
            let seen = bench.perform(identity.clone(), call).await;
            assert_eq!(seen[0].headers["if-match"], "e-1", "{identity} {}", seen[0].method);
        }
    }
}
