//! Who may ask the console for data: its own page in a browser, and nobody else's.
//!
//! Four things have to agree, each enough against most of what could go wrong: the `Host` is the console's own name,
//! which no foreign page can have (so DNS rebinding ends before this module); the `Origin`, where there is one, is
//! that name; a cookie that the browser sends from no other site (`SameSite=Strict`); and, to change something, a
//! token that only the page itself holds.

use uuid::Uuid;

use crate::emulator::error::ApiError;
use crate::emulator::http::Head;

const COOKIE: &str = "triform-console";
const TOKEN: &str = "x-console-token";

/// The two keys of this process.
#[derive(Debug)]
pub struct Session {
    cookie: String,
    token: String,
}

impl Default for Session {
    fn default() -> Self {
        let fresh = || Uuid::new_v4().simple().to_string();
        Self { cookie: fresh(), token: fresh() }
    }
}

impl Session {
    /// What a browser keeps.
    pub fn cookie(&self) -> String {
        format!("{COOKIE}={}; Path=/; HttpOnly; SameSite=Strict", self.cookie)
    }

    /// What the page keeps.
    pub fn token(&self) -> &str {
        &self.token
    }
}

/// Refuses what another page than the console's sends.
pub fn check_origin(head: &Head) -> Result<(), ApiError> {
    let own = format!("http://{}", head.header("host").trim().to_ascii_lowercase());
    let fits = match head.header("origin") {
        // Browsers name no origin where a page reads from its own; for a change every one of them does.
        "" => reads(head),
        origin => origin == own,
    };
    let site = head.header("sec-fetch-site");
    if fits && matches!(site, "" | "same-origin") {
        return Ok(());
    }
    Err(ApiError::new(403, "AccessDenied", "only the console's own page may ask the console for anything"))
}

/// Refuses a visit to a document that another page sends somebody on. By an address or a bookmark people may come.
pub fn check_visit(head: &Head) -> Result<(), ApiError> {
    if head.header("origin").is_empty()
        && matches!(head.header("sec-fetch-site"), "" | "same-origin" | "none")
    {
        return Ok(());
    }
    Err(ApiError::new(403, "AccessDenied", "only the console's own page leads here"))
}

/// Refuses what does not carry this process's keys.
pub fn check_session(head: &Head, session: &Session) -> Result<(), ApiError> {
    let cookie = head
        .header("cookie")
        .split([';', ','])
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE)
        .map_or("", |(_, value)| value);
    if cookie == session.cookie && (reads(head) || head.header(TOKEN) == session.token) {
        return Ok(());
    }
    Err(ApiError::new(403, "SessionExpired", "this page belongs to an earlier run of the cloud: reload it"))
}

fn reads(head: &Head) -> bool {
    matches!(head.method.as_str(), "GET" | "HEAD")
}
