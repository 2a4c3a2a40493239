//! The vocabulary: plain values that every other module speaks in.
//!
//! Nothing here reads a file, knows a file format or talks to a cloud. A resource is a flat map from
//! [`Path`] to leaf [`Value`]; that one decision makes the three-way diff a walk over the union of three
//! maps, makes "empty" and "absent" the same thing for free, and lets two people change two environment
//! variables without meeting.

mod address;
mod call;
mod digest;
mod path;
mod planned;
mod resource;
mod schema;
mod secret;
mod selector;
mod shape;
mod tree;
mod value;

pub use address::{Address, Identity, ParseAddressError};
pub use call::{Call, CloudError, ErrorClass, Operation, Outcome, Package};
pub use digest::Digest;
pub use path::{ParsePathError, Part, Path};
pub use planned::{DesiredAttributes, OutputRef, Planned, Segment, Template};
pub use resource::{Attributes, Canon, Fingerprint, PackageFacts, Reading, Resource};
pub use schema::{Attribute, Kind, Order, Removal, Schema, SchemaSet, Whence};
pub use secret::{Sealer, SecretNames};
pub use selector::{ParseSelectorError, Selector};
pub use shape::{assemble, flatten};
pub use tree::{FileEntry, FileKind, Tree};
pub use value::{Number, Value};
