//! Real functions, run by the machine's own python3 and node.

use std::collections::BTreeMap;
use std::io::{Cursor, Write as _};
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use tempfile::TempDir;
use triform::emulator::runner::{
    Answer, CustomRuntime, Deployment, Event, Hook, HttpRequest, Runner, RunnerOptions,
};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const REQUEST_ID: &str = "1-00000001-00000002-000000000003";

struct Stage {
    runner: Runner,
    _folder: TempDir,
}

fn stage() -> Stage {
    let folder = tempfile::tempdir().expect("folder");
    let options = RunnerOptions {
        work_dir: folder.path().join("work"),
        start_timeout: Duration::from_secs(20),
        idle_timeout: Duration::from_mins(1),
    };
    Stage { runner: Runner::new(options).expect("runner"), _folder: folder }
}

impl Stage {
    async fn invoke(&self, deployment: &Deployment, payload: &str) -> Answer {
        let event =
            Event { request_id: REQUEST_ID.into(), payload: Bytes::copy_from_slice(payload.as_bytes()) };
        self.runner.invoke(deployment, event).await
    }

    async fn http(&self, deployment: &Deployment, method: &str, path: &str, body: &str) -> Answer {
        let (raw_path, raw_query) = path.split_once('?').unwrap_or((path, ""));
        let request = HttpRequest {
            request_id: REQUEST_ID.into(),
            method: method.into(),
            raw_path: raw_path.into(),
            raw_query: raw_query.into(),
            headers: vec![
                ("content-type".into(), Bytes::from_static(b"text/plain")),
                ("x-fc-forged".into(), Bytes::from_static(b"1")),
            ],
            body: Bytes::copy_from_slice(body.as_bytes()),
            host: "hello.localhost:9530".into(),
            source_ip: "127.0.0.1".into(),
            trigger_id: "t-1".into(),
        };
        self.runner.serve_http(deployment, request).await
    }
}

fn deployment(runtime: &str, handler: &str, files: &[(&str, &str)]) -> Deployment {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in files {
        zip.start_file(*name, SimpleFileOptions::default().unix_permissions(0o755)).expect("entry");
        zip.write_all(text.as_bytes()).expect("content");
    }
    Deployment {
        key: format!("cn-hangzhou/{runtime}/LATEST"),
        generation: 1,
        account_id: "1000000000000001".into(),
        region: "cn-hangzhou".into(),
        function_name: "hello".into(),
        qualifier: "LATEST".into(),
        version_id: String::new(),
        runtime: runtime.into(),
        handler: handler.into(),
        memory_size: 128,
        timeout: Duration::from_secs(3),
        instance_concurrency: 1,
        role: String::new(),
        environment: BTreeMap::new(),
        code: zip.finish().expect("archive").into_inner().into(),
        code_checksum: "0".into(),
        custom: None,
        initializer: None,
        pre_stop: None,
    }
}

fn python(text: &str) -> Deployment {
    deployment("python3.10", "index.handler", &[("index.py", text)])
}

#[track_caller]
fn text(answer: &Answer) -> &str {
    assert!(answer.platform_error.is_none(), "{:?}", answer.platform_error);
    std::str::from_utf8(&answer.body).expect("text")
}

#[track_caller]
fn error(answer: &Answer) -> Value {
    assert!(answer.error_type.is_some(), "no error: {answer:?}");
    serde_json::from_str(text(answer)).expect("error body")
}

#[tokio::test]
async fn python_values_become_bodies() {
    let stage = stage();
    let function = python(
        "import datetime, decimal\n\
         class Own:\n    def to_json(self): return {'own': 1}\n\
         def handler(event, context):\n    return eval(event)\n",
    );
    for (expression, body) in [
        ("b'\\x41\\x42'", "AB"),
        ("'gr\u{fc}n'", "gr\u{fc}n"),
        ("{'b': 1, 'a': ['\u{e9}']}", "{\n    \"a\": [\n        \"\\u00e9\"\n    ],\n    \"b\": 1\n}"),
        ("None", "null"),
        ("True", "true"),
        ("1", "1"),
        ("decimal.Decimal('1.5')", "1.5"),
        ("datetime.date(2026, 1, 2)", "\"2026-01-02\""),
        ("Own()", "{\n    \"own\": 1\n}"),
    ] {
        let answer = stage.invoke(&function, expression).await;
        assert_eq!(
            (text(&answer), answer.error_type, answer.status),
            (body, None, 200),
            "{expression}: {}",
            answer.log
        );
    }
    let failed = stage.invoke(&function, "{1, 2}").await;
    assert_eq!(error(&failed)["errorType"], "TypeError");
    assert_eq!(error(&failed).get("stackTrace"), None);
}

