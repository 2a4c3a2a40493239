//! A page of the console that somebody else keeps.
//!
//! Whoever starts the cloud may have something to show beside it, of which the cloud itself knows nothing. A [`Guest`]
//! hands over the files of its page, and answers with data and with whole documents. The console guards all of them
//! as its own, and shows a document in an origin of its own, from which nothing of the console can be reached. A guest
//! is only read: it gets no call that changes anything.

use std::fmt::Debug;

use futures_util::future::BoxFuture;
use serde_json::Value;
use tokio::sync::watch;

/// Somebody who keeps a page of the console.
pub trait Guest: Debug + Send + Sync {
    /// What the page is called in URLs: one word.
    fn name(&self) -> &'static str;

    /// What people call it, by language: `en` and `zh-CN`.
    fn titles(&self) -> &'static [(&'static str, &'static str)];

    /// The files of the page. One of them is [`MODULE`], which the console loads when the page is opened.
    fn assets(&self) -> &'static [Asset];

    /// Data for the page, `about` one thing where it is; `None` where there is no such data.
    fn data<'a>(&'a self, path: &'a str, about: &'a str) -> BoxFuture<'a, Option<Value>>;

    /// A whole document; `None` where there is no such document.
    fn document<'a>(&'a self, path: &'a str) -> BoxFuture<'a, Option<Document>>;

    /// Moves whenever the data are others. As long as a receiver is there, somebody looks.
    fn news(&self) -> watch::Receiver<u64>;
}

/// The module of a guest's page. It has a function `open`, as the console's own pages have.
pub const MODULE: &str = "page.js";

/// A file of a guest's page.
#[derive(Clone, Copy, Debug)]
pub struct Asset {
    /// What it is called.
    pub name: &'static str,
    /// Such as `text/javascript`.
    pub kind: &'static str,
    /// What is in it.
    pub text: &'static str,
}

/// A document that stands for itself.
#[derive(Clone, Debug)]
pub struct Document {
    /// The whole page.
    pub html: String,
    /// What it may load and run, as a content security policy says it.
    pub policy: String,
}
