//! An instance of a built-in runtime: an interpreter that runs our bridge program, which runs the function.
//!
//! We and the bridge exchange frames over a socket: two big-endian 32-bit lengths, a JSON header, a body of raw bytes.
//! One frame goes there, one comes back, and nothing that the function prints can come between. The bridge prints the
//! start and end lines of a request itself, so that they stand where they belong in the log.

use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep, timeout};

use super::fault::Fault;
use super::interpreter::Family;
use super::process::{Launch, Process};
use super::{Deployment, environment};

/// The bridge programs: file name and text.
pub(super) const BRIDGES: [(&str, &str); 2] =
    [("bridge.py", include_str!("bridge.py")), ("bridge.cjs", include_str!("bridge.cjs"))];

/// What a frame may measure: the service's own cap on answers, and room for the header.
const LARGEST_BODY: u32 = 128 * 1024 * 1024;
const LARGEST_HEADER: u32 = 16 * 1024 * 1024;

/// How long output may trail behind the answer that followed it.
const STRAGGLING: Duration = Duration::from_millis(300);

/// What the bridge is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Load,
    Initialize,
    Invoke,
    /// A request to a function of FC 2.0.
    Http,
    PreStop,
}

impl Stage {
    fn operation(self) -> &'static str {
        match self {
            Self::Load => "load",
            Self::Initialize => "initialize",
            Self::Invoke => "invoke",
            Self::Http => "http",
            Self::PreStop => "preStop",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Load | Self::Invoke | Self::Http => "Invoke",
            Self::Initialize => "Initialize",
            Self::PreStop => "PreStop",
        }
    }
}

/// One question to the bridge.
pub(super) struct Question<'a> {
    pub(super) stage: Stage,
    pub(super) request_id: &'a str,
    /// The handler of a hook; not read otherwise.
    pub(super) handler: &'a str,
    /// The request without its body; null unless there is one.
    pub(super) http: Value,
    pub(super) event: &'a [u8],
    pub(super) limit: Duration,
}

/// A running bridge.
#[derive(Debug)]
pub(super) struct BuiltIn {
    process: Process,
    channel: Mutex<UnixStream>,
}

impl BuiltIn {
    /// Starts the bridge; `launch` lacks only the interpreter's arguments.
    pub(super) async fn start(
        deployment: &Deployment,
        family: Family,
        interpreter: &Path,
        bridges: &Path,
        launch: &Launch<'_>,
    ) -> io::Result<Self> {
        let mut argv = vec![OsString::from(interpreter)];
        if family == Family::Node {
            argv.push("--max-http-header-size=16384".into());
            argv.push(bridges.join(BRIDGES[1].0).into());
        } else {
            argv.push(bridges.join(BRIDGES[0].0).into());
        }
        let launch = Launch { argv: &argv, ..*launch };
        let (process, mut channel) = Process::with_channel(&launch)?;
        let config = json!({
            "runtime": deployment.runtime,
            "handler": deployment.handler,
            "root": launch.folder.to_string_lossy(),
        });
        // A bridge that is gone already is found out by the first question.
        let _ = write_frame(&mut channel, &config, &[]).await;
        Ok(Self { process, channel: Mutex::new(channel) })
    }

    /// The interpreter.
    pub(super) fn process(&self) -> &Process {
        &self.process
    }

    /// Asks, waits, and brings the log up to the end of this question.
    pub(super) async fn ask(&self, deployment: &Deployment, question: &Question<'_>) -> Result<Bytes, Fault> {
        let started = Instant::now();
        let position = self.process.log().position();
        let answer = self.exchange(deployment, question).await;
        if question.stage != Stage::Load || answer.is_err() {
            let failure = answer.as_ref().err().map(|fault| fault.message(started.elapsed(), 0.0));
            self.settle_log(question.stage, question.request_id, position, failure.as_deref()).await;
        }
        answer.map(|(_, body)| body)
    }