#[tokio::test]
async fn python_errors_name_code_and_lines() {
    let stage = stage();
    let function = python("def handler(event, context):\n    print('before')\n    return 1 / 0\n");
    let answer = stage.invoke(&function, "").await;
    assert_eq!((answer.status, answer.error_type), (200, Some("UnhandledInvocationError")));
    assert_eq!(
        error(&answer),
        json!({
            "errorMessage": "division by zero",
            "errorType": "ZeroDivisionError",
            "stackTrace": [["File \"/code/index.py\"", "line 3", "in handler", "return 1 / 0"]],
        })
    );
    let start = format!("FC Invoke Start RequestId: {REQUEST_ID}\nbefore\n");
    let end = format!("FC Invoke End RequestId: {REQUEST_ID}, Error: Unhandled function error\n");
    assert!(answer.log.contains(&start) && answer.log.ends_with(&end), "{}", answer.log);
    assert!(answer.max_memory_mb > 1.0 && answer.instance_id.starts_with("c-"), "{answer:?}");
}

#[tokio::test]
async fn python_load_failures_have_names() {
    let stage = stage();
    for (handler, source, error_type, message) in [
        ("index.gone", "", "HandlerNotFound", "Handler 'gone' is missing on module 'index'"),
        ("other.handler", "", "ImportModuleError", "Unable to import module 'other'"),
        (
            "index.handler",
            "import nothing_of_the_kind",
            "ImportModuleError",
            "Unable to import module 'index'",
        ),
        ("index.handler", "def handler(:", "UserCodeSyntaxError", "Syntax error in module 'index'"),
        ("index.handler", "1 / 0", "UserCodeError", "Module initialization error: 'division by zero'"),
        ("handler", "", "InvalidHandleName", "Invalid handler 'handler'"),
    ] {
        let mut function = deployment("python3.10", handler, &[("index.py", source)]);
        function.key = format!("{handler}{source}");
        let answer = stage.invoke(&function, "").await;
        assert_eq!((answer.status, answer.error_type), (200, Some("UnhandledInvocationError")));
        let body = error(&answer);
        assert_eq!((&body["errorType"], &body["errorMessage"]), (&json!(error_type), &json!(message)));
        assert!(!body.to_string().contains("packages"), "real paths show: {body}");
    }
}

#[tokio::test]
async fn python_contexts_go_by_the_runtimes_name() {
    let stage = stage();
    let source = "def handler(event, context):\n    return [context.request_id, context.function.name, \
                  context.function.memory, context.region, hasattr(context, 'credentials'), context.to_json()]\n";
    let mut old = python(source);
    old.role = "acs:ram::1:role/r".into();
    let answer: Value = serde_json::from_str(text(&stage.invoke(&old, "").await)).expect("json");
    assert_eq!(
        answer.as_array().expect("list")[..5],
        [json!(REQUEST_ID), json!("hello"), json!(128), json!("cn-hangzhou"), json!(true)]
    );
    assert_eq!(answer[5]["credentials"]["accessKeyId"], "STS.local");
    let mut new = old.clone();
    new.runtime = "python3.12".into();
    new.key = "new".into();
    let answer: Value = serde_json::from_str(text(&stage.invoke(&new, "").await)).expect("json");
    assert_eq!((&answer[4], &answer[5]["function"]["qualifier"]), (&json!(false), &json!("LATEST")));
}

