//! A server that writes down what it is asked, and answers what it is told.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, Uri};
use serde_json::Value as Json;

/// One request, as it came over the wire.
#[derive(Clone, Debug)]
pub struct Seen {
    pub method: String,
    pub path: String,
    pub query: BTreeMap<String, String>,
    pub headers: HeaderMap,
    pub body: Option<Json>,
}

#[derive(Default)]
struct Book {
    seen: Vec<Seen>,
    answers: BTreeMap<(String, String), Vec<Json>>,
}

/// A running recorder; it stops with the test's runtime.
pub struct Recorder {
    pub address: SocketAddr,
    book: Arc<Mutex<Book>>,
}

impl Recorder {
    pub async fn start() -> Self {
        let book = Arc::new(Mutex::new(Book::default()));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let app = Router::new().fallback(answer).with_state(Arc::clone(&book));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { address, book }
    }

    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Says what the next call of this method and path is answered; the last answer is repeated.
    pub fn answers(&self, method: &str, path: &str, answer: Json) {
        let mut book = self.book.lock().expect("nobody panicked");
        book.answers.entry((method.to_owned(), path.to_owned())).or_default().push(answer);
    }

    pub fn seen(&self) -> Vec<Seen> {
        std::mem::take(&mut self.book.lock().expect("nobody panicked").seen)
    }
}

async fn answer(
    State(book): State<Arc<Mutex<Book>>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Vec<u8> {
    let mut book = book.lock().expect("nobody panicked");
    let path = uri.path().to_owned();
    book.seen.push(Seen {
        method: method.to_string(),
        path: path.clone(),
        query: pairs(uri.query().unwrap_or_default()),
        headers,
        body: (!body.is_empty()).then(|| serde_json::from_slice(&body).expect("JSON")),
    });
    match book.answers.get_mut(&(method.to_string(), path)) {
        None => Vec::new(),
        Some(answers) if answers.len() > 1 => answers.remove(0).to_string().into_bytes(),
        Some(answers) => match &answers[0] {
            Json::String(text) => text.clone().into_bytes(),
            answer => answer.to_string().into_bytes(),
        },
    }
}

/// Reads a query as a form, as every official client writes it.
pub fn pairs(query: &str) -> BTreeMap<String, String> {
    url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}
