//! The page that a guest keeps: its files, its data, its documents.

use serde_json::{Value, json};

use super::guard;
use crate::emulator::cloud::Cloud;
use crate::emulator::error::ApiError;
use crate::emulator::guest::{Document, Guest, MODULE};
use crate::emulator::http::{Answer, Head};
use crate::emulator::query::Query;

/// What is laid upon every document beside its own policy: no frame shows it, and its origin is nobody's, so that
/// whatever runs in it is as far from the console as a page of the internet.
const SHUT_OFF: &str = "frame-ancestors 'none'; sandbox allow-scripts";

/// What the console has to know to offer the page.
pub fn about(guest: &dyn Guest) -> Value {
    let titles: serde_json::Map<String, Value> =
        guest.titles().iter().map(|(language, title)| ((*language).to_owned(), json!(title))).collect();
    json!({"name": guest.name(), "titles": titles, "module": format!("/guest/{MODULE}")})
}

/// Serves a file of the page, or a document.
pub async fn serve(cloud: &Cloud, head: &Head, name: &str) -> Result<Answer, ApiError> {
    let missing = || ApiError::no_such_path(&head.method, &head.path);
    let guest = cloud.guest.as_deref().ok_or_else(missing)?;
    if let Some(asset) = guest.assets().iter().find(|asset| asset.name == name) {
        return Ok(Answer { status: 200, body: asset.text.into(), ..Answer::default() }
            .with("content-type", format!("{}; charset=utf-8", asset.kind)));
    }
    guard::check_visit(head)?;
    // Who comes with the keys of an earlier run, or when there is no document any more, is shown the console.
    let document = match guard::check_session(head, &cloud.session) {
        Ok(()) => guest.document(name).await,
        Err(_) => None,
    };
    let Some(Document { html, policy }) = document else {
        return Ok(Answer { status: 302, ..Answer::default() }.with("location", "/"));
    };
    Ok(Answer { status: 200, body: html.into(), ..Answer::default() }
        .with("content-type", "text/html; charset=utf-8")
        .with("content-security-policy", format!("{policy}; {SHUT_OFF}")))
}

/// Data for the page.
pub async fn data(cloud: &Cloud, head: &Head, path: &str, query: &Query) -> Result<Answer, ApiError> {
    let missing = || ApiError::no_such_path(&head.method, &head.path);
    let guest = cloud.guest.as_deref().ok_or_else(missing)?;
    let path = path.strip_prefix("guest/").unwrap_or(path);
    let found = guest.data(path, query.get("about").unwrap_or_default()).await;
    found.map(|value| Answer::json(200, &value)).ok_or_else(missing)
}

/// The number that moves with the page's data.
pub fn now(cloud: &Cloud) -> Option<u64> {
    cloud.guest.as_deref().map(|guest| *guest.news().borrow())
}

/// Waits until the data are others than those of this number. A page that shows none of them knows no number, and
/// never hears.
pub async fn moves(cloud: &Cloud, known: Option<u64>) {
    let (Some(guest), Some(known)) = (&cloud.guest, known) else { return std::future::pending().await };
    let _ = guest.news().wait_for(|now| *now != known).await; // gone: the cloud is about to stop
}
