//! What the service would refuse of its third generation, as far as it documents it: the combinations, and the names.

use crate::model::{Attributes, Part, Path, Value};
use crate::provider::aliyun::function_compute::check::{is_plain_name, number, refuses_domain};

use super::schema::{CUSTOM_DOMAIN, FUNCTION, TRIGGER};

/// Returns what the service would refuse about a live name.
pub fn refuses_name(kind: &str, name: &str) -> Option<String> {
    let (what, longest) = match kind {
        FUNCTION => ("a function's name", 64),
        TRIGGER => ("a trigger's name", 128),
        CUSTOM_DOMAIN => return refuses_domain(name),
        _ => return None,
    };
    (!is_plain_name(name, longest)).then(|| {
        format!(
            "`{name}` is not {what}: up to {longest} letters, digits, `_` and `-`, the first a letter or `_`"
        )
    })
}

/// Reports combinations of a function's attributes.
pub fn function(attributes: &Attributes, problems: &mut Vec<String>) {
    let megabytes = number(attributes, &Path::field("memorySize"));
    let processors = number(attributes, &Path::field("cpu"));
    if let (Some(megabytes), Some(processors)) = (megabytes, processors) {
        let ratio = megabytes / 1024.0 / processors;
        if !(1.0 - 1e-6..=4.0 + 1e-6).contains(&ratio) {
            problems.push(format!(
                "memorySize {megabytes} and cpu {processors} do not go together: one vCPU takes 1024 to 4096 MB, \
                 so cpu is {} to {} here",
                hundredths_up(megabytes / 4096.0),
                hundredths_down(megabytes / 1024.0),
            ));
        }
    }
    if let Some(disk) = number(attributes, &Path::field("diskSize"))
        && disk > 512.0
        && disk < 10240.0
    {
        problems.push(format!("diskSize is {disk}; it takes 512 or 10240"));
    }
}

/// Rounds up to the next multiple of 0.05.
fn hundredths_up(number: f64) -> f64 {
    ((number * 20.0 - 1e-9).ceil() * 5.0).max(5.0) / 100.0
}

/// Rounds down to the next multiple of 0.05.
fn hundredths_down(number: f64) -> f64 {
    ((number * 20.0 + 1e-9).floor() * 5.0).max(5.0) / 100.0
}

/// Reports what a trigger's type wants and does not get.
pub fn trigger(attributes: &Attributes, problems: &mut Vec<String>) {
    let config = Path::field("triggerConfig");
    let needs: &[&'static str] = match attributes.get(&Path::field("triggerType")).and_then(Value::as_text) {
        Some("http") => &["authType", "methods"],
        Some("timer") => &["cronExpression", "enable"],
        _ => &[],
    };
    for field in needs.iter().copied() {
        let path = config.then(field);
        if !attributes.contains_key(&path) {
            problems.push(format!("{path} is required"));
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
        match attributes.get(&route.then("functionName")).and_then(Value::as_text) {
            None => problems.push(format!("{} is required", route.then("functionName"))),
            Some(name) if name.contains('$') => {} // `service$function`, a function of the older API
            Some(name) => problems.extend(refuses_name(FUNCTION, name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::calls::{CUSTOM_DOMAINS, FUNCTIONS, TRIGGERS};
    use super::*;
    use crate::model::Number;
    use crate::provider::aliyun::function_compute::check::refuses;

    #[track_caller]
    fn check(kind: &str, attributes: &[(&str, Value)], expected: &[&str]) {
        let attributes =
            attributes.iter().map(|(path, value)| (path.parse().expect("a path"), value.clone())).collect();
        let api = match kind {
            FUNCTION => &FUNCTIONS,
            TRIGGER => &TRIGGERS,
            _ => &CUSTOM_DOMAINS,
        };
        assert_eq!(refuses(api, &attributes), expected);
    }

    fn float(number: f64) -> Value {
        Value::Number(Number::new(number).expect("finite"))
    }

    #[track_caller]
    fn check_function(changes: &[(&str, Value)], expected: &[&str]) {
        let mut attributes = vec![("handler", "index.handler".into()), ("runtime", "python3.10".into())];
        attributes.extend_from_slice(changes);
        check(FUNCTION, &attributes, expected);
    }

    #[test]
    fn what_the_service_takes_is_not_refused() {
        check_function(&[("memorySize", Value::int(512)), ("cpu", float(0.35))], &[]);
        check_function(&[("memorySize", Value::int(1024)), ("cpu", float(1.0))], &[]);
        check_function(&[("memorySize", Value::int(4096)), ("cpu", float(1.0))], &[]);
        check_function(&[("diskSize", Value::int(10240))], &[]);
        check_function(&[("runtime", "nodejs99".into())], &[]);
    }

    #[test]
    fn bounds_and_steps() {
        check_function(&[("memorySize", Value::int(100))], &["memorySize is 100; it takes 128 to 32768"]);
        check_function(&[("memorySize", Value::int(200))], &["memorySize is 200; it takes multiples of 64"]);
        check_function(&[("cpu", float(0.33))], &["cpu is 0.33; it takes multiples of 0.05"]);
        check_function(&[("diskSize", Value::int(1024))], &["diskSize is 1024; it takes 512 or 10240"]);
        check_function(&[("timeout", "soon".into())], &["timeout takes a number"]);
    }

    #[test]
    fn memory_and_processors_go_together() {
        check_function(
            &[("memorySize", Value::int(512)), ("cpu", float(1.0))],
            &[
                "memorySize 512 and cpu 1 do not go together: one vCPU takes 1024 to 4096 MB, so cpu is 0.15 to 0.5 here",
            ],
        );
    }

    #[test]
    fn what_is_required_is_named() {
        check(FUNCTION, &[("runtime", "custom".into())], &["handler is required"]);
        check(
            TRIGGER,
            &[("triggerType", "http".into()), ("triggerConfig.authType", "nobody".into())],
            &[
                "triggerConfig.authType is `nobody`; it takes anonymous, function, jwt",
                "triggerConfig.methods is required",
            ],
        );
        check(
            CUSTOM_DOMAIN,
            &[
                ("protocol", "HTTP".into()),
                ("routeConfig.routes[\"x\"].methods", Value::List(vec!["GET".into()])),
            ],
            &[
                "routeConfig.routes[\"x\"] is no path: it begins with `/`",
                "routeConfig.routes[\"x\"].functionName is required",
            ],
        );
    }

    #[test]
    fn names() {
        for (kind, name, fits) in [
            (FUNCTION, "hello_fn-2", true),
            (FUNCTION, "2hello", false),
            (FUNCTION, "", false),
            (FUNCTION, "a.b", false),
            (TRIGGER, "_t", true),
            (CUSTOM_DOMAIN, "www.example.com", true),
            (CUSTOM_DOMAIN, "*.example.com", true),
            (CUSTOM_DOMAIN, "hello.localhost", true),
            (CUSTOM_DOMAIN, "localhost", false),
            (CUSTOM_DOMAIN, "a..com", false),
        ] {
            assert_eq!(refuses_name(kind, name).is_none(), fits, "{kind} {name}");
        }
        assert!(refuses_name(FUNCTION, &"a".repeat(65)).is_some());
    }
}