    /// Waits for the line that ends a question in the log, or writes it for a bridge that is gone.
    pub(super) async fn settle_log(
        &self,
        stage: Stage,
        request_id: &str,
        position: usize,
        failure: Option<&str>,
    ) {
        let log = self.process.log();
        let end = format!("FC {} End RequestId: {request_id}", stage.title());
        match failure {
            Some(failure) if self.process.is_over() => {
                log.wait_for_end(STRAGGLING).await;
                if !log.since(position).contains(&end) {
                    log.append(format!("{end}, Error: {failure}\n").as_bytes());
                }
            }
            _ => log.wait_for(&end, position, STRAGGLING).await,
        }
    }

    /// Asks and waits for the answer, with its header.
    pub(super) async fn exchange(
        &self,
        deployment: &Deployment,
        question: &Question<'_>,
    ) -> Result<(Value, Bytes), Fault> {
        let header = json!({
            "op": question.stage.operation(),
            "requestId": question.request_id,
            "handler": question.handler,
            "http": question.http,
            "context": context(deployment, question.request_id),
        });
        let mut channel = self.channel.lock().await;
        let exchange = async {
            write_frame(&mut channel, &header, question.event).await?;
            read_frame(&mut channel).await
        };
        tokio::pin!(exchange);
        let frame = tokio::select! {
            biased;
            frame = &mut exchange => frame.ok(),
            // An answer that was written before the process ended still counts.
            _ = self.process.exited() => timeout(STRAGGLING, exchange).await.ok().and_then(Result::ok),
            () = sleep(question.limit) => {
                self.process.kill().await;
                return Err(Fault::TimedOut(question.limit));
            }
        };
        let Some((header, body)) = frame else {
            self.process.kill().await;
            return Err(Fault::Exited);
        };
        if header["ok"] == json!(true) {
            Ok((header, body))
        } else {
            Err(Fault::Reported { body, handled: header["handled"] == json!(true) })
        }
    }
}

/// The context in the names of Node; the Python bridge renames.
fn context(deployment: &Deployment, request_id: &str) -> Value {
    let [access_key_id, access_key_secret, security_token] = environment::keys(deployment);
    let service = deployment.service.clone().unwrap_or_default();
    json!({
        "requestId": request_id,
        "credentials": {
            "accessKeyId": access_key_id,
            "accessKeySecret": access_key_secret,
            "securityToken": security_token,
        },
        "function": {
            "name": deployment.function_name,
            "handler": deployment.handler,
            "memory": deployment.memory_size,
            "timeout": deployment.timeout.as_secs(),
        },
        "service": {
            "name": service.name,
            "logProject": service.log_project,
            "logStore": service.log_store,
            "qualifier": deployment.qualifier,
            "versionId": deployment.version_id,
        },
        "region": deployment.region,
        "accountId": deployment.account_id,
        "retryCount": 0,
        "tracing": {
            "openTracingSpanContext": "",
            "openTracingSpanBaggages": {},
            "jaegerEndpoint": "",
        },
    })
}

async fn write_frame(channel: &mut UnixStream, header: &Value, body: &[u8]) -> io::Result<()> {
    let header = header.to_string();
    let length =
        |bytes: &[u8]| u32::try_from(bytes.len()).map_err(|_| io::Error::other("a frame beyond 4 GB"));
    let mut head = Vec::with_capacity(8 + header.len());
    head.extend_from_slice(&length(header.as_bytes())?.to_be_bytes());
    head.extend_from_slice(&length(body)?.to_be_bytes());
    head.extend_from_slice(header.as_bytes());
    channel.write_all(&head).await?;
    channel.write_all(body).await
}

async fn read_frame(channel: &mut UnixStream) -> io::Result<(Value, Bytes)> {
    let header_length = channel.read_u32().await?;
    let body_length = channel.read_u32().await?;
    if header_length > LARGEST_HEADER || body_length > LARGEST_BODY {
        return Err(io::Error::other("the answer is too large"));
    }
    let header = read_bytes(channel, header_length).await?;
    let body = read_bytes(channel, body_length).await?;
    Ok((serde_json::from_slice(&header)?, body.into()))
}

/// Reads as the bytes come: a length is a claim, and memory is taken for what arrives.
async fn read_bytes(channel: &mut UnixStream, count: u32) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let got = channel.take(u64::from(count)).read_to_end(&mut bytes).await?;
    if got == count as usize { Ok(bytes) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}
