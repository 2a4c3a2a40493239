//! What the service would refuse of its second generation, as far as it documents it: the combinations.

use super::schema::{ALIAS, FUNCTION, SERVICE, TRIGGER};
use crate::model::{Attributes, Part, Path, Value};
use crate::provider::aliyun::function_compute::check::{is_plain_name, number, refuses_domain};

/// Keys of `triggerConfig` by trigger type: those that the service asks for, and the others.
pub const TRIGGER_TYPES: [(&str, &[&str], &[&str]); 8] = [
    ("http", &["authType", "methods"], &["disableURLInternet"]),
    ("timer", &["cronExpression", "enable"], &["payload"]),
    ("oss", &["events"], &["filter"]),
    ("log", &["sourceConfig", "logConfig", "enable"], &["jobConfig", "functionParameter"]),
    ("mns_topic", &["notifyContentFormat", "notifyStrategy"], &["filterTag"]),
    ("cdn_events", &["eventName", "eventVersion", "notes", "filter"], &[]),
    ("tablestore", &[], &[]),
    (
        "eventbridge",
        &["eventSourceConfig"],
        &["triggerEnable", "asyncInvocationType", "eventRuleFilterPattern", "eventSinkConfig", "runOptions"],
    ),
];

/// Returns what the service would refuse about a live name.
pub fn refuses_name(kind: &str, name: &str) -> Option<String> {
    let (what, longest) = match kind {
        SERVICE => ("a service's name", 128),
        FUNCTION => ("a function's name", 64),
        TRIGGER => ("a trigger's name", 128),
        ALIAS if name == "LATEST" => {
            return Some(
                "`LATEST` is no alias: it stands for what no version was published of yet".to_owned(),
            );
        }
        ALIAS => ("an alias", 128),
        _ => return refuses_domain(name),
    };
    (!is_plain_name(name, longest)).then(|| {
        format!(
            "`{name}` is not {what}: up to {longest} letters, digits, `_` and `-`, the first a letter or `_`"
        )
    })
}

/// Reports combinations of a function's attributes.
pub fn function(attributes: &Attributes, problems: &mut Vec<String>) {
    let text = |path: Path| attributes.get(&path).and_then(Value::as_text);
    if text(Path::field("runtime")) == Some("custom-container")
        && text(Path::field("customContainerConfig").then("image")).is_none()
    {
        problems
            .push("customContainerConfig.image is required with the runtime `custom-container`".to_owned());
    }
    if let Some(disk) = number(attributes, &Path::field("diskSize"))
        && disk > 512.0
        && disk < 10240.0
    {
        problems.push(format!("diskSize is {disk}; it takes 512 or 10240"));
    }
    let hard = number(attributes, &Path::field("instanceConcurrency")).unwrap_or(1.0);
    if let Some(soft) = number(attributes, &Path::field("instanceSoftConcurrency"))
        && soft > hard
    {
        problems.push(format!("instanceSoftConcurrency is {soft}, and instanceConcurrency only {hard}"));
    }
}

/// Reports what a trigger's type wants and does not get.
pub fn trigger(attributes: &Attributes, problems: &mut Vec<String>) {
    let kind = attributes.get(&Path::field("triggerType")).and_then(Value::as_text).unwrap_or_default();
    let config = Path::field("triggerConfig");
    let needs = TRIGGER_TYPES.iter().find(|(name, ..)| *name == kind).map_or(&[][..], |(_, needs, _)| *needs);
    for field in needs.iter().copied() {
        let path = config.then(field);
        if !attributes.keys().any(|found| found.is_within(&path)) {
            problems.push(format!("{path} is required"));
        }
    }
}

