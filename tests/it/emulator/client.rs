//! A small client of the tests' own: it signs by the documents, and shares no code with either side.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use triform::emulator::{Server, ServerOptions, Switches, start};

/// A cloud of a test's own, and a client that talks to it.
pub struct Cloud {
    pub server: Server,
    pub client: Client,
}

impl Cloud {
    pub async fn start(data: &Path) -> Self {
        Self::with_switches(data, "{}").await
    }

    pub async fn with_switches(data: &Path, switches: &str) -> Self {
        let mut options = ServerOptions::new(SocketAddr::from(([127, 0, 0, 1], 0)), data.to_owned());
        options.switches = Some(Switches::from_json(switches).expect("valid switches"));
        let server = start(options).await.expect("the cloud starts");
        let client = Client::new(server.address());
        Self { server, client }
    }
}

/// What was answered.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

impl Reply {
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }

    /// The body of a success.
    #[track_caller]
    pub fn ok(&self) -> Value {
        assert_eq!(self.status, 200, "{}", String::from_utf8_lossy(&self.body));
        self.json()
    }

    /// Status and code of a refusal.
    #[track_caller]
    pub fn refusal(&self) -> (u16, String) {
        let body = self.json();
        assert_eq!(body["Code"], body["ErrorCode"]);
        assert_eq!(body["Message"], body["ErrorMessage"]);
        assert_eq!(body["RequestId"].as_str(), self.headers.get("x-fc-request-id").map(String::as_str));
        (self.status, body["Code"].as_str().expect("a code").to_owned())
    }
}

/// Signs and sends.
#[derive(Clone)]
pub struct Client {
    pub address: SocketAddr,
    http: reqwest::Client,
}

impl Client {
    pub fn new(address: SocketAddr) -> Self {
        // The first of the tests installs it; the others find it installed.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        Self { address, http }
    }

    /// A signed call of the API. The target is the path after the version, with its query; or the whole path, when
    /// it begins with a slash.
    pub async fn call(&self, method: &str, target: &str, body: Option<Value>) -> Reply {
        self.call_with(method, target, body, &[]).await
    }

    pub async fn call_with(
        &self,
        method: &str,
        target: &str,
        body: Option<Value>,
        headers: &[(&str, &str)],
    ) -> Reply {
        let bytes = body.map(|body| body.to_string().into_bytes()).unwrap_or_default();
        self.send(method, target, bytes, headers).await.expect("an answer")
    }

    pub async fn send(
        &self,
        method: &str,
        target: &str,
        body: Vec<u8>,
        headers: &[(&str, &str)],
    ) -> Result<Reply, reqwest::Error> {
        static NONCE: AtomicU64 = AtomicU64::new(0);
        let target =
            if target.starts_with('/') { target.to_owned() } else { format!("/2023-03-30/{target}") };
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        let mut pairs: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty()).collect();
        pairs.sort_unstable();
        let hash = hex::encode(Sha256::digest(&body));
        let mut signed = BTreeMap::from([
            ("host".to_owned(), self.address.to_string()),
            ("x-acs-version".to_owned(), "2023-03-30".to_owned()),
            ("x-acs-date".to_owned(), Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
            ("x-acs-signature-nonce".to_owned(), NONCE.fetch_add(1, Ordering::Relaxed).to_string()),
            ("x-acs-content-sha256".to_owned(), hash.clone()),
        ]);
        signed.extend(headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let names: Vec<&str> = signed.keys().map(String::as_str).collect();
        let names = names.join(";");
        let lines: Vec<String> = signed.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        let lines = lines.concat();
        let canonical = format!("{method}\n{path}\n{}\n{lines}\n{names}\n{hash}", pairs.join("&"));
        let to_sign = format!("ACS3-HMAC-SHA256\n{}", hex::encode(Sha256::digest(canonical)));
        let mut mac = Hmac::<Sha256>::new_from_slice(b"local").expect("any key");
        mac.update(to_sign.as_bytes());
        let signature = hex::encode(mac.finalize().into_bytes());
        signed.insert(
            "authorization".to_owned(),
            format!("ACS3-HMAC-SHA256 Credential=local,SignedHeaders={names},Signature={signature}"),
        );
        let headers: Vec<(&str, &str)> =
            signed.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.plain(method, &target, body, &headers).await
    }

    /// An unsigned request to any path.
    pub async fn plain(
        &self,
        method: &str,
        target: &str,
        body: Vec<u8>,
        headers: &[(&str, &str)],
    ) -> Result<Reply, reqwest::Error> {
        let url = format!("http://{}{target}", self.address);
        let mut request = self.http.request(method.parse().expect("a method"), url).body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await?;
        let status = answer.status().as_u16();
        let headers = answer
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect();
        Ok(Reply { status, headers, body: answer.bytes().await?.to_vec() })
    }

    /// A private endpoint.
    pub async fn private(&self, method: &str, path: &str, body: Option<Value>) -> Reply {
        let body = body.map(|body| body.to_string().into_bytes()).unwrap_or_default();
        self.plain(method, &format!("/_triform/v1/{path}"), body, &[]).await.expect("an answer")
    }

    /// Puts rules in force.
    pub async fn switch(&self, rules: Value) {
        let reply = self.private("PUT", "switches", Some(json!({"rules": rules}))).await;
        assert_eq!(reply.status, 204, "{}", String::from_utf8_lossy(&reply.body));
    }

    /// Makes a Python function of one file.
    pub async fn create_function(&self, name: &str, source: &str) -> Value {
        let reply = self.call("POST", "functions", Some(function(name, source))).await;
        reply.ok()
    }
}

/// The input of `CreateFunction` for a Python function of one file.
pub fn function(name: &str, source: &str) -> Value {
    json!({
        "functionName": name, "runtime": "python3.10", "handler": "index.handler",
        "code": {"zipFile": STANDARD.encode(zip(source))},
    })
}

/// A package with `index.py`.
pub fn zip(source: &str) -> Vec<u8> {
    use std::io::Write;
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    writer.start_file("index.py", zip::write::SimpleFileOptions::default()).expect("starts a file");
    writer.write_all(source.as_bytes()).expect("writes");
    writer.finish().expect("finishes").into_inner()
}