#[tokio::test]
async fn a_python_instance_keeps_its_state_and_its_own_environment() {
    let stage = stage();
    let mut function = python(
        "import os, sys, logging\nseen = []\n\
         def handler(event, context):\n    seen.append(1)\n    logging.getLogger().info('a log line')\n    \
         os.write(1, b'raw\\n')\n    sys.stderr.write('unfinished')\n    \
         return [len(seen), os.environ.get('GREETING'), os.getcwd() == os.environ['FC_FUNC_CODE_PATH'], \
         'CARGO_MANIFEST_DIR' in os.environ, sys.stdin.read(), os.environ['FC_FUNCTION_NAME']]\n",
    );
    function.environment.insert("GREETING".into(), "hi".into());
    let first = stage.invoke(&function, "").await;
    let second = stage.invoke(&function, "").await;
    assert_eq!(first.instance_id, second.instance_id);
    let body: Value = serde_json::from_str(text(&second)).expect("json");
    assert_eq!(body, json!([2, "hi", true, false, "", "hello"]));
    let expected = format!("Z {REQUEST_ID} [INFO] a log line\nraw\nunfinished");
    assert!(second.log.starts_with("FC Invoke Start") && second.log.contains(&expected), "{}", second.log);
    assert!(!second.log.contains("runtime inited") && first.log.contains("runtime inited"), "{}", first.log);
}

#[tokio::test]
async fn a_process_that_ends_or_hangs_is_replaced() {
    let stage = stage();
    let mut function = python(
        "import os, sys, time, subprocess\n\
         def handler(event, context):\n    if event == b'exit': os._exit(3)\n    if event == b'sys': sys.exit(1)\n    \
         if event == b'hang':\n        print(subprocess.Popen(['sleep', '61']).pid)\n        time.sleep(60)\n    return os.getpid()\n",
    );
    function.timeout = Duration::from_millis(400);
    let first = stage.invoke(&function, "").await;
    for event in ["exit", "sys"] {
        let answer = stage.invoke(&function, event).await;
        assert_eq!((answer.status, answer.error_type), (200, Some("UnhandledInvocationError")));
        let body = error(&answer);
        let message = body["errorMessage"].as_str().expect("message");
        assert!(
            message.starts_with("Process exited unexpectedly before completing request (duration: "),
            "{message}"
        );
        assert_eq!(body.get("errorType"), None);
    }
    let hung = stage.invoke(&function, "hang").await;
    assert_eq!(error(&hung)["errorMessage"], "Function time out after 0.4 seconds");
    assert_eq!(hung.error_type, Some("UnhandledInvocationError"));
    assert!(hung.log.contains("Error: Function time out"), "{}", hung.log);
    let after = stage.invoke(&function, "").await;
    assert_ne!(text(&after), text(&first));
    let child = hung.log.lines().find(|line| line.parse::<u32>().is_ok()).expect("the child's number");
    eventually("the child of a hanging function is gone", || !is_asleep(child)).await;
}

#[tokio::test]
async fn the_initializer_runs_once_and_its_failure_ends_the_instance() {
    let stage = stage();
    let mut function = python(
        "import os\ncount = 0\n\
         def initialize(context):\n    global count\n    count += 1\n    print('initializing')\n    \
         if os.environ.get('BROKEN'): raise ValueError('no luck')\n\
         def handler(event, context):\n    return count\n",
    );
    function.initializer = Some(Hook { handler: "index.initialize".into(), timeout: Duration::from_secs(2) });
    let answer = stage.invoke(&function, "").await;
    let order = format!(
        "FC Initialize Start RequestId: {REQUEST_ID}\ninitializing\nFC Initialize End RequestId: {REQUEST_ID}\nFC Invoke Start"
    );
    assert!(answer.log.contains(&order), "{}", answer.log);
    assert_eq!((text(&answer), text(&stage.invoke(&function, "").await)), ("1", "1"));

    function.environment.insert("BROKEN".into(), "1".into());
    function.generation += 1;
    let first = stage.invoke(&function, "").await;
    assert_eq!((first.status, first.error_type), (200, Some("InitializationError")));
    assert_eq!(error(&first)["errorMessage"], "no luck");
    let second = stage.invoke(&function, "").await;
    assert_ne!(first.instance_id, second.instance_id);
    assert_eq!(stage.http(&function, "GET", "/", "").await.status, 502);
}

