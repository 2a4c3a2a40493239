//! The stable codes of what can be wrong with a file; `docs/errors.md` explains each.

/// The text is not YAML.
pub const NOT_YAML: &str = "E0100";
/// The file, its nesting, or what it expands to is too large.
pub const TOO_LARGE: &str = "E0101";
/// A key stands twice in one map.
pub const DUPLICATE_KEY: &str = "E0102";
/// The file holds another number of documents than one.
pub const NOT_ONE_DOCUMENT: &str = "E0103";
/// YAML that has no meaning here: keys that are maps, tags, merges of something that is no map.
pub const ODD_YAML: &str = "E0104";
/// A value of another type.
pub const WRONG_TYPE: &str = "E0106";
/// A word that is not one of those allowed.
pub const UNKNOWN_VALUE: &str = "E0107";
/// A number or a text outside its bounds.
pub const OUT_OF_BOUNDS: &str = "E0108";
/// A key that has to be there is not.
pub const MISSING_KEY: &str = "E0109";
/// A key that means nothing here (a warning).
pub const UNKNOWN_KEY: &str = "E0110";
/// Something that the format has and triform does not build yet.
pub const NOT_BUILT: &str = "E0111";
/// Another edition of the format.
pub const EDITION: &str = "E0112";
/// A component that triform does not know.
pub const UNKNOWN_COMPONENT: &str = "E0113";
/// A name that is not allowed.
pub const BAD_NAME: &str = "E0114";
/// One name given to two things of one entry.
pub const DECLARED_TWICE: &str = "E0115";
/// Two addresses with one identity in the cloud.
pub const ONE_IDENTITY: &str = "E0116";
/// Entries that declare one shared resource and disagree.
pub const DISAGREE: &str = "E0117";
/// Resources that wait for each other.
pub const RESOURCE_CYCLE: &str = "E0118";
/// An expression that cannot be read.
pub const BAD_EXPRESSION: &str = "E0120";
/// An expression of a form that does not exist.
pub const UNKNOWN_EXPRESSION: &str = "E0121";
/// An expression that names something that is not there.
pub const UNRESOLVED: &str = "E0122";
/// Values that are made from each other.
pub const VALUE_CYCLE: &str = "E0123";
/// An output that the other resource does not have.
pub const UNKNOWN_OUTPUT: &str = "E0124";
/// A value that is known only after the apply, where it has to be known before.
pub const KNOWN_TOO_LATE: &str = "E0125";
/// A plain `yes`, `no`, `on` or `off` where a truth value is asked for (a warning).
pub const YES_OR_NO: &str = "E0130";
/// A number with leading zeros (a warning).
pub const LEADING_ZEROS: &str = "E0131";
/// A region that triform does not know (a warning).
pub const UNKNOWN_REGION: &str = "E0132";
/// A `--var` that nothing in the file asks for (a warning).
pub const UNUSED_VAR: &str = "E0133";
/// A name that the service may refuse (a warning).
pub const LONG_NAME: &str = "E0134";
/// A hook, which is not run (a warning).
pub const HOOK: &str = "E0135";
/// A file that another one names and that cannot be read.
pub const UNREADABLE: &str = "E0140";
/// Files that extend each other.
pub const FILE_CYCLE: &str = "E0141";
/// An environment that is not there.
pub const NO_ENVIRONMENT: &str = "E0142";
/// A template that is not there.
pub const NO_TEMPLATE: &str = "E0143";
/// A rule below `triform` that does not exist.
pub const UNKNOWN_RULE: &str = "E0150";
/// A text in a rule that is no selector, address or path, or names no place that a resource has.
pub const BAD_SELECTOR: &str = "E0151";
/// A day that is none.
pub const BAD_DATE: &str = "E0152";
/// Moves that contradict each other, or what is declared.
pub const BAD_MOVE: &str = "E0153";
/// A rule that contradicts what is declared.
pub const BAD_RULE: &str = "E0154";
