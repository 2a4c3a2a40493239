//! The console: a page from which people see what is deployed, and change it, as they do in the service's own.
//!
//! It is served under a host name of its own, [`HOST`], and nothing else is: a function answers under
//! `/_http/` of the cloud's address, so a page of a function there would have the same origin as a console at that
//! address, and could do all that the console can. Under another name the browser itself keeps the two apart.
//! [`guard`] says who may ask for data. What the page changes goes through the operations of the API, with their
//! validation, like everybody's calls.

mod files;
mod guard;
mod guest;
mod list;
mod run;

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use serde_json::{Value, json};

pub use guard::Session;

use super::cloud::Cloud;
use super::error::ApiError;
use super::http::{Answer, Head, read_body};
use super::pipeline::{self, Unsigned};
use super::query::Query;
use super::world::Map;
use super::world::function_fields::RUNTIMES;
use super::{DEFAULT_REGION, REGION_HEADER, SERVER_NAME};

/// The name at which the console is served, and nothing but the console.
pub const HOST: &str = "console.localhost";

/// How long a page waits for news before it asks again.
const WAIT: Duration = Duration::from_secs(25);

/// How many entries of the activity list a page shows.
const ENTRIES: usize = 100;

/// Nothing from elsewhere, nothing inline, no frames, no forms that the page does not send itself. Trusted types
/// make it an error to build markup out of text anywhere in the page's own code.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/// The files of the page: what they are called, what they are, and what is in them.
const ASSETS: &[(&str, &str, &str)] = &[
    ("style.css", "text/css", include_str!("page/style.css")),
    ("icon.svg", "image/svg+xml", include_str!("page/icon.svg")),
    ("main.js", "text/javascript", include_str!("page/main.js")),
    ("api.js", "text/javascript", include_str!("page/api.js")),
    ("dom.js", "text/javascript", include_str!("page/dom.js")),
    ("words.js", "text/javascript", include_str!("page/words.js")),
    ("functions.js", "text/javascript", include_str!("page/functions.js")),
    ("function.js", "text/javascript", include_str!("page/function.js")),
    ("draft.js", "text/javascript", include_str!("page/draft.js")),
    ("settings.js", "text/javascript", include_str!("page/settings.js")),
    ("variables.js", "text/javascript", include_str!("page/variables.js")),
    ("code.js", "text/javascript", include_str!("page/code.js")),
    ("colours.js", "text/javascript", include_str!("page/colours.js")),
    ("triggers.js", "text/javascript", include_str!("page/triggers.js")),
    ("activity.js", "text/javascript", include_str!("page/activity.js")),
    ("logs.js", "text/javascript", include_str!("page/logs.js")),
    ("invoke.js", "text/javascript", include_str!("page/invoke.js")),
    ("card.js", "text/javascript", include_str!("page/card.js")),
    ("releases.js", "text/javascript", include_str!("page/releases.js")),
    ("configs.js", "text/javascript", include_str!("page/configs.js")),
    ("list.js", "text/javascript", include_str!("page/list.js")),
    ("services.js", "text/javascript", include_str!("page/services.js")),
    ("service.js", "text/javascript", include_str!("page/service.js")),
    ("domains.js", "text/javascript", include_str!("page/domains.js")),
    ("domain.js", "text/javascript", include_str!("page/domain.js")),
];

const INDEX: &str = include_str!("page/index.html");

/// Sends a browser that came to the cloud's address on to the console.
pub fn redirect(head: &Head) -> Option<Answer> {
    let wanted = matches!(head.method.as_str(), "GET" | "HEAD") && head.path == "/";
    wanted.then(|| {
        let port = head.header("host").rsplit_once(':').map_or("", |(_, port)| port);
        let port = port.parse::<u16>().map_or_else(|_| String::new(), |port| format!(":{port}"));
        Answer { status: 302, ..Answer::default() }
            .with("location", format!("http://{HOST}{port}/"))
            .with("cache-control", "no-store")
    })
}

