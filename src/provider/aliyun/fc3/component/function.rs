//! What a schema cannot say of a function: names, runtimes, roles, and where its code is.

use std::path::PathBuf;

use crate::config::component::Lowering;
use crate::config::node::{Content, Key, Node, Pair, Style};
use crate::config::typing::{not_built, unknown_value, wrong_type};
use crate::config::{CodeSource, codes};
use crate::diag::{Diagnostic, Span};
use crate::provider::aliyun::entry::name_text;

/// Runtimes of the service that take a package.
const RUNTIMES: [&str; 22] = [
    "nodejs8",
    "nodejs10",
    "nodejs12",
    "nodejs14",
    "nodejs16",
    "nodejs18",
    "nodejs20",
    "python2.7",
    "python3",
    "python3.9",
    "python3.10",
    "python3.12",
    "java8",
    "java11",
    "go1",
    "php7.2",
    "dotnetcore2.1",
    "dotnetcore3.1",
    "custom",
    "custom.debian10",
    "custom.debian11",
    "custom.debian12",
];

/// Runtimes that take an image, which is not built yet.
const IMAGE_RUNTIMES: [&str; 2] = ["custom-container", "micro-sandbox"];

pub(super) fn function_name(props: &Node, owner: &Span, lowering: &mut Lowering) -> Option<(String, Span)> {
    let doc = "the function's name in the cloud";
    let (name, place) = name_text(props, "functionName", owner, "functionName", doc, lowering)?;
    let node = props.get("functionName")?;
    // Functions that were made with FC 2.0 are called service$function.
    let word_fits = |word: &str| {
        word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
            && word.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
    };
    let length = name.chars().count();
    if name.split('$').count() > 2 || !name.split('$').all(word_fits) || length > 128 {
        let error = Diagnostic::error(codes::BAD_NAME, format!("`{name}` cannot name a function"))
            .help("1 to 64 letters, digits, `_` and `-`, beginning with a letter or `_`");
        lowering.report(node.blame(error, "not a name of a function"));
        return None;
    }
    if length > 64 {
        let warning = Diagnostic::warning(codes::LONG_NAME, format!("`{name}` has {length} characters"))
            .help("the service documents 64");
        lowering.report(node.blame(warning, "may be refused"));
    }
    Some((name, place))
}

/// Checks the runtime, and puts in the handler that custom runtimes need and do not use. Returns whether the
/// function is made from an image.
pub(super) fn runtime(props: &mut Node, lowering: &mut Lowering) -> bool {
    let Some(node) = props.get("runtime") else {
        return false;
    };
    let Some(runtime) = node.text() else {
        return false; // its type is checked with the others
    };
    if IMAGE_RUNTIMES.contains(&runtime) {
        lowering.report(not_built(&format!("the runtime `{runtime}`"), &node.span));
        return true;
    }
    if !RUNTIMES.contains(&runtime) {
        lowering.report(unknown_value(node, "runtime", runtime, &RUNTIMES));
        return false;
    }
    if runtime.starts_with("custom") && props.get("handler").is_none() {
        let span = node.place().clone();
        let key = Key { text: "handler".to_owned(), span: span.clone(), style: Style::Made };
        let value = Node::made(Content::Text("handler".to_owned()), span);
        if let Content::Map(pairs) = &mut props.content {
            pairs.push(Pair { key, value });
        }
    }
    false
}

pub(super) fn disk_size(props: &Node, lowering: &mut Lowering) {
    let Some(node) = props.get("diskSize") else {
        return;
    };
    if let Content::Number(number) = node.content
        && (512.0..=10240.0).contains(&number.get())
        && number.as_integer().is_some_and(|size| size != 512 && size != 10240)
    {
        let error = Diagnostic::error(codes::OUT_OF_BOUNDS, format!("`diskSize` is {number}"));
        lowering.report(node.blame(error, "512 or 10240"));
    }
}

/// Returns where the code is; that it is missing is the schema's to say.
pub(super) fn code(props: &Node, lowering: &mut Lowering) -> Option<CodeSource> {
    let node = props.get("code")?;
    match &node.content {
        Content::Text(path) if path.starts_with("http://") || path.starts_with("https://") => {
            lowering.report(not_built("code from a URL", &node.span));
            None
        }
        Content::Text(path) if !path.trim().is_empty() => {
            Some(CodeSource { path: PathBuf::from(path.trim()), span: node.place().clone() })
        }
        Content::Text(_) => {
            let error = Diagnostic::error(codes::OUT_OF_BOUNDS, "`code` is empty")
                .help("name a folder, or a zip file: `./code`");
            lowering.report(node.blame(error, ""));
            None
        }
        Content::Map(_) if node.get("ossBucketName").is_some() || node.get("ossObjectName").is_some() => {
            lowering.report(not_built("code from an OSS bucket", &node.span));
            None
        }
        Content::Unresolved => None,
        _ => {
            lowering.report(wrong_type(node, "code", "a text", "name a folder, or a zip file: `./code`"));
            None
        }
    }
}
