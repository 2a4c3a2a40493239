//! Real functions, run by the machine's own python3 and node.

mod custom;
mod http2;
mod node;
mod processes;
mod python;

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
            prefix: String::new(),
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
        service: None,
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
