//! Triggers: every type is kept, `http` and `timer` are understood.
//!
//! `triggerConfig` is a JSON object inside a string. For types that the cloud understands it is checked,
//! defaults are filled in and it is written anew with sorted keys, as the service does; the others only
//! have to be JSON objects, and are kept as given.

use serde_json::{Value, json};

use super::shape::{Field, Fill, Missing, Shape, field, read};
use super::{Document, Facts, Map, check_name, text};
use crate::emulator::error::ApiError;

/// The types of section 4 of the API.
const TYPES: &[&str] =
    &["http", "timer", "oss", "log", "mns_topic", "cdn_events", "tablestore", "eventbridge"];

/// The types that the service does not update: delete and create.
const FROZEN: &[&str] = &["mns_topic", "tablestore"];

const METHODS: &[&str] = &["HEAD", "DELETE", "POST", "GET", "OPTIONS", "PUT", "PATCH"];

const HTTP: &[Field] = &[
    field("authType", Shape::Word(&["anonymous", "function", "jwt"]), Fill::Text("function")),
    field("methods", Shape::List(&Shape::Word(METHODS), 7), Fill::Required),
    field("disableURLInternet", Shape::Flag, Fill::Flag(false)),
    field("corsConfig", Shape::AnyObject, Fill::Nothing),
];

const TIMER: &[Field] = &[
    field("cronExpression", Shape::Text, Fill::Required),
    field("enable", Shape::Flag, Fill::Required),
    field("payload", Shape::Text, Fill::Text("")),
];

const UPDATABLE: &[Field] = &[
    field("triggerConfig", Shape::Text, Fill::Text("")),
    field("description", Shape::Text, Fill::Text("")),
    field("invocationRole", Shape::Text, Fill::Text("")),
    field("qualifier", Shape::Text, Fill::Text("LATEST")),
];

/// Makes a trigger of `CreateTrigger`'s input.
pub fn create(function: &str, input: &Map, facts: &Facts) -> Result<Document, ApiError> {
    let name = text(input, "triggerName");
    check_name("triggerName", name, 128)?;
    let kind = text(input, "triggerType");
    if !TYPES.contains(&kind) {
        return Err(ApiError::invalid(format!("triggerType '{kind}' must be one of {}", TYPES.join(", "))));
    }
    let mut shown = read(UPDATABLE, input, "", Missing::Fill)?;
    if text(&shown, "qualifier").is_empty() {
        shown.insert("qualifier".to_owned(), json!("LATEST"));
    }
    shown.insert("triggerConfig".to_owned(), json!(config(kind, text(&shown, "triggerConfig"))?));
    let time = facts.time();
    for (field, value) in [
        ("triggerName", name),
        ("triggerType", kind),
        ("sourceArn", text(input, "sourceArn")),
        ("triggerId", &facts.uuid),
        ("targetArn", &facts.function_arn(function)),
        ("status", ""),
        ("createdTime", &time),
        ("lastModifiedTime", &time),
    ] {
        shown.insert(field.to_owned(), json!(value));
    }
    let mut document = Document { shown, ..Document::default() };
    if kind == "http" {
        document.kept.insert("label".to_owned(), json!(label(function, &facts.letters)));
    }
    Ok(document)
}

/// Applies `UpdateTrigger`'s input. Returns the same document when nothing changes.
pub fn update(current: &Document, input: &Map, facts: &Facts) -> Result<Document, ApiError> {
    let kind = current.text("triggerType");
    if FROZEN.contains(&kind) {
        return Err(ApiError::invalid(format!(
            "a trigger of type {kind} cannot be updated: delete it and create it again"
        )));
    }
    let mut next = current.clone();
    let mut given = read(UPDATABLE, input, "", Missing::Leave)?;
    if given.contains_key("triggerConfig") {
        let config = config(kind, text(&given, "triggerConfig"))?;
        given.insert("triggerConfig".to_owned(), json!(config));
    }
    next.shown.append(&mut given);
    if next != *current {
        next.shown.insert("lastModifiedTime".to_owned(), json!(facts.time()));
    }
    Ok(next)
}

/// The first label of an HTTP trigger's host: the function's name as far as host names take it, and a
/// random part that keeps it apart from all others.
fn label(function: &str, letters: &str) -> String {
    let name: String = function
        .to_lowercase()
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' })
        .take(63 - 1 - letters.len())
        .collect();
    match name.trim_matches('-') {
        "" => letters.to_owned(),
        name => format!("{name}-{letters}"),
    }
}

fn config(kind: &str, raw: &str) -> Result<String, ApiError> {
    if raw.is_empty() && kind == "tablestore" {
        return Ok(String::new());
    }
    let config: Map = serde_json::from_str(raw).map_err(|error| {
        ApiError::invalid(format!("triggerConfig must be a JSON object in a string: {error}"))
    })?;
    let (known, extra) = match kind {
        "http" => (read(HTTP, &config, "triggerConfig", Missing::Fill)?, config.get("authConfig")),
        "timer" => {
            let timer = read(TIMER, &config, "triggerConfig", Missing::Fill)?;
            check_cron(text(&timer, "cronExpression"))?;
            (timer, None)
        }
        _ => return Ok(raw.to_owned()),
    };
    let mut known = known;
    if kind == "http" {
        if known.get("methods").and_then(Value::as_array).is_some_and(Vec::is_empty) {
            return Err(ApiError::invalid("triggerConfig.methods must not be empty"));
        }
        if let Some(extra) = extra.filter(|extra| !extra.is_null()) {
            known.insert("authConfig".to_owned(), extra.clone());
        } else if text(&known, "authType") == "jwt" {
            return Err(ApiError::invalid("triggerConfig.authConfig is required with authType jwt"));
        }
    }
    Ok(Value::Object(known).to_string())
}

