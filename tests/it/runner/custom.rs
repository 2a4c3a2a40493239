//! Custom runtimes: web servers that are started, found, watched and stopped.

use super::*;

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
