//! Where an entry says an attribute: the way back from a resource to the keys of `s.yaml`.

use super::super::schema::{
    CUSTOM_DOMAIN, CUSTOM_DOMAIN_SCHEMA, FUNCTION, FUNCTION_SCHEMA, TRIGGER, TRIGGER_SCHEMA,
};
use crate::config::component::{Place, Step};
use crate::model::{Address, Part, Path};

pub(super) fn place(address: &Address, path: &Path) -> Option<Place> {
    let entry = address.name.clone();
    match address.kind.as_str() {
        FUNCTION => {
            let steps = Step::along(FUNCTION_SCHEMA.attributes, path.parts())?;
            Some(Place { entry, steps, ..Place::default() })
        }
        TRIGGER => {
            let name = address.key.clone()?;
            let mut steps = vec![Step::key("triggers"), Step::Item { by: "triggerName", name }];
            steps.extend(Step::along(TRIGGER_SCHEMA.attributes, path.parts())?);
            Some(Place { entry, steps, ..Place::default() })
        }
        CUSTOM_DOMAIN => domain(address.key.clone()?, path),
        _ => None,
    }
}

/// An entry gives a domain one route, and leads it to its own function.
fn domain(domain: String, path: &Path) -> Option<Place> {
    let mut holds = vec![(Step::keys(&["customDomain", "domainName"]), domain)];
    let mut steps = vec![Step::key("customDomain")];
    let along = Step::along(CUSTOM_DOMAIN_SCHEMA.attributes, path.parts())?;
    match path.parts() {
        [Part::Field(config), Part::Field(_), Part::Key(route), rest @ ..] if config == "routeConfig" => {
            if !matches!(rest, [Part::Field(first), ..] if first != "functionName" && first != "path") {
                return None;
            }
            holds.push((Step::keys(&["customDomain", "route", "path"]), route.clone()));
            steps.push(Step::key("route"));
            steps.extend(along.into_iter().skip(3));
        }
        [Part::Field(config), ..] if config == "routeConfig" => return None,
        _ => steps.extend(along),
    }
    Some(Place { entry: None, holds, steps, ..Place::default() })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::FC3;
    use crate::config::Given;
    use crate::config::edit::{Edited, Project, Wanted, edit};
    use crate::diag::Source;
    use crate::model::Value;

    const SHOP: &str = "edition: 3.0.0
name: shop
resources:
  cart:
    component: fc3
    props:
      region: cn-hangzhou
      functionName: cart
      runtime: custom.debian12
      code: ./cart
      customDomain:
        domainName: www.example.com
        protocol: HTTP
        route:
          path: /cart/*
      triggers:
        - triggerName: ${this.props.functionName}
          triggerType: http
          triggerConfig:
            authType: anonymous
            methods: [GET]
  list:
    component: fc3
    props:
      region: cn-hangzhou
      functionName: list
      runtime: python3.10
      handler: index.handler
      code: ./list
      customDomain: {domainName: www.example.com, protocol: HTTP, route: {path: '/list'}}
";

    fn edited(wanted: &[(&str, &str, Option<Value>)]) -> Edited {
        let sources = Arc::new(Source { name: "s.yaml".to_owned(), text: SHOP.to_owned() }).into();
        let given = Given { variables: &|_| None, overrides: &[], unset: None };
        let project =
            Project { sources: &sources, given: &given, components: &[&FC3], is_secret: &|_, _| false };
        let wanted: Vec<Wanted> = wanted
            .iter()
            .map(|(address, path, value)| Wanted {
                address: address.parse().expect("an address"),
                path: path.parse().expect("a path"),
                value: value.clone(),
            })
            .collect();
        edit(&project, &wanted)
    }

    #[test]
    fn each_value_goes_where_a_person_would_write_it() {
        let texts = |items: &[&str]| Some(Value::List(items.iter().map(|&item| item.into()).collect()));
        let domain = "fc3_custom_domain[\"www.example.com\"]";
        let edited = edited(&[
            ("fc3_function.cart", "memorySize", Some(Value::int(1024))),
            ("fc3_function.cart", "environmentVariables[\"LEVEL\"]", Some("debug".into())),
            ("fc3_function.cart", "customRuntimeConfig.healthCheckConfig.httpGetUrl", Some("/ok".into())),
            ("fc3_function.list", "handler", Some("index.main".into())),
            ("fc3_trigger.cart[\"cart\"]", "triggerConfig.methods", texts(&["GET", "POST"])),
            ("fc3_trigger.cart[\"cart\"]", "triggerConfig.corsConfig.maxAge", Some(Value::int(60))),
            ("fc3_trigger.cart[\"cart\"]", "description", Some("by people".into())),
            (domain, "protocol", Some("HTTP,HTTPS".into())),
            (domain, "routeConfig.routes[\"/cart/*\"].qualifier", Some("prod".into())),
            (domain, "routeConfig.routes[\"/list\"].methods", texts(&["GET"])),
        ]);
        assert_eq!(edited.refused.iter().map(|refused| refused.why.to_string()).collect::<Vec<_>>(), [""; 0]);
        insta::assert_snapshot!(edited.texts["s.yaml"]);
    }

    #[test]
    fn what_no_entry_can_say_is_refused() {
        let domain = "fc3_custom_domain[\"www.example.com\"]";
        let edited = edited(&[
            (domain, "routeConfig.routes[\"/other\"].qualifier", Some("prod".into())),
            (domain, "routeConfig.routes[\"/list\"].functionName", Some("cart".into())),
            ("fc3_trigger.cart[\"other\"]", "description", Some("x".into())),
            ("fc3_function.cart", "code[\"index.py\"]", None),
        ]);
        assert!(edited.texts.is_empty());
        let why: Vec<String> = edited.refused.iter().map(|refused| refused.why.to_string()).collect();
        insta::assert_snapshot!(why.join("\n"));
    }

    #[test]
    fn a_trigger_is_written_as_a_whole() {
        let texts = |items: &[&str]| Some(Value::List(items.iter().map(|&item| item.into()).collect()));
        let by_http = "fc3_trigger.list[\"by-http\"]";
        let nightly = "fc3_trigger.cart[\"nightly\"]";
        let edited = edited(&[
            (by_http, "triggerConfig.methods", texts(&["GET", "POST"])),
            (by_http, "triggerConfig.authType", Some("anonymous".into())),
            (by_http, "triggerType", Some("http".into())),
            (nightly, "triggerConfig.cronExpression", Some("0 0 3 * * *".into())),
            (nightly, "triggerConfig.enable", Some(Value::Bool(true))),
            (nightly, "triggerType", Some("timer".into())),
        ]);
        assert_eq!(edited.refused.iter().map(|refused| refused.why.to_string()).collect::<Vec<_>>(), [""; 0]);
        insta::assert_snapshot!(edited.texts["s.yaml"]);
    }

    #[test]
    fn a_resource_goes_as_a_whole() {
        let gone = |addresses: &[&str]| {
            let wanted: Vec<_> = addresses.iter().map(|address| (*address, "", None)).collect();
            let edited = edited(&wanted);
            let refused: Vec<String> = edited.refused.iter().map(|refused| refused.why.to_string()).collect();
            let diff =
                similar::TextDiff::from_lines(SHOP, edited.texts.get("s.yaml").map_or(SHOP, String::as_str));
            let lines = diff.iter_all_changes().filter(|change| change.tag() != similar::ChangeTag::Equal);
            let lines: Vec<String> = lines.map(|line| line.to_string()).collect();
            format!("{}\n{}{}\n", addresses.join(" "), lines.concat(), refused.join("\n"))
        };
        let domain = "fc3_custom_domain[\"www.example.com\"]";
        let trigger = "fc3_trigger.cart[\"cart\"]";
        insta::assert_snapshot!(
            [
                gone(&[trigger]),
                gone(&[domain]),
                gone(&["fc3_function.cart"]),
                gone(&["fc3_function.cart", trigger]),
                gone(&["fc3_function.cart", domain, trigger]),
                gone(&["fc3_function.cart", "fc3_function.list", domain, trigger]),
                gone(&["fc3_function.none"]),
            ]
            .join("\n")
        );
    }
}
