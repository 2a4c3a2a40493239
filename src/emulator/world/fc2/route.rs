//! Routes of custom domains, which name a service beside the function in 2.0.
//!
//! They are stored as 3.0 writes them: `service$function` as the name.

use serde_json::{Value, json};

use super::super::{Map, check_name, text};
use super::{full_name, split_name};
use crate::emulator::error::ApiError;

/// A domain's input with the routes as they are stored.
pub fn stored(mut input: Map) -> Result<Map, ApiError> {
    for (index, route) in routes(&mut input).iter_mut().filter_map(Value::as_object_mut).enumerate() {
        let Some(service) = route.remove("serviceName") else { continue };
        let service = service.as_str().unwrap_or_default();
        if service.is_empty() {
            continue;
        }
        check_name(&format!("routeConfig.routes[{index}].serviceName"), service, 128)?;
        let function = text(route, "functionName").to_owned();
        check_name(&format!("routeConfig.routes[{index}].functionName"), &function, 64)?;
        route.insert("functionName".to_owned(), json!(full_name(service, &function)));
    }
    Ok(input)
}

/// A domain as 2.0 shows it.
pub fn shown(mut domain: Map) -> Map {
    for route in routes(&mut domain).iter_mut().filter_map(Value::as_object_mut) {
        let name = text(route, "functionName").to_owned();
        let (service, function) = split_name(&name).unwrap_or(("", &name));
        route.insert("serviceName".to_owned(), json!(service));
        route.insert("functionName".to_owned(), json!(function));
    }
    for field in ["authConfig", "corsConfig", "subdomainCount"] {
        domain.remove(field);
    }
    domain
}

fn routes(domain: &mut Map) -> &mut [Value] {
    let routes = domain.get_mut("routeConfig").and_then(|config| config.get_mut("routes"));
    routes.and_then(Value::as_array_mut).map_or(&mut [], Vec::as_mut_slice)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(value: &Value) -> Map {
        value.as_object().expect("an object").clone()
    }

    #[test]
    fn a_route_survives_both_ways() {
        let given = object(&json!({"routeConfig": {"routes": [
            {"path": "/a", "serviceName": "s", "functionName": "f"}, {"path": "/b", "functionName": "third"}]}}));
        let kept = stored(given).expect("is accepted");
        assert_eq!(kept["routeConfig"]["routes"][0], json!({"path": "/a", "functionName": "s$f"}));
        let again = shown(kept);
        assert_eq!(
            again["routeConfig"]["routes"][0],
            json!({"path": "/a", "serviceName": "s", "functionName": "f"})
        );
        assert_eq!(again["routeConfig"]["routes"][1]["serviceName"], "");
    }

    #[test]
    fn a_bad_name_is_refused_with_its_place() {
        let given =
            object(&json!({"routeConfig": {"routes": [{"serviceName": "a.b", "functionName": "f"}]}}));
        assert!(stored(given).is_err_and(|error| error.message.contains("routes[0].serviceName")));
    }
}
