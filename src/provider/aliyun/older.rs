//! Calls of FC 2.0 in the words of its older version, 2016-08-15.
//!
//! Both versions have the same resources, paths and fields. They differ in the first segment of the path, in where a
//! qualifier stands, in the form of a trigger's configuration, and in the signature. So a call is made in the words of
//! 2021-04-06, and said in the older ones where it goes out; nothing else knows which of the two is spoken.

use std::borrow::Cow;

use serde_json::Value as Json;

use super::client::{Request, Service};

/// The version that is spoken otherwise.
const NEWER: &str = "2021-04-06";
/// The version that may be spoken in its place.
pub const OLDER: &str = "2016-08-15";

/// A call, as it goes over the wire but for the escapes.
pub struct Words<'a> {
    /// The path.
    pub segments: Vec<Cow<'a, str>>,
    /// The query.
    pub query: Vec<(&'static str, &'a str)>,
    /// The body.
    pub body: Option<Cow<'a, Json>>,
    /// Whether this is the older version.
    pub older: bool,
}

/// Returns a call in the words in which it was made.
pub fn as_made<'a>(request: &'a Request<'_>) -> Words<'a> {
    Words {
        segments: request.segments.iter().map(|segment| Cow::Borrowed(*segment)).collect(),
        query: request.query.clone(),
        body: request.body.as_ref().map(Cow::Borrowed),
        older: false,
    }
}

/// Returns a call in the older words, where it is one of FC 2.0.
pub fn in_older_words<'a>(request: &'a Request<'_>) -> Words<'a> {
    let mut words = as_made(request);
    if !matches!(request.service, Service::FunctionCompute { version: NEWER, .. }) {
        return words;
    }
    words.older = true;
    if let Some(version) = words.segments.first_mut() {
        *version = Cow::Borrowed(OLDER);
    }
    // services/shop?qualifier=prod is services/shop.prod
    if let Some(at) = words.query.iter().position(|(name, _)| *name == "qualifier")
        && let [_, services, service, ..] = words.segments.as_mut_slice()
        && services == "services"
    {
        let (_, qualifier) = words.query.remove(at);
        *service = Cow::Owned(format!("{service}.{qualifier}"));
    }
    if let Some(Json::String(config)) = request.body.as_ref().and_then(|body| body.get("triggerConfig"))
        && let Ok(config @ Json::Object(_)) = serde_json::from_str(config)
        && let Some(body) = &mut words.body
    {
        body.to_mut()["triggerConfig"] = config;
    }
    words
}

#[cfg(test)]
mod tests {
    use reqwest::Method;
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(
        version: &'static str,
        target: &'static str,
        body: Option<Json>,
        path: &str,
        sent: Option<&Json>,
    ) {
        let (segments, query) = target.split_once('?').unwrap_or((target, ""));
        let request = Request {
            service: Service::FunctionCompute { region: "cn-hangzhou", version, of_account: true },
            operation: "Any",
            method: Method::PUT,
            segments: std::iter::once(version).chain(segments.split('/')).collect(),
            query: query.split_once('=').into_iter().collect(),
            body,
            condition: None,
        };
        let words = in_older_words(&request);
        let query: Vec<String> = words.query.iter().map(|(name, value)| format!("?{name}={value}")).collect();
        assert_eq!(format!("{}{}", words.segments.join("/"), query.concat()), path);
        assert_eq!(words.body.as_deref(), sent);
    }

    #[test]
    fn a_qualifier_stands_behind_the_service() {
        let config = "services/shop/functions/cart/on-demand-config?qualifier=prod";
        check(NEWER, config, None, "2016-08-15/services/shop.prod/functions/cart/on-demand-config", None);
        check(NEWER, "services/shop?qualifier=3", None, "2016-08-15/services/shop.3", None);
        check(
            NEWER,
            "services/shop/functions?limit=9",
            None,
            "2016-08-15/services/shop/functions?limit=9",
            None,
        );
        check(NEWER, "custom-domains", None, "2016-08-15/custom-domains", None);
    }

    #[test]
    fn a_triggers_configuration_is_no_text() {
        let body = |config: Json| json!({"triggerName": "http", "triggerConfig": config});
        let made = body(json!("{\"methods\":[\"GET\"]}"));
        let place = "services/s/functions/f/triggers";
        let sent = body(json!({"methods": ["GET"]}));
        check(NEWER, place, Some(made.clone()), "2016-08-15/services/s/functions/f/triggers", Some(&sent));
        check(
            "2023-03-30",
            "functions/f/triggers",
            Some(made.clone()),
            "2023-03-30/functions/f/triggers",
            Some(&made),
        );
        let none = body(json!(""));
        check(NEWER, place, Some(none.clone()), "2016-08-15/services/s/functions/f/triggers", Some(&none));
    }
}
