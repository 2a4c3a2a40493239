//! What can be said of a plan without carrying it out. The stories that are carried out are `apply`'s.

mod digest;
mod scope;
pub(crate) mod world;
