//! Drift at a glance: the console's page about one project.
//!
//! The cloud shows the page and knows nothing of projects; this is the [`Guest`] that does. It plans with the product's
//! own modules, over the wire, as a command would. It looks while a page is open and something changed since: in the
//! cloud or in the project's files. Never two looks at once; what changes during one is seen by the next. A look only
//! reads, and so is no change itself.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use serde_json::{Value as Json, json};
use tokio::sync::{Notify, watch};

use super::files::Files;
use super::look::{Seen, look};
use crate::cli::args::Global;
use crate::emulator::guest::{Asset, Document, Guest, MODULE};
use crate::render::html;

/// Between two looks at the files; longer where they are so many that looking takes long.
const PAUSE: Duration = Duration::from_millis(400);

/// Of the time, looking at files takes at most one part in so many.
const SHARE: u32 = 20;

/// An apply writes many times, an editor saves in two steps: a look waits so long for the rest.
const SETTLE: Duration = Duration::from_millis(80);

/// After a look the cloud is left alone for as long as the look took, and at most so long: while an apply writes, half of
/// the time is its own.
const REST: Duration = Duration::from_secs(2);

/// A page that asked so recently is open, though it does not wait for news at this very moment.
const LINGER: Duration = Duration::from_secs(5);

/// How long a page waits for its first look.
const PATIENCE: Duration = Duration::from_secs(3);

/// Looks that fail while something moves, before a failure is believed.
const TRIES: usize = 5;

const ASSETS: &[Asset] = &[
    Asset { name: MODULE, kind: "text/javascript", text: include_str!("page.js") },
    Asset { name: "words.js", kind: "text/javascript", text: include_str!("words.js") },
    Asset { name: "page.css", kind: "text/css", text: include_str!("page.css") },
];

/// The page's plan, beside the plan itself.
const PLAN: &str = "plan.html";

/// What is known of a project, kept fresh while somebody looks.
#[derive(Debug)]
pub struct Glance {
    global: Global,
    seen: Mutex<Option<Arc<Seen>>>,
    /// When the page asked last.
    asked: Mutex<Option<Instant>>,
    wanted: Notify,
    news: watch::Sender<u64>,
    /// Whether what was seen is what there is.
    fresh: watch::Sender<bool>,
    stopping: watch::Sender<bool>,
}

impl Glance {
    /// Makes one for the project that a command with these flags would plan.
    pub fn new(global: Global) -> Self {
        Self {
            global,
            seen: Mutex::default(),
            asked: Mutex::default(),
            wanted: Notify::new(),
            // As with the cloud's own news, a page that outlived an earlier process must see that something is new.
            news: watch::Sender::new(Timestamp::now().as_microsecond().unsigned_abs()),
            fresh: watch::Sender::new(false),
            stopping: watch::Sender::new(false),
        }
    }

    /// Keeps what is known fresh, until [`Glance::stop`].
    pub async fn keep(self: Arc<Self>, cloud: SocketAddr, mut changes: watch::Receiver<u64>) {
        let global = Global { endpoint: Some(format!("http://{cloud}")), ..self.global.clone() };
        let mut stopping = self.stopping.subscribe();
        let mut files = Files::of(&global);
        let (mut known, mut tries, mut took) = (None, 0, Duration::ZERO);
        while !*stopping.borrow() {
            if !self.is_watched() {
                self.fresh.send_replace(false);
                tokio::select! {
                    () = self.wanted.notified() => {}
                    _ = stopping.wait_for(|now| *now) => {}
                }
                continue;
            }
            let (now, pause) = stamp(&files, &mut changes).await;
            if known == Some(now) {
                self.fresh.send_replace(true);
                tokio::select! {
                    _ = changes.changed() => {}
                    () = self.wanted.notified() => {}
                    _ = stopping.wait_for(|now| *now) => {}
                    () = tokio::time::sleep(pause) => {}
                }
                continue;
            }
            tokio::time::sleep(SETTLE.max(took)).await;
            let (before, _) = stamp(&files, &mut changes).await;
            let began = Instant::now();
            let Some(seen) = self.look(&global, &mut files).await else { break };
            took = began.elapsed().min(REST);
            // What moved meanwhile, and files of which this look was the first to hear, are a reason for the next one.
            known = Some(before);
            let torn = !seen.is_plan() && stamp(&files, &mut changes).await.0 != before;
            tries = if torn { tries + 1 } else { 0 };
            if tries < TRIES && torn {
                continue;
            }
            self.publish(seen);
            // Whoever waited for a first look need not wait for the one that may follow.
            self.fresh.send_replace(true);
        }
    }