/// Accepts `@every 5m` and six fields with seconds first, each with an optional `CRON_TZ=Zone ` before it.
fn check_cron(expression: &str) -> Result<(), ApiError> {
    let refuse = |why: &str| {
        Err(ApiError::invalid(format!("triggerConfig.cronExpression '{expression}' is invalid: {why}")))
    };
    let expression = expression.trim();
    let schedule = match expression.strip_prefix("CRON_TZ=") {
        None => expression,
        Some(rest) => {
            let Some((zone, schedule)) = rest.split_once(' ') else {
                return refuse("a schedule must follow the time zone");
            };
            // By its form only: which zones a machine knows is not the service's business.
            let well_formed = zone.starts_with(|first: char| first.is_ascii_alphabetic())
                && zone.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/_+-".contains(&byte));
            if !well_formed {
                return refuse("a time zone is like Asia/Shanghai");
            }
            schedule.trim()
        }
    };
    if let Some(every) = schedule.strip_prefix("@every ") {
        return match every_seconds(every.trim()) {
            Some(seconds) if seconds >= 60 => Ok(()),
            Some(_) => refuse("the least interval is one minute"),
            None => refuse("an interval is like 90s, 5m or 1h30m"),
        };
    }
    if schedule.split_whitespace().count() != 6 {
        return refuse("six fields are needed: second, minute, hour, day, month, weekday");
    }
    let parser = croner::parser::CronParser::builder().seconds(croner::parser::Seconds::Required).build();
    match parser.parse(schedule) {
        Ok(_) => Ok(()),
        Err(error) => refuse(&error.to_string()),
    }
}

/// Seconds of an interval such as `1h30m`.
fn every_seconds(text: &str) -> Option<u64> {
    let mut total = 0u64;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|letter: char| !letter.is_ascii_digit())?;
        let number: u64 = rest[..digits].parse().ok()?;
        let unit = match rest.as_bytes()[digits] {
            b's' => 1,
            b'm' => 60,
            b'h' => 3600,
            _ => return None,
        };
        total = total.checked_add(number.checked_mul(unit)?)?;
        rest = &rest[digits + 1..];
    }
    (!text.is_empty()).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emulator::world::tests::facts;

    fn make(kind: &str, config: &Value) -> Result<Document, String> {
        let input = json!({"triggerName": "t", "triggerType": kind, "triggerConfig": config.to_string()});
        create("Hello_fn", input.as_object().expect("an object"), &facts()).map_err(|error| error.message)
    }

    #[test]
    fn an_http_trigger_gets_its_defaults_and_a_host_label() {
        let trigger =
            make("http", &json!({"methods": ["POST", "GET"], "authType": "anonymous"})).expect("accepted");
        assert_eq!(
            trigger.text("triggerConfig"),
            r#"{"authType":"anonymous","disableURLInternet":false,"methods":["POST","GET"]}"#
        );
        assert_eq!(trigger.text("qualifier"), "LATEST");
        assert_eq!(trigger.kept_text("label"), Some("hello-fn-abcdefghij"));
    }

    #[test]
    fn long_names_still_make_one_host_label() {
        assert_eq!(label(&"a".repeat(64), "abcdefghij").len(), 63);
        assert_eq!(label("_", "abcdefghij"), "abcdefghij");
    }

    #[track_caller]
    fn check(cron: &str, ok: bool) {
        let made = make("timer", &json!({"cronExpression": cron, "enable": true}));
        assert_eq!(made.is_ok(), ok, "{cron}: {made:?}");
    }

    #[test]
    fn cron_expressions() {
        check("0 0 4 * * *", true);
        check("@every 4m", true);
        check("@every 1h30m", true);
        check("CRON_TZ=Asia/Shanghai 0 30 9 * * 1-5", true);
        check("@every 30s", false);
        check("@every soon", false);
        check("@every 99999999999999999999m", false);
        check("0 4 * * *", false);
        check("0 61 4 * * *", false);
        check("CRON_TZ=+8 0 0 4 * * *", false);
        check("CRON_TZ=Asia/Shanghai", false);
        check("", false);
    }

    #[test]
    fn refusals_name_the_field() {
        let refused = |kind: &str, config: &Value| make(kind, config).expect_err("must be refused");
        assert!(refused("http", &json!({"authType": "anonymous"})).contains("triggerConfig.methods"));
        assert!(refused("http", &json!({"methods": ["BREW"]})).contains("triggerConfig.methods[0]"));
        assert!(refused("timer", &json!({"cronExpression": "@every 5m"})).contains("triggerConfig.enable"));
        assert!(refused("pigeon", &json!({})).contains("triggerType 'pigeon'"));
        assert!(refused("oss", &json!([])).contains("JSON object"));
    }

    #[test]
    fn other_types_are_kept_as_given() {
        let config = json!({"z": 1, "a": null});
        assert_eq!(make("oss", &config).expect("accepted").text("triggerConfig"), config.to_string());
    }
}
