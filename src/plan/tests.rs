//! What can be said of a plan without carrying it out. The stories that are carried out are `apply`'s.

pub(crate) mod world;