    /// Ends the look that is under way, and begins no other.
    pub fn stop(&self) {
        self.stopping.send_replace(true);
    }

    /// Looks, off the threads that serve; `None` when that was cut short.
    async fn look(&self, global: &Global, files: &mut Files) -> Option<Seen> {
        let (global, mut own, mut stopping) = (global.clone(), files.clone(), self.stopping.subscribe());
        let runtime = tokio::runtime::Handle::current();
        let work = move || {
            runtime.block_on(async {
                tokio::select! {
                    seen = look(&global, &mut own) => Some((seen, own.clone())),
                    _ = stopping.wait_for(|now| *now) => None,
                }
            })
        };
        let (seen, learnt) = tokio::task::spawn_blocking(work).await.ok()??;
        *files = learnt;
        Some(seen)
    }

    fn publish(&self, seen: Seen) {
        let mut last = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let moved = last.as_ref().is_none_or(|last| !same(&last.page, &seen.page));
        *last = Some(Arc::new(seen));
        drop(last);
        if moved {
            self.news.send_modify(|number| *number += 1);
        }
    }

    fn is_watched(&self) -> bool {
        let asked = *self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        self.news.receiver_count() > 0 || asked.is_some_and(|asked| asked.elapsed() < LINGER)
    }

    /// What is known, and whether that is what there is now.
    async fn now(&self) -> (Option<Arc<Seen>>, bool) {
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        self.wanted.notify_one();
        let mut fresh = self.fresh.subscribe();
        let fresh = tokio::time::timeout(PATIENCE, fresh.wait_for(|now| *now)).await.is_ok();
        (self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone(), fresh)
    }
}

impl Guest for Glance {
    fn name(&self) -> &'static str {
        "project"
    }

    fn titles(&self) -> &'static [(&'static str, &'static str)] {
        &[("en", "Project"), ("zh-CN", "项目")]
    }

    fn assets(&self) -> &'static [Asset] {
        ASSETS
    }

    fn data<'a>(&'a self, path: &'a str, about: &'a str) -> BoxFuture<'a, Option<Json>> {
        Box::pin(async move {
            match path {
                "plan" => {
                    let (seen, fresh) = self.now().await;
                    let mut page = seen.map_or_else(|| json!({}), |seen| seen.page.clone());
                    page["fresh"] = json!(fresh);
                    Some(page)
                }
                "settings" => {
                    let rows = self.now().await.0.and_then(|seen| seen.settings(about));
                    Some(json!({"rows": rows}))
                }
                _ => None,
            }
        })
    }

    fn document<'a>(&'a self, path: &'a str) -> BoxFuture<'a, Option<Document>> {
        Box::pin(async move {
            if path != PLAN {
                return None;
            }
            let seen = self.now().await.0?;
            let html = tokio::task::spawn_blocking(move || seen.html()).await.ok()??;
            Some(Document { html, policy: html::policy() })
        })
    }

    fn news(&self) -> watch::Receiver<u64> {
        self.news.subscribe()
    }
}

/// What the project's files and the cloud are at, and how long to wait before looking again.
async fn stamp(files: &Files, changes: &mut watch::Receiver<u64>) -> ((u64, u64), Duration) {
    let cloud = *changes.borrow_and_update();
    let files = files.clone();
    let began = Instant::now();
    let files = tokio::task::spawn_blocking(move || files.stamp()).await.unwrap_or_default();
    ((cloud, files), PAUSE.max(began.elapsed() * SHARE))
}

/// Whether two looks found the same, whenever they were.
fn same(one: &Json, other: &Json) -> bool {
    let timeless = |page: &Json| {
        let mut page = page.clone();
        page["at"] = Json::Null;
        page
    };
    timeless(one) == timeless(other)
}
