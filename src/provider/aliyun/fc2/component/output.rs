//! What `${X.output.…}` means for an entry of this component.
//!
//! The paths are the incumbent's. What the entry declares is known without asking anybody; what the service makes up
//! (ids, URLs) is promised by one of the entry's resources.

use super::super::schema::{CUSTOM_DOMAIN, FUNCTION, FUNCTION_SCHEMA, TRIGGER};
use crate::config::component::{Output, Props};
use crate::config::node::{Content, Node};
use crate::model::{Address, OutputRef};

/// The outputs of an entry beside its props.
const OUTPUTS: [&str; 7] = [
    "functionId",
    "functionName",
    "name",
    "region",
    "url.system_url",
    "url.system_intranet_url",
    "url.custom_domain[0].domain",
];

pub(super) fn output(name: &str, path: &[&str], props: &mut Props<'_>) -> Output {
    let function = Address::new(FUNCTION, name);
    let promised =
        |address: Address, output: &str| Output::Promised(OutputRef { address, output: output.to_owned() });
    let url = match path {
        ["url", "system_url"] => Some("urlInternet"),
        ["url", "system_intranet_url"] => Some("urlIntranet"),
        _ => None,
    };
    if let Some(url) = url {
        let trigger = props(&["triggers"]).and_then(|triggers| http_trigger(&triggers));
        return match trigger {
            Some(trigger) => promised(Address::keyed(TRIGGER, name, &trigger), url),
            None => unknown(props),
        };
    }
    if let ["url", "custom_domain", index, "domain"] | ["customDomains", index, "domainName"] = path {
        let Some(domain) = props(&["customDomains", index, "domainName"]) else { return unknown(props) };
        let Some(text) = domain.text() else { return unknown(props) };
        let address = Address::shared(CUSTOM_DOMAIN, text);
        return Output::Declared(Box::new(domain), address);
    }
    if let [output] = path
        && FUNCTION_SCHEMA.outputs.iter().any(|(name, _)| name == output)
    {
        return promised(function, output);
    }
    let within: Vec<&str> = std::iter::once("function").chain(path.iter().copied()).collect();
    let declared = props(&within).or_else(|| props(path)).filter(|node| node.as_written().is_some());
    match declared {
        Some(node) => Output::Declared(Box::new(node), function),
        None => unknown(props),
    }
}

/// Tells the outputs that this entry has.
fn unknown(props: &mut Props<'_>) -> Output {
    let called = props(&["triggers"]).is_some_and(|triggers| http_trigger(&triggers).is_some());
    let domain = props(&["customDomains", "0", "domainName"]).is_some();
    let has = |output: &str| match output {
        "url.system_url" | "url.system_intranet_url" => called,
        "url.custom_domain[0].domain" => domain,
        _ => true,
    };
    Output::Unknown(OUTPUTS.into_iter().filter(|output| has(output)).map(str::to_owned).collect())
}

/// Returns the name of the first http trigger.
fn http_trigger(triggers: &Node) -> Option<String> {
    let Content::List(items) = &triggers.content else { return None };
    let http = items.iter().find(|item| item.get("type").and_then(Node::text) == Some("http"))?;
    http.get("name").and_then(Node::as_written).map(std::borrow::Cow::into_owned)
}
