//! From data to text for people, and for programs that read plans.
//!
//! Every rendering of a plan is a function of one [`Document`] and stands in a folder of its own; [`RENDERERS`]
//! lists those that are plain text from the start. The terminal's, [`human`], emits labelled spans, never colours:
//! the same spans become a coloured terminal, a plain pipe or a test's expectation. Whatever came from elsewhere
//! (names, values, files) is escaped for where it goes, so that it can say nothing to a terminal or a page.

pub mod adoption;
pub mod decisions;
pub mod diagnostic;
pub mod glance;
pub mod html;
pub mod github;
pub mod graph;
pub mod human;
pub mod json;
pub mod markdown;
pub mod patch;
pub mod sarif;
pub mod stream;
pub mod text;
pub mod value;
pub mod view;

#[cfg(test)]
pub(crate) mod tests;

use crate::model::SchemaSet;
use crate::plan::Document;
use crate::state::State;

/// What a rendering is made of.
#[derive(Clone, Copy)]
pub struct Shown<'a> {
    /// The plan, and what is needed beside it.
    pub document: &'a Document,
    /// The resource types.
    pub schemas: &'a SchemaSet,
    /// How much of it.
    pub part: Part,
}

/// Which part of a plan is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// All of it.
    Whole,
    /// Only what moved in the cloud.
    Drift,
}

/// A rendering that does not depend on where it is read.
pub struct Renderer {
    /// What `--format` calls it.
    pub name: &'static str,
    /// What it is for, in `--help`.
    pub about: &'static str,
    /// Returns the whole text, with a line break at its end.
    pub render: fn(&Shown<'_>) -> String,
}

/// A rendering of a state.
pub struct StateRenderer {
    /// What `--format` calls it.
    pub name: &'static str,
    /// Returns the whole text, with a line break at its end; of no state at all, that there is none.
    pub render: fn(Option<&State>, &SchemaSet) -> String,
}

/// Every rendering of a state but the terminal's. The others tell what a plan does, and a state does nothing.
pub const STATE_RENDERERS: &[StateRenderer] = &[
    StateRenderer { name: "json", render: json::state },
    StateRenderer { name: "html", render: html::state },
    StateRenderer { name: "markdown", render: markdown::state },
];

/// Every rendering but the terminal's.
pub const RENDERERS: &[Renderer] = &[
    Renderer {
        name: "json",
        about: "for programs, as Terraform's plan representation",
        render: json::render,
    },
    Renderer { name: "html", about: "one page to read in a browser, with no other file", render: html::html },
    Renderer {
        name: "github",
        about: "for GitHub Actions, as annotations on the lines of the configuration",
        render: github::render,
    },
    Renderer {
        name: "sarif",
        about: "for code hosts: what was changed online, as SARIF 2.1.0",
        render: sarif::render,
    },
    Renderer { name: "markdown", about: "for a comment on a pull request", render: markdown::markdown },
];
