//! Python functions: values, errors, contexts, instances.

use super::*;

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
