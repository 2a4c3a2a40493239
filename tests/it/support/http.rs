//! Requests of a test that wants an answer and no client.

use std::io::{Read, Write};
use std::net::TcpStream;

/// Opens a URL as a browser would.
pub fn get(url: &str) -> (u16, String) {
    ask("GET", url, "")
}

/// Sends a request and reads the answer to its end.
pub fn ask(method: &str, url: &str, body: &str) -> (u16, String) {
    let (status, body) = send(method, url, body);
    (status, String::from_utf8_lossy(&body).into_owned())
}

/// Downloads what a URL leads to.
pub fn get_bytes(url: &str) -> (u16, Vec<u8>) {
    send("GET", url, "")
}

fn send(method: &str, url: &str, body: &str) -> (u16, Vec<u8>) {
    let rest = url.strip_prefix("http://").unwrap_or_else(|| panic!("not a plain URL: {url}"));
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    // Names under .localhost are this machine, whatever its resolver thinks.
    let port = host.rsplit_once(':').map_or("80", |(_, port)| port);
    let mut stream = TcpStream::connect(format!("127.0.0.1:{port}")).expect("somebody listens");
    let length = body.len();
    let request = format!(
        "{method} /{path} HTTP/1.0\r\nHost: {host}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).expect("sends");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer");
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").expect("an HTTP answer");
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    (status.unwrap_or_else(|| panic!("no status: {head}")), answer[end + 4..].to_vec())
}
