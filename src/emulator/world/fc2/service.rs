//! Services: what their functions share.
//!
//! An update merges at the top level, as one of a function does.

use serde_json::json;

use super::super::function::check_log;
use super::super::function_fields::{LOG, OSS_MOUNTS, TRACING, VPC};
use super::super::shape::{Field, Fill, Missing, Shape, field, read};
use super::super::{Document, Facts, Map, check_name, text};
use crate::emulator::error::ApiError;

/// Nobody in particular: the user and group of a mount that names none.
const NOBODY: i64 = -1;

const NAS: Shape = Shape::Object(&[
    field("userId", Shape::Whole(-1, 65534, 1), Fill::Whole(NOBODY)),
    field("groupId", Shape::Whole(-1, 65534, 1), Fill::Whole(NOBODY)),
    field(
        "mountPoints",
        Shape::List(
            &Shape::Object(&[
                field("serverAddr", Shape::Text, Fill::Required),
                field("mountDir", Shape::Text, Fill::Required),
                field("enableTLS", Shape::Flag, Fill::Flag(false)),
            ]),
            5,
        ),
        Fill::List,
    ),
]);

const WRITABLE: &[Field] = &[
    field("description", Shape::Text, Fill::Text("")),
    field("role", Shape::Text, Fill::Text("")),
    field("internetAccess", Shape::Flag, Fill::Flag(true)),
    field("logConfig", LOG, Fill::Object),
    field("vpcConfig", VPC, Fill::Object),
    field("nasConfig", NAS, Fill::Object),
    field("ossMountConfig", OSS_MOUNTS, Fill::Object),
    field("tracingConfig", TRACING, Fill::Object),
];

/// Makes a service of `CreateService`'s input.
pub fn create(input: &Map, facts: &Facts) -> Result<Document, ApiError> {
    let name = text(input, "serviceName");
    check_name("serviceName", name, 128)?;
    let mut shown = read(WRITABLE, input, "", Missing::Fill)?;
    check_log(&mut shown)?;
    for (field, value) in [
        ("serviceName", name),
        ("serviceId", &facts.uuid),
        ("createdTime", &facts.time()),
        ("lastModifiedTime", &facts.time()),
    ] {
        shown.insert(field.to_owned(), json!(value));
    }
    shown.insert("useSLRAuthentication".to_owned(), json!(false));
    Ok(Document { shown, ..Document::default() })
}

/// Applies `UpdateService`'s input. Returns the same document when nothing changes.
pub fn update(current: &Document, input: &Map, facts: &Facts) -> Result<Document, ApiError> {
    let mut next = current.clone();
    next.shown.append(&mut read(WRITABLE, input, "", Missing::Leave)?);
    check_log(&mut next.shown)?;
    if next != *current {
        next.shown.insert("lastModifiedTime".to_owned(), json!(facts.time()));
    }
    Ok(next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emulator::world::tests::facts;
    use serde_json::Value;

    fn make(input: &Value) -> Result<Document, String> {
        create(input.as_object().expect("an object"), &facts()).map_err(|error| error.message)
    }

    #[test]
    fn a_service_gets_its_defaults() {
        let service = make(&json!({"serviceName": "fc-deploy-service"})).expect("is accepted");
        assert_eq!(
            Value::Object(service.shown),
            json!({
                "serviceName": "fc-deploy-service", "serviceId": "aa715851-1c20-4b89-a8fb-0123456789ab",
                "description": "", "role": "", "internetAccess": true, "useSLRAuthentication": false,
                "logConfig": {"project": "", "logstore": "", "enableRequestMetrics": false,
                    "enableInstanceMetrics": false, "logBeginRule": "None"},
                "vpcConfig": {"vpcId": "", "vSwitchIds": [], "securityGroupId": "", "role": ""},
                "nasConfig": {"userId": -1, "groupId": -1, "mountPoints": []},
                "ossMountConfig": {"mountPoints": []}, "tracingConfig": {},
                "createdTime": "2026-01-02T03:04:05Z", "lastModifiedTime": "2026-01-02T03:04:05Z",
            })
        );
    }

    #[test]
    fn names_are_refused_by_their_rules() {
        for name in ["", "1st", "-a", "a.b", "a$b", "a b", &"a".repeat(129)] {
            let refused = make(&json!({"serviceName": name})).expect_err(name);
            assert!(refused.contains("serviceName"), "{refused}");
        }
        assert!(make(&json!({"serviceName": "a".repeat(128)})).is_ok());
    }

    #[test]
    fn an_update_keeps_what_it_does_not_name_and_an_empty_one_changes_nothing() {
        let service = make(&json!({"serviceName": "s", "role": "acs:ram::1:role/r"})).expect("is accepted");
        let same = update(&service, &Map::new(), &facts()).expect("is accepted");
        assert_eq!(same, service);
        let input = json!({"description": "d", "serviceName": "other"});
        let next = update(&service, input.as_object().expect("an object"), &facts()).expect("is accepted");
        assert_eq!((next.text("description"), next.text("role")), ("d", "acs:ram::1:role/r"));
        assert_eq!(next.text("serviceName"), "s");
        assert!(make(&json!({"serviceName": "s", "logConfig": {"project": "p"}})).is_err());
    }
}