#[tokio::test]
async fn new_generations_and_retirement_call_pre_stop() {
    let stage = stage();
    let marks = tempfile::tempdir().expect("folder");
    let mut function = python(
        "import os\ndef stop(context):\n    open(os.environ['MARK'], 'w').close()\n\
         def handler(event, context):\n    return os.getpid()\n",
    );
    function.pre_stop = Some(Hook { handler: "index.stop".into(), timeout: Duration::from_secs(2) });
    let mark = |name: &str| marks.path().join(name);
    let set = |function: &mut Deployment, name: &str| {
        function.environment.insert("MARK".into(), mark(name).to_string_lossy().into_owned());
    };
    set(&mut function, "first");
    let first = stage.invoke(&function, "").await;
    function.generation = 2;
    set(&mut function, "second");
    let second = stage.invoke(&function, "").await;
    assert_ne!(text(&first), text(&second));
    stage.runner.retire(&function.key).await;
    assert!(mark("second").exists(), "retire returned before preStop ran");
    set(&mut function, "third");
    stage.invoke(&function, "").await;
    stage.runner.shutdown().await;
    assert!(mark("first").exists() && mark("third").exists());
    let late = stage.invoke(&function, "").await;
    assert_eq!(late.platform_error.map(|error| error.status), Some(503));
}

#[tokio::test]
async fn instances_serve_one_request_at_a_time_and_idle_ones_go() {
    let folder = tempfile::tempdir().expect("folder");
    let runner = Runner::new(RunnerOptions {
        work_dir: folder.path().to_owned(),
        start_timeout: Duration::from_secs(20),
        idle_timeout: Duration::from_millis(150),
    })
    .expect("runner");
    let stage = Stage { runner, _folder: folder };
    let function = python(
        "import os, time\ndef handler(event, context):\n    time.sleep(0.2)\n    return os.getpid()\n",
    );
    let (left, right) = tokio::join!(stage.invoke(&function, ""), stage.invoke(&function, ""));
    assert_ne!(text(&left), text(&right));
    tokio::time::sleep(Duration::from_millis(600)).await;
    let later = stage.invoke(&function, "").await;
    assert!(![text(&left), text(&right)].contains(&text(&later)), "an idle instance stayed");
}

