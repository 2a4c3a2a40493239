//! What the service would refuse, as far as it documents it.
//!
//! Bounds and words come from the schema; here are the combinations, and the names.

use super::calls::Api;
use super::schema::{CUSTOM_DOMAIN, FUNCTION, TRIGGER};
use crate::model::{Attribute, Attributes, Kind, Order, Part, Path, Value};

/// Returns what the service would refuse about a whole resource; empty where it would take it.
pub fn refuses(kind: &str, attributes: &Attributes) -> Vec<String> {
    let Some(api) = Api::of(kind) else {
        return vec![format!("there is no resource type `{kind}` here")];
    };
    let mut problems = Vec::new();
    for (path, value) in attributes {
        if let Some((attribute, false)) = api.schema.attribute(path) {
            value_fits(path, &attribute.kind, value, &mut problems);
        }
    }
    missing(api.schema.attributes, attributes, &mut problems);
    match kind {
        FUNCTION => function(attributes, &mut problems),
        TRIGGER => trigger(attributes, &mut problems),
        CUSTOM_DOMAIN => routes(attributes, &mut problems),
        _ => {}
    }
    problems
}

/// Returns what the service would refuse about a live name.
pub fn refuses_name(kind: &str, name: &str) -> Option<String> {
    let (what, longest) = match kind {
        FUNCTION => ("a function's name", 64),
        TRIGGER => ("a trigger's name", 128),
        CUSTOM_DOMAIN => return domain(name),
        _ => return None,
    };
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    let first = name.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    let fits = first && name.len() <= longest && name.bytes().all(letters);
    (!fits).then(|| {
        format!(
            "`{name}` is not {what}: up to {longest} letters, digits, `_` and `-`, the first a letter or `_`"
        )
    })
}

fn domain(name: &str) -> Option<String> {
    let labels: Vec<&str> = name.split('.').collect();
    let plain = |label: &&str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    let last =
        labels.last().is_some_and(|label| label.len() >= 2 && label.bytes().all(|b| b.is_ascii_alphabetic()));
    let rest = match labels.split_first() {
        Some((&"*", rest)) => rest,
        _ => &labels,
    };
    let fits = name.len() <= 256 && labels.len() >= 2 && last && rest.iter().all(plain);
    (!fits).then(|| format!("`{name}` is not a domain's name, such as www.example.com or *.example.com"))
}

fn value_fits(path: &Path, kind: &Kind, value: &Value, problems: &mut Vec<String>) {
    match (kind, value) {
        (Kind::Text(words), Value::Text(text)) if !words.is_empty() && !words.contains(&text.as_str()) => {
            problems.push(format!("{path} is `{text}`; it takes {}", words.join(", ")));
        }
        (Kind::Number { min, max, step }, Value::Number(number)) => {
            let number = number.get();
            if number < *min || number > *max {
                problems.push(format!("{path} is {number}; it takes {min} to {max}"));
            } else if !is_multiple(number, *step) {
                problems.push(format!("{path} is {number}; it takes multiples of {step}"));
            }
        }
        (Kind::List(item, Order::Listed | Order::Set), Value::List(items)) => {
            for value in items {
                value_fits(path, item, value, problems);
            }
        }
        (Kind::Text(_), Value::Text(_) | Value::Sealed(_))
        | (Kind::Bool, Value::Bool(_))
        | (Kind::Texts | Kind::Object(_) | Kind::Code, _) => {}
        (Kind::Text(_), _) => problems.push(format!("{path} takes a text")),
        (Kind::Bool, _) => problems.push(format!("{path} takes true or false")),
        (Kind::Number { .. }, _) => problems.push(format!("{path} takes a number")),
        (Kind::List(..), _) => problems.push(format!("{path} takes a list")),
    }
}

/// Returns whether a number is a multiple of a step, as closely as decimal fractions can be told.
fn is_multiple(number: f64, step: f64) -> bool {
    let ratio = number / step;
    (ratio - ratio.round()).abs() < 1e-6
}

/// Names the required attributes that are not there; code is not among the attributes.
fn missing(fields: &[Attribute], attributes: &Attributes, problems: &mut Vec<String>) {
    for field in fields {
        let path = Path::field(field.name);
        if field.required && !matches!(field.kind, Kind::Code) && !attributes.contains_key(&path) {
            problems.push(format!("{path} is required"));
        }
    }
}

fn number(attributes: &Attributes, path: &Path) -> Option<f64> {
    match attributes.get(path)? {
        Value::Number(number) => Some(number.get()),
        _ => None,
    }
}

fn function(attributes: &Attributes, problems: &mut Vec<String>) {
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

fn trigger(attributes: &Attributes, problems: &mut Vec<String>) {
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

fn routes(attributes: &Attributes, problems: &mut Vec<String>) {
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
    use super::*;
    use crate::model::Number;

    #[track_caller]
    fn check(kind: &str, attributes: &[(&str, Value)], expected: &[&str]) {
        let attributes =
            attributes.iter().map(|(path, value)| (path.parse().expect("a path"), value.clone())).collect();
        assert_eq!(refuses(kind, &attributes), expected);
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
