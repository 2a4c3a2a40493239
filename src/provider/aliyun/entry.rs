//! What entries of every component say alike: names, regions, roles.

use crate::config::codes;
use crate::config::component::Lowering;
use crate::config::node::{Content, Node};
use crate::config::suggest::closest;
use crate::config::typing::{missing, not_built, too_late, wrong_type};
use crate::diag::{Diagnostic, Span};

/// Regions of the service; another one is only a warning, since regions are added.
const REGIONS: [&str; 27] = [
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-5",
    "ap-southeast-7",
    "cn-beijing",
    "cn-chengdu",
    "cn-hangzhou",
    "cn-hangzhou-finance",
    "cn-heyuan-acdr-1",
    "cn-hongkong",
    "cn-huhehaote",
    "cn-qingdao",
    "cn-shanghai",
    "cn-shanghai-cloudspe",
    "cn-shanghai-finance-1",
    "cn-shenzhen",
    "cn-wulanchabu",
    "cn-zhangjiakou",
    "eu-central-1",
    "eu-west-1",
    "me-central-1",
    "us-east-1",
    "us-west-1",
];

/// Returns the region of an entry.
pub fn region(props: &Node, owner: &Span, lowering: &mut Lowering) -> Option<String> {
    let (region, _) = name_text(
        props,
        "region",
        owner,
        "region",
        "where the function runs, such as `cn-hangzhou`",
        lowering,
    )?;
    if !REGIONS.contains(&region.as_str())
        && let Some(node) = props.get("region")
    {
        let warning = Diagnostic::warning(
            codes::UNKNOWN_REGION,
            format!("triform does not know the region `{region}`"),
        );
        let warning = match closest(&region, REGIONS) {
            Some(near) => warning.help(format!("did you mean `{near}`?")),
            None => warning,
        };
        lowering.report(node.blame(warning, "taken as it is"));
    }
    Some(region)
}

/// Refuses a role that is not given by its ARN: any other would have to be made, or looked up.
pub fn role(map: &Node, key: &str, lowering: &mut Lowering) {
    let Some(node) = map.get(key) else {
        return;
    };
    if node.pairs().is_some() {
        let error = not_built("a role that the tool makes, with its policies,", node.place());
        lowering.report(error.help("write the ARN of a role that exists: `acs:ram::<account>:role/<name>`"));
        return;
    }
    let Some(role) = node.text().filter(|role| !role.is_empty()) else {
        return;
    };
    if !role.starts_with("acs:ram::") || !role.contains(":role/") {
        let error = match role {
            _ if role.starts_with("acs:") => {
                let error = Diagnostic::error(codes::BAD_NAME, format!("`{role}` is no role's ARN"));
                node.blame(error, "not a role")
            }
            "auto" => not_built("a role that the tool makes", &node.span),
            _ => not_built("a role by its name alone", &node.span),
        };
        lowering.report(error.help("write the role's ARN: `acs:ram::<account>:role/<name>`"));
    }
}

/// Returns a text that names something, and where; reports what is missing or of another type.
pub fn name_text(
    map: &Node,
    key: &str,
    owner: &Span,
    dotted: &str,
    doc: &str,
    lowering: &mut Lowering,
) -> Option<(String, Span)> {
    let Some(node) = map.get(key) else {
        lowering.report(missing(owner, dotted, doc));
        return None;
    };
    match (&node.content, node.as_written()) {
        (Content::Unresolved, _) => None,
        (Content::Promised(_), _) => {
            lowering.report(too_late(node, dotted));
            None
        }
        (_, Some(text)) if !text.is_empty() => Some((text.into_owned(), node.place().clone())),
        (_, Some(_)) => {
            let empty = Diagnostic::error(codes::BAD_NAME, format!("`{dotted}` is empty"));
            lowering.report(node.blame(empty, ""));
            None
        }
        (_, None) => {
            lowering.report(wrong_type(node, dotted, "a text", ""));
            None
        }
    }
}
