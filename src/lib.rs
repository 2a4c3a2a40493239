//! triform plans and applies serverless deployments with a three-way diff.
//!
//! For every attribute of every resource it holds three things side by side: what the project's `s.yaml`
//! declares (*desired*), what was recorded when the two were last settled (*recorded*), and what the cloud
//! answers now (*live*). Comparing them is arithmetic; changing the cloud is not. The crate splits exactly
//! there: the modules below the waterline are pure functions of their arguments, the few above it touch
//! files, clocks, sockets and people.
//!
//! The modules are declared from the ground up; each may use only what stands above it in this list.
//! `ARCHITECTURE.md` draws the house, and a test keeps the drawing true.

pub mod diag;
pub mod model;
pub mod config;
pub mod archive;
pub mod state;
pub mod diff;
pub mod plan;
pub mod apply;
pub mod render;

// ═══ the waterline ═══
pub mod sys;
pub mod provider;
pub mod backend;
pub mod ops;
pub mod cli;

// Beside the tower: the embedded cloud. It and the provider meet only over the wire.
pub mod emulator;