/// Returns whether a text is the number of a version.
pub fn is_version(text: &str) -> bool {
    !text.is_empty() && !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Reports versions of an alias that are none, and shares that do not add up.
pub fn alias(attributes: &Attributes, problems: &mut Vec<String>) {
    let main = attributes.get(&Path::field("versionId")).and_then(Value::as_text).unwrap_or_default();
    if !main.is_empty() && !is_version(main) {
        problems.push(format!("versionId is `{main}`; it takes the number of a version that was published"));
    }
    let weights = Path::field("additionalVersionWeight");
    let others: Vec<&str> = attributes
        .keys()
        .filter(|path| path.is_within(&weights))
        .filter_map(|path| match path.parts().last() {
            Some(Part::Key(version)) => Some(version.as_str()),
            _ => None,
        })
        .collect();
    if others.len() > 1 {
        let named = others.join("`, `");
        problems.push(format!("{weights} names `{named}`; one version may stand beside versionId"));
    }
    for version in others {
        if version == main {
            let what = "versionId already: it has what the other one leaves";
            problems.push(format!("{weights} names `{version}`, which is {what}"));
        } else if !is_version(version) {
            problems.push(format!("{weights} names `{version}`; it takes numbers of versions"));
        }
    }
}

/// Returns whether a provision configuration is what the service shows where there is none.
pub fn keeps_nothing(attributes: &Attributes) -> bool {
    let lists = ["scheduledActions", "targetTrackingPolicies"].map(Path::field);
    number(attributes, &Path::field("target")).unwrap_or_default() == 0.0
        && !attributes.keys().any(|path| lists.iter().any(|list| path.is_within(list)))
}

/// Reports instances that are kept ready and are none, and bounds that exclude each other.
pub fn provision(attributes: &Attributes, problems: &mut Vec<String>) {
    if keeps_nothing(attributes) {
        let why = "without actions or policies that is the same as no configuration: leave it out";
        problems.push(format!("target is 0; {why}"));
    }
    let policies = Path::field("targetTrackingPolicies");
    let names: std::collections::BTreeSet<&str> = attributes
        .keys()
        .filter(|path| path.is_within(&policies))
        .filter_map(|path| match path.parts().get(1) {
            Some(Part::Key(name)) => Some(name.as_str()),
            _ => None,
        })
        .collect();
    for name in names {
        let bound = |field: &'static str| number(attributes, &policies.key(name).then(field));
        if let (Some(least), Some(most)) = (bound("minCapacity"), bound("maxCapacity"))
            && least > most
        {
            let policy = policies.key(name);
            problems.push(format!("{policy}.minCapacity is {least}, and maxCapacity only {most}"));
        }
    }
}

/// Reports routes that lead nowhere.
pub fn routes(attributes: &Attributes, problems: &mut Vec<String>) {
    let mut keys: Vec<&str> = Vec::new();
    let routes = Path::field("routeConfig").then("routes");
    for path in attributes.keys().filter(|path| path.is_within(&routes)) {
        if let Some(Part::Key(key)) = path.parts().get(2)
            && keys.last() != Some(&key.as_str())
        {
            keys.push(key);
        }
    }
    for key in keys {
        let route = routes.key(key);
        if !key.starts_with('/') {
            problems.push(format!("{route} is no path: it begins with `/`"));
        }
        for (field, kind) in [("serviceName", SERVICE), ("functionName", FUNCTION)] {
            match attributes.get(&route.then(field)).and_then(Value::as_text) {
                None => problems.push(format!("{} is required", route.then(field))),
                Some(name) => problems.extend(refuses_name(kind, name)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::calls::APIS;
    use super::super::schema::{CUSTOM_DOMAIN, PROVISION_CONFIG};
    use super::*;
    use crate::provider::aliyun::function_compute::check::refuses;

    #[track_caller]
    fn check(kind: &str, attributes: &[(&str, Value)], expected: &[&str]) {
        let attributes =
            attributes.iter().map(|(path, value)| (path.parse().expect("a path"), value.clone())).collect();
        let api = APIS.iter().find(|api| api.schema.kind == kind).expect("a type");
        assert_eq!(refuses(api, &attributes), expected);
    }

    #[test]
    fn combinations_are_told() {
        let function = |further: &[(&str, Value)], expected: &[&str]| {
            let mut all = vec![("runtime", "custom-container".into()), ("handler", "x".into())];
            all.extend_from_slice(further);
            check(FUNCTION, &all, expected);
        };
        let image = ("customContainerConfig.image", Value::from("acr.example.com/a:v1"));
        function(&[], &["customContainerConfig.image is required with the runtime `custom-container`"]);
        function(&[image.clone(), ("diskSize", Value::int(10240))], &[]);
        function(
            &[image.clone(), ("diskSize", Value::int(1024))],
            &["diskSize is 1024; it takes 512 or 10240"],
        );
        function(
            &[image, ("instanceSoftConcurrency", Value::int(9)), ("instanceConcurrency", Value::int(5))],
            &["instanceSoftConcurrency is 9, and instanceConcurrency only 5"],
        );
    }

    #[test]
    fn every_type_of_trigger_asks_for_its_own() {
        check(TRIGGER, &[("triggerType", "oss".into())], &["triggerConfig.events is required"]);
        check(
            TRIGGER,
            &[("triggerType", "log".into()), ("triggerConfig.sourceConfig.logstore", "l".into())],
            &["triggerConfig.logConfig is required", "triggerConfig.enable is required"],
        );
        check(TRIGGER, &[("triggerType", "tablestore".into())], &[]);
    }

    #[test]
    fn shares_of_an_alias_add_up() {
        let share = |version: &str, share: f64| {
            let share = crate::model::Number::new(share).expect("finite");
            (format!("additionalVersionWeight[\"{version}\"]"), Value::Number(share))
        };
        let alias = |version: &str, shares: &[(String, Value)], expected: &[&str]| {
            let mut all = vec![("versionId", version.into())];
            all.extend(shares.iter().map(|(path, value)| (path.as_str(), value.clone())));
            check(ALIAS, &all, expected);
        };
        alias("3", &[share("4", 0.2)], &[]);
        alias("3", &[share("4", 1.0)], &[]);
        alias("3", &[share("4", 1.5)], &["additionalVersionWeight[\"4\"] is 1.5; it takes 0 to 1"]);
        alias(
            "3",
            &[share("3", 0.2)],
            &[
                "additionalVersionWeight names `3`, which is versionId already: it has what the other one leaves",
            ],
        );
        alias(
            "3",
            &[share("4", 0.2), share("5", 0.1)],
            &["additionalVersionWeight names `4`, `5`; one version may stand beside versionId"],
        );
        alias(
            "LATEST",
            &[share("new", 0.2)],
            &[
                "versionId is `LATEST`; it takes the number of a version that was published",
                "additionalVersionWeight names `new`; it takes numbers of versions",
            ],
        );
    }

    #[test]
    fn a_provision_configuration_keeps_something_ready() {
        let policy = |bound: &str| format!("targetTrackingPolicies[\"load\"].{bound}");
        let (least, most) = (policy("minCapacity"), policy("maxCapacity"));
        check(PROVISION_CONFIG, &[("target", Value::int(1))], &[]);
        check(
            PROVISION_CONFIG,
            &[("target", Value::int(0))],
            &["target is 0; without actions or policies that is the same as no configuration: leave it out"],
        );
        check(
            PROVISION_CONFIG,
            &[("target", Value::int(0)), (&least, Value::int(9)), (&most, Value::int(2))],
            &["targetTrackingPolicies[\"load\"].minCapacity is 9, and maxCapacity only 2"],
        );
    }

    #[test]
    fn a_route_names_both_service_and_function() {
        check(
            CUSTOM_DOMAIN,
            &[("protocol", "HTTP".into()), ("routeConfig.routes[\"/*\"].functionName", "hello".into())],
            &["routeConfig.routes[\"/*\"].serviceName is required"],
        );
    }
}