#[tokio::test]
async fn http_triggers_pass_events_and_answer_responses() {
    let stage = stage();
    let function = python(
        "import json\ndef handler(event, context):\n    e = json.loads(event)\n    \
         if e['rawPath'] == '/fail': raise ValueError('x')\n    \
         if e['rawPath'] == '/bad': return {'statusCode': 'two hundred'}\n    \
         return {'statusCode': 418, 'headers': {'X-Seen': e['queryParameters']['q'], 'Server': 'me'}, \
         'body': json.dumps([e['body'], e['requestContext']['http']['method'], 'X-Fc-Forged' in e['headers'], e['requestContext']['triggerId']])}\n",
    );
    let answer = stage.http(&function, "POST", "/a?q=1%2B1", "hi").await;
    assert_eq!((answer.status, text(&answer)), (418, r#"["hi", "POST", false, "t-1"]"#));
    let mut headers = answer.headers.clone();
    headers.sort();
    assert_eq!(
        headers,
        [
            ("Content-Type".to_owned(), Bytes::from_static(b"application/json")),
            ("X-Seen".to_owned(), Bytes::from_static(b"1+1")),
        ]
    );
    let failed = stage.http(&function, "GET", "/fail", "").await;
    assert_eq!((failed.status, failed.error_type), (502, Some("UnhandledInvocationError")));
    assert_eq!(error(&failed)["errorType"], "ValueError");
    let bad = stage.http(&function, "GET", "/bad", "").await;
    let said = bad.platform_error.map(|error| (error.status, error.code));
    assert_eq!((bad.status, said), (502, Some((502, "BadResponse"))));
}

#[tokio::test]
async fn node_18_takes_promises_callbacks_and_modules() {
    let stage = stage();
    let source = "
        exports.handler = async (event, context) => { console.log('two\\nlines'); return { given: event.toString(), id: context.requestId }; };
        exports.back = (event, context, callback) => callback(null, Buffer.from('AB'));
        exports.number = async () => 42;
        exports.nothing = async () => {};
        exports.plain = (event, context) => 'text';
        exports.thrown = async () => { throw new TypeError('bad'); };
        exports.given = (event, context, callback) => callback(new RangeError('told'));
        exports.word = (event, context, callback) => callback('just a word');
        exports.exits = async () => process.exit(1);
        exports.level = async (event, context) => { context.logger.warn('careful'); return context.function.timeout; };
    ";
    let module =
        "export const handler = async () => new URL(import.meta.url).pathname.endsWith('module.mjs');";
    let ask = async |handler: &str| {
        let mut function = deployment("nodejs20", handler, &[("index.js", source), ("module.mjs", module)]);
        function.key = handler.into();
        stage.invoke(&function, "event").await
    };
    let (first, back, number, nothing, plain, esm) = tokio::join!(
        ask("index.handler"),
        ask("index.back"),
        ask("index.number"),
        ask("index.nothing"),
        ask("index.plain"),
        ask("module.handler"),
    );
    assert_eq!(text(&first), format!(r#"{{"given":"event","id":"{REQUEST_ID}"}}"#));
    assert!(first.log.contains(&format!("Z {REQUEST_ID} [verbose] two\rlines\n")), "{}", first.log);
    assert!(first.log.contains("load code for handler:index.handler\n"), "{}", first.log);
    assert_eq!(
        [text(&back), text(&number), text(&nothing), text(&plain), text(&esm)],
        ["AB", "42", "", "text", "true"]
    );

    let (thrown, given, word, exits, level) = tokio::join!(
        ask("index.thrown"),
        ask("index.given"),
        ask("index.word"),
        ask("index.exits"),
        ask("index.level")
    );
    let body = error(&thrown);
    assert_eq!((&body["errorType"], &body["errorMessage"]), (&json!("TypeError"), &json!("bad")));
    let frames = body["stackTrace"].as_array().expect("lines");
    assert!(
        frames.len() == 2 && frames[1].as_str().is_some_and(|line| line.contains("/code/index.js:7:")),
        "{frames:?}"
    );
    assert_eq!(thrown.error_type, Some("UnhandledInvocationError"));
    assert_eq!((given.status, given.error_type), (200, Some("HandledInvocationError")));
    assert_eq!(error(&given)["errorType"], "RangeError");
    assert!(given.log.ends_with(", Error: Handled function error\n"), "{}", given.log);
    assert_eq!(error(&word), json!({ "errorMessage": "just a word", "errorType": "FunctionHandledError" }));
    assert!(
        error(&exits)["errorMessage"]
            .as_str()
            .is_some_and(|message| message.starts_with("Process exited unexpectedly"))
    );
    assert_eq!(text(&level), "3");
    assert!(level.log.contains("[warn] careful"), "{}", level.log);
}

#[tokio::test]
async fn node_16_answers_by_callback_only() {
    let stage = stage();
    let source = "
        exports.handler = (event, context, callback) => { callback(null, [1]); callback(null, 'late'); };
        exports.returned = async () => 'ignored';
        exports.thrown = () => { throw new TypeError('bad'); };
        exports.rejected = async () => { throw new Error('later'); };
        exports.initialize = (context, callback) => callback(new Error('no luck'));
    ";
    let ask = async |handler: &str, initializer: Option<&str>| {
        let mut function =
            deployment("nodejs16", handler, &[("index.js", source), ("broken.js", "exports.handler = (")]);
        function.key = handler.into();
        function.timeout = Duration::from_millis(300);
        function.initializer =
            initializer.map(|handler| Hook { handler: handler.into(), timeout: Duration::from_secs(1) });
        stage.invoke(&function, "").await
    };
    let (called, returned, thrown, rejected) = tokio::join!(
        ask("index.handler", None),
        ask("index.returned", None),
        ask("index.thrown", None),
        ask("index.rejected", None)
    );
    assert_eq!(text(&called), "[1]");
    assert_eq!(error(&returned)["errorMessage"], "Function time out after 0.3 seconds");
    assert_eq!(error(&thrown)["errorType"], "FunctionUnhandledError: TypeError");
    assert_eq!(error(&rejected)["errorType"], "FunctionUnhandledError: Error");
    let (broken, missing, gone, begun) = tokio::join!(
        ask("broken.handler", None),
        ask("missing.handler", None),
        ask("index.gone", None),
        ask("index.handler ", Some("index.initialize")),
    );
    assert_eq!(error(&broken)["errorType"], "FunctionUnhandledError: UserCodeSyntaxError");
    assert_eq!(error(&missing)["errorMessage"], "Module '/code/missing.js' is missing.");
    assert_eq!(error(&gone)["errorType"], "FunctionUnhandledError: HandlerNotFound");
    assert_eq!(
        begun.error_type,
        Some("UnhandledInvocationError"),
        "the handler is missing before the initializer runs"
    );
}

const SERVER: &str = r#"#!/usr/bin/env python3
import http.server, json, os, sys, time
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        if body == "exit": os._exit(1)
        if body == "hang": time.sleep(60)
        status = 404 if body == "missing" else 500 if self.path == "/ill" else 200
        seen = {name.lower(): value for name, value in self.headers.items()}
        data = json.dumps([self.command, self.path, body, os.getpid(), PORT, seen]).encode()
        self.send_response(int(seen.get("x-want") or status))
        if body == "failed": self.send_header("x-fc-status", "404")
        self.send_header("X-Own", "1")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
        print("served", body, flush=True)
    do_GET = do_POST = do_PUT = answer
    def log_message(self, *args): pass
PORT = int(os.environ.get("INSIST") or os.environ["FC_SERVER_PORT"])
http.server.ThreadingHTTPServer(("0.0.0.0", PORT), Handler).serve_forever()
"#;

fn server() -> Deployment {
    let mut function = deployment("custom.debian10", "any", &[("bootstrap", SERVER)]);
    function.custom = Some(CustomRuntime { port: free_port(), ..CustomRuntime::default() });
    function.instance_concurrency = 10;
    function
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("listener");
    listener.local_addr().expect("address").port()
}

#[tokio::test]
async fn a_custom_server_gets_events_and_requests() {
    let stage = stage();
    let mut function = server();
    let (answer, other) = tokio::join!(stage.invoke(&function, "event"), stage.invoke(&function, "other"));
    let body: Value = serde_json::from_str(text(&answer)).expect("json");
    assert_eq!(body.as_array().expect("list")[..3], [json!("POST"), json!("/invoke"), json!("event")]);
    let seen = &body[5];
    assert_eq!(seen["content-type"], "application/octet-stream");
    assert_eq!(
        (&seen["x-fc-request-id"], &seen["x-fc-control-path"]),
        (&json!(REQUEST_ID), &json!("/invoke"))
    );
    assert_eq!((&seen["x-fc-function-memory"], &seen["x-fc-qualifier"]), (&json!("128"), &json!("LATEST")));
    assert!(answer.headers.is_empty() && answer.log.contains("served event"), "{answer:?}");
    let other: Value = serde_json::from_str(text(&other)).expect("json");
    assert_eq!(body[3], other[3], "requests at once share an instance");

    let passed = stage.http(&function, "PUT", "/a%20b?q=1", "x").await;
    let body: Value = serde_json::from_str(text(&passed)).expect("json");
    assert_eq!(body.as_array().expect("list")[..3], [json!("PUT"), json!("/a%20b?q=1"), json!("x")]);
    assert_eq!(
        (&body[5]["host"], &body[5]["x-fc-control-path"]),
        (&json!("hello.localhost:9530"), &json!("/http-invoke"))
    );
    assert_eq!(body[5].get("x-fc-forged"), None);
    assert_eq!(passed.headers, [("x-own".to_owned(), Bytes::from_static(b"1"))]);

    for event in ["missing", "failed"] {
        assert_eq!(
            stage.invoke(&function, event).await.error_type,
            Some("UnhandledInvocationError"),
            "{event}"
        );
    }
    let crashed = stage.http(&function, "POST", "/", "exit").await;
    assert_eq!((crashed.status, crashed.error_type), (502, Some("UnhandledInvocationError")));
    let exited = stage.invoke(&function, "exit").await;
    assert!(
        error(&exited)["errorMessage"]
            .as_str()
            .is_some_and(|message| message.starts_with("Process exited unexpectedly"))
    );
    function.generation += 1;
    function.timeout = Duration::from_millis(300);
    let hung = stage.invoke(&function, "hang").await;
    assert_eq!(error(&hung)["errorMessage"], "Function time out after 0.3 seconds");
}

#[tokio::test]
async fn a_server_that_insists_on_its_port_is_found_there_one_at_a_time() {
    let stage = stage();
    let mut function = server();
    let port = function.custom.as_ref().expect("custom").port;
    function.instance_concurrency = 1;
    function.environment.insert("INSIST".into(), port.to_string());
    let (one, two) = tokio::join!(stage.invoke(&function, "one"), stage.invoke(&function, "two"));
    for answer in [&one, &two] {
        let body: Value = serde_json::from_str(text(answer)).expect("json");
        assert_eq!(body[4], json!(port));
    }
    assert_eq!(one.instance_id, two.instance_id);

    function.generation += 1;
    let newer = stage.invoke(&function, "new code takes the port over").await;
    assert_ne!(text(&newer), "");
    let mut rival = function.clone();
    rival.key = "rival".into();
    let theirs = stage.invoke(&rival, "an idle holder makes room").await;
    assert_ne!(text(&theirs), "");

    stage.runner.retire("rival").await;
    let _stranger = std::net::TcpListener::bind(("127.0.0.1", port)).expect("the port is free again");
    rival.generation += 1;
    let clash = stage.invoke(&rival, "x").await.platform_error.expect("clash");
    assert_eq!((clash.status, clash.code), (412, "FunctionNotStarted"));
    assert!(
        clash.message.contains(&format!("Port {port}")) && clash.message.contains("is in use"),
        "{}",
        clash.message
    );
}

#[tokio::test]
async fn start_failures_say_what_is_missing() {
    let folder = tempfile::tempdir().expect("folder");
    let runner = Runner::new(RunnerOptions {
        work_dir: folder.path().to_owned(),
        start_timeout: Duration::from_secs(1),
        idle_timeout: Duration::from_mins(1),
    })
    .expect("runner");
    let stage = Stage { runner, _folder: folder };
    let port = free_port();
    let custom = |command: &[&str], files: &[(&str, &str)]| {
        let mut function = deployment("custom", "any", files);
        let command: Vec<String> = command.iter().map(ToString::to_string).collect();
        function.key = format!("{command:?}{}", files.len());
        function.custom = Some(CustomRuntime { command, port, ..CustomRuntime::default() });
        function
    };
    let mut no_zip = python("");
    no_zip.code = Bytes::from_static(b"print('hello')");
    for (function, part) in [
        (custom(&[], &[]), "the file /code/bootstrap is not exist"),
        (
            custom(&["nothing-of-the-kind"], &[]),
            "(code 2, message:no such file or directory) with start command 'nothing-of-the-kind '",
        ),
        (
            custom(&["/code/run", "x"], &[("run", "#!/bin/sh\necho $0; exit 3\n")]),
            "(code 3, message:exit status 3) with start command '/code/run x'. Logs: /code/run\n",
        ),
        (custom(&["sleep", "60"], &[]), "health check failed on port"),
        (deployment("php7.2", "index.handler", &[]), "php7.2"),
        (deployment("custom-container", "x", &[]), "container engine"),
        (no_zip, "not a readable zip archive"),
    ] {
        let answer = stage.invoke(&function, "").await;
        let error = answer.platform_error.expect("a platform error");
        assert_eq!((answer.status, error.status, error.code), (412, 412, "FunctionNotStarted"));
        assert!(error.message.contains(part), "`{part}` is not in: {}", error.message);
    }
}

#[tokio::test]
async fn a_custom_server_is_initialized_checked_and_stopped() {
    let stage = stage();
    let mut function = server();
    function.initializer = Some(Hook { handler: String::new(), timeout: Duration::from_secs(2) });
    function.pre_stop = Some(Hook { handler: String::new(), timeout: Duration::from_secs(2) });
    let answer = stage.invoke(&function, "x").await;
    assert!(answer.log.starts_with("served \nserved x"), "{}", answer.log);
    if let Some(custom) = &mut function.custom {
        custom.health_check_path = Some("/healthy".into());
    }
    function.generation += 1;
    assert_eq!(stage.invoke(&function, "x").await.error_type, None);
    if let Some(custom) = &mut function.custom {
        custom.health_check_path = Some("/ill".into());
    }
    function.generation += 1;
    let ill = stage.invoke(&function, "x").await.platform_error.expect("a start failure");
    assert!(ill.message.contains("GET /ill was answered with status 500"), "{}", ill.message);
}

#[tokio::test]
async fn nothing_survives_shutdown_or_a_dropped_runner() {
    for dropped in [false, true] {
        let stage = stage();
        let function = python(
            "import subprocess\ndef handler(event, context):\n    return subprocess.Popen(['sleep', '61']).pid\n",
        );
        let answer = stage.invoke(&function, "").await;
        let child = text(&answer);
        eventually("the function's child started", || is_asleep(child)).await;
        if dropped {
            drop(stage);
        } else {
            stage.runner.shutdown().await;
        }
        eventually("the child of a function is gone", || !is_asleep(child)).await;
    }
}

/// Not a test of its own: the parent that is killed in the next one.
#[tokio::test]
#[ignore = "started by nothing_survives_a_killed_parent"]
async fn parent_to_be_killed() {
    let stage = stage();
    let source = "import subprocess\ndef handler(event, context):\n    print(1)\n    \
                  open(event, 'w').write(str(subprocess.Popen(['sleep', '61']).pid))\n    while True: pass\n";
    let mut function = python(source);
    function.timeout = Duration::from_mins(1);
    stage.invoke(&function, &std::env::var("TRIFORM_TEST_PID_FILE").expect("a file")).await;
}

#[tokio::test]
async fn nothing_survives_a_killed_parent() {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("pid");
    let mut parent = std::process::Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", "runner::parent_to_be_killed", "--ignored"])
        .env("TRIFORM_TEST_PID_FILE", &file)
        .env("TMPDIR", folder.path())
        .stdout(std::process::Stdio::null())
        .spawn()
        .expect("parent");
    let child = || std::fs::read_to_string(&file).unwrap_or_default();
    eventually("the function started its child", || is_asleep(&child())).await;
    parent.kill().expect("killed");
    parent.wait().expect("reaped");
    eventually("the child is gone", || !is_asleep(&child())).await;
}

/// Whether the process is `sleep`; a zombie has no command line.
fn is_asleep(pid: &str) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/cmdline")).is_ok_and(|line| line.starts_with("sleep\0"))
}

async fn eventually(what: &str, holds: impl Fn() -> bool) {
    let deadline = std::time::Instant::now() + Duration::from_secs(5);
    while !holds() {
        assert!(std::time::Instant::now() < deadline, "not so within five seconds: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn large_events_and_answers_pass_unharmed() {
    let stage = stage();
    let event = "0123456789abcdef".repeat(300_000);
    let echo = "def handler(event, context): return event\n";
    let answer = stage.invoke(&python(echo), &event).await;
    assert!(text(&answer) == event, "python changed a large event");
    let echo = "exports.handler = async (event) => event;";
    let answer = stage.invoke(&deployment("nodejs18", "index.handler", &[("index.js", echo)]), &event).await;
    assert!(text(&answer) == event, "node changed a large event");
}

#[tokio::test]
async fn node_waits_for_its_event_loop_when_asked_to() {
    let stage = stage();
    let source = "
        let late = 'not yet';
        exports.handler = (event, context, callback) => {
            context.waitsForEmptyEventLoopBeforeCallback = event.toString() === 'wait';
            setTimeout(() => { late = 'done'; }, 100);
            callback(null, late);
        };
    ";
    let function = deployment("nodejs14", "index.handler", &[("index.js", source)]);
    assert_eq!(text(&stage.invoke(&function, "go on").await), "not yet");
    assert_eq!(text(&stage.invoke(&function, "wait").await), "not yet");
    assert_eq!(text(&stage.invoke(&function, "go on").await), "done");
}

#[tokio::test]
async fn node_functions_answer_http_triggers() {
    let stage = stage();
    let source = "exports.handler = (event, context, callback) => {
        const { rawPath, requestContext } = JSON.parse(event);
        callback(null, { statusCode: 201, body: requestContext.http.method + rawPath });
    };";
    let function = deployment("nodejs20", "index.handler", &[("index.js", source)]);
    let answer = stage.http(&function, "GET", "/a%20b", "").await;
    assert_eq!((answer.status, text(&answer)), (201, "GET/a%20b"));
}

#[tokio::test]
async fn packages_marked_as_modules_run_too() {
    let stage = stage();
    let files = [
        ("package.json", r#"{"type": "module"}"#),
        ("index.js", "import os from 'os';\nexport const handler = async () => typeof os.cpus;"),
    ];
    let answer = stage.invoke(&deployment("nodejs18", "index.handler", &files), "").await;
    assert_eq!(text(&answer), "function");
}
