//! Node.js functions: what counts as an answer, by the runtime's name.

use super::*;

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
        // Only what never answers may wait for its end; all else has time, however busy the machine is.
        let hangs = handler == "index.returned";
        function.timeout = if hangs { Duration::from_millis(300) } else { Duration::from_secs(20) };
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