/// Serves a request under the console's own name.
pub async fn serve(cloud: &Arc<Cloud>, head: &Head, body: Body) -> Answer {
    let answer = route(cloud, head, body).await;
    let answer = answer.unwrap_or_else(|error| Answer::refusal(&error, &head.request_id));
    // The document of a guest has a stricter policy than the console, and is shut off in another way.
    let own: &[(&str, &str)] = if answer.headers.iter().any(|(name, _)| name == "content-security-policy") {
        &[]
    } else {
        &[("content-security-policy", POLICY), ("cross-origin-opener-policy", "same-origin")]
    };
    let with = |answer: Answer, (name, value): &(&str, &'static str)| answer.with(name, *value);
    [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-resource-policy", "same-origin"),
        ("cache-control", "no-store"),
    ]
    .iter()
    .chain(own)
    .fold(answer, with)
}

async fn route(cloud: &Arc<Cloud>, head: &Head, body: Body) -> Result<Answer, ApiError> {
    let reads = matches!(head.method.as_str(), "GET" | "HEAD");
    if head.path == "/" && reads {
        return Ok(page(cloud));
    }
    if let Some(name) = head.path.strip_prefix("/assets/").filter(|_| reads) {
        let found = ASSETS.iter().find(|(known, ..)| *known == name);
        let (_, kind, text) = found.ok_or_else(|| ApiError::no_such_path(&head.method, &head.path))?;
        return Ok(Answer { status: 200, body: (*text).into(), ..Answer::default() }
            .with("content-type", format!("{kind}; charset=utf-8")));
    }
    if let Some(name) = head.path.strip_prefix("/guest/").filter(|_| reads) {
        return guest::serve(cloud, head, name).await;
    }
    let Some(path) = head.path.strip_prefix("/api/") else {
        return Err(ApiError::no_such_path(&head.method, &head.path));
    };
    guard::check_origin(head)?;
    if path == "session" && reads {
        return Ok(session(cloud));
    }
    guard::check_session(head, &cloud.session)?;
    data(cloud, head, path, body).await
}

/// The page, with the key to the data in a cookie and a second one in the page itself.
fn page(cloud: &Cloud) -> Answer {
    // What the page reads is not older than what it is said to know here.
    let html = INDEX
        .replace("{token}", cloud.session.token())
        .replace("{changes}", &cloud.changes.borrow().to_string())
        .replace("{lines}", &cloud.logs.written().to_string())
        .replace("{guest}", &guest::now(cloud).unwrap_or_default().to_string());
    Answer { status: 200, body: html.into(), ..Answer::default() }
        .with("content-type", "text/html; charset=utf-8")
        .with("set-cookie", cloud.session.cookie())
}

/// Both keys anew, for a page that outlived the process it came from.
fn session(cloud: &Cloud) -> Answer {
    Answer::json(200, &json!({"token": cloud.session.token()})).with("set-cookie", cloud.session.cookie())
}

async fn data(cloud: &Arc<Cloud>, head: &Head, path: &str, body: Body) -> Result<Answer, ApiError> {
    let query = Query::parse(&head.raw_query);
    let region = match head.header(REGION_HEADER) {
        "" => DEFAULT_REGION,
        region => region,
    };
    let required =
        |name: &str| query.get(name).ok_or_else(|| ApiError::invalid(format!("{name} is required")));
    let show = |value: &Value| Answer::json(200, value);
    match (head.method.as_str(), path) {
        ("GET", "about") => Ok(show(&json!({
            "server": SERVER_NAME,
            "version": env!("CARGO_PKG_VERSION"),
            "runtimes": RUNTIMES,
            "regions": list::regions(cloud, DEFAULT_REGION)?,
            "guest": cloud.guest.as_deref().map(guest::about),
        }))),
        ("GET", "functions") => {
            list::functions(&cloud.store.reader()?, region, &query).map(|rows| show(&rows))
        }
        ("GET", "files") => files::list(cloud, region, required("function")?).map(|files| show(&files)),
        ("GET", "file") => {
            files::one(cloud, region, required("function")?, required("path")?).map(|file| show(&file))
        }
        ("PUT", "files") => {
            let edits = read_json(body).await?;
            files::edit(cloud, region, required("function")?, head.headers.get("if-match").cloned(), &edits)
                .await
        }
        ("POST", "invoke") => run::invoke(cloud, head, region, required("function")?, body).await,
        ("GET", "logs") => Ok(show(&json!({"lines": cloud.logs.of(region, required("function")?)}))),
        ("GET", "activity") => Ok(show(&json!({"entries": cloud.store.activity(region, ENTRIES)?}))),
        ("GET", path) if path.starts_with("guest/") => guest::data(cloud, head, path, &query).await,
        ("GET", "news") => Ok(show(&news(cloud, &query).await)),
        (method, path) => {
            let path =
                path.strip_prefix("call/").ok_or_else(|| ApiError::no_such_path(&head.method, &head.path))?;
            let call = Unsigned {
                region,
                method,
                path: &format!("/{path}"),
                raw_query: &head.raw_query,
                if_match: head.headers.get("if-match").cloned(),
                body: read_json(body).await?,
            };
            pipeline::unsigned(cloud, call).await
        }
    }
}

async fn read_json(body: Body) -> Result<Map, ApiError> {
    let bytes = read_body(body, pipeline::JSON_BYTES).await?;
    pipeline::read_json(&bytes)
}

/// Waits until something was changed or logged since the page last heard, or for a while.
async fn news(cloud: &Cloud, query: &Query) -> Value {
    let known = |name: &str| query.get(name).and_then(|number| number.parse::<u64>().ok());
    let (mut changes, mut lines, mut closing) =
        (cloud.changes.subscribe(), cloud.logs.subscribe(), cloud.closing.subscribe());
    let (known_change, known_line) = (known("changes"), known("lines"));
    tokio::select! {
        _ = changes.wait_for(|now| Some(*now) != known_change) => {}
        // A page that shows no log does not say which line it knows, and is not woken by one.
        _ = lines.wait_for(|now| known_line.is_some_and(|known| known != *now)) => {}
        () = guest::moves(cloud, known("guest")) => {}
        _ = closing.wait_for(|now| *now) => {}
        () = tokio::time::sleep(WAIT) => {}
    }
    json!({"changes": *cloud.changes.borrow(), "lines": cloud.logs.written(), "guest": guest::now(cloud)})
}
