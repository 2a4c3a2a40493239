//! Functions of 2.0 as the world reaches them.

use std::io::Write as _;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::super::client::{Client, Cloud, Reply};
use super::super::folder;
use super::{WSGI, deploy, http_trigger};

async fn get(client: &Client, path: &str, headers: &[(&str, &str)]) -> Reply {
    client.plain("GET", path, Vec::new(), headers).await.expect("an answer")
}

fn text(reply: &Reply) -> String {
    String::from_utf8_lossy(&reply.body).into_owned()
}

#[tokio::test]
async fn a_function_is_found_by_host_by_header_and_by_domain() {
    let data = folder();
    let Cloud { client, server: _server } = Cloud::start(data.path()).await;
    deploy(&client, WSGI).await;
    let triggers = "/2021-04-06/services/s/functions/f/triggers";
    let trigger = client.call("POST", triggers, Some(http_trigger("http"))).await.ok();
    let host = format!("{}.cn-hangzhou.fcapp.localhost", trigger["domainName"].as_str().expect("a name"));
    assert_eq!(text(&get(&client, "/a?b", &[("host", &host)]).await), "GET /a?b /a?b ");
    let target = [("x-fc-invocation-target", "2016-08-15/proxy/s/f")];
    assert_eq!(text(&get(&client, "/a?b", &target).await), "GET /a?b /a?b ");

    let routes = json!([{"path": "/a/*", "serviceName": "s", "functionName": "f", "methods": ["GET"]}]);
    let domain =
        json!({"domainName": "two.localhost", "protocol": "HTTP", "routeConfig": {"routes": routes}});
    let made = client.call("POST", "/2021-04-06/custom-domains", Some(domain)).await.ok();
    assert_eq!(made["routeConfig"]["routes"][0]["serviceName"], "s");
    assert_eq!(text(&get(&client, "/a/x", &[("host", "two.localhost")]).await), "GET /a/x? /a/x ");
    let seen = client.call("GET", "custom-domains/two.localhost", None).await.ok();
    assert_eq!(seen["routeConfig"]["routes"][0]["functionName"], "s$f");
}

#[tokio::test]
async fn regions_have_services_of_their_own() {
    let data = folder();
    let Cloud { client, server: _server } = Cloud::start(data.path()).await;
    let elsewhere = &[("x-triform-region", "cn-shanghai")];
    let service = Some(json!({"serviceName": "s"}));
    client.call_with("POST", "/2021-04-06/services", service, elsewhere).await.ok();
    assert_eq!(client.call("GET", "/2021-04-06/services/s", None).await.status, 404);
    let host = [("host", "1000000000000001.cn-shanghai.fc.aliyuncs.com")];
    client.call_with("GET", "/2021-04-06/services/s", None, &host).await.ok();
}

#[tokio::test]
async fn a_service_that_changes_changes_its_functions() {
    let data = folder();
    let Cloud { client, server: _server } = Cloud::start(data.path()).await;
    let source = "def handler(event, context):\n    return context.credentials.access_key_id + '.'\n";
    deploy(&client, source).await;
    let target = "/2021-04-06/services/s/functions/f/invocations";
    let invoke = async || client.send("POST", target, Vec::new(), &[]).await.expect("an answer");
    assert_eq!(text(&invoke().await), "STS.local.");
    client.call("PUT", "/2021-04-06/services/s", Some(json!({"role": ""}))).await.ok();
    assert_eq!(text(&invoke().await), ".");
}

/// Answers every request with what it was asked, and what the service said of it.
const SERVER: &str = "#!/usr/bin/env python3
import http.server, os
class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self):
        self.rfile.read(int(self.headers.get('content-length') or 0))
        said = [self.headers.get('x-fc-' + name, '') for name in ('service-name', 'base-path', 'control-path')]
        body = ' '.join([self.path, os.environ['FC_SERVICE_NAME']] + said).encode()
        self.send_response(200)
        self.send_header('content-length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    do_GET = do_POST = answer
    def log_message(self, *words): pass
http.server.ThreadingHTTPServer(('127.0.0.1', int(os.environ['FC_SERVER_PORT'])), Handler).serve_forever()
";

#[tokio::test]
async fn a_custom_runtime_sees_the_whole_proxy_path() {
    let data = folder();
    let Cloud { client, server: _server } = Cloud::start(data.path()).await;
    client.call("POST", "/2021-04-06/services", Some(json!({"serviceName": "s"}))).await.ok();
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().unix_permissions(0o755);
    archive.start_file("bootstrap", options).expect("starts a file");
    archive.write_all(SERVER.as_bytes()).expect("writes");
    let code = archive.finish().expect("finishes").into_inner();
    let function = json!({"functionName": "own", "runtime": "custom", "handler": "h", "caPort": 9123,
        "code": {"zipFile": STANDARD.encode(code)}});
    client.call("POST", "/2021-04-06/services/s/functions", Some(function)).await.ok();
    let triggers = "/2021-04-06/services/s/functions/own/triggers";
    let trigger = client.call("POST", triggers, Some(http_trigger("http"))).await.ok();
    let proxy = "/2016-08-15/proxy/s/own/a?b=1";
    let answer = get(&client, proxy, &[]).await;
    assert_eq!(text(&answer), format!("{proxy} s s /2016-08-15/proxy/s/own/ /http-invoke"));
    let url = trigger["urlInternet"].as_str().expect("a URL");
    let path = &url[url.find("/_http/").expect("a path")..];
    assert_eq!(text(&get(&client, &format!("{path}/a"), &[]).await), "/a s s /a /http-invoke");
    let invoked = "/2021-04-06/services/s/functions/own/invocations";
    let invoked = client.send("POST", invoked, Vec::new(), &[]).await.expect("an answer");
    assert_eq!(text(&invoked), "/invoke s s  /invoke");
}
