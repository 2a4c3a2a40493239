//! What FC 2.0 means: services with functions below them, over the same store as FC 3.0.
//!
//! A function of a service is stored once, in the form of 2.0, under the name that 3.0 gives it:
//! `service$function`. What it takes from its service (role, network, logs) stays with the service, and
//! [`view`] puts both together for whoever asks through 3.0.

pub mod alias;
pub mod config;
pub mod function;
pub mod function_fields;
pub mod route;
pub mod service;
pub mod view;

/// The name that 3.0 gives to a function of a service.
pub fn full_name(service: &str, function: &str) -> String {
    format!("{service}${function}")
}

/// Service and function of such a name; `None` for a function of 3.0.
pub fn split_name(full_name: &str) -> Option<(&str, &str)> {
    full_name.split_once('$')
}
